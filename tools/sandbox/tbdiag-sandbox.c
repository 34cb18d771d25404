/* SPDX-License-Identifier: MIT
 *
 * tbdiag-sandbox.c - tbdiag sandbox: a local ThingsBoard on a mosquitto of our own, libmicrohttpd and libcoap.
 */
#include "tools/cli/options.h"
#include "tools/cli/output.h"
#include "tools/cli/process.h"
#include "tools/sandbox/broker.h"
#include "tools/sandbox/chains.h"
#include "tools/sandbox/faults.h"
#include "tools/sandbox/ports.h"
#include "tools/sandbox/sandbox.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

enum { START_DEADLINE_MS = 10000, TOKEN_LEN = 20, TOKEN_MAX = 32 };

/* The ports of the sandbox. */
enum port {
	PORT_MQTT,
	PORT_MQTTS,
	PORT_HTTP,
	PORT_HTTPS,
	PORT_COAP,
	PORT_COAPS,
	PORT_INNER, /* of the broker behind its front */
	PORT_COUNT
};

/* How the line of JSON calls them; the last is nobody's business. */
static const char *const port_names[PORT_INNER] = { "mqtt", "mqtts", "http", "https", "coap",
	"coaps" };

struct settings {
	const char *dir;
	const char *chain;
	const char *aia;
	const char *token;
	const char *shared;
	const char *rpc;
	struct faults faults;
	const char *script;
	const char *program;
	uint16_t ports[PORT_COUNT]; /* 0: any */
	bool verbose;
};

/* ---- options ---------------------------------------------------------------------------------- */

static const char *set_port(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	char *end = NULL;
	errno = 0;
	unsigned long port = strtoul(value, &end, 10);
	if (errno != 0 || *end != '\0' || value[0] < '0' || value[0] > '9' || port < 1 ||
		port > 65535)
		return "wants a port, 1 to 65535";
	*(uint16_t *)dest = (uint16_t)port;
	return NULL;
}

