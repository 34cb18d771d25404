/* SPDX-License-Identifier: MIT
 *
 * date.h - points in time as people write them (RFC 3339), without the C library's time zones.
 */
#ifndef TOOL_DATE_H
#define TOOL_DATE_H

#include "tools/cli/tool.h"

/* Read a date (its first second, UTC), a date-time with zone, or @SECONDS since 1970. False: it is
 * none of them. */
bool date_parse(const char *text, int64_t *seconds);

struct date_text {
	char text[40];
};

/* "2026-11-24T04:44:42Z" */
struct date_text date_format(int64_t seconds);

#endif
