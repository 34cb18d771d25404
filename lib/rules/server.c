/* SPDX-License-Identifier: MIT
 *
 * server.c - a server that is there and not ready, or not for us: it is starting, wants or does not want a PROXY header,
 * or is missing behind the proxy that answers.
 */
#include "rules/catalogue.h"

#include <errno.h>

/* ---- other ports of its address -------------------------------------------------------------- */

static const struct tbd_attempt *neighbour_at(
	const struct tbd_connection *connection, uint16_t port)
{
	for (size_t i = 0; i < connection->neighbour_count; i++)
		if (connection->neighbours[i]->port == port)
			return connection->neighbours[i];
	return NULL;
}

bool tbdi_port_is_open(const struct tbd_connection *connection, uint16_t port)
{
	const struct tbd_attempt *neighbour = neighbour_at(connection, port);
	bool is_own = connection->port == port && connection->datagrams == NULL;
	return is_own ? connection->used != NULL : neighbour != NULL && neighbour->connected;
}

bool tbdi_port_is_closed(const struct tbd_connection *connection, uint16_t port)
{
	const struct tbd_attempt *neighbour = neighbour_at(connection, port);
	const struct tbd_attempt *own =
		connection->attempt_count > 0 ? connection->attempts[0] : NULL;
	bool is_own = connection->port == port && connection->datagrams == NULL;
	const struct tbd_attempt *attempt = is_own ? own : neighbour;
	return attempt != NULL && !attempt->connected && attempt->error == ECONNREFUSED;
}

const char *tbdi_draft_neighbours(struct tbdi_draft *draft, const struct tbd_connection *connection)
{
	const char *text = NULL;
	for (size_t i = 0; i < connection->neighbour_count; i++) {
		const struct tbd_attempt *neighbour = connection->neighbours[i];
		bool is_udp = neighbour->port == tbdi_schemes[TBD_SCHEME_COAP].port ||
			neighbour->port == tbdi_schemes[TBD_SCHEME_COAPS].port;
		text = tbdi_draft_join(draft, text, "; ",
			tbdi_draft_format(draft, "%s%s", is_udp ? "UDP, " : "",
				tbdi_draft_attempts(draft, &neighbour, 1)));
	}
	return text;
}

/* ---- starting -------------------------------------------------------------------------------- */

static bool answers_no_connect(const struct tbd_report *report)
{
	return tbdi_report_ended(report, TBD_MQTT_NO_CONNACK) != NULL;
}

/* ThingsBoard opens its ports for MQTT first, those of CoAP next, and that of HTTP last. */
static bool is_starting(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	uint16_t mqtt = tbdi_schemes[TBD_SCHEME_MQTT].port,
		 mqtts = tbdi_schemes[TBD_SCHEME_MQTTS].port,
		 http = tbdi_protocols[TBDI_HTTP].listener.port;
	if (connection == NULL || !tbdi_port_is_closed(connection, http) ||
		!tbdi_port_is_open(connection, mqtt))
		return false;
	if (answers_no_connect(report))
		return true;
	return connection->used == NULL && tbdi_port_is_open(connection, mqtts) &&
		tbdi_protocol_of(report->target)->id != TBDI_MQTT;
}

static void fix_starting(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *host = report->connection->host;
	tbdi_draft_fix(draft,
		"ThingsBoard opens its ports before it is ready, that of HTTP last, half a minute "
		"after those of MQTT on a slow machine; a CONNECT is answered 10 to 20 s late then, "
		"with code 3, or 0 after all. Wait until it answers:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip --wait 120 %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	tbdi_draft_fix(draft,
		"If it stays so, its start has failed half-way (most often another program holds one "
		"of its ports), although the process lives on and systemctl says active. On %s:",
		host);
	tbdi_draft_fix(draft,
		"  grep -A 20 'Application run failed' /var/log/thingsboard/thingsboard.log | tail; "
		"ss -ltnp");
	tbdi_draft_fix(draft,
		"A transport that runs alone, as in a cluster, never has a port for HTTP: then it is "
		"the core that does not answer it.");
}

static bool match_starting(const struct tbd_report *report, struct tbdi_draft *draft)
{
	if (!is_starting(report))
		return false;
	const struct tbd_connection *connection = report->connection;
	const char *peer = tbdi_draft_peer(draft, report);
	if (answers_no_connect(report))
		tbdi_draft_summary(draft,
			"%s took the MQTT CONNECT and did not answer it, and port %u is still "
			"closed there: ThingsBoard is starting, or its start failed half-way",
			peer, tbdi_protocols[TBDI_HTTP].listener.port);
	else
		tbdi_draft_summary(draft,
			"%s is closed, and ports %u and %u of MQTT are open there already: "
			"ThingsBoard is starting, or its start failed half-way",
			peer, tbdi_schemes[TBD_SCHEME_MQTT].port,
			tbdi_schemes[TBD_SCHEME_MQTTS].port);
	tbdi_draft_text(draft, "neighbours", tbdi_draft_neighbours(draft, connection));
	if (answers_no_connect(report))
		tbdi_draft_number(draft, "waited_ms", tbdi_report_connack_ms(report));
	fix_starting(draft, report);
	return true;
}

