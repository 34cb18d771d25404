/* SPDX-License-Identifier: MIT
 *
 * json.c - a report or a set as JSON.
 */
#include "tools/render/render.h"

static int put_json(FILE *out, int rc, char *json)
{
	if (rc == 0)
		fputs(json, out);
	free(json);
	return rc;
}

int render_json(
	const struct tbdi_page *page, const struct tbd_report *report, struct tbd_error *error)
{
	char *json = NULL;
	int rc = tbd_report_to_json(report, &json, error);
	return put_json(page->out, rc, json);
}

int render_set_json(
	const struct tbdi_page *page, const struct tbd_set *set, struct tbd_error *error)
{
	char *json = NULL;
	int rc = tbd_set_to_json(set, &json, error);
	return put_json(page->out, rc, json);
}
