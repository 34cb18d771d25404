/* SPDX-License-Identifier: MIT
 *
 * test-rules.c - each rule on a hand-made report, and what all rules have to keep to.
 */
#include "rules.h"

#include "check-main.h"
#include "sample.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>

/* ---- reports in which one thing is wrong ----------------------------------------------------- */

static void resolver_says(struct sample *sample, enum tbd_end end, int error, const char *detail)
{
	sample_stop_before_tls(sample);
	sample->connection.attempt_count = 0;
	sample->connection.tcp = TBD_END_NONE;
	sample->resolution.end = end;
	sample->resolution.error = error;
	sample->resolution.detail = detail;
	sample->resolution.address_count = 0;
}

static void name_unknown(struct sample *sample)
{
	resolver_says(sample, TBD_END_ERROR, EAI_NONAME, "Name or service not known");
}

static void name_misspelt(struct sample *sample)
{
	name_unknown(sample);
	sample->resolution.name = "mqtt.thingsbord.cloud";
}

static void no_such_family(struct sample *sample)
{
	resolver_says(sample, TBD_END_ERROR, EAI_NODATA, "No address associated with hostname");
	sample->resolution.family = 6;
}

static void resolver_silent(struct sample *sample)
{
	resolver_says(sample, TBD_END_TIMEOUT, 0, NULL);
}

static void resolver_fails(struct sample *sample)
{
	resolver_says(sample, TBD_END_ERROR, EAI_AGAIN, "Temporary failure in name resolution");
}

static void all_attempts_fail(struct sample *sample, enum tbd_end end, int error)
{
	sample_stop_before_tls(sample);
	sample->connection.tcp = end;
	for (size_t i = 0; i < 2; i++)
		sample->attempts[i].error = error;
}

static void refused(struct sample *sample)
{
	all_attempts_fail(sample, TBD_END_ERROR, ECONNREFUSED);
	sample->connection.neighbour_count = 3;
	for (size_t i = 0; i < 3; i++)
		sample->neighbours[i].error = ECONNREFUSED;
}

static void refused_beside_open(struct sample *sample)
{
	refused(sample);
	sample->neighbours[0].connected = true;
	sample->neighbours[0].error = 0;
}

static void no_syn_answer(struct sample *sample)
{
	all_attempts_fail(sample, TBD_END_TIMEOUT, 0);
	sample->attempts[0].abandoned = true;
	sample->attempts[1].abandoned = true;
}

static void one_silent_one_unreachable(struct sample *sample)
{
	all_attempts_fail(sample, TBD_END_ERROR, ENETUNREACH);
	sample->attempts[1].error = ETIMEDOUT;
}

static void no_route(struct sample *sample)
{
	all_attempts_fail(sample, TBD_END_ERROR, ENETUNREACH);
	sample->attempts[0].detail = "Network is unreachable";
}

static void handshake_ends(struct sample *sample, enum tbd_end end, const char *last, size_t bytes)
{
	sample_stop_before_mqtt(sample);
	sample->report->chain = NULL;
	sample->report->trust = NULL;
	sample->report->verification = NULL;
	sample->tls.end = end;
	sample->tls.version = NULL;
	sample->tls.last_message = last;
	sample->tls.bytes_in = bytes;
}

static void reset_at_once(struct sample *sample)
{
	handshake_ends(sample, TBD_END_RESET, NULL, 0);
}

static void closed_at_once(struct sample *sample)
{
	handshake_ends(sample, TBD_END_CLOSED, NULL, 0);
}

static void reset_later(struct sample *sample)
{
	handshake_ends(sample, TBD_END_RESET, "ServerHello", 120);
}

static void silent_in_handshake(struct sample *sample)
{
	handshake_ends(sample, TBD_END_TIMEOUT, "ServerHello", 2000);
}

static void silent_from_the_start(struct sample *sample)
{
	handshake_ends(sample, TBD_END_TIMEOUT, NULL, 0);
}

static void version_alert(struct sample *sample)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = 70;
	sample->tls.alert_name = "protocol_version";
	sample->tls.wanted_version = "1.3";
}

static void version_ours(struct sample *sample)
{
	handshake_ends(sample, TBD_END_VERSION, "ServerHello", 90);
}

static void alert(struct sample *sample)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = 40;
	sample->tls.alert_name = "handshake_failure";
}

static void unknown_alert(struct sample *sample)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = 99;
}

static void peer_speaks(struct sample *sample, const char *first_bytes)
{
	handshake_ends(sample, TBD_END_PROTOCOL, NULL, 12);
	sample->tls.first_bytes = first_bytes;
	sample->tls.detail = "An unexpected TLS packet was received.";
}

static void speaks_http(struct sample *sample)
{
	peer_speaks(sample, "HTTP/1.1 400 Bad Request\\x0d\\x0a");
}

static void speaks_mqtt(struct sample *sample)
{
	peer_speaks(sample, " \\x02\\x00\\x05");
}

static void speaks_gibberish(struct sample *sample)
{
	peer_speaks(sample, "\\x00\\x01");
}

static void breaks_tls(struct sample *sample)
{
	peer_speaks(sample, "\\x16\\x03\\x03\\x00\\x00");
}

static void no_certificate(struct sample *sample)
{
	sample_stop_before_mqtt(sample);
	sample->chain.count = 0;
	sample->report->verification = NULL;
}

static void no_certificate_in_file(struct sample *sample)
{
	no_certificate(sample);
	sample->chain.file = "chain.pem";
	sample->report->connection = NULL;
	sample->report->target = NULL;
}

static void malformed_certificate(struct sample *sample)
{
	sample_cut_path(sample, 1, TBD_FAULT_MALFORMED);
	sample->leaf.error = "ASN1 parser: Error in DER parsing.";
}

static void malformed_but_unneeded(struct sample *sample)
{
	sample->sent[2] = &sample->stranger;
	sample->chain.count = 3;
	sample->stranger.error = "ASN1 parser: Error in DER parsing.";
}

static void misordered(struct sample *sample)
{
	sample->root.index = 1;
	sample->intermediate.index = 2;
	sample->sent[1] = &sample->root;
	sample->sent[2] = &sample->intermediate;
	sample->chain.count = 3;
}

static void issuer_first(struct sample *sample)
{
	sample->sent[0] = &sample->intermediate;
	sample->sent[1] = &sample->leaf;
}

