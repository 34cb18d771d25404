/* SPDX-License-Identifier: MIT
 *
 * player.h - stands in front of the broker and does what mosquitto cannot: plays a script to each device that
 * connects.
 */
#ifndef SANDBOX_PLAYER_H
#define SANDBOX_PLAYER_H

#include "tools/sandbox/gate.h"
#include "tools/sandbox/ports.h"
#include "tools/sandbox/stream.h"

#include <poll.h>

/* What visitors meet. */
struct visitor_world {
	gnutls_certificate_credentials_t credentials;
	uint16_t server_port; /* in clear on 127.0.0.1 */
	struct gates *gates;  /* the server is the broker, and these stand before it; or NULL */
	const char *
		in_clear; /* what a device that speaks no TLS on a port for it is told; NULL: nothing */
	bool proxied;     /* a PROXY header has to come first */
	bool verbose;     /* say when one does not what its script expects */
};

enum {
	VISITOR_FDS = 2,
	FRONT_VISITORS = 128, /* when one more comes the oldest has to go */
	FRONT_LISTENERS = 4,
	FRONT_FDS = FRONT_LISTENERS + FRONT_VISITORS * VISITOR_FDS
};

struct front {
	struct visitor_world world;
	const struct script *script;
	struct {
		int fd;
		bool tls;
	} listeners[FRONT_LISTENERS];
	size_t listener_count;
	struct visitor *visitors[FRONT_VISITORS]; /* the oldest first */
	size_t visitor_count;
};

/* Listen on reserved ports, which stay the caller's. False with errno set. */
bool front_listen(struct front *front, const struct ports *ports, bool tls);

/* Fill `fds`, of FRONT_FDS entries; how many, and when something is to be done whatever comes, -1: never. */
size_t front_prepare(const struct front *front, struct pollfd *fds, int64_t *due_ms);

/* Do what there is to be done; `fds` as front_prepare() has filled them. How many these were. */
size_t front_turn(struct front *front, const struct pollfd *fds);

/* Let all visitors go, and what they met. */
void front_release(struct front *front);

#endif
