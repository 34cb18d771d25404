/* SPDX-License-Identifier: MIT
 *
 * mqtt-peer.h - a ThingsBoard of one connection that does what a script says, over a peer of the test (peer.h):
 * also what no real broker does.
 */
#ifndef TBDI_MQTT_PEER_H
#define TBDI_MQTT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mqtt_deed {
	MQTT_ANSWER,  /* as ThingsBoard would */
	MQTT_SILENCE, /* do nothing at all */
	MQTT_ACK,     /* acknowledge, and no more */
	MQTT_FIN,
	MQTT_RST,
	MQTT_OTHER_ID, /* answer to a request that was not made */
	MQTT_NO_JSON,  /* answer with something that is not JSON */
	MQTT_NO_OBJECT,
	MQTT_HUGE,           /* announce 256 MB */
	MQTT_UNACKNOWLEDGED, /* answer, but do not acknowledge */
	MQTT_ACK_AND_FIN,    /* acknowledge, and close */
	MQTT_REFUSE,         /* PUBACK with the reason */
	MQTT_DISMISS,        /* DISCONNECT with the reason, and close */
};

struct mqtt_script {
	const char *connack; /* what is sent instead of a CONNACK of code 0, or NULL */
	size_t connack_len;
	enum mqtt_deed on_connect; /* afterwards, or with SILENCE instead */
	int suback;                /* instead of 1, or 0 */
	enum mqtt_deed on_subscribe;
	enum mqtt_deed on_first_request;
	enum mqtt_deed on_write;
	enum mqtt_deed on_request; /* after the write */
	int hidden_reads;          /* reads before the written value shows; -1: it never does */
	const char *old_value;     /* what they show, JSON; NULL: nothing */
	bool one_byte_at_a_time;
	bool is_v5;
	int reason; /* of MQTT_REFUSE and MQTT_DISMISS */
};

struct mqtt_peer;

/* Where it listens: loopback. Ends the test on failure. */
struct mqtt_peer *mqtt_peer_start(const struct mqtt_script *script);
uint16_t mqtt_peer_port(const struct mqtt_peer *peer);

struct mqtt_deeds {
	char protocol[8];   /* name of it in the CONNECT */
	char user_name[64]; /* of the CONNECT, or "" */
	char client_id[64];
	char password[64]; /* or "" */
	uint8_t connect_flags;
	unsigned packets;
	bool disconnected; /* by a DISCONNECT packet */
	char written[64];  /* payload of the write */
};

/* Wait until the connection is over, and give all back. */
struct mqtt_deeds mqtt_peer_join(struct mqtt_peer *peer);

#endif
