/* SPDX-License-Identifier: MIT
 *
 * stacks.h - the TLS libraries of devices, asked for their verdict over the chain of a report.
 */
#ifndef TBDI_STACKS_H
#define TBDI_STACKS_H

#include "report/report.h"

/* Begin to ask the stacks of these options about the report's chain, which was judged by them. The same question is
 * asked once: after a second verdict over the same nothing begins. What goes wrong with a stack is for its verdict to
 * say. 0 or TBD_E_NOMEM. */
int tbdi_stacks_ask(struct tbdi_report *report, const struct tbd_verify_options *options);

#endif
