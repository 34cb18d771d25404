/* SPDX-License-Identifier: MIT
 *
 * recipe.c - the steps that recipes are made of, and the main program that takes them.
 */
#include "tools/recipe.h"

#include "tools/cli/output.h"
#include "tools/cli/prompt.h"
#include "tools/render/render.h"
#include "tools/render/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CLOUD_HOST "mqtt.thingsboard.cloud"
#define CLOUD_DOMAIN "thingsboard.cloud"
#define CLOUD_CHAIN "tb-cloud-chain.pem"

int job_fail(struct job *job, enum tbd_err code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(job->error.text, sizeof(job->error.text), format, args);
	va_end(args);
	return code;
}

int job_note(struct job *job, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	int rc = job->set != NULL ? tbd_set_note(job->set, text, &job->error)
				  : tbd_report_note(job->report, text, &job->error);
	free(text);
	return rc;
}

int job_not_written(struct job *job, const char *path, const char *why)
{
	job->unwritten = true;
	if (job->settings.verbosity == TBD_VERBOSITY_QUIET)
		complain("%s: not written, %s", path, why);
	return job_note(job, "%s: not written, %s", path, why);
}

static bool is_apart_from(const char *path, const struct opt_list *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->items[i] != NULL && output_check_apart(path, inputs->items[i]) < 0)
			return false;
	return true;
}

/* A file may be written: it can be, and it is not one that this run reads. */
static bool is_fit(const struct settings *settings, const char *path)
{
	const char *files[] = { settings->chain_file, settings->expect, settings->read,
		settings->secrets[SECRET_TOKEN].file, settings->secrets[SECRET_PASSWORD].file,
		settings->fetch.cert_file, settings->fetch.key_file };
	const struct opt_list named = { files, TOOL_COUNT(files) };
	return output_check(path) == 0 && is_apart_from(path, &named) &&
		is_apart_from(path, &settings->ca_files) &&
		is_apart_from(path, &settings->untrusted) && is_apart_from(path, &settings->crls);
}

static size_t count_stdin(const struct opt_list *inputs)
{
	size_t count = 0;
	for (size_t i = 0; i < inputs->count; i++)
		count += inputs->items[i] != NULL && strcmp(inputs->items[i], STDIN_PATH) == 0;
	return count;
}

/* What the first reader has read is gone. */
static int check_stdin(struct job *job)
{
	const struct settings *settings = &job->settings;
	const char *files[] = { settings->chain_file, settings->expect };
	const struct opt_list named = { files, TOOL_COUNT(files) };
	size_t count = count_stdin(&named) + count_stdin(&settings->ca_files) +
		count_stdin(&settings->untrusted) + count_stdin(&settings->crls) +
		settings->secrets[SECRET_TOKEN].from_stdin +
		settings->secrets[SECRET_PASSWORD].from_stdin;
	return count <= 1 ? 0
			  : job_fail(job, TBD_E_INVALID,
				    "standard input ('-') can be read for one option only");
}

/* Where the report goes nothing else can. */
static int check_saved(struct job *job)
{
	const struct settings *settings = &job->settings;
	const char *const files[] = { settings->save, settings->save_fixed, settings->save_ca };
	for (size_t i = 0; i < TOOL_COUNT(files); i++)
		if (files[i] != NULL && strcmp(files[i], "-") == 0)
			return job_fail(job, TBD_E_INVALID,
				"certificates are saved to a file, as standard output has the report: "
				"name one in the place of '-'");
	return 0;
}

int job_begin(struct job *job)
{
	const struct settings *settings = &job->settings;
	const char *const files[] = { settings->output, settings->save };
	const char *const new_files[] = { settings->save_fixed, settings->save_ca };
	int rc = check_stdin(job);
	if (rc == 0)
		rc = check_saved(job);
	if (rc == 0)
		rc = tbd_stacks_check(&settings->verify, &job->error);
	if (rc < 0)
		return rc;
	/* What is wrong was said. */
	for (size_t i = 0; i < TOOL_COUNT(files); i++)
		if (files[i] != NULL && !is_fit(settings, files[i]))
			return TBD_E_CANCELLED;
	for (size_t i = 0; i < TOOL_COUNT(new_files); i++)
		if (new_files[i] != NULL && output_check_new(new_files[i]) < 0)
			return TBD_E_CANCELLED;
	return 0;
}

/* ---- target ----------------------------------------------------------------------------------- */

