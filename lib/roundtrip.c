/* SPDX-License-Identifier: MIT
 *
 * roundtrip.c - the attribute round trip of ThingsBoard's device API over MQTT: connect with the token,
 * read an attribute, write one, read it back.
 */
#include "api.h"
#include "attribute.h"
#include "credentials.h"
#include "explain-refusal.h"
#include "mqtt-session.h"
#include "report.h"
#include "stream.h"
#include "target.h"
#include "token.h"

#define ATTRIBUTES "v1/devices/me/attributes"
#define REQUEST ATTRIBUTES "/request/"
#define RESPONSE ATTRIBUTES "/response/"

struct roundtrip {
	struct tbdi_session session;
	struct tbdi_report *report;
	const struct tbd_roundtrip_options *options;
	struct tbd_error *error;
	struct tbd_token_info *token;
	struct tbd_exchange *exchange;
	struct tbdi_transport_options open; /* with the credentials, lent for this stream */
	unsigned last_id;                   /* of the attribute requests */

	/* What the messages told. */
	bool answered; /* a response to what was asked came */
	bool strange;  /* a response came that nobody asked for */
	bool undecodable;
	bool old_value;
	bool visible;
	bool deaf; /* messages do not matter any longer */
};

static const struct roundtrip *owner_of(const struct tbdi_session *session)
{
	return session->owner;
}

static void fail(struct roundtrip *rt, int failure)
{
	tbdi_session_fail(&rt->session, failure);
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
	fail(rt,
		tbdi_attribute_text(
			&rt->report->arena, body, TBDI_PROBE_KEY, &exchange->read_back));
	exchange->polls++;
	rt->visible =
		exchange->read_back != NULL && strcmp(exchange->read_back, exchange->written) == 0;
	rt->old_value = rt->old_value || (exchange->read_back != NULL && !rt->visible);
}

static void on_message(void *owner, const struct tbdi_event *event)
{
	struct roundtrip *rt = owner;
	unsigned id = response_id(event->topic);
	if (rt->deaf)
		return;
	if (id == 0 || id > rt->last_id || (id == 1 && rt->exchange->response_topic != NULL)) {
		rt->strange = true;
		return;
	}
	if (rt->visible)
		return;
	rt->answered = true;
	json_t *body = tbdi_attributes_parse(event->payload, event->payload_len);
	rt->undecodable = rt->undecodable || body == NULL;
	if (id == 1)
		first_response(rt, event);
	else if (body != NULL)
		value_response(rt, body);
	json_decref(body);
}

/* ---- the phases: each tells whether the next may follow -------------------------------------- */

static bool end_at(struct roundtrip *rt, enum tbd_mqtt_end end)
{
	rt->exchange->end = end;
	return false;
}

static bool connect_phase(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	const struct tbdi_mqtt_wire *wire = &rt->session.wire;
	enum tbd_mqtt_end end = TBD_MQTT_NOT_STARTED;
	bool accepted = tbdi_session_connect(&rt->session, &end);
	exchange->connack = wire->connack;
	exchange->connack_name = tbdi_mqtt_connack_name(wire->connack);
	if (accepted)
		return true;
	if (end == TBD_MQTT_NOT_MQTT) {
		exchange->first_bytes =
			tbdi_arena_escape(&rt->report->arena, wire->first_bytes, wire->first_len);
		if (exchange->first_bytes == NULL)
			fail(rt, TBD_E_NOMEM);
	}
	return end_at(rt, end);
}

static bool subscribe_phase(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	tbdi_session_step(&rt->session, "suback");
	enum tbdi_outcome outcome = tbdi_session_subscribe(&rt->session, RESPONSE "+", 1);
	exchange->suback = rt->session.wire.suback;
	bool refused = exchange->suback >= TBDI_WIRE_REFUSES;
	tbdi_session_step_end(
		&rt->session, refused ? TBDI_OVER : outcome, refused ? "refused" : NULL);
	if (refused)
		return end_at(rt, TBD_MQTT_SUBACK_REFUSED);
	return outcome == TBDI_MET || end_at(rt, TBD_MQTT_NO_SUBACK);
}

/* Ask for an attribute, with the next id. */
static void request_send(struct roundtrip *rt, const char *key)
{
	char topic[sizeof(REQUEST) + 12];
	char payload[64];
	snprintf(topic, sizeof(topic), REQUEST "%u", ++rt->last_id);
	snprintf(payload, sizeof(payload), "{\"clientKeys\":\"%s\"}", key);
	int id = tbdi_session_publish(&rt->session, topic, payload);
	if (rt->last_id == 1)
		tbdi_session_watch(&rt->session, id);
}

static bool is_answered(const struct tbdi_session *session)
{
	return owner_of(session)->answered;
}

