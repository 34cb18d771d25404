/* SPDX-License-Identifier: MIT
 *
 * cert.c - certificates are described as they are; chains stay as they came.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

#include "verify/chain.h"

#include <gnutls/pkcs7.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct tbd_cert *describe(const struct mint_cert *minted)
{
	tbd_report_free(kit.report);
	kit.report = REPORT(minted);
	return kit.report->chain->certs[0];
}

TEST_GROUP(.teardown = kit_teardown);

TEST(fields_of_a_leaf)
{
	const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("Org, Inc."), 0 },
		{ NULL, { NULL, 0 }, 0 },
	};
	const struct mint_cert *root = MINT(.cn = "Root", .ca = true);
	const struct tbd_cert *cert =
		describe(MINT(.subject = subject, .cn = "leaf", .issuer = root,
			.names = "localhost,192.0.2.1,::1", .serial = MINT_BYTES("\x00\xab\xcd"),
			.aia = "http://ca.example/i", .ocsp = "http://ca.example/o",
			.crl = "http://ca.example/c", .not_after = KIT_NOW + KIT_DAY));
	ck_assert_ptr_null(cert->error);
	ck_assert_int_eq(cert->origin, TBD_ORIGIN_SENT);
	ck_assert_int_eq(cert->version, 3);
	ck_assert_str_eq(cert->subject, "CN=leaf,O=Org\\, Inc.");
	ck_assert_str_eq(cert->issuer, "CN=Root");
	ck_assert_str_eq(cert->common_name, "leaf");
	ck_assert_str_eq(cert->serial, "abcd");
	ck_assert_int_eq(cert->not_before, KIT_NOW - KIT_DAY);
	ck_assert_int_eq(cert->not_after, KIT_NOW + KIT_DAY);
	ck_assert_uint_eq(cert->name_count, 3);
	ck_assert_int_eq(cert->names[0].type, TBD_NAME_DNS);
	ck_assert_str_eq(cert->names[0].value, "localhost");
	ck_assert_int_eq(cert->names[1].type, TBD_NAME_IP);
	ck_assert_str_eq(cert->names[1].value, "192.0.2.1");
	ck_assert_str_eq(cert->names[2].value, "::1");
	ck_assert_str_eq(cert->signature_algorithm, "ECDSA-SHA256");
	ck_assert_str_eq(cert->signature_hash, "SHA256");
	ck_assert_uint_eq(strlen(cert->sha256), 64);
	ck_assert_uint_eq(strlen(cert->spki_sha256), 64);
	ck_assert_ptr_nonnull(cert->subject_key_id);
	ck_assert_ptr_nonnull(cert->authority_key_id);
	ck_assert(cert->has_basic_constraints && !cert->is_ca);
	ck_assert_int_eq(cert->path_length, -1);
	ck_assert(cert->has_key_usage && cert->has_purposes);
	ck_assert_str_eq(cert->key_usage[0], "digitalSignature");
	ck_assert_str_eq(cert->purposes[0], "serverAuth");
	ck_assert_ptr_null(cert->purposes[1]);
	ck_assert_str_eq(cert->aia_issuers[0], "http://ca.example/i");
	ck_assert_str_eq(cert->ocsp_servers[0], "http://ca.example/o");
	ck_assert_str_eq(cert->crl_points[0], "http://ca.example/c");
	ck_assert_ptr_null(cert->unknown_critical[0]);
	ck_assert(!cert->self_issued && !cert->self_signed && !cert->has_name_constraints);
}

TEST(fields_of_a_root)
{
	static const char *const permitted[] = { "example.org", NULL };
	const struct tbd_cert *cert = describe(MINT(.cn = "Root", .ca = true,
		.pathlen = MINT_PATHLEN(3), .permitted_dns = permitted));
	ck_assert(cert->is_ca && cert->self_issued && cert->self_signed);
	ck_assert(cert->has_name_constraints && !cert->has_purposes);
	ck_assert_int_eq(cert->path_length, 3);
	ck_assert_ptr_null(cert->authority_key_id);
	ck_assert_uint_eq(cert->name_count, 0);
	ck_assert_ptr_null(cert->purposes[0]);
}

static const struct {
	struct mint_spec spec;
	const char *algorithm;
	const char *curve;
	unsigned bits;
	const char *signature;
	const char *hash;
} keys[] = {
	{ { .key_type = MINT_P256 }, "EC", "P-256", 256, "ECDSA-SHA256", "SHA256" },
	{ { .key_type = MINT_P384 }, "EC", "P-384", 384, "ECDSA-SHA384", "SHA384" },
	{ { .key_type = MINT_ED25519 }, "Ed25519", NULL, 256, "Ed25519", NULL },
	{ { .key_type = MINT_RSA, .rsa_bits = 1024 }, "RSA", NULL, 1024, "RSA-SHA256", "SHA256" },
	{ { .key_type = MINT_RSA, .rsa_bits = 1024, .hash = GNUTLS_DIG_MD5 }, "RSA", NULL, 1024,
		"RSA-MD5", "MD5" },
};

TEST_EACH(key, row, keys)
{
	struct mint_spec spec = row->spec;
	spec.cn = "leaf";
	const struct tbd_cert *cert = describe(kit_mint(spec));
	ck_assert_str_eq(cert->key_algorithm, row->algorithm);
	ck_assert_uint_eq(cert->key_bits, row->bits);
	ck_assert_pstr_eq(cert->key_curve, row->curve);
	ck_assert_str_eq(cert->signature_algorithm, row->signature);
	ck_assert_pstr_eq(cert->signature_hash, row->hash);
}

TEST(names_with_odd_bytes)
{
	const struct mint_san sans[] = {
		{ MINT_SAN_DNS, MINT_BYTES("good.example\0.evil.example") },
		{ MINT_SAN_DNS, MINT_BYTES("\xff") },
		{ MINT_SAN_IP, MINT_BYTES("\x01\x02\x03") },
		{ MINT_SAN_URI, MINT_BYTES("coap://x") },
		{ MINT_SAN_EMAIL, MINT_BYTES("a@b") },
		{ 0, { NULL, 0 } },
	};
	const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_COMMON_NAME, MINT_BYTES("a\0b\n"), 0 },
		{ NULL, { NULL, 0 }, 0 },
	};
	const struct tbd_cert *cert = describe(MINT(.subject = subject, .sans = sans));
	ck_assert_ptr_null(cert->error);
	ck_assert_uint_eq(cert->name_count, 5);
	ck_assert_str_eq(cert->names[0].value, "good.example\xef\xbf\xbd.evil.example");
	ck_assert_str_eq(cert->names[1].value, "\xef\xbf\xbd");
	ck_assert_str_eq(cert->names[2].value, "010203");
	ck_assert_int_eq(cert->names[3].type, TBD_NAME_URI);
	ck_assert_int_eq(cert->names[4].type, TBD_NAME_EMAIL);
}

static const struct mint_extension odd[] = {
	{ "1.2.3.4", true, MINT_BYTES("\x05\x00") },
	{ "1.2.3.5", false, MINT_BYTES("\x05\x00") },
	{ NULL, false, { NULL, 0 } },
};
static const struct mint_extension bad_usage[] = {
	{ "2.5.29.15", true, MINT_BYTES("\x30\x00") },
	{ NULL, false, { NULL, 0 } },
};

TEST(extensions)
{
	const struct tbd_cert *cert = describe(MINT(.cn = "leaf", .extensions = odd));
	ck_assert_str_eq(cert->unknown_critical[0], "1.2.3.4");
	ck_assert_ptr_null(cert->unknown_critical[1]);
	cert = describe(MINT(.cn = "leaf", .no_key_usage = true, .extensions = bad_usage));
	ck_assert_str_eq(cert->error, "its keyUsage is malformed");
	ck_assert_uint_eq(strlen(cert->sha256), 64);
}

TEST(every_prefix_is_malformed)
{
	const struct mint_cert *minted = MINT(.cn = "leaf", .names = "localhost");
	for (unsigned len = 0; len < minted->der.size; len++) {
		struct mint_cert cut = *minted;
		cut.der.size = len;
		ck_assert_ptr_nonnull(describe(&cut)->error);
	}
}

TEST(every_byte_changed)
{
	/* Whatever it becomes, it is described or refused, and nothing else happens. */
	const struct mint_cert *minted =
		MINT(.cn = "leaf", .names = "localhost", .aia = "http://x/");
	uint8_t *copy = malloc(minted->der.size);
	ck_assert_ptr_nonnull(copy);
	for (unsigned i = 0; i < minted->der.size; i++) {
		memcpy(copy, minted->der.data, minted->der.size);
		copy[i] = (uint8_t)(copy[i] ^ (1U << (i % 8)));
		struct mint_cert changed = *minted;
		changed.der.data = copy;
		const struct tbd_cert *cert = describe(&changed);
		ck_assert(cert->error != NULL || cert->subject != NULL);
	}
	free(copy);
}

