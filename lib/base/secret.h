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

#endif
