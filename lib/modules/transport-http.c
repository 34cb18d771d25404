/* SPDX-License-Identifier: MIT
 *
 * transport-http.c - the HTTP transport: libcurl, driven from the link's poll(), over the link's socket.
 */
#include "base/transport.h"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

struct connection {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	struct tbdi_witness witness;
	bool failed;    /* an option was refused */
	bool dialled;   /* the link */
	bool asking;    /* a request is under way */
	bool last;      /* the peer ends the connection with its reply */
	bool closed;    /* and said so */
	int fd;         /* libcurl's end of the link, or -1 */
	short events;   /* that it waits for */
	int64_t due_ms; /* when it wants to be called whatever comes, -1: never */
	size_t head_len;
	struct tbdi_body body;
};

static int64_t http_now_ms(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what libcurl calls ---------------------------------------------------------------------- */

/* Once: libcurl dials again by itself for a request when the connection is gone, and the path, which is gone by
 * then, can be anybody's. (A connected socket would need no path; libcurl 7.88 connects it all the same.) */
static curl_socket_t make_socket(
	void *arg, curlsocktype purpose TBDI_UNUSED, struct curl_sockaddr *address)
{
	struct connection *connection = arg;
	if (connection->dialled)
		return CURL_SOCKET_BAD;
	connection->dialled = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int http_on_socket(
	CURL *easy TBDI_UNUSED, curl_socket_t fd, int what, void *arg, void *of_socket TBDI_UNUSED)
{
	struct connection *connection = arg;
	connection->fd = what == CURL_POLL_REMOVE ? -1 : fd;
	connection->events =
		(short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
	return 0;
}

static int http_on_timer(CURLM *multi TBDI_UNUSED, long ms, void *arg)
{
	struct connection *connection = arg;
	connection->due_ms = ms < 0 ? -1 : http_now_ms() + ms;
	return 0;
}

/* A server can send 1xx for ever, and fields without end. */
static size_t http_on_head(char *data TBDI_UNUSED, size_t size, size_t count, void *arg)
{
	struct connection *connection = arg;
	connection->head_len += size * count;
	return connection->head_len > TBDI_REPLY_MAX ? 0 : size * count;
}

/* Returning less than there was ends the transfer. */
static size_t http_on_body(char *data, size_t size, size_t count, void *arg)
{
	struct connection *connection = arg;
	return tbdi_body_add(&connection->body, data, size * count);
}

/* ---- the end of a request -------------------------------------------------------------------- */

static const char *header(const struct connection *connection, const char *name)
{
	struct curl_header *found = NULL;
	return curl_easy_header(connection->easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK
		? found->value
		: NULL;
}

/* RFC 9112 9.3 */
static bool is_last(const struct connection *connection)
{
	const char *wish = header(connection, "Connection");
	long version = 0;
	curl_easy_getinfo(connection->easy, CURLINFO_HTTP_VERSION, &version);
	return version < CURL_HTTP_VERSION_1_1 ? wish == NULL || !strcasestr(wish, "keep-alive")
					       : wish != NULL && strcasestr(wish, "close");
}

static void emit_reply(const struct connection *connection)
{
	const char *date = header(connection, "Date");
	long status = 0;
	curl_easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
	const struct tbdi_reply reply = {
		.status = (int)status,
		.content_type = header(connection, "Content-Type"),
		.location = header(connection, "Location"),
		.server = header(connection, "Server"),
		.authenticate = header(connection, "WWW-Authenticate"),
		.date = date != NULL ? (int64_t)curl_getdate(date, NULL) : -1,
		.body = connection->body.bytes,
		.body_len = connection->body.len,
		.cut = connection->body.cut,
		.last = connection->last,
	};
	TBDI_TELL(connection, .kind = TBDI_EVENT_REPLY, .reply = &reply);
}

/* The peer ended the connection; all else is something that libcurl cannot bear. */
static bool is_end(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
		code == CURLE_PARTIAL_FILE || code == CURLE_COULDNT_CONNECT;
}

/* Before version 8.6 libcurl says so of a line in the head that is longer than it takes (100 KiB), too. */
static bool memory_is_out(CURLcode code)
{
	if (code != CURLE_OUT_OF_MEMORY)
		return false;
	void *volatile block = malloc(CURL_MAX_HTTP_HEADER);
	bool is_out = block == NULL;
	free(block);
	return is_out;
}

static int http_settle(struct connection *connection, CURLcode code)
{
	connection->asking = false;
	curl_multi_remove_handle(connection->multi, connection->easy);
	if (memory_is_out(code))
		return TBD_E_NOMEM;
	if (code == CURLE_OK || connection->body.cut) {
		connection->last = is_last(connection);
		emit_reply(connection);
		return 0;
	}
	connection->closed = true;
	TBDI_TELL(connection, .kind = is_end(code) ? TBDI_EVENT_CLOSED : TBDI_EVENT_STRANGE,
		.text = code == CURLE_OUT_OF_MEMORY ? "a line of the head is too long"
						    : curl_easy_strerror(code));
	return 0;
}

static int http_drive(struct connection *connection, curl_socket_t fd, int what)
{
	int running = 0;
	int left = 0;
	CURLMcode code = curl_multi_socket_action(connection->multi, fd, what, &running);
	if (code != CURLM_OK)
		return code == CURLM_OUT_OF_MEMORY ? TBD_E_NOMEM : TBD_E_SYSTEM;
	const CURLMsg *message = curl_multi_info_read(connection->multi, &left);
	return message != NULL && message->msg == CURLMSG_DONE && connection->asking
		? http_settle(connection, message->data.result)
		: 0;
}

/* libcurl goes from one of its states to the next by timers that are due at once. */
static int run_timers(struct connection *connection)
{
	enum { ROUNDS = 16 };
	int rc = 0;
	for (int i = 0; i < ROUNDS && rc == 0 && connection->asking; i++) {
		if (connection->due_ms < 0 || http_now_ms() < connection->due_ms)
			break;
		connection->due_ms = -1;
		rc = http_drive(connection, CURL_SOCKET_TIMEOUT, 0);
	}
	return rc;
}

/* ---- options --------------------------------------------------------------------------------- */

#define SET(connection, option, value) \
	((connection)->failed |= curl_easy_setopt((connection)->easy, option, value) != CURLE_OK)

/* Nothing of the environment or of a user's files may send the request elsewhere or add to it, and nothing
 * that the server says. */
static void set_always(struct connection *connection, const struct tbdi_transport_options *options)
{
	SET(connection, CURLOPT_UNIX_SOCKET_PATH, options->socket_path);
	SET(connection, CURLOPT_OPENSOCKETFUNCTION, make_socket);
	SET(connection, CURLOPT_OPENSOCKETDATA, connection);
	SET(connection, CURLOPT_PROTOCOLS_STR, "http");
	SET(connection, CURLOPT_PROXY, "");
	SET(connection, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(connection, CURLOPT_FOLLOWLOCATION, 0L);
	SET(connection, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(connection, CURLOPT_NOSIGNAL, 1L);
	SET(connection, CURLOPT_HTTPHEADER, connection->headers);
	SET(connection, CURLOPT_HEADERFUNCTION, http_on_head);
	SET(connection, CURLOPT_HEADERDATA, connection);
	SET(connection, CURLOPT_WRITEFUNCTION, http_on_body);
	SET(connection, CURLOPT_WRITEDATA, connection);
}

static bool add_header(struct connection *connection, const char *name, const char *value)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *more =
		len < (int)sizeof(line) ? curl_slist_append(connection->headers, line) : NULL;
	if (more != NULL)
		connection->headers = more;
	return more != NULL;
}

/* TLS is ours, so that libcurl believes to speak in clear to some host. */
static bool make_headers(struct connection *connection, const char *host)
{
	return add_header(connection, "Host", host) &&
		add_header(connection, "User-Agent", "tbdiag/" PACKAGE_VERSION) &&
		add_header(connection, "Content-Type", "application/json");
}

static int set_device_url(struct connection *connection, const struct tbdi_request *request)
{
	const char *query = request->query != NULL ? request->query : "";
	size_t token_size = TBDI_PERCENT_SIZE(request->token);
	size_t size = sizeof("http://localhost/api/v1///?") + token_size +
		strlen(request->resource) + strlen(query);
	char *token = malloc(token_size);
	char *url = malloc(size);
	if (token != NULL && url != NULL) {
		tbdi_percent_encode(request->token, "", token);
		snprintf(url, size, "http://localhost/api/v1/%s/%s%s%s", token, request->resource,
			query[0] != '\0' ? "?" : "", query);
		SET(connection, CURLOPT_URL, url);
		explicit_bzero(token, token_size);
		explicit_bzero(url, size);
	}
	int rc = token != NULL && url != NULL ? 0 : TBD_E_NOMEM;
	free(url);
	free(token);
	return rc;
}

static int set_url(struct connection *connection, const struct tbdi_request *request)
{
	char *url = NULL;
	/* A token of dots only is no relative path. */
	SET(connection, CURLOPT_PATH_AS_IS, 1L);
	if (request->path == NULL)
		return set_device_url(connection, request);
	if (asprintf(&url, "http://localhost%s", request->path) < 0)
		return TBD_E_NOMEM;
	SET(connection, CURLOPT_URL, url);
	free(url);
	return 0;
}

static int set_request(struct connection *connection, const struct tbdi_request *request)
{
	int rc = set_url(connection, request);
	if (request->post)
		SET(connection, CURLOPT_COPYPOSTFIELDS, request->body);
	else
		SET(connection, CURLOPT_HTTPGET, 1L);
	return rc < 0 ? rc : connection->failed ? TBD_E_SYSTEM : 0;
}

/* ---- the transport --------------------------------------------------------------------------- */

static void http_library(char *text, size_t size)
{
	snprintf(text, size, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}

static int http_disconnect(void *arg)
{
	struct connection *connection = arg;
	if (connection->asking)
		curl_multi_remove_handle(connection->multi, connection->easy);
	connection->asking = false;
	connection->closed = true;
	curl_easy_cleanup(connection->easy);
	curl_multi_cleanup(connection->multi);
	connection->easy = NULL;
	connection->multi = NULL;
	connection->fd = -1;
	return 0;
}

static void http_close(void *arg)
{
	struct connection *connection = arg;
	if (connection == NULL)
		return;
	http_disconnect(connection);
	curl_slist_free_all(connection->headers);
	explicit_bzero(&connection->body, sizeof(connection->body));
	free(connection);
}

static bool multi_make(struct connection *connection)
{
	connection->multi = curl_multi_init();
	connection->easy = curl_easy_init();
	if (connection->multi == NULL || connection->easy == NULL)
		return false;
	CURLM *multi = connection->multi;
	return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, http_on_socket) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, connection) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, http_on_timer) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_TIMERDATA, connection) == CURLM_OK;
}

/* For all of the process, and not thread-safe in older versions. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Without TLS of its own it needs nothing of what libcurl could initialise here. */
static void http_initialise(void)
{
	(void)curl_global_init(CURL_GLOBAL_NOTHING);
}

static int http_open(
	const struct tbdi_transport_options *options, void **out, struct tbd_error *error)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		return tbdi_fail_nomem(error);
	connection->witness = options->witness;
	connection->fd = -1;
	connection->due_ms = -1;
	pthread_once(&once, http_initialise);
	bool made = multi_make(connection) && make_headers(connection, options->host);
	if (made)
		set_always(connection, options);
	if (!made || connection->failed) {
		http_close(connection);
		return tbdi_fail(error, TBD_E_SYSTEM, "libcurl cannot be set up");
	}
	*out = connection;
	return 0;
}

static int http_request(void *arg, const struct tbdi_request *request)
{
	struct connection *connection = arg;
	if (connection->closed)
		return 0;
	connection->head_len = connection->body.len = 0;
	connection->body.cut = false;
	if (connection->last) {
		connection->closed = true;
		TBDI_TELL(connection, .kind = TBDI_EVENT_CLOSED,
			.text = "its answer was the last on this connection, as it says");
		return 0;
	}
	int rc = set_request(connection, request);
	if (rc < 0)
		return rc;
	connection->asking = true;
	if (curl_multi_add_handle(connection->multi, connection->easy) != CURLM_OK)
		return TBD_E_SYSTEM;
	connection->due_ms = http_now_ms();
	return run_timers(connection);
}

static int http_fd(void *arg)
{
	const struct connection *connection = arg;
	return connection->fd;
}

static short http_events(void *arg)
{
	const struct connection *connection = arg;
	return connection->events;
}

static int http_process(void *arg, short revents)
{
	struct connection *connection = arg;
	int rc = 0;
	int what = (revents & POLLIN ? CURL_CSELECT_IN : 0) |
		(revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
		(revents & (POLLERR | POLLHUP) ? CURL_CSELECT_ERR : 0);
	if (what != 0 && connection->asking)
		rc = http_drive(connection, connection->fd, what);
	return rc < 0 ? rc : run_timers(connection);
}

const struct tbdi_transport tbdi_transport = {
	.abi = TBDI_TRANSPORT_ABI,
	.name = "http",
	.library = http_library,
	.open = http_open,
	.fd = http_fd,
	.events = http_events,
	.process = http_process,
	.disconnect = http_disconnect,
	.close = http_close,
	.request = http_request,
};
