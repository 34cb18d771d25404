/* SPDX-License-Identifier: MIT
 *
 * render-json.c - a report as JSON.
 */
#include "render.h"

int render_json(FILE *out, const struct tbd_report *report, const struct render_options *options,
	struct tbd_error *error)
{
	(void)options;
	char *json = NULL;
	int rc = tbd_report_to_json(report, &json, error);
	if (rc == 0)
		fputs(json, out);
	free(json);
	return rc;
}
