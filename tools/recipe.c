/* SPDX-License-Identifier: MIT
 *
 * recipe.c - the steps that recipes are made of.
 */
#include "tools/recipe.h"

#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/cli/prompt.h"
#include "tools/render/render.h"
#include "tools/render/terminal.h"

#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>
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
	if (job->output.verbosity == VERBOSITY_QUIET)
		complain("%s: not written, %s", path, why);
	return job_note(job, "%s: not written, %s", path, why);
}

static bool is_apart_from(const char *path, const struct opt_list *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (output_check_apart(path, inputs->items[i]) < 0)
			return false;
	return true;
}

/* A file may be written: it can be, and it is not one that this run reads. */
static bool is_fit(const struct job *job, const char *path, const char *const inputs[2])
{
	const char *const files[] = { inputs[0], inputs[1], job->connection.cert_file,
		job->connection.key_file };
	if (output_check(path) < 0)
		return false;
	for (size_t i = 0; i < TOOL_COUNT(files); i++)
		if (files[i] != NULL && output_check_apart(path, files[i]) < 0)
			return false;
	return is_apart_from(path, &job->trust.files) &&
		is_apart_from(path, &job->trust.untrusted) && is_apart_from(path, &job->trust.crls);
}

int job_begin(struct job *job, const char *save, const char *const inputs[2])
{
	const char *const files[] = { job->output.path, save };
	for (size_t i = 0; i < TOOL_COUNT(files); i++)
		/* What is wrong was said. */
		if (files[i] != NULL && !is_fit(job, files[i], inputs))
			return TBD_E_CANCELLED;
	return 0;
}

int job_begin_new(const char *save)
{
	return output_check_new(save) < 0 ? TBD_E_CANCELLED : 0;
}

/* ---- target ----------------------------------------------------------------------------------- */

static bool is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int parse_target(struct job *job, const char *text)
{
	if (is_file(text))
		return job_fail(job, TBD_E_TARGET,
			"%s is a file, not a host; 'tbdiag verify --chain-file %s' judges the "
			"chain in it",
			text, text);
	return tbd_target_parse(text, &job->target, &job->error);
}

static const char *target_of_environment(void)
{
	const char *text = getenv("TBDIAG_TARGET");
	return text != NULL && *text != '\0' ? text : NULL;
}

/* The operand, else the environment's target; *text stays NULL when there is neither. */
static void choose_target(struct job *job, const char *operand, const char **text)
{
	*text = operand;
	if (operand != NULL || (*text = target_of_environment()) == NULL)
		return;
	job->target_note = "the target comes from TBDIAG_TARGET";
}

int job_target_unasked(struct job *job, const char *operand)
{
	const char *text = NULL;
	choose_target(job, operand, &text);
	if (text == NULL) {
		text = CLOUD_HOST;
		job->target_note = "no TARGET was given: " CLOUD_HOST " is taken";
	}
	return parse_target(job, text);
}

int job_target_tls(struct job *job, const char *operand)
{
	int rc = job_target_unasked(job, operand);
	if (rc == 0 && !job->target->tls)
		return job_fail(job, TBD_E_TARGET,
			"%s speaks no TLS and shows no certificate; use mqtts://, https:// or coaps://",
			job->target->url);
	return rc;
}

int job_target_named(struct job *job, const char *operand)
{
	return operand != NULL ? parse_target(job, operand) : 0;
}

static bool is_cloud_host(const char *host)
{
	size_t len = strlen(host), tail = strlen(CLOUD_DOMAIN);
	return len >= tail && strcasecmp(host + len - tail, CLOUD_DOMAIN) == 0 &&
		(len == tail || host[len - tail - 1] == '.');
}

static bool has_source(const struct trust_settings *trust)
{
	return trust->files.count > 0 || trust->dirs.count > 0 || trust->system;
}

