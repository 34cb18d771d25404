/* SPDX-License-Identifier: MIT
 *
 * verify.c - the path explorer finds the good path, and the right reason when there is none.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

#include "verify/explore.h"
#include "verify/chain.h"

#include <fcntl.h>
#include <gnutls/abstract.h>
#include <unistd.h>

static const struct tbd_verification *verify_name(const char *name)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_error error = { "" };
	options.trust = kit.trust;
	options.name = name;
	ck_assert_msg(tbd_verify(kit.report, &options, &error) == 0, "%s", error.text);
	return kit.report->verification;
}

/* The first path has this fault at this place. */
static void assert_fault(enum tbd_fault fault, size_t at)
{
	const struct tbd_verification *verification = verify_name(NULL);
	ck_assert_ptr_nonnull(verification->path);
	ck_assert_int_eq(verification->path->fault, fault);
	ck_assert_uint_eq(verification->path->fault_at, at);
	ck_assert(verification->verified == (fault == TBD_FAULT_NONE));
}

/* The first path consists of these certificates. */
static void assert_path(const struct mint_cert *const *certs, size_t count, bool anchored)
{
	const struct tbd_path *path = kit.report->verification->path;
	ck_assert_uint_eq(path->count, count);
	ck_assert(path->anchored == anchored);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(kit_is(path->certs[i], certs[i]), "certificate %zu differs", i);
}
#define ASSERT_PATH(anchored, ...)                                         \
	assert_path((const struct mint_cert *const[]){ __VA_ARGS__ },      \
		sizeof((const struct mint_cert *const[]){ __VA_ARGS__ }) / \
			sizeof(const struct mint_cert *),                  \
		anchored)

/* ---- paths ----------------------------------------------------------------------------------- */

#define NAMES "broker.example.org,192.0.2.1,fe80::1"
#define CA(...)                               \
	{                                     \
		.ca = true, .cn = __VA_ARGS__ \
	}
#define SERVER(...)                               \
	{                                         \
		.names = NAMES, .cn = __VA_ARGS__ \
	}
#define TWO_DAYS_AGO .not_before = KIT_NOW - 2 * KIT_DAY, .not_after = KIT_NOW - KIT_DAY

static const char *const our_dns[] = { "EXAMPLE.org", NULL };
static const struct mint_bytes no_id = { NULL, 0 };

static const struct kit_role cast[] = {
	{ "root", NULL, NULL, CA("Root") },
	{ "inter", "root", NULL, CA("Intermediate") },
	{ "leaf", "inter", NULL, SERVER("leaf") },
	{ "leaf-2", "inter", NULL, { .cn = "other leaf" } },
	{ "stranger", NULL, NULL, CA("Stranger") },
	{ "old-inter", "root", "inter", CA("Intermediate", TWO_DAYS_AGO) },
	{ "old-root", NULL, NULL, CA("Old root", TWO_DAYS_AGO) },
	{ "cross", "old-root", "root", CA("Root") },
	{ "self-signed", NULL, NULL, SERVER("leaf") },
	{ "self-signing", NULL, NULL,
		SERVER("leaf",
			.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN) },
	{ "self-signing-ca", NULL, NULL,
		SERVER("leaf", .ca = true,
			.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN) },
	{ "new-root", NULL, NULL, CA("Root") },
	{ "bare-root", NULL, NULL, CA("Root", .skid = &no_id) },
	{ "new-bare-root", NULL, NULL, CA("Root", .skid = &no_id) },
	{ "of-bare-root", "bare-root", NULL, SERVER("leaf", .akid = &no_id) },
	{ "broken-leaf", "inter", NULL, SERVER("leaf", .break_signature = true) },
	{ "broken-root", NULL, NULL, CA("Root", .break_signature = true) },
	{ "of-broken-root", "broken-root", NULL, SERVER("leaf") },
	{ "other-cross", "stranger", "inter", CA("Intermediate") },
	{ "short-root", NULL, NULL, CA("Root", .pathlen = MINT_PATHLEN(0)) },
	{ "rollover", "short-root", NULL, CA("Root") },
	{ "of-rollover", "rollover", NULL, SERVER("leaf") },
	{ "our-root", NULL, NULL, CA("Root", .permitted_dns = our_dns) },
	{ "our-cn", "our-root", NULL, { .cn = "a.example.org" } },
	{ "other-cn", "our-root", NULL, { .cn = "a.example.net" } },
	{ "a", NULL, NULL, CA("A") },
	{ "b", NULL, NULL, CA("B") },
	{ "a-by-b", "b", "a", CA("A") },
	{ "b-by-a", "a", "b", CA("B") },
	{ "of-a", "a", NULL, SERVER("leaf") },
	{ NULL, NULL, NULL, { NULL } },
};

static void verify_setup(void)
{
	kit_cast(cast);
}

