/* SPDX-License-Identifier: MIT
 *
 * mqtt.c - the MQTT face of the local ThingsBoard.
 *
 * The rules are those of ThingsBoard's MqttTransportHandler.
 */
#include "tools/cli/tool.h"

#include "mqtt.h"

#include <limits.h>

/* All that can be subscribed to; anything else is refused, "#" included. */
static const char *const filters[] = {
	"v1/devices/me/attributes",
	"v1/devices/me/attributes/response/+",
	"v1/devices/me/rpc/request/+",
	"v1/devices/me/rpc/response/+",
	"v1/gateway/attributes",
	"v1/gateway/attributes/response",
	"v1/gateway/rpc",
	"v2/a",
	"v2/a/j",
	"v2/a/p",
	"v2/a/res/+",
	"v2/a/res/j/+",
	"v2/a/res/p/+",
	"v2/fw/error",
	"v2/fw/response/+/chunk/+",
	"v2/r/req/+",
	"v2/r/req/j/+",
	"v2/r/req/p/+",
	"v2/r/res/+",
	"v2/r/res/j/+",
	"v2/r/res/p/+",
	"v2/sw/error",
	"v2/sw/response/+/chunk/+",
};

enum { FILTER_COUNT = sizeof(filters) / sizeof(filters[0]), NOT_SUBSCRIBED = -1 };

struct session {
	struct session *next;
	struct device *device;
	int qos[FILTER_COUNT]; /* granted */
};

struct mqtt {
	struct store *store;
	const struct faults *faults;
	const char *rpc;          /* payload of a call, or NULL */
	int rpc_id;               /* of the last call */
	struct session *sessions; /* one for each device that was ever here */
};

/* ---- sessions --------------------------------------------------------------------------------- */

struct mqtt *mqtt_new(struct store *store, const struct faults *faults)
{
	struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
	if (mqtt == NULL)
		return NULL;
	mqtt->store = store;
	mqtt->faults = faults;
	return mqtt;
}

void mqtt_free(struct mqtt *mqtt)
{
	if (mqtt == NULL)
		return;
	while (mqtt->sessions != NULL) {
		struct session *session = mqtt->sessions;
		mqtt->sessions = session->next;
		free(session);
	}
	free(mqtt);
}

static struct session *session_find(const struct mqtt *mqtt, const char *token)
{
	const struct device *device = store_find(mqtt->store, token);
	struct session *session = mqtt->sessions;
	while (session != NULL && session->device != device)
		session = session->next;
	return session;
}

static struct session *session_add(struct mqtt *mqtt, struct device *device)
{
	struct session *session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	session->device = device;
	session->next = mqtt->sessions;
	mqtt->sessions = session;
	return session;
}

bool mqtt_connect(struct mqtt *mqtt, const char *token, const char *password)
{
	struct device *device = store_find(mqtt->store, token);
	if (device == NULL || !device_admits(device, password))
		return false;
	struct session *session = session_find(mqtt, token);
	if (session == NULL)
		session = session_add(mqtt, device);
	if (session == NULL)
		return false;
	for (int i = 0; i < FILTER_COUNT; i++)
		session->qos[i] = NOT_SUBSCRIBED;
	return true;
}

static int filter_index(const char *filter)
{
	for (int i = 0; i < FILTER_COUNT; i++)
		if (strcmp(filters[i], filter) == 0)
			return i;
	return -1;
}

bool mqtt_subscribe(struct mqtt *mqtt, const char *token, const char *filter, int qos)
{
	struct session *session = session_find(mqtt, token);
	int index = filter_index(filter);
	if (session == NULL || index < 0)
		return false;
	session->qos[index] = qos < 1 ? qos : 1;
	return true;
}

void mqtt_set_rpc(struct mqtt *mqtt, const char *payload)
{
	mqtt->rpc = payload;
}

