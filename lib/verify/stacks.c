/* SPDX-License-Identifier: MIT
 *
 * stacks.c - ask the TLS libraries of devices, each by a helper (tools/stacks/): what there is, what it is asked, and
 * what it says.
 */
#include "verify/stacks.h"

#include "base/devices.h"
#include "base/helper.h"
#include "report/verdict.h"
#include "verify/trust.h"

#include <gnutls/gnutls.h>
#include <jansson.h>
#include <signal.h>

enum {
	DEFAULT_TIMEOUT_MS = 10 * 1000,
	PROGRESS_MS = 250,
	LIST_MS = 3 * 1000,
	WORDS_MAX = 512, /* bytes of what a stack says */
};

/* ---- what there is ---------------------------------------------------------------------------- */

enum { MODE_COUNT = TBDI_STACK_MODE_COUNT, STACK_COUNT = TBDI_STACK_COUNT };

/* The default mode stands first of each stack. */
static bool is_first_mode(size_t i)
{
	return i == 0 || strcmp(tbdi_stack_modes[i].stack, tbdi_stack_modes[i - 1].stack) != 0;
}

/* ---- whom to ask ------------------------------------------------------------------------------ */

enum wanted {
	WANTED_NOT,
	WANTED_TOO,   /* for information */
	WANTED_NAMED, /* by the caller */
};

struct choice {
	enum wanted wanted[MODE_COUNT];
	size_t as; /* the mode whose verdict decides; MODE_COUNT: none does */
	bool asks; /* any */
};

/* "mbedtls", or "mbedtls:no-clock", of `len` bytes; all_modes: what the first one means. */
static bool is_meant(const char *item, size_t len, size_t i, bool all_modes)
{
	size_t stack_len = strlen(tbdi_stack_modes[i].stack);
	if (len < stack_len || strncmp(item, tbdi_stack_modes[i].stack, stack_len) != 0)
		return false;
	if (len == stack_len)
		return all_modes || is_first_mode(i);
	const char *mode = item + stack_len + 1;
	size_t mode_len = len - stack_len - 1;
	return item[stack_len] == ':' && strlen(tbdi_stack_modes[i].mode) == mode_len &&
		strncmp(mode, tbdi_stack_modes[i].mode, mode_len) == 0;
}

/* Of one item of a list; false: nobody knows it. */
static bool choose_item(struct choice *choice, const char *item, size_t len)
{
	bool is_all = len == 3 && strncmp(item, "all", 3) == 0, found = false;
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (is_all || is_meant(item, len, i, true)) {
			choice->wanted[i] = WANTED_NAMED;
			found = true;
		}
	return found;
}

static bool choose_list(struct choice *choice, const char *list)
{
	bool known = true;
	for (const char *item = list; known && item != NULL;) {
		size_t len = strcspn(item, ",");
		known = choose_item(choice, item, len);
		item = item[len] == ',' ? item + len + 1 : NULL;
	}
	return known;
}

static bool choose_as(struct choice *choice, const char *as)
{
	choice->as = MODE_COUNT;
	for (size_t i = 0; as != NULL && i < MODE_COUNT && choice->as == MODE_COUNT; i++)
		if (is_meant(as, strlen(as), i, false))
			choice->as = i;
	if (choice->as < MODE_COUNT)
		choice->wanted[choice->as] = WANTED_NAMED;
	return as == NULL || choice->as < MODE_COUNT;
}

/* Of one whose stack is none of ours only the handshake is tried. */
static void choose_device(struct choice *choice, const struct tbdi_device *device)
{
	for (size_t i = 0; device != NULL && device->pub.stack != NULL && i < MODE_COUNT; i++)
		if (strcmp(device->pub.stack, tbdi_stack_modes[i].stack) == 0 &&
			strcmp(device->pub.mode, tbdi_stack_modes[i].mode) == 0)
			choice->wanted[i] = WANTED_NAMED;
}

