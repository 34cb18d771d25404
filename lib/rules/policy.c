/* SPDX-License-Identifier: MIT
 *
 * policy.c - certificates of the needed path that are not acceptable for what they are.
 */
#include "rules/catalogue.h"

/* The certificate of the needed path that is at fault in this way, or NULL. */
static const struct tbd_cert *cert_with(const struct tbd_report *report, enum tbd_fault fault)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path != NULL && path->fault == fault && path->fault_at < path->count
		? path->certs[path->fault_at]
		: NULL;
}

/* The certificate that this one was to be verified with: the next of the path. */
static const struct tbd_cert *issuer_of(const struct tbd_path *path)
{
	return path->fault_at + 1 < path->count ? path->certs[path->fault_at + 1] : NULL;
}

static bool match_bad_signature(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_BAD_SIGNATURE);
	/* A CA that has another key by now is told as such: ca.same-name-other-key. */
	if (cert == NULL || tbdi_report_nearest(report, TBD_MISS_OTHER_KEY) != NULL)
		return false;
	const struct tbd_cert *issuer = issuer_of(report->verification->path);
	tbdi_draft_summary(draft, "the signature on %s was not made by the key of %s",
		cert->subject, issuer != NULL ? issuer->subject : cert->issuer);
	draft->cert = cert;
	tbdi_draft_text(draft, "issuer_sha256", issuer != NULL ? issuer->sha256 : NULL);
	tbdi_draft_fix(draft,
		"%s was signed by another key of that name, or was changed afterwards. Issue it "
		"again, or put the CA certificate that did sign it in the place of %s%s; then:",
		cert->subject, issuer != NULL ? "the one with SHA-256 " : "the present one",
		issuer != NULL ? issuer->sha256 : "");
	tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
	return true;
}

/* What of this signature GnuTLS does not know: the algorithm, or else the issuer's key. */
static const char *unknown_text(
	struct tbdi_draft *draft, const struct tbd_cert *cert, const struct tbd_cert *issuer)
{
	bool has_oid =
		cert->signature_algorithm[strspn(cert->signature_algorithm, "0123456789.")] == '\0';
	if (has_oid || issuer == NULL)
		return tbdi_draft_format(
			draft, "the signature algorithm %s", cert->signature_algorithm);
	if (issuer->key_curve != NULL)
		return tbdi_draft_format(draft, "the curve %s", issuer->key_curve);
	return tbdi_draft_format(draft, "the kind of key %s", issuer->key_algorithm);
}

/* Who knows the curve of this key, or NULL. */
static const char *who_knows(const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_verification *verification = report->verification;
	for (size_t i = 0; i < verification->departure_count; i++) {
		const struct tbd_departure *departure = verification->departures[i];
		if (departure->cert == cert && strncmp(departure->what, "key-", 4) == 0)
			return departure->accepted_by;
	}
	return NULL;
}

static bool match_unknown_algorithm(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_UNKNOWN_ALGORITHM);
	if (cert == NULL)
		return false;
	const struct tbd_cert *issuer = issuer_of(report->verification->path);
	const char *known = issuer != NULL ? who_knows(report, issuer) : NULL;
	tbdi_draft_summary(draft,
		"GnuTLS does not know %s, so that the signature of %s on %s cannot be checked here%s%s",
		unknown_text(draft, cert, issuer), cert->issuer, cert->subject,
		tbdi_draft_after(draft, "; known to: ", known),
		known != NULL ? "" : ": whether it is good is not known");
	draft->cert = cert;
	tbdi_draft_text(draft, "algorithm", cert->signature_algorithm);
	tbdi_draft_text(draft, "curve", issuer != NULL ? issuer->key_curve : NULL);
	tbdi_draft_text(draft, "accepted_by", known);
	tbdi_draft_fix(draft, "See what OpenSSL says:");
	tbdi_draft_fix(
		draft, "  tbdiag chain %s --save chain.pem", tbdi_draft_argument(draft, report));
	tbdi_draft_fix(draft, "  openssl verify -CAfile %s -untrusted chain.pem chain.pem",
		issuer != NULL && issuer->file != NULL ? tbdi_draft_word(draft, issuer->file)
						       : "ca.pem");
	tbdi_draft_fix(draft,
		"For all clients, give the CA a key on the curve P-256, and sign the server's certificate by "
		"that.");
	return true;
}

