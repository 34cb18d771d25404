/* SPDX-License-Identifier: MIT
 *
 * coap.c - what ThingsBoard's device API answered over CoAP (RFC 7252), or that nothing did.
 */
#include "rules/catalogue.h"

enum { NOT_FOUND = 404, INTERNAL_ERROR = 500 };

/* ---- rules ----------------------------------------------------------------------------------- */

static void fix_silence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL)
		return;
	tbdi_draft_fix(draft,
		"Let UDP port %u through to %s, both ways: firewalls and NAT forget UDP after half "
		"a minute. On the server CoAP has to be switched on:",
		connection->port, connection->host);
	tbdi_draft_fix(draft, "  export %s", tbdi_draft_listener(draft, report));
	tbdi_draft_fix(draft, "and what listens there, on the server itself:");
	tbdi_draft_fix(draft, "  ss -lunp 'sport = :%u'", connection->port);
	if (report->target == NULL || report->target->tls)
		return;
	tbdi_draft_fix(draft, "A port for DTLS is silent to CoAP in clear: try coaps:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
		tbdi_draft_url(draft, report, TBD_SCHEME_COAPS, connection->port));
}

/* Without a token an empty message asked for a Reset. */
static bool match_silent_ping(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_datagrams *seen =
		report->connection != NULL ? report->connection->datagrams : NULL;
	const struct tbd_step *last =
		report->step_count > 0 ? report->steps[report->step_count - 1] : NULL;
	if (seen == NULL || last == NULL || strcmp(last->name, "coap") != 0 ||
		last->status != TBD_STEP_TIMEOUT)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (seen->received > 0)
		tbdi_draft_summary(
			draft, "%s does not speak CoAP: what it sends is something else", peer);
	else
		tbdi_draft_summary(draft, "%s did not answer a CoAP ping, which was sent %u time%s",
			peer, seen->sent, seen->sent == 1 ? "" : "s");
	tbdi_draft_number(draft, "datagrams", seen->sent);
	tbdi_draft_number(draft, "received", seen->received);
	fix_silence(draft, report);
	return true;
}

static bool match_coap_timeout(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_NO_REPLY);
	if (match_silent_ping(report, draft))
		return true;
	const struct tbd_api_request *request = tbdi_api_last(api);
	if (request == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (api->first_bytes != NULL)
		tbdi_draft_summary(
			draft, "%s does not speak CoAP: what it sends is something else", peer);
	else if (request->acknowledged)
		tbdi_draft_summary(draft,
			"%s acknowledged the %s request, but the answer did not come in time", peer,
			request->method);
	else
		tbdi_draft_summary(draft,
			"%s did not answer the %s request, which was sent %u time%s", peer,
			request->method, request->datagrams, request->datagrams == 1 ? "" : "s");
	if (!request->acknowledged) {
		fix_silence(draft, report);
		return true;
	}
	tbdi_draft_fix(draft,
		"ThingsBoard acknowledges after 500 ms and answers when its core does; so that does "
		"not, or the answer, which comes by itself, is lost: a firewall may let one answer "
		"through only. (It leaves nothing in the log.) On the server:");
	tbdi_draft_fix(draft, "  systemctl status thingsboard; uptime");
	return true;
}

/* What a code means here, and what is to be done. */
static const struct tbdi_meaning codes[] = {
	{ 400, "it takes the request for a bad one",
		"ThingsBoard answers so to JSON that it cannot read, and to a device profile whose "
		"payload type is Protobuf: see Transport configuration in the device profile." },
	{ 402, "it does not know an option of the request",
		"ThingsBoard knows them all: see what answers there." },
	{ 403, "access is forbidden", "ThingsBoard does not say so: see what answers there." },
	{ 404, "there is no device API",
		"ThingsBoard serves it at /api/v1: see what answers there." },
	{ 405, "the method is not allowed",
		"ThingsBoard takes GET and POST: see what answers there." },
	{ 413, "the request is too large",
		"ThingsBoard takes 8 KiB and more: see what answers there." },
	{ 429, "too many requests came", "Wait a minute, and see which rate limit is reached." },
	{ 500, "the server failed",
		"Where MQTT or HTTP accept the token, the device profile is of another transport "
		"type: only those of type Default and CoAP are served over CoAP (HTTP does not "
		"look). Else a limit of messages or the API usage of the tenant is used up, or the "
		"core does not answer; of all these the log says nothing." },
	{ 503, "the service is not available", "ThingsBoard is starting, or overloaded." },
};

static bool match_coap_closed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_CLOSED);
	const struct tbd_api_request *request = tbdi_api_last(api);
	if (request == NULL)
		return false;
	tbdi_draft_summary(draft, "%s ended the %s request without an answer%s",
		tbdi_draft_peer(draft, report), request->method,
		tbdi_draft_after(draft, ": ", api->detail));
	tbdi_draft_fix(draft, "If that is ThingsBoard, see what failed there:");
	tbdi_draft_fix_log(draft, " ERROR ");
	return true;
}

/* A request before the last was answered as a device is whose token and profile are right. */
static bool was_served(const struct tbd_api_exchange *api)
{
	for (size_t i = 0; i + 1 < api->request_count; i++)
		if (api->requests[i]->status / 100 == 2)
			return true;
	return false;
}

