/* SPDX-License-Identifier: MIT
 *
 * text.c - a report for a person: what to mend first, then what was seen, and in the end the verdict once more.
 */
#include "report/view.h"

/* A chain that was only shown: what judges the rest. */
static void print_unjudged(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_chain *chain = report->chain;
	FILE *out = view->page.out;
	if (report->finding_count == 0)
		fputs("nothing is wrong with the order and the shape of the chain\n", out);
	struct tbdi_joined word;
	if (!tbdi_join_begin(view, &word))
		return;
	tbdi_put_shell_word(word.stream, chain->file != NULL ? chain->file : report->target->url);
	view->failed |= fclose(word.stream) != 0;
	fputs("trust and names are judged by:\n  tbdiag verify ", out);
	fputs(chain->file != NULL ? "--chain-file " : "", out);
	/* The name may be that of a stored report. */
	tbdi_text_put(out, word.text);
	putc('\n', out);
	free(word.text);
}

static void print_no_findings(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_chain *chain = report->chain;
	bool unjudged = chain != NULL && chain->count > 0 && report->verification == NULL &&
		(chain->file != NULL || report->target != NULL);
	if (unjudged && report->worst < TBD_SEVERITY_WARNING)
		print_unjudged(view);
	else if (report->finding_count == 0)
		fputs("no findings\n", view->page.out);
}

void tbdi_view_certificates(struct tbdi_view *view)
{
	bool is_of_interest = tbdi_view_blames_chain(view) || !tbdi_view_blames_other(view);
	if (tbdi_view_has_picture(view) && (is_of_interest || tbdi_view_is_full(view)))
		tbdi_view_picture(view);
	tbdi_view_chain(view);
	tbdi_view_verification(view);
	tbdi_view_stacks(view);
}

void tbdi_view_sections(struct tbdi_view *view)
{
	print_no_findings(view);
	tbdi_view_example_lines(view);
	tbdi_view_lint(view);
	tbdi_view_certificates(view);
	tbdi_view_fixed(view);
	tbdi_view_ca(view);
	tbdi_view_round_trip(view);
	tbdi_view_run(view);
	tbdi_view_environment(view);
}

/* The lines of a terminal that a text takes, without its escape sequences. */
static size_t rows_of(const char *text, int width)
{
	size_t rows = 0;
	int columns = 0;
	for (; *text != '\0'; text++) {
		if (*text == '\033' && strchr(text, 'm') != NULL)
			text = strchr(text, 'm');
		else if (*text == '\n') {
			rows += columns == 0 ? 1 : (size_t)((columns + width - 1) / width);
			columns = 0;
		} else if (((unsigned char)*text & 0xc0) != 0x80)
			columns++;
	}
	return rows;
}

/* The first line would have scrolled away when the last one is written, and a prompt. */
static bool is_scrolled(struct tbdi_view *view)
{
	enum { LAST_LINES = 3 };
	int height = view->options->height;
	return height > 0 && fflush(view->page.out) == 0 &&
		rows_of(view->text, tbdi_text_width(&view->page)) + LAST_LINES > (size_t)height;
}

/* How many findings tell of something to be mended. */
static size_t count_wrong(const struct tbd_report *report)
{
	size_t count = 0;
	while (count < report->finding_count &&
		report->findings[count]->severity >= TBD_SEVERITY_WARNING)
		count++;
	return count;
}

static bool is_judged(const struct tbdi_view *view)
{
	enum tbd_severity worst = view->report != NULL ? view->report->worst : view->set->worst;
	return worst != TBD_SEVERITY_UNKNOWN;
}

/* "  ca.wrong-root on localhost:8883, 1 of 2 findings"; ", found nothing to mend on localhost:8883" */
static void put_verdict(const struct tbdi_view *view, const struct tbd_finding *finding, FILE *out)
{
	size_t wrong = view->report != NULL ? count_wrong(view->report) : 0;
	if (finding != NULL)
		fprintf(out, "  %s", finding->id);
	else
		fputs(is_judged(view) ? ", found nothing to mend" : ", it was not judged", out);
	tbdi_view_put_subject(view, out, " on ");
	if (wrong > 1)
		fprintf(out, ", 1 of %zu findings", wrong);
}

