/* SPDX-License-Identifier: MIT
 *
 * nearest.h - when no path leads to an anchor: what of the store comes closest, and does the system's
 * store have what is needed?
 */
#ifndef TBDI_NEAREST_H
#define TBDI_NEAREST_H

#include "verify/trust-view.h"

/* Fill verification->nearest, unless its path is anchored, its signatures are good and the anchor has not
 * expired. 0 or TBD_E_NOMEM. */
int tbdi_miss_find(struct tbdi_store *store, struct tbd_verification *verification);

/* The anchor in `system` that a path of the chain, which is not empty, ends in; NULL: there is no path
 * that would be accepted. 0 or TBD_E_NOMEM. */
int tbdi_miss_system(
	struct tbdi_report *report, const struct tbd_trust *system, const struct tbd_cert **anchor);

#endif