static const char *set_token(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	size_t len = strlen(value);
	for (const char *s = value; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return "wants printable ASCII without spaces";
	if (len == 0 || len > TOKEN_MAX)
		return "wants 1 to 32 characters";
	*(const char **)dest = value;
	return NULL;
}

static const char *set_chain(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	static char wanted[1024] = "wants a KIND that --help names";
	*(const char **)dest = value;
	if (chain_is_known(value))
		return NULL;
	FILE *out = fmemopen(wanted, sizeof(wanted), "w");
	if (out == NULL)
		return wanted;
	fputs("wants one of: ", out);
	chain_names(out);
	fclose(out);
	return wanted;
}

static const char *set_fault(const struct opt *opt, void *dest, char *value)
{
	(void)opt;
	return faults_add(dest, value);
}

#define OPT_INTO struct settings

static const struct opt rows[] = {
	OPT_TEXT("dir", "DIR", dir, "Put the files here; a new temporary directory unless given.",
		.letter = 'd'),
	OPT_OF(set_chain, const char *, chain, "chain", "KIND",
		"The certificates to serve; complete unless given.", .letter = 'c',
		.values = chain_values),
	OPT_TEXT(
		"aia", "URL", aia, "Where the leaf says that its issuer's certificate can be had."),
	OPT_OF(set_token, const char *, token, "token", "TOKEN",
		"The device's access token; a random one unless given.", .letter = 't',
		.secret = true),
	OPT_TEXT("shared", "JSON", shared, "Shared attributes that the device finds.",
		.letter = 's'),
	OPT_TEXT("rpc", "JSON", rpc,
		"Call each device that subscribes to calls: {\"method\":...,\"params\":...}."),
	OPT_OF(set_fault, struct faults, faults, "fault", "KIND",
		"Misbehave, see below. May be given more than once.", .letter = 'f',
		.values = faults_values),
	OPT_TEXT("script", "FILE", script,
		"Play this script to each device, see tbdiag-sandbox(1).", .letter = 'S'),
	OPT_OF(set_port, uint16_t, ports[PORT_MQTT], "port", "PORT",
		"The port for MQTT in clear; a free one unless given.", .letter = 'p'),
	OPT_OF(set_port, uint16_t, ports[PORT_MQTTS], "tls-port", "PORT",
		"The port for MQTT over TLS; a free one unless given.", .letter = 'P'),
	OPT_OF(set_port, uint16_t, ports[PORT_HTTP], "http-port", "PORT",
		"The port for HTTP; a free one unless given."),
	OPT_OF(set_port, uint16_t, ports[PORT_HTTPS], "https-port", "PORT",
		"The port for HTTPS; a free one unless given."),
	OPT_OF(set_port, uint16_t, ports[PORT_COAP], "coap-port", "PORT",
		"The port for CoAP; a free one unless given."),
	OPT_OF(set_port, uint16_t, ports[PORT_COAPS], "coaps-port", "PORT",
		"The port for CoAP over DTLS; a free one unless given."),
	OPT_TEXT("mosquitto", "FILE", program,
		"The broker to run; found in PATH or /usr/sbin unless given."),
	OPT_FLAG("verbose", verbose, "Say on stderr what devices do.", .letter = 'v'),
	{ 0 },
};

/* ---- the directory ---------------------------------------------------------------------------- */

enum { WORKDIR_FILES_MAX = 8 };

struct workdir {
	char *dir; /* absolute */
	bool made; /* the directory is ours */
	char *files[WORKDIR_FILES_MAX];
	size_t file_count;
};

static int workdir_fail(const char *path)
{
	complain("%s: %s", path, strerror(errno));
	return -1;
}

static char *make_temporary(void)
{
	const char *parent = getenv("TMPDIR");
	char *dir = NULL;
	if (parent == NULL || parent[0] == '\0')
		parent = "/tmp";
	if (asprintf(&dir, "%s/tbdiag-sandbox-XXXXXX", parent) < 0)
		return NULL;
	if (mkdtemp(dir) != NULL)
		return dir;
	free(dir);
	return NULL;
}

/* Use `dir`, which is made when it is not there; NULL: make one in TMPDIR or /tmp. 0, or -1 after a complaint;
 * workdir_close() is allowed then, too. */
static int workdir_open(struct workdir *workdir, const char *dir)
{
	char *temporary = NULL;
	*workdir = (struct workdir){ 0 };
	if (dir == NULL) {
		dir = temporary = make_temporary();
		if (dir == NULL)
			return workdir_fail("cannot make a temporary directory");
		workdir->made = true;
	} else if (mkdir(dir, 0700) == 0) {
		workdir->made = true;
	} else if (errno != EEXIST) {
		return workdir_fail(dir);
	}
	workdir->dir = realpath(dir, NULL);
	int rc = workdir->dir != NULL ? 0 : workdir_fail(dir);
	if (rc < 0 && workdir->made)
		rmdir(dir);
	free(temporary);
	return rc;
}

/* Write a new file; one that is there already is nobody's to overwrite. Its path, which lives as long as the
 * workdir, or NULL after a complaint. */
static const char *workdir_write(
	struct workdir *workdir, const char *name, const char *text, mode_t mode)
{
	char *path = NULL;
	struct stat st;
	if (workdir->file_count == WORKDIR_FILES_MAX ||
		asprintf(&path, "%s/%s", workdir->dir, name) < 0) {
		complain("out of memory");
		return NULL;
	}
	if (lstat(path, &st) == 0)
		errno = EEXIST;
	else if (errno == ENOENT && mint_write(path, text, mode) == 0)
		return workdir->files[workdir->file_count++] = path;
	workdir_fail(path);
	/* Half a file is ours, too. */
	if (errno != EEXIST)
		unlink(path);
	free(path);
	return NULL;
}

/* Remove the files that were written, and the directory when it was made and nothing else is in it. */
static void workdir_close(struct workdir *workdir)
{
	for (size_t i = 0; i < workdir->file_count; i++) {
		unlink(workdir->files[i]);
		free(workdir->files[i]);
	}
	if (workdir->made && workdir->dir != NULL)
		rmdir(workdir->dir);
	free(workdir->dir);
	*workdir = (struct workdir){ 0 };
}

/* ---- the parts -------------------------------------------------------------------------------- */

/* Everything that has to be given back. */
struct sandbox {
	const struct settings *settings;
	char token[TOKEN_MAX + 1];
	char password[TOKEN_LEN + 1];
	bool ipv6;
	char *program;
	char *plugin;
	struct chain chain;
	struct workdir workdir;
	const char *ca_file, *chain_file, *token_file, *password_file;
	struct ports ports[PORT_COUNT];
	struct script scripts[SERVE_FRONTS];
	struct store *store;
	struct broker broker;
	struct serve serve;
};

/* As ThingsBoard makes them. */
static int make_token(char *token)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	uint8_t random[TOKEN_LEN];
	if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)) < 0)
		return -1;
	for (size_t i = 0; i < TOKEN_LEN; i++)
		token[i] = letters[random[i] % (sizeof(letters) - 1)];
	token[TOKEN_LEN] = '\0';
	return 0;
}

