/* SPDX-License-Identifier: MIT
 *
 * chain.c - what is wrong with the chain as it was sent, whoever may trust it.
 */
#include "x509/der.h"
#include "rules/trust.h"

#include <inttypes.h>
#include <strings.h>

/* By names and key identifiers: what an issuer claims to be, signatures aside. */
static bool is_issued_by(const struct tbd_cert *cert, const struct tbd_cert *issuer)
{
	if (cert->error != NULL || issuer->error != NULL ||
		!tbdi_dn_equal(cert->issuer_der, issuer->subject_der))
		return false;
	return cert->authority_key_id == NULL || issuer->subject_key_id == NULL ||
		strcmp(cert->authority_key_id, issuer->subject_key_id) == 0;
}

/* The chain of certificates, or NULL when there is nothing to say of it: it is too short, or none. */
static const struct tbd_chain *chain_of(const struct tbd_report *report, size_t at_least)
{
	const struct tbd_chain *chain = report->chain;
	return chain != NULL && chain->count >= at_least && !tbdi_chain_is_trust_file(chain) ? chain
											     : NULL;
}

/* The index of the same certificate before this one, or -1. */
static int first_copy(const struct tbd_chain *chain, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(chain->certs[j]->sha256, chain->certs[i]->sha256) == 0)
			return (int)j;
	return -1;
}

static bool issued_another(const struct tbd_chain *chain, size_t i)
{
	for (size_t j = 0; j < chain->count; j++)
		if (j != i && first_copy(chain, j) != (int)i && !chain->certs[j]->self_issued &&
			is_issued_by(chain->certs[j], chain->certs[i]))
			return true;
	return false;
}

/* The certificate the others lead up from: the first, unless it is the issuer of another. */
static size_t find_leaf(const struct tbd_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->certs[i]->error == NULL && !issued_another(chain, i))
			return i;
	return 0;
}

/* The chain in the order in which each certificate comes after one that it issued. */
struct order {
	size_t at[TBD_CHAIN_MAX];
	size_t count;
};

static bool order_has(const struct order *order, size_t i)
{
	for (size_t k = 0; k < order->count; k++)
		if (order->at[k] == i)
			return true;
	return false;
}

/* Those that no certificate of the order leads to are left out, and so are copies. */
static struct order right_order(const struct tbd_chain *chain)
{
	struct order order = { .at = { find_leaf(chain) }, .count = 1 };
	for (size_t k = 0; k < order.count; k++)
		for (size_t i = 0; i < chain->count && order.count < TBD_CHAIN_MAX; i++)
			if (!order_has(&order, i) && first_copy(chain, i) < 0 &&
				is_issued_by(chain->certs[order.at[k]], chain->certs[i]))
				order.at[order.count++] = i;
	return order;
}

/* The first certificate that stands before one that it should follow, or -1. */
static int first_misplaced(const struct tbd_chain *chain, const struct order *order)
{
	for (size_t k = 0, i = 0; i < chain->count; i++) {
		if (!order_has(order, i))
			continue;
		if (order->at[k] != i)
			return (int)i;
		k++;
	}
	return -1;
}

static const char *order_text(struct tbdi_draft *draft, const struct order *order)
{
	const char *text = NULL;
	for (size_t k = 0; k < order->count; k++)
		text = tbdi_draft_join(
			draft, text, " ", tbdi_draft_format(draft, "%zu", order->at[k]));
	return text;
}