static const struct {
	const char *sent, *trusted;
	const char *path; /* the first */
	enum tbd_fault fault;
	size_t at;
	const char *untrusted;       /* given along */
	int alert;                   /* 0: not asked, as with the following */
	enum tbd_fault second_fault; /* of one of two paths */
	size_t second_at;
	size_t paths;
	bool without_anchor;
} path_rows[] = {
	/* In any order, and with what does not belong there. */
	{ "leaf root stranger inter inter", "root", "leaf inter root", .paths = 1 },
	/* A path to a root counts more than the shorter one. */
	{ "leaf", "inter root", "leaf inter root", .paths = 2 },
	{ "leaf inter", "inter", "leaf inter", .paths = 1 },
	{ "leaf old-inter inter", "root", "leaf inter root", .paths = 2,
		.second_fault = TBD_FAULT_EXPIRED, .second_at = 1 },
	{ "leaf inter cross", "old-root root", "leaf inter root", .paths = 2,
		.second_fault = TBD_FAULT_EXPIRED, .second_at = 3 },
	/* Pinned. */
	{ "leaf", "leaf", "leaf", .paths = 1 },
	{ "self-signing", "self-signing", "self-signing", .paths = 1 },
	{ "self-signing-ca", "self-signing-ca", "self-signing-ca", .paths = 1 },
	{ "leaf", "root", "leaf", TBD_FAULT_NO_ISSUER, 0, .without_anchor = true, .alert = 48 },
	{ "leaf inter", "stranger", "leaf inter", TBD_FAULT_NO_ISSUER, 1, .without_anchor = true },
	{ "leaf inter root", "stranger", "leaf inter root", TBD_FAULT_UNTRUSTED_ROOT, 2,
		.without_anchor = true },
	{ "leaf inter root", "", "leaf inter root", TBD_FAULT_UNTRUSTED_ROOT, 2,
		.without_anchor = true },
	/* That it is given along makes no anchor of a root. */
	{ "leaf-2 inter", "leaf", "leaf-2 inter root", TBD_FAULT_UNTRUSTED_ROOT, 2,
		.untrusted = "root", .without_anchor = true },
	{ "self-signed", "root", "self-signed", TBD_FAULT_UNTRUSTED_ROOT, 0, .without_anchor = true,
		.alert = 48 },
	/* The key identifiers say that another key is meant: not a bad signature. */
	{ "leaf inter", "new-root", "leaf inter", TBD_FAULT_NO_ISSUER, 1, .without_anchor = true },
	{ "of-bare-root", "new-bare-root bare-root", "of-bare-root bare-root", .paths = 1 },
	{ "of-bare-root", "new-bare-root", "of-bare-root new-bare-root", TBD_FAULT_BAD_SIGNATURE,
		.at = 0 },
	/* Its own root was sent: that one made the signature. */
	{ "of-bare-root bare-root", "new-bare-root", "of-bare-root bare-root",
		TBD_FAULT_UNTRUSTED_ROOT, 1, .without_anchor = true },
	{ "broken-leaf inter", "root", "broken-leaf inter root", TBD_FAULT_BAD_SIGNATURE, 0,
		.alert = 51 },
	/* The signature of an anchor is not checked. */
	{ "of-broken-root", "broken-root", "of-broken-root broken-root", .paths = 1 },
	/* Two chains: one to an anchor but expired, one sound but to a root nobody trusts. */
	{ "leaf other-cross stranger old-inter", "root", "leaf old-inter root", TBD_FAULT_EXPIRED,
		1, .paths = 2, .second_fault = TBD_FAULT_UNTRUSTED_ROOT, .second_at = 2 },
	/* What is self-issued does not count for the path length. */
	{ "of-rollover rollover", "short-root", "of-rollover rollover short-root", .paths = 1 },
	/* A common name obeys name constraints. */
	{ "our-cn", "our-root", "our-cn our-root", .paths = 1 },
	{ "other-cn", "our-root", "other-cn our-root", TBD_FAULT_NAME_CONSTRAINTS, .at = 1 },
	/* A loop of cross-signatures. */
	{ "of-a a-by-b b-by-a", "stranger", "of-a a-by-b b-by-a", TBD_FAULT_NO_ISSUER, 2,
		.without_anchor = true },
};

TEST_GROUP(.setup = verify_setup, .teardown = kit_teardown);

static const struct mint_cert *root, *inter, *leaf;

static void mint_family(void)
{
	root = kit_cert("root");
	inter = kit_cert("inter");
	leaf = kit_cert("leaf");
}

TEST_EACH(path, row, path_rows)
{
	const struct mint_cert *certs[KIT_NAMED_MAX];
	kit_stage(row->sent, row->trusted);
	if (row->untrusted != NULL)
		kit_add_untrusted(certs, kit_certs(row->untrusted, certs));
	assert_fault(row->fault, row->at);
	assert_path(certs, kit_certs(row->path, certs), !row->without_anchor);
	const struct tbd_verification *verification = kit.report->verification;
	const struct tbd_path *path = verification->path;
	if (path->anchored)
		ck_assert_int_eq(path->certs[path->count - 1]->origin,
			path->count == 1 ? TBD_ORIGIN_SENT : TBD_ORIGIN_TRUST);
	ck_assert(!verification->paths_cut);
	size_t trusted_count = kit_certs(row->trusted, certs);
	ck_assert_uint_eq(kit.report->trust->shown_count, trusted_count);
	if (trusted_count == 1)
		ck_assert(kit_is(kit.report->trust->certs[0], certs[0]));
	if (row->alert != 0)
		ck_assert_int_eq(tbdi_verification_alert(verification), row->alert);
	if (row->paths != 0)
		ck_assert_uint_eq(verification->path_count, row->paths);
	if (row->paths == 2) {
		ck_assert_int_eq(verification->paths[1]->fault, row->second_fault);
		ck_assert_uint_eq(verification->paths[1]->fault_at, row->second_at);
	}
}

