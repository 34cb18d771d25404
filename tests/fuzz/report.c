/* SPDX-License-Identifier: MIT
 *
 * report.c - fuzz reading and redacting: the input changes a report in which all is well, or after "[" a set of two, or
 * is a report or set itself.
 * What is accepted has to come out as it went in, and nothing that a peer or the user wrote is left when it was
 * redacted.
 */
#include "report/schema.h"

#include "tests/unit/healthy-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A violated invariant ends the program, so that the fuzzer keeps the input. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* ---- the input -------------------------------------------------------------------------------- */

struct input {
	const uint8_t *data;
	size_t len;
};

static unsigned fuzz_take(struct input *input)
{
	if (input->len == 0)
		return 0;
	input->len--;
	return *input->data++;
}

/* Text of so many bytes; what is no UTF-8 is left out by Jansson. */
static json_t *take_text(struct input *input)
{
	size_t len = fuzz_take(input);
	len = len < input->len ? len : input->len;
	json_t *text = json_stringn((const char *)input->data, len);
	input->data += len;
	input->len -= len;
	return text != NULL ? text : json_string("\\");
}

static json_t *fuzz_value(struct input *input)
{
	switch (fuzz_take(input) % 8) {
	case 0:
		return json_null();
	case 1:
		return json_integer((json_int_t)fuzz_take(input) - 2);
	case 2:
		return json_boolean(fuzz_take(input) % 2);
	case 3:
		return json_array();
	case 4:
		return json_object();
	default:
		return take_text(input);
	}
}

/* Count down to a value of the tree and change it there. */
static bool change(json_t *tree, unsigned *left, struct input *input)
{
	const char *key;
	json_t *value;
	for (size_t i = 0; i < json_array_size(tree); i++) {
		if ((*left)-- == 0)
			return json_array_set_new(tree, i, fuzz_value(input)) == 0;
		if (change(json_array_get(tree, i), left, input))
			return true;
	}
	if (!json_is_object(tree))
		return false;
	json_object_foreach(tree, key, value)
	{
		if ((*left)-- == 0)
			return json_object_set_new(tree, key, fuzz_value(input)) == 0;
		if (change(value, left, input))
			return true;
	}
	return false;
}

static json_t *sample_tree(void)
{
	struct sample *sample = sample_new();
	MUST(tbd_report_note(sample->report, "a note", NULL) == 0);
	MUST(tbd_judge(sample->report, NULL) == 0);
	json_t *tree = tbdi_report_tree(sample->report);
	sample_free(sample);
	return tree;
}

/* Which differ, so that everything of a set is in it. */
static json_t *sample_set_tree(void)
{
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *set = NULL;
	MUST(tbd_set_new(TBD_COMPARES_TRANSPORTS, &set, NULL) == 0);
	MUST(tbd_set_note(set, "a note", NULL) == 0);
	samples[1]->leaf.sha256 = samples[1]->root.sha256;
	for (size_t i = 0; i < TBDI_COUNT(samples); i++)
		MUST(tbd_set_add(set, sample_take(samples[i]), i == 0 ? "one" : "two", NULL) == 0);
	MUST(tbd_set_judge(set, NULL) == 0 && set->finding_count > 0);
	json_t *tree = tbdi_set_tree(set);
	tbd_set_free(set);
	for (size_t i = 0; i < TBDI_COUNT(samples); i++)
		sample_free(samples[i]);
	return tree;
}

/* ---- what has to hold ------------------------------------------------------------------------- */

static const struct tbdi_known_words *vocabulary;

static bool is_edge(const char *text, size_t at)
{
	return at == 0 || !tbdi_is_word_char(text[at - 1]) || !tbdi_is_word_char(text[at]);
}

static bool stands_in(const char *text, const char *value)
{
	size_t len = strlen(value);
	for (const char *at = text; (at = strstr(at, value)) != NULL; at++)
		if (is_edge(text, (size_t)(at - text)) && is_edge(text, (size_t)(at - text) + len))
			return true;
	return false;
}

static void must_be_gone(const json_t *redacted, const char *value)
{
	const char *key;
	json_t *item;
	size_t i;
	if (json_is_string(redacted))
		MUST(!stands_in(json_string_value(redacted), value));
	json_array_foreach(redacted, i, item) must_be_gone(item, value);
	json_object_foreach((json_t *)(uintptr_t)redacted, key, item) must_be_gone(item, value);
}