/* What is not known is left out: tbd_stacks_check() has said so. */
static void choose(struct choice *choice, const struct tbd_verify_options *options)
{
	*choice = (struct choice){ .as = MODE_COUNT };
	if (options->stacks != NULL)
		(void)choose_list(choice, options->stacks);
	(void)choose_as(choice, options->as);
	choose_device(choice, tbdi_device_find(options->device));
	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (options->installed_stacks && is_first_mode(i) &&
			choice->wanted[i] == WANTED_NOT &&
			tbdi_helper_is_there(tbdi_stack_modes[i].stack))
			choice->wanted[i] = WANTED_TOO;
		choice->asks = choice->asks || choice->wanted[i] != WANTED_NOT;
	}
}

static int fail_unknown(struct tbd_error *error, const char *what)
{
	char known[256] = "";
	size_t used = 0;
	for (size_t i = 0; i < MODE_COUNT && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s%s%s",
			i > 0 ? ", " : "", tbdi_stack_modes[i].stack, is_first_mode(i) ? "" : ":",
			is_first_mode(i) ? "" : tbdi_stack_modes[i].mode);
	return tbdi_fail(error, TBD_E_INVALID, "\"%s\": there are the stacks %s", what, known);
}

int tbd_stacks_check(const struct tbd_verify_options *options, struct tbd_error *error)
{
	struct choice choice = { .as = MODE_COUNT };
	bool is_all = options->stacks != NULL && strcmp(options->stacks, "all") == 0;
	if (options->stacks != NULL && !is_all && !choose_list(&choice, options->stacks))
		return fail_unknown(error, options->stacks);
	if (!choose_as(&choice, options->as))
		return fail_unknown(error, options->as);
	if (options->device != NULL && tbdi_device_find(options->device) == NULL)
		return tbdi_fail(
			error, TBD_E_INVALID, "\"%s\" is no device that is known", options->device);
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (choice.wanted[i] == WANTED_NAMED &&
			!tbdi_helper_is_there(tbdi_stack_modes[i].stack))
			return tbdi_fail(error, TBD_E_MODULE,
				"stack-%s is not there: tbdiag was built without %s",
				tbdi_stack_modes[i].stack, tbdi_stack_modes[i].package);
	return 0;
}

/* ---- what they are asked ----------------------------------------------------------------------- */

/* A report's. */
struct tbdi_stacks {
	struct choice choice;
	char *question; /* without the modes */
	struct tbdi_helper helpers[STACK_COUNT];
	size_t first_mode[STACK_COUNT]; /* of each helper */
	size_t count;
	int64_t start_us;
};

static void stacks_free(void *thing)
{
	struct tbdi_stacks *stacks = thing;
	tbdi_helpers_release(stacks->helpers, stacks->count);
	free(stacks->question);
	free(stacks);
}

static json_t *base64_json(struct tbd_bytes bytes)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)bytes.data, (unsigned)bytes.len };
	gnutls_datum_t text = { NULL, 0 };
	if (bytes.len == 0)
		return json_string("");
	if (gnutls_base64_encode2(&data, &text) < 0)
		return NULL;
	json_t *json = json_stringn((const char *)text.data, text.size);
	gnutls_free(text.data);
	return json;
}

static json_t *chain_json(const struct tbd_chain *chain)
{
	json_t *array = json_array();
	for (size_t i = 0; i < chain->count; i++)
		if (json_array_append_new(array, base64_json(chain->certs[i]->der)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* Append a certificate as PEM. */
static void put_pem(FILE *out, struct tbd_bytes der)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)der.data, (unsigned)der.len };
	gnutls_datum_t text = { NULL, 0 };
	if (gnutls_pem_base64_encode2("CERTIFICATE", &data, &text) < 0)
		return;
	fwrite(text.data, 1, text.size, out);
	gnutls_free(text.data);
}

