/* SPDX-License-Identifier: MIT
 *
 * json-write.c - the form of the JSON; its content is the business of schema.t.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/healthy-report.h"

#include <jansson.h>

static struct sample *sample;
static char *text;
static json_t *json;

static void json_write_setup(void)
{
	sample = sample_new();
}

static void json_write_teardown(void)
{
	json_decref(json);
	free(text);
	sample_free(sample);
}

static void make_json(void)
{
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_int_eq(tbd_report_to_json(sample->report, &text, NULL), 0);
	json_error_t error;
	json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(json != NULL, "line %d: %s", error.line, error.text);
}

TEST_GROUP(.setup = json_write_setup, .teardown = json_write_teardown);

TEST(layout)
{
	static const char start[] = "{\n  \"schema\": \"tbdiag-report/1\",\n  \"version\": ";
	make_json();
	ck_assert(strncmp(text, start, sizeof(start) - 1) == 0);
	size_t len = strlen(text);
	ck_assert_uint_gt(len, 3);
	ck_assert_str_eq(text + len - 3, "\n}\n");
}

/* Whatever a peer sends stays inside of its string, and comes out as it went in. */
TEST(strings)
{
	static const char hostile[] =
		"\"\\\n\x1b[31m\x7f\xe2\x80\xa8\xe2\x80\xae</script>\xf0\x9f\x94\x91";
	sample->exchange.response_payload = hostile;
	make_json();
	json_t *exchange = json_object_get(json, "exchange");
	ck_assert_str_eq(json_string_value(json_object_get(exchange, "response_payload")), hostile);
	for (const char *c = text; *c != '\0'; c++)
		ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
}

TEST_TIMES(numbers, 8)
{
	static const struct {
		int64_t left;
		int64_t days;
	} rows[] = { { 0, 0 }, { 1, 0 }, { SAMPLE_DAY, 1 }, { SAMPLE_DAY - 1, 0 }, { -1, -1 },
		{ -SAMPLE_DAY, -1 }, { -SAMPLE_DAY - 1, -1 }, { -2 * SAMPLE_DAY, -2 } };
	sample->leaf.not_after = SAMPLE_TIME + rows[_i].left;
	sample->chain.message_len = 0x7fffffff;
	make_json();
	json_t *chain = json_object_get(json, "chain");
	ck_assert_int_eq(json_integer_value(json_object_get(chain, "message_len")), 0x7fffffff);
	json_t *leaf = json_array_get(json_object_get(chain, "certs"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(leaf, "days_left")), rows[_i].days);
}

TEST(references)
{
	make_json();
	json_t *path = json_object_get(json_object_get(json, "verification"), "path");
	json_t *root = json_array_get(json_object_get(path, "certs"), 2);
	ck_assert_str_eq(json_string_value(json_object_get(root, "origin")), "trust");
	ck_assert_str_eq(json_string_value(json_object_get(root, "subject")), sample->root.subject);
	json_t *connection = json_object_get(json, "connection");
	ck_assert_int_eq(json_integer_value(json_object_get(connection, "used")), 1);
}
