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

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

enum { ALERT_CLOSE = 0, ALERT_HANDSHAKE_FAILURE = 40, ALERT_UNKNOWN_CA = 48, ALERT_VERSION = 70 };

static struct mint_family family;
static struct mint_family stranger;
static const struct mint_cert *good_chain[4];
static struct tbd_trust *good_trust;

static struct tbd_trust *trust_in(const struct mint_cert *cert)
{
	char path[] = "/tmp/test-probe-XXXXXX";
	int fd = mkstemp(path);
	struct tbd_error error;
	struct tbd_trust *trust = tbd_trust_new();
	ck_assert(fd >= 0 && trust != NULL);
	ck_assert(write(fd, cert->pem.data, cert->pem.size) == (ssize_t)cert->pem.size);
	ck_assert_msg(tbd_trust_add_file(trust, path, &error) == 0, "%s", error.text);
	close(fd);
	unlink(path);
	return trust;
}

static void make_probe_certificates(void)
{
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	ck_assert_int_eq(mint_family_init(&stranger, 0), 0);
	good_chain[0] = family.leaf;
	good_chain[1] = family.intermediate;
	good_trust = trust_in(family.root);
}

static void free_probe_certificates(void)
{
	tbd_trust_free(good_trust);
	mint_family_release(&family);
	mint_family_release(&stranger);
}

/* ---- one fetch ------------------------------------------------------------------------------- */

static struct tbd_verify_options verify_good(void)
{
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	verify.trust = good_trust;
	return verify;
}

static struct tbd_report *report_for(const char *scheme, const char *host, uint16_t port)
{
	char text[128];
	struct tbd_error error;
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	snprintf(text, sizeof(text), strchr(host, ':') == NULL ? "%s://%s:%u" : "%s://[%s]:%u",
		scheme, host, (unsigned)port);
	ck_assert_msg(tbd_target_parse(text, &target, &error) == 0, "%s", error.text);
	options.target = target;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	tbd_target_free(target);
	return report;
}

static struct tbd_report *fetch(const char *scheme, const char *host, uint16_t port,
	const struct tbd_fetch_options *options)
{
	const struct tbd_fetch_options defaults = TBD_FETCH_OPTIONS_INIT;
	struct tbd_error error = { "" };
	struct tbd_report *report = report_for(scheme, host, port);
	int rc = tbd_fetch(report, options != NULL ? options : &defaults, &error);
	ck_assert_msg(rc == 0, "%d: %s", rc, error.text);
	ck_assert_ptr_nonnull(report->connection);
	return report;
}

/* From a peer that speaks TLS, or should. */
static struct tbd_report *fetch_from(struct peer *peer, const struct tbd_fetch_options *options)
{
	return fetch("mqtts", "127.0.0.1", peer_port(peer), options);
}

static void free_both(struct tbd_report *report, struct peer *peer)
{
	tbd_report_free(report);
	peer_free(peer);
}

static const struct tbd_step *step_of(const struct tbd_report *report, const char *name)
{
	for (size_t i = 0; i < report->step_count; i++)
		if (strcmp(report->steps[i]->name, name) == 0)
			return report->steps[i];
	return NULL;
}

static int status_of(const struct tbd_report *report, const char *name)
{
	const struct tbd_step *step = step_of(report, name);
	return step == NULL ? -1 : (int)step->status;
}

static int64_t elapsed_ms(const struct tbd_report *report)
{
	const struct tbd_step *last = report->steps[report->step_count - 1];
	return (last->start_us + last->duration_us) / 1000;
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

static struct tbd_fetch_options with_resolver(const char *const *addresses, int code)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	fake_reset(addresses, code);
	options.resolver = &fake_resolver;
	return options;
}

TEST(name_not_found)
{
	struct tbd_fetch_options options = with_resolver(NULL, EAI_NONAME);
	struct tbd_report *report = fetch("mqtts", "nowhere.example", 8883, &options);
	const struct tbd_resolution *resolution = report->connection->resolution;
	ck_assert_int_eq(resolution->end, TBD_END_ERROR);
	ck_assert_int_eq(resolution->error, EAI_NONAME);
	ck_assert_str_eq(resolution->name, "nowhere.example");
	ck_assert_str_eq(resolution->detail, gai_strerror(EAI_NONAME));
	ck_assert_uint_eq(resolution->address_count, 0);
	ck_assert_int_eq(report->connection->tcp, TBD_END_NONE);
	ck_assert_uint_eq(report->connection->attempt_count, 0);
	ck_assert_ptr_null(report->connection->tls);
	ck_assert_uint_eq(report->step_count, 1);
	ck_assert_int_eq(status_of(report, "dns"), TBD_STEP_FAILED);
	ck_assert_int_eq(fake.releases, 0);
	tbd_report_free(report);
}

TEST(resolver_system_error)
{
	struct tbd_fetch_options options = with_resolver(NULL, EAI_SYSTEM);
	struct tbd_report *report = fetch("mqtts", "nowhere.example", 8883, &options);
	ck_assert_int_eq(report->connection->resolution->error, EAI_SYSTEM);
	ck_assert_str_eq(report->connection->resolution->detail, strerror(ENOTCONN));
	tbd_report_free(report);
}

TEST(name_without_address)
{
	struct tbd_fetch_options options = with_resolver(NULL, 0);
	options.family = 6;
	struct tbd_report *report = fetch("mqtts", "mail.example", 8883, &options);
	ck_assert_int_eq(report->connection->resolution->end, TBD_END_OK);
	ck_assert_uint_eq(report->connection->resolution->address_count, 0);
	ck_assert_int_eq(report->connection->resolution->family, 6);
	ck_assert_int_eq(fake.family, AF_INET6);
	ck_assert_int_eq(report->connection->tcp, TBD_END_NONE);
	tbd_report_free(report);
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
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	options.resolver = &resolver;
	options.family = 6;
	struct tbd_report *report = fetch("mqtts", "gateway", 8883, &options);
	ck_assert_int_eq(report->connection->resolution->error, EAI_ADDRFAMILY);
	ck_assert_int_eq(fake.releases, 1);
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_str_eq(report->findings[0]->id, "dns.no-address");
	tbd_report_free(report);
}

