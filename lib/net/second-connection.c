/* SPDX-License-Identifier: MIT
 *
 * second-connection.c - one more connection to the address of the first, to tell apart what the first could not:
 * MQTT or HTTP in clear, other versions of TLS, no server name.
 */
#include "net/second-connection.h"

#include "net/identity.h"
#include "net/mqtt-observer.h"
#include "net/connect.h"
#include "net/proxy.h"
#include "net/target.h"
#include "net/tls.h"

#include <errno.h>

enum {
	MORE_US = 200 * 1000, /* for the rest of an answer that has begun */
	CONNACK_LEN = 4,
};

enum phase {
	PHASE_CONNECT,
	PHASE_PROXY,
	PHASE_ASK,       /* in clear */
	PHASE_HANDSHAKE, /* in TLS */
	PHASE_DONE,
};

struct tbdi_second {
	struct tbdi_report *report;
	struct tbd_connection *connection; /* of the report */
	enum tbdi_second_kind kind;
	struct tbd_fetch_options options;
	enum phase phase;
	int64_t start_us;
	int64_t deadline_us;
	struct tbdi_race race;
	struct tbdi_proxy *proxy;  /* or NULL */
	struct tbdi_socket socket; /* in clear */
	struct tbdi_tls *tls;
	struct tbd_plain *plain;                /* of the report, as are the next two */
	struct tbd_other_handshake *comparison; /* of the kinds that speak TLS */
	struct tbd_tls *seen;
};

static int64_t now(const struct tbdi_second *second)
{
	return tbdi_report_elapsed_us(second->report);
}

