/* SPDX-License-Identifier: MIT
 *
 * report-sample.c - print an array of hand-made reports as JSON, for the test of the schema: one in
 * which every optional part is there, an empty one, two that the library made itself, and one of each
 * row of the rules.
 * With --keys: the evidence that rules declare. With --ids: what can be found, with severity and stage. With --sets:
 * sets of reports, a full one and an empty one. With --own FILE: the texts of a stored report or set that redaction
 * takes for words of ours.
 */
#include "tests/unit/fault-table.h"
#include "report/schema.h"

#include "certs/mint.h"

#include <unistd.h>

static void sample_must(bool good)
{
	if (!good)
		abort();
}

static void print(const struct tbd_report *report)
{
	char *text = NULL;
	sample_must(tbd_report_to_json(report, &text, NULL) == 0);
	fputs(text, stdout);
	free(text);
}

static void print_sample(struct sample *sample)
{
	sample_must(tbd_judge(sample->report, NULL) == 0);
	print(sample->report);
	sample_free(sample);
}

static void print_empty(void)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	sample_must(tbd_report_new(&options, &report, NULL) == 0 && tbd_judge(report, NULL) == 0);
	print(report);
	tbd_report_free(report);
}

/* Port 1 of the loopback interface: nobody listens there. */
static void print_refused(void)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_fetch_options fetch = TBD_FETCH_OPTIONS_INIT;
	struct tbd_target *target = NULL;
	struct tbd_report *report = NULL;
	sample_must(tbd_target_parse("127.0.0.1:1", &target, NULL) == 0);
	options.target = target;
	sample_must(tbd_report_new(&options, &report, NULL) == 0);
	sample_must(tbd_fetch(report, &fetch, NULL) == 0 && tbd_judge(report, NULL) == 0);
	print(report);
	tbd_report_free(report);
	tbd_target_free(target);
}

static void print_verified(const char *chain_path, const char *ca_path)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	struct tbd_trust *trust = tbd_trust_new();
	verify.trust = trust;
	verify.name = "localhost";
	sample_must(trust != NULL && tbd_trust_add_file(trust, ca_path, NULL) == 0);
	sample_must(tbd_report_new(&options, &report, NULL) == 0);
	sample_must(tbd_load(report, chain_path, NULL) == 0);
	sample_must(tbd_verify(report, &verify, NULL) == 0 && tbd_judge(report, NULL) == 0);
	print(report);
	tbd_report_free(report);
	tbd_trust_free(trust);
}

static void print_minted(void)
{
	char directory[] = "/tmp/tbdiag-test-XXXXXX";
	char chain_path[64], ca_path[64];
	struct mint_family family;
	sample_must(mkdtemp(directory) != NULL && mint_family_init(&family, 0) == 0);
	const struct mint_cert *const certs[] = { family.leaf, family.intermediate };
	char *chain = mint_chain_pem(certs, TBDI_COUNT(certs));
	snprintf(chain_path, sizeof(chain_path), "%s/chain.pem", directory);
	snprintf(ca_path, sizeof(ca_path), "%s/ca.pem", directory);
	sample_must(chain != NULL && mint_write(chain_path, chain, 0600) == 0);
	sample_must(mint_write(ca_path, (const char *)family.root->pem.data, 0600) == 0);
	print_verified(chain_path, ca_path);
	sample_must(unlink(chain_path) == 0 && unlink(ca_path) == 0 && rmdir(directory) == 0);
	free(chain);
	mint_family_release(&family);
}

static void spoil_environment(struct sample *sample)
{
	static const struct tbd_component components[] = { { "library", "GnuTLS", "3.7.9",
		"libgnutls30" } };
	static const char *const words[] = { "tbdiag report", "mqtt.example.com", "--ca-file",
		"/tmp/my ca.pem", NULL };
	static const char *const servers[] = { "192.0.2.53", NULL };
	static const struct tbd_environment environment = { .command_line = words,
		.components = components,
		.component_count = TBDI_COUNT(components),
		.system = "Debian GNU/Linux 12 (bookworm)",
		.kernel = "Linux 6.1.0-18-amd64 x86_64",
		.time_zone = "CET",
		.utc_offset_s = 3600,
		.nameservers = servers,
		.hosts_lookup = "files dns" };
	sample->report->environment = &environment;
	sample->sources[0].sha256 = sample->leaf.sha256;
}

