/* SPDX-License-Identifier: MIT
 *
 * revocation.c - ask revocation lists. Each question is answered once, however many paths ask it.
 */
#include "verify/revocation.h"

#include "x509/der.h"

/* What is known of a certificate. */
struct answer {
	const struct tbdi_cert *cert;
	const struct tbdi_cert *issuer;
	int status;
};

/* What the answer that the peer sent along says, if this is the issuer. */
struct hearing {
	const struct tbdi_cert *issuer;
	int status;
	struct tbd_ocsp answer;
	struct tbdi_revoked entry;
};

struct doubt {
	const struct tbdi_crl *crl;
	const struct tbdi_cert *issuer;
	const char *why; /* NULL: it is the issuer's */
};

/* What a list holds of a certificate. */
struct lookup {
	const struct tbdi_crl *crl;
	const struct tbdi_cert *cert;
	bool holds;
	struct tbdi_revoked entry; /* if it does */
};

static const char no_issuer[] = "no certificate of a path was issued by its issuer";

int tbdi_revocation_init(struct tbdi_revocation *revocation, struct tbdi_report *report,
	const struct tbd_trust *trust, enum tbd_profile profile)
{
	*revocation =
		(struct tbdi_revocation){ .report = report, .trust = trust, .profile = profile };
	size_t count = trust->crls.count;
	revocation->problems =
		tbdi_arena_alloc(&report->arena, count * sizeof(*revocation->problems));
	if (revocation->problems == NULL)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct tbdi_crl *crl = trust->crls.items[i];
		revocation->problems[i] = crl->defect != NULL ? crl->defect : no_issuer;
	}
	return 0;
}

bool tbdi_revocation_is_asked(const struct tbdi_revocation *revocation)
{
	return revocation != NULL &&
		(revocation->trust->crls.count > 0 || revocation->report->stapled.len > 0 ||
			revocation->report->queries.count > 0);
}

/* A peer that sends one answer along does not have to send more. */
bool tbdi_revocation_is_demanded(const struct tbdi_revocation *revocation)
{
	return revocation != NULL && revocation->trust->crls.count > 0;
}

/* Is the list the issuer's own? *why receives NULL, or why not. */
static int doubt_of(struct tbdi_revocation *revocation, const struct tbdi_crl *crl,
	const struct tbdi_cert *issuer, const char **why)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	for (size_t i = 0; i < revocation->doubts.count; i++) {
		const struct doubt *known = revocation->doubts.items[i];
		if (known->crl == crl && known->issuer == issuer) {
			*why = known->why;
			return 0;
		}
	}
	struct doubt *doubt = tbdi_arena_alloc(arena, sizeof(*doubt));
	if (tbdi_list_add(arena, &revocation->doubts, doubt) < 0)
		return TBD_E_NOMEM;
	*doubt = (struct doubt){ crl, issuer, tbdi_crl_doubt(crl, issuer) };
	*why = doubt->why;
	return 0;
}

/* Where it was learnt. */
struct witness {
	const char *source;
	const char *file;
	const char *url;
};

/* A CA that others have certified as well is asked for each of its certificates. */
static bool is_listed(const struct tbdi_list *list, const struct tbd_revocation *revoked)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct tbd_revocation *other = list->items[i];
		if (other->cert == revoked->cert && other->source == revoked->source &&
			other->file == revoked->file && other->url == revoked->url)
			return true;
	}
	return false;
}

static int revoked_add(struct tbdi_revocation *revocation, const struct tbdi_cert *cert,
	const struct witness *witness, const struct tbdi_revoked *entry)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	struct tbd_revocation *revoked = tbdi_arena_alloc(arena, sizeof(*revoked));
	if (revoked == NULL)
		return TBD_E_NOMEM;
	revoked->cert = &cert->pub;
	revoked->source = witness->source;
	revoked->file = witness->file;
	revoked->url = witness->url;
	revoked->time = entry->time;
	revoked->reason = entry->reason;
	if (is_listed(&revocation->revoked, revoked))
		return 0;
	return tbdi_list_add(arena, &revocation->revoked, revoked);
}

