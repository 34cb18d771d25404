/* SPDX-License-Identifier: MIT
 *
 * profile.h - what stricter profiles demand of the certificates of a path, beyond the validation of RFC 5280 6.1
 * that is the same in all of them.
 */
#ifndef TBDI_PROFILE_H
#define TBDI_PROFILE_H

#include "verify/path.h"

/* A row: one demand. */
struct tbdi_demand {
	const char *what;     /* a word */
	const char *text;     /* what is wrong when it is not met, for a person */
	bool rfc5280, webpki; /* profiles that refuse */
	bool strict;          /* OpenSSL's X509_STRICT refuses */
	bool (*is_broken)(const struct tbdi_route *route, size_t i);
};

/* The first demand of the route's profile that its certificate i does not meet, or NULL. */
const struct tbdi_demand *tbdi_profile_broken(const struct tbdi_route *route, size_t i);

/* All demands of any profile that the route does not meet, as struct tbd_departure. 0 or TBD_E_NOMEM. */
int tbdi_profile_departures(
	struct tbdi_arena *arena, const struct tbdi_route *route, struct tbdi_list *out);

/* What a profile thinks of a hash under a signature (the certificate's signature_hash, NULL: none apart)
 * and of a key. */
bool tbdi_profile_hash_is_weak(enum tbd_profile profile, const char *hash);
bool tbdi_profile_key_is_weak(enum tbd_profile profile, const struct tbd_cert *cert);

#endif