TEST(good_chain)
{
	kit_stage("leaf inter", "root");
	const struct tbd_verification *verification = verify_name("broker.example.org");
	ck_assert(verification->verified);
	ck_assert_int_eq(verification->name_match, TBD_MATCH_OK);
	ck_assert_str_eq(verification->name_entry, "broker.example.org");
	ASSERT_PATH(true, kit_cert("leaf"), kit_cert("inter"), kit_cert("root"));
	ck_assert_uint_eq(verification->path_count, 1);
	ck_assert(!verification->paths_cut);
	ck_assert_ptr_eq(verification->path->certs[0], kit.report->chain->certs[0]);
	ck_assert_int_eq(verification->path->certs[2]->origin, TBD_ORIGIN_TRUST);
	ck_assert_ptr_eq(verification->path->certs[2], kit.report->trust->certs[0]);
}

/* What the server forgot is given along. */
TEST(untrusted_intermediate_completes)
{
	const struct mint_cert *certs[KIT_NAMED_MAX];
	kit_stage("leaf", "root");
	kit_add_untrusted(certs, kit_certs("stranger inter inter leaf", certs));
	assert_fault(TBD_FAULT_NONE, 0);
	assert_path(certs, kit_certs("leaf inter root", certs), true);
	const struct tbd_cert *middle = kit.report->verification->path->certs[1];
	ck_assert_int_eq(middle->origin, TBD_ORIGIN_UNTRUSTED);
	ck_assert_uint_eq(kit.report->trust->untrusted_count, 1);
	ck_assert_ptr_eq(kit.report->trust->untrusted[0], middle);
	ck_assert_uint_eq(middle->entry, 2);
	ck_assert_uint_eq(kit.report->trust->cert_count, 1);
}

/* Names that OpenSSL takes for the same, and bytes that differ. */
TEST(names_in_other_bytes)
{
	const struct mint_rdn utf8[] = {
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("Some  Org"), 0 },
		{ NULL, { NULL, 0 }, 0 },
	};
	const struct mint_rdn printable[] = {
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("SOME ORG"),
			MINT_PRINTABLE_STRING },
		{ NULL, { NULL, 0 }, 0 },
	};
	root = MINT(.cn = "Root", .subject = utf8, .ca = true);
	const struct mint_cert *named =
		MINT(.cn = "root", .subject = printable, .ca = true, .key_of = root);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost");
	kit.report = REPORT(leaf);
	kit.trust = TRUST(named);
	assert_fault(TBD_FAULT_NONE, 0);
	ASSERT_PATH(true, leaf, named);
	ck_assert_int_eq(kit.report->verification->path->name_encoding_at, 0);
	tbd_report_free(kit.report);
	tbd_trust_free(kit.trust);
	/* Equal bytes are the better path, wherever they stand. */
	kit.report = REPORT(leaf);
	kit.trust = TRUST(named, root);
	assert_fault(TBD_FAULT_NONE, 0);
	ASSERT_PATH(true, leaf, root);
	ck_assert_int_eq(kit.report->verification->path->name_encoding_at, -1);
	ck_assert_uint_eq(kit.report->verification->path_count, 2);
}

TEST_TIMES(key_types, 4)
{
	static const enum mint_key_type types[] = { MINT_P256, MINT_P384, MINT_ED25519, MINT_RSA };
	root = MINT(.cn = "Root", .ca = true, .key_type = types[_i]);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost");
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	assert_fault(TBD_FAULT_NONE, 0);
}

