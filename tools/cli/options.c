/* SPDX-License-Identifier: MIT
 *
 * options.c - the option parser and its --help.
 */
#include "tools/cli/options.h"

#include "report/flow.h"
#include "tools/cli/foreign.h"
#include "tools/cli/nearest.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/render/terminal.h"

#include <stdarg.h>

enum { HELP_COLUMN = 30 };

/* Answered by the parser itself: rows without a handler. `value` is the place of the answer. */
enum { ANSWER_HELP, ANSWER_OPTIONS, ANSWER_VALUES };

static const struct opt builtin_rows[] = {
	{ .name = "help", .letter = 'h', .help = "Show this help.", .value = ANSWER_HELP },
	{ .name = "list-options", .value = ANSWER_OPTIONS },
	{ .name = "list-values", .arg = "OPTION", .value = ANSWER_VALUES },
	{ 0 },
};
static const struct opt_group builtin_group = { "General", builtin_rows };

static size_t group_count(const struct opt_spec *spec)
{
	size_t count = 0;
	while (spec->groups[count].rows != NULL)
		count++;
	return count + 1;
}

/* The groups of a command, the built-in one last. */
static const struct opt_group *group_at(const struct opt_spec *spec, size_t index)
{
	return spec->groups[index].rows != NULL ? &spec->groups[index] : &builtin_group;
}

/* The row with this name, or (NULL) with this letter. */
static const struct opt *find_row(const struct opt_spec *spec, const char *name, char letter)
{
	for (size_t i = 0; i < group_count(spec); i++)
		for (const struct opt *row = group_at(spec, i)->rows; row->name != NULL; row++)
			if (name != NULL ? strcmp(row->name, name) == 0 : row->letter == letter)
				return row;
	return NULL;
}

_Noreturn void opt_usage_error(const struct opt_spec *spec, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain("%s", text);
	fprintf(stderr, "Try '%s --help'.\n", spec->command);
	exit(STATUS_FAILED);
}

/* ---- help ------------------------------------------------------------------------------------- */

static void print_row(const struct tbdi_page *page, const struct opt *row)
{
	FILE *out = page->out;
	char letter[] = { '-', row->letter, ',', '\0' };
	int column = fprintf(out, "  %-3s --%s%s%s", row->letter != 0 ? letter : "", row->name,
		row->arg != NULL ? " " : "", row->arg != NULL ? row->arg : "");
	if (column > HELP_COLUMN - 2) {
		putc('\n', out);
		column = 0;
	}
	tbdi_text_indent(out, HELP_COLUMN - column);
	tbdi_text_flow(page, HELP_COLUMN, HELP_COLUMN, row->help);
}

static void print_help(FILE *out, const struct opt_spec *spec, const char *value)
{
	(void)value;
	const struct tbdi_page page = { .out = out, .width = terminal_width() };
	fprintf(out, "Usage: %s [OPTION]...%s%s\n\n", spec->command,
		spec->operands != NULL ? " " : "", spec->operands != NULL ? spec->operands : "");
	tbdi_text_flow(&page, 0, 0, spec->summary);
	for (size_t i = 0; i < group_count(spec); i++) {
		const struct opt_group *group = group_at(spec, i);
		if (group->heading != NULL)
			fprintf(out, "\n%s:\n", group->heading);
		for (const struct opt *row = group->rows; row->name != NULL; row++)
			if (row->help != NULL)
				print_row(&page, row);
	}
	if (spec->closing == NULL)
		return;
	putc('\n', out);
	tbdi_text_block(&page, 0, spec->closing);
}

/* Long form, short form or "-", argument or "-", help; separated by tabs. */
static void print_list_row(FILE *out, const struct opt *row)
{
	char letter[] = { '-', row->letter, '\0' };
	fprintf(out, "--%s\t%s\t%s\t%s\n", row->name, letter, row->arg != NULL ? row->arg : "-",
		row->help);
}

static void print_list(FILE *out, const struct opt_spec *spec, const char *value)
{
	(void)value;
	for (size_t i = 0; i < group_count(spec); i++)
		for (const struct opt *row = group_at(spec, i)->rows; row->name != NULL; row++)
			if (row->help != NULL)
				print_list_row(out, row);
}

/* Names of arguments are in capitals, words that are meant as they stand are not. */
static void print_words(FILE *out, const char *arg)
{
	while (*arg != '\0') {
		size_t len = strcspn(arg, "|");
		if (*arg < 'A' || *arg > 'Z')
			fprintf(out, "%.*s\t\n", (int)len, arg);
		arg += len + (arg[len] == '|');
	}
}

