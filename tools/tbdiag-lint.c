/* SPDX-License-Identifier: MIT
 *
 * tbdiag-lint.c - look at files of certificates by themselves, without a server.
 */
#include "tools/recipe.h"

#define OPT_INTO struct settings

static const struct opt lint_options[] = {
	OPT_OF(opt_set_input, const char *, fetch.key_file, "key", "FILE",
		"The private key of the first certificate (PEM): the file is a server's or a client's chain."),
	OPT_TEXT("save-fixed", "FILE", save_fixed,
		"Write the certificates that can be read, each once, a server's chain in order, to FILE, as clean "
		"PEM. FILE must not be there yet."),
	{ 0 },
};

/* The file is one that is read, so that nothing is written to it. "-" is standard input, as everywhere. */
static int take_file(struct job *job)
{
	if (job->operand == NULL)
		return job_fail(job, TBD_E_INVALID, "no FILE was given");
	job->settings.chain_file = strcmp(job->operand, "-") == 0 ? STDIN_PATH : job->operand;
	return 0;
}

static int lint(struct job *job)
{
	struct tbd_lint_options options = TBD_LINT_OPTIONS_INIT;
	options.key_file = job->settings.fetch.key_file;
	return tbd_lint(job->report, job->settings.chain_file, &options, &job->error);
}

static int save_fixed(struct job *job)
{
	const char *path = job->settings.save_fixed;
	size_t count = 0;
	char *pem = NULL;
	if (path == NULL)
		return 0;
	if (job->report->lint->distinct_count == 0)
		return job_not_written(job, path, "there is no certificate that can be read");
	int rc = tbd_lint_to_pem(job->report, &pem, &count, &job->error);
	if (rc == 0)
		rc = job_save_text(job, path, pem, count);
	free(pem);
	return rc;
}

static step *const steps[] = { take_file, job_begin, job_report, lint, save_fixed, job_judge,
	NULL };

static const struct opt_group groups[] = {
	{ "File", lint_options },
	{ NULL, clock_options },
	{ "Output", output_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag lint",
		.operands = "FILE",
		.operand_max = 1,
		.summary =
			"Look at a file of certificates: what it holds, what is wrong with it, and which TLS "
			"libraries do not load it as it is.",
		.groups = groups,
		.closing = "The manual is tbdiag-lint(1).",
	},
	.steps = steps,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
