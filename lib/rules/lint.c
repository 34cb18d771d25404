/* SPDX-License-Identifier: MIT
 *
 * lint.c - what is wrong with a file that is looked at by itself: a trust file, or a server's or client's
 * certificate with its chain and key.
 */
#include "rules/trust.h"

static const struct tbd_lint *looked_at_as(const struct tbd_report *report, const char *use)
{
	const struct tbd_lint *lint = report->lint;
	return lint != NULL && strcmp(lint->use, use) == 0 ? lint : NULL;
}

/* A server's or a client's certificate, or NULL. */
static const struct tbd_lint *pair_of(const struct tbd_report *report)
{
	return looked_at_as(report, "trust") == NULL ? report->lint : NULL;
}

/* ---- trust files ----------------------------------------------------------------------------- */

static bool match_no_root(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = looked_at_as(report, "trust");
	if (lint == NULL || lint->distinct_count == 0 || lint->root_count > 0)
		return false;
	bool is_leaf = lint->leaf_count == lint->distinct_count;
	const char *who = is_leaf ? "OpenSSL, mosquitto, Python, Node.js, GnuTLS and mbedTLS"
				  : "OpenSSL, mosquitto, Python and Node.js";
	draft->severity = is_leaf ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_WARNING;
	if (is_leaf)
		tbdi_draft_summary(draft,
			"%s holds no CA, only %s: as a trust file it is refused by %s, and what takes it "
			"(curl, BearSSL) does so until the next renewal",
			lint->file,
			lint->distinct_count == 1 ? "a server's or client's certificate"
						  : "certificates of servers or clients",
			who);
	else
		tbdi_draft_summary(draft,
			"%s holds no root, only intermediates: as a trust file it is refused by %s, and "
			"intermediates are replaced without notice",
			lint->file, who);
	tbdi_draft_text(draft, "file", lint->file);
	tbdi_draft_number(draft, "seen", (int64_t)lint->cert_count);
	tbdi_draft_text(draft, "refused_by", who);
	tbdi_draft_fix(draft, "Put the root of the CA into the trust file, which is self-signed.");
	tbdi_draft_fix(draft, "If it is a server's chain, have it looked at with its key:");
	tbdi_draft_fix(draft, "  tbdiag lint %s --key KEY", tbdi_draft_word(draft, lint->file));
	return true;
}

static bool match_duplicates(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = looked_at_as(report, "trust");
	const struct tbd_lint_cert *first = NULL;
	size_t count = 0;
	for (size_t i = 0; lint != NULL && i < lint->shown_count; i++) {
		count += lint->certs[i]->same_as > 0;
		if (first == NULL && lint->certs[i]->same_as > 0)
			first = lint->certs[i];
	}
	if (first == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%zu certificate%s of %s stand%s there twice; the first is entry %zu, line %zu, as entry "
		"%zu",
		count, count == 1 ? "" : "s", lint->file, count == 1 ? "s" : "", first->entry,
		first->line, first->same_as);
	tbdi_draft_text(draft, "file", lint->file);
	tbdi_draft_number(draft, "entry", (int64_t)first->entry);
	tbdi_draft_number(draft, "line", (int64_t)first->line);
	tbdi_draft_number(draft, "seen", (int64_t)lint->cert_count);
	tbdi_draft_fix(draft, "Small devices have no memory for both. Write each once:");
	tbdi_draft_fix(draft, "  tbdiag lint %s --save-fixed clean.pem",
		tbdi_draft_word(draft, lint->file));
	return true;
}

static bool match_store_fine(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = looked_at_as(report, "trust");
	const struct tbd_trust_info *trust = report->trust;
	if (lint == NULL || trust == NULL || lint->root_count == 0 || lint->expired_count > 0)
		return false;
	for (size_t i = 0; i < trust->source_count; i++)
		if (trust->sources[i]->defect_count > 0 || trust->sources[i]->key_file != NULL)
			return false;
	tbdi_draft_summary(draft, "%s holds %zu certificate%s, which every TLS library loads",
		lint->file, lint->distinct_count, lint->distinct_count == 1 ? "" : "s");
	tbdi_draft_text(draft, "file", lint->file);
	tbdi_draft_number(draft, "loaded", (int64_t)lint->distinct_count);
	return true;
}