static bool is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The same target with the path of --ws-path. */
static int take_ws_path(struct job *job)
{
	struct tbd_target *target = job->target;
	const char *path = job->settings.ws_path;
	char *text = NULL;
	if (path == NULL)
		return 0;
	if (target->path == NULL)
		return job_fail(job, TBD_E_TARGET,
			"'--ws-path' is for ws:// and wss://, and not for %s", target->url);
	int len = (int)(strlen(target->url) - strlen(target->path));
	if (asprintf(&text, "%.*s%s%s", len, target->url, *path == '/' ? "" : "/", path) < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	tbd_target_free(target);
	job->target = NULL;
	int rc = tbd_target_parse(text, &job->target, &job->error);
	free(text);
	return rc;
}

static int parse_target(struct job *job, const char *text)
{
	if (strcmp(text, "-") == 0)
		return job_fail(job, TBD_E_TARGET,
			"'-' is no host; '--chain-file -' reads a chain from standard input");
	if (is_file(text))
		return job_fail(job, TBD_E_TARGET,
			"%s is a file, not a host; 'tbdiag verify --chain-file %s' judges the "
			"chain in it",
			text, text);
	int rc = tbd_target_parse(text, &job->target, &job->error);
	if (rc == 0)
		rc = take_ws_path(job);
	job->settings.report.target = job->target;
	return rc;
}

static const char *target_of_environment(void)
{
	const char *text = getenv("TBDIAG_TARGET");
	return text != NULL && *text != '\0' ? text : NULL;
}

/* The operand, else the environment's target, or NULL. */
static const char *choose_target(struct job *job)
{
	const char *text = job->operand;
	if (text == NULL && (text = target_of_environment()) != NULL)
		job->target_note = "the target comes from TBDIAG_TARGET";
	return text;
}

static int no_target(struct job *job)
{
	return job_fail(job, TBD_E_TARGET, "no TARGET was given: name one, or set TBDIAG_TARGET");
}

int job_target_unasked(struct job *job)
{
	const char *text = choose_target(job);
	if (text == NULL && token_is_there(&job->settings))
		return no_target(job);
	if (text == NULL) {
		text = CLOUD_HOST;
		job->target_note = "no TARGET was given: " CLOUD_HOST " is taken";
	}
	return parse_target(job, text);
}

int job_target_tls(struct job *job)
{
	if (job->settings.chain_file != NULL)
		return job->operand != NULL ? parse_target(job, job->operand) : 0;
	int rc = job_target_unasked(job);
	if (rc == 0 && !job->target->tls)
		return job_fail(job, TBD_E_TARGET,
			"%s speaks no TLS and shows no certificate; use mqtts://, wss://, https:// or coaps://",
			job->target->url);
	return rc;
}

static bool is_cloud_host(const char *host)
{
	size_t len = strlen(host), tail = strlen(CLOUD_DOMAIN);
	return len >= tail && strcasecmp(host + len - tail, CLOUD_DOMAIN) == 0 &&
		(len == tail || host[len - tail - 1] == '.');
}

static bool has_source(const struct settings *settings)
{
	return settings->ca_files.count > 0 || settings->ca_dirs.count > 0 || settings->system;
}

/* ThingsBoard's example script asks for the CA file of a server that is not its cloud. */
static int ask_for_ca_file(struct job *job)
{
	if (!job->target->tls || is_cloud_host(job->target->host) || has_source(&job->settings))
		return 0;
	if (prompt_line("CA file of your server (empty: the system's store): ", job->asked_file,
		    sizeof(job->asked_file)) < 0)
		return job_fail(job, TBD_E_INVALID, "no answer");
	if (job->asked_file[0] != '\0' &&
		opt_list_add(&job->settings.ca_files, job->asked_file) < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	return 0;
}

static int ask_for_target(struct job *job)
{
	if (!prompt_possible())
		return no_target(job);
	if (prompt_line("ThingsBoard host (empty: " CLOUD_HOST "): ", job->asked_host,
		    sizeof(job->asked_host)) < 0)
		return job_fail(job, TBD_E_TARGET, "no TARGET was given");
	int rc = parse_target(job, job->asked_host[0] != '\0' ? job->asked_host : CLOUD_HOST);
	return rc < 0 ? rc : ask_for_ca_file(job);
}

int job_target_asked(struct job *job)
{
	const char *text = choose_target(job);
	return text != NULL ? parse_target(job, text) : ask_for_target(job);
}

/* HOST, HOST:PORT, IPV6, [IPV6] and [IPV6]:PORT */
static bool names_port(const char *text)
{
	const char *end = strrchr(text, ']');
	const char *colon = strrchr(text, ':');
	return end != NULL ? end[1] == ':' : colon != NULL && colon == strchr(text, ':');
}

int job_connect_to(struct job *job)
{
	struct tbd_fetch_options *options = &job->settings.fetch;
	const char *text = job->settings.connect_to;
	if (text == NULL || job->connect_to != NULL)
		return 0;
	if (strchr(text, '/') != NULL)
		return job_fail(
			job, TBD_E_TARGET, "--connect-to must be HOST[:PORT], without a path");
	int rc = tbd_target_parse(text, &job->connect_to, &job->error);
	if (rc < 0)
		return rc;
	options->connect_host = job->connect_to->host;
	options->connect_port = names_port(text) ? job->connect_to->port : 0;
	return 0;
}

/* ---- report and trust ------------------------------------------------------------------------- */

/* A peer may know them, from an attempt before this one or from the device. */
static int hide_secrets(struct job *job)
{
	const struct tbd_roundtrip_options *options = &job->settings.roundtrip;
	const struct tbd_token *const secrets[] = { options->token, options->password };
	int rc = 0;
	for (size_t i = 0; rc == 0 && job->report != NULL && i < TOOL_COUNT(secrets); i++)
		if (secrets[i] != NULL)
			rc = tbd_report_hide(job->report, secrets[i], &job->error);
	return rc;
}

int job_report(struct job *job)
{
	const struct settings *settings = &job->settings;
	if (settings->all_addresses && settings->port_count > 0)
		return job_fail(job, TBD_E_INVALID,
			"--all-addresses and --also-ports are two comparisons: give one of them");
	bool of_transports = transport_option(settings) != NULL;
	enum tbd_comparison compares = of_transports ? TBD_COMPARES_TRANSPORTS
		: settings->all_addresses            ? TBD_COMPARES_ADDRESSES
						     : TBD_COMPARES_PORTS;
	int rc = of_transports || compare_option(settings) != NULL
		? tbd_set_new(compares, &job->set, &job->error)
		: tbd_report_new(&settings->report, &job->report, &job->error);
	if (rc == 0)
		rc = hide_secrets(job);
	if (rc == 0 && job->target_note != NULL)
		rc = job_note(job, "%s", job->target_note);
	return rc;
}

/* Nobody else can have put it there: the file and its directory are ours or root's to write. A group may be
 * that of the user alone, as Debian makes it. */
static bool is_own_file(const char *path)
{
	const char *const parts[] = { path, "." };
	struct stat status;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (stat(parts[i], &status) < 0 || (status.st_mode & S_IWOTH) != 0 ||
			((status.st_mode & S_IWGRP) != 0 && status.st_gid != getegid()) ||
			(status.st_uid != geteuid() && status.st_uid != 0))
			return false;
	return true;
}

static int add_default_source(struct job *job)
{
	if (job->target == NULL || !is_cloud_host(job->target->host) || !is_file(CLOUD_CHAIN))
		return tbd_trust_add_system(job->store, &job->error);
	if (!is_own_file(CLOUD_CHAIN)) {
		int noted = job_note(job,
			"%s of the working directory is not trusted, because others can write it or the "
			"directory; --ca-file %s trusts it all the same",
			CLOUD_CHAIN, CLOUD_CHAIN);
		return noted < 0 ? noted : tbd_trust_add_system(job->store, &job->error);
	}
	int rc = job_note(job,
		"%s of the working directory is trusted, as in ThingsBoard's example; "
		"--system takes the system's store instead",
		CLOUD_CHAIN);
	return rc < 0 ? rc : tbd_trust_add_file(job->store, CLOUD_CHAIN, &job->error);
}

/* A file for a directory, or the other way round, is a slip of the pen; what cannot be read is no fault of the
 * server. */
static int check_sources(struct job *job)
{
	const struct opt_list *files = &job->settings.ca_files, *dirs = &job->settings.ca_dirs;
	struct stat status;
	for (size_t i = 0; i < files->count; i++)
		if (stat(files->items[i], &status) == 0 && S_ISDIR(status.st_mode))
			return job_fail(job, TBD_E_INVALID, "%s: Is a directory: use --ca-path %s",
				files->items[i], files->items[i]);
	for (size_t i = 0; i < dirs->count; i++)
		if (stat(dirs->items[i], &status) == 0 && S_ISREG(status.st_mode))
			return job_fail(job, TBD_E_INVALID,
				"%s: Not a directory but a file: use --ca-file %s", dirs->items[i],
				dirs->items[i]);
		else if (access(dirs->items[i], R_OK | X_OK) < 0)
			return job_fail(job, TBD_E_OPEN, "%s: %s", dirs->items[i], strerror(errno));
	return 0;
}

typedef int trust_add(struct tbd_trust *trust, const char *path, struct tbd_error *error);

static int add_each(struct job *job, trust_add *add, const struct opt_list *paths)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < paths->count; i++)
		rc = add(job->store, paths->items[i], &job->error);
	return rc;
}

