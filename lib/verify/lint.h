/* SPDX-License-Identifier: MIT
 *
 * lint.h - a file of certificates while it is looked at by itself.
 */
#ifndef TBDI_LINT_H
#define TBDI_LINT_H

#include "report/report.h"

/* The private key of a text in PEM, and whether it is that of a certificate (empty: there is none); *out is NULL when
 * the text holds none. 0 or TBD_E_NOMEM. */
int tbdi_lint_key(struct tbdi_arena *arena, struct tbd_bytes text, const char *file,
	struct tbd_bytes certificate, const struct tbd_lint_key **out);

#endif
