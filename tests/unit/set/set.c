/* SPDX-License-Identifier: MIT
 *
 * set.c - each address of a name dialled side by side, and what comparing reports shows.
 */
#include "tests/unit/check-main.h"
#include "tests/peers/peer.h"
#include "report/report.h"
#include "rules/catalogue.h"
#include "tests/unit/healthy-report.h"
#include "tests/unit/trust-fixture.h"
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
static const struct peer_step silence[] = { { .op = PEER_DRAIN }, { .op = PEER_END } };

/* Of one test. */
static struct tbd_set *set;
static struct peer *peers[5];
static struct sample *samples[2];

static void set_setup(void)
{
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	ck_assert_int_eq(mint_family_init(&stranger, 0), 0);
	good_chain[0] = short_chain[0] = family.leaf;
	good_chain[1] = family.intermediate;
	other_chain[0] = stranger.leaf;
	other_chain[1] = stranger.intermediate;
	kit.trust = TRUST(family.root);
}

static void set_teardown(void)
{
	kit_teardown();
	mint_family_release(&family);
	mint_family_release(&stranger);
}

static void set_forget(void)
{
	tbd_set_free(set);
	set = NULL;
	for (size_t i = 0; i < TBDI_COUNT(peers); i++)
		peer_free(peers[i]);
	memset(peers, 0, sizeof(peers));
	for (size_t i = 0; i < TBDI_COUNT(samples) && samples[i] != NULL; i++)
		sample_free(samples[i]);
	memset(samples, 0, sizeof(samples));
}

/* Peers at 127.0.0.1 and 127.0.0.2 on one port. */
static uint16_t peers_new(
	const struct peer_step *script, const struct peer_tls *first, const struct peer_tls *second)
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

/* One more; its port. */
static uint16_t peer_add(size_t i, const struct peer_step *script, const struct peer_tls *tls)
{
	peers[i] = peer_new(script, tls);
	return peer_port(peers[i]);
}

/* ---- one fetch -------------------------------------------------------------------------------- */

struct wanted {
	const char *host;
	uint16_t port;
	int64_t timeout_ms;
	bool judge;
	const char *const *given;
	const uint16_t *ports; /* NULL: the addresses are compared */
	size_t port_count;
};

static int try_fetch(const struct wanted *wanted, struct tbd_error *error)
{
	char text[128];
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	snprintf(text, sizeof(text), "mqtts://%s:%u", wanted->host, (unsigned)wanted->port);
	ck_assert_int_eq(tbd_target_parse(text, &target, NULL), 0);
	options.target = target;
	verify.trust = kit.trust;
	verify.name = "localhost";
	fetch.verify = wanted->judge ? &verify : NULL;
	fetch.resolver = &fake_resolver;
	fetch.timeout_ms = wanted->timeout_ms;
	fetch.addresses = wanted->given;
	atomic_store(&fake_calls, 0);
	tbd_set_free(set);
	ck_assert_int_eq(
		tbd_set_new(wanted->ports != NULL ? TBD_COMPARES_PORTS : TBD_COMPARES_ADDRESSES,
			&set, NULL),
		0);
	int rc = wanted->ports != NULL ? tbd_set_fetch_ports(set, &options, &fetch, wanted->ports,
						 wanted->port_count, error)
				       : tbd_set_fetch(set, &options, &fetch, error);
	tbd_target_free(target);
	return rc;
}

static void fetch_all(const struct wanted *wanted)
{
	struct tbd_error error = { "" };
	ck_assert_msg(try_fetch(wanted, &error) == 0, "%s", error.text);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
}
#define FETCH_ALL(...) fetch_all(&(struct wanted){ .host = __VA_ARGS__ })

static const struct tbd_difference *difference(const char *property)
{
	for (size_t i = 0; i < set->difference_count; i++)
		if (strcmp(set->differences[i]->property, property) == 0)
			return set->differences[i];
	return NULL;
}

