/* SPDX-License-Identifier: MIT
 *
 * fault-table.c - reports in which one thing is wrong, and what has to be said of them.
 */
#include "tests/unit/fault-table.h"

#include <netdb.h>

/* ---- what is wrong, in words of sample_set() --------------------------------------------------- */

#define RESOLVER(end, error, detail)                                                     \
	BEFORE_TLS "connection.attempts=#0 connection.tcp=none resolution.addresses=#0 " \
		   "resolution.end=" end                                                 \
		   " resolution.error=" NUM(error) " resolution.detail='" detail "' "
#define NOT_FOUND RESOLVER("error", EAI_NONAME, "Name or service not known")

#define HTTP_CLOSED                                                                    \
	"connection.neighbours=#3 neighbours[2].port=8080 neighbours[2].connected=no " \
	"neighbours[2].error=" NUM(ECONNREFUSED) " "
#define NO_ROUTE ATTEMPTS("error", ENETUNREACH) "attempts[0].detail='Network is unreachable' "
#define NO_SYN_ANSWER ATTEMPTS("timeout", 0) "attempts[0].abandoned=yes attempts[1].abandoned=yes "
#define THROUGH_PROXY "connection.proxy=proxy "
#define PROXY(end)                                                                                \
	BEFORE_TLS "report.steps=#3 connection.tcp=ok connection.used=attempts[1] " THROUGH_PROXY \
		   "proxy.end=" end " "

#define HANDSHAKE(end, last, bytes)                                                      \
	BEFORE_MQTT                                                                      \
	"report.chain=- report.trust=- report.verification=- tls.version=- tls.end=" end \
	" tls.last_message=" last " tls.bytes_in=" bytes " "
#define ALERT(number, name) \
	HANDSHAKE("alert", "-", "7") "tls.alert=" number " tls.alert_name=" name " "
#define RESET_AT_ONCE HANDSHAKE("reset", "-", "0") "connection.plain=plain "
#define IN_CLEAR(bytes) RESET_AT_ONCE "plain.end=ok plain.first_bytes='" bytes "' "
#define PLAIN_MQTT \
	IN_CLEAR(" \\x02\\x00\\x05") "plain.connack=5 plain.connack_name='not authorized' "
#define SILENT_LATER HANDSHAKE("timeout", "ServerHello", "2000")
#define SILENT_IN_RECORD SILENT_LATER "tls.record_len=3000 tls.record_in=1100 "
#define SPEAKS(bytes)                    \
	HANDSHAKE("protocol", "-", "12") \
	"tls.first_bytes='" bytes "' "   \
	"tls.detail='An unexpected TLS packet was received.' "
#define WITHOUT_SNI "connection.without_sni=comparison "
#define REFUSED_WITHOUT_SNI WITHOUT_SNI "comparison.chain=- another_tls.end="
#define NAMELESS "tls.sni=- connection.with_sni=comparison "
#define CLOSED_AT_ONCE HANDSHAKE("closed", "-", "0")
#define WITH_ALPN "connection.with_alpn=comparison another_tls.alpn=mqtt "
#define TLS12 "connection.tls12=comparison another_tls.version=TLS1.2 "
#define OTHER_VERSION                          \
	ALERT("40", "handshake_failure")       \
	"connection.other_version=comparison " \
	"another_tls.version=TLS1.1 another_tls.wanted_version='1.1 or 1.0' "
#define CERT_REQUIRED                                       \
	ALERT("116", "certificate_required")                \
	"tls.client_cert_requested=yes tls.version=TLS1.3 " \
	"tls.last_message=Finished "
#define CERT_REJECTED                                                                    \
	CERT_REQUIRED "tls.alert=48 tls.alert_name=unknown_ca tls.client_cert=stranger " \
		      "tls.client_cert_sent=yes stranger.file=device.pem "

#define CERT_SHOWN                                                \
	"tls.client_cert_requested=yes tls.client_cert_sent=yes " \
	"tls.client_cert=stranger stranger.file=device.pem "

#define OVER_DATAGRAMS                                                                       \
	"report.target=target target.scheme=coaps target.port=5684 "                         \
	"target.url=coaps://mqtt.example.com:5684 connection.port=5684 tls.version=DTLS1.2 " \
	"connection.datagrams=datagrams "
#define DATAGRAMS_ARE(sent, received, most_sent, most_received) \
	"datagrams.sent=" sent " datagrams.received=" received  \
	" datagrams.largest_sent=" most_sent " datagrams.largest_received=" most_received " "

#define NO_CERTIFICATE BEFORE_MQTT "chain.certs=#0 report.verification=- "
#define EXPECTS(certs) "report.expected=expected expected.certs=" certs " "
/* Nobody judged it. */
#define SHOWN BEFORE_MQTT "report.trust=- report.verification=- chain.certs=#1 "
#define STORE_MISSING                              \
	STORE_IS("No such file or directory", "-") \
	"sources[0].kind=dir sources[0].path=/no/such/dir "
#define SELF_SIGNED                                                                  \
	"leaf.self_issued=yes leaf.self_signed=yes leaf.issuer=CN=mqtt.example.com " \
	"leaf.authority_key_id=- chain.certs=#1 trust.certs=stranger " CUT_PATH(     \
		"1", "0", "untrusted-root")
#define PRIVATE_ROOT "trust.certs=stranger " ROOT_SENT CUT_PATH("3", "2", "untrusted-root")
#define FETCHED_IN_VAIN LEAF_ONLY "report.fixed=fixed fixed.proven=no fixed.anchor=- "
#define NO_PATH BEFORE_MQTT "verification.path=- verification.paths=#0 verification.verified=no "
/* The store holds this certificate, which misses in this way. */
#define NEARLY(held, how) \
	"trust.certs=" held " nearest.cert=" held " nearest.miss=" how " " NEAREST_IS
#define NEAREST_IS "verification.nearest=nearest "
#define SYSTEM_HAS(cert) NEAREST_IS "nearest.system_anchor=" cert " "
#define SYSTEM_FILE "file=/etc/ssl/certs/ca-certificates.crt "
/* The server has to send its present intermediate; that a former one is held is not what is wrong. */
#define FORMER_INTERMEDIATE                                                  \
	LEAF_ONLY "stranger.self_signed=no stranger.self_issued=no " NEARLY( \
		"stranger", "other-key") "trust.cert_count="
#define INTERMEDIATE_PINNED                                                        \
	"intermediate.origin=trust intermediate.file=ca.pem intermediate.entry=1 " \
	"trust.certs=intermediate path.certs=#2 "
#define EXPIRED_ENTRY                                                                          \
	"stranger.not_after=-1 stranger.self_signed=no stranger.file=ca.pem stranger.entry=1 " \
	"trust.certs=root,stranger trust.cert_count=2 "
/* The intermediate was also issued by another CA. */
#define PATH_BESIDE                                                             \
	"other_path.certs=leaf,intermediate,stranger other_path.fault=expired " \
	"other_path.fault_at=2 verification.paths=path,other_path stranger.not_after=-1 "

#define OTHER_NAME NAME_IS("broker.example.org", "mismatch")
#define CN_ONLY "leaf.names=#0 " NAME_IS("mqtt.example.com", "cn-only")

#define FAULT(what, at) \
	BEFORE_MQTT "path.fault=" what " path.fault_at=" at " verification.verified=no "
#define LEAF_LIVES(from, to) "leaf.not_before=" from " leaf.not_after=" to " "
#define NOT_YET_VALID "leaf.not_before=1 " FAULT("not-yet-valid", "0")
#define CLOCK_IS(time) "report.time_given=no report.time=" time " report.clock=" time " "
#define REVOKED "verification.revocations=revocation " FAULT("revoked", "0")
#define UNPROVEN "report.ca=ca ca.cert=- ca.proof=- "
/* The trust file came from the server itself. */
#define SERVED "report.served_files=served_file "
#define NO_FILE                                                                             \
	SERVED BEFORE_MQTT "report.trust=- report.verification=- served_file.cert_count=0 " \
			   "served_file.detail='it holds no certificate' "
#define DEPARTS "verification.departures=departure "
/* Some clients refuse a certificate of the path for it: the intermediate. */
#define REFUSED_FOR_BEING(what, how)                              \
	DEPARTS "departure.what=" what " departure.severity=" how \
		" departure.strict=no departure.refused_by='OpenSSL and curl' departure.accepted_by=GnuTLS "
#define WHO "refused_by accepted_by "
#define REFUSED_FOR(what, at) FAULT("policy", at) "path.requirement=" what " "
#define RSA(bits) "leaf.key_algorithm=RSA leaf.key_curve=- leaf.key_bits=" bits " "

#define MQTT_ENDS(how) "exchange.end=" how " "
#define NO_WEBSOCKET          \
	EARLY("no-websocket") \
	"target.scheme=wss exchange.upgrade=upgrade upgrade.accepted=no "
#define EARLY(how) MQTT_ENDS(how) "exchange.connack=-1 report.steps=#4 "
#define REFUSED_WITH(code) \
	EARLY("refused")   \
	"exchange.connack=" code " exchange.connack_name='as the specification calls it' "
#define EXPLAINED "exchange.explanation=explanation "
#define CLOSED_EARLY EARLY("closed-before-connack") "exchange.closed=closed "
#define NO_SUBACK MQTT_ENDS("no-suback") "exchange.suback=-1 steps[4].status=timeout "
#define CLOSED_ON_SUBSCRIBE \
	NO_SUBACK "steps[4].status=failed exchange.closed=closed exchange.unacknowledged=0 "
#define NO_PUBACK MQTT_ENDS("no-puback") "steps[6].status=timeout "
#define CLOSED_ON_PUBLISH \
	MQTT_ENDS("closed-on-publish") "exchange.closed=closed exchange.unacknowledged=1 "
#define CLOSED_FOR_NOTHING CLOSED_ON_PUBLISH "exchange.unacknowledged=0 "
#define NOT_STORED MQTT_ENDS("not-stored") "steps[7].status=timeout exchange.read_back=- "
#define TOPIC_REFUSED                                              \
	EXPLAINED "explanation.connack=0 explanation.puback=0x90 " \
		  "explanation.puback_name='Topic Name invalid' "  \
		  "explanation.published=v1/devices/me/attributes "
