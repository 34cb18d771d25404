/* SPDX-License-Identifier: MIT
 *
 * file.c - read a whole file. It is not mapped: a file that shrinks meanwhile would kill the process.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_errno(struct tbd_error *error, const char *path)
{
	return tbdi_fail(error, TBD_E_OPEN, "%s: %s", path, strerror(errno));
}

static int file_read_all(int fd, const char *path, struct tbdi_file *out, struct tbd_error *error)
{
	struct stat info;
	if (fstat(fd, &info) < 0)
		return fail_errno(error, path);
	if (S_ISDIR(info.st_mode)) {
		errno = EISDIR;
		return fail_errno(error, path);
	}
	if (!S_ISREG(info.st_mode))
		return tbdi_fail(error, TBD_E_OPEN, "%s: not a regular file", path);
	if (info.st_size < 0 || (uintmax_t)info.st_size > TBDI_FILE_MAX)
		return tbdi_fail(error, TBD_E_TOO_LARGE, "%s: larger than %zu MiB", path,
			TBDI_FILE_MAX >> 20);
	size_t size = (size_t)info.st_size, used = 0;
	uint8_t *data = malloc(size + 1);
	if (data == NULL)
		return tbdi_fail_nomem(error);
	while (used < size) {
		ssize_t n = read(fd, data + used, size - used);
		if (n < 0 && errno != EINTR) {
			free(data);
			return fail_errno(error, path);
		}
		if (n == 0)
			break;
		used += n > 0 ? (size_t)n : 0;
	}
	*out = (struct tbdi_file){ { data, used }, info.st_dev, info.st_ino };
	return 0;
}

int tbdi_file_read(const char *path, struct tbdi_file *out, struct tbd_error *error)
{
	/* Opening a FIFO would wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(error, path);
	int ret = file_read_all(fd, path, out, error);
	close(fd);
	return ret;
}

void tbdi_file_release(struct tbdi_file *file)
{
	free((void *)(uintptr_t)file->bytes.data);
	file->bytes = (struct tbd_bytes){ NULL, 0 };
}
