/* SPDX-License-Identifier: MIT
 *
 * serve.h - the sandbox at work: answers what the broker's plugin asks.
 */
#ifndef SANDBOX_SERVE_H
#define SANDBOX_SERVE_H

#include "broker.h"
#include "mqtt.h"
#include "wire.h"

struct serve {
	struct broker *broker;
	struct mqtt *mqtt;
	bool verbose;            /* say on stderr what happens */
	const sigset_t *signals; /* the mask while it waits: a signal ends that */
	char buffer[WIRE_MAX];
};

enum serve_end {
	SERVE_READY,   /* the broker listens */
	SERVE_STOPPED, /* a signal asks to stop */
	SERVE_LATE,    /* the time is over */
	SERVE_GONE,    /* the broker is gone */
};

/* Work until the broker begins to listen, a signal comes, the broker ends, or `timeout_ms` (-1: for ever)
 * have passed. */
enum serve_end serve_run(struct serve *serve, int timeout_ms);

#endif
