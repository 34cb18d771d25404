/* SPDX-License-Identifier: MIT
 *
 * secret.h - memory for what must not be found anywhere else.
 */
#ifndef TBDI_SECRET_H
#define TBDI_SECRET_H

#include "base/common.h"

/* Zeroed, kept out of core dumps and, where that is allowed, out of swap space. NULL: errno is ENOMEM, or it could
 * not be kept out. */
void *tbdi_secret_alloc(size_t size) TBDI_MUST_CHECK;

/* Wipes it. NULL is allowed. */
void tbdi_secret_free(void *secret, size_t size);

/* ---- mask.c: what was said to a peer and must not be shown ----------------------------------- */

/* The token or password, and of a proxy the password, and both forms in base64. */
enum { TBDI_MASK_MAX = 4 };

/* Zeroed: masks nothing. Copies stand in memory of their own, out of core dumps. */
struct tbdi_mask {
	size_t count;
	char *secrets[TBDI_MASK_MAX];
};

/* Mask this, too; what is masked already, or empty, is no more. TBD_E_NOMEM also when there are too many. */
int tbdi_mask_add(struct tbdi_mask *mask, const char *secret) TBDI_MUST_CHECK;

/* Wipes them. */
void tbdi_mask_release(struct tbdi_mask *mask);

/* In place: pieces of the secrets of six letters and digits and more (mask-runs.c), and each secret as it is, or with
 * characters as %XX (of URLs, RFC 3986 2.1), \uXXXX, \xXX and \" (of JSON and scripts), &#NN; and &amp; (of HTML),
 * in any case of letters. `cut`: there was more of the data: a beginning of a secret at its end goes, too. Returns the
 * new length. */
size_t tbdi_mask_apply(const struct tbdi_mask *mask, char *data, size_t len, bool cut);

/* The same of what is full of words of its own, as a certificate is, and is compared with others: pieces of the secrets
 * alone; one of fewer than six letters and digits stands anywhere by chance. */
size_t tbdi_mask_known(const struct tbdi_mask *mask, char *data, size_t len);

/* ---- mask-runs.c ----------------------------------------------------------------------------- */

/* The pieces alone, in whatever way they are written, and with `doubt` what could be one in a way that is not known; for
 * want of memory nothing is left. */
size_t tbdi_mask_runs(const struct tbdi_mask *mask, char *data, size_t len, bool doubt);

#endif
