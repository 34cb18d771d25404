/* SPDX-License-Identifier: MIT
 *
 * trust.h - the trust store as an index: every certificate of it is known by its outline, and imported
 * only by who needs it.
 */
#ifndef TBDI_TRUST_H
#define TBDI_TRUST_H

#include "base/arena.h"
#include "base/common.h"
#include "x509/tbs.h"

struct tbdi_trust_entry {
	struct tbd_bytes der;
	struct tbd_bytes subject;        /* Name as encoded */
	struct tbd_bytes issuer;         /* Name as encoded */
	struct tbd_bytes spki;           /* as encoded */
	struct tbd_bytes subject_key_id; /* its bytes; empty: none */
	const char *file;
	size_t number;   /* 1-based place among the certificates of the file */
	uint64_t offset; /* of its PEM object, or 0 */
	const struct tbd_trust_source *seen_by; /* the last source that held it */
	struct tbdi_trust_entry *next;          /* of the same bucket */
};

enum { TBDI_TRUST_BUCKETS = 256 };

struct tbd_trust {
	struct tbdi_arena arena;
	struct tbdi_list entries;   /* struct tbdi_trust_entry, each certificate once */
	struct tbdi_list sources;   /* struct tbd_trust_source */
	struct tbdi_list untrusted; /* struct tbdi_trust_entry: no anchors */
	struct tbdi_list crls;      /* struct tbdi_crl */
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

/* A store with the same anchors, and the same certificates without trust, to which more of these can be
 * added; not to be used longer than the other. NULL: out of memory. */
struct tbd_trust *tbdi_trust_borrow(const struct tbd_trust *trust);

/* tbd_trust_add_file() of what such a file holds. 0 or TBD_E_NOMEM. */
int tbdi_trust_add_bytes(struct tbd_trust *trust, struct tbd_bytes content, const char *path,
	struct tbd_error *error);

/* The same of tbd_trust_add_untrusted(); *count, if not NULL, receives how many certificates the
 * content holds. 0 or TBD_E_NOMEM. */
int tbdi_trust_add_untrusted_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count);

/* The same of tbd_trust_add_crl(); *count, if not NULL, receives how many lists the content holds. */
int tbdi_trust_add_crl_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count);

#endif
