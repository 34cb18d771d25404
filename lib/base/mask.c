/* SPDX-License-Identifier: MIT
 *
 * mask.c - asterisks in the place of what must not be shown.
 */
#include "base/secret.h"

#include <ctype.h>

int tbdi_mask_add(struct tbdi_mask *mask, const char *secret)
{
	size_t size = strlen(secret) + 1;
	if (size == 1)
		return 0;
	for (size_t i = 0; i < mask->count; i++)
		if (strcmp(mask->secrets[i], secret) == 0)
			return 0;
	char *copy = mask->count < TBDI_MASK_MAX ? tbdi_secret_alloc(size) : NULL;
	if (copy == NULL)
		return TBD_E_NOMEM;
	memcpy(copy, secret, size);
	mask->secrets[mask->count++] = copy;
	return 0;
}

void tbdi_mask_release(struct tbdi_mask *mask)
{
	for (size_t i = 0; i < mask->count; i++)
		tbdi_secret_free(mask->secrets[i], strlen(mask->secrets[i]) + 1);
	*mask = (struct tbdi_mask){ 0 };
}

/* ---- characters ------------------------------------------------------------------------------ */

/* A character that was written in another way: the bytes it takes and the one it means. */
struct unit {
	size_t len;    /* 0: it was not */
	bool cut;      /* it was, but ends beyond the data */
	size_t count;  /* of its bytes */
	char bytes[4]; /* UTF-8 */
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct unit unit_of(uint32_t code, size_t len)
{
	struct unit unit = { .len = len };
	if (code < 0x80) {
		unit.bytes[unit.count++] = (char)code;
	} else if (code < 0x800) {
		unit.bytes[unit.count++] = (char)(0xc0 | code >> 6);
		unit.bytes[unit.count++] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		unit.bytes[unit.count++] = (char)(0xe0 | code >> 12);
		unit.bytes[unit.count++] = (char)(0x80 | (code >> 6 & 0x3f));
		unit.bytes[unit.count++] = (char)(0x80 | (code & 0x3f));
	} else {
		unit.bytes[unit.count++] = (char)(0xf0 | (code >> 18 & 7));
		unit.bytes[unit.count++] = (char)(0x80 | (code >> 12 & 0x3f));
		unit.bytes[unit.count++] = (char)(0x80 | (code >> 6 & 0x3f));
		unit.bytes[unit.count++] = (char)(0x80 | (code & 0x3f));
	}
	return unit;
}

/* So many hexadecimal digits at `at`. */
static struct unit hex_unit(const char *data, size_t len, size_t at, size_t digits)
{
	uint32_t code = 0;
	for (size_t i = 0; i < digits; i++) {
		if (at + i == len)
			return (struct unit){ .cut = true };
		if (hex_value(data[at + i]) < 0)
			return (struct unit){ 0 };
		code = code << 4 | (uint32_t)hex_value(data[at + i]);
	}
	return unit_of(code, at + digits);
}

/* "%41"; "%2541" where it was encoded twice. A byte, not a character. */
static struct unit percent_unit(const char *data, size_t len)
{
	size_t at = 1;
	while (at + 3 < len && data[at] == '2' && data[at + 1] == '5' &&
		hex_value(data[at + 2]) >= 0 && hex_value(data[at + 3]) >= 0)
		at += 2;
	struct unit unit = hex_unit(data, len, at, 2);
	if (unit.len > 0) {
		unit.count = 1;
		unit.bytes[0] = (char)(hex_value(data[at]) << 4 | hex_value(data[at + 1]));
	}
	return unit;
}

static bool is_surrogate(uint32_t code, uint32_t first)
{
	return code >= first && code < first + 0x400;
}

static uint32_t hex_number(const char *digits)
{
	uint32_t number = 0;
	for (size_t i = 0; i < 4; i++)
		number = number << 4 | ((uint32_t)hex_value(digits[i]) & 15);
	return number;
}

/* "\u0041", and two of these for what is beyond 16 bits. */
static struct unit utf16_unit(const char *data, size_t len, size_t at)
{
	struct unit unit = hex_unit(data, len, at, 4);
	if (unit.len == 0 || !is_surrogate(hex_number(data + at), 0xd800))
		return unit;
	size_t low = unit.len;
	while (low < len && data[low] == '\\')
		low++;
	if (low == len || (data[low] == 'u' && hex_unit(data, len, low + 1, 4).cut))
		return (struct unit){ .cut = true };
	if (data[low] != 'u' || hex_unit(data, len, low + 1, 4).len == 0 ||
		!is_surrogate(hex_number(data + low + 1), 0xdc00))
		return unit;
	return unit_of(0x10000 + ((hex_number(data + at) & 0x3ff) << 10) +
			(hex_number(data + low + 1) & 0x3ff),
		low + 5);
}

/* More than one backslash: text in JSON that is text in JSON. */
static struct unit backslash_unit(const char *data, size_t len)
{
	size_t at = 1;
	while (at < len && data[at] == '\\')
		at++;
	if (at == len)
		return (struct unit){ .cut = true };
	if (data[at] == 'u')
		return utf16_unit(data, len, at + 1);
	if (data[at] == 'x')
		return hex_unit(data, len, at + 1, 2);
	if (strchr("\"'/", data[at]) != NULL && data[at] != '\0')
		return unit_of((unsigned char)data[at], at + 1);
	if (at > 1)
		return unit_of('\\', 2);
	return (struct unit){ 0 };
}

/* "&#65;", "&#x41;" */
static struct unit numbered_entity(const char *data, size_t len)
{
	enum { DIGITS_MAX = 10 };
	bool is_hex = len > 2 && (data[2] == 'x' || data[2] == 'X');
	size_t begin = is_hex ? 3 : 2;
	size_t at = begin;
	uint32_t code = 0;
	for (; at < len && at < begin + DIGITS_MAX; at++) {
		int value = hex_value(data[at]);
		if (value < 0 || (!is_hex && value > 9))
			break;
		code = code * (is_hex ? 16 : 10) + (uint32_t)value;
	}
	if (at == len)
		return (struct unit){ .cut = true };
	if (at == begin || code > 0x10ffff)
		return (struct unit){ 0 };
	return unit_of(code, at + (data[at] == ';'));
}

static struct unit entity_unit(const char *data, size_t len)
{
	static const struct {
		const char *name;
		char means;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&apos;", '\'' } };
	if (len > 1 && data[1] == '#')
		return numbered_entity(data, len);
	for (size_t i = 0; i < TBDI_COUNT(names); i++) {
		size_t name_len = strlen(names[i].name);
		size_t compared = len < name_len ? len : name_len;
		if (memcmp(data, names[i].name, compared) != 0)
			continue;
		if (len < name_len)
			return (struct unit){ .cut = true };
		return unit_of((unsigned char)names[i].means, name_len);
	}
	return (struct unit){ 0 };
}

static struct unit unit_at(const char *data, size_t len)
{
	switch (*data) {
	case '%':
		return percent_unit(data, len);
	case '\\':
		return backslash_unit(data, len);
	case '&':
		return entity_unit(data, len);
	case '+': /* of forms */
		return unit_of(' ', 1);
	default:
		return (struct unit){ 0 };
	}
}

/* ---- secrets --------------------------------------------------------------------------------- */

/* How much of the data is the secret: NONE of it, or all there is of the data is a PART of it. */
enum { NONE = 0 };
static const size_t PART = SIZE_MAX;

static bool mask_is_same(char one, char other)
{
	return tolower((unsigned char)one) == tolower((unsigned char)other);
}

static size_t match_as_it_is(const char *secret, const char *data, size_t len)
{
	size_t at = 0;
	for (; secret[at] != '\0'; at++) {
		if (at == len)
			return PART;
		if (!mask_is_same(secret[at], data[at]))
			return NONE;
	}
	return at;
}

static bool means(const struct unit *unit, const char *secret)
{
	if (unit->len == 0)
		return false;
	for (size_t i = 0; i < unit->count; i++)
		if (!mask_is_same(unit->bytes[i], secret[i]))
			return false;
	return true;
}

static size_t match_written_otherwise(const char *secret, const char *data, size_t len)
{
	size_t at = 0;
	while (*secret != '\0') {
		if (at == len)
			return PART;
		const struct unit unit = unit_at(data + at, len - at);
		if (unit.cut)
			return PART;
		bool is_unit = means(&unit, secret);
		if (!is_unit && !mask_is_same(*secret, data[at]))
			return NONE;
		secret += is_unit ? unit.count : 1;
		at += is_unit ? unit.len : 1;
	}
	return at;
}

static size_t match_one(const char *secret, const char *data, size_t len)
{
	size_t as_it_is = match_as_it_is(secret, data, len);
	return as_it_is != NONE && as_it_is != PART ? as_it_is
						    : match_written_otherwise(secret, data, len);
}

/* The longest; PART only if there is no other. */
static size_t match(const struct tbdi_mask *mask, const char *data, size_t len)
{
	size_t longest = NONE;
	for (size_t i = 0; i < mask->count; i++) {
		size_t matched = match_one(mask->secrets[i], data, len);
		if (longest == NONE ||
			(matched != NONE && matched != PART &&
				(longest == PART || matched > longest)))
			longest = matched;
	}
	return longest;
}

static size_t put_stars(char *out, size_t room)
{
	size_t stars = room < 3 ? room : 3;
	memset(out, '*', stars);
	return stars;
}

static size_t mask_whole(const struct tbdi_mask *mask, char *data, size_t len, bool cut)
{
	size_t out = 0;
	for (size_t i = 0; i < len;) {
		size_t matched = match(mask, data + i, len - i);
		if (matched == PART && cut)
			break;
		if (matched == NONE || matched == PART) {
			data[out++] = data[i++];
			continue;
		}
		out += put_stars(data + out, matched);
		i += matched;
	}
	return out;
}

size_t tbdi_mask_apply(const struct tbdi_mask *mask, char *data, size_t len, bool cut)
{
	if (mask->count == 0)
		return len;
	return tbdi_mask_runs(mask, data, mask_whole(mask, data, len, cut), true);
}

size_t tbdi_mask_known(const struct tbdi_mask *mask, char *data, size_t len)
{
	if (mask->count == 0)
		return len;
	return tbdi_mask_runs(mask, data, len, false);
}
