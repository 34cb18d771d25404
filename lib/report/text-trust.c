/* SPDX-License-Identifier: MIT
 *
 * text-trust.c - what was trusted, and what should be, for a person.
 */
#include "report/view.h"

#include "base/rfc3339.h"

/* The gravest, as JSON has it: "one-line"; or NULL. */
static const char *defect_of(const struct tbd_trust_source *source)
{
	return source->defect_count == 0 ? NULL : tbd_defect_name(source->defects[0]->defect);
}

static void print_sources(struct tbdi_view *view)
{
	const struct tbd_trust_info *trust = view->report->trust;
	const char *label = "trusted";
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++, label = "") {
		const struct tbd_trust_source *source = trust->sources[i];
		const char *none = source->cert_count == 0 ? source->holds : NULL;
		if (source->error != NULL || none != NULL)
			tbdi_view_format(view, 2, label, "%s: %s", source->path,
				tbdi_or_else(source->error, none));
		else
			tbdi_view_format(view, 2, label, "%s: %zu certificate%s%s%s", source->path,
				TBDI_PLURAL(source->cert_count),
				TBDI_AFTER(", ", defect_of(source)));
	}
}

/* Who else refuses the path that is needed: common clients, or NULL. */
static const char *path_refused_by(
	const struct tbd_verification *verification, const struct tbd_path *path)
{
	for (size_t i = 0; path == verification->path && i < verification->departure_count; i++)
		if (verification->departures[i]->severity >= TBD_SEVERITY_WARNING)
			return verification->departures[i]->refused_by;
	return NULL;
}

static void print_path(struct tbdi_view *view, const struct tbd_path *path)
{
	const char *refused_by = path_refused_by(view->report->verification, path);
	if (path->fault == TBD_FAULT_NONE)
		tbdi_view_format(view, 2, "path", "accepted%s%s",
			TBDI_AFTER(" here, refused by ", refused_by));
	else
		tbdi_view_format(view, 2, "path", "%s%s%s at certificate %zu of the path",
			tbd_fault_name(path->fault), TBDI_AFTER(", ", path->requirement),
			path->fault_at);
	for (size_t i = 0; i < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		tbdi_view_numbered(view, i, tbdi_subject_of(cert));
		bool stored =
			cert->origin == TBD_ORIGIN_TRUST || cert->origin == TBD_ORIGIN_UNTRUSTED;
		if (stored && cert->file != NULL)
			tbdi_view_format(view, 4,
				i + 1 == path->count && path->anchored ? "anchor" : "from",
				"%s, entry %zu", cert->file, cert->entry);
		if ((int)i == path->name_encoding_at)
			tbdi_view_field(
				view, 4, "issuer", "named in other bytes than the next one's own");
	}
}

static void print_name_match(struct tbdi_view *view, const struct tbd_verification *verification)
{
	if (verification->name == NULL)
		tbdi_view_field(view, 2, "name", "not judged");
	else
		tbdi_view_format(view, 2, "name", "%s: %s%s%s%s", verification->name,
			tbd_name_match_name(verification->name_match),
			TBDI_ASIDE(verification->name_entry));
}

static void print_nearest(struct tbdi_view *view, const struct tbd_nearest *nearest)
{
	const struct tbd_cert *cert = nearest->cert, *anchor = nearest->system_anchor;
	if (cert != NULL)
		tbdi_view_format(view, 2, "nearest", "%s: %s (%s, entry %zu)",
			tbd_miss_name(nearest->miss), tbdi_subject_of(cert),
			tbdi_or_else(cert->file, "the store"), cert->entry);
	if (anchor != NULL)
		tbdi_view_format(view, 2, "system", "%s (%s, entry %zu)", tbdi_subject_of(anchor),
			tbdi_or_else(anchor->file, "its store"), anchor->entry);
}

static void print_crl(struct tbdi_view *view, const struct tbd_crl *crl)
{
	if (crl->problem != NULL)
		tbdi_view_format(view, 2, "not used", "%s: %s", crl->file, crl->problem);
	else
		tbdi_view_format(view, 2, "revoked by", "%s: %s, %zu certificate%s", crl->file,
			crl->issuer, TBDI_PLURAL(crl->entry_count));
}

static void print_query(struct tbdi_view *view, const struct tbd_ocsp_query *query)
{
	tbdi_view_format(view, 2, "asked", "%s about %s: %s%s%s", query->url,
		query->cert != NULL ? tbdi_subject_of(query->cert) : "?",
		query->answer != NULL ? query->answer->status : "no answer",
		TBDI_AFTER(", not used: ", query->detail));
}

static void print_departure(struct tbdi_view *view, const struct tbd_departure *departure)
{
	tbdi_view_format(view, 4, "stricter", "%s: %s (%s)",
		departure->cert != NULL ? tbdi_subject_of(departure->cert) : "?", departure->text,
		departure->refused_by != NULL ? departure->refused_by
			: departure->strict   ? "strict clients"
			: departure->rfc5280  ? "profile rfc5280"
					      : "profile webpki");
}

