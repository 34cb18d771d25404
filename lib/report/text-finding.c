/* SPDX-License-Identifier: MIT
 *
 * text-finding.c - findings for a person: what is wrong with which server, how it is mended, and why that is said.
 */
#include "report/view.h"

void tbdi_view_insecure(struct tbdi_view *view)
{
	tbdi_view_alarm(view, "INSECURE: the peer did not have to prove who it is (--insecure)");
	fputs("\n\n", view->page.out);
}

void tbdi_view_notes(struct tbdi_view *view, const char *const *notes, bool redacted)
{
	if (*notes != NULL || redacted)
		putc('\n', view->page.out);
	if (redacted)
		tbdi_text_field(&view->page, 0, 6, "note:",
			"this report is redacted: host-1, name-1, path-1 and the like stand for "
			"values that were taken out, each for the same one everywhere");
	for (; *notes != NULL; notes++)
		tbdi_text_field(&view->page, 0, 6, "note:", *notes);
}

static void put_host(FILE *out, const struct tbd_target *target)
{
	char *host = NULL;
	if (asprintf(&host, "%s%s%s", TBDI_HOST(target->host)) < 0)
		return;
	tbdi_text_put(out, host);
	free(host);
}

static const struct tbd_target *target_of_set(const struct tbd_set *set)
{
	return set != NULL && set->report_count > 0 ? set->reports[0]->target : NULL;
}

/* A set has the host that its reports share; which of them one is, its target does not always tell. */
void tbdi_view_put_subject(const struct tbdi_view *view, FILE *out, const char *before)
{
	static const char *const relations[] = { [TBD_COMPARES_ADDRESSES] = " at ",
		[TBD_COMPARES_PORTS] = ":",
		[TBD_COMPARES_TRANSPORTS] = " by " };
	TBDI_TABLE_OF(relations, TBD_COMPARES_TRANSPORTS);
	const struct tbd_report *report = view->report;
	const struct tbd_target *target =
		report != NULL ? report->target : target_of_set(view->set);
	const struct tbd_chain *chain = report != NULL ? report->chain : NULL;
	const char *file = chain != NULL                 ? chain->file
		: report != NULL && report->lint != NULL ? report->lint->file
							 : NULL;
	if (file == NULL && target == NULL)
		return;
	fputs(before, out);
	if (file != NULL) {
		tbdi_text_put(out, tbdi_base_name(file));
		return;
	}
	put_host(out, target);
	if (report == NULL)
		return;
	if (view->set == NULL || view->set->compares == TBD_COMPARES_ADDRESSES)
		fprintf(out, ":%u", target->port);
	if (view->set != NULL) {
		fputs(relations[view->set->compares], out);
		tbdi_text_put(out, tbdi_or_else(view->labels, report->label));
	}
}

/* On one line, however long: in a log it may stand alone. */
static void print_headline(struct tbdi_view *view, const struct tbd_finding *finding)
{
	tbdi_view_severity(view, finding->severity);
	fprintf(view->page.out, "  %s", finding->id);
	tbdi_view_put_subject(view, view->page.out, "  ");
	putc('\n', view->page.out);
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

static void print_evidence(struct tbdi_view *view, const struct tbd_finding *finding, int indent)
{
	int width = evidence_width(finding);
	if (finding->evidence_count == 0)
		return;
	tbdi_text_indent(view->page.out, indent);
	fputs("seen:\n", view->page.out);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct tbd_evidence *evidence = &finding->evidence[i];
		char number[24];
		snprintf(number, sizeof(number), "%lld", (long long)evidence->number);
		tbdi_text_field(&view->page, indent + 2, width, evidence->key,
			evidence->text != NULL ? evidence->text : number);
	}
}

/* What is wrong with certificates the picture of the chain shows, and the table of a set how its reports differ. */
static bool wants_evidence(const struct tbdi_view *view, const struct tbd_finding *finding)
{
	const struct tbd_report *report = view->report;
	if (view->verbose || (report != NULL && tbdi_view_is_full(view)))
		return true;
	return report != NULL && finding->severity >= TBD_SEVERITY_WARNING &&
		view->options->verbosity != TBD_VERBOSITY_QUIET &&
		!(tbdi_is_of_chain(finding) && tbdi_view_has_picture(view));
}

static void print_fix(struct tbdi_view *view, const struct tbd_finding *finding, int indent)
{
	if (finding->fix == NULL)
		return;
	tbdi_text_indent(view->page.out, indent);
	fputs("fix:\n", view->page.out);
	tbdi_text_block(&view->page, indent + 2, finding->fix);
}

static void print_summary(struct tbdi_view *view, const struct tbd_finding *finding, int indent)
{
	tbdi_text_indent(view->page.out, indent);
	tbdi_text_flow(&view->page, indent, indent, finding->summary);
}

void tbdi_view_remedy(struct tbdi_view *view, const struct tbd_finding *finding)
{
	print_summary(view, finding, 2);
	print_fix(view, finding, 2);
}

static void print_finding(struct tbdi_view *view, const struct tbd_finding *finding)
{
	print_headline(view, finding);
	tbdi_view_remedy(view, finding);
	if (wants_evidence(view, finding))
		print_evidence(view, finding, 2);
}

/* What follows from a finding is gone when that is mended: how to mend it by itself is noise. */
static void print_consequence(struct tbdi_view *view, const struct tbd_finding *finding)
{
	fputs("  therefore ", view->page.out);
	print_headline(view, finding);
	print_summary(view, finding, 4);
	if (!view->verbose)
		return;
	print_fix(view, finding, 4);
	print_evidence(view, finding, 4);
}

void tbdi_view_findings(
	struct tbdi_view *view, const struct tbd_finding *const *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct tbd_finding *finding = findings[i];
		if (view->options->verbosity == TBD_VERBOSITY_QUIET &&
			finding->severity < TBD_SEVERITY_WARNING)
			continue;
		if (view->needs_room)
			putc('\n', view->page.out);
		print_finding(view, finding);
		for (size_t j = 0; j < finding->consequence_count; j++)
			print_consequence(view, finding->consequences[j]);
		view->needs_room = finding->fix != NULL;
	}
}