/* The answer comes when nobody waits any more: its memory is given back all the same. */
TEST(late_answer)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	options.timeout_ms = 60;
	fake.wait = true;
	struct tbd_report *report = fetch("mqtts", "slow.example", 8883, &options);
	ck_assert_int_eq(report->connection->resolution->end, TBD_END_TIMEOUT);
	ck_assert_int_eq(status_of(report, "dns"), TBD_STEP_TIMEOUT);
	ck_assert_int_eq(report->connection->timeout_ms, 60);
	ck_assert_int_ge(elapsed_ms(report), 60);
	ck_assert_int_lt(elapsed_ms(report), 5000);
	tbd_report_free(report);
	let_go();
	while (fake.releases == 0)
		sched_yield(); /* Check's timeout is the deadline */
}

TEST(literal_asks_nobody)
{
	static const struct peer_step script[] = { { .op = PEER_END } };
	struct tbd_fetch_options options = with_resolver(NULL, EAI_FAIL);
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = fetch("mqtt", "127.0.0.1", peer_port(peer), &options);
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_ptr_null(report->connection->resolution);
	ck_assert_ptr_null(step_of(report, "dns"));
	ck_assert_int_eq(report->connection->tcp, TBD_END_OK);
	free_both(report, peer);
}

/* The system's resolver, on a name that every machine knows. */
TEST(localhost)
{
	static const struct peer_step script[] = { { .op = PEER_END } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer *peer = peer_new(script, NULL);
	options.family = 4;
	struct tbd_report *report = fetch("mqtt", "localhost", peer_port(peer), &options);
	ck_assert_int_eq(report->connection->resolution->end, TBD_END_OK);
	ck_assert_str_eq(report->connection->resolution->addresses[0], "127.0.0.1");
	ck_assert_int_eq(status_of(report, "dns"), TBD_STEP_OK);
	ck_assert_int_eq(report->connection->tcp, TBD_END_OK);
	free_both(report, peer);
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

TEST_GROUP(.setup_once = make_probe_certificates, .teardown_once = free_probe_certificates,
	.seconds = 20);

/* An address that does not answer costs the attempt delay, not the deadline. */
TEST(race_blackhole)
{
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.1", NULL };
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	struct peer *peer = peer_new(script, NULL);
	uint16_t port = peer_port(peer);
	struct peer_hole hole;
	ck_assert_int_eq(peer_hole(&hole, "127.0.0.2", &port), 0);
	struct tbd_report *report = fetch("mqtt", "two.example", port, &options);
	const struct tbd_connection *connection = report->connection;
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
	ck_assert_uint_eq(connection->resolution->address_count, 2);
	ck_assert_uint_eq(connection->attempt_count, 2);
	ck_assert_str_eq(connection->attempts[0]->address, "127.0.0.2");
	ck_assert(connection->attempts[0]->abandoned && !connection->attempts[0]->connected);
	ck_assert_int_eq(connection->attempts[0]->error, 0);
	ck_assert_ptr_eq(connection->used, connection->attempts[1]);
	ck_assert_str_eq(connection->used->address, "127.0.0.1");
	ck_assert_int_eq(connection->used->port, port);
	ck_assert(connection->used->connected && !connection->used->abandoned);
	ck_assert_int_ge(connection->used->start_us - connection->attempts[0]->start_us, 250000);
	ck_assert_ptr_null(connection->neighbours);
	tbd_report_free(report);
	peer_hole_close(&hole);
	peer_free(peer);
}

/* A failure lets the next one begin at once. */
TEST(race_after_refusal)
{
	static const char *const addresses[] = { "127.0.0.2", "224.0.0.1", "127.0.0.1", NULL };
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	struct peer *peer = peer_new(script, NULL);
	uint16_t port = peer_port(peer);
	struct tbd_report *report = fetch("mqtt", "three.example", port, &options);
	const struct tbd_connection *connection = report->connection;
	ck_assert_int_eq(connection->tcp, TBD_END_OK);
	ck_assert_uint_eq(connection->attempt_count, 3);
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	ck_assert_str_eq(connection->attempts[0]->detail, strerror(ECONNREFUSED));
	ck_assert_int_eq(connection->attempts[1]->error, ENETUNREACH);
	ck_assert_ptr_eq(connection->used, connection->attempts[2]);
	free_both(report, peer);
}

/* The faster family wins, and the loser is closed without having been of any use. */
TEST(race_families)
{
	static const char *const addresses[] = { "::1", "127.0.0.1", NULL };
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	struct peer *peer = peer_new(script, NULL);
	uint16_t port = peer_port(peer);
	struct peer_hole hole;
	if (peer_hole(&hole, "::1", &port) == 0) {
		struct tbd_report *report = fetch("mqtt", "dual.example", port, &options);
		ck_assert_str_eq(report->connection->attempts[0]->address, "::1");
		ck_assert_str_eq(report->connection->used->address, "127.0.0.1");
		tbd_report_free(report);
		peer_hole_close(&hole);
	}
	peer_free(peer);
}

TEST(ipv6)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct peer *peer = peer_new_at("::1", 0, script, NULL);
	if (peer == NULL)
		return; /* a machine without IPv6 */
	struct tbd_report *report = fetch("mqtt", "::1", peer_port(peer), NULL);
	ck_assert_int_eq(report->connection->tcp, TBD_END_OK);
	ck_assert_str_eq(report->connection->used->address, "::1");
	free_both(report, peer);
}

TEST(refused)
{
	uint16_t port = 0;
	int fd = peer_refusing("127.31.7.9", &port);
	ck_assert_int_ge(fd, 0);
	struct tbd_report *report = fetch("mqtts", "127.31.7.9", port, NULL);
	const struct tbd_connection *connection = report->connection;
	ck_assert_int_eq(connection->tcp, TBD_END_ERROR);
	ck_assert_ptr_null(connection->used);
	ck_assert_ptr_null(connection->tls);
	ck_assert_uint_eq(connection->attempt_count, 1);
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	ck_assert_int_eq(status_of(report, "tcp"), TBD_STEP_FAILED);
	ck_assert_str_eq(report->steps[0]->detail, strerror(ECONNREFUSED));
	ck_assert_uint_eq(connection->neighbour_count, 3);
	ck_assert_int_eq(connection->neighbours[0]->port, 1883);
	ck_assert_int_eq(connection->neighbours[1]->port, 8883);
	ck_assert_int_eq(connection->neighbours[2]->port, 8080);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(connection->neighbours[i]->address, "127.31.7.9");
	tbd_report_free(report);
	close(fd);
}

/* A family without a route says nothing about the server. */
TEST(refused_beside_no_route)
{
	static const char *const addresses[] = { "224.0.0.1", "127.31.7.9", NULL };
	struct tbd_fetch_options options = with_resolver(addresses, 0);
	uint16_t port = 0;
	int fd = peer_refusing("127.31.7.9", &port);
	struct tbd_report *report = fetch("mqtts", "two.example", port, &options);
	ck_assert_int_eq(report->connection->tcp, TBD_END_ERROR);
	ck_assert_uint_eq(report->connection->neighbour_count, 3);
	ck_assert_str_eq(report->connection->neighbours[0]->address, "127.31.7.9");
	tbd_report_free(report);
	close(fd);
}

/* A server that is there, on another port than the one dialled; silent neighbours cost a second. */
TEST(neighbours)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	uint16_t hole_port = 8080;
	struct peer_hole hole;
	struct peer *peer = peer_new_at("127.31.7.10", 1883, script, NULL);
	if (peer == NULL)
		return; /* another server of this machine has the port everywhere */
	if (peer_hole(&hole, "127.31.7.10", &hole_port) == 0) {
		struct tbd_report *report = fetch("mqtts", "127.31.7.10", 8883, NULL);
		const struct tbd_connection *connection = report->connection;
		ck_assert_uint_eq(connection->neighbour_count, 2);
		ck_assert_int_eq(connection->neighbours[0]->port, 1883);
		ck_assert(connection->neighbours[0]->connected);
		ck_assert_int_eq(connection->neighbours[1]->port, 8080);
		ck_assert(connection->neighbours[1]->abandoned);
		ck_assert_int_eq(connection->neighbours[1]->error, ETIMEDOUT);
		ck_assert_int_ge(connection->neighbours[1]->duration_us, 1000000);
		tbd_report_free(report);
		peer_hole_close(&hole);
	}
	peer_free(peer);
}