static bool match_not_a_ca(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_NOT_A_CA);
	if (cert == NULL)
		return false;
	const char *lack = !cert->has_basic_constraints ? "basicConstraints is missing"
		: !cert->is_ca                          ? "basicConstraints says CA:FALSE"
							: "keyUsage does not allow keyCertSign";
	tbdi_draft_summary(draft, "%s stands in the path as an issuer but is not a CA: %s",
		cert->subject, lack);
	draft->cert = cert;
	tbdi_draft_text(draft, "lack", lack);
	tbdi_draft_text(draft, "key_usage", tbdi_draft_list(draft, cert->key_usage));
	tbdi_draft_fix(draft,
		"Issue %s again as a CA, of the same name and key, so that what it signed stays good.",
		cert->subject);
	tbdi_draft_fix_sign_again(draft, report, cert, TBDI_CA_EXTENSIONS);
	return true;
}

static bool match_path_length(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_PATH_LENGTH);
	if (cert == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%s allows %d CA certificates below it (pathLenConstraint), and there are more",
		cert->subject, cert->path_length);
	draft->cert = cert;
	tbdi_draft_number(draft, "path_length", cert->path_length);
	tbdi_draft_number(draft, "path_count", (int64_t)report->verification->path->count);
	const char *extensions = tbdi_draft_format(draft,
		"basicConstraints=critical,CA:TRUE,pathlen:%zu "
		"keyUsage=critical,keyCertSign,cRLSign",
		report->verification->path->count - 2);
	tbdi_draft_fix(draft,
		"Issue the server's certificate by a CA that stands nearer to %s, or issue that "
		"CA again with a larger value%s.",
		cert->subject, cert->self_signed ? ", with its own key" : "");
	tbdi_draft_fix_sign_again(draft, report, cert, extensions);
	return true;
}

static bool match_name_constraints(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_NAME_CONSTRAINTS);
	if (cert == NULL)
		return false;
	const char *host = tbdi_report_host(report);
	tbdi_draft_summary(draft,
		"the CA %s may not issue certificates for the names of this server", cert->subject);
	draft->cert = cert;
	tbdi_draft_text(draft, "host", host);
	tbdi_draft_fix(draft,
		"Use a host name inside the nameConstraints of %s (SHA-256 %s), or a CA without "
		"them%s%s. They are shown by:",
		cert->subject, cert->sha256, host != NULL ? " for " : "", host != NULL ? host : "");
	tbdi_draft_fix(
		draft, "  tbdiag chain %s --save chain.pem", tbdi_draft_argument(draft, report));
	tbdi_draft_fix(draft,
		"  openssl storeutl -noout -text -certs chain.pem | grep -A 6 'Name Constraints'");
	return true;
}

static bool allows(const struct tbd_cert *cert, const char *use)
{
	for (const char *const *item = cert->key_usage; *item != NULL; item++)
		if (strcmp(*item, use) == 0)
			return true;
	return false;
}

/* What a server does with its key in TLS 1.3 and in the suites of 1.2; in the oldest devices encrypt to it. */
static const char *needed_use(const struct tbd_report *report)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	const char *suite = tls != NULL ? tls->cipher_suite : NULL;
	bool encrypts = suite != NULL && strncmp(suite, "TLS_RSA_", 8) == 0;
	return encrypts ? "keyEncipherment" : "digitalSignature";
}

/* A path is accepted with it: what refuses it are stacks that look at what the handshake needs. */
static bool match_unfit_key_usage(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_cert *leaf = path != NULL ? path->certs[0] : NULL;
	const char *use = needed_use(report);
	bool is_good = leaf == NULL || leaf->error != NULL || path->fault != TBD_FAULT_NONE;
	if (is_good || !leaf->has_key_usage || allows(leaf, use))
		return false;
	/* What OpenSSL looks for. */
	bool is_taken = allows(leaf, "digitalSignature") || allows(leaf, "keyEncipherment") ||
		allows(leaf, "keyAgreement");
	if (is_taken)
		draft->severity = TBD_SEVERITY_WARNING;
	draft->cert = leaf;
	tbdi_draft_summary(draft,
		"the keyUsage of %s does not allow %s, which %s: GnuTLS refuses it, mbedTLS says "
		"-0x7a00, BearSSL 28; OpenSSL, Python, Node and mosquitto %s",
		leaf->subject, use,
		strcmp(use, "keyEncipherment") == 0 ? "the suite that was agreed on needs"
						    : "TLS 1.3 and all suites with ECDHE need",
		is_taken ? "connect" : "say error 26");
	tbdi_draft_text(draft, "key_usage", tbdi_draft_list(draft, leaf->key_usage));
	tbdi_draft_fix(draft, "Issue %s again and add %s.", leaf->subject, use);
	tbdi_draft_fix_sign_again(draft, report, leaf,
		allows(leaf, "keyEncipherment") || strcmp(use, "keyEncipherment") == 0
			? "extendedKeyUsage=serverAuth "
			  "keyUsage=critical,digitalSignature,keyEncipherment"
			: TBDI_SERVER_EXTENSIONS);
	return true;
}