static void print_paths(struct tbdi_view *view, const struct tbd_verification *verification)
{
	if (verification->path != NULL && view->verbose)
		print_path(view, verification->path);
	if (verification->nearest != NULL)
		print_nearest(view, verification->nearest);
	for (size_t i = 0; view->verbose && i < verification->path_count; i++)
		if (verification->paths[i] != verification->path)
			print_path(view, verification->paths[i]);
	if (verification->paths_cut)
		tbdi_view_field(view, 2, "", "there were more paths than are explored");
}

/* What lists and responders say of the certificates. */
static void print_revocation(struct tbdi_view *view, const struct tbd_verification *verification)
{
	const struct tbd_trust_info *trust = view->report->trust;
	const struct tbd_ocsp *stapled = verification->stapled;
	for (size_t i = 0; trust != NULL && i < trust->crl_count; i++)
		print_crl(view, trust->crls[i]);
	if (stapled != NULL)
		tbdi_view_format(view, 2, "stapled", "OCSP answer: %s%s%s", stapled->status,
			TBDI_AFTER(", not used: ", stapled->problem));
	for (size_t i = 0; i < view->report->ocsp_count; i++)
		print_query(view, view->report->ocsp[i]);
}

/* Below a picture there is not much left to tell. */
void tbdi_view_verification(struct tbdi_view *view)
{
	const struct tbd_verification *verification = view->report->verification;
	if (verification == NULL)
		return;
	if (tbdi_view_has_picture(view) && !tbdi_view_is_full(view)) {
		print_revocation(view, verification);
		return;
	}
	tbdi_view_heading(view, "Verification");
	tbdi_view_field(view, 2, "verified", verification->verified ? "yes" : "no");
	print_name_match(view, verification);
	print_sources(view);
	print_revocation(view, verification);
	print_paths(view, verification);
	if (view->verbose || verification->profile != TBD_PROFILE_DEVICE)
		tbdi_view_field(view, 2, "profile", tbd_profile_name(verification->profile));
	for (size_t i = 0; view->verbose && i < verification->departure_count; i++)
		print_departure(view, verification->departures[i]);
}

/* ---- the chain that should be sent ------------------------------------------------------------ */

static void print_download(struct tbdi_view *view, const struct tbd_download *download)
{
	if (download->cert != NULL)
		tbdi_view_format(view, 2, "fetched", "%s from %s", tbdi_subject_of(download->cert),
			download->url);
	else
		tbdi_view_format(view, 2, "not fetched", "%s: %s", download->url,
			tbdi_or_else(download->detail, tbd_end_name(download->end)));
}

void tbdi_view_fixed(struct tbdi_view *view)
{
	const struct tbd_fixed_chain *fixed = view->report->fixed;
	if (fixed == NULL)
		return;
	tbdi_view_heading(view, "Chain that should be sent");
	for (size_t i = 0; i < fixed->download_count; i++)
		print_download(view, fixed->downloads[i]);
	for (size_t i = 0; i < fixed->count; i++)
		tbdi_view_numbered(view, i, tbdi_subject_of(fixed->certs[i]));
	tbdi_view_field(view, 2, "missing", fixed->missing);
	if (fixed->proven && fixed->anchor != NULL)
		tbdi_view_format(view, 2, "proven", "leads to %s", tbdi_subject_of(fixed->anchor));
	else
		tbdi_view_field(view, 2, "proven", "no");
}

/* Why it is not one of those below the anchor: a file with that has to be given to devices again, and sooner. */
static void print_others(struct tbdi_view *view, const struct tbd_path *path)
{
	char until[TBDI_RFC3339_SIZE];
	for (size_t i = 0; path != NULL && path->anchored && i + 1 < path->count; i++) {
		const struct tbd_cert *cert = path->certs[i];
		if (i == 0)
			tbdi_view_format(view, 2, "and not",
				"%s, the server's own: renewed before %s", tbdi_subject_of(cert),
				tbdi_rfc3339(cert->not_after, until));
		else
			tbdi_view_format(view, 2, "nor",
				"%s: its CA may take another one at any renewal",
				tbdi_subject_of(cert));
	}
}

void tbdi_view_ca(struct tbdi_view *view)
{
	char until[TBDI_RFC3339_SIZE];
	const struct tbd_needed_ca *ca = view->report->ca;
	if (ca == NULL)
		return;
	tbdi_view_heading(view, "What the device has to trust");
	if (ca->cert == NULL) {
		tbdi_view_field(view, 2, "", "nothing that anybody vouches for");
		return;
	}
	tbdi_view_field(view, 2, "anchor", tbdi_subject_of(ca->cert));
	tbdi_view_field(view, 2, "valid until", tbdi_rfc3339(ca->cert->not_after, until));
	tbdi_view_field(view, 2, "SHA-256", ca->cert->sha256);
	if (strcmp(ca->proof, "sha256") == 0)
		tbdi_view_field(view, 2, "known by", "the SHA-256 that was given");
	else
		tbdi_view_format(view, 2, "known by", "%s, entry %zu",
			tbdi_or_else(ca->cert->file, "the store"), ca->cert->entry);
	for (size_t i = 0; i < ca->also_count; i++) {
		tbdi_view_field(view, 2, "and", tbdi_subject_of(ca->also[i]));
		tbdi_view_field(view, 2, "SHA-256", ca->also[i]->sha256);
	}
	print_others(view, view->report->verification->path);
}
