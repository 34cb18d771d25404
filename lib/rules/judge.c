/* SPDX-License-Identifier: MIT
 *
 * judge.c - a report becomes findings: all rules are asked, their answers ordered by what has to be
 * mended first. So does what reports show together, in a set.
 */
#include "report/report.h"
#include "report/verdict.h"
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

/* What was wrong with the connection is why the handshake or the protocol over it came to nothing. */
static bool is_explained_by_connection(
	const struct judgement *judgement, const struct tbdi_rule *rule)
{
	bool is_end = rule->group == TBDI_GROUP_TLS || rule->group == TBDI_GROUP_MQTT ||
		rule->group == TBDI_GROUP_HTTP || rule->group == TBDI_GROUP_COAP;
	return is_end && judgement->spoke[TBDI_GROUP_CONNECT];
}

static bool applies(
	const struct judgement *judgement, const struct tbdi_rule *rule, struct tbdi_draft *draft)
{
	if (judgement->spoke[rule->group] || is_explained_by_connection(judgement, rule))
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

static int judge_one(struct tbdi_report *own, struct judgement *out, struct tbd_error *error)
{
	*out = (struct judgement){ .arena = &own->arena,
		.report = &own->pub,
		.own = own,
		.deadline_us = tbdi_report_elapsed_us(own) + own->judge_ms * 1000 };
	return tbdi_report_fail(own, judge_all(out), error);
}

int tbd_judge(struct tbd_report *report, struct tbd_error *error)
{
	struct judgement judgement;
	int rc = tbdi_report_writable(report, error);
	if (rc == 0 && tbdi_report_of(report)->cancelled)
		rc = tbdi_fail(error, TBD_E_CANCELLED,
			"a stage was cancelled: of what it did not come to nothing can be said");
	if (rc == 0)
		rc = judge_one(tbdi_report_of(report), &judgement, error);
	if (rc < 0)
		return rc;
	tbdi_mask_release(&tbdi_report_of(report)->mask); /* no peer has a word any more */
	report->findings = (const struct tbd_finding *const *)(void *)judgement.findings.items;
	report->finding_count = judgement.findings.count;
	report->worst = tbdi_report_worst(report, judgement.worst);
	return 0;
}

static bool is_same_text(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool is_same_finding(const struct tbd_finding *one, const struct tbd_finding *other)
{
	return strcmp(one->id, other->id) == 0 && one->severity == other->severity &&
		is_same_text(one->summary, other->summary) && is_same_text(one->fix, other->fix);
}

static bool is_found(const struct judgement *judgement, const struct tbd_finding *finding)
{
	for (size_t i = 0; i < judgement->list.count; i++)
		if (is_same_finding(judged_at(judgement, i)->finding, finding))
			return true;
	return false;
}

/* The ids of the findings, and of their consequences, that were not found. */
static int list_not_found(const struct judgement *judgement, struct tbdi_list *ids,
	const struct tbd_finding *const *findings, size_t count)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct tbd_finding *finding = findings[i];
		if (!is_found(judgement, finding))
			rc = tbdi_list_add(judgement->arena, ids, finding->id);
		if (rc == 0) /* which have none of their own */
			rc = list_not_found(
				judgement, ids, finding->consequences, finding->consequence_count);
	}
	return rc;
}

int tbd_judge_again(
	struct tbd_report *report, const char *const **not_found, struct tbd_error *error)
{
	static const char *const none[] = { NULL };
	struct tbdi_report *own = tbdi_report_of(report);
	struct judgement judgement;
	struct tbdi_list ids = { 0 };
	if (!own->is_stored)
		return tbdi_fail(
			error, TBD_E_INVALID, "only a report that was read is judged again");
	int rc = judge_one(own, &judgement, error);
	if (rc < 0)
		return rc;
	if (list_not_found(&judgement, &ids, report->findings, report->finding_count) < 0)
		return tbdi_fail_nomem(error);
	*not_found = ids.count > 0 ? (const char *const *)(void *)ids.items : none;
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
	set->worst = judgement.worst;
	tbdi_set_find_worst(set);
	set->findings = (const struct tbd_finding *const *)(void *)judgement.findings.items;
	set->finding_count = judgement.findings.count;
	return 0;
}
