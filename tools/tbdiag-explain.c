/* SPDX-License-Identifier: MIT
 *
 * tbdiag-explain.c - what a finding means, by its id, or by the words that a device's log has of it.
 */
#include "report/flow.h"
#include "tools/cli/nearest.h"
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/render/terminal.h"

#include <ctype.h>

enum { WORDS_MAX = 16, PHRASE_MAX = 256 };

#define ALPHANUMERICS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct explain {
	bool list;
};

#define OPT_INTO struct explain

static const struct opt explain_options[] = {
	OPT_FLAG("list", list,
		"List the ids of all findings, or of those in whose text these words stand.",
		.letter = 'l'),
	{ 0 },
};

/* ---- words of logs ------------------------------------------------------------------------------ */

#define NO_ISSUER "ca.missing-intermediate ca.wrong-root ca.unknown ca.self-signed"

/* What stacks write that no text of a finding has, as phrase_make() makes it, and the ids of what it may be. */
static const struct {
	const char *phrase;
	const char *ids;
} said[] = {
	{ "unknown ca", NO_ISSUER },
	{ "alert 48", NO_ISSUER " tls.client-cert-rejected" },
	{ "rc 1", "mqtt.protocol-version" }, /* MQTT 3.1.1 3.2.2.3 */
	{ "rc 2", "mqtt.client-id" },
	{ "rc 3", "mqtt.unavailable" },
	{ "rc 4", "mqtt.bad-credentials" },
	{ "rc 5", "mqtt.not-authorized token.differs-by-transport" },
	{ "tlsv1 alert unknown ca", NO_ISSUER },
	{ "0x2700",
		NO_ISSUER " name.mismatch time.expired" }, /* MBEDTLS_ERR_X509_CERT_VERIFY_FAILED */
	{ "x509 v err unable to get issuer cert", NO_ISSUER },
	{ "x509 v err unable to get issuer cert locally", NO_ISSUER },
	{ "x509 v err unable to verify leaf signature", NO_ISSUER },
	{ "x509 v err depth zero self signed cert", "ca.self-signed" },
	{ "x509 v err self signed cert in chain", "ca.wrong-root ca.private-root-sent" },
	{ "x509 v err cert has expired", "time.expired ca.anchor-expired" },
	{ "x509 v err cert not yet valid", "time.not-yet-valid time.clock-wrong" },
	{ "x509 v err cert signature failure", "policy.bad-signature ca.same-name-other-key" },
	{ "x509 v err cert revoked", "policy.revoked" },
	{ "x509 v err invalid ca", "policy.not-a-ca" },
	{ "x509 v err invalid purpose", "policy.wrong-purpose" },
	{ "x509 v err path length exceeded", "policy.path-length" },
	{ "x509 v err permitted violation", "policy.name-constraints" },
	{ "x509 v err hostname mismatch", "name.mismatch name.cn-only name.wildcard-depth" },
	{ "x509 v err ip address mismatch", "name.ip-not-listed name.ip-as-dns" },
	{ "x509 v err ee key too small", "policy.weak-key" },
	{ "x509 v err ca key too small", "policy.weak-key" },
	{ "x509 v err ca md too weak", "policy.weak-signature" },
};

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

static bool has_id(const char *ids, const char *id)
{
	const char *at = strstr(ids, id);
	char end = at != NULL ? at[strlen(id)] : 'x';
	return end == ' ' || end == '\0';
}

static bool is_said(const struct phrase *query, const char *id)
{
	struct phrase whole = { " " };
	for (size_t i = 0; i < TOOL_COUNT(said); i++) {
		whole.text[1] = '\0';
		phrase_add(&whole, said[i].phrase);
		if (strcmp(whole.text, query->text) == 0 && has_id(said[i].ids, id))
			return true;
	}
	return false;
}

/* Each word, wherever it stands. */
static bool has_words(const struct phrase *text, const struct phrase *query)
{
	char word[PHRASE_MAX + 3];
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

/* Which rules have these words: together, or in the table above; else each of them somewhere. Of no words all have them.
 * To be freed. NULL: out of memory. */
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
			if (is_said(&query, rules[i]->id) || ways[way](&text, &query))
				found[(*count)++] = rules[i];
		}
	return found;
}

/* ---- what is shown ------------------------------------------------------------------------------ */

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

static int complain_unknown(const char *words)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	struct nearest nearest = { .word = words };
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, rules[i]->id);
	if (nearest.best != NULL)
		complain("no finding is called '%s', did you mean '%s'?", words, nearest.best);
	else
		complain("no finding is called '%s' or has these words in its text; "
			 "'tbdiag explain --list' lists them",
			words);
	return STATUS_FAILED;
}

/* One is explained, several are listed. */
static int show(const struct tbd_rule *const *rules, size_t count, bool list)
{
	struct output output;
	if (output_open(&output) == 0) {
		if (count == 1 && !list)
			print_rule(output.stream, rules[0]);
		else
			print_list(output.stream, rules, count);
	}
	return output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
}

static int explain_words(const char *words, bool list)
{
	size_t count = 0;
	const struct tbd_rule **found = search_rules(words, &count);
	int status = STATUS_FAILED;
	if (found == NULL)
		complain("out of memory");
	else if (count == 0)
		complain_unknown(words);
	else
		status = show(found, count, list);
	free(found);
	return status;
}

static int explain(const char *words, bool list)
{
	const struct tbd_rule *rule = list ? NULL : tbd_rule_find(words);
	return rule != NULL ? show(&rule, 1, false) : explain_words(words, list);
}

/* ---- the command line --------------------------------------------------------------------------- */

static void list_ids(FILE *out)
{
	size_t count = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\t%s\n", rules[i]->id, rules[i]->title);
}

/* Words need no quotes. */
static void join(char *text, size_t size, char **words, int count)
{
	size_t len = 0;
	text[0] = '\0';
	for (int i = 0; i < count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i > 0 ? " " : "", words[i]);
}

int main(int argc, char **argv)
{
	struct explain settings = { 0 };
	const struct opt_group groups[] = { { "Options", explain_options }, { 0 } };
	const struct opt_spec spec = { .command = "tbdiag explain",
		.operands = "ID|WORD...",
		.operand_max = WORDS_MAX,
		.operand_values = list_ids,
		.numbers = true,
		.summary =
			"Explain a finding: when it is said, what it means and how it is mended. Or find it "
			"by words or numbers that a device's log has.",
		.groups = groups,
		.into = &settings };
	char words[PHRASE_MAX];
	process_start(spec.command);
	join(words, sizeof(words), argv + 1, opt_parse(&spec, argc, argv));
	if (!settings.list && strpbrk(words, ALPHANUMERICS) == NULL)
		opt_usage_error(&spec, "wants the ID of a finding, words of a log, or --list");
	int status = explain(words, settings.list);
	process_obey();
	return status;
}
