/* SPDX-License-Identifier: MIT
 *
 * gson.h - JSON as Gson's lenient JsonParser takes it, and with it ThingsBoard: names and words
 * without quotes, single quotes, comments, ';' and '=' for ',' and ':', a first byte order mark.
 */
#ifndef SANDBOX_GSON_H
#define SANDBOX_GSON_H

#include <jansson.h>

#include <stddef.h>

/* Makes the value of a number from its literal, which is valid JSON. `depth` is 0 at the top, 1 for a
 * member of the outermost object or array, and so on. NULL when memory is out. */
typedef json_t *lenient_number(const char *literal, unsigned depth);

/* The value of `len` bytes of text; a new reference. An unquoted word that is neither true, false nor
 * null (in any case) nor a number is a string. Bytes that are not UTF-8 become U+FFFD. No text at all
 * is null. NULL when the text is invalid or memory is out. */
json_t *lenient_parse(const void *text, size_t len, lenient_number *number);

#endif
