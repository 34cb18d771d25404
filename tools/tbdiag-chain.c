/* SPDX-License-Identifier: MIT
 *
 * tbdiag-chain.c - the certificates that a server sends, as it sends them.
 */
#include "tools/recipe.h"
#include "tools/cli/process.h"

struct chain {
	const char *file;
	const char *save;
	const char *save_fixed;
	const char *expect;
};

static const struct opt chain_options[] = {
	{ .name = "chain-file",
		.arg = "FILE",
		.help = "Read the chain from FILE (PEM, DER or PKCS#7) instead of the network.",
		.set = opt_set_text,
		.offset = offsetof(struct chain, file) },
	{ .name = "save",
		.arg = "FILE",
		.help = "Write the chain as it was sent to FILE, as PEM.",
		.set = opt_set_text,
		.offset = offsetof(struct chain, save) },
	{ .name = "save-fixed",
		.arg = "FILE",
		.help = "Write the chain that the server should send to FILE, as PEM: in order, without root, "
			"with what --fetch-missing found.",
		.set = opt_set_text,
		.offset = offsetof(struct chain, save_fixed) },
	{ .name = "expect",
		.arg = "FILE",
		.help = "Compare with this file (PEM, DER or PKCS#7): does the server serve it by now?",
		.set = opt_set_text,
		.offset = offsetof(struct chain, expect) },
	{ 0 },
};

static int save_chain(struct job *job, const char *path)
{
	const struct tbd_chain *chain = job->report->chain;
	if (chain == NULL || chain->count == 0)
		return job_not_written(job, path, "there is no chain");
	return job_save(job, path, chain->certs, chain->count);
}

static int lacks_issuer(struct job *job, const char *path, const char *issuer)
{
	char *why = NULL;
	if (asprintf(&why, "%s is missing%s", issuer,
		    job->fetch_missing ? " and could not be fetched"
				       : "; --fetch-missing gets it") < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	int rc = job_not_written(job, path, why);
	free(why);
	return rc;
}

static int save_fixed(struct job *job, const char *path)
{
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

static int fix(struct job *job, const struct chain *chain)
{
	if (chain->save_fixed == NULL && !job->fetch_missing)
		return 0;
	int rc = job_fix_chain(job);
	return rc == 0 && chain->save_fixed != NULL ? save_fixed(job, chain->save_fixed) : rc;
}

static int chain_run(struct job *job, const struct chain *chain, const char *operand)
{
	int rc = job_begin(job, chain->save, (const char *const[]){ chain->file, chain->expect });
	if (rc == 0 && chain->save_fixed != NULL)
		rc = job_begin_new(chain->save_fixed);
	if (rc == 0)
		rc = chain->file != NULL ? job_target_named(job, operand)
					 : job_target_tls(job, operand);
	if (rc == 0)
		rc = job_report(job);
	if (rc == 0 && chain->expect != NULL)
		rc = tbd_expect(job->report, chain->expect, &job->error);
	if (rc == 0)
		rc = chain->file != NULL ? tbd_load(job->report, chain->file, &job->error)
					 : job_fetch(job, false, false);
	if (rc == 0 && chain->save != NULL)
		rc = save_chain(job, chain->save);
	if (rc == 0)
		rc = fix(job, chain);
	return rc < 0 ? rc : job_judge(job);
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct chain chain = { 0 };
	const struct opt_group groups[] = {
		{ "Chain", chain_options, &chain },
		{ NULL, fetch_options, &job.fetch_missing },
		{ NULL, clock_options, &job.clock },
		{ "Connection", connection_options, &job.connection },
		{ NULL, compare_options, &job.compare },
		{ "Output", output_options, &job.output },
		{ 0 },
	};
	const struct opt_spec spec = {
		.command = "tbdiag chain",
		.operands = "[TARGET]",
		.operand_max = 1,
		.summary =
			"Show the certificate chain that a server sends, in the order in which it "
			"sends it, and what is wrong with its shape.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-chain(1).",
	};
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	const char *compare = compare_option(&job.compare);
	const char *alone = chain.file != NULL ? "--chain-file"
		: chain.save != NULL           ? "--save"
		: chain.save_fixed != NULL     ? "--save-fixed"
		: chain.expect != NULL         ? "--expect"
		: job.fetch_missing            ? "--fetch-missing"
					       : NULL;
	if (compare != NULL && alone != NULL)
		opt_usage_error(&spec, "option '%s' does not go with '%s'", compare, alone);
	return job_end(&job, chain_run(&job, &chain, operands > 0 ? argv[1] : NULL));
}
