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

/* How a file of another kind becomes PEM: the command is `before` and the file and `after`. */
static const struct {
	const char *say, *before, *after;
} conversions[] = {
	[TBD_DEFECT_PKCS7] = { "write its certificates as PEM:", "openssl pkcs7 -print_certs -in ",
		" -out clean.pem" },
	[TBD_DEFECT_PKCS12] = { "write its certificates as PEM (the password of the file is asked for):",
		"openssl pkcs12 -nokeys -in ", " -out clean.pem" },
	[TBD_DEFECT_JKS] = { "write its certificates as PEM (the password of the file is asked for):",
		"keytool -list -rfc -keystore ", " | sed -n '/BEGIN/,/END/p' > clean.pem" },
	[TBD_DEFECT_UTF16] = { "write it without UTF-16, which editors of Windows call Unicode:",
		"iconv -f UTF-16 -t UTF-8 ", " > clean.pem" },
	[TBD_DEFECT_ESCAPED] = { "give it line ends again:",
		"sed 's/\\\\[nr]/\\n/g; s/[\"\\\\]/\\n/g' ", " > lines.pem" },
	[TBD_DEFECT_C_SOURCE] = { "take the quotes and backslashes away:",
		"sed 's/\\\\[nr]/\\n/g; s/[\"\\\\]/\\n/g' ", " > lines.pem" },
	[TBD_DEFECT_JSON] = { "this is what a web server answered in the place of the file, often an "
			      "error. Read it, and have the CA's certificate from whoever runs the "
			      "server:",
		"head -c 400 ", "" },
	[TBD_DEFECT_HTML] = { "this is a page that a web server showed in the place of the file, often "
			      "an error or a login. Read it, and have the CA's certificate from whoever "
			      "runs the server:",
		"head -c 400 ", "" },
};
TBDI_TABLE_OF(conversions, TBD_DEFECT_HTML);

/* Append how the file is converted. False: it is none that could be. */
static bool fix_convert(struct tbdi_draft *draft, const struct tbd_trust_source *source)
{
	enum tbd_defect defect = source->defect;
	if (conversions[defect].say == NULL || source->defect_file == NULL)
		return false;
	bool binary = defect == TBD_DEFECT_PKCS7 && source->defect_line == 0;
	tbdi_draft_fix(draft, "%s: %s", source->defect_file, conversions[defect].say);
	tbdi_draft_fix(draft, "  %s%s%s%s", conversions[defect].before,
		tbdi_draft_word(draft, source->defect_file), binary ? " -inform DER" : "",
		conversions[defect].after);
	if (defect == TBD_DEFECT_ESCAPED || defect == TBD_DEFECT_C_SOURCE)
		tbdi_draft_fix(draft, "  tbdiag chain --chain-file lines.pem --save clean.pem");
	return true;
}

