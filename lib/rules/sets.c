/* SPDX-License-Identifier: MIT
 *
 * sets.c - what several transports of one host show together of a token.
 */
#include "rules/catalogue.h"

#include "report/set.h"

static const struct tbdi_protocol *protocol_of(const struct tbd_set *set, size_t i)
{
	return tbdi_protocol_of(set->reports[i]->target);
}

static const char *host_of(const struct tbd_set *set)
{
	const struct tbd_target *target = set->report_count > 0 ? set->reports[0]->target : NULL;
	return target != NULL ? target->host : NULL;
}

/* ---- who accepts the token --------------------------------------------------------------------- */

/* ThingsBoard says this to a good token, too: the device profile is of another transport type. HTTP does not
 * look at that. */
static bool is_about_profile(const struct tbd_set *set, size_t i)
{
	return set->passages[i]->authorised == TBD_ANSWER_UNCLEAR &&
		tbdi_token_says(set->reports[i], TBDI_UNSERVED);
}

/* What may hold for one of them. */
typedef bool condition(const struct tbd_set *set, size_t i);

static bool accepts(const struct tbd_set *set, size_t i)
{
	return set->passages[i]->authorised == TBD_ANSWER_YES;
}

static bool refuses(const struct tbd_set *set, size_t i)
{
	return set->passages[i]->authorised == TBD_ANSWER_NO || is_about_profile(set, i);
}

/* The first of them, or the count of all. */
static size_t first_that(const struct tbd_set *set, condition *is)
{
	size_t i = 0;
	while (i < set->passage_count && !is(set, i))
		i++;
	return i;
}

/* "mqtts:8883, https:443"; NULL: none. */
static const char *labels(
	struct tbdi_draft *draft, const struct tbd_set *set, condition *are, bool with_replies)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->passage_count; i++) {
		const char *label = set->reports[i]->label, *reply = set->passages[i]->reply;
		if (with_replies)
			label = tbdi_draft_format(
				draft, "%s (%s)", label, reply != NULL ? reply : "no reply");
		if (are(set, i))
			text = tbdi_draft_join(draft, text, ", ", label);
	}
	return text;
}

/* "mqtts:8883 (rc 0), https:443 (200)"; NULL: none. */
static const char *those(struct tbdi_draft *draft, const struct tbd_set *set, condition *are)
{
	return labels(draft, set, are, true);
}

static void transport_evidence(struct tbdi_draft *draft, const struct tbd_set *set)
{
	tbdi_draft_text(draft, "host", host_of(set));
	tbdi_draft_text(draft, "accepted", those(draft, set, accepts));
	tbdi_draft_text(draft, "refused", those(draft, set, refuses));
}

/* Whether all that refuse a token that others accept do it for the device profile's sake. */
static bool is_only_profile(const struct tbd_set *set)
{
	for (size_t i = 0; i < set->passage_count; i++)
		if (refuses(set, i) && !is_about_profile(set, i))
			return false;
	return true;
}

static void fix_profile(struct tbdi_draft *draft, const struct tbd_report *refusing)
{
	const char *protocol = tbdi_protocol_of(refusing->target)->name;
	tbdi_draft_fix(draft,
		"The token is good. The transport type of the device profile is most likely another "
		"one: only Default and %s are served over %s (HTTP does not look). In ThingsBoard, "
		"under Device profiles, the profile of this device, Transport configuration:",
		protocol, protocol);
	tbdi_draft_fix(draft, "  Transport type: Default");
	tbdi_draft_fix(draft,
		"If it is that already, a rate limit is reached, or the core does not answer "
		"%s; the log of the server says nothing of either.",
		refusing->label);
}

static void fix_peers(struct tbdi_draft *draft, const struct tbd_report *accepting,
	const struct tbd_report *refusing)
{
	tbdi_draft_fix(draft,
		"One ThingsBoard knows one token over all transports: so %s and %s do not lead to the "
		"same one, or not to ThingsBoard. See where a proxy or load balancer sends each of "
		"them, and whether both are up to date.",
		accepting->label, refusing->label);
	if (tbdi_protocol_of(accepting->target)->id == TBDI_MQTT) {
		tbdi_draft_fix(draft,
			"A general MQTT broker may take any user name. Whether %s is one:",
			accepting->label);
		tbdi_draft_fix(draft, "  tbdiag roundtrip --read-only --fingerprint%s %s",
			tbdi_draft_trust_options(draft, accepting),
			tbdi_draft_argument(draft, accepting));
	}
	tbdi_draft_fix(draft, "What the other says, alone (one more wrong token):");
	tbdi_draft_fix(draft, "  tbdiag roundtrip --read-only%s %s",
		tbdi_draft_trust_options(draft, refusing), tbdi_draft_argument(draft, refusing));
}

