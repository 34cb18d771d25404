/* SPDX-License-Identifier: MIT
 *
 * second-handshake.c - what a handshake beside the first one shows, or after it: that the server name, an application
 * protocol or the version of TLS decides how a device is served.
 */
#include "rules/catalogue.h"

#include "base/devices.h"

/* RFC 8446 6.2 */
enum {
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/* "alert 112 (unrecognized_name)", "closed", "timeout" */
static const char *refusal_text(struct tbdi_draft *draft, const struct tbd_tls *tls)
{
	return tls->alert >= 0 ? tbdi_draft_format(draft, "alert %d (%s)", tls->alert,
					 tls->alert_name != NULL ? tls->alert_name : "unknown")
			       : tbd_end_name(tls->end);
}

static const struct tbd_cert *first_cert(const struct tbd_chain *chain)
{
	return chain != NULL && chain->count > 0 ? chain->certs[0] : NULL;
}

/* The certificate that another handshake brought, if it is not the report's; or NULL. */
static const struct tbd_cert *other_cert(const struct tbd_other_handshake *other)
{
	return other != NULL ? first_cert(other->chain) : NULL;
}

static const char *subject_of(const struct tbd_cert *cert)
{
	return cert->error == NULL ? cert->subject : "one that is malformed";
}

/* The peer would not have the connection at all: it answered our first message by this end; or NULL. */
static const struct tbd_tls *refused_at_once(const struct tbd_report *report)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	bool is_end = tls != NULL &&
		(tls->end == TBD_END_ALERT || tls->end == TBD_END_CLOSED ||
			tls->end == TBD_END_RESET);
	return is_end && tls->last_message == NULL ? tls : NULL;
}

bool tbdi_was_served(const struct tbd_other_handshake *other)
{
	return other != NULL && other->tls != NULL && other->tls->last_message != NULL;
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
		"A proxy or load balancer before %s has no route, or no certificate, for %s. Send the "
		"name that it is configured for, or add this one there (nginx: server_name, or the "
		"map of ssl_preread; haproxy: req.ssl_sni, strict-sni; traefik: HostSNI). ThingsBoard "
		"itself takes any name. Without one:",
		report->connection->host, sni);
	tbdi_draft_fix(draft, "  tbdiag chain --sni none %s", tbdi_draft_argument(draft, report));
}

/* What came of the handshake with or without name, as evidence. */
static void served_evidence(
	struct tbdi_draft *draft, const char *key, const struct tbd_other_handshake *other)
{
	const struct tbd_cert *cert = other_cert(other);
	if (other != NULL && other->tls != NULL)
		tbdi_draft_text(draft, key,
			cert != NULL ? subject_of(cert) : refusal_text(draft, other->tls));
}

static bool match_sni_rejected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = refused_at_once(report);
	if (tls == NULL)
		return false;
	const struct tbd_connection *connection = report->connection;
	const char *sni = tls->sni;
	const struct tbd_other_handshake *other =
		sni != NULL ? connection->without_sni : connection->with_sni;
	bool by_alert = tls->alert == ALERT_UNRECOGNIZED_NAME;
	if (!by_alert && !tbdi_was_served(other))
		return false;
	tbdi_draft_summary(draft, "%s %s (%s%s)", tbdi_draft_peer(draft, report),
		sni != NULL ? tbdi_draft_format(draft, "refuses the server name %s", sni)
			    : "wants a server name, and none was sent",
		refusal_text(draft, tls),
		!tbdi_was_served(other) ? ""
			: sni != NULL   ? "; it serves who sends none"
					: "; it serves who sends one");
	served_evidence(draft, "without_sni", connection->without_sni);
	served_evidence(draft, "with_sni", connection->with_sni);
	if (sni != NULL)
		fix_other_name(draft, report, sni);
	else
		fix_send_name(draft, report);
	return true;
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

/* No name was sent, and with one there is another certificate. */
static bool match_sni_missed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *without = first_cert(report->chain);
	const struct tbd_other_handshake *other = report->connection->with_sni;
	const struct tbd_cert *with = other_cert(other);
	if (with == NULL || without == NULL)
		return false;
	bool is_cause = other->verified == TBD_ANSWER_YES;
	if (is_cause)
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_summary(draft,
		"no server name was sent, and %s serves another certificate without one: %s instead "
		"of %s%s",
		tbdi_draft_peer(draft, report), subject_of(without), subject_of(with),
		is_cause ? ", which is accepted" : "");
	sni_needed_evidence(draft, report, with, without);
	fix_send_name(draft, report);
	return true;
}

