/* SPDX-License-Identifier: MIT
 *
 * plain.h - what a device says that speaks no TLS. It may hold its token, of which only the length is told.
 */
#ifndef LISTEN_PLAIN_H
#define LISTEN_PLAIN_H

#include "tools/cli/tool.h"

enum plain_kind {
	PLAIN_UNKNOWN, /* it takes more bytes to know */
	PLAIN_TLS,     /* it is TLS, or looks like it */
	PLAIN_MQTT,
	PLAIN_HTTP,
	PLAIN_SSL2, /* the hello of SSL 2, which offers newer versions as well */
	PLAIN_OTHER,
};

struct plain {
	enum plain_kind kind;
	bool whole;           /* no further bytes are needed */
	const char *protocol; /* "MQTT 3.1.1", "HTTP", "WebSocket"; or NULL */
	int token_len; /* of what looks like the token, the user name or a part of the path; -1: nothing does */
};

/* Look at the first bytes that came. */
struct plain plain_look(const unsigned char *bytes, size_t len);

#endif
