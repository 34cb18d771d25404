/* SPDX-License-Identifier: MIT
 *
 * render-set.c - several reports for a person: what comparing them shows, then each kind of them once.
 */
#include "render.h"

#include "text.h"

struct sheet {
	FILE *out;
	const struct tbd_set *set;
	const struct render_options *options;
	int label_width;
};

static void heading(const struct sheet *sheet, const char *text)
{
	fprintf(sheet->out, sheet->options->color ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

static int widest_label(const struct tbd_set *set)
{
	int widest = 0;
	for (size_t i = 0; i < set->report_count; i++) {
		int columns = text_columns(set->reports[i]->label);
		widest = columns > widest ? columns : widest;
	}
	return widest;
}

static void print_notes(const struct sheet *sheet)
{
	const char *const *notes = sheet->set->notes;
	for (; *notes != NULL; notes++)
		text_field(sheet->out, 0, 6, "note:", *notes);
	if (sheet->set->notes[0] != NULL)
		putc('\n', sheet->out);
}

/* What comes first in a report: its worst finding, else the certificate that was fine. */
static void print_upshot(const struct sheet *sheet, const struct tbd_report *report, int column)
{
	const struct tbd_chain *chain = report->chain;
	const struct tbd_cert *leaf = chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
	const char *text = report->worst >= TBD_SEVERITY_WARNING ? report->findings[0]->id
		: leaf != NULL && leaf->error == NULL            ? leaf->subject
								 : "";
	text_flow(sheet->out, column, column, text);
}

/* The title of the table. */
static const char *const titles[] = {
	[TBD_COMPARES_ADDRESSES] = "Addresses", [TBD_COMPARES_PORTS] = "Ports"
};

static void print_table(const struct sheet *sheet)
{
	enum { SEVERITY_WIDTH = 10 };
	const struct tbd_set *set = sheet->set;
	heading(sheet, titles[set->compares]);
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_report *report = set->reports[i];
		int width = sheet->label_width + 2;
		text_indent(sheet->out, 2);
		text_put(sheet->out, report->label);
		text_indent(sheet->out, width - text_columns(report->label));
		render_severity(sheet->out, report->worst, sheet->options);
		text_indent(sheet->out,
			SEVERITY_WIDTH - text_columns(tbd_severity_name(report->worst)));
		print_upshot(sheet, report, 2 + width + SEVERITY_WIDTH);
	}
}

static void print_difference(const struct sheet *sheet, const struct tbd_difference *difference)
{
	fprintf(sheet->out, "  %s\n", difference->property);
	for (size_t i = 0; i < difference->value_count; i++)
		text_field(sheet->out, 4, sheet->label_width + 2, sheet->set->reports[i]->label,
			difference->values[i]);
}

static void print_differences(const struct sheet *sheet)
{
	const struct tbd_set *set = sheet->set;
	if (set->difference_count == 0)
		return;
	heading(sheet, "What differs");
	for (size_t i = 0; i < set->difference_count; i++)
		print_difference(sheet, set->differences[i]);
}

static bool was_shown(const struct tbd_set *set, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (tbd_set_alike(set, i, index))
			return true;
	return false;
}

/* "A, B" of those that are like this one; with -v each stands for itself. */
static int print_labels(const struct sheet *sheet, size_t index)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	if (stream == NULL)
		return -1;
	text_put(stream, sheet->set->reports[index]->label);
	for (size_t i = index + 1; i < sheet->set->report_count; i++) {
		if (sheet->options->verbosity == VERBOSITY_VERBOSE ||
			!tbd_set_alike(sheet->set, index, i))
			continue;
		fputs(", ", stream);
		text_put(stream, sheet->set->reports[i]->label);
	}
	int rc = fclose(stream);
	if (rc == 0)
		heading(sheet, text);
	free(text);
	return rc;
}

static int print_reports(const struct sheet *sheet, struct tbd_error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sheet->set->report_count; i++) {
		if (sheet->options->verbosity != VERBOSITY_VERBOSE && was_shown(sheet->set, i))
			continue;
		if (print_labels(sheet, i) < 0) {
			snprintf(error->text, sizeof(error->text), "out of memory");
			return TBD_E_NOMEM;
		}
		rc = render_text(sheet->out, sheet->set->reports[i], sheet->options, error);
	}
	return rc;
}

int render_set_text(FILE *out, const struct tbd_set *set, const struct render_options *options,
	struct tbd_error *error)
{
	const struct sheet sheet = { out, set, options, widest_label(set) };
	bool quiet = options->verbosity == VERBOSITY_QUIET;
	if (!quiet)
		print_notes(&sheet);
	render_findings(out, set->findings, set->finding_count, options);
	if (!quiet && set->finding_count == 0)
		fputs(set->report_count > 1 ? "no differences\n" : "only one: nothing to compare\n",
			out);
	print_table(&sheet);
	if (!quiet)
		print_differences(&sheet);
	return print_reports(&sheet, error);
}
