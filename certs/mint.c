/* SPDX-License-Identifier: MIT
 *
 * mint.c - certificates of any shape, made with GnuTLS.
 */
#include "config.h"

#include "mint.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum { HOUR = 60 * 60, DAY = 24 * HOUR, SERIAL_LEN = 16, KEY_ID_MAX = 64 };

/* ---- DER that GnuTLS would refuse to write ---------------------------------------------------- */

static void der_put(FILE *out, uint8_t tag, const void *data, size_t len)
{
	putc(tag, out);
	if (len >= 0x100)
		fprintf(out, "\x82%c%c", (int)(len >> 8 & 0xff), (int)(len & 0xff));
	else if (len >= 0x80)
		fprintf(out, "\x81%c", (int)len);
	else
		putc((int)len, out);
	fwrite(data, 1, len, out);
}

/* One element alone; give out->data back by free(). */
static int der_make(uint8_t tag, const void *data, size_t len, gnutls_datum_t *out)
{
	char *der = NULL;
	size_t der_len = 0;
	FILE *stream = open_memstream(&der, &der_len);
	*out = (gnutls_datum_t){ NULL, 0 };
	if (stream == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	der_put(stream, tag, data, len);
	int rc = fclose(stream) != 0 ? GNUTLS_E_MEMORY_ERROR : 0;
	*out = (gnutls_datum_t){ (unsigned char *)der, (unsigned)der_len };
	return rc;
}

/* GnuTLS does not write to it, whatever its type says. */
static gnutls_datum_t datum_of(const char *text)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)text, (unsigned)strlen(text) };
}

static int set_rdn(gnutls_x509_crt_t crt, const struct mint_rdn *rdn)
{
	gnutls_datum_t der;
	int rc = der_make(
		rdn->tag != 0 ? rdn->tag : MINT_UTF8_STRING, rdn->value.data, rdn->value.len, &der);
	if (rc == 0)
		rc = gnutls_x509_crt_set_dn_by_oid(crt, rdn->oid, 1, der.data, der.size);
	free(der.data);
	return rc;
}

static int set_subject(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	int rc = 0;
	const struct mint_rdn *rdn = spec->subject;
	for (; rc == 0 && rdn != NULL && rdn->oid != NULL; rdn++)
		rc = set_rdn(crt, rdn);
	if (rc < 0 || spec->cn == NULL)
		return rc;
	return set_rdn(crt,
		&(struct mint_rdn){ .oid = GNUTLS_OID_X520_COMMON_NAME,
			.value = { spec->cn, strlen(spec->cn) } });
}

/* ---- subjectAltName --------------------------------------------------------------------------- */

static void put_name(FILE *out, const char *name)
{
	uint8_t address[16];
	if (inet_pton(AF_INET, name, address) == 1)
		der_put(out, MINT_SAN_IP, address, 4);
	else if (inet_pton(AF_INET6, name, address) == 1)
		der_put(out, MINT_SAN_IP, address, 16);
	else
		der_put(out, MINT_SAN_DNS, name, strlen(name));
}

