/* SPDX-License-Identifier: MIT
 *
 * trust.c - what the rules about trust say alike.
 */
#include "rules/trust.h"

const char *tbdi_draft_source(struct tbdi_draft *draft, const struct tbd_trust_source *source)
{
	static const char *const kinds[] = {
		[TBD_SOURCE_FILE] = "",
		[TBD_SOURCE_DIR] = "the directory ",
		[TBD_SOURCE_SYSTEM] = "the system store ",
	};
	TBDI_TABLE_OF(kinds, TBD_SOURCE_SYSTEM);
	return tbdi_draft_format(
		draft, "%s%s", kinds[source->kind], source->path != NULL ? source->path : "");
}

const char *tbdi_draft_store(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_trust_info *trust = report->trust;
	const char *text = NULL;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++)
		text = tbdi_draft_join(
			draft, text, ", ", tbdi_draft_source(draft, trust->sources[i]));
	return text != NULL ? text : "the trust store";
}

enum { HELD_SHOWN = 3 };

const char *tbdi_draft_held(struct tbdi_draft *draft, const struct tbd_trust_info *trust)
{
	const char *text = NULL;
	for (size_t i = 0; i < trust->shown_count && i < HELD_SHOWN; i++) {
		const struct tbd_cert *cert = trust->certs[i];
		if (cert->error == NULL)
			text = tbdi_draft_join(draft, text, "; ",
				tbdi_draft_format(draft, "%s (key id %s)", cert->subject,
					cert->subject_key_id != NULL ? cert->subject_key_id
								     : "none"));
	}
	if (text != NULL && trust->cert_count > HELD_SHOWN)
		text = tbdi_draft_format(draft, "%s; %zu in all", text, trust->cert_count);
	return text;
}

const struct tbd_served_file *tbdi_report_served(const struct tbd_report *report)
{
	size_t count = report->served_file_count;
	const struct tbd_served_file *last = count > 0 ? report->served_files[count - 1] : NULL;
	return last != NULL && last->cert_count > 0 ? last : NULL;
}

const char *tbdi_draft_web(struct tbdi_draft *draft, const struct tbd_served_file *file)
{
	const char *host = strstr(file->url, "://");
	size_t scheme_len = host != NULL ? (size_t)(host - file->url) + 3 : 0;
	size_t len = scheme_len + strcspn(file->url + scheme_len, "/");
	return tbdi_draft_word(draft, tbdi_draft_format(draft, "%.*s", (int)len, file->url));
}

const struct tbd_path *tbdi_path_with(const struct tbd_report *report, enum tbd_fault fault)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path != NULL && path->fault == fault ? path : NULL;
}

bool tbdi_report_is_anchored(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_report_path(report);
	return path != NULL && path->anchored;
}

const char *tbdi_draft_path(struct tbdi_draft *draft, const struct tbd_path *path)
{
	const char *text = NULL;
	for (size_t i = 0; i < path->count; i++)
		text = tbdi_draft_join(draft, text, " <- ", path->certs[i]->subject);
	return text;
}

bool tbdi_chain_has(const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_chain *chain = report->chain;
	for (size_t i = 0; chain != NULL && i < chain->count; i++)
		if (strcmp(chain->certs[i]->sha256, cert->sha256) == 0)
			return true;
	return false;
}

bool tbdi_chain_is_trust_file(const struct tbd_chain *chain)
{
	size_t roots = 0;
	for (size_t i = 0; i < chain->count; i++) {
		const struct tbd_cert *cert = chain->certs[i];
		if (cert->error == NULL && (!cert->is_ca || cert->name_count > 0))
			return false;
		roots += cert->error == NULL && cert->self_signed;
	}
	return chain->file != NULL && chain->count > 1 && roots > 0;
}

const char *tbdi_issuer_url(const struct tbd_cert *cert)
{
	for (const char *const *url = cert->aia_issuers; url != NULL && *url != NULL; url++)
		if (strncmp(*url, "http://", 7) == 0 || strncmp(*url, "https://", 8) == 0)
			return *url;
	return NULL;
}

const char *tbdi_draft_file_of(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	return cert->file != NULL ? cert->file : tbdi_draft_store(draft, report);
}

const struct tbd_cert *tbdi_report_system_anchor(const struct tbd_report *report)
{
	const struct tbd_nearest *nearest =
		report->verification != NULL ? report->verification->nearest : NULL;
	return nearest != NULL ? nearest->system_anchor : NULL;
}

void tbdi_draft_fix_take_from_system(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *anchor)
{
	tbdi_draft_fix(draft,
		"The system's store holds %s. Trust that store, or take out of it what a small "
		"device needs:",
		anchor->subject);
	tbdi_draft_fix(draft, "  tbdiag verify %s --system --save-ca root.pem",
		tbdi_draft_argument(draft, report));
}

