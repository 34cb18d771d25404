/* SPDX-License-Identifier: MIT
 *
 * progress.h - what is going on, on a terminal, once it takes longer than a second; and the question
 * whether to stop.
 */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "tools/cli/tool.h"

struct progress {
	int shown; /* columns of the line that stands on stderr */
};

/* A tbd_progress; arg is a struct progress. Stops when a signal has asked for it. */
tbd_progress progress_show;

/* Take the line away again. */
void progress_clear(struct progress *progress);

#endif
