/* SPDX-License-Identifier: MIT
 *
 * rules-ca.c - whether the chain leads to something the store trusts, and if not, why not.
 */
#include "rules.h"

#include "target.h"

/* ---- the store ------------------------------------------------------------------------------- */

static const char *source_text(struct tbdi_draft *draft, const struct tbd_trust_source *source)
{
	static const char *const kinds[] = {
		[TBD_SOURCE_FILE] = "",
		[TBD_SOURCE_DIR] = "the directory ",
		[TBD_SOURCE_SYSTEM] = "the system store ",
	};
	return tbdi_draft_format(
		draft, "%s%s", kinds[source->kind], source->path != NULL ? source->path : "");
}

/* All sources: "ca.pem", "the system store /etc/ssl/certs/ca-certificates.crt". */
static const char *store_text(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_trust_info *trust = report->trust;
	const char *text = NULL;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++)
		text = tbdi_draft_format(draft, "%s%s%s", text != NULL ? text : "",
			text != NULL ? ", " : "", source_text(draft, trust->sources[i]));
	return text != NULL ? text : "the trust store";
}

enum { HELD_SHOWN = 3 };

/* What the store holds instead of what is needed. */
static const char *held_text(struct tbdi_draft *draft, const struct tbd_trust_info *trust)
{
	const char *text = NULL;
	for (size_t i = 0; i < trust->shown_count && i < HELD_SHOWN; i++) {
		const struct tbd_cert *cert = trust->certs[i];
		if (cert->error == NULL)
			text = tbdi_draft_format(draft, "%s%s%s (key id %s)",
				text != NULL ? text : "", text != NULL ? "; " : "", cert->subject,
				cert->subject_key_id != NULL ? cert->subject_key_id : "none");
	}
	if (text != NULL && trust->cert_count > HELD_SHOWN)
		text = tbdi_draft_format(draft, "%s; %zu in all", text, trust->cert_count);
	return text;
}

static void store_evidence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_text(draft, "store", store_text(draft, report));
	if (report->trust == NULL)
		return;
	tbdi_draft_number(draft, "store_count", (int64_t)report->trust->cert_count);
	tbdi_draft_text(draft, "store_holds", held_text(draft, report->trust));
}

/* ---- the path -------------------------------------------------------------------------------- */

/* The path that ends short of an anchor for this reason. */
static const struct tbd_path *path_with(const struct tbd_report *report, enum tbd_fault fault)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path != NULL && path->fault == fault ? path : NULL;
}

static const struct tbd_cert *path_end(const struct tbd_path *path)
{
	return path->certs[path->count - 1];
}

static bool is_anchored(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path != NULL && path->anchored;
}

static const char *path_text(struct tbdi_draft *draft, const struct tbd_path *path)
{
	const char *text = "";
	for (size_t i = 0; i < path->count; i++)
		text = tbdi_draft_format(
			draft, "%s%s%s", text, i > 0 ? " <- " : "", path->certs[i]->subject);
	return text;
}

static void needed_evidence(struct tbdi_draft *draft, const struct tbd_cert *last)
{
	draft->cert = last;
	tbdi_draft_text(draft, "subject", last->subject);
	tbdi_draft_text(draft, "issuer", last->issuer);
	tbdi_draft_text(draft, "issuer_key_id", last->authority_key_id);
}

static bool has_system_store(const struct tbd_trust_info *trust)
{
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++)
		if (trust->sources[i]->kind == TBD_SOURCE_SYSTEM)
			return true;
	return false;
}

/* Where a public CA may be known already. */
static void fix_try_system(struct tbdi_draft *draft, const struct tbd_report *report)
{
	if (has_system_store(report->trust))
		return;
	tbdi_draft_fix(draft, "If it is a public CA, the system's store may have it:");
	tbdi_draft_fix(draft, "  tbdiag verify %s --system", tbdi_draft_argument(draft, report));
}

/* Where the issuer's certificate can be fetched, or NULL. A company's CA often names its LDAP directory
 * first; and what is no web address must not reach the command line of curl. */
static const char *issuer_url(const struct tbd_cert *cert)
{
	for (const char *const *url = cert->aia_issuers; url != NULL && *url != NULL; url++)
		if (strncmp(*url, "http://", 7) == 0 || strncmp(*url, "https://", 8) == 0)
			return *url;
	return NULL;
}

