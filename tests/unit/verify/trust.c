/* SPDX-License-Identifier: MIT
 *
 * trust.c - trust sources are read as devices get them.
 */
#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

#include "verify/trust.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void trust_setup(void)
{
	kit.trust = tbd_trust_new();
	ck_assert_ptr_nonnull(kit.trust);
	snprintf(dir, sizeof(dir), "/tmp/tbdiag-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void trust_teardown(void)
{
	static const char *const names[] = { "a.pem", "b.pem", "link.pem", "fifo", "loop", "sub" };
	char path[128];
	for (size_t i = 0; i < TBDI_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	rmdir(dir);
	kit_teardown();
}

static const struct tbd_trust_source *source(size_t i)
{
	ck_assert_uint_lt(i, kit.trust->sources.count);
	return kit.trust->sources.items[i];
}

static void add_text(const char *text)
{
	struct tbd_error error = { "" };
	int ret = tbd_trust_add_file(kit.trust, kit_file(text, strlen(text)), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
}

static const char *in_dir(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

TEST_GROUP(.setup = trust_setup, .teardown = trust_teardown);

TEST(pem_file)
{
	const struct mint_cert *certs[] = { MINT(.cn = "a"), MINT(.cn = "b") };
	char *pem = mint_chain_pem(certs, 2);
	add_text(pem);
	ck_assert_uint_eq(tbdi_trust_count(kit.trust), 2);
	const struct tbdi_trust_entry *second = tbdi_trust_entry(kit.trust, 1);
	ck_assert_uint_eq(second->place.number, 2);
	ck_assert_ptr_eq(strstr(pem + 1, "-----BEGIN"), pem + second->place.offset);
	ck_assert_uint_eq(second->der.len, certs[1]->der.size);
	ck_assert_mem_eq(second->der.data, certs[1]->der.data, second->der.len);
	ck_assert_uint_eq(second->subject_key_id.len, 20);
	ck_assert_uint_eq(source(0)->cert_count, 2);
	ck_assert_int_eq(source(0)->kind, TBD_SOURCE_FILE);
	ck_assert_ptr_null(source(0)->holds);
	ck_assert_str_eq(source(0)->path, second->place.file);
	free(pem);
}

TEST(der_file)
{
	const struct mint_cert *cert = MINT(.cn = "a");
	const char *path = kit_file(cert->der.data, cert->der.size);
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, path, NULL), 0);
	ck_assert_uint_eq(tbdi_trust_count(kit.trust), 1);
	ck_assert_uint_eq(source(0)->cert_count, 1);
}

TEST(certificate_beside_its_key)
{
	const struct mint_cert *cert = MINT(.cn = "a");
	char *key = mint_key_pem(cert), *text = NULL;
	ck_assert_int_gt(asprintf(&text, "%s%s%s", key, cert->pem.data, cert->pem.data), 0);
	add_text(text);
	ck_assert_uint_eq(tbdi_trust_count(kit.trust), 1);
	ck_assert_uint_eq(source(0)->cert_count, 1);
	ck_assert_uint_eq(tbdi_trust_entry(kit.trust, 0)->place.number, 1);
	gnutls_free(key);
	free(text);
}

#define OBJECT(label) "-----BEGIN " label "-----\nAAAA\n-----END " label "-----\n"

static const struct {
	const char *text;
	const char *holds;
} nothing[] = {
	{ "", "nothing at all" },
	{ "hello\n", "nothing that looks like a certificate" },
	{ OBJECT("EC PARAMETERS") OBJECT("EC PRIVATE KEY"), "a private key" },
	{ OBJECT("PRIVATE KEY") OBJECT("ENCRYPTED PRIVATE KEY"), "2 private keys" },
	{ OBJECT("CERTIFICATE REQUEST") OBJECT("NEW CERTIFICATE REQUEST"),
		"2 certificate requests" },
	{ OBJECT("CERTIFICATE"), "a certificate that cannot be read" },
	{ OBJECT("PKCS7"), "a PKCS#7 bundle" },
	{ OBJECT("X509 CRL"), "a revocation list" },
	{ OBJECT("PUBLIC KEY") OBJECT("RSA PRIVATE KEY"), "a private key and a public key" },
	{ OBJECT("DH PARAMETERS"), "a PEM object of another kind" },
};

TEST_EACH(file_without_certificate, row, nothing)
{
	add_text(row->text);
	ck_assert_uint_eq(source(0)->cert_count, 0);
	ck_assert_ptr_null(source(0)->error);
	ck_assert_str_eq(source(0)->holds, row->holds);
}

TEST(same_certificate_from_two_sources)
{
	const struct mint_cert *cert = MINT(.cn = "a");
	add_text((const char *)cert->pem.data);
	add_text((const char *)cert->pem.data);
	ck_assert_uint_eq(tbdi_trust_count(kit.trust), 1);
	ck_assert_uint_eq(source(0)->cert_count, 1);
	/* Not empty, although it brought nothing new. */
	ck_assert_uint_eq(source(1)->cert_count, 1);
}

TEST(file_that_cannot_be_read)
{
	struct tbd_error error = { "" };
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, "/nowhere/ca.pem", &error), TBD_E_OPEN);
	ck_assert_str_eq(error.text, "/nowhere/ca.pem: No such file or directory");
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, dir, &error), TBD_E_OPEN);
	ck_assert_ptr_nonnull(strstr(error.text, "Is a directory"));
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, "/dev/zero", &error), TBD_E_TOO_LARGE);
	ck_assert_uint_eq(kit.trust->sources.count, 0);
}

