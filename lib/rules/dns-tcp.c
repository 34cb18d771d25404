/* SPDX-License-Identifier: MIT
 *
 * dns-tcp.c - what is wrong on the way to the server: resolve, connect.
 */
#include "rules/catalogue.h"

#include <errno.h>
#include <netdb.h>
#include <strings.h>

/* ---- resolve --------------------------------------------------------------------------------- */

static const struct tbd_resolution *failed_resolution(const struct tbd_report *report)
{
	const struct tbd_resolution *resolution =
		report->connection != NULL ? report->connection->resolution : NULL;
	if (resolution == NULL || resolution->end == TBD_END_NONE)
		return NULL;
	return resolution->end == TBD_END_OK && resolution->address_count > 0 ? NULL : resolution;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);
	while (len > 0 && name[len - 1] == '.')
		len--;
	return len >= tail && strncasecmp(name + len - tail, end, tail) == 0;
}

/* Who knows a name of this kind, and who does not. */
static void fix_name(struct tbdi_draft *draft, const char *name)
{
	if (strcasecmp(name, "localhost") == 0)
		tbdi_draft_fix(draft,
			"It stands in /etc/hosts, usually: add it there (127.0.0.1 localhost), or dial "
			"127.0.0.1. What is known of it:");
	else if (ends_in(name, ".local"))
		tbdi_draft_fix(draft,
			"Names in .local are asked for by mDNS, on the own network only, where avahi "
			"or Bonjour answers: here that needs the package libnss-mdns, and few devices "
			"know it. Give the device a name of the DNS, or the address. What is known of "
			"%s:",
			name);
	else if (strchr(name, '.') == NULL)
		tbdi_draft_fix(draft,
			"A name without a dot is completed by the search domain of who asks (search in "
			"/etc/resolv.conf, DHCP), or stands in its hosts file; a device most often has "
			"neither. Give the full name. What is known of %s:",
			name);
	else
		tbdi_draft_fix(draft, "Check the spelling of %s, and ask the DNS:", name);
}

static bool match_dns_not_found(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_resolution *resolution = failed_resolution(report);
	if (resolution == NULL || resolution->error != EAI_NONAME)
		return false;
	const char *similar = tbdi_cloud_similar_host(resolution->name);
	tbdi_draft_summary(draft, "the name %s does not exist", resolution->name);
	tbdi_draft_text(draft, "similar", similar);
	if (similar != NULL)
		tbdi_draft_fix(draft, "The ThingsBoard host with a name like this is %s:", similar);
	else if (strcasecmp(resolution->name, "localhost") == 0)
		tbdi_draft_fix(draft,
			"Every machine knows localhost from /etc/hosts, which lacks it here, as in some "
			"containers. Add the line '127.0.0.1 localhost' to it, and see:");
	else
		fix_name(draft, resolution->name);
	if (similar != NULL)
		tbdi_draft_fix(draft, "  tbdiag verify %s:%u", similar, report->connection->port);
	else
		tbdi_draft_fix(
			draft, "  getent ahosts %s", tbdi_draft_word(draft, resolution->name));
	return true;
}

static const char *family_text(int family)
{
	return family == 4 ? "IPv4 address" : family == 6 ? "IPv6 address" : "address";
}

static bool match_dns_no_address(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_resolution *resolution = failed_resolution(report);
	if (resolution == NULL ||
		(resolution->end != TBD_END_OK && resolution->error != EAI_NODATA &&
			resolution->error != EAI_ADDRFAMILY))
		return false;
	tbdi_draft_summary(draft, "%s exists, but has no %s", resolution->name,
		family_text(resolution->family));
	tbdi_draft_number(draft, "family", resolution->family);
	if (resolution->family != 0)
		tbdi_draft_fix(draft,
			"Leave out -%d, or add %s record for %s to the DNS; see what there is:",
			resolution->family, resolution->family == 4 ? "an A" : "an AAAA",
			resolution->name);
	else
		tbdi_draft_fix(draft,
			"Add an A or AAAA record for %s to the DNS; see what there is:",
			resolution->name);
	tbdi_draft_fix(draft, "  getent ahosts %s", tbdi_draft_word(draft, resolution->name));
	return true;
}

