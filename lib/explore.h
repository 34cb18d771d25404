/* SPDX-License-Identifier: MIT
 *
 * explore.h - all paths from a leaf to an anchor, and for each the reason it is not acceptable.
 *
 * Names chain as OpenSSL compares them (dn.h); where their bytes differ, the path says so. A certificate
 * that is both sent and stored is one certificate; in a path it stands as the stored one, but for the
 * leaf, which is always the chain's. Every certificate of the store is an anchor: a path may end there,
 * and is also followed beyond if that is no root. The signature of a certificate is checked at most once
 * for each key that may have made it, and an anchor's own never.
 */
#ifndef TBDI_EXPLORE_H
#define TBDI_EXPLORE_H

#include "store.h"

enum {
	TBDI_PATH_LEN_MAX = 32,         /* certificates in a path */
	TBDI_PATHS_MAX = 64,            /* paths that are kept, the best ones */
	TBDI_VISITS_MAX = 20000,        /* certificates stepped on, over all paths */
	TBDI_SIGNATURES_MAX = 512,      /* signatures checked */
	TBDI_NAME_CHECKS_MAX = 1 << 20, /* names compared with name constraints */
};

struct tbdi_exploration {
	struct tbdi_list paths; /* struct tbd_path, the best first */
	bool cut;               /* a limit was reached; there may be more */
};

/* Explore from the chain's first certificate through the chain, what was given without trust, and the
 * store; dates are judged at the report's time. When an acceptable path exists and the limits let it be
 * found, the first one is acceptable. The chain is not empty. 0 or TBD_E_NOMEM. */
int tbdi_explore(
	struct tbdi_report *report, struct tbdi_store *store, struct tbdi_exploration *out);

#endif