TEST(directory)
{
	const struct mint_cert *a = MINT(.cn = "a"), *b = MINT(.cn = "b");
	ck_assert_int_eq(mint_write(in_dir("b.pem"), (const char *)b->pem.data, 0600), 0);
	ck_assert_int_eq(mint_write(in_dir("a.pem"), (const char *)a->pem.data, 0600), 0);
	ck_assert_int_eq(symlink("a.pem", in_dir("link.pem")), 0);
	ck_assert_int_eq(symlink("loop", in_dir("loop")), 0);
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
	ck_assert_int_eq(mkdir(in_dir("sub"), 0700), 0);
	ck_assert_int_eq(tbd_trust_add_dir(kit.trust, dir, NULL), 0);
	ck_assert_int_eq(source(0)->kind, TBD_SOURCE_DIR);
	ck_assert_uint_eq(source(0)->cert_count, 2);
	ck_assert_uint_eq(tbdi_trust_count(kit.trust), 2);
	ck_assert_str_eq(tbdi_trust_entry(kit.trust, 0)->place.file, in_dir("a.pem"));
}

TEST(directory_without_certificate)
{
	ck_assert_int_eq(tbd_trust_add_dir(kit.trust, dir, NULL), 0);
	ck_assert_str_eq(source(0)->holds, "nothing at all");
	ck_assert_int_eq(tbd_trust_add_dir(kit.trust, "/nowhere/at/all", NULL), 0);
	ck_assert_str_eq(source(1)->error, "No such file or directory");
	ck_assert_ptr_null(source(1)->holds);
}

TEST(system_store)
{
	ck_assert_int_eq(tbd_trust_add_system(kit.trust, NULL), 0);
	ck_assert_int_eq(source(0)->kind, TBD_SOURCE_SYSTEM);
	ck_assert(
		source(0)->cert_count > 0 || source(0)->holds != NULL || source(0)->error != NULL);
	ck_assert_uint_eq(source(0)->cert_count, tbdi_trust_count(kit.trust));
}

/* Files that ThingsBoard's documentation gave to devices; they are not part of this tree. */
static const struct {
	const char *file;
	size_t count;
} real[] = {
	{ "tb-cloud-chain.pem", 2 }, /* each certificate is one line of base64 */
	{ "tb-server-chain-2022-09.pem", 4 },
	{ "tb-cloud-chain-2023-10.pem", 4 },
	{ "tb-cloud-chain-2021-10.pem", 4 },
};

TEST_EACH(real_file, row, real)
{
	char path[4096];
	const char *top = getenv("abs_top_srcdir");
	snprintf(path, sizeof(path), "%s/../shared/certs/%s", top != NULL ? top : ".", row->file);
	if (access(path, R_OK) < 0)
		return;
	ck_assert_int_eq(tbd_trust_add_file(kit.trust, path, NULL), 0);
	ck_assert_uint_eq(source(0)->cert_count, row->count);
}
