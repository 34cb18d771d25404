/* SPDX-License-Identifier: MIT
 *
 * mqtt.c - the attribute round trip against a peer that does well, or badly in one place.
 */
#include "report/report.h"

#include "tests/unit/check-main.h"
#include "tests/peers/mqtt-peer.h"
#include "tests/peers/peer.h"
#include "net/stream.h"
#include "tests/unit/net-fixture.h"

#include <unistd.h>

#define TOKEN "A1b2C3d4E5f6G7h8I9j0"

enum {
	CONNECT_MS = 2000,
	PHASE_MS = 400, /* short enough to let phases run out, long enough for a busy machine */
};

static struct tbd_report *report;
static struct tbd_token *token;
static struct mqtt_peer *peer;
static struct mqtt_deeds deeds;
static struct tbd_roundtrip_options options; /* at first without a token */
static struct tbd_token *password;

static const struct mqtt_script does_well = { NULL };

static void token_set(const char *bytes, size_t len)
{
	tbd_token_free(token);
	ck_assert_int_eq(tbd_token_new(bytes, len, TBD_TOKEN_FILE, &token, NULL), 0);
}

static void mqtt_setup(void)
{
	const struct tbd_roundtrip_options defaults = TBD_ROUNDTRIP_OPTIONS_INIT;
	options = defaults;
	report = net_report("mqtt", "127.0.0.1", 1883);
	tbdi_report_of(report)->deadline_us = (int64_t)CONNECT_MS * 1000;
	token_set(TOKEN, strlen(TOKEN));
}

static void mqtt_teardown(void)
{
	tbd_report_free(report);
	tbd_token_free(token);
	tbd_token_free(password);
	token = password = NULL;
}

/* As tbd_fetch() leaves it. */
static void dial_broker(bool may_carry_secrets)
{
	struct tbdi_stream *stream =
		tbdi_stream_new(peer_dial(mqtt_peer_port(peer)), NULL, may_carry_secrets);
	ck_assert_int_eq(tbdi_stream_keep(stream, tbdi_report_of(report)), 0);
}

static const struct tbd_exchange *roundtrip_as_told(void)
{
	struct tbd_error error = { "" };
	ck_assert_msg(tbd_roundtrip(report, &options, &error) == 0, "%s", error.text);
	ck_assert_ptr_null(tbdi_report_of(report)->stream);
	ck_assert_ptr_nonnull(report->exchange);
	return report->exchange;
}

/* Talk to a peer with this script. */
static const struct tbd_exchange *talk_to_broker(
	const struct mqtt_script *script, bool may_carry_secrets)
{
	peer = mqtt_peer_start(script);
	dial_broker(may_carry_secrets);
	roundtrip_as_told();
	deeds = mqtt_peer_join(peer);
	return report->exchange;
}

static const struct tbd_exchange *mqtt_roundtrip(const struct mqtt_script *script, bool read_only)
{
	options.token = token;
	options.mqtt_version = script->is_v5 ? "5" : NULL;
	options.read_only = read_only;
	return talk_to_broker(script, true);
}

static void assert_step(const char *name, enum tbd_step_status status)
{
	const struct tbd_step *step = net_step(report, name);
	ck_assert_msg(step != NULL, "no step %s", name);
	ck_assert_msg(step->status == status, "step %s is %d", name, (int)step->status);
}

static void assert_steps_ok(const char *const *names)
{
	for (; *names != NULL; names++)
		assert_step(*names, TBD_STEP_OK);
}

static void assert_no_token(const char *text)
{
	ck_assert(text == NULL || strstr(text, TOKEN) == NULL);
}

TEST_GROUP(.setup = mqtt_setup, .teardown = mqtt_teardown, .seconds = 30);

