/* SPDX-License-Identifier: MIT
 *
 * check-main.c - run the tests of a program and print TAP.
 */
#include "tests/unit/check-main.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct check_entry *entries; /* by file and line: constructors come in any order */

static bool stands_before(const TTest *a, const TTest *b)
{
	int files = strcmp(a->file, b->file);
	return files != 0 ? files < 0 : a->line < b->line;
}

void check_register(struct check_entry *entry, size_t first, size_t end)
{
	struct check_entry **at = &entries;
	while (*at != NULL && stands_before(&(*at)->test, &entry->test))
		at = &(*at)->next;
	entry->first = (int)first;
	entry->end = (int)end;
	entry->next = *at;
	*at = entry;
}

static TCase *begin_group(Suite *suite, const char *file, const struct check_group *group)
{
	TCase *tcase = tcase_create(group->name != NULL ? group->name : strrchr(file, '/') + 1);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, group->setup, group->teardown);
	tcase_add_unchecked_fixture(tcase, group->setup_once, group->teardown_once);
	if (group->seconds > 0)
		tcase_set_timeout(tcase, group->seconds);
	return tcase;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create(argc > 0 ? argv[0] : "");
	SRunner *runner = srunner_create(suite);
	const char *file = "";
	TCase *group = NULL;
	for (const struct check_entry *entry = entries; entry != NULL; entry = entry->next) {
		if (entry->test.fn == NULL || strcmp(file, entry->test.file) != 0)
			group = begin_group(suite, entry->test.file, &entry->group);
		file = entry->test.file;
		if (entry->test.fn != NULL)
			tcase_add_loop_test(group, &entry->test, entry->first, entry->end);
	}
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
