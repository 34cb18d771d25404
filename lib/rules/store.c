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

/* The gravest, or NULL. */
static const struct tbd_store_defect *gravest(const struct tbd_trust_source *source)
{
	return source->defect_count > 0 ? source->defects[0] : NULL;
}

/* How a file of another kind becomes PEM: the command is `before` and the file and `after`. */
static const struct {
	const char *say, *before, *after;
} conversions[] = {
	[TBD_DEFECT_DER] = { "write its certificate as PEM:", "tbdiag lint ",
		" --save-fixed clean.pem" },
	[TBD_DEFECT_PKCS7] = { "write its certificates as PEM:", "openssl pkcs7 -print_certs -in ",
		" -out clean.pem" },
	[TBD_DEFECT_PKCS12] = { "write its certificates as PEM (the password of the file is asked for):",
		"openssl pkcs12 -nokeys -in ", " -out clean.pem" },
	[TBD_DEFECT_JKS] = { "write its certificates as PEM (the password of the file is asked for):",
		"keytool -list -rfc -keystore ", " | sed -n '/BEGIN/,/END/p' > clean.pem" },
	[TBD_DEFECT_UTF16] = { "write it without UTF-16, which editors of Windows call Unicode:",
		"iconv -f UTF-16 -t UTF-8 ", " > clean.pem" },
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
static bool fix_convert(struct tbdi_draft *draft, const struct tbd_store_defect *defect)
{
	if (defect == NULL || defect->file == NULL || conversions[defect->defect].say == NULL)
		return false;
	bool binary = defect->defect == TBD_DEFECT_PKCS7 && defect->line == 0;
	tbdi_draft_fix(draft, "%s: %s", defect->file, conversions[defect->defect].say);
	tbdi_draft_fix(draft, "  %s%s%s%s", conversions[defect->defect].before,
		tbdi_draft_word(draft, defect->file), binary ? " -inform DER" : "",
		conversions[defect->defect].after);
	return true;
}

/* Append where the certificate is to be had. */
static void fix_replace(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_trust_source *source)
{
	tbdi_draft_fix(draft,
		"Put the CA's certificate in the place of what is in %s. A certificate file "
		"begins with -----BEGIN CERTIFICATE-----%s:",
		tbdi_draft_source(draft, source),
		report->target != NULL ? "; this one can be had from the server"
				       : "; what looks like one in that file");
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
	if (!fix_convert(draft, gravest(source)))
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

/* What a defect is of: of the PEM of a file, or of its kind; NEITHER: it holds nothing at all. */
enum concern { NEITHER, LAYOUT, FORMAT };

static const struct {
	const char *what;
	enum concern concern;
} defects[] = {
	[TBD_DEFECT_NONE] = { NULL, NEITHER },
	[TBD_DEFECT_CRLF] = { "its lines end in CR and LF", LAYOUT },
	[TBD_DEFECT_BOM] = { "a byte order mark stands in front of BEGIN", LAYOUT },
	[TBD_DEFECT_BEGIN_BLANK] = { "a blank stands behind a BEGIN", LAYOUT },
	[TBD_DEFECT_ODD_LINES] = { "the base64 stands in lines of a length that is no multiple of 4",
		LAYOUT },
	[TBD_DEFECT_BEGIN_BLANKS] = { "blanks stand behind a BEGIN", LAYOUT },
	[TBD_DEFECT_SPACES] = { "blanks stand among the base64", LAYOUT },
	[TBD_DEFECT_X509_LABEL] = { "a certificate is called X509 CERTIFICATE", LAYOUT },
	[TBD_DEFECT_TRUSTED_LABEL] = { "a certificate is a TRUSTED CERTIFICATE of OpenSSL",
		LAYOUT },
	[TBD_DEFECT_REQUEST] = { "it holds a certificate request (CSR)", FORMAT },
	[TBD_DEFECT_DER] = { "it is DER, not PEM, which OpenSSL 3.5 reads and 3.0 does not",
		FORMAT },
	[TBD_DEFECT_TEXT_BEHIND] = { "something stands behind an END", LAYOUT },
	[TBD_DEFECT_BLANK_END] = { "there is an empty line before an END", LAYOUT },
	[TBD_DEFECT_BLANK_LINES] = { "there are empty lines within a certificate", LAYOUT },
	[TBD_DEFECT_TEXT_BEFORE] = { "something stands in front of a BEGIN, blanks perhaps",
		LAYOUT },
	[TBD_DEFECT_JOINED_END] = { "an END does not stand in a line of its own", LAYOUT },
	[TBD_DEFECT_JOINED_LINES] = { "a BEGIN stands in the line of the END before it", LAYOUT },
	[TBD_DEFECT_INDENTED] = { "it is indented", LAYOUT },
	[TBD_DEFECT_CR_LINE_ENDS] = { "its lines end in CR, as on old Macs", LAYOUT },
	[TBD_DEFECT_ONE_LINE] = { "a certificate stands in one line with its BEGIN", LAYOUT },
	[TBD_DEFECT_MISSING_END] = { "a certificate has no END before the next begins", LAYOUT },
	[TBD_DEFECT_DAMAGED] = { "the base64 of a certificate is damaged", LAYOUT },
	[TBD_DEFECT_UNREADABLE] = { "what a BEGIN CERTIFICATE announces is no certificate",
		LAYOUT },
	[TBD_DEFECT_CUT_OFF] = { "a certificate is cut off", LAYOUT },
	[TBD_DEFECT_ESCAPED] = { "a certificate has \\n as two characters for line ends", LAYOUT },
	[TBD_DEFECT_C_SOURCE] = { "a certificate is a string in the source of a program", LAYOUT },
	[TBD_DEFECT_PKCS7] = { "it is a PKCS#7 bundle", FORMAT },
	[TBD_DEFECT_PKCS12] = { "it is a PKCS#12 file", FORMAT },
	[TBD_DEFECT_JKS] = { "it is a Java key store (JKS)", FORMAT },
	[TBD_DEFECT_UTF16] = { "it is text in UTF-16", FORMAT },
	[TBD_DEFECT_JSON] = { NULL, NEITHER },
	[TBD_DEFECT_HTML] = { NULL, NEITHER },
};
TBDI_TABLE_OF(defects, TBD_DEFECT_HTML);

/* The libraries that a report tells of, and what stands upon them. */
static const struct {
	const char *stack, *name;
	bool common; /* else it is one of small devices, and what it refuses is worth an info */
} stacks[] = {
	{ "openssl", "OpenSSL (curl, mosquitto, Python)", true },
	{ "gnutls", "GnuTLS", true },
	{ "mbedtls", "mbedTLS (ESP32)", true },
	{ "wolfssl", "wolfSSL", false },
	{ "bearssl", "BearSSL (ESP8266)", false },
};

static size_t seen_in(const struct tbd_trust_source *source)
{
	return source->cert_count + source->damaged_count;
}

/* How many certificates the library loads; of one that is not told of, all. */
static size_t loaded_by(const struct tbd_trust_source *source, const char *stack)
{
	for (size_t i = 0; i < source->load_count; i++)
		if (strcmp(source->loads[i]->stack, stack) == 0)
			return source->loads[i]->cert_count;
	return seen_in(source);
}

/* Who loads nothing of the source, or only a part of it; or NULL. */
static const char *readers(
	struct tbdi_draft *draft, const struct tbd_trust_source *source, bool of_a_part)
{
	const char *text = NULL;
	size_t seen = seen_in(source);
	for (size_t i = 0; i < TBDI_COUNT(stacks); i++) {
		size_t loaded = loaded_by(source, stacks[i].stack);
		if (loaded >= seen && seen > 0)
			continue;
		if (of_a_part && loaded > 0)
			text = tbdi_draft_join(draft, text, ", ",
				tbdi_draft_format(
					draft, "%s (%zu of %zu)", stacks[i].name, loaded, seen));
		else if (!of_a_part && loaded == 0)
			text = tbdi_draft_join(draft, text, ", ", stacks[i].name);
	}
	return text;
}

static bool is_commonly_loaded(const struct tbd_trust_source *source)
{
	for (size_t i = 0; i < TBDI_COUNT(stacks); i++)
		if (stacks[i].common && loaded_by(source, stacks[i].stack) < seen_in(source))
			return false;
	return seen_in(source) > 0;
}

/* The gravest defect of this concern, or NULL. */
static const struct tbd_store_defect *defect_of(
	const struct tbd_trust_source *source, enum concern concern)
{
	for (size_t i = 0; i < source->defect_count; i++)
		if (defects[source->defects[i]->defect].concern == concern &&
			source->defects[i]->file != NULL)
			return source->defects[i];
	return NULL;
}

static const struct tbd_trust_source *source_with(
	const struct tbd_report *report, enum concern concern)
{
	const struct tbd_trust_info *trust = report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++)
		if (trust->sources[i]->load_count > 0 &&
			defect_of(trust->sources[i], concern) != NULL)
			return trust->sources[i];
	return NULL;
}

/* "it is indented, line 1 (byte 4)" */
static const char *defect_text(struct tbdi_draft *draft, const struct tbd_store_defect *defect)
{
	const char *what = defects[defect->defect].what;
	if (defect->line == 0)
		return what;
	return tbdi_draft_format(draft, "%s, line %zu (byte %llu)%s", what, defect->line,
		(unsigned long long)defect->offset,
		defect->count > 1 ? tbdi_draft_format(draft, ", %zu times", defect->count) : "");
}

enum { DEFECTS_TOLD = 3 };

/* The defects of this concern, in words; and as evidence. */
static const char *tell_defects(
	struct tbdi_draft *draft, const struct tbd_trust_source *source, enum concern concern)
{
	const char *text = NULL, *words = NULL;
	size_t told = 0;
	for (size_t i = 0; i < source->defect_count; i++) {
		const struct tbd_store_defect *defect = source->defects[i];
		if (defects[defect->defect].concern != concern)
			continue;
		words = tbdi_draft_join(draft, words, ", ", tbd_defect_name(defect->defect));
		if (told++ < DEFECTS_TOLD)
			text = tbdi_draft_join(draft, text, "; ", defect_text(draft, defect));
	}
	tbdi_draft_text(draft, "defect", words);
	return text;
}

/* How a file is written anew. What is lost has to be had again. */
static void fix_rewrite(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_trust_source *source, const struct tbd_store_defect *defect)
{
	bool is_lost = source->damaged_count > 0 && defect->defect != TBD_DEFECT_ESCAPED &&
		defect->defect != TBD_DEFECT_C_SOURCE;
	if (is_lost && defect->last_line > 0)
		tbdi_draft_fix(draft,
			"What stands in lines %zu to %zu of %s cannot be repaired: if that "
			"certificate is needed, get it again.",
			defect->line, defect->last_line, defect->file);
	if (is_lost && source->cert_count == 0) {
		fix_replace(draft, report, source);
		return;
	}
	tbdi_draft_fix(
		draft, "Write the certificates of %s anew, as PEM in lines of 64:", defect->file);
	tbdi_draft_fix(draft, "  tbdiag lint %s --save-fixed clean.pem",
		tbdi_draft_word(draft, defect->file));
}

static bool tell_source(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_trust_source *source, enum concern concern)
{
	if (source == NULL)
		return false;
	const struct tbd_store_defect *defect = defect_of(source, concern);
	const char *none = readers(draft, source, false), *part = readers(draft, source, true);
	size_t seen = seen_in(source);
	if (none == NULL && part == NULL)
		return false;
	if (is_commonly_loaded(source))
		draft->severity = TBD_SEVERITY_INFO;
	else if (source->cert_count == 0 && !tbdi_report_is_anchored(report))
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_text(draft, "file", defect->file);
	const char *text = tell_defects(draft, source, concern);
	tbdi_draft_summary(draft, "%s is %s%s%s%s: %s%s", defect->file,
		none != NULL ? "not loaded as it is by " : "loaded ", none != NULL ? none : "",
		none != NULL && part != NULL ? ", and " : "",
		part != NULL ? tbdi_draft_format(draft, "in part by %s", part) : "", text,
		seen == 0 ? ""
			  : tbdi_draft_format(draft, "; read here: %zu of %zu certificate%s",
				    source->cert_count, seen, seen == 1 ? "" : "s"));
	tbdi_draft_number(draft, "line", (int64_t)defect->line);
	tbdi_draft_number(draft, "offset", (int64_t)defect->offset);
	tbdi_draft_number(draft, "seen", (int64_t)seen);
	tbdi_draft_number(draft, "loaded", (int64_t)source->cert_count);
	tbdi_draft_text(draft, "refused_by", none);
	tbdi_draft_text(draft, "loaded_in_part_by", part);
	if (!fix_convert(draft, defect))
		fix_rewrite(draft, report, source, defect);
	return true;
}

static bool match_store_damaged(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return tell_source(draft, report, source_with(report, LAYOUT), LAYOUT);
}

static bool match_store_format(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return tell_source(draft, report, source_with(report, FORMAT), FORMAT);
}

#define DEFECT_KEYS \
	"file", "defect", "line", "offset", "seen", "loaded", "refused_by", "loaded_in_part_by"

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
		.causes = TBDI_STRINGS("ca.store-damaged", "ca.store-format"),
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
			"The trust file is PEM, and not as every library wants it. Files are read here leniently. "
			"OpenSSL, GnuTLS, mbedTLS, wolfSSL and BearSSL are lenient in different places: PEM in one "
			"line, with blanks in front or empty lines between, with CR as line end, with END and BEGIN "
			"in one line, as the string of a program, or with a damaged certificate beside good ones "
			"is refused by some of them, as a whole or from there on, mostly without a word about the "
			"reason. Where only wolfSSL or BearSSL are concerned (BearSSL loads nothing of a file with "
			"CR and LF, which all others do) it is an info; where no certificate is left, critical.",
		.pub.fix =
			"Write the certificates into a clean file, without those that are damaged: "
			"tbdiag lint FILE --save-fixed NEW.",
		.pub.evidence = TBDI_STRINGS(DEFECT_KEYS),
		.match = match_store_damaged,
	},
	{
		TBDI_RULE("ca.store-format", TRUST, WARNING,
			"the trust file is of another kind than most clients expect"),
		.pub.why =
			"Clients expect certificates in PEM. A certificate in DER, its binary form, is read by "
			"mbedTLS and BearSSL, and neither by OpenSSL, with what stands upon it (curl, mosquitto, "
			"Python), nor by GnuTLS and wolfSSL. A bundle in PKCS#7, a PKCS#12 file, a Java key store, "
			"text in UTF-16 and a certificate request (CSR) are read by none of them as a CA file; and "
			"GnuTLS refuses a file that holds a request beside certificates. It is critical where "
			"nothing else is trusted.",
		.pub.fix = "Convert the file to PEM.",
		.pub.evidence = TBDI_STRINGS(DEFECT_KEYS),
		.match = match_store_format,
	},
	{ .pub = { .id = NULL } },
};