static void fix_save_fixed(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft, "This command writes the corrected file:");
	tbdi_draft_fix(draft, "  tbdiag chain %s%s --save-fixed fullchain.pem",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool match_empty(const struct tbd_report *report, struct tbdi_draft *draft)
{
	if (report->chain == NULL || report->chain->count > 0)
		return false;
	const char *file = report->chain->file;
	const char *peer = tbdi_draft_peer(draft, report);
	if (file != NULL) {
		tbdi_draft_summary(draft, "%s holds %s", file,
			report->chain->holds_key ? "a private key, not a certificate"
						 : "no certificate");
		/* Never by the name of that file: what it holds may be the only copy. */
		tbdi_draft_fix(draft, "Save the chain that the server sends%s and use that:",
			report->target != NULL ? "" : ", HOST,");
		tbdi_draft_fix(draft, "  tbdiag chain %s --save chain.pem",
			report->target != NULL ? tbdi_draft_word(draft, report->target->url)
					       : "HOST");
	} else {
		tbdi_draft_summary(draft, "%s sent no certificate", peer);
		tbdi_draft_fix(draft,
			"Give %s a certificate: %s and the key beside it, or the certificate of "
			"the proxy before it.",
			peer, tbdi_chain_setting(report));
	}
	return true;
}

static bool match_trust_file(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = report->chain;
	if (chain == NULL || !tbdi_chain_is_trust_file(chain))
		return false;
	tbdi_draft_summary(draft,
		"%s is a trust file and no server's chain: it holds %s%zu certificates of CAs, and no "
		"server's",
		chain->file, chain->truncated ? "more than " : "", chain->count);
	tbdi_draft_fix(draft, "Give %s as what is trusted, and a server:", chain->file);
	tbdi_draft_fix(draft, "  tbdiag verify %s --ca-file %s",
		report->target != NULL ? tbdi_draft_word(draft, report->target->url) : "HOST",
		tbdi_draft_word(draft, chain->file));
	return true;
}

static bool match_not_parsable(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 1);
	for (size_t i = 0; chain != NULL && i < chain->count; i++) {
		const struct tbd_cert *cert = chain->certs[i];
		if (cert->error == NULL)
			continue;
		if (report->verification != NULL && report->verification->verified)
			draft->severity = TBD_SEVERITY_WARNING;
		tbdi_draft_summary(draft, "certificate %zu of %s is malformed: %s", i,
			tbdi_draft_peer(draft, report), cert->error);
		draft->cert = cert;
		tbdi_draft_fix(draft,
			"Replace certificate %zu (SHA-256 %s) in the server's %s: copy it again from "
			"whoever issued it, or have it issued again. What OpenSSL can read of a file:",
			i, cert->sha256, tbdi_chain_setting(report));
		tbdi_draft_fix(draft, "  openssl storeutl -noout -certs server.pem");
		return true;
	}
	return false;
}

static bool match_wrong_order(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 2);
	if (chain == NULL)
		return false;
	struct order order = right_order(chain);
	int misplaced = first_misplaced(chain, &order);
	if (misplaced < 0)
		return false;
	const char *text = order_text(draft, &order);
	tbdi_draft_summary(draft,
		"the certificates of %s are not in order: each has to be followed by its issuer",
		tbdi_draft_peer(draft, report));
	draft->cert = chain->certs[misplaced];
	tbdi_draft_text(draft, "right_order", text);
	tbdi_draft_fix(draft,
		"Write the certificates into the server's %s in the order %s (numbers as they are "
		"now), that is:",
		tbdi_chain_setting(report), text);
	for (size_t k = 0; k < order.count; k++)
		tbdi_draft_fix(draft, "%zu. %s", k + 1, chain->certs[order.at[k]]->subject);
	fix_save_fixed(draft, report);
	return true;
}

static bool match_duplicate(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 2);
	for (size_t i = 1; chain != NULL && i < chain->count; i++) {
		int first = first_copy(chain, i);
		if (first < 0)
			continue;
		tbdi_draft_summary(draft, "%s sends the same certificate twice: number %d and %zu",
			tbdi_draft_peer(draft, report), first, i);
		draft->cert = chain->certs[i];
		tbdi_draft_number(draft, "first", first);
		tbdi_draft_fix(draft, "Remove the second copy of SHA-256 %s from the server's %s.",
			chain->certs[i]->sha256, tbdi_chain_setting(report));
		fix_save_fixed(draft, report);
		return true;
	}
	return false;
}

static bool match_unrelated(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 2);
	if (chain == NULL)
		return false;
	struct order order = right_order(chain);
	for (size_t i = 0; i < chain->count; i++) {
		const struct tbd_cert *cert = chain->certs[i];
		if (order_has(&order, i) || first_copy(chain, i) >= 0 || cert->error != NULL)
			continue;
		tbdi_draft_summary(draft,
			"%s sends a certificate that does not belong to its chain: number %zu, %s",
			tbdi_draft_peer(draft, report), i, cert->subject);
		draft->cert = cert;
		tbdi_draft_fix(draft, "Remove %s (SHA-256 %s) from the server's %s.", cert->subject,
			cert->sha256, tbdi_chain_setting(report));
		fix_save_fixed(draft, report);
		return true;
	}
	return false;
}

