/* SPDX-License-Identifier: MIT
 *
 * handshake.c - a handshake that does not come about: the peer speaks something else, closes, or
 * falls silent.
 */
#include "rules/catalogue.h"

#include <strings.h>

static bool begins(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* CONNACK: type 2, then a length of 2 (MQTT 3) or 3 and more (MQTT 5). */
static bool looks_like_connack(const char *first_bytes)
{
	return begins(first_bytes, " \\x02\\x0") || begins(first_bytes, " \\x03\\x00");
}

const char *tbdi_report_clear_bytes(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_tls *tls = connection != NULL ? connection->tls : NULL;
	if (tls == NULL)
		return NULL;
	if (tls->first_bytes != NULL && !tbdi_looks_like_tls(tls->first_bytes))
		return tls->first_bytes;
	const char *bytes = connection->plain != NULL ? connection->plain->first_bytes : NULL;
	return bytes != NULL && !tbdi_looks_like_tls(bytes) ? bytes : NULL;
}

void tbdi_draft_in_clear(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_plain *plain = report->connection->plain;
	if (plain == NULL)
		return;
	const char *answer = plain->end == TBD_END_OK ? plain->first_bytes
		: plain->end == TBD_END_NONE          ? "not connected"
						      : tbd_end_name(plain->end);
	tbdi_draft_text(draft, "in_clear",
		tbdi_draft_format(draft, "%s without TLS: %s",
			tbdi_protocol_of(report->target)->question, answer));
}

/* ---- what is not TLS ------------------------------------------------------------------------- */

static bool match_plain_mqtt(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const char *bytes = tbdi_report_clear_bytes(report);
	if (bytes == NULL)
		return false;
	const struct tbd_plain *plain = report->connection->plain;
	bool answered = plain != NULL && plain->connack >= 0;
	if (!answered && !looks_like_connack(bytes))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (answered)
		tbdi_draft_summary(draft,
			"%s speaks MQTT without TLS: it answers a CONNECT in clear with CONNACK %d "
			"(%s)",
			peer, plain->connack, plain->connack_name);
	else
		tbdi_draft_summary(draft,
			"%s speaks MQTT without TLS: it answers our first TLS message with a CONNACK",
			peer);
	tbdi_draft_text(draft, "first_bytes", bytes);
	if (answered)
		tbdi_draft_number(draft, "connack", plain->connack);
	tbdi_draft_fix_tls_port(draft, report);
	tbdi_draft_fix(draft,
		"Without TLS it would answer, but then everyone on the way reads the token:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
		tbdi_draft_url(draft, report, TBD_SCHEME_MQTT, report->connection->port));
	return true;
}

/* The first line of escaped bytes. */
static const char *first_line(struct tbdi_draft *draft, const char *bytes)
{
	size_t len = strlen(bytes);
	static const char *const ends[] = { "\\x0d", "\\x0a" };
	for (size_t i = 0; i < TBDI_COUNT(ends); i++) {
		const char *found = strstr(bytes, ends[i]);
		if (found != NULL && (size_t)(found - bytes) < len)
			len = (size_t)(found - bytes);
	}
	return tbdi_draft_format(draft, "%.*s", (int)len, bytes);
}

static void fix_plain_http(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (tbdi_protocol_of(report->target)->id == TBDI_HTTP) {
		tbdi_draft_fix_tls_port(draft, report);
		tbdi_draft_fix(draft, "Without TLS, so that everyone on the way reads the token:");
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
			tbdi_draft_url(draft, report, TBD_SCHEME_HTTP, connection->port));
		return;
	}
	if (connection->port != tbdi_report_tls_port(report)) {
		tbdi_draft_fix(draft,
			"MQTT over TLS has a port of its own, %u:", tbdi_report_tls_port(report));
		tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_tls_url(draft, report),
			tbdi_draft_trust_options(draft, report));
	}
	tbdi_draft_fix(draft,
		"A web server or a proxy answers on port %u of %s. A proxy that is to pass MQTT on "
		"must not look into it (nginx: stream; haproxy: mode tcp). On that machine:",
		connection->port, connection->host);
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", connection->port);
}

/* Some servers answer what they cannot read as HTTP/0.9 did: no status line. */
static bool is_web_page(const char *bytes)
{
	return strncasecmp(bytes, "<!doctype", 9) == 0 || strncasecmp(bytes, "<html", 5) == 0;
}