TEST(unreachable)
{
	struct tbd_report *report = fetch("mqtts", "224.0.0.1", 8883, NULL);
	ck_assert_int_eq(report->connection->tcp, TBD_END_ERROR);
	ck_assert_int_eq(report->connection->attempts[0]->error, ENETUNREACH);
	ck_assert_uint_eq(report->connection->neighbour_count, 0);
	tbd_report_free(report);
}

TEST(unknown_zone)
{
	struct tbd_report *report = fetch("mqtts", "fe80::1%nosuch0", 8883, NULL);
	ck_assert_int_eq(report->connection->tcp, TBD_END_ERROR);
	ck_assert_int_ne(report->connection->attempts[0]->error, 0);
	tbd_report_free(report);
}

TEST(connect_timeout)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer_hole hole;
	uint16_t port = 0;
	ck_assert_int_eq(peer_hole(&hole, "127.0.0.1", &port), 0);
	options.timeout_ms = 300;
	struct tbd_report *report = fetch("mqtts", "127.0.0.1", port, &options);
	ck_assert_int_eq(report->connection->tcp, TBD_END_TIMEOUT);
	ck_assert_int_eq(report->connection->attempts[0]->error, ETIMEDOUT);
	ck_assert(report->connection->attempts[0]->abandoned);
	ck_assert_int_eq(status_of(report, "tcp"), TBD_STEP_TIMEOUT);
	ck_assert_int_ge(elapsed_ms(report), 300);
	ck_assert_int_lt(elapsed_ms(report), 5000);
	tbd_report_free(report);
	peer_hole_close(&hole);
}

/* Without a timeout of the caller's, connecting is over after 5 s. */
TEST(default_deadlines)
{
	struct peer_hole hole;
	uint16_t port = 0;
	ck_assert_int_eq(peer_hole(&hole, "127.0.0.1", &port), 0);
	struct tbd_report *report = fetch("mqtts", "127.0.0.1", port, NULL);
	ck_assert_int_eq(report->connection->tcp, TBD_END_TIMEOUT);
	ck_assert_int_eq(report->connection->timeout_ms, 15000);
	ck_assert_int_ge(elapsed_ms(report), 5000);
	ck_assert_int_lt(elapsed_ms(report), 9000);
	ck_assert(tbdi_report_of(report)->default_deadlines);
	tbd_report_free(report);
	peer_hole_close(&hole);
}

TEST(connect_to)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_END } };
	const struct peer_tls tls = { .chain = good_chain };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(script, &tls);
	char name[256];
	options.connect_host = "127.0.0.1";
	options.connect_port = peer_port(peer);
	options.verify = &verify;
	struct tbd_report *report = fetch("mqtts", "localhost", 1, &options);
	ck_assert(report->connection->redirected);
	ck_assert_str_eq(report->connection->host, "127.0.0.1");
	ck_assert_int_eq(report->connection->port, peer_port(peer));
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert_str_eq(report->connection->tls->sni, "localhost");
	ck_assert(report->verification->verified);
	peer_wait(peer, 1);
	ck_assert(peer_server_name(peer, name));
	ck_assert_str_eq(name, "localhost");
	free_both(report, peer);
}

/* ---- handshake ------------------------------------------------------------------------------- */

static const char *const versions[] = { "1.2", "1.3" };

static struct tbd_fetch_options with_version(int i)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	options.tls_version = versions[i];
	return options;
}

static void assert_chain(const struct tbd_report *report, const struct mint_cert *const *certs)
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
TEST_TIMES(chain_as_sent, 2)
{
	const struct mint_cert *const chain[] = { family.leaf, family.root, family.intermediate,
		family.intermediate, NULL };
	const struct peer_tls tls = { .chain = chain };
	const struct tbd_fetch_options options = with_version(_i);
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_report *report = fetch_from(peer, &options);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert_str_eq(seen->version, _i == 0 ? "TLS1.2" : "TLS1.3");
	ck_assert_str_eq(seen->wanted_version, versions[_i]);
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
	ck_assert_int_eq(status_of(report, "tls"), TBD_STEP_OK);
	ck_assert_ptr_null(report->verification);
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
	assert_chain(report, chain);
	peer_wait(peer, 1);
	/* The tickets of TLS 1.3 follow the client's Finished, and may find nobody there any more. */
	int handshake = peer_handshake(peer);
	ck_assert_msg(
		handshake == 0 || (_i == 1 && handshake == GNUTLS_E_PUSH_ERROR), "%d", handshake);
	free_both(report, peer);
}