static void print_argument(FILE *out, const char *arg, opt_values *values)
{
	bool is_file = strstr(arg, "FILE") != NULL, is_dir = strstr(arg, "DIR") != NULL;
	bool is_host = strstr(arg, "HOST") != NULL || strstr(arg, "TARGET") != NULL;
	if (values != NULL) {
		fputs("words\n", out);
		values(out);
	} else if (is_file || is_dir || is_host) {
		fputs(is_file ? "files\n" : is_dir ? "dirs\n" : "hosts\n", out);
	} else {
		fputs("words\n", out);
		print_words(out, arg);
	}
}

/* What may be the argument of the option `value` ("--NAME" or "-LETTER"), or an operand (""): a line says
 * what it is (files, dirs, hosts, words, none), then the words follow. */
static void print_values(FILE *out, const struct opt_spec *spec, const char *value)
{
	const struct opt *row = NULL;
	if (strncmp(value, "--", 2) == 0)
		row = find_row(spec, value + 2, 0);
	else if (value[0] == '-' && value[1] != '\0' && value[2] == '\0')
		row = find_row(spec, NULL, value[1]);
	else if (value[0] == '\0' && spec->operands != NULL)
		print_argument(out, spec->operands, spec->operand_values);
	if (row != NULL && row->arg != NULL)
		print_argument(out, row->arg, row->values);
	else if (value[0] != '\0' || spec->operands == NULL)
		fputs("none\n", out);
}

static _Noreturn void answer(const struct opt_spec *spec, const struct opt *row, const char *value)
{
	static void (*const answers[])(FILE *, const struct opt_spec *, const char *) = {
		[ANSWER_HELP] = print_help,
		[ANSWER_OPTIONS] = print_list,
		[ANSWER_VALUES] = print_values,
	};
	TOOL_TABLE_OF(answers, ANSWER_VALUES);
	struct output output;
	if (output_open(&output) == 0)
		answers[row->value](output.stream, spec, value);
	int status = output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
	process_obey();
	exit(status);
}

/* ---- parsing ---------------------------------------------------------------------------------- */

struct parser {
	const struct opt_spec *spec;
	char **argv;
	int argc;
	int next; /* the argument to look at */
	int operands;
	const char *port; /* that was given apart from its host, or NULL */
};

static _Noreturn void no_memory(void)
{
	complain("out of memory");
	exit(STATUS_FAILED);
}

/* "//USER:PASSWORD@HOST", or "USER:PASSWORD@HOST" where no scheme is needed: without the password, if it is
 * one. Takes the text, which is on the heap. */
static const char *hide_user(char *text)
{
	char *scheme = strstr(text, "://"), *value = strchr(text, '='), *hidden = NULL;
	char *user = scheme != NULL               ? scheme + 3
		: text[0] == '-' && value != NULL ? value + 1
						  : text;
	char *at = strrchr(user, '@');
	if (at == NULL || (scheme == NULL && memchr(user, ':', (size_t)(at - user)) == NULL))
		return text;
	if (asprintf(&hidden, "%.*s(hidden)%s", (int)(user - text), text, at) < 0)
		no_memory();
	free(text);
	return hidden;
}

/* Keep a word of the command line; `secret` (or NULL) stands at its end and is left out. */
static void keep(const struct parser *parser, const char *text, const char *secret)
{
	struct opt_list *words = parser->spec->words;
	char *word = NULL;
	if (words == NULL)
		return;
	int len = secret != NULL ? (int)(secret - text) : (int)strlen(text);
	if (asprintf(&word, "%.*s%s", len, text, secret != NULL ? "(hidden)" : "") < 0 ||
		opt_list_add(words, hide_user(word)) < 0)
		no_memory();
}

static bool has_row(const struct opt *rows, const char *name)
{
	while (rows->name != NULL && strcmp(rows->name, name) != 0)
		rows++;
	return rows->name != NULL;
}

const char *opt_first(const struct opt_list *given, const char *const *names)
{
	for (; *names != NULL; names++)
		for (size_t i = 0; i < given->count; i++)
			if (strcmp(given->items[i], *names) == 0)
				return *names;
	return NULL;
}

