/* SPDX-License-Identifier: MIT
 *
 * text.c - a report for a person: what to mend first, then what was seen.
 */
#include "report/text.h"

#include "base/protocol.h"
#include "base/rfc3339.h"

#include <stdarg.h>

enum {
	LABEL = 12,      /* columns of a label in the sections */
	NAMES_SHOWN = 20 /* a certificate may have thousands; -v shows them all */
};

struct view {
	const struct tbdi_page *page;
	FILE *out;
	const struct tbd_report *report;
	bool verbose;
	bool failed; /* out of memory */
};

/* ---- small pieces ----------------------------------------------------------------------------- */

void tbdi_text_heading(const struct tbdi_page *page, const char *title)
{
	fprintf(page->out, page->color ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

static void heading(struct view *view, const char *title)
{
	tbdi_text_heading(view->page, title);
}

static void field(struct view *view, int indent, const char *label, const char *value)
{
	if (value != NULL)
		tbdi_text_field(view->page, indent, LABEL, label, value);
}

static void field_format(struct view *view, int indent, const char *label, const char *format, ...)
	TBDI_PRINTF(4, 5);
static void field_format(struct view *view, int indent, const char *label, const char *format, ...)
{
	char *value = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		view->failed = true;
	else
		field(view, indent, label, value);
	va_end(args);
	free(value);
}

/* One line each, the label before the first. */
static void field_list(struct view *view, int indent, const char *label, const char *const *items)
{
	for (; *items != NULL; items++) {
		field(view, indent, label, *items);
		label = "";
	}
}

/* A value that is put together: join_begin() gives a stream, join_end() shows what it took. */
struct joined {
	FILE *stream;
	char *text;
	size_t len;
};

static bool join_begin(struct view *view, struct joined *joined)
{
	*joined = (struct joined){ 0 };
	joined->stream = open_memstream(&joined->text, &joined->len);
	view->failed |= joined->stream == NULL;
	return joined->stream != NULL;
}

static void join_end(struct view *view, int indent, const char *label, struct joined *joined)
{
	if (fclose(joined->stream) == 0)
		field(view, indent, label, joined->text);
	else
		view->failed = true;
	free(joined->text);
}

/* "a, b, c" */
static void field_joined(struct view *view, int indent, const char *label, const char *const *items)
{
	struct joined joined;
	if (*items == NULL || !join_begin(view, &joined))
		return;
	fputs(*items, joined.stream);
	while (*++items != NULL)
		fprintf(joined.stream, ", %s", *items);
	join_end(view, indent, label, &joined);
}

static const char *or_else(const char *text, const char *instead)
{
	return text != NULL ? text : instead;
}

/* For "%s%s": a text after what stands before it, or nothing. */
#define AFTER(before, text) (text) != NULL ? (before) : "", or_else(text, "")

/* For "%s%s%s": it in parentheses, or nothing. */
#define ASIDE(text) AFTER(" (", text), (text) != NULL ? ")" : ""

/* For "%s%s%s": a host as it stands before a port. */
#define HOST(host) \
	strchr(host, ':') != NULL ? "[" : "", (host), strchr(host, ':') != NULL ? "]" : ""

/* For "%zu thing%s". */
#define COUNT(count) (size_t)(count), (count) == 1 ? "" : "s"

struct duration_text {
	char text[32];
};

static struct duration_text duration(int64_t us)
{
	struct duration_text d;
	if (us < 10 * 1000 * 1000)
		snprintf(
			d.text, sizeof(d.text), "%d.%d ms", (int)(us / 1000), (int)(us / 100 % 10));
	else
		snprintf(d.text, sizeof(d.text), "%d.%d s", (int)(us / 1000000),
			(int)(us / 100000 % 10));
	return d;
}

static bool is_plain_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=@%+[]";
	return *word != '\0' && word[strspn(word, plain)] == '\0';
}

/* As a shell would read it again; not escaped for a terminal. */
static void put_word(FILE *out, const char *word)
{
	const char *quote = is_plain_word(word) ? "" : "'";
	fputs(quote, out);
	for (const char *c = word; *c != '\0'; c++)
		if (*c == '\'')
			fputs("'\\''", out);
		else
			putc(*c, out);
	fputs(quote, out);
}

/* ---- notes and findings ----------------------------------------------------------------------- */

void tbdi_text_severity(const struct tbdi_page *page, enum tbd_severity severity)
{
	static const char *const colors[] = { [TBD_SEVERITY_OK] = "\033[32m",
		[TBD_SEVERITY_INFO] = "\033[36m",
		[TBD_SEVERITY_WARNING] = "\033[33m",
		[TBD_SEVERITY_CRITICAL] = "\033[1;31m" };
	TBDI_TABLE_OF(colors, TBD_SEVERITY_CRITICAL);
	const char *name = tbd_severity_name(severity);
	if (page->color)
		fprintf(page->out, "%s%s\033[0m", colors[severity], name);
	else
		fputs(name, page->out);
}

void tbdi_text_insecure(const struct tbdi_page *page)
{
	static const char warning[] =
		"INSECURE: the peer did not have to prove who it is (--insecure)";
	fprintf(page->out, page->color ? "\033[1;31m%s\033[0m\n\n" : "%s\n\n", warning);
}

void tbdi_text_redacted(const struct tbdi_page *page)
{
	tbdi_text_field(page, 0, 6, "note:",
		"this report is redacted: host-1, name-1, path-1 and the like stand for values "
		"that were taken out, each for the same one everywhere");
}

static void print_notes(const struct tbdi_page *page, const struct tbd_report *report)
{
	const char *const *notes = report->notes;
	if (report->redacted)
		tbdi_text_redacted(page);
	if (*notes == NULL && !report->redacted)
		return;
	for (; *notes != NULL; notes++)
		tbdi_text_field(page, 0, 6, "note:", *notes);
	putc('\n', page->out);
}

static int evidence_width(const struct tbd_finding *finding)
{
	int width = 0;
	for (size_t i = 0; i < finding->evidence_count; i++) {
		int columns = tbdi_text_columns(finding->evidence[i].key);
		width = columns > width ? columns : width;
	}
	return width + 2;
}

static void print_evidence(
	const struct tbdi_page *page, const struct tbd_finding *finding, int indent)
{
	int width = evidence_width(finding);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct tbd_evidence *evidence = &finding->evidence[i];
		char number[24];
		snprintf(number, sizeof(number), "%lld", (long long)evidence->number);
		tbdi_text_field(page, indent, width, evidence->key,
			evidence->text != NULL ? evidence->text : number);
	}
}