/* The certificates of the sources that came into question, or any one: an empty file would be another fault. */
static json_t *trust_json(const struct tbdi_report *report, const struct tbd_trust *trust)
{
	const struct tbd_trust_info *info = report->pub.trust;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < info->shown_count; i++)
		put_pem(out, info->certs[i]->der);
	if (info->shown_count == 0 && tbdi_trust_count(trust) > 0)
		put_pem(out, tbdi_trust_entry(trust, 0)->der);
	json_t *json = fclose(out) == 0
		? base64_json((struct tbd_bytes){ (const uint8_t *)text, len })
		: NULL;
	free(text);
	return json;
}

/* The name that the server is dialled by; where nobody said one, one that its certificate has. */
static const char *name_to_ask(const struct tbd_report *report)
{
	const struct tbd_cert *leaf = report->chain->certs[0];
	if (report->verification->name != NULL || leaf->error != NULL)
		return report->verification->name;
	for (size_t i = 0; i < leaf->name_count; i++)
		if (leaf->names[i].type == TBD_NAME_DNS && leaf->names[i].value[0] != '*')
			return leaf->names[i].value;
	return leaf->common_name;
}

/* NULL: out of memory. */
static json_t *question_new(struct tbdi_report *report, const struct tbd_trust *trust)
{
	struct tbd_report *pub = &report->pub;
	bool as_it_is = trust->only_file.data != NULL;
	json_t *trusted = as_it_is ? base64_json(trust->only_file) : trust_json(report, trust);
	pub->stack_trust = as_it_is ? "file" : "certificates";
	return json_pack("{s:o, s:o, s:s, s:I}", "chain", chain_json(pub->chain), "trust", trusted,
		"host", pub->stack_name, "time", (json_int_t)pub->time);
}

/* "\"default\",\"no-clock\"" */
static void write_modes(const struct choice *choice, size_t first, char *text, size_t size)
{
	size_t used = 0;
	for (size_t i = first; i < MODE_COUNT && (i == first || !is_first_mode(i)); i++)
		if (choice->wanted[i] != WANTED_NOT && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s\"%s\"",
				used > 0 ? "," : "", tbdi_stack_modes[i].mode);
}

/* Its modes that are wanted; 0: none. */
static size_t count_wanted(const struct choice *choice, size_t first)
{
	size_t count = 0;
	for (size_t i = first; i < MODE_COUNT && (i == first || !is_first_mode(i)); i++)
		count += choice->wanted[i] != WANTED_NOT;
	return count;
}

/* One that cannot be started has failed. The question ends in a brace, before which the modes are put. */
static int ask_stack(struct tbdi_stacks *stacks, size_t first)
{
	struct tbdi_helper *helper = &stacks->helpers[stacks->count];
	struct tbd_error error;
	char wanted[256], *text = NULL;
	write_modes(&stacks->choice, first, wanted, sizeof(wanted));
	int len = asprintf(&text, "%.*s,\"modes\":[%s]}", (int)strlen(stacks->question) - 1,
		stacks->question, wanted);
	if (len < 0)
		return TBD_E_NOMEM;
	const struct tbd_bytes bytes = { (const uint8_t *)text, (size_t)len };
	if (tbdi_helper_start(helper, tbdi_stack_modes[first].stack, NULL, bytes, &error) < 0) {
		helper->end = TBDI_HELPER_FAILED;
		snprintf(helper->complaint, sizeof(helper->complaint), "%s", error.text);
	}
	stacks->first_mode[stacks->count++] = first;
	free(text);
	return 0;
}

static int list_missing(struct tbdi_report *report, const struct choice *choice)
{
	struct tbdi_list list = { 0 };
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (is_first_mode(i) && count_wanted(choice, i) > 0 &&
			!tbdi_helper_is_there(tbdi_stack_modes[i].stack) &&
			tbdi_list_add(&report->arena, &list, tbdi_stack_modes[i].stack) < 0)
			return TBD_E_NOMEM;
	report->pub.missing_stacks = (const char *const *)(void *)list.items;
	return 0;
}