/* No response, or none that is of use. */
static enum tbd_mqtt_end end_without_response(const struct roundtrip *rt, enum tbdi_outcome outcome)
{
	if (tbdi_session_is_refused(&rt->session))
		return TBD_MQTT_PUBLISH_REFUSED;
	if (rt->strange || rt->undecodable || rt->session.wire.too_large)
		return TBD_MQTT_OTHER_RESPONSE;
	if (outcome == TBDI_OVER)
		return TBD_MQTT_CLOSED_ON_PUBLISH;
	return rt->session.accepted ? TBD_MQTT_NO_RESPONSE : TBD_MQTT_NO_PUBACK;
}

static bool read_phase(struct roundtrip *rt)
{
	tbdi_session_step(&rt->session, "response");
	request_send(rt, TBDI_MODEL_KEY);
	enum tbdi_outcome outcome = tbdi_session_wait(
		&rt->session, is_answered, tbdi_session_phase_deadline(&rt->session));
	tbdi_session_step_end(&rt->session, rt->undecodable ? TBDI_OVER : outcome, NULL);
	if (outcome == TBDI_MET && !rt->undecodable)
		return true;
	return end_at(rt, end_without_response(rt, outcome));
}

static bool write_phase(struct roundtrip *rt)
{
	char payload[64];
	tbdi_session_step(&rt->session, "puback");
	int rc = tbdi_nonce_make(&rt->report->arena, &rt->exchange->written, rt->error);
	fail(rt, rc);
	if (rc < 0)
		return false;
	rt->exchange->key = TBDI_PROBE_KEY;
	snprintf(
		payload, sizeof(payload), "{\"" TBDI_PROBE_KEY "\":\"%s\"}", rt->exchange->written);
	tbdi_session_watch(&rt->session, tbdi_session_publish(&rt->session, ATTRIBUTES, payload));
	enum tbdi_outcome outcome = tbdi_session_wait(
		&rt->session, tbdi_session_is_accepted, tbdi_session_phase_deadline(&rt->session));
	tbdi_session_step_end(&rt->session, outcome, NULL);
	if (outcome == TBDI_OVER || tbdi_session_is_refused(&rt->session))
		return end_at(rt,
			tbdi_session_is_refused(&rt->session) ? TBD_MQTT_PUBLISH_REFUSED
							      : TBD_MQTT_CLOSED_ON_PUBLISH);
	return outcome == TBDI_MET || end_at(rt, TBD_MQTT_NO_PUBACK);
}

static bool is_decided(const struct tbdi_session *session)
{
	return owner_of(session)->visible || owner_of(session)->undecodable;
}

/* Acknowledged means queued, not stored: read until it is there. */
static bool read_back_phase(struct roundtrip *rt)
{
	enum tbdi_outcome outcome = TBDI_TIMEOUT;
	tbdi_session_step(&rt->session, "visible");
	int64_t deadline_us = tbdi_session_phase_deadline(&rt->session);
	rt->answered = rt->strange = false;
	while (outcome == TBDI_TIMEOUT && tbdi_session_now(&rt->session) < deadline_us) {
		int64_t again_us =
			tbdi_session_now(&rt->session) + (int64_t)TBDI_READ_AGAIN_MS * 1000;
		request_send(rt, TBDI_PROBE_KEY);
		outcome = tbdi_session_wait(
			&rt->session, is_decided, again_us < deadline_us ? again_us : deadline_us);
	}
	rt->exchange->stale = rt->visible && rt->old_value;
	tbdi_session_step_end(
		&rt->session, outcome == TBDI_MET && !rt->visible ? TBDI_OVER : outcome, NULL);
	if (rt->visible)
		return true;
	bool useless = outcome == TBDI_OVER || rt->undecodable || !rt->answered;
	return end_at(rt, useless ? end_without_response(rt, outcome) : TBD_MQTT_NOT_STORED);
}

/* ThingsBoard grants nobody '#', a general broker grants it. Over MQTT 3.1 one that refuses it (mosquitto) has
 * no way to say so. What it brings, with QoS 0, is of no interest, and is ended at once. */
