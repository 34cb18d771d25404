/* SPDX-License-Identifier: MIT
 *
 * render.h - a report, or a set of them, in the formats that it can be shown in. A renderer only reads it.
 */
#ifndef TOOL_RENDER_H
#define TOOL_RENDER_H

#include "report/text.h"
#include "tools/cli/settings.h"

struct render_options {
	enum verbosity verbosity;
	int width; /* columns of a line; 0: 80 */
	bool color;
};

/* The page that a text goes to. */
struct tbdi_page render_page(FILE *out, const struct render_options *options);

/* Write the report to a stream in memory. 0, or a negative enum tbd_err. */
typedef int render(FILE *out, const struct tbd_report *report, const struct render_options *options,
	struct tbd_error *error);

/* For a person. */
render render_text;

/* For a program: the schema "tbdiag-report/1". */
render render_json;

/* The same of a set. */
typedef int render_set(FILE *out, const struct tbd_set *set, const struct render_options *options,
	struct tbd_error *error);

/* What comparing shows, a line each report, then one report of those that are alike. */
render_set render_set_text;

/* The schema "tbdiag-set/1". */
render_set render_set_json;

#endif
