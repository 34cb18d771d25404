/* SPDX-License-Identifier: MIT
 *
 * packet.c - packets of MQTT are taken as ThingsBoard's decoder takes them, and the PROXY protocol's header.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/sandbox/packet.h"
#include "tools/sandbox/proxy.h"

#include <string.h>

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *data;
	size_t len;
	int found;
	bool sound;
} packet_rows[] = {
	{ BYTES(""), 0, true },
	{ BYTES("\x10"), 0, true },
	{ BYTES("\xc0\x00"), 1, true },
	{ BYTES("\xc0\x80\x00"), 1, true },
	{ BYTES("\x30\x01"), 0, true },
	{ BYTES("\x82\x00"), 1, true },
	{ BYTES("\x80\x00"), 1, false },
	{ BYTES("\xc1\x00"), 1, false },
	{ BYTES("\x00\x00"), 1, false },
	{ BYTES("\x36\x00"), 1, false },
	{ BYTES("\x3d\x00"), 1, true },
	{ BYTES("\x16\x03\x01"), 0, false },
	{ BYTES("GET / HTTP/1.1\r\n"), 0, false },
	{ BYTES("PROXY TCP4"), 0, false },
	{ BYTES("\xe0\x01"), 0, false },
	{ BYTES("\x32\x80\x80\x04"), 0, true },
	{ BYTES("\x32\x81\x80\x04"), 0, false },
	{ BYTES("\x32\xff\xff\xff\x7f"), -1, true },
	{ BYTES("\x32\xff\xff\xff\xff"), -1, true },
};

TEST_EACH(packets, row, packet_rows)
{
	struct packet packet;
	ck_assert_int_eq(
		packet_find((const unsigned char *)row->data, row->len, &packet), row->found);
	if (row->found >= 0 && packet.len > 0)
		ck_assert(packet_is_sound(&packet, 4) == row->sound);
}

static const struct {
	const char *body;
	size_t len;
	unsigned level; /* 0: it is not taken */
} connect_rows[] = {
	{ BYTES("\0\4MQTT\4\2\0\x3c\0\0"), 4 },
	{ BYTES("\0\6MQIsdp\3\2\0\x3c\0\1x"), 3 },
	{ BYTES("\0\4MQTT\5\2\0\x3c\0\0\0"), 5 },
	{ BYTES("\0\4MQTT\5\2\0\x3c\5\x11\0\0\0\1\0\0"), 5 },
	{ BYTES("\0\4MQTT\4\xc2\0\x3c\0\0\0\1u\0\1p"), 4 },
	{ BYTES("\0\4MQTT\4\x06\0\x3c\0\0\0\1t\0\2xy"), 4 },
	{ BYTES("\0\4MQTT\5\x06\0\x3c\0\0\0\0\0\1t\0\2xy"), 5 },
	/* protocol and level */
	{ BYTES("\0\4MQTT\3\2\0\x3c\0\1x"), 0 },
	{ BYTES("\0\4MQTT\x09\2\0\x3c\0\0"), 0 },
	{ BYTES("\0\4MQTx\4\2\0\x3c\0\0"), 0 },
	{ BYTES("\0\6MQIsdp\4\2\0\x3c\0\0"), 0 },
	/* the reserved flag; client ids of MQTT 3.1; the end */
	{ BYTES("\0\4MQTT\4\3\0\x3c\0\0"), 0 },
	{ BYTES("\0\6MQIsdp\3\2\0\x3c\0\0"), 0 },
	{ BYTES("\0\6MQIsdp\3\2\0\x3c\0\x17"
		"12345678901234567890123"),
		3 },
	{ BYTES("\0\6MQIsdp\3\2\0\x3c\0\x18"
		"123456789012345678901234"),
		0 },
	{ BYTES("\0\4MQTT\4\2\0\x3c\0"), 0 },
	{ BYTES("\0\4MQTT\4\2\0\x3c\0\0x"), 0 },
	{ BYTES("\0\4MQTT\4\x82\0\x3c\0\0\0\2u"), 0 },
	{ BYTES(""), 0 },
};

TEST_EACH(connects, row, connect_rows)
{
	struct packet_connect connect;
	const struct packet packet = { PACKET_CONNECT, 0, 0, row->len };
	bool taken = packet_read_connect((const unsigned char *)row->body, &packet, &connect);
	ck_assert(taken == (row->level != 0));
	if (taken)
		ck_assert_uint_eq(connect.level, row->level);
}

TEST(user_and_password)
{
	static const char body[] = "\0\4MQTT\4\xc0\0\x3c\0\1c\0\2u\n\0\1p";
	struct packet_connect connect;
	const struct packet packet = { PACKET_CONNECT, 0, 0, sizeof(body) - 1 };
	ck_assert(packet_read_connect((const unsigned char *)body, &packet, &connect));
	ck_assert(!connect.clean);
	ck_assert(packet_text_is(connect.client_id, "c"));
	ck_assert(packet_text_is(connect.user, "u\n"));
	ck_assert(packet_text_is(connect.password, "p"));
}

