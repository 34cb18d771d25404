/* SPDX-License-Identifier: MIT
 *
 * tbdiag-verify.c - judge a server's chain as a device with a given trust store would.
 */
#include "tools/recipe.h"

#include <ctype.h>

#define OPT_INTO struct settings

enum { SHA256_LEN = sizeof(((struct settings *)NULL)->ca_sha256) - 1 };

/* 64 hexadecimal digits as people paste them: with colons or spaces, in any case, and with what openssl writes
 * before them. */
static const char *set_sha256(const struct opt *opt, void *dest, char *value)
{
	char *sha256 = ((struct settings *)dest)->ca_sha256;
	const char *from = strchr(value, '=');
	size_t len = 0;
	(void)opt;
	for (from = from != NULL ? from + 1 : value; *from != '\0'; from++) {
		if (strchr(": \t\r\n", *from) != NULL)
			continue;
		if (!isxdigit((unsigned char)*from) || len == SHA256_LEN)
			break;
		sha256[len++] = (char)tolower((unsigned char)*from);
	}
	sha256[len] = '\0';
	bool whole = *from == '\0' && len == SHA256_LEN;
	return whole
		? NULL
		: "wants the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons";
}

static const struct opt verify_options[] = {
	OPT_OF(opt_set_input, const char *, chain_file, "chain-file", "FILE",
		"Read the chain from FILE (PEM, DER or PKCS#7; '-': standard input) instead of the network."),
	OPT_TEXT("save-ca", "FILE", save_ca,
		"Write the CA that a device has to trust for this server to FILE, as PEM: the anchor, from the "
		"trust sources or the system's store. FILE must not be there yet."),
	OPT_BY(set_sha256, "ca-sha256", "HEX",
		"With --save-ca: the CA has this SHA-256, as its owner says. Then it may be one that the server "
		"sent, and no other is written."),
	{ 0 },
};

static int find_ca(struct job *job)
{
	const struct settings *settings = &job->settings;
	const char *sha256 = settings->ca_sha256[0] != '\0' ? settings->ca_sha256 : NULL;
	return settings->save_ca != NULL ? tbd_find_ca(job->report, sha256, &job->error) : 0;
}

static int save_ca(struct job *job)
{
	const char *path = job->settings.save_ca;
	if (path == NULL)
		return 0;
	const struct tbd_needed_ca *ca = job->report->ca;
	if (ca == NULL)
		return job_not_written(job, path, "there is no chain");
	if (ca->cert == NULL)
		return job_not_written(job, path, "see trust.unproven");
	return job_save_new(job, path, &ca->cert, 1);
}

/* A CA that its owner confirmed is trusted from now on, as by a device that is given the file. */
static int trust_confirmed(struct job *job)
{
	const struct tbd_needed_ca *ca = job->settings.save_ca != NULL ? job->report->ca : NULL;
	if (ca == NULL || ca->cert == NULL || strcmp(ca->proof, "sha256") != 0)
		return 0;
	int rc = tbd_trust_add_file(job->store, job->settings.save_ca, &job->error);
	if (rc == 0)
		rc = job_verify(job);
	return rc < 0 ? rc : job_judge(job);
}

static int try_chain(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, job_fetch, job_ask_ocsp,
		job_fix_chain, find_ca, job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static step *const steps[] = { job_begin, job_target_tls, try_chain, save_ca, trust_confirmed,
	NULL };

static const char *const lone[] = { "chain-file", "save-ca", "fetch-missing", "ocsp", NULL };

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
	{ "Connection", connection_options },
	{ NULL, wait_options },
	{ NULL, compare_options },
	{ "Output", output_options },
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
	.also_tls12 = true,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
