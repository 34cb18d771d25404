/* SPDX-License-Identifier: MIT
 *
 * check-main.h - what a test program exports to the main they all share.
 */
#ifndef TBDI_CHECK_MAIN_H
#define TBDI_CHECK_MAIN_H

#include <check.h>

/* All tests of the program; the runner frees it. CK_FORK=no runs them in one process. */
Suite *tbdi_suite(void);

#endif
