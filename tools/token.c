/* SPDX-License-Identifier: MIT
 *
 * token.c - taking the access token.
 */
#include "token.h"

#include "process.h"
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TOKEN_MAX = 65535 }; /* the longest user name that MQTT can carry (MQTT 3.1.1, 1.5.3) */

static int fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
	TOOL_PRINTF(3, 4);
static int fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

/* No core dump, no debugger, no reading of our memory by others of the same user. */
static int seal_process(struct tbd_error *error)
{
	static const struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) < 0)
		return fail(error, TBD_E_SYSTEM, "cannot forbid core dumps: %s", strerror(errno));
	return 0;
}

/* Give the bytes to the library and wipe them. */
static int adopt(struct token_settings *settings, char *bytes, size_t len,
	enum tbd_token_source source, struct tbd_error *error)
{
	int rc = seal_process(error);
	if (rc == 0 && len == 0)
		rc = fail(
			error, TBD_E_INVALID, "the token that was given is empty (token.missing)");
	if (rc == 0)
		rc = tbd_token_new(bytes, len, source, &settings->token, error);
	explicit_bzero(bytes, len);
	return rc;
}

static int read_all(int fd, char *bytes, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		if (!process_wait_readable(fd))
			return -1;
		ssize_t n = read(fd, bytes + *len, size - *len);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		*len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* One line feed at the end is the editor's; anything else odd is for the library to find. */
static int take_from(struct token_settings *settings, int fd, const char *name,
	enum tbd_token_source source, struct tbd_error *error)
{
	static char bytes[TOKEN_MAX + 2];
	size_t len = 0;
	int rc = seal_process(error);
	if (rc == 0 && read_all(fd, bytes, sizeof(bytes), &len) < 0)
		rc = process_stopped() ? TBD_E_CANCELLED
				       : fail(error, TBD_E_OPEN, "%s: %s", name, strerror(errno));
	if (rc == 0 && len > 0 && bytes[len - 1] == '\n')
		len--;
	if (rc == 0 && len > TOKEN_MAX)
		rc = fail(error, TBD_E_TOO_LARGE, "%s: too large for a token", name);
	if (rc == 0)
		rc = adopt(settings, bytes, len, source, error);
	explicit_bzero(bytes, sizeof(bytes));
	return rc;
}

static int take_from_file(struct token_settings *settings, struct tbd_error *error)
{
	int fd = open(settings->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(
			error, TBD_E_OPEN, "token file %s: %s", settings->file, strerror(errno));
	int rc = take_from(settings, fd, settings->file, TBD_TOKEN_FILE, error);
	close(fd);
	return rc;
}

/* Wiped in any case: a child or a reader of /proc must not find it, used or not. */
static int take_from_environment(struct token_settings *settings, struct tbd_error *error)
{
	char *value = getenv("TBDIAG_TOKEN");
	if (value == NULL || *value == '\0')
		return 0;
	bool wanted = settings->token == NULL && settings->file == NULL && !settings->from_stdin;
	int rc = 0;
	if (wanted)
		rc = adopt(settings, value, strlen(value), TBD_TOKEN_ENVIRONMENT, error);
	else
		explicit_bzero(value, strlen(value));
	unsetenv("TBDIAG_TOKEN");
	return rc;
}

static int take_from_prompt(struct token_settings *settings, struct tbd_error *error)
{
	char line[4096]; /* a terminal gives no longer ones */
	if (!prompt_possible())
		return fail(error, TBD_E_INVALID,
			"no access token was given (token.missing); use --token-file FILE, "
			"--token - (standard input), the variable TBDIAG_TOKEN, or a terminal");
	int rc = seal_process(error);
	if (rc == 0 && prompt_secret("Access token of the device: ", line, sizeof(line)) < 0)
		rc = process_stopped()
			? TBD_E_CANCELLED
			: fail(error, TBD_E_INVALID, "no access token was entered (token.missing)");
	if (rc == 0)
		rc = adopt(settings, line, strlen(line), TBD_TOKEN_PROMPT, error);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int token_take(struct token_settings *settings, struct tbd_error *error)
{
	int rc = take_from_environment(settings, error);
	if (rc < 0 || settings->token != NULL)
		return rc;
	if (settings->file != NULL)
		return take_from_file(settings, error);
	if (settings->from_stdin)
		return take_from(settings, STDIN_FILENO, "standard input", TBD_TOKEN_STDIN, error);
	return take_from_prompt(settings, error);
}

void token_free(struct token_settings *settings)
{
	tbd_token_free(settings->token);
	settings->token = NULL;
}

/* ---- options ---------------------------------------------------------------------------------- */

static const char only_one[] = "is a second token: give one of --token and --token-file";

static bool is_given(const struct token_settings *settings)
{
	return settings->file != NULL || settings->from_stdin || settings->token != NULL;
}

static const char *set_file(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct token_settings *settings = dest;
	if (is_given(settings))
		return only_one;
	settings->file = value;
	return *value != '\0' ? NULL : "wants the name of a file";
}

/* The bytes of argv are visible to every user of this machine: overwritten at once. */
static const char *set_token(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	static struct tbd_error error;
	struct token_settings *settings = dest;
	bool second = is_given(settings);
	if (strcmp(value, "-") == 0) {
		settings->from_stdin = true;
		return second ? only_one : NULL;
	}
	if (second) {
		explicit_bzero(value, strlen(value));
		return only_one;
	}
	if (*value == '\0')
		return "wants a token, not nothing (token.missing)";
	return adopt(settings, value, strlen(value), TBD_TOKEN_OPTION, &error) < 0 ? error.text
										   : NULL;
}

const struct opt token_options[] = {
	{ .name = "token-file",
		.arg = "FILE",
		.help = "Read the token from FILE; one line feed at its end is cut.",
		.set = set_file },
	{ .name = "token",
		.arg = "TOKEN",
		.help = "The token itself, or '-' to read it from standard input. Others can see it for an "
			"instant: prefer --token-file.",
		.set = set_token,
		.secret = true },
	{ 0 },
};
