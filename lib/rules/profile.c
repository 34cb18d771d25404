/* SPDX-License-Identifier: MIT
 *
 * profile.c - what stricter clients than devices refuse.
 */
#include "rules/catalogue.h"

/* Lines of an extension file of OpenSSL that mend what a word of a departure stands for. */
static const char *mending_line(const char *what)
{
	static const char *const lines[][2] = {
		{ "authority-key-id", "authorityKeyIdentifier = keyid:always" },
		{ "anchor-authority-key-id", "authorityKeyIdentifier = keyid:always" },
		{ "authority-key-id-critical", "authorityKeyIdentifier = keyid:always" },
		{ "authority-key-id-form", "authorityKeyIdentifier = keyid:always" },
		{ "subject-key-id", "subjectKeyIdentifier = hash" },
		{ "subject-key-id-critical", "subjectKeyIdentifier = hash" },
		{ "ca-key-usage", "keyUsage = critical, keyCertSign, cRLSign" },
		{ "anchor-key-usage", "keyUsage = critical, keyCertSign, cRLSign" },
		{ "ca-critical", "basicConstraints = critical, CA:TRUE" },
		{ "path-length", "basicConstraints = critical, CA:FALSE" },
		{ "no-ca-signs", "keyUsage = critical, digitalSignature" },
		{ "server-ca", "basicConstraints = critical, CA:FALSE" },
		{ "purpose", "extendedKeyUsage = serverAuth" },
		{ "purpose-critical", "extendedKeyUsage = serverAuth" },
	};
	for (size_t i = 0; i < TBDI_COUNT(lines); i++)
		if (strcmp(lines[i][0], what) == 0)
			return lines[i][1];
	return NULL;
}

/* A departure that counts: in the profile that was asked for, or for strict clients. */
static bool departure_counts(
	const struct tbd_verification *verification, const struct tbd_departure *departure)
{
	switch (verification->profile) {
	case TBD_PROFILE_RFC5280:
		return departure->rfc5280;
	case TBD_PROFILE_WEBPKI:
		return departure->webpki;
	case TBD_PROFILE_DEVICE:
		break;
	}
	return departure->strict;
}

/* The departure that made the path unacceptable, or else the first that counts; NULL: there is none. */
static const struct tbd_departure *departure_find(
	const struct tbd_verification *verification, const struct tbd_path *path)
{
	bool refused = path->fault == TBD_FAULT_POLICY;
	for (size_t i = 0; i < verification->departure_count; i++) {
		const struct tbd_departure *departure = verification->departures[i];
		bool wanted = !refused ||
			(path->requirement != NULL &&
				strcmp(departure->what, path->requirement) == 0);
		if (wanted && departure_counts(verification, departure))
			return departure;
	}
	return NULL;
}

/* All that is wrong with the same certificate, in one line. */
static const char *departure_texts(struct tbdi_draft *draft,
	const struct tbd_verification *verification, const struct tbd_cert *cert)
{
	const char *text = NULL;
	for (size_t i = 0; i < verification->departure_count; i++) {
		const struct tbd_departure *departure = verification->departures[i];
		if (departure->cert == cert && departure_counts(verification, departure))
			text = tbdi_draft_join(draft, text, "; ", departure->text);
	}
	return text;
}

/* The issuer in the path, if it has no key identifier that this certificate could name; or NULL. */
static const struct tbd_cert *issuer_without_key_id(
	const struct tbd_path *path, const struct tbd_cert *cert)
{
	for (size_t i = 0; i + 1 < path->count; i++)
		if (path->certs[i] == cert && path->certs[i + 1]->subject_key_id == NULL)
			return path->certs[i + 1];
	return NULL;
}

/* OpenSSL refuses to write "keyid:always" then, and strict clients such a CA. */
static void fix_issuer_first(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *issuer, const struct tbd_cert *cert)
{
	tbdi_draft_fix(draft,
		"%s has no key identifier that %s could name%s. Issue it again first, of the same "
		"name and key, so that what it signed stays good.",
		issuer->subject, cert->subject,
		issuer->version == 1
			? ", and is of version 1, which strict clients do not take for a CA (OpenSSL: "
			  "error 79, invalid CA certificate)"
			: "");
	tbdi_draft_fix_sign_again(draft, report, issuer, TBDI_CA_EXTENSIONS);
}

