/* SPDX-License-Identifier: MIT
 *
 * mqtt.c - what a server answers to a device, and by ThingsBoard's own rules why.
 */
#include "rules/catalogue.h"

#include "report/limits.h"

int64_t tbdi_report_connack_ms(const struct tbd_report *report)
{
	for (size_t i = 0; i < report->step_count; i++)
		if (strcmp(report->steps[i]->name, "connack") == 0)
			return report->steps[i]->duration_us / 1000;
	return -1;
}

static void connack_ms_evidence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	int64_t waited = tbdi_report_connack_ms(report);
	if (waited >= 0)
		tbdi_draft_number(draft, "waited_ms", waited);
	else
		tbdi_draft_text(draft, "waited_ms", NULL);
}

static unsigned dialled_port(const struct tbd_report *report)
{
	return report->connection != NULL ? report->connection->port : 8883;
}

/* ---- before and at CONNACK ------------------------------------------------------------------- */

static void fix_no_connack(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	uint16_t http = tbdi_protocols[TBDI_HTTP].listener.port;
	tbdi_draft_fix(draft,
		"A ThingsBoard that is starting opens its ports before it can check tokens, and "
		"answers 10 to 20 s late, with code 3, or 0 after all. Wait until it does:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip --wait 120 %s%s",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	if (connection != NULL && connection->plain != NULL && connection->plain->connack >= 0)
		tbdi_draft_fix(draft,
			"A CONNECT without token, a moment later, was answered with code %d: so it is "
			"ready by now, or it waits for what its core says of this token:",
			connection->plain->connack);
	else if (connection != NULL && tbdi_port_is_closed(connection, http))
		tbdi_draft_fix(draft,
			"Port %u is closed there. Either a proxy takes the connection and forwards "
			"nothing; or, if that lasts and %s is the server itself, its start failed "
			"half-way, although systemctl says active: look for 'Application run failed' "
			"in its log:",
			http, connection->host);
	else
		tbdi_draft_fix(draft,
			"Else a proxy takes the connection and forwards nothing, or no PROXY header "
			"where the server behind waits for one (MQTT_PROXY_PROTOCOL_ENABLED), or the "
			"server's core hangs, which its log tells:");
	tbdi_draft_fix(draft, "  tail -n 50 /var/log/thingsboard/thingsboard.log");
}

static bool match_no_connack(const struct tbd_report *report, struct tbdi_draft *draft)
{
	if (tbdi_report_ended(report, TBD_MQTT_NO_CONNACK) == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s took the MQTT CONNECT and did not answer it within %.1f s",
		peer, (double)tbdi_report_connack_ms(report) / 1000);
	connack_ms_evidence(draft, report);
	if (report->connection != NULL)
		tbdi_draft_text(
			draft, "neighbours", tbdi_draft_neighbours(draft, report->connection));
	fix_no_connack(draft, report);
	return true;
}

enum {
	CLIENT_ID_LEN_31 = 23, /* MQTT 3.1, CONNECT */
	PROXY_GAVE_UP_MS = 1000,
};

/* A CONNECT that a server of the usual version may not be able to read. */
static void fix_unreadable_connect(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	const char *version = exchange->mqtt_version;
	if (strcmp(version, "3.1") == 0 && exchange->client_id_len > CLIENT_ID_LEN_31)
		tbdi_draft_fix(draft,
			"- MQTT 3.1 allows a client identifier of 23 bytes, this one has %zu: shorten "
			"it, or use --mqtt-version 3.1.1;",
			exchange->client_id_len);
	else if (strcmp(version, "3.1.1") != 0)
		tbdi_draft_fix(draft,
			"- it cannot read a CONNECT of MQTT %s: try --mqtt-version 3.1.1;",
			version);
}

/* mosquitto, and others whose TLS is OpenSSL's, send no alert to what is not TLS. */
static void fix_scheme(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft, "- the port speaks TLS and the scheme is mqtt: use mqtts:");
	if (report->connection != NULL)
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
			tbdi_draft_url(draft, report, TBD_SCHEME_MQTTS, report->connection->port));
}

/* What makes a ThingsBoard, or what stands before it, close without a CONNACK: the likeliest first, by what this run
 * saw. A ThingsBoard looks for the PROXY header and at the address before it speaks TLS: behind a handshake that
 * went well, they are causes of the backend of a proxy that ended TLS. */
static void fix_closed_before_connack(struct tbdi_draft *draft, const struct tbd_report *report)
{
	static const char header[] =
		"- a proxy before it sends a PROXY header that the server does not expect, or none "
		"where it does (haproxy: send-proxy; nginx: proxy_protocol; ThingsBoard: "
		"MQTT_PROXY_PROTOCOL_ENABLED): make them agree;";
	static const char block[] = "- it blocks this address after 10 wrong tokens "
				    "(TB_TRANSPORT_IP_RATE_LIMITS_ENABLED): wait 60 s;";
	static const char backend[] =
		"- a proxy ended TLS and passes the bytes to a port that speaks TLS again: let it "
		"pass them to 1883;";
	bool over_tls = report->connection != NULL && report->connection->tls != NULL;
	bool other_port = !over_tls && report->connection != NULL &&
		report->connection->port != tbdi_schemes[TBD_SCHEME_MQTT].port;
	int64_t waited = tbdi_report_connack_ms(report);
	fix_unreadable_connect(draft, report->exchange);
	/* ThingsBoard closes at once. */
	if (waited >= PROXY_GAVE_UP_MS)
		tbdi_draft_fix(draft,
			"- a proxy could not reach its backend, which took it %lld ms: see whether "
			"ThingsBoard runs there;",
			(long long)waited);
	if (over_tls)
		tbdi_draft_fix(draft, "%s", backend);
	if (other_port)
		fix_scheme(draft, report);
	tbdi_draft_fix(draft, "%s", block);
	tbdi_draft_fix(draft, "%s", header);
	if (!over_tls && !other_port)
		fix_scheme(draft, report);
	tbdi_draft_fix(draft, "- something else than MQTT is spoken there.");
}