/* Append where the certificate is to be had. */
static void fix_replace(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_trust_source *source)
{
	tbdi_draft_fix(draft,
		"Put the CA's certificate in the place of what is in %s. A certificate file "
		"begins with -----BEGIN CERTIFICATE-----; this one can be had from the server:",
		tbdi_draft_source(draft, source));
	if (report->target != NULL)
		tbdi_draft_fix(draft, "  curl -f -S -o ca-root.pem %s",
			tbdi_draft_word(draft,
				tbdi_draft_format(draft,
					"https://%s/api/device-connectivity/mqtts/certificate/download",
					report->target->host)));
	else
		tbdi_draft_fix(draft, "  grep BEGIN %s",
			tbdi_draft_word(draft, source->path != NULL ? source->path : ""));
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
	if (!fix_convert(draft, source))
		fix_replace(draft, report, source);
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

/* ---- files that are read here, and elsewhere not ---------------------------------------------- */

enum {
	BY_OPENSSL = 1,
	BY_GNUTLS = 2,
	BY_MBEDTLS = 4,
	BY_BEARSSL = 8,
	BY_ALL = BY_OPENSSL | BY_GNUTLS | BY_MBEDTLS | BY_BEARSSL,
};

/* Who does not load such a file, or loses a certificate of it: OpenSSL 3.0 and GnuTLS 3.7, to which
 * tests/live/store-format.t holds it, and mbedTLS 2.28 and BearSSL 0.6, which were measured once. */
static const struct {
	const char *what;
	unsigned refused_by;
} readers[] = {
	[TBD_DEFECT_SPACES] = { "blanks stand behind its BEGIN or among the base64", BY_MBEDTLS },
	[TBD_DEFECT_DER] = { "it is DER, not PEM, which OpenSSL 3.5 reads and 3.0 does not",
		BY_OPENSSL | BY_GNUTLS },
	[TBD_DEFECT_TEXT_BEHIND] = { "something stands behind an END", BY_OPENSSL },
	[TBD_DEFECT_BLANK_LINES] = { "there are empty lines within a certificate", BY_OPENSSL },
	[TBD_DEFECT_TEXT_BEFORE] = { "something stands in front of a BEGIN, blanks perhaps",
		BY_OPENSSL | BY_BEARSSL },
	[TBD_DEFECT_JOINED_LINES] = { "an END or BEGIN does not stand in a line of its own",
		BY_OPENSSL | BY_BEARSSL },
	[TBD_DEFECT_INDENTED] = { "it is indented", BY_OPENSSL | BY_MBEDTLS | BY_BEARSSL },
	[TBD_DEFECT_CR_LINE_ENDS] = { "its lines end in CR, as on old Macs",
		BY_OPENSSL | BY_MBEDTLS | BY_BEARSSL },
	[TBD_DEFECT_ONE_LINE] = { "a certificate stands in one line with its BEGIN",
		BY_OPENSSL | BY_MBEDTLS | BY_BEARSSL },
	[TBD_DEFECT_MISSING_END] = { "a certificate has no END before the next begins",
		BY_OPENSSL | BY_MBEDTLS | BY_BEARSSL },
	[TBD_DEFECT_DAMAGED] = { "a certificate of it is damaged", BY_ALL },
	[TBD_DEFECT_CUT_OFF] = { "a certificate of it is cut off", BY_ALL },
	[TBD_DEFECT_ESCAPED] = { "a certificate of it has \\n as two characters for line ends",
		BY_ALL },
	[TBD_DEFECT_C_SOURCE] = { "a certificate of it is a string of C source", BY_ALL },
	[TBD_DEFECT_HTML] = { NULL, 0 },
};
TBDI_TABLE_OF(readers, TBD_DEFECT_HTML);

/* "OpenSSL (curl, mosquitto, Python), mbedTLS (ESP32)" */
static const char *refusing(struct tbdi_draft *draft, unsigned refused_by)
{
	static const char *const names[] = { "OpenSSL (curl, mosquitto, Python)", "GnuTLS",
		"mbedTLS (ESP32)", "BearSSL (ESP8266)" };
	const char *text = NULL;
	for (size_t i = 0; i < TBDI_COUNT(names); i++)
		if (refused_by & 1U << i)
			text = tbdi_draft_join(draft, text, ", ", names[i]);
	return text;
}

static const struct tbd_trust_source *source_with_defect(const struct tbd_report *report, bool der)
{
	const struct tbd_trust_info *trust = report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		const struct tbd_trust_source *source = trust->sources[i];
		bool is_der = source->defect == TBD_DEFECT_DER;
		if (source->cert_count > 0 && is_der == der && source->defect_file != NULL &&
			readers[source->defect].what != NULL)
			return source;
	}
	return NULL;
}

