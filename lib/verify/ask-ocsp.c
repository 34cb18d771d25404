/* SPDX-License-Identifier: MIT
 *
 * ask-ocsp.c - ask the OCSP responders that certificates name, and judge the chain anew.
 */
#include "verify/revocation.h"

#include "verify/chain.h"
#include "base/module.h"

enum {
	QUERIES_MAX = 8,
	DEFAULT_TIMEOUT_MS = 5000,
};

struct inquiry {
	struct tbdi_report *report;
	const struct tbd_ocsp_options *options;
	const struct tbdi_fetcher *fetcher; /* loaded when it is needed */
	int64_t deadline_us;
	struct tbd_error *error;
};

/* ---- one responder ---------------------------------------------------------------------------- */

/* NULL: out of memory. */
static struct tbdi_query *query_new(
	struct inquiry *inquiry, const struct tbdi_cert *const certs[2], const char *url)
{
	struct tbdi_arena *arena = &inquiry->report->arena;
	struct tbdi_query *query = tbdi_arena_alloc(arena, sizeof(*query));
	if (tbdi_list_add(arena, &inquiry->report->queries, query) < 0)
		return NULL;
	query->pub.cert = &certs[0]->pub;
	query->pub.url = url;
	query->cert = certs[0];
	query->issuer = certs[1];
	return query;
}

static int answer_take(
	struct inquiry *inquiry, struct tbdi_query *query, const struct tbdi_fetch_answer *answer)
{
	struct tbdi_arena *arena = &inquiry->report->arena;
	const struct tbdi_cert *const certs[] = { query->cert, query->issuer };
	struct tbd_ocsp *said = tbdi_arena_alloc(arena, sizeof(*said));
	query->pub.end = answer->end;
	query->pub.status = (int)answer->status;
	query->pub.redirects = answer->redirects;
	query->pub.len = answer->len;
	if (answer->end != TBD_END_OK) {
		query->pub.detail = tbdi_report_peer_text(
			inquiry->report, answer->detail, strlen(answer->detail), false);
		return query->pub.detail != NULL ? 0 : tbdi_fail_nomem(inquiry->error);
	}
	if (said == NULL)
		return tbdi_fail_nomem(inquiry->error);
	query->status = tbdi_ocsp_ask((struct tbd_bytes){ answer->data, answer->len }, certs,
		inquiry->report->pub.time, said, &query->revoked);
	query->pub.answer = said;
	if (query->status == TBDI_STATUS_UNKNOWN)
		query->pub.detail =
			said->problem != NULL ? said->problem : "it does not know the certificate";
	return 0;
}

static int request_make(struct inquiry *inquiry, const struct tbdi_cert *const certs[2],
	struct tbdi_fetch_request *request)
{
	int64_t left_us = inquiry->deadline_us - tbdi_report_elapsed_us(inquiry->report);
	int rc = tbdi_ocsp_request(&inquiry->report->arena, certs, &request->body);
	request->media_type = "application/ocsp-request";
	request->timeout_ms = left_us / 1000;
	request->progress = inquiry->options->progress;
	request->progress_arg = inquiry->options->progress_arg;
	if (rc == TBD_E_NOMEM)
		return tbdi_fail_nomem(inquiry->error);
	return rc == 0
		? 0
		: tbdi_fail(inquiry->error, TBD_E_CRYPTO, "GnuTLS could not make an OCSP request");
}

/* *told: the answer leaves no doubt. */
static int ask_server(struct inquiry *inquiry, const struct tbdi_cert *const certs[2],
	const char *url, bool *told)
{
	struct tbdi_fetch_request request = { .url = url };
	struct tbdi_fetch_answer answer;
	struct tbdi_query *query = query_new(inquiry, certs, url);
	if (query == NULL)
		return tbdi_fail_nomem(inquiry->error);
	int rc = request_make(inquiry, certs, &request);
	if (rc == 0 && inquiry->fetcher == NULL)
		rc = tbdi_module_load_fetcher(&inquiry->fetcher, inquiry->error);
	if (rc == 0)
		rc = inquiry->fetcher->fetch(&request, &answer, inquiry->error);
	if (rc < 0)
		return rc;
	rc = answer_take(inquiry, query, &answer);
	free(answer.data);
	*told = query->status != TBDI_STATUS_UNKNOWN;
	return rc;
}

