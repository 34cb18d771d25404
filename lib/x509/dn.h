/* SPDX-License-Identifier: MIT
 *
 * dn.h - are two distinguished names (RFC 5280 4.1.2.4) the same?
 */
#ifndef TBDI_DN_H
#define TBDI_DN_H

#include "x509/der.h"

/* Compare two Names, as encoded, in the way OpenSSL canonicalises them: the string types as Unicode,
 * ASCII letters without case, white space at the ends left out and a run of it as one space; all else
 * byte for byte. Whether they are also encoded alike is for tbdi_bytes_equal() to say, as GnuTLS and
 * others compare. What is malformed equals only its own bytes. */
bool tbdi_dn_equal(struct tbd_bytes a, struct tbd_bytes b);

/* Are the base's relative names the name's first, compared in the same way? */
bool tbdi_dn_within(struct tbd_bytes name, struct tbd_bytes base);

#endif
