/* SPDX-License-Identifier: MIT
 *
 * mint.c - certificates come out as they were ordered.
 */
#include "config.h"

#include "certs/mint.h"
#include "tests/unit/check-main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct mint_cert *mint_or_fail(const struct mint_spec *spec)
{
	int rc = 0;
	struct mint_cert *cert = mint_new(spec, &rc);
	ck_assert_msg(cert != NULL, "mint_new: %s", gnutls_strerror(rc));
	return cert;
}

static unsigned verify_family(
	const struct mint_cert *cert, const struct mint_cert *issuer, unsigned flags)
{
	unsigned status = 0;
	ck_assert_int_eq(gnutls_x509_crt_verify(cert->crt, &issuer->crt, 1, flags, &status), 0);
	return status;
}

TEST(family_verifies)
{
	struct mint_family family;
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	gnutls_x509_crt_t chain[] = { family.leaf->crt, family.intermediate->crt };
	unsigned status = 1;
	ck_assert_int_eq(
		gnutls_x509_crt_list_verify(chain, 2, &family.root->crt, 1, NULL, 0, 0, &status),
		0);
	ck_assert_uint_eq(status, 0);
	ck_assert(gnutls_x509_crt_check_hostname(family.leaf->crt, "localhost"));
	ck_assert(gnutls_x509_crt_check_hostname(family.leaf->crt, "127.0.0.1"));
	ck_assert(gnutls_x509_crt_check_hostname(family.leaf->crt, "::1"));
	ck_assert(!gnutls_x509_crt_check_hostname(family.leaf->crt, "example.org"));
	mint_family_release(&family);
	ck_assert_ptr_null(family.root);
}

TEST(family_is_valid_at_a_given_time)
{
	struct mint_family family;
	ck_assert_int_eq(mint_family_init(&family, 1600000000), 0);
	ck_assert_int_eq(gnutls_x509_crt_get_activation_time(family.leaf->crt), 1600000000 - 3600);
	ck_assert_int_gt(gnutls_x509_crt_get_expiration_time(family.leaf->crt), 1600000000);
	mint_family_release(&family);
}

TEST(ca_defaults)
{
	struct mint_cert *root = mint_or_fail(&(struct mint_spec){ .cn = "r", .ca = true });
	unsigned critical = 0, ca = 0, usage = 0;
	int pathlen = 0;
	uint8_t id[64];
	size_t len = sizeof(id);
	ck_assert_int_eq(
		gnutls_x509_crt_get_basic_constraints(root->crt, &critical, &ca, &pathlen), 1);
	ck_assert_uint_eq(critical, 1);
	ck_assert_int_eq(pathlen, -1);
	ck_assert_int_ge(gnutls_x509_crt_get_key_usage(root->crt, &usage, &critical), 0);
	ck_assert_uint_eq(usage, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	ck_assert_int_eq(gnutls_x509_crt_get_subject_key_id(root->crt, id, &len, NULL), 0);
	ck_assert_int_eq(gnutls_x509_crt_get_authority_key_id(root->crt, id, &len, NULL),
		GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
	ck_assert_uint_eq(verify_family(root, root, 0), 0);
	mint_free(root);
}

TEST(pathlen_and_eku)
{
	static const char *const eku[] = { GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KP_CODE_SIGNING, NULL };
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){
		.cn = "x", .ca = true, .pathlen = MINT_PATHLEN(2), .eku = eku });
	int pathlen = 0;
	unsigned critical = 0;
	char oid[64];
	size_t len = sizeof(oid);
	ck_assert_int_eq(gnutls_x509_crt_get_basic_constraints(cert->crt, NULL, NULL, &pathlen), 1);
	ck_assert_int_eq(pathlen, 2);
	ck_assert_int_eq(
		gnutls_x509_crt_get_key_purpose_oid(cert->crt, 1, oid, &len, &critical), 0);
	ck_assert_str_eq(oid, GNUTLS_KP_CODE_SIGNING);
	mint_free(cert);
}

