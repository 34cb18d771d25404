/* SPDX-License-Identifier: MIT
 *
 * ca.c - the chain leads to nothing that the store trusts: why not, and what almost would.
 */
#include "rules/trust.h"

/* ---- what is needed, and what comes near ------------------------------------------------------ */

/* Of a certificate that was sent and would have to be trusted; of one whose issuer is needed. */
#define OWN_KEYS "subject_key_id", "not_before", "not_after", "sha256"
#define ISSUER_KEYS "issuer", "issuer_key_id"
#define SENT_KEYS "subject", OWN_KEYS
#define NEEDED_KEYS "subject", ISSUER_KEYS
#define NEAREST_KEYS                                                                              \
	"nearest", "nearest_key_id", "nearest_not_before", "nearest_not_after", "nearest_sha256", \
		"nearest_entry"

/* Of a row that has the keys of both: the certificate itself is needed, or its issuer. */
static void tell_needed(struct tbdi_draft *draft, const struct tbd_cert *cert, bool itself)
{
	draft->cert = cert;
	if (itself)
		tbdi_draft_without(draft, TBDI_STRINGS(ISSUER_KEYS));
	else
		tbdi_draft_without(draft, TBDI_STRINGS(OWN_KEYS));
}

/* "; the system store FILE has it", or another anchor that would do; or "". */
static const char *system_remark(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *wanted)
{
	const struct tbd_cert *anchor = tbdi_report_system_anchor(report);
	if (anchor == NULL)
		return "";
	return strcmp(anchor->subject, wanted) == 0
		? tbdi_draft_format(draft, "; the system store %s has it", anchor->file)
		: tbdi_draft_format(draft, "; the system store %s has %s, which would do",
			  anchor->file, anchor->subject);
}

static const char *or_none(const char *key_id)
{
	return key_id != NULL ? key_id : "none";
}

/* ---- where a CA certificate is had ------------------------------------------------------------ */

/* How the issuer that was not sent, and is not in the store, comes into the device's hands. */
static void fix_get_issuer(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last)
{
	const struct tbd_cert *anchor = tbdi_report_system_anchor(report);
	const char *url = tbdi_issuer_url(last);
	if (anchor != NULL)
		tbdi_draft_fix_take_from_system(draft, report, anchor);
	else if (url != NULL)
		tbdi_draft_fix_fetch(draft, url);
	else
		tbdi_draft_fix(draft, "Whoever runs %s, or the server, has it.", last->issuer);
	tbdi_draft_fix_use_ca(draft, report, "root.pem");
}

/* The same, where the server may have sent what is needed. */
static void fix_get_needed(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last)
{
	const struct tbd_cert *anchor = tbdi_report_system_anchor(report);
	if (!last->self_signed) {
		fix_get_issuer(draft, report, last);
		return;
	}
	if (anchor != NULL) {
		tbdi_draft_fix_take_from_system(draft, report, anchor);
		tbdi_draft_fix_use_ca(draft, report, "root.pem");
		return;
	}
	tbdi_draft_fix(draft, "Take its file from whoever runs that CA, or save what was sent.");
	tbdi_draft_fix_import(draft, report, last);
}

/* ---- rules ------------------------------------------------------------------------------------ */

/* The issuer in the path above the leaf, or the one that is needed, that inspects TLS by its name; or NULL. */
static const char *inspector_of(const struct tbd_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		if (cert->error == NULL &&
			(tbdi_interceptor(cert->issuer) != NULL ||
				tbdi_named_for_inspection(cert->issuer)))
			return cert->issuer;
	}
	return NULL;
}

