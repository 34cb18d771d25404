/* SPDX-License-Identifier: MIT
 *
 * target.c - what counts as a target, what it becomes, and what an error may say.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"

static const struct good {
	const char *text;
	const char *host;
	int port;
	bool tls;
	bool is_address;
	const char *url;
} goods[] = {
	{ "example.com", "example.com", 8883, true, false, "mqtts://example.com:8883" },
	{ "example.com:1", "example.com", 1, true, false, "mqtts://example.com:1" },
	{ "example.com:65535", "example.com", 65535, true, false, "mqtts://example.com:65535" },
	{ "MQTT.Example.COM.", "mqtt.example.com", 8883, true, false,
		"mqtts://mqtt.example.com:8883" },
	{ "localhost", "localhost", 8883, true, false, "mqtts://localhost:8883" },
	{ "tb_node-1", "tb_node-1", 8883, true, false, "mqtts://tb_node-1:8883" },
	{ "mqtts://example.com", "example.com", 8883, true, false, "mqtts://example.com:8883" },
	{ "mqtts://example.com/", "example.com", 8883, true, false, "mqtts://example.com:8883" },
	{ "MQTT://example.com", "example.com", 1883, false, false, "mqtt://example.com:1883" },
	{ "mqtt://example.com:8883", "example.com", 8883, false, false, "mqtt://example.com:8883" },
	{ "https://example.com", "example.com", 443, true, false, "https://example.com:443" },
	{ "coaps://example.com", "example.com", 5684, true, false, "coaps://example.com:5684" },
	{ "COAP://[::1]", "::1", 5683, false, true, "coap://[::1]:5683" },
	{ "HTTPS://Example.com:8443/", "example.com", 8443, true, false,
		"https://example.com:8443" },
	{ "http://example.com", "example.com", 80, false, false, "http://example.com:80" },
	{ "http://[::1]:8080", "::1", 8080, false, true, "http://[::1]:8080" },
	{ "127.0.0.1", "127.0.0.1", 8883, true, true, "mqtts://127.0.0.1:8883" },
	{ "127.0.0.1:1883", "127.0.0.1", 1883, true, true, "mqtts://127.0.0.1:1883" },
	{ "::1", "::1", 8883, true, true, "mqtts://[::1]:8883" },
	{ "[::1]", "::1", 8883, true, true, "mqtts://[::1]:8883" },
	{ "[::1]:99", "::1", 99, true, true, "mqtts://[::1]:99" },
	{ "mqtt://[2001:DB8:0::1]", "2001:db8::1", 1883, false, true, "mqtt://[2001:db8::1]:1883" },
	{ "2001:db8::1", "2001:db8::1", 8883, true, true, "mqtts://[2001:db8::1]:8883" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", 8883, true, true,
		"mqtts://[::ffff:192.0.2.1]:8883" },
	{ "fe80::1%eth0", "fe80::1%eth0", 8883, true, true, "mqtts://[fe80::1%25eth0]:8883" },
	{ "[fe80::1%eth0]:1", "fe80::1%eth0", 1, true, true, "mqtts://[fe80::1%25eth0]:1" },
	{ "mqtts://[fe80::1%25eth0]", "fe80::1%eth0", 8883, true, true,
		"mqtts://[fe80::1%25eth0]:8883" },
	{ "b\xc3\xbc"
	  "cher.example",
		"xn--bcher-kva.example", 8883, true, false, "mqtts://xn--bcher-kva.example:8883" },
	{ "B\xc3\x9c"
	  "CHER.example:1",
		"xn--bcher-kva.example", 1, true, false, "mqtts://xn--bcher-kva.example:1" },
};

TEST_EACH(good, row, goods)
{
	struct tbd_target *target = NULL;
	struct tbd_error error = { "" };
	ck_assert_msg(
		tbd_target_parse(row->text, &target, &error) == 0, "%s: %s", row->text, error.text);
	ck_assert_str_eq(target->host, row->host);
	ck_assert_int_eq(target->port, row->port);
	ck_assert_int_eq(target->tls, row->tls);
	ck_assert_int_eq(target->is_address, row->is_address);
	ck_assert_str_eq(target->url, row->url);
	tbd_target_free(target);
}

/* The URL of a target is a target: the same one. */
TEST_EACH(url_again, row, goods)
{
	struct tbd_target *target = NULL;
	struct tbd_target *again = NULL;
	ck_assert_int_eq(tbd_target_parse(row->text, &target, NULL), 0);
	ck_assert_int_eq(tbd_target_parse(target->url, &again, NULL), 0);
	ck_assert_str_eq(target->url, again->url);
	ck_assert_str_eq(target->host, again->host);
	tbd_target_free(target);
	tbd_target_free(again);
}