static void print_remedy(
	const struct tbdi_page *page, const struct tbd_finding *finding, int indent)
{
	if (page->verbose || finding->severity >= TBD_SEVERITY_WARNING)
		print_evidence(page, finding, indent + 2);
	if (finding->fix == NULL)
		return;
	tbdi_text_indent(page->out, indent);
	fputs("fix:\n", page->out);
	tbdi_text_block(page, indent + 2, finding->fix);
}

static void print_finding(const struct tbdi_page *page, const struct tbd_finding *finding,
	int indent, const char *prefix)
{
	tbdi_text_indent(page->out, indent);
	fputs(prefix, page->out);
	tbdi_text_severity(page, finding->severity);
	fprintf(page->out, "  %s\n", finding->id);
	tbdi_text_indent(page->out, indent + 2);
	tbdi_text_flow(page, indent + 2, indent + 2, finding->summary);
}

/* What follows from a finding is gone when that is mended: how to mend it by itself is noise. */
static void print_consequence(const struct tbdi_page *page, const struct tbd_finding *finding)
{
	print_finding(page, finding, 2, "therefore ");
	if (page->verbose)
		print_remedy(page, finding, 4);
}

void tbdi_text_findings(
	const struct tbdi_page *page, const struct tbd_finding *const *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct tbd_finding *finding = findings[i];
		print_finding(page, finding, 0, "");
		print_remedy(page, finding, 2);
		for (size_t j = 0; j < finding->consequence_count; j++)
			print_consequence(page, finding->consequences[j]);
		if (finding->fix != NULL && i + 1 < count)
			putc('\n', page->out);
	}
}

/* ---- the exchange ----------------------------------------------------------------------------- */

/* From the first column, on one line. */
static void print_line(struct view *view, const char *label, const char *text)
{
	if (text == NULL)
		return;
	fputs(label, view->out);
	tbdi_text_put(view->out, text);
	putc('\n', view->out);
}

/* The lines of ThingsBoard's example script. */
static void print_example_lines(struct view *view, const struct tbd_exchange *exchange)
{
	if (exchange == NULL || exchange->connack < 0)
		return;
	fprintf(view->out, "\nConnected with result code %d\n", exchange->connack);
	print_line(view, "Topic: ", exchange->response_topic);
	print_line(view, "Message: ", exchange->response_payload);
}

static void print_packets(struct view *view, const struct tbd_exchange *exchange)
{
	heading(view, "Packets");
	for (size_t i = 0; i < exchange->packet_count; i++) {
		const struct tbd_packet *packet = exchange->packets[i];
		int column = fprintf(view->out, "  %10s  %s %-11s %6zu bytes",
			duration(packet->time_us).text, packet->sent ? "->" : "<-", packet->type,
			packet->len);
		if (packet->detail != NULL)
			column += fprintf(view->out, "  ");
		tbdi_text_flow(view->page, column, column, or_else(packet->detail, ""));
	}
	if (exchange->packets_cut)
		fputs("  (more packets were not recorded)\n", view->out);
}

/* A reason code of MQTT 5 that is not success. */
static void print_reason(struct view *view, const char *label, int code, const char *name)
{
	if (code > 0)
		field_format(view, 2, label, "0x%02x%s%s", (unsigned)code, AFTER(" ", name));
}

static void print_attribute(struct view *view, const char *key, const char *written,
	const char *read_back, unsigned polls)
{
	if (key != NULL)
		field_format(view, 2, "attribute", "%s: wrote %s, read %s (%zu time%s)", key,
			or_else(written, "nothing"), or_else(read_back, "nothing"), COUNT(polls));
}

