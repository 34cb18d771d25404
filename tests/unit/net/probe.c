/* SPDX-License-Identifier: MIT
 *
 * probe.c - resolve, connect and handshake against peers of every kind of badness.
 */
#include "verify/chain.h"
#include "tests/unit/check-main.h"
#include "base/common.h"
#include "net/connect.h"
#include "tests/peers/peer.h"
#include "net/probe.h"
#include "report/report.h"
#include "net/stream.h"
#include "net/tls.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/trust-fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

enum { ALERT_UNKNOWN_CA = 48, ALERT_VERSION = 70 };

static struct mint_family family;
static struct mint_family stranger;
static const struct mint_cert *good_chain[3];
static const struct mint_cert *stranger_chain[3];
static struct tbd_trust *good_trust;
static const struct peer_tls good_tls = { .chain = good_chain };

static void make_probe_certificates(void)
{
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	ck_assert_int_eq(mint_family_init(&stranger, 0), 0);
	good_chain[0] = family.leaf;
	good_chain[1] = family.intermediate;
	stranger_chain[0] = stranger.leaf;
	stranger_chain[1] = stranger.intermediate;
	good_trust = TRUST(family.root);
}

static void free_probe_certificates(void)
{
	tbd_trust_free(good_trust);
	mint_family_release(&family);
	mint_family_release(&stranger);
	kit_teardown();
}

/* ---- one fetch ------------------------------------------------------------------------------- */

/* A test says in the first two what is special about it. */
static struct tbd_fetch_options options;
static struct tbd_verify_options verify; /* trusts good_trust; options do not point there */
static struct peer *peer;
static struct tbd_report *report;
static const struct tbd_connection *connection; /* of the report */
static const struct tbd_tls *seen;              /* of the connection */

static void probe_setup(void)
{
	const struct tbd_fetch_options fetch_defaults = TBD_FETCH_OPTIONS_INIT;
	const struct tbd_verify_options verify_defaults = TBD_VERIFY_OPTIONS_INIT;
	options = fetch_defaults;
	verify = verify_defaults;
	verify.trust = good_trust;
}

static void forget_report(void)
{
	tbd_report_free(report);
	report = NULL;
}

/* For what it would still read ends with the test. */
static void forget_peer(void)
{
	peer_free(peer);
	peer = NULL;
}

static void probe_teardown(void)
{
	forget_report();
	forget_peer();
	kit_teardown();
}

static void fetch(const char *scheme, const char *host, uint16_t port)
{
	report = net_fetch(scheme, host, port, &options);
	connection = report->connection;
	seen = connection->tls;
}

static void fetch_again(void)
{
	fetch("mqtts", "127.0.0.1", peer_port(peer));
}

/* From a peer that speaks TLS, or should. */
static void fetch_from(const struct peer_step *script, const struct peer_tls *tls)
{
	peer = peer_new(script, tls);
	fetch_again();
}

/* From one that sends this chain. */
static void fetch_from_chain(const struct mint_cert *const *chain)
{
	static const struct mint_cert *sent[TBD_CHAIN_MAX + 16];
	static const struct peer_tls tls = { .chain = sent };
	memset(sent, 0, sizeof(sent));
	for (size_t i = 0; chain[i] != NULL; i++)
		sent[i] = chain[i];
	fetch_from(peer_whole, &tls);
}

/* From one that says nothing, in clear, under a name that a resolver knows. */
static void fetch_named(const char *name)
{
	fetch("mqtt", name, peer_port(peer));
}

static void assert_status(const char *name, enum tbd_step_status status)
{
	const struct tbd_step *step = net_step(report, name);
	ck_assert_msg(step != NULL && step->status == status, "step %s", name);
}

static void assert_took_ms(int64_t least, int64_t less_than)
{
	ck_assert_int_ge(net_elapsed_ms(report), least);
	ck_assert_int_lt(net_elapsed_ms(report), less_than);
}

static void assert_invalid(void)
{
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
}

/* ---- resolver -------------------------------------------------------------------------------- */

static struct {
	const char *const *addresses; /* ends in NULL */
	int code;
	bool wait; /* for `go` */
	atomic_int calls;
	atomic_int releases;
	atomic_int family;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool go;
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void fake_release(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;
		free(list->ai_addr);
		free(list);
		list = next;
	}
	fake.releases++;
}

static struct addrinfo *fake_list(void)
{
	struct addrinfo *list = NULL;
	struct addrinfo **end = &list;
	for (const char *const *text = fake.addresses; text != NULL && *text != NULL; text++) {
		struct tbdi_address address;
		struct addrinfo *info = calloc(1, sizeof(*info));
		if (info == NULL || !tbdi_address_parse(*text, 0, &address))
			abort();
		info->ai_family = address.as.any.sa_family;
		info->ai_addrlen = address.len;
		info->ai_addr = calloc(1, sizeof(address.as));
		if (info->ai_addr == NULL)
			abort();
		memcpy(info->ai_addr, &address.as, address.len);
		*end = info;
		end = &info->ai_next;
	}
	return list;
}

static int fake_lookup(const char *node TBDI_UNUSED, const char *service TBDI_UNUSED,
	const struct addrinfo *hints, struct addrinfo **out)
{
	fake.calls++;
	fake.family = hints->ai_family;
	pthread_mutex_lock(&fake.lock);
	while (fake.wait && !fake.go)
		pthread_cond_wait(&fake.changed, &fake.lock);
	pthread_mutex_unlock(&fake.lock);
	errno = ENOTCONN;
	if (fake.code == 0)
		*out = fake_list();
	return fake.code;
}

static void let_go(void)
{
	pthread_mutex_lock(&fake.lock);
	fake.go = true;
	pthread_cond_broadcast(&fake.changed);
	pthread_mutex_unlock(&fake.lock);
}

static const struct tbd_resolver fake_resolver = { fake_lookup, fake_release };

static void fake_reset(const char *const *addresses, int code)
{
	fake.addresses = addresses;
	fake.code = code;
	fake.wait = false;
	fake.go = false;
	fake.calls = 0;
	fake.releases = 0;
}

static void resolve_to(const char *const *addresses, int code)
{
	fake_reset(addresses, code);
	options.resolver = &fake_resolver;
}

TEST_GROUP(.setup_once = make_probe_certificates, .teardown_once = free_probe_certificates,
	.setup = probe_setup, .teardown = probe_teardown, .seconds = 20);

TEST(name_not_found)
{
	resolve_to(NULL, EAI_NONAME);
	fetch("mqtts", "nowhere.example", 8883);
	const struct tbd_resolution *resolution = connection->resolution;
	ck_assert_int_eq(resolution->end, TBD_END_ERROR);
	ck_assert_int_eq(resolution->error, EAI_NONAME);
	ck_assert_str_eq(resolution->name, "nowhere.example");
	ck_assert_str_eq(resolution->detail, gai_strerror(EAI_NONAME));
	ck_assert_uint_eq(resolution->address_count, 0);
	ck_assert_int_eq(connection->tcp, TBD_END_NONE);
	ck_assert_uint_eq(connection->attempt_count, 0);
	ck_assert_ptr_null(seen);
	ck_assert_uint_eq(report->step_count, 1);
	assert_status("dns", TBD_STEP_FAILED);
	ck_assert_int_eq(fake.releases, 0);
}

