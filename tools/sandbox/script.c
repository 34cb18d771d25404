/* SPDX-License-Identifier: MIT
 *
 * script.c - reads what a scripted peer is to do.
 */
#include "tools/cli/tool.h"

#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

enum { MS_MAX = 3600 * 1000 };

/* ---- words ------------------------------------------------------------------------------------ */

/* A line as it is read. */
struct reader {
	const char *at;
	struct script_step *step;
	struct script_error *error;
};

static bool wrong(struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool wrong(struct reader *reader, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(reader->error->text, sizeof(reader->error->text), format, args);
	va_end(args);
	return false;
}

static void skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r");
}

static bool at_end(struct reader *reader)
{
	skip_blanks(reader);
	return *reader->at == '\0' || *reader->at == '#';
}

/* The length of the word that is next, 0 at the end. */
static size_t word_len(struct reader *reader)
{
	return at_end(reader) ? 0 : strcspn(reader->at, " \t\r");
}

/* Take the next word if it is this one. */
static bool script_take(struct reader *reader, const char *word)
{
	size_t len = word_len(reader);
	if (len == 0 || len != strlen(word) || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static bool take_number(struct reader *reader, int base, int max, int *number)
{
	char *end = NULL;
	size_t len = word_len(reader);
	errno = 0;
	/* strtol() would take a sign. */
	long value = len > 0 && isxdigit((unsigned char)*reader->at)
		? strtol(reader->at, &end, base)
		: -1;
	if (errno != 0 || value < 0 || value > max || end != reader->at + len)
		return false;
	*number = (int)value;
	reader->at = end;
	return true;
}

/* Take one of these words; its place, or -1. */
static int take_one_of(struct reader *reader, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (script_take(reader, words[i]))
			return i;
	return -1;
}

/* ---- bytes ------------------------------------------------------------------------------------ */

static bool script_put(struct reader *reader, uint16_t value)
{
	struct script_step *step = reader->step;
	if (step->len == SCRIPT_BYTES_MAX)
		return wrong(reader, "more than %d bytes", SCRIPT_BYTES_MAX);
	step->bytes[step->len++] = value;
	return true;
}

/* After the quotation mark; the escapes are \r, \n, \" and \\. */
static bool put_string(struct reader *reader)
{
	static const char names[] = "rn\"\\";
	static const char values[] = "\r\n\"\\";
	for (reader->at++; *reader->at != '"'; reader->at++) {
		char value = *reader->at;
		if (value == '\\') {
			const char *name =
				*++reader->at != '\0' ? strchr(names, *reader->at) : NULL;
			if (name == NULL)
				return wrong(reader, "an escape that is none of \\r \\n \\\" \\\\");
			value = values[name - names];
		} else if (value == '\0') {
			return wrong(reader, "a string without its end");
		}
		if (!script_put(reader, (unsigned char)value))
			return false;
	}
	reader->at++;
	return true;
}

static bool put_item(struct reader *reader)
{
	bool sends = reader->step->op == SCRIPT_SEND;
	int byte = 0;
	if (*reader->at == '"')
		return put_string(reader);
	if (sends && script_take(reader, "id"))
		return script_put(reader, SCRIPT_ID_HIGH) && script_put(reader, SCRIPT_ID_LOW);
	if (!sends && script_take(reader, ".."))
		return script_put(reader, SCRIPT_ANY_BYTE);
	if (word_len(reader) == 2 && take_number(reader, 16, 255, &byte))
		return script_put(reader, (uint16_t)byte);
	return wrong(reader, "wants bytes: 2f, \"text\"%s", sends ? ", id" : ", ..");
}

static bool read_bytes(struct reader *reader)
{
	reader->step->bytes = calloc(SCRIPT_BYTES_MAX, sizeof(*reader->step->bytes));
	if (reader->step->bytes == NULL)
		return wrong(reader, "out of memory");
	do {
		if (at_end(reader))
			return wrong(reader, "wants bytes");
		if (!put_item(reader))
			return false;
	} while (!at_end(reader));
	return true;
}

/* ---- steps ------------------------------------------------------------------------------------ */

static const char *const stages[] = { [SCRIPT_WHOLE] = "whole",
	[SCRIPT_ACCEPT] = "accept",
	[SCRIPT_CLIENT_HELLO] = "client-hello",
	[SCRIPT_SERVER_HELLO] = "server-hello",
	[SCRIPT_CERTIFICATE] = "certificate",
	[SCRIPT_FINISHED] = "finished",
	NULL };
TOOL_TABLE_OF(stages, SCRIPT_FINISHED + 1);

bool script_is_stage(const char *name)
{
	struct reader reader = { .at = name };
	return take_one_of(&reader, stages) > SCRIPT_WHOLE && *reader.at == '\0';
}

/* Packets that a client sends, by their types. */
static const struct {
	const char *name;
	unsigned type;
} packets[] = {
	{ "connect", 1 },
	{ "publish", 3 },
	{ "puback", 4 },
	{ "subscribe", 8 },
	{ "unsubscribe", 10 },
	{ "pingreq", 12 },
	{ "disconnect", 14 },
};

static bool take_packet(struct reader *reader)
{
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		if (script_take(reader, packets[i].name)) {
			reader->step->packet = packets[i].type;
			return true;
		}
	}
	return false;
}

static bool read_nothing(struct reader *reader)
{
	(void)reader;
	return true;
}

static bool read_handshake(struct reader *reader)
{
	struct script_handshake *handshake = &reader->step->handshake;
	while (!at_end(reader)) {
		int stage = 0;
		if (script_take(reader, "tls1.2"))
			handshake->version = "1.2";
		else if (script_take(reader, "tls1.3"))
			handshake->version = "1.3";
		else if (script_take(reader, "cert"))
			handshake->cert = true;
		else if (script_take(reader, "name"))
			handshake->name = true;
		else if (script_take(reader, "until") && (stage = take_one_of(reader, stages)) > 0)
			handshake->until = (enum script_stage)stage;
		else
			return wrong(reader, "wants tls1.2, tls1.3, cert, name or until STEP");
	}
	return true;
}

static bool read_expect(struct reader *reader)
{
	return script_take(reader, "any") || take_packet(reader) || read_bytes(reader);
}

static bool read_ms(struct reader *reader)
{
	return take_number(reader, 10, MS_MAX, &reader->step->number) ||
		wrong(reader, "wants milliseconds, at most %d", MS_MAX);
}

static bool read_alert(struct reader *reader)
{
	return take_number(reader, 10, 255, &reader->step->number) ||
		wrong(reader, "wants the number of an alert, at most 255");
}

static bool read_relay(struct reader *reader)
{
	struct script_step *step = reader->step;
	if (at_end(reader))
		return true;
	if (script_take(reader, "for")) {
		step->until = SCRIPT_UNTIL_TIME;
		return read_ms(reader);
	}
	if (!script_take(reader, "until"))
		return wrong(reader, "wants nothing, until PACKET or for MS");
	step->until = script_take(reader, "connack") ? SCRIPT_UNTIL_CONNACK : SCRIPT_UNTIL_PACKET;
	return step->until == SCRIPT_UNTIL_CONNACK || take_packet(reader) ||
		wrong(reader, "wants a packet: connack or one that a device sends");
}

static bool read_disconnect(struct reader *reader)
{
	return take_number(reader, 16, 255, &reader->step->number) ||
		wrong(reader, "wants a reason code, two hexadecimal digits");
}

static bool read_close(struct reader *reader)
{
	static const char *const kinds[] = {
		[SCRIPT_FIN] = "fin", [SCRIPT_RESET] = "reset", [SCRIPT_NOTIFY] = "notify", NULL
	};
	TOOL_TABLE_OF(kinds, SCRIPT_NOTIFY + 1);
	reader->step->number = take_one_of(reader, kinds);
	return reader->step->number >= 0 || wrong(reader, "wants fin, reset or notify");
}

static const struct {
	const char *name;
	bool (*read)(struct reader *reader);
} statements[] = {
	[SCRIPT_CLEAR] = { "clear", read_nothing },
	[SCRIPT_HANDSHAKE] = { "handshake", read_handshake },
	[SCRIPT_EXPECT] = { "expect", read_expect },
	[SCRIPT_SEND] = { "send", read_bytes },
	[SCRIPT_WAIT] = { "wait", read_ms },
	[SCRIPT_ALERT] = { "alert", read_alert },
	[SCRIPT_RELAY] = { "relay", read_relay },
	[SCRIPT_DISCONNECT] = { "disconnect", read_disconnect },
	[SCRIPT_CLOSE] = { "close", read_close },
};
TOOL_TABLE_OF(statements, SCRIPT_CLOSE);

/* Let the step that was read last be the one to begin with. False: another came before it. */
static bool open_with(struct script *script)
{
	if (script->count != 2 || script->steps[0].line != 0)
		return false;
	script->steps[0] = script->steps[1];
	script->steps[--script->count] = (struct script_step){ 0 };
	return true;
}

static bool read_line(struct script *script, struct reader *reader)
{
	if (at_end(reader))
		return true;
	if (script->count == SCRIPT_STEPS_MAX)
		return wrong(reader, "more than %d steps", SCRIPT_STEPS_MAX);
	reader->step = &script->steps[script->count++];
	reader->step->line = reader->error->line;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (!script_take(reader, statements[i].name))
			continue;
		reader->step->op = (enum script_op)i;
		if (i <= SCRIPT_HANDSHAKE && !open_with(script))
			return wrong(reader, "%s has to come first", statements[i].name);
		reader->step = &script->steps[script->count - 1];
		return statements[i].read(reader) &&
			(at_end(reader) ||
				wrong(reader, "expected a new line after '%s'",
					statements[i].name));
	}
	return wrong(reader, "no such step: %.*s", (int)word_len(reader), reader->at);
}

bool script_parse(struct script *script, const char *text, struct script_error *error)
{
	struct reader reader = { .error = error };
	char *copy = strdup(text);
	*error = (struct script_error){ 0 };
	*script = (struct script){ .steps = calloc(SCRIPT_STEPS_MAX, sizeof(*script->steps)) };
	bool good = copy != NULL && script->steps != NULL;
	if (good)
		script->steps[script->count++].op = SCRIPT_HANDSHAKE;
	else
		wrong(&reader, "out of memory");
	for (char *line = copy; good && line != NULL;) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		error->line++;
		reader.at = line;
		good = read_line(script, &reader);
		line = end;
	}
	free(copy);
	return good;
}

void script_release(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		free(script->steps[i].bytes);
	free(script->steps);
	*script = (struct script){ 0 };
}
