/* SPDX-License-Identifier: MIT
 *
 * decoder.h - what devices, libraries and servers print, and what it may come from. The knowledge is tables: a volume of
 * sayings and codes for each who speaks (volume-NAME.c), the causes once for all (causes.c). match.c looks a
 * text's words up in them, answer.c ranks what was found.
 */
#ifndef TOOL_DECODER_H
#define TOOL_DECODER_H

#include "tools/cli/tool.h"

#include <stdint.h>

/* ---- the tables ------------------------------------------------------------------------------- */

/* Something that may be wrong, and how one sees whether it is. */
struct cause {
	const char *key;  /* by which sayings name it */
	const char *what; /* a sentence */
	const char *tell; /* what tells it from others, or NULL */
	const char *ids;  /* findings that say it, between spaces; "": none does */
	const char *
		command; /* that shows it; HOST, FILE, CERT and TOKEN stand for what the user has */
};

/* What a saying tells, the most telling first. */
enum telling {
	TELLS_CAUSE,  /* the fault itself */
	TELLS_KIND,   /* which kind of fault it is */
	TELLS_LITTLE, /* that something failed */
};

/* Something that is printed. */
struct saying {
	/* Its words in lower case, as words_split() makes them. Special are: "#" a number, "%" the eight hexadecimal
	 * digits of an OpenSSL error, "*" any word, ".." up to twelve of any, "a|b" one of them, "!" few other words
	 * stand in the text, "& words": these stand elsewhere in the line or in the name of the client. */
	const char *words;
	const char *meaning;
	const char *causes; /* keys of causes, the most likely first */
	enum telling telling;
};

/* A number that has a name. */
struct code {
	int32_t number;
	const char *name;    /* without the prefix of its family */
	const char *meaning; /* NULL: nothing beyond its name */
	const char *causes;  /* NULL: the family's */
};

enum code_use {
	CODE_NUMBER,
	CODE_SIGNED,  /* the sign may be missing, or four hexadecimal digits stand without 0x */
	CODE_BITS,    /* every bit is a code */
	CODE_OPENSSL, /* the reason in an OpenSSL error of its library SSL */
	CODE_BEARSSL, /* from 256 on an alert that was received, from 512 on one that was sent */
};

struct words;
typedef bool word_test(const struct words *words, size_t at);

/* Codes, and how they are written. */
struct family {
	const char *whose;
	const struct code *codes; /* ends with a row without name */
	enum code_use use;
	const char *forms
		[24]; /* as `words` of a saying, with one "#"; or "$", the code's name, "~", the name in one word */
	const char *causes; /* of codes without any */
	bool alone;         /* a text that is nothing but a number may be one of these */
	word_test *
		is_distinct; /* a number that is written like this is one of these wherever it stands; or NULL */
};

/* What one speaker says; NULL: none. */
struct volume {
	const char *whose;
	const struct saying *sayings;  /* ends with a row without words */
	const struct family *families; /* ends with a row without codes */
};

/* Rows of the tables. */
#define SAYS(words_, meaning_, causes_)                     \
	{                                                   \
		(words_), (meaning_), (causes_), TELLS_KIND \
	}
#define NAMES(words_, meaning_, causes_)                     \
	{                                                    \
		(words_), (meaning_), (causes_), TELLS_CAUSE \
	}
#define HINTS(words_, meaning_, causes_)                      \
	{                                                     \
		(words_), (meaning_), (causes_), TELLS_LITTLE \
	}

extern const struct cause decoder_causes[];          /* ends with a row without key */
extern const struct volume *const decoder_volumes[]; /* ends with NULL */
extern const struct code decoder_alerts[];           /* of TLS; other volumes refer to them */

extern const struct volume volume_bearssl, volume_cases, volume_coap, volume_curl, volume_dotnet,
	volume_esp, volume_gnutls, volume_go, volume_java, volume_mbedtls, volume_modems,
	volume_mosquitto, volume_mqtt, volume_node, volume_openssl, volume_paho, volume_python,
	volume_rustls, volume_system, volume_tasmota, volume_thingsboard, volume_tls,
	volume_wolfssl;

