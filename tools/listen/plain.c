/* SPDX-License-Identifier: MIT
 *
 * plain.c - what a device says that speaks no TLS.
 */
#include "tools/listen/plain.h"

#include "tools/stacks/cursor.h"

/* ---- MQTT ------------------------------------------------------------------------------------- */

enum {
	MQTT_CONNECT = 0x10,
	MQTT_HAS_WILL = 0x04,
	MQTT_HAS_USER_NAME = 0x80,
};

/* A number of MQTT, 7 bits a byte, the lowest first. */
static uint32_t cursor_varint(struct cursor *c)
{
	uint32_t number = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint32_t byte = cursor_number(c, 1);
		number |= (byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return number;
	}
	c->failed = true;
	return 0;
}

static void skip_properties(struct cursor *c, uint32_t level)
{
	if (level >= 5)
		cursor_take(c, cursor_varint(c));
}

static const char *mqtt_version(uint32_t level)
{
	return level == 3 ? "MQTT 3.1" : level == 4 ? "MQTT 3.1.1" : level == 5 ? "MQTT 5" : "MQTT";
}

/* What follows the name of the protocol, MQTT 3.1.1, 3.1.2 and on. */
static void read_connect(struct plain *plain, struct cursor c)
{
	uint32_t level = cursor_number(&c, 1);
	uint32_t flags = cursor_number(&c, 1);
	cursor_number(&c, 2); /* keep alive */
	skip_properties(&c, level);
	cursor_vector(&c, 2); /* client identifier */
	if ((flags & MQTT_HAS_WILL) != 0) {
		skip_properties(&c, level);
		cursor_vector(&c, 2); /* topic */
		cursor_vector(&c, 2); /* message */
	}
	struct cursor user_name = cursor_vector(&c, 2);
	plain->protocol = mqtt_version(level);
	if (!user_name.failed && (flags & MQTT_HAS_USER_NAME) != 0)
		plain->token_len = (int)user_name.left;
}

static bool is_mqtt_name(struct cursor name)
{
	return !name.failed &&
		((name.left == 4 && memcmp(name.at, "MQTT", 4) == 0) ||
			(name.left == 6 && memcmp(name.at, "MQIsdp", 6) == 0));
}

static struct plain look_at_mqtt(const unsigned char *bytes, size_t len)
{
	struct plain plain = { .kind = PLAIN_UNKNOWN, .token_len = -1 };
	struct cursor c = { .at = bytes + 1, .left = len - 1 };
	uint32_t rest = cursor_varint(&c);
	struct cursor name = cursor_vector(&c, 2);
	if (name.failed)
		return plain;
	plain.kind = is_mqtt_name(name) ? PLAIN_MQTT : PLAIN_OTHER;
	plain.whole = plain.kind == PLAIN_OTHER || 2 + name.left + c.left >= rest;
	if (plain.kind == PLAIN_MQTT)
		read_connect(&plain, c);
	return plain;
}

/* ---- HTTP ------------------------------------------------------------------------------------- */

static const void *find(const unsigned char *bytes, size_t len, const char *text)
{
	return memmem(bytes, len, text, strlen(text));
}

static bool begins_as_http(const unsigned char *bytes, size_t len)
{
	static const char *const methods[] = { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ",
		"PATCH ", "OPTIONS ", "CONNECT " };
	for (size_t i = 0; i < TOOL_COUNT(methods); i++) {
		size_t size = strlen(methods[i]);
		if (len >= size && memcmp(bytes, methods[i], size) == 0)
			return true;
	}
	return false;
}

/* In ThingsBoard's API the token is a part of the path. */
static int token_in_path(const unsigned char *bytes, size_t len)
{
	static const char api[] = "/api/v1/";
	const unsigned char *at = find(bytes, len, api);
	if (at == NULL)
		return -1;
	at += sizeof(api) - 1;
	int count = 0;
	while (at + count < bytes + len && at[count] > ' ' && at[count] != '/')
		count++;
	return count;
}

static struct plain look_at_http(const unsigned char *bytes, size_t len)
{
	bool whole = find(bytes, len, "\r\n\r\n") != NULL;
	bool upgrade = memmem(bytes, len, "Sec-WebSocket-", 14) != NULL;
	return (struct plain){ .kind = PLAIN_HTTP,
		.whole = whole,
		.protocol = upgrade ? "WebSocket" : "HTTP",
		.token_len = token_in_path(bytes, len) };
}

/* ---- any -------------------------------------------------------------------------------------- */

/* RFC 5246, E.2: two bytes of length, of which the first bit is set, client_hello, and a version. */
static bool begins_as_ssl2(const unsigned char *bytes, size_t len)
{
	return len >= 5 && (bytes[0] & 0x80) != 0 && bytes[2] == 1 &&
		(bytes[3] == 3 || bytes[3] == 0);
}

static bool begins_as_tls(const unsigned char *bytes, size_t len)
{
	return bytes[0] >= 20 && bytes[0] <= 23 && (len < 2 || bytes[1] == 3);
}

struct plain plain_look(const unsigned char *bytes, size_t len)
{
	enum { ENOUGH = 8 }; /* to know what it is */
	if (len > 0 && begins_as_tls(bytes, len))
		return (struct plain){ .kind = PLAIN_TLS, .whole = len >= 2, .token_len = -1 };
	if (len > 0 && bytes[0] == MQTT_CONNECT)
		return look_at_mqtt(bytes, len);
	if (begins_as_http(bytes, len))
		return look_at_http(bytes, len);
	if (begins_as_ssl2(bytes, len))
		return (struct plain){ .kind = PLAIN_SSL2, .whole = true, .token_len = -1 };
	return (struct plain){ .kind = len < ENOUGH ? PLAIN_UNKNOWN : PLAIN_OTHER,
		.whole = len >= ENOUGH,
		.token_len = -1 };
}
