/* SPDX-License-Identifier: MIT
 *
 * healthy-report.c - a hand-made report of a round trip in which all went well.
 */
#include "tests/unit/healthy-report.h"

static struct tbd_bytes sample_bytes(const char *text)
{
	return (struct tbd_bytes){ .data = (const uint8_t *)text, .len = strlen(text) };
}

static const char *const no_strings[] = { NULL };

/* A CA; what is special about one certificate is set afterwards. */
static struct tbd_cert cert_make(const char *subject, const char *issuer, const char *key_id,
	const char *issuer_key_id, const char *sha256)
{
	static const char *const ca_usage[] = { "keyCertSign", "cRLSign", NULL };
	return (struct tbd_cert){
		.origin = TBD_ORIGIN_SENT,
		.der = sample_bytes(sha256),
		.version = 3,
		.subject = subject,
		.issuer = issuer,
		.subject_der = sample_bytes(subject),
		.issuer_der = sample_bytes(issuer),
		.serial = "01",
		.not_before = SAMPLE_TIME - 3650 * (int64_t)SAMPLE_DAY,
		.not_after = SAMPLE_TIME + 3650 * (int64_t)SAMPLE_DAY,
		.key_algorithm = "EC",
		.key_curve = "P-256",
		.key_bits = 256,
		.signature_algorithm = "ECDSA-SHA256",
		.signature_hash = "SHA256",
		.sha256 = sha256,
		.spki_sha256 = sha256,
		.subject_key_id = key_id,
		.authority_key_id = issuer_key_id,
		.has_basic_constraints = true,
		.is_ca = true,
		.path_length = -1,
		.key_usage = ca_usage,
		.has_key_usage = true,
		.purposes = no_strings,
		.aia_issuers = no_strings,
		.ocsp_servers = no_strings,
		.crl_points = no_strings,
		.unknown_critical = no_strings,
		.self_issued = strcmp(subject, issuer) == 0,
		.self_signed = strcmp(subject, issuer) == 0,
	};
}

static void make_certs(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "mqtt.example.com" },
		{ TBD_NAME_IP, "192.0.2.7" } };
	static const char *const usage[] = { "digitalSignature", NULL };
	static const char *const purposes[] = { "serverAuth", NULL };
	static const char *const aia[] = { "http://ca.example.com/sub.der", NULL };
	sample->leaf = cert_make(
		"CN=mqtt.example.com", "CN=Example Sub CA", "aaaa", "bbbb", SAMPLE_SHA256("1"));
	sample->leaf.common_name = "mqtt.example.com";
	sample->leaf.not_before = SAMPLE_TIME - 60 * SAMPLE_DAY;
	sample->leaf.not_after = SAMPLE_TIME + 120 * SAMPLE_DAY;
	sample->leaf.names = names;
	sample->leaf.name_count = TBDI_COUNT(names);
	sample->leaf.is_ca = false;
	sample->leaf.key_usage = usage;
	sample->leaf.purposes = purposes;
	sample->leaf.has_purposes = true;
	sample->leaf.aia_issuers = aia;
	sample->intermediate = cert_make(
		"CN=Example Sub CA", "CN=Example Root CA", "bbbb", "cccc", SAMPLE_SHA256("2"));
	sample->intermediate.index = 1;
	sample->intermediate.path_length = 0;
	sample->root = cert_make(
		"CN=Example Root CA", "CN=Example Root CA", "cccc", NULL, SAMPLE_SHA256("3"));
	sample->root.origin = TBD_ORIGIN_TRUST;
	sample->root.file = "/tmp/my ca.pem";
	sample->root.entry = 1;
	sample->stranger =
		cert_make("CN=Other Root CA", "CN=Other Root CA", "dddd", NULL, SAMPLE_SHA256("4"));
}

