/* SPDX-License-Identifier: MIT
 *
 * dial.h - what the makers of sets have in common, and in what the reports of one differ.
 */
#ifndef TBDI_DIAL_H
#define TBDI_DIAL_H

#include "report/set.h"

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

/* Fill the set's differences from its judged reports. 0 or TBD_E_NOMEM. */
int tbdi_set_compare(struct tbdi_set *set) TBDI_MUST_CHECK;

#endif
