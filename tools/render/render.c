/* SPDX-License-Identifier: MIT
 *
 * render.c - the table of formats.
 */
#include "tools/render/render.h"

#define FORMAT(...) { __VA_ARGS__ },
const struct render_format render_formats[] = { RENDER_FORMATS(FORMAT){ 0 } };

int render_any(FILE *out, const struct render_format *format, const struct tbd_report *report,
	const struct tbd_set *set, struct render_options options, struct tbd_error *error)
{
	if (!format->heeds_verbosity)
		options.verbosity = VERBOSITY_NORMAL;
	options.color = options.color && format->heeds_color;
	return set != NULL ? format->set(out, set, &options, error)
			   : format->report(out, report, &options, error);
}
