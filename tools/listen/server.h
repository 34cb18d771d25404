/* SPDX-License-Identifier: MIT
 *
 * server.h - the port that devices connect to, several at once.
 */
#ifndef LISTEN_SERVER_H
#define LISTEN_SERVER_H

#include "tools/listen/visitor.h"

#include <sys/socket.h>

enum { SERVER_PORT = 8883, SERVER_ADDRESS_SIZE = 64 };

/* A socket that listens at ADDRESS[:PORT], where an IPv6 address with a port stands in brackets. The port is 8883
 * unless it is given; 0 is any. -1 after a complaint. */
int server_open(const char *where);

/* An address as text, without port and brackets; IPv4 also where it came to a socket of IPv6. */
void server_address_text(
	const struct sockaddr_storage *address, char text[SERVER_ADDRESS_SIZE], uint16_t *port);

/* A visitor is over that came from `peer` at `time`. False: it was the last one wanted. */
typedef bool server_over(void *arg, const struct visitor *visitor,
	const struct sockaddr_storage *peer, int64_t time);

struct server_options {
	const struct visitor_chain *chain;
	server_over *over;
	void *arg;
};

/* Serve until a signal comes or the last one wanted is over. 0, or -1 after a complaint. */
int server_run(int fd, const struct server_options *options);

#endif
