/* SPDX-License-Identifier: MIT
 *
 * socket.c - a connected, non-blocking socket that remembers what is needed to explain its end.
 */
#include "net/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DRAIN_TURNS_MAX = 16,
	DATAGRAM_TURNS_MAX = 16, /* of what brings nothing, in one call */
};

/* ---- one datagram ---------------------------------------------------------------------------- */

/* What a router or the peer's machine said by ICMP, of a datagram that was sent before. */
static bool is_icmp(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
		error == EHOSTDOWN || error == ENOPROTOOPT || error == EPROTO;
}

static void note_received(struct tbdi_socket *socket, size_t len)
{
	struct tbd_datagrams *seen = &socket->datagrams->pub;
	seen->received++;
	if (len > seen->largest_received)
		seen->largest_received = len;
}

/* Nothing is waiting. */
static ssize_t datagram_none(struct tbdi_socket *socket)
{
	errno = EAGAIN;
	if (socket->unreachable == 0 || socket->bytes_in > 0)
		return -1;
	socket->recv_error = errno = socket->unreachable;
	return -1;
}

static ssize_t datagram_recv(struct tbdi_socket *socket, void *buffer, size_t size)
{
	for (int turn = 0; turn < DATAGRAM_TURNS_MAX; turn++) {
		ssize_t got = recv(socket->fd, buffer, size, MSG_TRUNC);
		if (got > 0) {
			note_received(socket, (size_t)got);
			if ((size_t)got <= size)
				return got;
		} else if (got < 0 && errno == EAGAIN) {
			return datagram_none(socket);
		} else if (got < 0 && is_icmp(errno)) {
			socket->unreachable = errno;
		} else if (got < 0 && errno != EINTR) {
			socket->recv_error = errno;
			return -1;
		}
	}
	errno = EAGAIN;
	return -1;
}

static ssize_t datagram_send(struct tbdi_socket *socket, const struct iovec *parts, int count)
{
	struct tbd_datagrams *seen = &socket->datagrams->pub;
	struct iovec copy[16];
	size_t total = 0;
	if (count < 0 || (size_t)count > TBDI_COUNT(copy))
		return (ssize_t)total; /* never: GnuTLS gathers no more than 8 */
	for (int i = 0; i < count; i++) {
		copy[i] = parts[i];
		total += parts[i].iov_len;
	}
	struct msghdr message = { .msg_iov = copy, .msg_iovlen = (size_t)count };
	ssize_t sent = -1;
	/* What ICMP said of an earlier one is told instead of sending this one. */
	for (int turn = 0; turn < DATAGRAM_TURNS_MAX && sent < 0; turn++) {
		sent = sendmsg(socket->fd, &message, MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN)
			return -1;
		if (sent < 0 && is_icmp(errno))
			socket->unreachable = errno;
		else if (sent < 0 && errno != EINTR)
			break;
	}
	seen->sent++;
	if (total > seen->largest_sent)
		seen->largest_sent = total;
	return (ssize_t)total;
}

/* ---- a socket -------------------------------------------------------------------------------- */

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
		got = socket->datagrams != NULL ? datagram_recv(socket, buffer, size)
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
		return datagram_send(socket, parts, count);
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

/* ---- repeats --------------------------------------------------------------------------------- */

/* RFC 6347 4.1 and 4.2.2 */
enum {
	RECORD_HEADER = 13,
	TYPE_HANDSHAKE = 22,
	AT_EPOCH = 3,
	AT_LENGTH = 11,
	HANDSHAKE_HEADER = 12,
	AT_MESSAGE_SEQ = 4,
	AT_FRAGMENT = 6,
};

static uint64_t number_at(const unsigned char *bytes, size_t len)
{
	uint64_t number = 0;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Where the first handshake message that can be read begins; false: there is none. Every flight has one that
 * is not encrypted but the server's last. */
static bool position_of(const unsigned char *data, size_t len, uint64_t *position)
{
	while (len >= RECORD_HEADER + HANDSHAKE_HEADER) {
		size_t record = RECORD_HEADER + number_at(data + AT_LENGTH, 2);
		const unsigned char *message = data + RECORD_HEADER;
		if (data[0] == TYPE_HANDSHAKE && number_at(data + AT_EPOCH, 2) == 0) {
			*position = number_at(message + AT_MESSAGE_SEQ, 2) << 24 |
				number_at(message + AT_FRAGMENT, 3);
			return true;
		}
		if (record >= len)
			return false;
		data += record;
		len -= record;
	}
	return false;
}

/* True: it was there before. */
static bool position_add(struct tbdi_positions *positions, uint64_t position)
{
	for (size_t i = 0; i < positions->count; i++)
		if (positions->items[i] == position)
			return true;
	if (positions->count < TBDI_POSITIONS_MAX)
		positions->items[positions->count++] = position;
	return false;
}

void tbdi_datagrams_sent(struct tbdi_datagrams *datagrams, const void *data, size_t len)
{
	uint64_t position = 0;
	if (position_of(data, len, &position) && position_add(&datagrams->sent, position))
		datagrams->pub.sent_again++;
}

void tbdi_datagrams_received(struct tbdi_datagrams *datagrams, const void *data, size_t len)
{
	uint64_t position = 0;
	if (position_of(data, len, &position) && position_add(&datagrams->received, position))
		datagrams->pub.received_again++;
}

void tbdi_datagrams_begin(struct tbdi_datagrams *datagrams)
{
	datagrams->sent.count = 0;
	datagrams->received.count = 0;
}
