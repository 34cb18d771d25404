/* SPDX-License-Identifier: MIT
 *
 * proxy.c - the PROXY protocol's header, as netty's HAProxyMessageDecoder reads it (version 1 and 2), and ThingsBoard's
 * ProxyIpFilter.
 *
 * A decoder that waits for the end of a line is silent: until there is one, or the line is too long.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/proxy.h"

enum {
	VERSION_LEN = 13, /* fewer bytes do not tell the version */
	LINE_MAX_LEN = 108,
	BINARY_LEN = 16 /* before the addresses */
};

static const unsigned char binary_prefix[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51,
	0x55, 0x49, 0x54, 0x0a };

/* An address has to be there: UNKNOWN and LOCAL have none. */
static enum proxy_state binary_state(const struct proxy_header *header)
{
	enum { PROXY_COMMAND = 0x21, TCP4 = 0x11, TCP6 = 0x21, TCP4_LEN = 12, TCP6_LEN = 36 };
	const unsigned char *data = header->data;
	if (header->len < BINARY_LEN)
		return PROXY_READS_ON;
	size_t len = (size_t)data[14] << 8 | data[15];
	size_t wanted = data[13] == TCP4 ? TCP4_LEN : TCP6_LEN;
	if (data[12] != PROXY_COMMAND || (data[13] != TCP4 && data[13] != TCP6) || len < wanted ||
		BINARY_LEN + len > sizeof(header->data))
		return PROXY_WRONG;
	return header->len < BINARY_LEN + len ? PROXY_READS_ON : PROXY_DONE;
}

/* "PROXY TCP4 SOURCE DESTINATION PORT PORT\r\n". */
static enum proxy_state line_state(const struct proxy_header *header)
{
	char line[LINE_MAX_LEN + 1] = "";
	char source[LINE_MAX_LEN], destination[LINE_MAX_LEN];
	unsigned ports[2] = { 0 };
	char version = '\0';
	int end = 0;
	const unsigned char *found = memmem(header->data, header->len, "\r\n", 2);
	if (found == NULL)
		return header->len > LINE_MAX_LEN ? PROXY_WRONG : PROXY_READS_ON;
	size_t len = (size_t)(found - header->data);
	memcpy(line, header->data, len < LINE_MAX_LEN ? len : LINE_MAX_LEN);
	bool good = sscanf(line, "PROXY TCP%c %107s %107s %5u %5u%n", &version, source, destination,
			    &ports[0], &ports[1], &end) == 5;
	good = good && (size_t)end == len && (version == '4' || version == '6');
	return good && ports[0] <= 65535 && ports[1] <= 65535 ? PROXY_DONE : PROXY_WRONG;
}

enum proxy_state proxy_take(struct proxy_header *header, unsigned char byte)
{
	header->data[header->len++] = byte;
	if (header->len < VERSION_LEN)
		return PROXY_READS_ON;
	if (memcmp(header->data, binary_prefix, sizeof(binary_prefix)) == 0)
		return binary_state(header);
	return line_state(header);
}
