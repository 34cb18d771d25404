/* SPDX-License-Identifier: MIT
 *
 * set.c - each address of a name dialled side by side, and what comparing reports shows.
 */
#include "tests/unit/check-main.h"
#include "tests/peers/peer.h"
#include "report/report.h"
#include "rules/catalogue.h"
#include "tests/unit/healthy-report.h"
#include "set/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <unistd.h>

/* ---- a name with addresses -------------------------------------------------------------------- */

static const char *const *fake_addresses; /* ends in NULL; NULL: no such name */
static useconds_t fake_delay_us;
static atomic_int fake_calls;

static void fake_release(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;
		free(list->ai_addr);
		free(list);
		list = next;
	}
}

static struct addrinfo *fake_info(const char *text)
{
	struct addrinfo *info = calloc(1, sizeof(*info));
	struct sockaddr_in *address = calloc(1, sizeof(*address));
	ck_assert(info != NULL && address != NULL);
	ck_assert_int_eq(inet_pton(AF_INET, text, &address->sin_addr), 1);
	address->sin_family = AF_INET;
	info->ai_family = AF_INET;
	info->ai_addr = (struct sockaddr *)(void *)address;
	info->ai_addrlen = sizeof(*address);
	return info;
}

static int fake_lookup(const char *node TBDI_UNUSED, const char *service TBDI_UNUSED,
	const struct addrinfo *hints TBDI_UNUSED, struct addrinfo **out)
{
	struct addrinfo **end = out;
	atomic_fetch_add(&fake_calls, 1);
	usleep(fake_delay_us); /* a slow resolver: nothing is waited for */
	*out = NULL;
	if (fake_addresses == NULL)
		return EAI_NONAME;
	for (const char *const *text = fake_addresses; *text != NULL; text++) {
		*end = fake_info(*text);
		end = &(*end)->ai_next;
	}
	return 0;
}

static const struct tbd_resolver fake_resolver = { fake_lookup, fake_release };

/* ---- peers ------------------------------------------------------------------------------------ */

static struct mint_family family, stranger;
static const struct mint_cert *good_chain[3], *other_chain[3], *short_chain[2];
static const struct peer_tls good = { .chain = good_chain }, other = { .chain = other_chain },
			     lone = { .chain = short_chain };
static struct tbd_trust *trust;

static const struct peer_step serve[] = { { .op = PEER_HANDSHAKE }, { .op = PEER_DRAIN },
	{ .op = PEER_END } };
static const struct peer_step silence[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };

static void set_setup(void)
{
	char path[] = "/tmp/test-set-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	ck_assert_int_eq(mint_family_init(&stranger, 0), 0);
	good_chain[0] = short_chain[0] = family.leaf;
	good_chain[1] = family.intermediate;
	other_chain[0] = stranger.leaf;
	other_chain[1] = stranger.intermediate;
	trust = tbd_trust_new();
	ck_assert(fd >= 0 && trust != NULL);
	ssize_t written = write(fd, family.root->pem.data, family.root->pem.size);
	ck_assert_int_eq(written, (ssize_t)family.root->pem.size);
	ck_assert_int_eq(tbd_trust_add_file(trust, path, NULL), 0);
	close(fd);
	unlink(path);
}

static void set_teardown(void)
{
	tbd_trust_free(trust);
	mint_family_release(&family);
	mint_family_release(&stranger);
}

/* Peers at 127.0.0.1 and 127.0.0.2 on one port. */
static uint16_t peers_new(struct peer *peers[2], const struct peer_step *script,
	const struct peer_tls *first, const struct peer_tls *second)
{
	for (;;) {
		peers[0] = peer_new(script, first);
		uint16_t port = peer_port(peers[0]);
		peers[1] = peer_new_at("127.0.0.2", port, script, second);
		if (peers[1] != NULL)
			return port;
		peer_free(peers[0]); /* somebody has the port at the other address */
	}
}

static void peers_free(struct peer *peers[2])
{
	peer_free(peers[0]);
	peer_free(peers[1]);
}

/* ---- one fetch -------------------------------------------------------------------------------- */

struct wanted {
	const char *host;
	uint16_t port;
	int64_t timeout_ms;
	bool judge;
	const char *const *given;
};

static int try_fetch(const struct wanted *wanted, struct tbd_set **set, struct tbd_error *error)
{
	char text[128];
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	snprintf(text, sizeof(text), "mqtts://%s:%u", wanted->host, (unsigned)wanted->port);
	ck_assert_int_eq(tbd_target_parse(text, &target, NULL), 0);
	options.target = target;
	verify.trust = trust;
	verify.name = "localhost";
	fetch.verify = wanted->judge ? &verify : NULL;
	fetch.resolver = &fake_resolver;
	fetch.timeout_ms = wanted->timeout_ms;
	fetch.addresses = wanted->given;
	atomic_store(&fake_calls, 0);
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_ADDRESSES, set, NULL), 0);
	int rc = tbd_set_fetch(*set, &options, &fetch, error);
	tbd_target_free(target);
	return rc;
}