static int put_names(FILE *out, const char *names)
{
	char *copy = strdup(names != NULL ? names : "");
	if (copy == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	char *rest = NULL;
	for (char *name = strtok_r(copy, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
		put_name(out, name);
	free(copy);
	return 0;
}

/* By hand, because GnuTLS maps and checks what it takes for names. */
static int set_sans(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	if (spec->names == NULL && spec->sans == NULL)
		return 0;
	char *list = NULL;
	size_t list_len = 0;
	gnutls_datum_t der = { NULL, 0 };
	FILE *out = open_memstream(&list, &list_len);
	if (out == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	int rc = put_names(out, spec->names);
	for (const struct mint_san *san = spec->sans; san != NULL && san->tag != 0; san++)
		der_put(out, san->tag, san->value.data, san->value.len);
	if (fclose(out) != 0)
		rc = GNUTLS_E_MEMORY_ERROR;
	if (rc == 0)
		rc = der_make(0x30, list, list_len, &der);
	if (rc == 0)
		rc = gnutls_x509_crt_set_extension_by_oid(
			crt, GNUTLS_X509EXT_OID_SAN, der.data, der.size, 0);
	free(der.data);
	free(list);
	return rc;
}

/* ---- the other extensions --------------------------------------------------------------------- */

static int set_constraints(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	if (spec->no_basic_constraints)
		return 0;
	return gnutls_x509_crt_set_basic_constraints(crt, spec->ca, spec->pathlen - 1);
}

static int set_usage(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	if (spec->no_key_usage)
		return 0;
	unsigned fallback = spec->ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
				     : GNUTLS_KEY_DIGITAL_SIGNATURE;
	return gnutls_x509_crt_set_key_usage(
		crt, spec->key_usage != 0 ? spec->key_usage : fallback);
}

static int set_eku(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	static const char *const for_server[] = { GNUTLS_KP_TLS_WWW_SERVER, NULL };
	static const char *const for_ca[] = { NULL };
	const char *const *eku = spec->eku != NULL ? spec->eku : spec->ca ? for_ca : for_server;
	int rc = 0;
	for (; rc == 0 && *eku != NULL; eku++)
		rc = gnutls_x509_crt_set_key_purpose_oid(crt, *eku, 0);
	return rc;
}

static int set_subject_key_id(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	uint8_t id[KEY_ID_MAX];
	size_t len = sizeof(id);
	if (spec->skid != NULL)
		return spec->skid->len == 0 ? 0
					    : gnutls_x509_crt_set_subject_key_id(
						      crt, spec->skid->data, spec->skid->len);
	int rc = gnutls_x509_crt_get_key_id(crt, 0, id, &len);
	return rc < 0 ? rc : gnutls_x509_crt_set_subject_key_id(crt, id, len);
}

static int set_authority_key_id(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	uint8_t id[KEY_ID_MAX];
	size_t len = sizeof(id);
	if (spec->akid != NULL)
		return spec->akid->len == 0 ? 0
					    : gnutls_x509_crt_set_authority_key_id(
						      crt, spec->akid->data, spec->akid->len);
	if (spec->issuer == NULL)
		return 0;
	int rc = gnutls_x509_crt_get_subject_key_id(spec->issuer->crt, id, &len, NULL);
	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return 0;
	return rc < 0 ? rc : gnutls_x509_crt_set_authority_key_id(crt, id, len);
}

static int set_info_access(gnutls_x509_crt_t crt, int what, const char *url)
{
	if (url == NULL)
		return 0;
	gnutls_datum_t data = datum_of(url);
	return gnutls_x509_crt_set_authority_info_access(crt, what, &data);
}

static int set_crl(gnutls_x509_crt_t crt, const char *url)
{
	if (url == NULL)
		return 0;
	return gnutls_x509_crt_set_crl_dist_points2(
		crt, GNUTLS_SAN_URI, url, (unsigned)strlen(url), 0);
}

typedef int (*constraint_adder)(gnutls_x509_name_constraints_t constraints,
	gnutls_x509_subject_alt_name_t type, const gnutls_datum_t *name);

static int add_constraints(
	gnutls_x509_name_constraints_t constraints, const char *const *names, constraint_adder add)
{
	int rc = 0;
	for (; rc == 0 && names != NULL && *names != NULL; names++) {
		gnutls_datum_t name = datum_of(*names);
		rc = add(constraints, GNUTLS_SAN_DNSNAME, &name);
	}
	return rc;
}

static int set_name_constraints(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	if (spec->permitted_dns == NULL && spec->excluded_dns == NULL)
		return 0;
	gnutls_x509_name_constraints_t constraints = NULL;
	int rc = gnutls_x509_name_constraints_init(&constraints);
	if (rc < 0)
		return rc;
	rc = add_constraints(
		constraints, spec->permitted_dns, gnutls_x509_name_constraints_add_permitted);
	if (rc == 0)
		rc = add_constraints(
			constraints, spec->excluded_dns, gnutls_x509_name_constraints_add_excluded);
	if (rc == 0)
		rc = gnutls_x509_crt_set_name_constraints(crt, constraints, 1);
	gnutls_x509_name_constraints_deinit(constraints);
	return rc;
}

static int set_given(gnutls_x509_crt_t crt, const struct mint_extension *extension)
{
	int rc = 0;
	for (; rc == 0 && extension != NULL && extension->oid != NULL; extension++)
		rc = gnutls_x509_crt_set_extension_by_oid(crt, extension->oid,
			extension->value.data, extension->value.len, extension->critical);
	return rc;
}

static int set_extensions(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	int rc = 0;
	if (spec->version == 1)
		return 0;
	if ((rc = set_constraints(crt, spec)) < 0 || (rc = set_usage(crt, spec)) < 0 ||
		(rc = set_eku(crt, spec)) < 0 || (rc = set_subject_key_id(crt, spec)) < 0 ||
		(rc = set_authority_key_id(crt, spec)) < 0 || (rc = set_sans(crt, spec)) < 0 ||
		(rc = set_info_access(crt, GNUTLS_IA_OCSP_URI, spec->ocsp)) < 0 ||
		(rc = set_info_access(crt, GNUTLS_IA_CAISSUERS_URI, spec->aia)) < 0 ||
		(rc = set_crl(crt, spec->crl)) < 0 || (rc = set_name_constraints(crt, spec)) < 0)
		return rc;
	return set_given(crt, spec->extensions);
}

/* ---- the certificate -------------------------------------------------------------------------- */

static int make_key(gnutls_x509_privkey_t *out, const struct mint_spec *spec)
{
	static const struct {
		gnutls_pk_algorithm_t algorithm;
		unsigned bits;
	} types[] = {
		[MINT_P256] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
		[MINT_P384] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
		[MINT_ED25519] = { GNUTLS_PK_EDDSA_ED25519,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519) },
		[MINT_RSA] = { GNUTLS_PK_RSA, 2048 },
	};
	_Static_assert(sizeof(types) / sizeof(types[0]) == MINT_RSA + 1, "one for each value");
	int rc = gnutls_x509_privkey_init(out);
	if (rc < 0)
		return rc;
	if (spec->key_of != NULL)
		return gnutls_x509_privkey_cpy(*out, spec->key_of->key);
	unsigned bits = types[spec->key_type].bits;
	if (spec->key_type == MINT_RSA && spec->rsa_bits != 0)
		bits = spec->rsa_bits;
	return gnutls_x509_privkey_generate(*out, types[spec->key_type].algorithm, bits, 0);
}

static int set_serial(gnutls_x509_crt_t crt, const struct mint_bytes *serial)
{
	uint8_t bytes[SERIAL_LEN];
	if (serial->data != NULL)
		return gnutls_x509_crt_set_serial(crt, serial->data, serial->len);
	int rc = gnutls_rnd(GNUTLS_RND_NONCE, bytes, sizeof(bytes));
	if (rc < 0)
		return rc;
	/* Positive, and its first byte is not a superfluous zero. */
	bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
	return gnutls_x509_crt_set_serial(crt, bytes, sizeof(bytes));
}

static int set_times(gnutls_x509_crt_t crt, const struct mint_spec *spec)
{
	int64_t begin = spec->not_before != 0 ? spec->not_before : (int64_t)time(NULL) - HOUR;
	int64_t end = spec->not_after;
	if (end == 0)
		end = begin + (spec->ca ? 3650 : 365) * (int64_t)DAY;
	int rc = gnutls_x509_crt_set_activation_time(crt, (time_t)begin);
	return rc < 0 ? rc : gnutls_x509_crt_set_expiration_time(crt, (time_t)end);
}

static int sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t own_key, const struct mint_spec *spec)
{
	const struct mint_cert *signer = spec->signer != NULL ? spec->signer : spec->issuer;
	gnutls_privkey_t key = NULL;
	int rc = gnutls_privkey_init(&key);
	if (rc < 0)
		return rc;
	rc = gnutls_privkey_import_x509(key, signer != NULL ? signer->key : own_key, 0);
	if (rc == 0)
		rc = gnutls_x509_crt_privkey_sign(
			crt, spec->issuer != NULL ? spec->issuer->crt : crt, key, spec->hash, 0);
	gnutls_privkey_deinit(key);
	return rc;
}

static int mint_build(
	gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct mint_spec *spec)
{
	int rc = 0;
	if ((rc = gnutls_x509_crt_set_version(crt, spec->version != 0 ? spec->version : 3)) < 0 ||
		(rc = gnutls_x509_crt_set_key(crt, key)) < 0 ||
		(rc = set_serial(crt, &spec->serial)) < 0 || (rc = set_times(crt, spec)) < 0 ||
		(rc = set_subject(crt, spec)) < 0 || (rc = set_extensions(crt, spec)) < 0)
		return rc;
	return sign(crt, key, spec);
}

/* Encode `crt` and read it back into `cert`. */
static int mint_settle(struct mint_cert *cert, gnutls_x509_crt_t crt, bool break_signature)
{
	int rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &cert->der);
	if (rc < 0)
		return rc;
	if (break_signature)
		cert->der.data[cert->der.size - 1] ^= 1;
	if ((rc = gnutls_x509_crt_init(&cert->crt)) < 0 ||
		(rc = gnutls_x509_crt_import(cert->crt, &cert->der, GNUTLS_X509_FMT_DER)) < 0)
		return rc;
	return gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_PEM, &cert->pem);
}

