/* SPDX-License-Identifier: MIT
 *
 * coap-ping.h - whether CoAP in clear is spoken at an address: an empty confirmable message is answered by a Reset
 * (RFC 7252 4.3), and tells nothing of us.
 */
#ifndef TBDI_COAP_PING_H
#define TBDI_COAP_PING_H

#include "net/socket.h"

struct tbdi_coap_ping {
	struct tbdi_socket socket; /* the descriptor stays the caller's */
	unsigned char id[2];
	int64_t wait_us;
	int64_t again_us; /* when it is to be sent again (report time) */
};

/* Over this socket of UDP, connected and non-blocking. */
void tbdi_coap_ping_begin(struct tbdi_coap_ping *ping, int fd, struct tbdi_datagrams *datagrams);

/* Send what is due, see what came. 1: it was answered, 0: wait, until again_us or for input; negative: what ICMP
 * said, as -errno. now_us: report time. */
int tbdi_coap_ping_step(struct tbdi_coap_ping *ping, int64_t now_us);

#endif