TEST(sni)
{
	static const struct {
		const char *sni;
		const char *sent;
	} rows[] = { { "other.example", "other.example" }, { "", NULL }, { "192.0.2.1", NULL },
		{ "::1", NULL }, { NULL, NULL } };
	const struct peer_tls tls = { .chain = good_chain };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer *peer = peer_new(peer_whole, &tls);
	char name[256];
	for (unsigned i = 0; i < TBDI_COUNT(rows); i++) {
		options.sni = rows[i].sni;
		struct tbd_report *report = fetch_from(peer, &options);
		peer_wait(peer, i + 1);
		ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
		ck_assert_int_eq(peer_server_name(peer, name), rows[i].sent != NULL);
		if (rows[i].sent != NULL) {
			ck_assert_str_eq(report->connection->tls->sni, rows[i].sent);
			ck_assert_str_eq(name, rows[i].sent);
		} else {
			ck_assert_ptr_null(report->connection->tls->sni);
		}
		tbd_report_free(report);
	}
	peer_free(peer);
}

TEST_TIMES(verified, 2)
{
	const struct peer_tls tls = { .chain = good_chain };
	struct tbd_fetch_options options = with_version(_i);
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(peer_whole, &tls);
	options.verify = &verify;
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert(report->verification->verified);
	ck_assert(tbdi_stream_may_carry_secrets(tbdi_report_of(report)->stream));
	free_both(report, peer);
}

/* Nothing is sent to a peer that is not verified but the alert a device would send. */
TEST_TIMES(refused_peer, 2)
{
	const struct mint_cert *const chain[] = { stranger.leaf, stranger.intermediate, NULL };
	const struct peer_tls tls = { .chain = chain };
	struct tbd_fetch_options options = with_version(_i);
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(peer_whole, &tls);
	const void *received;
	options.verify = &verify;
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert_int_eq(seen->end, TBD_END_REFUSED);
	ck_assert_int_eq(seen->alert_sent, ALERT_UNKNOWN_CA);
	ck_assert_int_eq(seen->alert, -1);
	ck_assert_ptr_null(seen->first_bytes);
	ck_assert_str_eq(seen->last_message, _i == 0 ? "Certificate" : "CertificateVerify");
	ck_assert_str_eq(seen->version, _i == 0 ? "TLS1.2" : "TLS1.3");
	ck_assert(!report->verification->verified);
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
	ck_assert_int_eq(status_of(report, "tls"), TBD_STEP_FAILED);
	assert_chain(report, chain);
	peer_wait(peer, 1);
	ck_assert_int_eq(peer_alert(peer), ALERT_UNKNOWN_CA);
	ck_assert_uint_eq(peer_received(peer, &received), 0);
	free_both(report, peer);
}

TEST_TIMES(insecure, 2)
{
	const struct mint_cert *const chain[] = { stranger.leaf, NULL };
	const struct peer_tls tls = { .chain = chain };
	struct tbd_fetch_options options = with_version(_i);
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(peer_whole, &tls);
	options.verify = &verify;
	options.insecure = true;
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert(report->insecure);
	ck_assert(!report->verification->verified);
	ck_assert(tbdi_stream_may_carry_secrets(tbdi_report_of(report)->stream));
	free_both(report, peer);
}

/* Our own failure inside the handshake is the failure of tbd_fetch(). */
TEST_TIMES(verify_fails, 2)
{
	const struct peer_tls tls = { .chain = good_chain };
	struct tbd_fetch_options options = with_version(_i);
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_report *report = report_for("mqtts", "127.0.0.1", peer_port(peer));
	struct tbd_error error = { "" };
	verify.size = 1;
	options.verify = &verify;
	options.insecure = true;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_str_ne(error.text, "");
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
	free_both(report, peer);
}

/* Where nobody asked for a verdict, nothing may be sent. */
TEST(not_judged)
{
	const struct peer_tls tls = { .chain = good_chain };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer *peer = peer_new(peer_whole, &tls);
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_ptr_nonnull(tbdi_report_of(report)->stream);
	ck_assert(!tbdi_stream_may_carry_secrets(tbdi_report_of(report)->stream));
	free_both(report, peer);
}

/* ---- handshakes that fail -------------------------------------------------------------------- */

#define HELLO                   \
	{                       \
		.op = PEER_READ \
	}

static const struct failing {
	const char *what;
	struct peer_step script[4];
	enum tbd_end end;
	size_t bytes_in;
	int alert;
	bool close_notify;
	const char *first_bytes;
} failing[] = {
	{ "FIN at the ClientHello", { HELLO, { .op = PEER_FIN } }, TBD_END_CLOSED, 0, -1, false,
		NULL },
	{ "FIN at once", { { .op = PEER_FIN } }, TBD_END_CLOSED, 0, -1, false, NULL },
	{ "RST at the ClientHello", { HELLO, { .op = PEER_RESET } }, TBD_END_RESET, 0, -1, false,
		NULL },
	{ "close_notify",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x15\x03\x03\x00\x02\x01\x00") },
			{ .op = PEER_FIN } },
		TBD_END_CLOSED, 7, -1, true, NULL },
	{ "FIN in a record header",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x16\x03\x03") }, { .op = PEER_FIN } },
		TBD_END_CLOSED, 3, -1, false, NULL },
	{ "FIN in a record",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x16\x03\x03\x00\x10\x02\x00") },
			{ .op = PEER_FIN } },
		TBD_END_CLOSED, 7, -1, false, NULL },
	{ "RST in a record",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x16\x03\x03\x00\x10\x02\x00") },
			{ .op = PEER_RESET } },
		TBD_END_RESET, 7, -1, false, NULL },
	{ "alert 40", { HELLO, { .op = PEER_ALERT, .number = 40 }, { .op = PEER_FIN } },
		TBD_END_ALERT, 7, 40, false, NULL },
	{ "alert 112, then RST",
		{ HELLO, { .op = PEER_ALERT, .number = 112 }, { .op = PEER_RESET } }, TBD_END_ALERT,
		7, 112, false, NULL },
	{ "alert 70", { HELLO, { .op = PEER_ALERT, .number = 70 }, { .op = PEER_FIN } },
		TBD_END_VERSION, 7, 70, false, NULL },
	{ "HTTP",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("HTTP/1.1 400 Bad Request\r\n\r\n") },
			{ .op = PEER_FIN } },
		TBD_END_PROTOCOL, 0, -1, false, "HTTP/" },
	{ "a short answer that is not TLS",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x20\x02\x00\x05") }, { .op = PEER_FIN } },
		TBD_END_PROTOCOL, 4, -1, false, " \\x02\\x00\\x05" },
	{ "one byte, then RST",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x00") }, { .op = PEER_RESET } },
		TBD_END_PROTOCOL, 1, -1, false, "\\x00" },
	{ "a banner",
		{ { .op = PEER_SEND, PEER_BYTES("220 mail.example ESMTP\r\n") },
			{ .op = PEER_DRAIN } },
		TBD_END_PROTOCOL, 0, -1, false, "220 m" },
	{ "an application record in place of the ServerHello",
		{ HELLO, { .op = PEER_SEND, PEER_BYTES("\x17\x03\x03\x00\x01\x41") },
			{ .op = PEER_DRAIN } },
		TBD_END_PROTOCOL, 6, -1, false, NULL },
	{ "a ServerHello that is none",
		{ HELLO,
			{ .op = PEER_SEND,
				PEER_BYTES("\x16\x03\x03\x00\x06\x02\x00\x00\x02\x01\x02") },
			{ .op = PEER_DRAIN } },
		TBD_END_PROTOCOL, 11, -1, false, NULL },
};

