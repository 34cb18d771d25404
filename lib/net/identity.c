/* SPDX-License-Identifier: MIT
 *
 * identity.c - the certificate and key that we show a peer who asks for them.
 */
#include "net/tls.h"

#include "x509/cert.h"
#include "base/file.h"

#include <gnutls/x509.h>

/* PEM of a file, or of the caller's memory. */
struct source {
	const char *name;
	struct tbd_bytes text;
	struct tbdi_file file; /* or nothing */
};

static int source_open(
	struct source *source, const char *path, struct tbd_bytes memory, struct tbd_error *error)
{
	if (path == NULL)
		return tbdi_file_in_memory(
			memory.data, memory.len, &source->name, &source->text, error);
	int rc = tbdi_file_read_any(path, &source->file, error);
	source->name = path;
	source->text = source->file.bytes;
	return rc;
}

/* Traditional keys say it in a header (RFC 1421), those of PKCS #8 in their label (RFC 7468 11). */
static bool is_encrypted(struct tbd_bytes text)
{
	static const char word[] = "ENCRYPTED";
	return memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static int import_key(
	const struct source *source, gnutls_x509_privkey_t *key, struct tbd_error *error)
{
	gnutls_datum_t text = tbdi_datum(source->text);
	int imported = gnutls_x509_privkey_init(key);
	if (imported == 0)
		imported = gnutls_x509_privkey_import2(*key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (imported < 0 && is_encrypted(source->text))
		return tbdi_fail(error, TBD_E_INVALID,
			"%s: the key is encrypted; give it without a password", source->name);
	if (imported < 0)
		return tbdi_fail(error, TBD_E_INVALID,
			"%s: no private key in PEM (one of another file is named by --key): %s",
			source->name, gnutls_strerror(imported));
	return 0;
}

static int import_certs(const struct source *source, gnutls_x509_crt_t **certs, unsigned *count,
	struct tbd_error *error)
{
	gnutls_datum_t text = tbdi_datum(source->text);
	int imported = gnutls_x509_crt_list_import2(certs, count, &text, GNUTLS_X509_FMT_PEM, 0);
	if (imported < 0)
		return tbdi_fail(error, TBD_E_INVALID, "%s: no certificate in PEM: %s",
			source->name, gnutls_strerror(imported));
	return 0;
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

static int load(struct tbdi_report *report, const struct source *cert, const struct source *key,
	struct tbdi_identity *identity, struct tbd_error *error)
{
	gnutls_x509_crt_t *certs = NULL;
	unsigned count = 0;
	gnutls_x509_privkey_t private_key = NULL;
	int rc = import_certs(cert, &certs, &count, error);
	if (rc == 0)
		rc = import_key(key, &private_key, error);
	int set = rc < 0 ? 0
			 : gnutls_certificate_set_x509_key(
				   identity->credentials, certs, (int)count, private_key);
	if (set == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		rc = tbdi_fail(error, TBD_E_INVALID,
			"%s: this key does not belong to the first certificate in %s", key->name,
			cert->name);
	else if (set < 0)
		rc = tbdi_fail(error, TBD_E_INVALID, "%s: %s", cert->name, gnutls_strerror(set));
	if (rc == 0)
		rc = take_cert(report, cert->name, identity, error);
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(certs[i]);
	gnutls_free(certs);
	if (private_key != NULL)
		gnutls_x509_privkey_deinit(private_key);
	return rc;
}

bool tbdi_identity_is_given(const struct tbd_fetch_options *options)
{
	return options->cert_file != NULL || options->cert_mem.len > 0;
}

/* The key stands in the certificate's file unless there is another; a pipe is read once. */
static int load_given(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_identity *identity, struct tbd_error *error)
{
	struct source cert = { .name = "(client certificate)" }, key = { .name = "(client key)" };
	bool is_apart = options->key_file != NULL || options->key_mem.len > 0;
	int rc = source_open(&cert, options->cert_file, options->cert_mem, error);
	if (rc == 0 && is_apart)
		rc = source_open(&key, options->key_file, options->key_mem, error);
	if (rc == 0)
		rc = load(report, &cert, is_apart ? &key : &cert, identity, error);
	tbdi_file_release(&cert.file);
	tbdi_file_release(&key.file);
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
	if (rc == 0 && tbdi_identity_is_given(options))
		rc = load_given(report, options, identity, error);
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
