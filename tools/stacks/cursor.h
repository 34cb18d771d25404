/* SPDX-License-Identifier: MIT
 *
 * cursor.h - bytes that are read from the front, and never beyond their end.
 *
 * A read that does not find its bytes gives zeros or nothing, and leaves `failed` set: it is asked once, at the end.
 */
#ifndef STACKS_CURSOR_H
#define STACKS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct cursor cursor_take(struct cursor *c, size_t len)
{
	if (c->failed || len > c->left) {
		c->failed = true;
		c->left = 0;
		return (struct cursor){ .failed = true };
	}
	struct cursor taken = { .at = c->at, .left = len };
	c->at += len;
	c->left -= len;
	return taken;
}

/* An unsigned number of `size` bytes, the greatest first; at most four. */
static inline uint32_t cursor_number(struct cursor *c, size_t size)
{
	struct cursor bytes = cursor_take(c, size);
	uint32_t number = 0;
	for (; bytes.left > 0; bytes.left--)
		number = number << 8 | *bytes.at++;
	return number;
}

/* A vector of TLS: its length in `size` bytes, then as many bytes. */
static inline struct cursor cursor_vector(struct cursor *c, size_t size)
{
	return cursor_take(c, cursor_number(c, size));
}

#endif
