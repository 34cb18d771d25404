/* SPDX-License-Identifier: MIT
 *
 * judge.c - a report becomes findings: all rules are asked, their answers ordered by what has to be
 * mended first. So does what reports show together, in a set.
 */
#include "report/report.h"
#include "rules/catalogue.h"
#include "set/dial.h"

/* A finding with the rule that made it, while they are put in order. */
struct judged {
	struct tbd_finding *finding;
	const struct tbdi_rule *rule;
	struct judged *parent; /* the one finding that explains it, or NULL */
	bool caused;           /* at least one other finding explains it */
	struct tbdi_list consequences;
};

/* Of a report or of a set; the other is NULL. */
struct judgement {
	struct tbdi_arena *arena;
	const struct tbd_report *report;
	const struct tbd_set *set;
	const struct tbdi_report *own; /* the report's clock */
	int64_t deadline_us;
	struct tbdi_list list;
	bool spoke[TBDI_GROUP_COUNT];
	struct tbdi_list findings; /* the answer */
	enum tbd_severity worst;
};

/* What was done although the peer is not verified has to be told from what is safe. */
static const char *insecure_remark(const struct tbd_report *report, const struct tbdi_draft *draft)
{
	if (report == NULL)
		return "";
	enum tbd_stage stage = draft->rule->stage;
	bool verified = report->verification != NULL && report->verification->verified;
	if (!report->insecure || verified)
		return "";
	if (stage >= TBD_STAGE_MQTT)
		return " (with a peer that is not verified: --insecure)";
	bool refuses = stage >= TBD_STAGE_CHAIN && draft->severity == TBD_SEVERITY_CRITICAL;
	return refuses ? " (went on all the same: --insecure)" : "";
}

static struct tbd_finding *finding_new(const struct tbd_report *report, struct tbdi_draft *draft)
{
	struct tbd_finding *finding = tbdi_arena_alloc(draft->arena, sizeof(*finding));
	if (finding == NULL)
		return NULL;
	tbdi_draft_complete(draft, report);
	finding->id = draft->rule->id;
	finding->severity = draft->severity;
	finding->stage = draft->rule->stage;
	finding->cert = draft->cert;
	finding->summary =
		tbdi_draft_format(draft, "%s%s", draft->summary, insecure_remark(report, draft));
	finding->fix = draft->fix;
	finding->evidence_count = draft->evidence_count;
	finding->evidence = tbdi_arena_memdup(
		draft->arena, draft->evidence, draft->evidence_count * sizeof(*draft->evidence));
	return finding->evidence == NULL || draft->nomem ? NULL : finding;
}

static bool applies(
	const struct judgement *judgement, const struct tbdi_rule *rule, struct tbdi_draft *draft)
{
	if (judgement->spoke[rule->group])
		return false;
	if (judgement->set != NULL)
		return rule->match_set != NULL && rule->match_set(judgement->set, draft);
	return rule->match != NULL && rule->match(judgement->report, draft);
}

static int ask_rule(struct judgement *judgement, const struct tbdi_rule *rule)
{
	struct tbdi_arena *arena = judgement->arena;
	struct tbdi_draft draft = {
		.arena = arena, .rule = &rule->pub, .severity = rule->pub.severity
	};
	if (!applies(judgement, rule, &draft))
		return 0;
	judgement->spoke[rule->group] = rule->group != TBDI_GROUP_NONE;
	struct judged *judged = tbdi_arena_alloc(arena, sizeof(*judged));
	if (judged == NULL)
		return TBD_E_NOMEM;
	judged->rule = rule;
	judged->finding = finding_new(judgement->report, &draft);
	if (judged->finding == NULL)
		return TBD_E_NOMEM;
	return tbdi_list_add(arena, &judgement->list, judged);
}

/* A set stands on reports that are judged, and has no clock. */
static bool judgement_is_late(const struct judgement *judgement)
{
	return judgement->own != NULL &&
		tbdi_report_elapsed_us(judgement->own) > judgement->deadline_us;
}

static int ask_all_rules(struct judgement *judgement)
{
	int rc = 0;
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rc == 0 && rule->pub.id != NULL; rule++)
			rc = judgement_is_late(judgement) ? TBD_E_TOO_LARGE
							  : ask_rule(judgement, rule);
	return rc;
}

static struct judged *judged_at(const struct judgement *judgement, size_t i)
{
	return judgement->list.items[i];
}

/* "ca.ok" is explained by "ca.ok", or by the beginning "ca.". */
static bool explains(const struct judged *cause, const struct judged *judged)
{
	if (cause == judged || cause->finding->severity < judged->finding->severity)
		return false;
	for (const char *const *id = judged->rule->causes; id != NULL && *id != NULL; id++) {
		size_t len = strlen(*id);
		bool beginning = (*id)[len - 1] == '.';
		if (strncmp(cause->finding->id, *id, beginning ? len : len + 1) == 0)
			return true;
	}
	return false;
}

