/* SPDX-License-Identifier: MIT
 *
 * probe.c - resolve, connect, handshake: one target as a state machine that never blocks.
 */
#include "net/probe.h"

#include "net/coap-ping.h"
#include "net/datagram.h"
#include "net/identity.h"
#include "net/keylog.h"
#include "base/module.h"
#include "net/proxy.h"
#include "net/second-connection.h"
#include "net/stream.h"
#include "net/target.h"
#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

enum {
	DEFAULT_TIMEOUT_MS = 15 * 1000,
	DATAGRAM_TIMEOUT_MS =
		40 * 1000, /* ThingsBoard's DTLS repeats a flight after 9 s, then 18 s */
	DEFAULT_CONNECT_US = 5 * 1000 * 1000, /* name and address together */
	ATTEMPT_DELAY_US = 250 * 1000,        /* RFC 8305 5 */
	NEIGHBOURS_US = 1000 * 1000,
	FAREWELL_US = 250 * 1000,
	SILENCE_US =
		3 * 1000 * 1000, /* after which a peer is asked in clear; half the time at most */
	SECOND_US = 3 * 1000 * 1000,
	PING_US = 10 * 1000 * 1000, /* in which it is sent three times */
	PROGRESS_MS = 250,
};

enum phase {
	PHASE_RESOLVE,
	PHASE_CONNECT,
	PHASE_NEIGHBOURS,
	PHASE_PROXY,
	PHASE_HANDSHAKE,
	PHASE_SETTLE,
	PHASE_FAREWELL,
	PHASE_SECOND,
	PHASE_PING,
	PHASE_DONE,
};

static const struct {
	const char *stream;
	const char *datagrams;
} phase_names[] = {
	[PHASE_RESOLVE] = { "dns", "dns" },
	[PHASE_CONNECT] = { "tcp", "udp" },
	[PHASE_NEIGHBOURS] = { "tcp", "udp" },
	[PHASE_PROXY] = { "proxy", "proxy" },
	[PHASE_HANDSHAKE] = { "tls", "dtls" },
	[PHASE_SETTLE] = { "tls", "dtls" },
	[PHASE_FAREWELL] = { "tls", "dtls" },
	[PHASE_SECOND] = { "second", "second" },
	[PHASE_PING] = { "coap", "coap" },
	[PHASE_DONE] = { "done", "done" },
};

struct tbdi_probe {
	struct tbdi_report *report;
	const struct tbd_fetch_options *options;
	struct tbd_connection *connection; /* of the report; so are the next two */
	struct tbd_resolution *resolution;
	struct tbd_tls *seen;
	enum phase phase;
	int64_t phase_us;    /* when the step of this phase began */
	int64_t connect_us;  /* until when a connection has to stand */
	int64_t half_us;     /* when half of the time is over */
	int64_t deadline_us; /* of this phase */
	int64_t silence_us;  /* when a peer that said nothing is asked in clear, too */
	struct tbdi_lookup *lookup;
	struct tbdi_race race;
	struct tbdi_race neighbours;
	struct tbdi_proxy *proxy;       /* or NULL */
	struct tbdi_identity *identity; /* until the session owns it */
	int keylog;                     /* the same; or -1 */
	struct tbdi_tls *tls;
	struct tbdi_second *second;       /* or NULL */
	struct tbdi_datagrams *datagrams; /* of the report; NULL: it is TCP */
	struct tbdi_coap_ping ping;
	bool only_resolve;
	bool done;
};

static int64_t now(const struct tbdi_probe *probe)
{
	return tbdi_report_elapsed_us(probe->report);
}

static bool is_late(const struct tbdi_probe *probe)
{
	return now(probe) >= probe->deadline_us;
}

/* So long from now, or the connection's deadline. */
static int64_t until(const struct tbdi_probe *probe, int64_t wait_us)
{
	int64_t then = now(probe) + wait_us;
	return then < probe->report->deadline_us ? then : probe->report->deadline_us;
}

static const char *phase_name(const struct tbdi_probe *probe, enum phase phase)
{
	return probe->datagrams != NULL ? phase_names[phase].datagrams : phase_names[phase].stream;
}

static void enter(struct tbdi_probe *probe, enum phase phase, int64_t deadline_us)
{
	if (strcmp(phase_name(probe, phase), phase_name(probe, probe->phase)) != 0)
		probe->phase_us = now(probe);
	probe->phase = phase;
	probe->deadline_us = deadline_us;
}

/* Who is connected to: the proxy, where there is one. */
static const char *dialled_host(const struct tbdi_probe *probe)
{
	const struct tbd_proxy *proxy = probe->connection->proxy;
	return proxy != NULL ? proxy->host : probe->connection->host;
}

static uint16_t dialled_port(const struct tbdi_probe *probe)
{
	const struct tbd_proxy *proxy = probe->connection->proxy;
	return proxy != NULL ? proxy->port : probe->connection->port;
}

