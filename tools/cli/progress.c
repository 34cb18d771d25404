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

/* The deadline of a step, or 0: it is not known. Without one that was asked for they are the library's, as
 * tbd_fetch_options and the others say. */
static int64_t limit_ms(const struct progress *progress, const char *step)
{
	static const struct {
		const char *step;
		int64_t ms;
	} limits[] = {
		{ "dns", 5000 },
		{ "tcp", 5000 },
		{ "tls", 15000 },
		{ "dtls", 40000 },
		{ "connack", 12000 },
		{ "suback", 5000 },
		{ "response", 5000 },
		{ "puback", 5000 },
	};
	if (strcmp(step, "rpc") == 0)
		return progress->call_ms;
	for (size_t i = 0; i < TOOL_COUNT(limits); i++)
		if (strcmp(step, limits[i].step) == 0)
			return progress->timeout_ms > 0 ? progress->timeout_ms : limits[i].ms;
	return 0;
}

int progress_show(void *arg, const char *step, int64_t elapsed_ms)
{
	struct progress *progress = arg;
	if (process_stopped())
		return -1;
	if (elapsed_ms < PATIENCE_MS || !isatty(STDERR_FILENO))
		return 0;
	progress_clear(progress);
	long long passed = (long long)(elapsed_ms / 1000);
	int64_t limit = limit_ms(progress, step);
	if (limit > 0)
		progress->shown = fprintf(stderr, "%s: %lld of %.6g s, no answer yet", step, passed,
			(double)limit / 1000);
	else
		progress->shown = fprintf(stderr, "%s: %lld s, no answer yet", step, passed);
	fflush(stderr);
	return 0;
}
