/* SPDX-License-Identifier: MIT
 *
 * probe.c - resolve, connect, handshake: one target as a state machine that never blocks. Its states are told in
 * probe-machine.h.
 */
#include "net/probe-machine.h"

#include "base/protocol.h"
#include "net/connect.h"
#include "net/stream.h"
#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

enum {
	NEIGHBOURS_US = 1000 * 1000,
	FAREWELL_US = 250 * 1000,
	SILENCE_US =
		3 * 1000 * 1000, /* after which a peer is asked in clear; half the time at most */
	PING_US = 10 * 1000 * 1000, /* in which it is sent three times */
};

int64_t tbdi_probe_now(const struct tbdi_probe *probe)
{
	return tbdi_report_elapsed_us(probe->report);
}

/* So long from now, or the probe's deadline. */
static int64_t probe_until(const struct tbdi_probe *probe, int64_t wait_us)
{
	int64_t then = tbdi_probe_now(probe) + wait_us;
	return then < probe->end_us ? then : probe->end_us;
}

/* As the report names it. All of another connection is one step. */
static const char *phase_name(const struct tbdi_probe *probe, enum tbdi_probe_state state)
{
	static const struct {
		const char *stream;
		const char *datagrams;
	} names[] = {
		[TBDI_PROBE_DONE] = { "done", "done" },
		[TBDI_PROBE_RESOLVE] = { "dns", "dns" },
		[TBDI_PROBE_CONNECT] = { "tcp", "udp" },
		[TBDI_PROBE_NEIGHBOURS] = { "tcp", "udp" },
		[TBDI_PROBE_PROXY] = { "proxy", "proxy" },
		[TBDI_PROBE_HANDSHAKE] = { "tls", "dtls" },
		[TBDI_PROBE_SETTLE] = { "tls", "dtls" },
		[TBDI_PROBE_FAREWELL] = { "tls", "dtls" },
		[TBDI_PROBE_SECOND] = { "second", "second" },
		[TBDI_PROBE_ASK] = { "second", "second" },
		[TBDI_PROBE_PING] = { "coap", "coap" },
		[TBDI_PROBE_HOLD] = { "second", "second" },
		[TBDI_PROBE_IDLING] = { "second", "second" },
	};
	TBDI_TABLE_OF(names, TBDI_PROBE_IDLING);
	if (!tbdi_probe_is_first(probe))
		return "second";
	return probe->datagrams != NULL ? names[state].datagrams : names[state].stream;
}

void tbdi_probe_enter(struct tbdi_probe *probe, enum tbdi_probe_state state, int64_t deadline_us)
{
	if (strcmp(phase_name(probe, state), phase_name(probe, probe->state)) != 0)
		probe->phase_us = tbdi_probe_now(probe);
	probe->state = state;
	probe->deadline_us = deadline_us;
}

int tbdi_probe_over(struct tbdi_probe *probe)
{
	tbdi_probe_enter(probe, TBDI_PROBE_DONE, INT64_MAX);
	return 1;
}

int tbdi_probe_note(
	struct tbdi_probe *probe, enum tbd_end end, const char *detail, struct tbd_error *error)
{
	enum tbd_step_status status = end == TBD_END_OK ? TBD_STEP_OK
		: end == TBD_END_TIMEOUT                ? TBD_STEP_TIMEOUT
							: TBD_STEP_FAILED;
	const char *name = phase_name(probe, probe->state);
	if (tbdi_report_step(probe->report, name, status, probe->phase_us, detail) < 0)
		return tbdi_fail_nomem(error);
	return 0;
}

/* The step of this state is over, for the report. */
static int note_step(
	struct tbdi_probe *probe, enum tbd_end end, const char *detail, struct tbd_error *error)
{
	return tbdi_probe_is_first(probe) ? tbdi_probe_note(probe, end, detail, error) : 0;
}

/* ---- resolve --------------------------------------------------------------------------------- */

static int take_addresses(struct tbdi_probe *probe, const struct addrinfo *list)
{
	struct tbdi_arena *arena = &probe->report->arena;
	struct tbdi_address addresses[TBDI_ADDRESSES_MAX];
	struct tbdi_list texts = { NULL, 0, 0 };
	char text[NI_MAXHOST];
	size_t count = tbdi_addresses_sort(list, probe->port, addresses, TBDI_COUNT(addresses));
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
	if (probe->race.count == 0 || probe->only_resolve)
		return tbdi_probe_over(probe);
	tbdi_probe_enter(probe, TBDI_PROBE_CONNECT, probe->connect_us);
	return 1;
}