static bool match_closed_before_connack(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange =
		tbdi_report_ended(report, TBD_MQTT_CLOSED_BEFORE_CONNACK);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft,
		"%s closed the connection instead of answering the MQTT CONNECT%s", peer,
		exchange->closed == TBD_END_RESET ? " (by a reset)" : "");
	tbdi_draft_text(draft, "closed", tbd_end_name(exchange->closed));
	tbdi_draft_fix(draft, "One of these, on the server behind %s, the likeliest first:", peer);
	fix_closed_before_connack(draft, report);
	tbdi_draft_fix(draft,
		"Of bytes that ThingsBoard could not read its log has a line, of a blocked address it "
		"has none:");
	tbdi_draft_fix_log(draft, "Message decoding failed|Illegal BIT|Unexpected Exception");
	return true;
}

/* After a CONNACK that was in order. */
static bool match_broken(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_BROKEN);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s began in MQTT and then sent what MQTT does not allow", peer);
	tbdi_draft_fix(draft,
		"No ThingsBoard does that: see which program answers at %s, and what changes the "
		"bytes between. On the server:",
		peer);
	tbdi_draft_fix(draft, "  ss -ltnp");
	return true;
}

static bool match_not_mqtt(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_NOT_MQTT);
	if (exchange == NULL)
		return match_broken(report, draft);
	const char *bytes = exchange->first_bytes != NULL ? exchange->first_bytes : "";
	const char *peer = tbdi_draft_peer(draft, report);
	bool http = strncmp(bytes, "HTTP/", 5) == 0;
	bool tls = report->connection != NULL && report->connection->tls == NULL &&
		tbdi_looks_like_tls(bytes);
	tbdi_draft_summary(draft, "%s %s%s", peer,
		tls ? "speaks TLS: it answers a CONNECT in clear with an alert"
		    : "does not speak MQTT",
		http ? ": it answered in HTTP" : "");
	if (tls) {
		tbdi_draft_fix_use_tls(draft, report);
		return true;
	}
	tbdi_draft_fix(draft,
		"Dial the MQTT port, 8883 with TLS or 1883 without; %s belongs to something else. "
		"On the server:",
		peer);
	tbdi_draft_fix(draft, "  ss -ltnp");
	return true;
}

/* The exchange, if CONNACK refused with one of these codes (MQTT 3.1.1 or 5); ends in -1. */
static const struct tbd_exchange *refused_with(const struct tbd_report *report, const int *codes)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_REFUSED);
	for (; exchange != NULL && *codes >= 0; codes++)
		if (exchange->connack == *codes)
			return exchange;
	return NULL;
}

/* What the server said when it was asked once more; -1: it was not, or did not say. */
static int explained(const struct tbd_exchange *exchange)
{
	return exchange->explanation != NULL ? exchange->explanation->connack : -1;
}

/* "5", "0x86": as the two versions of MQTT write them. */
static const char *code_number(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	enum { FIRST_OF_MQTT_5 = 0x80 };
	return exchange->connack < FIRST_OF_MQTT_5
		? tbdi_draft_format(draft, "%d", exchange->connack)
		: tbdi_draft_format(draft, "%#x", (unsigned)exchange->connack);
}

/* "code 5", "code 5; with MQTT 5: 0x86, Bad user name or password" */
static const char *code_text(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	int finer = explained(exchange);
	if (finer < 0)
		return tbdi_draft_format(draft, "code %s", code_number(draft, exchange));
	return tbdi_draft_format(draft, "code %d; with MQTT 5: %#x%s", exchange->connack,
		(unsigned)finer,
		tbdi_draft_after(draft, ", ", exchange->explanation->connack_name));
}

/* The second time, with MQTT 5, all was well. */
static void fix_accepted_then(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	if (explained(exchange) == 0)
		tbdi_draft_fix(draft,
			"Asked a moment later with MQTT 5, it accepted: whatever it was is over, or "
			"holds for MQTT %s only. Try once more.",
			exchange->mqtt_version);
}

static bool match_protocol_version(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = refused_with(report, (const int[]){ 1, 0x84, -1 });
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s does not accept MQTT %s (%s)", peer, exchange->mqtt_version,
		code_text(draft, exchange));
	tbdi_draft_fix(draft,
		"ThingsBoard speaks MQTT 3.1, 3.1.1 and 5 and never answers so: %s is another "
		"broker. Look for the broker that holds the port:",
		peer);
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", dialled_port(report));
	return true;
}

static bool match_client_id(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = refused_with(report, (const int[]){ 2, 0x85, -1 });
	if (exchange == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%s refused the client identifier (%s): the server received no user name",
		tbdi_draft_peer(draft, report), code_text(draft, exchange));
	fix_accepted_then(draft, exchange);
	tbdi_draft_fix(draft,
		"The access token belongs into the user name of CONNECT; the client identifier is "
		"not looked at. For example:");
	tbdi_draft_fix(draft,
		"  mosquitto_pub -d -q 1 -h %s -p %u -u \"$TOKEN\" -t v1/devices/me/telemetry -m "
		"'{\"temperature\":25}'",
		tbdi_draft_word(
			draft, report->connection != NULL ? report->connection->host : "HOST"),
		dialled_port(report));
	return true;
}

enum { UNAVAILABLE = 0x88, LIMIT = 0x9f, WRONG_CREDENTIALS = 0x86, NOT_AUTHORIZED = 0x87 };

static bool match_unavailable(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange =
		refused_with(report, (const int[]){ 3, 0x88, 0x89, 0x97, 0x9f, -1 });
	if (exchange == NULL)
		return false;
	int64_t waited = tbdi_report_connack_ms(report);
	bool slow = waited >= 9000;
	tbdi_draft_summary(draft, "%s says that it is not available (%s)%s",
		tbdi_draft_peer(draft, report), code_text(draft, exchange),
		slow ? ", after its own timeout of 10 s" : "");
	connack_ms_evidence(draft, report);
	fix_accepted_then(draft, exchange);
	if (slow) {
		tbdi_draft_fix(draft,
			"The token could not be checked in time: the server is starting, or its "
			"core or queue is overloaded. Look at it, and try again:");
		tbdi_draft_fix(draft,
			"  systemctl status thingsboard; tail -n 50 "
			"/var/log/thingsboard/thingsboard.log");
		return true;
	}
	tbdi_draft_fix(draft,
		"It answered at once (%lld ms), so this device is meant, or its tenant. In ThingsBoard, "
		"look at:",
		(long long)waited);
	/* A limit has a code of its own in MQTT 5. */
	int finer = explained(exchange);
	if (finer != LIMIT && exchange->connack != LIMIT)
		tbdi_draft_fix(draft,
			"- the device profile: transport type Default or MQTT, and not Sparkplug;");
	if (finer != UNAVAILABLE && exchange->connack != UNAVAILABLE)
		tbdi_draft_fix(draft,
			"- the limits: of the device profile, of the tenant profile, and the API usage of "
			"the tenant.");
	return true;
}

