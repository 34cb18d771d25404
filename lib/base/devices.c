/* SPDX-License-Identifier: MIT
 *
 * devices.c - the table of devices. What they offer is what their stack is built with by default: a project that
 * changes its configuration offers something else.
 */
#include "base/devices.h"

/* ---- what they offer, as GnuTLS can say it ----------------------------------------------------- */

#define FRAME "NONE:+COMP-NULL:+CTYPE-X509"
#define ONLY_12 FRAME ":+VERS-TLS1.2"
#define BOTH FRAME ":+VERS-TLS1.3:+VERS-TLS1.2"
#define GCM ":+AES-256-GCM:+AES-128-GCM:+AEAD"
#define CCM ":+AES-256-CCM:+AES-128-CCM"
#define CBC ":+AES-256-CBC:+AES-128-CBC:+SHA384:+SHA256:+SHA1"
#define CHACHA ":+CHACHA20-POLY1305"
#define NIST ":+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
#define ECDHE ":+ECDHE-ECDSA:+ECDHE-RSA"
#define SIGN_RSA ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512:+SIGN-RSA-SHA1"
#define SIGN_ECDSA ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SHA1"
#define SIGN_PSS ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"

#define MBEDTLS_OFFER \
	ONLY_12 ECDHE ":+RSA" GCM CCM CBC CHACHA NIST ":+GROUP-X25519" SIGN_ECDSA SIGN_RSA
#define BEARSSL_OFFER \
	ONLY_12 ECDHE ":+RSA" CHACHA GCM CCM CBC ":+GROUP-X25519" NIST SIGN_ECDSA SIGN_RSA
#define TASMOTA_OFFER \
	ONLY_12 ":+ECDHE-RSA:+AES-128-GCM:+AEAD:+GROUP-SECP256R1:+SIGN-RSA-SHA256:+SIGN-RSA-SHA1"
#define OPENSSL_OFFER                                                                            \
	BOTH ECDHE ":+DHE-RSA:+RSA" GCM CHACHA CBC ":+GROUP-X25519" NIST                         \
		   ":+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072" SIGN_ECDSA SIGN_PSS SIGN_RSA \
		   ":+SIGN-EDDSA-ED25519:+SIGN-EDDSA-ED448"
#define JAVA_OFFER                                                       \
	BOTH ECDHE ":+DHE-RSA:+RSA" GCM CHACHA CBC ":+GROUP-X25519" NIST \
		   ":+GROUP-FFDHE2048" SIGN_ECDSA SIGN_PSS SIGN_RSA
#define MODEM_OFFER                                                    \
	ONLY_12 ":+ECDHE-RSA:+RSA:+AES-256-GCM:+AES-128-GCM:+AEAD" CBC \
		":+GROUP-SECP256R1:+GROUP-SECP384R1" SIGN_RSA
#define WOLFSSL_OFFER BOTH ECDHE ":+DHE-RSA" GCM CHACHA CBC NIST SIGN_ECDSA SIGN_PSS SIGN_RSA

/* ---- the devices ------------------------------------------------------------------------------- */

#define DEVICE(its_name, its_what, its_stack, its_mode) \
	.pub.name = its_name, .pub.what = its_what, .pub.stack = its_stack, .pub.mode = its_mode
#define OFFERS(what, its_versions, its_keys, text) \
	.priorities = what, .pub.versions = its_versions, .pub.keys = its_keys, .pub.offers = text
#define COMMON_KEYS "RSA P-256 P-384 P-521"
#define COMMON_SUITES "ECDHE or RSA with AES or ChaCha20"

