/* SPDX-License-Identifier: MIT
 *
 * roundtrip.c - the attribute round trip of ThingsBoard's device API over MQTT: connect with the token,
 * read an attribute, write one, read it back.
 */
#include "link.h"
#include "module.h"
#include "mqtt-wire.h"
#include "report.h"
#include "stream.h"
#include "token.h"

#include <errno.h>
#include <jansson.h>
#include <sys/random.h>

#define ATTRIBUTES "v1/devices/me/attributes"
#define REQUEST ATTRIBUTES "/request/"
#define RESPONSE ATTRIBUTES "/response/"
#define MODEL_KEY "model" /* what ThingsBoard's example asks for */
#define PROBE_KEY "tbdiagProbe"

/* How long each phase may take. ThingsBoard itself waits 10 s for its own services before it refuses. */
enum {
	CONNACK_MS = 12000,
	READ_AGAIN_MS = 250, /* between reads of the written value */
	LINGER_MS = 200,     /* for the rest of an answer that is not MQTT */
	GOODBYE_MS = 500,
	TURN_MS = 250, /* the caller hears of us that often */
};

enum outcome {
	MET,
	TIMEOUT,
	OVER,   /* the connection is */
	BROKEN, /* we are: see `failure` */
};

struct roundtrip {
	struct tbdi_report *report;
	const struct tbd_roundtrip_options *options;
	struct tbd_error *error;
	struct tbd_token_info *token;
	struct tbd_exchange *exchange;
	struct tbdi_mqtt_wire wire;
	struct tbdi_link *link;
	const struct tbdi_transport *transport;
	void *connection;
	const char *secret; /* the token, lent for this stream */
	int failure;        /* a negative enum tbd_err, or 0 */
	const char *step;
	int64_t step_start_us;
	unsigned last_id; /* of the attribute requests */
	int watched;      /* packet id of the publish whose acknowledgement matters */

	/* What the events told. */
	bool connected;
	bool accepted; /* the watched publish was acknowledged */
	bool closed;   /* the library gave the connection up */
	bool answered; /* a response to what was asked came */
	bool strange;  /* a response came that nobody asked for */
	bool undecodable;
	bool old_value;
	bool visible;
};

static int64_t now_us(const struct roundtrip *rt)
{
	return tbdi_report_elapsed_us(rt->report);
}

static void fail(struct roundtrip *rt, int failure)
{
	if (failure < 0 && rt->failure == 0)
		rt->failure = failure;
}

/* ---- what the server answers ----------------------------------------------------------------- */