static bool match_intercepted(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const char *name = path != NULL ? inspector_of(path) : NULL;
	if (name == NULL)
		return false;
	if (path->anchored)
		draft->severity = TBD_SEVERITY_WARNING;
	const char *product = tbdi_interceptor(name);
	const char *peer = tbdi_draft_peer(draft, report);
	if (product != NULL)
		tbdi_draft_summary(draft,
			"the certificate of %s comes from a device that inspects TLS on the way: %s (%s)",
			peer, product, name);
	else
		tbdi_draft_summary(draft,
			"the certificate of %s comes from a CA that is called as one that inspects TLS "
			"on the way: %s",
			peer, name);
	draft->cert = path->certs[0];
	tbdi_draft_text(draft, "product", product);
	tbdi_draft_text(draft, "inspector", name);
	tbdi_draft_fix(draft,
		"Have the network's administrator exempt %s from the inspection by %s: it would read "
		"the access token, and no device knows its CA. Run this from another network (a "
		"phone's, for example) to compare:",
		peer, product != NULL ? product : name);
	tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_argument(draft, report));
	if (product == NULL && !path->anchored)
		tbdi_draft_fix(draft,
			"If the same CA answers there, and its owner says that it is the server's own: "
			"the device needs its file.");
	return true;
}

/* How the two certificates of one server differ. */
static const char *leaf_difference(const struct tbd_cert *leaf, const struct tbd_cert *held)
{
	return strcmp(leaf->spki_sha256, held->spki_sha256) == 0 ? "the same key" : "another key";
}

static void fix_old_leaf(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *held)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_cert *leaf = path->certs[0], *last = tbdi_path_end(path);
	const char *file = tbdi_draft_file_of(draft, report, held);
	if (leaf->self_signed) {
		tbdi_draft_fix(draft,
			"Put the present certificate (SHA-256 %s) in the place of the earlier one "
			"in %s, on every device.",
			leaf->sha256, file);
		tbdi_draft_fix_import(draft, report, leaf);
		return;
	}
	tbdi_draft_fix(draft,
		"Each renewal would break it again: put the root of its CA into %s instead of the "
		"server's certificate. The chain, as far as it was sent, asks for %s.",
		file, last->self_signed ? last->subject : last->issuer);
	fix_get_needed(draft, report, last);
}

/* The server serves an earlier one than the device knows. */
static void fix_not_served_yet(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *held)
{
	tbdi_draft_fix(draft,
		"The device knows the certificate with SHA-256 %s already. See that the server's "
		"%s names it, and restart ThingsBoard: before version 4.3 it reads the file at its "
		"start only.",
		held->sha256, tbdi_chain_setting(report));
	tbdi_draft_fix(draft, "  systemctl restart thingsboard");
	tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
}

static bool match_old_leaf(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *held = tbdi_report_nearest(report, TBD_MISS_OLD_LEAF);
	if (held == NULL)
		return false;
	const struct tbd_cert *leaf = report->verification->path->certs[0];
	bool later = held->not_before > leaf->not_before;
	tbdi_draft_summary(draft,
		"%s holds %s certificate of %s (of %s, with %s), not the one that is served (of "
		"%s)",
		tbdi_draft_file_of(draft, report, held), later ? "a later" : "an earlier",
		tbdi_draft_peer(draft, report), tbdi_draft_date_text(draft, held->not_before),
		leaf_difference(leaf, held), tbdi_draft_date_text(draft, leaf->not_before));
	draft->cert = leaf;
	draft->nearest = held;
	if (later)
		fix_not_served_yet(draft, report, held);
	else
		fix_old_leaf(draft, report, held);
	return true;
}

static bool match_self_signed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_UNTRUSTED_ROOT);
	if (path == NULL || path->count != 1)
		return false;
	const struct tbd_cert *cert = path->certs[0];
	tbdi_draft_summary(draft, "the certificate of %s is self-signed and not in %s: %s",
		tbdi_draft_peer(draft, report), tbdi_draft_store(draft, report), cert->subject);
	draft->cert = cert;
	tbdi_draft_fix(draft,
		"The device has to trust this very certificate, %s: the file that %s names on the "
		"server (often server.pem or mqttserver.pub.pem). Take it from there, or save what "
		"was sent.",
		cert->subject, tbdi_chain_setting(report));
	tbdi_draft_fix_import(draft, report, cert);
	return true;
}

/* The certificate whose issuer is needed: the end of the path, or the one that was not signed by the
 * store's certificate of that name. */
static const struct tbd_cert *short_of_issuer(const struct tbd_path *path)
{
	return path->fault == TBD_FAULT_BAD_SIGNATURE ? path->certs[path->fault_at]
						      : tbdi_path_end(path);
}

/* Where the server did not even send the issuer of its own certificate, a former intermediate in the
 * store is not what is wrong, unless the device has nothing else. */
