/* SPDX-License-Identifier: MIT
 *
 * faults.c - how the sandbox misbehaves when it is asked to.
 */
#include "tools/cli/tool.h"

#include "faults.h"

#include "script.h"

#include <errno.h>

enum { MS_MAX = 3600 * 1000 };

#define AT(member) offsetof(struct faults, member)

/* What the argument of a fault is. */
enum argument { NOTHING, MS, STEP, NUMBER, STATUS, CODE, COUNT };

static const struct {
	const char *name;
	const char *wants;
} arguments[] = {
	[NOTHING] = { "", "wants no argument for this KIND" },
	[MS] = { "=MS", "wants milliseconds for this KIND, 1 to 3600000" },
	[STEP] = { "=STEP", "wants a STEP for this KIND: " SCRIPT_STAGES },
	[NUMBER] = { "=N", "wants the number of an alert for this KIND, 0 to 255" },
	[STATUS] = { "=N", "wants a status of HTTP for this KIND, 400 to 599" },
	[CODE] = { "=N.NN", "wants a code of CoAP for this KIND, 4.00 to 5.31" },
	[COUNT] = { "=N", "wants a number of datagrams for this KIND, 1 to 1000" },
};
TOOL_TABLE_OF(arguments, COUNT);

/* One row a fault. */
static const struct fault {
	const char *name;
	const char *help;
	const char *script; /* has one place for the argument; NULL: the broker is asked */
	size_t offset; /* of a bool, or of an int when there is an argument; without a script */
	enum argument argument;
	int usual; /* the argument that was left out; 0: it may not be */
	bool in_clear;
	bool http; /* the script is for the ports of HTTP */
} table[] = {
	{ .name = "connack-delay",
		.help = "CONNACK comes MS late; 5000 unless given",
		.script = "relay until connect\nwait %d\nrelay\n",
		.argument = MS,
		.usual = 5000,
		.in_clear = true },
	{ .name = "no-connack",
		.help = "CONNECT is never answered",
		.script = "expect connect\n",
		.in_clear = true },
	{ .name = "close-before-connack",
		.help = "CONNECT closes the connection",
		.script = "expect connect\nclose fin\n",
		.in_clear = true },
	{ .name = "close-on-publish",
		.help = "every PUBLISH closes the connection",
		.offset = AT(close_on_publish) },
	{ .name = "no-response",
		.help = "requests are acknowledged, never answered",
		.offset = AT(no_response) },
	{ .name = "late-response",
		.help = "answers come MS late; 3000 unless given",
		.offset = AT(late_response),
		.argument = MS,
		.usual = 3000 },
	{ .name = "wrong-id",
		.help = "answers bear the id of another request",
		.offset = AT(wrong_id) },
	{ .name = "visible-after",
		.help = "what is written shows after MS",
		.offset = AT(visible_after),
		.argument = MS },
	{ .name = "take-over",
		.help = "another session ends this one right after CONNACK",
		.script = "relay until connack\ndisconnect 8e\nclose notify\n",
		.in_clear = true },
	{ .name = "plain-mqtt",
		.help = "the TLS port speaks MQTT in clear",
		.script = "clear\nrelay\n" },
	{ .name = "plain-http",
		.help = "the TLS port speaks HTTP in clear",
		.script = "clear\nexpect any\nsend \"HTTP/1.1 400 Bad Request\\r\\n"
			  "Content-Type: text/plain\\r\\nConnection: close\\r\\n\\r\\n"
			  "This is not the port you are looking for.\\r\\n\"\nclose fin\n" },
	{ .name = "garbage",
		.help = "the TLS port answers with bytes of no protocol",
		.script = "clear\nexpect any\nsend 00 ff 1b \"[31m\" 80 c3 28 e2 80 ae \"x\"\n"
			  "close fin\n" },
	{ .name = "silent",
		.help = "the TLS port takes connections, and no more",
		.script = "clear\n" },
	{ .name = "close-at",
		.help = "the handshake ends by FIN after this STEP",
		.script = "handshake until %s\nclose fin\n",
		.argument = STEP },
	{ .name = "reset-at",
		.help = "the handshake ends by RST after this STEP",
		.script = "handshake until %s\nclose reset\n",
		.argument = STEP },
	{ .name = "silent-at",
		.help = "nothing more comes after this STEP of the handshake",
		.script = "handshake until %s\n",
		.argument = STEP },
	{ .name = "alert",
		.help = "ClientHello is refused by the fatal alert N",
		.script = "clear\nexpect any\nalert %d\nclose fin\n",
		.argument = NUMBER },
	{ .name = "client-cert-required",
		.help = "a client certificate is insisted on",
		.script = "handshake cert\nrelay\n" },
	{ .name = "sni-required",
		.help = "a server name is insisted on",
		.script = "handshake name\nrelay\n" },
	{ .name = "http-status",
		.help = "HTTP: the status N is the answer to all",
		.offset = AT(http_status),
		.argument = STATUS },
	{ .name = "http-html",
		.help = "HTTP: a web page is the answer to all",
		.offset = AT(http_html) },
	{ .name = "http-redirect",
		.help = "HTTP: all are sent to https:",
		.offset = AT(http_redirect) },
	{ .name = "http-silent",
		.help = "HTTP: nothing is answered",
		.script = "expect any\n",
		.http = true },
	{ .name = "coap-code",
		.help = "CoAP: the code N.NN is the answer to all",
		.offset = AT(coap_code),
		.argument = CODE },
	{ .name = "coap-separate",
		.help = "CoAP: answers come MS after their ACK; 2000 unless given",
		.offset = AT(coap_separate),
		.argument = MS,
		.usual = 2000 },
	{ .name = "coap-loss",
		.help = "CoAP: the first N datagrams that it sends are lost",
		.offset = AT(coap_loss),
		.argument = COUNT },
	{ .name = "coap-silent", .help = "CoAP: nothing is answered", .offset = AT(coap_silent) },
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

/* NULL: it was left out. False when it does not do. */
static bool read_argument(struct faults *faults, const struct fault *fault, const char *text)
{
	faults->number = fault->usual;
	faults->stage = text;
	if (fault->argument == NOTHING)
		return text == NULL;
	if (text == NULL)
		return fault->usual > 0;
	if (fault->argument == STEP)
		return script_is_stage(text);
	if (fault->argument == CODE)
		return read_code(text, &faults->number);
	if (fault->argument == COUNT)
		return read_number(text, 1, 1000, &faults->number);
	if (fault->argument == STATUS)
		return read_number(text, 400, 599, &faults->number);
	return fault->argument == MS ? read_number(text, 1, MS_MAX, &faults->number)
				     : read_number(text, 0, 255, &faults->number);
}

const char *faults_add(struct faults *faults, char *text)
{
	char *arg = strchr(text, '=');
	if (arg != NULL)
		*arg++ = '\0';
	const struct fault *fault = find_fault(text);
	if (fault == NULL)
		return "wants a KIND of fault, see --help";
	if (fault->script != NULL && !fault->http && faults->script != NULL)
		return "wants a KIND that goes with the one before";
	struct faults read = { 0 };
	if (!read_argument(&read, fault, arg))
		return arguments[fault->argument].wants;
	char *place = (char *)faults + fault->offset;
	if (fault->http) {
		faults->http_script = fault->script;
	} else if (fault->script != NULL) {
		faults->script = fault->script;
		faults->in_clear = fault->in_clear;
		faults->number = read.number;
		faults->stage = read.stage;
	} else if (fault->argument != NOTHING) {
		*(int *)(void *)place = read.number;
	} else {
		*(bool *)place = true;
	}
	return NULL;
}

/* The text goes on at the place of its argument. */
char *faults_script(const struct faults *faults)
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

char *faults_http_script(const struct faults *faults, bool tls)
{
	if (faults->http_script != NULL)
		return strdup(faults->http_script);
	return tls && faults->script != NULL && !faults->in_clear ? faults_script(faults)
								  : strdup("relay\n");
}

char *faults_help(void)
{
	enum { COLUMN = 24 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &table[i];
		bool optional = fault->usual > 0;
		int width = fprintf(out, "  %s%s%s%s", fault->name, optional ? "[" : "",
			arguments[fault->argument].name, optional ? "]" : "");
		fprintf(out, "%*s%s\n", width < COLUMN ? COLUMN - width : 1, "", fault->help);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
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
