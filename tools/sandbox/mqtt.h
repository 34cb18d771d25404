/* SPDX-License-Identifier: MIT
 *
 * mqtt.h - the MQTT face of the local ThingsBoard: who may connect, which topics and filters there are and what a
 * message to them does. How it is said in bytes is the business of gate.h.
 */
#ifndef SANDBOX_MQTT_H
#define SANDBOX_MQTT_H

#include "tools/sandbox/faults.h"
#include "tools/sandbox/packet.h"
#include "tools/sandbox/store.h"

struct mqtt;
struct mqtt_session;

struct mqtt_settings {
	struct store *store;
	const struct faults *faults;
	const char *rpc; /* payload of a call for each device that subscribes to calls; or NULL */
	bool verbose;    /* say on stderr what devices do */
};

/* NULL when memory is out. What the settings point to has to outlive it. */
struct mqtt *mqtt_new(const struct mqtt_settings *settings);
void mqtt_free(struct mqtt *mqtt);

/* Reasons as MQTT 5 has them. */
enum mqtt_reason {
	MQTT_GRANTED = 0x00,
	MQTT_NO_SUBSCRIPTION = 0x11,
	MQTT_MALFORMED = 0x81,
	MQTT_UNSPECIFIC = 0x83,
	MQTT_BAD_CLIENT_ID = 0x85,
	MQTT_BAD_CREDENTIALS = 0x86,
	MQTT_NOT_AUTHORIZED = 0x87,
	MQTT_UNAVAILABLE = 0x88,
	MQTT_BUSY = 0x89,
	MQTT_FAILED = 0x8b,
	MQTT_TAKEN_OVER = 0x8e,
	MQTT_BAD_FILTER = 0x8f,
	MQTT_BAD_TOPIC = 0x90,
	MQTT_TOO_FAST = 0x96,
	MQTT_ADMINISTRATIVE = 0x98,
	MQTT_BAD_PAYLOAD = 0x99,
	MQTT_RATE_EXCEEDED = 0x9f,
};

/* ---- sessions --------------------------------------------------------------------------------- */

/* A client says CONNECT; `certified`: over TLS with a certificate, and no device has one. The reason for CONNACK;
 * when it is MQTT_GRANTED the session of the device begins anew, and *session lives as long as `mqtt` does. It
 * is NULL for who comes to be provisioned. */
enum mqtt_reason mqtt_connect(struct mqtt *mqtt, const struct packet_connect *connect,
	bool certified, struct mqtt_session **session);

/* Whether a client with these credentials may be let in; password "": none. */
bool mqtt_admits(const struct mqtt *mqtt, const char *user, const char *password);

/* The session that a device with this token, or user name, has had last; or NULL. */
struct mqtt_session *mqtt_session_of(const struct mqtt *mqtt, const char *token);

/* The token, or user name, of its device. */
const char *mqtt_session_name(const struct mqtt_session *session);

/* ThingsBoard starts now, for as long as the fault says. */
void mqtt_start(struct mqtt *mqtt);

/* While it is starting, CONNECT has to wait until this time (clock_ms()). */
int64_t mqtt_ready_ms(const struct mqtt *mqtt);

/* CONNECT came at this time, 0: it had not to wait, and has waited too long by then: it is refused. */
bool mqtt_was_too_early(const struct mqtt *mqtt, int64_t asked_ms);

/* ---- subscriptions ---------------------------------------------------------------------------- */

/* The session subscribes. Filters are compared as exact strings; false means that SUBACK has to refuse. */
bool mqtt_subscribe(struct mqtt *mqtt, struct mqtt_session *session, const char *filter, int qos);

/* False when it was not subscribed to. */
bool mqtt_unsubscribe(struct mqtt_session *session, const char *filter);

/* ---- messages --------------------------------------------------------------------------------- */

/* A PUBLISH that answers. */
struct mqtt_answer {
	char *topic; /* NULL: there is none */
	char *payload;
	int qos;
};

void mqtt_answer_release(struct mqtt_answer *answer);

/* What becomes of a PUBLISH. */
enum mqtt_verdict {
	MQTT_ACCEPT,     /* PUBACK */
	MQTT_UNKNOWN,    /* nobody knows the topic: PUBACK, of MQTT 5 with 0x90 */
	MQTT_IGNORE,     /* no PUBACK, and the connection stays */
	MQTT_INVALID,    /* closes; in MQTT 5 PUBACK with 0x99, or DISCONNECT when there is none */
	MQTT_FAILURE,    /* an exception that nobody expects: closes, 0x8b */
	MQTT_EXCEEDED,   /* a limit: closes, 0x83 */
	MQTT_NO_PACKAGE, /* an error is published, no PUBACK, closes, 0x83 */
	MQTT_DROPPED,    /* closes without a word: a fault */
};

/* The session publishes. The caller releases *answer, whatever is returned. */
enum mqtt_verdict mqtt_publish(struct mqtt *mqtt, struct mqtt_session *session, const char *topic,
	struct packet_text payload, struct mqtt_answer *answer);

/* The verdict is MQTT_IGNORE or MQTT_NO_PACKAGE, which no broker knows. */
bool mqtt_is_beyond_brokers(const char *topic, struct packet_text payload);

#define MQTT_PROVISION_REQUEST "/provision/request"
#define MQTT_PROVISION_RESPONSE "/provision/response"

/* Somebody who is to be provisioned asks for it: nobody is known here. False when the request is invalid. */
bool mqtt_provision(struct mqtt *mqtt, struct packet_text payload, struct mqtt_answer *answer);

/* ---- what comes of itself --------------------------------------------------------------------- */

/* An answer that was kept back, a call, or (topic is NULL) the session's end, since its device is deleted. */
struct mqtt_late {
	int64_t due_ms;
	struct mqtt_session *session;
	struct mqtt_answer answer;
};

/* When the next is due; -1: never. */
int64_t mqtt_due_ms(const struct mqtt *mqtt);

/* Take one that is due; the caller releases its answer. False when there is none. */
bool mqtt_take_due(struct mqtt *mqtt, struct mqtt_late *late);

#endif
