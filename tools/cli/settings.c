/* SPDX-License-Identifier: MIT
 *
 * settings.c - the tables of the options that subcommands have in common.
 */
#include "tools/cli/settings.h"

#include "base/rfc3339.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/render/render.h"

#include <arpa/inet.h>
#include <errno.h>

#define OPT_INTO struct settings

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

static char *input_of(char *value)
{
	static char stdin_path[] = STDIN_PATH;
	return strcmp(value, "-") == 0 ? stdin_path : value;
}

const char *opt_set_input(const struct opt *opt, void *dest, char *value)
{
	return opt_set_text(opt, dest, input_of(value));
}

const char *opt_set_inputs(const struct opt *opt, void *dest, char *value)
{
	return opt_set_list(opt, dest, input_of(value));
}

/* "-" is standard output, where the report goes without it. */
static const char *set_output(const struct opt *opt, void *dest, char *value)
{
	const char **output = dest;
	const char *wants = opt_set_text(opt, dest, value);
	if (strcmp(value, "-") == 0)
		*output = NULL;
	return wants;
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
	struct settings *settings = dest;
	settings->report.time = &settings->time;
	return tbdi_time_parse(value, &settings->time)
		? NULL
		: "wants 2026-11-24, 2026-11-24T04:44:42Z (or a zone as +01:00), or @SECONDS "
		  "since 1970";
}

/* An IPv6 address may end in a zone (RFC 4007). */
static bool names_address(const char *text)
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
	struct settings *settings = dest;
	size_t count = 0;
	settings->fetch.addresses = settings->addresses;
	memset(settings->addresses, 0, sizeof(settings->addresses));
	for (char *item; (item = strsep(&value, ",")) != NULL; count++) {
		if (!names_address(item))
			return "wants IPv4 or IPv6 addresses, without brackets, separated by commas";
		if (count == TBD_ADDRESSES_MAX)
			return "wants at most 16 addresses";
		settings->addresses[count] = item;
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
	struct settings *settings = dest;
	bool is_secret = strchr(value, '@') != NULL;
	wipe(settings->proxy);
	settings->fetch.proxy = settings->proxy = strdup(value);
	if (is_secret)
		explicit_bzero(value, strlen(value));
	if (settings->proxy == NULL || (is_secret && process_seal() < 0))
		return "cannot be kept out of core dumps";
	return NULL;
}

/* The program will hold what must not be in a core dump. */
static const char *set_secret_file(const struct opt *opt, void *dest, char *value)
{
	return process_seal() < 0 ? "cannot be kept out of core dumps"
				  : opt_set_text(opt, dest, value);
}

static const char *set_sni(const struct opt *opt, void *dest, char *value)
{
	const char **sni = dest;
	const char *wants = opt_set_text(opt, dest, value);
	if (strcmp(value, "none") == 0)
		*sni = "";
	return wants;
}

/* With what the target was dialled with. */
static const char *set_explain(const struct opt *opt, void *dest, char *value)
{
	(void)opt, (void)value;
	struct settings *settings = dest;
	settings->roundtrip.explain_refusal = &settings->fetch;
	return NULL;
}

void settings_free(struct settings *settings)
{
	token_free(settings);
	wipe(settings->proxy);
	free(settings->ca_files.items);
	free(settings->ca_dirs.items);
	free(settings->untrusted.items);
	free(settings->crls.items);
}

