/* SPDX-License-Identifier: MIT
 *
 * difference.h - in what the reports of a set differ.
 */
#ifndef TBDI_DIFFERENCE_H
#define TBDI_DIFFERENCE_H

#include "set/dial.h"

/* Fill the set's differences from its judged reports. 0 or TBD_E_NOMEM. */
int tbdi_set_compare(struct tbdi_set *set) TBDI_MUST_CHECK;

#endif
