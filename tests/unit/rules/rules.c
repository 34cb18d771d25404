/* SPDX-License-Identifier: MIT
 *
 * rules.c - each rule on a hand-made report, and what all rules have to keep to.
 */
#include "rules/catalogue.h"

#include "tests/unit/check-main.h"
#include "tests/unit/fault-table.h"

#include <ctype.h>

#define OK TBD_SEVERITY_OK
#define INFO TBD_SEVERITY_INFO
#define WARNING TBD_SEVERITY_WARNING
#define CRITICAL TBD_SEVERITY_CRITICAL

static const struct tbd_cert *cert_of(const struct sample *sample, enum spoiled_cert whose)
{
	switch (whose) {
	case LEAF:
		return &sample->leaf;
	case INTERMEDIATE:
		return &sample->intermediate;
	case ROOT:
		return &sample->root;
	case STRANGER:
		return &sample->stranger;
	case NOBODY:
		break;
	}
	return NULL;
}

static const struct spoiled *row_of(const char *id)
{
	const struct spoiled *row = spoiled_rows;
	while (strcmp(row->id, id) != 0)
		row++;
	return row;
}

static struct sample *judge_sample(struct sample *sample)
{
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	return sample;
}

static struct sample *judged_row(const struct spoiled *row)
{
	return judge_sample(sample_spoiled(row));
}

static struct sample *judged(const char *changes)
{
	return judge_sample(sample_with(changes));
}

static const struct tbd_finding *find_finding(const struct tbd_report *report, const char *id)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (strcmp(report->findings[i]->id, id) == 0)
			return report->findings[i];
	return NULL;
}

static void check_evidence(const struct tbd_finding *finding, const char *expected)
{
	char keys[256] = "";
	size_t len = 0;
	for (size_t i = 0; i < finding->evidence_count; i++)
		len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s", len > 0 ? " " : "",
			finding->evidence[i].key);
	size_t want = strlen(expected);
	while (want > 0 && expected[want - 1] == ' ')
		want--;
	ck_assert_msg(len == want && strncmp(keys, expected, want) == 0,
		"%s: evidence is \"%s\", not \"%s\"", finding->id, keys, expected);
}

TEST_TIMES(row, spoiled_count)
{
	const struct spoiled *row = &spoiled_rows[_i];
	struct sample *sample = judged_row(row);
	const struct tbd_report *report = sample->report;
	const struct tbd_finding *finding = find_finding(report, row->id);
	ck_assert_msg(finding != NULL, "row %d: no %s, but %s", _i, row->id,
		report->finding_count > 0 ? report->findings[0]->id : "nothing");
	ck_assert_str_eq(tbd_severity_name(finding->severity), tbd_severity_name(row->severity));
	ck_assert_int_eq(report->worst, row->severity);
	ck_assert_ptr_eq(finding->cert, cert_of(sample, row->cert));
	check_evidence(finding, row->evidence);
	/* One thing is wrong, and one finding says so, before all others. */
	if (row->severity > OK)
		ck_assert_str_eq(report->findings[0]->id, row->id);
	for (size_t i = 1; i < report->finding_count; i++)
		ck_assert_msg(report->findings[i]->severity <= INFO, "row %d: %s, and also %s", _i,
			row->id, report->findings[i]->id);
	sample_free(sample);
}

/* ---- what all findings keep to --------------------------------------------------------------- */

static void check_declared(const struct tbd_finding *finding)
{
	const struct tbd_rule *rule = tbd_rule_find(finding->id);
	ck_assert_msg(rule != NULL, "%s is no rule", finding->id);
	ck_assert_int_eq(rule->stage, finding->stage);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		bool declared = false;
		for (const char *const *key = rule->evidence; *key != NULL; key++)
			declared = declared || strcmp(*key, finding->evidence[i].key) == 0;
		ck_assert_msg(declared, "%s does not declare its evidence %s", finding->id,
			finding->evidence[i].key);
	}
	ck_assert_msg(finding->summary[0] != '\0' && strchr(finding->summary, '\n') == NULL &&
			finding->summary[strlen(finding->summary) - 1] != '.',
		"%s: \"%s\" is no sentence without full stop", finding->id, finding->summary);
	for (size_t i = 0; i < finding->consequence_count; i++)
		check_declared(finding->consequences[i]);
}

