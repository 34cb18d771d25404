/* SPDX-License-Identifier: MIT
 *
 * render.c - the table of formats.
 */
#include "tools/render/render.h"

static int render_json(const struct tbd_report *report, const struct tbd_text_options *options,
	char **out, struct tbd_error *error)
{
	(void)options;
	return tbd_report_to_json(report, out, error);
}

static int render_set_json(const struct tbd_set *set, const struct tbd_text_options *options,
	char **out, struct tbd_error *error)
{
	(void)options;
	return tbd_set_to_json(set, out, error);
}

#define FORMAT(...) { __VA_ARGS__ },
const struct render_format render_formats[] = { RENDER_FORMATS(FORMAT){ 0 } };

int render_any(const struct render_format *format, struct tbd_text_options options,
	const struct tbd_report *report, const struct tbd_set *set, char **out,
	struct tbd_error *error)
{
	if (!format->heeds_verbosity)
		options.verbosity = TBD_VERBOSITY_NORMAL;
	options.color = options.color && format->heeds_color;
	return set != NULL ? format->set(set, &options, out, error)
			   : format->report(report, &options, out, error);
}