static void print_telemetry(struct view *view, size_t len)
{
	if (len > 0)
		field_format(view, 2, "telemetry", "%zu bytes", len);
}

/* What was asked for besides the round trip. */
static void print_more(struct view *view, const struct tbd_exchange *exchange)
{
	print_telemetry(view, exchange->telemetry_len);
	if (exchange->limits_asked)
		field(view, 2, "limits",
			or_else(exchange->session_limits,
				"no answer (ThingsBoard has it from 3.8 on)"));
	const struct tbd_rpc *rpc = exchange->rpc;
	if (rpc != NULL && rpc->topic == NULL)
		field_format(view, 2, "call", "none came in %.6g s", (double)rpc->waited_ms / 1000);
	else if (rpc != NULL)
		field_format(view, 2, "call", "%s: %s", rpc->topic, rpc->payload);
	if (rpc != NULL && rpc->answered)
		field(view, 2, "answer", "sent back, acknowledged");
}

static void print_exchange(struct view *view)
{
	const struct tbd_exchange *exchange = view->report->exchange;
	if (exchange == NULL || exchange->end == TBD_MQTT_NOT_STARTED)
		return;
	heading(view, "Round trip");
	field(view, 2, "ended", tbd_mqtt_end_name(exchange->end));
	field(view, 2, "connack", exchange->connack_name);
	if (view->verbose) {
		field(view, 2, "MQTT", exchange->mqtt_version);
		field(view, 2, "library", exchange->library);
		field(view, 2, "client keys", exchange->client_keys);
		field(view, 2, "shared keys", exchange->shared_keys);
		if (exchange->suback >= 0)
			field_format(view, 2, "suback", "0x%02x", (unsigned)exchange->suback);
	}
	const struct tbd_explanation *explanation = exchange->explanation;
	if (explanation != NULL)
		field_format(view, 2, "explained", "%s%s%s", tbd_mqtt_end_name(explanation->end),
			AFTER(": ", explanation->connack_name));
	if (exchange->fingerprint >= 0)
		field_format(view, 2, "'#'", "%s (0x%02x)",
			exchange->fingerprint < 0x80 ? "granted" : "refused",
			(unsigned)exchange->fingerprint);
	print_reason(view, "puback", exchange->puback, exchange->puback_name);
	print_reason(view, "disconnect", exchange->disconnect, exchange->disconnect_name);
	print_attribute(
		view, exchange->key, exchange->written, exchange->read_back, exchange->polls);
	print_more(view, exchange);
	field(view, 2, "detail", exchange->detail);
	field(view, 2, "first bytes", exchange->first_bytes);
	if (view->verbose)
		print_packets(view, exchange);
}

static struct tbdi_code status_text(const struct view *view, int status)
{
	return tbdi_code_text(tbdi_protocol_find(view->report->api->protocol), status);
}

static void print_answer(struct view *view, const struct tbd_api_request *request)
{
	if (request->status < 0)
		return;
	fprintf(view->out, "\n%s ", request->method);
	print_line(view, "", request->url);
	print_line(view, "Answered with status ", status_text(view, request->status).text);
	print_line(view, "Body: ", or_else(request->body, "(none)"));
}

/* What was answered to what was asked for first, and to the last request. */
static void print_answer_lines(struct view *view, const struct tbd_api_exchange *api)
{
	if (api == NULL)
		return;
	bool asked = api->client_keys != NULL || api->shared_keys != NULL;
	if (asked && api->request_count > 1)
		print_answer(view, api->requests[0]);
	if (api->request_count > 0)
		print_answer(view, api->requests[api->request_count - 1]);
}

/* "  12.3 ms  GET URL: 200, application/json, 2 bytes, after 1.2 ms" */
static void print_api_request(struct view *view, const struct tbd_api_request *request)
{
	fprintf(view->out, "  %10s  %-4s ", duration(request->time_us).text, request->method);
	tbdi_text_put(view->out, request->url);
	if (request->status < 0) {
		fprintf(view->out, ": %s, no answer\n",
			request->acknowledged ? "acknowledged" : "nothing came");
		return;
	}
	fprintf(view->out, ": %s, ", status_text(view, request->status).text);
	tbdi_text_put(view->out, or_else(request->content_type, ""));
	fprintf(view->out, "%s%zu bytes%s, after %s\n", request->content_type != NULL ? ", " : "",
		request->body_len, request->body_cut ? " and more" : "",
		duration(request->duration_us).text);
}

static void print_api(struct view *view)
{
	const struct tbd_api_exchange *api = view->report->api;
	if (api == NULL || api->end == TBD_API_NOT_STARTED)
		return;
	heading(view, "Round trip");
	field(view, 2, "ended", tbd_api_end_name(api->end));
	if (view->verbose)
		field(view, 2, "library", api->library);
	print_attribute(view, api->key, api->written, api->read_back, api->polls);
	print_telemetry(view, api->telemetry_len);
	field(view, 2, "detail", api->detail);
	field(view, 2, "first bytes", api->first_bytes);
	for (size_t i = 0; view->verbose && i < api->request_count; i++)
		print_api_request(view, api->requests[i]);
	if (view->verbose && api->requests_cut)
		fputs("  (requests between the last two were not recorded)\n", view->out);
}

