/* SPDX-License-Identifier: MIT
 *
 * coap.c - the device API on libcoap, in the sandbox's one thread.
 *
 * The rules are those of ThingsBoard's CoapTransportResource. Of its refusals only that to provision says why.
 *
 * libcoap's log shows Uri-Path, and so the token: it is never turned on.
 */
#include "tools/cli/tool.h"

#include "coap.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <coap3/coap.h>
#include <netinet/in.h>

enum {
	SESSIONS_MAX = 64, /* of devices that say nothing more */
	SEGMENT_MAX = 255, /* RFC 7252 section 5.10 */
	BODY_MAX = 1024 * 1024,
};

struct coapd {
	coap_context_t *context;
	char *cert_pem;
	char *key_pem;
	struct coapd_settings settings;
};

const bool coapd_is_built = true;

/* Instead of a code. */
enum { NO_ANSWER = 0 };

/* ---- requests --------------------------------------------------------------------------------- */

/* Where things are in /api/v1/TOKEN/NAME; what comes behind is cut off. */
enum { PATH_TOKEN = 2, PATH_NAME = 3, PATH_COUNT = 4 };

/* Options do not end with a NUL, these do. */
struct request {
	const char *method;
	char path[PATH_COUNT][SEGMENT_MAX + 1];
	size_t path_count;
	char client_keys[SEGMENT_MAX + 1];
	char shared_keys[SEGMENT_MAX + 1];
	const uint8_t *body;
	size_t len;
};

/* One that has a NUL in it is cut there: no name or token has one. */
static void copy(char *to, const uint8_t *value, size_t len)
{
	size_t end = len < SEGMENT_MAX ? len : SEGMENT_MAX;
	memcpy(to, value, end);
	to[end] = '\0';
}

/* Take the value of the parameter, if this is it. */
static void take_parameter(char *to, const char *name, const uint8_t *value, size_t len)
{
	size_t name_len = strlen(name);
	if (len >= name_len && memcmp(value, name, name_len) == 0)
		copy(to, value + name_len, len - name_len);
}

static void read_request(const coap_pdu_t *pdu, struct request *request)
{
	coap_pdu_code_t code = coap_pdu_get_code(pdu);
	coap_opt_iterator_t iterator;
	coap_opt_t *option = NULL;
	size_t offset = 0;
	size_t total = 0;
	*request = (struct request){ .method = code == COAP_REQUEST_CODE_GET ? "GET"
			: code == COAP_REQUEST_CODE_POST                     ? "POST"
									     : "other" };
	coap_get_data_large(pdu, &request->len, &request->body, &offset, &total);
	coap_option_iterator_init(pdu, &iterator, COAP_OPT_ALL);
	while ((option = coap_option_next(&iterator)) != NULL) {
		const uint8_t *value = coap_opt_value(option);
		size_t len = coap_opt_length(option);
		if (iterator.number == COAP_OPTION_URI_PATH && request->path_count < PATH_COUNT)
			copy(request->path[request->path_count++], value, len);
		if (iterator.number != COAP_OPTION_URI_QUERY)
			continue;
		take_parameter(request->client_keys, "clientKeys=", value, len);
		take_parameter(request->shared_keys, "sharedKeys=", value, len);
	}
}

/* ---- answers ---------------------------------------------------------------------------------- */

static int read_attributes(struct device *device, const struct request *request, char **body)
{
	json_t *found = NULL;
	if (!device_may_send(device, STORE_MESSAGES))
		return 500;
	device_read_keys(device, request->client_keys, request->shared_keys, &found);
	/* That there is nothing is 4.04, where MQTT and HTTP answer {}. */
	int code = found == NULL ? NO_ANSWER : json_object_size(found) == 0 ? 404 : 205;
	if (code == 205)
		*body = store_dump(found);
	json_decref(found);
	return code;
}

static int post_telemetry(struct device *device, const struct request *request)
{
	int samples = telemetry_count(request->body, request->len);
	if (samples >= 0 && !device_may_send(device, STORE_TELEMETRY))
		return 500;
	return samples > 0 ? 201 : samples < 0 ? 400 : NO_ANSWER;
}

static int write_attributes(struct device *device, const struct request *request)
{
	if (!device_may_send(device, STORE_TELEMETRY))
		return 500;
	return device_write(device, request->body, request->len) ? 201 : 400;
}

/* Its payload may be left out. */
static int take_claim(const struct request *request)
{
	json_t *claim = store_parse(request->body, request->len);
	bool good = request->len == 0 || json_is_object(claim);
	json_decref(claim);
	return good ? 201 : 400;
}

