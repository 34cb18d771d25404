/* SPDX-License-Identifier: MIT
 *
 * judge.c - real certificates, verified and judged: what a person is told first, and with which
 * values.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

static struct tbd_report *report;
static struct tbd_trust *trust;
static const struct mint_cert *root, *other_root, *inter, *leaf;

static void judge_setup(void)
{
	root = MINT(.cn = "Root", .ca = true);
	other_root = MINT(.cn = "Other Root", .ca = true);
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = root);
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org,192.0.2.1");
}

static void judge_teardown(void)
{
	tbd_report_free(report);
	tbd_trust_free(trust);
	report = NULL;
	trust = NULL;
	kit_teardown();
}

/* The first finding about the chain and this name. */
static const struct tbd_finding *judge_report(const char *name)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_error error = { "" };
	options.trust = trust;
	options.name = name;
	ck_assert_msg(tbd_verify(report, &options, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_judge(report, &error) == 0, "%s", error.text);
	ck_assert_uint_gt(report->finding_count, 0);
	return report->findings[0];
}

/* The first finding has this id, is the only one that is bad, and its fix holds this text. */
static void assert_told(const char *name, const char *id, const char *in_fix)
{
	const struct tbd_finding *finding = judge_report(name);
	ck_assert_str_eq(finding->id, id);
	for (size_t i = 1; i < report->finding_count; i++)
		ck_assert_msg(report->findings[i]->severity <= TBD_SEVERITY_INFO, "also %s",
			report->findings[i]->id);
	if (in_fix == NULL)
		ck_assert_ptr_null(finding->fix);
	else
		ck_assert_msg(strstr(finding->fix, in_fix) != NULL, "%s", finding->fix);
}

TEST_GROUP(.setup = judge_setup, .teardown = judge_teardown);

TEST(all_is_well)
{
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "ca.ok", NULL);
	ck_assert_str_eq(report->findings[1]->id, "time.ok");
}

TEST(name_not_judged)
{
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told(NULL, "ca.ok", NULL);
}

TEST(leaf_only)
{
	report = REPORT(leaf);
	trust = TRUST(root);
	assert_told("broker.example.org", "ca.missing-intermediate", "CN=Intermediate");
}

/* A small CA signs servers with its root, and was made anew under its old name. */
TEST(signed_by_a_root_made_anew)
{
	const struct mint_cert *old_ca = MINT(.cn = "Own CA", .ca = true);
	const struct mint_cert *new_ca = MINT(.cn = "Own CA", .ca = true);
	const struct mint_cert *server =
		MINT(.cn = "server", .names = "broker.example.org", .issuer = new_ca);
	report = REPORT(server);
	trust = TRUST(old_ca);
	assert_told("broker.example.org", "ca.same-name-other-key",
		report->chain->certs[0]->authority_key_id);
	ck_assert_ptr_nonnull(strstr(report->findings[0]->summary, "but with another key"));
}

/* Neither has key identifiers, so nothing but the signature tells. */
TEST_TIMES(made_anew_without_key_ids, 2)
{
	const struct mint_bytes none = { NULL, 0 };
	const struct mint_cert *old_ca = MINT(.cn = "Own CA", .ca = true, .skid = &none);
	const struct mint_cert *new_ca = MINT(.cn = "Own CA", .ca = true, .skid = &none);
	const struct mint_cert *server = MINT(.cn = "server", .names = "broker.example.org",
		.issuer = new_ca, .akid = &none);
	report = _i == 0 ? REPORT(server) : REPORT(server, new_ca);
	trust = TRUST(old_ca);
	assert_told(
		"broker.example.org", "ca.same-name-other-key", report->chain->certs[0]->issuer);
	ck_assert(kit_is(report->verification->nearest->cert, old_ca));
}

TEST(root_made_anew_and_sent)
{
	const struct mint_cert *new_root = MINT(.cn = "Root", .ca = true);
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = new_root);
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org");
	report = REPORT(leaf, inter, new_root);
	trust = TRUST(root, other_root);
	assert_told("broker.example.org", "ca.same-name-other-key", "--save-ca");
	ck_assert_str_eq(report->findings[0]->consequences[0]->id, "chain.root-sent");
}

/* The key that signed stands in the store under another name: found by key identifier, or by trying. */
TEST_TIMES(root_renamed, 3)
{
	const struct mint_bytes none = { NULL, 0 };
	const struct mint_cert *renamed =
		MINT(.cn = "Root 2", .ca = true, .key_of = root, .skid = _i == 1 ? &none : NULL);
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = renamed,
		.akid = _i == 1 ? &none : NULL);
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org");
	report = _i == 2 ? REPORT(leaf, inter, renamed) : REPORT(leaf, inter);
	trust = TRUST(other_root, root);
	assert_told("broker.example.org", "ca.same-key-other-name", "CN=Root 2");
	ck_assert(kit_is(report->verification->nearest->cert, root));
}

