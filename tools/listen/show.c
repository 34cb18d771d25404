/* SPDX-License-Identifier: MIT
 *
 * show.c - a device as text, in one line, and as JSON by the table of schema.c.
 */
#include "tools/listen/listen.h"

#include "base/rfc3339.h"
#include "report/flow.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/render/terminal.h"

/* ---- text -------------------------------------------------------------------------------------- */

enum { INDENT = 4, LABELS = 13 };

static void show_head(const struct tbdi_page *page, const struct listen_device *device)
{
	bool is_ipv6 = strchr(device->address, ':') != NULL;
	int column = fprintf(page->out, "%-3u %s%s%s:%u  ", device->number, is_ipv6 ? "[" : "",
		device->address, is_ipv6 ? "]" : "", device->port);
	tbdi_text_flow(page, column, INDENT, device->summary);
}

static void show_text(const struct tbdi_page *page, const char *label, const char *text)
{
	if (text != NULL)
		tbdi_text_field(page, INDENT, LABELS, label, text);
}

/* The strings of a list, separated by commas. */
static void show_list(const struct tbdi_page *page, const char *label, const char *const *list)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = list[0] != NULL ? open_memstream(&text, &len) : NULL;
	if (out == NULL)
		return;
	for (const char *const *at = list; *at != NULL; at++)
		fprintf(out, "%s%s", at > list ? ", " : "", *at);
	if (fclose(out) == 0)
		show_text(page, label, text);
	free(text);
}

static void show_offers(const struct tbdi_page *page, const struct listen_hello *hello)
{
	char text[32];
	show_list(page, "versions", hello->versions);
	show_list(page, "suites", hello->suites);
	show_text(page, "taken", hello->suite);
	show_list(page, "groups", hello->groups);
	show_list(page, "signatures", hello->signatures);
	show_list(page, "ALPN", hello->alpn);
	show_list(page, "extensions", hello->extensions);
	if (hello->max_fragment < 0)
		return;
	snprintf(text, sizeof(text), "at most %d bytes", hello->max_fragment);
	show_text(page, "records", text);
}

/* A device comes back every few seconds: what it offers is shown when it is not what the one before offered. */
static void show_hello(const struct tbdi_page *page, const struct listen_device *device)
{
	static char *shown;
	static unsigned shown_number;
	const char *name = device->hello->server_name;
	char *text = NULL, again[40];
	size_t len = 0;
	struct tbdi_page apart = { .out = open_memstream(&text, &len), .width = page->width };
	if (apart.out == NULL)
		return;
	show_offers(&apart, device->hello);
	bool good = fclose(apart.out) == 0;
	bool same = good && shown != NULL && strcmp(shown, text) == 0;
	show_text(page, "server name", name != NULL ? name : "none: it sends no SNI");
	snprintf(again, sizeof(again), "the same as device %u", shown_number);
	if (same)
		show_text(page, "offers", again);
	else if (good)
		fputs(text, page->out);
	free(same ? text : shown);
	if (!same) {
		shown = text;
		shown_number = device->number;
	}
}

static void put_text(FILE *out, const struct listen_device *device)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	show_head(&page, device);
	if (device->meaning != NULL) {
		tbdi_text_indent(out, INDENT);
		tbdi_text_flow(&page, INDENT, INDENT, device->meaning);
	}
	if (device->confirm != NULL) {
		tbdi_text_block(&page, INDENT,
			"With the device's trust file as device-ca.pem, this shows why:");
		tbdi_text_indent(out, INDENT + 2);
		tbdi_text_put(out, device->confirm);
		putc('\n', out);
	}
	if (device->hello != NULL)
		show_hello(&page, device);
	putc('\n', out);
}

static void put_line(FILE *out, const struct listen_device *device)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	show_head(&page, device);
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static json_t *object_json(const struct tbdi_shape *shape, const void *base);

static json_t *listen_strings_json(const char *const *strings)
{
	json_t *array = json_array();
	for (; *strings != NULL; strings++)
		json_array_append_new(array, json_string(*strings));
	return array;
}

static json_t *listen_number_json(const struct tbdi_field *field, const void *at)
{
	return json_integer(
		field->size == sizeof(uint16_t) ? *(const uint16_t *)at : *(const unsigned *)at);
}

static json_t *listen_time_json(int64_t time)
{
	char text[TBDI_RFC3339_SIZE];
	return json_string(tbdi_rfc3339(time, text));
}

/* Of the kinds that the table has. */
static json_t *field_json(const struct tbdi_field *field, const void *base)
{
	const void *at = tbdi_field_at(base, field->offset);
	const char *text = NULL;
	switch ((int)field->kind) {
	case TBDI_TEXT:
	case TBDI_MAYBE:
		text = tbdi_pointer_at(at);
		return text != NULL ? json_string(text) : json_null();
	case TBDI_STRINGS:
		return listen_strings_json(tbdi_pointer_at(at));
	case TBDI_BOOL:
		return json_boolean(*(const bool *)at);
	case TBDI_NUMBER:
		return listen_number_json(field, at);
	case TBDI_OPTIONAL:
		return *(const int *)at >= 0 ? json_integer(*(const int *)at) : json_null();
	case TBDI_TIME:
		return listen_time_json(*(const int64_t *)at);
	case TBDI_WORD:
		return json_string(tbdi_word(field->words, tbdi_enum_at(at)));
	case TBDI_OBJECT:
		return object_json(field->shape, tbdi_pointer_at(at));
	default:
		return NULL;
	}
}

static json_t *object_json(const struct tbdi_shape *shape, const void *base)
{
	if (base == NULL)
		return json_null();
	json_t *object = json_object();
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++)
		json_object_set_new(object, field->name, field_json(field, base));
	return object;
}

static void put_json(FILE *out, const struct listen_device *device)
{
	json_t *object = object_json(&listen_device_shape, device);
	if (json_dumpf(object, out, JSON_COMPACT | JSON_PRESERVE_ORDER) < 0)
		complain("out of memory");
	putc('\n', out);
	json_decref(object);
}

/* ---- any --------------------------------------------------------------------------------------- */

static int show_by(
	void (*put)(FILE *out, const struct listen_device *), const struct listen_device *device)
{
	struct output output;
	if (output_open(&output) == 0)
		put(output.stream, device);
	return output_close(&output, NULL);
}

int listen_show_text(const struct listen_device *device)
{
	return show_by(put_text, device);
}

int listen_show_line(const struct listen_device *device)
{
	return show_by(put_line, device);
}

int listen_show_json(const struct listen_device *device)
{
	return show_by(put_json, device);
}
