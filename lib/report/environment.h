/* SPDX-License-Identifier: MIT
 *
 * environment.h - what the system's files say about where a report was made.
 */
#ifndef TBDI_ENVIRONMENT_H
#define TBDI_ENVIRONMENT_H

#include "base/arena.h"

/* The servers that resolv.conf(5) names, at most TBDI_NAMESERVERS_MAX; ends in NULL. NULL: out of memory. */
enum { TBDI_NAMESERVERS_MAX = 8 };
const char *const *tbdi_nameservers(
	struct tbdi_arena *arena, struct tbd_bytes text) TBDI_MUST_CHECK;

/* What nsswitch.conf(5) says about hosts ("files dns"); *out is NULL when it says nothing. 0 or TBD_E_NOMEM. */
int tbdi_hosts_lookup(
	struct tbdi_arena *arena, struct tbd_bytes text, const char **out) TBDI_MUST_CHECK;

/* The name that os-release(5) has for people; the rest as above. */
int tbdi_system_name(
	struct tbdi_arena *arena, struct tbd_bytes text, const char **out) TBDI_MUST_CHECK;

#endif
