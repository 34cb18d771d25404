/* SPDX-License-Identifier: MIT
 *
 * json-read.c - reports that were written are read, and what is no report is refused.
 */
#include "tests/unit/check-main.h"
#include "report/schema.h"

#include <unistd.h>

static json_t *samples; /* see report-sample.c: the first has every optional part */
static struct tbd_report *report;
static struct tbd_error error;
static char *text;

static void load_samples(void)
{
	char command[4096];
	const char *dir = getenv("abs_top_builddir");
	json_error_t where;
	snprintf(command, sizeof(command), "%s/tests/live/report-sample", dir != NULL ? dir : ".");
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	samples = json_loadf(pipe, 0, &where);
	ck_assert_msg(samples != NULL, "%s: line %d: %s", command, where.line, where.text);
	ck_assert_int_eq(pclose(pipe), 0);
}

static void unload_samples(void)
{
	json_decref(samples);
}

static void json_read_setup(void)
{
	report = NULL;
	text = NULL;
	error.text[0] = '\0';
}

static void json_read_teardown(void)
{
	tbd_report_free(report);
	free(text);
}

static int read_report_text(const char *json)
{
	return tbd_report_from_json(json, strlen(json), &report, &error);
}

/* The same, as the library writes it. */
static char *dump_tree(const json_t *json)
{
	char *dumped = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	char *line = NULL;
	ck_assert_int_gt(asprintf(&line, "%s\n", dumped), 0);
	free(dumped);
	return line;
}

TEST_GROUP(.setup = json_read_setup, .teardown = json_read_teardown, .setup_once = load_samples,
	.teardown_once = unload_samples, .seconds = 60);

TEST(same_bytes)
{
	size_t i;
	json_t *sample;
	ck_assert_uint_gt(json_array_size(samples), 50);
	json_array_foreach(samples, i, sample)
	{
		char *before = dump_tree(sample);
		ck_assert_msg(read_report_text(before) == 0, "report %zu: %s", i, error.text);
		ck_assert_int_eq(tbd_report_to_json(report, &text, &error), 0);
		ck_assert_str_eq(before, text);
		tbd_report_free(report);
		free(before);
		free(text);
		json_read_setup();
	}
}

/* ---- what is no report ------------------------------------------------------------------------ */

/* The sample with the value at `path` changed: to be read, and refused with a reason. */
static void refuse_text(json_t *root, const char *path, const char *what)
{
	int rc = tbdi_report_of_tree(root, &report, &error);
	ck_assert_msg(rc == TBD_E_FORMAT, "%s: %s is accepted", path, what);
	ck_assert_msg(error.text[0] != '\0', "%s: %s without a reason", path, what);
	ck_assert_ptr_null(report);
}

/* Put every other type in the place of a value; `put` does that. */
static void refuse_other_types(
	json_t *root, json_t *container, const char *key, size_t index, const char *path)
{
	json_t *others[] = { json_string("?"), json_integer(1), json_real(0.5), json_true(),
		json_array(), json_object(), json_integer(-2) };
	json_t *own =
		key != NULL ? json_object_get(container, key) : json_array_get(container, index);
	json_incref(own);
	for (size_t i = 0; i < TBDI_COUNT(others); i++) {
		bool same = json_typeof(others[i]) == json_typeof(own) ||
			(json_is_boolean(own) && json_is_boolean(others[i]));
		if (!same && !json_is_null(own)) {
			if (key != NULL)
				json_object_set(container, key, others[i]);
			else
				json_array_set(container, index, others[i]);
			refuse_text(root, path, "another type");
		}
		json_decref(others[i]);
	}
	if (key != NULL)
		json_object_set(container, key, own);
	else
		json_array_set(container, index, own);
	json_decref(own);
}

/* A copy of the object without the key, or with one more, in its place. */
static void refuse_other_keys(json_t *root, json_t *object, const char *key, const char *path)
{
	json_t *own = json_incref(json_object_get(object, key)), *copy = json_copy(object);
	json_object_del(object, key);
	refuse_text(root, path, "a missing key");
	json_object_set_new(object, "no such key", json_null());
	refuse_text(root, path, "a renamed key");
	json_object_clear(object);
	json_object_update(object, copy);
	json_object_set_new(object, "no such key", json_null());
	refuse_text(root, path, "a key more");
	json_object_del(object, "no such key");
	json_decref(copy);
	json_decref(own);
}

