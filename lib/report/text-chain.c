/* SPDX-License-Identifier: MIT
 *
 * text-chain.c - certificates for a person: the path to an anchor as a picture, and the chain as it was sent.
 */
#include "report/view.h"

#include "base/rfc3339.h"

/* ---- the picture ------------------------------------------------------------------------------ */

enum { NAME_COLUMNS = 34 }; /* of what stands beside a name; a longer one stands above */

bool tbdi_view_has_picture(const struct tbdi_view *view)
{
	const struct tbd_verification *verification = view->report->verification;
	return verification != NULL && verification->path != NULL && verification->path->count > 0;
}

/* "ca.pem", "3 trust sources" */
static void put_store(FILE *out, const struct tbd_trust_info *trust)
{
	if (trust == NULL || trust->source_count == 0)
		fputs("any trust source", out);
	else if (trust->source_count > 1)
		fprintf(out, "any of %zu trust sources", trust->source_count);
	else if (trust->sources[0]->kind == TBD_SOURCE_SYSTEM)
		fputs("the system's store", out);
	else
		fputs(tbdi_base_name(trust->sources[0]->path), out);
}

/* More than its name: of a report that was read only some certificates are there in full. */
static bool is_complete(const struct tbd_cert *cert)
{
	return cert->error == NULL && cert->issuer != NULL;
}

static bool is_same(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return strcmp(tbdi_or_else(a->sha256, ""), tbdi_or_else(b->sha256, "")) == 0;
}

static bool was_sent(const struct tbd_chain *chain, const struct tbd_cert *cert)
{
	for (size_t i = 0; chain != NULL && i < chain->count; i++)
		if (is_same(chain->certs[i], cert))
			return true;
	return false;
}

/* Where it came from: the path needs it as its certificate i. */
static void put_place(
	FILE *out, const struct tbdi_view *view, const struct tbd_cert *cert, size_t i)
{
	static const char *const places[] = { [TBD_ORIGIN_SENT] = "sent",
		[TBD_ORIGIN_FILE] = "in ",
		[TBD_ORIGIN_TRUST] = "in ",
		[TBD_ORIGIN_UNTRUSTED] = "NOT SENT, given in ",
		[TBD_ORIGIN_SYSTEM] = "in the system's ",
		[TBD_ORIGIN_FETCHED] = "NOT SENT, downloaded",
		[TBD_ORIGIN_EXPECTED] = "NOT SENT, expected in " };
	TBDI_TABLE_OF(places, TBD_ORIGIN_EXPECTED);
	bool is_stored = cert->origin == TBD_ORIGIN_TRUST || cert->origin == TBD_ORIGIN_SYSTEM;
	bool is_file = view->report->chain != NULL && view->report->chain->file != NULL;
	const char *place = places[cert->origin];
	if (is_file && strncmp(place, "NOT SENT", 8) == 0) {
		fprintf(out, "NOT IN %s", tbdi_base_name(view->report->chain->file));
		place += 8;
	}
	fputs(place, out);
	if (cert->origin == TBD_ORIGIN_SENT && cert->index != i)
		fprintf(out, " as number %zu", cert->index + 1);
	if (cert->file != NULL)
		fprintf(out, "%s, entry %zu", tbdi_base_name(cert->file), cert->entry);
	else if (is_stored)
		fputs("store", out);
	if (is_stored && was_sent(view->report->chain, cert))
		fputs(", sent as well", out);
}