/* NULL: there is none. */
const struct cause *decoder_cause(const char *key, size_t len);

/* ---- words of a text (words.c) ---------------------------------------------------------------- */

enum {
	WORDS_TEXT_MAX = 8192, /* bytes that are looked at together; longer lines come in pieces */
	WORDS_MAX = 2048,
};

struct word {
	const char *text; /* lower case, with the sign of a number; ends at `len` */
	uint32_t len, hash;
	uint32_t begin, end; /* in what was split */
	bool is_number;      /* and no part of a version, address or fraction */
	int64_t number; /* hexadecimal with 0x as well; 32 bits that mean a small negative number are that */
};

struct words {
	size_t count;
	struct word words[WORDS_MAX];
	char text[WORDS_TEXT_MAX];
};

/* Split a text of at most WORDS_TEXT_MAX bytes; what is beyond, or more words than fit, is left out. Escape sequences of
 * terminals are no words. */
void words_split(struct words *words, const char *text, size_t len);

/* Whether one of these, separated by single spaces, is among the words. */
bool words_have_one(const struct words *words, const char *wanted);

uint32_t words_hash(const char *text, size_t len);

/* ---- looking words up (match.c) ---------------------------------------------------------------- */

/* A saying or a code that stands in a text. */
struct match {
	const char *whose, *name, *meaning, *causes; /* name: of a code, or NULL */
	enum telling telling;
	int32_t number;       /* of a code */
	uint32_t strength;    /* words that fit */
	uint32_t first, last; /* the words where it stands */
};

struct index;

/* To be freed by index_free(). NULL: out of memory. */
struct index *index_new(void);
void index_free(struct index *index);

/* Look up what stands in `words`; `context` is the client's name. Writes at most `max` matches, without those that stand
 * within a longer one. Returns how many. */
size_t index_look_up(const struct index *index, const struct words *words,
	const struct words *context, struct match *matches, size_t max);

/* What a number that stands alone may be, of the families that allow it. */
size_t index_look_up_number(int64_t number, struct match *matches, size_t max);

/* Write whose numbers it is among, separated by commas. */
void decoder_who_has(int64_t number, FILE *out);

/* ---- what it comes to (answer.c) --------------------------------------------------------------- */

enum { ANSWER_HITS_MAX = 64, ANSWER_CAUSES_MAX = 12, EXCERPT_MAX = 160 };

struct hit {
	struct match match;
	unsigned long line;        /* where it stood first; 0: the text is no file */
	unsigned long count;       /* how many times */
	char excerpt[EXCERPT_MAX]; /* what stood there, without what may be a secret */
};

struct answer {
	size_t hit_count, cause_count;
	struct hit hits[ANSWER_HITS_MAX]; /* the most telling first, after answer_rank() */
	const struct cause *causes[ANSWER_CAUSES_MAX]; /* the most likely first */
	unsigned long lines;                           /* that were read */
};

/* What reads a text piece by piece. */
struct decoder;

/* `client`: its name, or NULL. `by_lines`: the text is a log, whose lines have numbers and nothing to do with each other;
 * else it is one. To be freed by decoder_free(). NULL: out of memory. */
struct decoder *decoder_new(
	const struct index *index, const char *client, bool by_lines, struct answer *answer);
void decoder_free(struct decoder *decoder);

/* Take the next bytes of a text; lines may be of any length. */
void decoder_take(struct decoder *decoder, const char *bytes, size_t len);

/* The text has ended: ranks the answer. */
void decoder_end(struct decoder *decoder);

/* What the client does instead of saying something: "hang", "silence", "reconnect", "exit well". */
void decoder_symptom(struct decoder *decoder, const char *symptom);

/* Replace what may be a token or password in `text` by asterisks. */
void decoder_mask(char *text);

/* ---- showing it (show.c) ------------------------------------------------------------------------ */

void answer_show_text(const struct answer *answer, FILE *out);
int answer_show_json(const struct answer *answer, FILE *out);

#endif
