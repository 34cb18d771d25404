/* SPDX-License-Identifier: MIT
 *
 * server.c - the port that devices connect to, several at once, in one thread.
 */
#include "tools/listen/server.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* More wait in the kernel until one of these is over, for which it has a deadline. */
enum { VISITORS_MAX = 64, BACKLOG = 128 };

/* ---- the socket ------------------------------------------------------------------------------- */

/* Take "[::1]:8883", "192.0.2.7:8883", "::1" and the like apart. */
static bool split_address(const char *where, char address[INET6_ADDRSTRLEN], const char **port)
{
	const char *end = where[0] == '[' ? strchr(where, ']') : NULL;
	const char *colon = strchr(where, ':');
	bool is_ipv6 = end == NULL && colon != NULL && strchr(colon + 1, ':') != NULL;
	const char *from = end != NULL ? where + 1 : where;
	if (end == NULL)
		end = is_ipv6 || colon == NULL ? where + strlen(where) : colon;
	size_t len = (size_t)(end - from);
	if (len == 0 || len >= INET6_ADDRSTRLEN)
		return false;
	memcpy(address, from, len);
	address[len] = '\0';
	end += *end == ']';
	*port = *end == ':' ? end + 1 : NULL;
	return *end == '\0' || (*end == ':' && end[1] != '\0');
}

static bool listen_port(const char *text, uint16_t *port)
{
	unsigned long number = SERVER_PORT;
	char *end = NULL;
	if (text != NULL)
		number = strtoul(text, &end, 10);
	*port = (uint16_t)number;
	return number <= UINT16_MAX &&
		(text == NULL || (*text >= '0' && *text <= '9' && *end == '\0'));
}

/* The length of the address, or 0. */
static socklen_t parse_address(const char *where, struct sockaddr_storage *storage)
{
	char address[INET6_ADDRSTRLEN] = "";
	const char *port_text = NULL;
	uint16_t port = 0;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)storage;
	*storage = (struct sockaddr_storage){ 0 };
	if (!split_address(where, address, &port_text) || !listen_port(port_text, &port))
		return 0;
	if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	if (inet_pton(AF_INET6, address, &ipv6->sin6_addr) != 1)
		return 0;
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(port);
	return sizeof(*ipv6);
}

/* [::] takes IPv4 as well, whatever the system's default is. What the kernel keeps for a device is little, so that it is
 * known when the device has taken the chain. */
static int try_open(const struct sockaddr *address, socklen_t len)
{
	int on = 1, off = 0, little = 4096;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little)) == 0 &&
		(address->sa_family != AF_INET6 ||
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
		bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0;
	if (good)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int server_open(const char *where)
{
	struct sockaddr_storage address;
	socklen_t len = parse_address(where, &address);
	if (len == 0) {
		complain(
			"'%s' is no address of this machine: --listen wants ADDRESS[:PORT], as 0.0.0.0:8883 or "
			"[::1]:8883",
			where);
		return -1;
	}
	int fd = try_open((struct sockaddr *)&address, len);
	if (fd < 0)
		complain("cannot listen on %s: %s%s", where, strerror(errno),
			errno == EADDRINUSE ? "; --listen ADDRESS:PORT names another port" : "");
	return fd;
}

void server_address_text(
	const struct sockaddr_storage *address, char text[SERVER_ADDRESS_SIZE], uint16_t *port)
{
	char host[SERVER_ADDRESS_SIZE] = "?", service[8] = "0";
	static const char mapped[] = "::ffff:";
	getnameinfo((const struct sockaddr *)address, sizeof(*address), host, sizeof(host), service,
		sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV);
	bool is_mapped =
		strncmp(host, mapped, sizeof(mapped) - 1) == 0 && strchr(host, '.') != NULL;
	snprintf(text, SERVER_ADDRESS_SIZE, "%s", host + (is_mapped ? sizeof(mapped) - 1 : 0));
	*port = (uint16_t)strtoul(service, NULL, 10);
}

/* ---- the loop --------------------------------------------------------------------------------- */

struct guest {
	struct visitor *visitor;
	struct sockaddr_storage peer;
	int64_t time;
};

struct server {
	const struct server_options *options;
	int fd;
	struct guest guests[VISITORS_MAX];
	size_t count;
	bool closed; /* nobody else is wanted */
	bool failed;
};

static int64_t server_now_ms(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Out of descriptors or memory: who is there may end soon. What happened to one connection is its own matter. */
static bool is_lasting(int error)
{
	return error == EBADF || error == EINVAL || error == ENOTSOCK || error == EOPNOTSUPP;
}

static void accept_all(struct server *server, int64_t now_ms)
{
	while (server->count < VISITORS_MAX) {
		struct guest *guest = &server->guests[server->count];
		socklen_t len = sizeof(guest->peer);
		int fd = accept4(server->fd, (struct sockaddr *)&guest->peer, &len,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0 && is_lasting(errno)) {
			complain("cannot accept: %s", strerror(errno));
			server->failed = true;
		}
		if (fd < 0)
			return;
		guest->time = (int64_t)time(NULL);
		guest->visitor = visitor_new(fd, server->options->chain, now_ms);
		server->count += guest->visitor != NULL;
	}
}

/* The last one moves to the place of one that is over. */
static void step_all(struct server *server, const struct pollfd *polled, int64_t now_ms)
{
	for (size_t i = server->count; i-- > 0 && !server->closed;) {
		struct guest *guest = &server->guests[i];
		if (!visitor_step(guest->visitor, polled[i].revents, now_ms))
			continue;
		server->closed = !server->options->over(
			server->options->arg, guest->visitor, &guest->peer, guest->time);
		visitor_free(guest->visitor);
		*guest = server->guests[--server->count];
	}
}

static int timeout_of(const struct server *server, int64_t now_ms)
{
	int64_t least = -1;
	for (size_t i = 0; i < server->count; i++) {
		int64_t left = visitor_deadline(server->guests[i].visitor) - now_ms;
		left = left > 0 ? left : 0;
		least = least < 0 || left < least ? left : least;
	}
	return (int)least;
}

/* Signals come only while it waits. */
static int await_events(struct server *server, struct pollfd *polled, const sigset_t *signals)
{
	int left_ms = timeout_of(server, server_now_ms());
	const struct timespec left = { left_ms / 1000, left_ms % 1000 * 1000000L };
	for (size_t i = 0; i < server->count; i++)
		polled[i] = (struct pollfd){ .fd = visitor_fd(server->guests[i].visitor),
			.events = visitor_events(server->guests[i].visitor) };
	bool is_full = server->count == VISITORS_MAX;
	polled[server->count] =
		(struct pollfd){ .fd = is_full ? -1 : server->fd, .events = POLLIN };
	return ppoll(polled, server->count + 1, left_ms >= 0 ? &left : NULL, signals);
}

static void serve_once(struct server *server, const sigset_t *signals)
{
	struct pollfd polled[VISITORS_MAX + 1];
	if (await_events(server, polled, signals) < 0)
		return; /* a signal; what else there is comes again */
	int64_t now_ms = server_now_ms();
	bool someone = polled[server->count].revents != 0;
	step_all(server, polled, now_ms);
	if (someone && !server->closed)
		accept_all(server, now_ms);
}

int server_run(int fd, const struct server_options *options)
{
	static struct server server;
	sigset_t stops, before;
	server = (struct server){ .options = options, .fd = fd };
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigprocmask(SIG_BLOCK, &stops, &before);
	while (!process_stopped() && !server.closed && !server.failed)
		serve_once(&server, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < server.count; i++)
		visitor_free(server.guests[i].visitor);
	return server.failed ? -1 : 0;
}
