/* SPDX-License-Identifier: MIT
 *
 * limits.h - how many messages a device may send in a time, as ThingsBoard writes it: "200:1,6000:60".
 */
#ifndef SANDBOX_LIMITS_H
#define SANDBOX_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIMITS_MAX = 4 };

/* Zeros: no limit. */
struct limits {
	const char *text;
	struct {
		int count;
		int seconds;
	} windows[LIMITS_MAX];
	size_t window_count;
};

/* What has been sent of it. */
struct limits_spent {
	struct {
		int64_t since_ms;
		int count;
	} windows[LIMITS_MAX];
};

/* Read "COUNT:SECONDS[,COUNT:SECONDS]...", which has to live on. False when it is none. */
bool limits_parse(struct limits *limits, const char *text);

/* One more message. False: it is one too many, and does not count. */
bool limits_spend(const struct limits *limits, struct limits_spent *spent);

#endif
