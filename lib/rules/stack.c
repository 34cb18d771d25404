/* SPDX-License-Identifier: MIT
 *
 * stack.c - what the TLS stacks of devices say of a chain, where that is another thing than is said here: on which
 * property they part, and what satisfies all of them.
 */
#include "rules/trust.h"

#include "base/devices.h"
#include "report/verdict.h"

/* ---- on what they part ------------------------------------------------------------------------ */

/* A finding that tells why stacks part, and what that is called. */
static const struct cause {
	const char *id;
	const char *property;
	const char *
		refusers; /* stacks, or STACK:MODE, that are known to refuse for it; NULL: any may */
} causes[] = {
	{ "ca.store-format", "trust-file syntax", NULL },
	{ "ca.store-damaged", "trust-file syntax", NULL },
	{ "ca.leaf-in-store", "partial chain", "openssl gnutls mbedtls wolfssl" },
	{ "ca.intermediate-in-store", "partial chain", "openssl gnutls" },
	{ "ca.same-subject", "key identifiers (SKI and AKI)", NULL },
	{ "ca.contradicting-key-id", "key identifiers (SKI and AKI)", NULL },
	{ "ca.name-encoding", "name encoding", NULL },
	{ "ca.cross-signed-expired", "cross-sign", NULL },
	{ "ca.anchor-expired", "anchor date", NULL },
	{ "chain.wrong-order", "order", NULL },
	{ "chain.unrelated", "order", NULL },
	{ "name.address-only", "IP name", NULL },
	{ "name.ip-as-dns", "IP name", NULL },
	{ "name.cn-only", "common name", NULL },
	{ "time.expired", "clock", NULL },
	{ "time.not-yet-valid", "clock", NULL },
	{ "policy.wrong-purpose", "EKU or key usage", NULL },
	{ "policy.not-a-ca", "key usage or basicConstraints", NULL },
	{ "policy.weak-signature", "SHA-1", NULL },
	{ "policy.weak-key", "key size", NULL },
	{ "policy.rare-key", "key type or size", "gnutls mbedtls wolfssl bearssl" },
	{ "policy.rare-signature", "signature algorithm", "mbedtls wolfssl bearssl" },
	{ "policy.critical-constraints", "name constraints", "mbedtls wolfssl bearssl" },
	{ "policy.name-constraints", "name constraints", NULL },
	{ "policy.unknown-critical", "critical flags", NULL },
	{ "policy.strict-only", "AKI, SKI and critical flags", "openssl:strict" },
	{ "policy.unknown-algorithm", "signature algorithm", NULL },
};

static const struct tbdi_rule *rule_called(const char *id)
{
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rule->pub.id != NULL; rule++)
			if (strcmp(rule->pub.id, id) == 0)
				return rule;
	return NULL;
}

/* The verdict's stack, or that in its mode, is among these words. */
static bool is_among(const struct tbd_verdict *verdict, const char *words)
{
	size_t len = strlen(verdict->stack);
	for (const char *word = words; word != NULL && *word != '\0';) {
		size_t end = strcspn(word, " ");
		bool is_stack = strncmp(word, verdict->stack, len) == 0;
		if (is_stack && end == len)
			return true;
		if (is_stack && word[len] == ':' && end == len + 1 + strlen(verdict->mode) &&
			strncmp(word + len + 1, verdict->mode, strlen(verdict->mode)) == 0)
			return true;
		word += end + strspn(word + end, " ");
	}
	return words == NULL;
}

/* It says otherwise than is said here. */
static bool is_apart(const struct tbd_report *report, const struct tbd_verdict *verdict)
{
	return tbdi_verdict_tells(verdict) && verdict->accepted != report->verification->verified;
}

static bool may_part(const struct tbd_report *report, const struct cause *cause)
{
	for (size_t i = 0; i < report->verdict_count; i++)
		if (is_apart(report, report->verdicts[i]) &&
			is_among(report->verdicts[i], cause->refusers))
			return true;
	return false;
}