static void make_connection(struct sample *sample)
{
	static const char *const addresses[] = { "2001:db8::7", "192.0.2.7", NULL };
	sample->resolution = (struct tbd_resolution){ .name = "mqtt.example.com",
		.end = TBD_END_OK,
		.addresses = addresses,
		.address_count = 2 };
	sample->attempts[0] = (struct tbd_attempt){ .address = "2001:db8::7",
		.port = 8883,
		.start_us = 1000,
		.duration_us = 250000,
		.abandoned = true };
	sample->attempts[1] = (struct tbd_attempt){ .address = "192.0.2.7",
		.port = 8883,
		.start_us = 251000,
		.duration_us = 1000,
		.connected = true };
	static const uint16_t ports[] = { 1883, 8883, 8080 };
	for (size_t i = 0; i < TBDI_COUNT(ports); i++) {
		sample->neighbours[i] =
			(struct tbd_attempt){ .address = "192.0.2.7", .port = ports[i] };
		sample->neighbour_list[i] = &sample->neighbours[i];
	}
	sample->attempt_list[0] = &sample->attempts[0];
	sample->attempt_list[1] = &sample->attempts[1];
	sample->tls = (struct tbd_tls){ .end = TBD_END_OK,
		.sni = "mqtt.example.com",
		.version = "TLS1.3",
		.cipher_suite = "TLS_AES_128_GCM_SHA256",
		.group = "X25519",
		.alpn = "http/1.1",
		.last_message = "Finished",
		.bytes_in = 2000,
		.alert = -1,
		.alert_sent = -1 };
	sample->connection = (struct tbd_connection){ .host = "mqtt.example.com",
		.port = 8883,
		.resolution = &sample->resolution,
		.attempts = sample->attempt_list,
		.attempt_count = 2,
		.used = &sample->attempts[1],
		.neighbours = sample->neighbour_list,
		.tcp = TBD_END_OK,
		.tls = &sample->tls,
		.timeout_ms = 15000 };
}

static void make_second(struct sample *sample)
{
	sample->plain = (struct tbd_plain){
		.attempt = &sample->attempts[1], .end = TBD_END_CLOSED, .connack = -1
	};
	sample->proxy = (struct tbd_proxy){
		.protocol = "http", .host = "proxy.example.com", .port = 3128, .code = -1
	};
	sample->datagrams = (struct tbd_datagrams){
		.sent = 4, .received = 10, .largest_sent = 240, .largest_received = 1200
	};
	sample->another_tls = sample->tls;
	sample->another_tls.sni = NULL;
	sample->another_sent[0] = &sample->stranger;
	sample->another_chain =
		(struct tbd_chain){ .message_len = 700, .certs = sample->another_sent, .count = 1 };
	sample->comparison = (struct tbd_other_handshake){ .attempt = &sample->attempts[1],
		.tls = &sample->another_tls,
		.chain = &sample->another_chain,
		.verified = TBD_ANSWER_NO };
}

static void make_verification(struct sample *sample)
{
	sample->sent[0] = &sample->leaf;
	sample->sent[1] = &sample->intermediate;
	sample->chain =
		(struct tbd_chain){ .message_len = 1500, .certs = sample->sent, .count = 2 };
	sample->wanted[0] = &sample->stranger;
	sample->wanted[1] = &sample->intermediate;
	sample->expected =
		(struct tbd_chain){ .file = "fullchain.pem", .certs = sample->wanted, .count = 2 };
	sample->held[0] = &sample->root;
	sample->sources[0] = (struct tbd_trust_source){
		.kind = TBD_SOURCE_FILE, .path = "/tmp/my ca.pem", .cert_count = 1
	};
	sample->defect = (struct tbd_store_defect){
		.file = "ca.pem", .count = 1, .line = 2, .last_line = 9, .offset = 40
	};
	sample->defects[0] = &sample->defect;
	sample->loads[0] = (struct tbd_load){ .stack = "openssl", .cert_count = 1 };
	sample->loads[1] = (struct tbd_load){ .stack = "bearssl", .cert_count = 1 };
	sample->load_list[0] = &sample->loads[0];
	sample->load_list[1] = &sample->loads[1];
	sample->sources[0].defects = sample->defects;
	sample->sources[0].loads = sample->load_list;
	sample->source_list[0] = &sample->sources[0];
	sample->source_list[1] = &sample->sources[1];
	sample->trust = (struct tbd_trust_info){ .sources = sample->source_list,
		.source_count = 1,
		.cert_count = 1,
		.certs = sample->held,
		.shown_count = 1 };
	sample->path_certs[0] = &sample->leaf;
	sample->path_certs[1] = &sample->intermediate;
	sample->path_certs[2] = &sample->root;
	sample->path = (struct tbd_path){
		.certs = sample->path_certs, .count = 3, .anchored = true, .name_encoding_at = -1
	};
	sample->paths[0] = &sample->path;
	sample->departure = (struct tbd_departure){ .what = "subject-key-id",
		.text = "subjectKeyIdentifier is missing, and it is a CA",
		.cert = &sample->intermediate,
		.rfc5280 = true,
		.webpki = true,
		.strict = true };
	sample->departures[0] = &sample->departure;
	sample->revocation = (struct tbd_revocation){ .cert = &sample->leaf,
		.source = "crl",
		.file = "ca.crl",
		.time = SAMPLE_TIME - SAMPLE_DAY,
		.reason = "keyCompromise" };
	sample->revocations[0] = &sample->revocation;
	sample->verdict = (struct tbd_verdict){ .stack = "mbedtls",
		.version = "2.28.3",
		.mode = "default",
		.step = "handshake",
		.code = -0x2700,
		.words = "X509 - Certificate verification failed",
		.alert = 48,
		.anchors_loaded = 1,
		.devices = "ESP32" };
	sample->verdicts[0] = &sample->verdict;
	sample->crl = (struct tbd_crl){ .file = "ca.crl",
		.issuer = "CN=CA",
		.this_update = SAMPLE_TIME,
		.next_update = SAMPLE_TIME + SAMPLE_DAY,
		.entry_count = 1 };
	sample->crls[0] = &sample->crl;
	sample->verification = (struct tbd_verification){ .verified = true,
		.name = "mqtt.example.com",
		.name_match = TBD_MATCH_OK,
		.name_entry = "mqtt.example.com",
		.path = &sample->path,
		.paths = sample->paths,
		.path_count = 1,
		.warn_days = -1,
		.crit_days = -1,
		.max_depth = -1 };
}

