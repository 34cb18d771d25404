/* SPDX-License-Identifier: MIT
 *
 * mint.h - certificates of any shape, for the sandbox and the tests.
 *
 * A specification is written as a compound literal; what it leaves out has a sensible default:
 *
 *     struct mint_cert *root = mint_new(&(struct mint_spec){ .cn = "Root", .ca = true }, NULL);
 *     struct mint_cert *leaf = mint_new(
 *             &(struct mint_spec){ .cn = "leaf", .issuer = root, .names = "localhost,::1" }, NULL);
 *
 * A list or byte string that is NULL means the default; one that is empty means "not present".
 */
#ifndef MINT_H
#define MINT_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes of any kind; NUL included. */
struct mint_bytes {
	const void *data;
	size_t len;
};

#define MINT_BYTES(literal)                    \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

/* ASN.1 string types for mint_rdn.tag. */
enum {
	MINT_UTF8_STRING = 0x0c,
	MINT_PRINTABLE_STRING = 0x13,
	MINT_TELETEX_STRING = 0x14,
	MINT_IA5_STRING = 0x16,
	MINT_BMP_STRING = 0x1e,
};

/* One component of a distinguished name. */
struct mint_rdn {
	const char *oid; /* GNUTLS_OID_X520_... ; NULL ends a list */
	struct mint_bytes value;
	uint8_t tag; /* 0: MINT_UTF8_STRING */
};

/* Context tags of a GeneralName (RFC 5280, 4.2.1.6) for mint_san.tag. */
enum {
	MINT_SAN_EMAIL = 0x81,
	MINT_SAN_DNS = 0x82,
	MINT_SAN_URI = 0x86,
	MINT_SAN_IP = 0x87,
};

struct mint_san {
	uint8_t tag; /* 0 ends a list */
	struct mint_bytes value;
};

struct mint_extension {
	const char *oid; /* NULL ends a list */
	bool critical;
	struct mint_bytes value; /* DER, or any bytes */
};

enum mint_key_type {
	MINT_P256,
	MINT_P384,
	MINT_ED25519,
	MINT_RSA,
};

/* For mint_spec.pathlen, whose 0 means "no constraint". */
#define MINT_PATHLEN(n) ((n) + 1)

struct mint_cert;

struct mint_spec {
	const char *cn;                 /* subject common name, after those of `subject` */
	const struct mint_rdn *subject; /* in the order of the encoding */

	const struct mint_cert *issuer; /* NULL: self-signed */
	const struct mint_cert *signer; /* whose key signs; NULL: the issuer's */

	const struct mint_cert *key_of; /* share this certificate's key; NULL: make a new one */
	enum mint_key_type key_type;
	unsigned rsa_bits; /* 0: 2048 */

	int64_t not_before; /* seconds UTC; 0: an hour ago */
	int64_t not_after;  /* seconds UTC; 0: a year (CA: ten years) after not_before */

	const char *names;           /* subjectAltName: "localhost,127.0.0.1,::1" */
	const struct mint_san *sans; /* subjectAltName, appended to `names`; any bytes */

	bool ca;
	bool no_basic_constraints; /* leave the extension out, whatever `ca` says */
	int pathlen;               /* MINT_PATHLEN(n) */

	unsigned key_usage;     /* GNUTLS_KEY_...; 0: certSign and crlSign, or digitalSignature */
	bool no_key_usage;      /* leave the extension out */
	const char *const *eku; /* object identifiers; default: serverAuth, none for a CA */

	const struct mint_bytes *skid;  /* default: of the key */
	const struct mint_bytes *akid;  /* default: the issuer's; none when self-signed */
	struct mint_bytes serial;       /* default: random */
	unsigned version;               /* 0: 3; 1 has no extensions at all */
	gnutls_digest_algorithm_t hash; /* 0: what fits the signer's key */

	const char *aia; /* address of the issuer's certificate */
	const char *ocsp;
	const char *crl;
	const char *const *permitted_dns; /* name constraints */
	const char *const *excluded_dns;
	const struct mint_extension *extensions; /* anything else */

	bool break_signature; /* flip its last bit */
};

/* A certificate as it reads after a trip through its DER (GnuTLS serves only the first certificate
 * of a chain that was never encoded) and its key. */
struct mint_cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	gnutls_datum_t der;
	gnutls_datum_t pem; /* followed by a NUL that is not counted */
};

/* Make a certificate. NULL on failure; *error (may be NULL) receives the GnuTLS error code. */
struct mint_cert *mint_new(const struct mint_spec *spec, int *error);
void mint_free(struct mint_cert *cert);

/* The private key as PEM (PKCS #8, not encrypted), NUL-terminated; free with gnutls_free(). NULL
 * when memory is out. */
char *mint_key_pem(const struct mint_cert *cert);

/* The certificates' PEM one after the other; free with free(). NULL when memory is out. */
char *mint_chain_pem(const struct mint_cert *const *certs, size_t count);

/* Create or replace a file with this text and exactly this mode. 0, or -1 with errno set. */
int mint_write(const char *path, const char *text, mode_t mode);

/* The usual three levels; the leaf is for localhost, 127.0.0.1 and ::1. */
struct mint_family {
	struct mint_cert *root;
	struct mint_cert *intermediate;
	struct mint_cert *leaf;
};

/* Fill `family`, valid an hour before `now` (seconds UTC; 0: the clock's time) and long after. 0, or
 * a GnuTLS error code and an empty family. */
int mint_family_init(struct mint_family *family, int64_t now);
void mint_family_release(struct mint_family *family);

#endif
