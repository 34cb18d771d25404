/* SPDX-License-Identifier: MIT
 *
 * schema-rows.h - how a row of a table of schema.h is written. Before the rows, OF is defined as their structure.
 */
#ifndef TBDI_SCHEMA_ROWS_H
#define TBDI_SCHEMA_ROWS_H

#include "report/schema.h"

/* Rows of the structure that OF names. */
#define AT(field) offsetof(struct OF, field)
#define ROW(as, field, ...)                                                               \
	{                                                                                 \
		.name = #field, .kind = (as), .size = sizeof(((struct OF *)NULL)->field), \
		.offset = AT(field), __VA_ARGS__                                          \
	}
/* Text says what kind of text it is: a row without that does not compile. */
#define TEXT(field, of, ...) ROW(TBDI_TEXT, field, .privacy = TBDI_IS_##of, __VA_ARGS__)
#define MAYBE(field, of, ...) ROW(TBDI_MAYBE, field, .privacy = TBDI_IS_##of, __VA_ARGS__)
#define STRINGS(field, of, ...) ROW(TBDI_STRINGS, field, .privacy = TBDI_IS_##of, __VA_ARGS__)
#define STRINGS_IF(field, flag, of) \
	ROW(TBDI_STRINGS_IF, field, .more = AT(flag), .privacy = TBDI_IS_##of)
#define IS_SIGNED(field) ((__typeof__(((struct OF *)NULL)->field))-1 < 1)
#define NUMBER(field, ...) ROW(TBDI_NUMBER, field, .is_signed = IS_SIGNED(field), __VA_ARGS__)
#define WORD(field, list, ...) ROW(TBDI_WORD, field, .words = &(list), __VA_ARGS__)
#define OBJECT(field, of) ROW(TBDI_OBJECT, field, .shape = &(of))
#define POINTERS(field, count, of, ...) \
	ROW(TBDI_POINTERS, field, .more = AT(count), .shape = &(of), __VA_ARGS__)
#define SHAPE(word, ...)                                                                       \
	{                                                                                      \
		.size = sizeof(struct OF), .fields = word##_fields, .name = #word, __VA_ARGS__ \
	}
/* What the JSON Schema says besides. Words of ABOUT() are not among those that redaction keeps
 * (known-words.awk). */
#define LIMITS(text) .limits = (text)
#define ABOUT(text) .about = (text)

#endif