/* It may be used by a server, but not as some clients read it. */
static bool match_purpose_of_some(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure = tbdi_report_refusal(
		report, TBDI_STRINGS("netscape-type", "any-purpose", "any-purpose-ca"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *cert = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft, "%s: %s: %s", cert->subject, departure->text, who);
	tbdi_draft_text(draft, "purposes", tbdi_draft_list(draft, cert->purposes));
	tbdi_draft_text(draft, "departures", departure->text);
	tbdi_draft_fix(draft, "Issue %s again for servers.", cert->subject);
	tbdi_draft_fix_sign_again(
		draft, report, cert, cert->is_ca ? TBDI_CA_EXTENSIONS : TBDI_SERVER_EXTENSIONS);
	return true;
}

static bool match_wrong_purpose(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_PURPOSE);
	if (cert == NULL)
		return match_purpose_of_some(report, draft) || match_unfit_key_usage(report, draft);
	const char *purposes = tbdi_draft_list(draft, cert->purposes);
	const char *uses = tbdi_draft_list(draft, cert->key_usage);
	tbdi_draft_summary(draft, "%s may not be used by a TLS server, only for: %s", cert->subject,
		purposes != NULL       ? purposes
			: uses != NULL ? uses
				       : "other uses");
	draft->cert = cert;
	tbdi_draft_text(draft, "purposes", purposes);
	tbdi_draft_text(draft, "key_usage", tbdi_draft_list(draft, cert->key_usage));
	tbdi_draft_fix(draft, "Issue %s again for servers.", cert->subject);
	tbdi_draft_fix_sign_again(
		draft, report, cert, cert->is_ca ? TBDI_CA_EXTENSIONS : TBDI_SERVER_EXTENSIONS);
	return true;
}

static bool match_unknown_critical(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_UNKNOWN_CRITICAL);
	if (cert == NULL)
		return false;
	const char *oids = tbdi_draft_list(draft, cert->unknown_critical);
	tbdi_draft_summary(draft, "%s has a critical extension that is not understood: %s",
		cert->subject, oids != NULL ? oids : "?");
	draft->cert = cert;
	tbdi_draft_text(draft, "oids", oids);
	tbdi_draft_fix(draft,
		"Issue %s again without the extension %s, or without marking it critical.",
		cert->subject, oids != NULL ? oids : "");
	tbdi_draft_fix_sign_again(
		draft, report, cert, cert->is_ca ? TBDI_CA_EXTENSIONS : TBDI_SERVER_EXTENSIONS);
	return true;
}

/* Signatures of the path matter, but not the one of the anchor: it is trusted for itself. */
static size_t signatures_that_matter(const struct tbd_path *path)
{
	return path->anchored || path->certs[path->count - 1]->self_signed ? path->count - 1
									   : path->count;
}

static bool is_hash(const struct tbd_cert *cert, const char *hash)
{
	return cert->signature_hash != NULL && strcmp(cert->signature_hash, hash) == 0;
}

/* The first certificate of the path with a signature of that hash, or NULL. */
static const struct tbd_cert *signed_with(const struct tbd_path *path, const char *hash)
{
	for (size_t i = 0; i < signatures_that_matter(path); i++)
		if (is_hash(path->certs[i], hash))
			return path->certs[i];
	return NULL;
}

/* A certificate whose signature is no protection at all, or NULL. */
static const struct tbd_cert *broken_signature(const struct tbd_report *report)
{
	static const char *const broken[] = { "MD2", "MD4", "MD5" };
	const struct tbd_cert *cert = cert_with(report, TBD_FAULT_WEAK_SIGNATURE);
	for (size_t i = 0; cert == NULL && i < TBDI_COUNT(broken); i++)
		cert = signed_with(report->verification->path, broken[i]);
	return cert;
}

