/* SPDX-License-Identifier: MIT
 *
 * conformance.c - judge a corpus of path validation cases with the library, in one process: the format is
 * that of C2SP's x509-limbo. Ends with a line `N passed, N failed, N skipped`.
 *
 * A case is judged in the profile that its family asks for, or in the one that --profile names. A table shows
 * all profiles; where one differs from what is expected, and the family's own does not, the difference is the
 * declared policy of that profile.
 */
#include "base/common.h"

#include "base/rfc3339.h"
#include "x509/cert.h"
#include "verify/chain.h"
#include "x509/pem.h"
#include "verify/trust.h"

#include <inttypes.h>
#include <jansson.h>

enum outcome {
	PASSED,
	FALSE_ACCEPT,
	FALSE_REJECT,
	SKIPPED,
	OUTCOMES,
};

/* A failed case, by what it is counted under. */
struct tally {
	const char *what; /* "importance high", "feature has-crl" ...; points into the corpus */
	const char *kind;
	size_t counts[OUTCOMES];
};

enum { PROFILES = TBD_PROFILE_WEBPKI + 1 };

/* How the verdicts of one profile differ from what is expected. */
struct differences {
	size_t none;
	size_t accepts, rejects;                   /* that nothing explains */
	size_t declared_accepts, declared_rejects; /* the family's own profile is right */
};

struct run {
	int profile; /* enum tbd_profile, or -1: the family's */
	struct differences differences[PROFILES];
	struct tally tallies[256];
	size_t tally_count;
	size_t counts[OUTCOMES];
	int64_t slowest_us;
	const char *slowest;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static const char *item_of(const json_t *list, size_t i)
{
	const char *text = json_string_value(json_array_get(list, i));
	return text != NULL ? text : "";
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "conformance: %s\n", what);
	exit(3);
}

/* ---- what a case asks for -------------------------------------------------------------------- */

static bool list_has(const json_t *list, const char *word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(item_of(list, i), word) == 0)
			return true;
	return false;
}

/* The library judges servers, by their DNS names and addresses. Why a case is none of its business, or
 * NULL. */
static const char *out_of_scope(const json_t *test)
{
	const json_t *purposes = json_object_get(test, "extended_key_usage");
	if (strcmp(text_of(test, "validation_kind"), "CLIENT") == 0)
		return "the certificate of a client";
	if (json_array_size(purposes) > 0 && !list_has(purposes, "serverAuth") &&
		!list_has(purposes, "anyExtendedKeyUsage"))
		return "a purpose that is not a TLS server's";
	if (json_array_size(json_object_get(test, "signature_algorithms")) > 0)
		return "a list of acceptable signature algorithms";
	if (strcmp(text_of(json_object_get(test, "expected_peer_name"), "kind"), "RFC822") == 0)
		return "a mailbox as the server's name";
	if (list_has(json_object_get(test, "features"), "pedantic-public-suffix-wildcard"))
		return "the list of public suffixes, which the library does not have";
	return NULL;
}

/* The profile that a case is about. Those about path building and validation alone leave out the
 * identifiers and flags that stricter profiles demand; those with revocation lists want a status that is
 * unknown refused. */
static enum tbd_profile profile_of(const json_t *test)
{
	const char *id = text_of(test, "id");
	static const struct {
		const char *family;
		enum tbd_profile profile;
	} families[] = {
		{ "webpki::", TBD_PROFILE_WEBPKI },
		{ "online::", TBD_PROFILE_WEBPKI },
		{ "rfc5280::", TBD_PROFILE_RFC5280 },
		{ "bettertls::", TBD_PROFILE_RFC5280 },
	};
	for (size_t i = 0; i < TBDI_COUNT(families); i++)
		if (strncmp(id, families[i].family, strlen(families[i].family)) == 0)
			return families[i].profile;
	return json_array_size(json_object_get(test, "crls")) > 0 ? TBD_PROFILE_RFC5280
								  : TBD_PROFILE_DEVICE;
}

/* The times of a corpus are UTC ("2024-01-01T00:00:00+00:00"). */
static int64_t time_of(const json_t *test)
{
	const char *text = text_of(test, "validation_time");
	int64_t seconds = (int64_t)time(NULL);
	if (*text != '\0' && !tbdi_time_parse(text, &seconds))
		give_up("a validation_time is none");
	return seconds;
}

/* ---- one verdict ------------------------------------------------------------------------------ */

static struct tbd_bytes case_bytes(const char *text)
{
	return (struct tbd_bytes){ (const uint8_t *)text, strlen(text) };
}

static void add_anchor(struct tbd_trust *trust, struct tbd_bytes der)
{
	if (tbd_trust_add_mem(trust, der.data, der.len, "trusted_certs", NULL) < 0)
		give_up("out of memory");
}

