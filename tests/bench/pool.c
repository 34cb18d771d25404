/* SPDX-License-Identifier: MIT
 *
 * pool.c - what a verdict costs over a store of 500 CAs of one name: with key identifiers that lead to the
 * issuer, and without any, where the signature has to be tried with each key, unless the others have expired. The
 * right one comes last.
 */
#include "base/common.h"

#include "certs/mint.h"
#include "verify/chain.h"
#include "verify/trust.h"

enum { POOL = 500 };

static _Noreturn void give_up(void)
{
	fputs("pool: out of memory\n", stderr);
	exit(3);
}

static struct mint_cert *mint(const struct mint_spec *spec)
{
	struct mint_cert *cert = mint_new(spec, NULL);
	if (cert == NULL)
		give_up();
	return cert;
}

static double clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void add_to_pool(struct tbd_trust *trust, const struct mint_cert *cert)
{
	if (tbd_trust_add_mem(trust, cert->pem.data, cert->pem.size, "pool.pem", NULL) < 0)
		give_up();
}

/* Milliseconds for one verdict, the import of what it needs included. */
static double verdict(const struct tbd_trust *trust, const struct mint_cert *leaf)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_bytes der = { leaf->der.data, leaf->der.size };
	struct tbd_report *report = NULL;
	verify.trust = trust;
	if (tbd_report_new(&options, &report, NULL) < 0 ||
		tbdi_chain_take(tbdi_report_of(report), &der, 1, 0, NULL) < 0)
		give_up();
	double start = clock_ms();
	if (tbd_verify(report, &verify, NULL) < 0)
		give_up();
	double took = clock_ms() - start;
	if (!report->verification->verified)
		fputs("pool: the chain was not accepted\n", stderr);
	tbd_report_free(report);
	return took;
}

static void measure(const char *label, enum mint_key_type type, bool key_ids, bool others_expired)
{
	static const struct mint_bytes none = { NULL, 0 };
	struct tbd_trust *trust = tbd_trust_new();
	struct mint_cert *ca = NULL;
	if (trust == NULL)
		give_up();
	for (size_t i = 0; i < POOL; i++) {
		mint_free(ca);
		ca = mint(&(struct mint_spec){ .cn = "Root",
			.ca = true,
			.key_type = type,
			.not_after = others_expired && i < POOL - 1 ? time(NULL) - 1 : 0,
			.skid = key_ids ? NULL : &none });
		add_to_pool(trust, ca);
	}
	struct mint_cert *leaf = mint(
		&(struct mint_spec){ .cn = "leaf", .issuer = ca, .akid = key_ids ? NULL : &none });
	double best = verdict(trust, leaf);
	for (int i = 0; i < 4; i++) {
		double took = verdict(trust, leaf);
		best = took < best ? took : best;
	}
	printf("%-36s %8.0f\n", label, best);
	mint_free(leaf);
	mint_free(ca);
	tbd_trust_free(trust);
}

int main(void)
{
	printf("%-36s %8s\n", "500 CAs of one name", "ms");
	measure("P-256, key identifiers", MINT_P256, true, false);
	measure("P-256, no key identifiers", MINT_P256, false, false);
	measure("P-384, no key identifiers", MINT_P384, false, false);
	measure("Ed25519, no key identifiers", MINT_ED25519, false, false);
	measure("P-384, the others have expired", MINT_P384, false, true);
	return 0;
}
