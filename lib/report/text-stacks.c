/* SPDX-License-Identifier: MIT
 *
 * text-stacks.c - what the TLS stacks of devices say, for a person: a line each.
 */
#include "report/view.h"

#include "report/verdict.h"

static void put_anchors(FILE *out, const struct tbd_verdict *verdict)
{
	if (verdict->anchors_loaded >= 0)
		fprintf(out, "; %d anchor%s loaded", verdict->anchors_loaded,
			verdict->anchors_loaded == 1 ? "" : "s");
}

/* "mbedtls:no-clock", as --stacks takes it. */
static void write_name(const struct tbd_verdict *verdict, char *name, size_t size)
{
	bool is_default = strcmp(verdict->mode, "default") == 0;
	snprintf(name, size, "%s%s%s", verdict->stack, is_default ? "" : ":",
		is_default ? "" : verdict->mode);
}

/* "refuses: its words (-0x2700), alert 48; 1 anchor loaded; ESP32 ..." */
static void print_verdict(struct tbdi_view *view, const struct tbd_verdict *verdict, int width)
{
	char name[64];
	struct tbdi_joined line;
	if (!tbdi_join_begin(view, &line))
		return;
	write_name(verdict, name, sizeof(name));
	if (verdict->accepted)
		fputs("accepts", line.stream);
	else
		fprintf(line.stream, "%s%s",
			tbdi_verdict_tells(verdict) ? "REFUSES: " : "no verdict: ",
			tbdi_verdict_words(verdict).text);
	if (verdict->alert >= 0)
		fprintf(line.stream, ", alert %d", verdict->alert);
	put_anchors(line.stream, verdict);
	fprintf(line.stream, "%s%s", TBDI_AFTER("; ", verdict->devices));
	if (fclose(line.stream) != 0)
		view->failed = true;
	else
		tbdi_text_field(&view->page, 2, width, name, line.text);
	free(line.text);
}

static int name_width(const struct tbd_report *report)
{
	char name[64];
	int width = 0;
	for (size_t i = 0; i < report->verdict_count; i++) {
		write_name(report->verdicts[i], name, sizeof(name));
		int columns = tbdi_text_columns(name);
		width = columns > width ? columns : width;
	}
	return width == 0 ? 10 : width + 2;
}

/* All say what is said here, and nobody asked for them: no more than that need be told. */
static bool is_of_one_mind(const struct tbd_report *report)
{
	bool verified = report->verification != NULL && report->verification->verified;
	for (size_t i = 0; i < report->verdict_count; i++)
		if (report->verdicts[i]->named || report->verdicts[i]->accepted != verified ||
			!tbdi_verdict_tells(report->verdicts[i]))
			return false;
	return true;
}

static void print_agreement(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	struct tbdi_joined line;
	if (!tbdi_join_begin(view, &line))
		return;
	for (size_t i = 0; i < report->verdict_count; i++)
		fprintf(line.stream, "%s%s",
			i == 0                                   ? ""
				: i + 1 == report->verdict_count ? " and "
								 : ", ",
			tbdi_stack_title(report->verdicts[i]->stack));
	fputs(report->verdicts[0]->accepted ? " accept it as well" : " refuse it as well",
		line.stream);
	tbdi_join_end(view, 2, "stacks", &line);
}

static const char *package_of(const char *stack)
{
	size_t count = 0;
	const struct tbd_stack_mode *modes = tbd_stack_modes(&count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(modes[i].stack, stack) == 0)
			return modes[i].package;
	return "it";
}

static void print_missing(struct tbdi_view *view, const char *stack, int width)
{
	char text[96];
	snprintf(text, sizeof(text), "not installed: tbdiag was built without %s",
		package_of(stack));
	tbdi_text_field(&view->page, 2, width, stack, text);
}

void tbdi_view_stacks(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	bool lacks_any = report->missing_stacks != NULL && report->missing_stacks[0] != NULL;
	if (report->verdict_count == 0 && !lacks_any)
		return;
	if (!lacks_any && is_of_one_mind(report) && !tbdi_view_is_full(view)) {
		print_agreement(view);
		return;
	}
	tbdi_view_heading(view, "TLS stacks of devices");
	if (report->stack_name != NULL &&
		(report->verification == NULL || report->verification->name == NULL))
		tbdi_view_format(view, 2, "name", "%s, which the certificate has itself",
			report->stack_name);
	int width = name_width(report);
	for (size_t i = 0; i < report->verdict_count; i++)
		print_verdict(view, report->verdicts[i], width);
	for (size_t i = 0; lacks_any && report->missing_stacks[i] != NULL; i++)
		print_missing(view, report->missing_stacks[i], width);
	if (report->judged_as != NULL)
		tbdi_view_field(view, 2, "decides",
			report->judged_as->accepted ? "the verdict of --as: accepted"
						    : "the verdict of --as: refused");
}
