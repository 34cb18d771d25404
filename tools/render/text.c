/* SPDX-License-Identifier: MIT
 *
 * text.c - a report for a person, as the library shows it.
 */
#include "tools/render/render.h"

struct tbdi_page render_page(FILE *out, const struct render_options *options)
{
	return (struct tbdi_page){ .out = out,
		.width = options->width,
		.color = options->color,
		.quiet = options->verbosity == VERBOSITY_QUIET,
		.verbose = options->verbosity == VERBOSITY_VERBOSE };
}

int render_text(FILE *out, const struct tbd_report *report, const struct render_options *options,
	struct tbd_error *error)
{
	const struct tbdi_page page = render_page(out, options);
	return tbdi_text_report(&page, report, error);
}