/* A value that is made of words we say ourselves may stand there by chance. */
static void check_text(const json_t *redacted, const json_t *text)
{
	const char *value = json_string_value(text);
	if (value != NULL && !tbdi_known_words_have(vocabulary, value, strlen(value)))
		must_be_gone(redacted, value);
}

static void check_object(const struct tbdi_shape *shape, const json_t *redacted, json_t *object)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		json_t *value = json_object_get(object, field->name);
		if (field->privacy != TBDI_IS_UNSAID)
			check_text(redacted, value);
		else if (field->shape != NULL && json_is_object(value))
			check_object(field->shape, redacted, value);
		for (size_t i = 0; i < json_array_size(value); i++)
			if (field->privacy != TBDI_IS_UNSAID)
				check_text(redacted, json_array_get(value, i));
			else if (field->shape != NULL)
				check_object(field->shape, redacted, json_array_get(value, i));
	}
}

/* A report or a set; the other is NULL. */
struct stored {
	struct tbd_report *report;
	struct tbd_set *set;
};

static void stored_free(struct stored *stored)
{
	tbd_report_free(stored->report);
	tbd_set_free(stored->set);
}

static char *stored_text(const struct stored *stored)
{
	char *text = NULL;
	MUST((stored->set != NULL ? tbd_set_to_json(stored->set, &text, NULL)
				  : tbd_report_to_json(stored->report, &text, NULL)) == 0);
	return text;
}

static json_t *stored_tree(const struct stored *stored)
{
	json_t *tree =
		stored->set != NULL ? tbdi_set_tree(stored->set) : tbdi_report_tree(stored->report);
	MUST(tree != NULL);
	return tree;
}

/* What says that it is redacted keeps its placeholders. */
static bool is_redacted(const struct stored *stored)
{
	if (stored->set == NULL)
		return stored->report->redacted;
	return stored->set->redacted;
}

static void check_redacted(const struct stored *stored)
{
	struct stored redacted = { 0 };
	MUST((stored->set != NULL
			     ? tbd_set_redact(stored->set, &redacted.set, NULL)
			     : tbd_report_redact(stored->report, &redacted.report, NULL)) == 0);
	json_t *tree = stored_tree(&redacted), *whole = stored_tree(stored);
	if (!is_redacted(stored))
		check_object(
			stored->set != NULL ? &tbdi_set_shape : &tbdi_report_shape, tree, whole);
	json_decref(whole);
	json_decref(tree);
	stored_free(&redacted);
}

static void check_stored_text(const char *text, size_t len)
{
	struct stored stored = { 0 }, again = { 0 };
	struct tbd_error error = { "" };
	if (tbd_from_json(text, len, &stored.report, &stored.set, &error) < 0) {
		MUST(stored.report == NULL && stored.set == NULL && error.text[0] != '\0');
		return;
	}
	MUST((stored.report == NULL) != (stored.set == NULL));
	char *first = stored_text(&stored);
	MUST(tbd_from_json(first, strlen(first), &again.report, &again.set, NULL) == 0);
	char *second = stored_text(&again);
	MUST(strcmp(first, second) == 0);
	check_redacted(&stored);
	free(first);
	free(second);
	stored_free(&again);
	stored_free(&stored);
}

/* Text is a report or a set; anything else is changes to one: place, type and value of each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *sample, *sample_set;
	struct input input = { data, size };
	if (sample == NULL) {
		sample = sample_tree();
		sample_set = sample_set_tree();
		vocabulary = tbdi_known_words_new(NULL);
		MUST(sample != NULL && sample_set != NULL && vocabulary != NULL);
	}
	if (size > 0 && data[0] == '{') {
		check_stored_text((const char *)data, size);
		return 0;
	}
	bool of_set = size > 0 && data[0] == '[' && fuzz_take(&input);
	json_t *tree = json_deep_copy(of_set ? sample_set : sample);
	for (int i = 0; i < 8 && input.len > 0; i++) {
		unsigned place = fuzz_take(&input) << 8;
		place |= fuzz_take(&input);
		place %= of_set ? 1800 : 800;
		(void)change(tree, &place, &input);
	}
	char *text = json_dumps(tree, JSON_PRESERVE_ORDER);
	MUST(text != NULL);
	check_stored_text(text, strlen(text));
	free(text);
	json_decref(tree);
	return 0;
}