static bool match_root_sent(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 2);
	for (size_t i = 1; chain != NULL && i < chain->count; i++) {
		const struct tbd_cert *cert = chain->certs[i];
		if (cert->error != NULL || !cert->self_signed || first_copy(chain, i) >= 0)
			continue;
		tbdi_draft_summary(draft,
			"%s %s the root certificate as well, %zu bytes for nothing",
			tbdi_draft_peer(draft, report), chain->file != NULL ? "holds" : "sends",
			cert->der.len);
		draft->cert = cert;
		tbdi_draft_number(draft, "bytes", (int64_t)cert->der.len);
		tbdi_draft_fix(draft, "Leave %s out of the server's %s; it belongs on the devices.",
			cert->subject, tbdi_chain_setting(report));
		fix_save_fixed(draft, report);
		return true;
	}
	return false;
}

enum {
	SMALL_BUFFER = 4096,  /* mbedTLS on ESP32 and the like, when set to save memory */
	RECORD_BUFFER = 16384 /* the largest TLS record */
};

static bool match_large(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = report->chain;
	if (chain == NULL || tbdi_chain_is_trust_file(chain) || chain->message_len <= SMALL_BUFFER)
		return false;
	int64_t limit = chain->message_len > RECORD_BUFFER ? RECORD_BUFFER : SMALL_BUFFER;
	tbdi_draft_summary(draft,
		"the certificates of %s take %zu bytes, more than a device buffer of %" PRId64,
		tbdi_draft_peer(draft, report), chain->message_len, limit);
	tbdi_draft_number(draft, "bytes", (int64_t)chain->message_len);
	tbdi_draft_number(draft, "limit", limit);
	tbdi_draft_fix(draft,
		"Send fewer or smaller certificates (no root; ECDSA instead of RSA), or give the "
		"device a buffer of more than %zu bytes, in ESP-IDF:",
		chain->message_len);
	tbdi_draft_fix(draft, "  CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN=16384");
	return true;
}

/* What nobody judged: whoever has that issuer as a root can do without. */
static bool match_incomplete(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 1);
	if (chain == NULL || report->verification != NULL)
		return false;
	const struct tbd_cert *leaf = chain->certs[find_leaf(chain)];
	if (leaf->error != NULL || leaf->self_signed || leaf->is_ca || right_order(chain).count > 1)
		return false;
	const char *url = tbdi_issuer_url(leaf);
	const char *peer = tbdi_draft_peer(draft, report);
	draft->severity = url != NULL ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_WARNING;
	if (url != NULL)
		tbdi_draft_summary(draft,
			"%s does not %s the intermediate %s that issued its certificate: a device "
			"that has the root finds no path to it",
			peer, tbdi_report_sends(report), leaf->issuer);
	else
		tbdi_draft_summary(draft,
			"%s does not %s %s, which issued its certificate: that is right only if it is "
			"a root that every device trusts",
			peer, tbdi_report_sends(report), leaf->issuer);
	draft->cert = leaf;
	tbdi_draft_text(draft, "aia", url);
	tbdi_draft_fix_append_issuer(draft, report, leaf);
	tbdi_draft_fix(draft, "What a device makes of it, by its trust file, ca.pem for example:");
	tbdi_draft_fix(
		draft, "  tbdiag chain %s --ca-file ca.pem", tbdi_draft_argument(draft, report));
	return true;
}

/* ---- the chain that was expected -------------------------------------------------------------- */

static bool shares_host(const struct tbd_cert *a, const struct tbd_cert *b)
{
	for (size_t i = 0; i < a->name_count; i++)
		for (size_t k = 0; k < b->name_count; k++)
			if (a->names[i].type == b->names[k].type &&
				strcasecmp(a->names[i].value, b->names[k].value) == 0)
				return true;
	return a->subject[0] != '\0' && tbdi_dn_equal(a->subject_der, b->subject_der);
}

