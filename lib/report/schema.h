/* SPDX-License-Identifier: MIT
 *
 * schema.h - the report's structures as tables: one row a field, in the order in which JSON shows them.
 * Who writes a report as JSON, reads one, redacts one or says its JSON Schema (tools/schema/generate.c) walks
 * these tables; there is no second list.
 */
#ifndef TBDI_SCHEMA_H
#define TBDI_SCHEMA_H

#include "base/common.h"

#include <jansson.h>

/* How a field lies in its structure and what it is in JSON. `more` and `items` are offsets of other fields
 * of it. */
enum tbdi_kind {
	TBDI_TEXT,  /* const char *, never NULL */
	TBDI_MAYBE, /* const char *; NULL is null */
	TBDI_STRINGS, /* const char *const *, ends in NULL; NULL is an empty array. A size_t at `more`, unless
			  * that is 0, counts them */
	TBDI_STRINGS_IF, /* the same, but null unless the bool at `more` is set */
	TBDI_BOOL,
	TBDI_NUMBER,   /* an integer of `size` bytes */
	TBDI_OPTIONAL, /* int; -1 is null */
	TBDI_NONZERO,  /* int; 0 is null */
	TBDI_NUMBER_IF, /* size_t; null unless the enumeration at `more`, a row before, has left its first
			 * value */
	TBDI_TIME,       /* int64_t; RFC 3339 text */
	TBDI_TIME_MAYBE, /* the same; -1 is null */
	TBDI_DAYS_LEFT,  /* days from the report's time to the int64_t; nothing of its own */
	TBDI_WORD,       /* an enumeration; one of `words` */
	TBDI_OBJECT, /* const struct X *; NULL is null. Unless `items` is 0, it may be one of the pointers
			 * there, as many as the size_t at `more` says */
	TBDI_POINTERS, /* const struct X *const *, as many as the size_t at `more` says */
	TBDI_ARRAY,    /* const struct X *, as many as the size_t at `more` says */
	TBDI_ELEMENT,  /* const struct X *: one of the pointers at `items`, or NULL; its index */
	TBDI_CERT,     /* const struct tbd_cert *, written in full elsewhere; a reference */
	TBDI_CERTS,    /* TBDI_POINTERS of such */
	TBDI_EVIDENCE, /* const struct tbd_evidence *, as TBDI_ARRAY; an object by their keys */
	TBDI_ERROR,    /* TBDI_MAYBE that ends the object when it is not NULL */
};

/* What kind of text a field holds, so that a report can be shown to others (tbd_report_redact()). What kind
 * it is when the user, a peer or a certificate decides is the question; the worst case is the answer. */
enum tbdi_privacy {
	TBDI_IS_UNSAID, /* the field holds no text */
	TBDI_IS_OWN,    /* words of ours, of a library or of a standard */
	TBDI_IS_HOST,   /* a host name, an address, an entry of subjectAltName */
	TBDI_IS_URL,
	TBDI_IS_NAME, /* any other name that stands in a certificate */
	TBDI_IS_PATH, /* of a file or directory of the user */
	TBDI_IS_ID, /* a digest, key id or serial number: logs of certificates lead from it to the host */
	TBDI_IS_PEER,  /* what a peer sent, or a device's value */
	TBDI_IS_MIXED, /* a sentence or a list in which any of these may stand */
};

struct tbdi_shape;

/* The words of an enumeration, by its values: in a list, or a column of a table. */
struct tbdi_words {
	const char *const *first;
	size_t stride; /* bytes from one to the next */
	size_t count;
};

struct tbdi_field {
	const char *name;
	enum tbdi_kind kind;
	enum tbdi_privacy privacy;
	bool is_signed;
	unsigned char size;
	unsigned short offset;
	unsigned short more;
	unsigned short items;
	const struct tbdi_shape *shape; /* of the object or the elements */
	const struct tbdi_words *words;
	/* Only for the JSON Schema. What else holds of the value: a pattern ("^..."), the words it may be
	 * ("a|b"), or the least number or count ("1.."). And what the name does not say. */
	const char *limits;
	const char *about;
};