void tbdi_view_verdict(struct tbdi_view *view, const struct tbd_finding *finding)
{
	static const char begin[] = "verdict: ", middle[] = " - more: ";
	enum tbd_severity severity = finding != NULL ? finding->severity
		: is_judged(view)                    ? TBD_SEVERITY_OK
						     : TBD_SEVERITY_UNKNOWN;
	const char *more = view->verbose ? NULL : view->options->more;
	bool scrolled = is_scrolled(view);
	struct tbdi_joined verdict;
	if (!tbdi_join_begin(view, &verdict))
		return;
	put_verdict(view, finding, verdict.stream);
	view->failed |= fclose(verdict.stream) != 0;
	if (!view->failed) {
		int columns = (int)(strlen(begin) + strlen(tbd_severity_name(severity)) +
				      strlen(middle) + strlen(tbdi_or_else(more, ""))) +
			tbdi_text_columns(verdict.text);
		fprintf(view->page.out, "\n%s", begin);
		tbdi_view_severity(view, severity);
		/* What can make it longer than that was escaped. */
		fputs(verdict.text, view->page.out);
		if (more != NULL && columns <= tbdi_text_width(&view->page))
			fprintf(view->page.out, "%s%s", middle, more);
		putc('\n', view->page.out);
	}
	free(verdict.text);
	if (scrolled && finding != NULL)
		tbdi_view_remedy(view, finding);
}

/* To what was asked for (is the file served, is the name needed, does a call come), yes or no. */
static bool is_answer(const struct tbd_finding *finding)
{
	return strncmp(finding->summary, "yes: ", 5) == 0 ||
		strncmp(finding->summary, "no: ", 4) == 0;
}

/* Those that are answers, or those that are none. */
static void print_findings(struct tbdi_view *view, bool answers)
{
	for (size_t i = 0; i < view->report->finding_count; i++)
		if (is_answer(view->report->findings[i]) == answers)
			tbdi_view_findings(view, &view->report->findings[i], 1);
}

static void write_report(struct tbdi_view *view, const void *of)
{
	const struct tbd_report *report = view->report = of;
	if (report->insecure)
		tbdi_view_insecure(view);
	print_findings(view, true);
	print_findings(view, false);
	if (view->options->verbosity == TBD_VERBOSITY_QUIET)
		return;
	tbdi_view_sections(view);
	tbdi_view_notes(view, report->notes, report->redacted);
	tbdi_view_verdict(view, count_wrong(report) > 0 ? report->findings[0] : NULL);
}

int tbdi_text_make(tbdi_view_write *write, const void *of, const struct tbd_text_options *options,
	char **out, struct tbd_error *error)
{
	static const struct tbd_text_options plain = TBD_TEXT_OPTIONS_INIT;
	size_t len = 0;
	*out = NULL;
	if (options == NULL)
		options = &plain;
	if (options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "the options of a text are not initialised");
	struct tbdi_view view = { .options = options,
		.verbose = options->verbosity == TBD_VERBOSITY_VERBOSE };
	view.page.width = options->width;
	view.page.out = open_memstream(&view.text, &len);
	if (view.page.out == NULL)
		return tbdi_fail_nomem(error);
	write(&view, of);
	view.failed |= ferror(view.page.out) != 0;
	view.failed |= fclose(view.page.out) != 0;
	if (!view.failed) {
		*out = view.text;
		return 0;
	}
	free(view.text);
	return tbdi_fail_nomem(error);
}

int tbd_report_to_text(const struct tbd_report *report, const struct tbd_text_options *options,
	char **out, struct tbd_error *error)
{
	return tbdi_text_make(write_report, report, options, out, error);
}