bool tbdi_match_differs_by_transport(const struct tbd_set *set, struct tbdi_draft *draft)
{
	size_t good = first_that(set, accepts), bad = first_that(set, refuses);
	const char *host = host_of(set);
	if (good >= set->passage_count || bad >= set->passage_count || host == NULL)
		return false;
	tbdi_draft_summary(draft, "%s accepts the token over %s, but not over %s", host,
		those(draft, set, accepts), those(draft, set, refuses));
	transport_evidence(draft, set);
	if (is_only_profile(set))
		fix_profile(draft, set->reports[bad]);
	else
		fix_peers(draft, set->reports[good], set->reports[bad]);
	return true;
}

/* ---- nobody does ------------------------------------------------------------------------------- */

static bool rejects(const struct tbd_set *set, size_t i)
{
	return set->passages[i]->authorised == TBD_ANSWER_NO;
}

static bool by_several_protocols(const struct tbd_set *set, size_t first)
{
	for (size_t i = first; i < set->passage_count; i++)
		if (rejects(set, i) && protocol_of(set, i) != protocol_of(set, first))
			return true;
	return false;
}

bool tbdi_match_refused_by_all(const struct tbd_set *set, struct tbdi_draft *draft)
{
	size_t first = first_that(set, rejects);
	const char *host = host_of(set);
	if (first >= set->passage_count || first_that(set, accepts) < set->passage_count ||
		host == NULL || protocol_of(set, first)->stage != draft->rule->stage ||
		!by_several_protocols(set, first))
		return false;
	tbdi_draft_summary(draft,
		"%s refuses the token over %s: it is the token itself, not a transport", host,
		those(draft, set, rejects));
	transport_evidence(draft, set);
	tbdi_draft_fix(draft,
		"Copy the token anew: in ThingsBoard under Devices, the device, Copy access token; and "
		"see that the device's credentials are of the type Access token. Then, from a file that "
		"only you can read:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip --token-file FILE%s %s",
		tbdi_draft_trust_options(draft, set->reports[first]),
		tbdi_draft_argument(draft, set->reports[first]));
	tbdi_draft_fix(draft,
		"Do not try tokens in a loop: with IP limits ten wrong ones block this address for a "
		"minute.");
	return true;
}

/* ---- what is closed --------------------------------------------------------------------------- */

static bool leg_is_closed(const struct tbd_set *set, size_t i)
{
	return tbdi_report_is_closed(set->reports[i]);
}

static bool is_reachable(const struct tbd_set *set, size_t i)
{
	return set->passages[i]->reachable == TBD_ANSWER_YES;
}

static bool is_open_or_unknown(const struct tbd_set *set, size_t i)
{
	return !leg_is_closed(set, i);
}

/* Not only the port that was asked for: both of ThingsBoard's, by what was dialled or looked at beside it. */
static bool is_without_mqtt(const struct tbd_set *set, size_t i)
{
	const struct tbd_connection *connection = set->reports[i]->connection;
	return protocol_of(set, i)->id == TBDI_MQTT && leg_is_closed(set, i) &&
		tbdi_port_is_closed(connection, tbdi_schemes[TBD_SCHEME_MQTT].port) &&
		tbdi_port_is_closed(connection, tbdi_schemes[TBD_SCHEME_MQTTS].port);
}

static bool is_mqtt_there(const struct tbd_set *set, size_t i)
{
	return protocol_of(set, i)->id == TBDI_MQTT && !leg_is_closed(set, i);
}

static bool match_mqtt_off(const struct tbd_set *set, struct tbdi_draft *draft)
{
	size_t off = first_that(set, is_without_mqtt);
	if (off >= set->passage_count || first_that(set, is_mqtt_there) < set->passage_count)
		return false;
	draft->severity = TBD_SEVERITY_INFO;
	tbdi_draft_summary(draft,
		"MQTT is off at %s: %s refused, while %s answers. A device that speaks MQTT cannot "
		"connect",
		host_of(set), labels(draft, set, is_without_mqtt, false),
		labels(draft, set, is_reachable, false));
	tbdi_draft_text(draft, "host", host_of(set));
	tbdi_draft_text(draft, "setting", tbdi_report_listener(set->reports[off])->plain);
	tbdi_draft_fix(draft,
		"If devices are to use it, switch it on in thingsboard.conf, or let it listen on all "
		"addresses (MQTT_BIND_ADDRESS), and restart:");
	tbdi_draft_fix(draft, "  export %s", tbdi_report_listener(set->reports[off])->plain);
	return true;
}

