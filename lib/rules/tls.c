/* SPDX-License-Identifier: MIT
 *
 * tls.c - what is wrong between two sides that both speak TLS: versions, alerts, names and the
 * client's certificate.
 */
#include "rules/catalogue.h"

static const struct tbdi_meaning alerts[] = {
	{ 10, "a message of ours came when it expected another",
		"Look at the server's log at this moment" },
	{ 20, "it could not decrypt what we sent", "Look for something on the way that alters it" },
	{ 49, "it knows us and does not let us in", "Look at the access rules of the server" },
	{ 50, "it could not parse a message of ours", "Look at the server's log at this moment" },
	{ 80, "something broke inside the server", "Look at the server's log at this moment" },
};

/* RFC 8446 6.2 */
enum {
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_CERTIFICATE_EXPIRED = 45,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_INSUFFICIENT_SECURITY = 71,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_CERTIFICATE_REQUIRED = 116,
};

static const char *alert_name(const struct tbd_tls *tls)
{
	return tls->alert_name != NULL ? tls->alert_name : "unknown";
}

static void fix_by_log(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft,
		"What the server says of it stands in its log; on %s:", report->connection->host);
	tbdi_draft_fix(
		draft, "  grep -iE 'ssl|handshake' /var/log/thingsboard/thingsboard.log | tail");
}

/* The handshake with the versions that were not offered first, if the server took one of them. */
static const struct tbd_tls *other_version(const struct tbd_report *report)
{
	const struct tbd_other_handshake *other = report->connection->other_version;
	const struct tbd_tls *tls = other != NULL ? other->tls : NULL;
	bool taken = tls != NULL && tls->last_message != NULL && tls->end != TBD_END_VERSION;
	return taken ? tls : NULL;
}

/* "TLS1.1", or how it ended: "1.1 or 1.0: alert, protocol_version" */
static void other_version_evidence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_other_handshake *other = report->connection->other_version;
	const struct tbd_tls *taken = other_version(report);
	const struct tbd_tls *tls = other != NULL ? other->tls : NULL;
	if (taken != NULL)
		tbdi_draft_text(draft, "other_versions",
			taken->version != NULL ? taken->version : taken->wanted_version);
	else if (tls != NULL)
		tbdi_draft_text(draft, "other_versions",
			tbdi_draft_format(draft, "%s: %s%s%s", tls->wanted_version,
				tbd_end_name(tls->end), tls->alert_name != NULL ? ", " : "",
				tls->alert_name != NULL ? tls->alert_name : ""));
}

/* By our own word, by its alert, or because it takes another version when it is offered one: GnuTLS
 * answers handshake_failure to versions that it does not have. */
static const struct tbd_tls *refused_version(const struct tbd_report *report)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_VERSION);
	if (tls != NULL)
		return tls;
	tls = tbdi_report_tls(report, TBD_END_ALERT);
	if (tls == NULL || tls->alert == ALERT_PROTOCOL_VERSION)
		return tls;
	return tls->alert == ALERT_HANDSHAKE_FAILURE && other_version(report) != NULL ? tls : NULL;
}

static void version_fix(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_tls *tls)
{
	const char *wanted = tls->wanted_version;
	const struct tbd_tls *other = other_version(report);
	const char *host = report->connection->host;
	if (wanted != NULL)
		tbdi_draft_fix(draft,
			"Leave out --tls-version %s to see what %s can, or allow TLS %s there: "
			"the Java property jdk.tls.disabledAlgorithms, or the proxy before it.",
			wanted, host, wanted);
	else if (other != NULL)
		tbdi_draft_fix(draft,
			"Allow TLS 1.2 on %s: what current libraries and devices have left is 1.2 "
			"and 1.3. ThingsBoard speaks both, so an old proxy stands before port %u:",
			host, report->connection->port);
	else
		tbdi_draft_fix(draft,
			"Allow TLS 1.2 on %s. ThingsBoard speaks 1.2 and 1.3, so an old proxy "
			"stands before port %u, or the port speaks something else:",
			host, report->connection->port);
	tbdi_draft_fix(draft, "  tbdiag chain %s", tbdi_draft_argument(draft, report));
}

