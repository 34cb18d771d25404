/* SPDX-License-Identifier: MIT
 *
 * fault-table.c - reports in which one thing is wrong, and what has to be said of them.
 */
#include "tests/unit/fault-table.h"

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

static void one_address_refuses(struct sample *sample)
{
	sample->attempts[0].abandoned = false;
	sample->attempts[0].error = ECONNREFUSED;
}

static void all_attempts_fail(struct sample *sample, enum tbd_end end, int error)
{
	sample_stop_before_tls(sample);
	sample->connection.tcp = end;
	for (size_t i = 0; i < 2; i++)
		sample->attempts[i].error = error;
}

void spoil_refused(struct sample *sample)
{
	all_attempts_fail(sample, TBD_END_ERROR, ECONNREFUSED);
	sample->connection.neighbour_count = 3;
	for (size_t i = 0; i < 3; i++)
		sample->neighbours[i].error = ECONNREFUSED;
}

void spoil_refused_beside_open(struct sample *sample)
{
	spoil_refused(sample);
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
	sample->connection.plain = &sample->plain;
}

static void answers_in_clear(struct sample *sample, const char *first_bytes)
{
	sample->connection.plain = &sample->plain;
	sample->plain.end = TBD_END_OK;
	sample->plain.first_bytes = first_bytes;
}

static void reset_by_plain_mqtt(struct sample *sample)
{
	reset_at_once(sample);
	answers_in_clear(sample, " \\x02\\x00\\x05");
	sample->plain.connack = 5;
	sample->plain.connack_name = "not authorized";
}

static void silent_plain_mqtt(struct sample *sample)
{
	reset_by_plain_mqtt(sample);
	sample->tls.end = TBD_END_PROTOCOL;
}

static void reset_by_plain_http(struct sample *sample)
{
	reset_at_once(sample);
	answers_in_clear(sample, "HTTP/1.1 400 Bad Request\\x0d\\x0aServer: nginx\\x0d\\x0a");
}

static void reset_by_gibberish(struct sample *sample)
{
	reset_at_once(sample);
	answers_in_clear(sample, "\\x00\\x01");
}

/* The port speaks TLS, though not with us. */
static void reset_but_tls(struct sample *sample)
{
	reset_at_once(sample);
	answers_in_clear(sample, "\\x15\\x03\\x03\\x00\\x02\\x02\\x0a");
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

static void silent_in_a_record(struct sample *sample)
{
	silent_in_handshake(sample);
	sample->tls.record_len = 3000;
	sample->tls.record_in = 1100;
}

static void reset_in_a_record(struct sample *sample)
{
	silent_in_a_record(sample);
	sample->tls.end = TBD_END_RESET;
	sample->tls.last_message = NULL;
}

static void silent_from_the_start(struct sample *sample)
{
	handshake_ends(sample, TBD_END_TIMEOUT, NULL, 0);
}

/* As it is over DTLS. */
static void over_datagrams(struct sample *sample)
{
	tbd_target_free(sample->target);
	if (tbd_target_parse("coaps://mqtt.example.com", &sample->target, NULL) < 0)
		abort();
	sample->report->target = sample->target;
	sample->connection.port = 5684;
	sample->tls.version = "DTLS1.2";
	sample->datagrams = (struct tbd_datagrams){
		.sent = 4, .received = 10, .largest_sent = 240, .largest_received = 1200
	};
	sample->connection.datagrams = &sample->datagrams;
}

static void datagrams_repeated(struct sample *sample)
{
	over_datagrams(sample);
	sample->datagrams.sent_again = 1;
	sample->datagrams.received_again = 5;
}

static void large_datagrams_lost(struct sample *sample)
{
	over_datagrams(sample);
	sample->datagrams.small = true;
	sample->datagrams.largest_received = 525;
}

static void datagrams_unanswered(struct sample *sample)
{
	silent_from_the_start(sample);
	over_datagrams(sample);
	sample->datagrams =
		(struct tbd_datagrams){ .sent = 6, .sent_again = 5, .largest_sent = 240 };
}

static void datagrams_without_end(struct sample *sample)
{
	silent_in_handshake(sample);
	over_datagrams(sample);
	sample->datagrams.small = true;
}

static void version_alert(struct sample *sample)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = 70;
	sample->tls.alert_name = "protocol_version";
	sample->tls.wanted_version = "1.3";
}

static void version_is_other(struct sample *sample)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = 40;
	sample->tls.alert_name = "handshake_failure";
	sample->connection.other_version = &sample->comparison;
	sample->another_tls.version = "TLS1.1";
	sample->another_tls.wanted_version = "1.1 or 1.0";
}

static void no_version_at_all(struct sample *sample)
{
	version_is_other(sample);
	sample->another_tls.end = TBD_END_ALERT;
	sample->another_tls.last_message = NULL;
	sample->another_tls.version = NULL;
	sample->another_tls.alert = 70;
	sample->another_tls.alert_name = "protocol_version";
	sample->comparison.chain = NULL;
}

static void other_chain_without_name(struct sample *sample)
{
	sample->connection.without_sni = &sample->comparison;
}

static void refused_without_name(struct sample *sample)
{
	other_chain_without_name(sample);
	sample->comparison.chain = NULL;
	sample->another_tls.end = TBD_END_ALERT;
	sample->another_tls.alert = 112;
	sample->another_tls.alert_name = "unrecognized_name";
}

static void closed_without_name(struct sample *sample)
{
	other_chain_without_name(sample);
	sample->comparison.chain = NULL;
	sample->another_tls.end = TBD_END_CLOSED;
}

static void version_ours(struct sample *sample)
{
	handshake_ends(sample, TBD_END_VERSION, "ServerHello", 90);
}

static void alert(struct sample *sample, int number, const char *name)
{
	handshake_ends(sample, TBD_END_ALERT, NULL, 7);
	sample->tls.alert = number;
	sample->tls.alert_name = name;
}

static void alert_internal_error(struct sample *sample)
{
	alert(sample, 80, "internal_error");
}

static void alert_handshake_failure(struct sample *sample)
{
	alert(sample, 40, "handshake_failure");
}

static void alert_insufficient_security(struct sample *sample)
{
	alert(sample, 71, "insufficient_security");
	sample->tls.wanted_version = "1.2";
}

static void suite_not_offered(struct sample *sample)
{
	handshake_ends(sample, TBD_END_CIPHER, NULL, 90);
	sample->tls.detail = "An unknown cipher suite was received.";
}

static void alert_server_name(struct sample *sample)
{
	alert(sample, 112, "unrecognized_name");
}

static void alert_no_server_name(struct sample *sample)
{
	alert_server_name(sample);
	sample->tls.sni = NULL;
}

static void client_cert_wanted(struct sample *sample)
{
	sample->tls.client_cert_requested = true;
}

static void alert_certificate_required(struct sample *sample)
{
	alert(sample, 116, "certificate_required");
	sample->tls.client_cert_requested = true;
	sample->tls.last_message = "Finished";
	sample->tls.version = "TLS1.3";
}

static void client_cert_not_suited(struct sample *sample)
{
	alert_certificate_required(sample);
	sample->tls.alert = 40;
	sample->tls.alert_name = "handshake_failure";
	sample->tls.client_cert = &sample->stranger;
}

static void client_cert_rejected(struct sample *sample)
{
	alert_certificate_required(sample);
	sample->tls.alert = 48;
	sample->tls.alert_name = "unknown_ca";
	sample->tls.client_cert = &sample->stranger;
	sample->tls.client_cert_sent = true;
	sample->stranger.file = "device.pem";
}