const struct opt connection_options[] = {
	OPT_OF(set_sni, const char *, fetch.sni, "sni", "NAME|none",
		"Server name to send in the handshake; 'none' sends none. Default: the target's host, "
		"if it is a name."),
	OPT_FLAG("without-sni", fetch.without_sni,
		"Make another handshake without server name, and say whether a device that sends none "
		"is served the same."),
	OPT_TEXT("ws-path", "PATH", ws_path,
		"Where a target with ws:// or wss:// has MQTT over WebSockets. Default: the path of its "
		"URL, else /mqtt."),
	OPT_TEXT("connect-to", "HOST[:PORT]", connect_to,
		"Connect to this address instead, and judge as if it were the target."),
	OPT_BY(set_addresses, "resolve", "ADDRESS[,ADDRESS]...",
		"Take these addresses for the host's and ask no resolver: to test a server before "
		"its name points to it, or one machine of several."),
	OPT_BY(set_proxy, "proxy", "URL",
		"Ask this proxy for the connection: http://HOST:PORT (CONNECT) or socks5://HOST:PORT, with "
		"USER:PASSWORD@ before the host if it wants them.",
		.secret = true),
	OPT_WORD("proxy-protocol", "v1|v2", fetch.proxy_protocol,
		"Begin the connection with a header of the PROXY protocol, as a proxy does that passes it on."),
	OPT_INT("ipv4", fetch.family, 4, "Use IPv4 only.", .letter = '4'),
	OPT_INT("ipv6", fetch.family, 6, "Use IPv6 only.", .letter = '6'),
	OPT_OF(opt_set_seconds, int64_t, fetch.timeout_ms, "timeout", "SECONDS",
		"Time for one connection, up to the answer to the token (default 15). Fractions are "
		"allowed."),
	OPT_WORD("tls-version", "1.2|1.3", fetch.tls_version,
		"Speak this version of TLS only. Default: the best that both sides can; verify and report "
		"make another handshake by 1.2 beside one of 1.3."),
	OPT_TEXT("alpn", "NAME[,NAME]...", fetch.alpn,
		"Offer these application protocols in the handshake (ALPN), as brokers behind port 443 "
		"want: x-amzn-mqtt-ca, mqtt. Default: http/1.1 for HTTPS, else none."),
	OPT_OF(set_secret_file, const char *, fetch.cert_file, "cert", "FILE",
		"Show this client certificate when the server asks for one (PEM, its issuers behind "
		"it)."),
	OPT_OF(set_secret_file, const char *, fetch.key_file, "key", "FILE",
		"The key of the client certificate (PEM, not encrypted). Default: in the file of --cert."),
	OPT_OF(set_secret_file, const char *, fetch.keylog_file, "keylog", "FILE",
		"Append the secrets of the TLS session to FILE, for Wireshark. Whoever has them can read "
		"what was sent, the token too."),
	{ 0 },
};

const struct opt wait_options[] = {
	OPT_OF(opt_set_seconds, int64_t, wait_ms, "wait", "SECONDS",
		"While the server refuses connections, closes them or is silent, as one that is being restarted "
		"does, try again for so long."),
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
	struct settings *settings = dest;
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
	OPT_FLAG("all-addresses", all_addresses,
		"Connect to every address of the host, side by side, and compare what they serve."),
	OPT_BY(set_ports, "also-ports", "PORT[,PORT]...",
		"Connect to these ports of the host as well, and compare what they serve. All speak "
		"TLS."),
	{ 0 },
};

const char *compare_option(const struct settings *settings)
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
	{ TBD_SCHEME_WSS, "MQTT over WebSockets over TLS" },
	{ TBD_SCHEME_WS, "MQTT over WebSockets in clear" },
};
TOOL_TABLE_OF(schemes, TBD_SCHEME_WS);

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
	struct settings *settings = dest;
	struct tbd_transport_options *transports = &settings->transports;
	transports->list = settings->transport_list;
	transports->count = 0;
	for (char *item; (item = strsep(&value, ",")) != NULL;) {
		if (transports->count == TBD_TRANSPORTS_MAX)
			return "wants at most 16 transports";
		if (!parse_transport(item, &settings->transport_list[transports->count++]))
			return "wants mqtts, https, coaps, wss, mqtt, http, coap or ws, each with :PORT if it is "
			       "not the usual one, separated by commas";
	}
	return NULL;
}
_Static_assert(TBD_TRANSPORTS_MAX == 16, "what set_transports() says");

const struct opt transport_options[] = {
	OPT_FLAG("all-transports", all_transports,
		"Try the token over MQTT, HTTP and CoAP, each with TLS, side by side, and compare "
		"(8883, 443, 5684); ports in clear (1883, 80, 8080, 5683) are only connected to."),
	OPT_BY(set_transports, "transports", "SCHEME[:PORT][,...]",
		"The same of these only, at these ports: mqtts:8884,https,coaps.",
		.values = list_schemes),
	OPT_FLAG("allow-plain", transports.allow_plain,
		"With these, send the token over transports in clear, too."),
	{ 0 },
};

const char *transport_option(const struct settings *settings)
{
	return settings->transports.count > 0 ? "--transports"
		: settings->all_transports    ? "--all-transports"
					      : NULL;
}

const struct opt fetch_options[] = {
	OPT_FLAG("fetch-missing", fetch_missing,
		"Download the intermediates that the server does not send, from where the certificates "
		"say, and prove that they complete the path. Nothing of it is trusted."),
	{ 0 },
};

const struct opt clock_options[] = {
	OPT_BY(set_time, "at", "DATE",
		"Judge as of this time: 2026-11-24, 2026-11-24T04:44:42Z or @SECONDS since 1970. "
		"Default: now."),
	{ 0 },
};

