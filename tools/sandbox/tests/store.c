/* SPDX-License-Identifier: MIT
 *
 * store.c - the local ThingsBoard reads, casts and answers as ThingsBoard does.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/sandbox/mqtt.h"
#include "tools/sandbox/store.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN "A1_TEST_TOKEN"

/* ---- lenient JSON ----------------------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *expected; /* NULL: invalid */
} lenient_rows[] = {
	/* strict JSON */
	{ "{}", "{}" },
	{ " [1,\t2\r\n] ", "[1,2]" },
	{ "{\"a\":{\"b\":[true,false,null]}}", "{\"a\":{\"b\":[true,false,null]}}" },
	{ "\"a\\u00e9\\n\\/\\\\\"", "\"a\xc3\xa9\\n/\\\\\"" },
	{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
	{ "-0.5", "-0.5" },
	/* without quotes, or with the wrong ones */
	{ "{temperature:25}", "{\"temperature\":25}" },
	{ "{'a':'b'}", "{\"a\":\"b\"}" },
	{ "{'it\\'s':\"\\'\"}", "{\"it's\":\"'\"}" },
	{ "{a:ON,b:NaN,c:-Infinity}", "{\"a\":\"ON\",\"b\":\"NaN\",\"c\":\"-Infinity\"}" },
	{ "{a:TRUE,b:False,c:nUll}", "{\"a\":true,\"b\":false,\"c\":null}" },
	{ "{a:truely}", "{\"a\":\"truely\"}" },
	{ "{a:01,b:+1,c:.5,d:1.,e:1e,f:-}",
		"{\"a\":\"01\",\"b\":\"+1\",\"c\":\".5\",\"d\":\"1.\",\"e\":\"1e\",\"f\":\"-\"}" },
	{ "word", "\"word\"" },
	{ "{a=1;b=>2}", "{\"a\":1,\"b\":2}" },
	{ "[1;2]", "[1,2]" },
	{ "[,]", "[null,null]" },
	{ "[1,]", "[1,null]" },
	{ "[,1]", "[null,1]" },
	{ "{\"a\\\nb\":1}", "{\"a\\nb\":1}" },
	{ "{\"a\":1,\"a\":2}", "{\"a\":2}" },
	/* comments and what stands before */
	{ "/* x */{a:1// y\n,b:2# z\n}", "{\"a\":1,\"b\":2}" },
	{ "\xef\xbb\xbf{a:1}", "{\"a\":1}" },
	{ ")]}'\n{a:1}", "{\"a\":1}" },
	{ "", "null" },
	{ " \n", "null" },
	{ "null x", "null" },
	/* bytes */
	{ "\"\xff\xc3\xa9\xc3\"", "\"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\"" },
	{ "\"\xed\xa0\x80\"", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\"\\ud800x\"", "\"?x\"" },
	{ "\"\\ud800\\u0041\"", "\"?A\"" },
	/* invalid even so */
	{ "{bad", NULL },
	{ "{a:1", NULL },
	{ "{a:1,}", NULL },
	{ "{,a:1}", NULL },
	{ "{:1}", NULL },
	{ "{a:}", NULL },
	{ "{a:,b:1}", NULL },
	{ "{a 1}", NULL },
	{ "{a}", NULL },
	{ "[1 2]", NULL },
	{ "[1", NULL },
	{ "}", NULL },
	{ "{} {}", NULL },
	{ "{}x", NULL },
	{ "\"open", NULL },
	{ "\"\\x\"", NULL },
	{ "\"\\u12g4\"", NULL },
	{ "\"\\u12", NULL },
	{ "\"\\u\x11\x11\x11\x11\"", NULL },
	{ "{} /* open", NULL },
	{ "/*/ {}", NULL },
};

TEST_EACH(lenient, row, lenient_rows)
{
	const char *text = row->text;
	json_t *value = store_parse(text, strlen(text));
	char *dump = value != NULL ? store_dump(value) : NULL;
	if (row->expected == NULL)
		ck_assert_msg(dump == NULL, "%s gave %s", text, dump);
	else
		ck_assert_pstr_eq(dump, row->expected);
	free(dump);
	json_decref(value);
}

TEST(nul_bytes)
{
	json_t *value = store_parse("{a\0b:'c\0d',e:\0}", 15);
	char *dump = store_dump(value);
	ck_assert_str_eq(dump, "{\"a\\u0000b\":\"c\\u0000d\",\"e\":\"\\u0000\"}");
	free(dump);
	json_decref(value);
}

TEST(depth_is_bounded)
{
	enum { DEEP = 60000 };
	char *text = malloc(DEEP);
	memset(text, '[', DEEP);
	ck_assert_ptr_null(store_parse(text, DEEP));
	free(text);
}

/* ---- attributes ------------------------------------------------------------------------------- */

struct fixture {
	struct store *store;
	struct device *device;
	struct faults faults;
	struct mqtt *mqtt;
	struct mqtt_session *session;
} fx;

/* The reason for CONNACK; fx.session is the session then. */
static enum mqtt_reason connect_as(const char *user, const char *password)
{
	const struct packet_connect connect = {
		.level = 4,
		.clean = true,
		.has_user = true,
		.has_password = true,
		.user = { user, strlen(user) },
		.password = { password, strlen(password) },
	};
	return mqtt_connect(fx.mqtt, &connect, false, &fx.session);
}

static enum mqtt_verdict publish(const char *topic, const char *payload, struct mqtt_answer *answer)
{
	const struct packet_text text = { payload, strlen(payload) };
	return mqtt_publish(fx.mqtt, fx.session, topic, text, answer);
}

static void store_setup(void)
{
	fx.store = store_new();
	fx.device = store_add(fx.store, TOKEN);
	const struct mqtt_settings settings = { .store = fx.store, .faults = &fx.faults };
	fx.mqtt = mqtt_new(&settings);
	ck_assert_int_eq(connect_as(TOKEN, ""), MQTT_GRANTED);
}

static void store_teardown(void)
{
	mqtt_free(fx.mqtt);
	store_free(fx.store);
}

static char *read_back(const char *request)
{
	json_t *answer = NULL;
	device_read(fx.device, request, strlen(request), &answer);
	char *dump = answer != NULL ? store_dump(answer) : NULL;
	json_decref(answer);
	return dump;
}

/* What becomes of {"k":VALUE}. */
static const struct {
	const char *value;
	const char *expected; /* NULL: skipped */
} cast_rows[] = {
	{ "\"x1\"", "\"x1\"" },
	{ "\"\"", "\"\"" },
	{ "true", "true" },
	{ "null", NULL },
	{ "ON", "\"ON\"" },
	{ "NaN", "\"NaN\"" },
	/* strings that look numeric */
	{ "\"0012\"", "12" },
	{ "\"1.50\"", "1.5" },
	{ "\"-7\"", "-7" },
	{ "\".5\"", "0.5" },
	{ "\"-.5\"", "-0.5" },
	{ "\"1.0\"", "1.0" },
	{ "0012", "12" },
	{ "\"-\"", "\"-\"" },
	{ "\"1.\"", "\"1.\"" },
	{ "\".\"", "\".\"" },
	{ "\"1.2.3\"", "\"1.2.3\"" },
	{ "\"+1\"", "\"+1\"" },
	{ "\"1e3\"", "\"1e3\"" },
	{ "\" 1\"", "\" 1\"" },
	{ "\"0x10\"", "\"0x10\"" },
	{ "\"9223372036854775808\"", "\"9223372036854775808\"" },
	/* numbers */
	{ "42", "42" },
	{ "-0", "0" },
	{ "25.0", "25.0" },
	{ "-0.0", "0.0" },
	{ "0.1", "0.1" },
	{ "1e3", "1000" },
	{ "1.5e3", "1500" },
	{ "1.0e0", "1" },
	{ "1E-3", "0.001" },
	{ "100e-2", "1" },
	{ "0e99999999999999999999", "0" },
	{ "9223372036854775807", "9223372036854775807" },
	{ "-9223372036854775808", "-9223372036854775808" },
	{ "9223372036854775808", "\"9223372036854775808\"" },
	{ "-9223372036854775809", "\"-9223372036854775809\"" },
	{ "1e19", "\"1e19\"" },
	{ "1e999999999999999999999", "\"1e999999999999999999999\"" },
	{ "1e-17", "\"1e-17\"" },
	{ "0.1234567890123456", "0.1234567890123456" },
	{ "0.12345678901234567", "\"0.12345678901234567\"" },
	{ "10.10000000000000000", "\"10.10000000000000000\"" },
	{ "123456789.123456789", "123456789.12345679" },
	/* inside nothing is cast */
	{ "{\"a\":\"0012\",\"b\":null}", "{\"a\":\"0012\",\"b\":null}" },
	{ "[\"1\",2,25.0]", "[\"1\",2,25.0]" },
};

TEST_GROUP(.setup = store_setup, .teardown = store_teardown);

TEST_EACH(cast, row, cast_rows)
{
	char payload[128];
	char expected[128] = "{}";
	snprintf(payload, sizeof(payload), "{\"k\":%s}", row->value);
	if (row->expected != NULL)
		snprintf(expected, sizeof(expected), "{\"client\":{\"k\":%s}}", row->expected);
	ck_assert(device_write(fx.device, payload, strlen(payload)));
	char *answer = read_back("{\"clientKeys\":\"k\"}");
	ck_assert_pstr_eq(answer, expected);
	free(answer);
}

static const struct {
	const char *request;
	const char *expected; /* NULL: invalid */
} request_rows[] = {
	{ "{}", "{\"client\":{\"a\":1,\"b\":\"x\"},\"shared\":{\"cfg\":1,\"a\":2}}" },
	{ "{\"clientKeys\":\"a,b\"}", "{\"client\":{\"a\":1,\"b\":\"x\"}}" },
	{ "{\"sharedKeys\":\"cfg\"}", "{\"shared\":{\"cfg\":1}}" },
	{ "{clientKeys:a,sharedKeys:a}", "{\"client\":{\"a\":1},\"shared\":{\"a\":2}}" },
	{ "{\"sharedKeys\":\"a\",\"clientKeys\":\"a\"}",
		"{\"client\":{\"a\":1},\"shared\":{\"a\":2}}" },
	{ "{\"clientKeys\":\"model\"}", "{}" },
	{ "{\"clientKeys\":\"model,a\"}", "{\"client\":{\"a\":1}}" },
	{ "{\"clientKeys\":\"a, b\"}", "{\"client\":{\"a\":1}}" },
	{ "{\"clientKeys\":\"\"}", NULL },
	{ "{\"clientKeys\":\"a,,\"}", "{\"client\":{\"a\":1}}" },
	{ "{\"clientKeys\":\",\",\"sharedKeys\":\"cfg\"}", "{\"shared\":{\"cfg\":1}}" },
	{ "{\"clientKeys\":[\"a\"]}", "{\"client\":{\"a\":1}}" },
	{ "{\"clientKeys\":5}", "{}" },
	{ "{\"other\":\"a\",\"clientKeys\":\"a\"}", "{\"client\":{\"a\":1}}" },
	{ "{\"clientKeys\":[\"a\",\"b\"]}", NULL },
	{ "{\"clientKeys\":[]}", NULL },
	{ "{\"clientKeys\":{\"a\":1}}", NULL },
	{ "{\"clientKeys\":null}", NULL },
	{ "", NULL },
	{ "[]", NULL },
	{ "\"x\"", NULL },
	{ "null", NULL },
	{ "{bad", NULL },
};

TEST_EACH(request, row, request_rows)
{
	ck_assert(device_write(fx.device, "{a:1,b:x}", 9));
	ck_assert(device_share(fx.device, "{cfg:1,a:2}", 11));
	char *answer = read_back(row->request);
	ck_assert_pstr_eq(answer, row->expected);
	free(answer);
}

TEST(nothing_at_all)
{
	char *answer = read_back("{}");
	ck_assert_str_eq(answer, "{}");
	free(answer);
}

TEST(writes_merge)
{
	ck_assert(device_write(fx.device, "{a:1,b:2}", 9));
	ck_assert(device_write(fx.device, "{b:'x',a:null}", 14));
	char *answer = read_back("{}");
	ck_assert_str_eq(answer, "{\"client\":{\"a\":1,\"b\":\"x\"}}");
	free(answer);
}

TEST(keys_are_bounded)
{
	char payload[32];
	for (int i = 0; i < 2000; i++) {
		snprintf(payload, sizeof(payload), "{k%d:1}", i);
		ck_assert(device_write(fx.device, payload, strlen(payload)));
	}
	json_t *answer = NULL;
	ck_assert(device_read(fx.device, "{}", 2, &answer));
	ck_assert_uint_eq(json_object_size(json_object_get(answer, "client")), 1024);
	json_decref(answer);
}

static const struct {
	const char *payload;
	int count;
} telemetry_rows[] = {
	{ "{\"temperature\":42}", 1 },
	{ "{temperature:25}", 1 },
	{ "{}", 1 },
	{ "{\"ts\":1451649600512,\"values\":{\"a\":1}}", 1 },
	{ "{\"ts\":\"1451649600512\",\"values\":{\"a\":1}}", 1 },
	{ "{\"ts\":5}", 1 },
	{ "[{\"a\":1},{\"ts\":1,\"values\":{}}]", 2 },
	{ "[]", 0 },
	{ "{\"ts\":\"x\",\"values\":{\"a\":1}}", TELEMETRY_FAILS },
	{ "[{},{\"ts\":true,\"values\":{\"a\":1}}]", TELEMETRY_FAILS },
	{ "{\"a\":null}", 1 },
	{ "[{}]", 1 },
	{ "{\"a\":1,}", -1 },
	{ "{\"a\":1};", -1 },
	{ "{a=1} // comment", 1 },
	{ "{\"ts\":1,\"values\":[1]}", -1 },
	{ "[1]", -1 },
	{ "[{\"a\":1},null]", -1 },
	{ "42", -1 },
	{ "null", -1 },
	{ "", -1 },
	{ "{bad", -1 },
};

TEST_EACH(telemetry, row, telemetry_rows)
{
	const char *payload = row->payload;
	ck_assert_int_eq(telemetry_count(payload, strlen(payload)), row->count);
}

/* ---- MQTT ------------------------------------------------------------------------------------- */

static const struct {
	const char *topic;
	const char *payload;
	enum mqtt_verdict verdict;
	const char *answer_topic; /* NULL: no answer */
	const char *answer;
} publish_rows[] = {
	{ "v1/devices/me/telemetry", "{\"a\":1}", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/telemetry", "{bad", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/telemetry", "[]", MQTT_IGNORE, NULL, NULL },
	{ "v2/t", "{\"a\":1}", MQTT_ACCEPT, NULL, NULL },
	{ "v2/t/p", "{\"a\":1}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes", "{\"a\":1}", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/attributes", "[]", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes", "", MQTT_INVALID, NULL, NULL },
	/* topics that nobody knows */
	{ "foo", "{bad", MQTT_UNKNOWN, NULL, NULL },
	{ "telemetry", "", MQTT_UNKNOWN, NULL, NULL },
	{ "/v1/devices/me/telemetry", "{bad", MQTT_UNKNOWN, NULL, NULL },
	{ "v1/devices/me/telemetry/", "{bad", MQTT_UNKNOWN, NULL, NULL },
	{ "v1/devices/me/Telemetry", "{bad", MQTT_UNKNOWN, NULL, NULL },
	{ "v1/devices/me/attributes/request", "{bad", MQTT_UNKNOWN, NULL, NULL },
	{ "v1/gateway/telemetry", "{bad", MQTT_IGNORE, NULL, NULL },
	/* requests */
	{ "v1/devices/me/attributes/request/1", "{\"clientKeys\":\"model\"}", MQTT_ACCEPT,
		"v1/devices/me/attributes/response/1", "{}" },
	{ "v1/devices/me/attributes/request/0", "{}", MQTT_ACCEPT,
		"v1/devices/me/attributes/response/0", "{\"client\":{\"k\":\"v\"}}" },
	{ "v1/devices/me/attributes/request/007", "{}", MQTT_ACCEPT,
		"v1/devices/me/attributes/response/7", "{\"client\":{\"k\":\"v\"}}" },
	{ "v1/devices/me/attributes/request/2147483647", "{}", MQTT_ACCEPT,
		"v1/devices/me/attributes/response/2147483647", "{\"client\":{\"k\":\"v\"}}" },
	{ "v1/devices/me/attributes/request/-1", "{}", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/attributes/request/2147483648", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/99999999999999999999", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/x", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/1/2", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/1", "", MQTT_INVALID, NULL, NULL },
	{ "v2/a/req/3", "{}", MQTT_ACCEPT, "v2/a/res/3", "{\"client\":{\"k\":\"v\"}}" },
	{ "v2/a/req/j/3", "{}", MQTT_ACCEPT, "v2/a/res/j/3", "{\"client\":{\"k\":\"v\"}}" },
	/* calls */
	{ "v1/devices/me/rpc/response/1", "\xff", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/rpc/response/x", "{}", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/rpc/request/1", "{\"method\":\"getCurrentTime\",\"params\":{}}",
		MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/rpc/request/1", "{\"params\":{}}", MQTT_FAILURE, NULL, NULL },
	{ "v1/devices/me/rpc/request/abc", "{\"method\":\"m\"}", MQTT_FAILURE, NULL, NULL },
	{ "v1/devices/me/rpc/request/5", "{\"method\":\"getSessionLimits\",\"params\":{}}",
		MQTT_ACCEPT, "v1/devices/me/rpc/response/5",
		"{\"maxPayloadSize\":65536,\"maxInflightMessages\":100,\"rateLimits\":{\"messages\":null,"
		"\"telemetryMessages\":null,\"telemetryDataPoints\":null}}" },
	{ "v1/devices/me/rpc/request/1", "{bad", MQTT_INVALID, NULL, NULL },
	{ "v1/devices/me/attributes/request/1", "{\"clientKeys\":\"\"}", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/attributes/request/1", "{\"clientKeys\":\"k,,b\"}", MQTT_ACCEPT, NULL,
		NULL },
	{ "v1/devices/me/attributes/request/1", "{\"clientKeys\":\"k\",\"sharedKeys\":\"\"}",
		MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/attributes/request/1", "{\"clientKeys\":\",\"}", MQTT_ACCEPT,
		"v1/devices/me/attributes/response/1", "{\"client\":{\"k\":\"v\"}}" },
	{ "v2/fw/request/0/chunk/0", "", MQTT_NO_PACKAGE, NULL, NULL },
	{ "v2/sw/request/1/chunk/2", "100", MQTT_NO_PACKAGE, NULL, NULL },
	{ "v2/fw/request/x/chunk/0", "", MQTT_UNKNOWN, NULL, NULL },
	{ "my/attributes", "{\"a\":1}", MQTT_UNKNOWN, NULL, NULL },
	{ "v1/devices/me/claim", "", MQTT_ACCEPT, NULL, NULL },
	{ "v1/devices/me/claim", "[]", MQTT_INVALID, NULL, NULL },
};

TEST_EACH(publish, row, publish_rows)
{
	struct mqtt_answer answer;
	ck_assert(device_write(fx.device, "{k:v}", 5));
	ck_assert_int_eq(publish(row->topic, row->payload, &answer), row->verdict);
	ck_assert_pstr_eq(answer.topic, row->answer_topic);
	ck_assert_pstr_eq(answer.payload, row->answer);
	mqtt_answer_release(&answer);
}

static const struct {
	const char *filter;
	bool granted;
} subscribe_rows[] = {
	{ "v1/devices/me/attributes", true },
	{ "v1/devices/me/attributes/response/+", true },
	{ "v1/devices/me/rpc/request/+", true },
	{ "v1/devices/me/rpc/response/+", true },
	{ "v1/gateway/rpc", true },
	{ "v2/a/res/j/+", true },
	{ "v2/fw/response/+/chunk/+", true },
	{ "v2/sw/error", true },
	{ "#", false },
	{ "+/devices/me/attributes", false },
	{ "v1/devices/me/#", false },
	{ "v1/devices/me/+", false },
	{ "v1/devices/me/telemetry", false },
	{ "v1/devices/me/attributes/response/1", false },
	{ "v1/devices/me/attributes/", false },
	{ "v2/fw/response/+", false },
	{ "$share/g/v1/devices/me/attributes", false },
	{ "", false },
};

TEST_EACH(subscribe, row, subscribe_rows)
{
	ck_assert(mqtt_subscribe(fx.mqtt, fx.session, row->filter, 1) == row->granted);
}

static int answer_qos(void)
{
	struct mqtt_answer answer;
	publish("v1/devices/me/attributes/request/1", "{}", &answer);
	int qos = answer.qos;
	mqtt_answer_release(&answer);
	return qos;
}

TEST(subscription_lowers_the_qos)
{
	ck_assert_int_eq(answer_qos(), 1);
	ck_assert(mqtt_subscribe(fx.mqtt, fx.session, "v1/devices/me/attributes/response/+", 0));
	ck_assert_int_eq(answer_qos(), 0);
	ck_assert(mqtt_subscribe(fx.mqtt, fx.session, "v1/devices/me/attributes/response/+", 2));
	ck_assert_int_eq(answer_qos(), 1);
	ck_assert(mqtt_subscribe(fx.mqtt, fx.session, "v1/devices/me/attributes/response/+", 0));
	ck_assert_int_eq(connect_as(TOKEN, ""), MQTT_GRANTED);
	ck_assert_int_eq(answer_qos(), 1);
	ck_assert(mqtt_subscribe(fx.mqtt, fx.session, "v1/devices/me/attributes/response/+", 0));
	ck_assert(mqtt_unsubscribe(fx.session, "v1/devices/me/attributes/response/+"));
	ck_assert(!mqtt_unsubscribe(fx.session, "v1/devices/me/attributes/response/+"));
	ck_assert(!mqtt_unsubscribe(fx.session, "#"));
	ck_assert_int_eq(answer_qos(), 1);
}

TEST(tokens_are_compared_exactly)
{
	static const char *const wrong[] = { "a1_test_token", TOKEN "\n", TOKEN " ", "" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(connect_as(wrong[i], ""), MQTT_BAD_CREDENTIALS);
		ck_assert_ptr_null(fx.session);
	}
	struct packet_connect connect = {
		.level = 4, .has_user = true, .user = { TOKEN "\0", sizeof(TOKEN) }
	};
	ck_assert_int_eq(mqtt_connect(fx.mqtt, &connect, false, &fx.session), MQTT_BAD_CREDENTIALS);
	connect.user.len--;
	ck_assert_int_eq(mqtt_connect(fx.mqtt, &connect, false, &fx.session), MQTT_GRANTED);
	ck_assert_int_eq(mqtt_connect(fx.mqtt, &connect, true, &fx.session), MQTT_NOT_AUTHORIZED);
}

TEST(devices_are_apart)
{
	struct mqtt_answer answer;
	ck_assert_ptr_nonnull(store_add_basic(fx.store, "user", "word"));
	ck_assert_int_eq(connect_as("user", "word"), MQTT_GRANTED);
	ck_assert_int_eq(connect_as("user", "Word"), MQTT_BAD_CREDENTIALS);
	ck_assert_int_eq(connect_as("user", ""), MQTT_BAD_CREDENTIALS);
	ck_assert_ptr_nonnull(store_add(fx.store, "second"));
	ck_assert_int_eq(connect_as("second", "any"), MQTT_GRANTED);
	ck_assert(device_write(fx.device, "{k:v}", 5));
	ck_assert_int_eq(publish("v2/a/req/1", "{}", &answer), MQTT_ACCEPT);
	ck_assert_pstr_eq(answer.payload, "{}");
	mqtt_answer_release(&answer);
}

TEST(a_deleted_device_is_nobodys)
{
	ck_assert(mqtt_admits(fx.mqtt, TOKEN, ""));
	device_delete(fx.device);
	ck_assert(!mqtt_admits(fx.mqtt, TOKEN, ""));
	ck_assert_int_eq(connect_as(TOKEN, ""), MQTT_BAD_CREDENTIALS);
}

/* ---- limits ----------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	bool good;
} limit_rows[] = {
	{ "1:60", true },
	{ "200:1,6000:60,14000:3600", true },
	{ "", false },
	{ "1", false },
	{ "0:1", false },
	{ "1:0", false },
	{ "-1:1", false },
	{ "1:60,", false },
	{ "1:60;", false },
	{ "1:1,1:2,1:3,1:4,1:5", false },
	{ "1:60x", false },
};

TEST_EACH(limit, row, limit_rows)
{
	struct limits limits;
	ck_assert(limits_parse(&limits, row->text) == row->good);
}

TEST(limits_are_counted_apart)
{
	struct limits two;
	ck_assert(limits_parse(&two, "3:60,2:60"));
	store_set_limit(fx.store, STORE_MESSAGES, &two);
	ck_assert(device_may_send(fx.device, STORE_MESSAGES));
	ck_assert(device_may_send(fx.device, STORE_MESSAGES));
	ck_assert(!device_may_send(fx.device, STORE_MESSAGES));
	ck_assert(device_may_send(fx.device, STORE_TELEMETRY));
	store_use_up(fx.store);
	ck_assert(!device_may_send(fx.device, STORE_TELEMETRY));
	store_set_limit(fx.store, STORE_MESSAGES, NULL);
}
