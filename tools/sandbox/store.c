/* SPDX-License-Identifier: MIT
 *
 * store.c - devices, their tokens and attributes.
 *
 * The rules are those of ThingsBoard's JsonConverter and JsonMqttAdaptor.
 */
#include "tools/cli/tool.h"

#include "store.h"

#include "clock.h"

#include <limits.h>

/* Keys a scope may hold; more are dropped without a word, as by a save node that fails. */
enum { KEYS_MAX = 1024 };

/* Decimal places that ThingsBoard still keeps as a double. */
enum { SCALE_MAX = 16 };

struct device {
	struct device *next;
	char *token;    /* or user name */
	char *password; /* of MQTT Basic credentials, or NULL */
	const struct store *store;
	json_t *client;
	json_t *shown;    /* what a read finds of it */
	int64_t shown_ms; /* when it will find all of it */
	json_t *shared;
	bool deleted;
	struct limits_spent spent[STORE_TELEMETRY + 1];
};

struct store {
	struct device *devices;
	int delay_ms; /* until a write shows */
	const struct limits *limits[STORE_TELEMETRY + 1];
	bool used_up;
};

/* ---- devices ---------------------------------------------------------------------------------- */

struct store *store_new(void)
{
	return calloc(1, sizeof(struct store));
}

static void device_free(struct device *device)
{
	json_decref(device->client);
	json_decref(device->shown);
	json_decref(device->shared);
	free(device->token);
	free(device->password);
	free(device);
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	while (store->devices != NULL) {
		struct device *device = store->devices;
		store->devices = device->next;
		device_free(device);
	}
	free(store);
}

struct device *store_add(struct store *store, const char *token)
{
	struct device *device = calloc(1, sizeof(*device));
	if (device == NULL)
		return NULL;
	device->token = strdup(token);
	device->store = store;
	device->client = json_object();
	device->shown = json_object();
	device->shared = json_object();
	if (device->token == NULL || device->client == NULL || device->shown == NULL ||
		device->shared == NULL) {
		device_free(device);
		return NULL;
	}
	device->next = store->devices;
	store->devices = device;
	return device;
}

struct device *store_add_basic(struct store *store, const char *user_name, const char *password)
{
	struct device *device = store_add(store, user_name);
	if (device == NULL)
		return NULL;
	device->password = strdup(password);
	return device->password != NULL ? device : NULL;
}

bool device_is_basic(const struct device *device)
{
	return device->password != NULL;
}

bool device_admits(const struct device *device, const char *password)
{
	return device->password == NULL || strcmp(device->password, password) == 0;
}

void store_set_delay(struct store *store, int delay_ms)
{
	store->delay_ms = delay_ms;
}

struct device *store_find(const struct store *store, const char *token)
{
	struct device *device = store->devices;
	while (device != NULL && (device->deleted || strcmp(device->token, token) != 0))
		device = device->next;
	return device;
}

const char *device_name(const struct device *device)
{
	return device->token;
}

void device_delete(struct device *device)
{
	device->deleted = true;
}

/* ---- limits ----------------------------------------------------------------------------------- */

void store_set_limit(struct store *store, enum store_limit which, const struct limits *limits)
{
	store->limits[which] = limits;
}

void store_use_up(struct store *store)
{
	store->used_up = true;
}

const char *store_limit(const struct store *store, enum store_limit which)
{
	return store->limits[which] != NULL ? store->limits[which]->text : NULL;
}

bool device_may_send(struct device *device, enum store_limit which)
{
	const struct limits *limits = device->store->limits[which];
	return !device->store->used_up &&
		(limits == NULL || limits_spend(limits, &device->spent[which]));
}

/* ---- numbers ---------------------------------------------------------------------------------- */

/* A literal as java.math.BigDecimal has it: digits * 10^-scale. */
struct decimal {
	bool negative;
	bool plain;    /* a point and no exponent: stays a double even when it is an integer */
	char *digits;  /* without zeros at either end */
	size_t count;  /* of them; none is zero */
	int64_t scale; /* of these digits */
	int64_t written_scale; /* before the zeros at the end were taken off */
};

/* An exponent beyond this decides as this does, and sums with it cannot overflow. */
static int64_t read_exponent(const char *text)
{
	enum { EXPONENT_MAX = 1000000 };
	long exponent = strtol(text, NULL, 10);
	if (exponent > EXPONENT_MAX)
		return EXPONENT_MAX;
	return exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
}

/* Take a literal apart; the caller frees out->digits. False when memory is out. */
static bool decimal_parse(const char *literal, struct decimal *out)
{
	const char *point = NULL;
	const char *s = literal;
	*out = (struct decimal){ .negative = *s == '-', .digits = malloc(strlen(literal) + 1) };
	if (out->digits == NULL)
		return false;
	for (s += out->negative; *s != '\0' && *s != 'e' && *s != 'E'; s++) {
		if (*s == '.')
			point = s;
		else if (*s != '0' || out->count > 0)
			out->digits[out->count++] = *s;
	}
	out->plain = point != NULL && *s == '\0';
	out->written_scale = point != NULL ? s - point - 1 : 0;
	if (*s != '\0')
		out->written_scale -= read_exponent(s + 1);
	out->scale = out->written_scale;
	for (; out->count > 0 && out->digits[out->count - 1] == '0'; out->scale--)
		out->count--;
	return true;
}

