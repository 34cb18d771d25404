/* SPDX-License-Identifier: MIT
 *
 * socket.c - a connected, non-blocking socket that remembers what is needed to explain its end.
 */
#include "net/socket.h"

#include "net/datagram.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAIN_TURNS_MAX = 16 };

static void keep_first(struct tbdi_socket *socket, const void *data, size_t len)
{
	if (socket->bytes_in < sizeof(socket->first)) {
		size_t room = sizeof(socket->first) - socket->bytes_in;
		memcpy(socket->first + socket->bytes_in, data, len < room ? len : room);
	}
	socket->bytes_in += len;
}

ssize_t tbdi_socket_recv(struct tbdi_socket *socket, void *buffer, size_t size)
{
	ssize_t got;
	do
		got = socket->datagrams != NULL ? tbdi_datagram_recv(socket, buffer, size)
						: recv(socket->fd, buffer, size, 0);
	while (got < 0 && errno == EINTR);
	/* The failed send has taken the socket's error with it (EPIPE: a FIN had come before). */
	if (got == 0 && socket->send_error != 0 && socket->send_error != EPIPE) {
		errno = socket->send_error;
		got = -1;
	}
	if (got > 0)
		keep_first(socket, buffer, (size_t)got);
	else if (got == 0)
		socket->eof = true;
	else if (errno != EAGAIN)
		socket->recv_error = errno;
	return got;
}

ssize_t tbdi_socket_send(struct tbdi_socket *socket, const struct iovec *parts, int count)
{
	if (socket->datagrams != NULL)
		return tbdi_datagram_send(socket, parts, count);
	struct iovec copy[16];
	size_t total = 0;
	if (count < 0 || (size_t)count > TBDI_COUNT(copy))
		count = (int)TBDI_COUNT(copy);
	for (int i = 0; i < count; i++) {
		copy[i] = parts[i];
		total += parts[i].iov_len;
	}
	struct msghdr message = { .msg_iov = copy, .msg_iovlen = (size_t)count };
	ssize_t sent;
	do
		sent = sendmsg(socket->fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0 || errno == EAGAIN)
		return sent;
	if (socket->send_error == 0)
		socket->send_error = errno;
	return (ssize_t)total;
}

/* Content types 20 to 23, and the major version that all of SSL 3 and TLS have. */
bool tbdi_socket_speaks_tls(const struct tbdi_socket *socket)
{
	const unsigned char *first = socket->first;
	unsigned char major = socket->datagrams != NULL ? 254 : 3; /* DTLS counts down */
	return socket->bytes_in == 0 ||
		(first[0] >= 20 && first[0] <= 23 && (socket->bytes_in < 2 || first[1] == major));
}

int tbdi_socket_shutdown(struct tbdi_socket *socket)
{
	return shutdown(socket->fd, SHUT_WR);
}

bool tbdi_socket_drain(struct tbdi_socket *socket)
{
	unsigned char unread[4096];
	ssize_t got = 1;
	for (int turn = 0; got > 0 && turn < DRAIN_TURNS_MAX; turn++)
		got = recv(socket->fd, unread, sizeof(unread), 0);
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void tbdi_socket_close(struct tbdi_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}
