/* SPDX-License-Identifier: MIT
 *
 * json-read.c - a report or a set from its JSON, by the tables of schema.c.
 *
 * What is read is somebody's file. Each key has to be there, none may be more, and each value is of its type and
 * within its range, so that whoever works with the report need not ask. Only consequences nest by themselves;
 * how deeply, is limited.
 */
#include "report/schema.h"

#include "report/report.h"
#include "base/rfc3339.h"
#include "report/set.h"
#include "report/verdict.h"

enum {
	TEXT_MAX = 16 << 20,
	/* Brackets and commas: a value of three bytes costs a hundred as a tree. */
	VALUES_MAX = 500 * 1000,
	DEPTH_MAX = 32,
};

/* Where in the JSON a value stands. */
struct place {
	const struct place *parent; /* NULL: the whole */
	const char *key;            /* NULL: an element */
	size_t index;
	size_t depth;
};

struct reader {
	struct tbdi_arena *arena;   /* of the next */
	struct tbdi_report *report; /* NULL: it is a set */
	struct tbd_error *error;
	struct tbdi_list certs; /* struct tbd_cert that are shown in full */
	struct tbdi_list
		references; /* addresses of const struct tbd_cert * that stand for one of them */
};

static const char *const no_strings[] = { NULL };

/* ---- failing ---------------------------------------------------------------------------------- */

/* "chain.certs[1].subject" */
static void put_place(FILE *out, const struct place *place)
{
	if (place->parent == NULL)
		return;
	put_place(out, place->parent);
	if (place->key == NULL)
		fprintf(out, "[%zu]", place->index);
	else
		fprintf(out, "%s%s", place->parent->parent != NULL ? "." : "", place->key);
}

/* A key of the input may stand in the place, so that is cut rather than the reason. */
static int reader_fail(struct reader *reader, const struct place *place, const char *why)
{
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	if (out != NULL) {
		put_place(out, place);
		fclose(out);
		text[sizeof(text) - 1] = '\0';
	}
	return tbdi_fail(reader->error, TBD_E_FORMAT, "%s %s", text, why);
}

static int fail_nomem(struct reader *reader)
{
	return tbdi_fail_nomem(reader->error);
}

/* ---- values ----------------------------------------------------------------------------------- */

static void *allocate(struct reader *reader, size_t size)
{
	return tbdi_arena_alloc(reader->arena, size);
}

static int read_string(
	struct reader *reader, const struct place *place, json_t *value, const char **out)
{
	if (!json_is_string(value))
		return reader_fail(reader, place, "is no string");
	*out = tbdi_arena_strdup(reader->arena, json_string_value(value));
	return *out == NULL ? fail_nomem(reader) : 0;
}

static int read_maybe(
	struct reader *reader, const struct place *place, json_t *value, const char **out)
{
	return json_is_null(value) ? 0 : read_string(reader, place, value, out);
}

static int read_strings(struct reader *reader, const struct place *place, json_t *value,
	const char *const **out, size_t *count)
{
	if (!json_is_array(value))
		return reader_fail(reader, place, "is no array");
	*count = json_array_size(value);
	const char **strings = allocate(reader, (*count + 1) * sizeof(*strings));
	int rc = strings == NULL ? fail_nomem(reader) : 0;
	for (size_t i = 0; rc == 0 && i < *count; i++) {
		struct place at = { .parent = place, .index = i };
		rc = read_string(reader, &at, json_array_get(value, i), &strings[i]);
	}
	*out = strings;
	return rc;
}

/* The range of an integer field. */
static int64_t number_least(const struct tbdi_field *field)
{
	if (!field->is_signed)
		return 0;
	return field->size == sizeof(int) ? INT32_MIN : INT64_MIN;
}

static int64_t number_most(const struct tbdi_field *field)
{
	if (field->size == sizeof(uint16_t))
		return UINT16_MAX;
	if (field->size == sizeof(int))
		return field->is_signed ? INT32_MAX : UINT32_MAX;
	return INT64_MAX;
}

static void put_number(const struct tbdi_field *field, void *at, int64_t number)
{
	if (field->size == sizeof(uint16_t))
		*(uint16_t *)at = (uint16_t)number;
	else if (field->size == sizeof(unsigned))
		*(unsigned *)at = (unsigned)number;
	else
		*(int64_t *)at = number;
}

