/* SPDX-License-Identifier: MIT
 *
 * resolver.c - preloaded into a tool: getaddrinfo() as it answers in networks that a test cannot have.
 * TEST_RESOLVER says which: silent, no-name, no-ipv6, fails.
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Never a list of addresses: freeaddrinfo() stays the system's. */
__attribute__((visibility("default"))) int getaddrinfo(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	const char *kind = getenv("TEST_RESOLVER");
	(void)node, (void)service;
	*out = NULL;
	if (kind == NULL)
		return EAI_FAIL;
	if (strcmp(kind, "silent") == 0)
		for (;;)
			pause();
	if (strcmp(kind, "no-name") == 0)
		return EAI_NONAME;
	if (strcmp(kind, "no-ipv6") == 0 && hints->ai_family == AF_INET6)
		return EAI_NODATA;
	return EAI_AGAIN;
}
