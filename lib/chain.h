/* SPDX-License-Identifier: MIT
 *
 * chain.h - the chain of a report: what the peer sent, or a file holds, in that order.
 */
#ifndef TBDI_CHAIN_H
#define TBDI_CHAIN_H

#include "common.h"
#include "report.h"

/* Make report->chain of what the peer sent: count certificates as DER, which are copied; message_len
 * is the size of the TLS Certificate message. Behind TBD_CHAIN_MAX the rest is dropped. 0, or
 * TBD_E_NOMEM. */
int tbdi_chain_take(struct tbdi_report *report, const struct tbd_bytes *ders, size_t count,
	size_t message_len, struct tbd_error *error);

#endif
