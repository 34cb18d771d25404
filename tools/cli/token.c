/* SPDX-License-Identifier: MIT
 *
 * token.c - taking the device's secret.
 */
#include "tools/cli/token.h"

#include "tools/cli/process.h"
#include "tools/cli/prompt.h"
#include "tools/cli/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

enum { SECRET_MAX = 65535 }; /* the longest field that MQTT can carry (MQTT 3.1.1, 1.5.3) */

/* What each secret is called. */
static const struct kind {
	const char *noun;
	const char *option;
	const char *variable;
	const char *prompt;
	int (*make)(const void *bytes, size_t len, enum tbd_token_source source,
		struct tbd_token **out, struct tbd_error *error);
	const char *is_second;
	const char *is_empty;
} kinds[] = {
	[SECRET_TOKEN] = { "token", "--token", "TBDIAG_TOKEN", "Access token of the device: ",
		tbd_token_new, "is a second token: give one of --token and --token-file",
		"wants a token, not nothing (token.missing)" },
	[SECRET_PASSWORD] = { "password", "--password", "TBDIAG_PASSWORD",
		"Password of the device: ", tbd_password_new,
		"is a second password: give one of --password and --password-file",
		"wants a password, not nothing (token.missing)" },
};
TOOL_TABLE_OF(kinds, SECRET_PASSWORD);

static int token_fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
	TOOL_PRINTF(3, 4);
static int token_fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
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
		return token_fail(
			error, TBD_E_SYSTEM, "cannot forbid core dumps: %s", strerror(errno));
	return 0;
}

/* Give the bytes to the library and wipe them. */
static int adopt(struct settings *settings, int which, char *bytes, enum tbd_token_source source,
	size_t len, struct tbd_error *error)
{
	struct tbd_token **taken = &settings->secrets[which].taken;
	int rc = seal_process(error);
	if (rc == 0 && len == 0)
		rc = token_fail(error, TBD_E_INVALID,
			"the %s that was given is empty (token.missing)", kinds[which].noun);
	if (rc == 0)
		rc = kinds[which].make(bytes, len, source, taken, error);
	if (rc == 0 && which == SECRET_TOKEN)
		settings->roundtrip.token = *taken;
	else if (rc == 0)
		settings->roundtrip.password = *taken;
	explicit_bzero(bytes, len);
	return rc;
}

static int read_secret(int fd, char *bytes, size_t size, size_t *len)
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
static int take_from(struct settings *settings, int which, int fd, enum tbd_token_source source,
	struct tbd_error *error)
{
	static char bytes[SECRET_MAX + 2];
	size_t len = 0;
	const char *name =
		source == TBD_TOKEN_STDIN ? "standard input" : settings->secrets[which].file;
	int rc = seal_process(error);
	if (rc == 0 && read_secret(fd, bytes, sizeof(bytes), &len) < 0)
		rc = process_stopped()
			? TBD_E_CANCELLED
			: token_fail(error, TBD_E_OPEN, "%s: %s", name, strerror(errno));
	if (rc == 0 && len > 0 && bytes[len - 1] == '\n')
		len--;
	if (rc == 0 && len > SECRET_MAX)
		rc = token_fail(
			error, TBD_E_TOO_LARGE, "%s: too large for a %s", name, kinds[which].noun);
	if (rc == 0)
		rc = adopt(settings, which, bytes, source, len, error);
	explicit_bzero(bytes, sizeof(bytes));
	return rc;
}

static int take_from_file(struct settings *settings, int which, struct tbd_error *error)
{
	const char *file = settings->secrets[which].file;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == EINTR && process_stopped()) /* a FIFO that nobody writes to */
		return TBD_E_CANCELLED;
	if (fd < 0)
		return token_fail(error, TBD_E_OPEN, "%s file %s: %s", kinds[which].noun, file,
			strerror(errno));
	int rc = take_from(settings, which, fd, TBD_TOKEN_FILE, error);
	close(fd);
	return rc;
}

static bool is_given(const struct secret *secret)
{
	return secret->file != NULL || secret->from_stdin || secret->taken != NULL;
}

/* The one that this run wants. */
static int wanted(const struct settings *settings)
{
	return settings->roundtrip.user_name != NULL ? SECRET_PASSWORD : SECRET_TOKEN;
}

/* Wiped in any case: a child or a reader of /proc must not find it, used or not. */
static int take_from_environment(struct settings *settings, int which, struct tbd_error *error)
{
	char *value = getenv(kinds[which].variable);
	if (value == NULL || *value == '\0')
		return 0;
	int rc = 0;
	if (which == wanted(settings) && !is_given(&settings->secrets[which]))
		rc = adopt(settings, which, value, TBD_TOKEN_ENVIRONMENT, strlen(value), error);
	else
		explicit_bzero(value, strlen(value));
	unsetenv(kinds[which].variable);
	return rc;
}

