/* SPDX-License-Identifier: MIT
 *
 * options.h - command line options as tables: one row feeds the parser, --help, shell completion
 * (--list-options, --list-values) and the test that the man page names every option.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include "tools/cli/tool.h"

struct opt;

/* Store a value (NULL for a flag) at `dest`. Returns NULL, or what the option wants when the value
 * does not do: "wants a number of days". The value itself is never shown: it may be a secret. */
typedef const char *opt_set(const struct opt *opt, void *dest, char *value);

/* Write the values that may be given, each as a line "VALUE<TAB>DESCRIPTION". */
typedef void opt_values(FILE *out);

/* A row; a table ends with a row without a name. */
struct opt {
	const char *name; /* without the dashes */
	char letter;      /* short form, or 0 */
	const char *arg;  /* the argument's name, alternatives separated by '|'; NULL: a flag */
	const char *help; /* NULL: not shown by --help */
	opt_set *set;
	size_t offset;     /* of the destination in the structure that is filled */
	int value;         /* for opt_set_int() */
	bool secret;       /* a report must not show the value */
	const char *alone; /* the value where none is given; NULL: there has to be one */
	/* Of such a row: a word that is not attached is its value, and not an operand. */
	bool (*is_value)(const char *word);
	opt_values *values; /* for completion; NULL: the words among the alternatives of `arg` */
};

/* Strings in the order in which they were given. */
struct opt_list {
	const char **items;
	size_t count;
};

/* Rows by the type of what they fill: a member of the structure that the file calls OPT_INTO, whose type is
 * checked. After the help, other members of the row may follow. OPT_BY: by a function that is given the whole
 * structure; OPT_OF: that is given the member. */
#define OPT_BY(set_, name_, arg_, ...)                                             \
	{                                                                          \
		.set = (set_), .name = (name_), .arg = (arg_), .help = __VA_ARGS__ \
	}
#define OPT_OF(set, type, member, name, arg, ...) \
	OPT_BY(set, name, arg, __VA_ARGS__, .offset = OPT_AT(type, member))
#define OPT_AT(type, member) \
	(offsetof(OPT_INTO, member) + _Generic(((OPT_INTO *)NULL)->member, type : 0))
#define OPT_FLAG(name, member, ...) OPT_OF(opt_set_flag, bool, member, name, NULL, __VA_ARGS__)
#define OPT_INT(name, member, number, ...) \
	OPT_OF(opt_set_int, int, member, name, NULL, __VA_ARGS__, .value = (number))
#define OPT_TEXT(name, arg, member, ...) \
	OPT_OF(opt_set_text, const char *, member, name, arg, __VA_ARGS__)
#define OPT_WORD(name, words, member, ...) \
	OPT_OF(opt_set_word, const char *, member, name, words, __VA_ARGS__)
#define OPT_CHOICE(name, words, type, member, ...) \
	OPT_OF(opt_set_choice, type, member, name, words, __VA_ARGS__)
#define OPT_LIST(name, arg, member, ...) \
	OPT_OF(opt_set_list, struct opt_list, member, name, arg, __VA_ARGS__)

/* A table and its heading. */
struct opt_group {
	const char *heading; /* NULL: goes on under the heading before */
	const struct opt *rows;
};

struct opt_spec {
	const char *command;  /* "tbdiag chain" */
	const char *operands; /* as --help shows them, or NULL: takes none */
	int operand_max;
	const char *summary;            /* one sentence */
	const struct opt_group *groups; /* ends with a group without rows */
	void *into;                     /* the structure that all rows fill */
	const char *closing;            /* what --help ends with, or NULL */
	struct opt_list *
		words; /* receives the command line without secrets, for opt_words_free(); or NULL */
	opt_values *operand_values; /* for completion; NULL: `operands` says what it is */
	bool numbers;               /* "-188" is an operand */
	struct opt_list *given;     /* receives the names of the options that were given; or NULL */
};

/* Read the options; "--" ends them, operands may stand between them. Returns the number of operands,
 * which then stand in argv[1] and on. Ends the program after --help and what lists for
 * completion, and with STATUS_FAILED after an error. */
int opt_parse(const struct opt_spec *spec, int argc, char **argv);

/* End the program with a complaint that points to --help. */
_Noreturn void opt_usage_error(const struct opt_spec *spec, const char *format, ...)
	TOOL_PRINTF(2, 3);

void opt_words_free(struct opt_list *words);

/* The first of these names, which end in NULL, that was given; or NULL. */
const char *opt_first(const struct opt_list *given, const char *const *names);

/* The first of these names that is in none of the tables, as many as `count`; or NULL. */
const char *opt_outside(
	const struct opt_list *given, const struct opt *const *tables, size_t count);

/* The string is not copied. 0, or -1: out of memory. */
int opt_list_add(struct opt_list *list, const char *item);

/* What rows can do: dest is a bool, const char *, struct opt_list, int (row->value is stored), const
 * char * that has to be one of row->arg, int that becomes the place of the value in row->arg. */
opt_set opt_set_flag, opt_set_text, opt_set_list, opt_set_int, opt_set_word, opt_set_choice;

#endif
