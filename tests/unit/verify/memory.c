/* SPDX-License-Identifier: MIT
 *
 * memory.c - what a program has in memory does as the same bytes in a file do; and options of zeroes are the defaults.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

static const struct mint_cert *root, *inter, *leaf;

static void memory_setup(void)
{
	root = MINT(.cn = "Root", .ca = true);
	inter = MINT(.cn = "Intermediate", .issuer = root, .ca = true);
	leaf = MINT(.cn = "host.example", .issuer = inter, .names = "host.example");
	kit.trust = tbd_trust_new();
	const struct tbd_report_options options = { .size = sizeof(options),
		.time = &(int64_t){ KIT_NOW } };
	ck_assert_int_eq(tbd_report_new(&options, &kit.report, NULL), 0);
}

TEST_GROUP(.setup = memory_setup, .teardown = kit_teardown);

static int verify(struct tbd_error *error)
{
	struct tbd_verify_options options;
	memset(&options, 0, sizeof(options));
	options.size = sizeof(options);
	options.trust = kit.trust;
	options.name = "host.example";
	return tbd_verify(kit.report, &options, error);
}

/* All from memory, with options of zeroes. */
TEST(chain_and_trust)
{
	struct tbd_error error = { "" };
	ck_assert_int_eq(
		tbd_trust_add_mem(kit.trust, root->pem.data, root->pem.size, "flash", &error), 0);
	ck_assert_int_eq(tbd_trust_add_untrusted_mem(
				 kit.trust, inter->der.data, inter->der.size, NULL, &error),
		0);
	ck_assert_int_eq(
		tbd_load_mem(kit.report, leaf->pem.data, leaf->pem.size, "sent", &error), 0);
	ck_assert_int_eq(
		tbd_expect_mem(kit.report, leaf->pem.data, leaf->pem.size, NULL, &error), 0);
	ck_assert_int_eq(verify(&error), 0);
	ck_assert_int_eq(tbd_judge(kit.report, &error), 0);
	ck_assert(kit.report->verification->verified);
	ck_assert_int_eq(kit.report->verification->max_depth, -1);
	ck_assert_str_eq(kit.report->trust->sources[0]->path, "flash");
	ck_assert_uint_eq(strlen(kit.report->trust->sources[0]->sha256), 64);
	ck_assert_str_eq(kit.report->chain->file, "sent");
	ck_assert_str_eq(kit.report->expected->file, "(memory)");
	for (size_t i = 0; i < kit.report->finding_count; i++)
		ck_assert_str_ne(kit.report->findings[i]->id, "policy.strict-only");
}

TEST(nothing_in_it)
{
	struct tbd_error error = { "" };
	ck_assert_int_eq(
		tbd_trust_add_mem(kit.trust, NULL, 0, NULL, &error), 0);    /* ca.store-empty */
	ck_assert_int_eq(tbd_load_mem(kit.report, "", 0, NULL, &error), 0); /* chain.empty */
	ck_assert_int_eq(
		tbd_trust_add_untrusted_mem(kit.trust, "x", 1, "u", &error), TBD_E_INVALID);
	ck_assert_str_eq(error.text, "u: holds no certificate");
	ck_assert_int_eq(
		tbd_trust_add_crl_mem(kit.trust, root->pem.data, root->pem.size, NULL, &error),
		TBD_E_INVALID);
	ck_assert_str_eq(error.text, "(memory): holds no certificate revocation list");
	ck_assert_int_eq(tbd_expect_mem(kit.report, "x", 1, NULL, &error), TBD_E_INVALID);
}

TEST(wrong_arguments)
{
	struct tbd_error error = { "" };
	ck_assert_int_eq(tbd_trust_add_mem(kit.trust, NULL, 1, NULL, &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_trust_add_mem(kit.trust, "", ((size_t)64 << 20) + 1, "big", &error),
		TBD_E_TOO_LARGE);
	ck_assert_str_eq(error.text, "big: larger than 64 MiB");
}

TEST(names_of_errors)
{
	ck_assert_str_eq(tbd_err_name(0), "ok");
	ck_assert_str_eq(tbd_err_name(TBD_E_NOMEM), "no-memory");
	ck_assert_str_eq(tbd_err_name(TBD_E_FORMAT), "format");
	ck_assert_str_eq(tbd_err_name(-1000), "unknown");
	ck_assert_str_eq(tbd_err_name(INT32_MIN), "unknown");
}

#if !TBDIAG_VERSION_AT_LEAST(0, 1, 0) || TBDIAG_VERSION_AT_LEAST(TBDIAG_VERSION_MAJOR + 1, 0, 0)
#error "the macros of the version compare it"
#endif

TEST(version)
{
	char numbers[32];
	snprintf(numbers, sizeof(numbers), "%d.%d.%d", TBDIAG_VERSION_MAJOR, TBDIAG_VERSION_MINOR,
		TBDIAG_VERSION_MICRO);
	ck_assert_str_eq(TBDIAG_VERSION, PACKAGE_VERSION);
	ck_assert_str_eq(numbers, PACKAGE_VERSION);
	ck_assert_str_eq(tbd_version(), TBDIAG_VERSION);
}