static void spoil_verdicts(struct sample *sample)
{
	static const char *const missing[] = { "bearssl", NULL };
	sample->report->verdicts = sample->verdicts;
	sample->report->verdict_count = 1;
	sample->report->judged_as = &sample->verdict;
	sample->report->device = "esp-idf";
	sample->report->stack_trust = "file";
	sample->report->stack_name = "mqtt.example.com";
	sample->report->missing_stacks = missing;
}

static void spoil_connection(struct sample *sample)
{
	sample->connection.neighbour_count = 3;
	sample->connection.tcp = TBD_END_OK;
	sample->connection.datagrams = &sample->datagrams;
	sample->attempts[0].detail = sample->neighbours[0].detail = "Network is unreachable";
	sample->resolution.detail = "as it is";
	sample->tls.alert = 48;
	sample->tls.alert_sent = 48;
	sample->tls.alert_name = "unknown_ca";
	sample->tls.wanted_version = "1.3";
	sample->tls.client_cert = &sample->leaf;
	sample->tls.detail = "detail";
	sample->tls.first_bytes = "\\x16";
	sample->connection.plain = &sample->plain;
	sample->plain.attempt = sample->comparison.attempt = &sample->attempts[0];
	sample->connection.other_version = sample->connection.without_sni = &sample->comparison;
	sample->connection.tls12 = sample->connection.with_sni = &sample->comparison;
	sample->connection.with_alpn = &sample->comparison;
	sample->connection.as_device = &sample->comparison;
	sample->tls.alpn_offered = "mqtt,own-protocol";
	sample->plain.connack = 5;
	sample->plain.connack_name = "not authorized";
	sample->plain.first_bytes = " \\x02\\x00\\x05";
	sample->another_tls = sample->tls;
	sample->another_chain.file = "chain.pem";
}

static void spoil_certs(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "tab\there" },
		{ TBD_NAME_IP, "192.0.2.7" }, { TBD_NAME_EMAIL, "a@example.com" },
		{ TBD_NAME_URI, "urn:x" }, { TBD_NAME_OTHER, "\xe2\x80\xa8\xe2\x80\xae" } };
	static const char *const strings[] = { "one", "two", NULL };
	sample->leaf.names = names;
	sample->leaf.name_count = TBDI_COUNT(names);
	sample->leaf.aia_issuers = sample->leaf.ocsp_servers = sample->leaf.crl_points = strings;
	sample->leaf.unknown_critical = sample->leaf.key_usage = sample->leaf.purposes = strings;
	sample->leaf.path_length = 3;
	sample->leaf.file = sample->stranger.file = "chain.pem";
	sample->root.error = "malformed";
	sample->sent[2] = &sample->root;
	sample->chain.count = 3;
	sample->chain.file = "chain.pem";
	sample->trust.untrusted = sample->chain.certs;
	sample->trust.untrusted_count = sample->chain.count;
	sample->sources[0].error = "unreadable";
	sample->sources[0].holds = "a private key";
	sample->sources[0].key_file = "ca.pem";
	sample->sources[0].defect_count = TBDI_COUNT(sample->defects);
	sample->sources[0].load_count = TBDI_COUNT(sample->load_list);
	sample->report->lint = &sample->lint;
	sample->sources[0].cert_count = 0;
}

static void spoil_verification(struct sample *sample)
{
	sample->path.name_encoding_at = 0;
	sample->path.requirement = "subject-key-id";
	sample->verification.max_depth = 3;
	sample->stapled = (struct tbd_ocsp){
		.status = "good", .this_update = 1, .next_update = 2, .problem = "its time is over"
	};
	sample->verification.stapled = &sample->stapled;
	sample->verification.revocations = sample->revocations;
	sample->verification.revocation_count = 1;
	sample->crl.problem = "its time is over";
	sample->trust.crls = sample->crls;
	sample->trust.crl_count = 1;
	sample->departure.severity = TBD_SEVERITY_WARNING;
	sample->departure.refused_by = "OpenSSL";
	sample->departure.accepted_by = "GnuTLS";
	sample->verification.departures = sample->departures;
	sample->verification.departure_count = 1;
}