static void stranger_sent(struct sample *sample)
{
	sample->stranger.index = 2;
	sample->stranger.self_signed = false;
	sample->sent[2] = &sample->stranger;
	sample->chain.count = 3;
}

static void leaf_twice(struct sample *sample)
{
	sample->sent[2] = sample->sent[1];
	sample->sent[1] = &sample->leaf;
	sample->chain.count = 3;
}

static void root_sent(struct sample *sample)
{
	sample->sent[2] = &sample->root;
	sample->chain.count = 3;
}

static void large_chain(struct sample *sample)
{
	sample->chain.message_len = 5000;
}

static void cross_signed(struct sample *sample)
{
	/* Two issuers of the intermediate after it: no fault of order, nothing unrelated. */
	sample->stranger.subject_der = sample->root.subject_der;
	sample->stranger.subject_key_id = sample->root.subject_key_id;
	sample->stranger.self_signed = false;
	sample->root.self_signed = false;
	sample->sent[2] = &sample->stranger;
	sample->sent[3] = &sample->root;
	sample->chain.count = 4;
}

static void spoil_store(struct sample *sample, const char *error, const char *holds)
{
	sample->sources[0].cert_count = 0;
	sample->sources[0].error = error;
	sample->sources[0].holds = holds;
	sample->trust.cert_count = 0;
	sample->trust.shown_count = 0;
	sample_cut_path(sample, 2, TBD_FAULT_NO_ISSUER);
}

static void store_missing(struct sample *sample)
{
	spoil_store(sample, "No such file or directory", NULL);
	sample->sources[0].kind = TBD_SOURCE_DIR;
	sample->sources[0].path = "/no/such/dir";
}

static void system_store_missing(struct sample *sample)
{
	store_missing(sample);
	sample->sources[0].kind = TBD_SOURCE_SYSTEM;
}

static void store_empty(struct sample *sample)
{
	spoil_store(sample, NULL, "a private key");
}

static void second_store_empty(struct sample *sample)
{
	sample->sources[1] = (struct tbd_trust_source){ .path = "empty.pem", .holds = "nothing" };
	sample->trust.source_count = 2;
}

static void self_signed(struct sample *sample)
{
	sample->leaf.self_issued = sample->leaf.self_signed = true;
	sample->leaf.issuer = sample->leaf.subject;
	sample->leaf.issuer_der = sample->leaf.subject_der;
	sample->leaf.authority_key_id = NULL;
	sample->chain.count = 1;
	sample->held[0] = &sample->stranger;
	sample_cut_path(sample, 1, TBD_FAULT_UNTRUSTED_ROOT);
}

static void self_signed_from_file(struct sample *sample)
{
	self_signed(sample);
	sample->chain.file = "chain.pem";
	sample->report->connection = NULL;
}

static void private_root(struct sample *sample)
{
	sample->held[0] = &sample->stranger;
	root_sent(sample);
	sample_cut_path(sample, 3, TBD_FAULT_UNTRUSTED_ROOT);
}

static void leaf_only(struct sample *sample)
{
	sample->chain.count = 1;
	sample_cut_path(sample, 1, TBD_FAULT_NO_ISSUER);
}

static void leaf_only_without_aia(struct sample *sample)
{
	leaf_only(sample);
	sample->leaf.aia_issuers = NULL;
}

static void wrong_root(struct sample *sample)
{
	sample->held[0] = &sample->stranger;
	sample_cut_path(sample, 2, TBD_FAULT_NO_ISSUER);
}

static void rekeyed_root(struct sample *sample)
{
	wrong_root(sample);
	sample->stranger.subject = sample->root.subject;
}

static void no_path(struct sample *sample)
{
	sample->verification.path = NULL;
	sample->verification.path_count = 0;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void leaf_in_store(struct sample *sample)
{
	sample->path.count = 1;
	sample->held[0] = &sample->leaf;
}

static void name_is(struct sample *sample, const char *name, enum tbd_name_match match)
{
	sample->verification.name = name;
	sample->verification.name_match = match;
	sample->verification.name_entry = NULL;
	sample->verification.verified = match == TBD_MATCH_CN_ONLY;
	sample_stop_before_mqtt(sample);
}

static void other_name(struct sample *sample)
{
	name_is(sample, "broker.example.org", TBD_MATCH_MISMATCH);
}

static void hostile_name(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "x; rm -rf ~ '\n" } };
	other_name(sample);
	sample->leaf.names = names;
	sample->leaf.name_count = 1;
}

static void no_name_at_all(struct sample *sample)
{
	other_name(sample);
	sample->leaf.name_count = 0;
	sample->leaf.common_name = NULL;
}

static void deep_name(struct sample *sample)
{
	name_is(sample, "mqtt.eu.example.com", TBD_MATCH_WILDCARD_DEPTH);
	sample->verification.name_entry = "*.example.com";
}

static void address_not_listed(struct sample *sample)
{
	name_is(sample, "192.0.2.99", TBD_MATCH_IP_NOT_LISTED);
}

static void address_as_name(struct sample *sample)
{
	name_is(sample, "192.0.2.99", TBD_MATCH_IP_AS_DNS);
	sample->verification.name_entry = "192.0.2.99";
}

static void common_name_only(struct sample *sample)
{
	sample->leaf.name_count = 0;
	name_is(sample, "mqtt.example.com", TBD_MATCH_CN_ONLY);
}

static void web_host(struct sample *sample)
{
	sample->target->host = "thingsboard.cloud";
}

static void demo_host(struct sample *sample)
{
	sample->target->host = "demo.thingsboard.io";
}

static void leaf_expired(struct sample *sample)
{
	sample->leaf.not_after = SAMPLE_TIME - 1;
	sample->path.fault = TBD_FAULT_EXPIRED;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void two_expired(struct sample *sample)
{
	leaf_expired(sample);
	sample->intermediate.not_after = SAMPLE_TIME - 100;
}

static void root_expired(struct sample *sample)
{
	sample->root.not_after = SAMPLE_TIME - 1;
}

static void leaf_from_the_future(struct sample *sample)
{
	sample->leaf.not_before = SAMPLE_TIME + 1;
	sample->path.fault = TBD_FAULT_NOT_YET_VALID;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void leaf_ends_in_days(struct sample *sample, int life, int left)
{
	sample->leaf.not_after = SAMPLE_TIME + left * (int64_t)SAMPLE_DAY;
	sample->leaf.not_before = sample->leaf.not_after - life * (int64_t)SAMPLE_DAY;
}

static void ends_in_hours(struct sample *sample)
{
	sample->leaf.not_after = SAMPLE_TIME + 3 * 60 * 60;
}

static void ends_in_six_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 6);
}

