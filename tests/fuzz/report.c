/* SPDX-License-Identifier: MIT
 *
 * report.c - fuzz reading and redacting: the input changes a report in which all is well, or is a report itself.
 * What is accepted has to come out as it went in, and nothing that a peer or the user wrote is left when it was
 * redacted.
 */
#include "fields.h"
#include "json.h"
#include "vocabulary.h"

#include "tests/sample.h"

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

static unsigned take(struct input *input)
{
	if (input->len == 0)
		return 0;
	input->len--;
	return *input->data++;
}

/* Text of so many bytes; what is no UTF-8 is left out by Jansson. */
static json_t *take_text(struct input *input)
{
	size_t len = take(input);
	len = len < input->len ? len : input->len;
	json_t *text = json_stringn((const char *)input->data, len);
	input->data += len;
	input->len -= len;
	return text != NULL ? text : json_string("\\");
}

static json_t *take_value(struct input *input)
{
	switch (take(input) % 8) {
	case 0:
		return json_null();
	case 1:
		return json_integer((json_int_t)take(input) - 2);
	case 2:
		return json_boolean(take(input) % 2);
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
			return json_array_set_new(tree, i, take_value(input)) == 0;
		if (change(json_array_get(tree, i), left, input))
			return true;
	}
	if (!json_is_object(tree))
		return false;
	json_object_foreach(tree, key, value)
	{
		if ((*left)-- == 0)
			return json_object_set_new(tree, key, take_value(input)) == 0;
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

/* ---- what has to hold ------------------------------------------------------------------------- */

static const struct tbdi_vocabulary *vocabulary;

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
	if (value != NULL && !tbdi_vocabulary_knows(vocabulary, value, strlen(value)))
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

static void check_redacted(const struct tbd_report *report)
{
	struct tbd_report *redacted = NULL;
	MUST(tbd_report_redact(report, &redacted, NULL) == 0);
	json_t *tree = tbdi_report_tree(redacted), *whole = tbdi_report_tree(report);
	MUST(tree != NULL && whole != NULL);
	/* What says that it is redacted keeps its placeholders. */
	if (!report->redacted)
		check_object(&tbdi_report_shape, tree, whole);
	json_decref(whole);
	json_decref(tree);
	tbd_report_free(redacted);
}

static void check_text_of_report(const char *text, size_t len)
{
	struct tbd_report *report = NULL, *again = NULL;
	struct tbd_error error = { "" };
	char *first = NULL, *second = NULL;
	if (tbd_report_from_json(text, len, &report, &error) < 0) {
		MUST(report == NULL && error.text[0] != '\0');
		return;
	}
	MUST(tbd_report_to_json(report, &first, NULL) == 0);
	MUST(tbd_report_from_json(first, strlen(first), &again, NULL) == 0);
	MUST(tbd_report_to_json(again, &second, NULL) == 0);
	MUST(strcmp(first, second) == 0);
	check_redacted(report);
	free(first);
	free(second);
	tbd_report_free(again);
	tbd_report_free(report);
}

/* Text is a report; anything else is changes to one: place, type and value of each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *sample;
	struct input input = { data, size };
	if (sample == NULL) {
		sample = sample_tree();
		vocabulary = tbdi_vocabulary_new();
		MUST(sample != NULL && vocabulary != NULL);
	}
	if (size > 0 && data[0] == '{') {
		check_text_of_report((const char *)data, size);
		return 0;
	}
	json_t *tree = json_deep_copy(sample);
	for (int i = 0; i < 8 && input.len > 0; i++) {
		unsigned place = take(&input) << 8;
		place |= take(&input);
		place %= 800;
		(void)change(tree, &place, &input);
	}
	char *text = json_dumps(tree, JSON_PRESERVE_ORDER);
	MUST(text != NULL);
	check_text_of_report(text, strlen(text));
	free(text);
	json_decref(tree);
	return 0;
}