/* A code as people write it, without the dot: 404 is 4.04 (RFC 7252 section 5.9), or NO_ANSWER. *body: JSON, for
 * free(). */
static int find_answer(
	const struct coapd_settings *settings, const struct request *request, char **body)
{
	bool reads = strcmp(request->method, "GET") == 0;
	const char *name = request->path[PATH_NAME];
	bool attributes = strcmp(name, "attributes") == 0;
	bool claims = strcmp(name, "claim") == 0;
	if (strcmp(request->path[0], "api") != 0 || strcmp(request->path[1], "v1") != 0)
		return 404;
	if (!reads && strcmp(request->method, "POST") != 0)
		return 405;
	if (!reads && request->path_count == PATH_NAME &&
		strcmp(request->path[PATH_TOKEN], "provision") == 0) {
		*body = strdup(store_not_provisioned);
		return 400;
	}
	if (request->path_count < PATH_COUNT)
		return 401;
	if (request->len > BODY_MAX)
		return 413;
	/* GET telemetry is refused like a name that nobody knows. */
	if (!attributes && (reads || (!claims && strcmp(name, "telemetry") != 0)))
		return 400;
	struct device *device = store_find(settings->store, request->path[PATH_TOKEN]);
	if (device == NULL)
		return 401;
	/* Only the profile of MQTT has topics. */
	if (settings->faults->own_topics)
		return 500;
	if (reads)
		return read_attributes(device, request, body);
	if (claims)
		return take_claim(request);
	return attributes ? write_attributes(device, request) : post_telemetry(device, request);
}

/* The payload of an answer, when the last of its blocks has gone. */
static void release_body(coap_session_t *session, void *body)
{
	(void)session;
	free(body);
}

static void coap_answer(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *pdu,
	const coap_string_t *query, coap_pdu_t *response)
{
	const struct coapd *coap = coap_resource_get_userdata(resource);
	struct request request;
	char *body = NULL;
	int code = coap->settings.faults->coap_code;
	read_request(pdu, &request);
	if (code == 0)
		code = find_answer(&coap->settings, &request, &body);
	if (coap->settings.verbose)
		complain("CoAP %s /api/v1/***/%s: %d.%02d", request.method, request.path[PATH_NAME],
			code / 100, code % 100);
	/* It is acknowledged, and waits for ever. */
	if (code == NO_ANSWER)
		coap_register_async(session, pdu, 0);
	if (code == NO_ANSWER)
		return;
	coap_pdu_set_code(response, (coap_pdu_code_t)COAP_RESPONSE_CODE(code));
	if (body == NULL)
		return;
	/* It takes the body, also when it fails; the device is then answered by 5.00. */
	coap_add_data_large_response(resource, session, pdu, response, query,
		COAP_MEDIATYPE_APPLICATION_JSON, -1, 0, strlen(body), (const uint8_t *)body,
		release_body, body);
}

/* What comes back without a code has been acknowledged; libcoap comes again when the time has passed. */
static void coap_on_request(coap_resource_t *resource, coap_session_t *session,
	const coap_pdu_t *pdu, const coap_string_t *query, coap_pdu_t *response)
{
	const struct coapd *coap = coap_resource_get_userdata(resource);
	coap_tick_t delay =
		(coap_tick_t)coap->settings.faults->coap_separate * COAP_TICKS_PER_SECOND / 1000;
	if (delay > 0 && coap_find_async(session, coap_pdu_get_token(pdu)) == NULL &&
		coap_register_async(session, pdu, delay) != NULL)
		return;
	coap_answer(resource, session, pdu, query, response);
}

/* ---- libcoap ---------------------------------------------------------------------------------- */

static void drop_log(coap_log_t level, const char *message)
{
	(void)level;
	(void)message;
}

/* libcoap reads the PEM anew for each session, and GnuTLS sorts the chain: in this server it is never in wrong
 * order. */
static bool set_credentials(struct coapd *coap, const struct chain *chain)
{
	coap->cert_pem = mint_chain_pem(chain->sent, chain->sent_count);
	coap->key_pem = mint_key_pem(chain->sent[0]);
	if (coap->cert_pem == NULL || coap->key_pem == NULL)
		return false;
	coap_dtls_pki_t pki = {
		.version = COAP_DTLS_PKI_SETUP_VERSION,
		.pki_key.key_type = COAP_PKI_KEY_PEM_BUF,
	};
	coap_pki_key_pem_buf_t *key = &pki.pki_key.key.pem_buf;
	key->public_cert = (const uint8_t *)coap->cert_pem;
	key->public_cert_len = strlen(coap->cert_pem);
	key->private_key = (const uint8_t *)coap->key_pem;
	key->private_key_len = strlen(coap->key_pem);
	return coap_context_set_pki(coap->context, &pki) == 1;
}

