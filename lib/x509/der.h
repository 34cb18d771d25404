/* SPDX-License-Identifier: MIT
 *
 * der.h - a strict reader of DER (X.690): what lies where, without copying and without recursion.
 */
#ifndef TBDI_DER_H
#define TBDI_DER_H

#include "base/arena.h"
#include "base/common.h"

enum {
	TBDI_DER_BOOLEAN = 0x01,
	TBDI_DER_INTEGER = 0x02,
	TBDI_DER_BIT_STRING = 0x03,
	TBDI_DER_OCTET_STRING = 0x04,
	TBDI_DER_OID = 0x06,
	TBDI_DER_UTC_TIME = 0x17,
	TBDI_DER_GENERALIZED_TIME = 0x18,
	TBDI_DER_SEQUENCE = 0x30,
	TBDI_DER_CONTEXT = 0xa0, /* constructed; add the number */
};

struct tbdi_der {
	uint8_t tag;            /* first identifier octet */
	struct tbd_bytes whole; /* with tag and length */
	struct tbd_bytes value;
};

/* Cut the first element off *in. False, and *in unchanged, when there is none: the end, an indefinite
 * or overlong length, a tag of more than one octet, an element longer than *in. */
bool tbdi_der_next(struct tbd_bytes *in, struct tbdi_der *out);

/* The same, but only an element with this tag. */
bool tbdi_der_take(struct tbd_bytes *in, uint8_t tag, struct tbdi_der *out);

bool tbdi_bytes_equal(struct tbd_bytes a, struct tbd_bytes b);

/* The dotted form of an object identifier's value. NULL: out of memory, or not an OID ("?" is not an
 * OID either, so callers that only show it may use that). */
char *tbdi_der_oid_text(struct tbdi_arena *arena, struct tbd_bytes value);

/* UTCTime or GeneralizedTime in the one form RFC 5280 4.1.2.5 allows, as seconds UTC. */
bool tbdi_der_time(const struct tbdi_der *element, int64_t *out);

/* ---- dn.c: are two distinguished names (RFC 5280 4.1.2.4) the same? -------------------------- */

/* Compare two Names, as encoded, in the way OpenSSL canonicalises them: the string types as Unicode,
 * ASCII letters without case, white space at the ends left out and a run of it as one space; all else
 * byte for byte. Whether they are also encoded alike is for tbdi_bytes_equal() to say, as GnuTLS and
 * others compare. What is malformed equals only its own bytes. */
bool tbdi_dn_equal(struct tbd_bytes a, struct tbd_bytes b);

/* Are the base's relative names the name's first, compared in the same way? */
bool tbdi_dn_within(struct tbd_bytes name, struct tbd_bytes base);

/* A Name of the usual attributes in plain ASCII, as GnuTLS writes it (RFC 4514), for a hundredth of the price; NULL: it is
 * another one, or memory is out. */
const char *tbdi_dn_plain_text(struct tbdi_arena *arena, struct tbd_bytes name);

#endif