static void mutate(json_t *root, json_t *value, const char *path)
{
	char below[512];
	if (json_is_array(value))
		for (size_t i = 0; i < json_array_size(value); i++) {
			snprintf(below, sizeof(below), "%s[%zu]", path, i);
			refuse_other_types(root, value, NULL, i, below);
			mutate(root, json_array_get(value, i), below);
		}
	if (!json_is_object(value))
		return;
	size_t len = strlen(path);
	bool is_evidence = len >= 8 && strcmp(path + len - 8, "evidence") == 0;
	json_t *keys = json_copy(value);
	const char *key;
	json_t *item;
	json_object_foreach(keys, key, item)
	{
		snprintf(below, sizeof(below), "%s.%s", path, key);
		if (is_evidence)
			continue; /* its keys are the rules', and numbers are as good as text */
		refuse_other_types(root, value, key, 0, below);
		refuse_other_keys(root, value, key, below);
		mutate(root, item, below);
	}
	json_decref(keys);
}

TEST(mutations)
{
	json_t *root = json_deep_copy(json_array_get(samples, 0));
	mutate(root, root, "");
	json_decref(root);
}

static const struct {
	const char *pointer; /* of an object, parted by '/' */
	const char *key;
	const char *value;
	const char *says;
} wrong_rows[] = {
	{ "", "schema", "\"tbdiag-report/2\"", "schema is not" },
	{ "", "schema", "\"tbdiag-set/1\"", "schema is not" },
	{ "", "time", "\"2026-02-30T00:00:00Z\"", "time is no time" },
	{ "", "time", "\"@9223372036854775807\"", "time is no time" },
	{ "", "time", "\"2026-06-01T00:00:00+01:00\"", "time is no time" },
	{ "", "worst", "\"ok\"", "worst is not that of the findings" },
	{ "", "worst", "\"terrible\"", "worst is none of the words" },
	{ "", "notes", "[\"a\", 1]", "notes[1] is no string" },
	{ "target", "port", "65536", "target.port is out of range" },
	{ "target", "port", "-1", "target.port is out of range" },
	{ "connection", "used", "2", "connection.used is no index" },
	{ "connection", "used", "-1", "connection.used is no index" },
	{ "connection/tls", "alert", "-1", "connection.tls.alert is neither null nor" },
	{ "connection/tls", "alert", "2147483648", "connection.tls.alert is neither null nor" },
	{ "chain/certs/0", "days_left", "1", "chain.certs[0].days_left does not fit" },
	{ "chain/certs/0", "key_bits", "4294967296", "chain.certs[0].key_bits is out of range" },
	{ "chain/certs/2", "subject", "\"x\"", "chain.certs[2].subject is not known here" },
	{ "verification/path", "fault_at", "null", "verification.path.fault_at is null" },
	{ "findings/0/evidence", "peer", "0.5", "findings[0].evidence.peer is no string" },
	{ "exchange", "no\nsuch", "1", "exchange.no\\x0asuch is not known here" },
};

static json_t *walk(json_t *value, const char *pointer)
{
	while (*pointer != '\0') {
		char key[64];
		size_t len = strcspn(pointer, "/");
		snprintf(key, sizeof(key), "%.*s", (int)len, pointer);
		value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
					     : json_object_get(value, key);
		ck_assert_msg(value != NULL, "no %s", key);
		pointer += len + (pointer[len] == '/');
	}
	return value;
}

TEST_EACH(wrong_values, row, wrong_rows)
{
	json_t *root = json_deep_copy(json_array_get(samples, 0));
	json_t *object = walk(root, row->pointer);
	json_t *value = json_loads(row->value, JSON_DECODE_ANY, NULL);
	ck_assert_ptr_nonnull(value);
	json_object_set_new(object, row->key, value);
	ck_assert_int_eq(tbdi_report_of_tree(root, &report, &error), TBD_E_FORMAT);
	ck_assert_msg(strstr(error.text, row->says) != NULL, "says: %s", error.text);
	json_decref(root);
}

