/* SPDX-License-Identifier: MIT
 *
 * websocket.h - the frames of a WebSocket's client (RFC 6455 5) round the bytes of a stream. Pure: no descriptor.
 */
#ifndef TBDI_WEBSOCKET_H
#define TBDI_WEBSOCKET_H

#include "base/common.h"

struct tbdi_websocket;

/* `early` came behind the head of the server's answer, and is read first. NULL: out of memory, or there was too much
 * of it. */
struct tbdi_websocket *tbdi_websocket_new(const void *early, size_t len);

/* Wipes what was sent. NULL is allowed. */
void tbdi_websocket_free(struct tbdi_websocket *websocket);

enum { TBDI_WEBSOCKET_PAYLOAD = 16 * 1024 }; /* of a frame of ours */

/* Make a binary frame of these bytes, at most TBDI_WEBSOCKET_PAYLOAD, unless one is still to be sent: then nothing happens,
 * and the same bytes have to be offered again. False: there is no random number to mask them with. */
bool tbdi_websocket_offer(struct tbdi_websocket *websocket, const void *data, size_t len);

/* The same for the close frame (status 1000), once. */
bool tbdi_websocket_offer_close(struct tbdi_websocket *websocket);

/* Bytes that were offered are on their way. */
bool tbdi_websocket_is_offered(const struct tbdi_websocket *websocket);

/* What is to be written to the peer now; *len 0: nothing. tbdi_websocket_sent() tells how much was; it returns the number
 * of bytes that were offered, once their frame is sent to the end, else 0. */
const void *tbdi_websocket_pending(const struct tbdi_websocket *websocket, size_t *len);
size_t tbdi_websocket_sent(struct tbdi_websocket *websocket, size_t len);

/* Take bytes that came early, as if they were read now; 0: there are none. */
size_t tbdi_websocket_take_early(struct tbdi_websocket *websocket, void *buffer, size_t size);

/* Leave of the peer's bytes only what the frames carry. The new length. A ping is answered by what is pending
 * next. */
size_t tbdi_websocket_unwrap(struct tbdi_websocket *websocket, void *buffer, size_t len);

/* The peer has closed the WebSocket; its status (RFC 6455 7.4), 1005: it gave none. 0: it has not. */
int tbdi_websocket_closed(const struct tbdi_websocket *websocket);

/* What is wrong with its frames, for a person; NULL: nothing. Nothing more is read then. */
const char *tbdi_websocket_fault(const struct tbdi_websocket *websocket);

#endif
