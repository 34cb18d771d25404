/* SPDX-License-Identifier: MIT
 *
 * helper.h - helpers: programs of ours, each run for one question, which it reads from standard input and answers on
 * standard output. What foreign code makes of foreign bytes there ends with the process.
 */
#ifndef TBDI_HELPER_H
#define TBDI_HELPER_H

#include "base/common.h"

#include <limits.h>
#include <sys/types.h>

/* How it went. */
enum tbdi_helper_end {
	TBDI_HELPER_RUNS,
	TBDI_HELPER_ANSWERED, /* it ended well: see the answer */
	TBDI_HELPER_FAILED,   /* it could not do its work: see the complaint */
	TBDI_HELPER_CRASHED, /* by a signal: also by one of the limits of memory and processor time */
	TBDI_HELPER_LATE,    /* it did not end in time */
	TBDI_HELPER_TALKED, /* the answer is longer than any can be */
};

enum { TBDI_HELPER_ANSWER_MAX = 64 * 1024, TBDI_HELPER_COMPLAINT_MAX = 256 };

struct tbdi_helper {
	enum tbdi_helper_end end;
	pid_t pid;
	int process; /* a descriptor of it, and those that read what it writes; -1: closed */
	int out;
	int err;
	int signal;   /* that it crashed by */
	char *answer; /* or NULL */
	size_t answer_len;
	char complaint
		[TBDI_HELPER_COMPLAINT_MAX]; /* the beginning of the first line on standard error */
};

/* Where the helper "stack-NAME" is: in TBDIAG_STACK_DIR (ignored in a program with raised privileges), else in the
 * build tree of an uninstalled library, else where it was configured to be. */
void tbdi_helper_path(const char *name, char path[PATH_MAX]);

/* It is installed. */
bool tbdi_helper_is_there(const char *name);

/* Start a helper on a question, which is copied; with an argument, or NULL. It has no descriptors but the three, no
 * environment, and limits of memory and processor time. TBD_E_SYSTEM. */
int tbdi_helper_start(struct tbdi_helper *helper, const char *name, const char *argument,
	struct tbd_bytes question, struct tbd_error *error);

/* Wait until all have ended, but at most so long: those that are late are killed. 1: all have; 0: a signal
 * interrupted, or the time of this call (wait_ms) is over; less: an error. */
int tbdi_helpers_wait(
	struct tbdi_helper *helpers, size_t count, int64_t wait_ms, struct tbd_error *error);

/* Kill those that run: they are late. */
void tbdi_helpers_stop(struct tbdi_helper *helpers, size_t count);

/* The same, and give back all that they hold. */
void tbdi_helpers_release(struct tbdi_helper *helpers, size_t count);

#endif
