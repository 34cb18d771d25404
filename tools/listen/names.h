/* SPDX-License-Identifier: MIT
 *
 * names.h - what the numbers in TLS messages are called, by IANA's registries.
 */
#ifndef LISTEN_NAMES_H
#define LISTEN_NAMES_H

#include "tools/cli/tool.h"
#include "tools/stacks/replay.h"

struct name {
	uint16_t number;
	const char *name;
};

extern const struct name names_suites[]; /* by number */
extern const size_t names_suite_count;

enum names_kind { NAMES_VERSION, NAMES_SUITE, NAMES_GROUP, NAMES_SIGNATURE, NAMES_EXTENSION };

enum { NAMES_TEXT_SIZE = 7 };

/* The name of a number; "GREASE" for one that is reserved to be ignored (RFC 8701). What has no name is written into
 * `text`: "0x1234". */
const char *names_of(enum names_kind kind, uint16_t number, char text[NAMES_TEXT_SIZE]);

/* The names of a list, in its order; ends in NULL. */
struct names_list {
	const char *item[REPLAY_LIST_MAX + 1];
	char text[REPLAY_LIST_MAX][NAMES_TEXT_SIZE];
};

const char *const *names_fill(
	struct names_list *names, enum names_kind kind, const struct replay_list *list);

/* "unknown_ca" of 48 (RFC 8446, 6); "unknown" of what has no name. */
const char *names_alert(int alert);

#endif