static int read_number(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *at, json_t *value)
{
	if (!json_is_integer(value))
		return reader_fail(reader, place, "is no integer");
	json_int_t number = json_integer_value(value);
	if (number < number_least(field) || number > number_most(field))
		return reader_fail(reader, place, "is out of range");
	put_number(field, at, number);
	return 0;
}

/* -1 stands for null, so that a number must not be one. */
static int read_optional(struct reader *reader, const struct place *place, int *at, json_t *value)
{
	*at = -1;
	if (json_is_null(value))
		return 0;
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || number > INT32_MAX)
		return reader_fail(
			reader, place, "is neither null nor a number from 0 to 2147483647");
	*at = (int)number;
	return 0;
}

static int read_number_if(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	bool wanted = tbdi_enum_at(tbdi_field_at(base, field->more)) != 0;
	if (wanted == json_is_null(value))
		return reader_fail(reader, place, wanted ? "is null" : "is not null");
	if (!wanted)
		return 0;
	return read_number(reader, place, field, (char *)base + field->offset, value);
}

static int read_bool(struct reader *reader, const struct place *place, bool *at, json_t *value)
{
	*at = json_is_true(value);
	return json_is_boolean(value) ? 0 : reader_fail(reader, place, "is neither true nor false");
}

static int read_time(struct reader *reader, const struct place *place, int64_t *at, json_t *value)
{
	if (json_is_string(value) && tbdi_rfc3339_read(json_string_value(value), at))
		return 0;
	return reader_fail(reader, place, "is no time as 2026-11-24T04:44:42Z");
}

static int check_days(
	struct reader *reader, const struct place *place, int64_t until, json_t *value)
{
	int64_t left = until - reader->report->pub.time, said = json_integer_value(value);
	/* Until 0.1 days that were over were rounded up. */
	bool fits = said == tbdi_days_left(left) || (left < 0 && said == left / 86400 - 1);
	if (!json_is_integer(value) || !fits)
		return reader_fail(reader, place, "does not fit the times");
	return 0;
}

static int read_word(struct reader *reader, const struct place *place,
	const struct tbdi_words *words, void *at, json_t *value)
{
	const char *word = json_string_value(value);
	for (unsigned i = 0; word != NULL && i < words->count; i++)
		if (strcmp(tbdi_word(words, i), word) == 0) {
			memcpy(at, &i, sizeof(i));
			return 0;
		}
	return reader_fail(reader, place, "is none of the words that it may be");
}

/* ---- structures ------------------------------------------------------------------------------- */

static int read_object(struct reader *reader, const struct place *place,
	const struct tbdi_shape *shape, void *base, json_t *value);

static int read_pointer(struct reader *reader, const struct place *place,
	const struct tbdi_shape *shape, const void **out, json_t *value)
{
	void *object = allocate(reader, shape->size);
	*out = object;
	if (object == NULL)
		return fail_nomem(reader);
	if (shape == &tbdi_cert_shape && tbdi_list_add(reader->arena, &reader->certs, object) < 0)
		return fail_nomem(reader);
	return read_object(reader, place, shape, object, value);
}

static int read_reference(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, const void **out, json_t *value)
{
	int rc = read_pointer(reader, place, field->shape, out, value);
	if (rc == 0 && tbdi_list_add(reader->arena, &reader->references, out) < 0)
		rc = fail_nomem(reader);
	return rc;
}

static int read_pointers(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	if (!json_is_array(value))
		return reader_fail(reader, place, "is no array");
	size_t count = json_array_size(value);
	const void **items = allocate(reader, (count + 1) * sizeof(*items));
	int rc = items == NULL ? fail_nomem(reader) : 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct place at = { .parent = place, .index = i, .depth = place->depth };
		json_t *item = json_array_get(value, i);
		rc = field->kind == TBDI_CERTS
			? read_reference(reader, &at, field, &items[i], item)
			: read_pointer(reader, &at, field->shape, &items[i], item);
	}
	memcpy((char *)base + field->offset, &items, sizeof(items));
	*(size_t *)(void *)((char *)base + field->more) = count;
	return rc;
}

static int read_array(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	if (!json_is_array(value))
		return reader_fail(reader, place, "is no array");
	size_t count = json_array_size(value);
	char *items = allocate(reader, (count + 1) * field->shape->size);
	int rc = items == NULL ? fail_nomem(reader) : 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct place at = { .parent = place, .index = i, .depth = place->depth };
		rc = read_object(reader, &at, field->shape, items + i * field->shape->size,
			json_array_get(value, i));
	}
	memcpy((char *)base + field->offset, &items, sizeof(items));
	*(size_t *)(void *)((char *)base + field->more) = count;
	return rc;
}

