/* SPDX-License-Identifier: MIT
 *
 * hostile-mqtt.c - peers that mean no good once they are verified: each ends in a finding, within the
 * deadline, in bounded memory.
 */
#include "base/common.h"

#include "tests/unit/check-main.h"
#include "tests/unit/tls-fixture.h"

enum {
	PHASE_MS = 800,
	TIME_LIMIT_MS = 10000, /* five phases and what a busy machine adds */
	MEMORY_LIMIT_KB = 48 * 1024,
};

#define CONNACK "\x20\x02\x00\x00"
#define CONNACK5 "\x20\x03\x00\x00\x00"
#define SUBACK "\x90\x03\x00\x01\x01"
#define SUBACK5 "\x90\x04\x00\x01\x00\x01"
#define PUBACK "\x40\x02\x00\x02"
#define TOPIC "v1/devices/me/attributes/response/"
#define RESPONSE "\x30\x27\x00\x23" TOPIC "1{}"
#define RESPONSE5 "\x30\x28\x00\x23" TOPIC "1\x00{}"

#define READ STEP_READ
#define SEND(bytes) STEP_SEND(bytes)
#define DRIP(bytes) STEP_DRIP(bytes)
#define DRAIN STEP_DRAIN
/* clang-format off */
#define FLOOD(bytes) { .op = PEER_FLOOD, PEER_BYTES(bytes) }
#define TIMES(n, bytes) { .op = PEER_FLOOD, PEER_BYTES(bytes), .number = (n) }
#define BLOCKS { .op = PEER_FLOOD, .data = block, .len = sizeof(block) }
#define LARGE { .op = PEER_FLOOD, .data = large, .len = sizeof(large) }
/* clang-format on */
#define EIGHT(bytes) bytes bytes bytes bytes bytes bytes bytes bytes
#define MANY(bytes) FLOOD(EIGHT(EIGHT(bytes)))
/* To the answer to CONNECT; to that to SUBSCRIBE, when the first request is here. */
#define UP_TO_CONNECT STEP_HANDSHAKE, READ
#define UP_TO_REQUEST UP_TO_CONNECT, SEND(CONNACK), READ, SEND(SUBACK), READ
#define UP_TO_REQUEST5 UP_TO_CONNECT, SEND(CONNACK5), READ, SEND(SUBACK5), READ

static char block[16 * 1024];  /* NUL */
static char large[200 * 1024]; /* a PUBLISH to the response of request 1 */

enum { STEPS = 12 };

