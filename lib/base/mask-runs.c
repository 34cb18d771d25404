/* SPDX-License-Identifier: MIT
 *
 * mask-runs.c - pieces of a secret, in whatever way they are written: a peer that was told a secret need not repeat
 * it whole, nor in a way that anybody thought of.
 *
 * What is compared are letters and digits, without case. The data are read in several ways (as they stand; numbers
 * in them as characters), the secret is written in several ways (as it is, backwards, in base64, in hexadecimal), and
 * what they have in common in RUN characters one after another is masked. What could be a secret in a way that
 * is not among these, a long word of letters and digits, is left out, and its length is said.
 */
#include "base/secret.h"

#include <ctype.h>

enum {
	RUN = 6,       /* what fewer characters have in common is chance */
	DOUBTFUL = 24, /* characters of a word; an access token has 20 of its own */
};

/* ---- what is read ---------------------------------------------------------------------------- */

/* A letter or digit in lower case, and the bytes that it stands for. */
struct letter {
	char c; /* NUL: it is none */
	size_t begin, end;
};

static char folded(unsigned long code)
{
	return code < 0x80 && isalnum((int)code) ? (char)tolower((int)code) : '\0';
}

/* U+FF01 to U+FF5E: ASCII in full width. */
static bool is_full_width(const unsigned char *bytes, size_t left)
{
	return left >= 3 && bytes[0] == 0xef && (bytes[1] == 0xbc || bytes[1] == 0xbd) &&
		(bytes[2] & 0xc0) == 0x80;
}

static struct letter read_as_it_is(const unsigned char *data, size_t len, size_t at)
{
	const unsigned char *bytes = data + at;
	if (!is_full_width(bytes, len - at))
		return (struct letter){ folded(*bytes), at, at + 1 };
	unsigned long code = 0x20 + ((bytes[1] & 3UL) << 6 | (bytes[2] & 0x3fUL));
	return (struct letter){ folded(code), at, at + 3 };
}

/* A run of digits that is the code of a character, whatever stands around it: "\101", "=41", "&#065;", "[83,". */
static struct letter read_code(
	const unsigned char *data, size_t len, size_t at, const char *digits, unsigned base)
{
	unsigned long code = 0;
	size_t end = at;
	for (const char *digit; end < len && data[end] != '\0' &&
		(digit = strchr(digits, tolower(data[end]))) != NULL;
		end++)
		code = code > 0x7f ? code : code * base + (unsigned long)(digit - digits);
	if (end == at)
		return (struct letter){ '\0', at, at + 1 };
	return (struct letter){ folded(code), at, end };
}

static struct letter read_octal(const unsigned char *data, size_t len, size_t at)
{
	return read_code(data, len, at, "01234567", 8);
}

static struct letter read_decimal(const unsigned char *data, size_t len, size_t at)
{
	return read_code(data, len, at, "0123456789", 10);
}

static struct letter read_hexadecimal(const unsigned char *data, size_t len, size_t at)
{
	return read_code(data, len, at, "0123456789abcdef", 16);
}

typedef struct letter read_function(const unsigned char *data, size_t len, size_t at);

static read_function *const readings[] = { read_as_it_is, read_octal, read_decimal,
	read_hexadecimal };

/* ---- what is looked for ---------------------------------------------------------------------- */

/* Texts, each closed by a NUL, in which any RUN characters are looked for; and a filter of what they hold. */
struct wanted {
	char *texts;
	size_t len, size;
	uint8_t filter[8192];
};

static size_t filter_bit(const char *run)
{
	uint32_t hash = 0;
	for (size_t i = 0; i < RUN; i++)
		hash = hash * 37 + (unsigned char)run[i];
	return (hash ^ hash >> 16) & 0xffff;
}

static void want(struct wanted *wanted, const char *bytes, size_t len)
{
	char *text = wanted->texts + wanted->len;
	size_t kept = 0;
	for (size_t i = 0; i < len; i++)
		if (folded((unsigned char)bytes[i]) != '\0')
			text[kept++] = folded((unsigned char)bytes[i]);
	text[kept] = '\0';
	for (size_t i = 0; i + RUN <= kept; i++)
		wanted->filter[filter_bit(text + i) / 8] |=
			(uint8_t)(1U << filter_bit(text + i) % 8);
	wanted->len += kept + 1;
}

static char base64_digit(unsigned value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	return digits[value & 63];
}

/* The digits that tell of the secret alone when so many bytes stand before it (RFC 4648 4). */
static void want_base64(struct wanted *wanted, const char *secret, size_t len, size_t before)
{
	char *text = wanted->texts + wanted->len;
	size_t count = 0, first_bit = (before * 8 + 5) / 6 * 6;
	for (size_t bit = first_bit; bit + 6 <= (before + len) * 8; bit += 6) {
		size_t at = bit / 8 - before;
		unsigned pair = (unsigned)(unsigned char)secret[at] << 8;
		if (at + 1 < len)
			pair |= (unsigned char)secret[at + 1];
		text[count++] = base64_digit(pair >> (10 - bit % 8));
	}
	want(wanted, text, count);
}

static void want_hexadecimal(struct wanted *wanted, const char *secret, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = wanted->texts + wanted->len;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[(unsigned char)secret[i] >> 4];
		text[2 * i + 1] = digits[(unsigned char)secret[i] & 15];
	}
	want(wanted, text, 2 * len);
}