/* Did one of the issuers make the list? *why receives NULL, or why the last of that name did not. */
static int doubt_of_all(struct tbdi_revocation *revocation, const struct tbdi_crl *crl,
	const struct tbdi_cert *const *certs, size_t count, const char **why)
{
	*why = no_issuer;
	for (size_t i = 1; i < count && *why != NULL; i++)
		if (tbdi_dn_equal(crl->issuer, certs[i]->pub.subject_der) &&
			doubt_of(revocation, crl, certs[i], why) < 0)
			return TBD_E_NOMEM;
	return 0;
}

/* A list may be megabytes long, and be asked about a certificate on each of many paths. NULL: out of memory. */
static const struct lookup *look_up(struct tbdi_revocation *revocation, const struct tbdi_crl *crl,
	const struct tbdi_cert *cert)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	for (size_t i = 0; i < revocation->lookups.count; i++) {
		const struct lookup *known = revocation->lookups.items[i];
		if (known->crl == crl && known->cert == cert)
			return known;
	}
	struct lookup *lookup = tbdi_arena_alloc(arena, sizeof(*lookup));
	if (tbdi_list_add(arena, &revocation->lookups, lookup) < 0)
		return NULL;
	lookup->crl = crl;
	lookup->cert = cert;
	lookup->holds = tbdi_crl_holds(crl, cert, &lookup->entry);
	return lookup;
}

/* What one list says. Revoked certificates stay in lists until they end, so that an old list is good
 * enough to find one. */
static int ask_crl(struct tbdi_revocation *revocation, size_t index,
	const struct tbdi_cert *const *certs, size_t count)
{
	const struct tbdi_cert *cert = certs[0];
	const struct tbdi_crl *crl = revocation->trust->crls.items[index];
	const struct lookup *lookup = NULL;
	const char *why = NULL;
	if (!tbdi_crl_covers(crl, cert))
		return TBDI_STATUS_UNKNOWN;
	if (doubt_of_all(revocation, crl, certs, count, &why) < 0)
		return TBD_E_NOMEM;
	if (why == NULL && (lookup = look_up(revocation, crl, cert)) == NULL)
		return TBD_E_NOMEM;
	if (lookup != NULL && !lookup->holds)
		why = tbdi_crl_limit(crl, revocation->report->pub.time, revocation->profile);
	if (why != NULL) {
		if (revocation->problems[index] == no_issuer)
			revocation->problems[index] = why;
		return TBDI_STATUS_UNKNOWN;
	}
	revocation->problems[index] = NULL;
	if (!lookup->holds)
		return TBDI_STATUS_GOOD;
	const struct witness list = { "crl", crl->file, NULL };
	return revoked_add(revocation, cert, &list, &lookup->entry) < 0 ? TBD_E_NOMEM
									: TBDI_STATUS_REVOKED;
}

/* An issuer is a name and a key. */
static bool is_same_issuer(const struct tbdi_cert *a, const struct tbdi_cert *b)
{
	return a == b ||
		(tbdi_bytes_equal(a->outline.spki, b->outline.spki) &&
			tbdi_dn_equal(a->pub.subject_der, b->pub.subject_der));
}

/* NULL: out of memory. */
static const struct hearing *hear_stapled(
	struct tbdi_revocation *revocation, const struct tbdi_cert *const certs[2])
{
	struct tbdi_report *report = revocation->report;
	for (size_t i = 0; i < revocation->heard.count; i++) {
		const struct hearing *known = revocation->heard.items[i];
		if (is_same_issuer(known->issuer, certs[1]))
			return known;
	}
	struct hearing *hearing = tbdi_arena_alloc(&report->arena, sizeof(*hearing));
	if (tbdi_list_add(&report->arena, &revocation->heard, hearing) < 0)
		return NULL;
	hearing->issuer = certs[1];
	hearing->status = tbdi_ocsp_ask(
		report->stapled, certs, report->pub.time, &hearing->answer, &hearing->entry);
	return hearing;
}