TEST_TIMES(findings_keep_to_their_rules, spoiled_count)
{
	struct sample *sample = judged_row(&spoiled_rows[_i]);
	for (size_t i = 0; i < sample->report->finding_count; i++)
		check_declared(sample->report->findings[i]);
	sample_free(sample);
}

enum { VALUE_MIN = 4 }; /* shorter texts may stand in any sentence */

static bool holds(const char *text, const char *value)
{
	return value != NULL && strlen(value) >= VALUE_MIN && strstr(text, value) != NULL;
}

/* A platitude is true of every report: a fix has to name something of this one. */
static bool names_a_value(const struct tbd_report *report, const struct tbd_finding *finding)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (holds(finding->fix, finding->evidence[i].text))
			return true;
	return holds(finding->fix, tbdi_report_host(report));
}

static bool is_about_certificates(enum tbd_stage stage)
{
	return stage >= TBD_STAGE_CHAIN && stage <= TBD_STAGE_POLICY;
}

TEST_TIMES(fix_is_no_platitude, spoiled_count)
{
	struct sample *sample = judged_row(&spoiled_rows[_i]);
	for (size_t i = 0; i < sample->report->finding_count; i++) {
		const struct tbd_finding *finding = sample->report->findings[i];
		if (finding->severity < WARNING) {
			ck_assert_msg(finding->severity != OK || finding->fix == NULL,
				"%s mends what is fine", finding->id);
			continue;
		}
		ck_assert_msg(finding->fix != NULL, "%s has no fix", finding->id);
		bool must = finding->severity == CRITICAL && is_about_certificates(finding->stage);
		ck_assert_msg(!must || names_a_value(sample->report, finding),
			"%s: a platitude: %s", finding->id, finding->fix);
	}
	sample_free(sample);
}

/* "CONFIG_...=16384", "subjectKeyIdentifier = hash" */
static bool is_setting(const char *line)
{
	size_t len = 0;
	while (isalnum((unsigned char)line[len]) || line[len] == '_')
		len++;
	return len > 0 && (line[len] == '=' || strncmp(line + len, " = ", 3) == 0);
}

static bool is_command(const char *line)
{
	static const char *const programs[] = { "apt-get", "awk", "cat", "certbot", "curl", "date",
		"echo", "export", "grep", "head", "iconv", "keytool", "ls", "mosquitto_pub",
		"openssl", "printf", "sed", "systemctl", "tbdiag", "timedatectl" };
	size_t len = strcspn(line, " ");
	for (size_t i = 0; i < TBDI_COUNT(programs); i++)
		if (strlen(programs[i]) == len && strncmp(programs[i], line, len) == 0)
			return true;
	return false;
}

/* What is set off to be pasted can be. */
TEST_TIMES(fix_can_be_pasted, spoiled_count)
{
	struct sample *sample = judged_row(&spoiled_rows[_i]);
	for (size_t i = 0; i < sample->report->finding_count; i++) {
		const struct tbd_finding *finding = sample->report->findings[i];
		bool ours = finding->stage >= TBD_STAGE_CHAIN && finding->stage <= TBD_STAGE_POLICY;
		const char *line = ours ? finding->fix : NULL;
		for (; line != NULL; line = strchr(line, '\n')) {
			line += *line == '\n';
			if (strncmp(line, "  ", 2) == 0)
				ck_assert_msg(is_command(line + 2) || is_setting(line + 2),
					"%s: what program is that?%s", finding->id, line);
		}
	}
	sample_free(sample);
}

