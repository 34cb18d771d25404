/* SPDX-License-Identifier: MIT
 *
 * arena.c - an arena with a limit gives no more than that, however it is asked.
 */
#include "base/arena.h"

#include "tests/unit/check-main.h"

static struct tbdi_arena arena;

static void arena_setup(void)
{
	arena = (struct tbdi_arena){ .limit = 1024 * 1024 };
}

static void arena_teardown(void)
{
	tbdi_arena_release(&arena);
}

TEST_GROUP(.setup = arena_setup, .teardown = arena_teardown);

TEST(security_1_many_small)
{
	size_t given = 0;
	while (tbdi_arena_alloc(&arena, 1000) != NULL)
		given += 1000;
	ck_assert_uint_gt(given, arena.limit * 9 / 10);
	ck_assert_uint_le(given, arena.limit);
}

TEST(security_1_large)
{
	ck_assert_ptr_null(tbdi_arena_alloc(&arena, arena.limit + 1));
	ck_assert_ptr_nonnull(tbdi_arena_alloc(&arena, arena.limit));
	ck_assert_ptr_null(tbdi_arena_alloc(&arena, 1));
}

/* Without one it is the system that says no. */
TEST(no_limit)
{
	arena.limit = 0;
	ck_assert_ptr_nonnull(tbdi_arena_alloc(&arena, 8 * 1024 * 1024));
	ck_assert_ptr_null(tbdi_arena_alloc(&arena, SIZE_MAX));
}