/* What is known to part stacks and is the case here; its findings say what is to be done. */
static void draft_properties(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *properties = NULL;
	for (size_t i = 0; i < TBDI_COUNT(causes); i++) {
		const struct tbdi_rule *rule = rule_called(causes[i].id);
		struct tbdi_draft other = { .arena = draft->arena };
		if (rule == NULL || !may_part(report, &causes[i]))
			continue;
		other.rule = &rule->pub;
		other.severity = rule->pub.severity;
		if (!rule->match(report, &other))
			continue;
		if (properties == NULL || strstr(properties, causes[i].property) == NULL)
			properties = tbdi_draft_join(draft, properties, ", ", causes[i].property);
		draft->nomem = draft->nomem || other.nomem;
		if (draft->cert == NULL)
			draft->cert = other.cert;
		if (draft->fix == NULL)
			draft->fix = other.fix;
	}
	tbdi_draft_text(draft, "property", properties);
}

/* ---- what they say ---------------------------------------------------------------------------- */

/* "mbedTLS 2.28.3 (ESP32 ...)" */
static const char *stack_text(struct tbdi_draft *draft, const struct tbd_verdict *verdict)
{
	bool is_default = strcmp(verdict->mode, "default") == 0;
	return tbdi_draft_format(draft, "%s%s%s%s%s%s", tbdi_stack_title(verdict->stack),
		tbdi_draft_after(draft, " ", verdict->version), is_default ? "" : " in mode ",
		is_default ? "" : verdict->mode, tbdi_draft_after(draft, " (", verdict->devices),
		verdict->devices != NULL ? ")" : "");
}

/* Those that accept, or refuse, "and" before the last one; NULL: none does. */
static const char *stacks_that(
	struct tbdi_draft *draft, const struct tbd_report *report, bool accept, bool *is_one)
{
	const char *list = NULL, *last = NULL;
	*is_one = true;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct tbd_verdict *verdict = report->verdicts[i];
		if (!tbdi_verdict_tells(verdict) || verdict->accepted != accept)
			continue;
		if (last != NULL)
			list = tbdi_draft_join(draft, list, ", ", last);
		last = stack_text(draft, verdict);
	}
	if (list == NULL)
		return last;
	*is_one = false;
	return tbdi_draft_join(draft, list, " and ", last);
}

void tbdi_draft_sides(
	struct tbdi_draft *draft, const struct tbd_report *report, struct tbdi_sides *sides)
{
	bool is_one = true;
	const char *refuse = stacks_that(draft, report, false, &is_one);
	if (refuse == NULL)
		return;
	sides->refuse = refuse;
	sides->one_refuses = is_one;
	sides->accept = stacks_that(draft, report, true, &sides->one_accepts);
}

/* "an ESP32 (mbedTLS) refuses: its words (-0x2700)", of the first few. */
static const char *apart_text(struct tbdi_draft *draft, const struct tbd_report *report)
{
	enum { FEW = 3 };
	const char *text = NULL;
	size_t count = 0;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct tbd_verdict *verdict = report->verdicts[i];
		if (!is_apart(report, verdict) || ++count > FEW)
			continue;
		struct tbdi_verdict_words words = tbdi_verdict_words(verdict);
		const char *says = tbdi_draft_format(draft, "%s %s%s", stack_text(draft, verdict),
			verdict->accepted ? "accepts it" : "refuses: ",
			verdict->accepted ? "" : words.text);
		text = tbdi_draft_join(draft, text, "; ", says);
	}
	return count > FEW ? tbdi_draft_format(draft, "%s; and %zu more", text, count - FEW) : text;
}

