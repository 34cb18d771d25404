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
	const enum tbd_fault
		*signatures; /* what is wrong with each, if the next one is to have made it */
	size_t count;
	bool anchored;
	int64_t time; /* dates are judged at */
	enum tbd_profile profile;
	int max_depth;              /* most CAs between the ends, or -1 */
	const bool *revoked;        /* by place; NULL: nobody asked */
	const bool *status_unknown; /* the same: a list was to tell, and none could */
	bool common_name_counts;    /* the leaf may stand for the host that it has as common name */
	size_t *name_budget;        /* comparisons that name constraints may still cost */
	const char *address;        /* the reference name, if it is one; or NULL */
};

static inline const struct tbd_cert *tbdi_route_cert(const struct tbdi_route *route, size_t i)
{
	return &route->certs[i]->pub;
}

/* Is certificate i the last one? And an anchor? */
static inline bool tbdi_route_ends_at(const struct tbdi_route *route, size_t i)
{
	return i + 1 == route->count;
}

static inline bool tbdi_route_anchor_is(const struct tbdi_route *route, size_t i)
{
	return route->anchored && tbdi_route_ends_at(route, i);
}

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
	bool to_root; /* ends in a self-signed certificate */
	enum tbd_severity
		refusal;         /* the gravest of what clients refuse it for, if it has no fault */
	int name_encoding_at;    /* as in struct tbd_path */
	const char *requirement; /* as in struct tbd_path */
	size_t count;
	int64_t ends; /* the first of its certificates' ends */
};

struct tbdi_grade tbdi_route_grade(const struct tbdi_route *route);

/* Sound before faulty; anchored before not; then the lesser fault, and fewer; then those that fewer clients
 * refuse; then those whose names are equal byte for byte; then those that end in a root. Of sound ones the shorter, then the one that ends later; of faulty ones the longer. */
bool tbdi_grade_is_better(const struct tbdi_grade *a, const struct tbdi_grade *b);

/* ---- profile.c: what stricter profiles demand, beyond RFC 5280 6.1 --------------------------- */

/* A row: one demand. */
struct tbdi_demand {
	const char *what;     /* a word */
	const char *text;     /* what is wrong when it is not met, for a person */
	bool rfc5280, webpki; /* profiles that refuse */
	bool strict;          /* OpenSSL's X509_STRICT refuses */
	bool (*is_broken)(const struct tbdi_route *route, size_t i);
	/* Of clients: as in struct tbd_departure. */
	enum tbd_severity severity;
	const char *refused_by, *accepted_by;
};

/* The first demand of the route's profile that its certificate i does not meet, or NULL. */
const struct tbdi_demand *tbdi_profile_broken(const struct tbdi_route *route, size_t i);

/* All demands of any profile that the route does not meet, as struct tbd_departure. 0 or TBD_E_NOMEM. */
int tbdi_profile_departures(
	struct tbdi_arena *arena, const struct tbdi_route *route, struct tbdi_list *out);

/* ---- clients.c: what clients refuse, whatever RFC 5280 says ---------------------------------- */

/* The rows; ends in one without word. */
extern const struct tbdi_demand tbdi_client_demands[];

/* The gravest of what they refuse this route for, from WARNING on; else OK. */
enum tbd_severity tbdi_route_refusal(const struct tbdi_route *route);

/* ---- profile.c: algorithms ------------------------------------------------------------------- */

/* What a profile thinks of a hash under a signature (the certificate's signature_hash, NULL: none apart)
 * and of a key. */
bool tbdi_profile_hash_is_weak(enum tbd_profile profile, const char *hash);
bool tbdi_profile_key_is_weak(enum tbd_profile profile, const struct tbd_cert *cert);

/* ---- policies.c: certificate policies (RFC 5280 4.2.1.4, .5, .11, .14) ----------------------- */

/* Nobody here asks for a policy, but a CA may demand that there is one that holds all the way down
 * (requireExplicitPolicy). Is that so, where it is demanded? What is malformed permits nothing. */
bool tbdi_policies_permit(const struct tbdi_route *route);

#endif
