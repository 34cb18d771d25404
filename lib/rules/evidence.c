/* SPDX-License-Identifier: MIT
 *
 * evidence.c - what supports a finding: what its rule tells, and what goes without telling, because its key
 * always means the same.
 */
#include "rules/trust.h"

#include "report/schema.h"

/* ---- what a rule tells ----------------------------------------------------------------------- */

/* The value of a key of which there is nothing to tell. */
static const char absent[] = "";

static void evidence_add(
	struct tbdi_draft *draft, const char *key, const char *text, int64_t number)
{
	if (draft->evidence_count < TBDI_COUNT(draft->evidence))
		draft->evidence[draft->evidence_count++] =
			(struct tbd_evidence){ .key = key, .text = text, .number = number };
}

void tbdi_draft_text(struct tbdi_draft *draft, const char *key, const char *text)
{
	evidence_add(draft, key, text != NULL ? text : absent, 0);
}

void tbdi_draft_number(struct tbdi_draft *draft, const char *key, int64_t number)
{
	evidence_add(draft, key, NULL, number);
}

void tbdi_draft_date(struct tbdi_draft *draft, const char *key, int64_t seconds)
{
	tbdi_draft_text(draft, key, tbdi_draft_date_text(draft, seconds));
}

void tbdi_draft_without(struct tbdi_draft *draft, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		tbdi_draft_text(draft, *keys, NULL);
}

/* ---- what goes without telling --------------------------------------------------------------- */

/* Asked for each key that has a usual meaning: the call is for those that begin alike. */
static bool is_key(const char *listed, const char *key)
{
	return *listed == *key && strcmp(listed, key) == 0;
}

/* Where this key was told; else the count of all that was. */
static size_t evidence_find(const struct tbdi_draft *draft, const char *key)
{
	size_t i = 0;
	while (i < draft->evidence_count && !is_key(draft->evidence[i].key, key))
		i++;
	return i;
}

/* The row lists it, and nothing was told of it. */
static bool is_wanted(const struct tbdi_draft *draft, const char *key)
{
	const char *const *listed = draft->rule->evidence;
	while (*listed != NULL && !is_key(*listed, key))
		listed++;
	return *listed != NULL && evidence_find(draft, key) == draft->evidence_count;
}

static void usual_text(struct tbdi_draft *draft, const char *key, const char *text)
{
	if (text != NULL && is_wanted(draft, key))
		tbdi_draft_text(draft, key, text);
}

static void usual_number(struct tbdi_draft *draft, const char *key, int64_t number)
{
	if (is_wanted(draft, key))
		tbdi_draft_number(draft, key, number);
}

static void usual_date(struct tbdi_draft *draft, const char *key, int64_t seconds)
{
	if (is_wanted(draft, key))
		tbdi_draft_date(draft, key, seconds);
}

static void of_connection(struct tbdi_draft *draft, const struct tbd_connection *connection)
{
	const struct tbd_resolution *resolution = connection->resolution;
	if (resolution != NULL) {
		usual_text(draft, "name", resolution->name);
		usual_text(draft, "resolver", resolution->detail);
	}
	usual_text(draft, "host", connection->host);
	usual_number(draft, "port", connection->port);
	usual_text(draft, "attempts",
		tbdi_draft_attempts(draft, connection->attempts, connection->attempt_count));
	usual_number(draft, "timeout_ms", connection->timeout_ms);
}

static void of_tls(struct tbdi_draft *draft, const struct tbd_tls *tls)
{
	usual_text(draft, "last_message", tls->last_message != NULL ? tls->last_message : "none");
	usual_number(draft, "bytes_in", (int64_t)tls->bytes_in);
	if (tls->end == TBD_END_ALERT)
		usual_number(draft, "alert", tls->alert);
	usual_text(draft, "alert_name", tls->alert_name);
	usual_text(draft, "sni", tls->sni);
	usual_text(draft, "version", tls->version);
	usual_text(draft, "wanted", tls->wanted_version);
	usual_text(draft, "detail", tls->detail);
}

