/* SPDX-License-Identifier: MIT
 *
 * anchor.c - the path leads to an anchor: how well does it stand?
 */
#include "rules/trust.h"

static bool has_ended(const struct tbd_report *report, const struct tbd_cert *cert)
{
	return cert->error == NULL && cert->not_after < report->time;
}

/* The path that is accepted, or NULL. */
static const struct tbd_path *accepted(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NONE);
	return path != NULL && path->anchored ? path : NULL;
}

static bool path_has(const struct tbd_path *path, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < path->count; i++)
		if (strcmp(path->certs[i]->sha256, cert->sha256) == 0)
			return true;
	return false;
}

/* ---- an anchor that has ended ----------------------------------------------------------------- */

/* What the dead anchor issued: a CA, which may be a root by now whose cross-certificate this is; or NULL. */
static const struct tbd_cert *crossed_by(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path->count > 2 ? path->certs[path->count - 2] : NULL;
}

/* By name and key. */
static bool is_same_ca(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return strcmp(a->subject, b->subject) == 0 && strcmp(a->spki_sha256, b->spki_sha256) == 0;
}

static void fix_dead_root(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *anchor)
{
	const struct tbd_cert *current = tbdi_report_system_anchor(report);
	const struct tbd_cert *crossed = crossed_by(report);
	const char *file = tbdi_draft_file_of(draft, report, anchor);
	const char *until = tbdi_draft_date_text(draft, anchor->not_after);
	if (current != NULL && crossed != NULL && is_same_ca(current, crossed))
		tbdi_draft_fix(draft,
			"%s is a root itself; the chain has only its cross-certificate by %s (until %s). Put "
			"that root into %s, on all devices.",
			current->subject, anchor->subject, until, file);
	else
		tbdi_draft_fix(draft,
			"Replace %s (until %s) in %s by its successor, on all devices.%s%s%s",
			anchor->subject, until, file, crossed != NULL ? " If " : "",
			crossed != NULL ? crossed->subject : "",
			crossed != NULL
				? ", which it issued, is a root by now, that root is the successor."
				: "");
}

static void fix_replace_anchor(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *anchor)
{
	const struct tbd_cert *current = tbdi_report_system_anchor(report);
	const char *file = tbdi_draft_file_of(draft, report, anchor);
	const char *url = tbdi_issuer_url(anchor);
	if (anchor->self_signed)
		fix_dead_root(draft, report, anchor);
	else
		tbdi_draft_fix(draft,
			"%s (until %s) is an intermediate: put its root, which lasts for decades, "
			"into %s instead. It was issued by %s.",
			anchor->subject, tbdi_draft_date_text(draft, anchor->not_after), file,
			anchor->issuer);
	if (current != NULL)
		tbdi_draft_fix_take_from_system(draft, report, current);
	else if (!anchor->self_signed && url != NULL)
		tbdi_draft_fix_fetch(draft, url);
	tbdi_draft_fix_use_ca(draft, report, "root.pem");
}

static bool match_anchor_expired(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *anchor = tbdi_report_dead_anchor(report);
	if (anchor == NULL)
		return false;
	tbdi_draft_summary(draft, "the only path ends in an anchor that expired on %s: %s in %s%s",
		tbdi_draft_date_text(draft, anchor->not_after), anchor->subject,
		tbdi_draft_file_of(draft, report, anchor), tbdi_draft_clock_remark(draft, report));
	draft->cert = anchor;
	tbdi_draft_fix_clock(draft, report);
	fix_replace_anchor(draft, report, anchor);
	return true;
}

/* An expired certificate on a path beside the accepted one that somebody may take: a root of the store,
 * or what the server sends itself. */
static const struct tbd_cert *expired_on(
	const struct tbd_report *report, const struct tbd_path *good, const struct tbd_path *path)
{
	for (size_t i = 1; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		bool taken = cert->self_signed || tbdi_chain_has(report, cert);
		if (taken && has_ended(report, cert) && !path_has(good, cert))
			return cert;
	}
	return NULL;
}