#define TAKEN_OVER "exchange.disconnect=0x8e exchange.disconnect_name='Session taken over' "
#define TELEMETRY "exchange.published=v1/devices/me/telemetry exchange.telemetry_len=9 "
#define NO_RESPONSE                                               \
	MQTT_ENDS("no-response")                                  \
	"steps[5].status=timeout report.steps=#6 exchange.key=- " \
	"exchange.written=- exchange.read_back=- exchange.polls=0 "
#define NOT_SENT "token.sent=no " EARLY("not-started") "report.steps=#3 "
#define BAD_BYTE(what) NOT_SENT "token.bad_at=19 token.bad_class=" what " "

#define API_ENDS(how) "api.end=" how " "
/* The POST was answered so, and nothing came after it. */
#define POST_ONLY(code, how)                       \
	"report.steps=#4 requests[0].status=" code \
	" api.requests=#1 api.read_back=- api.polls=0 " API_ENDS(how)
#define POST(code, how) OVER_HTTP POST_ONLY(code, how)
#define GET(how) OVER_HTTP API_ENDS(how)
#define BODY(request, text, len) request ".body='" text "' " request ".body_len=" len " "
#define SILENCE \
	GET("no-reply") "requests[1].status=-1 requests[1].content_type=- requests[1].body=- "
#define API_URL "coaps://mqtt.example.com:5684/api/v1/***/attributes"
#define OVER_COAP                                                                           \
	OVER_HTTP OVER_DATAGRAMS                                                            \
		"api.protocol=coap api.library='libcoap 4.3.1' requests[0].url=" API_URL    \
		" requests[1].url=" API_URL "?clientKeys=tbdiagProbe "                      \
		"requests[0].status=201 requests[1].status=205 requests[1].content_type=- " \
		"requests[0].datagrams=1 requests[1].datagrams=1 "
#define COAP_POST(code, how) OVER_COAP POST_ONLY(code, how)
#define COAP_SILENCE COAP_POST("-1", "no-reply") "requests[0].datagrams=3 "
/* No token is to be sent in clear. */
#define PING_LOST                                                                                 \
	BEFORE_TLS OVER_DATAGRAMS                                                                 \
		"target.scheme=coap target.tls=no target.port=5683 "                              \
		"target.url=coap://mqtt.example.com:5683 connection.port=5683 connection.tcp=ok " \
		"attempts[1].connected=yes connection.used=attempts[1] steps[1].name=coap "       \
		"steps[1].status=timeout report.steps=#2 " DATAGRAMS_ARE("3", "0", "4", "0")

/* What the schema does not tell: the DER of names, what names are made of, the time of a release. */

static void issued_by_itself(struct sample *sample)
{
	sample->leaf.issuer_der = sample->leaf.subject_der;
}

static void stranger_named_as_root(struct sample *sample)
{
	sample->stranger.subject_der = sample->root.subject_der;
}

static void stranger_issued_by_root(struct sample *sample)
{
	stranger_named_as_root(sample);
	sample->stranger.issuer_der = sample->root.subject_der;
}

/* The file holds another certificate of the same server. */
static void stranger_is_leaf(struct sample *sample)
{
	const char *sha256 = sample->stranger.sha256;
	sample->stranger = sample->leaf;
	sample->stranger.sha256 = sha256;
	sample->stranger.serial = "02";
}

static void only_name_is_hostile(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "x; rm -rf ~ '\n" } };
	sample->leaf.names = names;
	sample->leaf.name_count = 1;
}

static void only_name_is_an_option(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "--save-ca=.bashrc" } };
	sample->leaf.names = names;
	sample->leaf.name_count = 1;
}

static void on_the_day_of_release(struct sample *sample)
{
	sample->report->clock = sample->report->time = TBD_RELEASE_TIME;
	sample->leaf.not_after = TBD_RELEASE_TIME + 90 * SAMPLE_DAY;
	sample->requests[1].date = TBD_RELEASE_TIME + 2 * SAMPLE_DAY;
}

struct sample *sample_spoiled(const struct spoiled *row)
{
	struct sample *sample = sample_new();
	sample_spoil(sample, row);
	return sample;
}

void sample_spoil(struct sample *sample, const struct spoiled *row)
{
	if (row->spoil != NULL)
		row->spoil(sample);
	sample_set(sample, row->changes);
}

/* ---- what has to be said of them ------------------------------------------------------------- */

#define OF_CLIENT "alert alert_name subject sha256 not_before not_after"
#define NET "host port "
#define TLS NET "last_message bytes_in "
#define STORE "store store_count store_holds"
#define SENT "subject subject_key_id not_before not_after sha256 "
#define NEEDED "subject issuer issuer_key_id "
#define NEAREST "nearest nearest_key_id nearest_not_before nearest_not_after nearest_sha256 "
#define NEAREST_ENTRY NEAREST "nearest_entry "
#define EXPECTED                                                                     \
	"subject sha256 serial not_before not_after expected_file expected_subject " \
	"expected_serial expected_not_before expected_not_after expected_sha256"
#define PLACE "subject issuer not_after sha256 file "
#define PLACE_ENTRY PLACE "entry "
#define ENCODING "subject sha256 issuer issuer_subject issuer_sha256 differs"
#define SYSTEM " system_store system_entry"
#define DATES "subject not_before not_after days_left judged_at"
#define CONNACK "peer connack connack_name"
#define DATAGRAMS "sent received sent_again received_again largest_sent largest_received"
#define LATENCIES "connack_ms response_ms puback_ms visible_ms"
#define ATTRIBUTE "attribute written read_back polls "

#define OK TBD_SEVERITY_OK
#define INFO TBD_SEVERITY_INFO
#define WARNING TBD_SEVERITY_WARNING
#define CRITICAL TBD_SEVERITY_CRITICAL

