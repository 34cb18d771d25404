/* SPDX-License-Identifier: MIT
 *
 * token.c - taking the device's secret.
 */
#include "tools/cli/token.h"

#include "tools/cli/process.h"
#include "tools/cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

enum { SECRET_MAX = 65535 }; /* the longest field that MQTT can carry (MQTT 3.1.1, 1.5.3) */

/* The two kinds of secret, and what they are called. */
static const struct kind {
	const char *noun;
	const char *option;
	const char *variable;
	const char *prompt;
	int (*make)(const void *bytes, size_t len, enum tbd_token_source source,
		struct tbd_token **out, struct tbd_error *error);
} kinds[] = {
	{ "token", "--token", "TBDIAG_TOKEN", "Access token of the device: ", tbd_token_new },
	{ "password", "--password", "TBDIAG_PASSWORD",
		"Password of the device: ", tbd_password_new },
};
enum { TOKEN, PASSWORD };

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

static int seal_process(struct tbd_error *error)
{
	if (process_seal() < 0)
		return fail(error, TBD_E_SYSTEM, "cannot forbid core dumps: %s", strerror(errno));
	return 0;
}

/* Give the bytes to the library and wipe them. */
static int adopt(struct secret_settings *settings, const struct kind *kind, char *bytes,
	enum tbd_token_source source, size_t len, struct tbd_error *error)
{
	int rc = seal_process(error);
	if (rc == 0 && len == 0)
		rc = fail(error, TBD_E_INVALID, "the %s that was given is empty (token.missing)",
			kind->noun);
	if (rc == 0)
		rc = kind->make(bytes, len, source, &settings->secret, error);
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
static int take_from(struct secret_settings *settings, const struct kind *kind, int fd,
	enum tbd_token_source source, struct tbd_error *error)
{
	static char bytes[SECRET_MAX + 2];
	size_t len = 0;
	const char *name = source == TBD_TOKEN_STDIN ? "standard input" : settings->file;
	int rc = seal_process(error);
	if (rc == 0 && read_all(fd, bytes, sizeof(bytes), &len) < 0)
		rc = process_stopped() ? TBD_E_CANCELLED
				       : fail(error, TBD_E_OPEN, "%s: %s", name, strerror(errno));
	if (rc == 0 && len > 0 && bytes[len - 1] == '\n')
		len--;
	if (rc == 0 && len > SECRET_MAX)
		rc = fail(error, TBD_E_TOO_LARGE, "%s: too large for a %s", name, kind->noun);
	if (rc == 0)
		rc = adopt(settings, kind, bytes, source, len, error);
	explicit_bzero(bytes, sizeof(bytes));
	return rc;
}

static int take_from_file(
	struct secret_settings *settings, const struct kind *kind, struct tbd_error *error)
{
	int fd = open(settings->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == EINTR && process_stopped()) /* a FIFO that nobody writes to */
		return TBD_E_CANCELLED;
	if (fd < 0)
		return fail(error, TBD_E_OPEN, "%s file %s: %s", kind->noun, settings->file,
			strerror(errno));
	int rc = take_from(settings, kind, fd, TBD_TOKEN_FILE, error);
	close(fd);
	return rc;
}

static bool is_given(const struct secret_settings *settings)
{
	return settings->file != NULL || settings->from_stdin || settings->secret != NULL;
}

/* Wiped in any case: a child or a reader of /proc must not find it, used or not. */
static int take_from_environment(struct secret_settings *settings, const struct kind *kind,
	bool wanted, struct tbd_error *error)
{
	char *value = getenv(kind->variable);
	if (value == NULL || *value == '\0')
		return 0;
	int rc = 0;
	if (wanted && !is_given(settings))
		rc = adopt(settings, kind, value, TBD_TOKEN_ENVIRONMENT, strlen(value), error);
	else
		explicit_bzero(value, strlen(value));
	unsetenv(kind->variable);
	return rc;
}

static int take_from_prompt(
	struct secret_settings *settings, const struct kind *kind, struct tbd_error *error)
{
	char line[4096]; /* a terminal gives no longer ones */
	if (!prompt_possible())
		return fail(error, TBD_E_INVALID,
			"no %s%s was given (token.missing); use %s-file FILE, %s - (standard "
			"input), the variable %s, or a terminal",
			kind == &kinds[TOKEN] ? "access " : "", kind->noun, kind->option,
			kind->option, kind->variable);
	int rc = seal_process(error);
	if (rc == 0 && prompt_secret(kind->prompt, line, sizeof(line)) < 0)
		rc = process_stopped() ? TBD_E_CANCELLED
				       : fail(error, TBD_E_INVALID,
						 "no %s was entered (token.missing)", kind->noun);
	if (rc == 0)
		rc = adopt(settings, kind, line, TBD_TOKEN_PROMPT, strlen(line), error);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int token_check(const struct token_settings *settings, struct tbd_error *error)
{
	if (settings->user_name != NULL && is_given(&settings->token))
		return fail(error, TBD_E_INVALID,
			"--username does not go with a token: a device has an access token, or MQTT "
			"Basic credentials");
	if (settings->user_name == NULL && is_given(&settings->password))
		return fail(error, TBD_E_INVALID, "a password needs --username");
	return 0;
}

/* Take it from where it was given: *given says whether it was. */
static int take_given(struct token_settings *settings, bool *given, struct tbd_error *error)
{
	bool is_basic = settings->user_name != NULL;
	const struct kind *kind = &kinds[is_basic ? PASSWORD : TOKEN];
	struct secret_settings *secret = is_basic ? &settings->password : &settings->token;
	int rc = token_check(settings, error);
	if (rc == 0)
		rc = take_from_environment(&settings->token, &kinds[TOKEN], !is_basic, error);
	if (rc == 0)
		rc = take_from_environment(&settings->password, &kinds[PASSWORD], is_basic, error);
	*given = is_given(secret);
	if (rc < 0 || secret->secret != NULL)
		return rc;
	if (secret->file != NULL)
		return take_from_file(secret, kind, error);
	return secret->from_stdin ? take_from(secret, kind, STDIN_FILENO, TBD_TOKEN_STDIN, error)
				  : 0;
}

int token_take(struct token_settings *settings, struct tbd_error *error)
{
	bool is_basic = settings->user_name != NULL, given = false;
	int rc = take_given(settings, &given, error);
	if (rc < 0 || given)
		return rc;
	return take_from_prompt(is_basic ? &settings->password : &settings->token,
		&kinds[is_basic ? PASSWORD : TOKEN], error);
}

int token_take_given(struct token_settings *settings, bool *given, struct tbd_error *error)
{
	int rc = take_given(settings, given, error);
	if (rc == 0 && !*given && settings->user_name != NULL)
		return fail(error, TBD_E_INVALID,
			"no password was given for --username (token.missing); use "
			"--password-file FILE, --password - (standard input), or the variable "
			"TBDIAG_PASSWORD");
	return rc;
}

void token_free(struct token_settings *settings)
{
	tbd_token_free(settings->token.secret);
	tbd_token_free(settings->password.secret);
	settings->token.secret = settings->password.secret = NULL;
}

/* ---- options ---------------------------------------------------------------------------------- */

/* The row's value says which secret it is. */
static const char *only_one(const struct opt *opt)
{
	static const char *const texts[] = {
		[TOKEN] = "is a second token: give one of --token and --token-file",
		[PASSWORD] = "is a second password: give one of --password and --password-file",
	};
	TOOL_TABLE_OF(texts, PASSWORD);
	return texts[opt->value];
}

static const char *set_file(const struct opt *opt, void *dest, char *value)
{
	struct secret_settings *settings = dest;
	if (is_given(settings))
		return only_one(opt);
	settings->file = value;
	return *value != '\0' ? NULL : "wants the name of a file";
}

/* The bytes of argv are visible to every user of this machine: overwritten at once. */
static const char *set_secret(const struct opt *opt, void *dest, char *value)
{
	static struct tbd_error error;
	struct secret_settings *settings = dest;
	bool second = is_given(settings);
	if (strcmp(value, "-") == 0) {
		settings->from_stdin = true;
		return second ? only_one(opt) : NULL;
	}
	if (second) {
		explicit_bzero(value, strlen(value));
		return only_one(opt);
	}
	if (*value == '\0')
		return opt->value == TOKEN ? "wants a token, not nothing (token.missing)"
					   : "wants a password, not nothing (token.missing)";
	return adopt(settings, &kinds[opt->value], value, TBD_TOKEN_OPTION, strlen(value), &error) <
			0
		? error.text
		: NULL;
}

const struct opt token_options[] = {
	{ .name = "token-file",
		.arg = "FILE",
		.help = "Read the token from FILE; one line feed at its end is cut.",
		.set = set_file,
		.offset = offsetof(struct token_settings, token),
		.value = TOKEN },
	{ .name = "token",
		.arg = "TOKEN",
		.help = "The token itself, or '-' to read it from standard input. Others can see it for an "
			"instant: prefer --token-file.",
		.set = set_secret,
		.secret = true,
		.offset = offsetof(struct token_settings, token),
		.value = TOKEN },
	{ .name = "username",
		.arg = "NAME",
		.help = "Connect with MQTT Basic credentials instead of a token: the user name.",
		.set = opt_set_text,
		.secret = true,
		.offset = offsetof(struct token_settings, user_name) },
	{ .name = "password-file",
		.arg = "FILE",
		.help = "Read the password from FILE; one line feed at its end is cut.",
		.set = set_file,
		.offset = offsetof(struct token_settings, password),
		.value = PASSWORD },
	{ .name = "password",
		.arg = "PASSWORD",
		.help = "The password itself, or '-' to read it from standard input; as --token.",
		.set = set_secret,
		.secret = true,
		.offset = offsetof(struct token_settings, password),
		.value = PASSWORD },
	{ .name = "client-id",
		.arg = "ID",
		.help = "The client identifier; MQTT Basic credentials may want a certain one. Default: a "
			"random one.",
		.set = opt_set_text,
		.secret = true,
		.offset = offsetof(struct token_settings, client_id) },
	{ 0 },
};