TEST_EACH(failing_handshake, row, failing)
{
	struct peer *peer = peer_new(row->script, NULL);
	struct tbd_report *report = fetch_from(peer, NULL);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert_msg(seen->end == row->end, "%s: %d, %s", row->what, seen->end, seen->detail);
	ck_assert_int_eq(seen->alert, row->alert);
	ck_assert_int_eq(seen->close_notify, row->close_notify);
	ck_assert_ptr_null(seen->version);
	ck_assert_ptr_nonnull(seen->detail);
	ck_assert_int_eq(status_of(report, "tls"), TBD_STEP_FAILED);
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
	free_both(report, peer);
}

TEST(alert_name)
{
	static const struct peer_step script[] = { HELLO, { .op = PEER_ALERT, .number = 112 },
		{ .op = PEER_FIN } };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = fetch_from(peer, NULL);
	ck_assert_str_eq(report->connection->tls->alert_name, "unrecognized_name");
	free_both(report, peer);
}

TEST(silence)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer *peer = peer_new(script, NULL);
	options.timeout_ms = 200;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_TIMEOUT);
	ck_assert_uint_eq(report->connection->tls->bytes_in, 0);
	ck_assert_ptr_null(report->connection->tls->last_message);
	ck_assert_int_eq(status_of(report, "tls"), TBD_STEP_TIMEOUT);
	ck_assert_int_ge(elapsed_ms(report), 200);
	ck_assert_int_lt(elapsed_ms(report), 5000);
	free_both(report, peer);
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
	const struct peer_step script[] = { HELLO,
		{ .op = _i % 2 ? PEER_DRIP : PEER_SEND, .data = row->bytes, .len = row->len },
		{ .op = row->ends }, { .op = PEER_FIN } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct peer *peer = peer_new(script, NULL);
	options.timeout_ms = row->end == TBD_END_TIMEOUT ? 100 : 5000;
	struct tbd_report *report = fetch_from(peer, &options);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert_int_eq(seen->end, row->end);
	ck_assert_uint_eq(seen->record_len, row->record_len);
	ck_assert_uint_eq(seen->record_in, row->record_in);
	free_both(report, peer);
}

/* What is said about a message that never ends. */
TEST(endless_message)
{
	static unsigned char record[5 + 16384] = "\x16\x03\x03\x40\x00\x02\xff\xff\xff";
	static struct peer_step script[40] = { HELLO };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	for (size_t i = 1; i < TBDI_COUNT(script) - 2; i++)
		script[i] = (struct peer_step){
			.op = PEER_SEND, .data = record, .len = sizeof(record)
		};
	script[TBDI_COUNT(script) - 2].op = PEER_DRAIN; /* and the last one is PEER_END */
	struct peer *peer = peer_new(script, NULL);
	options.timeout_ms = 3000;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_PROTOCOL);
	ck_assert_uint_lt(report->connection->tls->bytes_in, 600 * 1024);
	free_both(report, peer);
}

TEST(version)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_FIN } };
	const struct peer_tls tls = { .chain = good_chain,
		.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT" };
	struct peer *peer = peer_new(script, &tls);
	struct tbd_report *report = fetch_from(peer, NULL);
	ck_assert_msg(report->connection->tls->end == TBD_END_VERSION, "%d, %s",
		report->connection->tls->end, report->connection->tls->detail);
	ck_assert_ptr_null(report->connection->tls->version);
	free_both(report, peer);
}

/* A server of the past that chooses a version nobody offered. */
TEST(version_chosen)
{
	static const unsigned char hello[] = { 0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, 1, 2, 3, 4, 5,
		6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 0, 0xc0, 0x13, 0 };
	static const struct peer_step script[] = { HELLO,
		{ .op = PEER_SEND, .data = hello, .len = sizeof(hello) }, { .op = PEER_DRAIN },
		{ .op = PEER_END } };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = fetch_from(peer, NULL);
	ck_assert_msg(report->connection->tls->end == TBD_END_VERSION, "%s",
		report->connection->tls->detail);
	ck_assert_int_eq(report->connection->tls->alert_sent, ALERT_VERSION);
	free_both(report, peer);
}

/* ---- client certificates --------------------------------------------------------------------- */

/* TLS 1.3 says no only after our Finished. */
TEST_TIMES(client_cert_required, 2)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_FIN } };
	const struct peer_tls tls = { .chain = good_chain, .client_cert = GNUTLS_CERT_REQUIRE };
	struct tbd_fetch_options options = with_version(_i);
	struct peer *peer = peer_new(script, &tls);
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert(seen->client_cert_requested);
	ck_assert_msg(seen->end == TBD_END_ALERT, "%d, %s", seen->end, seen->detail);
	/* In TLS 1.2 every library has an alert of its own for it. */
	ck_assert_int_gt(seen->alert, 0);
	ck_assert(_i == 0 || seen->alert == GNUTLS_A_CERTIFICATE_REQUIRED);
	ck_assert(_i == 0 || strcmp(seen->alert_name, "certificate_required") == 0);
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
	ck_assert_int_eq(status_of(report, "tls"), TBD_STEP_FAILED);
	assert_chain(report, good_chain);
	free_both(report, peer);
}

