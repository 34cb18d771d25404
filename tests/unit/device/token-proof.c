/* SPDX-License-Identifier: MIT
 *
 * token-proof.c - the token goes to a verified peer or nowhere.
 *
 * The server decrypts whatever it gets. One whose chain must be refused must get no application data at
 * all; and because a recorder that hears nothing proves nothing, the same server must hear the token
 * when verification is waived, and when its chain is trusted.
 */
#include "base/common.h"

#include "tests/unit/check-main.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/tls-fixture.h"

#include <dirent.h>

static int entries_seen; /* where the socket was, when the first bytes arrived; -1: none did */

static int entries_now(void)
{
	int count = 0;
	DIR *dir = opendir(fixture.dir);
	if (dir == NULL)
		return -1;
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void look_at_directory(struct peer *peer TBDI_UNUSED, void *arg TBDI_UNUSED)
{
	entries_seen = entries_now();
}

static void token_proof_setup(void)
{
	tls_fixture_setup();
	entries_seen = -1;
}

/* A server that refuses whatever token comes. */
static struct peer *proof_roundtrip(
	const struct kind *kind, const struct mint_cert *root, bool insecure)
{
	static const struct peer_step script[] = {
		STEP_HANDSHAKE,
		{ .op = PEER_READ, .number = 1 },
		STEP_CALL(look_at_directory),
		STEP_SEND("\x20\x02\x00\x05"),
		STEP_DRAIN,
		STEP_END,
	};
	struct peer *peer = tls_roundtrip(kind, script, root, insecure);
	ck_assert_int_eq(entries_now(), 0);
	return peer;
}

/* Whether it was said, by itself or as what another finding leads to. */
static bool finding_is_there(
	const struct tbd_finding *const *findings, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(findings[i]->id, id) == 0 ||
			finding_is_there(
				findings[i]->consequences, findings[i]->consequence_count, id))
			return true;
	return false;
}

static bool says_unverified_peer(void)
{
	return finding_is_there(
		fixture.report->findings, fixture.report->finding_count, "token.unverified-peer");
}

static void assert_kind(const struct kind *kind)
{
	const struct tbd_report *report = fixture.report;
	ck_assert_str_eq(report->connection->tls->version, kind->version);
	ck_assert_int_eq(report->connection->tls->client_cert_requested,
		kind->client_cert == GNUTLS_CERT_REQUEST);
}

TEST_GROUP(.setup = token_proof_setup, .teardown = tls_fixture_teardown, .seconds = 30);

TEST_EACH(unverified, row, tls_kinds)
{
	const void *data = NULL;
	struct peer *peer = proof_roundtrip(row, fixture.stranger.root, false);
	const struct tbd_report *report = fixture.report;
	ck_assert_uint_eq(peer_received(peer, &data), 0);
	ck_assert_int_lt(entries_seen, 0);
	ck_assert_str_eq(report->connection->tls->version, row->version);
	ck_assert(!report->verification->verified);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_REFUSED);
	ck_assert_int_eq(report->exchange->end, TBD_MQTT_NOT_STARTED);
	ck_assert(!report->token->sent);
	ck_assert(says_unverified_peer());
	ck_assert_int_eq(report->worst, TBD_SEVERITY_CRITICAL);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

TEST_EACH(insecure, row, tls_kinds)
{
	struct peer *peer = proof_roundtrip(row, fixture.stranger.root, true);
	const struct tbd_report *report = fixture.report;
	ck_assert_uint_gt(tls_times_heard(peer), 0);
	ck_assert_int_eq(entries_seen, 0);
	assert_kind(row);
	ck_assert(report->insecure);
	ck_assert(!report->verification->verified);
	ck_assert_int_eq(report->exchange->connack, 5);
	ck_assert(report->token->sent);
	ck_assert(!report->token->in_clear);
	ck_assert(!says_unverified_peer());
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

TEST_EACH(verified, row, tls_kinds)
{
	struct peer *peer = proof_roundtrip(row, fixture.served.root, false);
	const struct tbd_report *report = fixture.report;
	ck_assert_uint_gt(tls_times_heard(peer), 0);
	ck_assert_int_eq(entries_seen, 0);
	assert_kind(row);
	ck_assert(report->verification->verified);
	ck_assert_int_eq(report->exchange->end, TBD_MQTT_REFUSED);
	ck_assert(report->token->sent);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

/* TLS 1.3: the server says only after our Finished that it wants a certificate we do not have. CONNECT must
 * not be on its way by then. */
TEST(late_refusal)
{
	static const struct kind kind = { "TLS1.3", ONLY_TLS13, GNUTLS_CERT_REQUIRE };
	const void *data = NULL;
	struct peer *peer = proof_roundtrip(&kind, fixture.served.root, false);
	const struct tbd_report *report = fixture.report;
	ck_assert_uint_eq(peer_received(peer, &data), 0);
	ck_assert(report->verification->verified);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_ALERT);
	ck_assert_int_eq(report->connection->tls->alert, 116); /* certificate_required */
	ck_assert_int_eq(report->exchange->end, TBD_MQTT_NOT_STARTED);
	ck_assert(!report->token->sent);
	peer_free(peer);
}

/* Who refuses is asked a second time over a connection that is verified anew: the token does not go out on the
 * strength of the first. */
TEST_EACH(explained, row, tls_kinds)
{
	fixture.second_root = fixture.served.root;
	struct peer *peer = proof_roundtrip(row, fixture.served.root, false);
	peer_wait(peer, 2);
	const struct tbd_explanation *explanation = fixture.report->exchange->explanation;
	ck_assert_uint_eq(tls_times_heard(peer), 2);
	ck_assert_int_eq(explanation->end, TBD_MQTT_REFUSED);
	ck_assert_int_eq(explanation->connack, 5);
	net_assert_hidden(fixture.report, FIXTURE_TOKEN);
	peer_free(peer);
}

TEST_EACH(explained_by_a_stranger, row, tls_kinds)
{
	fixture.second_root = fixture.stranger.root;
	struct peer *peer = proof_roundtrip(row, fixture.served.root, false);
	peer_wait(peer, 2);
	const struct tbd_explanation *explanation = fixture.report->exchange->explanation;
	ck_assert_uint_eq(tls_times_heard(peer), 1);
	ck_assert_int_eq(explanation->end, TBD_MQTT_NOT_STARTED);
	ck_assert_int_eq(explanation->connack, -1);
	ck_assert(!says_unverified_peer());
	peer_free(peer);
}
