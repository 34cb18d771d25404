/* SPDX-License-Identifier: MIT
 *
 * second-connection.c - one more probe, of the address of the first, to tell apart what the first could not:
 * MQTT or HTTP in clear, other versions of TLS, no server name.
 */
#include "net/probe-machine.h"

#include "base/protocol.h"
#include "net/mqtt-observer.h"
#include "net/tls.h"

#include <errno.h>

enum {
	MORE_US = 200 * 1000, /* for the rest of an answer that has begun */
	CONNACK_LEN = 4,
	SECOND_US = 3 * 1000 * 1000,
	ALERT_HANDSHAKE_FAILURE = 40, /* RFC 8446 6.2 */
};

/* ---- life ------------------------------------------------------------------------------------ */

/* Those of the first, so that it meets the same peer, less what a comparison must not have. */
static struct tbd_fetch_options second_options(
	const struct tbdi_probe *first, enum tbdi_probe_kind kind)
{
	struct tbd_fetch_options options = first->options;
	/* The verdict is about the first one's chain; nothing goes out here that would need another. */
	options.verify = NULL;
	options.insecure = false;
	/* The token, which is not among these, goes over a connection that is kept open. */
	options.keep_open = false;
	/* Whom the certificate is shown was decided for the first handshake. Before TLS 1.3 it goes in clear, and
	 * without a server name it may go to somebody else. */
	options.cert_file = NULL;
	options.key_file = NULL;
	options.cert_mem = options.key_mem = (struct tbd_bytes){ NULL, 0 };
	/* Who reads it looks for the one session that the report is about. */
	options.keylog_file = NULL;
	/* Whoever runs the first one tells of both. */
	options.progress = NULL;
	options.progress_arg = NULL;
	/* The address is known, and the first one's. */
	options.addresses = NULL;
	options.resolver = NULL;
	/* It is the last one. */
	options.without_sni = false;
	if (kind == TBDI_PROBE_WITHOUT_SNI)
		options.sni = "";
	return options;
}

/* The address that the first one used. */
static const struct tbdi_address *used_address(const struct tbdi_probe *first)
{
	return &first->race.runners[first->race.winner_index].address;
}

/* To be over by then. TBD_E_NOMEM, or what tbdi_proxy_new() fails with. */
static int second_new(const struct tbdi_probe *first, enum tbdi_probe_kind kind, int64_t end_us,
	struct tbdi_probe **out, struct tbd_error *error)
{
	struct tbd_fetch_options options = second_options(first, kind);
	struct tbdi_arena *arena = &first->report->arena;
	struct tbdi_probe *second = NULL;
	int rc = tbdi_probe_make(first->report, &options, kind, &second, error);
	if (rc < 0)
		return rc;
	if (kind == TBDI_PROBE_IN_CLEAR)
		second->plain = tbdi_arena_alloc(arena, sizeof(*second->plain));
	else
		second->other = tbdi_arena_alloc(arena, sizeof(*second->other));
	if (second->plain == NULL && second->other == NULL) {
		tbdi_probe_free(second);
		return tbdi_fail_nomem(error);
	}
	if (second->plain != NULL)
		second->plain->connack = -1;
	else
		second->chain = &second->other->chain;
	second->shown = first->connection;
	second->end_us = end_us;
	tbdi_race_add(&second->race, used_address(first));
	tbdi_probe_enter(second, TBDI_PROBE_CONNECT, end_us);
	*out = second;
	return 0;
}