TEST_TIMES(client_cert_wanted, 4)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_SEND, PEER_BYTES("hi") }, { .op = PEER_DRAIN }, { .op = PEER_END } };
	const struct peer_tls tls = {
		.chain = good_chain, .client_cert = GNUTLS_CERT_REQUEST, .no_tickets = _i >= 2
	};
	struct tbd_fetch_options options = with_version(_i % 2);
	struct peer *peer = peer_new(script, &tls);
	char data[8] = "";
	options.keep_open = true;
	struct tbd_report *report = fetch_from(peer, &options);
	struct tbdi_stream *stream = tbdi_report_of(report)->stream;
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	ck_assert(report->connection->tls->client_cert_requested);
	/* What came with the first sign of content is not lost. */
	for (size_t len = 0; len < 2;) {
		ssize_t got = tbdi_stream_read(stream, data + len, sizeof(data) - 1 - len);
		ck_assert(got > 0 || got == TBDI_STREAM_AGAIN);
		len += got > 0 ? (size_t)got : 0;
	}
	ck_assert_str_eq(data, "hi");
	free_both(report, peer);
}

/* No ticket, no data, no alert: after a moment we go on. */
TEST(client_cert_silence)
{
	const struct peer_tls tls = {
		.chain = good_chain, .client_cert = GNUTLS_CERT_REQUEST, .no_tickets = true
	};
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_report *report = fetch_from(peer, NULL);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	free_both(report, peer);
}

/* A family's leaf and its key in files, for the time of a test. */
struct own_files {
	char cert[40];
	char key[40];
};

static void own_files_make(struct own_files *files, const struct mint_cert *cert, const char *key)
{
	snprintf(files->cert, sizeof(files->cert), "/tmp/test-probe-%d.pem", (int)getpid());
	snprintf(files->key, sizeof(files->key), "/tmp/test-probe-%d.key", (int)getpid());
	ck_assert_int_eq(mint_write(files->cert, (const char *)cert->pem.data, 0600), 0);
	ck_assert_int_eq(mint_write(files->key, key, 0600), 0);
}

static void own_files_remove(const struct own_files *files)
{
	unlink(files->cert);
	unlink(files->key);
}

/* It is shown although the server names no issuer of it, or others. */
TEST_TIMES(client_cert_sent, 2)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_SEND, PEER_BYTES("hi") }, { .op = PEER_DRAIN }, { .op = PEER_END } };
	const struct peer_tls tls = { .chain = good_chain, .client_cert = GNUTLS_CERT_REQUIRE };
	struct tbd_fetch_options options = with_version(_i);
	struct own_files files;
	char *key = mint_key_pem(stranger.leaf);
	own_files_make(&files, stranger.leaf, key);
	options.cert_file = files.cert;
	options.key_file = files.key;
	struct peer *peer = peer_new(script, &tls);
	struct tbd_report *report = fetch_from(peer, &options);
	const struct tbd_tls *seen = report->connection->tls;
	ck_assert_int_eq(seen->end, TBD_END_OK);
	ck_assert(seen->client_cert_requested && seen->client_cert_sent);
	ck_assert_str_eq(seen->client_cert->subject, "CN=localhost");
	ck_assert_str_eq(seen->client_cert->file, files.cert);
	ck_assert_int_eq(seen->client_cert->origin, TBD_ORIGIN_FILE);
	tbd_report_free(report);
	peer_free(peer);
	own_files_remove(&files);
	gnutls_free(key);
}

/* What cannot be used is refused before anybody is dialled. */
TEST(client_cert_unusable)
{
	static const char encrypted[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIGrMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAA==\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";
	char *other = mint_key_pem(family.leaf);
	const struct {
		const char *key;
		const char *words;
	} rows[] = { { encrypted, "encrypted" }, { "nothing", "no private key" },
		{ other, "does not belong" } };
	struct own_files files;
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_error error = { "" };
	options.cert_file = files.cert;
	options.key_file = files.key;
	for (size_t i = 0; i < TBDI_COUNT(rows); i++) {
		struct tbd_report *report = report_for("mqtts", "127.0.0.1", 1);
		own_files_make(&files, stranger.leaf, rows[i].key);
		ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
		ck_assert_msg(strstr(error.text, rows[i].words) != NULL, "%s", error.text);
		ck_assert_ptr_nonnull(strstr(error.text, files.key));
		tbd_report_free(report);
	}
	own_files_remove(&files);
	struct tbd_report *report = report_for("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_OPEN);
	tbd_report_free(report);
	gnutls_free(other);
}

/* ---- odd chains ------------------------------------------------------------------------------ */

TEST_TIMES(unparsable_certificate, 2)
{
	static unsigned char garbage[] = "\x30\x03 no certificate";
	static const gnutls_datum_t more[] = { { garbage, sizeof(garbage) - 1 } };
	const struct peer_tls tls = { .chain = good_chain, .more = more, .more_count = 1 };
	struct tbd_fetch_options options = with_version(_i);
	struct tbd_verify_options verify = verify_good();
	struct peer *peer = peer_new(peer_whole, &tls);
	options.verify = &verify;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_uint_eq(report->chain->count, 3);
	ck_assert_uint_eq(report->chain->certs[2]->der.len, sizeof(garbage) - 1);
	ck_assert_ptr_nonnull(report->chain->certs[2]->error);
	/* GnuTLS looks at the others only in TLS 1.2. The chain is judged all the same. */
	ck_assert_int_eq(report->connection->tls->end, _i == 0 ? TBD_END_PROTOCOL : TBD_END_OK);
	ck_assert_ptr_nonnull(report->verification);
	free_both(report, peer);
}

TEST_TIMES(long_chain, 2)
{
	const struct mint_cert *chain[21] = { family.leaf };
	const struct peer_tls tls = { .chain = chain };
	const struct tbd_fetch_options options = with_version(_i);
	for (size_t i = 1; i < 20; i++)
		chain[i] = family.intermediate;
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_uint_eq(report->chain->count, TBD_CHAIN_MAX);
	ck_assert(report->chain->truncated);
	ck_assert_uint_gt(report->chain->message_len, 19 * family.intermediate->der.size);
	free_both(report, peer);
}

/* What is weak is for the rules to judge; the handshake goes on, or at least the chain was seen. */
TEST_TIMES(weak_chain, 2)
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
	const struct peer_tls tls = { .chain = chain };
	const struct tbd_fetch_options options = with_version(_i);
	struct peer *peer = peer_new(peer_whole, &tls);
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_msg(
		report->connection->tls->end == TBD_END_OK, "%s", report->connection->tls->detail);
	assert_chain(report, chain);
	tbd_report_free(report);
	peer_free(peer);
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

static struct tbd_report *open_stream(struct peer *peer, int version, struct tbdi_stream **stream)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_verify_options verify = verify_good();
	options.keep_open = true;
	options.verify = &verify;
	options.tls_version = version < 2 ? versions[version] : NULL;
	struct tbd_report *report =
		fetch(version < 2 ? "mqtts" : "mqtt", "127.0.0.1", peer_port(peer), &options);
	*stream = tbdi_report_of(report)->stream;
	ck_assert_ptr_nonnull(*stream);
	ck_assert(tbdi_stream_may_carry_secrets(*stream));
	ck_assert_int_eq(tbdi_stream_end(*stream), TBD_END_NONE);
	return report;
}

static void wait_stream(struct tbdi_stream *stream, short events)
{
	struct pollfd fd = { tbdi_stream_fd(stream), events, 0 };
	if (!tbdi_stream_pending(stream))
		ck_assert_int_eq(poll(&fd, 1, 10000), 1);
}

/* Until so many have come, or the end: what the last read said. */
static ssize_t read_stream(
	struct tbdi_stream *stream, unsigned char *buffer, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t got = tbdi_stream_read(stream, buffer + *len, size - *len);
		if (got == TBDI_STREAM_AGAIN)
			wait_stream(stream, tbdi_stream_read_events(stream));
		else if (got <= 0)
			return got;
		else
			*len += (size_t)got;
	}
	return (ssize_t)size;
}