/* A key identifier is a claim: here it names the key of the store, which did not sign. */
TEST(key_id_lies)
{
	uint8_t id[64];
	size_t len = sizeof(id);
	ck_assert_int_ge(gnutls_x509_crt_get_subject_key_id(root->crt, id, &len, NULL), 0);
	const struct mint_bytes akid = { id, len };
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = other_root, .akid = &akid);
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org");
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "ca.wrong-root", "CN=Other Root");
	ck_assert_int_eq(report->verification->nearest->miss, TBD_MISS_NONE);
}

TEST_TIMES(self_signed_renewed, 3)
{
	const struct mint_cert *own = MINT(.cn = "own", .names = "broker.example.org", .ca = true);
	const struct mint_cert *old = MINT(.cn = _i == 1 ? "other" : "own", .ca = true,
		.names = _i == 2 ? NULL : "broker.example.org", .key_of = _i == 2 ? own : NULL,
		.not_before = KIT_NOW - 90 * KIT_DAY);
	report = REPORT(own);
	trust = TRUST(old, root);
	assert_told("broker.example.org", "ca.old-leaf", report->chain->certs[0]->sha256);
	ck_assert(kit_is(report->verification->nearest->cert, old));
}

TEST(pinned_and_renewed)
{
	const struct mint_cert *old =
		MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org", .key_of = leaf,
			.not_before = KIT_NOW - 90 * KIT_DAY);
	report = REPORT(leaf, inter);
	trust = TRUST(old);
	assert_told("broker.example.org", "ca.old-leaf", "CN=Root");
	ck_assert_ptr_nonnull(strstr(report->findings[0]->summary, "the same key"));
}

TEST(renewed_but_not_served)
{
	const struct mint_cert *next = MINT(.cn = "leaf", .issuer = inter,
		.names = "broker.example.org", .not_before = KIT_NOW - KIT_DAY / 2);
	report = REPORT(leaf, inter);
	trust = TRUST(next);
	assert_told("broker.example.org", "ca.old-leaf", "systemctl restart thingsboard");
}

/* An intermediate was pinned, and its CA has another one by now. */
TEST(sibling_pinned)
{
	const struct mint_cert *former = MINT(.cn = "Intermediate 1", .ca = true, .issuer = root);
	report = REPORT(leaf, inter);
	trust = TRUST(former);
	assert_told("broker.example.org", "ca.wrong-root", "CN=Intermediate 1");
	ck_assert_int_eq(report->verification->nearest->miss, TBD_MISS_SIBLING);
}

/* Two that miss in the same way: the one that lasts longer is shown. */
TEST(nearest_of_two)
{
	const struct mint_cert *first =
		MINT(.cn = "Root", .ca = true, .not_after = KIT_NOW + KIT_DAY);
	const struct mint_cert *second = MINT(.cn = "Root", .ca = true);
	report = REPORT(leaf, inter);
	trust = TRUST(first, second, other_root);
	assert_told("broker.example.org", "ca.same-name-other-key", "CN=Root");
	ck_assert(kit_is(report->verification->nearest->cert, second));
}

TEST_TIMES(intercepted, 2)
{
	const struct mint_cert *proxy = MINT(.cn = "FortiGate CA", .ca = true);
	leaf = MINT(.cn = "leaf", .issuer = proxy, .names = "broker.example.org");
	report = REPORT(leaf);
	trust = _i == 0 ? TRUST(root) : TRUST(proxy);
	assert_told("broker.example.org", "ca.intercepted", "Fortinet FortiGate");
	ck_assert_int_eq(report->worst, _i == 0 ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_WARNING);
}

/* Without an address of the issuer it may be a root as well as an intermediate. */
TEST(signed_by_an_unknown_ca)
{
	const struct mint_cert *ca = MINT(.cn = "Own CA", .ca = true);
	const struct mint_cert *server =
		MINT(.cn = "server", .names = "broker.example.org", .issuer = ca);
	report = REPORT(server);
	trust = TRUST(other_root);
	assert_told("broker.example.org", "ca.missing-intermediate", "If CN=Own CA is a root");
	ck_assert_ptr_null(strstr(report->findings[0]->summary, "intermediate"));
}

TEST(wrong_root)
{
	report = REPORT(leaf, inter);
	trust = TRUST(other_root);
	assert_told(
		"broker.example.org", "ca.wrong-root", report->chain->certs[1]->authority_key_id);
}

