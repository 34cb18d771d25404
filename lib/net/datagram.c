/* SPDX-License-Identifier: MIT
 *
 * datagram.c - a connected, non-blocking UDP socket whose datagrams are counted, and told from repeats.
 */
#include "net/datagram.h"

#include <errno.h>
#include <sys/socket.h>

enum { TURNS_MAX = 16 }; /* of what brings nothing, in one call */

/* ---- sending and receiving ------------------------------------------------------------------- */

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
static ssize_t nothing(struct tbdi_socket *socket)
{
	errno = EAGAIN;
	if (socket->unreachable == 0 || socket->bytes_in > 0)
		return -1;
	socket->recv_error = errno = socket->unreachable;
	return -1;
}

ssize_t tbdi_datagram_recv(struct tbdi_socket *socket, void *buffer, size_t size)
{
	for (int turn = 0; turn < TURNS_MAX; turn++) {
		ssize_t got = recv(socket->fd, buffer, size, MSG_TRUNC);
		if (got > 0) {
			note_received(socket, (size_t)got);
			if ((size_t)got <= size)
				return got;
		} else if (got < 0 && errno == EAGAIN) {
			return nothing(socket);
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

ssize_t tbdi_datagram_send(struct tbdi_socket *socket, const struct iovec *parts, int count)
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
	for (int turn = 0; turn < TURNS_MAX && sent < 0; turn++) {
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
static bool add(struct tbdi_positions *positions, uint64_t position)
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
	if (position_of(data, len, &position) && add(&datagrams->sent, position))
		datagrams->pub.sent_again++;
}

void tbdi_datagrams_received(struct tbdi_datagrams *datagrams, const void *data, size_t len)
{
	uint64_t position = 0;
	if (position_of(data, len, &position) && add(&datagrams->received, position))
		datagrams->pub.received_again++;
}

void tbdi_datagrams_begin(struct tbdi_datagrams *datagrams)
{
	datagrams->sent.count = 0;
	datagrams->received.count = 0;
}
