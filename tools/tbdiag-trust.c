/* SPDX-License-Identifier: MIT
 *
 * tbdiag-trust.c - the file that a device has to trust a server by: found, proven, written.
 */
#include "tools/needed-ca.h"

#define OPT_INTO struct settings

/* What a file is called that is shown and not asked for. */
#define UNWRITTEN "ca-root.pem"

static const struct opt file_options[] = {
	OPT_OF(opt_set_input, const char *, chain_file, "chain-file", "FILE",
		"Read the server's chain from FILE (PEM, DER or PKCS#7; '-': standard input) instead of "
		"the network."),
	OPT_FLAG("from-server", from_server,
		"Ask ThingsBoard for the file that it hands out to devices, and judge the server by that."),
	OPT_TEXT("web", "URL", web,
		"With --from-server: where ThingsBoard's web pages are, https://HOST[:PORT] or "
		"http://HOST[:PORT]. Default: https at the target's host, then http at its port 8080."),
	OPT_BY(opt_set_sha256, "accept-fingerprint", "SHA256",
		"The CA has this SHA-256, as whoever runs the server says by another way. Then it may be "
		"one that only the server vouches for, and no other is written."),
	OPT_OF(opt_set_inputs, struct opt_list, ca_files, "from", "FILE",
		"Take the CA out of FILE, whose certificates are trusted: the same as --ca-file."),
	OPT_CHOICE("emit", "pem|der|c-array|c-string|bearssl-ta", enum tbd_emit, emit,
		"The form of what --output writes (default pem): c-array, c-string and bearssl-ta are C "
		"source, with the certificate in DER, in PEM, and as a trust anchor of BearSSL."),
	OPT_TEXT("output", "FILE", save_ca,
		"Write the file for the device to FILE, which must not be there yet. The report goes to "
		"standard output.",
		.letter = 'o'),
	{ 0 },
};

static int parse_web(struct job *job)
{
	const char *text = job->settings.web;
	if (text == NULL)
		return 0;
	int rc = tbd_target_parse(text, &job->web, &job->error);
	if (rc == 0 && job->web->scheme != TBD_SCHEME_HTTPS && job->web->scheme != TBD_SCHEME_HTTP)
		return job_fail(job, TBD_E_TARGET,
			"'--web' wants https://HOST[:PORT] or http://HOST[:PORT], not %s",
			job->web->url);
	return rc;
}

/* What the server hands out is what it is judged by from now on. Where it has nothing, nobody is trusted: its chain is
 * shown, and not judged. */
static int take_served(struct job *job)
{
	struct settings *settings = &job->settings;
	const struct tbd_report *report = job->report;
	size_t count = report->served_file_count;
	bool came = count > 0 && report->served_files[count - 1]->cert_count > 0;
	settings->verify.trust = job->served;
	settings->fetch.verify = came ? &settings->verify : NULL;
	return 0;
}

/* Who hands it out is judged by the trust sources that were named, as any web server. */
static int ask_server(struct job *job)
{
	struct tbd_trust_file_options options = TBD_TRUST_FILE_OPTIONS_INIT;
	if (!job->settings.from_server)
		return 0;
	int rc = job_connect_to(job);
	if (rc == 0)
		rc = parse_web(job);
	if (rc < 0)
		return rc;
	job->served = tbd_trust_new();
	if (job->served == NULL)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	options.web = job->web;
	options.fetch = &job->settings.fetch;
	options.into = job->served;
	rc = tbd_ask_trust_file(job->report, &options, &job->error);
	progress_clear(&job->progress);
	return rc < 0 ? rc : take_served(job);
}

/* The stacks are asked about the file that is found, and not before. */
static int put_stacks_off(struct job *job)
{
	struct tbd_verify_options *verify = &job->settings.verify;
	job->proof = *verify;
	verify->stacks = verify->as = NULL;
	verify->installed_stacks = false;
	return 0;
}

/* Judge the server by the file that was found, and by nothing else. */
static int prove(struct job *job)
{
	const struct settings *settings = &job->settings;
	struct tbd_prove_ca_options options = TBD_PROVE_CA_OPTIONS_INIT;
	struct tbd_stacks_options stacks = TBD_STACKS_OPTIONS_INIT;
	job->proof.trust = settings->verify.trust;
	stacks.timeout_ms = settings->fetch.timeout_ms;
	stacks.progress = progress_show;
	stacks.progress_arg = &job->progress;
	options.verify = &job->proof;
	options.stacks = &stacks;
	options.name = settings->save_ca != NULL ? settings->save_ca : UNWRITTEN;
	int rc = tbd_prove_ca(job->report, &options, &job->error);
	progress_clear(&job->progress);
	return rc;
}

static int try_server(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, ask_server, job_fetch,
		job_ask_ocsp, job_fix_chain, job_find_ca, prove, job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static int note_unwritten(struct job *job)
{
	const struct tbd_needed_ca *ca = job->report->ca;
	if (job->settings.save_ca != NULL || ca == NULL || ca->cert == NULL)
		return 0;
	return job_note(job, UNWRITTEN ": not written; --output " UNWRITTEN " writes it");
}

static step *const steps[] = { job_begin, job_target_tls, put_stacks_off, try_server, job_save_ca,
	note_unwritten, NULL };

static void trust_check(const struct opt_spec *spec, const struct job *job)
{
	const struct settings *settings = &job->settings;
	if (opt_first(&job->given, (const char *[]){ "emit", NULL }) != NULL &&
		settings->save_ca == NULL)
		opt_usage_error(spec, "option '--emit' goes with '--output FILE' only");
	if (settings->web != NULL && !settings->from_server)
		opt_usage_error(spec, "option '--web' goes with '--from-server' only");
	if (settings->from_server && settings->chain_file != NULL)
		opt_usage_error(
			spec, "'--from-server' asks a server: it does not go with '--chain-file'");
}

static const struct opt_group groups[] = {
	{ "Trust file", file_options },
	{ NULL, fetch_options },
	{ "Trust", trust_options },
	{ NULL, clock_options },
	{ "Stacks", stack_options },
	{ "Connection", connection_options },
	{ NULL, wait_options },
	{ "Output", output_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag trust",
		.summary =
			"Find the file that a device has to trust this server by, prove that it does, and "
			"write it.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, wss://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-trust(1).",
	},
	.check = trust_check,
	.steps = steps,
	.asks_stacks = true,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
