/* SPDX-License-Identifier: MIT
 *
 * mqtt-session.c - one MQTT session over an open stream.
 */
#include "device/mqtt-session.h"

#include "base/module.h"
#include "base/protocol.h"
#include "device/upgrade.h"
#include "net/stream.h"

enum { LINGER_MS = 200 }; /* for the rest of an answer that is not MQTT */

/* ---- what the library tells ------------------------------------------------------------------ */

static void session_on_event(void *arg, const struct tbdi_event *event)
{
	struct tbdi_session *session = arg;
	switch (event->kind) {
	case TBDI_EVENT_CONNECTED:
		session->connected = true;
		break;
	case TBDI_EVENT_ACCEPTED:
		session->accepted = session->accepted || event->id == session->watched;
		break;
	case TBDI_EVENT_MESSAGE:
		if (session->message != NULL)
			session->message(session->owner, event);
		break;
	case TBDI_EVENT_CLOSED:
		session->closed = true;
		if (session->detail == NULL && event->text != NULL)
			session->detail =
				tbdi_arena_strdup(&session->dialogue.report->arena, event->text);
		break;
	case TBDI_EVENT_REPLY:
	case TBDI_EVENT_STRANGE: /* not of MQTT */
		break;
	}
}

static void session_on_sent(void *arg, const void *data, size_t len)
{
	tbdi_mqtt_observer_sent(arg, data, len);
}

static bool session_on_received(void *arg, const void *data, size_t len)
{
	return tbdi_mqtt_observer_received(arg, data, len);
}

/* ---- from the beginning to the end ----------------------------------------------------------- */

int tbdi_session_new(struct tbdi_session *session, const char *version)
{
	const struct tbdi_link_observer observer = { session_on_sent, session_on_received,
		&session->wire };
	struct tbdi_dialogue *dialogue = &session->dialogue;
	int rc =
		tbdi_module_load(&tbdi_protocols[TBDI_MQTT], &dialogue->transport, dialogue->error);
	if (rc < 0)
		return rc;
	tbdi_mqtt_observer_init(&session->wire, dialogue->report, strcmp(version, "5") == 0);
	return tbdi_link_new(dialogue->report->stream, &observer, &dialogue->link, dialogue->error);
}

bool tbdi_session_open(struct tbdi_session *session, struct tbdi_transport_options *options)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	options->witness = (struct tbdi_witness){ session_on_event, session };
	int rc = tbdi_link_listen(dialogue->link, &options->socket_path, dialogue->error);
	if (rc == 0)
		rc = dialogue->transport->open(options, &dialogue->connection, dialogue->error);
	if (rc == 0)
		rc = tbdi_link_accept(dialogue->link, dialogue->error);
	tbdi_dialogue_fail(dialogue, rc);
	return rc == 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */

void tbdi_session_step_end(
	struct tbdi_session *session, enum tbdi_outcome outcome, const char *detail)
{
	enum tbd_step_status status = outcome == TBDI_MET ? TBD_STEP_OK
		: outcome == TBDI_TIMEOUT                 ? TBD_STEP_TIMEOUT
							  : TBD_STEP_FAILED;
	tbdi_dialogue_step_end(&session->dialogue, status, detail);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* The observer of the wire has no other way to say so. */
static void notice_memory(struct tbdi_session *session)
{
	if (session->wire.out_of_memory)
		tbdi_dialogue_fail(&session->dialogue, TBD_E_NOMEM);
}

bool tbdi_session_is_over(const struct tbdi_session *session)
{
	return session->closed || session->wire.not_mqtt || session->wire.too_large ||
		session->wire.broken != NULL;
}

bool tbdi_session_is_refused(const struct tbdi_session *session)
{
	return session->wire.puback >= TBDI_OBSERVER_REFUSES;
}

enum tbdi_outcome tbdi_session_wait(
	struct tbdi_session *session, tbdi_session_test *met, int64_t deadline_us)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	while (dialogue->failure == 0) {
		if (met(session))
			return TBDI_MET;
		if (tbdi_session_is_over(session) || tbdi_session_is_refused(session))
			return TBDI_OVER;
		if (tbdi_dialogue_now(dialogue) >= deadline_us)
			return TBDI_TIMEOUT;
		tbdi_dialogue_turn(dialogue, deadline_us);
		notice_memory(session);
	}
	return TBDI_BROKEN;
}

