/* SPDX-License-Identifier: MIT
 *
 * proxy.h - asks a proxy for a connection to the peer: by CONNECT of HTTP (RFC 9110 9.3.6) or by SOCKS 5 (RFC 1928,
 * RFC 1929). Never blocks.
 */
#ifndef TBDI_PROXY_H
#define TBDI_PROXY_H

#include "report/report.h"

struct tbdi_proxy;

/* A proxy as its URL names it, see struct tbd_fetch_options; what is seen of it goes into the report. TBD_E_TARGET:
 * it cannot be parsed; the error text quotes nothing of it. Its credentials are masked in the report from now on. */
int tbdi_proxy_new(struct tbdi_report *report, const char *url, struct tbdi_proxy **out,
	struct tbd_error *error);

/* Wipes the credentials. NULL is allowed. */
void tbdi_proxy_free(struct tbdi_proxy *proxy);

/* What is seen of it; of the report. */
struct tbd_proxy *tbdi_proxy_seen(const struct tbdi_proxy *proxy);

/* Begin to ask, over a connected socket that stays the caller's, for a connection to this host. */
void tbdi_proxy_begin(struct tbdi_proxy *proxy, int fd, const char *host, uint16_t port);

/* Go on. 1: it is over, see tbdi_proxy_seen()->end; 0: wait for tbdi_proxy_events(). Not a byte of what follows the
 * proxy's answer is read. */
int tbdi_proxy_step(struct tbdi_proxy *proxy, struct tbd_error *error);
short tbdi_proxy_events(const struct tbdi_proxy *proxy);

/* The deadline has passed. */
int tbdi_proxy_time_out(struct tbdi_proxy *proxy, struct tbd_error *error);

#endif