static struct tbd_set *fetch_all(const struct wanted *wanted)
{
	struct tbd_error error = { "" };
	struct tbd_set *set = NULL;
	ck_assert_msg(try_fetch(wanted, &set, &error) == 0, "%s", error.text);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	return set;
}

static const struct tbd_difference *difference(const struct tbd_set *set, const char *property)
{
	for (size_t i = 0; i < set->difference_count; i++)
		if (strcmp(set->differences[i]->property, property) == 0)
			return set->differences[i];
	return NULL;
}

static void check_value(
	const struct tbd_set *set, const char *property, size_t index, const char *value)
{
	const struct tbd_difference *found = difference(set, property);
	ck_assert_msg(found != NULL, "no difference in %s", property);
	ck_assert_uint_eq(found->value_count, set->report_count);
	ck_assert_str_eq(found->values[index], value);
	ck_assert_ptr_null(found->values[found->value_count]);
}

static const char *const two[] = { "127.0.0.1", "127.0.0.2", NULL };

TEST_GROUP(.setup_once = set_setup, .teardown_once = set_teardown, .seconds = 20);

TEST(alike)
{
	struct peer *peers[2];
	uint16_t port = peers_new(peers, serve, &good, &good);
	fake_addresses = two;
	struct tbd_set *set = fetch_all(&(struct wanted){ "two.example", port, 0, true, NULL });
	ck_assert_int_eq(fake_calls, 1);
	ck_assert_str_eq(set->schema, "tbdiag-set/1");
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_uint_eq(set->difference_count, 0);
	ck_assert_uint_eq(set->finding_count, 0);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_OK);
	for (size_t i = 0; i < 2; i++) {
		const struct tbd_report *report = set->reports[i];
		ck_assert_str_eq(report->label, two[i]);
		ck_assert_str_eq(report->connection->host, "two.example");
		ck_assert_str_eq(report->connection->used->address, two[i]);
		ck_assert_str_eq(report->connection->tls->sni, "two.example");
		ck_assert(report->verification->verified);
		ck_assert_int_eq(report->time, set->reports[0]->time);
	}
	tbd_set_free(set);
	peers_free(peers);
}

TEST(other_chain)
{
	struct peer *peers[2];
	uint16_t port = peers_new(peers, serve, &other, &good);
	fake_addresses = two;
	struct tbd_set *set = fetch_all(&(struct wanted){ "two.example", port, 0, true, NULL });
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_CRITICAL);
	ck_assert_ptr_null(difference(set, "outcome"));
	ck_assert_ptr_nonnull(difference(set, "certificate"));
	ck_assert_ptr_nonnull(difference(set, "issuers"));
	check_value(set, "findings", 1, "nothing wrong");
	ck_assert_uint_eq(set->finding_count, 1);
	const struct tbd_finding *finding = set->findings[0];
	ck_assert_str_eq(finding->id, "dns.addresses-differ");
	ck_assert_int_eq(finding->severity, TBD_SEVERITY_WARNING);
	/* The one that is fine is what the other is measured by, wherever it stands. */
	ck_assert_ptr_nonnull(strstr(finding->summary, "compared with 127.0.0.2, which is fine"));
	ck_assert_ptr_nonnull(strstr(finding->fix, "--resolve 127.0.0.1"));
	ck_assert_ptr_nonnull(strstr(finding->fix, "--resolve 127.0.0.2 --save"));
	tbd_set_free(set);
	peers_free(peers);
}

/* Both would do for a client that has the intermediate. */
TEST(shorter_chain)
{
	struct peer *peers[2];
	uint16_t port = peers_new(peers, serve, &good, &lone);
	fake_addresses = two;
	struct tbd_set *set = fetch_all(&(struct wanted){ "two.example", port, 0, false, NULL });
	ck_assert_uint_eq(set->difference_count, 1);
	check_value(set, "issuers", 1, "not sent");
	ck_assert_int_eq(set->worst, TBD_SEVERITY_WARNING);
	tbd_set_free(set);
	peers_free(peers);
}

TEST(one_refuses)
{
	struct peer *peer = peer_new(serve, &good);
	uint16_t port = peer_port(peer);
	fake_addresses = two;
	struct tbd_set *set = fetch_all(&(struct wanted){ "two.example", port, 0, true, NULL });
	check_value(set, "outcome", 0, "connected");
	check_value(set, "outcome", 1, "connection refused");
	check_value(set, "findings", 1, "tcp.refused");
	/* That it shows no certificate is no further difference. */
	ck_assert_uint_eq(set->difference_count, 2);
	ck_assert_str_eq(set->findings[0]->id, "dns.addresses-differ");
	ck_assert_ptr_nonnull(strstr(set->findings[0]->fix, " at 127.0.0.2"));
	tbd_set_free(set);
	peer_free(peer);
}

TEST(given)
{
	static const char *const given[] = { "127.0.0.2", "127.0.0.1", NULL };
	struct peer *peers[2];
	uint16_t port = peers_new(peers, serve, &good, &good);
	fake_addresses = NULL;
	struct tbd_set *set = fetch_all(&(struct wanted){ "two.example", port, 0, true, given });
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_str_eq(set->reports[0]->label, "127.0.0.2");
	ck_assert_int_eq(set->worst, TBD_SEVERITY_OK);
	tbd_set_free(set);
	peers_free(peers);
}

