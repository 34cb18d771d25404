/* SPDX-License-Identifier: MIT
 *
 * path.h - what is wrong with one path, and which of two is better.
 */
#ifndef TBDI_PATH_H
#define TBDI_PATH_H

#include "x509/cert.h"

/* A path as the explorer stands on it. */
struct tbdi_route {
	const struct tbdi_cert *const *certs; /* the leaf first */
	const bool *bad_signature;            /* the next one's key does not verify this one */
	size_t count;
	bool anchored;
	int64_t time; /* dates are judged at */
	enum tbd_profile profile;
	int max_depth;              /* most CAs between the ends, or -1 */
	const bool *revoked;        /* by place; NULL: nobody asked */
	const bool *status_unknown; /* the same: a list was to tell, and none could */
	bool common_name_counts;    /* the leaf may stand for the host that it has as common name */
	size_t *name_budget;        /* comparisons that name constraints may still cost */
};

/* Is this certificate at fault wherever it stands between a leaf and an anchor? */
bool tbdi_cert_is_unfit(const struct tbdi_cert *cert, const struct tbdi_route *terms);

/* Does the last certificate allow as many CAs below it as there are? */
bool tbdi_route_length_is_permitted(const struct tbdi_route *route);

/* How good it is. */
struct tbdi_grade {
	enum tbd_fault fault; /* the gravest, or NONE */
	size_t fault_at;
	size_t fault_count;
	bool anchored;
	bool to_root;            /* ends in a self-signed certificate */
	int name_encoding_at;    /* as in struct tbd_path */
	const char *requirement; /* as in struct tbd_path */
	size_t count;
	int64_t ends; /* the first of its certificates' ends */
};

struct tbdi_grade tbdi_route_grade(const struct tbdi_route *route);

/* Sound before faulty; anchored before not; then the lesser fault, and fewer; then those whose names are
 * equal byte for byte; then those that end in a root. Of sound ones the shorter, then the one that ends later; of faulty ones the longer. */
bool tbdi_grade_is_better(const struct tbdi_grade *a, const struct tbdi_grade *b);

#endif
