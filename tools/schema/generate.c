/* SPDX-License-Identifier: MIT
 *
 * generate.c - write the JSON Schema of a report, of a set of them, or of a device that was listened to, whose file is
 * to have this name, from the tables of lib/report/schema.c and tools/listen/schema.c. It runs where tbdiag is built, and is made of nothing but these tables.
 */
#include "report/schema.h"
#include "tools/listen/listen.h"

/* What a finding's evidence may be, by its key: the keys that rules declare, sorted. */
static const struct {
	const char *type, *keys;
} facts[] = {
	{ "\"type\": \"string\"",
		"accepted accepted_by addresses aia alert_name algorithm alpn anchor answer answering "
		"attempts attribute authenticate body ca_key_id class clock closed coap_code completes "
		"connack_name content_type curve defect departures detail device differs disconnect_name entry_found error "
		"expected_file expected_serial expected_sha256 expected_subject expired_path explained_name "
		"fault fetch_error fetch_sha256 fetch_url file first_bytes holds host idle in_clear inspector "
		"issuer issuer_key_id issuer_sha256 issuer_subject key_file key_format key_usage lack last_message loaded_in_part_by location name "
		"names nearest nearest_key_id nearest_sha256 neighbours ocsp_url offered oids old_sha256 "
		"old_subject old_version other_versions own_port part path payload peer ports product profile "
		"property proxy "
		"puback_name purposes read_back reason record refused refused_by request requirement resolver "
		"right_order serial server setting sha256 silent similar sni source status store store_holds "
		"subject subject_key_id subprotocol suggestion system_store title topic transport version wanted with_header "
		"with_sni without_header without_sni without_sni_sha256 written" },
	{ "\"$ref\": \"#/$defs/time\"",
		"anchor_not_after earliest expected_not_after expected_not_before judged_at nearest_not_after "
		"nearest_not_before not_after not_before revoked server_clock" },
	{ "\"type\": \"integer\"",
		"alert bits bytes bytes_in certificate code connack days_left disconnect entry expired_count "
		"explained family fingerprint first limit line loaded max_depth nearest_entry offset password_len path_count path_length "
		"polls port position puback sent seen store_count suback system_entry timeout_ms token_len unhashed waited_ms" },
	{ "\"type\": \"integer\", \"minimum\": 0",
		"connack_ms datagrams largest_received largest_sent post_ms puback_ms received received_again "
		"response_ms sent_again telemetry_ms visible_ms" },
};

/* What is described, by the beginning of the file's name. */
static const struct {
	const char *name;
	const struct tbdi_shape *shape;
} tops[] = {
	{ "tbdiag-report.", &tbdi_report_shape },
	{ "tbdiag-set.", &tbdi_set_shape },
	{ "tbdiag-listen.", &listen_device_shape },
};

enum { SHAPES_MAX = 64 };

/* Structures in the order in which they are met. A schema stands for itself: that of a set has those of its reports. */
static const struct tbdi_shape *shapes[SHAPES_MAX];
static size_t shape_count;

static size_t shape_at(const struct tbdi_shape *shape)
{
	size_t at = 0;
	while (at < shape_count && shapes[at] != shape)
		at++;
	return at;
}

static void collect(const struct tbdi_shape *shape)
{
	if (shape_at(shape) < shape_count)
		return;
	if (shape_count == SHAPES_MAX)
		abort();
	shapes[shape_count++] = shape;
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++)
		if (field->shape != NULL)
			collect(field->shape);
}

/* The words of a list ("a|b") or, without quotes, its numbers. */
static void put_list(const char *list, const char *quote)
{
	const char *comma = "";
	printf("\"enum\": [");
	for (size_t len; *list != '\0'; list += len + (list[len] == '|'), comma = ", ") {
		len = strcspn(list, "|");
		printf("%s%s%.*s%s", comma, quote, (int)len, list, quote);
	}
	putchar(']');
}

static void put_words(const struct tbdi_field *field)
{
	const struct tbdi_words *list = field->words;
	printf("\"enum\": [");
	for (unsigned i = 0; i < list->count; i++)
		printf("%s\"%s\"", i > 0 ? ", " : "", tbdi_word(list, i));
	putchar(']');
}

static void put_text(const struct tbdi_field *field)
{
	const char *limits = field->limits;
	if (limits != NULL && limits[0] != '^') {
		put_list(limits, "\"");
		return;
	}
	printf("\"type\": \"string\"");
	if (limits == NULL)
		return;
	printf(", \"pattern\": \"");
	for (; *limits != '\0'; limits++)
		printf(*limits == '\\' ? "\\\\" : "%c", *limits);
	putchar('"');
}

static void put_number(const struct tbdi_field *field)
{
	const char *limits = field->limits != NULL ? field->limits : field->is_signed ? "" : "0..";
	if (strchr(limits, '|') != NULL) {
		put_list(limits, "");
		return;
	}
	printf("\"type\": \"integer\"");
	if (*limits != '\0')
		printf(", \"minimum\": %.*s", (int)strcspn(limits, "."), limits);
	if (field->size == sizeof(uint16_t))
		printf(", \"maximum\": %d", (int)UINT16_MAX);
}

static void put_reference(const struct tbdi_field *field)
{
	printf("\"$ref\": \"#/$defs/%s\"", field->shape->name);
	if (field->shape == &tbdi_report_shape) /* of a set: each has a label */
		printf(", \"properties\": {\"label\": {\"type\": \"string\"}}");
}

static void put_array(const struct tbdi_field *field)
{
	printf("\"type\": \"array\", ");
	if (field->limits != NULL)
		printf("\"minItems\": %.*s, ", (int)strcspn(field->limits, "."), field->limits);
	printf("\"items\": {");
	if (field->shape != NULL)
		put_reference(field);
	else
		printf("\"type\": \"string\"");
	putchar('}');
}

