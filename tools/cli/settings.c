/* SPDX-License-Identifier: MIT
 *
 * settings.c - the tables of the options that subcommands have in common.
 */
#include "tools/cli/settings.h"

#include "base/rfc3339.h"
#include "tools/cli/process.h"
#include "tools/render/render.h"

#include <arpa/inet.h>
#include <errno.h>

/* Decimal seconds with a fraction; not what else strtod() knows. */
const char *opt_set_seconds(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	char *end = NULL;
	double seconds = strtod(value, &end);
	bool plain = strspn(value, "0123456789.") == strlen(value) && end != value && *end == '\0';
	if (!plain || seconds < 0.001 || seconds > 3600)
		return "wants a number of seconds from 0.001 to 3600";
	*(int64_t *)dest = (int64_t)(seconds * 1000 + 0.5);
	return NULL;
}

/* To the library 0 is the default. */
static bool parse_limit(const char *value, long most, int *limit)
{
	char *end = NULL;
	errno = 0;
	long number = strtol(value, &end, 10);
	*limit = number > 0 ? (int)number : TBD_NONE;
	return *value >= '0' && *value <= '9' && *end == '\0' && errno == 0 && number <= most;
}

static const char *set_days(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	return parse_limit(value, 36500, dest) ? NULL : "wants a number of days from 0 to 36500";
}

static const char *set_depth(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	return parse_limit(value, 255, dest) ? NULL : "wants a number of CAs from 0 to 255";
}

static const char *set_time(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct clock_settings *clock = dest;
	clock->given = true;
	return tbdi_time_parse(value, &clock->time)
		? NULL
		: "wants 2026-11-24, 2026-11-24T04:44:42Z (or a zone as +01:00), or @SECONDS "
		  "since 1970";
}

/* An IPv6 address may end in a zone (RFC 4007). */
static bool is_address(const char *text)
{
	char copy[INET6_ADDRSTRLEN] = "";
	struct in6_addr address;
	size_t len = strcspn(text, "%");
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	return inet_pton(AF_INET6, copy, &address) == 1 || inet_pton(AF_INET, text, &address) == 1;
}

/* Takes the value apart; a second option of this kind replaces the first. */
static const char *set_addresses(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	const char **addresses = dest;
	size_t count = 0;
	memset(addresses, 0, (TBD_ADDRESSES_MAX + 1) * sizeof(*addresses));
	for (char *item; (item = strsep(&value, ",")) != NULL; count++) {
		if (!is_address(item))
			return "wants IPv4 or IPv6 addresses, without brackets, separated by commas";
		if (count == TBD_ADDRESSES_MAX)
			return "wants at most 16 addresses";
		addresses[count] = item;
	}
	return NULL;
}
_Static_assert(TBD_ADDRESSES_MAX == 16, "what set_addresses() says");

static void wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* The bytes of argv are visible to every user of this machine: overwritten where they hold credentials. */
static const char *set_proxy(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	char **proxy = dest;
	bool is_secret = strchr(value, '@') != NULL;
	wipe(*proxy);
	*proxy = strdup(value);
	if (is_secret)
		explicit_bzero(value, strlen(value));
	if (*proxy == NULL || (is_secret && process_seal() < 0))
		return "cannot be kept out of core dumps";
	return NULL;
}

/* The program will hold what must not be in a core dump. */
static const char *set_secret_file(const struct opt *opt, void *dest, char *value)
{
	return process_seal() < 0 ? "cannot be kept out of core dumps"
				  : opt_set_text(opt, dest, value);
}

void connection_release(struct connection_settings *connection)
{
	wipe(connection->proxy);
	connection->proxy = NULL;
}

