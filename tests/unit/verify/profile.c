/* SPDX-License-Identifier: MIT
 *
 * profile.c - what each profile demands beyond path validation, and certificate policies.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

#include "verify/chain.h"

/* Judge leaf and intermediate against the root, in a report of its own. */
static const struct tbd_verification *verify_as(
	const struct mint_cert *const *chain, size_t count, enum tbd_profile profile, int max_depth)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	tbd_report_free(kit.report);
	kit.report = kit_report(chain, count);
	options.trust = kit.trust;
	options.name = "broker.example.org";
	options.profile = profile;
	options.max_depth = max_depth;
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	return kit.report->verification;
}

static const struct tbd_departure *departure_find(const char *what)
{
	const struct tbd_verification *verification = kit.report->verification;
	for (size_t i = 0; i < verification->departure_count; i++)
		if (strcmp(verification->departures[i]->what, what) == 0)
			return verification->departures[i];
	return NULL;
}

/* Those that are not of clients as they are. */
static size_t departures_of_profiles(void)
{
	const struct tbd_verification *verification = kit.report->verification;
	size_t count = 0;
	for (size_t i = 0; i < verification->departure_count; i++)
		count += verification->departures[i]->severity == TBD_SEVERITY_OK;
	return count;
}

/* ---- demands --------------------------------------------------------------------------------- */

enum level { LEAF, INTERMEDIATE, ROOT };

#define NAMES "broker.example.org"
static const struct mint_bytes none = { NULL, 0 };
static const struct mint_bytes some = MINT_BYTES("\x01\x02");
static const char *const any_purpose[] = { GNUTLS_KP_ANY, NULL };
static const char *const server_auth[] = { GNUTLS_KP_TLS_WWW_SERVER, NULL };
static const char *const no_purpose[] = { NULL };
static const struct mint_rdn no_name[] = { { NULL, { NULL, 0 }, 0 } };

#define EXTENSION(name, oid, critical, der)           \
	static const struct mint_extension name[] = { \
		{ oid, critical, MINT_BYTES(der) },   \
		{ NULL, false, { NULL, 0 } },         \
	}
EXTENSION(critical_akid, "2.5.29.35", true, "\x30\x06\x80\x04\x01\x02\x03\x04");
EXTENSION(full_akid, "2.5.29.35", false, "\x30\x09\x80\x04\x01\x02\x03\x04\x82\x01\x05");
EXTENSION(critical_skid, "2.5.29.14", true, "\x04\x04\x01\x02\x03\x04");
EXTENSION(soft_ca, "2.5.29.19", false, "\x30\x03\x01\x01\xff");
EXTENSION(leaf_pathlen, "2.5.29.19", true, "\x30\x03\x02\x01\x00");
EXTENSION(dotted, "2.5.29.30", true,
	"\x30\x12\xa0\x10\x30\x0e\x82\x0c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67");
EXTENSION(soft_constraints, "2.5.29.30", false,
	"\x30\x11\xa0\x0f\x30\x0d\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67");
EXTENSION(leaf_constraints, "2.5.29.30", true,
	"\x30\x11\xa0\x0f\x30\x0d\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67");
EXTENSION(soft_policy, "2.5.29.36", false, "\x30\x03\x81\x01\x05");
EXTENSION(empty_aia, "1.3.6.1.5.5.7.1.1", false, "\x30\x00");
EXTENSION(soft_names, "2.5.29.17", false,
	"\x30\x14\x82\x12"
	"broker.example.org");
EXTENSION(critical_names, "2.5.29.17", true,
	"\x30\x14\x82\x12"
	"broker.example.org");
EXTENSION(critical_purpose, "2.5.29.37", true, "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01");

