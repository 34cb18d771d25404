/* SPDX-License-Identifier: MIT
 *
 * file.c - read a whole file. It is not mapped: a file that shrinks meanwhile would kill the process.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { STREAM_MS = 30000, STREAM_FIRST = 64 * 1024 };

static int fail_errno(struct tbd_error *error, const char *path)
{
	return tbdi_fail(error, TBD_E_OPEN, "%s: %s", path, strerror(errno));
}

static int fail_too_large(struct tbd_error *error, const char *path)
{
	return tbdi_fail(
		error, TBD_E_TOO_LARGE, "%s: larger than %zu MiB", path, TBDI_FILE_MAX >> 20);
}

static int read_regular(
	int fd, const char *path, size_t size, struct tbd_bytes *out, struct tbd_error *error)
{
	size_t used = 0;
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
	*out = (struct tbd_bytes){ data, used };
	return 0;
}

/* ---- streams ---------------------------------------------------------------------------------- */

struct stream {
	int fd;
	const char *path;
	int64_t end_ms;
	uint8_t *data;
	size_t used, size;
};

static int64_t stream_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nobody has written to it yet, and somebody may: it has a name. */
static bool waits_for_writer(const struct stream *stream)
{
	struct statfs info;
	struct stat status;
	return stream->used == 0 && fstat(stream->fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
		fstatfs(stream->fd, &info) == 0 && info.f_type != PIPEFS_MAGIC;
}

/* *end: a writer came, and left without a byte. */
static int stream_wait(const struct stream *stream, bool *end, struct tbd_error *error)
{
	struct pollfd poll_fd = { stream->fd, POLLIN, 0 };
	int64_t left_ms = stream->end_ms - stream_clock_ms();
	int n = left_ms > 0 ? poll(&poll_fd, 1, (int)left_ms) : 0;
	if (n < 0)
		return fail_errno(error, stream->path);
	*end = n > 0 && (poll_fd.revents & (POLLIN | POLLHUP)) == POLLHUP;
	return n != 0 ? 0
		      : tbdi_fail(error, TBD_E_OPEN, "%s: did not come to its end within %d s",
				stream->path, STREAM_MS / 1000);
}

static int stream_grow(struct stream *stream, struct tbd_error *error)
{
	size_t size = stream->size == 0 ? STREAM_FIRST : 2 * stream->size;
	if (stream->used > TBDI_FILE_MAX)
		return fail_too_large(error, stream->path);
	if (stream->used < stream->size)
		return 0;
	/* Not realloc(): what it leaves behind may be a key. */
	uint8_t *data = malloc(size);
	if (data == NULL)
		return tbdi_fail_nomem(error);
	if (stream->used > 0) {
		memcpy(data, stream->data, stream->used);
		explicit_bzero(stream->data, stream->used);
	}
	free(stream->data);
	stream->data = data;
	stream->size = size;
	return 0;
}

/* *end: there is no more. */
static int stream_step(struct stream *stream, bool *end, struct tbd_error *error)
{
	int rc = stream_grow(stream, error);
	if (rc < 0)
		return rc;
	ssize_t n = read(stream->fd, stream->data + stream->used, stream->size - stream->used);
	if (n > 0)
		stream->used += (size_t)n;
	else if ((n == 0 && waits_for_writer(stream)) || (n < 0 && errno == EAGAIN))
		return stream_wait(stream, end, error);
	else if (n < 0 && errno != EINTR)
		return fail_errno(error, stream->path);
	*end = n == 0;
	return 0;
}

static int stream_read_all(int fd, const char *path, struct tbd_bytes *out, struct tbd_error *error)
{
	struct stream stream = { .fd = fd, .path = path, .end_ms = stream_clock_ms() + STREAM_MS };
	bool end = false;
	int rc = 0;
	while (rc == 0 && !end)
		rc = stream_step(&stream, &end, error);
	*out = (struct tbd_bytes){ stream.data, stream.used };
	if (rc < 0) {
		if (stream.data != NULL)
			explicit_bzero(stream.data, stream.used);
		free(stream.data);
	}
	return rc;
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int read_any(
	int fd, const char *path, bool streams, struct tbdi_file *out, struct tbd_error *error)
{
	struct stat info;
	if (fstat(fd, &info) < 0)
		return fail_errno(error, path);
	if (S_ISDIR(info.st_mode)) {
		errno = EISDIR;
		return fail_errno(error, path);
	}
	*out = (struct tbdi_file){
		.device = info.st_dev, .inode = info.st_ino, .is_stream = !S_ISREG(info.st_mode)
	};
	if (out->is_stream)
		return streams ? stream_read_all(fd, path, &out->bytes, error)
			       : tbdi_fail(error, TBD_E_OPEN, "%s: not a regular file", path);
	if (info.st_size < 0 || (uintmax_t)info.st_size > TBDI_FILE_MAX)
		return fail_too_large(error, path);
	return read_regular(fd, path, (size_t)info.st_size, &out->bytes, error);
}

static int read_path(const char *path, bool streams, struct tbdi_file *out, struct tbd_error *error)
{
	/* Opening a FIFO would wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(error, path);
	int ret = read_any(fd, path, streams, out, error);
	close(fd);
	return ret;
}

int tbdi_file_read(const char *path, struct tbdi_file *out, struct tbd_error *error)
{
	return read_path(path, false, out, error);
}

int tbdi_file_read_any(const char *path, struct tbdi_file *out, struct tbd_error *error)
{
	return read_path(path, true, out, error);
}

void tbdi_file_release(struct tbdi_file *file)
{
	void *data = (void *)(uintptr_t)file->bytes.data;
	if (data != NULL)
		explicit_bzero(data, file->bytes.len);
	free(data);
	file->bytes = (struct tbd_bytes){ NULL, 0 };
}

int tbdi_file_in_memory(const void *data, size_t len, const char **name, struct tbd_bytes *out,
	struct tbd_error *error)
{
	if (*name == NULL || **name == '\0')
		*name = "(memory)";
	if (data == NULL && len > 0)
		return tbdi_fail(error, TBD_E_INVALID, "%s: the bytes are NULL", *name);
	if (len > TBDI_FILE_MAX)
		return fail_too_large(error, *name);
	*out = (struct tbd_bytes){ data, len };
	return 0;
}
