/* SPDX-License-Identifier: MIT
 *
 * flow.c - what a terminal gets to see of a peer's strings, and where lines end.
 */
#include "tests/unit/check-main.h"

#include "report/flow.h"

static char *bytes;
static size_t len;
static struct tbdi_page page;

static void flow_setup(void)
{
	page.out = open_memstream(&bytes, &len);
	ck_assert_ptr_nonnull(page.out);
}

static void flow_teardown(void)
{
	fclose(page.out);
	free(bytes);
}

static const char *shown(void)
{
	ck_assert_int_eq(fflush(page.out), 0);
	return bytes;
}

static const struct escape {
	const char *raw;
	const char *shown;
	int columns;
} escapes[] = {
	{ "", "", 0 }, { "CN=a\\,b", "CN=a\\,b", 7 }, { "a\x1b[31mb", "a\\x1b[31mb", 10 },
	{ "a\nb\r\t\x7f", "a\\x0ab\\x0d\\x09\\x7f", 18 },
	{ "\xc2\x9b"
	  "2J",
		"\\x9b2J", 6 },        /* C1 control sequence introducer */
	{ "\xc2\xa0", "\xc2\xa0", 1 }, /* no-break space, the first after C1 */
	{ "\xe2\x80\xae"
	  "txt",
		"\\u{202e}txt", 11 }, /* right-to-left override */
	{ "\xe2\x81\xa6"
	  "x\xe2\x81\xa9",
		"\\u{2066}x\\u{2069}", 17 },
	{ "\xe2\x80\x8e\xe2\x80\x8f", "\\u{200e}\\u{200f}", 16 }, { "\xd8\x9c", "\\u{61c}", 7 },
	{ "\xef\xbb\xbf", "\\u{feff}", 8 },
	{ "\xc3\xbc\xe6\xbc\xa2", "\xc3\xbc\xe6\xbc\xa2", 3 }, /* u umlaut, and a wide one */
	{ "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91", 2 }, { "\xc3", "\\xc3", 4 },
	{ "\xc0\xaf", "\\xc0\\xaf", 8 },           /* overlong */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", 12 }, /* surrogate */
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16 },
	{ "\xe2\x80", "\\xe2\\x80", 8 }, /* cut short */
};

TEST_GROUP(.setup = flow_setup, .teardown = flow_teardown);

TEST_EACH(escape, row, escapes)
{
	tbdi_text_put(page.out, row->raw);
	ck_assert_str_eq(shown(), row->shown);
	ck_assert_int_eq(tbdi_text_columns(row->raw), row->columns);
}

#define TEN "aaaaaaaaaa"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

TEST(flow_breaks_at_80)
{
	tbdi_text_flow(&page, 0, 2, SEVENTY " bbbbbbbbb c");
	ck_assert_str_eq(shown(), SEVENTY " bbbbbbbbb\n  c\n");
}

TEST(flow_keeps_spaces)
{
	tbdi_text_flow(&page, 0, 0, "CN=a  b");
	ck_assert_str_eq(shown(), "CN=a  b\n");
}

TEST(flow_cuts_endless_word)
{
	tbdi_text_flow(&page, 0, 4, SEVENTY TEN TEN);
	ck_assert_str_eq(shown(), SEVENTY TEN "\n    " TEN "\n");
}

TEST(flow_survives_endless_spaces)
{
	char spaces[1000];
	memset(spaces, ' ', sizeof(spaces) - 1);
	spaces[sizeof(spaces) - 1] = '\0';
	tbdi_text_flow(&page, 0, 4, spaces);
	ck_assert_str_eq(shown(), "\n");
}

TEST(field)
{
	tbdi_text_field(&page, 2, 8, "key", "value");
	ck_assert_str_eq(shown(), "  key     value\n");
}

TEST(field_gives_long_word_its_own_line)
{
	tbdi_text_field(&page, 2, 12, "sha256", SEVENTY);
	ck_assert_str_eq(shown(), "  sha256\n    " SEVENTY "\n");
}

TEST(block_never_breaks_command)
{
	tbdi_text_block(&page, 4, "Run:\n  cat " SEVENTY TEN "\n\nThen " SEVENTY " on.\n");
	ck_assert_str_eq(
		shown(), "    Run:\n      cat " SEVENTY TEN "\n\n    Then " SEVENTY "\n    on.\n");
}

TEST(block_items)
{
	tbdi_text_block(&page, 2,
		"One of:\n- " SEVENTY " " TEN " more;\n- less.\n-x " SEVENTY " " TEN "\n");
	ck_assert_str_eq(shown(),
		"  One of:\n  - " SEVENTY "\n    " TEN " more;\n  - less.\n  -x " SEVENTY "\n  " TEN
		"\n");
}

TEST(block_escapes)
{
	tbdi_text_block(&page, 0, "  echo \x1b]0;x\x07");
	ck_assert_str_eq(shown(), "  echo \\x1b]0;x\\x07\n");
}