static bool match_weak_signature(const struct tbd_report *report, struct tbdi_draft *draft)
{
	if (tbdi_report_path(report) == NULL)
		return false;
	const struct tbd_cert *broken = broken_signature(report);
	const struct tbd_cert *cert =
		broken != NULL ? broken : signed_with(report->verification->path, "SHA1");
	if (cert == NULL)
		return false;
	if (broken != NULL)
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_summary(draft, "%s is signed with %s, which %s", cert->subject,
		cert->signature_algorithm,
		broken != NULL && !is_hash(broken, "SHA1") ? "is no protection any more"
							   : "many clients refuse");
	draft->cert = cert;
	tbdi_draft_text(draft, "algorithm", cert->signature_algorithm);
	tbdi_draft_fix(draft, "Have %s sign %s again with SHA-256.", cert->issuer, cert->subject);
	tbdi_draft_fix_sign_again(draft, report, cert, NULL);
	return true;
}

enum {
	RSA_BITS = 2048,        /* less is refused by many */
	RSA_BROKEN_BITS = 1024, /* less can be factored */
};

static bool is_modulus_key(const struct tbd_cert *cert)
{
	return cert->key_algorithm != NULL &&
		(strncmp(cert->key_algorithm, "RSA", 3) == 0 ||
			strcmp(cert->key_algorithm, "DSA") == 0);
}

/* Another one than the three that everybody has; of those that GnuTLS does not know policy.unknown-algorithm and
 * policy.rare-key tell. */
static bool is_rare_curve(const struct tbd_cert *cert)
{
	static const char *const common[] = { "P-256", "P-384", "P-521" };
	if (cert->key_curve == NULL || cert->key_algorithm == NULL || cert->key_bits == 0 ||
		strcmp(cert->key_algorithm, "EC") != 0)
		return false;
	for (size_t i = 0; i < TBDI_COUNT(common); i++)
		if (strcmp(cert->key_curve, common[i]) == 0)
			return false;
	return true;
}

/* The certificate of the path whose key is weakest, or NULL: all are fine. */
static const struct tbd_cert *weak_key_cert(const struct tbd_path *path)
{
	const struct tbd_cert *weakest = NULL;
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		if (cert->error != NULL)
			continue;
		bool small = is_modulus_key(cert) && cert->key_bits < RSA_BITS;
		if ((small || is_rare_curve(cert)) &&
			(weakest == NULL || cert->key_bits < weakest->key_bits))
			weakest = cert;
	}
	return weakest;
}

