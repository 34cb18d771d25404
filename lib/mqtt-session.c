/* SPDX-License-Identifier: MIT
 *
 * mqtt-session.c - one MQTT session over an open stream.
 */
#include "mqtt-session.h"

#include "link.h"
#include "module.h"
#include "stream.h"

#include <errno.h>

/* How long each phase may take. ThingsBoard itself waits 10 s for its own services before it refuses. */
enum {
	CONNACK_MS = 12000,
	LINGER_MS = 200, /* for the rest of an answer that is not MQTT */
	GOODBYE_MS = 500,
	TURN_MS = 250, /* the caller hears of us that often */
};

int64_t tbdi_session_now(const struct tbdi_session *session)
{
	return tbdi_report_elapsed_us(session->report);
}

void tbdi_session_fail(struct tbdi_session *session, int failure)
{
	if (failure < 0 && session->failure == 0)
		session->failure = failure;
}

/* ---- what the library tells ------------------------------------------------------------------ */

static void on_event(void *arg, const struct tbdi_event *event)
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
			session->detail = tbdi_arena_strdup(&session->report->arena, event->text);
		break;
	case TBDI_EVENT_REPLY:
	case TBDI_EVENT_STRANGE: /* not of MQTT */
		break;
	}
}

static void observe_sent(void *arg, const void *data, size_t len)
{
	tbdi_mqtt_wire_sent(arg, data, len);
}

static bool observe_received(void *arg, const void *data, size_t len)
{
	return tbdi_mqtt_wire_received(arg, data, len);
}

/* ---- from the beginning to the end ----------------------------------------------------------- */

int tbdi_session_new(struct tbdi_session *session, const char *version)
{
	const struct tbdi_link_observer observer = { observe_sent, observe_received,
		&session->wire };
	int rc = tbdi_module_load("mqtt", &session->transport, session->error);
	if (rc < 0)
		return rc;
	tbdi_mqtt_wire_init(&session->wire, session->report, strcmp(version, "5") == 0);
	return tbdi_link_new(session->report->stream, &observer, &session->link, session->error);
}

bool tbdi_session_open(struct tbdi_session *session, struct tbdi_transport_options *options)
{
	options->event = on_event;
	options->event_arg = session;
	int rc = tbdi_link_listen(session->link, &options->socket_path, session->error);
	if (rc == 0)
		rc = session->transport->open(options, &session->connection, session->error);
	if (rc == 0)
		rc = tbdi_link_accept(session->link, session->error);
	tbdi_session_fail(session, rc);
	return rc == 0;
}