bool tbdi_match_lint_expired(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = looked_at_as(report, "trust");
	const struct tbd_lint_cert *first = NULL;
	for (size_t i = 0; lint != NULL && first == NULL && i < lint->shown_count; i++)
		if (lint->certs[i]->is_read && lint->certs[i]->not_after < report->time)
			first = lint->certs[i];
	if (first == NULL)
		return false;
	if (lint->expired_count == lint->distinct_count)
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_summary(draft,
		"%zu of %zu certificates of %s have expired; the first is %s, entry %zu, on %s",
		lint->expired_count, lint->distinct_count, lint->file, first->subject, first->entry,
		tbdi_draft_date_text(draft, first->not_after));
	tbdi_draft_text(draft, "subject", first->subject);
	tbdi_draft_date(draft, "not_after", first->not_after);
	tbdi_draft_text(draft, "file", lint->file);
	tbdi_draft_number(draft, "entry", (int64_t)first->entry);
	tbdi_draft_number(draft, "expired_count", (int64_t)lint->expired_count);
	tbdi_draft_fix(draft,
		"Where a server's chain still leads to %s, put its successor into %s; else take it out.",
		first->subject, lint->file);
	return true;
}

/* ---- a certificate and its key ---------------------------------------------------------------- */

static const struct tbd_lint_key *key_of(const struct tbd_report *report)
{
	const struct tbd_lint *lint = pair_of(report);
	return lint != NULL ? lint->key : NULL;
}

static bool match_key_mismatch(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint_key *key = key_of(report);
	if (key == NULL || key->fits != TBD_ANSWER_NO)
		return false;
	tbdi_draft_summary(draft, "the key in %s is not that of the first certificate in %s",
		key->file, report->lint->file);
	tbdi_draft_text(draft, "file", report->lint->file);
	tbdi_draft_text(draft, "key_file", key->file);
	tbdi_draft_fix(draft,
		"The certificate of the key has to stand first in the file. These two have to say the "
		"same; find the file for which they do:");
	tbdi_draft_fix(draft, "  openssl x509 -noout -pubkey -in %s",
		tbdi_draft_word(draft, report->lint->file));
	tbdi_draft_fix(draft, "  openssl pkey -pubout -in %s", tbdi_draft_word(draft, key->file));
	return true;
}

static bool match_key_encrypted(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint_key *key = key_of(report);
	if (key == NULL || strncmp(key->format, "encrypted", strlen("encrypted")) != 0)
		return false;
	bool is_pkcs8 = strcmp(key->format, "encrypted-pkcs8") == 0;
	bool is_server = looked_at_as(report, "server") != NULL;
	draft->severity = is_server && is_pkcs8 ? TBD_SEVERITY_CRITICAL : TBD_SEVERITY_INFO;
	tbdi_draft_summary(draft, "the key in %s is encrypted%s", key->file,
		!is_server ? ": a device has to know its password"
			: is_pkcs8
			? " as PKCS#8 (ENCRYPTED PRIVATE KEY), which ThingsBoard cannot read, whatever "
			  "the password: it does not start"
			: ": ThingsBoard has to be told its password (MQTT_SSL_PEM_KEY_PASSWORD)");
	tbdi_draft_text(draft, "key_file", key->file);
	tbdi_draft_text(draft, "key_format", key->format);
	tbdi_draft_fix(draft,
		"Write it without a password (the old one is asked for), readable by its "
		"user alone:");
	tbdi_draft_fix(draft, "  openssl pkey -in %s -out plain-key.pem",
		tbdi_draft_word(draft, key->file));
	return true;
}

static bool match_key_unreadable(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint_key *key = key_of(report);
	if (key == NULL || key->fits != TBD_ANSWER_UNCLEAR ||
		strncmp(key->format, "encrypted", strlen("encrypted")) == 0)
		return false;
	tbdi_draft_summary(draft,
		"whether the key in %s is that of the first certificate in %s cannot be told: one of "
		"the two cannot be read",
		key->file, report->lint->file);
	tbdi_draft_text(draft, "file", report->lint->file);
	tbdi_draft_text(draft, "key_file", key->file);
	tbdi_draft_text(draft, "key_format", key->format);
	tbdi_draft_fix(draft, "See what is said of the key:");
	tbdi_draft_fix(
		draft, "  openssl pkey -noout -check -in %s", tbdi_draft_word(draft, key->file));
	return true;
}