/* The value as a 64-bit integer; NULL when it does not fit. */
static json_t *decimal_integer(const struct decimal *decimal)
{
	uint64_t limit = (uint64_t)INT64_MAX + decimal->negative;
	uint64_t value = 0;
	int64_t places = decimal->count > 0 ? (int64_t)decimal->count - decimal->scale : 0;
	for (int64_t i = 0; i < places; i++) {
		uint64_t digit =
			i < (int64_t)decimal->count ? (uint64_t)(decimal->digits[i] - '0') : 0;
		if (value > (limit - digit) / 10)
			return NULL;
		value = value * 10 + digit;
	}
	return json_integer(decimal->negative ? (json_int_t)(0 - value) : (json_int_t)value);
}

/* JsonConverter.buildNumericKeyValueProto(): a long, a double, or the literal as a string. */
static json_t *cast_number(const char *literal)
{
	struct decimal decimal;
	json_t *value = NULL;
	if (!decimal_parse(literal, &decimal))
		return NULL;
	if (!decimal.plain && (decimal.count == 0 || decimal.scale <= 0))
		value = decimal_integer(&decimal);
	else if (decimal.written_scale <= SCALE_MAX)
		value = json_real(decimal.count > 0 ? strtod(literal, NULL) : 0.0);
	free(decimal.digits);
	return value != NULL ? value : json_string(literal);
}

