/* SPDX-License-Identifier: MIT
 *
 * second-connection.c - what a second connection finds out after a handshake that failed.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"
#include "tests/peers/peer.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/trust-fixture.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT "\x10\x12\0\4MQTT\4\2\0\x3c\0\6tbdiag"

/* ---- MQTT in clear --------------------------------------------------------------------------- */

struct answer {
	const char *data;
	size_t len;
};

#define ANSWER(literal)                        \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

/* The first connection gets nothing. */
static void answer_second(struct peer *peer, void *arg)
{
	const struct answer *answer = arg;
	if (peer_connections(peer) == 2)
		ck_assert(send(peer_fd(peer), answer->data, answer->len, MSG_NOSIGNAL) >= 0);
}

static const struct clear {
	const char *what;
	enum peer_op ends;
	struct answer answer;
	const char *id;
	int connack;
	enum tbd_end end;
	const char *first_bytes;
} clears[] = {
	{ "mosquitto", PEER_RESET, ANSWER("\x20\x02\x00\x05"), "tls.plain-mqtt", 5, TBD_END_OK,
		" \\x02\\x00\\x05" },
	{ "ThingsBoard", PEER_FIN, ANSWER("\x20\x02\x00\x02"), "tls.plain-mqtt", 2, TBD_END_OK,
		" \\x02\\x00\\x02" },
	{ "anonymous", PEER_FIN, ANSWER("\x20\x02\x00\x00"), "tls.plain-mqtt", 0, TBD_END_OK,
		" \\x02\\x00\\x00" },
	{ "MQTT 5", PEER_FIN, ANSWER("\x20\x03\x00\x84\x00"), "tls.plain-mqtt", 0x84, TBD_END_OK,
		" \\x03\\x00\\x84" },
	{ "HTTP", PEER_RESET, ANSWER("HTTP/1.1 400 Bad Request\r\n\r\n"), "tls.plain-http", -1,
		TBD_END_OK, "HTTP/1.1 400" },
	{ "SSH", PEER_RESET, ANSWER("SSH-2.0-OpenSSH_9.2p1\r\n"), "tls.other-protocol", -1,
		TBD_END_OK, "SSH-2.0" },
	{ "half a CONNACK", PEER_FIN, ANSWER("\x20\x02"), "tls.other-protocol", -1, TBD_END_OK,
		" \\x02" },
	{ "SUBACK", PEER_FIN, ANSWER("\x90\x03\x00\x01\x80"), "tls.other-protocol", -1, TBD_END_OK,
		"\\x90" },
	{ "a TLS alert", PEER_FIN, ANSWER("\x15\x03\x03\x00\x02\x02\x0a"), "tls.closed", -1,
		TBD_END_OK, "\\x15\\x03" },
	{ "nothing, FIN", PEER_FIN, ANSWER(""), "tls.closed", -1, TBD_END_CLOSED, NULL },
	{ "nothing, RST", PEER_RESET, ANSWER(""), "tcp.reset", -1, TBD_END_RESET, NULL },
};

TEST_GROUP(.seconds = 20);

TEST_TIMES(clear, TBDI_COUNT(clears))
{
	struct clear row = clears[_i];
	const struct peer_step script[] = { STEP_READ,
		{ .op = PEER_CALL, .call = answer_second, .arg = &row.answer },
		{ .op = row.ends } };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), NULL);
	const struct tbd_plain *plain = report->connection->plain;
	ck_assert_msg(plain != NULL, "%s", row.what);
	ck_assert_str_eq(plain->attempt->address, "127.0.0.1");
	ck_assert_int_eq(plain->attempt->port, peer_port(peer));
	ck_assert_msg(strcmp(report->findings[0]->id, row.id) == 0, "%s: %s", row.what,
		report->findings[0]->id);
	ck_assert_uint_eq(report->finding_count, 1);
	ck_assert_int_eq(plain->connack, row.connack);
	ck_assert_int_eq(plain->end, row.end);
	if (row.first_bytes == NULL)
		ck_assert_ptr_null(plain->first_bytes);
	else
		ck_assert_msg(
			strncmp(plain->first_bytes, row.first_bytes, strlen(row.first_bytes)) == 0,
			"%s: %s", row.what, plain->first_bytes);
	/* What answers nothing may want a PROXY header. */
	ck_assert_uint_eq(peer_connections(peer), row.end == TBD_END_OK ? 2 : 3);
	ck_assert_str_eq(net_step(report, "second")->detail, "in clear");
	net_free(report, peer);
}