/* Nobody asked for it, either. */
static void make_lint(struct sample *sample)
{
	for (size_t i = 0; i < TBDI_COUNT(sample->lint_certs); i++) {
		sample->lint_certs[i] = (struct tbd_lint_cert){ .entry = i + 1,
			.line = 1 + 20 * i,
			.is_read = true,
			.role = "root",
			.subject = "CN=root",
			.issuer = "CN=root",
			.not_before = SAMPLE_TIME - SAMPLE_DAY,
			.not_after = SAMPLE_TIME + SAMPLE_DAY,
			.sha256 = SAMPLE_SHA256("3") };
		sample->lint_list[i] = &sample->lint_certs[i];
	}
	sample->lint_key = (struct tbd_lint_key){
		.file = "key.pem", .format = "pkcs8", .fits = TBD_ANSWER_YES
	};
	sample->lint = (struct tbd_lint){ .file = "ca.pem",
		.use = "trust",
		.certs = sample->lint_list,
		.shown_count = 2,
		.cert_count = 2,
		.distinct_count = 2,
		.root_count = 2,
		.key = &sample->lint_key };
}

/* Nobody asked for it: report->ocsp does not lead here. */
static void make_query(struct sample *sample)
{
	sample->said = (struct tbd_ocsp){
		.status = "good", .this_update = SAMPLE_TIME - SAMPLE_DAY, .next_update = -1
	};
	sample->query = (struct tbd_ocsp_query){ .cert = &sample->leaf,
		.url = "http://ocsp.example.com/",
		.end = TBD_END_OK,
		.status = 200,
		.len = 500,
		.answer = &sample->said };
	sample->query_list[0] = &sample->query;
	sample->ca = (struct tbd_needed_ca){ .cert = &sample->root, .proof = "trust" };
}

/* Nobody asked for it: report->fixed does not lead here. */
static void make_fixed(struct sample *sample)
{
	sample->download = (struct tbd_download){ .url = "http://ca.example.com/sub.der",
		.end = TBD_END_OK,
		.status = 200,
		.len = 700,
		.cert = &sample->intermediate };
	sample->download_list[0] = &sample->download;
	sample->fixed = (struct tbd_fixed_chain){ .certs = sample->path_certs,
		.count = 2,
		.proven = true,
		.anchor = &sample->root,
		.downloads = sample->download_list,
		.download_count = 1 };
	sample->served_file = (struct tbd_served_file){
		.url = "http://mqtt.example.com:8080/api/device-connectivity/mqtts/certificate/download",
		.end = TBD_END_OK,
		.status = 200,
		.content_type = "application/octet-stream",
		.len = 1200,
		.cert_count = 1,
		.verified = TBD_ANSWER_NO,
		.doubt = "in clear"
	};
	sample->served_list[0] = &sample->served_file;
}