TEST_TIMES(good, 2)
{
	static const char *const steps[] = { "connack", "suback", "response", "puback", "visible",
		NULL };
	const struct mqtt_script script = { .one_byte_at_a_time = _i == 1 };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert(!exchange->read_only);
	ck_assert_int_eq(strncmp(exchange->library, "libmosquitto 2.", 15), 0);
	ck_assert_int_eq(exchange->connack, 0);
	ck_assert_str_eq(exchange->connack_name, "Connection accepted");
	ck_assert_int_eq(exchange->suback, 1);
	ck_assert_str_eq(exchange->response_topic, "v1/devices/me/attributes/response/1");
	ck_assert_str_eq(exchange->response_payload, "{}");
	ck_assert_str_eq(exchange->key, "tbdiagProbe");
	ck_assert_int_eq(exchange->written[0], 'n');
	ck_assert_str_eq(exchange->read_back, exchange->written);
	ck_assert(!exchange->stale);
	ck_assert_uint_eq(exchange->polls, 1);
	ck_assert_int_eq(exchange->closed, TBD_END_NONE);
	ck_assert_ptr_null(exchange->first_bytes);
	ck_assert_ptr_null(exchange->detail);
	assert_steps_ok(steps);
	ck_assert(report->token->sent);
	ck_assert(report->token->in_clear);
	ck_assert_uint_eq(report->token->len, strlen(TOKEN));
}

/* What a device with a token sends, and nothing else. */
TEST(what_is_sent)
{
	const struct tbd_exchange *exchange = mqtt_roundtrip(&does_well, false);
	char payload[64];
	snprintf(payload, sizeof(payload), "{\"tbdiagProbe\":\"%s\"}", exchange->written);
	ck_assert_str_eq(deeds.written, payload);
	ck_assert_str_eq(deeds.user_name, TOKEN);
	ck_assert_int_eq(strncmp(deeds.client_id, "tbdiag", 6), 0);
	ck_assert_uint_le(strlen(deeds.client_id), 23);
	ck_assert_uint_eq(deeds.connect_flags, 0x82); /* user name, clean session */
	ck_assert(deeds.disconnected);
}

/* A report holds nothing of them. */
static void assert_credentials_hidden(void)
{
	char *json = NULL;
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_int_eq(tbd_report_to_json(report, &json, NULL), 0);
	ck_assert_ptr_null(strstr(json, "floor-2"));
	ck_assert_ptr_null(strstr(json, "open sesame"));
	ck_assert_ptr_null(strstr(json, "sensor-7"));
	free(json);
}

static void basic_set(void)
{
	static const char text[] = "open sesame";
	ck_assert_int_eq(tbd_password_new(text, strlen(text), TBD_TOKEN_FILE, &password, NULL), 0);
	options.user_name = "sensor-7";
	options.password = password;
	options.client_id = "floor-2";
	options.read_only = true;
}

TEST_TIMES(basic, 2)
{
	const struct mqtt_script script = { .is_v5 = _i == 1 };
	basic_set();
	options.mqtt_version = _i == 1 ? "5" : NULL;
	ck_assert_int_eq(talk_to_broker(&script, true)->end, TBD_MQTT_DONE);
	ck_assert_str_eq(deeds.user_name, "sensor-7");
	ck_assert_str_eq(deeds.password, "open sesame");
	ck_assert_str_eq(deeds.client_id, "floor-2");
	ck_assert_uint_eq(deeds.connect_flags, 0xc2);
	ck_assert_uint_eq(report->exchange->client_id_len, 7);
	ck_assert(report->token->is_password && report->token->sent);
	ck_assert_uint_eq(report->token->len, 11);
	assert_credentials_hidden();
}

TEST(basic_without_secrets)
{
	basic_set();
	ck_assert_int_eq(talk_to_broker(&does_well, false)->end, TBD_MQTT_NOT_STARTED);
	ck_assert_uint_eq(deeds.packets, 0);
	ck_assert(!report->token->sent);
}

TEST(basic_contract)
{
	basic_set();
	ck_assert_int_eq(tbd_roundtrip_check(&options, NULL, NULL), 0);
	options.token = token;
	ck_assert_int_eq(tbd_roundtrip_check(&options, NULL, NULL), TBD_E_INVALID);
	options.token = NULL;
	options.password = token;
	ck_assert_int_eq(tbd_roundtrip_check(&options, NULL, NULL), TBD_E_INVALID);
	options.password = password;
	options.user_name = NULL;
	ck_assert_int_eq(tbd_roundtrip_check(&options, NULL, NULL), TBD_E_INVALID);
	options.password = NULL;
	options.token = password;
	ck_assert_int_eq(tbd_roundtrip_check(&options, NULL, NULL), TBD_E_INVALID);
}