static const struct tbd_cert *other_key(const struct tbd_report *report)
{
	const struct tbd_cert *held = tbdi_report_nearest(report, TBD_MISS_OTHER_KEY);
	if (held == NULL)
		return NULL;
	const struct tbd_path *path = report->verification->path;
	bool counts = held->self_signed || path->count > 1 || report->trust->cert_count == 1;
	return counts ? held : NULL;
}

static bool match_same_name_other_key(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *held = other_key(report);
	if (held == NULL)
		return false;
	const struct tbd_cert *last = short_of_issuer(report->verification->path);
	const char *file = tbdi_draft_file_of(draft, report, held);
	const char *wanted = last->self_signed ? last->subject_key_id : last->authority_key_id;
	tbdi_draft_summary(draft,
		"%s holds %s, but with another key: it has key id %s, and the chain of %s needs "
		"%s",
		file, held->subject, or_none(held->subject_key_id), tbdi_draft_peer(draft, report),
		wanted != NULL ? wanted : "the key that signed it");
	tell_needed(draft, last, last->self_signed);
	draft->nearest = held;
	if (held->not_before > last->not_before)
		tbdi_draft_fix(draft,
			"%s in %s is later than %s. If that is the CA's new certificate, with a new key: what "
			"the old key signed has to be signed again by the new one and served, the server's "
			"certificate, too. Else:",
			held->subject, file, last->subject);
	tbdi_draft_fix(draft,
		"%s was made anew under its old name. Put its present certificate%s%s in the place "
		"of the earlier one (SHA-256 %s) in %s, on every device. If nobody made it anew, "
		"somebody else answers for the server: trust nothing.",
		held->subject, wanted != NULL ? ", key id " : "", wanted != NULL ? wanted : "",
		held->sha256, file);
	fix_get_needed(draft, report, last);
	return true;
}

static bool match_same_key_other_name(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *held = tbdi_report_nearest(report, TBD_MISS_OTHER_NAME);
	if (held == NULL)
		return false;
	const struct tbd_cert *last = tbdi_path_end(report->verification->path);
	const char *file = tbdi_draft_file_of(draft, report, held);
	const char *wanted = last->self_signed ? last->subject : last->issuer;
	tbdi_draft_summary(draft,
		"%s holds the key that the chain of %s needs, but under the name %s and not %s",
		file, tbdi_draft_peer(draft, report), held->subject, wanted);
	tell_needed(draft, last, last->self_signed);
	draft->nearest = held;
	tbdi_draft_fix(draft,
		"The CA was renamed, or its key was certified under a second name. Paths are built "
		"by names: put the certificate of %s into %s, beside or instead of %s (SHA-256 "
		"%s).",
		wanted, file, held->subject, held->sha256);
	fix_get_needed(draft, report, last);
	return true;
}

static bool match_private_root_sent(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_UNTRUSTED_ROOT);
	if (path == NULL)
		return false;
	const struct tbd_cert *root = tbdi_path_end(path);
	tbdi_draft_summary(draft, "the chain of %s ends in a root that is not in %s: %s%s",
		tbdi_draft_peer(draft, report), tbdi_draft_store(draft, report), root->subject,
		system_remark(draft, report, root->subject));
	draft->cert = root;
	if (tbdi_report_system_anchor(report) == NULL)
		tbdi_draft_fix(draft, "The device has to trust the root %s.", root->subject);
	fix_get_needed(draft, report, root);
	return true;
}

static void download_evidence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_download *download = tbdi_download_of(report);
	if (download == NULL)
		return;
	tbdi_draft_text(draft, "fetch_url", download->url);
	tbdi_draft_text(draft, "fetch_error", download->detail);
	if (download->cert != NULL)
		tbdi_draft_text(draft, "fetch_sha256", download->cert->sha256);
	tbdi_draft_text(draft, "completes", report->fixed->proven ? "yes" : "no");
}

/* A private CA often signs servers with its root. Only an address where the issuer can be had says that
 * there is one above it. */
