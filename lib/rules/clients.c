/* SPDX-License-Identifier: MIT
 *
 * clients.c - what clients of today refuse although the path is good: who does, and what helps. The table of it is
 * lib/verify/clients.c.
 */
#include "rules/trust.h"

const struct tbd_departure *tbdi_report_refusal(
	const struct tbd_report *report, const char *const *words)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NONE);
	for (size_t i = 0; path != NULL && i < report->verification->departure_count; i++) {
		const struct tbd_departure *departure = report->verification->departures[i];
		/* A report that was read may leave out what we never do. */
		if (departure->cert == NULL || departure->refused_by == NULL)
			continue;
		for (const char *const *word = words; *word != NULL; word++)
			if (strcmp(departure->what, *word) == 0)
				return departure;
	}
	return NULL;
}

bool tbdi_report_is_refused(const struct tbd_report *report)
{
	const struct tbd_verification *verification = report->verification;
	for (size_t i = 0; i < verification->departure_count; i++)
		if (verification->departures[i]->severity >= TBD_SEVERITY_WARNING)
			return true;
	return false;
}

static const char *refusal_text(struct tbdi_draft *draft, const struct tbdi_sides *sides)
{
	const char *text = tbdi_draft_format(
		draft, "%s %s it now", sides->refuse, sides->one_refuses ? "refuses" : "refuse");
	if (sides->accept == NULL)
		return text;
	return tbdi_draft_format(draft, "%s, %s %s it", text, sides->accept,
		sides->one_accepts ? "accepts" : "accept");
}

static bool is_one(const char *list)
{
	return list != NULL && strstr(list, " and ") == NULL;
}

const char *tbdi_draft_refusal(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_departure *departure)
{
	struct tbdi_sides sides = { departure->refused_by, departure->accepted_by,
		is_one(departure->refused_by), is_one(departure->accepted_by) };
	/* What was asked knows better than what was tried once. */
	if (report->verification->verified)
		tbdi_draft_sides(draft, report, &sides);
	draft->cert = departure->cert;
	draft->severity = departure->severity;
	tbdi_draft_text(draft, "refused_by", sides.refuse);
	tbdi_draft_text(draft, "accepted_by", sides.accept);
	return refusal_text(draft, &sides);
}

/* ---- the CA ---------------------------------------------------------------------------------- */

/* The certificate that stands above this one in the path, or NULL. */
static const struct tbd_cert *issuer_in(const struct tbd_path *path, const struct tbd_cert *cert)
{
	for (size_t i = 0; i + 1 < path->count; i++)
		if (path->certs[i] == cert)
			return path->certs[i + 1];
	return NULL;
}

/* A subject that is not the other's: of its common name. */
static const char *another_subject(struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	return tbdi_draft_word(draft,
		tbdi_draft_format(draft, "/CN=CA of %s",
			tbdi_is_plain_common_name(cert->common_name) ? cert->common_name
								     : "the server"));
}

static bool match_same_subject(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("same-subject"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *cert = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft,
		"%s has the subject of the CA that signed it, and so looks self-signed: %s",
		cert->subject, who);
	tbdi_draft_fix(draft,
		"Give the CA a subject of its own, with the key it has, and sign the server's certificate by "
		"that.");
	tbdi_draft_fix(draft,
		"  openssl req -x509 -new -key issuer-key.pem -subj %s -days 3650 -addext "
		"basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out issuer.pem",
		another_subject(draft, cert));
	tbdi_draft_fix_sign_again(draft, report, cert, TBDI_SERVER_EXTENSIONS);
	tbdi_draft_fix(
		draft, "Every device needs issuer.pem in the place of the old CA file; then:");
	tbdi_draft_fix(draft, "  tbdiag verify %s --ca-file issuer.pem",
		tbdi_draft_argument(draft, report));
	return true;
}

