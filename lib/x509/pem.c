/* SPDX-License-Identifier: MIT
 *
 * pem.c - find and decode PEM objects.
 */
#include "x509/pem.h"

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

static bool stands_at(struct tbd_bytes text, size_t at, const char *mark)
{
	size_t len = strlen(mark);
	return text.len - at >= len && memcmp(text.data + at, mark, len) == 0;
}

/* Offset of the mark at or behind `from`, or text.len. It begins with a dash, of which base64 has none: looking for that is
 * many times faster than memmem(). */
static size_t find_in(struct tbd_bytes text, size_t from, const char *mark)
{
	while (from < text.len) {
		const uint8_t *at = memchr(text.data + from, mark[0], text.len - from);
		if (at == NULL)
			break;
		from = (size_t)(at - text.data);
		if (stands_at(text, from, mark))
			return from;
		from++;
	}
	return text.len;
}

bool tbdi_pem_next(struct tbd_bytes text, size_t *offset, struct tbdi_pem *out)
{
	size_t begin = find_in(text, *offset, begin_mark);
	size_t label = begin + strlen(begin_mark);
	size_t label_end = find_in(text, label, dashes);
	if (label_end == text.len)
		return false;
	size_t body = label_end + strlen(dashes);
	/* Base64 has no dash: the body ends before the first run of them, whatever it belongs to. */
	size_t end = find_in(text, body, dashes);
	out->offset = begin;
	out->label = (struct tbd_bytes){ text.data + label, label_end - label };
	out->body = (struct tbd_bytes){ text.data + body, end - body };
	*offset = stands_at(text, end, end_mark) ? find_in(text, end + strlen(end_mark), dashes)
						 : end;
	return true;
}

bool tbdi_pem_label_is(const struct tbdi_pem *pem, const char *label)
{
	return pem->label.len == strlen(label) &&
		memcmp(pem->label.data, label, pem->label.len) == 0;
}

bool tbdi_pem_is_certificate(const struct tbdi_pem *pem)
{
	return tbdi_pem_label_is(pem, "CERTIFICATE") ||
		tbdi_pem_label_is(pem, "X509 CERTIFICATE") ||
		tbdi_pem_label_is(pem, "TRUSTED CERTIFICATE");
}

bool tbdi_pem_is_private_key(const struct tbdi_pem *pem)
{
	static const char end[] = "PRIVATE KEY";
	size_t len = strlen(end);
	return pem->label.len >= len &&
		memcmp(pem->label.data + pem->label.len - len, end, len) == 0;
}

/* What a character is: a digit's value and one, or one of these. */
enum {
	OTHER = 0,
	SPACE = 65,
	PADDING = 66,
};

/* clang-format off */
static const uint8_t classes[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['/'] = 64, ['='] = PADDING,
	[' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\v'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE,
};
/* clang-format on */

/* A base64 text while it is being decoded. */
struct decoder {
	uint32_t bits;  /* of the group of four that is not yet complete */
	unsigned count; /* digits in it */
	unsigned padding;
	uint8_t *out;
};

static void digit_take(struct decoder *decoder, uint32_t value)
{
	decoder->bits = decoder->bits << 6 | value;
	if (++decoder->count < 4)
		return;
	*decoder->out++ = (uint8_t)(decoder->bits >> 16);
	*decoder->out++ = (uint8_t)(decoder->bits >> 8);
	*decoder->out++ = (uint8_t)decoder->bits;
	decoder->bits = decoder->count = 0;
}

/* The bytes of a last group of two or three digits. */
static bool group_end(struct decoder *decoder)
{
	if (decoder->count == 0)
		return decoder->padding == 0;
	if (decoder->count + decoder->padding != 4 || decoder->padding > 2)
		return false;
	decoder->bits <<= 6 * decoder->padding;
	*decoder->out++ = (uint8_t)(decoder->bits >> 16);
	if (decoder->padding == 1)
		*decoder->out++ = (uint8_t)(decoder->bits >> 8);
	return true;
}

/* Four digits without a line end in between, which is nearly everything. */
static bool four_take(struct decoder *decoder, const uint8_t *at)
{
	uint32_t a = classes[at[0]] - 1U, b = classes[at[1]] - 1U;
	uint32_t c = classes[at[2]] - 1U, d = classes[at[3]] - 1U;
	if ((a | b | c | d) > 63)
		return false;
	uint32_t bits = a << 18 | b << 12 | c << 6 | d;
	*decoder->out++ = (uint8_t)(bits >> 16);
	*decoder->out++ = (uint8_t)(bits >> 8);
	*decoder->out++ = (uint8_t)bits;
	return true;
}

static bool character_take(struct decoder *decoder, uint8_t class)
{
	if (class == SPACE)
		return true;
	if (class == PADDING)
		return ++decoder->padding <= 2;
	if (class == OTHER || decoder->padding > 0)
		return false;
	digit_take(decoder, class - 1U);
	return true;
}

bool tbdi_pem_decode(const struct tbdi_pem *pem, uint8_t *out, size_t *len)
{
	struct decoder decoder = { .out = out };
	const uint8_t *at = pem->body.data, *end = at + pem->body.len;
	while (at < end) {
		bool fast = decoder.count == 0 && decoder.padding == 0 && end - at >= 4;
		if (fast && four_take(&decoder, at))
			at += 4;
		else if (!character_take(&decoder, classes[*at++]))
			return false;
	}
	if (!group_end(&decoder))
		return false;
	*len = (size_t)(decoder.out - out);
	return true;
}
