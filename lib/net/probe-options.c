/* SPDX-License-Identifier: MIT
 *
 * probe-options.c - what a probe's options make of it: checks, whom to dial, and until when.
 */
#include "net/probe-machine.h"

#include "net/tls.h"
#include "net/connect.h"
#include "base/protocol.h"

#include <unistd.h>

enum {
	DEFAULT_TIMEOUT_MS = 15 * 1000,
	DATAGRAM_TIMEOUT_MS =
		40 * 1000, /* ThingsBoard's DTLS repeats a flight after 9 s, then 18 s */
	ATTEMPT_DELAY_US = 250 * 1000, /* RFC 8305 5 */
};

static int probe_check(const struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: options do not fit");
	int rc = tbdi_report_writable(&report->pub, error);
	if (rc < 0)
		return rc;
	if (report->pub.target == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: the report has no target");
	/* The chain of a file must not vouch for a peer. */
	if (report->pub.connection != NULL || report->pub.chain != NULL)
		return tbdi_fail(
			error, TBD_E_INVALID, "tbd_fetch: the report has a connection or chain");
	if (options->family != 0 && options->family != 4 && options->family != 6)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: family is not 0, 4 or 6");
	if (options->timeout_ms < 0 || options->timeout_ms > INT32_MAX)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: timeout is out of range");
	if ((options->cert_file != NULL && options->cert_mem.len > 0) ||
		(options->key_file != NULL && options->key_mem.len > 0))
		return tbdi_fail(error, TBD_E_INVALID,
			"tbd_fetch: a certificate or key comes from a file or from memory, not both");
	if (!tbdi_identity_is_given(options) &&
		(options->key_file != NULL || options->key_mem.len > 0))
		return tbdi_fail(error, TBD_E_INVALID, "a key was given without a certificate");
	if (options->proxy != NULL && options->addresses != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"a proxy looks for the host itself: addresses for it do not go with one");
	bool is_udp = tbdi_protocol_of(report->pub.target)->is_datagrams;
	if (options->proxy != NULL && is_udp)
		return tbdi_fail(error, TBD_E_INVALID,
			"a proxy passes on connections, not datagrams: none for CoAP");
	if (is_udp && tbdi_tls_version_is_known(options->tls_version, false) &&
		!tbdi_tls_version_is_known(options->tls_version, true))
		return tbdi_fail(error, TBD_E_INVALID, "there is no DTLS %s, only 1.2",
			options->tls_version);
	if (!tbdi_alpn_is_valid(options->alpn))
		return tbdi_fail(error, TBD_E_INVALID,
			"ALPN: at most 8 names of 1 to 31 printable characters, separated by commas");
	if (!tbdi_proxy_header_is_known(options->proxy_protocol))
		return tbdi_fail(error, TBD_E_INVALID, "PROXY protocol \"%s\" is not v1 or v2",
			options->proxy_protocol);
	if (options->proxy_protocol != NULL && is_udp)
		return tbdi_fail(error, TBD_E_INVALID,
			"a PROXY header goes before a connection, not before datagrams: none for CoAP");
	if (!tbdi_tls_version_is_known(options->tls_version, is_udp))
		return tbdi_fail(error, TBD_E_INVALID, "TLS version \"%s\" is not 1.2 or 1.3",
			options->tls_version);
	return 0;
}

/* ---- a probe --------------------------------------------------------------------------------- */

static int use_datagrams(struct tbdi_probe *probe, struct tbd_error *error)
{
	probe->datagrams = tbdi_arena_alloc(&probe->report->arena, sizeof(*probe->datagrams));
	if (probe->datagrams == NULL)
		return tbdi_fail_nomem(error);
	probe->connection->datagrams = &probe->datagrams->pub;
	probe->race.datagrams = true;
	return 0;
}

static int use_proxy(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_proxy_new(probe->report, probe->options.proxy, &probe->proxy, error);
	if (rc < 0)
		return rc;
	const struct tbd_proxy *seen = tbdi_proxy_seen(probe->proxy);
	probe->connection->proxy = seen;
	probe->host = seen->host;
	probe->port = seen->port;
	return 0;
}

static int connection_new(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_arena *arena = &probe->report->arena;
	struct tbd_connection *connection = tbdi_arena_alloc(arena, sizeof(*connection));
	const struct tbd_fetch_options *options = &probe->options;
	const struct tbd_target *target = probe->report->pub.target;
	if (connection == NULL)
		return tbdi_fail_nomem(error);
	const char *host = options->connect_host;
	connection->host = host == NULL ? target->host : tbdi_arena_strdup(arena, host);
	if (connection->host == NULL)
		return tbdi_fail_nomem(error);
	connection->port = options->connect_port != 0 ? options->connect_port : target->port;
	connection->redirected = host != NULL || options->connect_port != 0;
	connection->proxy_protocol = options->proxy_protocol == NULL ? NULL
		: strcmp(options->proxy_protocol, "v1") == 0         ? "v1"
								     : "v2";
	bool is_udp = tbdi_protocol_of(target)->is_datagrams;
	connection->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms
		: is_udp                                  ? DATAGRAM_TIMEOUT_MS
							  : DEFAULT_TIMEOUT_MS;
	probe->connection = connection;
	probe->host = connection->host;
	probe->port = connection->port;
	int rc = is_udp ? use_datagrams(probe, error) : 0;
	return rc == 0 && options->proxy != NULL ? use_proxy(probe, error) : rc;
}

int tbdi_probe_make(struct tbdi_report *report, const struct tbd_fetch_options *options,
	enum tbdi_probe_kind kind, struct tbdi_probe **out, struct tbd_error *error)
{
	struct tbdi_probe *probe = calloc(1, sizeof(*probe));
	if (probe == NULL)
		return tbdi_fail_nomem(error);
	probe->report = report;
	probe->kind = kind;
	probe->options = *options;
	probe->keylog = -1;
	probe->phase_us = tbdi_probe_now(probe);
	tbdi_race_init(&probe->race, report, ATTEMPT_DELAY_US);
	int rc = tbdi_identity_new(report, options, &probe->identity, error);
	if (rc == 0 && options->keylog_file != NULL)
		rc = tbdi_keylog_open(options->keylog_file, &probe->keylog, error);
	if (rc == 0)
		rc = connection_new(probe, error);
	if (rc < 0) {
		tbdi_probe_free(probe);
		return rc;
	}
	*out = probe;
	return 0;
}

void tbdi_probe_free(struct tbdi_probe *probe)
{
	if (probe == NULL)
		return;
	tbdi_lookup_free(probe->lookup);
	tbdi_race_release(&probe->race);
	tbdi_identity_free(probe->identity);
	if (probe->keylog >= 0)
		close(probe->keylog);
	tbdi_tls_free(probe->tls);
	tbdi_probe_free(probe->second);
	tbdi_probe_free(probe->beside);
	tbdi_proxy_free(probe->proxy);
	free(probe);
}

/* ---- a first one, and its addresses ---------------------------------------------------------- */

/* Dial an address that needs no resolver. */
static int add_literal(
	struct tbdi_probe *probe, const struct tbdi_address *address, struct tbd_error *error)
{
	int family = address->as.any.sa_family == AF_INET ? 4 : 6;
	if (probe->options.family != 0 && probe->options.family != family) {
		char text[NI_MAXHOST];
		tbdi_address_text(address, text);
		return tbdi_fail(error, TBD_E_INVALID, "%s is no IPv%d address", text,
			probe->options.family);
	}
	tbdi_race_add(&probe->race, address);
	tbdi_probe_enter(probe, TBDI_PROBE_CONNECT, probe->connect_us);
	return 0;
}

/* Dial the addresses that the caller has for the name. */
static int add_given(struct tbdi_probe *probe, struct tbd_error *error)
{
	const char *const *given = probe->options.addresses;
	int rc = 0;
	for (size_t i = 0; rc == 0 && given[i] != NULL; i++) {
		struct tbdi_address address;
		if (!tbdi_address_parse(given[i], probe->connection->port, &address))
			return tbdi_fail(
				error, TBD_E_INVALID, "%s is no IPv4 or IPv6 address", given[i]);
		if (i == TBDI_ADDRESSES_MAX)
			return tbdi_fail(
				error, TBD_E_INVALID, "more than %d addresses", TBDI_ADDRESSES_MAX);
		rc = add_literal(probe, &address, error);
	}
	if (rc == 0 && given[0] == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: addresses without any");
	return rc;
}

static void set_deadlines(struct tbdi_probe *probe)
{
	struct tbdi_report *report = probe->report;
	int64_t start = tbdi_probe_now(probe) - report->spent_us;
	report->default_deadlines = probe->options.timeout_ms == 0;
	if (!report->default_deadlines)
		report->phase_ms = probe->options.timeout_ms;
	report->deadline_us = start + 1000 * probe->connection->timeout_ms;
	probe->end_us = report->deadline_us;
	probe->half_us = start + 500 * probe->connection->timeout_ms;
	probe->connect_us = report->default_deadlines ? start + TBDI_CONNECT_US : probe->end_us;
}

static int ask_resolver(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbd_resolution *resolution =
		tbdi_arena_alloc(&probe->report->arena, sizeof(*resolution));
	if (resolution == NULL)
		return tbdi_fail_nomem(error);
	resolution->name = probe->host;
	resolution->family = probe->options.family;
	probe->resolution = resolution;
	probe->connection->resolution = resolution;
	tbdi_probe_enter(probe, TBDI_PROBE_RESOLVE, probe->connect_us);
	return tbdi_lookup_new(resolution->name, resolution->family, probe->options.resolver,
		&probe->lookup, error);
}

static int probe_begin(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_address address;
	bool is_literal = tbdi_address_parse(probe->host, probe->port, &address);
	set_deadlines(probe);
	probe->chain = &probe->report->pub.chain;
	probe->report->pub.connection = probe->report->connection = probe->connection;
	probe->report->pub.insecure = probe->options.insecure;
	if (probe->options.addresses != NULL && is_literal)
		return tbdi_fail(error, TBD_E_INVALID,
			"%s is an address itself: others cannot stand for it", probe->host);
	if (probe->options.addresses != NULL)
		return add_given(probe, error);
	return is_literal ? add_literal(probe, &address, error) : ask_resolver(probe, error);
}

int tbdi_probe_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_probe **out, struct tbd_error *error)
{
	struct tbdi_probe *probe = NULL;
	int rc = probe_check(report, options, error);
	if (rc == 0)
		rc = tbdi_probe_make(report, options, TBDI_PROBE_FIRST, &probe, error);
	if (rc == 0)
		rc = probe_begin(probe, error);
	if (rc < 0) {
		tbdi_probe_free(probe);
		return rc;
	}
	*out = probe;
	return 0;
}

void tbdi_probe_only_resolve(struct tbdi_probe *probe)
{
	probe->only_resolve = true;
}