/* MQTT Basic: a user name and a password were sent, not a token. */
static bool is_basic(const struct tbd_report *report)
{
	return report->token != NULL && report->token->is_password;
}

static bool match_bad_credentials(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = refused_with(report, (const int[]){ 4, -1 });
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft,
		"%s refused user name or password (%s), which ThingsBoard has not said since "
		"version 3.2",
		peer, code_text(draft, exchange));
	fix_accepted_then(draft, exchange);
	tbdi_draft_fix(draft,
		"See whether %s is the ThingsBoard you mean, or another broker on that port; then "
		"copy the %s again.",
		peer, is_basic(report) ? "user name and password" : "access token");
	return true;
}

/* What can be seen of the token that was refused. */
static const char *token_doubt(const struct tbd_token_info *token)
{
	if (token == NULL)
		return "";
	if (token->is_placeholder)
		return ": it is a placeholder of an example";
	if (token->is_uuid)
		return ": it has the form of a device id, which is not the token";
	if (token->is_email)
		return ": it has the form of an e-mail address, by which users log in, and is no "
		       "device's token";
	return "";
}

/* What the finer reason of MQTT 5 says of the credentials. */
static void fix_explained(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_exchange *exchange = report->exchange;
	int finer = explained(exchange);
	fix_accepted_then(draft, exchange);
	if (finer == WRONG_CREDENTIALS && is_basic(report))
		tbdi_draft_fix(draft,
			"Reason 0x86 is ThingsBoard's for credentials that do not match: user name, "
			"password or client identifier. It is not a limit and not a certificate.");
	else if (finer == WRONG_CREDENTIALS)
		tbdi_draft_fix(draft,
			"Reason 0x86 is ThingsBoard's for a user name that belongs to no device: "
			"it is the token, not a limit and not a certificate.");
	else if (finer == NOT_AUTHORIZED)
		tbdi_draft_fix(draft,
			"Reason 0x87 is not what ThingsBoard (from 3.5 on) says of a token, which "
			"is 0x86: see whether another broker answers there.");
}

/* ThingsBoard looks for the user name with the client identifier first, and then for a token of that name. */
static void fix_basic(struct tbdi_draft *draft, const struct tbd_report *report)
{
	size_t client_id_len = report->exchange->client_id_len;
	if (report->token->user_is_email)
		tbdi_draft_fix(draft,
			"The user name has the form of an e-mail address: the login of a user of the web "
			"interface is no device's, and does not belong on a device.");
	tbdi_draft_fix(draft,
		"Where the device has an access token%s, that is the user name, alone, with neither "
		"password nor client identifier:",
		report->token->client_id_is_token ? " (the client identifier looks like one)" : "");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --token-file token.txt",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	tbdi_draft_fix(draft,
		"Else, in the ThingsBoard behind %s see Devices, the device, Manage credentials: the type has "
		"to be MQTT Basic; user name and password are compared byte by byte, letter case "
		"counts.",
		tbdi_draft_peer(draft, report));
	if (client_id_len > 0)
		tbdi_draft_fix(draft,
			"The client identifier that was sent has %zu bytes: where one is set there, "
			"it has to be this.",
			client_id_len);
	else
		tbdi_draft_fix(draft,
			"Where a client identifier is set there, send it (--client-id): none was "
			"given here.");
	tbdi_draft_fix(draft,
		"Do not repeat this in a loop: ten wrong ones can block this address for a minute.");
}

/* The client certificate that the handshake took; or NULL. */
static const struct tbd_cert *shown_cert(const struct tbd_report *report)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	return tls != NULL && tls->client_cert_sent ? tls->client_cert : NULL;
}

static void fix_client_cert(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *doubt)
{
	if (doubt != NULL)
		tbdi_draft_fix(draft,
			"Have a new one issued, or set the clock of the server: it %s.", doubt);
	tbdi_draft_fix(draft,
		"In the ThingsBoard behind %s see %sDevices, the device, Manage credentials, X.509: it "
		"has to hold this very certificate; or the device profile the CA that issued it, "
		"under Device provisioning, X509 Certificate Chain.",
		tbdi_draft_peer(draft, report), doubt != NULL ? "then " : "");
	if (cert->file != NULL)
		tbdi_draft_fix(draft, "  openssl x509 -in %s -noout -subject -issuer -dates",
			tbdi_draft_word(draft, cert->file));
	tbdi_draft_fix(draft,
		"Of a device that shows a certificate ThingsBoard does not look at the token. To use "
		"the token, run without --cert:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
}

/* ThingsBoard takes any certificate in the handshake, looks for the device in CONNECT, and never at the token then. With
 * reason 0x86 it was the token: what stands before ThingsBoard took the certificate. */
static bool match_client_cert_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = refused_with(report, (const int[]){ 5, 0x87, -1 });
	const struct tbd_cert *cert = shown_cert(report);
	if (exchange == NULL || cert == NULL || explained(exchange) == WRONG_CREDENTIALS)
		return false;
	bool readable = cert->error == NULL;
	const char *doubt = NULL;
	if (readable && cert->not_after < report->clock)
		doubt = tbdi_draft_format(
			draft, "expired at %s", tbdi_draft_date_text(draft, cert->not_after));
	else if (readable && cert->not_before > report->clock)
		doubt = tbdi_draft_format(draft, "is not valid before %s",
			tbdi_draft_date_text(draft, cert->not_before));
	tbdi_draft_summary(draft,
		"%s took the client certificate %s in the handshake and refused the device then (%s)%s",
		tbdi_draft_peer(draft, report), readable ? cert->subject : "that was given",
		code_text(draft, exchange), tbdi_draft_after(draft, "; it ", doubt));
	if (readable) {
		tbdi_draft_text(draft, "subject", cert->subject);
		tbdi_draft_date(draft, "not_before", cert->not_before);
		tbdi_draft_date(draft, "not_after", cert->not_after);
	}
	tbdi_draft_text(draft, "sha256", cert->sha256);
	fix_accepted_then(draft, exchange);
	fix_client_cert(draft, report, cert, doubt);
	return true;
}