/* As Java's key store asks: the issuer's name is that of the next. */
static bool is_followed_by(const struct tbd_cert *cert, const struct tbd_cert *next)
{
	return cert->error == NULL && next->error == NULL &&
		strcasecmp(cert->issuer, next->subject) == 0;
}

static bool match_not_loaded(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = looked_at_as(report, "server");
	const struct tbd_chain *chain = report->chain;
	size_t at = 1;
	while (lint != NULL && chain != NULL && at < chain->count &&
		is_followed_by(chain->certs[at - 1], chain->certs[at]))
		at++;
	if (lint == NULL || lint->key == NULL || chain == NULL || at >= chain->count)
		return false;
	tbdi_draft_summary(draft,
		"ThingsBoard does not start with %s ('Certificate chain is not valid'): certificate %zu "
		"is not followed by its issuer",
		lint->file, at);
	draft->cert = chain->certs[at - 1];
	tbdi_draft_text(draft, "file", lint->file);
	tbdi_draft_number(draft, "certificate", (int64_t)at);
	tbdi_draft_fix(draft, "Write the chain in its order, and without what is not part of it:");
	tbdi_draft_fix(draft, "  tbdiag lint %s --key %s --save-fixed fullchain.pem",
		tbdi_draft_word(draft, lint->file), tbdi_draft_word(draft, lint->key->file));
	return true;
}

static bool match_pair_expired(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint *lint = pair_of(report);
	for (size_t i = 0; lint != NULL && i < lint->shown_count; i++) {
		const struct tbd_lint_cert *cert = lint->certs[i];
		bool is_early = cert->not_before > report->time;
		if (!cert->is_read || (!is_early && cert->not_after >= report->time))
			continue;
		tbdi_draft_summary(draft, "%s, entry %zu of %s, %s %s", cert->subject, cert->entry,
			lint->file, is_early ? "is not valid before" : "has expired on",
			tbdi_draft_date_text(draft, is_early ? cert->not_before : cert->not_after));
		tbdi_draft_text(draft, "file", lint->file);
		tbdi_draft_number(draft, "entry", (int64_t)cert->entry);
		tbdi_draft_text(draft, "subject", cert->subject);
		tbdi_draft_date(draft, "not_before", cert->not_before);
		tbdi_draft_date(draft, "not_after", cert->not_after);
		if (is_early)
			tbdi_draft_fix(draft,
				"See whether the clock is right (date -u), else have %s issued again and put "
				"it into %s.",
				cert->subject, lint->file);
		else
			tbdi_draft_fix(draft, "Have %s issued again and put it into %s.",
				cert->subject, lint->file);
		return true;
	}
	return false;
}

