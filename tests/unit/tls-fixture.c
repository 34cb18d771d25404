/* SPDX-License-Identifier: MIT
 *
 * tls-fixture.c - the stages of a round trip over TLS.
 */
#include "base/common.h"

#include "report/report.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/tls-fixture.h"
#include "tests/unit/trust-fixture.h"

#include <check.h>
#include <unistd.h>

enum { TIMEOUT_MS = 5000 };

const struct kind tls_kinds[4] = {
	{ "TLS1.2", ONLY_TLS12, GNUTLS_CERT_IGNORE },
	{ "TLS1.2", ONLY_TLS12, GNUTLS_CERT_REQUEST },
	{ "TLS1.3", ONLY_TLS13, GNUTLS_CERT_IGNORE },
	{ "TLS1.3", ONLY_TLS13, GNUTLS_CERT_REQUEST },
};

struct tls_fixture fixture;

void tls_fixture_setup(void)
{
	fixture = (struct tls_fixture){ .dir = "/tmp/tbdiag-test-XXXXXX" };
	ck_assert_int_eq(mint_family_init(&fixture.served, 0), 0);
	ck_assert_int_eq(mint_family_init(&fixture.stranger, 0), 0);
	ck_assert_ptr_nonnull(mkdtemp(fixture.dir));
	ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", fixture.dir, 1), 0);
	ck_assert_int_eq(tbd_token_new(FIXTURE_TOKEN, strlen(FIXTURE_TOKEN), TBD_TOKEN_FILE,
				 &fixture.token, NULL),
		0);
}

void tls_fixture_teardown(void)
{
	tbd_report_free(fixture.report);
	tbd_trust_free(fixture.trust);
	tbd_trust_free(fixture.second_trust);
	tbd_token_free(fixture.token);
	rmdir(fixture.dir);
	kit_teardown();
	mint_family_release(&fixture.served);
	mint_family_release(&fixture.stranger);
}

static void run_stages(bool insecure)
{
	struct tbd_error error = { "" };
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	verify.trust = fixture.trust;
	fetch.verify = &verify;
	fetch.insecure = insecure;
	fetch.keep_open = true;
	fetch.timeout_ms = fixture.timeout_ms > 0 ? fixture.timeout_ms : TIMEOUT_MS;
	if (fixture.phase_ms > 0)
		tbdi_report_of(fixture.report)->phase_ms = fixture.phase_ms;
	struct tbd_verify_options second_verify = verify;
	struct tbd_fetch_options second = fetch;
	second_verify.trust = fixture.second_trust;
	second.verify = &second_verify;
	if (fixture.second_trust != NULL)
		roundtrip.explain_refusal = &second;
	roundtrip.token = fixture.token;
	roundtrip.read_only = !fixture.writes;
	roundtrip.mqtt_version = fixture.mqtt_version;
	ck_assert_msg(tbd_fetch(fixture.report, &fetch, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_roundtrip(fixture.report, &roundtrip, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_judge(fixture.report, &error) == 0, "%s", error.text);
}

struct peer *tls_roundtrip(const struct kind *kind, const struct peer_step *script,
	const struct mint_cert *root, bool insecure)
{
	const struct mint_cert *const chain[] = { fixture.served.leaf, fixture.served.intermediate,
		NULL };
	const struct peer_tls tls = {
		.chain = chain, .priorities = kind->priorities, .client_cert = kind->client_cert
	};
	fixture.trust = TRUST(root);
	if (fixture.second_root != NULL)
		fixture.second_trust = TRUST(fixture.second_root);
	struct peer *peer = peer_new(script, &tls);
	fixture.report = net_report(
		fixture.scheme != NULL ? fixture.scheme : "mqtts", "127.0.0.1", peer_port(peer));
	run_stages(insecure);
	peer_wait(peer, 1);
	return peer;
}

unsigned tls_times_heard(struct peer *peer)
{
	const void *data = NULL;
	size_t len = peer_received(peer, &data);
	unsigned count = 0;
	const char *at = data;
	const char *end = at + len;
	while ((at = memmem(at, (size_t)(end - at), FIXTURE_TOKEN, strlen(FIXTURE_TOKEN))) !=
		NULL) {
		count++;
		at++;
	}
	return count;
}
