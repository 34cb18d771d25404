/* SPDX-License-Identifier: MIT
 *
 * set.h - a set of reports while it is being made: the public data and what stands behind it.
 */
#ifndef TBDI_SET_H
#define TBDI_SET_H

#include "base/protocol.h"
#include "report/report.h"

#define TBDI_SET_SCHEMA "tbdiag-set/1"

struct tbdi_set {
	struct tbd_set pub; /* first: a struct tbd_set * is a struct tbdi_set * */
	struct tbdi_arena arena;
	struct tbdi_list reports; /* struct tbd_report, owned */
	struct tbdi_list notes;
	bool is_stored; /* it was read: nothing is added to it, and it is not judged again */
};

static inline struct tbdi_set *tbdi_set_of(struct tbd_set *set)
{
	return (struct tbdi_set *)(void *)set;
}

/* Raise the set's worst to that of its reports that count. */
void tbdi_set_find_worst(struct tbd_set *set);

/* ---- how far a token came: outcome.c --------------------------------------------------------- */

/* What the reports of the set tell, into its passages. 0 or TBD_E_NOMEM. */
int tbdi_set_pass(struct tbdi_set *set);

/* What the peer answered to the token means this, in its protocol. */
bool tbdi_token_says(const struct tbd_report *report, enum tbdi_code_meaning meaning);

/* A 401 that is not the device API's, whose own has neither body nor challenge: a web server or proxy before it wants
 * a login. It says nothing about the token. */
bool tbdi_wants_login(const struct tbd_api_request *request);

/* The machine is there and says that nothing listens on that port. */
bool tbdi_report_is_closed(const struct tbd_report *report);

#endif