static int make_secrets(struct sandbox *sandbox)
{
	const char *given = sandbox->settings->token;
	int rc = make_token(sandbox->password);
	if (rc == 0 && given != NULL)
		snprintf(sandbox->token, sizeof(sandbox->token), "%s", given);
	else if (rc == 0)
		rc = make_token(sandbox->token);
	if (rc < 0)
		complain("no random numbers");
	return rc;
}

/* What a device with MQTT Basic credentials is called. */
static const char user_name[] = "sandbox-user";

static bool is_call(const char *rpc)
{
	json_t *call = store_parse(rpc, strlen(rpc));
	bool good = json_is_string(json_object_get(call, "method"));
	json_decref(call);
	return good;
}

/* Limits that a fault sets. */
static void set_limits(struct store *store, const struct faults *faults)
{
	store_set_delay(store, faults->visible_after);
	store_set_limit(store, STORE_MESSAGES, &faults->messages);
	store_set_limit(store, STORE_TELEMETRY, &faults->telemetry);
	if (faults->used_up)
		store_use_up(store);
}

static int make_devices(struct sandbox *sandbox)
{
	const struct settings *settings = sandbox->settings;
	struct device *device = NULL;
	struct device *other = NULL;
	if (make_secrets(sandbox) < 0)
		return -1;
	sandbox->store = store_new();
	if (sandbox->store != NULL)
		device = store_add(sandbox->store, sandbox->token);
	if (device != NULL)
		other = store_add_basic(sandbox->store, user_name, sandbox->password);
	const struct mqtt_settings mqtt = { sandbox->store, &settings->faults, settings->rpc,
		settings->verbose };
	if (other != NULL)
		sandbox->serve.mqtt = sandbox->serve.gates.mqtt = mqtt_new(&mqtt);
	if (sandbox->serve.mqtt == NULL)
		complain("out of memory");
	else if (settings->rpc != NULL && !is_call(settings->rpc))
		complain("option '--rpc' wants a JSON object with a \"method\"");
	else if (settings->shared != NULL &&
		!device_share(device, settings->shared, strlen(settings->shared)))
		complain("option '--shared' wants a JSON object");
	else
		return set_limits(sandbox->store, &settings->faults), 0;
	return -1;
}

static int make_files(struct sandbox *sandbox)
{
	const struct chain *chain = &sandbox->chain;
	int rc = chain_init(&sandbox->chain, sandbox->settings->chain, sandbox->settings->aia);
	if (rc < 0) {
		complain("cannot make certificates: %s", gnutls_strerror(rc));
		return -1;
	}
	const struct mint_cert *const root[] = { chain->root };
	char *ca_pem = mint_chain_pem(root, 1);
	char *chain_pem = mint_chain_pem(chain->sent, chain->sent_count);
	rc = -1;
	if (ca_pem == NULL || chain_pem == NULL) {
		complain("out of memory");
	} else if (workdir_open(&sandbox->workdir, sandbox->settings->dir) == 0) {
		struct workdir *workdir = &sandbox->workdir;
		sandbox->ca_file = workdir_write(workdir, "ca.pem", ca_pem, 0644);
		if (sandbox->ca_file != NULL)
			sandbox->chain_file =
				workdir_write(workdir, "server-chain.pem", chain_pem, 0644);
		if (sandbox->chain_file != NULL)
			sandbox->token_file = workdir_write(workdir, "token", sandbox->token, 0600);
		if (sandbox->token_file != NULL)
			sandbox->password_file =
				workdir_write(workdir, "password", sandbox->password, 0600);
		const char *last = sandbox->password_file;
		if (last != NULL && chain->issuer != NULL)
			last = workdir_write(workdir, "intermediate.pem",
				(const char *)chain->issuer->pem.data, 0644);
		rc = last != NULL ? 0 : -1;
	}
	free(ca_pem);
	free(chain_pem);
	return rc;
}

