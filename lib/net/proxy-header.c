/* SPDX-License-Identifier: MIT
 *
 * proxy-header.c - the header of the PROXY protocol (haproxy, doc/proxy-protocol.txt), by which a proxy tells the
 * server behind it who connected.
 */
#include "net/connect.h"

#include <arpa/inet.h>

enum {
	V1_SIZE = 108, /* the longest line, with its end and a NUL */
	V2_HEAD = 16,
	V2_PROXY = 0x21, /* version 2, a connection on somebody's behalf */
	V2_TCP4 = 0x11,
	V2_TCP6 = 0x21,
	HEADER_SIZE = V1_SIZE,
};

/* Both ends of the connection, as one that is passed on by a proxy has them. */
struct ends {
	struct tbdi_address here, there;
	bool is_ipv4;
};

static bool find_ends(int fd, struct ends *ends)
{
	ends->here.len = ends->there.len = sizeof(ends->here.as);
	if (getsockname(fd, &ends->here.as.any, &ends->here.len) < 0 ||
		getpeername(fd, &ends->there.as.any, &ends->there.len) < 0)
		return false;
	ends->is_ipv4 = ends->here.as.any.sa_family == AF_INET;
	return true;
}

static const void *address_of(const struct ends *ends, const struct tbdi_address *address)
{
	return ends->is_ipv4 ? (const void *)&address->as.ipv4.sin_addr
			     : (const void *)&address->as.ipv6.sin6_addr;
}

static uint16_t port_of(const struct ends *ends, const struct tbdi_address *address)
{
	return ends->is_ipv4 ? address->as.ipv4.sin_port : address->as.ipv6.sin6_port;
}

/* Section 2.1: a line of text. */
static size_t write_v1(const struct ends *ends, char out[HEADER_SIZE])
{
	char here[INET6_ADDRSTRLEN], there[INET6_ADDRSTRLEN];
	int family = ends->is_ipv4 ? AF_INET : AF_INET6;
	if (inet_ntop(family, address_of(ends, &ends->here), here, sizeof(here)) == NULL ||
		inet_ntop(family, address_of(ends, &ends->there), there, sizeof(there)) == NULL)
		return 0;
	int len = snprintf(out, HEADER_SIZE, "PROXY TCP%d %s %s %u %u\r\n", ends->is_ipv4 ? 4 : 6,
		here, there, ntohs(port_of(ends, &ends->here)), ntohs(port_of(ends, &ends->there)));
	return len > 0 && len < HEADER_SIZE ? (size_t)len : 0;
}

/* Section 2.2: a signature, then lengths and addresses in binary. */
static size_t write_v2(const struct ends *ends, char out[HEADER_SIZE])
{
	static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
	size_t address_len = ends->is_ipv4 ? 4 : 16;
	const uint16_t ports[] = { port_of(ends, &ends->here), port_of(ends, &ends->there) };
	size_t rest = 2 * address_len + sizeof(ports);
	memcpy(out, signature, sizeof(signature) - 1);
	out[12] = V2_PROXY;
	out[13] = ends->is_ipv4 ? V2_TCP4 : V2_TCP6;
	out[14] = 0;
	out[15] = (char)rest;
	memcpy(out + V2_HEAD, address_of(ends, &ends->here), address_len);
	memcpy(out + V2_HEAD + address_len, address_of(ends, &ends->there), address_len);
	memcpy(out + V2_HEAD + 2 * address_len, ports, sizeof(ports));
	return V2_HEAD + rest;
}

static const struct {
	const char *word;
	size_t (*write)(const struct ends *ends, char out[HEADER_SIZE]);
} versions[] = { { "v1", write_v1 }, { "v2", write_v2 } };

bool tbdi_proxy_header_is_known(const char *version)
{
	for (size_t i = 0; i < TBDI_COUNT(versions); i++)
		if (version == NULL || strcmp(version, versions[i].word) == 0)
			return true;
	return false;
}

void tbdi_proxy_header_send(int fd, const char *version)
{
	struct ends ends = { .is_ipv4 = false };
	char header[HEADER_SIZE];
	size_t len = 0;
	if (version == NULL || !find_ends(fd, &ends))
		return;
	for (size_t i = 0; i < TBDI_COUNT(versions); i++)
		if (strcmp(version, versions[i].word) == 0)
			len = versions[i].write(&ends, header);
	/* The first bytes of a connection fit into its buffer; a peer that is gone shows when read. */
	(void)!send(fd, header, len, MSG_NOSIGNAL);
}
