/* SPDX-License-Identifier: MIT
 *
 * dtls.h - what other rules have to say when TLS travels in datagrams.
 */
#ifndef TBDI_DTLS_H
#define TBDI_DTLS_H

#include "rules/catalogue.h"

/* The evidence that tbdi_draft_datagram_timeout() adds to that of its rule. */
#define TBDI_DATAGRAM_EVIDENCE \
	"sent", "received", "sent_again", "received_again", "largest_sent", "largest_received"

/* tls.timeout of DTLS; false: it is not that. */
bool tbdi_draft_datagram_timeout(struct tbdi_draft *draft, const struct tbd_report *report);

#endif
