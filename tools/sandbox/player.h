/* SPDX-License-Identifier: MIT
 *
 * player.h - a device that has connected, and the script that is played to it.
 */
#ifndef SANDBOX_PLAYER_H
#define SANDBOX_PLAYER_H

#include "tools/sandbox/stream.h"

#include <poll.h>

/* More than the largest packet that ThingsBoard takes. */
enum { VISITOR_BUFFER = 128 * 1024, VISITOR_FDS = 2 };

struct visitor_buffer {
	size_t len;
	unsigned char data[VISITOR_BUFFER];
};

struct visitor {
	struct stream stream;
	bool tls; /* on the port for TLS */
	const struct script *script;
	size_t step;
	bool begun;    /* the handshake of this step */
	bool ended;    /* the device has sent all */
	bool closing;  /* we have */
	bool over;     /* nothing more happens */
	bool moved;    /* something has happened in this turn */
	int64_t at_ms; /* when the step, or the wait for the device's end, is over; -1: not set */
	int broker;    /* -1: not connected */
	bool answered; /* by the broker */
	uint16_t id;   /* of the last packet that had one */
	uint8_t level; /* of CONNECT; 0: none came */
	struct visitor_buffer in;
	struct visitor_buffer out;
};

/* What visitors meet. */
struct visitor_world {
	gnutls_certificate_credentials_t credentials;
	uint16_t broker_port; /* MQTT in clear on 127.0.0.1 */
	bool verbose;         /* say when one does not what its script expects */
};

/* Takes the non-blocking `fd`. NULL when memory is out, and the fd is closed. */
struct visitor *visitor_new(int fd, bool tls, const struct script *script);
void visitor_free(struct visitor *visitor);

/* What poll() has to wait for; the caller makes it end when at_ms is reached. */
void visitor_prepare(const struct visitor *visitor, struct pollfd fds[VISITOR_FDS]);

/* Play on, as far as it goes without waiting. `over` tells that it is to be freed. */
void visitor_go(struct visitor *visitor, const struct visitor_world *world);

#endif