/* The step of the current phase is over. */
static int note_step(
	struct tbdi_probe *probe, enum tbd_end end, const char *detail, struct tbd_error *error)
{
	enum tbd_step_status status = end == TBD_END_OK ? TBD_STEP_OK
		: end == TBD_END_TIMEOUT                ? TBD_STEP_TIMEOUT
							: TBD_STEP_FAILED;
	const char *name = phase_name(probe, probe->phase);
	if (tbdi_report_step(probe->report, name, status, probe->phase_us, detail) < 0)
		return tbdi_fail_nomem(error);
	return 0;
}

/* ---- resolve --------------------------------------------------------------------------------- */

static int enter_resolve(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbd_resolution *resolution =
		tbdi_arena_alloc(&probe->report->arena, sizeof(*resolution));
	if (resolution == NULL)
		return tbdi_fail_nomem(error);
	resolution->name = dialled_host(probe);
	resolution->family = probe->options->family;
	probe->resolution = resolution;
	probe->connection->resolution = resolution;
	enter(probe, PHASE_RESOLVE, probe->connect_us);
	return tbdi_lookup_new(resolution->name, resolution->family, probe->options->resolver,
		&probe->lookup, error);
}

static int take_addresses(struct tbdi_probe *probe, const struct addrinfo *list)
{
	struct tbdi_arena *arena = &probe->report->arena;
	struct tbdi_address addresses[TBDI_ADDRESSES_MAX];
	struct tbdi_list texts = { NULL, 0, 0 };
	char text[NI_MAXHOST];
	size_t count =
		tbdi_addresses_sort(list, dialled_port(probe), addresses, TBDI_COUNT(addresses));
	for (size_t i = 0; i < count; i++) {
		tbdi_race_add(&probe->race, &addresses[i]);
		tbdi_address_text(&addresses[i], text);
		if (tbdi_list_add(arena, &texts, tbdi_arena_strdup(arena, text)) < 0)
			return TBD_E_NOMEM;
	}
	probe->resolution->addresses = (const char *const *)(void *)texts.items;
	probe->resolution->address_count = count;
	return 0;
}

static int end_resolution(struct tbdi_probe *probe, enum tbd_end end, struct tbd_error *error)
{
	probe->resolution->end = end;
	int rc = note_step(probe, end, probe->resolution->detail, error);
	if (rc < 0)
		return rc;
	if (probe->race.count > 0 && !probe->only_resolve)
		enter(probe, PHASE_CONNECT, probe->connect_us);
	else
		enter(probe, PHASE_DONE, probe->connect_us);
	return 1;
}

static int step_resolve(struct tbdi_probe *probe, struct tbd_error *error)
{
	const struct tbdi_answer *answer = tbdi_lookup_answer(probe->lookup);
	if (answer == NULL)
		return is_late(probe) ? end_resolution(probe, TBD_END_TIMEOUT, error) : 0;
	struct tbdi_arena *arena = &probe->report->arena;
	if (answer->code == 0)
		return take_addresses(probe, answer->list) < 0
			? tbdi_fail_nomem(error)
			: end_resolution(probe, TBD_END_OK, error);
	const char *words = answer->code == EAI_SYSTEM ? strerror(answer->system_error)
						       : gai_strerror(answer->code);
	probe->resolution->error = answer->code;
	probe->resolution->detail = tbdi_arena_strdup(arena, words);
	if (probe->resolution->detail == NULL)
		return tbdi_fail_nomem(error);
	return end_resolution(probe, TBD_END_ERROR, error);
}

/* ---- connect --------------------------------------------------------------------------------- */

