/* SPDX-License-Identifier: MIT
 *
 * terminal.h - text for a terminal: escaped, wrapped, as wide as the terminal, at most 80 columns.
 */
#ifndef TOOL_TERMINAL_H
#define TOOL_TERMINAL_H

#include "tools/cli/tool.h"

enum { TEXT_WIDTH = 80 };

/* Wrap at that many columns from now on, at 40 at least and at 80 at most, which is what it begins with. */
void text_fit(int columns);

/* The same by COLUMNS or else the terminal, if standard output is one. */
void text_fit_terminal(void);

/* Write a string on one line. What could command a terminal or deceive a reader is escaped: control
 * characters and bytes that are not UTF-8 as \xNN, invisible and bidirectional controls as
 * \u{NNNN}. */
void text_put(FILE *out, const char *string);

/* The columns that the string takes when it is shown by text_put(). */
int text_columns(const char *string);

/* Write spaces. */
void text_indent(FILE *out, int columns);

/* Write a string as text_put() does, wrapped at spaces, and end the line. The cursor stands at
 * `column`; lines that follow begin at `indent`. A word that fits no line is broken. */
void text_flow(FILE *out, int column, int indent, const char *string);

/* Write "label value" with the value's column at indent + width, wrapped below itself. A value with
 * a word too long for that gets lines of its own. */
void text_field(FILE *out, int indent, int width, const char *label, const char *value);

/* Write lines that are indented by `indent`. A line that begins with a space or tab is meant to be
 * pasted and is never broken; the others flow, one that begins with "- " below its text. */
void text_block(FILE *out, int indent, const char *lines);

#endif
