/* SPDX-License-Identifier: MIT
 *
 * mqtt-wire.c - MQTT 3.1.1 packets as they go by, in any pieces.
 */
#include "mqtt-wire.h"

enum {
	CONNECT = 1,
	CONNACK = 2,
	PUBLISH = 3,
	SUBSCRIBE = 8,
	SUBACK = 9,
	LENGTH_BYTES_MAX = 4,
};

static const char *const type_names[16] = { "reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK",
	"PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ",
	"PINGRESP", "DISCONNECT", "reserved" };

const char *tbdi_mqtt_connack_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0, "Connection accepted" },
		{ 1, "Unacceptable protocol version" },
		{ 2, "Identifier rejected" },
		{ 3, "Server unavailable" },
		{ 4, "Bad user name or password" },
		{ 5, "Not authorized" },
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
		{ 0x8c, "Bad authentication method" },
		{ 0x95, "Packet too large" },
		{ 0x97, "Quota exceeded" },
		{ 0x9c, "Use another server" },
		{ 0x9d, "Server moved" },
		{ 0x9f, "Connection rate exceeded" },
	};
	for (size_t i = 0; i < TBDI_COUNT(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

void tbdi_mqtt_wire_init(struct tbdi_mqtt_wire *wire, struct tbdi_report *report)
{
	*wire = (struct tbdi_mqtt_wire){
		.report = report,
		.up.sent = true,
		.connack = -1,
		.suback = -1,
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

/* Topic and id of a PUBLISH (section 3.3.2). The payload begins behind them and is not looked at. */
static char *publish_detail(struct tbdi_arena *arena, const struct tbdi_wire_side *side)
{
	unsigned qos = side->first >> 1 & 3;
	if (side->head_len < 2)
		return NULL;
	size_t topic_len = uint16_at(side, 0);
	size_t shown = topic_len < side->head_len - 2 ? topic_len : side->head_len - 2;
	char *topic = tbdi_arena_utf8(arena, side->head + 2, shown);
	if (topic == NULL)
		return NULL;
	const char *dots = shown < topic_len ? "..." : "";
	if (qos == 0 || side->head_len < topic_len + 4)
		return tbdi_arena_printf(arena, "%s%s, QoS %u", topic, dots, qos);
	return tbdi_arena_printf(
		arena, "%s, QoS %u, id %u", topic, qos, uint16_at(side, 2 + topic_len));
}

/* Id and first topic of a SUBSCRIBE (section 3.8). */
static char *subscribe_detail(struct tbdi_arena *arena, const struct tbdi_wire_side *side)
{
	if (side->head_len < 4 || side->head_len < 4 + uint16_at(side, 2))
		return NULL;
	char *topic = tbdi_arena_utf8(arena, side->head + 4, uint16_at(side, 2));
	return topic == NULL ? NULL
			     : tbdi_arena_printf(arena, "id %u, %s", uint16_at(side, 0), topic);
}

/* What a person wants to know of a packet, or NULL. */
static char *packet_detail(struct tbdi_arena *arena, const struct tbdi_wire_side *side)
{
	switch (type_of(side)) {
	case CONNACK:
		if (side->head_len < 2)
			return NULL;
		return tbdi_arena_printf(arena, "rc %u%s", (unsigned)side->head[1],
			side->head[0] & 1 ? ", session present" : "");
	case PUBLISH:
		return publish_detail(arena, side);
	case SUBSCRIBE:
		return subscribe_detail(arena, side);
	case SUBACK:
		if (side->head_len < 3)
			return NULL;
		return tbdi_arena_printf(arena, "id %u, %s %#x", uint16_at(side, 0),
			side->head[2] < 0x80 ? "granted" : "refused", (unsigned)side->head[2]);
	default:
		if (type_of(side) == CONNECT || side->head_len < 2)
			return NULL;
		return tbdi_arena_printf(arena, "id %u", uint16_at(side, 0));
	}
}

static void packet_keep(struct tbdi_mqtt_wire *wire, const struct tbdi_wire_side *side)
{
	struct tbdi_arena *arena = &wire->report->arena;
	if (wire->packets.count == TBDI_WIRE_PACKETS) {
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
	packet->detail = packet_detail(arena, side);
}

static void packet_done(struct tbdi_mqtt_wire *wire, struct tbdi_wire_side *side)
{
	packet_keep(wire, side);
	if (!side->sent && type_of(side) == CONNACK && wire->connack < 0 && side->head_len >= 2)
		wire->connack = side->head[1];
	if (!side->sent && type_of(side) == SUBACK && wire->suback < 0 && side->head_len >= 3)
		wire->suback = side->head[2];
	*side = (struct tbdi_wire_side){ .sent = side->sent };
}

/* The first thing a server says is a CONNACK (section 3.2): two bytes behind the fixed header, or a
 * few more when it speaks MQTT 5 to everyone. */
static bool can_be_connack(const struct tbdi_wire_side *side)
{
	return side->first == CONNACK << 4 && side->remaining >= 2 && side->remaining < 128;
}

/* These bytes cannot be followed. If there was no CONNACK yet, this is another protocol. */
static void lose(struct tbdi_mqtt_wire *wire, struct tbdi_wire_side *side)
{
	side->lost = true;
	if (!side->sent && wire->connack < 0)
		wire->not_mqtt = true;
}

static void header_done(struct tbdi_mqtt_wire *wire, struct tbdi_wire_side *side)
{
	if (side->sent)
		return;
	if (wire->connack < 0 && !can_be_connack(side)) {
		lose(wire, side);
	} else if (side->remaining > TBDI_WIRE_LARGEST) {
		packet_keep(wire, side);
		wire->too_large = side->lost = true;
	}
}

/* A byte of the fixed header (section 2.2). There is no packet of type 0. */
static void header_byte(struct tbdi_mqtt_wire *wire, struct tbdi_wire_side *side, uint8_t byte)
{
	if (side->first == 0) {
		side->first = byte;
		bool is_answer = side->sent || wire->connack >= 0 || byte == CONNACK << 4;
		if (type_of(side) == 0 || !is_answer)
			lose(wire, side);
		return;
	}
	side->remaining |= (uint32_t)(byte & 0x7f) << 7 * side->length_bytes++;
	side->length_done = (byte & 0x80) == 0;
	if (side->length_done)
		header_done(wire, side);
	else if (side->length_bytes == LENGTH_BYTES_MAX)
		lose(wire, side);
}

/* Take what belongs to the packet's body; how much that was. */
static size_t body_bytes(struct tbdi_wire_side *side, const uint8_t *data, size_t len)
{
	size_t take = side->remaining - side->seen;
	if (take > len)
		take = len;
	size_t room = TBDI_WIRE_HEAD - side->head_len;
	size_t copy = take < room ? take : room;
	if (type_of(side) != CONNECT && copy > 0) {
		memcpy(side->head + side->head_len, data, copy);
		side->head_len += copy;
	}
	side->seen += (uint32_t)take;
	return take;
}

static void observe(
	struct tbdi_mqtt_wire *wire, struct tbdi_wire_side *side, const uint8_t *data, size_t len)
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

void tbdi_mqtt_wire_sent(struct tbdi_mqtt_wire *wire, const void *data, size_t len)
{
	wire->up_len += len;
	observe(wire, &wire->up, data, len);
}

bool tbdi_mqtt_wire_received(struct tbdi_mqtt_wire *wire, const void *data, size_t len)
{
	size_t room = TBDI_WIRE_FIRST - wire->first_len;
	size_t copy = len < room ? len : room;
	memcpy(wire->first_bytes + wire->first_len, data, copy);
	wire->first_len += copy;
	observe(wire, &wire->down, data, len);
	return !wire->not_mqtt && !wire->too_large;
}