TEST(resolver_system_error)
{
	resolve_to(NULL, EAI_SYSTEM);
	fetch("mqtts", "nowhere.example", 8883);
	ck_assert_int_eq(connection->resolution->error, EAI_SYSTEM);
	ck_assert_str_eq(connection->resolution->detail, strerror(ENOTCONN));
}

TEST(name_without_address)
{
	resolve_to(NULL, 0);
	options.family = 6;
	fetch("mqtts", "mail.example", 8883);
	ck_assert_int_eq(connection->resolution->end, TBD_END_OK);
	ck_assert_uint_eq(connection->resolution->address_count, 0);
	ck_assert_int_eq(connection->resolution->family, 6);
	ck_assert_int_eq(fake.family, AF_INET6);
	ck_assert_int_eq(connection->tcp, TBD_END_NONE);
}

static int ipv4_only_lookup(const char *node TBDI_UNUSED, const char *service TBDI_UNUSED,
	const struct addrinfo *hints, struct addrinfo **out)
{
	if (hints->ai_family == AF_INET6)
		return EAI_NONAME;
	*out = fake_list();
	return 0;
}

/* What glibc says of a name that /etc/hosts has for IPv4 alone. */
TEST(name_of_other_family)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	static const struct tbd_resolver resolver = { ipv4_only_lookup, fake_release };
	resolve_to(addresses, 0);
	options.resolver = &resolver;
	options.family = 6;
	fetch("mqtts", "gateway", 8883);
	ck_assert_int_eq(connection->resolution->error, EAI_ADDRFAMILY);
	ck_assert_int_eq(fake.releases, 1);
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_str_eq(report->findings[0]->id, "dns.no-address");
}

/* The answer comes when nobody waits any more: its memory is given back all the same. */
TEST(late_answer)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	resolve_to(addresses, 0);
	options.timeout_ms = 60;
	fake.wait = true;
	fetch("mqtts", "slow.example", 8883);
	ck_assert_int_eq(connection->resolution->end, TBD_END_TIMEOUT);
	assert_status("dns", TBD_STEP_TIMEOUT);
	ck_assert_int_eq(connection->timeout_ms, 60);
	assert_took_ms(60, 5000);
	forget_report();
	let_go();
	while (fake.releases == 0)
		sched_yield(); /* Check's timeout is the deadline */
}

TEST(literal_asks_nobody)
{
	resolve_to(NULL, EAI_FAIL);
	peer = peer_new(peer_silent + 1, NULL);
	fetch_named("127.0.0.1");
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_ptr_null(connection->resolution);
	ck_assert_ptr_null(net_step(report, "dns"));
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
}

/* The system's resolver, on a name that every machine knows. */
TEST(localhost)
{
	options.family = 4;
	peer = peer_new(peer_silent + 1, NULL);
	fetch_named("localhost");
	ck_assert_int_eq(connection->resolution->end, TBD_END_OK);
	ck_assert_str_eq(connection->resolution->addresses[0], "127.0.0.1");
	assert_status("dns", TBD_STEP_OK);
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
}

TEST(families_take_turns)
{
	static const char *const in[] = { "2001:db8::1", "2001:db8::2", "2001:db8::1", "192.0.2.1",
		"2001:db8::3", "192.0.2.1", "192.0.2.2", NULL };
	static const char *const expected[] = { "2001:db8::1", "192.0.2.1", "2001:db8::2",
		"192.0.2.2", "2001:db8::3" };
	struct tbdi_address out[16];
	char text[NI_MAXHOST];
	fake_reset(in, 0);
	struct addrinfo *list = fake_list();
	size_t count = tbdi_addresses_sort(list, 99, out, TBDI_COUNT(out));
	ck_assert_uint_eq(count, TBDI_COUNT(expected));
	for (size_t i = 0; i < count; i++) {
		tbdi_address_text(&out[i], text);
		ck_assert_str_eq(text, expected[i]);
	}
	ck_assert_int_eq(ntohs(out[0].as.ipv6.sin6_port), 99);
	ck_assert_uint_eq(tbdi_addresses_sort(list, 99, out, 2), 2);
	ck_assert_uint_eq(tbdi_addresses_sort(NULL, 99, out, 2), 0);
	fake_release(list);
}

/* ---- connect --------------------------------------------------------------------------------- */

/* An address that does not answer costs the attempt delay, not the deadline. */
TEST(race_blackhole)
{
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.1", NULL };
	resolve_to(addresses, 0);
	peer = peer_new(peer_silent, NULL);
	uint16_t port = peer_port(peer);
	struct peer_hole hole;
	ck_assert_int_eq(peer_hole(&hole, "127.0.0.2", &port), 0);
	fetch_named("two.example");
	const struct tbd_attempt *lost = connection->attempts[0], *used = connection->used;
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
	ck_assert_uint_eq(connection->resolution->address_count, 2);
	ck_assert_uint_eq(connection->attempt_count, 2);
	ck_assert_str_eq(lost->address, "127.0.0.2");
	ck_assert(lost->abandoned && !lost->connected);
	ck_assert_int_eq(lost->error, 0);
	ck_assert_ptr_eq(used, connection->attempts[1]);
	ck_assert_str_eq(used->address, "127.0.0.1");
	ck_assert_int_eq(used->port, port);
	ck_assert(used->connected && !used->abandoned);
	ck_assert_int_ge(used->start_us - lost->start_us, 250000);
	ck_assert_ptr_null(connection->neighbours);
	peer_hole_close(&hole);
}

/* A failure lets the next one begin at once. */
TEST(race_after_refusal)
{
	static const char *const addresses[] = { "127.0.0.2", "224.0.0.1", "127.0.0.1", NULL };
	resolve_to(addresses, 0);
	peer = peer_new(peer_silent, NULL);
	fetch_named("three.example");
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
	ck_assert_uint_eq(connection->attempt_count, 3);
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	ck_assert_str_eq(connection->attempts[0]->detail, strerror(ECONNREFUSED));
	ck_assert_int_eq(connection->attempts[1]->error, ENETUNREACH);
	ck_assert_ptr_eq(connection->used, connection->attempts[2]);
}

/* The faster family wins, and the loser is closed without having been of any use. */
TEST(race_families)
{
	static const char *const addresses[] = { "::1", "127.0.0.1", NULL };
	resolve_to(addresses, 0);
	peer = peer_new(peer_silent, NULL);
	uint16_t port = peer_port(peer);
	struct peer_hole hole;
	if (peer_hole(&hole, "::1", &port) != 0)
		return; /* a machine without IPv6 */
	fetch_named("dual.example");
	ck_assert_str_eq(connection->attempts[0]->address, "::1");
	ck_assert_str_eq(connection->used->address, "127.0.0.1");
	peer_hole_close(&hole);
}