static bool match_dns_timeout(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_resolution *resolution = failed_resolution(report);
	if (resolution == NULL)
		return false;
	if (resolution->end == TBD_END_TIMEOUT)
		tbdi_draft_summary(
			draft, "the resolver gave no answer for %s in time", resolution->name);
	else
		tbdi_draft_summary(draft, "the resolver could not answer for %s: %s",
			resolution->name,
			resolution->detail != NULL ? resolution->detail : "no reason given");
	tbdi_draft_fix(draft, "See which server this machine asks, and whether it answers for %s:",
		resolution->name);
	tbdi_draft_fix(draft, "  cat /etc/resolv.conf; getent ahosts %s",
		tbdi_draft_word(draft, resolution->name));
	return true;
}

/* ---- connect --------------------------------------------------------------------------------- */

/* This machine cannot dial the family at all: nothing is known of the peer. */
static bool has_no_route(int error)
{
	return error == ENETUNREACH || error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static bool any_attempt_failed_with(const struct tbd_connection *connection, int error)
{
	for (size_t i = 0; connection != NULL && i < connection->attempt_count; i++)
		if (!connection->attempts[i]->connected && connection->attempts[i]->error == error)
			return true;
	return false;
}

static bool tcp_failed(const struct tbd_report *report)
{
	return report->connection != NULL && report->connection->used == NULL &&
		report->connection->tcp != TBD_END_NONE && report->connection->tcp != TBD_END_OK;
}

static const char *attempt_outcome(const struct tbd_attempt *attempt)
{
	if (attempt->connected)
		return "open";
	if (attempt->error == ECONNREFUSED)
		return "refused";
	if (attempt->error == ETIMEDOUT || (attempt->abandoned && attempt->error == 0))
		return "no answer";
	return attempt->detail != NULL ? attempt->detail : "failed";
}

const char *tbdi_draft_attempts(
	struct tbdi_draft *draft, const struct tbd_attempt *const *attempts, size_t count)
{
	const char *text = NULL;
	for (size_t i = 0; i < count; i++)
		text = tbdi_draft_join(draft, text, "; ",
			tbdi_draft_format(draft, "%s port %u: %s", attempts[i]->address,
				attempts[i]->port, attempt_outcome(attempts[i])));
	return text;
}

enum neighbourhood { NEIGHBOURS_UNKNOWN, NEIGHBOURS_ALL_REFUSED, NEIGHBOURS_SOME_OPEN };

static enum neighbourhood look_round(const struct tbd_connection *connection)
{
	size_t refused = 0;
	for (size_t i = 0; i < connection->neighbour_count; i++) {
		if (connection->neighbours[i]->connected)
			return NEIGHBOURS_SOME_OPEN;
		refused += connection->neighbours[i]->error == ECONNREFUSED;
	}
	return refused > 0 && refused == connection->neighbour_count ? NEIGHBOURS_ALL_REFUSED
								     : NEIGHBOURS_UNKNOWN;
}

/* What a handshake with the port that ThingsBoard itself opens for HTTP has told of it; NULL: nothing. */
static const char *own_port_speaks(const struct tbd_connection *connection)
{
	const struct tbd_tls *tls = connection->own_port != NULL ? connection->own_port->tls : NULL;
	if (tls == NULL)
		return NULL;
	if (tls->first_bytes != NULL)
		return "answers in clear";
	return tls->last_message != NULL || tls->alert >= 0 ? "speaks TLS" : NULL;
}

static void fix_try_tls(struct tbdi_draft *draft, const struct tbd_report *report, uint16_t port)
{
	tbdi_draft_fix(draft, "  tbdiag verify %s%s",
		tbdi_draft_url(draft, report, TBD_SCHEME_HTTPS, port),
		tbdi_draft_trust_options(draft, report));
}

static void fix_try_clear(struct tbdi_draft *draft, const struct tbd_report *report, uint16_t port)
{
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
		tbdi_draft_url(draft, report, TBD_SCHEME_HTTP, port));
}