static bool match_tls_version(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = refused_version(report);
	if (tls == NULL)
		return false;
	const struct tbd_tls *other = other_version(report);
	const char *wanted = tls->wanted_version;
	tbdi_draft_summary(draft, "%s does not speak TLS %s%s%s", tbdi_draft_peer(draft, report),
		wanted != NULL ? wanted : "1.2 or 1.3", other != NULL ? ", but " : "",
		other == NULL            ? ""
			: other->version ? other->version
					 : other->wanted_version);
	other_version_evidence(draft, report);
	version_fix(draft, report, tls);
	return true;
}

/* The answer to our first message was a no that is not about the version. */
static bool match_tls_cipher(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_CIPHER);
	if (tls == NULL)
		tls = tbdi_report_tls(report, TBD_END_ALERT);
	bool by_alert = tls != NULL && tls->end == TBD_END_ALERT;
	bool is_first = tls != NULL && tls->last_message == NULL;
	if (tls == NULL ||
		(by_alert && (!is_first || tls->alert != ALERT_HANDSHAKE_FAILURE) &&
			tls->alert != ALERT_INSUFFICIENT_SECURITY))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (by_alert)
		tbdi_draft_summary(draft,
			"%s accepts none of the cipher suites, groups and signature algorithms "
			"offered: it answered %s with alert %d (%s)",
			peer, is_first ? "our first message" : "us", tls->alert, alert_name(tls));
	else
		tbdi_draft_summary(draft,
			"%s chose a cipher suite, group or signature algorithm that is not "
			"acceptable: %s",
			peer, tls->detail != NULL ? tls->detail : "no reason given");
	tbdi_draft_text(draft, "detail", by_alert ? NULL : tls->detail);
	other_version_evidence(draft, report);
	tbdi_draft_fix(draft,
		"On %s, see which key the certificate has and which suites are allowed: "
		"ECDHE with AES-GCM and an RSA or P-256 key suits every device. A server without a "
		"certificate for its suites answers so, too.",
		report->connection->host);
	fix_by_log(draft, report);
	return true;
}

static bool match_tls_alert(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_ALERT);
	if (tls == NULL)
		return false;
	const struct tbdi_meaning *known = tbdi_meaning_of(alerts, TBDI_COUNT(alerts), tls->alert);
	tbdi_draft_summary(draft, "%s ended the handshake with alert %d (%s): %s",
		tbdi_draft_peer(draft, report), tls->alert, alert_name(tls),
		known->meaning != NULL ? known->meaning : "the server's log knows why");
	if (known->fix != NULL)
		tbdi_draft_fix(draft, "%s.", known->fix);
	fix_by_log(draft, report);
	return true;
}

/* ---- the client's certificate ---------------------------------------------------------------- */

/* Alerts that speak of a certificate of ours, which came after the server had asked for one. That it
 * asked shows that it agreed to all else, so that 40 means the certificate, too. */
static const struct tbdi_meaning client_alerts[] = {
	{ ALERT_HANDSHAKE_FAILURE, "without saying why", "Show one that it was told to accept" },
	{ 41, "it misses one", "Show one that it was told to accept" },
	{ 42, "it finds it malformed, unfit for its purpose or not to be trusted",
		"Check that it is meant for clients (clientAuth) and that its issuers are sent along" },
	{ 43, "it does not know its kind", "Take one with a P-256 or RSA key" },
	{ 44, "it was revoked", "Have a new one issued" },
	{ ALERT_CERTIFICATE_EXPIRED, "it is not valid now",
		"Have a new one issued, or set the clock" },
	{ 46, "it does not accept it, for a reason of its own",
		"Show one that it was told to accept" },
	{ 48, "it does not trust its issuer", "Give the server its issuer, or take one it trusts" },
	{ 49, "it knows it and does not let it in", "Look at the access rules of the server" },
	/* GnuTLS says so of the empty message that TLS 1.2 has for "none". */
	{ 50, "it could not parse it", "Check the file; take one with a P-256 or RSA key" },
	{ 51, "the signature made with our key does not fit it",
		"Give the key that belongs to it" },
	{ ALERT_CERTIFICATE_REQUIRED, "it insists on one", "Show one that it was told to accept" },
};

/* The server ended the handshake, or what came after it, because of our certificate or the lack of
 * one. */
static const struct tbd_tls *refused_client(
	const struct tbd_report *report, const struct tbdi_meaning **known)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_ALERT);
	if (tls == NULL || !tls->client_cert_requested)
		return NULL;
	*known = tbdi_meaning_of(client_alerts, TBDI_COUNT(client_alerts), tls->alert);
	return (*known)->meaning != NULL ? tls : NULL;
}

