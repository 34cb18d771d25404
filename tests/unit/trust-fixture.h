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

/* What a test judges. */
extern struct kit {
	struct tbd_report *report;
	struct tbd_trust *trust;
} kit;

/* Free both. */
void kit_forget(void);

/* Free them and all that was minted, and remove the files. */
void kit_teardown(void);

/* ---- certificates by name ---------------------------------------------------------------------- */

/* A certificate that is minted when a test first asks for it. */
struct kit_role {
	const char *name, *issuer, *key_of; /* two of the same cast; NULL: its own */
	struct mint_spec spec;
};

enum { KIT_NAMED_MAX = 16 };

/* Whom the following are about; ends in one without a name. */
void kit_cast(const struct kit_role *cast);
const struct mint_cert *kit_cert(const char *name);

/* "leaf inter"; their number. */
size_t kit_certs(const char *names, const struct mint_cert **out);

/* Make report and trust anew: what is sent, and what is in the store. */
void kit_stage(const char *sent, const char *trusted);

/* ---- and without -------------------------------------------------------------------------------- */

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

/* Give the store of `kit` these certificates as well, without trusting them. */
void kit_add_untrusted(const struct mint_cert *const *certs, size_t count);

/* Path of a new file with these bytes; kit_teardown() removes it. */
const char *kit_file(const void *data, size_t len);

/* Is it this certificate? */
bool kit_is(const struct tbd_cert *cert, const struct mint_cert *minted);

#endif