/* ---- the chain -------------------------------------------------------------------------------- */

static const char *name_type(enum tbd_name_type type)
{
	static const char *const names[] = { [TBD_NAME_DNS] = "DNS",
		[TBD_NAME_IP] = "IP",
		[TBD_NAME_EMAIL] = "email",
		[TBD_NAME_URI] = "URI",
		[TBD_NAME_OTHER] = "other" };
	TBDI_TABLE_OF(names, TBD_NAME_OTHER);
	return names[type];
}

static void print_names(struct view *view, const struct tbd_cert *cert)
{
	struct joined joined;
	if (cert->name_count == 0 || !join_begin(view, &joined))
		return;
	size_t shown =
		view->verbose || cert->name_count <= NAMES_SHOWN ? cert->name_count : NAMES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		fprintf(joined.stream, "%s%s:%s", i > 0 ? ", " : "", name_type(cert->names[i].type),
			cert->names[i].value);
	if (shown < cert->name_count)
		fprintf(joined.stream, " and %zu more (-v shows them)", cert->name_count - shown);
	join_end(view, 4, "names", &joined);
}

static void print_validity(struct view *view, const struct tbd_cert *cert)
{
	char from[TBDI_RFC3339_SIZE], until[TBDI_RFC3339_SIZE];
	int64_t now = view->report->time;
	bool is_over = now > cert->not_after, is_early = now < cert->not_before;
	int64_t days = (is_over                   ? now - cert->not_after
				       : is_early ? cert->not_before - now
						  : cert->not_after - now) /
		86400;
	field_format(view, 4, "valid", "%s to %s, %s%zu day%s%s",
		tbdi_rfc3339(cert->not_before, from), tbdi_rfc3339(cert->not_after, until),
		is_over            ? "expired "
			: is_early ? "valid in "
				   : "",
		COUNT(days),
		is_over            ? " ago"
			: is_early ? ""
				   : " left");
}

static void print_ca_flag(struct view *view, const struct tbd_cert *cert)
{
	if (!cert->is_ca)
		field(view, 4, "CA",
			cert->has_basic_constraints ? "no" : "no (no basicConstraints)");
	else if (cert->path_length < 0)
		field(view, 4, "CA", "yes");
	else
		field_format(view, 4, "CA", "yes, path length %d", cert->path_length);
}

static void print_key(struct view *view, const struct tbd_cert *cert)
{
	if (cert->key_curve != NULL)
		field_format(view, 4, "key", "%s %s", cert->key_algorithm, cert->key_curve);
	else
		field_format(view, 4, "key", "%s %u bit", cert->key_algorithm, cert->key_bits);
}

/* Where nothing was judged the chain itself is what was asked for. */
static bool wants_chain_details(const struct view *view)
{
	return view->verbose || view->report->verification == NULL;
}

static void print_cert_details(struct view *view, const struct tbd_cert *cert)
{
	print_key(view, cert);
	field(view, 4, "signature", cert->signature_algorithm);
	field(view, 4, "sha256", cert->sha256);
	field(view, 4, "key id", cert->subject_key_id);
	field(view, 4, "issuer key", cert->authority_key_id);
	print_ca_flag(view, cert);
	if (view->verbose) {
		field_joined(view, 4, "key usage", cert->key_usage);
		field_joined(view, 4, "purposes", cert->purposes);
	}
	field_list(view, 4, "issuer at", cert->aia_issuers);
	field_list(view, 4, "OCSP", cert->ocsp_servers);
	field_list(view, 4, "CRL", cert->crl_points);
}

static void print_cert(struct view *view, const struct tbd_cert *cert)
{
	if (cert->error != NULL) {
		field(view, 4, "malformed", cert->error);
		field(view, 4, "sha256", cert->sha256);
		return;
	}
	field_format(
		view, 4, "issuer", "%s%s", cert->issuer, cert->self_signed ? " (self-signed)" : "");
	print_names(view, cert);
	print_validity(view, cert);
	if (wants_chain_details(view))
		print_cert_details(view, cert);
}

/* "2  CN=..." */
static void print_numbered(struct view *view, size_t number, const char *text)
{
	char label[24];
	snprintf(label, sizeof(label), "%zu", number);
	tbdi_text_field(view->page, 2, 2, label, text);
}

static const char *subject_of(const struct tbd_cert *cert)
{
	if (cert->error != NULL)
		return "(malformed)";
	return cert->subject[0] != '\0' ? cert->subject : "(no subject)";
}

