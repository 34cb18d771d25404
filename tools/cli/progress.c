/* SPDX-License-Identifier: MIT
 *
 * progress.c - the running step on stderr.
 */
#include "tools/cli/progress.h"

#include "tools/cli/process.h"

#include <unistd.h>

enum { PATIENCE_MS = 1000 };

void progress_clear(struct progress *progress)
{
	if (progress->shown > 0)
		fprintf(stderr, "\r%*s\r", progress->shown, "");
	progress->shown = 0;
}

int progress_show(void *arg, const char *step, int64_t elapsed_ms)
{
	struct progress *progress = arg;
	if (process_stopped())
		return -1;
	if (elapsed_ms < PATIENCE_MS || !isatty(STDERR_FILENO))
		return 0;
	progress_clear(progress);
	progress->shown = fprintf(stderr, "%s: %lld s", step, (long long)(elapsed_ms / 1000));
	fflush(stderr);
	return 0;
}
