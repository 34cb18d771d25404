/* SPDX-License-Identifier: MIT
 *
 * mqtt-session.h - one MQTT session over an open stream: the protocol library, the link that carries its
 * bytes, and the observer of what passes; its steps, and waiting for what the peer answers.
 */
#ifndef TBDI_MQTT_SESSION_H
#define TBDI_MQTT_SESSION_H

#include "mqtt-wire.h"
#include "transport.h"

struct tbdi_link;

enum tbdi_outcome {
	TBDI_MET,
	TBDI_TIMEOUT,
	TBDI_OVER,   /* the connection is */
	TBDI_BROKEN, /* we are: see `failure` */
};

struct tbdi_session {
	struct tbdi_report *report; /* whose stream it is */
	struct tbd_error *error;
	tbd_progress *progress; /* or NULL */
	void *progress_arg;
	/* A message came; `owner` is whoever made the session. */
	void (*message)(void *owner, const struct tbdi_event *event);
	void *owner;

	const struct tbdi_transport *transport;
	struct tbdi_link *link;
	void *connection;
	struct tbdi_mqtt_wire wire;
	int failure; /* a negative enum tbd_err, or 0 */
	const char *step;
	int64_t step_start_us;
	int watched;        /* packet id of the message whose acknowledgement matters */
	bool connected;     /* the library has seen a CONNACK */
	bool accepted;      /* the watched message was acknowledged */
	bool closed;        /* the library gave the connection up */
	const char *detail; /* its words, or NULL */
};

/* Make a session of this version of MQTT over the report's stream; the members up to `owner` are set before.
 * TBD_E_MODULE, TBD_E_NOMEM. */
int tbdi_session_new(struct tbdi_session *session, const char *version);

/* Let the library dial the link and queue its CONNECT; with it the secret is handed over. False: see
 * `failure`. */
bool tbdi_session_open(struct tbdi_session *session, struct tbdi_transport_options *options);

/* Give back what tbdi_session_new() made. The stream stays. */
void tbdi_session_release(struct tbdi_session *session);

/* What is to be remembered of a call that failed: the first failure. */
void tbdi_session_fail(struct tbdi_session *session, int failure);

/* A phase begins, or has ended so; detail may be NULL. */
void tbdi_session_step(struct tbdi_session *session, const char *name);
void tbdi_session_step_end(
	struct tbdi_session *session, enum tbdi_outcome outcome, const char *detail);

/* Until when the phase may last: a CONNACK that came is its beginning. Report time. */
int64_t tbdi_session_connack_deadline(const struct tbdi_session *session);
int64_t tbdi_session_phase_deadline(const struct tbdi_session *session);
int64_t tbdi_session_now(const struct tbdi_session *session);

/* Carry bytes until this is true, the connection is over, a message of ours was refused, or the time is. */
typedef bool tbdi_session_test(const struct tbdi_session *session);
enum tbdi_outcome tbdi_session_wait(
	struct tbdi_session *session, tbdi_session_test *met, int64_t deadline_us);

/* Carry bytes, at most until then, but for a moment only. */
void tbdi_session_turn(struct tbdi_session *session, int64_t deadline_us);

/* There is nothing more to hope for. */
bool tbdi_session_is_over(const struct tbdi_session *session);

/* The server refused a message of ours, and said so (MQTT 5). */
bool tbdi_session_is_refused(const struct tbdi_session *session);

tbdi_session_test tbdi_session_is_connected, tbdi_session_is_subscribed, tbdi_session_is_accepted;

/* Wait for the answer to CONNECT. *end receives how that ended, if there was no CONNACK with code 0. */
bool tbdi_session_connect(struct tbdi_session *session, enum tbd_mqtt_end *end);

/* Subscribe, and wait for the answer as long as a phase may last; it stands in wire.suback. */
enum tbdi_outcome tbdi_session_subscribe(struct tbdi_session *session, const char *filter, int qos);

/* Publish with QoS 1; the packet's id. */
int tbdi_session_publish(struct tbdi_session *session, const char *topic, const char *payload);

/* The acknowledgement of this message is what matters from now on. */
void tbdi_session_watch(struct tbdi_session *session, int id);

/* Say goodbye and wait a moment until it is sent. */
void tbdi_session_goodbye(struct tbdi_session *session);

#endif
