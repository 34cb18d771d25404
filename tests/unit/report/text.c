/* SPDX-License-Identifier: MIT
 *
 * text.c - reports made by hand, as a person sees them.
 */
#include "base/common.h"
#include "tests/unit/check-main.h"

/* A line that would forge a finding, a command to the terminal, a right-to-left override. */
#define EVIL                                      \
	"x\nok  ca.ok\x1b[2J\xe2\x80\xae\xc2\x9b" \
	"1m"
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define COMMAND \
	"  cat /etc/thingsboard/conf/mqttserver.pem intermediate.pem >/etc/thingsboard/conf/chain.pem"

static const char *const no_strings[] = { NULL };

static struct tbd_cert leaf, anchor;
static struct tbd_chain chain;
static struct tbd_path path;
static struct tbd_verification verification;
static struct tbd_trust_source source;
static struct tbd_trust_info trust;
static struct tbd_finding finding, consequence;
static struct tbd_exchange exchange;
static struct tbd_packet packet;
static struct tbd_step step;
static struct tbd_target target;
static struct tbd_attempt attempt;
static struct tbd_tls tls;
static struct tbd_connection connection;
static struct tbd_token_info token;
static struct tbd_report report;
static char *text;

static const struct tbd_name names[] = { { TBD_NAME_DNS, "localhost" },
	{ TBD_NAME_IP, "127.0.0.1" } };
static const struct tbd_cert *chain_certs[] = { &leaf };
static const struct tbd_cert *path_certs[] = { &leaf, &anchor };
static const struct tbd_path *paths[] = { &path };
static const struct tbd_trust_source *sources[] = { &source };
static const struct tbd_finding *findings[] = { &finding };
static const struct tbd_finding *consequences[] = { &consequence };
static const struct tbd_packet *packets[] = { &packet };
static const struct tbd_step *steps[] = { &step };
static const struct tbd_attempt *attempts[] = { &attempt };
static const struct tbd_evidence evidence[] = { { "issuer", "CN=Example Issuing CA", 0 },
	{ "sha256", HEX64, 0 }, { "size", NULL, 4097 } };
static const char *const addresses[] = { "http://ca.example/ca.cer", NULL };
static const char *const notes[] = { "no TARGET was given: mqtt.thingsboard.cloud is taken", NULL };

static void make_certs(void)
{
	leaf = (struct tbd_cert){ .subject = "CN=localhost",
		.issuer = "CN=Example Issuing CA",
		.not_before = 1790000000,
		.not_after = 1800000000,
		.names = names,
		.name_count = 2,
		.key_algorithm = "EC",
		.key_curve = "P-256",
		.key_bits = 256,
		.signature_algorithm = "ECDSA-SHA256",
		.sha256 = HEX64,
		.path_length = -1,
		.key_usage = no_strings,
		.purposes = no_strings,
		.aia_issuers = addresses,
		.ocsp_servers = no_strings,
		.crl_points = no_strings };
	anchor = leaf;
	anchor.origin = TBD_ORIGIN_TRUST;
	anchor.subject = "CN=Example Root";
	anchor.file = "ca.pem";
	anchor.entry = 3;
	chain = (struct tbd_chain){ .certs = chain_certs, .count = 1, .message_len = 1234 };
	path = (struct tbd_path){ .certs = path_certs, .count = 2, .anchored = true };
	source = (struct tbd_trust_source){ .path = "ca.pem", .cert_count = 3 };
	trust = (struct tbd_trust_info){ .sources = sources, .source_count = 1 };
	verification = (struct tbd_verification){ .verified = true,
		.name = "localhost",
		.name_match = TBD_MATCH_OK,
		.name_entry = "localhost",
		.path = &path,
		.paths = paths,
		.path_count = 1 };
}

static void make_findings(void)
{
	finding = (struct tbd_finding){ .id = "ca.missing-intermediate",
		.severity = TBD_SEVERITY_CRITICAL,
		.stage = TBD_STAGE_TRUST,
		.summary = "the server does not send the issuer of its certificate, and the trust "
			   "store does not hold it",
		.evidence = evidence,
		.evidence_count = 3,
		.fix = "Send the intermediate after the server's certificate:\n" COMMAND "\nThen "
		       "restart the server.",
		.consequences = consequences,
		.consequence_count = 1 };
	consequence = (struct tbd_finding){ .id = "token.unverified-peer",
		.severity = TBD_SEVERITY_CRITICAL,
		.summary = "the token was not sent" };
}

