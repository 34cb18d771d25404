/* SPDX-License-Identifier: MIT
 *
 * flow.h - text that is escaped and wrapped; what the page is like is handed in. Programs have it built in as well.
 */
#ifndef TBDI_FLOW_H
#define TBDI_FLOW_H

#include "base/common.h"

enum { TBDI_WIDTH_MIN = 40, TBDI_WIDTH_MAX = 80 };

/* Where a text goes, and how wide it is there. */
struct tbdi_page {
	FILE *out;
	int width; /* columns of a line: at least 40, at most 80, and that is meant by 0 */
};

/* The columns of its lines. */
int tbdi_text_width(const struct tbdi_page *page);

/* Write a string on one line. What could command a terminal or deceive a reader is escaped: control
 * characters and bytes that are not UTF-8 as \xNN, invisible and bidirectional controls as
 * \u{NNNN}. */
void tbdi_text_put(FILE *out, const char *string);

/* The columns that the string takes when it is shown by tbdi_text_put(). */
int tbdi_text_columns(const char *string);

/* Write spaces. */
void tbdi_text_indent(FILE *out, int columns);

/* Write a string as tbdi_text_put() does, wrapped at spaces, and end the line. The cursor stands at
 * `column`; lines that follow begin at `indent`. A word that fits no line is broken. */
void tbdi_text_flow(const struct tbdi_page *page, int column, int indent, const char *string);

/* Write "label value" with the value's column at indent + width, wrapped below itself. A value with
 * a word too long for that gets lines of its own. */
void tbdi_text_field(
	const struct tbdi_page *page, int indent, int width, const char *label, const char *value);

/* Write lines that are indented by `indent`. A line that begins with a space or tab is meant to be
 * pasted and is never broken; the others flow, one that begins with "- " below its text. */
void tbdi_text_block(const struct tbdi_page *page, int indent, const char *lines);

#endif
