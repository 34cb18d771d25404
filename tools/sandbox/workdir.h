/* SPDX-License-Identifier: MIT
 *
 * workdir.h - the directory of the sandbox's files, and what has to be taken away again.
 */
#ifndef SANDBOX_WORKDIR_H
#define SANDBOX_WORKDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { WORKDIR_FILES_MAX = 8 };

struct workdir {
	char *dir; /* absolute */
	bool made; /* the directory is ours */
	char *files[WORKDIR_FILES_MAX];
	size_t file_count;
};

/* Use `dir`, which is made when it is not there; NULL: make one in TMPDIR or /tmp. 0, or -1 after a
 * complaint; workdir_close() is allowed then, too. */
int workdir_open(struct workdir *workdir, const char *dir);

/* Write a new file; one that is there already is nobody's to overwrite. Its path, which lives as long as
 * the workdir, or NULL after a complaint. */
const char *workdir_write(struct workdir *workdir, const char *name, const char *text, mode_t mode);

/* Remove the files that were written, and the directory when it was made and nothing else is in it. */
void workdir_close(struct workdir *workdir);

#endif
