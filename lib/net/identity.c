/* SPDX-License-Identifier: MIT
 *
 * identity.c - the certificate and key that we show a peer who asks for them.
 */
#include "net/tls.h"

#include "x509/cert.h"
#include "base/file.h"

#include <gnutls/x509.h>

/* Traditional keys say it in a header (RFC 1421), those of PKCS #8 in their label (RFC 7468 11). */
static bool is_encrypted(const struct tbdi_file *file)
{
	static const char word[] = "ENCRYPTED";
	return memmem(file->bytes.data, file->bytes.len, word, strlen(word)) != NULL;
}

static int import_key(const char *path, gnutls_x509_privkey_t *key, struct tbd_error *error)
{
	struct tbdi_file file = { 0 };
	int rc = tbdi_file_read(path, &file, error);
	if (rc < 0)
		return rc;
	gnutls_datum_t text = tbdi_datum(file.bytes);
	int imported = gnutls_x509_privkey_init(key);
	if (imported == 0)
		imported = gnutls_x509_privkey_import2(*key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (imported < 0 && is_encrypted(&file))
		rc = tbdi_fail(error, TBD_E_INVALID,
			"%s: the key is encrypted; give it without a password", path);
	else if (imported < 0)
		rc = tbdi_fail(error, TBD_E_INVALID,
			"%s: no private key in PEM (one of another file is named by --key): %s",
			path, gnutls_strerror(imported));
	explicit_bzero(text.data, text.size);
	tbdi_file_release(&file);
	return rc;
}

static int import_certs(
	const char *path, gnutls_x509_crt_t **certs, unsigned *count, struct tbd_error *error)
{
	struct tbdi_file file = { 0 };
	int rc = tbdi_file_read(path, &file, error);
	if (rc < 0)
		return rc;
	gnutls_datum_t text = tbdi_datum(file.bytes);
	int imported = gnutls_x509_crt_list_import2(certs, count, &text, GNUTLS_X509_FMT_PEM, 0);
	if (imported < 0)
		rc = tbdi_fail(error, TBD_E_INVALID, "%s: no certificate in PEM: %s", path,
			gnutls_strerror(imported));
	explicit_bzero(text.data, text.size); /* the key may stand in the same file */
	tbdi_file_release(&file);
	return rc;
}

static int take_cert(struct tbdi_report *report, const char *path, struct tbdi_identity *identity,
	struct tbd_error *error)
{
	gnutls_datum_t der;
	int rc = gnutls_certificate_get_crt_raw(identity->credentials, 0, 0, &der);
	if (rc < 0)
		return tbdi_fail(error, TBD_E_CRYPTO, "%s: %s", path, gnutls_strerror(rc));
	struct tbdi_cert *cert = tbdi_cert_new(
		&report->arena, &report->owned, (struct tbd_bytes){ der.data, der.size });
	if (cert == NULL)
		return tbdi_fail_nomem(error);
	cert->pub.origin = TBD_ORIGIN_FILE;
	cert->pub.entry = 1;
	cert->pub.file = tbdi_arena_strdup(&report->arena, path);
	identity->cert = &cert->pub;
	return cert->pub.file == NULL ? tbdi_fail_nomem(error) : 0;
}

static int load(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_identity *identity, struct tbd_error *error)
{
	const char *cert_path = options->cert_file;
	const char *key_path = options->key_file != NULL ? options->key_file : cert_path;
	gnutls_x509_crt_t *certs = NULL;
	unsigned count = 0;
	gnutls_x509_privkey_t key = NULL;
	int rc = import_certs(cert_path, &certs, &count, error);
	if (rc == 0)
		rc = import_key(key_path, &key, error);
	if (rc < 0)
		goto out;
	int set = gnutls_certificate_set_x509_key(identity->credentials, certs, (int)count, key);
	if (set == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		rc = tbdi_fail(error, TBD_E_INVALID,
			"%s: this key does not belong to the first certificate in %s", key_path,
			cert_path);
	else if (set < 0)
		rc = tbdi_fail(error, TBD_E_INVALID, "%s: %s", cert_path, gnutls_strerror(set));
	else
		rc = take_cert(report, cert_path, identity, error);
out:
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(certs[i]);
	gnutls_free(certs);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return rc;
}

int tbdi_identity_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_identity **out, struct tbd_error *error)
{
	struct tbdi_identity *identity = calloc(1, sizeof(*identity));
	if (identity == NULL)
		return tbdi_fail_nomem(error);
	int rc = gnutls_certificate_allocate_credentials(&identity->credentials) < 0
		? tbdi_fail_nomem(error)
		: 0;
	if (rc == 0 && options->cert_file != NULL)
		rc = load(report, options, identity, error);
	if (rc < 0) {
		tbdi_identity_free(identity);
		return rc;
	}
	*out = identity;
	return 0;
}

void tbdi_identity_free(struct tbdi_identity *identity)
{
	if (identity == NULL)
		return;
	if (identity->credentials != NULL)
		gnutls_certificate_free_credentials(identity->credentials);
	free(identity);
}