TEST(rsa_pss)
{
	struct mint_cert signed_anew = { .der = { NULL, 0 } };
	gnutls_privkey_t key;
	root = MINT(.cn = "Root", .ca = true, .key_type = MINT_RSA);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost");
	ck_assert_int_ge(gnutls_privkey_init(&key), 0);
	ck_assert_int_ge(gnutls_privkey_import_x509(key, root->key, 0), 0);
	ck_assert_int_ge(gnutls_x509_crt_privkey_sign(leaf->crt, root->crt, key, GNUTLS_DIG_SHA384,
				 GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS),
		0);
	ck_assert_int_ge(
		gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_DER, &signed_anew.der), 0);
	kit.report = REPORT(&signed_anew);
	kit.trust = TRUST(root);
	assert_fault(TBD_FAULT_NONE, 0);
	ck_assert_str_eq(kit.report->chain->certs[0]->signature_algorithm, "RSA-PSS-SHA384");
	gnutls_privkey_deinit(key);
	gnutls_free(signed_anew.der.data);
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* One shape of intermediate (or root, or leaf) makes one fault. */
static const char *const client_auth[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
static const char *const any_purpose[] = { GNUTLS_KP_ANY, NULL };
static const char *const other_dns[] = { "example.net", NULL };
static const struct mint_extension odd_extension[] = {
	{ "1.2.3.4", true, MINT_BYTES("\x05\x00") },
	{ NULL, false, { NULL, 0 } },
};

enum level { LEAF, INTERMEDIATE, ROOT };

static const struct shape {
	enum level level;
	struct mint_spec spec;
	enum tbd_fault fault;
	size_t fault_at;
	int alert;
} shapes[] = {
	{ INTERMEDIATE, { .ca = false }, TBD_FAULT_NOT_A_CA, 1, 48 },
	{ INTERMEDIATE, { .no_basic_constraints = true, .ca = true }, TBD_FAULT_NOT_A_CA, 1, 48 },
	{ INTERMEDIATE, { .ca = true, .key_usage = GNUTLS_KEY_CRL_SIGN }, TBD_FAULT_NOT_A_CA, 1,
		48 },
	{ INTERMEDIATE, { .ca = true, .no_key_usage = true }, TBD_FAULT_NONE, 0, 0 },
	{ ROOT, { .version = 1 }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .version = 1 }, TBD_FAULT_NOT_A_CA, 1, 48 },
	{ ROOT, { .ca = false }, TBD_FAULT_NOT_A_CA, 2, 48 },
	{ ROOT, { .ca = true, .pathlen = MINT_PATHLEN(0) }, TBD_FAULT_PATH_LENGTH, 2, 48 },
	{ ROOT, { .ca = true, .pathlen = MINT_PATHLEN(1) }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .ca = true, .pathlen = MINT_PATHLEN(0) }, TBD_FAULT_NONE, 0, 0 },
	{ LEAF, { .eku = client_auth }, TBD_FAULT_PURPOSE, 0, 43 },
	{ LEAF, { .eku = any_purpose }, TBD_FAULT_NONE, 0, 0 },
	{ LEAF, { .key_usage = GNUTLS_KEY_KEY_CERT_SIGN }, TBD_FAULT_PURPOSE, 0, 43 },
	{ LEAF, { .ca = true, .key_usage = GNUTLS_KEY_KEY_CERT_SIGN }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .ca = true, .eku = client_auth }, TBD_FAULT_PURPOSE, 1, 43 },
	{ INTERMEDIATE, { .ca = true, .permitted_dns = other_dns }, TBD_FAULT_NAME_CONSTRAINTS, 1,
		46 },
	{ INTERMEDIATE, { .ca = true, .permitted_dns = our_dns }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .ca = true, .excluded_dns = our_dns }, TBD_FAULT_NAME_CONSTRAINTS, 1,
		46 },
	{ ROOT, { .ca = true, .excluded_dns = our_dns }, TBD_FAULT_NAME_CONSTRAINTS, 2, 46 },
	{ LEAF, { .extensions = odd_extension }, TBD_FAULT_UNKNOWN_CRITICAL, 0, 46 },
	{ ROOT, { .ca = true, .extensions = odd_extension }, TBD_FAULT_UNKNOWN_CRITICAL, 2, 46 },
	{ LEAF, { .not_after = KIT_NOW - 1 }, TBD_FAULT_EXPIRED, 0, 45 },
	{ LEAF, { .not_after = KIT_NOW }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .ca = true, .not_after = KIT_NOW - 1 }, TBD_FAULT_EXPIRED, 1, 45 },
	{ ROOT, { .ca = true, .not_after = KIT_NOW - 1 }, TBD_FAULT_EXPIRED, 2, 45 },
	{ LEAF, { .not_before = KIT_NOW + 1 }, TBD_FAULT_NOT_YET_VALID, 0, 45 },
	{ LEAF, { .not_before = KIT_NOW }, TBD_FAULT_NONE, 0, 0 },
	{ INTERMEDIATE, { .ca = true, .key_type = MINT_RSA, .rsa_bits = 1008 }, TBD_FAULT_WEAK_KEY,
		1, 42 },
	{ INTERMEDIATE, { .ca = true, .key_type = MINT_RSA, .rsa_bits = 1024 }, TBD_FAULT_NONE, 0,
		0 },
};

/* The usual certificate of a level, or the shape under test. */
static const struct mint_cert *mint_level(const struct shape *row, enum level level,
	struct mint_spec usual, const struct mint_cert *issuer)
{
	struct mint_spec spec = row->level == level ? row->spec : usual;
	spec.cn = usual.cn;
	spec.names = usual.names;
	spec.issuer = issuer;
	return kit_mint(spec);
}

TEST_EACH(shape, row, shapes)
{
	root = mint_level(row, ROOT, (struct mint_spec){ .cn = "Root", .ca = true }, NULL);
	inter = mint_level(
		row, INTERMEDIATE, (struct mint_spec){ .cn = "Inter", .ca = true }, root);
	leaf = mint_level(row, LEAF,
		(struct mint_spec){ .cn = "leaf", .names = "broker.example.org" }, inter);
	kit.report = REPORT(leaf, inter);
	kit.trust = TRUST(root);
	assert_fault(row->fault, row->fault_at);
	ASSERT_PATH(true, leaf, inter, root);
	if (row->alert != 0)
		ck_assert_int_eq(tbdi_verification_alert(kit.report->verification), row->alert);
}

TEST_TIMES(weak_signature, 2)
{
	static const struct {
		gnutls_digest_algorithm_t hash;
		enum tbd_fault fault;
	} rows[] = {
		{ GNUTLS_DIG_MD5, TBD_FAULT_WEAK_SIGNATURE },
		{ GNUTLS_DIG_SHA1, TBD_FAULT_NONE },
	};
	root = MINT(.cn = "Root", .ca = true, .key_type = MINT_RSA, .hash = rows[_i].hash);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost", .hash = rows[_i].hash);
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	assert_fault(rows[_i].fault, 0);
}

TEST(malformed_leaf)
{
	mint_family();
	struct mint_cert cut = *leaf;
	cut.der.size -= 7;
	kit.report = REPORT(&cut, inter);
	kit.trust = TRUST(root);
	const struct tbd_verification *verification = verify_name("broker.example.org");
	ck_assert(!verification->verified);
	ck_assert_int_eq(verification->path->fault, TBD_FAULT_MALFORMED);
	ck_assert_int_eq(verification->name_match, TBD_MATCH_NOT_JUDGED);
	ck_assert_int_eq(tbdi_verification_alert(verification), 42);
}

