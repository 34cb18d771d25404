/* SPDX-License-Identifier: MIT
 *
 * explore.c - walk all paths from the leaf towards anchors.
 *
 * A signature is made by one key. So the keys of all certificates that bear the issuer's name are tried,
 * the likeliest first, until one verifies; then all certificates with that key are issuers, and no other
 * is. This keeps hostile pools from multiplying the work: a certificate costs at most one check for
 * each key, however many paths lead through it.
 *
 * Acceptable paths are looked for first, past everything that can be no part of one: so that a pool with
 * more bad paths than anybody can walk does not hide a good one. Then all are walked, to explain.
 *
 * So an exploration goes through these states, each left by its function when it has come to its end or to a limit
 * (tbdi_explore() notes that as cut):
 *
 *   add_sent(), add_by_subject()  what was sent, and what has the leaf's name, are nodes
 *   survey()                      what an acceptable path may lead through knows its issuers
 *   mark_leading()                what of it leads to an anchor is known
 *   search()                      the first acceptable path is kept, if there is one
 *   walk()                        the best of all paths are kept
 *
 * A node is found once and stays; issuers_find() lets it know its issuers, once, whoever asks first.
 */
#include "verify/explore.h"

#include "x509/der.h"
#include "verify/path.h"
#include "x509/cert.h"

struct node {
	const struct tbdi_cert *cert;
	bool anchor;
	bool issuers_known;
	/* BAD_SIGNATURE: its issuers bear the name, but no key of them verifies it; UNKNOWN_ALGORITHM: nor can be
	 * tried. */
	enum tbd_fault signature;
	bool surveyed;
	bool unfit;               /* no acceptable path leads through it */
	bool leads;               /* from it, what is fit leads to an anchor */
	struct tbdi_list issuers; /* struct node */
};

struct kept {
	struct tbdi_grade grade;
	const struct tbd_path *path;
};

/* What revocation lists say of the certificates of a path. */
struct statuses {
	bool revoked[TBDI_PATH_LEN_MAX];
	bool unknown[TBDI_PATH_LEN_MAX];
};

struct explorer {
	struct tbdi_report *report;
	struct tbdi_store *store;
	const struct tbdi_terms *terms;
	struct tbdi_list nodes;
	struct tbdi_list subjects; /* struct tbd_bytes: whose nodes are all there */
	const struct tbdi_cert *trail[TBDI_PATH_LEN_MAX]; /* the leaf first */
	enum tbd_fault trail_signatures[TBDI_PATH_LEN_MAX];
	struct statuses statuses; /* of the trail, when it was last asked for */
	size_t depth;
	size_t anchors; /* in the trail */
	size_t visits;
	size_t signatures;
	size_t name_budget;
	struct kept kept[TBDI_PATHS_MAX]; /* the best first */
	size_t kept_count;
	bool cut;
	int64_t end_us; /* by the clock of the report */
	bool late;
};

/* ---- certificates ---------------------------------------------------------------------------- */

static struct node *node_find(const struct explorer *explorer, struct tbd_bytes der)
{
	for (size_t i = 0; i < explorer->nodes.count; i++) {
		struct node *node = explorer->nodes.items[i];
		if (tbdi_bytes_equal(node->cert->pub.der, der))
			return node;
	}
	return NULL;
}

/* NULL: out of memory. */
static struct node *node_new(struct explorer *explorer, const struct tbdi_cert *cert)
{
	struct tbdi_arena *arena = &explorer->report->arena;
	struct node *node = tbdi_arena_alloc(arena, sizeof(*node));
	if (tbdi_list_add(arena, &explorer->nodes, node) < 0)
		return NULL;
	node->cert = cert;
	return node;
}

static int add_sent(struct explorer *explorer, const struct tbd_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct tbdi_cert *cert = tbdi_cert_of(chain->certs[i]);
		if (cert->pub.error != NULL || node_find(explorer, cert->pub.der) != NULL)
			continue;
		if (node_new(explorer, cert) == NULL)
			return TBD_E_NOMEM;
	}
	return 0;
}

