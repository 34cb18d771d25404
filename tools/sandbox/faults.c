/* SPDX-License-Identifier: MIT
 *
 * faults.c - how the sandbox misbehaves when it is asked to.
 */
#include "tools/cli/tool.h"

#include "faults.h"

#include "script.h"

#include <errno.h>

/* What the argument of a fault is. */
enum argument { NOTHING, STEP, LIMIT, CODE, MS, DELAY, NUMBER, STATUS, COUNT };

static const struct {
	const char *name;
	const char *wants;
	int min, max; /* of a number */
} arguments[] = {
	[NOTHING] = { "", "wants no argument for this KIND", 0, 0 },
	[STEP] = { "=STEP", "wants a STEP for this KIND: " SCRIPT_STAGES, 0, 0 },
	[LIMIT] = { "=N:S", "wants a limit for this KIND: COUNT:SECONDS[,COUNT:SECONDS]...", 0, 0 },
	[CODE] = { "=N.NN", "wants a code of CoAP for this KIND, 4.00 to 5.31", 0, 0 },
	[MS] = { "=MS", "wants milliseconds for this KIND, 1 to 3600000", 1, 3600 * 1000 },
	[DELAY] = { "=MS", "wants milliseconds for this KIND, 0 to 3600000", 0, 3600 * 1000 },
	[NUMBER] = { "=N", "wants the number of an alert for this KIND, 0 to 255", 0, 255 },
	[STATUS] = { "=N", "wants a status of HTTP for this KIND, 400 to 599", 400, 599 },
	[COUNT] = { "=N", "wants a number of datagrams for this KIND, 1 to 1000", 1, 1000 },
};
TOOL_TABLE_OF(arguments, COUNT);

/* Who misbehaves: a server of ours, which is told by a member of struct faults, or a port, where a script is played. */
enum place { SERVER, TLS_PORTS, MQTTS_PORT, MQTT_PORTS, HTTP_PORTS };

#define SETS(member) SERVER, offsetof(struct faults, member), NULL
#define PLAYS(ports, script) ports, 0, script