static bool match_plain_http(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const char *bytes = tbdi_report_clear_bytes(report);
	bool is_page = bytes != NULL && is_web_page(bytes);
	if (bytes == NULL || (!is_page && !begins(bytes, "HTTP/")))
		return false;
	const char *line = first_line(draft, bytes);
	tbdi_draft_summary(draft, "%s speaks HTTP without TLS: it answers %s\"%s\"",
		tbdi_draft_peer(draft, report), is_page ? "with a web page, " : "", line);
	tbdi_draft_text(draft, "first_bytes", bytes);
	tbdi_draft_text(draft, "status", is_page ? NULL : line);
	fix_plain_http(draft, report);
	return true;
}

/* The handshake broke off for the certificates that came, which the rules of the chain tell of. */
static bool chain_explains(const struct tbd_report *report)
{
	const struct tbd_chain *chain = report->chain;
	bool explains = chain != NULL && chain->count == 0;
	for (size_t i = 0; chain != NULL && i < chain->count; i++)
		explains = explains || chain->certs[i]->error != NULL;
	return explains;
}

/* A Reset without token: the answer to what is no request (RFC 7252 4.2). */
static bool is_coap_reset(const struct tbd_report *report, const char *bytes)
{
	return report->connection->datagrams != NULL && begins(bytes, "p\\x00");
}

static void fix_other_protocol(
	struct tbdi_draft *draft, const struct tbd_report *report, bool is_coap)
{
	tbdi_draft_fix_tls_port(draft, report);
	if (!is_coap)
		return;
	tbdi_draft_fix(draft, "Without DTLS, so that everyone on the way reads the token:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
		tbdi_draft_url(draft, report, TBD_SCHEME_COAP, report->connection->port));
}

static bool match_other_protocol(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	const char *bytes = tbdi_report_clear_bytes(report);
	if (tls == NULL || chain_explains(report) ||
		(bytes == NULL && tls->end != TBD_END_PROTOCOL && tls->end != TBD_END_ERROR))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	bool is_coap = bytes != NULL && is_coap_reset(report, bytes);
	if (is_coap)
		tbdi_draft_summary(draft,
			"%s speaks CoAP without DTLS: it answers our first message with a Reset",
			peer);
	else if (bytes != NULL)
		tbdi_draft_summary(draft, "%s does not speak TLS: its first bytes are %s%s", peer,
			bytes, begins(bytes, "SSH-") ? " (SSH)" : "");
	else
		tbdi_draft_summary(draft, "the TLS of %s broke off: %s", peer,
			tls->detail != NULL ? tls->detail : "no reason given");
	tbdi_draft_text(draft, "first_bytes", bytes != NULL ? bytes : tls->first_bytes);
	fix_other_protocol(draft, report, is_coap);
	return true;
}

/* ---- what stops ------------------------------------------------------------------------------ */

/* Where in the handshake it stopped: "after ServerHello, in a record of 3000 bytes of which 1100 came" */
static const char *stop_text(struct tbdi_draft *draft, const struct tbd_tls *tls)
{
	const char *after = tls->last_message != NULL
		? tbdi_draft_format(draft, "after %s", tls->last_message)
		: "before its first message was whole";
	if (tls->record_len == 0)
		return after;
	return tbdi_draft_format(draft, "%s, in a record of %zu bytes of which %zu came", after,
		tls->record_len, tls->record_in);
}

static void record_evidence(struct tbdi_draft *draft, const struct tbd_tls *tls)
{
	if (tls->record_len > 0)
		tbdi_draft_text(draft, "record",
			tbdi_draft_format(
				draft, "%zu of %zu bytes", tls->record_in, tls->record_len));
}

static void fix_missing_route(struct tbdi_draft *draft, const char *sni)
{
	if (sni != NULL)
		tbdi_draft_fix(draft,
			"A proxy that chooses its backend by the server name closes so if it has none "
			"for %s (nginx: the map of ssl_preread; haproxy: req.ssl_sni; traefik: "
			"HostSNI).",
			sni);
}

