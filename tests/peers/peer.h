/* SPDX-License-Identifier: MIT
 *
 * peer.h - a server in a thread of the test, that behaves exactly as badly as it is told to.
 *
 *     static const struct peer_step script[] = {
 *             { .op = PEER_HANDSHAKE },
 *             { .op = PEER_READ, .number = 2 },
 *             { .op = PEER_SEND, PEER_BYTES("\x20\x02\x00\x05") },
 *             { .op = PEER_END },
 *     };
 *     struct peer *peer = peer_new(script, &(struct peer_tls){ .chain = chain });
 *     ... peer_port(peer) ...
 *     peer_free(peer);
 *
 * Every connection gets the script from its beginning, one after the other. What goes wrong in making a
 * peer ends the program. A step that cannot be done ends the connection.
 */
#ifndef PEER_H
#define PEER_H

#include "certs/mint.h"

#include <netinet/in.h>

enum peer_op {
	PEER_END,       /* close in order: close_notify after a handshake, FIN */
	PEER_FIN,       /* close without a close_notify */
	PEER_RESET,     /* RST */
	PEER_READ,      /* until `number` bytes more have come, 0: anything; or the client closes */
	PEER_DRAIN,     /* read until the client closes */
	PEER_SEND,      /* these bytes, in TLS after a handshake */
	PEER_SEND_RAW,  /* these bytes, never in TLS */
	PEER_FLOOD,     /* these bytes `number` times, 0: until the client is gone */
	PEER_DRIP,      /* these bytes, each in a record or segment of its own */
	PEER_HANDSHAKE, /* as TLS server */
	PEER_ALERT,     /* fatal alert `number`; in clear before a handshake */
	PEER_KEY_UPDATE,  /* TLS 1.3 */
	PEER_RENEGOTIATE, /* TLS 1.2: ask for it, and go on when the client declines */
	PEER_CALL,        /* a function of the test, in the peer's thread */
};

struct peer;

struct peer_step {
	enum peer_op op;
	const void *data;
	size_t len;
	int number;
	void (*call)(struct peer *peer, void *arg);
	void *arg;
};

#define PEER_BYTES(literal) .data = (literal), .len = sizeof(literal) - 1

/* clang-format off */
#define STEP_HANDSHAKE { .op = PEER_HANDSHAKE }
#define STEP_READ { .op = PEER_READ }
#define STEP_SEND(bytes) { .op = PEER_SEND, PEER_BYTES(bytes) }
#define STEP_DRIP(bytes) { .op = PEER_DRIP, PEER_BYTES(bytes) }
#define STEP_ALERT(alert) { .op = PEER_ALERT, .number = (alert) }
#define STEP_CALL(function) { .op = PEER_CALL, .call = (function) }
#define STEP_DRAIN { .op = PEER_DRAIN }
#define STEP_RESET { .op = PEER_RESET }
#define STEP_FIN { .op = PEER_FIN }
#define STEP_END { .op = PEER_END }
/* clang-format on */

/* What is sent is read to the end and not answered; after a handshake, or without one. */
extern const struct peer_step peer_whole[];
extern const struct peer_step peer_silent[];

struct peer_tls {
	const struct mint_cert *const *chain; /* as sent, NULL at the end; the first one's key */
	const gnutls_datum_t *more;           /* sent behind them: any bytes */
	size_t more_count;
	const char *priorities;                   /* NULL: "NORMAL" */
	gnutls_certificate_request_t client_cert; /* default: do not ask */
	bool no_tickets;
	size_t most;      /* bytes sent at a time; 0: as they come */
	size_t cut_after; /* RST after so many bytes; 0: never */
	const char *name; /* a client that sends another server name, or none, gets `nameless` */
	const struct mint_cert *const *nameless; /* NULL: the same as everybody */
};

/* End the program, saying what could not be done, unless it is good. */
void peer_must(bool good, const char *what);

/* Serve on a free port of 127.0.0.1. tls may be NULL when the script makes no handshake. The script and
 * the priorities of tls must outlive the peer; the rest is copied. */
struct peer *peer_new(const struct peer_step *script, const struct peer_tls *tls);

/* The same on any address, and on this port if it is not 0. NULL: the address cannot be had. */
struct peer *peer_new_at(const char *address, uint16_t port, const struct peer_step *script,
	const struct peer_tls *tls);

/* Stop, wherever it is. */
void peer_free(struct peer *peer);

uint16_t peer_port(const struct peer *peer);

/* ---- what it saw; wait for it with peer_join() ----------------------------------------------- */

/* Wait until this many connections have been served to their end, at most 10 s. */
void peer_wait(struct peer *peer, unsigned connections);

unsigned peer_connections(struct peer *peer);               /* accepted so far */
size_t peer_received(struct peer *peer, const void **data); /* in clear, of all connections */
int peer_alert(struct peer *peer);     /* the last alert the client sent, or -1 */
int peer_handshake(struct peer *peer); /* what gnutls_handshake() came to */
bool peer_server_name(struct peer *peer, char name[256]); /* the client sent one */

/* ---- for PEER_CALL --------------------------------------------------------------------------- */

int peer_fd(struct peer *peer);
gnutls_session_t peer_session(struct peer *peer); /* NULL before PEER_HANDSHAKE */

/* Send these bytes, never in TLS, until this many have gone or the client has closed. */
void peer_flood(struct peer *peer, const void *data, size_t len, size_t total);

/* Wait until GnuTLS can go on. False: the peer is to stop. */
bool peer_wait_session(struct peer *peer);

/* All of these bytes, in TLS after a handshake; not kept for peer_received(). False: the connection is over. */
bool peer_read(struct peer *peer, void *data, size_t len);
bool peer_write(struct peer *peer, const void *data, size_t len);

/* However the script goes on, it ends in a RST. */
void peer_reset(struct peer *peer);

/* The rest of what a test needs of ports: one that refuses (the descriptor keeps it), and one where no
 * SYN is answered. -1: the address cannot be had. */
int peer_refusing(const char *address, uint16_t *port);
int peer_listening(uint16_t *port); /* on 127.0.0.1, for a test that accepts by itself */
int peer_dial(uint16_t port);       /* there; does not block afterwards */
struct peer_hole {
	int listener;
	int filler;
};
int peer_hole(struct peer_hole *hole, const char *address, uint16_t *port);
void peer_hole_close(struct peer_hole *hole);

#endif
