/* SPDX-License-Identifier: MIT
 *
 * exchange.h - a dialogue: a protocol library that talks to a peer over the link: its steps, its turns, its deadlines.
 */
#ifndef TBDI_EXCHANGE_H
#define TBDI_EXCHANGE_H

#include "device/link.h"
#include "report/report.h"
#include "base/transport.h"

struct tbdi_dialogue {
	struct tbdi_report *report; /* whose stream it is */
	struct tbd_error *error;
	tbd_progress *progress; /* or NULL */
	void *progress_arg;
	const struct tbdi_transport *transport;
	struct tbdi_link *link;
	void *connection; /* of the transport */
	int failure;      /* a negative enum tbd_err, or 0 */
	const char *step;
	int64_t step_start_us;
};

/* Report time. */
int64_t tbdi_dialogue_now(const struct tbdi_dialogue *dialogue);

/* What is to be remembered of a call that failed: the first failure. */
void tbdi_dialogue_fail(struct tbdi_dialogue *dialogue, int failure);

/* Set up the connection of a library that asks, over the link, which has been made; it dials with its first request, and
 * tbdi_link_accept() is to follow that, unless it is one of datagrams. False: we could not. */
bool tbdi_dialogue_open(struct tbdi_dialogue *dialogue, struct tbdi_witness witness);

/* A step begins, or has ended so; detail may be NULL. */
void tbdi_dialogue_step(struct tbdi_dialogue *dialogue, const char *name);
void tbdi_dialogue_step_end(
	struct tbdi_dialogue *dialogue, enum tbd_step_status status, const char *detail);

/* Until when this step may last: the first, for whose answer ThingsBoard asks its own services, and those
 * that follow. Report time. */
int64_t tbdi_dialogue_first_deadline(const struct tbdi_dialogue *dialogue);
int64_t tbdi_dialogue_deadline(const struct tbdi_dialogue *dialogue);

/* Wait, carry bytes, let the library have its share; at most until then, but for a moment only. */
void tbdi_dialogue_turn(struct tbdi_dialogue *dialogue, int64_t deadline_us);

/* Wait for these events of the stream alone, before the library gets to it. False: the time is over, or there was a
 * failure. */
bool tbdi_dialogue_poll(struct tbdi_dialogue *dialogue, short events, int64_t deadline_us);

/* Let the library close its side, and give the peer's a moment. */
void tbdi_dialogue_goodbye(struct tbdi_dialogue *dialogue);

/* Give back connection and link. The stream stays. */
void tbdi_dialogue_release(struct tbdi_dialogue *dialogue);

/* ---- requests.c: the round trip by requests -------------------------------------------------- */

/* TBD_E_INVALID: the options are not for this target, whose protocol asks. */
int tbdi_api_check(const struct tbd_roundtrip_options *options, const struct tbd_target *target,
	struct tbd_error *error);

/* As tbd_roundtrip(), whose arguments have been looked at, for a target whose protocol asks. */
int tbdi_api_roundtrip(struct tbdi_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error);

#endif
