/* SPDX-License-Identifier: MIT
 *
 * trust-fixture.c - minted certificates, chains and stores for the tests of trust.
 */
#include "tests/unit/trust-fixture.h"

#include "verify/chain.h"

#include <check.h>
#include <unistd.h>

enum { KIT_MAX = 600 };

static struct mint_cert *minted[KIT_MAX];
static size_t minted_count;
static char files[KIT_MAX][64];
static size_t file_count;

const struct mint_cert *kit_mint(struct mint_spec spec)
{
	int code = 0;
	if (spec.not_before == 0)
		spec.not_before = KIT_NOW - KIT_DAY;
	ck_assert_uint_lt(minted_count, KIT_MAX);
	minted[minted_count] = mint_new(&spec, &code);
	ck_assert_msg(minted[minted_count] != NULL, "mint_new: %s", gnutls_strerror(code));
	return minted[minted_count++];
}

void kit_teardown(void)
{
	while (minted_count > 0)
		mint_free(minted[--minted_count]);
	while (file_count > 0)
		unlink(files[--file_count]);
}

struct tbd_report *kit_report(const struct mint_cert *const *certs, size_t count)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	int64_t now = KIT_NOW;
	options.time = &now;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	struct tbd_bytes ders[KIT_MAX];
	ck_assert_uint_lt(count, KIT_MAX);
	for (size_t i = 0; i < count; i++)
		ders[i] = (struct tbd_bytes){ certs[i]->der.data, certs[i]->der.size };
	ck_assert_int_eq(tbdi_chain_take(tbdi_report_of(report), ders, count, 1234, NULL), 0);
	return report;
}

const char *kit_file(const void *data, size_t len)
{
	ck_assert_uint_lt(file_count, KIT_MAX);
	char *path = files[file_count++];
	snprintf(path, sizeof(files[0]), "/tmp/tbdiag-test-XXXXXX");
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
	return path;
}

struct tbd_trust *kit_trust(const struct mint_cert *const *certs, size_t count)
{
	struct tbd_trust *trust = tbd_trust_new();
	struct tbd_error error = { "" };
	ck_assert_ptr_nonnull(trust);
	char *pem = mint_chain_pem(certs, count);
	ck_assert_ptr_nonnull(pem);
	int ret = tbd_trust_add_file(trust, kit_file(pem, strlen(pem)), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
	free(pem);
	return trust;
}

void kit_add_untrusted(struct tbd_trust *trust, const struct mint_cert *const *certs, size_t count)
{
	struct tbd_error error = { "" };
	char *pem = mint_chain_pem(certs, count);
	ck_assert_ptr_nonnull(pem);
	int ret = tbd_trust_add_untrusted(trust, kit_file(pem, strlen(pem)), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
	free(pem);
}

bool kit_is(const struct tbd_cert *cert, const struct mint_cert *other)
{
	return cert->der.len == other->der.size &&
		memcmp(cert->der.data, other->der.data, cert->der.len) == 0;
}
