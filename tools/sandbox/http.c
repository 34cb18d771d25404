/* SPDX-License-Identifier: MIT
 *
 * http.c - the device API on libmicrohttpd, in the sandbox's one thread.
 *
 * The rules are those of ThingsBoard's DeviceApiController, and of Tomcat and Spring in front of it.
 */
#include "tools/cli/tool.h"

#include "http.h"

#include "clock.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <microhttpd.h>
#include <netinet/in.h>

#define API "/api/v1/"
#define TEXT "text/plain;charset=UTF-8"
#define JSON "application/json"

enum {
	CONNECTIONS_MAX = 32,
	IDLE_S = 30,
	API_BODY_MAX = 50 * 1024 * 1024, /* ThingsBoard's limit for the body of a request */
};

struct http {
	struct MHD_Daemon *daemon;
	struct http_settings settings;
	uint16_t port;
	int fd;
};

/* What has come of a request's body. */
struct body {
	char *data;
	size_t len;
	size_t size;
	bool too_large; /* more than API_BODY_MAX, and not kept */
};

struct api_request {
	const char *method;
	const char *path;        /* as it was sent: percent-encoded, without the query */
	const char *client_keys; /* of the query, decoded; or NULL */
	const char *shared_keys;
	const struct body *body;
};

struct api_reply {
	unsigned status;
	const char *type; /* of the body */
	char *body;       /* free with free(); NULL: there is none */
};

/* ---- bodies ----------------------------------------------------------------------------------- */

static void body_free(struct body *body)
{
	if (body != NULL)
		free(body->data);
	free(body);
}

static bool body_grow(struct body *body, size_t len)
{
	size_t size = body->size > 0 ? body->size : 1024;
	while (size < body->len + len)
		size *= 2;
	char *data = size > body->size ? realloc(body->data, size) : body->data;
	if (data == NULL)
		return false;
	body->data = data;
	body->size = size;
	return true;
}

static void body_add(struct body *body, const char *data, size_t len)
{
	if (body->too_large || len > API_BODY_MAX - body->len || !body_grow(body, len)) {
		body->too_large = true;
		return;
	}
	memcpy(body->data + body->len, data, len);
	body->len += len;
}

/* It says beforehand that it will be too large. */
static bool announces_too_much(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	return length != NULL && strtoull(length, NULL, 10) > API_BODY_MAX;
}

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

/* A page of ThingsBoard's user interface, as it answers to any path that it does not know. */
static void api_answer_page(struct api_reply *reply)
{
	reply_with(reply, 200, "text/html",
		strdup("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
		       "<title>ThingsBoard</title></head><body><tb-root></tb-root></body></html>"
		       "\n"));
}