static bool has_critical_row(const char *id)
{
	for (size_t i = 0; i < spoiled_count; i++)
		if (strcmp(spoiled_rows[i].id, id) == 0 && spoiled_rows[i].severity == CRITICAL)
			return true;
	return false;
}

/* The test above sees each of them. */
TEST(every_fix_is_looked_at)
{
	size_t count, seen = 0;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++) {
		if (rules[i]->severity != CRITICAL || !is_about_certificates(rules[i]->stage))
			continue;
		ck_assert_msg(has_critical_row(rules[i]->id), "no row in which %s is critical",
			rules[i]->id);
		seen++;
	}
	ck_assert_uint_gt(seen, 25);
}

TEST(platitudes_are_recognised)
{
	struct sample *sample = judged(WRONG_ROOT);
	struct tbd_finding finding = *sample->report->findings[0];
	ck_assert(names_a_value(sample->report, &finding));
	finding.fix = tbd_rule_find(finding.id)->fix;
	ck_assert(!names_a_value(sample->report, &finding));
	sample_free(sample);
}

/* ---- what all rows keep to ------------------------------------------------------------------- */

TEST(every_rule_has_a_row)
{
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rule->pub.id != NULL; rule++) {
			bool found = rule->match == NULL;
			for (size_t i = 0; i < spoiled_count; i++)
				found = found || strcmp(spoiled_rows[i].id, rule->pub.id) == 0;
			ck_assert_msg(found, "no row tests %s", rule->pub.id);
		}
}

static void check_text(const char *id, const char *text, size_t least, size_t most)
{
	ck_assert_msg(text != NULL && strlen(text) >= least && strlen(text) <= most,
		"%s: too short or too long: %s", id, text);
	for (const char *c = text; *c != '\0'; c++)
		ck_assert_msg(isprint((unsigned char)*c), "%s: not ASCII: %s", id, text);
}

TEST(texts)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	ck_assert_uint_gt(count, 60);
	for (size_t i = 0; i < count; i++) {
		const struct tbd_rule *rule = rules[i];
		check_text(rule->id, rule->title, 10, 72);
		check_text(rule->id, rule->why, 120, 1000);
		check_text(rule->id, rule->fix, 10, 300);
		ck_assert_ptr_eq(tbd_rule_find(rule->id), rule);
		ck_assert_msg(
			i == 0 || rules[i - 1]->stage <= rule->stage, "%s: out of order", rule->id);
	}
	ck_assert_ptr_null(tbd_rule_find("ca.nonsense"));
}

/* ---- the order of findings ------------------------------------------------------------------- */

TEST(consequence_of_one_cause)
{
	struct sample *sample = judged(WRONG_ROOT "report.token=token token.sent=no");
	ck_assert_uint_eq(sample->report->finding_count, 1);
	const struct tbd_finding *cause = sample->report->findings[0];
	ck_assert_str_eq(cause->id, "ca.wrong-root");
	ck_assert_uint_eq(cause->consequence_count, 1);
	ck_assert_str_eq(cause->consequences[0]->id, "token.unverified-peer");
	sample_free(sample);
}

TEST(consequence_of_two_causes)
{
	struct sample *sample = judged(WRONG_ROOT NAME_IS(
		"broker.example.org", "mismatch") "report.token=token token.sent=no");
	ck_assert_uint_eq(sample->report->finding_count, 3);
	ck_assert_str_eq(sample->report->findings[0]->id, "ca.wrong-root");
	ck_assert_str_eq(sample->report->findings[1]->id, "name.mismatch");
	ck_assert_str_eq(sample->report->findings[2]->id, "token.unverified-peer");
	ck_assert_uint_eq(sample->report->findings[0]->consequence_count, 0);
	sample_free(sample);
}

