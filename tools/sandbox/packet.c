/* SPDX-License-Identifier: MIT
 *
 * packet.c - packets of MQTT, read as ThingsBoard's netty reads them (MqttDecoder), and written.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/packet.h"

/* ---- buffers ---------------------------------------------------------------------------------- */

size_t packet_room(const struct packet_buffer *buffer)
{
	return sizeof(buffer->data) - buffer->len;
}

void packet_cut(struct packet_buffer *buffer, size_t at, size_t len)
{
	buffer->len -= len;
	memmove(buffer->data + at, buffer->data + at + len, buffer->len - at);
}

bool packet_append(struct packet_buffer *buffer, const void *data, size_t len)
{
	if (packet_room(buffer) < len)
		return false;
	if (len > 0)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	return true;
}

/* ---- fixed headers ---------------------------------------------------------------------------- */

int packet_find(const unsigned char *data, size_t left, struct packet *packet)
{
	size_t remaining = 0;
	*packet = (struct packet){ 0 };
	for (size_t i = 1; i <= 4; i++) {
		if (i >= left)
			return 0;
		remaining |= (size_t)(data[i] & 0x7f) << (7 * (i - 1));
		if (data[i] & 0x80)
			continue;
		*packet = (struct packet){ data[0] >> 4, data[0] & 0x0f, i + 1, i + 1 + remaining };
		if (packet->len > PACKET_BUFFER)
			return -1;
		return left >= packet->len;
	}
	return -1;
}

/* More than this has no place in a packet of the type. */
static size_t remaining_max(unsigned type, unsigned level)
{
	if (type == PACKET_PINGREQ || type == PACKET_PINGRESP)
		return 0;
	if (level == 5)
		return PACKET_REMAINING_MAX;
	if (type == PACKET_DISCONNECT)
		return 0;
	return type >= PACKET_PUBACK && type <= PACKET_PUBCOMP ? 2 : PACKET_REMAINING_MAX;
}

bool packet_is_sound(const struct packet *packet, unsigned level)
{
	if (packet->type == 0 || packet->len - packet->head > remaining_max(packet->type, level))
		return false;
	if (packet->type == PACKET_PUBLISH)
		return (packet->flags >> 1 & 3) < 3;
	bool acknowledged = packet->type == PACKET_PUBREL || packet->type == PACKET_SUBSCRIBE ||
		packet->type == PACKET_UNSUBSCRIBE;
	return packet->flags == (acknowledged ? 2 : 0);
}

/* ---- reading ---------------------------------------------------------------------------------- */

bool packet_text_is(struct packet_text text, const char *string)
{
	return text.len == strlen(string) && memcmp(text.data, string, text.len) == 0;
}

struct packet_reader packet_body(const unsigned char *data, const struct packet *packet)
{
	return (struct packet_reader){ data + packet->head, data + packet->len, false };
}

bool packet_reads_on(const struct packet_reader *reader)
{
	return !reader->failed && reader->at < reader->end;
}

/* So many bytes, which are there; NULL: they are not. */
static const unsigned char *take_bytes(struct packet_reader *reader, size_t len)
{
	const unsigned char *bytes = reader->at;
	if (reader->failed || (size_t)(reader->end - reader->at) < len) {
		reader->failed = true;
		return NULL;
	}
	reader->at += len;
	return bytes;
}

unsigned packet_take_byte(struct packet_reader *reader)
{
	const unsigned char *byte = take_bytes(reader, 1);
	return byte != NULL ? *byte : 0;
}

unsigned packet_take_number(struct packet_reader *reader)
{
	const unsigned char *bytes = take_bytes(reader, 2);
	return bytes != NULL ? (unsigned)bytes[0] << 8 | bytes[1] : 0;
}

struct packet_text packet_take_text(struct packet_reader *reader)
{
	size_t len = packet_take_number(reader);
	const unsigned char *bytes = take_bytes(reader, len);
	if (bytes == NULL)
		return (struct packet_text){ "", 0 };
	return (struct packet_text){ (const char *)bytes, len };
}

/* Their length is written as that of a packet. */
static void skip_properties(struct packet_reader *reader)
{
	size_t len = 0;
	unsigned byte = 0x80;
	for (unsigned shift = 0; (byte & 0x80) != 0 && shift < 28; shift += 7) {
		byte = packet_take_byte(reader);
		len |= (size_t)(byte & 0x7f) << shift;
	}
	take_bytes(reader, len);
}

