/* SPDX-License-Identifier: MIT
 *
 * trust-view.h - a trust store as one report sees it: which of its certificates came into question.
 */
#ifndef TBDI_TRUST_VIEW_H
#define TBDI_TRUST_VIEW_H

#include "report/report.h"
#include "x509/cert.h"
#include "verify/trust.h"

struct tbdi_store {
	struct tbdi_report *report;
	const struct tbd_trust *trust;
	struct tbdi_cert **imported;      /* by entry; NULL: not yet in question */
	struct tbdi_list certs;           /* struct tbdi_cert, in the order of being imported */
	struct tbdi_cert **untrusted;     /* the same of what was given without trust */
	struct tbdi_list untrusted_certs; /* struct tbdi_cert */
};

/* Look at a trust store, which has to live as long as the report. 0 or TBD_E_NOMEM. */
int tbdi_store_init(
	struct tbdi_store *store, struct tbdi_report *report, const struct tbd_trust *trust);

/* The certificate of an entry, imported when first asked for. NULL: out of memory. */
struct tbdi_cert *tbdi_store_cert(struct tbdi_store *store, size_t entry);

/* The same of what was given without trust. */
struct tbdi_cert *tbdi_store_untrusted(struct tbdi_store *store, size_t entry);

/* Import what may explain a failure although no path leads there: entries that share a name, a key or
 * a key identifier with the chain or with the issuers it names. 0 or TBD_E_NOMEM. */
int tbdi_store_import_near(struct tbdi_store *store, const struct tbd_chain *chain);

/* Import everything. 0 or TBD_E_NOMEM. */
int tbdi_store_import_all(struct tbdi_store *store);

#endif
