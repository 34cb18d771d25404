/* SPDX-License-Identifier: MIT
 *
 * chain.h - the chain of a report: what the peer sent, or a file holds, in that order.
 */
#ifndef TBDI_CHAIN_H
#define TBDI_CHAIN_H

#include "base/common.h"
#include "report/report.h"

/* A chain, owned by the report, of what a peer sent: count certificates as DER, which are copied, unless
 * the chain before it has the same one in that place; message_len is the size of the TLS Certificate
 * message. Behind TBD_CHAIN_MAX the rest is dropped, and what would be imported after the time for the connection: then
 * tbdi_report_is_late() says that the chain is not whole. NULL: out of memory. */
const struct tbd_chain *tbdi_chain_new(
	struct tbdi_report *report, const struct tbd_bytes *ders, size_t count, size_t message_len);

/* The same as the report's own chain. 0, or TBD_E_NOMEM. */
int tbdi_chain_take(struct tbdi_report *report, const struct tbd_bytes *ders, size_t count,
	size_t message_len, struct tbd_error *error);

/* The certificates of what such a file as tbd_load() takes holds, at most TBD_CHAIN_MAX: struct tbdi_cert.
 * What is none is a certificate with an error. 0 or TBD_E_NOMEM. */
int tbdi_chain_read(struct tbdi_report *report, struct tbd_bytes content, enum tbd_origin origin,
	struct tbdi_list *certs);

/* The certificate as the report shows it elsewhere: of the chain or the trust store the one with the same
 * bytes; or itself. */
const struct tbd_cert *tbdi_cert_as_shown(
	const struct tbd_report *report, const struct tbd_cert *cert);

/* ---- peer-cert.c ----------------------------------------------------------------------------- */

/* Without the secrets of the report's mask in what is shown of it. What the target is compared with stays. 0 or
 * TBD_E_NOMEM. */
int tbdi_cert_hide(struct tbdi_report *report, struct tbd_cert *cert) TBDI_MUST_CHECK;

/* ---- needed-ca.c ------------------------------------------------------------------------------ */

/* It is judged by a file that the server handed out over a connection that was not verified. */
bool tbdi_is_hearsay(const struct tbd_report *report);

/* ---- verify.c: what another chain would be, and what the verdict means on the wire ----------- */

/* Whether tbd_verify() would accept this chain of the same peer. The report's own verdict stays what it is.
 * 0, or what tbd_verify() fails with. */
int tbdi_verify_other(struct tbdi_report *report, const struct tbd_chain *chain,
	const struct tbd_verify_options *options, bool *verified,
	struct tbd_error *error) TBDI_MUST_CHECK;

/* Number of the TLS alert (RFC 8446 6.2) that a device would send to a peer with this verdict, which
 * is not verified; NULL: it sent no certificate. As OpenSSL chooses it, so that the server's log shows
 * what it shows for the device. */
int tbdi_verification_alert(const struct tbd_verification *verification);

#endif
