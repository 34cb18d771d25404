/* SPDX-License-Identifier: MIT
 *
 * redact.c - nothing of a user's is left in a redacted report, and what was found can still be read.
 */
#include "report/schema.h"
#include "tests/unit/check-main.h"
#include "tools/render/render.h"
#include "tests/unit/fault-table.h"
#include "tools/known-words.inc" /* own_words, made by known-words.awk */

#include <strings.h>

static struct sample *sample;
static struct tbd_report *read, *redacted;
static char *text;

static void redact_setup(void)
{
	sample = sample_new();
	read = redacted = NULL;
	text = NULL;
}

static void redact_teardown(void)
{
	sample_free(sample);
	tbd_report_free(read);
	tbd_report_free(redacted);
	free(text);
}

static void redact(struct tbd_report *report)
{
	report->known_words = own_words;
	struct tbd_error error;
	ck_assert_msg(tbd_report_redact(report, &redacted, &error) == 0, "%s", error.text);
	ck_assert_int_eq(tbd_report_to_json(redacted, &text, &error), 0);
}

/* ---- markers in every string ------------------------------------------------------------------ */

#define MARK "zqxmark"

/* What a marker may be part of. */
static const char *const forms[] = {
	MARK "%d",
	MARK "%d.example.com",
	"*." MARK "%d.example.com",
	"/home/" MARK "%d/certs/ca.pem",
	"./" MARK "%d",
	"CN=" MARK "%d\\, Inc.+O=ZqxMark,C=DE",
	"CN=the server,OU=" MARK "%d=x",
	"ZQXMARK=%d",
	"1.2.3.4=" MARK "%d",
	"mqtts://" MARK "%d:8883",
	"mqtts://[2001:db8::1]:8883/" MARK "%d?a=b",
	MARK "://host/%d",
	"the peer " MARK "%d, which is \"" MARK "\".",
	"it's '" MARK "%d'",
	"\x1b[31m" MARK "%d\x1b[0m\n  " MARK "\t" MARK,
	"\xc3\xbc" MARK "%d\xe2\x80\xae",
	"a@" MARK "%d",
	"--ca-file=" MARK "%d",
	"12345678901234567890" MARK "%d",
	"server" MARK "%d",
	"",
};

static int marks;

/* Rows of which a text was marked. */
static const struct tbdi_field *marked_rows[512];
static size_t marked_count;

static bool was_marked(const struct tbdi_field *row)
{
	for (size_t i = 0; i < marked_count; i++)
		if (marked_rows[i] == row)
			return true;
	return false;
}

/* No text is left out, now or when a row is added. */
static void assert_all_marked(const struct tbdi_shape *shape)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		if (field->privacy != TBDI_IS_UNSAID && strcmp(field->name, "schema") != 0)
			ck_assert_msg(was_marked(field), "%s.%s is in no sample", shape->name,
				field->name);
		if (field->shape != NULL && field->shape != shape)
			assert_all_marked(field->shape);
	}
}

static json_t *marked(const struct tbdi_field *row, size_t form)
{
	char value[256];
	ck_assert_uint_lt(marked_count, TBDI_COUNT(marked_rows));
	if (!was_marked(row))
		marked_rows[marked_count++] = row;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(value, sizeof(value), forms[form], ++marks);
#pragma GCC diagnostic pop
	return json_string(value);
}

static void mark_object(const struct tbdi_shape *shape, json_t *object, size_t form);

static void mark_field(const struct tbdi_field *field, json_t *object, size_t form)
{
	json_t *value = json_object_get(object, field->name);
	bool is_text = field->privacy != TBDI_IS_UNSAID;
	if (field->kind == TBDI_EVIDENCE) {
		json_object_clear(value);
		json_object_set_new(value, MARK, marked(field, form));
		json_object_set_new(value, "subject", marked(field, form));
	} else if (is_text && json_is_string(value) && strcmp(field->name, "schema") != 0) {
		json_object_set_new(object, field->name, marked(field, form));
		return; /* the value is gone */
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		if (is_text)
			json_array_set_new(value, i, marked(field, form));
		else if (field->shape != NULL)
			mark_object(field->shape, json_array_get(value, i), form);
	if (field->shape != NULL && json_is_object(value))
		mark_object(field->shape, value, form);
}

static void mark_object(const struct tbdi_shape *shape, json_t *object, size_t form)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++)
		mark_field(field, object, form);
}