/* Nothing is null, no array is empty, and a finding has a consequence. */
static void spoil_everything(struct sample *sample)
{
	spoil_connection(sample);
	spoil_certs(sample);
	spoil_verification(sample);
	sample->verification.warn_days = 30;
	sample->verification.crit_days = 7;
	sample->token.bad_at = 3;
	sample->token.bad_class = "CR";
	sample->exchange.first_bytes = "GET ";
	sample->exchange.detail = "detail";
	sample->exchange.disconnect = 0;
	sample->exchange.puback_name = sample->exchange.disconnect_name = "Success";
	static const struct tbd_explanation explanation = { TBD_MQTT_REFUSED, 0x86, "Bad", 0x86,
		"Bad", "5", "own/attributes", 0x90, "Bad" };
	sample->exchange.explanation = &explanation;
	sample->exchange.fingerprint = 0x80;
	static const struct tbd_rpc rpc = { 1000, "v1/devices/me/rpc/request/1", "{}", true };
	sample->exchange.shared_keys = "fw";
	sample->exchange.session_limits = "{}";
	sample->exchange.attributes_topic = sample->exchange.telemetry_topic = "own/topic";
	sample->exchange.rpc = &rpc;
	static const struct tbd_upgrade upgrade = { "/mqtt", 404, "Not Found", "nginx",
		"https://example.com/", "mqtt", "<html>", "220 ", true, true, "a frame is text" };
	sample->exchange.upgrade = &upgrade;
	sample->packets[0].detail = "id 1";
	static const struct tbd_proxy proxy = { "http", "proxy.example.com", 3128, true, TBD_END_OK,
		200, true, "HTTP/1.1 200 OK", "HTTP" };
	sample->connection.proxy = &proxy;
	sample->connection.proxy_protocol = "v1";
	sample->connection.header_handshake = sample->connection.other_version;
	sample->connection.header_plain = sample->connection.plain;
	sample->connection.own_port = sample->connection.other_version;
	sample->report->api = &sample->api;
	sample->api.first_bytes = "HTTP";
	sample->api.detail = "detail";
	sample->api.client_keys = "model";
	sample->api.shared_keys = "fw";
	sample->requests[0].content_type = "text/html";
	sample->requests[0].location = "https://example.com/";
	sample->requests[0].server = "nginx";
	sample->requests[0].authenticate = "Basic";
	sample->requests[0].body = "<html>";
	sample->requests[1].location = sample->requests[1].server = "x";
	sample->requests[1].authenticate = "x";
	for (size_t i = 0; i < TBDI_COUNT(sample->steps); i++)
		sample->steps[i].detail = "detail";
	sample_set(sample, WRONG_ROOT);
	sample->nearest = (struct tbd_nearest){
		.miss = TBD_MISS_SIBLING, .cert = &sample->stranger, .system_anchor = &sample->leaf
	};
	sample->verification.nearest = &sample->nearest;
	sample->download.detail = "detail";
	sample->download.cert = &sample->leaf;
	sample->served_file.location = sample->served_file.server = "nginx";
	sample->served_file.body = "<html>";
	sample->served_file.detail = "detail";
	sample->report->served_files = sample->served_list;
	sample->report->served_file_count = 1;
	sample->fixed.missing = "CN=nobody";
	sample->report->fixed = &sample->fixed;
	sample->revocation.url = sample->query.url;
	sample->query.detail = "detail";
	sample->said.next_update = 2;
	sample->said.problem = "its time is over";
	sample->report->ocsp = sample->query_list;
	sample->report->ocsp_count = 1;
	sample->ca.cert = sample->ca.unproven = &sample->leaf;
	sample->ca.sha256 = sample->stranger.sha256;
	sample->ca.also = sample->sent;
	sample->ca.also_count = 1;
	sample->report->ca = &sample->ca;
	sample->expected.certs = sample->sent;
	sample->expected.count = 3;
	sample->report->expected = &sample->expected;
	sample->stranger.origin = TBD_ORIGIN_TRUST;
	sample->token.sent = false;
	sample->report->label = "127.0.0.1";
	sample->report->token = &sample->token;
	sample->report->exchange = &sample->exchange;
	sample_must(tbd_report_note(sample->report, "a note", NULL) == 0);
	spoil_environment(sample);
	spoil_verdicts(sample);
}