bool tbdi_match_closed_by_all(const struct tbd_set *set, struct tbdi_draft *draft)
{
	if (set->passage_count == 0 || host_of(set) == NULL)
		return false;
	if (first_that(set, is_reachable) < set->passage_count)
		return match_mqtt_off(set, draft);
	if (set->passage_count < 2 || first_that(set, is_open_or_unknown) < set->passage_count)
		return false;
	const struct tbd_report *first = set->reports[0];
	tbdi_draft_summary(draft, "no ThingsBoard port is open at %s: %s refused", host_of(set),
		labels(draft, set, leg_is_closed, false));
	tbdi_draft_text(draft, "host", host_of(set));
	tbdi_draft_text(draft, "attempts",
		tbdi_draft_attempts(
			draft, first->connection->attempts, first->connection->attempt_count));
	tbdi_draft_fix(draft,
		"On %s, see whether ThingsBoard runs and why not (a certificate file that it cannot "
		"read stops it altogether), and on which addresses it listens (HTTP_BIND_ADDRESS, "
		"MQTT_BIND_ADDRESS, COAP_BIND_ADDRESS):",
		host_of(set));
	tbdi_draft_fix(draft, "  systemctl status thingsboard; ss -lntup");
	tbdi_draft_fix(draft,
		"In a container its ports have to be published; and in a container, localhost is that "
		"container. Wait for a server that is starting:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip --wait 120 --all-transports%s %s",
		tbdi_draft_trust_options(draft, first), tbdi_draft_word(draft, host_of(set)));
	return true;
}

/* ---- datagrams --------------------------------------------------------------------------------- */

/* TCP leads there. */
static bool is_stream_there(const struct tbd_set *set, size_t i)
{
	return !protocol_of(set, i)->is_datagrams && set->passages[i]->reachable == TBD_ANSWER_YES;
}

static bool is_coap_at(const struct tbd_set *set, size_t i)
{
	return protocol_of(set, i)->is_datagrams;
}

/* There is CoAP, or its machine says that there is none; or nothing was sent to it. */
static bool is_coap_told(const struct tbd_set *set, size_t i)
{
	return is_coap_at(set, i) &&
		(set->passages[i]->reachable == TBD_ANSWER_YES ||
			tbdi_report_is_closed(set->reports[i]) ||
			set->reports[i]->connection == NULL ||
			set->reports[i]->connection->datagrams == NULL);
}

static bool is_coap_silent(const struct tbd_set *set, size_t i)
{
	return is_coap_at(set, i) && set->passages[i]->reachable == TBD_ANSWER_NO;
}

bool tbdi_match_only_udp_silent(const struct tbd_set *set, struct tbdi_draft *draft)
{
	size_t silent = first_that(set, is_coap_silent), first = first_that(set, is_coap_at);
	const char *answering = labels(draft, set, is_stream_there, false);
	const char *host = host_of(set);
	if (answering == NULL || host == NULL || silent >= set->passage_count ||
		first >= set->passage_count || first_that(set, is_coap_told) < set->passage_count)
		return false;
	const struct tbd_connection *connection = set->reports[silent]->connection;
	bool is_tls = set->reports[silent]->target->tls;
	tbdi_draft_summary(draft,
		"%s answers over TCP (%s), but no datagram came back over UDP (%s)", host,
		answering, labels(draft, set, is_coap_silent, false));
	tbdi_draft_text(draft, "host", host);
	tbdi_draft_text(draft, "answering", answering);
	tbdi_draft_text(draft, "silent", labels(draft, set, is_coap_silent, false));
	tbdi_draft_number(draft, "datagrams", connection->datagrams->sent);
	tbdi_draft_fix(draft,
		"UDP is filtered on the way, or the server's CoAP is off and its machine's firewall "
		"drops what comes. Let UDP port %u pass, also in the security group of a cloud, and "
		"where ThingsBoard runs in a container, publish it:",
		(unsigned)connection->port);
	tbdi_draft_fix(draft, "  docker run -p %u:%u/udp ...", (unsigned)connection->port,
		(unsigned)connection->port);
	tbdi_draft_fix(draft, "and in /etc/thingsboard/conf/thingsboard.conf:");
	tbdi_draft_fix(draft, "  export COAP_ENABLED=true");
	if (is_tls)
		tbdi_draft_fix(draft, "  export COAP_DTLS_ENABLED=true");
	tbdi_draft_fix(draft, "Then, from here:");
	tbdi_draft_fix(draft, "  tbdiag %s %s", is_tls ? "chain" : "roundtrip",
		tbdi_draft_argument(draft, set->reports[silent]));
	return true;
}