/* How the right trust file is used, with this report's host and port. */
static void fix_use_ca(struct tbdi_draft *draft, const struct tbd_report *report, const char *file)
{
	const struct tbd_target *target = report->target;
	if (target == NULL)
		return;
	tbdi_draft_fix(draft, "With that file, check, and let the device connect:");
	tbdi_draft_fix(
		draft, "  tbdiag verify %s --ca-file %s", tbdi_draft_argument(draft, report), file);
	if (report->chain->file == NULL && tbdi_target_is_http(target))
		tbdi_draft_fix(draft,
			"  curl -fsS --cacert %s --data '{\"temperature\":25}' "
			"%s/api/v1/$TOKEN/telemetry",
			file, tbdi_draft_word(draft, target->url));
	else if (report->chain->file == NULL)
		tbdi_draft_fix(draft,
			"  mosquitto_pub -d -q 1 --cafile %s -h %s -p %u -t "
			"v1/devices/me/telemetry -u \"$TOKEN\" -m '{\"temperature\":25}'",
			file, tbdi_draft_word(draft, target->host), target->port);
}

/* The file to import, and how to make sure that it is not an attacker's. */
static void fix_import(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	tbdi_draft_fix(draft, "  tbdiag verify %s --save-ca server-ca.pem",
		tbdi_draft_argument(draft, report));
	tbdi_draft_fix(draft,
		"Before you trust it, have the server's administrator confirm its SHA-256, %s:",
		cert->sha256);
	tbdi_draft_fix(draft, "  openssl x509 -in server-ca.pem -outform DER | sha256sum");
	fix_use_ca(draft, report, "server-ca.pem");
}

/* ---- rules ----------------------------------------------------------------------------------- */

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
	if (is_anchored(report))
		draft->severity = TBD_SEVERITY_WARNING;
	const char *text = source_text(draft, source);
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
	if (is_anchored(report))
		draft->severity = TBD_SEVERITY_WARNING;
	const char *text = source_text(draft, source);
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

static bool match_self_signed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = path_with(report, TBD_FAULT_UNTRUSTED_ROOT);
	if (path == NULL || path->count != 1)
		return false;
	const struct tbd_cert *cert = path->certs[0];
	tbdi_draft_summary(draft, "the certificate of %s is self-signed and not in %s: %s",
		tbdi_draft_peer(draft, report), store_text(draft, report), cert->subject);
	tbdi_draft_cert(draft, cert);
	store_evidence(draft, report);
	tbdi_draft_fix(draft,
		"The device has to trust this very certificate, %s: the file that %s names on the "
		"server (often server.pem or mqttserver.pub.pem). Take it from there, or save what "
		"was sent:",
		cert->subject, tbdi_chain_setting(report));
	fix_import(draft, report, cert);
	return true;
}

static bool match_private_root_sent(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = path_with(report, TBD_FAULT_UNTRUSTED_ROOT);
	if (path == NULL)
		return false;
	const struct tbd_cert *root = path_end(path);
	draft->cert = root;
	tbdi_draft_summary(draft, "the chain of %s ends in a root that is not in %s: %s",
		tbdi_draft_peer(draft, report), store_text(draft, report), root->subject);
	tbdi_draft_text(draft, "subject", root->subject);
	tbdi_draft_text(draft, "subject_key_id", root->subject_key_id);
	tbdi_draft_text(draft, "sha256", root->sha256);
	store_evidence(draft, report);
	tbdi_draft_fix(draft, "The device has to trust the root %s.", root->subject);
	fix_try_system(draft, report);
	tbdi_draft_fix(draft, "Take its file from whoever runs that CA, or save what was sent:");
	fix_import(draft, report, root);
	return true;
}

/* A certificate of the store that bears the needed issuer's name. */
static const struct tbd_cert *namesake(
	const struct tbd_trust_info *trust, const struct tbd_cert *last)
{
	for (size_t i = 0; trust != NULL && i < trust->shown_count; i++)
		if (trust->certs[i]->error == NULL &&
			strcmp(trust->certs[i]->subject, last->issuer) == 0)
			return trust->certs[i];
	return NULL;
}