static int reserve(struct sandbox *sandbox, enum port port)
{
	uint16_t wanted = sandbox->settings->ports[port];
	bool datagrams = port == PORT_COAP || port == PORT_COAPS;
	if (ports_reserve(&sandbox->ports[port], datagrams ? PORTS_UDP : PORTS_TCP, wanted,
		    sandbox->ipv6) == 0)
		return 0;
	if (wanted != 0)
		complain("port %u: %s", wanted, strerror(errno));
	else
		complain("no free port: %s", strerror(errno));
	return -1;
}

/* ---- the fronts ------------------------------------------------------------------------------- */

/* serve.fronts are in the order of the ports. */
static bool is_tls(size_t front)
{
	return front == PORT_MQTTS || front == PORT_HTTPS;
}

static bool is_http(size_t front)
{
	return front == PORT_HTTP || front == PORT_HTTPS;
}

/* Free it with free(). NULL after a complaint. */
static char *read_script_text(const char *path)
{
	char *text = calloc(1, SCRIPT_TEXT_MAX + 2);
	FILE *file = text != NULL ? fopen(path, "re") : NULL;
	size_t len = file != NULL ? fread(text, 1, SCRIPT_TEXT_MAX + 1, file) : 0;
	bool failed = file == NULL || ferror(file) != 0;
	if (failed)
		complain("%s: %s", path, strerror(errno));
	else if (len > SCRIPT_TEXT_MAX || strlen(text) != len)
		complain("%s: no text, or more than %d bytes", path, SCRIPT_TEXT_MAX);
	if (file != NULL)
		fclose(file);
	if (!failed && len <= SCRIPT_TEXT_MAX && strlen(text) == len)
		return text;
	free(text);
	return NULL;
}

/* What a front plays; free with free(). NULL after a complaint. */
static char *script_text(const struct settings *settings, size_t front)
{
	if (settings->script != NULL)
		return read_script_text(settings->script);
	char *text = faults_script(&settings->faults, is_http(front), is_tls(front));
	if (text == NULL)
		complain("out of memory");
	return text;
}

static int read_script(struct sandbox *sandbox, size_t front)
{
	const struct settings *settings = sandbox->settings;
	struct script_error error = { 0 };
	char *text = script_text(settings, front);
	bool good = text != NULL && script_parse(&sandbox->scripts[front], text, &error);
	if (text != NULL && !good)
		complain("%s:%u: %s", settings->script != NULL ? settings->script : "script",
			error.line, error.text);
	free(text);
	return good ? 0 : -1;
}

static int read_scripts(struct sandbox *sandbox)
{
	int rc = 0;
	for (size_t i = 0; i < SERVE_FRONTS && rc == 0; i++)
		rc = read_script(sandbox, i);
	return rc;
}

/* Let the front of this port pass on to another; what stands in *world is kept. 0, or -1 after a complaint. */
static int start_front(struct sandbox *sandbox, enum port port, uint16_t to)
{
	struct front *front = &sandbox->serve.fronts[port];
	front->script = &sandbox->scripts[port];
	front->world.verbose = sandbox->settings->verbose;
	front->world.server_port = to;
	if (stream_credentials(&front->world.credentials, &sandbox->chain) < 0)
		complain("out of memory");
	else if (!front_listen(front, &sandbox->ports[port], is_tls(port)))
		complain("cannot listen: %s", strerror(errno));
	else
		return 0;
	return -1;
}

static int start_mqtt(struct sandbox *sandbox)
{
	int rc = 0;
	for (enum port port = PORT_MQTT; port <= PORT_MQTTS && rc == 0; port++) {
		struct visitor_world *world = &sandbox->serve.fronts[port].world;
		world->gates = &sandbox->serve.gates;
		world->proxied = sandbox->settings->faults.proxy_protocol;
		rc = start_front(sandbox, port, sandbox->ports[PORT_INNER].port);
	}
	return rc;
}

/* What Tomcat says to who speaks HTTP in clear where it speaks TLS. */
static const char not_in_clear[] = "HTTP/1.1 400 \r\nContent-Type: text/plain;charset=UTF-8\r\n"
				   "Content-Length: 11\r\nConnection: close\r\n\r\nBad Request";