/* The port that ThingsBoard opens for HTTP when it is left alone. */
static void fix_own_port(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	uint16_t own = tbdi_report_listener(report)->port;
	const char *speaks = own_port_speaks(connection);
	if (own == 0 || connection->port == own || tbdi_port_is_closed(connection, own))
		return;
	tbdi_draft_fix(draft,
		"ThingsBoard itself serves HTTP on %d (HTTP_BIND_PORT)%s; 80 and 443 are those of a "
		"proxy before it. %s",
		own, tbdi_port_is_open(connection, own) ? ", which is open there" : "",
		speaks != NULL ? tbdi_draft_format(draft, "Here it %s:", speaks)
			       : "With SSL_ENABLED=true that port speaks TLS, else not, which this "
				 "tells:");
	bool is_clear = speaks != NULL && strcmp(speaks, "speaks TLS") != 0;
	bool is_plain = report->target != NULL && !report->target->tls;
	if (!is_clear)
		fix_try_tls(draft, report, own);
	if (is_clear || (speaks == NULL && is_plain))
		fix_try_clear(draft, report, own);
}

/* ThingsBoard has no listener for WebSockets: what is missing is not a setting of it. */
static bool is_websocket(const struct tbd_report *report)
{
	return tbdi_scheme_of(report->target)->path != NULL;
}

/* MQTT as a whole: ThingsBoard opens its port in clear with it, and HTTP answers beside. */
static bool is_mqtt_off(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	return tbdi_protocol_of(report->target)->id == TBDI_MQTT && !is_websocket(report) &&
		tbdi_port_is_closed(connection, tbdi_schemes[TBD_SCHEME_MQTT].port) &&
		tbdi_port_is_closed(connection, tbdi_schemes[TBD_SCHEME_MQTTS].port) &&
		tbdi_port_is_open(connection, tbdi_protocols[TBDI_HTTP].listener.port);
}

static bool is_this_machine(const struct tbd_connection *connection)
{
	const struct tbd_attempt *attempt =
		connection->attempt_count > 0 ? connection->attempts[0] : NULL;
	return attempt != NULL &&
		(strncmp(attempt->address, "127.", 4) == 0 || strcmp(attempt->address, "::1") == 0);
}

static const char *refused_setting(struct tbdi_draft *draft, const struct tbd_report *report)
{
	return is_mqtt_off(report) ? tbdi_report_listener(report)->plain
				   : tbdi_draft_listener(draft, report);
}

/* What is open, but elsewhere. */
static void fix_elsewhere(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	enum tbdi_protocol_id id = tbdi_protocol_of(report->target)->id;
	tbdi_draft_fix(draft,
		"Or it listens on another address of that machine only: %s in thingsboard.conf%s. On "
		"that machine:",
		id == TBDI_MQTT           ? "MQTT_BIND_ADDRESS or MQTT_SSL_BIND_ADDRESS"
			: id == TBDI_HTTP ? "HTTP_BIND_ADDRESS"
					  : "COAP_BIND_ADDRESS or COAP_DTLS_BIND_ADDRESS",
		id == TBDI_MQTT
			? "; a mosquitto without a `listener` line serves its own machine alone"
			: "");
	tbdi_draft_fix(draft, "  ss -ln%sp", connection->datagrams != NULL ? "u" : "t");
	tbdi_draft_fix(draft,
		"Where a container or a proxy stands before the server, port %u has to be published "
		"there (docker run -p).%s",
		connection->port,
		is_this_machine(connection)
			? " And in a container, on the side of the client, localhost is that "
			  "container: dial the server by its service name, or host.docker.internal."
			: "");
}

static void refused_fix(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (is_websocket(report)) {
		tbdi_draft_fix(draft,
			"ThingsBoard itself has no listener for MQTT over WebSockets: see that the proxy "
			"or broker that has runs on %s, and on which port (TBMQ: 8084, with TLS 8085):",
			connection->host);
		tbdi_draft_fix(draft, "  ss -ltnp");
		return;
	}
	fix_own_port(draft, report);
	if (look_round(connection) == NEIGHBOURS_ALL_REFUSED) {
		tbdi_draft_fix(draft,
			"On %s, see whether ThingsBoard runs and why not (a certificate file that "
			"it cannot read stops it altogether):",
			connection->host);
		tbdi_draft_fix(draft,
			"  systemctl status thingsboard; tail -n 50 "
			"/var/log/thingsboard/thingsboard.log");
	}
	tbdi_draft_fix(draft,
		"What opens the port stands in /etc/thingsboard/conf/thingsboard.conf on %s, and "
		"takes a restart:",
		connection->host);
	tbdi_draft_fix(draft, "  export %s", refused_setting(draft, report));
	fix_elsewhere(draft, report);
}

