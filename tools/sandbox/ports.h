/* SPDX-License-Identifier: MIT
 *
 * ports.h - loopback ports that nobody else takes before a server listens on them.
 */
#ifndef SANDBOX_PORTS_H
#define SANDBOX_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/* Bound, but not listening: the broker, or libcoap, may have the same port beside it, since both set
 * SO_REUSEADDR. */
struct ports {
	uint16_t port;
	int fds[2]; /* 127.0.0.1 and ::1; -1: none */
};

enum ports_kind { PORTS_TCP, PORTS_UDP };

/* Whether ::1 can be bound. */
bool ports_have_ipv6(void);

/* Reserve `wanted`, or any free port when it is 0, on 127.0.0.1 and if asked for on ::1. 0, or -1 with
 * errno set. */
int ports_reserve(struct ports *ports, enum ports_kind kind, uint16_t wanted, bool ipv6);
void ports_release(struct ports *ports);

#endif
