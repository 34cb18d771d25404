/* SPDX-License-Identifier: MIT
 *
 * output.c - the only place that writes to stdout or to files.
 */
#include "tools/cli/output.h"

#include "tools/cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int output_fail(const char *name)
{
	if (!process_stopped())
		complain("cannot write %s: %s", name, strerror(errno));
	return -1;
}

/* 0, or -1 and errno; a signal that asks to stop ends it with EINTR. */
static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR && !process_stopped())
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_descriptor(int fd, const char *name, const void *bytes, size_t len)
{
	if (write_all(fd, bytes, len) == 0)
		return 0;
	if (errno == EPIPE)
		process_die_by_pipe();
	return output_fail(name);
}

/* ---- files ------------------------------------------------------------------------------------ */

static int write_special(const char *path, const void *bytes, size_t len)
{
	/* Opening a FIFO would wait for its reader; writing to one that has a reader may. */
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENXIO) {
		complain("cannot write %s: nobody reads from it", path);
		return -1;
	}
	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return output_fail(path);
	int rc = write_descriptor(fd, path, bytes, len);
	return close(fd) < 0 && rc == 0 ? output_fail(path) : rc;
}

/* The mode of the file that is there; else that of one that open() would make. */
static mode_t mode_of(const char *path)
{
	struct stat status;
	if (stat(path, &status) == 0)
		return status.st_mode & 0777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* Write, make durable, and give the file its name. -1: errno says why. */
static int fill_and_rename(
	int fd, const char *temporary, const char *path, const void *bytes, size_t len)
{
	bool written =
		write_all(fd, bytes, len) == 0 && fchmod(fd, mode_of(path)) == 0 && fsync(fd) == 0;
	int why = errno;
	if (close(fd) < 0 && written) {
		written = false;
		why = errno;
	}
	errno = why;
	if (!written || process_stopped())
		return -1;
	return rename(temporary, path);
}

int output_make_temporary(const char *path, char **temporary)
{
	const char *slash = strrchr(path, '/');
	int dir_len = slash != NULL ? (int)(slash + 1 - path) : 0;
	if (asprintf(temporary, "%.*s.tbdiag-XXXXXX", dir_len, path) < 0) {
		*temporary = NULL;
		return -1;
	}
	return mkostemp(*temporary, O_CLOEXEC);
}

static int write_regular(const char *path, const void *bytes, size_t len)
{
	char *temporary = NULL;
	int rc = 0;
	int fd = output_make_temporary(path, &temporary);
	if (fd < 0) {
		rc = output_fail(path);
	} else if (fill_and_rename(fd, temporary, path, bytes, len) < 0) {
		rc = output_fail(path);
		unlink(temporary);
	}
	free(temporary);
	return rc;
}

char *output_find_file(const char *path, bool *special)
{
	struct stat status;
	*special = false;
	if (stat(path, &status) < 0)
		return errno == ENOENT ? strdup(path) : NULL;
	*special = !S_ISREG(status.st_mode);
	return *special ? strdup(path) : realpath(path, NULL);
}

int output_file(const char *path, const void *bytes, size_t len)
{
	bool special = false;
	char *file = output_find_file(path, &special);
	if (file == NULL)
		return output_fail(path);
	int rc = special ? write_special(file, bytes, len) : write_regular(file, bytes, len);
	free(file);
	return rc;
}

int output_new_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return output_fail(path);
	bool written = write_all(fd, bytes, len) == 0 && fsync(fd) == 0;
	int why = errno;
	if (close(fd) < 0 && written) {
		written = false;
		why = errno;
	}
	if (written)
		return 0;
	unlink(path);
	errno = why;
	return output_fail(path);
}

/* ---- memory ----------------------------------------------------------------------------------- */

int output_open(struct output *output)
{
	*output = (struct output){ 0 };
	output->stream = open_memstream(&output->bytes, &output->len);
	return output->stream != NULL ? 0 : output_fail("output");
}

int output_close(struct output *output, const char *path)
{
	int rc = -1;
	if (output->stream == NULL)
		return -1;
	bool complete = ferror(output->stream) == 0;
	if (fclose(output->stream) != 0 || !complete)
		complain("out of memory");
	else if (path != NULL)
		rc = output_file(path, output->bytes, output->len);
	else
		rc = write_descriptor(STDOUT_FILENO, "standard output", output->bytes, output->len);
	free(output->bytes);
	*output = (struct output){ 0 };
	return rc;
}
