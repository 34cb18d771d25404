/* SPDX-License-Identifier: MIT
 *
 * devices.h - devices by name: which TLS stack they have, and how they shake hands.
 */
#ifndef TBDI_DEVICES_H
#define TBDI_DEVICES_H

#include "base/common.h"

struct tbdi_device {
	struct tbd_device pub;
	const char *priorities; /* of GnuTLS, for a ClientHello that offers what the device does */
};

/* The device with this name, or NULL, as for NULL. */
const struct tbdi_device *tbdi_device_find(const char *name);

#endif
