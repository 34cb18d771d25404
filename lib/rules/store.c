/* SPDX-License-Identifier: MIT
 *
 * store.c - what is wrong with the trust store itself, whatever chain is judged against it.
 */
#include "rules/trust.h"

static const struct tbd_trust_source *bad_source(const struct tbd_report *report, bool unreadable)
{
	const struct tbd_trust_info *trust = report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		const struct tbd_trust_source *source = trust->sources[i];
		if ((source->error != NULL) == unreadable && source->cert_count == 0)
			return source;
	}
	return NULL;
}

static bool match_store_missing(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_trust_source *source = bad_source(report, true);
	if (source == NULL)
		return false;
	if (tbdi_report_is_anchored(report))
		draft->severity = TBD_SEVERITY_WARNING;
	const char *text = tbdi_draft_source(draft, source);
	tbdi_draft_summary(draft, "the trust store cannot be read: %s: %s", text, source->error);
	tbdi_draft_text(draft, "store", text);
	tbdi_draft_text(draft, "error", source->error);
	if (source->kind == TBD_SOURCE_SYSTEM) {
		tbdi_draft_fix(draft,
			"Install the system's certificates, %s, or name a file with --ca-file:",
			text);
		tbdi_draft_fix(draft, "  apt-get install ca-certificates");
	} else {
		tbdi_draft_fix(draft, "Correct the path of %s, or who may read it:", text);
		tbdi_draft_fix(draft, "  ls -ld %s",
			tbdi_draft_word(draft, source->path != NULL ? source->path : ""));
	}
	return true;
}

static bool match_store_empty(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_trust_source *source = bad_source(report, false);
	if (source == NULL)
		return false;
	if (tbdi_report_is_anchored(report))
		draft->severity = TBD_SEVERITY_WARNING;
	const char *text = tbdi_draft_source(draft, source);
	const char *holds = source->holds != NULL ? source->holds : "nothing at all";
	tbdi_draft_summary(draft, "there is no certificate in %s: it holds %s", text, holds);
	tbdi_draft_text(draft, "store", text);
	tbdi_draft_text(draft, "holds", holds);
	tbdi_draft_fix(draft,
		"Put the CA's certificate in the place of what is in %s. A certificate file "
		"begins with -----BEGIN CERTIFICATE-----; this one can be had from the server:",
		text);
	if (report->target != NULL)
		tbdi_draft_fix(draft, "  curl -f -S -o ca-root.pem %s",
			tbdi_draft_word(draft,
				tbdi_draft_format(draft,
					"https://%s/api/device-connectivity/mqtts/certificate/download",
					report->target->host)));
	else
		tbdi_draft_fix(draft, "  grep BEGIN %s",
			tbdi_draft_word(draft, source->path != NULL ? source->path : ""));
	return true;
}

/* Whether the file has some; a large store does not show all of its own, and may have. */
static bool holds_certificates(const struct tbd_trust_info *trust, const char *file)
{
	if (trust->shown_count < trust->cert_count)
		return true;
	for (size_t i = 0; i < trust->shown_count; i++)
		if (trust->certs[i]->file != NULL && strcmp(trust->certs[i]->file, file) == 0)
			return true;
	return false;
}

static bool match_store_holds_key(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_trust_info *trust = report->trust;
	const char *file = NULL;
	for (size_t i = 0; trust != NULL && file == NULL && i < trust->source_count; i++)
		file = trust->sources[i]->key_file;
	if (file == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%s holds a private key, which must not be on a device: who has it can pose as its "
		"owner",
		file);
	tbdi_draft_text(draft, "file", file);
	if (holds_certificates(trust, file)) {
		tbdi_draft_fix(draft, "Take the certificates of %s only:", file);
		tbdi_draft_fix(draft,
			"  sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' %s > ca-only.pem",
			tbdi_draft_word(draft, file));
	} else {
		tbdi_draft_fix(draft,
			"There is no certificate in it: move %s to where only its owner reads it, and "
			"keep it from devices.",
			file);
	}
	tbdi_draft_fix(draft,
		"If the file has left the server already, make a new key and a new certificate.");
	return true;
}

