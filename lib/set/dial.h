/* SPDX-License-Identifier: MIT
 *
 * dial.h - a set of reports while it is being made: the public data and what stands behind it.
 */
#ifndef TBDI_DIAL_H
#define TBDI_DIAL_H

#include "base/arena.h"
#include "base/common.h"

#define TBDI_SET_SCHEMA "tbdiag-set/1"

struct tbdi_set {
	struct tbd_set pub; /* first: a struct tbd_set * is a struct tbdi_set * */
	struct tbdi_arena arena;
	struct tbdi_list reports; /* struct tbd_report, owned */
	struct tbdi_list notes;
	bool is_stored; /* it was read: nothing is added to it, and it is not judged again */
};

/* Raise the set's worst to that of its reports that count. */
void tbdi_set_find_worst(struct tbd_set *set);

/* ---- what the makers of sets have in common ---- */

/* Whether a set can be made with these options. 0 or TBD_E_INVALID. */
int tbdi_set_check_fetch(
	const struct tbd_fetch_options *fetch, struct tbd_error *error) TBDI_MUST_CHECK;

/* Nobody has to be asked about an address. */
bool tbdi_set_is_literal(const struct tbd_target *target, const struct tbd_fetch_options *fetch);

/* Ask for the addresses; the first report says how that went. *addresses stays NULL when there are none, and
 * when the host is an address itself, to which that report has then made the connection. */
int tbdi_set_resolve(struct tbd_report *first, const struct tbd_fetch_options *fetch,
	const char *const **addresses, struct tbd_error *error) TBDI_MUST_CHECK;

/* There is one report only: what was found out before others were to begin. */
int tbdi_set_give_first(
	struct tbd_set *set, struct tbd_report **first, struct tbd_error *error) TBDI_MUST_CHECK;

static inline struct tbdi_set *tbdi_set_of(struct tbd_set *set)
{
	return (struct tbdi_set *)(void *)set;
}

#endif
