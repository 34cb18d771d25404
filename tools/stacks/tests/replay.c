/* SPDX-License-Identifier: MIT
 *
 * replay.c - the server without a key: what it understands, what it answers, and what it survives.
 */
#include "config.h"

#include "certs/mint.h"
#include "tests/unit/check-main.h"
#include "tools/stacks/base64.h"
#include "tools/stacks/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A client that can be asked for its first flight. */
static uint8_t flight[4096];
static size_t flight_len;

static ssize_t on_flight_push(gnutls_transport_ptr_t unused, const void *data, size_t len)
{
	(void)unused;
	ck_assert_uint_le(flight_len + len, sizeof(flight));
	memcpy(flight + flight_len, data, len);
	flight_len += len;
	return (ssize_t)len;
}

static ssize_t on_flight_pull(gnutls_transport_ptr_t unused, void *data, size_t len)
{
	(void)unused;
	(void)data;
	(void)len;
	errno = EAGAIN;
	return -1;
}

static void make_hello(const char *priorities)
{
	gnutls_session_t session;
	gnutls_certificate_credentials_t trust;
	flight_len = 0;
	ck_assert_int_eq(gnutls_certificate_allocate_credentials(&trust), 0);
	ck_assert_int_eq(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), 0);
	ck_assert_int_eq(gnutls_priority_set_direct(session, priorities, NULL), 0);
	ck_assert_int_eq(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust), 0);
	ck_assert_int_eq(gnutls_server_name_set(session, GNUTLS_NAME_DNS, "tb.test", 7), 0);
	gnutls_datum_t mqtt = { (unsigned char *)(uintptr_t) "mqtt", 4 };
	ck_assert_int_eq(gnutls_alpn_set_protocols(session, &mqtt, 1, 0), 0);
	gnutls_transport_set_push_function(session, on_flight_push);
	gnutls_transport_set_pull_function(session, on_flight_pull);
	ck_assert_int_eq(gnutls_handshake(session), GNUTLS_E_AGAIN);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(trust);
}

static struct replay_bytes leaf;
static struct replay *replay;
static uint8_t answer[REPLAY_MESSAGE_MAX + 4096];

static void start(enum mint_key_type key)
{
	struct mint_cert *cert =
		mint_new(&(struct mint_spec){ .names = "tb.test", .key_type = key }, NULL);
	ck_assert_ptr_nonnull(cert);
	uint8_t *der = malloc(cert->der.size);
	ck_assert_ptr_nonnull(der);
	memcpy(der, cert->der.data, cert->der.size);
	leaf = (struct replay_bytes){ der, cert->der.size };
	replay = replay_new(&leaf, 1);
	ck_assert_ptr_nonnull(replay);
	mint_free(cert);
}

static void finish(void)
{
	replay_free(replay);
	free((void *)(uintptr_t)leaf.data);
}

static bool is_offered(const struct replay_list *list, uint16_t value)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->value[i] == value)
			return true;
	return false;
}

TEST(chain_is_shown)
{
	start(MINT_P256);
	make_hello("NORMAL");
	for (size_t i = 0; i < flight_len; i++) {
		ck_assert_int_eq(replay_state(replay), REPLAY_WAITING);
		ck_assert_ptr_null(replay_hello(replay));
		ck_assert_uint_eq(replay_take(replay, answer, sizeof(answer)), 0);
		replay_put(replay, flight + i, 1);
	}
	ck_assert_int_eq(replay_state(replay), REPLAY_SHOWN);
	ck_assert_uint_eq(replay_suite(replay), 0xc02c);
	size_t got = replay_take(replay, answer, 7);
	ck_assert_uint_eq(got, 7);
	got += replay_take(replay, answer + got, sizeof(answer) - got);
	ck_assert_uint_gt(got, leaf.len);
	ck_assert_mem_eq(answer + got - leaf.len, leaf.data, leaf.len);
	ck_assert_uint_eq(replay_take(replay, answer, sizeof(answer)), 0);
	finish();
}