static void critical_at_seven_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 7);
	sample->leaf.not_after -= 1;
}

static void warning_at_seven_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 7);
}

static void warning_before_thirty_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 30);
	sample->leaf.not_after -= 1;
}

static void fine_at_thirty_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 30);
}

/* Of six days, a tenth and a quarter: below 14.4 hours, below 36 hours. */
static void short_life_is_fine(struct sample *sample)
{
	leaf_ends_in_days(sample, 6, 2);
}

static void short_life_ends_soon(struct sample *sample)
{
	leaf_ends_in_days(sample, 6, 1);
}

static void explicit_days(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 50);
	sample->verification.warn_days = 60;
}

static void explicit_critical_days(struct sample *sample)
{
	explicit_days(sample);
	sample->verification.crit_days = 51;
}

static void first_to_end_speaks(struct sample *sample)
{
	leaf_ends_in_days(sample, 365, 20);
	sample->intermediate.not_after = SAMPLE_TIME + 10 * SAMPLE_DAY;
}

static void clock_wrong(struct sample *sample)
{
	sample->report->time_given = false;
	sample->report->time = sample->report->clock = 1000;
	leaf_from_the_future(sample);
	sample->report->verification = NULL;
}

static void clock_wrong_before_certificate(struct sample *sample)
{
	leaf_from_the_future(sample);
	sample->report->time_given = false;
	sample->report->time = sample->report->clock = SAMPLE_TIME - 9 * 365 * (int64_t)SAMPLE_DAY;
}

static void date_before_2000(struct sample *sample)
{
	clock_wrong(sample);
	sample->report->time_given = true;
}

static void fault_at(struct sample *sample, enum tbd_fault fault, size_t at)
{
	sample->path.fault = fault;
	sample->path.fault_at = at;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void bad_signature(struct sample *sample)
{
	fault_at(sample, TBD_FAULT_BAD_SIGNATURE, 0);
}

static void bad_signature_at_end(struct sample *sample)
{
	sample_cut_path(sample, 2, TBD_FAULT_BAD_SIGNATURE);
}

static void not_a_ca(struct sample *sample)
{
	sample->intermediate.is_ca = false;
	fault_at(sample, TBD_FAULT_NOT_A_CA, 1);
}

static void too_many_cas(struct sample *sample)
{
	fault_at(sample, TBD_FAULT_PATH_LENGTH, 1);
}

static void name_constrained(struct sample *sample)
{
	fault_at(sample, TBD_FAULT_NAME_CONSTRAINTS, 1);
}

static void client_certificate(struct sample *sample)
{
	static const char *const purposes[] = { "clientAuth", NULL };
	sample->leaf.purposes = purposes;
	fault_at(sample, TBD_FAULT_PURPOSE, 0);
}

static void unknown_extension(struct sample *sample)
{
	static const char *const oids[] = { "1.2.3.4", NULL };
	sample->leaf.unknown_critical = oids;
	fault_at(sample, TBD_FAULT_UNKNOWN_CRITICAL, 0);
}

static void sha1(struct sample *sample)
{
	sample->intermediate.signature_algorithm = "RSA-SHA1";
	sample->intermediate.signature_hash = "SHA1";
}

static void sha1_on_anchor(struct sample *sample)
{
	sample->root.signature_hash = "SHA1";
}

static void md5(struct sample *sample)
{
	sample->leaf.signature_algorithm = "RSA-MD5";
	sample->leaf.signature_hash = "MD5";
	fault_at(sample, TBD_FAULT_WEAK_SIGNATURE, 0);
}

static void rsa_bits(struct sample *sample, unsigned bits)
{
	sample->leaf.key_algorithm = "RSA";
	sample->leaf.key_curve = NULL;
	sample->leaf.key_bits = bits;
}

static void rsa_1024(struct sample *sample)
{
	rsa_bits(sample, 1024);
}

static void rsa_512(struct sample *sample)
{
	rsa_bits(sample, 512);
	fault_at(sample, TBD_FAULT_WEAK_KEY, 0);
}

static void rare_curve(struct sample *sample)
{
	sample->leaf.key_curve = "secp224r1";
	sample->leaf.key_bits = 224;
}

static void mqtt_ends(struct sample *sample, enum tbd_mqtt_end end)
{
	sample->exchange.end = end;
	if (end <= TBD_MQTT_REFUSED)
		sample->exchange.connack = -1;
	if (end <= TBD_MQTT_REFUSED)
		sample->report->step_count = 4;
}

static void no_connack(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_CONNACK);
}

static void closed_before_connack(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_CLOSED_BEFORE_CONNACK);
	sample->exchange.closed = TBD_END_CLOSED;
}

static void not_mqtt(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NOT_MQTT);
	sample->exchange.first_bytes = "HTTP/1.1 400 ";
}

static void connack(struct sample *sample, int code)
{
	mqtt_ends(sample, TBD_MQTT_REFUSED);
	sample->exchange.connack = code;
	sample->exchange.connack_name = "as the specification calls it";
}

static void connack_1(struct sample *sample)
{
	connack(sample, 1);
}

static void connack_2(struct sample *sample)
{
	connack(sample, 2);
}

static void connack_3(struct sample *sample)
{
	connack(sample, 3);
}

static void connack_3_late(struct sample *sample)
{
	connack(sample, 3);
	sample->steps[3].duration_us = 10000000;
}

static void connack_4(struct sample *sample)
{
	connack(sample, 4);
}

static void connack_5(struct sample *sample)
{
	connack(sample, 5);
	sample->token.len = 12;
}

static void connack_134(struct sample *sample)
{
	connack(sample, 0x86);
}

static void connack_151(struct sample *sample)
{
	connack(sample, 0x99);
}

static void suback_refused(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_SUBACK_REFUSED);
	sample->exchange.suback = 0x80;
}