/* org.apache.commons.lang3.math.NumberUtils.isParsable(), ASCII digits only. */
static bool is_parsable(const char *text, size_t len)
{
	size_t sign = len > 0 && text[0] == '-';
	size_t points = 0;
	if (len == sign || text[len - 1] == '.')
		return false;
	for (size_t i = sign; i < len; i++) {
		if (text[i] == '.')
			points++;
		else if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return points <= 1;
}

/* Inside an object or array that is an attribute's value nothing is cast. */
static json_t *plain_number(const char *literal, unsigned depth)
{
	struct decimal decimal;
	json_t *value = NULL;
	(void)depth;
	if (!decimal_parse(literal, &decimal))
		return NULL;
	if (decimal.written_scale == 0 && !decimal.plain)
		value = decimal_integer(&decimal);
	free(decimal.digits);
	if (value == NULL)
		value = json_real(strtod(literal, NULL));
	return value != NULL ? value : json_string(literal);
}

static json_t *attribute_number(const char *literal, unsigned depth)
{
	return depth == 1 ? cast_number(literal) : plain_number(literal, depth);
}

json_t *store_parse(const void *payload, size_t len)
{
	return lenient_parse(payload, len, plain_number);
}

/* ---- attributes ------------------------------------------------------------------------------- */

/* A new reference. */
static json_t *cast_value(json_t *value)
{
	if (json_is_string(value) &&
		is_parsable(json_string_value(value), json_string_length(value)))
		return cast_number(json_string_value(value));
	return json_incref(value);
}

static bool merge(json_t *scope, const void *payload, size_t len)
{
	json_t *update = lenient_parse(payload, len, attribute_number);
	const char *key = NULL;
	size_t key_len = 0;
	json_t *value = NULL;
	bool valid = json_is_object(update);
	json_object_keylen_foreach(update, key, key_len, value)
	{
		bool room = json_object_size(scope) < KEYS_MAX ||
			json_object_getn(scope, key, key_len) != NULL;
		if (json_is_null(value) || !room)
			continue;
		if (json_object_setn_new(scope, key, key_len, cast_value(value)) < 0)
			valid = false;
	}
	json_decref(update);
	return valid;
}

bool device_share(struct device *device, const void *payload, size_t len)
{
	return merge(device->shared, payload, len);
}

bool device_write(struct device *device, const void *payload, size_t len)
{
	device->shown_ms = clock_ms() + device->store->delay_ms;
	return merge(device->client, payload, len);
}

/* What a read finds now. */
static json_t *device_shown(struct device *device)
{
	if (clock_ms() >= device->shown_ms)
		json_object_update(device->shown, device->client);
	return device->shown;
}

/* ---- requests --------------------------------------------------------------------------------- */

/* com.google.gson.JsonElement.getAsString(); free with free(). NULL where Gson throws. */
static char *as_string(const json_t *value)
{
	if (json_is_array(value) && json_array_size(value) == 1)
		return as_string(json_array_get(value, 0));
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_is_number(value) || json_is_boolean(value) ? store_dump(value) : NULL;
}

/* java.lang.String.split(","): empty pieces at the end are dropped, but "" is one empty piece. NULL when a piece is
 * not UTF-8. */
static json_t *split(const char *text)
{
	json_t *keys = json_array();
	size_t len = strlen(text);
	bool empty = len == 0;
	while (len > 0 && text[len - 1] == ',')
		len--;
	for (const char *end = text + len; empty || text < end;) {
		size_t piece = strcspn(text, ",");
		if (json_array_append_new(keys, json_stringn(text, piece)) < 0) {
			json_decref(keys);
			return NULL;
		}
		text += piece + 1;
		empty = false;
	}
	return keys;
}

/* The keys that a request names, none when it does not; NULL when it is invalid. */
static json_t *requested_keys(const json_t *request, const char *name)
{
	json_t *value = json_object_get(request, name);
	if (value == NULL)
		return json_array();
	char *text = as_string(value);
	json_t *keys = text != NULL ? split(text) : NULL;
	free(text);
	return keys;
}

/* Put what a scope holds of these keys into the answer; `all` of it when asked for. */
static bool answer_scope(
	json_t *answer, const char *name, json_t *scope, const json_t *keys, bool all)
{
	json_t *found = all ? json_copy(scope) : json_object();
	size_t i = 0;
	json_t *key = NULL;
	json_array_foreach(keys, i, key)
	{
		json_t *value = json_object_get(scope, json_string_value(key));
		if (value != NULL && json_object_set(found, json_string_value(key), value) < 0)
			goto fail;
	}
	if (json_object_size(found) > 0)
		return json_object_set_new(answer, name, found) == 0;
	json_decref(found);
	return found != NULL;
fail:
	json_decref(found);
	return false;
}

/* ThingsBoard looks for no key that is empty, and then says nothing. */
static bool has_empty_key(const json_t *keys)
{
	size_t i = 0;
	json_t *key = NULL;
	json_array_foreach(keys, i, key)
	{
		if (json_string_length(key) == 0)
			return true;
	}
	return false;
}

/* Takes the keys of both scopes, NULL where they are invalid. False: the request is. */
static bool answer_keys(struct device *device, json_t *client, json_t *shared, json_t **answer)
{
	bool valid = client != NULL && shared != NULL;
	bool all = json_array_size(client) == 0 && json_array_size(shared) == 0;
	*answer = NULL;
	if (valid && !has_empty_key(client) && !has_empty_key(shared))
		*answer = json_object();
	if (*answer != NULL &&
		!(answer_scope(*answer, "client", device_shown(device), client, all) &&
			answer_scope(*answer, "shared", device->shared, shared, all))) {
		json_decref(*answer);
		*answer = NULL;
	}
	json_decref(shared);
	json_decref(client);
	return valid;
}

bool device_read(struct device *device, const void *payload, size_t len, json_t **answer)
{
	json_t *request = store_parse(payload, len);
	bool valid = json_is_object(request);
	valid = answer_keys(device, valid ? requested_keys(request, "clientKeys") : NULL,
		valid ? requested_keys(request, "sharedKeys") : NULL, answer);
	json_decref(request);
	return valid;
}

bool device_read_keys(
	struct device *device, const char *client, const char *shared, json_t **answer)
{
	bool has_client = client != NULL && client[0] != '\0';
	bool has_shared = shared != NULL && shared[0] != '\0';
	return answer_keys(device, has_client ? split(client) : json_array(),
		has_shared ? split(shared) : json_array(), answer);
}

/* ---- telemetry -------------------------------------------------------------------------------- */

static bool is_timestamp(const json_t *ts)
{
	if (json_is_number(ts))
		return true;
	return json_is_string(ts) && is_parsable(json_string_value(ts), json_string_length(ts));
}

/* What telemetry_count() says of one sample. A time that is none is a java.lang.NumberFormatException, which nobody
 * expects; values that are none are. */
static int sample_count(const json_t *value)
{
	const json_t *ts = json_object_get(value, "ts");
	const json_t *values = json_object_get(value, "values");
	if (!json_is_object(value))
		return TELEMETRY_INVALID;
	if (ts == NULL || values == NULL)
		return 1;
	if (!is_timestamp(ts))
		return TELEMETRY_FAILS;
	return json_is_object(values) ? 1 : TELEMETRY_INVALID;
}

int telemetry_count(const void *payload, size_t len)
{
	json_t *telemetry = store_parse(payload, len);
	int count = json_is_array(telemetry) ? 0 : sample_count(telemetry);
	size_t i = 0;
	json_t *sample = NULL;
	json_array_foreach(telemetry, i, sample)
	{
		int one = sample_count(sample);
		count = one < 0 ? one : count + one;
		if (one < 0)
			break;
	}
	json_decref(telemetry);
	return count;
}

const char store_not_provisioned[] =
	"{\"errorMsg\":\"Provision data was not found!\",\"status\":\"NOT_FOUND\"}";

/* ---- output ----------------------------------------------------------------------------------- */

char *store_dump(const json_t *value)
{
	enum { DIGITS_MIN = 15, DIGITS_MAX = 17 };
	for (size_t digits = DIGITS_MIN;; digits++) {
		char *text = json_dumps(
			value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
		if (text == NULL || digits == DIGITS_MAX)
			return text;
		json_t *back = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		bool same = json_equal(value, back);
		json_decref(back);
		if (same)
			return text;
		free(text);
	}
}