TEST(no_such_name)
{
	fake_addresses = NULL;
	struct tbd_set *set = fetch_all(&(struct wanted){ "none.example", 8883, 0, true, NULL });
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->label, "none.example");
	ck_assert_str_eq(set->reports[0]->findings[0]->id, "dns.not-found");
	ck_assert_uint_eq(set->finding_count, 0);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_CRITICAL);
	tbd_set_free(set);
}

TEST(literal)
{
	struct peer *peer = peer_new(serve, &good);
	uint16_t port = peer_port(peer);
	struct tbd_set *set = fetch_all(&(struct wanted){ "127.0.0.1", port, 0, true, NULL });
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->label, "127.0.0.1");
	ck_assert(set->reports[0]->verification->verified);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_OK);
	tbd_set_free(set);
	peer_free(peer);
}

static int64_t set_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Five peers that say nothing cost the time of one. */
TEST(side_by_side)
{
	static const char *const five[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4",
		"127.0.0.5", NULL };
	struct peer *peers[5] = { NULL };
	uint16_t port = peers_new(peers, silence, NULL, NULL);
	for (size_t i = 2; i < 5; i++)
		peers[i] = peer_new_at(five[i], port, silence, NULL);
	fake_addresses = five;
	int64_t begin = set_now_ms();
	struct tbd_set *set = fetch_all(&(struct wanted){ "five.example", port, 600, true, NULL });
	int64_t took = set_now_ms() - begin;
	ck_assert_uint_eq(set->report_count, 5);
	ck_assert_int_ge(took, 600);
	ck_assert_msg(took < 5 * 600 - 300, "%lld ms", (long long)took);
	ck_assert_int_eq(set->reports[1]->connection->tls->end, TBD_END_TIMEOUT);
	tbd_set_free(set);
	for (size_t i = 0; i < 5; i++)
		peer_free(peers[i]);
}

/* What the resolver took is no more there for the connections. */
TEST(resolver_takes_time)
{
	struct peer *peer = peer_new(silence, NULL);
	uint16_t port = peer_port(peer);
	fake_addresses = two;
	fake_delay_us = 300 * 1000;
	struct tbd_set *set = fetch_all(&(struct wanted){ "slow.example", port, 700, true, NULL });
	fake_delay_us = 0;
	struct tbdi_report *report = tbdi_set_of(set)->reports.items[0];
	ck_assert_int_ge(report->spent_us, 300 * 1000);
	ck_assert_int_lt(report->deadline_us, 600 * 1000);
	ck_assert_int_eq(report->pub.connection->timeout_ms, 700);
	tbd_set_free(set);
	peer_free(peer);
}

/* ---- several ports ---------------------------------------------------------------------------- */

static int try_ports(const struct wanted *wanted, const uint16_t *ports, size_t count,
	struct tbd_set **set, struct tbd_error *error)
{
	char text[128];
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	snprintf(text, sizeof(text), "mqtts://%s:%u", wanted->host, (unsigned)wanted->port);
	ck_assert_int_eq(tbd_target_parse(text, &target, NULL), 0);
	options.target = target;
	fetch.resolver = &fake_resolver;
	fetch.addresses = wanted->given;
	atomic_store(&fake_calls, 0);
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_PORTS, set, NULL), 0);
	int rc = tbd_set_fetch_ports(*set, &options, &fetch, ports, count, error);
	tbd_target_free(target);
	return rc;
}