/* Gson's words, as far as they can be known: the payload is none, or not of the kind that is wanted. */
static void reply_invalid(struct api_reply *reply, const struct api_request *request)
{
	json_t *value = store_parse(request->body->data, request->body->len);
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

/* ---- paths ------------------------------------------------------------------------------------ */

/* Percent-decode a segment (RFC 3986 section 2.1); free with free(). NULL: it is not valid, or memory is out. */
static char *decode_percent(const char *text, size_t len)
{
	char *out = calloc(1, len + 1);
	for (size_t i = 0, count = 0; out != NULL && i < len; i++, count++) {
		out[count] = text[i];
		if (text[i] != '%')
			continue;
		if (!isxdigit((unsigned char)text[i + 1]) ||
			!isxdigit((unsigned char)text[i + 2])) {
			free(out);
			return NULL;
		}
		const char digits[] = { text[i + 1], text[i + 2], '\0' };
		out[count] = (char)strtoul(digits, NULL, 16);
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

/* A path is shown with asterisks for the token. */
static void http_say(const struct api_request *request, unsigned status)
{
	const char *rest = request->path;
	if (is_api(rest))
		rest += strlen(API) + strcspn(rest + strlen(API), "/");
	complain("%s %s%s: %u", request->method, rest != request->path ? API "***" : "", rest,
		status);
}

static void reply_found(
	struct device *device, const struct api_request *request, struct api_reply *reply)
{
	json_t *found = device_read_keys(device, request->client_keys, request->shared_keys);
	if (found != NULL)
		reply_with(reply, 200, JSON, store_dump(found));
	else
		reply_empty(reply, 500);
	json_decref(found);
}

static void reply_taken(struct api_reply *reply, const struct api_request *request, bool taken)
{
	if (taken)
		reply_empty(reply, 200);
	else
		reply_invalid(reply, request);
}

/* What the device API answers; `device` is NULL when the path names none. */
static void answer_device(struct device *device, const char *name,
	const struct api_request *request, struct api_reply *reply)
{
	enum { BAD_REQUEST = 31, NOT_FOUND = 32, GENERAL = 2 };
	const struct body *body = request->body;
	bool attributes = strcmp(name, "attributes") == 0;
	bool posts = strcmp(request->method, "POST") == 0;
	bool reads = attributes && strcmp(request->method, "GET") == 0;
	if (!attributes && strcmp(name, "telemetry") != 0)
		reply_error(reply, 404, NOT_FOUND, "No static resource found");
	else if (!posts && !reads)
		reply_error(reply, 405, GENERAL, "Request method is not supported");
	else if (posts && body->len == 0)
		reply_error(reply, 400, BAD_REQUEST, "Required request body is missing");
	else if (device == NULL)
		reply_empty(reply, 401);
	else if (reads)
		reply_found(device, request, reply);
	else if (attributes)
		reply_taken(reply, request, device_write(device, body->data, body->len));
	else
		reply_taken(reply, request, telemetry_count(body->data, body->len) >= 0);
}

/* Answer as ThingsBoard's DeviceApiController does, and what stands before it. */
static void api_answer(
	struct store *store, const struct api_request *request, struct api_reply *reply)
{
	const char *name = "";
	struct device *device = NULL;
	if (request->body->too_large) {
		reply_with(reply, 413, JSON, strdup("\"Payload size exceeds the limit\""));
	} else if (is_firewalled(request->path)) {
		reply_empty(reply, 400);
	} else if (strncmp(request->path, "/api/", 5) != 0) {
		api_answer_page(reply);
	} else {
		if (is_api(request->path))
			device = find_device(store, request->path, &name);
		answer_device(device, name, request, reply);
	}
}

/* ---- answers ---------------------------------------------------------------------------------- */

/* A parameter of the query, decoded; free with free(). NULL: there is none. */
static char *parameter(struct MHD_Connection *connection, const char *name)
{
	const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
	char *decoded = text != NULL ? strdup(text) : NULL;
	if (decoded != NULL)
		MHD_http_unescape(decoded);
	return decoded;
}

/* As a reverse proxy sends everybody from http: to https:, with the token in the address. */
static char *redirect_to(struct MHD_Connection *connection, uint16_t port, const char *path)
{
	char *address = NULL;
	const char *host =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	if (host == NULL)
		host = "localhost";
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	int rc = asprintf(&address, "https://%.*s:%u%s", (int)strnlen(host, len), host, port, path);
	return rc < 0 ? NULL : address;
}

static enum MHD_Result send_reply(
	struct MHD_Connection *connection, struct api_reply *reply, const char *location)
{
	size_t len = reply->body != NULL ? strlen(reply->body) : 0;
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, reply->body, MHD_RESPMEM_MUST_COPY);
	free(reply->body);
	if (response == NULL)
		return MHD_NO;
	bool good = reply->type == NULL ||
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type) ==
			MHD_YES;
	if (location != NULL)
		good = MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location) ==
				MHD_YES &&
			good;
	enum MHD_Result result =
		good ? MHD_queue_response(connection, reply->status, response) : MHD_NO;
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result http_answer(
	struct http *http, struct MHD_Connection *connection, const struct api_request *request)
{
	const struct faults *faults = http->settings.faults;
	struct api_reply reply = { .status = (unsigned)faults->http_status };
	char *location = NULL;
	if (faults->http_redirect) {
		location = redirect_to(connection, http->settings.redirect_port, request->path);
		reply.status = MHD_HTTP_MOVED_PERMANENTLY;
	} else if (faults->http_html) {
		api_answer_page(&reply);
	} else if (faults->http_status == 0) {
		api_answer(http->settings.store, request, &reply);
	}
	if (http->settings.verbose)
		http_say(request, reply.status);
	enum MHD_Result result = send_reply(connection, &reply, location);
	free(location);
	return result;
}

/* ---- libmicrohttpd ---------------------------------------------------------------------------- */

/* Called for the head of a request, for each piece of its body, and for its end. */
static enum MHD_Result http_on_request(void *arg, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *data, size_t *len,
	void **state)
{
	struct body *body = *state;
	(void)version;
	if (body == NULL) {
		body = *state = calloc(1, sizeof(*body));
		if (body == NULL)
			return MHD_NO;
		body->too_large = announces_too_much(connection);
		if (!body->too_large)
			return MHD_YES;
	}
	if (*len > 0) {
		body_add(body, data, *len);
		*len = 0;
		return MHD_YES;
	}
	char *client_keys = parameter(connection, "clientKeys");
	char *shared_keys = parameter(connection, "sharedKeys");
	const struct api_request request = {
		.method = method,
		.path = path,
		.client_keys = client_keys,
		.shared_keys = shared_keys,
		.body = body,
	};
	enum MHD_Result result = http_answer(arg, connection, &request);
	free(shared_keys);
	free(client_keys);
	return result;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)connection;
	(void)how;
	body_free(*state);
	*state = NULL;
}

/* All stays as it was sent: in a path an encoded slash is none that divides. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static bool listen_somewhere(struct http *http)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, http_on_request, http,
		MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)&address,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
	if (http->daemon == NULL)
		return false;
	const union MHD_DaemonInfo *port =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
	const union MHD_DaemonInfo *epoll =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (port == NULL || epoll == NULL)
		return false;
	http->port = port->port;
	http->fd = epoll->epoll_fd;
	return true;
}

struct http *http_start(const struct http_settings *settings)
{
	struct http *http = calloc(1, sizeof(*http));
	if (http != NULL)
		http->settings = *settings;
	if (http != NULL && listen_somewhere(http))
		return http;
	complain("the HTTP server does not start");
	http_free(http);
	return NULL;
}

void http_free(struct http *http)
{
	if (http != NULL && http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	free(http);
}

uint16_t http_port(const struct http *http)
{
	return http->port;
}

int http_fd(const struct http *http)
{
	return http->fd;
}

int64_t http_due_ms(const struct http *http)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	if (MHD_get_timeout(http->daemon, &ms) != MHD_YES)
		return -1;
	return clock_ms() + (int64_t)ms;
}

void http_turn(struct http *http)
{
	MHD_run(http->daemon);
}