TEST(ipv6)
{
	peer = peer_new_at("::1", 0, peer_silent, NULL);
	if (peer == NULL)
		return; /* a machine without IPv6 */
	fetch_named("::1");
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
	ck_assert_str_eq(connection->used->address, "::1");
}

TEST(refused)
{
	static const int neighbours[] = { 1883, 8883, 8080 };
	uint16_t port = 0;
	int fd = peer_refusing("127.31.7.9", &port);
	ck_assert_int_ge(fd, 0);
	fetch("mqtts", "127.31.7.9", port);
	ck_assert_int_eq(connection->tcp, TBD_END_ERROR);
	ck_assert_ptr_null(connection->used);
	ck_assert_ptr_null(seen);
	ck_assert_uint_eq(connection->attempt_count, 1);
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	assert_status("tcp", TBD_STEP_FAILED);
	ck_assert_str_eq(report->steps[0]->detail, strerror(ECONNREFUSED));
	ck_assert_uint_eq(connection->neighbour_count, TBDI_COUNT(neighbours));
	for (size_t i = 0; i < TBDI_COUNT(neighbours); i++) {
		ck_assert_int_eq(connection->neighbours[i]->port, neighbours[i]);
		ck_assert_str_eq(connection->neighbours[i]->address, "127.31.7.9");
	}
	close(fd);
}

/* A family without a route says nothing about the server. */
TEST(refused_beside_no_route)
{
	static const char *const addresses[] = { "224.0.0.1", "127.31.7.9", NULL };
	uint16_t port = 0;
	int fd = peer_refusing("127.31.7.9", &port);
	resolve_to(addresses, 0);
	fetch("mqtts", "two.example", port);
	ck_assert_int_eq(connection->tcp, TBD_END_ERROR);
	ck_assert_uint_eq(connection->neighbour_count, 3);
	ck_assert_str_eq(connection->neighbours[0]->address, "127.31.7.9");
	close(fd);
}

/* A server that is there, on another port than the one dialled; silent neighbours cost a second. */
TEST(neighbours)
{
	uint16_t hole_port = 8080;
	struct peer_hole hole;
	peer = peer_new_at("127.31.7.10", 1883, peer_silent, NULL);
	if (peer == NULL || peer_hole(&hole, "127.31.7.10", &hole_port) != 0)
		return; /* another server of this machine has the port everywhere */
	fetch("mqtts", "127.31.7.10", 8883);
	ck_assert_uint_eq(connection->neighbour_count, 2);
	const struct tbd_attempt *there = connection->neighbours[0];
	const struct tbd_attempt *not_there = connection->neighbours[1];
	ck_assert_int_eq(there->port, 1883);
	ck_assert(there->connected);
	ck_assert_int_eq(not_there->port, 8080);
	ck_assert(not_there->abandoned);
	ck_assert_int_eq(not_there->error, ETIMEDOUT);
	ck_assert_int_ge(not_there->duration_us, 1000000);
	peer_hole_close(&hole);
}

TEST(unreachable)
{
	fetch("mqtts", "224.0.0.1", 8883);
	ck_assert_int_eq(connection->tcp, TBD_END_ERROR);
	ck_assert_int_eq(connection->attempts[0]->error, ENETUNREACH);
	ck_assert_uint_eq(connection->neighbour_count, 0);
}

TEST(unknown_zone)
{
	fetch("mqtts", "fe80::1%nosuch0", 8883);
	ck_assert_int_eq(connection->tcp, TBD_END_ERROR);
	ck_assert_int_ne(connection->attempts[0]->error, 0);
}

static void fetch_from_hole(void)
{
	struct peer_hole hole;
	uint16_t port = 0;
	ck_assert_int_eq(peer_hole(&hole, "127.0.0.1", &port), 0);
	fetch("mqtts", "127.0.0.1", port);
	ck_assert_int_eq(connection->tcp, TBD_END_TIMEOUT);
	peer_hole_close(&hole);
}

TEST(connect_timeout)
{
	options.timeout_ms = 300;
	fetch_from_hole();
	ck_assert_int_eq(connection->attempts[0]->error, ETIMEDOUT);
	ck_assert(connection->attempts[0]->abandoned);
	assert_status("tcp", TBD_STEP_TIMEOUT);
	assert_took_ms(300, 5000);
}

/* Without a timeout of the caller's, connecting is over after 5 s. */
TEST(default_deadlines)
{
	fetch_from_hole();
	ck_assert_int_eq(connection->timeout_ms, 15000);
	assert_took_ms(5000, 9000);
	ck_assert(tbdi_report_of(report)->default_deadlines);
}

TEST(connect_to)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_END };
	char name[256];
	peer = peer_new(script, &good_tls);
	options.connect_host = "127.0.0.1";
	options.connect_port = peer_port(peer);
	options.verify = &verify;
	fetch("mqtts", "localhost", 1);
	ck_assert(connection->redirected);
	ck_assert_str_eq(connection->host, "127.0.0.1");
	ck_assert_int_eq(connection->port, peer_port(peer));
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert_str_eq(seen->sni, "localhost");
	ck_assert(report->verification->verified);
	peer_wait(peer, 1);
	ck_assert(peer_server_name(peer, name));
	ck_assert_str_eq(name, "localhost");
}

/* ---- handshake ------------------------------------------------------------------------------- */

static const char *const versions[] = { "1.2", "1.3" };
static const char *const version_names[] = { "TLS1.2", "TLS1.3" };

static bool may_carry_secrets(void)
{
	ck_assert_ptr_nonnull(tbdi_report_of(report)->stream);
	return tbdi_stream_may_carry_secrets(tbdi_report_of(report)->stream);
}

static void assert_no_stream(void)
{
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
}

static void assert_chain(const struct mint_cert *const *certs)
{
	ck_assert_ptr_nonnull(report->chain);
	size_t i = 0;
	for (; certs[i] != NULL; i++) {
		ck_assert_uint_lt(i, report->chain->count);
		const struct tbd_bytes *der = &report->chain->certs[i]->der;
		ck_assert_uint_eq(der->len, certs[i]->der.size);
		ck_assert_mem_eq(der->data, certs[i]->der.data, der->len);
	}
	ck_assert_uint_eq(report->chain->count, i);
}