/* Make a store entry a node, or the node that was sent an anchor. */
static int add_stored(struct explorer *explorer, size_t entry)
{
	struct node *node =
		node_find(explorer, tbdi_trust_entry(explorer->store->trust, entry)->der);
	if (node != NULL && node->anchor)
		return 0;
	const struct tbdi_cert *cert = tbdi_store_cert(explorer->store, entry);
	if (cert == NULL)
		return TBD_E_NOMEM;
	if (cert->pub.error != NULL)
		return 0;
	if (node == NULL)
		node = node_new(explorer, cert);
	if (node == NULL)
		return TBD_E_NOMEM;
	node->anchor = true;
	bool is_leaf = node == explorer->nodes.items[0];
	node->cert = is_leaf ? node->cert : cert;
	return 0;
}

static int add_untrusted(struct explorer *explorer, size_t entry)
{
	const struct tbdi_trust_entry *from = tbdi_untrusted_entry(explorer->store->trust, entry);
	if (node_find(explorer, from->der) != NULL)
		return 0;
	const struct tbdi_cert *cert = tbdi_store_untrusted(explorer->store, entry);
	if (cert == NULL)
		return TBD_E_NOMEM;
	if (cert->pub.error != NULL)
		return 0;
	return node_new(explorer, cert) == NULL ? TBD_E_NOMEM : 0;
}

static bool is_added(const struct explorer *explorer, struct tbd_bytes subject)
{
	for (size_t i = 0; i < explorer->subjects.count; i++)
		if (tbdi_dn_equal(*(const struct tbd_bytes *)explorer->subjects.items[i], subject))
			return true;
	return false;
}

/* Make nodes of all that is stored or was given with this subject. Once: a pool may hold thousands of
 * certificates of the same issuer. */
static int add_by_subject(struct explorer *explorer, struct tbd_bytes subject)
{
	struct tbdi_arena *arena = &explorer->report->arena;
	const struct tbd_trust *trust = explorer->store->trust;
	if (is_added(explorer, subject))
		return 0;
	struct tbd_bytes *added = tbdi_arena_memdup(arena, &subject, sizeof(subject));
	if (tbdi_list_add(arena, &explorer->subjects, added) < 0)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < tbdi_trust_count(trust); i++)
		if (tbdi_dn_equal(tbdi_trust_entry(trust, i)->subject, subject) &&
			add_stored(explorer, i) < 0)
			return TBD_E_NOMEM;
	for (size_t i = 0; i < tbdi_untrusted_count(trust); i++)
		if (tbdi_dn_equal(tbdi_untrusted_entry(trust, i)->subject, subject) &&
			add_untrusted(explorer, i) < 0)
			return TBD_E_NOMEM;
	return 0;
}

/* The trail as it stands. */
static struct tbdi_route route_of(struct explorer *explorer, bool anchored)
{
	return (struct tbdi_route){
		.certs = explorer->trail,
		.signatures = explorer->trail_signatures,
		.count = explorer->depth,
		.anchored = anchored,
		.time = explorer->report->pub.time,
		.profile = explorer->terms->profile,
		.max_depth = explorer->terms->max_depth,
		.common_name_counts = explorer->terms->common_name_counts,
		.revoked = explorer->statuses.revoked,
		.status_unknown = explorer->statuses.unknown,
		.name_budget = &explorer->name_budget,
		.address = explorer->terms->address,
	};
}

/* ---- issuers --------------------------------------------------------------------------------- */

enum hint {
	HINT_MATCH,
	HINT_NONE,
	HINT_CONTRADICTION, /* both key identifiers are there and differ */
};