static void client_cert_expired(struct sample *sample)
{
	client_cert_rejected(sample);
	sample->tls.alert = 45;
	sample->tls.alert_name = "certificate_expired";
	sample->stranger.not_after = SAMPLE_TIME - SAMPLE_DAY;
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

static void broken_off_without_certificate(struct sample *sample)
{
	no_certificate(sample);
	sample->tls.end = TBD_END_ERROR;
	sample->tls.detail = "No certificate was found.";
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

void spoil_root_sent(struct sample *sample)
{
	sample->sent[2] = &sample->root;
	sample->chain.count = 3;
}

void spoil_large_chain(struct sample *sample)
{
	sample->chain.message_len = 5000;
}

/* The file holds a certificate of the same server, which begins so much later. */
static void renewed(struct sample *sample, int64_t later)
{
	const char *sha256 = sample->stranger.sha256;
	sample->stranger = sample->leaf;
	sample->stranger.sha256 = sha256;
	sample->stranger.serial = "02";
	sample->stranger.not_before += later;
	sample->report->expected = &sample->expected;
}

static void not_renewed(struct sample *sample)
{
	renewed(sample, SAMPLE_DAY);
}

static void renewed_behind_the_file(struct sample *sample)
{
	renewed(sample, -SAMPLE_DAY);
}

static void serves_something_else(struct sample *sample)
{
	sample->stranger.is_ca = sample->stranger.self_signed = sample->stranger.self_issued =
		false;
	sample->report->expected = &sample->expected;
}

static void serves_less(struct sample *sample)
{
	sample->wanted[0] = &sample->leaf;
	sample->wanted[1] = &sample->stranger;
	sample->report->expected = &sample->expected;
}

static void serves_what_is_expected(struct sample *sample)
{
	sample->wanted[0] = &sample->leaf;
	sample->report->expected = &sample->expected;
}

static void cross_signed(struct sample *sample)
{
	/* Two issuers of the intermediate after it: no fault of order, nothing unrelated. The one
	 * that is trusted is no root. */
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

void spoil_store_empty(struct sample *sample)
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
	spoil_root_sent(sample);
	sample_cut_path(sample, 3, TBD_FAULT_UNTRUSTED_ROOT);
}

static void leaf_only(struct sample *sample)
{
	sample->chain.count = 1;
	sample_cut_path(sample, 1, TBD_FAULT_NO_ISSUER);
}

static void leaf_only_and_fetched(struct sample *sample)
{
	leaf_only(sample);
	sample->report->fixed = &sample->fixed;
}

static void leaf_only_and_fetched_in_vain(struct sample *sample)
{
	leaf_only_and_fetched(sample);
	sample->fixed.proven = false;
	sample->fixed.anchor = NULL;
}

static void leaf_only_and_not_fetched(struct sample *sample)
{
	leaf_only_and_fetched_in_vain(sample);
	sample->download.cert = NULL;
	sample->download.detail = "HTTP status 404";
	sample->fixed.count = 1;
	sample->fixed.missing = sample->leaf.issuer;
}

static void leaf_only_without_aia(struct sample *sample)
{
	leaf_only(sample);
	sample->leaf.aia_issuers = NULL;
}

void spoil_ldap_aia(struct sample *sample)
{
	static const char *const urls[] = { "ldap:///CN=Sub CA", "--output=/tmp/x",
		"http://ca.example.com/second.der", NULL };
	leaf_only(sample);
	sample->leaf.aia_issuers = urls;
}

void spoil_wrong_root(struct sample *sample)
{
	sample->held[0] = &sample->stranger;
	sample_cut_path(sample, 2, TBD_FAULT_NO_ISSUER);
}

static void no_path(struct sample *sample)
{
	sample->verification.path = NULL;
	sample->verification.path_count = 0;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

/* The store holds this certificate, which misses in this way. */
static void nearly(struct sample *sample, const struct tbd_cert *held, enum tbd_miss miss)
{
	sample->held[0] = held;
	sample->nearest = (struct tbd_nearest){ .miss = miss, .cert = held };
	sample->verification.nearest = &sample->nearest;
}

static void rekeyed_root(struct sample *sample)
{
	spoil_wrong_root(sample);
	sample->stranger.subject = sample->root.subject;
	nearly(sample, &sample->stranger, TBD_MISS_OTHER_KEY);
}

static void rekeyed_root_sent(struct sample *sample)
{
	private_root(sample);
	nearly(sample, &sample->stranger, TBD_MISS_OTHER_KEY);
}

/* Without key identifiers it looks like a bad signature. */
static void rekeyed_root_without_ids(struct sample *sample)
{
	sample->intermediate.authority_key_id = NULL;
	sample->path.fault = TBD_FAULT_BAD_SIGNATURE;
	sample->path.fault_at = 1;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
	nearly(sample, &sample->root, TBD_MISS_OTHER_KEY);
}

/* The server has to send its present intermediate; that a former one is held is not what is wrong. */
static void former_intermediate_held(struct sample *sample)
{
	leaf_only(sample);
	sample->stranger.self_signed = sample->stranger.self_issued = false;
	nearly(sample, &sample->stranger, TBD_MISS_OTHER_KEY);
	sample->trust.cert_count = 2;
}

static void former_intermediate_alone(struct sample *sample)
{
	former_intermediate_held(sample);
	sample->trust.cert_count = 1;
}

static void renamed_root(struct sample *sample)
{
	spoil_wrong_root(sample);
	nearly(sample, &sample->stranger, TBD_MISS_OTHER_NAME);
}

static void sibling_pinned(struct sample *sample)
{
	spoil_wrong_root(sample);
	nearly(sample, &sample->stranger, TBD_MISS_SIBLING);
}

static void system_has_root(struct sample *sample)
{
	spoil_wrong_root(sample);
	sample->root.file = "/etc/ssl/certs/ca-certificates.crt";
	sample->nearest.system_anchor = &sample->root;
	sample->verification.nearest = &sample->nearest;
}

static void system_has_sent_root(struct sample *sample)
{
	private_root(sample);
	sample->nearest.system_anchor = &sample->root;
	sample->verification.nearest = &sample->nearest;
}

static void old_leaf_held(struct sample *sample)
{
	spoil_wrong_root(sample);
	sample->stranger.not_before = sample->leaf.not_before - SAMPLE_DAY;
	nearly(sample, &sample->stranger, TBD_MISS_OLD_LEAF);
}

static void old_self_signed_held(struct sample *sample)
{
	self_signed(sample);
	sample->stranger.not_before = sample->leaf.not_before - SAMPLE_DAY;
	nearly(sample, &sample->stranger, TBD_MISS_OLD_LEAF);
}

static void later_leaf_held(struct sample *sample)
{
	self_signed(sample);
	sample->stranger.not_before = sample->leaf.not_before + SAMPLE_DAY;
	nearly(sample, &sample->stranger, TBD_MISS_OLD_LEAF);
}

static void intercepted(struct sample *sample)
{
	spoil_wrong_root(sample);
	sample->intermediate.issuer = "CN=Zscaler Root CA,O=Zscaler Inc.";
}

static void intercepted_and_trusted(struct sample *sample)
{
	sample->leaf.issuer = "CN=mitmproxy,O=mitmproxy";
}

static void no_path_but_sibling(struct sample *sample)
{
	no_path(sample);
	nearly(sample, &sample->stranger, TBD_MISS_SIBLING);
}

static void leaf_in_store(struct sample *sample)
{
	sample->path.count = 1;
	sample->held[0] = &sample->leaf;
}

void spoil_name_is(struct sample *sample, const char *name, enum tbd_name_match match)
{
	sample->verification.name = name;
	sample->verification.name_match = match;
	sample->verification.name_entry = NULL;
	sample->verification.verified = match == TBD_MATCH_CN_ONLY;
	sample_stop_before_mqtt(sample);
}

static void other_name(struct sample *sample)
{
	spoil_name_is(sample, "broker.example.org", TBD_MATCH_MISMATCH);
}

void spoil_hostile_name(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "x; rm -rf ~ '\n" } };
	other_name(sample);
	sample->leaf.names = names;
	sample->leaf.name_count = 1;
}

static void wildcard_common_name(struct sample *sample)
{
	other_name(sample);
	sample->leaf.name_count = 0;
	sample->leaf.common_name = "*.example.com";
}

static void name_like_an_option(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "--save-ca=.bashrc" } };
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
	spoil_name_is(sample, "mqtt.eu.example.com", TBD_MATCH_WILDCARD_DEPTH);
	sample->verification.name_entry = "*.example.com";
}

static void address_not_listed(struct sample *sample)
{
	spoil_name_is(sample, "192.0.2.99", TBD_MATCH_IP_NOT_LISTED);
}

static void address_as_name(struct sample *sample)
{
	spoil_name_is(sample, "192.0.2.99", TBD_MATCH_IP_AS_DNS);
	sample->verification.name_entry = "192.0.2.99";
}

static void common_name_only(struct sample *sample)
{
	sample->leaf.name_count = 0;
	spoil_name_is(sample, "mqtt.example.com", TBD_MATCH_CN_ONLY);
}

