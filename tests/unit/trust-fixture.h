/* SPDX-License-Identifier: MIT
 *
 * trust-fixture.h - minted certificates, chains and stores for the tests of trust.
 */
#ifndef TBDI_TRUST_FIXTURE_H
#define TBDI_TRUST_FIXTURE_H

#include "base/common.h"

#include "certs/mint.h"

#define KIT_NOW INT64_C(1700000000)
#define KIT_DAY INT64_C(86400)

/* Mint a certificate that is valid from a day before KIT_NOW on, unless the specification says when;
 * kit_teardown() frees it. */
const struct mint_cert *kit_mint(struct mint_spec spec);
#define MINT(...) kit_mint((struct mint_spec){ __VA_ARGS__ })

void kit_teardown(void);

/* A report at KIT_NOW with these certificates as its chain; to be freed. */
struct tbd_report *kit_report(const struct mint_cert *const *certs, size_t count);
#define REPORT(...)                                                        \
	kit_report((const struct mint_cert *const[]){ __VA_ARGS__ },       \
		sizeof((const struct mint_cert *const[]){ __VA_ARGS__ }) / \
			sizeof(const struct mint_cert *))

/* A trust store of these certificates, through a file; to be freed. */
struct tbd_trust *kit_trust(const struct mint_cert *const *certs, size_t count);
#define TRUST(...)                                                         \
	kit_trust((const struct mint_cert *const[]){ __VA_ARGS__ },        \
		sizeof((const struct mint_cert *const[]){ __VA_ARGS__ }) / \
			sizeof(const struct mint_cert *))

/* Give the store these certificates as well, without trusting them. */
void kit_add_untrusted(struct tbd_trust *trust, const struct mint_cert *const *certs, size_t count);

/* Path of a new file with these bytes; kit_teardown() removes it. */
const char *kit_file(const void *data, size_t len);

/* Is it this certificate? */
bool kit_is(const struct tbd_cert *cert, const struct mint_cert *minted);

#endif
