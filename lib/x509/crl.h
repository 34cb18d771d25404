/* SPDX-License-Identifier: MIT
 *
 * crl.h - certificate revocation lists (RFC 5280 5).
 */
#ifndef TBDI_CRL_H
#define TBDI_CRL_H

#include "x509/cert.h"

/* What lists say of a certificate. */
enum tbdi_status {
	TBDI_STATUS_UNKNOWN,
	TBDI_STATUS_GOOD,
	TBDI_STATUS_REVOKED,
};

/* A list as slices of its DER, which the trust store owns. */
struct tbdi_crl {
	const char *file;
	const char *defect;   /* why nobody can use it, or NULL */
	struct tbd_bytes tbs; /* what the signature covers */
	struct tbd_bytes signature_algorithm;
	struct tbd_bytes signature;
	gnutls_sign_algorithm_t algorithm;
	int version; /* 1 or 2 */
	struct tbd_bytes issuer;
	const char *issuer_text;
	int64_t this_update;
	int64_t next_update; /* -1: none */
	struct tbd_bytes entries;
	size_t entry_count;
	const char *form; /* what RFC 5280 5 prescribes and it does not have, or NULL */
	/* Its scope (issuingDistributionPoint). */
	bool delta, only_some_reasons;
	bool only_users, only_cas, nobody;
	struct tbd_bytes point; /* a DistributionPointName; empty: none */
};

/* An entry of a list. */
struct tbdi_revoked {
	int64_t time;
	const char *reason; /* RFC 5280 name, or NULL */
};

/* The name of a CRLReason (RFC 5280 5.3.1), or NULL. */
const char *tbdi_crl_reason(unsigned code);

/* Outline a list; a defect is remembered in it. der has to live as long. 0 or TBD_E_NOMEM. */
int tbdi_crl_outline(struct tbdi_arena *arena, struct tbd_bytes der, struct tbdi_crl *out);

/* Is the certificate one that the list speaks of? */
bool tbdi_crl_covers(const struct tbdi_crl *crl, const struct tbdi_cert *cert);

/* Was it made by the issuer of the certificates it speaks of? Costly: ask once. NULL, or why not. */
const char *tbdi_crl_doubt(const struct tbdi_crl *crl, const struct tbdi_cert *issuer);

/* Does it tell at this time, in this profile, that a certificate it does not hold is good? NULL, or why
 * not. */
const char *tbdi_crl_limit(const struct tbdi_crl *crl, int64_t time, enum tbd_profile profile);

/* Does it hold the certificate? */
bool tbdi_crl_holds(
	const struct tbdi_crl *crl, const struct tbdi_cert *cert, struct tbdi_revoked *out);

/* ---- ocsp.c: what a responder says of one certificate (RFC 6960) ----------------------------- */

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