static void common_name_only_in_webpki(struct sample *sample)
{
	common_name_only(sample);
	sample->verification.profile = TBD_PROFILE_WEBPKI;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
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

static void fault_at(struct sample *sample, enum tbd_fault fault, size_t at)
{
	sample->path.fault = fault;
	sample->path.fault_at = at;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void path_expired(struct sample *sample)
{
	sample->path.fault = TBD_FAULT_EXPIRED;
	sample->path.fault_at = sample->path.count - 1;
	sample->verification.verified = false;
	sample_stop_before_mqtt(sample);
}

static void root_expired(struct sample *sample)
{
	sample->root.not_after = SAMPLE_TIME - 1;
	path_expired(sample);
}

static void root_renewed_in_system(struct sample *sample)
{
	root_expired(sample);
	sample->stranger.file = "/etc/ssl/certs/ca-certificates.crt";
	sample->nearest.system_anchor = &sample->stranger;
	sample->verification.nearest = &sample->nearest;
}

static void intermediate_pinned(struct sample *sample)
{
	sample->intermediate.origin = TBD_ORIGIN_TRUST;
	sample->intermediate.file = "ca.pem";
	sample->intermediate.entry = 1;
	sample->held[0] = &sample->intermediate;
	sample->path.count = 2;
}

static void pinned_intermediate_expired(struct sample *sample)
{
	intermediate_pinned(sample);
	sample->intermediate.not_after = SAMPLE_TIME - 1;
	path_expired(sample);
}

static void pinned_and_expired(struct sample *sample)
{
	sample->path.count = 1;
	sample->leaf.not_after = SAMPLE_TIME - 1;
	path_expired(sample);
}

static void issuer_respelt(struct sample *sample)
{
	sample->intermediate.issuer = "CN=EXAMPLE Root CA";
	sample->path.name_encoding_at = 1;
}

static void issuer_encoded_otherwise(struct sample *sample)
{
	sample->path.name_encoding_at = 1;
	fault_at(sample, TBD_FAULT_MALFORMED, 1);
}

static void saved_by_the_store(struct sample *sample)
{
	sample->chain.count = 1;
	sample->intermediate.origin = TBD_ORIGIN_TRUST;
	sample->intermediate.file = "ca.pem";
	sample->intermediate.entry = 2;
}

static void expired_entry(struct sample *sample)
{
	sample->stranger.not_after = SAMPLE_TIME - 1;
	sample->stranger.self_signed = false;
	sample->stranger.file = "ca.pem";
	sample->stranger.entry = 1;
	sample->held[1] = &sample->stranger;
	sample->trust.shown_count = sample->trust.cert_count = 2;
}

/* The intermediate was also issued by another CA. */
static void path_beside(struct sample *sample)
{
	sample->other_certs[0] = &sample->leaf;
	sample->other_certs[1] = &sample->intermediate;
	sample->other_certs[2] = &sample->stranger;
	sample->other_path = (struct tbd_path){
		.certs = sample->other_certs, .count = 3, .fault = TBD_FAULT_EXPIRED, .fault_at = 2
	};
	sample->paths[1] = &sample->other_path;
	sample->verification.path_count = 2;
	sample->stranger.not_after = SAMPLE_TIME - 1;
}

static void expired_root_beside(struct sample *sample)
{
	expired_entry(sample);
	path_beside(sample);
	sample->stranger.self_signed = true;
}

static void expired_cross_sign_beside(struct sample *sample)
{
	path_beside(sample);
	sample->stranger.self_signed = false;
	sample->stranger.issuer_der = sample->root.subject_der;
	sample->stranger.subject_der = sample->root.subject_der;
	sample->stranger.subject_key_id = sample->root.subject_key_id;
	sample->sent[2] = &sample->stranger;
	sample->chain.count = 3;
}

static void key_beside_certificate(struct sample *sample)
{
	sample->sources[0].key_file = "/tmp/my ca.pem";
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

static void server_of_another_day(struct sample *sample)
{
	sample_over_http(sample);
	sample->report->time_given = false;
	sample->report->clock = sample->report->time = TBD_RELEASE_TIME;
	sample->leaf.not_after = TBD_RELEASE_TIME + 90 * SAMPLE_DAY;
	sample->requests[1].date = TBD_RELEASE_TIME + 2 * SAMPLE_DAY;
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

static void revoked(struct sample *sample)
{
	sample->verification.revocations = sample->revocations;
	sample->verification.revocation_count = 1;
	fault_at(sample, TBD_FAULT_REVOKED, 0);
}

static void asked(struct sample *sample)
{
	sample->report->ocsp = sample->query_list;
	sample->report->ocsp_count = 1;
}

static void revoked_by_responder(struct sample *sample)
{
	revoked(sample);
	sample->revocation.source = "ocsp";
	sample->revocation.file = NULL;
	sample->revocation.url = sample->query.url;
	sample->said.status = "revoked";
	asked(sample);
}

static void nobody_vouches(struct sample *sample)
{
	sample->report->ca = &sample->ca;
	sample->ca = (struct tbd_needed_ca){ .unproven = &sample->root };
}

static void another_was_expected(struct sample *sample)
{
	nobody_vouches(sample);
	sample->ca.sha256 = sample->stranger.sha256;
}

static void no_anchor_is_known(struct sample *sample)
{
	sample->report->ca = &sample->ca;
	sample->ca = (struct tbd_needed_ca){ .cert = NULL };
}

static void no_key_id(struct sample *sample)
{
	sample->verification.departures = sample->departures;
	sample->verification.departure_count = 1;
}

static void refuse_for(struct sample *sample, const char *requirement, size_t at)
{
	fault_at(sample, TBD_FAULT_POLICY, at);
	sample->path.requirement = requirement;
}

static void no_key_id_in_rfc5280(struct sample *sample)
{
	no_key_id(sample);
	sample->verification.profile = TBD_PROFILE_RFC5280;
	refuse_for(sample, "subject-key-id", 1);
}

static void too_deep(struct sample *sample)
{
	sample->verification.max_depth = 0;
	refuse_for(sample, "max-depth", 2);
}

static void policy_demanded(struct sample *sample)
{
	refuse_for(sample, "certificate-policy", 0);
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

void spoil_connack_5(struct sample *sample)
{
	connack(sample, 5);
	sample->token.len = 12;
}

static void connack_134(struct sample *sample)
{
	connack(sample, 0x86);
}

/* Refused by MQTT 3.1.1, and explained in MQTT 5. */
static void connack_5_is_134(struct sample *sample)
{
	static const struct tbd_explanation explanation = { TBD_MQTT_REFUSED, 0x86,
		"Bad user name or password", 0x86, "Bad user name or password" };
	spoil_connack_5(sample);
	sample->exchange.explanation = &explanation;
}

static void connack_3_is_159(struct sample *sample)
{
	static const struct tbd_explanation explanation = { TBD_MQTT_REFUSED, 0x9f,
		"Connection rate exceeded", -1, NULL };
	connack_3(sample);
	sample->exchange.explanation = &explanation;
}

/* There was no second connection. */
static void connack_5_is_unknown(struct sample *sample)
{
	static const struct tbd_explanation explanation = { TBD_MQTT_NOT_STARTED, -1, NULL, -1,
		NULL };
	spoil_connack_5(sample);
	sample->exchange.explanation = &explanation;
}

static void general_broker(struct sample *sample)
{
	sample->exchange.fingerprint = 0;
}

static void basic_refused(struct sample *sample)
{
	spoil_connack_5(sample);
	sample->token.is_password = true;
}

static void basic_with_id_refused(struct sample *sample)
{
	basic_refused(sample);
	sample->exchange.client_id_len = 9;
}

static void basic_in_clear(struct sample *sample)
{
	sample->token.is_password = true;
	sample->token.in_clear = true;
}

/* Over MQTT 3.1. */
static void long_client_id(struct sample *sample)
{
	closed_before_connack(sample);
	sample->exchange.mqtt_version = "3.1";
	sample->exchange.client_id_len = 24;
}

static void token_is_jwt(struct sample *sample)
{
	sample->token.is_jwt = true;
}

static void token_is_long_jwt(struct sample *sample)
{
	sample->token.is_jwt = true;
	sample->token.bad_class = "length";
	sample->token.bad_at = 512;
	sample->token.sent = false;
	sample->token.len = 600;
	sample->report->exchange = NULL;
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
	sample->steps[4].status = TBD_STEP_TIMEOUT;
}

static void closed_before_suback(struct sample *sample)
{
	no_suback(sample);
	sample->steps[4].status = TBD_STEP_FAILED;
	sample->exchange.closed = TBD_END_CLOSED;
	sample->exchange.unacknowledged = 0;
}

static void taken_over_before_suback(struct sample *sample)
{
	closed_before_suback(sample);
	sample->exchange.disconnect = 0x8e;
	sample->exchange.disconnect_name = "Session taken over";
}

static void no_puback(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_PUBACK);
	sample->steps[6].status = TBD_STEP_TIMEOUT;
}

static void closed_on_publish(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_CLOSED_ON_PUBLISH);
	sample->exchange.closed = TBD_END_CLOSED;
	sample->exchange.unacknowledged = 1;
}

static void closed_with_reason(struct sample *sample)
{
	closed_on_publish(sample);
	sample->exchange.mqtt_version = "5";
	sample->exchange.disconnect = 0x83;
	sample->exchange.disconnect_name = "Implementation specific error";
}

static void publish_refused(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_PUBLISH_REFUSED);
	sample->exchange.mqtt_version = "5";
	sample->exchange.puback = 0x99;
	sample->exchange.puback_name = "Payload format invalid";
}

/* Telemetry that the server does not acknowledge. */
static void telemetry_unacknowledged(struct sample *sample)
{
	no_puback(sample);
	sample->exchange.published = "v1/devices/me/telemetry";
	sample->exchange.telemetry_len = 9;
}

static void closed_on_telemetry(struct sample *sample)
{
	closed_on_publish(sample);
	sample->exchange.published = "v1/devices/me/telemetry";
	sample->exchange.telemetry_len = 9;
}

static void reset_before_suback(struct sample *sample)
{
	closed_before_suback(sample);
	sample->exchange.closed = TBD_END_RESET;
}

static void closed_before_suback_5(struct sample *sample)
{
	closed_before_suback(sample);
	sample->exchange.mqtt_version = "5";
}

static void second_connack(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_BROKEN);
	sample->exchange.detail = "a second CONNACK";
}

/* By a proxy. */
static void closed_slowly(struct sample *sample)
{
	closed_before_connack(sample);
	sample->steps[3].duration_us = 3000000;
}

static void taken_over(struct sample *sample)
{
	closed_on_publish(sample);
	sample->exchange.disconnect = 0x8e;
	sample->exchange.disconnect_name = "Session taken over";
}

static void taken_over_in_the_end(struct sample *sample)
{
	taken_over(sample);
	sample->exchange.end = TBD_MQTT_DONE;
}

static void closed_for_nothing(struct sample *sample)
{
	closed_on_publish(sample);
	sample->exchange.unacknowledged = 0;
}

/* The proxy was reached, and answered so. */
static void proxy_says(struct sample *sample, const struct tbd_proxy *proxy)
{
	sample_stop_before_tls(sample);
	sample->report->step_count = 3;
	sample->connection.tcp = TBD_END_OK;
	sample->connection.used = &sample->attempts[1];
	sample->connection.proxy = proxy;
}

static void proxy_407(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "http",
		.host = "proxy.example.com",
		.port = 3128,
		.end = TBD_END_REFUSED,
		.code = 407,
		.wants_credentials = true,
		.detail = "HTTP/1.1 407 Proxy Authentication Required" };
	proxy_says(sample, &proxy);
}

