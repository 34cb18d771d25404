/* SPDX-License-Identifier: MIT
 *
 * view.c - the pieces that a report for a person is put together of.
 */
#include "report/view.h"

#include <stdarg.h>

enum { LABEL = 12 }; /* columns of a label in the sections */

void tbdi_view_heading(struct tbdi_view *view, const char *title)
{
	fputs(view->options->color ? "\n\033[1m" : "\n", view->page.out);
	tbdi_text_put(view->page.out, title);
	fputs(view->options->color ? "\033[0m\n" : "\n", view->page.out);
}

void tbdi_view_section(struct tbdi_view *view, const char *title)
{
	char *text = NULL;
	if (view->labels == NULL || view->verbose) {
		tbdi_view_heading(view, title);
		return;
	}
	if (asprintf(&text, "%s: %s", title, view->labels) < 0)
		view->failed = true;
	else
		tbdi_view_heading(view, text);
	free(text);
}

void tbdi_view_field(struct tbdi_view *view, int indent, const char *label, const char *value)
{
	if (value != NULL)
		tbdi_text_field(&view->page, indent, LABEL, label, value);
}

void tbdi_view_format(
	struct tbdi_view *view, int indent, const char *label, const char *format, ...)
{
	char *value = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		view->failed = true;
	else
		tbdi_view_field(view, indent, label, value);
	va_end(args);
	free(value);
}

void tbdi_view_list(struct tbdi_view *view, int indent, const char *label, const char *const *items)
{
	for (; *items != NULL; items++) {
		tbdi_view_field(view, indent, label, *items);
		label = "";
	}
}

bool tbdi_join_begin(struct tbdi_view *view, struct tbdi_joined *joined)
{
	*joined = (struct tbdi_joined){ 0 };
	joined->stream = open_memstream(&joined->text, &joined->len);
	view->failed |= joined->stream == NULL;
	return joined->stream != NULL;
}

void tbdi_join_end(
	struct tbdi_view *view, int indent, const char *label, struct tbdi_joined *joined)
{
	if (fclose(joined->stream) == 0)
		tbdi_view_field(view, indent, label, joined->text);
	else
		view->failed = true;
	free(joined->text);
}

void tbdi_view_joined(
	struct tbdi_view *view, int indent, const char *label, const char *const *items)
{
	struct tbdi_joined joined;
	if (*items == NULL || !tbdi_join_begin(view, &joined))
		return;
	fputs(*items, joined.stream);
	while (*++items != NULL)
		fprintf(joined.stream, ", %s", *items);
	tbdi_join_end(view, indent, label, &joined);
}

void tbdi_view_numbered(struct tbdi_view *view, size_t number, const char *text)
{
	char label[24];
	snprintf(label, sizeof(label), "%zu", number);
	tbdi_text_field(&view->page, 2, 2, label, text);
}

void tbdi_view_severity(struct tbdi_view *view, enum tbd_severity severity)
{
	static const char *const colors[] = { [TBD_SEVERITY_OK] = "\033[32m",
		[TBD_SEVERITY_INFO] = "\033[36m",
		[TBD_SEVERITY_WARNING] = "\033[33m",
		[TBD_SEVERITY_CRITICAL] = "\033[1;31m",
		[TBD_SEVERITY_UNKNOWN] = "\033[35m" };
	TBDI_TABLE_OF(colors, TBD_SEVERITY_UNKNOWN);
	const char *name = tbd_severity_name(severity);
	if (view->options->color)
		fprintf(view->page.out, "%s%s\033[0m", colors[severity], name);
	else
		fputs(name, view->page.out);
}

void tbdi_view_alarm(struct tbdi_view *view, const char *text)
{
	fprintf(view->page.out, view->options->color ? "\033[1;31m%s\033[0m" : "%s", text);
}

struct tbdi_duration tbdi_duration(int64_t us)
{
	struct tbdi_duration d;
	if (us < 10 * 1000 * 1000)
		snprintf(
			d.text, sizeof(d.text), "%d.%d ms", (int)(us / 1000), (int)(us / 100 % 10));
	else
		snprintf(d.text, sizeof(d.text), "%d.%d s", (int)(us / 1000000),
			(int)(us / 100000 % 10));
	return d;
}

struct tbdi_duration tbdi_remaining(const struct tbd_cert *cert, int64_t now)
{
	struct tbdi_duration d;
	bool is_over = now > cert->not_after, is_early = now < cert->not_before;
	int64_t days = (is_over                   ? now - cert->not_after
				       : is_early ? cert->not_before - now
						  : cert->not_after - now) /
		86400;
	snprintf(d.text, sizeof(d.text), "%s%zu day%s%s",
		is_over            ? "expired "
			: is_early ? "valid in "
				   : "",
		TBDI_PLURAL(days),
		is_over            ? " ago"
			: is_early ? ""
				   : " left");
	return d;
}

const char *tbdi_subject_of(const struct tbd_cert *cert)
{
	if (cert->error != NULL)
		return "(malformed)";
	return cert->subject[0] != '\0' ? cert->subject : "(no subject)";
}

const char *tbdi_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	bool is_device = strncmp(path, "/dev/", 5) == 0;
	return slash != NULL && slash[1] != '\0' && !is_device ? slash + 1 : path;
}

static bool is_plain_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=@%+[]";
	return *word != '\0' && word[strspn(word, plain)] == '\0';
}

void tbdi_put_shell_word(FILE *out, const char *word)
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

bool tbdi_view_is_full(const struct tbdi_view *view)
{
	return view->verbose || view->report->environment != NULL;
}

static bool blames(const struct tbd_report *report, bool is_of_chain)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct tbd_finding *finding = report->findings[i];
		if (finding->severity >= TBD_SEVERITY_WARNING &&
			tbdi_is_of_chain(finding) == is_of_chain)
			return true;
	}
	return false;
}

bool tbdi_view_blames_chain(const struct tbdi_view *view)
{
	return blames(view->report, true);
}

bool tbdi_view_blames_other(const struct tbdi_view *view)
{
	return blames(view->report, false);
}
