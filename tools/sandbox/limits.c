/* SPDX-License-Identifier: MIT
 *
 * limits.c - how many messages a device may send in a time.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/limits.h"

#include "tools/sandbox/clock.h"

enum { NUMBER_MAX = 1000000 };

/* A number from 1 on, and the character behind it. */
static bool take_count(const char **text, char behind, int *number)
{
	char *end = NULL;
	long value = **text >= '0' && **text <= '9' ? strtol(*text, &end, 10) : 0;
	if (value < 1 || value > NUMBER_MAX || *end != behind)
		return false;
	*number = (int)value;
	*text = end + (behind != '\0');
	return true;
}

bool limits_parse(struct limits *limits, const char *text)
{
	const char *at = text;
	*limits = (struct limits){ .text = text };
	for (bool last = false; !last;) {
		if (limits->window_count == LIMITS_MAX)
			return false;
		size_t i = limits->window_count++;
		last = strchr(at, ',') == NULL;
		if (!take_count(&at, ':', &limits->windows[i].count) ||
			!take_count(&at, last ? '\0' : ',', &limits->windows[i].seconds))
			return false;
	}
	return true;
}

bool limits_spend(const struct limits *limits, struct limits_spent *spent)
{
	int64_t now_ms = clock_ms();
	for (size_t i = 0; i < limits->window_count; i++) {
		int64_t age_ms = now_ms - spent->windows[i].since_ms;
		if (spent->windows[i].since_ms == 0 ||
			age_ms >= limits->windows[i].seconds * 1000LL) {
			spent->windows[i].since_ms = now_ms;
			spent->windows[i].count = 0;
		}
		if (spent->windows[i].count >= limits->windows[i].count)
			return false;
	}
	for (size_t i = 0; i < limits->window_count; i++)
		spent->windows[i].count++;
	return true;
}
