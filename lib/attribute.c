/* SPDX-License-Identifier: MIT
 *
 * attribute.c - what a round trip writes and reads.
 */
#include "attribute.h"

#include <errno.h>
#include <sys/random.h>

static bool is_object_or_missing(const json_t *value)
{
	return value == NULL || json_is_object(value);
}

json_t *tbdi_attributes_parse(const void *body, size_t len)
{
	json_t *json = json_loadb(body, len, 0, NULL);
	if (json_is_object(json) && is_object_or_missing(json_object_get(json, "client")) &&
		is_object_or_missing(json_object_get(json, "shared")))
		return json;
	json_decref(json);
	return NULL;
}

int tbdi_attribute_text(
	struct tbdi_arena *arena, const json_t *body, const char *key, const char **out)
{
	const json_t *value = json_object_get(json_object_get(body, "client"), key);
	*out = NULL;
	if (value == NULL)
		return 0;
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	if (json_is_string(value))
		*out = tbdi_arena_utf8(arena, json_string_value(value), json_string_length(value));
	else if (text != NULL)
		*out = tbdi_arena_strdup(arena, text);
	free(text);
	return *out != NULL ? 0 : TBD_E_NOMEM;
}

/* Begins with a letter: ThingsBoard would turn a numeric string into a number. */
int tbdi_nonce_make(struct tbdi_arena *arena, const char **out, struct tbd_error *error)
{
	uint64_t number = 0;
	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return tbdi_fail(error, TBD_E_SYSTEM, "getrandom: %s", strerror(errno));
	*out = tbdi_arena_printf(arena, "n%016llx", (unsigned long long)number);
	return *out != NULL ? 0 : TBD_E_NOMEM;
}
