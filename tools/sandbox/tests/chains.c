/* SPDX-License-Identifier: MIT
 *
 * chains.c - each chain of the sandbox has the one fault that its name says.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/sandbox/chains.h"

static const struct {
	const char *name;
	size_t sent;
	unsigned status; /* of GnuTLS, which sorts; 0: good */
	bool named;      /* for localhost */
} rows[] = {
	{ "complete", 2, 0, true },
	{ "leaf-only", 1, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "self-signed", 1, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "expired", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_EXPIRED, true },
	{ "not-yet-valid", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_NOT_ACTIVATED, true },
	{ "expires-now", 2, 0, true },
	{ "expires-soon", 2, 0, true },
	{ "wrong-host", 2, 0, false },
	{ "wildcard", 2, 0, false },
	{ "cn-only", 2, 0, true },
	{ "address-as-name", 2, 0, true },
	{ "other-root", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "rekeyed-root", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "renamed-root", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "encoded-name", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "intercepted", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "private-root", 3, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND, true },
	{ "expired-root", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_EXPIRED, true },
	{ "expired-cross-sign", 3, 0, true },
	{ "expired-intermediate", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_EXPIRED, true },
	{ "wrong-order", 3, 0, true },
	{ "duplicate", 3, 0, true },
	{ "unrelated", 3, 0, true },
	{ "root-sent", 3, 0, true },
	{ "large", 2, 0, true },
	{ "bad-signature", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNATURE_FAILURE, true },
	{ "not-a-ca", 2,
		GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE |
			GNUTLS_CERT_SIGNER_NOT_CA,
		true },
	{ "path-length", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, true },
	{ "name-constraints", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
		true },
	{ "client-only", 2, 0, true },
	{ "unknown-critical", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, true },
	{ "sha1", 2, GNUTLS_CERT_INVALID | GNUTLS_CERT_INSECURE_ALGORITHM, true },
	{ "weak-key", 2, 0, true },
};

TEST_EACH(one_fault, row, rows)
{
	struct chain chain;
	gnutls_x509_trust_list_t trust = NULL;
	gnutls_x509_crt_t certs[CHAIN_MAX];
	unsigned status = 0;
	ck_assert(chain_is_known(row->name));
	ck_assert_int_eq(chain_init(&chain, row->name, NULL), 0);
	ck_assert_uint_eq(chain.sent_count, row->sent);
	for (size_t i = 0; i < chain.sent_count; i++)
		certs[i] = chain.sent[i]->crt;
	ck_assert_int_eq(gnutls_x509_trust_list_init(&trust, 0), 0);
	ck_assert_int_eq(gnutls_x509_trust_list_add_cas(trust, &chain.root->crt, 1, 0), 1);
	ck_assert_int_eq(gnutls_x509_trust_list_verify_crt(trust, certs, (unsigned)chain.sent_count,
				 GNUTLS_VERIFY_ALLOW_UNSORTED_CHAIN, &status, NULL),
		0);
	ck_assert_uint_eq(status, row->status);
	ck_assert_int_eq(gnutls_x509_crt_check_hostname(certs[0], "localhost") != 0, row->named);
	gnutls_x509_trust_list_deinit(trust, 0);
	chain_release(&chain);
}

static bool issued(const struct mint_cert *issuer, const struct mint_cert *cert)
{
	return gnutls_x509_crt_check_issuer(cert->crt, issuer->crt) != 0;
}

TEST(wrong_order)
{
	struct chain chain;
	ck_assert_int_eq(chain_init(&chain, "wrong-order", NULL), 0);
	ck_assert(issued(chain.sent[2], chain.sent[0]));
	ck_assert(issued(chain.sent[1], chain.sent[2]));
	ck_assert(issued(chain.root, chain.sent[1]));
	chain_release(&chain);
}

TEST(expired_intermediate)
{
	struct chain chain;
	ck_assert_int_eq(chain_init(&chain, "expired-intermediate", NULL), 0);
	time_t now = time(NULL);
	ck_assert_int_gt(gnutls_x509_crt_get_expiration_time(chain.sent[0]->crt), now);
	ck_assert_int_lt(gnutls_x509_crt_get_expiration_time(chain.sent[1]->crt), now);
	chain_release(&chain);
}

TEST(unknown_name)
{
	struct chain chain;
	ck_assert(!chain_is_known("broken"));
	ck_assert_int_lt(chain_init(&chain, "broken", NULL), 0);
}