/* Letters as rot13 has them. */
static void want_rotated(struct wanted *wanted, const char *secret, size_t len)
{
	char *text = wanted->texts + wanted->len;
	for (size_t i = 0; i < len; i++) {
		char c = folded((unsigned char)secret[i]);
		text[i] = c < 'a' ? c : (char)('a' + (c - 'a' + 13) % 26);
	}
	want(wanted, text, len);
}

static void want_backwards(struct wanted *wanted, const char *secret, size_t len)
{
	char *text = wanted->texts + wanted->len;
	for (size_t i = 0; i < len; i++)
		text[i] = secret[len - 1 - i];
	want(wanted, text, len);
}

static void want_all(struct wanted *wanted, const char *secret)
{
	size_t len = strlen(secret);
	want(wanted, secret, len);
	want_backwards(wanted, secret, len);
	want_rotated(wanted, secret, len);
	want_hexadecimal(wanted, secret, len);
	for (size_t before = 0; before < 3; before++)
		want_base64(wanted, secret, len, before);
}

/* Of each secret: three times itself, twice that in hexadecimal, three times 4/3 in base64, and the NULs. */
static bool wanted_init(struct wanted *wanted, const struct tbdi_mask *mask)
{
	*wanted = (struct wanted){ 0 };
	for (size_t i = 0; i < mask->count; i++)
		wanted->size += 10 * strlen(mask->secrets[i]) + 16;
	wanted->texts = tbdi_secret_alloc(wanted->size);
	for (size_t i = 0; wanted->texts != NULL && i < mask->count; i++)
		want_all(wanted, mask->secrets[i]);
	return wanted->texts != NULL;
}

static bool is_wanted(const struct wanted *wanted, const char *run)
{
	size_t bit = filter_bit(run);
	if ((wanted->filter[bit / 8] >> bit % 8 & 1) == 0)
		return false;
	return memmem(wanted->texts, wanted->len, run, RUN) != NULL;
}

/* ---- marks ----------------------------------------------------------------------------------- */

enum mark { SHOWN, SECRET, DOUBT };

static void mark_bytes(char *marks, size_t begin, size_t end, enum mark mark)
{
	memset(marks + begin, mark, end - begin);
}

/* The last RUN letters slide over the data. */
static void mark_runs(
	const struct wanted *wanted, read_function *read, const char *data, size_t len, char *marks)
{
	char run[RUN] = { 0 };
	size_t begins[RUN] = { 0 };
	size_t count = 0;
	struct letter letter;
	for (size_t at = 0; at < len; at = letter.end) {
		letter = read((const unsigned char *)data, len, at);
		if (letter.c == '\0')
			continue;
		memmove(run, run + 1, RUN - 1);
		memmove(begins, begins + 1, sizeof(begins) - sizeof(begins[0]));
		run[RUN - 1] = letter.c;
		begins[RUN - 1] = letter.begin;
		if (++count >= RUN && is_wanted(wanted, run))
			mark_bytes(marks, begins[0], letter.end, SECRET);
	}
	explicit_bzero(run, sizeof(run));
}

/* Words of that length and of letters alone are names of Java's. One that holds a piece of a secret goes with it, the
 * others get that mark. */
static void mark_long_words(const char *data, size_t len, char *marks, enum mark other)
{
	for (size_t begin = 0, end; begin < len; begin = end + 1) {
		bool has_digit = false, has_letter = false;
		for (end = begin; end < len && isalnum((unsigned char)data[end]); end++) {
			has_digit |= isdigit((unsigned char)data[end]) != 0;
			has_letter |= isalpha((unsigned char)data[end]) != 0;
		}
		if (end - begin >= DOUBTFUL && has_digit && has_letter)
			mark_bytes(marks, begin, end,
				memchr(marks + begin, SECRET, end - begin) != NULL ? SECRET
										   : other);
	}
}

/* What stands in the place of marked bytes is never longer than they are. */
static size_t put_mark(char *out, enum mark mark, size_t len)
{
	char text[32] = "***";
	if (mark == DOUBT)
		snprintf(text, sizeof(text), "(%zu left out)", len);
	size_t kept = strlen(text) < len ? strlen(text) : len;
	memcpy(out, text, kept);
	return kept;
}

static size_t replace_marked(char *data, size_t len, const char *marks)
{
	size_t out = 0;
	for (size_t begin = 0, end; begin < len; begin = end) {
		for (end = begin + 1; end < len && marks[end] == marks[begin]; end++)
			;
		if (marks[begin] == SHOWN) {
			memmove(data + out, data + begin, end - begin);
			out += end - begin;
		} else {
			out += put_mark(data + out, (enum mark)marks[begin], end - begin);
		}
	}
	return out;
}

size_t tbdi_mask_runs(const struct tbdi_mask *mask, char *data, size_t len, bool doubt)
{
	struct wanted wanted = { 0 };
	char *marks = calloc(1, len + 1);
	bool ready = marks != NULL && wanted_init(&wanted, mask);
	for (size_t i = 0; ready && i < TBDI_COUNT(readings); i++)
		mark_runs(&wanted, readings[i], data, len, marks);
	if (ready)
		mark_long_words(data, len, marks, doubt ? DOUBT : SHOWN);
	size_t left = ready ? replace_marked(data, len, marks) : 0;
	tbdi_secret_free(wanted.texts, wanted.size);
	explicit_bzero(wanted.filter, sizeof(wanted.filter));
	free(marks);
	return left;
}
