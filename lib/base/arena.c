/* SPDX-License-Identifier: MIT
 *
 * arena.c - memory that is given back all at once.
 */
#include "base/arena.h"

#include <gnutls/crypto.h>

enum {
	BLOCK_SIZE = 16 * 1024,
	ALIGNMENT = 16,
};

struct tbdi_arena_block {
	struct tbdi_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(ALIGNMENT) unsigned char data[];
};

static struct tbdi_arena_block *block_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct tbdi_arena_block))
		return NULL;
	struct tbdi_arena_block *block = calloc(1, sizeof(*block) + size);
	if (block != NULL)
		block->size = size;
	return block;
}

void *tbdi_arena_alloc(struct tbdi_arena *arena, size_t size)
{
	if (size > SIZE_MAX - ALIGNMENT)
		return NULL;
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct tbdi_arena_block *head = arena->head;
	if (head != NULL && head->size - head->used >= size) {
		void *memory = head->data + head->used;
		head->used += size;
		return memory;
	}
	size_t block_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	bool fits = arena->limit == 0 || block_size <= arena->limit - arena->used;
	struct tbdi_arena_block *block = fits ? block_new(block_size) : NULL;
	if (block == NULL)
		return NULL;
	arena->used += block_size;
	block->used = size;
	/* A block of one large object goes behind the head, which may have room left. */
	if (size > BLOCK_SIZE && head != NULL) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->head = block;
	}
	return block->data;
}

void *tbdi_arena_memdup(struct tbdi_arena *arena, const void *data, size_t len)
{
	void *copy = tbdi_arena_alloc(arena, len == 0 ? 1 : len);
	if (copy != NULL && len > 0)
		memcpy(copy, data, len);
	return copy;
}

char *tbdi_arena_strdup(struct tbdi_arena *arena, const char *text)
{
	return tbdi_arena_memdup(arena, text, strlen(text) + 1);
}

char *tbdi_arena_vprintf(struct tbdi_arena *arena, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return NULL;
	char *text = tbdi_arena_alloc(arena, (size_t)len + 1);
	if (text != NULL)
		vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *tbdi_arena_printf(struct tbdi_arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = tbdi_arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *tbdi_arena_hex(struct tbdi_arena *arena, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	if (len > (SIZE_MAX - 1) / 2)
		return NULL;
	char *text = tbdi_arena_alloc(arena, 2 * len + 1);
	for (size_t i = 0; text != NULL && i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

char *tbdi_arena_sha256(struct tbdi_arena *arena, const void *data, size_t len)
{
	uint8_t hash[32];
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, hash) < 0)
		return NULL;
	return tbdi_arena_hex(arena, hash, sizeof(hash));
}

/* Length of the valid UTF-8 sequence (RFC 3629) at the start of the bytes, or 0. */
static size_t utf8_sequence_len(const unsigned char *bytes, size_t len)
{
	unsigned char first = bytes[0];
	if (first < 0x80)
		return first == 0 ? 0 : 1;
	size_t need = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (first == 0xe0 && bytes[1] < 0xa0) || (first == 0xf0 && bytes[1] < 0x90);
	bool surrogate = first == 0xed && bytes[1] > 0x9f;
	bool beyond = first == 0xf4 && bytes[1] > 0x8f;
	return overlong || surrogate || beyond ? 0 : need;
}

char *tbdi_arena_utf8(struct tbdi_arena *arena, const void *data, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *bytes = data;
	if (len > (SIZE_MAX - 1) / 3)
		return NULL;
	size_t need = 1;
	for (size_t i = 0, step; i < len; i += step == 0 ? 1 : step) {
		step = utf8_sequence_len(bytes + i, len - i);
		need += step == 0 ? 3 : step;
	}
	char *text = tbdi_arena_alloc(arena, need);
	if (text == NULL)
		return NULL;
	char *end = text;
	for (size_t i = 0, step; i < len; i += step == 0 ? 1 : step) {
		step = utf8_sequence_len(bytes + i, len - i);
		memcpy(end, step == 0 ? (const void *)replacement : bytes + i,
			step == 0 ? 3 : step);
		end += step == 0 ? 3 : step;
	}
	return text;
}

char *tbdi_arena_escape(struct tbdi_arena *arena, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	if (len > (SIZE_MAX - 1) / 4)
		return NULL;
	char *text = tbdi_arena_alloc(arena, 4 * len + 1);
	char *end = text;
	for (size_t i = 0; text != NULL && i < len; i++) {
		if (bytes[i] == '\\') {
			*end++ = '\\';
			*end++ = '\\';
		} else if (bytes[i] >= 0x20 && bytes[i] < 0x7f) {
			*end++ = (char)bytes[i];
		} else {
			*end++ = '\\';
			*end++ = 'x';
			*end++ = digits[bytes[i] >> 4];
			*end++ = digits[bytes[i] & 15];
		}
	}
	return text;
}

void tbdi_arena_release(struct tbdi_arena *arena)
{
	struct tbdi_arena_block *block = arena->head;
	while (block != NULL) {
		struct tbdi_arena_block *next = block->next;
		free(block);
		block = next;
	}
	arena->head = NULL;
	arena->used = 0;
}

int tbdi_list_add(struct tbdi_arena *arena, struct tbdi_list *list, const void *item)
{
	if (item == NULL)
		return TBD_E_NOMEM;
	if (list->count + 1 >= list->capacity) {
		size_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
		void **items = tbdi_arena_alloc(arena, capacity * sizeof(*items));
		if (items == NULL)
			return TBD_E_NOMEM;
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->capacity = capacity;
	}
	/* The list holds what it is given; whether that is const is the reader's type. */
	memcpy(&list->items[list->count++], &item, sizeof(item));
	return 0;
}

int tbdi_own(
	struct tbdi_arena *arena, struct tbdi_owned **list, void *thing, void (*free)(void *thing))
{
	struct tbdi_owned *owned = tbdi_arena_alloc(arena, sizeof(*owned));
	if (owned == NULL)
		return TBD_E_NOMEM;
	*owned = (struct tbdi_owned){ thing, free, *list };
	*list = owned;
	return 0;
}

void tbdi_owned_release(struct tbdi_owned *list)
{
	for (; list != NULL; list = list->next)
		list->free(list->thing);
}
