/* SPDX-License-Identifier: MIT
 *
 * tbdiag-report.c - all that can be found about a connection, as one ticket to hand on.
 */
#include "tools/recipe.h"
#include "tools/cli/process.h"
#include "tools/known-words.inc" /* own_words, made by known-words.awk */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct report {
	const char *read;
	bool redact;
	struct opt_list words; /* the command line without secrets */
};

static const struct opt report_options[] = {
	{ .name = "redact",
		.help = "Replace hosts, addresses, names, paths, digests and what peers sent by placeholders, "
			"for others to see.",
		.set = opt_set_flag,
		.offset = offsetof(struct report, redact) },
	{ .name = "read",
		.arg = "FILE",
		.help = "Show the report, or the set of them, that FILE ('-': standard input) holds as JSON, instead of making one. "
			"Goes with --redact and the options of the output.",
		.set = opt_set_text,
		.offset = offsetof(struct report, read) },
	{ 0 },
};

/* ---- a stored report -------------------------------------------------------------------------- */

enum { READ_STEP = 64 * 1024, READ_MAX = 17 << 20 }; /* beyond what the library takes */

struct bytes {
	char *data;
	size_t len, size;
};

static int read_step(struct job *job, int fd, const char *name, struct bytes *bytes, bool *end)
{
	if (bytes->size - bytes->len < READ_STEP) {
		char *grown = realloc(bytes->data, bytes->size + 4 * READ_STEP);
		if (grown == NULL)
			return job_fail(job, TBD_E_NOMEM, "out of memory");
		bytes->data = grown;
		bytes->size += 4 * READ_STEP;
	}
	if (!process_wait_readable(fd))
		return TBD_E_CANCELLED;
	ssize_t n = read(fd, bytes->data + bytes->len, READ_STEP);
	if (n < 0 && errno != EINTR)
		return job_fail(job, TBD_E_OPEN, "%s: %s", name, strerror(errno));
	bytes->len += n > 0 ? (size_t)n : 0;
	*end = n == 0 || bytes->len > READ_MAX;
	return 0;
}

static int read_bytes(struct job *job, const char *path, struct bytes *bytes)
{
	bool is_stdin = strcmp(path, "-") == 0, end = false;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc = 0;
	if (fd < 0)
		return job_fail(job, TBD_E_OPEN, "%s: %s", path, strerror(errno));
	while (rc == 0 && !end)
		rc = read_step(job, fd, is_stdin ? "standard input" : path, bytes, &end);
	if (!is_stdin)
		close(fd);
	return rc;
}

static int read_report(struct job *job, const char *path)
{
	struct bytes bytes = { 0 };
	struct tbd_error error = { "" };
	int rc = read_bytes(job, path, &bytes);
	if (rc == 0) {
		rc = tbd_from_json(bytes.data, bytes.len, &job->report, &job->set, &error);
		if (rc < 0)
			job_fail(job, (enum tbd_err)rc, "%s: %s", path, error.text);
	}
	free(bytes.data);
	return rc;
}

/* ---- a new one -------------------------------------------------------------------------------- */

/* When nothing was there to be judged, what it would have been judged against is worth knowing, too. */
static int describe_trust(struct job *job)
{
	bool is_known = job->report->trust != NULL || !job->target->tls;
	return is_known ? 0 : job_verify(job);
}

static int connect_and_exchange(struct job *job, bool has_token)
{
	int rc = has_token ? job_note_side_effects(job)
			   : job_note(job,
				     "no token was given: the round trip was left out "
				     "(--token-file FILE)");
	if (rc == 0)
		rc = job_fetch(job, true, has_token);
	if (rc == 0)
		rc = job_ask_ocsp(job);
	if (rc == 0 && has_token)
		rc = job_roundtrip(job);
	return rc < 0 ? rc : describe_trust(job);
}

