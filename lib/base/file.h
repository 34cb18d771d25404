/* SPDX-License-Identifier: MIT
 *
 * file.h - read a whole file that a caller named.
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
};

/* Read a regular file; what is none is not waited for. TBD_E_OPEN or TBD_E_TOO_LARGE (over
 * TBDI_FILE_MAX), with path and reason in the error text, or TBD_E_NOMEM. */
int tbdi_file_read(const char *path, struct tbdi_file *out, struct tbd_error *error);
void tbdi_file_release(struct tbdi_file *file);

#endif
