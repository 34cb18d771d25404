/* SPDX-License-Identifier: MIT
 *
 * look-round.c - after a CONNECT that was not answered: what a few more connections of the same address tell of the
 * reason. None of them has the token.
 */
#include "net/probe-machine.h"

#include "net/tls.h"

enum {
	LOOK_US = 1000 * 1000,
	IDLE_MIN_US = 500 * 1000, /* longer than it took to close instead of a CONNACK */
	IDLE_MAX_US = 4 * 1000 * 1000,
	LOOKS_MAX = 3,
};

struct looks {
	struct tbdi_probe *first; /* stands for the one that the report was made with */
	struct tbdi_probe *probes[LOOKS_MAX];
	size_t count;
	int64_t end_us;
};

static int add_look(struct looks *looks, enum tbdi_probe_kind kind, struct tbd_error *error)
{
	int rc = tbdi_second_new(
		looks->first, kind, looks->end_us, &looks->probes[looks->count], error);
	looks->count += rc == 0;
	return rc;
}

/* Over TLS, the PROXY protocol is no question: its header stands before the handshake, which went well. */
static int add_looks(
	struct looks *looks, bool was_closed, int64_t waited_us, struct tbd_error *error)
{
	bool is_tls = looks->first->report->pub.target->tls;
	int64_t idle_us =
		waited_us + IDLE_MIN_US < IDLE_MAX_US ? waited_us + IDLE_MIN_US : IDLE_MAX_US;
	looks->end_us = tbdi_probe_now(looks->first) + (is_tls && was_closed ? idle_us : LOOK_US);
	if (is_tls)
		return add_look(looks, was_closed ? TBDI_PROBE_IDLE : TBDI_PROBE_LOOK_ROUND, error);
	int rc = was_closed ? 0 : add_look(looks, TBDI_PROBE_LOOK_ROUND, error);
	if (rc == 0)
		rc = add_look(looks, TBDI_PROBE_OTHER_LENGTH, error);
	if (rc < 0)
		return rc;
	looks->probes[looks->count - 1]->is_long = !was_closed;
	return add_look(looks, TBDI_PROBE_OTHER_HEADER, error);
}

/* The connection, as far as the report knows what it was made with. */
static struct tbd_fetch_options options_of(const struct tbd_connection *connection)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	const struct tbd_tls *tls = connection->tls;
	options.connect_port = connection->used->port;
	options.proxy_protocol = connection->proxy_protocol;
	options.sni = tls != NULL && tls->sni != NULL ? tls->sni : "";
	if (tls != NULL && tbdi_tls_version_is_known(tls->wanted_version, false))
		options.tls_version = tls->wanted_version;
	return options;
}

/* One that has connected to that address already. */
static int first_new(struct tbdi_report *report, const struct tbdi_address *address,
	struct tbdi_probe **out, struct tbd_error *error)
{
	const struct tbd_fetch_options options = options_of(report->connection);
	int rc = tbdi_probe_make(report, &options, TBDI_PROBE_FIRST, out, error);
	if (rc < 0)
		return rc;
	(*out)->connection = report->connection;
	tbdi_race_add(&(*out)->race, address);
	return 0;
}

int tbdi_look_round(struct tbdi_report *report, bool was_closed, int64_t waited_us,
	const struct tbd_fetch_options *telling, struct tbd_error *error)
{
	const struct tbd_connection *connection = report->connection;
	struct tbdi_address address;
	struct looks looks = { .first = NULL };
	if (connection == NULL || connection->used == NULL || connection->proxy != NULL ||
		!tbdi_address_parse(connection->used->address, connection->used->port, &address))
		return 0;
	int rc = first_new(report, &address, &looks.first, error);
	if (rc == 0)
		rc = add_looks(&looks, was_closed, waited_us, error);
	if (rc == 0)
		rc = tbdi_probes_run(looks.probes, looks.count, telling, error);
	for (size_t i = 0; i < looks.count; i++)
		tbdi_probe_free(looks.probes[i]);
	tbdi_probe_free(looks.first);
	return rc;
}
