/* SPDX-License-Identifier: MIT
 *
 * judge.c - real certificates, verified and judged: what a person is told first, and with which
 * values.
 */
#include "tests/unit/check-main.h"
#include "report/report.h"
#include "tests/unit/trust-fixture.h"

#define HOST "broker.example.org"
#define FORMERLY .not_before = KIT_NOW - 90 * KIT_DAY
#define ENDED FORMERLY, .not_after = KIT_NOW - KIT_DAY
#define LASTING FORMERLY, .not_after = KIT_NOW + 999 * KIT_DAY
/* Named, and what is special about them. */
#define CA(...)                               \
	{                                     \
		.ca = true, .cn = __VA_ARGS__ \
	}
#define SERVER(...)                              \
	{                                        \
		.names = HOST, .cn = __VA_ARGS__ \
	}

static const struct mint_bytes no_id = { NULL, 0 };
static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };

static const struct kit_role cast[] = {
	{ "root", NULL, NULL, CA("Root") },
	{ "other-root", NULL, NULL, CA("Other Root") },
	{ "inter", "root", NULL, CA("Intermediate") },
	{ "leaf", "inter", NULL, { .cn = "leaf", .names = HOST ",192.0.2.1" } },
	/* Made anew under the old name. */
	{ "own-ca", NULL, NULL, CA("Own CA") },
	{ "new-own-ca", NULL, NULL, CA("Own CA") },
	{ "of-new-own-ca", "new-own-ca", NULL, SERVER("server") },
	{ "bare-ca", NULL, NULL, CA("Own CA", .skid = &no_id) },
	{ "new-bare-ca", NULL, NULL, CA("Own CA", .skid = &no_id) },
	{ "of-new-bare-ca", "new-bare-ca", NULL, SERVER("server", .akid = &no_id) },
	{ "new-root", NULL, NULL, CA("Root") },
	{ "of-new-root", "new-root", NULL, CA("Intermediate") },
	{ "leaf-of-new-root", "of-new-root", NULL, SERVER("leaf") },
	{ "short-root", NULL, NULL, CA("Root", .not_after = KIT_NOW + KIT_DAY) },
	/* The old key under a new name. */
	{ "renamed", NULL, "root", CA("Root 2") },
	{ "of-renamed", "renamed", NULL, CA("Intermediate") },
	{ "leaf-of-renamed", "of-renamed", NULL, SERVER("leaf") },
	{ "bare-renamed", NULL, "root", CA("Root 2", .skid = &no_id) },
	{ "of-bare-renamed", "bare-renamed", NULL, CA("Intermediate", .akid = &no_id) },
	{ "leaf-of-bare-renamed", "of-bare-renamed", NULL, SERVER("leaf") },
	/* Servers, and what was imported of them before. */
	{ "own", NULL, NULL, SERVER("own", .ca = true) },
	{ "own-before", NULL, NULL, SERVER("own", .ca = true, FORMERLY) },
	{ "own-as-other", NULL, NULL, SERVER("other", .ca = true, FORMERLY) },
	{ "own-nameless", NULL, "own", CA("own", FORMERLY) },
	{ "self-signed", NULL, NULL, SERVER("own") },
	{ "no-san", NULL, NULL, CA(HOST, .no_key_usage = true) },
	{ "leaf-before", "inter", "leaf", SERVER("leaf", FORMERLY) },
	{ "leaf-next", "inter", NULL, SERVER("leaf", .not_before = KIT_NOW - KIT_DAY / 2) },
	{ "sibling", "root", NULL, CA("Intermediate 1") },
	{ "proxy", NULL, NULL, CA("FortiGate CA") },
	{ "of-proxy", "proxy", NULL, SERVER("leaf") },
	/* Over, or not begun. */
	{ "ended-inter", "root", "inter", CA("Intermediate", ENDED) },
	{ "old-inter", "root", NULL, CA("Old Intermediate", ENDED) },
	{ "of-old-inter", "old-inter", NULL, SERVER("leaf") },
	{ "ended-root", NULL, NULL, CA("Root", ENDED) },
	{ "of-ended-root", "ended-root", NULL, CA("Intermediate") },
	{ "leaf-of-ended-root", "of-ended-root", NULL, SERVER("leaf") },
	{ "old-root", NULL, NULL, CA("Old Root", ENDED) },
	{ "cross", "old-root", "root", CA("Root", LASTING) },
	{ "lasting-root", NULL, NULL, CA("Old Root", LASTING) },
	{ "ended-cross", "lasting-root", "root", CA("Root", ENDED) },
	{ "future-leaf", "inter", NULL, SERVER("leaf", .not_before = KIT_NOW + KIT_DAY) },
	/* Against a policy. */
	{ "false-ca", "root", NULL, { .cn = "False CA" } },
	{ "of-false-ca", "false-ca", NULL, SERVER("leaf") },
	{ "client", "inter", NULL, SERVER("leaf", .eku = client) },
	{ "broken", "inter", NULL, SERVER("leaf", .break_signature = true) },
	{ "small", "inter", NULL, SERVER("leaf", .key_type = MINT_RSA, .rsa_bits = 1024) },
	{ "sha1-inter", "root", "inter", CA("Intermediate", .hash = GNUTLS_DIG_SHA1) },
	{ NULL, NULL, NULL, { NULL } },
};

