/* SPDX-License-Identifier: MIT
 *
 * mqtt.c - the attribute round trip of ThingsBoard's device API over MQTT: connect with the token,
 * read an attribute, write one, read it back.
 */
#include "device/exchange.h"
#include "device/payload.h"
#include "device/token.h"
#include "device/mqtt-session.h"
#include "net/probe.h"
#include "net/stream.h"
#include "report/limits.h"
#include "base/protocol.h"

#define ATTRIBUTES "v1/devices/me/attributes"
#define REQUEST ATTRIBUTES "/request/"
#define RESPONSE ATTRIBUTES "/response/"
#define TELEMETRY "v1/devices/me/telemetry"
#define RPC_REQUEST "v1/devices/me/rpc/request/"
#define RPC_RESPONSE "v1/devices/me/rpc/response/"

struct roundtrip {
	struct tbdi_session session;
	struct tbdi_report *report;
	const struct tbd_roundtrip_options *options;
	struct tbd_error *error;
	struct tbd_token_info *token;
	struct tbd_exchange *exchange;
	struct tbdi_transport_options open; /* with the credentials, lent for this stream */
	unsigned last_id;                   /* of the attribute requests */
	struct tbdi_message last;           /* that was published */
	struct tbdi_message write;          /* the attribute */
	struct tbd_rpc *rpc;                /* of the exchange, while a call may come */
	int rpc_id;                         /* of the call that came */

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

static void roundtrip_fail(struct roundtrip *rt, int failure)
{
	tbdi_dialogue_fail(&rt->session.dialogue, failure);
}

/* ---- what the server answers ----------------------------------------------------------------- */

/* The id behind this beginning of a topic, or -1: it has another beginning, or no such id. */
static int id_behind(const char *topic, const char *prefix)
{
	size_t len = strlen(prefix);
	if (strncmp(topic, prefix, len) != 0 || topic[len] < '0' || topic[len] > '9')
		return -1;
	char *end = NULL;
	unsigned long id = strtoul(topic + len, &end, 10);
	return *end == '\0' && id <= INT32_MAX ? (int)id : -1;
}

static const char *copy_text(struct roundtrip *rt, const char *text)
{
	const char *copy = tbdi_arena_strdup(&rt->report->arena, text);
	if (copy == NULL)
		roundtrip_fail(rt, TBD_E_NOMEM);
	return copy;
}

static const char *peer_text(struct roundtrip *rt, const void *data, size_t len)
{
	const char *text = tbdi_report_peer_text(rt->report, data, len, false);
	if (text == NULL)
		roundtrip_fail(rt, TBD_E_NOMEM);
	return text;
}

static const char *topic_text(struct roundtrip *rt, const struct tbdi_event *event)
{
	return peer_text(rt, event->topic, strlen(event->topic));
}

static const char *payload_text(struct roundtrip *rt, const struct tbdi_event *event)
{
	return peer_text(rt, event->payload, event->payload_len);
}

static void value_response(struct roundtrip *rt, const json_t *body)
{
	struct tbd_exchange *exchange = rt->exchange;
	roundtrip_fail(rt,
		tbdi_attribute_read(
			rt->report, body, exchange->key, exchange->written, &exchange->read_back));
	exchange->polls++;
	rt->visible = exchange->read_back == exchange->written;
	rt->old_value = rt->old_value || (exchange->read_back != NULL && !rt->visible);
}

/* A response to the first request, or to one of those that read the written value: one to each. */
static bool on_response(struct roundtrip *rt, int id, const struct tbdi_event *event)
{
	struct tbd_exchange *exchange = rt->exchange;
	bool is_first = id == 1;
	if (id < 1 || (unsigned)id > rt->last_id ||
		(is_first ? exchange->response_topic != NULL : exchange->polls + 1 >= rt->last_id))
		return false;
	rt->answered = true;
	json_t *body = tbdi_attributes_parse(event->payload, event->payload_len);
	rt->undecodable = rt->undecodable || body == NULL;
	if (is_first) {
		exchange->response_topic = topic_text(rt, event);
		exchange->response_payload = payload_text(rt, event);
	} else if (body != NULL) {
		value_response(rt, body);
	}
	json_decref(body);
	return true;
}

/* The server's limits, by a call of ours that has id 1. */
static bool on_limits(struct roundtrip *rt, const struct tbdi_event *event)
{
	struct tbd_exchange *exchange = rt->exchange;
	if (!exchange->limits_asked || exchange->session_limits != NULL ||
		id_behind(event->topic, RPC_RESPONSE) != 1)
		return false;
	exchange->session_limits = payload_text(rt, event);
	return true;
}

/* A call of the server; only the first is answered. */
static bool on_call(struct roundtrip *rt, const struct tbdi_event *event)
{
	if (rt->rpc == NULL || id_behind(event->topic, RPC_REQUEST) < 0)
		return false;
	if (rt->rpc->topic != NULL)
		return true;
	rt->rpc_id = id_behind(event->topic, RPC_REQUEST);
	rt->rpc->topic = topic_text(rt, event);
	rt->rpc->payload = payload_text(rt, event);
	return true;
}

static void roundtrip_on_message(void *owner, const struct tbdi_event *event)
{
	struct roundtrip *rt = owner;
	int id = id_behind(event->topic, RESPONSE);
	if (rt->deaf || (id > 1 && rt->visible))
		return;
	if (!on_response(rt, id, event) && !on_limits(rt, event) && !on_call(rt, event))
		rt->strange = true;
}

/* ---- what is sent ----------------------------------------------------------------------------- */

/* The topic is in the report's arena, or ours. */
static int message_send(struct roundtrip *rt, const char *topic, const char *payload)
{
	rt->last = (struct tbdi_message){ topic, payload };
	rt->exchange->published = topic;
	return tbdi_session_publish(&rt->session, topic, payload);
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
	const struct tbdi_mqtt_observer *wire = &rt->session.wire;
	enum tbd_mqtt_end end = TBD_MQTT_NOT_STARTED;
	bool accepted = tbdi_session_connect(&rt->session, &end);
	exchange->upgrade = rt->session.upgrade;
	exchange->connack = wire->connack;
	exchange->connack_name = tbdi_mqtt_connack_name(wire->connack);
	if (accepted)
		return true;
	if (end == TBD_MQTT_NOT_MQTT) {
		exchange->first_bytes =
			tbdi_report_peer_bytes(rt->report, wire->first_bytes, wire->first_len);
		if (exchange->first_bytes == NULL)
			roundtrip_fail(rt, TBD_E_NOMEM);
	}
	return end_at(rt, end);
}

/* Within a step that has begun, which a refusal or silence ends. */
static bool subscribe_to(struct roundtrip *rt, const char *filter)
{
	struct tbd_exchange *exchange = rt->exchange;
	exchange->filter = filter;
	enum tbdi_outcome outcome = tbdi_session_subscribe(&rt->session, filter, 1);
	exchange->suback = rt->session.wire.suback;
	bool refused = exchange->suback >= TBDI_OBSERVER_REFUSES;
	if (outcome == TBDI_MET && !refused)
		return true;
	tbdi_session_step_end(
		&rt->session, refused ? TBDI_OVER : outcome, refused ? "refused" : NULL);
	return end_at(rt, refused ? TBD_MQTT_SUBACK_REFUSED : TBD_MQTT_NO_SUBACK);
}

static bool subscribe_phase(struct roundtrip *rt)
{
	tbdi_dialogue_step(&rt->session.dialogue, "suback");
	if (!subscribe_to(rt, RESPONSE "+"))
		return false;
	tbdi_session_step_end(&rt->session, TBDI_MET, NULL);
	return true;
}

/* Ask for attributes, with the next id. */
static void request_send(struct roundtrip *rt, const char *client_keys, const char *shared_keys)
{
	char topic[sizeof(REQUEST) + 12];
	const char *payload = tbdi_payload_request(&rt->report->arena, client_keys, shared_keys);
	if (payload == NULL) {
		roundtrip_fail(rt, TBD_E_NOMEM);
		return;
	}
	snprintf(topic, sizeof(topic), REQUEST "%u", ++rt->last_id);
	const char *kept = copy_text(rt, topic);
	int id = kept != NULL ? message_send(rt, kept, payload) : 0;
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
	struct tbd_exchange *exchange = rt->exchange;
	tbdi_dialogue_step(&rt->session.dialogue, "response");
	request_send(rt, exchange->client_keys, exchange->shared_keys);
	enum tbdi_outcome outcome = tbdi_session_wait(
		&rt->session, is_answered, tbdi_dialogue_deadline(&rt->session.dialogue));
	tbdi_session_step_end(&rt->session, rt->undecodable ? TBDI_OVER : outcome, NULL);
	if (outcome == TBDI_MET && !rt->undecodable)
		return true;
	return end_at(rt, end_without_response(rt, outcome));
}

/* Publish, and wait for the acknowledgement. */
static bool publish_phase(
	struct roundtrip *rt, const char *step, const char *topic, const char *payload)
{
	struct tbdi_session *session = &rt->session;
	tbdi_dialogue_step(&session->dialogue, step);
	tbdi_session_watch(session, message_send(rt, topic, payload));
	enum tbdi_outcome outcome = tbdi_session_wait(
		session, tbdi_session_is_accepted, tbdi_dialogue_deadline(&session->dialogue));
	bool refused = tbdi_session_is_refused(session);
	tbdi_session_step_end(session, refused ? TBDI_OVER : outcome, NULL);
	if (refused)
		return end_at(rt, TBD_MQTT_PUBLISH_REFUSED);
	if (outcome == TBDI_OVER)
		return end_at(rt, TBD_MQTT_CLOSED_ON_PUBLISH);
	return outcome == TBDI_MET || end_at(rt, TBD_MQTT_NO_PUBACK);
}

static bool write_phase(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	int rc = tbdi_nonce_make(&rt->report->arena, &exchange->written, rt->error);
	roundtrip_fail(rt, rc);
	if (rc < 0)
		return false;
	exchange->key = rt->options->attribute != NULL ? copy_text(rt, rt->options->attribute)
						       : TBDI_PROBE_KEY;
	const char *payload =
		tbdi_payload_write(&rt->report->arena, exchange->key, exchange->written);
	if (payload == NULL) {
		roundtrip_fail(rt, TBD_E_NOMEM);
		return false;
	}
	const char *own = exchange->attributes_topic;
	rt->write = (struct tbdi_message){ own != NULL ? own : ATTRIBUTES, payload };
	return publish_phase(rt, "puback", rt->write.topic, payload);
}

static bool is_decided(const struct tbdi_session *session)
{
	return owner_of(session)->visible || owner_of(session)->undecodable;
}

/* The last request has its response. */
static bool is_read(const struct tbdi_session *session)
{
	const struct roundtrip *rt = owner_of(session);
	return is_decided(session) || rt->exchange->polls + 1 >= rt->last_id;
}

/* Ask for the written value, and wait until it is there or is to be asked for again: not before the response to this
 * came, but one that does not come is not waited for. */
static enum tbdi_outcome read_back(struct roundtrip *rt, int64_t deadline_us)
{
	struct tbdi_dialogue *dialogue = &rt->session.dialogue;
	int64_t begin_us = dialogue->step_start_us, now_us = tbdi_dialogue_now(dialogue);
	int64_t vain_us = now_us + (int64_t)TBDI_READ_AGAIN_MS * 1000;
	int64_t again_us = tbdi_read_again_us(begin_us, now_us);
	request_send(rt, rt->exchange->key, NULL);
	enum tbdi_outcome outcome = tbdi_session_wait(
		&rt->session, is_read, vain_us < deadline_us ? vain_us : deadline_us);
	if (outcome != TBDI_MET || is_decided(&rt->session))
		return outcome;
	return tbdi_session_wait(
		&rt->session, is_decided, again_us < deadline_us ? again_us : deadline_us);
}

/* Acknowledged means queued, not stored: read until it is there. */
static bool read_back_phase(struct roundtrip *rt)
{
	enum tbdi_outcome outcome = TBDI_TIMEOUT;
	tbdi_dialogue_step(&rt->session.dialogue, "visible");
	int64_t deadline_us = tbdi_dialogue_deadline(&rt->session.dialogue);
	rt->answered = rt->strange = false;
	while (outcome == TBDI_TIMEOUT && tbdi_dialogue_now(&rt->session.dialogue) < deadline_us)
		outcome = read_back(rt, deadline_us);
	rt->exchange->stale = rt->visible && rt->old_value;
	tbdi_session_step_end(
		&rt->session, outcome == TBDI_MET && !rt->visible ? TBDI_OVER : outcome, NULL);
	if (rt->visible)
		return true;
	bool useless = outcome == TBDI_OVER || rt->undecodable || !rt->answered;
	return end_at(rt, useless ? end_without_response(rt, outcome) : TBD_MQTT_NOT_STORED);
}

/* Whether the answers to calls of ours will come; the filter that counts stays the one before. */
static bool subscribe_quietly(struct roundtrip *rt)
{
	const struct tbdi_mqtt_observer *wire = &rt->session.wire;
	enum tbdi_outcome outcome = tbdi_session_subscribe(&rt->session, RPC_RESPONSE "+", 1);
	bool granted = outcome == TBDI_MET && wire->suback < TBDI_OBSERVER_REFUSES;
	if (!granted)
		tbdi_session_step_end(&rt->session, TBDI_MET, "not granted");
	return granted;
}

static bool has_limits(const struct tbdi_session *session)
{
	return owner_of(session)->exchange->session_limits != NULL;
}

enum {
	LIMITS_MS = 250, /* ThingsBoard answers within 2.5 to 18 ms */
	RUN_MESSAGES =
		6, /* requests, and the session itself; four where the value is visible at once */
};

/* Before anything is written, if the run would use up what the device may send. */
static void note_limit(struct roundtrip *rt, const char *name, const char *what, int64_t needed)
{
	struct tbdi_rate rate;
	char text[200];
	if (!tbdi_limits_rate(rt->exchange->session_limits, name, &rate) || rate.count > needed)
		return;
	snprintf(text, sizeof(text),
		"this device may send %lld %s%s in %lld s, and a run like this sends up to %lld: it uses "
		"that up, and ThingsBoard ends the session beyond",
		(long long)rate.count, what, rate.count == 1 ? "" : "s", (long long)rate.seconds,
		(long long)needed);
	roundtrip_fail(rt, tbd_report_note(&rt->report->pub, text, rt->error));
}

static void note_limits(struct roundtrip *rt)
{
	note_limit(rt, "messages", "message", RUN_MESSAGES);
	note_limit(rt, "telemetryMessages", "telemetry message",
		rt->options->telemetry != NULL ? 2 : 1);
}

/* Ask for the limits, and wait until then. False: it is over. */
static bool limits_ask(struct roundtrip *rt, int64_t deadline_us)
{
	struct tbdi_session *session = &rt->session;
	rt->exchange->limits_asked = true;
	message_send(rt, RPC_REQUEST "1", "{\"method\":\"getSessionLimits\",\"params\":{}}");
	enum tbdi_outcome outcome = tbdi_session_wait(session, has_limits, deadline_us);
	bool asked = rt->options->session_limits;
	if (!asked)
		tbdi_session_forgive(session);
	tbdi_session_step_end(
		session, asked ? outcome : TBDI_MET, outcome == TBDI_MET ? NULL : "no answer");
	if (outcome != TBDI_OVER || (!asked && !tbdi_session_is_over(session)))
		return true;
	return end_at(rt,
		tbdi_session_is_refused(session) ? TBD_MQTT_PUBLISH_REFUSED
						 : TBD_MQTT_CLOSED_ON_PUBLISH);
}

/* The call that ThingsBoard (from 3.8 on) answers by itself: no rule chain, nothing stored, and no limit counts it. An
 * older one acknowledges and is silent, which is not a fault. Before something is written it is asked without being
 * told to: then who does not grant the answer, or gives none soon, is left alone. */
static bool limits_phase(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	bool asked = rt->options->session_limits;
	if (!asked && rt->options->read_only)
		return true;
	tbdi_dialogue_step(&session->dialogue, "limits");
	int64_t soon_us = tbdi_dialogue_now(&session->dialogue) + (int64_t)LIMITS_MS * 1000;
	int64_t deadline_us = tbdi_dialogue_deadline(&session->dialogue);
	if (asked && !subscribe_to(rt, RPC_RESPONSE "+"))
		return false;
	if (!asked && !subscribe_quietly(rt)) {
		if (!tbdi_session_is_over(session))
			return true;
		rt->exchange->filter = RPC_RESPONSE "+";
		return end_at(rt, TBD_MQTT_NO_SUBACK);
	}
	if (!limits_ask(rt, asked || soon_us > deadline_us ? deadline_us : soon_us))
		return false;
	note_limits(rt);
	return true;
}

static bool telemetry_phase(struct roundtrip *rt)
{
	const char *telemetry = rt->options->telemetry;
	const char *own = rt->exchange->telemetry_topic;
	rt->exchange->telemetry_len = strlen(telemetry);
	rt->exchange->telemetry_ts = tbdi_payload_has_ts(telemetry);
	return publish_phase(rt, "telemetry", own != NULL ? own : TELEMETRY, telemetry);
}

static bool is_called(const struct tbdi_session *session)
{
	return owner_of(session)->rpc->topic != NULL;
}

/* Wait for one call of the server, and send back what it brought, as ThingsBoard's example does. */
static bool rpc_phase(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	char topic[sizeof(RPC_RESPONSE) + 12];
	rt->rpc = tbdi_arena_alloc(&rt->report->arena, sizeof(*rt->rpc));
	if (rt->rpc == NULL) {
		roundtrip_fail(rt, TBD_E_NOMEM);
		return false;
	}
	rt->rpc->waited_ms = rt->options->rpc_wait_ms;
	rt->exchange->rpc = rt->rpc;
	tbdi_dialogue_step(&session->dialogue, "rpc");
	int64_t deadline_us = session->dialogue.step_start_us + rt->rpc->waited_ms * 1000;
	if (!subscribe_to(rt, RPC_REQUEST "+"))
		return false;
	enum tbdi_outcome outcome = tbdi_session_wait(session, is_called, deadline_us);
	tbdi_session_step_end(session, outcome, NULL);
	if (outcome == TBDI_OVER)
		return end_at(rt, TBD_MQTT_CLOSED_ON_PUBLISH);
	if (outcome != TBDI_MET || session->dialogue.failure < 0)
		return session->dialogue.failure == 0;
	snprintf(topic, sizeof(topic), RPC_RESPONSE "%d", rt->rpc_id);
	rt->rpc->answered = publish_phase(rt, "rpc-answer", copy_text(rt, topic), rt->rpc->payload);
	return rt->rpc->answered;
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
		session->dialogue.failure < 0 || tbdi_session_is_over(session))
		return;
	rt->deaf = true;
	tbdi_dialogue_step(&session->dialogue, "fingerprint");
	enum tbdi_outcome outcome = tbdi_session_subscribe(session, "#", 0);
	exchange->fingerprint = session->wire.suback;
	if (exchange->fingerprint >= 0 && exchange->fingerprint < TBDI_OBSERVER_REFUSES)
		roundtrip_fail(rt,
			session->dialogue.transport->unsubscribe(
				session->dialogue.connection, "#"));
	tbdi_session_step_end(session, outcome, NULL);
}