static const struct {
	const char *text;
	int code;
	const char *says;
} text_rows[] = {
	{ "", TBD_E_FORMAT, "line 1" },
	{ "null", TBD_E_FORMAT, "line 1" },
	{ "[]", TBD_E_FORMAT, "schema is not" },
	{ "{}", TBD_E_FORMAT, "schema is not" },
	{ "{\"schema\": \"tbdiag-report/1\"}", TBD_E_FORMAT, "version is missing" },
	{ "{\"a\": 1, \"a\": 2}", TBD_E_FORMAT, "duplicate" },
	{ "{\"a\": \"\\u0000\"}", TBD_E_FORMAT, "line 1" },
	{ "{\"a\": \"\xff\"}", TBD_E_FORMAT, "line 1" },
	{ "{\"a\": 99999999999999999999}", TBD_E_FORMAT, "line 1" },
	{ "{} {}", TBD_E_FORMAT, "line 1" },
};

TEST_EACH(no_report, row, text_rows)
{
	ck_assert_int_eq(read_report_text(row->text), row->code);
	ck_assert_msg(strstr(error.text, row->says) != NULL, "says: %s", error.text);
}

/* Each beginning of a report, and a report with each byte changed in turn, ends in an answer. */
TEST(cut_and_flipped)
{
	char *whole = dump_tree(json_array_get(samples, 1));
	size_t len = strlen(whole);
	for (size_t i = 0; i + 2 < len; i++) {
		ck_assert_int_eq(tbd_report_from_json(whole, i, &report, &error), TBD_E_FORMAT);
		whole[i] ^= 1 << i % 7;
		int rc = tbd_report_from_json(whole, len, &report, &error);
		ck_assert_msg(rc == 0 || rc == TBD_E_FORMAT, "byte %zu: %d", i, rc);
		whole[i] ^= 1 << i % 7;
		tbd_report_free(report);
		report = NULL;
	}
	free(whole);
}

/* What a hostile file can make of little text is limited. */
TEST(limits)
{
	static const size_t len = 17 << 20;
	char *large = malloc(len);
	ck_assert_ptr_nonnull(large);
	memset(large, ' ', len);
	ck_assert_int_eq(tbd_report_from_json(large, len, &report, &error), TBD_E_TOO_LARGE);
	memset(large, '[', 600 * 1000);
	ck_assert_int_eq(tbd_report_from_json(large, 600 * 1000, &report, &error), TBD_E_TOO_LARGE);
	ck_assert_int_eq(tbd_report_from_json(large, 400 * 1000, &report, &error), TBD_E_FORMAT);
	free(large);
}

TEST(nested_findings)
{
	json_t *root = json_deep_copy(json_array_get(samples, 0));
	json_t *finding = json_deep_copy(walk(root, "findings/0"));
	json_object_set_new(finding, "consequences", json_array());
	for (size_t i = 0; i < 100; i++) {
		json_t *outer = json_copy(finding), *list = json_array();
		json_array_append_new(list, finding);
		json_object_set_new(outer, "consequences", list);
		finding = outer;
	}
	json_array_set_new(json_object_get(root, "findings"), 0, finding);
	ck_assert_int_eq(tbdi_report_of_tree(root, &report, &error), TBD_E_FORMAT);
	ck_assert_msg(strstr(error.text, "nested too deeply") != NULL, "says: %s", error.text);
	json_decref(root);
}

/* ---- what was read ---------------------------------------------------------------------------- */

TEST(read_report)
{
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_roundtrip_options roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	char *json = dump_tree(json_array_get(samples, 0)), *pem = NULL;
	ck_assert_int_eq(read_report_text(json), 0);
	free(json);
	/* What is one object is one again. */
	ck_assert_ptr_eq(report->verification->path, report->verification->paths[0]);
	ck_assert_ptr_eq(report->connection->used, report->connection->attempts[1]);
	ck_assert_ptr_eq(report->verification->path->certs[1], report->chain->certs[1]);
	ck_assert_uint_eq(report->connection->resolution->address_count, 2);
	ck_assert_int_eq(tbd_report_note(report, "one more", &error), 0);
	ck_assert_str_eq(report->notes[0], "a note");
	ck_assert_str_eq(report->notes[1], "one more");
	/* It is what it is. */
	verify.trust = tbd_trust_new();
	ck_assert_int_eq(tbd_judge(report, &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_fetch(report, &fetch, &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_load(report, "x", &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_verify(report, &verify, &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_roundtrip(report, &roundtrip, &error), TBD_E_INVALID);
	ck_assert_int_eq(tbd_certs_to_pem(report->chain->certs, 1, &pem, &error), TBD_E_INVALID);
	tbd_trust_free((struct tbd_trust *)(uintptr_t)verify.trust);
}