static int step_resolve(struct tbdi_probe *probe, struct tbd_error *error)
{
	const struct tbdi_answer *answer = tbdi_lookup_answer(probe->lookup);
	if (answer == NULL)
		return tbdi_probe_is_late(probe) ? end_resolution(probe, TBD_END_TIMEOUT, error)
						 : 0;
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

int tbdi_probe_enter_neighbours(struct tbdi_probe *probe, struct tbdi_address refused)
{
	uint16_t ports[TBDI_SCHEME_COUNT];
	size_t count = tbdi_listener_ports(ports);
	struct tbdi_race *race = &probe->race; /* of its runners none is left */
	tbdi_race_init(race, probe->report, 0);
	race->to_the_end = true;
	for (size_t i = 0; i < count; i++) {
		if (ports[i] == probe->connection->port)
			continue;
		set_port(&refused, ports[i]);
		tbdi_race_add(race, &refused);
	}
	tbdi_probe_enter(probe, TBDI_PROBE_NEIGHBOURS, probe_until(probe, NEIGHBOURS_US));
	return 1;
}

/* Something runs there, but not HTTP, which ThingsBoard opens last: whether CoAP is there, too, tells more. */
static bool may_be_starting(const struct tbdi_race *race)
{
	bool is_open = false, is_closed = false;
	for (size_t i = 0; i < race->count; i++) {
		const struct tbd_attempt *attempt = race->runners[i].attempt;
		if (race->runners[i].pinged)
			return false;
		is_open = is_open || attempt->connected;
		is_closed = is_closed ||
			(attempt->port == tbdi_protocols[TBDI_HTTP].listener.port &&
				attempt->error == ECONNREFUSED);
	}
	return is_open && is_closed;
}

static void add_pings(struct tbdi_race *race)
{
	struct tbdi_address address = race->runners[0].address;
	for (size_t i = 0; i < TBDI_SCHEME_COUNT; i++) {
		const struct tbdi_scheme *scheme = &tbdi_schemes[i];
		if (!tbdi_protocols[scheme->protocol].is_datagrams)
			continue;
		set_port(&address, scheme->port);
		tbdi_race_add_ping(race, &address);
	}
}

static int step_neighbours(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_race *race = &probe->race;
	int rc = tbdi_race_step(race);
	if (rc > 0 && may_be_starting(race)) {
		add_pings(race);
		rc = tbdi_race_step(race);
	}
	if (rc == 0 && tbdi_probe_is_late(probe)) {
		tbdi_race_abandon(race, ETIMEDOUT);
		rc = 1;
	}
	probe->connection->neighbours =
		(const struct tbd_attempt *const *)(void *)race->attempts.items;
	probe->connection->neighbour_count = race->attempts.count;
	if (rc < 0)
		return tbdi_fail_nomem(error);
	return rc > 0 ? tbdi_second_enter_own_port(probe, error) : 0;
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
		.chain = probe->chain,
		.other_versions = probe->kind == TBDI_PROBE_OTHER_VERSION,
		.datagrams = probe->datagrams,
		.priorities = probe->priorities };
	int rc = tbdi_tls_new(probe->report, &probe->options, &parts, &probe->tls, error);
	if (rc < 0)
		return rc;
	probe->race.winner_fd = -1;
	probe->identity = NULL;
	probe->keylog = -1;
	probe->seen = seen;
	probe->connection->tls = seen;
	int64_t half = (probe->end_us - tbdi_probe_now(probe)) / 2;
	probe->silence_us = tbdi_probe_is_first(probe)
		? tbdi_probe_now(probe) + (half < SILENCE_US ? half : SILENCE_US)
		: INT64_MAX;
	tbdi_probe_enter(probe, TBDI_PROBE_HANDSHAKE, probe->end_us);
	rc = tbdi_second_accompany(probe, error);
	return rc < 0 ? rc : 1;
}

/* Where another address can be asked instead, the peer has no longer than to connect. */
static int enter_ping(struct tbdi_probe *probe)
{
	bool is_last = probe->race.started == probe->race.count;
	tbdi_coap_ping_begin(&probe->ping, probe->race.winner_fd, probe->datagrams);
	tbdi_probe_enter(
		probe, TBDI_PROBE_PING, probe_until(probe, is_last ? PING_US : TBDI_CONNECT_US));
	return 1;
}

