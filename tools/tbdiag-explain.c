/* SPDX-License-Identifier: MIT
 *
 * tbdiag-explain.c - what a finding means, by its id; and what a device, a library or a server means that printed something.
 */
#include "report/flow.h"
#include "tools/cli/nearest.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/decoder/decoder.h"
#include "tools/render/terminal.h"

#include <ctype.h>
#include <errno.h>

enum { TEXT_WORDS_MAX = 1024, STATUS_UNKNOWN = 1 };

#define ALPHANUMERICS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct explain {
	bool list, hangs, silent, reconnects, exits_0;
	const char *log, *client, *format;
};

#define OPT_INTO struct explain

static const struct opt explain_options[] = {
	OPT_FLAG("list", list,
		"List the ids of all findings, or of those in whose text these words stand.",
		.letter = 'l'),
	OPT_TEXT("log", "FILE", log,
		"Look for what tells something in this log ('-': standard input), and say in which lines it stands."),
	OPT_WORD("format", "text|json", format, "How to show the answer (default text)."),
	{ 0 },
};

static const struct opt symptom_options[] = {
	OPT_TEXT("client", "NAME", client, "Who said it: mosquitto_pub, mqtt.js, curl ..."),
	OPT_FLAG("hangs", hangs, "The client waits for ever."),
	OPT_FLAG("silent", silent, "It prints nothing."),
	OPT_FLAG("reconnects", reconnects, "It connects again and again."),
	OPT_FLAG("exits-0", exits_0, "It ends with status 0, and nothing arrived."),
	{ 0 },
};

/* ---- findings by words ------------------------------------------------------------------------------ */

/* Words in lower case between single spaces, nothing else: " rc 5 " of "rc=5". */
struct phrase {
	char text[8192];
};

static void phrase_add(struct phrase *phrase, const char *text)
{
	size_t len = strlen(phrase->text);
	for (; *text != '\0' && len + 2 < sizeof(phrase->text); text++)
		if (isalnum((unsigned char)*text))
			phrase->text[len++] = (char)tolower((unsigned char)*text);
		else if (phrase->text[len - 1] != ' ')
			phrase->text[len++] = ' ';
	if (phrase->text[len - 1] != ' ')
		phrase->text[len++] = ' ';
	phrase->text[len] = '\0';
}

/* Each word, wherever it stands. */
static bool has_words(const struct phrase *text, const struct phrase *query)
{
	char word[sizeof(query->text)];
	const char *at = query->text + 1;
	for (size_t len = strcspn(at, " "); len > 0; at += len + 1, len = strcspn(at, " ")) {
		snprintf(word, sizeof(word), " %.*s ", (int)len, at);
		if (strstr(text->text, word) == NULL)
			return false;
	}
	return true;
}

static struct phrase words_of(const struct tbd_rule *rule)
{
	struct phrase text = { " " };
	phrase_add(&text, rule->id);
	phrase_add(&text, rule->title);
	phrase_add(&text, rule->why);
	if (rule->fix != NULL)
		phrase_add(&text, rule->fix);
	return text;
}

static bool has_phrase(const struct phrase *text, const struct phrase *query)
{
	return strstr(text->text, query->text) != NULL;
}

/* Which rules have these words: together, else each of them somewhere. Of no words all have them. To be freed. NULL: out
 * of memory. */
static const struct tbd_rule **search_rules(const char *words, size_t *count)
{
	static bool (*const ways[])(
		const struct phrase *, const struct phrase *) = { has_phrase, has_words };
	struct phrase query = { " " };
	size_t rule_count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&rule_count);
	const struct tbd_rule **found = calloc(rule_count + 1, sizeof(*found));
	phrase_add(&query, words);
	*count = 0;
	for (size_t way = 0; found != NULL && *count == 0 && way < TOOL_COUNT(ways); way++)
		for (size_t i = 0; i < rule_count; i++) {
			struct phrase text = words_of(rules[i]);
			if (ways[way](&text, &query))
				found[(*count)++] = rules[i];
		}
	return found;
}

/* ---- showing findings ------------------------------------------------------------------------------- */

static void print_list(FILE *out, const struct tbd_rule *const *rules, size_t count)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	for (size_t i = 0; i < count; i++) {
		int column = fprintf(
			out, "%-28s %-8s ", rules[i]->id, tbd_severity_name(rules[i]->severity));
		tbdi_text_flow(&page, column, column, rules[i]->title);
	}
}