TEST(packets)
{
	static const char *const sent[] = { "CONNECT", "SUBSCRIBE", "PUBLISH" };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&does_well, true);
	size_t next = 0;
	ck_assert(!exchange->packets_cut);
	ck_assert_uint_ge(exchange->packet_count, 7);
	for (size_t i = 0; i < exchange->packet_count; i++) {
		const struct tbd_packet *packet = exchange->packets[i];
		if (packet->sent && next < TBDI_COUNT(sent))
			ck_assert_str_eq(packet->type, sent[next++]);
		assert_no_token(packet->detail);
	}
	ck_assert_str_eq(exchange->packets[0]->type, "CONNECT");
	ck_assert_ptr_null(exchange->packets[0]->detail);
	ck_assert_str_eq(exchange->packets[exchange->packet_count - 1]->type, "DISCONNECT");
}

TEST(read_only)
{
	static const char *const steps[] = { "connack", "suback", "response", NULL };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&does_well, true);
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert(exchange->read_only);
	ck_assert_str_eq(exchange->response_payload, "{}");
	ck_assert_ptr_null(exchange->key);
	ck_assert_ptr_null(exchange->written);
	ck_assert_str_eq(deeds.written, "");
	assert_steps_ok(steps);
	ck_assert_ptr_null(net_step(report, "puback"));
}

static const struct {
	const char *bytes;
	int code;
	const char *name;
} refusals[] = {
	{ "\x20\x02\x00\x01", 1, "Unacceptable protocol version" },
	{ "\x20\x02\x00\x02", 2, "Identifier rejected" },
	{ "\x20\x02\x00\x03", 3, "Server unavailable" },
	{ "\x20\x02\x00\x04", 4, "Bad user name or password" },
	{ "\x20\x02\x00\x05", 5, "Not authorized" },
	{ "\x20\x02\x01\x05", 5, "Not authorized" },
	{ "\x20\x02\x00\x86", 0x86, "Bad user name or password" },
	{ "\x20\x02\x00\x2a", 42, NULL },
};

TEST_EACH(refused, row, refusals)
{
	const struct mqtt_script script = {
		.connack = row->bytes, .connack_len = 4, .on_connect = MQTT_FIN
	};
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_REFUSED);
	ck_assert_int_eq(exchange->connack, row->code);
	ck_assert_pstr_eq(exchange->connack_name, row->name);
	assert_step("connack", TBD_STEP_FAILED);
	ck_assert_ptr_null(net_step(report, "suback"));
	ck_assert(report->token->sent);
	ck_assert(!deeds.disconnected);
}

/* An answer that libmosquitto may not like: the code counts all the same. */
TEST(refused_at_length)
{
	const struct mqtt_script script = { .connack = "\x20\x03\x00\x84\x00", .connack_len = 5 };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_REFUSED);
	ck_assert_int_eq(exchange->connack, 0x84);
	ck_assert_str_eq(exchange->connack_name, "Unsupported protocol version");
}

TEST(no_connack)
{
	const struct mqtt_script script = { .on_connect = MQTT_SILENCE };
	struct tbdi_report *own = tbdi_report_of(report);
	own->deadline_us = tbdi_report_elapsed_us(own) + (int64_t)PHASE_MS * 1000;
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_NO_CONNACK);
	ck_assert_int_eq(exchange->connack, -1);
	ck_assert_int_eq(exchange->closed, TBD_END_NONE);
	assert_step("connack", TBD_STEP_TIMEOUT);
	ck_assert_str_eq(deeds.user_name, TOKEN);
}