static const struct hostile {
	const char *what;
	const char *ids; /* one of these is the first finding that is not ok; "": all is well */
	bool is_v5;
	bool writes;
	struct peer_step script[STEPS]; /* ends with PEER_END */
} rows[] = {
	{ "CONNACK twice", "mqtt.not-mqtt", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK CONNACK), DRAIN } },
	{ "CONNACK again", "mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK CONNACK), DRAIN } },
	{ "CONNACKs without end", "mqtt.not-mqtt", false, false, { UP_TO_CONNECT, MANY(CONNACK) } },
	{ "256 MB announced before CONNACK", "mqtt.not-mqtt", false, false,
		{ UP_TO_CONNECT, SEND("\x20\xff\xff\xff\x7f"), BLOCKS } },
	{ "256 MB in CONNACK of MQTT 5", "mqtt.not-mqtt mqtt.closed-before-connack", true, false,
		{ UP_TO_CONNECT, SEND("\x20\xff\xff\xff\x7f"), BLOCKS } },
	{ "PUBLISH of 256 MB", "data.other-response", false, false,
		{ UP_TO_REQUEST, SEND("\x30\xff\xff\xff\x7f"), BLOCKS } },
	{ "256 KB and NULs", "mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x80\x80\x10\x00\x01x"), BLOCKS } },
	{ "a length of five bytes", "mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\x30\xff\xff\xff\xff\x01"), BLOCKS } },
	{ "NULs", "mqtt.not-mqtt", false, false, { UP_TO_REQUEST, BLOCKS } },
	{ "SUBACK for another id", "mqtt.suback-refused", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, SEND("\x90\x03\x00\x63\x01"), DRAIN } },
	{ "SUBACK before SUBSCRIBE", "mqtt.suback-refused mqtt.not-mqtt", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK "\x90\x03\x00\x00\x01"), DRAIN } },
	{ "SUBACK without a code", "mqtt.suback-refused mqtt.not-mqtt", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, SEND("\x90\x02\x00\x01"), DRAIN } },
	{ "SUBACK with three codes", "", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, SEND("\x90\x05\x00\x01\x01\x80\x80"), READ,
			SEND(PUBACK RESPONSE), DRAIN } },
	{ "SUBACK of nothing", "mqtt.suback-refused mqtt.not-mqtt", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, SEND("\x90\x00"), DRAIN } },
	{ "SUBACKs without end", "mqtt.not-mqtt mqtt.suback-refused", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, MANY("\x90\x03\x00\x63\x01") } },
	{ "a response that nobody asked for", "data.other-response", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x28\x00\x24" TOPIC "99{}"), DRAIN } },
	{ "responses that nobody asked for", "mqtt.not-mqtt data.other-response", false, false,
		{ UP_TO_REQUEST, MANY("\x30\x28\x00\x24" TOPIC "99{}") } },
	{ "a response with id 0", "data.other-response", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x27\x00\x23" TOPIC "0{}"), DRAIN } },
	{ "a response with a huge id", "data.other-response", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x3a\x00\x36" TOPIC "18446744073709551617{}"),
			DRAIN } },
	{ "the first response again and again", "mqtt.not-mqtt mqtt.no-puback", false, true,
		{ UP_TO_REQUEST, MANY(PUBACK RESPONSE) } },
	{ "responses before requests", "mqtt.not-mqtt data.not-stored", false, true,
		{ UP_TO_CONNECT, SEND(CONNACK), READ, SEND(SUBACK), READ, SEND(PUBACK RESPONSE),
			READ, MANY("\x30\x27\x00\x23" TOPIC "2{}\x40\x02\x00\x03") } },
	{ "PUBACK for another id", "mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, SEND("\x40\x02\x00\x63"), DRAIN } },
	{ "PUBACKs without end", "mqtt.not-mqtt mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, MANY("\x40\x02\x00\x63") } },
	{ "PUBACK of nothing", "mqtt.no-puback mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\x40\x00"), DRAIN } },
	{ "PUBACKs of QoS 2", "mqtt.no-puback mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\x50\x02\x00\x02\x62\x02\x00\x02\x70\x02\x00\x02"),
			DRAIN } },
	{ "one byte at a time", "", false, false,
		{ UP_TO_CONNECT, DRIP(CONNACK), READ, DRIP(SUBACK), READ, DRIP(PUBACK RESPONSE),
			DRAIN } },
	{ "one byte at a time, MQTT 5", "", true, false,
		{ UP_TO_CONNECT, DRIP(CONNACK5), READ, DRIP(SUBACK5), READ, DRIP(PUBACK RESPONSE5),
			DRAIN } },
	{ "half a packet", "mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, SEND("\x30\x27\x00\x23" TOPIC), DRAIN } },
	{ "half a CONNACK", "mqtt.no-connack", false, false,
		{ UP_TO_CONNECT, SEND("\x20\x02\x00"), DRAIN } },
	{ "PINGRESP that nobody asked for", "", false, false,
		{ UP_TO_CONNECT, SEND(CONNACK "\xd0\x00"), READ, SEND("\xd0\x00" SUBACK), READ,
			SEND("\xd0\x00" PUBACK "\xd0\x00" RESPONSE), DRAIN } },
	{ "PINGRESPs without end", "mqtt.not-mqtt mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, MANY("\xd0\x00") } },
	{ "DISCONNECT before CONNACK", "mqtt.not-mqtt", true, false,
		{ UP_TO_CONNECT, SEND("\xe0\x02\x81\x00"), DRAIN } },
	{ "DISCONNECT behind CONNACK", "mqtt.suback-refused", true, false,
		{ UP_TO_CONNECT, SEND(CONNACK5 "\xe0\x02\x81\x00"), DRAIN } },
	{ "DISCONNECT in a response's place", "mqtt.closed-on-publish", true, false,
		{ UP_TO_REQUEST5, SEND("\xe0\x02\x81\x00"), DRAIN } },
	{ "DISCONNECT and then a response", "mqtt.closed-on-publish", true, false,
		{ UP_TO_REQUEST5, SEND("\xe0\x00" PUBACK RESPONSE5), DRAIN } },
	{ "DISCONNECT of MQTT 3", "mqtt.closed-on-publish mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\xe0\x00"), DRAIN } },
	{ "AUTH that nobody asked for", "mqtt.not-mqtt mqtt.no-puback", true, false,
		{ UP_TO_REQUEST5, SEND("\xf0\x02\x18\x00"), DRAIN } },
	{ "a topic that is no UTF-8", "data.other-response mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x07\x00\x03\xff\xc0\x80{}"), DRAIN } },
	{ "a topic with NUL", "data.other-response mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x29\x00\x25" TOPIC "1\x00x{}"), DRAIN } },
	{ "a topic with escape sequences", "data.other-response mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\x0a\x00\x08\x1b[31m\xe2\x80\xae"), DRAIN } },
	{ "a topic that is longer than its packet", "mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\x30\x04\xff\xff\x00\x00"), DRAIN } },
	{ "QoS 3", "mqtt.not-mqtt data.other-response mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, SEND("\x36\x07\x00\x01t\x00\x01{}"), DRAIN } },
	{ "PUBLISH of QoS 0 without end", "mqtt.not-mqtt data.other-response", false, false,
		{ UP_TO_REQUEST, MANY("\x30\x03\x00\x01t") } },
	{ "PUBLISH of QoS 1 without end", "mqtt.not-mqtt data.other-response", false, false,
		{ UP_TO_REQUEST, MANY("\x32\x05\x00\x01t\x00\x01") } },
	{ "PUBLISH of QoS 2 without end", "mqtt.not-mqtt mqtt.no-puback", false, false,
		{ UP_TO_REQUEST, MANY("\x34\x05\x00\x01t\x00\x01") } },
	{ "properties of MQTT 5 that lie",
		"mqtt.not-mqtt mqtt.closed-before-connack mqtt.suback-refused", true, false,
		{ UP_TO_CONNECT, SEND("\x20\x06\x00\x00\xff\xff\xff\x7f"), DRAIN } },
	{ "large PUBLISH without end", "mqtt.not-mqtt data.other-response mqtt.no-puback", false,
		true, { UP_TO_REQUEST, LARGE } },
	{ "JSON without end", "data.other-response", false, false,
		{ UP_TO_REQUEST, SEND(PUBACK "\x30\xa5\x80\x08\x00\x23" TOPIC "1"),
			TIMES(256, EIGHT(EIGHT("[[[[[[[["))), DRAIN } },
	{ "a packet of a client", "mqtt.not-mqtt", false, false,
		{ UP_TO_REQUEST, SEND("\xc0\x00"), DRAIN } },
};