struct mqtt_answer mqtt_rpc(struct mqtt *mqtt, const char *filter)
{
	static const char *const calls[] = { "v1/devices/me/rpc/request/+", "v2/r/req/+",
		"v2/r/req/j/+" };
	struct mqtt_answer call = { 0 };
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int stem = (int)strlen(calls[i]) - 1;
		if (mqtt->rpc == NULL || strcmp(calls[i], filter) != 0 ||
			asprintf(&call.topic, "%.*s%d", stem, filter, ++mqtt->rpc_id) < 0)
			continue;
		call.payload = strdup(mqtt->rpc);
		call.qos = 1;
	}
	if (call.payload == NULL)
		mqtt_answer_release(&call);
	return call;
}

/* ---- messages --------------------------------------------------------------------------------- */

struct call {
	const struct faults *faults;
	struct session *session;
	const char *id;             /* what follows the topic of the route */
	const char *answer_pattern; /* filter that an answer's topic matches */
	const void *payload;
	size_t len;
	struct mqtt_answer *answer;
};

/* java.lang.Integer.parseInt() */
static bool read_id(const char *text, int32_t *id)
{
	const char *digits = text + (*text == '-' || *text == '+');
	size_t len = strspn(digits, "0123456789");
	if (len == 0 || digits[len] != '\0')
		return false;
	/* strtoll() stops at its own limits, which are beyond ours. */
	long long value = strtoll(text, NULL, 10);
	*id = (int32_t)value;
	return value >= INT32_MIN && value <= INT32_MAX;
}

/* An answer goes out whether or not its topic was subscribed; the subscription only lowers the QoS.
 * Takes `payload`. Without memory there is no answer, as when ThingsBoard fails to read. */
static void set_answer(const struct call *call, int32_t id, char *payload)
{
	int granted = call->session->qos[filter_index(call->answer_pattern)];
	/* No device counts that far. */
	if (call->faults->wrong_id)
		id ^= 1 << 30;
	char *topic = NULL;
	int stem = (int)strlen(call->answer_pattern) - 1;
	if (payload == NULL || call->faults->no_response ||
		asprintf(&topic, "%.*s%d", stem, call->answer_pattern, (int)id) < 0) {
		free(payload);
		return;
	}
	*call->answer = (struct mqtt_answer){
		.topic = topic, .payload = payload, .qos = granted == NOT_SUBSCRIBED ? 1 : granted
	};
}

static enum mqtt_verdict mqtt_post_attributes(const struct call *call)
{
	return device_write(call->session->device, call->payload, call->len) ? MQTT_ACCEPT
									     : MQTT_CLOSE;
}

static enum mqtt_verdict mqtt_post_telemetry(const struct call *call)
{
	int samples = telemetry_count(call->payload, call->len);
	if (samples < 0)
		return MQTT_CLOSE;
	/* The acknowledgement waits for the last of no samples, for ever. */
	return samples == 0 ? MQTT_IGNORE : MQTT_ACCEPT;
}

static enum mqtt_verdict mqtt_get_attributes(const struct call *call)
{
	int32_t id = 0;
	if (!read_id(call->id, &id))
		return MQTT_CLOSE;
	json_t *found = device_read(call->session->device, call->payload, call->len);
	if (found == NULL)
		return MQTT_CLOSE;
	if (id >= 0)
		set_answer(call, id, store_dump(found));
	json_decref(found);
	return MQTT_ACCEPT;
}

/* Of the requests that a device may make only this one is answered without a rule chain. */
static enum mqtt_verdict call_server(const struct call *call)
{
	static const char limits[] =
		"{\"maxPayloadSize\":65536,\"maxInflightMessages\":100,\"rateLimits\":{\"messages\":null,"
		"\"telemetryMessages\":null,\"telemetryDataPoints\":null}}";
	int32_t id = 0;
	json_t *request = store_parse(call->payload, call->len);
	const char *method = json_string_value(json_object_get(request, "method"));
	bool valid = method != NULL && read_id(call->id, &id);
	if (valid && call->answer_pattern != NULL && strcmp(method, "getSessionLimits") == 0)
		set_answer(call, id, strdup(limits));
	json_decref(request);
	return valid ? MQTT_ACCEPT : MQTT_CLOSE;
}