static int take_from_prompt(struct settings *settings, struct tbd_error *error)
{
	char line[4096]; /* a terminal gives no longer ones */
	int which = wanted(settings);
	const struct kind *kind = &kinds[which];
	if (!prompt_possible())
		return token_fail(error, TBD_E_INVALID,
			"no %s%s was given (token.missing); use %s-file FILE, %s - (standard "
			"input), the variable %s, or a terminal",
			which == SECRET_TOKEN ? "access " : "", kind->noun, kind->option,
			kind->option, kind->variable);
	int rc = seal_process(error);
	if (rc == 0 && prompt_secret(kind->prompt, line, sizeof(line)) < 0)
		rc = process_stopped() ? TBD_E_CANCELLED
				       : token_fail(error, TBD_E_INVALID,
						 "no %s was entered (token.missing)", kind->noun);
	if (rc == 0)
		rc = adopt(settings, which, line, TBD_TOKEN_PROMPT, strlen(line), error);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int token_check(const struct settings *settings, struct tbd_error *error)
{
	bool is_basic = settings->roundtrip.user_name != NULL;
	if (is_basic && is_given(&settings->secrets[SECRET_TOKEN]))
		return token_fail(error, TBD_E_INVALID,
			"--username does not go with a token: a device has an access token, or MQTT "
			"Basic credentials");
	if (!is_basic && is_given(&settings->secrets[SECRET_PASSWORD]))
		return token_fail(error, TBD_E_INVALID, "a password needs --username");
	return 0;
}

/* Take it from where it was given, if it was. */
static int take_given(struct settings *settings, struct tbd_error *error)
{
	int which = wanted(settings);
	const struct secret *secret = &settings->secrets[which];
	int rc = token_check(settings, error);
	if (rc == 0)
		rc = take_from_environment(settings, SECRET_TOKEN, error);
	if (rc == 0)
		rc = take_from_environment(settings, SECRET_PASSWORD, error);
	if (rc < 0 || secret->taken != NULL)
		return rc;
	if (secret->file != NULL)
		return take_from_file(settings, which, error);
	return secret->from_stdin ? take_from(settings, which, STDIN_FILENO, TBD_TOKEN_STDIN, error)
				  : 0;
}

bool token_is_there(const struct settings *settings)
{
	return settings->secrets[wanted(settings)].taken != NULL;
}

int token_take(struct settings *settings, struct tbd_error *error)
{
	int rc = take_given(settings, error);
	return rc < 0 || token_is_there(settings) ? rc : take_from_prompt(settings, error);
}

int token_take_given(struct settings *settings, struct tbd_error *error)
{
	int rc = take_given(settings, error);
	if (rc == 0 && !token_is_there(settings) && settings->roundtrip.user_name != NULL)
		return token_fail(error, TBD_E_INVALID,
			"no password was given for --username (token.missing); use "
			"--password-file FILE, --password - (standard input), or the variable "
			"TBDIAG_PASSWORD");
	return rc;
}

void token_free(struct settings *settings)
{
	for (int which = 0; which < SECRET_COUNT; which++) {
		tbd_token_free(settings->secrets[which].taken);
		settings->secrets[which].taken = NULL;
	}
	settings->roundtrip.token = settings->roundtrip.password = NULL;
}

/* ---- options: the row's value says which secret it is ------------------------------------------ */

#define OPT_INTO struct settings

static const char *set_file(const struct opt *opt, void *dest, char *value)
{
	struct secret *secret = &((struct settings *)dest)->secrets[opt->value];
	if (is_given(secret))
		return kinds[opt->value].is_second;
	secret->file = value;
	return *value != '\0' ? NULL : "wants the name of a file";
}

/* The bytes of argv are visible to every user of this machine: overwritten at once. */
static const char *set_secret(const struct opt *opt, void *dest, char *value)
{
	static struct tbd_error error;
	struct settings *settings = dest;
	struct secret *secret = &settings->secrets[opt->value];
	bool second = is_given(secret);
	if (strcmp(value, "-") == 0) {
		secret->from_stdin = true;
		return second ? kinds[opt->value].is_second : NULL;
	}
	if (second) {
		explicit_bzero(value, strlen(value));
		return kinds[opt->value].is_second;
	}
	if (*value == '\0')
		return kinds[opt->value].is_empty;
	int rc = adopt(settings, opt->value, value, TBD_TOKEN_OPTION, strlen(value), &error);
	return rc < 0 ? error.text : NULL;
}

const struct opt token_options[] = {
	OPT_BY(set_file, "token-file", "FILE",
		"Read the token from FILE; one line feed at its end is cut.",
		.value = SECRET_TOKEN),
	OPT_BY(set_secret, "token", "TOKEN",
		"The token itself, or '-' to read it from standard input. Others can see it for an "
		"instant: prefer --token-file.",
		.value = SECRET_TOKEN, .secret = true),
	OPT_TEXT("username", "NAME", roundtrip.user_name,
		"Connect with MQTT Basic credentials instead of a token: the user name.",
		.secret = true),
	OPT_BY(set_file, "password-file", "FILE",
		"Read the password from FILE; one line feed at its end is cut.",
		.value = SECRET_PASSWORD),
	OPT_BY(set_secret, "password", "PASSWORD",
		"The password itself, or '-' to read it from standard input; as --token.",
		.value = SECRET_PASSWORD, .secret = true),
	OPT_TEXT("client-id", "ID", roundtrip.client_id,
		"The client identifier; MQTT Basic credentials may want a certain one. Default: a "
		"random one.",
		.secret = true),
	{ 0 },
};
