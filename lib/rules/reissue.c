/* SPDX-License-Identifier: MIT
 *
 * reissue.c - how a certificate is issued again, as commands for whoever has the CA: by what the CA is called in them,
 * with all the names, and with what OpenSSL leaves out unless it is told.
 */
#include "rules/catalogue.h"

#include <strings.h>

/* A name that stands for itself in a list of names of OpenSSL's: no comma, no line end. */
static bool is_plain_name(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.:*";
	return *text != '\0' && text[strspn(text, plain)] == '\0';
}

/* As an entry of OpenSSL's subjectAltName, or NULL: it does not stand for itself there. */
static const char *name_entry(struct tbdi_draft *draft, const struct tbd_name *name)
{
	if (name->type > TBD_NAME_IP || !is_plain_name(name->value))
		return NULL;
	return tbdi_draft_format(
		draft, "%s:%s", name->type == TBD_NAME_IP ? "IP" : "DNS", name->value);
}

const char *tbdi_draft_names(
	struct tbdi_draft *draft, const struct tbd_cert *cert, const char *extra)
{
	enum { NAMES_MAX = 100 }; /* of a command that a person may paste */
	const char *text = NULL;
	size_t count = 0;
	for (size_t i = 0; i < cert->name_count && count < NAMES_MAX; i++) {
		const char *entry = name_entry(draft, &cert->names[i]);
		if (entry == NULL)
			continue;
		if (extra != NULL && strcasecmp(entry, extra) == 0)
			extra = NULL;
		text = tbdi_draft_join(draft, text, ",", entry);
		count++;
	}
	if (count == NAMES_MAX && cert->name_count > NAMES_MAX)
		tbdi_draft_fix(draft,
			"Of its %zu names the command has the first %zu: add what devices need of "
			"the others.",
			cert->name_count, count);
	return extra != NULL ? tbdi_draft_join(draft, text, ",", extra) : text;
}

/* ---- how files are called in commands --------------------------------------------------------- */

static bool is_leaf(const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_chain *chain = report->chain;
	return path != NULL ? cert == path->certs[0]
			    : chain != NULL && chain->count > 0 && cert == chain->certs[0];
}

/* A certificate, its key, request and extensions. */
struct files {
	const char *stem;
	const char *key;
	int days; /* that a new one lasts */
};

static const struct files *files_of(const struct tbd_report *report, const struct tbd_cert *cert)
{
	static const struct files server = { "server", "server_key.pem", 365 };
	static const struct files intermediate = { "intermediate", "intermediate-key.pem", 1825 };
	static const struct files ca = { "ca", "ca-key.pem", 3650 };
	return is_leaf(report, cert) ? &server : cert->self_signed ? &ca : &intermediate;
}

/* Options of OpenSSL that name who signs. */
#define BY_ISSUER "-CA issuer.pem -CAkey issuer-key.pem"
#define BY_NEW_CA "-CA ca_new.pem -CAkey ca_key_new.pem"

/* The issuer is named: a command that signed by the root what an intermediate had issued would break the path. */
static void fix_by_own_ca(struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	tbdi_draft_fix(draft,
		"The CA signs it. With one of your own, where issuer.pem and issuer-key.pem are "
		"certificate and key of %s:",
		cert->issuer);
}

/* ---- commands --------------------------------------------------------------------------------- */

static const char *names_word(struct tbdi_draft *draft, const char *names)
{
	return names == NULL
		? NULL
		: tbdi_draft_word(draft, tbdi_draft_format(draft, "subjectAltName=%s", names));
}

bool tbdi_is_plain_common_name(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.:* ()";
	return text != NULL && *text != '\0' && text[strspn(text, plain)] == '\0';
}

static const char *subject_word(
	struct tbdi_draft *draft, const struct tbd_cert *cert, const char *instead)
{
	const char *common =
		tbdi_is_plain_common_name(cert->common_name) ? cert->common_name : instead;
	return tbdi_draft_word(draft, tbdi_draft_format(draft, "/CN=%s", common));
}

/* The request that has name, key and, if they are to stay, the extensions of the certificate there is. */
static void command_request(struct tbdi_draft *draft, const struct files *files, bool copy)
{
	tbdi_draft_fix(draft, "  openssl x509 -x509toreq%s -in %s.pem -signkey %s -out %s.csr",
		copy ? " -copy_extensions copy" : "", files->stem, files->key, files->stem);
}

/* The file of extensions: these, and the key identifiers, without which strict clients refuse it. "keyid" makes none
 * where the issuer has none, and "keyid:always" would fail. */
static void command_extensions(
	struct tbdi_draft *draft, const char *stem, const char *extensions, const char *names)
{
	tbdi_draft_fix(draft,
		"  printf '%%s\\n' %s%s%s%ssubjectKeyIdentifier=hash authorityKeyIdentifier=keyid "
		"> %s.ext",
		extensions != NULL ? extensions : "", extensions != NULL ? " " : "",
		names != NULL ? names : "", names != NULL ? " " : "", stem);
}

