/* SPDX-License-Identifier: MIT
 *
 * replay.h - a TLS 1.2 server without a key: it shows a captured chain to a client, and hears what the client says.
 *
 * Every TLS 1.2 client judges the chain when the Certificate message is complete, before anything that a private key
 * has made. So the server answers a ClientHello by ServerHello and Certificate, and says no more:
 *
 *     struct replay *replay = replay_new(chain, count);
 *     replay_put(replay, bytes, len);                 what came from the client
 *     len = replay_take(replay, buffer, size);        what goes to the client
 *     if (replay_state(replay) == REPLAY_SHOWN) ...   a client that now waits for more has accepted the chain
 *
 * The handshake cannot be finished, so no client ever sends what it would send over TLS. All bytes of a client are
 * taken for hostile; memory for one replay is bounded. No function blocks or knows a socket.
 */
#ifndef STACKS_REPLAY_H
#define STACKS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPLAY_LIST_MAX = 128,           /* more than any client offers of a kind */
	REPLAY_NAME_MAX = 255,           /* a server name, RFC 6066 */
	REPLAY_ALPN_MAX = 16,            /* protocols of ALPN */
	REPLAY_CHAIN_MAX = 100,          /* certificates */
	REPLAY_MESSAGE_MAX = 256 * 1024, /* bytes of the Certificate message */
	REPLAY_HELLO_MAX = 64 * 1024,    /* bytes of a ClientHello */
};

struct replay_bytes {
	const uint8_t *data;
	size_t len;
};

/* Numbers as the client sent them, in its order; what exceeds REPLAY_LIST_MAX is left out. */
struct replay_list {
	uint16_t value[REPLAY_LIST_MAX];
	size_t count;
};

/* What a ClientHello offers. Reserved numbers (GREASE, RFC 8701) are among the lists. */
struct replay_hello {
	uint16_t version;            /* legacy_version: 0x0303 is TLS 1.2 */
	struct replay_list versions; /* of supported_versions; empty: the extension is absent */
	struct replay_list suites;
	struct replay_list groups;     /* of supported_groups; empty: the extension is absent */
	struct replay_list signatures; /* of signature_algorithms; empty: the extension is absent */
	struct replay_list extensions; /* types of all extensions */
	char name[REPLAY_NAME_MAX +
		1]; /* SNI; "" without. Bytes of the client, without NUL, otherwise unchecked. */
	char alpn[REPLAY_ALPN_MAX][REPLAY_NAME_MAX + 1]; /* likewise */
	size_t alpn_count;
	unsigned max_fragment;   /* of max_fragment_length, in bytes; 0 without */
	bool renegotiation_info; /* asked for, by extension or by TLS_EMPTY_RENEGOTIATION_INFO_SCSV */
};

enum replay_state {
	REPLAY_WAITING, /* no whole ClientHello yet */
	REPLAY_SHOWN,   /* ServerHello and Certificate are written */
	REPLAY_REFUSED, /* an alert of the client; replay_alert() says which */
	REPLAY_NO_VERSION, /* the client does not offer TLS 1.2; the alert protocol_version (70) is written */
	REPLAY_NO_SUITE, /* nothing the client offers fits the leaf's key; handshake_failure (40) is written */
	REPLAY_ALIEN, /* the client does not speak TLS, or breaks its rules */
};

struct replay;

/* A server for one connection that shows these certificates, as DER and the leaf first; they stay the caller's and have to
 * live as long. What is not DER is shown as it is. NULL when memory is out (errno ENOMEM), or for no certificate or
 * more bytes than REPLAY_MESSAGE_MAX, or certificates than REPLAY_CHAIN_MAX (EMSGSIZE). */
struct replay *replay_new(const struct replay_bytes *chain, size_t count);
void replay_free(struct replay *replay);

/* Bytes from the client, cut as they came. Once the state is final, that is neither REPLAY_WAITING nor
 * REPLAY_SHOWN, what comes is ignored. */
void replay_put(struct replay *replay, const void *data, size_t len);

/* Move at most `size` bytes for the client into `buffer`: how many these are, 0 when there are none now. */
size_t replay_take(struct replay *replay, void *buffer, size_t size);

enum replay_state replay_state(const struct replay *replay);

/* The client's ClientHello; NULL before it came. It lives as long as `replay`. */
const struct replay_hello *replay_hello(const struct replay *replay);

/* The alert that the client sent (RFC 8446, 6), or -1. close_notify (0) leaves the state as it was. */
int replay_alert(const struct replay *replay);

/* The cipher suite that the ServerHello took; 0 before. */
uint16_t replay_suite(const struct replay *replay);

#endif