/* Few rows need a function. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

const struct spoiled spoiled_rows[] = {
	{ "dns.not-found", CRITICAL, NOT_FOUND, NOBODY, "name resolver" },
	{ "dns.not-found", CRITICAL, NOT_FOUND "resolution.name=mqtt.thingsbord.cloud", NOBODY,
		"name resolver similar" },
	{ "dns.no-address", CRITICAL,
		RESOLVER("error", EAI_NODATA,
			"No address associated with hostname") "resolution.family=6",
		NOBODY, "name resolver family" },
	{ "dns.timeout", CRITICAL, RESOLVER("timeout", 0, "-"), NOBODY, "name timeout_ms" },
	{ "dns.timeout", CRITICAL,
		RESOLVER("error", EAI_AGAIN, "Temporary failure in name resolution"), NOBODY,
		"name resolver timeout_ms" },
	{ "dns.addresses-differ", INFO,
		"attempts[0].abandoned=no attempts[0].error=" NUM(ECONNREFUSED), NOBODY,
		"name addresses" },
	{ "server.starting", CRITICAL,
		EARLY("no-connack") HTTP_CLOSED "neighbours[0].connected=yes neighbours[0].error=0 "
						"steps[3].status=timeout",
		NOBODY, NET "neighbours waited_ms" },
	{ "server.starting", CRITICAL,
		REFUSED OVER_DATAGRAMS HTTP_CLOSED
		"neighbours[0].connected=yes neighbours[0].error=0 "
		"neighbours[1].port=8883 neighbours[1].connected=yes "
		"neighbours[1].error=0",
		NOBODY, NET "neighbours" },
	{ "proxy.header-expected", CRITICAL,
		HANDSHAKE("closed", "-",
			"0") "connection.plain=plain plain.end=timeout plain.sent=20",
		NOBODY, NET "in_clear" },
	{ "proxy.header-expected", CRITICAL,
		RESET_AT_ONCE
		"plain.end=reset plain.sent=20 connection.header_handshake=comparison "
		"another_tls.version=TLS1.3 another_tls.last_message=Finished",
		NOBODY, NET "in_clear with_header" },
	{ "proxy.header-expected", CRITICAL,
		EARLY("no-connack") "connection.plain=plain plain.end=closed plain.sent=109 ",
		NOBODY, NET "in_clear" },
	{ "proxy.header-unexpected", CRITICAL,
		HANDSHAKE("closed", "-", "0") "connection.proxy_protocol=v1 "
					      "connection.header_handshake=comparison "
					      "another_tls.version=TLS1.3 "
					      "another_tls.last_message=Finished",
		NOBODY, NET "version without_header" },
	{ "proxy.backend-down", CRITICAL, CLOSED_EARLY "connection.idle=closed", NOBODY,
		NET "idle" },
	{ "tcp.refused", CRITICAL, REFUSED, NOBODY, NET "attempts neighbours setting" },
	{ "tcp.refused", CRITICAL, REFUSED_BESIDE_OPEN, NOBODY, NET "attempts neighbours setting" },
	{ "tcp.refused", CRITICAL, REFUSED "target.scheme=wss", NOBODY, NET "attempts neighbours" },
	{ "tcp.refused", CRITICAL,
		REFUSED_BESIDE_OPEN "target.scheme=https connection.own_port=comparison "
				    "another_tls.last_message=Finished ",
		NOBODY, NET "attempts neighbours own_port setting" },
	{ "tcp.timeout", CRITICAL, NO_SYN_ANSWER, NOBODY, NET "attempts timeout_ms" },
	{ "tcp.timeout", CRITICAL,
		ATTEMPTS("error", ENETUNREACH) "attempts[1].error=" NUM(ETIMEDOUT), NOBODY,
		NET "attempts timeout_ms" },
	{ "tcp.reset", CRITICAL, RESET_AT_ONCE, NOBODY, NET "attempts in_clear" },
	{ "tcp.reset", CRITICAL, IN_CLEAR("\\x15\\x03\\x03\\x00\\x02\\x02\\x0a"), NOBODY,
		NET "attempts in_clear" },
	{ "tcp.unreachable", CRITICAL, NO_ROUTE, NOBODY, NET "attempts" },
	{ "tls.plain-mqtt", CRITICAL, PLAIN_MQTT, NOBODY, TLS "first_bytes connack" },
	{ "tls.plain-mqtt", CRITICAL, PLAIN_MQTT "tls.end=protocol", NOBODY,
		TLS "first_bytes connack" },
	{ "tls.plain-mqtt", CRITICAL, SPEAKS(" \\x02\\x00\\x05"), NOBODY,
		TLS "first_bytes detail" },
	{ "tls.plain-http", CRITICAL, SPEAKS("HTTP/1.1 400 Bad Request\\x0d\\x0a"), NOBODY,
		TLS "first_bytes detail status" },
	{ "tls.plain-http", CRITICAL,
		IN_CLEAR("HTTP/1.1 400 Bad Request\\x0d\\x0aServer: nginx\\x0d\\x0a"), NOBODY,
		TLS "first_bytes status" },
	{ "tls.other-protocol", CRITICAL, IN_CLEAR("\\x00\\x01"), NOBODY, TLS "first_bytes" },
	{ "tls.closed", CRITICAL, HANDSHAKE("closed", "-", "0"), NOBODY, TLS "closed" },
	{ "tls.closed", CRITICAL, HANDSHAKE("reset", "ServerHello", "120"), NOBODY, TLS "closed" },
	{ "tls.closed", CRITICAL, SILENT_IN_RECORD "tls.end=reset tls.last_message=-", NOBODY,
		TLS "record closed" },
	{ "tls.timeout", CRITICAL, SILENT_LATER, NOBODY, TLS "timeout_ms" },
	{ "tls.timeout", CRITICAL, SILENT_IN_RECORD, NOBODY, TLS "record timeout_ms" },
	{ "tls.timeout", CRITICAL, HANDSHAKE("timeout", "-", "0"), NOBODY, TLS "timeout_ms" },
	{ "tls.timeout", CRITICAL,
		HANDSHAKE("timeout", "-", "0")
			OVER_DATAGRAMS DATAGRAMS_ARE("6", "0", "240", "0") "datagrams.sent_again=5",
		NOBODY, TLS "timeout_ms " DATAGRAMS },
	{ "tls.timeout", CRITICAL, SILENT_LATER OVER_DATAGRAMS "datagrams.small=yes", NOBODY,
		TLS "timeout_ms " DATAGRAMS },
	{ "tls.datagram-lost", WARNING,
		OVER_DATAGRAMS "datagrams.sent_again=1 datagrams.received_again=5", NOBODY,
		DATAGRAMS },
	{ "tls.datagram-lost", WARNING,
		OVER_DATAGRAMS "datagrams.small=yes datagrams.largest_received=525", NOBODY,
		DATAGRAMS },
	{ "tls.version", CRITICAL, ALERT("70", "protocol_version") "tls.wanted_version=1.3", NOBODY,
		TLS "wanted alert_name" },
	{ "tls.version", CRITICAL, HANDSHAKE("version", "ServerHello", "90"), NOBODY, TLS },
	{ "tls.version", CRITICAL, OTHER_VERSION, NOBODY, TLS "alert_name other_versions" },
	{ "tls.cipher", CRITICAL,
		OTHER_VERSION
		"another_tls.end=alert another_tls.last_message=- another_tls.version=- "
		"another_tls.alert=70 another_tls.alert_name=protocol_version "
		"comparison.chain=-",
		NOBODY, TLS "alert alert_name other_versions" },
	{ "tls.sni-optional", OK, WITHOUT_SNI "comparison.chain=chain", LEAF,
		NET "sni subject sha256" },
	{ "tls.sni-needed", WARNING, WITHOUT_SNI, NOBODY,
		NET "sni subject sha256 without_sni without_sni_sha256" },
	{ "tls.sni-needed", WARNING,
		REFUSED_WITHOUT_SNI
		"alert another_tls.alert=112 another_tls.alert_name=unrecognized_name",
		NOBODY, NET "sni subject sha256 without_sni" },
	{ "tls.sni-needed", WARNING, REFUSED_WITHOUT_SNI "closed", NOBODY,
		NET "sni subject sha256 without_sni" },
	{ "tls.sni-needed", WARNING, NAMELESS, NOBODY,
		NET "subject sha256 without_sni without_sni_sha256" },
	{ "tls.sni-needed", CRITICAL, NAMELESS "comparison.verified=yes", NOBODY,
		NET "subject sha256 without_sni without_sni_sha256" },
	{ "tls.sni-rejected", CRITICAL, CLOSED_AT_ONCE WITHOUT_SNI, NOBODY, TLS "sni without_sni" },
	{ "tls.sni-rejected", CRITICAL, CLOSED_AT_ONCE "tls.sni=- connection.with_sni=comparison",
		NOBODY, TLS "with_sni" },
	{ "tls.alpn-needed", CRITICAL,
		ALERT("120", "no_application_protocol") "tls.alpn_offered=own", NOBODY,
		TLS "alert alert_name offered" },
	{ "tls.alpn-needed", CRITICAL, CLOSED_AT_ONCE WITH_ALPN, NOBODY, TLS "alpn" },
	{ "tls.alpn-needed", CRITICAL, RESET_AT_ONCE WITH_ALPN, NOBODY, TLS "alpn" },
	{ "tls.sni-rejected", CRITICAL, RESET_AT_ONCE WITHOUT_SNI, NOBODY, TLS "sni without_sni" },
	{ "tls.alpn-needed", CRITICAL, CLOSED_EARLY "tls.alpn=- " WITH_ALPN, NOBODY, TLS "alpn" },
	{ "tls.proxy-default-certificate", CRITICAL,
		BEFORE_MQTT "leaf.subject='CN=TRAEFIK DEFAULT CERT' verification.verified=no", LEAF,
		NET "sni subject sha256" },
	{ "tls.proxy-default-certificate", CRITICAL,
		BEFORE_MQTT
		"leaf.subject='CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co' "
		"tls.sni=- verification.verified=no",
		LEAF, NET "subject sha256" },
	{ "tls.device-fails", CRITICAL,
		"report.device=tasmota connection.as_device=comparison another_tls.end=alert "
		"another_tls.alert=40 another_tls.alert_name=handshake_failure comparison.chain=- ",
		NOBODY, "host port device offered subject sha256" },
	{ "tls.old-version-fails", WARNING, TLS12, NOBODY,
		NET "version old_version subject sha256 old_subject old_sha256" },
	{ "tls.old-version-fails", WARNING,
		TLS12 "another_tls.end=alert another_tls.alert=70 "
		      "another_tls.alert_name=protocol_version comparison.chain=-",
		NOBODY, NET "version old_version subject sha256" },
	{ "tls.old-version-fails", WARNING,
		TLS12 "another_tls.end=alert another_tls.alert=40 "
		      "another_tls.alert_name=handshake_failure comparison.chain=-",
		NOBODY, NET "version old_version subject sha256" },
	{ "tls.sni-rejected", CRITICAL, ALERT("112", "unrecognized_name"), NOBODY,
		TLS "alert alert_name sni" },
	{ "tls.sni-rejected", CRITICAL, ALERT("112", "unrecognized_name") "tls.sni=-", NOBODY,
		TLS "alert alert_name" },
	{ "tls.client-cert-required", CRITICAL, CERT_REQUIRED, NOBODY,
		TLS "alert alert_name version" },
	{ "tls.client-cert-required", CRITICAL,
		CERT_REQUIRED
		"tls.alert=40 tls.alert_name=handshake_failure tls.client_cert=stranger",
		NOBODY, TLS "alert alert_name version" },
	{ "tls.client-cert-rejected", CRITICAL, CERT_REJECTED, NOBODY, TLS OF_CLIENT },
	{ "tls.client-cert-rejected", CRITICAL,
		CERT_REJECTED
		"tls.alert=45 tls.alert_name=certificate_expired stranger.not_after=-1d",
		NOBODY, TLS OF_CLIENT },
	{ "tls.client-cert-rejected", CRITICAL,
		CERT_REJECTED "tls.alert=45 tls.alert_name=certificate_expired", NOBODY,
		TLS OF_CLIENT },
	{ "tls.client-cert-rejected", CRITICAL,
		CERT_REJECTED "tls.alert=43 tls.alert_name=unsupported_certificate "
			      "stranger.purposes=serverAuth",
		NOBODY, TLS "alert alert_name subject sha256 purposes not_before not_after" },
	{ "tls.client-cert-wanted", INFO, "tls.client_cert_requested=yes", NOBODY, TLS "version" },
	{ "tls.cipher", CRITICAL, ALERT("40", "handshake_failure"), NOBODY,
		TLS "alert alert_name" },
	{ "tls.cipher", CRITICAL,
		OTHER_VERSION "another_tls.version=TLS1.3 another_tls.wanted_version=1.3 "
			      "tls.wanted_version=1.2",
		NOBODY, TLS "alert alert_name wanted other_versions" },
	{ "tls.cipher", CRITICAL, ALERT("71", "insufficient_security") "tls.wanted_version=1.2",
		NOBODY, TLS "alert alert_name wanted" },
	{ "tls.cipher", CRITICAL,
		HANDSHAKE("cipher", "-", "90") "tls.detail='An unknown cipher suite was received.'",
		NOBODY, TLS "detail" },
	{ "tls.alert", CRITICAL, ALERT("80", "internal_error"), NOBODY,
		TLS "alert alert_name sni" },
	{ "tls.alert", CRITICAL, ALERT("99", "-"), NOBODY, TLS "alert sni" },
	{ "tls.other-protocol", CRITICAL, SPEAKS("\\x00\\x01"), NOBODY, TLS "first_bytes detail" },
	{ "tls.other-protocol", CRITICAL, SPEAKS("\\x16\\x03\\x03\\x00\\x00"), NOBODY,
		TLS "first_bytes detail" },
	{ "chain.empty", CRITICAL, NO_CERTIFICATE, NOBODY, "peer" },
	{ "chain.empty", CRITICAL,
		NO_CERTIFICATE "tls.end=error tls.detail='No certificate was found.'", NOBODY,
		"peer" },
	{ "chain.empty", CRITICAL,
		NO_CERTIFICATE "chain.file=chain.pem report.connection=- report.target=-", NOBODY,
		"peer" },
	{ "chain.not-parsable", CRITICAL,
		CUT_PATH("1", "0", "malformed") "leaf.error='ASN1 parser: Error in DER parsing.'",
		LEAF, "certificate subject sha256 error" },
	{ "chain.not-parsable", WARNING,
		"chain.certs=leaf,intermediate,stranger "
		"stranger.error='ASN1 parser: Error in DER parsing.'",
		STRANGER, "certificate subject sha256 error" },
	{ "chain.wrong-order", WARNING,
		"chain.certs=leaf,root,intermediate root.index=1 intermediate.index=2", ROOT,
		"certificate subject sha256 sent right_order" },
	{ "chain.wrong-order", WARNING, "chain.certs=intermediate,leaf", INTERMEDIATE,
		"certificate subject sha256 sent right_order" },
	{ "chain.unrelated", WARNING,
		"chain.certs=leaf,intermediate,stranger stranger.index=2 "
		"stranger.self_signed=no",
		STRANGER, "certificate subject sha256" },
	{ "chain.duplicate", WARNING, "chain.certs=leaf,leaf,intermediate", LEAF,
		"certificate subject sha256 first" },
	{ "chain.root-sent", INFO, ROOT_SENT, ROOT, "certificate subject sha256 bytes" },
	{ "chain.not-renewed", WARNING, EXPECTS("stranger,intermediate") "stranger.not_before=-59d",
		LEAF, EXPECTED, stranger_is_leaf },
	{ "chain.not-renewed", INFO, EXPECTS("stranger,intermediate") "stranger.not_before=-61d",
		LEAF, EXPECTED, stranger_is_leaf },
	{ "chain.not-renewed", WARNING,
		EXPECTS("stranger,intermediate") "stranger.is_ca=no stranger.self_signed=no stranger.self_issued=no",
		LEAF, EXPECTED },
	{ "chain.not-renewed", WARNING, EXPECTS("leaf,stranger"), LEAF, EXPECTED },
	{ "chain.as-expected", OK, EXPECTS("leaf,intermediate"), LEAF,
		"sha256 not_after expected_file" },
	{ "chain.trust-file", CRITICAL,
		BEFORE_MQTT "report.trust=- report.verification=- report.connection=- "
			    "chain.file=ca.pem chain.certs=intermediate,root",
		NOBODY, "peer sent" },
	{ "chain.incomplete", WARNING, SHOWN "leaf.aia_issuers=ldap:///CN=ca", LEAF,
		"subject issuer issuer_key_id sent" },
	{ "chain.incomplete", CRITICAL, SHOWN "leaf.aia_issuers=http://ca.example.com/1.der", LEAF,
		"subject issuer issuer_key_id aia sent" },
	{ "chain.large", WARNING, LARGE_CHAIN, NOBODY, "bytes limit sent" },
	{ "ca.intermediate-in-store", WARNING,
		"chain.certs=leaf,intermediate,stranger,root stranger.subject_key_id=cccc "
		"stranger.self_signed=no root.self_signed=no " REFUSED_FOR_BEING(
			"intermediate-as-anchor", "warning") "departure.cert=root",
		ROOT, PLACE_ENTRY WHO, stranger_named_as_root },
	{ "ca.store-missing", CRITICAL, STORE_MISSING, NOBODY, "store error" },
	{ "ca.store-missing", CRITICAL, STORE_MISSING "sources[0].kind=system", NOBODY,
		"store error" },
	{ "ca.store-empty", CRITICAL, STORE_EMPTY, NOBODY, "store holds" },
	{ "ca.store-empty", WARNING,
		"trust.sources=#2 sources[1].path=empty.pem sources[1].holds=nothing", NOBODY,
		"store holds" },
	{ "ca.self-signed", CRITICAL, SELF_SIGNED, LEAF, "subject sha256 " STORE,
		issued_by_itself },
	{ "ca.self-signed", CRITICAL, SELF_SIGNED "chain.file=chain.pem report.connection=-", LEAF,
		"subject sha256 " STORE, issued_by_itself },
	{ "ca.private-root-sent", CRITICAL, PRIVATE_ROOT, ROOT, SENT STORE },
	{ "ca.private-root-sent", CRITICAL, PRIVATE_ROOT SYSTEM_HAS("root"), ROOT,
		SENT STORE SYSTEM },
	{ "ca.intercepted", CRITICAL,
		WRONG_ROOT "intermediate.issuer='CN=Zscaler Root CA,O=Zscaler Inc.'", LEAF,
		"product inspector sha256 " STORE },
	{ "ca.intercepted", WARNING, "leaf.issuer=CN=mitmproxy,O=mitmproxy", LEAF,
		"product inspector sha256 " STORE },
	{ "ca.old-leaf", CRITICAL,
		WRONG_ROOT "stranger.not_before=-61d " NEARLY("stranger", "old-leaf"), LEAF,
		SENT NEAREST STORE },
	{ "ca.old-leaf", CRITICAL,
		SELF_SIGNED "stranger.not_before=-61d " NEARLY("stranger", "old-leaf"), LEAF,
		SENT NEAREST STORE, issued_by_itself },
	{ "ca.old-leaf", CRITICAL,
		SELF_SIGNED "stranger.not_before=-59d " NEARLY("stranger", "old-leaf"), LEAF,
		SENT NEAREST STORE, issued_by_itself },
	{ "ca.same-name-other-key", CRITICAL,
		WRONG_ROOT "stranger.subject='CN=Example Root CA' " NEARLY("stranger", "other-key"),
		INTERMEDIATE, NEEDED NEAREST STORE },
	{ "ca.same-name-other-key", CRITICAL, PRIVATE_ROOT NEARLY("stranger", "other-key"), ROOT,
		SENT NEAREST STORE },
	{ "ca.same-name-other-key", CRITICAL,
		FAULT("bad-signature", "1") "intermediate.authority_key_id=- " NEARLY(
			"root", "other-key"),
		INTERMEDIATE, "subject issuer " NEAREST_ENTRY STORE },
	{ "ca.same-name-other-key", CRITICAL, FORMER_INTERMEDIATE "1", LEAF, NEEDED NEAREST STORE },
	{ "ca.same-key-other-name", CRITICAL, WRONG_ROOT NEARLY("stranger", "other-name"),
		INTERMEDIATE, NEEDED NEAREST STORE },
	{ "ca.missing-intermediate", CRITICAL, FORMER_INTERMEDIATE "2", LEAF,
		NEEDED "aia sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, LEAF_ONLY, LEAF,
		"subject issuer issuer_key_id aia sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, LEAF_ONLY "report.fixed=fixed", LEAF,
		NEEDED "aia fetch_url fetch_sha256 completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, FETCHED_IN_VAIN, LEAF,
		NEEDED "aia fetch_url fetch_sha256 completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL,
		FETCHED_IN_VAIN "download.cert=- download.detail='HTTP status 404' fixed.certs=#1 "
				"fixed.missing='CN=Example Sub CA'",
		LEAF, NEEDED "aia fetch_url fetch_error completes sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, LEAF_ONLY "leaf.aia_issuers=-", LEAF,
		"subject issuer issuer_key_id sent " STORE },
	{ "ca.missing-intermediate", CRITICAL, LDAP_AIA, LEAF,
		"subject issuer issuer_key_id aia sent " STORE },
	{ "ca.wrong-root", CRITICAL, WRONG_ROOT, INTERMEDIATE,
		"subject issuer issuer_key_id " STORE },
	{ "ca.wrong-root", CRITICAL, WRONG_ROOT NEARLY("stranger", "sibling"), INTERMEDIATE,
		NEEDED NEAREST STORE },
	{ "ca.wrong-root", CRITICAL, WRONG_ROOT SYSTEM_HAS("root") "root." SYSTEM_FILE,
		INTERMEDIATE, NEEDED STORE SYSTEM },
	{ "ca.unknown", CRITICAL, NO_PATH NEARLY("stranger", "sibling"), LEAF,
		"subject sha256 " NEAREST "differs " STORE },
	{ "ca.unknown", CRITICAL, NO_PATH, LEAF, "subject sha256 " STORE },
	{ "ca.anchor-expired", CRITICAL, "root.not_after=-1 " FAULT("expired", "2"), ROOT,
		PLACE_ENTRY "judged_at" },
	{ "ca.anchor-expired", CRITICAL,
		"root.not_after=-1 " FAULT("expired", "2")
			SYSTEM_HAS("stranger") "stranger." SYSTEM_FILE,
		ROOT, PLACE_ENTRY "judged_at" SYSTEM },
	{ "ca.anchor-expired", CRITICAL,
		INTERMEDIATE_PINNED "intermediate.not_after=-1 " FAULT("expired", "1"),
		INTERMEDIATE, PLACE_ENTRY "judged_at" },
	{ "ca.name-encoding", WARNING,
		"intermediate.issuer='CN=EXAMPLE Root CA' path.name_encoding_at=1", INTERMEDIATE,
		ENCODING },
	{ "ca.name-encoding", CRITICAL, "path.name_encoding_at=1 " FAULT("malformed", "1"),
		INTERMEDIATE, ENCODING },
	{ "ca.missing-intermediate-saved", WARNING,
		"chain.certs=#1 intermediate.origin=trust intermediate.file=ca.pem "
		"intermediate.entry=2",
		INTERMEDIATE, PLACE_ENTRY },
	{ "ca.intermediate-in-store", WARNING,
		INTERMEDIATE_PINNED REFUSED_FOR_BEING(
			"intermediate-as-anchor", "warning") "path.certs=#2",
		INTERMEDIATE, PLACE_ENTRY WHO },
	{ "ca.cross-signed-expired", WARNING, EXPIRED_ENTRY PATH_BESIDE "stranger.self_signed=yes",
		STRANGER, PLACE_ENTRY "path expired_path" },
	{ "ca.cross-signed-expired", WARNING,
		PATH_BESIDE "chain.certs=leaf,intermediate,stranger stranger.subject_key_id=cccc "
			    "stranger.self_signed=no",
		STRANGER, PLACE "path expired_path", stranger_issued_by_root },
	{ "ca.store-expired-entry", INFO, EXPIRED_ENTRY, STRANGER,
		PLACE_ENTRY "expired_count anchor anchor_not_after" },
	{ "ca.store-holds-key", CRITICAL, "sources[0].key_file='/tmp/my ca.pem'", NOBODY,
		"store file" },
	{ "ca.store-damaged", WARNING, DEFECT("one-line") REFUSED_BY("0"), NOBODY, DEFECT_KEYS },
	{ "ca.store-damaged", INFO, DEFECT("crlf") REFUSED_BY("1"), NOBODY, DEFECT_KEYS },
	{ "ca.store-damaged", WARNING,
		DEFECT("damaged") REFUSED_BY("0") "sources[0].damaged_count=1", NOBODY,
		DEFECT_KEYS " loaded_in_part_by" },
	{ "ca.store-damaged", CRITICAL,
		STORE_EMPTY DEFECT("cut-off") REFUSED_BY("0")
			REFUSED_BY("1") "sources[0].damaged_count=1",
		NOBODY, DEFECT_KEYS },
	{ "ca.store-format", WARNING, DEFECT("der") REFUSED_BY("0"), NOBODY, DEFECT_KEYS },
	{ "ca.store-format", CRITICAL,
		STORE_EMPTY DEFECT("pkcs12") REFUSED_BY("0")
			REFUSED_BY("1") "sources[0].path=ca.pem",
		NOBODY, DEFECT_KEYS },
	{ "ca.store-empty", CRITICAL, STORE_EMPTY DEFECT("html") "sources[0].path=ca.pem", NOBODY,
		"store holds" },
	{ "ca.store-no-root", WARNING, LINT("trust") "lint.root_count=0", NOBODY,
		"file seen refused_by" },
	{ "ca.store-no-root", CRITICAL, LINT("trust") "lint.root_count=0 lint.leaf_count=2", NOBODY,
		"file seen refused_by" },
	{ "ca.store-duplicate", INFO, LINT("trust") "lint_certs[1].same_as=1", NOBODY,
		"file entry line seen" },
	{ "ca.store-ok", OK, LINT("trust"), NOBODY, "file loaded" },
	{ "ca.store-expired-entry", INFO,
		LINT("trust") "lint.expired_count=1 lint_certs[1].not_after=-1d", NOBODY,
		"subject not_after file entry expired_count" },
	{ "ca.store-expired-entry", CRITICAL,
		LINT("trust") "lint.expired_count=2 lint_certs[1].not_after=-1d "
			      "lint_certs[0].not_after=-1d",
		NOBODY, "subject not_after file entry expired_count" },
	{ "chain.not-loaded", CRITICAL, PAIR("server") "chain.certs=leaf,intermediate,stranger",
		INTERMEDIATE, "file certificate subject" },
	{ "chain.key-mismatch", CRITICAL, PAIR("server") "lint_key.fits=no", NOBODY,
		"file key_file" },
	{ "chain.key-encrypted", CRITICAL,
		PAIR("server") "lint_key.fits=unclear lint_key.format=encrypted-pkcs8", NOBODY,
		"key_file key_format" },
	{ "chain.key-encrypted", INFO,
		PAIR("client") "lint_key.fits=unclear lint_key.format=encrypted-pkcs8", NOBODY,
		"key_file key_format" },
	{ "chain.key-unreadable", CRITICAL, PAIR("server") "lint_key.fits=unclear", NOBODY,
		"file key_file key_format" },
	{ "chain.expired", CRITICAL, PAIR("server") "lint_certs[0].not_after=-1d", NOBODY,
		"file entry subject not_before not_after" },
	{ "chain.key-fits", OK, PAIR("client"), NOBODY, "file key_file key_format" },
	{ "ca.store-unhashed", WARNING,
		"sources[0].kind=dir sources[0].path=/etc/cas sources[0].unhashed=1", NOBODY,
		"store store_count unhashed" },
	{ "ca.leaf-in-store", CRITICAL,
		"path.certs=#1 trust.certs=leaf " REFUSED_FOR_BEING(
			"leaf-as-anchor", "critical") "departure.cert=leaf",
		LEAF, "subject issuer not_after " WHO STORE },
	{ "ca.same-subject", WARNING,
		REFUSED_FOR_BEING("same-subject", "warning") "departure.cert=leaf", LEAF,
		"subject issuer sha256 " WHO STORE },
	{ "ca.contradicting-key-id", WARNING,
		REFUSED_FOR_BEING("issuer-key-id", "warning") "departure.cert=leaf", LEAF,
		"subject issuer " WHO "issuer_key_id ca_key_id issuer_sha256 sha256" },
	{ "ca.contradicting-key-id", WARNING, REFUSED_FOR_BEING("issuer-serial", "warning"),
		INTERMEDIATE,
		"subject issuer " WHO "issuer_key_id ca_key_id issuer_sha256 sha256" },
	{ "ca.contradicting-key-id", WARNING,
		REFUSED_FOR_BEING("issuer-serial", "warning") "departure.cert=root", ROOT,
		"subject issuer " WHO "sha256" },
	{ "ca.ok", OK, "", ROOT, "path anchor sha256 file entry" },
	{ "name.mismatch", CRITICAL, OTHER_NAME, LEAF, "host names suggestion" },
	{ "name.mismatch", CRITICAL, OTHER_NAME, LEAF, "host names suggestion",
		only_name_is_hostile },
	{ "name.mismatch", CRITICAL, OTHER_NAME, LEAF, "host names", only_name_is_an_option },
	{ "name.mismatch", CRITICAL, OTHER_NAME "leaf.names=#0 leaf.common_name=*.example.com",
		LEAF, "host names" },
	{ "name.mismatch", CRITICAL, OTHER_NAME "leaf.names=#0 leaf.common_name=-", LEAF,
		"host names" },
	{ "name.wildcard-depth", CRITICAL,
		NAME_IS("mqtt.eu.example.com",
			"wildcard-depth") "verification.name_entry=*.example.com",
		LEAF, "host names entry_found" },
	{ "name.ip-not-listed", CRITICAL, NAME_IS("192.0.2.99", "ip-not-listed"), LEAF,
		"host names suggestion" },
	{ "name.ip-as-dns", CRITICAL,
		NAME_IS("192.0.2.99", "ip-as-dns") "verification.name_entry=192.0.2.99", LEAF,
		"host names entry_found" },
	{ "name.cn-only", WARNING, CN_ONLY "verification.verified=yes", LEAF, "host names" },
	{ "name.cn-only", CRITICAL, CN_ONLY "verification.profile=webpki", LEAF, "host names" },
	{ "name.cloud-host", WARNING, "target.host=thingsboard.cloud", NOBODY, "host suggestion" },
	{ "ca.ok", OK, "target.host=demo.thingsboard.io", ROOT, "path anchor sha256 file entry" },
	{ "time.clock-wrong", CRITICAL, NOT_YET_VALID CLOCK_IS("@1000") "report.verification=-",
		NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, NOT_YET_VALID CLOCK_IS("-3285d"), NOBODY,
		"clock earliest" },
	{ "time.clock-wrong", CRITICAL,
		NOT_YET_VALID CLOCK_IS("@1000") "report.verification=- report.time_given=yes",
		NOBODY, "clock earliest" },
	{ "time.clock-wrong", CRITICAL, OVER_HTTP "report.time_given=no", NOBODY,
		"clock server_clock", on_the_day_of_release },
	{ "time.expired", CRITICAL, "leaf.not_after=-1 " FAULT("expired", "0"), LEAF, DATES },
	{ "time.expired", CRITICAL,
		"leaf.not_after=-1 intermediate.not_after=-100 " FAULT("expired", "0"),
		INTERMEDIATE, DATES },
	{ "time.expired", CRITICAL, "path.certs=#1 leaf.not_after=-1 " FAULT("expired", "0"), LEAF,
		DATES },
	{ "time.expired", WARNING,
		BEFORE_MQTT "report.trust=- report.verification=- intermediate.not_after=-1",
		INTERMEDIATE, DATES },
	{ "time.not-yet-valid", CRITICAL, NOT_YET_VALID, LEAF,
		"subject not_before not_after judged_at" },
	{ "time.expires-now", CRITICAL, "leaf.not_after=3h", LEAF, DATES },
	{ "time.expires-now", CRITICAL, LEAF_LIVES("-359d", "6d"), LEAF, DATES },
	{ "time.expires-now", CRITICAL, LEAF_LIVES("-358d", "7d-1"), LEAF, DATES },
	{ "time.expires-now", CRITICAL,
		LEAF_LIVES("-315d", "50d") "verification.warn_days=60 verification.crit_days=51",
		LEAF, DATES },
	{ "time.expires-soon", WARNING, LEAF_LIVES("-358d", "7d"), LEAF, DATES },
	{ "time.expires-soon", WARNING, LEAF_LIVES("-335d", "30d-1"), LEAF, DATES },
	{ "time.expires-soon", WARNING, LEAF_LIVES("-5d", "1d"), LEAF, DATES },
	{ "time.expires-soon", WARNING, LEAF_LIVES("-315d", "50d") "verification.warn_days=60",
		LEAF, DATES },
	{ "time.expires-soon", WARNING, LEAF_LIVES("-345d", "20d") "intermediate.not_after=10d",
		INTERMEDIATE, DATES },
	{ "time.ok", OK, LEAF_LIVES("-335d", "30d"), LEAF, DATES },
	{ "time.ok", OK, LEAF_LIVES("-4d", "2d"), LEAF, DATES },
	{ "time.ok", OK, "", LEAF, DATES },
	{ "policy.bad-signature", CRITICAL, FAULT("bad-signature", "0"), LEAF,
		"subject sha256 issuer issuer_key_id issuer_sha256" },
	{ "policy.bad-signature", CRITICAL, CUT_PATH("2", "1", "bad-signature"), INTERMEDIATE,
		"subject sha256 issuer issuer_key_id" },
	{ "policy.not-a-ca", CRITICAL, FAULT("not-a-ca", "1") "intermediate.is_ca=no", INTERMEDIATE,
		"subject sha256 lack key_usage" },
	{ "policy.path-length", CRITICAL, FAULT("path-length", "1"), INTERMEDIATE,
		"subject sha256 path_length path_count" },
	{ "policy.name-constraints", CRITICAL, FAULT("name-constraints", "1"), INTERMEDIATE,
		"subject sha256 host" },
	{ "policy.wrong-purpose", WARNING, "leaf.key_usage=keyEncipherment", LEAF,
		"subject sha256 key_usage" },
	{ "policy.wrong-purpose", WARNING,
		"leaf.key_usage=digitalSignature tls.cipher_suite=TLS_RSA_WITH_AES_128_GCM_SHA256",
		LEAF, "subject sha256 key_usage" },
	{ "policy.wrong-purpose", CRITICAL, "leaf.key_usage=keyCertSign", LEAF,
		"subject sha256 key_usage" },
	{ "policy.wrong-purpose", CRITICAL, FAULT("purpose", "0") "leaf.purposes=clientAuth", LEAF,
		"subject sha256 purposes key_usage" },
	{ "policy.unknown-critical", CRITICAL,
		FAULT("unknown-critical", "0") "leaf.unknown_critical=1.2.3.4", LEAF,
		"subject sha256 oids" },
	{ "policy.weak-signature", WARNING,
		"intermediate.signature_algorithm=RSA-SHA1 intermediate.signature_hash=SHA1",
		INTERMEDIATE, "subject sha256 algorithm issuer" },
	{ "policy.weak-signature", CRITICAL,
		FAULT("weak-signature",
			"0") "leaf.signature_algorithm=RSA-MD5 leaf.signature_hash=MD5",
		LEAF, "subject sha256 algorithm issuer" },
	{ "ca.ok", OK, "root.signature_hash=SHA1", ROOT, "path anchor sha256 file entry" },
	{ "policy.weak-key", WARNING, RSA("1024"), LEAF, "subject sha256 algorithm bits" },
	{ "policy.weak-key", CRITICAL, RSA("512") FAULT("weak-key", "0"), LEAF,
		"subject sha256 algorithm bits" },
	{ "trust.unproven", CRITICAL, UNPROVEN "ca.unproven=root", ROOT,
		"subject subject_key_id not_before not_after sha256" },
	{ "trust.unproven", CRITICAL, UNPROVEN "ca.unproven=root ca.sha256=" SAMPLE_SHA256("4"),
		ROOT, "subject subject_key_id not_before not_after sha256 expected_sha256" },
	{ "trust.unproven", CRITICAL, UNPROVEN, ROOT, "subject issuer" },
	{ "trust.unproven", CRITICAL, SERVED UNPROVEN "ca.unproven=root", ROOT,
		"subject subject_key_id not_before not_after sha256 fetch_url reason" },
	{ "trust.unproven", CRITICAL,
		SERVED UNPROVEN "ca.unproven=root ca.sha256=" SAMPLE_SHA256("4"), ROOT,
		"subject subject_key_id not_before not_after sha256 fetch_url reason "
		"expected_sha256" },
	{ "trust.file-fits", OK, SERVED, ROOT, "subject sha256 fetch_url code content_type" },
	{ "trust.file-proven", OK, "report.ca=ca trust.certs=root trust.cert_count=1", ROOT,
		"subject not_after sha256" },
	{ "trust.file-misfit", CRITICAL, SERVED FAULT("expired", "0") "path.anchored=no", LEAF,
		"subject sha256 fetch_url code content_type" },
	{ "trust.file-not-served", WARNING,
		NO_FILE "served_file.body='{\"message\":\"mqtts pem cert file is not found!\"}' "
			"served_file.status=404 served_file.server=nginx",
		NOBODY, "fetch_url fetch_error code content_type server body" },
	{ "trust.file-not-served", WARNING,
		NO_FILE
		"served_file.status=301 served_file.location=https://elsewhere.example.com/",
		NOBODY, "fetch_url fetch_error code content_type location" },
	{ "trust.file-not-served", WARNING, NO_FILE "served_file.status=401", NOBODY,
		"fetch_url fetch_error code content_type" },
	{ "trust.file-not-served", WARNING, NO_FILE "served_file.body='<html>'", NOBODY,
		"fetch_url fetch_error code content_type body" },
	{ "trust.file-not-served", WARNING,
		NO_FILE "served_file.end=error served_file.status=0 served_file.content_type=- "
			"served_file.detail='Connection refused'",
		NOBODY, "fetch_url fetch_error" },
	{ "policy.revoked", CRITICAL, REVOKED, LEAF,
		"subject sha256 serial revoked reason source file" },
	{ "policy.revoked", CRITICAL,
		REVOKED "revocation.source=ocsp revocation.file=- "
			"revocation.url=http://ocsp.example.com/ said.status=revoked "
			"report.ocsp=query",
		LEAF, "subject sha256 serial revoked reason source ocsp_url" },
	{ "policy.strict-only", WARNING, DEPARTS, INTERMEDIATE,
		"profile subject sha256 departures" },
	{ "policy.strict-only", CRITICAL,
		DEPARTS REFUSED_FOR("subject-key-id", "1") "verification.profile=rfc5280",
		INTERMEDIATE, "profile requirement subject sha256 departures" },
	{ "policy.strict-only", CRITICAL, REFUSED_FOR("max-depth", "2") "verification.max_depth=0",
		ROOT, "profile requirement subject sha256 path_count max_depth" },
	{ "policy.strict-only", CRITICAL, REFUSED_FOR("certificate-policy", "0"), LEAF,
		"profile requirement subject sha256 path_count" },
	{ "policy.wrong-purpose", WARNING,
		REFUSED_FOR_BEING("netscape-type", "warning") "departure.cert=leaf", LEAF,
		"subject sha256 " WHO "purposes departures" },
	{ "policy.wrong-purpose", WARNING,
		REFUSED_FOR_BEING("any-purpose", "warning") "departure.cert=root", ROOT,
		"subject sha256 " WHO "departures" },
	{ "policy.unknown-algorithm", CRITICAL,
		FAULT("unknown-algorithm",
			"1") "root.key_curve=brainpoolP256r1 root.key_bits=0 " REFUSED_FOR_BEING("key-curve",
			"info") "departure.cert=root",
		INTERMEDIATE, "subject sha256 issuer algorithm curve accepted_by" },
	{ "policy.unknown-algorithm", CRITICAL,
		FAULT("unknown-algorithm", "1") "intermediate.signature_algorithm=1.2.840.1",
		INTERMEDIATE, "subject sha256 issuer algorithm curve" },
	{ "policy.critical-constraints", INFO, REFUSED_FOR_BEING("critical-constraints", "info"),
		INTERMEDIATE, "subject sha256 " WHO },
	{ "policy.rare-key", INFO,
		RSA("8192") REFUSED_FOR_BEING("key-large-rsa", "info") "departure.cert=leaf", LEAF,
		"subject sha256 " WHO "algorithm bits" },
	{ "stack.disagree", INFO, "report.verdicts=verdict ", NOBODY, "refused_by" },
	{ "stack.disagree", WARNING, "report.verdicts=verdict verdict.named=yes ", NOBODY,
		"refused_by" },
	{ "stack.disagree", CRITICAL,
		"report.verdicts=verdict verdict.named=yes report.device=esp-idf ", NOBODY,
		"refused_by" },
	{ "stack.no-verdict", INFO, "report.verdicts=verdict verdict.step=crashed ", NOBODY,
		"peer" },
	{ "stack.no-verdict", WARNING,
		"report.verdicts=verdict verdict.step=timeout verdict.named=yes ", NOBODY, "peer" },
	{ "policy.rare-signature", INFO, REFUSED_FOR_BEING("signature-rsa-pss", "info"),
		INTERMEDIATE, "subject sha256 " WHO "algorithm" },
	{ "name.address-only", INFO,
		REFUSED_FOR_BEING("address-entry-only", "info") "departure.cert=leaf", LEAF,
		WHO "host names" },
	{ "policy.weak-key", WARNING, "leaf.key_curve=secp224r1 leaf.key_bits=224", LEAF,
		"subject sha256 algorithm curve bits" },
	{ "mqtt.no-connack", CRITICAL, EARLY("no-connack"), NOBODY, "peer waited_ms" },
	{ "mqtt.closed-before-connack", CRITICAL, CLOSED_EARLY, NOBODY, "peer closed" },
	{ "ws.upgrade-refused", CRITICAL,
		NO_WEBSOCKET "upgrade.status=404 upgrade.reason='Not Found' upgrade.subprotocol=- "
			     "upgrade.proven=no",
		NOBODY, "path code reason server" },
	{ "ws.upgrade-refused", CRITICAL,
		NO_WEBSOCKET "upgrade.status=302 upgrade.location=https://example.com/mqtt "
			     "upgrade.reason=Found upgrade.subprotocol=- upgrade.proven=no",
		NOBODY, "path code reason server location" },
	{ "ws.upgrade-refused", CRITICAL,
		NO_WEBSOCKET "upgrade.status=502 upgrade.reason=- upgrade.server=- "
			     "upgrade.subprotocol=- upgrade.proven=no",
		NOBODY, "path code" },
	{ "ws.upgrade-refused", CRITICAL,
		NO_WEBSOCKET "upgrade.status=403 upgrade.reason=Forbidden upgrade.subprotocol=- "
			     "upgrade.body='<html><title>No</title>' upgrade.proven=no",
		NOBODY, "path code reason server title" },
	{ "ws.upgrade-refused", CRITICAL,
		NO_WEBSOCKET "upgrade.status=-1 upgrade.reason=- upgrade.server=- "
			     "upgrade.subprotocol=- upgrade.proven=no upgrade.first_bytes='220 '",
		NOBODY, "path first_bytes" },
	{ "ws.not-mqtt", CRITICAL, NO_WEBSOCKET "upgrade.subprotocol=graphql-ws", NOBODY,
		"path code reason server subprotocol" },
	{ "ws.not-mqtt", CRITICAL,
		MQTT_ENDS(
			"closed-before-connack") "exchange.connack=-1 report.steps=#4 "
						 "exchange.upgrade=upgrade upgrade.fault='a frame is text, and MQTT needs binary ones'",
		NOBODY, "path code reason server subprotocol fault" },
	{ "mqtt.not-mqtt", CRITICAL, EARLY("not-mqtt") "exchange.first_bytes='HTTP/1.1 400 '",
		NOBODY, "peer first_bytes" },
	{ "mqtt.protocol-version", CRITICAL, REFUSED_WITH("1"), NOBODY, CONNACK },
	{ "mqtt.client-id", CRITICAL, REFUSED_WITH("2"), NOBODY, CONNACK },
	{ "mqtt.unavailable", CRITICAL, REFUSED_WITH("3"), NOBODY, CONNACK " waited_ms" },
	{ "mqtt.unavailable", CRITICAL, REFUSED_WITH("3") "steps[3].duration_us=10000000", NOBODY,
		CONNACK " waited_ms" },
	{ "mqtt.bad-credentials", CRITICAL, REFUSED_WITH("4"), NOBODY, CONNACK },
	{ "mqtt.not-authorized", CRITICAL, CONNACK_5, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, REFUSED_WITH("0x86"), NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL,
		CONNACK_5 EXPLAINED "explanation.end=refused explanation.connack=0x86 "
				    "explanation.connack_name='Bad user name or password' "
				    "explanation.disconnect=0x86 "
				    "explanation.disconnect_name='Bad user name or password'",
		NOBODY, CONNACK " explained explained_name token_len" },
	{ "mqtt.not-authorized", CRITICAL, CONNACK_5 EXPLAINED, NOBODY, CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, CONNACK_5 "token.is_email=yes", NOBODY,
		CONNACK " token_len" },
	{ "mqtt.not-authorized", CRITICAL, CONNACK_5 "token.is_password=yes", NOBODY,
		CONNACK " password_len" },
	{ "mqtt.not-authorized", CRITICAL,
		CONNACK_5
		"token.is_password=yes token.user_is_email=yes token.client_id_is_token=yes",
		NOBODY, CONNACK " password_len" },
	{ "mqtt.client-cert-refused", CRITICAL, CONNACK_5 CERT_SHOWN, NOBODY,
		CONNACK " subject not_before not_after sha256" },
	{ "mqtt.client-cert-refused", CRITICAL,
		CONNACK_5 CERT_SHOWN "stranger.not_after=1700000000", NOBODY,
		CONNACK " subject not_before not_after sha256" },
	{ "mqtt.not-authorized", CRITICAL,
		CONNACK_5 CERT_SHOWN EXPLAINED
		"explanation.end=refused explanation.connack=0x86 "
		"explanation.connack_name='Bad user name or password'",
		NOBODY, CONNACK " explained explained_name token_len" },
	{ "mqtt.not-authorized", CRITICAL,
		CONNACK_5 "token.is_password=yes exchange.client_id_len=9", NOBODY,
		CONNACK " password_len" },
	{ "mqtt.closed-before-connack", CRITICAL,
		CLOSED_EARLY "exchange.mqtt_version=3.1 exchange.client_id_len=24", NOBODY,
		"peer closed" },
	{ "token.sent-in-clear", WARNING, "token.is_password=yes token.in_clear=yes", NOBODY,
		"peer transport" },
	{ "mqtt.unavailable", CRITICAL,
		REFUSED_WITH("3") EXPLAINED "explanation.end=refused explanation.connack=0x9f "
					    "explanation.connack_name='Connection rate exceeded'",
		NOBODY, CONNACK " explained explained_name waited_ms" },
	{ "mqtt.refused", CRITICAL, REFUSED_WITH("0x99"), NOBODY, CONNACK },
	{ "mqtt.suback-refused", CRITICAL, MQTT_ENDS("suback-refused") "exchange.suback=0x80",
		NOBODY, "peer topic suback" },
	{ "mqtt.suback-refused", CRITICAL, NO_SUBACK, NOBODY, "peer topic waited_ms" },
	{ "mqtt.session-ended", CRITICAL, CLOSED_ON_SUBSCRIBE, NOBODY, "peer closed" },
	{ "mqtt.session-ended", CRITICAL,
		CLOSED_FOR_NOTHING EXPLAINED "explanation.end=refused explanation.connack=5 "
					     "explanation.connack_name='Not authorized'",
		NOBODY, "peer closed explained explained_name" },
	{ "mqtt.session-ended", CRITICAL,
		CLOSED_FOR_NOTHING EXPLAINED "explanation.end=done explanation.connack=0 "
					     "explanation.connack_name='Connection accepted'",
		NOBODY, "peer closed explained explained_name" },
	{ "mqtt.session-ended", CRITICAL,
		CLOSED_FOR_NOTHING EXPLAINED "explanation.end=refused explanation.connack=3 "
					     "explanation.connack_name='Server unavailable'",
		NOBODY, "peer closed explained explained_name" },
	{ "mqtt.session-ended", CRITICAL,
		CLOSED_FOR_NOTHING "exchange.mqtt_version=5 exchange.disconnect=0x98 "
				   "exchange.disconnect_name='Administrative action'",
		NOBODY, "peer closed disconnect disconnect_name" },
	{ "mqtt.session-ended", CRITICAL,
		CLOSED_FOR_NOTHING "exchange.mqtt_version=5 exchange.disconnect=0x83 "
				   "exchange.disconnect_name='Implementation specific error'",
		NOBODY, "peer closed disconnect disconnect_name" },
	{ "mqtt.own-topics", CRITICAL,
		MQTT_ENDS("publish-refused") "exchange.mqtt_version=5 exchange.puback=0x90 "
					     "exchange.puback_name='Topic Name invalid'",
		NOBODY, "peer topic puback puback_name" },
	{ "mqtt.own-topics", CRITICAL,
		MQTT_ENDS("publish-refused") TELEMETRY
		"exchange.mqtt_version=5 exchange.puback=0x90 "
		"exchange.puback_name='Topic Name invalid'",
		NOBODY, "peer topic puback puback_name" },
	{ "mqtt.own-topics", CRITICAL, NOT_STORED TOPIC_REFUSED, NOBODY,
		"peer topic puback puback_name" },
	{ "mqtt.closed-on-publish", CRITICAL,
		CLOSED_ON_PUBLISH EXPLAINED "explanation.connack=0 explanation.puback=0x99 "
					    "explanation.puback_name='Payload format invalid'",
		NOBODY, "peer topic closed" },
	{ "mqtt.closed-on-publish", CRITICAL,
		CLOSED_ON_PUBLISH "exchange.session_limits='{\"rateLimits\":{\"messages\":\"1:60\","
				  "\"telemetryMessages\":\"9:1,2:60\"}}'",
		NOBODY, "peer topic closed" },
	{ "mqtt.suback-refused", CRITICAL, CLOSED_ON_SUBSCRIBE "exchange.closed=reset", NOBODY,
		"peer topic closed" },
	{ "mqtt.suback-refused", CRITICAL, CLOSED_ON_SUBSCRIBE "exchange.mqtt_version=5", NOBODY,
		"peer topic closed" },
	{ "mqtt.not-mqtt", CRITICAL, MQTT_ENDS("broken") "exchange.detail='a second CONNACK'",
		NOBODY, "peer detail" },
	{ "mqtt.closed-before-connack", CRITICAL, CLOSED_EARLY "steps[3].duration_us=3000000",
		NOBODY, "peer closed" },
	{ "mqtt.no-puback", CRITICAL, NO_PUBACK, NOBODY, "peer topic waited_ms" },
	{ "mqtt.closed-on-publish", CRITICAL, CLOSED_ON_PUBLISH, NOBODY, "peer topic closed" },
	{ "mqtt.closed-on-publish", CRITICAL,
		CLOSED_ON_PUBLISH "exchange.mqtt_version=5 exchange.disconnect=0x83 "
				  "exchange.disconnect_name='Implementation specific error'",
		NOBODY, "peer topic closed disconnect disconnect_name" },
	{ "mqtt.publish-refused", CRITICAL,
		MQTT_ENDS("publish-refused") "exchange.mqtt_version=5 exchange.puback=0x99 "
					     "exchange.puback_name='Payload format invalid'",
		NOBODY, "peer topic puback puback_name" },
	{ "mqtt.taken-over", CRITICAL, CLOSED_ON_PUBLISH TAKEN_OVER, NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.taken-over", CRITICAL, CLOSED_ON_SUBSCRIBE TAKEN_OVER, NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.taken-over", WARNING, CLOSED_ON_PUBLISH TAKEN_OVER MQTT_ENDS("done"), NOBODY,
		"peer closed disconnect disconnect_name" },
	{ "mqtt.session-ended", CRITICAL, CLOSED_FOR_NOTHING, NOBODY, "peer closed" },
	{ "mqtt.not-thingsboard", INFO, "exchange.fingerprint=0", NOBODY, "peer fingerprint" },
	{ "data.no-response", CRITICAL, NO_RESPONSE "exchange.fingerprint=0", NOBODY,
		"peer connack_ms waited_ms" },
	{ "mqtt.ok", OK, "", NOBODY, CONNACK " waited_ms" },
	{ "mqtt.ok", OK, CERT_SHOWN, NOBODY, CONNACK " waited_ms" },
	{ "proxy.auth", CRITICAL,
		PROXY("refused") "proxy.code=407 proxy.wants_credentials=yes "
				 "proxy.detail='HTTP/1.1 407 Proxy Authentication Required'",
		NOBODY, "proxy peer code answer" },
	{ "proxy.auth", CRITICAL,
		PROXY("refused") "proxy.protocol=socks5 proxy.host=2001:db8::3 proxy.port=1080 "
				 "proxy.with_credentials=yes proxy.wants_credentials=yes "
				 "proxy.detail='user name and password are wrong'",
		NOBODY, "proxy peer answer" },
	{ "proxy.refused", CRITICAL,
		PROXY("refused") "proxy.code=403 proxy.detail='HTTP/1.1 403 Forbidden'", NOBODY,
		"proxy peer code answer" },
	{ "proxy.refused", CRITICAL,
		PROXY("refused") "proxy.protocol=socks5 proxy.port=1080 proxy.code=4 "
				 "proxy.detail='the host is unreachable'",
		NOBODY, "proxy peer code answer" },
	{ "proxy.refused", CRITICAL,
		PROXY("protocol") "proxy.protocol=socks5 proxy.port=1080 proxy.first_bytes='HTTP/1.1 400'",
		NOBODY, "proxy peer first_bytes" },
	{ "proxy.refused", CRITICAL, PROXY("timeout"), NOBODY, "proxy peer" },
	{ "tcp.refused", CRITICAL, REFUSED THROUGH_PROXY "connection.neighbours=#0", NOBODY,
		"host port attempts" },
	{ "tcp.timeout", CRITICAL, NO_SYN_ANSWER THROUGH_PROXY, NOBODY, "host port attempts" },
	{ "tcp.unreachable", CRITICAL, NO_ROUTE THROUGH_PROXY, NOBODY, "host port attempts" },
	{ "http.unauthorized", CRITICAL, POST("401", "refused"), NOBODY,
		"peer request code token_len" },
	{ "http.redirect", CRITICAL,
		POST("308",
			"refused") "requests[0].location=https://other.example.com:8443/api/v1/***/attributes "
				   "requests[0].server=nginx",
		NOBODY, "peer request code location server" },
	{ "http.redirect", CRITICAL,
		POST("302", "refused") "requests[0].location=https://user@evil.example.com/;reboot",
		NOBODY, "peer request code location" },
	{ "http.redirect", CRITICAL, POST("304", "refused"), NOBODY, "peer request code" },
	{ "http.not-device-api", CRITICAL,
		POST("200", "other-reply") "requests[0].content_type=text/html " BODY(
			"requests[0]", "<!DOCTYPE html><html>", "21"),
		NOBODY, "peer request code content_type body" },
	{ "http.not-device-api", CRITICAL,
		GET("other-reply") "requests[1].content_type=- " BODY("requests[1]", "howdy", "5"),
		NOBODY, "peer request code body" },
	{ "http.not-device-api", CRITICAL,
		GET("other-reply") "requests[1].content_type=- " BODY("requests[1]", "-", "0"),
		NOBODY, "peer request code" },
	{ "http.not-device-api", CRITICAL,
		POST("-1",
			"strange") "api.first_bytes=SSH-2.0-OpenSSH_9.2 api.detail='Unsupported protocol'",
		NOBODY, "peer request first_bytes detail" },
	{ "http.timeout", CRITICAL, SILENCE, NOBODY, "peer request" },
	{ "http.timeout", CRITICAL,
		POST("-1", "no-reply") "api.first_bytes='HTTP/1.1 200 OK\\x0d\\x0a'", NOBODY,
		"peer request first_bytes" },
	{ "http.error", CRITICAL,
		POST("500", "refused") "requests[0].content_type=text/plain;charset=UTF-8 " BODY(
			"requests[0]", "\n Can''t parse value: 7\nmore", "28"),
		NOBODY, "peer request code content_type body" },
	{ "http.error", CRITICAL, POST("418", "refused"), NOBODY, "peer request code" },
	{ "http.error", CRITICAL,
		POST("401", "refused") "requests[0].authenticate='Basic realm=\"x\"' ", NOBODY,
		"peer request code authenticate" },
	{ "http.error", CRITICAL,
		POST("400", "refused") BODY("requests[0]",
			"<html><head><title>400 No required SSL certificate was sent</title></head>",
			"72"),
		NOBODY, "peer request code body" },
	{ "http.error", CRITICAL, POST("400", "refused") "token.unfit_for_path=yes ", NOBODY,
		"peer request code" },
	{ "http.error", CRITICAL,
		POST("-1",
			"closed") "api.closed=reset api.detail='Server returned nothing (no headers, no data)'",
		NOBODY, "peer request closed detail" },
	{ "http.error", CRITICAL, SILENCE API_ENDS("closed") "api.closed=closed", NOBODY,
		"peer request closed" },
	{ "http.ok", OK, OVER_HTTP, NOBODY, "peer request code content_type body" },
	{ "coap.unauthorized", CRITICAL, COAP_POST("401", "refused"), NOBODY,
		"peer request coap_code token_len" },
	{ "coap.timeout", CRITICAL, COAP_SILENCE, NOBODY, "peer request datagrams received" },
	{ "coap.timeout", CRITICAL, PING_LOST, NOBODY, "peer datagrams received" },
	{ "coap.timeout", CRITICAL, PING_LOST "datagrams.received=3", NOBODY,
		"peer datagrams received" },
	{ "coap.timeout", CRITICAL, COAP_SILENCE "requests[0].acknowledged=yes", NOBODY,
		"peer request datagrams received" },
	{ "coap.timeout", CRITICAL, COAP_SILENCE "api.first_bytes='HTTP/1.1 400'", NOBODY,
		"peer request datagrams received first_bytes" },
	{ "coap.error", CRITICAL, COAP_POST("500", "refused"), NOBODY, "peer request coap_code" },
	{ "coap.error", CRITICAL,
		OVER_COAP API_ENDS(
			"refused") "requests[1].status=500 requests[1].body=- requests[1].body_len=0",
		NOBODY, "peer request coap_code" },
	{ "coap.error", CRITICAL,
		COAP_POST("418", "refused") BODY("requests[0]", "short and stout", "15"), NOBODY,
		"peer request coap_code body" },
	{ "coap.error", CRITICAL, COAP_POST("201", "other-reply") BODY("requests[0]", "howdy", "5"),
		NOBODY, "peer request coap_code body" },
	{ "coap.error", CRITICAL,
		COAP_POST(
			"-1", "closed") "api.detail='the request was rejected by a Reset message'",
		NOBODY, "peer request datagrams received detail" },
	{ "coap.error", CRITICAL, COAP_POST("-1", "closed") "api.closed=closed", NOBODY,
		"peer request datagrams received closed" },
	{ "coap.ok", OK, OVER_COAP, NOBODY, "peer request coap_code body" },
	{ "coap.ok", OK,
		OVER_COAP "api.read_only=yes api.key=- api.written=- api.read_back=- api.polls=0 "
			  "api.requests=requests[1] requests[1].status=404 requests[1].body=-",
		NOBODY, "peer request coap_code" },
	{ "token.missing", CRITICAL, NOT_SENT "report.token=-", NOBODY, "" },
	{ "token.missing", CRITICAL, GET("not-started") "api.requests=#0 report.token=-", NOBODY,
		"" },
	{ "token.missing", CRITICAL, NOT_SENT "token.len=0", NOBODY, "source" },
	{ "token.whitespace", CRITICAL, BAD_BYTE("CR"), NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, BAD_BYTE("NUL"), NOBODY, "source class position token_len" },
	{ "token.malformed", CRITICAL, BAD_BYTE("length"), NOBODY,
		"source class position token_len" },
	{ "token.placeholder", WARNING, "token.is_placeholder=yes", NOBODY, "source token_len" },
	{ "token.is-uuid", WARNING, TOKEN_IS_UUID, NOBODY, "source token_len" },
	{ "token.is-jwt", WARNING, "token.is_jwt=yes", NOBODY, "source token_len" },
	{ "token.is-jwt", CRITICAL,
		"token.is_jwt=yes token.bad_class=length token.bad_at=512 token.sent=no "
		"token.len=600 report.exchange=-",
		NOBODY, "source token_len" },
	{ "token.unverified-peer", CRITICAL,
		NOT_SENT "verification.verified=no verification.path=- report.chain=-", NOBODY,
		"peer" },
	{ "token.unverified-peer", CRITICAL, NOT_SENT "report.verification=-", NOBODY, "peer" },
	{ "token.sent-in-clear", WARNING,
		"token.in_clear=yes connection.tls=- report.chain=- report.verification=- "
		"report.trust=-",
		NOBODY, "peer transport" },
	{ "data.no-response", CRITICAL, NO_RESPONSE, NOBODY, "peer connack_ms waited_ms" },
	{ "data.other-response", CRITICAL,
		MQTT_ENDS(
			"other-response") "exchange.response_topic=v1/devices/me/attributes/response/7",
		NOBODY, "topic payload" },
	{ "data.other-response", CRITICAL, GET("other-reply") "requests[1].body=[]", NOBODY,
		"topic payload" },
	{ "data.not-stored", CRITICAL,
		NOT_STORED EXPLAINED "explanation.connack=0 explanation.puback=0 "
				     "explanation.published=v1/devices/me/attributes",
		NOBODY, "attribute written polls connack_ms response_ms puback_ms waited_ms" },
	{ "data.not-stored", CRITICAL, NOT_STORED, NOBODY,
		"attribute written polls connack_ms response_ms puback_ms waited_ms" },
	{ "data.not-stored", CRITICAL, GET("not-stored") "steps[4].status=timeout api.read_back=-",
		NOBODY, "attribute written polls post_ms waited_ms" },
	{ "data.stale", WARNING, "exchange.stale=yes exchange.polls=9 steps[7].duration_us=1300000",
		NOBODY, ATTRIBUTE LATENCIES },
	{ "data.ok", OK, "exchange.stale=yes exchange.polls=4", NOBODY, ATTRIBUTE LATENCIES },
	{ "data.stale", WARNING,
		OVER_HTTP "api.stale=yes api.polls=12 steps[4].duration_us=2000000", NOBODY,
		ATTRIBUTE "post_ms visible_ms" },
	{ "mqtt.no-puback", CRITICAL, NO_PUBACK TELEMETRY, NOBODY, "peer topic waited_ms" },
	{ "mqtt.closed-on-publish", CRITICAL, CLOSED_ON_PUBLISH TELEMETRY, NOBODY,
		"peer topic closed" },
	{ "data.ok", OK, "", NOBODY, ATTRIBUTE LATENCIES },
	{ "data.ok", OK, OVER_HTTP, NOBODY, ATTRIBUTE "post_ms visible_ms" },
	{ "data.ok", OK, OVER_COAP, NOBODY, ATTRIBUTE "post_ms visible_ms" },
	{ "data.not-stored", CRITICAL,
		OVER_COAP API_ENDS("not-stored") "api.read_back=- steps[4].status=timeout", NOBODY,
		"attribute written polls post_ms waited_ms" },
};

const size_t spoiled_count = TBDI_COUNT(spoiled_rows);
