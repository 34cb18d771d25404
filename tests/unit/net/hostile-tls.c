/* SPDX-License-Identifier: MIT
 *
 * hostile-tls.c - servers that mean no good: each ends in a finding, in time, in bounded memory.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"
#include "tests/peers/peer.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/tls-fixture.h"

#include <check.h>

enum {
	TIMEOUT_MS = 1000,
	LATE_MS = 15000, /* on a busy machine, under valgrind or sanitizers */
	MESSAGE_MAX = 16 * 1024 * 1024,
	FLOOD_MAX = 64 * 1024 * 1024,
	IN_MAX = 640 * 1024, /* what is taken of a handshake at most */
};

static struct mint_family family;
static const struct mint_cert *chain[3];

static void make_hostile_certificates(void)
{
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	chain[0] = family.leaf;
	chain[1] = family.intermediate;
}

static void free_hostile_certificates(void)
{
	mint_family_release(&family);
}

/* Of a peer that may do what it likes: the report is made, in time, and holds together. */
static struct tbd_report *fetch_hostile(struct peer *peer, const char *version)
{
	char *json = NULL;
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	options.timeout_ms = TIMEOUT_MS;
	options.tls_version = version;
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), &options);
	ck_assert_int_eq(tbd_report_to_json(report, &json, NULL), 0);
	free(json);
	ck_assert_int_lt(net_elapsed_ms(report), TIMEOUT_MS + LATE_MS);
	ck_assert_uint_lt(report->connection->tls->bytes_in, IN_MAX);
	return report;
}

static void assert_finding(const struct tbd_report *report, const char *id)
{
	ck_assert_uint_gt(report->finding_count, 0);
	ck_assert_msg(strcmp(report->findings[0]->id, id) == 0, "%s: %s", report->findings[0]->id,
		report->findings[0]->summary);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* TLS 1.2, ECDHE_ECDSA_AES_128_GCM_SHA256. */
#define SERVER_HELLO                                   \
	"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" \
	"0123456789abcdef0123456789abcdef\x00\xc0\x2b\x00"

/* After a ServerHello the same again and again. */
struct flood {
	const char *what;
	const char *begin;
	size_t begin_len;
	const char *record;
	size_t record_len;
	size_t record_size; /* padded to it, or 0 */
	size_t total;
	const char *id;
};

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct flood floods[] = {
	{ "a certificate message of 16 MB",
		BYTES("\x16\x03\x03\x40\x00\x0b\xff\xff\xff\xff\xff\xfc"),
		BYTES("\x16\x03\x03\x40\x00"), 5 + 16384, MESSAGE_MAX, "tls.other-protocol" },
	{ "one byte of it in each record", BYTES("\x16\x03\x03\x00\x04\x0b\xff\xff\xff"),
		BYTES("\x16\x03\x03\x00\x01\x41"), 0, FLOOD_MAX, "tls.other-protocol" },
	{ "HelloRequest for ever", BYTES(""), BYTES("\x16\x03\x03\x00\x04\x00\x00\x00\x00"), 0,
		FLOOD_MAX, NULL },
	{ "ServerHello for ever", BYTES(""), BYTES(SERVER_HELLO), 0, FLOOD_MAX,
		"tls.other-protocol" },
	{ "warnings for ever", BYTES(""), BYTES("\x15\x03\x03\x00\x02\x01\x5a"), 0, FLOOD_MAX,
		NULL },
	{ "empty records for ever", BYTES(""), BYTES("\x16\x03\x03\x00\x00"), 0, FLOOD_MAX, NULL },
	{ "ChangeCipherSpec for ever", BYTES(""), BYTES("\x14\x03\x03\x00\x01\x01"), 0, FLOOD_MAX,
		NULL },
	{ "a record that is too long", BYTES(""), BYTES("\x16\x03\x03\xff\xff"), 65536, FLOOD_MAX,
		"tls.other-protocol" },
};

static void pour(struct peer *peer, void *arg)
{
	const struct flood *flood = arg;
	size_t size = flood->record_size != 0 ? flood->record_size : flood->record_len;
	size_t times = 1 + 16384 / size; /* a few at a time */
	char *data = calloc(times, size);
	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < times; i++)
		memcpy(data + i * size, flood->record, flood->record_len);
	peer_flood(peer, BYTES(SERVER_HELLO), 1);
	/* The begin of the message takes the head of its record. */
	if (flood->begin_len > 0 && flood->record_size > 0) {
		char *first = calloc(1, size);
		ck_assert_ptr_nonnull(first);
		memcpy(first, flood->begin, flood->begin_len);
		peer_flood(peer, first, size, 1);
		free(first);
	} else if (flood->begin_len > 0) {
		peer_flood(peer, flood->begin, flood->begin_len, 1);
	}
	peer_flood(peer, data, times * size, flood->total);
	free(data);
}