/* It is the proxy that could not be reached, and nothing is known of the host. */
static bool proxy_is_away(
	const struct tbd_report *report, struct tbdi_draft *draft, const char *how)
{
	const struct tbd_proxy *proxy = report->connection->proxy;
	if (proxy == NULL)
		return false;
	tbdi_draft_summary(draft, "the proxy %s %s port %u", proxy->host, how, proxy->port);
	tbdi_draft_text(draft, "host", proxy->host);
	tbdi_draft_number(draft, "port", proxy->port);
	tbdi_draft_text(draft, "timeout_ms", NULL);
	tbdi_draft_fix(draft,
		"Correct host and port of --proxy, or see whether the proxy runs and lets this "
		"machine in:");
	tbdi_draft_fix(
		draft, "  nc -vz -w 5 %s %u", tbdi_draft_word(draft, proxy->host), proxy->port);
	return true;
}

static const char *refused_meaning(const struct tbd_report *report)
{
	if (is_websocket(report))
		return "nothing listens there";
	if (is_mqtt_off(report))
		return "MQTT is off there as a whole, while HTTP answers";
	return look_round(report->connection) == NEIGHBOURS_ALL_REFUSED
		? "no ThingsBoard port is open there, so the server has probably not started"
		: "nothing listens there";
}

static bool match_tcp_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (!tcp_failed(report) || connection->tcp == TBD_END_TIMEOUT ||
		!any_attempt_failed_with(connection, ECONNREFUSED))
		return false;
	if (proxy_is_away(report, draft, "refuses connections to"))
		return true;
	tbdi_draft_summary(draft, "%s refuses %s port %u: %s", connection->host,
		connection->datagrams != NULL ? "datagrams to UDP" : "connections to",
		connection->port, refused_meaning(report));
	tbdi_draft_text(draft, "neighbours", tbdi_draft_neighbours(draft, connection));
	tbdi_draft_text(draft, "own_port", own_port_speaks(connection));
	if (!is_websocket(report))
		tbdi_draft_text(draft, "setting", refused_setting(draft, report));
	refused_fix(draft, report);
	tbdi_draft_fix_cloud(draft, report);
	return true;
}

static bool match_tcp_timeout(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (!tcp_failed(report) ||
		(connection->tcp != TBD_END_TIMEOUT &&
			!any_attempt_failed_with(connection, ETIMEDOUT)))
		return false;
	if (proxy_is_away(report, draft, "gives no answer on"))
		return true;
	tbdi_draft_summary(draft, "no answer from %s on port %u: something on the way drops it",
		connection->host, connection->port);
	tbdi_draft_fix(draft,
		"Let TCP port %u through to %s: in the firewall or security group before the "
		"server, and in the network the device is in; from a machine beside the server "
		"try:",
		connection->port, connection->host);
	tbdi_draft_fix(draft, "  nc -vz -w 5 %s %u", tbdi_draft_word(draft, connection->host),
		connection->port);
	tbdi_draft_fix_cloud(draft, report);
	return true;
}

/* The peer reset us, and not who asks in another way: by another server name, or for a protocol (ALPN). */
static bool is_served_otherwise(const struct tbd_connection *connection)
{
	return tbdi_was_served(connection->with_alpn) || tbdi_was_served(connection->with_sni) ||
		tbdi_was_served(connection->without_sni);
}

static bool match_tcp_reset(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL)
		return false;
	const struct tbd_tls *tls = connection->tls;
	bool in_tls = tls != NULL && tls->end == TBD_END_RESET && tls->bytes_in == 0 &&
		tbdi_report_clear_bytes(report) == NULL && !is_served_otherwise(connection);
	bool in_tcp = tcp_failed(report) && any_attempt_failed_with(connection, ECONNRESET);
	if (!in_tls && !in_tcp)
		return false;
	tbdi_draft_summary(draft, "%s reset the connection %s, before any byte of TLS came",
		tbdi_draft_peer(draft, report),
		in_tls ? "at our first TLS message" : "while it was made");
	tbdi_draft_in_clear(draft, report);
	tbdi_draft_fix(draft,
		"A firewall that forbids TLS, a proxy whose backend is down or that sends it a PROXY "
		"header which it does not expect, or a program that speaks something else resets it. "
		"See what listens on the server itself:");
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", connection->port);
	return true;
}