static bool match_missing_intermediate(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NO_ISSUER);
	if (path == NULL || tbdi_path_end(path)->is_ca)
		return false;
	const struct tbd_cert *last = tbdi_path_end(path);
	const char *url = tbdi_issuer_url(last);
	tbdi_draft_summary(draft,
		"%s does not %s the %s %s that issued its certificate, and %s does not hold it",
		tbdi_draft_peer(draft, report), tbdi_report_sends(report),
		url != NULL ? "intermediate" : "CA", last->issuer, tbdi_draft_store(draft, report));
	draft->cert = last;
	tbdi_draft_text(draft, "aia", url);
	download_evidence(draft, report);
	tbdi_draft_number(draft, "sent", report->chain != NULL ? (int64_t)report->chain->count : 0);
	tbdi_draft_fix_append_issuer(draft, report, last);
	return true;
}

static bool match_wrong_root(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NO_ISSUER);
	if (path == NULL)
		return false;
	const struct tbd_cert *last = tbdi_path_end(path);
	const struct tbd_cert *sibling = tbdi_report_nearest(report, TBD_MISS_SIBLING);
	bool key_known = last->authority_key_id != NULL;
	tbdi_draft_summary(draft, "the chain of %s needs the root %s, which is not in %s%s",
		tbdi_draft_peer(draft, report), last->issuer, tbdi_draft_store(draft, report),
		system_remark(draft, report, last->issuer));
	draft->cert = last;
	draft->nearest = sibling;
	tbdi_draft_fix(draft, "The device needs the certificate of %s%s%s as its CA file.",
		last->issuer, key_known ? ", key id " : "",
		key_known ? last->authority_key_id : "");
	if (sibling != NULL)
		tbdi_draft_fix(draft,
			"What it has, %s (until %s), is an intermediate of that root, and the "
			"server has another one by now: trust the root instead.",
			sibling->subject, tbdi_draft_date_text(draft, sibling->not_after));
	fix_get_issuer(draft, report, last);
	tbdi_draft_fix_cloud(draft, report);
	return true;
}

static bool match_unknown(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || report->chain == NULL || report->chain->count == 0 ||
		(verification->path != NULL && verification->path->anchored))
		return false;
	/* A certificate of the chain is at fault: the rules of the stage policy say which. */
	if (verification->path != NULL && verification->path->fault != TBD_FAULT_NONE &&
		verification->path->fault != TBD_FAULT_MALFORMED)
		return false;
	const struct tbd_cert *leaf = report->chain->certs[0];
	const struct tbd_nearest *nearest = verification->nearest;
	tbdi_draft_summary(draft, "no path leads from the certificate of %s to %s",
		tbdi_draft_peer(draft, report), tbdi_draft_store(draft, report));
	draft->cert = leaf;
	tbdi_draft_text(draft, "fault",
		verification->path != NULL ? tbd_fault_name(verification->path->fault) : NULL);
	if (nearest != NULL && nearest->cert != NULL) {
		draft->nearest = nearest->cert;
		tbdi_draft_text(draft, "differs", tbd_miss_name(nearest->miss));
	}
	tbdi_draft_fix(draft,
		"Compare what was sent (the server's certificate has SHA-256 %s) with %s:",
		leaf->sha256, tbdi_draft_store(draft, report));
	tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_argument(draft, report));
	return true;
}

/* ---- no CA file can be made ------------------------------------------------------------------- */

/* Something was sent that would do, if only somebody vouched for it. */
static void unproven_sent(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *wanted)
{
	const char *peer = tbdi_draft_peer(draft, report);
	if (wanted != NULL)
		tbdi_draft_summary(draft,
			"no trust file can be recommended for %s: its chain ends in %s, whose "
			"SHA-256 is not the one that is expected",
			peer, cert->subject);
	else
		tbdi_draft_summary(draft,
			"no trust file can be recommended for %s: nobody but whoever answered "
			"vouches for %s",
			peer, cert->subject);
	tell_needed(draft, cert, true);
	tbdi_draft_fix(draft,
		"Ask whoever runs %s, by another way than this connection, for the SHA-256 of %s. "
		"On the server it is shown by this, with the name of its file:",
		peer, cert->subject);
	tbdi_draft_fix(draft, "  openssl x509 -in server.pem -noout -fingerprint -sha256");
	tbdi_draft_fix(draft, "Only if it is %s:", cert->sha256);
	tbdi_draft_fix(draft, "  tbdiag verify %s --ca-sha256 %s --save-ca server-ca.pem",
		tbdi_draft_argument(draft, report), cert->sha256);
}

