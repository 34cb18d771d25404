/* SPDX-License-Identifier: MIT
 *
 * tbdiag-trust.c - the file that a device has to trust a server by: found, proven, written.
 */
#include "tools/needed-ca.h"

#define OPT_INTO struct settings

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

static int try_server(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, ask_server, job_fetch,
		job_fix_chain, job_find_ca, job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static step *const steps[] = { job_begin, job_target_tls, try_server, job_save_ca,
	job_trust_confirmed, NULL };

static void trust_check(const struct opt_spec *spec, const struct job *job)
{
	const struct settings *settings = &job->settings;
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
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