#define BOTH true, true
#define STRICT true, true, true
static const struct {
	const char *what; /* NULL: nothing is amiss */
	bool rfc5280, webpki, strict;
	enum level level;
	struct mint_spec spec;
} rows[] = {
	{ NULL, false, false, false, LEAF, { .names = NAMES } },
	{ "authority-key-id", STRICT, LEAF, { .names = NAMES, .akid = &none } },
	{ "authority-key-id-critical", STRICT, LEAF,
		{ .names = NAMES, .akid = &none, .extensions = critical_akid } },
	{ "authority-key-id-form", false, true, false, LEAF,
		{ .names = NAMES, .akid = &none, .extensions = full_akid } },
	{ "subject-key-id", STRICT, INTERMEDIATE, { .ca = true, .skid = &none } },
	{ "subject-key-id-critical", STRICT, LEAF,
		{ .names = NAMES, .skid = &none, .extensions = critical_skid } },
	{ "ca-key-usage", STRICT, INTERMEDIATE, { .ca = true, .no_key_usage = true } },
	{ "anchor-key-usage", false, true, true, ROOT, { .ca = true, .no_key_usage = true } },
	{ "ca-critical", STRICT, INTERMEDIATE,
		{ .ca = true, .no_basic_constraints = true, .extensions = soft_ca } },
	{ "no-ca-signs", STRICT, LEAF,
		{ .names = NAMES,
			.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN } },
	{ "path-length", STRICT, LEAF,
		{ .names = NAMES, .no_basic_constraints = true, .extensions = leaf_pathlen } },
	{ "names-uncritical", STRICT, LEAF, { .subject = no_name, .extensions = soft_names } },
	{ "serial", BOTH, false, LEAF, { .names = NAMES, .serial = MINT_BYTES("\x81") } },
	{ "host-name", BOTH, false, LEAF, { .names = NAMES ",a_b.example.org" } },
	{ "name-constraints-dot", BOTH, false, INTERMEDIATE, { .ca = true, .extensions = dotted } },
	{ "name-constraints-critical", true, false, false, INTERMEDIATE,
		{ .ca = true, .extensions = soft_constraints } },
	{ "name-constraints-ca", BOTH, false, LEAF,
		{ .names = NAMES, .extensions = leaf_constraints } },
	{ "policy-critical", BOTH, false, INTERMEDIATE, { .ca = true, .extensions = soft_policy } },
	{ "aia", BOTH, false, LEAF, { .names = NAMES, .extensions = empty_aia } },
	{ "names-critical", false, true, false, LEAF, { .extensions = critical_names } },
	{ "common-name", false, true, false, LEAF, { .cn = "other.example.org", .names = NAMES } },
	{ "server-ca", false, true, false, LEAF,
		{ .names = NAMES, .ca = true, .eku = server_auth } },
	{ "purpose", false, true, false, LEAF, { .names = NAMES, .eku = any_purpose } },
	{ "purpose", false, true, false, LEAF, { .names = NAMES, .eku = no_purpose } },
	{ "purpose-critical", false, true, false, LEAF,
		{ .names = NAMES, .eku = no_purpose, .extensions = critical_purpose } },
	{ "root-purpose", false, true, false, ROOT, { .ca = true, .eku = server_auth } },
};

static const struct mint_cert *chain[2];

/* The usual three, one of them in this shape. */
static void mint_chain(enum level level, struct mint_spec shape)
{
	struct mint_spec specs[] = {
		[LEAF] = { .cn = "broker.example.org", .names = NAMES },
		[INTERMEDIATE] = { .ca = true },
		[ROOT] = { .ca = true },
	};
	specs[level] = shape;
	if (specs[LEAF].cn == NULL && specs[LEAF].subject == NULL)
		specs[LEAF].cn = "broker.example.org";
	if (level == INTERMEDIATE && shape.skid != NULL)
		specs[LEAF].akid = &some; /* the default is the issuer's */
	specs[INTERMEDIATE].cn = "Intermediate";
	specs[ROOT].cn = "Root";
	const struct mint_cert *root = kit_mint(specs[ROOT]);
	specs[INTERMEDIATE].issuer = root;
	chain[1] = kit_mint(specs[INTERMEDIATE]);
	specs[LEAF].issuer = chain[1];
	chain[0] = kit_mint(specs[LEAF]);
	kit.trust = TRUST(root);
}