static void closed_at_once_fix(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (tbdi_protocol_of(report->target)->id != TBDI_MQTT || connection->plain == NULL) {
		fix_missing_route(draft, connection->tls->sni);
		tbdi_draft_fix_tls_port(draft, report);
		return;
	}
	tbdi_draft_fix(draft,
		"It closes whatever is said. ThingsBoard does so for 60 s after ten wrong tokens from "
		"this address: try again in a minute. If it is the same then, it is a proxy, or a "
		"container's port, that does not reach the server behind it, or sends it a PROXY "
		"header that it does not expect (haproxy: send-proxy; nginx: proxy_protocol on). See "
		"what listens, and where the proxy dials:");
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", connection->port);
	fix_missing_route(draft, connection->tls->sni);
	if (connection->port != tbdi_report_tls_port(report)) {
		tbdi_draft_fix(draft, "If that is no proxy, the TLS port of ThingsBoard is %u:",
			tbdi_report_tls_port(report));
		tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_tls_url(draft, report),
			tbdi_draft_trust_options(draft, report));
	}
}

static bool match_tls_closed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_CLOSED);
	if (tls == NULL)
		tls = tbdi_report_tls(report, TBD_END_RESET);
	if (tls == NULL || (tls->end == TBD_END_RESET && tls->bytes_in == 0))
		return false;
	const char *how = tls->close_notify ? "with close_notify"
		: tls->end == TBD_END_RESET ? "by a reset (RST)"
					    : "without close_notify (FIN)";
	if (tls->bytes_in == 0)
		tbdi_draft_summary(draft, "%s closed the connection at our first TLS message, %s",
			tbdi_draft_peer(draft, report), how);
	else
		tbdi_draft_summary(draft, "%s closed the connection during the handshake %s, %s",
			tbdi_draft_peer(draft, report), stop_text(draft, tls), how);
	record_evidence(draft, tls);
	tbdi_draft_text(draft, "closed", how);
	tbdi_draft_in_clear(draft, report);
	if (tls->bytes_in == 0) {
		closed_at_once_fix(draft, report);
		return true;
	}
	tbdi_draft_fix(draft,
		"The reason stands in the server's log only; on %s:", report->connection->host);
	tbdi_draft_fix_log(draft, "[sS][sS][lL]|[hH]andshake");
	return true;
}

/* The sender had more in hand: what is lost are its large packets. */
static void black_hole_fix(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_attempt *used = connection->used;
	tbdi_draft_fix(draft,
		"Large packets are lost on the way, as in a tunnel or VPN with a smaller MTU whose "
		"ICMP messages are dropped. Whether full-size ones pass to %s:",
		connection->host);
	tbdi_draft_fix(draft, "  ping -c 3 -M do -s 1472 %s",
		tbdi_draft_word(draft, used != NULL ? used->address : connection->host));
	tbdi_draft_fix(draft, "Have the router at the narrow place lower the MSS:");
	tbdi_draft_fix(draft,
		"  iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS "
		"--clamp-mss-to-pmtu");
}

static void timeout_fix(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_tls *tls)
{
	const struct tbd_connection *connection = report->connection;
	bool is_tls_port = connection->port == tbdi_report_tls_port(report);
	if (tls->bytes_in > 0) {
		tbdi_draft_fix(draft,
			"What came is whole, so the server itself may have stopped: it is "
			"overloaded, or waits for something. Compare on the server itself:");
		tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_tls_url(draft, report));
		return;
	}
	tbdi_draft_fix(draft,
		"Port %u of %s may wait for another protocol, or what answers there is a proxy whose "
		"backend is down. On that machine:",
		connection->port, connection->host);
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", connection->port);
	if (is_tls_port)
		return;
	tbdi_draft_fix(draft, "The TLS port of ThingsBoard is %u:", tbdi_report_tls_port(report));
	tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_tls_url(draft, report));
}