static void check_value(const char *property, size_t index, const char *value)
{
	const struct tbd_difference *found = difference(property);
	ck_assert_msg(found != NULL, "no difference in %s", property);
	ck_assert_uint_eq(found->value_count, set->report_count);
	ck_assert_str_eq(found->values[index], value);
	ck_assert_ptr_null(found->values[found->value_count]);
}

static const char *const two[] = { "127.0.0.1", "127.0.0.2", NULL };

TEST_GROUP(.setup_once = set_setup, .teardown_once = set_teardown, .teardown = set_forget,
	.seconds = 20);

TEST(alike)
{
	uint16_t port = peers_new(peer_whole, &good, &good);
	fake_addresses = two;
	FETCH_ALL("two.example", port, .judge = true);
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
}

TEST(other_chain)
{
	uint16_t port = peers_new(peer_whole, &other, &good);
	fake_addresses = two;
	FETCH_ALL("two.example", port, .judge = true);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_CRITICAL);
	ck_assert_ptr_null(difference("outcome"));
	ck_assert_ptr_nonnull(difference("certificate"));
	ck_assert_ptr_nonnull(difference("issuers"));
	check_value("findings", 1, "nothing wrong");
	ck_assert_uint_eq(set->finding_count, 1);
	const struct tbd_finding *finding = set->findings[0];
	ck_assert_str_eq(finding->id, "dns.addresses-differ");
	ck_assert_int_eq(finding->severity, TBD_SEVERITY_WARNING);
	/* The one that is fine is what the other is measured by, wherever it stands. */
	ck_assert_ptr_nonnull(strstr(finding->summary, "compared with 127.0.0.2, which is fine"));
	ck_assert_ptr_nonnull(strstr(finding->fix, "--resolve 127.0.0.1"));
	ck_assert_ptr_nonnull(strstr(finding->fix, "--resolve 127.0.0.2 --save"));
}

/* Both would do for a client that has the intermediate. */
TEST(shorter_chain)
{
	uint16_t port = peers_new(peer_whole, &good, &lone);
	fake_addresses = two;
	FETCH_ALL("two.example", port);
	ck_assert_uint_eq(set->difference_count, 2);
	check_value("issuers", 1, "not sent");
	check_value("findings", 1, "chain.incomplete");
	ck_assert_int_eq(set->worst, TBD_SEVERITY_WARNING);
}

TEST(one_refuses)
{
	uint16_t port = peer_add(0, peer_whole, &good);
	fake_addresses = two;
	FETCH_ALL("two.example", port, .judge = true);
	check_value("outcome", 0, "connected");
	check_value("outcome", 1, "connection refused");
	check_value("findings", 1, "tcp.refused");
	/* That it shows no certificate is no further difference. */
	ck_assert_uint_eq(set->difference_count, 2);
	ck_assert_str_eq(set->findings[0]->id, "dns.addresses-differ");
	ck_assert_ptr_nonnull(strstr(set->findings[0]->fix, " at 127.0.0.2"));
}

TEST(given)
{
	static const char *const given[] = { "127.0.0.2", "127.0.0.1", NULL };
	uint16_t port = peers_new(peer_whole, &good, &good);
	fake_addresses = NULL;
	FETCH_ALL("two.example", port, .judge = true, .given = given);
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_str_eq(set->reports[0]->label, "127.0.0.2");
	ck_assert_int_eq(set->worst, TBD_SEVERITY_OK);
}

TEST(no_such_name)
{
	fake_addresses = NULL;
	FETCH_ALL("none.example", 8883, .judge = true);
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->label, "none.example");
	ck_assert_str_eq(set->reports[0]->findings[0]->id, "dns.not-found");
	ck_assert_uint_eq(set->finding_count, 0);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_CRITICAL);
}

