/* SPDX-License-Identifier: MIT
 *
 * mqtt.c - the MQTT face of the local ThingsBoard.
 *
 * The rules are those of ThingsBoard's MqttTransportHandler.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/mqtt.h"

#include "tools/sandbox/clock.h"

#include "tools/cli/process.h"

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

/* Answers of which more are not kept back at a time; those are lost. */
enum { LATE_MAX = 64 };

struct mqtt_session {
	struct mqtt_session *next;
	struct device *device;
	int qos[FILTER_COUNT]; /* granted */
};

struct mqtt {
	struct mqtt_settings settings;
	int64_t ready_ms;
	int rpc_id;                    /* of the next call */
	struct mqtt_session *sessions; /* one for each device that was ever here */
	struct mqtt_late late[LATE_MAX];
	size_t late_count;
};

struct mqtt *mqtt_new(const struct mqtt_settings *settings)
{
	struct mqtt *mqtt = calloc(1, sizeof(*mqtt));
	if (mqtt == NULL)
		return NULL;
	mqtt->settings = *settings;
	return mqtt;
}

void mqtt_start(struct mqtt *mqtt)
{
	mqtt->ready_ms = clock_ms() + mqtt->settings.faults->starting;
}

void mqtt_free(struct mqtt *mqtt)
{
	if (mqtt == NULL)
		return;
	while (mqtt->sessions != NULL) {
		struct mqtt_session *session = mqtt->sessions;
		mqtt->sessions = session->next;
		free(session);
	}
	while (mqtt->late_count > 0)
		mqtt_answer_release(&mqtt->late[--mqtt->late_count].answer);
	free(mqtt);
}

void mqtt_answer_release(struct mqtt_answer *answer)
{
	free(answer->topic);
	free(answer->payload);
	*answer = (struct mqtt_answer){ 0 };
}

int64_t mqtt_ready_ms(const struct mqtt *mqtt)
{
	return mqtt->ready_ms;
}

bool mqtt_was_too_early(const struct mqtt *mqtt, int64_t asked_ms)
{
	return asked_ms != 0 && mqtt->ready_ms - asked_ms >= mqtt->settings.faults->starting / 2;
}

/* One line for each thing that happens; what a device sends is escaped. */
static void mqtt_say(
	const struct mqtt *mqtt, const char *what, const char *topic, const char *outcome)
{
	if (mqtt->settings.verbose)
		complain("%s%s%s: %s", what, topic != NULL ? " " : "", topic != NULL ? topic : "",
			outcome);
}

/* ---- what comes of itself --------------------------------------------------------------------- */

/* Takes the answer. */
static void keep_back(
	struct mqtt *mqtt, struct mqtt_session *session, struct mqtt_answer *answer, int ms)
{
	struct mqtt_late late = { clock_ms() + ms, session, *answer };
	*answer = (struct mqtt_answer){ 0 };
	if (mqtt->late_count < LATE_MAX)
		mqtt->late[mqtt->late_count++] = late;
	else
		mqtt_answer_release(&late.answer);
}

/* The one that is due first, of which there is one. */
static size_t first_late(const struct mqtt *mqtt)
{
	size_t first = 0;
	for (size_t i = 1; i < mqtt->late_count; i++)
		if (mqtt->late[i].due_ms < mqtt->late[first].due_ms)
			first = i;
	return first;
}

int64_t mqtt_due_ms(const struct mqtt *mqtt)
{
	return mqtt->late_count > 0 ? mqtt->late[first_late(mqtt)].due_ms : -1;
}

bool mqtt_take_due(struct mqtt *mqtt, struct mqtt_late *late)
{
	size_t first = mqtt->late_count > 0 ? first_late(mqtt) : 0;
	if (mqtt->late_count == 0 || clock_ms() < mqtt->late[first].due_ms)
		return false;
	*late = mqtt->late[first];
	memmove(mqtt->late + first, mqtt->late + first + 1,
		(--mqtt->late_count - first) * sizeof(*late));
	if (late->answer.topic == NULL)
		device_delete(late->session->device);
	return true;
}

/* ---- sessions --------------------------------------------------------------------------------- */

