/* SPDX-License-Identifier: MIT
 *
 * keylog.c - the secrets of a session for whoever records its packets.
 */
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest label of RFC 8446 has 31 characters, the longest hash is SHA-512. */
enum { LABEL_MAX = 64, RANDOM_MAX = 32, SECRET_MAX = 64 };
enum { LINE_SIZE = LABEL_MAX + 1 + 2 * RANDOM_MAX + 1 + 2 * SECRET_MAX + 2 };

/* A file of ours that nobody else may read; a device or a FIFO is whoever named it's own business. */
static bool is_private(int fd)
{
	struct stat status;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return true;
	return status.st_uid == geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

int tbdi_keylog_open(const char *path, int *fd, struct tbd_error *error)
{
	/* A FIFO that nobody reads is an error, not a wait. */
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (*fd < 0)
		return tbdi_fail(error, TBD_E_OPEN, "%s: %s", path, strerror(errno));
	if (is_private(*fd))
		return 0;
	close(*fd);
	*fd = -1;
	return tbdi_fail(error, TBD_E_OPEN,
		"%s: others could read the secrets of the session there; chmod 600 it, or name another file",
		path);
}

static char *put_hex(char *to, const gnutls_datum_t *bytes)
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < bytes->size; i++) {
		*to++ = digits[bytes->data[i] >> 4];
		*to++ = digits[bytes->data[i] & 15];
	}
	return to;
}

bool tbdi_keylog_write(
	int fd, gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
	char line[LINE_SIZE];
	gnutls_datum_t client = { NULL, 0 };
	gnutls_session_get_random(session, &client, NULL);
	if (strlen(label) > LABEL_MAX || client.size > RANDOM_MAX || secret->size > SECRET_MAX)
		return true;
	char *end = put_hex(stpcpy(stpcpy(line, label), " "), &client);
	*end++ = ' ';
	end = put_hex(end, secret);
	*end++ = '\n';
	/* In one piece: several programs may append to the file. */
	errno = ENOSPC; /* what a part of it means */
	bool good = write(fd, line, (size_t)(end - line)) == end - line;
	explicit_bzero(line, sizeof(line));
	return good;
}