TEST_GROUP(.teardown = kit_teardown);

TEST_EACH(demands, row, rows)
{
	const char *what = row->what;
	mint_chain(row->level, row->spec);
	const struct tbd_verification *verification = verify_as(chain, 2, TBD_PROFILE_DEVICE, 0);
	ck_assert(verification->verified);
	ck_assert_uint_eq(departures_of_profiles(), what != NULL);
	if (what != NULL) {
		const struct tbd_departure *departure = departure_find(what);
		ck_assert_msg(
			departure != NULL, "%s, not %s", verification->departures[0]->what, what);
		ck_assert(departure->rfc5280 == row->rfc5280);
		ck_assert(departure->webpki == row->webpki);
		ck_assert(departure->strict == row->strict);
		ck_assert_ptr_eq(departure->cert, verification->path->certs[row->level]);
	}
	for (int profile = TBD_PROFILE_RFC5280; profile <= TBD_PROFILE_WEBPKI; profile++) {
		bool refuses = profile == TBD_PROFILE_RFC5280 ? row->rfc5280 : row->webpki;
		verification = verify_as(chain, 2, (enum tbd_profile)profile, 0);
		ck_assert(verification->verified == !refuses);
		ck_assert_int_eq(
			verification->path->fault, refuses ? TBD_FAULT_POLICY : TBD_FAULT_NONE);
		if (refuses)
			ck_assert_str_eq(verification->path->requirement, what);
	}
}

/* A path that the profile accepts is found beside one that it does not. */
TEST(profile_steers_the_search)
{
	mint_chain(LEAF, (struct mint_spec){ .names = NAMES });
	const struct mint_cert *root = MINT(.cn = "Other root", .ca = true);
	const struct mint_cert *bare = MINT(.cn = "Intermediate", .ca = true, .key_of = chain[1],
		.issuer = root, .no_key_usage = true);
	const struct mint_cert *const all[] = { chain[0], bare, chain[1] };
	char *pem = mint_chain_pem(&root, 1);
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, kit_file(pem, strlen(pem)), NULL), 0);
	free(pem);
	ck_assert(verify_as(all, 3, TBD_PROFILE_RFC5280, 0)->verified);
	ck_assert(kit_is(kit.report->verification->path->certs[1], chain[1]));
	ck_assert_uint_eq(kit.report->verification->path_count, 2);
}

/* ---- algorithms and names -------------------------------------------------------------------- */

TEST(sha1_is_for_devices)
{
	mint_chain(INTERMEDIATE, (struct mint_spec){ .ca = true, .hash = GNUTLS_DIG_SHA1 });
	ck_assert(verify_as(chain, 2, TBD_PROFILE_DEVICE, 0)->verified);
	ck_assert(!verify_as(chain, 2, TBD_PROFILE_RFC5280, 0)->verified);
	ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_WEAK_SIGNATURE);
	ck_assert_uint_eq(kit.report->verification->path->fault_at, 1);
}

TEST_TIMES(keys_of_the_web, 5)
{
	static const struct {
		enum mint_key_type type;
		unsigned bits;
		bool web;
	} keys[] = {
		{ MINT_RSA, 2048, true },
		{ MINT_RSA, 1536, false },
		{ MINT_RSA, 2052, false },
		{ MINT_P384, 0, true },
		{ MINT_ED25519, 0, false },
	};
	mint_chain(LEAF,
		(struct mint_spec){
			.names = NAMES, .key_type = keys[_i].type, .rsa_bits = keys[_i].bits });
	ck_assert(verify_as(chain, 2, TBD_PROFILE_RFC5280, 0)->verified);
	ck_assert(verify_as(chain, 2, TBD_PROFILE_WEBPKI, 0)->verified == keys[_i].web);
	if (!keys[_i].web)
		ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_WEAK_KEY);
}

