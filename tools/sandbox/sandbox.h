/* SPDX-License-Identifier: MIT
 *
 * sandbox.h - the sandbox at work: answers what the broker's plugin asks.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "tools/sandbox/broker.h"
#include "tools/sandbox/coap.h"
#include "tools/sandbox/http.h"
#include "tools/sandbox/mqtt.h"
#include "tools/sandbox/player.h"
#include "tools/sandbox/plugin-protocol.h"

enum { SERVE_FRONTS = 3 };

/* Answers of which more are not kept back at a time; those are lost. */
enum { LATE_MAX = 64 };

/* An answer that is kept back. */
struct late {
	int64_t due_ms;
	char *token;
	struct mqtt_answer answer;
};

struct serve {
	struct broker *broker;
	/* MQTT, HTTP, HTTPS; one that listens nowhere does nothing: devices come to the broker itself. */
	struct front fronts[SERVE_FRONTS];
	struct http *http;
	struct coapd *coap; /* NULL: none */
	struct mqtt *mqtt;
	int late_ms;                /* how long answers are kept back */
	struct late late[LATE_MAX]; /* the first is due first */
	size_t late_count;
	bool verbose;            /* say on stderr what happens */
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

/* Forget the answers that are still kept back, and let all visitors go. */
void serve_release(struct serve *serve);

#endif
