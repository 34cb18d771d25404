/* SPDX-License-Identifier: MIT
 *
 * resolver.c - preloaded into a tool: getaddrinfo() as it answers in networks that a test cannot have.
 * TEST_RESOLVER says which: silent, no-name, no-ipv6, fails, or two addresses.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out);

/* 127.0.0.1 and 127.0.0.2. The elements are the system's own, so that its freeaddrinfo() takes them. */
static int two_addresses(const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	lookup *real = NULL;
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
	memcpy(&real, &symbol, sizeof(real));
	int rc = real("127.0.0.1", service, hints, out);
	struct addrinfo *last = *out;
	while (rc == 0 && last->ai_next != NULL)
		last = last->ai_next;
	return rc != 0 ? rc : real("127.0.0.2", service, hints, &last->ai_next);
}

__attribute__((visibility("default"))) int getaddrinfo(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	const char *kind = getenv("TEST_RESOLVER");
	(void)node;
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
	if (strcmp(kind, "two") == 0)
		return two_addresses(service, hints, out);
	return EAI_AGAIN;
}
