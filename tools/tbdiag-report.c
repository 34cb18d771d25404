/* SPDX-License-Identifier: MIT
 *
 * tbdiag-report.c - all that can be found about a connection, as one ticket to hand on.
 */
#include "tools/recipe.h"
#include "tools/known-words.inc" /* own_words, made by known-words.awk */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define OPT_INTO struct settings

static const struct opt report_options[] = {
	OPT_FLAG("redact", redact,
		"Replace hosts, addresses, names, paths, digests and what peers sent by placeholders, "
		"for others to see."),
	OPT_TEXT("read", "FILE", read,
		"Show the report, or the set of them, that FILE ('-': standard input) holds as JSON, instead of making one. "
		"Goes with --redact and the options of the output."),
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

/* Whoever wrote the file may have put any command into it. */
static int judge_stored(struct job *job)
{
	struct tbd_report *report = job->report;
	const char *const *foreign = NULL;
	bool can_be_judged =
		report != NULL && !report->redacted && strcmp(report->version, tbd_version()) == 0;
	int rc = can_be_judged ? tbd_judge_again(report, &foreign, &job->error) : 0;
	if (rc == 0 && !can_be_judged)
		complain("sentences and commands are those of the file: look before you run one");
	for (; rc == 0 && can_be_judged && *foreign != NULL; foreign++)
		complain("what is said of %s is the file's, its data alone do not show it: "
			 "look before you run a command",
			*foreign);
	return rc;
}

static int read_report(struct job *job)
{
	const char *path = job->settings.read;
	struct bytes bytes = { 0 };
	struct tbd_error error = { "" };
	int rc = read_bytes(job, path, &bytes);
	if (rc == 0) {
		rc = tbd_from_json(bytes.data, bytes.len, &job->report, &job->set, &error);
		if (rc < 0)
			job_fail(job, (enum tbd_err)rc, "%s: %s", path, error.text);
	}
	free(bytes.data);
	return rc < 0 ? rc : judge_stored(job);
}

/* ---- a new one -------------------------------------------------------------------------------- */

static int take_token(struct job *job)
{
	return token_take_given(&job->settings, &job->error);
}

static int note_token(struct job *job)
{
	if (token_is_there(&job->settings))
		return job_note_side_effects(job);
	return job_note(job, "no token was given: the round trip was left out (--token-file FILE)");
}

/* The list of words is followed by a NULL, as the library wants it. */
static int describe_environment(struct job *job)
{
	if (opt_list_add(&job->words, NULL) < 0)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	return tbd_report_environment(job->report, job->words.items, &job->error);
}

static int try_all(struct job *job)
{
	static step *const attempts[] = { job_report, job_trust, job_fetch, job_ask_ocsp,
		job_roundtrip, note_token, job_describe_trust, describe_environment,
		job_await_stacks, job_judge, NULL };
	return job_take_until_ready(job, attempts);
}

static int read_or_make(struct job *job)
{
	static step *const making[] = { job_roundtrip_check, take_token, job_target_unasked,
		job_roundtrip_fits, try_all, NULL };
	return job->settings.read != NULL ? read_report(job) : job_take(job, making);
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

static int redact_any(struct job *job)
{
	if (!job->settings.redact)
		return 0;
	return job->set != NULL ? redact_set(job) : redact_report(job);
}

static step *const steps[] = { job_begin, read_or_make, redact_any, NULL };

/* What is stored was made with other options, or none. */
static void report_check(const struct opt_spec *spec, const struct job *job)
{
	const struct opt *const tables[] = { report_options, output_options, output_file_options };
	const char *option = opt_outside(&job->given, tables, TOOL_COUNT(tables));
	if (job->settings.read != NULL && job->operand != NULL)
		opt_usage_error(spec, "--read shows a stored report: it goes with no TARGET");
	if (job->settings.read != NULL && option != NULL)
		opt_usage_error(spec,
			"option '--%s' does not go with '--read', which shows what is stored",
			option);
}

static const struct opt_group groups[] = {
	{ "Report", report_options },
	{ "Token", token_options },
	{ "Round trip", roundtrip_options },
	{ "Trust", trust_options },
	{ NULL, clock_options },
	{ "Stacks", stack_options },
	{ NULL, insecure_options },
	{ "Connection", connection_options },
	{ NULL, wait_options },
	{ "Output", output_options },
	{ NULL, output_file_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag report",
		.summary =
			"Look at the chain, judge it and, with a token, make the round trip: in one "
			"run, as one ticket, together with the versions, the system and the command "
			"that made it. Never asks anything.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT] or a URL (mqtts://, wss://, https://, coaps://; in clear mqtt://, ws://, http://, coap://); "
			"none given: TBDIAG_TARGET, else mqtt.thingsboard.cloud, but not with a token. The token comes from an "
			"option, else TBDIAG_TOKEN; without one the round trip is left out. The manual is "
			"tbdiag-report(1).",
	},
	.check = report_check,
	.steps = steps,
	.asks_stacks = true,
	.also_tls12 = true,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