const char *opt_outside(const struct opt_list *given, const struct opt *const *tables, size_t count)
{
	for (size_t i = 0; i < given->count; i++) {
		size_t table = 0;
		while (table < count && !has_row(tables[table], given->items[i]))
			table++;
		if (table == count)
			return given->items[i];
	}
	return NULL;
}

void opt_words_free(struct opt_list *words)
{
	for (size_t i = 0; i < words->count; i++)
		free((char *)(uintptr_t)words->items[i]);
	free(words->items);
	*words = (struct opt_list){ 0 };
}

/* The value, if a report must not show it; or NULL. "-" is standard input. */
static const char *secret_of(const struct opt *row, const char *value)
{
	return row->secret && value != NULL && strcmp(value, "-") != 0 ? value : NULL;
}

static void apply(struct parser *parser, const struct opt *row, char *value)
{
	if (row->set == NULL)
		answer(parser->spec, row, value);
	if (parser->spec->given != NULL && opt_list_add(parser->spec->given, row->name) < 0)
		no_memory();
	const char *wants = row->set(row, (char *)parser->spec->into + row->offset, value);
	if (wants != NULL)
		opt_usage_error(parser->spec, "option '--%s' %s", row->name, wants);
}

/* The argument of an option that takes one: attached, or the next word. */
static char *take_value(struct parser *parser, const struct opt *row, char *attached)
{
	if (attached != NULL)
		return attached;
	char *value = parser->argv[parser->next];
	/* Nothing that sets a row changes what comes from the table. */
	if (row->alone != NULL && (value == NULL || !row->is_value(value)))
		return (char *)(uintptr_t)row->alone;
	if (value == NULL)
		opt_usage_error(
			parser->spec, "option '--%s' wants an argument: %s", row->name, row->arg);
	parser->next++;
	keep(parser, value, secret_of(row, value));
	return value;
}

/* Says the name only: what follows '=' may be a secret. */
/* How an unknown option is shown: of one that begins like a secret's only that, as the secret may be glued to it. */
static size_t shown_len(const struct opt_spec *spec, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < group_count(spec); i++)
		for (const struct opt *row = group_at(spec, i)->rows; row->name != NULL; row++)
			if (row->secret && strncmp(name, row->name, strlen(row->name)) == 0 &&
				strlen(row->name) < len)
				len = strlen(row->name);
	return len;
}

static _Noreturn void unknown_option(const struct opt_spec *spec, const char *name)
{
	struct nearest nearest = { .word = name };
	int len = (int)shown_len(spec, name);
	const char *rest = name[len] != '\0' ? "..." : "";
	for (size_t i = 0; i < group_count(spec); i++)
		for (const struct opt *row = group_at(spec, i)->rows; row->name != NULL; row++)
			if (row->help != NULL)
				nearest_offer(&nearest, row->name);
	if (nearest.best != NULL)
		opt_usage_error(spec, "unknown option '--%.*s%s', did you mean '--%s'?", len, name,
			rest, nearest.best);
	opt_usage_error(spec, "unknown option '--%.*s%s'", len, name, rest);
}

static void parse_long(struct parser *parser, char *word)
{
	char *attached = strchr(word, '=');
	if (attached != NULL)
		*attached = '\0';
	const struct opt *row = find_row(parser->spec, word, 0);
	if (row == NULL)
		unknown_option(parser->spec, word);
	if (row->arg == NULL && attached != NULL)
		opt_usage_error(parser->spec, "option '--%s' takes no argument", row->name);
	if (attached != NULL)
		*attached++ = '=';
	keep(parser, word - 2, attached != NULL ? secret_of(row, attached) : NULL);
	apply(parser, row, row->arg != NULL ? take_value(parser, row, attached) : NULL);
}

static _Noreturn void unknown_letter(const struct opt_spec *spec, const char *word, char letter)
{
	if (find_row(spec, word + 1, 0) != NULL)
		opt_usage_error(spec, "unknown option '%s', did you mean '-%s'?", word, word);
	opt_usage_error(spec, "unknown option '-%c'", letter);
}

/* One letter of a word; true: what follows it there was its argument. */
static bool parse_letter(struct parser *parser, const char *word, char *letter)
{
	char *value = NULL;
	const struct opt *row = find_row(parser->spec, NULL, *letter);
	if (row == NULL)
		unknown_letter(parser->spec, word, *letter);
	/* Who writes "-h HOST" in a script must not be told that all is well. */
	if (row->set == NULL && parser->argc > 2)
		opt_usage_error(parser->spec,
			"'-%c' stands alone; '--%s' may stand with other words", *letter,
			row->name);
	char *attached = row->arg != NULL && letter[1] != '\0' ? letter + 1 : NULL;
	if (row->arg != NULL || letter[1] == '\0')
		keep(parser, word, secret_of(row, attached));
	if (row->arg != NULL)
		value = take_value(parser, row, attached);
	apply(parser, row, value);
	return row->arg != NULL;
}

