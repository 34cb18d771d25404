/* SPDX-License-Identifier: MIT
 *
 * link.h - carries bytes between a protocol library and a stream: the library dials a private socket
 * that only this process can reach, the link pumps. One thread, one poll(), nothing blocks.
 */
#ifndef TBDI_LINK_H
#define TBDI_LINK_H

#include "base/common.h"

#include <poll.h>

struct tbdi_link;
struct tbdi_stream;

/* Sees the clear bytes of both directions; both functions are required. */
struct tbdi_link_observer {
	void (*sent)(void *arg, const void *data, size_t len); /* the stream took them */
	/* The peer sent them. False: keep them from the protocol library. */
	bool (*received)(void *arg, const void *data, size_t len);
	void *arg;
};

/* A link over a stream, which stays the caller's and must live longer. Until a library is connected, the
 * link only reads, and keeps what comes. */
int tbdi_link_new(struct tbdi_stream *stream, const struct tbdi_link_observer *observer,
	struct tbdi_link **out, struct tbd_error *error);

/* Wipes its buffers. NULL is allowed. */
void tbdi_link_free(struct tbdi_link *link);

/* Listen on a socket in a new directory that nobody else can enter, under XDG_RUNTIME_DIR if only this
 * user can write there, else under /tmp. *path belongs to the link. */
int tbdi_link_listen(struct tbdi_link *link, const char **path, struct tbd_error *error);

/* Take the connection of the library, which has dialled. Socket and directory are gone afterwards,
 * whatever is returned; no byte has been carried yet. TBD_E_SYSTEM also when it was not this process that
 * dialled. */
int tbdi_link_accept(struct tbdi_link *link, struct tbd_error *error);

/* The same for a library of datagrams: bind a socket of UDP to a free port of 127.0.0.1, then, when the library
 * has one of its own that is connected to it, connect to that: nobody else's datagrams come in from then on,
 * and those that came before are dropped. TBD_E_SYSTEM. */
int tbdi_link_bind(struct tbdi_link *link, uint16_t *port, struct tbd_error *error);
int tbdi_link_join(struct tbdi_link *link, uint16_t port, struct tbd_error *error);

/* The library of datagrams has closed its socket, which shows nowhere: what it sent before is its last. */
void tbdi_link_part(struct tbdi_link *link);

/* Write down what to wait for; fd is -1 where there is nothing. False: do not wait, there are bytes no
 * event will announce. */
bool tbdi_link_prepare(const struct tbdi_link *link, struct pollfd fds[2]);
enum { TBDI_LINK_FDS = 2 };

/* Carry what can be carried now. */
void tbdi_link_pump(struct tbdi_link *link);

/* The peer's side is over, and the library has been given all that came before its end. */
bool tbdi_link_is_over(const struct tbdi_link *link);

/* The library has closed its side, and all it wrote has been sent, or cannot be. */
bool tbdi_link_is_flushed(const struct tbdi_link *link);

#endif
