/* SPDX-License-Identifier: MIT
 *
 * sandbox.h - the sandbox at work: answers what the broker's plugin asks.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "tools/sandbox/broker.h"
#include "tools/sandbox/coap.h"
#include "tools/sandbox/gate.h"
#include "tools/sandbox/http.h"
#include "tools/sandbox/mqtt.h"
#include "tools/sandbox/player.h"
#include "tools/sandbox/plugin-protocol.h"

enum { SERVE_FRONTS = 4 };

enum { SERVE_HTTP_SERVERS = 2 };

struct serve {
	struct broker *broker;
	struct front fronts[SERVE_FRONTS];     /* MQTT, MQTTS, HTTP, HTTPS */
	struct http *http[SERVE_HTTP_SERVERS]; /* behind the latter two */
	struct coapd *coap;                    /* NULL: none */
	struct mqtt *mqtt;
	struct gates gates;
	const sigset_t *signals; /* the mask while it waits: a signal ends that */
	char buffer[WIRE_MAX];
};

enum serve_end {
	SERVE_READY,   /* the broker listens */
	SERVE_STOPPED, /* a signal asks to stop */
	SERVE_LATE,    /* the time is over */
	SERVE_GONE,    /* the broker is gone */
	SERVE_GOES_ON, /* none of these; is not returned */
};

/* Work until the broker begins to listen, a signal comes, the broker ends, or `timeout_ms` (-1: for ever)
 * have passed. */
enum serve_end serve_run(struct serve *serve, int timeout_ms);

/* Let all visitors go. */
void serve_release(struct serve *serve);

#endif
