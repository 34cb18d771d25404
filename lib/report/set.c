/* SPDX-License-Identifier: MIT
 *
 * set.c - a set's life.
 */
#include "report/set.h"

int tbd_set_new(enum tbd_comparison compares, struct tbd_set **out, struct tbd_error *error)
{
	static const char *const no_notes[] = { NULL };
	struct tbdi_set *set = calloc(1, sizeof(*set));
	*out = NULL;
	if (set == NULL)
		return tbdi_fail_nomem(error);
	set->arena.limit = TBDI_ARENA_LIMIT;
	set->pub.schema = TBDI_SET_SCHEMA;
	set->pub.version = PACKAGE_VERSION;
	set->pub.compares = compares;
	set->pub.notes = no_notes;
	set->pub.worst = TBD_SEVERITY_UNKNOWN;
	*out = &set->pub;
	return 0;
}

void tbd_set_free(struct tbd_set *set)
{
	if (set == NULL)
		return;
	struct tbdi_set *own = tbdi_set_of(set);
	for (size_t i = 0; i < own->reports.count; i++)
		tbd_report_free(own->reports.items[i]);
	tbdi_arena_release(&own->arena);
	free(own);
}

int tbd_set_note(struct tbd_set *set, const char *text, struct tbd_error *error)
{
	struct tbdi_set *own = tbdi_set_of(set);
	if (tbdi_list_add(&own->arena, &own->notes, tbdi_arena_strdup(&own->arena, text)) < 0)
		return tbdi_fail_nomem(error);
	own->pub.notes = (const char *const *)(void *)own->notes.items;
	return 0;
}

int tbd_set_add(
	struct tbd_set *set, struct tbd_report *report, const char *label, struct tbd_error *error)
{
	struct tbdi_set *own = tbdi_set_of(set);
	if (own->is_stored)
		return tbdi_fail(error, TBD_E_INVALID, "a set that was read is not added to");
	report->label = tbdi_arena_strdup(&tbdi_report_of(report)->arena, label);
	if (report->label == NULL || tbdi_list_add(&own->arena, &own->reports, report) < 0)
		return tbdi_fail_nomem(error);
	own->pub.reports = (const struct tbd_report *const *)(void *)own->reports.items;
	own->pub.report_count = own->reports.count;
	return 0;
}

/* Of transports those that the server does not have say nothing about it, as long as it has one. */
static bool is_anything_reachable(const struct tbd_set *set)
{
	for (size_t i = 0; i < set->passage_count; i++)
		if (set->passages[i]->reachable == TBD_ANSWER_YES)
			return true;
	return false;
}

void tbdi_set_find_worst(struct tbd_set *set)
{
	bool excuses = is_anything_reachable(set);
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_report *report = set->reports[i];
		if (report->worst > set->worst && !(excuses && tbdi_report_is_closed(report)))
			set->worst = report->worst;
	}
}
