/* SPDX-License-Identifier: MIT
 *
 * tbdiag-verify.c - judge a server's chain as a device with a given trust store would.
 */
#include "job.h"
#include "process.h"

struct verify {
	const char *file;
	const char *save_ca;
};

static const struct opt verify_options[] = {
	{ .name = "chain-file",
		.arg = "FILE",
		.help = "Read the chain from FILE (PEM, DER or PKCS#7) instead of the network.",
		.set = opt_set_text,
		.offset = offsetof(struct verify, file) },
	{ .name = "save-ca",
		.arg = "FILE",
		.help = "When the server sends the certificate that would have to be trusted (self-signed, or "
			"the root of a private CA), write it to FILE. Compare its SHA-256 with its owner before "
			"trusting it.",
		.set = opt_set_text,
		.offset = offsetof(struct verify, save_ca) },
	{ 0 },
};

/* The self-signed certificate that was sent and would have to be trusted, or NULL. */
static const struct tbd_cert *cert_to_import(const struct tbd_report *report)
{
	const struct tbd_verification *verification = report->verification;
	const struct tbd_path *path = verification != NULL ? verification->path : NULL;
	return path != NULL && path->fault == TBD_FAULT_UNTRUSTED_ROOT
		? path->certs[path->count - 1]
		: NULL;
}

static int save_ca(struct job *job, const char *path)
{
	const struct tbd_cert *cert = cert_to_import(job->report);
	if (cert != NULL)
		return job_save(job, path, &cert, 1);
	const struct tbd_verification *verification = job->report->verification;
	if (verification == NULL)
		return job_note(job, "%s: not written, there is no chain", path);
	if (verification->path != NULL && verification->path->anchored)
		return job_note(job, "%s: not written, the store already holds the anchor", path);
	return job_note(job,
		"%s: not written, the server does not send the root that has to be trusted", path);
}

static int load_and_verify(struct job *job, const char *path)
{
	int rc = tbd_load(job->report, path, &job->error);
	return rc < 0 ? rc : job_verify(job);
}

static int run(struct job *job, const struct verify *verify, const char *operand)
{
	int rc = job_begin(job, verify->save_ca);
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
			"TARGET is HOST[:PORT], mqtts://HOST[:PORT] or https://HOST[:PORT]; none given: "
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
	return job_end(&job, run(&job, &verify, operands > 0 ? argv[1] : NULL));
}