TEST(literal)
{
	uint16_t port = peer_add(0, peer_whole, &good);
	FETCH_ALL("127.0.0.1", port, .judge = true);
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->label, "127.0.0.1");
	ck_assert(set->reports[0]->verification->verified);
	ck_assert_int_eq(set->worst, TBD_SEVERITY_OK);
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
	uint16_t port = peers_new(silence, NULL, NULL);
	for (size_t i = 2; i < 5; i++)
		peers[i] = peer_new_at(five[i], port, silence, NULL);
	fake_addresses = five;
	int64_t begin = set_now_ms();
	FETCH_ALL("five.example", port, .timeout_ms = 600, .judge = true);
	int64_t took = set_now_ms() - begin;
	ck_assert_uint_eq(set->report_count, 5);
	ck_assert_int_ge(took, 600);
	ck_assert_msg(took < 5 * 600 - 300, "%lld ms", (long long)took);
	ck_assert_int_eq(set->reports[1]->connection->tls->end, TBD_END_TIMEOUT);
}

/* What the resolver took is no more there for the connections. */
TEST(resolver_takes_time)
{
	uint16_t port = peer_add(0, silence, NULL);
	fake_addresses = two;
	fake_delay_us = 300 * 1000;
	FETCH_ALL("slow.example", port, .timeout_ms = 700, .judge = true);
	fake_delay_us = 0;
	struct tbdi_report *report = tbdi_set_of(set)->reports.items[0];
	ck_assert_int_ge(report->spent_us, 300 * 1000);
	ck_assert_int_lt(report->deadline_us, 600 * 1000);
	ck_assert_int_eq(report->pub.connection->timeout_ms, 700);
}

/* ---- several ports ---------------------------------------------------------------------------- */

TEST_TIMES(ports, 2)
{
	static const char *const one[] = { "127.0.0.1", NULL };
	const uint16_t own = peer_add(0, peer_whole, &good), like = peer_add(1, peer_whole, &good);
	const uint16_t ports[] = { like, own, peer_add(2, peer_whole, &other), like };
	char label[8], url[64];
	fake_addresses = one;
	FETCH_ALL("two.example", own, .ports = ports, .port_count = 2 + 2 * (size_t)_i);
	ck_assert_int_eq(fake_calls, 1);
	/* The target's own comes first, and no port comes twice. */
	ck_assert_uint_eq(set->report_count, 2 + (size_t)_i);
	snprintf(label, sizeof(label), "%u", own);
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
}

TEST(ports_of_nobody)
{
	const uint16_t ports[] = { 443 };
	fake_addresses = NULL;
	FETCH_ALL("none.example", 8883, .ports = ports, .port_count = 1);
	ck_assert_uint_eq(set->report_count, 1);
	ck_assert_str_eq(set->reports[0]->findings[0]->id, "dns.not-found");
}

/* An address needs no resolver. */
TEST(ports_of_address)
{
	const uint16_t own = peer_add(0, peer_whole, &good),
		       ports[] = { peer_add(1, peer_whole, &good) };
	FETCH_ALL("127.0.0.1", own, .ports = ports, .port_count = 1);
	ck_assert_int_eq(fake_calls, 0);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_int_eq(set->reports[1]->connection->used->port, ports[0]);
}

TEST(ports_misuse)
{
	uint16_t ports[TBD_ADDRESSES_MAX] = { 0 };
	struct wanted wanted = { "127.0.0.1", 1, .ports = ports, .port_count = 1 };
	ck_assert_int_eq(try_fetch(&wanted, NULL), TBD_E_INVALID);
	wanted.port_count = TBDI_COUNT(ports);
	for (size_t i = 0; i < TBDI_COUNT(ports); i++)
		ports[i] = (uint16_t)(i + 2);
	ck_assert_int_eq(try_fetch(&wanted, NULL), TBD_E_INVALID);
	ck_assert_uint_eq(set->report_count, 0);
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	ck_assert_int_eq(tbd_set_fetch_ports(set, &options, &fetch, ports, 1, NULL), TBD_E_INVALID);
	struct tbd_target *target = NULL;
	ck_assert_int_eq(tbd_target_parse("mqtt://127.0.0.1", &target, NULL), 0);
	options.target = target;
	ck_assert_int_eq(tbd_set_fetch_ports(set, &options, &fetch, ports, 1, NULL), TBD_E_INVALID);
	tbd_target_free(target);
}