/* A web server is asked in its own language. */
TEST(clear_http)
{
	static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";
	struct answer answer = ANSWER("HTTP/1.0 200 OK\r\n");
	const struct peer_step script[] = { STEP_READ,
		{ .op = PEER_CALL, .call = answer_second, .arg = &answer }, STEP_FIN };
	const void *data = NULL;
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = net_fetch_judged("https", peer_port(peer), NULL);
	ck_assert_str_eq(report->findings[0]->id, "tls.plain-http");
	ck_assert_ptr_nonnull(
		strstr(report->findings[0]->fix, "tbdiag roundtrip http://127.0.0.1:"));
	size_t len = peer_received(peer, &data);
	ck_assert_uint_gt(len, sizeof(request));
	ck_assert_mem_eq(
		(const char *)data + len - (sizeof(request) - 1), request, sizeof(request) - 1);
	net_free(report, peer);
}

/* ---- a port that waits for a CONNECT ---------------------------------------------------------- */

/* Serves two connections side by side: nothing is said on the first one, and on the second one a CONNECT
 * is answered. */
struct waiting {
	int listener;
	const char *answer;
	size_t answer_len;
	char got[64];
	size_t got_len;
};

static void drain(int fd, struct waiting *waiting)
{
	char buffer[64];
	ssize_t got;
	while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		for (ssize_t i = 0; i < got; i++)
			if (waiting->got_len < sizeof(waiting->got))
				waiting->got[waiting->got_len++] = buffer[i];
}

static void *wait_for_connect(void *arg)
{
	struct waiting *waiting = arg;
	struct waiting unread = { .got_len = sizeof(unread.got) };
	char hello;
	int first = accept(waiting->listener, NULL, NULL);
	if (first < 0 || recv(first, &hello, 1, 0) != 1)
		abort();
	int second = accept(waiting->listener, NULL, NULL);
	if (second < 0 ||
		recv(second, waiting->got, sizeof(CONNECT) - 1, MSG_WAITALL) != sizeof(CONNECT) - 1)
		abort();
	waiting->got_len = sizeof(CONNECT) - 1;
	if (send(second, waiting->answer, waiting->answer_len, MSG_NOSIGNAL) < 0)
		abort();
	shutdown(second, SHUT_WR);
	drain(second, waiting);
	drain(first, &unread);
	close(first);
	close(second);
	return NULL;
}

static struct tbd_report *fetch_from_waiting(struct waiting *waiting, int64_t timeout_ms)
{
	uint16_t port;
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	pthread_t thread;
	waiting->listener = peer_listening(&port);
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_connect, waiting), 0);
	options.timeout_ms = timeout_ms;
	struct tbd_report *report = net_fetch_judged("mqtts", port, &options);
	pthread_join(thread, NULL);
	close(waiting->listener);
	return report;
}