static int make_report(struct job *job, const struct report *report, const char *operand)
{
	bool has_token = false;
	int rc = job_roundtrip_check(job);
	if (rc == 0)
		rc = job_target_unasked(job, operand);
	if (rc == 0)
		rc = job_roundtrip_fits(job);
	if (rc == 0)
		rc = token_take_given(&job->token, &has_token, &job->error);
	if (rc == 0)
		rc = job_report(job);
	if (rc == 0)
		rc = job_trust(job);
	if (rc == 0)
		rc = connect_and_exchange(job, has_token);
	if (rc == 0)
		rc = tbd_report_environment(job->report, report->words.items, &job->error);
	return rc < 0 ? rc : job_judge(job);
}

static int redact_set(struct job *job)
{
	struct tbd_set *redacted = NULL;
	job->set->known_words = own_words;
	int rc = tbd_set_redact(job->set, &redacted, &job->error);
	if (rc < 0)
		return rc;
	tbd_set_free(job->set);
	job->set = redacted;
	return 0;
}

static int redact_report(struct job *job)
{
	struct tbd_report *redacted = NULL;
	job->report->known_words = own_words;
	int rc = tbd_report_redact(job->report, &redacted, &job->error);
	if (rc < 0)
		return rc;
	tbd_report_free(job->report);
	job->report = redacted;
	return 0;
}

static int report_run(struct job *job, struct report *report, const char *operand)
{
	int rc = job_begin(job, NULL, (const char *const[]){ report->read, job->token.token.file });
	/* The list is followed by a NULL, as the library wants it. */
	if (rc == 0 && opt_list_add(&report->words, NULL) < 0)
		rc = job_fail(job, TBD_E_NOMEM, "out of memory");
	if (rc == 0)
		rc = report->read != NULL ? read_report(job, report->read)
					  : make_report(job, report, operand);
	if (rc < 0 || !report->redact)
		return rc;
	return job->set != NULL ? redact_set(job) : redact_report(job);
}

/* What is stored was made with other options, or none. */
static void check_stored(
	const struct opt_spec *spec, const struct report *report, const struct opt_list *given)
{
	const struct opt *const tables[] = { report_options, output_options };
	const char *option = opt_outside(given, tables, TOOL_COUNT(tables));
	if (report->read != NULL && option != NULL)
		opt_usage_error(spec,
			"option '--%s' does not go with '--read', which shows what is stored",
			option);
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct report report = { 0 };
	struct opt_list given = { 0 };
	const struct opt_group groups[] = {
		{ "Report", report_options, &report },
		{ "Token", token_options, &job.token },
		{ "Round trip", roundtrip_options, &job.roundtrip },
		{ "Trust", trust_options, &job.trust },
		{ NULL, clock_options, &job.clock },
		{ NULL, insecure_options, &job.insecure },
		{ "Connection", connection_options, &job.connection },
		{ "Output", output_options, &job.output },
		{ 0 },
	};
	const struct opt_spec spec = {
		.command = "tbdiag report",
		.operands = "[TARGET]",
		.operand_max = 1,
		.summary =
			"Look at the chain, judge it and, with a token, make the round trip: in one "
			"run, as one ticket, together with the versions, the system and the command "
			"that made it. Never asks anything.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT] or a URL (mqtts://, https://, coaps://; in clear mqtt://, http://, coap://); "
			"none given: TBDIAG_TARGET, else mqtt.thingsboard.cloud. The token comes from an option, "
			"else TBDIAG_TOKEN; without one the round trip is left out. The manual is "
			"tbdiag-report(1).",
		.words = &report.words,
		.given = &given,
	};
	process_start(spec.command);
	int operands = opt_parse(&spec, argc, argv);
	if (report.read != NULL && operands > 0)
		opt_usage_error(&spec, "--read shows a stored report: it goes with no TARGET");
	check_stored(&spec, &report, &given);
	free(given.items);
	int status = job_end(&job, report_run(&job, &report, operands > 0 ? argv[1] : NULL));
	opt_words_free(&report.words);
	return status;
}
