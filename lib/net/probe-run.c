/* SPDX-License-Identifier: MIT
 *
 * probe-run.c - a few probes side by side, with poll().
 */
#include "net/probe.h"

#include "base/module.h"

#include <errno.h>

enum { PROGRESS_MS = 250 };

static int report_progress(const struct tbdi_probe *probe, const struct tbd_fetch_options *options,
	struct tbd_error *error)
{
	int64_t since = 0;
	const char *phase = tbdi_probe_phase(probe, &since);
	if (options->progress != NULL &&
		options->progress(
			options->progress_arg, phase, (tbdi_probe_now(probe) - since) / 1000) != 0)
		return tbdi_fail(error, TBD_E_CANCELLED, "cancelled");
	return 0;
}

/* Step all of them, and keep those that are not done. */
static int step_all(struct tbdi_probe **busy, size_t *count, struct tbd_error *error)
{
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++) {
		int rc = tbdi_probe_step(busy[i], error);
		if (rc < 0)
			return rc;
		if (rc == 0)
			busy[kept++] = busy[i];
	}
	*count = kept;
	return 0;
}

/* Wait for an event, a deadline, or at most so long. 1: a signal came. */
static int wait_for(
	struct tbdi_probe *const *busy, size_t count, int64_t wait_us, struct tbd_error *error)
{
	struct pollfd fds[TBDI_PROBES_MAX * TBDI_PROBE_FDS];
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t left_us = tbdi_probe_deadline(busy[i]) - tbdi_probe_now(busy[i]);
		wait_us = left_us < wait_us ? left_us : wait_us;
		used += tbdi_probe_fds(busy[i], fds + used);
	}
	if (poll(fds, (nfds_t)used, wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000)) >= 0)
		return 0;
	return errno == EINTR ? 1 : tbdi_fail(error, TBD_E_SYSTEM, "poll: %s", strerror(errno));
}

int tbdi_probes_run(struct tbdi_probe *const *probes, size_t count,
	const struct tbd_fetch_options *options, struct tbd_error *error)
{
	struct tbdi_probe *busy[TBDI_PROBES_MAX];
	const char *told = "";
	int64_t tell_us = 0;
	int interrupted = 0;
	memcpy(busy, probes, count * sizeof(*busy));
	while (count > 0) {
		int64_t since_us;
		const char *phase = tbdi_probe_phase(busy[0], &since_us);
		if (strcmp(phase, told) != 0 || interrupted || tbdi_probe_now(busy[0]) >= tell_us) {
			int rc = report_progress(busy[0], options, error);
			if (rc < 0)
				return rc;
			told = phase;
			tell_us = tbdi_probe_now(busy[0]) + PROGRESS_MS * 1000;
		}
		int rc = step_all(busy, &count, error);
		if (rc < 0 || count == 0)
			return rc;
		interrupted = wait_for(busy, count, tell_us - tbdi_probe_now(busy[0]), error);
		if (interrupted < 0)
			return interrupted;
	}
	return 0;
}

int tbd_fetch(
	struct tbd_report *report, const struct tbd_fetch_options *options, struct tbd_error *error)
{
	struct tbdi_probe *probe = NULL;
	int rc = tbdi_probe_new(tbdi_report_of(report), options, &probe, error);
	if (rc == 0 && options->keep_open)
		tbdi_module_preload(
			tbdi_protocol_of(report->target)); /* tbd_roundtrip() will be next */
	if (rc == 0)
		rc = tbdi_probes_run(&probe, 1, options, error);
	if (rc == TBD_E_CANCELLED)
		tbdi_report_of(report)->cancelled = true;
	tbdi_probe_free(probe);
	return rc;
}
