/* SPDX-License-Identifier: MIT
 *
 * verify.c - the verdict over a chain: a path to an anchor, and the name.
 */
#include "verify/chain.h"

#include "verify/explore.h"
#include "verify/stacks.h"
#include "x509/cert.h"

/* RFC 8446 6.2 */
enum {
	ALERT_BAD_CERTIFICATE = 42,
	ALERT_UNSUPPORTED_CERTIFICATE = 43,
	ALERT_CERTIFICATE_REVOKED = 44,
	ALERT_CERTIFICATE_EXPIRED = 45,
	ALERT_CERTIFICATE_UNKNOWN = 46,
	ALERT_UNKNOWN_CA = 48,
	ALERT_DECRYPT_ERROR = 51,
};

/* OpenSSL's ssl_x509err2alert(), but for a certificate that is not valid yet, where RFC 8446 lets
 * certificate_expired stand for both ends. */
static int fault_alert(enum tbd_fault fault)
{
	switch (fault) {
	case TBD_FAULT_NO_ISSUER:
	case TBD_FAULT_UNTRUSTED_ROOT:
	case TBD_FAULT_NOT_A_CA:
	case TBD_FAULT_PATH_LENGTH:
		return ALERT_UNKNOWN_CA;
	case TBD_FAULT_BAD_SIGNATURE:
		return ALERT_DECRYPT_ERROR;
	case TBD_FAULT_PURPOSE:
	case TBD_FAULT_UNKNOWN_ALGORITHM:
		return ALERT_UNSUPPORTED_CERTIFICATE;
	case TBD_FAULT_REVOKED:
		return ALERT_CERTIFICATE_REVOKED;
	case TBD_FAULT_EXPIRED:
	case TBD_FAULT_NOT_YET_VALID:
		return ALERT_CERTIFICATE_EXPIRED;
	case TBD_FAULT_NAME_CONSTRAINTS:
	case TBD_FAULT_UNKNOWN_CRITICAL:
		return ALERT_CERTIFICATE_UNKNOWN;
	case TBD_FAULT_NONE:
	case TBD_FAULT_WEAK_SIGNATURE:
	case TBD_FAULT_WEAK_KEY:
	case TBD_FAULT_POLICY:
	case TBD_FAULT_MALFORMED:
		break;
	}
	return ALERT_BAD_CERTIFICATE;
}

int tbdi_verification_alert(const struct tbd_verification *verification)
{
	bool has_path = verification != NULL && verification->path != NULL;
	return has_path ? fault_alert(verification->path->fault) : ALERT_BAD_CERTIFICATE;
}

/* ---- trust ----------------------------------------------------------------------------------- */

static bool list_has(const struct tbdi_list *list, const void *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == item)
			return true;
	return false;
}

static const struct tbd_cert *nearest_of(const struct tbd_report *report)
{
	const struct tbd_nearest *nearest =
		report->verification != NULL ? report->verification->nearest : NULL;
	return nearest != NULL ? nearest->cert : NULL;
}

/* Certificates of one origin as they are shown: if there are too many, those of the needed path come
 * first, and the one that comes nearest. */
static int order_shown(struct tbdi_report *report, const struct tbdi_list *certs,
	const struct tbd_path *path, struct tbdi_list *shown)
{
	struct tbdi_arena *arena = &report->arena;
	const struct tbd_cert *nearest = nearest_of(&report->pub);
	bool too_many = certs->count > TBD_TRUST_SHOWN;
	for (size_t i = 0; too_many && path != NULL && i < path->count; i++)
		if (list_has(certs, path->certs[i]) &&
			tbdi_list_add(arena, shown, path->certs[i]) < 0)
			return TBD_E_NOMEM;
	if (too_many && list_has(certs, nearest) && !list_has(shown, nearest) &&
		tbdi_list_add(arena, shown, nearest) < 0)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < certs->count; i++)
		if (!(too_many && list_has(shown, certs->items[i])) &&
			tbdi_list_add(arena, shown, certs->items[i]) < 0)
			return TBD_E_NOMEM;
	for (size_t i = 0; i < shown->count; i++)
		((struct tbdi_cert *)shown->items[i])->pub.index = i;
	return 0;
}

static const struct tbd_cert *const *list_certs(const struct tbdi_list *list, size_t *count)
{
	static const struct tbd_cert *const no_certs[] = { NULL };
	*count = list->count < TBD_TRUST_SHOWN ? list->count : TBD_TRUST_SHOWN;
	return list->count == 0 ? no_certs : (const struct tbd_cert *const *)(void *)list->items;
}