static void no_suback(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_SUBACK);
	sample->exchange.suback = -1;
}

static void no_puback(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_PUBACK);
}

static void closed_on_publish(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_CLOSED_ON_PUBLISH);
	sample->exchange.closed = TBD_END_CLOSED;
}

static void no_response(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_RESPONSE);
	sample->exchange.key = sample->exchange.written = sample->exchange.read_back = NULL;
	sample->exchange.polls = 0;
}

static void other_response(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_OTHER_RESPONSE);
	sample->exchange.response_topic = "v1/devices/me/attributes/response/7";
}

static void not_stored(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NOT_STORED);
	sample->exchange.read_back = NULL;
}

static void stale(struct sample *sample)
{
	sample->exchange.stale = true;
	sample->exchange.polls = 3;
}

static void token_not_sent(struct sample *sample)
{
	sample->token.sent = false;
	mqtt_ends(sample, TBD_MQTT_NOT_STARTED);
	sample->report->step_count = 3;
}

static void no_token(struct sample *sample)
{
	token_not_sent(sample);
	sample->report->token = NULL;
}

static void empty_token(struct sample *sample)
{
	token_not_sent(sample);
	sample->token.len = 0;
}

static void bad_byte(struct sample *sample, const char *bad_class)
{
	token_not_sent(sample);
	sample->token.bad_at = 19;
	sample->token.bad_class = bad_class;
}

static void token_with_cr(struct sample *sample)
{
	bad_byte(sample, "CR");
}

static void token_with_nul(struct sample *sample)
{
	bad_byte(sample, "NUL");
}

static void token_too_long(struct sample *sample)
{
	bad_byte(sample, "length");
}

static void token_is_uuid(struct sample *sample)
{
	sample->token.is_uuid = true;
}

static void token_is_placeholder(struct sample *sample)
{
	sample->token.is_placeholder = true;
}

static void token_in_clear(struct sample *sample)
{
	sample->token.in_clear = true;
	sample->connection.tls = NULL;
	sample->report->chain = NULL;
	sample->report->verification = NULL;
	sample->report->trust = NULL;
}

/* Nothing is known to be wrong, but the verdict is no: nothing else may speak. */
static void unverified(struct sample *sample)
{
	token_not_sent(sample);
	sample->verification.verified = false;
	sample->report->chain = NULL;
	sample->verification.path = NULL;
}

static void nothing(struct sample *sample TBDI_UNUSED)
{
}

/* ---- what has to be said of them ------------------------------------------------------------- */

enum whose { NOBODY, LEAF, INTERMEDIATE, ROOT, STRANGER };

#define NET "host port "
#define TLS NET "last_message bytes_in "
#define STORE "store store_count store_holds"
#define DATES "subject not_before not_after days_left judged_at"
#define CONNACK "peer connack connack_name"
#define LATENCIES "connack_ms response_ms puback_ms visible_ms"
#define ATTRIBUTE "attribute written read_back polls "

#define OK TBD_SEVERITY_OK
#define INFO TBD_SEVERITY_INFO
#define WARNING TBD_SEVERITY_WARNING
#define CRITICAL TBD_SEVERITY_CRITICAL