static bool match_store_unhashed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_trust_info *trust = report->trust;
	const struct tbd_trust_source *source = NULL;
	for (size_t i = 0; trust != NULL && source == NULL && i < trust->source_count; i++)
		if (trust->sources[i]->kind == TBD_SOURCE_DIR && trust->sources[i]->unhashed > 0)
			source = trust->sources[i];
	if (source == NULL)
		return false;
	const char *text = tbdi_draft_source(draft, source);
	tbdi_draft_summary(draft,
		"%zu of %zu certificates in %s have no name by their hash, such as 1a2b3c4d.0: OpenSSL, curl, "
		"mosquitto (--capath) and Python do not find them there",
		source->unhashed, source->cert_count, text);
	tbdi_draft_text(draft, "store", text);
	tbdi_draft_number(draft, "store_count", (int64_t)source->cert_count);
	tbdi_draft_number(draft, "unhashed", (int64_t)source->unhashed);
	tbdi_draft_fix(draft, "Have OpenSSL make these names in %s, each time it changes:", text);
	tbdi_draft_fix(draft, "  openssl rehash %s",
		tbdi_draft_word(draft, source->path != NULL ? source->path : ""));
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_store[] = {
	{
		TBDI_RULE("ca.store-missing", TRUST, CRITICAL,
			"the trust store is not there or cannot be read"),
		.pub.why =
			"The system's store or a directory of certificates could not be read; "
			"path and reason are shown. Without it no chain can be verified. "
			"Containers and small systems often come without the package of CA "
			"certificates. It is a warning when another source already led to a valid "
			"path. (A single FILE that cannot be opened is an error of the command "
			"line instead: exit status 3.)",
		.pub.fix =
			"Install the package ca-certificates, or name the right file or directory.",
		.pub.evidence = TBDI_STRINGS("store", "error"),
		.match = match_store_missing,
	},
	{
		TBDI_RULE(
			"ca.store-empty", TRUST, CRITICAL, "the trust source holds no certificate"),
		.pub.why =
			"The file or directory was read, but there is no certificate in it; what "
			"was found instead is shown: a private key, a web page that was saved as "
			"ca.pem, an empty file. A device that loads such a file trusts nobody and "
			"refuses every server. It is a warning when another source already led to "
			"a valid path.",
		.pub.fix = "Put the CA's certificate into the file, in PEM form.",
		.pub.evidence = TBDI_STRINGS("store", "holds"),
		.match = match_store_empty,
	},
	{
		TBDI_RULE("ca.store-holds-key", TRUST, CRITICAL,
			"the trust file contains a private key"),
		.pub.why =
			"There is a private key in the trust file. A device needs certificates "
			"only, and they are public; with the key of a CA anybody can make "
			"certificates that all devices trust, with the server's anybody can pose "
			"as it. A file that serves a server (mosquitto, a proxy) often has both "
			"in it and must not be handed to devices as it is.",
		.pub.fix = "Hand out a file with the certificates only; if the key was handed out, "
			   "replace it.",
		.pub.evidence = TBDI_STRINGS("store", "file"),
		.match = match_store_holds_key,
		.causes = TBDI_STRINGS("ca.store-empty"),
	},
	{
		TBDI_RULE("ca.store-unhashed", TRUST, WARNING,
			"the directory of CAs lacks the names that OpenSSL looks for"),
		.pub.why =
			"A directory that is given as CA path is searched by OpenSSL for one name only: the hash "
			"of the subject that is needed, and a number (1a2b3c4d.0). Certificates under other names "
			"are not found, and nothing says so: curl, mosquitto, Python and all that stands upon "
			"OpenSSL refuse with 'unable to get local issuer certificate'. This program reads every "
			"file of the directory, as GnuTLS does.",
		.pub.fix = "Run openssl rehash on the directory.",
		.pub.evidence = TBDI_STRINGS("store", "store_count", "unhashed"),
		.match = match_store_unhashed,
	},
	{ .pub = { .id = NULL } },
};