static bool same_cert(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return strcmp(a->sha256, b->sha256) == 0;
}

static bool chains_equal(const struct tbd_chain *a, const struct tbd_chain *b)
{
	for (size_t i = 0; a->count == b->count && i < a->count; i++)
		if (!same_cert(a->certs[i], b->certs[i]))
			return false;
	return a->count == b->count;
}

static void expected_evidence(
	struct tbdi_draft *draft, const struct tbd_chain *expected, const struct tbd_cert *wanted)
{
	tbdi_draft_text(draft, "expected_file", expected->file);
	tbdi_draft_text(draft, "expected_subject", wanted->subject);
	tbdi_draft_text(draft, "expected_serial", wanted->serial);
	tbdi_draft_date(draft, "expected_not_before", wanted->not_before);
	tbdi_draft_date(draft, "expected_not_after", wanted->not_after);
	tbdi_draft_text(draft, "expected_sha256", wanted->sha256);
}

static void fix_serve(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_chain *expected)
{
	tbdi_draft_fix(draft,
		"See that the server's %s names %s. ThingsBoard before version 4.3 reads it at its "
		"start only, and a proxy may serve a copy of its own: restart what serves it, and "
		"look again:",
		tbdi_chain_setting(report), expected->file);
	tbdi_draft_fix(draft, "  systemctl restart thingsboard");
	tbdi_draft_fix(draft, "  tbdiag chain %s --expect %s", tbdi_draft_argument(draft, report),
		tbdi_draft_word(draft, expected->file));
}

/* The server has gone on, and the file was left behind. */
static void tell_later(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_chain *expected, const struct tbd_cert *served)
{
	draft->severity = TBD_SEVERITY_INFO;
	tbdi_draft_summary(draft, "no: %s serves a later certificate than %s holds: of %s",
		tbdi_draft_peer(draft, report), expected->file,
		tbdi_draft_date_text(draft, served->not_before));
	tbdi_draft_fix(draft, "If the file is to be kept up to date, save what is served:");
	tbdi_draft_fix(draft, "  tbdiag chain %s --save %s", tbdi_draft_argument(draft, report),
		tbdi_draft_word(draft, expected->file));
}

static void tell_earlier(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_chain *expected, const struct tbd_cert *served)
{
	const struct tbd_cert *wanted = expected->certs[find_leaf(expected)];
	tbdi_draft_summary(draft,
		"no: %s still serves the certificate of %s, which ends on %s, and not the one of %s in "
		"%s",
		tbdi_draft_peer(draft, report), tbdi_draft_date_text(draft, served->not_before),
		tbdi_draft_date_text(draft, served->not_after),
		tbdi_draft_date_text(draft, wanted->not_before), expected->file);
	fix_serve(draft, report, expected);
}

static void tell_other(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_chain *expected, const struct tbd_cert *served)
{
	const struct tbd_cert *wanted = expected->certs[find_leaf(expected)];
	tbdi_draft_summary(draft,
		"no: %s serves another certificate altogether, %s, and not %s of %s",
		tbdi_draft_peer(draft, report), served->subject, wanted->subject, expected->file);
	tbdi_draft_fix(draft,
		"%s and %s are for different hosts: is it the right port, the right machine, and "
		"the right file? A proxy chooses by the server name:",
		served->subject, wanted->subject);
	tbdi_draft_fix(draft, "  tbdiag chain %s --expect %s -v",
		tbdi_draft_argument(draft, report), tbdi_draft_word(draft, expected->file));
}

static void tell_rest(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_chain *expected)
{
	tbdi_draft_summary(draft,
		"no: %s serves the certificate of %s, but not the chain behind it: %zu certificates, "
		"where the file has %zu",
		tbdi_draft_peer(draft, report), expected->file, report->chain->count,
		expected->count);
	fix_serve(draft, report, expected);
}

