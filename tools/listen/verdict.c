/* SPDX-License-Identifier: MIT
 *
 * verdict.c - what a device did, and what that means, in words.
 */
#include "tools/listen/listen.h"

#include <ctype.h>

/* What a client means by an alert that it sends when it has the chain (RFC 8446, 6.2), and who is known to say so. */
static const struct {
	int alert;
	const char *meaning;
} alerts[] = {
	{ 40, "It does not go on, and this alert does not say why." },
	{ 42,
		"It does not accept the chain, and this alert says no more. GnuTLS and Go send it whatever is wrong, an "
		"unknown CA too; OpenSSL, mbedTLS and wolfSSL for a name that the certificate is not for; "
		"OpenSSL for a certificate that is not valid yet, or whose signature is too weak, as well." },
	{ 43,
		"The certificate is not of a kind that it takes: OpenSSL says so of a purpose (extendedKeyUsage) "
		"that is not that of a server." },
	{ 44, "It knows that a certificate of the chain was revoked." },
	{ 45,
		"A certificate of the chain is not valid by its clock: it has expired (or, so wolfSSL, is not valid "
		"yet), or the clock is wrong, as that of a device is that has not asked for the time yet." },
	{ 46,
		"It does not accept the chain, for a reason that it does not say. Java says so of whatever is "
		"wrong, an unknown CA too; mbedTLS of a certificate that is not valid yet by its clock, or whose "
		"signature is too weak." },
	{ 48,
		"It does not trust the issuer: the CA is not in its trust file, or the server does not send "
		"the intermediate that leads to it, or the file was not loaded." },
	{ 49,
		"It does not let this CA in: the certificate bundle of ESP-IDF says so when the CA is not in it, and "
		"mbedTLS when a check that the program added refuses." },
	{ 50, "It cannot parse the certificate." },
	{ 51, "A signature in the chain is not right for it." },
	{ 71, "A key or a signature in the chain is too weak for it." },
	{ 80, "Something broke inside of the device: often it has not enough memory for the chain." },
};

static const char *meaning_of_alert(int alert)
{
	for (size_t i = 0; i < TOOL_COUNT(alerts); i++)
		if (alerts[i].alert == alert)
			return alerts[i].meaning;
	return "It does not go on; this alert is an unusual one for a chain.";
}

static bool offers(const struct listen_device *device, const char *version)
{
	const char *const *at = device->hello != NULL ? device->hello->versions : NULL;
	for (; at != NULL && *at != NULL; at++)
		if (strcmp(*at, version) == 0)
			return true;
	return false;
}

#define SAY(to, ...) snprintf((to), sizeof(to), __VA_ARGS__)

/* ---- an end each ------------------------------------------------------------------------------- */

static void say_alert(const struct listen_device *device, struct listen_words *words)
{
	bool is_vague = device->alert == 42 || device->alert == 46 || device->alert == 40;
	bool is_nameless = is_vague && device->hello != NULL && device->hello->server_name == NULL;
	SAY(words->summary, "refused the chain by alert %d (%s)", device->alert,
		device->alert_name);
	SAY(words->meaning, "%s%s", meaning_of_alert(device->alert),
		is_nameless
			? " It sent no server name: if it connects to an address, the certificate has "
			  "to list that address."
			: "");
}

#define LATER                                                                                             \
	"A client that judges later is not seen to refuse: Node.js judges the chain, and curl the name, " \
	"when the handshake is complete, which without the server's key it never is."

static void say_waited(const struct listen_device *device, struct listen_words *words)
{
	SAY(words->summary, "accepted the chain: it waited for what follows (%.1f s)",
		device->waited_ms / 1000.0);
	SAY(words->meaning, "No alert came, and the connection stayed. " LATER);
}

static void say_went_on(const struct listen_device *device, struct listen_words *words)
{
	if (device->alert > 0)
		SAY(words->summary,
			"accepted the chain: it objected only to what follows (alert %d, %s)",
			device->alert, device->alert_name);
	else
		SAY(words->summary, "accepted the chain: it went on to what follows");
	SAY(words->meaning,
		"What follows, the key exchange, has to be signed by the server's key, and here nobody has "
		"signed it. " LATER);
}

static void say_closed(const struct listen_device *device, struct listen_words *words)
{
	SAY(words->summary, "closed without an alert when it had the chain, after %d ms",
		device->waited_ms);
	SAY(words->meaning,
		"%sBearSSL (ESP8266) refuses so. Or the device gave up for another reason: it was "
		"restarted, it ran out of memory, or its own time for the handshake was over. Its log "
		"tells.",
		device->alert == 0 ? "It said goodbye (close_notify), but no reason. " : "");
}