static void print_rule(FILE *out, const struct tbd_rule *rule)
{
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	int column = fprintf(out, "%s (%s): ", rule->id, tbd_severity_name(rule->severity));
	tbdi_text_flow(&page, column, 2, rule->title);
	putc('\n', out);
	tbdi_text_block(&page, 2, rule->why);
	if (rule->fix != NULL) {
		fputs("\n  fix:\n", out);
		tbdi_text_block(&page, 4, rule->fix);
	}
	if (rule->evidence[0] == NULL)
		return;
	fputs("\n  evidence:\n", out);
	for (const char *const *key = rule->evidence; *key != NULL; key++)
		fprintf(out, "    %s\n", *key);
}

static int complain_unknown_words(const char *words)
{
	complain("no finding has these words in its text: '%s'; 'tbdiag explain --list' lists all",
		words);
	return STATUS_FAILED;
}

static int list_rules(const char *words)
{
	struct output output;
	size_t count = 0;
	const struct tbd_rule **found = search_rules(words, &count);
	if (found == NULL)
		complain("out of memory");
	if (found == NULL || count == 0) {
		free(found);
		return found == NULL ? STATUS_FAILED : complain_unknown_words(words);
	}
	if (output_open(&output) == 0)
		print_list(output.stream, found, count);
	free(found);
	return output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
}

static int explain_rule(const struct tbd_rule *rule)
{
	struct output output;
	if (output_open(&output) == 0)
		print_rule(output.stream, rule);
	return output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
}

/* It is written like an id, and is none. */
static int complain_unknown_id(const char *id)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	struct nearest nearest = { .word = id };
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, rules[i]->id);
	if (nearest.best == NULL)
		return STATUS_UNKNOWN;
	complain("no finding is called '%s', did you mean '%s'?", id, nearest.best);
	return STATUS_FAILED;
}

/* ---- showing what was decoded ----------------------------------------------------------------------- */

static bool has_rule(const struct tbd_rule *const *rules, size_t count, const struct tbd_rule *rule)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i] == rule)
			return true;
	return false;
}

/* The findings that the causes name, each once. To be freed. NULL: out of memory. */
static const struct tbd_rule **rules_of(const struct answer *answer, size_t *count)
{
	size_t rule_count = 0, len;
	(void)tbd_rules(&rule_count);
	const struct tbd_rule **found = calloc(rule_count + 1, sizeof(*found));
	*count = 0;
	for (size_t i = 0; found != NULL && i < answer->cause_count; i++)
		for (const char *ids = answer->causes[i]->ids; *ids != '\0';
			ids += len + (ids[len] == ' ')) {
			char id[64];
			len = strcspn(ids, " ");
			snprintf(id, sizeof(id), "%.*s", (int)len, ids);
			const struct tbd_rule *rule = tbd_rule_find(id);
			if (rule != NULL && !has_rule(found, *count, rule))
				found[(*count)++] = rule;
		}
	return found;
}

/* A finding that stands alone is explained. */
static void show_findings(FILE *out, const struct answer *answer)
{
	size_t count = 0;
	const struct tbd_rule **rules = rules_of(answer, &count);
	if (count > 0)
		fputs("\nFindings of tbdiag that say so ('tbdiag explain ID'):\n", out);
	if (count == 1)
		print_rule(out, rules[0]);
	else if (count > 1)
		print_list(out, rules, count);
	free(rules);
}

static int show_answer(const struct answer *answer, bool as_json)
{
	struct output output;
	int rc = output_open(&output);
	if (rc == 0 && as_json)
		rc = answer_show_json(answer, output.stream);
	else if (rc == 0 && answer->hit_count > 0) {
		answer_show_text(answer, output.stream);
		show_findings(output.stream, answer);
	}
	if (output_close(&output, NULL) < 0 || rc < 0)
		return STATUS_FAILED;
	return answer->hit_count > 0 ? STATUS_OK : STATUS_UNKNOWN;
}