TEST(offers_are_read)
{
	start(MINT_P256);
	make_hello("NORMAL");
	replay_put(replay, flight, flight_len);
	const struct replay_hello *hello = replay_hello(replay);
	ck_assert_str_eq(hello->name, "tb.test");
	ck_assert_uint_eq(hello->alpn_count, 1);
	ck_assert_str_eq(hello->alpn[0], "mqtt");
	ck_assert(is_offered(&hello->versions, 0x0304) && is_offered(&hello->versions, 0x0303));
	ck_assert(is_offered(&hello->suites, 0xc02b) && is_offered(&hello->groups, 23));
	ck_assert(is_offered(&hello->signatures, 0x0403) && is_offered(&hello->extensions, 43));
	ck_assert(hello->renegotiation_info);
	finish();
}

/* ---- what fits the key ------------------------------------------------------------------------ */

static const struct {
	const char *priorities;
	enum mint_key_type key;
	enum replay_state state;
	uint16_t suite;
} fitting[] = {
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.2", MINT_RSA, REPLAY_SHOWN, 0xc030 },
	{ "NORMAL:-ECDHE-RSA:-DHE-RSA", MINT_RSA, REPLAY_SHOWN, 0x009d },
	{ "NORMAL:-ECDHE-ECDSA", MINT_P256, REPLAY_NO_SUITE, 0 },
	{ "NORMAL:-ECDHE-RSA:-DHE-RSA:-RSA", MINT_RSA, REPLAY_NO_SUITE, 0 },
	{ "NORMAL:-GROUP-ALL:+GROUP-SECP384R1", MINT_P256, REPLAY_NO_SUITE, 0 },
	{ "NORMAL:-GROUP-ALL:+GROUP-SECP384R1", MINT_P384, REPLAY_SHOWN, 0xc02c },
	{ "NORMAL", MINT_ED25519, REPLAY_SHOWN, 0xc02c },
	{ "NORMAL:-SIGN-EDDSA-ED25519", MINT_ED25519, REPLAY_NO_SUITE, 0 },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.3", MINT_P256, REPLAY_NO_VERSION, 0 },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.1", MINT_RSA, REPLAY_NO_VERSION, 0 },
};

TEST_EACH(key_decides, row, fitting)
{
	start(row->key);
	make_hello(row->priorities);
	replay_put(replay, flight, flight_len);
	ck_assert_int_eq(replay_state(replay), row->state);
	if (row->suite != 0)
		ck_assert_uint_eq(replay_suite(replay), row->suite);
	size_t got = replay_take(replay, answer, sizeof(answer));
	if (row->state != REPLAY_SHOWN) {
		ck_assert_uint_eq(got, 7);
		ck_assert_uint_eq(answer[0], 21);
		ck_assert_uint_eq(answer[6], row->state == REPLAY_NO_SUITE ? 40 : 70);
	}
	finish();
}

/* ---- what the client says to it --------------------------------------------------------------- */

TEST(alerts_are_heard)
{
	start(MINT_P256);
	make_hello("NORMAL");
	replay_put(replay, flight, flight_len);
	ck_assert_int_eq(replay_alert(replay), -1);
	replay_put(replay, "\x15\x03\x03\0\2\1\0", 7);
	ck_assert_int_eq(replay_alert(replay), 0);
	ck_assert_int_eq(replay_state(replay), REPLAY_SHOWN);
	replay_put(replay, "\x15\x03\x03\0", 4);
	replay_put(replay, "\2\2\x30", 3);
	ck_assert_int_eq(replay_alert(replay), 48);
	ck_assert_int_eq(replay_state(replay), REPLAY_REFUSED);
	replay_put(replay, "anything", 8);
	ck_assert_int_eq(replay_state(replay), REPLAY_REFUSED);
	finish();
}

static const struct {
	const char *data;
	size_t len;
} aliens[] = {
	{ "GET / HTTP/1.1\r\n", 16 }, { "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0", 14 },
	{ "\x80\x2e\x01\x03\x01", 5 },     /* SSLv2 */
	{ "\x16\x03\x01\xff\xff", 5 },     /* longer than a record can be */
	{ "\x16\x03\x01\0\4\2\0\0\0", 9 }, /* not a ClientHello */
	{ "\x16\x03\x01\0\4\1\xff\xff\xff", 9 }, { "\x16\x03\x01\0\4\1\0\0\0", 9 }, /* empty */
};