static void parse_letters(struct parser *parser, char *word)
{
	for (char *letter = word + 1; *letter != '\0'; letter++)
		if (parse_letter(parser, word, letter))
			return;
}

/* Nothing else is repeated: a word in the wrong place may be a token. */
static bool is_port(const char *word)
{
	size_t len = strspn(word, "0123456789");
	return len > 0 && len <= 5 && word[len] == '\0';
}

static bool takes_target(const struct opt_spec *spec)
{
	return spec->operands != NULL && strstr(spec->operands, "TARGET") != NULL;
}

static void add_operand(struct parser *parser, char *word)
{
	const struct opt_spec *spec = parser->spec;
	if (takes_target(spec) && parser->operands == spec->operand_max && is_port(word))
		opt_usage_error(spec, "too many operands: did you mean HOST:%s?", word);
	if (parser->operands == spec->operand_max)
		opt_usage_error(
			spec, spec->operand_max == 0 ? "takes no operands" : "too many operands");
	parser->argv[++parser->operands] = word;
}

static bool is_operand(const struct opt_spec *spec, const char *word)
{
	bool is_number = spec->numbers && word[1] >= '0' && word[1] <= '9';
	return word[0] != '-' || word[1] == '\0' || is_number;
}

static void take_operand(struct parser *parser, char *word)
{
	add_operand(parser, word);
	keep(parser, word, NULL);
}

/* ---- what options are called elsewhere ---------------------------------------------------------- */

/* It is one of ours as well. "-h" with other words is not. */
static bool is_ours(const struct parser *parser, const char *word)
{
	if (word[1] == '-')
		return find_row(parser->spec, word + 2, 0) != NULL;
	const struct opt *row = find_row(parser->spec, NULL, word[1]);
	return row != NULL && word[2] == '\0' && (row->set != NULL || parser->argc == 2);
}

/* The row for a word that is not ours, and can be taken here. */
static const struct foreign *find_foreign(const struct parser *parser, char *word, char **attached)
{
	const struct foreign *foreign = foreign_find(word, attached);
	if (foreign == NULL || is_ours(parser, foreign->word) ||
		(word[1] != '-' && find_row(parser->spec, word + 1, 0) != NULL))
		return NULL;
	bool needs_target = foreign->use == FOREIGN_TARGET || foreign->use == FOREIGN_PORT;
	return needs_target && !takes_target(parser->spec) ? NULL : foreign;
}

static char *take_foreign_value(
	struct parser *parser, const struct foreign *foreign, char *attached)
{
	if (attached != NULL)
		return attached;
	char *value = parser->argv[parser->next];
	if (value == NULL || value[0] == '-')
		opt_usage_error(parser->spec,
			"option '%s' wants an argument; '--help' shows the options", foreign->word);
	parser->next++;
	keep(parser, value, NULL);
	return value;
}

static void take_foreign_port(struct parser *parser, const char *port)
{
	if (!is_port(port))
		opt_usage_error(parser->spec, "the port is not a number; a target is HOST:PORT");
	if (parser->port != NULL)
		opt_usage_error(parser->spec, "two ports were given");
	parser->port = port;
}

/* What is not understood ends the program before anything of its argument could be kept. */
static void take_foreign(
	struct parser *parser, const struct foreign *foreign, char *word, char *attached)
{
	const struct opt_spec *spec = parser->spec;
	const struct opt *row = foreign->name != NULL ? find_row(spec, foreign->name, 0) : NULL;
	if (foreign->name != NULL && row == NULL)
		opt_usage_error(spec,
			"option '%s' is '--%s' of other subcommands, and not for '%s'",
			foreign->word, foreign->name, spec->command);
	if (foreign->use == FOREIGN_TOLD)
		opt_usage_error(spec, "option '%s' is here: %s", foreign->word, foreign->instead);
	keep(parser, word, NULL);
	/* Nothing that sets a row changes what comes from the table. */
	char *value = foreign->value != NULL ? (char *)(uintptr_t)foreign->value
					     : take_foreign_value(parser, foreign, attached);
	if (foreign->use == FOREIGN_TARGET)
		add_operand(parser, value);
	else if (foreign->use == FOREIGN_PORT)
		take_foreign_port(parser, value);
	else
		apply(parser, row, value);
}

