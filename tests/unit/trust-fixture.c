/* SPDX-License-Identifier: MIT
 *
 * trust-fixture.c - minted certificates, chains and stores for the tests of trust.
 */
#include "tests/unit/trust-fixture.h"

#include "verify/chain.h"

#include <check.h>
#include <unistd.h>

enum { KIT_MAX = 600, ROLES_MAX = 64 };

struct kit kit;

static struct mint_cert *minted[KIT_MAX];
static size_t minted_count;
static char files[KIT_MAX][64];
static size_t file_count;
static const struct kit_role *roles;
static const struct mint_cert *played[ROLES_MAX];

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

void kit_cast(const struct kit_role *cast)
{
	roles = cast;
}

const struct mint_cert *kit_cert(const char *name)
{
	size_t i = 0;
	while (strcmp(roles[i].name, name) != 0)
		ck_assert_msg(roles[++i].name != NULL, "nobody is called %s", name);
	ck_assert_uint_lt(i, ROLES_MAX);
	if (played[i] != NULL)
		return played[i];
	struct mint_spec spec = roles[i].spec;
	if (roles[i].issuer != NULL)
		spec.issuer = kit_cert(roles[i].issuer);
	if (roles[i].key_of != NULL)
		spec.key_of = kit_cert(roles[i].key_of);
	return played[i] = kit_mint(spec);
}

size_t kit_certs(const char *names, const struct mint_cert **out)
{
	char copy[128], *rest = NULL;
	size_t count = 0;
	ck_assert_int_lt(snprintf(copy, sizeof(copy), "%s", names), (int)sizeof(copy));
	for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		ck_assert_uint_lt(count, KIT_NAMED_MAX);
		out[count++] = kit_cert(name);
	}
	return count;
}

void kit_stage(const char *sent, const char *trusted)
{
	const struct mint_cert *certs[KIT_NAMED_MAX];
	kit_forget();
	kit.report = kit_report(certs, kit_certs(sent, certs));
	kit.trust = kit_trust(certs, kit_certs(trusted, certs));
}

void kit_forget(void)
{
	tbd_report_free(kit.report);
	tbd_trust_free(kit.trust);
	kit = (struct kit){ NULL, NULL };
}

void kit_teardown(void)
{
	kit_forget();
	memset(played, 0, sizeof(played));
	while (minted_count > 0)
		mint_free(minted[--minted_count]);
	while (file_count > 0)
		unlink(files[--file_count]);
}

struct tbd_report *kit_report(const struct mint_cert *const *certs, size_t count)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *made = NULL;
	int64_t now = KIT_NOW;
	options.time = &now;
	ck_assert_int_eq(tbd_report_new(&options, &made, NULL), 0);
	struct tbd_bytes ders[KIT_MAX];
	ck_assert_uint_lt(count, KIT_MAX);
	for (size_t i = 0; i < count; i++)
		ders[i] = (struct tbd_bytes){ certs[i]->der.data, certs[i]->der.size };
	ck_assert_int_eq(tbdi_chain_take(tbdi_report_of(made), ders, count, 1234, NULL), 0);
	return made;
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
	struct tbd_trust *store = tbd_trust_new();
	struct tbd_error error = { "" };
	ck_assert_ptr_nonnull(store);
	if (count == 0)
		return store;
	char *pem = mint_chain_pem(certs, count);
	ck_assert_ptr_nonnull(pem);
	int ret = tbd_trust_add_file(store, kit_file(pem, strlen(pem)), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
	free(pem);
	return store;
}

void kit_add_untrusted(const struct mint_cert *const *certs, size_t count)
{
	struct tbd_error error = { "" };
	char *pem = mint_chain_pem(certs, count);
	ck_assert_ptr_nonnull(pem);
	int ret = tbd_trust_add_untrusted(kit.trust, kit_file(pem, strlen(pem)), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
	free(pem);
}

bool kit_is(const struct tbd_cert *cert, const struct mint_cert *other)
{
	return cert->der.len == other->der.size &&
		memcmp(cert->der.data, other->der.data, cert->der.len) == 0;
}
