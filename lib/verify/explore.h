/* SPDX-License-Identifier: MIT
 *
 * explore.h - all paths from a leaf to an anchor, and for each the reason it is not acceptable.
 *
 * Names chain as OpenSSL compares them (dn.c); where their bytes differ, the path says so. A certificate
 * that is both sent and stored is one certificate; in a path it stands as the stored one, but for the
 * leaf, which is always the chain's. Every certificate of the store is an anchor: a path may end there,
 * and is also followed beyond if that is no root. The signature of a certificate is checked at most once
 * for each key that may have made it, and an anchor's own never.
 */
#ifndef TBDI_EXPLORE_H
#define TBDI_EXPLORE_H

#include "verify/revocation.h"
#include "verify/trust.h"

enum {
	TBDI_PATH_LEN_MAX = TBD_CHAIN_MAX + 2, /* certificates in a path */
	TBDI_PATHS_MAX = 64,                   /* paths that are kept, the best ones */
	TBDI_VISITS_MAX = 20000,               /* certificates stepped on, over all paths */
	TBDI_SIGNATURES_MAX = 512,             /* signatures checked */
	TBDI_NAME_CHECKS_MAX =
		250000, /* names compared with name constraints; Go has the same limit */
};

struct tbdi_exploration {
	struct tbdi_list paths; /* struct tbd_path, the best first */
	bool cut;               /* a limit was reached; there may be more */
};

/* What is demanded of a path. */
struct tbdi_terms {
	enum tbd_profile profile;
	int max_depth;                      /* as in struct tbd_verify_options */
	struct tbdi_revocation *revocation; /* NULL: not asked */
	bool common_name_counts;            /* the leaf may be accepted for its common name */
	const char *address;                /* the reference name, if it is one; or NULL */
};

/* Explore from the chain's first certificate through the chain, what was given without trust, and the
 * store; dates are judged at the report's time. When an acceptable path exists and the limits let it be
 * found, the first one is acceptable. The chain is not empty. 0, TBD_E_NOMEM, or TBD_E_TOO_LARGE: it takes longer
 * than the report allows. */
int tbdi_explore(struct tbdi_report *report, struct tbdi_store *store,
	const struct tbdi_terms *terms, struct tbdi_exploration *out);

/* Demands that a path does not meet, of any profile: a list of struct tbd_departure. 0 or TBD_E_NOMEM. */
int tbdi_path_departures(struct tbdi_report *report, const struct tbdi_terms *terms,
	const struct tbd_path *path, struct tbdi_list *out);

/* ---- nearest.c: what comes closest when no path leads to an anchor --------------------------- */

/* Fill verification->nearest, unless its path is anchored, its signatures are good and the anchor has not
 * expired. 0 or TBD_E_NOMEM. */
int tbdi_miss_find(struct tbdi_store *store, struct tbd_verification *verification);

/* The anchor in `system` that a path of the chain, which is not empty, ends in; NULL: there is no path
 * that would be accepted. 0 or TBD_E_NOMEM. */
int tbdi_miss_system(
	struct tbdi_report *report, const struct tbd_trust *system, const struct tbd_cert **anchor);

#endif