const struct opt connection_options[] = {
	{ .name = "sni",
		.arg = "NAME|none",
		.help = "Server name to send in the handshake; 'none' sends none. Default: the target's host, "
			"if it is a name.",
		.set = opt_set_text,
		.offset = offsetof(struct connection_settings, sni) },
	{ .name = "without-sni",
		.help = "Make another handshake without server name, and say whether a device that sends none "
			"is served the same.",
		.set = opt_set_flag,
		.offset = offsetof(struct connection_settings, without_sni) },
	{ .name = "connect-to",
		.arg = "HOST[:PORT]",
		.help = "Connect to this address instead, and judge as if it were the target.",
		.set = opt_set_text,
		.offset = offsetof(struct connection_settings, connect_to) },
	{ .name = "resolve",
		.arg = "ADDRESS[,ADDRESS]...",
		.help = "Take these addresses for the host's and ask no resolver: to test a server before "
			"its name points to it, or one machine of several.",
		.set = set_addresses,
		.offset = offsetof(struct connection_settings, addresses) },
	{ .name = "proxy",
		.arg = "URL",
		.help = "Ask this proxy for the connection: http://HOST:PORT (CONNECT) or socks5://HOST:PORT, with "
			"USER:PASSWORD@ before the host if it wants them.",
		.set = set_proxy,
		.secret = true,
		.offset = offsetof(struct connection_settings, proxy) },
	{ .name = "ipv4",
		.letter = '4',
		.help = "Use IPv4 only.",
		.set = opt_set_int,
		.offset = offsetof(struct connection_settings, family),
		.value = 4 },
	{ .name = "ipv6",
		.letter = '6',
		.help = "Use IPv6 only.",
		.set = opt_set_int,
		.offset = offsetof(struct connection_settings, family),
		.value = 6 },
	{ .name = "timeout",
		.arg = "SECONDS",
		.help = "Time for one connection, up to the answer to the token (default 15). Fractions are "
			"allowed.",
		.set = opt_set_seconds,
		.offset = offsetof(struct connection_settings, timeout_ms) },
	{ .name = "tls-version",
		.arg = "1.2|1.3",
		.help = "Speak this version of TLS only. Default: the best that both sides can.",
		.set = opt_set_word,
		.offset = offsetof(struct connection_settings, tls_version) },
	{ .name = "cert",
		.arg = "FILE",
		.help = "Show this client certificate when the server asks for one (PEM, its issuers behind "
			"it).",
		.set = set_secret_file,
		.offset = offsetof(struct connection_settings, cert_file) },
	{ .name = "key",
		.arg = "FILE",
		.help = "The key of the client certificate (PEM, not encrypted). Default: in the file of --cert.",
		.set = set_secret_file,
		.offset = offsetof(struct connection_settings, key_file) },
	{ .name = "keylog",
		.arg = "FILE",
		.help = "Append the secrets of the TLS session to FILE, for Wireshark. Whoever has them can read "
			"what was sent, the token too.",
		.set = set_secret_file,
		.offset = offsetof(struct connection_settings, keylog_file) },
	{ 0 },
};

static bool parse_port(const char *text, uint16_t *port)
{
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);
	*port = (uint16_t)number;
	return *text >= '0' && *text <= '9' && *end == '\0' && number >= 1 && number <= 65535;
}

/* A second option of this kind replaces the first. */
static const char *set_ports(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct compare_settings *settings = dest;
	settings->port_count = 0;
	for (char *item; (item = strsep(&value, ",")) != NULL;) {
		uint16_t port = 0;
		if (!parse_port(item, &port))
			return "wants ports, 1 to 65535, separated by commas";
		/* The target's own is one more. */
		if (settings->port_count + 1 == TBD_ADDRESSES_MAX)
			return "wants at most 15 ports";
		settings->ports[settings->port_count++] = port;
	}
	return NULL;
}

const struct opt compare_options[] = {
	{ .name = "all-addresses",
		.help = "Connect to every address of the host, side by side, and compare what they serve.",
		.set = opt_set_flag,
		.offset = offsetof(struct compare_settings, all_addresses) },
	{ .name = "also-ports",
		.arg = "PORT[,PORT]...",
		.help = "Connect to these ports of the host as well, and compare what they serve. All speak "
			"TLS.",
		.set = set_ports },
	{ 0 },
};