static int ask_stacks(struct tbdi_stacks *stacks)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < MODE_COUNT; i++)
		if (is_first_mode(i) && count_wanted(&stacks->choice, i) > 0 &&
			tbdi_helper_is_there(tbdi_stack_modes[i].stack))
			rc = ask_stack(stacks, i);
	return rc;
}

/* Takes the text of the question. */
static int stacks_new(struct tbdi_report *report, const struct choice *choice, char *text)
{
	struct tbdi_stacks *stacks = calloc(1, sizeof(*stacks));
	if (stacks == NULL || tbdi_own(&report->arena, &report->owned, stacks, stacks_free) < 0) {
		free(stacks);
		free(text);
		return TBD_E_NOMEM;
	}
	stacks->choice = *choice;
	stacks->question = text;
	stacks->start_us = tbdi_report_elapsed_us(report);
	report->stacks = stacks;
	return list_missing(report, choice);
}

int tbdi_stacks_ask(struct tbdi_report *report, const struct tbd_verify_options *options)
{
	const struct tbdi_device *device = tbdi_device_find(options->device);
	struct tbdi_stacks *before = report->stacks;
	struct choice choice;
	choose(&choice, options);
	report->pub.device = device != NULL ? device->pub.name : NULL;
	report->pub.stack_name = choice.asks ? name_to_ask(&report->pub) : NULL;
	if (report->pub.stack_name == NULL)
		return 0;
	json_t *question = question_new(report, options->trust);
	char *text = json_dumps(question, JSON_COMPACT);
	json_decref(question);
	if (text == NULL)
		return TBD_E_NOMEM;
	if (before != NULL && strcmp(before->question, text) == 0) {
		free(text);
		return 0;
	}
	/* What was asked before is of no interest any more. */
	if (before != NULL)
		tbdi_helpers_stop(before->helpers, before->count);
	int rc = stacks_new(report, &choice, text);
	return rc < 0 ? rc : ask_stacks(report->stacks);
}

/* ---- what they say ----------------------------------------------------------------------------- */

/* Short, and made of these: what is none of our own words is not shown as one. */
static const char *plain_word(struct tbdi_arena *arena, const char *text, const char *characters)
{
	enum { LONGEST = 40 };
	size_t len = text != NULL ? strlen(text) : 0;
	if (len == 0 || len > LONGEST || strspn(text, characters) != len)
		return NULL;
	return tbdi_arena_strdup(arena, text);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static const char *words_of(struct tbdi_arena *arena, const char *text)
{
	return text == NULL || *text == '\0'
		? NULL
		: tbdi_arena_utf8(arena, text, strnlen(text, WORDS_MAX));
}

static int int_of(const json_t *object, const char *key, int none)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);
	bool fits = json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX;
	return fits ? (int)number : none;
}

static struct tbd_verdict *verdict_new(
	struct tbdi_report *report, const struct tbdi_stacks *stacks, size_t mode)
{
	struct tbd_verdict *verdict = tbdi_arena_alloc(&report->arena, sizeof(*verdict));
	if (verdict == NULL)
		return NULL;
	verdict->stack = tbdi_stack_modes[mode].stack;
	verdict->mode = tbdi_stack_modes[mode].mode;
	verdict->devices = tbdi_stack_modes[mode].devices;
	verdict->named = stacks->choice.wanted[mode] == WANTED_NAMED;
	verdict->alert = verdict->anchors_loaded = -1;
	return verdict;
}

