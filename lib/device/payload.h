/* SPDX-License-Identifier: MIT
 *
 * payload.h - the JSON that a device sends to ThingsBoard, over whatever transport.
 */
#ifndef TBDI_PAYLOAD_H
#define TBDI_PAYLOAD_H

#include "base/arena.h"
#include "base/common.h"

/* TBD_E_INVALID: keys, attribute or telemetry of the options are not what ThingsBoard takes. */
int tbdi_payload_check(const struct tbd_roundtrip_options *options, struct tbd_error *error);

/* {"clientKeys":"a,b","sharedKeys":"c"}; NULL keys are left out. In the arena; NULL: out of memory. */
char *tbdi_payload_request(
	struct tbdi_arena *arena, const char *client_keys, const char *shared_keys);

/* {"key":"value"}; likewise. */
char *tbdi_payload_write(struct tbdi_arena *arena, const char *key, const char *value);

#endif