static int read_evidence(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	if (!json_is_object(value))
		return reader_fail(reader, place, "is no object");
	struct tbd_evidence *list = allocate(reader, (json_object_size(value) + 1) * sizeof(*list));
	int rc = list == NULL ? fail_nomem(reader) : 0;
	size_t count = 0;
	const char *key;
	json_t *item;
	json_object_foreach(value, key, item)
	{
		struct place at = { .parent = place, .key = key };
		if (rc < 0)
			break;
		list[count].key = tbdi_arena_strdup(reader->arena, key);
		list[count].number = json_integer_value(item);
		if (list[count].key == NULL)
			rc = fail_nomem(reader);
		else if (!json_is_integer(item))
			rc = read_string(reader, &at, item, &list[count].text);
		count++;
	}
	memcpy((char *)base + field->offset, &list, sizeof(list));
	*(size_t *)(void *)((char *)base + field->more) = count;
	return rc;
}

/* Fields that point to what another field holds; done when all others are. */
static int read_element(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	size_t count = tbdi_size_at(tbdi_field_at(base, field->more));
	const void *const *items = tbdi_pointer_at(tbdi_field_at(base, field->items));
	if (json_is_null(value))
		return 0;
	json_int_t index = json_integer_value(value);
	if (!json_is_integer(value) || index < 0 || (size_t)index >= count)
		return reader_fail(reader, place, "is no index of an element");
	memcpy((char *)base + field->offset, &items[index], sizeof(items[index]));
	return 0;
}

/* The same object is written twice, and shall be one again. */
static void unite(
	const struct tbdi_shape *shape, const struct tbdi_field *field, void *base, json_t *object)
{
	const struct tbdi_field *list = shape->fields;
	while (list->name != NULL && list->offset != field->items)
		list++;
	json_t *items = json_object_get(object, list->name),
	       *own = json_object_get(object, field->name);
	const void *const *pointers = tbdi_pointer_at(tbdi_field_at(base, field->items));
	for (size_t i = 0; i < json_array_size(items); i++)
		if (json_equal(json_array_get(items, i), own)) {
			memcpy((char *)base + field->offset, &pointers[i], sizeof(pointers[i]));
			return;
		}
}

static int read_strings_if(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	size_t count;
	*(bool *)(void *)((char *)base + field->more) = !json_is_null(value);
	if (json_is_null(value))
		return 0;
	return read_strings(reader, place, value,
		(const char *const **)(void *)((char *)base + field->offset), &count);
}

static int read_counted_strings(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	size_t count;
	int rc = read_strings(reader, place, value,
		(const char *const **)(void *)((char *)base + field->offset), &count);
	if (rc == 0 && field->more != 0)
		*(size_t *)(void *)((char *)base + field->more) = count;
	return rc;
}

static int read_field(struct reader *reader, const struct place *place,
	const struct tbdi_field *field, void *base, json_t *value)
{
	void *at = (char *)base + field->offset;
	switch (field->kind) {
	case TBDI_TEXT:
		return read_string(reader, place, value, at);
	case TBDI_MAYBE:
	case TBDI_ERROR:
		return read_maybe(reader, place, value, at);
	case TBDI_STRINGS:
		return read_counted_strings(reader, place, field, base, value);
	case TBDI_STRINGS_IF:
		return read_strings_if(reader, place, field, base, value);
	case TBDI_BOOL:
		return read_bool(reader, place, at, value);
	case TBDI_NUMBER:
		return read_number(reader, place, field, at, value);
	case TBDI_OPTIONAL:
		return read_optional(reader, place, at, value);
	case TBDI_NONZERO:
		return json_is_null(value) ? 0 : read_number(reader, place, field, at, value);
	case TBDI_NUMBER_IF:
		return read_number_if(reader, place, field, base, value);
	case TBDI_TIME_MAYBE:
		if (json_is_null(value))
			return 0;
		/* fall through */
	case TBDI_TIME:
		return read_time(reader, place, at, value);
	case TBDI_DAYS_LEFT:
		return check_days(reader, place, *(int64_t *)at, value);
	case TBDI_WORD:
		return read_word(reader, place, field->words, at, value);
	case TBDI_OBJECT:
		return json_is_null(value) ? 0
					   : read_pointer(reader, place, field->shape, at, value);
	case TBDI_CERT:
		return json_is_null(value) ? 0 : read_reference(reader, place, field, at, value);
	case TBDI_POINTERS:
	case TBDI_CERTS:
		return read_pointers(reader, place, field, base, value);
	case TBDI_ARRAY:
		return read_array(reader, place, field, base, value);
	case TBDI_EVIDENCE:
		return read_evidence(reader, place, field, base, value);
	case TBDI_ELEMENT:
		break;
	}
	return 0;
}