/* In an order that GnuTLS would sort: the report has it as it was sent. */
TEST_EACH(chain_as_sent, version, versions)
{
	const struct mint_cert *const chain[] = { family.leaf, family.root, family.intermediate,
		family.intermediate, NULL };
	options.tls_version = *version;
	fetch_from_chain(chain);
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert_str_eq(seen->version, version_names[_i]);
	ck_assert_str_eq(seen->wanted_version, *version);
	ck_assert(seen->cipher_suite != NULL && strncmp(seen->cipher_suite, "TLS_", 4) == 0);
	ck_assert_ptr_nonnull(seen->group);
	ck_assert_str_eq(seen->last_message, "Finished");
	ck_assert_uint_gt(seen->bytes_in, report->chain->message_len);
	ck_assert_ptr_null(seen->sni);
	ck_assert_ptr_null(seen->first_bytes);
	ck_assert_ptr_null(seen->detail);
	ck_assert_int_eq(seen->alert, -1);
	ck_assert_int_eq(seen->alert_sent, -1);
	ck_assert(!seen->client_cert_requested);
	assert_status("tls", TBD_STEP_OK);
	ck_assert_ptr_null(report->verification);
	assert_no_stream();
	assert_chain(chain);
	peer_wait(peer, 1);
	/* The tickets of TLS 1.3 follow the client's Finished, and may find nobody there any more. */
	int handshake = peer_handshake(peer);
	ck_assert_msg(
		handshake == 0 || (_i == 1 && handshake == GNUTLS_E_PUSH_ERROR), "%d", handshake);
}

TEST(sni)
{
	static const struct {
		const char *sni;
		const char *sent;
	} rows[] = { { "other.example", "other.example" }, { "", NULL }, { "192.0.2.1", NULL },
		{ "::1", NULL }, { NULL, NULL } };
	char name[256];
	peer = peer_new(peer_whole, &good_tls);
	for (unsigned i = 0; i < TBDI_COUNT(rows); i++, forget_report()) {
		options.sni = rows[i].sni;
		fetch_again();
		peer_wait(peer, i + 1);
		ck_assert_int_eq(seen->end, TBD_END_OK);
		ck_assert_int_eq(peer_server_name(peer, name), rows[i].sent != NULL);
		ck_assert_pstr_eq(seen->sni, rows[i].sent);
		if (rows[i].sent != NULL)
			ck_assert_str_eq(name, rows[i].sent);
	}
}

TEST_EACH(verified, version, versions)
{
	options.tls_version = *version;
	options.verify = &verify;
	options.keep_open = true;
	fetch_from(peer_whole, &good_tls);
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(report->verification->verified);
	ck_assert(may_carry_secrets());
}

/* Nothing is sent to a peer that is not verified but the alert a device would send. */
TEST_EACH(refused_peer, version, versions)
{
	const void *received;
	options.tls_version = *version;
	options.verify = &verify;
	options.keep_open = true;
	fetch_from_chain(stranger_chain);
	ck_assert_int_eq(seen->end, TBD_END_REFUSED);
	ck_assert_int_eq(seen->alert_sent, ALERT_UNKNOWN_CA);
	ck_assert_int_eq(seen->alert, -1);
	ck_assert_ptr_null(seen->first_bytes);
	ck_assert_str_eq(seen->last_message, _i == 0 ? "Certificate" : "CertificateVerify");
	ck_assert_str_eq(seen->version, version_names[_i]);
	ck_assert(!report->verification->verified);
	assert_no_stream();
	assert_status("tls", TBD_STEP_FAILED);
	assert_chain(stranger_chain);
	peer_wait(peer, 1);
	ck_assert_int_eq(peer_alert(peer), ALERT_UNKNOWN_CA);
	ck_assert_uint_eq(peer_received(peer, &received), 0);
}

TEST_EACH(insecure, version, versions)
{
	const struct mint_cert *const chain[] = { stranger.leaf, NULL };
	options.tls_version = *version;
	options.verify = &verify;
	options.insecure = true;
	options.keep_open = true;
	fetch_from_chain(chain);
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(report->insecure);
	ck_assert(!report->verification->verified);
	ck_assert(may_carry_secrets());
}

/* Our own failure inside the handshake is the failure of tbd_fetch(). */
TEST_EACH(verify_fails, version, versions)
{
	struct tbd_error error = { "" };
	peer = peer_new(peer_whole, &good_tls);
	report = net_report("mqtts", "127.0.0.1", peer_port(peer));
	options.tls_version = *version;
	verify.size = 1;
	options.verify = &verify;
	options.insecure = true;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_str_ne(error.text, "");
	assert_no_stream();
}

/* Where nobody asked for a verdict, nothing may be sent. */
TEST(not_judged)
{
	options.keep_open = true;
	fetch_from(peer_whole, &good_tls);
	ck_assert(!may_carry_secrets());
}

/* ---- handshakes that fail -------------------------------------------------------------------- */

static const struct failing {
	const char *what;
	struct peer_step script[4];
	enum tbd_end end;
	size_t bytes_in;
	int alert;
	bool close_notify;
	const char *first_bytes;
} failing[] = {
	{ "FIN at the ClientHello", { STEP_READ, STEP_FIN }, TBD_END_CLOSED, 0, -1, false, NULL },
	{ "FIN at once", { STEP_FIN }, TBD_END_CLOSED, 0, -1, false, NULL },
	{ "RST at the ClientHello", { STEP_READ, STEP_RESET }, TBD_END_RESET, 0, -1, false, NULL },
	{ "close_notify", { STEP_READ, STEP_SEND("\x15\x03\x03\x00\x02\x01\x00"), STEP_FIN },
		TBD_END_CLOSED, 7, -1, true, NULL },
	{ "FIN in a record header", { STEP_READ, STEP_SEND("\x16\x03\x03"), STEP_FIN },
		TBD_END_CLOSED, 3, -1, false, NULL },
	{ "FIN in a record", { STEP_READ, STEP_SEND("\x16\x03\x03\x00\x10\x02\x00"), STEP_FIN },
		TBD_END_CLOSED, 7, -1, false, NULL },
	{ "RST in a record", { STEP_READ, STEP_SEND("\x16\x03\x03\x00\x10\x02\x00"), STEP_RESET },
		TBD_END_RESET, 7, -1, false, NULL },
	{ "alert 40", { STEP_READ, STEP_ALERT(40), STEP_FIN }, TBD_END_ALERT, 7, 40, false, NULL },
	{ "alert 112, then RST", { STEP_READ, STEP_ALERT(112), STEP_RESET }, TBD_END_ALERT, 7, 112,
		false, NULL },
	{ "alert 70", { STEP_READ, STEP_ALERT(70), STEP_FIN }, TBD_END_VERSION, 7, 70, false,
		NULL },
	{ "HTTP", { STEP_READ, STEP_SEND("HTTP/1.1 400 Bad Request\r\n\r\n"), STEP_FIN },
		TBD_END_PROTOCOL, 0, -1, false, "HTTP/" },
	{ "a short answer that is not TLS", { STEP_READ, STEP_SEND("\x20\x02\x00\x05"), STEP_FIN },
		TBD_END_PROTOCOL, 4, -1, false, " \\x02\\x00\\x05" },
	{ "one byte, then RST", { STEP_READ, STEP_SEND("\x00"), STEP_RESET }, TBD_END_PROTOCOL, 1,
		-1, false, "\\x00" },
	{ "a banner", { STEP_SEND("220 mail.example ESMTP\r\n"), STEP_DRAIN }, TBD_END_PROTOCOL, 0,
		-1, false, "220 m" },
	{ "an application record in place of the ServerHello",
		{ STEP_READ, STEP_SEND("\x17\x03\x03\x00\x01\x41"), STEP_DRAIN }, TBD_END_PROTOCOL,
		6, -1, false, NULL },
	{ "a ServerHello that is none",
		{ STEP_READ, STEP_SEND("\x16\x03\x03\x00\x06\x02\x00\x00\x02\x01\x02"),
			STEP_DRAIN },
		TBD_END_PROTOCOL, 11, -1, false, NULL },
};

