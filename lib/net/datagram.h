/* SPDX-License-Identifier: MIT
 *
 * datagram.h - a connected, non-blocking UDP socket whose datagrams are counted, and told from repeats.
 */
#ifndef TBDI_DATAGRAM_H
#define TBDI_DATAGRAM_H

#include "net/socket.h"

enum { TBDI_POSITIONS_MAX = 128 }; /* beyond that repeats are not recognised */

/* Where handshake messages, or parts of them, begin: message_seq and fragment_offset. */
struct tbdi_positions {
	uint64_t items[TBDI_POSITIONS_MAX];
	size_t count;
};

struct tbdi_datagrams {
	struct tbd_datagrams pub; /* of the report */
	struct tbdi_positions sent;
	struct tbdi_positions received;
};

/* As tbdi_socket_recv() and tbdi_socket_send(), of one datagram; what is sent and cannot be is lost. Empty
 * datagrams and those larger than the buffer are dropped. ICMP may say that nothing is there (ECONNREFUSED ...)
 * while something is: it is believed only when nothing has ever come, and nothing is waiting. */
ssize_t tbdi_datagram_recv(struct tbdi_socket *socket, void *buffer, size_t size);
ssize_t tbdi_datagram_send(struct tbdi_socket *socket, const struct iovec *parts, int count);

/* This datagram of DTLS was sent, or came: is it a repeat of a handshake message (RFC 6347 4.2.4)? */
void tbdi_datagrams_sent(struct tbdi_datagrams *datagrams, const void *data, size_t len);
void tbdi_datagrams_received(struct tbdi_datagrams *datagrams, const void *data, size_t len);

/* A new handshake begins, whose messages are none of the old ones. */
void tbdi_datagrams_begin(struct tbdi_datagrams *datagrams);

#endif
