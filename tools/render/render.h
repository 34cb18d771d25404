/* SPDX-License-Identifier: MIT
 *
 * render.h - a report, or a set of them, in the formats that it can be shown in. A renderer only reads it.
 */
#ifndef TOOL_RENDER_H
#define TOOL_RENDER_H

#include "tools/cli/settings.h"

/* Make the text of a report, for free(). 0, or a negative enum tbd_err. */
typedef int render(const struct tbd_report *report, const struct tbd_text_options *options,
	char **out, struct tbd_error *error);

/* The same of a set. */
typedef int render_set(const struct tbd_set *set, const struct tbd_text_options *options,
	char **out, struct tbd_error *error);

/* A format of --format. What it does not heed (-v and -q; --color) it gets as if nothing had been asked for. */
struct render_format {
	const char *word;
	render *report;
	render_set *set;
	bool heeds_verbosity;
	bool heeds_color;
};

/* All formats, a row each; the first is the default.
 * text: for a person, see tbd_report_to_text().
 * json: for a program, by the schemas "tbdiag-report/1" and "tbdiag-set/1". All of it, always. */
#define RENDER_FORMATS(ROW)                                          \
	ROW("text", tbd_report_to_text, tbd_set_to_text, true, true) \
	ROW("json", render_json, render_set_json, false, false)

/* "text|json" */
#define RENDER_OR_WORD(word, ...) "|" word
#define RENDER_WORDS (&("" RENDER_FORMATS(RENDER_OR_WORD))[1])

/* Ends with a row without a word. */
extern const struct render_format render_formats[];

/* Make the text of the set, or (NULL) of the report, in this one of the formats. */
int render_any(const struct render_format *format, struct tbd_text_options options,
	const struct tbd_report *report, const struct tbd_set *set, char **out,
	struct tbd_error *error);

#endif
