/* SPDX-License-Identifier: MIT
 *
 * broker.h - a mosquitto of our own.
 */
#ifndef SANDBOX_BROKER_H
#define SANDBOX_BROKER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct broker_settings {
	const char *program;
	const char *plugin;
	uint16_t port;    /* on 127.0.0.1, in clear: gates stand before it */
	sigset_t signals; /* the mask it runs with */
};

struct broker {
	pid_t pid;
	int channel;     /* to its plugin; ends when it ends */
	int log;         /* what it says on stderr; -1 once that has ended */
	char words[512]; /* the last of it, in one line */
	size_t words_len;
};

/* The path of the broker: `given`, or found in PATH or a usual place; free with free(). NULL after a
 * complaint. */
char *broker_find_program(const char *given);

/* The path of its plugin: TBDIAG_MODULE_DIR, the build tree or the installed place; free with free(). NULL
 * after a complaint. */
char *broker_find_plugin(void);

/* Start it. It dies with us, whatever kills us. 0, or -1 after a complaint. */
int broker_start(struct broker *broker, const struct broker_settings *settings);

/* Read what it says. */
void broker_listen(struct broker *broker);

/* End it and wait until it has. Does nothing when it was never started. */
void broker_stop(struct broker *broker);

#endif
