/* SPDX-License-Identifier: MIT
 *
 * mqtt-observer.h - an observer of the clear bytes of an MQTT connection: which packets went by, and
 * what the peer answered on the wire, whatever the protocol library makes of it.
 */
#ifndef TBDI_MQTT_OBSERVER_H
#define TBDI_MQTT_OBSERVER_H

#include "report/report.h"

enum {
	TBDI_OBSERVER_PACKETS = 256,        /* as many are kept */
	TBDI_OBSERVER_HEAD = 192,           /* as much of a packet is looked at */
	TBDI_OBSERVER_FIRST = 32,           /* as many of the peer's first bytes are kept */
	TBDI_OBSERVER_LARGEST = 256 * 1024, /* of a packet of the peer */
	TBDI_OBSERVER_MOST = 10000,         /* packets of the peer: a round trip has some dozens */
	TBDI_OBSERVER_REFUSES = 0x80        /* codes from here on do (MQTT 5 section 2.4) */
};

/* One direction. Of a packet only its head is kept, and of a CONNECT nothing: the token is in it. */
struct tbdi_wire_side {
	bool sent;
	bool lost; /* these bytes are no packets, or none that is followed any further */
	uint8_t first;
	unsigned length_bytes; /* of the remaining length, that have been read */
	bool length_done;
	uint32_t remaining; /* as announced (MQTT 3.1.1 section 2.2.3) */
	uint32_t seen;      /* of it */
	size_t head_len;
	uint8_t head[TBDI_OBSERVER_HEAD];
};

struct tbdi_mqtt_observer {
	struct tbdi_report *report;
	bool is_v5; /* packets have reason codes and properties */
	struct tbdi_wire_side up;
	struct tbdi_wire_side down;
	struct tbdi_list packets;
	bool packets_cut;
	bool out_of_memory;
	size_t up_len;         /* bytes that went up */
	bool not_mqtt;         /* the peer's first bytes are no CONNACK */
	const char *broken;    /* what the peer sent that MQTT does not allow, or NULL */
	unsigned down_count;   /* packets that came from the peer */
	bool too_large;        /* the peer announced a packet beyond TBDI_OBSERVER_LARGEST */
	int connack;           /* return code, or -1 */
	unsigned subscribe_id; /* of the last SUBSCRIBE, or 0 */
	int suback;            /* the answer to it, or -1 */
	/* Ids of our messages with QoS 1 that have no PUBACK yet, a bit each, and how many these are. A PUBACK
	 * for any other is not ours. */
	uint8_t waiting[(UINT16_MAX + 1) / 8];
	unsigned unacknowledged;
	int puback;     /* the first code that refuses, else the last one, or -1 (MQTT 5: else 0) */
	int disconnect; /* reason of the peer's DISCONNECT (MQTT 5: else 0), or -1 */
	size_t first_len;
	uint8_t first_bytes[TBDI_OBSERVER_FIRST];
};

/* Begin to observe a connection of MQTT 5, or of an earlier version; packets are kept in the report's arena
 * and timed by its clock. */
void tbdi_mqtt_observer_init(
	struct tbdi_mqtt_observer *wire, struct tbdi_report *report, bool is_v5);

/* These bytes went to the peer, in the order in which they went; any number at a time. */
void tbdi_mqtt_observer_sent(struct tbdi_mqtt_observer *wire, const void *data, size_t len);

/* These came from the peer. False: the protocol library must not see them, for they are not MQTT, or more
 * than anyone should have to buffer. */
bool tbdi_mqtt_observer_received(struct tbdi_mqtt_observer *wire, const void *data, size_t len);

/* The name of a CONNACK return code (MQTT 3.1.1 section 3.2.2.3; from 128 on MQTT 5 section 3.2.2.2,
 * which servers send to clients of 3.1.1 as well). */
const char *tbdi_mqtt_connack_name(int code);

/* The name of a reason code (MQTT 5 section 2.4), or NULL. */
const char *tbdi_mqtt_reason_name(int code);

#endif
