/* SPDX-License-Identifier: MIT
 *
 * rules-anchor.c - the path leads to an anchor: how well does it stand?
 */
#include "rules-trust.h"

static bool match_leaf_in_store(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NONE);
	if (path == NULL || !path->anchored || path->count != 1 || path->certs[0]->self_signed)
		return false;
	const struct tbd_cert *leaf = path->certs[0];
	draft->cert = leaf;
	tbdi_draft_summary(draft,
		"%s trusts the server's own certificate and not its CA: the next renewal, by %s, "
		"breaks it",
		tbdi_draft_store(draft, report), tbdi_draft_date_text(draft, leaf->not_after));
	tbdi_draft_text(draft, "subject", leaf->subject);
	tbdi_draft_text(draft, "issuer", leaf->issuer);
	tbdi_draft_date(draft, "not_after", leaf->not_after);
	tbdi_draft_store_evidence(draft, report);
	tbdi_draft_fix(draft,
		"Put the root of its issuer %s into %s instead of the certificate of %s.",
		leaf->issuer, tbdi_draft_store(draft, report), leaf->subject);
	return true;
}

static bool match_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || !verification->verified || verification->path == NULL ||
		verification->path->count == 0)
		return false;
	const struct tbd_cert *anchor = tbdi_path_end(verification->path);
	draft->cert = anchor;
	tbdi_draft_summary(draft, "the chain of %s leads to %s, which is in %s",
		tbdi_draft_peer(draft, report), anchor->subject,
		anchor->file != NULL ? anchor->file : tbdi_draft_store(draft, report));
	tbdi_draft_text(draft, "path", tbdi_draft_path(draft, verification->path));
	tbdi_draft_text(draft, "anchor", anchor->subject);
	tbdi_draft_text(draft, "sha256", anchor->sha256);
	tbdi_draft_text(draft, "file", anchor->file);
	if (anchor->file != NULL)
		tbdi_draft_number(draft, "entry", (int64_t)anchor->entry);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* clang-format off: it would break the texts at odd places */
const struct tbdi_rule tbdi_rules_anchor[] = {
	{
		.pub = {
			.id = "ca.leaf-in-store",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_WARNING,
			.title = "the store trusts the server's own certificate, not its CA",
			.why =
				"The path is valid, but only because the server's own certificate "
				"stands in the trust file. A server certificate lives for months: "
				"with the next renewal every device that has this file stops "
				"connecting. Besides, some stacks accept only CA certificates as "
				"anchors.",
			.fix = "Put the root of its CA into the file instead.",
			.evidence = TBDI_STRINGS("subject", "issuer", "not_after", TBDI_STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_leaf_in_store,
	},
	{
		.pub = {
			.id = "ca.ok",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_OK,
			.title = "the chain is trusted",
			.why =
				"A valid path leads from the server's certificate to an anchor of "
				"the trust store, and the name matches. The path is shown from the "
				"leaf up, and with the anchor the file and the entry it stands in.",
			.fix = "Nothing to do.",
			.evidence = TBDI_STRINGS("path", "anchor", "sha256", "file", "entry"),
		},
		.group = TBDI_GROUP_CA,
		.match = match_ok,
	},
	{ .pub = { .id = NULL } },
};
/* clang-format on */