static const char *told_of; /* what is sent, in a table */

static void judge_setup(void)
{
	kit_cast(cast);
	told_of = "";
}

/* The first finding about the chain and this name. */
static const struct tbd_finding *judge_report(const char *name)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_error error = { "" };
	options.trust = kit.trust;
	options.name = name;
	ck_assert_msg(tbd_verify(kit.report, &options, &error) == 0, "%s", error.text);
	ck_assert_msg(tbd_judge(kit.report, &error) == 0, "%s", error.text);
	ck_assert_uint_gt(kit.report->finding_count, 0);
	return kit.report->findings[0];
}

/* The first finding has this id, is the only one that is bad, and its fix holds this text. */
static void assert_told(const char *name, const char *id, const char *in_fix)
{
	const struct tbd_finding *finding = judge_report(name);
	ck_assert_msg(strcmp(finding->id, id) == 0, "%s, not %s: %s", finding->id, id, told_of);
	for (size_t i = 1; i < kit.report->finding_count; i++)
		ck_assert_msg(kit.report->findings[i]->severity <= TBD_SEVERITY_INFO, "also %s",
			kit.report->findings[i]->id);
	if (in_fix == NULL)
		ck_assert_ptr_null(finding->fix);
	else
		ck_assert_msg(strstr(finding->fix, in_fix) != NULL, "%s", finding->fix);
}

TEST_GROUP(.setup = judge_setup, .teardown = kit_teardown);

#define OF_SENT(index, member) .of_sent = offsetof(struct tbd_cert, member), .sent_at = index