static void proxy_wrong_password(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "socks5",
		.host = "2001:db8::3",
		.port = 1080,
		.with_credentials = true,
		.end = TBD_END_REFUSED,
		.code = -1,
		.wants_credentials = true,
		.detail = "user name and password are wrong" };
	proxy_says(sample, &proxy);
}

static void proxy_403(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "http",
		.host = "proxy.example.com",
		.port = 3128,
		.end = TBD_END_REFUSED,
		.code = 403,
		.detail = "HTTP/1.1 403 Forbidden" };
	proxy_says(sample, &proxy);
}

static void proxy_host_unreachable(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "socks5",
		.host = "proxy.example.com",
		.port = 1080,
		.end = TBD_END_REFUSED,
		.code = 4,
		.detail = "the host is unreachable" };
	proxy_says(sample, &proxy);
}

static void proxy_is_none(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "socks5",
		.host = "proxy.example.com",
		.port = 1080,
		.end = TBD_END_PROTOCOL,
		.code = -1,
		.first_bytes = "HTTP/1.1 400" };
	proxy_says(sample, &proxy);
}

static void proxy_silent(struct sample *sample)
{
	static const struct tbd_proxy proxy = { .protocol = "http",
		.host = "proxy.example.com",
		.port = 3128,
		.end = TBD_END_TIMEOUT,
		.code = -1 };
	proxy_says(sample, &proxy);
}

static const struct tbd_proxy unreached_proxy = {
	.protocol = "http", .host = "proxy.example.com", .port = 3128, .code = -1
};

static void proxy_not_there(struct sample *sample)
{
	spoil_refused(sample);
	sample->connection.neighbour_count = 0;
	sample->connection.proxy = &unreached_proxy;
}

static void proxy_without_route(struct sample *sample)
{
	no_route(sample);
	sample->connection.proxy = &unreached_proxy;
}

static void proxy_drops(struct sample *sample)
{
	no_syn_answer(sample);
	sample->connection.proxy = &unreached_proxy;
}

/* The POST was answered so, and nothing came after it. */
static void http_post(struct sample *sample, int status, enum tbd_api_end end)
{
	sample_over_http(sample);
	sample->report->step_count = 4;
	sample->requests[0].status = status;
	sample->api.request_count = 1;
	sample->api.read_back = NULL;
	sample->api.polls = 0;
	sample->api.end = end;
}

static void http_get(struct sample *sample, enum tbd_api_end end)
{
	sample_over_http(sample);
	sample->api.end = end;
}

static void http_401(struct sample *sample)
{
	http_post(sample, 401, TBD_API_REFUSED);
}

static void http_500(struct sample *sample)
{
	http_post(sample, 500, TBD_API_REFUSED);
	sample->requests[0].content_type = "text/plain;charset=UTF-8";
	sample->requests[0].body = "\n Can't parse value: 7\nmore";
	sample->requests[0].body_len = 28;
}

static void http_418(struct sample *sample)
{
	http_post(sample, 418, TBD_API_REFUSED);
}

void spoil_http_redirect(struct sample *sample)
{
	http_post(sample, 308, TBD_API_REFUSED);
	sample->requests[0].location = "https://other.example.com:8443/api/v1/***/attributes";
	sample->requests[0].server = "nginx";
}

/* What stands there must not become a command. */
void spoil_http_redirect_to_nowhere(struct sample *sample)
{
	http_post(sample, 302, TBD_API_REFUSED);
	sample->requests[0].location = "https://user@evil.example.com/;reboot";
}

static void http_redirect_without_address(struct sample *sample)
{
	http_post(sample, 304, TBD_API_REFUSED);
}

static void http_page(struct sample *sample)
{
	http_post(sample, 200, TBD_API_OTHER_REPLY);
	sample->requests[0].content_type = "text/html";
	sample->requests[0].body = "<!DOCTYPE html><html>";
	sample->requests[0].body_len = 21;
}

static void http_page_to_get(struct sample *sample)
{
	http_get(sample, TBD_API_OTHER_REPLY);
	sample->requests[1].content_type = NULL;
	sample->requests[1].body = "hello";
	sample->requests[1].body_len = 5;
}

static void http_empty_to_get(struct sample *sample)
{
	http_get(sample, TBD_API_OTHER_REPLY);
	sample->requests[1].content_type = sample->requests[1].body = NULL;
	sample->requests[1].body_len = 0;
}

static void http_not_http(struct sample *sample)
{
	http_post(sample, -1, TBD_API_STRANGE);
	sample->api.first_bytes = "SSH-2.0-OpenSSH_9.2";
	sample->api.detail = "Unsupported protocol";
}

static void http_silence(struct sample *sample)
{
	http_get(sample, TBD_API_NO_REPLY);
	sample->requests[1].status = -1;
	sample->requests[1].content_type = sample->requests[1].body = NULL;
}