static const struct row {
	const char *id;
	enum tbd_severity severity;
	void (*spoil)(struct sample *sample);
	enum whose cert;
	const char *evidence; /* keys, in their order */
} rows[] = {
	{ "dns.not-found", CRITICAL, name_unknown, NOBODY, "name resolver" },
	{ "dns.not-found", CRITICAL, name_misspelt, NOBODY, "name resolver similar" },
	{ "dns.no-address", CRITICAL, no_such_family, NOBODY, "name resolver family" },
	{ "dns.timeout", CRITICAL, resolver_silent, NOBODY, "name timeout_ms" },
	{ "dns.timeout", CRITICAL, resolver_fails, NOBODY, "name resolver timeout_ms" },
	{ "tcp.refused", CRITICAL, refused, NOBODY, NET "attempts neighbours setting" },
	{ "tcp.refused", CRITICAL, refused_beside_open, NOBODY, NET "attempts neighbours setting" },
	{ "tcp.timeout", CRITICAL, no_syn_answer, NOBODY, NET "attempts timeout_ms" },
	{ "tcp.timeout", CRITICAL, one_silent_one_unreachable, NOBODY, NET "attempts timeout_ms" },
	{ "tcp.reset", CRITICAL, reset_at_once, NOBODY, NET "attempts" },
	{ "tcp.unreachable", CRITICAL, no_route, NOBODY, NET "attempts" },
	{ "tls.closed", CRITICAL, closed_at_once, NOBODY, TLS "closed" },
	{ "tls.closed", CRITICAL, reset_later, NOBODY, TLS "closed" },
	{ "tls.timeout", CRITICAL, silent_in_handshake, NOBODY, TLS "timeout_ms" },
	{ "tls.timeout", CRITICAL, silent_from_the_start, NOBODY, TLS "timeout_ms" },
	{ "tls.version", CRITICAL, version_alert, NOBODY, TLS "wanted alert_name" },
	{ "tls.version", CRITICAL, version_ours, NOBODY, TLS },
	{ "tls.alert", CRITICAL, alert, NOBODY, TLS "alert alert_name sni" },
	{ "tls.alert", CRITICAL, unknown_alert, NOBODY, TLS "alert sni" },
	{ "tls.other-protocol", CRITICAL, speaks_http, NOBODY, TLS "first_bytes detail" },
	{ "tls.other-protocol", CRITICAL, speaks_mqtt, NOBODY, TLS "first_bytes detail" },
	{ "tls.other-protocol", CRITICAL, speaks_gibberish, NOBODY, TLS "first_bytes detail" },
	{ "tls.other-protocol", CRITICAL, breaks_tls, NOBODY, TLS "first_bytes detail" },
	{ "chain.empty", CRITICAL, no_certificate, NOBODY, "peer" },
	{ "chain.empty", CRITICAL, no_certificate_in_file, NOBODY, "peer" },
	{ "chain.not-parsable", CRITICAL, malformed_certificate, LEAF,
		"certificate subject sha256 error" },
	{ "chain.not-parsable", WARNING, malformed_but_unneeded, STRANGER,
		"certificate subject sha256 error" },
	{ "chain.wrong-order", WARNING, misordered, ROOT,
		"certificate subject sha256 sent right_order" },
	{ "chain.wrong-order", WARNING, issuer_first, INTERMEDIATE,
		"certificate subject sha256 sent right_order" },
	{ "chain.unrelated", WARNING, stranger_sent, STRANGER, "certificate subject sha256" },
	{ "chain.duplicate", WARNING, leaf_twice, LEAF, "certificate subject sha256 first" },
	{ "chain.root-sent", INFO, root_sent, ROOT, "certificate subject sha256 bytes" },
	{ "chain.large", WARNING, large_chain, NOBODY, "bytes limit sent" },
	{ "ca.ok", OK, cross_signed, ROOT, "path anchor sha256 file entry" },
	{ "ca.store-missing", CRITICAL, store_missing, NOBODY, "store error" },
	{ "ca.store-missing", CRITICAL, system_store_missing, NOBODY, "store error" },
	{ "ca.store-empty", CRITICAL, store_empty, NOBODY, "store holds" },
	{ "ca.store-empty", WARNING, second_store_empty, NOBODY, "store holds" },
	{ "ca.self-signed", CRITICAL, self_signed, LEAF, "subject sha256 " STORE },
	{ "ca.self-signed", CRITICAL, self_signed_from_file, LEAF, "subject sha256 " STORE },
	{ "ca.private-root-sent", CRITICAL, private_root, ROOT,
		"subject subject_key_id sha256 " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only, LEAF,
		"subject issuer issuer_key_id aia sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only_without_aia, LEAF,
		"subject issuer issuer_key_id sent " STORE },
	{ "ca.wrong-root", CRITICAL, wrong_root, INTERMEDIATE,
		"subject issuer issuer_key_id " STORE },
	{ "ca.wrong-root", CRITICAL, rekeyed_root, INTERMEDIATE,
		"subject issuer issuer_key_id " STORE },
	{ "ca.unknown", CRITICAL, no_path, LEAF, "subject sha256 " STORE },
	{ "ca.leaf-in-store", WARNING, leaf_in_store, LEAF, "subject issuer not_after " STORE },
	{ "ca.ok", OK, nothing, ROOT, "path anchor sha256 file entry" },
	{ "name.mismatch", CRITICAL, other_name, LEAF, "host names suggestion" },
	{ "name.mismatch", CRITICAL, hostile_name, LEAF, "host names suggestion" },
	{ "name.mismatch", CRITICAL, no_name_at_all, LEAF, "host names" },
	{ "name.wildcard-depth", CRITICAL, deep_name, LEAF, "host names entry_found" },
	{ "name.ip-not-listed", CRITICAL, address_not_listed, LEAF, "host names suggestion" },
	{ "name.ip-as-dns", CRITICAL, address_as_name, LEAF, "host names entry_found" },
	{ "name.cn-only", WARNING, common_name_only, LEAF, "host names" },
	{ "name.cloud-host", WARNING, web_host, NOBODY, "host suggestion" },
	{ "ca.ok", OK, demo_host, ROOT, "path anchor sha256 file entry" },
	{ "time.clock-wrong", CRITICAL, clock_wrong, NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, clock_wrong_before_certificate, NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, date_before_2000, NOBODY, "clock earliest" },
	{ "time.expired", CRITICAL, leaf_expired, LEAF, DATES },
	{ "time.expired", CRITICAL, two_expired, INTERMEDIATE, DATES },
	{ "time.expired", CRITICAL, root_expired, ROOT, DATES },
	{ "time.not-yet-valid", CRITICAL, leaf_from_the_future, LEAF, DATES },
	{ "time.expires-now", CRITICAL, ends_in_hours, LEAF, DATES },
	{ "time.expires-now", CRITICAL, ends_in_six_days, LEAF, DATES },
	{ "time.expires-now", CRITICAL, critical_at_seven_days, LEAF, DATES },
	{ "time.expires-now", CRITICAL, explicit_critical_days, LEAF, DATES },
	{ "time.expires-soon", WARNING, warning_at_seven_days, LEAF, DATES },
	{ "time.expires-soon", WARNING, warning_before_thirty_days, LEAF, DATES },
	{ "time.expires-soon", WARNING, short_life_ends_soon, LEAF, DATES },
	{ "time.expires-soon", WARNING, explicit_days, LEAF, DATES },
	{ "time.expires-soon", WARNING, first_to_end_speaks, INTERMEDIATE, DATES },
	{ "time.ok", OK, fine_at_thirty_days, LEAF, DATES },
	{ "time.ok", OK, short_life_is_fine, LEAF, DATES },
	{ "time.ok", OK, nothing, LEAF, DATES },
	{ "policy.bad-signature", CRITICAL, bad_signature, LEAF,
		"subject sha256 issuer issuer_key_id issuer_sha256" },
	{ "policy.bad-signature", CRITICAL, bad_signature_at_end, INTERMEDIATE,
		"subject sha256 issuer issuer_key_id" },
	{ "policy.not-a-ca", CRITICAL, not_a_ca, INTERMEDIATE, "subject sha256 lack key_usage" },
	{ "policy.path-length", CRITICAL, too_many_cas, INTERMEDIATE,
		"subject sha256 path_length path_count" },
	{ "policy.name-constraints", CRITICAL, name_constrained, INTERMEDIATE,
		"subject sha256 host" },
	{ "policy.wrong-purpose", CRITICAL, client_certificate, LEAF,
		"subject sha256 purposes key_usage" },
	{ "policy.unknown-critical", CRITICAL, unknown_extension, LEAF, "subject sha256 oids" },
	{ "policy.weak-signature", WARNING, sha1, INTERMEDIATE, "subject sha256 algorithm issuer" },
	{ "policy.weak-signature", CRITICAL, md5, LEAF, "subject sha256 algorithm issuer" },
	{ "ca.ok", OK, sha1_on_anchor, ROOT, "path anchor sha256 file entry" },
	{ "policy.weak-key", WARNING, rsa_1024, LEAF, "subject sha256 algorithm bits" },
	{ "policy.weak-key", CRITICAL, rsa_512, LEAF, "subject sha256 algorithm bits" },
	{ "policy.weak-key", WARNING, rare_curve, LEAF, "subject sha256 algorithm curve bits" },
	{ "mqtt.no-connack", CRITICAL, no_connack, NOBODY, "peer waited_ms" },
	{ "mqtt.closed-before-connack", CRITICAL, closed_before_connack, NOBODY, "peer closed" },
	{ "mqtt.not-mqtt", CRITICAL, not_mqtt, NOBODY, "peer first_bytes" },
	{ "mqtt.protocol-version", CRITICAL, connack_1, NOBODY, CONNACK },
	{ "mqtt.client-id", CRITICAL, connack_2, NOBODY, CONNACK },
	{ "mqtt.unavailable", CRITICAL, connack_3, NOBODY, CONNACK " waited_ms" },
	{ "mqtt.unavailable", CRITICAL, connack_3_late, NOBODY, CONNACK " waited_ms" },
	{ "mqtt.bad-credentials", CRITICAL, connack_4, NOBODY, CONNACK },
	{ "mqtt.not-authorized", CRITICAL, connack_5, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, connack_134, NOBODY, CONNACK " token_len" },
	{ "mqtt.refused", CRITICAL, connack_151, NOBODY, CONNACK },
	{ "mqtt.suback-refused", CRITICAL, suback_refused, NOBODY, "peer topic suback" },
	{ "mqtt.suback-refused", CRITICAL, no_suback, NOBODY, "peer topic waited_ms" },
	{ "mqtt.no-puback", CRITICAL, no_puback, NOBODY, "peer attribute waited_ms" },
	{ "mqtt.closed-on-publish", CRITICAL, closed_on_publish, NOBODY, "peer attribute closed" },
	{ "mqtt.ok", OK, nothing, NOBODY, CONNACK " waited_ms" },
	{ "token.missing", CRITICAL, no_token, NOBODY, "" },
	{ "token.missing", CRITICAL, empty_token, NOBODY, "source" },
	{ "token.whitespace", CRITICAL, token_with_cr, NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, token_with_nul, NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, token_too_long, NOBODY, "source class position token_len" },
	{ "token.placeholder", WARNING, token_is_placeholder, NOBODY, "source token_len" },
	{ "token.is-uuid", WARNING, token_is_uuid, NOBODY, "source token_len" },
	{ "token.unverified-peer", CRITICAL, unverified, NOBODY, "peer" },
	{ "token.sent-in-clear", WARNING, token_in_clear, NOBODY, "peer transport" },
	{ "data.no-response", CRITICAL, no_response, NOBODY, "peer " LATENCIES },
	{ "data.other-response", CRITICAL, other_response, NOBODY, "topic payload" },
	{ "data.not-stored", CRITICAL, not_stored, NOBODY, "attribute written polls " LATENCIES },
	{ "data.stale", WARNING, stale, NOBODY, ATTRIBUTE LATENCIES },
	{ "data.ok", OK, nothing, NOBODY, ATTRIBUTE LATENCIES },
};