static void write_stream(struct tbdi_stream *stream, const unsigned char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = tbdi_stream_write(stream, data, len);
		if (sent == TBDI_STREAM_AGAIN) {
			wait_stream(stream, tbdi_stream_write_events(stream));
			continue;
		}
		ck_assert_int_gt(sent, 0);
		data += sent;
		len -= (size_t)sent;
	}
}

enum { BIG = 300 * 1024 };
static unsigned char big[BIG];

static void fill_big(void)
{
	for (size_t i = 0; i < BIG; i++)
		big[i] = (unsigned char)(i * 31 + i / 251);
}

/* TLS 1.2, TLS 1.3 and none: much in both directions, and an end in good form. */
TEST_TIMES(stream, 3)
{
	static const struct peer_step with_tls[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_READ, .number = BIG }, { .op = PEER_SEND, .data = big, .len = BIG },
		{ .op = PEER_DRAIN }, { .op = PEER_END } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(_i < 2 ? with_tls : with_tls + 1, _i < 2 ? &tls : NULL);
	unsigned char *back = malloc(BIG);
	const void *received;
	size_t len;
	struct tbdi_stream *stream;
	fill_big();
	struct tbd_report *report = open_stream(peer, _i, &stream);
	write_stream(stream, big, BIG);
	ck_assert_int_eq(read_stream(stream, back, BIG, &len), BIG);
	ck_assert_mem_eq(back, big, BIG);
	ck_assert_int_eq(tbdi_stream_bye(stream), 0);
	ck_assert_int_eq(read_stream(stream, back, BIG, &len), TBDI_STREAM_END);
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_CLOSED);
	ck_assert_int_eq(tbdi_stream_write(stream, big, 1), TBDI_STREAM_FAILED);
	peer_wait(peer, 1);
	ck_assert_uint_eq(peer_received(peer, &received), BIG);
	ck_assert_mem_eq(received, big, BIG);
	ck_assert(_i == 2 || report->connection->tls->close_notify);
	tbd_report_free(report);
	peer_free(peer);
	free(back);
}

TEST_TIMES(stream_drip, 2)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_DRIP, PEER_BYTES("one byte in a record") }, { .op = PEER_FIN } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(script, &tls);
	unsigned char data[64] = "";
	size_t len;
	struct tbdi_stream *stream;
	struct tbd_report *report = open_stream(peer, _i, &stream);
	ck_assert_int_eq(read_stream(stream, data, sizeof(data), &len), TBDI_STREAM_END);
	ck_assert_str_eq((char *)data, "one byte in a record");
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_CLOSED);
	ck_assert(!report->connection->tls->close_notify);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_OK);
	free_both(report, peer);
}

TEST_TIMES(stream_reset, 3)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_READ },
		{ .op = PEER_RESET } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(_i < 2 ? script : script + 1, _i < 2 ? &tls : NULL);
	unsigned char data[64];
	size_t len;
	struct tbdi_stream *stream;
	struct tbd_report *report = open_stream(peer, _i, &stream);
	write_stream(stream, (const unsigned char *)"x", 1);
	ck_assert_int_eq(read_stream(stream, data, sizeof(data), &len), TBDI_STREAM_FAILED);
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_RESET);
	free_both(report, peer);
}