static bool match_tcp_unreachable(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (!tcp_failed(report))
		return false;
	if (proxy_is_away(report, draft, "cannot be reached by this machine:"))
		return true;
	tbdi_draft_summary(draft, "there is no way from this machine to %s port %u",
		connection->host, connection->port);
	const char *address =
		connection->attempt_count > 0 ? connection->attempts[0]->address : connection->host;
	tbdi_draft_fix(
		draft, "Check the network of this machine: is it up, and does it have a route?");
	tbdi_draft_fix(draft, "  ip route get %s", tbdi_draft_word(draft, address));
	return true;
}

/* ---- several addresses ----------------------------------------------------------------------- */

/* An address that was tried before one that connected, and failed. */
static const struct tbd_attempt *failed_beside(const struct tbd_connection *connection)
{
	for (size_t i = 0; i < connection->attempt_count; i++) {
		const struct tbd_attempt *attempt = connection->attempts[i];
		if (!attempt->connected && !attempt->abandoned && attempt->error != 0 &&
			!has_no_route(attempt->error))
			return attempt;
	}
	return NULL;
}

static bool match_address_fails(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || connection->used == NULL)
		return false;
	const struct tbd_attempt *failed = failed_beside(connection);
	if (failed == NULL)
		return false;
	draft->severity = TBD_SEVERITY_INFO;
	tbdi_draft_summary(draft,
		"%s was reached at %s, but its address %s fails (%s): a device that tries only "
		"that one does not connect",
		connection->host, connection->used->address, failed->address,
		attempt_outcome(failed));
	tbdi_draft_text(draft, "name", connection->host);
	tbdi_draft_text(draft, "addresses",
		tbdi_draft_attempts(draft, connection->attempts, connection->attempt_count));
	tbdi_draft_fix(draft,
		"Open port %u at %s as well, or take that address out of the records of %s. How all "
		"of them fare:",
		connection->port, failed->address, connection->host);
	tbdi_draft_fix(
		draft, "  tbdiag chain --all-addresses %s", tbdi_draft_argument(draft, report));
	return true;
}

/* The report that the others are measured by: the first with the least to complain of. */
static size_t best_report(const struct tbd_set *set)
{
	size_t best = 0;
	for (size_t i = 1; i < set->report_count; i++)
		if (set->reports[i]->worst < set->reports[best]->worst)
			best = i;
	return best;
}

/* What it comes to, in a word: the finding to mend first. */
static const char *upshot(const struct tbd_report *report)
{
	bool fine = report->worst < TBD_SEVERITY_WARNING || report->finding_count == 0;
	return fine ? "fine" : report->findings[0]->id;
}

/* "ADDRESS: fine; ADDRESS: time.expired" */
static const char *labels_text(struct tbdi_draft *draft, const struct tbd_set *set)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->report_count; i++)
		text = tbdi_draft_join(draft, text, "; ",
			tbdi_draft_format(
				draft, "%s: %s", set->reports[i]->label, upshot(set->reports[i])));
	return text;
}

/* The labels of those that differ from `best`; *first receives the first of them. */
static const char *odd_labels(struct tbdi_draft *draft, const struct tbd_set *set, size_t best,
	const struct tbd_report **first)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->report_count; i++) {
		if (tbd_set_alike(set, i, best))
			continue;
		text = tbdi_draft_join(draft, text, ", ", set->reports[i]->label);
		if (*first == NULL)
			*first = set->reports[i];
	}
	return text != NULL ? text : "";
}

static void differing_fix(struct tbdi_draft *draft, const struct tbd_report *best,
	const struct tbd_report *odd, const char *odd_ones)
{
	const struct tbd_connection *connection = odd->connection;
	const char *argument = tbdi_draft_argument(draft, best);
	if (connection->tcp != TBD_END_OK)
		tbdi_draft_fix(draft,
			"Open port %u at %s, or take the address out of the records of %s. What it "
			"says now:",
			connection->port, odd->label, connection->host);
	else
		tbdi_draft_fix(draft,
			"Where %s is right, install the chain that it serves at %s as well, or take "
			"the address out of the records of %s until then. What it serves now:",
			best->label, odd_ones, connection->host);
	tbdi_draft_fix(draft, "  tbdiag %s --resolve %s%s %s",
		best->trust != NULL ? "verify" : "chain", odd->label,
		tbdi_draft_trust_options(draft, best), argument);
	if (best->chain != NULL && connection->tcp == TBD_END_OK) {
		tbdi_draft_fix(draft, "and the chain that %s serves, as a file:", best->label);
		tbdi_draft_fix(draft, "  tbdiag chain --resolve %s --save chain.pem %s",
			best->label, argument);
	}
}

