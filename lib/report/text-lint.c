/* SPDX-License-Identifier: MIT
 *
 * text-lint.c - a file of certificates that was looked at by itself, for a person: a line for each.
 */
#include "report/view.h"

#include "base/rfc3339.h"

/* What a device anchors by a certificate of this role. */
static const char *anchors(const char *role)
{
	static const struct {
		const char *role, *text;
	} roles[] = {
		{ "root", "root, an anchor" },
		{ "intermediate", "intermediate, an anchor but for OpenSSL" },
		{ "self-signed", "self-signed, anchors itself" },
		{ "leaf", "no CA, no anchor (curl, BearSSL: itself)" },
	};
	for (size_t i = 0; role != NULL && i < TBDI_COUNT(roles); i++)
		if (strcmp(roles[i].role, role) == 0)
			return roles[i].text;
	return "";
}

/* "CN=root: root, an anchor, until 2036-11-22, sha256 4d55d3d138568714" */
static int put_what(const struct tbd_lint_cert *cert, int64_t now, char **out)
{
	enum { DAY_LEN = 10, SHORT_DIGEST = 16 };
	char until[TBDI_RFC3339_SIZE];
	return asprintf(out, "%s: %s, %s %.*s, sha256 %.*s", tbdi_or_else(cert->subject, "?"),
		anchors(cert->role), cert->not_after < now ? "EXPIRED" : "until", DAY_LEN,
		tbdi_rfc3339(cert->not_after, until), SHORT_DIGEST, tbdi_or_else(cert->sha256, ""));
}

/* There may be many: no stream for each. */
static void print_cert(struct tbdi_view *view, const struct tbd_lint_cert *cert)
{
	char *what = NULL, *text = NULL;
	char line[40] = "", same[40] = "";
	int len = cert->is_read
		? put_what(cert, view->report->time, &what)
		: asprintf(&what, "cannot be read (byte %llu)", (unsigned long long)cert->offset);
	if (cert->line > 0)
		snprintf(line, sizeof(line), ", line %zu", cert->line);
	if (cert->same_as > 0)
		snprintf(same, sizeof(same), ", the same as %zu", cert->same_as);
	if (len >= 0)
		len = asprintf(&text, "%s%s%s%s", what, line,
			cert->is_repaired ? ", not loaded as it is" : "", same);
	if (len >= 0)
		tbdi_view_numbered(view, cert->entry, text);
	view->failed |= len < 0;
	free(what);
	free(text);
}

/* "openssl 1, gnutls 2, mbedtls 2, wolfssl 2, bearssl 1" */
static void print_loads(struct tbdi_view *view, const struct tbd_trust_source *source)
{
	struct tbdi_joined line;
	if (source->load_count == 0 || !tbdi_join_begin(view, &line))
		return;
	for (size_t i = 0; i < source->load_count; i++)
		fprintf(line.stream, "%s%s %zu", i > 0 ? ", " : "", source->loads[i]->stack,
			source->loads[i]->cert_count);
	tbdi_join_end(view, 2, "loaded by", &line);
}

void tbdi_view_lint(struct tbdi_view *view)
{
	const struct tbd_lint *lint = view->report->lint;
	const struct tbd_trust_info *trust = view->report->trust;
	if (lint == NULL)
		return;
	tbdi_view_heading(view, "Certificates");
	for (size_t i = 0; i < lint->shown_count; i++)
		print_cert(view, lint->certs[i]);
	if (lint->cert_count > lint->shown_count)
		tbdi_view_format(view, 2, "", "and %zu more", lint->cert_count - lint->shown_count);
	tbdi_view_format(view, 2, "seen", "%zu certificate%s as %s", TBDI_PLURAL(lint->cert_count),
		strcmp(lint->use, "trust") == 0            ? "a trust file"
			: strcmp(lint->use, "server") == 0 ? "a server's chain with its key"
							   : "a client's chain with its key");
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++)
		print_loads(view, trust->sources[i]);
	if (lint->key != NULL)
		tbdi_view_format(view, 2, "key", "%s, in %s", lint->key->format, lint->key->file);
}