/* One row a fault. */
static const struct fault {
	const char *name;
	enum argument argument;
	int usual; /* the argument that was left out; 0: it may not be */
	enum place place;
	size_t offset;      /* of a bool, or of an int when there is an argument */
	const char *script; /* has one place for the argument */
	const char *help;
} table[] = {
	{ "connack-delay", MS, 5000, PLAYS(MQTT_PORTS, "relay until connect\nwait %d\nrelay\n"),
		"CONNACK comes MS late; 5000 unless given" },
	{ "no-connack", NOTHING, 0, PLAYS(MQTT_PORTS, "expect connect\n"),
		"CONNECT is never answered" },
	{ "close-before-connack", NOTHING, 0, PLAYS(MQTT_PORTS, "expect connect\nclose notify\n"),
		"CONNECT closes the connection" },
	{ "close-on-publish", NOTHING, 0, SETS(close_on_publish),
		"every PUBLISH closes the connection" },
	{ "no-response", NOTHING, 0, SETS(no_response),
		"requests are acknowledged, never answered" },
	{ "late-response", MS, 3000, SETS(late_response),
		"answers come MS late; 3000 unless given" },
	{ "wrong-id", NOTHING, 0, SETS(wrong_id), "answers bear the id of another request" },
	{ "visible-after", DELAY, 0, SETS(visible_after),
		"what is written shows after MS; 50 without this" },
	{ "take-over", NOTHING, 0,
		PLAYS(MQTT_PORTS, "relay until connack\ndisconnect 8e\nclose notify\n"),
		"another session ends this one right after CONNACK" },
	{ "session-ended", MS, 1000,
		PLAYS(MQTT_PORTS,
			"relay until connack\nrelay for %d\ndisconnect 98\nclose notify\n"),
		"the session is ended after MS; 1000 unless given" },
	{ "deleted", MS, 1000, SETS(deleted), "the device is deleted after MS; 1000 unless given" },
	{ "starting", MS, 20000, SETS(starting),
		"the server takes MS to start; 20000 unless given" },
	{ "own-topics", NOTHING, 0, SETS(own_topics), "the device profile has topics of its own" },
	{ "limit", LIMIT, 0, SETS(messages), "N messages of a device in S seconds" },
	{ "telemetry-limit", LIMIT, 0, SETS(telemetry), "the same of attributes and telemetry" },
	{ "api-usage", NOTHING, 0, SETS(used_up), "the tenant may send nothing any more" },
	{ "proxy-protocol", NOTHING, 0, SETS(proxy_protocol),
		"the ports of MQTT want a header of the PROXY protocol" },
	{ "plain-mqtt", NOTHING, 0, PLAYS(MQTTS_PORT, "clear\nrelay\n"),
		"the port for MQTT over TLS speaks it in clear" },
	{ "plain-http", NOTHING, 0,
		PLAYS(TLS_PORTS,
			"clear\nexpect any\nsend \"HTTP/1.1 400 Bad Request\\r\\n"
			"Content-Type: text/plain\\r\\nConnection: close\\r\\n\\r\\n"
			"This is not the port you are looking for.\\r\\n\"\nclose fin\n"),
		"the TLS port speaks HTTP in clear" },
	{ "garbage", NOTHING, 0,
		PLAYS(TLS_PORTS,
			"clear\nexpect any\nsend 00 ff 1b \"[31m\" 80 c3 28 e2 80 ae \"x\"\n"
			"close fin\n"),
		"the TLS port answers with bytes of no protocol" },
	{ "silent", NOTHING, 0, PLAYS(TLS_PORTS, "clear\n"),
		"the TLS port takes connections, and no more" },
	{ "close-at", STEP, 0, PLAYS(TLS_PORTS, "handshake until %s\nclose fin\n"),
		"the handshake ends by FIN after this STEP" },
	{ "reset-at", STEP, 0, PLAYS(TLS_PORTS, "handshake until %s\nclose reset\n"),
		"the handshake ends by RST after this STEP" },
	{ "silent-at", STEP, 0, PLAYS(TLS_PORTS, "handshake until %s\n"),
		"nothing more comes after this STEP of the handshake" },
	{ "alert", NUMBER, 0, PLAYS(TLS_PORTS, "clear\nexpect any\nalert %d\nclose fin\n"),
		"ClientHello is refused by the fatal alert N" },
	{ "client-cert-required", NOTHING, 0, PLAYS(TLS_PORTS, "handshake cert\nrelay\n"),
		"a client certificate is insisted on" },
	{ "sni-required", NOTHING, 0, PLAYS(TLS_PORTS, "handshake name\nrelay\n"),
		"a server name is insisted on" },
	{ "http-status", STATUS, 0, SETS(http_status), "HTTP: the status N is the answer to all" },
	{ "http-html", NOTHING, 0, SETS(http_html), "HTTP: a web page is the answer to all" },
	{ "http-redirect", NOTHING, 0, SETS(http_redirect), "HTTP: all are sent to https:" },
	{ "no-ca-file", NOTHING, 0, SETS(no_ca_file),
		"HTTP: there is no CA file to hand out to devices" },
	{ "http-silent", NOTHING, 0, PLAYS(HTTP_PORTS, "expect any\n"),
		"HTTP: nothing is answered" },
	{ "coap-code", CODE, 0, SETS(coap_code), "CoAP: the code N.NN is the answer to all" },
	{ "coap-separate", MS, 2000, SETS(coap_separate),
		"CoAP: answers come MS after their ACK; 2000 unless given" },
	{ "coap-loss", COUNT, 0, SETS(coap_loss),
		"CoAP: the first N datagrams that it sends are lost" },
	{ "coap-silent", NOTHING, 0, SETS(coap_silent), "CoAP: nothing is answered" },
};

enum { FAULT_COUNT = sizeof(table) / sizeof(table[0]) };

static const struct fault *find_fault(const char *name)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static bool read_number(const char *text, int min, int max, int *number)
{
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value < min ||
		value > max)
		return false;
	*number = (int)value;
	return true;
}

/* "4.01" is 401: a class of 4 or 5, and a detail of 5 bits (RFC 7252 section 3). */
static bool read_code(const char *text, int *code)
{
	int detail = 0;
	if ((text[0] != '4' && text[0] != '5') || text[1] != '.' || strlen(text) != 4 ||
		!read_number(text + 2, 0, 31, &detail))
		return false;
	*code = (text[0] - '0') * 100 + detail;
	return true;
}