static void assert_unmarked(const char *shown)
{
	const char *found = strcasestr(shown, MARK);
	ck_assert_msg(found == NULL, "in %.200s", found - shown > 100 ? found - 100 : shown);
}

static void assert_unmarked_text(enum tbd_verbosity verbosity)
{
	char *shown = NULL;
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	options.verbosity = verbosity;
	ck_assert_int_eq(tbd_report_to_text(redacted, &options, &shown, NULL), 0);
	ck_assert_str_ne(shown, "");
	assert_unmarked(shown);
	free(shown);
}

/* The report, or with the option the set, in which every optional part is there, see report-sample.c. */
static json_t *full_sample(const char *option)
{
	char command[4096];
	const char *dir = getenv("abs_top_builddir");
	snprintf(command, sizeof(command), "%s/tests/live/report-sample %s",
		dir != NULL ? dir : ".", option);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	json_t *samples = json_loadf(pipe, 0, NULL);
	ck_assert_int_eq(pclose(pipe), 0);
	json_t *full = json_incref(json_array_get(samples, 0));
	json_decref(samples);
	return full;
}

TEST_GROUP(.setup = redact_setup, .teardown = redact_teardown, .seconds = 30);

TEST_TIMES(markers, TBDI_COUNT(forms))
{
	json_t *tree = full_sample("");
	struct tbd_error error;
	mark_object(&tbdi_report_shape, tree, (size_t)_i);
	assert_all_marked(&tbdi_report_shape);
	int rc = tbdi_report_of_tree(tree, &read, &error);
	json_decref(tree);
	ck_assert_msg(rc == 0, "%s", error.text);
	redact(read);
	assert_unmarked(text);
	assert_unmarked_text(TBD_VERBOSITY_NORMAL);
	assert_unmarked_text(TBD_VERBOSITY_QUIET);
	assert_unmarked_text(TBD_VERBOSITY_VERBOSE);
}

/* ---- sets ------------------------------------------------------------------------------------- */

static void assert_unmarked_set(const struct tbd_set *set, enum tbd_verbosity verbosity)
{
	char *shown = NULL;
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	options.verbosity = verbosity;
	ck_assert_int_eq(tbd_set_to_text(set, &options, &shown, NULL), 0);
	ck_assert_str_ne(shown, "");
	assert_unmarked(shown);
	free(shown);
}

TEST_TIMES(set_markers, TBDI_COUNT(forms))
{
	json_t *tree = full_sample("--sets");
	struct tbd_error error;
	struct tbd_set *set = NULL, *copy = NULL;
	mark_object(&tbdi_set_shape, tree, (size_t)_i);
	assert_all_marked(&tbdi_set_shape);
	int rc = tbdi_set_of_tree(tree, &set, &error);
	json_decref(tree);
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(set->report_count, 2);
	ck_assert_msg(tbd_set_redact(set, &copy, &error) == 0, "%s", error.text);
	ck_assert_int_eq(tbd_set_to_json(copy, &text, &error), 0);
	assert_unmarked(text);
	assert_unmarked_set(copy, TBD_VERBOSITY_NORMAL);
	assert_unmarked_set(copy, TBD_VERBOSITY_QUIET);
	assert_unmarked_set(copy, TBD_VERBOSITY_VERBOSE);
	tbd_set_free(copy);
	tbd_set_free(set);
}

/* The same host has the same placeholder in all reports, and a set that was read is left as it is. */
TEST(set_stable)
{
	struct sample *other = sample_new();
	struct tbd_set *set = NULL, *copy = NULL;
	ck_assert_int_eq(tbd_set_new(TBD_COMPARES_PORTS, &set, NULL), 0);
	ck_assert_int_eq(tbd_set_note(set, "of mqtt.example.com", NULL), 0);
	other->leaf.sha256 = other->root.sha256;
	ck_assert_int_eq(tbd_set_add(set, sample_take(sample), "8883", NULL), 0);
	ck_assert_int_eq(tbd_set_add(set, sample_take(other), "443", NULL), 0);
	ck_assert_int_eq(tbd_set_judge(set, NULL), 0);
	ck_assert_int_eq(tbd_set_redact(set, &copy, NULL), 0);
	ck_assert_str_eq(copy->notes[0], "of host-1");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(copy->reports[i]->target->host, "host-1");
		ck_assert_str_eq(copy->reports[i]->label, set->reports[i]->label);
		ck_assert(copy->reports[i]->redacted);
	}
	ck_assert(copy->redacted);
	ck_assert_str_eq(copy->findings[0]->id, "chain.differs-by-port");
	ck_assert_ptr_nonnull(strstr(copy->findings[0]->summary, "host-1"));
	ck_assert_int_eq(copy->worst, set->worst);
	ck_assert_int_eq(tbd_set_judge(copy, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_set_note(copy, "one more", NULL), 0);
	ck_assert_str_eq(copy->notes[1], "one more");
	tbd_set_free(copy);
	tbd_set_free(set);
	sample_free(other);
}