static int enter_ask(struct tbdi_probe *probe)
{
	tbdi_second_begin(probe);
	tbdi_probe_enter(probe, TBDI_PROBE_ASK, probe->end_us);
	return 1;
}

/* It leads to the peer: directly, or by the proxy. */
static int use_connection(struct tbdi_probe *probe, struct tbd_error *error)
{
	tbdi_proxy_header_send(probe->race.winner_fd, probe->options.proxy_protocol);
	if (probe->plain != NULL)
		return enter_ask(probe);
	if (probe->report->pub.target->tls || probe->kind == TBDI_PROBE_OWN_PORT)
		return enter_handshake(probe, error);
	if (probe->datagrams != NULL && !probe->options.keep_open)
		return enter_ping(probe);
	return tbdi_probe_over(probe);
}

static int enter_proxy(struct tbdi_probe *probe)
{
	const struct tbd_connection *connection = probe->connection;
	tbdi_proxy_begin(probe->proxy, probe->race.winner_fd, connection->host, connection->port);
	tbdi_probe_enter(probe, TBDI_PROBE_PROXY, probe->end_us);
	return 1;
}

/* What follows when the connection stands. */
static int go_on(struct tbdi_probe *probe, struct tbd_error *error)
{
	return probe->proxy != NULL ? enter_proxy(probe) : use_connection(probe, error);
}

static int enter_hold(struct tbdi_probe *probe)
{
	tbdi_probe_enter(probe, TBDI_PROBE_HOLD, probe->end_us);
	return 1;
}

static int step_hold(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (probe->may_begin)
		return go_on(probe, error);
	return tbdi_probe_is_late(probe) ? tbdi_probe_over(probe) : 0;
}

static int step_proxy(struct tbdi_probe *probe, struct tbd_error *error)
{
	int rc = tbdi_proxy_step(probe->proxy, error);
	if (rc == 0 && tbdi_probe_is_late(probe))
		rc = tbdi_proxy_time_out(probe->proxy, error);
	if (rc <= 0)
		return rc;
	const struct tbd_proxy *seen = probe->connection->proxy;
	rc = note_step(probe, seen->end, seen->detail, error);
	if (rc < 0)
		return rc;
	return seen->end == TBD_END_OK ? use_connection(probe, error) : tbdi_probe_over(probe);
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
		return probe->kind == TBDI_PROBE_TLS12 ? enter_hold(probe) : go_on(probe, error);
	bool may_ask = end == TBD_END_ERROR && probe->proxy == NULL && tbdi_probe_is_first(probe);
	const struct tbdi_address *refused = may_ask ? refused_address(&probe->race) : NULL;
	return refused != NULL ? tbdi_probe_enter_neighbours(probe, *refused)
			       : tbdi_probe_over(probe);
}