static bool match_addresses_differ(const struct tbd_set *set, struct tbdi_draft *draft)
{
	if (set->compares != TBD_COMPARES_ADDRESSES || set->difference_count == 0)
		return false;
	for (size_t i = 0; i < set->report_count; i++)
		if (set->reports[i]->connection == NULL)
			return false;
	const struct tbd_report *best = set->reports[best_report(set)];
	const struct tbd_report *odd = NULL;
	const char *odd_ones = odd_labels(draft, set, best_report(set), &odd);
	tbdi_draft_summary(draft,
		"the addresses of %s do not serve the same: compared with %s, which is %s, %s "
		"differ%s in %s",
		best->connection->host, best->label,
		best->worst < TBD_SEVERITY_WARNING ? "fine" : "the least bad", odd_ones,
		strchr(odd_ones, ',') == NULL ? "s" : "", tbdi_draft_properties(draft, set));
	tbdi_draft_text(draft, "name", best->connection->host);
	tbdi_draft_text(draft, "addresses", labels_text(draft, set));
	tbdi_draft_text(draft, "differs", tbdi_draft_properties(draft, set));
	differing_fix(draft, best, odd, odd_ones);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_dns[] = {
	{
		TBDI_RULE("input.bad-target", INPUT, CRITICAL, "the target cannot be parsed"),
		.pub.why =
			"The target is neither HOST, HOST:PORT, an address ([IPV6]:PORT in "
			"brackets) nor a URL with a scheme that is known (mqtts, mqtt, https, "
			"http, coaps, coap). A URL with a user name, a path or a query is refused "
			"as well: a token in it would end in the history of the shell and in "
			"logs. This is an error of the command line: the exit status is 3 and no "
			"report is made.",
		.pub.fix =
			"Write the host as ThingsBoard's documentation gives it, for example "
			"mqtt.thingsboard.cloud or mqtts://192.168.0.140:8883, and give the token "
			"by --token-file.",
		.pub.evidence = TBDI_STRINGS("part"),
	},
	{
		TBDI_RULE("dns.not-found", RESOLVE, CRITICAL, "the host name does not exist"),
		.pub.why =
			"The resolver answered, and its answer is that there is no such name "
			"(NXDOMAIN). Most often the name is misspelt, or it exists only inside "
			"another network (a company's DNS, a container network). A name without a "
			"dot needs the search domain of who asks; one in .local needs mDNS. "
			"Nothing was connected to.",
		.pub.fix =
			"Correct the name, or have it entered into the DNS that the device asks. "
			"The hosts of the ThingsBoard cloud are mqtt.thingsboard.cloud and "
			"mqtt.eu.thingsboard.cloud.",
		.pub.evidence = TBDI_STRINGS("name", "resolver", "similar"),
		.group = TBDI_GROUP_RESOLVE,
		.match = match_dns_not_found,
	},
	{
		TBDI_RULE("dns.no-address", RESOLVE, CRITICAL,
			"the host name has no address of the family asked for"),
		.pub.why =
			"The name exists, but holds no address of the family that was asked for: "
			"only IPv4 with -6, only IPv6 with -4, or no address at all (a name that "
			"carries only mail or text records).",
		.pub.fix = "Ask for the other family, or add the missing A or AAAA record.",
		.pub.evidence = TBDI_STRINGS("name", "resolver", "family"),
		.group = TBDI_GROUP_RESOLVE,
		.match = match_dns_no_address,
	},
	{
		TBDI_RULE("dns.timeout", RESOLVE, CRITICAL, "the resolver does not answer"),
		.pub.why =
			"Whether the name exists is not known: no answer came in time, or the "
			"resolver itself reported a failure (its words are shown). The fault lies "
			"with the DNS server this machine asks or the way to it, not with "
			"ThingsBoard.",
		.pub.fix = "See which DNS server is asked (/etc/resolv.conf) and whether it can be "
			   "reached; --resolve ADDRESS goes round it.",
		.pub.evidence = TBDI_STRINGS("name", "resolver", "timeout_ms"),
		.group = TBDI_GROUP_RESOLVE,
		.match = match_dns_timeout,
	},
	{
		TBDI_RULE("dns.addresses-differ", RESOLVE, WARNING,
			"the addresses of one name do not serve the same"),
		.pub.why =
			"The name leads to several addresses, and what a device meets depends on "
			"which of them it takes: another certificate, another chain, another "
			"verdict, or no connection at all. So a device fails now and then, or at "
			"one place and not at another. Often a renewed certificate was installed "
			"on one machine only, or a server has an IPv6 address that its proxy does "
			"not serve. --all-addresses looks at each of them. Without it only one "
			"address is used; that another was tried before and failed is said as "
			"information.",
		.pub.fix =
			"Serve the same chain on every machine behind the name, or take the "
			"address that is wrong out of the DNS. --resolve ADDRESS looks at one of "
			"them.",
		.pub.evidence = TBDI_STRINGS("name", "addresses", "differs"),
		.match = match_address_fails,
		.match_set = match_addresses_differ,
	},
	{ .pub = { .id = NULL } },
};

const struct tbdi_rule tbdi_rules_tcp[] = {
	{
		TBDI_RULE("tcp.refused", CONNECT, CRITICAL, "nothing listens on the port"),
		.pub.why =
			"The host answered the connection request with a refusal: the machine is "
			"there, but no program listens on this port. ThingsBoard opens 1883 "
			"(MQTT_BIND_PORT) while MQTT_ENABLED is true, and 8883 "
			"(MQTT_SSL_BIND_PORT) only with MQTT_SSL_ENABLED=true, which is off by "
			"default; a misspelt variable is ignored in silence. For HTTP it opens "
			"8080 (HTTP_BIND_PORT), with TLS if SSL_ENABLED=true; 80 and 443 are a "
			"proxy's. If 1883, 8883 and 8080 are all refused, the server has not "
			"started: one certificate file that it cannot read is enough for that; or "
			"it listens on another address of its machine (..._BIND_ADDRESS). If only "
			"those of MQTT are, MQTT_ENABLED is false. In a container, localhost is "
			"that container, on the side of the client, too.",
		.pub.fix =
			"Enable the listener in thingsboard.conf and restart, publish the port of "
			"the container, let it listen on all addresses, or read the server's log if it did not start at all.",
		.pub.evidence = TBDI_STRINGS(
			"host", "port", "attempts", "neighbours", "own_port", "setting"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_tcp_refused,
		.match_set = tbdi_match_closed_by_all,
	},
	{
		TBDI_RULE("tcp.timeout", CONNECT, CRITICAL, "no answer to the connection request"),
		.pub.why =
			"The connection request was sent and nothing at all came back. A closed "
			"port would have refused at once, so something on the way drops the "
			"packets: a firewall, a security group of a cloud, a mobile operator that "
			"lets only web ports through; or the address belongs to no machine.",
		.pub.fix = "Open the port in every firewall between device and server, and check "
			   "that the address is the server's.",
		.pub.evidence = TBDI_STRINGS("host", "port", "attempts", "timeout_ms"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_tcp_timeout,
	},
	{
		TBDI_RULE("tcp.reset", CONNECT, CRITICAL,
			"the connection was reset before TLS began"),
		.pub.why =
			"The connection was reset before one byte came back. Whether the port "
			"speaks MQTT without TLS was tried on a second connection "
			"(tls.plain-mqtt), and it did not answer that either. So something stands "
			"before the server: a firewall that recognises TLS and forbids it, a load "
			"balancer without a living backend, a port forwarding that leads nowhere; "
			"or the port belongs to another program.",
		.pub.fix =
			"Look at the firewall and the load balancer between, and at what listens "
			"on the server.",
		.pub.evidence = TBDI_STRINGS("host", "port", "attempts", "in_clear"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_tcp_reset,
	},
	{
		TBDI_RULE("tcp.unreachable", CONNECT, CRITICAL, "there is no route to the host"),
		.pub.why =
			"The network said that the host cannot be reached: this machine has no "
			"route to it, a router has none, or the machine does not answer on its "
			"own network. All addresses of the name were tried; each with its outcome "
			"is shown.",
		.pub.fix = "Check cable, wireless network, VPN and default route of this machine.",
		.pub.evidence = TBDI_STRINGS("host", "port", "attempts"),
		.group = TBDI_GROUP_CONNECT,
		.match = match_tcp_unreachable,
	},
	{ .pub = { .id = NULL } },
};
