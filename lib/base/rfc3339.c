/* SPDX-License-Identifier: MIT
 *
 * rfc3339.c - RFC 3339 dates to and from seconds since 1970, without the C library's time zones.
 */
#include "base/rfc3339.h"

#include <errno.h>
#include <inttypes.h>

enum { DAY = 86400 };

/* Days since 1970-01-01 of a date of the Gregorian calendar. Years begin in March here, so that the
 * leap day is a year's last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	*day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	*month = month_from_march + (month_from_march < 10 ? 3 : -9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Take exactly `digits` digits; the value has to lie between least and most. */
static bool take_number(const char **text, int digits, int64_t least, int64_t most, int64_t *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return *value >= least && *value <= most;
}

static bool take_char(const char **text, const char *any_of)
{
	if (**text == '\0' || strchr(any_of, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static bool take_date(const char **text, int64_t *seconds)
{
	int64_t year, month, day, y, m, d;
	if (!take_number(text, 4, 0, 9999, &year) || !take_char(text, "-") ||
		!take_number(text, 2, 1, 12, &month) || !take_char(text, "-") ||
		!take_number(text, 2, 1, 31, &day))
		return false;
	*seconds = days_of(year, month, day) * DAY;
	date_of(*seconds / DAY - (*seconds % DAY < 0), &y, &m, &d);
	return m == month && d == day; /* there is no 31 April */
}

static bool take_time(const char **text, int64_t *seconds)
{
	int64_t hour, minute, second;
	if (!take_number(text, 2, 0, 23, &hour) || !take_char(text, ":") ||
		!take_number(text, 2, 0, 59, &minute) || !take_char(text, ":") ||
		!take_number(text, 2, 0, 60, &second)) /* 60: a leap second */
		return false;
	*seconds += hour * 3600 + minute * 60 + second;
	if (!take_char(text, "."))
		return true;
	size_t digits = strspn(*text, "0123456789");
	*text += digits;
	return digits > 0;
}

static bool take_zone(const char **text, int64_t *seconds)
{
	if (take_char(text, "Zz"))
		return true;
	int64_t sign = **text == '-' ? -1 : 1, hour, minute;
	if (!take_char(text, "+-") || !take_number(text, 2, 0, 23, &hour) ||
		!take_char(text, ":") || !take_number(text, 2, 0, 59, &minute))
		return false;
	*seconds -= sign * (hour * 3600 + minute * 60);
	return true;
}

/* The years 0 to 9999: what a certificate can say. */
static bool has_four_digits(int64_t seconds)
{
	return seconds >= days_of(0, 1, 1) * DAY && seconds < days_of(10000, 1, 1) * DAY;
}

static bool parse_seconds(const char *text, int64_t *seconds)
{
	char *end = NULL;
	errno = 0;
	*seconds = strtoll(text, &end, 10);
	bool plain = (*text >= '0' && *text <= '9') || *text == '-';
	return plain && errno == 0 && end != text && *end == '\0' && has_four_digits(*seconds);
}

bool tbdi_time_parse(const char *text, int64_t *seconds)
{
	if (*text == '@')
		return parse_seconds(text + 1, seconds);
	if (!take_date(&text, seconds))
		return false;
	if (*text == '\0')
		return true;
	return take_char(&text, "Tt ") && take_time(&text, seconds) && take_zone(&text, seconds) &&
		*text == '\0';
}

const char *tbdi_rfc3339(int64_t seconds, char text[TBDI_RFC3339_SIZE])
{
	if (!has_four_digits(seconds)) {
		snprintf(text, TBDI_RFC3339_SIZE, "@%" PRId64, seconds);
		return text;
	}
	int64_t days = seconds / DAY - (seconds % DAY < 0);
	int64_t rest = seconds - days * DAY;
	int64_t year, month, day;
	date_of(days, &year, &month, &day);
	snprintf(text, TBDI_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
		(int)day, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
	return text;
}

/* What is taken and not written shows when it is written again. */
bool tbdi_rfc3339_read(const char *text, int64_t *seconds)
{
	char again[TBDI_RFC3339_SIZE];
	return tbdi_time_parse(text, seconds) && strcmp(tbdi_rfc3339(*seconds, again), text) == 0;
}
