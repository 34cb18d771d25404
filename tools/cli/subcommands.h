/* SPDX-License-Identifier: MIT
 *
 * subcommands.h - where the subcommands are: installed, or in the tree that they were built in.
 */
#ifndef TOOL_SUBCOMMANDS_H
#define TOOL_SUBCOMMANDS_H

#include "tools/cli/tool.h"

struct place {
	char *dir;     /* of tbdiag-NAME */
	bool is_built; /* a build tree, not an installation */
};

/* 0, or -1 after a complaint. place_free() is allowed in any case. */
int place_find(struct place *place);
void place_free(struct place *place);

/* The names of the subcommands present, sorted; ends in NULL. To be freed with place_names_free();
 * NULL after a complaint. */
char **place_names(const struct place *place);
void place_names_free(char **names);

#endif
