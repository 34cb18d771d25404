/* SPDX-License-Identifier: MIT
 *
 * prove-ca.c - what a device makes of the server that has the needed CA and nothing else; and which CAs it takes that
 * all TLS stacks of devices accept it that are asked.
 */
#include "verify/chain.h"

#include "verify/trust.h"

#include <limits.h>

enum { ANCHORS_MAX = 4 };

struct proof {
	struct tbdi_report *report;
	const struct tbd_prove_ca_options *options;
	struct tbd_error *error;
	/* That would do, those that last longest first. A set of them is the sum of their bits. */
	const struct tbd_cert *anchors[ANCHORS_MAX];
	size_t count;
};

/* ---- which there are -------------------------------------------------------------------------- */

static bool is_listed(const struct proof *proof, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < proof->count; i++)
		if (strcmp(proof->anchors[i]->sha256, cert->sha256) == 0)
			return true;
	return false;
}

/* Behind the first, which was found, in their order; of more than there is room for the first that end. */
static void insert(struct proof *proof, const struct tbd_cert *cert)
{
	size_t at = proof->count < ANCHORS_MAX ? proof->count++ : ANCHORS_MAX;
	for (; at > 1 && cert->not_after > proof->anchors[at - 1]->not_after; at--)
		if (at < ANCHORS_MAX)
			proof->anchors[at] = proof->anchors[at - 1];
	if (at < ANCHORS_MAX)
		proof->anchors[at] = cert;
}

/* The CA, and the other roots of the trust sources that paths lead to: of a chain with a cross-signed CA there are two. */
static void list_anchors(struct proof *proof)
{
	const struct tbd_report *report = &proof->report->pub;
	const struct tbd_verification *verification = report->verification;
	proof->anchors[proof->count++] = report->ca->cert;
	if (strcmp(report->ca->proof, "trust") != 0)
		return;
	for (size_t i = 0; i < verification->path_count; i++) {
		const struct tbd_path *path = verification->paths[i];
		const struct tbd_cert *last = path->certs[path->count - 1];
		if (path->anchored && path->fault == TBD_FAULT_NONE && last->self_signed &&
			!is_listed(proof, last))
			insert(proof, last);
	}
}

/* ---- one set of them -------------------------------------------------------------------------- */

static size_t certs_of(
	const struct proof *proof, unsigned set, const struct tbd_cert *certs[ANCHORS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < proof->count; i++)
		if ((set & 1U << i) != 0)
			certs[count++] = proof->anchors[i];
	return count;
}

static void file_release(void *trust)
{
	tbd_trust_free(trust);
}

/* What the device is given; the report's own. Lists say of any chain what was revoked. */
static int file_make(struct proof *proof, unsigned set, struct tbd_trust **out)
{
	const struct tbd_cert *certs[ANCHORS_MAX];
	size_t count = certs_of(proof, set, certs);
	struct tbd_trust *file = tbd_trust_new();
	char *pem = NULL;
	if (file == NULL ||
		tbdi_own(&proof->report->arena, &proof->report->owned, file, file_release) < 0) {
		tbd_trust_free(file);
		return tbdi_fail_nomem(proof->error);
	}
	int rc = tbd_certs_to_pem(certs, count, &pem, proof->error);
	if (rc == 0)
		rc = tbd_trust_add_mem(file, pem, strlen(pem), proof->options->name, proof->error);
	file->crls = proof->options->verify->trust->crls;
	free(pem);
	*out = file;
	return rc;
}

/* Stacks that gave their verdict, and refuse. */
static unsigned count_refusals(const struct tbd_report *report)
{
	static const char *const none[] = { "crashed", "timeout", "failed" };
	unsigned count = 0;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct tbd_verdict *verdict = report->verdicts[i];
		bool judged = !verdict->accepted;
		for (size_t j = 0; judged && j < TBDI_COUNT(none); j++)
			judged = verdict->step == NULL || strcmp(verdict->step, none[j]) != 0;
		count += judged;
	}
	return count;
}

/* *refusals: UINT_MAX: even here the chain is not accepted. */
static int judge_by(struct proof *proof, unsigned set, unsigned *refusals)
{
	struct tbd_report *report = &proof->report->pub;
	struct tbd_verify_options verify = *proof->options->verify;
	struct tbd_trust *file = NULL;
	int rc = file_make(proof, set, &file);
	verify.trust = file;
	if (rc == 0)
		rc = tbd_verify(report, &verify, proof->error);
	if (rc == 0)
		rc = tbd_await_stacks(report, proof->options->stacks, proof->error);
	*refusals = report->verification->verified ? count_refusals(report) : UINT_MAX;
	return rc;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static size_t size_of(unsigned set)
{
	return (size_t)__builtin_popcount(set);
}

/* The smallest set with which the fewest refuse: the report is judged by it in the end. */
static int judge_best(struct proof *proof, unsigned *best)
{
	unsigned fewest = UINT_MAX, last = 1, all = 1U << proof->count, refusals = 0;
	int rc = 0;
	*best = 1;
	for (size_t size = 1; rc == 0 && fewest > 0 && size <= proof->count; size++)
		for (unsigned set = 1; rc == 0 && fewest > 0 && set < all; set++) {
			if (size_of(set) != size)
				continue;
			rc = judge_by(proof, set, &refusals);
			last = set;
			if (refusals < fewest) {
				fewest = refusals;
				*best = set;
			}
		}
	return rc == 0 && last != *best ? judge_by(proof, *best, &refusals) : rc;
}

static int publish_ca(struct proof *proof, unsigned set)
{
	struct tbdi_arena *arena = &proof->report->arena;
	struct tbd_needed_ca *ca = tbdi_arena_alloc(arena, sizeof(*ca));
	const struct tbd_cert **certs = tbdi_arena_alloc(arena, (ANCHORS_MAX + 1) * sizeof(*certs));
	if (ca == NULL || certs == NULL)
		return tbdi_fail_nomem(proof->error);
	size_t count = certs_of(proof, set, certs);
	*ca = *proof->report->pub.ca;
	ca->cert = certs[0];
	ca->also = certs + 1;
	ca->also_count = count - 1;
	proof->report->pub.ca = ca;
	return 0;
}

int tbd_prove_ca(struct tbd_report *report, const struct tbd_prove_ca_options *options,
	struct tbd_error *error)
{
	struct proof proof = {
		.report = tbdi_report_of(report), .options = options, .error = error
	};
	unsigned best = 1;
	if (options == NULL || options->size != sizeof(*options) || options->verify == NULL ||
		options->stacks == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_prove_ca: options do not fit");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0 || report->ca == NULL || report->ca->cert == NULL)
		return rc;
	list_anchors(&proof);
	rc = judge_best(&proof, &best);
	return rc < 0 ? rc : publish_ca(&proof, best);
}
