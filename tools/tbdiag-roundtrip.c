/* SPDX-License-Identifier: MIT
 *
 * tbdiag-roundtrip.c - write an attribute with a device's token, and read it back.
 */
#include "job.h"
#include "process.h"

struct roundtrip {
	const char *mqtt_version;
	bool read_only;
};

static const struct opt roundtrip_options[] = {
	{ .name = "mqtt-version",
		.arg = "3.1|3.1.1|5",
		.help = "Speak this version of MQTT (default 3.1.1). Version 5 has reasons for most "
			"refusals.",
		.set = opt_set_word,
		.offset = offsetof(struct roundtrip, mqtt_version) },
	{ .name = "read-only",
		.help = "Ask for an attribute only; write nothing.",
		.set = opt_set_flag,
		.offset = offsetof(struct roundtrip, read_only) },
	{ 0 },
};

static const struct opt insecure_options[] = {
	{ .name = "insecure",
		.help = "Send the token although the peer is not verified: whoever answers gets it.",
		.set = opt_set_flag },
	{ 0 },
};

/* A session of ThingsBoard belongs to the device: a new one ends the old one. */
static int note_side_effects(struct job *job, bool read_only)
{
	int rc = job_note(job, "a device that is connected with this token is disconnected once");
	if (rc == 0 && !read_only)
		rc = job_note(job, "the client attribute tbdiagProbe stays on the device");
	if (rc == 0 && job->connection.cert_file != NULL)
		rc = job_note(job,
			"ThingsBoard ignores the token of a device that shows a client certificate: "
			"--cert decides which device this is");
	return rc;
}

static int exchange(struct job *job, const struct roundtrip *settings)
{
	struct tbd_roundtrip_options options = TBD_ROUNDTRIP_OPTIONS_INIT;
	options.token = job->token.token;
	options.mqtt_version = settings->mqtt_version;
	options.read_only = settings->read_only;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_roundtrip(job->report, &options, &job->error);
	token_free(&job->token); /* a reader of the output may keep us waiting */
	progress_clear(&job->progress);
	return rc;
}

static int run(struct job *job, const struct roundtrip *settings, const char *operand)
{
	int rc = job_begin(job, NULL);
	if (rc == 0)
		rc = job_target_asked(job, operand);
	if (rc == 0)
		rc = token_take(&job->token, &job->error);
	if (rc == 0)
		rc = job_report(job);
	if (rc == 0)
		rc = job_trust(job);
	if (rc == 0)
		rc = note_side_effects(job, settings->read_only);
	if (rc == 0)
		rc = job_fetch(job, true, true);
	if (rc == 0)
		rc = exchange(job, settings);
	return rc < 0 ? rc : tbd_judge(job->report, &job->error);
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct roundtrip roundtrip = { 0 };
	const struct opt_group groups[] = {
		{ "Round trip", roundtrip_options, &roundtrip },
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
			"Connect with a device's access token over MQTT, ask for an attribute as "
			"ThingsBoard's example does, write one and read it back. A device that is "
			"connected with the token is disconnected once.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], mqtts://HOST[:PORT] or mqtt://HOST[:PORT] (in clear). "
			"The token comes from an option, else TBDIAG_TOKEN, else a prompt. The manual is "
			"tbdiag-roundtrip(1).",
	};
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	return job_end(&job, run(&job, &roundtrip, operands > 0 ? argv[1] : NULL));
}
