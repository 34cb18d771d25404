/* SPDX-License-Identifier: MIT
 *
 * target.h - what follows from a target's scheme.
 */
#ifndef TBDI_TARGET_H
#define TBDI_TARGET_H

#include "base/common.h"

/* The transport that speaks it: "mqtt", "http" or "coap". */
const char *tbdi_scheme_protocol(enum tbd_scheme scheme);

/* The usual port. */
uint16_t tbdi_scheme_port(enum tbd_scheme scheme);

/* The same host by another scheme and port; for tbd_target_free(). NULL: out of memory. */
struct tbd_target *tbdi_target_beside(
	const struct tbd_target *target, enum tbd_scheme scheme, uint16_t port);

/* NULL: no. */
bool tbdi_target_is_http(const struct tbd_target *target);

/* CoAP, over UDP; NULL: no. */
bool tbdi_target_is_coap(const struct tbd_target *target);

#endif
