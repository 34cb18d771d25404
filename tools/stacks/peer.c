/* SPDX-License-Identifier: MIT
 *
 * peer.c - the other end of a stack's handshake: the replay server, or a real one.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/peer.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int peer_put(struct peer *peer, const void *data, size_t len)
{
	if (peer->replay != NULL) {
		replay_put(peer->replay, data, len);
		return 0;
	}
	const char *at = data;
	while (len > 0) {
		ssize_t sent = send(peer->fd, at, len, MSG_NOSIGNAL);
		if (sent < 0)
			return -1;
		at += sent;
		len -= (size_t)sent;
	}
	return 0;
}

size_t peer_take(struct peer *peer, void *buffer, size_t size)
{
	if (peer->replay != NULL)
		return replay_take(peer->replay, buffer, size);
	ssize_t got = recv(peer->fd, buffer, size, 0);
	return got > 0 ? (size_t)got : 0;
}

static int dial(const struct addrinfo *where)
{
	static const struct timeval patience = { .tv_sec = 10 };
	int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
		connect(fd, where->ai_addr, where->ai_addrlen) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int peer_dial(const char *address)
{
	static const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL;
	char *host = colon == NULL ? NULL : strndup(address, (size_t)(colon - address));
	int fd = -1;
	errno = EINVAL;
	if (host != NULL && getaddrinfo(host, colon + 1, &hints, &found) == 0) {
		fd = dial(found);
		freeaddrinfo(found);
	}
	free(host);
	return fd;
}
