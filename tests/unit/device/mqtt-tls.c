/* SPDX-License-Identifier: MIT
 *
 * mqtt-tls.c - the round trip over TLS: records of any size, what TLS does in between, and the
 * ways in which a connection ends.
 */
#include "base/common.h"

#include "tests/unit/check-main.h"
#include "tests/unit/tls-fixture.h"

static const struct kind kinds[] = {
	{ "TLS1.2", ONLY_TLS12, GNUTLS_CERT_IGNORE },
	{ "TLS1.3", ONLY_TLS13, GNUTLS_CERT_IGNORE },
	{ "TLS1.3", ONLY_TLS13, GNUTLS_CERT_REQUEST },
};

#define CONNACK "\x20\x02\x00\x00"
#define SUBACK "\x90\x03\x00\x01\x01"
#define PUBACK "\x40\x02\x00\x02"
#define TOPIC "v1/devices/me/attributes/response/1"
#define RESPONSE "\x30\x27\x00\x23" TOPIC "{}"

static const struct tbd_exchange *mqtts_roundtrip(
	const struct kind *kind, const struct peer_step *script)
{
	peer_free(tls_roundtrip(kind, script, fixture.served.root, false));
	ck_assert_str_eq(fixture.report->connection->tls->version, kind->version);
	ck_assert(fixture.report->token->sent);
	ck_assert(!fixture.report->token->in_clear);
	return fixture.report->exchange;
}

static void assert_done(const struct tbd_exchange *exchange)
{
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert_str_eq(exchange->response_topic, TOPIC);
	ck_assert_int_eq(exchange->closed, TBD_END_NONE);
	ck_assert_ptr_null(exchange->detail);
}

TEST_GROUP(.setup = tls_fixture_setup, .teardown = tls_fixture_teardown, .seconds = 30);

TEST_EACH(good, row, kinds)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, STEP_SEND(CONNACK),
		STEP_READ, STEP_SEND(SUBACK), STEP_READ, STEP_SEND(PUBACK), STEP_SEND(RESPONSE),
		STEP_DRAIN, STEP_END };
	const struct tbd_exchange *exchange = mqtts_roundtrip(row, script);
	assert_done(exchange);
	ck_assert_str_eq(exchange->response_payload, "{}");
}

TEST_EACH(one_byte_per_record, row, kinds)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, STEP_DRIP(CONNACK),
		STEP_READ, STEP_DRIP(SUBACK), STEP_READ, STEP_DRIP(PUBACK RESPONSE), STEP_DRAIN,
		STEP_END };
	assert_done(mqtts_roundtrip(row, script));
}

TEST(key_update)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ,
		{ .op = PEER_KEY_UPDATE }, STEP_SEND(CONNACK), STEP_READ, STEP_SEND(SUBACK),
		STEP_READ, { .op = PEER_KEY_UPDATE }, STEP_SEND(PUBACK RESPONSE), STEP_DRAIN,
		STEP_END };
	assert_done(mqtts_roundtrip(&kinds[1], script));
}

/* Declined, and the connection goes on. */
TEST(renegotiation)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, STEP_SEND(CONNACK),
		STEP_READ, { .op = PEER_RENEGOTIATE }, STEP_SEND(SUBACK), STEP_READ,
		STEP_SEND(PUBACK RESPONSE), STEP_DRAIN, STEP_END };
	assert_done(mqtts_roundtrip(&kinds[0], script));
}

/* An attribute of 200 KB, in as many records as that takes. */
TEST_EACH(large_response, row, kinds)
{
	enum { VALUE = 200000, HEAD = 4 + 2 + sizeof(TOPIC) - 1 };
	static char packet[HEAD + VALUE + 64];
	int len = snprintf(packet + HEAD, sizeof(packet) - HEAD,
		"{\"client\":{\"model\":\"%0*d\"}}", (int)VALUE, 0);
	unsigned remaining = (unsigned)len + 2 + sizeof(TOPIC) - 1;
	snprintf(packet, HEAD + 1, "\x30%c%c%c%c%c%s", (int)(0x80 | (remaining & 0x7f)),
		(int)(0x80 | (remaining >> 7 & 0x7f)), (int)(remaining >> 14), 0,
		(int)sizeof(TOPIC) - 1, TOPIC);
	packet[HEAD] = '{';
	const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, STEP_SEND(CONNACK),
		STEP_READ, STEP_SEND(SUBACK), STEP_READ, STEP_SEND(PUBACK),
		{ .op = PEER_SEND, .data = packet, .len = HEAD + (size_t)len }, STEP_DRAIN,
		STEP_END };
	const struct tbd_exchange *exchange = mqtts_roundtrip(row, script);
	assert_done(exchange);
	ck_assert_uint_eq(strlen(exchange->response_payload), (size_t)len);
}

static const struct ending {
	struct peer_step last;
	enum tbd_end closed;
	int alert;
} endings[] = {
	{ STEP_END, TBD_END_CLOSED, -1 },
	{ STEP_FIN, TBD_END_CLOSED, -1 },
	{ STEP_RESET, TBD_END_RESET, -1 },
	{ { .op = PEER_ALERT, .number = GNUTLS_A_INTERNAL_ERROR }, TBD_END_ALERT, 80 },
};

/* Before the CONNACK. */
TEST_TIMES(ending, TBDI_COUNT(kinds) * TBDI_COUNT(endings))
{
	const struct ending *row = &endings[_i % (int)TBDI_COUNT(endings)];
	const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, row->last, STEP_FIN };
	const struct tbd_exchange *exchange =
		mqtts_roundtrip(&kinds[_i / (int)TBDI_COUNT(endings)], script);
	ck_assert_int_eq(exchange->end, TBD_MQTT_CLOSED_BEFORE_CONNACK);
	ck_assert_int_eq(exchange->closed, row->closed);
	ck_assert_int_eq(fixture.report->connection->tls->alert, row->alert);
}

TEST_EACH(refused, row, kinds)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ,
		STEP_SEND("\x20\x02\x00\x05"), STEP_END };
	const struct tbd_exchange *exchange = mqtts_roundtrip(row, script);
	ck_assert_int_eq(exchange->end, TBD_MQTT_REFUSED);
	ck_assert_int_eq(exchange->connack, 5);
}

TEST_EACH(not_mqtt, row, kinds)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ,
		STEP_SEND("HTTP/1.1 400 Bad Request\r\n\r\n"), STEP_END };
	const struct tbd_exchange *exchange = mqtts_roundtrip(row, script);
	ck_assert_int_eq(exchange->end, TBD_MQTT_NOT_MQTT);
	ck_assert_str_eq(exchange->first_bytes, "HTTP/1.1 400 Bad Request\\x0d\\x0a\\x0d\\x0a");
}
