/* SPDX-License-Identifier: MIT
 *
 * common.h - what every file of the library includes first.
 */
#ifndef TBDI_COMMON_H
#define TBDI_COMMON_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Everything is hidden unless the public header declares it. */
#pragma GCC visibility push(default)
#include "tbdiag.h"
#pragma GCC visibility pop

#include "base/banned.h"

#define TBDI_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* An enumeration indexes the table, and ends with `last` (tests/live/tables.t sees that it does). */
#define TBDI_TABLE_OF(table, last) \
	_Static_assert(TBDI_COUNT(table) == (size_t)(last) + 1, "one for each value")
#define TBDI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TBDI_UNUSED __attribute__((unused))
#define TBDI_MUST_CHECK __attribute__((warn_unused_result))

/* Write the text of a failure to the caller's error (may be NULL) and return its code, so that a
 * failing function can end in `return tbdi_fail(error, TBD_E_OPEN, "%s: %s", path, why);`. */
int tbdi_fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
	TBDI_PRINTF(3, 4);

/* The same for want of memory. */
int tbdi_fail_nomem(struct tbd_error *error);

#endif