/* The server handed the right file out, and nobody knows who that server is. */
static void unproven_served(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *wanted)
{
	const struct tbd_served_file *file = tbdi_report_served(report);
	const char *peer = tbdi_draft_peer(draft, report);
	if (wanted != NULL)
		tbdi_draft_summary(draft,
			"no trust file can be recommended for %s: what it hands out is %s, whose "
			"SHA-256 is not the one that is expected",
			peer, cert->subject);
	else
		tbdi_draft_summary(draft,
			"no trust file can be recommended for %s: %s came from %s, which was not "
			"verified (%s) and may be anybody",
			peer, cert->subject, file->url, file->doubt);
	tell_needed(draft, cert, true);
	tbdi_draft_text(draft, "fetch_url", file->url);
	tbdi_draft_text(draft, "reason", file->doubt);
	tbdi_draft_fix(draft,
		"Ask whoever runs %s, by another way than this connection, for the SHA-256 of %s. "
		"On the server it is shown by this, with the name of its file:",
		peer, cert->subject);
	tbdi_draft_fix(draft, "  openssl x509 -in ca-root.pem -noout -fingerprint -sha256");
	tbdi_draft_fix(draft, "Only if it is %s:", cert->sha256);
	tbdi_draft_fix(draft,
		"  tbdiag trust --from-server --web %s %s --accept-fingerprint %s -o server-ca.pem",
		tbdi_draft_web(draft, file), tbdi_draft_argument(draft, report), cert->sha256);
}

/* What is needed was not even seen, or it is not what is expected. */
static void unproven_unseen(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *last, const char *wanted)
{
	const char *peer = tbdi_draft_peer(draft, report);
	const char *url = tbdi_issuer_url(last);
	tbdi_draft_summary(draft,
		"no trust file can be recommended for %s: its chain reaches no anchor that is "
		"known%s",
		peer, wanted != NULL ? " or has the SHA-256 that is expected" : "");
	tell_needed(draft, last, false);
	tbdi_draft_fix(draft,
		"Whoever runs %s has the certificate of %s, the CA that issued %s. With its file:",
		peer, last->issuer, last->subject);
	tbdi_draft_fix(
		draft, "  tbdiag verify %s --ca-file ca.pem", tbdi_draft_argument(draft, report));
	if (url != NULL) {
		tbdi_draft_fix(
			draft, "See whether what the CA publishes at %s leads further:", url);
		tbdi_draft_fix(draft,
			"  tbdiag verify %s --system --fetch-missing --save-ca server-ca.pem",
			tbdi_draft_argument(draft, report));
	}
}