static bool match_client_cert_required(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbdi_meaning *known;
	const struct tbd_tls *tls = refused_client(report, &known);
	if (tls == NULL || tls->client_cert_sent)
		return false;
	const char *host = report->connection->host;
	tbdi_draft_summary(draft,
		"%s insists on a client certificate: %s, it answered alert %d (%s)",
		tbdi_draft_peer(draft, report),
		tls->client_cert == NULL ? "without one"
					 : "the one given is not of a kind it accepts",
		tls->alert, alert_name(tls));
	tbdi_draft_fix(draft, "Give the device the certificate that %s was told to accept:", host);
	tbdi_draft_fix(draft, "  tbdiag verify --cert device.pem --key device_key.pem %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	tbdi_draft_fix(draft,
		"Devices with access tokens have none. ThingsBoard itself goes on without, so a "
		"proxy before %s insists: let it ask without requiring (haproxy: verify optional; "
		"nginx: ssl_verify_client optional).",
		host);
	return true;
}

static bool match_client_cert_rejected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbdi_meaning *known;
	const struct tbd_tls *tls = refused_client(report, &known);
	if (tls == NULL || tls->client_cert == NULL)
		return false;
	const struct tbd_cert *cert = tls->client_cert;
	bool expired = cert->error == NULL && cert->not_after < report->clock;
	tbdi_draft_summary(draft, "%s rejects the client certificate in %s: %s%s",
		tbdi_draft_peer(draft, report), cert->file, known->meaning,
		expired ? tbdi_draft_format(draft, "; it expired at %s",
				  tbdi_draft_date_text(draft, cert->not_after))
			: "");
	tbdi_draft_text(draft, "subject", cert->error == NULL ? cert->subject : NULL);
	tbdi_draft_text(draft, "sha256", cert->sha256);
	tbdi_draft_fix(draft, "%s.", expired ? "Have a new one issued" : known->fix);
	tbdi_draft_fix(draft,
		"A device with an access token needs no client certificate: leave out --cert.");
	fix_by_log(draft, report);
	return true;
}

static bool match_client_cert_wanted(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_OK);
	if (tls == NULL || !tls->client_cert_requested || tls->client_cert_sent ||
		tbdi_wants_client_cert(report))
		return false;
	tbdi_draft_summary(draft,
		"%s asks for a client certificate and goes on without: normal for ThingsBoard",
		tbdi_draft_peer(draft, report));
	return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* How a device is made to send a server name. */
static void fix_device_sends(struct tbdi_draft *draft, const char *name)
{
	tbdi_draft_fix(draft,
		"Have the device send the server name %s (mbedTLS: mbedtls_ssl_set_hostname(); "
		"SIMCom modems, where it is off by default):",
		name);
	tbdi_draft_fix(draft, "  AT+CSSLCFG=\"enableSNI\",0,1");
}

/* None was sent: the target is an address, or it was asked for. */
static void fix_send_name(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_target *target = report->target;
	bool is_name = target != NULL && !target->is_address;
	fix_device_sends(draft, is_name ? target->host : "NAME that its certificate is for");
	tbdi_draft_fix(draft, "What it is served then%s:",
		is_name ? "" : ", with the server's own name in the place of NAME");
	tbdi_draft_fix(draft, "  tbdiag verify --sni %s %s%s",
		is_name ? tbdi_draft_word(draft, target->host) : "NAME",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static void fix_other_name(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *sni)
{
	tbdi_draft_fix(draft,
		"Send the name that %s is configured for; or have it, or the proxy before it, serve "
		"its certificate for %s, too. ThingsBoard itself takes any name. Without one:",
		report->connection->host, sni);
	tbdi_draft_fix(draft, "  tbdiag chain --sni none %s", tbdi_draft_argument(draft, report));
}

static bool match_sni_rejected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_ALERT);
	if (tls == NULL || tls->alert != ALERT_UNRECOGNIZED_NAME)
		return false;
	const char *sni = tls->sni;
	tbdi_draft_summary(draft, "%s %s (alert %d, %s)", tbdi_draft_peer(draft, report),
		sni != NULL ? tbdi_draft_format(draft, "refuses the server name %s", sni)
			    : "wants a server name, and none was sent",
		tls->alert, alert_name(tls));
	if (sni != NULL)
		fix_other_name(draft, report, sni);
	else
		fix_send_name(draft, report);
	return true;
}

