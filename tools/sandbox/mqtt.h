/* SPDX-License-Identifier: MIT
 *
 * mqtt.h - the MQTT face of the local ThingsBoard: which topics and filters there are and what a message
 * to them does. The bytes of MQTT are the broker's business.
 */
#ifndef SANDBOX_MQTT_H
#define SANDBOX_MQTT_H

#include "faults.h"
#include "store.h"

struct mqtt;

/* NULL when memory is out. The store and the faults have to outlive it. */
struct mqtt *mqtt_new(struct store *store, const struct faults *faults);
void mqtt_free(struct mqtt *mqtt);

/* A client says CONNECT with this user name and password ("": none). True when they are a device's; then what
 * the device's former session had subscribed is forgotten. */
bool mqtt_connect(struct mqtt *mqtt, const char *token, const char *password);

/* The session of this token subscribes. Filters are compared as exact strings; false means that SUBACK
 * has to refuse. */
bool mqtt_subscribe(struct mqtt *mqtt, const char *token, const char *filter, int qos);

/* A PUBLISH that answers. */
struct mqtt_answer {
	char *topic; /* NULL: there is none */
	char *payload;
	int qos;
};

/* Call each device that subscribes to calls with this payload, which has to outlive it. */
void mqtt_set_rpc(struct mqtt *mqtt, const char *payload);

/* The call that waits for a device that has subscribed to this filter: topic and payload, for
 * mqtt_answer_release(). The topic is NULL when there is none. */
struct mqtt_answer mqtt_rpc(struct mqtt *mqtt, const char *filter);

/* What becomes of a PUBLISH. */
enum mqtt_verdict {
	MQTT_ACCEPT, /* PUBACK */
	MQTT_IGNORE, /* ThingsBoard sends no PUBACK and keeps the connection */
	MQTT_CLOSE,  /* the connection is closed, no PUBACK */
};

/* The session of this token publishes. The caller releases *answer, whatever is returned. */
enum mqtt_verdict mqtt_publish(struct mqtt *mqtt, const char *token, const char *topic,
	const void *payload, size_t len, struct mqtt_answer *answer);

void mqtt_answer_release(struct mqtt_answer *answer);

#endif