/* ---- name constraints ------------------------------------------------------------------------ */

/* A base of GeneralSubtree (RFC 5280 section 4.2.1.10): its tag, and what follows the length. */
#define MAIL(text) MINT_BYTES("\x81" text)
#define DNS(text) MINT_BYTES("\x82" text)
#define URI(text) MINT_BYTES("\x86" text)
#define ADDRESS(bytes) MINT_BYTES("\x87" bytes)
#define SUBJECT(type, name) \
	MINT_BYTES("\xa4\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03" type "\x04" name)
#define NO_SAN                  \
	{                       \
		0,              \
		{               \
			NULL, 0 \
		}               \
	}

static const struct {
	const char *what;
	enum { WHOLE, PERMITTED = 0xa0, EXCLUDED = 0xa1 } list; /* WHOLE: bytes of the extension */
	struct mint_bytes base;
	const char *names;
	struct mint_san san;
	bool permitted;
} constraints[] = {
	{ "an address in its network", PERMITTED, ADDRESS("\xc0\x00\x02\x00\xff\xff\xff\x00"),
		"192.0.2.1", NO_SAN, true },
	{ "an address outside", PERMITTED, ADDRESS("\xc0\x00\x03\x00\xff\xff\xff\x00"), "192.0.2.1",
		NO_SAN, false },
	{ "an address in an excluded network", EXCLUDED,
		ADDRESS("\xc0\x00\x02\x00\xff\xff\xff\x00"), "192.0.2.1", NO_SAN, false },
	{ "a name among addresses", PERMITTED, ADDRESS("\xc0\x00\x03\x00\xff\xff\xff\x00"),
		"a.example.org", NO_SAN, true },
	{ "below the name", PERMITTED, DNS("example.org"), "A.EXAMPLE.ORG", NO_SAN, true },
	{ "only the end of the label", PERMITTED, DNS("ample.org"), "a.example.org", NO_SAN,
		false },
	{ "one of two", WHOLE,
		MINT_BYTES(
			"\x30\x20\xa0\x1e\x30\x0d\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x63\x6f\x6d\x30\x0d\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67"),
		"a.example.org", NO_SAN, true },
	{ "all names", PERMITTED, DNS(""), "a.example.org", NO_SAN, true },
	{ "a wildcard that reaches an excluded host", EXCLUDED, DNS("b.example.org"),
		"*.example.org", NO_SAN, false },
	{ "a wildcard that does not", EXCLUDED, DNS("c.b.example.org"), "*.example.org", NO_SAN,
		true },
	{ "no constraints at all", WHOLE, MINT_BYTES("\x30\x00"), "a.example.org", NO_SAN, false },
	{ "an empty list", WHOLE, MINT_BYTES("\x30\x02\xa0\x00"), "a.example.org", NO_SAN, false },
	{ "a maximum", WHOLE,
		MINT_BYTES(
			"\x30\x14\xa0\x12\x30\x10\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67\x81\x01\x05"),
		"a.example.org", NO_SAN, false },
	{ "an excluded subject", EXCLUDED, SUBJECT("\x0c", "leaf"), "a.example.org", NO_SAN,
		false },
	{ "a permitted subject", PERMITTED, SUBJECT("\x0c", "leaf"), "a.example.org", NO_SAN,
		true },
	{ "an excluded subject in other bytes", EXCLUDED, SUBJECT("\x13", "LEAF"), "a.example.org",
		NO_SAN, false },
	{ "an address of mail", PERMITTED, MAIL("example.org"), "",
		{ MINT_SAN_EMAIL, MINT_BYTES("a@EXAMPLE.org") }, true },
	{ "a mailbox", PERMITTED, MAIL("a@example.org"), "",
		{ MINT_SAN_EMAIL, MINT_BYTES("a@example.org") }, true },
	{ "another mailbox", PERMITTED, MAIL("a@example.org"), "",
		{ MINT_SAN_EMAIL, MINT_BYTES("A@example.org") }, false },
	{ "a host below, of mail", PERMITTED, MAIL("example.org"), "",
		{ MINT_SAN_EMAIL, MINT_BYTES("a@b.example.org") }, false },
	{ "hosts below, of mail", PERMITTED, MAIL(".example.org"), "",
		{ MINT_SAN_EMAIL, MINT_BYTES("a@b.example.org") }, true },
	{ "the host of a URI", PERMITTED, URI("example.org"), "",
		{ MINT_SAN_URI, MINT_BYTES("coaps://u@example.org:5684/x") }, true },
	{ "another host of a URI", EXCLUDED, URI(".example.org"), "",
		{ MINT_SAN_URI, MINT_BYTES("coaps://a.example.org") }, false },
	{ "a URI without host", PERMITTED, URI("example.org"), "",
		{ MINT_SAN_URI, MINT_BYTES("urn:x") }, false },
};

/* The extension with one base in one list. */
static struct mint_bytes wrap_base(unsigned char list, struct mint_bytes base, unsigned char *out)
{
	unsigned char len = (unsigned char)base.len;
	const unsigned char *from = base.data;
	const unsigned char head[] = { 0x30, len + 5, list, len + 3, 0x30, len + 1, from[0],
		len - 1 };
	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), from + 1, base.len - 1);
	return (struct mint_bytes){ out, base.len - 1 + sizeof(head) };
}

