/* SPDX-License-Identifier: MIT
 *
 * device-api.h - the HTTP face of the local ThingsBoard: what a device asks, and what it is answered. The
 * bytes of HTTP are libmicrohttpd's business.
 */
#ifndef SANDBOX_DEVICE_API_H
#define SANDBOX_DEVICE_API_H

#include "store.h"

/* ThingsBoard's limit for the body of a request. */
enum { API_BODY_MAX = 50 * 1024 * 1024 };

struct api_request {
	const char *method;
	const char *path;        /* as it was sent: percent-encoded, without the query */
	const char *client_keys; /* of the query, decoded; or NULL */
	const char *shared_keys;
	const char *body;
	size_t len;
	bool too_large; /* more than API_BODY_MAX, and not kept */
};

struct api_reply {
	unsigned status;
	const char *type; /* of the body */
	char *body;       /* free with free(); NULL: there is none */
};

/* Answer as ThingsBoard's DeviceApiController does, and what stands before it. */
void api_answer(struct store *store, const struct api_request *request, struct api_reply *reply);

/* A page of ThingsBoard's user interface, as it answers to any path that it does not know. */
void api_answer_page(struct api_reply *reply);

/* A path as it may be shown: asterisks stand for the token. Free with free(). NULL when memory is out. */
char *api_path_shown(const char *path);

#endif