/* A finding with one cause goes under it. With several, mending one would not make it go away: it
 * stays, behind them. What is itself a consequence is no cause of its own. */
static int find_cause(struct judgement *judgement, struct judged *judged)
{
	struct judged *only = NULL;
	size_t count = 0;
	for (size_t i = 0; i < judgement->list.count; i++) {
		struct judged *other = judged_at(judgement, i);
		if (other->parent == NULL && explains(other, judged)) {
			only = other;
			count++;
		}
	}
	judged->caused = count > 0;
	if (count != 1)
		return 0;
	judged->parent = only;
	return tbdi_list_add(judgement->arena, &only->consequences, judged->finding);
}

/* Before (< 0) or behind (> 0): severity, cause before consequence, stage; else as asked. */
static int before_or_behind(const struct judged *a, const struct judged *b)
{
	if (a->finding->severity != b->finding->severity)
		return a->finding->severity > b->finding->severity ? -1 : 1;
	if (a->caused != b->caused)
		return a->caused ? 1 : -1;
	if (a->finding->stage != b->finding->stage)
		return a->finding->stage < b->finding->stage ? -1 : 1;
	return 0;
}

/* There are never more than a few: insertion, which keeps the order of equals. */
static void put_in_order(struct judgement *judgement)
{
	void **items = judgement->list.items;
	for (size_t i = 1; i < judgement->list.count; i++) {
		void *item = items[i];
		size_t at = i;
		for (; at > 0 && before_or_behind(item, items[at - 1]) < 0; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

static int gather(struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->list.count; i++) {
		struct judged *judged = judged_at(judgement, i);
		struct tbd_finding *finding = judged->finding;
		finding->consequences =
			(const struct tbd_finding *const *)(void *)judged->consequences.items;
		finding->consequence_count = judged->consequences.count;
		if (judged->parent == NULL &&
			tbdi_list_add(judgement->arena, &judgement->findings, finding) < 0)
			return TBD_E_NOMEM;
		if (finding->severity > judgement->worst)
			judgement->worst = finding->severity;
	}
	return 0;
}

static int judge_all(struct judgement *judgement)
{
	int rc = ask_all_rules(judgement);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < judgement->list.count; i++)
		if (find_cause(judgement, judged_at(judgement, i)) < 0)
			return TBD_E_NOMEM;
	put_in_order(judgement);
	return gather(judgement);
}

int tbd_judge(struct tbd_report *report, struct tbd_error *error)
{
	struct tbdi_report *own = tbdi_report_of(report);
	struct judgement judgement = { .arena = &own->arena,
		.report = report,
		.own = own,
		.deadline_us = tbdi_report_elapsed_us(own) + own->judge_ms * 1000 };
	int rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	rc = judge_all(&judgement);
	if (rc == TBD_E_TOO_LARGE)
		return tbdi_fail(error, TBD_E_TOO_LARGE,
			"what the peer sent cannot be judged within %lld ms",
			(long long)own->judge_ms);
	if (rc < 0)
		return tbdi_fail_nomem(error);
	report->findings = (const struct tbd_finding *const *)(void *)judgement.findings.items;
	report->finding_count = judgement.findings.count;
	report->worst = judgement.worst;
	return 0;
}

static int judge_reports(struct tbdi_set *set, struct tbd_error *error)
{
	for (size_t i = 0; i < set->reports.count; i++) {
		struct tbd_report *report = set->reports.items[i];
		bool is_stored = tbdi_report_of(report)->is_stored;
		int rc = is_stored ? 0 : tbd_judge(report, error);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int tbd_set_judge(struct tbd_set *set, struct tbd_error *error)
{
	struct tbdi_set *own = tbdi_set_of(set);
	struct judgement judgement = { .arena = &own->arena, .set = set };
	int rc = own->is_stored
		? tbdi_fail(error, TBD_E_INVALID, "a set that was read is not judged again")
		: judge_reports(own, error);
	if (rc < 0)
		return rc;
	bool passes = set->compares == TBD_COMPARES_TRANSPORTS;
	if (tbdi_set_compare(own) < 0 || (passes && tbdi_set_pass(own) < 0) ||
		judge_all(&judgement) < 0)
		return tbdi_fail_nomem(error);
	tbdi_set_find_worst(set);
	set->findings = (const struct tbd_finding *const *)(void *)judgement.findings.items;
	set->finding_count = judgement.findings.count;
	if (judgement.worst > set->worst)
		set->worst = judgement.worst;
	return 0;
}