/* ---- values of the facts in what was found ---------------------------------------------------- */

static void assert_value_gone(const char *value)
{
	if (strlen(value) < 4)
		return; /* "{}", "01" */
	ck_assert_msg(strstr(text, value) == NULL, "%s is left in %.400s", value,
		strstr(text, value) - (strstr(text, value) - text < 200 ? 0 : 200));
}

static void assert_object_gone(const struct tbdi_shape *shape, json_t *object)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		json_t *value = json_object_get(object, field->name);
		bool is_value = field->privacy != TBDI_IS_UNSAID && field->privacy != TBDI_IS_OWN &&
			field->privacy != TBDI_IS_MIXED;
		if (is_value && json_is_string(value))
			assert_value_gone(json_string_value(value));
		for (size_t i = 0; i < json_array_size(value); i++)
			if (is_value)
				assert_value_gone(json_string_value(json_array_get(value, i)));
			else if (field->shape != NULL)
				assert_object_gone(field->shape, json_array_get(value, i));
		if (field->shape != NULL && json_is_object(value))
			assert_object_gone(field->shape, value);
	}
}

TEST_TIMES(found, spoiled_count)
{
	sample_spoil(sample, &spoiled_rows[_i]);
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	json_t *tree = tbdi_report_tree(sample->report);
	redact(sample->report);
	assert_object_gone(&tbdi_report_shape, tree);
	/* Findings, steps and the chain are what they were. */
	ck_assert_uint_eq(redacted->finding_count, sample->report->finding_count);
	for (size_t i = 0; i < redacted->finding_count; i++) {
		ck_assert_str_eq(redacted->findings[i]->id, sample->report->findings[i]->id);
		ck_assert_uint_eq(redacted->findings[i]->evidence_count,
			sample->report->findings[i]->evidence_count);
	}
	ck_assert_int_eq(redacted->worst, sample->report->worst);
	ck_assert(redacted->redacted);
	json_decref(tree);
}

/* ---- what can still be read ------------------------------------------------------------------- */

static const char *summary_of(const char *id)
{
	for (size_t i = 0; i < redacted->finding_count; i++)
		if (strcmp(redacted->findings[i]->id, id) == 0)
			return redacted->findings[i]->summary;
	ck_abort_msg("no %s", id);
}

TEST(stable)
{
	tbd_report_note(
		sample->report, "see /tmp/my ca.pem, 192.0.2.7:8883 and [2001:db8::7]", NULL);
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	redact(sample->report);
	const struct tbd_cert *leaf = redacted->chain->certs[0], *sub = redacted->chain->certs[1];
	ck_assert_str_eq(redacted->target->url, "mqtts://host-1:8883");
	ck_assert_str_eq(redacted->connection->host, "host-1");
	ck_assert_str_eq(leaf->subject, "CN=host-1");
	ck_assert_str_eq(leaf->common_name, "host-1");
	ck_assert_str_eq(leaf->names[0].value, "host-1");
	ck_assert_str_eq(leaf->issuer, sub->subject);
	ck_assert_str_ne(sub->issuer, sub->subject);
	ck_assert_str_eq(leaf->authority_key_id, sub->subject_key_id);
	ck_assert_str_eq(redacted->trust->sources[0]->path, redacted->trust->certs[0]->file);
	ck_assert_str_eq(redacted->exchange->written, redacted->exchange->read_back);
	ck_assert_str_eq(redacted->notes[0], "see path-2, address-2:8883 and [address-1]");
	ck_assert_str_eq(summary_of("ca.ok"),
		"the chain of host-1:8883 leads to CN=name-2, which is in path-2");
	ck_assert_str_eq(redacted->exchange->library, "libmosquitto 2.0.11");
	ck_assert_str_eq(redacted->connection->tls->cipher_suite, "TLS_AES_128_GCM_SHA256");
	ck_assert_str_eq(redacted->exchange->response_topic, "v1/devices/me/attributes/response/1");
}

