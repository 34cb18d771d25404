/* SPDX-License-Identifier: MIT
 *
 * payload.h - the JSON that a device sends to ThingsBoard, over whatever transport.
 */
#ifndef TBDI_PAYLOAD_H
#define TBDI_PAYLOAD_H

#include "base/arena.h"
#include "base/common.h"
#include "report/report.h"

#include <jansson.h>

/* TBD_E_INVALID: keys, attribute, telemetry or topics of the options are not what ThingsBoard takes. */
int tbdi_payload_check(const struct tbd_roundtrip_options *options, struct tbd_error *error);

/* Telemetry that was checked says when it was measured: a "ts" in it, or in one of its objects. */
bool tbdi_payload_has_ts(const char *telemetry);

/* {"clientKeys":"a,b","sharedKeys":"c"}; NULL keys are left out. In the arena; NULL: out of memory. */
char *tbdi_payload_request(
	struct tbdi_arena *arena, const char *client_keys, const char *shared_keys);

/* {"key":"value"}; likewise. */
char *tbdi_payload_write(struct tbdi_arena *arena, const char *key, const char *value);

/* ---- what a round trip writes and reads: the same over every protocol ------------------------ */

#define TBDI_MODEL_KEY "model" /* what ThingsBoard's example asks for */
#define TBDI_PROBE_KEY "tbdiagProbe"

enum { TBDI_READ_AGAIN_MS = 250 }; /* between reads of the written value, after the first */

/* When the written value, first read at begin_us, is to be read again: soon after the first times, for a ThingsBoard
 * has it after some 50 ms, and what is measured is to be the server. In microseconds, later than now_us. */
int64_t tbdi_read_again_us(int64_t begin_us, int64_t now_us);

/* The body of an answer: an object, as are "client" and "shared" where they are in it. Or NULL. */
json_t *tbdi_attributes_parse(const void *body, size_t len);

/* The client attribute of this name as text of the report: `written` itself if it is equal to that; *out is NULL where
 * there is none. */
int tbdi_attribute_read(struct tbdi_report *report, const json_t *body, const char *key,
	const char *written, const char **out) TBDI_MUST_CHECK;

/* A value that nobody has written before. */
int tbdi_nonce_make(
	struct tbdi_arena *arena, const char **out, struct tbd_error *error) TBDI_MUST_CHECK;

#endif