static enum hint key_id_hint(const struct tbd_cert *cert, const struct tbd_cert *issuer)
{
	if (cert->authority_key_id == NULL || issuer->subject_key_id == NULL)
		return HINT_NONE;
	return strcmp(cert->authority_key_id, issuer->subject_key_id) == 0 ? HINT_MATCH
									   : HINT_CONTRADICTION;
}

/* All nodes that bear the issuer's name, the likeliest first; among equals anchors first. */
static int candidates_list(
	struct explorer *explorer, const struct node *node, struct tbdi_list *out)
{
	static const enum hint order[] = { HINT_MATCH, HINT_NONE, HINT_CONTRADICTION };
	struct tbdi_arena *arena = &explorer->report->arena;
	for (size_t pass = 0; pass < 2 * TBDI_COUNT(order); pass++) {
		for (size_t i = 0; i < explorer->nodes.count; i++) {
			const struct node *issuer = explorer->nodes.items[i];
			if (issuer == node || issuer->anchor != (pass % 2 == 0) ||
				key_id_hint(&node->cert->pub, &issuer->cert->pub) !=
					order[pass / 2] ||
				!tbdi_dn_equal(
					issuer->cert->pub.subject_der, node->cert->pub.issuer_der))
				continue;
			if (tbdi_list_add(arena, out, issuer) < 0)
				return TBD_E_NOMEM;
		}
	}
	return 0;
}

static bool same_key(const struct node *a, const struct node *b)
{
	return tbdi_bytes_equal(a->cert->outline.spki, b->cert->outline.spki);
}

static bool key_was_tried(const struct tbdi_list *candidates, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (same_key(candidates->items[i], candidates->items[before]))
			return true;
	return false;
}

/* The same with those last that no acceptable path leads through: a CA that was renewed leaves many behind,
 * and each key costs a check. 0 or TBD_E_NOMEM. */
static int fit_first(
	struct explorer *explorer, const struct tbdi_list *candidates, struct tbdi_list *out)
{
	struct tbdi_arena *arena = &explorer->report->arena;
	const struct tbdi_route terms = route_of(explorer, true);
	struct tbdi_list unfit = { 0 };
	for (size_t i = 0; i < candidates->count; i++) {
		const struct node *candidate = candidates->items[i];
		bool is_unfit = tbdi_cert_is_unfit(candidate->cert, &terms);
		if (tbdi_list_add(arena, is_unfit ? &unfit : out, candidate) < 0)
			return TBD_E_NOMEM;
	}
	for (size_t i = 0; i < unfit.count; i++)
		if (tbdi_list_add(arena, out, unfit.items[i]) < 0)
			return TBD_E_NOMEM;
	return 0;
}

/* Nothing is said of what was found by then, for the rest could be better. */
static bool is_late(struct explorer *explorer)
{
	explorer->late =
		explorer->late || tbdi_report_elapsed_us(explorer->report) > explorer->end_us;
	return explorer->late;
}

/* The first candidate whose key made the node's signature, or NULL. */
static const struct node *signer_find(
	struct explorer *explorer, const struct node *node, const struct tbdi_list *candidates)
{
	for (size_t i = 0; i < candidates->count; i++) {
		const struct node *candidate = candidates->items[i];
		if (!tbdi_signature_may_fit(node->cert, candidate->cert) ||
			key_was_tried(candidates, i))
			continue;
		if (explorer->signatures == TBDI_SIGNATURES_MAX || is_late(explorer)) {
			explorer->cut = true;
			return NULL;
		}
		explorer->signatures++;
		if (tbdi_signature_verifies(node->cert, candidate->cert))
			return candidate;
	}
	return NULL;
}

/* Without a signer, a candidate of that name is still shown as the issuer of a bad signature, unless the
 * key identifiers say that another one is meant, or the certificate has signed itself. */
static bool may_be_meant(const struct node *node, const struct node *candidate)
{
	return !node->cert->pub.self_signed &&
		key_id_hint(&node->cert->pub, &candidate->cert->pub) != HINT_CONTRADICTION;
}