/* "alert 112 (unrecognized_name)", "closed", "timeout" */
static const char *refusal_text(struct tbdi_draft *draft, const struct tbd_tls *tls)
{
	return tls->alert >= 0
		? tbdi_draft_format(draft, "alert %d (%s)", tls->alert, alert_name(tls))
		: tbd_end_name(tls->end);
}

static const struct tbd_cert *first_cert(const struct tbd_chain *chain)
{
	return chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
}

static const char *subject_of(const struct tbd_cert *cert)
{
	return cert->error == NULL ? cert->subject : "one that is malformed";
}

static void sni_needed_evidence(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *with, const struct tbd_cert *without)
{
	tbdi_draft_text(draft, "subject", subject_of(with));
	tbdi_draft_text(draft, "sha256", with->sha256);
	if (without == NULL) {
		tbdi_draft_text(draft, "without_sni",
			refusal_text(draft, report->connection->without_sni->tls));
		return;
	}
	tbdi_draft_text(draft, "without_sni", subject_of(without));
	tbdi_draft_text(draft, "without_sni_sha256", without->sha256);
}

static bool match_sni_needed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_other_handshake *other =
		connection != NULL ? connection->without_sni : NULL;
	const struct tbd_cert *with = first_cert(report->chain);
	if (other == NULL || other->tls == NULL || with == NULL)
		return false;
	const struct tbd_cert *without = first_cert(other->chain);
	if (without != NULL && strcmp(without->sha256, with->sha256) == 0)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	const char *sni = connection->tls->sni;
	if (without != NULL)
		tbdi_draft_summary(draft,
			"%s serves another certificate to a device that sends no server name: %s "
			"instead of %s",
			peer, subject_of(without), subject_of(with));
	else
		tbdi_draft_summary(draft,
			"%s does not serve a device that sends no server name: %s", peer,
			refusal_text(draft, other->tls));
	sni_needed_evidence(draft, report, with, without);
	fix_device_sends(draft, sni);
	tbdi_draft_fix(draft,
		"or make the certificate for %s the default one of the proxy before %s (nginx: "
		"default_server; haproxy: the first crt). What such a device meets:",
		sni, connection->host);
	tbdi_draft_fix(draft, "  tbdiag verify --sni none%s %s",
		tbdi_draft_trust_options(draft, report), tbdi_draft_argument(draft, report));
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_tls[] = {
	{
		TBDI_RULE("tls.version", TLS, CRITICAL, "there is no common TLS version"),
		.pub.why =
			"The two sides share no protocol version. ThingsBoard serves TLS 1.2 and "
			"1.3 (the setting MQTT_SSL_PROTOCOL=TLSv1.2 does not forbid 1.3); Java "
			"switched 1.0 and 1.1 off. So either a version was asked for that the "
			"server does not have, or an old proxy answers. Where the server refused "
			"our first message, a second connection offered the versions that the "
			"first one did not, down to TLS 1.0: the one it took is named.",
		.pub.fix = "Let both sides speak TLS 1.2.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "wanted",
			"alert_name", "other_versions"),
		.group = TBDI_GROUP_TLS,
		.match = match_tls_version,
	},
	{
		TBDI_RULE("tls.sni-rejected", TLS, CRITICAL, "the peer refuses the server name"),
		.pub.why =
			"The device says in its first message which server it wants (SNI), and "
			"the peer answered alert 112, unrecognized_name: it has nothing for that "
			"name. ThingsBoard does not look at the name, so a proxy or load balancer "
			"answers that knows other names. It also happens when a device is given "
			"an address or an alias instead of the name that the proxy knows.",
		.pub.fix = "Use the name that the proxy is configured for, or add this one there.",
		.pub.evidence = TBDI_STRINGS(
			"host", "port", "last_message", "bytes_in", "alert", "alert_name", "sni"),
		.group = TBDI_GROUP_TLS,
		.match = match_sni_rejected,
	},
	{
		TBDI_RULE("tls.client-cert-required", TLS, CRITICAL,
			"the server insists on a client certificate"),
		.pub.why =
			"The server asked for a certificate of the device, got none, and ended "
			"the connection with an alert: 116 certificate_required in TLS 1.3, where "
			"it comes only after the handshake seemed to be done; in TLS 1.2 each "
			"library has its own (40, 42, 46, 50). ThingsBoard asks but does not "
			"insist, whatever the credentials of its devices are: what insists is a "
			"proxy before it, or another server.",
		.pub.fix =
			"Give the device a certificate the server accepts (--cert, --key), or let "
			"the proxy ask without requiring.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "version"),
		.group = TBDI_GROUP_TLS,
		.match = match_client_cert_required,
	},
	{
		TBDI_RULE("tls.client-cert-rejected", TLS, CRITICAL,
			"the server rejects the client certificate"),
		.pub.why =
			"The device showed a certificate, and the server answered with an alert "
			"about it. An alert that comes from the server is about the client's "
			"certificate, never about its own: 48 unknown_ca means that the server "
			"does not know its issuer, 45 that it is not valid now, 42 that it is "
			"unfit or unknown. ThingsBoard aborts so when the chain is broken; a "
			"sound certificate that no device has is refused later, by the answer to "
			"CONNECT.",
		.pub.fix = "Show a certificate the server was told to accept, with its issuers; a "
			   "device with an access token needs none.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "subject", "sha256"),
		.group = TBDI_GROUP_TLS,
		.match = match_client_cert_rejected,
	},
	{
		TBDI_RULE("tls.cipher", TLS, CRITICAL,
			"no common cipher suite, group or signature algorithm"),
		.pub.why =
			"Both sides speak TLS, but share no cipher suite, key exchange group or "
			"signature algorithm. The server says so with alert 40 handshake_failure "
			"or 71 insufficient_security in answer to our first message, and refuses "
			"the other versions of TLS as well (or it would be tls.version); or it "
			"chose what we cannot accept. What is offered is what current libraries "
			"offer, so the server is very old, very strict, or has no certificate of "
			"a key type that its suites need. Small devices offer far less than "
			"tbdiag.",
		.pub.fix =
			"Allow ECDHE with AES-GCM on the server, and give it an RSA or P-256 key.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "wanted", "detail", "other_versions"),
		.group = TBDI_GROUP_TLS,
		.match = match_tls_cipher,
	},
	{
		TBDI_RULE("tls.alert", TLS, CRITICAL, "the peer ended the handshake with an alert"),
		.pub.why =
			"The peer refused us and said so with a TLS alert that no other finding "
			"explains: its number and name are shown, and after which message it "
			"came. An alert that is received speaks of what we sent: 80 "
			"internal_error is a fault inside the server, 10, 47 and 50 mean that it "
			"did not understand us, 20 that something on the way altered the bytes.",
		.pub.fix = "Act on the alert; the server's log has the same moment from its side.",
		.pub.evidence = TBDI_STRINGS(
			"host", "port", "last_message", "bytes_in", "alert", "alert_name", "sni"),
		.group = TBDI_GROUP_TLS,
		.match = match_tls_alert,
	},
	{
		TBDI_RULE("tls.sni-needed", TLS, WARNING,
			"a device that sends no server name is served otherwise"),
		.pub.why =
			"With --without-sni a second handshake was made with the same address, "
			"without server name, and it ended with another certificate or with none. "
			"Proxies and load balancers that serve several hosts choose by the name "
			"that the device sends (SNI). Devices that send none, as small stacks and "
			"many modems do unless they are told to, get the default certificate and "
			"refuse it, or are refused. ThingsBoard itself does not look at the name.",
		.pub.fix = "Have the device send the server name, or make this certificate the "
			   "default one.",
		.pub.evidence = TBDI_STRINGS("host", "port", "sni", "subject", "sha256",
			"without_sni", "without_sni_sha256"),
		.match = match_sni_needed,
	},
	{
		TBDI_RULE("tls.client-cert-wanted", TLS, INFO,
			"the server asks for a client certificate, but needs none"),
		.pub.why = "The server asked for a certificate of the device and went on without "
			   "one. ThingsBoard always does: it serves devices with X.509 credentials "
			   "and devices with tokens on the same port. A device that does show a "
			   "certificate is taken for what the certificate says, and its token is "
			   "ignored. A few small TLS stacks answer the question wrongly and are "
			   "closed on in TLS 1.3.",
		.pub.fix = "Nothing to do for a device with an access token.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "version"),
		.match = match_client_cert_wanted,
	},
	{ .pub = { .id = NULL } },
};
