/* SPDX-License-Identifier: MIT
 *
 * protocol.c - the schemes and the protocols.
 */
#include "base/protocol.h"

#include <strings.h>

const struct tbdi_scheme tbdi_schemes[] = {
	[TBD_SCHEME_MQTTS] = { "mqtts", 8883, true, TBDI_MQTT, NULL, NULL },
	[TBD_SCHEME_MQTT] = { "mqtt", 1883, false, TBDI_MQTT, NULL, NULL },
	[TBD_SCHEME_HTTPS] = { "https", 443, true, TBDI_HTTP, "http/1.1", NULL },
	[TBD_SCHEME_HTTP] = { "http", 80, false, TBDI_HTTP, NULL, NULL },
	[TBD_SCHEME_COAPS] = { "coaps", 5684, true, TBDI_COAP, NULL, NULL },
	[TBD_SCHEME_COAP] = { "coap", 5683, false, TBDI_COAP, NULL, NULL },
	/* ThingsBoard has no such listener: a proxy or TBMQ before it. */
	[TBD_SCHEME_WSS] = { "wss", 443, true, TBDI_MQTT, "http/1.1", "/mqtt" },
	[TBD_SCHEME_WS] = { "ws", 80, false, TBDI_MQTT, NULL, "/mqtt" },
};
TBDI_TABLE_OF(tbdi_schemes, TBD_SCHEME_WS);
_Static_assert(TBDI_COUNT(tbdi_schemes) == TBDI_SCHEME_COUNT, "one for each value");

/* What they are called in Paho, in Java and elsewhere. */
static const struct {
	const char *word;
	enum tbd_scheme scheme;
} aliases[] = {
	{ "ssl", TBD_SCHEME_MQTTS },
	{ "tls", TBD_SCHEME_MQTTS },
	{ "tcp", TBD_SCHEME_MQTT },
};

const struct tbdi_protocol tbdi_protocols[] = {
	/* MQTT 3.1.1 3.2.2.3, and what MQTT 5 has for it. */
	[TBDI_MQTT] = { .id = TBDI_MQTT,
		.word = "mqtt",
		.name = "MQTT",
		.stage = TBD_STAGE_MQTT,
		.module = { "transport-mqtt.so", "libmosquitto1", "libmosquitto-dev" },
		.question = "MQTT CONNECT",
		.code_prefix = "rc ",
		.answers = { { 0, TBDI_ACCEPTED }, { 3, TBDI_UNSERVED }, { 4, TBDI_REFUSED },
			{ 5, TBDI_REFUSED }, { 0x86, TBDI_REFUSED }, { 0x87, TBDI_REFUSED } },
		.listener = { "MQTT_ENABLED=true", "MQTT_BIND_PORT", "MQTT_SSL_ENABLED=true",
			"MQTT_SSL_BIND_PORT", "MQTT_SSL_PEM_CERT", 0 } },
	/* Its port is one, and turns to TLS as a whole. */
	[TBDI_HTTP] = { .id = TBDI_HTTP,
		.word = "http",
		.name = "HTTP",
		.stage = TBD_STAGE_HTTP,
		.module = { "transport-http.so", "libcurl3-gnutls", "libcurl4-gnutls-dev" },
		.is_requests = true,
		.is_typed = true,
		.question = "HTTP HEAD",
		.code_prefix = "",
		.answers = { { 200, TBDI_READ | TBDI_WRITTEN }, { 401, TBDI_REFUSED } },
		.listener = { "", "HTTP_BIND_PORT", "SSL_ENABLED=true", "HTTP_BIND_PORT",
			"SSL_PEM_CERT", 8080 } },
	/* RFC 7252 12.1.2; 2.05 is 205. */
	[TBDI_COAP] = { .id = TBDI_COAP,
		.word = "coap",
		.name = "CoAP",
		.stage = TBD_STAGE_COAP,
		.module = { "transport-coap.so", "libcoap3", "libcoap3-dev" },
		.is_datagrams = true,
		.is_requests = true,
		.question = "CoAP ping",
		.code_has_class = true,
		.answers = { { 201, TBDI_WRITTEN }, { 205, TBDI_READ }, { 401, TBDI_REFUSED },
			{ 404, TBDI_NOTHING }, { 500, TBDI_UNSERVED } },
		.listener = { "COAP_ENABLED=true", "COAP_BIND_PORT", "COAP_DTLS_ENABLED=true",
			"COAP_DTLS_BIND_PORT", "COAP_DTLS_PEM_CERT", 0 } },
};
TBDI_TABLE_OF(tbdi_protocols, TBDI_COAP);

static bool is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && strncasecmp(word, text, len) == 0;
}

bool tbdi_scheme_find(const char *text, size_t len, enum tbd_scheme *scheme)
{
	for (size_t i = 0; i < TBDI_SCHEME_COUNT; i++) {
		*scheme = (enum tbd_scheme)i;
		if (is_word(tbdi_schemes[i].word, text, len))
			return true;
	}
	for (size_t i = 0; i < TBDI_COUNT(aliases); i++) {
		*scheme = aliases[i].scheme;
		if (is_word(aliases[i].word, text, len))
			return true;
	}
	return false;
}

const struct tbdi_scheme *tbdi_scheme_of(const struct tbd_target *target)
{
	return &tbdi_schemes[target != NULL ? target->scheme : TBD_SCHEME_MQTTS];
}

const struct tbdi_protocol *tbdi_protocol_of(const struct tbd_target *target)
{
	return &tbdi_protocols[tbdi_scheme_of(target)->protocol];
}

const struct tbdi_protocol *tbdi_protocol_find(const char *word)
{
	for (size_t i = 0; i < TBDI_PROTOCOL_COUNT; i++)
		if (strcmp(tbdi_protocols[i].word, word) == 0)
			return &tbdi_protocols[i];
	return &tbdi_protocols[TBDI_HTTP];
}

const struct tbdi_scheme *tbdi_protocol_scheme(const struct tbdi_protocol *protocol, bool tls)
{
	const struct tbdi_scheme *scheme = tbdi_schemes;
	while (scheme->protocol != protocol->id || scheme->tls != tls)
		scheme++;
	return scheme;
}

size_t tbdi_listener_ports(uint16_t *ports)
{
	size_t count = 0;
	for (const struct tbdi_protocol *protocol = tbdi_protocols;
		protocol < tbdi_protocols + TBDI_PROTOCOL_COUNT; protocol++) {
		if (protocol->is_datagrams)
			continue;
		bool is_one = protocol->listener.port != 0;
		ports[count++] = is_one ? protocol->listener.port
					: tbdi_protocol_scheme(protocol, false)->port;
		if (!is_one)
			ports[count++] = tbdi_protocol_scheme(protocol, true)->port;
	}
	return count;
}

bool tbdi_code_means(const struct tbdi_protocol *protocol, int code, enum tbdi_code_meaning meaning)
{
	for (size_t i = 0; i < TBDI_COUNT(protocol->answers); i++)
		if (protocol->answers[i].code == code &&
			(protocol->answers[i].means & meaning) != 0)
			return true;
	return false;
}

struct tbdi_code tbdi_code_text(const struct tbdi_protocol *protocol, int code)
{
	struct tbdi_code written;
	if (protocol->code_has_class)
		snprintf(written.text, sizeof(written.text), "%d.%02d", code / 100, code % 100);
	else
		snprintf(written.text, sizeof(written.text), "%s%d", protocol->code_prefix, code);
	return written;
}
