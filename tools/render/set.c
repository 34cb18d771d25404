/* SPDX-License-Identifier: MIT
 *
 * set.c - several reports for a person: what comparing them shows, then each kind of them once.
 */
#include "tools/render/render.h"

#include <errno.h>

struct sheet {
	const struct tbdi_page *page;
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

static void print_notes(const struct sheet *sheet)
{
	const char *const *notes = sheet->set->notes;
	bool redacted = sheet->set->redacted;
	if (redacted)
		tbdi_text_redacted(sheet->page);
	for (; *notes != NULL; notes++)
		tbdi_text_field(sheet->page, 0, 6, "note:", *notes);
	/* A heading makes room for itself. */
	bool is_table_next = sheet->set->passage_count > 0 && sheet->set->finding_count == 0;
	if ((sheet->set->notes[0] != NULL || redacted) && !is_table_next)
		putc('\n', sheet->page->out);
}

/* What comes first in a report: its worst finding, else the certificate that was fine. */
static void print_upshot(const struct sheet *sheet, const struct tbd_report *report, int column)
{
	const struct tbd_chain *chain = report->chain;
	const struct tbd_cert *leaf = chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
	const char *text = report->worst >= TBD_SEVERITY_WARNING ? report->findings[0]->id
		: leaf != NULL && leaf->error == NULL            ? leaf->subject
								 : "";
	tbdi_text_flow(sheet->page, column, column, text);
}

/* The title of the table. */
static const char *const titles[] = {
	[TBD_COMPARES_ADDRESSES] = "Addresses",
	[TBD_COMPARES_PORTS] = "Ports",
	[TBD_COMPARES_TRANSPORTS] = "Transports",
};
TOOL_TABLE_OF(titles, TBD_COMPARES_TRANSPORTS);

/* ---- transports ------------------------------------------------------------------------------ */

static bool is_closed(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	return connection != NULL && connection->tcp == TBD_END_ERROR &&
		connection->attempt_count > 0 && connection->attempts[0]->error == ECONNREFUSED;
}

static const char *reachable_text(
	const struct tbd_report *report, const struct tbd_passage *passage)
{
	if (passage->reachable != TBD_ANSWER_NO)
		return passage->reachable == TBD_ANSWER_YES ? "yes" : "unknown";
	return is_closed(report) ? "refused" : "no answer";
}

static const char *yes_no(enum tbd_answer answer)
{
	return answer == TBD_ANSWER_YES ? "yes" : answer == TBD_ANSWER_NO ? "no" : "-";
}

static void print_cell(const struct sheet *sheet, int width, const char *text)
{
	tbdi_text_put(sheet->page->out, text);
	tbdi_text_indent(sheet->page->out, width - tbdi_text_columns(text));
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
	tbdi_text_indent(sheet->page->out, 2);
	print_cell(sheet, sheet->label_width + 2, report->label);
	print_cell(sheet, REACHABLE, reachable_text(report, passage));
	print_cell(sheet, VERIFIED, yes_no(passage->verified));
	print_authorised(sheet, passage);
	print_cell(sheet, WRITTEN, yes_no(passage->written));
	if (passage->latency_us < 0) {
		fprintf(sheet->page->out, "%s\n", yes_no(passage->read));
		return;
	}
	print_cell(sheet, READ, yes_no(passage->read));
	fprintf(sheet->page->out, "%.1f ms\n", passage->latency_us / 1000.0);
}

static void print_passages(const struct sheet *sheet)
{
	tbdi_text_indent(sheet->page->out, 2 + sheet->label_width + 2);
	print_cell(sheet, REACHABLE, "reachable");
	print_cell(sheet, VERIFIED, "verified");
	print_cell(sheet, AUTHORISED, "authorised");
	print_cell(sheet, WRITTEN, "written");
	print_cell(sheet, READ, "read");
	fputs("latency\n", sheet->page->out);
	for (size_t i = 0; i < sheet->set->passage_count; i++)
		print_passage(sheet, i);
}

static void print_table(const struct sheet *sheet)
{
	enum { SEVERITY_WIDTH = 10 };
	const struct tbd_set *set = sheet->set;
	tbdi_text_heading(sheet->page, titles[set->compares]);
	if (set->passage_count > 0) {
		print_passages(sheet);
		return;
	}
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_report *report = set->reports[i];
		int width = sheet->label_width + 2;
		tbdi_text_indent(sheet->page->out, 2);
		tbdi_text_put(sheet->page->out, report->label);
		tbdi_text_indent(sheet->page->out, width - tbdi_text_columns(report->label));
		tbdi_text_severity(sheet->page, report->worst);
		tbdi_text_indent(sheet->page->out,
			SEVERITY_WIDTH - tbdi_text_columns(tbd_severity_name(report->worst)));
		print_upshot(sheet, report, 2 + width + SEVERITY_WIDTH);
	}
}