/* A device's answer to a call may be anything. */
static enum mqtt_verdict answer_server(const struct call *call)
{
	int32_t id = 0;
	return read_id(call->id, &id) ? MQTT_ACCEPT : MQTT_CLOSE;
}

static enum mqtt_verdict claim(const struct call *call)
{
	json_t *request = store_parse(call->payload, call->len);
	bool valid = call->len == 0 || json_is_object(request);
	json_decref(request);
	return valid ? MQTT_ACCEPT : MQTT_CLOSE;
}

static enum mqtt_verdict ignore(const struct call *call)
{
	(void)call;
	return MQTT_IGNORE;
}

/* Protobuf, which a default device profile does not take. */
static enum mqtt_verdict mqtt_refuse(const struct call *call)
{
	(void)call;
	return MQTT_CLOSE;
}

/* A topic that ends in '/' is a prefix; the first that matches counts. */
static const struct route {
	const char *topic;
	enum mqtt_verdict (*handle)(const struct call *call);
	const char *answer_pattern;
} routes[] = {
	{ "v1/devices/me/attributes", mqtt_post_attributes, NULL },
	{ "v1/devices/me/telemetry", mqtt_post_telemetry, NULL },
	{ "v1/devices/me/attributes/request/", mqtt_get_attributes,
		"v1/devices/me/attributes/response/+" },
	{ "v1/devices/me/rpc/response/", answer_server, NULL },
	{ "v1/devices/me/rpc/request/", call_server, "v1/devices/me/rpc/response/+" },
	{ "v1/devices/me/claim", claim, NULL },
	{ "v1/gateway/", ignore, NULL },
	{ "v2/a", mqtt_post_attributes, NULL },
	{ "v2/a/j", mqtt_post_attributes, NULL },
	{ "v2/a/p", mqtt_refuse, NULL },
	{ "v2/a/req/j/", mqtt_get_attributes, "v2/a/res/j/+" },
	{ "v2/a/req/p/", mqtt_refuse, NULL },
	{ "v2/a/req/", mqtt_get_attributes, "v2/a/res/+" },
	{ "v2/r/req/j/", call_server, NULL },
	{ "v2/r/req/p/", mqtt_refuse, NULL },
	{ "v2/r/req/", call_server, NULL },
	{ "v2/r/res/j/", answer_server, NULL },
	{ "v2/r/res/p/", mqtt_refuse, NULL },
	{ "v2/r/res/", answer_server, NULL },
	{ "v2/t", mqtt_post_telemetry, NULL },
	{ "v2/t/j", mqtt_post_telemetry, NULL },
	{ "v2/t/p", mqtt_refuse, NULL },
};

static const struct route *mqtt_find_route(const char *topic)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		size_t len = strlen(routes[i].topic);
		bool prefix = routes[i].topic[len - 1] == '/';
		if (strncmp(routes[i].topic, topic, len) == 0 && (prefix || topic[len] == '\0'))
			return &routes[i];
	}
	return NULL;
}

enum mqtt_verdict mqtt_publish(struct mqtt *mqtt, const char *token, const char *topic,
	const void *payload, size_t len, struct mqtt_answer *answer)
{
	*answer = (struct mqtt_answer){ 0 };
	struct session *session = session_find(mqtt, token);
	if (session == NULL || mqtt->faults->close_on_publish)
		return MQTT_CLOSE;
	const struct route *route = mqtt_find_route(topic);
	/* A mistyped topic is acknowledged and dropped: ThingsBoard does not tell. */
	if (route == NULL)
		return MQTT_ACCEPT;
	return route->handle(&(struct call){
		.faults = mqtt->faults,
		.session = session,
		.id = topic + strlen(route->topic),
		.answer_pattern = route->answer_pattern,
		.payload = payload,
		.len = len,
		.answer = answer,
	});
}

void mqtt_answer_release(struct mqtt_answer *answer)
{
	free(answer->topic);
	free(answer->payload);
	*answer = (struct mqtt_answer){ 0 };
}