static bool match_not_authorized(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange =
		refused_with(report, (const int[]){ 5, 0x86, 0x87, -1 });
	if (exchange == NULL)
		return false;
	tbdi_draft_summary(draft, "%s refused the %s (%s)%s", tbdi_draft_peer(draft, report),
		is_basic(report) ? "user name and password" : "access token",
		code_text(draft, exchange), token_doubt(report->token));
	fix_explained(draft, report);
	if (is_basic(report)) {
		fix_basic(draft, report);
		return true;
	}
	tbdi_draft_fix_copy_token(draft, report);
	tbdi_draft_fix(draft,
		"Where the device's credentials are of another type (X.509, MQTT Basic), there is "
		"no access token: see Manage credentials.");
	if (exchange->connack == 5 && explained(exchange) < 0) {
		tbdi_draft_fix(draft,
			"Another broker with users of its own (mosquitto with a password file) answers "
			"so, too. Whether this is one, MQTT 5 tells:");
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --explain-refusal",
			tbdi_draft_argument(draft, report),
			tbdi_draft_trust_options(draft, report));
	}
	tbdi_draft_fix(draft,
		"Do not repeat this in a loop: ten wrong tokens can block this address for a "
		"minute.");
	return true;
}

static bool match_other_code(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_REFUSED);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s refused the connection with code %s%s", peer,
		code_number(draft, exchange),
		tbdi_draft_after(draft, ", ", exchange->connack_name));
	tbdi_draft_fix(draft, "ThingsBoard never answers %s: see which broker %s is.",
		code_number(draft, exchange), peer);
	return true;
}

/* ---- after CONNACK --------------------------------------------------------------------------- */

static bool match_suback_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_SUBACK_REFUSED);
	bool silent = exchange == NULL;
	if (silent)
		exchange = tbdi_report_ended(report, TBD_MQTT_NO_SUBACK);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	bool closed = silent && exchange->closed != TBD_END_NONE;
	tbdi_draft_summary(draft, "%s %s the subscription to %s", peer,
		closed           ? "closed the connection instead of answering"
			: silent ? "did not answer"
				 : "refused",
		exchange->filter != NULL ? exchange->filter : "a topic");
	tbdi_draft_text(draft, "topic", exchange->filter);
	if (!silent) {
		tbdi_draft_number(draft, "suback", exchange->suback);
		tbdi_draft_text(draft, "waited_ms", NULL);
	}
	if (closed)
		tbdi_draft_text(draft, "closed", tbd_end_name(exchange->closed));
	tbdi_draft_fix(draft,
		"ThingsBoard grants this topic to every device: %s is another broker, or one "
		"between them has access rules of its own. Allow the topic there.",
		peer);
	return true;
}

static bool match_no_puback(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_NO_PUBACK);
	if (exchange == NULL)
		return false;
	tbdi_draft_summary(
		draft, "%s did not acknowledge what was published", tbdi_draft_peer(draft, report));
	tbdi_draft_text(draft, "topic", exchange->published);
	tbdi_draft_fix(draft,
		"The server took the message, but its queue did not: look at the queue service "
		"(Kafka, or memory) and at the load of the ThingsBoard behind %s.",
		tbdi_draft_peer(draft, report));
	tbdi_draft_fix_log(draft, " ERROR ");
	return true;
}

/* ThingsBoard's words for a message that it does not take (MQTT 5 only). */
static const struct tbdi_meaning puback_codes[] = {
	{ 0x87, NULL,
		"this client may not publish there: the access rules of a broker between; "
		"ThingsBoard has none" },
	{ 0x90, NULL,
		"the topic is none of ThingsBoard's for this session: a broker between renames "
		"topics" },
	{ 0x83, NULL,
		"a limit is used up, of the device profile, of the tenant profile, or the API usage of "
		"the tenant" },
	{ 0x97, NULL,
		"a limit is used up: see the rate limits of the tenant profile and of the device "
		"profile" },
	{ 0x99, NULL,
		"the device profile wants another payload: set its payload type to JSON, not "
		"Protobuf" },
};

static bool match_publish_refused(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_PUBLISH_REFUSED);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s refused what was published (reason %#x%s)", peer,
		(unsigned)exchange->puback, tbdi_draft_after(draft, ", ", exchange->puback_name));
	tbdi_draft_text(draft, "topic", exchange->published);
	const struct tbdi_meaning *known =
		tbdi_meaning_of(puback_codes, TBDI_COUNT(puback_codes), exchange->puback);
	tbdi_draft_fix(draft, "By its answer, at %s: %s.", peer,
		known->fix != NULL ? known->fix
				   : "no ThingsBoard refuses so; see which broker answers there");
	return true;
}

enum { REFUSES = 0x80, TAKEN_OVER = 0x8e, ADMINISTRATIVE = 0x98, TOPIC_INVALID = 0x90 };

/* As critical as it is that the round trip was not finished. */
static void grade_end(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	draft->severity =
		exchange->end == TBD_MQTT_DONE ? TBD_SEVERITY_WARNING : TBD_SEVERITY_CRITICAL;
}

static void fix_other_client(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft,
		"Give each device a token of its own: of two clients with one token each ends the "
		"session of the other at %s, again and again. ThingsBoard's log does not name the "
		"other one; who is connected, the server tells:",
		tbdi_draft_peer(draft, report));
	tbdi_draft_fix(draft, "  ss -tn state established 'sport = :%u'", dialled_port(report));
}

static bool match_taken_over(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = report->exchange;
	if (exchange == NULL || exchange->connack != 0 || exchange->disconnect != TAKEN_OVER)
		return false;
	tbdi_draft_summary(draft,
		"%s ended this session: another client began a session with the same token",
		tbdi_draft_peer(draft, report));
	grade_end(draft, exchange);
	tbdi_draft_text(draft, "closed", tbd_end_name(exchange->closed));
	fix_other_client(draft, report);
	return true;
}

#define TOO_LARGE \
	"the packet was larger than NETTY_MAX_PAYLOAD_SIZE, or a broker between changed it"
#define LIMITED                                                                              \
	"a limit is used up: that of the device profile, of the tenant profile, or the API " \
	"usage of the tenant"
#define DELETED "the device was deleted, or its credentials were changed meanwhile"