const struct opt trust_options[] = {
	OPT_OF(opt_set_inputs, struct opt_list, ca_files, "ca-file", "FILE",
		"Trust the certificates in this file (PEM, or one in DER; '-': standard input). May be "
		"repeated."),
	OPT_LIST("ca-path", "DIR", ca_dirs,
		"Trust the certificates in the files of this directory. May be repeated."),
	OPT_FLAG(
		"system", system, "Trust the system's store: the default when no source is named."),
	OPT_OF(opt_set_inputs, struct opt_list, untrusted, "untrusted", "FILE",
		"Let paths lead through the certificates in this file as well, as if the server had sent "
		"them. May be repeated."),
	OPT_OF(opt_set_inputs, struct opt_list, crls, "crl", "FILE",
		"Look certificates up in the revocation lists in this file (PEM, or one in DER). May be "
		"repeated."),
	OPT_FLAG("ocsp", ocsp,
		"Ask the OCSP responders that the certificates of the path name, which tells them, and the "
		"network, whom you connect to."),
	OPT_TEXT("verify-name", "NAME", verify.name,
		"The name or address that the certificate has to be for. Default: the target's host."),
	OPT_CHOICE("profile", "device|rfc5280|webpki", enum tbd_profile, verify.profile,
		"How much to demand of the certificates (default device): rfc5280 also the form that "
		"standard prescribes, webpki also what browsers' CAs have to keep."),
	OPT_OF(set_depth, int, verify.max_depth, "max-depth", "N",
		"Allow N CAs between the server's certificate and the anchor. Default: any number."),
	OPT_OF(set_days, int, verify.warn_days, "warn-days", "N",
		"Warn when a certificate that is needed ends within N days. Default: 30, or a quarter "
		"of its lifetime if that is less."),
	OPT_OF(set_days, int, verify.crit_days, "crit-days", "N",
		"The same as critical. Default: 7, or a tenth of its lifetime if that is less."),
	{ 0 },
};

/* ---- stacks ----------------------------------------------------------------------------------- */

static bool is_stack_list(const char *word)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	options.stacks = word;
	return strcmp(word, "none") == 0 || tbd_stacks_check(&options, NULL) != TBD_E_INVALID;
}

/* Whether it is there is asked before anything is dialled. */
static const char *set_stacks(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct settings *settings = dest;
	settings->no_stacks = strcmp(value, "none") == 0;
	settings->verify.stacks = settings->no_stacks ? NULL : value;
	return is_stack_list(value)
		? NULL
		: "wants all, none, or of openssl, gnutls, mbedtls, wolfssl and bearssl those that are meant, "
		  "each with :MODE if it is one of its modes, separated by commas";
}

static const char *set_as(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct settings *settings = dest;
	settings->verify.as = value;
	return strchr(value, ',') == NULL && strcmp(value, "all") != 0 &&
			strcmp(value, "none") != 0 && is_stack_list(value)
		? NULL
		: "wants one of openssl, gnutls, mbedtls, wolfssl and bearssl, with :MODE if it is not the "
		  "default one";
}

static void list_devices(FILE *out)
{
	for (size_t i = 0; tbd_device_at(i) != NULL; i++)
		fprintf(out, "%s\t%s\n", tbd_device_at(i)->name, tbd_device_at(i)->what);
}

static void print_device(FILE *out, const struct tbd_device *device)
{
	fprintf(out, "%s\n  %s\n", device->name, device->what);
	if (device->stack != NULL)
		fprintf(out, "  stack     %s:%s\n", device->stack, device->mode);
	fprintf(out, "  TLS       %s, %s\n", device->versions,
		device->sends_sni ? "with server name" : "without server name");
	fprintf(out, "  offers    %s\n", device->offers);
	if (device->keys != NULL)
		fprintf(out, "  keys      %s\n", device->keys);
	fprintf(out, "  trust     %s\n", device->trust);
}

/* All that the table knows, and the end of the program. */
static _Noreturn void show_devices(void)
{
	struct output output;
	if (output_open(&output) == 0)
		for (size_t i = 0; tbd_device_at(i) != NULL; i++)
			print_device(output.stream, tbd_device_at(i));
	int status = output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
	process_obey();
	exit(status);
}

static const char *set_device(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	struct settings *settings = dest;
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	if (strcmp(value, "help") == 0)
		show_devices();
	settings->verify.device = options.device = value;
	return tbd_stacks_check(&options, NULL) != TBD_E_INVALID
		? NULL
		: "wants a device; '--device help' shows those that are known";
}