/* What is wrong with a signature that none of these made: a key or an algorithm that GnuTLS does not know is
 * no proof of anything. */
static enum tbd_fault signature_fault(const struct node *node, const struct tbdi_list *candidates)
{
	for (size_t i = 0; i < candidates->count; i++) {
		const struct node *candidate = candidates->items[i];
		if (may_be_meant(node, candidate) &&
			!tbdi_signature_can_be_checked(node->cert, candidate->cert))
			return TBD_FAULT_UNKNOWN_ALGORITHM;
	}
	return TBD_FAULT_BAD_SIGNATURE;
}

static int issuers_find(struct explorer *explorer, struct node *node)
{
	struct tbdi_list candidates = { 0 }, in_turn = { 0 };
	if (node->issuers_known)
		return 0;
	node->issuers_known = true;
	if (add_by_subject(explorer, node->cert->pub.issuer_der) < 0 ||
		candidates_list(explorer, node, &candidates) < 0 ||
		fit_first(explorer, &candidates, &in_turn) < 0)
		return TBD_E_NOMEM;
	const struct node *signer = signer_find(explorer, node, &in_turn);
	/* Not all keys were tried: nothing is known about this signature. */
	if (signer == NULL && explorer->signatures == TBDI_SIGNATURES_MAX)
		return 0;
	if (signer == NULL)
		node->signature = signature_fault(node, &candidates);
	for (size_t i = 0; i < candidates.count; i++) {
		const struct node *candidate = candidates.items[i];
		bool follow = signer != NULL ? same_key(candidate, signer)
					     : may_be_meant(node, candidate);
		if (follow &&
			tbdi_list_add(&explorer->report->arena, &node->issuers, candidate) < 0)
			return TBD_E_NOMEM;
	}
	return 0;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static const struct tbd_path *path_new(struct explorer *explorer, const struct tbdi_grade *grade)
{
	struct tbdi_arena *arena = &explorer->report->arena;
	struct tbd_path *path = tbdi_arena_alloc(arena, sizeof(*path));
	const struct tbd_cert **certs = tbdi_arena_alloc(arena, grade->count * sizeof(*certs));
	if (path == NULL || certs == NULL)
		return NULL;
	for (size_t i = 0; i < grade->count; i++)
		certs[i] = &explorer->trail[i]->pub;
	path->certs = certs;
	path->count = grade->count;
	path->anchored = grade->anchored;
	path->fault = grade->fault;
	path->fault_at = grade->fault_at;
	path->name_encoding_at = grade->name_encoding_at;
	path->requirement = grade->requirement;
	return path;
}

static bool kept_takes(const struct explorer *explorer, const struct tbdi_grade *grade)
{
	return explorer->kept_count < TBDI_PATHS_MAX ||
		tbdi_grade_is_better(grade, &explorer->kept[TBDI_PATHS_MAX - 1].grade);
}

static void kept_insert(struct explorer *explorer, const struct kept *kept)
{
	size_t at = explorer->kept_count;
	while (at > 0 && tbdi_grade_is_better(&kept->grade, &explorer->kept[at - 1].grade))
		at--;
	if (explorer->kept_count < TBDI_PATHS_MAX)
		explorer->kept_count++;
	memmove(&explorer->kept[at + 1], &explorer->kept[at],
		(explorer->kept_count - 1 - at) * sizeof(explorer->kept[0]));
	explorer->kept[at] = *kept;
}

/* Keep the trail, which was judged, if it is among the best. */
static int keep(struct explorer *explorer, const struct tbdi_grade *grade)
{
	explorer->cut |= explorer->kept_count == TBDI_PATHS_MAX;
	if (!kept_takes(explorer, grade))
		return 0;
	struct kept kept = { *grade, path_new(explorer, grade) };
	if (kept.path == NULL)
		return TBD_E_NOMEM;
	kept_insert(explorer, &kept);
	return 0;
}

/* Ask about each certificate whose issuer is the next. 0 or TBD_E_NOMEM. */
static int statuses_ask(struct tbdi_revocation *revocation, const struct tbdi_cert *const *certs,
	size_t count, struct statuses *out)
{
	bool asked = tbdi_revocation_is_asked(revocation);
	for (size_t i = 0; asked && i + 1 < count; i++) {
		int status = tbdi_revocation_status(revocation, certs + i, count - i);
		if (status < 0)
			return status;
		out->revoked[i] = status == TBDI_STATUS_REVOKED;
		out->unknown[i] =
			status == TBDI_STATUS_UNKNOWN && tbdi_revocation_is_demanded(revocation);
	}
	return 0;
}

/* Judge the trail as it stands. 0 or TBD_E_NOMEM. */
static int trail_grade(struct explorer *explorer, bool anchored, struct tbdi_grade *out)
{
	struct tbdi_route route = route_of(explorer, anchored);
	if (statuses_ask(explorer->terms->revocation, explorer->trail, explorer->depth,
		    &explorer->statuses) < 0)
		return TBD_E_NOMEM;
	*out = tbdi_route_grade(&route);
	return 0;
}

static int trail_end(struct explorer *explorer, bool anchored)
{
	struct tbdi_grade grade;
	return trail_grade(explorer, anchored, &grade) < 0 ? TBD_E_NOMEM : keep(explorer, &grade);
}

/* A path holds a name with its key once, however often that was certified. */
static bool is_on_trail(const struct explorer *explorer, const struct node *node)
{
	const struct tbdi_cert *cert = node->cert;
	for (size_t i = 0; i < explorer->depth; i++) {
		const struct tbdi_cert *other = explorer->trail[i];
		if (other == cert ||
			(tbdi_bytes_equal(other->outline.spki, cert->outline.spki) &&
				tbdi_dn_equal(other->pub.subject_der, cert->pub.subject_der)))
			return true;
	}
	return false;
}

/* Step on a certificate. False: enough were stepped on. */
static bool trail_push(struct explorer *explorer, const struct node *node)
{
	if (explorer->visits == TBDI_VISITS_MAX || is_late(explorer)) {
		explorer->cut = true;
		return false;
	}
	explorer->visits++;
	explorer->trail_signatures[explorer->depth] = node->signature;
	explorer->trail[explorer->depth++] = node->cert;
	explorer->anchors += node->anchor;
	return true;
}

static void trail_pop(struct explorer *explorer, const struct node *node)
{
	explorer->anchors -= node->anchor;
	explorer->depth--;
}

static bool is_root(const struct node *node)
{
	return node->anchor && node->cert->pub.self_signed;
}

/* ---- all paths ------------------------------------------------------------------------------- */

static int walk(struct explorer *explorer, struct node *node);

static int walk_on(struct explorer *explorer, struct node *node)
{
	bool goes_on = false;
	if (node->anchor && trail_end(explorer, true) < 0)
		return TBD_E_NOMEM;
	if (is_root(node))
		return 0;
	bool too_deep = explorer->depth == TBDI_PATH_LEN_MAX && node->issuers.count > 0;
	explorer->cut |= too_deep;
	for (size_t i = 0; !too_deep && i < node->issuers.count; i++) {
		struct node *issuer = node->issuers.items[i];
		if (is_on_trail(explorer, issuer))
			continue;
		goes_on = true;
		if (walk(explorer, issuer) < 0)
			return TBD_E_NOMEM;
	}
	/* What leads nowhere from an anchor on is not worth telling. */
	return goes_on || explorer->anchors > 0 ? 0 : trail_end(explorer, false);
}

static int walk(struct explorer *explorer, struct node *node)
{
	if (!is_root(node) && issuers_find(explorer, node) < 0)
		return TBD_E_NOMEM;
	if (!trail_push(explorer, node))
		return 0;
	int ret = walk_on(explorer, node);
	trail_pop(explorer, node);
	return ret;
}

/* ---- an acceptable path ---------------------------------------------------------------------- */

/* Find the issuers of all that an acceptable path may lead through, in *found. */
static int survey(struct explorer *explorer, struct tbdi_list *found)
{
	struct tbdi_arena *arena = &explorer->report->arena;
	struct node *leaf = explorer->nodes.items[0];
	leaf->surveyed = true;
	if (tbdi_list_add(arena, found, leaf) < 0)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < found->count; i++) {
		struct node *node = found->items[i];
		struct tbdi_route terms = route_of(explorer, true);
		node->unfit = node != leaf && tbdi_cert_is_unfit(node->cert, &terms);
		if (node->unfit || is_root(node))
			continue;
		if (issuers_find(explorer, node) < 0)
			return TBD_E_NOMEM;
		node->unfit = node->signature != TBD_FAULT_NONE;
		for (size_t k = 0; k < node->issuers.count; k++) {
			struct node *issuer = node->issuers.items[k];
			if (!issuer->surveyed && tbdi_list_add(arena, found, issuer) < 0)
				return TBD_E_NOMEM;
			issuer->surveyed = true;
		}
	}
	return 0;
}

