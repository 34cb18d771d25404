/* SPDX-License-Identifier: MIT
 *
 * show.c - an answer for a person, and as JSON.
 */
#include "report/flow.h"
#include "tools/cli/process.h"
#include "tools/decoder/decoder.h"
#include "tools/render/terminal.h"

#include <jansson.h>

/* ---- for a person ---------------------------------------------------------------------------------- */

static void show_where(const struct answer *answer, const struct hit *hit, FILE *out)
{
	bool in_file = hit->line > 0;
	if (in_file)
		fprintf(out, "    line %lu: ", hit->line);
	else if (answer->lines > 1 || answer->hit_count > 1)
		fputs("    ", out);
	else
		return;
	tbdi_text_put(out, hit->excerpt);
	if (in_file && hit->count > 1)
		fprintf(out, " (%lu times)", hit->count);
	putc('\n', out);
}

static void show_hit(
	const struct answer *answer, const struct hit *hit, const struct tbdi_page *page)
{
	const struct match *match = &hit->match;
	int column = fprintf(page->out, "  %s: ", match->whose);
	char text[512];
	if (match->name == NULL)
		snprintf(text, sizeof(text), "%s.", match->meaning);
	else if (match->meaning == NULL)
		snprintf(text, sizeof(text), "%s (%d).", match->name, (int)match->number);
	else
		snprintf(text, sizeof(text), "%s (%d): %s.", match->name, (int)match->number,
			match->meaning);
	tbdi_text_flow(page, column, 4, text);
	show_where(answer, hit, page->out);
}

static void show_ids(const char *ids, const struct tbdi_page *page)
{
	char text[512] = "";
	size_t len = 0;
	for (; *ids != '\0' && len + 3 < sizeof(text); ids++) {
		if (*ids == ' ')
			text[len++] = ',';
		text[len++] = *ids;
	}
	text[len] = '\0';
	if (len == 0)
		return;
	int column = fprintf(page->out, "     findings: ");
	tbdi_text_flow(page, column, 7, text);
}

static void show_cause(const struct cause *cause, size_t number, const struct tbdi_page *page)
{
	int column = fprintf(page->out, "  %zu. ", number);
	tbdi_text_flow(page, column, 5, cause->what);
	if (cause->tell != NULL) {
		tbdi_text_indent(page->out, 5);
		tbdi_text_flow(page, 5, 5, cause->tell);
	}
	show_ids(cause->ids, page);
	fprintf(page->out, "         %s\n", cause->command);
}

void answer_show_text(const struct answer *answer, FILE *out)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	fputs("What it says:\n", out);
	for (size_t i = 0; i < answer->hit_count; i++)
		show_hit(answer, &answer->hits[i], &page);
	fputs("\nLikely causes, the most likely first:\n", out);
	for (size_t i = 0; i < answer->cause_count; i++)
		show_cause(answer->causes[i], i + 1, &page);
	fputs("\n", out);
	tbdi_text_flow(&page, 0, 0,
		"HOST is the server, FILE the CA file of the device, TOKEN a file with its token, CERT one with its "
		"certificate and key.");
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static json_t *json_of_hit(const struct hit *hit)
{
	const struct match *match = &hit->match;
	json_t *object = json_pack("{s:s, s:s?, s:s?, s:s}", "whose", match->whose, "name",
		match->name, "meaning", match->meaning, "telling",
		match->telling == TELLS_CAUSE          ? "cause"
			: match->telling == TELLS_KIND ? "kind"
						       : "little");
	if (match->name != NULL)
		json_object_set_new(object, "number", json_integer(match->number));
	json_t *text = json_string(hit->excerpt);
	json_object_set_new(object, "text", text != NULL ? text : json_string(""));
	if (hit->line > 0)
		json_object_set_new(object, "line", json_integer((json_int_t)hit->line));
	json_object_set_new(object, "count", json_integer((json_int_t)hit->count));
	return object;
}

static json_t *json_of_ids(const char *ids)
{
	json_t *array = json_array();
	size_t len;
	for (; *ids != '\0'; ids += len + (ids[len] == ' ')) {
		len = strcspn(ids, " ");
		json_array_append_new(array, json_stringn(ids, len));
	}
	return array;
}

static json_t *json_of_cause(const struct cause *cause)
{
	return json_pack("{s:s, s:s, s:s?, s:o, s:s}", "cause", cause->key, "what", cause->what,
		"tell", cause->tell, "findings", json_of_ids(cause->ids), "command",
		cause->command);
}

int answer_show_json(const struct answer *answer, FILE *out)
{
	json_t *sayings = json_array(), *causes = json_array();
	for (size_t i = 0; i < answer->hit_count; i++)
		json_array_append_new(sayings, json_of_hit(&answer->hits[i]));
	for (size_t i = 0; i < answer->cause_count; i++)
		json_array_append_new(causes, json_of_cause(answer->causes[i]));
	json_t *whole = json_pack("{s:i, s:b, s:o, s:o}", "explain_version", 1, "known",
		answer->hit_count > 0, "sayings", sayings, "causes", causes);
	int rc = whole != NULL && json_dumpf(whole, out, JSON_INDENT(2)) == 0 ? 0 : -1;
	putc('\n', out);
	json_decref(whole);
	if (rc < 0)
		complain("out of memory");
	return rc;
}
