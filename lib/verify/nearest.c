/* SPDX-License-Identifier: MIT
 *
 * nearest.c - explain a store that does not fit by the entry that almost does. All of this is done after
 * a failure only.
 */
#include "verify/chain.h"
#include "verify/explore.h"

#include "x509/der.h"
#include "x509/cert.h"

#include <strings.h>

enum {
	IMPORTS_MAX = 32,    /* candidates looked at */
	SIGNATURES_MAX = 32, /* and checked for having signed under another name */
};

struct search {
	struct tbdi_store *store;
	const struct tbd_cert *leaf;
	const struct tbd_cert *last; /* of the path: its issuer is needed, or it is itself */
	bool is_root;                /* it is itself */
	bool is_alone;               /* and the leaf, too: it was made for this server */
	size_t signatures;
};

/* Does the entry miss in this way? `cert` is the imported entry. */
typedef bool misses(struct search *search, const struct tbd_cert *cert);

static bool same_bytes(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return tbdi_bytes_equal(a->der, b->der);
}

static bool same_key(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return tbdi_bytes_equal(tbdi_cert_of(a)->outline.spki, tbdi_cert_of(b)->outline.spki);
}

static bool has_subject(const struct tbd_cert *cert)
{
	return cert->subject[0] != '\0';
}

/* ---- ways to miss ---------------------------------------------------------------------------- */

static bool shares_host(const struct tbd_cert *a, const struct tbd_cert *b)
{
	for (size_t i = 0; i < a->name_count; i++)
		for (size_t k = 0; k < b->name_count; k++)
			if (a->names[i].type == b->names[k].type &&
				strcasecmp(a->names[i].value, b->names[k].value) == 0)
				return true;
	return false;
}

/* A self-signed certificate of a server often is a CA, too: openssl req -x509 makes it one. */
static bool misses_by_age(struct search *search, const struct tbd_cert *cert)
{
	const struct tbd_cert *leaf = search->leaf;
	bool for_servers = !cert->is_ca || (search->is_alone && cert->self_signed);
	if (!for_servers || same_bytes(cert, leaf))
		return false;
	return shares_host(cert, leaf) || same_key(cert, leaf) ||
		(has_subject(leaf) && tbdi_dn_equal(cert->subject_der, leaf->subject_der));
}

static bool has_signed(struct search *search, const struct tbd_cert *cert)
{
	const struct tbd_cert *last = search->last;
	if (search->is_root)
		return same_key(cert, last);
	/* Key identifiers that contradict each other spare the work. */
	if (last->authority_key_id != NULL && cert->subject_key_id != NULL &&
		strcmp(last->authority_key_id, cert->subject_key_id) != 0)
		return false;
	return search->signatures++ < SIGNATURES_MAX &&
		tbdi_signature_verifies(tbdi_cert_of(last), tbdi_cert_of(cert));
}

static bool misses_by_name(struct search *search, const struct tbd_cert *cert)
{
	return !search->is_alone && !tbdi_dn_equal(cert->subject_der, search->last->issuer_der) &&
		has_signed(search, cert);
}

static bool misses_by_key(struct search *search, const struct tbd_cert *cert)
{
	return !search->is_alone && !same_bytes(cert, search->last) && has_subject(cert) &&
		tbdi_dn_equal(cert->subject_der, search->last->issuer_der);
}

static bool misses_by_a_level(struct search *search, const struct tbd_cert *cert)
{
	return !cert->self_issued && has_subject(search->last) &&
		tbdi_dn_equal(cert->issuer_der, search->last->issuer_der);
}

/* The closest first. */
static const struct {
	enum tbd_miss miss;
	misses *applies;
} ways[] = {
	{ TBD_MISS_OTHER_NAME, misses_by_name },
	{ TBD_MISS_OTHER_KEY, misses_by_key },
	{ TBD_MISS_OLD_LEAF, misses_by_age },
	{ TBD_MISS_SIBLING, misses_by_a_level },
};

/* ---- the search ------------------------------------------------------------------------------ */

/* What may miss in one of these ways, by its outline: a large store is not imported as a whole. */
static bool is_worth_importing(const struct search *search, size_t i)
{
	const struct tbd_trust *trust = search->store->trust;
	const struct tbdi_trust_entry *entry = tbdi_trust_entry(trust, i);
	if (search->store->imported[i] != NULL)
		return true;
	return tbdi_dn_equal(entry->subject, search->last->issuer_der) ||
		tbdi_dn_equal(entry->subject, search->leaf->subject_der) ||
		tbdi_dn_equal(entry->issuer, search->last->issuer_der);
}

/* The candidates in the order of the store. */
static int candidates_import(const struct search *search, struct tbdi_list *out)
{
	struct tbdi_arena *arena = &search->store->report->arena;
	for (size_t i = 0; i < tbdi_trust_count(search->store->trust); i++) {
		if (out->count == IMPORTS_MAX || !is_worth_importing(search, i))
			continue;
		const struct tbdi_cert *cert = tbdi_store_cert(search->store, i);
		if (cert == NULL ||
			(cert->pub.error == NULL && tbdi_list_add(arena, out, cert) < 0))
			return TBD_E_NOMEM;
	}
	return 0;
}

