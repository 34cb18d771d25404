/* SPDX-License-Identifier: MIT
 *
 * tbdiag-verify.c - judge a server's chain as a device with a given trust store would.
 */
#include "tools/recipe.h"
#include "tools/cli/process.h"

#include <ctype.h>

struct verify {
	const char *file;
	const char *save_ca;
	char ca_sha256[65];
};

/* 64 hexadecimal digits as people paste them: with colons or spaces, in any case, and with what openssl writes
 * before them. */
static const char *set_sha256(const struct opt *opt, void *dest, char *value)
{
	struct verify *verify = dest;
	const char *from = strchr(value, '=');
	size_t len = 0;
	(void)opt;
	for (from = from != NULL ? from + 1 : value; *from != '\0'; from++) {
		if (strchr(": \t\r\n", *from) != NULL)
			continue;
		if (!isxdigit((unsigned char)*from) || len == sizeof(verify->ca_sha256) - 1)
			break;
		verify->ca_sha256[len++] = (char)tolower((unsigned char)*from);
	}
	verify->ca_sha256[len] = '\0';
	bool whole = *from == '\0' && len == sizeof(verify->ca_sha256) - 1;
	return whole
		? NULL
		: "wants the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons";
}

static const struct opt verify_options[] = {
	{ .name = "chain-file",
		.arg = "FILE",
		.help = "Read the chain from FILE (PEM, DER or PKCS#7) instead of the network.",
		.set = opt_set_text,
		.offset = offsetof(struct verify, file) },
	{ .name = "save-ca",
		.arg = "FILE",
		.help = "Write the CA that a device has to trust for this server to FILE, as PEM: the anchor, from the "
			"trust sources or the system's store. FILE must not be there yet.",
		.set = opt_set_text,
		.offset = offsetof(struct verify, save_ca) },
	{ .name = "ca-sha256",
		.arg = "HEX",
		.help = "With --save-ca: the CA has this SHA-256, as its owner says. Then it may be one that the server "
			"sent, and no other is written.",
		.set = set_sha256 },
	{ 0 },
};

static int find_ca(struct job *job, const struct verify *verify)
{
	const char *sha256 = verify->ca_sha256[0] != '\0' ? verify->ca_sha256 : NULL;
	return verify->save_ca != NULL ? tbd_find_ca(job->report, sha256, &job->error) : 0;
}

static int save_ca(struct job *job, const char *path)
{
	const struct tbd_needed_ca *ca = job->report->ca;
	if (ca == NULL)
		return job_not_written(job, path, "there is no chain");
	if (ca->cert == NULL)
		return job_not_written(job, path, "see trust.unproven");
	return job_save_new(job, path, &ca->cert, 1);
}

static int load_and_verify(struct job *job, const char *path)
{
	int rc = tbd_load(job->report, path, &job->error);
	return rc < 0 ? rc : job_verify(job);
}

static int verify_run(struct job *job, const struct verify *verify, const char *operand)
{
	int rc = job_begin(job, NULL, (const char *const[]){ verify->file, NULL });
	if (rc == 0 && verify->save_ca != NULL)
		rc = job_begin_new(verify->save_ca);
	if (rc == 0)
		rc = verify->file != NULL ? job_target_named(job, operand)
					  : job_target_tls(job, operand);
	if (rc == 0)
		rc = job_report(job);
	if (rc == 0)
		rc = job_trust(job);
	if (rc == 0)
		rc = verify->file != NULL ? load_and_verify(job, verify->file)
					  : job_fetch(job, true, false);
	if (rc == 0)
		rc = job_ask_ocsp(job);
	if (rc == 0 && job->fetch_missing)
		rc = job_fix_chain(job);
	if (rc == 0)
		rc = find_ca(job, verify);
	if (rc == 0)
		rc = job_judge(job);
	if (rc == 0 && verify->save_ca != NULL)
		rc = save_ca(job, verify->save_ca);
	return rc;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct verify verify = { 0 };
	const struct opt_group groups[] = {
		{ "Chain", verify_options, &verify },
		{ NULL, fetch_options, &job.fetch_missing },
		{ "Trust", trust_options, &job.trust },
		{ NULL, clock_options, &job.clock },
		{ "Connection", connection_options, &job.connection },
		{ NULL, compare_options, &job.compare },
		{ "Output", output_options, &job.output },
		{ 0 },
	};
	const struct opt_spec spec = {
		.command = "tbdiag verify",
		.operands = "[TARGET]",
		.operand_max = 1,
		.summary =
			"Judge the certificate chain of a server as a device with these trust sources "
			"would, and explain why it fails and how that is mended.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-verify(1).",
	};
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	const char *compare = compare_option(&job.compare);
	const char *alone = verify.file != NULL ? "--chain-file"
		: verify.save_ca != NULL        ? "--save-ca"
		: job.fetch_missing             ? "--fetch-missing"
		: job.trust.ocsp                ? "--ocsp"
						: NULL;
	if (compare != NULL && alone != NULL)
		opt_usage_error(&spec, "option '%s' does not go with '%s'", compare, alone);
	if (verify.ca_sha256[0] != '\0' && verify.save_ca == NULL)
		opt_usage_error(&spec, "option '--ca-sha256' goes with '--save-ca FILE' only");
	return job_end(&job, verify_run(&job, &verify, operands > 0 ? argv[1] : NULL));
}
