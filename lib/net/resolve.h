/* SPDX-License-Identifier: MIT
 *
 * resolve.h - name to addresses without blocking, and addresses that need no resolver.
 */
#ifndef TBDI_RESOLVE_H
#define TBDI_RESOLVE_H

#include "base/common.h"

#include <netdb.h>
#include <sys/socket.h>

/* An address to dial; the port is part of it. */
struct tbdi_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} as;
	socklen_t len;
};

/* Read an address literal: IPv4 in dotted form, or IPv6 without brackets, with or without a zone (RFC
 * 4007 11). False: the text is a name. A zone that this machine does not have becomes scope 0, with
 * which link-local addresses cannot be dialled. */
bool tbdi_address_parse(const char *text, uint16_t port, struct tbdi_address *out);

/* The text of an address, with its zone and without port. */
void tbdi_address_text(const struct tbdi_address *address, char text[NI_MAXHOST]);

/* A question to the resolver that is being answered in a thread of its own. */
struct tbdi_lookup;

/* Ask for a name. family is 4, 6 or 0; resolver may be NULL: the system's. */
int tbdi_lookup_new(const char *name, int family, const struct tbd_resolver *resolver,
	struct tbdi_lookup **out, struct tbd_error *error);

/* Becomes readable when the answer is there. */
int tbdi_lookup_fd(const struct tbdi_lookup *lookup);

struct tbdi_answer {
	int code;         /* 0 or EAI_* */
	int system_error; /* errno when code is EAI_SYSTEM */
	const struct addrinfo *list;
};

/* The answer, or NULL as long as there is none. It lives as long as the lookup. */
const struct tbdi_answer *tbdi_lookup_answer(const struct tbdi_lookup *lookup);

/* Lose interest. An answer that comes later is dropped by the thread. */
void tbdi_lookup_free(struct tbdi_lookup *lookup);

/* The order in which to dial (RFC 8305 4): the resolver's, with the families taking turns. Fills out
 * with at most max addresses, none twice, and returns their number. */
size_t tbdi_addresses_sort(
	const struct addrinfo *list, uint16_t port, struct tbdi_address *out, size_t max);

#endif