void tbdi_session_release(struct tbdi_session *session)
{
	if (session->transport != NULL)
		session->transport->close(session->connection);
	tbdi_link_free(session->link);
	session->connection = NULL;
	session->link = NULL;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void report_progress(struct tbdi_session *session)
{
	if (session->progress == NULL)
		return;
	int64_t elapsed_ms = (tbdi_session_now(session) - session->step_start_us) / 1000;
	if (session->progress(session->progress_arg, session->step, elapsed_ms) != 0)
		tbdi_session_fail(session, TBD_E_CANCELLED);
}

void tbdi_session_step(struct tbdi_session *session, const char *name)
{
	session->step = name;
	session->step_start_us = tbdi_session_now(session);
	report_progress(session);
}

void tbdi_session_step_end(
	struct tbdi_session *session, enum tbdi_outcome outcome, const char *detail)
{
	enum tbd_step_status status = outcome == TBDI_MET ? TBD_STEP_OK
		: outcome == TBDI_TIMEOUT                 ? TBD_STEP_TIMEOUT
							  : TBD_STEP_FAILED;
	if (outcome != TBDI_BROKEN)
		tbdi_session_fail(session,
			tbdi_report_step(session->report, session->step, status,
				session->step_start_us, detail));
}

int64_t tbdi_session_connack_deadline(const struct tbdi_session *session)
{
	const struct tbdi_report *report = session->report;
	int64_t limit_us = session->step_start_us + (int64_t)CONNACK_MS * 1000;
	return report->default_deadlines && limit_us < report->deadline_us ? limit_us
									   : report->deadline_us;
}

int64_t tbdi_session_phase_deadline(const struct tbdi_session *session)
{
	return session->step_start_us + session->report->phase_ms * 1000;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static int poll_timeout_ms(const struct tbdi_session *session, int64_t deadline_us)
{
	int64_t left_ms = (deadline_us - tbdi_session_now(session) + 999) / 1000;
	return left_ms < 0 ? 0 : left_ms > TURN_MS ? TURN_MS : (int)left_ms;
}

/* Wait, carry bytes, let the library have its share. */
void tbdi_session_turn(struct tbdi_session *session, int64_t deadline_us)
{
	const struct tbdi_transport *transport = session->transport;
	struct pollfd fds[TBDI_LINK_FDS + 1];
	struct pollfd *library = &fds[TBDI_LINK_FDS];
	bool may_wait = tbdi_link_prepare(session->link, fds);
	*library = (struct pollfd){ .fd = transport->fd(session->connection),
		.events = transport->events(session->connection) };
	int wait_ms = may_wait ? poll_timeout_ms(session, deadline_us) : 0;
	int ready = poll(fds, TBDI_LINK_FDS + 1, wait_ms);
	if (ready < 0 && errno != EINTR)
		tbdi_session_fail(session,
			tbdi_fail(session->error, TBD_E_SYSTEM, "poll: %s", strerror(errno)));
	tbdi_link_pump(session->link);
	if (library->fd >= 0)
		tbdi_session_fail(session,
			transport->process(session->connection, ready > 0 ? library->revents : 0));
	if (session->wire.out_of_memory)
		tbdi_session_fail(session, TBD_E_NOMEM);
	report_progress(session);
}

bool tbdi_session_is_over(const struct tbdi_session *session)
{
	return session->closed || session->wire.not_mqtt || session->wire.too_large ||
		session->wire.broken != NULL;
}

bool tbdi_session_is_refused(const struct tbdi_session *session)
{
	return session->wire.puback >= TBDI_WIRE_REFUSES;
}

enum tbdi_outcome tbdi_session_wait(
	struct tbdi_session *session, tbdi_session_test *met, int64_t deadline_us)
{
	while (session->failure == 0) {
		if (met(session))
			return TBDI_MET;
		if (tbdi_session_is_over(session) || tbdi_session_is_refused(session))
			return TBDI_OVER;
		if (tbdi_session_now(session) >= deadline_us)
			return TBDI_TIMEOUT;
		tbdi_session_turn(session, deadline_us);
	}
	return TBDI_BROKEN;
}

bool tbdi_session_is_connected(const struct tbdi_session *session)
{
	return session->connected;
}

bool tbdi_session_is_subscribed(const struct tbdi_session *session)
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
	int64_t deadline_us = tbdi_session_now(session) + (int64_t)LINGER_MS * 1000;
	while (session->failure == 0 && session->wire.first_len < TBDI_WIRE_FIRST &&
		!tbdi_link_is_over(session->link) && tbdi_session_now(session) < deadline_us)
		tbdi_session_turn(session, deadline_us);
}

bool tbdi_session_connect(struct tbdi_session *session, enum tbd_mqtt_end *end)
{
	const struct tbdi_mqtt_wire *wire = &session->wire;
	tbdi_session_step(session, "connack");
	enum tbdi_outcome outcome = tbdi_session_wait(
		session, tbdi_session_is_connected, tbdi_session_connack_deadline(session));
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
	session->wire.suback = -1;
	session->wire.subscribe_id = 0; /* until it goes out */
	tbdi_session_fail(session, session->transport->subscribe(session->connection, filter, qos));
	return tbdi_session_wait(
		session, tbdi_session_is_subscribed, tbdi_session_phase_deadline(session));
}

int tbdi_session_publish(struct tbdi_session *session, const char *topic, const char *payload)
{
	int id = 0;
	tbdi_session_fail(
		session, session->transport->publish(session->connection, topic, payload, &id));
	return id;
}

void tbdi_session_watch(struct tbdi_session *session, int id)
{
	session->watched = id;
	session->accepted = false;
}

static bool is_flushed(const struct tbdi_session *session)
{
	return tbdi_link_is_flushed(session->link);
}

void tbdi_session_goodbye(struct tbdi_session *session)
{
	tbdi_session_fail(session, session->transport->disconnect(session->connection));
	tbdi_session_wait(
		session, is_flushed, tbdi_session_now(session) + (int64_t)GOODBYE_MS * 1000);
}
