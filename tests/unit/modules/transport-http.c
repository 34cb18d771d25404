/* SPDX-License-Identifier: MIT
 *
 * transport-http.c - the HTTP transport dials once: whoever listens later at the path it was given hears
 * nothing, whatever ended the connection.
 */
#include "base/transport.h"

#include "tests/unit/check-main.h"
#include "base/module.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct tbdi_transport *transport;
static void *connection;
static char dir[32];
static struct sockaddr_un address;
static int listener;
static int accepted;
static int replies;
static int ends;

static void http_on_event(void *arg TBDI_UNUSED, const struct tbdi_event *event)
{
	replies += event->kind == TBDI_EVENT_REPLY;
	ends += event->kind == TBDI_EVENT_CLOSED || event->kind == TBDI_EVENT_STRANGE;
}

static void listen_there(void)
{
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(
		bind(listener, (const struct sockaddr *)(const void *)&address, sizeof(address)),
		0);
	ck_assert_int_eq(listen(listener, 4), 0);
}

static void listen_no_more(void)
{
	close(listener);
	unlink(address.sun_path);
}

static void http_setup(void)
{
	struct tbd_error error = { "" };
	ck_assert_msg(tbdi_module_load(&tbdi_protocols[TBDI_HTTP], &transport, &error) == 0, "%s",
		error.text);
	snprintf(dir, sizeof(dir), "/tmp/tbdiag-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	address.sun_family = AF_UNIX;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/link", dir);
	listen_there();
	const struct tbdi_transport_options options = {
		.socket_path = address.sun_path, .host = "localhost", .witness.event = http_on_event
	};
	ck_assert_msg(transport->open(&options, &connection, &error) == 0, "%s", error.text);
	replies = ends = 0;
}

static void http_teardown(void)
{
	transport->close(connection);
	if (accepted >= 0)
		close(accepted);
	listen_no_more();
	rmdir(dir);
}

static void ask_path(void)
{
	const struct tbdi_request request = { .token = "SECRET", .resource = "attributes" };
	ck_assert_int_eq(transport->request(connection, &request), 0);
}

static void await(const int *count)
{
	for (int turn = 0; *count == 0; turn++) {
		struct pollfd fd = { transport->fd(connection), transport->events(connection), 0 };
		ck_assert_msg(turn < 40, "nothing comes");
		(void)!poll(&fd, 1, 50);
		ck_assert_int_eq(transport->process(connection, fd.revents), 0);
	}
}

/* The server's end of the link gets the request. */
static void hear(void)
{
	char request[1024];
	struct pollfd fd = { accepted, POLLIN, 0 };
	while (poll(&fd, 1, 0) == 0)
		ck_assert_int_eq(transport->process(connection, POLLOUT), 0);
	ssize_t got = recv(accepted, request, sizeof(request), 0);
	ck_assert_int_gt(got, 0);
	ck_assert_ptr_nonnull(memmem(request, (size_t)got, "SECRET", 6));
}

static const struct answer {
	const char *text;
	bool closes;
} answers[] = {
	{ "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false },
	{ "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true },
	{ "HTTP/1.1 200 OK\r\n\r\n", true },
};

TEST_GROUP(.setup = http_setup, .teardown = http_teardown);

TEST_EACH(dials_once, answer, answers)
{
	struct pollfd thief = { .events = POLLIN };
	ask_path();
	accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	listen_no_more();
	hear();
	ck_assert_int_gt(send(accepted, answer->text, strlen(answer->text), MSG_NOSIGNAL), 0);
	if (answer->closes) {
		close(accepted);
		accepted = -1;
	}
	await(&replies);
	listen_there();
	ask_path();
	await(&ends);
	thief.fd = listener;
	ck_assert_int_eq(poll(&thief, 1, 0), 0);
	ck_assert_int_eq(replies, 1);
	ck_assert_int_eq(ends, 1);
}