/* ThingsBoard's example script asks for the CA file of a server that is not its cloud. */
static int ask_for_ca_file(struct job *job)
{
	if (!job->target->tls || is_cloud_host(job->target->host) || has_source(&job->trust))
		return 0;
	if (prompt_line("CA file of your server (empty: the system's store): ", job->asked_file,
		    sizeof(job->asked_file)) < 0)
		return job_fail(job, TBD_E_INVALID, "no answer");
	if (job->asked_file[0] != '\0' && opt_list_add(&job->trust.files, job->asked_file) < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	return 0;
}

static int ask_for_target(struct job *job)
{
	if (!prompt_possible())
		return job_fail(
			job, TBD_E_TARGET, "no TARGET was given: name one, or set TBDIAG_TARGET");
	if (prompt_line("ThingsBoard host (empty: " CLOUD_HOST "): ", job->asked_host,
		    sizeof(job->asked_host)) < 0)
		return job_fail(job, TBD_E_TARGET, "no TARGET was given");
	int rc = parse_target(job, job->asked_host[0] != '\0' ? job->asked_host : CLOUD_HOST);
	return rc < 0 ? rc : ask_for_ca_file(job);
}

int job_target_asked(struct job *job, const char *operand)
{
	const char *text = NULL;
	choose_target(job, operand, &text);
	return text != NULL ? parse_target(job, text) : ask_for_target(job);
}

/* HOST, HOST:PORT, IPV6, [IPV6] and [IPV6]:PORT */
static bool names_port(const char *text)
{
	const char *end = strrchr(text, ']');
	const char *colon = strrchr(text, ':');
	return end != NULL ? end[1] == ':' : colon != NULL && colon == strchr(text, ':');
}

static int parse_connect_to(struct job *job, struct tbd_fetch_options *options)
{
	const char *text = job->connection.connect_to;
	if (text == NULL)
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

struct tbd_report_options job_report_options(const struct job *job)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	options.target = job->target;
	options.time = job->clock.given ? &job->clock.time : NULL;
	return options;
}

int job_report(struct job *job)
{
	const struct tbd_report_options options = job_report_options(job);
	const struct compare_settings *compare = &job->compare;
	if (compare->all_addresses && compare->port_count > 0)
		return job_fail(job, TBD_E_INVALID,
			"--all-addresses and --also-ports are two comparisons: give one of them");
	bool of_transports = transport_option(&job->transports) != NULL;
	enum tbd_comparison compares = of_transports ? TBD_COMPARES_TRANSPORTS
		: compare->all_addresses             ? TBD_COMPARES_ADDRESSES
						     : TBD_COMPARES_PORTS;
	int rc = of_transports || compare_option(compare) != NULL
		? tbd_set_new(compares, &job->set, &job->error)
		: tbd_report_new(&options, &job->report, &job->error);
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

/* A file for a directory, or the other way round, is a slip of the pen. */
static int check_kinds(struct job *job)
{
	const struct trust_settings *trust = &job->trust;
	struct stat status;
	for (size_t i = 0; i < trust->files.count; i++)
		if (stat(trust->files.items[i], &status) == 0 && S_ISDIR(status.st_mode))
			return job_fail(job, TBD_E_INVALID, "%s: Is a directory: use --ca-path %s",
				trust->files.items[i], trust->files.items[i]);
	for (size_t i = 0; i < trust->dirs.count; i++)
		if (stat(trust->dirs.items[i], &status) == 0 && S_ISREG(status.st_mode))
			return job_fail(job, TBD_E_INVALID,
				"%s: Not a directory but a file: use --ca-file %s",
				trust->dirs.items[i], trust->dirs.items[i]);
	return 0;
}

int job_trust(struct job *job)
{
	const struct trust_settings *trust = &job->trust;
	job->store = tbd_trust_new();
	if (job->store == NULL)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	int rc = has_source(trust) ? check_kinds(job) : add_default_source(job);
	for (size_t i = 0; rc == 0 && i < trust->files.count; i++)
		rc = tbd_trust_add_file(job->store, trust->files.items[i], &job->error);
	for (size_t i = 0; rc == 0 && i < trust->dirs.count; i++)
		rc = tbd_trust_add_dir(job->store, trust->dirs.items[i], &job->error);
	if (rc == 0 && trust->system)
		rc = tbd_trust_add_system(job->store, &job->error);
	for (size_t i = 0; rc == 0 && i < trust->untrusted.count; i++)
		rc = tbd_trust_add_untrusted(job->store, trust->untrusted.items[i], &job->error);
	for (size_t i = 0; rc == 0 && i < trust->crls.count; i++)
		rc = tbd_trust_add_crl(job->store, trust->crls.items[i], &job->error);
	return rc;
}

/* ---- stages ----------------------------------------------------------------------------------- */

static struct tbd_verify_options verify_options(const struct job *job)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	options.trust = job->store;
	options.name = job->trust.name;
	options.warn_days = job->trust.warn_days;
	options.crit_days = job->trust.crit_days;
	options.max_depth = job->trust.max_depth;
	options.profile = (enum tbd_profile)job->trust.profile;
	return options;
}

/* What was asked for and could not be done is said. */
static int note_no_comparison(struct job *job)
{
	const struct tbd_connection *connection =
		job->report != NULL ? job->report->connection : NULL;
	if (!job->connection.without_sni || connection == NULL || connection->without_sni != NULL)
		return 0;
	bool nameless = connection->tls != NULL && connection->tls->sni == NULL;
	return job_note(job, "--without-sni: nothing to compare, %s",
		nameless ? "no server name was sent" : "the server showed no certificate");
}

static int dial(struct job *job)
{
	const struct tbd_report_options report = job_report_options(job);
	const struct compare_settings *compare = &job->compare;
	if (job->set == NULL)
		return tbd_fetch(job->report, &job->fetch, &job->error);
	if (compare->all_addresses)
		return tbd_set_fetch(job->set, &report, &job->fetch, &job->error);
	return tbd_set_fetch_ports(
		job->set, &report, &job->fetch, compare->ports, compare->port_count, &job->error);
}

int job_fetch_options(struct job *job, bool judge)
{
	const struct connection_settings *connection = &job->connection;
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	int rc = parse_connect_to(job, &options);
	if (rc < 0)
		return rc;
	options.sni = connection->sni;
	if (connection->sni != NULL && strcmp(connection->sni, "none") == 0)
		options.sni = "";
	options.family = connection->family;
	options.timeout_ms = connection->timeout_ms;
	options.tls_version = connection->tls_version;
	options.cert_file = connection->cert_file;
	options.key_file = connection->key_file;
	options.without_sni = connection->without_sni;
	options.keylog_file = connection->keylog_file;
	options.addresses = connection->addresses[0] != NULL ? connection->addresses : NULL;
	options.proxy = connection->proxy;
	job->verify = verify_options(job);
	options.verify = judge ? &job->verify : NULL;
	options.insecure = job->insecure;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	job->fetch = options;
	return 0;
}

int job_fetch(struct job *job, bool judge, bool keep_open)
{
	int rc = job_fetch_options(job, judge);
	if (rc < 0)
		return rc;
	job->fetch.keep_open = keep_open;
	rc = dial(job);
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
	job->verify = verify_options(job);
	if (job->verify.name == NULL && job->target == NULL) {
		int rc = job_note(job,
			"no name was given: whether the certificate is for the right "
			"host was not judged (TARGET or --verify-name)");
		if (rc < 0)
			return rc;
	}
	return tbd_verify(job->report, &job->verify, &job->error);
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
	if (!job->trust.ocsp)
		return 0;
	options.verify = &job->verify;
	options.timeout_ms = job->connection.timeout_ms;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_ask_ocsp(job->report, &options, &job->error);
	progress_clear(&job->progress);
	if (rc == 0)
		rc = note_no_responder(job);
	return rc < 0 ? rc : note_silence(job);
}

static int fix_chain(struct job *job)
{
	struct tbd_fix_chain_options options = TBD_FIX_CHAIN_OPTIONS_INIT;
	options.trust = job->store;
	options.fetch = job->fetch_missing;
	options.timeout_ms = job->connection.timeout_ms;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	int rc = tbd_fix_chain(job->report, &options, &job->error);
	progress_clear(&job->progress);
	return rc;
}

int job_fix_chain(struct job *job)
{
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

static int save(struct job *job, output_writer *write, const char *path,
	const struct tbd_cert *const *certs, size_t count)
{
	char *pem = NULL;
	int rc = tbd_certs_to_pem(certs, count, &pem, &job->error);
	if (rc < 0)
		return rc;
	/* It has said what was wrong. */
	if (write(path, pem, strlen(pem)) < 0)
		rc = TBD_E_CANCELLED;
	free(pem);
	return rc < 0 ? rc
		      : job_note(job, "%s: %zu certificate%s written", path, count,
				count == 1 ? "" : "s");
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

/* ---- the end ---------------------------------------------------------------------------------- */

static bool wants_color(const struct output_settings *output)
{
	if (output->color != COLOR_AUTO)
		return output->color == COLOR_ALWAYS;
	return output->path == NULL && terminal_has_color();
}

static int show(struct job *job)
{
	struct render_options options = { .verbosity = (enum verbosity)job->output.verbosity,
		.width = job->output.path == NULL ? terminal_width() : 0,
		.color = wants_color(&job->output) };
	struct output output;
	if (output_open(&output) < 0)
		return -1;
	int rc = render_any(output.stream, &render_formats[job->output.format], job->report,
		job->set, options, &job->error);
	if (rc == 0)
		return output_close(&output, job->output.path);
	complain("%s", job->error.text);
	output_discard(&output);
	return -1;
}

static int status_of(const struct job *job)
{
	static const int statuses[] = { [TBD_SEVERITY_OK] = STATUS_OK,
		[TBD_SEVERITY_INFO] = STATUS_OK,
		[TBD_SEVERITY_WARNING] = STATUS_WARNING,
		[TBD_SEVERITY_CRITICAL] = STATUS_CRITICAL };
	TOOL_TABLE_OF(statuses, TBD_SEVERITY_CRITICAL);
	enum tbd_severity worst = job->set != NULL ? job->set->worst : job->report->worst;
	int status = statuses[worst];
	if (status == STATUS_OK && job->unwritten)
		status = STATUS_WARNING;
	return job->output.exit_zero ? STATUS_OK : status;
}

int job_end(struct job *job, int rc)
{
	int status = STATUS_FAILED;
	if (rc == 0 && !process_stopped() && show(job) == 0)
		status = status_of(job);
	else if (rc < 0 && rc != TBD_E_CANCELLED)
		complain("%s", job->error.text);
	tbd_report_free(job->report);
	tbd_set_free(job->set);
	tbd_trust_free(job->store);
	tbd_target_free(job->connect_to);
	tbd_target_free(job->target);
	token_free(&job->token);
	connection_release(&job->connection);
	free(job->trust.files.items);
	free(job->trust.dirs.items);
	free(job->trust.untrusted.items);
	free(job->trust.crls.items);
	process_obey();
	return status;
}
