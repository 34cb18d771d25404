/* SPDX-License-Identifier: MIT
 *
 * plugin-protocol.h - messages between the broker's plugin and the sandbox, over a socket pair of type
 * SOCK_SEQPACKET. The plugin asks, the sandbox answers, one at a time; a message may come between. Both ends belong to one build.
 */
#ifndef SANDBOX_PLUGIN_PROTOCOL_H
#define SANDBOX_PLUGIN_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

/* The largest MQTT payload that ThingsBoard takes, twice; fits in a socket buffer of Linux. */
enum { WIRE_MAX = 128 * 1024, WIRE_PARTS = 3, WIRE_DEADLINE_S = 5 };

enum wire_kind {
	WIRE_READY = 1, /* the broker listens; is not answered */
	WIRE_CONNECT,   /* user name, password */
	WIRE_SUBSCRIBE, /* token, filter; qos */
	WIRE_PUBLISH,   /* token, topic, payload */
	WIRE_ACCEPT, /* answer: yes; topic and payload of a message to the client, if there is one; qos */
	WIRE_REFUSE,  /* answer: no */
	WIRE_MESSAGE, /* to the client with this token: topic, payload; qos; comes unasked */
};

/* Followed by a NUL that is not counted, once received. */
struct wire_part {
	const char *data;
	size_t len;
};

struct wire_message {
	enum wire_kind kind;
	int qos;
	struct wire_part parts[WIRE_PARTS];
};

/* A part from a string; NULL is an empty one. */
struct wire_part wire_string(const char *text);

/* A pair of sockets whose sends and receives give up after WIRE_DEADLINE_S. 0, or -1 with errno set. */
int wire_pair(int fds[2]);

/* 0, or -1 with errno set. */
int wire_send(int fd, const struct wire_message *message);

/* Receive a message, whose parts lie in `buffer` of WIRE_MAX bytes. 1, 0 when the other end is gone, or
 * -1 with errno set (EPROTO: it is no such message). */
int wire_receive(int fd, char *buffer, struct wire_message *message);

#endif