TEST_EACH(failing_handshake, row, failing)
{
	fetch_from(row->script, NULL);
	ck_assert_msg(seen->end == row->end, "%s: %d, %s", row->what, seen->end, seen->detail);
	ck_assert_int_eq(seen->alert, row->alert);
	ck_assert_int_eq(seen->close_notify, row->close_notify);
	ck_assert_ptr_null(seen->version);
	ck_assert_ptr_nonnull(seen->detail);
	assert_status("tls", TBD_STEP_FAILED);
	ck_assert_ptr_null(report->chain);
	if (row->first_bytes == NULL) {
		ck_assert_ptr_null(seen->first_bytes);
		ck_assert_uint_eq(seen->bytes_in, row->bytes_in);
	} else {
		ck_assert_msg(
			strncmp(seen->first_bytes, row->first_bytes, strlen(row->first_bytes)) == 0,
			"%s: %s", row->what, seen->first_bytes);
		ck_assert_uint_gt(seen->bytes_in, 0);
	}
}

TEST(alert_name)
{
	static const struct peer_step script[] = { STEP_READ, STEP_ALERT(112), STEP_FIN };
	fetch_from(script, NULL);
	ck_assert_str_eq(seen->alert_name, "unrecognized_name");
}

TEST(silence)
{
	options.timeout_ms = 200;
	fetch_from(peer_silent, NULL);
	ck_assert_int_eq(seen->end, TBD_END_TIMEOUT);
	ck_assert_uint_eq(seen->bytes_in, 0);
	ck_assert_ptr_null(seen->last_message);
	assert_status("tls", TBD_STEP_TIMEOUT);
	assert_took_ms(200, 5000);
}

#define CUT "\x16\x03\x03\x00\x10\x02\x00"
#define WHOLE "\x15\x03\x03\x00\x02\x01\x5a" /* a warning: user_canceled */

static const struct cut {
	const char *bytes;
	size_t len;
	enum peer_op ends;
	enum tbd_end end;
	size_t record_len;
	size_t record_in;
} cuts[] = {
	{ CUT, 7, PEER_DRAIN, TBD_END_TIMEOUT, 16, 2 },
	{ CUT, 7, PEER_FIN, TBD_END_CLOSED, 16, 2 },
	{ CUT, 7, PEER_RESET, TBD_END_RESET, 16, 2 },
	{ CUT, 5, PEER_DRAIN, TBD_END_TIMEOUT, 16, 0 },
	{ CUT, 4, PEER_DRAIN, TBD_END_TIMEOUT, 0, 0 },
	{ WHOLE CUT, 14, PEER_DRAIN, TBD_END_TIMEOUT, 16, 2 },
	{ WHOLE, 7, PEER_DRAIN, TBD_END_TIMEOUT, 0, 0 },
};

/* In one piece, and byte by byte. */
TEST_TIMES(record_cut, 2 * (int)TBDI_COUNT(cuts))
{
	const struct cut *row = &cuts[_i / 2];
	const struct peer_step script[] = { STEP_READ,
		{ .op = _i % 2 ? PEER_DRIP : PEER_SEND, .data = row->bytes, .len = row->len },
		{ .op = row->ends }, STEP_FIN };
	options.timeout_ms = row->end == TBD_END_TIMEOUT ? 100 : 5000;
	fetch_from(script, NULL);
	ck_assert_int_eq(seen->end, row->end);
	ck_assert_uint_eq(seen->record_len, row->record_len);
	ck_assert_uint_eq(seen->record_in, row->record_in);
	forget_peer();
}

/* What is said about a message that never ends. */
TEST(endless_message)
{
	static unsigned char record[5 + 16384] = "\x16\x03\x03\x40\x00\x02\xff\xff\xff";
	static struct peer_step script[40] = { STEP_READ };
	for (size_t i = 1; i < TBDI_COUNT(script) - 2; i++)
		script[i] = (struct peer_step){
			.op = PEER_SEND, .data = record, .len = sizeof(record)
		};
	script[TBDI_COUNT(script) - 2].op = PEER_DRAIN; /* and the last one is PEER_END */
	options.timeout_ms = 3000;
	fetch_from(script, NULL);
	ck_assert_int_eq(seen->end, TBD_END_PROTOCOL);
	ck_assert_uint_lt(seen->bytes_in, 600 * 1024);
}

static const struct peer_step handshake_and_fin[] = { STEP_HANDSHAKE, STEP_FIN };