TEST(nothing_but_the_names)
{
	static const char *const no_eku[] = { NULL };
	static const struct mint_bytes none = { NULL, 0 };
	struct mint_cert *root = mint_or_fail(&(struct mint_spec){ .cn = "r", .ca = true });
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){ .cn = "bare",
		.issuer = root,
		.no_basic_constraints = true,
		.no_key_usage = true,
		.eku = no_eku,
		.skid = &none,
		.akid = &none });
	char oid[64];
	size_t len = sizeof(oid);
	ck_assert_int_eq(gnutls_x509_crt_get_extension_oid(cert->crt, 0, oid, &len),
		GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
	ck_assert_uint_eq(verify_family(cert, root, 0), 0);
	mint_free(cert);
	mint_free(root);
}

TEST(version_1_has_no_extensions)
{
	struct mint_cert *cert =
		mint_or_fail(&(struct mint_spec){ .cn = "old", .ca = true, .version = 1 });
	char oid[64];
	size_t len = sizeof(oid);
	ck_assert_int_eq(gnutls_x509_crt_get_version(cert->crt), 1);
	ck_assert_int_eq(gnutls_x509_crt_get_extension_oid(cert->crt, 0, oid, &len),
		GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
	mint_free(cert);
}

TEST_TIMES(key_types, 4)
{
	static const struct {
		struct mint_spec spec;
		int algorithm;
		unsigned bits;
	} rows[] = {
		{ { .cn = "k" }, GNUTLS_PK_ECDSA, 256 },
		{ { .cn = "k", .key_type = MINT_P384 }, GNUTLS_PK_ECDSA, 384 },
		{ { .cn = "k", .key_type = MINT_ED25519 }, GNUTLS_PK_EDDSA_ED25519, 256 },
		{ { .cn = "k", .key_type = MINT_RSA, .rsa_bits = 1024 }, GNUTLS_PK_RSA, 1024 },
	};
	struct mint_cert *cert = mint_or_fail(&rows[_i].spec);
	unsigned bits = 0;
	ck_assert_int_eq(gnutls_x509_crt_get_pk_algorithm(cert->crt, &bits), rows[_i].algorithm);
	ck_assert_uint_eq(bits, rows[_i].bits);
	ck_assert_uint_eq(verify_family(cert, cert, GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT) &
			GNUTLS_CERT_SIGNATURE_FAILURE,
		0);
	mint_free(cert);
}

TEST_TIMES(weak_hashes, 2)
{
	static const struct {
		gnutls_digest_algorithm_t hash;
		int signature;
	} rows[] = {
		{ GNUTLS_DIG_SHA1, GNUTLS_SIGN_RSA_SHA1 },
		{ GNUTLS_DIG_MD5, GNUTLS_SIGN_RSA_MD5 },
	};
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){ .cn = "h",
		.ca = true,
		.key_type = MINT_RSA,
		.rsa_bits = 1024,
		.hash = rows[_i].hash });
	ck_assert_int_eq(gnutls_x509_crt_get_signature_algorithm(cert->crt), rows[_i].signature);
	mint_free(cert);
}

TEST(names_of_any_bytes)
{
	static const struct mint_san sans[] = {
		{ MINT_SAN_DNS, MINT_BYTES("a\0b.example") },
		{ MINT_SAN_DNS, MINT_BYTES("\x1b[31m\xff\xfe") },
		{ MINT_SAN_IP, MINT_BYTES("\x01\x02\x03") },
		{ 0 },
	};
	struct mint_cert *cert =
		mint_or_fail(&(struct mint_spec){ .names = "first,10.0.0.1", .sans = sans });
	char name[64];
	size_t len = sizeof(name);
	ck_assert_int_eq(gnutls_x509_crt_get_subject_alt_name(cert->crt, 0, name, &len, NULL),
		GNUTLS_SAN_DNSNAME);
	ck_assert_str_eq(name, "first");
	for (size_t i = 0; sans[i].tag != 0; i++) {
		len = sizeof(name);
		ck_assert_int_ge(gnutls_x509_crt_get_subject_alt_name(
					 cert->crt, (unsigned)i + 2, name, &len, NULL),
			0);
		ck_assert_mem_eq(name, sans[i].value.data, sans[i].value.len);
	}
	mint_free(cert);
}