static void of_datagrams(struct tbdi_draft *draft, const struct tbd_datagrams *datagrams)
{
	usual_number(draft, "sent", datagrams->sent);
	usual_number(draft, "received", datagrams->received);
	usual_number(draft, "sent_again", datagrams->sent_again);
	usual_number(draft, "received_again", datagrams->received_again);
	usual_number(draft, "largest_sent", (int64_t)datagrams->largest_sent);
	usual_number(draft, "largest_received", (int64_t)datagrams->largest_received);
}

static void of_cert(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	usual_number(draft, "certificate", (int64_t)cert->index);
	usual_text(draft, "subject", cert->subject);
	usual_text(draft, "subject_key_id", cert->subject_key_id);
	usual_text(draft, "issuer", cert->issuer);
	usual_text(draft, "issuer_key_id", cert->authority_key_id);
	usual_text(draft, "serial", cert->serial);
	usual_date(draft, "not_before", cert->not_before);
	usual_date(draft, "not_after", cert->not_after);
	usual_number(draft, "days_left", tbdi_days_left(cert->not_after - report->time));
	usual_text(draft, "sha256", cert->sha256);
	usual_text(draft, "error", cert->error);
}

static void of_nearest(struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	usual_text(draft, "nearest", cert->subject);
	usual_text(draft, "nearest_key_id", cert->subject_key_id);
	usual_date(draft, "nearest_not_before", cert->not_before);
	usual_date(draft, "nearest_not_after", cert->not_after);
	usual_text(draft, "nearest_sha256", cert->sha256);
	if (cert->file != NULL)
		usual_number(draft, "nearest_entry", (int64_t)cert->entry);
}

static void of_trust(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_trust_info *trust = report->trust;
	const struct tbd_cert *anchor = tbdi_report_system_anchor(report);
	usual_text(draft, "store", tbdi_draft_store(draft, report));
	if (trust != NULL) {
		usual_number(draft, "store_count", (int64_t)trust->cert_count);
		usual_text(draft, "store_holds", tbdi_draft_held(draft, trust));
	}
	if (anchor != NULL) {
		usual_text(draft, "system_store", anchor->file);
		usual_number(draft, "system_entry", (int64_t)anchor->entry);
	}
	if (draft->cert != NULL)
		usual_text(draft, "file", tbdi_draft_file_of(draft, report, draft->cert));
	if (draft->cert != NULL && draft->cert->file != NULL)
		usual_number(draft, "entry", (int64_t)draft->cert->entry);
}

static void of_exchange(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	const struct tbd_explanation *explanation = exchange->explanation;
	usual_text(draft, "first_bytes", exchange->first_bytes);
	usual_text(draft, "detail", exchange->detail);
	usual_number(draft, "connack", exchange->connack);
	usual_text(draft, "connack_name", exchange->connack_name);
	if (explanation != NULL && explanation->connack >= 0) {
		usual_number(draft, "explained", explanation->connack);
		usual_text(draft, "explained_name", explanation->connack_name);
	}
	usual_number(draft, "puback", exchange->puback);
	usual_text(draft, "puback_name", exchange->puback_name);
	if (exchange->disconnect > 0)
		usual_number(draft, "disconnect", exchange->disconnect);
	usual_text(draft, "disconnect_name", exchange->disconnect_name);
	usual_number(draft, "fingerprint", exchange->fingerprint);
}

static void of_token(struct tbdi_draft *draft, const struct tbd_token_info *token)
{
	usual_text(draft, "source", tbdi_token_source(token));
	usual_text(draft, "class", token->bad_class);
	usual_number(draft, "position", token->bad_at);
	usual_number(draft, token->is_password ? "password_len" : "token_len", (int64_t)token->len);
}

static void of_request(struct tbdi_draft *draft, const struct tbd_api_request *request)
{
	usual_text(
		draft, "request", tbdi_draft_format(draft, "%s %s", request->method, request->url));
	if (request->status >= 0) {
		usual_number(draft, "code", request->status);
		usual_text(draft, "coap_code", tbdi_draft_status(draft, request->status));
	}
	usual_text(draft, "content_type", request->content_type);
	usual_text(draft, "location", request->location);
	usual_text(draft, "server", request->server);
	usual_text(draft, "body", tbdi_draft_body(draft, request));
	usual_text(draft, "authenticate", request->authenticate);
}

