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
	{ "SeCret1", "SeCre", "SeCre", "" },
	{ "SeCret1", "SeCret", "***", "" },
	{ "SeCret1", "x SeCret", "x ***", "x " },
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
	{ "SeCret1", "x SeCret\\u003", "x ***\\u003", "x " },
	{ "p\360\237\230\200", "x p\\ud83d\\u", "x p\\ud83d\\u", "x " },
	/* HTML */
	{ "a&b<c>\"'", "a&amp;b&lt;c&gt;&quot;&apos;", "***", NULL },
	{ "SeCret1", "&#83;e&#x43;re&#000116;1", "***", NULL },
	{ "SeCret1", "x S&#10", "x S&#10", "x " },
	{ "SeCret1", "&#99999999999;&#;&&#x", "&#99999999999;&#;&&#x", "&#99999999999;&#;&" },
};

#define TOKEN "A1b2C3d4E5f6G7h8I9j0"

/* The token as nobody is told that it might be written. */
static const struct otherwise {
	const char *name;
	const char *data;
	const char *left;
} otherwise[] = {
	{ "base64", "x QTFiMkMzZDRFNWY2RzdoOEk5ajA= y", "x ***= y" },
	{ "base64, one byte before it", "x OkExYjJDM2Q0RTVmNkc3aDhJOWow y", "x *** y" },
	{ "base64, two bytes before it", "x OjpBMWIyQzNkNEU1ZjZHN2g4STlqMA== y", "x ***== y" },
	{ "hexadecimal", "x 413162324333643445356636473768384939 6a30 y", "x *** y" },
	{ "hexadecimal, spaces", "x 41 31 62 32 43 33 64 34 45 35 66 36 y", "x *** y" },
	{ "octal", "x \\101\\61\\142\\62\\103\\63\\144\\64 y", "x \\*** y" },
	{ "quoted-printable", "x =41=31=62=32=43=33=64=34 y", "x =*** y" },
	{ "%u", "x %u0041%u0031%u0062%u0032%u0043%u0033%u0064 y", "x %u*** y" },
	{ "braces", "x \\u{41}\\u{31}\\u{62}\\u{32}\\u{43}\\u{33}\\u{64} y", "x \\u{***} y" },
	{ "32 bits", "x \\U00000041\\U00000031\\U00000062\\U00000032\\U00000043\\U00000033 y",
		"x \\U*** y" },
	{ "UTF-16", "x A-1-b-2-C-3-d-4-E-5-f y", "x *** y" },
	{ "zero width", "x A1\342\200\213b2C\302\2553d4 y", "x *** y" },
	{ "full width",
		"x \357\274\241\357\274\221\357\275\202\357\274\222\357\274\243\357\274\223 y",
		"x *** y" },
	{ "entities of entities", "x &amp;#65;&amp;#49;&amp;#98;&amp;#50;&amp;#67;&amp;#51; y",
		"x &amp;#***; y" },
	{ "entities with zeros", "x &#00000000000065;&#00000000000049;&#098;&#050;&#067;&#051; y",
		"x &#***; y" },
	{ "numbers", "x [65,49,98,50,67,51,100,52] y", "x [***] y" },
	{ "backwards", "x 0j9I8h7G6f5E4d3C2b1A y", "x *** y" },
	{ "rot13", "x N1o2P3q4R5s6T7u8V9w0 y", "x *** y" },
	{ "less its first", "x 1b2C3d4E5f6G7h8I9j0 y", "x *** y" },
	{ "less its last", "x A1b2C3d4E5f6G7h8I9j y", "x *** y" },
	{ "six of it", "x E5f6G7 y", "x *** y" },
	{ "five of it", "x E5f6G y", "x E5f6G y" },
	{ "a form of its own", "x ifaucmtdgnsdizrtinwtgzbqge3dsobt y", "x (32 left out) y" },
	{ "no form of it", "x org.springframework.web.HttpRequestMethodNotSupportedException y",
		"x org.springframework.web.HttpRequestMethodNotSupportedException y" },
	{ "nothing of it",
		"x {\"client\":{\"tbdiag\":\"n0123456789abcdef\"},\"ts\":1732484000123} y",
		"x {\"client\":{\"tbdiag\":\"n0123456789abcdef\"},\"ts\":1732484000123} y" },
};

TEST_GROUP(.teardown = mask_teardown);

TEST_EACH(security_2_otherwise, row, otherwise)
{
	char data[256];
	ck_assert_int_eq(tbdi_mask_add(&mask, TOKEN), 0);
	snprintf(data, sizeof(data), "%s", row->data);
	data[tbdi_mask_apply(&mask, data, strlen(data), false)] = '\0';
	ck_assert_msg(strcmp(data, row->left) == 0, "%s: %s", row->name, data);
}

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