static void make_exchange(struct sample *sample)
{
	sample->upgrade = (struct tbd_upgrade){ .path = "/mqtt",
		.status = 101,
		.reason = "Switching Protocols",
		.server = "nginx",
		.subprotocol = "mqtt",
		.proven = true,
		.accepted = true };
	sample->explanation = (struct tbd_explanation){
		.connack = -1, .disconnect = -1, .mqtt_version = "5", .puback = -1
	};
	sample->token = (struct tbd_token_info){
		.source = TBD_TOKEN_FILE, .len = 20, .sent = true, .bad_at = -1
	};
	sample->packets[0] = (struct tbd_packet){
		.time_us = 300000, .sent = true, .type = "CONNECT", .len = 36
	};
	sample->packets[1] = (struct tbd_packet){
		.time_us = 301000, .type = "CONNACK", .len = 4, .detail = "rc 0"
	};
	sample->packet_list[0] = &sample->packets[0];
	sample->packet_list[1] = &sample->packets[1];
	sample->exchange = (struct tbd_exchange){ .end = TBD_MQTT_DONE,
		.mqtt_version = "3.1.1",
		.library = "libmosquitto 2.0.11",
		.connack = 0,
		.connack_name = "Connection Accepted",
		.suback = 1,
		.puback = 0,
		.disconnect = -1,
		.fingerprint = -1,
		.client_keys = "model",
		.filter = "v1/devices/me/attributes/response/+",
		.published = "v1/devices/me/attributes",
		.response_topic = "v1/devices/me/attributes/response/1",
		.response_payload = "{}",
		.key = "tbdiagProbe",
		.written = "n-0123",
		.read_back = "n-0123",
		.polls = 1,
		.packets = sample->packet_list,
		.packet_count = 2 };
}

static void make_api(struct sample *sample)
{
	sample->requests[0] = (struct tbd_api_request){ .method = "POST",
		.url = "https://mqtt.example.com:443/api/v1/***/attributes",
		.time_us = 300000,
		.duration_us = 10000,
		.status = 200,
		.date = -1 };
	sample->requests[1] = (struct tbd_api_request){ .method = "GET",
		.url = "https://mqtt.example.com:443/api/v1/***/attributes?clientKeys=tbdiagProbe",
		.time_us = 310000,
		.duration_us = 10000,
		.status = 200,
		.content_type = "application/json",
		.body = "{\"client\":{\"tbdiagProbe\":\"n-0123\"}}",
		.body_len = 36,
		.date = SAMPLE_TIME };
	sample->request_list[0] = &sample->requests[0];
	sample->request_list[1] = &sample->requests[1];
	sample->api = (struct tbd_api_exchange){ .end = TBD_API_DONE,
		.protocol = "http",
		.library = "libcurl 7.88.1",
		.key = "tbdiagProbe",
		.written = "n-0123",
		.read_back = "n-0123",
		.polls = 1,
		.requests = sample->request_list,
		.request_count = 2 };
}

static void make_steps(struct sample *sample)
{
	static const char *const names[] = { "dns", "tcp", "tls", "connack", "suback", "response",
		"puback", "visible" };
	for (size_t i = 0; i < TBDI_COUNT(names); i++) {
		sample->steps[i] = (struct tbd_step){ .name = names[i],
			.status = TBD_STEP_OK,
			.start_us = (int64_t)i * 10000,
			.duration_us = 10000 };
		sample->step_list[i] = &sample->steps[i];
	}
}

struct sample *sample_new(void)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	static const int64_t now = SAMPLE_TIME;
	options.time = &now;
	if (sample == NULL ||
		tbd_target_parse("mqtts://mqtt.example.com", &sample->target, NULL) < 0 ||
		tbd_target_parse("https://mqtt.example.com", &sample->http_target, NULL) < 0)
		abort();
	options.target = sample->target;
	if (tbd_report_new(&options, &sample->report, NULL) < 0)
		abort();
	make_certs(sample);
	make_connection(sample);
	make_second(sample);
	make_verification(sample);
	make_query(sample);
	make_lint(sample);
	make_fixed(sample);
	make_exchange(sample);
	make_api(sample);
	make_steps(sample);
	struct tbd_report *report = sample->report;
	report->target = sample->target;
	report->connection = &sample->connection;
	report->chain = &sample->chain;
	report->trust = &sample->trust;
	report->verification = &sample->verification;
	report->token = &sample->token;
	report->exchange = &sample->exchange;
	report->steps = sample->step_list;
	report->step_count = TBDI_COUNT(sample->steps);
	return sample;
}

void sample_free(struct sample *sample)
{
	tbd_report_free(sample->report);
	tbd_target_free(sample->target);
	tbd_target_free(sample->http_target);
	free(sample);
}

struct tbd_report *sample_take(struct sample *sample)
{
	struct tbd_report *report = sample->report;
	sample->report = NULL;
	return report;
}