int job_trust(struct job *job)
{
	struct settings *settings = &job->settings;
	job->store = tbd_trust_new();
	if (job->store == NULL)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	settings->verify.trust = job->store;
	settings->fetch.verify = &settings->verify;
	int rc = has_source(settings) ? check_sources(job) : add_default_source(job);
	if (rc == 0)
		rc = add_each(job, tbd_trust_add_file, &settings->ca_files);
	if (rc == 0)
		rc = add_each(job, tbd_trust_add_dir, &settings->ca_dirs);
	if (rc == 0 && settings->system)
		rc = tbd_trust_add_system(job->store, &job->error);
	if (rc == 0)
		rc = add_each(job, tbd_trust_add_untrusted, &settings->untrusted);
	return rc < 0 ? rc : add_each(job, tbd_trust_add_crl, &settings->crls);
}

/* ---- stages ----------------------------------------------------------------------------------- */

/* What was asked for and could not be done is said. */
static int note_no_comparison(struct job *job)
{
	const struct tbd_connection *connection =
		job->report != NULL ? job->report->connection : NULL;
	if (!job->settings.fetch.without_sni || connection == NULL ||
		connection->without_sni != NULL)
		return 0;
	bool nameless = connection->tls != NULL && connection->tls->sni == NULL;
	return job_note(job, "--without-sni: nothing to compare, %s",
		nameless ? "no server name was sent" : "the server showed no certificate");
}

