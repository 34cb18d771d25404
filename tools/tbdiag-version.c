/* SPDX-License-Identifier: MIT
 *
 * tbdiag-version.c - what this installation consists of.
 */
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/subcommands.h"
#include "tools/cli/process.h"

static void print_components(FILE *out, const struct tbd_component *components)
{
	for (const struct tbd_component *c = components; c->name != NULL; c++) {
		if (c->version != NULL)
			fprintf(out, "%-10s  %s %s\n", c->kind, c->name, c->version);
		else if (c->package != NULL)
			fprintf(out, "%-10s  %s missing: install package %s\n", c->kind, c->name,
				c->package);
		else
			fprintf(out, "%-10s  %s not built: tbdiag was configured without it\n",
				c->kind, c->name);
	}
}

static void print_stacks(FILE *out, const struct tbd_component *stacks)
{
	for (const struct tbd_component *c = stacks; c->name != NULL; c++)
		if (c->version != NULL)
			fprintf(out, "%-10s  %s %s\n", c->kind, c->name, c->version);
		else
			fprintf(out, "%-10s  %s not installed: tbdiag has to be built with %s\n",
				c->kind, c->name, c->package);
}

static int print_all(void)
{
	struct place place = { 0 };
	struct tbd_component *components = NULL, *stacks = NULL;
	struct tbd_error error;
	char **names = NULL;
	int rc = place_find(&place);
	if (rc == 0 && (names = place_names(&place)) == NULL)
		rc = -1;
	if (rc == 0 &&
		((rc = tbd_components(&components, &error)) < 0 ||
			(rc = tbd_stack_components(&stacks, &error)) < 0))
		complain("%s", error.text);
	struct output output = { 0 };
	if (rc == 0 && (rc = output_open(&output)) == 0) {
		fprintf(output.stream, "tbdiag %s\n", PACKAGE_VERSION);
		print_components(output.stream, components);
		print_stacks(output.stream, stacks);
		for (char **name = names; *name != NULL; name++)
			fprintf(output.stream, "%-10s  %s\n", "subcommand", *name);
		rc = output_close(&output, NULL);
	}
	free(components);
	free(stacks);
	place_names_free(names);
	place_free(&place);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct opt_group groups[] = { { 0 } };
	static const struct opt_spec spec = { .command = "tbdiag version",
		.summary =
			"Show the version of tbdiag, of the libraries it runs on, and which modules, "
			"TLS stacks and subcommands are present.",
		.groups = groups };
	process_start(spec.command);
	opt_parse(&spec, argc, argv);
	int status = print_all() < 0 ? STATUS_FAILED : STATUS_OK;
	process_obey();
	return status;
}