struct mint_cert *mint_new(const struct mint_spec *spec, int *error)
{
	int rc = GNUTLS_E_MEMORY_ERROR;
	gnutls_x509_crt_t crt = NULL;
	struct mint_cert *cert = calloc(1, sizeof(*cert));
	if (cert == NULL || (rc = gnutls_x509_crt_init(&crt)) < 0 ||
		(rc = make_key(&cert->key, spec)) < 0 ||
		(rc = mint_build(crt, cert->key, spec)) < 0 ||
		(rc = mint_settle(cert, crt, spec->break_signature)) < 0) {
		mint_free(cert);
		cert = NULL;
	}
	gnutls_x509_crt_deinit(crt);
	if (error != NULL)
		*error = rc;
	return cert;
}

void mint_free(struct mint_cert *cert)
{
	if (cert == NULL)
		return;
	gnutls_x509_crt_deinit(cert->crt);
	gnutls_x509_privkey_deinit(cert->key);
	gnutls_free(cert->der.data);
	gnutls_free(cert->pem.data);
	free(cert);
}

/* ---- PEM and files ---------------------------------------------------------------------------- */

char *mint_key_pem(const struct mint_cert *cert)
{
	gnutls_datum_t pem = { NULL, 0 };
	if (gnutls_x509_privkey_export2_pkcs8(
		    cert->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) < 0)
		return NULL;
	return (char *)pem.data;
}