TEST(version)
{
	static const struct peer_tls tls = { .chain = good_chain,
		.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT" };
	fetch_from(handshake_and_fin, &tls);
	ck_assert_msg(seen->end == TBD_END_VERSION, "%d, %s", seen->end, seen->detail);
	ck_assert_ptr_null(seen->version);
}

/* A server of the past that chooses a version nobody offered. */
TEST(version_chosen)
{
	static const unsigned char hello[] = { 0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, 1, 2, 3, 4, 5,
		6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 0, 0xc0, 0x13, 0 };
	static const struct peer_step script[] = { STEP_READ,
		{ .op = PEER_SEND, .data = hello, .len = sizeof(hello) }, STEP_DRAIN, STEP_END };
	fetch_from(script, NULL);
	ck_assert_msg(seen->end == TBD_END_VERSION, "%s", seen->detail);
	ck_assert_int_eq(seen->alert_sent, ALERT_VERSION);
}

/* ---- client certificates --------------------------------------------------------------------- */

static const struct peer_step says_hi[] = { STEP_HANDSHAKE, STEP_SEND("hi"), STEP_DRAIN, STEP_END };

/* TLS 1.3 says no only after our Finished. */
TEST_EACH(client_cert_required, version, versions)
{
	static const struct peer_tls tls = { .chain = good_chain,
		.client_cert = GNUTLS_CERT_REQUIRE };
	options.tls_version = *version;
	options.keep_open = true;
	fetch_from(handshake_and_fin, &tls);
	ck_assert(seen->client_cert_requested);
	ck_assert_msg(seen->end == TBD_END_ALERT, "%d, %s", seen->end, seen->detail);
	/* In TLS 1.2 every library has an alert of its own for it. */
	ck_assert_int_gt(seen->alert, 0);
	ck_assert(_i == 0 || seen->alert == GNUTLS_A_CERTIFICATE_REQUIRED);
	ck_assert(_i == 0 || strcmp(seen->alert_name, "certificate_required") == 0);
	assert_no_stream();
	assert_status("tls", TBD_STEP_FAILED);
	assert_chain(good_chain);
}

/* With tickets, and without. */
TEST_TIMES(client_cert_wanted, 4)
{
	static const struct peer_tls tls[] = { { .chain = good_chain,
						       .client_cert = GNUTLS_CERT_REQUEST },
		{ .chain = good_chain, .client_cert = GNUTLS_CERT_REQUEST, .no_tickets = true } };
	char data[8] = "";
	options.tls_version = versions[_i % 2];
	options.keep_open = true;
	fetch_from(says_hi, &tls[_i / 2]);
	struct tbdi_stream *stream = tbdi_report_of(report)->stream;
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(seen->client_cert_requested);
	/* What came with the first sign of content is not lost. */
	for (size_t len = 0; len < 2;) {
		ssize_t got = tbdi_stream_read(stream, data + len, sizeof(data) - 1 - len);
		ck_assert(got > 0 || got == TBDI_STREAM_AGAIN);
		len += got > 0 ? (size_t)got : 0;
	}
	ck_assert_str_eq(data, "hi");
}

/* No ticket, no data, no alert: after a moment we go on. */
TEST(client_cert_silence)
{
	static const struct peer_tls tls = {
		.chain = good_chain, .client_cert = GNUTLS_CERT_REQUEST, .no_tickets = true
	};
	fetch_from(peer_whole, &tls);
	ck_assert_int_eq(seen->end, TBD_END_OK);
}

/* A stranger's leaf, and this for its key, in files. */
static void show_stranger(const char *key)
{
	options.cert_file = kit_file(stranger.leaf->pem.data, stranger.leaf->pem.size);
	options.key_file = kit_file(key, strlen(key));
}

/* It is shown although the server names no issuer of it, or others. */
TEST_EACH(client_cert_sent, version, versions)
{
	static const struct peer_tls tls = { .chain = good_chain,
		.client_cert = GNUTLS_CERT_REQUIRE };
	char *key = mint_key_pem(stranger.leaf);
	show_stranger(key);
	options.tls_version = *version;
	fetch_from(says_hi, &tls);
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(seen->client_cert_requested && seen->client_cert_sent);
	ck_assert_str_eq(seen->client_cert->subject, "CN=localhost");
	ck_assert_str_eq(seen->client_cert->file, options.cert_file);
	ck_assert_int_eq(seen->client_cert->origin, TBD_ORIGIN_FILE);
	gnutls_free(key);
}

/* From memory: apart, and the key behind its certificate. */
TEST_TIMES(client_cert_from_memory, 2)
{
	static const struct peer_tls tls = { .chain = good_chain,
		.client_cert = GNUTLS_CERT_REQUIRE };
	static char both[16384];
	char *key = mint_key_pem(stranger.leaf);
	snprintf(both, sizeof(both), "%.*s%s", (int)stranger.leaf->pem.size,
		(const char *)stranger.leaf->pem.data, key);
	options.cert_mem = (struct tbd_bytes){ (const uint8_t *)both, strlen(both) };
	if (_i == 0) {
		options.cert_mem.len = stranger.leaf->pem.size;
		options.key_mem = (struct tbd_bytes){ (const uint8_t *)key, strlen(key) };
	}
	fetch_from(says_hi, &tls);
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(seen->client_cert_sent);
	ck_assert_str_eq(seen->client_cert->file, "(client certificate)");
	gnutls_free(key);
}

TEST(client_cert_from_two_places)
{
	struct tbd_error error = { "" };
	report = net_report("mqtts", "127.0.0.1", 1);
	show_stranger("key");
	options.cert_mem = (struct tbd_bytes){ (const uint8_t *)"x", 1 };
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_ptr_nonnull(strstr(error.text, "not both"));
}

/* What cannot be used is refused before anybody is dialled. */
TEST(client_cert_unusable)
{
	static const char encrypted[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIGrMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAAA==\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";
	char *other = mint_key_pem(family.leaf);
	const struct {
		const char *key;
		const char *words;
	} rows[] = { { encrypted, "encrypted" }, { "nothing", "no private key" },
		{ other, "does not belong" } };
	struct tbd_error error = { "" };
	for (size_t i = 0; i < TBDI_COUNT(rows); i++, forget_report()) {
		report = net_report("mqtts", "127.0.0.1", 1);
		show_stranger(rows[i].key);
		ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
		ck_assert_msg(strstr(error.text, rows[i].words) != NULL, "%s", error.text);
		ck_assert_ptr_nonnull(strstr(error.text, options.key_file));
	}
	kit_teardown(); /* removes the files */
	report = net_report("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_OPEN);
	gnutls_free(other);
}

/* ---- odd chains ------------------------------------------------------------------------------ */

TEST_EACH(unparsable_certificate, version, versions)
{
	static unsigned char garbage[] = "\x30\x03 no certificate";
	static const gnutls_datum_t more[] = { { garbage, sizeof(garbage) - 1 } };
	static const struct peer_tls tls = { .chain = good_chain, .more = more, .more_count = 1 };
	options.tls_version = *version;
	options.verify = &verify;
	fetch_from(peer_whole, &tls);
	ck_assert_uint_eq(report->chain->count, 3);
	ck_assert_uint_eq(report->chain->certs[2]->der.len, sizeof(garbage) - 1);
	ck_assert_ptr_nonnull(report->chain->certs[2]->error);
	/* GnuTLS looks at the others only in TLS 1.2. The chain is judged all the same. */
	ck_assert_int_eq(seen->end, _i == 0 ? TBD_END_PROTOCOL : TBD_END_OK);
	ck_assert_ptr_nonnull(report->verification);
}

TEST_EACH(long_chain, version, versions)
{
	const struct mint_cert *chain[TBD_CHAIN_MAX + 5] = { family.leaf };
	options.tls_version = *version;
	for (size_t i = 1; i < TBD_CHAIN_MAX + 4; i++)
		chain[i] = family.intermediate;
	fetch_from_chain(chain);
	ck_assert_uint_eq(report->chain->count, TBD_CHAIN_MAX);
	ck_assert(report->chain->truncated);
	ck_assert_uint_gt(
		report->chain->message_len, TBD_CHAIN_MAX * family.intermediate->der.size);
}

/* What is weak is for the rules to judge; the handshake goes on, or at least the chain was seen. */
TEST_EACH(weak_chain, version, versions)
{
	struct mint_cert *weak = mint_new(&(struct mint_spec){ .cn = "weak",
						  .issuer = family.intermediate,
						  .names = "127.0.0.1",
						  .key_type = MINT_RSA,
						  .rsa_bits = 1024,
						  .hash = GNUTLS_DIG_SHA1 },
		NULL);
	ck_assert_ptr_nonnull(weak);
	const struct mint_cert *const chain[] = { weak, family.intermediate, NULL };
	options.tls_version = *version;
	fetch_from_chain(chain);
	ck_assert_msg(seen->end == TBD_END_OK, "%s", seen->detail);
	assert_chain(chain);
	forget_peer();
	mint_free(weak);
}

#define BODY(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

static const struct message {
	struct tbd_bytes body;
	bool is_tls13;
	const char *found; /* lengths */
} messages[] = {
	{ BODY(""), false, "" },
	{ BODY("\0\0\0"), false, "" },
	{ BODY("\0\0\5\0\0\2ab"), false, "2" },
	{ BODY("\0\0\xb\0\0\2ab\0\0\3abc"), false, "23" },
	{ BODY("\0\0\xf\0\0\2ab\0\0\0\0\0\3abc"), false, "23" },
	{ BODY("\0\0\5\0\0\7ab"), false, "2" },             /* certificate longer than the list */
	{ BODY("\0\0\x50\0\0\2ab\0\0\3abc"), false, "23" }, /* list longer than the message */
	{ BODY("\0\0\5\0\0\2abcdefgh"), false, "2" },       /* something behind it */
	{ BODY("\0\0\7\0\0\2ab\0\0"), false, "2" },         /* half a length */
	{ BODY(""), true, "" },
	{ BODY("\0"), true, "" },
	{ BODY("\0\0\0\0"), true, "" },
	{ BODY("\0\0\0\7\0\0\2ab\0\0"), true, "2" },
	{ BODY("\3xyz\0\0\7\0\0\2ab\0\0"), true, "2" },
	{ BODY("\0\0\0\x11\0\0\2ab\0\1x\0\0\3abc\0\0"), true, "23" },
	{ BODY("\0\0\0\6\0\0\2ab\0"), true, "2" },
	{ BODY("\x50\0\0\0"), true, "" },
};

TEST_EACH(certificate_message, row, messages)
{
	struct tbd_bytes ders[4];
	char found[5] = "";
	/* A copy of the exact size, so that a read behind its end is found. */
	uint8_t *copy = malloc(row->body.len == 0 ? 1 : row->body.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, row->body.data, row->body.len);
	struct tbd_bytes body = { copy, row->body.len };
	size_t count = tbdi_certificate_message(body, row->is_tls13, ders, TBDI_COUNT(ders));
	for (size_t i = 0; i < count; i++)
		found[i] = (char)('0' + ders[i].len);
	ck_assert_str_eq(found, row->found);
	free(copy);
}

/* ---- the stream ------------------------------------------------------------------------------ */

static struct tbdi_stream *stream;
static unsigned char data[64];
static size_t len; /* of what was read last */

/* TLS 1.2, TLS 1.3 and none, for which the script stands without its handshake. */
enum { IN_CLEAR = 2 };

static void open_stream(const struct peer_step *script, int version)
{
	bool with_tls = version < IN_CLEAR;
	peer = peer_new(script + (with_tls || script->op != PEER_HANDSHAKE ? 0 : 1),
		with_tls ? &good_tls : NULL);
	options.keep_open = true;
	options.verify = &verify;
	options.tls_version = with_tls ? versions[version] : NULL;
	fetch(with_tls ? "mqtts" : "mqtt", "127.0.0.1", peer_port(peer));
	stream = tbdi_report_of(report)->stream;
	ck_assert(may_carry_secrets());
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_NONE);
	memset(data, 0, sizeof(data));
}

static void wait_stream(short events)
{
	struct pollfd fd = { tbdi_stream_fd(stream), events, 0 };
	if (!tbdi_stream_pending(stream))
		ck_assert_int_eq(poll(&fd, 1, 10000), 1);
}

/* Until so many have come, or the end: what the last read said. */
static ssize_t read_stream(unsigned char *buffer, size_t size)
{
	len = 0;
	while (len < size) {
		ssize_t got = tbdi_stream_read(stream, buffer + len, size - len);
		if (got == TBDI_STREAM_AGAIN)
			wait_stream(tbdi_stream_read_events(stream));
		else if (got <= 0)
			return got;
		else
			len += (size_t)got;
	}
	return (ssize_t)size;
}

static void write_stream(const void *from, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t sent = tbdi_stream_write(stream, (const char *)from + done, size - done);
		if (sent == TBDI_STREAM_AGAIN) {
			wait_stream(tbdi_stream_write_events(stream));
			continue;
		}
		ck_assert_int_gt(sent, 0);
		done += (size_t)sent;
	}
}

enum { BIG = 300 * 1024 };
static unsigned char big[BIG];

static void fill_big(void)
{
	for (size_t i = 0; i < BIG; i++)
		big[i] = (unsigned char)(i * 31 + i / 251);
}

/* Much in both directions, and an end in good form. */
TEST_TIMES(stream, 3)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE,
		{ .op = PEER_READ, .number = BIG }, { .op = PEER_SEND, .data = big, .len = BIG },
		STEP_DRAIN, STEP_END };
	unsigned char *back = malloc(BIG);
	const void *received;
	fill_big();
	open_stream(script, _i);
	write_stream(big, BIG);
	ck_assert_int_eq(read_stream(back, BIG), BIG);
	ck_assert_mem_eq(back, big, BIG);
	ck_assert_int_eq(tbdi_stream_bye(stream), 0);
	ck_assert_int_eq(read_stream(back, BIG), TBDI_STREAM_END);
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_CLOSED);
	ck_assert_int_eq(tbdi_stream_write(stream, big, 1), TBDI_STREAM_FAILED);
	peer_wait(peer, 1);
	ck_assert_uint_eq(peer_received(peer, &received), BIG);
	ck_assert_mem_eq(received, big, BIG);
	ck_assert(_i == IN_CLEAR || seen->close_notify);
	free(back);
}