/* What was asked for besides the first request. */
static bool do_more(struct roundtrip *rt)
{
	const struct tbd_roundtrip_options *options = rt->options;
	return (options->read_only || (write_phase(rt) && read_back_phase(rt))) &&
		(options->telemetry == NULL || telemetry_phase(rt)) &&
		(options->rpc_wait_ms == 0 || rpc_phase(rt));
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* After its CONNACK the peer sent what is no MQTT: we saw it, or the library did, which then gave up a connection
 * that is still there. */
static bool is_broken(const struct roundtrip *rt)
{
	const struct tbdi_session *session = &rt->session;
	const struct tbdi_mqtt_observer *wire = &session->wire;
	bool gave_up = session->closed && wire->disconnect < 0 && !wire->too_large &&
		tbdi_stream_end(rt->report->stream) == TBD_END_NONE;
	return wire->connack == 0 && (wire->broken != NULL || gave_up);
}

/* The secret is handed over here. */
static void roundtrip_converse(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	if (!tbdi_session_open(session, &rt->open))
		return;
	if (connect_phase(rt) && subscribe_phase(rt) && limits_phase(rt) && read_phase(rt) &&
		do_more(rt))
		rt->exchange->end = TBD_MQTT_DONE;
	fingerprint(rt);
	if (is_broken(rt))
		rt->exchange->end = TBD_MQTT_BROKEN;
	if (session->dialogue.failure == 0 && tbdi_session_is_over(session))
		rt->exchange->closed = tbdi_stream_end(rt->report->stream);
	else if (session->dialogue.failure == 0)
		tbdi_session_goodbye(session);
}

static void name_library(struct roundtrip *rt)
{
	char text[64];
	rt->session.dialogue.transport->library(text, sizeof(text));
	rt->exchange->library = tbdi_arena_strdup(&rt->report->arena, text);
	if (rt->exchange->library == NULL)
		roundtrip_fail(rt, TBD_E_NOMEM);
}

/* What was seen on the way, into the report. */
static void record(struct roundtrip *rt)
{
	struct tbd_exchange *exchange = rt->exchange;
	const struct tbdi_mqtt_observer *wire = &rt->session.wire;
	exchange->packets = (const struct tbd_packet *const *)(void *)wire->packets.items;
	exchange->packet_count = wire->packets.count;
	exchange->packets_cut = wire->packets_cut;
	exchange->unacknowledged = wire->unacknowledged;
	if (rt->session.upgrade != NULL)
		rt->session.upgrade->fault = tbdi_stream_fault(rt->report->stream);
	exchange->puback = wire->puback;
	exchange->disconnect = wire->disconnect;
	exchange->detail = wire->broken != NULL ? wire->broken : rt->session.detail;
	if (strcmp(exchange->mqtt_version, "5") == 0) {
		exchange->puback_name = tbdi_mqtt_reason_name(exchange->puback);
		exchange->disconnect_name = tbdi_mqtt_reason_name(exchange->disconnect);
	}
	rt->token->sent = wire->up_len > 0;
	rt->token->in_clear = rt->token->sent && rt->report->pub.plain_consent;
	if (!wire->too_large)
		return;
	exchange->detail = tbdi_arena_printf(&rt->report->arena,
		"a packet was announced that is larger than %d bytes", TBDI_OBSERVER_LARGEST);
	if (exchange->detail == NULL)
		roundtrip_fail(rt, TBD_E_NOMEM);
}

static int roundtrip_run(struct roundtrip *rt)
{
	struct tbdi_session *session = &rt->session;
	session->dialogue = (struct tbdi_dialogue){ .report = rt->report,
		.error = rt->error,
		.progress = rt->options->progress,
		.progress_arg = rt->options->progress_arg };
	session->message = roundtrip_on_message;
	session->owner = rt;
	int rc = tbdi_session_new(session, rt->exchange->mqtt_version);
	if (rc == 0) {
		name_library(rt);
		roundtrip_converse(rt);
		record(rt);
	}
	tbdi_dialogue_release(&session->dialogue);
	return rc < 0 ? rc : session->dialogue.failure;
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

static void exchange_init(struct roundtrip *rt, const char *version)
{
	struct tbd_exchange *exchange = rt->exchange;
	const struct tbd_roundtrip_options *options = rt->options;
	exchange->read_only = options->read_only;
	exchange->mqtt_version = version;
	exchange->connack = exchange->suback = -1;
	exchange->puback = exchange->disconnect = exchange->fingerprint = -1;
	if (options->client_keys == NULL && options->shared_keys == NULL)
		exchange->client_keys = TBDI_MODEL_KEY;
	if (options->client_keys != NULL)
		exchange->client_keys = copy_text(rt, options->client_keys);
	if (options->shared_keys != NULL)
		exchange->shared_keys = copy_text(rt, options->shared_keys);
	if (options->attributes_topic != NULL)
		exchange->attributes_topic = copy_text(rt, options->attributes_topic);
	if (options->telemetry_topic != NULL)
		exchange->telemetry_topic = copy_text(rt, options->telemetry_topic);
	exchange->client_id_len = options->client_id != NULL ? strlen(options->client_id) : 0;
}

enum { RPC_WAIT_MAX_MS = 3600 * 1000 };

int tbd_roundtrip_check(const struct tbd_roundtrip_options *options,
	const struct tbd_target *target, struct tbd_error *error)
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
	if (options->rpc_wait_ms < 0 || options->rpc_wait_ms > RPC_WAIT_MAX_MS)
		return tbdi_fail(error, TBD_E_INVALID, "the wait for an RPC is at most 3600 s");
	int rc = tbdi_credentials_check(options, error);
	if (rc == 0)
		rc = tbdi_payload_check(options, error);
	return rc < 0 || !tbdi_protocol_of(target)->is_requests
		? rc
		: tbdi_api_check(options, target, error);
}

/* The CONNECT was not answered. Over a WebSocket that is no question of the port, on which HTTP is spoken. */
static int look_round(struct tbdi_report *report, const struct tbd_exchange *exchange,
	const struct tbd_roundtrip_options *options, struct tbd_error *error)
{
	struct tbd_fetch_options telling = TBD_FETCH_OPTIONS_INIT;
	bool was_closed = exchange->end == TBD_MQTT_CLOSED_BEFORE_CONNACK;
	const struct tbd_report *seen = &report->pub;
	if ((!was_closed && exchange->end != TBD_MQTT_NO_CONNACK) || seen->step_count == 0 ||
		exchange->upgrade != NULL)
		return 0;
	telling.progress = options->progress;
	telling.progress_arg = options->progress_arg;
	return tbdi_look_round(report, was_closed, seen->steps[seen->step_count - 1]->duration_us,
		&telling, error);
}

int tbd_roundtrip(struct tbd_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error)
{
	if (report == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_roundtrip: there is no report");
	int rc = tbd_roundtrip_check(options, report->target, error);
	if (rc == 0)
		rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	if (tbdi_protocol_of(report->target)->is_requests)
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
	exchange_init(&rt, version);
	if (rt.session.dialogue.failure < 0)
		return tbdi_fail_nomem(error);
	report->exchange = rt.exchange;
	if (secret == NULL)
		return 0;
	*rt.token = tbdi_credentials_info(options);
	report->token = rt.token;
	if (own->stream == NULL)
		return 0;
	int result = 0;
	if (tbdi_credentials_lend(options, own->stream, &rt.open)) {
		result = tbdi_mask_add(&own->mask,
			rt.open.password != NULL ? rt.open.password : rt.open.user_name);
		if (result == 0)
			result = roundtrip_run(&rt);
	}
	tbdi_stream_close(own);
	if (result == 0)
		result = look_round(own, rt.exchange, options, error);
	if (result == 0)
		result = tbdi_explain_refusal(own, rt.exchange,
			rt.exchange->end == TBD_MQTT_NOT_STORED ? &rt.write : &rt.last, options,
			error);
	if (result == TBD_E_NOMEM)
		return tbdi_fail_nomem(error);
	if (result == TBD_E_CANCELLED)
		return tbdi_fail(error, result, "interrupted");
	return result;
}
