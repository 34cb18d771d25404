/* SPDX-License-Identifier: MIT
 *
 * tbdiag-explain.c - what a finding means, by its id.
 */
#include "report/flow.h"
#include "tools/cli/nearest.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/render/terminal.h"

struct explain {
	bool list;
};

#define OPT_INTO struct explain

static const struct opt explain_options[] = {
	OPT_FLAG("list", list, "List the ids of all findings.", .letter = 'l'),
	{ 0 },
};

static void print_list(FILE *out)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++) {
		int column = fprintf(
			out, "%-28s %-8s ", rules[i]->id, tbd_severity_name(rules[i]->severity));
		tbdi_text_flow(&page, column, column, rules[i]->title);
	}
}

static void print_rule(FILE *out, const struct tbd_rule *rule)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	int column = fprintf(out, "%s (%s): ", rule->id, tbd_severity_name(rule->severity));
	tbdi_text_flow(&page, column, 2, rule->title);
	putc('\n', out);
	tbdi_text_block(&page, 2, rule->why);
	if (rule->fix != NULL) {
		fputs("\n  fix:\n", out);
		tbdi_text_block(&page, 4, rule->fix);
	}
	if (rule->evidence[0] == NULL)
		return;
	fputs("\n  evidence:\n", out);
	for (const char *const *key = rule->evidence; *key != NULL; key++)
		fprintf(out, "    %s\n", *key);
}

static int complain_unknown(const char *id)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	struct nearest nearest = { .word = id };
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, rules[i]->id);
	if (nearest.best != NULL)
		complain("no finding is called '%s', did you mean '%s'?", id, nearest.best);
	else
		complain("no finding is called '%s'; 'tbdiag explain --list' lists them", id);
	return STATUS_FAILED;
}

static int explain(const char *id)
{
	const struct tbd_rule *rule = id != NULL ? tbd_rule_find(id) : NULL;
	if (id != NULL && rule == NULL)
		return complain_unknown(id);
	struct output output;
	if (output_open(&output) == 0) {
		if (rule != NULL)
			print_rule(output.stream, rule);
		else
			print_list(output.stream);
	}
	return output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
}

static void list_ids(FILE *out)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\t%s\n", rules[i]->id, rules[i]->title);
}

int main(int argc, char **argv)
{
	struct explain settings = { 0 };
	const struct opt_group groups[] = { { "Options", explain_options }, { 0 } };
	const struct opt_spec spec = { .command = "tbdiag explain",
		.operands = "ID",
		.operand_max = 1,
		.operand_values = list_ids,
		.summary =
			"Explain a finding: when it is said, what it means and how it is mended.",
		.groups = groups,
		.into = &settings };
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	if (operands == 0 && !settings.list)
		opt_usage_error(&spec, "wants the ID of a finding, or --list");
	if (operands == 1 && settings.list)
		opt_usage_error(&spec, "takes an ID or --list, not both");
	int status = explain(operands == 1 ? argv[1] : NULL);
	process_obey();
	return status;
}
