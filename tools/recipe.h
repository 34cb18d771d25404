/* SPDX-License-Identifier: MIT
 *
 * recipe.h - one run of a subcommand: from its settings over the stages to the report and the exit status. A
 * subcommand is a recipe: a list of steps, each of which is taken when those before it did not fail.
 */
#ifndef TOOL_RECIPE_H
#define TOOL_RECIPE_H

#include "tools/cli/process.h"
#include "tools/cli/progress.h"
#include "tools/cli/settings.h"

struct job {
	struct settings settings;
	struct opt_list words; /* the command line without secrets */
	struct opt_list given; /* the names of the options */
	const char *operand;   /* the first, or NULL */
	char **operands;
	int operand_count;

	struct tbd_target *target;
	struct tbd_target *connect_to;
	const char *target_note; /* which default was taken for the target, or NULL */
	char asked_host[300];
	char asked_file[4096];
	struct tbd_trust *store;
	struct tbd_trust *served; /* what the server handed out, that it is judged by; or NULL */
	struct tbd_verify_options proof; /* by which a file that is found is proven */
	struct tbd_target *web;          /* where it was asked for it; NULL: the usual places */
	struct tbd_report *report;
	struct tbd_set *set; /* instead of the report */
	struct progress progress;
	bool unwritten; /* a file that was asked for was not written */
	struct tbd_error error;
};

/* 0, or a negative enum tbd_err with the text in job->error. A step for an option that was not given does nothing. */
typedef int step(struct job *job);

struct recipe {
	struct opt_spec
		spec; /* of which is filled what stays NULL: what is filled, and a target as operand */
	const char *const
		*lone; /* options that do not go with several connections, ends in NULL; or NULL */
	void (*check)(const struct opt_spec *spec,
		const struct job *job); /* more of that kind; or NULL */
	step *const *steps;             /* ends in NULL */
	bool asks_stacks;               /* the verdicts of installed stacks are of interest */
	bool also_tls12;                /* what a device meets that has no TLS 1.3 is of interest */
	int (*end)(struct job *job); /* instead of showing the report: the exit status; or NULL */
};

/* The main program of a subcommand. */
int recipe_main(const struct recipe *recipe, int argc, char **argv);

/* Take these steps, which end in NULL, until one fails. */
int job_take(struct job *job, step *const *steps);

int job_fail(struct job *job, enum tbd_err code, const char *format, ...) TOOL_PRINTF(3, 4);

/* The same of what dials and judges; with --wait again and again, each time from the beginning, as long as the server is
 * not ready. The token is wiped then. */
int job_take_until_ready(struct job *job, step *const *steps);

/* Note a remark in the report or set. */
int job_note(struct job *job, const char *format, ...) TOOL_PRINTF(2, 3);

/* Note why a file that was asked for is not written. It is a warning, and told on stderr where the report is to
 * show findings only. */
int job_not_written(struct job *job, const char *path, const char *why);

/* The first step: a file that is to be written at the end and cannot be shall not come out after a long run, or
 * after a token was sent. Neither may it be one that the run reads. */
step job_begin;

/* The target without asking anybody: the operand, else TBDIAG_TARGET, else ThingsBoard's cloud; but a token that was
 * taken goes nowhere by default. */
step job_target_unasked;

/* The same of a command that speaks TLS only; of a chain that comes from a file there may be none. */
step job_target_tls;

/* Where --connect-to leads; job_fetch() does it as well. */
step job_connect_to;

/* The target of a round trip: the operand, else TBDIAG_TARGET, else what a person at the terminal
 * answers, as ThingsBoard's example script asks. */
step job_target_asked;

/* Options of the round trip that do not go together. To be called before anything is dialled. */
step job_roundtrip_check;

/* They have to be ones of the target's protocol. */
step job_roundtrip_fits;

/* Make the report, judged at the time that was asked for; or the set, when several connections are to be
 * compared. */
step job_report;

/* Fill the trust store from the sources that were named, or those that are the default. A peer that is dialled
 * after this is refused unless it is verified. */
step job_trust;

/* Note what a round trip does to the device: a session of ThingsBoard belongs to the device, so that a new one
 * ends the old one. */
step job_note_side_effects;

/* Dial the target, or all that is to be compared, over all transports with the token that was taken; or read the
 * chain from a file, and judge it. With a token one connection is kept open for the round trip. */
step job_fetch;

/* Ask the OCSP responders of what was judged. A connection that was kept open is closed when the peer turns out to
 * be revoked. */
step job_ask_ocsp;

/* The verdicts of the stacks that were asked when the chain was judged. */
step job_await_stacks;

/* The round trip with the token that was taken, if there is one, over the connection that was kept open. */
step job_roundtrip;

/* Judge the chain by the store. */
step job_verify;

/* Where nothing was there to be judged, what it would have been judged against: the commands of a fix name it. */
step job_describe_trust;

/* Work out the chain that the server should send, if it is to be written or what is missing to be downloaded: by the
 * trust store that job_trust() filled, or else the system's. */
step job_fix_chain;

/* Turn what was seen into findings. */
step job_judge;

/* Write text to a file that must not be there yet, and note that it is so many certificates. */
int job_save_text(struct job *job, const char *path, const char *text, size_t count);

/* Write certificates as PEM to a file, and note it. */
int job_save(struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count);

/* The same to a file that must not be there yet. */
int job_save_new(
	struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count);

#endif
