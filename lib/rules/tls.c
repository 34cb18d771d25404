/* SPDX-License-Identifier: MIT
 *
 * tls.c - what is wrong between two sides that both speak TLS: versions, alerts and the client's certificate.
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
	tbdi_draft_fix_log(draft, "[sS][sS][lL]|[hH]andshake");
}

/* The handshake with the versions that were not offered first, if the server took one of them. */
static const struct tbd_tls *other_version(const struct tbd_report *report)
{
	const struct tbd_other_handshake *other = report->connection->other_version;
	const struct tbd_tls *tls = other != NULL ? other->tls : NULL;
	bool taken = tls != NULL && tls->last_message != NULL && tls->end != TBD_END_VERSION;
	return taken ? tls : NULL;
}

/* What came with it; or NULL. */
static const struct tbd_cert *other_leaf(const struct tbd_report *report)
{
	const struct tbd_chain *chain = report->connection->other_version->chain;
	return chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
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
 * answers handshake_failure to versions that it does not have. To 1.2 that alert speaks of suites as well, which
 * name the kind of the server's key there. */
static const struct tbd_tls *refused_version(const struct tbd_report *report)
{
	const struct tbd_tls *tls = tbdi_report_tls(report, TBD_END_VERSION);
	if (tls != NULL)
		return tls;
	tls = tbdi_report_tls(report, TBD_END_ALERT);
	if (tls == NULL || tls->alert == ALERT_PROTOCOL_VERSION)
		return tls;
	bool may_be_suites = tls->wanted_version != NULL && strcmp(tls->wanted_version, "1.2") == 0;
	bool is_version = tls->alert == ALERT_HANDSHAKE_FAILURE && other_version(report) != NULL &&
		!may_be_suites;
	return is_version ? tls : NULL;
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
	const struct tbd_tls *other = other_version(report);
	if (by_alert && other != NULL)
		tbdi_draft_summary(draft,
			"%s accepts none of the cipher suites of TLS %s that were offered (alert %d, %s), "
			"but speaks %s",
			peer, tls->wanted_version, tls->alert, alert_name(tls),
			other->version != NULL ? other->version : other->wanted_version);
	else if (by_alert)
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
	if (other != NULL)
		tbdi_draft_fix_suites(draft, report, other_leaf(report));
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
		"Send its issuers along, behind it in the file, and see that the server knows the last" },
	{ 43, "it does not take its purpose (so OpenSSL) or its kind of key",
		"Take one with a P-256 or RSA key" },
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

static bool lists(const char *const *items, const char *wanted)
{
	while (items != NULL && *items != NULL && strcmp(*items, wanted) != 0)
		items++;
	return items != NULL && *items != NULL;
}

/* What is wrong with a certificate of ours as far as this machine can see, and no server would overlook; or NULL. */
static const char *client_cert_lack(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	if (cert->not_after < report->clock)
		return tbdi_draft_format(
			draft, "it expired at %s", tbdi_draft_date_text(draft, cert->not_after));
	if (cert->not_before > report->clock)
		return tbdi_draft_format(draft, "it is valid from %s on, and it is %s here",
			tbdi_draft_date_text(draft, cert->not_before),
			tbdi_draft_date_text(draft, report->clock));
	if (cert->has_purposes && !lists(cert->purposes, "clientAuth"))
		return tbdi_draft_format(draft,
			"it is not for clients: its extendedKeyUsage is %s, without clientAuth",
			tbdi_draft_list(draft, cert->purposes));
	if (cert->has_key_usage && !lists(cert->key_usage, "digitalSignature"))
		return tbdi_draft_format(draft, "its keyUsage, %s, does not allow digitalSignature",
			tbdi_draft_list(draft, cert->key_usage));
	return NULL;
}

/* Made from the certificate itself, with its key. */
static void fix_issue_client_cert(struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	tbdi_draft_fix(draft, "Have it issued anew, for clients; with the CA at hand:");
	tbdi_draft_fix(draft,
		"  openssl x509 -x509toreq -in %s -signkey device_key.pem -out device.csr",
		tbdi_draft_word(draft, cert->file));
	tbdi_draft_fix(draft,
		"  printf '%%s\\n' extendedKeyUsage=clientAuth keyUsage=critical,digitalSignature > "
		"device.ext");
	tbdi_draft_fix(draft,
		"  openssl x509 -req -sha256 -in device.csr -CA ca.pem -CAkey ca-key.pem "
		"-CAcreateserial -extfile device.ext -days 365 -out device.pem");
}

/* Nothing can be seen that is wrong with it. */
static void fix_sound_client_cert(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const struct tbdi_meaning *known)
{
	const char *host = report->connection->host;
	tbdi_draft_fix(draft, "By this machine's clock it is valid, until %s%s; its key is %s%s%s.",
		tbdi_draft_date_text(draft, cert->not_after),
		cert->has_purposes ? ", and for clients" : "", cert->key_algorithm,
		cert->key_curve != NULL ? " " : "", cert->key_curve != NULL ? cert->key_curve : "");
	if (known->number != ALERT_CERTIFICATE_EXPIRED) {
		tbdi_draft_fix(draft, "%s.", known->fix);
		return;
	}
	tbdi_draft_fix(draft,
		"So either the clock of %s is wrong, or an issuer in its files, or the revocation list "
		"that it checks, has run out (OpenSSL says the same of these; mosquitto: crlfile, nginx: "
		"ssl_crl, haproxy: crl-file). There:",
		host);
	tbdi_draft_fix(draft, "  date -u; openssl crl -noout -nextupdate -in ca.crl");
}

static bool match_client_cert_rejected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbdi_meaning *known;
	const struct tbd_tls *tls = refused_client(report, &known);
	if (tls == NULL || tls->client_cert == NULL)
		return false;
	const struct tbd_cert *cert = tls->client_cert;
	bool is_read = cert->error == NULL;
	const char *lack = is_read ? client_cert_lack(draft, report, cert) : NULL;
	tbdi_draft_summary(draft, "%s rejects the client certificate in %s: %s%s%s",
		tbdi_draft_peer(draft, report), cert->file, known->meaning,
		lack != NULL ? "; " : "", lack != NULL ? lack : "");
	tbdi_draft_text(draft, "subject", is_read ? cert->subject : NULL);
	tbdi_draft_text(draft, "sha256", cert->sha256);
	tbdi_draft_text(draft, "purposes", is_read ? tbdi_draft_list(draft, cert->purposes) : NULL);
	if (is_read) {
		tbdi_draft_date(draft, "not_before", cert->not_before);
		tbdi_draft_date(draft, "not_after", cert->not_after);
	}
	if (lack != NULL)
		fix_issue_client_cert(draft, cert);
	else if (is_read)
		fix_sound_client_cert(draft, report, cert, known);
	else
		tbdi_draft_fix(draft, "%s.", known->fix);
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
			"does not know its issuer, 45 that it is not valid now, or that the list of "
			"revoked ones has run out, 43 (OpenSSL) that it is not for clients, 42 that "
			"it is unfit or unknown, 40 nothing at all. What can be seen of it here is "
			"looked at first: its dates, its extendedKeyUsage, its keyUsage. ThingsBoard aborts so when the chain is broken; a "
			"sound certificate that no device has is refused later, by the answer to "
			"CONNECT.",
		.pub.fix = "Show a certificate the server was told to accept, with its issuers; a "
			   "device with an access token needs none.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "subject", "sha256", "purposes", "not_before", "not_after"),
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
			"the other versions of TLS as well (or it would be tls.version; but where "
			"1.2 alone was offered it may speak 1.3, whose suites do not name the kind "
			"of the key); or it "
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
