/* SPDX-License-Identifier: MIT
 *
 * mqtt-observer.c - MQTT packets as they go by, in any pieces.
 */
#include "net/mqtt-observer.h"

enum {
	CONNECT = 1,
	CONNACK = 2,
	PUBLISH = 3,
	PUBACK = 4,
	SUBSCRIBE = 8,
	SUBACK = 9,
	UNSUBSCRIBE = 10,
	PINGREQ = 12,
	DISCONNECT = 14,
	LENGTH_BYTES_MAX = 4,
};

static const char *const type_names[16] = { "reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK",
	"PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ",
	"PINGRESP", "DISCONNECT", "reserved" };

const char *tbdi_mqtt_reason_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0x00, "Success" },
		{ 0x01, "Granted QoS 1" },
		{ 0x02, "Granted QoS 2" },
		{ 0x04, "Disconnect with Will Message" },
		{ 0x10, "No matching subscribers" },
		{ 0x11, "No subscription existed" },
		{ 0x18, "Continue authentication" },
		{ 0x19, "Re-authenticate" },
		{ 0x80, "Unspecified error" },
		{ 0x81, "Malformed packet" },
		{ 0x82, "Protocol error" },
		{ 0x83, "Implementation specific error" },
		{ 0x84, "Unsupported protocol version" },
		{ 0x85, "Client identifier not valid" },
		{ 0x86, "Bad user name or password" },
		{ 0x87, "Not authorized" },
		{ 0x88, "Server unavailable" },
		{ 0x89, "Server busy" },
		{ 0x8a, "Banned" },
		{ 0x8b, "Server shutting down" },
		{ 0x8c, "Bad authentication method" },
		{ 0x8d, "Keep alive timeout" },
		{ 0x8e, "Session taken over" },
		{ 0x8f, "Topic filter invalid" },
		{ 0x90, "Topic name invalid" },
		{ 0x91, "Packet identifier in use" },
		{ 0x92, "Packet identifier not found" },
		{ 0x93, "Receive maximum exceeded" },
		{ 0x94, "Topic alias invalid" },
		{ 0x95, "Packet too large" },
		{ 0x96, "Message rate too high" },
		{ 0x97, "Quota exceeded" },
		{ 0x98, "Administrative action" },
		{ 0x99, "Payload format invalid" },
		{ 0x9a, "Retain not supported" },
		{ 0x9b, "QoS not supported" },
		{ 0x9c, "Use another server" },
		{ 0x9d, "Server moved" },
		{ 0x9e, "Shared subscriptions not supported" },
		{ 0x9f, "Connection rate exceeded" },
		{ 0xa0, "Maximum connect time" },
		{ 0xa1, "Subscription identifiers not supported" },
		{ 0xa2, "Wildcard subscriptions not supported" },
	};
	for (size_t i = 0; i < TBDI_COUNT(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

const char *tbdi_mqtt_connack_name(int code)
{
	static const char *const names[] = { "Connection accepted", "Unacceptable protocol version",
		"Identifier rejected", "Server unavailable", "Bad user name or password",
		"Not authorized" };
	if (code >= 0 && code < (int)TBDI_COUNT(names))
		return names[code];
	return code >= 0x80 ? tbdi_mqtt_reason_name(code) : NULL;
}

void tbdi_mqtt_observer_init(
	struct tbdi_mqtt_observer *wire, struct tbdi_report *report, bool is_v5)
{
	*wire = (struct tbdi_mqtt_observer){
		.report = report,
		.is_v5 = is_v5,
		.up.sent = true,
		.connack = -1,
		.suback = -1,
		.puback = -1,
		.disconnect = -1,
	};
}

static unsigned type_of(const struct tbdi_wire_side *side)
{
	return side->first >> 4;
}

static unsigned uint16_at(const struct tbdi_wire_side *side, size_t at)
{
	return (unsigned)side->head[at] << 8 | side->head[at + 1];
}

/* Where the properties that begin at `at` end (MQTT 5 section 2.2.2); `at` itself before MQTT 5, and where
 * there is nothing left. What does not end in sight ends beyond the head. */
static size_t properties_end(
	const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side, size_t at)
{
	size_t len = 0;
	if (!wire->is_v5 || at >= side->head_len)
		return at;
	for (unsigned i = 0; i < LENGTH_BYTES_MAX && at < side->head_len; i++) {
		uint8_t byte = side->head[at++];
		len |= (size_t)(byte & 0x7f) << 7 * i;
		if ((byte & 0x80) == 0)
			return at + len;
	}
	return side->head_len;
}

/* The first code of a SUBACK (section 3.9.3), or -1: there is none in sight. */
static int suback_code(const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	size_t at = properties_end(wire, side, 2);
	return at < side->head_len ? side->head[at] : -1;
}

/* The reason code at `at`: of MQTT 5, where leaving it out means success. */
static int reason_code(
	const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side, size_t at)
{
	return wire->is_v5 && at < side->head_len ? side->head[at] : 0;
}

/* Topic and id of a PUBLISH (section 3.3.2). The payload begins behind them and is not looked at. */
static char *publish_detail(
	const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	unsigned qos = side->first >> 1 & 3;
	if (side->head_len < 2)
		return NULL;
	size_t topic_len = uint16_at(side, 0);
	size_t shown = topic_len < side->head_len - 2 ? topic_len : side->head_len - 2;
	char *topic = tbdi_report_peer_text(wire->report, side->head + 2, shown, shown < topic_len);
	if (topic == NULL)
		return NULL;
	const char *dots = shown < topic_len ? "..." : "";
	if (qos == 0 || side->head_len < topic_len + 4)
		return tbdi_arena_printf(arena, "%s%s, QoS %u", topic, dots, qos);
	return tbdi_arena_printf(
		arena, "%s, QoS %u, id %u", topic, qos, uint16_at(side, 2 + topic_len));
}

/* Id and first topic of a SUBSCRIBE (section 3.8). */
static char *subscribe_detail(
	const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	size_t at = properties_end(wire, side, 2);
	if (side->head_len < at + 2 || side->head_len < at + 2 + uint16_at(side, at))
		return NULL;
	char *topic = tbdi_report_peer_text(
		wire->report, side->head + at + 2, uint16_at(side, at), false);
	return topic == NULL ? NULL
			     : tbdi_arena_printf(arena, "id %u, %s", uint16_at(side, 0), topic);
}

/* Id of a packet that has one, and the reason if it is not success. */
static char *id_detail(const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	if (type_of(side) == CONNECT || side->head_len < 2)
		return NULL;
	int code = type_of(side) == PUBACK ? reason_code(wire, side, 2) : 0;
	return code == 0
		? tbdi_arena_printf(arena, "id %u", uint16_at(side, 0))
		: tbdi_arena_printf(arena, "id %u, reason %#x", uint16_at(side, 0), (unsigned)code);
}

/* What a person wants to know of a packet, or NULL. */
static char *packet_detail(const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	int code = suback_code(wire, side);
	switch (type_of(side)) {
	case CONNACK:
		if (side->head_len < 2)
			return NULL;
		return tbdi_arena_printf(arena, "rc %u%s", (unsigned)side->head[1],
			side->head[0] & 1 ? ", session present" : "");
	case PUBLISH:
		return publish_detail(wire, side);
	case SUBSCRIBE:
		return subscribe_detail(wire, side);
	case SUBACK:
		if (code < 0)
			return NULL;
		return tbdi_arena_printf(arena, "id %u, %s %#x", uint16_at(side, 0),
			code < 0x80 ? "granted" : "refused", (unsigned)code);
	case DISCONNECT:
		if (side->head_len == 0)
			return NULL;
		return tbdi_arena_printf(arena, "reason %#x", (unsigned)side->head[0]);
	default:
		return id_detail(wire, side);
	}
}

static void packet_keep(struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	if (wire->packets.count == TBDI_OBSERVER_PACKETS) {
		wire->packets_cut = true;
		return;
	}
	struct tbd_packet *packet = tbdi_arena_alloc(arena, sizeof(*packet));
	if (packet == NULL || tbdi_list_add(arena, &wire->packets, packet) < 0) {
		wire->out_of_memory = true;
		return;
	}
	packet->time_us = tbdi_report_elapsed_us(wire->report);
	packet->sent = side->sent;
	packet->type = type_names[type_of(side)];
	packet->len = 1 + (size_t)side->length_bytes + side->remaining;
	packet->detail = packet_detail(wire, side);
}

/* The id of a PUBLISH with QoS 1, behind its topic; 0: it has none, or one that is out of sight. */
static unsigned publish_id(const struct tbdi_wire_side *side)
{
	if ((side->first >> 1 & 3) == 0 || side->head_len < 2)
		return 0;
	size_t at = 2 + (size_t)uint16_at(side, 0);
	return at + 2 <= side->head_len ? uint16_at(side, at) : 0;
}

static void wait_for_puback(struct tbdi_mqtt_observer *wire, unsigned id)
{
	uint8_t bit = (uint8_t)(1 << id % 8);
	if (id == 0 || (wire->waiting[id / 8] & bit) != 0)
		return;
	wire->waiting[id / 8] |= bit;
	wire->unacknowledged++;
}

/* A message of ours that wants a PUBACK, or a subscription that wants a SUBACK. */
static void went_up(struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	if (type_of(side) == PUBLISH)
		wait_for_puback(wire, publish_id(side));
	if (type_of(side) != SUBSCRIBE || side->head_len < 2)
		return;
	wire->subscribe_id = uint16_at(side, 0);
	wire->suback = -1;
}

static void puback_came(struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	unsigned id = side->head_len >= 2 ? uint16_at(side, 0) : 0;
	uint8_t bit = (uint8_t)(1 << id % 8);
	if ((wire->waiting[id / 8] & bit) == 0)
		return;
	wire->waiting[id / 8] &= (uint8_t)~bit;
	wire->unacknowledged--;
	if (wire->puback < TBDI_OBSERVER_REFUSES)
		wire->puback = reason_code(wire, side, 2);
}

/* What the peer answered. */
static void came_down(struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	unsigned type = type_of(side);
	if (type == CONNACK && wire->connack < 0 && side->head_len >= 2)
		wire->connack = side->head[1];
	if (type == SUBACK && wire->suback < 0 && side->head_len >= 2 && wire->subscribe_id > 0 &&
		uint16_at(side, 0) == wire->subscribe_id)
		wire->suback = suback_code(wire, side);
	if (type == PUBACK)
		puback_came(wire, side);
	if (type == DISCONNECT && wire->disconnect < 0)
		wire->disconnect = reason_code(wire, side, 0);
}

static void packet_done(struct tbdi_mqtt_observer *wire, struct tbdi_wire_side *side)
{
	packet_keep(wire, side);
	if (side->sent)
		went_up(wire, side);
	else
		came_down(wire, side);
	*side = (struct tbdi_wire_side){ .sent = side->sent };
}

/* The first thing a server says is a CONNACK (section 3.2): two bytes behind the fixed header, or a
 * few more when it speaks MQTT 5 to everyone; to a client of MQTT 5 with properties of any length. */
static bool can_be_connack(const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	return side->first == CONNACK << 4 && side->remaining >= 2 &&
		(wire->is_v5 || side->remaining < 128);
}

/* These bytes cannot be followed. If there was no CONNACK yet, this is another protocol. */
static void lose(struct tbdi_mqtt_observer *wire, struct tbdi_wire_side *side, const char *why)
{
	side->lost = true;
	if (side->sent)
		return;
	if (wire->connack < 0)
		wire->not_mqtt = true;
	else
		wire->broken = why;
}

/* What a server must not send once it has sent its CONNACK, or NULL. */
static const char *violation(
	const struct tbdi_mqtt_observer *wire, const struct tbdi_wire_side *side)
{
	switch (type_of(side)) {
	case CONNACK:
		return "a second CONNACK";
	case CONNECT:
	case SUBSCRIBE:
	case UNSUBSCRIBE:
	case PINGREQ:
		return "a packet that only clients send";
	default:
		return wire->down_count > TBDI_OBSERVER_MOST ? "packets without end" : NULL;
	}
}

static void header_done(struct tbdi_mqtt_observer *wire, struct tbdi_wire_side *side)
{
	if (side->sent)
		return;
	wire->down_count++;
	const char *why = wire->connack >= 0 ? violation(wire, side) : NULL;
	if (wire->connack < 0 && !can_be_connack(wire, side)) {
		lose(wire, side, NULL);
	} else if (why != NULL) {
		packet_keep(wire, side);
		lose(wire, side, why);
	} else if (side->remaining > TBDI_OBSERVER_LARGEST) {
		packet_keep(wire, side);
		wire->too_large = side->lost = true;
	}
}

/* A byte of the fixed header (section 2.2). There is no packet of type 0. */
static void header_byte(struct tbdi_mqtt_observer *wire, struct tbdi_wire_side *side, uint8_t byte)
{
	if (side->first == 0) {
		side->first = byte;
		bool is_answer = side->sent || wire->connack >= 0 || byte == CONNACK << 4;
		if (type_of(side) == 0 || !is_answer)
			lose(wire, side, "a packet of type 0");
		return;
	}
	side->remaining |= (uint32_t)(byte & 0x7f) << 7 * side->length_bytes++;
	side->length_done = (byte & 0x80) == 0;
	if (side->length_done)
		header_done(wire, side);
	else if (side->length_bytes == LENGTH_BYTES_MAX)
		lose(wire, side, "a packet whose length takes more than four bytes");
}

/* Take what belongs to the packet's body; how much that was. */
static size_t body_bytes(struct tbdi_wire_side *side, const uint8_t *data, size_t len)
{
	size_t take = side->remaining - side->seen;
	if (take > len)
		take = len;
	size_t room = TBDI_OBSERVER_HEAD - side->head_len;
	size_t copy = take < room ? take : room;
	if (type_of(side) != CONNECT && copy > 0) {
		memcpy(side->head + side->head_len, data, copy);
		side->head_len += copy;
	}
	side->seen += (uint32_t)take;
	return take;
}

static void observe(struct tbdi_mqtt_observer *wire, struct tbdi_wire_side *side,
	const uint8_t *data, size_t len)
{
	while (len > 0 && !side->lost) {
		size_t took = 1;
		if (side->length_done)
			took = body_bytes(side, data, len);
		else
			header_byte(wire, side, *data);
		data += took;
		len -= took;
		if (side->length_done && !side->lost && side->seen == side->remaining)
			packet_done(wire, side);
	}
}

void tbdi_mqtt_observer_sent(struct tbdi_mqtt_observer *wire, const void *data, size_t len)
{
	wire->up_len += len;
	observe(wire, &wire->up, data, len);
}

bool tbdi_mqtt_observer_received(struct tbdi_mqtt_observer *wire, const void *data, size_t len)
{
	size_t room = TBDI_OBSERVER_FIRST - wire->first_len;
	size_t copy = len < room ? len : room;
	memcpy(wire->first_bytes + wire->first_len, data, copy);
	wire->first_len += copy;
	observe(wire, &wire->down, data, len);
	return !wire->not_mqtt && !wire->too_large && wire->broken == NULL;
}
