/* SPDX-License-Identifier: MIT
 *
 * text-set.c - several reports for a person: what is worst first, whichever report or comparison shows it.
 */
#include "report/set.h"
#include "report/view.h"

struct sheet {
	struct tbdi_view *view;
	const struct tbd_set *set;
	int label_width;
};

static int widest_label(const struct tbd_set *set)
{
	int widest = 0;
	for (size_t i = 0; i < set->report_count; i++) {
		int columns = tbdi_text_columns(set->reports[i]->label);
		widest = columns > widest ? columns : widest;
	}
	return widest;
}

/* What comes first in a report: its worst finding, else the certificate that was fine. */
static void print_upshot(const struct sheet *sheet, const struct tbd_report *report, int column)
{
	const struct tbd_chain *chain = report->chain;
	const struct tbd_cert *leaf = chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
	bool is_wrong = report->worst >= TBD_SEVERITY_WARNING && report->finding_count > 0;
	const char *text = is_wrong                   ? report->findings[0]->id
		: leaf != NULL && leaf->error == NULL ? leaf->subject
						      : "";
	tbdi_text_flow(&sheet->view->page, column, column, text);
}

/* The title of the table. */
static const char *const titles[] = {
	[TBD_COMPARES_ADDRESSES] = "Addresses",
	[TBD_COMPARES_PORTS] = "Ports",
	[TBD_COMPARES_TRANSPORTS] = "Transports",
};
TBDI_TABLE_OF(titles, TBD_COMPARES_TRANSPORTS);

/* ---- transports ------------------------------------------------------------------------------ */

static const char *reachable_text(
	const struct tbd_report *report, const struct tbd_passage *passage)
{
	if (passage->reachable != TBD_ANSWER_NO)
		return passage->reachable == TBD_ANSWER_YES ? "yes" : "unknown";
	return tbdi_report_is_closed(report) ? "refused" : "no answer";
}

static const char *yes_no(enum tbd_answer answer)
{
	return answer == TBD_ANSWER_YES ? "yes" : answer == TBD_ANSWER_NO ? "no" : "-";
}

static void print_cell(const struct sheet *sheet, int width, const char *text)
{
	tbdi_text_put(sheet->view->page.out, text);
	tbdi_text_indent(sheet->view->page.out, width - tbdi_text_columns(text));
}

enum { REACHABLE = 11, VERIFIED = 10, AUTHORISED = 14, WRITTEN = 9, READ = 6 };

/* "yes (rc 0)" */
static void print_authorised(const struct sheet *sheet, const struct tbd_passage *passage)
{
	char text[48];
	const char *reply = passage->reply != NULL ? passage->reply : "no reply";
	if (passage->authorised == TBD_ANSWER_NOT_ASKED)
		snprintf(text, sizeof(text), "%s",
			passage->reachable == TBD_ANSWER_YES ? "not sent" : "-");
	else if (passage->authorised == TBD_ANSWER_UNCLEAR)
		snprintf(text, sizeof(text), "%s", reply);
	else
		snprintf(text, sizeof(text), "%s (%s)", yes_no(passage->authorised), reply);
	print_cell(sheet, AUTHORISED, text);
}

static void print_passage(const struct sheet *sheet, size_t i)
{
	const struct tbd_passage *passage = sheet->set->passages[i];
	const struct tbd_report *report = sheet->set->reports[i];
	tbdi_text_indent(sheet->view->page.out, 2);
	print_cell(sheet, sheet->label_width + 2, report->label);
	print_cell(sheet, REACHABLE, reachable_text(report, passage));
	print_cell(sheet, VERIFIED, yes_no(passage->verified));
	print_authorised(sheet, passage);
	print_cell(sheet, WRITTEN, yes_no(passage->written));
	if (passage->latency_us < 0) {
		fprintf(sheet->view->page.out, "%s\n", yes_no(passage->read));
		return;
	}
	print_cell(sheet, READ, yes_no(passage->read));
	fprintf(sheet->view->page.out, "%.1f ms\n", passage->latency_us / 1000.0);
}