/* A structure in which nothing is. */
static void blank(const struct tbdi_shape *shape, void *base)
{
	const void *none = no_strings;
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++)
		if (field->kind == TBDI_STRINGS || field->kind == TBDI_STRINGS_IF)
			memcpy((char *)base + field->offset, &none, sizeof(none));
		else if (field->kind == TBDI_OPTIONAL)
			*(int *)(void *)((char *)base + field->offset) = -1;
		else if (field->kind == TBDI_TIME_MAYBE)
			*(int64_t *)(void *)((char *)base + field->offset) = -1;
}

/* The first key that is no row of the shape, before the row `end`. */
static int fail_extra(struct reader *reader, const struct place *place,
	const struct tbdi_shape *shape, const struct tbdi_field *end, json_t *object)
{
	const char *key;
	json_t *item;
	json_object_foreach(object, key, item)
	{
		const struct tbdi_field *field = shape->fields;
		while (field != end && strcmp(field->name, key) != 0)
			field++;
		if (field != end)
			continue;
		char *shown = tbdi_arena_escape(reader->arena, key, strlen(key));
		struct place at = { .parent = place, .key = shown };
		return shown == NULL ? fail_nomem(reader)
				     : reader_fail(reader, &at, "is not known here");
	}
	return reader_fail(reader, place, "has keys that are not known");
}

/* Fields that depend on others. */
static int read_dependents(struct reader *reader, const struct place *place,
	const struct tbdi_shape *shape, void *base, json_t *object)
{
	int rc = 0;
	for (const struct tbdi_field *field = shape->fields; rc == 0 && field->name != NULL;
		field++) {
		struct place at = { .parent = place, .key = field->name };
		json_t *value = json_object_get(object, field->name);
		if (field->kind == TBDI_ELEMENT)
			rc = read_element(reader, &at, field, base, value);
		else if (field->kind == TBDI_OBJECT && field->items != 0)
			unite(shape, field, base, object);
	}
	return rc;
}

static bool ends_object(const struct tbdi_field *field, const void *base)
{
	return field->kind == TBDI_ERROR &&
		tbdi_pointer_at(tbdi_field_at(base, field->offset)) != NULL;
}