static void fix_append_issuer(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last)
{
	const char *url = issuer_url(last);
	tbdi_draft_fix(draft,
		"On the server, %s in /etc/thingsboard/conf/thingsboard.conf has to name a file "
		"with the server's certificate and after it %s. With Let's Encrypt that file is "
		"fullchain.pem, not cert.pem:",
		tbdi_chain_setting(report), last->issuer);
	tbdi_draft_fix(draft, "  export %s=fullchain.pem", tbdi_chain_setting(report));
	if (url != NULL) {
		tbdi_draft_fix(draft, "Or make it from what the CA publishes:");
		tbdi_draft_fix(draft,
			"  curl -fsS %s | openssl x509 -inform DER -out intermediate.pem",
			tbdi_draft_word(draft, url));
	} else {
		tbdi_draft_fix(draft, "Or make it, with the intermediate that the CA handed out:");
	}
	tbdi_draft_fix(draft, "  cat server.pem intermediate.pem > fullchain.pem");
	tbdi_draft_fix(draft,
		"Before version 4.3 ThingsBoard reads the file at its start only: restart it.");
	if (url == NULL)
		tbdi_draft_fix(draft,
			"If %s is a root, and no intermediate, the device's CA file has to hold it "
			"instead.",
			last->issuer);
}

/* A private CA often signs servers with its root. Only an address where the issuer can be had says
 * that there is one above it; a root of its name that signed with another key says that there is none. */
static bool match_missing_intermediate(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = path_with(report, TBD_FAULT_NO_ISSUER);
	if (path == NULL || path_end(path)->is_ca)
		return false;
	const struct tbd_cert *last = path_end(path);
	const struct tbd_cert *same_name = namesake(report->trust, last);
	if (same_name != NULL && same_name->self_signed)
		return false;
	const char *url = issuer_url(last);
	tbdi_draft_summary(draft,
		"%s does not send the %s %s that issued its certificate, and %s does not hold it",
		tbdi_draft_peer(draft, report), url != NULL ? "intermediate" : "CA", last->issuer,
		store_text(draft, report));
	needed_evidence(draft, last);
	tbdi_draft_text(draft, "aia", url);
	tbdi_draft_number(draft, "sent", report->chain != NULL ? (int64_t)report->chain->count : 0);
	store_evidence(draft, report);
	fix_append_issuer(draft, report, last);
	return true;
}

/* How the root that is needed comes into the device's hands. */
static void fix_get_root(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last)
{
	bool key_known = last->authority_key_id != NULL;
	const char *url = issuer_url(last);
	tbdi_draft_fix(draft,
		"The device needs the certificate of %s%s%s as its CA file; whoever runs that CA, "
		"or the server, has it.",
		last->issuer, key_known ? ", key id " : "",
		key_known ? last->authority_key_id : "");
	fix_try_system(draft, report);
	if (url != NULL) {
		tbdi_draft_fix(draft,
			"The CA publishes it; compare its SHA-256 with what the CA says elsewhere:");
		tbdi_draft_fix(draft, "  curl -fsS %s | openssl x509 -inform DER -out root.pem",
			tbdi_draft_word(draft, url));
	}
	fix_use_ca(draft, report, "root.pem");
}

static bool match_wrong_root(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = path_with(report, TBD_FAULT_NO_ISSUER);
	if (path == NULL)
		return false;
	const struct tbd_cert *last = path_end(path);
	const struct tbd_cert *same_name = namesake(report->trust, last);
	const char *store = store_text(draft, report);
	tbdi_draft_summary(draft, "the chain of %s needs the root %s, which is not in %s%s",
		tbdi_draft_peer(draft, report), last->issuer, store,
		same_name != NULL ? " (there is one of that name, but with another key)" : "");
	needed_evidence(draft, last);
	store_evidence(draft, report);
	fix_get_root(draft, report, last);
	tbdi_draft_fix_cloud(draft, report);
	return true;
}

static bool match_unknown(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || report->chain == NULL || report->chain->count == 0 ||
		(verification->path != NULL && verification->path->anchored))
		return false;
	/* A certificate of the chain is at fault: the rules of the stage policy say which. */
	if (verification->path != NULL && verification->path->fault != TBD_FAULT_NONE &&
		verification->path->fault != TBD_FAULT_MALFORMED)
		return false;
	const struct tbd_cert *leaf = report->chain->certs[0];
	tbdi_draft_summary(draft, "no path leads from the certificate of %s to %s",
		tbdi_draft_peer(draft, report), store_text(draft, report));
	tbdi_draft_cert(draft, leaf);
	tbdi_draft_text(draft, "fault",
		verification->path != NULL ? tbd_fault_name(verification->path->fault) : NULL);
	store_evidence(draft, report);
	tbdi_draft_fix(draft,
		"Compare what was sent (the server's certificate has SHA-256 %s) with %s:",
		leaf->sha256, store_text(draft, report));
	tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_argument(draft, report));
	return true;
}

