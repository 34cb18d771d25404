/* SPDX-License-Identifier: MIT
 *
 * peer.h - the other end of a stack's handshake: the replay server, or a real one.
 */
#ifndef STACKS_PEER_H
#define STACKS_PEER_H

#include "tools/stacks/replay.h"

#include <stddef.h>

struct peer {
	struct replay *replay; /* NULL: the socket */
	int fd;
};

/* Give bytes to the peer. 0, or -1 when it is gone. */
int peer_put(struct peer *peer, const void *data, size_t len);

/* Wait for bytes of the peer: how many were moved, at most `size`; 0 when no more will come. */
size_t peer_take(struct peer *peer, void *buffer, size_t size);

/* Connect to ADDRESS:PORT. The descriptor, or -1 with errno set. It gives up after ten seconds without bytes. */
int peer_dial(const char *address);

#endif