static bool match_not_renewed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 1), *expected = report->expected;
	if (chain == NULL || expected == NULL || expected->count == 0 ||
		chains_equal(chain, expected))
		return false;
	const struct tbd_cert *served = chain->certs[find_leaf(chain)];
	const struct tbd_cert *wanted = expected->certs[find_leaf(expected)];
	/* What is malformed is told of by others. */
	if (served->error != NULL || wanted->error != NULL)
		return false;
	if (same_cert(served, wanted))
		tell_rest(draft, report, expected);
	else if (!shares_host(served, wanted))
		tell_other(draft, report, expected, served);
	else if (served->not_before > wanted->not_before)
		tell_later(draft, report, expected, served);
	else
		tell_earlier(draft, report, expected, served);
	draft->cert = served;
	expected_evidence(draft, expected, wanted);
	return true;
}

static bool match_as_expected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_chain *chain = chain_of(report, 1), *expected = report->expected;
	if (chain == NULL || expected == NULL || !chains_equal(chain, expected))
		return false;
	tbdi_draft_summary(draft, "yes: %s serves what %s holds, certificate by certificate",
		tbdi_draft_peer(draft, report), expected->file);
	draft->cert = chain->certs[0];
	tbdi_draft_text(draft, "expected_file", expected->file);
	return true;
}

/* ---- several ports of one host ----------------------------------------------------------------- */

static const struct tbd_cert *leaf_of(const struct tbd_report *report)
{
	const struct tbd_chain *chain = chain_of(report, 1);
	return chain != NULL && chain->certs[0]->error == NULL ? chain->certs[0] : NULL;
}

/* They are not there, or they are the same certificates in the same order. */
static bool same_chain(const struct tbd_report *a, const struct tbd_report *b)
{
	const struct tbd_chain *one = chain_of(a, 1), *other = chain_of(b, 1);
	return one == NULL || other == NULL || chains_equal(one, other);
}

/* The one whose certificate ends last, if any has one. */
static const struct tbd_report *newest(const struct tbd_set *set)
{
	const struct tbd_report *newest = NULL;
	int64_t end = INT64_MIN;
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_cert *leaf = leaf_of(set->reports[i]);
		if (leaf == NULL || leaf->not_after <= end)
			continue;
		newest = set->reports[i];
		end = leaf->not_after;
	}
	return newest;
}

/* "8883: CN=a until 2026-12-01T00:00:00Z; 443: ..." */
static const char *leaves_text(struct tbdi_draft *draft, const struct tbd_set *set)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->report_count; i++) {
		const struct tbd_cert *leaf = leaf_of(set->reports[i]);
		const struct tbd_target *target = set->reports[i]->target;
		if (target != NULL && !target->tls)
			continue;
		const char *until =
			leaf != NULL ? tbdi_draft_date_text(draft, leaf->not_after) : NULL;
		text = tbdi_draft_join(draft, text, "; ",
			tbdi_draft_format(draft, "%s: %s%s", set->reports[i]->label,
				leaf != NULL ? leaf->subject : "no certificate",
				tbdi_draft_after(draft, " until ", until)));
	}
	return text != NULL ? text : "";
}

/* The ports whose chain is not the one of `good`. */
static const char *odd_ports(
	struct tbdi_draft *draft, const struct tbd_set *set, const struct tbd_report *good)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->report_count; i++) {
		if (same_chain(good, set->reports[i]))
			continue;
		text = tbdi_draft_join(draft, text, ", ", set->reports[i]->label);
	}
	return text;
}