TEST(subject_of_any_bytes)
{
	static const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("Acme\0\x1b]0;x\x07\xff"), 0 },
		{ GNUTLS_OID_X520_COUNTRY_NAME, MINT_BYTES("DE"), MINT_PRINTABLE_STRING },
		{ 0 },
	};
	struct mint_cert *cert =
		mint_or_fail(&(struct mint_spec){ .cn = "last", .subject = subject });
	static const char expected[] = "\x0c\x0b"
				       "Acme\0\x1b]0;x\x07\xff";
	gnutls_datum_t dn = { NULL, 0 };
	ck_assert_int_eq(gnutls_x509_crt_get_raw_dn(cert->crt, &dn), 0);
	ck_assert_ptr_nonnull(memmem(dn.data, dn.size, expected + 2, sizeof(expected) - 3));
	ck_assert_ptr_nonnull(memmem(dn.data, dn.size,
		"\x13\x02"
		"DE",
		4));
	ck_assert_ptr_nonnull(memmem(dn.data, dn.size, "\x0c\x04last", 6));
	gnutls_free(dn.data);
	mint_free(cert);
}

TEST(long_names)
{
	char names[600];
	memset(names, 'a', sizeof(names) - 1);
	names[sizeof(names) - 1] = '\0';
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){ .cn = names, .names = names });
	char name[sizeof(names)];
	size_t len = sizeof(name);
	ck_assert_int_ge(gnutls_x509_crt_get_subject_alt_name(cert->crt, 0, name, &len, NULL), 0);
	ck_assert_str_eq(name, names);
	mint_free(cert);
}

TEST(addresses_and_constraints)
{
	static const char *const permitted[] = { "example.org", NULL };
	static const char *const excluded[] = { "bad.example.org", NULL };
	static const struct mint_extension unknown[] = {
		{ "1.3.6.1.4.1.99999.1", true, MINT_BYTES("\x05\0") },
		{ 0 },
	};
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){ .cn = "x",
		.ca = true,
		.aia = "http://a/ca.cer",
		.ocsp = "http://o/",
		.crl = "http://c/x.crl",
		.permitted_dns = permitted,
		.excluded_dns = excluded,
		.extensions = unknown });
	gnutls_datum_t value = { NULL, 0 };
	ck_assert_int_eq(gnutls_x509_crt_get_authority_info_access(
				 cert->crt, 1, GNUTLS_IA_CAISSUERS_URI, &value, NULL),
		0);
	ck_assert_uint_eq(value.size, strlen("http://a/ca.cer"));
	gnutls_free(value.data);
	char url[64];
	size_t len = sizeof(url);
	ck_assert_int_ge(
		gnutls_x509_crt_get_crl_dist_points(cert->crt, 0, url, &len, NULL, NULL), 0);
	ck_assert_str_eq(url, "http://c/x.crl");
	unsigned critical = 0;
	len = sizeof(url);
	ck_assert_int_eq(gnutls_x509_crt_get_extension_by_oid(
				 cert->crt, unknown[0].oid, 0, url, &len, &critical),
		0);
	ck_assert_uint_eq(critical, 1);
	len = 0;
	ck_assert_int_eq(gnutls_x509_crt_get_extension_by_oid(cert->crt,
				 GNUTLS_X509EXT_OID_NAME_CONSTRAINTS, 0, NULL, &len, NULL),
		GNUTLS_E_SHORT_MEMORY_BUFFER);
	mint_free(cert);
}

