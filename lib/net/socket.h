/* SPDX-License-Identifier: MIT
 *
 * socket.h - a connected, non-blocking socket of TCP, or of UDP, that remembers what is needed to explain its
 * end.
 */
#ifndef TBDI_SOCKET_H
#define TBDI_SOCKET_H

#include "base/common.h"

#include <sys/types.h>
#include <sys/uio.h>

struct tbdi_datagrams;

enum { TBDI_SOCKET_FIRST_MAX = 64 };

struct tbdi_socket {
	int fd;         /* or -1 */
	int send_error; /* errno of the send that failed, or 0 */
	int recv_error; /* the same of recv, EAGAIN apart */
	bool eof;       /* the peer's FIN was read */
	size_t bytes_in;
	unsigned char first[TBDI_SOCKET_FIRST_MAX]; /* the first of them */
	struct tbdi_datagrams *datagrams;           /* of the report; NULL: it is TCP */
	int unreachable;                            /* UDP: what ICMP said last, or 0 */
};

/* As recv() and sendmsg(), without SIGPIPE, -1 and errno; EINTR is dealt with.
 *
 * A send that fails because the peer is gone is not a failure yet: the peer's last words (an alert, a
 * refusal) may be waiting to be read. It counts as sent, and the next read that finds nothing tells
 * how the connection ended: 0 after a FIN, ECONNRESET after a reset.
 *
 * Of UDP it is one datagram; what is sent and cannot be is lost. Empty datagrams and those larger than the
 * buffer are dropped. ICMP may say that nothing is there (ECONNREFUSED ...) while something is: it is believed
 * only when nothing has ever come, and nothing is waiting. */
ssize_t tbdi_socket_recv(struct tbdi_socket *socket, void *buffer, size_t size);
ssize_t tbdi_socket_send(struct tbdi_socket *socket, const struct iovec *parts, int count);

/* What came, if anything, may be TLS. */
bool tbdi_socket_speaks_tls(const struct tbdi_socket *socket);

/* Nothing more will be sent. 0, or -1 and errno. */
int tbdi_socket_shutdown(struct tbdi_socket *socket);

/* Throw away what has come. True: the peer is done, too. To close with something unread would be a
 * reset, which can overtake our last words. */
bool tbdi_socket_drain(struct tbdi_socket *socket);

void tbdi_socket_close(struct tbdi_socket *socket);

/* What a read or write of a stream, or of a TLS session, came to, besides a number of bytes > 0. */
enum {
	TBDI_STREAM_END = 0,    /* the peer is done; see tbdi_stream_end() */
	TBDI_STREAM_AGAIN = -1, /* wait for tbdi_stream_fd() and offer the same bytes again */
	TBDI_STREAM_FAILED = -2 /* the connection is broken; see tbdi_stream_end() */
};

/* ---- datagrams: counted, and told from repeats ----------------------------------------------- */

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

/* This datagram of DTLS was sent, or came: is it a repeat of a handshake message (RFC 6347 4.2.4)? */
void tbdi_datagrams_sent(struct tbdi_datagrams *datagrams, const void *data, size_t len);
void tbdi_datagrams_received(struct tbdi_datagrams *datagrams, const void *data, size_t len);

/* A new handshake begins, whose messages are none of the old ones. */
void tbdi_datagrams_begin(struct tbdi_datagrams *datagrams);

/* ---- coap-ping.c: whether CoAP in clear is spoken at an address ------------------------------ */

/* An empty confirmable message is answered by a Reset (RFC 7252 4.3), and tells nothing of us. */
struct tbdi_coap_ping {
	struct tbdi_socket socket; /* the descriptor stays the caller's */
	unsigned char id[2];
	int64_t wait_us;
	int64_t again_us; /* when it is to be sent again (report time) */
};

/* Over this socket of UDP, connected and non-blocking. */
void tbdi_coap_ping_begin(struct tbdi_coap_ping *ping, int fd, struct tbdi_datagrams *datagrams);

/* Send what is due, see what came. 1: it was answered, 0: wait, until again_us or for input; negative: what ICMP
 * said, as -errno. now_us: report time. */
int tbdi_coap_ping_step(struct tbdi_coap_ping *ping, int64_t now_us);

#endif
