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
#include <strings.h>

#define API "/api/v1/"
#define TEXT "text/plain;charset=UTF-8"
#define JSON "application/json"

enum {
	CONNECTIONS_MAX = 32,
	IDLE_S = 30,
	API_BODY_MAX = 16 * 1024 * 1024, /* ThingsBoard's limit for the body of a request */
	WAIT_MAX_MS = 60 * 1000,         /* HTTP_REQUEST_TIMEOUT */
};

/* The words for ThingsboardErrorResponse's errorCode. */
enum { BAD_REQUEST = 31, NOT_FOUND = 32 };

struct http {
	struct MHD_Daemon *daemon;
	struct http_settings settings;
	uint16_t port;
	int fd;
	struct {
		struct MHD_Connection *connection;
		int64_t due_ms;
	} waiting[CONNECTIONS_MAX];
	size_t waiting_count;
};

/* What has come of a request's body. */
struct body {
	char *data;
	size_t len;
	size_t size;
	bool too_large; /* more than API_BODY_MAX, and not kept */
	bool waited;    /* its request has been answered by nothing for as long as it should */
};

struct api_request {
	const char *method;
	const char *path;        /* as it was sent: percent-encoded, without the query */
	const char *client_keys; /* of the query, decoded; or NULL */
	const char *shared_keys;
	const char *content_type; /* or NULL */
	const char *timeout;      /* of the query, in ms; or NULL */
	const struct body *body;
};

struct api_reply {
	unsigned status;  /* 0: there is none */
	int wait_ms;      /* which 408 ends; 0: the connection's end does */
	const char *type; /* of the body */
	const char *file; /* that the body is to be saved as; NULL: none */
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
	*reply = (struct api_reply){
		.status = status, .type = body != NULL ? type : NULL, .body = body
	};
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
	json_t *error = json_pack("{ss si si sI}", "message", message, "errorCode", code, "status",
		(int)status, "timestamp", now_ms);
	reply_with(reply, status, JSON, error != NULL ? store_dump(error) : NULL);
	json_decref(error);
}

/* The same with a message that names the method or the path. */
static void reply_error_about(struct api_reply *reply, unsigned status, int code,
	const char *before, const char *what, const char *after)
{
	char *message = NULL;
	if (asprintf(&message, "%s%s%s", before, what, after) < 0)
		message = NULL;
	reply_error(reply, status, code, message != NULL ? message : before);
	free(message);
}

/* Tomcat's own page, for what it does not let through to Spring. */
static void reply_tomcat(struct api_reply *reply)
{
	reply_with(reply, 400, "text/html;charset=utf-8",
		strdup("<!doctype html><html lang=\"en\"><head><title>HTTP Status 400 \u2013 Bad "
		       "Request</title></head><body><h1>HTTP Status 400 \u2013 Bad Request</h1>"
		       "</body></html>"));
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

/* Characters that stay as they are in a form (java.net.URLEncoder), but the space. */
static bool stays_in_form(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr(".-*_", c) != NULL);
}

/* Spring takes a form apart and writes it anew, and so JSON without a name is a name without a value: the column at
 * which Gson meets the '=' behind it is beyond what was sent. */
static void reply_form(struct api_reply *reply, const struct api_request *request)
{
	const struct body *body = request->body;
	char *text = NULL;
	size_t column = 2;
	for (size_t i = 0; i < body->len && body->data[i] != '=' && body->data[i] != '&'; i++) {
		bool kept = stays_in_form(body->data[i]) || body->data[i] == '+' ||
			body->data[i] == ' ' || body->data[i] == '%';
		column += kept ? 1 : 3;
	}
	if (asprintf(&text,
		    "com.google.gson.stream.MalformedJsonException: Use "
		    "JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON at line "
		    "1 column %zu path $",
		    column) < 0)
		text = NULL;
	reply_with(reply, 500, TEXT, text);
}

/* Whether the request says this of its body. */
static bool is_type(const struct api_request *request, const char *type)
{
	const char *given = request->content_type;
	size_t len = strlen(type);
	return given != NULL && strncasecmp(given, type, len) == 0 &&
		(given[len] == '\0' || given[len] == ';' || given[len] == ' ');
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

static bool has_one_of(const char *path, const char *const *texts)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		if (strcasestr(path, texts[i]) != NULL)
			return true;
	return false;
}

static bool is_dotted(const char *path)
{
	const char *last = strrchr(path, '/');
	return strstr(path, "/../") != NULL || strstr(path, "/./") != NULL ||
		(last != NULL && (strcmp(last, "/..") == 0 || strcmp(last, "/.") == 0));
}

/* Tomcat takes no encoded slash or backslash, and Spring's StrictHttpFirewall no encoded percent sign, no semicolon, no
 * segment that is empty or dots. True when the request has been answered. */