/* The reason stands in what the peer said before it went: a write into the void must not hide it. */
TEST_TIMES(last_words, 3)
{
	static const struct peer_step alert[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_READ },
		{ .op = PEER_ALERT, .number = 49 }, { .op = PEER_RESET } };
	static const struct peer_step plain[] = { { .op = PEER_READ },
		{ .op = PEER_SEND, PEER_BYTES("\x20\x02\x00\x05") }, { .op = PEER_RESET } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(_i < 2 ? alert : plain, _i < 2 ? &tls : NULL);
	unsigned char data[64];
	size_t len;
	struct tbdi_stream *stream;
	struct tbd_report *report = open_stream(peer, _i, &stream);
	write_stream(stream, (const unsigned char *)"x", 1);
	peer_wait(peer, 1);
	/* Until the reset has come; then into the void. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_ne(tbdi_stream_write(stream, "again", 5), TBDI_STREAM_FAILED);
	ck_assert_int_eq(read_stream(stream, data, sizeof(data), &len), TBDI_STREAM_FAILED);
	if (_i < 2) {
		ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_ALERT);
		ck_assert_int_eq(tbdi_stream_alert(stream), 49);
	} else {
		ck_assert_uint_eq(len, 4);
		ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_RESET);
	}
	free_both(report, peer);
}

TEST(key_update)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_SEND, PEER_BYTES("before") }, { .op = PEER_KEY_UPDATE },
		{ .op = PEER_SEND, PEER_BYTES("behind") }, { .op = PEER_READ, .number = 5 },
		{ .op = PEER_END } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(script, &tls);
	unsigned char data[13] = "";
	size_t len;
	struct tbdi_stream *stream;
	struct tbd_report *report = open_stream(peer, 1, &stream);
	ck_assert_int_eq(read_stream(stream, data, 12, &len), 12);
	ck_assert_str_eq((char *)data, "beforebehind");
	write_stream(stream, (const unsigned char *)"reply", 5);
	ck_assert_int_eq(read_stream(stream, data, 12, &len), TBDI_STREAM_END);
	free_both(report, peer);
}

/* A second handshake is declined, and life goes on. */
TEST(renegotiation)
{
	static const struct peer_step script[] = { { .op = PEER_HANDSHAKE },
		{ .op = PEER_RENEGOTIATE }, { .op = PEER_SEND, PEER_BYTES("after") },
		{ .op = PEER_END } };
	const struct peer_tls tls = { .chain = good_chain };
	struct peer *peer = peer_new(script, &tls);
	unsigned char data[6] = "";
	size_t len;
	struct tbdi_stream *stream;
	struct tbd_report *report = open_stream(peer, 0, &stream);
	ck_assert_int_eq(read_stream(stream, data, 5, &len), 5);
	ck_assert_str_eq((char *)data, "after");
	ck_assert_int_eq(peer_alert(peer), GNUTLS_A_NO_RENEGOTIATION);
	free_both(report, peer);
}

/* ---- the caller ------------------------------------------------------------------------------ */

struct told {
	unsigned calls;
	unsigned begun; /* phases */
	char last[8];
	unsigned stop_after;
};

static int tell(void *arg, const char *step, int64_t elapsed)
{
	struct told *told = arg;
	ck_assert_int_ge(elapsed, 0);
	told->calls++;
	if (strcmp(told->last, step) != 0)
		told->begun++;
	snprintf(told->last, sizeof(told->last), "%s", step);
	return told->stop_after != 0 && told->calls >= told->stop_after;
}

TEST_GROUP(.seconds = 20);

TEST(progress)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct told told = { 0, 0, "", 0 };
	struct peer *peer = peer_new(script, NULL);
	options.timeout_ms = 800;
	options.progress = tell;
	options.progress_arg = &told;
	struct tbd_report *report = fetch_from(peer, &options);
	ck_assert_str_eq(told.last, "tls");
	ck_assert_uint_gt(told.calls, told.begun); /* while it waits, too */
	free_both(report, peer);
}

TEST_TIMES(cancel, 3)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct told told = { 0, 0, "", (unsigned)_i + 1 };
	struct peer *peer = peer_new(script, NULL);
	struct tbd_report *report = report_for("mqtts", "127.0.0.1", peer_port(peer));
	options.progress = tell;
	options.progress_arg = &told;
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_CANCELLED);
	ck_assert_uint_eq(told.calls, (unsigned)_i + 1);
	free_both(report, peer);
}

static void on_alarm(int number TBDI_UNUSED)
{
}

/* A signal is no answer: the deadline stands, and the caller hears of it. */
TEST(interrupted)
{
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct told told = { 0, 0, "", 0 };
	struct sigaction before;
	struct peer *peer = peer_new(script, NULL);
	options.timeout_ms = 400;
	options.progress = tell;
	options.progress_arg = &told;
	ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	struct tbd_report *report = fetch_from(peer, &options);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	ck_assert_int_eq(report->connection->tls->end, TBD_END_TIMEOUT);
	ck_assert_int_ge(elapsed_ms(report), 400);
	ck_assert_uint_ge(told.calls, 4);
	free_both(report, peer);
}

TEST(contract)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report_options no_target = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	ck_assert_int_eq(tbd_report_new(&no_target, &report, NULL), 0);
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
	tbd_report_free(report);
	report = report_for("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbd_fetch(report, NULL, NULL), TBD_E_INVALID);
	options.tls_version = "1.1";
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
	options.tls_version = NULL;
	options.timeout_ms = -1;
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
	options.timeout_ms = 1000;
	options.family = 5;
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
	options.family = 6;
	struct tbd_error error;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_str_eq(error.text, "127.0.0.1 is no IPv6 address");
	tbd_report_free(report);
}

/* What a file holds, and what was found of that, says nothing of a peer that is dialled afterwards. */
TEST(one_source)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report *report = report_for("mqtts", "127.0.0.1", 1);
	ck_assert_int_eq(tbdi_chain_take(tbdi_report_of(report), NULL, 0, 0, NULL), 0);
	ck_assert_int_eq(tbd_fetch(report, &options, NULL), TBD_E_INVALID);
	ck_assert_ptr_null(report->connection);
	ck_assert_int_eq(tbd_load(report, "/dev/null", NULL), TBD_E_INVALID);
	tbd_report_free(report);
}

/* ---- addresses that are given ---------------------------------------------------------------- */

TEST_GROUP(.setup_once = make_probe_certificates, .teardown_once = free_probe_certificates,
	.seconds = 20);

TEST(given_addresses)
{
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.1", NULL };
	static const struct peer_step script[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };
	struct tbd_fetch_options options = with_resolver(NULL, EAI_NONAME);
	struct peer *peer = peer_new(script, NULL);
	options.addresses = addresses;
	struct tbd_report *report =
		fetch("mqtt", "no-such-name.example", peer_port(peer), &options);
	const struct tbd_connection *connection = report->connection;
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_ptr_null(connection->resolution);
	ck_assert_str_eq(connection->host, "no-such-name.example");
	ck_assert(!connection->redirected);
	ck_assert_uint_eq(connection->attempt_count, 2);
	ck_assert_str_eq(connection->attempts[0]->address, "127.0.0.2");
	ck_assert_int_eq(connection->attempts[0]->error, ECONNREFUSED);
	ck_assert_str_eq(connection->used->address, "127.0.0.1");
	ck_assert_ptr_null(step_of(report, "dns"));
	free_both(report, peer);
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
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_error error = { "" };
	struct tbd_report *report = report_for("mqtts", row->host, 1);
	options.family = row->family;
	options.addresses = row->addresses;
	ck_assert_int_eq(tbd_fetch(report, &options, &error), TBD_E_INVALID);
	ck_assert_msg(strstr(error.text, row->error) != NULL, "%s", error.text);
	tbd_report_free(report);
}

/* ---- suite ----------------------------------------------------------------------------------- */
