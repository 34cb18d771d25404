/* SPDX-License-Identifier: MIT
 *
 * payload.c - the JSON that a device sends to ThingsBoard.
 */
#include "device/payload.h"

#include <errno.h>
#include <jansson.h>
#include <sys/random.h>

enum {
	KEYS_MAX_LEN = 8192,
	KEY_MAX_LEN = 255, /* ThingsBoard keeps no longer ones */
	/* What NETTY_MAX_PAYLOAD_SIZE (65536) leaves in a PUBLISH of MQTT 5 with QoS 1 to
	 * v1/devices/me/telemetry: a larger one closes the connection. */
	TELEMETRY_MAX_LEN = 65508,
};

static bool is_utf8(const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);
	json_decref(string);
	return string != NULL;
}

/* Keys are compared as they are, with the white space round them. */
static int check_key(const char *key, size_t len, const char *what, struct tbd_error *error)
{
	if (len == 0 || len > KEY_MAX_LEN)
		return tbdi_fail(error, TBD_E_INVALID, "%s must have keys of 1 to %d bytes", what,
			KEY_MAX_LEN);
	if (key[0] == ' ' || key[len - 1] == ' ')
		return tbdi_fail(error, TBD_E_INVALID,
			"%s has a key with a space at its edge, which ThingsBoard does not cut",
			what);
	if (!is_utf8(key, len))
		return tbdi_fail(error, TBD_E_INVALID, "%s is not UTF-8", what);
	return 0;
}

/* Keys separated by commas, as ThingsBoard takes them. */
static int check_keys(const char *keys, const char *what, struct tbd_error *error)
{
	if (keys == NULL)
		return 0;
	if (strlen(keys) > KEYS_MAX_LEN)
		return tbdi_fail(
			error, TBD_E_INVALID, "%s has more than %d bytes", what, KEYS_MAX_LEN);
	for (const char *key = keys; key != NULL;) {
		const char *comma = strchrnul(key, ',');
		int rc = check_key(key, (size_t)(comma - key), what, error);
		if (rc < 0)
			return rc;
		key = *comma != '\0' ? comma + 1 : NULL;
	}
	return 0;
}

/* With a comma in it, it could be written but not asked for. */
static int check_attribute(const char *name, struct tbd_error *error)
{
	if (name == NULL)
		return 0;
	if (strchr(name, ',') != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"the attribute's name has a comma, which parts names in a request");
	return check_key(name, strlen(name), "the attribute's name", error);
}

/* An object, or objects in an array. Of an empty array ThingsBoard acknowledges nothing, ever. */
static bool is_telemetry(const json_t *value)
{
	size_t count = json_array_size(value);
	for (size_t i = 0; i < count; i++)
		if (!json_is_object(json_array_get(value, i)))
			return false;
	return json_is_object(value) || count > 0;
}

static int check_telemetry(const char *text, struct tbd_error *error)
{
	json_error_t why = { .text = "" };
	if (text == NULL)
		return 0;
	if (strlen(text) > TELEMETRY_MAX_LEN)
		return tbdi_fail(error, TBD_E_INVALID,
			"telemetry of more than %d bytes makes ThingsBoard close the connection",
			TELEMETRY_MAX_LEN);
	json_t *value = json_loads(text, JSON_DECODE_ANY, &why);
	bool good = is_telemetry(value);
	bool is_json = value != NULL;
	json_decref(value);
	if (!is_json)
		return tbdi_fail(error, TBD_E_INVALID,
			"telemetry is not JSON: line %d, column %d: %s", why.line, why.column,
			why.text);
	return good
		? 0
		: tbdi_fail(error, TBD_E_INVALID,
			  "telemetry must be an object, or an array of objects that is not empty");
}

bool tbdi_payload_has_ts(const char *telemetry)
{
	json_t *value = json_loads(telemetry, 0, NULL);
	bool found = json_object_get(value, "ts") != NULL;
	for (size_t i = 0; i < json_array_size(value); i++)
		found = found || json_object_get(json_array_get(value, i), "ts") != NULL;
	json_decref(value);
	return found;
}

/* A topic, and no filter (MQTT 3.1.1 section 4.7.3). */
static int check_topic(const char *topic, const char *what, struct tbd_error *error)
{
	enum { TOPIC_MAX_LEN = 255 };
	size_t len = topic != NULL ? strlen(topic) : 0;
	if (topic == NULL)
		return 0;
	if (len == 0 || len > TOPIC_MAX_LEN)
		return tbdi_fail(error, TBD_E_INVALID, "the %s must be 1 to %d bytes long", what,
			TOPIC_MAX_LEN);
	if (strpbrk(topic, "+#") != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"the %s has a wildcard: give a topic that the filter of the profile fits",
			what);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)topic[i] < 0x20 || topic[i] == 0x7f)
			return tbdi_fail(
				error, TBD_E_INVALID, "the %s has a control character", what);
	return is_utf8(topic, len) ? 0
				   : tbdi_fail(error, TBD_E_INVALID, "the %s is not UTF-8", what);
}

int tbdi_payload_check(const struct tbd_roundtrip_options *options, struct tbd_error *error)
{
	if (options->read_only && (options->attribute != NULL || options->telemetry != NULL))
		return tbdi_fail(error, TBD_E_INVALID,
			"read-only writes nothing: neither attribute nor telemetry goes with it");
	int rc = check_keys(options->client_keys, "the list of client keys", error);
	if (rc == 0)
		rc = check_keys(options->shared_keys, "the list of shared keys", error);
	if (rc == 0)
		rc = check_attribute(options->attribute, error);
	if (rc == 0)
		rc = check_topic(options->attributes_topic, "topic of attributes", error);
	if (rc == 0)
		rc = check_topic(options->telemetry_topic, "topic of telemetry", error);
	return rc < 0 ? rc : check_telemetry(options->telemetry, error);
}

/* Takes the object, which may be NULL. */
static char *payload_dump(struct tbdi_arena *arena, json_t *object)
{
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	char *copy = text != NULL ? tbdi_arena_strdup(arena, text) : NULL;
	free(text);
	json_decref(object);
	return copy;
}

char *tbdi_payload_request(
	struct tbdi_arena *arena, const char *client_keys, const char *shared_keys)
{
	return payload_dump(arena,
		json_pack("{s:s*, s:s*}", "clientKeys", client_keys, "sharedKeys", shared_keys));
}

char *tbdi_payload_write(struct tbdi_arena *arena, const char *key, const char *value)
{
	return payload_dump(arena, json_pack("{s:s}", key, value));
}

/* ---- what a round trip writes and reads ------------------------------------------------------ */

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

int64_t tbdi_read_again_us(int64_t begin_us, int64_t now_us)
{
	static const int64_t soon_ms[] = { 10, 25, 50, 100 };
	const int64_t period_us = (int64_t)TBDI_READ_AGAIN_MS * 1000;
	int64_t passed_us = now_us - begin_us;
	for (size_t i = 0; i < TBDI_COUNT(soon_ms); i++)
		if (soon_ms[i] * 1000 > passed_us)
			return begin_us + soon_ms[i] * 1000;
	return begin_us + (passed_us / period_us + 1) * period_us;
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