/* Nobody can be recognised by what is sent, and the session is left in order. */
TEST(waiting)
{
	static const char said[] = CONNECT "\xe0"; /* and a NUL */
	struct waiting waiting = { .answer = "\x20\x02\x00\x00", .answer_len = 4 };
	struct tbd_report *report = fetch_from_waiting(&waiting, 20 * 1000);
	const struct tbd_step *last = net_step(report, "tls");
	ck_assert_str_eq(report->findings[0]->id, "tls.plain-mqtt");
	ck_assert_int_eq(report->connection->tls->end, TBD_END_PROTOCOL);
	ck_assert_int_eq(report->connection->plain->connack, 0);
	/* Half of the time, 3 s at most, and not to the deadline. */
	ck_assert_int_ge(last->duration_us, 2900 * 1000);
	ck_assert_int_lt(last->duration_us, 10 * 1000 * 1000);
	ck_assert_uint_eq(waiting.got_len, sizeof(said));
	ck_assert_mem_eq(waiting.got, said, sizeof(said));
	tbd_report_free(report);
}

/* It closes on the CONNECT as well: the handshake may still come, until its deadline. */
TEST(waiting_for_nothing)
{
	struct waiting waiting = { .answer = "", .answer_len = 0 };
	struct tbd_report *report = fetch_from_waiting(&waiting, 400);
	ck_assert_str_eq(report->findings[0]->id, "tls.timeout");
	ck_assert_int_eq(report->connection->tls->end, TBD_END_TIMEOUT);
	ck_assert_int_eq(report->connection->plain->end, TBD_END_CLOSED);
	/* Of the whole time; on a busy machine the steps before it took some. */
	ck_assert_int_ge(net_step(report, "tls")->duration_us, 200 * 1000);
	tbd_report_free(report);
}

static void pause_shortly(struct peer *peer, void *arg)
{
	(void)arg;
	struct pollfd never = { .fd = -1 };
	if (peer_connections(peer) == 1)
		poll(&never, 1, 600);
}

/* A slow server is no silent one: what was asked meanwhile is forgotten. */
TEST(slow_server)
{
	static const struct peer_step script[] = { STEP_CALL(pause_shortly), STEP_HANDSHAKE,
		STEP_DRAIN, STEP_END };
	struct mint_family family;
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	const struct mint_cert *const chain[] = { family.leaf, NULL };
	struct peer *peer = peer_new(script, &(struct peer_tls){ .chain = chain });
	options.timeout_ms = 1000;
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), &options);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert_ptr_null(report->connection->plain);
	net_free(report, peer);
	mint_family_release(&family);
}

/* Who speaks TLS, however badly, is not asked in clear. */
TEST(no_reason_to_ask)
{
	static const struct peer_step script[] = { STEP_READ, STEP_ALERT(80), STEP_FIN };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), NULL);
	ck_assert_str_eq(report->findings[0]->id, "tls.alert");
	ck_assert_ptr_null(report->connection->plain);
	ck_assert_ptr_null(net_step(report, "second"));
	ck_assert_uint_eq(peer_connections(peer), 1);
	net_free(report, peer);
}

/* ---- other versions, no server name ----------------------------------------------------------- */

static struct mint_family family;
static struct mint_family stranger;

static void make_second_certificates(void)
{
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	ck_assert_int_eq(mint_family_init(&stranger, 0), 0);
}

static void free_second_certificates(void)
{
	mint_family_release(&family);
	mint_family_release(&stranger);
}

#define ONLY(version) "NORMAL:-VERS-ALL:+VERS-TLS" version

static const struct version {
	const char *asked;
	const char *priorities;
	const char *id;
	const char *spoken; /* NULL: none */
} server_versions[] = {
	{ NULL, ONLY("1.1"), "tls.version", "TLS1.1" },
	{ NULL, ONLY("1.0"), "tls.version", "TLS1.0" },
	/* GnuTLS says of versions what others say of suites, and those of 1.2 may be the reason. */
	{ "1.2", ONLY("1.3"), "tls.cipher", "TLS1.3" },
	{ "1.3", ONLY("1.2"), "tls.version", "TLS1.2" },
	{ "1.2", ONLY("1.1"), "tls.version", NULL },
	{ NULL, ONLY("1.2") ":-KX-ALL:+PSK", "tls.cipher", NULL },
};

