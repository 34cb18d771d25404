/* SPDX-License-Identifier: MIT
 *
 * dial.c - how a set gets a report for each address of a name, or each port.
 */
#include "set/dial.h"

#include "net/probe.h"

/* One connection. */
struct lane {
	const char *label; /* NULL: that of `port_label` */
	char port_label[8];
	const char *address[2]; /* the only one to dial; ends in NULL */
	struct tbd_target target;
	char *url; /* of `target`, when it is not the caller's */
	struct tbd_report_options report_options;
	struct tbd_fetch_options fetch_options;
	struct tbd_report *report; /* until the set owns it */
	struct tbdi_probe *probe;
};

struct lanes {
	const struct tbd_report_options *report_options;
	const struct tbd_fetch_options *fetch_options;
	struct tbd_report
		*first; /* whose clock all have, and which shows how the name was resolved */
	struct lane each[TBDI_PROBES_MAX];
	size_t count;
};

static void lanes_release(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++) {
		tbdi_probe_free(lanes->each[i].probe);
		tbd_report_free(lanes->each[i].report);
		free(lanes->each[i].url);
	}
	tbd_report_free(lanes->first);
}

static struct lane *lane_new(struct lanes *lanes, struct tbd_error *error)
{
	if (lanes->count == TBDI_PROBES_MAX) {
		tbdi_fail(error, TBD_E_INVALID, "more than %d connections", TBDI_PROBES_MAX);
		return NULL;
	}
	struct lane *lane = &lanes->each[lanes->count++];
	lane->report_options = *lanes->report_options;
	lane->fetch_options = *lanes->fetch_options;
	return lane;
}

/* The reports are judged at one time, and the time that the resolver took is gone for all. */
static int lane_open(struct lane *lane, struct lanes *lanes, struct tbd_error *error)
{
	int rc = tbd_report_new(&lane->report_options, &lane->report, error);
	if (rc < 0)
		return rc;
	struct tbdi_report *report = tbdi_report_of(lane->report);
	report->pub.time = lanes->first->time;
	report->pub.clock = lanes->first->clock;
	report->spent_us = tbdi_report_elapsed_us(tbdi_report_of(lanes->first));
	return tbdi_probe_new(report, &lane->fetch_options, &lane->probe, error);
}

static int lanes_run(struct lanes *lanes, struct tbd_set *set, struct tbd_error *error)
{
	struct tbdi_probe *probes[TBDI_PROBES_MAX];
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < lanes->count; i++) {
		rc = lane_open(&lanes->each[i], lanes, error);
		probes[i] = lanes->each[i].probe;
	}
	if (rc == 0)
		rc = tbdi_probes_run(probes, lanes->count, lanes->fetch_options, error);
	for (size_t i = 0; rc == 0 && i < lanes->count; i++) {
		struct lane *lane = &lanes->each[i];
		const char *label = lane->label != NULL ? lane->label : lane->port_label;
		rc = tbd_set_add(set, lane->report, label, error);
		if (rc == 0)
			lane->report = NULL;
	}
	return rc;
}

int tbdi_set_give_first(struct tbd_set *set, struct tbd_report **first, struct tbd_error *error)
{
	int rc = tbd_set_add(set, *first, (*first)->connection->host, error);
	if (rc == 0)
		*first = NULL;
	return rc;
}

int tbdi_set_check_fetch(const struct tbd_fetch_options *fetch, struct tbd_error *error)
{
	if (fetch == NULL || fetch->size != sizeof(*fetch) || fetch->keep_open)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_set_fetch: options do not fit");
	if (fetch->proxy != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"a proxy looks for the host's addresses itself: nothing can be compared by one");
	return 0;
}

static int begin(struct lanes *lanes, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, struct tbd_error *error)
{
	int rc = tbdi_set_check_fetch(fetch, error);
	if (rc < 0)
		return rc;
	lanes->report_options = options;
	lanes->fetch_options = fetch;
	return tbd_report_new(options, &lanes->first, error);
}

int tbdi_set_resolve(struct tbd_report *first, const struct tbd_fetch_options *fetch,
	const char *const **addresses, struct tbd_error *error)
{
	struct tbdi_probe *probe = NULL;
	int rc = tbdi_probe_new(tbdi_report_of(first), fetch, &probe, error);
	if (rc == 0) {
		tbdi_probe_only_resolve(probe);
		rc = tbdi_probes_run(&probe, 1, fetch, error);
	}
	tbdi_probe_free(probe);
	const struct tbd_resolution *resolution = rc == 0 ? first->connection->resolution : NULL;
	if (resolution != NULL && resolution->address_count > 0)
		*addresses = resolution->addresses;
	return rc;
}

