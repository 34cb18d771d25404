/* SPDX-License-Identifier: MIT
 *
 * stream.h - one open connection to a peer, TLS or plain, as bytes. Never blocks.
 */
#ifndef TBDI_STREAM_H
#define TBDI_STREAM_H

#include "net/socket.h"

struct tbdi_report;
struct tbdi_stream;
struct tbdi_tls;
struct tbdi_websocket;

/* A stream without TLS over a connected, non-blocking socket, which it owns from now on. With datagrams (of
 * the report) it is UDP, and each read and write is one of them; of TCP: NULL. NULL: out of memory (and the
 * socket is still the caller's). */
struct tbdi_stream *tbdi_stream_new(
	int fd, struct tbdi_datagrams *datagrams, bool may_carry_secrets);

/* The same over a TLS session whose handshake went well. */
struct tbdi_stream *tbdi_stream_new_tls(struct tbdi_tls *tls, bool may_carry_secrets);

int tbdi_stream_fd(const struct tbdi_stream *stream);

/* The peer was verified, or the caller has asked for less: a plain scheme, or insecure. The one
 * question that is asked before a secret goes out. */
bool tbdi_stream_may_carry_secrets(const struct tbdi_stream *stream);

/* What poll() has to wait for so that a read, or a write, can go on: POLLIN and POLLOUT. */
short tbdi_stream_read_events(const struct tbdi_stream *stream);
short tbdi_stream_write_events(const struct tbdi_stream *stream);

/* Decrypted bytes are waiting that no event of the descriptor will announce. */
bool tbdi_stream_pending(const struct tbdi_stream *stream);

/* Bytes read, or one of the above. */
ssize_t tbdi_stream_read(struct tbdi_stream *stream, void *buffer, size_t size);

/* Bytes written (> 0), or AGAIN, after which the same bytes have to be offered again, or FAILED. Bytes
 * for a peer that is gone count as written: its last words may be waiting, so that the next read tells
 * how the connection ended. */
ssize_t tbdi_stream_write(struct tbdi_stream *stream, const void *buffer, size_t len);

/* Say that nothing more will be written (close_notify, FIN). 0 or AGAIN or FAILED. */
int tbdi_stream_bye(struct tbdi_stream *stream);

/* The errno that reading ended with, of a stream without TLS; else 0. */
int tbdi_stream_error(const struct tbdi_stream *stream);

/* How the connection ended: NONE while it is open. Alert: the number the peer sent, or -1. */
enum tbd_end tbdi_stream_end(const struct tbdi_stream *stream);
int tbdi_stream_alert(const struct tbdi_stream *stream);

/* From now on its bytes go in frames of this WebSocket, which it owns. */
void tbdi_stream_frame(struct tbdi_stream *stream, struct tbdi_websocket *websocket);

/* What is wrong with the peer's frames, for a person; NULL: nothing, or there are none. */
const char *tbdi_stream_fault(const struct tbdi_stream *stream);

void tbdi_stream_free(struct tbdi_stream *stream);

/* Give the stream to the report, which has none yet. NULL counts as out of memory. TBD_E_NOMEM: what the
 * stream was made of is still the caller's. */
int tbdi_stream_keep(struct tbdi_stream *stream, struct tbdi_report *report) TBDI_MUST_CHECK;

/* Free the one that a report keeps, if there is one. */
void tbdi_stream_close(struct tbdi_report *report);

#endif