static void print_chain(struct view *view)
{
	const struct tbd_chain *chain = view->report->chain;
	if (chain == NULL)
		return;
	heading(view, chain->file != NULL ? "Chain in the file" : "Chain as sent");
	field(view, 2, "file", chain->file);
	field_format(view, 2, "length", "%zu certificate%s%s", COUNT(chain->count),
		chain->truncated ? " (more were dropped)" : "");
	if (chain->message_len > 0 && wants_chain_details(view))
		field_format(view, 2, "message", "%zu bytes", chain->message_len);
	if (view->report->expected != NULL)
		field(view, 2, "expected", view->report->expected->file);
	for (size_t i = 0; i < chain->count; i++) {
		print_numbered(view, i, subject_of(chain->certs[i]));
		print_cert(view, chain->certs[i]);
	}
}

/* ---- the verification ------------------------------------------------------------------------- */

static void print_sources(struct view *view)
{
	const struct tbd_trust_info *trust = view->report->trust;
	const char *label = "trusted";
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++, label = "") {
		const struct tbd_trust_source *source = trust->sources[i];
		const char *none = source->cert_count == 0 ? source->holds : NULL;
		if (source->error != NULL || none != NULL)
			field_format(view, 2, label, "%s: %s", source->path,
				or_else(source->error, none));
		else
			field_format(view, 2, label, "%s: %zu certificate%s", source->path,
				COUNT(source->cert_count));
	}
}

static void print_path(struct view *view, const struct tbd_path *path)
{
	if (path->fault == TBD_FAULT_NONE)
		field(view, 2, "path", "accepted");
	else
		field_format(view, 2, "path", "%s%s%s at certificate %zu of the path",
			tbd_fault_name(path->fault), AFTER(", ", path->requirement),
			path->fault_at);
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		print_numbered(view, i, subject_of(cert));
		bool stored =
			cert->origin == TBD_ORIGIN_TRUST || cert->origin == TBD_ORIGIN_UNTRUSTED;
		if (stored && cert->file != NULL)
			field_format(view, 4,
				i + 1 == path->count && path->anchored ? "anchor" : "from",
				"%s, entry %zu", cert->file, cert->entry);
		if ((int)i == path->name_encoding_at)
			field(view, 4, "issuer", "named in other bytes than the next one's own");
	}
}

static void print_name_match(struct view *view, const struct tbd_verification *verification)
{
	if (verification->name == NULL)
		field(view, 2, "name", "not judged");
	else
		field_format(view, 2, "name", "%s: %s%s%s%s", verification->name,
			tbd_name_match_name(verification->name_match),
			ASIDE(verification->name_entry));
}

static void print_nearest(struct view *view, const struct tbd_nearest *nearest)
{
	const struct tbd_cert *cert = nearest->cert, *anchor = nearest->system_anchor;
	if (cert != NULL)
		field_format(view, 2, "nearest", "%s: %s (%s, entry %zu)",
			tbd_miss_name(nearest->miss), subject_of(cert),
			or_else(cert->file, "the store"), cert->entry);
	if (anchor != NULL)
		field_format(view, 2, "system", "%s (%s, entry %zu)", subject_of(anchor),
			or_else(anchor->file, "its store"), anchor->entry);
}

static void print_crl(struct view *view, const struct tbd_crl *crl)
{
	if (crl->problem != NULL)
		field_format(view, 2, "not used", "%s: %s", crl->file, crl->problem);
	else
		field_format(view, 2, "revoked by", "%s: %s, %zu certificate%s", crl->file,
			crl->issuer, COUNT(crl->entry_count));
}

static void print_query(struct view *view, const struct tbd_ocsp_query *query)
{
	field_format(view, 2, "asked", "%s about %s: %s%s%s", query->url,
		query->cert != NULL ? subject_of(query->cert) : "?",
		query->answer != NULL ? query->answer->status : "no answer",
		AFTER(", not used: ", query->detail));
}

static void print_departure(struct view *view, const struct tbd_departure *departure)
{
	field_format(view, 4, "stricter", "%s: %s (%s)",
		departure->cert != NULL ? subject_of(departure->cert) : "?", departure->text,
		departure->strict            ? "strict clients"
			: departure->rfc5280 ? "profile rfc5280"
					     : "profile webpki");
}

static void print_verification(struct view *view)
{
	const struct tbd_verification *verification = view->report->verification;
	const struct tbd_trust_info *trust = view->report->trust;
	if (verification == NULL)
		return;
	heading(view, "Verification");
	field(view, 2, "verified", verification->verified ? "yes" : "no");
	print_name_match(view, verification);
	print_sources(view);
	for (size_t i = 0; trust != NULL && i < trust->crl_count; i++)
		print_crl(view, trust->crls[i]);
	const struct tbd_ocsp *stapled = verification->stapled;
	if (stapled != NULL)
		field_format(view, 2, "stapled", "OCSP answer: %s%s%s", stapled->status,
			AFTER(", not used: ", stapled->problem));
	for (size_t i = 0; i < view->report->ocsp_count; i++)
		print_query(view, view->report->ocsp[i]);
	if (verification->path != NULL)
		print_path(view, verification->path);
	if (verification->nearest != NULL)
		print_nearest(view, verification->nearest);
	for (size_t i = 0; view->verbose && i < verification->path_count; i++)
		if (verification->paths[i] != verification->path)
			print_path(view, verification->paths[i]);
	if (verification->paths_cut)
		field(view, 2, "", "there were more paths than are explored");
	if (view->verbose || verification->profile != TBD_PROFILE_DEVICE)
		field(view, 2, "profile", tbd_profile_name(verification->profile));
	for (size_t i = 0; view->verbose && i < verification->departure_count; i++)
		print_departure(view, verification->departures[i]);
}