static bool is_connected(const struct tbdi_session *session)
{
	return session->connected;
}

static bool is_subscribed(const struct tbdi_session *session)
{
	return session->wire.suback >= 0;
}

bool tbdi_session_is_accepted(const struct tbdi_session *session)
{
	return session->accepted;
}

/* ---- what is said ---------------------------------------------------------------------------- */

/* What came is not MQTT: have a little more of it, to show. */
static void collect_first_bytes(struct tbdi_session *session)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	int64_t deadline_us = tbdi_dialogue_now(dialogue) + (int64_t)LINGER_MS * 1000;
	while (dialogue->failure == 0 && session->wire.first_len < TBDI_OBSERVER_FIRST &&
		!tbdi_link_is_over(dialogue->link) && tbdi_dialogue_now(dialogue) < deadline_us)
		tbdi_dialogue_turn(dialogue, deadline_us);
	notice_memory(session);
}

/* Where the target is a WebSocket: open it. CONNECT waits in the link meanwhile. */
static bool open_websocket(struct tbdi_session *session)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	if (tbdi_scheme_of(dialogue->report->pub.target)->path == NULL)
		return true;
	tbdi_dialogue_step(dialogue, "upgrade");
	tbdi_upgrade(dialogue, tbdi_dialogue_first_deadline(dialogue), &session->upgrade);
	bool accepted = session->upgrade != NULL && session->upgrade->accepted;
	/* What waits in the link must not go out: it holds the token. */
	session->closed = session->closed || !accepted;
	bool silent = session->upgrade != NULL && session->upgrade->status < 0 &&
		session->upgrade->first_bytes == NULL &&
		tbdi_stream_end(dialogue->report->stream) == TBD_END_NONE;
	tbdi_session_step_end(session,
		accepted         ? TBDI_MET
			: silent ? TBDI_TIMEOUT
				 : TBDI_OVER,
		NULL);
	return accepted;
}

bool tbdi_session_connect(struct tbdi_session *session, enum tbd_mqtt_end *end)
{
	const struct tbdi_mqtt_observer *wire = &session->wire;
	if (!open_websocket(session)) {
		*end = TBD_MQTT_NO_WEBSOCKET;
		return false;
	}
	tbdi_dialogue_step(&session->dialogue, "connack");
	enum tbdi_outcome outcome = tbdi_session_wait(
		session, is_connected, tbdi_dialogue_first_deadline(&session->dialogue));
	if (wire->not_mqtt)
		collect_first_bytes(session);
	/* A library that cannot bear the answer does not undo it. */
	bool answered = outcome != TBDI_TIMEOUT && wire->connack >= 0;
	tbdi_session_step_end(session,
		wire->connack > 0  ? TBDI_OVER
			: answered ? TBDI_MET
				   : outcome,
		tbdi_mqtt_connack_name(wire->connack));
	*end = wire->not_mqtt             ? TBD_MQTT_NOT_MQTT
		: outcome == TBDI_TIMEOUT ? TBD_MQTT_NO_CONNACK
		: !answered               ? TBD_MQTT_CLOSED_BEFORE_CONNACK
					  : TBD_MQTT_REFUSED;
	return answered && !wire->not_mqtt && wire->connack == 0;
}

enum tbdi_outcome tbdi_session_subscribe(struct tbdi_session *session, const char *filter, int qos)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	session->wire.suback = -1;
	session->wire.subscribe_id = 0; /* until it goes out */
	tbdi_dialogue_fail(
		dialogue, dialogue->transport->subscribe(dialogue->connection, filter, qos));
	return tbdi_session_wait(session, is_subscribed, tbdi_dialogue_deadline(dialogue));
}

int tbdi_session_publish(struct tbdi_session *session, const char *topic, const char *payload)
{
	struct tbdi_dialogue *dialogue = &session->dialogue;
	int id = 0;
	tbdi_dialogue_fail(
		dialogue, dialogue->transport->publish(dialogue->connection, topic, payload, &id));
	return id;
}

void tbdi_session_forgive(struct tbdi_session *session)
{
	if (tbdi_session_is_refused(session))
		session->wire.puback = -1;
}

void tbdi_session_watch(struct tbdi_session *session, int id)
{
	session->watched = id;
	session->accepted = false;
}

void tbdi_session_goodbye(struct tbdi_session *session)
{
	tbdi_dialogue_goodbye(&session->dialogue);
	notice_memory(session);
}