static const struct tbd_cert *cert_of(const struct sample *sample, enum whose whose)
{
	switch (whose) {
	case LEAF:
		return &sample->leaf;
	case INTERMEDIATE:
		return &sample->intermediate;
	case ROOT:
		return &sample->root;
	case STRANGER:
		return &sample->stranger;
	case NOBODY:
		break;
	}
	return NULL;
}

static struct sample *judged(void (*spoil)(struct sample *sample))
{
	struct sample *sample = sample_new();
	spoil(sample);
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	return sample;
}

static const struct tbd_finding *find(const struct tbd_report *report, const char *id)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (strcmp(report->findings[i]->id, id) == 0)
			return report->findings[i];
	return NULL;
}

static void check_evidence(const struct tbd_finding *finding, const char *expected)
{
	char keys[256] = "";
	size_t len = 0;
	for (size_t i = 0; i < finding->evidence_count; i++)
		len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s", len > 0 ? " " : "",
			finding->evidence[i].key);
	size_t want = strlen(expected);
	while (want > 0 && expected[want - 1] == ' ')
		want--;
	ck_assert_msg(len == want && strncmp(keys, expected, want) == 0,
		"%s: evidence is \"%s\", not \"%s\"", finding->id, keys, expected);
}

START_TEST(test_row)
{
	const struct row *row = &rows[_i];
	struct sample *sample = judged(row->spoil);
	const struct tbd_report *report = sample->report;
	const struct tbd_finding *finding = find(report, row->id);
	ck_assert_msg(finding != NULL, "row %d: no %s, but %s", _i, row->id,
		report->finding_count > 0 ? report->findings[0]->id : "nothing");
	ck_assert_str_eq(tbd_severity_name(finding->severity), tbd_severity_name(row->severity));
	ck_assert_int_eq(report->worst, row->severity);
	ck_assert_ptr_eq(finding->cert, cert_of(sample, row->cert));
	check_evidence(finding, row->evidence);
	/* One thing is wrong, and one finding says so, before all others. */
	if (row->severity > OK)
		ck_assert_str_eq(report->findings[0]->id, row->id);
	for (size_t i = 1; i < report->finding_count; i++)
		ck_assert_msg(report->findings[i]->severity <= INFO, "row %d: %s, and also %s", _i,
			row->id, report->findings[i]->id);
	sample_free(sample);
}
END_TEST

/* ---- what all findings keep to --------------------------------------------------------------- */

static void check_declared(const struct tbd_finding *finding)
{
	const struct tbd_rule *rule = tbd_rule_find(finding->id);
	ck_assert_msg(rule != NULL, "%s is no rule", finding->id);
	ck_assert_int_eq(rule->stage, finding->stage);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		bool declared = false;
		for (const char *const *key = rule->evidence; *key != NULL; key++)
			declared = declared || strcmp(*key, finding->evidence[i].key) == 0;
		ck_assert_msg(declared, "%s does not declare its evidence %s", finding->id,
			finding->evidence[i].key);
	}
	ck_assert_msg(finding->summary[0] != '\0' && strchr(finding->summary, '\n') == NULL &&
			finding->summary[strlen(finding->summary) - 1] != '.',
		"%s: \"%s\" is no sentence without full stop", finding->id, finding->summary);
	for (size_t i = 0; i < finding->consequence_count; i++)
		check_declared(finding->consequences[i]);
}

START_TEST(test_findings_keep_to_their_rules)
{
	struct sample *sample = judged(rows[_i].spoil);
	for (size_t i = 0; i < sample->report->finding_count; i++)
		check_declared(sample->report->findings[i]);
	sample_free(sample);
}
END_TEST