static bool match_pair_fine(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_lint_key *key = key_of(report);
	if (key == NULL || key->fits != TBD_ANSWER_YES)
		return false;
	tbdi_draft_summary(draft, "the key in %s is that of the first certificate in %s", key->file,
		report->lint->file);
	tbdi_draft_text(draft, "file", report->lint->file);
	tbdi_draft_text(draft, "key_file", key->file);
	tbdi_draft_text(draft, "key_format", key->format);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_pair[] = {
	{
		TBDI_RULE("chain.not-loaded", CHAIN, CRITICAL,
			"ThingsBoard does not start with this chain"),
		.pub.why =
			"A server's file was looked at. ThingsBoard puts its certificates into a key store of "
			"Java, which demands that each is followed by its issuer, and that nothing else stands "
			"there. If not, the whole server does not start, HTTP and MQTT in clear included; its "
			"log says 'Certificate chain is not valid'.",
		.pub.fix = "Put the certificates in order, the server's own first.",
		.pub.evidence = TBDI_STRINGS("file", "certificate", "subject"),
		.match = match_not_loaded,
	},
	{
		TBDI_RULE("chain.key-mismatch", CHAIN, CRITICAL,
			"the private key belongs to another certificate"),
		.pub.why =
			"A server's or client's file was looked at with its key, and the public key of the first "
			"certificate is not that of the private key. A server with such a pair does not start, "
			"a client cannot show its certificate. Often a certificate was renewed with a new key, "
			"and only one of the two files was replaced; or the CA's certificate stands first.",
		.pub.fix = "Put the key and the certificate that belong together.",
		.pub.evidence = TBDI_STRINGS("file", "key_file"),
		.match = match_key_mismatch,
	},
	{
		TBDI_RULE("chain.key-encrypted", CHAIN, CRITICAL, "the private key is encrypted"),
		.pub.why =
			"The key is protected by a password. ThingsBoard reads keys in PKCS#8 that are not "
			"encrypted, and the older kinds (RSA PRIVATE KEY, EC PRIVATE KEY) with a password, too; "
			"an ENCRYPTED PRIVATE KEY it cannot read at all, and says 'Unable to load private key'. "
			"With the older kinds, and for a client, this is an info.",
		.pub.fix = "Write the key without a password.",
		.pub.evidence = TBDI_STRINGS("key_file", "key_format"),
		.match = match_key_encrypted,
	},
	{
		TBDI_RULE(
			"chain.key-unreadable", CHAIN, CRITICAL, "the private key cannot be read"),
		.pub.why =
			"There is a private key, and it could not be compared with the certificate: it, or "
			"the first certificate, is damaged, or of an algorithm that GnuTLS does not know.",
		.pub.fix = "Get the file again from where it was made.",
		.pub.evidence = TBDI_STRINGS("file", "key_file", "key_format"),
		.match = match_key_unreadable,
	},
	{
		TBDI_RULE("chain.expired", CHAIN, CRITICAL,
			"a certificate of the server's or client's file is not valid now"),
		.pub.why =
			"A server's or client's file was looked at. One of its certificates has expired, or is "
			"not valid yet, at the time that it is judged at (--at, else now). Whoever is shown it "
			"refuses it, with words about a certificate that has expired, or a bad certificate.",
		.pub.fix = "Have the certificate issued again.",
		.pub.evidence = TBDI_STRINGS("file", "entry", "subject", "not_before", "not_after"),
		.match = match_pair_expired,
	},
	{
		TBDI_RULE("chain.key-fits", CHAIN, OK, "key and certificate belong together"),
		.pub.why =
			"A server's or client's file was looked at with its key, and the private key is that of "
			"its first certificate: whoever is given both can prove to be the one it is about.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS("file", "key_file", "key_format"),
		.match = match_pair_fine,
	},
	{ .pub = { .id = NULL } },
};

const struct tbdi_rule tbdi_rules_lint[] = {
	{
		TBDI_RULE("ca.store-no-root", TRUST, WARNING, "the trust file holds no root"),
		.pub.why =
			"A trust file was looked at by itself, and all that it holds are intermediates, or "
			"certificates of servers or clients (critical). Most stacks want a path to end in a "
			"self-signed root: OpenSSL and what stands upon it (mosquitto, Python, Node.js) refuse "
			"both, GnuTLS and mbedTLS the certificate of a server; curl and BearSSL take either. "
			"What was copied from openssl s_client is such a file.",
		.pub.fix = "Put the root into the trust file.",
		.pub.evidence = TBDI_STRINGS("file", "seen", "refused_by"),
		.match = match_no_root,
	},
	{
		TBDI_RULE("ca.store-duplicate", TRUST, INFO,
			"a certificate stands in the trust file twice"),
		.pub.why =
			"The trust file, looked at by itself, holds a certificate more than once. Nothing "
			"fails by that; a small device keeps both in its memory.",
		.pub.fix = "Leave out the second one.",
		.pub.evidence = TBDI_STRINGS("file", "entry", "line", "seen"),
		.match = match_duplicates,
	},
	{
		TBDI_RULE("ca.store-ok", TRUST, OK, "nothing is wrong with the trust file"),
		.pub.why =
			"The trust file was looked at by itself: it holds a root, no certificate has "
			"expired, and OpenSSL, GnuTLS, mbedTLS, wolfSSL and BearSSL load all of them.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS("file", "loaded"),
		.match = match_store_fine,
	},
	{ .pub = { .id = NULL } },
};