/* ---- the chain that should be sent ------------------------------------------------------------ */

static void print_download(struct view *view, const struct tbd_download *download)
{
	if (download->cert != NULL)
		field_format(view, 2, "fetched", "%s from %s", subject_of(download->cert),
			download->url);
	else
		field_format(view, 2, "not fetched", "%s: %s", download->url,
			or_else(download->detail, tbd_end_name(download->end)));
}

static void print_fixed(struct view *view)
{
	const struct tbd_fixed_chain *fixed = view->report->fixed;
	if (fixed == NULL)
		return;
	heading(view, "Chain that should be sent");
	for (size_t i = 0; i < fixed->download_count; i++)
		print_download(view, fixed->downloads[i]);
	for (size_t i = 0; i < fixed->count; i++)
		print_numbered(view, i, subject_of(fixed->certs[i]));
	field(view, 2, "missing", fixed->missing);
	if (fixed->proven && fixed->anchor != NULL)
		field_format(view, 2, "proven", "leads to %s", subject_of(fixed->anchor));
	else
		field(view, 2, "proven", "no");
}

static void print_ca(struct view *view)
{
	const struct tbd_needed_ca *ca = view->report->ca;
	if (ca == NULL)
		return;
	heading(view, "What the device has to trust");
	if (ca->cert == NULL) {
		field(view, 2, "", "nothing that anybody vouches for");
		return;
	}
	field(view, 2, "anchor", subject_of(ca->cert));
	field(view, 2, "SHA-256", ca->cert->sha256);
	if (strcmp(ca->proof, "sha256") == 0)
		field(view, 2, "known by", "the SHA-256 that was given");
	else
		field_format(view, 2, "known by", "%s, entry %zu",
			or_else(ca->cert->file, "the store"), ca->cert->entry);
}

/* ---- the connection --------------------------------------------------------------------------- */

static void print_attempt(struct view *view, const char *label, const struct tbd_attempt *attempt)
{
	const char *outcome = attempt->connected ? "connected"
		: attempt->abandoned             ? "abandoned"
		: attempt->detail != NULL        ? attempt->detail
						 : "failed";
	field_format(view, 2, label, "%s%s%s:%u: %s, %s", HOST(attempt->address), attempt->port,
		outcome, duration(attempt->duration_us).text);
}

static void print_attempts(struct view *view, const struct tbd_connection *connection)
{
	if (!view->verbose) {
		if (connection->used != NULL)
			print_attempt(view, "address", connection->used);
		return;
	}
	for (size_t i = 0; i < connection->attempt_count; i++)
		print_attempt(view, "attempt", connection->attempts[i]);
	for (size_t i = 0; i < connection->neighbour_count; i++)
		print_attempt(view, "neighbour", connection->neighbours[i]);
}

static void print_proxy(struct view *view, const struct tbd_proxy *proxy)
{
	field_format(view, 2, "proxy", "%s://%s%s%s:%u%s: %s%s%s", proxy->protocol,
		HOST(proxy->host), proxy->port, proxy->with_credentials ? ", with credentials" : "",
		tbd_end_name(proxy->end), AFTER(", ", proxy->detail));
}

static void print_tls(struct view *view, const struct tbd_tls *tls)
{
	field(view, 2, "server name", or_else(tls->sni, "(none sent)"));
	if (tls->version != NULL && tls->cipher_suite != NULL)
		field_format(view, 2, "TLS", "%s %s%s%s", tls->version, tls->cipher_suite,
			AFTER(" ", tls->group));
	field(view, 2, "ALPN", tls->alpn);
	if (tls->alert >= 0)
		field_format(view, 2, "alert", "%d %s from the peer", tls->alert,
			or_else(tls->alert_name, ""));
	if (tls->end != TBD_END_OK)
		field(view, 2, "TLS end", tbd_end_name(tls->end));
	field(view, 2, "detail", tls->detail);
	field(view, 2, "first bytes", tls->first_bytes);
	if (!view->verbose)
		return;
	field(view, 2, "last in", tls->last_message);
	if (tls->alert_sent >= 0)
		field_format(view, 2, "alert sent", "%d", tls->alert_sent);
	field(view, 2, "client cert",
		tls->client_cert_sent                 ? "asked for and sent"
			: !tls->client_cert_requested ? "not asked for"
			: tls->client_cert != NULL    ? "asked for, but not of the kind given"
						      : "asked for");
}

static void print_plain(struct view *view, const struct tbd_plain *plain)
{
	if (plain->connack >= 0)
		field_format(
			view, 2, "in clear", "CONNACK %d %s", plain->connack, plain->connack_name);
	else if (plain->first_bytes != NULL)
		field(view, 2, "in clear", plain->first_bytes);
	else
		field_format(view, 2, "in clear", "no answer: %s", tbd_end_name(plain->end));
}

