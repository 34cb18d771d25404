/* SPDX-License-Identifier: MIT
 *
 * http.h - an HTTP server for the device API, on a loopback port that is nobody's business: fronts stand
 * before it.
 */
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include "faults.h"
#include "store.h"

struct http;

struct http_settings {
	struct store *store;
	const struct faults *faults;
	const char *ca_pem;     /* what a device has to trust */
	uint16_t redirect_port; /* where a fault sends devices to; 0: it does not */
	bool verbose;           /* say on stderr what devices ask */
};

/* Listen on a free port of 127.0.0.1. What the settings point to has to outlive it. NULL after a
 * complaint. */
struct http *http_start(const struct http_settings *settings);
void http_free(struct http *http);

uint16_t http_port(const struct http *http);

/* What poll() has to wait for, for reading; and when http_turn() has to be called whatever comes, -1: never; of NULL:
 * -1. */
int http_fd(const struct http *http);
int64_t http_due_ms(const struct http *http);

/* Do what there is to be done; of NULL: nothing. */
void http_turn(struct http *http);

#endif
