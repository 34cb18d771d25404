/* SPDX-License-Identifier: MIT
 *
 * words.c - every value of the public enumerations has a word of its own; dates as text.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"
#include "base/rfc3339.h"

/* One shape for all name functions: the compiler takes an int for any enumeration. */
#define NAMER(function, type)                      \
	static const char *function##_(int value)  \
	{                                          \
		return function((enum type)value); \
	}
NAMER(tbd_answer_name, tbd_answer)
NAMER(tbd_severity_name, tbd_severity)
NAMER(tbd_stage_name, tbd_stage)
NAMER(tbd_end_name, tbd_end)
NAMER(tbd_fault_name, tbd_fault)
NAMER(tbd_name_match_name, tbd_name_match)
NAMER(tbd_miss_name, tbd_miss)
NAMER(tbd_mqtt_end_name, tbd_mqtt_end)
NAMER(tbd_profile_name, tbd_profile)

static const struct {
	const char *(*name)(int value);
	int last;
	const char *first_name;
	const char *last_name;
} enumerations[] = {
	{ tbd_severity_name_, TBD_SEVERITY_CRITICAL, "ok", "critical" },
	{ tbd_stage_name_, TBD_STAGE_DATA, "input", "data" },
	{ tbd_end_name_, TBD_END_CIPHER, "none", "cipher" },
	{ tbd_fault_name_, TBD_FAULT_UNKNOWN_ALGORITHM, "none", "unknown-algorithm" },
	{ tbd_name_match_name_, TBD_MATCH_IP_AS_DNS, "not-judged", "ip-as-dns" },
	{ tbd_miss_name_, TBD_MISS_SIBLING, "none", "sibling" },
	{ tbd_mqtt_end_name_, TBD_MQTT_NO_WEBSOCKET, "not-started", "no-websocket" },
	{ tbd_answer_name_, TBD_ANSWER_YES, "not-asked", "yes" },
	{ tbd_profile_name_, TBD_PROFILE_WEBPKI, "device", "webpki" },
};

TEST_EACH(names, row, enumerations)
{
	const char *(*name)(int) = row->name;
	int last = row->last;
	ck_assert_str_eq(name(0), row->first_name);
	ck_assert_str_eq(name(last), row->last_name);
	for (int value = 0; value <= last; value++) {
		ck_assert_ptr_nonnull(name(value));
		ck_assert_str_ne(name(value), "unknown");
		for (int other = 0; other < value; other++)
			ck_assert_str_ne(name(value), name(other));
	}
	/* Where the enumeration grows, this test has to learn its new end. */
	ck_assert_str_eq(name(last + 1), "unknown");
	ck_assert_str_eq(name(-1), "unknown");
}

static const struct {
	int64_t seconds;
	const char *text;
} dates[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ -1, "1969-12-31T23:59:59Z" },
	{ INT64_C(951827696), "2000-02-29T12:34:56Z" },
	{ INT64_C(4102444800), "2100-01-01T00:00:00Z" },
	{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	{ INT64_C(253402300800), "@253402300800" },
	{ INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
	{ INT64_C(-62167219201), "@-62167219201" },
	{ INT64_MAX, "@9223372036854775807" },
	{ INT64_MIN, "@-9223372036854775808" },
};

TEST_EACH(dates, row, dates)
{
	char text[TBDI_RFC3339_SIZE];
	ck_assert_str_eq(tbdi_rfc3339(row->seconds, text), row->text);
}

TEST(version)
{
	ck_assert_str_eq(tbd_version(), PACKAGE_VERSION);
}
