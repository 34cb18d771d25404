/* SPDX-License-Identifier: MIT
 *
 * terminal.c - what is known of the terminal.
 */
#include "tools/render/terminal.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	if (!isatty(STDOUT_FILENO))
		return 0;
	long asked = columns != NULL ? strtol(columns, NULL, 10) : 0;
	if (asked > 0)
		return asked < INT_MAX ? (int)asked : INT_MAX;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool terminal_has_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
		(term == NULL || strcmp(term, "dumb") != 0);
}