TEST_EACH(name_constraints, row, constraints)
{
	unsigned char der[64];
	const struct mint_extension extension[] = {
		{ "2.5.29.30", true,
			row->list == WHOLE ? row->base
					   : wrap_base((unsigned char)row->list, row->base, der) },
		{ NULL, false, { NULL, 0 } },
	};
	const struct mint_san sans[] = { row->san, { 0, { NULL, 0 } } };
	root = MINT(.cn = "Root", .ca = true, .extensions = extension);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = row->names, .sans = sans);
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	if (row->permitted)
		assert_fault(TBD_FAULT_NONE, 0);
	else
		assert_fault(TBD_FAULT_NAME_CONSTRAINTS, 1);
}

/* ---- the system's store ----------------------------------------------------------------------- */

/* As it is asked after a failure: it only counts when it would accept the chain. */
TEST_TIMES(system_store, 3)
{
	const struct tbd_cert *anchor = NULL;
	mint_family();
	kit.report = REPORT(leaf, inter);
	kit.trust = _i == 0 ? TRUST(root) : _i == 1 ? TRUST(inter) : TRUST(leaf);
	ck_assert_int_eq(tbdi_miss_system(tbdi_report_of(kit.report), kit.trust, &anchor), 0);
	ck_assert(kit_is(anchor, _i == 0 ? root : _i == 1 ? inter : leaf));
	tbd_trust_free(kit.trust);
	kit.trust = TRUST(MINT(.cn = "Root", .ca = true));
	ck_assert_int_eq(tbdi_miss_system(tbdi_report_of(kit.report), kit.trust, &anchor), 0);
	ck_assert_ptr_null(anchor);
}

/* It is not read again when it was named, and not at all when a path is anchored. */
TEST(system_store_is_asked_lazily)
{
	kit_stage("leaf inter", "root");
	assert_fault(TBD_FAULT_NONE, 0);
	ck_assert_ptr_null(kit.report->verification->nearest);
	ck_assert_ptr_null(tbdi_report_of(kit.report)->system_trust);
	tbd_trust_free(kit.trust);
	kit.trust = tbd_trust_new();
	ck_assert_int_eq(tbd_trust_add_system(kit.trust, NULL), 0);
	assert_fault(TBD_FAULT_NO_ISSUER, 1);
	ck_assert_ptr_nonnull(kit.report->verification->nearest);
	ck_assert_ptr_null(tbdi_report_of(kit.report)->system_trust);
	tbd_trust_free(kit.trust);
	kit.trust = TRUST(MINT(.cn = "Other", .ca = true));
	assert_fault(TBD_FAULT_NO_ISSUER, 1);
	ck_assert_ptr_nonnull(tbdi_report_of(kit.report)->system_trust);
}

/* ---- what a device has to trust -------------------------------------------------------------- */

static const struct tbd_needed_ca *find_ca(const char *sha256)
{
	ck_assert_int_eq(tbd_find_ca(kit.report, sha256, NULL), 0);
	return kit.report->ca;
}

/* A root that the trust file does not hold, but the system's store does. */
TEST(needed_ca_of_the_system)
{
	mint_family();
	kit.report = REPORT(leaf, inter);
	struct tbd_trust *system = TRUST(root);
	tbdi_report_of(kit.report)->system_trust = system;
	kit.trust = TRUST(MINT(.cn = "Other", .ca = true));
	assert_fault(TBD_FAULT_NO_ISSUER, 1);
	const struct tbd_needed_ca *ca = find_ca(NULL);
	ck_assert(kit_is(ca->cert, root));
	ck_assert_str_eq(ca->proof, "system");
	ck_assert_ptr_nonnull(find_ca(ca->cert->sha256)->cert);
	ca = find_ca(kit.report->chain->certs[0]->sha256);
	ck_assert_ptr_null(ca->cert);
	ck_assert_ptr_null(ca->unproven);
	ck_assert_int_eq(tbd_find_ca(kit.report, "2B", NULL), TBD_E_INVALID);
	tbd_trust_free(system);
}

TEST(needed_ca_of_the_store)
{
	kit_stage("leaf inter", "stranger root");
	ck_assert(verify_name(NULL)->verified);
	ck_assert(kit_is(find_ca(NULL)->cert, kit_cert("root")));
	ck_assert_str_eq(kit.report->ca->proof, "trust");
	/* The wrong name does not make it another CA. */
	ck_assert(!verify_name("other.example")->verified);
	ck_assert(kit_is(find_ca(NULL)->cert, kit_cert("root")));
}

TEST(needed_ca_that_was_sent)
{
	kit_stage("leaf inter root", "stranger");
	assert_fault(TBD_FAULT_UNTRUSTED_ROOT, 2);
	ck_assert_ptr_null(find_ca(NULL)->cert);
	ck_assert(kit_is(kit.report->ca->unproven, kit_cert("root")));
	ck_assert_ptr_null(find_ca(kit.report->chain->certs[1]->sha256)->cert);
	ck_assert(kit_is(find_ca(kit.report->chain->certs[2]->sha256)->cert, kit_cert("root")));
	ck_assert_str_eq(kit.report->ca->proof, "sha256");
	ck_assert_ptr_null(kit.report->ca->unproven);
}

