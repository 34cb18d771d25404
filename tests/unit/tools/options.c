/* SPDX-License-Identifier: MIT
 *
 * options.c - the command line that a report may show: whole, but without secrets; words that were
 * probably meant.
 */
#include "tests/unit/check-main.h"

#include "tools/cli/nearest.h"
#include "tools/cli/options.h"

struct settings {
	const char *text;
	const char *secret;
	bool flag;
};

#define OPT_INTO struct settings

static const struct opt rows[] = {
	OPT_TEXT("text", "TEXT", text, "A text.", .letter = 't'),
	OPT_TEXT("secret", "TEXT", secret, "A secret.", .letter = 's', .secret = true),
	OPT_FLAG("flag", flag, "A flag.", .letter = 'f'),
	{ 0 },
};

#define WORDS(...)                \
	{                         \
		__VA_ARGS__, NULL \
	}

static const struct {
	const char *given[8];
	const char *kept[8];
} lines[] = {
	{ WORDS("x", "host", "--text", "a"), WORDS("cmd", "host", "--text", "a") },
	{ WORDS("x", "--text=a=b", "-f"), WORDS("cmd", "--text=a=b", "-f") },
	{ WORDS("x", "-ta", "-ft", "b"), WORDS("cmd", "-ta", "-ft", "b") },
	{ WORDS("x", "--", "-f"), WORDS("cmd", "--", "-f") },
	{ WORDS("x", "--secret", "pw"), WORDS("cmd", "--secret", "(hidden)") },
	{ WORDS("x", "--secret=pw", "y"), WORDS("cmd", "--secret=(hidden)", "y") },
	{ WORDS("x", "-spw"), WORDS("cmd", "-s(hidden)") },
	{ WORDS("x", "-fspw"), WORDS("cmd", "-fs(hidden)") },
	{ WORDS("x", "-s", "pw"), WORDS("cmd", "-s", "(hidden)") },
	{ WORDS("x", "--secret", "-"), WORDS("cmd", "--secret", "-") },
	{ WORDS("x", "--text", "http://u:pw@host:1/"),
		WORDS("cmd", "--text", "http://(hidden)@host:1/") },
	{ WORDS("x", "--text=u:pw@host"), WORDS("cmd", "--text=(hidden)@host") },
	{ WORDS("x", "mqtts://u:p@w@host"), WORDS("cmd", "mqtts://(hidden)@host") },
	{ WORDS("x", "--text", "a@b"), WORDS("cmd", "--text", "a@b") },
};

TEST_EACH(words, row, lines)
{
	struct settings settings = { 0 };
	struct opt_list words = { 0 };
	const struct opt_group groups[] = { { "Some", rows }, { 0 } };
	const struct opt_spec spec = { .command = "cmd",
		.operands = "OPERAND",
		.operand_max = 2,
		.summary = "",
		.groups = groups,
		.into = &settings,
		.words = &words };
	static char bytes[8][64];
	char *argv[9] = { NULL };
	int argc = 0;
	for (; row->given[argc] != NULL; argc++) {
		snprintf(bytes[argc], sizeof(bytes[argc]), "%s", row->given[argc]);
		argv[argc] = bytes[argc];
	}
	opt_parse(&spec, argc, argv);
	/* The option has its value nevertheless. */
	ck_assert(settings.secret == NULL || strcmp(settings.secret, "pw") == 0 ||
		strcmp(settings.secret, "-") == 0);
	for (size_t i = 0; i < words.count; i++)
		ck_assert_str_eq(words.items[i], row->kept[i]);
	ck_assert_ptr_null(row->kept[words.count]);
	opt_words_free(&words);
	ck_assert_uint_eq(words.count, 0);
}

static const struct guess {
	const char *word;
	const char *best;
} guesses[] = {
	{ "chian", "chain" },
	{ "verfy", "verify" },
	{ "round", "roundtrip" },
	{ "ca-flie", "ca-file" },
	{ "x", NULL },
	{ "", NULL },
	{ "completely-different", NULL },
	{ "a-word-so-long-that-no-name-of-a-command-and-no-name-of-an-option-comes-near-it", NULL },
};

TEST_EACH(nearest, row, guesses)
{
	static const char *const candidates[] = { "chain", "verify", "roundtrip", "ca-file",
		"ca-path" };
	struct nearest nearest = { .word = row->word };
	for (size_t i = 0; i < TOOL_COUNT(candidates); i++)
		nearest_offer(&nearest, candidates[i]);
	ck_assert_pstr_eq(nearest.best, row->best);
}
