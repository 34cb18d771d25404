/* SPDX-License-Identifier: MIT
 *
 * arena.h - memory that is given back all at once: what a report owns.
 */
#ifndef TBDI_ARENA_H
#define TBDI_ARENA_H

#include "base/common.h"

#include <stdarg.h>

struct tbdi_arena_block;

struct tbdi_arena {
	struct tbdi_arena_block *head;
	size_t used;  /* bytes of all blocks */
	size_t limit; /* beyond it memory is out; 0: only the system's counts */
};

/* For what a peer fills. */
#define TBDI_ARENA_LIMIT ((size_t)64 * 1024 * 1024)

/* All of these return NULL when memory is out. Memory is zeroed. */
void *tbdi_arena_alloc(struct tbdi_arena *arena, size_t size) TBDI_MUST_CHECK;
void *tbdi_arena_memdup(struct tbdi_arena *arena, const void *data, size_t len) TBDI_MUST_CHECK;
char *tbdi_arena_strdup(struct tbdi_arena *arena, const char *text) TBDI_MUST_CHECK;
char *tbdi_arena_printf(struct tbdi_arena *arena, const char *format, ...)
	TBDI_PRINTF(2, 3) TBDI_MUST_CHECK;
char *tbdi_arena_vprintf(struct tbdi_arena *arena, const char *format, va_list args)
	TBDI_PRINTF(2, 0) TBDI_MUST_CHECK;

/* Lower case hexadecimal, without separators. */
char *tbdi_arena_hex(struct tbdi_arena *arena, const void *data, size_t len) TBDI_MUST_CHECK;

/* The SHA-256 in hexadecimal. NULL also when GnuTLS cannot make it. */
char *tbdi_arena_sha256(struct tbdi_arena *arena, const void *data, size_t len) TBDI_MUST_CHECK;

/* Bytes of a peer or a file as valid UTF-8 without NUL: what is not becomes U+FFFD. */
char *tbdi_arena_utf8(struct tbdi_arena *arena, const void *data, size_t len) TBDI_MUST_CHECK;

/* Bytes for a person to look at: printable ASCII as it is, all else as \xNN, a backslash doubled. */
char *tbdi_arena_escape(struct tbdi_arena *arena, const void *data, size_t len) TBDI_MUST_CHECK;

void tbdi_arena_release(struct tbdi_arena *arena);

/* A growing array of pointers in an arena; always followed by a NULL. */
struct tbdi_list {
	void **items;
	size_t count;
	size_t capacity;
};

/* 0 or TBD_E_NOMEM. A NULL item counts as out of memory, so that the allocation of the item needs no
 * check of its own: tbdi_list_add(arena, list, tbdi_arena_strdup(arena, text)). */
int tbdi_list_add(
	struct tbdi_arena *arena, struct tbdi_list *list, const void *item) TBDI_MUST_CHECK;

/* A list of things that an arena does not hold, and of how each is freed. */
struct tbdi_owned {
	void *thing;
	void (*free)(void *thing);
	struct tbdi_owned *next;
};

/* Free this thing with the list, whose rows stand in the arena. TBD_E_NOMEM: the thing is still the caller's. */
int tbdi_own(struct tbdi_arena *arena, struct tbdi_owned **list, void *thing,
	void (*free)(void *thing)) TBDI_MUST_CHECK;

/* Free all of them, the newest first. To be done before the arena is released. */
void tbdi_owned_release(struct tbdi_owned *list);

#endif