static bool has_no_route(int error)
{
	return error == ENETUNREACH || error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* The address that refused, when nothing but refusals came; a family that this machine cannot dial at
 * all does not count. */
static const struct tbdi_address *refused_address(const struct tbdi_race *race)
{
	const struct tbdi_address *refused = NULL;
	for (size_t i = 0; i < race->started; i++) {
		const struct tbdi_runner *runner = &race->runners[i];
		if (runner->attempt->error == ECONNREFUSED && refused == NULL)
			refused = &runner->address;
		else if (runner->attempt->error != ECONNREFUSED &&
			!has_no_route(runner->attempt->error))
			return NULL;
	}
	return refused;
}

static void set_port(struct tbdi_address *address, uint16_t port)
{
	if (address->as.any.sa_family == AF_INET)
		address->as.ipv4.sin_port = htons(port);
	else
		address->as.ipv6.sin6_port = htons(port);
}

static void enter_neighbours(struct tbdi_probe *probe, const struct tbdi_address *refused)
{
	static const uint16_t ports[] = { 1883, 8883, 8080 };
	for (size_t i = 0; i < TBDI_COUNT(ports); i++) {
		struct tbdi_address address = *refused;
		if (ports[i] == probe->connection->port)
			continue;
		set_port(&address, ports[i]);
		tbdi_race_add(&probe->neighbours, &address);
	}
	enter(probe, PHASE_NEIGHBOURS, until(probe, NEIGHBOURS_US));
}

static int step_neighbours(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_race *race = &probe->neighbours;
	int rc = tbdi_race_step(race);
	if (rc == 0 && is_late(probe)) {
		tbdi_race_abandon(race, ETIMEDOUT);
		rc = 1;
	}
	probe->connection->neighbours =
		(const struct tbd_attempt *const *)(void *)race->attempts.items;
	probe->connection->neighbour_count = race->attempts.count;
	if (rc < 0)
		return tbdi_fail_nomem(error);
	if (rc > 0)
		enter(probe, PHASE_DONE, probe->deadline_us);
	return rc;
}

static int enter_handshake(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbd_tls *seen = tbdi_arena_alloc(&probe->report->arena, sizeof(*seen));
	if (seen == NULL)
		return tbdi_fail_nomem(error);
	const struct tbdi_tls_parts parts = { .fd = probe->race.winner_fd,
		.keylog = probe->keylog,
		.identity = probe->identity,
		.seen = seen,
		.chain = &probe->report->pub.chain,
		.datagrams = probe->datagrams };
	int rc = tbdi_tls_new(probe->report, probe->options, &parts, &probe->tls, error);
	if (rc < 0)
		return rc;
	probe->race.winner_fd = -1;
	probe->identity = NULL;
	probe->keylog = -1;
	probe->seen = seen;
	probe->connection->tls = seen;
	int64_t left = probe->report->deadline_us - now(probe);
	probe->silence_us = now(probe) + (left / 2 < SILENCE_US ? left / 2 : SILENCE_US);
	enter(probe, PHASE_HANDSHAKE, probe->report->deadline_us);
	return 1;
}

/* Where another address can be asked instead, the peer has no longer than to connect. */
static void enter_ping(struct tbdi_probe *probe)
{
	bool is_last = probe->race.started == probe->race.count;
	tbdi_coap_ping_begin(&probe->ping, probe->race.winner_fd, probe->datagrams);
	enter(probe, PHASE_PING, until(probe, is_last ? PING_US : DEFAULT_CONNECT_US));
}

/* It leads to the peer: directly, or by the proxy. */
static int use_connection(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (probe->report->pub.target->tls)
		return enter_handshake(probe, error);
	if (probe->datagrams != NULL && !probe->options->keep_open) {
		enter_ping(probe);
		return 1;
	}
	enter(probe, PHASE_DONE, probe->deadline_us);
	return 1;
}

static int enter_proxy(struct tbdi_probe *probe)
{
	const struct tbd_connection *connection = probe->connection;
	tbdi_proxy_begin(probe->proxy, probe->race.winner_fd, connection->host, connection->port);
	enter(probe, PHASE_PROXY, probe->report->deadline_us);
	return 1;
}

static int step_proxy(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_proxy_step(probe->proxy, error);
	if (rc == 0 && is_late(probe))
		rc = tbdi_proxy_time_out(probe->proxy, error);
	if (rc <= 0)
		return rc;
	const struct tbd_proxy *seen = tbdi_proxy_seen(probe->proxy);
	rc = note_step(probe, seen->end, seen->detail, error);
	if (rc < 0)
		return rc;
	if (seen->end == TBD_END_OK)
		return use_connection(probe, error);
	enter(probe, PHASE_DONE, probe->deadline_us);
	return 1;
}

static int end_connecting(struct tbdi_probe *probe, enum tbd_end end, struct tbd_error *error)
{
	struct tbd_connection *connection = probe->connection;
	const struct tbd_attempt *used = probe->race.winner;
	const char *detail = used != NULL       ? used->address
		: connection->attempt_count > 0 ? connection->attempts[0]->detail
						: NULL;
	connection->used = used;
	connection->tcp = end;
	int rc = note_step(probe, end, detail, error);
	if (rc < 0)
		return rc;
	if (end == TBD_END_OK)
		return probe->proxy != NULL ? enter_proxy(probe) : use_connection(probe, error);
	const struct tbdi_address *refused =
		end == TBD_END_ERROR && probe->proxy == NULL ? refused_address(&probe->race) : NULL;
	if (refused != NULL)
		enter_neighbours(probe, refused);
	else
		enter(probe, PHASE_DONE, probe->deadline_us);
	return 1;
}

static int step_connect(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_race *race = &probe->race;
	int rc = tbdi_race_step(race);
	bool late = rc == 0 && is_late(probe);
	if (late)
		tbdi_race_abandon(race, ETIMEDOUT);
	probe->connection->attempts =
		(const struct tbd_attempt *const *)(void *)race->attempts.items;
	probe->connection->attempt_count = race->attempts.count;
	if (rc < 0)
		return tbdi_fail_nomem(error);
	if (rc == 0 && !late)
		return 0;
	enum tbd_end end = race->winner != NULL ? TBD_END_OK
		: late                          ? TBD_END_TIMEOUT
						: TBD_END_ERROR;
	return end_connecting(probe, end, error);
}

/* ---- second ---------------------------------------------------------------------------------- */

/* One more connection to the address that was used. */
static int begin_second(struct tbdi_probe *probe, enum tbdi_second_kind kind, int64_t deadline_us,
	struct tbd_error *error)
{
	const struct tbdi_runner *used = probe->race.runners;
	while (used->attempt != probe->race.winner)
		used++;
	const struct tbdi_second_parts parts = { .kind = kind,
		.options = probe->options,
		.address = &used->address,
		.connection = probe->connection,
		.deadline_us = deadline_us };
	return tbdi_second_new(probe->report, &parts, &probe->second, error);
}

static void forget_second(struct tbdi_probe *probe)
{
	tbdi_second_free(probe->second);
	probe->second = NULL;
	probe->connection->plain = NULL;
}

enum { ALERT_HANDSHAKE_FAILURE = 40 }; /* RFC 8446 6.2 */

/* GnuTLS says handshake_failure of a version that it does not have, too. */
static bool may_be_about_versions(const struct tbd_tls *seen)
{
	return seen->end == TBD_END_VERSION ||
		(seen->last_message == NULL && seen->alert == ALERT_HANDSHAKE_FAILURE);
}

/* What another connection could tell; false: nothing. */
static bool choose_second(const struct tbdi_probe *probe, enum tbdi_second_kind *kind)
{
	const struct tbd_tls *seen = probe->seen;
	bool no_tls = seen->bytes_in == 0 || seen->first_bytes != NULL;
	if (no_tls)
		*kind = TBDI_SECOND_PLAIN;
	else if (may_be_about_versions(seen))
		*kind = TBDI_SECOND_OTHER_VERSION;
	else
		*kind = TBDI_SECOND_WITHOUT_SNI;
	return *kind != TBDI_SECOND_WITHOUT_SNI ||
		(probe->options->without_sni && seen->sni != NULL &&
			probe->report->pub.chain != NULL);
}

/* Some servers serve one at a time. */
static void close_first(struct tbdi_probe *probe)
{
	/* One try: nothing was sent that the peer could miss. */
	if (probe->seen->end == TBD_END_OK)
		(void)!tbdi_tls_bye(probe->tls);
	tbdi_tls_free(probe->tls);
	probe->tls = NULL;
}

/* What comes when the first connection has told all it can. */
static int enter_second(struct tbdi_probe *probe, struct tbd_error *error)
{
	enum tbdi_second_kind kind = TBDI_SECOND_PLAIN;
	bool wanted = probe->datagrams == NULL && choose_second(probe, &kind);
	int64_t left = probe->report->deadline_us - now(probe);
	/* The round trip behind it needs some, too. */
	int64_t most = probe->seen->end == TBD_END_OK ? left / 2 : left;
	if (probe->second != NULL && (!wanted || kind != TBDI_SECOND_PLAIN))
		forget_second(probe);
	if (probe->seen->end != TBD_END_OK || !probe->options->keep_open)
		close_first(probe);
	enter(probe, PHASE_DONE, probe->deadline_us);
	if (wanted && probe->second == NULL && left > 0) {
		int rc = begin_second(
			probe, kind, now(probe) + (most < SECOND_US ? most : SECOND_US), error);
		if (rc < 0)
			return rc;
	}
	if (probe->second != NULL)
		enter(probe, PHASE_SECOND, probe->report->deadline_us);
	return 1;
}

static int step_second(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_second_step(probe->second, error);
	if (rc > 0)
		enter(probe, PHASE_DONE, probe->deadline_us);
	return rc;
}

/* ---- handshake ------------------------------------------------------------------------------- */

static int end_handshake(struct tbdi_probe *probe, struct tbd_error *error)
{
	const struct tbd_tls *seen = probe->seen;
	const char *detail = seen->end == TBD_END_OK ? seen->version : seen->detail;
	int rc = note_step(probe, seen->end, detail, error);
	if (rc < 0)
		return rc;
	if (seen->alert_sent < 0)
		return enter_second(probe, error);
	enter(probe, PHASE_FAREWELL, until(probe, FAREWELL_US));
	return 1;
}

/* A server that waits for a CONNECT may do so for long: it is asked for its answer in clear while the one
 * in TLS may still come. 1: it speaks in clear. */
static int break_silence(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (probe->seen->bytes_in > 0)
		forget_second(probe);
	if (probe->seen->bytes_in > 0 || now(probe) < probe->silence_us)
		return 0;
	int rc = probe->second != NULL
		? 0
		: begin_second(probe, TBDI_SECOND_PLAIN, probe->report->deadline_us, error);
	if (rc == 0)
		rc = tbdi_second_step(probe->second, error);
	if (rc <= 0 || !tbdi_second_is_clear(probe->second))
		return rc < 0 ? rc : 0;
	return tbdi_tls_give_up(probe->tls, TBD_END_PROTOCOL, error);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

/* UDP has no connection that could be refused: that this address does not answer shows only now. For 0 as
 * the reason (an errno) it is dialled once more. */
static int dial_instead(struct tbdi_probe *probe, int reason, struct tbd_error *error)
{
	struct tbd_connection *connection = probe->connection;
	connection->used = NULL;
	connection->tcp = TBD_END_NONE;
	tbdi_datagrams_begin(probe->datagrams);
	if (tbdi_race_revoke(&probe->race, reason) < 0)
		return tbdi_fail_nomem(error);
	enter(probe, PHASE_CONNECT, probe->report->deadline_us);
	return 1;
}

static int dial_again(struct tbdi_probe *probe, int reason, struct tbd_error *error)
{
	tbdi_tls_abandon(probe->tls, &probe->identity, &probe->keylog);
	probe->tls = NULL;
	probe->seen = NULL;
	probe->connection->tls = NULL;
	return dial_instead(probe, reason, error);
}

static int step_ping(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_coap_ping_step(&probe->ping, now(probe));
	bool late = rc == 0 && is_late(probe);
	if (rc < 0 || (late && probe->race.started < probe->race.count)) {
		close(probe->race.winner_fd);
		probe->race.winner_fd = -1;
		return dial_instead(probe, late ? ETIMEDOUT : -rc, error);
	}
	if (rc == 0 && !late)
		return 0;
	rc = note_step(probe, late ? TBD_END_TIMEOUT : TBD_END_OK, NULL, error);
	enter(probe, PHASE_DONE, probe->deadline_us);
	return rc < 0 ? rc : 1;
}

static bool is_next_due(const struct tbdi_probe *probe)
{
	return probe->datagrams->pub.received == 0 && probe->race.started < probe->race.count;
}

/* Small datagrams came, and no chain: on some ways the large ones are lost (an MTU black hole). A chain that
 * came would have to be forgotten: what is judged must be what this very handshake brought. */
static bool is_small_due(const struct tbdi_probe *probe)
{
	return probe->datagrams->pub.received > 0 && !probe->datagrams->pub.small &&
		probe->report->pub.chain == NULL;
}

/* Until when to wait for the peer as things stand. */
static int64_t patience_us(const struct tbdi_probe *probe)
{
	const struct tbdi_race *race = &probe->race;
	int64_t deadline_us = probe->report->deadline_us;
	if (probe->datagrams != NULL && is_next_due(probe)) {
		int64_t addresses = (int64_t)(race->count - race->started) + 1;
		int64_t share_us = (deadline_us - probe->phase_us) / addresses;
		return probe->phase_us +
			(share_us < DEFAULT_CONNECT_US ? share_us : DEFAULT_CONNECT_US);
	}
	if (probe->datagrams != NULL && is_small_due(probe))
		return probe->half_us;
	return deadline_us;
}

static int end_patience(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (now(probe) >= probe->report->deadline_us)
		return tbdi_tls_give_up(probe->tls, TBD_END_TIMEOUT, error);
	if (is_next_due(probe))
		return dial_again(probe, ETIMEDOUT, error);
	if (note_step(probe, TBD_END_TIMEOUT, "once more, with small datagrams", error) < 0)
		return TBD_E_NOMEM;
	probe->datagrams->pub.small = true;
	return dial_again(probe, 0, error);
}

/* ---- handshake, for both --------------------------------------------------------------------- */

static int step_handshake(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_tls_handshake(probe->tls, error);
	if (rc > 0 && tbdi_tls_unreachable(probe->tls) != 0)
		return dial_again(probe, tbdi_tls_unreachable(probe->tls), error);
	if (rc == 0 && probe->datagrams == NULL)
		rc = break_silence(probe, error);
	probe->deadline_us = patience_us(probe);
	if (rc == 0 && is_late(probe))
		rc = end_patience(probe, error);
	if (rc <= 0 || probe->phase != PHASE_HANDSHAKE)
		return rc;
	if (probe->seen->end != TBD_END_OK)
		return end_handshake(probe, error);
	enter(probe, PHASE_SETTLE, until(probe, tbdi_tls_settle_us(probe->tls)));
	return 1;
}

static int step_settle(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (tbdi_tls_settle(probe->tls) == 0 && !is_late(probe))
		return 0;
	return end_handshake(probe, error);
}

static int step_farewell(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (tbdi_tls_farewell(probe->tls) == 0 && !is_late(probe))
		return 0;
	return enter_second(probe, error);
}

/* ---- the machine ----------------------------------------------------------------------------- */

static int open_connection(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_report *report = probe->report;
	struct tbd_connection *connection = tbdi_arena_alloc(&report->arena, sizeof(*connection));
	const struct tbd_fetch_options *options = probe->options;
	const struct tbd_target *target = report->pub.target;
	if (connection == NULL)
		return tbdi_fail_nomem(error);
	const char *host = options->connect_host;
	connection->host = host == NULL ? target->host : tbdi_arena_strdup(&report->arena, host);
	if (connection->host == NULL)
		return tbdi_fail_nomem(error);
	connection->port = options->connect_port != 0 ? options->connect_port : target->port;
	connection->redirected = host != NULL || options->connect_port != 0;
	bool is_udp = tbdi_target_is_coap(target);
	connection->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms
		: is_udp                                  ? DATAGRAM_TIMEOUT_MS
							  : DEFAULT_TIMEOUT_MS;
	if (is_udp) {
		probe->datagrams = tbdi_arena_alloc(&report->arena, sizeof(*probe->datagrams));
		if (probe->datagrams == NULL)
			return tbdi_fail_nomem(error);
		connection->datagrams = &probe->datagrams->pub;
		probe->race.datagrams = true;
	}
	if (options->proxy != NULL) {
		int rc = tbdi_proxy_new(report, options->proxy, &probe->proxy, error);
		if (rc < 0)
			return rc;
		connection->proxy = tbdi_proxy_seen(probe->proxy);
	}
	probe->connection = connection;
	report->pub.connection = connection;
	report->pub.insecure = options->insecure;
	return 0;
}

static int check_options(const struct tbdi_report *report, const struct tbd_fetch_options *options,
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
	if (options->cert_file == NULL && options->key_file != NULL)
		return tbdi_fail(error, TBD_E_INVALID, "a key was given without a certificate");
	if (options->proxy != NULL && options->addresses != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"a proxy looks for the host itself: addresses for it do not go with one");
	bool is_udp = tbdi_target_is_coap(report->pub.target);
	if (options->proxy != NULL && is_udp)
		return tbdi_fail(error, TBD_E_INVALID,
			"a proxy passes on connections, not datagrams: none for CoAP");
	if (is_udp && tbdi_tls_version_is_known(options->tls_version, false) &&
		!tbdi_tls_version_is_known(options->tls_version, true))
		return tbdi_fail(error, TBD_E_INVALID, "there is no DTLS %s, only 1.2",
			options->tls_version);
	if (!tbdi_tls_version_is_known(options->tls_version, is_udp))
		return tbdi_fail(error, TBD_E_INVALID, "TLS version \"%s\" is not 1.2 or 1.3",
			options->tls_version);
	return 0;
}

/* Dial an address that needs no resolver. */
static int take_literal(
	struct tbdi_probe *probe, const struct tbdi_address *address, struct tbd_error *error)
{
	int family = address->as.any.sa_family == AF_INET ? 4 : 6;
	if (probe->options->family != 0 && probe->options->family != family) {
		char text[NI_MAXHOST];
		tbdi_address_text(address, text);
		return tbdi_fail(error, TBD_E_INVALID, "%s is no IPv%d address", text,
			probe->options->family);
	}
	tbdi_race_add(&probe->race, address);
	enter(probe, PHASE_CONNECT, probe->connect_us);
	return 0;
}

/* Dial the addresses that the caller has for the name. */
static int take_given(struct tbdi_probe *probe, struct tbd_error *error)
{
	const char *const *given = probe->options->addresses;
	int rc = 0;
	for (size_t i = 0; rc == 0 && given[i] != NULL; i++) {
		struct tbdi_address address;
		if (!tbdi_address_parse(given[i], probe->connection->port, &address))
			return tbdi_fail(
				error, TBD_E_INVALID, "%s is no IPv4 or IPv6 address", given[i]);
		if (i == TBDI_ADDRESSES_MAX)
			return tbdi_fail(
				error, TBD_E_INVALID, "more than %d addresses", TBDI_ADDRESSES_MAX);
		rc = take_literal(probe, &address, error);
	}
	if (rc == 0 && given[0] == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_fetch: addresses without any");
	return rc;
}

static int begin(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_report *report = probe->report;
	struct tbdi_address address;
	int rc = open_connection(probe, error);
	if (rc < 0)
		return rc;
	int64_t start = now(probe) - report->spent_us;
	report->default_deadlines = probe->options->timeout_ms == 0;
	if (!report->default_deadlines)
		report->phase_ms = probe->options->timeout_ms;
	report->deadline_us = start + 1000 * probe->connection->timeout_ms;
	probe->half_us = start + 500 * probe->connection->timeout_ms;
	probe->connect_us =
		report->default_deadlines ? start + DEFAULT_CONNECT_US : report->deadline_us;
	const char *host = dialled_host(probe);
	bool is_literal = tbdi_address_parse(host, dialled_port(probe), &address);
	if (probe->options->addresses != NULL && is_literal)
		return tbdi_fail(error, TBD_E_INVALID,
			"%s is an address itself: others cannot stand for it", host);
	if (probe->options->addresses != NULL)
		return take_given(probe, error);
	return is_literal ? take_literal(probe, &address, error) : enter_resolve(probe, error);
}

int tbdi_probe_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_probe **out, struct tbd_error *error)
{
	int rc = check_options(report, options, error);
	if (rc < 0)
		return rc;
	struct tbdi_probe *probe = calloc(1, sizeof(*probe));
	if (probe == NULL)
		return tbdi_fail_nomem(error);
	probe->report = report;
	probe->options = options;
	probe->phase = PHASE_DONE;
	probe->keylog = -1;
	tbdi_race_init(&probe->race, report, ATTEMPT_DELAY_US);
	tbdi_race_init(&probe->neighbours, report, 0);
	probe->neighbours.to_the_end = true;
	rc = tbdi_identity_new(report, options, &probe->identity, error);
	if (rc == 0 && options->keylog_file != NULL)
		rc = tbdi_keylog_open(options->keylog_file, &probe->keylog, error);
	if (rc == 0)
		rc = begin(probe, error);
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

void tbdi_probe_free(struct tbdi_probe *probe)
{
	if (probe == NULL)
		return;
	tbdi_lookup_free(probe->lookup);
	tbdi_race_release(&probe->race);
	tbdi_race_release(&probe->neighbours);
	tbdi_identity_free(probe->identity);
	if (probe->keylog >= 0)
		close(probe->keylog);
	tbdi_tls_free(probe->tls);
	tbdi_second_free(probe->second);
	tbdi_proxy_free(probe->proxy);
	free(probe);
}

/* Hand the open connection over to the report, or close it. */
static int end_connection(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_report *report = probe->report;
	const struct tbd_verification *verification = report->pub.verification;
	bool verified = verification != NULL && verification->verified;
	bool secrets = report->pub.plain_consent || report->pub.insecure || verified;
	if (!probe->options->keep_open)
		return 1;
	struct tbdi_stream *stream = probe->tls != NULL
		? tbdi_stream_new_tls(probe->tls, secrets)
		: tbdi_stream_new(probe->race.winner_fd, probe->datagrams, secrets);
	if (tbdi_stream_keep(stream, report) < 0)
		return tbdi_fail_nomem(error);
	probe->tls = NULL;
	probe->race.winner_fd = -1;
	return 1;
}

/* All that stands before the protocol went well. */
static bool is_open(const struct tbdi_probe *probe)
{
	const struct tbd_connection *connection = probe->connection;
	if (connection->tcp != TBD_END_OK ||
		(connection->proxy != NULL && connection->proxy->end != TBD_END_OK))
		return false;
	return probe->seen == NULL || probe->seen->end == TBD_END_OK;
}

static int finish(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbd_report *report = &probe->report->pub;
	const struct tbd_verify_options *verify = probe->options->verify;
	/* A chain may have come although the handshake failed before the verdict was asked for. */
	if (verify != NULL && report->verification == NULL && report->chain != NULL) {
		int rc = tbd_verify(report, verify, error);
		if (rc < 0)
			return rc;
	}
	return is_open(probe) ? end_connection(probe, error) : 1;
}

int tbdi_probe_step(struct tbdi_probe *probe, struct tbd_error *error)
{
	static int (*const steps[])(struct tbdi_probe *, struct tbd_error *) = {
		[PHASE_RESOLVE] = step_resolve,
		[PHASE_CONNECT] = step_connect,
		[PHASE_NEIGHBOURS] = step_neighbours,
		[PHASE_PROXY] = step_proxy,
		[PHASE_HANDSHAKE] = step_handshake,
		[PHASE_SETTLE] = step_settle,
		[PHASE_FAREWELL] = step_farewell,
		[PHASE_SECOND] = step_second,
		[PHASE_PING] = step_ping,
	};
	while (probe->phase != PHASE_DONE) {
		int rc = steps[probe->phase](probe, error);
		if (rc <= 0)
			return rc;
	}
	return finish(probe, error);
}

size_t tbdi_probe_fds(const struct tbdi_probe *probe, struct pollfd *fds)
{
	size_t count = 0;
	if (probe->phase == PHASE_CONNECT)
		return tbdi_race_fds(&probe->race, fds);
	if (probe->phase == PHASE_NEIGHBOURS)
		return tbdi_race_fds(&probe->neighbours, fds);
	if (probe->phase == PHASE_RESOLVE)
		fds[count++] = (struct pollfd){ tbdi_lookup_fd(probe->lookup), POLLIN, 0 };
	else if (probe->phase == PHASE_PROXY)
		fds[count++] = (struct pollfd){ probe->race.winner_fd,
			tbdi_proxy_events(probe->proxy), 0 };
	else if (probe->phase == PHASE_PING)
		fds[count++] = (struct pollfd){ probe->race.winner_fd, POLLIN, 0 };
	else if (probe->phase != PHASE_SECOND)
		fds[count++] =
			(struct pollfd){ tbdi_tls_fd(probe->tls), tbdi_tls_events(probe->tls), 0 };
	if (probe->second != NULL)
		fds[count++] = tbdi_second_poll(probe->second);
	return count;
}

/* When something other than the phase itself is due. */
static int64_t wakeup(const struct tbdi_probe *probe)
{
	if (probe->phase == PHASE_CONNECT)
		return tbdi_race_wakeup(&probe->race);
	if (probe->phase == PHASE_PING)
		return probe->ping.again_us;
	if (probe->second != NULL)
		return tbdi_second_deadline(probe->second);
	if (probe->phase == PHASE_HANDSHAKE && probe->datagrams != NULL)
		return tbdi_tls_wakeup(probe->tls);
	if (probe->phase == PHASE_HANDSHAKE && probe->seen->bytes_in == 0)
		return probe->silence_us;
	return INT64_MAX;
}

int64_t tbdi_probe_deadline(const struct tbdi_probe *probe)
{
	int64_t due = wakeup(probe);
	return due < probe->deadline_us ? due : probe->deadline_us;
}

const char *tbdi_probe_phase(const struct tbdi_probe *probe, int64_t *since_us)
{
	*since_us = probe->phase_us;
	return phase_name(probe, probe->phase);
}

/* ---- with poll() ----------------------------------------------------------------------------- */

/* The first that is under way, or NULL. */
static const struct tbdi_probe *first_busy(struct tbdi_probe *const *probes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!probes[i]->done)
			return probes[i];
	return NULL;
}

static int report_progress(const struct tbdi_probe *probe, struct tbd_error *error)
{
	const struct tbd_fetch_options *options = probe->options;
	int64_t since = 0;
	const char *phase = tbdi_probe_phase(probe, &since);
	if (options->progress != NULL &&
		options->progress(options->progress_arg, phase, (now(probe) - since) / 1000) != 0)
		return tbdi_fail(error, TBD_E_CANCELLED, "cancelled");
	return 0;
}

/* 1: all of them are done. */
static int step_all(struct tbdi_probe *const *probes, size_t count, struct tbd_error *error)
{
	for (size_t i = 0; i < count; i++) {
		int rc = probes[i]->done ? 1 : tbdi_probe_step(probes[i], error);
		if (rc < 0)
			return rc;
		probes[i]->done = rc > 0;
	}
	return first_busy(probes, count) == NULL;
}

/* Wait for an event, a deadline, or at most so long. 1: a signal came. */
static int wait_for(
	struct tbdi_probe *const *probes, size_t count, int64_t wait_us, struct tbd_error *error)
{
	struct pollfd fds[TBDI_PROBES_MAX * TBDI_PROBE_FDS];
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		if (probes[i]->done)
			continue;
		int64_t left_us = tbdi_probe_deadline(probes[i]) - now(probes[i]);
		wait_us = left_us < wait_us ? left_us : wait_us;
		used += tbdi_probe_fds(probes[i], fds + used);
	}
	if (poll(fds, (nfds_t)used, wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000)) >= 0)
		return 0;
	return errno == EINTR ? 1 : tbdi_fail(error, TBD_E_SYSTEM, "poll: %s", strerror(errno));
}