/* What a server that speaks MQTT 5 said when it closed, or refused the next CONNECT or the message. */
static const struct tbdi_meaning disconnect_codes[] = {
	{ 0x81, NULL, TOO_LARGE },
	{ 0x95, NULL, TOO_LARGE },
	{ 0x83, NULL, LIMITED },
	{ 0x86, NULL, DELETED },
	{ 0x88, NULL, "it is not available now: it is starting, or a limit is used up" },
	{ 0x89, NULL, "it is busy: it is starting, or overloaded" },
	{ 0x8b, NULL, "it shuts down, or could not read the message" },
	{ 0x90, NULL,
		"the topic is none of this device's: the device profile has others (MQTT device topic "
		"filters)" },
	{ 0x96, NULL, LIMITED },
	{ 0x97, NULL, LIMITED },
	{ 0x98, NULL, DELETED },
	{ 0x99, NULL, "the device profile wants another payload: set its payload type to JSON" },
	{ 0x9f, NULL, LIMITED },
};

static const char *code_meaning(int code)
{
	return tbdi_meaning_of(disconnect_codes, TBDI_COUNT(disconnect_codes), code)->fix;
}

/* "this device may send 1 message in 60 s", where it is few; NULL: it is not known, or enough for a round trip. */
static const char *tight_limit(struct tbdi_draft *draft, const struct tbd_exchange *exchange)
{
	enum { RUN_MESSAGES = 6 };
	struct tbdi_rate rate;
	const char *text = NULL;
	if (tbdi_limits_rate(exchange->session_limits, "messages", &rate) &&
		rate.count <= RUN_MESSAGES)
		text = tbdi_draft_format(draft, "%lld message%s in %lld s", (long long)rate.count,
			rate.count == 1 ? "" : "s", (long long)rate.seconds);
	if (tbdi_limits_rate(exchange->session_limits, "telemetryMessages", &rate) &&
		rate.count <= RUN_MESSAGES)
		text = tbdi_draft_join(draft, text, " and ",
			tbdi_draft_format(draft,
				"%lld of telemetry, attributes among them, in %lld s",
				(long long)rate.count, (long long)rate.seconds));
	return text;
}

static void fix_limit(struct tbdi_draft *draft, const char *limit)
{
	tbdi_draft_fix(draft,
		"By its limits this device may send %s, and this run sent more or nearly so: wait as "
		"long, or raise them in the device profile or the tenant profile (Transport device "
		"messages).",
		limit);
}

/* ---- a session that was ended ---------------------------------------------------------------- */

/* By the answer to another CONNECT, or -1: none was sent, or not answered. */
static int asked_again(const struct tbd_exchange *exchange)
{
	return exchange->disconnect <= 0 ? explained(exchange) : -1;
}

static const char *end_cause(const struct tbd_exchange *exchange)
{
	int again = asked_again(exchange);
	if (exchange->disconnect == ADMINISTRATIVE)
		return ": " DELETED;
	if (exchange->disconnect > 0 && code_meaning(exchange->disconnect) != NULL)
		return ", and said why";
	if (again == 5 || again == WRONG_CREDENTIALS || again == NOT_AUTHORIZED)
		return ", and refuses the token now: " DELETED;
	if (again == 0)
		return ", and still takes the token: another client, or something between, ended it";
	return ": another client began one with the same token, or " DELETED;
}

