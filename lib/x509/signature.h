/* SPDX-License-Identifier: MIT
 *
 * signature.h - one signature of one certificate, and nothing else about it.
 */
#ifndef TBDI_SIGNATURE_H
#define TBDI_SIGNATURE_H

#include "x509/cert.h"

/* Something with a signature. */
struct tbdi_signed {
	gnutls_sign_algorithm_t algorithm;
	struct tbd_bytes algorithm_der; /* AlgorithmIdentifier */
	struct tbd_bytes data;
	struct tbd_bytes bits;
};

/* Does this key (SubjectPublicKeyInfo) verify it? */
bool tbdi_signed_verifies(const struct tbdi_signed *item, struct tbd_bytes spki);

/* Could a key of that kind and size have made the signature? Cheap. */
bool tbdi_signature_may_fit(const struct tbdi_cert *cert, const struct tbdi_cert *issuer);

/* Does the key of `issuer` verify the signature of `cert`? Names, dates, purposes and the strength of
 * the algorithms are not looked at. Costly (2 M instructions for P-256): ask once. */
bool tbdi_signature_verifies(const struct tbdi_cert *cert, const struct tbdi_cert *issuer);

/* May a signature be checked with its key, or would that take long? For what GnuTLS checks by itself. */
bool tbdi_key_is_cheap(gnutls_x509_crt_t cert);

#endif