static void print_passages(const struct sheet *sheet)
{
	tbdi_text_indent(sheet->view->page.out, 2 + sheet->label_width + 2);
	print_cell(sheet, REACHABLE, "reachable");
	print_cell(sheet, VERIFIED, "verified");
	print_cell(sheet, AUTHORISED, "authorised");
	print_cell(sheet, WRITTEN, "written");
	print_cell(sheet, READ, "read");
	fputs("latency\n", sheet->view->page.out);
	for (size_t i = 0; i < sheet->set->passage_count; i++)
		print_passage(sheet, i);
}

/* "8884  critical  ca.missing-intermediate" */
static void print_line(const struct sheet *sheet, const struct tbd_report *report)
{
	enum { SEVERITY_WIDTH = 10 };
	int width = sheet->label_width + 2;
	tbdi_text_indent(sheet->view->page.out, 2);
	print_cell(sheet, width, report->label);
	tbdi_view_severity(sheet->view, report->worst);
	tbdi_text_indent(sheet->view->page.out,
		SEVERITY_WIDTH - tbdi_text_columns(tbd_severity_name(report->worst)));
	print_upshot(sheet, report, 2 + width + SEVERITY_WIDTH);
}

static void print_table(const struct sheet *sheet)
{
	const struct tbd_set *set = sheet->set;
	tbdi_view_heading(sheet->view, titles[set->compares]);
	if (set->passage_count > 0) {
		print_passages(sheet);
		return;
	}
	for (int worst = TBD_SEVERITY_UNKNOWN; worst >= TBD_SEVERITY_OK; worst--)
		for (size_t i = 0; i < set->report_count; i++)
			if (set->reports[i]->worst == (enum tbd_severity)worst)
				print_line(sheet, set->reports[i]);
}

/* ---- findings -------------------------------------------------------------------------------- */

/* One is shown for both: not at length, and not where each speaks a protocol of its own. */
static bool is_shown_alike(const struct sheet *sheet, size_t a, size_t b)
{
	return !sheet->view->verbose && sheet->set->compares != TBD_COMPARES_TRANSPORTS &&
		tbd_set_alike(sheet->set, a, b);
}

static bool was_shown(const struct sheet *sheet, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_shown_alike(sheet, i, index))
			return true;
	return false;
}

/* Beyond its line in the table there is nothing to say of it: where nothing listens, others do, or the set says so of
 * all. */
static bool is_absent(const struct tbd_set *set, size_t index)
{
	bool any = false;
	for (size_t i = 0; i < set->finding_count; i++)
		any = any || strcmp(set->findings[i]->id, "tcp.refused") == 0;
	for (size_t i = 0; i < set->passage_count; i++)
		any = any || set->passages[i]->reachable == TBD_ANSWER_YES;
	return any && tbdi_report_is_closed(set->reports[index]);
}

/* "A, B" of the reports that are like this one, for free(); at length each stands for itself. */
static char *labels_of(const struct sheet *sheet, size_t index)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	if (stream == NULL)
		return NULL;
	fputs(sheet->set->reports[index]->label, stream);
	for (size_t i = index + 1; i < sheet->set->report_count; i++)
		if (is_shown_alike(sheet, index, i))
			fprintf(stream, ", %s", sheet->set->reports[i]->label);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* What is shown from now on is of this report, and of those that are like it; of none (-1): of the set. */
static void turn_to(const struct sheet *sheet, int index)
{
	struct tbdi_view *view = sheet->view;
	free(view->labels);
	view->labels = NULL;
	view->report = NULL;
	if (index < 0)
		return;
	view->report = sheet->set->reports[index];
	view->labels = labels_of(sheet, (size_t)index);
	view->failed |= view->labels == NULL;
}

typedef bool finding_walk(const struct sheet *sheet, const struct tbd_finding *finding);

/* Findings of one severity, in the order in which they are shown: those of the comparison, then those of each kind of
 * report. Stops with true when `walk` does. */
static bool walk_findings(const struct sheet *sheet, enum tbd_severity severity, finding_walk *walk)
{
	const struct tbd_set *set = sheet->set;
	turn_to(sheet, -1);
	for (size_t i = 0; i < set->finding_count; i++)
		if (set->findings[i]->severity == severity && walk(sheet, set->findings[i]))
			return true;
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_report *report = set->reports[i];
		if (was_shown(sheet, i) || is_absent(set, i))
			continue;
		turn_to(sheet, (int)i);
		for (size_t j = 0; j < report->finding_count; j++)
			if (report->findings[j]->severity == severity &&
				walk(sheet, report->findings[j]))
				return true;
	}
	return false;
}