/* What the peer sent along speaks of its own certificate. */
static int ask_stapled(struct tbdi_revocation *revocation, const struct tbdi_cert *const certs[2])
{
	static const struct witness peer = { "ocsp-stapled", NULL, NULL };
	const struct tbdi_report *report = revocation->report;
	if (report->stapled.len == 0 || &certs[0]->pub != report->pub.chain->certs[0])
		return TBDI_STATUS_UNKNOWN;
	const struct hearing *hearing = hear_stapled(revocation, certs);
	if (hearing == NULL)
		return TBD_E_NOMEM;
	/* Of several issuers one has signed it. */
	if (revocation->stapled == NULL || hearing->answer.problem == NULL)
		revocation->stapled = &hearing->answer;
	if (hearing->status == TBDI_STATUS_REVOKED &&
		revoked_add(revocation, certs[0], &peer, &hearing->entry) < 0)
		return TBD_E_NOMEM;
	return hearing->status;
}

bool tbdi_query_is_about(const struct tbdi_query *query, const struct tbdi_cert *const certs[2])
{
	return tbdi_bytes_equal(query->cert->pub.der, certs[0]->pub.der) &&
		tbdi_bytes_equal(query->issuer->outline.spki, certs[1]->outline.spki) &&
		tbdi_dn_equal(query->issuer->pub.subject_der, certs[1]->pub.subject_der);
}

/* What responders said when they were asked. */
static int ask_responders(
	struct tbdi_revocation *revocation, const struct tbdi_cert *const certs[2])
{
	int status = TBDI_STATUS_UNKNOWN;
	for (size_t i = 0; i < revocation->report->queries.count; i++) {
		const struct tbdi_query *query = revocation->report->queries.items[i];
		if (!tbdi_query_is_about(query, certs))
			continue;
		const struct witness responder = { "ocsp", NULL, query->pub.url };
		if (query->status == TBDI_STATUS_REVOKED)
			return revoked_add(revocation, certs[0], &responder, &query->revoked) < 0
				? TBD_E_NOMEM
				: TBDI_STATUS_REVOKED;
		status = query->status == TBDI_STATUS_GOOD ? TBDI_STATUS_GOOD : status;
	}
	return status;
}

static int ask_all(
	struct tbdi_revocation *revocation, const struct tbdi_cert *const *certs, size_t count)
{
	int status = ask_stapled(revocation, certs);
	if (status < 0 || status == TBDI_STATUS_REVOKED)
		return status;
	int asked = ask_responders(revocation, certs);
	if (asked < 0 || asked == TBDI_STATUS_REVOKED)
		return asked;
	status = asked > status ? asked : status;
	for (size_t i = 0; i < revocation->trust->crls.count; i++) {
		int said = ask_crl(revocation, i, certs, count);
		if (said < 0 || said == TBDI_STATUS_REVOKED)
			return said;
		status = said > status ? said : status;
	}
	return status;
}

int tbdi_revocation_status(
	struct tbdi_revocation *revocation, const struct tbdi_cert *const *certs, size_t count)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	for (size_t i = 0; i < revocation->answers.count; i++) {
		const struct answer *known = revocation->answers.items[i];
		if (known->cert == certs[0] && known->issuer == certs[1])
			return known->status;
	}
	int status = ask_all(revocation, certs, count);
	/* On another path there may be somebody who signed a list. */
	if (status < 0 || status == TBDI_STATUS_UNKNOWN)
		return status;
	struct answer *answer = tbdi_arena_alloc(arena, sizeof(*answer));
	if (tbdi_list_add(arena, &revocation->answers, answer) < 0)
		return TBD_E_NOMEM;
	*answer = (struct answer){ certs[0], certs[1], status };
	return status;
}

int tbdi_revocation_describe(const struct tbdi_revocation *revocation, struct tbdi_list *out)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	for (size_t i = 0; i < revocation->trust->crls.count; i++) {
		const struct tbdi_crl *crl = revocation->trust->crls.items[i];
		struct tbd_crl *shown = tbdi_arena_alloc(arena, sizeof(*shown));
		if (tbdi_list_add(arena, out, shown) < 0)
			return TBD_E_NOMEM;
		shown->file = crl->file;
		shown->issuer = crl->issuer_text;
		shown->this_update = crl->this_update;
		shown->next_update = crl->next_update;
		shown->entry_count = crl->entry_count;
		shown->problem = revocation->problems[i];
	}
	return 0;
}