TEST_TIMES(ports, 2)
{
	static const char *const one[] = { "127.0.0.1", NULL };
	struct peer *peers[] = { peer_new(serve, &good), peer_new(serve, &good),
		peer_new(serve, &other) };
	const uint16_t ports[] = { peer_port(peers[1]), peer_port(peers[0]), peer_port(peers[2]),
		peer_port(peers[1]) };
	struct wanted wanted = { "two.example", peer_port(peers[0]), 0, false, NULL };
	struct tbd_set *set = NULL;
	char label[8], url[64];
	fake_addresses = one;
	ck_assert_int_eq(try_ports(&wanted, ports, 2 + 2 * (size_t)_i, &set, NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_int_eq(fake_calls, 1);
	/* The target's own comes first, and no port comes twice. */
	ck_assert_uint_eq(set->report_count, 2 + (size_t)_i);
	snprintf(label, sizeof(label), "%u", wanted.port);
	ck_assert_str_eq(set->reports[0]->label, label);
	snprintf(url, sizeof(url), "mqtts://two.example:%u", ports[0]);
	ck_assert_str_eq(set->reports[1]->target->url, url);
	ck_assert_int_eq(set->reports[1]->connection->port, ports[0]);
	if (_i == 0) {
		ck_assert_uint_eq(set->finding_count, 0);
	} else {
		ck_assert_str_eq(set->findings[0]->id, "chain.differs-by-port");
		ck_assert_int_eq(set->worst, TBD_SEVERITY_WARNING);
	}
	tbd_set_free(set);
	for (size_t i = 0; i < TBDI_COUNT(peers); i++)
		peer_free(peers[i]);
}

TEST(ports_of_nobody)
{
	const uint16_t ports[] = { 443 };
	struct wanted wanted = { "none.example", 8883, 0, false, NULL };
	struct tbd_set *set = NULL;
	fake_addresses = NULL;
	ck_assert_int_eq(try_ports(&wanted, ports, 1, &set, NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->findings[0]->id, "dns.not-found");
	tbd_set_free(set);
}

/* An address needs no resolver. */
TEST(ports_of_address)
{
	struct peer *peers[] = { peer_new(serve, &good), peer_new(serve, &good) };
	const uint16_t ports[] = { peer_port(peers[1]) };
	struct wanted wanted = { "127.0.0.1", peer_port(peers[0]), 0, false, NULL };
	struct tbd_set *set = NULL;
	ck_assert_int_eq(try_ports(&wanted, ports, 1, &set, NULL), 0);
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_int_eq(set->reports[1]->connection->used->port, ports[0]);
	tbd_set_free(set);
	peer_free(peers[0]);
	peer_free(peers[1]);
}

TEST(ports_misuse)
{
	uint16_t ports[TBD_ADDRESSES_MAX] = { 0 };
	struct wanted wanted = { "127.0.0.1", 1, 0, false, NULL };
	struct tbd_set *set = NULL;
	ck_assert_int_eq(try_ports(&wanted, ports, 1, &set, NULL), TBD_E_INVALID);
	tbd_set_free(set);
	for (size_t i = 0; i < TBDI_COUNT(ports); i++)
		ports[i] = (uint16_t)(i + 2);
	ck_assert_int_eq(try_ports(&wanted, ports, TBDI_COUNT(ports), &set, NULL), TBD_E_INVALID);
	ck_assert_uint_eq(set->report_count, 0);
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	ck_assert_int_eq(tbd_set_fetch_ports(set, &options, &fetch, ports, 1, NULL), TBD_E_INVALID);
	struct tbd_target *target = NULL;
	ck_assert_int_eq(tbd_target_parse("mqtt://127.0.0.1", &target, NULL), 0);
	options.target = target;
	ck_assert_int_eq(tbd_set_fetch_ports(set, &options, &fetch, ports, 1, NULL), TBD_E_INVALID);
	tbd_target_free(target);
	tbd_set_free(set);
}

TEST(misuse)
{
	static const char *const none[] = { NULL };
	static const char *const words[] = { "localhost", NULL };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_set *set = NULL;
	struct wanted wanted = { "two.example", 8883, 0, true, none };
	ck_assert_int_eq(try_fetch(&wanted, &set, NULL), TBD_E_INVALID);
	ck_assert_uint_eq(set->report_count, 0);
	ck_assert_int_eq(tbd_set_fetch(set, &options, NULL, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_set_fetch(set, &options, &fetch, NULL), TBD_E_INVALID); /* no target */
	fetch.keep_open = true;
	ck_assert_int_eq(tbd_set_fetch(set, &options, &fetch, NULL), TBD_E_INVALID);
	tbd_set_free(set);
	wanted.given = words;
	ck_assert_int_eq(try_fetch(&wanted, &set, NULL), TBD_E_INVALID);
	tbd_set_free(set);
	tbd_set_free(NULL);
}

/* ---- comparing hand-made reports --------------------------------------------------------------- */

static void spoil_nothing(struct sample *sample)
{
	(void)sample;
}

static void no_chain(struct sample *sample)
{
	sample_stop_before_tls(sample);
	sample->attempts[0].error = sample->attempts[1].error = ENETUNREACH;
	sample->attempts[0].detail = "Network is unreachable";
	sample->connection.tcp = TBD_END_ERROR;
}

static void times_out(struct sample *sample)
{
	sample_stop_before_tls(sample);
	sample->connection.tcp = TBD_END_TIMEOUT;
}

static void nothing_dialled(struct sample *sample)
{
	sample->report->connection = NULL;
}

static void set_alert(struct sample *sample)
{
	sample_stop_before_mqtt(sample);
	sample->report->chain = NULL;
	sample->report->verification = NULL;
	sample->tls.end = TBD_END_ALERT;
	sample->tls.alert = 40;
	sample->tls.alert_name = "handshake_failure";
}

static void tls_silent(struct sample *sample)
{
	set_alert(sample);
	sample->tls.end = TBD_END_TIMEOUT;
	sample->tls.alert = -1;
	sample->tls.alert_name = NULL;
}

static void renewed(struct sample *sample)
{
	sample->leaf.not_after += SAMPLE_DAY;
	sample->leaf.sha256 = sample->root.sha256;
}

static void malformed(struct sample *sample)
{
	sample->leaf.error = "truncated";
	sample->leaf.sha256 = sample->root.sha256;
	sample->report->verification = NULL;
}

static void leaf_alone(struct sample *sample)
{
	sample->chain.count = 1;
}

static const struct comparison {
	void (*spoil)(struct sample *sample);
	const char *property;
	const char *values[2];
} comparisons[] = {
	{ no_chain, "outcome", { "connected", "Network is unreachable" } },
	{ times_out, "outcome", { "connected", "no answer" } },
	{ nothing_dialled, "outcome", { "connected", "not dialled" } },
	{ set_alert, "outcome", { "connected", "TLS alert 40 (handshake_failure)" } },
	{ tls_silent, "outcome", { "connected", "TLS failed (timeout)" } },
	{ renewed, "expires", { "2026-09-29T00:00:00Z", "2026-09-30T00:00:00Z" } },
	{ renewed, "certificate",
		{ "CN=mqtt.example.com, SHA-256 1111",
			"CN=mqtt.example.com, "
			"SHA-256 3333" } },
	{ malformed, "certificate",
		{ "CN=mqtt.example.com, SHA-256 1111", "malformed, SHA-256 3" } },
	{ leaf_alone, "issuers", { "CN=Example Sub CA, SHA-256 2222", "not sent" } },
	{ tls_silent, "findings", { "nothing wrong", "tls.timeout" } },
	{ spoil_nothing, NULL, { NULL, NULL } },
};

TEST_GROUP();

TEST_EACH(comparison, row, comparisons)
{
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *set = NULL;
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_ADDRESSES, &set, NULL), 0);
	row->spoil(samples[1]);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(tbd_set_add(set, sample_take(samples[i]), two[i], NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	if (row->property == NULL)
		ck_assert_uint_eq(set->difference_count, 0);
	const struct tbd_difference *found =
		row->property != NULL ? difference(set, row->property) : NULL;
	ck_assert_msg(row->property == NULL || found != NULL, "no difference in %s", row->property);
	for (size_t i = 0; found != NULL && i < 2; i++)
		ck_assert_msg(
			strncmp(found->values[i], row->values[i], strlen(row->values[i])) == 0,
			"%s: %s, not %s", row->property, found->values[i], row->values[i]);
	tbd_set_free(set);
	sample_free(samples[0]);
	sample_free(samples[1]);
}

static const struct finding_row {
	const char *id; /* NULL: nothing is found */
	enum tbd_comparison compares;
	void (*spoil)(struct sample *sample);
	const char *evidence;
} finding_rows[] = {
	{ "dns.addresses-differ", TBD_COMPARES_ADDRESSES, renewed, "name addresses differs" },
	{ "dns.addresses-differ", TBD_COMPARES_ADDRESSES, times_out, "name addresses differs" },
	{ NULL, TBD_COMPARES_ADDRESSES, nothing_dialled, "" },
	{ NULL, TBD_COMPARES_ADDRESSES, spoil_nothing, "" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, renewed, "host ports differs" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, malformed, "host ports differs" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, leaf_alone, "host ports differs" },
	{ NULL, TBD_COMPARES_PORTS, times_out, "" },
	{ NULL, TBD_COMPARES_PORTS, spoil_nothing, "" },
};

/* ---- transports --------------------------------------------------------------------------------- */

static void over_http(struct sample *sample)
{
	sample_over_http(sample);
}

static void mqtt_answers(struct sample *sample, int connack)
{
	sample->exchange.end = TBD_MQTT_REFUSED;
	sample->exchange.connack = connack;
	sample->exchange.written = sample->exchange.read_back = NULL;
	sample->exchange.polls = 0;
	sample->report->step_count = 4;
}

static void mqtt_refuses(struct sample *sample)
{
	mqtt_answers(sample, 5);
}

static void mqtt_unavailable(struct sample *sample)
{
	mqtt_answers(sample, 3);
}

static void http_answers(struct sample *sample, int status)
{
	sample_over_http(sample);
	sample->api.end = TBD_API_REFUSED;
	sample->api.request_count = 1;
	sample->api.read_back = NULL;
	sample->requests[0].status = status;
	sample->report->step_count = 4;
}

static void http_refuses(struct sample *sample)
{
	http_answers(sample, 401);
}

static void http_fails(struct sample *sample)
{
	http_answers(sample, 500);
}

static void over_coap(struct sample *sample)
{
	sample_over_http(sample);
	sample->http_target->scheme = TBD_SCHEME_COAPS;
	sample->connection.datagrams = &sample->datagrams;
	sample->datagrams.sent = sample->datagrams.received = 6;
	sample->api.protocol = "coap";
	sample->requests[0].status = 201;
	sample->requests[1].status = 205;
}

static void coap_answers(struct sample *sample, int code)
{
	over_coap(sample);
	sample->api.end = TBD_API_REFUSED;
	sample->api.request_count = 1;
	sample->requests[0].status = code;
}

static void coap_refuses(struct sample *sample)
{
	coap_answers(sample, 401);
}

static void coap_fails(struct sample *sample)
{
	coap_answers(sample, 500);
}

static void coap_silent(struct sample *sample)
{
	over_coap(sample);
	tls_silent(sample);
	sample->report->api = NULL;
	sample->report->token = NULL;
	sample->datagrams.received = 0;
}

static void coap_closed(struct sample *sample)
{
	coap_silent(sample);
	sample_stop_before_tls(sample);
	sample->connection.tcp = TBD_END_ERROR;
	sample->attempts[0].error = sample->attempts[1].error = ECONNREFUSED;
}

static const struct transport_row {
	const char *id; /* NULL: nothing is found */
	void (*spoil[2])(struct sample *sample);
	const char *evidence;
	const char *meaning; /* in the fix, or the summary */
	enum tbd_severity worst;
} transport_rows[] = {
	{ NULL, { spoil_nothing, over_http }, "", "", TBD_SEVERITY_OK },
	{ NULL, { spoil_nothing, over_coap }, "", "", TBD_SEVERITY_OK },
	{ "token.differs-by-transport", { mqtt_refuses, over_http }, "host accepted refused",
		"do not lead to the same one", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { spoil_nothing, http_refuses }, "host accepted refused",
		"--fingerprint", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { over_http, coap_refuses }, "host accepted refused",
		"do not lead to the same one", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { over_http, coap_fails }, "host accepted refused",
		"only Default and CoAP are served", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { mqtt_unavailable, over_http }, "host accepted refused",
		"only Default and MQTT are served", TBD_SEVERITY_CRITICAL },
	/* HTTP does not look at the profile. */
	{ NULL, { spoil_nothing, http_fails }, "", "", TBD_SEVERITY_CRITICAL },
	{ "mqtt.not-authorized", { mqtt_refuses, http_refuses }, "host refused",
		"it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "mqtt.not-authorized", { mqtt_refuses, coap_refuses }, "host refused",
		"it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "http.unauthorized", { http_refuses, coap_refuses }, "host refused",
		"it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "coap.unauthorized", { coap_refuses, http_refuses }, "host refused",
		"it is the token itself", TBD_SEVERITY_CRITICAL },
	/* Twice the same protocol proves less. */
	{ NULL, { mqtt_refuses, mqtt_refuses }, "", "", TBD_SEVERITY_CRITICAL },
	{ "coap.timeout", { spoil_nothing, coap_silent }, "host answering silent datagrams",
		"UDP is filtered", TBD_SEVERITY_CRITICAL },
	{ NULL, { over_coap, coap_silent }, "", "", TBD_SEVERITY_CRITICAL },
	{ NULL, { times_out, coap_silent }, "", "", TBD_SEVERITY_CRITICAL },
	/* What the server does not have does not count, unless it has nothing. */
	{ NULL, { spoil_nothing, coap_closed }, "", "", TBD_SEVERITY_OK },
	{ NULL, { coap_closed, coap_closed }, "", "", TBD_SEVERITY_CRITICAL },
	{ "chain.differs-by-port", { spoil_nothing, renewed }, "host ports differs",
		"does not serve the same chain", TBD_SEVERITY_WARNING },
};

static void check_keys(const struct tbd_finding *finding, const char *expected)
{
	char keys[128] = "";
	size_t len = 0;
	for (size_t i = 0; i < finding->evidence_count; i++)
		len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s", i > 0 ? " " : "",
			finding->evidence[i].key);
	ck_assert_str_eq(keys, expected);
}

TEST_EACH(transports, row, transport_rows)
{
	static const char *const labels[] = { "one:1", "two:2" };
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *set = NULL;
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		row->spoil[i](samples[i]);
		ck_assert_int_eq(tbd_set_add(set, sample_take(samples[i]), labels[i], NULL), 0);
	}
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_msg(set->finding_count == (row->id != NULL), "row %d: %s", _i,
		set->finding_count > 0 ? set->findings[0]->id : "nothing");
	ck_assert_int_eq(set->worst, row->worst);
	if (row->id != NULL) {
		const struct tbd_finding *finding = set->findings[0];
		ck_assert_str_eq(finding->id, row->id);
		check_keys(finding, row->evidence);
		ck_assert_ptr_nonnull(strstr(finding->summary, "example.com"));
		ck_assert_msg(strstr(finding->fix, row->meaning) != NULL ||
				strstr(finding->summary, row->meaning) != NULL,
			"row %d: %s; %s", _i, finding->summary, finding->fix);
	}
	tbd_set_free(set);
	sample_free(samples[0]);
	sample_free(samples[1]);
}

/* "yes yes yes yes yes rc 0" */
static void check_passage(const struct tbd_passage *passage, const char *expected)
{
	char text[128];
	snprintf(text, sizeof(text), "%s %s %s %s %s %s", tbd_answer_name(passage->reachable),
		tbd_answer_name(passage->verified), tbd_answer_name(passage->authorised),
		tbd_answer_name(passage->written), tbd_answer_name(passage->read),
		passage->reply != NULL ? passage->reply : "none");
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(passage->latency_us, passage->reply != NULL ? 10000 : -1);
}

static void only_connected(struct sample *sample)
{
	sample_stop_before_mqtt(sample);
	sample->report->exchange = NULL;
	sample->report->token = NULL;
	sample->report->chain = NULL;
	sample->report->verification = NULL;
	sample->connection.tls = NULL;
}

static void only_udp(struct sample *sample)
{
	only_connected(sample);
	sample->connection.datagrams = &sample->datagrams;
}

static void not_verified(struct sample *sample)
{
	only_connected(sample);
	sample->report->verification = &sample->verification;
	sample->verification.verified = false;
}

static void not_stored(struct sample *sample)
{
	sample->exchange.end = TBD_MQTT_NOT_STORED;
	sample->exchange.read_back = NULL;
}

static void reads_only(struct sample *sample)
{
	sample->exchange.read_only = true;
	sample->exchange.written = sample->exchange.read_back = NULL;
}

static void http_reads_only(struct sample *sample)
{
	sample_over_http(sample);
	sample->api.read_only = true;
	sample->api.written = sample->api.read_back = NULL;
	sample->requests[0].method = "GET";
	sample->steps[3].name = "get";
}

/* Keys are asked for first, which says nothing of what is written. */
static void http_reads_first(struct sample *sample)
{
	http_reads_only(sample);
	sample->api.read_only = false;
	sample->api.client_keys = "model";
	sample->api.written = "n-0123";
	sample->api.end = TBD_API_REFUSED;
	sample->requests[1].method = "POST";
	sample->requests[1].status = 500;
}

/* A portal says 200 as well. */
static void http_page(struct sample *sample)
{
	http_answers(sample, 200);
	sample->api.end = TBD_API_OTHER_REPLY;
}

static void http_no_reply(struct sample *sample)
{
	http_answers(sample, -1);
	sample->api.end = TBD_API_NO_REPLY;
}

static const struct {
	void (*spoil)(struct sample *sample);
	const char *expected;
} passage_rows[] = {
	{ spoil_nothing, "yes yes yes yes yes rc 0" },
	{ over_http, "yes yes yes yes yes 200" },
	{ over_coap, "yes yes yes yes yes 2.01" },
	{ mqtt_refuses, "yes yes no not-asked not-asked rc 5" },
	{ mqtt_unavailable, "yes yes unclear not-asked not-asked rc 3" },
	{ http_refuses, "yes yes no not-asked not-asked 401" },
	{ http_page, "yes yes unclear not-asked not-asked 200" },
	{ http_no_reply, "yes yes unclear not-asked not-asked none" },
	{ coap_fails, "yes yes unclear not-asked not-asked 5.00" },
	{ coap_silent, "no not-asked not-asked not-asked not-asked none" },
	{ coap_closed, "no not-asked not-asked not-asked not-asked none" },
	{ times_out, "no not-asked not-asked not-asked not-asked none" },
	{ only_connected, "yes not-asked not-asked not-asked not-asked none" },
	{ only_udp, "unclear not-asked not-asked not-asked not-asked none" },
	{ not_verified, "yes no not-asked not-asked not-asked none" },
	{ not_stored, "yes yes yes yes no rc 0" },
	{ reads_only, "yes yes yes not-asked yes rc 0" },
	{ http_reads_only, "yes yes yes not-asked yes 200" },
	{ http_reads_first, "yes yes yes no no 200" },
};

TEST_EACH(passage, row, passage_rows)
{
	struct sample *sample = sample_new();
	struct tbd_set *set = NULL;
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL), 0);
	row->spoil(sample);
	ck_assert_int_eq(tbd_set_add(set, sample_take(sample), "mqtts:8883", NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_uint_eq(set->passage_count, 1);
	check_passage(set->passages[0], row->expected);
	tbd_set_free(set);
	sample_free(sample);
}

static int try_roundtrip(const struct tbd_fetch_options *fetch,
	const struct tbd_roundtrip_options *roundtrip,
	const struct tbd_transport_options *transports)
{
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_set *set = NULL;
	ck_assert_int_eq(tbd_target_parse("127.0.0.1", &target, NULL), 0);
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL), 0);
	options.target = target;
	int rc = tbd_set_roundtrip(set, &options, fetch, roundtrip, transports, NULL);
	ck_assert(rc < 0 || set->report_count > 0);
	tbd_set_free(set);
	tbd_target_free(target);
	return rc;
}