static bool reply_firewall(struct api_reply *reply, const char *path)
{
	static const char *const tomcat[] = { "%2f", "%5c", "\\", "%00", NULL };
	static const char *const spring[] = { "//", ";", "%3b", "%25", NULL };
	bool stopped = has_one_of(path, tomcat);
	if (stopped)
		reply_tomcat(reply);
	else if (has_one_of(path, spring) || is_dotted(path))
		reply_error(reply, 400, BAD_REQUEST, "Bad Request");
	return stopped || reply->status != 0;
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
	json_t *found = NULL;
	/* What ThingsBoard does not answer, over a limit or an empty key, it leaves to wait. */
	if (device_may_send(device, STORE_MESSAGES) &&
		device_read_keys(device, request->client_keys, request->shared_keys, &found) &&
		found != NULL)
		reply_with(reply, 200, JSON, store_dump(found));
	json_decref(found);
}

static void reply_taken(struct api_reply *reply, const struct api_request *request, bool taken)
{
	if (taken)
		reply_empty(reply, 200);
	else
		reply_invalid(reply, request);
}

static void reply_posted(struct device *device, bool attributes, const struct api_request *request,
	struct api_reply *reply)
{
	const struct body *body = request->body;
	int samples = attributes ? 1 : telemetry_count(body->data, body->len);
	if (is_type(request, "application/x-www-form-urlencoded"))
		reply_form(reply, request);
	else if (!device_may_send(device, STORE_TELEMETRY))
		reply_empty(reply, 500);
	else if (attributes)
		reply_taken(reply, request, device_write(device, body->data, body->len));
	else if (samples != 0)
		reply_taken(reply, request, samples > 0);
}

/* The Java method that misses the body. */
static void reply_no_body(struct api_reply *reply, bool attributes)
{
	reply_error_about(reply, 400, BAD_REQUEST,
		"Required request body is missing: public "
		"org.springframework.web.context.request.async.DeferredResult<"
		"org.springframework.http.ResponseEntity> "
		"org.thingsboard.server.transport.http.DeviceApiController.",
		attributes ? "postDeviceAttributes" : "postTelemetry",
		"(java.lang.String,java.lang.String)");
}

/* Wait for something that does not come: an attribute of the other side, a call, the answer of a rule chain. */
static void reply_waits(struct api_reply *reply, const struct api_request *request)
{
	long ms = request->timeout != NULL ? strtol(request->timeout, NULL, 10) : 0;
	reply->wait_ms = ms > 0 && ms < WAIT_MAX_MS ? (int)ms : WAIT_MAX_MS;
}

/* What a name takes, and what needs no body. */
enum http_name { ATTRIBUTES, TELEMETRY, CLAIM, UPDATES, CALLS, FIRMWARE, NO_NAME };

static enum http_name find_name(const char *text)
{
	static const struct {
		const char *text;
		enum http_name name;
	} names[] = { { "attributes", ATTRIBUTES }, { "telemetry", TELEMETRY }, { "claim", CLAIM },
		{ "attributes/updates", UPDATES }, { "rpc", CALLS }, { "firmware", FIRMWARE },
		{ "software", FIRMWARE } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].text, text) == 0)
			return names[i].name;
	return NO_NAME;
}

static bool takes(enum http_name name, bool posts, bool reads)
{
	return (posts && name != UPDATES && name != FIRMWARE) ||
		(reads && name != TELEMETRY && name != CLAIM);
}

/* The device is known, and the request one that it may make. */
static void answer_name(struct device *device, enum http_name name, bool reads,
	const struct api_request *request, struct api_reply *reply)
{
	if (name == FIRMWARE)
		reply_empty(reply, 404);
	else if (name == CLAIM)
		reply_empty(reply, 200);
	else if (name == UPDATES || name == CALLS)
		reply_waits(reply, request);
	else if (reads)
		reply_found(device, request, reply);
	else
		reply_posted(device, name == ATTRIBUTES, request, reply);
}

/* What the device API answers; `device` is NULL when the path names none. */
static void answer_device(struct device *device, const char *text,
	const struct api_request *request, struct api_reply *reply)
{
	const char *type = request->content_type;
	enum http_name name = find_name(text);
	bool posts = strcmp(request->method, "POST") == 0;
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
	if (name == NO_NAME)
		reply_error_about(
			reply, 404, NOT_FOUND, "No static resource ", request->path + 1, ".");
	else if (!takes(name, posts, reads))
		reply_error_about(reply, 405, BAD_REQUEST, "Request method '", request->method,
			"' is not supported");
	else if (posts && type != NULL && strchr(type, '/') == NULL)
		reply_error(reply, 415, BAD_REQUEST, "Invalid mime type: does not contain '/'");
	else if (posts && name != CLAIM && request->body->len == 0)
		reply_no_body(reply, name == ATTRIBUTES);
	else if (device == NULL)
		reply_empty(reply, 401);
	else
		answer_name(device, name, reads, request, reply);
}

