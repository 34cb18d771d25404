/* SPDX-License-Identifier: MIT
 *
 * tool.h - what every file of the tools includes first.
 */
#ifndef TOOL_H
#define TOOL_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tbdiag.h"

#include "base/banned.h"

/* Exit status of every program: the states of the monitoring plugins. */
enum {
	STATUS_OK = 0,
	STATUS_WARNING = 1,
	STATUS_CRITICAL = 2,
	STATUS_FAILED = 3, /* usage error, or we could not do our work */
};

#define TOOL_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* An enumeration indexes the table, and ends with `last` (tests/live/tables.t sees that it does). */
#define TOOL_TABLE_OF(table, last) \
	_Static_assert(TOOL_COUNT(table) == (size_t)(last) + 1, "one for each value")
#define TOOL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