static bool match_leaf_in_store(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = path_with(report, TBD_FAULT_NONE);
	if (path == NULL || !path->anchored || path->count != 1 || path->certs[0]->self_signed)
		return false;
	const struct tbd_cert *leaf = path->certs[0];
	draft->cert = leaf;
	tbdi_draft_summary(draft,
		"%s trusts the server's own certificate and not its CA: the next renewal, by %s, "
		"breaks it",
		store_text(draft, report), tbdi_draft_date_text(draft, leaf->not_after));
	tbdi_draft_text(draft, "subject", leaf->subject);
	tbdi_draft_text(draft, "issuer", leaf->issuer);
	tbdi_draft_date(draft, "not_after", leaf->not_after);
	store_evidence(draft, report);
	tbdi_draft_fix(draft,
		"Put the root of its issuer %s into %s instead of the certificate of %s.",
		leaf->issuer, store_text(draft, report), leaf->subject);
	return true;
}

static bool match_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || !verification->verified || verification->path == NULL ||
		verification->path->count == 0)
		return false;
	const struct tbd_cert *anchor = path_end(verification->path);
	draft->cert = anchor;
	tbdi_draft_summary(draft, "the chain of %s leads to %s, which is in %s",
		tbdi_draft_peer(draft, report), anchor->subject,
		anchor->file != NULL ? anchor->file : store_text(draft, report));
	tbdi_draft_text(draft, "path", path_text(draft, verification->path));
	tbdi_draft_text(draft, "anchor", anchor->subject);
	tbdi_draft_text(draft, "sha256", anchor->sha256);
	tbdi_draft_text(draft, "file", anchor->file);
	if (anchor->file != NULL)
		tbdi_draft_number(draft, "entry", (int64_t)anchor->entry);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define STORE_KEYS "store", "store_count", "store_holds"

/* Where the store itself is unusable, what it does not hold is no news. */
#define STORE_FAULTS TBDI_STRINGS("ca.store-missing", "ca.store-empty")