static bool match_coap_error(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_request *request =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_REFUSED));
	const struct tbd_api_request *other =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_OTHER_REPLY));
	if (match_coap_closed(report, draft))
		return true;
	if (request == NULL)
		request = other;
	if (request == NULL || (other != NULL && tbdi_api_sent_json(other)))
		return false;
	static const struct tbdi_meaning strange = {
		.meaning = "but what came is not the device API's"
	};
	static const struct tbdi_meaning limited = { .meaning = "the server failed",
		.fix = "What was posted before was taken: the token and the transport type of the "
		       "device profile are right. A limit of messages is reached (device profile "
		       "and tenant profile: Transport device messages; API usage), or the core "
		       "does not answer: ask again in a minute." };
	bool served = was_served(report->api);
	tbdi_draft_api_error(draft, report, request,
		other != NULL ? &strange
			: request->status == INTERNAL_ERROR && served
			? &limited
			: tbdi_meaning_of(codes, TBDI_COUNT(codes), request->status));
	if (request->status != INTERNAL_ERROR || report->connection == NULL)
		return true;
	tbdi_draft_fix(draft,
		served ? "What the device may send, MQTT tells:"
		       : "Whether it is the profile, MQTT tells:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s%s",
		tbdi_draft_word(draft, report->connection->host),
		tbdi_draft_trust_options(draft, report),
		served ? " --read-only --session-limits" : "");
	return true;
}

/* The request whose code tells that the token is known: the first that writes, else the first. */
static const struct tbd_api_request *told(const struct tbd_api_exchange *api)
{
	for (size_t i = 0; i < api->request_count; i++)
		if (strcmp(api->requests[i]->method, "POST") == 0)
			return api->requests[i];
	return api->requests[0];
}

static bool match_coap_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_DONE);
	if (api == NULL)
		api = tbdi_draft_api(draft, report, TBD_API_NOT_STORED);
	if (api == NULL || api->request_count == 0)
		return false;
	int status = told(api)->status;
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	bool by_cert = tls != NULL && tls->client_cert_sent;
	tbdi_draft_summary(draft, "%s accepted the %s over CoAP: %s with %s%s",
		tbdi_draft_peer(draft, report),
		by_cert ? "client certificate, or the access token if it does not know that,"
			: "access token",
		api->read_only ? "read" : "written and read", tbdi_draft_status(draft, status),
		status == NOT_FOUND ? ", which says that the device has no such attribute" : "");
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define ANSWER_KEYS "peer", "request", "coap_code", "body"
#define SILENCE_KEYS "datagrams", "received", "first_bytes", "detail"

const struct tbdi_rule tbdi_rules_coap[] = {
	{
		TBDI_RULE("coap.unauthorized", COAP, CRITICAL, "the access token is refused"),
		.pub.why =
			"The device API answered 4.01 Unauthorized: no device has this token. It "
			"was mistyped, belongs to another server, was replaced meanwhile, or is "
			"not a token at all. The same answer comes when the device's credentials "
			"are X.509 or MQTT Basic. The token is a segment of the request's path "
			"and is compared byte by byte.",
		.pub.fix = "Copy the token from the device's page, and check the type of its "
			   "credentials.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, "token_len", TBDI_TRANSPORT_KEYS),
		.group = TBDI_GROUP_COAP,
		.match = tbdi_match_unauthorized,
		.match_set = tbdi_match_refused_by_all,
	},
	{
		TBDI_RULE("coap.timeout", COAP, CRITICAL, "no answer over CoAP"),
		.pub.why =
			"The request was sent, and repeated after two to three seconds, then "
			"after twice that (RFC 7252 4.2), within 12 seconds or the time that was "
			"asked for; no answer came. (Where no token is to be sent in clear, an "
			"empty message is sent instead, which CoAP answers with a Reset: RFC 7252 "
			"4.3.) Over coap:// nothing is known then of the server: UDP is filtered, "
			"or no CoAP is there (clouds drop what they do not serve without a word; "
			"other machines say by ICMP that nothing listens). Over coaps:// the "
			"handshake went well before, so ThingsBoard's core does not answer: a GET "
			"is left without an answer then. Where the request was acknowledged, the "
			"answer comes by itself later, and something on the way may let one "
			"datagram back only. That TCP is answered and UDP is not, shows "
			"--all-transports.",
		.pub.fix = "Open the UDP port both ways, and switch CoAP on in ThingsBoard.",
		.pub.evidence =
			TBDI_STRINGS(ANSWER_KEYS, SILENCE_KEYS, "host", "answering", "silent"),
		.group = TBDI_GROUP_COAP,
		.match = match_coap_timeout,
		.match_set = tbdi_match_only_udp_silent,
	},
	{
		TBDI_RULE("coap.error", COAP, CRITICAL, "the device API answers with an error"),
		.pub.why =
			"Another code than those of success and 4.01 came; its meaning and its "
			"diagnostic payload, if any, are shown. ThingsBoard answers 4.00 to what "
			"it cannot read, and 5.00 when the device profile is of another transport "
			"type than Default and CoAP, when a rate limit is reached or its core "
			"does not answer, never with a reason. A device that works over HTTP and "
			"gets 5.00 here has the profile of another transport. (4.04 to a GET says "
			"that there is no such attribute, and is no error.) It is also said of a "
			"Reset message, of a server that ends DTLS, and of an answer that is not "
			"the device API's.",
		.pub.fix = "See the transport type of the device profile, and the limits.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, SILENCE_KEYS, "closed"),
		.group = TBDI_GROUP_COAP,
		.match = match_coap_error,
	},
	{
		TBDI_RULE("coap.ok", COAP, OK, "the access token is accepted"),
		.pub.why =
			"The device API answered 2.01 to what was written, or 2.05 or 4.04 (there "
			"is no such attribute) to what was asked for: it knows the token. Whether "
			"what was written is stored is said by the findings that begin with data.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS),
		.group = TBDI_GROUP_COAP,
		.match = match_coap_ok,
	},
	{ .pub = { .id = NULL } },
};
