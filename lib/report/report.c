/* SPDX-License-Identifier: MIT
 *
 * report.c - a report's life, its clock, its steps and notes.
 */
#include "report/report.h"

static int64_t monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t tbdi_report_elapsed_us(const struct tbdi_report *report)
{
	return monotonic_us() - report->start_us;
}

bool tbdi_report_is_late(const struct tbdi_report *report)
{
	return report->deadline_us > 0 && tbdi_report_elapsed_us(report) > report->deadline_us;
}

int tbdi_report_fail(const struct tbdi_report *report, int rc, struct tbd_error *error)
{
	if (rc == TBD_E_TOO_LARGE)
		return tbdi_fail(error, TBD_E_TOO_LARGE,
			"what the peer sent cannot be judged within %lld ms",
			(long long)report->judge_ms);
	return rc < 0 ? tbdi_fail_nomem(error) : 0;
}

int tbdi_report_writable(const struct tbd_report *report, struct tbd_error *error)
{
	const struct tbdi_report *own = (const struct tbdi_report *)(const void *)report;
	if (own->is_stored)
		return tbdi_fail(error, TBD_E_INVALID, "a report that was read is not added to");
	return 0;
}

static const struct tbd_target *target_copy(
	struct tbdi_arena *arena, const struct tbd_target *target)
{
	struct tbd_target *copy = tbdi_arena_memdup(arena, target, sizeof(*target));
	if (copy == NULL)
		return NULL;
	copy->host = tbdi_arena_strdup(arena, target->host);
	copy->url = tbdi_arena_strdup(arena, target->url);
	return copy->host == NULL || copy->url == NULL ? NULL : copy;
}

int tbd_report_new(
	const struct tbd_report_options *options, struct tbd_report **out, struct tbd_error *error)
{
	if (options == NULL || out == NULL || options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_report_new: options do not fit");
	*out = NULL;
	struct tbdi_report *report = calloc(1, sizeof(*report));
	if (report == NULL)
		return tbdi_fail_nomem(error);
	static const char *const no_notes[] = { NULL };
	report->arena.limit = TBDI_ARENA_LIMIT;
	report->start_us = monotonic_us();
	report->phase_ms = TBDI_PHASE_MS;
	report->judge_ms = TBDI_JUDGE_MS;
	report->pub.schema = TBDI_SCHEMA;
	report->pub.version = PACKAGE_VERSION;
	report->pub.clock = (int64_t)time(NULL);
	report->pub.time_given = options->time != NULL;
	report->pub.time = options->time != NULL ? *options->time : report->pub.clock;
	report->pub.notes = no_notes;
	report->pub.worst = TBD_SEVERITY_UNKNOWN;
	if (options->target != NULL) {
		report->pub.target = target_copy(&report->arena, options->target);
		if (report->pub.target == NULL) {
			tbd_report_free(&report->pub);
			return tbdi_fail_nomem(error);
		}
		report->pub.plain_consent = !report->pub.target->tls;
	}
	*out = &report->pub;
	return 0;
}

void tbd_report_free(struct tbd_report *report)
{
	if (report == NULL)
		return;
	struct tbdi_report *own = tbdi_report_of(report);
	tbdi_owned_release(own->owned);
	tbdi_arena_release(&own->arena);
	tbdi_mask_release(&own->mask);
	free(own);
}

int tbd_report_note(struct tbd_report *report, const char *text, struct tbd_error *error)
{
	struct tbdi_report *own = tbdi_report_of(report);
	if (tbdi_list_add(&own->arena, &own->notes, tbdi_arena_strdup(&own->arena, text)) < 0)
		return tbdi_fail_nomem(error);
	own->pub.notes = (const char *const *)(void *)own->notes.items;
	return 0;
}

int tbdi_report_step(struct tbdi_report *report, const char *name, enum tbd_step_status status,
	int64_t start_us, const char *detail)
{
	struct tbd_step *step = tbdi_arena_alloc(&report->arena, sizeof(*step));
	if (step == NULL || tbdi_list_add(&report->arena, &report->steps, step) < 0)
		return TBD_E_NOMEM;
	step->name = name;
	step->status = status;
	step->start_us = start_us;
	step->duration_us = tbdi_report_elapsed_us(report) - start_us;
	report->pub.steps = (const struct tbd_step *const *)(void *)report->steps.items;
	report->pub.step_count = report->steps.count;
	if (detail == NULL)
		return 0;
	step->detail = tbdi_arena_strdup(&report->arena, detail);
	return step->detail == NULL ? TBD_E_NOMEM : 0;
}

typedef char *text_maker(struct tbdi_arena *arena, const void *data, size_t len);

static char *peer_said(
	struct tbdi_report *report, text_maker *make, const void *data, size_t len, bool cut)
{
	char *copy = malloc(len + 1);
	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, data, len);
	char *text = make(&report->arena, copy, tbdi_mask_apply(&report->mask, copy, len, cut));
	explicit_bzero(copy, len);
	free(copy);
	return text;
}

char *tbdi_report_peer_text(struct tbdi_report *report, const void *data, size_t len, bool cut)
{
	return peer_said(report, tbdi_arena_utf8, data, len, cut);
}

/* Whatever came first may end in the middle of a secret. */
char *tbdi_report_peer_bytes(struct tbdi_report *report, const void *data, size_t len)
{
	return peer_said(report, tbdi_arena_escape, data, len, true);
}

const char *tbdi_report_hide_in(struct tbdi_report *report, const char *text)
{
	size_t len = strlen(text);
	char *copy = report->mask.count > 0 ? strdup(text) : NULL;
	if (report->mask.count == 0)
		return text;
	if (copy == NULL)
		return NULL;
	size_t left = tbdi_mask_known(&report->mask, copy, len);
	bool is_same = left == len && memcmp(copy, text, len) == 0;
	const char *shown = is_same ? text : tbdi_arena_utf8(&report->arena, copy, left);
	explicit_bzero(copy, len);
	free(copy);
	return shown;
}
