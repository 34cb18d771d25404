/* SPDX-License-Identifier: MIT
 *
 * outcome.h - how far a token came over one transport.
 */
#ifndef TBDI_OUTCOME_H
#define TBDI_OUTCOME_H

#include "set/dial.h"

/* What the reports of the set tell, into its passages. 0 or TBD_E_NOMEM. */
int tbdi_set_pass(struct tbdi_set *set);

/* The peer said that the token is not good: of any protocol. */
bool tbdi_token_is_refused(const struct tbd_report *report);

/* The machine is there and says that nothing listens on that port. */
bool tbdi_report_is_closed(const struct tbd_report *report);

#endif
