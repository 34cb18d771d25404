/* SPDX-License-Identifier: MIT
 *
 * trust-read.h - read what a trust source holds into the index, and see what is wrong with its files on the way.
 */
#ifndef TBDI_TRUST_READ_H
#define TBDI_TRUST_READ_H

#include "verify/loads.h"
#include "verify/trust.h"

/* What of a file is no certificate that could be read. */
enum tbdi_held {
	TBDI_HELD_KEY,
	TBDI_HELD_REQUEST,
	TBDI_HELD_DAMAGED,
	TBDI_HELD_PKCS7,
	TBDI_HELD_CRL,
	TBDI_HELD_PUBLIC_KEY,
	TBDI_HELD_OTHER,
};
#define TBDI_HELD_COUNT (TBDI_HELD_OTHER + 1)

/* A certificate that stands in a file, in whatever form. */
struct tbdi_seen {
	struct tbdi_place place;
	struct tbd_bytes der; /* lives as long as the trust store; empty: it cannot be read */
	struct tbdi_outline outline;
	bool is_read; /* as it stands; else it was repaired, or taken out of a bundle */
};

/* Not 0 ends the reading. */
typedef int tbdi_on_seen(void *arg, const struct tbdi_seen *seen);

/* A source while it is being read: trust and source, and what is to be done, are the caller's to fill. */
struct tbdi_reader {
	struct tbd_trust *trust;
	struct tbd_trust_source *source;
	bool untrusted; /* what it holds are no anchors */
	bool hashed;    /* what is read next stands under the name of a hash */
	bool again;     /* and was read before: nothing of it is counted */
	/* Is told of each certificate, those that nobody loads, too, as far as they can be repaired; or NULL. */
	tbdi_on_seen *on_seen;
	void *seen_arg;

	size_t counts[TBDI_HELD_COUNT];
	size_t bytes;      /* read so far */
	size_t unreadable; /* files of a directory */
	const char *unreadable_why;
	struct tbd_store_defect *defects[TBD_DEFECT_HTML + 1]; /* by kind; NULL: not seen */
	struct tbdi_loads loads;                               /* of the file that is read */
	size_t loaded[TBDI_STACK_COUNT];                       /* of those before it */
};

/* Read a file's content; path lives as long as the trust store, and content is copied. 0 or TBD_E_NOMEM. */
int tbdi_read_content(struct tbdi_reader *reader, struct tbd_bytes content, const char *path);

/* All was read: say what the source holds, and what is wrong with it. 0 or TBD_E_NOMEM. */
int tbdi_read_end(struct tbdi_reader *reader);

#endif
