/* SPDX-License-Identifier: MIT
 *
 * file.h - read a whole file that a caller named, or take what a caller has in memory for one.
 */
#ifndef TBDI_FILE_H
#define TBDI_FILE_H

#include "base/common.h"

#include <sys/types.h>

#define TBDI_FILE_MAX ((size_t)64 << 20)

struct tbdi_file {
	struct tbd_bytes bytes; /* to be freed with tbdi_file_release() */
	dev_t device;
	ino_t inode;
	bool is_stream; /* a pipe or the like: nobody can read it again */
};

/* Read a regular file; what is none is not waited for. TBD_E_OPEN or TBD_E_TOO_LARGE (over
 * TBDI_FILE_MAX), with path and reason in the error text, or TBD_E_NOMEM. */
int tbdi_file_read(const char *path, struct tbdi_file *out, struct tbd_error *error);

/* The same, but a pipe, a terminal or the like is read to its end, for which half a minute is waited. */
int tbdi_file_read_any(const char *path, struct tbdi_file *out, struct tbd_error *error);

/* Wipes the bytes: there may be a key among them. */
void tbdi_file_release(struct tbdi_file *file);

/* What a caller has in memory, by the same limit, and the name that it gives it: without one *name becomes that of
 * none. The bytes stay the caller's. TBD_E_INVALID or TBD_E_TOO_LARGE. */
int tbdi_file_in_memory(const void *data, size_t len, const char **name, struct tbd_bytes *out,
	struct tbd_error *error);

#endif
