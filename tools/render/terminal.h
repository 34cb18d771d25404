/* SPDX-License-Identifier: MIT
 *
 * terminal.h - what is known of the terminal that standard output may be.
 */
#ifndef TOOL_TERMINAL_H
#define TOOL_TERMINAL_H

#include "tools/cli/tool.h"

/* Its columns by COLUMNS or else by itself; 0: unknown, or it is none. */
int terminal_width(void);

/* Its lines, in the same way. */
int terminal_height(void);

/* Whether the locale's characters are UTF-8, by the variables that name it. */
bool terminal_has_utf8(void);

/* Whether it shows colours, and nobody asked for none (https://no-color.org). */
bool terminal_has_color(void);

#endif
