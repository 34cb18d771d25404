/* SPDX-License-Identifier: MIT
 *
 * words.c - a text as words: what differs from one log to the next (case, punctuation, colours, how a number is written)
 * is gone.
 */
#include "tools/decoder/decoder.h"

#include <ctype.h>

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) != 0;
}

uint32_t words_hash(const char *text, size_t len)
{
	uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT32_C(16777619);
	return hash;
}

/* ESC [ ... letter; what it takes, or 0. */
static size_t escape_len(const char *text, size_t len)
{
	size_t at = 2;
	if (len < 2 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (at < len && !isalpha((unsigned char)text[at]))
		at++;
	return at < len ? at + 1 : len;
}

/* 0xffffd900 and 4294957312 are what -9984 looks like as unsigned. */
static int64_t as_signed(int64_t number)
{
	const int64_t end = INT64_C(1) << 32, begin = end - 0x10000;
	return number >= begin && number < end ? number - end : number;
}

/* The digits without sign. */
static bool word_number(const char *digits, size_t len, int64_t *number)
{
	bool is_hex = len > 2 && digits[0] == '0' && digits[1] == 'x';
	const char *set = is_hex ? "0123456789abcdef" : "0123456789";
	int64_t base = is_hex ? 16 : 10;
	size_t at = is_hex ? 2 : 0;
	*number = 0;
	if (len - at > 15)
		return false;
	for (; at < len; at++) {
		const char *digit = strchr(set, digits[at]);
		if (digit == NULL)
			return false;
		*number = *number * base + (digit - set);
	}
	*number = as_signed(*number);
	return true;
}

static bool is_sign(const char *text, size_t at, size_t len)
{
	return text[at] == '-' && at + 1 < len && isdigit((unsigned char)text[at + 1]) &&
		(at == 0 || !is_word_char(text[at - 1]));
}

static bool is_digit_at(const char *text, size_t at, size_t len)
{
	return at < len && isdigit((unsigned char)text[at]);
}

/* Part of a version, an address or a fraction. */
static bool is_in_dotted(const char *text, size_t begin, size_t end, size_t len)
{
	bool before = begin >= 2 && text[begin - 1] == '.' && is_digit_at(text, begin - 2, len);
	return before || (end < len && text[end] == '.' && is_digit_at(text, end + 1, len));
}

/* The word at `at`, with its sign. Returns where it ends. */
static size_t add_word(struct words *words, const char *text, size_t at, size_t len)
{
	struct word *word = &words->words[words->count++];
	char *copy = words->text + at;
	size_t digits = at + (text[at] == '-'), end = digits;
	while (end < len && is_word_char(text[end]))
		end++;
	for (size_t i = at; i < end; i++)
		words->text[i] = (char)tolower((unsigned char)text[i]);
	*word = (struct word){ .text = copy,
		.len = (uint32_t)(end - at),
		.hash = words_hash(copy, end - at),
		.begin = (uint32_t)at,
		.end = (uint32_t)end };
	word->is_number = word_number(words->text + digits, end - digits, &word->number) &&
		!is_in_dotted(text, digits, end, len);
	if (digits > at)
		word->number = -word->number;
	return end;
}

void words_split(struct words *words, const char *text, size_t len)
{
	words->count = 0;
	if (len > sizeof(words->text))
		len = sizeof(words->text);
	for (size_t at = 0; at < len && words->count < WORDS_MAX;) {
		size_t skip = escape_len(text + at, len - at);
		if (skip > 0)
			at += skip;
		else if (is_word_char(text[at]) || is_sign(text, at, len))
			at = add_word(words, text, at, len);
		else
			at++;
	}
}

bool words_have_one(const struct words *words, const char *wanted)
{
	size_t len;
	for (; *wanted != '\0'; wanted += len + (wanted[len] == ' ')) {
		len = strcspn(wanted, " ");
		for (size_t i = 0; i < words->count; i++)
			if (words->words[i].len == len &&
				memcmp(words->words[i].text, wanted, len) == 0)
				return true;
	}
	return false;
}
