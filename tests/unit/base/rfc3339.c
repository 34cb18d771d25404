/* SPDX-License-Identifier: MIT
 *
 * rfc3339.c - RFC 3339 dates to seconds and back.
 */
#include "tests/unit/check-main.h"

#include "base/rfc3339.h"

static const struct good {
	const char *text;
	int64_t seconds;
	const char *shown;
} goods[] = {
	{ "1970-01-01", 0, "1970-01-01T00:00:00Z" },
	{ "@0", 0, "1970-01-01T00:00:00Z" },
	{ "@-1", -1, "1969-12-31T23:59:59Z" },
	{ "1969-12-31T23:59:59Z", -1, "1969-12-31T23:59:59Z" },
	{ "2026-11-24", 1795478400, "2026-11-24T00:00:00Z" },
	{ "2026-11-24T04:44:42Z", 1795495482, "2026-11-24T04:44:42Z" },
	{ "2026-11-24t04:44:42.999z", 1795495482, "2026-11-24T04:44:42Z" },
	{ "2026-11-24 05:44:42+01:00", 1795495482, "2026-11-24T04:44:42Z" },
	{ "2026-11-23T23:14:42-05:30", 1795495482, "2026-11-24T04:44:42Z" },
	{ "2024-02-29", 1709164800, "2024-02-29T00:00:00Z" },
	{ "2000-02-29", 951782400, "2000-02-29T00:00:00Z" },
	{ "2016-12-31T23:59:60Z", 1483228800, "2017-01-01T00:00:00Z" },
	{ "0000-01-01", -62167219200, "0000-01-01T00:00:00Z" },
	{ "9999-12-31T23:59:59Z", 253402300799, "9999-12-31T23:59:59Z" },
};

START_TEST(test_good)
{
	char text[TBDI_RFC3339_SIZE];
	int64_t seconds = 0;
	ck_assert_msg(tbdi_time_parse(goods[_i].text, &seconds), "%s", goods[_i].text);
	ck_assert_int_eq(seconds, goods[_i].seconds);
	ck_assert_str_eq(tbdi_rfc3339(seconds, text), goods[_i].shown);
}
END_TEST

static const char *const bads[] = { "", "@", "@ 1", "@+1", "@1x", "@99999999999999999999",
	"@253402300800", "today", "2026", "2026-11", "2026-1-1", "2026-13-01", "2026-02-29",
	"1900-02-29", "2026-04-31", "2026-11-24T", "2026-11-24T04:44", "2026-11-24T04:44:42",
	"2026-11-24T24:00:00Z", "2026-11-24T04:44:42.Z", "2026-11-24T04:44:42+0100",
	"2026-11-24T04:44:42Zx", "2026-11-24x", " 2026-11-24" };

START_TEST(test_bad)
{
	int64_t seconds = 0;
	ck_assert_msg(!tbdi_time_parse(bads[_i], &seconds), "%s", bads[_i]);
}
END_TEST

Suite *tbdi_suite(void)
{
	Suite *suite = suite_create("rfc3339");
	TCase *tcase = tcase_create("rfc3339");
	tcase_add_loop_test(tcase, test_good, 0, (int)TBDI_COUNT(goods));
	tcase_add_loop_test(tcase, test_bad, 0, (int)TBDI_COUNT(bads));
	suite_add_tcase(suite, tcase);
	return suite;
}