/* `resource` answers all methods; the context takes it. False: there is none. */
static bool add_resource(struct coapd *coap, coap_resource_t *resource)
{
	static const coap_request_t methods[] = { COAP_REQUEST_GET, COAP_REQUEST_POST,
		COAP_REQUEST_DELETE, COAP_REQUEST_FETCH, COAP_REQUEST_PATCH, COAP_REQUEST_IPATCH };
	if (resource == NULL)
		return false;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		coap_register_request_handler(resource, methods[i], coap_on_request);
	coap_resource_set_userdata(resource, coap);
	coap_add_resource(coap->context, resource);
	return true;
}

/* Those that /.well-known/core names, and one that stands for all below them. */
static bool add_resources(struct coapd *coap)
{
	static const char *const names[] = { "api/v1", "fw", "sw", "efento" };
	bool good = add_resource(coap, coap_resource_unknown_init(coap_on_request));
	for (size_t i = 0; good && i < sizeof(names) / sizeof(names[0]); i++)
		good = add_resource(coap, coap_resource_init(coap_make_str_const(names[i]), 0));
	return good;
}

static bool listen_on(struct coapd *coap, const struct ports *ports, coap_proto_t proto)
{
	coap_address_t ipv4 = { .size = sizeof(struct sockaddr_in),
		.addr.sin = { .sin_family = AF_INET,
			.sin_port = htons(ports->port),
			.sin_addr = { htonl(INADDR_LOOPBACK) } } };
	coap_address_t ipv6 = { .size = sizeof(struct sockaddr_in6),
		.addr.sin6 = { .sin6_family = AF_INET6,
			.sin6_port = htons(ports->port),
			.sin6_addr = IN6ADDR_LOOPBACK_INIT } };
	return coap_new_endpoint(coap->context, &ipv4, proto) != NULL &&
		(ports->fds[1] < 0 || coap_new_endpoint(coap->context, &ipv6, proto) != NULL);
}

/* The first datagrams are lost. */
static bool set_loss(int count)
{
	char range[32];
	if (count == 0)
		return true;
	snprintf(range, sizeof(range), "1-%d", count);
	return coap_debug_set_packet_loss(range) == 1;
}

static bool set_up(struct coapd *coap)
{
	const struct coapd_settings *settings = &coap->settings;
	coap->context = coap_new_context(NULL);
	if (coap->context == NULL)
		return false;
	coap_context_set_block_mode(coap->context, COAP_BLOCK_USE_LIBCOAP | COAP_BLOCK_SINGLE_BODY);
	coap_context_set_max_idle_sessions(coap->context, SESSIONS_MAX);
	return set_credentials(coap, settings->chain) && add_resources(coap) &&
		set_loss(settings->faults->coap_loss) &&
		listen_on(coap, settings->plain, COAP_PROTO_UDP) &&
		listen_on(coap, settings->dtls, COAP_PROTO_DTLS);
}

struct coapd *coapd_start(const struct coapd_settings *settings)
{
	struct coapd *coap = calloc(1, sizeof(*coap));
	coap_startup();
	coap_set_log_level(0);
	coap_dtls_set_log_level(0);
	coap_set_log_handler(drop_log);
	if (coap != NULL)
		coap->settings = *settings;
	if (coap != NULL && set_up(coap))
		return coap;
	complain("the CoAP server does not start");
	coapd_free(coap);
	return NULL;
}

void coapd_free(struct coapd *coap)
{
	if (coap == NULL)
		return;
	coap_free_context(coap->context);
	if (coap->key_pem != NULL)
		explicit_bzero(coap->key_pem, strlen(coap->key_pem));
	gnutls_free(coap->key_pem);
	free(coap->cert_pem);
	free(coap);
	coap_cleanup();
}

int coapd_fd(const struct coapd *coap)
{
	return coap != NULL ? coap_context_get_coap_fd(coap->context) : -1;
}

/* libcoap puts its own timers into its epoll set. */
void coapd_turn(struct coapd *coap)
{
	if (coap != NULL)
		coap_io_process(coap->context, COAP_IO_NO_WAIT);
}
