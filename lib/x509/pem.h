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

/* A set of enum tbd_defect. */
typedef uint32_t tbdi_defects;
#define TBDI_DEFECT_BIT(defect) (UINT32_C(1) << (defect))
_Static_assert(TBD_DEFECT_HTML < 32, "each has a bit");

/* What is odd about an object of this text that was decoded here. */
tbdi_defects tbdi_pem_layout(struct tbd_bytes text, const struct tbdi_pem *pem);

/* The same of one that is no certificate, or was not even base64, and why. */
tbdi_defects tbdi_pem_damage(struct tbd_bytes text, const struct tbdi_pem *pem, bool decoded);

/* The body of an object that stands in the source of a program, without quotes, what is outside of them, and
 * escapes: at most as many bytes. Returns how many. */
size_t tbdi_pem_unquote(struct tbd_bytes body, uint8_t *out);

/* Of a file without PEM: which kind of file it is. NONE: none that is known here. */
enum tbd_defect tbdi_file_kind(struct tbd_bytes content);

/* Lines of a text are counted from 1. They end as on Unix, Windows or old Macs. */
struct tbdi_lines {
	struct tbd_bytes text;
	size_t at;   /* counted so far */
	size_t line; /* in which the byte at `at` stands: 1 at first */
};

/* The line in which the byte at `offset` stands, which is not before the last one that was asked for. */
size_t tbdi_line_at(struct tbdi_lines *lines, size_t offset);

#endif
