/* SPDX-License-Identifier: MIT
 *
 * make-fixtures.c - make the fixed-date chains of tests/data/fixtures/. They are kept in the tree, because
 * the expected outputs in tests/data/golden/ name their keys and fingerprints: `make fixtures` makes new
 * ones, and then the expected outputs have to be made anew (tests/live/chain-file.t --golden).
 */
#include "config.h"

#include "certs/mint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 2025-01-01 to 2027-01-01; CAs to 2035-01-01. The tests judge with --at 2026-06-01. */
enum { BEGIN = 1735689600, END = 1798761600 };
#define CA_END INT64_C(2051222400)

static struct mint_cert *make_cert(const struct mint_spec *spec)
{
	int rc = 0;
	struct mint_cert *cert = mint_new(spec, &rc);
	if (cert == NULL) {
		fprintf(stderr, "make-fixtures: %s: %s\n", spec->cn, gnutls_strerror(rc));
		exit(EXIT_FAILURE);
	}
	return cert;
}

static struct mint_cert *make_ca(const char *cn, const struct mint_cert *issuer)
{
	return make_cert(&(struct mint_spec){
		.cn = cn, .issuer = issuer, .ca = true, .not_before = BEGIN, .not_after = CA_END });
}

static struct mint_cert *make_leaf(const struct mint_cert *issuer, int64_t begin, int64_t end)
{
	return make_cert(&(struct mint_spec){ .cn = "mqtt.example.com",
		.issuer = issuer,
		.names = "mqtt.example.com,192.0.2.7",
		.not_before = begin,
		.not_after = end,
		.aia = "http://ca.example.com/issuing.cer",
		.ocsp = "http://ocsp.example.com",
		.crl = "http://ca.example.com/issuing.crl" });
}

static void fixtures_fail(const char *path)
{
	perror(path);
	exit(EXIT_FAILURE);
}

static void write_chain(const char *path, const struct mint_cert *const *certs, size_t count)
{
	char *pem = mint_chain_pem(certs, count);
	if (pem == NULL || mint_write(path, pem, 0644) < 0)
		fixtures_fail(path);
	free(pem);
}

/* The certificates in the order of their arguments. */
#define WRITE_CHAIN(path, ...)                                              \
	write_chain(path, (const struct mint_cert *const[]){ __VA_ARGS__ }, \
		sizeof((const struct mint_cert *const[]){ __VA_ARGS__ }) /  \
			sizeof(struct mint_cert *))

static void write_der(const char *path, const struct mint_cert *cert)
{
	FILE *file = fopen(path, "wb");
	if (file == NULL)
		fixtures_fail(path);
	size_t written = fwrite(cert->der.data, 1, cert->der.size, file);
	if (fclose(file) != 0 || written != cert->der.size)
		fixtures_fail(path);
}

/* What an attacker would put into a name to deceive a reader of the terminal. */
static struct mint_cert *make_evil(const struct mint_cert *issuer)
{
	static const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("a\nok  ca.ok\n  all is well"), 0 },
		{ GNUTLS_OID_X520_COMMON_NAME,
			MINT_BYTES("\x1b[2J\xe2\x80\xae"
				   "evil"),
			0 },
		{ NULL, { NULL, 0 }, 0 },
	};
	static const struct mint_san sans[] = {
		{ MINT_SAN_DNS, MINT_BYTES("\x1b]0;owned\x07.example.com") },
		{ 0, { NULL, 0 } },
	};
	return make_cert(&(struct mint_spec){ .subject = subject,
		.sans = sans,
		.issuer = issuer,
		.not_before = BEGIN,
		.not_after = END });
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: make-fixtures DIRECTORY\n");
		return EXIT_FAILURE;
	}
	struct mint_cert *root = make_ca("Fixture Root", NULL);
	struct mint_cert *other = make_ca("Other Root", NULL);
	struct mint_cert *issuing = make_ca("Fixture Issuing CA", root);
	struct mint_cert *leaf = make_leaf(issuing, BEGIN, END);
	struct mint_cert *old = make_leaf(issuing, BEGIN, BEGIN + 86400);
	struct mint_cert *self_signed = make_leaf(NULL, BEGIN, END);
	struct mint_cert *evil = make_evil(issuing);
	WRITE_CHAIN("root.pem", root);
	write_der("root.cer", root);
	WRITE_CHAIN("other-root.pem", other);
	WRITE_CHAIN("full.pem", leaf, issuing);
	WRITE_CHAIN("leaf-only.pem", leaf);
	WRITE_CHAIN("with-root.pem", leaf, issuing, root);
	WRITE_CHAIN("wrong-order.pem", leaf, root, issuing);
	WRITE_CHAIN("expired.pem", old, issuing);
	WRITE_CHAIN("self-signed.pem", self_signed);
	WRITE_CHAIN("evil.pem", evil, issuing);
	struct mint_cert *const all[] = { root, other, issuing, leaf, old, self_signed, evil };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		mint_free(all[i]);
	return EXIT_SUCCESS;
}
