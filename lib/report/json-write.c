/* SPDX-License-Identifier: MIT
 *
 * json-write.c - reports and sets as JSON, as the tables of schema.c and the schemas in tools/schema/ describe
 * them.
 *
 * What is not there is null, what has no elements an empty array, so that every key is always present. A
 * certificate is written once, where it belongs; elsewhere a reference (origin, index, subject) stands for
 * it.
 */
#include "report/schema.h"

#include "base/rfc3339.h"

/* Out of memory is remembered by whoever adds the value to its object or array. */
struct writer {
	const struct tbd_report *report; /* that is being written */
	bool failed;
};

static void writer_put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		writer->failed = true;
}

static void append(struct writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		writer->failed = true;
}

static json_t *text_json(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *optional_json(int64_t number)
{
	return number >= 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *time_json(int64_t seconds)
{
	char text[TBDI_RFC3339_SIZE];
	return json_string(tbdi_rfc3339(seconds, text));
}

/* strings may be NULL: none. */
static json_t *strings_json(struct writer *writer, const char *const *strings)
{
	json_t *array = json_array();
	for (; strings != NULL && *strings != NULL; strings++)
		append(writer, array, json_string(*strings));
	return array;
}

static json_t *evidence_json(
	struct writer *writer, const struct tbd_evidence *evidence, size_t count)
{
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++)
		writer_put(writer, object, evidence[i].key,
			evidence[i].text != NULL ? json_string(evidence[i].text)
						 : json_integer((json_int_t)evidence[i].number));
	return object;
}

static json_t *element_json(const void *items, size_t count, const void *element)
{
	for (size_t i = 0; i < count; i++)
		if (tbdi_pointer_at(tbdi_field_at(items, i * sizeof(void *))) == element)
			return json_integer((json_int_t)i);
	return json_null();
}

static int64_t number_at(const struct tbdi_field *field, const void *at)
{
	if (field->size == sizeof(uint16_t))
		return *(const uint16_t *)at;
	if (field->size == sizeof(int) && field->is_signed)
		return *(const int *)at;
	if (field->size == sizeof(unsigned))
		return *(const unsigned *)at;
	return *(const int64_t *)at;
}

static json_t *value_json(struct writer *writer, const struct tbdi_field *field, const void *base);

/* NULL is null. A certificate that could not be parsed has no subject either. */
static json_t *object_json(struct writer *writer, const struct tbdi_shape *shape, const void *base)
{
	if (base == NULL)
		return json_null();
	if (shape == &tbdi_report_shape)
		writer->report = base;
	json_t *object = json_object();
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		writer_put(writer, object, field->name, value_json(writer, field, base));
		if (field->kind == TBDI_ERROR &&
			tbdi_pointer_at(tbdi_field_at(base, field->offset)) != NULL)
			break;
	}
	return object;
}

static json_t *pointers_json(
	struct writer *writer, const struct tbdi_shape *shape, const void *items, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		append(writer, array,
			object_json(writer, shape,
				tbdi_pointer_at(tbdi_field_at(items, i * sizeof(void *)))));
	return array;
}

static json_t *array_json(
	struct writer *writer, const struct tbdi_shape *shape, const void *items, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		append(writer, array,
			object_json(writer, shape, tbdi_field_at(items, i * shape->size)));
	return array;
}

static json_t *value_json(struct writer *writer, const struct tbdi_field *field, const void *base)
{
	const void *at = tbdi_field_at(base, field->offset);
	const void *more = tbdi_field_at(base, field->more);
	switch (field->kind) {
	case TBDI_TEXT:
	case TBDI_MAYBE:
	case TBDI_ERROR:
		return text_json(tbdi_pointer_at(at));
	case TBDI_STRINGS_IF:
		if (!*(const bool *)more)
			return json_null();
		return strings_json(writer, tbdi_pointer_at(at));
	case TBDI_STRINGS:
		return strings_json(writer, tbdi_pointer_at(at));
	case TBDI_BOOL:
		return json_boolean(*(const bool *)at);
	case TBDI_NUMBER:
		return json_integer((json_int_t)number_at(field, at));
	case TBDI_OPTIONAL:
		return optional_json(*(const int *)at);
	case TBDI_NONZERO:
		return *(const int *)at != 0 ? json_integer(*(const int *)at) : json_null();
	case TBDI_NUMBER_IF:
		return optional_json(tbdi_enum_at(more) != 0 ? number_at(field, at) : -1);
	case TBDI_TIME:
		return time_json(*(const int64_t *)at);
	case TBDI_TIME_MAYBE:
		return *(const int64_t *)at == -1 ? json_null() : time_json(*(const int64_t *)at);
	case TBDI_DAYS_LEFT:
		return json_integer(
			(json_int_t)tbdi_days_left(*(const int64_t *)at - writer->report->time));
	case TBDI_WORD:
		return json_string(tbdi_word(field->words, tbdi_enum_at(at)));
	case TBDI_OBJECT:
	case TBDI_CERT:
		return object_json(writer, field->shape, tbdi_pointer_at(at));
	case TBDI_POINTERS:
	case TBDI_CERTS:
		return pointers_json(writer, field->shape, tbdi_pointer_at(at), tbdi_size_at(more));
	case TBDI_ARRAY:
		return array_json(writer, field->shape, tbdi_pointer_at(at), tbdi_size_at(more));
	case TBDI_ELEMENT:
		return element_json(tbdi_pointer_at(tbdi_field_at(base, field->items)),
			tbdi_size_at(more), tbdi_pointer_at(at));
	case TBDI_EVIDENCE:
		return evidence_json(writer, tbdi_pointer_at(at), tbdi_size_at(more));
	}
	return NULL;
}

/* *out gets the text with a line feed at its end. */
static int tree_dump(const json_t *json, char **out)
{
	const size_t flags = JSON_INDENT(2) | JSON_PRESERVE_ORDER;
	size_t len = json_dumpb(json, NULL, 0, flags);
	char *text = len > 0 ? malloc(len + 2) : NULL;
	if (text == NULL || json_dumpb(json, text, len, flags) != len) {
		free(text);
		return TBD_E_NOMEM;
	}
	text[len] = '\n';
	text[len + 1] = '\0';
	*out = text;
	return 0;
}

static json_t *tree(const struct tbdi_shape *shape, const void *base)
{
	struct writer writer = { 0 };
	json_t *json = object_json(&writer, shape, base);
	if (!writer.failed)
		return json;
	json_decref(json);
	return NULL;
}

static int to_json(
	const struct tbdi_shape *shape, const void *base, char **out, struct tbd_error *error)
{
	*out = NULL;
	json_t *json = tree(shape, base);
	int rc = json == NULL ? TBD_E_NOMEM : tree_dump(json, out);
	json_decref(json);
	return rc < 0 ? tbdi_fail_nomem(error) : 0;
}

json_t *tbdi_report_tree(const struct tbd_report *report)
{
	return tree(&tbdi_report_shape, report);
}

json_t *tbdi_set_tree(const struct tbd_set *set)
{
	return tree(&tbdi_set_shape, set);
}

int tbd_report_to_json(const struct tbd_report *report, char **out, struct tbd_error *error)
{
	return to_json(&tbdi_report_shape, report, out, error);
}

int tbd_set_to_json(const struct tbd_set *set, char **out, struct tbd_error *error)
{
	return to_json(&tbdi_set_shape, set, out, error);
}