/* A number alone says whose it is not. */
static void complain_nothing_known(const char *text)
{
	char *whose = NULL, *end = NULL;
	size_t len = 0;
	long number = strtol(text, &end, 0);
	FILE *out = *text != '\0' && *end == '\0' ? open_memstream(&whose, &len) : NULL;
	if (out != NULL) {
		decoder_who_has(number, out);
		fclose(out);
	}
	if (len > 0)
		complain("a number alone may be of %s: name it, as in 'tbdiag explain BearSSL 62'",
			whose);
	else
		complain(
			"nothing is known of this; 'tbdiag explain --list WORD...' looks for words in the findings");
	free(whose);
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static int read_log(struct decoder *decoder, const char *path)
{
	char bytes[65536];
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	size_t len;
	if (file == NULL) {
		complain("%s: %s", path, strerror(errno));
		return -1;
	}
	while (!process_stopped() && (len = fread(bytes, 1, sizeof(bytes), file)) > 0)
		decoder_take(decoder, bytes, len);
	int rc = ferror(file) ? -1 : 0;
	if (rc < 0)
		complain("%s: %s", path, strerror(errno));
	if (file != stdin)
		fclose(file);
	explicit_bzero(bytes, sizeof(bytes));
	return rc;
}

/* The symptoms first: they stand before what the text says when that tells little. */
static void take_symptoms(struct decoder *decoder, const struct explain *settings)
{
	if (settings->hangs)
		decoder_symptom(decoder, "hang");
	if (settings->silent)
		decoder_symptom(decoder, "silence");
	if (settings->reconnects)
		decoder_symptom(decoder, "reconnect");
	if (settings->exits_0)
		decoder_symptom(decoder, "exit well");
}

static bool has_symptom(const struct explain *settings)
{
	return settings->hangs || settings->silent || settings->reconnects || settings->exits_0;
}

static int decode_input(const struct index *index, const struct explain *settings, const char *text,
	struct answer *answer)
{
	struct decoder *decoder =
		decoder_new(index, settings->client, settings->log != NULL, answer);
	int rc = 0;
	if (decoder == NULL) {
		complain("out of memory");
		return -1;
	}
	if (settings->log != NULL)
		rc = read_log(decoder, settings->log);
	else
		decoder_take(decoder, text, strlen(text));
	take_symptoms(decoder, settings);
	decoder_end(decoder);
	decoder_free(decoder);
	return rc;
}

static int explain_text(const struct explain *settings, const char *text)
{
	static struct answer answer;
	struct index *index = index_new();
	int rc = index != NULL ? decode_input(index, settings, text, &answer) : -1;
	if (index == NULL)
		complain("out of memory");
	index_free(index);
	if (rc < 0)
		return STATUS_FAILED;
	int status = show_answer(
		&answer, settings->format != NULL && strcmp(settings->format, "json") == 0);
	if (status == STATUS_UNKNOWN && settings->log != NULL)
		complain("%s: nothing is known of any line", settings->log);
	else if (status == STATUS_UNKNOWN)
		complain_nothing_known(text);
	return status;
}

static int explain(const struct explain *settings, const char *text)
{
	bool is_word = settings->log == NULL && !has_symptom(settings) && strchr(text, ' ') == NULL;
	const struct tbd_rule *rule = is_word ? tbd_rule_find(text) : NULL;
	if (settings->list)
		return list_rules(text);
	if (rule != NULL)
		return explain_rule(rule);
	if (is_word && islower((unsigned char)text[0]) && strchr(text, '.') != NULL) {
		int status = complain_unknown_id(text);
		if (status == STATUS_FAILED)
			return status;
	}
	return explain_text(settings, text);
}

/* ---- the command line --------------------------------------------------------------------------------- */

static void list_ids(FILE *out)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\t%s\n", rules[i]->id, rules[i]->title);
}

/* Words need no quotes. To be freed; NULL: out of memory. */
static char *join(char **words, int count)
{
	size_t size = 1, len = 0;
	for (int i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	char *text = calloc(1, size);
	for (int i = 0; text != NULL && i < count; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i > 0 ? " " : "", words[i]);
	return text;
}

int main(int argc, char **argv)
{
	struct explain settings = { 0 };
	const struct opt_group groups[] = { { "Options", explain_options },
		{ "Symptoms", symptom_options }, { 0 } };
	const struct opt_spec spec = { .command = "tbdiag explain",
		.operands = "ID|TEXT...",
		.operand_max = TEXT_WORDS_MAX,
		.operand_values = list_ids,
		.numbers = true,
		.summary =
			"Explain a finding: when it is said, what it means and how it is mended. Or what a "
			"device, a library or a server printed: whose words they are, what they may come "
			"from, and the command that shows it.",
		.groups = groups,
		.into = &settings };
	process_start(spec.command);
	char *text = join(argv + 1, opt_parse(&spec, argc, argv));
	if (text == NULL) {
		complain("out of memory");
		return STATUS_FAILED;
	}
	if (settings.log != NULL && *text != '\0')
		opt_usage_error(&spec, "takes a text or --log, not both");
	if (!settings.list && settings.log == NULL && !has_symptom(&settings) &&
		strpbrk(text, ALPHANUMERICS) == NULL)
		opt_usage_error(&spec,
			"wants the ID of a finding, what was printed, --log, --list, or a symptom");
	int status = explain(&settings, text);
	explicit_bzero(text, strlen(text));
	free(text);
	process_obey();
	return status;
}
