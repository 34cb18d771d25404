/* SPDX-License-Identifier: MIT
 *
 * recipe.h - one run of a subcommand: from its settings over the stages to the report and the exit status. A
 * subcommand is a recipe of these steps. Each returns 0 or a negative enum tbd_err, with the text in
 * job->error.
 */
#ifndef TOOL_RECIPE_H
#define TOOL_RECIPE_H

#include "tools/cli/progress.h"
#include "tools/cli/settings.h"
#include "tools/cli/token.h"

struct job {
	struct connection_settings connection;
	struct clock_settings clock;
	struct trust_settings trust;
	struct token_settings token;
	struct roundtrip_settings roundtrip;
	struct output_settings output;
	bool insecure;
	struct compare_settings compare;
	bool fetch_missing;
	struct transport_settings transports;

	struct tbd_target *target;
	struct tbd_target *connect_to;
	const char *target_note; /* which default was taken for the target, or NULL */
	char asked_host[300];
	char asked_file[4096];
	struct tbd_trust *store;
	struct tbd_report *report;
	struct tbd_set *set;              /* instead of the report */
	struct tbd_verify_options verify; /* what the chain was judged with */
	struct tbd_fetch_options fetch;   /* what the target was dialled with */
	struct progress progress;
	bool unwritten; /* a file that was asked for was not written */
	struct tbd_error error;
};

int job_fail(struct job *job, enum tbd_err code, const char *format, ...) TOOL_PRINTF(3, 4);

/* Note a remark in the report or set. */
int job_note(struct job *job, const char *format, ...) TOOL_PRINTF(2, 3);

/* Note why a file that was asked for is not written. It is a warning, and told on stderr where the report is to
 * show findings only. */
int job_not_written(struct job *job, const char *path, const char *why);

/* To be called first: a file that is to be written at the end (of --output, and `save` unless it is NULL) and
 * cannot be shall not come out after a long run, or after a token was sent. Neither may it be one that the run
 * reads: of the options that subcommands have in common, or `inputs`, any of which may be NULL. */
int job_begin(struct job *job, const char *save, const char *const inputs[2]);

/* The same of a file that must not be there yet. */
int job_begin_new(const char *save);

/* The target without asking anybody: the operand, else TBDIAG_TARGET, else ThingsBoard's cloud. */
int job_target_unasked(struct job *job, const char *operand);

/* The same of a command that speaks TLS only. */
int job_target_tls(struct job *job, const char *operand);

/* The target as the operand (NULL: none) names it; for a chain that comes from a file. */
int job_target_named(struct job *job, const char *operand);

/* The target of a round trip: the operand, else TBDIAG_TARGET, else what a person at the terminal
 * answers, as ThingsBoard's example script asks. */
int job_target_asked(struct job *job, const char *operand);

/* Options of the round trip that do not go together. To be called before anything is dialled. */
int job_roundtrip_check(struct job *job);

/* They have to be ones of the target's protocol. */
int job_roundtrip_fits(struct job *job);

/* Make the report, judged at the time that was asked for; or the set, when several connections are to be
 * compared. */
int job_report(struct job *job);

/* Fill the trust store from the sources that were named, or those that are the default. */
int job_trust(struct job *job);

/* The target, and the time to judge at. */
struct tbd_report_options job_report_options(const struct job *job);

/* What job_fetch() dials with, into job->fetch. */
int job_fetch_options(struct job *job, bool judge);

/* Dial the target, or all that is to be compared. `judge`: refuse a peer that is not verified. `keep_open`: for a round trip. */
int job_fetch(struct job *job, bool judge, bool keep_open);

/* The round trip over all transports that were asked for, with the token that was taken, which is wiped then:
 * job_fetch() and job_roundtrip() in one. */
int job_transports(struct job *job);

/* Note what a round trip does to the device: a session of ThingsBoard belongs to the device, so that a new one
 * ends the old one. */
int job_note_side_effects(struct job *job);

/* The round trip with the token that was taken, which is wiped then. */
int job_roundtrip(struct job *job);

/* Work out the chain that the server should send, by the trust store that job_trust() filled, or else
 * the system's. Downloads what is missing, if that was asked for. */
int job_fix_chain(struct job *job);

/* Ask the OCSP responders of what was judged, if that was asked for. A connection that was kept open is closed
 * when the peer turns out to be revoked. */
int job_ask_ocsp(struct job *job);

/* Judge a chain that was loaded from a file. */
int job_verify(struct job *job);

/* Turn what was seen into findings. */
int job_judge(struct job *job);

/* Write certificates as PEM to a file, and note it. */
int job_save(struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count);

/* The same to a file that must not be there yet. */
int job_save_new(
	struct job *job, const char *path, const struct tbd_cert *const *certs, size_t count);

/* Show the report when rc is 0, else complain; free everything; die by the signal that asked to stop.
 * Returns the exit status. */
int job_end(struct job *job, int rc);

#endif
