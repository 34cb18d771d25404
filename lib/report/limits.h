/* SPDX-License-Identifier: MIT
 *
 * limits.h - what a device may send, by what ThingsBoard says of it; and sessions that it ended.
 */
#ifndef TBDI_LIMITS_H
#define TBDI_LIMITS_H

#include "base/common.h"

/* So many in so many seconds. */
struct tbdi_rate {
	int64_t count;
	int64_t seconds;
};

/* Of the answer to getSessionLimits the rate of this name ("messages", "telemetryMessages") that allows the fewest: one is
 * written as "10:1,300:60". Attributes count as telemetry, requests as messages. False: there is none; also for NULL
 * and what is not such an answer. */
bool tbdi_limits_rate(const char *session_limits, const char *name, struct tbdi_rate *out);

/* The server ended a session that it had accepted, and no message of ours was on its way that it could have closed for: it
 * said so (MQTT 5), or closed when all were acknowledged, or on a subscription, for which ThingsBoard never closes. */
bool tbdi_session_was_ended(const struct tbd_exchange *exchange);

#endif
