/* SPDX-License-Identifier: MIT
 *
 * script-server.h - stands in front of the broker and does what mosquitto cannot: plays a script to each device
 * that connects.
 */
#ifndef SANDBOX_SCRIPT_SERVER_H
#define SANDBOX_SCRIPT_SERVER_H

#include "tools/sandbox/ports.h"
#include "tools/sandbox/player.h"

enum {
	FRONT_VISITORS = 32, /* when one more comes the oldest has to go */
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

/* How many entries those are. */
size_t front_fds(const struct front *front);

/* Do what there is to be done; `fds` as front_prepare() has filled them. */
void front_turn(struct front *front, const struct pollfd *fds);

/* Let all visitors go, and what they met. */
void front_release(struct front *front);

#endif
