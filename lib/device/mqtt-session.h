/* SPDX-License-Identifier: MIT
 *
 * mqtt-session.h - one MQTT session over an open stream: a dialogue, the observer of what passes, and waiting
 * for what the peer answers.
 */
#ifndef TBDI_MQTT_SESSION_H
#define TBDI_MQTT_SESSION_H

#include "device/exchange.h"
#include "net/mqtt-observer.h"
#include "base/common.h"

enum tbdi_outcome {
	TBDI_MET,
	TBDI_TIMEOUT,
	TBDI_OVER,   /* the connection is */
	TBDI_BROKEN, /* we are: see `failure` of the dialogue */
};

struct tbdi_session {
	struct tbdi_dialogue dialogue; /* whose report, error and progress are set before */
	/* A message came; `owner` is whoever made the session. */
	void (*message)(void *owner, const struct tbdi_event *event);
	void *owner;

	struct tbdi_mqtt_observer wire;
	int watched;                 /* packet id of the message whose acknowledgement matters */
	bool connected;              /* the library has seen a CONNACK */
	bool accepted;               /* the watched message was acknowledged */
	bool closed;                 /* the library gave the connection up */
	const char *detail;          /* its words, or NULL */
	struct tbd_upgrade *upgrade; /* to a WebSocket, or NULL: none was asked for */
};

/* Make a session of this version of MQTT over the report's stream; `owner` and what is before it is set already:
 * of the dialogue its first members. tbdi_dialogue_release() gives back what was made. TBD_E_MODULE, TBD_E_NOMEM. */
int tbdi_session_new(struct tbdi_session *session, const char *version);

/* Let the library dial the link and queue its CONNECT; with it the secret is handed over. False: see
 * `failure`. */
bool tbdi_session_open(struct tbdi_session *session, struct tbdi_transport_options *options);

/* A phase has ended so; detail may be NULL. */
void tbdi_session_step_end(
	struct tbdi_session *session, enum tbdi_outcome outcome, const char *detail);

/* Carry bytes until this is true, the connection is over, a message of ours was refused, or the time is. */
typedef bool tbdi_session_test(const struct tbdi_session *session);
enum tbdi_outcome tbdi_session_wait(
	struct tbdi_session *session, tbdi_session_test *met, int64_t deadline_us);

/* There is nothing more to hope for. */
bool tbdi_session_is_over(const struct tbdi_session *session);

/* The server refused a message of ours, and said so (MQTT 5). */
bool tbdi_session_is_refused(const struct tbdi_session *session);

tbdi_session_test tbdi_session_is_accepted;

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

/* ---- explain-refusal.c: ask once more -------------------------------------------------------- */

struct tbdi_report;

/* What was published; the topic is in the report's arena. */
struct tbdi_message {
	const char *topic;
	const char *payload;
};

/* If the exchange ended in a refusal of MQTT 3, on a message, or with one that was not stored, and
 * options->explain_refusal is there: dial again, and let the server say it in MQTT 5, to the same message. If its
 * session was ended and options->ask_again is there: dial again, and ask whether the token is still good. The secret
 * goes where tbdi_credentials_lend() lets it. Fills exchange->explanation. */
int tbdi_explain_refusal(struct tbdi_report *report, struct tbd_exchange *exchange,
	const struct tbdi_message *message, const struct tbd_roundtrip_options *options,
	struct tbd_error *error);

/* What was refused so far did not matter. */
void tbdi_session_forgive(struct tbdi_session *session);

#endif