static bool match_contradicting_key_id(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("issuer-key-id", "issuer-serial"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *cert = departure->cert;
	const struct tbd_cert *issuer = issuer_in(report->verification->path, cert);
	bool by_serial = strcmp(departure->what, "issuer-serial") == 0;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft,
		"%s was signed by the key of %s, but its authorityKeyIdentifier names another %s: %s",
		cert->subject, issuer != NULL ? issuer->subject : cert->issuer,
		by_serial ? "certificate of it, by serial number" : "key identifier", who);
	tbdi_draft_text(draft, "issuer_key_id", cert->authority_key_id);
	tbdi_draft_text(draft, "ca_key_id", issuer != NULL ? issuer->subject_key_id : NULL);
	tbdi_draft_text(draft, "issuer_sha256", issuer != NULL ? issuer->sha256 : NULL);
	if (issuer == NULL) {
		tbdi_draft_fix(draft, "Make %s again, without issuer and serial number in it.",
			cert->subject);
		tbdi_draft_fix_sign_again(draft, report, cert, TBDI_CA_EXTENSIONS);
		return true;
	}
	tbdi_draft_fix(draft,
		"%s was made anew after it had signed. Have %s signed again by the present one, or put the "
		"certificate that it was signed under back %s.",
		issuer->subject, cert->subject,
		tbdi_chain_has(report, issuer) ? "into what the server sends"
					       : "into the trust file");
	tbdi_draft_fix_sign_again(
		draft, report, cert, cert->is_ca ? TBDI_CA_EXTENSIONS : TBDI_SERVER_EXTENSIONS);
	return true;
}

/* ---- what small stacks lack ------------------------------------------------------------------ */

static bool match_critical_constraints(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure = tbdi_report_refusal(
		report, TBDI_STRINGS("critical-constraints", "critical-constraints-anchor"));
	if (departure == NULL)
		return false;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft,
		"%s has critical nameConstraints, as it should, which small stacks cannot read: %s",
		departure->cert->subject, who);
	tbdi_draft_fix(draft,
		"Nothing has to be done for other clients. For devices with such a stack, have the server's "
		"certificate issued by a CA without nameConstraints.");
	return true;
}

/* "Ed25519", "RSA with 8192 bits", "EC brainpoolP256r1" */
static const char *key_text(struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	if (cert->key_curve != NULL)
		return tbdi_draft_format(draft, "%s %s", cert->key_algorithm, cert->key_curve);
	bool sized = strncmp(cert->key_algorithm, "RSA", 3) == 0;
	return sized
		? tbdi_draft_format(draft, "%s with %u bits", cert->key_algorithm, cert->key_bits)
		: cert->key_algorithm;
}