static void say_early_alert(const struct listen_device *device, struct listen_words *words)
{
	SAY(words->summary, "sent alert %d (%s) before it had the chain", device->alert,
		device->alert_name);
	SAY(words->meaning, "The chain was not judged.");
}

static void say_version(const struct listen_device *device, struct listen_words *words)
{
	if (offers(device, "TLS 1.3")) {
		SAY(words->summary,
			"offers only TLS 1.3: cannot be judged without the server's key");
		SAY(words->meaning,
			"In TLS 1.3 the chain is encrypted, and a server without its key cannot show it. "
			"Allow the device TLS 1.2 for this test.");
		return;
	}
	SAY(words->summary, "offers nothing newer than %s",
		device->hello != NULL ? device->hello->versions[0] : "SSL 2");
	SAY(words->meaning,
		"The chain was not shown. ThingsBoard wants TLS 1.2 at least: it will refuse this device as "
		"well.");
}

static void say_cipher(const struct listen_device *device, struct listen_words *words)
{
	(void)device;
	SAY(words->summary, "offers no cipher suite that goes with the key of the certificate");
	SAY(words->meaning,
		"The chain was not shown. Cipher suites, groups and signature algorithms have to fit the key, "
		"which is an RSA key or one of a curve: a server with this certificate will refuse this device "
		"as well, with alert 40 (handshake_failure).");
}

static void say_plain(const struct listen_device *device, struct listen_words *words)
{
	if (device->token_len >= 0)
		SAY(words->summary,
			"speaks %s without TLS, and sent what looks like a token (%d characters)",
			device->protocol, device->token_len);
	else
		SAY(words->summary, "speaks %s without TLS", device->protocol);
	SAY(words->meaning,
		"Switch TLS on in the device, or give it the server's port without TLS.%s",
		device->token_len >= 0
			? " Whoever listens on the way has read the token; here it was not kept."
			: "");
}

static void say_alien(const struct listen_device *device, struct listen_words *words)
{
	(void)device;
	SAY(words->summary, "sent what is neither TLS nor MQTT nor HTTP, or broken TLS");
	SAY(words->meaning, "Nothing was answered.");
}

static void say_partial(const struct listen_device *device, struct listen_words *words)
{
	(void)device;
	SAY(words->summary, "closed, or was too slow, before its first message was whole");
	SAY(words->meaning, "The chain was not shown. The network may lose large packets.");
}

static void say_stuck(const struct listen_device *device, struct listen_words *words)
{
	(void)device;
	SAY(words->summary, "did not take the whole chain");
	SAY(words->meaning,
		"It closed, or stopped reading, before the chain had come to its end: perhaps its buffer is too "
		"small for it, or the network loses large packets.");
}

static void say_nothing(const struct listen_device *device, struct listen_words *words)
{
	(void)device;
	SAY(words->summary, "connected and said nothing");
}

static void (*const sayings[])(const struct listen_device *, struct listen_words *) = {
	[LISTEN_ALERT] = say_alert,
	[LISTEN_WAITED] = say_waited,
	[LISTEN_WENT_ON] = say_went_on,
	[LISTEN_CLOSED] = say_closed,
	[LISTEN_ALERT_ONLY] = say_early_alert,
	[LISTEN_VERSION] = say_version,
	[LISTEN_CIPHER] = say_cipher,
	[LISTEN_PLAIN] = say_plain,
	[LISTEN_ALIEN] = say_alien,
	[LISTEN_PARTIAL] = say_partial,
	[LISTEN_STUCK] = say_stuck,
	[LISTEN_NOTHING] = say_nothing,
};
TOOL_TABLE_OF(sayings, LISTEN_NOTHING);

/* ---- the whole --------------------------------------------------------------------------------- */

/* The name that a device sends goes into a command only when it is nothing but a name. */
static bool is_host_name(const char *name)
{
	if (name == NULL || !isalnum((unsigned char)name[0]))
		return false;
	while (isalnum((unsigned char)*name) || *name == '.' || *name == '-')
		name++;
	return *name == '\0';
}

static void say_confirm(
	const struct listen_device *device, struct listen_words *words, const char *target)
{
	const char *name = device->hello != NULL ? device->hello->server_name : NULL;
	bool named = is_host_name(name);
	SAY(words->confirm, "tbdiag verify --ca-file device-ca.pem%s%s %s",
		named ? " --verify-name " : "", named ? name : "", target);
}

void listen_judge(struct listen_device *device, struct listen_words *words, const char *target)
{
	*words = (struct listen_words){ .summary = "" };
	sayings[device->end](device, words);
	if (device->end == LISTEN_ALERT || device->end == LISTEN_CLOSED)
		say_confirm(device, words, target);
	device->summary = words->summary;
	device->meaning = words->meaning[0] != '\0' ? words->meaning : NULL;
	device->confirm = words->confirm[0] != '\0' ? words->confirm : NULL;
}