static const char *fault_words(enum tbd_fault fault)
{
	static const char *const words[] = { [TBD_FAULT_NONE] = "",
		[TBD_FAULT_NO_ISSUER] = "", /* it is the next one that is missing */
		[TBD_FAULT_UNTRUSTED_ROOT] = "NOT TRUSTED",
		[TBD_FAULT_BAD_SIGNATURE] = "SIGNATURE IS BAD",
		[TBD_FAULT_NOT_A_CA] = "MAY NOT ISSUE CERTIFICATES",
		[TBD_FAULT_PATH_LENGTH] = "ALLOWS FEWER CAs BELOW IT",
		[TBD_FAULT_PURPOSE] = "NOT FOR TLS SERVERS",
		[TBD_FAULT_NAME_CONSTRAINTS] = "NAMES THAT A CA ABOVE FORBIDS",
		[TBD_FAULT_UNKNOWN_CRITICAL] = "UNKNOWN CRITICAL EXTENSION",
		[TBD_FAULT_REVOKED] = "REVOKED",
		[TBD_FAULT_EXPIRED] = "", /* its time says so */
		[TBD_FAULT_NOT_YET_VALID] = "",
		[TBD_FAULT_WEAK_SIGNATURE] = "WEAK SIGNATURE",
		[TBD_FAULT_WEAK_KEY] = "WEAK KEY",
		[TBD_FAULT_POLICY] = "NOT AS THE PROFILE WANTS IT",
		[TBD_FAULT_MALFORMED] = "MALFORMED",
		[TBD_FAULT_UNKNOWN_ALGORITHM] = "SIGNATURE CANNOT BE CHECKED" };
	TBDI_TABLE_OF(words, TBD_FAULT_UNKNOWN_ALGORITHM);
	return words[fault];
}

static bool is_for_another_name(const struct tbd_verification *verification)
{
	return verification->name_match != TBD_MATCH_NOT_JUDGED &&
		verification->name_match != TBD_MATCH_OK &&
		verification->name_match != TBD_MATCH_CN_ONLY;
}

/* The mark stands on the line of the state, or where that is full below it. */
static void print_broken_row(struct tbdi_view *view, const char *name, const char *state, int width)
{
	static const char mark[] = "<-- breaks here";
	FILE *out = view->page.out;
	int end = tbdi_text_width(&view->page);
	int column = 2 + tbdi_text_columns(name), columns = tbdi_text_columns(state);
	tbdi_text_indent(out, 2);
	tbdi_text_put(out, name);
	if (column + 2 > 2 + width || 2 + width + columns > end) {
		putc('\n', out);
		column = 0;
		width = 2;
	}
	tbdi_text_indent(out, 2 + width - column);
	tbdi_text_put(out, state);
	bool is_full = 2 + width + columns + 2 + (int)strlen(mark) > end;
	if (is_full)
		putc('\n', out);
	tbdi_text_indent(out, is_full ? 2 + width : 2);
	tbdi_view_alarm(view, mark);
	putc('\n', out);
}

/* "CN=localhost      sent, 364 days left      <-- breaks here" of what tbdi_join_begin() began. */
static void end_row(
	struct tbdi_view *view, const char *name, struct tbdi_joined *state, bool breaks, int width)
{
	if (fclose(state->stream) != 0)
		view->failed = true;
	else if (breaks)
		print_broken_row(view, name, state->text, width);
	else
		tbdi_text_field(&view->page, 2, width, name, state->text);
	free(state->text);
}

static void print_link(struct tbdi_view *view, const char *words, bool known)
{
	const char *line =
		view->options->utf8 ? (known ? "\u2502" : "\u2506") : (known ? "|" : ":");
	fprintf(view->page.out, "   %s %s\n", line, words);
}

/* The state of the path's certificate i. */
static void print_cert_row(struct tbdi_view *view, const struct tbd_path *path, size_t i, int width)
{
	const struct tbd_cert *cert = path->certs[i];
	const struct tbd_verification *verification = view->report->verification;
	bool is_at_fault = i == path->fault_at && path->fault != TBD_FAULT_NONE &&
		path->fault != TBD_FAULT_NO_ISSUER;
	const char *fault = is_at_fault ? fault_words(path->fault) : "";
	bool is_misnamed = i == 0 && is_for_another_name(verification);
	struct tbdi_joined state;
	if (!tbdi_join_begin(view, &state))
		return;
	put_place(state.stream, view, cert, i);
	if (is_complete(cert))
		fprintf(state.stream, ", %s", tbdi_remaining(cert, view->report->time).text);
	if (fault[0] != '\0')
		fprintf(state.stream, ", %s", fault);
	if (is_misnamed)
		fprintf(state.stream, ", NOT FOR %s", verification->name);
	end_row(view, tbdi_subject_of(cert), &state, is_at_fault || is_misnamed, width);
}