/* NULL: it was left out. False when it does not do. A limit goes where it belongs at once. */
static bool read_argument(
	const struct fault *fault, struct faults *faults, const char *text, int *number)
{
	*number = fault->usual;
	if (fault->argument == NOTHING)
		return text == NULL;
	if (text == NULL)
		return fault->usual > 0;
	if (fault->argument == STEP)
		return script_is_stage(text);
	if (fault->argument == LIMIT)
		return limits_parse((void *)((char *)faults + fault->offset), text);
	if (fault->argument == CODE)
		return read_code(text, number);
	return read_number(
		text, arguments[fault->argument].min, arguments[fault->argument].max, number);
}

static void play_on_ports(
	struct faults *faults, const struct fault *fault, int number, const char *stage)
{
	faults->script = fault->script;
	faults->in_clear = fault->place == MQTT_PORTS;
	faults->mqtts_only = fault->place == MQTTS_PORT;
	faults->number = number;
	faults->stage = stage;
}

const char *faults_add(struct faults *faults, char *text)
{
	int number = 0;
	char *arg = strchr(text, '=');
	if (arg != NULL)
		*arg++ = '\0';
	const struct fault *fault = find_fault(text);
	if (fault == NULL)
		return "wants a KIND of fault, see --help";
	bool plays = fault->place != SERVER && fault->place != HTTP_PORTS;
	if (plays && faults->script != NULL)
		return "wants a KIND that goes with the one before";
	if (!read_argument(fault, faults, arg, &number))
		return arguments[fault->argument].wants;
	void *member = (char *)faults + fault->offset;
	if (fault->place == HTTP_PORTS)
		faults->http_script = fault->script;
	else if (plays)
		play_on_ports(faults, fault, number, arg);
	else if (fault->argument == NOTHING)
		*(bool *)member = true;
	else if (fault->argument != LIMIT)
		*(int *)member = number;
	return NULL;
}

/* The script with its argument. The text goes on at the place of that. */
static char *fill_in(const struct faults *faults)
{
	const char *place = strchr(faults->script, '%');
	char *text = NULL;
	int rc = 0;
	if (place == NULL)
		return strdup(faults->script);
	int head = (int)(place - faults->script);
	if (place[1] == 's')
		rc = asprintf(&text, "%.*s%s%s", head, faults->script, faults->stage, place + 2);
	else
		rc = asprintf(&text, "%.*s%d%s", head, faults->script, faults->number, place + 2);
	return rc < 0 ? NULL : text;
}

char *faults_script(const struct faults *faults, bool http, bool tls)
{
	bool plays = tls || faults->in_clear;
	if (http && faults->http_script != NULL)
		return strdup(faults->http_script);
	if (http)
		plays = tls && !faults->in_clear && !faults->mqtts_only;
	return plays && faults->script != NULL ? fill_in(faults) : strdup("relay\n");
}

void faults_help(FILE *out)
{
	enum { COLUMN = 24 };
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &table[i];
		bool optional = fault->usual > 0;
		int width = fprintf(out, "  %s%s%s%s", fault->name, optional ? "[" : "",
			arguments[fault->argument].name, optional ? "]" : "");
		fprintf(out, "%*s%s\n", width < COLUMN ? COLUMN - width : 1, "", fault->help);
	}
}

static void stage_values(FILE *out, const struct fault *fault)
{
	for (const char *stage = SCRIPT_STAGES; *stage != '\0';) {
		size_t len = strcspn(stage, ",");
		fprintf(out, "%s=%.*s\t%s\n", fault->name, (int)len, stage, fault->help);
		stage += len;
		stage += strspn(stage, ", ");
	}
}

void faults_values(FILE *out)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &table[i];
		bool wants = fault->argument != NOTHING && fault->usual == 0;
		if (fault->argument == STEP)
			stage_values(out, fault);
		else
			fprintf(out, "%s%s\t%s\n", fault->name, wants ? "=" : "", fault->help);
	}
}
