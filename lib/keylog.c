/* SPDX-License-Identifier: MIT
 *
 * keylog.c - the secrets of a session for whoever records its packets.
 */
#include "keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 512, SECRET_MAX = 64 }; /* the longest hash is SHA-512 */

int tbdi_keylog_open(const char *path, int *fd, struct tbd_error *error)
{
	/* A FIFO that nobody reads is an error, not a wait. */
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (*fd < 0)
		return tbdi_fail(error, TBD_E_OPEN, "%s: %s", path, strerror(errno));
	return 0;
}

static void put_hex(FILE *out, const gnutls_datum_t *bytes)
{
	for (unsigned i = 0; i < bytes->size; i++)
		fprintf(out, "%02x", bytes->data[i]);
}

bool tbdi_keylog_write(
	int fd, gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
	char line[LINE_MAX_LEN] = "";
	gnutls_datum_t client = { NULL, 0 };
	gnutls_session_get_random(session, &client, NULL);
	if (secret->size > SECRET_MAX)
		return true;
	FILE *out = fmemopen(line, sizeof(line), "w");
	if (out == NULL)
		return false;
	fprintf(out, "%s ", label);
	put_hex(out, &client);
	fputc(' ', out);
	put_hex(out, secret);
	fputc('\n', out);
	size_t len = (size_t)ftell(out);
	bool good = fclose(out) == 0;
	/* In one piece: several programs may append to the file. */
	good = good && write(fd, line, len) == (ssize_t)len;
	explicit_bzero(line, sizeof(line));
	return good;
}
