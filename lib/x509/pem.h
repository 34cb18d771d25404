/* SPDX-License-Identifier: MIT
 *
 * pem.h - find PEM objects (RFC 7468) in text, as lenient as TLS libraries are: any text around them,
 * any line ends, lines of any length, indentation, a missing last line end.
 */
#ifndef TBDI_PEM_H
#define TBDI_PEM_H

#include "base/common.h"

struct tbdi_pem {
	struct tbd_bytes label; /* "CERTIFICATE" ... */
	size_t offset;          /* of its BEGIN line from the start of the text */
	struct tbd_bytes body;  /* what stands between BEGIN and END */
};

/* Find the next object at or behind *offset, which is moved behind it. False: there is none. An object
 * without its END line reaches to the next BEGIN or to the end of the text. */
bool tbdi_pem_next(struct tbd_bytes text, size_t *offset, struct tbdi_pem *out);

bool tbdi_pem_label_is(const struct tbdi_pem *pem, const char *label);

/* The labels OpenSSL writes certificates with. */
bool tbdi_pem_is_certificate(const struct tbdi_pem *pem);

/* PKCS#8, encrypted or not, and the older kinds. */
bool tbdi_pem_is_private_key(const struct tbdi_pem *pem);

/* Bytes that suffice for the decoded body. */
static inline size_t tbdi_pem_decoded_max(const struct tbdi_pem *pem)
{
	return pem->body.len / 4 * 3 + 3;
}

/* Decode the body (base64, RFC 4648) into at least tbdi_pem_decoded_max() bytes. False: it is not
 * base64. */
bool tbdi_pem_decode(const struct tbdi_pem *pem, uint8_t *out, size_t *len);

/* ---- pem-defect.c: what is wrong with a file, by its bytes -------------------------------------- */

/* What keeps common libraries from reading an object of this text that was decoded here. */
enum tbd_defect tbdi_pem_layout(struct tbd_bytes text, const struct tbdi_pem *pem);

/* Why it could not be decoded, or is no certificate. */
enum tbd_defect tbdi_pem_damage(struct tbd_bytes text, const struct tbdi_pem *pem);

/* Of a file without PEM: which kind of file it is. NONE: none that is known here. */
enum tbd_defect tbdi_file_kind(struct tbd_bytes content);

/* The line in which the byte at `offset` stands, from 1. Lines end as on Unix, Windows or old Macs. */
size_t tbdi_line_at(struct tbd_bytes text, size_t offset);

#endif