TEST(common_name_is_for_devices)
{
	mint_chain(LEAF, (struct mint_spec){ .cn = "broker.example.org" });
	ck_assert(verify_as(chain, 2, TBD_PROFILE_DEVICE, 0)->verified);
	ck_assert(!verify_as(chain, 2, TBD_PROFILE_RFC5280, 0)->verified);
	ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_NONE);
	ck_assert_int_eq(kit.report->verification->name_match, TBD_MATCH_CN_ONLY);
}

TEST_TIMES(common_name_is_one_of_the_names, 8)
{
	static const struct {
		const char *cn;
		const char *names;
		bool web;
	} names[] = {
		{ "broker.example.org", NAMES, true },
		{ "BROKER.example.org", NAMES, false },
		{ "example.org", NAMES, true },
		{ "ample.org", NAMES, false },
		{ "*.example.org", "*.example.org", true },
		{ "192.0.2.1", NAMES ",192.0.2.1", true },
		{ "192.0.2.001", NAMES ",192.0.2.1", false },
		{ "My broker", NAMES, false },
	};
	mint_chain(LEAF, (struct mint_spec){ .cn = names[_i].cn, .names = names[_i].names });
	ck_assert(verify_as(chain, 2, TBD_PROFILE_WEBPKI, 0)->verified == names[_i].web);
}

/* ---- depth ----------------------------------------------------------------------------------- */

TEST(max_depth)
{
	mint_chain(LEAF, (struct mint_spec){ .names = NAMES });
	ck_assert(verify_as(chain, 2, TBD_PROFILE_DEVICE, 1)->verified);
	ck_assert(verify_as(chain, 2, TBD_PROFILE_DEVICE, -1)->verified);
	ck_assert(!verify_as(chain, 2, TBD_PROFILE_DEVICE, TBD_NONE)->verified);
	ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_POLICY);
	ck_assert_str_eq(kit.report->verification->path->requirement, "max-depth");
	ck_assert_uint_eq(kit.report->verification->path->fault_at, 2);
}

/* ---- certificate policies -------------------------------------------------------------------- */

#define OID_1 "\x06\x03\x2a\x03\x04"
#define OID_2 "\x06\x03\x2a\x03\x05"
#define OID_ANY "\x06\x04\x55\x1d\x20\x00"
#define POLICY_1 "\x30\x07\x30\x05" OID_1
#define POLICY_2 "\x30\x07\x30\x05" OID_2
#define POLICY_ANY "\x30\x08\x30\x06" OID_ANY
#define MAP_1_TO_2 "\x30\x0c\x30\x0a" OID_1 OID_2
#define REQUIRE_0 "\x30\x03\x80\x01\x00"
#define REQUIRE_1 "\x30\x03\x80\x01\x01"
#define REQUIRE_3 "\x30\x03\x80\x01\x03"
#define REQUIRE_0_NO_MAPPING "\x30\x06\x80\x01\x00\x81\x01\x00"
#define INHIBIT_0 "\x02\x01\x00"

struct policies {
	struct mint_bytes policies, constraints, mappings, inhibit;
};
#define POLICIES(der) .policies = MINT_BYTES(der)
#define CONSTRAINTS(der) .constraints = MINT_BYTES(der)
#define NOTHING                         \
	{                               \
		.policies = { NULL, 0 } \
	}