static int load_chain(struct job *job)
{
	int rc = tbd_load(job->report, job->settings.chain_file, &job->error);
	return rc < 0 || job->store == NULL ? rc : job_verify(job);
}

static int fetch_any(struct job *job)
{
	const struct settings *settings = &job->settings;
	if (job->set == NULL)
		return tbd_fetch(job->report, &settings->fetch, &job->error);
	if (settings->all_addresses)
		return tbd_set_fetch(job->set, &settings->report, &settings->fetch, &job->error);
	if (settings->port_count > 0)
		return tbd_set_fetch_ports(job->set, &settings->report, &settings->fetch,
			settings->ports, settings->port_count, &job->error);
	return tbd_set_roundtrip(job->set, &settings->report, &settings->fetch,
		&settings->roundtrip, &settings->transports, &job->error);
}

int job_fetch(struct job *job)
{
	struct settings *settings = &job->settings;
	if (settings->chain_file != NULL)
		return load_chain(job);
	int rc = job_connect_to(job);
	if (rc < 0)
		return rc;
	settings->fetch.keep_open = job->set == NULL && token_is_there(settings);
	rc = fetch_any(job);
	progress_clear(&job->progress);
	return rc < 0 ? rc : note_no_comparison(job);
}

int job_judge(struct job *job)
{
	return job->set != NULL ? tbd_set_judge(job->set, &job->error)
				: tbd_judge(job->report, &job->error);
}

int job_verify(struct job *job)
{
	if (job->settings.verify.name == NULL && job->target == NULL) {
		int rc = job_note(job,
			"no name was given: whether the certificate is for the right "
			"host was not judged (TARGET or --verify-name)");
		if (rc < 0)
			return rc;
	}
	return tbd_verify(job->report, &job->settings.verify, &job->error);
}

int job_describe_trust(struct job *job)
{
	bool is_asked = job->report != NULL && job->target != NULL && job->target->tls;
	return is_asked && job->report->trust == NULL ? job_verify(job) : 0;
}

/* What was asked for and could not be done is said. */
static int note_no_responder(struct job *job)
{
	const struct tbd_verification *verification = job->report->verification;
	if (job->report->ocsp_count > 0)
		return 0;
	return job_note(job, "--ocsp: nobody was asked, %s",
		verification == NULL || verification->path == NULL ? "there is no chain"
			: verification->path->fault != TBD_FAULT_NONE
			? "no path is accepted"
			: "no certificate of the path names a responder");
}

/* Some responder could tell of this certificate. */
static bool is_told(const struct tbd_report *report, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < report->ocsp_count; i++)
		if (report->ocsp[i]->cert == cert && report->ocsp[i]->detail == NULL)
			return true;
	return false;
}

/* No answer is not to be taken for a good one. */
static int note_silence(struct job *job)
{
	const struct tbd_report *report = job->report;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < report->ocsp_count; i++) {
		const struct tbd_ocsp_query *query = report->ocsp[i];
		if (!is_told(report, query->cert))
			rc = job_note(job, "--ocsp: whether %s was revoked is not known: %s: %s",
				query->cert->subject, query->url, query->detail);
	}
	return rc;
}

int job_ask_ocsp(struct job *job)
{
	struct tbd_ocsp_options options = TBD_OCSP_OPTIONS_INIT;
	if (!job->settings.ocsp)
		return 0;
	options.verify = &job->settings.verify;
	options.timeout_ms = job->settings.fetch.timeout_ms;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_ask_ocsp(job->report, &options, &job->error);
	progress_clear(&job->progress);
	if (rc == 0)
		rc = note_no_responder(job);
	return rc < 0 ? rc : note_silence(job);
}

