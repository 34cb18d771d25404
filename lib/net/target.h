/* SPDX-License-Identifier: MIT
 *
 * target.h - a target beside another one.
 */
#ifndef TBDI_TARGET_H
#define TBDI_TARGET_H

#include "base/common.h"

/* The same host by another scheme and port; for tbd_target_free(). NULL: out of memory. */
struct tbd_target *tbdi_target_beside(
	const struct tbd_target *target, enum tbd_scheme scheme, uint16_t port);

#endif