/* Where nothing is known that they part on, their own words are all there is. */
static void draft_fix(struct tbdi_draft *draft, const struct tbd_report *report)
{
	if (draft->fix != NULL)
		return;
	tbdi_draft_fix(draft,
		"Of what is known to part these stacks nothing is the case here: their own words tell. What each "
		"says of %s in all of its modes:",
		tbdi_draft_peer(draft, report));
	tbdi_draft_fix(draft, "  tbdiag verify --stacks=all %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

/* The stack of the device that was named. */
static bool is_of_device(const struct tbd_report *report, const struct tbd_verdict *verdict)
{
	const struct tbdi_device *device = tbdi_device_find(report->device);
	return device != NULL && device->pub.stack != NULL &&
		strcmp(device->pub.stack, verdict->stack) == 0 &&
		strcmp(device->pub.mode, verdict->mode) == 0;
}

/* How much it matters that somebody refuses: what was named is what the caller has. */
static enum tbd_severity weight_of(const struct tbd_report *report)
{
	enum tbd_severity worst = TBD_SEVERITY_INFO;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct tbd_verdict *verdict = report->verdicts[i];
		enum tbd_severity its = is_of_device(report, verdict) ? TBD_SEVERITY_CRITICAL
			: verdict->named                              ? TBD_SEVERITY_WARNING
								      : TBD_SEVERITY_INFO;
		if (!verdict->accepted && is_apart(report, verdict) && its > worst)
			worst = its;
	}
	return worst;
}

static bool match_disagree(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const char *apart = report->verification != NULL && report->chain != NULL
		? apart_text(draft, report)
		: NULL;
	if (apart == NULL)
		return false;
	bool verified = report->verification->verified;
	draft->severity = weight_of(report);
	draft_properties(draft, report);
	tbdi_draft_summary(draft, "%s here; %s", verified ? "verified" : "refused", apart);
	bool is_one = true;
	tbdi_draft_text(draft, "refused_by", stacks_that(draft, report, false, &is_one));
	tbdi_draft_text(draft, "accepted_by", stacks_that(draft, report, true, &is_one));
	draft_fix(draft, report);
	return true;
}

/* ---- none ------------------------------------------------------------------------------------- */

static bool match_no_verdict(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const char *list = NULL;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct tbd_verdict *verdict = report->verdicts[i];
		if (tbdi_verdict_tells(verdict))
			continue;
		struct tbdi_verdict_words words = tbdi_verdict_words(verdict);
		list = tbdi_draft_join(draft, list, "; ",
			tbdi_draft_format(draft, "%s: %s", stack_text(draft, verdict), words.text));
		if (verdict->named)
			draft->severity = TBD_SEVERITY_WARNING;
	}
	if (list == NULL)
		return false;
	tbdi_draft_summary(draft, "no verdict of %s", list);
	tbdi_draft_fix(draft, "Ask again, and alone:");
	tbdi_draft_fix(draft, "  tbdiag verify --stacks=all %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	return true;
}

const struct tbdi_rule tbdi_rules_stack[] = {
	{
		TBDI_RULE("stack.disagree", STACK, INFO,
			"TLS stacks of devices do not agree with the verdict here"),
		.pub.why =
			"The real TLS libraries that devices are built on were shown the same certificates, "
			"with the same trust, name and time, and at least one of them does not agree with "
			"tbdiag's own verdict: where all is well here, such a device cannot connect; where it "
			"is not, such a device may all the same. Libraries part on what the evidence calls "
			"property. It is critical when the stack is that of the device "
			"that was named (--device), a warning when the stack was (--stacks, --as), and "
			"information else.",
		.pub.fix =
			"Change what they part on, so that all accept; who only runs others need not.",
		.pub.evidence =
			TBDI_STRINGS("property", "refused_by", "accepted_by", "subject", "sha256"),
		.match = match_disagree,
		.causes = TBDI_STRINGS("ca.", "chain.", "name.ip-not-listed", "name.address-only",
			"name.ip-as-dns", "name.cn-only", "name.mismatch", "time.expired",
			"time.not-yet-valid", "policy."),
	},
	{
		TBDI_RULE("stack.no-verdict", STACK, INFO,
			"a TLS stack that was asked has no verdict"),
		.pub.why =
			"A TLS library of devices that was shown the certificates crashed, did not come to an "
			"end in time, or said nothing that could be understood. What crashes here may crash a "
			"device as well. It is a warning when the stack was named.",
		.pub.fix = "Ask again; report a crash to the library's authors, with the chain.",
		.pub.evidence = TBDI_STRINGS("peer"),
		.match = match_no_verdict,
	},
	{ .pub = { .id = NULL } },
};
