/* SPDX-License-Identifier: MIT
 *
 * sets.h - what several transports of one host show together of a token. Their rows stand at their
 * stages.
 */
#ifndef TBDI_SETS_H
#define TBDI_SETS_H

#include "rules/catalogue.h"

/* Evidence of these. */
#define TBDI_TRANSPORT_KEYS "host", "accepted", "refused"

/* One accepts the token, another does not. */
tbdi_rule_match_set tbdi_match_differs_by_transport;

/* All that say anything refuse it, over at least two protocols; the first is that of the rule's stage. */
tbdi_rule_match_set tbdi_match_refused_by_all;

/* What goes over TCP answers, and not one datagram came back. */
tbdi_rule_match_set tbdi_match_only_udp_silent;

#endif