TEST(transports_misuse)
{
	static const struct tbd_transport twice[] = { { TBD_SCHEME_HTTPS, 1 },
		{ TBD_SCHEME_HTTPS, 1 } };
	static const struct tbd_transport no_port[] = { { TBD_SCHEME_HTTPS, 0 } };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT, strange = fetch;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT, of_mqtt = roundtrip;
	struct tbd_transport_options transports = TBD_TRANSPORT_OPTIONS_INIT, list = transports;
	list.list = twice;
	list.count = 2;
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &list), TBD_E_INVALID);
	list.count = 0;
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &list), TBD_E_INVALID);
	list.count = TBD_TRANSPORTS_MAX + 1;
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &list), TBD_E_INVALID);
	list.list = no_port;
	list.count = 1;
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &list), TBD_E_INVALID);
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, NULL), TBD_E_INVALID);
	ck_assert_int_eq(try_roundtrip(&fetch, NULL, &transports), TBD_E_INVALID);
	strange.connect_port = 1;
	ck_assert_int_eq(try_roundtrip(&strange, &roundtrip, &transports), TBD_E_INVALID);
	strange = fetch;
	strange.tls_version = "1.3"; /* not of DTLS */
	ck_assert_int_eq(try_roundtrip(&strange, &roundtrip, &transports), TBD_E_INVALID);
	of_mqtt.session_limits = true;
	ck_assert_int_eq(try_roundtrip(&fetch, &of_mqtt, &transports), TBD_E_INVALID);
	of_mqtt = roundtrip;
	of_mqtt.explain_refusal = &fetch;
	ck_assert_int_eq(try_roundtrip(&fetch, &of_mqtt, &transports), TBD_E_INVALID);
}