TEST_TIMES(closed_before_connack, 2)
{
	static const enum mqtt_deed ends[] = { MQTT_FIN, MQTT_RST };
	static const enum tbd_end expected[] = { TBD_END_CLOSED, TBD_END_RESET };
	const struct mqtt_script script = { .on_connect = ends[_i] };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_CLOSED_BEFORE_CONNACK);
	ck_assert_int_eq(exchange->closed, expected[_i]);
	ck_assert_int_eq(exchange->connack, -1);
	ck_assert_ptr_null(exchange->first_bytes);
	assert_step("connack", TBD_STEP_FAILED);
}

TEST_TIMES(not_mqtt, 3)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n";
	const struct mqtt_script script = { .connack = answer,
		.connack_len = sizeof(answer) - 1,
		.on_connect = _i == 0 ? MQTT_FIN : MQTT_ANSWER,
		.one_byte_at_a_time = _i == 2 };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_NOT_MQTT);
	ck_assert_str_eq(exchange->first_bytes, "HTTP/1.1 400 Bad Request\\x0d\\x0aServer");
	ck_assert_int_eq(exchange->connack, -1);
	assert_step("connack", TBD_STEP_FAILED);
}

/* One place where the peer does badly, and where that ends. */
static const struct fault {
	struct mqtt_script script;
	enum tbd_mqtt_end end;
	enum tbd_end closed;
	const char *step; /* the last one */
	enum tbd_step_status status;
} faults[] = {
	{ { .suback = 0x80 }, TBD_MQTT_SUBACK_REFUSED, TBD_END_NONE, "suback", TBD_STEP_FAILED },
	{ { .on_subscribe = MQTT_SILENCE }, TBD_MQTT_NO_SUBACK, TBD_END_NONE, "suback",
		TBD_STEP_TIMEOUT },
	{ { .on_subscribe = MQTT_FIN }, TBD_MQTT_NO_SUBACK, TBD_END_CLOSED, "suback",
		TBD_STEP_FAILED },
	{ { .on_first_request = MQTT_SILENCE }, TBD_MQTT_NO_PUBACK, TBD_END_NONE, "response",
		TBD_STEP_TIMEOUT },
	{ { .on_first_request = MQTT_ACK }, TBD_MQTT_NO_RESPONSE, TBD_END_NONE, "response",
		TBD_STEP_TIMEOUT },
	{ { .on_first_request = MQTT_OTHER_ID }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "response",
		TBD_STEP_TIMEOUT },
	{ { .on_first_request = MQTT_NO_JSON }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "response",
		TBD_STEP_FAILED },
	{ { .on_first_request = MQTT_NO_OBJECT }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "response",
		TBD_STEP_FAILED },
	{ { .on_first_request = MQTT_HUGE }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "response",
		TBD_STEP_FAILED },
	{ { .on_first_request = MQTT_FIN }, TBD_MQTT_CLOSED_ON_PUBLISH, TBD_END_CLOSED, "response",
		TBD_STEP_FAILED },
	{ { .on_write = MQTT_SILENCE }, TBD_MQTT_NO_PUBACK, TBD_END_NONE, "puback",
		TBD_STEP_TIMEOUT },
	{ { .on_write = MQTT_FIN }, TBD_MQTT_CLOSED_ON_PUBLISH, TBD_END_CLOSED, "puback",
		TBD_STEP_FAILED },
	{ { .on_write = MQTT_RST }, TBD_MQTT_CLOSED_ON_PUBLISH, TBD_END_RESET, "puback",
		TBD_STEP_FAILED },
	{ { .on_request = MQTT_ACK }, TBD_MQTT_NO_RESPONSE, TBD_END_NONE, "visible",
		TBD_STEP_TIMEOUT },
	{ { .on_request = MQTT_OTHER_ID }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "visible",
		TBD_STEP_TIMEOUT },
	{ { .on_request = MQTT_NO_JSON }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "visible",
		TBD_STEP_FAILED },
	{ { .on_request = MQTT_HUGE }, TBD_MQTT_OTHER_RESPONSE, TBD_END_NONE, "visible",
		TBD_STEP_FAILED },
	{ { .on_request = MQTT_FIN }, TBD_MQTT_CLOSED_ON_PUBLISH, TBD_END_CLOSED, "visible",
		TBD_STEP_FAILED },
	{ { .hidden_reads = -1 }, TBD_MQTT_NOT_STORED, TBD_END_NONE, "visible", TBD_STEP_TIMEOUT },
};

