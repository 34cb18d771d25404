/* SPDX-License-Identifier: MIT
 *
 * upgrade.h - from HTTP to a WebSocket that carries MQTT (RFC 6455 4, MQTT 3.1.1 section 6).
 */
#ifndef TBDI_UPGRADE_H
#define TBDI_UPGRADE_H

#include "device/exchange.h"

/* Ask the peer of the dialogue for a WebSocket at the target's path, until the deadline (report time). If it agrees, and to
 * MQTT, the stream goes in frames from now on, and accepted is true. No secret is sent. *out belongs to the report; NULL:
 * see `failure` of the dialogue. */
void tbdi_upgrade(struct tbdi_dialogue *dialogue, int64_t deadline_us, struct tbd_upgrade **out);

#endif
