/* SPDX-License-Identifier: MIT
 *
 * rules-datagram.h - what other rules have to say when TLS travels in datagrams.
 */
#ifndef TBDI_RULES_DATAGRAM_H
#define TBDI_RULES_DATAGRAM_H

#include "rules.h"

/* The evidence that tbdi_draft_datagram_timeout() adds to that of its rule. */
#define TBDI_DATAGRAM_EVIDENCE \
	"sent", "received", "sent_again", "received_again", "largest_sent", "largest_received"

/* tls.timeout of DTLS; false: it is not that. */
bool tbdi_draft_datagram_timeout(struct tbdi_draft *draft, const struct tbd_report *report);

#endif