/* "TLS1.2 ECDHE_ECDSA_AES_256_GCM_SHA384 X25519, the same chain", "alert, CN=other (not verified)" */
static void print_other_chain(
	struct view *view, const char *label, const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	bool agreed = tls->end == TBD_END_OK && tls->version != NULL;
	const char *chain = other->same_chain ? "the same chain"
		: other->chain->count > 0     ? subject_of(other->chain->certs[0])
					      : "no certificate";
	field_format(view, 2, label, "%s%s%s%s%s, %s%s",
		agreed ? tls->version : tbd_end_name(tls->end),
		AFTER(" ", agreed ? tls->cipher_suite : NULL),
		AFTER(" ", agreed ? tls->group : NULL), chain,
		other->verified == TBD_ANSWER_NO            ? " (not verified)"
			: other->verified == TBD_ANSWER_YES ? " (verified)"
							    : "");
}

static void print_other(
	struct view *view, const char *label, const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	if (tls == NULL)
		field(view, 2, label, "not connected");
	else if (other->same_chain || other->chain != NULL)
		print_other_chain(view, label, other);
	else if (tls->alert >= 0)
		field_format(
			view, 2, label, "alert %d %s", tls->alert, or_else(tls->alert_name, ""));
	else
		field(view, 2, label, tbd_end_name(tls->end));
}

static void print_datagrams(struct view *view, const struct tbd_datagrams *seen)
{
	field_format(view, 2, "datagrams",
		"%u sent, %u received, %u and %u of them again, up to %zu bytes%s", seen->sent,
		seen->received, seen->sent_again, seen->received_again,
		seen->largest_sent > seen->largest_received ? seen->largest_sent
							    : seen->largest_received,
		seen->small ? "; small ones were asked for" : "");
}

static void print_token(struct view *view)
{
	static const char *const sources[] = { [TBD_TOKEN_FILE] = "a file",
		[TBD_TOKEN_STDIN] = "standard input",
		[TBD_TOKEN_OPTION] = "the command line",
		[TBD_TOKEN_ENVIRONMENT] = "the environment",
		[TBD_TOKEN_PROMPT] = "the prompt" };
	TBDI_TABLE_OF(sources, TBD_TOKEN_PROMPT);
	const struct tbd_token_info *token = view->report->token;
	if (token != NULL)
		field_format(view, 2, "token", "from %s, %zu bytes, %s", sources[token->source],
			token->len,
			!token->sent              ? "not sent"
				: token->in_clear ? "sent in clear"
						  : "sent");
}

static const char *status_word(enum tbd_step_status status)
{
	static const char *const words[] = { [TBD_STEP_OK] = "",
		[TBD_STEP_FAILED] = " failed",
		[TBD_STEP_TIMEOUT] = " timeout",
		[TBD_STEP_SKIPPED] = " skipped" };
	TBDI_TABLE_OF(words, TBD_STEP_SKIPPED);
	return words[status];
}

/* "dns 1.2 ms, tcp 0.4 ms, tls 12.3 ms" */
static void print_times(struct view *view)
{
	struct joined joined;
	if (!join_begin(view, &joined))
		return;
	for (size_t i = 0; i < view->report->step_count; i++) {
		const struct tbd_step *step = view->report->steps[i];
		fprintf(joined.stream, "%s%s %s%s", i > 0 ? ", " : "", step->name,
			duration(step->duration_us).text, status_word(step->status));
	}
	join_end(view, 2, "times", &joined);
}

static void print_steps(struct view *view)
{
	const struct tbd_report *report = view->report;
	if (report->step_count == 0)
		return;
	print_times(view);
	if (!view->verbose)
		return;
	heading(view, "Steps");
	for (size_t i = 0; i < report->step_count; i++) {
		const struct tbd_step *step = report->steps[i];
		field_format(view, 2, step->name, "at %s, took %s%s%s%s",
			duration(step->start_us).text, duration(step->duration_us).text,
			status_word(step->status), AFTER(": ", step->detail));
	}
}

static void print_connection(struct view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_connection *connection = report->connection;
	heading(view, "Run");
	if (report->target != NULL)
		field(view, 2, "target", report->target->url);
	char time[TBDI_RFC3339_SIZE];
	field_format(view, 2, "judged at", "%s%s", tbdi_rfc3339(report->time, time),
		report->time_given ? " (--at)" : "");
	if (connection != NULL) {
		if (connection->redirected)
			field_format(view, 2, "connect to", "%s, port %u", connection->host,
				connection->port);
		print_attempts(view, connection);
		if (connection->proxy != NULL)
			print_proxy(view, connection->proxy);
		if (connection->tls != NULL)
			print_tls(view, connection->tls);
		if (connection->plain != NULL)
			print_plain(view, connection->plain);
		if (connection->other_version != NULL)
			print_other(view, "other TLS", connection->other_version);
		if (connection->tls12 != NULL)
			print_other(view, "TLS 1.2", connection->tls12);
		if (connection->without_sni != NULL)
			print_other(view, "without name", connection->without_sni);
		if (connection->with_sni != NULL)
			print_other(view, "with name", connection->with_sni);
		if (connection->with_alpn != NULL)
			print_other(view, "with ALPN", connection->with_alpn);
		if (view->verbose && connection->datagrams != NULL)
			print_datagrams(view, connection->datagrams);
	}
	print_token(view);
	print_steps(view);
}