static struct mqtt_session *session_find(const struct mqtt *mqtt, const struct device *device)
{
	struct mqtt_session *session = mqtt->sessions;
	while (session != NULL && session->device != device)
		session = session->next;
	return session;
}

/* The session of the device, as new; NULL when memory is out. */
static struct mqtt_session *session_begin(struct mqtt *mqtt, struct device *device)
{
	struct mqtt_session *session = session_find(mqtt, device);
	if (session == NULL) {
		session = calloc(1, sizeof(*session));
		if (session == NULL)
			return NULL;
		session->device = device;
		session->next = mqtt->sessions;
		mqtt->sessions = session;
	}
	for (int i = 0; i < FILTER_COUNT; i++)
		session->qos[i] = NOT_SUBSCRIBED;
	return session;
}

struct mqtt_session *mqtt_session_of(const struct mqtt *mqtt, const char *token)
{
	const struct device *device = store_find(mqtt->settings.store, token);
	return device != NULL ? session_find(mqtt, device) : NULL;
}

const char *mqtt_session_name(const struct mqtt_session *session)
{
	return device_name(session->device);
}

static struct device *admit(const struct mqtt *mqtt, const char *user, const char *password)
{
	struct device *device = store_find(mqtt->settings.store, user);
	return device != NULL && device_admits(device, password) ? device : NULL;
}

bool mqtt_admits(const struct mqtt *mqtt, const char *user, const char *password)
{
	return admit(mqtt, user, password) != NULL;
}

/* The device that these name. What is not all text is no device's. */
static struct device *identify(const struct mqtt *mqtt, const struct packet_connect *connect)
{
	char *user =
		strndup(connect->user.data != NULL ? connect->user.data : "", connect->user.len);
	char *password = strndup(connect->password.data != NULL ? connect->password.data : "",
		connect->password.len);
	struct device *device = NULL;
	if (user != NULL && password != NULL && strlen(user) == connect->user.len)
		device = admit(mqtt, user, password);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
	free(user);
	return device;
}

/* MqttTransportHandler.onValidateDeviceResponse(). */
static enum mqtt_reason refusal(const struct packet_connect *connect)
{
	if (connect->has_user || connect->has_password)
		return MQTT_BAD_CREDENTIALS;
	for (size_t i = 0; i < connect->client_id.len; i++)
		if ((unsigned char)connect->client_id.data[i] > ' ')
			return MQTT_BAD_CLIENT_ID;
	return MQTT_NOT_AUTHORIZED;
}

static enum mqtt_reason let_in(struct mqtt *mqtt, const struct packet_connect *connect,
	bool certified, struct mqtt_session **session)
{
	if (packet_text_is(connect->user, "provision") ||
		packet_text_is(connect->client_id, "provision"))
		return MQTT_GRANTED;
	if (certified)
		return MQTT_NOT_AUTHORIZED;
	struct device *device = identify(mqtt, connect);
	if (device == NULL)
		return refusal(connect);
	if (!device_may_send(device, STORE_MESSAGES))
		return MQTT_RATE_EXCEEDED;
	*session = session_begin(mqtt, device);
	return *session != NULL ? MQTT_GRANTED : MQTT_UNAVAILABLE;
}

enum mqtt_reason mqtt_connect(struct mqtt *mqtt, const struct packet_connect *connect,
	bool certified, struct mqtt_session **session)
{
	int deleted_ms = mqtt->settings.faults->deleted;
	*session = NULL;
	enum mqtt_reason reason = let_in(mqtt, connect, certified, session);
	mqtt_say(mqtt, "CONNECT", NULL,
		reason == MQTT_RATE_EXCEEDED     ? "refused, a limit is reached"
			: reason != MQTT_GRANTED ? "refused, no device has these credentials"
						 : "accepted");
	if (*session != NULL && deleted_ms > 0)
		keep_back(mqtt, *session, &(struct mqtt_answer){ 0 }, deleted_ms);
	return reason;
}

/* ---- subscriptions ---------------------------------------------------------------------------- */

static int filter_index(const char *filter)
{
	for (int i = 0; i < FILTER_COUNT; i++)
		if (strcmp(filters[i], filter) == 0)
			return i;
	return -1;
}