/* An unusable store explains what it does not hold, and that is why the token stayed here. */
TEST(consequences_have_one_root)
{
	struct sample *sample = judged(STORE_EMPTY "report.token=token token.sent=no");
	ck_assert_uint_eq(sample->report->finding_count, 1);
	const struct tbd_finding *cause = sample->report->findings[0];
	ck_assert_str_eq(cause->id, "ca.store-empty");
	ck_assert_uint_eq(cause->consequence_count, 2);
	ck_assert_str_eq(cause->consequences[0]->id, "ca.wrong-root");
	ck_assert_str_eq(cause->consequences[1]->id, "token.unverified-peer");
	sample_free(sample);
}

TEST(severity_first)
{
	struct sample *sample = judged(LARGE_CHAIN ROOT_SENT CONNACK_5 TOKEN_IS_UUID);
	static const char *const order[] = { "mqtt.not-authorized", "chain.large", "token.is-uuid",
		"chain.root-sent", "ca.ok", "time.ok" };
	ck_assert_uint_eq(sample->report->finding_count, TBDI_COUNT(order));
	for (size_t i = 0; i < TBDI_COUNT(order); i++)
		ck_assert_str_eq(sample->report->findings[i]->id, order[i]);
	sample_free(sample);
}

TEST(all_is_well)
{
	struct sample *sample = judged("");
	static const char *const order[] = { "ca.ok", "time.ok", "mqtt.ok", "data.ok" };
	ck_assert_uint_eq(sample->report->finding_count, TBDI_COUNT(order));
	for (size_t i = 0; i < TBDI_COUNT(order); i++)
		ck_assert_str_eq(sample->report->findings[i]->id, order[i]);
	ck_assert_int_eq(sample->report->worst, OK);
	sample_free(sample);
}

TEST(empty_report)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	static const int64_t now = SAMPLE_TIME;
	options.time = &now;
	struct tbd_report *report = NULL;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_uint_eq(report->finding_count, 0);
	ck_assert_int_eq(report->worst, OK);
	tbd_report_free(report);
}

/* ---- nothing is left unexplained ------------------------------------------------------------- */

static void assert_critical(struct sample *sample, const char *what)
{
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_msg(sample->report->worst == CRITICAL, "%s is not explained", what);
	sample_free(sample);
}

TEST_RANGE(every_fault_is_explained, TBD_FAULT_NO_ISSUER, TBD_FAULT_UNKNOWN_ALGORITHM + 1)
{
	struct sample *sample = sample_with(CUT_PATH("1", "0", "no-issuer"));
	enum tbd_fault fault = (enum tbd_fault)_i;
	if (fault == TBD_FAULT_EXPIRED)
		sample->leaf.not_after = SAMPLE_TIME - 1;
	if (fault == TBD_FAULT_NOT_YET_VALID)
		sample->leaf.not_before = SAMPLE_TIME + 1;
	sample->path.fault = fault;
	sample->path.anchored = fault >= TBD_FAULT_BAD_SIGNATURE && fault != TBD_FAULT_MALFORMED;
	assert_critical(sample, tbd_fault_name(fault));
}

TEST_RANGE(every_mqtt_end_is_explained, TBD_MQTT_NO_CONNACK, TBD_MQTT_DONE)
{
	struct sample *sample = sample_new();
	sample->exchange.end = (enum tbd_mqtt_end)_i;
	sample->exchange.connack = 0xff;
	sample->upgrade.accepted = false;
	if (sample->exchange.end == TBD_MQTT_NO_WEBSOCKET)
		sample->exchange.upgrade = &sample->upgrade;
	assert_critical(sample, tbd_mqtt_end_name(sample->exchange.end));
}

TEST_AGAIN(every_mqtt_end_is_explained, TBD_MQTT_BROKEN, TBD_MQTT_NO_WEBSOCKET + 1);

TEST_RANGE(every_api_end_is_explained, TBD_API_NO_REPLY, TBD_API_DONE)
{
	struct sample *sample = sample_with(OVER_HTTP);
	sample->api.end = (enum tbd_api_end)_i;
	if (sample->api.end == TBD_API_REFUSED)
		sample->requests[1].status = 999;
	assert_critical(sample, tbd_api_end_name(sample->api.end));
}

