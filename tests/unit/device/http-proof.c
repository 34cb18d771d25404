/* SPDX-License-Identifier: MIT
 *
 * http-proof.c - over HTTP, too, the token goes to a verified peer or nowhere, and into no report.
 */
#include "base/common.h"

#include "tests/unit/check-main.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/tls-fixture.h"

static void http_proof_setup(void)
{
	tls_fixture_setup();
	fixture.scheme = "https";
}

/* Answers with these bytes to whatever comes. */
static struct peer *https_roundtrip(
	const struct kind *kind, const char *answer, const struct mint_cert *root, bool insecure)
{
	const struct peer_step script[] = {
		STEP_HANDSHAKE,
		{ .op = PEER_READ, .number = 1 },
		{ .op = PEER_SEND, .data = answer, .len = strlen(answer) },
		STEP_DRAIN,
		STEP_END,
	};
	return tls_roundtrip(kind, script, root, insecure);
}

static const char refusal[] = "HTTP/1.1 401 \r\nContent-Length: 0\r\n\r\n";

static bool hears(struct peer *peer, const char *text)
{
	const void *data = NULL;
	size_t len = peer_received(peer, &data);
	return len > 0 && memmem(data, len, text, strlen(text)) != NULL;
}

TEST_GROUP(.setup = http_proof_setup, .teardown = tls_fixture_teardown, .seconds = 30);

TEST_EACH(unverified, row, tls_kinds)
{
	const void *data = NULL;
	struct peer *peer = https_roundtrip(row, refusal, fixture.stranger.root, false);
	const struct tbd_report *report = fixture.report;
	ck_assert_uint_eq(peer_received(peer, &data), 0);
	ck_assert(!report->verification->verified);
	ck_assert_int_eq(report->api->end, TBD_API_NOT_STARTED);
	ck_assert_uint_eq(report->api->request_count, 0);
	ck_assert(!report->token->sent);
	ck_assert_int_eq(report->worst, TBD_SEVERITY_CRITICAL);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

TEST_EACH(insecure, row, tls_kinds)
{
	struct peer *peer = https_roundtrip(row, refusal, fixture.stranger.root, true);
	ck_assert(
		hears(peer, "GET /api/v1/" FIXTURE_TOKEN "/attributes?clientKeys=model HTTP/1.1"));
	ck_assert(!fixture.report->verification->verified);
	ck_assert_int_eq(fixture.report->api->requests[0]->status, 401);
	ck_assert(fixture.report->token->sent && !fixture.report->token->in_clear);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

TEST_EACH(verified, row, tls_kinds)
{
	struct peer *peer = https_roundtrip(row, refusal, fixture.served.root, false);
	ck_assert(hears(peer, FIXTURE_TOKEN));
	ck_assert(fixture.report->verification->verified);
	ck_assert_int_eq(fixture.report->api->end, TBD_API_REFUSED);
	ck_assert(fixture.report->token->sent);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

/* TLS 1.3: the server says only after our Finished that it wants a certificate we do not have. */
TEST(late_refusal)
{
	static const struct kind kind = { "TLS1.3", ONLY_TLS13, GNUTLS_CERT_REQUIRE };
	const void *data = NULL;
	struct peer *peer = https_roundtrip(&kind, refusal, fixture.served.root, false);
	ck_assert_uint_eq(peer_received(peer, &data), 0);
	ck_assert_int_eq(fixture.report->api->end, TBD_API_NOT_STARTED);
	ck_assert(!fixture.report->token->sent);
	peer_free(peer);
}

/* The token comes back in whatever can be shown: in any case of letters, and where the text is cut. */
static const char *const echoes[] = {
	"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/api/v1/" FIXTURE_TOKEN "/attributes\r\n"
	"Content-Length: 0\r\n\r\n",
	"HTTP/1.1 404 \r\nServer: " FIXTURE_TOKEN "\r\nContent-Type: x/" FIXTURE_TOKEN "\r\n"
	"Content-Length: 46\r\n\r\n{\"path\":\"" FIXTURE_TOKEN "\"}, a1b2c3d4e5f6g7h8i9j0",
	"HTTP/1.1 200 " FIXTURE_TOKEN "\r\nContent-Length: 9\r\n\r\n" FIXTURE_TOKEN,
	"nothing of HTTP, but " FIXTURE_TOKEN,
	"nothing of HTTP, and the text is cut in the mid " FIXTURE_TOKEN,
	"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" FIXTURE_TOKEN,
};

TEST_EACH(echo, row, echoes)
{
	struct peer *peer =
		https_roundtrip(&tls_kinds[2 + _i % 2], *row, fixture.served.root, false);
	const struct tbd_api_exchange *api = fixture.report->api;
	ck_assert(fixture.report->token->sent);
	ck_assert_int_gt(api->end, TBD_API_NOT_STARTED);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	const char *first = api->first_bytes != NULL ? api->first_bytes : "";
	ck_assert_ptr_null(strstr(first, "A1b2"));
	peer_free(peer);
}
