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

int render_json(FILE *out, const struct tbd_report *report, const struct render_options *options,
	struct tbd_error *error)
{
	(void)options;
	char *json = NULL;
	int rc = tbd_report_to_json(report, &json, error);
	return put_json(out, rc, json);
}

int render_set_json(FILE *out, const struct tbd_set *set, const struct render_options *options,
	struct tbd_error *error)
{
	(void)options;
	char *json = NULL;
	int rc = tbd_set_to_json(set, &json, error);
	return put_json(out, rc, json);
}
