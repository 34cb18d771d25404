/* SPDX-License-Identifier: MIT
 *
 * tbdiag-verify.c - judge a server's chain as a device with a given trust store would.
 */
#include "tools/needed-ca.h"

#define OPT_INTO struct settings

static const struct opt verify_options[] = {
	OPT_OF(opt_set_input, const char *, chain_file, "chain-file", "FILE",
		"Read the chain from FILE (PEM, DER or PKCS#7; '-': standard input) instead of the network."),
	OPT_TEXT("save-ca", "FILE", save_ca,
		"Write the CA that a device has to trust for this server to FILE, as PEM: the anchor, from the "
		"trust sources or the system's store. FILE must not be there yet."),
	OPT_BY(opt_set_sha256, "ca-sha256", "HEX",
		"With --save-ca: the CA has this SHA-256, as its owner says. Then it may be one that the server "
		"sent, and no other is written."),
	{ 0 },
};

static int find_ca(struct job *job)
{
	return job->settings.save_ca != NULL ? job_find_ca(job) : 0;
}

static int try_chain(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, job_fetch, job_ask_ocsp,
		job_describe_trust, job_fix_chain, find_ca, job_await_stacks, job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static step *const steps[] = { job_begin, job_target_tls, try_chain, job_save_ca,
	job_trust_confirmed, NULL };

static const char *const lone[] = { "chain-file", "save-ca", "fetch-missing", "ocsp", "stacks",
	"as", "device", NULL };

static void verify_check(const struct opt_spec *spec, const struct job *job)
{
	if (job->settings.ca_sha256[0] != '\0' && job->settings.save_ca == NULL)
		opt_usage_error(spec, "option '--ca-sha256' goes with '--save-ca FILE' only");
}

static const struct opt_group groups[] = {
	{ "Chain", verify_options },
	{ NULL, fetch_options },
	{ "Trust", trust_options },
	{ NULL, clock_options },
	{ "Stacks", stack_options },
	{ "Connection", connection_options },
	{ NULL, wait_options },
	{ NULL, compare_options },
	{ "Output", output_options },
	{ NULL, output_file_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag verify",
		.summary =
			"Judge the certificate chain of a server as a device with these trust sources "
			"would, and explain why it fails and how that is mended.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, wss://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-verify(1).",
	},
	.lone = lone,
	.check = verify_check,
	.steps = steps,
	.asks_stacks = true,
	.also_tls12 = true,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