static const struct tbdi_device devices[] = {
	{ DEVICE("esp-idf", "an ESP32 by ESP-IDF", "mbedtls", "default"),
		OFFERS(MBEDTLS_OFFER, "1.2", COMMON_KEYS, COMMON_SUITES), .pub.sends_sni = true,
		.pub.trust =
			"PEM with its NUL, or DER, in flash (cert_pem); all that it can parse" },
	{ DEVICE("esp-idf-bundle", "an ESP32 by ESP-IDF with its certificate bundle", "mbedtls",
		  "esp-idf-bundle"),
		OFFERS(MBEDTLS_OFFER, "1.2", COMMON_KEYS, COMMON_SUITES), .pub.sends_sni = true,
		.pub.trust = "names and keys of Mozilla's roots, by gen_crt_bundle.py" },
	{ DEVICE("arduino-esp32", "an ESP32 by Arduino (WiFiClientSecure)", "mbedtls", "default"),
		OFFERS(MBEDTLS_OFFER, "1.2", COMMON_KEYS, COMMON_SUITES), .pub.sends_sni = true,
		.pub.trust = "PEM as a C string (setCACert)" },
	{ DEVICE("arduino-esp8266", "an ESP8266 by Arduino (BearSSL)", "bearssl", "default"),
		OFFERS(BEARSSL_OFFER, "1.2", COMMON_KEYS, COMMON_SUITES), .pub.sends_sni = true,
		.pub.trust = "PEM or DER (X509List): of each its name and key" },
	{ DEVICE("tasmota", "Tasmota (BearSSL)", "bearssl", "default"),
		OFFERS(TASMOTA_OFFER, "1.2", "RSA", "ECDHE-RSA-AES128-GCM-SHA256 with P-256 alone"),
		.pub.sends_sni = true,
		.pub.trust = "roots that are compiled in, or a fingerprint of the key" },
	{ DEVICE("zephyr", "Zephyr with mbedTLS", "mbedtls", "default"),
		OFFERS(MBEDTLS_OFFER, "1.2", COMMON_KEYS, COMMON_SUITES), .pub.sends_sni = true,
		.pub.trust = "DER or PEM by tls_credential_add()" },
	{ DEVICE("wolfmqtt", "wolfMQTT (wolfSSL)", "wolfssl", "default"),
		OFFERS(WOLFSSL_OFFER, "1.2 and 1.3", COMMON_KEYS,
			"ECDHE or DHE with AES or ChaCha20"),
		.pub.sends_sni = true, .pub.trust = "PEM or DER file or buffer" },
	{ DEVICE("python", "Python before 3.13 (paho)", "openssl", "default"),
		OFFERS(OPENSSL_OFFER, "1.2 and 1.3", NULL, "what OpenSSL has"),
		.pub.sends_sni = true, .pub.trust = "PEM file (tls_set(ca_certs=...))" },
	{ DEVICE("python3.13", "Python from 3.13 on (ssl.create_default_context())", "openssl",
		  "strict"),
		OFFERS(OPENSSL_OFFER, "1.2 and 1.3", NULL, "what OpenSSL has"),
		.pub.sends_sni = true, .pub.trust = "PEM file (cafile)" },
	{ DEVICE("node", "Node.js (mqtt.js)", "openssl", "default"),
		OFFERS(OPENSSL_OFFER, "1.2 and 1.3", NULL, "what OpenSSL has"),
		.pub.sends_sni = true,
		.pub.trust = "PEM (ca), instead of the roots that it brings" },
	{ DEVICE("java", "Java (Eclipse Paho)", NULL, NULL),
		OFFERS(JAVA_OFFER, "1.2 and 1.3", COMMON_KEYS,
			"ECDHE, DHE or RSA with AES or ChaCha20"),
		.pub.sends_sni = true, .pub.trust = "key store, by keytool -importcert" },
	{ DEVICE("mosquitto", "mosquitto_pub", "openssl", "default"),
		OFFERS(OPENSSL_OFFER, "1.2 and 1.3", NULL, "what OpenSSL has"),
		.pub.sends_sni = true,
		.pub.trust = "PEM file (--cafile), or a directory of openssl rehash" },
	{ DEVICE("curl", "curl with OpenSSL", "openssl", "partial-chain"),
		OFFERS(OPENSSL_OFFER, "1.2 and 1.3", NULL, "what OpenSSL has"),
		.pub.sends_sni = true, .pub.trust = "PEM file (--cacert)" },
	{ DEVICE("simcom", "a SIMCom modem (SIM7600, A7670)", "mbedtls", "no-clock"),
		OFFERS(MODEM_OFFER, "1.2", "RSA", "ECDHE-RSA or RSA with AES"),
		.pub.trust = "PEM by AT+CCERTDOWN; dates are ignored unless ignorertctime is 0" },
};

enum { DEVICE_COUNT = TBDI_COUNT(devices) };

const struct tbdi_device *tbdi_device_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < DEVICE_COUNT; i++)
		if (strcmp(devices[i].pub.name, name) == 0)
			return &devices[i];
	return NULL;
}

const struct tbd_device *tbd_device_at(size_t index)
{
	return index < DEVICE_COUNT ? &devices[index].pub : NULL;
}