static void fingerprint(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	struct tbd_exchange *exchange = rt->exchange;
	bool is_silent = exchange->end == TBD_MQTT_NO_RESPONSE && exchange->response_topic == NULL;
	bool wanted = rt->options->fingerprint || is_silent;
	if (!wanted || exchange->connack != 0 || strcmp(exchange->mqtt_version, "3.1") == 0 ||
		session->failure < 0 || tbdi_session_is_over(session))
		return;
	rt->deaf = true;
	tbdi_session_step(session, "fingerprint");
	enum tbdi_outcome outcome = tbdi_session_subscribe(session, "#", 0);
	exchange->fingerprint = session->wire.suback;
	if (exchange->fingerprint >= 0 && exchange->fingerprint < TBDI_WIRE_REFUSES)
		tbdi_session_fail(
			session, session->transport->unsubscribe(session->connection, "#"));
	tbdi_session_step_end(session, outcome, NULL);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The secret is handed over here. */
static void converse(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	if (!tbdi_session_open(session, &rt->open))
		return;
	if (connect_phase(rt) && subscribe_phase(rt) && read_phase(rt) &&
		(rt->options->read_only || (write_phase(rt) && read_back_phase(rt))))
		rt->exchange->end = TBD_MQTT_DONE;
	fingerprint(rt);
	if (session->failure == 0 && tbdi_session_is_over(session))
		rt->exchange->closed = tbdi_stream_end(rt->report->stream);
	else if (session->failure == 0)
		tbdi_session_goodbye(session);
}

static void name_library(struct roundtrip *rt)
{
	char text[64];
	rt->session.transport->library(text, sizeof(text));
	rt->exchange->library = tbdi_arena_strdup(&rt->report->arena, text);
	if (rt->exchange->library == NULL)
		fail(rt, TBD_E_NOMEM);
}

/* What was seen on the way, into the report. */
static void record(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	const struct tbdi_mqtt_wire *wire = &rt->session.wire;
	exchange->packets = (const struct tbd_packet *const *)(void *)wire->packets.items;
	exchange->packet_count = wire->packets.count;
	exchange->packets_cut = wire->packets_cut;
	exchange->unacknowledged = wire->unacknowledged;
	exchange->puback = wire->puback;
	exchange->disconnect = wire->disconnect;
	exchange->detail = rt->session.detail;
	if (strcmp(exchange->mqtt_version, "5") == 0) {
		exchange->puback_name = tbdi_mqtt_reason_name(exchange->puback);
		exchange->disconnect_name = tbdi_mqtt_reason_name(exchange->disconnect);
	}
	rt->token->sent = wire->up_len > 0;
	rt->token->in_clear = rt->token->sent && rt->report->pub.plain_consent;
	if (!wire->too_large)
		return;
	exchange->detail = tbdi_arena_printf(&rt->report->arena,
		"a packet was announced that is larger than %d bytes", TBDI_WIRE_LARGEST);
	if (exchange->detail == NULL)
		fail(rt, TBD_E_NOMEM);
}

static int run(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	session->report = rt->report;
	session->error = rt->error;
	session->progress = rt->options->progress;
	session->progress_arg = rt->options->progress_arg;
	session->message = on_message;
	session->owner = rt;
	int rc = tbdi_session_new(session, rt->exchange->mqtt_version);
	if (rc == 0) {
		name_library(rt);
		converse(rt);
		record(rt);
	}
	tbdi_session_release(session);
	return rc < 0 ? rc : session->failure;
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

static void exchange_init(struct tbd_exchange *exchange,
	const struct tbd_roundtrip_options *options, const char *version)
{
	exchange->read_only = options->read_only;
	exchange->mqtt_version = version;
	exchange->connack = exchange->suback = -1;
	exchange->puback = exchange->disconnect = exchange->fingerprint = -1;
	exchange->client_id_len = options->client_id != NULL ? strlen(options->client_id) : 0;
}

int tbd_roundtrip_check(const struct tbd_roundtrip_options *options, struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_roundtrip: options do not fit");
	const char *version = version_of(options);
	if (version == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "MQTT version \"%s\" is not 3.1, 3.1.1 or 5",
			options->mqtt_version);
	if (options->fingerprint && strcmp(version, "3.1") == 0)
		return tbdi_fail(error, TBD_E_INVALID,
			"a fingerprint does not go with MQTT 3.1, in which nothing can be refused");
	return tbdi_credentials_check(options, error);
}

int tbd_roundtrip(struct tbd_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error)
{
	if (report == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_roundtrip: there is no report");
	int rc = tbd_roundtrip_check(options, error);
	if (rc == 0)
		rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	if (tbdi_target_is_http(report->target) || tbdi_target_is_coap(report->target))
		return tbdi_api_roundtrip(tbdi_report_of(report), options, error);
	const char *version = version_of(options);
	struct tbdi_report *own = tbdi_report_of(report);
	const struct tbd_token *secret = tbdi_credentials_secret(options);
	struct roundtrip rt = { .report = own, .options = options, .error = error };
	rt.exchange = tbdi_arena_alloc(&own->arena, sizeof(*rt.exchange));
	rt.token = tbdi_arena_alloc(&own->arena, sizeof(*rt.token));
	if (rt.exchange == NULL || rt.token == NULL)
		return tbdi_fail_nomem(error);
	rt.open.version = version;
	exchange_init(rt.exchange, options, version);
	report->exchange = rt.exchange;
	if (secret == NULL)
		return 0;
	*rt.token = tbdi_token_info(secret);
	report->token = rt.token;
	if (own->stream == NULL)
		return 0;
	int result = tbdi_credentials_lend(options, own->stream, &rt.open) ? run(&rt) : 0;
	tbdi_stream_free(own->stream);
	own->stream = NULL;
	if (result == 0)
		result = tbdi_explain_refusal(own, rt.exchange, options, error);
	if (result == TBD_E_NOMEM)
		return tbdi_fail_nomem(error);
	if (result == TBD_E_CANCELLED)
		return tbdi_fail(error, result, "interrupted");
	return result;
}
