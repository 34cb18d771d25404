/* SPDX-License-Identifier: MIT
 *
 * render.h - a report, or a set of them, in the formats that it can be shown in. A renderer only reads it.
 */
#ifndef TOOL_RENDER_H
#define TOOL_RENDER_H

#include "tools/cli/settings.h"

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

/* The same of a set. */
typedef int render_set(FILE *out, const struct tbd_set *set, const struct render_options *options,
	struct tbd_error *error);

/* What comparing shows, a line each report, then one report of those that are alike. */
render_set render_set_text;

/* The schema "tbdiag-set/1". */
render_set render_set_json;

/* Findings as render_text() shows them. */
void render_findings(FILE *out, const struct tbd_finding *const *findings, size_t count,
	const struct render_options *options);

/* That the peer did not have to prove who it is: said in every output. */
void render_insecure(FILE *out, const struct render_options *options);

/* What placeholders are. */
void render_redacted(FILE *out);

/* A severity's word, in its colour. */
void render_severity(FILE *out, enum tbd_severity severity, const struct render_options *options);

#endif