/* HOST, URL, IPV6 or [IPV6]. */
static bool has_port(const char *target)
{
	const char *mark = strstr(target, "://"), *host = mark != NULL ? mark + 3 : target;
	const char *bracket = strchr(host, ']'), *colon = strchr(host, ':');
	return bracket != NULL ? bracket[1] == ':'
			       : colon != NULL && strchr(colon + 1, ':') == NULL;
}

/* Put the port that was given apart behind its host. */
static void join_port(struct parser *parser)
{
	static char target[1200]; /* longer than any target may be */
	const struct opt_spec *spec = parser->spec;
	if (parser->operands == 0)
		opt_usage_error(spec, "a port without its host: TARGET is HOST:%s", parser->port);
	const char *host = parser->argv[parser->operands];
	if (has_port(host))
		opt_usage_error(spec, "two ports were given: TARGET has one");
	bool is_bare_ipv6 =
		host[0] != '[' && strstr(host, "://") == NULL && strchr(host, ':') != NULL;
	snprintf(target, sizeof(target), "%s%s%s:%s", is_bare_ipv6 ? "[" : "", host,
		is_bare_ipv6 ? "]" : "", parser->port);
	parser->argv[parser->operands] = target;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static void parse_option(struct parser *parser, char *word)
{
	char *attached = NULL;
	const struct foreign *foreign = find_foreign(parser, word, &attached);
	if (foreign != NULL)
		take_foreign(parser, foreign, word, attached);
	else if (word[1] == '-')
		parse_long(parser, word + 2);
	else
		parse_letters(parser, word);
}

int opt_parse(const struct opt_spec *spec, int argc, char **argv)
{
	struct parser parser = { .spec = spec, .argv = argv, .argc = argc, .next = 1 };
	bool options = true;
	keep(&parser, spec->command, NULL);
	while (parser.next < argc) {
		char *word = argv[parser.next++];
		if (!options || is_operand(spec, word))
			take_operand(&parser, word);
		else if (strcmp(word, "--") == 0)
			options = false, keep(&parser, word, NULL);
		else
			parse_option(&parser, word);
	}
	if (parser.port != NULL)
		join_port(&parser);
	return parser.operands;
}

/* ---- what rows can do ------------------------------------------------------------------------- */

const char *opt_set_flag(const struct opt *opt, void *dest, char *value)
{
	(void)opt, (void)value;
	*(bool *)dest = true;
	return NULL;
}

const char *opt_set_text(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	*(const char **)dest = value;
	return *value != '\0' ? NULL : "wants an argument that is not empty";
}

int opt_list_add(struct opt_list *list, const char *item)
{
	const char **items = reallocarray(list->items, list->count + 1, sizeof(*items));
	if (items == NULL)
		return -1;
	list->items = items;
	list->items[list->count++] = item;
	return 0;
}

const char *opt_set_list(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	if (opt_list_add(dest, value) < 0)
		return "found no memory";
	return *value != '\0' ? NULL : "wants an argument that is not empty";
}

const char *opt_set_int(const struct opt *opt, void *dest, char *value)
{
	(void)value;
	*(int *)dest = opt->value;
	return NULL;
}

/* The place of the value among the alternatives, or -1. */
static int alternative_of(const char *alternatives, const char *value)
{
	size_t len = strlen(value);
	for (int place = 0;; place++) {
		size_t end = strcspn(alternatives, "|");
		if (end == len && memcmp(alternatives, value, len) == 0)
			return place;
		if (alternatives[end] == '\0')
			return -1;
		alternatives += end + 1;
	}
}

/* The table lives as long as the program, and so does what is said about a row. */
static const char *wants_one_of(const struct opt *opt)
{
	static char text[128];
	snprintf(text, sizeof(text), "wants one of %s", opt->arg);
	return text;
}

const char *opt_set_word(const struct opt *opt, void *dest, char *value)
{
	*(const char **)dest = value;
	return alternative_of(opt->arg, value) >= 0 ? NULL : wants_one_of(opt);
}

const char *opt_set_choice(const struct opt *opt, void *dest, char *value)
{
	int place = alternative_of(opt->arg, value);
	*(int *)dest = place;
	return place >= 0 ? NULL : wants_one_of(opt);
}