static int step_connect(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_race *race = &probe->race;
	int rc = tbdi_race_step(race);
	bool late = rc == 0 && tbdi_probe_is_late(probe);
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

/* ---- handshake ------------------------------------------------------------------------------- */

void tbdi_probe_close_session(struct tbdi_probe *probe)
{
	/* One try: nothing was said that the peer could miss. */
	if (probe->seen->end == TBD_END_OK)
		(void)!tbdi_tls_bye(probe->tls);
	tbdi_tls_free(probe->tls);
	probe->tls = NULL;
}

static int end_handshake(struct tbdi_probe *probe, struct tbd_error *error)
{
	const struct tbd_tls *seen = probe->seen;
	const char *detail = seen->end == TBD_END_OK ? seen->version : seen->detail;
	if (probe->kind == TBDI_PROBE_IDLE && seen->end == TBD_END_OK) {
		tbdi_probe_enter(probe, TBDI_PROBE_IDLING, probe->end_us);
		return 1;
	}
	if (!tbdi_probe_is_first(probe)) {
		tbdi_probe_close_session(probe);
		return tbdi_probe_over(probe);
	}
	int rc = note_step(probe, seen->end, detail, error);
	if (rc < 0)
		return rc;
	if (seen->alert_sent < 0)
		return tbdi_second_enter(probe, error);
	tbdi_probe_enter(probe, TBDI_PROBE_FAREWELL, probe_until(probe, FAREWELL_US));
	return 1;
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
	tbdi_probe_enter(probe, TBDI_PROBE_CONNECT, probe->end_us);
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
	int rc = tbdi_coap_ping_step(&probe->ping, tbdi_probe_now(probe));
	bool late = rc == 0 && tbdi_probe_is_late(probe);
	if (rc < 0 || (late && probe->race.started < probe->race.count)) {
		close(probe->race.winner_fd);
		probe->race.winner_fd = -1;
		return dial_instead(probe, late ? ETIMEDOUT : -rc, error);
	}
	if (rc == 0 && !late)
		return 0;
	rc = note_step(probe, late ? TBD_END_TIMEOUT : TBD_END_OK, NULL, error);
	return rc < 0 ? rc : tbdi_probe_over(probe);
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
	int64_t deadline_us = probe->end_us;
	if (probe->datagrams != NULL && is_next_due(probe)) {
		int64_t addresses = (int64_t)(race->count - race->started) + 1;
		int64_t share_us = (deadline_us - probe->phase_us) / addresses;
		return probe->phase_us + (share_us < TBDI_CONNECT_US ? share_us : TBDI_CONNECT_US);
	}
	if (probe->datagrams != NULL && is_small_due(probe))
		return probe->half_us;
	return deadline_us;
}

static int end_patience(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (tbdi_probe_now(probe) >= probe->end_us)
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
		rc = tbdi_second_break_silence(probe, error);
	probe->deadline_us = patience_us(probe);
	if (rc == 0 && tbdi_probe_is_late(probe))
		rc = end_patience(probe, error);
	if (rc <= 0 || probe->state != TBDI_PROBE_HANDSHAKE)
		return rc;
	/* What is only compared need not wait for the peer to be content. */
	if (probe->seen->end != TBD_END_OK || !tbdi_probe_is_first(probe))
		return end_handshake(probe, error);
	tbdi_probe_enter(
		probe, TBDI_PROBE_SETTLE, probe_until(probe, tbdi_tls_settle_us(probe->tls)));
	return 1;
}

static int step_settle(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (tbdi_tls_settle(probe->tls) == 0 && !tbdi_probe_is_late(probe))
		return 0;
	return end_handshake(probe, error);
}

static int step_farewell(struct tbdi_probe *probe, struct tbd_error *error)
{
	if (tbdi_tls_farewell(probe->tls) == 0 && !tbdi_probe_is_late(probe))
		return 0;
	return tbdi_second_enter(probe, error);
}

/* Nothing is said: a server waits for what a device sends. */
static int step_idling(struct tbdi_probe *probe, struct tbd_error *error TBDI_UNUSED)
{
	unsigned char byte;
	ssize_t got = tbdi_tls_read(probe->tls, &byte, 1);
	if (got == TBDI_STREAM_AGAIN && !tbdi_probe_is_late(probe))
		return 0;
	probe->idle = got == TBDI_STREAM_END || got == TBDI_STREAM_FAILED ? tbdi_tls_end(probe->tls)
									  : TBD_END_TIMEOUT;
	tbdi_probe_close_session(probe);
	return tbdi_probe_over(probe);
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* Hand the open connection over to the report, or close it. */
static int end_connection(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbdi_report *report = probe->report;
	const struct tbd_verification *verification = report->pub.verification;
	bool verified = verification != NULL && verification->verified;
	bool secrets = report->pub.plain_consent || report->pub.insecure || verified;
	if (!probe->options.keep_open)
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

static int probe_finish(struct tbdi_probe *probe, struct tbd_error *error)
{
	struct tbd_report *report = &probe->report->pub;
	const struct tbd_verify_options *verify = probe->options.verify;
	if (!tbdi_probe_is_first(probe))
		return tbdi_second_finish(probe, error);
	/* A chain may have come although the handshake failed before the verdict was asked for. */
	if (verify != NULL && report->verification == NULL && report->chain != NULL) {
		int rc = tbd_verify(report, verify, error);
		if (rc < 0)
			return rc;
	}
	int rc = tbdi_second_compare(probe, error);
	if (rc < 0)
		return rc;
	return is_open(probe) ? end_connection(probe, error) : 1;
}

int tbdi_probe_step(struct tbdi_probe *probe, struct tbd_error *error)
{
	static int (*const steps[])(struct tbdi_probe *, struct tbd_error *) = {
		[TBDI_PROBE_RESOLVE] = step_resolve,
		[TBDI_PROBE_CONNECT] = step_connect,
		[TBDI_PROBE_NEIGHBOURS] = step_neighbours,
		[TBDI_PROBE_PROXY] = step_proxy,
		[TBDI_PROBE_HANDSHAKE] = step_handshake,
		[TBDI_PROBE_SETTLE] = step_settle,
		[TBDI_PROBE_FAREWELL] = step_farewell,
		[TBDI_PROBE_SECOND] = tbdi_second_step,
		[TBDI_PROBE_ASK] = tbdi_second_ask,
		[TBDI_PROBE_PING] = step_ping,
		[TBDI_PROBE_HOLD] = step_hold,
		[TBDI_PROBE_IDLING] = step_idling,
	};
	TBDI_TABLE_OF(steps, TBDI_PROBE_IDLING);
	while (probe->state != TBDI_PROBE_DONE) {
		int rc = tbdi_second_step_beside(probe, error);
		if (rc == 0)
			rc = steps[probe->state](probe, error);
		if (rc <= 0)
			return rc;
	}
	if (probe->done)
		return 1;
	int rc = probe_finish(probe, error);
	probe->done = rc > 0;
	tbdi_race_release(&probe->race); /* the peer need not wait for all the others */
	return rc;
}

size_t tbdi_probe_fds(const struct tbdi_probe *probe, struct pollfd *fds)
{
	size_t count = 0;
	switch (probe->state) {
	case TBDI_PROBE_CONNECT:
	case TBDI_PROBE_NEIGHBOURS:
		count = tbdi_race_fds(&probe->race, fds);
		break;
	case TBDI_PROBE_RESOLVE:
		fds[count++] = (struct pollfd){ tbdi_lookup_fd(probe->lookup), POLLIN, 0 };
		break;
	case TBDI_PROBE_PROXY:
		fds[count++] = (struct pollfd){ probe->race.winner_fd,
			tbdi_proxy_events(probe->proxy), 0 };
		break;
	case TBDI_PROBE_ASK:
	case TBDI_PROBE_PING:
		fds[count++] = (struct pollfd){ probe->race.winner_fd, POLLIN, 0 };
		break;
	case TBDI_PROBE_HANDSHAKE:
	case TBDI_PROBE_SETTLE:
	case TBDI_PROBE_FAREWELL:
	case TBDI_PROBE_IDLING:
		fds[count++] =
			(struct pollfd){ tbdi_tls_fd(probe->tls), tbdi_tls_events(probe->tls), 0 };
		break;
	case TBDI_PROBE_HOLD:
	case TBDI_PROBE_SECOND:
	case TBDI_PROBE_DONE:
		break;
	}
	if (probe->second != NULL)
		count += tbdi_probe_fds(probe->second, fds + count);
	if (probe->beside != NULL)
		count += tbdi_probe_fds(probe->beside, fds + count);
	return count;
}

/* When something other than the state itself is due. */
static int64_t wakeup(const struct tbdi_probe *probe)
{
	if (probe->state == TBDI_PROBE_CONNECT || probe->state == TBDI_PROBE_NEIGHBOURS)
		return tbdi_race_wakeup(&probe->race);
	if (probe->state == TBDI_PROBE_PING)
		return probe->ping.again_us;
	if (probe->state == TBDI_PROBE_HANDSHAKE && probe->datagrams != NULL)
		return tbdi_tls_wakeup(probe->tls);
	if (probe->state == TBDI_PROBE_HANDSHAKE && probe->seen->bytes_in == 0 &&
		probe->second == NULL)
		return probe->silence_us;
	return INT64_MAX;
}

int64_t tbdi_probe_deadline(const struct tbdi_probe *probe)
{
	const struct tbdi_probe *const others[] = { probe->second, probe->beside };
	int64_t due = wakeup(probe);
	due = due < probe->deadline_us ? due : probe->deadline_us;
	for (size_t i = 0; i < TBDI_COUNT(others); i++) {
		int64_t its = others[i] != NULL ? tbdi_probe_deadline(others[i]) : INT64_MAX;
		due = its < due ? its : due;
	}
	return due;
}

const char *tbdi_probe_phase(const struct tbdi_probe *probe, int64_t *since_us)
{
	*since_us = probe->phase_us;
	return phase_name(probe, probe->state);
}
