/* SPDX-License-Identifier: MIT
 *
 * prompt.h - questions to a person at a terminal.
 */
#ifndef TOOL_PROMPT_H
#define TOOL_PROMPT_H

#include "tools/cli/tool.h"

/* Somebody can be asked: stdin and stderr are a terminal. */
bool prompt_possible(void);

/* Ask for a line; it is stored without its line feed. 0, or -1: end of input, or a signal asks to
 * stop. A line that does not fit fails too, after a complaint. */
int prompt_line(const char *question, char *answer, size_t size);

/* The same without echo. The terminal is restored, also when a signal comes. */
int prompt_secret(const char *question, char *answer, size_t size);

#endif