TEST(private_root_sent)
{
	report = REPORT(leaf, inter, root);
	trust = TRUST(other_root);
	assert_told("broker.example.org", "ca.private-root-sent", report->chain->certs[2]->sha256);
	ck_assert_str_eq(report->findings[0]->consequences[0]->id, "chain.root-sent");
}

TEST(self_signed)
{
	const struct mint_cert *own = MINT(.cn = "own", .names = "broker.example.org");
	report = REPORT(own);
	trust = TRUST(root);
	assert_told("broker.example.org", "ca.self-signed", report->chain->certs[0]->sha256);
}

/* As the openssl command of ThingsBoard's documentation makes it: a CA, and no subjectAltName. */
TEST(self_signed_and_imported)
{
	const struct mint_cert *own = MINT(.cn = "broker.example.org", .ca = true);
	report = REPORT(own);
	trust = TRUST(own);
	assert_told("broker.example.org", "name.cn-only", "subjectAltName=DNS:broker.example.org");
}

TEST(leaf_in_store)
{
	report = REPORT(leaf, inter);
	trust = TRUST(leaf);
	assert_told("broker.example.org", "ca.leaf-in-store", "CN=Intermediate");
}

TEST(key_instead_of_certificate)
{
	char *pem = mint_key_pem(root);
	ck_assert_ptr_nonnull(pem);
	const char *path = kit_file(pem, strlen(pem));
	gnutls_free(pem);
	report = REPORT(leaf, inter);
	trust = tbd_trust_new();
	ck_assert_int_eq(tbd_trust_add_file(trust, path, NULL), 0);
	assert_told("broker.example.org", "ca.store-empty", path);
	ck_assert_str_eq(report->findings[0]->consequences[0]->id, "ca.store-holds-key");
	ck_assert_str_eq(report->findings[0]->consequences[1]->id, "ca.wrong-root");
}

TEST(directory_missing)
{
	report = REPORT(leaf, inter);
	trust = tbd_trust_new();
	ck_assert_int_eq(tbd_trust_add_dir(trust, "/no/such/directory", NULL), 0);
	assert_told("broker.example.org", "ca.store-missing", "/no/such/directory");
}

TEST(wrong_order)
{
	report = REPORT(leaf, root, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "chain.wrong-order", "0 2 1");
}

TEST(wrong_name)
{
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("mqtt.example.net", "name.mismatch", "tbdiag verify broker.example.org");
}

TEST(address_not_listed)
{
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("192.0.2.2", "name.ip-not-listed", "192.0.2.2 broker.example.org");
}

TEST(expired_intermediate)
{
	const struct mint_cert *old =
		MINT(.cn = "Intermediate", .ca = true, .issuer = root, .key_of = inter,
			.not_before = KIT_NOW - 90 * KIT_DAY, .not_after = KIT_NOW - KIT_DAY);
	report = REPORT(leaf, old);
	trust = TRUST(root);
	assert_told("broker.example.org", "time.expired", "2023-11-13T22:13:20Z");
	ck_assert_ptr_eq(report->findings[0]->cert, report->chain->certs[1]);
}

/* One that no path needs is nobody's business. */
TEST(expired_and_not_needed)
{
	const struct mint_cert *old =
		MINT(.cn = "Intermediate", .ca = true, .issuer = root, .key_of = inter,
			.not_before = KIT_NOW - 90 * KIT_DAY, .not_after = KIT_NOW - KIT_DAY);
	report = REPORT(leaf, inter);
	trust = TRUST(old, root);
	assert_told("broker.example.org", "ca.store-expired-entry", "CN=Root");
	ck_assert_int_eq(report->worst, TBD_SEVERITY_INFO);
	ck_assert_str_eq(report->findings[1]->id, "ca.ok");
}

/* The same file for a server of another intermediate, and for one that still serves the old one. */
TEST_TIMES(expired_entry_is_needed, 2)
{
	const struct mint_cert *old = MINT(.cn = "Old Intermediate", .ca = true, .issuer = root,
		.not_before = KIT_NOW - 90 * KIT_DAY, .not_after = KIT_NOW - KIT_DAY);
	const struct mint_cert *server =
		MINT(.cn = "leaf", .issuer = old, .names = "broker.example.org");
	report = REPORT(server);
	trust = _i == 0 ? TRUST(old, root) : TRUST(old);
	if (_i == 0)
		assert_told("broker.example.org", "time.expired", "CN=Old Intermediate");
	else
		assert_told("broker.example.org", "ca.anchor-expired", "CN=Root");
}

TEST(root_expired)
{
	root = MINT(.cn = "Root", .ca = true, .not_before = KIT_NOW - 90 * KIT_DAY,
		.not_after = KIT_NOW - KIT_DAY);
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = root);
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org");
	report = REPORT(leaf, inter);
	trust = TRUST(other_root, root);
	assert_told("broker.example.org", "ca.anchor-expired", "2023-11-13T22:13:20Z");
}

