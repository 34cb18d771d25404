/* SPDX-License-Identifier: MIT
 *
 * tls-fixture.c - the stages of a round trip over TLS.
 */
#include "base/common.h"

#include "report/report.h"
#include "tests/unit/tls-fixture.h"

#include <check.h>
#include <unistd.h>

enum { TIMEOUT_MS = 5000 };

void tls_fixture_setup(struct tls_fixture *fixture)
{
	*fixture = (struct tls_fixture){ .dir = "/tmp/tbdiag-test-XXXXXX" };
	ck_assert_int_eq(mint_family_init(&fixture->served, 0), 0);
	ck_assert_int_eq(mint_family_init(&fixture->stranger, 0), 0);
	ck_assert_ptr_nonnull(mkdtemp(fixture->dir));
	ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", fixture->dir, 1), 0);
	ck_assert_int_eq(tbd_token_new(FIXTURE_TOKEN, strlen(FIXTURE_TOKEN), TBD_TOKEN_FILE,
				 &fixture->token, NULL),
		0);
}

void tls_fixture_teardown(struct tls_fixture *fixture)
{
	tbd_report_free(fixture->report);
	tbd_trust_free(fixture->trust);
	tbd_trust_free(fixture->second_trust);
	tbd_token_free(fixture->token);
	rmdir(fixture->dir);
	mint_family_release(&fixture->served);
	mint_family_release(&fixture->stranger);
}

static struct tbd_trust *trust_only(struct tls_fixture *fixture, const struct mint_cert *root)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/ca.pem", fixture->dir);
	ck_assert_int_eq(mint_write(path, (const char *)root->pem.data, 0600), 0);
	struct tbd_trust *trust = tbd_trust_new();
	ck_assert_ptr_nonnull(trust);
	ck_assert_int_eq(tbd_trust_add_file(trust, path, NULL), 0);
	unlink(path);
	return trust;
}

static void report_make(struct tls_fixture *fixture, uint16_t port)
{
	char text[32];
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	snprintf(text, sizeof(text), "%s://127.0.0.1:%u",
		fixture->scheme != NULL ? fixture->scheme : "mqtts", port);
	ck_assert_int_eq(tbd_target_parse(text, &target, NULL), 0);
	options.target = target;
	ck_assert_int_eq(tbd_report_new(&options, &fixture->report, NULL), 0);
	tbd_target_free(target);
}

static void run_stages(struct tls_fixture *fixture, bool insecure)
{
	struct tbd_error error = { "" };
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	verify.trust = fixture->trust;
	fetch.verify = &verify;
	fetch.insecure = insecure;
	fetch.keep_open = true;
	fetch.timeout_ms = fixture->timeout_ms > 0 ? fixture->timeout_ms : TIMEOUT_MS;
	if (fixture->phase_ms > 0)
		tbdi_report_of(fixture->report)->phase_ms = fixture->phase_ms;
	struct tbd_verify_options second_verify = verify;
	struct tbd_fetch_options second = fetch;
	second_verify.trust = fixture->second_trust;
	second.verify = &second_verify;
	if (fixture->second_trust != NULL)
		roundtrip.explain_refusal = &second;
	roundtrip.token = fixture->token;
	roundtrip.read_only = !fixture->writes;
	roundtrip.mqtt_version = fixture->mqtt_version;
	ck_assert_msg(tbd_fetch(fixture->report, &fetch, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_roundtrip(fixture->report, &roundtrip, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_judge(fixture->report, &error) == 0, "%s", error.text);
}

struct peer *tls_roundtrip(struct tls_fixture *fixture, const struct kind *kind,
	const struct peer_step *script, const struct mint_cert *root, bool insecure)
{
	const struct mint_cert *const chain[] = { fixture->served.leaf,
		fixture->served.intermediate, NULL };
	const struct peer_tls tls = {
		.chain = chain, .priorities = kind->priorities, .client_cert = kind->client_cert
	};
	fixture->trust = trust_only(fixture, root);
	if (fixture->second_root != NULL)
		fixture->second_trust = trust_only(fixture, fixture->second_root);
	struct peer *peer = peer_new(script, &tls);
	report_make(fixture, peer_port(peer));
	run_stages(fixture, insecure);
	peer_wait(peer, 1);
	return peer;
}