/* Peers that say nothing cost the time of one. */
TEST(transports_side_by_side)
{
	struct peer *peers[] = { peer_new(silence, NULL), peer_new(silence, NULL) };
	const struct tbd_transport silent[] = { { TBD_SCHEME_MQTTS, peer_port(peers[0]) },
		{ TBD_SCHEME_HTTPS, peer_port(peers[1]) } };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	struct tbd_transport_options transports = TBD_TRANSPORT_OPTIONS_INIT;
	transports.list = silent;
	transports.count = 2;
	fetch.timeout_ms = 1500;
	int64_t begin = set_now_ms();
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &transports), 0);
	int64_t took = set_now_ms() - begin;
	ck_assert_int_ge(took, 1500);
	ck_assert_msg(took < 2 * 1500 - 200, "%lld ms", (long long)took);
	peer_free(peers[0]);
	peer_free(peers[1]);
}

static int refuse_all(void *arg TBDI_UNUSED, const char *step TBDI_UNUSED, int64_t ms TBDI_UNUSED)
{
	return 1;
}

/* The threads are told, and come to their end. */
TEST(transports_cancelled)
{
	struct peer *peer = peer_new(silence, NULL);
	const struct tbd_transport silent[] = { { TBD_SCHEME_MQTTS, peer_port(peer) },
		{ TBD_SCHEME_HTTPS, peer_port(peer) } };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	struct tbd_transport_options transports = TBD_TRANSPORT_OPTIONS_INIT;
	transports.list = silent;
	transports.count = 2;
	fetch.progress = refuse_all;
	int64_t begin = set_now_ms();
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &transports), TBD_E_CANCELLED);
	ck_assert_int_lt(set_now_ms() - begin, 3000);
	peer_free(peer);
}

