/* SPDX-License-Identifier: MIT
 *
 * proxy.c - what a proxy answered that was asked for the connection.
 */
#include "rules/catalogue.h"

/* The proxy, if it was reached and made no connection; or NULL. */
static const struct tbd_proxy *failed_proxy(const struct tbd_report *report)
{
	const struct tbd_proxy *proxy =
		report->connection != NULL ? report->connection->proxy : NULL;
	return proxy != NULL && proxy->end != TBD_END_NONE && proxy->end != TBD_END_OK ? proxy
										       : NULL;
}

/* "HOST:PORT" */
static const char *name_of(struct tbdi_draft *draft, const struct tbd_proxy *proxy)
{
	bool brackets = strchr(proxy->host, ':') != NULL;
	return tbdi_draft_format(draft, "%s%s%s:%u", brackets ? "[" : "", proxy->host,
		brackets ? "]" : "", proxy->port);
}

static void proxy_evidence(struct tbdi_draft *draft, const struct tbd_proxy *proxy)
{
	tbdi_draft_text(draft, "proxy",
		tbdi_draft_format(draft, "%s://%s", proxy->protocol, name_of(draft, proxy)));
	if (proxy->code >= 0)
		tbdi_draft_number(draft, "code", proxy->code);
	tbdi_draft_text(draft, "answer", proxy->detail);
	tbdi_draft_text(draft, "first_bytes", proxy->first_bytes);
}

static bool match_proxy_auth(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_proxy *proxy = failed_proxy(report);
	if (proxy == NULL || !proxy->wants_credentials)
		return false;
	const char *name = name_of(draft, proxy);
	tbdi_draft_summary(draft, "the proxy %s %s", name,
		proxy->with_credentials ? "refused the user name and password that were given"
					: "wants a user name and password");
	proxy_evidence(draft, proxy);
	tbdi_draft_fix(draft,
		"%s (@, : and / in them percent-encoded), and configure the device in the same way:",
		proxy->with_credentials
			? "Correct them: ask whoever runs the proxy, and mind the case of letters"
			: "Give those that whoever runs the proxy has for this device");
	tbdi_draft_fix(draft, "  tbdiag verify --proxy %s://USER:PASSWORD@%s %s", proxy->protocol,
		tbdi_draft_word(draft, name), tbdi_draft_argument(draft, report));
	return true;
}

/* In words, how it failed. */
static const char *failure(struct tbdi_draft *draft, const struct tbd_proxy *proxy)
{
	if (proxy->end == TBD_END_TIMEOUT)
		return "did not answer in time";
	if (proxy->end == TBD_END_CLOSED)
		return "closed the connection instead of an answer";
	if (proxy->end == TBD_END_RESET)
		return "reset the connection instead of an answer";
	if (proxy->end == TBD_END_PROTOCOL)
		return tbdi_draft_format(draft, "does not speak %s as a proxy does",
			strcmp(proxy->protocol, "http") == 0 ? "HTTP" : "SOCKS 5");
	return tbdi_draft_format(draft, "refused it (%s)",
		proxy->detail != NULL ? proxy->detail : "no reason given");
}

/* The proxy may be fine, and the host behind it not: RFC 9110 15.6, RFC 1928 6. */
static bool blames_the_host(const struct tbd_proxy *proxy)
{
	bool is_http = strcmp(proxy->protocol, "http") == 0;
	if (proxy->end == TBD_END_TIMEOUT)
		return true;
	return is_http ? proxy->code >= 500 : proxy->code >= 3 && proxy->code <= 6;
}

static bool match_proxy_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_proxy *proxy = failed_proxy(report);
	if (proxy == NULL)
		return false;
	const char *name = name_of(draft, proxy);
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "the proxy %s made no connection to %s: it %s", name, peer,
		failure(draft, proxy));
	proxy_evidence(draft, proxy);
	if (proxy->end == TBD_END_PROTOCOL)
		tbdi_draft_fix(draft,
			"See whether %s is a proxy, and of which kind: http:// asks by CONNECT, "
			"socks5:// by SOCKS 5.",
			name);
	else if (blames_the_host(proxy))
		tbdi_draft_fix(draft,
			"The proxy %s reach %s itself: see whether it is up, from the machine that the "
			"proxy runs on:",
			proxy->end == TBD_END_TIMEOUT ? "seems not to" : "could not", peer);
	else
		tbdi_draft_fix(draft,
			"Let the proxy's rules allow CONNECT to port %u of %s: many allow 443 only. "
			"For Squid:",
			report->connection->port, report->connection->host);
	if (proxy->end != TBD_END_PROTOCOL && blames_the_host(proxy))
		tbdi_draft_fix(draft, "  nc -vz -w 5 %s %u",
			tbdi_draft_word(draft, report->connection->host), report->connection->port);
	else if (proxy->end != TBD_END_PROTOCOL)
		tbdi_draft_fix(draft, "  acl SSL_ports port %u", report->connection->port);
	return true;
}

#define PROXY_KEYS "proxy", "peer", "code", "answer", "first_bytes"

const struct tbdi_rule tbdi_rules_proxy[] = {
	{
		TBDI_RULE("proxy.auth", CONNECT, CRITICAL, "the proxy wants credentials"),
		.pub.why = "The proxy of --proxy answered 407 to CONNECT, or asked for a user name "
			   "and password (method 2 of SOCKS 5), and none were given, or it refused "
			   "those that were. Nothing reached the server. They go to the proxy "
			   "unencrypted: that is how these protocols are.",
		.pub.fix = "Give user name and password in the proxy's URL.",
		.pub.evidence = TBDI_STRINGS(PROXY_KEYS),
		.group = TBDI_GROUP_CONNECT,
		.match = match_proxy_auth,
	},
	{
		TBDI_RULE("proxy.refused", CONNECT, CRITICAL, "the proxy makes no connection"),
		.pub.why =
			"The proxy of --proxy was reached, but did not connect to the server: it "
			"refused (its status line or its reply code is shown), did not answer in "
			"time, closed, or is no such proxy. 403 and 'not allowed' come from its "
			"rules, which often let CONNECT reach port 443 only; 502, 503, 504 and "
			"the codes 3 to 6 of SOCKS say that it could not reach the server itself.",
		.pub.fix =
			"Change the rules of the proxy, or see why it does not reach the server.",
		.pub.evidence = TBDI_STRINGS(PROXY_KEYS),
		.group = TBDI_GROUP_CONNECT,
		.match = match_proxy_refused,
	},
	{ .pub = { .id = NULL } },
};
