/* SPDX-License-Identifier: MIT
 *
 * text.h - a report for a person, as text that is escaped and wrapped; what the page is like is handed in.
 */
#ifndef TBDI_TEXT_H
#define TBDI_TEXT_H

#include "base/common.h"

enum { TBDI_WIDTH_MIN = 40, TBDI_WIDTH_MAX = 80 };

/* Where a text goes, and how it looks there. */
struct tbdi_page {
	FILE *out;
	int width; /* columns of a line: at least 40, at most 80, and that is meant by 0 */
	bool color;
	bool quiet;   /* of a report its findings only */
	bool verbose; /* all that was seen */
};

/* Write a report: notes, findings, then what was seen. Only lines to be pasted are longer than the page is
 * wide. 0, or TBD_E_NOMEM. */
int tbdi_text_report(
	const struct tbdi_page *page, const struct tbd_report *report, struct tbd_error *error);

/* Findings as tbdi_text_report() shows them. */
void tbdi_text_findings(
	const struct tbdi_page *page, const struct tbd_finding *const *findings, size_t count);

/* That the peer did not have to prove who it is: said in every output. */
void tbdi_text_insecure(const struct tbdi_page *page);

/* What placeholders are. */
void tbdi_text_redacted(const struct tbdi_page *page);

/* The title of what follows. */
void tbdi_text_heading(const struct tbdi_page *page, const char *title);

/* A severity's word, in its colour. */
void tbdi_text_severity(const struct tbdi_page *page, enum tbd_severity severity);

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