TEST_GROUP(.setup_once = make_hostile_certificates, .teardown_once = free_hostile_certificates,
	.seconds = 60);

TEST_EACH(flood, row, floods)
{
	struct flood flood = *row;
	const struct peer_step script[] = { STEP_READ,
		{ .op = PEER_CALL, .call = pour, .arg = &flood }, STEP_DRAIN, STEP_FIN };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = fetch_hostile(peer, "1.2");
	ck_assert_msg(report->worst == TBD_SEVERITY_CRITICAL, "%s", flood.what);
	if (flood.id != NULL)
		assert_finding(report, flood.id);
	net_free(report, peer);
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* What is in the report of a peer's is UTF-8 without NUL. */
static void assert_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0') {
		size_t more = *at < 0x80 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
		ck_assert_msg(*at < 0x80 || (*at >= 0xc2 && *at < 0xf5), "%s", text);
		at++;
		for (; more > 0; more--, at++)
			ck_assert_msg((*at & 0xc0) == 0x80, "%s", text);
	}
}

#define MOST 70000

static const struct hostile {
	const char *what;
	struct mint_bytes text;
	size_t fill; /* so many letters behind it */
} hostiles[] = {
	{ "NUL", MINT_BYTES("local\0host"), 0 },
	{ "escape sequences",
		MINT_BYTES("\x1b[2J\x1b]0;owned\x07\x9b"
			   "31m"),
		0 },
	{ "bidi marks",
		MINT_BYTES("\xe2\x80\xae"
			   "moc.example\xe2\x81\xa6"),
		0 },
	{ "invalid UTF-8", MINT_BYTES("\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90"), 0 },
	{ "lines", MINT_BYTES("a\r\n\nok  ca.ok\n\xe2\x80\xa8"), 0 },
	{ "a name of 64 KiB, as far as GnuTLS makes one", MINT_BYTES("x"), 65000 },
};

TEST_TIMES(hostile_names, 2 * (int)TBDI_COUNT(hostiles))
{
	const struct hostile *row = &hostiles[_i / 2];
	const char *version = _i % 2 == 0 ? "1.2" : "1.3";
	char *text = malloc(MOST);
	ck_assert_ptr_nonnull(text);
	memset(text, 'x', MOST);
	memcpy(text, row->text.data, row->text.len);
	const struct mint_bytes value = { text, row->text.len + row->fill };
	const struct mint_rdn subject[] = { { GNUTLS_OID_X520_ORGANIZATION_NAME, value, 0 },
		{ NULL, { NULL, 0 }, 0 } };
	const struct mint_san sans[] = { { MINT_SAN_DNS, value }, { MINT_SAN_URI, value },
		{ MINT_SAN_EMAIL, value }, { 0, { NULL, 0 } } };
	bool large = row->fill > 0; /* once is enough */
	struct mint_cert *leaf = mint_new(
		&(struct mint_spec){ .cn = "x", .subject = subject, .sans = large ? NULL : sans },
		NULL);
	ck_assert_msg(leaf != NULL, "%s", row->what);
	const struct mint_cert *const evil[] = { leaf, NULL };
	struct peer *peer = peer_new(peer_whole, &(struct peer_tls){ .chain = evil });
	struct tbd_report *report = fetch_hostile(peer, version);
	ck_assert_ptr_nonnull(report->chain);
	ck_assert_uint_eq(report->chain->count, 1);
	const struct tbd_cert *cert = report->chain->certs[0];
	if (cert->error == NULL) {
		assert_utf8(cert->subject);
		for (size_t i = 0; i < cert->name_count; i++)
			assert_utf8(cert->names[i].value);
	}
	for (size_t i = 0; i < report->finding_count; i++)
		assert_utf8(report->findings[i]->summary);
	net_free(report, peer);
	mint_free(leaf);
	free(text);
}

/* More than is kept of one; it comes behind a good one. */
TEST_TIMES(large_certificate, 2)
{
	static unsigned char filler[66000];
	const struct mint_extension extensions[] = {
		{ "1.2.3.4", false, { filler, sizeof(filler) } }, { NULL, false, { NULL, 0 } }
	};
	struct mint_cert *large =
		mint_new(&(struct mint_spec){ .cn = "x", .extensions = extensions }, NULL);
	ck_assert_ptr_nonnull(large);
	const struct mint_cert *const evil[] = { family.leaf, large, NULL };
	struct peer *peer = peer_new(peer_whole, &(struct peer_tls){ .chain = evil });
	struct tbd_report *report = fetch_hostile(peer, _i == 0 ? "1.2" : "1.3");
	ck_assert_uint_eq(report->chain->count, 2);
	ck_assert_uint_le(report->chain->certs[1]->der.len, 65536);
	ck_assert_ptr_nonnull(report->chain->certs[1]->error);
	ck_assert_int_ge(report->worst, TBD_SEVERITY_WARNING);
	net_free(report, peer);
	mint_free(large);
}

