/* SPDX-License-Identifier: MIT
 *
 * volume-tasmota.c - Tasmota: BearSSL's codes and some of its own.
 */
#include "tools/decoder/decoder.h"

static const struct code errors[] = {
	{ -1000, "ERR_OOM", "the device has no memory for TLS", "memory" },
	{ -1001, "ERR_NOT_INITIALIZED", "no CA or key was set", "no-ca client-key" },
	{ -1003, "ERR_CANT_RESOLVE_IP", "the host's name has no address", "dns" },
	{ -1004, "ERR_TCP_CONNECT", "the connection could not be made", "refused connect-timeout" },
	{ -1005, "ERR_MISSING_EC_KEY", "the private key is missing", "client-key" },
	{ -1006, "ERR_MISSING_CA", "the CA is missing", "no-ca" },
	{ -1007, "ERR_TLS_TIMEOUT", "the handshake took too long", "silent" },
	{ 296, "alert 40",
		"the server ended the handshake (256 + alert 40): Tasmota offers ECDHE with RSA only",
		"cipher client-cert-required sni" },
	{ 0 },
};

static const struct family families[] = {
	{ .whose = "Tasmota",
		.codes = errors,
		.causes = "wrong-ca",
		.alone = true,
		.forms = { "mqt tls connection error #", "tls connection error #",
			"tls error # & mqt|tasmota", "tasmota #", "tasmota tls error #",
			"tasmota error #" } },
	{ 0 },
};

/* Of MQTT; BearSSL's numbers come by the forms in saying below. */
static const struct saying sayings[] = {
	NAMES("tls connection error 62",
		"the chain leads to no anchor that the device has (BearSSL 62)",
		"wrong-ca missing-intermediate pinned"),
	NAMES("tls connection error 54", "a certificate is over or not valid yet (BearSSL 54)",
		"clock expired root-expired"),
	NAMES("tls connection error 56", "the server's name is not in its certificate (BearSSL 56)",
		"name address"),
	NAMES("tls connection error 52", "a signature does not fit (BearSSL 52)", "signature"),
	NAMES("tls connection error 304",
		"the server does not trust the client's certificate (256 + alert 48)",
		"client-cert-rejected"),
	NAMES("tls connection error 326",
		"the server does not accept the version of TLS (256 + alert 70)", "version"),
	NAMES("tls connection error 368",
		"the server has no certificate for that name (256 + alert 112)", "sni"),
	NAMES("tls connection error 372", "the server wants a client certificate (256 + alert 116)",
		"client-cert-required"),
	NAMES("mqt connect failed to * rc 5", "the server does not accept the token (CONNACK 5)",
		"token"),
	SAYS("mqt connect failed to .. rc 5", "the server does not accept the token (CONNACK 5)",
		"token"),
	SAYS("mqt connect failed to .. rc 4", "the server does not know the token (CONNACK 4)",
		"token"),
	SAYS("mqt connect failed to .. rc -2", "the connection or the TLS handshake failed",
		"refused wrong-ca connect-timeout dns not-tls"),
	SAYS("mqt connect failed to .. rc -4", "no CONNACK came in time", "no-connack silent"),
	SAYS("mqt connect failed to .. rc -3", "the connection was lost", "closed-mqtt taken-over"),
	SAYS("mqtt connect failed to .. rc 5", "the server does not accept the token (CONNACK 5)",
		"token"),
	SAYS("mqtt connect failed to .. rc -2", "the connection or the TLS handshake failed",
		"refused wrong-ca connect-timeout dns not-tls"),
	SAYS("mqt tls public key fingerprint mismatch|does",
		"the pinned fingerprint is not that of the server", "pinned"),
	HINTS("mqt * connect failed", "the connection could not be made", "refused wrong-ca token"),
	{ 0 },
};

const struct volume volume_tasmota = { "Tasmota", sayings, families };
