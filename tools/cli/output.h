/* SPDX-License-Identifier: MIT
 *
 * output.h - output is made in memory and written once: to stdout, or to a file that appears whole or
 * not at all.
 */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include "tools/cli/tool.h"

struct output {
	FILE *stream; /* into memory */
	char *bytes;
	size_t len;
};

/* Make the stream. 0, or -1 after a complaint; output_close() is allowed then, too. */
int output_open(struct output *output);

/* End the stream, write what it took to `path` (NULL: stdout) and free it. 0, or -1 after a complaint
 * or when a signal asks to stop. */
int output_close(struct output *output, const char *path);

typedef int output_writer(const char *path, const void *bytes, size_t len);

/* Write bytes to a file: a temporary one in the same directory is renamed. What is there and no
 * regular file (a pipe, a terminal) is written to. Returns as output_close() does. */
output_writer output_file;

/* Write bytes to a file that is not there yet. */
output_writer output_new_file;

/* Ask beforehand whether output_file() will be able to write this file, and whether it may: only what is empty, a report
 * or a chain is overwritten. What is there stays. 0, or -1 after a complaint. */
int output_check(const char *path);

/* The same of output_new_file(). */
int output_check_new(const char *path);

/* The file to be written is not the one that is read, by whatever name. 0, or -1 after a complaint. */
int output_check_apart(const char *path, const char *input);

/* ---- what output.c and output-check.c have in common ----------------------------------------- */

/* Complain with errno, unless a signal asked to stop. -1. */
int output_fail(const char *name);

/* The file that is to be written, to be freed: behind a symbolic link, which stays one. *special: it is there
 * and no regular file. NULL: errno says why it cannot be. */
char *output_find_file(const char *path, bool *special);

/* Create a file with a name of its own beside `path`. Its descriptor, or -1 and errno; *temporary is to be
 * freed in any case. */
int output_make_temporary(const char *path, char **temporary);

#endif