/* Two servers, since only one of them sends devices to the other. */
static int start_http(struct sandbox *sandbox)
{
	int rc = 0;
	for (enum port port = PORT_HTTP; port <= PORT_HTTPS && rc == 0; port++) {
		const struct http_settings settings = {
			.store = sandbox->store,
			.faults = &sandbox->settings->faults,
			.ca_pem = (const char *)sandbox->chain.root->pem.data,
			.redirect_port = is_tls(port) ? 0 : sandbox->ports[PORT_HTTPS].port,
			.verbose = sandbox->settings->verbose,
		};
		struct http *http = http_start(&settings);
		sandbox->serve.http[port - PORT_HTTP] = http;
		sandbox->serve.fronts[port].world.in_clear = not_in_clear;
		rc = http != NULL ? start_front(sandbox, port, http_port(http)) : -1;
	}
	return rc;
}

/* A silent one is a port that nobody reads. */
static int start_coap(struct sandbox *sandbox)
{
	const struct faults *faults = &sandbox->settings->faults;
	const struct coapd_settings settings = {
		.store = sandbox->store,
		.faults = faults,
		.chain = &sandbox->chain,
		.plain = &sandbox->ports[PORT_COAP],
		.dtls = &sandbox->ports[PORT_COAPS],
		.verbose = sandbox->settings->verbose,
	};
	if (!coapd_is_built || faults->coap_silent)
		return 0;
	sandbox->serve.coap = coapd_start(&settings);
	ports_release(&sandbox->ports[PORT_COAP]);
	ports_release(&sandbox->ports[PORT_COAPS]);
	return sandbox->serve.coap != NULL ? 0 : -1;
}

static int reserve_all(struct sandbox *sandbox)
{
	int rc = 0;
	sandbox->ipv6 = ports_have_ipv6();
	for (enum port i = 0; rc == 0 && i < PORT_COUNT; i++)
		rc = reserve(sandbox, i);
	return rc;
}

/* What is there besides MQTT. While ThingsBoard is starting, these ports are closed. */
static int start_others(struct sandbox *sandbox)
{
	return start_http(sandbox) == 0 ? start_coap(sandbox) : -1;
}

static int start_broker(struct sandbox *sandbox, const sigset_t *signals)
{
	const struct settings *settings = sandbox->settings;
	sandbox->program = broker_find_program(settings->program);
	sandbox->plugin = sandbox->program != NULL ? broker_find_plugin() : NULL;
	if (sandbox->plugin == NULL || make_devices(sandbox) < 0 || reserve_all(sandbox) < 0 ||
		make_files(sandbox) < 0 || start_mqtt(sandbox) < 0)
		return -1;
	if (settings->faults.starting > 0) {
		ports_release(&sandbox->ports[PORT_COAP]);
		ports_release(&sandbox->ports[PORT_COAPS]);
	} else if (start_others(sandbox) < 0) {
		return -1;
	}
	const struct broker_settings broker = {
		.program = sandbox->program,
		.plugin = sandbox->plugin,
		.port = sandbox->ports[PORT_INNER].port,
		.signals = *signals,
	};
	return broker_start(&sandbox->broker, &broker);
}

static void sandbox_end(struct sandbox *sandbox)
{
	broker_stop(&sandbox->broker);
	workdir_close(&sandbox->workdir);
	for (size_t i = 0; i < PORT_COUNT; i++)
		ports_release(&sandbox->ports[i]);
	serve_release(&sandbox->serve);
	for (size_t i = 0; i < SERVE_FRONTS; i++)
		script_release(&sandbox->scripts[i]);
	for (size_t i = 0; i < SERVE_HTTP_SERVERS; i++)
		http_free(sandbox->serve.http[i]);
	coapd_free(sandbox->serve.coap);
	mqtt_free(sandbox->serve.mqtt);
	store_free(sandbox->store);
	chain_release(&sandbox->chain);
	free(sandbox->plugin);
	free(sandbox->program);
}

/* ---- at work ---------------------------------------------------------------------------------- */

static json_t *pack_ports(const struct sandbox *sandbox)
{
	json_t *ports = json_object();
	for (size_t i = 0; i < (coapd_is_built ? PORT_INNER : PORT_COAP); i++)
		json_object_set_new(ports, port_names[i], json_integer(sandbox->ports[i].port));
	return ports;
}

