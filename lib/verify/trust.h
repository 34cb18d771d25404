/* SPDX-License-Identifier: MIT
 *
 * trust.h - the trust store as an index: every certificate of it is known by its outline, and imported
 * only by who needs it.
 */
#ifndef TBDI_TRUST_H
#define TBDI_TRUST_H

#include "report/report.h"
#include "x509/cert.h"

/* Where a certificate was found. */
struct tbdi_place {
	const char *file;
	size_t number;   /* among the certificates of the file, from 1 */
	size_t line;     /* of its PEM object, from 1; or 0 */
	uint64_t offset; /* of its PEM object, or 0 */
};

struct tbdi_trust_entry {
	struct tbd_bytes der;
	struct tbd_bytes subject;        /* Name as encoded */
	struct tbd_bytes issuer;         /* Name as encoded */
	struct tbd_bytes spki;           /* as encoded */
	struct tbd_bytes subject_key_id; /* its bytes; empty: none */
	struct tbdi_place place;
	const struct tbd_trust_source *seen_by; /* the last source that held it */
	const struct tbd_trust_source
		*hashed_by;            /* the last directory that held it under its hash */
	struct tbdi_trust_entry *next; /* of the same bucket */
};

enum { TBDI_TRUST_BUCKETS = 256 };

struct tbd_trust {
	struct tbdi_arena arena;
	struct tbdi_list entries;   /* struct tbdi_trust_entry, each certificate once */
	struct tbdi_list sources;   /* struct tbd_trust_source */
	struct tbdi_list untrusted; /* struct tbdi_trust_entry: no anchors */
	struct tbdi_list crls;      /* struct tbdi_crl */
	struct tbd_bytes only_file; /* what a file holds that is the only source; or empty */
	struct tbdi_trust_entry *buckets[TBDI_TRUST_BUCKETS];
};

static inline size_t tbdi_trust_count(const struct tbd_trust *trust)
{
	return trust->entries.count;
}

static inline const struct tbdi_trust_entry *tbdi_trust_entry(
	const struct tbd_trust *trust, size_t i)
{
	return trust->entries.items[i];
}

static inline size_t tbdi_untrusted_count(const struct tbd_trust *trust)
{
	return trust->untrusted.count;
}

static inline const struct tbdi_trust_entry *tbdi_untrusted_entry(
	const struct tbd_trust *trust, size_t i)
{
	return trust->untrusted.items[i];
}

/* Begin a source, which is not in the store yet; NULL: out of memory. */
struct tbd_trust_source *tbdi_trust_source_new(
	struct tbd_trust *trust, enum tbd_source_kind kind, const char *path);

/* A store with the same anchors, and the same certificates without trust, to which more of these can be
 * added; not to be used longer than the other. NULL: out of memory. */
struct tbd_trust *tbdi_trust_borrow(const struct tbd_trust *trust);

/* tbd_trust_add_untrusted_mem(), but for limits; *count, if not NULL, receives how many certificates the
 * content holds, which may be none. 0 or TBD_E_NOMEM. */
int tbdi_trust_add_untrusted_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count);

/* The same of tbd_trust_add_crl_mem(); *count, if not NULL, receives how many lists the content holds. */
int tbdi_trust_add_crl_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count);

/* ---- trust-view.c: a store as one report sees it --------------------------------------------- */

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