static bool has_leading_issuer(const struct node *node)
{
	for (size_t i = 0; i < node->issuers.count; i++)
		if (((const struct node *)node->issuers.items[i])->leads)
			return true;
	return false;
}

static void mark_leading(const struct tbdi_list *found)
{
	bool changed = true;
	while (changed) {
		changed = false;
		for (size_t i = found->count; i-- > 0;) {
			struct node *node = found->items[i];
			if (node->leads ||
				!(node->anchor || (!node->unfit && has_leading_issuer(node))))
				continue;
			node->leads = changed = true;
		}
	}
}

enum { GO_ON, FOUND }; /* or TBD_E_NOMEM */

static int search(struct explorer *explorer, const struct node *node);

static int search_on(struct explorer *explorer, const struct node *node)
{
	struct tbdi_route route = route_of(explorer, node->anchor);
	if (!tbdi_route_length_is_permitted(&route))
		return GO_ON;
	if (node->anchor) {
		struct tbdi_grade grade;
		if (trail_grade(explorer, true, &grade) < 0)
			return TBD_E_NOMEM;
		if (grade.fault == TBD_FAULT_NONE)
			return keep(explorer, &grade) < 0 ? TBD_E_NOMEM : FOUND;
	}
	if (node->unfit || is_root(node) || explorer->depth == TBDI_PATH_LEN_MAX)
		return GO_ON;
	for (size_t i = 0; i < node->issuers.count; i++) {
		const struct node *issuer = node->issuers.items[i];
		if (!issuer->leads || is_on_trail(explorer, issuer))
			continue;
		int ret = search(explorer, issuer);
		if (ret != GO_ON)
			return ret;
	}
	return GO_ON;
}

