/* SPDX-License-Identifier: MIT
 *
 * visitor.h - one connection: shows it the chain, and sees what it makes of it. Memory and time are bounded whatever
 * the peer does.
 */
#ifndef LISTEN_VISITOR_H
#define LISTEN_VISITOR_H

#include "tools/listen/next.h"
#include "tools/listen/offers.h"

/* What all visitors are shown. */
struct visitor_chain {
	const struct replay_bytes *certs;
	size_t count;
	struct next_key key; /* of the first one */
	int64_t patience_ms; /* a device that is silent for so long, when it has the chain, waits for more */
};

struct visitor;

/* Takes the descriptor, which does not block. NULL: out of memory, and the descriptor is closed. */
struct visitor *visitor_new(int fd, const struct visitor_chain *chain, int64_t now_ms);
void visitor_free(struct visitor *visitor);

int visitor_fd(const struct visitor *visitor);
short visitor_events(const struct visitor *visitor); /* what to poll for */
int64_t visitor_deadline(const struct visitor *visitor);

/* Go on after `events` were seen, or time has passed. True: it is over. */
bool visitor_step(struct visitor *visitor, short events, int64_t now_ms);

/* What was seen of one that is over, in the members from `end` to `token_len` and in `hello`, which lies in `offers`. */
void visitor_tell(
	const struct visitor *visitor, struct listen_device *device, struct offers *offers);

#endif
