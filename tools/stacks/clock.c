/* SPDX-License-Identifier: MIT
 *
 * clock.c - the date on which a stack judges: mbedTLS and wolfSSL know no other way than time().
 */
#include "tools/cli/tool.h"

#include "tools/stacks/clock.h"

static time_t now;

void clock_set(int64_t seconds)
{
	now = (time_t)seconds;
}

/* Visible, or the libraries would go on to find that of libc. */
__attribute__((visibility("default"))) time_t time(time_t *result)
{
	if (result != NULL)
		*result = now;
	return now;
}