void tbdi_draft_fix_fetch(struct tbdi_draft *draft, const char *url)
{
	tbdi_draft_fix(
		draft, "The CA publishes it; compare its SHA-256 with what the CA says elsewhere:");
	tbdi_draft_fix(draft, "  curl -fsS %s | openssl x509 -inform DER -out root.pem",
		tbdi_draft_word(draft, url));
}

/* What a device would do, by a program that everybody has: before the file, the target, and after them. */
static const char *const publishers[][3] = {
	[TBDI_MQTT] = { "mosquitto_pub -d -q 1 --cafile ", " -h ",
		" -t v1/devices/me/telemetry -u \"$TOKEN\" -m '{\"temperature\":25}'" },
	[TBDI_HTTP] = { "curl -fsS --cacert ", " --data '{\"temperature\":25}' ",
		"/api/v1/$TOKEN/telemetry" },
	[TBDI_COAP] = { "coap-client-openssl -m POST -R ",
		" -t application/json -e '{\"temperature\":25}' ", "/api/v1/$TOKEN/telemetry" },
};
TBDI_TABLE_OF(publishers, TBDI_COAP);

void tbdi_draft_fix_use_ca(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *file)
{
	const struct tbd_target *target = report->target;
	if (target == NULL)
		return;
	tbdi_draft_fix(draft, "With that file, check, and let the device connect:");
	tbdi_draft_fix(
		draft, "  tbdiag verify %s --ca-file %s", tbdi_draft_argument(draft, report), file);
	if (report->chain->file != NULL)
		return;
	const struct tbdi_protocol *protocol = tbdi_protocol_of(target);
	const char *const *words = publishers[protocol->id];
	const char *where = protocol->is_requests
		? tbdi_draft_word(draft, target->url)
		: tbdi_draft_format(
			  draft, "%s -p %u", tbdi_draft_word(draft, target->host), target->port);
	tbdi_draft_fix(draft, "  %s%s%s%s%s", words[0], file, words[1], where, words[2]);
}

void tbdi_draft_fix_import(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	tbdi_draft_fix(draft,
		"Have the server's administrator read its SHA-256 to you, by another way than this "
		"connection. Only if it is %s:",
		cert->sha256);
	tbdi_draft_fix(draft, "  tbdiag verify %s --ca-sha256 %s --save-ca server-ca.pem",
		tbdi_draft_argument(draft, report), cert->sha256);
	tbdi_draft_fix_use_ca(draft, report, "server-ca.pem");
}

const struct tbd_download *tbdi_download_of(const struct tbd_report *report)
{
	const struct tbd_fixed_chain *fixed = report->fixed;
	const struct tbd_download *last = NULL;
	for (size_t i = 0; fixed != NULL && i < fixed->download_count; i++) {
		last = fixed->downloads[i];
		if (last->cert != NULL)
			return last;
	}
	return last;
}

/* What is known of the issuer once it was looked for. */
static void fix_say_download(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_download *download = tbdi_download_of(report);
	if (download == NULL)
		return;
	if (download->cert == NULL)
		tbdi_draft_fix(draft, "It could not be fetched from %s: %s.", download->url,
			download->detail != NULL ? download->detail : "no reason was given");
	else if (report->fixed->proven)
		tbdi_draft_fix(draft,
			"Proven: with %s (SHA-256 %s), which was fetched from %s, the chain leads "
			"to %s.",
			download->cert->subject, download->cert->sha256, download->url,
			report->fixed->anchor->subject);
	else
		tbdi_draft_fix(draft,
			"It was fetched from %s (%s, SHA-256 %s), but the chain does not lead to "
			"%s with it either: the device needs another CA file as well.",
			download->url, download->cert->subject, download->cert->sha256,
			tbdi_draft_store(draft, report));
}

void tbdi_draft_fix_append_issuer(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *last)
{
	const char *url = tbdi_issuer_url(last);
	tbdi_draft_fix(draft,
		"On the server, %s in /etc/thingsboard/conf/thingsboard.conf has to name a file "
		"with the server's certificate and after it %s. With Let's Encrypt that file is "
		"fullchain.pem, not cert.pem:",
		tbdi_chain_setting(report), last->issuer);
	tbdi_draft_fix(draft, "  export %s=fullchain.pem", tbdi_chain_setting(report));
	if (url != NULL) {
		tbdi_draft_fix(draft, "Or make it, with what the CA publishes at %s:", url);
		tbdi_draft_fix(draft,
			"  tbdiag chain %s%s --fetch-missing --save-fixed fullchain.pem",
			tbdi_draft_argument(draft, report),
			tbdi_draft_trust_options(draft, report));
	} else {
		tbdi_draft_fix(draft, "Or make it, with the intermediate that the CA handed out:");
		tbdi_draft_fix(draft, "  cat server.pem intermediate.pem > fullchain.pem");
	}
	fix_say_download(draft, report);
	tbdi_draft_fix(draft,
		"Before version 4.3 ThingsBoard reads the file at its start only: restart it.");
	if (url == NULL)
		tbdi_draft_fix(draft,
			"If %s is a root, and no intermediate, the device's CA file has to hold it "
			"instead.",
			last->issuer);
}
