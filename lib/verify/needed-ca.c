/* SPDX-License-Identifier: MIT
 *
 * needed-ca.c - the one certificate that a device has to trust for this server, as far as somebody vouches
 * for it.
 */
#include "verify/chain.h"

bool tbdi_is_hearsay(const struct tbd_report *report)
{
	size_t count = report->served_file_count;
	const struct tbd_served_file *file = count > 0 ? report->served_files[count - 1] : NULL;
	return file != NULL && file->cert_count > 0 && file->verified != TBD_ANSWER_YES;
}

/* The anchor of the needed path, unless it is the anchor itself that is at fault. */
static const struct tbd_cert *path_anchor(const struct tbd_path *path)
{
	if (path == NULL || !path->anchored || path->fault == TBD_FAULT_BAD_SIGNATURE)
		return NULL;
	size_t last = path->count - 1;
	return path->fault == TBD_FAULT_NONE || path->fault_at < last ? path->certs[last] : NULL;
}

/* A root outlasts what it signs, and of two roots one the other. */
static bool lasts_longer(const struct tbd_cert *a, const struct tbd_cert *b)
{
	return a->self_signed != b->self_signed ? a->self_signed : a->not_after > b->not_after;
}

/* Of all paths that are acceptable the anchor that lasts longest; else that of the needed path. */
static const struct tbd_cert *lasting_anchor(const struct tbd_verification *verification)
{
	const struct tbd_cert *best = path_anchor(verification->path);
	for (size_t i = 0; best != NULL && i < verification->path_count; i++) {
		const struct tbd_path *path = verification->paths[i];
		if (path->anchored && path->fault == TBD_FAULT_NONE &&
			lasts_longer(path->certs[path->count - 1], best))
			best = path->certs[path->count - 1];
	}
	return best;
}

/* The anchor that the server itself handed out, or the self-signed certificate that the chain ends in without being
 * trusted. */
static const struct tbd_cert *unproven_root(const struct tbd_report *report)
{
	const struct tbd_path *path = report->verification->path;
	const struct tbd_fixed_chain *fixed = report->fixed;
	const struct tbd_cert *anchor = lasting_anchor(report->verification);
	if (anchor != NULL)
		return anchor;
	if (path != NULL && path->fault == TBD_FAULT_UNTRUSTED_ROOT)
		return path->certs[path->count - 1];
	for (size_t i = 0; fixed != NULL && i < fixed->download_count; i++) {
		const struct tbd_cert *cert = fixed->downloads[i]->cert;
		if (cert != NULL && cert->self_signed)
			return cert;
	}
	return NULL;
}

/* Take a certificate, if it is there, if none was taken before and if it is the one that is expected. */
static void take_ca(struct tbd_needed_ca *ca, const struct tbd_cert *cert, const char *proof)
{
	if (cert == NULL || ca->cert != NULL ||
		(ca->sha256 != NULL && strcmp(cert->sha256, ca->sha256) != 0))
		return;
	ca->cert = cert;
	ca->proof = proof;
}

static const char *proof_of(const struct tbd_cert *cert)
{
	return cert != NULL && cert->origin == TBD_ORIGIN_SYSTEM ? "system" : "trust";
}

static void choose_ca(const struct tbd_report *report, struct tbd_needed_ca *ca)
{
	const struct tbd_nearest *nearest = report->verification->nearest;
	const struct tbd_fixed_chain *fixed = report->fixed;
	const struct tbd_cert *fixed_anchor = fixed != NULL && fixed->proven ? fixed->anchor : NULL;
	if (!tbdi_is_hearsay(report))
		take_ca(ca, lasting_anchor(report->verification), "trust");
	take_ca(ca, nearest != NULL ? nearest->system_anchor : NULL, "system");
	take_ca(ca, fixed_anchor, proof_of(fixed_anchor));
	ca->unproven = ca->cert == NULL ? unproven_root(report) : NULL;
	if (ca->sha256 != NULL)
		take_ca(ca, ca->unproven, "sha256");
	if (ca->cert != NULL)
		ca->unproven = NULL;
}

int tbd_find_ca(struct tbd_report *report, const char *sha256, struct tbd_error *error)
{
	static const char digits[] = "0123456789abcdef";
	if (sha256 != NULL && (strlen(sha256) != 64 || strspn(sha256, digits) != 64))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_find_ca: that is no SHA-256");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0 || report->verification == NULL)
		return rc;
	struct tbdi_arena *arena = &tbdi_report_of(report)->arena;
	struct tbd_needed_ca *ca = tbdi_arena_alloc(arena, sizeof(*ca));
	if (ca == NULL)
		return tbdi_fail_nomem(error);
	if (sha256 != NULL && (ca->sha256 = tbdi_arena_strdup(arena, sha256)) == NULL)
		return tbdi_fail_nomem(error);
	choose_ca(report, ca);
	report->ca = ca;
	return 0;
}