/* Who redacts twice gets the same. */
TEST(twice)
{
	sample_set(sample, WRONG_ROOT);
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	redact(sample->report);
	char *once = text;
	read = redacted;
	redacted = NULL;
	redact(read);
	size_t at = 0;
	while (once[at] != '\0' && once[at] == text[at])
		at++;
	at = at > 40 ? at - 40 : 0;
	ck_assert_msg(strcmp(once, text) == 0, "%.80s: %.80s", once + at, text + at);
	free(once);
}

static const struct {
	const char *note;
	const char *expected;
} notes[] = {
	{ "the server certificate was not sent (error 5)", NULL },
	{ "at 2026-11-24T05:31:43Z, 0x87, 12.5 ms, 1999 bytes", NULL },
	{ "Acme's device", "text-3's device" },
	{ "mqtt.acme.example:1883 refused", "host-3:1883 refused" },
	{ "10.0.0.1 and fe80::1 and 10.0.0.1:99", "address-3 and address-4 and address-3:99" },
	{ "--output /home/joe/out.json", "--output path-3" },
	{ "--output=/home/joe/out.json", "--output=path-3" },
	{ "https://acme.example/x?y", "https://host-3/path-3" },
	{ "cafe12ab34cd", "text-3" },
	{ "00:11:22:33:44:55", "text-3" },
	{ "aa-bb-cc-dd-ee-ff", "text-3" },
	{ "Linux 6.1.0-18-amd64 x86_64", "Linux host-3 x86_64" },
	/* security-6 */
	{ "10-77-88-99 10_77_88_99 010.077.088.099", "text-3 text-4 text-5" },
	{ "0x0a4d5863 169695331 2001:470:1:2 1.2.77", "text-3 text-4 text-5 text-6" },
	{ "tbdiag " PACKAGE_VERSION " and MQTT 3.1.1 at 21:48:52 on 2026-11-24", NULL },
	{ "ECDHE-ECDSA-CHACHA20-POLY1305-SHA256 0x1301 TLS1.3", NULL },
	{ "GnuTLS Jansson libmosquitto libjansson4", NULL },
	{ "mqtt.example.comx", "host-3" },
	{ "MQTT.EXAMPLE.COM", "host-3" },
	{ "a host-1 and a text-7", NULL },
};

TEST_EACH(sentences, row, notes)
{
	tbd_report_note(sample->report, row->note, NULL);
	redact(sample->report);
	ck_assert_str_eq(redacted->notes[0], row->expected != NULL ? row->expected : row->note);
}

/* Sentences whose every place may begin a long value. When enough was searched, the rest is hidden whole. */
TEST(long_search)
{
	enum { NOTES = 64 };
	json_t *tree = full_sample(""), *list = json_array();
	char line[16001], value[512];
	struct tbd_error error;
	memset(line, '-', sizeof(line));
	memset(value, '-', sizeof(value));
	memcpy(value + sizeof(value) - sizeof("x"), "x", sizeof("x"));
	json_array_append_new(list, json_string("the server does not answer"));
	for (size_t i = 0; i < NOTES; i++)
		json_array_append_new(list, json_stringn(line, sizeof(line) - 1 - i));
	json_array_append_new(list, json_string("the server is " MARK));
	json_object_set_new(tree, "notes", list);
	json_array_append_new(json_object_get(json_object_get(tree, "environment"), "nameservers"),
		json_string(value));
	ck_assert_msg(tbdi_report_of_tree(tree, &read, &error) == 0, "%s", error.text);
	redact(read);
	ck_assert_str_eq(redacted->notes[0], "the server does not answer");
	ck_assert_str_eq(redacted->notes[1], read->notes[1]);
	ck_assert_int_eq(strncmp(redacted->notes[NOTES], "text-", 5), 0);
	ck_assert_int_eq(strncmp(redacted->notes[NOTES + 1], "text-", 5), 0);
	assert_unmarked(text);
	json_decref(tree);
}

/* All that we ourselves can say is known: else a ticket would hide the explanation. */
TEST(own_words)
{
	size_t count, noted = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++) {
		const char *const texts[] = { rules[i]->id, rules[i]->title, rules[i]->why,
			rules[i]->fix };
		for (size_t j = 0; j < TBDI_COUNT(texts); j++, noted++)
			ck_assert_int_eq(tbd_report_note(sample->report,
						 texts[j] != NULL ? texts[j] : "", NULL),
				0);
	}
	redact(sample->report);
	for (size_t i = 0; i < noted; i++)
		if (strstr(sample->report->notes[i], "192.168.") == NULL) /* an example */
			ck_assert_str_eq(redacted->notes[i], sample->report->notes[i]);
}
