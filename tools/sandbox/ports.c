/* SPDX-License-Identifier: MIT
 *
 * ports.c - loopback ports that nobody else takes before a server listens on them.
 */
#include "tools/cli/tool.h"

#include "ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int close_failed(int fd)
{
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool share(int fd)
{
	int on = 1;
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0;
}

/* A socket bound to this address, or -1 with errno set. Of UDP, two sockets that share may be given the
 * same free port: it shares only when it has one. */
static int bind_to(enum ports_kind kind, const struct sockaddr *address, socklen_t len)
{
	int on = 1;
	int type = kind == PORTS_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (kind == PORTS_TCP && !share(fd))
		return close_failed(fd);
	if (address->sa_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return close_failed(fd);
	if (bind(fd, address, len) < 0 || (kind == PORTS_UDP && !share(fd)))
		return close_failed(fd);
	return fd;
}

static int bind_ipv4(enum ports_kind kind, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	return bind_to(kind, (const struct sockaddr *)&address, sizeof(address));
}

static int bind_ipv6(enum ports_kind kind, uint16_t port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	return bind_to(kind, (const struct sockaddr *)&address, sizeof(address));
}

bool ports_have_ipv6(void)
{
	int fd = bind_ipv6(PORTS_TCP, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 ? ntohs(address.sin_port)
								       : 0;
}

static int reserve_once(struct ports *ports, enum ports_kind kind, uint16_t wanted, bool ipv6)
{
	*ports = (struct ports){ .fds = { -1, -1 } };
	ports->fds[0] = bind_ipv4(kind, wanted);
	if (ports->fds[0] < 0)
		return -1;
	ports->port = bound_port(ports->fds[0]);
	if (!ipv6)
		return 0;
	ports->fds[1] = bind_ipv6(kind, ports->port);
	if (ports->fds[1] >= 0)
		return 0;
	int saved = errno;
	ports_release(ports);
	errno = saved;
	return -1;
}

int ports_reserve(struct ports *ports, enum ports_kind kind, uint16_t wanted, bool ipv6)
{
	/* A port that is free on 127.0.0.1 may be taken on ::1. */
	int tries = wanted == 0 ? 32 : 1;
	int rc = -1;
	do {
		rc = reserve_once(ports, kind, wanted, ipv6);
	} while (rc < 0 && errno == EADDRINUSE && --tries > 0);
	return rc;
}

void ports_release(struct ports *ports)
{
	for (size_t i = 0; i < 2; i++) {
		if (ports->fds[i] >= 0)
			close(ports->fds[i]);
		ports->fds[i] = -1;
	}
}