/* Of an answer that did not come to its end. */
static void of_broken_answer(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_api_request *request)
{
	const struct tbd_api_exchange *api = report->api;
	const struct tbd_connection *connection = report->connection;
	usual_number(draft, "datagrams", request->datagrams);
	if (connection != NULL && connection->datagrams != NULL)
		usual_number(draft, "received", connection->datagrams->received);
	if (api->closed != TBD_END_NONE)
		usual_text(draft, "closed", tbd_end_name(api->closed));
	usual_text(draft, "first_bytes", api->first_bytes);
	usual_text(draft, "detail", api->detail);
}

static void of_api(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_api_request *request = tbdi_api_last(report->api);
	if (request == NULL)
		return;
	of_request(draft, request);
	enum tbd_api_end end = report->api->end;
	if (end == TBD_API_NO_REPLY || end == TBD_API_CLOSED || end == TBD_API_STRANGE)
		of_broken_answer(draft, report, request);
}

/* What a key means depends on the stage at times. */
static void of_stage(struct tbdi_draft *draft, const struct tbd_report *report)
{
	enum tbd_stage stage = draft->rule->stage;
	const struct tbd_connection *connection = report->connection;
	if (connection != NULL && stage <= TBD_STAGE_TLS)
		of_connection(draft, connection);
	if (connection != NULL && connection->tls != NULL && stage == TBD_STAGE_TLS)
		of_tls(draft, connection->tls);
	if (connection != NULL && connection->datagrams != NULL && stage == TBD_STAGE_TLS)
		of_datagrams(draft, connection->datagrams);
	if (report->chain != NULL && stage == TBD_STAGE_CHAIN)
		usual_number(draft, "sent", (int64_t)report->chain->count);
	if (stage == TBD_STAGE_TRUST)
		of_trust(draft, report);
	if (report->exchange != NULL && stage == TBD_STAGE_MQTT)
		of_exchange(draft, report->exchange);
	if (report->api != NULL && strcmp(report->api->protocol, tbd_stage_name(stage)) == 0)
		of_api(draft, report);
	if (report->token != NULL && stage >= TBD_STAGE_MQTT)
		of_token(draft, report->token);
}

static void of_report(struct tbdi_draft *draft, const struct tbd_report *report)
{
	if (is_wanted(draft, "peer"))
		tbdi_draft_text(draft, "peer", tbdi_draft_peer(draft, report));
	usual_date(draft, "judged_at", report->time);
	if (tbdi_report_waited_ms(report) >= 0)
		usual_number(draft, "waited_ms", tbdi_report_waited_ms(report));
	if (draft->cert != NULL)
		of_cert(draft, report, draft->cert);
	if (draft->nearest != NULL)
		of_nearest(draft, draft->nearest);
	of_stage(draft, report);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void evidence_keep(struct tbdi_draft *draft, const struct tbd_evidence *evidence)
{
	if (evidence->text != absent)
		draft->evidence[draft->evidence_count++] = *evidence;
}

/* In the order of the row; what the rule told, which comes first here, keeps its own among itself. */
static void put_in_order_of_row(struct tbdi_draft *draft, size_t told)
{
	const struct tbdi_draft all = *draft;
	size_t next = 0;
	draft->evidence_count = 0;
	for (const char *const *key = draft->rule->evidence; *key != NULL; key++) {
		size_t at = evidence_find(&all, *key);
		if (at >= told && at < all.evidence_count)
			evidence_keep(draft, &all.evidence[at]);
		for (; at < told && next <= at; next++)
			evidence_keep(draft, &all.evidence[next]);
	}
}

void tbdi_draft_complete(struct tbdi_draft *draft, const struct tbd_report *report)
{
	size_t told = draft->evidence_count;
	if (report != NULL)
		of_report(draft, report);
	put_in_order_of_row(draft, told);
}