/* Of several that miss in the same way the one that lasts longest. */
static int search_store(struct search *search, struct tbd_nearest *nearest)
{
	struct tbdi_list candidates = { 0 };
	if (candidates_import(search, &candidates) < 0)
		return TBD_E_NOMEM;
	for (size_t way = 0; nearest->cert == NULL && way < TBDI_COUNT(ways); way++) {
		for (size_t i = 0; i < candidates.count; i++) {
			const struct tbd_cert *cert = candidates.items[i];
			bool later =
				nearest->cert == NULL || cert->not_after > nearest->cert->not_after;
			if (!later || !ways[way].applies(search, cert))
				continue;
			nearest->cert = cert;
			nearest->miss = ways[way].miss;
		}
	}
	return 0;
}

/* A signature that the store's certificate of the issuer's name did not make. If no key identifier says
 * that this one was meant, the CA has another key by now; else the signature is spoiled. */
static void name_other_key(const struct tbd_path *path, struct tbd_nearest *nearest)
{
	if (path->fault != TBD_FAULT_BAD_SIGNATURE || path->fault_at + 1 >= path->count)
		return;
	const struct tbd_cert *cert = path->certs[path->fault_at];
	const struct tbd_cert *issuer = path->certs[path->fault_at + 1];
	bool is_meant = cert->authority_key_id != NULL && issuer->subject_key_id != NULL;
	if (issuer->origin != TBD_ORIGIN_TRUST || is_meant)
		return;
	nearest->miss = TBD_MISS_OTHER_KEY;
	nearest->cert = issuer;
}

/* ---- the system's store ---------------------------------------------------------------------- */

int tbdi_miss_system(
	struct tbdi_report *report, const struct tbd_trust *system, const struct tbd_cert **anchor)
{
	const struct tbdi_terms terms = { .profile = TBD_PROFILE_DEVICE, .max_depth = -1 };
	struct tbdi_store store;
	struct tbdi_exploration exploration = { 0 };
	*anchor = NULL;
	int rc = tbdi_store_init(&store, report, system);
	if (rc == 0)
		rc = tbdi_explore(report, &store, &terms, &exploration);
	if (rc < 0 || exploration.paths.count == 0)
		return rc;
	for (size_t i = 0; i < store.certs.count; i++)
		((struct tbdi_cert *)store.certs.items[i])->pub.origin = TBD_ORIGIN_SYSTEM;
	const struct tbd_path *path = exploration.paths.items[0];
	if (path->fault == TBD_FAULT_NONE)
		*anchor = path->certs[path->count - 1];
	return 0;
}

static bool system_was_asked(const struct tbd_trust *trust)
{
	for (size_t i = 0; i < trust->sources.count; i++) {
		const struct tbd_trust_source *source = trust->sources.items[i];
		if (source->kind == TBD_SOURCE_SYSTEM)
			return true;
	}
	return false;
}

static void trust_release(void *trust)
{
	tbd_trust_free(trust);
}

/* The report's own, made when it is first needed. 0 or TBD_E_NOMEM. */
static int system_trust_make(struct tbdi_report *report)
{
	if (report->system_trust != NULL)
		return 0;
	struct tbd_trust *trust = tbd_trust_new();
	if (trust == NULL || tbdi_own(&report->arena, &report->owned, trust, trust_release) < 0) {
		tbd_trust_free(trust);
		return TBD_E_NOMEM;
	}
	report->system_trust = trust;
	return 0;
}

static int ask_system(
	struct tbdi_report *report, const struct tbd_trust *trust, struct tbd_nearest *nearest)
{
	if (system_trust_make(report) < 0)
		return TBD_E_NOMEM;
	/* A system without one has nothing to offer. */
	int ret = tbd_trust_add_system(report->system_trust, NULL);
	if (ret < 0)
		return ret == TBD_E_NOMEM ? ret : 0;
	/* What the caller gave completes a path there as well; it lives as long as the report. */
	report->system_trust->untrusted = trust->untrusted;
	return tbdi_miss_system(report, report->system_trust, &nearest->system_anchor);
}

/* ---------------------------------------------------------------------------------------------- */

/* The anchor has expired: the system's store may hold its successor. */
static bool has_dead_anchor(const struct tbd_path *path)
{
	return path->fault == TBD_FAULT_EXPIRED && path->count > 1 &&
		path->fault_at + 1 == path->count;
}

/* Where nobody vouches for the file that it is judged by, the system's store may. */
static bool needs_explanation(const struct tbd_report *report, const struct tbd_path *path)
{
	return path != NULL && path->fault != TBD_FAULT_MALFORMED &&
		(!path->anchored || path->fault == TBD_FAULT_BAD_SIGNATURE ||
			has_dead_anchor(path) || tbdi_is_hearsay(report));
}

int tbdi_miss_find(struct tbdi_store *store, struct tbd_verification *verification)
{
	const struct tbd_path *path = verification->path;
	if (!needs_explanation(&store->report->pub, path))
		return 0;
	struct tbd_nearest *nearest = tbdi_arena_alloc(&store->report->arena, sizeof(*nearest));
	if (nearest == NULL)
		return TBD_E_NOMEM;
	verification->nearest = nearest;
	struct search search = {
		.store = store,
		.leaf = path->certs[0],
		.last = path->certs[path->count - 1],
		.is_root = path->fault == TBD_FAULT_UNTRUSTED_ROOT,
	};
	search.is_alone = search.is_root && path->count == 1;
	name_other_key(path, nearest);
	if (!path->anchored && search_store(&search, nearest) < 0)
		return TBD_E_NOMEM;
	/* Nobody else holds what the server made for itself. */
	if (search.is_alone || system_was_asked(store->trust))
		return 0;
	return ask_system(store->report, store->trust, nearest);
}
