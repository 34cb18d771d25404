/* SPDX-License-Identifier: MIT
 *
 * http.c - the device API on libmicrohttpd, in the sandbox's one thread.
 */
#include "tools/cli/tool.h"

#include "http.h"

#include "clock.h"
#include "device-api.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

enum { CONNECTIONS_MAX = 32, IDLE_S = 30 };

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
	bool too_large;
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
	char *shown = http->settings.verbose ? api_path_shown(request->path) : NULL;
	if (shown != NULL)
		complain("%s %s: %u", request->method, shown, reply.status);
	free(shown);
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
		.body = body->data,
		.len = body->len,
		.too_large = body->too_large,
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
