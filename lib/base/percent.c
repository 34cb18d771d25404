/* SPDX-License-Identifier: MIT
 *
 * percent.c - percent-encoding (RFC 3986 section 2.1).
 */
#include "base/percent.h"

void tbdi_percent_encode(const char *text, const char *also, char *out)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_.~";
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (strchr(unreserved, byte) != NULL || strchr(also, byte) != NULL) {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '%';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	*out = '\0';
}

static int digit_value(char digit)
{
	return digit >= '0' && digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

size_t tbdi_percent_decode(const char *text, size_t len, char *out)
{
	size_t out_len = 0;
	for (size_t i = 0; i < len; i++) {
		bool is_encoded = text[i] == '%' && len - i > 2;
		out[out_len++] = !is_encoded
			? text[i]
			: (char)(digit_value(text[i + 1]) * 16 + digit_value(text[i + 2]));
		i += is_encoded ? 2 : 0;
	}
	return out_len;
}