static const struct told {
	const char *sent, *trusted;
	const char *id;
	const char *fix;         /* a part of it; NULL: there is none, or OF_SENT() instead */
	size_t of_sent, sent_at; /* the fix has this text of that certificate of the chain */
	const char *summary;     /* a part of it; this and the following as far as it is given */
	const char *host;        /* instead of HOST */
	const char *then;        /* the second finding */
	const char *consequence; /* the first of the first finding */
	const char *nearest;     /* of the store */
	enum tbd_miss miss;
	enum tbd_severity worst;
	size_t about; /* the certificate of the chain */
} told_rows[] = {
	{ "leaf inter", "root", "ca.ok", .then = "time.ok" },
	{ "leaf", "root", "ca.missing-intermediate", .fix = "CN=Intermediate" },
	/* A small CA signs servers with its root, and was made anew under its old name. */
	{ "of-new-own-ca", "own-ca", "ca.same-name-other-key", OF_SENT(0, authority_key_id),
		.summary = "but with another key" },
	/* Neither has key identifiers, so nothing but the signature tells. */
	{ "of-new-bare-ca", "bare-ca", "ca.same-name-other-key", OF_SENT(0, issuer),
		.nearest = "bare-ca" },
	{ "of-new-bare-ca new-bare-ca", "bare-ca", "ca.same-name-other-key", OF_SENT(0, issuer),
		.nearest = "bare-ca" },
	{ "leaf-of-new-root of-new-root new-root", "root other-root", "ca.same-name-other-key",
		.fix = "--save-ca", .consequence = "chain.root-sent" },
	/* The key that signed stands in the store under another name: found by key identifier, or by
	 * trying. */
	{ "leaf-of-renamed of-renamed", "other-root root", "ca.same-key-other-name",
		.fix = "CN=Root 2", .nearest = "root" },
	{ "leaf-of-bare-renamed of-bare-renamed", "other-root root", "ca.same-key-other-name",
		.fix = "CN=Root 2", .nearest = "root" },
	{ "leaf-of-renamed of-renamed renamed", "other-root root", "ca.same-key-other-name",
		.fix = "CN=Root 2", .nearest = "root" },
	{ "own", "own-before root", "ca.old-leaf", OF_SENT(0, sha256), .nearest = "own-before" },
	{ "own", "own-as-other root", "ca.old-leaf", OF_SENT(0, sha256),
		.nearest = "own-as-other" },
	{ "own", "own-nameless root", "ca.old-leaf", OF_SENT(0, sha256),
		.nearest = "own-nameless" },
	{ "leaf inter", "leaf-before", "ca.old-leaf", .fix = "CN=Root", .summary = "the same key" },
	{ "leaf inter", "leaf-next", "ca.old-leaf", .fix = "systemctl restart thingsboard" },
	/* An intermediate was pinned, and its CA has another one by now. */
	{ "leaf inter", "sibling", "ca.wrong-root", .fix = "CN=Intermediate 1",
		.nearest = "sibling", .miss = TBD_MISS_SIBLING },
	/* Two that miss in the same way: the one that lasts longer is shown. */
	{ "leaf inter", "short-root new-root other-root", "ca.same-name-other-key",
		.fix = "CN=Root", .nearest = "new-root" },
	{ "of-proxy", "root", "ca.intercepted", .fix = "Fortinet FortiGate",
		.worst = TBD_SEVERITY_CRITICAL },
	{ "of-proxy", "proxy", "ca.intercepted", .fix = "Fortinet FortiGate",
		.worst = TBD_SEVERITY_WARNING },
	{ "leaf inter", "other-root", "ca.wrong-root", OF_SENT(1, authority_key_id) },
	{ "leaf inter root", "other-root", "ca.private-root-sent", OF_SENT(2, sha256),
		.consequence = "chain.root-sent" },
	{ "self-signed", "root", "ca.self-signed", OF_SENT(0, sha256) },
	/* As the openssl command of ThingsBoard's documentation makes it: a CA, and no
	 * subjectAltName. */
	{ "no-san", "no-san", "name.cn-only", .fix = "subjectAltName=DNS:" HOST },
	{ "leaf inter", "leaf", "ca.leaf-in-store", .fix = "CN=Intermediate" },
	{ "leaf root inter", "root", "chain.wrong-order", .fix = "0 2 1" },
	{ "leaf inter", "root", "name.mismatch", .fix = "tbdiag verify mqtts://" HOST,
		.host = "mqtt.example.net" },
	{ "leaf inter", "root", "name.ip-not-listed", .fix = "192.0.2.2 " HOST,
		.host = "192.0.2.2" },
	{ "leaf ended-inter", "root", "time.expired", .fix = "2023-11-13T22:13:20Z", .about = 1 },
	/* One that no path needs is nobody's business. */
	{ "leaf inter", "ended-inter root", "ca.store-expired-entry", .fix = "CN=Root",
		.worst = TBD_SEVERITY_INFO, .then = "ca.ok" },
	/* The same file for a server of another intermediate, and for one that still serves the old
	 * one. */
	{ "of-old-inter", "old-inter root", "time.expired", .fix = "CN=Old Intermediate" },
	{ "of-old-inter", "old-inter", "ca.anchor-expired", .fix = "CN=Root" },
	{ "leaf-of-ended-root of-ended-root", "other-root ended-root", "ca.anchor-expired",
		.fix = "2023-11-13T22:13:20Z" },
	/* September 2021: the root is good, and the server sends a cross-sign that leads to an old
	 * one. */
	{ "leaf inter cross", "old-root root", "ca.cross-signed-expired", .fix = "CN=Old Root",
		.then = "ca.ok" },
	{ "leaf inter ended-cross", "lasting-root root", "ca.cross-signed-expired",
		.fix = "CN=Root", .then = "ca.ok" },
	{ "leaf", "root inter", "ca.missing-intermediate-saved", .fix = "n == 2" },
	{ "leaf inter", "inter", "ca.intermediate-in-store", .fix = "CN=Root" },
	{ "future-leaf inter", "root", "time.not-yet-valid", .fix = "2023-11-15T22:13:20Z" },
	{ "of-false-ca false-ca", "root", "policy.not-a-ca", .fix = "CN=False CA" },
	{ "client inter", "root", "policy.wrong-purpose", .fix = "CN=leaf" },
	{ "broken inter", "root", "policy.bad-signature", OF_SENT(1, sha256) },
	{ "small inter", "root", "policy.weak-key", .fix = "CN=leaf",
		.worst = TBD_SEVERITY_WARNING },
	{ "leaf sha1-inter", "root", "policy.weak-signature", .fix = "CN=Intermediate",
		.worst = TBD_SEVERITY_WARNING },
};

TEST_EACH(told, row, told_rows)
{
	kit_stage(row->sent, row->trusted);
	told_of = row->sent;
	const char *const *text =
		(const void *)((const char *)kit.report->chain->certs[row->sent_at] + row->of_sent);
	assert_told(row->host != NULL ? row->host : HOST, row->id,
		row->of_sent != 0 ? *text : row->fix);
	const struct tbd_finding *finding = kit.report->findings[0];
	if (row->summary != NULL)
		ck_assert_ptr_nonnull(strstr(finding->summary, row->summary));
	if (row->then != NULL)
		ck_assert_str_eq(kit.report->findings[1]->id, row->then);
	if (row->consequence != NULL)
		ck_assert_str_eq(finding->consequences[0]->id, row->consequence);
	const struct tbd_nearest *nearest = kit.report->verification->nearest;
	if (row->nearest != NULL)
		ck_assert(kit_is(nearest->cert, kit_cert(row->nearest)));
	if (row->miss != TBD_MISS_NONE)
		ck_assert_int_eq(nearest->miss, row->miss);
	if (row->worst != TBD_SEVERITY_OK)
		ck_assert_int_eq(kit.report->worst, row->worst);
	if (row->about != 0)
		ck_assert_ptr_eq(finding->cert, kit.report->chain->certs[row->about]);
}