/* A structure: its fields, to the row without a name. */
struct tbdi_shape {
	size_t size;
	const struct tbdi_field *fields;
	const char *name;
	const char *about; /* for the JSON Schema; may be NULL */
};

/* struct tbd_report, and through it all the others. */
extern const struct tbdi_shape tbdi_report_shape;

/* struct tbd_cert in full. */
extern const struct tbdi_shape tbdi_cert_shape;

/* struct tbd_set. */
extern const struct tbdi_shape tbdi_set_shape;

extern const struct tbdi_words tbdi_severity_words, tbdi_graveness_words, tbdi_stage_words,
	tbdi_scheme_words, tbdi_name_type_words, tbdi_origin_words, tbdi_source_kind_words,
	tbdi_step_status_words, tbdi_end_words, tbdi_api_end_words, tbdi_fault_words,
	tbdi_name_match_words, tbdi_miss_words, tbdi_mqtt_end_words, tbdi_token_source_words,
	tbdi_comparison_words, tbdi_profile_words, tbdi_answer_words, tbdi_defect_words,
	tbdi_emit_words;

/* What a field at `at` holds; the kind has to be one with such a value. */
static inline const void *tbdi_pointer_at(const void *at)
{
	const void *pointer;
	memcpy(&pointer, at, sizeof(pointer));
	return pointer;
}

static inline size_t tbdi_size_at(const void *at)
{
	return *(const size_t *)at;
}

static inline unsigned tbdi_enum_at(const void *at)
{
	unsigned value;
	memcpy(&value, at, sizeof(value));
	return value;
}

/* The word of a value; "unknown" for one that is none of the enumeration's. */
static inline const char *tbdi_word(const struct tbdi_words *words, unsigned value)
{
	const char *at = (const char *)words->first + value * words->stride;
	return value < words->count ? tbdi_pointer_at(at) : "unknown";
}

/* Whole days of so many seconds: 0 is the last one. Negative is past: -1 says until two days ago, so that the number
 * is that of "expired 1 day ago". */
static inline int64_t tbdi_days_left(int64_t seconds)
{
	int64_t days = seconds / 86400;
	return seconds < 0 && days == 0 ? -1 : days;
}

/* Where a field lies in the structure at `base`. */
static inline const void *tbdi_field_at(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

/* ---- json-write.c, json-read.c: a report or a set as a tree of JSON values, and back --------- */

/* The report as a tree; for json_decref(). NULL: out of memory. */
json_t *tbdi_report_tree(const struct tbd_report *report) TBDI_MUST_CHECK;

/* The report of such a tree, which is not needed any more afterwards. Returns as tbd_report_from_json(). */
int tbdi_report_of_tree(
	json_t *tree, struct tbd_report **out, struct tbd_error *error) TBDI_MUST_CHECK;

/* The same of a set. */
json_t *tbdi_set_tree(const struct tbd_set *set) TBDI_MUST_CHECK;
int tbdi_set_of_tree(json_t *tree, struct tbd_set **out, struct tbd_error *error) TBDI_MUST_CHECK;

/* ---- known-words.c: which words tell nothing about the user ---------------------------------- */

struct tbdi_known_words;

/* more_words: those that only the program says; may be NULL. NULL: out of memory. */
struct tbdi_known_words *tbdi_known_words_new(const char *more_words);
void tbdi_known_words_free(struct tbdi_known_words *vocabulary);

/* Only known words, numbers that count or date something, and punctuation. An address is not. */
bool tbdi_known_words_have(const struct tbdi_known_words *vocabulary, const char *text, size_t len);

/* Could this piece of a sentence be an address, or a part of one, in whatever way it is written ("10-77-88-99",
 * "0x0a4d5863", "2001:470:1:2")? Times could not, nor numbers that we say
 * ourselves, of sections and versions. */
bool tbdi_may_be_address(const struct tbdi_known_words *vocabulary, const char *text, size_t len);

/* A letter or digit, or a byte of one that is not ASCII. */
bool tbdi_is_word_char(char c);

#endif
