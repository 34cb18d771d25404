/* SPDX-License-Identifier: MIT
 *
 * cert.h - certificates of a report: what everyone may see, and what stands behind it.
 */
#ifndef TBDI_CERT_H
#define TBDI_CERT_H

#include "base/common.h"
#include "x509/der.h"

#include <gnutls/x509.h>

/* ---- tbs.c: the parts of a certificate (RFC 5280 4.1) as slices of its DER ------------------- */

/* Thousands of certificates can be outlined for the price of importing one. */
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

/* ---- a certificate --------------------------------------------------------------------------- */

#define TBDI_CERT_LEN_MAX (256 * 1024)

struct tbdi_cert {
	struct tbd_cert pub;         /* first: a struct tbd_cert * of a report is one of these */
	struct tbdi_outline outline; /* slices of pub.der */
	gnutls_x509_crt_t crt;       /* NULL: pub.error is set */
	unsigned key_usage;          /* GNUTLS_KEY_* */
	gnutls_sign_algorithm_t algorithm; /* of its signature */
	/* What its authorityKeyIdentifier says of its issuer's certificate: issuer (Name as encoded) and serial
	 * number; empty: nothing. */
	struct tbd_bytes authority_issuer, authority_serial;
	bool is_costly; /* pub.error is set: its key is not to be used, it would take minutes */
};

static inline const struct tbdi_cert *tbdi_cert_of(const struct tbd_cert *cert)
{
	return (const struct tbdi_cert *)(const void *)cert;
}

/* The same bytes for GnuTLS, which does not write to what it is given but lacks the const. */
static inline gnutls_datum_t tbdi_datum(struct tbd_bytes bytes)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)bytes.data, (unsigned)bytes.len };
}

/* Make a certificate of DER bytes, which are copied, in the arena; what it holds elsewhere is freed with
 * the list. What is malformed or larger than TBDI_CERT_LEN_MAX becomes a certificate with its error set. The
 * caller fills in where it came from. No signature is checked. NULL: out of memory. */
struct tbdi_cert *tbdi_cert_new(
	struct tbdi_arena *arena, struct tbdi_owned **owned, struct tbd_bytes der);

/* A Name, as encoded, as text (RFC 4514). NULL: out of memory. */
const char *tbdi_dn_text(struct tbdi_arena *arena, struct tbd_bytes name);

/* Is this one of the words of an RFC 5280 list that ends in NULL? */
bool tbdi_words_have(const char *const *words, const char *word);

/* ---- signatures, and nothing else about a certificate ---------------------------------------- */

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

/* Do GnuTLS and we know the algorithms of this signature and of that key? */
bool tbdi_signature_can_be_checked(const struct tbdi_cert *cert, const struct tbdi_cert *issuer);

/* ---- authorityKeyIdentifier (RFC 5280 4.2.1.1) as OpenSSL compares it ------------------------- */

/* Is another key identifier named than the issuer's own? Another certificate of the issuer, by issuer and serial
 * number? */
bool tbdi_names_other_key_id(const struct tbdi_cert *cert, const struct tbdi_cert *issuer);
bool tbdi_names_other_serial(const struct tbdi_cert *cert, const struct tbdi_cert *issuer);

/* Does OpenSSL take it for self-signed? It asks names and identifiers, and never the signature. */
bool tbdi_looks_self_signed(const struct tbdi_cert *cert);

/* ---- constraints.c: name constraints (RFC 5280 4.2.1.10) ------------------------------------- */

/* May a CA with these constraints stand above this certificate? Malformed constraints permit nothing.
 * Where common names count, those of a certificate without dNSName obey as one. Each comparison takes one from *budget; with none left, nothing is permitted. */
bool tbdi_constraints_permit(const struct tbdi_cert *ca, const struct tbdi_cert *cert,
	bool common_names_count, size_t *budget);

/* ---- hostname.c: does a certificate speak for a host (RFC 9525, RFC 6125)? ------------------- */

struct tbdi_name_verdict {
	enum tbd_name_match match;
	const char *entry; /* of the certificate: it matched or came closest; or NULL */
};

/* Is the text an IPv4 or IPv6 address? */
bool tbdi_name_is_address(const char *name);

/* Judge a reference name: a DNS name (A-labels, any case, with or without the final dot) or an
 * address. A wildcard is a whole left-most label, stands for one label, and has two more behind it. */
struct tbdi_name_verdict tbdi_name_judge(const struct tbd_cert *cert, const char *name);

#endif