/* "openssl", "openssl:strict" ... */
static void list_stack_modes(FILE *out)
{
	size_t count = 0;
	const struct tbd_stack_mode *modes = tbd_stack_modes(&count);
	for (size_t i = 0; i < count; i++) {
		bool is_default = strcmp(modes[i].mode, "default") == 0;
		fprintf(out, "%s%s%s\t%s\n", modes[i].stack, is_default ? "" : ":",
			is_default ? "" : modes[i].mode, modes[i].devices);
	}
}

static void list_stacks(FILE *out)
{
	fputs("all\tall stacks, in all modes\nnone\tno stack\n", out);
	list_stack_modes(out);
}

const struct opt stack_options[] = {
	OPT_BY(set_stacks, "stacks", "LIST|all|none",
		"Ask these TLS stacks of devices for their verdicts as well, STACK or STACK:MODE, separated by commas; "
		"alone: all. A refusal is a warning. Default: those that are installed, for information.",
		.alone = "all", .is_value = is_stack_list, .values = list_stacks),
	OPT_BY(set_as, "as", "STACK[:MODE]",
		"Let the verdict of this stack alone be the exit status: 0 or 2.",
		.values = list_stack_modes),
	OPT_BY(set_device, "device", "NAME",
		"Judge for this device as well: ask its TLS stack, and shake hands as it does; 'help' shows the "
		"names.",
		.values = list_devices),
	{ 0 },
};

const struct opt output_file_options[] = {
	OPT_OF(set_output, const char *, output, "output", "FILE",
		"Write the report to FILE, which appears whole or not at all; '-' is standard output.",
		.letter = 'o'),
	{ 0 },
};

const struct opt output_options[] = {
	OPT_CHOICE("format", RENDER_WORDS, int, format, "How to show the report (default text)."),
	OPT_CHOICE("color", "auto|always|never", int, color,
		"Colours in text; auto: on a terminal, unless NO_COLOR is set."),
	OPT_INT("verbose", verbosity, TBD_VERBOSITY_VERBOSE,
		"Show the evidence of all findings, keys and fingerprints, all steps, "
		"attempts, paths and packets as well.",
		.letter = 'v'),
	OPT_INT("quiet", verbosity, TBD_VERBOSITY_QUIET,
		"Show only what is wrong and how it is mended; nothing when all is well.",
		.letter = 'q'),
	OPT_FLAG("exit-zero", exit_zero,
		"Exit with 0 whatever was found; 3 still means that tbdiag failed."),
	{ 0 },
};

const struct opt roundtrip_options[] = {
	OPT_WORD("mqtt-version", "3.1|3.1.1|5", roundtrip.mqtt_version,
		"Speak this version of MQTT (default 3.1.1). Version 5 has reasons for most "
		"refusals."),
	OPT_FLAG("read-only", roundtrip.read_only, "Ask for an attribute only; write nothing."),
	OPT_TEXT("client-keys", "KEY[,KEY]...", roundtrip.client_keys,
		"The client attributes to ask for first. Default over MQTT and with --read-only: "
		"model, unless --shared-keys are given."),
	OPT_TEXT("shared-keys", "KEY[,KEY]...", roundtrip.shared_keys,
		"The shared attributes to ask for first."),
	OPT_TEXT("attribute", "NAME", roundtrip.attribute,
		"The client attribute to write and read back (default tbdiagProbe)."),
	OPT_TEXT("telemetry", "JSON", roundtrip.telemetry, "Publish this as telemetry as well."),
	OPT_TEXT("attributes-topic", "TOPIC", roundtrip.attributes_topic,
		"Write the attribute to this topic: that of the device profile, where it has one of "
		"its own (MQTT device topic filters)."),
	OPT_TEXT(
		"telemetry-topic", "TOPIC", roundtrip.telemetry_topic, "The same for --telemetry."),
	OPT_OF(opt_set_seconds, int64_t, roundtrip.rpc_wait_ms, "wait-rpc", "SECONDS",
		"In the end wait for a call (RPC) of the server, and send back what it brings."),
	OPT_FLAG("session-limits", roundtrip.session_limits,
		"Ask the server for the limits of this device (ThingsBoard 3.8 and later), also with "
		"--read-only, and wait for the answer as long as for any other."),
	OPT_BY(set_explain, "explain-refusal", NULL,
		"When the server refuses, closes on a message or does not store it, ask once more with "
		"MQTT 5, which has finer reasons. Counts as two wrong tokens."),
	OPT_FLAG("fingerprint", roundtrip.fingerprint,
		"Ask for a subscription to everything, which a general broker grants and ThingsBoard "
		"does not; it is ended at once."),
	{ 0 },
};

const struct opt insecure_options[] = {
	OPT_FLAG("insecure", fetch.insecure,
		"Send the token although the peer is not verified: whoever answers gets it."),
	{ 0 },
};
