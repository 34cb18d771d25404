/* SPDX-License-Identifier: MIT
 *
 * verdict.c - the TLS stacks that can be asked, and the verdict of one in words.
 */
#include "report/verdict.h"

#define STACK(name, its_package) .stack = name, .package = its_package
#define OPENSSL STACK("openssl", "libssl-dev")
#define GNUTLS STACK("gnutls", "libgnutls28-dev")
#define MBEDTLS STACK("mbedtls", "libmbedtls-dev")
#define WOLFSSL STACK("wolfssl", "libwolfssl-dev")
#define BEARSSL STACK("bearssl", "libbearssl-dev")
const struct tbd_stack_mode tbdi_stack_modes[] = {
	{ OPENSSL, .mode = "default",
		.devices = "mosquitto, paho C, Node.js, Python before 3.13, gateways" },
	{ OPENSSL, .mode = "partial-chain", .devices = "curl" },
	{ OPENSSL, .mode = "strict", .devices = "Python from 3.13 on" },
	{ OPENSSL, .mode = "legacy", .devices = "gateways with OpenSSL 1.0.2" },
	{ GNUTLS, .mode = "default", .devices = "programs on Linux that use GnuTLS" },
	{ MBEDTLS, .mode = "default", .devices = "ESP32 by ESP-IDF or Arduino, Zephyr" },
	{ MBEDTLS, .mode = "no-clock", .devices = "ESP32 and others built without a clock" },
	{ MBEDTLS, .mode = "esp-idf-bundle", .devices = "ESP-IDF with its certificate bundle" },
	{ WOLFSSL, .mode = "default", .devices = "wolfMQTT, Zephyr, RTOS with wolfSSL" },
	{ BEARSSL, .mode = "default", .devices = "ESP8266 by Arduino, SSLClient" },
};
_Static_assert(TBDI_COUNT(tbdi_stack_modes) == TBDI_STACK_MODE_COUNT, "as many as are told");

const struct tbd_stack_mode *tbd_stack_modes(size_t *count)
{
	*count = TBDI_STACK_MODE_COUNT;
	return tbdi_stack_modes;
}

const char *tbdi_stack_title(const char *stack)
{
	static const char *const titles[][2] = { { "openssl", "OpenSSL" }, { "gnutls", "GnuTLS" },
		{ "mbedtls", "mbedTLS" }, { "wolfssl", "wolfSSL" }, { "bearssl", "BearSSL" } };
	for (size_t i = 0; i < TBDI_COUNT(titles); i++)
		if (strcmp(titles[i][0], stack) == 0)
			return titles[i][1];
	return stack;
}

bool tbdi_verdict_tells(const struct tbd_verdict *verdict)
{
	return verdict->accepted ||
		(strcmp(verdict->step, "crashed") != 0 && strcmp(verdict->step, "timeout") != 0 &&
			strcmp(verdict->step, "failed") != 0);
}

/* Where it stopped, unless that is where all do. */
static const char *step_text(const struct tbd_verdict *verdict)
{
	static const char *const texts[][2] = { { "trust-file", "it cannot load the trust file" },
		{ "hello", "no cipher suite fits the key" }, { "crashed", "it crashed" },
		{ "timeout", "" }, { "failed", "" }, { "handshake", "" } };
	for (size_t i = 0; i < TBDI_COUNT(texts); i++)
		if (strcmp(texts[i][0], verdict->step) == 0)
			return texts[i][1];
	return verdict->step;
}

/* mbedTLS writes its numbers in hexadecimal; BearSSL and others as they are. */
static void write_code(const struct tbd_verdict *verdict, char text[24])
{
	bool is_hexadecimal = strcmp(verdict->stack, "mbedtls") == 0 && verdict->code < 0;
	text[0] = '\0';
	if (is_hexadecimal)
		snprintf(text, 24, "-0x%04x", 0U - (unsigned)verdict->code);
	else if (verdict->code != 0)
		snprintf(text, 24, "%d", verdict->code);
}

struct tbdi_verdict_words tbdi_verdict_words(const struct tbd_verdict *verdict)
{
	struct tbdi_verdict_words words = { "" };
	const char *step = step_text(verdict);
	const char *said = verdict->words != NULL ? verdict->words : "";
	char code[24];
	write_code(verdict, code);
	bool has_both = *step != '\0' && *said != '\0';
	bool is_silent = *step == '\0' && *said == '\0';
	snprintf(words.text, sizeof(words.text), "%s%s%s%s%s%s", step, has_both ? ", " : "",
		is_silent ? "without a word" : said, code[0] != '\0' ? " (" : "", code,
		code[0] != '\0' ? ")" : "");
	return words;
}

enum tbd_severity tbdi_report_worst(const struct tbd_report *report, enum tbd_severity of_findings)
{
	const struct tbd_verdict *as = report->judged_as;
	if (as == NULL)
		return of_findings;
	return as->accepted ? TBD_SEVERITY_OK : TBD_SEVERITY_CRITICAL;
}
