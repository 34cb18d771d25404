/* SPDX-License-Identifier: MIT
 *
 * ocsp.h - what a responder says of one certificate (RFC 6960).
 */
#ifndef TBDI_OCSP_H
#define TBDI_OCSP_H

#include "x509/crl.h"

/* Ask an answer, as DER, about a certificate and its issuer. Fills *out, and *revoked with
 * TBDI_STATUS_REVOKED. What the issuer, or a responder that it has named, did not sign tells nothing; what
 * is too old tells only of revocation. */
enum tbdi_status tbdi_ocsp_ask(struct tbd_bytes response, const struct tbdi_cert *const certs[2],
	int64_t time, struct tbd_ocsp *out, struct tbdi_revoked *revoked);

/* A request for the status of a certificate and its issuer, as DER in the arena. Without nonce: most
 * responders sign their answers beforehand and leave it out (RFC 5019 2.1.1), so that an answer without
 * one has to do anyway. 0, TBD_E_NOMEM or TBD_E_CRYPTO. */
int tbdi_ocsp_request(struct tbdi_arena *arena, const struct tbdi_cert *const certs[2],
	struct tbd_bytes *out) TBDI_MUST_CHECK;

#endif