/* ---- each address of a name ------------------------------------------------------------------ */

static int add_addresses(struct lanes *lanes, const char *const *addresses, struct tbd_error *error)
{
	if (*addresses == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "no addresses");
	for (; *addresses != NULL; addresses++) {
		struct lane *lane = lane_new(lanes, error);
		if (lane == NULL)
			return TBD_E_INVALID;
		lane->label = lane->address[0] = *addresses;
		lane->fetch_options.addresses = lane->address;
	}
	return 0;
}

int tbd_set_fetch(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, struct tbd_error *error)
{
	struct lanes lanes = { .count = 0 };
	int rc = begin(&lanes, options, fetch, error);
	const char *const *addresses = rc == 0 ? fetch->addresses : NULL;
	if (rc == 0 && addresses == NULL)
		rc = tbdi_set_resolve(lanes.first, fetch, &addresses, error);
	if (rc == 0 && addresses == NULL) {
		rc = tbdi_set_give_first(set, &lanes.first, error);
	} else if (rc == 0) {
		rc = add_addresses(&lanes, addresses, error);
		if (rc == 0)
			rc = lanes_run(&lanes, set, error);
	}
	lanes_release(&lanes);
	return rc;
}

/* ---- several ports --------------------------------------------------------------------------- */

static bool has_port(const struct lanes *lanes, uint16_t port)
{
	for (size_t i = 0; i < lanes->count; i++)
		if (lanes->each[i].target.port == port)
			return true;
	return false;
}

static int add_port(
	struct lanes *lanes, const char *const *addresses, uint16_t port, struct tbd_error *error)
{
	if (port == 0)
		return tbdi_fail(error, TBD_E_INVALID, "port 0 cannot be dialled");
	if (has_port(lanes, port))
		return 0;
	struct lane *lane = lane_new(lanes, error);
	if (lane == NULL)
		return TBD_E_INVALID;
	const struct tbd_target *target = lanes->report_options->target;
	bool bare_ipv6 = strchr(target->host, ':') != NULL;
	const char *scheme = tbd_scheme_name(target->scheme);
	lane->target = *target;
	lane->target.port = port;
	if (asprintf(&lane->url, "%s://%s%s%s:%u", scheme, bare_ipv6 ? "[" : "", target->host,
		    bare_ipv6 ? "]" : "", (unsigned)port) < 0) {
		lane->url = NULL;
		return tbdi_fail_nomem(error);
	}
	lane->target.url = lane->url;
	lane->report_options.target = &lane->target;
	lane->fetch_options.addresses = addresses;
	snprintf(lane->port_label, sizeof(lane->port_label), "%u", (unsigned)port);
	return 0;
}

bool tbdi_set_is_literal(const struct tbd_target *target, const struct tbd_fetch_options *fetch)
{
	const char *host = fetch->connect_host;
	struct tbdi_address address;
	return tbdi_address_parse(host != NULL ? host : target->host, 0, &address);
}

static int check_ports(const struct lanes *lanes, struct tbd_error *error)
{
	const struct tbd_target *target = lanes->first->target;
	if (target == NULL || !target->tls)
		return tbdi_fail(error, TBD_E_INVALID, "the target speaks no TLS");
	if (lanes->fetch_options->connect_port != 0)
		return tbdi_fail(error, TBD_E_INVALID,
			"several ports are asked for, and one is given to connect to");
	return 0;
}

int tbd_set_fetch_ports(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, const uint16_t *ports, size_t port_count,
	struct tbd_error *error)
{
	struct lanes lanes = { .count = 0 };
	int rc = begin(&lanes, options, fetch, error);
	if (rc == 0)
		rc = check_ports(&lanes, error);
	const char *const *addresses = rc == 0 ? fetch->addresses : NULL;
	bool asked = rc == 0 && addresses == NULL && !tbdi_set_is_literal(options->target, fetch);
	if (asked)
		rc = tbdi_set_resolve(lanes.first, fetch, &addresses, error);
	if (rc == 0 && asked && addresses == NULL) {
		rc = tbdi_set_give_first(set, &lanes.first, error);
	} else if (rc == 0) {
		rc = add_port(&lanes, addresses, options->target->port, error);
		for (size_t i = 0; rc == 0 && i < port_count; i++)
			rc = add_port(&lanes, addresses, ports[i], error);
		if (rc == 0)
			rc = lanes_run(&lanes, set, error);
	}
	lanes_release(&lanes);
	return rc;
}
