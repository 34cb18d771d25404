/* SPDX-License-Identifier: MIT
 *
 * coap-api.h - the CoAP face of the local ThingsBoard: what a device asks, and what it is answered. Datagrams
 * and DTLS are libcoap's business.
 */
#ifndef SANDBOX_COAP_API_H
#define SANDBOX_COAP_API_H

#include "store.h"

enum {
	COAP_API_BODY_MAX = 64 * 1024,
	COAP_API_SEGMENTS = 8, /* of a path; what comes behind is cut off */
};

enum coap_method { COAP_API_GET, COAP_API_POST, COAP_API_OTHER };

struct coap_api_request {
	enum coap_method method;
	const char *path[COAP_API_SEGMENTS]; /* Uri-Path, a segment each */
	size_t path_count;
	const char *client_keys; /* of Uri-Query, or NULL */
	const char *shared_keys;
	const void *body;
	size_t len;
};

/* A code as people write it, without the dot: 404 is 4.04 (RFC 7252 section 5.9). */
struct coap_api_reply {
	int code;
	char *body; /* JSON, free with free(); NULL: there is none */
};

/* Answer as ThingsBoard's CoapTransportResource does. */
struct coap_api_reply coap_api_answer(struct store *store, const struct coap_api_request *request);

#endif