static void make_connection(void)
{
	target = (struct tbd_target){
		.host = "localhost", .port = 8883, .url = "mqtts://localhost:8883"
	};
	attempt = (struct tbd_attempt){
		.address = "::1", .port = 8883, .connected = true, .duration_us = 420
	};
	tls = (struct tbd_tls){ .end = TBD_END_OK,
		.sni = "localhost",
		.version = "TLS1.3",
		.cipher_suite = "AES-128-GCM",
		.alert = -1,
		.alert_sent = -1 };
	connection = (struct tbd_connection){ .host = "localhost",
		.port = 8883,
		.attempts = attempts,
		.attempt_count = 1,
		.used = &attempt,
		.tls = &tls };
	step = (struct tbd_step){ .name = "tls", .start_us = 1000, .duration_us = 12345 };
	token = (struct tbd_token_info){ .source = TBD_TOKEN_FILE, .len = 20, .sent = true };
	packet =
		(struct tbd_packet){ .time_us = 20000, .sent = true, .type = "CONNECT", .len = 42 };
	exchange = (struct tbd_exchange){ .end = TBD_MQTT_DONE,
		.connack = 0,
		.suback = 1,
		.response_topic = "v1/devices/me/attributes/response/1",
		.response_payload = "{}",
		.packets = packets,
		.packet_count = 1 };
}

static void text_setup(void)
{
	make_certs();
	make_findings();
	make_connection();
	report = (struct tbd_report){ .time = 1795495482,
		.notes = notes,
		.target = &target,
		.connection = &connection,
		.steps = steps,
		.step_count = 1,
		.chain = &chain,
		.trust = &trust,
		.verification = &verification,
		.token = &token,
		.exchange = &exchange,
		.findings = findings,
		.finding_count = 1,
		.worst = TBD_SEVERITY_CRITICAL };
	text = NULL;
}

static void text_teardown(void)
{
	free(text);
}

static void show_report(enum tbd_verbosity verbosity, bool color)
{
	free(text);
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	options.verbosity = verbosity;
	options.color = color;
	ck_assert_int_eq(tbd_report_to_text(&report, &options, &text, NULL), 0);
}

static void assert_shown(const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "missing: %s\nin:\n%s", part, text);
}

static void assert_hidden(const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "should not be there: %s\nin:\n%s", part, text);
}

TEST_GROUP(.setup = text_setup, .teardown = text_teardown);

TEST(finding)
{
	show_report(TBD_VERBOSITY_QUIET, false);
	ck_assert_str_eq(text,
		"critical  ca.missing-intermediate  localhost:8883\n"
		"  the server does not send the issuer of its certificate, and the trust store\n"
		"  does not hold it\n"
		"  fix:\n"
		"    Send the intermediate after the server's certificate:\n"
		"    " COMMAND "\n"
		"    Then restart the server.\n"
		"  therefore critical  token.unverified-peer  localhost:8883\n"
		"    the token was not sent\n");
}

TEST(quiet_still_says_insecure)
{
	report.insecure = true;
	show_report(TBD_VERBOSITY_QUIET, false);
	ck_assert_ptr_eq(strstr(text, "INSECURE"), text);
}

TEST(quiet_when_all_is_well)
{
	finding.severity = report.worst = TBD_SEVERITY_INFO;
	show_report(TBD_VERBOSITY_QUIET, false);
	ck_assert_str_eq(text, "");
}

TEST(order)
{
	static const char *const parts[] = { "critical  ca.missing", "  fix:\n", "  seen:\n",
		"\nConnected with result code 0\n", "\nChain\n", "\nChain as sent\n",
		"\nVerification\n", "\nRound trip\n", "\nRun\n", "\nnote: no TARGET",
		"\nverdict: critical  ca.missing-intermediate on localhost:8883\n" };
	show_report(TBD_VERBOSITY_VERBOSE, false);
	const char *at = text;
	for (size_t i = 0; i < TBDI_COUNT(parts); i++) {
		const char *found = strstr(at, parts[i]);
		ck_assert_msg(found != NULL, "missing or too early: %s\nin:\n%s", parts[i], text);
		at = found;
	}
}

