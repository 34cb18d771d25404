/* SPDX-License-Identifier: MIT
 *
 * trust.h - what the rules about trust say alike: the store, the path, how a CA file is used.
 */
#ifndef TBDI_TRUST_H
#define TBDI_TRUST_H

#include "rules/catalogue.h"

/* "ca.pem", "the directory DIR", "the system store FILE". */
const char *tbdi_draft_source(struct tbdi_draft *draft, const struct tbd_trust_source *source);

/* All sources: "ca.pem", "the system store /etc/ssl/certs/ca-certificates.crt". */
const char *tbdi_draft_store(struct tbdi_draft *draft, const struct tbd_report *report);

/* The first few certificates of the store: what it holds instead of what is needed; or NULL. */
const char *tbdi_draft_held(struct tbdi_draft *draft, const struct tbd_trust_info *trust);

/* Evidence: which store, how many certificates, and which they are. */
#define TBDI_STORE_KEYS "store", "store_count", "store_holds"

/* The needed path, if it is unacceptable for this reason (NONE: acceptable); or NULL. */
const struct tbd_path *tbdi_path_with(const struct tbd_report *report, enum tbd_fault fault);

/* The trust file that the server handed out, the last one asked for; NULL: none came. */
const struct tbd_served_file *tbdi_report_served(const struct tbd_report *report);

/* Where a file was handed out, as an argument: "https://HOST". */
const char *tbdi_draft_web(struct tbdi_draft *draft, const struct tbd_served_file *file);

static inline const struct tbd_cert *tbdi_path_end(const struct tbd_path *path)
{
	return path->certs[path->count - 1];
}

/* Does the needed path end in an anchor? */
bool tbdi_report_is_anchored(const struct tbd_report *report);

/* "CN=leaf <- CN=intermediate <- CN=root" */
const char *tbdi_draft_path(struct tbdi_draft *draft, const struct tbd_path *path);

/* Was this certificate part of the chain? */
bool tbdi_chain_has(const struct tbd_report *report, const struct tbd_cert *cert);

/* A file of CAs that was taken for a chain: nobody's certificate is in it, but at least one root. */
bool tbdi_chain_is_trust_file(const struct tbd_chain *chain);

/* Where the issuer's certificate can be fetched, or NULL. A company's CA often names its LDAP directory
 * first; and what is no web address must not reach a command line. */
const char *tbdi_issuer_url(const struct tbd_cert *cert);

/* The file of a stored certificate, else the store. */
const char *tbdi_draft_file_of(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert);

/* What the system's store, which was not named, would anchor the chain by; or NULL. */
const struct tbd_cert *tbdi_report_system_anchor(const struct tbd_report *report);

/* Evidence: where it stands. */
#define TBDI_SYSTEM_KEYS "system_store", "system_entry"

/* Append to the fix how it becomes root.pem. */
void tbdi_draft_fix_take_from_system(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *anchor);

/* Append to the fix how an issuer that its CA publishes becomes root.pem. */
void tbdi_draft_fix_fetch(struct tbdi_draft *draft, const char *url);

/* Append to the fix how a CA file is used, with this report's host and port. */
void tbdi_draft_fix_use_ca(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *file);

/* What there is to say of the clock where several certificates of the path have ended at once: behind the summary, or
 * ""; and before all else in the fix, or nothing. */
const char *tbdi_draft_clock_remark(struct tbdi_draft *draft, const struct tbd_report *report);
void tbdi_draft_fix_clock(struct tbdi_draft *draft, const struct tbd_report *report);

/* What was downloaded in search of the issuer: the one that is it, or else the last; or NULL. */
const struct tbd_download *tbdi_download_of(const struct tbd_report *report);

/* Append to the fix how the issuer of this last certificate gets into what the server sends. */
void tbdi_draft_fix_append_issuer(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last);

/* Append to the fix how a certificate that was sent is imported, and how to make sure that it is not an
 * attacker's. */
void tbdi_draft_fix_import(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert);

/* lint.c: a trust file that is looked at by itself holds certificates that have expired. */
tbdi_rule_match tbdi_match_lint_expired;

#endif