static void http_stalls(struct sample *sample)
{
	http_post(sample, -1, TBD_API_NO_REPLY);
	sample->api.first_bytes = "HTTP/1.1 200 OK\\x0d\\x0a";
}

static void http_closed(struct sample *sample)
{
	http_post(sample, -1, TBD_API_CLOSED);
	sample->api.closed = TBD_END_RESET;
	sample->api.detail = "Server returned nothing (no headers, no data)";
}

static void http_closed_between(struct sample *sample)
{
	http_silence(sample);
	sample->api.end = TBD_API_CLOSED;
	sample->api.closed = TBD_END_CLOSED;
}

static void http_other_json(struct sample *sample)
{
	http_get(sample, TBD_API_OTHER_REPLY);
	sample->requests[1].body = "[]";
}

static void http_not_stored(struct sample *sample)
{
	http_get(sample, TBD_API_NOT_STORED);
	sample->steps[4].status = TBD_STEP_TIMEOUT;
	sample->api.read_back = NULL;
}

static void http_stale(struct sample *sample)
{
	sample_over_http(sample);
	sample->api.stale = true;
	sample->api.polls = 2;
}

/* The round trip over CoAP and DTLS. */
static void over_coap(struct sample *sample)
{
	sample_over_http(sample);
	over_datagrams(sample);
	sample->api.protocol = "coap";
	sample->api.library = "libcoap 4.3.1";
	sample->requests[0].url = "coaps://mqtt.example.com:5684/api/v1/***/attributes";
	sample->requests[1].url =
		"coaps://mqtt.example.com:5684/api/v1/***/attributes?clientKeys=tbdiagProbe";
	sample->requests[0].status = 201;
	sample->requests[1].status = 205;
	sample->requests[0].datagrams = sample->requests[1].datagrams = 1;
	sample->requests[1].content_type = NULL;
}

static void coap_post(struct sample *sample, int status, enum tbd_api_end end)
{
	over_coap(sample);
	sample->report->step_count = 4;
	sample->requests[0].status = status;
	sample->api.request_count = 1;
	sample->api.read_back = NULL;
	sample->api.polls = 0;
	sample->api.end = end;
}

static void coap_401(struct sample *sample)
{
	coap_post(sample, 401, TBD_API_REFUSED);
}

static void coap_500(struct sample *sample)
{
	coap_post(sample, 500, TBD_API_REFUSED);
}

static void coap_418(struct sample *sample)
{
	coap_post(sample, 418, TBD_API_REFUSED);
	sample->requests[0].body = "short and stout";
	sample->requests[0].body_len = 15;
}

static void coap_not_the_api(struct sample *sample)
{
	coap_post(sample, 201, TBD_API_OTHER_REPLY);
	sample->requests[0].body = "hello";
	sample->requests[0].body_len = 5;
}

static void coap_silence(struct sample *sample)
{
	coap_post(sample, -1, TBD_API_NO_REPLY);
	sample->requests[0].datagrams = 3;
}

/* No token is to be sent in clear. */
static void coap_ping_lost(struct sample *sample)
{
	sample_stop_before_tls(sample);
	over_datagrams(sample);
	tbd_target_free(sample->target);
	if (tbd_target_parse("coap://mqtt.example.com", &sample->target, NULL) < 0)
		abort();
	sample->report->target = sample->target;
	sample->connection.port = 5683;
	sample->connection.tcp = TBD_END_OK;
	sample->attempts[1].connected = true;
	sample->connection.used = &sample->attempts[1];
	sample->datagrams = (struct tbd_datagrams){ .sent = 3, .largest_sent = 4 };
	sample->steps[1].name = "coap";
	sample->steps[1].status = TBD_STEP_TIMEOUT;
	sample->report->step_count = 2;
}

static void coap_ping_garbage(struct sample *sample)
{
	coap_ping_lost(sample);
	sample->datagrams.received = 3;
}

static void coap_acknowledged(struct sample *sample)
{
	coap_silence(sample);
	sample->requests[0].acknowledged = true;
}

static void coap_garbage(struct sample *sample)
{
	coap_silence(sample);
	sample->api.first_bytes = "HTTP/1.1 400";
}

static void coap_unreachable(struct sample *sample)
{
	coap_post(sample, -1, TBD_API_CLOSED);
	sample->api.closed = TBD_END_ERROR;
}

static void coap_reset(struct sample *sample)
{
	coap_post(sample, -1, TBD_API_CLOSED);
	sample->api.detail = "the request was rejected by a Reset message";
}

static void coap_ends_dtls(struct sample *sample)
{
	coap_post(sample, -1, TBD_API_CLOSED);
	sample->api.closed = TBD_END_CLOSED;
}

static void coap_nothing_there(struct sample *sample)
{
	over_coap(sample);
	sample->api.read_only = true;
	sample->api.key = sample->api.written = sample->api.read_back = NULL;
	sample->api.polls = 0;
	sample->request_list[0] = &sample->requests[1];
	sample->requests[1].status = 404;
	sample->requests[1].body = NULL;
	sample->api.request_count = 1;
}

static void coap_not_stored(struct sample *sample)
{
	over_coap(sample);
	sample->api.end = TBD_API_NOT_STORED;
	sample->api.read_back = NULL;
	sample->steps[4].status = TBD_STEP_TIMEOUT;
}

static void http_no_token(struct sample *sample)
{
	http_get(sample, TBD_API_NOT_STARTED);
	sample->api.request_count = 0;
	sample->report->token = NULL;
}

static void no_response(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NO_RESPONSE);
	sample->steps[5].status = TBD_STEP_TIMEOUT;
	sample->report->step_count = 6;
	sample->exchange.key = sample->exchange.written = sample->exchange.read_back = NULL;
	sample->exchange.polls = 0;
}

static void general_broker_is_silent(struct sample *sample)
{
	no_response(sample);
	general_broker(sample);
}

static void other_response(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_OTHER_RESPONSE);
	sample->exchange.response_topic = "v1/devices/me/attributes/response/7";
}