int tbdi_probes_run(struct tbdi_probe *const *probes, size_t count, struct tbd_error *error)
{
	const char *told = "";
	int64_t tell_us = 0;
	int interrupted = 0;
	const struct tbdi_probe *probe;
	while ((probe = first_busy(probes, count)) != NULL) {
		int64_t since_us;
		const char *phase = tbdi_probe_phase(probe, &since_us);
		if (strcmp(phase, told) != 0 || interrupted || now(probe) >= tell_us) {
			int rc = report_progress(probe, error);
			if (rc < 0)
				return rc;
			told = phase;
			tell_us = now(probe) + PROGRESS_MS * 1000;
		}
		int rc = step_all(probes, count, error);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		interrupted = wait_for(probes, count, tell_us - now(probe), error);
		if (interrupted < 0)
			return interrupted;
	}
	return 0;
}

int tbd_fetch(
	struct tbd_report *report, const struct tbd_fetch_options *options, struct tbd_error *error)
{
	struct tbdi_probe *probe = NULL;
	int rc = tbdi_probe_new(tbdi_report_of(report), options, &probe, error);
	if (rc == 0 && options->keep_open)
		tbdi_module_preload(tbdi_scheme_protocol(
			report->target->scheme)); /* tbd_roundtrip() will be next */
	if (rc == 0)
		rc = tbdi_probes_run(&probe, 1, error);
	tbdi_probe_free(probe);
	return rc;
}
