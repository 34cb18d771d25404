/* SPDX-License-Identifier: MIT
 *
 * probe.h - resolve, connect, handshake: one target as a state machine that never blocks.
 * tbdi_probes_run() drives a few of them with poll(); whoever has many drives the same code with what he
 * likes.
 */
#ifndef TBDI_PROBE_H
#define TBDI_PROBE_H

#include "net/connect.h"
#include "report/report.h"

enum { TBDI_PROBE_FDS = TBDI_ADDRESSES_MAX, TBDI_PROBES_MAX = TBDI_ADDRESSES_MAX };

struct tbdi_probe;

/* Begin to dial the report's target. The report, and what options points to, must live as long as the probe.
 * TBD_E_INVALID, TBD_E_NOMEM, TBD_E_SYSTEM. */
int tbdi_probe_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_probe **out, struct tbd_error *error);
void tbdi_probe_free(struct tbdi_probe *probe);

/* Stop with the addresses; to be said before the first step. */
void tbdi_probe_only_resolve(struct tbdi_probe *probe);

/* Go as far as possible without waiting. 1: it is done and everything is in the report; 0: wait for
 * tbdi_probe_fds(), at most until tbdi_probe_deadline(), and call it again. Calling it early, or once more,
 * does no harm. */
int tbdi_probe_step(struct tbdi_probe *probe, struct tbd_error *error);

/* What to wait for: fills fds (room for TBDI_PROBE_FDS) and returns their number. Each step may close them and
 * open others, under the same numbers, too. */
size_t tbdi_probe_fds(const struct tbdi_probe *probe, struct pollfd *fds);

/* When to step although nothing has happened, and what time it is (both report time); INT64_MAX: it is done. */
int64_t tbdi_probe_deadline(const struct tbdi_probe *probe);
int64_t tbdi_probe_now(const struct tbdi_probe *probe);

/* The step that is under way, and since when (report time): "dns", "tcp", "tls". */
const char *tbdi_probe_phase(const struct tbdi_probe *probe, int64_t *since_us);

/* Step all of them, at most TBDI_PROBES_MAX, until each is done. The progress callback of options hears of the
 * first that is under way. */
int tbdi_probes_run(struct tbdi_probe *const *probes, size_t count,
	const struct tbd_fetch_options *options, struct tbd_error *error) TBDI_MUST_CHECK;

/* A CONNECT over the connection of this report was met by silence or, `was_closed`, by a close: look what more of the
 * same address can tell the reason, within a second, or as long as it took to close (waited_us). What is seen goes into
 * the report's connection; nothing when it was made by a proxy. Of `telling` the progress callback is called. */
int tbdi_look_round(struct tbdi_report *report, bool was_closed, int64_t waited_us,
	const struct tbd_fetch_options *telling, struct tbd_error *error) TBDI_MUST_CHECK;

#endif
