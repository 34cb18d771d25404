/* SPDX-License-Identifier: MIT
 *
 * proxy.h - the PROXY protocol's header, as netty's HAProxyMessageDecoder reads it.
 */
#ifndef SANDBOX_PROXY_H
#define SANDBOX_PROXY_H

#include <stddef.h>

enum { PROXY_HEADER_MAX = 536 };

/* What has come of it, byte by byte: nothing of what follows is taken. */
struct proxy_header {
	size_t len;
	unsigned char data[PROXY_HEADER_MAX];
};

enum proxy_state {
	PROXY_READS_ON,
	PROXY_DONE,
	PROXY_WRONG, /* it is none, or has no address: ThingsBoard closes */
};

/* Take one byte. */
enum proxy_state proxy_take(struct proxy_header *header, unsigned char byte);

#endif