static int search(struct explorer *explorer, const struct node *node)
{
	if (!trail_push(explorer, node))
		return GO_ON;
	int ret = search_on(explorer, node);
	trail_pop(explorer, node);
	return ret;
}

/* Keep the first acceptable path that is found, if there is one. */
static int find_acceptable(struct explorer *explorer)
{
	struct tbdi_list found = { 0 };
	if (survey(explorer, &found) < 0)
		return TBD_E_NOMEM;
	mark_leading(&found);
	return search(explorer, explorer->nodes.items[0]) < 0 ? TBD_E_NOMEM : 0;
}

/* Walk all paths; what was found before is found again, unless it is beyond the limits. */
static int walk_all(struct explorer *explorer)
{
	size_t found = explorer->kept_count;
	struct kept first = explorer->kept[0];
	explorer->kept_count = 0;
	explorer->visits = 0;
	explorer->cut |= explorer->name_budget == 0;
	explorer->name_budget = TBDI_NAME_CHECKS_MAX;
	if (walk(explorer, explorer->nodes.items[0]) < 0)
		return TBD_E_NOMEM;
	if (found > 0 &&
		(explorer->kept_count == 0 || explorer->kept[0].grade.fault != TBD_FAULT_NONE))
		kept_insert(explorer, &first);
	return 0;
}