static bool match_tls_timeout(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_TIMEOUT);
	if (tls == NULL)
		return false;
	if (tbdi_draft_datagram_timeout(draft, report))
		return true;
	bool silent = tls->bytes_in == 0;
	tbdi_draft_summary(draft, "%s %s", tbdi_draft_peer(draft, report),
		silent ? "accepted the connection, but never answered our first TLS message"
		       : tbdi_draft_format(draft, "fell silent during the handshake %s",
				 stop_text(draft, tls)));
	record_evidence(draft, tls);
	tbdi_draft_in_clear(draft, report);
	if (tls->record_len > 0)
		black_hole_fix(draft, report);
	else
		timeout_fix(draft, report, tls);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_handshake[] = {
	{
		TBDI_RULE("tls.plain-mqtt", TLS, CRITICAL, "the port speaks MQTT without TLS"),
		.pub.why =
			"The handshake failed, so a second connection was made to the same "
			"address and sent an MQTT CONNECT in clear, without user name or token: a "
			"CONNACK came back, whatever its code. The usual causes are the wrong "
			"port (1883 instead of 8883) and a server on which MQTT_SSL_ENABLED is "
			"not set, or misspelt. Such a server takes our first TLS message for a "
			"broken CONNECT and closes without a word: OpenSSL calls that 'unexpected "
			"eof' or 'wrong version number', mbedTLS -0x7280.",
		.pub.fix =
			"Dial the TLS port (8883), enable TLS with MQTT_SSL_ENABLED=true, or ask "
			"for mqtt:// and accept that the token travels in clear.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in",
			"first_bytes", "detail", "connack"),
		.group = TBDI_GROUP_TLS,
		.match = match_plain_mqtt,
	},
	{
		TBDI_RULE("tls.plain-http", TLS, CRITICAL, "the port speaks HTTP without TLS"),
		.pub.why = "What came back is the status line of a web server that does not speak "
			   "TLS on this port. 8080 is ThingsBoard's web interface and HTTP API; on "
			   "80 and 443 a proxy usually stands before it. The MQTT transport has "
			   "ports of its own. OpenSSL calls this 'wrong version number'.",
		.pub.fix =
			"Dial the MQTT port (8883), or let the proxy pass the bytes of that port "
			"through unchanged.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in",
			"first_bytes", "detail", "status"),
		.group = TBDI_GROUP_TLS,
		.match = match_plain_http,
	},
	{
		TBDI_RULE("tls.other-protocol", TLS, CRITICAL, "the peer does not speak TLS"),
		.pub.why =
			"What came back is not TLS, or broke its rules; nor is it MQTT or HTTP in "
			"clear. The first bytes are shown: those that answered our first TLS "
			"message, or an MQTT CONNECT in clear on a second connection. Another "
			"program listens on the port, or something on the way answers in the "
			"server's place.",
		.pub.fix = "Dial the TLS port (8883) or enable TLS on the one that was dialled.",
		.pub.evidence = TBDI_STRINGS(
			"host", "port", "last_message", "bytes_in", "first_bytes", "detail"),
		.group = TBDI_GROUP_TLS,
		.match = match_other_protocol,
	},
	{
		TBDI_RULE("tls.closed", TLS, CRITICAL, "the peer closed during the handshake"),
		.pub.why =
			"The peer gave the connection up before the handshake was done and sent "
			"no alert that says why. If it closed at our very first message, MQTT in "
			"clear was tried on a second connection, and TLS behind a PROXY protocol "
			"header on a third, and no answer came to these, either. ThingsBoard "
			"closes so while it blocks an address after ten wrong tokens; a proxy does "
			"when its backend is down, or does not understand the PROXY header that it "
			"is sent. A server that wants one is proxy.header-expected.",
		.pub.fix = "Wait a minute and try again; see whether the proxy reaches the server "
			   "and what it sends it, and look at the server's log.",
		.pub.evidence = TBDI_STRINGS(
			"host", "port", "last_message", "bytes_in", "record", "closed", "in_clear"),
		.group = TBDI_GROUP_TLS,
		.match = match_tls_closed,
	},
	{
		TBDI_RULE("tls.timeout", TLS, CRITICAL, "the handshake did not finish in time"),
		.pub.why =
			"The connection is open, but the handshake stopped. Without any answer "
			"the peer waits for something else: a PROXY header, another protocol, a "
			"backend that is down; MQTT in clear was tried beside it on a second "
			"connection. If a TLS record began and its rest did not come, large "
			"packets are lost on the way (a tunnel with a smaller MTU): small ones "
			"pass, the certificates do not. If what came is whole, the server itself "
			"stopped.",
		.pub.fix = "Check the port, and lower the MSS on tunnels and mobile links.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "record",
			"timeout_ms", "in_clear", TBDI_DATAGRAM_EVIDENCE),
		.group = TBDI_GROUP_TLS,
		.match = match_tls_timeout,
	},
	{ .pub = { .id = NULL } },
};