static bool match_sni_needed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	if (connection != NULL && connection->with_sni != NULL)
		return match_sni_missed(report, draft);
	const struct tbd_other_handshake *other =
		connection != NULL ? connection->without_sni : NULL;
	const struct tbd_cert *with = first_cert(report->chain);
	if (other == NULL || other->tls == NULL || other->same_chain || with == NULL)
		return false;
	const struct tbd_cert *without = other_cert(other);
	if (without != NULL && strcmp(without->sha256, with->sha256) == 0)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	const char *sni = connection->tls->sni;
	if (without != NULL)
		tbdi_draft_summary(draft,
			"no: %s serves another certificate to a device that sends no server name: %s "
			"instead of %s",
			peer, subject_of(without), subject_of(with));
	else
		tbdi_draft_summary(draft,
			"no: %s does not serve a device that sends no server name: %s", peer,
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

/* ---- the certificate of nobody ----------------------------------------------------------------- */

static void fix_route(struct tbdi_draft *draft, const char *product, const char *name)
{
	tbdi_draft_fix(draft,
		"No device has to trust this certificate. Give %s a route and a certificate for %s "
		"(traefik: a TCP router with HostSNI and tls; ingress: a secret under tls, with this "
		"host), or dial the name that it has one for.",
		product, name);
}

static bool match_default_certificate(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_verification *verification = report->verification;
	const struct tbd_cert *leaf = first_cert(report->chain);
	bool verified = verification != NULL && verification->verified;
	if (leaf == NULL || leaf->error != NULL || verified)
		return false;
	const struct tbd_other_handshake *with = connection != NULL ? connection->with_sni : NULL;
	const char *product = tbdi_built_in_certificate(leaf->subject);
	if (product == NULL || (with != NULL && with->verified == TBD_ANSWER_YES))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	const char *sni =
		connection != NULL && connection->tls != NULL ? connection->tls->sni : NULL;
	draft->cert = leaf;
	if (connection == NULL)
		tbdi_draft_summary(draft, "%s holds the certificate that %s brings along (%s)",
			peer, product, leaf->subject);
	else
		tbdi_draft_summary(draft,
			"%s answers with the certificate that %s brings along (%s): %s", peer,
			product, leaf->subject,
			sni != NULL
				? tbdi_draft_format(draft,
					  "it has no route, or no certificate, for the server name %s",
					  sni)
				: "no server name was sent, by which it would choose another");
	if (connection == NULL || sni != NULL)
		fix_route(draft, product, sni != NULL ? sni : "the server's name");
	else
		fix_send_name(draft, report);
	return true;
}

/* ---- application protocols ------------------------------------------------------------------- */

/* Who does not speak MQTT over the session, as a web server on the same port. */
static bool was_no_mqtt(const struct tbd_report *report)
{
	return tbdi_report_ended(report, TBD_MQTT_CLOSED_BEFORE_CONNACK) != NULL ||
		tbdi_report_ended(report, TBD_MQTT_NOT_MQTT) != NULL;
}

/* The protocols with which a device is served, as far as a handshake with them tells; or NULL. */
static const char *alpn_that_works(const struct tbd_report *report)
{
	const struct tbd_other_handshake *with = report->connection->with_alpn;
	if (!tbdi_was_served(with))
		return NULL;
	if (with->tls->alpn != NULL)
		return with->tls->alpn;
	/* A proxy may look at them and not say so. */
	return refused_at_once(report) != NULL ? with->tls->alpn_offered : NULL;
}

static void alpn_fix(struct tbdi_draft *draft, const struct tbd_report *report, const char *works)
{
	if (works == NULL)
		tbdi_draft_fix(draft,
			"Ask for the protocol that whoever runs %s names (AWS IoT Core on port 443: "
			"x-amzn-mqtt-ca), in the place of NAME:",
			report->connection->host);
	else
		tbdi_draft_fix(draft,
			"Have the device ask for %s (mbedTLS: mbedtls_ssl_conf_alpn_protocols(); "
			"mosquitto_pub: --tls-alpn; Python: SSLContext.set_alpn_protocols()); or dial a "
			"port that brokers need not share, 8883. With it:",
			works);
	tbdi_draft_fix(draft, "  tbdiag verify --alpn %s %s%s",
		works != NULL ? tbdi_draft_word(draft, works) : "NAME",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_alpn_needed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	if (tls == NULL)
		return false;
	const char *works = alpn_that_works(report);
	bool refused = tls->end == TBD_END_ALERT && tls->alert == ALERT_NO_APPLICATION_PROTOCOL;
	bool unserved = refused_at_once(report) != NULL || was_no_mqtt(report);
	if (!refused && (works == NULL || !unserved))
		return false;
	const char *offered = tls->alpn_offered;
	tbdi_draft_summary(draft, "%s serves %s: %s%s", tbdi_draft_peer(draft, report),
		works != NULL
			? tbdi_draft_format(draft, "who asks for the protocol %s (ALPN)", works)
			: "none of the protocols that were asked for (ALPN)",
		offered != NULL ? tbdi_draft_format(draft, "%s was refused, ", offered)
				: "without one it ended by ",
		refused || refused_at_once(report) != NULL ? refusal_text(draft, tls)
							   : "closing before MQTT began");
	tbdi_draft_text(draft, "offered", offered);
	tbdi_draft_text(draft, "alpn", works);
	alpn_fix(draft, report, works);
	return true;
}

/* ---- TLS 1.2 --------------------------------------------------------------------------------- */

/* It cannot connect: what tells is the server's own word, and that it is not about a client certificate, which was
 * not shown here. NULL: it can, or nothing tells. */
static const struct tbd_tls *failed_old(const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	if (tls == NULL || tls->client_cert_requested)
		return NULL;
	bool says = tls->end == TBD_END_ALERT || tls->end == TBD_END_VERSION ||
		tls->end == TBD_END_CIPHER || tls->end == TBD_END_PROTOCOL;
	return says ? tls : NULL;
}

void tbdi_draft_fix_suites(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *leaf)
{
	bool is_known = leaf != NULL && leaf->error == NULL;
	bool is_rsa = is_known && strncmp(leaf->key_algorithm, "RSA", 3) == 0;
	if (!is_known)
		return;
	tbdi_draft_fix(draft,
		"The certificate of %s has a key of the kind %s. In TLS 1.2 the suite names the kind "
		"of the key (in 1.3 it does not): allow ECDHE-%s-AES128-GCM-SHA256 there, with the "
		"group P-256 (nginx: ssl_ciphers; haproxy: ssl-default-bind-ciphers; mosquitto: "
		"ciphers), or give it a key for the suites that are allowed%s.",
		report->connection->host, leaf->key_algorithm, is_rsa ? "RSA" : "ECDSA",
		strcmp(leaf->key_algorithm, "EC") == 0 || is_rsa
			? ""
			: "; small stacks know RSA and P-256");
	tbdi_draft_fix(draft,
		"A server built on GnuTLS answers alert 40 as well where TLS 1.2 itself is switched "
		"off: then allow that.");
}

static void fix_old_version(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_tls *failed)
{
	const char *host = report->connection->host;
	if (failed != NULL &&
		(failed->end == TBD_END_VERSION || failed->alert == ALERT_PROTOCOL_VERSION))
		tbdi_draft_fix(draft,
			"Allow TLS 1.2 on %s beside 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3; haproxy: "
			"ssl-min-ver TLSv1.2; mosquitto: no tls_version tlsv1.3), or see that no device "
			"needs it: mbedTLS 2, BearSSL and most modems have nothing newer.",
			host);
	else if (failed != NULL)
		tbdi_draft_fix_suites(draft, report, first_cert(report->chain));
	else
		tbdi_draft_fix(draft,
			"Give %s one chain for both versions: the proxy or its configuration for the "
			"other kind of key serves an old one.",
			host);
	tbdi_draft_fix(draft, "What such a device meets:");
	tbdi_draft_fix(draft, "  tbdiag verify --tls-version 1.2 %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_old_version_fails(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_other_handshake *other =
		report->connection != NULL ? report->connection->tls12 : NULL;
	if (other == NULL)
		return false;
	const struct tbd_tls *failed = failed_old(other);
	const struct tbd_cert *with = first_cert(report->chain), *old = other_cert(other);
	bool is_good = report->verification != NULL && report->verification->verified;
	bool differs = old != NULL && with != NULL && is_good && other->verified == TBD_ANSWER_NO;
	if (failed == NULL && !differs)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (failed != NULL)
		tbdi_draft_summary(draft,
			"a device that speaks no newer version than TLS 1.2 cannot connect to %s: it is "
			"answered %s, although TLS 1.3 works",
			peer, refusal_text(draft, failed));
	else
		tbdi_draft_summary(draft,
			"%s serves another chain over TLS 1.2, which is not accepted: %s instead of %s",
			peer, subject_of(old), subject_of(with));
	tbdi_draft_text(draft, "old_version",
		failed != NULL ? refusal_text(draft, failed) : other->tls->version);
	tbdi_draft_text(draft, "subject", with != NULL ? subject_of(with) : NULL);
	tbdi_draft_text(draft, "sha256", with != NULL ? with->sha256 : NULL);
	tbdi_draft_text(draft, "old_subject", differs ? subject_of(old) : NULL);
	tbdi_draft_text(draft, "old_sha256", differs ? old->sha256 : NULL);
	fix_old_version(draft, report, failed);
	return true;
}

/* ---- as a device does ------------------------------------------------------------------------ */

static bool takes_key(const struct tbd_device *device, const struct tbd_cert *leaf)
{
	const char *kind = leaf->key_curve != NULL ? leaf->key_curve : leaf->key_algorithm;
	size_t len = strlen(kind);
	for (const char *key = device->keys; key != NULL && *key != '\0'; key += *key == ' ') {
		size_t its = strcspn(key, " ");
		if (its == len && strncmp(key, kind, len) == 0)
			return true;
		key += its;
	}
	return device->keys == NULL;
}

static void fix_what_is_served(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_device *device)
{
	const struct tbd_cert *leaf = first_cert(report->chain);
	const char *host = report->connection->host;
	bool is_known = leaf != NULL && leaf->error == NULL;
	if (is_known && !takes_key(device, leaf)) {
		tbdi_draft_fix(draft,
			"It takes no certificate with such a key as that of %s (%s). Give %s one with an RSA "
			"key of 2048 bits, in its place or beside it (nginx and haproxy serve both).",
			leaf->subject, leaf->key_algorithm, host);
		return;
	}
	tbdi_draft_fix_suites(draft, report, leaf);
	tbdi_draft_fix(draft,
		"Versions and groups that it offers have to be allowed on %s as well.", host);
}

static void fix_device(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_device *device, const struct tbd_tls *failed)
{
	tbdi_draft_fix(draft, "What %s offers: TLS %s; %s; keys: %s%s.", device->what,
		device->versions, device->offers, device->keys != NULL ? device->keys : "all",
		device->sends_sni ? "" : "; no server name, unless it is told to");
	if (failed != NULL)
		fix_what_is_served(draft, report, device);
	else if (!device->sends_sni)
		fix_device_sends(draft, tbdi_report_host(report));
	tbdi_draft_fix(draft, "What it meets then:");
	tbdi_draft_fix(draft, "  tbdiag verify --device %s %s%s", device->name,
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_device_fails(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_other_handshake *other =
		report->connection != NULL ? report->connection->as_device : NULL;
	const struct tbdi_device *device = tbdi_device_find(report->device);
	if (other == NULL || device == NULL)
		return false;
	const struct tbd_tls *failed = failed_old(other);
	const struct tbd_cert *with = first_cert(report->chain), *its = other_cert(other);
	bool is_good = report->verification != NULL && report->verification->verified;
	bool differs = its != NULL && with != NULL && is_good && other->verified == TBD_ANSWER_NO;
	if (failed == NULL && !differs)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	if (failed != NULL)
		tbdi_draft_summary(draft,
			"%s and %s have no handshake in common: what it offers is answered %s",
			device->pub.what, peer, refusal_text(draft, failed));
	else
		tbdi_draft_summary(draft,
			"%s serves %s another chain, which is not accepted: %s instead of %s", peer,
			device->pub.what, subject_of(its), subject_of(with));
	tbdi_draft_text(draft, "device", device->pub.name);
	tbdi_draft_text(draft, "offered", device->pub.offers);
	tbdi_draft_text(draft, "subject", with != NULL ? subject_of(with) : NULL);
	tbdi_draft_text(draft, "sha256", with != NULL ? with->sha256 : NULL);
	fix_device(draft, report, &device->pub, failed);
	return true;
}

/* The answer to --without-sni, where it is yes. */
static bool match_sni_optional(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_connection *connection = report->connection;
	const struct tbd_other_handshake *other =
		connection != NULL ? connection->without_sni : NULL;
	const struct tbd_cert *with = first_cert(report->chain);
	const struct tbd_cert *without = other_cert(other);
	bool is_same =
		without != NULL && with != NULL && strcmp(without->sha256, with->sha256) == 0;
	if (other == NULL || with == NULL || !(is_same || other->same_chain))
		return false;
	tbdi_draft_summary(draft,
		"yes: %s serves the same certificate to a device that sends no server name",
		tbdi_draft_peer(draft, report));
	draft->cert = with;
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_second[] = {
	{
		TBDI_RULE("tls.sni-optional", TLS, OK,
			"a device that sends no server name is served the same"),
		.pub.why =
			"A second handshake (--without-sni) sent no server name, as simple modems do, "
			"and the server showed the same certificate.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS("host", "port", "sni", "subject", "sha256"),
		.match = match_sni_optional,
	},
	{
		TBDI_RULE("tls.alpn-needed", TLS, CRITICAL,
			"the peer wants another application protocol to be asked for"),
		.pub.why =
			"A device may say in its first message which protocol it is going to speak "
			"(ALPN, RFC 7301). Brokers that share port 443 with web servers, AWS IoT "
			"Core first of all, are told from them by it, and who does not ask for MQTT "
			"is refused, or handed to a web server. It was found out by alert 120, "
			"no_application_protocol; or by one more handshake, which asked for mqtt "
			"and x-amzn-mqtt-ca and was served. That one is made where the port is 443, "
			"the host one of AWS, or alert 120 came. ThingsBoard does not look at it.",
		.pub.fix = "Have the device ask for the protocol that is named, or dial 8883.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "offered", "alpn"),
		.group = TBDI_GROUP_TLS,
		.match = match_alpn_needed,
	},
	{
		TBDI_RULE("tls.sni-rejected", TLS, CRITICAL, "the peer refuses the server name"),
		.pub.why =
			"The device says in its first message which server it wants (SNI), and "
			"the peer answered alert 112, unrecognized_name: it has nothing for that "
			"name; or it refused otherwise, and serves who sends no name, or the other "
			"way round, as another handshake showed. ThingsBoard does not look at the name, so a proxy or load balancer "
			"answers that knows other names. It also happens when a device is given "
			"an address or an alias instead of the name that the proxy knows.",
		.pub.fix = "Use the name that the proxy is configured for, or add this one there.",
		.pub.evidence = TBDI_STRINGS("host", "port", "last_message", "bytes_in", "alert",
			"alert_name", "sni", "without_sni", "with_sni"),
		.group = TBDI_GROUP_TLS,
		.match = match_sni_rejected,
	},
	{
		TBDI_RULE("tls.sni-needed", TLS, WARNING,
			"a device that sends no server name is served otherwise"),
		.pub.why =
			"With --without-sni a second handshake was made with the same address, "
			"without server name, and it ended with another certificate or with none; or "
			"the first one sent no name (--sni none) and what it brought is refused, while "
			"one more that sends the name is served another certificate. "
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
		TBDI_RULE("tls.proxy-default-certificate", TLS, CRITICAL,
			"a proxy serves the certificate that it brings along"),
		.pub.why =
			"The certificate is one that a proxy makes for itself at its first start "
			"(TRAEFIK DEFAULT CERT, Kubernetes Ingress Controller Fake Certificate, "
			"Plesk ...). It is served where no route, and no certificate, was set up for "
			"the server name that the device sends; or where it sends none. It is made "
			"anew at will, so that trusting it does not last, and behind it stands no "
			"ThingsBoard.",
		.pub.fix = "Give the proxy a route and a certificate for the name of the server.",
		.pub.evidence = TBDI_STRINGS("host", "port", "sni", "subject", "sha256"),
		.match = match_default_certificate,
	},
	{
		TBDI_RULE("tls.old-version-fails", TLS, WARNING,
			"a device that has no TLS 1.3 is not served as it should be"),
		.pub.why =
			"TLS 1.3 was agreed on, and a second handshake beside the first one, by "
			"TLS 1.2 only, was refused, or ended with a chain that is not accepted. Most "
			"devices in the field speak 1.2 (mbedTLS 2, BearSSL, modems). A server that "
			"allows 1.3 alone refuses them by alert 70, protocol_version; one whose "
			"suites for 1.2 are for another kind of key than its certificate has by "
			"alert 40, handshake_failure, which goes unnoticed in 1.3, where suites do "
			"not name the key. No client certificate is shown in it, and what a server "
			"that asks for one says to that is not counted.",
		.pub.fix =
			"Allow TLS 1.2 on the server, with suites for the key of its certificate.",
		.pub.evidence = TBDI_STRINGS("host", "port", "version", "old_version", "subject",
			"sha256", "old_subject", "old_sha256"),
		.match = match_old_version_fails,
	},
	{
		TBDI_RULE("tls.device-fails", TLS, CRITICAL,
			"the device that was named cannot shake hands with the server"),
		.pub.why =
			"A second handshake offered what the device of --device does by default: its versions "
			"of TLS, suites, groups, kinds of keys, and a server name only if it sends one. The "
			"server refused it, or served another chain than to others, which is not accepted. A "
			"device whose software is built with another configuration may do better. No client "
			"certificate is shown in it.",
		.pub.fix = "Allow on the server what the device offers, or build it with more.",
		.pub.evidence =
			TBDI_STRINGS("host", "port", "device", "offered", "subject", "sha256"),
		.match = match_device_fails,
	},
	{ .pub = { .id = NULL } },
};
