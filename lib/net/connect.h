/* SPDX-License-Identifier: MIT
 *
 * connect.h - connections to several addresses side by side, each attempt recorded.
 */
#ifndef TBDI_CONNECT_H
#define TBDI_CONNECT_H

#include "report/report.h"
#include "net/resolve.h"

#include <poll.h>

enum { TBDI_ADDRESSES_MAX = TBD_ADDRESSES_MAX };

/* Connects to the addresses in their order, one more every stagger_us or as soon as an earlier one has
 * failed (RFC 8305 5). Initialise with tbdi_race_init(), give back with tbdi_race_release(). */
struct tbdi_race {
	struct tbdi_report *report; /* owns the attempts */
	bool to_the_end;            /* no winner: every address is tried */
	bool datagrams; /* UDP: the first address wins at once, see tbdi_race_revoke() */
	int64_t stagger_us;
	int64_t next_us; /* when the next address is due (report time) */
	size_t count;
	size_t started;
	size_t pending;
	int winner_fd; /* connected, or -1; taken by the caller, who sets it to -1 */
	const struct tbd_attempt *winner;
	size_t winner_index;       /* among the runners */
	struct tbdi_list attempts; /* struct tbd_attempt, in the order of their start */
	struct tbdi_runner {
		struct tbdi_address address;
		int fd; /* or -1: not started, or over */
		struct tbd_attempt *attempt;
	} runners[TBDI_ADDRESSES_MAX];
};

void tbdi_race_init(struct tbdi_race *race, struct tbdi_report *report, int64_t stagger_us);
void tbdi_race_release(struct tbdi_race *race);

/* More than TBDI_ADDRESSES_MAX are ignored. */
void tbdi_race_add(struct tbdi_race *race, const struct tbdi_address *address);

/* Start what is due and see how the others fare. 1: it is over, 0: wait, or TBD_E_NOMEM. */
int tbdi_race_step(struct tbdi_race *race);

/* UDP: the winner is none: for this reason (an errno), or, for 0, it is to be connected to once more. Step
 * on. TBD_E_NOMEM. */
int tbdi_race_revoke(struct tbdi_race *race, int error);

/* What to wait for: fills fds (room for TBDI_ADDRESSES_MAX), returns their number. */
size_t tbdi_race_fds(const struct tbdi_race *race, struct pollfd *fds);

/* When to step although nothing has happened (report time); INT64_MAX: no need. */
int64_t tbdi_race_wakeup(const struct tbdi_race *race);

/* Give up what is still under way. error is recorded with it: 0, or ETIMEDOUT. */
void tbdi_race_abandon(struct tbdi_race *race, int error);

#endif