static int malformed_leaf(struct explorer *explorer, const struct tbd_chain *chain)
{
	struct tbd_path *path = tbdi_arena_alloc(&explorer->report->arena, sizeof(*path));
	if (path == NULL)
		return TBD_E_NOMEM;
	*path = (struct tbd_path){
		.certs = chain->certs,
		.count = 1,
		.fault = TBD_FAULT_MALFORMED,
		.name_encoding_at = -1,
	};
	explorer->kept[explorer->kept_count++].path = path;
	return 0;
}

/* A certificate whose issuer bears its name, and that names no keys, looks self-signed: whether it is tells its
 * signature. Only the leaf's is looked at: of the others nobody says so. */
static void prove_leaf(struct explorer *explorer)
{
	const struct tbdi_cert *leaf = tbdi_cert_of(explorer->report->pub.chain->certs[0]);
	if (leaf->pub.self_signed && tbdi_signature_can_be_checked(leaf, leaf) &&
		!tbdi_signature_verifies(leaf, leaf))
		((struct tbdi_cert *)(uintptr_t)leaf)->pub.self_signed = false;
}

static int explore(struct explorer *explorer)
{
	const struct tbd_chain *chain = explorer->report->pub.chain;
	const struct tbd_cert *leaf = chain->certs[0];
	if (leaf->error != NULL)
		return malformed_leaf(explorer, chain);
	prove_leaf(explorer);
	/* The leaf becomes the first node. */
	if (add_sent(explorer, chain) < 0 || add_by_subject(explorer, leaf->subject_der) < 0 ||
		find_acceptable(explorer) < 0)
		return TBD_E_NOMEM;
	return walk_all(explorer);
}

int tbdi_explore(struct tbdi_report *report, struct tbdi_store *store,
	const struct tbdi_terms *terms, struct tbdi_exploration *out)
{
	struct explorer *explorer = calloc(1, sizeof(*explorer));
	*out = (struct tbdi_exploration){ .cut = false };
	if (explorer == NULL)
		return TBD_E_NOMEM;
	explorer->report = report;
	explorer->store = store;
	explorer->terms = terms;
	explorer->name_budget = TBDI_NAME_CHECKS_MAX;
	explorer->end_us = tbdi_report_elapsed_us(report) + report->judge_ms * 1000;
	int ret = explore(explorer);
	if (ret == 0 && explorer->late)
		ret = TBD_E_TOO_LARGE;
	for (size_t i = 0; ret == 0 && i < explorer->kept_count; i++)
		ret = tbdi_list_add(&report->arena, &out->paths, explorer->kept[i].path);
	out->cut = explorer->cut || explorer->name_budget == 0;
	free(explorer);
	return ret;
}

int tbdi_path_departures(struct tbdi_report *report, const struct tbdi_terms *terms,
	const struct tbd_path *path, struct tbdi_list *out)
{
	const struct tbdi_cert *certs[TBDI_PATH_LEN_MAX];
	struct statuses statuses = { { false }, { false } };
	for (size_t i = 0; i < path->count; i++) {
		if (path->certs[i]->error != NULL)
			return 0;
		certs[i] = tbdi_cert_of(path->certs[i]);
	}
	if (statuses_ask(terms->revocation, certs, path->count, &statuses) < 0)
		return TBD_E_NOMEM;
	struct tbdi_route route = {
		.certs = certs,
		.count = path->count,
		.anchored = path->anchored,
		.status_unknown = statuses.unknown,
		.address = terms->address,
	};
	return tbdi_profile_departures(&report->arena, &route, out);
}