const char *compare_option(const struct compare_settings *settings)
{
	return settings->all_addresses     ? "--all-addresses"
		: settings->port_count > 0 ? "--also-ports"
					   : NULL;
}

/* What completion says of them, with TLS first. What else there is to know of a scheme, the library does. */
static const struct {
	enum tbd_scheme scheme;
	const char *what;
} schemes[] = {
	{ TBD_SCHEME_MQTTS, "MQTT over TLS" },
	{ TBD_SCHEME_HTTPS, "HTTP over TLS" },
	{ TBD_SCHEME_COAPS, "CoAP over DTLS" },
	{ TBD_SCHEME_MQTT, "MQTT in clear" },
	{ TBD_SCHEME_HTTP, "HTTP in clear" },
	{ TBD_SCHEME_COAP, "CoAP in clear" },
};
TOOL_TABLE_OF(schemes, TBD_SCHEME_COAP);

static void list_schemes(FILE *out)
{
	for (size_t i = 0; i < TOOL_COUNT(schemes); i++)
		fprintf(out, "%s\t%s\n", tbd_scheme_name(schemes[i].scheme), schemes[i].what);
}

/* SCHEME or SCHEME:PORT. The usual port is that of a target without one. */
static bool parse_transport(char *text, struct tbd_transport *transport)
{
	char url[32], *port = strchr(text, ':');
	struct tbd_target *target = NULL;
	if (port != NULL)
		*port++ = '\0';
	snprintf(url, sizeof(url), "%s://localhost", text);
	if (tbd_target_parse(url, &target, NULL) < 0)
		return false;
	*transport = (struct tbd_transport){ target->scheme, target->port };
	tbd_target_free(target);
	return strcmp(text, tbd_scheme_name(transport->scheme)) == 0 &&
		(port == NULL || parse_port(port, &transport->port));
}

/* A second option of this kind replaces the first. */
static const char *set_transports(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct transport_settings *settings = dest;
	settings->count = 0;
	for (char *item; (item = strsep(&value, ",")) != NULL;) {
		if (settings->count == TBD_TRANSPORTS_MAX)
			return "wants at most 16 transports";
		if (!parse_transport(item, &settings->list[settings->count++]))
			return "wants mqtts, https, coaps, mqtt, http or coap, each with :PORT if it is "
			       "not the usual one, separated by commas";
	}
	return NULL;
}
_Static_assert(TBD_TRANSPORTS_MAX == 16, "what set_transports() says");

const struct opt transport_options[] = {
	{ .name = "all-transports",
		.help = "Try the token over MQTT, HTTP and CoAP, each with TLS, side by side, and compare "
			"(8883, 443, 5684); ports in clear (1883, 80, 8080, 5683) are only connected to.",
		.set = opt_set_flag,
		.offset = offsetof(struct transport_settings, all) },
	{ .name = "transports",
		.arg = "SCHEME[:PORT][,...]",
		.help = "The same of these only, at these ports: mqtts:8884,https,coaps.",
		.set = set_transports,
		.values = list_schemes },
	{ .name = "allow-plain",
		.help = "With these, send the token over transports in clear, too.",
		.set = opt_set_flag,
		.offset = offsetof(struct transport_settings, allow_plain) },
	{ 0 },
};

const char *transport_option(const struct transport_settings *settings)
{
	return settings->count > 0 ? "--transports" : settings->all ? "--all-transports" : NULL;
}

const struct opt fetch_options[] = {
	{ .name = "fetch-missing",
		.help = "Download the intermediates that the server does not send, from where the certificates "
			"say, and prove that they complete the path. Nothing of it is trusted.",
		.set = opt_set_flag },
	{ 0 },
};

const struct opt clock_options[] = {
	{ .name = "at",
		.arg = "DATE",
		.help = "Judge as of this time: 2026-11-24, 2026-11-24T04:44:42Z or @SECONDS since 1970. "
			"Default: now.",
		.set = set_time },
	{ 0 },
};

