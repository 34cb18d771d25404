/* SPDX-License-Identifier: MIT
 *
 * attribute.c - what a round trip writes and reads.
 */
#include "device/attribute.h"

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

/* Of a string its text, of all else JSON. */
static int text_read(struct tbdi_report *report, const char *text, size_t len, const char *written,
	const char **out)
{
	bool is_equal = len == strlen(written) && memcmp(text, written, len) == 0;
	*out = is_equal ? written : tbdi_report_peer_text(report, text, len, false);
	return *out != NULL ? 0 : TBD_E_NOMEM;
}

int tbdi_attribute_read(struct tbdi_report *report, const json_t *body, const char *key,
	const char *written, const char **out)
{
	const json_t *value = json_object_get(json_object_get(body, "client"), key);
	*out = NULL;
	if (value == NULL)
		return 0;
	if (json_is_string(value))
		return text_read(
			report, json_string_value(value), json_string_length(value), written, out);
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	int rc = text != NULL ? text_read(report, text, strlen(text), written, out) : TBD_E_NOMEM;
	free(text);
	return rc;
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