static void check_finding(const struct finding_row *row, const struct tbd_finding *finding)
{
	ck_assert_str_eq(finding->id, row->id);
	ck_assert_int_eq(finding->severity, TBD_SEVERITY_WARNING);
	check_keys(finding, row->evidence);
	ck_assert_ptr_nonnull(strstr(finding->summary, "mqtt.example.com"));
	ck_assert_ptr_nonnull(strstr(finding->fix, "mqtt.example.com"));
}

TEST_EACH(finding, row, finding_rows)
{
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *set = NULL;
	ck_assert_int_eq(tbd_set_new(row->compares, &set, NULL), 0);
	row->spoil(samples[1]);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(tbd_set_add(set, sample_take(samples[i]), two[i], NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_uint_eq(set->finding_count, row->id != NULL);
	if (row->id != NULL)
		check_finding(row, set->findings[0]);
	tbd_set_free(set);
	sample_free(samples[0]);
	sample_free(samples[1]);
}

TEST(every_rule_has_a_row)
{
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rule->pub.id != NULL; rule++) {
			bool found = rule->match_set == NULL;
			for (size_t i = 0; i < TBDI_COUNT(transport_rows); i++)
				found = found ||
					(transport_rows[i].id != NULL &&
						strcmp(transport_rows[i].id, rule->pub.id) == 0);
			for (size_t i = 0; i < TBDI_COUNT(finding_rows); i++)
				found = found ||
					(finding_rows[i].id != NULL &&
						strcmp(finding_rows[i].id, rule->pub.id) == 0);
			ck_assert_msg(found, "%s has no row", rule->pub.id);
		}
}

/* Each report counts its days from its own time. */
TEST(json)
{
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *set = NULL;
	char *json = NULL;
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_ADDRESSES, &set, NULL), 0);
	ck_assert_int_eq(tbd_set_note(set, "a remark", NULL), 0);
	samples[1]->report->time += 2 * SAMPLE_DAY;
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(tbd_set_add(set, sample_take(samples[i]), two[i], NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_int_eq(tbd_set_to_json(set, &json, NULL), 0);
	ck_assert_ptr_nonnull(strstr(json, "\"schema\": \"tbdiag-set/1\""));
	ck_assert_ptr_nonnull(strstr(json, "\"compares\": \"addresses\""));
	ck_assert_ptr_nonnull(strstr(json, "\"a remark\""));
	ck_assert_ptr_nonnull(strstr(json, "\"label\": \"127.0.0.2\""));
	ck_assert_ptr_nonnull(strstr(json, "\"days_left\": 120,"));
	ck_assert_ptr_nonnull(strstr(json, "\"days_left\": 118,"));
	free(json);
	tbd_set_free(set);
	sample_free(samples[0]);
	sample_free(samples[1]);
}
