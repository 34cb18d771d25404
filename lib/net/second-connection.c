/* SPDX-License-Identifier: MIT
 *
 * second-connection.c - more probes, of the address of the first, to tell apart what the first could not: MQTT or
 * HTTP in clear, other versions of TLS, with and without server name, application protocols.
 */
#include "net/probe-machine.h"

#include "base/devices.h"
#include "base/protocol.h"
#include "net/mqtt-observer.h"
#include "net/tls.h"
#include "verify/chain.h"
#include "x509/der.h"

#include <errno.h>

enum {
	MORE_US = 200 * 1000, /* for the rest of an answer that has begun */
	CONNACK_LEN = 4,
	SECOND_US = 3 * 1000 * 1000,
	HEADER_US = 1000 * 1000,
	BESIDE_MIN_US = 500 * 1000,
	HTTPS_PORT = 443,
	/* RFC 8446 6.2 */
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/* What brokers are asked for on a port that they share with HTTPS; AWS has a name of its own. */
#define ALPN_MQTT "mqtt,x-amzn-mqtt-ca"
#define ALPN_AWS "x-amzn-mqtt-ca"

/* ---- life ------------------------------------------------------------------------------------ */

static bool is_aws(const char *host)
{
	return strcasestr(host, ".amazonaws.") != NULL;
}

/* The device that the verdict is asked for; or NULL. */
static const struct tbdi_device *device_of(const struct tbdi_probe *first)
{
	const struct tbd_verify_options *verify = first->options.verify;
	return verify != NULL ? tbdi_device_find(verify->device) : NULL;
}

/* Those of the first, so that it meets the same peer, less what a comparison must not have. */
static struct tbd_fetch_options second_options(
	const struct tbdi_probe *first, enum tbdi_probe_kind kind)
{
	const struct tbdi_device *device = kind == TBDI_PROBE_AS_DEVICE ? device_of(first) : NULL;
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
	/* Nothing follows it. */
	options.without_sni = false;
	options.also_tls12 = false;
	if (kind == TBDI_PROBE_WITHOUT_SNI)
		options.sni = "";
	if (kind == TBDI_PROBE_WITH_SNI)
		options.sni = NULL;
	if (kind == TBDI_PROBE_WITH_ALPN)
		options.alpn = is_aws(first->report->pub.target->host) ? ALPN_AWS : ALPN_MQTT;
	if (kind == TBDI_PROBE_TLS12)
		options.tls_version = "1.2";
	if (device != NULL && !device->pub.sends_sni)
		options.sni = "";
	if (kind == TBDI_PROBE_OTHER_HEADER)
		options.proxy_protocol = first->options.proxy_protocol == NULL ? "v1" : NULL;
	return options;
}

/* The address that the first one used. */
static const struct tbdi_address *used_address(const struct tbdi_probe *first)
{
	return &first->race.runners[first->race.winner_index].address;
}

/* ThingsBoard's own port of the target's protocol, among the neighbours of one that refused; NULL: it is not open. */
static const struct tbdi_address *own_port_address(const struct tbdi_probe *first)
{
	const struct tbdi_race *race = &first->race;
	uint16_t own = tbdi_protocol_of(first->report->pub.target)->listener.port;
	for (size_t i = 0; i < race->count; i++)
		if (race->runners[i].attempt->connected && race->runners[i].attempt->port == own)
			return &race->runners[i].address;
	return NULL;
}

/* What is asked in clear is another question than a handshake. */
static bool asks_in_clear(const struct tbdi_probe *second)
{
	bool is_tls = second->report->pub.target->tls;
	return second->kind == TBDI_PROBE_IN_CLEAR || second->kind == TBDI_PROBE_OTHER_LENGTH ||
		(second->kind == TBDI_PROBE_OTHER_HEADER && !is_tls);
}

/* Room for what it is to see. */
static int make_room(struct tbdi_probe *second)
{
	struct tbdi_arena *arena = &second->report->arena;
	if (second->kind == TBDI_PROBE_LOOK_ROUND)
		return 0;
	if (asks_in_clear(second)) {
		second->plain = tbdi_arena_alloc(arena, sizeof(*second->plain));
		if (second->plain != NULL)
			second->plain->connack = -1;
		return second->plain != NULL ? 0 : TBD_E_NOMEM;
	}
	second->other = tbdi_arena_alloc(arena, sizeof(*second->other));
	if (second->other != NULL)
		second->chain = &second->other->chain;
	return second->other != NULL ? 0 : TBD_E_NOMEM;
}

int tbdi_second_new(struct tbdi_probe *first, enum tbdi_probe_kind kind, int64_t end_us,
	struct tbdi_probe **out, struct tbd_error *error)
{
	struct tbd_fetch_options options = second_options(first, kind);
	struct tbdi_probe *second = NULL;
	int rc = tbdi_probe_make(first->report, &options, kind, &second, error);
	if (rc < 0)
		return rc;
	if (make_room(second) < 0) {
		tbdi_probe_free(second);
		return tbdi_fail_nomem(error);
	}
	const struct tbdi_device *device = device_of(first);
	if (kind == TBDI_PROBE_AS_DEVICE && device != NULL)
		second->priorities = device->priorities;
	second->first = first;
	first->asked |= 1U << kind;
	second->end_us = end_us;
	if (kind == TBDI_PROBE_LOOK_ROUND) {
		tbdi_probe_enter_neighbours(second, *used_address(first));
	} else {
		tbdi_race_add(&second->race,
			kind == TBDI_PROBE_OWN_PORT ? own_port_address(first)
						    : used_address(first));
		tbdi_probe_enter(second, TBDI_PROBE_CONNECT, end_us);
	}
	*out = second;
	return 0;
}

static void forget_second(struct tbdi_probe *first)
{
	tbdi_probe_free(first->second);
	first->second = NULL;
	first->connection->plain = NULL;
	first->asked &= ~(1U << TBDI_PROBE_IN_CLEAR);
}

static void forget_beside(struct tbdi_probe *first)
{
	tbdi_probe_free(first->beside);
	first->beside = NULL;
	first->others[TBDI_PROBE_TLS12] = NULL;
	first->connection->tls12 = NULL;
}

/* ---- in clear -------------------------------------------------------------------------------- */

static void send_text(struct tbdi_socket *socket, const char *data, size_t len)
{
	struct iovec part = { .iov_len = len };
	memcpy(&part.iov_base, &data, sizeof(data)); /* sendmsg() does not write to it */
	/* The first bytes of a connection fit into its buffer; a peer that is gone shows when read. */
	(void)!tbdi_socket_send(socket, &part, 1);
}

/* MQTT 3.1.1: clean session, keep alive 60 s, no user name, and a client identifier that begins with "tbdiag". With a
 * long one the packet is one byte longer than a PROXY header of text can be (108, with its end), so that who waits for
 * the end of one gives up. Neither has a length of more than one byte. */
static size_t write_connect(char packet[128], bool is_long)
{
	static const char beginning[] = "\x10\0\0\4MQTT\4\2\0\x3c\0\0tbdiag";
	enum { ID_LEN = 6, LONG_ID_LEN = 95, AT_ID = sizeof(beginning) - 1 - ID_LEN };
	size_t id_len = is_long ? LONG_ID_LEN : ID_LEN;
	memset(packet, 'x', 128);
	memcpy(packet, beginning, sizeof(beginning) - 1);
	packet[1] = (char)(AT_ID - 2 + id_len);
	packet[AT_ID - 1] = (char)id_len;
	return AT_ID + id_len;
}

static const char disconnect_packet[] = "\xe0\0";
static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";

void tbdi_second_begin(struct tbdi_probe *second)
{
	char packet[128];
	bool is_http = tbdi_protocol_of(second->report->pub.target)->id == TBDI_HTTP;
	size_t len = is_http ? sizeof(request) - 1 : write_connect(packet, second->is_long);
	second->clear.fd = second->race.winner_fd;
	second->plain->sent = len;
	send_text(&second->clear, is_http ? request : packet, len);
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

/* Where the report shows what a probe of this kind saw. */
static const struct tbd_other_handshake **place_of(
	struct tbd_connection *connection, enum tbdi_probe_kind kind)
{
	return kind == TBDI_PROBE_OTHER_VERSION   ? &connection->other_version
		: kind == TBDI_PROBE_WITH_SNI     ? &connection->with_sni
		: kind == TBDI_PROBE_WITH_ALPN    ? &connection->with_alpn
		: kind == TBDI_PROBE_TLS12        ? &connection->tls12
		: kind == TBDI_PROBE_OTHER_HEADER ? &connection->header_handshake
		: kind == TBDI_PROBE_OWN_PORT     ? &connection->own_port
		: kind == TBDI_PROBE_AS_DEVICE    ? &connection->as_device
						  : &connection->without_sni;
}

static void show_plain(struct tbdi_probe *second)
{
	const struct tbd_connection *own = second->connection;
	struct tbd_connection *shown = second->first->connection;
	second->plain->attempt = own->attempt_count > 0 ? own->attempts[0] : NULL;
	if (second->kind == TBDI_PROBE_OTHER_HEADER)
		shown->header_plain = second->plain;
	else
		shown->plain = second->plain;
}

static void show_handshake(struct tbdi_probe *second)
{
	const struct tbd_connection *own = second->connection;
	struct tbdi_probe *first = second->first;
	second->other->attempt = own->attempt_count > 0 ? own->attempts[0] : NULL;
	second->other->tls = own->tls;
	first->others[second->kind] = second->other;
	*place_of(first->connection, second->kind) = second->other;
}

static void show_second(struct tbdi_probe *second)
{
	const struct tbd_connection *own = second->connection;
	struct tbd_connection *shown = second->first->connection;
	if (second->kind == TBDI_PROBE_LOOK_ROUND) {
		shown->neighbours = own->neighbours;
		shown->neighbour_count = own->neighbour_count;
	} else if (second->kind == TBDI_PROBE_IDLE) {
		shown->idle = second->idle;
	} else if (second->plain != NULL) {
		show_plain(second);
	} else {
		show_handshake(second);
	}
}

/* How it ended. */
static enum tbd_end end_of_second(const struct tbdi_probe *second)
{
	const struct tbd_connection *own = second->connection;
	if (second->kind == TBDI_PROBE_LOOK_ROUND)
		return TBD_END_OK;
	if (own->tcp != TBD_END_OK)
		return own->tcp;
	if (second->plain != NULL)
		return second->plain->end;
	return own->tls != NULL ? own->tls->end : TBD_END_TIMEOUT;
}

int tbdi_second_finish(struct tbdi_probe *second, struct tbd_error *error)
{
	static const char *const texts[] = {
		[TBDI_PROBE_IN_CLEAR] = "in clear",
		[TBDI_PROBE_OTHER_VERSION] = "other TLS versions",
		[TBDI_PROBE_WITHOUT_SNI] = "without server name",
		[TBDI_PROBE_WITH_SNI] = "with the server name",
		[TBDI_PROBE_WITH_ALPN] = "with application protocols",
		[TBDI_PROBE_OTHER_HEADER] = "PROXY header",
		[TBDI_PROBE_TLS12] = "TLS 1.2",
		[TBDI_PROBE_OTHER_LENGTH] = "a CONNECT of another length",
		[TBDI_PROBE_IDLE] = "nothing said",
		[TBDI_PROBE_LOOK_ROUND] = "other ports",
		[TBDI_PROBE_OWN_PORT] = "the port of ThingsBoard itself",
		[TBDI_PROBE_AS_DEVICE] = "as the device",
	};
	TBDI_TABLE_OF(texts, TBDI_PROBE_AS_DEVICE);
	const struct tbd_connection *own = second->connection;
	/* A proxy that does not make this one, too, tells nothing of the peer. */
	bool blocked =
		own->tcp == TBD_END_OK && own->proxy != NULL && own->proxy->end != TBD_END_OK;
	enum tbd_end end = blocked ? own->proxy->end : end_of_second(second);
	if (!blocked)
		show_second(second);
	return tbdi_probe_note(second, end, texts[second->kind], error) < 0 ? TBD_E_NOMEM : 1;
}

/* ---- the comparison -------------------------------------------------------------------------- */

static bool is_same_chain(const struct tbd_chain *a, const struct tbd_chain *b)
{
	bool same = a != NULL && a->count == b->count && a->truncated == b->truncated;
	for (size_t i = 0; same && i < a->count; i++)
		same = tbdi_bytes_equal(a->certs[i]->der, b->certs[i]->der);
	return same;
}

int tbdi_second_compare(struct tbdi_probe *first, struct tbd_error *error)
{
	const struct tbd_verify_options *verify = first->options.verify;
	int rc = 0;
	for (size_t kind = 0; rc == 0 && kind < TBDI_COUNT(first->others); kind++) {
		struct tbd_other_handshake *other = first->others[kind];
		bool verified = false;
		if (other == NULL || other->chain == NULL)
			continue;
		other->same_chain = is_same_chain(first->report->pub.chain, other->chain);
		if (other->same_chain)
			other->chain = NULL;
		if (other->same_chain || verify == NULL)
			continue;
		rc = tbdi_verify_other(first->report, other->chain, verify, &verified, error);
		other->verified = verified ? TBD_ANSWER_YES : TBD_ANSWER_NO;
	}
	return rc;
}

/* ---- when, and what for ---------------------------------------------------------------------- */

/* It is done, and the peer's answer in clear was neither nothing nor TLS. */
static bool second_is_clear(const struct tbdi_probe *second)
{
	return second->done && second->clear.bytes_in > 0 &&
		!tbdi_socket_speaks_tls(&second->clear);
}

static bool was_asked(const struct tbdi_probe *first, enum tbdi_probe_kind kind)
{
	return (first->asked & 1U << kind) != 0;
}

/* The peer would not have this connection at all, or left us with its first message. */
static bool was_refused_at_once(const struct tbd_tls *seen)
{
	return seen->last_message == NULL &&
		(seen->end == TBD_END_ALERT || seen->end == TBD_END_CLOSED ||
			seen->end == TBD_END_RESET || seen->end == TBD_END_VERSION);
}

/* GnuTLS says handshake_failure of a version that it does not have, too. */
static bool may_be_about_versions(const struct tbd_tls *seen)
{
	return seen->end == TBD_END_VERSION ||
		(seen->last_message == NULL && seen->alert == ALERT_HANDSHAKE_FAILURE);
}

/* A broker that shares a port with web servers is told from them by the protocol that is asked for. */
static bool may_be_about_alpn(const struct tbdi_probe *first)
{
	const struct tbd_target *target = first->report->pub.target;
	const struct tbd_tls *seen = first->seen;
	if (tbdi_protocol_of(target)->id != TBDI_MQTT || seen->alpn != NULL)
		return false;
	if (seen->alert == ALERT_NO_APPLICATION_PROTOCOL)
		return true;
	bool is_shared = target->port == HTTPS_PORT || is_aws(target->host);
	return is_shared && seen->alpn_offered == NULL &&
		(seen->end == TBD_END_OK || was_refused_at_once(seen));
}

/* None was sent, and what came is not for the target, or nothing. */
static bool may_lack_name(const struct tbdi_probe *first)
{
	const struct tbd_report *report = &first->report->pub;
	const struct tbd_verification *verification = report->verification;
	bool is_good =
		verification != NULL ? verification->verified : first->seen->end == TBD_END_OK;
	return first->seen->sni == NULL && !report->target->is_address && !is_good;
}

static bool may_have_wrong_name(const struct tbdi_probe *first)
{
	const struct tbd_tls *seen = first->seen;
	if (seen->sni == NULL)
		return false;
	return first->report->pub.chain != NULL ? first->options.without_sni
						: was_refused_at_once(seen);
}

static bool is_close(enum tbd_end end)
{
	return end == TBD_END_CLOSED || end == TBD_END_RESET;
}

/* The peer was sent a header that it may not know; or neither TLS nor what was asked in clear was answered. */
static bool may_be_about_header(const struct tbdi_probe *first)
{
	const struct tbd_tls *seen = first->seen;
	const struct tbd_plain *plain = first->connection->plain;
	if (first->options.proxy_protocol != NULL)
		return was_refused_at_once(seen);
	return seen->bytes_in == 0 && is_close(seen->end) && first->proxy == NULL &&
		plain != NULL && plain->first_bytes == NULL;
}

/* One of the others has told what there is to be told. */
static bool is_explained(const struct tbdi_probe *first)
{
	const struct tbd_plain *plain = first->connection->plain;
	if (plain != NULL && !is_close(plain->end))
		return true;
	for (size_t kind = 0; kind < TBDI_PROBE_TLS12; kind++) {
		const struct tbd_other_handshake *other = first->others[kind];
		if (first->seen->end != TBD_END_OK && other != NULL && other->tls != NULL &&
			other->tls->last_message != NULL)
			return true;
	}
	return false;
}

/* What another connection could tell; FIRST: nothing. */
static enum tbdi_probe_kind choose_second(const struct tbdi_probe *first)
{
	const struct tbd_tls *seen = first->seen;
	if (first->datagrams != NULL)
		return TBDI_PROBE_FIRST;
	const struct {
		enum tbdi_probe_kind kind;
		bool may_tell;
	} choices[] = {
		{ TBDI_PROBE_OTHER_VERSION, may_be_about_versions(seen) },
		{ TBDI_PROBE_WITH_ALPN, may_be_about_alpn(first) },
		{ TBDI_PROBE_WITH_SNI, may_lack_name(first) },
		{ TBDI_PROBE_WITHOUT_SNI, may_have_wrong_name(first) },
		{ TBDI_PROBE_AS_DEVICE, seen->last_message != NULL && device_of(first) != NULL },
	};
	bool is_clear = seen->bytes_in == 0 || seen->first_bytes != NULL;
	if (may_be_about_header(first) && first->second == NULL &&
		!was_asked(first, TBDI_PROBE_OTHER_HEADER))
		return TBDI_PROBE_OTHER_HEADER;
	if (is_explained(first) && first->second == NULL)
		return TBDI_PROBE_FIRST;
	if (is_clear && (first->second != NULL || !was_asked(first, TBDI_PROBE_IN_CLEAR)))
		return TBDI_PROBE_IN_CLEAR;
	if (seen->first_bytes != NULL)
		return TBDI_PROBE_FIRST;
	for (size_t i = 0; i < TBDI_COUNT(choices); i++)
		if (choices[i].may_tell && !was_asked(first, choices[i].kind))
			return choices[i].kind;
	return TBDI_PROBE_FIRST;
}

/* The next one that could tell something of the first handshake, if there was one. 0 or an error. */
static int next_second(struct tbdi_probe *first, struct tbd_error *error)
{
	if (first->seen == NULL)
		return 0;
	enum tbdi_probe_kind kind = choose_second(first);
	int64_t left = first->end_us - tbdi_probe_now(first);
	/* The round trip behind it needs some, too. */
	int64_t most = first->seen->end == TBD_END_OK ? left / 2 : left;
	int64_t limit = kind == TBDI_PROBE_OTHER_HEADER ? HEADER_US : SECOND_US;
	if (first->second != NULL && kind != TBDI_PROBE_IN_CLEAR)
		forget_second(first);
	if (kind == TBDI_PROBE_FIRST || first->second != NULL || left <= 0)
		return 0;
	return tbdi_second_new(first, kind, tbdi_probe_now(first) + (most < limit ? most : limit),
		&first->second, error);
}

/* ---- TLS 1.2 beside -------------------------------------------------------------------------- */

int tbdi_second_accompany(struct tbdi_probe *first, struct tbd_error *error)
{
	const struct tbd_fetch_options *options = &first->options;
	if (!tbdi_probe_is_first(first) || !options->also_tls12 || options->tls_version != NULL ||
		first->datagrams != NULL || first->beside != NULL)
		return 0;
	return tbdi_second_new(first, TBDI_PROBE_TLS12, first->end_us, &first->beside, error);
}

int tbdi_second_step_beside(struct tbdi_probe *first, struct tbd_error *error)
{
	struct tbdi_probe *beside = first->beside;
	if (beside == NULL || beside->done)
		return 0;
	if (first->tls != NULL && tbdi_tls_agreed_on_13(first->tls))
		beside->may_begin = true;
	int rc = tbdi_probe_step(beside, error);
	return rc < 0 ? rc : 0;
}

/* The first one is over. What 1.2 may take is measured by what 1.3 took; a server that serves one connection at a
 * time, and has ours still open, would take for ever. */
static void limit_beside(struct tbdi_probe *first)
{
	const struct tbd_tls *seen = first->seen;
	struct tbdi_probe *beside = first->beside;
	bool is_13 = seen->version != NULL && strcmp(seen->version, "TLS1.3") == 0;
	bool is_whole = seen->end == TBD_END_OK || seen->end == TBD_END_REFUSED;
	if (beside == NULL)
		return;
	if (!is_13 || !is_whole) {
		forget_beside(first);
		return;
	}
	int64_t now = tbdi_probe_now(first), left = first->end_us - now;
	int64_t wait = 4 * (now - first->phase_us);
	wait = wait < BESIDE_MIN_US ? BESIDE_MIN_US : wait > SECOND_US ? SECOND_US : wait;
	beside->may_begin = true;
	beside->end_us = now + (wait < left / 2 ? wait : left / 2);
	if (beside->deadline_us > beside->end_us)
		beside->deadline_us = beside->end_us;
}

/* ---- both ------------------------------------------------------------------------------------ */

int tbdi_second_enter(struct tbdi_probe *first, struct tbd_error *error)
{
	limit_beside(first);
	if (first->seen->end != TBD_END_OK || !first->options.keep_open)
		tbdi_probe_close_session(first); /* some servers serve one at a time */
	int rc = next_second(first, error);
	if (rc < 0)
		return rc;
	if (first->second == NULL && first->beside == NULL)
		return tbdi_probe_over(first);
	tbdi_probe_enter(first, TBDI_PROBE_SECOND, first->end_us);
	return 1;
}

int tbdi_second_enter_own_port(struct tbdi_probe *first, struct tbd_error *error)
{
	bool is_http = tbdi_protocol_of(first->report->pub.target)->id == TBDI_HTTP;
	int64_t now = tbdi_probe_now(first), left = first->end_us - now;
	if (!tbdi_probe_is_first(first) || !is_http || own_port_address(first) == NULL || left <= 0)
		return tbdi_probe_over(first);
	int rc = tbdi_second_new(first, TBDI_PROBE_OWN_PORT,
		now + (left < HEADER_US ? left : HEADER_US), &first->second, error);
	if (rc < 0)
		return rc;
	tbdi_probe_enter(first, TBDI_PROBE_SECOND, first->end_us);
	return 1;
}

int tbdi_second_step(struct tbdi_probe *first, struct tbd_error *error)
{
	int rc = first->second != NULL ? tbdi_probe_step(first->second, error) : 0;
	if (rc > 0) {
		tbdi_probe_free(first->second);
		first->second = NULL;
		rc = next_second(first, error);
		if (rc == 0 && first->second != NULL)
			return 1; /* step it */
	}
	if (rc < 0)
		return rc;
	bool busy = first->second != NULL || (first->beside != NULL && !first->beside->done);
	return busy ? 0 : tbdi_probe_over(first);
}

int tbdi_second_break_silence(struct tbdi_probe *first, struct tbd_error *error)
{
	if (first->seen->bytes_in > 0)
		forget_second(first);
	if (first->seen->bytes_in > 0 || tbdi_probe_now(first) < first->silence_us)
		return 0;
	forget_beside(
		first); /* it waits behind the first one, and would be served before this one */
	int rc = first->second != NULL
		? 0
		: tbdi_second_new(first, TBDI_PROBE_IN_CLEAR, first->end_us, &first->second, error);
	if (rc == 0)
		rc = tbdi_probe_step(first->second, error);
	if (rc <= 0 || !second_is_clear(first->second))
		return rc < 0 ? rc : 0;
	return tbdi_tls_give_up(first->tls, TBD_END_PROTOCOL, error);
}