/* September 2021: the root is good, and the server sends a cross-sign that leads to an old one. */
TEST_TIMES(cross_sign_expired, 2)
{
	const struct mint_cert *old_root =
		MINT(.cn = "Old Root", .ca = true, .not_before = KIT_NOW - 90 * KIT_DAY,
			.not_after = _i == 0 ? KIT_NOW - KIT_DAY : KIT_NOW + 999 * KIT_DAY);
	const struct mint_cert *cross = MINT(.cn = "Root", .ca = true, .key_of = root,
		.issuer = old_root, .not_before = KIT_NOW - 90 * KIT_DAY,
		.not_after = _i == 0 ? KIT_NOW + 999 * KIT_DAY : KIT_NOW - KIT_DAY);
	report = REPORT(leaf, inter, cross);
	trust = TRUST(old_root, root);
	assert_told("broker.example.org", "ca.cross-signed-expired",
		_i == 0 ? "CN=Old Root" : "CN=Root");
	ck_assert_str_eq(report->findings[1]->id, "ca.ok");
}

TEST(saved_by_the_store)
{
	report = REPORT(leaf);
	trust = TRUST(root, inter);
	assert_told("broker.example.org", "ca.missing-intermediate-saved", "n == 2");
}

/* The device has the intermediate and not the root: two things to mend where it is not even sent. */
TEST_TIMES(intermediate_in_store, 2)
{
	report = _i == 0 ? REPORT(leaf, inter) : REPORT(leaf);
	trust = TRUST(inter);
	if (_i == 0) {
		assert_told("broker.example.org", "ca.intermediate-in-store", "CN=Root");
		return;
	}
	ck_assert_str_eq(judge_report("broker.example.org")->id, "ca.missing-intermediate-saved");
	ck_assert_str_eq(report->findings[1]->id, "ca.intermediate-in-store");
	ck_assert_int_eq(report->worst, TBD_SEVERITY_WARNING);
}

TEST(key_beside_certificate)
{
	char *key = mint_key_pem(root), *text = NULL;
	ck_assert_ptr_nonnull(key);
	ck_assert_int_gt(asprintf(&text, "%s%s", key, (const char *)root->pem.data), 0);
	report = REPORT(leaf, inter);
	trust = tbd_trust_new();
	const char *path = kit_file(text, strlen(text));
	ck_assert_int_eq(tbd_trust_add_file(trust, path, NULL), 0);
	free(text);
	gnutls_free(key);
	assert_told("broker.example.org", "ca.store-holds-key", path);
	ck_assert_str_eq(report->findings[1]->id, "ca.ok");
	ck_assert(report->verification->verified);
}

TEST(not_yet_valid)
{
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org",
		.not_before = KIT_NOW + KIT_DAY);
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "time.not-yet-valid", "2023-11-15T22:13:20Z");
}

TEST(issuer_is_no_ca)
{
	const struct mint_cert *false_ca = MINT(.cn = "False CA", .issuer = root);
	leaf = MINT(.cn = "leaf", .issuer = false_ca, .names = "broker.example.org");
	report = REPORT(leaf, false_ca);
	trust = TRUST(root);
	assert_told("broker.example.org", "policy.not-a-ca", "CN=False CA");
}

TEST(client_certificate)
{
	static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org", .eku = client);
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "policy.wrong-purpose", "CN=leaf");
}

TEST(broken_signature)
{
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org",
		.break_signature = true);
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "policy.bad-signature", report->chain->certs[1]->sha256);
}

TEST(small_key)
{
	leaf = MINT(.cn = "leaf", .issuer = inter, .names = "broker.example.org",
		.key_type = MINT_RSA, .rsa_bits = 1024);
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "policy.weak-key", "CN=leaf");
	ck_assert_int_eq(report->worst, TBD_SEVERITY_WARNING);
}

TEST(old_hash)
{
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = root, .key_of = inter,
		.hash = GNUTLS_DIG_SHA1);
	report = REPORT(leaf, inter);
	trust = TRUST(root);
	assert_told("broker.example.org", "policy.weak-signature", "CN=Intermediate");
	ck_assert_int_eq(report->worst, TBD_SEVERITY_WARNING);
}

/* Two faults that have nothing to do with each other are two findings. */
TEST(two_causes)
{
	report = REPORT(leaf);
	trust = TRUST(root);
	ck_assert_str_eq(judge_report("mqtt.example.net")->id, "ca.missing-intermediate");
	ck_assert_str_eq(report->findings[1]->id, "name.mismatch");
}