static const struct {
	const char *label;
	struct policies first, second, leaf; /* from the anchor down */
	bool permitted;
} policy_rows[] = {
	{ "none at all", NOTHING, NOTHING, NOTHING, true },
	{ "demanded and there", { POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0) },
		{ POLICIES(POLICY_1) }, { POLICIES(POLICY_1) }, true },
	{ "demanded, and the leaf has another", { POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0) },
		{ POLICIES(POLICY_1) }, { POLICIES(POLICY_2) }, false },
	{ "demanded, and the leaf has none", { POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0) },
		{ POLICIES(POLICY_1) }, NOTHING, false },
	{ "not demanded, and not held", { POLICIES(POLICY_1) }, { POLICIES(POLICY_2) }, NOTHING,
		true },
	{ "demanded after more than there are", { CONSTRAINTS(REQUIRE_3) }, NOTHING, NOTHING,
		true },
	{ "demanded after one", { CONSTRAINTS(REQUIRE_1) }, NOTHING, NOTHING, false },
	{ "demanded by the leaf", NOTHING, NOTHING, { CONSTRAINTS(REQUIRE_0) }, false },
	{ "any", { POLICIES(POLICY_ANY), CONSTRAINTS(REQUIRE_0) }, { POLICIES(POLICY_ANY) },
		{ POLICIES(POLICY_2) }, true },
	{ "any, inhibited",
		{ POLICIES(POLICY_ANY), CONSTRAINTS(REQUIRE_0), .inhibit = MINT_BYTES(INHIBIT_0) },
		{ POLICIES(POLICY_ANY) }, { POLICIES(POLICY_2) }, false },
	{ "any in the leaf", { POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0) }, { POLICIES(POLICY_1) },
		{ POLICIES(POLICY_ANY) }, true },
	{ "mapped",
		{ POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0), .mappings = MINT_BYTES(MAP_1_TO_2) },
		{ POLICIES(POLICY_2) }, { POLICIES(POLICY_2) }, true },
	{ "mapped away",
		{ POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0), .mappings = MINT_BYTES(MAP_1_TO_2) },
		{ POLICIES(POLICY_1) }, { POLICIES(POLICY_1) }, false },
	{ "mapped, inhibited", { POLICIES(POLICY_1), CONSTRAINTS(REQUIRE_0_NO_MAPPING) },
		{ POLICIES(POLICY_1), .mappings = MINT_BYTES(MAP_1_TO_2) }, { POLICIES(POLICY_2) },
		false },
	{ "malformed policies", { POLICIES("\x30\x02\x30\x00") }, NOTHING, NOTHING, false },
	{ "malformed constraints", { CONSTRAINTS("\x05\x00") }, NOTHING, NOTHING, false },
	{ "malformed mappings", { .mappings = MINT_BYTES("\x30\x02\x05\x00") }, NOTHING, NOTHING,
		false },
};

static const struct mint_cert *mint_with(struct mint_spec spec, const struct policies *policies)
{
	const struct {
		const char *oid;
		struct mint_bytes value;
	} all[] = {
		{ "2.5.29.32", policies->policies },
		{ "2.5.29.33", policies->mappings },
		{ "2.5.29.36", policies->constraints },
		{ "2.5.29.54", policies->inhibit },
	};
	struct mint_extension extensions[TBDI_COUNT(all) + 1] = { { NULL, false, { NULL, 0 } } };
	size_t count = 0;
	for (size_t i = 0; i < TBDI_COUNT(all); i++)
		if (all[i].value.data != NULL)
			extensions[count++] =
				(struct mint_extension){ all[i].oid, true, all[i].value };
	spec.extensions = extensions;
	return kit_mint(spec);
}

TEST_EACH(certificate_policies, row, policy_rows)
{
	const struct mint_cert *root = MINT(.cn = "Root", .ca = true);
	const struct mint_cert *first = mint_with(
		(struct mint_spec){ .cn = "First", .ca = true, .issuer = root }, &row->first);
	const struct mint_cert *second = mint_with(
		(struct mint_spec){ .cn = "Second", .ca = true, .issuer = first }, &row->second);
	const struct mint_cert *leaf = mint_with(
		(struct mint_spec){ .cn = "leaf", .names = NAMES, .issuer = second }, &row->leaf);
	const struct mint_cert *const all[] = { leaf, second, first };
	kit.trust = TRUST(root);
	const struct tbd_verification *verification = verify_as(all, 3, TBD_PROFILE_DEVICE, 0);
	ck_assert_msg(verification->verified == row->permitted, "%s", row->label);
	if (!verification->verified)
		ck_assert_str_eq(verification->path->requirement, "certificate-policy");
}