TEST(too_large)
{
	static uint8_t zeros[256 * 1024 + 1];
	struct mint_cert large = { .der = { zeros, sizeof(zeros) } };
	ck_assert_str_eq(describe(&large)->error, "it is larger than 256 KiB");
}

TEST(chain_keeps_its_order)
{
	const struct mint_cert *a = MINT(.cn = "a"), *b = MINT(.cn = "b");
	kit.report = REPORT(b, a, b);
	ck_assert_uint_eq(kit.report->chain->count, 3);
	ck_assert_uint_eq(kit.report->chain->message_len, 1234);
	ck_assert(!kit.report->chain->truncated);
	ck_assert(kit_is(kit.report->chain->certs[0], b) && kit_is(kit.report->chain->certs[1], a));
	ck_assert_uint_eq(kit.report->chain->certs[2]->index, 2);
}

TEST(chain_is_truncated)
{
	const struct mint_cert *many[TBD_CHAIN_MAX + 1];
	for (size_t i = 0; i < TBDI_COUNT(many); i++)
		many[i] = i == 0 ? MINT(.cn = "a") : many[0];
	kit.report = kit_report(many, TBD_CHAIN_MAX);
	ck_assert(!kit.report->chain->truncated);
	tbd_report_free(kit.report);
	kit.report = kit_report(many, TBD_CHAIN_MAX + 1);
	ck_assert(kit.report->chain->truncated);
	ck_assert_uint_eq(kit.report->chain->count, TBD_CHAIN_MAX);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int load(const char *path)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_error error = { "" };
	tbd_report_free(kit.report);
	ck_assert_int_eq(tbd_report_new(&options, &kit.report, NULL), 0);
	int ret = tbd_load(kit.report, path, &error);
	if (ret < 0)
		ck_assert_msg(strstr(error.text, path) != NULL, "%s", error.text);
	return ret;
}

