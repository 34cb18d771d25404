/* SPDX-License-Identifier: MIT
 *
 * percent.h - percent-encoding (RFC 3986 section 2.1), for the library and its transports.
 */
#ifndef TBDI_PERCENT_H
#define TBDI_PERCENT_H

#include "base/common.h"

/* Bytes that a text needs once encoded, with the NUL. */
#define TBDI_PERCENT_SIZE(text) (3 * strlen(text) + 1)

/* All but the unreserved characters and those of `also` is encoded; out has room for TBDI_PERCENT_SIZE(). */
void tbdi_percent_encode(const char *text, const char *also, char *out);

#endif
