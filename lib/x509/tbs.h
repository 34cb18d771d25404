/* SPDX-License-Identifier: MIT
 *
 * tbs.h - the parts of a certificate (RFC 5280 4.1) as slices of its DER. Thousands of
 * certificates can be outlined for the price of importing one.
 */
#ifndef TBDI_TBS_H
#define TBDI_TBS_H

#include "x509/der.h"

struct tbdi_outline {
	struct tbd_bytes tbs;    /* TBSCertificate as encoded: what the signature covers */
	int version;             /* 1, 2 or 3 */
	struct tbd_bytes serial; /* the INTEGER's value */
	struct tbd_bytes signature_algorithm; /* AlgorithmIdentifier as encoded, the outer one */
	struct tbd_bytes issuer;              /* Name as encoded */
	struct tbdi_der not_before;
	struct tbdi_der not_after;
	struct tbd_bytes subject;    /* Name as encoded */
	struct tbd_bytes spki;       /* SubjectPublicKeyInfo as encoded */
	struct tbd_bytes extensions; /* for tbdi_extension_next(); empty: none */
	struct tbd_bytes signature;  /* the bits */
};

/* Outline one certificate that fills the bytes. NULL, or what is wrong with it. */
const char *tbdi_outline(struct tbd_bytes der, struct tbdi_outline *out);

struct tbdi_extension {
	struct tbd_bytes oid; /* the OBJECT IDENTIFIER's value */
	bool critical;
	struct tbd_bytes value; /* what the OCTET STRING holds */
};

/* Cut the first extension off *list. False at the end; an outline's list is well-formed. */
bool tbdi_extension_next(struct tbd_bytes *list, struct tbdi_extension *out);

/* Number of an extension below id-ce (2.5.29), or -1. */
int tbdi_extension_id_ce(const struct tbdi_extension *extension);

/* Is it authorityInfoAccess (id-pe 1)? */
bool tbdi_extension_is_aia(const struct tbdi_extension *extension);

enum {
	TBDI_ID_CE_SUBJECT_KEY_ID = 14,
	TBDI_ID_CE_KEY_USAGE = 15,
	TBDI_ID_CE_SUBJECT_ALT_NAME = 17,
	TBDI_ID_CE_BASIC_CONSTRAINTS = 19,
	TBDI_ID_CE_NAME_CONSTRAINTS = 30,
	TBDI_ID_CE_CRL_POINTS = 31,
	TBDI_ID_CE_POLICIES = 32,
	TBDI_ID_CE_POLICY_MAPPINGS = 33,
	TBDI_ID_CE_AUTHORITY_KEY_ID = 35,
	TBDI_ID_CE_POLICY_CONSTRAINTS = 36,
	TBDI_ID_CE_EXT_KEY_USAGE = 37,
	TBDI_ID_CE_INHIBIT_ANY_POLICY = 54,
};

/* Find an extension below id-ce; *value receives its content. */
bool tbdi_outline_extension(const struct tbdi_outline *outline, int id_ce, struct tbd_bytes *value);

#endif
