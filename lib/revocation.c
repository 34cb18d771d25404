/* SPDX-License-Identifier: MIT
 *
 * revocation.c - ask revocation lists. Each question is answered once, however many paths ask it.
 */
#include "revocation.h"

#include "dn.h"
#include "ocsp.h"
#include "responder.h"

/* What is known of a certificate. */
struct answer {
	const struct tbdi_cert *cert;
	const struct tbdi_cert *issuer;
	int status;
};

struct doubt {
	const struct tbdi_crl *crl;
	const struct tbdi_cert *issuer;
	const char *why; /* NULL: it is the issuer's */
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

static int revoked_add(struct tbdi_revocation *revocation, const struct tbdi_cert *cert,
	const struct witness *witness, const struct tbdi_revoked *entry)
{
	struct tbdi_arena *arena = &revocation->report->arena;
	struct tbd_revocation *revoked = tbdi_arena_alloc(arena, sizeof(*revoked));
	if (tbdi_list_add(arena, &revocation->revoked, revoked) < 0)
		return TBD_E_NOMEM;
	revoked->cert = &cert->pub;
	revoked->source = witness->source;
	revoked->file = witness->file;
	revoked->url = witness->url;
	revoked->time = entry->time;
	revoked->reason = entry->reason;
	return 0;
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

/* What one list says. Revoked certificates stay in lists until they end, so that an old list is good
 * enough to find one. */
static int ask_crl(struct tbdi_revocation *revocation, size_t index,
	const struct tbdi_cert *const *certs, size_t count)
{
	const struct tbdi_cert *cert = certs[0];
	const struct tbdi_crl *crl = revocation->trust->crls.items[index];
	struct tbdi_revoked entry;
	const char *why = NULL;
	if (!tbdi_crl_covers(crl, cert))
		return TBDI_STATUS_UNKNOWN;
	if (doubt_of_all(revocation, crl, certs, count, &why) < 0)
		return TBD_E_NOMEM;
	bool holds = why == NULL && tbdi_crl_holds(crl, cert, &entry);
	if (why == NULL && !holds)
		why = tbdi_crl_limit(crl, revocation->report->pub.time, revocation->profile);
	if (why != NULL) {
		if (revocation->problems[index] == no_issuer)
			revocation->problems[index] = why;
		return TBDI_STATUS_UNKNOWN;
	}
	revocation->problems[index] = NULL;
	if (!holds)
		return TBDI_STATUS_GOOD;
	const struct witness list = { "crl", crl->file, NULL };
	return revoked_add(revocation, cert, &list, &entry) < 0 ? TBD_E_NOMEM : TBDI_STATUS_REVOKED;
}

/* What the peer sent along speaks of its own certificate. */
static int ask_stapled(struct tbdi_revocation *revocation, const struct tbdi_cert *const certs[2])
{
	static const struct witness peer = { "ocsp-stapled", NULL, NULL };
	struct tbdi_report *report = revocation->report;
	struct tbdi_revoked entry;
	if (report->stapled.len == 0 || &certs[0]->pub != report->pub.chain->certs[0])
		return TBDI_STATUS_UNKNOWN;
	struct tbd_ocsp *answer = tbdi_arena_alloc(&report->arena, sizeof(*answer));
	if (answer == NULL)
		return TBD_E_NOMEM;
	int status = tbdi_ocsp_ask(report->stapled, certs, report->pub.time, answer, &entry);
	/* Of several issuers one has signed it. */
	if (revocation->stapled == NULL || answer->problem == NULL)
		revocation->stapled = answer;
	if (status == TBDI_STATUS_REVOKED && revoked_add(revocation, certs[0], &peer, &entry) < 0)
		return TBD_E_NOMEM;
	return status;
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
