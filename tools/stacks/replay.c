/* SPDX-License-Identifier: MIT
 *
 * replay.c - a TLS 1.2 server without a key.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/replay.h"

#include "tools/stacks/hello.h"

#include <errno.h>

enum {
	RECORD_HEAD = 5,
	RECORD_MAX = 16384,
	RECORD_MAX_OTHER = RECORD_MAX + 2048, /* encrypted, RFC 5246, 6.2.3 */
	RECORD_CHANGE = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	MESSAGE_HEAD = 4,
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_CERTIFICATE = 11,
	ALERT_CLOSE_NOTIFY = 0,
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_PROTOCOL_VERSION = 70,
	SERVER_HELLO_MAX = 128,
};

struct replay {
	const struct replay_bytes *chain;
	size_t count;
	enum replay_state state;
	int alert;
	uint16_t suite;
	bool has_hello;
	struct replay_hello hello;
	/* A record of the client, until it is whole; and what handshake records held, until a message is. */
	uint8_t record[RECORD_HEAD + RECORD_MAX_OTHER];
	size_t record_len;
	uint8_t message[MESSAGE_HEAD + REPLAY_HELLO_MAX];
	size_t message_len;
	/* For the client: all of it, and what it has. */
	uint8_t *out;
	size_t out_len, out_taken;
};

/* ---- writing ---------------------------------------------------------------------------------- */

static uint8_t *write_number(uint8_t *at, size_t number, size_t size)
{
	for (size_t i = size; i-- > 0;)
		*at++ = (uint8_t)(number >> (8 * i));
	return at;
}

static uint8_t *write_bytes(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

/* The certificates with their lengths. */
static size_t chain_size(const struct replay_bytes *chain, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count && size <= REPLAY_MESSAGE_MAX; i++)
		size += 3 + chain[i].len;
	return size;
}

/* The random of a server that knows nothing newer than TLS 1.2 does not end in "DOWNGRD" (RFC 8446, 4.1.3); that it is
 * always the same harms nobody, for there will be no key. */
static uint8_t *put_server_hello(uint8_t *at, const struct replay *replay)
{
	static const char random[32 + 1] = "tbdiag shows a chain, no more...";
	bool info = replay->hello.renegotiation_info;
	at = write_number(at, MESSAGE_SERVER_HELLO, 1);
	at = write_number(at, 2 + 32 + 1 + 2 + 1 + (info ? 2 + 5 : 0), 3);
	at = write_number(at, 0x0303, 2);
	at = write_bytes(at, random, 32);
	at = write_number(at, 0, 1); /* no session */
	at = write_number(at, replay->suite, 2);
	at = write_number(at, 0, 1); /* no compression */
	/* RFC 5746: who did not ask takes it for an attack (wolfSSL -388). */
	if (info) {
		at = write_number(at, 5, 2);
		at = write_number(at, 0xff01, 2);
		at = write_number(at, 1, 2);
		at = write_number(at, 0, 1);
	}
	return at;
}

static uint8_t *put_certificate(uint8_t *at, const struct replay *replay)
{
	size_t size = chain_size(replay->chain, replay->count);
	at = write_number(at, MESSAGE_CERTIFICATE, 1);
	at = write_number(at, size + 3, 3);
	at = write_number(at, size, 3);
	for (size_t i = 0; i < replay->count; i++) {
		at = write_number(at, replay->chain[i].len, 3);
		at = write_bytes(at, replay->chain[i].data, replay->chain[i].len);
	}
	return at;
}

/* Queue messages, in as many records as they need. */
static bool queue(struct replay *replay, uint8_t type, const uint8_t *data, size_t len)
{
	size_t records = (len + RECORD_MAX - 1) / RECORD_MAX;
	replay->out = malloc(len + records * RECORD_HEAD);
	if (replay->out == NULL)
		return false;
	uint8_t *at = replay->out;
	while (len > 0) {
		size_t part = len < RECORD_MAX ? len : RECORD_MAX;
		at = write_number(at, type, 1);
		at = write_number(at, 0x0303, 2);
		at = write_number(at, part, 2);
		at = write_bytes(at, data, part);
		data += part;
		len -= part;
	}
	replay->out_len = (size_t)(at - replay->out);
	return true;
}

static void queue_alert(struct replay *replay, uint8_t alert, enum replay_state state)
{
	const uint8_t fatal[] = { 2, alert };
	replay->state = queue(replay, RECORD_ALERT, fatal, sizeof(fatal)) ? state : REPLAY_ALIEN;
}