/* Nothing that can be sent takes that long; so the limit is set to none. */
TEST(security_1_deadline)
{
	struct tbd_error error = { { 0 } };
	kit_stage("leaf inter", "root");
	tbdi_report_of(kit.report)->judge_ms = -1;
	ck_assert_int_eq(tbd_judge(kit.report, &error), TBD_E_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(error.text, "cannot be judged"));
	ck_assert_uint_eq(kit.report->finding_count, 0);
}

TEST(name_not_judged)
{
	kit_stage("leaf inter", "root");
	assert_told(NULL, "ca.ok", NULL);
}

/* A key identifier is a claim: here it names the key of the store, which did not sign. */
TEST(key_id_lies)
{
	uint8_t id[64];
	size_t len = sizeof(id);
	const struct mint_cert *root = kit_cert("root"), *other = kit_cert("other-root");
	ck_assert_int_ge(gnutls_x509_crt_get_subject_key_id(root->crt, id, &len, NULL), 0);
	const struct mint_bytes akid = { id, len };
	const struct mint_cert *inter =
		MINT(.cn = "Intermediate", .ca = true, .issuer = other, .akid = &akid);
	kit.report = REPORT(MINT(.cn = "leaf", .issuer = inter, .names = HOST), inter);
	kit.trust = TRUST(root);
	assert_told(HOST, "ca.wrong-root", "CN=Other Root");
	ck_assert_int_eq(kit.report->verification->nearest->miss, TBD_MISS_NONE);
}

/* Without an address of the issuer it may be a root as well as an intermediate. */
TEST(signed_by_an_unknown_ca)
{
	kit_stage("of-new-own-ca", "other-root");
	assert_told(HOST, "ca.missing-intermediate", "If CN=Own CA is a root");
	ck_assert_ptr_null(strstr(kit.report->findings[0]->summary, "intermediate"));
}

/* The store is a file with the root's key, and after it this. */
static const char *trust_key_file(const char *rest)
{
	char *key = mint_key_pem(kit_cert("root")), *text = NULL;
	ck_assert_ptr_nonnull(key);
	ck_assert_int_gt(asprintf(&text, "%s%s", key, rest), 0);
	const char *path = kit_file(text, strlen(text));
	kit.trust = tbd_trust_new();
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, path, NULL), 0);
	free(text);
	gnutls_free(key);
	return path;
}

TEST(key_instead_of_certificate)
{
	const char *path = trust_key_file("");
	kit.report = REPORT(kit_cert("leaf"), kit_cert("inter"));
	assert_told(HOST, "ca.store-empty", path);
	ck_assert_str_eq(kit.report->findings[0]->consequences[0]->id, "ca.store-holds-key");
	ck_assert_str_eq(kit.report->findings[0]->consequences[1]->id, "ca.wrong-root");
}

TEST(key_beside_certificate)
{
	const char *path = trust_key_file((const char *)kit_cert("root")->pem.data);
	kit.report = REPORT(kit_cert("leaf"), kit_cert("inter"));
	assert_told(HOST, "ca.store-holds-key", path);
	ck_assert_str_eq(kit.report->findings[1]->id, "ca.ok");
	ck_assert(kit.report->verification->verified);
}

TEST(directory_missing)
{
	kit.report = REPORT(kit_cert("leaf"), kit_cert("inter"));
	kit.trust = tbd_trust_new();
	ck_assert_int_eq(tbd_trust_add_dir(kit.trust, "/no/such/directory", NULL), 0);
	assert_told(HOST, "ca.store-missing", "/no/such/directory");
}

/* The device has the intermediate and not the root: two things to mend where it is not even sent. */
TEST(intermediate_in_store_and_not_sent)
{
	kit_stage("leaf", "inter");
	ck_assert_str_eq(judge_report(HOST)->id, "ca.missing-intermediate-saved");
	ck_assert_str_eq(kit.report->findings[1]->id, "ca.intermediate-in-store");
	ck_assert_int_eq(kit.report->worst, TBD_SEVERITY_WARNING);
}

/* Two faults that have nothing to do with each other are two findings. */
TEST(two_causes)
{
	kit_stage("leaf", "root");
	ck_assert_str_eq(judge_report("mqtt.example.net")->id, "ca.missing-intermediate");
	ck_assert_str_eq(kit.report->findings[1]->id, "name.mismatch");
}
