/* SPDX-License-Identifier: MIT
 *
 * base64.h - reads base64 (RFC 4648, 4) without line breaks.
 */
#ifndef STACKS_BASE64_H
#define STACKS_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* The bytes, followed by a NUL that *len does not count; free with free(). NULL when the text is not base64, or memory is
 * out. */
uint8_t *base64_decode(const char *text, size_t *len);

#endif