TEST_TIMES(stream_drip, 2)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE,
		STEP_DRIP("one byte in a record"), STEP_FIN };
	open_stream(script, _i);
	ck_assert_int_eq(read_stream(data, sizeof(data)), TBDI_STREAM_END);
	ck_assert_str_eq((char *)data, "one byte in a record");
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_CLOSED);
	ck_assert(!seen->close_notify);
	ck_assert_int_eq(seen->end, TBD_END_OK);
}

TEST_TIMES(stream_reset, 3)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_READ, STEP_RESET };
	open_stream(script, _i);
	write_stream("x", 1);
	ck_assert_int_eq(read_stream(data, sizeof(data)), TBDI_STREAM_FAILED);
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_RESET);
}

/* The reason stands in what the peer said before it went: a write into the void must not hide it. */
TEST_TIMES(last_words, 3)
{
	static const struct peer_step alert[] = { STEP_HANDSHAKE, STEP_READ, STEP_ALERT(49),
		STEP_RESET };
	static const struct peer_step plain[] = { STEP_READ, STEP_SEND("\x20\x02\x00\x05"),
		STEP_RESET };
	open_stream(_i < IN_CLEAR ? alert : plain, _i);
	write_stream("x", 1);
	peer_wait(peer, 1);
	/* Until the reset has come; then into the void. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_ne(tbdi_stream_write(stream, "again", 5), TBDI_STREAM_FAILED);
	ck_assert_int_eq(read_stream(data, sizeof(data)), TBDI_STREAM_FAILED);
	if (_i < IN_CLEAR) {
		ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_ALERT);
		ck_assert_int_eq(tbdi_stream_alert(stream), 49);
	} else {
		ck_assert_uint_eq(len, 4);
		ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_RESET);
	}
}

TEST(key_update)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, STEP_SEND("before"),
		{ .op = PEER_KEY_UPDATE }, STEP_SEND("behind"), { .op = PEER_READ, .number = 5 },
		STEP_END };
	open_stream(script, 1);
	ck_assert_int_eq(read_stream(data, 12), 12);
	ck_assert_str_eq((char *)data, "beforebehind");
	write_stream("reply", 5);
	ck_assert_int_eq(read_stream(data, 12), TBDI_STREAM_END);
}

/* A second handshake is declined, and life goes on. */
TEST(renegotiation)
{
	static const struct peer_step script[] = { STEP_HANDSHAKE, { .op = PEER_RENEGOTIATE },
		STEP_SEND("after"), STEP_END };
	open_stream(script, 0);
	ck_assert_int_eq(read_stream(data, 5), 5);
	ck_assert_str_eq((char *)data, "after");
	ck_assert_int_eq(peer_alert(peer), GNUTLS_A_NO_RENEGOTIATION);
}

/* ---- the caller ------------------------------------------------------------------------------ */

static struct told {
	unsigned calls;
	unsigned begun; /* phases */
	char last[8];
	unsigned stop_after;
} told;

static int probe_on_progress(void *arg, const char *step, int64_t elapsed)
{
	ck_assert_ptr_eq(arg, &told);
	ck_assert_int_ge(elapsed, 0);
	told.calls++;
	if (strcmp(told.last, step) != 0)
		told.begun++;
	snprintf(told.last, sizeof(told.last), "%s", step);
	return told.stop_after != 0 && told.calls >= told.stop_after;
}

static void tell_until(unsigned stop_after)
{
	told = (struct told){ .stop_after = stop_after };
	options.progress = probe_on_progress;
	options.progress_arg = &told;
}

TEST(progress)
{
	tell_until(0);
	options.timeout_ms = 800;
	fetch_from(peer_silent, NULL);
	ck_assert_str_eq(told.last, "tls");
	ck_assert_uint_gt(told.calls, told.begun); /* while it waits, too */
}

/* And that is read back. */
static void assert_shown_as_unjudged(void)
{
	struct tbd_report *again = NULL;
	char *json = NULL, *text = NULL;
	ck_assert_int_eq(tbd_report_to_json(report, &json, NULL), 0);
	ck_assert_ptr_nonnull(strstr(json, "\"worst\": \"unknown\""));
	ck_assert_int_eq(tbd_report_to_text(report, NULL, &text, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text, "verdict: unknown, it was not judged"));
	ck_assert_int_eq(tbd_report_from_json(json, strlen(json), &again, NULL), 0);
	ck_assert_int_eq(again->worst, TBD_SEVERITY_UNKNOWN);
	tbd_report_free(again);
	free(json);
	free(text);
}

TEST_RANGE(cancel, 1, 4)
{
	tell_until((unsigned)_i);
	peer = peer_new(peer_silent, NULL);
	report = net_report("mqtts", "127.0.0.1", peer_port(peer));
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_CANCELLED);
	ck_assert_uint_eq(told.calls, (unsigned)_i);
	/* That nothing was found would look as if all were well. */
	ck_assert_int_eq(tbd_judge(report, NULL), TBD_E_CANCELLED);
	ck_assert_int_eq(report->worst, TBD_SEVERITY_UNKNOWN);
	assert_shown_as_unjudged();
}

