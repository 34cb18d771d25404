/* SPDX-License-Identifier: MIT
 *
 * lint-key.c - the private key that belongs to a file of certificates: of which kind it is, and whether it fits.
 */
#include "verify/lint.h"

#include "x509/cert.h"
#include "x509/pem.h"

#include <gnutls/x509.h>

/* Kinds by their label. In PEM as OpenSSL made it of old, a header says that it is encrypted (RFC 1421). */
static const char *format_of(const struct tbdi_pem *pem)
{
	static const char encrypted[] = "ENCRYPTED";
	static const struct {
		const char *label, *format;
	} formats[] = {
		{ "ENCRYPTED PRIVATE KEY", "encrypted-pkcs8" },
		{ "PRIVATE KEY", "pkcs8" },
		{ "RSA PRIVATE KEY", "pkcs1" },
		{ "EC PRIVATE KEY", "sec1" },
	};
	if (memmem(pem->body.data, pem->body.len, encrypted, strlen(encrypted)) != NULL)
		return "encrypted-pem";
	for (size_t i = 0; i < TBDI_COUNT(formats); i++)
		if (tbdi_pem_label_is(pem, formats[i].label))
			return formats[i].format;
	return "other";
}

static bool find_key(struct tbd_bytes text, struct tbdi_pem *pem)
{
	size_t at = 0;
	while (tbdi_pem_next(text, &at, pem))
		if (tbdi_pem_is_private_key(pem))
			return true;
	return false;
}

/* Both have the same public key. */
static enum tbd_answer fits(gnutls_x509_privkey_t key, gnutls_x509_crt_t cert)
{
	unsigned char of_key[64], of_cert[64];
	size_t key_len = sizeof(of_key), cert_len = sizeof(of_cert);
	if (gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) < 0 ||
		gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, of_cert, &cert_len) < 0)
		return TBD_ANSWER_UNCLEAR;
	bool same = key_len == cert_len && memcmp(of_key, of_cert, key_len) == 0;
	return same ? TBD_ANSWER_YES : TBD_ANSWER_NO;
}

static enum tbd_answer compare_keys(
	struct tbd_bytes text, const struct tbdi_pem *pem, struct tbd_bytes certificate)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t cert = NULL;
	gnutls_datum_t der = tbdi_datum(certificate);
	gnutls_datum_t from = { tbdi_datum(text).data + pem->offset,
		(unsigned)(text.len - pem->offset) };
	enum tbd_answer answer = TBD_ANSWER_UNCLEAR;
	if (gnutls_x509_privkey_init(&key) >= 0 && gnutls_x509_crt_init(&cert) >= 0 &&
		gnutls_x509_privkey_import2(
			key, &from, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN) >= 0 &&
		gnutls_x509_crt_import(cert, &der, GNUTLS_X509_FMT_DER) >= 0)
		answer = fits(key, cert);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	if (cert != NULL)
		gnutls_x509_crt_deinit(cert);
	return answer;
}

int tbdi_lint_key(struct tbdi_arena *arena, struct tbd_bytes text, const char *file,
	struct tbd_bytes certificate, const struct tbd_lint_key **out)
{
	struct tbdi_pem pem;
	*out = NULL;
	if (!find_key(text, &pem))
		return 0;
	struct tbd_lint_key *key = tbdi_arena_alloc(arena, sizeof(*key));
	if (key == NULL)
		return TBD_E_NOMEM;
	key->file = tbdi_arena_utf8(arena, file, strlen(file));
	key->format = format_of(&pem);
	key->fits = TBD_ANSWER_UNCLEAR;
	if (certificate.len > 0 && strncmp(key->format, "encrypted", strlen("encrypted")) != 0)
		key->fits = compare_keys(text, &pem, certificate);
	*out = key;
	return key->file == NULL ? TBD_E_NOMEM : 0;
}
