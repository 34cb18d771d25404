/* SPDX-License-Identifier: MIT
 *
 * render.h - a report in the formats that it can be shown in. A renderer only reads the report.
 */
#ifndef TOOL_RENDER_H
#define TOOL_RENDER_H

#include "settings.h"

struct render_options {
	enum verbosity verbosity;
	bool color;
};

/* Write the report to a stream in memory. 0, or a negative enum tbd_err. */
typedef int render(FILE *out, const struct tbd_report *report, const struct render_options *options,
	struct tbd_error *error);

/* For a person: notes, findings, then what was seen. Fits 80 columns, but for lines to be pasted. */
render render_text;

/* For a program: the schema "tbdiag-report/1". */
render render_json;

#endif