/* ---- all of a path ---------------------------------------------------------------------------- */

static bool is_web_address(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static bool was_asked(const struct inquiry *inquiry, const struct tbdi_cert *const certs[2])
{
	for (size_t i = 0; i < inquiry->report->queries.count; i++)
		if (tbdi_query_is_about(inquiry->report->queries.items[i], certs))
			return true;
	return false;
}

/* Ask the responders that the certificate names, until one of them can tell. */
static int ask_about(struct inquiry *inquiry, const struct tbdi_cert *const certs[2])
{
	const char *const *url = certs[0]->pub.ocsp_servers;
	bool told = was_asked(inquiry, certs);
	int rc = 0;
	for (; rc == 0 && !told && *url != NULL; url++)
		if (is_web_address(*url) && inquiry->report->queries.count < QUERIES_MAX)
			rc = ask_server(inquiry, certs, *url, &told);
	return rc;
}

/* The addresses of a chain that is not accepted are the word of anybody. */
static int ask_path(struct inquiry *inquiry)
{
	const struct tbd_path *path = inquiry->report->pub.verification->path;
	int rc = 0;
	if (path == NULL || path->fault != TBD_FAULT_NONE)
		return 0;
	for (size_t i = 0; rc == 0 && i + 1 < path->count; i++) {
		const struct tbdi_cert *const certs[] = { tbdi_cert_of(path->certs[i]),
			tbdi_cert_of(path->certs[i + 1]) };
		rc = ask_about(inquiry, certs);
	}
	return rc;
}

/* When a certificate turns out to be revoked, there may be another path. */
static int inquire(struct inquiry *inquiry)
{
	const struct tbdi_list *queries = &inquiry->report->queries;
	size_t before = 0;
	int rc = ask_path(inquiry);
	while (rc == 0 && queries->count > before) {
		before = queries->count;
		rc = tbd_verify(&inquiry->report->pub, inquiry->options->verify, inquiry->error);
		if (rc == 0)
			rc = ask_path(inquiry);
	}
	return rc;
}

/* ---- the report ------------------------------------------------------------------------------- */

static void publish_queries(struct tbdi_report *report)
{
	for (size_t i = 0; i < report->queries.count; i++) {
		struct tbdi_query *query = report->queries.items[i];
		query->pub.cert = tbdi_cert_as_shown(&report->pub, query->pub.cert);
	}
	report->pub.ocsp = (const struct tbd_ocsp_query *const *)(void *)report->queries.items;
	report->pub.ocsp_count = report->queries.count;
}

int tbdi_inherit_ocsp(struct tbdi_report *report, const struct tbdi_report *first)
{
	for (size_t i = 0; i < first->queries.count; i++) {
		struct tbdi_query *query = tbdi_arena_alloc(&report->arena, sizeof(*query));
		if (tbdi_list_add(&report->arena, &report->queries, query) < 0)
			return TBD_E_NOMEM;
		*query = *(const struct tbdi_query *)first->queries.items[i];
	}
	return 0;
}

int tbdi_ask_ocsp(
	struct tbd_report *report, const struct tbd_ocsp_options *options, struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options) || options->verify == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_ask_ocsp: options do not fit");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	tbdi_report_of(report)->asks_ocsp = true;
	if (report->verification == NULL)
		return 0;
	struct inquiry inquiry = {
		.report = tbdi_report_of(report), .options = options, .error = error
	};
	int64_t timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
	inquiry.deadline_us = tbdi_report_elapsed_us(inquiry.report) + timeout_ms * 1000;
	rc = inquire(&inquiry);
	if (rc < 0)
		return rc;
	publish_queries(inquiry.report);
	return 0;
}