int job_await_stacks(struct job *job)
{
	struct tbd_stacks_options options = TBD_STACKS_OPTIONS_INIT;
	if (job->set != NULL)
		return 0;
	options.timeout_ms = job->settings.fetch.timeout_ms;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_await_stacks(job->report, &options, &job->error);
	progress_clear(&job->progress);
	return rc;
}

static int fix_chain(struct job *job)
{
	struct tbd_fix_chain_options options = TBD_FIX_CHAIN_OPTIONS_INIT;
	options.trust = job->store;
	options.fetch = job->settings.fetch_missing;
	options.timeout_ms = job->settings.fetch.timeout_ms;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_fix_chain(job->report, &options, &job->error);
	progress_clear(&job->progress);
	return rc;
}

int job_fix_chain(struct job *job)
{
	if (!job->settings.fetch_missing && job->settings.save_fixed == NULL)
		return 0;
	if (job->store == NULL) {
		job->store = tbd_trust_new();
		if (job->store == NULL)
			return job_fail(job, TBD_E_NOMEM, "out of memory");
		/* Only to know where the chain may end: a system without a store has none. */
		int rc = tbd_trust_add_system(job->store, NULL);
		if (rc == TBD_E_NOMEM)
			return job_fail(job, TBD_E_NOMEM, "out of memory");
	}
	return fix_chain(job);
}

static int write_text(
	struct job *job, output_writer *write, const char *path, const char *text, size_t count)
{
	/* It has said what was wrong. */
	if (write(path, text, strlen(text)) < 0)
		return TBD_E_CANCELLED;
	return job_note(job, "%s: %zu certificate%s written", path, count, count == 1 ? "" : "s");
}

int job_save_text(struct job *job, const char *path, const char *text, size_t count)
{
	return write_text(job, output_new_file, path, text, count);
}

static int save(struct job *job, output_writer *write, const char *path,
	const struct tbd_cert *const *certs, size_t count)
{
	char *pem = NULL;
	int rc = tbd_certs_to_pem(certs, count, &pem, &job->error);
	if (rc == 0)
		rc = write_text(job, write, path, pem, count);
	free(pem);
	return rc;
}

int job_save(struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count)
{
	return save(job, output_file, path, certs, count);
}

int job_save_new(
	struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count)
{
	return save(job, output_new_file, path, certs, count);
}

/* ---- the round trip ---------------------------------------------------------------------------- */

int job_roundtrip_check(struct job *job)
{
	const struct settings *settings = &job->settings;
	int rc = token_check(settings, &job->error);
	return rc < 0 ? rc : tbd_roundtrip_check(&settings->roundtrip, NULL, &job->error);
}

static const char *transports_of(const struct job *job)
{
	return transport_option(&job->settings);
}

static bool is_mqtt(enum tbd_scheme scheme)
{
	switch (scheme) {
	case TBD_SCHEME_MQTTS:
	case TBD_SCHEME_MQTT:
	case TBD_SCHEME_WSS:
	case TBD_SCHEME_WS:
		return true;
	case TBD_SCHEME_HTTPS:
	case TBD_SCHEME_HTTP:
	case TBD_SCHEME_COAPS:
	case TBD_SCHEME_COAP:
		break;
	}
	return false;
}

/* As given without scheme and port. */
static bool is_bare(const struct tbd_target *target)
{
	struct tbd_target *bare = NULL;
	bool same = tbd_target_parse(target->host, &bare, NULL) == 0 &&
		strcmp(bare->url, target->url) == 0;
	tbd_target_free(bare);
	return same;
}

/* The name of an option of MQTT that was given, or NULL. The version is not for the other transports only. */
static const char *option_of_mqtt(const struct job *job)
{
	static const char *const names[] = { "mqtt-version", "explain-refusal", "fingerprint",
		"wait-rpc", "session-limits", "username", "client-id", "attributes-topic",
		"telemetry-topic", NULL };
	return opt_first(&job->given, names + (transports_of(job) != NULL));
}

/* Questions about one connection. */
static const char *const lone_options[] = { "ocsp", "stacks", "as", "device", NULL };

/* The transports have schemes and ports of their own. */
static int transports_fit(struct job *job)
{
	const char *transports = transports_of(job), *option = option_of_mqtt(job);
	if (option != NULL)
		return job_fail(job, TBD_E_INVALID, "option '--%s' is for MQTT, and not for '%s'",
			option, transports);
	const char *lone = opt_first(&job->given, lone_options);
	if (lone != NULL)
		return job_fail(job, TBD_E_INVALID, "option '--%s' does not go with '%s'", lone,
			transports);
	if (!is_bare(job->target))
		return job_fail(job, TBD_E_TARGET,
			"'%s' wants a host without scheme and port, not %s; '--transports mqtts:PORT' "
			"names a port",
			transports, job->target->url);
	return 0;
}