static const struct {
	unsigned level;
	unsigned flags;
	const char *body;
	size_t len;
	bool taken;
	size_t payload;
} message_rows[] = {
	{ 4, 0, BYTES("\0\3foo{}"), true, 2 },
	{ 4, 2, BYTES("\0\3foo\0\1{}"), true, 2 },
	{ 4, 2, BYTES("\0\0\0\1{}"), true, 2 },
	{ 4, 4, BYTES("\0\3foo\0\1"), true, 0 },
	{ 5, 2, BYTES("\0\3foo\0\1\0{}"), true, 2 },
	{ 5, 0, BYTES("\0\3foo\2\1\1{}"), true, 2 },
	{ 5, 0, BYTES("\0\3foo\x7f{}"), false, 0 },
	{ 4, 2, BYTES("\0\3foo\0\0{}"), false, 0 },
	{ 4, 0, BYTES("\0\3f/+{}"), false, 0 },
	{ 4, 0, BYTES("\0\1#{}"), false, 0 },
	{ 4, 0,
		BYTES("\0\x09"
		      "foo"),
		false, 0 },
	{ 4, 2, BYTES("\0\3foo\0"), false, 0 },
};

TEST_EACH(messages, row, message_rows)
{
	struct packet_publish publish;
	const struct packet packet = { PACKET_PUBLISH, row->flags, 0, row->len };
	bool taken = packet_read_publish(
		(const unsigned char *)row->body, &packet, row->level, &publish);
	ck_assert(taken == row->taken);
	if (taken)
		ck_assert_uint_eq(publish.payload.len, row->payload);
}

TEST(packets_are_written_whole_or_not)
{
	static struct packet_buffer buffer;
	static unsigned char large[PACKET_BUFFER];
	const struct packet_part small[] = { packet_string("ab"), packet_bytes("\1", 1) };
	const struct packet_part much = packet_bytes(large, 200);
	const struct packet_part most = packet_bytes(large, sizeof(large) - 300);
	ck_assert(packet_write(&buffer, 0x30, small, 2));
	ck_assert_mem_eq(buffer.data, "\x30\5\0\2ab\1", 7);
	ck_assert(packet_write(&buffer, 0x30, &much, 1));
	ck_assert_mem_eq(buffer.data + 7, "\x30\xc8\1", 3);
	ck_assert_uint_eq(buffer.len, 7 + 203);
	ck_assert(packet_write(&buffer, 0x30, &most, 1) || buffer.len == 210);
	size_t len = buffer.len;
	ck_assert(!packet_write(&buffer, 0x30, &most, 1));
	ck_assert_uint_eq(buffer.len, len);
	packet_cut(&buffer, 0, 7);
	ck_assert_mem_eq(buffer.data, "\x30\xc8\1", 3);
}

#define BINARY "\r\n\r\n\0\r\nQUIT\n"

/* Where it ends, and how; what follows is not looked at. */
static const struct {
	const char *data;
	size_t len;
	enum proxy_state state;
} proxy_rows[] = {
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n"), PROXY_DONE },
	{ BYTES("PROXY TCP6 ::1 ::1 9 10\r\n"), PROXY_DONE },
	{ BYTES("PROXY UNKNOWN\r\n"), PROXY_WRONG },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 9\r\n"), PROXY_WRONG },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 9 70000\r\n"), PROXY_WRONG },
	{ BYTES("GET / HTTP/1.1\r\n"), PROXY_WRONG },
	{ BYTES("short\r\n"), PROXY_READS_ON },
	{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 9 10"), PROXY_READS_ON },
	{ BYTES(BINARY "\x21\x11\0\x0c"
		       "abcdefghijkl"),
		PROXY_DONE },
	{ BYTES(BINARY "\x21\x11\0\x0c"
		       "abcdefghijk"),
		PROXY_READS_ON },
	{ BYTES(BINARY "\x20\x00\0\0"), PROXY_WRONG },
	{ BYTES(BINARY "\x21\x11\0\4abcd"), PROXY_WRONG },
	{ BYTES(BINARY "\x21\x11\xff\xff"), PROXY_WRONG },
};

TEST_EACH(proxy_headers, row, proxy_rows)
{
	struct proxy_header header = { 0 };
	enum proxy_state state = PROXY_READS_ON;
	for (size_t i = 0; i < row->len && state == PROXY_READS_ON; i++)
		state = proxy_take(&header, (unsigned char)row->data[i]);
	ck_assert_int_eq(state, row->state);
}

TEST(a_line_of_109_bytes_is_too_long)
{
	struct proxy_header header = { 0 };
	for (int i = 1; i < 109; i++)
		ck_assert_int_eq(proxy_take(&header, 'x'), PROXY_READS_ON);
	ck_assert_int_eq(proxy_take(&header, 'x'), PROXY_WRONG);
}
