/* SPDX-License-Identifier: MIT
 *
 * coap-ping.c - whether CoAP in clear is spoken at an address (RFC 7252 4.3).
 */
#include "net/socket.h"

#include <errno.h>
#include <sys/random.h>

/* RFC 7252 3: version 1 with the type, no token; code 0.00 */
enum { CONFIRMABLE = 0x40, RESET = 0x70, LEN = 4 };

enum {
	AGAIN_US = 2 * 1000 * 1000, /* then twice as long: RFC 7252 4.2 */
	TURNS_MAX = 16,
};

void tbdi_coap_ping_begin(struct tbdi_coap_ping *ping, int fd, struct tbdi_datagrams *datagrams)
{
	*ping = (struct tbdi_coap_ping){ .socket = { .fd = fd, .datagrams = datagrams },
		.wait_us = AGAIN_US };
	/* Any will do, but late answers to others are told apart by it. */
	(void)!getrandom(ping->id, sizeof(ping->id), GRND_NONBLOCK);
}

static void send_due(struct tbdi_coap_ping *ping, int64_t now_us)
{
	unsigned char message[LEN] = { CONFIRMABLE, 0, ping->id[0], ping->id[1] };
	const struct iovec part = { message, sizeof(message) };
	if (now_us < ping->again_us)
		return;
	/* One that cannot be sent is lost, as others are. */
	(void)!tbdi_socket_send(&ping->socket, &part, 1);
	ping->again_us = now_us + ping->wait_us;
	ping->wait_us *= 2;
}

int tbdi_coap_ping_step(struct tbdi_coap_ping *ping, int64_t now_us)
{
	const unsigned char answer[LEN] = { RESET, 0, ping->id[0], ping->id[1] };
	unsigned char message[64];
	send_due(ping, now_us);
	for (int turn = 0; turn < TURNS_MAX; turn++) {
		ssize_t got = tbdi_socket_recv(&ping->socket, message, sizeof(message));
		if (got == LEN && memcmp(message, answer, LEN) == 0)
			return 1;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
	}
	return 0;
}