/* What we refuse ourselves, the rules of the certificate explain. */
TEST_RANGE(every_tls_end_is_explained, TBD_END_TIMEOUT, TBD_END_CIPHER + 1)
{
	struct sample *sample = sample_with(BEFORE_MQTT "report.chain=- report.verification=-");
	sample->tls.end = (enum tbd_end)_i;
	if (sample->tls.end == TBD_END_REFUSED)
		sample_free(sample);
	else
		assert_critical(sample, tbd_end_name(sample->tls.end));
}

TEST_RANGE(every_tcp_end_is_explained, TBD_END_TIMEOUT, TBD_END_ERROR + 1)
{
	struct sample *sample = sample_with(BEFORE_TLS);
	sample->connection.tcp = (enum tbd_end)_i;
	assert_critical(sample, tbd_end_name(sample->connection.tcp));
}

/* ---- texts ----------------------------------------------------------------------------------- */

TEST(insecure_is_said)
{
	struct sample *sample = judged("trust.certs=stranger path.certs=#2 path.anchored=no "
				       "path.fault=no-issuer verification.verified=no "
				       "report.insecure=yes");
	static const char *const ids[] = { "ca.wrong-root", "mqtt.ok", "data.ok" };
	for (size_t i = 0; i < TBDI_COUNT(ids); i++) {
		const struct tbd_finding *finding = find_finding(sample->report, ids[i]);
		ck_assert(finding != NULL && strstr(finding->summary, "--insecure") != NULL);
	}
	ck_assert_ptr_null(find_finding(sample->report, "token.unverified-peer"));
	sample_free(sample);
}

/* A peer's name must not become a command, nor a line of its own. */
TEST(names_are_quoted)
{
	struct sample *sample = judged_row(&row_of("name.mismatch")[1]);
	const char *fix = sample->report->findings[0]->fix;
	static const char command[] = "  tbdiag verify 'mqtts://x; rm -rf ~ '\\''\\x0a:8883' "
				      "--connect-to mqtt.example.com:8883 "
				      "--ca-file '/tmp/my ca.pem'\n";
	ck_assert_ptr_nonnull(strstr(fix, command));
	sample_free(sample);
}

/* Of the addresses a certificate names, only one of the web can be fetched. */
TEST(issuer_is_fetched_from_the_web)
{
	struct sample *sample = judged(LDAP_AIA);
	const char *fix = sample->report->findings[0]->fix;
	ck_assert_ptr_nonnull(
		strstr(fix, "what the CA publishes at http://ca.example.com/second.der"));
	sample_free(sample);
}

TEST(refusal_names_the_setting)
{
	struct sample *sample = judged(REFUSED_BESIDE_OPEN);
	ck_assert_ptr_nonnull(
		strstr(sample->report->findings[0]->fix, "  export MQTT_SSL_ENABLED=true"));
	sample_free(sample);
	sample = judged(REFUSED);
	ck_assert_ptr_nonnull(strstr(sample->report->findings[0]->summary, "not started"));
	sample_free(sample);
}

/* A server of HTTP has settings of its own, and a port that is not the web's. */
/* To the port that was dialled in vain nobody is sent again. */
TEST(silent_port_is_not_proposed)
{
	size_t seen = 0;
	for (size_t i = 0; i < spoiled_count; i++) {
		if (strcmp(spoiled_rows[i].id, "tls.timeout") != 0)
			continue;
		struct sample *sample = judged_row(&spoiled_rows[i]);
		const struct tbd_connection *connection = sample->report->connection;
		if (connection->tls->bytes_in == 0 && connection->datagrams == NULL) {
			const struct tbd_finding *finding =
				find_finding(sample->report, "tls.timeout");
			const char *fix = finding != NULL ? finding->fix : "";
			ck_assert_ptr_nonnull(strstr(fix, "ss -ltnp 'sport = :8883'"));
			ck_assert_ptr_null(strstr(fix, "tbdiag chain"));
			seen++;
		}
		sample_free(sample);
	}
	ck_assert_uint_gt(seen, 0);
}