/* The stack has none: why. */
static void verdict_miss(struct tbdi_report *report, struct tbd_verdict *verdict,
	const struct tbdi_helper *helper, const char *what)
{
	struct tbdi_arena *arena = &report->arena;
	const char *signal = sigdescr_np(helper->signal);
	switch (helper->end) {
	case TBDI_HELPER_CRASHED:
		verdict->step = "crashed";
		verdict->words = tbdi_arena_printf(arena, "ended by signal %d (%s)", helper->signal,
			signal != NULL ? signal : "unknown");
		return;
	case TBDI_HELPER_LATE:
		verdict->step = "timeout";
		verdict->words = "no verdict in time";
		return;
	case TBDI_HELPER_TALKED:
		what = "its answer has no end";
		break;
	case TBDI_HELPER_FAILED:
		what = words_of(arena, helper->complaint);
		break;
	case TBDI_HELPER_RUNS:
	case TBDI_HELPER_ANSWERED:
		break;
	}
	verdict->step = "failed";
	verdict->words = what;
}

/* What the answer says of this mode, or NULL. */
static const json_t *find_verdict(const json_t *answer, const char *mode)
{
	const json_t *list = json_object_get(answer, "verdicts");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *its = json_string_value(json_object_get(item, "mode"));
		if (its != NULL && strcmp(its, mode) == 0)
			return json_is_boolean(json_object_get(item, "accepted")) ? item : NULL;
	}
	return NULL;
}

static void verdict_read(struct tbdi_arena *arena, struct tbd_verdict *verdict, const json_t *item)
{
	const char *step = json_string_value(json_object_get(item, "step"));
	verdict->accepted = json_is_true(json_object_get(item, "accepted"));
	step = plain_word(arena, step, LETTERS DIGITS "-");
	verdict->step = step != NULL ? step : "handshake";
	verdict->code = int_of(item, "code", 0);
	verdict->words = words_of(arena, json_string_value(json_object_get(item, "words")));
	verdict->alert = int_of(item, "alert", -1);
	verdict->anchors_loaded = int_of(item, "anchors_loaded", -1);
}

static int take_verdicts(struct tbdi_report *report, const struct tbdi_stacks *stacks, size_t index,
	struct tbdi_list *list)
{
	const struct tbdi_helper *helper = &stacks->helpers[index];
	size_t first = stacks->first_mode[index];
	bool ended_well = helper->end == TBDI_HELPER_ANSWERED && helper->answer != NULL;
	json_t *answer =
		ended_well ? json_loadb(helper->answer, helper->answer_len, 0, NULL) : NULL;
	const char *version = plain_word(&report->arena,
		json_string_value(json_object_get(answer, "version")), LETTERS DIGITS ".+~-");
	int rc = 0;
	for (size_t i = first; rc == 0 && i < MODE_COUNT && (i == first || !is_first_mode(i));
		i++) {
		if (stacks->choice.wanted[i] == WANTED_NOT)
			continue;
		struct tbd_verdict *verdict = verdict_new(report, stacks, i);
		rc = tbdi_list_add(&report->arena, list, verdict);
		if (rc < 0)
			break;
		const json_t *item = find_verdict(answer, tbdi_stack_modes[i].mode);
		verdict->version = version;
		if (item != NULL)
			verdict_read(&report->arena, verdict, item);
		else
			verdict_miss(report, verdict, helper,
				answer == NULL ? "what it answers is no JSON"
					       : "it says nothing of this mode");
		if (i == stacks->choice.as)
			report->pub.judged_as = verdict;
	}
	json_decref(answer);
	return rc;
}