static int describe_crls(const struct tbdi_revocation *revocation, struct tbd_trust_info *info)
{
	static const struct tbd_crl *const none[] = { NULL };
	struct tbdi_list list = { 0 };
	if (tbdi_revocation_describe(revocation, &list) < 0)
		return TBD_E_NOMEM;
	info->crl_count = list.count;
	info->crls = list.count == 0 ? none : (const struct tbd_crl *const *)(void *)list.items;
	return 0;
}

static int describe_trust(struct tbdi_store *store, const struct tbdi_revocation *revocation,
	const struct tbd_path *path)
{
	const struct tbd_trust *trust = store->trust;
	struct tbdi_arena *arena = &store->report->arena;
	struct tbdi_list shown = { 0 }, untrusted = { 0 };
	struct tbd_trust_info *info = tbdi_arena_alloc(arena, sizeof(*info));
	if (info == NULL || order_shown(store->report, &store->certs, path, &shown) < 0 ||
		order_shown(store->report, &store->untrusted_certs, path, &untrusted) < 0 ||
		describe_crls(revocation, info) < 0)
		return TBD_E_NOMEM;
	info->sources = (const struct tbd_trust_source *const *)(void *)trust->sources.items;
	info->source_count = trust->sources.count;
	info->cert_count = tbdi_trust_count(trust);
	info->certs = list_certs(&shown, &info->shown_count);
	info->untrusted = list_certs(&untrusted, &info->untrusted_count);
	store->report->pub.trust = info;
	return 0;
}

/* ---- verdict --------------------------------------------------------------------------------- */

/* An address without its zone (RFC 4007 11), which names an interface of this machine and stands in no
 * certificate; another text as it is. */
static void zone_cut(char *name)
{
	char *zone = strchr(name, '%');
	if (zone == NULL)
		return;
	*zone = '\0';
	if (!tbdi_name_is_address(name))
		*zone = '%';
}

/* The reference name as an A-label, if it can be one. NULL: out of memory. */
static const char *reference_name(struct tbdi_arena *arena, const char *name)
{
	gnutls_datum_t mapped = { NULL, 0 };
	bool is_ascii = true;
	for (const char *at = name; *at != '\0'; at++)
		is_ascii = is_ascii && (unsigned char)*at < 0x80;
	bool is_mapped =
		!is_ascii && gnutls_idna_map(name, (unsigned)strlen(name), &mapped, 0) >= 0;
	char *copy = is_mapped ? tbdi_arena_utf8(arena, mapped.data, mapped.size)
			       : tbdi_arena_utf8(arena, name, strlen(name));
	gnutls_free(mapped.data);
	if (copy != NULL)
		zone_cut(copy);
	return copy;
}

static int judge_name(
	struct tbdi_report *report, const char *name, struct tbd_verification *verification)
{
	const struct tbd_cert *leaf = report->pub.chain->certs[0];
	if (name == NULL && report->pub.target != NULL)
		name = report->pub.target->host;
	if (name == NULL)
		return 0;
	verification->name = reference_name(&report->arena, name);
	if (verification->name == NULL)
		return TBD_E_NOMEM;
	verification->name_is_address = tbdi_name_is_address(verification->name);
	if (leaf->error != NULL)
		return 0;
	struct tbdi_name_verdict verdict = tbdi_name_judge(leaf, verification->name);
	verification->name_match = verdict.match;
	verification->name_entry = verdict.entry;
	return 0;
}

/* RFC 9525 has done away with the common name; devices still take it. */
static bool name_is_good(const struct tbd_verification *verification)
{
	return verification->name == NULL || verification->name_match == TBD_MATCH_OK ||
		(verification->name_match == TBD_MATCH_CN_ONLY &&
			verification->profile == TBD_PROFILE_DEVICE);
}

static int judge_departures(struct tbdi_report *report, const struct tbdi_terms *terms,
	struct tbd_verification *verification)
{
	static const struct tbd_departure *const none[] = { NULL };
	struct tbdi_list list = { 0 };
	if (verification->path != NULL &&
		tbdi_path_departures(report, terms, verification->path, &list) < 0)
		return TBD_E_NOMEM;
	verification->departure_count = list.count;
	verification->departures =
		list.count == 0 ? none : (const struct tbd_departure *const *)(void *)list.items;
	return 0;
}

static void list_revocations(
	const struct tbdi_revocation *revocation, struct tbd_verification *verification)
{
	static const struct tbd_revocation *const none[] = { NULL };
	const struct tbdi_list *list = &revocation->revoked;
	verification->stapled = revocation->stapled;
	verification->revocation_count = list->count;
	verification->revocations =
		list->count == 0 ? none : (const struct tbd_revocation *const *)(void *)list->items;
}