static bool match_rare_key(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure = tbdi_report_refusal(report,
		TBDI_STRINGS("key-edwards", "key-rsa-pss", "key-dsa", "key-large-rsa", "key-curve",
			"key-binary-curve"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *cert = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(
		draft, "the key of %s is %s: %s", cert->subject, key_text(draft, cert), who);
	tbdi_draft_text(draft, "algorithm", cert->key_algorithm);
	tbdi_draft_text(draft, "curve", cert->key_curve);
	if (cert->key_bits > 0)
		tbdi_draft_number(draft, "bits", cert->key_bits);
	tbdi_draft_fix(draft,
		"Nothing has to be done for other clients. For devices with such a stack make a new key for "
		"%s, and have its certificate issued for that:",
		cert->subject);
	tbdi_draft_fix_new_key(draft, report, cert);
	return true;
}

static bool match_rare_signature(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("signature-rsa-pss"));
	if (departure == NULL)
		return false;
	const struct tbd_cert *cert = departure->cert;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(
		draft, "%s is signed with %s: %s", cert->subject, cert->signature_algorithm, who);
	tbdi_draft_text(draft, "algorithm", cert->signature_algorithm);
	tbdi_draft_fix(draft,
		"Nothing has to be done for other clients. For devices with such a stack have %s sign %s "
		"without PSS.",
		cert->issuer, cert->subject);
	tbdi_draft_fix_sign_again(
		draft, report, cert, cert->is_ca ? TBDI_CA_EXTENSIONS : TBDI_SERVER_EXTENSIONS);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* They stand before those of a path that ends well. */
const struct tbdi_rule tbdi_rules_clients_ca[] = {
	{
		TBDI_RULE("ca.same-subject", TRUST, WARNING,
			"the CA and the certificate it signed have one subject"),
		.pub.why =
			"The CA and the server's certificate bear the same subject, as where one -subj was used "
			"for both. The signature is good, but a client that goes by names takes the server's "
			"certificate for a self-signed one that nobody trusts: OpenSSL says error 18, "
			"'self-signed certificate', and so do the programs upon it. mosquitto-tls(7) warns of "
			"it. Key identifiers that differ in both (SKI and AKI) keep them apart.",
		.pub.fix =
			"Make the CA's certificate again with a subject of its own, and sign by it.",
		.pub.evidence =
			TBDI_STRINGS("subject", "issuer", "sha256", TBDI_WHO_KEYS, TBDI_STORE_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_same_subject,
	},
	{
		TBDI_RULE("ca.contradicting-key-id", TRUST, WARNING,
			"a certificate names another issuer than the one that signed it"),
		.pub.why =
			"The signature is good, but the certificate's authorityKeyIdentifier contradicts its "
			"issuer's certificate: another key identifier, or the serial number of an earlier "
			"certificate of that CA (authorityKeyIdentifier=issuer:always, and the CA was made "
			"anew with its old key). RFC 5280 does not forbid it; OpenSSL then looks for another "
			"issuer and says error 20, 'unable to get local issuer certificate'. There is no path "
			"without the contradiction.",
		.pub.fix = "Sign the certificate again by the CA's present certificate.",
		.pub.evidence = TBDI_STRINGS("subject", "issuer", "issuer_key_id", "ca_key_id",
			"issuer_sha256", "sha256", TBDI_WHO_KEYS),
		.group = TBDI_GROUP_CA,
		.match = match_contradicting_key_id,
	},
	{ .pub = { .id = NULL } },
};

const struct tbdi_rule tbdi_rules_clients[] = {
	{
		TBDI_RULE("policy.critical-constraints", POLICY, INFO,
			"a CA has nameConstraints, which small stacks cannot read"),
		.pub.why =
			"A CA of the path is restricted to certain names by an extension that is critical, as "
			"RFC 5280 demands. Stacks that do not know it have to refuse the CA: mbedTLS 2.28 "
			"cannot even parse it (-0x2562, in the trust file as well), BearSSL says 57. Others "
			"are fine, so that this changes no verdict.",
		.pub.fix = "For such devices, a CA without nameConstraints.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", TBDI_WHO_KEYS),
		.match = match_critical_constraints,
	},
	{
		TBDI_RULE("policy.rare-key", POLICY, INFO,
			"a key is of a kind that small stacks lack"),
		.pub.why =
			"A certificate of the path has a key that is sound and that stacks for devices do not "
			"know: Ed25519 or Ed448, an RSA key for PSS signatures alone, DSA, a Brainpool curve "
			"or secp256k1, RSA of more than 4096 bits. Who refuses is said (mbedTLS -0x7780 or "
			"-0x3c80, BearSSL 49, 50 or 296). Others are fine, so that this changes no verdict.",
		.pub.fix = "For such devices, a key on the curve P-256, or RSA with 2048 bits.",
		.pub.evidence = TBDI_STRINGS(
			"subject", "sha256", "algorithm", "curve", "bits", TBDI_WHO_KEYS),
		.match = match_rare_key,
	},
	{
		TBDI_RULE("policy.rare-signature", POLICY, INFO,
			"a signature is of a kind that small stacks lack"),
		.pub.why =
			"A certificate of the path is signed with RSA-PSS, which is sound and which "
			"BearSSL does not know for certificates (error 49). Others are fine, so that this "
			"changes no verdict.",
		.pub.fix = "For such devices, a signature with PKCS #1 1.5 or ECDSA.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "algorithm", TBDI_WHO_KEYS),
		.match = match_rare_signature,
	},
	{ .pub = { .id = NULL } },
};
