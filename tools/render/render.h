/* SPDX-License-Identifier: MIT
 *
 * render.h - a report, or a set of them, in the formats that it can be shown in. A renderer only reads it.
 */
#ifndef TOOL_RENDER_H
#define TOOL_RENDER_H

#include "report/text.h"
#include "tools/cli/settings.h"

/* Write the report to the page's stream, which is in memory. 0, or a negative enum tbd_err. */
typedef int render(
	const struct tbdi_page *page, const struct tbd_report *report, struct tbd_error *error);

/* The same of a set. */
typedef int render_set(
	const struct tbdi_page *page, const struct tbd_set *set, struct tbd_error *error);

/* A format of --format. What it does not heed (-v and -q; --color) it gets as if nothing had been asked for. */
struct render_format {
	const char *word;
	render *report;
	render_set *set;
	bool heeds_verbosity;
	bool heeds_color;
};

/* All formats, a row each; the first is the default.
 * text: for a person. Notes, findings, then what was seen; of a set what comparing shows, a line each report,
 * then one report of those that are alike. Fits 80 columns, but for lines to be pasted.
 * json: for a program, by the schemas "tbdiag-report/1" and "tbdiag-set/1". All of it, always. */
#define RENDER_FORMATS(ROW)                                        \
	ROW("text", tbdi_text_report, render_set_text, true, true) \
	ROW("json", render_json, render_set_json, false, false)

extern render render_json;
extern render_set render_set_text, render_set_json;

/* "text|json" */
#define RENDER_OR_WORD(word, ...) "|" word
#define RENDER_WORDS (&("" RENDER_FORMATS(RENDER_OR_WORD))[1])

/* Ends with a row without a word. */
extern const struct render_format render_formats[];

/* Show the set, or (NULL) the report, in this one of the formats. */
int render_any(struct tbdi_page page, const struct render_format *format,
	const struct tbd_report *report, const struct tbd_set *set, struct tbd_error *error);

#endif