static bool match_weak_key(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_cert *refused = cert_with(report, TBD_FAULT_WEAK_KEY);
	const struct tbd_cert *cert = refused;
	if (cert == NULL && path != NULL)
		cert = weak_key_cert(path);
	if (cert == NULL)
		return false;
	bool broken = is_modulus_key(cert) && cert->key_bits < RSA_BROKEN_BITS;
	draft->severity = broken || refused != NULL ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_WARNING;
	tbdi_draft_summary(draft, "the key of %s is %s%s%s with %u bits, which %s", cert->subject,
		cert->key_algorithm, cert->key_curve != NULL ? " " : "",
		cert->key_curve != NULL ? cert->key_curve : "", cert->key_bits,
		broken ? "is no protection any more" : "some clients refuse");
	draft->cert = cert;
	tbdi_draft_text(draft, "algorithm", cert->key_algorithm);
	tbdi_draft_text(draft, "curve", cert->key_curve);
	tbdi_draft_number(draft, "bits", cert->key_bits);
	tbdi_draft_fix(draft,
		"Make a new key for %s, and have its certificate issued for that:", cert->subject);
	tbdi_draft_fix_new_key(draft, report, cert);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_policy[] = {
	{
		TBDI_RULE("policy.bad-signature", POLICY, CRITICAL, "a signature does not verify"),
		.pub.why =
			"A certificate names an issuer that is at hand, but its signature does "
			"not fit that issuer's key. Either the CA was made anew under its old "
			"name (same name, other key) and the wrong generation is in the chain or "
			"the store, or the certificate was changed after it was signed. OpenSSL "
			"says error 7.",
		.pub.fix = "Use the issuer's certificate that belongs to the key which signed.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "sha256", "issuer", "issuer_key_id", "issuer_sha256"),
		.match = match_bad_signature,
	},
	{
		TBDI_RULE("policy.unknown-algorithm", POLICY, CRITICAL,
			"a signature cannot be checked here"),
		.pub.why =
			"A certificate of the path is signed in a way that GnuTLS, which this program stands "
			"upon, does not know: a key on a Brainpool curve, on secp256k1 or on a binary curve, "
			"or a rare algorithm. So nothing is known of that signature; it need not be bad. "
			"OpenSSL knows them all, mbedTLS the first two, BearSSL none. The peer counts as not "
			"verified, and no token goes there.",
		.pub.fix = "Let OpenSSL judge the chain; for all clients take the curve P-256.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "sha256", "issuer", "algorithm", "curve", "accepted_by"),
		.match = match_unknown_algorithm,
	},
	{
		TBDI_RULE("policy.not-a-ca", POLICY, CRITICAL, "an issuer in the path is not a CA"),
		.pub.why =
			"A certificate in the path signed another one, but is not allowed to: its "
			"basicConstraints do not say CA:TRUE, or its keyUsage lacks keyCertSign. "
			"Such certificates come from home-made CAs without an extension file; "
			"OpenSSL says error 24 or 79, BearSSL 58.",
		.pub.fix = "Issue the CA certificate again with CA:TRUE and keyCertSign.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "lack", "key_usage"),
		.match = match_not_a_ca,
	},
	{
		TBDI_RULE("policy.path-length", POLICY, CRITICAL,
			"a CA allows fewer CAs below it than there are"),
		.pub.why =
			"A CA certificate limits how many further CA certificates may follow "
			"below it (pathLenConstraint), and the path has more. OpenSSL says error "
			"25.",
		.pub.fix = "Issue from a CA nearer to the root, or raise the limit.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "path_length", "path_count"),
		.match = match_path_length,
	},
	{
		TBDI_RULE("policy.name-constraints", POLICY, CRITICAL,
			"the CA may not issue for this name"),
		.pub.why =
			"A CA of the path is restricted to certain names (nameConstraints), and a "
			"name in the server's certificate lies outside of them. Company CAs are "
			"often restricted to the company's own domain.",
		.pub.fix = "Use a name inside the permitted domains, or another CA.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "host"),
		.match = match_name_constraints,
	},
	{
		TBDI_RULE("policy.wrong-purpose", POLICY, CRITICAL,
			"a certificate is not meant for TLS servers"),
		.pub.why =
			"A certificate of the path says what it may be used for (extendedKeyUsage "
			"or keyUsage), and a TLS server is not among it. Most often a client "
			"certificate (clientAuth), made for a device, was installed on the "
			"server. OpenSSL says error 26. A keyUsage without digitalSignature, as the "
			"recipes of old guides have it (keyEncipherment, dataEncipherment), is a "
			"warning: OpenSSL takes it, but the key has to sign in TLS 1.3 and with "
			"ECDHE, and GnuTLS, mbedTLS and BearSSL look. So is what only OpenSSL, with "
			"what stands upon it, refuses: it does not take anyExtendedKeyUsage for "
			"serverAuth, and still reads nsCertType.",
		.pub.fix =
			"Install a certificate with extendedKeyUsage serverAuth, whose keyUsage, "
			"if it has one, allows digitalSignature.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "sha256", "purposes", "key_usage", "departures", TBDI_WHO_KEYS),
		.match = match_wrong_purpose,
	},
	{
		TBDI_RULE("policy.unknown-critical", POLICY, CRITICAL,
			"a critical extension is unknown"),
		.pub.why = "A certificate of the path has an extension that is marked critical and "
			   "that is not understood here; its OID is shown. RFC 5280 demands that "
			   "such a certificate is refused. OpenSSL says error 34, BearSSL 57.",
		.pub.fix = "Issue the certificate without it, or not critical.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "oids"),
		.match = match_unknown_critical,
	},
	{
		TBDI_RULE("policy.weak-signature", POLICY, WARNING,
			"a signature of the path is weak"),
		.pub.why =
			"A certificate of the path is signed with SHA-1, for which collisions "
			"have been made; many clients refuse it by default. With MD5, or where it "
			"makes the path unacceptable here, it is critical. The signature on a "
			"trust anchor does not count: an anchor is trusted because it is in the "
			"store.",
		.pub.fix = "Have the certificate issued again with SHA-256.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "algorithm", "issuer"),
		.match = match_weak_signature,
	},
	{
		TBDI_RULE("policy.weak-key", POLICY, WARNING, "a key of the path is weak or rare"),
		.pub.why =
			"A certificate of the path has an RSA key of less than 2048 bits, or a "
			"key on a curve that many device stacks do not have. Below 1024 bits, or "
			"where it makes the path unacceptable here, it is critical: such keys "
			"have been broken.",
		.pub.fix = "Make a new key on the curve P-256, or RSA with 2048 bits.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "algorithm", "curve", "bits"),
		.match = match_weak_key,
	},
	{ .pub = { .id = NULL } },
};
