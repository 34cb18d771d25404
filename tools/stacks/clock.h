/* SPDX-License-Identifier: MIT
 *
 * clock.h - the date on which a stack judges.
 */
#ifndef STACKS_CLOCK_H
#define STACKS_CLOCK_H

#include <stdint.h>

/* From now on, time() says this, for all libraries of the process. */
void clock_set(int64_t seconds);

#endif
