/* SPDX-License-Identifier: MIT
 *
 * script.c - scripts are read strictly, and what is wrong is named with its line.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/sandbox/script.h"

#include <string.h>

static struct script script;
static struct script_error error;

static void script_teardown(void)
{
	script_release(&script);
}

TEST_GROUP(.teardown = script_teardown);

TEST(all_steps)
{
	ck_assert(script_parse(&script,
		"# says what it is\n"
		"handshake tls1.2 cert name until server-hello\n"
		"\texpect any # whatever\r\n"
		"\n"
		"expect connect\n"
		"expect 10 .. \"a\\n\\\"\"\n"
		"send 90 03 id 01 \"\\\\#\"\n"
		"wait 0\n"
		"alert 80\n"
		"relay until publish\n"
		"relay until connack\n"
		"relay for 100\n"
		"relay\n"
		"disconnect 8e\n"
		"close notify",
		&error));
	static const enum script_op ops[] = { SCRIPT_HANDSHAKE, SCRIPT_EXPECT, SCRIPT_EXPECT,
		SCRIPT_EXPECT, SCRIPT_SEND, SCRIPT_WAIT, SCRIPT_ALERT, SCRIPT_RELAY, SCRIPT_RELAY,
		SCRIPT_RELAY, SCRIPT_RELAY, SCRIPT_DISCONNECT, SCRIPT_CLOSE };
	ck_assert_uint_eq(script.count, sizeof(ops) / sizeof(ops[0]));
	for (size_t i = 0; i < script.count; i++)
		ck_assert_int_eq(script.steps[i].op, ops[i]);
	const struct script_step *steps = script.steps;
	ck_assert_str_eq(steps[0].handshake.version, "1.2");
	ck_assert(steps[0].handshake.cert && steps[0].handshake.name);
	ck_assert_int_eq(steps[0].handshake.until, SCRIPT_SERVER_HELLO);
	ck_assert_uint_eq(steps[1].line, 3);
	ck_assert_uint_eq(steps[2].packet, 1);
	static const uint16_t expected[] = { 0x10, SCRIPT_ANY_BYTE, 'a', '\n', '"' };
	ck_assert_uint_eq(steps[3].len, 5);
	ck_assert_mem_eq(steps[3].bytes, expected, sizeof(expected));
	static const uint16_t sent[] = { 0x90, 3, SCRIPT_ID_HIGH, SCRIPT_ID_LOW, 1, '\\', '#' };
	ck_assert_uint_eq(steps[4].len, 7);
	ck_assert_mem_eq(steps[4].bytes, sent, sizeof(sent));
	ck_assert_int_eq(steps[6].number, 80);
	ck_assert_int_eq(steps[7].until, SCRIPT_UNTIL_PACKET);
	ck_assert_uint_eq(steps[7].packet, 3);
	ck_assert_int_eq(steps[8].until, SCRIPT_UNTIL_CONNACK);
	ck_assert_int_eq(steps[9].number, 100);
	ck_assert_int_eq(steps[10].until, SCRIPT_UNTIL_END);
	ck_assert_int_eq(steps[11].number, 0x8e);
	ck_assert_int_eq(steps[12].number, SCRIPT_NOTIFY);
}

static const struct {
	const char *text;
	unsigned line;
	const char *wants;
} wrong_rows[] = {
	{ "\n\nbreak", 3, "no such step: break" },
	{ "sends 00", 1, "no such step: sends" },
	{ "send", 1, "wants bytes" },
	{ "send 0", 1, "wants bytes: 2f" },
	{ "send 000", 1, "wants bytes: 2f" },
	{ "send +1", 1, "wants bytes: 2f" },
	{ "send 0x", 1, "wants bytes: 2f" },
	{ "send ..", 1, "wants bytes: 2f" },
	{ "expect id", 1, "wants bytes: 2f" },
	{ "send \"a", 1, "a string without its end" },
	{ "send \"\\q\"", 1, "an escape that is none of" },
	{ "send \"\\", 1, "an escape that is none of" },
	{ "wait", 1, "wants milliseconds" },
	{ "wait -1", 1, "wants milliseconds" },
	{ "wait 1s", 1, "wants milliseconds" },
	{ "wait 3600001", 1, "wants milliseconds" },
	{ "wait 1 2", 1, "expected a new line after 'wait'" },
	{ "alert 256", 1, "wants the number of an alert" },
	{ "relay now", 1, "wants nothing" },
	{ "relay until", 1, "wants a packet" },
	{ "relay for", 1, "wants milliseconds" },
	{ "disconnect 100", 1, "wants a reason code" },
	{ "close", 1, "wants fin, reset or notify" },
	{ "handshake tls1.1", 1, "wants tls1.2" },
	{ "handshake until whole", 1, "wants tls1.2" },
	{ "handshake until end", 1, "wants tls1.2" },
	{ "wait 1\nhandshake", 2, "handshake has to come first" },
	{ "clear\nhandshake", 2, "handshake has to come first" },
	{ "clear\nclear", 2, "clear has to come first" },
};

TEST_EACH(wrong, row, wrong_rows)
{
	ck_assert(!script_parse(&script, row->text, &error));
	ck_assert_uint_eq(error.line, row->line);
	ck_assert_msg(strncmp(error.text, row->wants, strlen(row->wants)) == 0, "%s: %s", row->text,
		error.text);
}

TEST(begins_with_a_handshake)
{
	ck_assert(script_parse(&script, "", &error));
	ck_assert_uint_eq(script.count, 1);
	ck_assert_int_eq(script.steps[0].op, SCRIPT_HANDSHAKE);
	ck_assert_int_eq(script.steps[0].handshake.until, SCRIPT_WHOLE);
}

TEST(begins_in_clear)
{
	ck_assert(script_parse(&script, "#\nclear\nwait 1", &error));
	ck_assert_uint_eq(script.count, 2);
	ck_assert_int_eq(script.steps[0].op, SCRIPT_CLEAR);
	ck_assert_int_eq(script.steps[1].op, SCRIPT_WAIT);
}

TEST(too_long)
{
	char text[2 * SCRIPT_STEPS_MAX * 8 + 1] = "";
	for (size_t i = 0; i < SCRIPT_STEPS_MAX; i++)
		memcpy(text + 7 * i, "wait 1\n", 8);
	ck_assert(!script_parse(&script, text, &error));
	ck_assert_uint_eq(error.line, SCRIPT_STEPS_MAX);
	ck_assert_str_eq(error.text, "more than 256 steps");
	script_release(&script);
	text[7 * (SCRIPT_STEPS_MAX - 1)] = '\0';
	ck_assert(script_parse(&script, text, &error));
}