TEST(signatures_that_do_not_fit)
{
	struct mint_cert *root = mint_or_fail(&(struct mint_spec){ .cn = "r", .ca = true });
	struct mint_cert *twin = mint_or_fail(&(struct mint_spec){ .cn = "r", .ca = true });
	struct mint_cert *good = mint_or_fail(&(struct mint_spec){ .cn = "l", .issuer = root });
	struct mint_cert *forged =
		mint_or_fail(&(struct mint_spec){ .cn = "l", .issuer = root, .signer = twin });
	struct mint_cert *broken = mint_or_fail(
		&(struct mint_spec){ .cn = "l", .issuer = root, .break_signature = true });
	ck_assert_uint_eq(verify_family(good, root, 0), 0);
	ck_assert_uint_ne(verify_family(forged, root, 0) & GNUTLS_CERT_SIGNATURE_FAILURE, 0);
	ck_assert_uint_ne(verify_family(broken, root, 0) & GNUTLS_CERT_SIGNATURE_FAILURE, 0);
	mint_free(broken);
	mint_free(forged);
	mint_free(good);
	mint_free(twin);
	mint_free(root);
}

TEST(one_key_twice)
{
	struct mint_cert *first = mint_or_fail(&(struct mint_spec){ .cn = "a" });
	struct mint_cert *second = mint_or_fail(&(struct mint_spec){ .cn = "b", .key_of = first });
	uint8_t one[64], two[64];
	size_t one_len = sizeof(one), two_len = sizeof(two);
	ck_assert_int_eq(gnutls_x509_crt_get_key_id(first->crt, 0, one, &one_len), 0);
	ck_assert_int_eq(gnutls_x509_crt_get_key_id(second->crt, 0, two, &two_len), 0);
	ck_assert_mem_eq(one, two, one_len);
	mint_free(second);
	mint_free(first);
}

TEST(dates_and_serial)
{
	struct mint_cert *cert = mint_or_fail(&(struct mint_spec){ .cn = "d",
		.not_before = 1000000000,
		.not_after = 1000000060,
		.serial = MINT_BYTES("\x12\x34") });
	uint8_t serial[32];
	size_t len = sizeof(serial);
	ck_assert_int_eq(gnutls_x509_crt_get_serial(cert->crt, serial, &len), 0);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(serial, "\x12\x34", 2);
	ck_assert_int_eq(gnutls_x509_crt_get_activation_time(cert->crt), 1000000000);
	ck_assert_int_eq(gnutls_x509_crt_get_expiration_time(cert->crt), 1000000060);
	mint_free(cert);
}

TEST(files)
{
	struct mint_family family;
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	const struct mint_cert *const chain[] = { family.leaf, family.intermediate };
	char *pem = mint_chain_pem(chain, 2);
	char *key_pem = mint_key_pem(family.leaf);
	ck_assert_ptr_nonnull(key_pem);
	gnutls_datum_t data = { (unsigned char *)pem, (unsigned)strlen(pem) };
	gnutls_x509_crt_t read[3];
	unsigned count = 3;
	ck_assert_int_eq(
		gnutls_x509_crt_list_import(read, &count, &data, GNUTLS_X509_FMT_PEM, 0), 2);
	ck_assert(gnutls_x509_crt_equals(read[1], family.intermediate->crt));
	gnutls_x509_crt_deinit(read[0]);
	gnutls_x509_crt_deinit(read[1]);

	char path[] = "/tmp/test-mint-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	struct stat st;
	ck_assert_int_eq(mint_write(path, key_pem, 0640), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	ck_assert_int_eq(st.st_size, (off_t)strlen(key_pem));
	ck_assert_int_eq(mint_write("/nonexistent/file", key_pem, 0600), -1);
	unlink(path);
	gnutls_free(key_pem);
	free(pem);
	mint_family_release(&family);
}

TEST(failure_is_reported)
{
	int rc = 0;
	static const struct mint_rdn bad[] = { { "not an oid", MINT_BYTES("x"), 0 }, { 0 } };
	ck_assert_ptr_null(mint_new(&(struct mint_spec){ .subject = bad }, &rc));
	ck_assert_int_lt(rc, 0);
}
