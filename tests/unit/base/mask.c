/* SPDX-License-Identifier: MIT
 *
 * mask.c - what must not be shown is found as it is and written in other ways, and where it is cut.
 */
#include "base/secret.h"

#include "tests/unit/check-main.h"

#include <stdio.h>

static struct tbdi_mask mask;

static void mask_teardown(void)
{
	tbdi_mask_release(&mask);
}

static const struct row {
	const char *secret;
	const char *data;
	const char *left;
	const char *left_cut; /* where there was more of it; NULL: the same */
} rows[] = {
	{ "SeCret1", "SeCret1", "***", NULL },
	{ "SeCret1", "a sECRET1, SeCret1SeCret1.", "a ***, ******.", NULL },
	{ "SeCret1", "SeSeCret1", "Se***", NULL },
	{ "SeCret1", "SeCret", "SeCret", "" },
	{ "SeCret1", "x SeCret", "x SeCret", "x " },
	{ "SeCret1", "x s", "x s", "x " },
	{ "SeCret1", "x t", "x t", NULL },
	{ "ab", "xaby", "x**y", NULL },
	{ "a", "banana", "b*n*n*", NULL },
	{ "aab", "aaab", "a***", NULL },
	{ "SeCret1", "", "", NULL },
	/* URLs */
	{ "SeCret1", "/%53e%43%72et1/", "/***/", NULL },
	{ "SeCret1", "/%2553e%252543ret1/", "/***/", NULL },
	{ "a/b c", "a%2fb%20c a%2Fb+c", "*** ***", NULL },
	{ "100%", "100% 100%25", "*** ***25", NULL },
	{ "SeCret1", "x %53e%4", "x %53e%4", "x " },
	{ "SeCret1", "x %5x", "x %5x", NULL },
	/* JSON and scripts */
	{ "SeCret1", "\\u0053e\\u0043\\x72et1", "***", NULL },
	{ "SeCret1", "\"{\\\"t\\\":\\\"\\\\u0053eCret1\\\"}\"", "\"{\\\"t\\\":\\\"***\\\"}\"",
		NULL },
	{ "a\"b/c\\d", "a\\\"b\\/c\\\\d", "***", NULL },
	{ "a\\b", "a\\b", "***", NULL },
	{ "p\303\244ss", "p\303\244ss p\\u00e4ss p%C3%A4ss p&#228;ss", "*** *** *** ***", NULL },
	{ "p\360\237\230\200", "p\\ud83d\\ude00 p\\ud83d\\ude01", "*** p\\ud83d\\ude01", NULL },
	{ "SeCret1", "x SeCret\\u003", "x SeCret\\u003", "x " },
	{ "p\360\237\230\200", "x p\\ud83d\\u", "x p\\ud83d\\u", "x " },
	/* HTML */
	{ "a&b<c>\"'", "a&amp;b&lt;c&gt;&quot;&apos;", "***", NULL },
	{ "SeCret1", "&#83;e&#x43;re&#000116;1", "***", NULL },
	{ "SeCret1", "x S&#10", "x S&#10", "x " },
	{ "SeCret1", "&#99999999999;&#;&&#x", "&#99999999999;&#;&&#x", "&#99999999999;&#;&" },
};

TEST_GROUP(.teardown = mask_teardown);

TEST_EACH(row, row, rows)
{
	for (int cut = 0; cut < 2; cut++) {
		char data[128];
		const char *left = cut && row->left_cut != NULL ? row->left_cut : row->left;
		snprintf(data, sizeof(data), "%s", row->data);
		ck_assert_int_eq(tbdi_mask_add(&mask, row->secret), 0);
		data[tbdi_mask_apply(&mask, data, strlen(data), cut)] = '\0';
		ck_assert_str_eq(data, left);
	}
	ck_assert_uint_eq(mask.count, 1);
}

/* The longest counts: what is left of a longer one would tell of it. */
TEST(several)
{
	char data[] = "abcd abc ab";
	ck_assert_int_eq(tbdi_mask_add(&mask, ""), 0);
	ck_assert_int_eq(tbdi_mask_add(&mask, "bc"), 0);
	ck_assert_int_eq(tbdi_mask_add(&mask, "abcd"), 0);
	ck_assert_uint_eq(mask.count, 2);
	data[tbdi_mask_apply(&mask, data, strlen(data), false)] = '\0';
	ck_assert_str_eq(data, "*** a** ab");
	ck_assert_int_eq(tbdi_mask_add(&mask, "x"), 0);
	ck_assert_int_eq(tbdi_mask_add(&mask, "y"), 0);
	ck_assert_int_eq(tbdi_mask_add(&mask, "z"), TBD_E_NOMEM);
}

TEST(none)
{
	char data[] = "anything\\";
	ck_assert_uint_eq(tbdi_mask_apply(&mask, data, strlen(data), true), strlen(data));
	ck_assert_str_eq(data, "anything\\");
}