static const struct bad {
	const char *text;
	const char *names; /* what the error must name */
} bads[] = {
	{ "", "host is empty" },
	{ ".", "empty" },
	{ ":8883", "host is empty" },
	{ "mqtts://", "host is empty" },
	{ "[]", "IPv6" },
	{ "example.com:", "the port is not a number" },
	{ "example.com:0", "port 0 is" },
	{ "example.com:65536", "port 65536 is" },
	{ "example.com:99999999999999999999999", "port 99999999999999999999999 is" },
	{ "example.com:mqtt", "the port is not a number" },
	{ "example.com:-1", "the port is not a number" },
	{ "example.com:+1", "the port is not a number" },
	{ "example.com: 1", "the port is not a number" },
	{ "example.com:1\n2", "the port is not a number" },
	{ "amqp://example.com", "scheme \"amqp\"" },
	{ "://example.com", "scheme \"\"" },
	{ "mqttss://example.com", "scheme \"mqttss\"" },
	{ "mqtts://mqtts://example.com", "path" },
	{ "[::1", "\"]\" is missing" },
	{ "[::1]x", "may follow" },
	{ "[example.com]:1", "IPv6" },
	{ "[127.0.0.1]:1", "IPv6" },
	{ "1:2:3", "host \"1:2:3\"" },
	{ "example.com:1:2", "IPv6" },
	{ "fe80::1%", "IPv6" },
	{ "fe80::1%a b", "IPv6" },
	{ "fe80::1%averyverylongname", "IPv6" },
	{ "127.0.0.1%lo", "character" },
	{ "127.1", "IPv4" },
	{ "256.0.0.1", "IPv4" },
	{ "2130706433", "IPv4" },
	{ "0x7f000001", "IPv4" },
	{ "a..b", "label" },
	{ ".a", "label" },
	{ "a123456789012345678901234567890123456789012345678901234567890123.example", "label" },
	{ "exa mple.com", "position 4" },
	{ "example.com\x01", "position 12" },
	{ "ex*mple.com", "position 3" },
	{ "\xff\xfe.example", "host" },
	{ "example.com/v1", "path" },
	{ "example.com?a=b", "query" },
	{ "example.com#a", "fragment" },
};

TEST_EACH(bad, row, bads)
{
	struct tbd_target *target = NULL;
	struct tbd_error error = { "" };
	ck_assert_msg(
		tbd_target_parse(row->text, &target, &error) == TBD_E_TARGET, "\"%s\"", row->text);
	ck_assert_ptr_null(target);
	ck_assert_msg(strstr(error.text, row->names) != NULL, "%s", error.text);
	ck_assert_msg(strstr(error.text, "HOST:PORT") != NULL, "%s", error.text);
	ck_assert_ptr_null(strchr(error.text, '\n'));
	ck_assert_int_eq(tbd_target_parse(row->text, &target, NULL), TBD_E_TARGET);
}

/* Where somebody may have put a token. */
static const char *const tokens[] = {
	"A1_SECRET@example.com",
	"mqtts://A1_SECRET@example.com:99999",
	"mqtts://A1_SECRET:password@example.com",
	"A1_SECRET@x://example.com",
	"x://A1_SECRET@example.com",
	"[A1_SECRET@example.com",
	"example.com:A1_SECRET",
	"mqtt://example.com/api/v1/A1_SECRET/telemetry",
	"http://example.com/api/v1/A1_SECRET/telemetry",
	"mqtts://example.com?user=A1_SECRET",
	"mqtts://example.com#A1_SECRET",
	"A1_SECRET%40example.com",
};

TEST_EACH(token_is_not_echoed, row, tokens)
{
	struct tbd_target *target = NULL;
	struct tbd_error error = { "" };
	ck_assert_int_eq(tbd_target_parse(*row, &target, &error), TBD_E_TARGET);
	ck_assert_msg(strstr(error.text, "SECRET") == NULL, "%s", error.text);
}

/* No cut of an error goes through the accepted forms, whatever the length of the text. */
TEST(long)
{
	char text[3000];
	struct tbd_target *target = NULL;
	struct tbd_error error = { "" };
	for (size_t len = 200; len < sizeof(text) - 1; len += 50) {
		memset(text, 'a', len);
		for (size_t i = 50; i < len; i += 50)
			text[i] = '.';
		text[len] = '\0';
		int rc = tbd_target_parse(text, &target, &error);
		ck_assert_int_eq(rc, len <= 253 ? 0 : TBD_E_TARGET);
		ck_assert(len <= 253 || strstr(error.text, "HOST:PORT") != NULL);
		tbd_target_free(target);
	}
}

TEST(contract)
{
	struct tbd_target *target = NULL;
	ck_assert_int_eq(tbd_target_parse(NULL, &target, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_target_parse("example.com", NULL, NULL), TBD_E_INVALID);
	tbd_target_free(NULL);
	ck_assert_str_eq(tbd_scheme_name(TBD_SCHEME_MQTTS), "mqtts");
	ck_assert_str_eq(tbd_scheme_name(TBD_SCHEME_MQTT), "mqtt");
}