TEST_EACH(fault, row, faults)
{
	tbdi_report_of(report)->phase_ms = PHASE_MS;
	const struct tbd_exchange *exchange = mqtt_roundtrip(&row->script, false);
	ck_assert_int_eq(exchange->end, row->end);
	ck_assert_int_eq(exchange->closed, row->closed);
	assert_step(row->step, row->status);
	bool is_asked = row->end == TBD_MQTT_NO_RESPONSE && strcmp(row->step, "response") == 0;
	ck_assert_int_eq(exchange->fingerprint, is_asked ? 1 : -1);
	ck_assert_str_eq(report->steps[report->step_count - 1 - is_asked]->name, row->step);
	ck_assert_int_eq(deeds.disconnected,
		row->closed == TBD_END_NONE && row->script.on_request != MQTT_HUGE &&
			row->script.on_first_request != MQTT_HUGE);
	assert_no_token(exchange->detail);
}

/* What MQTT 5 tells that 3.1.1 does not. */
static const struct {
	struct mqtt_script script;
	enum tbd_mqtt_end end;
	const char *id;
	int connack, puback, disconnect;
} reasons[] = {
	{ { .is_v5 = true, .on_first_request = MQTT_REFUSE, .reason = 0x90 },
		TBD_MQTT_PUBLISH_REFUSED, "mqtt.publish-refused", 0, 0x90, -1 },
	{ { .is_v5 = true, .on_write = MQTT_REFUSE, .reason = 0x99 }, TBD_MQTT_PUBLISH_REFUSED,
		"mqtt.publish-refused", 0, 0x99, -1 },
	{ { .is_v5 = true, .on_request = MQTT_REFUSE, .reason = 0x87 }, TBD_MQTT_PUBLISH_REFUSED,
		"mqtt.publish-refused", 0, 0x87, -1 },
	{ { .is_v5 = true, .on_write = MQTT_DISMISS, .reason = 0x83 }, TBD_MQTT_CLOSED_ON_PUBLISH,
		"mqtt.closed-on-publish", 0, 0, 0x83 },
	{ { .is_v5 = true, .on_write = MQTT_DISMISS, .reason = 0x00 }, TBD_MQTT_CLOSED_ON_PUBLISH,
		"mqtt.closed-on-publish", 0, 0, 0 },
	{ { .is_v5 = true, .on_first_request = MQTT_DISMISS, .reason = 0x8e },
		TBD_MQTT_CLOSED_ON_PUBLISH, "mqtt.taken-over", 0, 0, 0x8e },
	{ { .on_first_request = MQTT_ACK_AND_FIN }, TBD_MQTT_CLOSED_ON_PUBLISH,
		"mqtt.session-ended", 0, 0, -1 },
	{ { .is_v5 = true, .suback = 0x8f }, TBD_MQTT_SUBACK_REFUSED, "mqtt.suback-refused", 0, -1,
		-1 },
	{ { .is_v5 = true,
		  .connack = "\x20\x03\x00\x86\x00\xe0\x02\x86\x00",
		  .connack_len = 9,
		  .on_connect = MQTT_FIN },
		TBD_MQTT_REFUSED, "mqtt.not-authorized", 0x86, -1, 0x86 },
	{ { .is_v5 = true,
		  .connack = "\x20\x02\x00\x01",
		  .connack_len = 4,
		  .on_connect = MQTT_FIN },
		TBD_MQTT_REFUSED, "mqtt.protocol-version", 1, -1, -1 },
};

static const struct tbd_finding *worst_finding(void)
{
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	ck_assert_uint_gt(report->finding_count, 0);
	return report->findings[0];
}