static void show_chain(struct replay *replay)
{
	uint8_t *flight = malloc(
		SERVER_HELLO_MAX + MESSAGE_HEAD + 3 + chain_size(replay->chain, replay->count));
	replay->state = REPLAY_ALIEN;
	if (flight == NULL)
		return;
	uint8_t *end = put_certificate(put_server_hello(flight, replay), replay);
	if (queue(replay, RECORD_HANDSHAKE, flight, (size_t)(end - flight)))
		replay->state = REPLAY_SHOWN;
	free(flight);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void answer_hello(struct replay *replay, const uint8_t *body, size_t len)
{
	if (!hello_read(&replay->hello, body, len)) {
		replay->state = REPLAY_ALIEN;
		return;
	}
	replay->has_hello = true;
	replay->suite = hello_choose_suite(&replay->hello, &replay->chain[0]);
	if (!hello_offers_tls12(&replay->hello))
		queue_alert(replay, ALERT_PROTOCOL_VERSION, REPLAY_NO_VERSION);
	else if (replay->suite == 0)
		queue_alert(replay, ALERT_HANDSHAKE_FAILURE, REPLAY_NO_SUITE);
	else
		show_chain(replay);
}

/* Only the ClientHello is of interest; a client that goes on has nothing to say to what it got. */
static void take_handshake(struct replay *replay, const uint8_t *data, size_t len)
{
	if (replay->state != REPLAY_WAITING)
		return;
	if (len > sizeof(replay->message) - replay->message_len) {
		replay->state = REPLAY_ALIEN;
		return;
	}
	write_bytes(replay->message + replay->message_len, data, len);
	replay->message_len += len;
	if (replay->message_len < MESSAGE_HEAD)
		return;
	const uint8_t *head = replay->message;
	size_t body = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (head[0] != MESSAGE_CLIENT_HELLO || body > REPLAY_HELLO_MAX)
		replay->state = REPLAY_ALIEN;
	else if (replay->message_len >= MESSAGE_HEAD + body)
		answer_hello(replay, head + MESSAGE_HEAD, body);
}

/* A warning refuses as well: SSLv3 had some for certificates, and libraries still send them. */
static void take_alert(struct replay *replay, const uint8_t *data, size_t len)
{
	if (len < 2)
		return;
	replay->alert = data[1];
	if (data[1] != ALERT_CLOSE_NOTIFY)
		replay->state = REPLAY_REFUSED;
}

static void take_record(struct replay *replay)
{
	const uint8_t *data = replay->record + RECORD_HEAD;
	size_t len = replay->record_len - RECORD_HEAD;
	if (replay->record[0] == RECORD_HANDSHAKE)
		take_handshake(replay, data, len);
	else if (replay->record[0] == RECORD_ALERT)
		take_alert(replay, data, len);
}

static bool record_is_plausible(const uint8_t *head, size_t len)
{
	return head[0] >= RECORD_CHANGE && head[0] <= RECORD_DATA && head[1] == 3 &&
		len <= RECORD_MAX_OTHER;
}

/* How many bytes the record in hand needs to be whole; its head first. */
static size_t record_needs(const struct replay *replay)
{
	if (replay->record_len < RECORD_HEAD)
		return RECORD_HEAD;
	return RECORD_HEAD + ((size_t)replay->record[3] << 8 | replay->record[4]);
}

static bool hears_client(const struct replay *replay)
{
	return replay->state == REPLAY_WAITING || replay->state == REPLAY_SHOWN;
}

/* ---- the interface ---------------------------------------------------------------------------- */

struct replay *replay_new(const struct replay_bytes *chain, size_t count)
{
	if (count == 0 || count > REPLAY_CHAIN_MAX ||
		chain_size(chain, count) > REPLAY_MESSAGE_MAX) {
		errno = EMSGSIZE;
		return NULL;
	}
	struct replay *replay = calloc(1, sizeof(*replay));
	if (replay == NULL)
		return NULL;
	replay->chain = chain;
	replay->count = count;
	replay->alert = -1;
	return replay;
}

void replay_free(struct replay *replay)
{
	if (replay != NULL)
		free(replay->out);
	free(replay);
}

void replay_put(struct replay *replay, const void *data, size_t len)
{
	const uint8_t *at = data;
	while (len > 0 && hears_client(replay)) {
		size_t part = record_needs(replay) - replay->record_len;
		if (part > len)
			part = len;
		write_bytes(replay->record + replay->record_len, at, part);
		replay->record_len += part;
		at += part;
		len -= part;
		if (replay->record_len < RECORD_HEAD)
			continue;
		if (!record_is_plausible(replay->record, record_needs(replay) - RECORD_HEAD)) {
			replay->state = REPLAY_ALIEN;
		} else if (replay->record_len == record_needs(replay)) {
			take_record(replay);
			replay->record_len = 0;
		}
	}
}

size_t replay_take(struct replay *replay, void *buffer, size_t size)
{
	size_t left = replay->out_len - replay->out_taken;
	if (size > left)
		size = left;
	if (size > 0)
		write_bytes(buffer, replay->out + replay->out_taken, size);
	replay->out_taken += size;
	return size;
}

enum replay_state replay_state(const struct replay *replay)
{
	return replay->state;
}

const struct replay_hello *replay_hello(const struct replay *replay)
{
	return replay->has_hello ? &replay->hello : NULL;
}

int replay_alert(const struct replay *replay)
{
	return replay->alert;
}

uint16_t replay_suite(const struct replay *replay)
{
	return replay->suite;
}