/* The issuer that nobody has. */
static void print_missing_row(struct tbdi_view *view, const struct tbd_cert *last, int width)
{
	const struct tbd_chain *chain = view->report->chain;
	struct tbdi_joined state;
	if (!tbdi_join_begin(view, &state))
		return;
	if (chain != NULL && chain->file != NULL)
		fprintf(state.stream, "NOT IN %s", tbdi_base_name(chain->file));
	else
		fputs("NOT SENT", state.stream);
	fputs(", not in ", state.stream);
	put_store(state.stream, view->report->trust);
	end_row(view, last->issuer, &state, true, width);
}

/* What is trusted instead of what is needed, if it is not much. */
static void print_trusted(struct tbdi_view *view, int width)
{
	enum { FEW = 3 };
	const struct tbd_trust_info *trust = view->report->trust;
	if (trust == NULL || trust->cert_count == 0 || trust->cert_count > FEW)
		return;
	print_link(view, "what is trusted:", false);
	for (size_t i = 0; i < trust->shown_count; i++) {
		const struct tbd_cert *cert = trust->certs[i];
		struct tbdi_joined state;
		if (!tbdi_join_begin(view, &state))
			return;
		put_place(state.stream, view, cert, 0);
		if (is_complete(cert))
			fprintf(state.stream, ", %s",
				tbdi_remaining(cert, view->report->time).text);
		end_row(view, tbdi_subject_of(cert), &state, false, width);
	}
}

static bool is_on_path(const struct tbd_path *path, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < path->count; i++)
		if (is_same(path->certs[i], cert))
			return true;
	return false;
}

static void print_unneeded(struct tbdi_view *view, const struct tbd_path *path)
{
	const struct tbd_chain *chain = view->report->chain;
	const char *label = chain != NULL && chain->file != NULL ? "also there" : "also sent";
	for (size_t i = 0; chain != NULL && i < chain->count; i++)
		if (!is_on_path(path, chain->certs[i]))
			tbdi_view_format(view, 2, label, "%s, as number %zu, not needed",
				tbdi_subject_of(chain->certs[i]), i + 1);
}

static int name_columns(const struct tbd_path *path)
{
	int widest = 0;
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		const char *name = tbdi_subject_of(cert);
		int columns = tbdi_text_columns(name);
		widest = columns > widest && columns <= NAME_COLUMNS ? columns : widest;
		columns = is_complete(cert) ? tbdi_text_columns(cert->issuer) : 0;
		widest = columns > widest && columns <= NAME_COLUMNS ? columns : widest;
	}
	return widest + 2;
}

void tbdi_view_picture(struct tbdi_view *view)
{
	const struct tbd_path *path = view->report->verification->path;
	const struct tbd_cert *last = path->certs[path->count - 1];
	int width = name_columns(path);
	tbdi_view_section(view, "Chain");
	for (size_t i = 0; i < path->count; i++) {
		if (i > 0)
			print_link(view, "issued by", true);
		print_cert_row(view, path, i, width);
	}
	if (path->fault == TBD_FAULT_NO_ISSUER && is_complete(last)) {
		print_link(view, "issued by", true);
		print_missing_row(view, last, width);
	}
	if (path->fault == TBD_FAULT_NO_ISSUER || path->fault == TBD_FAULT_UNTRUSTED_ROOT)
		print_trusted(view, width);
	print_unneeded(view, path);
}

enum { NAMES_SHOWN = 20 }; /* a certificate may have thousands; all are shown at length */

/* ---- the list --------------------------------------------------------------------------------- */

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

static void print_names(struct tbdi_view *view, const struct tbd_cert *cert)
{
	struct tbdi_joined joined;
	if (cert->name_count == 0 || !tbdi_join_begin(view, &joined))
		return;
	size_t shown =
		view->verbose || cert->name_count <= NAMES_SHOWN ? cert->name_count : NAMES_SHOWN;
	for (size_t i = 0; i < shown; i++)
		fprintf(joined.stream, "%s%s:%s", i > 0 ? ", " : "", name_type(cert->names[i].type),
			cert->names[i].value);
	if (shown < cert->name_count)
		fprintf(joined.stream, " and %zu more%s%s%s", cert->name_count - shown,
			TBDI_AFTER(" (", view->options->more),
			view->options->more != NULL ? " shows them)" : "");
	tbdi_join_end(view, 4, "names", &joined);
}

