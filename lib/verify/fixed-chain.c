/* SPDX-License-Identifier: MIT
 *
 * fixed-chain.c - the chain that a server should send: what it sends in the right order, and what is missing.
 */
#include "verify/chain.h"
#include "x509/der.h"
#include "verify/explore.h"
#include "base/module.h"
#include "verify/revocation.h"
#include "x509/cert.h"

enum {
	DOWNLOADS_MAX = 8,
	DEFAULT_TIMEOUT_MS = 10000,
};

struct fix {
	struct tbdi_report *report;
	const struct tbd_fix_chain_options *options;
	struct tbd_trust *trust;            /* with what was downloaded, which nobody trusts */
	const struct tbdi_fetcher *fetcher; /* loaded when it is needed */
	struct tbdi_list downloads;         /* struct tbd_download */
	int64_t deadline_us;
	struct tbd_error *error;
};

static int fail_nomem(struct fix *fix)
{
	return tbdi_fail_nomem(fix->error);
}

/* ---- downloads -------------------------------------------------------------------------------- */

static bool is_web_address(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static bool was_tried(const struct fix *fix, const char *url)
{
	for (size_t i = 0; i < fix->downloads.count; i++) {
		const struct tbd_download *download = fix->downloads.items[i];
		if (strcmp(download->url, url) == 0)
			return true;
	}
	return false;
}

/* Of the certificates in a document the one that issued this; NULL: none did. */
static struct tbdi_cert *issuer_among(const struct tbdi_list *certs, const struct tbdi_cert *cert)
{
	for (size_t i = 0; i < certs->count; i++) {
		struct tbdi_cert *issuer = certs->items[i];
		if (issuer->pub.error == NULL &&
			tbdi_dn_equal(issuer->pub.subject_der, cert->pub.issuer_der) &&
			tbdi_signature_verifies(cert, issuer))
			return issuer;
	}
	return NULL;
}

static const char *why_useless(struct fix *fix, const struct tbdi_list *certs, const char *issuer)
{
	for (size_t i = 0; i < certs->count; i++) {
		const struct tbdi_cert *cert = certs->items[i];
		if (cert->pub.error == NULL)
			return tbdi_arena_printf(&fix->report->arena,
				"it holds %s, which did not sign as %s", cert->pub.subject, issuer);
	}
	return "it holds no certificate";
}

/* Look for the issuer in a document that came whole. */
static int document_read(struct fix *fix, struct tbd_download *download, struct tbd_bytes document,
	const struct tbdi_cert *cert)
{
	struct tbdi_list certs = { 0 };
	if (tbdi_chain_read(fix->report, document, TBD_ORIGIN_FETCHED, &certs) < 0)
		return fail_nomem(fix);
	struct tbdi_cert *issuer = issuer_among(&certs, cert);
	if (issuer == NULL) {
		download->detail = why_useless(fix, &certs, cert->pub.issuer);
		return download->detail != NULL ? 0 : fail_nomem(fix);
	}
	issuer->pub.index = fix->downloads.count - 1;
	download->cert = &issuer->pub;
	return tbdi_trust_add_untrusted_bytes(fix->trust, issuer->pub.der, download->url, NULL) < 0
		? fail_nomem(fix)
		: 0;
}

static int answer_take(struct fix *fix, struct tbd_download *download,
	const struct tbdi_fetch_answer *answer, const struct tbdi_cert *cert)
{
	download->end = answer->end;
	download->status = (int)answer->status;
	download->redirects = answer->redirects;
	download->len = answer->len;
	if (answer->end == TBD_END_OK)
		return document_read(
			fix, download, (struct tbd_bytes){ answer->data, answer->len }, cert);
	download->detail =
		tbdi_report_peer_text(fix->report, answer->detail, strlen(answer->detail), false);
	return download->detail != NULL ? 0 : fail_nomem(fix);
}

static int download(struct fix *fix, const char *url, const struct tbdi_cert *cert)
{
	struct tbdi_arena *arena = &fix->report->arena;
	int64_t left_us = fix->deadline_us - tbdi_report_elapsed_us(fix->report);
	struct tbdi_fetch_request request = { .url = url,
		.timeout_ms = left_us / 1000,
		.progress = fix->options->progress,
		.progress_arg = fix->options->progress_arg };
	struct tbdi_fetch_answer answer;
	struct tbd_download *download = tbdi_arena_alloc(arena, sizeof(*download));
	if (tbdi_list_add(arena, &fix->downloads, download) < 0)
		return fail_nomem(fix);
	download->url = url;
	int rc = fix->fetcher != NULL ? 0 : tbdi_module_load_fetcher(&fix->fetcher, fix->error);
	if (rc == 0)
		rc = fix->fetcher->fetch(&request, &answer, fix->error);
	if (rc < 0)
		return rc;
	rc = answer_take(fix, download, &answer, cert);
	free(answer.data);
	return rc;
}

/* Try the addresses that the certificate names for its issuer, until one of them has it. */
static int issuer_fetch(struct fix *fix, const struct tbdi_cert *cert, bool *found)
{
	*found = false;
	for (const char *const *url = cert->pub.aia_issuers; !*found && *url != NULL; url++) {
		if (!is_web_address(*url) || was_tried(fix, *url) ||
			fix->downloads.count == DOWNLOADS_MAX)
			continue;
		int rc = download(fix, *url, cert);
		if (rc < 0)
			return rc;
		const struct tbd_download *last = fix->downloads.items[fix->downloads.count - 1];
		*found = last->cert != NULL;
	}
	return 0;
}

/* ---- the chain -------------------------------------------------------------------------------- */

/* The best path with what is there by now. */
static int explore(struct fix *fix, const struct tbd_path **path)
{
	const struct tbd_verification *verification = fix->report->pub.verification;
	struct tbdi_revocation revocation;
	struct tbdi_terms terms = {
		.profile = TBD_PROFILE_DEVICE, .max_depth = -1, .revocation = &revocation
	};
	struct tbdi_store store;
	struct tbdi_exploration exploration;
	if (verification != NULL) {
		terms.profile = verification->profile;
		terms.max_depth = verification->max_depth;
	}
	if (tbdi_revocation_init(&revocation, fix->report, fix->options->trust, terms.profile) <
			0 ||
		tbdi_store_init(&store, fix->report, fix->trust) < 0)
		return fail_nomem(fix);
	int rc = tbdi_explore(fix->report, &store, &terms, &exploration);
	if (rc < 0)
		return tbdi_report_fail(fix->report, rc, fix->error);
	/* A report that was not judged has no trust store: this one is the system's. */
	for (size_t i = 0; fix->report->pub.trust == NULL && i < store.certs.count; i++)
		((struct tbdi_cert *)store.certs.items[i])->pub.origin = TBD_ORIGIN_SYSTEM;
	*path = exploration.paths.count > 0 ? exploration.paths.items[0] : NULL;
	return 0;
}

static bool lacks_issuer(const struct tbd_path *path)
{
	return path != NULL && path->fault == TBD_FAULT_NO_ISSUER;
}

static int complete(struct fix *fix, const struct tbd_path **path)
{
	bool found = true;
	int rc = explore(fix, path);
	while (rc == 0 && found && fix->options->fetch && lacks_issuer(*path)) {
		const struct tbd_cert *last = (*path)->certs[(*path)->count - 1];
		rc = issuer_fetch(fix, tbdi_cert_of(last), &found);
		if (rc == 0 && found)
			rc = explore(fix, path);
	}
	return rc;
}

/* The certificate as the report shows it elsewhere. */
static const struct tbd_cert *as_shown(const struct fix *fix, const struct tbd_cert *cert)
{
	const struct tbd_cert *shown = tbdi_cert_as_shown(&fix->report->pub, cert);
	for (size_t i = 0; shown == cert && i < fix->downloads.count; i++) {
		const struct tbd_download *download = fix->downloads.items[i];
		if (download->cert != NULL && tbdi_bytes_equal(download->cert->der, cert->der))
			shown = download->cert;
	}
	return shown;
}

/* How many certificates of the path belong into the chain: all but the root. */
static size_t chain_len(const struct tbd_path *path)
{
	if (path->fault == TBD_FAULT_BAD_SIGNATURE || path->fault == TBD_FAULT_MALFORMED)
		return 0;
	bool has_root = path->count > 1 && path->certs[path->count - 1]->self_signed;
	return path->count - has_root;
}

/* The issuer of a CA that was sent may be a root, which is not. That of a server is an intermediate when
 * it is published. */
static const char *missing_issuer(const struct tbd_path *path)
{
	const struct tbd_cert *last = path->certs[path->count - 1];
	bool is_missing =
		path->fault == TBD_FAULT_NO_ISSUER && !last->is_ca && last->aia_issuers[0] != NULL;
	return is_missing ? last->issuer : NULL;
}

static int publish_chain(struct fix *fix, const struct tbd_path *path)
{
	struct tbdi_arena *arena = &fix->report->arena;
	struct tbd_fixed_chain *fixed = tbdi_arena_alloc(arena, sizeof(*fixed));
	size_t count = chain_len(path);
	const struct tbd_cert **certs = tbdi_arena_alloc(arena, (count + 1) * sizeof(*certs));
	if (fixed == NULL || certs == NULL)
		return fail_nomem(fix);
	for (size_t i = 0; i < count; i++)
		certs[i] = as_shown(fix, path->certs[i]);
	fixed->certs = certs;
	fixed->count = count;
	fixed->missing = missing_issuer(path);
	fixed->proven = path->anchored && path->fault == TBD_FAULT_NONE;
	if (path->anchored)
		fixed->anchor = as_shown(fix, path->certs[path->count - 1]);
	fixed->downloads = (const struct tbd_download *const *)(void *)fix->downloads.items;
	fixed->download_count = fix->downloads.count;
	fix->report->pub.fixed = fixed;
	return 0;
}

int tbd_fix_chain(struct tbd_report *report, const struct tbd_fix_chain_options *options,
	struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options) || options->trust == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fix_chain: options do not fit");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0 || report->chain == NULL || report->chain->count == 0)
		return rc;
	int64_t timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct fix fix = { .report = tbdi_report_of(report),
		.options = options,
		.trust = tbdi_trust_borrow(options->trust),
		.error = error };
	const struct tbd_path *path = NULL;
	fix.deadline_us = tbdi_report_elapsed_us(fix.report) + timeout_ms * 1000;
	rc = fix.trust != NULL ? complete(&fix, &path) : fail_nomem(&fix);
	if (rc == 0 && path != NULL)
		rc = publish_chain(&fix, path);
	tbd_trust_free(fix.trust);
	return rc;
}