const struct opt trust_options[] = {
	{ .name = "ca-file",
		.arg = "FILE",
		.help = "Trust the certificates in this file (PEM, or one in DER). May be repeated.",
		.set = opt_set_list,
		.offset = offsetof(struct trust_settings, files) },
	{ .name = "ca-path",
		.arg = "DIR",
		.help = "Trust the certificates in the files of this directory. May be repeated.",
		.set = opt_set_list,
		.offset = offsetof(struct trust_settings, dirs) },
	{ .name = "system",
		.help = "Trust the system's store: the default when no source is named.",
		.set = opt_set_flag,
		.offset = offsetof(struct trust_settings, system) },
	{ .name = "untrusted",
		.arg = "FILE",
		.help = "Let paths lead through the certificates in this file as well, as if the server had sent "
			"them. May be repeated.",
		.set = opt_set_list,
		.offset = offsetof(struct trust_settings, untrusted) },
	{ .name = "crl",
		.arg = "FILE",
		.help = "Look certificates up in the revocation lists in this file (PEM, or one in DER). May be "
			"repeated.",
		.set = opt_set_list,
		.offset = offsetof(struct trust_settings, crls) },
	{ .name = "ocsp",
		.help = "Ask the OCSP responders that the certificates of the path name, which tells them, and the "
			"network, whom you connect to.",
		.set = opt_set_flag,
		.offset = offsetof(struct trust_settings, ocsp) },
	{ .name = "verify-name",
		.arg = "NAME",
		.help = "The name or address that the certificate has to be for. Default: the target's host.",
		.set = opt_set_text,
		.offset = offsetof(struct trust_settings, name) },
	{ .name = "profile",
		.arg = "device|rfc5280|webpki",
		.help = "How much to demand of the certificates (default device): rfc5280 also the form that "
			"standard prescribes, webpki also what browsers' CAs have to keep.",
		.set = opt_set_choice,
		.offset = offsetof(struct trust_settings, profile) },
	{ .name = "max-depth",
		.arg = "N",
		.help = "Allow N CAs between the server's certificate and the anchor. Default: any number.",
		.set = set_depth,
		.offset = offsetof(struct trust_settings, max_depth) },
	{ .name = "warn-days",
		.arg = "N",
		.help = "Warn when a certificate that is needed ends within N days. Default: 30, or a quarter "
			"of its lifetime if that is less.",
		.set = set_days,
		.offset = offsetof(struct trust_settings, warn_days) },
	{ .name = "crit-days",
		.arg = "N",
		.help = "The same as critical. Default: 7, or a tenth of its lifetime if that is less.",
		.set = set_days,
		.offset = offsetof(struct trust_settings, crit_days) },
	{ 0 },
};

const struct opt output_options[] = {
	{ .name = "format",
		.arg = RENDER_WORDS,
		.help = "How to show the report (default text).",
		.set = opt_set_choice,
		.offset = offsetof(struct output_settings, format) },
	{ .name = "output",
		.letter = 'o',
		.arg = "FILE",
		.help = "Write the report to FILE, which appears whole or not at all.",
		.set = opt_set_text,
		.offset = offsetof(struct output_settings, path) },
	{ .name = "color",
		.arg = "auto|always|never",
		.help = "Colours in text; auto: on a terminal, unless NO_COLOR is set.",
		.set = opt_set_choice,
		.offset = offsetof(struct output_settings, color) },
	{ .name = "verbose",
		.letter = 'v',
		.help = "Show the evidence of what is fine, keys and fingerprints, all steps, "
			"attempts, paths and packets as well.",
		.set = opt_set_int,
		.offset = offsetof(struct output_settings, verbosity),
		.value = VERBOSITY_VERBOSE },
	{ .name = "quiet",
		.letter = 'q',
		.help = "Show findings only.",
		.set = opt_set_int,
		.offset = offsetof(struct output_settings, verbosity),
		.value = VERBOSITY_QUIET },
	{ .name = "exit-zero",
		.help = "Exit with 0 whatever was found; 3 still means that tbdiag failed.",
		.set = opt_set_flag,
		.offset = offsetof(struct output_settings, exit_zero) },
	{ 0 },
};