/* One line of JSON, for whoever started us. */
static int announce(const struct sandbox *sandbox)
{
	struct output output;
	json_t *addresses = sandbox->ipv6 ? json_pack("[ss]", "127.0.0.1", "::1")
					  : json_pack("[s]", "127.0.0.1");
	json_t *line = json_pack("{ss ss so so ss ss ss ss ss ss ss si si}", "event", "ready",
		"host", "localhost", "addresses", addresses, "ports", pack_ports(sandbox), "chain",
		sandbox->settings->chain, "dir", sandbox->workdir.dir, "ca_file", sandbox->ca_file,
		"chain_file", sandbox->chain_file, "token_file", sandbox->token_file, "username",
		user_name, "password_file", sandbox->password_file, "pid", (int)getpid(),
		"broker_pid", (int)sandbox->broker.pid);
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
	json_decref(line);
	if (text == NULL) {
		complain("the directory's name is not UTF-8, or memory is out");
		return -1;
	}
	if (output_open(&output) == 0)
		fprintf(output.stream, "%s\n", text);
	free(text);
	return output_close(&output, NULL);
}

/* Until the end, once it has begun. */
static enum serve_end serve_on(struct sandbox *sandbox)
{
	int starting_ms = sandbox->settings->faults.starting;
	enum serve_end ended = SERVE_LATE;
	if (starting_ms > 0)
		ended = serve_run(&sandbox->serve, starting_ms);
	if (ended == SERVE_LATE && starting_ms > 0 && start_others(sandbox) < 0)
		return SERVE_GONE;
	return ended == SERVE_LATE ? serve_run(&sandbox->serve, -1) : ended;
}

/* 0 when a signal ended it. */
static int work(struct sandbox *sandbox)
{
	enum serve_end ended = serve_run(&sandbox->serve, START_DEADLINE_MS);
	ports_release(&sandbox->ports[PORT_INNER]);
	mqtt_start(sandbox->serve.mqtt);
	if (ended == SERVE_READY && announce(sandbox) < 0)
		return -1;
	if (ended == SERVE_READY)
		ended = serve_on(sandbox);
	if (ended == SERVE_STOPPED)
		return 0;
	broker_stop(&sandbox->broker);
	complain("%s %s%s%s", sandbox->program,
		ended == SERVE_LATE ? "does not get ready" : "has ended",
		sandbox->broker.words_len > 0 ? ": " : "", sandbox->broker.words);
	return -1;
}

/* Signals come only while serve_run() waits. */
static void block_signals(sigset_t *before)
{
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, before);
}

/* What --help ends with. Without memory it ends before. */
static char *make_closing(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	fputs("Chains: ", out);
	chain_names(out);
	fputs(".\n\nFaults, see tbdiag-sandbox(1):\n", out);
	faults_help(out);
	fputs("\nA line of JSON on stdout says when it is ready, and where.", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

int main(int argc, char **argv)
{
	sigset_t signals;
	struct settings settings = { .chain = "complete",
		.faults.visible_after = FAULTS_VISIBLE_AFTER_MS };
	char *closing = make_closing();
	const struct opt_group groups[] = { { "Options", rows }, { 0 } };
	const struct opt_spec spec = {
		.command = "tbdiag sandbox",
		.summary = "Run a local ThingsBoard, MQTT, HTTP and CoAP, until a signal comes.",
		.groups = groups,
		.into = &settings,
		.closing = closing,
	};
	process_start(spec.command);
	opt_parse(&spec, argc, argv);
	if (settings.script != NULL && settings.faults.script != NULL)
		opt_usage_error(&spec, "option '--script' does not go with this KIND of --fault");
	free(closing);
	block_signals(&signals);
	static struct sandbox sandbox = {
		.broker = { .pid = -1, .channel = -1, .log = -1 },
	};
	for (size_t i = 0; i < PORT_COUNT; i++)
		sandbox.ports[i] = (struct ports){ .fds = { -1, -1 } };
	sandbox.settings = &settings;
	sandbox.serve.broker = &sandbox.broker;
	sandbox.serve.signals = &signals;
	int rc = read_scripts(&sandbox);
	if (rc == 0)
		rc = start_broker(&sandbox, &signals);
	if (rc == 0)
		rc = work(&sandbox);
	sandbox_end(&sandbox);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	process_obey();
	return rc == 0 ? STATUS_OK : STATUS_FAILED;
}
