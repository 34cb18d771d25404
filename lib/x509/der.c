/* SPDX-License-Identifier: MIT
 *
 * der.c - a strict reader of DER.
 */
#include "x509/der.h"

#include <inttypes.h>

/* Read the length octets behind the tag; 0 when they are not DER, else how many octets they take. */
static size_t length_read(const uint8_t *at, size_t left, size_t *length)
{
	if (left == 0)
		return 0;
	if (at[0] < 0x80) {
		*length = at[0];
		return 1;
	}
	size_t count = at[0] & 0x7fU;
	if (count == 0 || count > 4 || count + 1 > left || at[1] == 0)
		return 0;
	*length = 0;
	for (size_t i = 1; i <= count; i++)
		*length = *length << 8 | at[i];
	return *length < 0x80 ? 0 : count + 1;
}

bool tbdi_der_next(struct tbd_bytes *in, struct tbdi_der *out)
{
	if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
		return false;
	size_t length = 0;
	size_t octets = length_read(in->data + 1, in->len - 1, &length);
	size_t head = 1 + octets;
	if (octets == 0 || length > in->len - head)
		return false;
	const uint8_t *at = in->data;
	*in = (struct tbd_bytes){ at + head + length, in->len - head - length };
	/* Last: to step inside, a caller may give the value it reads from to be overwritten. */
	out->tag = at[0];
	out->whole = (struct tbd_bytes){ at, head + length };
	out->value = (struct tbd_bytes){ at + head, length };
	return true;
}

bool tbdi_der_take(struct tbd_bytes *in, uint8_t tag, struct tbdi_der *out)
{
	return in->len > 0 && in->data[0] == tag && tbdi_der_next(in, out);
}

bool tbdi_bytes_equal(struct tbd_bytes a, struct tbd_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

char *tbdi_der_oid_text(struct tbdi_arena *arena, struct tbd_bytes value)
{
	enum { DIGITS_MAX = 21 }; /* of one arc, with its dot */
	if (value.len == 0 || value.len > 64 || value.data[value.len - 1] >= 0x80)
		return NULL;
	size_t size = (value.len + 1) * DIGITS_MAX;
	char *text = tbdi_arena_alloc(arena, size);
	size_t used = 0;
	uint64_t arc = 0;
	for (size_t i = 0; text != NULL && i < value.len; i++) {
		if (arc > UINT64_MAX >> 7)
			return NULL;
		arc = arc << 7 | (value.data[i] & 0x7f);
		if (value.data[i] >= 0x80)
			continue;
		int n;
		if (used == 0) {
			uint64_t top = arc < 80 ? arc / 40 : 2;
			n = snprintf(text, size, "%" PRIu64 ".%" PRIu64, top, arc - 40 * top);
		} else {
			n = snprintf(text + used, size - used, ".%" PRIu64, arc);
		}
		used += (size_t)n;
		arc = 0;
	}
	return text;
}

static int two_digits(const uint8_t *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

bool tbdi_der_time(const struct tbdi_der *element, int64_t *out)
{
	const uint8_t *at = element->value.data;
	bool utc = element->tag == TBDI_DER_UTC_TIME;
	size_t year_len = utc ? 2 : 4;
	if (!utc && element->tag != TBDI_DER_GENERALIZED_TIME)
		return false;
	if (element->value.len != year_len + 11 || at[year_len + 10] != 'Z')
		return false;
	for (size_t i = 0; i < year_len + 10; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	int year = two_digits(at);
	if (utc)
		year += year < 50 ? 2000 : 1900;
	else
		year = year * 100 + two_digits(at + 2);
	at += year_len;
	struct tm when = {
		.tm_year = year - 1900,
		.tm_mon = two_digits(at) - 1,
		.tm_mday = two_digits(at + 2),
		.tm_hour = two_digits(at + 4),
		.tm_min = two_digits(at + 6),
		.tm_sec = two_digits(at + 8),
	};
	struct tm asked = when;
	*out = (int64_t)timegm(&when);
	/* timegm() carries over what is no date, as the 31st of April. */
	return when.tm_mon == asked.tm_mon && when.tm_mday == asked.tm_mday &&
		when.tm_hour == asked.tm_hour && when.tm_min == asked.tm_min &&
		when.tm_sec == asked.tm_sec;
}