/* ---- the PROXY protocol ---------------------------------------------------------------------- */

enum { HEADER_MAX = 108 }; /* ThingsBoard's netty waits for the end of one in so many bytes */

/* What came with a header where none had been sent first, or without where one had; NULL: nothing, or it is the same
 * without by now: a server that was starting. */
static const char *other_answer(struct tbdi_draft *draft, const struct tbd_connection *connection)
{
	const struct tbd_other_handshake *handshake = connection->header_handshake;
	const struct tbd_plain *plain = connection->header_plain;
	const struct tbd_tls *tls = handshake != NULL ? handshake->tls : NULL;
	if (tls != NULL && tls->last_message != NULL)
		return tbdi_draft_format(
			draft, "TLS, %s", tls->version != NULL ? tls->version : tls->last_message);
	bool is_late = connection->plain != NULL && connection->plain->connack >= 0;
	return plain != NULL && plain->connack >= 0 && !is_late
		? tbdi_draft_format(draft, "CONNACK %d (%s)", plain->connack, plain->connack_name)
		: NULL;
}

static bool is_close(enum tbd_end end)
{
	return end == TBD_END_CLOSED || end == TBD_END_RESET;
}

/* More than a header can have is closed upon, less is met by silence. */
static bool waits_for_header(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_plain *plain = connection->plain;
	const struct tbd_tls *tls = connection->tls;
	if (plain == NULL || connection->proxy_protocol != NULL ||
		tbdi_protocol_of(report->target)->id != TBDI_MQTT)
		return false;
	if (plain->sent > HEADER_MAX)
		return answers_no_connect(report) && is_close(plain->end);
	/* A reset at a ClientHello is what a firewall does that forbids TLS. */
	bool was_closed = tls != NULL
		? tls->bytes_in == 0 && tls->end == TBD_END_CLOSED
		: tbdi_report_ended(report, TBD_MQTT_CLOSED_BEFORE_CONNACK) != NULL;
	return was_closed && plain->end == TBD_END_TIMEOUT;
}

static void header_evidence(
	struct tbdi_draft *draft, const struct tbd_connection *connection, const char *answer)
{
	const struct tbd_plain *plain = connection->plain;
	if (plain != NULL)
		tbdi_draft_text(draft, "in_clear",
			tbdi_draft_format(draft, "MQTT CONNECT of %zu bytes: %s", plain->sent,
				plain->first_bytes != NULL ? plain->first_bytes
							   : tbd_end_name(plain->end)));
	tbdi_draft_text(draft,
		connection->proxy_protocol == NULL ? "with_header" : "without_header", answer);
}

static void fix_header_expected(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft,
		"Devices have to come by the proxy that sends the header (haproxy: send-proxy; nginx: "
		"proxy_protocol on). Dial that one, or have it send the header; or switch it off "
		"where it is wanted (haproxy: accept-proxy; nginx: listen ... proxy_protocol; "
		"ThingsBoard):");
	tbdi_draft_fix(draft, "  export MQTT_PROXY_PROTOCOL_ENABLED=false");
	tbdi_draft_fix(draft, "The server itself, asked as such a proxy does:");
	tbdi_draft_fix(draft, "  tbdiag %s --proxy-protocol v1 %s%s",
		report->connection->tls != NULL ? "verify" : "roundtrip",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_header_expected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || connection->proxy_protocol != NULL)
		return false;
	const char *answer = other_answer(draft, connection);
	if (answer == NULL && !waits_for_header(report))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (answer != NULL)
		tbdi_draft_summary(draft,
			"%s waits for a PROXY protocol header: it gave no answer without one, and "
			"answers with one (%s)",
			peer, answer);
	else
		tbdi_draft_summary(draft,
			"%s waits for a PROXY protocol header: it closes at a first message that is "
			"longer than one (%d bytes), and is silent at a shorter one",
			peer, HEADER_MAX);
	header_evidence(draft, connection, answer);
	fix_header_expected(draft, report);
	if (answer == NULL && connection->tls != NULL)
		tbdi_draft_fix(draft,
			"A port without TLS of a server that is starting looks the same for at most "
			"20 s.");
	return true;
}

static bool match_header_unexpected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	const char *answer = connection != NULL && connection->proxy_protocol != NULL
		? other_answer(draft, connection)
		: NULL;
	if (answer == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%s does not understand the PROXY protocol header that was sent (%s): without it, it "
		"answers (%s)",
		tbdi_draft_peer(draft, report), connection->proxy_protocol, answer);
	tbdi_draft_text(draft, "version", connection->proxy_protocol);
	header_evidence(draft, connection, answer);
	tbdi_draft_fix(draft,
		"Leave the header out; a proxy before this server must not send one either (haproxy: "
		"no send-proxy; nginx: proxy_protocol off):");
	tbdi_draft_fix(draft, "  tbdiag %s %s%s", connection->tls != NULL ? "verify" : "roundtrip",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	tbdi_draft_fix(draft, "Or let ThingsBoard expect it, of every client then:");
	tbdi_draft_fix(draft, "  export MQTT_PROXY_PROTOCOL_ENABLED=true");
	return true;
}