static const struct tbd_path *expired_beside(
	const struct tbd_report *report, const struct tbd_cert **expired)
{
	const struct tbd_path *good = accepted(report);
	*expired = NULL;
	for (size_t i = 0; good != NULL && i < report->verification->path_count; i++) {
		const struct tbd_path *path = report->verification->paths[i];
		*expired = path != good ? expired_on(report, good, path) : NULL;
		if (*expired != NULL)
			return path;
	}
	return NULL;
}

/* The path as text; of the certificates of one subject, in which paths differ, issuer and end as well. */
static const char *path_by_issuer(
	struct tbdi_draft *draft, const struct tbd_path *path, const char *subject)
{
	const char *text = NULL;
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		text = tbdi_draft_join(draft, text, " <- ", cert->subject);
		if (strcmp(cert->subject, subject) == 0)
			text = tbdi_draft_format(draft, "%s (issued by %s, until %s)", text,
				cert->issuer, tbdi_draft_date_text(draft, cert->not_after));
	}
	return text;
}

static bool match_cross_signed_expired(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert;
	const struct tbd_path *path = expired_beside(report, &cert);
	if (path == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	bool sent = tbdi_chain_has(report, cert);
	tbdi_draft_summary(draft,
		"beside the good path of %s there is one through %s, which expired on %s: clients "
		"that try one path only may take it",
		peer, cert->subject, tbdi_draft_date_text(draft, cert->not_after));
	draft->cert = cert;
	tbdi_draft_text(
		draft, "path", path_by_issuer(draft, report->verification->path, cert->subject));
	tbdi_draft_text(draft, "expired_path", path_by_issuer(draft, path, cert->subject));
	if (sent) {
		tbdi_draft_fix(draft,
			"Leave %s (SHA-256 %s) out of the server's %s, and restart ThingsBoard. A "
			"file without it is made by:",
			cert->subject, cert->sha256, tbdi_chain_setting(report));
		tbdi_draft_fix(draft, "  tbdiag chain %s%s --save-fixed fullchain.pem",
			tbdi_draft_argument(draft, report),
			tbdi_draft_trust_options(draft, report));
		tbdi_draft_fix(draft, "What is served then:");
	} else {
		tbdi_draft_fix(draft,
			"Remove %s (SHA-256 %s) from %s. What remains:", cert->subject,
			cert->sha256, tbdi_draft_file_of(draft, report, cert));
	}
	tbdi_draft_fix(draft, "  tbdiag verify -v %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
	return true;
}

static bool match_store_expired_entry(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *good = accepted(report);
	const struct tbd_cert *first = NULL, *told;
	size_t count = 0;
	if (report->lint != NULL)
		return tbdi_match_lint_expired(report, draft);
	if (good == NULL || report->trust == NULL)
		return false;
	expired_beside(report, &told);
	for (size_t i = 0; i < report->trust->shown_count; i++) {
		const struct tbd_cert *cert = report->trust->certs[i];
		/* An old root on a path beside the good one is told of apart. */
		if (cert == told || !has_ended(report, cert) || path_has(good, cert))
			continue;
		first = first != NULL ? first : cert;
		count++;
	}
	if (first == NULL)
		return false;
	const struct tbd_cert *anchor = tbdi_path_end(good);
	const char *file = tbdi_draft_file_of(draft, report, first);
	tbdi_draft_summary(draft,
		"%s holds %s, which expired on %s; no path of %s needs it, so that does no harm",
		file, first->subject, tbdi_draft_date_text(draft, first->not_after),
		tbdi_draft_peer(draft, report));
	draft->cert = first;
	tbdi_draft_number(draft, "expired_count", (int64_t)count);
	tbdi_draft_text(draft, "anchor", anchor->subject);
	tbdi_draft_date(draft, "anchor_not_after", anchor->not_after);
	tbdi_draft_fix(draft,
		"Nothing has to be done: the chain leads to %s, which lasts until %s. Leave %s out "
		"when %s is next written.",
		anchor->subject, tbdi_draft_date_text(draft, anchor->not_after), first->subject,
		file);
	return true;
}

/* ---- what only this store makes good ---------------------------------------------------------- */

/* The issuer that the server does not send, although nobody would have it as a root. */
static const struct tbd_cert *unsent_issuer(
	const struct tbd_report *report, const struct tbd_path *path)
{
	for (size_t i = 1; path != NULL && i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		/* An anchor further up may be a root elsewhere, under a signature of its own. */
		bool needed = i + 1 < path->count || i == 1;
		if (needed && !cert->self_signed && !tbdi_chain_has(report, cert))
			return cert;
	}
	return NULL;
}

static bool match_missing_intermediate_saved(
	const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = unsent_issuer(report, accepted(report));
	if (cert == NULL)
		return false;
	const char *file = tbdi_draft_file_of(draft, report, cert);
	tbdi_draft_summary(draft,
		"%s does not %s the intermediate %s; only %s makes up for it, clients without it "
		"fail",
		tbdi_draft_peer(draft, report), tbdi_report_sends(report), cert->subject, file);
	draft->cert = cert;
	tbdi_draft_fix(draft,
		"Put %s behind the server's certificate in the file that %s names (with Let's "
		"Encrypt that is fullchain.pem), and restart ThingsBoard:",
		cert->subject, tbdi_chain_setting(report));
	if (cert->file != NULL) {
		tbdi_draft_fix(draft,
			"  awk '/BEGIN CERTIFICATE/ { n++ } n == %zu' %s > intermediate.pem",
			cert->entry, tbdi_draft_word(draft, cert->file));
		tbdi_draft_fix(draft, "  cat server.pem intermediate.pem > fullchain.pem");
	}
	tbdi_draft_fix(draft, "  export %s=fullchain.pem", tbdi_chain_setting(report));
	return true;
}

static bool match_intermediate_in_store(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("intermediate-as-anchor"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *anchor = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	const char *file = tbdi_draft_file_of(draft, report, anchor);
	const char *until = tbdi_draft_date_text(draft, anchor->not_after);
	const char *url = tbdi_issuer_url(anchor);
	tbdi_draft_summary(draft,
		"the only anchor in %s is the intermediate %s: %s; it ends on %s, and the CA may change "
		"it before",
		file, anchor->subject, who, until);
	tbdi_draft_fix(draft, "Put the root %s into %s, instead of %s or beside it.",
		anchor->issuer, file, anchor->subject);
	if (url != NULL)
		tbdi_draft_fix_fetch(draft, url);
	tbdi_draft_fix_use_ca(draft, report, "root.pem");
	return true;
}

/* ---- names that are not encoded alike --------------------------------------------------------- */

static bool match_name_encoding(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	if (path == NULL || path->name_encoding_at < 0 ||
		(size_t)path->name_encoding_at + 1 >= path->count)
		return false;
	const struct tbd_cert *cert = path->certs[path->name_encoding_at];
	const struct tbd_cert *issuer = path->certs[path->name_encoding_at + 1];
	if (path->fault == TBD_FAULT_NONE)
		draft->severity = TBD_SEVERITY_WARNING;
	const char *difference = strcmp(cert->issuer, issuer->subject) == 0
		? "the type of its strings"
		: "case, white space or string types";
	tbdi_draft_summary(draft,
		"%s names its issuer %s in other bytes than the issuer itself: they differ in %s, "
		"and clients that compare bytes find no path",
		cert->subject, issuer->subject, difference);
	draft->cert = cert;
	tbdi_draft_text(draft, "issuer_subject", issuer->subject);
	tbdi_draft_text(draft, "issuer_sha256", issuer->sha256);
	tbdi_draft_text(draft, "differs", difference);
	tbdi_draft_fix(draft,
		"Issue %s again so that its issuer is a copy of the subject of %s (SHA-256 %s), as "
		"OpenSSL does it.",
		cert->subject, issuer->subject, issuer->sha256);
	tbdi_draft_fix_sign_again(draft, report, cert, NULL);
	return true;
}

/* ---- a pinned certificate, and a good path ---------------------------------------------------- */

static bool match_leaf_in_store(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("leaf-as-anchor"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *leaf = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft,
		"%s holds the server's own certificate and not its CA's: %s, and the next renewal, by "
		"%s, breaks them as well",
		tbdi_draft_store(draft, report), who, tbdi_draft_date_text(draft, leaf->not_after));
	tbdi_draft_fix(draft,
		"Put the root of its issuer %s into %s instead of the certificate of %s.",
		leaf->issuer, tbdi_draft_store(draft, report), leaf->subject);
	return true;
}

static bool match_trusted(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || !verification->verified || verification->path == NULL ||
		verification->path->count == 0 || tbdi_report_is_refused(report))
		return false;
	const struct tbd_cert *anchor = tbdi_path_end(verification->path);
	draft->cert = anchor;
	tbdi_draft_summary(draft, "the chain of %s leads to %s, which is in %s",
		tbdi_draft_peer(draft, report), anchor->subject,
		anchor->file != NULL ? anchor->file : tbdi_draft_store(draft, report));
	tbdi_draft_text(draft, "path", tbdi_draft_path(draft, verification->path));
	tbdi_draft_text(draft, "anchor", anchor->subject);
	tbdi_draft_text(draft, "file", anchor->file);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define PLACE_KEYS "subject", "issuer", "not_after", "sha256", "file", "entry"

const struct tbdi_rule tbdi_rules_anchor[] = {
	{
		TBDI_RULE("ca.anchor-expired", TRUST, CRITICAL, "the anchor itself has expired"),
		.pub.why =
			"The chain is sound, but the only path ends in a certificate of the trust "
			"store that has expired: an old root, or an intermediate that was pinned "
			"(Let's Encrypt's R3 ended on 2025-09-15; its root lasts to 2035). The "
			"server is fine, and other clients may be; the devices with this file "
			"need another one. Stacks differ in whether they look at an anchor's "
			"date, so that some devices go on working, which hides the fault.",
		.pub.fix = "Put the root's present certificate into the trust file.",
		.pub.evidence = TBDI_STRINGS(PLACE_KEYS, "judged_at", TBDI_SYSTEM_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_anchor_expired,
	},
	{
		TBDI_RULE("ca.name-encoding", TRUST, CRITICAL,
			"issuer and subject are equal, but not byte for byte"),
		.pub.why =
			"A certificate names its issuer in other bytes than the issuer names "
			"itself: PrintableString against UTF8String, another case, a space more. "
			"RFC 5280 compares such names as equal, and so does OpenSSL; stacks that "
			"look an issuer up by its bytes find none and say 'unknown CA'. Tools "
			"that write the issuer anew instead of copying it make such certificates. "
			"It is a warning where the path is acceptable here.",
		.pub.fix =
			"Issue the certificate again with the issuer's name copied byte for byte.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "issuer", "issuer_subject",
			"issuer_sha256", "differs"),
		.match = match_name_encoding,
	},
	{
		TBDI_RULE("ca.missing-intermediate-saved", TRUST, WARNING,
			"an intermediate is not sent, and only this store has it"),
		.pub.why =
			"The path is valid, but an intermediate on it did not come from the "
			"server: only the copy in this trust store completes it. Devices that "
			"hold the root, as they should, fail with 'unknown CA'. ThingsBoard sends "
			"the content of MQTT_SSL_PEM_CERT and completes nothing.",
		.pub.fix =
			"Put the intermediate after the server's certificate in MQTT_SSL_PEM_CERT.",
		.pub.evidence = TBDI_STRINGS(PLACE_KEYS),
		.match = match_missing_intermediate_saved,
	},
	{
		TBDI_RULE("ca.cross-signed-expired", TRUST, WARNING,
			"an expired path exists beside the good one"),
		.pub.why =
			"There is a good path, and beside it one through a certificate that has "
			"expired: an old root in the trust store, or a cross-sign that the server "
			"still sends (in September 2021 DST Root CA X3 ended beside ISRG Root "
			"X1). Clients that try all paths work; those that follow the first one "
			"they find, old gateways and small stacks, say 'certificate has expired'. "
			"Both paths are shown.",
		.pub.fix =
			"Stop sending the expired certificate, or remove it from the trust store.",
		.pub.evidence = TBDI_STRINGS(PLACE_KEYS, "path", "expired_path"),
		.match = match_cross_signed_expired,
	},
	{
		TBDI_RULE("ca.store-expired-entry", TRUST, INFO,
			"the trust file holds an expired certificate nobody needs"),
		.pub.why =
			"A certificate of the trust file has expired, but the path to the anchor "
			"does not use it, so nothing fails. ThingsBoard's tb-cloud-chain.pem is "
			"such a file: the '15.09.25' its documentation warned of is the end of "
			"the intermediate R3 in it, not of ISRG Root X1, on which everything "
			"rests. Only a server whose path needs the expired one would be hurt; "
			"then it is said as ca.anchor-expired. Where a trust file was looked at by "
			"itself, and nothing in it is valid any more, it is critical.",
		.pub.fix = "Nothing has to be done; leave it out next time.",
		.pub.evidence =
			TBDI_STRINGS(PLACE_KEYS, "expired_count", "anchor", "anchor_not_after"),
		.match = match_store_expired_entry,
	},
	{
		TBDI_RULE("ca.leaf-in-store", TRUST, CRITICAL,
			"the store trusts the server's own certificate, not its CA"),
		.pub.why =
			"The server's own certificate stands in the trust file, and its CA's does "
			"not (`openssl s_client` shows it, and so it is copied). Most stacks look "
			"for the issuer all the same and refuse: OpenSSL says error 20, mbedTLS "
			"-0x2700, mosquitto, Python, Node.js and GnuTLS that the issuer is "
			"unknown. curl and BearSSL accept it, until the next renewal: a server "
			"certificate lives for months.",
		.pub.fix = "Put the root of its CA into the file instead.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "issuer", "not_after", TBDI_WHO_KEYS, TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_leaf_in_store,
	},
	{
		TBDI_RULE("ca.intermediate-in-store", TRUST, WARNING,
			"the only anchor is an intermediate"),
		.pub.why =
			"The path is valid, but the anchor it ends in is an intermediate CA, and "
			"its root is not in the store. Intermediates live for a few years and are "
			"changed without notice (a server that renews its certificate may get "
			"another one on that day); roots live for decades. When it ends is shown. "
			"Besides, OpenSSL, mosquitto, Python and Node.js do not accept such an "
			"anchor: they ask for its issuer, too (error 2, unless with "
			"-partial_chain). curl, GnuTLS, mbedTLS and BearSSL do accept it.",
		.pub.fix = "Put the root into the trust file.",
		.pub.evidence = TBDI_STRINGS(PLACE_KEYS, TBDI_WHO_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_intermediate_in_store,
	},
	{
		TBDI_RULE("ca.ok", TRUST, OK, "the chain is trusted"),
		.pub.why = "A valid path leads from the server's certificate to an anchor of the "
			   "trust store, and the name matches. The path is shown from the leaf up, "
			   "and with the anchor the file and the entry it stands in.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS("path", "anchor", "sha256", "file", "entry"),
		.group = TBDI_GROUP_CA,
		.match = match_trusted,
	},
	{ .pub = { .id = NULL } },
};
