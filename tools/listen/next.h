/* SPDX-License-Identifier: MIT
 *
 * next.h - what follows the chain in TLS 1.2, made by nobody's key.
 *
 * A client that does not answer may be one that judges the chain only when the next message is there, as Go's does. So it
 * is sent one: a key exchange whose signature is wrong. Who refuses the chain says so now; who refuses the signature
 * has accepted the chain.
 */
#ifndef LISTEN_NEXT_H
#define LISTEN_NEXT_H

#include "tools/cli/tool.h"
#include "tools/stacks/replay.h"

enum { NEXT_MAX = 4096 };

/* The server's key: what struct tbd_cert says of it. */
struct next_key {
	const char *algorithm;
	unsigned bits;
};

/* Write the record that goes to this client, which took the suite of this name. Its length; 0: there is none that would
 * fit. */
size_t next_make(unsigned char record[NEXT_MAX], const struct replay_hello *hello,
	const char *suite, const struct next_key *key);

#endif