static int read_object(struct reader *reader, const struct place *place,
	const struct tbdi_shape *shape, void *base, json_t *value)
{
	const struct tbdi_field *field = shape->fields;
	size_t count = 0;
	bool ended = false;
	if (!json_is_object(value))
		return reader_fail(reader, place, "is no object");
	if (place->depth > DEPTH_MAX)
		return reader_fail(reader, place, "is nested too deeply");
	blank(shape, base);
	for (; !ended && field->name != NULL; field++, count++) {
		struct place at = {
			.parent = place, .key = field->name, .depth = place->depth + 1
		};
		json_t *item = json_object_get(value, field->name);
		int rc = item == NULL ? reader_fail(reader, &at, "is missing")
				      : read_field(reader, &at, field, base, item);
		if (rc < 0)
			return rc;
		ended = ends_object(field, base);
	}
	if (json_object_size(value) != count)
		return fail_extra(reader, place, shape, field, value);
	return ended ? 0 : read_dependents(reader, place, shape, base, value);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The certificate that a reference means, or the reference itself: of a large store not all are shown. */
static void resolve(struct reader *reader, const struct tbd_cert **reference)
{
	for (size_t i = 0; i < reader->certs.count; i++) {
		const struct tbd_cert *cert = reader->certs.items[i];
		if (cert->origin == (*reference)->origin && cert->index == (*reference)->index &&
			same_text(cert->subject, (*reference)->subject)) {
			*reference = cert;
			return;
		}
	}
	if ((*reference)->subject == NULL)
		((struct tbd_cert *)(uintptr_t)*reference)->error = "it is not in the report";
}

static enum tbd_severity worst_of(const struct tbd_finding *const *findings, size_t count)
{
	enum tbd_severity worst = TBD_SEVERITY_OK;
	for (size_t i = 0; i < count; i++) {
		const struct tbd_finding *finding = findings[i];
		enum tbd_severity below =
			worst_of(finding->consequences, finding->consequence_count);
		worst = finding->severity > worst ? finding->severity : worst;
		worst = below > worst ? below : worst;
	}
	return worst;
}

/* What was not judged has no findings. */
static bool is_unjudged(enum tbd_severity worst, size_t finding_count)
{
	return worst == TBD_SEVERITY_UNKNOWN && finding_count == 0;
}

/* The notes as tbd_report_note() continues them. */
static int take_notes(struct reader *reader)
{
	struct tbdi_report *report = reader->report;
	for (const char *const *note = report->pub.notes; *note != NULL; note++)
		if (tbdi_list_add(&report->arena, &report->notes, *note) < 0)
			return fail_nomem(reader);
	return 0;
}

static int check_schema(struct reader *reader, json_t *tree)
{
	const char *schema = json_string_value(json_object_get(tree, "schema"));
	if (schema != NULL && strcmp(schema, TBDI_SCHEMA) == 0)
		return 0;
	return tbdi_fail(reader->error, TBD_E_FORMAT,
		"schema is not \"" TBDI_SCHEMA "\": not a report of tbdiag");
}

static int read_report(struct reader *reader, json_t *tree)
{
	static const struct place top = { 0 };
	struct tbd_report *report = &reader->report->pub;
	int rc = check_schema(reader, tree);
	if (rc == 0)
		rc = read_object(reader, &top, &tbdi_report_shape, report, tree);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < reader->references.count; i++)
		resolve(reader, reader->references.items[i]);
	enum tbd_severity worst = worst_of(report->findings, report->finding_count);
	if (!is_unjudged(report->worst, report->finding_count) &&
		report->worst != tbdi_report_worst(report, worst))
		return tbdi_fail(reader->error, TBD_E_FORMAT, "worst is not that of the findings");
	return take_notes(reader);
}

int tbdi_report_of_tree(json_t *tree, struct tbd_report **out, struct tbd_error *error)
{
	struct tbdi_report *report = calloc(1, sizeof(*report));
	if (report == NULL)
		return tbdi_fail_nomem(error);
	report->arena.limit = TBDI_ARENA_LIMIT;
	struct reader reader = { .arena = &report->arena, .report = report, .error = error };
	report->is_stored = true;
	report->judge_ms = TBDI_JUDGE_MS;
	int rc = read_report(&reader, tree);
	if (rc < 0)
		tbd_report_free(&report->pub);
	else
		*out = &report->pub;
	return rc;
}

/* ---- a set ------------------------------------------------------------------------------------ */

/* Its reports are read each by itself, into the set's own list. */
static int read_member(struct tbdi_set *set, size_t index, json_t *tree, struct tbd_error *error)
{
	struct tbd_report *report = NULL;
	struct tbd_error why = { "" };
	int rc = tbdi_report_of_tree(tree, &report, &why);
	if (rc < 0)
		return tbdi_fail(error, rc, "reports[%zu]: %s", index, why.text);
	rc = report->label == NULL
		? tbdi_fail(error, TBD_E_FORMAT, "reports[%zu].label is null", index)
		: tbd_set_add(&set->pub, report, report->label, error);
	if (rc < 0)
		tbd_report_free(report);
	return rc;
}

static int read_members(struct tbdi_set *set, json_t *reports, struct tbd_error *error)
{
	int rc = json_is_array(reports) ? 0 : tbdi_fail(error, TBD_E_FORMAT, "reports is no array");
	for (size_t i = 0; rc == 0 && i < json_array_size(reports); i++)
		rc = read_member(set, i, json_array_get(reports, i), error);
	return rc;
}

/* What a set has one of for each report. */
static bool counts_fit(const struct tbd_set *set)
{
	bool of_transports = set->compares == TBD_COMPARES_TRANSPORTS;
	if (set->passage_count != (of_transports ? set->report_count : 0))
		return false;
	for (size_t i = 0; i < set->difference_count; i++)
		if (set->differences[i]->value_count != set->report_count)
			return false;
	return true;
}