static int wait_for_all(struct tbdi_report *report, struct tbdi_stacks *stacks,
	const struct tbd_stacks_options *options, struct tbd_error *error)
{
	int64_t timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
	int64_t begun_us = tbdi_report_elapsed_us(report);
	int rc = 0;
	while (rc == 0) {
		int64_t now_us = tbdi_report_elapsed_us(report);
		int64_t left_ms = timeout_ms - (now_us - stacks->start_us) / 1000;
		if (options->progress != NULL &&
			options->progress(
				options->progress_arg, "stacks", (now_us - begun_us) / 1000) != 0)
			return tbdi_fail(error, TBD_E_CANCELLED, "cancelled");
		/* Who has ended is not late, however late it is asked. */
		if (left_ms <= 0) {
			rc = tbdi_helpers_wait(stacks->helpers, stacks->count, 0, error);
			tbdi_helpers_stop(stacks->helpers, stacks->count);
			continue;
		}
		rc = tbdi_helpers_wait(stacks->helpers, stacks->count,
			left_ms < PROGRESS_MS ? left_ms : PROGRESS_MS, error);
	}
	return rc < 0 ? rc : 0;
}

int tbd_await_stacks(struct tbd_report *report, const struct tbd_stacks_options *options,
	struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_await_stacks: options do not fit");
	struct tbdi_report *own = tbdi_report_of(report);
	struct tbdi_stacks *stacks = own->stacks;
	struct tbdi_list list = { 0 };
	int rc = tbdi_report_writable(report, error);
	if (rc < 0 || stacks == NULL)
		return rc;
	rc = wait_for_all(own, stacks, options, error);
	own->cancelled = own->cancelled || rc == TBD_E_CANCELLED;
	if (rc < 0)
		return rc;
	report->judged_as = NULL;
	for (size_t i = 0; rc == 0 && i < stacks->count; i++)
		rc = take_verdicts(own, stacks, i, &list);
	if (rc == 0)
		rc = tbdi_report_step(own, "stacks", TBD_STEP_OK, stacks->start_us, NULL);
	if (rc < 0)
		return tbdi_fail_nomem(error);
	report->verdicts = (const struct tbd_verdict *const *)(void *)list.items;
	report->verdict_count = list.count;
	return 0;
}

/* ---- what is installed ------------------------------------------------------------------------- */

/* What tbd_stack_components() gives, with the texts that are not static behind it. */
struct component_block {
	struct tbd_component list[STACK_COUNT + 1];
	char versions[STACK_COUNT][64];
};

static void take_version(const struct tbdi_helper *helper, char version[64])
{
	bool ended_well = helper->end == TBDI_HELPER_ANSWERED && helper->answer != NULL;
	json_t *answer =
		ended_well ? json_loadb(helper->answer, helper->answer_len, 0, NULL) : NULL;
	const char *text = json_string_value(json_object_get(answer, "version"));
	if (text != NULL && strspn(text, LETTERS DIGITS ".+~-") == strlen(text))
		snprintf(version, 64, "%s", text);
	json_decref(answer);
}

int tbd_stack_components(struct tbd_component **out, struct tbd_error *error)
{
	struct tbdi_helper helpers[STACK_COUNT];
	struct component_block *block = calloc(1, sizeof(*block));
	size_t count = 0;
	int rc = 0;
	if (block == NULL)
		return tbdi_fail_nomem(error);
	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (!is_first_mode(i))
			continue;
		helpers[count] = (struct tbdi_helper){ .process = -1, .out = -1, .err = -1 };
		if (tbdi_helper_is_there(tbdi_stack_modes[i].stack))
			(void)!tbdi_helper_start(&helpers[count], tbdi_stack_modes[i].stack,
				"--list", (struct tbd_bytes){ NULL, 0 }, NULL);
		block->list[count++] = (struct tbd_component){ "stack", tbdi_stack_modes[i].stack,
			NULL, tbdi_stack_modes[i].package };
	}
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		rc = tbdi_helpers_wait(helpers, count, PROGRESS_MS, error);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (rc == 0 && (now.tv_sec - begin.tv_sec) * 1000 < LIST_MS);
	for (size_t i = 0; i < count; i++) {
		take_version(&helpers[i], block->versions[i]);
		if (block->versions[i][0] != '\0')
			block->list[i].version = block->versions[i];
	}
	tbdi_helpers_release(helpers, count);
	*out = block->list;
	return 0;
}
