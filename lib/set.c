/* SPDX-License-Identifier: MIT
 *
 * set.c - a set's life, and how it gets a report for each address of a name.
 */
#include "set.h"

#include "probe.h"

int tbd_set_new(enum tbd_comparison compares, struct tbd_set **out, struct tbd_error *error)
{
	static const char *const no_notes[] = { NULL };
	struct tbdi_set *set = calloc(1, sizeof(*set));
	*out = NULL;
	if (set == NULL)
		return tbdi_fail_nomem(error);
	set->pub.schema = "tbdiag-set/1";
	set->pub.version = PACKAGE_VERSION;
	set->pub.compares = compares;
	set->pub.notes = no_notes;
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
	report->label = tbdi_arena_strdup(&tbdi_report_of(report)->arena, label);
	if (report->label == NULL || tbdi_list_add(&own->arena, &own->reports, report) < 0)
		return tbdi_fail_nomem(error);
	own->pub.reports = (const struct tbd_report *const *)(void *)own->reports.items;
	own->pub.report_count = own->reports.count;
	return 0;
}

/* ---- each address of a name ------------------------------------------------------------------ */

/* One address and the connection to it. */
struct lane {
	const char *given[2]; /* the address as the only one; ends in NULL */
	struct tbd_fetch_options options;
	struct tbd_report *report; /* until the set owns it */
	struct tbdi_probe *probe;
};

struct lanes {
	struct lane each[TBDI_PROBES_MAX];
	size_t count;
};

static void lanes_release(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++) {
		tbdi_probe_free(lanes->each[i].probe);
		tbd_report_free(lanes->each[i].report);
	}
}

/* The reports are judged at one time, that of `first`, and go on with the time that it has left. */
static int lane_open(struct lanes *lanes, const char *address, struct tbd_report *first,
	const struct tbd_report_options *options, struct tbd_error *error)
{
	struct lane *lane = &lanes->each[lanes->count++];
	lane->given[0] = address;
	lane->options.addresses = lane->given;
	int rc = tbd_report_new(options, &lane->report, error);
	if (rc < 0)
		return rc;
	struct tbdi_report *report = tbdi_report_of(lane->report);
	report->pub.time = first->time;
	report->pub.clock = first->clock;
	report->spent_us = tbdi_report_elapsed_us(tbdi_report_of(first));
	return tbdi_probe_new(report, &lane->options, &lane->probe, error);
}

static int lanes_open(struct lanes *lanes, const char *const *addresses, struct tbd_report *first,
	const struct tbd_report_options *options, const struct tbd_fetch_options *fetch,
	struct tbd_error *error)
{
	int rc = *addresses != NULL ? 0 : tbdi_fail(error, TBD_E_INVALID, "no addresses");
	for (; rc == 0 && *addresses != NULL; addresses++) {
		if (lanes->count == TBDI_PROBES_MAX)
			return tbdi_fail(
				error, TBD_E_INVALID, "more than %d addresses", TBDI_PROBES_MAX);
		lanes->each[lanes->count].options = *fetch;
		rc = lane_open(lanes, *addresses, first, options, error);
	}
	return rc;
}

static int lanes_run(struct lanes *lanes, struct tbd_error *error)
{
	struct tbdi_probe *probes[TBDI_PROBES_MAX];
	for (size_t i = 0; i < lanes->count; i++)
		probes[i] = lanes->each[i].probe;
	return tbdi_probes_run(probes, lanes->count, error);
}

static int lanes_give(struct lanes *lanes, struct tbd_set *set, struct tbd_error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < lanes->count; i++) {
		struct lane *lane = &lanes->each[i];
		rc = tbd_set_add(set, lane->report, lane->given[0], error);
		if (rc == 0)
			lane->report = NULL;
	}
	return rc;
}

/* Ask for the addresses; `report` says how that went. *addresses stays NULL when there are none, and when
 * the host is an address itself, to which `report` has then made the connection. */
static int resolve(struct tbd_report *report, const struct tbd_fetch_options *fetch,
	const char *const **addresses, struct tbd_error *error)
{
	struct tbdi_probe *probe = NULL;
	int rc = tbdi_probe_new(tbdi_report_of(report), fetch, &probe, error);
	if (rc == 0) {
		tbdi_probe_only_resolve(probe);
		rc = tbdi_probes_run(&probe, 1, error);
	}
	tbdi_probe_free(probe);
	const struct tbd_resolution *resolution = rc == 0 ? report->connection->resolution : NULL;
	if (resolution != NULL && resolution->address_count > 0)
		*addresses = resolution->addresses;
	return rc;
}

int tbd_set_fetch(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, struct tbd_error *error)
{
	if (fetch == NULL || fetch->size != sizeof(*fetch) || fetch->keep_open)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_set_fetch: options do not fit");
	struct lanes lanes = { .count = 0 };
	struct tbd_report *first = NULL;
	const char *const *addresses = fetch->addresses;
	int rc = tbd_report_new(options, &first, error);
	if (rc == 0 && addresses == NULL)
		rc = resolve(first, fetch, &addresses, error);
	if (rc == 0 && addresses == NULL) {
		rc = tbd_set_add(set, first, first->connection->host, error);
		if (rc == 0)
			first = NULL;
	} else if (rc == 0) {
		rc = lanes_open(&lanes, addresses, first, options, fetch, error);
		if (rc == 0)
			rc = lanes_run(&lanes, error);
		if (rc == 0)
			rc = lanes_give(&lanes, set, error);
	}
	lanes_release(&lanes);
	tbd_report_free(first);
	return rc;
}