TEST(http_has_its_own_settings)
{
	struct sample *sample =
		judged("report.target=http_target connection.port=443 " REFUSED_BESIDE_OPEN);
	const char *fix = sample->report->findings[0]->fix;
	/* That port is not open either. */
	ck_assert_ptr_null(strstr(fix, ":8080"));
	sample_free(sample);
	sample = judged("report.target=http_target connection.port=443 " REFUSED_BESIDE_OPEN
			"connection.neighbours=#0");
	fix = sample->report->findings[0]->fix;
	ck_assert_ptr_nonnull(strstr(fix, "  tbdiag verify https://mqtt.example.com:8080"));
	ck_assert_ptr_nonnull(strstr(fix, "With SSL_ENABLED=true that port speaks TLS, else not"));
	ck_assert_ptr_nonnull(strstr(fix, "  export SSL_ENABLED=true HTTP_BIND_PORT=443"));
	sample_free(sample);
	sample = judged("report.target=http_target " LDAP_AIA);
	fix = sample->report->findings[0]->fix;
	ck_assert_ptr_nonnull(strstr(fix, "  export SSL_PEM_CERT=fullchain.pem"));
	ck_assert_ptr_null(strstr(fix, "MQTT"));
	sample_free(sample);
}

/* Of where a server redirects to, only a host can be pasted. */
TEST(redirection_is_followed_by_hand)
{
	struct sample *sample = judged_row(row_of("http.redirect"));
	const char *fix = sample->report->findings[0]->fix;
	ck_assert_ptr_nonnull(strstr(fix, "  tbdiag roundtrip https://other.example.com:8443"));
	sample_free(sample);
	sample = judged_row(&row_of("http.redirect")[1]);
	fix = sample->report->findings[0]->fix;
	ck_assert_ptr_null(strstr(fix, "evil"));
	ck_assert_ptr_nonnull(strstr(fix,
		"  curl -sS -i --cacert '/tmp/my ca.pem' https://mqtt.example.com:443/api/v1/none/attributes"));
	sample_free(sample);
}

static void assert_fix_has(struct sample *sample, const char *line)
{
	const struct tbd_finding *finding = sample->report->findings[0];
	ck_assert_msg(strstr(finding->fix, line) != NULL, "%s: no \"%s\" in\n%s", finding->id, line,
		finding->fix);
}

/* A certificate that is issued again keeps its names: other devices dial them. */
TEST(issued_again_with_all_names)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "a.example.com" },
		{ TBD_NAME_IP, "192.0.2.7" }, { TBD_NAME_EMAIL, "x@example.com" },
		{ TBD_NAME_DNS, "b,otherName:c" }, { TBD_NAME_DNS, "*.example.com" } };
	static const char *const ids[] = { "name.mismatch", "name.ip-not-listed", "policy.weak-key",
		"policy.revoked", "policy.wrong-purpose", "policy.unknown-critical" };
	for (size_t i = 0; i < TBDI_COUNT(ids); i++) {
		const struct spoiled *row = row_of(ids[i]);
		struct sample *sample = sample_spoiled(row);
		sample->leaf.names = names;
		sample->leaf.name_count = TBDI_COUNT(names);
		ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
		ck_assert_str_eq(sample->report->findings[0]->id, ids[i]);
		assert_fix_has(
			sample, "subjectAltName=DNS:a.example.com,IP:192.0.2.7,DNS:*.example.com");
		ck_assert_ptr_null(strstr(sample->report->findings[0]->fix, "otherName"));
		sample_free(sample);
	}
}

