/* SPDX-License-Identifier: MIT
 *
 * limits.c - what a device may send, by what ThingsBoard says of it; and sessions that it ended.
 */
#include "report/limits.h"

#include <jansson.h>

/* "10:1" at this place; *next: what follows it, or NULL. */
static bool rate_read(const char *text, struct tbdi_rate *out, const char **next)
{
	char *end = NULL;
	out->count = strtoll(text, &end, 10);
	if (end == text || *end != ':')
		return false;
	text = end + 1;
	out->seconds = strtoll(text, &end, 10);
	*next = *end == ',' ? end + 1 : NULL;
	return end != text && out->count > 0 && out->seconds > 0 && (*end == ',' || *end == '\0');
}

static bool fewest_read(const char *text, struct tbdi_rate *out)
{
	struct tbdi_rate rate;
	*out = (struct tbdi_rate){ .count = INT64_MAX };
	while (text != NULL && rate_read(text, &rate, &text))
		if (rate.count < out->count)
			*out = rate;
	return out->count < INT64_MAX;
}

bool tbdi_limits_rate(const char *session_limits, const char *name, struct tbdi_rate *out)
{
	json_t *limits = session_limits != NULL ? json_loads(session_limits, 0, NULL) : NULL;
	const char *text =
		json_string_value(json_object_get(json_object_get(limits, "rateLimits"), name));
	bool found = fewest_read(text, out);
	json_decref(limits);
	return found;
}

/* Reasons of MQTT 5 that are about a message: malformed, its topic, its size, its payload. */
static bool is_about_message(int reason)
{
	static const int reasons[] = { 0x81, 0x82, 0x90, 0x95, 0x99 };
	for (size_t i = 0; i < TBDI_COUNT(reasons); i++)
		if (reasons[i] == reason)
			return true;
	return false;
}

bool tbdi_session_was_ended(const struct tbd_exchange *exchange)
{
	enum { TAKEN_OVER = 0x8e, ADMINISTRATIVE = 0x98 };
	bool is_v5 = strcmp(exchange->mqtt_version, "5") == 0;
	int reason = is_v5 ? exchange->disconnect : -1;
	bool for_nothing = exchange->unacknowledged == 0 && !is_about_message(reason) &&
		(exchange->end == TBD_MQTT_CLOSED_ON_PUBLISH ||
			(exchange->end == TBD_MQTT_NO_SUBACK && (!is_v5 || reason > 0)));
	if (exchange->connack != 0)
		return false;
	return reason == TAKEN_OVER || reason == ADMINISTRATIVE ||
		(for_nothing && (reason > 0 || exchange->closed == TBD_END_CLOSED));
}