/* An anchor that is at fault itself is not recommended. */
TEST(needed_ca_has_ended)
{
	root = MINT(.cn = "Root", .ca = true, .not_after = KIT_NOW - 1);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost");
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	assert_fault(TBD_FAULT_EXPIRED, 1);
	ck_assert_ptr_null(find_ca(NULL)->cert);
}

TEST(common_name_obeys_where_it_counts)
{
	root = MINT(.cn = "Root", .ca = true, .permitted_dns = our_dns);
	leaf = MINT(.cn = "a.example.net", .issuer = root, .names = "192.0.2.1");
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	ck_assert(verify_name("192.0.2.1")->verified);
	tbd_report_free(kit.report);
	kit.report = REPORT(leaf);
	ck_assert(!verify_name("a.example.net")->verified);
	ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_NAME_CONSTRAINTS);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

TEST_GROUP(.setup = verify_setup, .teardown = kit_teardown, .seconds = 30);

enum { POOL = 560 };

/* A signature takes it thirty times as long. */
static void allow_valgrind_its_time(void)
{
	tbdi_report_of(kit.report)->judge_ms = 60 * 1000;
}

TEST_TIMES(pool_of_one_name, 4)
{
	/* Key identifiers lead to the right one; or there are none; or they are more than are tried; or all
	 * of those but one have ended. */
	static const struct mint_cert *pool[POOL];
	const struct mint_bytes none = { NULL, 0 };
	size_t count = _i >= 2 ? POOL : 500;
	for (size_t i = 0; i < count; i++)
		pool[i] = MINT(.cn = "Root", .ca = true, .skid = _i > 0 ? &none : NULL,
			.not_after = _i == 3 && i < count - 1 ? KIT_NOW - 1 : 0);
	leaf = MINT(.cn = "leaf", .issuer = pool[count - 1], .names = "localhost",
		.akid = _i > 0 ? &none : NULL);
	kit.report = REPORT(leaf);
	allow_valgrind_its_time();
	kit.trust = kit_trust(pool, count);
	const struct tbd_verification *verification = verify_name(NULL);
	ck_assert(verification->verified == (_i != 2));
	ck_assert(verification->paths_cut == (_i == 2));
	ck_assert_uint_eq(kit.report->trust->cert_count, count);
	ck_assert_uint_eq(kit.report->trust->shown_count, TBD_TRUST_SHOWN);
	if (_i == 0)
		ck_assert_ptr_eq(verification->path->certs[1], kit.report->trust->certs[0]);
}

TEST(mesh_is_bounded)
{
	/* Each of these CAs certifies each: there are more paths than anybody can walk. */
	enum { CAS = 8 };
	static const char *const names[CAS] = { "A", "B", "C", "D", "E", "F", "G", "H" };
	const struct mint_cert *cas[CAS], *mesh[CAS * CAS];
	size_t count = 0;
	for (size_t i = 0; i < CAS; i++)
		cas[i] = MINT(.cn = names[i], .ca = true);
	for (size_t i = 0; i < CAS; i++)
		for (size_t k = 0; k < CAS; k++)
			if (i != k)
				mesh[count++] = MINT(.cn = names[i], .ca = true, .key_of = cas[i],
					.issuer = cas[k]);
	leaf = MINT(.cn = "leaf", .issuer = cas[0], .names = "localhost");
	kit.report = REPORT(leaf);
	allow_valgrind_its_time();
	kit.trust = kit_trust(mesh, count);
	const struct tbd_verification *verification = verify_name(NULL);
	ck_assert(verification->verified);
	ck_assert(verification->paths_cut);
	ck_assert_uint_le(verification->path_count, 64);
}

TEST(no_verdict_for_want_of_time)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_error error = { "" };
	mint_family();
	kit.report = REPORT(leaf, inter);
	options.trust = kit.trust = TRUST(root);
	tbdi_report_of(kit.report)->judge_ms = -1;
	ck_assert_int_eq(tbd_verify(kit.report, &options, &error), TBD_E_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(error.text, "cannot be judged"));
	ck_assert_ptr_null(kit.report->verification);
}

TEST(no_import_after_the_deadline)
{
	struct tbd_bytes der[2];
	mint_family();
	kit.report = REPORT(leaf);
	for (size_t i = 0; i < 2; i++)
		der[i] = (struct tbd_bytes){ inter->der.data, inter->der.size };
	tbdi_report_of(kit.report)->deadline_us = 1;
	ck_assert(tbdi_report_is_late(tbdi_report_of(kit.report)));
	ck_assert_uint_eq(tbdi_chain_new(tbdi_report_of(kit.report), der, 2, 0)->count, 0);
}