/* The key in use is not overwritten by the one that is to follow it. */
TEST(new_key_stands_beside_the_old)
{
	static const char *const ids[] = { "policy.weak-key", "policy.revoked" };
	for (size_t i = 0; i < TBDI_COUNT(ids); i++) {
		const struct spoiled *row = row_of(ids[i]);
		struct sample *sample = judged_row(row);
		assert_fix_has(sample, " -genkey -noout -out server_key_new.pem\n");
		assert_fix_has(sample, "  openssl req -new -key server_key_new.pem -subj /CN=");
		ck_assert_ptr_null(strstr(sample->report->findings[0]->fix, "server_key.pem"));
		sample_free(sample);
	}
}

/* Nor does a peer's common name become anything but a name. */
TEST(common_name_stays_one)
{
	struct sample *sample = sample_new();
	sample->leaf.common_name = "x/O=y\n-config z";
	sample_spoil(sample, row_of("policy.revoked"));
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	assert_fix_has(sample, " -subj /CN=server -addext ");
	sample_free(sample);
}

/* A root is no intermediate that could be signed by somebody. */
TEST(root_is_issued_again_by_itself)
{
	struct sample *sample = judged("path.fault=path-length path.fault_at=2 "
				       "verification.verified=no root.file='/tmp/my ca.pem'");
	assert_fix_has(sample, "  printf '%s\\n' basicConstraints=critical,CA:TRUE,pathlen:1 ");
	assert_fix_has(sample, "  openssl x509 -in '/tmp/my ca.pem' -signkey ca-key.pem -clrext ");
	assert_fix_has(sample, "every device needs ca_new.pem");
	ck_assert_ptr_null(strstr(sample->report->findings[0]->fix, "intermediate"));
	sample_free(sample);
}

/* Whoever is trusted for himself has to be made known again. */
TEST(self_signed_is_renewed)
{
	struct sample *sample = judged("leaf.self_signed=yes leaf.not_after=-1 path.certs=#1 "
				       "path.fault=expired verification.verified=no");
	ck_assert_str_eq(sample->report->findings[0]->id, "time.expired");
	assert_fix_has(sample, "  openssl req -x509 -days 365 -key server_key.pem -subj ");
	assert_fix_has(sample, " -addext subjectAltName=");
	assert_fix_has(sample, " -out server_new.pem\n");
	sample_free(sample);
}

/* What the run was told, the next one has to be told as well. */
TEST(options_are_kept)
{
	static const char *const ids[] = { "tls.client-cert-required", "tls.plain-mqtt",
		"time.expired", "token.sent-in-clear" };
	for (size_t i = 0; i < TBDI_COUNT(ids); i++) {
		struct sample *sample =
			sample_with("connection.redirected=yes "
				    "connection.host=localhost connection.port=1234");
		sample_spoil(sample, row_of(ids[i]));
		sample->report->trust = &sample->trust;
		ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
		ck_assert_str_eq(sample->report->findings[0]->id, ids[i]);
		assert_fix_has(sample, "mqtt.example.com");
		assert_fix_has(sample, " --connect-to localhost");
		assert_fix_has(sample, " --ca-file '/tmp/my ca.pem'");
		sample_free(sample);
	}
}

TEST(name_and_time_are_kept)
{
	struct sample *sample =
		sample_with("chain.file=full.pem report.target=- verification.name=b.example.com");
	sample_spoil(sample, row_of("time.expired"));
	sample->report->time_given = true;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	ck_assert_str_eq(sample->report->findings[0]->id, "time.expired");
	assert_fix_has(sample,
		"  tbdiag verify --chain-file full.pem --ca-file '/tmp/my ca.pem' --verify-name "
		"b.example.com --at 20");
	sample_free(sample);
}

