/* SPDX-License-Identifier: MIT
 *
 * attribute.h - what a round trip writes and reads: the same over every protocol.
 */
#ifndef TBDI_ATTRIBUTE_H
#define TBDI_ATTRIBUTE_H

#include "report/report.h"

#include <jansson.h>

#define TBDI_MODEL_KEY "model" /* what ThingsBoard's example asks for */
#define TBDI_PROBE_KEY "tbdiagProbe"

enum { TBDI_READ_AGAIN_MS = 250 }; /* between reads of the written value */

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