char *mint_chain_pem(const struct mint_cert *const *certs, size_t count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fwrite(certs[i]->pem.data, 1, certs[i]->pem.size, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int mint_write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int mint_write(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode & 0600);
	if (fd < 0)
		return -1;
	int rc = fchmod(fd, mode);
	if (rc == 0)
		rc = mint_write_all(fd, text, strlen(text));
	int saved = errno;
	if (close(fd) != 0 && rc == 0)
		return -1;
	errno = saved;
	return rc;
}

/* ---- the usual family ------------------------------------------------------------------------- */

int mint_family_init(struct mint_family *family, int64_t now)
{
	int rc = 0;
	int64_t begin = (now != 0 ? now : (int64_t)time(NULL)) - HOUR;
	*family = (struct mint_family){ 0 };
	family->root = mint_new(
		&(struct mint_spec){ .cn = "Sandbox Root CA", .ca = true, .not_before = begin },
		&rc);
	if (family->root == NULL)
		return rc;
	family->intermediate = mint_new(&(struct mint_spec){ .cn = "Sandbox Intermediate CA",
						.ca = true,
						.pathlen = MINT_PATHLEN(0),
						.issuer = family->root,
						.not_before = begin },
		&rc);
	if (family->intermediate != NULL)
		family->leaf = mint_new(&(struct mint_spec){ .cn = "localhost",
						.names = "localhost,127.0.0.1,::1",
						.issuer = family->intermediate,
						.not_before = begin },
			&rc);
	if (family->leaf == NULL)
		mint_family_release(family);
	return rc;
}

void mint_family_release(struct mint_family *family)
{
	mint_free(family->leaf);
	mint_free(family->intermediate);
	mint_free(family->root);
	*family = (struct mint_family){ 0 };
}