static void on_alarm(int number TBDI_UNUSED)
{
}

/* A signal is no answer: the deadline stands, and the caller hears of it. */
TEST(interrupted)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct sigaction before;
	tell_until(0);
	options.timeout_ms = 400;
	peer = peer_new(peer_silent, NULL);
	ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	fetch_again();
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	ck_assert_int_eq(seen->end, TBD_END_TIMEOUT);
	ck_assert_int_ge(net_elapsed_ms(report), 400);
	ck_assert_uint_ge(told.calls, 4);
}

TEST(contract)
{
	struct tbd_report_options no_target = TBD_REPORT_OPTIONS_INIT;
	struct tbd_error error;
	ck_assert_int_eq(tbd_report_new(&no_target, &report, NULL), 0);
	assert_invalid();
	forget_report();
	report = net_report("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbd_fetch(report, NULL, NULL), TBD_E_INVALID);
	options.tls_version = "1.1";
	assert_invalid();
	options.tls_version = NULL;
	options.timeout_ms = -1;
	assert_invalid();
	options.timeout_ms = 1000;
	options.family = 5;
	assert_invalid();
	options.family = 6;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_str_eq(error.text, "127.0.0.1 is no IPv6 address");
}

/* What a file holds, and what was found of that, says nothing of a peer that is dialled afterwards. */
TEST(one_source)
{
	report = net_report("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbdi_chain_take(tbdi_report_of(report), NULL, 0, 0, NULL), 0);
	assert_invalid();
	ck_assert_ptr_null(report->connection);
	ck_assert_int_eq(tbd_load(report, "/dev/null", NULL), TBD_E_INVALID);
}

/* ---- addresses that are given ---------------------------------------------------------------- */

TEST(given_addresses)
{
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.1", NULL };
	resolve_to(NULL, EAI_NONAME);
	options.addresses = addresses;
	peer = peer_new(peer_silent, NULL);
	fetch_named("no-such-name.example");
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_ptr_null(connection->resolution);
	ck_assert_str_eq(connection->host, "no-such-name.example");
	ck_assert(!connection->redirected);
	ck_assert_uint_eq(connection->attempt_count, 2);
	ck_assert_str_eq(connection->attempts[0]->address, "127.0.0.2");
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	ck_assert_str_eq(connection->used->address, "127.0.0.1");
	ck_assert_ptr_null(net_step(report, "dns"));
}

#define TEN                                                                                        \
	"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", \
		"127.0.0.8", "127.0.0.9", "127.0.0.10"

static const struct {
	const char *host;
	int family;
	const char *addresses[24];
	const char *error;
} unusable_addresses[] = {
	{ "host.example", 0, { NULL }, "without any" },
	{ "host.example", 0, { "127.0.0.1", "localhost" }, "localhost is no IPv4 or IPv6 address" },
	{ "host.example", 0, { "[::1]" }, "[::1] is no IPv4" },
	{ "host.example", 6, { "::1", "127.0.0.1" }, "127.0.0.1 is no IPv6 address" },
	{ "host.example", 0, { TEN, TEN }, "more than 16" },
	{ "127.0.0.1", 0, { "127.0.0.2" }, "127.0.0.1 is an address itself" },
};

TEST_EACH(given_addresses_unusable, row, unusable_addresses)
{
	struct tbd_error error = { "" };
	report = net_report("mqtts", row->host, 1);
	options.family = row->family;
	options.addresses = row->addresses;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_msg(strstr(error.text, row->error) != NULL, "%s", error.text);
}
