/* SPDX-License-Identifier: MIT
 *
 * websocket.c - frames in pieces of any size, what is answered by itself, and what is no frame.
 */
#include "net/websocket.h"

#include "tests/unit/check-main.h"

static struct tbdi_websocket *websocket;

static void websocket_setup(void)
{
	websocket = tbdi_websocket_new(NULL, 0);
	ck_assert_ptr_nonnull(websocket);
}

static void websocket_teardown(void)
{
	tbdi_websocket_free(websocket);
}

TEST_GROUP(.setup = websocket_setup, .teardown = websocket_teardown);

/* "MQTT" in two frames, a ping, an empty frame and a pong that nobody asked for between them. */
static const unsigned char spoken[] = "\x02\x02MQ\x89\x03hey\x00\x00\x8a\x00\x80\x02TT";

/* Whatever the pieces in which they come. */
TEST_TIMES(pieces, sizeof(spoken) - 1)
{
	size_t step = (size_t)_i + 1, len = 0, pending = 0;
	unsigned char piece[sizeof(spoken)], read[8] = "";
	for (size_t at = 0; at < sizeof(spoken) - 1; at += step) {
		size_t left = sizeof(spoken) - 1 - at, size = left < step ? left : step;
		memcpy(piece, spoken + at, size);
		size_t kept = tbdi_websocket_unwrap(websocket, piece, size);
		ck_assert_uint_le(len + kept, 4);
		memcpy(read + len, piece, kept);
		len += kept;
	}
	ck_assert_str_eq((const char *)read, "MQTT");
	ck_assert_ptr_null(tbdi_websocket_fault(websocket));
	/* The pong: final, masked, as long as the ping. */
	const unsigned char *pong = tbdi_websocket_pending(websocket, &pending);
	ck_assert_uint_eq(pending, 2 + 4 + 3);
	ck_assert_uint_eq(pong[0], 0x8a);
	ck_assert_uint_eq(pong[1], 0x83);
	ck_assert_int_eq(pong[6] ^ pong[2], 'h');
}

/* A frame of ours is masked, and tells how much was offered only when all of it is sent. */
TEST(offered)
{
	static const size_t sizes[] = { 1, 125, 126, TBDI_WEBSOCKET_PAYLOAD };
	static unsigned char data[TBDI_WEBSOCKET_PAYLOAD];
	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t len = 0, head = sizes[i] < 126 ? 2 : 4;
		ck_assert(tbdi_websocket_offer(websocket, data, sizes[i]));
		ck_assert(tbdi_websocket_is_offered(websocket));
		const unsigned char *frame = tbdi_websocket_pending(websocket, &len);
		ck_assert_uint_eq(len, head + 4 + sizes[i]);
		ck_assert_uint_eq(frame[0], 0x82);
		ck_assert_uint_ne(frame[1] & 0x80, 0);
		for (size_t at = 0; at < sizes[i]; at++)
			ck_assert_int_eq(frame[head + 4 + at] ^ frame[head + at % 4], 'x');
		ck_assert_uint_eq(tbdi_websocket_sent(websocket, len - 1), 0);
		ck_assert_uint_eq(tbdi_websocket_sent(websocket, 1), sizes[i]);
		ck_assert(!tbdi_websocket_is_offered(websocket));
	}
}

/* A ping that comes while a frame is being sent is answered behind it. */
TEST(ping_meanwhile)
{
	unsigned char ping[] = "\x89\x01x";
	size_t len = 0;
	ck_assert(tbdi_websocket_offer(websocket, "abc", 3));
	ck_assert_uint_eq(tbdi_websocket_unwrap(websocket, ping, sizeof(ping) - 1), 0);
	(void)tbdi_websocket_pending(websocket, &len);
	ck_assert_uint_eq(tbdi_websocket_sent(websocket, len), 3);
	const unsigned char *pong = tbdi_websocket_pending(websocket, &len);
	ck_assert_uint_eq(len, 2 + 4 + 1);
	ck_assert_uint_eq(pong[0], 0x8a);
	ck_assert_uint_eq(tbdi_websocket_sent(websocket, len), 0);
}

TEST(early)
{
	char byte;
	tbdi_websocket_free(websocket);
	websocket = tbdi_websocket_new("ab", 2);
	ck_assert_uint_eq(tbdi_websocket_take_early(websocket, &byte, 1), 1);
	ck_assert_int_eq(byte, 'a');
	ck_assert_uint_eq(tbdi_websocket_take_early(websocket, &byte, 1), 1);
	ck_assert_uint_eq(tbdi_websocket_take_early(websocket, &byte, 1), 0);
	ck_assert_ptr_null(tbdi_websocket_new(NULL, 1 << 20));
}

static const struct {
	const char *frames;
	size_t len;
	int status;
} ends[] = {
	{ "\x88\x02\x03\xe8", 4, 1000 },
	{ "\x88\x07\x03\xf0"
	  "later\x82\x01x",
		12, 1008 },
	{ "\x88\x00", 2, 1005 },
	{ "\x88\x02\x00\x00", 4, 1005 },
};

TEST_EACH(closed, row, ends)
{
	unsigned char data[16];
	memcpy(data, row->frames, row->len);
	ck_assert_uint_eq(tbdi_websocket_unwrap(websocket, data, row->len), 0);
	ck_assert_int_eq(tbdi_websocket_closed(websocket), row->status);
	ck_assert_ptr_null(tbdi_websocket_fault(websocket));
}

static const struct {
	const char *frames;
	size_t len;
	const char *fault;
} faults[] = {
	{ "\x81\x01x", 3, "text" },
	{ "\x82\x81"
	  "1234x",
		7, "masked" },
	{ "\xc2\x01x", 3, "reserved" },
	{ "\x83\x01x", 3, "unknown kind" },
	{ "\x8b\x01x", 3, "unknown kind" },
	{ "\x89\x7e\x00\x7e", 4, "control frame" },
	{ "\x09\x01x", 3, "control frame" },
};

TEST_EACH(fault, row, faults)
{
	unsigned char data[16];
	memcpy(data, row->frames, row->len);
	ck_assert_uint_eq(tbdi_websocket_unwrap(websocket, data, row->len), 0);
	ck_assert_ptr_nonnull(strstr(tbdi_websocket_fault(websocket), row->fault));
}

/* security: a server that sends nothing but these would be read for ever. */
TEST(idle_frames)
{
	for (size_t i = 0; i < 20000 && tbdi_websocket_fault(websocket) == NULL; i++) {
		unsigned char empty[] = { 0x82, 0, 0x8a, 1, 'x' };
		ck_assert_uint_eq(tbdi_websocket_unwrap(websocket, empty, sizeof(empty)), 0);
	}
	ck_assert_ptr_nonnull(tbdi_websocket_fault(websocket));
	ck_assert_ptr_nonnull(strstr(tbdi_websocket_fault(websocket), "carries nothing"));
}

TEST(idle_frames_among_others)
{
	for (size_t i = 0; i < 20000; i++) {
		unsigned char frames[] = { 0x82, 0, 0x82, 1, 'x' };
		ck_assert_uint_eq(tbdi_websocket_unwrap(websocket, frames, sizeof(frames)), 1);
	}
	ck_assert_ptr_null(tbdi_websocket_fault(websocket));
}