/* The id in the topic of a response, or 0: it is none. */
static unsigned response_id(const char *topic)
{
	static const char prefix[] = RESPONSE;
	if (strncmp(topic, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	const char *digits = topic + sizeof(prefix) - 1;
	char *end = NULL;
	unsigned long id = strtoul(digits, &end, 10);
	return *digits >= '1' && *digits <= '9' && *end == '\0' && id <= INT32_MAX ? (unsigned)id
										   : 0;
}

/* The body of a response: an object, whose "client" is one too where there is any. Or NULL. */
static json_t *body_parse(const struct tbdi_event *event)
{
	json_t *body = json_loadb(event->payload, event->payload_len, 0, NULL);
	const json_t *client = json_object_get(body, "client");
	if (json_is_object(body) && (client == NULL || json_is_object(client)))
		return body;
	json_decref(body);
	return NULL;
}

/* An attribute's value as text in the report, or NULL: there is none. */
static const char *value_text(struct roundtrip *rt, const json_t *value)
{
	struct tbdi_arena *arena = &rt->report->arena;
	if (value == NULL)
		return NULL;
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	char *copy = NULL;
	if (json_is_string(value))
		copy = tbdi_arena_utf8(arena, json_string_value(value), json_string_length(value));
	else if (text != NULL)
		copy = tbdi_arena_strdup(arena, text);
	free(text);
	if (copy == NULL)
		fail(rt, TBD_E_NOMEM);
	return copy;
}

static void first_response(struct roundtrip *rt, const struct tbdi_event *event)
{
	struct tbdi_arena *arena = &rt->report->arena;
	struct tbd_exchange *exchange = rt->exchange;
	exchange->response_topic = tbdi_arena_strdup(arena, event->topic);
	exchange->response_payload = tbdi_arena_utf8(arena, event->payload, event->payload_len);
	if (exchange->response_topic == NULL || exchange->response_payload == NULL)
		fail(rt, TBD_E_NOMEM);
}

static void value_response(struct roundtrip *rt, const json_t *body)
{
	struct tbd_exchange *exchange = rt->exchange;
	const json_t *value = json_object_get(json_object_get(body, "client"), PROBE_KEY);
	exchange->read_back = value_text(rt, value);
	exchange->polls++;
	rt->visible =
		exchange->read_back != NULL && strcmp(exchange->read_back, exchange->written) == 0;
	rt->old_value = rt->old_value || (exchange->read_back != NULL && !rt->visible);
}

static void on_message(struct roundtrip *rt, const struct tbdi_event *event)
{
	unsigned id = response_id(event->topic);
	if (id == 0 || id > rt->last_id || (id == 1 && rt->exchange->response_topic != NULL)) {
		rt->strange = true;
		return;
	}
	if (rt->visible)
		return;
	rt->answered = true;
	json_t *body = body_parse(event);
	rt->undecodable = rt->undecodable || body == NULL;
	if (id == 1)
		first_response(rt, event);
	else if (body != NULL)
		value_response(rt, body);
	json_decref(body);
}

static void on_event(void *arg, const struct tbdi_event *event)
{
	struct roundtrip *rt = arg;
	switch (event->kind) {
	case TBDI_EVENT_CONNECTED:
		rt->connected = true;
		break;
	case TBDI_EVENT_ACCEPTED:
		rt->accepted = rt->accepted || event->id == rt->watched;
		break;
	case TBDI_EVENT_MESSAGE:
		on_message(rt, event);
		break;
	case TBDI_EVENT_CLOSED:
		rt->closed = true;
		if (rt->exchange->detail == NULL && event->text != NULL)
			rt->exchange->detail = tbdi_arena_strdup(&rt->report->arena, event->text);
		break;
	}
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void report_progress(struct roundtrip *rt)
{
	if (rt->options->progress == NULL)
		return;
	int64_t elapsed_ms = (now_us(rt) - rt->step_start_us) / 1000;
	if (rt->options->progress(rt->options->progress_arg, rt->step, elapsed_ms) != 0)
		fail(rt, TBD_E_CANCELLED);
}

static void step_begin(struct roundtrip *rt, const char *name)
{
	rt->step = name;
	rt->step_start_us = now_us(rt);
	report_progress(rt);
}

static void step_end(struct roundtrip *rt, enum outcome outcome, const char *detail)
{
	enum tbd_step_status status = outcome == MET ? TBD_STEP_OK
		: outcome == TIMEOUT                 ? TBD_STEP_TIMEOUT
						     : TBD_STEP_FAILED;
	if (outcome != BROKEN)
		fail(rt, tbdi_report_step(rt->report, rt->step, status, rt->step_start_us, detail));
}

static int poll_timeout_ms(const struct roundtrip *rt, int64_t deadline_us)
{
	int64_t left_ms = (deadline_us - now_us(rt) + 999) / 1000;
	return left_ms < 0 ? 0 : left_ms > TURN_MS ? TURN_MS : (int)left_ms;
}

/* One turn of the loop: wait, carry bytes, let the library have its share. */
static void turn(struct roundtrip *rt, int64_t deadline_us)
{
	struct pollfd fds[TBDI_LINK_FDS + 1];
	struct pollfd *library = &fds[TBDI_LINK_FDS];
	bool may_wait = tbdi_link_prepare(rt->link, fds);
	*library = (struct pollfd){ .fd = rt->transport->fd(rt->connection),
		.events = rt->transport->events(rt->connection) };
	int ready = poll(fds, TBDI_LINK_FDS + 1, may_wait ? poll_timeout_ms(rt, deadline_us) : 0);
	if (ready < 0 && errno != EINTR)
		fail(rt, tbdi_fail(rt->error, TBD_E_SYSTEM, "poll: %s", strerror(errno)));
	tbdi_link_pump(rt->link);
	if (library->fd >= 0)
		fail(rt, rt->transport->process(rt->connection, ready > 0 ? library->revents : 0));
	if (rt->wire.out_of_memory)
		fail(rt, TBD_E_NOMEM);
	report_progress(rt);
}

/* The server refused a message, and said so: MQTT 5. */
static bool is_refused(const struct roundtrip *rt)
{
	return rt->wire.puback >= TBDI_WIRE_REFUSES;
}

/* There is nothing more to hope for. */
static bool is_over(const struct roundtrip *rt)
{
	return rt->closed || rt->wire.not_mqtt || rt->wire.too_large;
}

static enum outcome wait_for(
	struct roundtrip *rt, bool (*met)(const struct roundtrip *rt), int64_t deadline_us)
{
	while (rt->failure == 0) {
		if (met(rt))
			return MET;
		if (is_over(rt) || is_refused(rt))
			return OVER;
		if (now_us(rt) >= deadline_us)
			return TIMEOUT;
		turn(rt, deadline_us);
	}
	return BROKEN;
}

static int64_t phase_deadline_us(const struct roundtrip *rt)
{
	return rt->step_start_us + rt->report->phase_ms * 1000;
}

/* ---- the phases: each tells whether the next may follow -------------------------------------- */

static bool end_at(struct roundtrip *rt, enum tbd_mqtt_end end)
{
	rt->exchange->end = end;
	return false;
}

/* The library dials the link and queues its CONNECT. This is where the token is handed over. */
static bool library_open(struct roundtrip *rt)
{
	struct tbdi_transport_options options = {
		.version = rt->exchange->mqtt_version,
		.token = rt->secret,
		.event = on_event,
		.event_arg = rt,
	};
	int result = tbdi_link_listen(rt->link, &options.socket_path, rt->error);
	if (result == 0)
		result = rt->transport->open(&options, &rt->connection, rt->error);
	if (result == 0)
		result = tbdi_link_accept(rt->link, rt->error);
	fail(rt, result);
	return result == 0;
}

static bool is_connected(const struct roundtrip *rt)
{
	return rt->connected;
}

/* What came is not MQTT: have a little more of it, to show. */
static void collect_first_bytes(struct roundtrip *rt)
{
	int64_t deadline_us = now_us(rt) + (int64_t)LINGER_MS * 1000;
	while (rt->failure == 0 && rt->wire.first_len < TBDI_WIRE_FIRST &&
		!tbdi_link_is_over(rt->link) && now_us(rt) < deadline_us)
		turn(rt, deadline_us);
	rt->exchange->first_bytes =
		tbdi_arena_escape(&rt->report->arena, rt->wire.first_bytes, rt->wire.first_len);
	if (rt->exchange->first_bytes == NULL)
		fail(rt, TBD_E_NOMEM);
}

static bool connect_phase(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	step_begin(rt, "connack");
	int64_t limit_us = rt->step_start_us + (int64_t)CONNACK_MS * 1000;
	int64_t deadline_us = rt->report->deadline_us;
	if (rt->report->default_deadlines && limit_us < deadline_us)
		deadline_us = limit_us;
	enum outcome outcome = wait_for(rt, is_connected, deadline_us);
	if (rt->wire.not_mqtt)
		collect_first_bytes(rt);
	exchange->connack = rt->wire.connack;
	exchange->connack_name = tbdi_mqtt_connack_name(exchange->connack);
	/* A library that cannot bear the answer does not undo it. */
	bool answered = outcome != TIMEOUT && exchange->connack >= 0;
	step_end(rt,
		exchange->connack > 0 ? OVER
			: answered    ? MET
				      : outcome,
		exchange->connack_name);
	if (rt->wire.not_mqtt)
		return end_at(rt, TBD_MQTT_NOT_MQTT);
	if (outcome == TIMEOUT)
		return end_at(rt, TBD_MQTT_NO_CONNACK);
	if (!answered)
		return end_at(rt, TBD_MQTT_CLOSED_BEFORE_CONNACK);
	return exchange->connack == 0 || end_at(rt, TBD_MQTT_REFUSED);
}

static bool is_subscribed(const struct roundtrip *rt)
{
	return rt->wire.suback >= 0;
}

static bool subscribe_phase(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	step_begin(rt, "suback");
	fail(rt, rt->transport->subscribe(rt->connection, RESPONSE "+"));
	enum outcome outcome = wait_for(rt, is_subscribed, phase_deadline_us(rt));
	exchange->suback = rt->wire.suback;
	bool refused = exchange->suback >= TBDI_WIRE_REFUSES;
	step_end(rt, refused ? OVER : outcome, refused ? "refused" : NULL);
	if (refused)
		return end_at(rt, TBD_MQTT_SUBACK_REFUSED);
	return outcome == MET || end_at(rt, TBD_MQTT_NO_SUBACK);
}

/* Ask for an attribute, with the next id. */
static void request_send(struct roundtrip *rt, const char *key)
{
	char topic[sizeof(REQUEST) + 12];
	char payload[64];
	int id = 0;
	snprintf(topic, sizeof(topic), REQUEST "%u", ++rt->last_id);
	snprintf(payload, sizeof(payload), "{\"clientKeys\":\"%s\"}", key);
	fail(rt, rt->transport->publish(rt->connection, topic, payload, &id));
	if (rt->last_id == 1)
		rt->watched = id;
}

static bool is_answered(const struct roundtrip *rt)
{
	return rt->answered;
}

/* No response, or none that is of use. */
static enum tbd_mqtt_end end_without_response(const struct roundtrip *rt, enum outcome outcome)
{
	if (is_refused(rt))
		return TBD_MQTT_PUBLISH_REFUSED;
	if (rt->strange || rt->undecodable || rt->wire.too_large)
		return TBD_MQTT_OTHER_RESPONSE;
	if (outcome == OVER)
		return TBD_MQTT_CLOSED_ON_PUBLISH;
	return rt->accepted ? TBD_MQTT_NO_RESPONSE : TBD_MQTT_NO_PUBACK;
}

static bool read_phase(struct roundtrip *rt)
{
	step_begin(rt, "response");
	request_send(rt, MODEL_KEY);
	enum outcome outcome = wait_for(rt, is_answered, phase_deadline_us(rt));
	step_end(rt, rt->undecodable ? OVER : outcome, NULL);
	if (outcome == MET && !rt->undecodable)
		return true;
	return end_at(rt, end_without_response(rt, outcome));
}

/* Begins with a letter: ThingsBoard would turn a numeric string into a number. */
static bool nonce_make(struct roundtrip *rt)
{
	uint64_t number = 0;
	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
		fail(rt, tbdi_fail(rt->error, TBD_E_SYSTEM, "getrandom: %s", strerror(errno)));
		return false;
	}
	rt->exchange->written =
		tbdi_arena_printf(&rt->report->arena, "n%016llx", (unsigned long long)number);
	if (rt->exchange->written == NULL)
		fail(rt, TBD_E_NOMEM);
	return rt->exchange->written != NULL;
}

static bool is_accepted(const struct roundtrip *rt)
{
	return rt->accepted;
}

static bool write_phase(struct roundtrip *rt)
{
	char payload[64];
	step_begin(rt, "puback");
	if (!nonce_make(rt))
		return false;
	rt->exchange->key = PROBE_KEY;
	snprintf(payload, sizeof(payload), "{\"" PROBE_KEY "\":\"%s\"}", rt->exchange->written);
	rt->accepted = false;
	fail(rt, rt->transport->publish(rt->connection, ATTRIBUTES, payload, &rt->watched));
	enum outcome outcome = wait_for(rt, is_accepted, phase_deadline_us(rt));
	step_end(rt, outcome, NULL);
	if (outcome == OVER || is_refused(rt))
		return end_at(
			rt, is_refused(rt) ? TBD_MQTT_PUBLISH_REFUSED : TBD_MQTT_CLOSED_ON_PUBLISH);
	return outcome == MET || end_at(rt, TBD_MQTT_NO_PUBACK);
}

static bool is_decided(const struct roundtrip *rt)
{
	return rt->visible || rt->undecodable;
}

/* Acknowledged means queued, not stored: read until it is there. */
static bool read_back_phase(struct roundtrip *rt)
{
	enum outcome outcome = TIMEOUT;
	step_begin(rt, "visible");
	int64_t deadline_us = phase_deadline_us(rt);
	rt->answered = rt->strange = false;
	while (outcome == TIMEOUT && now_us(rt) < deadline_us) {
		int64_t again_us = now_us(rt) + (int64_t)READ_AGAIN_MS * 1000;
		request_send(rt, PROBE_KEY);
		outcome = wait_for(rt, is_decided, again_us < deadline_us ? again_us : deadline_us);
	}
	rt->exchange->stale = rt->visible && rt->old_value;
	step_end(rt, outcome == MET && !rt->visible ? OVER : outcome, NULL);
	if (rt->visible)
		return true;
	bool useless = outcome == OVER || rt->undecodable || !rt->answered;
	return end_at(rt, useless ? end_without_response(rt, outcome) : TBD_MQTT_NOT_STORED);
}

static bool is_flushed(const struct roundtrip *rt)
{
	return tbdi_link_is_flushed(rt->link);
}

static void say_goodbye(struct roundtrip *rt)
{
	fail(rt, rt->transport->disconnect(rt->connection));
	wait_for(rt, is_flushed, now_us(rt) + (int64_t)GOODBYE_MS * 1000);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void converse(struct roundtrip *rt)
{
	if (!library_open(rt))
		return;
	if (connect_phase(rt) && subscribe_phase(rt) && read_phase(rt) &&
		(rt->options->read_only || (write_phase(rt) && read_back_phase(rt))))
		rt->exchange->end = TBD_MQTT_DONE;
	if (rt->failure == 0 && is_over(rt))
		rt->exchange->closed = tbdi_stream_end(rt->report->stream);
	else if (rt->failure == 0)
		say_goodbye(rt);
}

static void observe_sent(void *arg, const void *data, size_t len)
{
	tbdi_mqtt_wire_sent(arg, data, len);
}

static bool observe_received(void *arg, const void *data, size_t len)
{
	return tbdi_mqtt_wire_received(arg, data, len);
}

static void name_library(struct roundtrip *rt)
{
	struct tbdi_arena *arena = &rt->report->arena;
	char text[64];
	rt->transport->library(text, sizeof(text));
	rt->exchange->library = tbdi_arena_strdup(arena, text);
	if (rt->exchange->library == NULL)
		fail(rt, TBD_E_NOMEM);
}

/* What was seen on the way, into the report. */
static void record(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	exchange->packets = (const struct tbd_packet *const *)(void *)rt->wire.packets.items;
	exchange->packet_count = rt->wire.packets.count;
	exchange->packets_cut = rt->wire.packets_cut;
	exchange->unacknowledged = rt->wire.unacknowledged;
	exchange->puback = rt->wire.puback;
	exchange->disconnect = rt->wire.disconnect;
	if (strcmp(exchange->mqtt_version, "5") == 0) {
		exchange->puback_name = tbdi_mqtt_reason_name(exchange->puback);
		exchange->disconnect_name = tbdi_mqtt_reason_name(exchange->disconnect);
	}
	rt->token->sent = rt->wire.up_len > 0;
	rt->token->in_clear = rt->token->sent && rt->report->pub.plain_consent;
	if (!rt->wire.too_large)
		return;
	exchange->detail = tbdi_arena_printf(&rt->report->arena,
		"a packet was announced that is larger than %d bytes", TBDI_WIRE_LARGEST);
	if (exchange->detail == NULL)
		fail(rt, TBD_E_NOMEM);
}

static int run(struct roundtrip *rt)
{
	const struct tbdi_link_observer observer = { observe_sent, observe_received, &rt->wire };
	int result = tbdi_module_load("mqtt", &rt->transport, rt->error);
	if (result < 0)
		return result;
	tbdi_mqtt_wire_init(&rt->wire, rt->report, strcmp(rt->exchange->mqtt_version, "5") == 0);
	result = tbdi_link_new(rt->report->stream, &observer, &rt->link, rt->error);
	if (result < 0)
		return result;
	name_library(rt);
	converse(rt);
	rt->transport->close(rt->connection);
	tbdi_link_free(rt->link);
	record(rt);
	return rt->failure;
}

/* The version that was asked for, or NULL: there is no such version. */
static const char *version_of(const struct tbd_roundtrip_options *options)
{
	static const char *const versions[] = { "3.1.1", "3.1", "5" };
	if (options->mqtt_version == NULL)
		return versions[0];
	for (size_t i = 0; i < TBDI_COUNT(versions); i++)
		if (strcmp(options->mqtt_version, versions[i]) == 0)
			return versions[i];
	return NULL;
}

int tbd_roundtrip(struct tbd_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error)
{
	if (report == NULL || options == NULL || options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_roundtrip: options do not fit");
	const char *version = version_of(options);
	if (version == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "MQTT version \"%s\" is not 3.1, 3.1.1 or 5",
			options->mqtt_version);
	struct tbdi_report *own = tbdi_report_of(report);
	struct roundtrip rt = { .report = own, .options = options, .error = error };
	rt.exchange = tbdi_arena_alloc(&own->arena, sizeof(*rt.exchange));
	rt.token = tbdi_arena_alloc(&own->arena, sizeof(*rt.token));
	if (rt.exchange == NULL || rt.token == NULL)
		return tbdi_fail_nomem(error);
	rt.exchange->read_only = options->read_only;
	rt.exchange->mqtt_version = version;
	rt.exchange->connack = rt.exchange->suback = -1;
	rt.exchange->puback = rt.exchange->disconnect = -1;
	report->exchange = rt.exchange;
	if (options->token == NULL)
		return 0;
	*rt.token = tbdi_token_info(options->token);
	report->token = rt.token;
	if (own->stream == NULL)
		return 0;
	rt.secret = tbdi_token_lend(options->token, own->stream);
	int result = rt.secret != NULL ? run(&rt) : 0;
	tbdi_stream_free(own->stream);
	own->stream = NULL;
	if (result == TBD_E_NOMEM)
		return tbdi_fail_nomem(error);
	if (result == TBD_E_CANCELLED)
		return tbdi_fail(error, result, "interrupted");
	return result;
}