static bool is_late(const struct tbdi_second *second)
{
	return now(second) >= second->deadline_us;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* What it saw goes into the report only now, so that one that is given up leaves no trace. */
static void publish(struct tbdi_second *second)
{
	struct tbd_connection *connection = second->connection;
	const struct tbd_attempt *attempt =
		second->race.attempts.count > 0 ? second->race.attempts.items[0] : NULL;
	if (second->kind == TBDI_SECOND_PLAIN) {
		second->plain->attempt = attempt;
		connection->plain = second->plain;
		return;
	}
	second->comparison->attempt = attempt;
	second->comparison->tls = second->seen;
	if (second->kind == TBDI_SECOND_OTHER_VERSION)
		connection->other_version = second->comparison;
	else
		connection->without_sni = second->comparison;
}

static const char *kind_text(enum tbdi_second_kind kind)
{
	static const char *const texts[] = {
		[TBDI_SECOND_PLAIN] = "in clear",
		[TBDI_SECOND_OTHER_VERSION] = "other TLS versions",
		[TBDI_SECOND_WITHOUT_SNI] = "without server name",
	};
	return texts[kind];
}

static int end_unseen(struct tbdi_second *second, enum tbd_end end, struct tbd_error *error)
{
	enum tbd_step_status status = end == TBD_END_OK ? TBD_STEP_OK
		: end == TBD_END_TIMEOUT                ? TBD_STEP_TIMEOUT
							: TBD_STEP_FAILED;
	second->phase = PHASE_DONE;
	int rc = tbdi_report_step(
		second->report, "second", status, second->start_us, kind_text(second->kind));
	return rc < 0 ? tbdi_fail_nomem(error) : 1;
}

static int end(struct tbdi_second *second, enum tbd_end end, struct tbd_error *error)
{
	publish(second);
	return end_unseen(second, end, error);
}

/* ---- in clear -------------------------------------------------------------------------------- */

static void send_text(struct tbdi_socket *socket, const char *data, size_t len)
{
	struct iovec part = { .iov_len = len };
	memcpy(&part.iov_base, &data, sizeof(data)); /* sendmsg() does not write to it */
	/* The first bytes of a connection fit into its buffer; a peer that is gone shows when read. */
	(void)!tbdi_socket_send(socket, &part, 1);
}

/* MQTT 3.1.1: clean session, keep alive 60 s, client identifier "tbdiag", and no user name. */
static const char connect_packet[] = "\x10\x12\0\4MQTT\4\2\0\x3c\0\6tbdiag";
static const char disconnect_packet[] = "\xe0\0";
static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";

static void send_question(struct tbdi_second *second)
{
	if (tbdi_target_is_http(second->report->pub.target))
		send_text(&second->socket, request, sizeof(request) - 1);
	else
		send_text(&second->socket, connect_packet, sizeof(connect_packet) - 1);
}

/* Of any version: a length of 2 and more, flags, return code (MQTT 3.1.1 3.2, MQTT 5 3.2). */
static bool is_connack(const struct tbdi_socket *socket)
{
	const unsigned char *first = socket->first;
	return socket->bytes_in >= CONNACK_LEN && first[0] == 0x20 && first[1] >= 2 &&
		first[1] < 0x80 && first[2] <= 1;
}

static int end_in_clear(struct tbdi_second *second, enum tbd_end how, struct tbd_error *error)
{
	const struct tbdi_socket *socket = &second->socket;
	struct tbd_plain *plain = second->plain;
	if (socket->bytes_in == 0) {
		plain->end = how;
		return end(second, how, error);
	}
	size_t kept =
		socket->bytes_in < sizeof(socket->first) ? socket->bytes_in : sizeof(socket->first);
	plain->end = TBD_END_OK;
	plain->first_bytes = tbdi_report_peer_bytes(second->report, socket->first, kept);
	if (plain->first_bytes == NULL)
		return tbdi_fail_nomem(error);
	if (is_connack(socket)) {
		plain->connack = socket->first[CONNACK_LEN - 1];
		plain->connack_name = tbdi_mqtt_connack_name(plain->connack);
		send_text(&second->socket, disconnect_packet, sizeof(disconnect_packet) - 1);
	}
	return end(second, TBD_END_OK, error);
}

static int ask(struct tbdi_second *second, struct tbd_error *error)
{
	struct tbdi_socket *socket = &second->socket;
	unsigned char buffer[TBDI_SOCKET_FIRST_MAX];
	for (;;) {
		if (is_connack(socket) || socket->bytes_in >= sizeof(socket->first))
			return end_in_clear(second, TBD_END_OK, error);
		bool has_begun = socket->bytes_in > 0;
		ssize_t got = tbdi_socket_recv(socket, buffer, sizeof(buffer));
		if (got == 0)
			return end_in_clear(second, TBD_END_CLOSED, error);
		if (got < 0 && errno == EAGAIN)
			return is_late(second) ? end_in_clear(second, TBD_END_TIMEOUT, error) : 0;
		if (got < 0)
			return end_in_clear(
				second, errno == ECONNRESET ? TBD_END_RESET : TBD_END_ERROR, error);
		if (!has_begun && second->deadline_us > now(second) + MORE_US)
			second->deadline_us = now(second) + MORE_US;
	}
}

/* ---- in TLS ---------------------------------------------------------------------------------- */

static int handshake(struct tbdi_second *second, struct tbd_error *error)
{
	int rc = tbdi_tls_handshake(second->tls, error);
	if (rc == 0 && is_late(second))
		rc = tbdi_tls_give_up(second->tls, TBD_END_TIMEOUT, error);
	if (rc <= 0)
		return rc;
	/* One try: nothing was said that the peer could miss. */
	if (second->seen->end == TBD_END_OK)
		(void)!tbdi_tls_bye(second->tls);
	return end(second, second->seen->end, error);
}

static int begin_handshake(struct tbdi_second *second, int fd, struct tbd_error *error)
{
	struct tbd_tls *seen = tbdi_arena_alloc(&second->report->arena, sizeof(*seen));
	struct tbdi_identity *identity = NULL;
	int rc = seen == NULL
		? tbdi_fail_nomem(error)
		: tbdi_identity_new(second->report, &second->options, &identity, error);
	if (rc == 0) {
		const struct tbdi_tls_parts parts = { .fd = fd,
			.keylog = -1,
			.identity = identity,
			.seen = seen,
			.chain = &second->comparison->chain,
			.other_versions = second->kind == TBDI_SECOND_OTHER_VERSION };
		rc = tbdi_tls_new(second->report, &second->options, &parts, &second->tls, error);
	}
	if (rc < 0) {
		tbdi_identity_free(identity);
		return rc;
	}
	second->race.winner_fd = -1;
	second->seen = seen;
	second->phase = PHASE_HANDSHAKE;
	return 1;
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* It leads to the peer. */
static int speak(struct tbdi_second *second, struct tbd_error *error)
{
	int fd = second->race.winner_fd;
	if (second->kind != TBDI_SECOND_PLAIN)
		return begin_handshake(second, fd, error);
	second->race.winner_fd = -1;
	second->socket.fd = fd;
	send_question(second);
	second->phase = PHASE_ASK;
	return 1;
}

static int begin_proxy(struct tbdi_second *second)
{
	const struct tbd_connection *connection = second->connection;
	tbdi_proxy_begin(second->proxy, second->race.winner_fd, connection->host, connection->port);
	second->phase = PHASE_PROXY;
	return 1;
}

/* A proxy that does not make this one, too, tells nothing of the peer. */
static int proxy_step(struct tbdi_second *second, struct tbd_error *error)
{
	int rc = tbdi_proxy_step(second->proxy, error);
	if (rc == 0 && is_late(second))
		rc = tbdi_proxy_time_out(second->proxy, error);
	if (rc <= 0)
		return rc;
	enum tbd_end how = tbdi_proxy_seen(second->proxy)->end;
	return how == TBD_END_OK ? speak(second, error) : end_unseen(second, how, error);
}

static int connect_step(struct tbdi_second *second, struct tbd_error *error)
{
	int rc = tbdi_race_step(&second->race);
	bool late = rc == 0 && is_late(second);
	if (late)
		tbdi_race_abandon(&second->race, ETIMEDOUT);
	if (rc < 0)
		return tbdi_fail_nomem(error);
	if (rc == 0 && !late)
		return 0;
	if (second->race.winner_fd < 0)
		return end(second, late ? TBD_END_TIMEOUT : TBD_END_ERROR, error);
	return second->proxy != NULL ? begin_proxy(second) : speak(second, error);
}

int tbdi_second_step(struct tbdi_second *second, struct tbd_error *error)
{
	static int (*const steps[])(struct tbdi_second *, struct tbd_error *) = {
		[PHASE_CONNECT] = connect_step,
		[PHASE_PROXY] = proxy_step,
		[PHASE_ASK] = ask,
		[PHASE_HANDSHAKE] = handshake,
	};
	while (second->phase != PHASE_DONE) {
		int rc = steps[second->phase](second, error);
		if (rc <= 0)
			return rc;
	}
	return 1;
}

struct pollfd tbdi_second_poll(const struct tbdi_second *second)
{
	struct pollfd poll_fd = { .fd = -1 };
	if (second->phase == PHASE_CONNECT)
		(void)!tbdi_race_fds(&second->race, &poll_fd);
	else if (second->phase == PHASE_PROXY)
		poll_fd = (struct pollfd){ second->race.winner_fd, tbdi_proxy_events(second->proxy),
			0 };
	else if (second->phase == PHASE_ASK)
		poll_fd = (struct pollfd){ second->socket.fd, POLLIN, 0 };
	else if (second->phase == PHASE_HANDSHAKE)
		poll_fd = (struct pollfd){ tbdi_tls_fd(second->tls), tbdi_tls_events(second->tls),
			0 };
	return poll_fd;
}

int64_t tbdi_second_deadline(const struct tbdi_second *second)
{
	return second->phase == PHASE_DONE ? INT64_MAX : second->deadline_us;
}

bool tbdi_second_is_clear(const struct tbdi_second *second)
{
	return second->phase == PHASE_DONE && second->socket.bytes_in > 0 &&
		!tbdi_socket_speaks_tls(&second->socket);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* It verifies nobody, and shows nobody our certificate. */
static void set_options(struct tbdi_second *second, const struct tbd_fetch_options *options)
{
	second->options = (struct tbd_fetch_options)TBD_FETCH_OPTIONS_INIT;
	second->options.tls_version = options->tls_version;
	second->options.sni = second->kind == TBDI_SECOND_WITHOUT_SNI ? "" : options->sni;
}

int tbdi_second_new(struct tbdi_report *report, const struct tbdi_second_parts *parts,
	struct tbdi_second **out, struct tbd_error *error)
{
	struct tbdi_second *second = calloc(1, sizeof(*second));
	if (second == NULL)
		return tbdi_fail_nomem(error);
	second->report = report;
	second->connection = parts->connection;
	second->kind = parts->kind;
	second->start_us = tbdi_report_elapsed_us(report);
	second->deadline_us = parts->deadline_us;
	second->socket.fd = -1;
	set_options(second, parts->options);
	tbdi_race_init(&second->race, report, 0);
	tbdi_race_add(&second->race, parts->address);
	if (parts->kind == TBDI_SECOND_PLAIN)
		second->plain = tbdi_arena_alloc(&report->arena, sizeof(*second->plain));
	else
		second->comparison = tbdi_arena_alloc(&report->arena, sizeof(*second->comparison));
	int rc = second->plain == NULL && second->comparison == NULL ? tbdi_fail_nomem(error) : 0;
	if (rc == 0 && parts->options->proxy != NULL)
		rc = tbdi_proxy_new(report, parts->options->proxy, &second->proxy, error);
	if (rc < 0) {
		tbdi_second_free(second);
		return rc;
	}
	if (second->plain != NULL)
		second->plain->connack = -1;
	*out = second;
	return 0;
}

void tbdi_second_free(struct tbdi_second *second)
{
	if (second == NULL)
		return;
	tbdi_race_release(&second->race);
	tbdi_socket_close(&second->socket);
	tbdi_tls_free(second->tls);
	tbdi_proxy_free(second->proxy);
	free(second);
}
