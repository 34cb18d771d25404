/* SPDX-License-Identifier: MIT
 *
 * tbdiag-roundtrip.c - write an attribute with a device's token, and read it back.
 */
#include "tools/recipe.h"
#include "tools/cli/process.h"

static int connect_and_exchange(struct job *job)
{
	int rc = job_fetch(job, true, true);
	if (rc == 0)
		rc = job_ask_ocsp(job);
	return rc < 0 ? rc : job_roundtrip(job);
}

static int roundtrip_run(struct job *job, const char *operand)
{
	int rc = job_begin(job, NULL,
		(const char *const[]){ job->token.token.file, job->token.password.file });
	if (rc == 0)
		rc = job_roundtrip_check(job);
	if (rc == 0)
		rc = job_target_asked(job, operand);
	if (rc == 0)
		rc = job_roundtrip_fits(job);
	if (rc == 0)
		rc = token_take(&job->token, &job->error);
	if (rc == 0)
		rc = job_report(job);
	if (rc == 0)
		rc = job_trust(job);
	if (rc == 0)
		rc = job_note_side_effects(job);
	if (rc == 0)
		rc = job->set != NULL ? job_transports(job) : connect_and_exchange(job);
	return rc < 0 ? rc : job_judge(job);
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	const struct opt_group groups[] = {
		{ "Round trip", roundtrip_options, &job.roundtrip },
		{ NULL, transport_options, &job.transports },
		{ "Token", token_options, &job.token },
		{ "Trust", trust_options, &job.trust },
		{ NULL, clock_options, &job.clock },
		{ NULL, insecure_options, &job.insecure },
		{ "Connection", connection_options, &job.connection },
		{ "Output", output_options, &job.output },
		{ 0 },
	};
	const struct opt_spec spec = {
		.command = "tbdiag roundtrip",
		.operands = "[TARGET]",
		.operand_max = 1,
		.summary =
			"Connect with a device's access token over MQTT, HTTP or CoAP, write an attribute and "
			"read it back, as ThingsBoard's examples do. A device that is connected over "
			"MQTT with the token is disconnected once.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, https:// or coaps:// before it, or mqtt://, "
			"http:// or coap:// (in clear). "
			"The token comes from an option, else TBDIAG_TOKEN, else a prompt. The manual is "
			"tbdiag-roundtrip(1).",
	};
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	return job_end(&job, roundtrip_run(&job, operands > 0 ? argv[1] : NULL));
}