TEST_TIMES(too_many_certificates, 2)
{
	const struct mint_cert *long_chain[TBD_CHAIN_MAX + 21] = { family.leaf };
	for (size_t i = 1; i < TBD_CHAIN_MAX + 20; i++)
		long_chain[i] = family.intermediate;
	struct peer *peer = peer_new(peer_whole, &(struct peer_tls){ .chain = long_chain });
	struct tbd_report *report = fetch_hostile(peer, _i == 0 ? "1.2" : "1.3");
	ck_assert_uint_eq(report->chain->count, TBD_CHAIN_MAX);
	ck_assert(report->chain->truncated);
	ck_assert_uint_gt(report->finding_count, 0);
	net_free(report, peer);
}

/* ---- how it is sent -------------------------------------------------------------------------- */

TEST_TIMES(one_byte_at_a_time, 2)
{
	struct peer *peer = peer_new(peer_whole, &(struct peer_tls){ .chain = chain, .most = 1 });
	struct tbd_report *report = fetch_hostile(peer, _i == 0 ? "1.2" : "1.3");
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert_uint_eq(report->chain->count, 2);
	net_free(report, peer);
}

enum { CUTS = 24, CUT_STEP = 61 };

/* Somewhere in each message, and between them. */
TEST_TIMES(reset_anywhere, 2)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_RESET };
	struct peer_tls tls = { .chain = chain, .cut_after = 1 };
	for (int i = 0; i < CUTS; i++, tls.cut_after += CUT_STEP) {
		struct peer *peer = peer_new(script, &tls);
		struct tbd_report *report = fetch_hostile(peer, _i == 0 ? "1.2" : "1.3");
		const struct tbd_tls *seen = report->connection->tls;
		ck_assert_uint_le(seen->bytes_in, tls.cut_after);
		if (seen->end != TBD_END_OK)
			assert_finding(report, seen->bytes_in > 0 ? "tls.closed" : "tcp.reset");
		net_free(report, peer);
	}
}

/* ---- after the handshake --------------------------------------------------------------------- */

static void hostile_setup(void)
{
	tls_fixture_setup();
	fixture.timeout_ms = TIMEOUT_MS;
}

enum { STORM_MAX = 100 * 1000 };

struct stormy {
	const char *what;
	int (*once)(gnutls_session_t session);
	const char *priorities;
	gnutls_certificate_request_t client_cert;
};

/* Until the client closes, or for a while. */
static void storm(struct peer *peer, void *arg)
{
	const struct stormy *stormy = arg;
	for (int i = 0; i < STORM_MAX;) {
		int rc = stormy->once(peer_session(peer));
		if (rc >= 0)
			i++;
		else if (gnutls_error_is_fatal(rc) || !peer_wait_session(peer))
			return;
	}
}

static int send_ticket(gnutls_session_t session)
{
	return gnutls_session_ticket_send(session, 1, 0);
}

static int update_key(gnutls_session_t session)
{
	return gnutls_session_key_update(session, 0);
}

static int request_hello(gnutls_session_t session)
{
	unsigned char byte;
	int rc = gnutls_rehandshake(session);
	ssize_t got = gnutls_record_recv(session, &byte, 1); /* its refusals */
	return got == 0 || (got < 0 && gnutls_error_is_fatal((int)got)) ? GNUTLS_E_SESSION_EOF : rc;
}

static struct stormy storms[] = {
	{ "endless tickets", send_ticket, ONLY_TLS13, GNUTLS_CERT_IGNORE },
	{ "endless tickets where the first one is waited for", send_ticket, ONLY_TLS13,
		GNUTLS_CERT_REQUEST },
	{ "a storm of KeyUpdate", update_key, ONLY_TLS13, GNUTLS_CERT_IGNORE },
	{ "endless renegotiation", request_hello, ONLY_TLS12, GNUTLS_CERT_IGNORE },
};

TEST_GROUP(.setup = hostile_setup, .teardown = tls_fixture_teardown, .seconds = 60);

TEST_EACH(storm, row, storms)
{
	const struct kind kind = { "any", row->priorities, row->client_cert };
	const struct peer_step script[] = { STEP_HANDSHAKE,
		{ .op = PEER_CALL, .call = storm, .arg = &storms[_i] }, STEP_DRAIN, STEP_END };
	struct peer *peer = tls_roundtrip(&kind, script, fixture.served.root, false);
	ck_assert_msg(fixture.report->worst == TBD_SEVERITY_CRITICAL, "%s", row->what);
	ck_assert_msg(strncmp(fixture.report->findings[0]->id, "mqtt.", 5) == 0, "%s: %s",
		row->what, fixture.report->findings[0]->id);
	ck_assert_int_lt(net_elapsed_ms(fixture.report), TIMEOUT_MS + LATE_MS);
	peer_free(peer);
}