TEST(load_pem)
{
	const struct mint_cert *certs[] = { MINT(.cn = "a"), MINT(.cn = "b") };
	char *pem = mint_chain_pem(certs, 2);
	ck_assert_ptr_nonnull(pem);
	ck_assert_int_eq(load(kit_file(pem, strlen(pem))), 0);
	ck_assert_uint_eq(kit.report->chain->count, 2);
	ck_assert_ptr_nonnull(kit.report->chain->file);
	const struct tbd_cert *second = kit.report->chain->certs[1];
	ck_assert(kit_is(second, certs[1]));
	ck_assert_int_eq(second->origin, TBD_ORIGIN_FILE);
	ck_assert_str_eq(second->file, kit.report->chain->file);
	ck_assert_uint_eq(second->entry, 2);
	ck_assert_ptr_eq(strstr(pem + 1, "-----BEGIN"), pem + second->offset);
	free(pem);
}

TEST(load_der)
{
	const struct mint_cert *cert = MINT(.cn = "a");
	ck_assert_int_eq(load(kit_file(cert->der.data, cert->der.size)), 0);
	ck_assert_uint_eq(kit.report->chain->count, 1);
	ck_assert(kit_is(kit.report->chain->certs[0], cert));
	ck_assert_int_eq(load(kit_file(cert->der.data, cert->der.size - 1)), 0);
	ck_assert_uint_eq(kit.report->chain->count, 0);
}