enum { VALUE_MIN = 4 }; /* shorter texts may stand in any sentence */

static bool holds(const char *text, const char *value)
{
	return value != NULL && strlen(value) >= VALUE_MIN && strstr(text, value) != NULL;
}

/* A platitude is true of every report: a fix has to name something of this one. */
static bool names_a_value(const struct tbd_report *report, const struct tbd_finding *finding)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (holds(finding->fix, finding->evidence[i].text))
			return true;
	return holds(finding->fix, tbdi_report_host(report));
}

START_TEST(test_fix_is_no_platitude)
{
	struct sample *sample = judged(rows[_i].spoil);
	for (size_t i = 0; i < sample->report->finding_count; i++) {
		const struct tbd_finding *finding = sample->report->findings[i];
		if (finding->severity < WARNING) {
			ck_assert_msg(finding->severity != OK || finding->fix == NULL,
				"%s mends what is fine", finding->id);
			continue;
		}
		ck_assert_msg(finding->fix != NULL, "%s has no fix", finding->id);
		bool must = finding->severity == CRITICAL &&
			(finding->stage == TBD_STAGE_TRUST || finding->stage == TBD_STAGE_NAME ||
				finding->stage == TBD_STAGE_TIME);
		ck_assert_msg(!must || names_a_value(sample->report, finding),
			"%s: a platitude: %s", finding->id, finding->fix);
	}
	sample_free(sample);
}
END_TEST

START_TEST(test_platitudes_are_recognised)
{
	struct sample *sample = judged(wrong_root);
	struct tbd_finding finding = *sample->report->findings[0];
	ck_assert(names_a_value(sample->report, &finding));
	finding.fix = tbd_rule_find(finding.id)->fix;
	ck_assert(!names_a_value(sample->report, &finding));
	sample_free(sample);
}
END_TEST

/* ---- what all rows keep to ------------------------------------------------------------------- */

START_TEST(test_every_rule_has_a_row)
{
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rule->pub.id != NULL; rule++) {
			bool found = rule->match == NULL;
			for (size_t i = 0; i < TBDI_COUNT(rows); i++)
				found = found || strcmp(rows[i].id, rule->pub.id) == 0;
			ck_assert_msg(found, "no row tests %s", rule->pub.id);
		}
}
END_TEST

static void check_text(const char *id, const char *text, size_t least, size_t most)
{
	ck_assert_msg(text != NULL && strlen(text) >= least && strlen(text) <= most,
		"%s: too short or too long: %s", id, text);
	for (const char *c = text; *c != '\0'; c++)
		ck_assert_msg(isprint((unsigned char)*c), "%s: not ASCII: %s", id, text);
}

START_TEST(test_texts)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	ck_assert_uint_gt(count, 60);
	for (size_t i = 0; i < count; i++) {
		const struct tbd_rule *rule = rules[i];
		check_text(rule->id, rule->title, 10, 72);
		check_text(rule->id, rule->why, 120, 1000);
		check_text(rule->id, rule->fix, 10, 300);
		ck_assert_ptr_eq(tbd_rule_find(rule->id), rule);
		ck_assert_msg(
			i == 0 || rules[i - 1]->stage <= rule->stage, "%s: out of order", rule->id);
	}
	ck_assert_ptr_null(tbd_rule_find("ca.nonsense"));
}
END_TEST

/* The catalogue is a planning document beside the source tree: compared where it is there. */
START_TEST(test_catalogue)
{
	const char *srcdir = getenv("abs_top_srcdir");
	char path[4096];
	snprintf(path, sizeof(path), "%s/../shared/findings.tsv", srcdir != NULL ? srcdir : ".");
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return;
	char *line = NULL;
	size_t size = 0;
	size_t known = 0;
	while (getline(&line, &size, file) > 0) {
		char *rest = line;
		const char *id = strsep(&rest, "\t");
		const char *severity = strsep(&rest, "\t");
		const char *stage = strsep(&rest, "\t");
		const struct tbd_rule *rule = tbd_rule_find(id);
		if (rule == NULL)
			continue;
		known++;
		ck_assert_str_eq(tbd_severity_name(rule->severity), severity);
		ck_assert_str_eq(tbd_stage_name(rule->stage), stage);
	}
	free(line);
	fclose(file);
	size_t count;
	tbd_rules(&count);
	ck_assert_uint_eq(known, count);
}
END_TEST

/* ---- the order of findings ------------------------------------------------------------------- */

START_TEST(test_consequence_of_one_cause)
{
	struct sample *sample = sample_new();
	wrong_root(sample);
	sample->report->token = &sample->token;
	sample->token.sent = false;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_uint_eq(sample->report->finding_count, 1);
	const struct tbd_finding *cause = sample->report->findings[0];
	ck_assert_str_eq(cause->id, "ca.wrong-root");
	ck_assert_uint_eq(cause->consequence_count, 1);
	ck_assert_str_eq(cause->consequences[0]->id, "token.unverified-peer");
	sample_free(sample);
}
END_TEST

START_TEST(test_consequence_of_two_causes)
{
	struct sample *sample = sample_new();
	wrong_root(sample);
	name_is(sample, "broker.example.org", TBD_MATCH_MISMATCH);
	sample->report->token = &sample->token;
	sample->token.sent = false;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_uint_eq(sample->report->finding_count, 3);
	ck_assert_str_eq(sample->report->findings[0]->id, "ca.wrong-root");
	ck_assert_str_eq(sample->report->findings[1]->id, "name.mismatch");
	ck_assert_str_eq(sample->report->findings[2]->id, "token.unverified-peer");
	ck_assert_uint_eq(sample->report->findings[0]->consequence_count, 0);
	sample_free(sample);
}
END_TEST

/* An unusable store explains what it does not hold, and that is why the token stayed here. */
START_TEST(test_consequences_have_one_root)
{
	struct sample *sample = sample_new();
	store_empty(sample);
	sample->report->token = &sample->token;
	sample->token.sent = false;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_uint_eq(sample->report->finding_count, 1);
	const struct tbd_finding *cause = sample->report->findings[0];
	ck_assert_str_eq(cause->id, "ca.store-empty");
	ck_assert_uint_eq(cause->consequence_count, 2);
	ck_assert_str_eq(cause->consequences[0]->id, "ca.wrong-root");
	ck_assert_str_eq(cause->consequences[1]->id, "token.unverified-peer");
	sample_free(sample);
}
END_TEST