static void forget_second(struct tbdi_probe *first)
{
	tbdi_probe_free(first->second);
	first->second = NULL;
	first->connection->plain = NULL;
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

void tbdi_second_begin(struct tbdi_probe *second)
{
	second->clear.fd = second->race.winner_fd;
	if (tbdi_protocol_of(second->report->pub.target)->id == TBDI_HTTP)
		send_text(&second->clear, request, sizeof(request) - 1);
	else
		send_text(&second->clear, connect_packet, sizeof(connect_packet) - 1);
}

/* Of any version: a length of 2 and more, flags, return code (MQTT 3.1.1 3.2, MQTT 5 3.2). */
static bool is_connack(const struct tbdi_socket *socket)
{
	const unsigned char *first = socket->first;
	return socket->bytes_in >= CONNACK_LEN && first[0] == 0x20 && first[1] >= 2 &&
		first[1] < 0x80 && first[2] <= 1;
}

static int end_in_clear(struct tbdi_probe *second, enum tbd_end how, struct tbd_error *error)
{
	const struct tbdi_socket *socket = &second->clear;
	struct tbd_plain *plain = second->plain;
	size_t kept =
		socket->bytes_in < sizeof(socket->first) ? socket->bytes_in : sizeof(socket->first);
	int done = tbdi_probe_over(second);
	plain->end = kept > 0 ? TBD_END_OK : how;
	if (kept == 0)
		return done;
	plain->first_bytes = tbdi_report_peer_bytes(second->report, socket->first, kept);
	if (plain->first_bytes == NULL)
		return tbdi_fail_nomem(error);
	if (is_connack(socket)) {
		plain->connack = socket->first[CONNACK_LEN - 1];
		plain->connack_name = tbdi_mqtt_connack_name(plain->connack);
		send_text(&second->clear, disconnect_packet, sizeof(disconnect_packet) - 1);
	}
	return done;
}

int tbdi_second_ask(struct tbdi_probe *second, struct tbd_error *error)
{
	struct tbdi_socket *socket = &second->clear;
	unsigned char buffer[TBDI_SOCKET_FIRST_MAX];
	for (;;) {
		if (is_connack(socket) || socket->bytes_in >= sizeof(socket->first))
			return end_in_clear(second, TBD_END_OK, error);
		bool has_begun = socket->bytes_in > 0;
		ssize_t got = tbdi_socket_recv(socket, buffer, sizeof(buffer));
		if (got == 0)
			return end_in_clear(second, TBD_END_CLOSED, error);
		if (got < 0 && errno == EAGAIN)
			return tbdi_probe_is_late(second)
				? end_in_clear(second, TBD_END_TIMEOUT, error)
				: 0;
		if (got < 0)
			return end_in_clear(
				second, errno == ECONNRESET ? TBD_END_RESET : TBD_END_ERROR, error);
		int64_t more_us = tbdi_probe_now(second) + MORE_US;
		if (!has_begun && second->deadline_us > more_us)
			second->deadline_us = more_us;
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

static void show_second(struct tbdi_probe *second)
{
	const struct tbd_connection *own = second->connection;
	struct tbd_connection *shown = second->shown;
	const struct tbd_attempt *attempt = own->attempt_count > 0 ? own->attempts[0] : NULL;
	if (second->kind == TBDI_PROBE_IN_CLEAR) {
		second->plain->attempt = attempt;
		shown->plain = second->plain;
		return;
	}
	second->other->attempt = attempt;
	second->other->tls = own->tls;
	if (second->kind == TBDI_PROBE_OTHER_VERSION)
		shown->other_version = second->other;
	else
		shown->without_sni = second->other;
}

int tbdi_second_finish(struct tbdi_probe *second, struct tbd_error *error)
{
	static const char *const texts[] = {
		[TBDI_PROBE_IN_CLEAR] = "in clear",
		[TBDI_PROBE_OTHER_VERSION] = "other TLS versions",
		[TBDI_PROBE_WITHOUT_SNI] = "without server name",
	};
	TBDI_TABLE_OF(texts, TBDI_PROBE_WITHOUT_SNI);
	const struct tbd_connection *own = second->connection;
	enum tbd_end end = own->tcp;
	/* A proxy that does not make this one, too, tells nothing of the peer. */
	bool blocked = end == TBD_END_OK && own->proxy != NULL && own->proxy->end != TBD_END_OK;
	if (blocked)
		end = own->proxy->end;
	else if (end == TBD_END_OK)
		end = second->plain != NULL ? second->plain->end : own->tls->end;
	if (!blocked)
		show_second(second);
	return tbdi_probe_note(second, end, texts[second->kind], error) < 0 ? TBD_E_NOMEM : 1;
}

/* ---- when, and what for ---------------------------------------------------------------------- */

/* It is done, and the peer's answer in clear was neither nothing nor TLS. */
static bool second_is_clear(const struct tbdi_probe *second)
{
	return second->done && second->clear.bytes_in > 0 &&
		!tbdi_socket_speaks_tls(&second->clear);
}

/* GnuTLS says handshake_failure of a version that it does not have, too. */
static bool may_be_about_versions(const struct tbd_tls *seen)
{
	return seen->end == TBD_END_VERSION ||
		(seen->last_message == NULL && seen->alert == ALERT_HANDSHAKE_FAILURE);
}

/* What another connection could tell; FIRST: nothing. */
static enum tbdi_probe_kind choose_second(const struct tbdi_probe *first)
{
	const struct tbd_tls *seen = first->seen;
	if (first->datagrams != NULL)
		return TBDI_PROBE_FIRST;
	if (seen->bytes_in == 0 || seen->first_bytes != NULL)
		return TBDI_PROBE_IN_CLEAR;
	if (may_be_about_versions(seen))
		return TBDI_PROBE_OTHER_VERSION;
	bool names = first->options.without_sni && seen->sni != NULL;
	return names && first->report->pub.chain != NULL ? TBDI_PROBE_WITHOUT_SNI
							 : TBDI_PROBE_FIRST;
}

int tbdi_second_enter(struct tbdi_probe *first, struct tbd_error *error)
{
	enum tbdi_probe_kind kind = choose_second(first);
	int64_t left = first->end_us - tbdi_probe_now(first);
	/* The round trip behind it needs some, too. */
	int64_t most = first->seen->end == TBD_END_OK ? left / 2 : left;
	if (first->second != NULL && kind != TBDI_PROBE_IN_CLEAR)
		forget_second(first);
	if (first->seen->end != TBD_END_OK || !first->options.keep_open)
		tbdi_probe_close_session(first); /* some servers serve one at a time */
	int rc = 0;
	if (kind != TBDI_PROBE_FIRST && first->second == NULL && left > 0)
		rc = second_new(first, kind,
			tbdi_probe_now(first) + (most < SECOND_US ? most : SECOND_US),
			&first->second, error);
	if (rc < 0)
		return rc;
	if (first->second == NULL)
		return tbdi_probe_over(first);
	tbdi_probe_enter(first, TBDI_PROBE_SECOND, first->end_us);
	return 1;
}

int tbdi_second_break_silence(struct tbdi_probe *first, struct tbd_error *error)
{
	if (first->seen->bytes_in > 0)
		forget_second(first);
	if (first->seen->bytes_in > 0 || tbdi_probe_now(first) < first->silence_us)
		return 0;
	int rc = first->second != NULL
		? 0
		: second_new(first, TBDI_PROBE_IN_CLEAR, first->end_us, &first->second, error);
	if (rc == 0)
		rc = tbdi_probe_step(first->second, error);
	if (rc <= 0 || !second_is_clear(first->second))
		return rc < 0 ? rc : 0;
	return tbdi_tls_give_up(first->tls, TBD_END_PROTOCOL, error);
}
