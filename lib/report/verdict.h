/* SPDX-License-Identifier: MIT
 *
 * verdict.h - the TLS stacks that can be asked, and the verdict of one in words.
 */
#ifndef TBDI_VERDICT_H
#define TBDI_VERDICT_H

#include "base/common.h"

/* What tbd_stack_modes() gives. */
enum { TBDI_STACK_COUNT = 5, TBDI_STACK_MODE_COUNT = 10 };
extern const struct tbd_stack_mode tbdi_stack_modes[];

/* "mbedTLS" of "mbedtls"; one that is not known as it is. */
const char *tbdi_stack_title(const char *stack);

/* The stack came to a verdict: it neither hung nor failed. A crash is none, though a device would not connect. */
bool tbdi_verdict_tells(const struct tbd_verdict *verdict);

/* Why it does not accept, in its own words, and by its own number as its documents write that: "Certificate
 * verification failed (-0x2700)". */
struct tbdi_verdict_words {
	char text[640];
};
struct tbdi_verdict_words tbdi_verdict_words(const struct tbd_verdict *verdict);

/* How bad a report is whose findings are as bad as this: the verdict that the caller chose, if any, decides alone. */
enum tbd_severity tbdi_report_worst(const struct tbd_report *report, enum tbd_severity of_findings);

#endif