static const struct {
	void (*put)(const struct tbdi_field *field); /* NULL: the text */
	const char *text;
	bool may_be_null;
} kinds[] = {
	[TBDI_TEXT] = { put_text, NULL, false },
	[TBDI_MAYBE] = { put_text, NULL, true },
	[TBDI_STRINGS] = { put_array, NULL, false },
	[TBDI_STRINGS_IF] = { put_array, NULL, true },
	[TBDI_BOOL] = { NULL, "\"type\": \"boolean\"", false },
	[TBDI_NUMBER] = { put_number, NULL, false },
	[TBDI_OPTIONAL] = { put_number, NULL, true },
	[TBDI_NONZERO] = { put_number, NULL, true },
	[TBDI_NUMBER_IF] = { put_number, NULL, true },
	[TBDI_TIME] = { NULL, "\"$ref\": \"#/$defs/time\"", false },
	[TBDI_TIME_MAYBE] = { NULL, "\"$ref\": \"#/$defs/time\"", true },
	[TBDI_DAYS_LEFT] = { put_number, NULL, false },
	[TBDI_WORD] = { put_words, NULL, false },
	[TBDI_OBJECT] = { put_reference, NULL, true },
	[TBDI_POINTERS] = { put_array, NULL, false },
	[TBDI_ARRAY] = { put_array, NULL, false },
	[TBDI_ELEMENT] = { put_number, NULL, true },
	[TBDI_CERT] = { put_reference, NULL, true },
	[TBDI_CERTS] = { put_array, NULL, false },
	[TBDI_EVIDENCE] = { NULL, "\"$ref\": \"#/$defs/evidence\"", false },
	[TBDI_ERROR] = { put_text, NULL, false },
};
TBDI_TABLE_OF(kinds, TBDI_ERROR);

static void put_about(const char *about)
{
	if (about != NULL)
		printf("\"description\": \"%s\", ", about);
}

static void put_field(const struct tbdi_field *field)
{
	bool may_be_null = kinds[field->kind].may_be_null;
	printf("  \"%s\": {", field->name);
	put_about(field->about);
	printf(may_be_null ? "\"anyOf\": [{" : "");
	if (kinds[field->kind].put != NULL)
		kinds[field->kind].put(field);
	else
		printf("%s", kinds[field->kind].text);
	printf(may_be_null ? "}, {\"type\": \"null\"}]}" : "}");
}

/* A structure up to a row: each key has to be there, and no other. */
static void put_object(
	const struct tbdi_field *fields, const struct tbdi_field *last, const char *about)
{
	put_about(about);
	printf("\"type\": \"object\", \"additionalProperties\": false,\n\"required\": [");
	for (const struct tbdi_field *field = fields; field <= last; field++)
		printf("\"%s\"%s", field->name, field < last ? ", " : "],\n\"properties\": {\n");
	for (const struct tbdi_field *field = fields; field <= last; field++) {
		if (field->kind == TBDI_ERROR && field != last)
			printf("  \"%s\": {\"type\": \"null\"}", field->name);
		else
			put_field(field);
		printf(field < last ? ",\n" : "\n}");
	}
}

/* One that can end with an error is either complete or ends there. */
static void put_shape(const struct tbdi_shape *shape)
{
	const struct tbdi_field *last = shape->fields, *error = NULL;
	for (; last[1].name != NULL; last++)
		if (last->kind == TBDI_ERROR)
			error = last;
	printf(error != NULL ? "\"oneOf\": [{" : "");
	put_object(shape->fields, last, shape->about);
	if (error == NULL)
		return;
	printf("}, {");
	put_object(shape->fields, error, "One that cannot be parsed.");
	printf("}]");
}

static void put_evidence(void)
{
	const char *comma = "\n";
	printf(",\n\"evidence\": {");
	put_about("Facts that support a finding; which ones, its rule says (tbdiag explain ID).");
	printf("\"type\": \"object\", \"additionalProperties\": false, \"properties\": {");
	for (size_t i = 0; i < TBDI_COUNT(facts); i++)
		for (const char *key = facts[i].keys; *key != '\0'; comma = ",\n") {
			int len = (int)strcspn(key, " ");
			printf("%s  \"%.*s\": {%s}", comma, len, key, facts[i].type);
			key += len + (key[len] == ' ');
		}
	printf("\n}}");
}

static void put_schema(const struct tbdi_shape *top)
{
	size_t own = 0;
	collect(top);
	printf("{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n");
	printf("\"title\": \"%s\",\n", top->fields[0].limits);
	put_shape(top);
	printf(",\n\"$defs\": {\n\"time\": {");
	put_about("RFC 3339 in UTC; a year without four digits as @SECONDS since 1970.");
	printf("\"type\": \"string\",\n  \"pattern\": \"^([0-9]{4}-[0-9]{2}-[0-9]{2}T"
	       "[0-9]{2}:[0-9]{2}:[0-9]{2}Z|@-?[0-9]+)$\"}");
	if (top != &listen_device_shape)
		put_evidence();
	while (++own < shape_count) {
		printf(",\n\"%s\": {", shapes[own]->name);
		put_shape(shapes[own]);
		putchar('}');
	}
	printf("\n}\n}\n");
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < TBDI_COUNT(tops); i++)
		if (strncmp(argv[1], tops[i].name, strlen(tops[i].name)) == 0)
			put_schema(tops[i].shape);
	return shape_count > 0 && fflush(stdout) == 0 ? 0 : 1;
}
