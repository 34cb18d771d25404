/* SPDX-License-Identifier: MIT
 *
 * hello.c - fuzz what a device can send to `tbdiag listen`: the input is one connection, cut into pieces as its first byte
 * says.
 * Whatever came, all that is told is printable, no more than promised is written, and what came in clear is not kept.
 */
#include "tools/listen/next.h"
#include "tools/listen/offers.h"
#include "tools/listen/plain.h"

#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A violated invariant ends the program, so that the fuzzer keeps the input. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__); \
			abort();                                                        \
		}                                                                       \
	} while (0)

enum { CHAIN_LEN = 3000 };

static bool is_printable(const char *text)
{
	while (isprint((unsigned char)*text))
		text++;
	return *text == '\0';
}

static void check_list(const char *const *list)
{
	for (; *list != NULL; list++)
		MUST(is_printable(*list));
}

static void check_offers(const struct replay *replay)
{
	static struct offers offers;
	static const struct next_key keys[] = { { "RSA", 2048 }, { "RSA", 16384 },
		{ "RSA-PSS", 4096 }, { "EC", 256 }, { "EC", 528 }, { "EC", 1 }, { "Ed25519", 256 },
		{ "Ed448", 456 }, { "", 0 } };
	const struct replay_hello *hello = replay_hello(replay);
	unsigned char record[NEXT_MAX];
	char text[NAMES_TEXT_SIZE];
	offers_fill(&offers, hello, replay_suite(replay));
	check_list(offers.hello.versions);
	check_list(offers.hello.suites);
	check_list(offers.hello.groups);
	check_list(offers.hello.signatures);
	check_list(offers.hello.alpn);
	check_list(offers.hello.extensions);
	MUST(offers.hello.server_name == NULL || is_printable(offers.hello.server_name));
	for (size_t i = 0; i < TOOL_COUNT(keys); i++) {
		size_t len = next_make(
			record, hello, names_of(NAMES_SUITE, replay_suite(replay), text), &keys[i]);
		MUST(len <= sizeof(record));
		MUST(len == 0 || len == 5 + ((size_t)record[3] << 8 | record[4]));
	}
}

static size_t take_all(struct replay *replay)
{
	unsigned char out[512];
	size_t len = 0;
	for (size_t n; (n = replay_take(replay, out, sizeof(out))) > 0;)
		len += n;
	return len;
}

static void check_plain(const uint8_t *data, size_t size)
{
	struct plain plain = plain_look(data, size);
	MUST(plain.token_len >= -1 && plain.token_len <= (int)size);
	MUST((plain.kind == PLAIN_MQTT || plain.kind == PLAIN_HTTP) == (plain.protocol != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t chain[CHAIN_LEN];
	const struct replay_bytes certs[] = { { chain, sizeof(chain) } };
	size_t step = size > 0 ? 1 + (size_t)data[0] * 8 : 1;
	struct replay *replay = replay_new(certs, 1);
	size_t out = 0;
	MUST(replay != NULL);
	for (size_t at = 1; at < size; at += step) {
		check_plain(data + 1, at < 2048 ? at : 2048);
		replay_put(replay, data + at, step < size - at ? step : size - at);
		out += take_all(replay);
	}
	MUST(out < CHAIN_LEN + 200);
	MUST(replay_state(replay) != REPLAY_SHOWN || out > CHAIN_LEN);
	if (replay_hello(replay) != NULL)
		check_offers(replay);
	replay_free(replay);
	return 0;
}