uint16_t packet_take_id(struct packet_reader *reader, unsigned level)
{
	unsigned id = packet_take_number(reader);
	reader->failed |= id == 0;
	if (level == 5)
		skip_properties(reader);
	return (uint16_t)id;
}

static unsigned take_level(struct packet_reader *reader)
{
	enum { LEVEL_31 = 3, LEVEL_311, LEVEL_5 };
	struct packet_text name = packet_take_text(reader);
	unsigned level = packet_take_byte(reader);
	reader->failed |= level == LEVEL_31
		? !packet_text_is(name, "MQIsdp")
		: !packet_text_is(name, "MQTT") || (level != LEVEL_311 && level != LEVEL_5);
	return level;
}

bool packet_read_connect(
	const unsigned char *data, const struct packet *packet, struct packet_connect *out)
{
	enum { RESERVED = 0x01, CLEAN = 0x02, WILL = 0x04, PASSWORD = 0x40, USER = 0x80 };
	enum { CLIENT_ID_MAX = 23 };
	struct packet_reader reader = packet_body(data, packet);
	*out = (struct packet_connect){ .level = take_level(&reader) };
	unsigned flags = packet_take_byte(&reader);
	packet_take_number(&reader); /* keep alive: ThingsBoard does not look at it */
	if (out->level == 5)
		skip_properties(&reader);
	out->client_id = packet_take_text(&reader);
	if (out->level == 3)
		reader.failed |= out->client_id.len == 0 || out->client_id.len > CLIENT_ID_MAX;
	else
		reader.failed |= (flags & RESERVED) != 0;
	if ((flags & WILL) != 0) {
		if (out->level == 5)
			skip_properties(&reader);
		packet_take_text(&reader);
		packet_take_text(&reader);
	}
	out->clean = (flags & CLEAN) != 0;
	out->has_user = (flags & USER) != 0;
	if (out->has_user)
		out->user = packet_take_text(&reader);
	out->has_password = (flags & PASSWORD) != 0;
	if (out->has_password)
		out->password = packet_take_text(&reader);
	return !reader.failed && reader.at == reader.end;
}

bool packet_read_publish(const unsigned char *data, const struct packet *packet, unsigned level,
	struct packet_publish *out)
{
	struct packet_reader reader = packet_body(data, packet);
	*out = (struct packet_publish){ .qos = packet->flags >> 1 & 3 };
	out->topic = packet_take_text(&reader);
	if (out->qos > 0)
		out->id = packet_take_id(&reader, level);
	else if (level == 5)
		skip_properties(&reader);
	if (reader.failed || memchr(out->topic.data, '+', out->topic.len) != NULL ||
		memchr(out->topic.data, '#', out->topic.len) != NULL)
		return false;
	out->payload =
		(struct packet_text){ (const char *)reader.at, (size_t)(reader.end - reader.at) };
	return true;
}

/* ---- writing ---------------------------------------------------------------------------------- */

struct packet_part packet_bytes(const void *data, size_t len)
{
	return (struct packet_part){ data, len, false };
}

struct packet_part packet_string(const char *string)
{
	return (struct packet_part){ string, strlen(string), true };
}

bool packet_write(
	struct packet_buffer *buffer, unsigned first, const struct packet_part *parts, size_t count)
{
	enum { HEAD_MAX = 5 };
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len += parts[i].len + (parts[i].counted ? 2 : 0);
	if (packet_room(buffer) < HEAD_MAX + len)
		return false;
	packet_append(buffer, &(unsigned char){ (unsigned char)first }, 1);
	size_t left = len;
	do {
		unsigned char digit = left & 0x7f;
		left >>= 7;
		digit |= left > 0 ? 0x80 : 0;
		packet_append(buffer, &digit, 1);
	} while (left > 0);
	for (size_t i = 0; i < count; i++) {
		const unsigned char counted[] = { (unsigned char)(parts[i].len >> 8),
			(unsigned char)parts[i].len };
		if (parts[i].counted)
			packet_append(buffer, counted, sizeof(counted));
		packet_append(buffer, parts[i].data, parts[i].len);
	}
	return true;
}