TEST(example_lines)
{
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown("\nConnected with result code 0\nTopic: v1/devices/me/attributes/response/1\n"
		     "Message: {}\n");
	exchange.connack = 5;
	exchange.response_topic = exchange.response_payload = NULL;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown("\nConnected with result code 5\n");
	assert_hidden("Topic:");
	exchange.connack = -1;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_hidden("Connected with");
}

TEST(chain)
{
	static const char summary[] =
		"  0 CN=localhost\n    issuer      CN=Example Issuing CA\n"
		"    names       DNS:localhost, IP:127.0.0.1\n"
		"    valid       2026-09-21T14:13:20Z to 2027-01-15T08:00:00Z, 52 days left\n";
	static const char details[] =
		"    key         EC P-256\n    signature   ECDSA-SHA256\n"
		"    sha256      " HEX64 "\n    CA          no (no basicConstraints)\n"
		"    issuer at   http://ca.example/ca.cer\n";
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_shown(summary);
	assert_shown(details);
	assert_shown("    anchor      ca.pem, entry 3\n");
	assert_shown("  name        localhost: ok (localhost)\n");
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_hidden(summary);
	report.verification = NULL;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown(summary);
	assert_shown(details);
}

TEST(what_is_fine_is_short)
{
	finding.severity = TBD_SEVERITY_OK;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_hidden("4097");
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_shown("    size    4097\n");
}

TEST(consequence_is_short)
{
	consequence.fix = "Mend the chain first.";
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown(
		"  therefore critical  token.unverified-peer  localhost:8883\n    the token was not sent\n");
	assert_hidden("Mend the chain first.");
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_shown("    fix:\n      Mend the chain first.\n");
}

TEST(validity)
{
	finding.severity = TBD_SEVERITY_OK;
	report.time = leaf.not_after + 86400 * 3;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown("expired 3 days ago");
	report.time = leaf.not_before - 86400 * 2;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown("valid in 2 days");
	report.time = leaf.not_after - 86400;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown(", 1 day left\n");
}

TEST(verbose_adds)
{
	step.detail = "TLS1.3";
	packet.detail = "clean session, user name masked";
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_hidden("Packets");
	assert_hidden("Steps");
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_shown(
		"Packets\n     20.0 ms  -> CONNECT         42 bytes  clean session, user name masked\n");
	assert_shown("Steps\n  tls         at 1.0 ms, took 12.3 ms: TLS1.3\n");
	assert_shown("  attempt     [::1]:8883: connected, 0.4 ms\n");
}

TEST(color)
{
	show_report(TBD_VERBOSITY_NORMAL, true);
	assert_shown("\033[1;31mcritical\033[0m  ca.missing-intermediate  localhost:8883\n");
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_hidden("\033");
}

/* Whatever a peer, a file or a resolver says. */
static void make_evil(void)
{
	static const struct tbd_name evil_names[] = { { TBD_NAME_DNS, EVIL } };
	static const struct tbd_evidence evil_evidence[] = { { "issuer", EVIL, 0 } };
	static const char *const evil_list[] = { EVIL, NULL };
	leaf.subject = leaf.issuer = leaf.key_algorithm = leaf.key_curve =
		leaf.signature_algorithm = EVIL;
	leaf.names = evil_names;
	leaf.name_count = 1;
	leaf.subject_key_id = leaf.authority_key_id = EVIL;
	leaf.aia_issuers = leaf.ocsp_servers = leaf.crl_points = leaf.key_usage = leaf.purposes =
		evil_list;
	anchor.subject = anchor.file = source.path = source.holds = EVIL;
	verification.name = verification.name_entry = EVIL;
	finding.summary = EVIL;
	finding.evidence = evil_evidence;
	finding.evidence_count = 1;
	finding.fix = NULL; /* the rule escapes what it fills in: its line feeds are meant */
	exchange.library = exchange.connack_name = exchange.response_topic = EVIL;
	exchange.response_payload = exchange.key = exchange.written = exchange.read_back = EVIL;
	exchange.detail = exchange.first_bytes = packet.detail = step.detail = EVIL;
	target.url = attempt.address = attempt.detail = connection.host = EVIL;
	connection.redirected = true;
	attempt.connected = false;
	tls.sni = tls.version = tls.cipher_suite = tls.group = tls.last_message = tls.detail = EVIL;
	tls.alert = 48;
	tls.alert_name = tls.first_bytes = EVIL;
	report.notes = evil_list;
}