static struct tbd_trust *trust_of(const json_t *test)
{
	const json_t *anchors = json_object_get(test, "trusted_certs");
	const json_t *others = json_object_get(test, "untrusted_intermediates");
	const json_t *crls = json_object_get(test, "crls");
	struct tbd_trust *trust = tbd_trust_new();
	if (trust == NULL)
		give_up("out of memory");
	for (size_t i = 0; i < json_array_size(anchors); i++)
		add_anchor(trust, case_bytes(item_of(anchors, i)));
	for (size_t i = 0; i < json_array_size(others); i++)
		if (tbdi_trust_add_untrusted_bytes(trust, case_bytes(item_of(others, i)),
			    "untrusted_intermediates", NULL) < 0)
			give_up("out of memory");
	for (size_t i = 0; i < json_array_size(crls); i++)
		if (tbdi_trust_add_crl_bytes(trust, case_bytes(item_of(crls, i)), "crls", NULL) < 0)
			give_up("out of memory");
	return trust;
}

/* The DER of one certificate, to be freed; empty when it cannot be decoded. */
static struct tbd_bytes der_of(const char *text)
{
	struct tbd_bytes in = case_bytes(text), der = { NULL, 0 };
	struct tbdi_pem pem;
	size_t at = 0;
	if (!tbdi_pem_next(in, &at, &pem))
		return der;
	uint8_t *data = malloc(tbdi_pem_decoded_max(&pem));
	if (data == NULL)
		give_up("out of memory");
	der.data = data;
	if (!tbdi_pem_decode(&pem, data, &der.len))
		der.len = 0;
	return der;
}

static struct tbd_report *report_of(const json_t *test)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	int64_t now = time_of(test);
	struct tbd_bytes leaf = der_of(text_of(test, "peer_certificate"));
	options.time = &now;
	if (tbd_report_new(&options, &report, NULL) < 0 ||
		tbdi_chain_take(tbdi_report_of(report), &leaf, 1, 0, NULL) < 0)
		give_up("out of memory");
	free((void *)(uintptr_t)leaf.data);
	return report;
}

/* May the leaf's key be used for all that the case asks for? */
static bool usages_are_granted(const struct tbd_report *report, const json_t *usages)
{
	const struct tbd_cert *leaf = report->chain->certs[0];
	for (size_t i = 0; leaf->has_key_usage && i < json_array_size(usages); i++)
		if (!tbdi_words_have(leaf->key_usage, item_of(usages, i)))
			return false;
	return true;
}

/* Why the last verdict was what it was. */
static void remember(struct tbd_error *reason, const struct tbd_verification *verification)
{
	const struct tbd_path *path = verification != NULL ? verification->path : NULL;
	if (path == NULL)
		snprintf(reason->text, sizeof(reason->text), "no path");
	else
		snprintf(reason->text, sizeof(reason->text), "%s at %zu%s%s, name %s",
			tbd_fault_name(path->fault), path->fault_at,
			path->requirement != NULL ? ", " : "",
			path->requirement != NULL ? path->requirement : "",
			tbd_name_match_name(verification->name_match));
}

/* Is the peer accepted under this name (NULL: whoever it is)? */
static bool is_accepted(const json_t *test, struct tbd_verify_options options, const char *name,
	struct tbd_error *reason)
{
	struct tbd_report *report = report_of(test);
	struct tbd_error error = { "" };
	options.name = name;
	if (tbd_verify(report, &options, &error) < 0)
		give_up(error.text);
	remember(reason, report->verification);
	bool accepted = report->verification != NULL && report->verification->verified &&
		usages_are_granted(report, json_object_get(test, "key_usage"));
	tbd_report_free(report);
	return accepted;
}

/* Under every name the case has: one of a server, sometimes more, sometimes none. */
static bool judge_case(const json_t *test, const struct tbd_trust *trust, enum tbd_profile profile,
	struct tbd_error *reason)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	const json_t *depth = json_object_get(test, "max_chain_depth");
	options.trust = trust;
	options.profile = profile;
	if (json_is_integer(depth))
		options.max_depth =
			json_integer_value(depth) > 0 ? (int)json_integer_value(depth) : TBD_NONE;
	const json_t *names = json_object_get(test, "expected_peer_names");
	const char *name = text_of(json_object_get(test, "expected_peer_name"), "value");
	bool accepted = true;
	if (*name != '\0' || json_array_size(names) == 0)
		accepted = is_accepted(test, options, *name != '\0' ? name : NULL, reason);
	for (size_t i = 0; accepted && i < json_array_size(names); i++)
		accepted = is_accepted(
			test, options, text_of(json_array_get(names, i), "value"), reason);
	return accepted;
}

/* ---- counting --------------------------------------------------------------------------------- */

static void count(struct run *run, const char *kind, const char *what, enum outcome outcome)
{
	size_t i = 0;
	while (i < run->tally_count &&
		(strcmp(run->tallies[i].kind, kind) != 0 ||
			strcmp(run->tallies[i].what, what) != 0))
		i++;
	if (i == TBDI_COUNT(run->tallies))
		return;
	if (i == run->tally_count)
		run->tallies[run->tally_count++] = (struct tally){ .kind = kind, .what = what };
	run->tallies[i].counts[outcome]++;
}