static void hostile_setup(void)
{
	static const char head[] = "\x30\xfc\xbf\x0c\x00\x23" TOPIC "1";
	memcpy(large, head, sizeof(head) - 1);
	tls_fixture_setup();
}

/* The most memory that this process ever had, kB. */
static long memory_peak(void)
{
	char line[256];
	long peak = 0;
	FILE *status = fopen("/proc/self/status", "r");
	while (status != NULL && peak == 0 && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmHWM: %ld", &peak) != 1)
			peak = 0;
	if (status != NULL)
		fclose(status);
	return peak;
}

static int64_t hostile_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first that is not ok, or "". That the server was dialled by its address is of no interest. */
static const char *first_bad(const struct tbd_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct tbd_finding *finding = report->findings[i];
		if (finding->stage != TBD_STAGE_NAME)
			return finding->severity == TBD_SEVERITY_OK ? "" : finding->id;
	}
	return "";
}

static bool is_one_of(const char *id, const char *ids)
{
	size_t len = strlen(id);
	for (const char *at = strstr(ids, id); at != NULL && len > 0; at = strstr(at + 1, id))
		if ((at == ids || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return len == 0 && ids[0] == '\0';
}

static void assert_report_is_sound(const struct hostile *row)
{
	char *json = NULL;
	ck_assert_int_eq(tbd_report_to_json(fixture.report, &json, NULL), 0);
	ck_assert_msg(
		strstr(json, FIXTURE_TOKEN) == NULL, "%s: the token is in the report", row->what);
	ck_assert_msg(strchr(json, '\033') == NULL, "%s: an escape sequence", row->what);
	ck_assert_msg(strlen(json) < 4 * 1024 * 1024, "%s: %zu bytes", row->what, strlen(json));
	free(json);
}

TEST_GROUP(.setup = hostile_setup, .teardown = tls_fixture_teardown, .seconds = 60);

TEST_EACH(hostile, row, rows)
{
	static const struct kind kind = { "TLS1.3", ONLY_TLS13, GNUTLS_CERT_IGNORE };
	fixture.phase_ms = PHASE_MS;
	fixture.timeout_ms = 1500;
	fixture.writes = row->writes;
	fixture.mqtt_version = row->is_v5 ? "5" : NULL;
	int64_t start_ms = hostile_now_ms();
	long peak = memory_peak();
	struct peer *peer = tls_roundtrip(&kind, row->script, fixture.served.root, false);
	int64_t took_ms = hostile_now_ms() - start_ms;
	const char *id = first_bad(fixture.report);
	ck_assert_msg(is_one_of(id, row->ids), "%s: %s (%s)", row->what, id,
		tbd_mqtt_end_name(fixture.report->exchange->end));
	ck_assert_msg(took_ms < TIME_LIMIT_MS, "%s: took %lld ms", row->what, (long long)took_ms);
	assert_report_is_sound(row);
#ifndef __SANITIZE_ADDRESS__ /* which gives nothing back */
	ck_assert_msg(memory_peak() - peak < MEMORY_LIMIT_KB, "%s: took %ld kB", row->what,
		memory_peak() - peak);
#endif
	peer_free(peer);
}
