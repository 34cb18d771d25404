/* SPDX-License-Identifier: MIT
 *
 * rfc3339.h - points in time as text.
 */
#ifndef TBDI_RFC3339_H
#define TBDI_RFC3339_H

#include "base/common.h"

#define TBDI_RFC3339_SIZE 48

/* Write seconds UTC as RFC 3339 ("2026-11-24T00:00:00Z") into text and return it. A year that has no
 * four digits becomes "@SECONDS". */
const char *tbdi_rfc3339(int64_t seconds, char text[TBDI_RFC3339_SIZE]);

/* Read what tbdi_rfc3339() writes of the years 0 to 9999, and nothing else. */
bool tbdi_rfc3339_read(const char *text, int64_t *seconds);

/* Read what people write: a date (its first second, UTC), a date-time with zone, or @SECONDS since 1970, of
 * the years 0 to 9999. False: it is none of them. */
bool tbdi_time_parse(const char *text, int64_t *seconds);

#endif
