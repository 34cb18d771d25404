/* SPDX-License-Identifier: MIT
 *
 * percent.c - percent-encoding (RFC 3986 section 2.1).
 */
#include "base/transport.h"

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