int job_roundtrip_fits(struct job *job)
{
	if (transports_of(job) != NULL)
		return transports_fit(job);
	if (job->settings.transports.allow_plain)
		return job_fail(job, TBD_E_INVALID,
			"option '--allow-plain' goes with '--all-transports' or '--transports'");
	const char *option = is_mqtt(job->target->scheme) ? NULL : option_of_mqtt(job);
	if (option == NULL)
		return tbd_roundtrip_check(&job->settings.roundtrip, job->target, &job->error);
	return job_fail(job, TBD_E_INVALID, "option '--%s' is for MQTT, and not for %s", option,
		job->target->url);
}

/* Connections of MQTT that the token goes over. */
static unsigned mqtt_connections(const struct tbd_transport_options *transports)
{
	unsigned count = 0;
	if (transports->count == 0)
		return transports->allow_plain ? 2 : 1;
	for (size_t i = 0; i < transports->count; i++)
		count += is_mqtt(transports->list[i].scheme) &&
			((transports->list[i].scheme != TBD_SCHEME_MQTT &&
				 transports->list[i].scheme != TBD_SCHEME_WS) ||
				transports->allow_plain);
	return count;
}

static int note_transports(struct job *job)
{
	const struct settings *settings = &job->settings;
	unsigned connections = mqtt_connections(&settings->transports);
	const char *attribute = settings->roundtrip.attribute;
	int rc = 0;
	if (connections > 0)
		rc = job_note(job,
			"a device that is connected with this token over MQTT is "
			"disconnected %s",
			connections == 1 ? "once" : "by each connection of MQTT");
	if (rc == 0 && !settings->roundtrip.read_only)
		rc = job_note(job,
			"client attributes stay on the device, one for each transport: %s-mqtts and so on",
			attribute != NULL ? attribute : "tbdiagProbe");
	if (rc == 0 && !settings->transports.allow_plain)
		rc = job_note(job,
			"transports in clear are only connected to; --allow-plain sends the token there, "
			"too");
	return rc;
}

/* What went over one connection. */
static int note_exchange(struct job *job)
{
	const struct tbd_roundtrip_options *options = &job->settings.roundtrip;
	const struct tbd_report *report = job->report;
	const struct tbd_exchange *exchange = report->exchange;
	const struct tbd_api_exchange *api = report->api;
	const char *written = exchange != NULL ? exchange->written
		: api != NULL                  ? api->written
					       : NULL;
	int rc = 0;
	if (report->token == NULL || !report->token->sent)
		return 0;
	if (is_mqtt(job->target->scheme))
		rc = job_note(job, "a device that is connected with this %s is disconnected once",
			options->user_name != NULL ? "user name" : "token");
	if (rc == 0 && written != NULL)
		rc = job_note(job, "the client attribute %s stays on the device",
			options->attribute != NULL ? options->attribute : "tbdiagProbe");
	if (rc == 0 && options->telemetry != NULL)
		rc = job_note(job, "the telemetry of --telemetry is stored as the device's");
	if (rc == 0 && job->settings.fetch.cert_file != NULL)
		rc = job_note(job,
			"ThingsBoard ignores the token of a device that shows a client certificate: "
			"--cert decides which device this is");
	return rc;
}

int job_note_side_effects(struct job *job)
{
	return transports_of(job) != NULL ? note_transports(job) : note_exchange(job);
}

int job_roundtrip(struct job *job)
{
	if (job->set != NULL || !token_is_there(&job->settings))
		return 0;
	job->settings.roundtrip.ask_again = &job->settings.fetch;
	int rc = tbd_roundtrip(job->report, &job->settings.roundtrip, &job->error);
	progress_clear(&job->progress);
	return rc;
}

/* ---- the end ---------------------------------------------------------------------------------- */

static bool wants_color(const struct settings *settings)
{
	if (settings->color != COLOR_AUTO)
		return settings->color == COLOR_ALWAYS;
	return settings->output == NULL && terminal_has_color();
}

static enum tbd_severity worst_of(const struct job *job)
{
	return job->set != NULL ? job->set->worst : job->report->worst;
}

/* The first of the worst, or NULL: there is none. */
static const struct tbd_finding *worst_finding(
	const struct tbd_finding *const *findings, size_t count, enum tbd_severity worst)
{
	for (size_t i = 0; i < count; i++)
		if (findings[i]->severity == worst)
			return findings[i];
	return NULL;
}

