/* SPDX-License-Identifier: MIT
 *
 * plugin-protocol.c - messages between plugin and sandbox arrive whole or not at all.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/sandbox/plugin-protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[2];
static char buffer[WIRE_MAX];

static void protocol_setup(void)
{
	ck_assert_int_eq(wire_pair(fds), 0);
}

static void protocol_teardown(void)
{
	close(fds[0]);
	close(fds[1]);
}

TEST_GROUP(.setup = protocol_setup, .teardown = protocol_teardown);

TEST(all_parts)
{
	struct wire_message got;
	struct wire_message sent = { .kind = WIRE_PUBLISH,
		.qos = 1,
		.parts = { wire_string("token"), wire_string(NULL), { "a\0b", 3 } } };
	ck_assert_int_eq(wire_send(fds[0], &sent), 0);
	ck_assert_int_eq(wire_receive(fds[1], buffer, &got), 1);
	ck_assert_int_eq(got.kind, WIRE_PUBLISH);
	ck_assert_int_eq(got.qos, 1);
	ck_assert_str_eq(got.parts[0].data, "token");
	ck_assert_str_eq(got.parts[1].data, "");
	ck_assert_uint_eq(got.parts[2].len, 3);
	ck_assert_mem_eq(got.parts[2].data, "a\0b", 4);
}

TEST(largest)
{
	struct wire_message got;
	size_t head = 5 * sizeof(uint32_t) + WIRE_PARTS;
	char *data = calloc(1, WIRE_MAX);
	struct wire_message sent = { .kind = WIRE_PUBLISH, .parts = { { data, WIRE_MAX - head } } };
	ck_assert_int_eq(wire_send(fds[0], &sent), 0);
	ck_assert_int_eq(wire_receive(fds[1], buffer, &got), 1);
	ck_assert_uint_eq(got.parts[0].len, WIRE_MAX - head);
	sent.parts[0].len++;
	ck_assert_int_eq(wire_send(fds[0], &sent), -1);
	ck_assert_int_eq(errno, EMSGSIZE);
	free(data);
}

TEST(other_bytes)
{
	static const char *const rows[] = { "x", "twenty-one bytes and more than a header has" };
	struct wire_message got;
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_gt(send(fds[0], rows[i], strlen(rows[i]), 0), 0);
		ck_assert_int_eq(wire_receive(fds[1], buffer, &got), -1);
		ck_assert_int_eq(errno, EPROTO);
	}
}

TEST(other_end_gone)
{
	struct wire_message got;
	close(fds[0]);
	ck_assert_int_eq(wire_receive(fds[1], buffer, &got), 0);
	ck_assert_int_eq(wire_send(fds[1], &(struct wire_message){ .kind = WIRE_READY }), -1);
	ck_assert_int_eq(errno, EPIPE);
	fds[0] = dup(fds[1]);
}