/* ---- the environment -------------------------------------------------------------------------- */

/* The first word is the command, which may be two. */
static void print_command_line(struct view *view, const char *const *words)
{
	struct joined joined;
	if (*words == NULL || !join_begin(view, &joined))
		return;
	fputs(*words, joined.stream);
	while (*++words != NULL) {
		putc(' ', joined.stream);
		put_word(joined.stream, *words);
	}
	join_end(view, 2, "command", &joined);
}

static void print_component(struct view *view, const struct tbd_component *component)
{
	if (component->version != NULL)
		field(view, 2, component->name, component->version);
	else
		field_format(view, 2, component->name, "missing%s%s",
			AFTER(": it is in the package ", component->package));
}

static void print_clock(struct view *view, const struct tbd_environment *environment)
{
	int minutes = abs(environment->utc_offset_s) / 60;
	char clock[TBDI_RFC3339_SIZE];
	field_format(view, 2, "clock", "%s, %s", tbdi_rfc3339(view->report->clock, clock),
		environment->clock_synchronised ? "synchronised" : "not known to be synchronised");
	field_format(view, 2, "time zone", "UTC%c%02d:%02d%s%s%s",
		environment->utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60,
		ASIDE(environment->time_zone));
}

static void print_digests(struct view *view)
{
	const struct tbd_trust_info *trust = view->report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		if (trust->sources[i]->sha256 == NULL)
			continue;
		field(view, 2, "trust file", trust->sources[i]->path);
		field(view, 2, "  SHA-256", trust->sources[i]->sha256);
	}
}

static void print_environment(struct view *view)
{
	const struct tbd_environment *environment = view->report->environment;
	if (environment == NULL)
		return;
	heading(view, "Environment");
	print_command_line(view, environment->command_line);
	field(view, 2, "tbdiag", view->report->version);
	for (size_t i = 0; i < environment->component_count; i++)
		print_component(view, &environment->components[i]);
	field(view, 2, "system", environment->system);
	field(view, 2, "kernel", environment->kernel);
	print_clock(view, environment);
	field_joined(view, 2, "nameservers", environment->nameservers);
	field(view, 2, "hosts from", environment->hosts_lookup);
	print_digests(view);
}

/* ---- the page --------------------------------------------------------------------------------- */

/* A chain that was only shown: what was looked at, and what judges the rest. */
static void print_unjudged(struct view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_chain *chain = report->chain;
	const struct tbd_cert *only = chain->count == 1 ? chain->certs[0] : NULL;
	fputs("nothing is wrong with the order and the shape of the chain\n", view->out);
	if (only != NULL && only->error == NULL && !only->self_signed) {
		char *text = NULL;
		view->failed |=
			asprintf(&text,
				"its only certificate was issued by %s, whose certificate "
				"is not %s: a device needs it in its trust file",
				only->issuer, chain->file != NULL ? "in the file" : "sent") < 0;
		if (!view->failed)
			tbdi_text_flow(view->page, 0, 0, text);
		free(text);
	}
	struct joined word;
	if (!join_begin(view, &word))
		return;
	put_word(word.stream, chain->file != NULL ? chain->file : report->target->url);
	view->failed |= fclose(word.stream) != 0;
	fputs("trust, names and dates are judged by:\n  tbdiag verify ", view->out);
	fputs(chain->file != NULL ? "--chain-file " : "", view->out);
	/* The name may be that of a stored report. */
	tbdi_text_put(view->out, word.text);
	putc('\n', view->out);
	free(word.text);
}

static void print_no_findings(struct view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_chain *chain = report->chain;
	bool unjudged = chain != NULL && chain->count > 0 && report->verification == NULL &&
		(chain->file != NULL || report->target != NULL);
	if (unjudged && report->worst < TBD_SEVERITY_WARNING)
		print_unjudged(view);
	else if (report->finding_count == 0)
		fputs("no findings\n", view->out);
}

int tbdi_text_report(
	const struct tbdi_page *page, const struct tbd_report *report, struct tbd_error *error)
{
	struct view view = { page, page->out, report, page->verbose, false };
	if (report->insecure)
		tbdi_text_insecure(page);
	if (!page->quiet)
		print_notes(page, report);
	tbdi_text_findings(page, report->findings, report->finding_count);
	if (page->quiet)
		return 0;
	print_no_findings(&view);
	print_example_lines(&view, report->exchange);
	print_answer_lines(&view, report->api);
	print_chain(&view);
	print_verification(&view);
	print_fixed(&view);
	print_ca(&view);
	print_exchange(&view);
	print_api(&view);
	print_connection(&view);
	print_environment(&view);
	return view.failed ? tbdi_fail_nomem(error) : 0;
}