/* A damaged one has to go; the others are written anew. */
static void fix_rewrite(struct tbdi_draft *draft, const struct tbd_trust_source *source)
{
	const char *file = source->defect_file;
	const char *word = tbdi_draft_word(draft, file);
	if (source->damaged_count > 0) {
		tbdi_draft_fix(draft,
			"Take lines %zu to %zu out of %s; if that certificate is needed, get it again:",
			source->defect_line, source->defect_last_line, file);
		tbdi_draft_fix(draft, "  sed '%zu,%zud' %s > clean.pem", source->defect_line,
			source->defect_last_line, word);
		return;
	}
	tbdi_draft_fix(draft, "Write the certificates of %s anew, as PEM in lines of 64:", file);
	if (source->defect == TBD_DEFECT_DER)
		tbdi_draft_fix(draft, "  openssl x509 -inform DER -in %s -out clean.pem", word);
	else
		tbdi_draft_fix(draft, "  tbdiag chain --chain-file %s --save clean.pem", word);
}

static bool tell_defect(struct tbdi_draft *draft, const struct tbd_trust_source *source)
{
	if (source == NULL)
		return false;
	unsigned refused_by = readers[source->defect].refused_by;
	const char *who = refusing(draft, refused_by);
	size_t seen = source->cert_count + source->damaged_count;
	if ((refused_by & (BY_OPENSSL | BY_GNUTLS)) == 0)
		draft->severity = TBD_SEVERITY_INFO;
	tbdi_draft_summary(draft,
		"%s is not loaded as it is, or not all of it, by %s: %s, line %zu (byte %llu); "
		"read here: %zu of %zu certificate%s",
		source->defect_file, who, readers[source->defect].what,
		source->defect_line > 0 ? source->defect_line : 1,
		(unsigned long long)source->defect_offset, source->cert_count, seen,
		seen == 1 ? "" : "s");
	tbdi_draft_text(draft, "file", source->defect_file);
	tbdi_draft_text(draft, "defect", tbd_defect_name(source->defect));
	tbdi_draft_number(draft, "line", (int64_t)source->defect_line);
	tbdi_draft_number(draft, "offset", (int64_t)source->defect_offset);
	tbdi_draft_number(draft, "seen", (int64_t)seen);
	tbdi_draft_number(draft, "loaded", (int64_t)source->cert_count);
	tbdi_draft_text(draft, "refused_by", who);
	fix_rewrite(draft, source);
	return true;
}

static bool match_store_damaged(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return tell_defect(draft, source_with_defect(report, false));
}

static bool match_store_format(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return tell_defect(draft, source_with_defect(report, true));
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
	{
		TBDI_RULE("ca.store-damaged", TRUST, WARNING,
			"common TLS libraries do not load this trust file, or lose a part of it"),
		.pub.why =
			"The certificates of the file were read here, which is lenient. OpenSSL, GnuTLS, mbedTLS and "
			"BearSSL are so in different places: PEM in one line, with blanks in front or empty lines "
			"between, with CR as line end, with END and BEGIN in one line, or with a damaged certificate "
			"beside good ones is refused by some of them, as a whole or from there on, mostly without a "
			"word about the reason. Where the libraries of devices alone are concerned it is an info.",
		.pub.fix =
			"Write the certificates into a clean file, without those that are damaged.",
		.pub.evidence = TBDI_STRINGS(
			"file", "defect", "line", "offset", "seen", "loaded", "refused_by"),
		.match = match_store_damaged,
	},
	{
		TBDI_RULE("ca.store-format", TRUST, WARNING,
			"the trust file is DER, where most clients expect PEM"),
		.pub.why =
			"The file holds a certificate in DER, its binary form. mbedTLS and BearSSL read it; OpenSSL "
			"and what stands upon it (curl, mosquitto, Python), and GnuTLS, find no certificate in it "
			"when it is given as CA file.",
		.pub.fix = "Convert the file to PEM.",
		.pub.evidence = TBDI_STRINGS(
			"file", "defect", "line", "offset", "seen", "loaded", "refused_by"),
		.match = match_store_format,
	},
	{ .pub = { .id = NULL } },
};