/* DeviceConnectivityController: to anybody, for what is spoken over TLS. False: this path is another. */
static bool reply_ca_file(
	const struct http_settings *settings, const char *path, struct api_reply *reply)
{
	static const char *const protocols[] = { "mqtts", "coaps" };
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		char its_path[64];
		snprintf(its_path, sizeof(its_path),
			"/api/device-connectivity/%s/certificate/download", protocols[i]);
		if (strcmp(path, its_path) != 0)
			continue;
		if (settings->faults->no_ca_file) {
			reply_error_about(reply, 404, NOT_FOUND, "", protocols[i],
				" pem cert file is not found!");
			return true;
		}
		reply_with(reply, 200, "application/octet-stream", strdup(settings->ca_pem));
		reply->file = "ca-root.pem";
		return true;
	}
	return false;
}

/* What is there for anybody. False: this path is not. */
static bool reply_to_all(
	const struct http_settings *settings, const char *path, struct api_reply *reply)
{
	if (reply_ca_file(settings, path, reply))
		return true;
	if (strcmp(path, API "provision") == 0)
		reply_with(reply, 200, JSON, strdup(store_not_provisioned));
	else if (strncmp(path, "/api/", 5) != 0)
		api_answer_page(reply);
	return reply->status != 0;
}

/* Answer as ThingsBoard's DeviceApiController does, and what stands before it. */
static void api_answer(const struct http_settings *settings, const struct api_request *request,
	struct api_reply *reply)
{
	const char *name = "";
	struct device *device = NULL;
	if (request->body->too_large) {
		reply_with(reply, 413, JSON,
			strdup("\"Payload size exceeds the limit of 16777216 bytes\""));
	} else if (!reply_firewall(reply, request->path) &&
		!reply_to_all(settings, request->path, reply)) {
		if (is_api(request->path))
			device = find_device(settings->store, request->path, &name);
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
	if (reply->file != NULL) {
		char text[64];
		snprintf(text, sizeof(text), "attachment;filename=%s", reply->file);
		good = MHD_add_response_header(
			       response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, text) == MHD_YES &&
			good;
	}
	if (location != NULL)
		good = MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location) ==
				MHD_YES &&
			good;
	enum MHD_Result result =
		good ? MHD_queue_response(connection, reply->status, response) : MHD_NO;
	MHD_destroy_response(response);
	return result;
}

/* Keep the answer back, for so long at least as the others wait that are here. */
static enum MHD_Result let_wait(struct http *http, struct MHD_Connection *connection, int ms)
{
	if (http->waiting_count == CONNECTIONS_MAX)
		return MHD_NO;
	http->waiting[http->waiting_count].connection = connection;
	http->waiting[http->waiting_count++].due_ms = clock_ms() + (ms > 0 ? ms : WAIT_MAX_MS);
	MHD_suspend_connection(connection);
	return MHD_YES;
}

/* Let it go on: its request is then asked for once more. */
static void end_wait(struct http *http, size_t index)
{
	MHD_resume_connection(http->waiting[index].connection);
	http->waiting[index] = http->waiting[--http->waiting_count];
}

/* When the first of them has waited long enough; -1: none waits. */
static int64_t wait_due_ms(const struct http *http)
{
	int64_t due_ms = -1;
	for (size_t i = 0; i < http->waiting_count; i++)
		due_ms = clock_earlier(due_ms, http->waiting[i].due_ms);
	return due_ms;
}

static enum MHD_Result http_answer(struct http *http, struct MHD_Connection *connection,
	const struct api_request *request, bool *waited)
{
	const struct faults *faults = http->settings.faults;
	struct api_reply reply = { .status = (unsigned)faults->http_status };
	char *location = NULL;
	if (faults->http_redirect && http->settings.redirect_port != 0) {
		location = redirect_to(connection, http->settings.redirect_port, request->path);
		reply.status = MHD_HTTP_MOVED_PERMANENTLY;
	} else if (faults->http_html) {
		api_answer_page(&reply);
	} else if (faults->http_status == 0) {
		api_answer(&http->settings, request, &reply);
	}
	if (http->settings.verbose)
		http_say(request, reply.status);
	if (reply.status == 0 && *waited && reply.wait_ms == 0)
		return MHD_NO;
	if (reply.status == 0 && !*waited) {
		*waited = true;
		return let_wait(http, connection, reply.wait_ms);
	}
	if (reply.status == 0)
		reply.status = MHD_HTTP_REQUEST_TIMEOUT;
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
		.content_type = MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE),
		.timeout =
			MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "timeout"),
		.body = body,
	};
	enum MHD_Result result = http_answer(arg, connection, &request, &body->waited);
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
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		http_on_request, http, MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)&address,
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
	while (http != NULL && http->waiting_count > 0)
		end_wait(http, 0);
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
	return http != NULL ? http->fd : -1;
}

int64_t http_due_ms(const struct http *http)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	if (http == NULL)
		return -1;
	if (MHD_get_timeout(http->daemon, &ms) != MHD_YES)
		return wait_due_ms(http);
	return clock_earlier(wait_due_ms(http), clock_ms() + (int64_t)ms);
}

void http_turn(struct http *http)
{
	if (http == NULL)
		return;
	for (size_t i = http->waiting_count; i-- > 0;)
		if (clock_ms() >= http->waiting[i].due_ms)
			end_wait(http, i);
	MHD_run(http->daemon);
}
