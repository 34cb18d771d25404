/* SPDX-License-Identifier: MIT
 *
 * nearest.h - the word that was probably meant.
 */
#ifndef TOOL_NEAREST_H
#define TOOL_NEAREST_H

#include "tools/cli/tool.h"

struct nearest {
	const char *word; /* what was written */
	const char *best; /* the nearest candidate so far, or NULL: nothing comes near */
	unsigned distance;
};

/* Offer a candidate; it must live as long as the search. */
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