TEST(bad_paths_do_not_hide_a_good_one)
{
	/* A mesh in which each path but one leads through a CA that has ended. */
	enum { CAS = 7 };
	static const char *const names[CAS] = { "A", "B", "C", "D", "E", "F", "G" };
	const struct mint_cert *cas[CAS], *mesh[CAS * CAS];
	size_t count = 0;
	mint_family();
	for (size_t i = 0; i < CAS; i++)
		cas[i] = MINT(.cn = names[i], .ca = true);
	for (size_t i = 0; i < CAS; i++)
		for (size_t k = 0; k < CAS; k++)
			if (i != k)
				mesh[count++] = MINT(.cn = names[i], .ca = true, .key_of = cas[i],
					.issuer = cas[k]);
	mesh[count++] = MINT(.cn = "G", .ca = true, .key_of = cas[CAS - 1], .issuer = root,
		.not_before = KIT_NOW - 2 * KIT_DAY, .not_after = KIT_NOW - KIT_DAY);
	mesh[count++] = MINT(.cn = "A", .ca = true, .key_of = cas[0], .issuer = inter);
	leaf = MINT(.cn = "leaf", .issuer = cas[0], .names = "localhost");
	kit.report = REPORT(leaf);
	kit.trust = TRUST(root);
	kit_add_untrusted(mesh, count);
	kit_add_untrusted(&inter, 1);
	const struct tbd_verification *verification = verify_name(NULL);
	ck_assert(verification->verified);
	ck_assert_uint_eq(verification->path->count, 4);
	ck_assert_int_eq(verification->paths[1]->fault, TBD_FAULT_EXPIRED);
}

/* A signature that verifies, by a key whose public exponent is as long as its modulus: with 16384 bits that
 * would cost a minute. It is made by taking the private exponent for the public one. */
TEST(huge_exponent)
{
	gnutls_datum_t m, e, d, p, q, u, root_pem = { NULL, 0 };
	struct mint_cert signed_anew = { .der = { NULL, 0 } };
	gnutls_x509_privkey_t turned;
	root = MINT(.cn = "Root", .ca = true, .key_type = MINT_RSA);
	leaf = MINT(.cn = "leaf", .issuer = root, .names = "localhost");
	ck_assert_int_ge(gnutls_x509_privkey_export_rsa_raw(root->key, &m, &e, &d, &p, &q, &u), 0);
	ck_assert_int_ge(gnutls_x509_privkey_init(&turned), 0);
	ck_assert_int_ge(gnutls_x509_privkey_import_rsa_raw(turned, &m, &d, &e, &p, &q, &u), 0);
	ck_assert_int_ge(gnutls_x509_crt_set_key(root->crt, turned), 0);
	ck_assert_int_ge(
		gnutls_x509_crt_sign2(root->crt, root->crt, turned, GNUTLS_DIG_SHA256, 0), 0);
	ck_assert_int_ge(
		gnutls_x509_crt_sign2(leaf->crt, root->crt, turned, GNUTLS_DIG_SHA256, 0), 0);
	ck_assert_int_ge(gnutls_x509_crt_export2(root->crt, GNUTLS_X509_FMT_PEM, &root_pem), 0);
	ck_assert_int_ge(
		gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_DER, &signed_anew.der), 0);
	kit.trust = tbd_trust_new();
	ck_assert_int_eq(
		tbd_trust_add_file(kit.trust, kit_file(root_pem.data, root_pem.size), NULL), 0);
	kit.report = REPORT(&signed_anew);
	assert_fault(TBD_FAULT_NO_ISSUER, 0);
	gnutls_datum_t *const owned[] = { &m, &e, &d, &p, &q, &u, &root_pem, &signed_anew.der };
	for (size_t i = 0; i < TBDI_COUNT(owned); i++)
		gnutls_free(owned[i]->data);
	gnutls_x509_privkey_deinit(turned);
}

/* ---- the rest -------------------------------------------------------------------------------- */

TEST_GROUP(.setup = verify_setup, .teardown = kit_teardown);

TEST_TIMES(names, 6)
{
	static const struct {
		const char *name;
		enum tbd_name_match match;
		bool verified;
	} rows[] = {
		{ NULL, TBD_MATCH_NOT_JUDGED, true },
		{ "BROKER.example.org.", TBD_MATCH_OK, true },
		{ "192.0.2.1", TBD_MATCH_OK, true },
		{ "192.0.2.2", TBD_MATCH_IP_NOT_LISTED, false },
		{ "fe80::1%lo", TBD_MATCH_OK, true },
		{ "other.example.org", TBD_MATCH_MISMATCH, false },
	};
	kit_stage("leaf inter", "root");
	const struct tbd_verification *verification = verify_name(rows[_i].name);
	ck_assert_int_eq(verification->name_match, rows[_i].match);
	ck_assert(verification->verified == rows[_i].verified);
	ck_assert_int_eq(verification->path->fault, TBD_FAULT_NONE);
	if (!rows[_i].verified)
		ck_assert_int_eq(tbdi_verification_alert(verification), 42);
}

TEST(empty_chain)
{
	mint_family();
	kit.report = kit_report(NULL, 0);
	kit.trust = TRUST(root, inter);
	ck_assert_ptr_null(verify_name(NULL));
	ck_assert_uint_eq(kit.report->trust->cert_count, 2);
	ck_assert_int_eq(tbdi_verification_alert(NULL), 42);
}

TEST(wrong_options)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	mint_family();
	kit.report = REPORT(leaf);
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), TBD_E_INVALID);
	/* They are looked at before the report is. */
	struct tbd_ocsp_options ocsp = { .size = 1 };
	ck_assert_int_eq(tbd_ask_ocsp(NULL, &ocsp, NULL), TBD_E_INVALID);
}

/* What has no helper has no descriptors to close either. */
TEST(components_without_helpers)
{
	struct tbd_component *list = NULL;
	setenv("TBDIAG_STACK_DIR", "/nonexistent", 1);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
	ck_assert_int_eq(tbd_stack_components(&list, NULL), 0);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
	unsetenv("TBDIAG_STACK_DIR");
	free(list);
}