/* Where something is wrong, what is fine is in the table. */
static bool is_told(const struct sheet *sheet, const struct tbd_finding *finding)
{
	return sheet->view->report == NULL || finding->severity >= TBD_SEVERITY_WARNING ||
		sheet->view->verbose ||
		(sheet->set->worst < TBD_SEVERITY_WARNING && sheet->set->passage_count == 0);
}

static bool print_finding(const struct sheet *sheet, const struct tbd_finding *finding)
{
	if (is_told(sheet, finding))
		tbdi_view_findings(sheet->view, &finding, 1);
	return false;
}

static bool print_verdict(const struct sheet *sheet, const struct tbd_finding *finding)
{
	tbdi_view_verdict(sheet->view, finding);
	return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_difference(const struct sheet *sheet, const struct tbd_difference *difference)
{
	fprintf(sheet->view->page.out, "  %s\n", difference->property);
	for (size_t i = 0; i < difference->value_count; i++)
		tbdi_text_field(&sheet->view->page, 4, sheet->label_width + 2,
			sheet->set->reports[i]->label, difference->values[i]);
}

static void print_differences(const struct sheet *sheet)
{
	const struct tbd_set *set = sheet->set;
	if (set->difference_count == 0)
		return;
	tbdi_view_heading(sheet->view, "What differs");
	for (size_t i = 0; i < set->difference_count; i++)
		print_difference(sheet, set->differences[i]);
}

/* Of transports, whose chain is most often the same, at length only. */
static void print_reports(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->set->report_count; i++) {
		if (was_shown(sheet, i))
			continue;
		turn_to(sheet, (int)i);
		if (!sheet->view->verbose) {
			tbdi_view_certificates(sheet->view);
			continue;
		}
		tbdi_view_heading(sheet->view, tbdi_or_else(sheet->view->labels, ""));
		tbdi_view_sections(sheet->view);
	}
}

static bool is_insecure(const struct tbd_set *set)
{
	for (size_t i = 0; i < set->report_count; i++)
		if (set->reports[i]->insecure)
			return true;
	return false;
}

static void print_body(const struct sheet *sheet)
{
	bool of_transports = sheet->set->compares == TBD_COMPARES_TRANSPORTS;
	if (sheet->set->finding_count == 0 && sheet->set->difference_count == 0 && !of_transports)
		fputs(sheet->set->report_count > 1 ? "no differences\n"
						   : "only one: nothing to compare\n",
			sheet->view->page.out);
	print_table(sheet);
	print_differences(sheet);
	if (!of_transports || sheet->view->verbose)
		print_reports(sheet);
	turn_to(sheet, -1);
	tbdi_view_notes(sheet->view, sheet->set->notes, sheet->set->redacted);
}

static void write_set(struct tbdi_view *view, const void *of)
{
	const struct tbd_set *set = view->set = of;
	const struct sheet sheet = { view, set, widest_label(set) };
	if (is_insecure(set))
		tbdi_view_insecure(view);
	for (int severity = TBD_SEVERITY_CRITICAL; severity >= TBD_SEVERITY_OK; severity--)
		walk_findings(&sheet, (enum tbd_severity)severity, print_finding);
	turn_to(&sheet, -1);
	if (view->options->verbosity == TBD_VERBOSITY_QUIET)
		return;
	print_body(&sheet);
	bool told = false;
	for (int severity = TBD_SEVERITY_CRITICAL; !told && severity >= TBD_SEVERITY_WARNING;
		severity--)
		told = walk_findings(&sheet, (enum tbd_severity)severity, print_verdict);
	turn_to(&sheet, -1);
	if (!told)
		tbdi_view_verdict(view, NULL);
}

int tbd_set_to_text(const struct tbd_set *set, const struct tbd_text_options *options, char **out,
	struct tbd_error *error)
{
	return tbdi_text_make(write_set, set, options, out, error);
}
