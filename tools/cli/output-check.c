/* SPDX-License-Identifier: MIT
 *
 * output-check.c - whether a file may be written, which is asked before anything is done.
 */
#include "tools/cli/output.h"

#include "tools/cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* As open() would say it. */
static int check_special(const char *path)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	return access(path, W_OK);
}

static int check_regular(const char *path)
{
	char *temporary = NULL;
	int fd = output_make_temporary(path, &temporary);
	if (fd >= 0) {
		unlink(temporary);
		close(fd);
	}
	free(temporary);
	return fd < 0 ? -1 : 0;
}

/* ---- what is there already -------------------------------------------------------------------- */

/* "critical  ca.expired", "verdict: ok" */
static bool is_line_of_report(const char *line)
{
	static const char verdict[] = "verdict: ";
	char severity[16], id[64];
	bool is_verdict = strncmp(line, verdict, sizeof(verdict) - 1) == 0;
	int words =
		sscanf(is_verdict ? line + sizeof(verdict) - 1 : line, "%15s %63s", severity, id);
	bool known = false;
	for (int i = TBD_SEVERITY_OK; words > 0 && i <= TBD_SEVERITY_UNKNOWN; i++)
		known |= strcmp(severity, tbd_severity_name((enum tbd_severity)i)) == 0;
	return known && (is_verdict || (words == 2 && tbd_rule_find(id) != NULL));
}

static bool is_text_report(const char *text)
{
	for (; text != NULL; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (is_line_of_report(text))
			return true;
	}
	return false;
}

static bool is_json_report(const char *text)
{
	return *text == '{' && strstr(text, "\"schema\": \"tbdiag-") != NULL;
}

/* Certificates, and no other PEM. */
static bool is_chain(const char *text)
{
	static const char begin[] = "-----BEGIN ", label[] = "CERTIFICATE-----";
	size_t count = 0;
	for (; (text = strstr(text, begin)) != NULL; count++) {
		text += sizeof(begin) - 1;
		if (strncmp(text, label, sizeof(label) - 1) != 0)
			return false;
	}
	return count > 0;
}

/* NULL: errno says why. A FIFO that took its place meanwhile is not waited for. */
static FILE *open_regular(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	FILE *file = NULL;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		file = fdopen(fd, "r");
	if (fd >= 0 && file == NULL) {
		close(fd);
		errno = EBADF;
	}
	return file;
}

/* A key has many forms (PEM, DER, PKCS#12, JKS, JWK, PuTTY's ...), and nothing brings one back. So what is overwritten
 * has to be of ours. What cannot be read is not known to be. */
static bool may_be_overwritten(const char *path)
{
	enum { SIZE = 2 << 20 };
	FILE *file = open_regular(path);
	if (file == NULL)
		return errno == ENOENT;
	char *text = malloc(SIZE + 1);
	size_t len = text != NULL ? fread(text, 1, SIZE, file) : 1;
	bool is_text = text != NULL && feof(file) && memchr(text, '\0', len) == NULL;
	bool may = len == 0;
	if (is_text) {
		text[len] = '\0';
		may |= is_json_report(text) || is_text_report(text) || is_chain(text);
	}
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
	fclose(file);
	return may;
}

int output_check(const char *path)
{
	bool special = false;
	char *file = output_find_file(path, &special);
	bool writable = file != NULL && (special ? check_special(file) : check_regular(file)) == 0;
	int rc = writable ? 0 : output_fail(path);
	if (rc == 0 && !special && !may_be_overwritten(file)) {
		complain(
			"%s holds neither a report nor a chain, and is not overwritten; name another "
			"file",
			path);
		rc = -1;
	}
	free(file);
	return rc;
}

int output_check_new(const char *path)
{
	struct stat status;
	if (lstat(path, &status) < 0)
		return output_check(path);
	errno = EEXIST;
	return output_fail(path);
}

int output_check_apart(const char *path, const char *input)
{
	struct stat to, from;
	if (stat(path, &to) < 0 || stat(input, &from) < 0 || !S_ISREG(to.st_mode) ||
		to.st_dev != from.st_dev || to.st_ino != from.st_ino)
		return 0;
	complain("%s is read by this run, and is not overwritten; name another file", path);
	return -1;
}