TEST_TIMES(load_pkcs7, 2)
{
	const struct mint_cert *certs[] = { MINT(.cn = "a"), MINT(.cn = "b") };
	gnutls_pkcs7_t pkcs7;
	gnutls_datum_t data;
	ck_assert_int_ge(gnutls_pkcs7_init(&pkcs7), 0);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_ge(gnutls_pkcs7_set_crt(pkcs7, certs[i]->crt), 0);
	gnutls_x509_crt_fmt_t format = _i == 0 ? GNUTLS_X509_FMT_DER : GNUTLS_X509_FMT_PEM;
	ck_assert_int_ge(gnutls_pkcs7_export2(pkcs7, format, &data), 0);
	ck_assert_int_eq(load(kit_file(data.data, data.size)), 0);
	ck_assert_uint_eq(kit.report->chain->count, 2);
	gnutls_free(data.data);
	gnutls_pkcs7_deinit(pkcs7);
}

TEST(load_nothing)
{
	static const char text[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
	ck_assert_int_eq(load(kit_file("", 0)), 0);
	ck_assert_uint_eq(kit.report->chain->count, 0);
	ck_assert_ptr_null(kit.report->chain->certs[0]);
	ck_assert_int_eq(load(kit_file(text, strlen(text))), 0);
	ck_assert_uint_eq(kit.report->chain->count, 0);
}

TEST(load_damaged)
{
	static const char text[] = "-----BEGIN CERTIFICATE-----\nAA!A\n-----END CERTIFICATE-----\n";
	ck_assert_int_eq(load(kit_file(text, strlen(text))), 0);
	ck_assert_uint_eq(kit.report->chain->count, 1);
	ck_assert_str_eq(kit.report->chain->certs[0]->error, "its base64 is damaged");
}

TEST(load_what_is_no_file)
{
	char path[80];
	ck_assert_int_eq(load("/nowhere/at/all"), TBD_E_OPEN);
	ck_assert_int_eq(load("/tmp"), TBD_E_OPEN);
	snprintf(path, sizeof(path), "%s.loop", kit_file("", 0));
	ck_assert_int_eq(symlink(path, path), 0);
	int loop = load(path);
	unlink(path);
	ck_assert_int_eq(loop, TBD_E_OPEN);
}

TEST(load_too_large)
{
	const char *path = kit_file("", 0);
	ck_assert_int_eq(truncate(path, ((off_t)64 << 20) + 1), 0);
	ck_assert_int_eq(load(path), TBD_E_TOO_LARGE);
}

TEST(to_pem)
{
	const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_COMMON_NAME, MINT_BYTES("a\n-----BEGIN CERTIFICATE-----\n"), 0 },
		{ NULL, { NULL, 0 }, 0 },
	};
	const struct mint_cert *a = MINT(.subject = subject), *b = MINT(.cn = "b");
	char *pem = NULL;
	kit.report = REPORT(a, b);
	ck_assert_int_eq(tbd_certs_to_pem(kit.report->chain->certs, 2, &pem, NULL), 0);
	ck_assert_int_eq(strncmp(pem,
				 "# CN=a?"
				 "?----BEGIN",
				 17),
		0);
	ck_assert_ptr_nonnull(strstr(pem, "\n# CN=b\n# SHA-256 "));
	ck_assert_ptr_null(strstr(pem, "\n\n"));
	free(pem);
	ck_assert_int_eq(tbd_certs_to_pem(NULL, 0, &pem, NULL), 0);
	ck_assert_str_eq(pem, "");
	free(pem);
}
