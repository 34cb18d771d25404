/* SPDX-License-Identifier: MIT
 *
 * compare.h - in what the reports of a set differ.
 */
#ifndef TBDI_COMPARE_H
#define TBDI_COMPARE_H

#include "set.h"

/* Fill the set's differences from its judged reports. 0 or TBD_E_NOMEM. */
int tbdi_set_compare(struct tbdi_set *set) TBDI_MUST_CHECK;

#endif
