/* SPDX-License-Identifier: MIT
 *
 * base64.c - reads base64 without line breaks.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/base64.h"

static int digit_value(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+')
		return 62;
	return digit == '/' ? 63 : -1;
}

uint8_t *base64_decode(const char *text, size_t *len)
{
	size_t digits = strlen(text);
	if (digits % 4 != 0)
		return NULL;
	for (int padding = 0; padding < 2 && digits > 0 && text[digits - 1] == '='; padding++)
		digits--;
	uint8_t *bytes = malloc(digits / 4 * 3 + 3);
	if (bytes == NULL)
		return NULL;
	uint32_t bits = 0;
	*len = 0;
	for (size_t i = 0; i < digits; i++) {
		int value = digit_value(text[i]);
		if (value < 0) {
			free(bytes);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 0)
			bytes[(*len)++] = (uint8_t)(bits >> (6 - i % 4 * 2));
	}
	bytes[*len] = '\0';
	return bytes;
}
