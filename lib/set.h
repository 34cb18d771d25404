/* SPDX-License-Identifier: MIT
 *
 * set.h - a set of reports while it is being made: the public data and what stands behind it.
 */
#ifndef TBDI_SET_H
#define TBDI_SET_H

#include "arena.h"
#include "common.h"

struct tbdi_set {
	struct tbd_set pub; /* first: a struct tbd_set * is a struct tbdi_set * */
	struct tbdi_arena arena;
	struct tbdi_list reports; /* struct tbd_report, owned */
	struct tbdi_list notes;
};

static inline struct tbdi_set *tbdi_set_of(struct tbd_set *set)
{
	return (struct tbdi_set *)(void *)set;
}

#endif