static void fix_ended(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_exchange *exchange = report->exchange;
	const char *meaning = code_meaning(exchange->disconnect);
	int again = asked_again(exchange);
	bool refused = again == 5 || again == WRONG_CREDENTIALS || again == NOT_AUTHORIZED;
	if (exchange->disconnect > 0)
		tbdi_draft_fix(draft, "By the DISCONNECT of %s (reason %#x%s): %s.",
			tbdi_draft_peer(draft, report), (unsigned)exchange->disconnect,
			tbdi_draft_after(draft, ", ", exchange->disconnect_name),
			meaning != NULL ? meaning : "see what that means there");
	if (refused || exchange->disconnect == ADMINISTRATIVE)
		tbdi_draft_fix_copy_token(draft, report);
	else if (exchange->disconnect > 0)
		return;
	else if (again > 0)
		tbdi_draft_fix(draft, "It now refuses a CONNECT with code %d: " LIMITED ".", again);
	else
		fix_other_client(draft, report);
	if (again == 0)
		tbdi_draft_fix(draft,
			"Where there is no other client, see what stands between: a proxy, a load "
			"balancer or NAT that ends sessions.");
	if (again >= 0 || exchange->disconnect > 0)
		return;
	tbdi_draft_fix(draft,
		"One more CONNECT tells: accepted, it was another client; refused, the device was "
		"deleted or has other credentials:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --read-only",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_session_ended(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = report->exchange;
	if (exchange == NULL || !tbdi_session_was_ended(exchange))
		return false;
	tbdi_draft_summary(draft, "%s ended the session that it had accepted%s%s",
		tbdi_draft_peer(draft, report),
		exchange->unacknowledged == 0 ? ", with no message of ours left to answer" : "",
		end_cause(exchange));
	grade_end(draft, exchange);
	tbdi_draft_text(draft, "closed", tbd_end_name(exchange->closed));
	fix_ended(draft, report);
	return true;
}

/* ---- a message that it closed on --------------------------------------------------------------- */

/* The reason that MQTT 5 gave, at once or when it was asked; -1: none. */
static int reason_to_close(const struct tbd_exchange *exchange)
{
	const struct tbd_explanation *explanation = exchange->explanation;
	if (exchange->disconnect > 0)
		return exchange->disconnect;
	if (explanation == NULL)
		return -1;
	if (explanation->connack >= REFUSES)
		return explanation->connack;
	return explanation->puback >= REFUSES ? explanation->puback : explanation->disconnect;
}

static void fix_closed_causes(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *limit)
{
	const struct tbd_exchange *exchange = report->exchange;
	tbdi_draft_fix(
		draft, "In the ThingsBoard behind %s, look at:", tbdi_draft_peer(draft, report));
	if (exchange->telemetry_ts)
		tbdi_draft_fix(draft,
			"- the %zu bytes of telemetry: \"ts\" is a number of milliseconds, beside "
			"\"values\";",
			exchange->telemetry_len);
	if (limit == NULL)
		tbdi_draft_fix(draft,
			"- the limits of the device profile and of the tenant profile (attributes count "
			"as telemetry messages), and the API usage of the tenant;");
	tbdi_draft_fix(draft,
		"- the device profile: payload type JSON, not Protobuf; then the log has a line:");
	tbdi_draft_fix_log(draft, "Closing current session due to invalid publish msg");
	tbdi_draft_fix(draft,
		"- another client with the same token, which ends this session by beginning its "
		"own.");
	if (exchange->explanation != NULL || strcmp(exchange->mqtt_version, "5") == 0)
		return;
	tbdi_draft_fix(draft, "MQTT 5 tells these apart:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --explain-refusal",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
}

static bool match_closed_on_publish(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_CLOSED_ON_PUBLISH);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	int reason = reason_to_close(exchange);
	const char *meaning = code_meaning(reason), *limit = tight_limit(draft, exchange);
	tbdi_draft_summary(draft,
		"%s closed the connection right after a message was published%s%s", peer,
		tbdi_draft_after(draft, " to ", exchange->published),
		tbdi_draft_after(draft, "; this device may send ", limit));
	tbdi_draft_text(draft, "topic", exchange->published);
	tbdi_draft_text(draft, "closed", tbd_end_name(exchange->closed));
	if (meaning != NULL)
		tbdi_draft_fix(draft, "By the %s of %s (%#x): %s.",
			exchange->disconnect > 0 ? "DISCONNECT" : "MQTT 5", peer, (unsigned)reason,
			meaning);
	if (limit != NULL)
		fix_limit(draft, limit);
	if (meaning == NULL)
		fix_closed_causes(draft, report, limit);
	return true;
}

/* ---- topics of the device profile's own -------------------------------------------------------- */

/* The topic that the server does not know of a device that it knows: it answered a request. */
static const char *unknown_topic(const struct tbd_exchange *exchange)
{
	static const char requests[] = "v1/devices/me/attributes/request/";
	const struct tbd_explanation *explanation = exchange->explanation;
	const char *topic = exchange->published;
	bool refused = exchange->end == TBD_MQTT_PUBLISH_REFUSED &&
		exchange->puback == TOPIC_INVALID && exchange->response_topic != NULL;
	if (exchange->end == TBD_MQTT_NOT_STORED && explanation != NULL &&
		explanation->puback == TOPIC_INVALID)
		return explanation->published;
	return refused && topic != NULL && strncmp(topic, requests, strlen(requests)) != 0 ? topic
											   : NULL;
}

static bool match_own_topics(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = report->exchange;
	const char *topic = exchange != NULL ? unknown_topic(exchange) : NULL;
	if (topic == NULL)
		return false;
	bool telemetry = exchange->telemetry_len > 0;
	tbdi_draft_summary(draft,
		"%s knows the device, but not the topic %s (reason 0x90): the device profile has "
		"another topic for %s",
		tbdi_draft_peer(draft, report), topic, telemetry ? "telemetry" : "attributes");
	tbdi_draft_text(draft, "topic", topic);
	tbdi_draft_number(draft, "puback", TOPIC_INVALID);
	tbdi_draft_text(draft, "puback_name",
		exchange->explanation != NULL ? exchange->explanation->puback_name
					      : exchange->puback_name);
	tbdi_draft_fix(draft,
		"In ThingsBoard, under Device profiles, the profile of this device, Transport "
		"configuration (MQTT), MQTT device topic filters: %s names it. Publish there; with "
		"MQTT 3 the wrong topic is acknowledged, and what was sent is lost. The round trip is "
		"finished with it:",
		telemetry ? "Telemetry topic filter" : "Attributes publish topic filter");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --%s-topic TOPIC",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report),
		telemetry ? "telemetry" : "attributes");
	return true;
}

static bool match_not_thingsboard(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = report->exchange;
	if (exchange == NULL || exchange->fingerprint < 0 || exchange->fingerprint >= REFUSES)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft,
		"%s granted a subscription to everything ('#'), as a general broker does and "
		"ThingsBoard does not",
		peer);
	tbdi_draft_fix(draft, "Look for the program that holds the port, on the server:");
	tbdi_draft_fix(draft, "  ss -ltnp 'sport = :%u'", dialled_port(report));
	return true;
}

