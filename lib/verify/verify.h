/* SPDX-License-Identifier: MIT
 *
 * verify.h - what the verdict of tbd_verify() means on the wire.
 */
#ifndef TBDI_VERIFY_H
#define TBDI_VERIFY_H

#include "base/common.h"

/* Number of the TLS alert (RFC 8446 6.2) that a device would send to a peer with this verdict, which
 * is not verified; NULL: it sent no certificate. As OpenSSL chooses it, so that the server's log shows
 * what it shows for the device. */
int tbdi_verification_alert(const struct tbd_verification *verification);

#endif