static void print_validity(struct tbdi_view *view, const struct tbd_cert *cert)
{
	char from[TBDI_RFC3339_SIZE], until[TBDI_RFC3339_SIZE];
	tbdi_view_format(view, 4, "valid", "%s to %s, %s", tbdi_rfc3339(cert->not_before, from),
		tbdi_rfc3339(cert->not_after, until),
		tbdi_remaining(cert, view->report->time).text);
}

static void print_ca_flag(struct tbdi_view *view, const struct tbd_cert *cert)
{
	if (!cert->is_ca)
		tbdi_view_field(view, 4, "CA",
			cert->has_basic_constraints ? "no" : "no (no basicConstraints)");
	else if (cert->path_length < 0)
		tbdi_view_field(view, 4, "CA", "yes");
	else
		tbdi_view_format(view, 4, "CA", "yes, path length %d", cert->path_length);
}

static void print_key(struct tbdi_view *view, const struct tbd_cert *cert)
{
	if (cert->key_curve != NULL)
		tbdi_view_format(view, 4, "key", "%s %s", cert->key_algorithm, cert->key_curve);
	else
		tbdi_view_format(view, 4, "key", "%s %u bit", cert->key_algorithm, cert->key_bits);
}

/* Where nothing was judged the chain itself is what was asked for. */
static bool wants_chain_details(const struct tbdi_view *view)
{
	return view->verbose || view->report->verification == NULL;
}

static void print_cert_details(struct tbdi_view *view, const struct tbd_cert *cert)
{
	print_key(view, cert);
	tbdi_view_field(view, 4, "signature", cert->signature_algorithm);
	tbdi_view_field(view, 4, "sha256", cert->sha256);
	tbdi_view_field(view, 4, "key id", cert->subject_key_id);
	tbdi_view_field(view, 4, "issuer key", cert->authority_key_id);
	print_ca_flag(view, cert);
	if (view->verbose) {
		tbdi_view_joined(view, 4, "key usage", cert->key_usage);
		tbdi_view_joined(view, 4, "purposes", cert->purposes);
	}
	tbdi_view_list(view, 4, "issuer at", cert->aia_issuers);
	tbdi_view_list(view, 4, "OCSP", cert->ocsp_servers);
	tbdi_view_list(view, 4, "CRL", cert->crl_points);
}

static void print_cert(struct tbdi_view *view, const struct tbd_cert *cert)
{
	if (cert->error != NULL) {
		tbdi_view_field(view, 4, "malformed", cert->error);
		tbdi_view_field(view, 4, "sha256", cert->sha256);
		return;
	}
	tbdi_view_format(
		view, 4, "issuer", "%s%s", cert->issuer, cert->self_signed ? " (self-signed)" : "");
	print_names(view, cert);
	print_validity(view, cert);
	if (wants_chain_details(view))
		print_cert_details(view, cert);
}

void tbdi_view_chain(struct tbdi_view *view)
{
	const struct tbd_chain *chain = view->report->chain;
	if (chain == NULL || (tbdi_view_has_picture(view) && !tbdi_view_is_full(view)))
		return;
	tbdi_view_section(view, chain->file != NULL ? "Chain in the file" : "Chain as sent");
	tbdi_view_field(view, 2, "file", chain->file);
	tbdi_view_format(view, 2, "length", "%zu certificate%s%s", TBDI_PLURAL(chain->count),
		chain->truncated ? " (more were dropped)" : "");
	if (chain->message_len > 0 && wants_chain_details(view))
		tbdi_view_format(view, 2, "message", "%zu bytes", chain->message_len);
	if (view->report->expected != NULL)
		tbdi_view_field(view, 2, "expected", view->report->expected->file);
	for (size_t i = 0; i < chain->count; i++) {
		tbdi_view_numbered(view, i, tbdi_subject_of(chain->certs[i]));
		print_cert(view, chain->certs[i]);
	}
}