START_TEST(test_severity_first)
{
	struct sample *sample = sample_new();
	large_chain(sample);
	root_sent(sample);
	connack_5(sample);
	token_is_uuid(sample);
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	static const char *const order[] = { "mqtt.not-authorized", "chain.large", "token.is-uuid",
		"chain.root-sent", "ca.ok", "time.ok" };
	ck_assert_uint_eq(sample->report->finding_count, TBDI_COUNT(order));
	for (size_t i = 0; i < TBDI_COUNT(order); i++)
		ck_assert_str_eq(sample->report->findings[i]->id, order[i]);
	sample_free(sample);
}
END_TEST

START_TEST(test_all_is_well)
{
	struct sample *sample = judged(nothing);
	static const char *const order[] = { "ca.ok", "time.ok", "mqtt.ok", "data.ok" };
	ck_assert_uint_eq(sample->report->finding_count, TBDI_COUNT(order));
	for (size_t i = 0; i < TBDI_COUNT(order); i++)
		ck_assert_str_eq(sample->report->findings[i]->id, order[i]);
	ck_assert_int_eq(sample->report->worst, OK);
	sample_free(sample);
}
END_TEST

START_TEST(test_empty_report)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	static const int64_t now = SAMPLE_TIME;
	options.time = &now;
	struct tbd_report *report = NULL;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_uint_eq(report->finding_count, 0);
	ck_assert_int_eq(report->worst, OK);
	tbd_report_free(report);
}
END_TEST

/* ---- texts ----------------------------------------------------------------------------------- */

START_TEST(test_insecure_is_said)
{
	struct sample *sample = sample_new();
	sample->held[0] = &sample->stranger;
	sample->path.count = 2;
	sample->path.anchored = false;
	sample->path.fault = TBD_FAULT_NO_ISSUER;
	sample->verification.verified = false;
	sample->report->insecure = true;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	static const char *const ids[] = { "ca.wrong-root", "mqtt.ok", "data.ok" };
	for (size_t i = 0; i < TBDI_COUNT(ids); i++) {
		const struct tbd_finding *finding = find(sample->report, ids[i]);
		ck_assert(finding != NULL && strstr(finding->summary, "--insecure") != NULL);
	}
	ck_assert_ptr_null(find(sample->report, "token.unverified-peer"));
	sample_free(sample);
}
END_TEST

/* A peer's name must not become a command, nor a line of its own. */
START_TEST(test_names_are_quoted)
{
	struct sample *sample = judged(hostile_name);
	const char *fix = sample->report->findings[0]->fix;
	ck_assert_ptr_nonnull(strstr(fix, "  tbdiag verify 'x; rm -rf ~ '\\''\\x0a:8883'\n"));
	sample_free(sample);
	sample = judged(wrong_root);
	ck_assert_ptr_nonnull(strstr(sample->report->findings[0]->fix, "/tmp/my ca.pem"));
	sample_free(sample);
}
END_TEST

START_TEST(test_refusal_names_the_setting)
{
	struct sample *sample = judged(refused_beside_open);
	ck_assert_ptr_nonnull(
		strstr(sample->report->findings[0]->fix, "  export MQTT_SSL_ENABLED=true"));
	sample_free(sample);
	sample = judged(refused);
	ck_assert_ptr_nonnull(strstr(sample->report->findings[0]->summary, "not started"));
	sample_free(sample);
}
END_TEST

START_TEST(test_similar_hosts)
{
	ck_assert_str_eq(
		tbdi_cloud_similar_host("mqtt.thingsbord.cloud"), "mqtt.thingsboard.cloud");
	ck_assert_str_eq(tbdi_cloud_similar_host("thingsboard.clod"), "mqtt.thingsboard.cloud");
	ck_assert_str_eq(
		tbdi_cloud_similar_host("mqtt.eu.thingboard.cloud"), "mqtt.eu.thingsboard.cloud");
	ck_assert_str_eq(tbdi_cloud_similar_host("demo.thingsboad.io"), "demo.thingsboard.io");
	ck_assert_ptr_null(tbdi_cloud_similar_host("broker.example.org"));
	ck_assert_ptr_null(tbdi_cloud_similar_host(""));
	ck_assert_str_eq(tbdi_cloud_mqtt_host("EU.thingsboard.cloud"), "mqtt.eu.thingsboard.cloud");
	ck_assert_ptr_null(tbdi_cloud_mqtt_host("mqtt.thingsboard.cloud"));
	ck_assert_ptr_null(tbdi_cloud_mqtt_host("demo.thingsboard.io"));
}
END_TEST

Suite *tbdi_suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *each = tcase_create("each rule");
	tcase_add_loop_test(each, test_row, 0, TBDI_COUNT(rows));
	suite_add_tcase(suite, each);
	TCase *all = tcase_create("all rules");
	tcase_add_loop_test(all, test_findings_keep_to_their_rules, 0, TBDI_COUNT(rows));
	tcase_add_loop_test(all, test_fix_is_no_platitude, 0, TBDI_COUNT(rows));
	tcase_add_test(all, test_platitudes_are_recognised);
	tcase_add_test(all, test_every_rule_has_a_row);
	tcase_add_test(all, test_texts);
	tcase_add_test(all, test_catalogue);
	suite_add_tcase(suite, all);
	TCase *order = tcase_create("order");
	tcase_add_test(order, test_consequence_of_one_cause);
	tcase_add_test(order, test_consequence_of_two_causes);
	tcase_add_test(order, test_consequences_have_one_root);
	tcase_add_test(order, test_severity_first);
	tcase_add_test(order, test_all_is_well);
	tcase_add_test(order, test_empty_report);
	suite_add_tcase(suite, order);
	TCase *texts = tcase_create("texts");
	tcase_add_test(texts, test_insecure_is_said);
	tcase_add_test(texts, test_names_are_quoted);
	tcase_add_test(texts, test_refusal_names_the_setting);
	tcase_add_test(texts, test_similar_hosts);
	suite_add_tcase(suite, texts);
	return suite;
}