TEST_EACH(reason, row, reasons)
{
	const struct tbd_exchange *exchange = mqtt_roundtrip(&row->script, false);
	ck_assert_int_eq(exchange->end, row->end);
	ck_assert_int_eq(exchange->connack, row->connack);
	ck_assert_int_eq(exchange->puback, row->puback);
	ck_assert_int_eq(exchange->disconnect, row->disconnect);
	ck_assert_str_eq(worst_finding()->id, row->id);
}

TEST_TIMES(fingerprint, 2)
{
	const struct mqtt_script script = { .is_v5 = _i == 1 };
	options.token = token;
	options.mqtt_version = _i == 0 ? "3.1.1" : "5";
	options.read_only = true;
	options.fingerprint = true;
	const struct tbd_exchange *exchange = talk_to_broker(&script, true);
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert_int_eq(exchange->fingerprint, 1);
	ck_assert_int_eq(exchange->suback, 1);
	ck_assert(deeds.disconnected);
	const struct tbd_packet *last_but_one = exchange->packets[exchange->packet_count - 2];
	ck_assert_str_eq(last_but_one->type, "UNSUBSCRIBE");
}

TEST_TIMES(versions, 4)
{
	static const char *const versions[] = { "3.1", "3.1.1", "5", NULL };
	static const char *const levels[] = { "MQIsdp", "MQTT", "MQTT", "MQTT" };
	const struct mqtt_script script = { .is_v5 = _i == 2 };
	options.token = token;
	options.mqtt_version = versions[_i];
	const struct tbd_exchange *exchange = talk_to_broker(&script, true);
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert_str_eq(exchange->mqtt_version, _i == 3 ? "3.1.1" : versions[_i]);
	ck_assert_str_eq(deeds.protocol, levels[_i]);
	ck_assert_str_eq(deeds.user_name, TOKEN);
	ck_assert(deeds.disconnected);
}

TEST(suback_code)
{
	const struct mqtt_script script = { .suback = 0x80 };
	ck_assert_int_eq(mqtt_roundtrip(&script, false)->suback, 0x80);
}

TEST(bad_body_is_shown)
{
	const struct mqtt_script script = { .on_first_request = MQTT_NO_JSON };
	ck_assert_str_eq(mqtt_roundtrip(&script, false)->response_payload, "{\"client\":");
}

TEST(huge_packet_is_shown)
{
	const struct mqtt_script script = { .on_first_request = MQTT_HUGE };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_ptr_nonnull(exchange->detail);
	ck_assert_uint_gt(exchange->packets[exchange->packet_count - 1]->len, 256000000);
}

/* ThingsBoard may answer before it acknowledges. */
TEST(answer_without_acknowledgement)
{
	const struct mqtt_script script = { .on_first_request = MQTT_UNACKNOWLEDGED,
		.on_request = MQTT_UNACKNOWLEDGED };
	ck_assert_int_eq(mqtt_roundtrip(&script, false)->end, TBD_MQTT_DONE);
}

static const struct {
	const char *old_value;
	int hidden_reads;
	bool stale;
} delays[] = {
	{ NULL, 1, false },
	{ "\"n0000\"", 1, true },
	{ "\"n0000\"", 2, true },
	{ "17", 1, true },
};

TEST_EACH(visible_later, row, delays)
{
	const struct mqtt_script script = { .hidden_reads = row->hidden_reads,
		.old_value = row->old_value };
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_DONE);
	ck_assert_int_eq(exchange->stale, row->stale);
	ck_assert_uint_eq(exchange->polls, (unsigned)row->hidden_reads + 1);
	ck_assert_str_eq(exchange->read_back, exchange->written);
	assert_step("visible", TBD_STEP_OK);
}

TEST(old_value_for_ever)
{
	const struct mqtt_script script = { .hidden_reads = -1, .old_value = "{\"a\":1}" };
	tbdi_report_of(report)->phase_ms = PHASE_MS;
	const struct tbd_exchange *exchange = mqtt_roundtrip(&script, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_NOT_STORED);
	ck_assert_str_eq(exchange->read_back, "{\"a\":1}");
	ck_assert(!exchange->stale);
}