static const struct tbd_finding *worst_finding_of(const struct job *job)
{
	const struct tbd_set *set = job->set;
	if (set == NULL)
		return worst_finding(
			job->report->findings, job->report->finding_count, job->report->worst);
	const struct tbd_finding *found =
		worst_finding(set->findings, set->finding_count, set->worst);
	for (size_t i = 0; found == NULL && i < set->report_count; i++)
		found = worst_finding(
			set->reports[i]->findings, set->reports[i]->finding_count, set->worst);
	return found;
}

/* Where the report went, and what is the worst of it. */
static void say_written(const struct job *job)
{
	const struct tbd_finding *worst = worst_finding_of(job);
	if (job->settings.output != NULL && job->settings.verbosity != TBD_VERBOSITY_QUIET)
		complain("%s: written, %s%s%s", job->settings.output,
			tbd_severity_name(worst_of(job)), worst != NULL ? "  " : "",
			worst != NULL ? worst->id : "");
}

static int show_report(struct job *job)
{
	const struct settings *settings = &job->settings;
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	options.verbosity = (enum tbd_verbosity)settings->verbosity;
	options.color = wants_color(settings);
	options.utf8 = terminal_has_utf8();
	options.more = "-v";
	if (settings->output == NULL) {
		options.width = terminal_width();
		options.height = terminal_height();
	}
	struct output output;
	char *text = NULL;
	int rc = render_any(&render_formats[settings->format], options, job->report, job->set,
		&text, &job->error);
	if (rc < 0)
		complain("%s", job->error.text);
	else if ((rc = output_open(&output)) == 0) {
		fputs(text, output.stream);
		rc = output_close(&output, settings->output);
	}
	free(text);
	return rc;
}

static int status_of(const struct job *job)
{
	static const int statuses[] = { [TBD_SEVERITY_OK] = STATUS_OK,
		[TBD_SEVERITY_INFO] = STATUS_OK,
		[TBD_SEVERITY_WARNING] = STATUS_WARNING,
		[TBD_SEVERITY_CRITICAL] = STATUS_CRITICAL,
		[TBD_SEVERITY_UNKNOWN] = STATUS_FAILED };
	TOOL_TABLE_OF(statuses, TBD_SEVERITY_UNKNOWN);
	int status = statuses[worst_of(job)];
	if (status == STATUS_OK && job->unwritten)
		status = STATUS_WARNING;
	return job->settings.exit_zero ? STATUS_OK : status;
}

static int end_with_report(struct job *job)
{
	if (show_report(job) < 0)
		return STATUS_FAILED;
	say_written(job);
	return status_of(job);
}

/* What the recipe ends with when rc is 0, else complain; free everything; die by the signal that asked to stop. The
 * exit status. */
static int job_end(const struct recipe *recipe, struct job *job, int rc)
{
	int status = STATUS_FAILED;
	if (rc == 0 && !process_stopped()) {
		status = recipe->end != NULL ? recipe->end(job) : end_with_report(job);
	} else if (rc < 0 && rc != TBD_E_CANCELLED && !process_stopped()) {
		complain("%s", job->error.text);
	}
	tbd_report_free(job->report);
	tbd_set_free(job->set);
	tbd_trust_free(job->store);
	tbd_trust_free(job->served);
	tbd_target_free(job->web);
	tbd_target_free(job->connect_to);
	tbd_target_free(job->target);
	settings_free(&job->settings);
	opt_words_free(&job->words);
	free(job->given.items);
	process_obey();
	return status;
}

/* ---- the whole -------------------------------------------------------------------------------- */

int job_take(struct job *job, step *const *steps)
{
	int rc = 0;
	while (rc == 0 && *steps != NULL)
		rc = (*steps++)(job);
	return rc;
}

/* ---- once more, while the server is not ready ------------------------------------------------- */

enum { PAUSE_MS = 1000, LATE_CONNACK_MS = 5000 };

