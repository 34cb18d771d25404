/* SPDX-License-Identifier: MIT
 *
 * json-write.h - a report or a set as a tree of JSON values, and back.
 */
#ifndef TBDI_JSON_WRITE_H
#define TBDI_JSON_WRITE_H

#include "base/common.h"

#include <jansson.h>

/* The report as a tree; for json_decref(). NULL: out of memory. */
json_t *tbdi_report_tree(const struct tbd_report *report) TBDI_MUST_CHECK;

/* The report of such a tree, which is not needed any more afterwards. Returns as tbd_report_from_json(). */
int tbdi_report_of_tree(
	json_t *tree, struct tbd_report **out, struct tbd_error *error) TBDI_MUST_CHECK;

/* The same of a set. */
json_t *tbdi_set_tree(const struct tbd_set *set) TBDI_MUST_CHECK;
int tbdi_set_of_tree(json_t *tree, struct tbd_set **out, struct tbd_error *error) TBDI_MUST_CHECK;

#endif
