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

static void print_cert(struct tbdi_view *view, const struct tbd_lint_cert *cert)
{
	enum { DAY_LEN = 10, SHORT_DIGEST = 16 };
	struct tbdi_joined line;
	char until[TBDI_RFC3339_SIZE];
	if (!tbdi_join_begin(view, &line))
		return;
	if (cert->is_read)
		fprintf(line.stream, "%s: %s, %s %.*s, sha256 %.*s",
			tbdi_or_else(cert->subject, "?"), anchors(cert->role),
			cert->not_after < view->report->time ? "EXPIRED" : "until", DAY_LEN,
			tbdi_rfc3339(cert->not_after, until), SHORT_DIGEST,
			tbdi_or_else(cert->sha256, ""));
	else
		fprintf(line.stream, "cannot be read (byte %llu)",
			(unsigned long long)cert->offset);
	if (cert->line > 0)
		fprintf(line.stream, ", line %zu", cert->line);
	if (cert->is_repaired)
		fputs(", not loaded as it is", line.stream);
	if (cert->same_as > 0)
		fprintf(line.stream, ", the same as %zu", cert->same_as);
	view->failed |= fclose(line.stream) != 0;
	if (!view->failed)
		tbdi_view_numbered(view, cert->entry, line.text);
	free(line.text);
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
