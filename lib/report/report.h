/* SPDX-License-Identifier: MIT
 *
 * report.h - the report while it is being made: the public data and what stands behind it.
 */
#ifndef TBDI_REPORT_H
#define TBDI_REPORT_H

#include "base/arena.h"
#include "base/common.h"
#include "base/secret.h"

#define TBDI_SCHEMA "tbdiag-report/1"

enum { TBDI_PHASE_MS = 5000, TBDI_JUDGE_MS = 5000 };

struct tbdi_stream;
struct tbdi_stacks;

struct tbdi_report {
	struct tbd_report pub; /* first: a struct tbd_report * is a struct tbdi_report * */
	struct tbdi_arena arena;
	int64_t start_us;       /* monotonic clock at tbd_report_new() */
	int64_t deadline_us;    /* of the connection, since start_us: up to CONNACK */
	bool default_deadlines; /* no timeout was asked for: each phase has its own limit as well */
	int64_t phase_ms;       /* limit of each phase after the CONNACK */
	int64_t judge_ms;       /* limit of the judgement, and of the search for paths */
	struct tbdi_list steps;
	struct tbdi_list notes;
	struct tbdi_owned *owned;     /* what it has to free beside the arena */
	const struct tbd_chain *sent; /* the last one that a peer sent, or NULL */
	struct tbd_bytes stapled;     /* the OCSP answer that the peer sent along; empty: none */
	struct tbdi_stream
		*stream; /* that tbd_fetch() kept open, or NULL; see tbdi_stream_keep() */
	bool is_stored;  /* it was read: its certificates have no DER, and it is not judged again */
	int64_t spent_us; /* of the time for the connection, before it was begun: on the name */
	struct tbd_trust *system_trust; /* asked after a failure, or NULL */
	struct tbdi_list queries;       /* struct tbdi_query: what responders were asked */
	bool cancelled; /* a stage was, so that nothing can be said of what it did not come to */
	struct tbd_connection *connection; /* that of `pub`, to be added to */
	struct tbdi_stacks *stacks;        /* those that are being asked, or were; NULL: none */
	size_t lint_count;                 /* rows of pub.lint->certs */
	bool asks_ocsp;                    /* responders were asked, or would have been */
	struct tbdi_mask mask; /* what its peers were told, or will be, that it must not show */
};

static inline struct tbdi_report *tbdi_report_of(struct tbd_report *report)
{
	return (struct tbdi_report *)(void *)report;
}

/* A stage must not add to a report that was read. 0 or TBD_E_INVALID. */
int tbdi_report_writable(const struct tbd_report *report, struct tbd_error *error) TBDI_MUST_CHECK;

/* Microseconds on the monotonic clock since the report was made. */
int64_t tbdi_report_elapsed_us(const struct tbdi_report *report);

/* What came cannot be imported any more: the time for the connection is over. */
bool tbdi_report_is_late(const struct tbdi_report *report);

/* The words for what ended the work on a report: TBD_E_NOMEM, or TBD_E_TOO_LARGE after the time for a judgement; 0 stays
 * 0. Returns rc. */
int tbdi_report_fail(const struct tbdi_report *report, int rc, struct tbd_error *error);

/* Record a phase that began at start_us (report time) and ends now. detail is copied, may be NULL. 0
 * or TBD_E_NOMEM. */
int tbdi_report_step(struct tbdi_report *report, const char *name, enum tbd_step_status status,
	int64_t start_us, const char *detail) TBDI_MUST_CHECK;

/* What a peer said, as text of the report without the secrets that the peer may repeat: `cut`: there was more; and its
 * first bytes for a person to look at, see tbdi_arena_escape(). NULL: out of memory. */
char *tbdi_report_peer_text(
	struct tbdi_report *report, const void *data, size_t len, bool cut) TBDI_MUST_CHECK;
char *tbdi_report_peer_bytes(
	struct tbdi_report *report, const void *data, size_t len) TBDI_MUST_CHECK;

/* A text of the report that a peer may have chosen, and that is compared with others as well, as the names in its
 * certificate are: itself, if no piece of a secret stands in it, else a copy without that. NULL: out of memory. */
const char *tbdi_report_hide_in(struct tbdi_report *report, const char *text) TBDI_MUST_CHECK;

/* ---- environment.c: what the files of the system say ----------------------------------------- */

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