/* The call that waits for a device that has subscribed to this filter. */
static void call_device(struct mqtt *mqtt, struct mqtt_session *session, const char *filter)
{
	static const char *const calls[] = { "v1/devices/me/rpc/request/+", "v2/r/req/+",
		"v2/r/req/j/+" };
	struct mqtt_answer call = { .qos = 1 };
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int stem = (int)strlen(calls[i]) - 1;
		if (mqtt->settings.rpc == NULL || strcmp(calls[i], filter) != 0 ||
			asprintf(&call.topic, "%.*s%d", stem, filter, mqtt->rpc_id++) < 0)
			continue;
		call.payload = strdup(mqtt->settings.rpc);
	}
	if (call.payload == NULL) {
		mqtt_answer_release(&call);
		return;
	}
	mqtt_say(mqtt, "call", call.topic, "to the device");
	keep_back(mqtt, session, &call, mqtt->settings.faults->late_response);
}

bool mqtt_subscribe(struct mqtt *mqtt, struct mqtt_session *session, const char *filter, int qos)
{
	int index = filter_index(filter);
	mqtt_say(mqtt, "SUBSCRIBE", filter, index >= 0 ? "granted" : "refused");
	if (index < 0)
		return false;
	session->qos[index] = qos < 1 ? qos : 1;
	call_device(mqtt, session, filter);
	return true;
}

bool mqtt_unsubscribe(struct mqtt_session *session, const char *filter)
{
	int index = filter_index(filter);
	bool was = index >= 0 && session->qos[index] != NOT_SUBSCRIBED;
	if (was)
		session->qos[index] = NOT_SUBSCRIBED;
	return was;
}

/* ---- messages --------------------------------------------------------------------------------- */