static bool match_differs_by_port(const struct tbd_set *set, struct tbdi_draft *draft)
{
	bool of_transports = set->compares == TBD_COMPARES_TRANSPORTS;
	bool is_asked = set->compares == TBD_COMPARES_PORTS || of_transports;
	const struct tbd_report *good = is_asked ? newest(set) : NULL;
	const char *odd = good != NULL ? odd_ports(draft, set, good) : NULL;
	if (odd == NULL || good->connection == NULL)
		return false;
	const char *host = good->connection->host;
	bool several = strchr(odd, ',') != NULL;
	/* The label of a transport says what it is. */
	const char *port = of_transports ? "" : "port ";
	const char *ports = of_transports ? "" : several ? "ports " : "port ";
	tbdi_draft_summary(draft,
		"%s does not serve the same chain on all of its ports: %s%s %s from %s%s", host,
		ports, odd, several ? "differ" : "differs", port, good->label);
	tbdi_draft_text(draft, "host", host);
	tbdi_draft_text(draft, "ports", leaves_text(draft, set));
	tbdi_draft_text(draft, "differs", tbdi_draft_properties(draft, set));
	tbdi_draft_fix(draft,
		"If %s%s has the renewed certificate (it ends last), give the server on %s%s the "
		"same file and restart it; a ThingsBoard before 4.3 reads its certificates only "
		"when it starts. The chain of %s%s as a file:",
		port, good->label, ports, odd, port, good->label);
	tbdi_draft_fix(
		draft, "  tbdiag chain --save chain.pem %s", tbdi_draft_argument(draft, good));
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_chain[] = {
	{
		TBDI_RULE("chain.empty", CHAIN, CRITICAL, "there is no certificate"),
		.pub.why =
			"The TLS handshake came as far as the server's certificates, and there "
			"was none; or the chain file was read and holds no certificate. A device "
			"that verifies its server cannot go on.",
		.pub.fix =
			"Install a certificate with its key on the server; check the chain file.",
		.pub.evidence = TBDI_STRINGS("peer"),
		.match = match_empty,
	},
	{
		TBDI_RULE("chain.trust-file", CHAIN, CRITICAL,
			"a trust file was taken for a server's chain"),
		.pub.why =
			"The file that was given as a chain holds certificates of CAs only, and roots "
			"among them: that is what a device trusts, not what a server sends. Nothing "
			"can be said of a server by it, and nothing in it is to be removed.",
		.pub.fix = "Give it with --ca-file, and the server as TARGET.",
		.pub.evidence = TBDI_STRINGS("peer", "sent"),
		.match = match_trust_file,
	},
	{
		TBDI_RULE("chain.not-parsable", CHAIN, CRITICAL,
			"a certificate of the chain is malformed"),
		.pub.why =
			"One of the certificates is not a well-formed X.509 certificate: cut off, "
			"damaged, or made by a program that breaks the encoding rules. Small TLS "
			"stacks fail on such a certificate even where a larger one is lenient. It "
			"is a warning when a valid path goes without it.",
		.pub.fix = "Issue the certificate again, or copy it again without damage.",
		.pub.evidence = TBDI_STRINGS("certificate", "subject", "sha256", "error"),
		.match = match_not_parsable,
	},
	{
		TBDI_RULE("chain.wrong-order", CHAIN, WARNING, "the certificates are not in order"),
		.pub.why = "TLS 1.2 demands that each certificate is followed by its issuer (RFC "
			   "5246, 7.4.2). Large stacks sort the chain themselves, which hides the "
			   "fault; those that walk it once, as small devices do, end at a "
			   "certificate that does not match the one before. ThingsBoard sends its "
			   "PEM file as it stands.",
		.pub.fix = "Put the server's own certificate first, then each issuer after the one "
			   "it signed, in MQTT_SSL_PEM_CERT.",
		.pub.evidence =
			TBDI_STRINGS("certificate", "subject", "sha256", "sent", "right_order"),
		.match = match_wrong_order,
		.causes = TBDI_STRINGS("chain.not-loaded"),
	},
	{
		TBDI_RULE("chain.unrelated", CHAIN, WARNING,
			"a certificate does not belong to the chain"),
		.pub.why =
			"One of the certificates is neither the server's own nor an issuer of "
			"another one that was sent. Most often it is a left-over of an earlier "
			"CA, or the wrong intermediate was appended. It costs bytes in every "
			"handshake, and a stack that expects each certificate to follow from the "
			"one before refuses the chain.",
		.pub.fix = "Remove it from the file of the server.",
		.pub.evidence = TBDI_STRINGS("certificate", "subject", "sha256"),
		.match = match_unrelated,
		.causes = TBDI_STRINGS("chain.not-loaded"),
	},
	{
		TBDI_RULE("chain.incomplete", CHAIN, WARNING,
			"the issuer of the server's certificate is not sent"),
		.pub.why =
			"The chain was only shown, and not judged by a trust store. What was sent ends "
			"with the server's own certificate, whose issuer is not there. Where that is an "
			"intermediate, no device finds a path: a public CA never signs a server by its "
			"root, and a certificate that says where its issuer can be had says that there "
			"is one to be sent (critical). A small CA of one's own may sign by its root, "
			"which belongs on the devices: then all is well, and a trust file shows it.",
		.pub.fix =
			"Put the intermediate after the server's certificate in "
			"MQTT_SSL_PEM_CERT, or have the chain judged by the devices' trust file.",
		.pub.evidence = TBDI_STRINGS("subject", "issuer", "issuer_key_id", "aia", "sent"),
		.match = match_incomplete,
	},
	{
		TBDI_RULE("chain.duplicate", CHAIN, WARNING, "the same certificate is sent twice"),
		.pub.why =
			"The chain holds the same certificate twice, byte for byte. This happens "
			"when cert.pem and fullchain.pem are joined into one file. The copy "
			"breaks the order that TLS 1.2 demands, and strict stacks refuse it.",
		.pub.fix = "Remove the copy from the file of the server.",
		.pub.evidence = TBDI_STRINGS("certificate", "subject", "sha256", "first"),
		.match = match_duplicate,
		.causes = TBDI_STRINGS("chain.not-loaded"),
	},
	{
		TBDI_RULE("chain.differs-by-port", CHAIN, WARNING,
			"the ports of one host serve different chains"),
		.pub.why =
			"One host serves its web pages, MQTT and more on ports of their own, each "
			"with a setting of its own for the certificate, often with a proxy before "
			"one of them and not before the other. After a renewal one is easily "
			"forgotten, and a browser that is content says nothing of what devices "
			"meet. It is looked for only when several ports are asked for "
			"(--also-ports, --all-transports).",
		.pub.fix = "Give every server the same file, and restart those that read it only "
			   "when they start.",
		.pub.evidence = TBDI_STRINGS("host", "ports", "differs"),
		.match_set = match_differs_by_port,
	},
	{
		TBDI_RULE("chain.root-sent", CHAIN, INFO, "the root is sent along"),
		.pub.why = "The self-signed root is part of what the server sends. Nobody trusts a "
			   "root because it was sent: a device that has it does not need it, one "
			   "that has not will not take it. It only costs bytes and memory in every "
			   "handshake.",
		.pub.fix = "Leave the root out of the server's file and ship it to the devices.",
		.pub.evidence = TBDI_STRINGS("certificate", "subject", "sha256", "bytes"),
		.match = match_root_sent,
		.causes = TBDI_STRINGS(
			"ca.private-root-sent", "ca.same-name-other-key", "ca.same-key-other-name"),
	},
	{
		TBDI_RULE("chain.not-renewed", CHAIN, WARNING,
			"the server does not serve the file that was expected"),
		.pub.why =
			"The chain that is served is not the one in the file of --expect. Most "
			"often the file was renewed and the server still has the old certificate "
			"in memory: ThingsBoard before version 4.3 reads it at its start only, so "
			"that an automatic renewal changes nothing until the old one ends and all "
			"devices are gone at once. Served certificates for other names, and a "
			"chain that differs behind the right certificate, are told apart. A later "
			"certificate than that of the file is worth a remark only.",
		.pub.fix = "Restart what serves the file, and see that it is the right one.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "serial", "not_before",
			"not_after", "expected_file", "expected_subject", "expected_serial",
			"expected_not_before", "expected_not_after", "expected_sha256"),
		.match = match_not_renewed,
	},
	{
		TBDI_RULE("chain.as-expected", CHAIN, OK,
			"the server serves the file that was expected"),
		.pub.why =
			"The chain that is served is the one in the file of --expect, certificate "
			"by certificate: a renewal has reached the server's memory.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS("sha256", "not_after", "expected_file"),
		.match = match_as_expected,
	},
	{
		TBDI_RULE(
			"chain.large", CHAIN, WARNING, "the chain is too large for small devices"),
		.pub.why = "The Certificate message is larger than a buffer that devices commonly "
			   "have: 4096 bytes where memory was saved, 16384 bytes at most (one TLS "
			   "record). Such a device ends the handshake with an error that says "
			   "nothing of size, often 'out of memory' or 'bad input data'.",
		.pub.fix = "Send fewer and smaller certificates, or enlarge the device's TLS input "
			   "buffer.",
		.pub.evidence = TBDI_STRINGS("bytes", "limit", "sent"),
		.match = match_large,
	},
	{ .pub = { .id = NULL } },
};