TEST(nonces_differ)
{
	char first[64];
	snprintf(first, sizeof(first), "%s", mqtt_roundtrip(&does_well, false)->written);
	ck_assert_str_ne(mqtt_roundtrip(&does_well, false)->written, first);
}

static const struct {
	const char *bytes;
	size_t len;
	const char *bad_class;
} unsound[] = {
	{ TOKEN "\n", sizeof(TOKEN), "LF" },
	{ TOKEN "\0", sizeof(TOKEN), "NUL" },
	{ " " TOKEN, sizeof(TOKEN), "space" },
	{ "\xc3\xa4", 2, "non-ASCII" },
	{ "", 0, NULL },
};

/* Of an unsound token nothing is sent: not even CONNECT. */
TEST_EACH(unsound_token, row, unsound)
{
	token_set(row->bytes, row->len);
	const struct tbd_exchange *exchange = mqtt_roundtrip(&does_well, false);
	ck_assert_int_eq(exchange->end, TBD_MQTT_NOT_STARTED);
	ck_assert_pstr_eq(report->token->bad_class, row->bad_class);
	ck_assert(!report->token->sent);
	ck_assert_uint_eq(deeds.packets, 0);
	ck_assert_ptr_null(net_step(report, "connack"));
}

TEST(stream_without_secrets)
{
	options.token = token;
	ck_assert_int_eq(talk_to_broker(&does_well, false)->end, TBD_MQTT_NOT_STARTED);
	ck_assert_uint_eq(deeds.packets, 0);
	ck_assert(!report->token->sent);
}

TEST(no_stream)
{
	token_set("$ACCESS_TOKEN", 13);
	options.token = token;
	const struct tbd_exchange *exchange = roundtrip_as_told();
	ck_assert_int_eq(exchange->end, TBD_MQTT_NOT_STARTED);
	ck_assert_int_eq(exchange->connack, -1);
	ck_assert(report->token->is_placeholder);
	ck_assert(!report->token->sent);
}

TEST(no_token)
{
	ck_assert_int_eq(roundtrip_as_told()->end, TBD_MQTT_NOT_STARTED);
	ck_assert_ptr_null(report->token);
}

TEST(module_missing)
{
	struct tbd_error error = { "" };
	char *module_dir = strdup(getenv("TBDIAG_MODULE_DIR"));
	setenv("TBDIAG_MODULE_DIR", "/does/not/exist", 1);
	options.token = token;
	peer = mqtt_peer_start(&does_well);
	dial_broker(true);
	ck_assert_int_eq(tbd_roundtrip(report, &options, &error), TBD_E_MODULE);
	ck_assert_ptr_nonnull(strstr(error.text, "transport-mqtt.so is not there"));
	deeds = mqtt_peer_join(peer);
	ck_assert_uint_eq(deeds.packets, 0);
	setenv("TBDIAG_MODULE_DIR", module_dir, 1);
	free(module_dir);
}

static int stop_at(void *arg, const char *step, int64_t elapsed_ms)
{
	ck_assert_int_ge(elapsed_ms, 0);
	return strcmp(step, arg) == 0;
}

TEST_TIMES(cancelled, 5)
{
	static const char *const steps[] = { "connack", "suback", "response", "puback", "visible" };
	struct tbd_error error = { "" };
	char step[16];
	snprintf(step, sizeof(step), "%s", steps[_i]);
	options.token = token;
	options.progress = stop_at;
	options.progress_arg = step;
	peer = mqtt_peer_start(&does_well);
	dial_broker(true);
	ck_assert_int_eq(tbd_roundtrip(report, &options, &error), TBD_E_CANCELLED);
	ck_assert_str_ne(error.text, "");
	ck_assert_int_eq(tbd_judge(report, NULL), TBD_E_CANCELLED);
	mqtt_peer_join(peer);
}

TEST(contract)
{
	options.size--;
	ck_assert_int_eq(tbd_roundtrip(report, &options, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_roundtrip(report, NULL, NULL), TBD_E_INVALID);
	options.size++;
	options.mqtt_version = "4";
	ck_assert_int_eq(tbd_roundtrip(report, &options, NULL), TBD_E_INVALID);
}
