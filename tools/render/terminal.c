/* SPDX-License-Identifier: MIT
 *
 * terminal.c - what is known of the terminal.
 */
#include "tools/render/terminal.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What a variable says, else the terminal itself; 0: unknown, or it is none. */
static int extent(const char *variable, int own)
{
	const char *text = getenv(variable);
	long asked = text != NULL ? strtol(text, NULL, 10) : 0;
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (asked > 0)
		return asked < INT_MAX ? (int)asked : INT_MAX;
	return own;
}

static struct winsize own_size(void)
{
	struct winsize size = { 0 };
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size : (struct winsize){ 0 };
}

int terminal_width(void)
{
	return extent("COLUMNS", own_size().ws_col);
}

int terminal_height(void)
{
	return extent("LINES", own_size().ws_row);
}

bool terminal_has_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;
	for (size_t i = 0; i < TOOL_COUNT(variables) && (locale == NULL || *locale == '\0'); i++)
		locale = getenv(variables[i]);
	return locale != NULL &&
		(strcasestr(locale, "UTF-8") != NULL || strcasestr(locale, "UTF8") != NULL);
}

bool terminal_has_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
		(term == NULL || strcmp(term, "dumb") != 0);
}
