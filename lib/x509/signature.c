/* SPDX-License-Identifier: MIT
 *
 * signature.c - check one signature with GnuTLS. gnutls_x509_crt_verify() would judge names, dates and
 * CA flags as well and mix the answers.
 */
#include "x509/signature.h"

#include <gnutls/abstract.h>

/* saltLength of RSASSA-PSS-params (RFC 4055 3.1). */
static unsigned pss_salt_len(struct tbd_bytes algorithm)
{
	unsigned len = 20; /* the default, for SHA-1 */
	struct tbdi_der sequence, oid, params, part, number;
	if (!tbdi_der_take(&algorithm, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_OID, &oid) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &params))
		return len;
	while (tbdi_der_next(&params.value, &part)) {
		if (part.tag != TBDI_DER_CONTEXT + 2 ||
			!tbdi_der_take(&part.value, TBDI_DER_INTEGER, &number) ||
			number.value.len > 2)
			continue;
		len = 0;
		for (size_t i = 0; i < number.value.len; i++)
			len = len << 8 | number.value.data[i];
	}
	return len;
}

/* Tell the key what the signature's parameters say: GnuTLS would take a salt as long as the hash. */
static int pss_prepare(gnutls_pubkey_t key, const struct tbdi_signed *item)
{
	gnutls_x509_spki_t spki = NULL;
	if (gnutls_x509_spki_init(&spki) < 0)
		return -1;
	gnutls_x509_spki_set_rsa_pss_params(spki, gnutls_sign_get_hash_algorithm(item->algorithm),
		pss_salt_len(item->algorithm_der));
	int ret = gnutls_pubkey_set_spki(key, spki, 0);
	gnutls_x509_spki_deinit(spki);
	return ret;
}

bool tbdi_signature_may_fit(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(issuer->crt, &bits);
	if (kind < 0 ||
		gnutls_sign_supports_pk_algorithm(cert->algorithm, (gnutls_pk_algorithm_t)kind) ==
			0)
		return false;
	/* An RSA signature is as long as the modulus. */
	return kind != GNUTLS_PK_RSA || cert->outline.signature.len == (bits + 7) / 8;
}

/* The cost grows with what stands in the exponent, which a peer can make as long as the modulus. The limits of
 * the moduli are OpenSSL's. */
enum {
	RSA_BITS_MAX = 16384,
	RSA_EXPONENT_LEN_MAX = 8,
	DSA_BITS_MAX = 10000,
	DSA_ORDER_LEN_MAX = 65
};

static bool is_cheap_rsa(gnutls_pubkey_t key, unsigned bits)
{
	gnutls_datum_t modulus = { NULL, 0 }, exponent = { NULL, 0 };
	if (gnutls_pubkey_export_rsa_raw2(key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ) < 0)
		return false;
	bool cheap = bits <= RSA_BITS_MAX && exponent.size <= RSA_EXPONENT_LEN_MAX;
	gnutls_free(modulus.data);
	gnutls_free(exponent.data);
	return cheap;
}

static bool is_cheap_dsa(gnutls_pubkey_t key, unsigned bits)
{
	gnutls_datum_t parts[4] = { { NULL, 0 } };
	if (gnutls_pubkey_export_dsa_raw(key, &parts[0], &parts[1], &parts[2], &parts[3]) < 0)
		return false;
	bool cheap = bits <= DSA_BITS_MAX && parts[1].size <= DSA_ORDER_LEN_MAX;
	for (size_t i = 0; i < TBDI_COUNT(parts); i++)
		gnutls_free(parts[i].data);
	return cheap;
}

static bool is_cheap(gnutls_pubkey_t key)
{
	unsigned bits = 0;
	switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
		return is_cheap_rsa(key, bits);
	case GNUTLS_PK_DSA:
		return is_cheap_dsa(key, bits);
	default:
		return true;
	}
}

bool tbdi_key_is_cheap(gnutls_x509_crt_t cert)
{
	gnutls_pubkey_t key = NULL;
	if (gnutls_pubkey_init(&key) < 0)
		return false;
	/* With a key that is not understood nothing is computed. */
	bool cheap = gnutls_pubkey_import_x509(key, cert, 0) < 0 || is_cheap(key);
	gnutls_pubkey_deinit(key);
	return cheap;
}

bool tbdi_signed_verifies(const struct tbdi_signed *item, struct tbd_bytes spki_der)
{
	/* Whether an algorithm is too weak is judged, and told, apart. */
	const unsigned flags = GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_RSA_MD5 |
		GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	gnutls_datum_t spki = tbdi_datum(spki_der);
	gnutls_datum_t data = tbdi_datum(item->data);
	gnutls_datum_t bits = tbdi_datum(item->bits);
	gnutls_pubkey_t key = NULL;
	if (gnutls_pubkey_init(&key) < 0)
		return false;
	bool is_pss = gnutls_sign_get_pk_algorithm(item->algorithm) == GNUTLS_PK_RSA_PSS;
	bool good = gnutls_pubkey_import(key, &spki, GNUTLS_X509_FMT_DER) >= 0 && is_cheap(key) &&
		(!is_pss || pss_prepare(key, item) >= 0) &&
		gnutls_pubkey_verify_data2(key, item->algorithm, flags, &data, &bits) >= 0;
	gnutls_pubkey_deinit(key);
	return good;
}

bool tbdi_signature_verifies(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	const struct tbdi_signed item = { cert->algorithm, cert->outline.signature_algorithm,
		cert->outline.tbs, cert->outline.signature };
	return tbdi_signed_verifies(&item, issuer->outline.spki);
}