/* Beyond its line there is what is wrong with it; where nothing listens, others do. */
static size_t count_more(const struct tbd_set *set, size_t index)
{
	const struct tbd_report *report = set->reports[index];
	size_t count = 0;
	bool any = false;
	for (size_t i = 0; i < set->passage_count; i++)
		any = any || set->passages[i]->reachable == TBD_ANSWER_YES;
	if (any && is_closed(report))
		return 0;
	while (count < report->finding_count &&
		report->findings[count]->severity >= TBD_SEVERITY_WARNING)
		count++;
	return count;
}

/* What is fine, and the chain, which is most often the same, are shown with -v. */
static int print_transports(const struct sheet *sheet, struct tbd_error *error)
{
	const struct tbd_set *set = sheet->set;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < set->report_count; i++) {
		const struct tbd_report *report = set->reports[i];
		size_t count = count_more(set, i);
		if (!sheet->page->verbose && count == 0)
			continue;
		tbdi_text_heading(sheet->page, report->label);
		if (sheet->page->verbose)
			rc = tbdi_text_report(sheet->page, report, error);
		else
			tbdi_text_findings(sheet->page, report->findings, count);
	}
	return rc;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_difference(const struct sheet *sheet, const struct tbd_difference *difference)
{
	fprintf(sheet->page->out, "  %s\n", difference->property);
	for (size_t i = 0; i < difference->value_count; i++)
		tbdi_text_field(sheet->page, 4, sheet->label_width + 2,
			sheet->set->reports[i]->label, difference->values[i]);
}

static void print_differences(const struct sheet *sheet)
{
	const struct tbd_set *set = sheet->set;
	if (set->difference_count == 0)
		return;
	tbdi_text_heading(sheet->page, "What differs");
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
	tbdi_text_put(stream, sheet->set->reports[index]->label);
	for (size_t i = index + 1; i < sheet->set->report_count; i++) {
		if (sheet->page->verbose || !tbd_set_alike(sheet->set, index, i))
			continue;
		fputs(", ", stream);
		tbdi_text_put(stream, sheet->set->reports[i]->label);
	}
	int rc = fclose(stream);
	if (rc == 0)
		tbdi_text_heading(sheet->page, text);
	free(text);
	return rc;
}

static int print_reports(const struct sheet *sheet, struct tbd_error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sheet->set->report_count; i++) {
		if (!sheet->page->verbose && was_shown(sheet->set, i))
			continue;
		if (print_labels(sheet, i) < 0) {
			return tbdi_fail_nomem(error);
		}
		rc = tbdi_text_report(sheet->page, sheet->set->reports[i], error);
	}
	return rc;
}

static bool is_insecure(const struct tbd_set *set)
{
	for (size_t i = 0; i < set->report_count; i++)
		if (set->reports[i]->insecure)
			return true;
	return false;
}

int render_set_text(
	const struct tbdi_page *page, const struct tbd_set *set, struct tbd_error *error)
{
	const struct sheet sheet = { page, set, widest_label(set) };
	bool of_transports = set->compares == TBD_COMPARES_TRANSPORTS;
	/* Where the reports themselves are not shown. */
	if (of_transports && is_insecure(set))
		tbdi_text_insecure(page);
	if (!page->quiet)
		print_notes(&sheet);
	tbdi_text_findings(page, set->findings, set->finding_count);
	if (!page->quiet && set->finding_count == 0 && !of_transports)
		fputs(set->report_count > 1 ? "no differences\n" : "only one: nothing to compare\n",
			page->out);
	print_table(&sheet);
	if (!page->quiet)
		print_differences(&sheet);
	return of_transports ? print_transports(&sheet, error) : print_reports(&sheet, error);
}
