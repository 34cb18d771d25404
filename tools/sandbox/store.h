/* SPDX-License-Identifier: MIT
 *
 * store.h - what the local ThingsBoard keeps: devices, their tokens and attributes. It knows nothing
 * of MQTT, HTTP or CoAP; the payloads are the same in all of them.
 */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include "limits.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>

struct store;
struct device;

/* NULL when memory is out. */
struct store *store_new(void);
void store_free(struct store *store);

/* Add a device with this token. NULL when memory is out. It lives as long as the store. */
struct device *store_add(struct store *store, const char *token);

/* Add a device with MQTT Basic credentials instead, for any client identifier. Where a token is asked for
 * below, the user name takes its place. */
struct device *store_add_basic(struct store *store, const char *user_name, const char *password);

/* Whether a client that named the device may be it: to the password of one with a token nobody looks. */
bool device_admits(const struct device *device, const char *password);

/* It has MQTT Basic credentials, which go with MQTT only. */
bool device_is_basic(const struct device *device);

/* Show what is written to attributes only so long after the last write. */
void store_set_delay(struct store *store, int delay_ms);

/* Attributes and telemetry are counted by one limit, all else that a device sends by the other. */
enum store_limit { STORE_MESSAGES, STORE_TELEMETRY };

/* Let each device send no more than that; what it points to has to live on. */
void store_set_limit(struct store *store, enum store_limit which, const struct limits *limits);

/* The tenant has used up what its API usage allows: every message is one too many. */
void store_use_up(struct store *store);

/* The limit as it is written, or NULL. */
const char *store_limit(const struct store *store, enum store_limit which);

/* The device sends a message. False: it is one too many. */
bool device_may_send(struct device *device, enum store_limit which);

/* The device with this token, compared byte by byte, or NULL. */
struct device *store_find(const struct store *store, const char *token);

/* What store_find() found it by. */
const char *device_name(const struct device *device);

/* It is not found any more. */
void device_delete(struct device *device);

/* Give the device shared attributes, as the server's side does. False when `payload` is no JSON object
 * as device_write() takes it. */
bool device_share(struct device *device, const void *payload, size_t len);

/* Merge client attributes. Values are cast as ThingsBoard casts them: what looks like a number in
 * quotes is one, an integer beyond 64 bits and a decimal with more than 16 places become strings, null is
 * skipped. False when the payload is not a JSON object (lenient). */
bool device_write(struct device *device, const void *payload, size_t len);

/* Answer an attribute request: {"clientKeys":"a,b","sharedKeys":"c"}; {} asks for everything. Scopes and
 * keys that hold nothing are left out. *answer is a new reference; NULL when ThingsBoard says nothing, since a
 * key is empty. False when the request is invalid. */
bool device_read(struct device *device, const void *payload, size_t len, json_t **answer);

/* The same as HTTP and CoAP ask for it, where a list of keys that is NULL or empty counts as none. */
bool device_read_keys(
	struct device *device, const char *client, const char *shared, json_t **answer);

/* ThingsBoard does not accept telemetry; or it fails over a time that is no number. */
enum { TELEMETRY_INVALID = -1, TELEMETRY_FAILS = -2 };

/* How many samples of telemetry these are: one for an object of values or an object with ts and values, or
 * those in an array of such; or one of the above. They are not kept: no device can read them back. */
int telemetry_count(const void *payload, size_t len);

/* What everybody is told who wants to be provisioned: no device profile has a key for it. */
extern const char store_not_provisioned[];

/* JSON in one line, with the fewest digits that give each number back; free with free(). NULL when memory
 * is out. */
char *store_dump(const json_t *value);

/* Parse an RPC or claim payload, whose numbers are not cast. A new reference or NULL. */
json_t *store_parse(const void *payload, size_t len);

/* ---- lenient JSON (gson.c) -------------------------------------------------------------------- */

/* Makes the value of a number from its literal, which is valid JSON. `depth` is 0 at the top, 1 for a
 * member of the outermost object or array, and so on. NULL when memory is out. */
typedef json_t *lenient_number(const char *literal, unsigned depth);

/* The value of `len` bytes of text; a new reference. An unquoted word that is neither true, false nor
 * null (in any case) nor a number is a string. Bytes that are not UTF-8 become U+FFFD. No text at all
 * is null. NULL when the text is invalid or memory is out. */
json_t *lenient_parse(const void *text, size_t len, lenient_number *number);

#endif