TEST_EACH(aliens_are_told, row, aliens)
{
	start(MINT_P256);
	replay_put(replay, row->data, row->len);
	ck_assert_int_eq(replay_state(replay), REPLAY_ALIEN);
	ck_assert_uint_eq(replay_take(replay, answer, sizeof(answer)), 0);
	finish();
}

/* Each byte of a ClientHello turned: no state is wrong, but none may read what is not there. */
TEST(damaged_hello_is_survived)
{
	start(MINT_P256);
	make_hello("NORMAL");
	for (size_t i = 0; i < flight_len; i++)
		for (unsigned turn = 1; turn < 256; turn *= 2) {
			struct replay *other = replay_new(&leaf, 1);
			ck_assert_ptr_nonnull(other);
			flight[i] ^= (uint8_t)turn;
			replay_put(other, flight, flight_len);
			flight[i] ^= (uint8_t)turn;
			replay_take(other, answer, sizeof(answer));
			replay_free(other);
		}
	finish();
}

/* A hello may come in records of one byte each, as long as it is no longer than any that is sent. */
TEST(long_hello_is_cut)
{
	start(MINT_P256);
	replay_put(replay, "\x16\x03\x01\0\4\1\0\xff\xff", 9);
	for (int i = 0; i < 65534; i++)
		replay_put(replay, "\x16\x03\x01\0\1\0", 6);
	ck_assert_int_eq(replay_state(replay), REPLAY_WAITING);
	replay_put(replay, "\x16\x03\x01\0\1\0", 6);
	ck_assert_int_eq(replay_state(replay), REPLAY_NO_VERSION);
	replay_free(replay);
	replay = replay_new(&leaf, 1);
	replay_put(replay, "\x16\x03\x01\0\4\1\1\0\1", 9);
	ck_assert_int_eq(replay_state(replay), REPLAY_ALIEN);
	finish();
}

/* ---- the chain -------------------------------------------------------------------------------- */

TEST(chain_has_limits)
{
	static uint8_t large[REPLAY_MESSAGE_MAX];
	struct replay_bytes chain[REPLAY_CHAIN_MAX + 1];
	for (size_t i = 0; i <= REPLAY_CHAIN_MAX; i++)
		chain[i] = (struct replay_bytes){ large, 10 };
	ck_assert_ptr_null(replay_new(chain, 0));
	ck_assert_ptr_null(replay_new(chain, REPLAY_CHAIN_MAX + 1));
	chain[0].len = sizeof(large);
	ck_assert_ptr_null(replay_new(chain, 1));
	chain[1].len = SIZE_MAX;
	ck_assert_ptr_null(replay_new(chain, 2));
	chain[0].len = sizeof(large) - 3;
	replay = replay_new(chain, 1);
	ck_assert_ptr_nonnull(replay);
	make_hello("NORMAL");
	replay_put(replay, flight, flight_len);
	ck_assert_int_eq(replay_state(replay), REPLAY_SHOWN);
	ck_assert_uint_gt(replay_take(replay, answer, sizeof(answer)), sizeof(large));
	replay_free(replay);
}

/* ---- base64 ----------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *bytes; /* NULL: it is none */
} encoded[] = {
	{ "", "" },
	{ "Zg==", "f" },
	{ "Zm8=", "fo" },
	{ "Zm9v", "foo" },
	{ "Zm9vYmFy", "foobar" },
	{ "Zm9", NULL },
	{ "Zm=v", NULL },
	{ "====", NULL },
	{ "Zm9v\n", NULL },
	{ "Zg==Zg==", NULL },
};

TEST_EACH(base64_is_read, row, encoded)
{
	size_t len;
	uint8_t *bytes = base64_decode(row->text, &len);
	if (row->bytes == NULL) {
		ck_assert_ptr_null(bytes);
		return;
	}
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(len, strlen(row->bytes));
	ck_assert_str_eq((const char *)bytes, row->bytes);
	free(bytes);
}
