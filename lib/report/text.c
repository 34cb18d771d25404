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

struct page {
	FILE *out;
	const struct tbdi_page *style;
	const struct tbd_report *report;
	bool verbose;
	bool failed; /* out of memory */
};

/* ---- small pieces ----------------------------------------------------------------------------- */

void tbdi_text_heading(const struct tbdi_page *page, const char *title)
{
	fprintf(page->out, page->color ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

static void heading(struct page *page, const char *title)
{
	tbdi_text_heading(page->style, title);
}

static void field(struct page *page, int indent, const char *label, const char *value)
{
	if (value != NULL)
		tbdi_text_field(page->style, indent, LABEL, label, value);
}

static void field_format(struct page *page, int indent, const char *label, const char *format, ...)
	TBDI_PRINTF(4, 5);
static void field_format(struct page *page, int indent, const char *label, const char *format, ...)
{
	char *value = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		page->failed = true;
	else
		field(page, indent, label, value);
	va_end(args);
	free(value);
}

/* One line each, the label before the first. */
static void field_list(struct page *page, int indent, const char *label, const char *const *items)
{
	for (; *items != NULL; items++) {
		field(page, indent, label, *items);
		label = "";
	}
}

/* A value that is put together: join_begin() gives a stream, join_end() shows what it took. */
struct joined {
	FILE *stream;
	char *text;
	size_t len;
};

static bool join_begin(struct page *page, struct joined *joined)
{
	*joined = (struct joined){ 0 };
	joined->stream = open_memstream(&joined->text, &joined->len);
	page->failed |= joined->stream == NULL;
	return joined->stream != NULL;
}

static void join_end(struct page *page, int indent, const char *label, struct joined *joined)
{
	if (fclose(joined->stream) == 0)
		field(page, indent, label, joined->text);
	else
		page->failed = true;
	free(joined->text);
}

/* "a, b, c" */
static void field_joined(struct page *page, int indent, const char *label, const char *const *items)
{
	struct joined joined;
	if (*items == NULL || !join_begin(page, &joined))
		return;
	fputs(*items, joined.stream);
	while (*++items != NULL)
		fprintf(joined.stream, ", %s", *items);
	join_end(page, indent, label, &joined);
}

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

static void print_notes(struct page *page)
{
	const char *const *notes = page->report->notes;
	if (page->report->redacted)
		tbdi_text_redacted(page->style);
	if (*notes == NULL && !page->report->redacted)
		return;
	for (; *notes != NULL; notes++)
		tbdi_text_field(page->style, 0, 6, "note:", *notes);
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

static void print_evidence(struct page *page, const struct tbd_finding *finding, int indent)
{
	int width = evidence_width(finding);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct tbd_evidence *evidence = &finding->evidence[i];
		char number[24];
		snprintf(number, sizeof(number), "%lld", (long long)evidence->number);
		tbdi_text_field(page->style, indent, width, evidence->key,
			evidence->text != NULL ? evidence->text : number);
	}
}

static void print_remedy(struct page *page, const struct tbd_finding *finding, int indent)
{
	if (page->verbose || finding->severity >= TBD_SEVERITY_WARNING)
		print_evidence(page, finding, indent + 2);
	if (finding->fix == NULL)
		return;
	tbdi_text_indent(page->out, indent);
	fputs("fix:\n", page->out);
	tbdi_text_block(page->style, indent + 2, finding->fix);
}

static void print_finding(
	struct page *page, const struct tbd_finding *finding, int indent, const char *prefix)
{
	tbdi_text_indent(page->out, indent);
	fputs(prefix, page->out);
	tbdi_text_severity(page->style, finding->severity);
	fprintf(page->out, "  %s\n", finding->id);
	tbdi_text_indent(page->out, indent + 2);
	tbdi_text_flow(page->style, indent + 2, indent + 2, finding->summary);
}

/* What follows from a finding is gone when that is mended: how to mend it by itself is noise. */
static void print_consequence(struct page *page, const struct tbd_finding *finding)
{
	print_finding(page, finding, 2, "therefore ");
	if (page->verbose)
		print_remedy(page, finding, 4);
}

static void print_findings(
	struct page *page, const struct tbd_finding *const *findings, size_t count)
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

static struct page page_of(const struct tbdi_page *style, const struct tbd_report *report)
{
	return (struct page){
		.out = style->out, .style = style, .report = report, .verbose = style->verbose
	};
}

void tbdi_text_findings(
	const struct tbdi_page *style, const struct tbd_finding *const *findings, size_t count)
{
	struct page page = page_of(style, NULL);
	print_findings(&page, findings, count);
}

/* ---- the exchange ----------------------------------------------------------------------------- */

/* The lines of ThingsBoard's example script, each for itself from the first column. */
static void print_example_lines(struct page *page, const struct tbd_exchange *exchange)
{
	if (exchange->connack < 0)
		return;
	fprintf(page->out, "\nConnected with result code %d\n", exchange->connack);
	if (exchange->response_topic != NULL) {
		fputs("Topic: ", page->out);
		tbdi_text_put(page->out, exchange->response_topic);
		putc('\n', page->out);
	}
	if (exchange->response_payload != NULL) {
		fputs("Message: ", page->out);
		tbdi_text_put(page->out, exchange->response_payload);
		putc('\n', page->out);
	}
}

static void print_packets(struct page *page, const struct tbd_exchange *exchange)
{
	heading(page, "Packets");
	for (size_t i = 0; i < exchange->packet_count; i++) {
		const struct tbd_packet *packet = exchange->packets[i];
		int column = fprintf(page->out, "  %10s  %s %-11s %6zu bytes",
			duration(packet->time_us).text, packet->sent ? "->" : "<-", packet->type,
			packet->len);
		if (packet->detail != NULL)
			column += fprintf(page->out, "  ");
		tbdi_text_flow(
			page->style, column, column, packet->detail != NULL ? packet->detail : "");
	}
	if (exchange->packets_cut)
		fputs("  (more packets were not recorded)\n", page->out);
}

/* A reason code of MQTT 5 that is not success. */
static void print_reason(struct page *page, const char *label, int code, const char *name)
{
	if (code > 0)
		field_format(page, 2, label, "0x%02x%s%s", (unsigned)code, name != NULL ? " " : "",
			name != NULL ? name : "");
}

static void print_attribute(struct page *page, const char *key, const char *written,
	const char *read_back, unsigned polls)
{
	if (key != NULL)
		field_format(page, 2, "attribute", "%s: wrote %s, read %s (%u time%s)", key,
			written != NULL ? written : "nothing",
			read_back != NULL ? read_back : "nothing", polls, polls == 1 ? "" : "s");
}

static void print_telemetry(struct page *page, size_t len)
{
	if (len > 0)
		field_format(page, 2, "telemetry", "%zu bytes", len);
}

/* What was asked for besides the round trip. */
static void print_more(struct page *page, const struct tbd_exchange *exchange)
{
	print_telemetry(page, exchange->telemetry_len);
	if (exchange->limits_asked)
		field(page, 2, "limits",
			exchange->session_limits != NULL
				? exchange->session_limits
				: "no answer (ThingsBoard has it from 3.8 on)");
	const struct tbd_rpc *rpc = exchange->rpc;
	if (rpc != NULL && rpc->topic == NULL)
		field_format(page, 2, "call", "none came in %.6g s", (double)rpc->waited_ms / 1000);
	else if (rpc != NULL)
		field_format(page, 2, "call", "%s: %s", rpc->topic, rpc->payload);
	if (rpc != NULL && rpc->answered)
		field(page, 2, "answer", "sent back, acknowledged");
}

static void print_exchange(struct page *page)
{
	const struct tbd_exchange *exchange = page->report->exchange;
	if (exchange == NULL || exchange->end == TBD_MQTT_NOT_STARTED)
		return;
	heading(page, "Round trip");
	field(page, 2, "ended", tbd_mqtt_end_name(exchange->end));
	field(page, 2, "connack", exchange->connack_name);
	if (page->verbose) {
		field(page, 2, "MQTT", exchange->mqtt_version);
		field(page, 2, "library", exchange->library);
		field(page, 2, "client keys", exchange->client_keys);
		field(page, 2, "shared keys", exchange->shared_keys);
		if (exchange->suback >= 0)
			field_format(page, 2, "suback", "0x%02x", (unsigned)exchange->suback);
	}
	if (exchange->explanation != NULL)
		field_format(page, 2, "explained", "%s%s%s",
			tbd_mqtt_end_name(exchange->explanation->end),
			exchange->explanation->connack_name != NULL ? ": " : "",
			exchange->explanation->connack_name != NULL
				? exchange->explanation->connack_name
				: "");
	if (exchange->fingerprint >= 0)
		field_format(page, 2, "'#'", "%s (0x%02x)",
			exchange->fingerprint < 0x80 ? "granted" : "refused",
			(unsigned)exchange->fingerprint);
	print_reason(page, "puback", exchange->puback, exchange->puback_name);
	print_reason(page, "disconnect", exchange->disconnect, exchange->disconnect_name);
	print_attribute(
		page, exchange->key, exchange->written, exchange->read_back, exchange->polls);
	print_more(page, exchange);
	field(page, 2, "detail", exchange->detail);
	field(page, 2, "first bytes", exchange->first_bytes);
	if (page->verbose)
		print_packets(page, exchange);
}

static void put_status(struct page *page, int status)
{
	fputs(tbdi_code_text(tbdi_protocol_find(page->report->api->protocol), status).text,
		page->out);
}

/* A request's answer, each line for itself from the first column. */
static void print_answer(struct page *page, const struct tbd_api_request *request)
{
	if (request->status < 0)
		return;
	fprintf(page->out, "\n%s ", request->method);
	tbdi_text_put(page->out, request->url);
	fputs("\nAnswered with status ", page->out);
	put_status(page, request->status);
	fputs("\nBody: ", page->out);
	tbdi_text_put(page->out, request->body != NULL ? request->body : "(none)");
	putc('\n', page->out);
}

/* Of what was asked for first, and of the last request. */
static void print_answer_lines(struct page *page, const struct tbd_api_exchange *api)
{
	bool asked = api->client_keys != NULL || api->shared_keys != NULL;
	if (asked && api->request_count > 1)
		print_answer(page, api->requests[0]);
	if (api->request_count > 0)
		print_answer(page, api->requests[api->request_count - 1]);
}

/* "  12.3 ms  GET URL: 200, application/json, 2 bytes, after 1.2 ms" */
static void print_api_request(struct page *page, const struct tbd_api_request *request)
{
	fprintf(page->out, "  %10s  %-4s ", duration(request->time_us).text, request->method);
	tbdi_text_put(page->out, request->url);
	if (request->status < 0) {
		fprintf(page->out, ": %s, no answer\n",
			request->acknowledged ? "acknowledged" : "nothing came");
		return;
	}
	fputs(": ", page->out);
	put_status(page, request->status);
	fputs(", ", page->out);
	if (request->content_type != NULL) {
		tbdi_text_put(page->out, request->content_type);
		fputs(", ", page->out);
	}
	fprintf(page->out, "%zu bytes%s, after %s\n", request->body_len,
		request->body_cut ? " and more" : "", duration(request->duration_us).text);
}

static void print_api(struct page *page)
{
	const struct tbd_api_exchange *api = page->report->api;
	if (api == NULL || api->end == TBD_API_NOT_STARTED)
		return;
	heading(page, "Round trip");
	field(page, 2, "ended", tbd_api_end_name(api->end));
	if (page->verbose)
		field(page, 2, "library", api->library);
	print_attribute(page, api->key, api->written, api->read_back, api->polls);
	print_telemetry(page, api->telemetry_len);
	field(page, 2, "detail", api->detail);
	field(page, 2, "first bytes", api->first_bytes);
	for (size_t i = 0; page->verbose && i < api->request_count; i++)
		print_api_request(page, api->requests[i]);
	if (page->verbose && api->requests_cut)
		fputs("  (requests between the last two were not recorded)\n", page->out);
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

static void print_names(struct page *page, const struct tbd_cert *cert)
{
	struct joined joined;
	if (cert->name_count == 0 || !join_begin(page, &joined))
		return;
	size_t shown =
		page->verbose || cert->name_count <= NAMES_SHOWN ? cert->name_count : NAMES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		fprintf(joined.stream, "%s%s:%s", i > 0 ? ", " : "", name_type(cert->names[i].type),
			cert->names[i].value);
	if (shown < cert->name_count)
		fprintf(joined.stream, " and %zu more (-v shows them)", cert->name_count - shown);
	join_end(page, 4, "names", &joined);
}

static const char *days_word(int64_t days)
{
	return days == 1 ? "day" : "days";
}

static void print_validity(struct page *page, const struct tbd_cert *cert)
{
	int64_t now = page->report->time, day = 86400;
	int64_t days = now > cert->not_after ? (now - cert->not_after) / day
		: now < cert->not_before     ? (cert->not_before - now) / day
					     : (cert->not_after - now) / day;
	char left[64];
	if (now > cert->not_after)
		snprintf(left, sizeof(left), "expired %lld %s ago", (long long)days,
			days_word(days));
	else if (now < cert->not_before)
		snprintf(left, sizeof(left), "valid in %lld %s", (long long)days, days_word(days));
	else
		snprintf(left, sizeof(left), "%lld %s left", (long long)days, days_word(days));
	char from[TBDI_RFC3339_SIZE], until[TBDI_RFC3339_SIZE];
	field_format(page, 4, "valid", "%s to %s, %s", tbdi_rfc3339(cert->not_before, from),
		tbdi_rfc3339(cert->not_after, until), left);
}

static void print_ca_flag(struct page *page, const struct tbd_cert *cert)
{
	if (cert->is_ca && cert->path_length >= 0)
		field_format(page, 4, "CA", "yes, path length %d", cert->path_length);
	else
		field(page, 4, "CA",
			cert->is_ca                           ? "yes"
				: cert->has_basic_constraints ? "no"
							      : "no (no basicConstraints)");
}

static void print_key(struct page *page, const struct tbd_cert *cert)
{
	if (cert->key_curve != NULL)
		field_format(page, 4, "key", "%s %s", cert->key_algorithm, cert->key_curve);
	else
		field_format(page, 4, "key", "%s %u bit", cert->key_algorithm, cert->key_bits);
}

/* Where nothing was judged the chain itself is what was asked for. */
static bool wants_chain_details(const struct page *page)
{
	return page->verbose || page->report->verification == NULL;
}

static void print_cert_details(struct page *page, const struct tbd_cert *cert)
{
	print_key(page, cert);
	field(page, 4, "signature", cert->signature_algorithm);
	field(page, 4, "sha256", cert->sha256);
	field(page, 4, "key id", cert->subject_key_id);
	field(page, 4, "issuer key", cert->authority_key_id);
	print_ca_flag(page, cert);
	if (page->verbose) {
		field_joined(page, 4, "key usage", cert->key_usage);
		field_joined(page, 4, "purposes", cert->purposes);
	}
	field_list(page, 4, "issuer at", cert->aia_issuers);
	field_list(page, 4, "OCSP", cert->ocsp_servers);
	field_list(page, 4, "CRL", cert->crl_points);
}

static void print_cert(struct page *page, const struct tbd_cert *cert)
{
	if (cert->error != NULL) {
		field_format(page, 4, "malformed", "%s", cert->error);
		field(page, 4, "sha256", cert->sha256);
		return;
	}
	field_format(
		page, 4, "issuer", "%s%s", cert->issuer, cert->self_signed ? " (self-signed)" : "");
	print_names(page, cert);
	print_validity(page, cert);
	if (wants_chain_details(page))
		print_cert_details(page, cert);
}

/* "2  CN=..." */
static void print_numbered(struct page *page, size_t number, const char *text)
{
	char label[24];
	snprintf(label, sizeof(label), "%zu", number);
	tbdi_text_field(page->style, 2, 2, label, text);
}

static const char *subject_of(const struct tbd_cert *cert)
{
	if (cert->error != NULL)
		return "(malformed)";
	return cert->subject[0] != '\0' ? cert->subject : "(no subject)";
}

static void print_chain(struct page *page)
{
	const struct tbd_chain *chain = page->report->chain;
	if (chain == NULL)
		return;
	heading(page, chain->file != NULL ? "Chain in the file" : "Chain as sent");
	field(page, 2, "file", chain->file);
	field_format(page, 2, "length", "%zu certificate%s%s", chain->count,
		chain->count == 1 ? "" : "s", chain->truncated ? " (more were dropped)" : "");
	if (chain->message_len > 0 && wants_chain_details(page))
		field_format(page, 2, "message", "%zu bytes", chain->message_len);
	if (page->report->expected != NULL)
		field(page, 2, "expected", page->report->expected->file);
	for (size_t i = 0; i < chain->count; i++) {
		print_numbered(page, i, subject_of(chain->certs[i]));
		print_cert(page, chain->certs[i]);
	}
}

/* ---- the verification ------------------------------------------------------------------------- */

static void print_sources(struct page *page)
{
	const struct tbd_trust_info *trust = page->report->trust;
	const char *label = "trusted";
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++, label = "") {
		const struct tbd_trust_source *source = trust->sources[i];
		if (source->error != NULL)
			field_format(page, 2, label, "%s: %s", source->path, source->error);
		else if (source->cert_count == 0 && source->holds != NULL)
			field_format(page, 2, label, "%s: %s", source->path, source->holds);
		else
			field_format(page, 2, label, "%s: %zu certificate%s", source->path,
				source->cert_count, source->cert_count == 1 ? "" : "s");
	}
}

static void print_path(struct page *page, const struct tbd_path *path)
{
	if (path->fault == TBD_FAULT_NONE)
		field(page, 2, "path", "accepted");
	else
		field_format(page, 2, "path", "%s%s%s at certificate %zu of the path",
			tbd_fault_name(path->fault), path->requirement != NULL ? ", " : "",
			path->requirement != NULL ? path->requirement : "", path->fault_at);
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		print_numbered(page, i, subject_of(cert));
		bool stored =
			cert->origin == TBD_ORIGIN_TRUST || cert->origin == TBD_ORIGIN_UNTRUSTED;
		if (stored && cert->file != NULL)
			field_format(page, 4,
				i + 1 == path->count && path->anchored ? "anchor" : "from",
				"%s, entry %zu", cert->file, cert->entry);
		if ((int)i == path->name_encoding_at)
			field(page, 4, "issuer", "named in other bytes than the next one's own");
	}
}

static void print_name_match(struct page *page, const struct tbd_verification *verification)
{
	if (verification->name == NULL)
		field(page, 2, "name", "not judged");
	else if (verification->name_entry != NULL)
		field_format(page, 2, "name", "%s: %s (%s)", verification->name,
			tbd_name_match_name(verification->name_match), verification->name_entry);
	else
		field_format(page, 2, "name", "%s: %s", verification->name,
			tbd_name_match_name(verification->name_match));
}

static void print_nearest(struct page *page, const struct tbd_nearest *nearest)
{
	const struct tbd_cert *cert = nearest->cert, *anchor = nearest->system_anchor;
	if (cert != NULL)
		field_format(page, 2, "nearest", "%s: %s (%s, entry %zu)",
			tbd_miss_name(nearest->miss), subject_of(cert),
			cert->file != NULL ? cert->file : "the store", cert->entry);
	if (anchor != NULL)
		field_format(page, 2, "system", "%s (%s, entry %zu)", subject_of(anchor),
			anchor->file != NULL ? anchor->file : "its store", anchor->entry);
}

static void print_crl(struct page *page, const struct tbd_crl *crl)
{
	if (crl->problem != NULL)
		field_format(page, 2, "not used", "%s: %s", crl->file, crl->problem);
	else
		field_format(page, 2, "revoked by", "%s: %s, %zu certificate%s", crl->file,
			crl->issuer, crl->entry_count, crl->entry_count == 1 ? "" : "s");
}

static void print_stapled(struct page *page, const struct tbd_ocsp *answer)
{
	field_format(page, 2, "stapled", "OCSP answer: %s%s%s", answer->status,
		answer->problem != NULL ? ", not used: " : "",
		answer->problem != NULL ? answer->problem : "");
}

static void print_query(struct page *page, const struct tbd_ocsp_query *query)
{
	field_format(page, 2, "asked", "%s about %s: %s%s%s", query->url,
		query->cert != NULL ? subject_of(query->cert) : "?",
		query->answer != NULL ? query->answer->status : "no answer",
		query->detail != NULL ? ", not used: " : "",
		query->detail != NULL ? query->detail : "");
}

static void print_departure(struct page *page, const struct tbd_departure *departure)
{
	field_format(page, 4, "stricter", "%s: %s (%s)",
		departure->cert != NULL ? subject_of(departure->cert) : "?", departure->text,
		departure->strict            ? "strict clients"
			: departure->rfc5280 ? "profile rfc5280"
					     : "profile webpki");
}

static void print_verification(struct page *page)
{
	const struct tbd_verification *verification = page->report->verification;
	if (verification == NULL)
		return;
	heading(page, "Verification");
	field(page, 2, "verified", verification->verified ? "yes" : "no");
	print_name_match(page, verification);
	print_sources(page);
	for (size_t i = 0; page->report->trust != NULL && i < page->report->trust->crl_count; i++)
		print_crl(page, page->report->trust->crls[i]);
	if (verification->stapled != NULL)
		print_stapled(page, verification->stapled);
	for (size_t i = 0; i < page->report->ocsp_count; i++)
		print_query(page, page->report->ocsp[i]);
	if (verification->path != NULL)
		print_path(page, verification->path);
	if (verification->nearest != NULL)
		print_nearest(page, verification->nearest);
	for (size_t i = 0; page->verbose && i < verification->path_count; i++)
		if (verification->paths[i] != verification->path)
			print_path(page, verification->paths[i]);
	if (verification->paths_cut)
		field(page, 2, "", "there were more paths than are explored");
	if (page->verbose || verification->profile != TBD_PROFILE_DEVICE)
		field(page, 2, "profile", tbd_profile_name(verification->profile));
	for (size_t i = 0; page->verbose && i < verification->departure_count; i++)
		print_departure(page, verification->departures[i]);
}

/* ---- the chain that should be sent ------------------------------------------------------------ */

static void print_download(struct page *page, const struct tbd_download *download)
{
	if (download->cert != NULL)
		field_format(page, 2, "fetched", "%s from %s", subject_of(download->cert),
			download->url);
	else
		field_format(page, 2, "not fetched", "%s: %s", download->url,
			download->detail != NULL ? download->detail : tbd_end_name(download->end));
}

static void print_fixed(struct page *page)
{
	const struct tbd_fixed_chain *fixed = page->report->fixed;
	if (fixed == NULL)
		return;
	heading(page, "Chain that should be sent");
	for (size_t i = 0; i < fixed->download_count; i++)
		print_download(page, fixed->downloads[i]);
	for (size_t i = 0; i < fixed->count; i++)
		print_numbered(page, i, subject_of(fixed->certs[i]));
	field(page, 2, "missing", fixed->missing);
	if (fixed->proven && fixed->anchor != NULL)
		field_format(page, 2, "proven", "leads to %s", subject_of(fixed->anchor));
	else
		field(page, 2, "proven", "no");
}

static void print_ca(struct page *page)
{
	const struct tbd_needed_ca *ca = page->report->ca;
	if (ca == NULL)
		return;
	heading(page, "What the device has to trust");
	if (ca->cert == NULL) {
		field(page, 2, "", "nothing that anybody vouches for");
		return;
	}
	field(page, 2, "anchor", subject_of(ca->cert));
	field(page, 2, "SHA-256", ca->cert->sha256);
	if (strcmp(ca->proof, "sha256") == 0)
		field(page, 2, "known by", "the SHA-256 that was given");
	else
		field_format(page, 2, "known by", "%s, entry %zu",
			ca->cert->file != NULL ? ca->cert->file : "the store", ca->cert->entry);
}

/* ---- the connection --------------------------------------------------------------------------- */

static void print_attempt(struct page *page, const char *label, const struct tbd_attempt *attempt)
{
	const char *outcome = attempt->connected ? "connected"
		: attempt->abandoned             ? "abandoned"
		: attempt->detail != NULL        ? attempt->detail
						 : "failed";
	bool v6 = strchr(attempt->address, ':') != NULL;
	field_format(page, 2, label, "%s%s%s:%u: %s, %s", v6 ? "[" : "", attempt->address,
		v6 ? "]" : "", attempt->port, outcome, duration(attempt->duration_us).text);
}

static void print_attempts(struct page *page, const struct tbd_connection *connection)
{
	if (!page->verbose) {
		if (connection->used != NULL)
			print_attempt(page, "address", connection->used);
		return;
	}
	for (size_t i = 0; i < connection->attempt_count; i++)
		print_attempt(page, "attempt", connection->attempts[i]);
	for (size_t i = 0; i < connection->neighbour_count; i++)
		print_attempt(page, "neighbour", connection->neighbours[i]);
}

static void print_proxy(struct page *page, const struct tbd_proxy *proxy)
{
	bool brackets = strchr(proxy->host, ':') != NULL;
	field_format(page, 2, "proxy", "%s://%s%s%s:%u%s: %s%s%s", proxy->protocol,
		brackets ? "[" : "", proxy->host, brackets ? "]" : "", proxy->port,
		proxy->with_credentials ? ", with credentials" : "", tbd_end_name(proxy->end),
		proxy->detail != NULL ? ", " : "", proxy->detail != NULL ? proxy->detail : "");
}

static void print_tls(struct page *page, const struct tbd_tls *tls)
{
	field(page, 2, "server name", tls->sni != NULL ? tls->sni : "(none sent)");
	if (tls->version != NULL && tls->cipher_suite != NULL)
		field_format(page, 2, "TLS", "%s %s%s%s", tls->version, tls->cipher_suite,
			tls->group != NULL ? " " : "", tls->group != NULL ? tls->group : "");
	field(page, 2, "ALPN", tls->alpn);
	if (tls->alert >= 0)
		field_format(page, 2, "alert", "%d %s from the peer", tls->alert,
			tls->alert_name != NULL ? tls->alert_name : "");
	if (tls->end != TBD_END_OK)
		field(page, 2, "TLS end", tbd_end_name(tls->end));
	field(page, 2, "detail", tls->detail);
	field(page, 2, "first bytes", tls->first_bytes);
	if (!page->verbose)
		return;
	field(page, 2, "last in", tls->last_message);
	if (tls->alert_sent >= 0)
		field_format(page, 2, "alert sent", "%d", tls->alert_sent);
	field(page, 2, "client cert",
		tls->client_cert_sent                 ? "asked for and sent"
			: !tls->client_cert_requested ? "not asked for"
			: tls->client_cert != NULL    ? "asked for, but not of the kind given"
						      : "asked for");
}

static void print_plain(struct page *page, const struct tbd_plain *plain)
{
	if (plain->connack >= 0)
		field_format(
			page, 2, "in clear", "CONNACK %d %s", plain->connack, plain->connack_name);
	else if (plain->first_bytes != NULL)
		field_format(page, 2, "in clear", "%s", plain->first_bytes);
	else
		field_format(page, 2, "in clear", "no answer: %s", tbd_end_name(plain->end));
}

static void print_other(
	struct page *page, const char *label, const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	if (tls == NULL)
		field(page, 2, label, "not connected");
	else if (other->chain != NULL && other->chain->count > 0)
		field_format(page, 2, label, "%s, %s",
			tls->version != NULL ? tls->version : tbd_end_name(tls->end),
			subject_of(other->chain->certs[0]));
	else if (tls->alert >= 0)
		field_format(page, 2, label, "alert %d %s", tls->alert,
			tls->alert_name != NULL ? tls->alert_name : "");
	else
		field(page, 2, label, tbd_end_name(tls->end));
}

static void print_datagrams(struct page *page, const struct tbd_datagrams *seen)
{
	field_format(page, 2, "datagrams",
		"%u sent, %u received, %u and %u of them again, up to %zu bytes%s", seen->sent,
		seen->received, seen->sent_again, seen->received_again,
		seen->largest_sent > seen->largest_received ? seen->largest_sent
							    : seen->largest_received,
		seen->small ? "; small ones were asked for" : "");
}

static void print_token(struct page *page)
{
	static const char *const sources[] = { [TBD_TOKEN_FILE] = "a file",
		[TBD_TOKEN_STDIN] = "standard input",
		[TBD_TOKEN_OPTION] = "the command line",
		[TBD_TOKEN_ENVIRONMENT] = "the environment",
		[TBD_TOKEN_PROMPT] = "the prompt" };
	TBDI_TABLE_OF(sources, TBD_TOKEN_PROMPT);
	const struct tbd_token_info *token = page->report->token;
	if (token != NULL)
		field_format(page, 2, "token", "from %s, %zu bytes, %s", sources[token->source],
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
static void print_times(struct page *page)
{
	struct joined joined;
	if (!join_begin(page, &joined))
		return;
	for (size_t i = 0; i < page->report->step_count; i++) {
		const struct tbd_step *step = page->report->steps[i];
		fprintf(joined.stream, "%s%s %s%s", i > 0 ? ", " : "", step->name,
			duration(step->duration_us).text, status_word(step->status));
	}
	join_end(page, 2, "times", &joined);
}

static void print_steps(struct page *page)
{
	const struct tbd_report *report = page->report;
	if (report->step_count == 0)
		return;
	print_times(page);
	if (!page->verbose)
		return;
	heading(page, "Steps");
	for (size_t i = 0; i < report->step_count; i++) {
		const struct tbd_step *step = report->steps[i];
		field_format(page, 2, step->name, "at %s, took %s%s%s%s",
			duration(step->start_us).text, duration(step->duration_us).text,
			status_word(step->status), step->detail != NULL ? ": " : "",
			step->detail != NULL ? step->detail : "");
	}
}

static void print_connection(struct page *page)
{
	const struct tbd_report *report = page->report;
	const struct tbd_connection *connection = report->connection;
	heading(page, "Run");
	if (report->target != NULL)
		field(page, 2, "target", report->target->url);
	char time[TBDI_RFC3339_SIZE];
	field_format(page, 2, "judged at", "%s%s", tbdi_rfc3339(report->time, time),
		report->time_given ? " (--at)" : "");
	if (connection != NULL) {
		if (connection->redirected)
			field_format(page, 2, "connect to", "%s, port %u", connection->host,
				connection->port);
		print_attempts(page, connection);
		if (connection->proxy != NULL)
			print_proxy(page, connection->proxy);
		if (connection->tls != NULL)
			print_tls(page, connection->tls);
		if (connection->plain != NULL)
			print_plain(page, connection->plain);
		if (connection->other_version != NULL)
			print_other(page, "other TLS", connection->other_version);
		if (connection->without_sni != NULL)
			print_other(page, "without name", connection->without_sni);
		if (page->verbose && connection->datagrams != NULL)
			print_datagrams(page, connection->datagrams);
	}
	print_token(page);
	print_steps(page);
}

/* ---- the environment -------------------------------------------------------------------------- */

/* The first word is the command, which may be two. */
static void print_command_line(struct page *page, const char *const *words)
{
	struct joined joined;
	if (*words == NULL || !join_begin(page, &joined))
		return;
	fputs(*words, joined.stream);
	while (*++words != NULL) {
		putc(' ', joined.stream);
		put_word(joined.stream, *words);
	}
	join_end(page, 2, "command", &joined);
}

static void print_component(struct page *page, const struct tbd_component *component)
{
	if (component->version != NULL)
		field_format(page, 2, component->name, "%s", component->version);
	else
		field_format(page, 2, component->name, "missing%s%s",
			component->package != NULL ? ": it is in the package " : "",
			component->package != NULL ? component->package : "");
}

static void print_clock(struct page *page, const struct tbd_environment *environment)
{
	int minutes = abs(environment->utc_offset_s) / 60;
	char clock[TBDI_RFC3339_SIZE];
	field_format(page, 2, "clock", "%s, %s", tbdi_rfc3339(page->report->clock, clock),
		environment->clock_synchronised ? "synchronised" : "not known to be synchronised");
	field_format(page, 2, "time zone", "UTC%c%02d:%02d%s%s%s",
		environment->utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60,
		environment->time_zone != NULL ? " (" : "",
		environment->time_zone != NULL ? environment->time_zone : "",
		environment->time_zone != NULL ? ")" : "");
}

static void print_digests(struct page *page)
{
	const struct tbd_trust_info *trust = page->report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		if (trust->sources[i]->sha256 == NULL)
			continue;
		field(page, 2, "trust file", trust->sources[i]->path);
		field(page, 2, "  SHA-256", trust->sources[i]->sha256);
	}
}

static void print_environment(struct page *page)
{
	const struct tbd_environment *environment = page->report->environment;
	if (environment == NULL)
		return;
	heading(page, "Environment");
	print_command_line(page, environment->command_line);
	field(page, 2, "tbdiag", page->report->version);
	for (size_t i = 0; i < environment->component_count; i++)
		print_component(page, &environment->components[i]);
	field(page, 2, "system", environment->system);
	field(page, 2, "kernel", environment->kernel);
	print_clock(page, environment);
	field_joined(page, 2, "nameservers", environment->nameservers);
	field(page, 2, "hosts from", environment->hosts_lookup);
	print_digests(page);
}

/* ---- the page --------------------------------------------------------------------------------- */

/* A chain that was only shown: what was looked at, and what judges the rest. */
static void print_unjudged(struct page *page)
{
	const struct tbd_report *report = page->report;
	const struct tbd_chain *chain = report->chain;
	const struct tbd_cert *only = chain->count == 1 ? chain->certs[0] : NULL;
	fputs("nothing is wrong with the order and the shape of the chain\n", page->out);
	if (only != NULL && only->error == NULL && !only->self_signed) {
		char *text = NULL;
		page->failed |=
			asprintf(&text,
				"its only certificate was issued by %s, whose certificate "
				"is not %s: a device needs it in its trust file",
				only->issuer, chain->file != NULL ? "in the file" : "sent") < 0;
		if (!page->failed)
			tbdi_text_flow(page->style, 0, 0, text);
		free(text);
	}
	struct joined word;
	if (!join_begin(page, &word))
		return;
	put_word(word.stream, chain->file != NULL ? chain->file : report->target->url);
	page->failed |= fclose(word.stream) != 0;
	fputs("trust, names and dates are judged by:\n  tbdiag verify ", page->out);
	fputs(chain->file != NULL ? "--chain-file " : "", page->out);
	/* The name may be that of a stored report. */
	tbdi_text_put(page->out, word.text);
	putc('\n', page->out);
	free(word.text);
}

static void print_no_findings(struct page *page)
{
	const struct tbd_report *report = page->report;
	const struct tbd_chain *chain = report->chain;
	bool unjudged = chain != NULL && chain->count > 0 && report->verification == NULL &&
		(chain->file != NULL || report->target != NULL);
	if (unjudged && report->worst < TBD_SEVERITY_WARNING)
		print_unjudged(page);
	else if (report->finding_count == 0)
		fputs("no findings\n", page->out);
}

int tbdi_text_report(
	const struct tbdi_page *style, const struct tbd_report *report, struct tbd_error *error)
{
	struct page page = page_of(style, report);
	if (report->insecure)
		tbdi_text_insecure(style);
	if (style->quiet) {
		print_findings(&page, report->findings, report->finding_count);
		return 0;
	}
	print_notes(&page);
	print_findings(&page, report->findings, report->finding_count);
	print_no_findings(&page);
	if (report->exchange != NULL)
		print_example_lines(&page, report->exchange);
	if (report->api != NULL)
		print_answer_lines(&page, report->api);
	print_chain(&page);
	print_verification(&page);
	print_fixed(&page);
	print_ca(&page);
	print_exchange(&page);
	print_api(&page);
	print_connection(&page);
	print_environment(&page);
	return page.failed ? tbdi_fail_nomem(error) : 0;
}