TEST_GROUP(.setup_once = make_second_certificates, .teardown_once = free_second_certificates);

TEST_EACH(other_version, row, server_versions)
{
	const struct mint_cert *const chain[] = { family.leaf, NULL };
	struct peer *peer = peer_new(
		peer_whole, &(struct peer_tls){ .chain = chain, .priorities = row->priorities });
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	options.tls_version = row->asked;
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), &options);
	const struct tbd_other_handshake *other = report->connection->other_version;
	ck_assert_str_eq(report->findings[0]->id, row->id);
	ck_assert(other != NULL && other->tls != NULL);
	ck_assert_pstr_eq(other->tls->version, row->spoken);
	ck_assert_ptr_null(report->chain);
	ck_assert_uint_eq(peer_connections(peer), 2);
	net_free(report, peer);
}

/* 0: another certificate without a name; 1: the same; 2: not asked. */
TEST_TIMES(without_sni, 3)
{
	const struct mint_cert *const chain[] = { family.leaf, family.intermediate, NULL };
	const struct mint_cert *const other_chain[] = { stranger.leaf, NULL };
	const struct peer_tls tls = {
		.chain = chain, .name = "device.example", .nameless = _i == 1 ? NULL : other_chain
	};
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	options.sni = "device.example";
	options.without_sni = _i != 2;
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), &options);
	const struct tbd_other_handshake *other = report->connection->without_sni;
	bool differs =
		report->finding_count > 0 && strcmp(report->findings[0]->id, "tls.sni-needed") == 0;
	ck_assert_int_eq(other != NULL, _i != 2);
	ck_assert_int_eq(differs, _i == 0);
	ck_assert_uint_eq(report->chain->count, 2);
	ck_assert_mem_eq(
		report->chain->certs[0]->der.data, family.leaf->der.data, family.leaf->der.size);
	if (other != NULL) {
		ck_assert_ptr_null(other->tls->sni);
		ck_assert_int_eq(other->tls->end, TBD_END_OK);
		ck_assert_int_eq(other->same_chain, _i == 1);
		ck_assert_int_eq(other->chain == NULL, _i == 1);
		ck_assert(_i == 1 || other->chain->count == 1);
	}
	net_free(report, peer);
}

/* A client random of a key log stands in each line, for which nobody but the first session is to be there. */
static void check_one_session(const char *path)
{
	char label[64], client_random[65], first[65] = "", secret[256];
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fscanf(file, "%63s %64s %255s", label, client_random, secret) == 3) {
		if (first[0] == '\0')
			memcpy(first, client_random, sizeof(first));
		ck_assert_str_eq(client_random, first);
	}
	ck_assert_str_ne(first, "");
	fclose(file);
}

/* What the first one shows and writes, it does not. */
TEST(keeps_to_itself)
{
	const struct mint_cert *const chain[] = { family.leaf, NULL };
	const struct peer_tls tls = {
		.chain = chain, .name = "device.example", .client_cert = GNUTLS_CERT_REQUEST
	};
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	char *key = mint_key_pem(stranger.leaf);
	options.sni = "device.example";
	options.without_sni = true;
	options.cert_file = kit_file(stranger.leaf->pem.data, stranger.leaf->pem.size);
	options.key_file = kit_file(key, strlen(key));
	options.keylog_file = kit_file("", 0);
	struct tbd_report *report = net_fetch_judged("mqtts", peer_port(peer), &options);
	const struct tbd_other_handshake *other = report->connection->without_sni;
	ck_assert(report->connection->tls->client_cert_sent);
	ck_assert_int_eq(other->tls->end, TBD_END_OK);
	ck_assert(other->tls->client_cert_requested && !other->tls->client_cert_sent);
	ck_assert_ptr_null(other->tls->client_cert);
	check_one_session(options.keylog_file);
	net_free(report, peer);
	kit_teardown();
	gnutls_free(key);
}