/* ---- nothing behind it ----------------------------------------------------------------------- */

/* What was asked for in that protocol agreed to it: it is no proxy without a backend that closes. */
static bool is_served_with_alpn(const struct tbd_connection *connection)
{
	const struct tbd_other_handshake *with = connection->with_alpn;
	return with != NULL && with->tls != NULL && with->tls->alpn != NULL;
}

static bool match_backend_down(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || !is_close(connection->idle) ||
		tbdi_report_ended(report, TBD_MQTT_CLOSED_BEFORE_CONNACK) == NULL ||
		is_served_with_alpn(connection))
		return false;
	tbdi_draft_summary(draft,
		"TLS ends at a proxy at %s, and nothing answers behind it: it closes before a word "
		"of MQTT was said",
		tbdi_draft_peer(draft, report));
	tbdi_draft_text(draft, "idle", tbd_end_name(connection->idle));
	tbdi_draft_fix(draft,
		"On the proxy, see where it passes connections on to (nginx: proxy_pass; haproxy: "
		"server; stunnel: connect), and whether ThingsBoard listens there, 1883 without TLS:");
	tbdi_draft_fix(draft, "  ss -ltn 'sport = :%u'", tbdi_schemes[TBD_SCHEME_MQTT].port);
	tbdi_draft_fix(draft,
		"If it does, it may block the address of the proxy for 60 s, after ten wrong tokens "
		"of any device behind it.");
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_server[] = {
	{
		TBDI_RULE("server.starting", CONNECT, CRITICAL, "the server is starting"),
		.pub.why = "ThingsBoard opens the ports of MQTT before it can answer on them, then "
			   "those of CoAP, and that of HTTP last; between lie 30 seconds on a slow "
			   "machine. Meanwhile a CONNECT is taken and answered 10 to 20 seconds "
			   "late, with code 3 or, in the end, with 0. A start that fails half-way "
			   "looks the same and lasts: where a port of its is taken by another "
			   "program, the log says 'Application run failed', but the process lives "
			   "on with the ports it has, and systemctl says active. This is told from "
			   "a proxy whose server hangs by the other ports of the same address.",
		.pub.fix = "Wait until it answers (--wait), and look for 'Application run failed' "
			   "in its log when that takes longer than two minutes.",
		.pub.evidence = TBDI_STRINGS("host", "port", "neighbours", "waited_ms"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_starting,
	},
	{
		TBDI_RULE("proxy.header-expected", CONNECT, CRITICAL,
			"the server waits for a PROXY protocol header"),
		.pub.why =
			"A proxy can tell the server behind it who connected, by a header before "
			"all else (PROXY protocol, v1 or v2). A server that was told to expect it "
			"(MQTT_PROXY_PROTOCOL_ENABLED in ThingsBoard, accept-proxy in haproxy) "
			"takes what a device sends for a broken header. ThingsBoard waits for its "
			"end in up to 108 bytes, for ever, and closes at more: a ClientHello is "
			"closed upon, a short CONNECT met by silence. haproxy resets the "
			"connection. It is told from a block of this address, and from a server "
			"that is starting, by connections of both kinds, and by one that begins "
			"with the header.",
		.pub.fix = "Let devices come by the proxy that sends the header, or switch it off "
			   "at the server.",
		.pub.evidence = TBDI_STRINGS("host", "port", "in_clear", "with_header"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_header_expected,
	},
	{
		TBDI_RULE("proxy.header-unexpected", CONNECT, CRITICAL,
			"a PROXY protocol header was sent and is not understood"),
		.pub.why = "The connection began with a header of the PROXY protocol "
			   "(--proxy-protocol), and the server took it for the beginning of TLS or "
			   "MQTT, and gave up. Without the header it answers. A proxy that sends "
			   "one to such a server has the same effect, for all devices.",
		.pub.fix = "Send no header, or let the server expect one.",
		.pub.evidence =
			TBDI_STRINGS("host", "port", "version", "in_clear", "without_header"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_header_unexpected,
	},
	{
		TBDI_RULE("proxy.backend-down", CONNECT, CRITICAL,
			"a proxy answers, and nothing behind it"),
		.pub.why = "The TLS handshake was complete, and the connection was closed before "
			   "anything was said over it, on a second one, too. No MQTT server does "
			   "that: it waits for a CONNECT. So TLS ends at a proxy (nginx, stunnel, "
			   "haproxy, a load balancer) that could not reach what it passes "
			   "connections on to, or was turned away there.",
		.pub.fix = "Start the server behind the proxy, or correct the address that the "
			   "proxy dials.",
		.pub.evidence = TBDI_STRINGS("host", "port", "idle", "waited_ms"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_backend_down,
	},
	{ .pub = { .id = NULL } },
};