static void command_sign(
	struct tbdi_draft *draft, const struct files *files, const char *by, bool copy)
{
	tbdi_draft_fix(draft,
		"  openssl x509 -req -sha256 -in %s.csr %s%s -extfile %s.ext -days %d "
		"-out %s_new.pem",
		files->stem, by, copy ? " -copy_extensions copy" : "", files->stem, files->days,
		files->stem);
}

/* ---- what rules say --------------------------------------------------------------------------- */

/* The request of a certificate of the same common name with this key, signed by its CA; a self-signed one is made. */
static void fix_with_key(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *key, const char *names)
{
	const struct files *files = files_of(report, cert);
	const char *subject = subject_word(draft, cert, files->stem);
	const char *word = names_word(draft, names);
	const char *option = tbdi_draft_after(draft, " -addext ", word);
	if (cert->self_signed) {
		tbdi_draft_fix(draft,
			"  openssl req -x509 -days %d -key %s -subj %s%s%s -out %s_new.pem",
			files->days, key, subject, option,
			is_leaf(report, cert) ? ""
					      : " -addext keyUsage=critical,keyCertSign,cRLSign",
			files->stem);
		return;
	}
	tbdi_draft_fix(draft, "  openssl req -new -key %s -subj %s%s -out %s.csr", key, subject,
		option, files->stem);
	fix_by_own_ca(draft, cert);
	command_extensions(draft, files->stem, cert->is_ca ? TBDI_CA_EXTENSIONS : NULL, word);
	command_sign(draft, files, BY_ISSUER, false);
}

void tbdi_draft_fix_request(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *names)
{
	fix_with_key(draft, report, cert, files_of(report, cert)->key, names);
}

/* The certificate of the path that this one issued, or NULL. */
static const struct tbd_cert *issued_by(
	const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_path *path = tbdi_report_path(report);
	for (size_t i = 1; path != NULL && i < path->count; i++)
		if (path->certs[i] == cert)
			return path->certs[i - 1];
	return NULL;
}

/* A CA has another key: what the old one signed leads to it no more. */
static void fix_sign_what_it_signed(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_cert *issued = issued_by(report, cert);
	if (issued == NULL)
		return;
	if (!cert->self_signed) {
		tbdi_draft_fix(draft,
			"What the old key signed has to be signed again by the new one: %s, too.",
			issued->subject);
		return;
	}
	const struct files *files = files_of(report, issued);
	tbdi_draft_fix(draft,
		"What the old key signed has to be signed again by the new one, and every device "
		"needs ca_new.pem. %s is signed by:",
		issued->subject);
	command_request(draft, files, true);
	command_extensions(draft, files->stem, NULL, NULL);
	command_sign(draft, files, BY_NEW_CA, true);
}

void tbdi_draft_fix_new_key(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	const char *key_file =
		tbdi_draft_format(draft, "%s_key_new.pem", files_of(report, cert)->stem);
	tbdi_draft_fix(
		draft, "  openssl ecparam -name prime256v1 -genkey -noout -out %s", key_file);
	fix_with_key(draft, report, cert, key_file, tbdi_draft_names(draft, cert, NULL));
	fix_sign_what_it_signed(draft, report, cert);
}

/* Made from the old one it keeps name, key and serial number, so that what it signed stays good. */
static void fix_self_sign_again(struct tbdi_draft *draft, const struct files *files,
	const struct tbd_cert *cert, const char *extensions)
{
	const char *file = cert->file != NULL && cert->self_signed
		? tbdi_draft_word(draft, cert->file)
		: tbdi_draft_format(draft, "%s.pem", files->stem);
	tbdi_draft_fix(draft, "  printf '%%s\\n' %s subjectKeyIdentifier=hash > %s.ext", extensions,
		files->stem);
	tbdi_draft_fix(draft,
		"  openssl x509 -in %s -signkey %s -clrext -extfile %s.ext -days %d "
		"-out %s_new.pem",
		file, files->key, files->stem, files->days, files->stem);
	tbdi_draft_fix(draft,
		"It is trusted for itself: every device needs %s_new.pem in the place of the old "
		"file.",
		files->stem);
}

/* The host as an entry of a subjectAltName, unless the certificate is for it already; or NULL. */
static const char *lacking_name(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_verification *verification = report->verification;
	const char *host = tbdi_report_host(report);
	if (host == NULL || verification == NULL || verification->name_match == TBD_MATCH_OK)
		return NULL;
	return tbdi_draft_format(
		draft, "%s:%s", verification->name_is_address ? "IP" : "DNS", host);
}

void tbdi_draft_fix_sign_again(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *extensions)
{
	const struct files *files = files_of(report, cert);
	bool copy = extensions == NULL;
	const char *names = !copy && is_leaf(report, cert)
		? tbdi_draft_names(draft, cert, lacking_name(draft, report))
		: NULL;
	const char *word = names_word(draft, names);
	if (cert->self_signed && !copy) {
		fix_self_sign_again(draft, files, cert,
			tbdi_draft_format(
				draft, "%s%s", extensions, tbdi_draft_after(draft, " ", word)));
		return;
	}
	fix_by_own_ca(draft, cert);
	command_request(draft, files, copy);
	command_extensions(draft, files->stem, extensions, word);
	command_sign(draft, files, BY_ISSUER, copy);
}
