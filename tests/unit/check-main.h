/* SPDX-License-Identifier: MIT
 *
 * check-main.h - tests that are run because they are written: no list names them.
 *
 * The tests of a file run in the order in which they stand there, each once, or several times; then _i counts
 * in its body. CK_FORK=no runs all tests of a program in one process.
 */
#ifndef TBDI_CHECK_MAIN_H
#define TBDI_CHECK_MAIN_H

#include <check.h>

/* TEST(name) { ... } */
#define TEST(name) TEST_RANGE(name, 0, 1)

/* _i from 0 on. */
#define TEST_TIMES(name, count) TEST_RANGE(name, 0, count)

/* _i from first to before end. */
#define TEST_RANGE(name, first, end)     \
	static void test_##name(int _i); \
	TEST_AGAIN(name, first, end);    \
	static void test_##name(int _i __attribute__((unused)))

/* Once for each element of the table; `row` points to it. */
#define TEST_EACH(name, row, table)                                         \
	static void each_##name(int _i, const __typeof__((table)[0]) *row); \
	static void test_##name(int _i)                                     \
	{                                                                   \
		each_##name(_i, &(table)[_i]);                              \
	}                                                                   \
	TEST_AGAIN(name, 0, sizeof(table) / sizeof((table)[0]));            \
	static void each_##name(int _i __attribute__((unused)), const __typeof__((table)[0]) *row)

/* A test that stands above once more, in this group or with other numbers. */
#define TEST_AGAIN(name, first, end) \
	CHECK_ENTRY(__LINE__, first, end, .test = { #name, test_##name, __FILE__, __LINE__ })

/* The tests from here to the next group of the file have these in common, as .member = value. */
struct check_group {
	const char *name; /* NULL: that of the file */
	/* Before and after each test, in its process. */
	void (*setup)(void);
	void (*teardown)(void);
	/* Before the first and after the last, in the process of the program. */
	void (*setup_once)(void);
	void (*teardown_once)(void);
	int seconds; /* as long as a test may take; 0: four */
};
#define TEST_GROUP(...)                                                         \
	CHECK_ENTRY(__LINE__, 0, 0, .test = { NULL, NULL, __FILE__, __LINE__ }, \
		.group = { __VA_ARGS__ })

/* ---- how they are found ------------------------------------------------------------------------ */

struct check_entry {
	TTest test; /* without a function: a group begins */
	struct check_group group;
	int first, end;
	struct check_entry *next;
};

/* The entry stays where it is. */
void check_register(struct check_entry *entry, size_t first, size_t end);

#define CHECK_ENTRY(line, ...) CHECK_ENTRY_AT(line, __VA_ARGS__)
#define CHECK_ENTRY_AT(line, first, end, ...)                             \
	__attribute__((constructor)) static void check_entry_##line(void) \
	{                                                                 \
		static struct check_entry entry = { __VA_ARGS__ };        \
		check_register(&entry, first, end);                       \
	}                                                                 \
	_Static_assert(1, "ends in a semicolon")

#endif
