/* SPDX-License-Identifier: MIT
 *
 * check-main.c - run the suite of a test program and print TAP.
 */
#include "tests/unit/check-main.h"

#include <stdlib.h>

int main(void)
{
	SRunner *runner = srunner_create(tbdi_suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