static bool match_unproven(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_needed_ca *ca = report->ca;
	if (ca == NULL || ca->cert != NULL || report->chain == NULL || report->chain->count == 0)
		return false;
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_cert *last = path != NULL ? tbdi_path_end(path) : report->chain->certs[0];
	if (ca->unproven != NULL && tbdi_report_served(report) != NULL &&
		tbdi_report_is_anchored(report))
		unproven_served(draft, report, ca->unproven, ca->sha256);
	else if (ca->unproven != NULL)
		unproven_sent(draft, report, ca->unproven, ca->sha256);
	else
		unproven_unseen(draft, report, last, ca->sha256);
	tbdi_draft_text(draft, "expected_sha256", ca->sha256);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------- */

/* Where the store itself is unusable, or the certificate that of nobody, what it does not hold is no news. */
#define STORE_FAULTS                                                                              \
	TBDI_STRINGS("ca.store-missing", "ca.store-empty", "ca.store-damaged", "ca.store-format", \
		"tls.proxy-default-certificate", "tls.sni-needed")

const struct tbdi_rule tbdi_rules_ca[] = {
	{
		TBDI_RULE("ca.intercepted", TRUST, CRITICAL, "somebody on the way inspects TLS"),
		.pub.why =
			"The issuer of the server's certificate bears the name of a product that "
			"breaks TLS open, or says so in words (SSL inspection, decryption, proxy "
			"CA): a company's firewall or web proxy, a virus scanner, a developer's "
			"debugging proxy. It makes a certificate of its own for every "
			"host, and computers it belongs to trust its CA; a device does not. It "
			"would also read what is sent, the access token included. It is a warning "
			"where the trust store holds that CA: then this machine works and a "
			"device would not.",
		.pub.fix = "Exempt the server from the inspection, or use another network.",
		.pub.evidence = TBDI_STRINGS("product", "inspector", "sha256", TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_intercepted,
	},
	{
		TBDI_RULE("ca.old-leaf", TRUST, CRITICAL,
			"the store holds another certificate of this server"),
		.pub.why =
			"The trust file holds a certificate of this very server, but not the one "
			"that is served: it was pinned, and has been renewed since, or made anew. "
			"Nothing but that one certificate was trusted, so every renewal breaks "
			"all devices. Dates and keys of both are shown. When the store's is the "
			"later one, the server still serves its predecessor: ThingsBoard before "
			"4.3 reads the file at its start only.",
		.pub.fix = "Trust the root of the server's CA instead of its certificate; a "
			   "self-signed one has to be shipped again.",
		.pub.evidence = TBDI_STRINGS(SENT_KEYS, NEAREST_KEYS, TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_old_leaf,
	},
	{
		TBDI_RULE("ca.self-signed", TRUST, CRITICAL,
			"the server's certificate is self-signed and not trusted"),
		.pub.why =
			"The server's certificate is its own issuer, as the openssl commands of "
			"ThingsBoard's documentation make it, so no CA vouches for it: a device "
			"trusts it only if this very certificate is in its store. A CA file from "
			"elsewhere, such as the one of the ThingsBoard cloud, cannot help. "
			"OpenSSL says error 18, mosquitto_pub 'A TLS error occurred', the "
			"server's log 'unknown_ca'. The renewed certificate has to be shipped to "
			"all devices again; a small CA of one's own avoids that.",
		.pub.fix =
			"Give the device the server's certificate (the file of MQTT_SSL_PEM_CERT) "
			"as its CA file, after its SHA-256 was confirmed by another way.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_self_signed,
		.causes = STORE_FAULTS,
	},
	{
		TBDI_RULE("ca.same-name-other-key", TRUST, CRITICAL,
			"the store holds a CA of the right name with another key"),
		.pub.why =
			"The trust store has a certificate of the very name that is needed, but "
			"the chain was signed by another key: the CA was made anew, or got a new "
			"key, and devices hold the earlier certificate. A look at the names shows "
			"nothing; the key identifiers and the SHA-256 of both are given. OpenSSL "
			"says error 7 or 20, wolfSSL -188 or -155, BearSSL 62. A CA that nobody "
			"made anew would be an impostor's.",
		.pub.fix = "Put the CA's present certificate in the place of the earlier one, on "
			   "every device.",
		.pub.evidence = TBDI_STRINGS(SENT_KEYS, "issuer", "issuer_key_id", NEAREST_KEYS,
			TBDI_STORE_KEYS, TBDI_SYSTEM_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_same_name_other_key,
		.causes = STORE_FAULTS,
	},
	{
		TBDI_RULE("ca.same-key-other-name", TRUST, CRITICAL,
			"the store holds the right key under another name"),
		.pub.why =
			"A certificate of the trust store has the key that signed the chain, but "
			"bears another name than the chain asks for: the CA was renamed, or its "
			"key was certified a second time, as for a cross-signature. Issuers are "
			"looked up by name, so no stack finds it. That the key fits was proven by "
			"the signature.",
		.pub.fix = "Add the CA's certificate of the name that the chain asks for, or serve "
			   "the chain that leads to the name that devices hold.",
		.pub.evidence = TBDI_STRINGS(SENT_KEYS, "issuer", "issuer_key_id", NEAREST_KEYS,
			TBDI_STORE_KEYS, TBDI_SYSTEM_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_same_key_other_name,
	},
	{
		TBDI_RULE("ca.private-root-sent", TRUST, CRITICAL,
			"the chain ends in a root that the store does not hold"),
		.pub.why =
			"The server sends its chain up to a self-signed root, but the root is not "
			"in the trust store: a private CA, or a store that belongs to another "
			"server. Whether the system's store has it is said. That a root was sent "
			"makes nobody trust it. OpenSSL says error 19, 'self-signed certificate "
			"in certificate chain'.",
		.pub.fix = "Ship this root to the devices, after its SHA-256 was confirmed by "
			   "another way.",
		.pub.evidence = TBDI_STRINGS(SENT_KEYS, TBDI_STORE_KEYS, TBDI_SYSTEM_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_private_root_sent,
		.causes = STORE_FAULTS,
	},
	{
		TBDI_RULE("ca.missing-intermediate", TRUST, CRITICAL,
			"the server does not send an intermediate certificate"),
		.pub.why =
			"The server sends its own certificate without the intermediate CA that "
			"issued it. ThingsBoard sends the content of MQTT_SSL_PEM_CERT as it is "
			"and completes nothing: with cert.pem instead of fullchain.pem, only the "
			"leaf goes out. A browser may fetch or remember the intermediate, which "
			"hides the fault; a device does not. OpenSSL says errors 20 and 21, "
			"'unable to get local issuer certificate', wolfSSL -188, BearSSL 62. "
			"Where the leaf does not say where its issuer can be had, the issuer may "
			"as well be a private root: then the device's CA file lacks it.",
		.pub.fix =
			"Put the intermediate after the server's certificate in "
			"MQTT_SSL_PEM_CERT. Do not ship it to the devices: it changes more often "
			"than the root.",
		.pub.evidence = TBDI_STRINGS(NEEDED_KEYS, "aia", "fetch_url", "fetch_error",
			"fetch_sha256", "completes", "sent", TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_missing_intermediate,
	},
	{
		TBDI_RULE("ca.wrong-root", TRUST, CRITICAL,
			"the trust store does not hold the root that is needed"),
		.pub.why =
			"The chain is sound as far as it was sent, and its last certificate names "
			"a CA that the trust store does not hold: the file belongs to another "
			"server, to an earlier CA of this one (a public server changes its CA now "
			"and then, and then all devices with the old file fail in one night), or "
			"it is the CA of the web host. Name and key identifier of what is needed "
			"are shown, what the store holds instead, and whether the system's store "
			"has it. Who pinned an intermediate is told apart: that one changes every "
			"few years, and its root does not.",
		.pub.fix = "Give the device the root that the chain needs.",
		.pub.evidence =
			TBDI_STRINGS(NEEDED_KEYS, NEAREST_KEYS, TBDI_STORE_KEYS, TBDI_SYSTEM_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_wrong_root,
		.causes = STORE_FAULTS,
	},
	{
		TBDI_RULE("ca.unknown", TRUST, CRITICAL, "no path to a trusted certificate"),
		.pub.why =
			"No path leads from the server's certificate to the trust store, and none "
			"of the known causes explains it. Most often a certificate on the way "
			"cannot be parsed.",
		.pub.fix = "Compare the chain with the store; both are in the report.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "sha256", "fault", NEAREST_KEYS, "differs", TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_unknown,
		.causes = TBDI_STRINGS("ca.store-missing", "ca.store-empty", "ca.store-damaged",
			"ca.store-format", "chain.not-parsable"),
	},
	{
		TBDI_RULE("trust.unproven", TRUST, CRITICAL, "no trust file can be recommended"),
		.pub.why =
			"A CA file for this server was asked for (tbdiag trust, or verify --save-ca), "
			"but its chain reaches no certificate that a trust source holds, and none whose "
			"SHA-256 was given (--accept-fingerprint, --ca-sha256). What a server sends "
			"proves nothing of itself, nor does a file that it hands out over a connection "
			"that was not verified: whoever sits on the way can send a root of their own, "
			"and a device that trusts it gives them its token. So nothing was written.",
		.pub.fix = "Compare the SHA-256 of its CA with whoever runs the server.",
		.pub.evidence =
			TBDI_STRINGS(SENT_KEYS, "issuer", "fetch_url", "reason", "expected_sha256"),
		.match = match_unproven,
		.causes = TBDI_STRINGS("ca.", "chain.", "time.", "policy."),
	},
	{ .pub = { .id = NULL } },
};