/* A common name that nobody is going to take for the host need not obey name constraints. */
static bool common_name_counts(
	const struct tbd_verification *verification, enum tbd_profile profile)
{
	return profile == TBD_PROFILE_DEVICE &&
		(verification->name == NULL || verification->name_match == TBD_MATCH_CN_ONLY);
}

/* A number as a report has it: -1 is what is usual. */
static int limit_of(int asked)
{
	return asked == TBD_NONE ? 0 : asked > 0 ? asked : -1;
}

static int verdict_judge(struct tbdi_store *store, struct tbdi_revocation *revocation,
	const struct tbd_verify_options *options)
{
	struct tbdi_report *report = store->report;
	struct tbdi_terms terms = {
		.profile = options->profile,
		.max_depth = limit_of(options->max_depth),
		.revocation = revocation,
	};
	struct tbdi_exploration exploration;
	struct tbd_verification *verification =
		tbdi_arena_alloc(&report->arena, sizeof(*verification));
	if (verification == NULL || judge_name(report, options->name, verification) < 0)
		return TBD_E_NOMEM;
	terms.common_name_counts = common_name_counts(verification, options->profile);
	terms.address = verification->name_is_address ? verification->name : NULL;
	int rc = tbdi_explore(report, store, &terms, &exploration);
	if (rc < 0)
		return rc;
	verification->warn_days = limit_of(options->warn_days);
	verification->crit_days = limit_of(options->crit_days);
	verification->profile = options->profile;
	verification->max_depth = terms.max_depth;
	verification->paths = (const struct tbd_path *const *)(void *)exploration.paths.items;
	verification->path_count = exploration.paths.count;
	verification->paths_cut = exploration.cut;
	if (exploration.paths.count > 0)
		verification->path = verification->paths[0];
	if (judge_departures(report, &terms, verification) < 0)
		return TBD_E_NOMEM;
	list_revocations(revocation, verification);
	verification->verified = verification->path != NULL &&
		verification->path->fault == TBD_FAULT_NONE && name_is_good(verification);
	report->pub.verification = verification;
	return tbdi_miss_find(store, verification);
}

static int import_shown(struct tbdi_store *store, const struct tbd_chain *chain)
{
	if (tbdi_trust_count(store->trust) <= TBD_TRUST_SHOWN)
		return tbdi_store_import_all(store);
	return chain == NULL ? 0 : tbdi_store_import_near(store, chain);
}

static int verify_chain(struct tbd_report *report, const struct tbd_verify_options *options,
	struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options) || options->trust == NULL ||
		(unsigned)options->profile > TBD_PROFILE_WEBPKI || options->max_depth < TBD_NONE)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_verify: options do not fit");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	struct tbdi_report *own = tbdi_report_of(report);
	struct tbdi_revocation revocation;
	struct tbdi_store store;
	bool has_chain = report->chain != NULL && report->chain->count > 0;
	if (tbdi_store_init(&store, own, options->trust) < 0 ||
		tbdi_revocation_init(&revocation, own, options->trust, options->profile) < 0 ||
		import_shown(&store, report->chain) < 0)
		return tbdi_fail_nomem(error);
	rc = has_chain ? verdict_judge(&store, &revocation, options) : 0;
	if (rc == 0)
		rc = describe_trust(
			&store, &revocation, has_chain ? report->verification->path : NULL);
	return tbdi_report_fail(own, rc, error);
}

int tbd_verify(struct tbd_report *report, const struct tbd_verify_options *options,
	struct tbd_error *error)
{
	int rc = verify_chain(report, options, error);
	if (rc < 0 || report->verification == NULL)
		return rc;
	return tbdi_stacks_ask(tbdi_report_of(report), options) < 0 ? tbdi_fail_nomem(error) : 0;
}

int tbdi_verify_other(struct tbdi_report *report, const struct tbd_chain *chain,
	const struct tbd_verify_options *options, bool *verified, struct tbd_error *error)
{
	const struct tbd_report shown = report->pub;
	const struct tbd_bytes stapled = report->stapled;
	report->pub.chain = chain;
	report->pub.verification = NULL;
	report->stapled = (struct tbd_bytes){ NULL, 0 }; /* it speaks of the other leaf */
	int rc = verify_chain(&report->pub, options, error);
	const struct tbd_verification *verification = report->pub.verification;
	*verified = verification != NULL && verification->verified;
	const struct tbd_trust_info *trust = report->pub.trust;
	report->pub = shown;
	if (shown.trust == NULL) /* what is trusted holds of any chain */
		report->pub.trust = trust;
	report->stapled = stapled;
	return rc;
}