static void not_stored(struct sample *sample)
{
	mqtt_ends(sample, TBD_MQTT_NOT_STORED);
	sample->steps[7].status = TBD_STEP_TIMEOUT;
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

void spoil_token_is_uuid(struct sample *sample)
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
static void not_judged(struct sample *sample)
{
	token_not_sent(sample);
	sample->report->verification = NULL;
}

static void unverified(struct sample *sample)
{
	token_not_sent(sample);
	sample->verification.verified = false;
	sample->report->chain = NULL;
	sample->verification.path = NULL;
}

void spoil_nothing(struct sample *sample TBDI_UNUSED)
{
}

/* ---- what has to be said of them ------------------------------------------------------------- */

#define NET "host port "
#define TLS NET "last_message bytes_in "
#define STORE "store store_count store_holds"
#define SENT "subject subject_key_id not_before not_after sha256 "
#define NEEDED "subject issuer issuer_key_id "
#define NEAREST "nearest nearest_key_id nearest_not_before nearest_not_after nearest_sha256 "
#define NEAREST_ENTRY NEAREST "nearest_entry "
#define EXPECTED                                                                     \
	"subject sha256 serial not_before not_after expected_file expected_subject " \
	"expected_serial expected_not_before expected_not_after expected_sha256"
#define PLACE "subject issuer not_after sha256 file "
#define PLACE_ENTRY PLACE "entry "
#define ENCODING "subject sha256 issuer issuer_subject issuer_sha256 differs"
#define SYSTEM " system_store system_entry"
#define DATES "subject not_before not_after days_left judged_at"
#define CONNACK "peer connack connack_name"
#define DATAGRAMS "sent received sent_again received_again largest_sent largest_received"
#define LATENCIES "connack_ms response_ms puback_ms visible_ms"
#define ATTRIBUTE "attribute written read_back polls "

#define OK TBD_SEVERITY_OK
#define INFO TBD_SEVERITY_INFO
#define WARNING TBD_SEVERITY_WARNING
#define CRITICAL TBD_SEVERITY_CRITICAL

const struct spoiled spoiled_rows[] = {
	{ "dns.not-found", CRITICAL, name_unknown, NOBODY, "name resolver" },
	{ "dns.not-found", CRITICAL, name_misspelt, NOBODY, "name resolver similar" },
	{ "dns.no-address", CRITICAL, no_such_family, NOBODY, "name resolver family" },
	{ "dns.timeout", CRITICAL, resolver_silent, NOBODY, "name timeout_ms" },
	{ "dns.timeout", CRITICAL, resolver_fails, NOBODY, "name resolver timeout_ms" },
	{ "dns.addresses-differ", INFO, one_address_refuses, NOBODY, "name addresses" },
	{ "tcp.refused", CRITICAL, spoil_refused, NOBODY, NET "attempts neighbours setting" },
	{ "tcp.refused", CRITICAL, spoil_refused_beside_open, NOBODY,
		NET "attempts neighbours setting" },
	{ "tcp.timeout", CRITICAL, no_syn_answer, NOBODY, NET "attempts timeout_ms" },
	{ "tcp.timeout", CRITICAL, one_silent_one_unreachable, NOBODY, NET "attempts timeout_ms" },
	{ "tcp.reset", CRITICAL, reset_at_once, NOBODY, NET "attempts in_clear" },
	{ "tcp.reset", CRITICAL, reset_but_tls, NOBODY, NET "attempts in_clear" },
	{ "tcp.unreachable", CRITICAL, no_route, NOBODY, NET "attempts" },
	{ "tls.plain-mqtt", CRITICAL, reset_by_plain_mqtt, NOBODY, TLS "first_bytes connack" },
	{ "tls.plain-mqtt", CRITICAL, silent_plain_mqtt, NOBODY, TLS "first_bytes connack" },
	{ "tls.plain-mqtt", CRITICAL, speaks_mqtt, NOBODY, TLS "first_bytes detail" },
	{ "tls.plain-http", CRITICAL, speaks_http, NOBODY, TLS "first_bytes detail status" },
	{ "tls.plain-http", CRITICAL, reset_by_plain_http, NOBODY, TLS "first_bytes status" },
	{ "tls.other-protocol", CRITICAL, reset_by_gibberish, NOBODY, TLS "first_bytes" },
	{ "tls.closed", CRITICAL, closed_at_once, NOBODY, TLS "closed" },
	{ "tls.closed", CRITICAL, reset_later, NOBODY, TLS "closed" },
	{ "tls.closed", CRITICAL, reset_in_a_record, NOBODY, TLS "record closed" },
	{ "tls.timeout", CRITICAL, silent_in_handshake, NOBODY, TLS "timeout_ms" },
	{ "tls.timeout", CRITICAL, silent_in_a_record, NOBODY, TLS "record timeout_ms" },
	{ "tls.timeout", CRITICAL, silent_from_the_start, NOBODY, TLS "timeout_ms" },
	{ "tls.timeout", CRITICAL, datagrams_unanswered, NOBODY, TLS "timeout_ms " DATAGRAMS },
	{ "tls.timeout", CRITICAL, datagrams_without_end, NOBODY, TLS "timeout_ms " DATAGRAMS },
	{ "tls.datagram-lost", WARNING, datagrams_repeated, NOBODY, DATAGRAMS },
	{ "tls.datagram-lost", WARNING, large_datagrams_lost, NOBODY, DATAGRAMS },
	{ "tls.version", CRITICAL, version_alert, NOBODY, TLS "wanted alert_name" },
	{ "tls.version", CRITICAL, version_ours, NOBODY, TLS },
	{ "tls.version", CRITICAL, version_is_other, NOBODY, TLS "alert_name other_versions" },
	{ "tls.cipher", CRITICAL, no_version_at_all, NOBODY,
		TLS "alert alert_name other_versions" },
	{ "tls.sni-needed", WARNING, other_chain_without_name, NOBODY,
		NET "sni subject sha256 without_sni without_sni_sha256" },
	{ "tls.sni-needed", WARNING, refused_without_name, NOBODY,
		NET "sni subject sha256 without_sni" },
	{ "tls.sni-needed", WARNING, closed_without_name, NOBODY,
		NET "sni subject sha256 without_sni" },
	{ "tls.sni-rejected", CRITICAL, alert_server_name, NOBODY, TLS "alert alert_name sni" },
	{ "tls.sni-rejected", CRITICAL, alert_no_server_name, NOBODY, TLS "alert alert_name" },
	{ "tls.client-cert-required", CRITICAL, alert_certificate_required, NOBODY,
		TLS "alert alert_name version" },
	{ "tls.client-cert-required", CRITICAL, client_cert_not_suited, NOBODY,
		TLS "alert alert_name version" },
	{ "tls.client-cert-rejected", CRITICAL, client_cert_rejected, NOBODY,
		TLS "alert alert_name subject sha256" },
	{ "tls.client-cert-rejected", CRITICAL, client_cert_expired, NOBODY,
		TLS "alert alert_name subject sha256" },
	{ "tls.client-cert-wanted", INFO, client_cert_wanted, NOBODY, TLS "version" },
	{ "tls.cipher", CRITICAL, alert_handshake_failure, NOBODY, TLS "alert alert_name" },
	{ "tls.cipher", CRITICAL, alert_insufficient_security, NOBODY,
		TLS "alert alert_name wanted" },
	{ "tls.cipher", CRITICAL, suite_not_offered, NOBODY, TLS "detail" },
	{ "tls.alert", CRITICAL, alert_internal_error, NOBODY, TLS "alert alert_name sni" },
	{ "tls.alert", CRITICAL, unknown_alert, NOBODY, TLS "alert sni" },
	{ "tls.other-protocol", CRITICAL, speaks_gibberish, NOBODY, TLS "first_bytes detail" },
	{ "tls.other-protocol", CRITICAL, breaks_tls, NOBODY, TLS "first_bytes detail" },
	{ "chain.empty", CRITICAL, no_certificate, NOBODY, "peer" },
	{ "chain.empty", CRITICAL, broken_off_without_certificate, NOBODY, "peer" },
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
	{ "chain.root-sent", INFO, spoil_root_sent, ROOT, "certificate subject sha256 bytes" },
	{ "chain.not-renewed", WARNING, not_renewed, LEAF, EXPECTED },
	{ "chain.not-renewed", INFO, renewed_behind_the_file, LEAF, EXPECTED },
	{ "chain.not-renewed", WARNING, serves_something_else, LEAF, EXPECTED },
	{ "chain.not-renewed", WARNING, serves_less, LEAF, EXPECTED },
	{ "ca.ok", OK, serves_what_is_expected, ROOT, "path anchor sha256 file entry" },
	{ "chain.large", WARNING, spoil_large_chain, NOBODY, "bytes limit sent" },
	{ "ca.intermediate-in-store", WARNING, cross_signed, ROOT, PLACE_ENTRY },
	{ "ca.store-missing", CRITICAL, store_missing, NOBODY, "store error" },
	{ "ca.store-missing", CRITICAL, system_store_missing, NOBODY, "store error" },
	{ "ca.store-empty", CRITICAL, spoil_store_empty, NOBODY, "store holds" },
	{ "ca.store-empty", WARNING, second_store_empty, NOBODY, "store holds" },
	{ "ca.self-signed", CRITICAL, self_signed, LEAF, "subject sha256 " STORE },
	{ "ca.self-signed", CRITICAL, self_signed_from_file, LEAF, "subject sha256 " STORE },
	{ "ca.private-root-sent", CRITICAL, private_root, ROOT, SENT STORE },
	{ "ca.private-root-sent", CRITICAL, system_has_sent_root, ROOT, SENT STORE SYSTEM },
	{ "ca.intercepted", CRITICAL, intercepted, LEAF, "product inspector sha256 " STORE },
	{ "ca.intercepted", WARNING, intercepted_and_trusted, LEAF,
		"product inspector sha256 " STORE },
	{ "ca.old-leaf", CRITICAL, old_leaf_held, LEAF, SENT NEAREST STORE },
	{ "ca.old-leaf", CRITICAL, old_self_signed_held, LEAF, SENT NEAREST STORE },
	{ "ca.old-leaf", CRITICAL, later_leaf_held, LEAF, SENT NEAREST STORE },
	{ "ca.same-name-other-key", CRITICAL, rekeyed_root, INTERMEDIATE, NEEDED NEAREST STORE },
	{ "ca.same-name-other-key", CRITICAL, rekeyed_root_sent, ROOT, SENT NEAREST STORE },
	{ "ca.same-name-other-key", CRITICAL, rekeyed_root_without_ids, INTERMEDIATE,
		"subject issuer " NEAREST_ENTRY STORE },
	{ "ca.same-name-other-key", CRITICAL, former_intermediate_alone, LEAF,
		NEEDED NEAREST STORE },
	{ "ca.same-key-other-name", CRITICAL, renamed_root, INTERMEDIATE, NEEDED NEAREST STORE },
	{ "ca.missing-intermediate", CRITICAL, former_intermediate_held, LEAF,
		NEEDED "aia sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only, LEAF,
		"subject issuer issuer_key_id aia sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only_and_fetched, LEAF,
		NEEDED "aia fetch_url fetch_sha256 completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only_and_fetched_in_vain, LEAF,
		NEEDED "aia fetch_url fetch_sha256 completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only_and_not_fetched, LEAF,
		NEEDED "aia fetch_url fetch_error completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, leaf_only_without_aia, LEAF,
		"subject issuer issuer_key_id sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, spoil_ldap_aia, LEAF,
		"subject issuer issuer_key_id aia sent " STORE },
	{ "ca.wrong-root", CRITICAL, spoil_wrong_root, INTERMEDIATE,
		"subject issuer issuer_key_id " STORE },
	{ "ca.wrong-root", CRITICAL, sibling_pinned, INTERMEDIATE, NEEDED NEAREST STORE },
	{ "ca.wrong-root", CRITICAL, system_has_root, INTERMEDIATE, NEEDED STORE SYSTEM },
	{ "ca.unknown", CRITICAL, no_path_but_sibling, LEAF,
		"subject sha256 " NEAREST "differs " STORE },
	{ "ca.unknown", CRITICAL, no_path, LEAF, "subject sha256 " STORE },
	{ "ca.anchor-expired", CRITICAL, root_expired, ROOT, PLACE_ENTRY "judged_at" },
	{ "ca.anchor-expired", CRITICAL, root_renewed_in_system, ROOT,
		PLACE_ENTRY "judged_at" SYSTEM },
	{ "ca.anchor-expired", CRITICAL, pinned_intermediate_expired, INTERMEDIATE,
		PLACE_ENTRY "judged_at" },
	{ "ca.name-encoding", WARNING, issuer_respelt, INTERMEDIATE, ENCODING },
	{ "ca.name-encoding", CRITICAL, issuer_encoded_otherwise, INTERMEDIATE, ENCODING },
	{ "ca.missing-intermediate-saved", WARNING, saved_by_the_store, INTERMEDIATE, PLACE_ENTRY },
	{ "ca.intermediate-in-store", WARNING, intermediate_pinned, INTERMEDIATE, PLACE_ENTRY },
	{ "ca.cross-signed-expired", WARNING, expired_root_beside, STRANGER,
		PLACE_ENTRY "path expired_path" },
	{ "ca.cross-signed-expired", WARNING, expired_cross_sign_beside, STRANGER,
		PLACE "path expired_path" },
	{ "ca.store-expired-entry", INFO, expired_entry, STRANGER,
		PLACE_ENTRY "expired_count anchor anchor_not_after" },
	{ "ca.store-holds-key", CRITICAL, key_beside_certificate, NOBODY, "store file" },
	{ "ca.leaf-in-store", WARNING, leaf_in_store, LEAF, "subject issuer not_after " STORE },
	{ "ca.ok", OK, spoil_nothing, ROOT, "path anchor sha256 file entry" },
	{ "name.mismatch", CRITICAL, other_name, LEAF, "host names suggestion" },
	{ "name.mismatch", CRITICAL, spoil_hostile_name, LEAF, "host names suggestion" },
	{ "name.mismatch", CRITICAL, name_like_an_option, LEAF, "host names" },
	{ "name.mismatch", CRITICAL, wildcard_common_name, LEAF, "host names" },
	{ "name.mismatch", CRITICAL, no_name_at_all, LEAF, "host names" },
	{ "name.wildcard-depth", CRITICAL, deep_name, LEAF, "host names entry_found" },
	{ "name.ip-not-listed", CRITICAL, address_not_listed, LEAF, "host names suggestion" },
	{ "name.ip-as-dns", CRITICAL, address_as_name, LEAF, "host names entry_found" },
	{ "name.cn-only", WARNING, common_name_only, LEAF, "host names" },
	{ "name.cn-only", CRITICAL, common_name_only_in_webpki, LEAF, "host names" },
	{ "name.cloud-host", WARNING, web_host, NOBODY, "host suggestion" },
	{ "ca.ok", OK, demo_host, ROOT, "path anchor sha256 file entry" },
	{ "time.clock-wrong", CRITICAL, clock_wrong, NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, clock_wrong_before_certificate, NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, date_before_2000, NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, server_of_another_day, NOBODY, "clock server_clock" },
	{ "time.expired", CRITICAL, leaf_expired, LEAF, DATES },
	{ "time.expired", CRITICAL, two_expired, INTERMEDIATE, DATES },
	{ "time.expired", CRITICAL, pinned_and_expired, LEAF, DATES },
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
	{ "time.ok", OK, spoil_nothing, LEAF, DATES },
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
	{ "trust.unproven", CRITICAL, nobody_vouches, ROOT,
		"subject subject_key_id not_before not_after sha256" },
	{ "trust.unproven", CRITICAL, another_was_expected, ROOT,
		"subject subject_key_id not_before not_after sha256 expected_sha256" },
	{ "trust.unproven", CRITICAL, no_anchor_is_known, ROOT, "subject issuer" },
	{ "policy.revoked", CRITICAL, revoked, LEAF,
		"subject sha256 serial revoked reason source file" },
	{ "policy.revoked", CRITICAL, revoked_by_responder, LEAF,
		"subject sha256 serial revoked reason source ocsp_url" },
	{ "policy.strict-only", WARNING, no_key_id, INTERMEDIATE,
		"profile subject sha256 departures" },
	{ "policy.strict-only", CRITICAL, no_key_id_in_rfc5280, INTERMEDIATE,
		"profile requirement subject sha256 departures" },
	{ "policy.strict-only", CRITICAL, too_deep, ROOT,
		"profile requirement subject sha256 path_count max_depth" },
	{ "policy.strict-only", CRITICAL, policy_demanded, LEAF,
		"profile requirement subject sha256 path_count" },
	{ "policy.weak-key", WARNING, rare_curve, LEAF, "subject sha256 algorithm curve bits" },
	{ "mqtt.no-connack", CRITICAL, no_connack, NOBODY, "peer waited_ms" },
	{ "mqtt.closed-before-connack", CRITICAL, closed_before_connack, NOBODY, "peer closed" },
	{ "mqtt.not-mqtt", CRITICAL, not_mqtt, NOBODY, "peer first_bytes" },
	{ "mqtt.protocol-version", CRITICAL, connack_1, NOBODY, CONNACK },
	{ "mqtt.client-id", CRITICAL, connack_2, NOBODY, CONNACK },
	{ "mqtt.unavailable", CRITICAL, connack_3, NOBODY, CONNACK " waited_ms" },
	{ "mqtt.unavailable", CRITICAL, connack_3_late, NOBODY, CONNACK " waited_ms" },
	{ "mqtt.bad-credentials", CRITICAL, connack_4, NOBODY, CONNACK },
	{ "mqtt.not-authorized", CRITICAL, spoil_connack_5, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, connack_134, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, connack_5_is_134, NOBODY,
		CONNACK " explained explained_name token_len" },
	{ "mqtt.not-authorized", CRITICAL, connack_5_is_unknown, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, basic_refused, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, basic_with_id_refused, NOBODY, CONNACK " token_len" },
	{ "mqtt.closed-before-connack", CRITICAL, long_client_id, NOBODY, "peer closed" },
	{ "token.sent-in-clear", WARNING, basic_in_clear, NOBODY, "peer transport" },
	{ "mqtt.unavailable", CRITICAL, connack_3_is_159, NOBODY,
		CONNACK " explained explained_name waited_ms" },
	{ "mqtt.refused", CRITICAL, connack_151, NOBODY, CONNACK },
	{ "mqtt.suback-refused", CRITICAL, suback_refused, NOBODY, "peer topic suback" },
	{ "mqtt.suback-refused", CRITICAL, no_suback, NOBODY, "peer topic waited_ms" },
	{ "mqtt.taken-over", CRITICAL, closed_before_suback, NOBODY, "peer closed" },
	{ "mqtt.suback-refused", CRITICAL, reset_before_suback, NOBODY, "peer topic closed" },
	{ "mqtt.suback-refused", CRITICAL, closed_before_suback_5, NOBODY, "peer topic closed" },
	{ "mqtt.not-mqtt", CRITICAL, second_connack, NOBODY, "peer detail" },
	{ "mqtt.closed-before-connack", CRITICAL, closed_slowly, NOBODY, "peer closed" },
	{ "mqtt.no-puback", CRITICAL, no_puback, NOBODY, "peer topic waited_ms" },
	{ "mqtt.closed-on-publish", CRITICAL, closed_on_publish, NOBODY, "peer topic closed" },
	{ "mqtt.closed-on-publish", CRITICAL, closed_with_reason, NOBODY,
		"peer topic closed disconnect disconnect_name" },
	{ "mqtt.publish-refused", CRITICAL, publish_refused, NOBODY,
		"peer topic puback puback_name" },
	{ "mqtt.taken-over", CRITICAL, taken_over, NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.taken-over", CRITICAL, taken_over_before_suback, NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.taken-over", WARNING, taken_over_in_the_end, NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.taken-over", CRITICAL, closed_for_nothing, NOBODY, "peer closed" },
	{ "mqtt.not-thingsboard", INFO, general_broker, NOBODY, "peer fingerprint" },
	{ "data.no-response", CRITICAL, general_broker_is_silent, NOBODY,
		"peer connack_ms waited_ms" },
	{ "mqtt.ok", OK, spoil_nothing, NOBODY, CONNACK " waited_ms" },
	{ "proxy.auth", CRITICAL, proxy_407, NOBODY, "proxy peer code answer" },
	{ "proxy.auth", CRITICAL, proxy_wrong_password, NOBODY, "proxy peer answer" },
	{ "proxy.refused", CRITICAL, proxy_403, NOBODY, "proxy peer code answer" },
	{ "proxy.refused", CRITICAL, proxy_host_unreachable, NOBODY, "proxy peer code answer" },
	{ "proxy.refused", CRITICAL, proxy_is_none, NOBODY, "proxy peer first_bytes" },
	{ "proxy.refused", CRITICAL, proxy_silent, NOBODY, "proxy peer" },
	{ "tcp.refused", CRITICAL, proxy_not_there, NOBODY, "host port attempts" },
	{ "tcp.timeout", CRITICAL, proxy_drops, NOBODY, "host port attempts" },
	{ "tcp.unreachable", CRITICAL, proxy_without_route, NOBODY, "host port attempts" },
	{ "http.unauthorized", CRITICAL, http_401, NOBODY, "peer request code token_len" },
	{ "http.redirect", CRITICAL, spoil_http_redirect, NOBODY,
		"peer request code location server" },
	{ "http.redirect", CRITICAL, spoil_http_redirect_to_nowhere, NOBODY,
		"peer request code location" },
	{ "http.redirect", CRITICAL, http_redirect_without_address, NOBODY, "peer request code" },
	{ "http.not-device-api", CRITICAL, http_page, NOBODY,
		"peer request code content_type body" },
	{ "http.not-device-api", CRITICAL, http_page_to_get, NOBODY, "peer request code body" },
	{ "http.not-device-api", CRITICAL, http_empty_to_get, NOBODY, "peer request code" },
	{ "http.not-device-api", CRITICAL, http_not_http, NOBODY,
		"peer request first_bytes detail" },
	{ "http.timeout", CRITICAL, http_silence, NOBODY, "peer request" },
	{ "http.timeout", CRITICAL, http_stalls, NOBODY, "peer request first_bytes" },
	{ "http.error", CRITICAL, http_500, NOBODY, "peer request code content_type body" },
	{ "http.error", CRITICAL, http_418, NOBODY, "peer request code" },
	{ "http.error", CRITICAL, http_closed, NOBODY, "peer request closed detail" },
	{ "http.error", CRITICAL, http_closed_between, NOBODY, "peer request closed" },
	{ "http.ok", OK, sample_over_http, NOBODY, "peer request code content_type body" },
	{ "coap.unauthorized", CRITICAL, coap_401, NOBODY, "peer request coap_code token_len" },
	{ "coap.timeout", CRITICAL, coap_silence, NOBODY, "peer request datagrams received" },
	{ "coap.timeout", CRITICAL, coap_ping_lost, NOBODY, "peer datagrams received" },
	{ "coap.timeout", CRITICAL, coap_ping_garbage, NOBODY, "peer datagrams received" },
	{ "coap.timeout", CRITICAL, coap_acknowledged, NOBODY, "peer request datagrams received" },
	{ "coap.timeout", CRITICAL, coap_garbage, NOBODY,
		"peer request datagrams received first_bytes" },
	{ "coap.timeout", CRITICAL, coap_unreachable, NOBODY, "peer request datagrams received" },
	{ "coap.error", CRITICAL, coap_500, NOBODY, "peer request coap_code" },
	{ "coap.error", CRITICAL, coap_418, NOBODY, "peer request coap_code body" },
	{ "coap.error", CRITICAL, coap_not_the_api, NOBODY, "peer request coap_code body" },
	{ "coap.error", CRITICAL, coap_reset, NOBODY, "peer request datagrams received detail" },
	{ "coap.error", CRITICAL, coap_ends_dtls, NOBODY,
		"peer request datagrams received closed" },
	{ "coap.ok", OK, over_coap, NOBODY, "peer request coap_code body" },
	{ "coap.ok", OK, coap_nothing_there, NOBODY, "peer request coap_code" },
	{ "token.missing", CRITICAL, no_token, NOBODY, "" },
	{ "token.missing", CRITICAL, http_no_token, NOBODY, "" },
	{ "token.missing", CRITICAL, empty_token, NOBODY, "source" },
	{ "token.whitespace", CRITICAL, token_with_cr, NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, token_with_nul, NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, token_too_long, NOBODY, "source class position token_len" },
	{ "token.placeholder", WARNING, token_is_placeholder, NOBODY, "source token_len" },
	{ "token.is-uuid", WARNING, spoil_token_is_uuid, NOBODY, "source token_len" },
	{ "token.is-jwt", WARNING, token_is_jwt, NOBODY, "source token_len" },
	{ "token.is-jwt", CRITICAL, token_is_long_jwt, NOBODY, "source token_len" },
	{ "token.unverified-peer", CRITICAL, unverified, NOBODY, "peer" },
	{ "token.unverified-peer", CRITICAL, not_judged, NOBODY, "peer" },
	{ "token.sent-in-clear", WARNING, token_in_clear, NOBODY, "peer transport" },
	{ "data.no-response", CRITICAL, no_response, NOBODY, "peer connack_ms waited_ms" },
	{ "data.other-response", CRITICAL, other_response, NOBODY, "topic payload" },
	{ "data.other-response", CRITICAL, http_other_json, NOBODY, "topic payload" },
	{ "data.not-stored", CRITICAL, not_stored, NOBODY,
		"attribute written polls connack_ms response_ms puback_ms waited_ms" },
	{ "data.not-stored", CRITICAL, http_not_stored, NOBODY,
		"attribute written polls post_ms waited_ms" },
	{ "data.stale", WARNING, stale, NOBODY, ATTRIBUTE LATENCIES },
	{ "data.stale", WARNING, http_stale, NOBODY, ATTRIBUTE "post_ms visible_ms" },
	{ "mqtt.no-puback", CRITICAL, telemetry_unacknowledged, NOBODY, "peer topic waited_ms" },
	{ "mqtt.closed-on-publish", CRITICAL, closed_on_telemetry, NOBODY, "peer topic closed" },
	{ "data.ok", OK, spoil_nothing, NOBODY, ATTRIBUTE LATENCIES },
	{ "data.ok", OK, sample_over_http, NOBODY, ATTRIBUTE "post_ms visible_ms" },
	{ "data.ok", OK, over_coap, NOBODY, ATTRIBUTE "post_ms visible_ms" },
	{ "data.not-stored", CRITICAL, coap_not_stored, NOBODY,
		"attribute written polls post_ms waited_ms" },
};

const size_t spoiled_count = TBDI_COUNT(spoiled_rows);