static void fix_departures(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_verification *verification = report->verification;
	const struct tbd_cert *issuer = issuer_without_key_id(verification->path, cert);
	bool begun = false;
	if (issuer != NULL)
		fix_issuer_first(draft, report, issuer, cert);
	tbdi_draft_fix(draft, "Have %s issued again in the form of RFC 5280.", cert->subject);
	for (size_t i = 0; i < verification->departure_count; i++) {
		const struct tbd_departure *departure = verification->departures[i];
		const char *line = mending_line(departure->what);
		if (line == NULL || departure->cert != cert ||
			!departure_counts(verification, departure))
			continue;
		if (!begun)
			tbdi_draft_fix(draft, "With OpenSSL, the file of -extfile then holds:");
		begun = true;
		tbdi_draft_fix(draft, "  %s", line);
	}
}

static void match_departure(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_departure *departure)
{
	const struct tbd_verification *verification = report->verification;
	const struct tbd_cert *cert = departure->cert;
	const char *texts = departure_texts(draft, verification, cert);
	tbdi_draft_summary(draft, "%s refuse %s: %s",
		verification->profile == TBD_PROFILE_DEVICE
			? "strict clients, such as Python from 3.13 on,"
			: tbdi_draft_format(draft, "clients of the profile %s",
				  tbd_profile_name(verification->profile)),
		cert->subject, texts);
	draft->cert = cert;
	tbdi_draft_text(draft, "departures", texts);
	fix_departures(draft, report, cert);
}

/* Demands on the path as a whole. */
static void match_requirement(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_path *path)
{
	const struct tbd_verification *verification = report->verification;
	const struct tbd_cert *cert =
		path->certs[path->fault_at < path->count ? path->fault_at : 0];
	bool depth = path->requirement != NULL && strcmp(path->requirement, "max-depth") == 0;
	if (depth)
		tbdi_draft_summary(draft,
			"the path to %s leads through more than %d CAs, which is all that was allowed",
			cert->subject, verification->max_depth);
	else
		tbdi_draft_summary(draft,
			"a CA above %s demands a certificate policy, and none holds all the way down",
			cert->subject);
	draft->cert = cert;
	tbdi_draft_number(draft, "path_count", (int64_t)path->count);
	if (depth) {
		tbdi_draft_number(draft, "max_depth", verification->max_depth);
		tbdi_draft_fix(draft,
			"Issue the server's certificate by a CA nearer to %s, or allow the client more:",
			cert->subject);
		tbdi_draft_fix(draft, "  tbdiag verify %s%s --max-depth %zu",
			tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report),
			path->count - 2);
		return;
	}
	tbdi_draft_fix(draft,
		"Have %s issued again with the policy that its CA demands (certificatePolicies), or its "
		"CA without requireExplicitPolicy (policyConstraints).",
		cert->subject);
}

static bool match_strict_only(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	if (path == NULL)
		return false;
	const struct tbd_departure *departure = departure_find(report->verification, path);
	bool refused = path->fault == TBD_FAULT_POLICY;
	if (!refused && (path->fault != TBD_FAULT_NONE || departure == NULL))
		return false;
	draft->severity = refused ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_WARNING;
	tbdi_draft_text(draft, "profile", tbd_profile_name(report->verification->profile));
	tbdi_draft_text(draft, "requirement", path->requirement);
	if (departure != NULL)
		match_departure(draft, report, departure);
	else
		match_requirement(draft, report, path);
	return true;
}

const struct tbdi_rule tbdi_rules_profile[] = {
	{
		TBDI_RULE("policy.strict-only", POLICY, WARNING, "strict clients refuse the path"),
		.pub.why =
			"The path is valid, but a certificate of it does not have the form that "
			"RFC 5280 section 4 prescribes: a key identifier or keyUsage is missing, "
			"or a flag critical. Devices do not mind; OpenSSL with X509_STRICT "
			"refuses it, and with it Python from 3.13 on (where a context comes from "
			"create_default_context()). It is critical when the profile that was "
			"asked for (--profile), --max-depth or a policy that a CA demands makes "
			"the path unacceptable here.",
		.pub.fix = "Have the certificate issued again in that form.",
		.pub.evidence = TBDI_STRINGS("profile", "requirement", "subject", "sha256",
			"departures", "path_count", "max_depth"),
		.match = match_strict_only,
	},
	{ .pub = { .id = NULL } },
};
