/* SPDX-License-Identifier: MIT
 *
 * websocket.c - what answered where a WebSocket that carries MQTT was asked for.
 */
#include "rules/catalogue.h"

enum { SWITCHING = 101 };

/* The request for a WebSocket, if none was opened; or NULL. */
static const struct tbd_upgrade *failed_upgrade(const struct tbd_report *report)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_NO_WEBSOCKET);
	return exchange != NULL ? exchange->upgrade : NULL;
}

static void upgrade_evidence(struct tbdi_draft *draft, const struct tbd_upgrade *upgrade)
{
	tbdi_draft_text(draft, "path", upgrade->path);
	if (upgrade->status >= 0)
		tbdi_draft_number(draft, "code", upgrade->status);
	tbdi_draft_text(draft, "reason", upgrade->reason);
	tbdi_draft_text(draft, "server", upgrade->server);
	tbdi_draft_text(draft, "location", upgrade->location);
	tbdi_draft_text(draft, "subprotocol", upgrade->subprotocol);
	tbdi_draft_text(draft, "title", tbdi_draft_title(draft, upgrade->body));
	tbdi_draft_text(draft, "first_bytes", upgrade->first_bytes);
	tbdi_draft_text(draft, "fault", upgrade->fault);
}

/* "404 Not Found (nginx)" */
static const char *answer_text(struct tbdi_draft *draft, const struct tbd_upgrade *upgrade)
{
	if (upgrade->status < 0)
		return upgrade->first_bytes != NULL ? "what is no HTTP" : "nothing";
	return tbdi_draft_format(draft, "%d%s%s%s", upgrade->status,
		tbdi_draft_after(draft, " ", upgrade->reason),
		tbdi_draft_after(draft, " of ", upgrade->server),
		upgrade->status == SWITCHING ? ", which proves nothing" : "");
}

/* MQTT over TLS, or in clear, without a WebSocket. */
static void fix_without(struct tbdi_draft *draft, const struct tbd_report *report)
{
	enum tbd_scheme scheme = report->target->tls ? TBD_SCHEME_MQTTS : TBD_SCHEME_MQTT;
	tbdi_draft_fix(draft, "Perhaps the port speaks MQTT without a WebSocket:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s",
		tbdi_draft_url(draft, report, scheme, report->connection->port),
		tbdi_draft_trust_options(draft, report));
}

/* What stands behind a status is told by whoever runs what answered. */
static void fix_status(struct tbdi_draft *draft, const struct tbd_upgrade *upgrade)
{
	int class = upgrade->status / 100;
	if (upgrade->status >= 502 && upgrade->status <= 504)
		tbdi_draft_fix(draft,
			"A proxy answered, and had no answer from what it has at %s: the broker behind it, "
			"or its listener for WebSockets, does not run, or the proxy does not pass the "
			"upgrade on (nginx: proxy_http_version 1.1, and the headers Upgrade and "
			"Connection). Its error log tells which: nginx writes \"Connection refused\" "
			"of the one, \"prematurely closed\" of the other.",
			upgrade->path);
	else if (upgrade->status == 401 || upgrade->status == 403)
		tbdi_draft_fix(draft,
			"The proxy lets nobody in at %s, before any token was sent: its access rules "
			"have to except this path.",
			upgrade->path);
	else if (class == 3 && upgrade->location != NULL)
		tbdi_draft_fix(draft,
			"It has moved to %s: dial that, with wss or ws for https or http.",
			upgrade->location);
	else
		tbdi_draft_fix(draft,
			"At %s no WebSocket is served, or the proxy does not pass the upgrade on "
			"(nginx: proxy_http_version 1.1, and the headers Upgrade and Connection). "
			"ThingsBoard itself has no MQTT over WebSockets: a broker or TBMQ (8084, with "
			"TLS 8085) behind the proxy has. Ask who runs it for port and path, which "
			"--ws-path or the URL names.",
			upgrade->path);
}

static bool match_upgrade_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_upgrade *upgrade = failed_upgrade(report);
	if (upgrade == NULL || upgrade->proven || report->connection == NULL)
		return false;
	tbdi_draft_summary(draft, "%s answers the request for a WebSocket at %s with %s",
		tbdi_draft_peer(draft, report), upgrade->path, answer_text(draft, upgrade));
	upgrade_evidence(draft, upgrade);
	if (upgrade->status < 0)
		fix_without(draft, report);
	else
		fix_status(draft, upgrade);
	return true;
}

/* Why what was opened is none for MQTT, or NULL. */
static const char *fault_text(struct tbdi_draft *draft, const struct tbd_upgrade *upgrade)
{
	if (upgrade->accepted)
		return upgrade->fault;
	return upgrade->subprotocol != NULL
		? tbdi_draft_format(draft, "its subprotocol is %s", upgrade->subprotocol)
		: "it names no subprotocol";
}

static bool match_not_mqtt(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = report->exchange;
	const struct tbd_upgrade *upgrade = exchange != NULL ? exchange->upgrade : NULL;
	const char *fault = upgrade != NULL && upgrade->proven ? fault_text(draft, upgrade) : NULL;
	if (fault == NULL)
		return false;
	tbdi_draft_summary(draft, "the WebSocket of %s at %s does not carry MQTT: %s",
		tbdi_draft_peer(draft, report), upgrade->path, fault);
	upgrade_evidence(draft, upgrade);
	tbdi_draft_fix(draft,
		"%sSomething else has a WebSocket there: ThingsBoard's own (/api/ws) is that of its "
		"web pages. MQTT has another path, often /mqtt, or another port: ask who runs the "
		"proxy or broker, and name it by --ws-path or in the URL.",
		upgrade->accepted ? "" : "The token was not sent. ");
	return true;
}

#define WEBSOCKET_KEYS                                                                         \
	"path", "code", "reason", "server", "location", "subprotocol", "title", "first_bytes", \
		"fault"

const struct tbdi_rule tbdi_rules_websocket[] = {
	{
		TBDI_RULE("ws.upgrade-refused", MQTT, CRITICAL, "no WebSocket is opened"),
		.pub.why =
			"MQTT over WebSockets begins as a request of HTTP (RFC 6455 4), which the "
			"server has to answer with 101 and a proof that it has read it. Another "
			"status comes from whoever answered: a proxy without this path, one that does "
			"not pass the upgrade on, or nothing behind it. ThingsBoard has no such "
			"listener of its own; a broker, TBMQ or a gateway before it has.",
		.pub.fix = "Dial the path at which the proxy or broker has MQTT.",
		.pub.evidence = TBDI_STRINGS(WEBSOCKET_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_upgrade_refused,
	},
	{
		TBDI_RULE("ws.not-mqtt", MQTT, CRITICAL, "the WebSocket does not carry MQTT"),
		.pub.why =
			"The server opened a WebSocket, but did not choose the subprotocol mqtt, "
			"which it has to (MQTT 3.1.1 section 6): something else than MQTT is spoken "
			"there, and browsers and MQTT libraries close it. So does tbdiag, before "
			"it sends the token.",
		.pub.fix = "Dial the path at which MQTT is served.",
		.pub.evidence = TBDI_STRINGS(WEBSOCKET_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_not_mqtt,
	},
	{ .pub = { .id = NULL } },
};