static int64_t now_ms(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long the answer to CONNECT took, or 0. A server that is starting says late that it is not available; one that
 * says so at once has another reason, which time does not mend. */
static int64_t connack_ms(const struct tbd_report *report)
{
	for (size_t i = 0; i < report->step_count; i++)
		if (strcmp(report->steps[i]->name, "connack") == 0)
			return report->steps[i]->duration_us / 1000;
	return 0;
}

static bool is_proxy_error(const struct tbd_report *report)
{
	const struct tbd_api_exchange *api = report->api;
	int status = api != NULL && api->request_count > 0
		? api->requests[api->request_count - 1]->status
		: 0;
	return status >= 502 && status <= 504;
}

/* What a server that is being restarted looks like, from beginning to end. */
static bool is_not_ready(const struct tbd_report *report)
{
	static const char *const ids[] = { "tcp.refused", "tcp.reset", "tcp.timeout",
		"server.starting", "proxy.backend-down", "tls.closed", "tls.timeout",
		"mqtt.no-connack", "mqtt.closed-before-connack", "http.timeout", "coap.timeout" };
	const char *id = report->finding_count > 0 ? report->findings[0]->id : "";
	for (size_t i = 0; i < TOOL_COUNT(ids); i++)
		if (strcmp(id, ids[i]) == 0)
			return true;
	if (strcmp(id, "mqtt.unavailable") == 0)
		return connack_ms(report) >= LATE_CONNACK_MS;
	return strcmp(id, "http.error") == 0 && is_proxy_error(report);
}

static bool is_any_not_ready(const struct job *job)
{
	const struct tbd_set *set = job->set;
	if (set == NULL)
		return is_not_ready(job->report);
	bool any = false;
	for (size_t i = 0; i < set->report_count; i++)
		any = any || is_not_ready(set->reports[i]);
	return any && set->worst == TBD_SEVERITY_CRITICAL;
}

static void forget_attempt(struct job *job)
{
	tbd_report_free(job->report);
	tbd_set_free(job->set);
	tbd_trust_free(job->store);
	tbd_trust_free(job->served);
	tbd_target_free(job->web);
	job->report = NULL;
	job->set = NULL;
	job->store = job->served = NULL;
	job->web = NULL;
}

/* Until the next attempt is due; less than 0: a signal asks to stop. */
static int pause_between(struct job *job, int64_t begun_ms)
{
	const struct timespec slice = { 0, 100 * 1000 * 1000 };
	int64_t until_ms = now_ms() + PAUSE_MS;
	int rc = 0;
	while (rc == 0 && now_ms() < until_ms) {
		nanosleep(&slice, NULL);
		rc = progress_show(&job->progress, "waiting for the server", now_ms() - begun_ms);
	}
	progress_clear(&job->progress);
	return rc;
}

int job_take_until_ready(struct job *job, step *const *steps)
{
	int64_t begun_ms = now_ms();
	int64_t waited_ms = 0;
	unsigned attempts = 1;
	int rc = job_take(job, steps);
	while (rc == 0 && waited_ms < job->settings.wait_ms && is_any_not_ready(job)) {
		if (pause_between(job, begun_ms) < 0)
			return TBD_E_CANCELLED;
		forget_attempt(job);
		rc = job_take(job, steps);
		waited_ms = now_ms() - begun_ms;
		attempts++;
	}
	token_free(&job->settings); /* a reader of the output may keep us waiting */
	if (rc < 0 || attempts == 1)
		return rc;
	return job_note(job, "--wait: %s after %.1f s, at attempt %u",
		is_any_not_ready(job) ? "the server was not ready" : "the server answered",
		(double)waited_ms / 1000, attempts);
}

static void check_options(
	const struct recipe *recipe, const struct opt_spec *spec, const struct job *job)
{
	const char *several = compare_option(&job->settings);
	const char *lone = recipe->lone != NULL ? opt_first(&job->given, recipe->lone) : NULL;
	if (several != NULL && lone != NULL)
		opt_usage_error(spec, "option '%s' does not go with '--%s'", several, lone);
	if (recipe->check != NULL)
		recipe->check(spec, job);
}

int recipe_main(const struct recipe *recipe, int argc, char **argv)
{
	struct job job = { .settings = SETTINGS_INIT };
	struct opt_spec spec = recipe->spec;
	if (spec.operands == NULL) {
		spec.operands = "[TARGET]";
		spec.operand_max = 1;
	}
	spec.into = &job.settings;
	spec.words = &job.words;
	spec.given = &job.given;
	process_start(spec.command);
	job.operand_count = opt_parse(&spec, argc, argv);
	job.operands = argv + 1;
	if (job.operand_count > 0)
		job.operand = argv[1];
	check_options(recipe, &spec, &job);
	job.settings.fetch.also_tls12 = recipe->also_tls12;
	job.settings.verify.installed_stacks = recipe->asks_stacks && !job.settings.no_stacks &&
		job.settings.verify.stacks == NULL && compare_option(&job.settings) == NULL &&
		transport_option(&job.settings) == NULL;
	job.progress.timeout_ms = job.settings.fetch.timeout_ms;
	job.progress.call_ms = job.settings.roundtrip.rpc_wait_ms;
	job.settings.fetch.progress = job.settings.roundtrip.progress = progress_show;
	job.settings.fetch.progress_arg = job.settings.roundtrip.progress_arg = &job.progress;
	return job_end(recipe, &job, job_take(&job, recipe->steps));
}