TEST(no_raw_control_byte)
{
	make_evil();
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_hidden("\nok  ca.ok");
	assert_hidden("\xe2\x80\xae");
	for (const unsigned char *byte = (const unsigned char *)text; *byte != '\0'; byte++)
		ck_assert_msg(
			*byte == '\n' || (*byte >= 0x20 && *byte < 0x7f), "byte 0x%02x", *byte);
}

TEST(fits_80_columns)
{
	make_evil();
	finding.fix = "Do:\n" COMMAND;
	exchange.response_topic = exchange.response_payload = "{}";
	show_report(TBD_VERBOSITY_VERBOSE, false);
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		int len = (int)strcspn(line, "\n");
		ck_assert_msg(
			len <= 80 || strncmp(line, "    " COMMAND, 10) == 0, "%.*s", len, line);
	}
}

TEST(many_names)
{
	static struct tbd_name many[1000];
	for (size_t i = 0; i < TBDI_COUNT(many); i++)
		many[i] = names[0];
	leaf.names = many;
	leaf.name_count = TBDI_COUNT(many);
	report.verification = NULL;
	show_report(TBD_VERBOSITY_NORMAL, false);
	assert_shown("980 more\n");
}

TEST(malformed_certificate)
{
	leaf = (struct tbd_cert){ .error = "not a certificate", .sha256 = HEX64 };
	show_report(TBD_VERBOSITY_VERBOSE, false);
	assert_shown("  0 (malformed)\n    malformed   not a certificate\n");
}

/* What a run shows that got nowhere. */
TEST(empty_report)
{
	report = (struct tbd_report){ .notes = no_strings };
	show_report(TBD_VERBOSITY_VERBOSE, false);
	ck_assert_str_eq(text,
		"no findings\n\nRun\n  judged at   1970-01-01T00:00:00Z\n\nverdict: ok, found nothing to mend\n");
}

/* ---- what the options do ---------------------------------------------------------------------- */

static void show_with(const struct tbd_text_options *options)
{
	free(text);
	text = NULL;
	ck_assert_int_eq(tbd_report_to_text(&report, options, &text, NULL), 0);
}

TEST(no_options)
{
	const struct tbd_text_options plain = TBD_TEXT_OPTIONS_INIT;
	show_with(&plain);
	char *shown = text;
	text = NULL;
	show_with(NULL);
	ck_assert_str_eq(text, shown);
	free(shown);
}

TEST(options_of_another_size)
{
	struct tbd_error error = { "" };
	const struct tbd_text_options wrong = { .size = 1 };
	ck_assert_int_eq(tbd_report_to_text(&report, &wrong, &text, &error), TBD_E_INVALID);
	ck_assert_ptr_null(text);
	ck_assert_str_ne(error.text, "");
}

TEST(utf8)
{
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	finding.severity = TBD_SEVERITY_OK;
	show_with(&options);
	assert_shown("\n   | issued by\n");
	options.utf8 = true;
	show_with(&options);
	assert_shown("\n   \xe2\x94\x82 issued by\n");
}

/* How often the fix is shown. */
static size_t count_fixes(void)
{
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, COMMAND)) != NULL; at++)
		count++;
	return count;
}

TEST(a_terminal_that_is_too_low)
{
	struct tbd_text_options options = TBD_TEXT_OPTIONS_INIT;
	options.more = "--all";
	options.height = 200;
	show_with(&options);
	assert_shown("\nverdict: critical  ca.missing-intermediate on localhost:8883 - more: "
		     "--all\n");
	ck_assert_uint_eq(count_fixes(), 1);
	options.height = 10;
	show_with(&options);
	ck_assert_uint_eq(count_fixes(), 2);
	assert_shown("- more: --all\n  the server does not send");
	options.height = 0;
	show_with(&options);
	ck_assert_uint_eq(count_fixes(), 1);
}

TEST(answers_come_first)
{
	static struct tbd_finding answer = { .id = "chain.as-expected",
		.summary = "yes: what is served is what chain.pem holds" };
	const struct tbd_finding *both[] = { &finding, &answer };
	report.findings = both;
	report.finding_count = 2;
	show_report(TBD_VERBOSITY_NORMAL, false);
	ck_assert_ptr_eq(strstr(text, "ok  chain.as-expected  localhost:8883\n  yes: "), text);
	assert_shown("\ncritical  ca.missing-intermediate");
	assert_shown("\nverdict: critical  ca.missing-intermediate");
}