struct call {
	const struct mqtt *mqtt;
	struct mqtt_session *session;
	const char *id;             /* what follows the topic of the route */
	const char *answer_pattern; /* filter that an answer's topic matches */
	const char *payload;
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
	if (call->mqtt->settings.faults->wrong_id)
		id ^= 1 << 30;
	char *topic = NULL;
	int stem = (int)strlen(call->answer_pattern) - 1;
	if (payload == NULL || call->mqtt->settings.faults->no_response ||
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
									     : MQTT_INVALID;
}

static enum mqtt_verdict mqtt_post_telemetry(const struct call *call)
{
	int samples = telemetry_count(call->payload, call->len);
	if (samples < 0)
		return samples == TELEMETRY_FAILS ? MQTT_FAILURE : MQTT_INVALID;
	/* The acknowledgement waits for the last of no samples, for ever. */
	return samples == 0 ? MQTT_IGNORE : MQTT_ACCEPT;
}

static enum mqtt_verdict mqtt_get_attributes(const struct call *call)
{
	int32_t id = 0;
	json_t *found = NULL;
	if (!read_id(call->id, &id) ||
		!device_read(call->session->device, call->payload, call->len, &found))
		return MQTT_INVALID;
	if (id >= 0 && found != NULL)
		set_answer(call, id, store_dump(found));
	json_decref(found);
	return MQTT_ACCEPT;
}

/* The transport tells it by itself, and does not count the question. Free it with free(). */
static char *session_limits(const struct store *store)
{
	const char *messages = store_limit(store, STORE_MESSAGES);
	const char *telemetry = store_limit(store, STORE_TELEMETRY);
	const char *messages_quote = messages != NULL ? "\"" : "";
	const char *telemetry_quote = telemetry != NULL ? "\"" : "";
	char *text = NULL;
	int rc = asprintf(&text,
		"{\"maxPayloadSize\":%d,\"maxInflightMessages\":100,\"rateLimits\":{\"messages\":%s%s%s,"
		"\"telemetryMessages\":%s%s%s,\"telemetryDataPoints\":null}}",
		PACKET_REMAINING_MAX, messages_quote, messages != NULL ? messages : "null",
		messages_quote, telemetry_quote, telemetry != NULL ? telemetry : "null",
		telemetry_quote);
	return rc < 0 ? NULL : text;
}

/* Of the requests that a device may make only this one is answered without a rule chain. */
static enum mqtt_verdict call_server(const struct call *call)
{
	int32_t id = 0;
	json_t *request = store_parse(call->payload, call->len);
	const char *method = json_string_value(json_object_get(request, "method"));
	bool valid = json_is_object(request);
	bool complete = method != NULL && read_id(call->id, &id);
	bool limits =
		complete && call->answer_pattern != NULL && strcmp(method, "getSessionLimits") == 0;
	if (limits)
		set_answer(call, id, session_limits(call->mqtt->settings.store));
	json_decref(request);
	if (!valid)
		return MQTT_INVALID;
	if (!complete)
		return MQTT_FAILURE;
	if (limits || device_may_send(call->session->device, STORE_MESSAGES))
		return MQTT_ACCEPT;
	return MQTT_EXCEEDED;
}

/* A device's answer to a call may be anything. */
static enum mqtt_verdict answer_server(const struct call *call)
{
	int32_t id = 0;
	return read_id(call->id, &id) ? MQTT_ACCEPT : MQTT_INVALID;
}

static enum mqtt_verdict claim(const struct call *call)
{
	json_t *request = store_parse(call->payload, call->len);
	bool valid = call->len == 0 || json_is_object(request);
	json_decref(request);
	return valid ? MQTT_ACCEPT : MQTT_INVALID;
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
	return MQTT_INVALID;
}

/* No firmware or software is assigned. */
static enum mqtt_verdict get_package(const struct call *call)
{
	const char *chunk = call->id + strspn(call->id, "0123456789");
	bool numbered = chunk > call->id && strncmp(chunk, "/chunk/", 7) == 0 && chunk[7] != '\0' &&
		chunk[7 + strspn(chunk + 7, "0123456789")] == '\0';
	return numbered ? MQTT_NO_PACKAGE : MQTT_UNKNOWN;
}

enum counted { NOT_COUNTED, AS_MESSAGE, AS_TELEMETRY };
enum profile { ANY_PROFILE, DEFAULT_PROFILE, OWN_TOPICS };

/* A topic that ends in '/' is a prefix; the first that matches counts. */
static const struct route {
	const char *topic;
	enum mqtt_verdict (*handle)(const struct call *call);
	const char *answer_pattern;
	enum counted counted;
	enum profile profile;
} routes[] = {
	{ "v1/devices/me/attributes", mqtt_post_attributes, NULL, AS_TELEMETRY, DEFAULT_PROFILE },
	{ "v1/devices/me/telemetry", mqtt_post_telemetry, NULL, AS_TELEMETRY, DEFAULT_PROFILE },
	{ "my/attributes", mqtt_post_attributes, NULL, AS_TELEMETRY, OWN_TOPICS },
	{ "my/telemetry", mqtt_post_telemetry, NULL, AS_TELEMETRY, OWN_TOPICS },
	{ "v1/devices/me/attributes/request/", mqtt_get_attributes,
		"v1/devices/me/attributes/response/+", AS_MESSAGE, ANY_PROFILE },
	{ "v1/devices/me/rpc/response/", answer_server, NULL, AS_MESSAGE, ANY_PROFILE },
	{ "v1/devices/me/rpc/request/", call_server, "v1/devices/me/rpc/response/+", NOT_COUNTED,
		ANY_PROFILE },
	{ "v1/devices/me/claim", claim, NULL, AS_MESSAGE, ANY_PROFILE },
	{ "v1/gateway/", ignore, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/a", mqtt_post_attributes, NULL, AS_TELEMETRY, ANY_PROFILE },
	{ "v2/a/j", mqtt_post_attributes, NULL, AS_TELEMETRY, ANY_PROFILE },
	{ "v2/a/p", mqtt_refuse, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/a/req/j/", mqtt_get_attributes, "v2/a/res/j/+", AS_MESSAGE, ANY_PROFILE },
	{ "v2/a/req/p/", mqtt_refuse, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/a/req/", mqtt_get_attributes, "v2/a/res/+", AS_MESSAGE, ANY_PROFILE },
	{ "v2/fw/request/", get_package, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/r/req/j/", call_server, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/r/req/p/", mqtt_refuse, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/r/req/", call_server, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/r/res/j/", answer_server, NULL, AS_MESSAGE, ANY_PROFILE },
	{ "v2/r/res/p/", mqtt_refuse, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/r/res/", answer_server, NULL, AS_MESSAGE, ANY_PROFILE },
	{ "v2/sw/request/", get_package, NULL, NOT_COUNTED, ANY_PROFILE },
	{ "v2/t", mqtt_post_telemetry, NULL, AS_TELEMETRY, ANY_PROFILE },
	{ "v2/t/j", mqtt_post_telemetry, NULL, AS_TELEMETRY, ANY_PROFILE },
	{ "v2/t/p", mqtt_refuse, NULL, NOT_COUNTED, ANY_PROFILE },
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

static struct call call_on(const struct route *route, const char *topic, struct packet_text payload)
{
	return (struct call){
		.id = topic + strlen(route->topic),
		.answer_pattern = route->answer_pattern,
		.payload = payload.data,
		.len = payload.len,
	};
}

bool mqtt_is_beyond_brokers(const char *topic, struct packet_text payload)
{
	const struct route *route = mqtt_find_route(topic);
	if (route == NULL)
		return false;
	/* These look at nothing but the message. */
	const struct call call = call_on(route, topic, payload);
	if (route->handle == mqtt_post_telemetry)
		return mqtt_post_telemetry(&call) == MQTT_IGNORE;
	return route->handle == ignore ||
		(route->handle == get_package && get_package(&call) == MQTT_NO_PACKAGE);
}

/* Whether the device may send one more of these. */
static bool may_send(struct device *device, enum counted counted)
{
	return counted == NOT_COUNTED ||
		device_may_send(device, counted == AS_MESSAGE ? STORE_MESSAGES : STORE_TELEMETRY);
}

static enum mqtt_verdict judge(struct mqtt *mqtt, struct mqtt_session *session, const char *topic,
	struct packet_text payload, struct mqtt_answer *answer)
{
	const struct faults *faults = mqtt->settings.faults;
	const struct route *route = mqtt_find_route(topic);
	if (faults->close_on_publish)
		return MQTT_DROPPED;
	if (route == NULL || route->profile == (faults->own_topics ? DEFAULT_PROFILE : OWN_TOPICS))
		return MQTT_UNKNOWN;
	if (!may_send(session->device, route->counted))
		return MQTT_EXCEEDED;
	struct call call = call_on(route, topic, payload);
	call.mqtt = mqtt;
	call.session = session;
	call.answer = answer;
	return route->handle(&call);
}

enum mqtt_verdict mqtt_publish(struct mqtt *mqtt, struct mqtt_session *session, const char *topic,
	struct packet_text payload, struct mqtt_answer *answer)
{
	static const char *const outcomes[] = {
		[MQTT_ACCEPT] = "accepted",
		[MQTT_UNKNOWN] = "nobody knows this topic",
		[MQTT_IGNORE] = "never acknowledged",
		[MQTT_INVALID] = "invalid",
		[MQTT_FAILURE] = "fails",
		[MQTT_EXCEEDED] = "a limit is reached, connection closed",
		[MQTT_NO_PACKAGE] = "none is assigned, connection closed",
		[MQTT_DROPPED] = "connection closed",
	};
	TOOL_TABLE_OF(outcomes, MQTT_DROPPED);
	int late_ms = mqtt->settings.faults->late_response;
	*answer = (struct mqtt_answer){ 0 };
	enum mqtt_verdict verdict = judge(mqtt, session, topic, payload, answer);
	mqtt_say(mqtt, "PUBLISH", topic, outcomes[verdict]);
	if (answer->topic != NULL && late_ms > 0)
		keep_back(mqtt, session, answer, late_ms);
	return verdict;
}

bool mqtt_provision(struct mqtt *mqtt, struct packet_text payload, struct mqtt_answer *answer)
{
	json_t *request = store_parse(payload.data, payload.len);
	bool valid = json_is_string(json_object_get(request, "provisionDeviceKey")) &&
		json_is_string(json_object_get(request, "provisionDeviceSecret"));
	json_decref(request);
	mqtt_say(mqtt, "PUBLISH", MQTT_PROVISION_REQUEST, valid ? "nobody is known" : "invalid");
	*answer = (struct mqtt_answer){ 0 };
	if (!valid)
		return false;
	answer->topic = strdup(MQTT_PROVISION_RESPONSE);
	answer->payload = strdup(store_not_provisioned);
	return true;
}
