/* SPDX-License-Identifier: MIT
 *
 * device-api.c - the HTTP face of the local ThingsBoard.
 *
 * The rules are those of ThingsBoard's DeviceApiController, and of Tomcat and Spring in front of it.
 */
#include "tools/cli/tool.h"

#include "device-api.h"

#define API "/api/v1/"
#define TEXT "text/plain;charset=UTF-8"
#define JSON "application/json"

/* ---- replies ---------------------------------------------------------------------------------- */

/* Takes `body`; NULL: there is none. */
static void reply_with(struct api_reply *reply, unsigned status, const char *type, char *body)
{
	*reply = (struct api_reply){ status, body != NULL ? type : NULL, body };
}

static void reply_empty(struct api_reply *reply, unsigned status)
{
	reply_with(reply, status, NULL, NULL);
}

/* ThingsboardErrorResponse. */
static void reply_error(struct api_reply *reply, unsigned status, int code, const char *message)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	json_int_t now_ms = (json_int_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	json_t *error = json_pack("{si ss si sI}", "status", (int)status, "message", message,
		"errorCode", code, "timestamp", now_ms);
	reply_with(reply, status, JSON, error != NULL ? store_dump(error) : NULL);
	json_decref(error);
}

void api_answer_page(struct api_reply *reply)
{
	reply_with(reply, 200, "text/html",
		strdup("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
		       "<title>ThingsBoard</title></head><body><tb-root></tb-root></body></html>"
		       "\n"));
}

/* Gson's words, as far as they can be known: the payload is none, or not of the kind that is wanted. */
static void reply_invalid(struct api_reply *reply, const struct api_request *request)
{
	json_t *value = store_parse(request->body, request->len);
	char *shown = value != NULL ? store_dump(value) : NULL;
	char *text = NULL;
	if (value == NULL)
		text = strdup("com.google.gson.stream.MalformedJsonException: Expected value");
	else if (shown == NULL || asprintf(&text, "Can't parse value: %s", shown) < 0)
		text = NULL;
	free(shown);
	json_decref(value);
	reply_with(reply, 500, TEXT, text);
}

/* ---- what a device can do --------------------------------------------------------------------- */

static void post_attributes(
	struct device *device, const struct api_request *request, struct api_reply *reply)
{
	if (device_write(device, request->body, request->len))
		reply_empty(reply, 200);
	else
		reply_invalid(reply, request);
}

static void post_telemetry(
	struct device *device, const struct api_request *request, struct api_reply *reply)
{
	(void)device;
	if (telemetry_count(request->body, request->len) >= 0)
		reply_empty(reply, 200);
	else
		reply_invalid(reply, request);
}

/* A parameter that is empty counts as none, unlike in MQTT. */
static const char *unless_empty(const char *keys)
{
	return keys != NULL && keys[0] != '\0' ? keys : NULL;
}

static void get_attributes(
	struct device *device, const struct api_request *request, struct api_reply *reply)
{
	json_t *asked = json_pack("{ss* ss*}", "clientKeys", unless_empty(request->client_keys),
		"sharedKeys", unless_empty(request->shared_keys));
	char *payload = asked != NULL ? json_dumps(asked, JSON_COMPACT) : NULL;
	json_t *found = payload != NULL ? device_read(device, payload, strlen(payload)) : NULL;
	if (found != NULL)
		reply_with(reply, 200, JSON, store_dump(found));
	else
		reply_empty(reply, 500);
	json_decref(found);
	free(payload);
	json_decref(asked);
}

static const struct route {
	const char *method;
	const char *name;
	void (*handle)(
		struct device *device, const struct api_request *request, struct api_reply *reply);
} routes[] = {
	{ "GET", "attributes", get_attributes },
	{ "POST", "attributes", post_attributes },
	{ "POST", "telemetry", post_telemetry },
};

/* The route, or NULL; *known: there is one of this name for another method. */
static const struct route *find_route(const char *method, const char *name, bool *known)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].name, name) != 0)
			continue;
		*known = true;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
	}
	return NULL;
}

/* ---- paths ------------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	const char *found = c != '\0' ? strchr(digits, lower) : NULL;
	return found != NULL ? (int)(found - digits) : -1;
}

/* Percent-decode (RFC 3986 section 2.1); free with free(). NULL: it is not valid, or memory is out. */
static char *decode_percent(const char *text, size_t len)
{
	char *out = calloc(1, len + 1);
	size_t count = 0;
	for (size_t i = 0; out != NULL && i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		if (text[i] != '%') {
			out[count++] = text[i];
			continue;
		}
		if (low < 0 || (high | low) == 0) {
			free(out);
			return NULL;
		}
		out[count++] = (char)(high << 4 | low);
		i += 2;
	}
	return out;
}

/* Tomcat takes no encoded slash, Spring's StrictHttpFirewall neither that nor an encoded percent sign, a
 * semicolon or an empty segment. */
static bool is_firewalled(const char *path)
{
	static const char *const refused[] = { "//", ";", "%3b", "%3B", "%2f", "%2F", "%5c", "%5C",
		"\\", "%25", "%00", "/../", "/./" };
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strstr(path, refused[i]) != NULL)
			return true;
	return false;
}

/* The device whose token is the first segment behind API, and what follows that; "" when it ends there. */
static struct device *find_device(const struct store *store, const char *path, const char **name)
{
	const char *token = path + strlen(API);
	size_t len = strcspn(token, "/");
	char *decoded = decode_percent(token, len);
	struct device *device = decoded != NULL ? store_find(store, decoded) : NULL;
	free(decoded);
	if (device != NULL && device_is_basic(device))
		device = NULL;
	*name = token + len + (token[len] == '/');
	return device;
}

static bool is_api(const char *path)
{
	return strncmp(path, API, strlen(API)) == 0;
}

char *api_path_shown(const char *path)
{
	char *text = NULL;
	if (!is_api(path))
		return strdup(path);
	const char *token = path + strlen(API);
	return asprintf(&text, API "***%s", token + strcspn(token, "/")) < 0 ? NULL : text;
}

void api_answer(struct store *store, const struct api_request *request, struct api_reply *reply)
{
	enum { BAD_REQUEST = 31, NOT_FOUND = 32, GENERAL = 2 };
	const char *name = "";
	bool known = false;
	if (request->too_large) {
		reply_with(reply, 413, JSON, strdup("\"Payload size exceeds the limit\""));
		return;
	}
	if (is_firewalled(request->path)) {
		reply_empty(reply, 400);
		return;
	}
	if (!is_api(request->path) && strncmp(request->path, "/api/", 5) != 0) {
		api_answer_page(reply);
		return;
	}
	struct device *device =
		is_api(request->path) ? find_device(store, request->path, &name) : NULL;
	const struct route *route = find_route(request->method, name, &known);
	if (!known)
		reply_error(reply, 404, NOT_FOUND, "No static resource found");
	else if (route == NULL)
		reply_error(reply, 405, GENERAL, "Request method is not supported");
	else if (strcmp(route->method, "POST") == 0 && request->len == 0)
		reply_error(reply, 400, BAD_REQUEST, "Required request body is missing");
	else if (device == NULL)
		reply_empty(reply, 401);
	else
		route->handle(device, request, reply);
}
