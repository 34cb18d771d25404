/* SPDX-License-Identifier: MIT
 *
 * tbdiag-chain.c - the certificates that a server sends, as it sends them.
 */
#include "tools/recipe.h"

#define OPT_INTO struct settings

static const struct opt chain_options[] = {
	OPT_OF(opt_set_input, const char *, chain_file, "chain-file", "FILE",
		"Read the chain from FILE (PEM, DER or PKCS#7; '-': standard input) instead of the network."),
	OPT_TEXT("save", "FILE", save, "Write the chain as it was sent to FILE, as PEM."),
	OPT_TEXT("save-fixed", "FILE", save_fixed,
		"Write the chain that the server should send to FILE, as PEM: in order, without root, "
		"with what --fetch-missing found."),
	OPT_OF(opt_set_input, const char *, expect, "expect", "FILE",
		"Compare with this file (PEM, DER or PKCS#7; '-': standard input): does the server serve it by now?"),
	{ 0 },
};

static int expect(struct job *job)
{
	const char *path = job->settings.expect;
	return path != NULL ? tbd_expect(job->report, path, &job->error) : 0;
}

static int save_chain(struct job *job)
{
	const char *path = job->settings.save;
	if (path == NULL)
		return 0;
	const struct tbd_chain *chain = job->report->chain;
	if (chain == NULL || chain->count == 0)
		return job_not_written(job, path, "there is no chain");
	return job_save(job, path, chain->certs, chain->count);
}

static int lacks_issuer(struct job *job, const char *path, const char *issuer)
{
	char *why = NULL;
	if (asprintf(&why, "%s is missing%s", issuer,
		    job->settings.fetch_missing ? " and could not be fetched"
						: "; --fetch-missing gets it") < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	int rc = job_not_written(job, path, why);
	free(why);
	return rc;
}

static int save_fixed(struct job *job)
{
	const char *path = job->settings.save_fixed;
	if (path == NULL)
		return 0;
	const struct tbd_fixed_chain *fixed = job->report->fixed;
	if (fixed == NULL)
		return job_not_written(job, path, "there is no chain");
	if (fixed->count == 0)
		return job_not_written(
			job, path, "the certificates were not made by each other's keys");
	if (fixed->missing != NULL)
		return lacks_issuer(job, path, fixed->missing);
	return job_save_new(job, path, fixed->certs, fixed->count);
}

/* A chain is shown, whoever may trust it; it is judged where somebody says who does, or by what. */
static int trust(struct job *job)
{
	bool judged = false;
	for (const struct opt *row = trust_options; !judged && row->name != NULL; row++)
		judged = opt_first(&job->given, (const char *[]){ row->name, NULL }) != NULL;
	return judged ? job_trust(job) : 0;
}

static step *const steps[] = { job_begin, job_target_tls, job_report, expect, trust, job_fetch,
	job_ask_ocsp, save_chain, job_fix_chain, save_fixed, job_judge, NULL };

static const char *const lone[] = { "chain-file", "save", "save-fixed", "expect", "fetch-missing",
	"ocsp", NULL };

static const struct opt_group groups[] = {
	{ "Chain", chain_options },
	{ NULL, fetch_options },
	{ "Trust (with one of these the chain is judged as by verify)", trust_options },
	{ NULL, clock_options },
	{ "Connection", connection_options },
	{ NULL, compare_options },
	{ "Output", output_options },
	{ NULL, output_file_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag chain",
		.summary =
			"Show the certificate chain that a server sends, in the order in which it "
			"sends it, and what is wrong with its shape.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, wss://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-chain(1).",
	},
	.lone = lone,
	.steps = steps,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