static void print_evidence_keys(void)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		for (const char *const *key = rules[i]->evidence; *key != NULL; key++)
			puts(*key);
}

static void print_ids(void)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		printf("%s\t%s\t%s\n", rules[i]->id, tbd_severity_name(rules[i]->severity),
			tbd_stage_name(rules[i]->stage));
}

static void print_reports(void)
{
	puts("[");
	struct sample *full = sample_new();
	spoil_everything(full);
	print_sample(full);
	puts(",");
	print_empty();
	puts(",");
	print_refused();
	puts(",");
	print_minted();
	for (size_t i = 0; i < spoiled_count; i++) {
		puts(",");
		print_sample(sample_spoiled(&spoiled_rows[i]));
	}
	puts("]");
}

static void print_own(const struct tbdi_shape *shape, json_t *object)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++) {
		json_t *value = json_object_get(object, field->name);
		bool is_own = field->privacy == TBDI_IS_OWN;
		if (is_own && json_is_string(value))
			printf("%s.%s: %s\n", shape->name, field->name, json_string_value(value));
		for (size_t i = 0; i < json_array_size(value); i++)
			if (is_own)
				printf("%s.%s: %s\n", shape->name, field->name,
					json_string_value(json_array_get(value, i)));
			else if (field->shape != NULL)
				print_own(field->shape, json_array_get(value, i));
		if (field->shape != NULL && json_is_object(value))
			print_own(field->shape, value);
	}
}

static void print_own_of(const char *path)
{
	json_t *tree = json_load_file(path, 0, NULL);
	sample_must(tree != NULL);
	bool is_set = json_object_get(tree, "reports") != NULL;
	print_own(is_set ? &tbdi_set_shape : &tbdi_report_shape, tree);
	json_decref(tree);
}

static void print_set(struct tbd_set *set)
{
	char *text = NULL;
	sample_must(tbd_set_judge(set, NULL) == 0 && tbd_set_to_json(set, &text, NULL) == 0);
	fputs(text, stdout);
	free(text);
	tbd_set_free(set);
}

static void print_sets(void)
{
	struct sample *samples[] = { sample_new(), sample_new() };
	struct tbd_set *full = NULL, *empty = NULL;
	sample_must(tbd_set_new(TBD_COMPARES_TRANSPORTS, &full, NULL) == 0);
	sample_must(tbd_set_new(TBD_COMPARES_ADDRESSES, &empty, NULL) == 0);
	sample_must(tbd_set_note(full, "a note", NULL) == 0);
	spoil_everything(samples[1]);
	samples[1]->leaf.sha256 = samples[1]->root.sha256;
	for (size_t i = 0; i < TBDI_COUNT(samples); i++)
		sample_must(tbd_set_add(full, sample_take(samples[i]), i == 0 ? "one" : "two",
				    NULL) == 0);
	puts("[");
	print_set(full);
	puts(",");
	print_set(empty);
	puts("]");
	for (size_t i = 0; i < TBDI_COUNT(samples); i++)
		sample_free(samples[i]);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--keys") == 0)
		print_evidence_keys();
	else if (argc > 1 && strcmp(argv[1], "--ids") == 0)
		print_ids();
	else if (argc > 2 && strcmp(argv[1], "--own") == 0)
		print_own_of(argv[2]);
	else if (argc > 1 && strcmp(argv[1], "--sets") == 0)
		print_sets();
	else
		print_reports();
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
