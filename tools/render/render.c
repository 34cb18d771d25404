/* SPDX-License-Identifier: MIT
 *
 * render.c - the table of formats.
 */
#include "tools/render/render.h"

#define FORMAT(...) { __VA_ARGS__ },
const struct render_format render_formats[] = { RENDER_FORMATS(FORMAT){ 0 } };

int render_any(struct tbdi_page page, const struct render_format *format,
	const struct tbd_report *report, const struct tbd_set *set, struct tbd_error *error)
{
	page.quiet = page.quiet && format->heeds_verbosity;
	page.verbose = page.verbose && format->heeds_verbosity;
	page.color = page.color && format->heeds_color;
	return set != NULL ? format->set(&page, set, error) : format->report(&page, report, error);
}