static void record_case(struct run *run, const json_t *test, enum outcome outcome)
{
	const json_t *features = json_object_get(test, "features");
	const char *importance = text_of(test, "importance");
	run->counts[outcome]++;
	count(run, "importance", *importance != '\0' ? importance : "(none)", outcome);
	for (size_t i = 0; i < json_array_size(features); i++)
		count(run, "feature", item_of(features, i), outcome);
	if (json_array_size(features) == 0)
		count(run, "feature", "(none)", outcome);
}

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void compare_verdict(
	struct differences *differences, bool accepted, bool expected, bool own_accepted)
{
	bool declared = own_accepted == expected;
	if (accepted == expected)
		differences->none++;
	else if (accepted)
		++*(declared ? &differences->declared_accepts : &differences->accepts);
	else
		++*(declared ? &differences->declared_rejects : &differences->rejects);
}

/* What the case's verdict is in the profile that counts. */
static bool judge_all(struct run *run, const json_t *test, bool expected, struct tbd_error *reason)
{
	struct tbd_trust *trust = trust_of(test);
	enum tbd_profile own = profile_of(test);
	enum tbd_profile counts = run->profile < 0 ? own : (enum tbd_profile)run->profile;
	struct tbd_error ignored;
	bool accepted[PROFILES];
	for (int profile = 0; profile < PROFILES; profile++)
		accepted[profile] = judge_case(test, trust, (enum tbd_profile)profile,
			profile == (int)counts ? reason : &ignored);
	for (int profile = 0; profile < PROFILES; profile++)
		compare_verdict(
			&run->differences[profile], accepted[profile], expected, accepted[own]);
	tbd_trust_free(trust);
	return accepted[counts];
}

static void run_case(struct run *run, const json_t *test)
{
	bool expected = strcmp(text_of(test, "expected_result"), "SUCCESS") == 0;
	const char *id = text_of(test, "id"), *reason = out_of_scope(test);
	if (reason != NULL) {
		printf("skipped: %s: %s\n", id, reason);
		record_case(run, test, SKIPPED);
		return;
	}
	int64_t start = now_us();
	struct tbd_error why = { "" };
	bool accepted = judge_all(run, test, expected, &why);
	int64_t took = now_us() - start;
	if (took > run->slowest_us) {
		run->slowest_us = took;
		run->slowest = id;
	}
	if (accepted != expected)
		printf("failed: false %s: %s (%s)\n", accepted ? "accept" : "reject", id, why.text);
	record_case(run, test,
		accepted == expected ? PASSED
			: accepted   ? FALSE_ACCEPT
				     : FALSE_REJECT);
}

static void print_table(const struct run *run)
{
	printf("\n%-46s %7s %7s %7s %7s\n", "", "passed", "accepts", "rejects", "skipped");
	for (size_t i = 0; i < run->tally_count; i++) {
		const struct tally *tally = &run->tallies[i];
		printf("%-10s %-35s %7zu %7zu %7zu %7zu\n", tally->kind, tally->what,
			tally->counts[PASSED], tally->counts[FALSE_ACCEPT],
			tally->counts[FALSE_REJECT], tally->counts[SKIPPED]);
	}
	printf("\n%-20s %11s %11s %11s %11s %11s\n", "profile", "as expected", "accepts",
		"declared", "rejects", "declared");
	for (int profile = 0; profile < PROFILES; profile++) {
		const struct differences *differences = &run->differences[profile];
		printf("%-20s %11zu %11zu %11zu %11zu %11zu\n",
			tbd_profile_name((enum tbd_profile)profile), differences->none,
			differences->accepts, differences->declared_accepts, differences->rejects,
			differences->declared_rejects);
	}
	if (run->slowest != NULL)
		printf("slowest: %s, %" PRId64 " ms\n", run->slowest, run->slowest_us / 1000);
}

static int parse_profile(const char *word)
{
	for (int profile = 0; profile < PROFILES; profile++)
		if (strcmp(word, tbd_profile_name((enum tbd_profile)profile)) == 0)
			return profile;
	give_up("the profile is device, rfc5280 or webpki");
}

int main(int argc, char **argv)
{
	static struct run run = { .profile = -1 };
	json_error_t error;
	if (argc == 4 && strcmp(argv[1], "--profile") == 0)
		run.profile = parse_profile(argv[2]);
	else if (argc != 2)
		give_up("usage: conformance [--profile device|rfc5280|webpki] FILE");
	json_t *corpus = json_load_file(argv[argc - 1], 0, &error);
	const json_t *tests = json_object_get(corpus, "testcases");
	if (!json_is_array(tests))
		give_up(corpus == NULL ? error.text : "the file has no testcases");
	for (size_t i = 0; i < json_array_size(tests); i++)
		run_case(&run, json_array_get(tests, i));
	print_table(&run);
	size_t failed = run.counts[FALSE_ACCEPT] + run.counts[FALSE_REJECT];
	printf("%zu passed, %zu failed, %zu skipped\n", run.counts[PASSED], failed,
		run.counts[SKIPPED]);
	json_decref(corpus);
	return failed > 0 ? 1 : 0;
}