static bool match_connected(const struct tbd_report *report, struct tbdi_draft *draft)
{
	if (report->exchange == NULL || report->exchange->connack != 0)
		return false;
	const struct tbd_cert *cert = shown_cert(report);
	tbdi_draft_summary(draft, "%s accepted the %s: connected with result code 0%s",
		tbdi_draft_peer(draft, report),
		cert != NULL               ? tbdi_draft_format(draft, "client certificate%s",
						     tbdi_draft_after(draft, " ", cert->subject))
			: is_basic(report) ? "user name and password"
					   : "access token",
		cert != NULL ? "; at the token ThingsBoard does not look then" : "");
	connack_ms_evidence(draft, report);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define CONNACK_KEYS "peer", "connack", "connack_name", "explained", "explained_name"

const struct tbdi_rule tbdi_rules_mqtt[] = {
	{
		TBDI_RULE("mqtt.no-connack", MQTT, CRITICAL, "no answer to CONNECT"),
		.pub.why =
			"The connection is up and CONNECT was sent, but no CONNACK came in time. "
			"ThingsBoard opens its ports before it is ready; while it starts, a "
			"CONNECT hangs for 10 to 20 seconds and is then refused with code 3, or "
			"accepted after all. Longer silence comes from a proxy or load balancer "
			"whose backend hangs. Where the other ports of the address tell which, "
			"server.starting or proxy.header-expected is said.",
		.pub.fix = "Wait for the server to start; look at the proxy between.",
		.pub.evidence = TBDI_STRINGS("peer", "neighbours", "waited_ms"),
		.group = TBDI_GROUP_MQTT,
		.match = match_no_connack,
	},
	{
		TBDI_RULE("mqtt.closed-before-connack", MQTT, CRITICAL, "closed without a CONNACK"),
		.pub.why =
			"The peer closed the connection after CONNECT without any answer. "
			"ThingsBoard does so when it cannot make sense of the CONNECT (TLS or a "
			"PROXY header was expected, or was sent where it was not; an unknown "
			"protocol version; more than 64 KiB), and when it has blocked the address "
			"after ten wrong tokens. A wrong token alone gets a CONNACK with code 5.",
		.pub.fix = "Make scheme, port and PROXY protocol agree on both sides; wait out a "
			   "block.",
		.pub.evidence = TBDI_STRINGS("peer", "closed", "detail"),
		.group = TBDI_GROUP_MQTT,
		.match = match_closed_before_connack,
		.causes = TBDI_STRINGS("tls.alpn-needed"),
	},
	{
		TBDI_RULE("mqtt.not-mqtt", MQTT, CRITICAL, "the answer to CONNECT is not MQTT"),
		.pub.why = "Something answered, but not in MQTT; its first bytes are shown. Most "
			   "often it is a web server: port 443 or 8080 was dialled, or a reverse "
			   "proxy sends every TLS connection to the web interface. Also said of a "
			   "peer that began in MQTT and went on with what MQTT does not allow (a "
			   "second CONNACK, a packet of no type, packets without end): the detail "
			   "says what.",
		.pub.fix = "Dial the MQTT port, or let the proxy pass MQTT as plain TCP.",
		.pub.evidence = TBDI_STRINGS("peer", "first_bytes", "detail"),
		.group = TBDI_GROUP_MQTT,
		.match = match_not_mqtt,
		.causes = TBDI_STRINGS("tls.alpn-needed"),
	},
	{
		TBDI_RULE(
			"mqtt.protocol-version", MQTT, CRITICAL, "this version of MQTT is refused"),
		.pub.why =
			"CONNACK code 1 (0x84 in MQTT 5): the server does not speak the protocol "
			"version. ThingsBoard itself closes without a CONNACK in that case, so "
			"this is another broker, or one in between.",
		.pub.fix = "Make sure that the port belongs to ThingsBoard.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_protocol_version,
	},
	{
		TBDI_RULE("mqtt.client-id", MQTT, CRITICAL, "the client identifier is refused"),
		.pub.why =
			"CONNACK code 2 (0x85 in MQTT 5). ThingsBoard says this when CONNECT "
			"carried neither user name nor password: it then looks for MQTT Basic "
			"credentials of that client identifier and finds none. The token was put "
			"into the wrong field, or was empty.",
		.pub.fix = "Send the access token as the user name.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_client_id,
	},
	{
		TBDI_RULE("mqtt.unavailable", MQTT, CRITICAL,
			"the server says that it is not available"),
		.pub.why =
			"CONNACK code 3 (0x88 or 0x9F in MQTT 5). ThingsBoard says this after 10 "
			"seconds when its core did not answer the question about the token: it is "
			"starting or overloaded. It says it at once when the device's profile is "
			"of another transport (CoAP, LwM2M, SNMP), when a Sparkplug profile "
			"misses its will, when a rate limit is reached, or when the tenant's API "
			"usage is used up. The token may well be right. In MQTT 5 a limit has a "
			"code of its own: --explain-refusal asks with it once more.",
		.pub.fix = "By the time it took: look at the server, or at the profile and the "
			   "limits.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS, "waited_ms"),
		.group = TBDI_GROUP_MQTT,
		.match = match_unavailable,
	},
	{
		TBDI_RULE(
			"mqtt.bad-credentials", MQTT, CRITICAL, "user name or password is refused"),
		.pub.why =
			"CONNACK code 4. ThingsBoard has not used it since version 3.2, whatever "
			"its documentation says: a wrong token gets 5. So this is a very old "
			"ThingsBoard, or another broker that knows no device tokens.",
		.pub.fix = "Make sure that the port belongs to your ThingsBoard.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_bad_credentials,
	},
	{
		TBDI_RULE("mqtt.client-cert-refused", MQTT, CRITICAL,
			"the device of the client certificate is refused"),
		.pub.why = "A client certificate was shown, the handshake took it, and CONNECT was "
			   "refused (code 5, 0x87 in MQTT 5). ThingsBoard takes any certificate in "
			   "the handshake and looks for its device afterwards: the certificate is "
			   "not that of a device, no device profile trusts its issuer, or it has "
			   "expired. The token is not looked at then, right or wrong.",
		.pub.fix = "Give the device a certificate that ThingsBoard knows, or none where it "
			   "has a token.",
		.pub.evidence =
			TBDI_STRINGS(CONNACK_KEYS, "subject", "not_before", "not_after", "sha256"),
		.group = TBDI_GROUP_MQTT,
		.match = match_client_cert_refused,
	},
	{
		TBDI_RULE("mqtt.not-authorized", MQTT, CRITICAL, "the access token is refused"),
		.pub.why =
			"CONNACK code 5 (0x86 or 0x87 in MQTT 5): no device has this token. It "
			"was mistyped, belongs to another server, was replaced meanwhile, or is "
			"not a token at all (the device's id, a name, a placeholder). The same "
			"answer comes when the device's credentials are of another type: X.509, "
			"or MQTT Basic. The token is compared byte by byte, so a trailing line "
			"feed makes it wrong. With a client certificate the token is not looked "
			"at (mqtt.client-cert-refused). MQTT 5 tells some of these apart: --explain-refusal asks with it "
			"once more. Of MQTT Basic credentials user name, password and, if one is "
			"set, the client identifier have to be the device's.",
		.pub.fix = "Copy the token from the device's page, and check the type of its "
			   "credentials.",
		.pub.evidence = TBDI_STRINGS(
			CONNACK_KEYS, "token_len", "password_len", TBDI_TRANSPORT_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_not_authorized,
		.match_set = tbdi_match_refused_by_all,
	},
	{
		TBDI_RULE("mqtt.refused", MQTT, CRITICAL, "the connection is refused"),
		.pub.why = "CONNACK with a code that ThingsBoard does not use; number and name are "
			   "shown. The peer is another broker, or a bridge in between.",
		.pub.fix = "Make sure that the port belongs to ThingsBoard.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS),
		.group = TBDI_GROUP_MQTT,
		.match = match_other_code,
	},
	{
		TBDI_RULE("mqtt.taken-over", MQTT, WARNING, "another client took the session over"),
		.pub.why =
			"ThingsBoard allows one session a device: a second client with the same "
			"token ends the session of the first, whatever their client identifiers. "
			"Both reconnect, and end each other's session every few seconds. MQTT 5 "
			"says so by DISCONNECT 0x8E; MQTT 3 only closes, which has other causes as "
			"well (mqtt.session-ended). Critical where the round trip could not be "
			"finished.",
		.pub.fix = "Give each device a token of its own, and find the second client.",
		.pub.evidence = TBDI_STRINGS("peer", "closed", "disconnect", "disconnect_name"),
		.group = TBDI_GROUP_MQTT,
		.match = match_taken_over,
	},
	{
		TBDI_RULE("mqtt.session-ended", MQTT, CRITICAL, "an accepted session was ended"),
		.pub.why =
			"The server ended a session that it had accepted, although every message "
			"was acknowledged or nothing but a subscription was sent. ThingsBoard does "
			"so when another client begins a session with the same token, when the "
			"device is deleted, when its credentials are changed, and (MQTT 5: 0x83, "
			"0x96) when a limit is used up. MQTT 5 says which (0x98: deleted or "
			"changed). MQTT 3 only closes: one more CONNECT is sent then, which is "
			"refused where the device was deleted or has other credentials. A proxy "
			"or NAT between can end a session as well.",
		.pub.fix = "By the answer to the second CONNECT: give the device its new token, or "
			   "each device a token of its own.",
		.pub.evidence = TBDI_STRINGS("peer", "closed", "disconnect", "disconnect_name",
			"explained", "explained_name"),
		.group = TBDI_GROUP_MQTT,
		.match = match_session_ended,
	},
	{
		TBDI_RULE("mqtt.own-topics", MQTT, CRITICAL, "the device profile has other topics"),
		.pub.why =
			"A device profile of transport type MQTT can have topics of its own for "
			"attributes and telemetry (MQTT device topic filters). Requests go by the "
			"usual topics all the same, so a request was answered and what was "
			"published was not taken. MQTT 5 says so with reason 0x90; MQTT 3 "
			"acknowledges it and it is lost, which --explain-refusal tells from a rule "
			"chain that does not save.",
		.pub.fix = "Publish to the topic that the device profile names.",
		.pub.evidence = TBDI_STRINGS("peer", "topic", "puback", "puback_name"),
		.group = TBDI_GROUP_MQTT,
		.match = match_own_topics,
	},
	{
		TBDI_RULE("mqtt.suback-refused", MQTT, CRITICAL, "the subscription is refused"),
		.pub.why =
			"The server refused the subscription to a topic of ThingsBoard's, "
			"v1/devices/me/attributes/response/+ for example (0x80, in MQTT 5 0x87 or "
			"0x8F), or did not answer it. ThingsBoard grants exactly these filters to "
			"every device and refuses broader or narrower ones, among them '#' and "
			"v1/devices/me/attributes/response/1. So the peer is no "
			"ThingsBoard.",
		.pub.fix = "Make sure that the port belongs to ThingsBoard; subscribe to the exact "
			   "filters.",
		.pub.evidence = TBDI_STRINGS("peer", "topic", "suback", "waited_ms", "closed"),
		.group = TBDI_GROUP_MQTT,
		.match = match_suback_refused,
	},
	{
		TBDI_RULE("mqtt.publish-refused", MQTT, CRITICAL, "a message is refused"),
		.pub.why =
			"PUBACK came with a reason code that refuses, which only MQTT 5 can say: "
			"0x90 for a topic the server does not know, 0x99 for a payload it cannot "
			"read (the device profile wants Protobuf, or the JSON is broken), 0x87 "
			"for a topic this client may not use. With MQTT 3 ThingsBoard "
			"acknowledges an unknown topic as if all were well, and closes the "
			"connection for an unreadable payload.",
		.pub.fix = "By the code: look at the payload type of the device profile, or at the "
			   "topic.",
		.pub.evidence = TBDI_STRINGS("peer", "topic", "puback", "puback_name"),
		.group = TBDI_GROUP_MQTT,
		.match = match_publish_refused,
	},
	{
		TBDI_RULE("mqtt.no-puback", MQTT, CRITICAL, "a message is not acknowledged"),
		.pub.why =
			"A message with QoS 1 got no PUBACK in time, and the connection stayed "
			"open. ThingsBoard acknowledges when its queue has accepted the message, "
			"so the queue is stuck or slow. (It never acknowledges an empty array, or "
			"gateway topics of a device that is no gateway; neither was sent here.)",
		.pub.fix = "Look at the queue of the server.",
		.pub.evidence = TBDI_STRINGS("peer", "topic", "waited_ms"),
		.group = TBDI_GROUP_MQTT,
		.match = match_no_puback,
	},
	{
		TBDI_RULE("mqtt.closed-on-publish", MQTT, CRITICAL, "closed right after a publish"),
		.pub.why =
			"The server accepted the token and closed when the message came. With "
			"MQTT 3 this is how ThingsBoard refuses a message: JSON that it cannot "
			"parse, a device profile that wants Protobuf, a limit of messages (attributes "
			"count as telemetry), the API usage of the tenant, more than 64 KiB. What "
			"was sent here is valid JSON. A second client with the same token looks the "
			"same: only one session of a device may live, and the new one ends the old. "
			"--explain-refusal publishes once more with MQTT 5, which says why.",
		.pub.fix = "Look at the payload type and limits of the profile, and for a second "
			   "client.",
		.pub.evidence =
			TBDI_STRINGS("peer", "topic", "closed", "disconnect", "disconnect_name"),
		.group = TBDI_GROUP_MQTT,
		.match = match_closed_on_publish,
	},
	{
		TBDI_RULE("mqtt.not-thingsboard", MQTT, INFO, "a general broker, not ThingsBoard"),
		.pub.why =
			"ThingsBoard grants a device a fixed list of topic filters and refuses "
			"all others, '#' among them. A general broker (mosquitto, EMQX, TBMQ) "
			"grants '#' unless its rules forbid it. It takes telemetry and "
			"acknowledges it, and nobody stores it. This is asked with --fingerprint, "
			"or when a request was acknowledged but not answered; never over MQTT "
			"3.1, which has no way to refuse. The subscription is ended at once. A "
			"refusal proves nothing.",
		.pub.fix = "Dial ThingsBoard itself, or see that the broker passes data on to it.",
		.pub.evidence = TBDI_STRINGS("peer", "fingerprint"),
		.match = match_not_thingsboard,
	},
	{
		TBDI_RULE("mqtt.ok", MQTT, OK, "the device is accepted"),
		.pub.why =
			"CONNACK came with code 0: the server knows the token, or the client "
			"certificate where one was shown, and the session has begun. It is what devices print as 'Connected with result code 0'. It "
			"does not say that data is accepted or stored.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS(CONNACK_KEYS, "waited_ms"),
		.match = match_connected,
	},
	{ .pub = { .id = NULL } },
};
