/* SPDX-License-Identifier: MIT
 *
 * revoked.c - certificates that their CA has taken back.
 */
#include "rules/catalogue.h"

static const struct tbd_revocation *revocation_of(
	const struct tbd_verification *verification, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < verification->revocation_count; i++)
		if (verification->revocations[i]->cert == cert)
			return verification->revocations[i];
	return NULL;
}

static bool match_revoked(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_report_path(report);
	if (path == NULL || path->fault != TBD_FAULT_REVOKED || path->fault_at >= path->count)
		return false;
	const struct tbd_cert *cert = path->certs[path->fault_at];
	const struct tbd_revocation *revocation = revocation_of(report->verification, cert);
	const char *since = "", *reason = NULL;
	if (revocation != NULL) {
		since = tbdi_draft_format(
			draft, " on %s", tbdi_draft_date_text(draft, revocation->time));
		reason = revocation->reason;
	}
	tbdi_draft_summary(draft, "%s was revoked by %s%s%s", cert->subject, cert->issuer, since,
		tbdi_draft_after(draft, ": ", reason));
	draft->cert = cert;
	if (revocation != NULL) {
		tbdi_draft_date(draft, "revoked", revocation->time);
		tbdi_draft_text(draft, "reason", reason);
		tbdi_draft_text(draft, "source", revocation->source);
		tbdi_draft_text(draft, "file", revocation->file);
		tbdi_draft_text(draft, "ocsp_url", revocation->url);
	}
	tbdi_draft_fix(draft,
		"Do not trust this peer before you know why its certificate was revoked: its key may be "
		"in other hands. Whoever runs the server needs a new key and certificate, and has to "
		"install them instead of %s, serial %s:",
		cert->subject, cert->serial);
	tbdi_draft_fix_new_key(draft, report, cert);
	return true;
}

const struct tbdi_rule tbdi_rules_revoked[] = {
	{
		TBDI_RULE("policy.revoked", POLICY, CRITICAL, "a certificate was revoked"),
		.pub.why =
			"The CA that issued a certificate of the path has taken it back: a "
			"revocation list that was given (--crl), signed by the issuer, holds its "
			"serial number, or an OCSP answer that the server sent along (stapled) or "
			"that was asked for (--ocsp) says so. An old list or answer is good "
			"enough to tell that, because it stays true until the certificate ends. "
			"Most devices never ask.",
		.pub.fix = "Install a new certificate with a new key on the server.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", "serial", "revoked", "reason",
			"source", "file", "ocsp_url"),
		.match = match_revoked,
	},
	{ .pub = { .id = NULL } },
};
