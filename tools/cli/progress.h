/* SPDX-License-Identifier: MIT
 *
 * progress.h - what is going on, on a terminal, once it takes longer than a second; and the question
 * whether to stop.
 */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "tools/cli/tool.h"

struct progress {
	int64_t timeout_ms; /* that was asked for, or 0: the library's, which differ */
	int64_t call_ms;    /* how long a call of the server is waited for */
	int shown;          /* columns of the line that stands on stderr */
};

/* A tbd_progress; arg is a struct progress. Stops when a signal has asked for it. */
tbd_progress progress_show;

/* Take the line away again. */
void progress_clear(struct progress *progress);

#endif
