/* SPDX-License-Identifier: MIT
 *
 * rfc3339.c - points in time as text.
 */
#include "base/rfc3339.h"

#include <inttypes.h>

const char *tbdi_rfc3339(int64_t seconds, char text[TBDI_RFC3339_SIZE])
{
	time_t when = (time_t)seconds;
	struct tm tm;
	if (gmtime_r(&when, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		snprintf(text, TBDI_RFC3339_SIZE, "@%" PRId64, seconds);
	else
		snprintf(text, TBDI_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			tm.tm_sec);
	return text;
}

/* What strptime() takes and we do not write shows when it is written again. */
bool tbdi_rfc3339_read(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	char again[TBDI_RFC3339_SIZE];
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	*seconds = timegm(&tm);
	return end != NULL && *end == '\0' && strcmp(tbdi_rfc3339(*seconds, again), text) == 0;
}
