/* SPDX-License-Identifier: MIT
 *
 * dtls.c - what is lost on the way when TLS travels in datagrams (DTLS, RFC 6347).
 */
#include "rules/catalogue.h"

static const struct tbd_datagrams *datagrams_of(const struct tbd_report *report)
{
	return report->connection != NULL ? report->connection->datagrams : NULL;
}

/* "N datagrams", "1 datagram" */
static const char *datagrams_text(struct tbdi_draft *draft, unsigned count)
{
	return tbdi_draft_format(draft, "%u datagram%s", count, count == 1 ? "" : "s");
}

static void fix_sizes(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *host = tbdi_draft_word(draft, report->connection->host);
	tbdi_draft_fix(draft,
		"Find the largest packet that gets through to %s (VPN, PPPoE and mobile networks "
		"take some of the usual 1472), and let the way pass fragments, or raise its MTU:",
		report->connection->host);
	tbdi_draft_fix(
		draft, "  ping -c 1 -M do -s 1472 %s; ping -c 1 -M do -s 500 %s", host, host);
	tbdi_draft_fix(draft,
		"Let the device ask for small datagrams (max_fragment_length, in mbedTLS "
		"mbedtls_ssl_conf_max_frag_len), or let the server send them:");
	tbdi_draft_fix(draft, "  export COAP_DTLS_MAX_TRANSMISSION_UNIT=512");
}

static bool match_datagram_lost(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_datagrams *seen = datagrams_of(report);
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_OK);
	if (seen == NULL || tls == NULL ||
		seen->sent_again + seen->received_again + seen->small == 0)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (seen->small)
		tbdi_draft_summary(draft,
			"large datagrams of %s are lost: the handshake went well only with "
			"datagrams of at most %zu bytes",
			peer, seen->largest_received);
	else
		tbdi_draft_summary(draft,
			"datagrams of the handshake with %s were lost or late: %u of %u were sent "
			"again, and %u of %u came again",
			peer, seen->sent_again, seen->sent, seen->received_again, seen->received);
	if (seen->small)
		fix_sizes(draft, report);
	else
		tbdi_draft_fix(draft,
			"Now and then a datagram is lost; see whether it is more than that, and give "
			"the device time for a repeat (ThingsBoard's comes after 9 s, "
			"COAP_DTLS_RETRANSMISSION_TIMEOUT_MS):");
	if (!seen->small)
		tbdi_draft_fix(draft, "  mtr -u -P %u -c 20 -r %s", report->connection->port,
			tbdi_draft_word(draft, report->connection->host));
	return true;
}

bool tbdi_draft_datagram_timeout(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_datagrams *seen = datagrams_of(report);
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_TIMEOUT);
	if (seen == NULL || tls == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (seen->received == 0)
		tbdi_draft_summary(draft,
			"%s answered none of %s: UDP is filtered, or no DTLS is there", peer,
			datagrams_text(draft, seen->sent));
	else
		tbdi_draft_summary(draft,
			"the handshake with %s came to no end: %s came, the largest of %zu bytes%s",
			peer, datagrams_text(draft, seen->received), seen->largest_received,
			seen->small ? ", and none when small ones were asked for" : "");
	if (seen->received > 0) {
		fix_sizes(draft, report);
		return true;
	}
	tbdi_draft_fix(draft,
		"Let UDP port %u through to %s: in the firewall or security group before the server, "
		"and in the network the device is in. In ThingsBoard DTLS has to be switched on:",
		report->connection->port, report->connection->host);
	tbdi_draft_fix(draft,
		"  export COAP_ENABLED=true COAP_DTLS_ENABLED=true "
		"COAP_DTLS_BIND_PORT=%u",
		report->connection->port);
	tbdi_draft_fix(draft, "and what listens there, on the server itself:");
	tbdi_draft_fix(draft, "  ss -lunp 'sport = :%u'", report->connection->port);
	return true;
}

const struct tbdi_rule tbdi_rules_datagram[] = {
	{
		TBDI_RULE("tls.datagram-lost", TLS, WARNING,
			"datagrams of the DTLS handshake were lost"),
		.pub.why =
			"DTLS repeats a flight of messages when the answer does not come in time: "
			"the device after a second, then two, four ...; ThingsBoard only after "
			"nine. The handshake went well in the end, but so many datagrams had to "
			"be repeated, in one direction or in both; a server that is slow looks "
			"the same. Where the handshake went well only after small datagrams had "
			"been asked for, the large ones never arrive: a way with a small MTU that "
			"neither passes fragments nor says so (an MTU black hole). A device that "
			"does not ask for small ones does not connect there.",
		.pub.fix = "Look for loss on the way; where only large datagrams are lost, let the "
			   "device or the server send smaller ones.",
		.pub.evidence = TBDI_STRINGS(TBDI_DATAGRAM_EVIDENCE),
		.match = match_datagram_lost,
	},
	{ .pub = { .id = NULL } },
};