static int check_set(struct tbd_set *set, struct tbd_error *error)
{
	enum tbd_severity claimed = set->worst;
	if (!counts_fit(set))
		return tbdi_fail(error, TBD_E_FORMAT,
			"passages or differences have not one value for each report");
	if (is_unjudged(claimed, set->finding_count))
		return 0;
	set->worst = worst_of(set->findings, set->finding_count);
	tbdi_set_find_worst(set);
	if (set->worst != claimed)
		return tbdi_fail(
			error, TBD_E_FORMAT, "worst is not that of the findings and the reports");
	return 0;
}

/* The tree's reports are taken out of it. */
static int read_set(struct tbdi_set *set, json_t *tree, struct tbd_error *error)
{
	static const struct place top = { 0 };
	struct reader reader = { .arena = &set->arena, .error = error };
	json_t *reports = json_incref(json_object_get(tree, "reports"));
	int rc = reports == NULL ? tbdi_fail(error, TBD_E_FORMAT, "reports is missing")
				 : read_members(set, reports, error);
	json_decref(reports);
	if (rc == 0 && json_object_set_new(tree, "reports", json_array()) < 0)
		rc = tbdi_fail_nomem(error);
	if (rc == 0)
		rc = read_object(&reader, &top, &tbdi_set_shape, &set->pub, tree);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < reader.references.count; i++)
		resolve(&reader, reader.references.items[i]);
	set->pub.reports = (const struct tbd_report *const *)(void *)set->reports.items;
	set->pub.report_count = set->reports.count;
	for (const char *const *note = set->pub.notes; *note != NULL; note++)
		if (tbdi_list_add(&set->arena, &set->notes, *note) < 0)
			return tbdi_fail_nomem(error);
	set->is_stored = true;
	return check_set(&set->pub, error);
}

int tbdi_set_of_tree(json_t *tree, struct tbd_set **out, struct tbd_error *error)
{
	struct tbd_set *set = NULL;
	int rc = tbd_set_new(TBD_COMPARES_ADDRESSES, &set, error);
	if (rc == 0)
		rc = read_set(tbdi_set_of(set), tree, error);
	if (rc < 0)
		tbd_set_free(set);
	else
		*out = set;
	return rc;
}

static bool is_set(json_t *tree)
{
	const char *schema = json_string_value(json_object_get(tree, "schema"));
	return schema != NULL && strcmp(schema, TBDI_SET_SCHEMA) == 0;
}

/* ---- text ------------------------------------------------------------------------------------- */

/* A tree takes a multiple of its text. */
static bool has_too_many_values(const char *text, size_t len)
{
	size_t count = 0;
	for (size_t i = 0; i < len; i++)
		count += text[i] == '[' || text[i] == '{' || text[i] == ',';
	return count > VALUES_MAX;
}

static int parse(const char *text, size_t len, json_t **tree, struct tbd_error *error)
{
	json_error_t where;
	if (text == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "there is nothing to read");
	if (len > TEXT_MAX || has_too_many_values(text, len))
		return tbdi_fail(error, TBD_E_TOO_LARGE, "too large for a report");
	*tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	if (*tree == NULL && json_error_code(&where) == json_error_out_of_memory)
		return tbdi_fail_nomem(error);
	if (*tree == NULL)
		return tbdi_fail(error, TBD_E_FORMAT, "line %d, column %d: %s", where.line,
			where.column, where.text);
	return 0;
}

int tbd_report_from_json(
	const char *text, size_t len, struct tbd_report **out, struct tbd_error *error)
{
	json_t *tree = NULL;
	if (out == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_report_from_json: no place for it");
	*out = NULL;
	int rc = parse(text, len, &tree, error);
	if (rc == 0)
		rc = tbdi_report_of_tree(tree, out, error);
	json_decref(tree);
	return rc;
}

int tbd_from_json(const char *text, size_t len, struct tbd_report **report, struct tbd_set **set,
	struct tbd_error *error)
{
	json_t *tree = NULL;
	if (report == NULL || set == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_from_json: no place for it");
	*report = NULL;
	*set = NULL;
	int rc = parse(text, len, &tree, error);
	if (rc == 0)
		rc = is_set(tree) ? tbdi_set_of_tree(tree, set, error)
				  : tbdi_report_of_tree(tree, report, error);
	json_decref(tree);
	return rc;
}