/* What ends only after today has not ended. */
TEST(future_is_no_fact)
{
	struct sample *sample = sample_spoiled(row_of("time.expired"));
	sample->report->clock = sample->report->time - INT64_C(400) * 24 * 60 * 60;
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	const char *summary = sample->report->findings[0]->summary;
	ck_assert_ptr_nonnull(strstr(summary, " will have expired on "));
	ck_assert_ptr_nonnull(strstr(summary, ", judged as of "));
	sample_free(sample);
	sample = judged_row(row_of("time.expired"));
	ck_assert_ptr_nonnull(strstr(sample->report->findings[0]->summary, " expired on "));
	ck_assert_ptr_null(strstr(sample->report->findings[0]->summary, "will"));
	sample_free(sample);
}

/* Without a server name was what has just failed. */
TEST(missing_server_name_is_sent)
{
	struct sample *sample = judged_row(&row_of("tls.sni-rejected")[1]);
	assert_fix_has(sample, "  tbdiag verify --sni ");
	assert_fix_has(sample, "enableSNI");
	ck_assert_ptr_null(strstr(sample->report->findings[0]->fix, "--sni none"));
	sample_free(sample);
}

/* sed would make an empty file of one without a certificate. */
TEST(key_alone_is_moved)
{
	struct sample *sample = sample_spoiled(row_of("ca.store-holds-key"));
	sample->sources[0].key_file = "./enc.pem";
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	assert_fix_has(sample, "move ./enc.pem to ");
	ck_assert_ptr_null(strstr(sample->report->findings[0]->fix, "sed"));
	sample_free(sample);
	sample = sample_spoiled(row_of("ca.store-holds-key"));
	sample->root.file = "/tmp/my ca.pem";
	ck_assert_int_eq(tbd_judge(sample->report, NULL), 0);
	assert_fix_has(sample, "  sed -n ");
	sample_free(sample);
}

TEST(file_without_root_is_made)
{
	struct sample *sample = judged(ROOT_SENT);
	assert_fix_has(
		sample, "  tbdiag chain mqtts://mqtt.example.com:8883 --ca-file '/tmp/my ca.pem' ");
	assert_fix_has(sample, " --save-fixed fullchain.pem");
	sample_free(sample);
}

/* Two paths of the same names are told apart. */
TEST(cross_signed_paths_differ)
{
	struct sample *sample = judged_row(row_of("ca.cross-signed-expired"));
	const struct tbd_finding *finding = sample->report->findings[0];
	const char *good = NULL, *expired = NULL;
	for (size_t i = 0; i < finding->evidence_count; i++) {
		if (strcmp(finding->evidence[i].key, "path") == 0)
			good = finding->evidence[i].text;
		if (strcmp(finding->evidence[i].key, "expired_path") == 0)
			expired = finding->evidence[i].text;
	}
	ck_assert_ptr_nonnull(good);
	ck_assert_ptr_nonnull(strstr(expired, " (issued by "));
	ck_assert_str_ne(good, expired);
	sample_free(sample);
}

TEST(similar_hosts)
{
	ck_assert_str_eq(
		tbdi_cloud_similar_host("mqtt.thingsbord.cloud"), "mqtt.thingsboard.cloud");
	ck_assert_str_eq(tbdi_cloud_similar_host("thingsboard.clod"), "mqtt.thingsboard.cloud");
	ck_assert_str_eq(
		tbdi_cloud_similar_host("mqtt.eu.thingboard.cloud"), "mqtt.eu.thingsboard.cloud");
	ck_assert_str_eq(tbdi_cloud_similar_host("demo.thingsboad.io"), "demo.thingsboard.io");
	ck_assert_ptr_null(tbdi_cloud_similar_host("broker.example.org"));
	ck_assert_ptr_null(tbdi_cloud_similar_host(""));
	ck_assert_str_eq(tbdi_cloud_mqtt_host("EU.thingsboard.cloud"), "mqtt.eu.thingsboard.cloud");
	ck_assert_ptr_null(tbdi_cloud_mqtt_host("mqtt.thingsboard.cloud"));
	ck_assert_ptr_null(tbdi_cloud_mqtt_host("demo.thingsboard.io"));
}