TEST(misuse)
{
	static const char *const none[] = { NULL };
	static const char *const words[] = { "localhost", NULL };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct wanted wanted = { "two.example", 8883, .judge = true, .given = none };
	ck_assert_int_eq(try_fetch(&wanted, NULL), TBD_E_INVALID);
	ck_assert_uint_eq(set->report_count, 0);
	ck_assert_int_eq(tbd_set_fetch(set, &options, NULL, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_set_fetch(set, &options, &fetch, NULL), TBD_E_INVALID); /* no target */
	fetch.keep_open = true;
	ck_assert_int_eq(tbd_set_fetch(set, &options, &fetch, NULL), TBD_E_INVALID);
	wanted.given = words;
	ck_assert_int_eq(try_fetch(&wanted, NULL), TBD_E_INVALID);
	tbd_set_free(NULL);
}

/* ---- comparing hand-made reports --------------------------------------------------------------- */

#define NO_ROUTE ATTEMPTS("error", ENETUNREACH) "attempts[0].detail='Network is unreachable'"
#define TIMES_OUT BEFORE_TLS "connection.tcp=timeout"
#define TLS_ENDS(end) BEFORE_MQTT "report.chain=- report.verification=- tls.end=" end " "
#define OTHER_LEAF "leaf.sha256=" SAMPLE_SHA256("3") " "
#define RENEWED OTHER_LEAF "leaf.not_after=121d"
#define MALFORMED OTHER_LEAF "leaf.error=truncated report.verification=-"
#define LEAF_ALONE "chain.certs=#1"

static const struct comparison {
	const char *changes; /* for sample_set() */
	const char *property;
	const char *values[2];
} comparisons[] = {
	{ NO_ROUTE, "outcome", { "connected", "Network is unreachable" } },
	{ TIMES_OUT, "outcome", { "connected", "no answer" } },
	{ "report.connection=-", "outcome", { "connected", "not dialled" } },
	{ TLS_ENDS("alert") "tls.alert=40 tls.alert_name=handshake_failure", "outcome",
		{ "connected", "TLS alert 40 (handshake_failure)" } },
	{ TLS_ENDS("timeout"), "outcome", { "connected", "TLS failed (timeout)" } },
	{ RENEWED, "expires", { "2026-09-29T00:00:00Z", "2026-09-30T00:00:00Z" } },
	{ RENEWED, "certificate",
		{ "CN=mqtt.example.com, SHA-256 1111",
			"CN=mqtt.example.com, "
			"SHA-256 3333" } },
	{ MALFORMED, "certificate",
		{ "CN=mqtt.example.com, SHA-256 1111", "malformed, SHA-256 3" } },
	{ LEAF_ALONE, "issuers", { "CN=Example Sub CA, SHA-256 2222", "not sent" } },
	{ TLS_ENDS("timeout"), "findings", { "nothing wrong", "tls.timeout" } },
	{ "", NULL, { NULL, NULL } },
};

/* A set of the sample changed so and so, judged. */
static void compare(enum tbd_comparison compares, const char *first, const char *second)
{
	const char *const changes[] = { first, second };
	ck_assert_int_eq(tbd_set_new(compares, &set, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		samples[i] = sample_with(changes[i]);
		ck_assert_int_eq(tbd_set_add(set, sample_take(samples[i]), two[i], NULL), 0);
	}
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
}

TEST_GROUP(.teardown = set_forget);

TEST_EACH(comparison, row, comparisons)
{
	compare(TBD_COMPARES_ADDRESSES, "", row->changes);
	if (row->property == NULL)
		ck_assert_uint_eq(set->difference_count, 0);
	const struct tbd_difference *found =
		row->property != NULL ? difference(row->property) : NULL;
	ck_assert_msg(row->property == NULL || found != NULL, "no difference in %s", row->property);
	for (size_t i = 0; found != NULL && i < 2; i++)
		ck_assert_msg(
			strncmp(found->values[i], row->values[i], strlen(row->values[i])) == 0,
			"%s: %s, not %s", row->property, found->values[i], row->values[i]);
}

static const struct finding_row {
	const char *id; /* NULL: nothing is found */
	enum tbd_comparison compares;
	const char *changes; /* for sample_set() */
	const char *evidence;
} finding_rows[] = {
	{ "dns.addresses-differ", TBD_COMPARES_ADDRESSES, RENEWED, "name addresses differs" },
	{ "dns.addresses-differ", TBD_COMPARES_ADDRESSES, TIMES_OUT, "name addresses differs" },
	{ NULL, TBD_COMPARES_ADDRESSES, "report.connection=-", "" },
	{ NULL, TBD_COMPARES_ADDRESSES, "", "" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, RENEWED, "host ports differs" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, MALFORMED, "host ports differs" },
	{ "chain.differs-by-port", TBD_COMPARES_PORTS, LEAF_ALONE, "host ports differs" },
	{ NULL, TBD_COMPARES_PORTS, TIMES_OUT, "" },
	{ NULL, TBD_COMPARES_PORTS, "", "" },
};

/* ---- transports --------------------------------------------------------------------------------- */

#define MQTT_ANSWERS(code)                                                   \
	"exchange.end=refused exchange.connack=" code " exchange.written=- " \
	"exchange.read_back=- exchange.polls=0 report.steps=#4"
#define HTTP_ANSWERS(status, end)                                                              \
	OVER_HTTP "api.end=" end " api.requests=#1 api.read_back=- requests[0].status=" status \
		  " report.steps=#4"
#define OVER_COAP                                                                   \
	OVER_HTTP                                                                   \
	"http_target.scheme=coaps connection.datagrams=datagrams datagrams.sent=6 " \
	"datagrams.received=6 api.protocol=coap requests[0].status=201 requests[1].status=205 "
#define COAP_ANSWERS(code) OVER_COAP "api.end=refused api.requests=#1 requests[0].status=" code
#define COAP_SILENT \
	OVER_COAP TLS_ENDS("timeout") "report.api=- report.token=- datagrams.received=0 "
#define COAP_CLOSED COAP_SILENT ATTEMPTS("error", ECONNREFUSED)

#define MQTT_CLOSED                                          \
	ATTEMPTS("error", ECONNREFUSED)                      \
	"connection.neighbours=#3 neighbours[0].error=" NUM( \
		ECONNREFUSED) " neighbours[1].error=" NUM(ECONNREFUSED) " neighbours[2].connected=yes "

static const struct transport_row {
	const char *id;         /* NULL: nothing is found */
	const char *changes[2]; /* for sample_set() */
	const char *evidence;
	const char *meaning; /* in the fix, or the summary */
	enum tbd_severity worst;
} transport_rows[] = {
	{ NULL, { "", OVER_HTTP }, "", "", TBD_SEVERITY_OK },
	{ NULL, { "", OVER_COAP }, "", "", TBD_SEVERITY_OK },
	{ "token.differs-by-transport", { MQTT_ANSWERS("5"), OVER_HTTP }, "host accepted refused",
		"do not lead to the same one", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { "", HTTP_ANSWERS("401", "refused") },
		"host accepted refused", "--fingerprint", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { OVER_HTTP, COAP_ANSWERS("401") }, "host accepted refused",
		"do not lead to the same one", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { OVER_HTTP, COAP_ANSWERS("500") }, "host accepted refused",
		"only Default and CoAP are served", TBD_SEVERITY_CRITICAL },
	{ "token.differs-by-transport", { MQTT_ANSWERS("3"), OVER_HTTP }, "host accepted refused",
		"only Default and MQTT are served", TBD_SEVERITY_CRITICAL },
	/* HTTP does not look at the profile. */
	{ NULL, { "", HTTP_ANSWERS("500", "refused") }, "", "", TBD_SEVERITY_CRITICAL },
	{ "mqtt.not-authorized", { MQTT_ANSWERS("5"), HTTP_ANSWERS("401", "refused") },
		"host refused", "it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "mqtt.not-authorized", { MQTT_ANSWERS("5"), COAP_ANSWERS("401") }, "host refused",
		"it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "http.unauthorized", { HTTP_ANSWERS("401", "refused"), COAP_ANSWERS("401") },
		"host refused", "it is the token itself", TBD_SEVERITY_CRITICAL },
	{ "coap.unauthorized", { COAP_ANSWERS("401"), HTTP_ANSWERS("401", "refused") },
		"host refused", "it is the token itself", TBD_SEVERITY_CRITICAL },
	/* Twice the same protocol proves less. */
	{ NULL, { MQTT_ANSWERS("5"), MQTT_ANSWERS("5") }, "", "", TBD_SEVERITY_CRITICAL },
	{ "coap.timeout", { "", COAP_SILENT }, "host answering silent datagrams", "UDP is filtered",
		TBD_SEVERITY_CRITICAL },
	{ NULL, { OVER_COAP, COAP_SILENT }, "", "", TBD_SEVERITY_CRITICAL },
	{ NULL, { TIMES_OUT, COAP_SILENT }, "", "", TBD_SEVERITY_CRITICAL },
	/* What the server does not have does not count, unless it has nothing. */
	{ NULL, { "", COAP_CLOSED }, "", "", TBD_SEVERITY_OK },
	{ "tcp.refused", { COAP_CLOSED, COAP_CLOSED }, "host attempts",
		"no ThingsBoard port is open", TBD_SEVERITY_CRITICAL },
	{ "tcp.refused", { MQTT_CLOSED, OVER_HTTP }, "host setting", "MQTT is off",
		TBD_SEVERITY_INFO },
	{ "chain.differs-by-port", { "", RENEWED }, "host ports differs",
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
	compare(TBD_COMPARES_TRANSPORTS, row->changes[0], row->changes[1]);
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

#define ONLY_CONNECTED BEFORE_MQTT "report.chain=- report.verification=- connection.tls=- "
#define HTTP_READS                                                                          \
	OVER_HTTP "api.read_only=yes api.written=- api.read_back=- requests[0].method=GET " \
		  "steps[3].name=get "

static const struct {
	const char *changes; /* for sample_set() */
	const char *expected;
} passage_rows[] = {
	{ "", "yes yes yes yes yes rc 0" },
	{ OVER_HTTP, "yes yes yes yes yes 200" },
	{ OVER_COAP, "yes yes yes yes yes 2.01" },
	{ MQTT_ANSWERS("5"), "yes yes no not-asked not-asked rc 5" },
	{ MQTT_ANSWERS("3"), "yes yes unclear not-asked not-asked rc 3" },
	{ HTTP_ANSWERS("401", "refused"), "yes yes no not-asked not-asked 401" },
	/* A portal says 200 as well. */
	{ HTTP_ANSWERS("200", "other-reply"), "yes yes unclear not-asked not-asked 200" },
	{ HTTP_ANSWERS("-1", "no-reply"), "yes yes unclear not-asked not-asked none" },
	{ COAP_ANSWERS("500"), "yes yes unclear not-asked not-asked 5.00" },
	{ COAP_SILENT, "no not-asked not-asked not-asked not-asked none" },
	{ COAP_CLOSED, "no not-asked not-asked not-asked not-asked none" },
	{ TIMES_OUT, "no not-asked not-asked not-asked not-asked none" },
	{ ONLY_CONNECTED, "yes not-asked not-asked not-asked not-asked none" },
	{ ONLY_CONNECTED "connection.datagrams=datagrams datagrams.sent=0 datagrams.received=0",
		"unclear not-asked not-asked not-asked not-asked none" },
	{ ONLY_CONNECTED "report.verification=verification verification.verified=no",
		"yes no not-asked not-asked not-asked none" },
	{ "exchange.end=not-stored exchange.read_back=-", "yes yes yes yes no rc 0" },
	{ "exchange.read_only=yes exchange.written=- exchange.read_back=-",
		"yes yes yes not-asked yes rc 0" },
	{ HTTP_READS, "yes yes yes not-asked yes 200" },
	/* Keys are asked for first, which says nothing of what is written. */
	{ HTTP_READS "api.read_only=no api.client_keys=model api.written=n-0123 api.end=refused "
		     "requests[1].method=POST requests[1].status=500",
		"yes yes yes no no 200" },
};

TEST_EACH(passage, row, passage_rows)
{
	samples[0] = sample_with(row->changes);
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL), 0);
	ck_assert_int_eq(tbd_set_add(set, sample_take(samples[0]), "mqtts:8883", NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_uint_eq(set->passage_count, 1);
	check_passage(set->passages[0], row->expected);
}

static int try_roundtrip(const struct tbd_fetch_options *fetch,
	const struct tbd_roundtrip_options *roundtrip,
	const struct tbd_transport_options *transports)
{
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	ck_assert_int_eq(tbd_target_parse("127.0.0.1", &target, NULL), 0);
	tbd_set_free(set);
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL), 0);
	options.target = target;
	int rc = tbd_set_roundtrip(set, &options, fetch, roundtrip, transports, NULL);
	ck_assert(rc < 0 || set->report_count > 0);
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
	const struct tbd_transport silent[] = { { TBD_SCHEME_MQTTS, peer_add(0, silence, NULL) },
		{ TBD_SCHEME_HTTPS, peer_add(1, silence, NULL) } };
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
}

static int refuse_all(void *arg TBDI_UNUSED, const char *step TBDI_UNUSED, int64_t ms TBDI_UNUSED)
{
	return 1;
}

/* The threads are told, and come to their end. */
TEST(transports_cancelled)
{
	const uint16_t port = peer_add(0, silence, NULL);
	const struct tbd_transport silent[] = { { TBD_SCHEME_MQTTS, port },
		{ TBD_SCHEME_HTTPS, port } };
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	struct tbd_transport_options transports = TBD_TRANSPORT_OPTIONS_INIT;
	transports.list = silent;
	transports.count = 2;
	fetch.progress = refuse_all;
	int64_t begin = set_now_ms();
	ck_assert_int_eq(try_roundtrip(&fetch, &roundtrip, &transports), TBD_E_CANCELLED);
	ck_assert_int_lt(set_now_ms() - begin, 3000);
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
	compare(row->compares, "", row->changes);
	ck_assert_uint_eq(set->finding_count, row->id != NULL);
	if (row->id != NULL)
		check_finding(row, set->findings[0]);
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
	char *json = NULL;
	compare(TBD_COMPARES_ADDRESSES, "", "report.time=2d");
	ck_assert_int_eq(tbd_set_note(set, "a remark", NULL), 0);
	ck_assert_int_eq(tbd_set_to_json(set, &json, NULL), 0);
	ck_assert_ptr_nonnull(strstr(json, "\"schema\": \"tbdiag-set/1\""));
	ck_assert_ptr_nonnull(strstr(json, "\"compares\": \"addresses\""));
	ck_assert_ptr_nonnull(strstr(json, "\"a remark\""));
	ck_assert_ptr_nonnull(strstr(json, "\"label\": \"127.0.0.2\""));
	ck_assert_ptr_nonnull(strstr(json, "\"days_left\": 120,"));
	ck_assert_ptr_nonnull(strstr(json, "\"days_left\": 118,"));
	free(json);
}