/* clang-format off: it would break the texts at odd places */
const struct tbdi_rule tbdi_rules_ca[] = {
	{
		.pub = {
			.id = "ca.store-missing",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the trust store is not there or cannot be read",
			.why =
				"The system's store or a directory of certificates could not be "
				"read; path and reason are shown. Without it no chain can be "
				"verified. Containers and small systems often come without the "
				"package of CA certificates. It is a warning when another source "
				"already led to a valid path. (A single FILE that cannot be opened "
				"is an error of the command line instead: exit status 3.)",
			.fix =
				"Install the package ca-certificates, or name the right file or "
				"directory.",
			.evidence = TBDI_STRINGS("store", "error"),
		},
		.match = match_store_missing,
	},
	{
		.pub = {
			.id = "ca.store-empty",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the trust source holds no certificate",
			.why =
				"The file or directory was read, but there is no certificate in "
				"it; what was found instead is shown: a private key, a web page "
				"that was saved as ca.pem, an empty file. A device that loads such "
				"a file trusts nobody and refuses every server. It is a warning "
				"when another source already led to a valid path.",
			.fix = "Put the CA's certificate into the file, in PEM form.",
			.evidence = TBDI_STRINGS("store", "holds"),
		},
		.match = match_store_empty,
	},
	{
		.pub = {
			.id = "ca.self-signed",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the server's certificate is self-signed and not trusted",
			.why =
				"The server's certificate is its own issuer, as the openssl "
				"commands of ThingsBoard's documentation make it, so no CA vouches "
				"for it: a device trusts it only if this very certificate is in "
				"its store. A CA file from elsewhere, such as the one of the "
				"ThingsBoard cloud, cannot help. OpenSSL says error 18, "
				"mosquitto_pub 'A TLS error occurred', the server's log "
				"'unknown_ca'. The renewed certificate has to be shipped to all "
				"devices again; a small CA of one's own avoids that.",
			.fix =
				"Give the device the server's certificate (the file of "
				"MQTT_SSL_PEM_CERT) as its CA file, after its SHA-256 was "
				"confirmed by another way.",
			.evidence = TBDI_STRINGS("subject", "sha256", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_self_signed,
		.causes = STORE_FAULTS,
	},
	{
		.pub = {
			.id = "ca.private-root-sent",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the chain ends in a root that the store does not hold",
			.why =
				"The server sends its chain up to a self-signed root, but the root "
				"is not in the trust store: a private CA, or a store that belongs "
				"to another server. That a root was sent makes nobody trust it. "
				"OpenSSL says error 19, 'self-signed certificate in certificate "
				"chain'.",
			.fix =
				"Ship this root to the devices, after its SHA-256 was confirmed by "
				"another way.",
			.evidence = TBDI_STRINGS("subject", "subject_key_id", "sha256", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_private_root_sent,
		.causes = STORE_FAULTS,
	},
	{
		.pub = {
			.id = "ca.missing-intermediate",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the server does not send an intermediate certificate",
			.why =
				"The server sends its own certificate without the intermediate CA "
				"that issued it. ThingsBoard sends the content of "
				"MQTT_SSL_PEM_CERT as it is and completes nothing: with cert.pem "
				"instead of fullchain.pem, only the leaf goes out. A browser may "
				"fetch or remember the intermediate, which hides the fault; a "
				"device does not. OpenSSL says errors 20 and 21, 'unable to get "
				"local issuer certificate', wolfSSL -188, BearSSL 62. Where the "
				"leaf does not say where its issuer can be had, the issuer may as "
				"well be a private root: then the device's CA file lacks it.",
			.fix =
				"Put the intermediate after the server's certificate in "
				"MQTT_SSL_PEM_CERT. Do not ship it to the devices: it changes more "
				"often than the root.",
			.evidence = TBDI_STRINGS(
				"subject", "issuer", "issuer_key_id", "aia", "sent", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_missing_intermediate,
	},
	{
		.pub = {
			.id = "ca.wrong-root",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "the trust store does not hold the root that is needed",
			.why =
				"The chain is sound as far as it was sent, and its last "
				"certificate names a CA that the trust store does not hold: the "
				"file belongs to another server, to an earlier CA of this one (a "
				"public server changes its CA now and then, and then all devices "
				"with the old file fail in one night), or it is the CA of the web "
				"host. Name and key identifier of what is needed are shown, and "
				"what the store holds instead. Names alone do not decide: a CA "
				"that was made anew under its old name has another key.",
			.fix = "Give the device the root that the chain needs.",
			.evidence = TBDI_STRINGS("subject", "issuer", "issuer_key_id", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_wrong_root,
		.causes = STORE_FAULTS,
	},
	{
		.pub = {
			.id = "ca.unknown",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_CRITICAL,
			.title = "no path to a trusted certificate",
			.why =
				"No path leads from the server's certificate to the trust store, "
				"and none of the known causes explains it. Most often a "
				"certificate on the way cannot be parsed.",
			.fix = "Compare the chain with the store; both are in the report.",
			.evidence = TBDI_STRINGS("subject", "sha256", "fault", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_unknown,
		.causes = TBDI_STRINGS("ca.store-missing", "ca.store-empty", "chain.not-parsable"),
	},
	{
		.pub = {
			.id = "ca.leaf-in-store",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_WARNING,
			.title = "the store trusts the server's own certificate, not its CA",
			.why =
				"The path is valid, but only because the server's own certificate "
				"stands in the trust file. A server certificate lives for months: "
				"with the next renewal every device that has this file stops "
				"connecting. Besides, some stacks accept only CA certificates as "
				"anchors.",
			.fix = "Put the root of its CA into the file instead.",
			.evidence = TBDI_STRINGS("subject", "issuer", "not_after", STORE_KEYS),
		},
		.group = TBDI_GROUP_CA,
		.match = match_leaf_in_store,
	},
	{
		.pub = {
			.id = "ca.ok",
			.stage = TBD_STAGE_TRUST,
			.severity = TBD_SEVERITY_OK,
			.title = "the chain is trusted",
			.why =
				"A valid path leads from the server's certificate to an anchor of "
				"the trust store, and the name matches. The path is shown from the "
				"leaf up, and with the anchor the file and the entry it stands in.",
			.fix = "Nothing to do.",
			.evidence = TBDI_STRINGS("path", "anchor", "sha256", "file", "entry"),
		},
		.group = TBDI_GROUP_CA,
		.match = match_ok,
	},
	{ .pub = { .id = NULL } },
};
/* clang-format on */
