/* SPDX-License-Identifier: MIT
 *
 * transport-coap.c - the CoAP transport (RFC 7252): libcoap, driven from the link's poll(), over the link's socket.
 *
 * libcoap's log shows Uri-Path, and so the token: it is never turned on.
 */
#include "base/transport.h"

#include <arpa/inet.h>
#include <coap3/coap.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>

enum { SEGMENT_MAX = 255 }; /* of a path, and an argument of a query: RFC 7252 5.10 */

struct connection {
	coap_context_t *context;
	coap_session_t *session;
	struct tbdi_witness witness;
	bool asking;      /* a request is under way */
	bool over;        /* nothing more comes of it */
	uint8_t token[8]; /* CoAP's, of the request */
	size_t token_len;
	struct tbdi_body body;
};

/* ---- answers --------------------------------------------------------------------------------- */

/* RFC 7252 12.3; some others are told by their number. */
static const char *content_type(const coap_pdu_t *pdu, char *text, size_t size)
{
	coap_opt_iterator_t iterator;
	coap_opt_t *option = coap_check_option(pdu, COAP_OPTION_CONTENT_FORMAT, &iterator);
	if (option == NULL)
		return NULL;
	unsigned number = coap_decode_var_bytes(coap_opt_value(option), coap_opt_length(option));
	if (number == COAP_MEDIATYPE_APPLICATION_JSON)
		return "application/json";
	if (number == COAP_MEDIATYPE_TEXT_PLAIN)
		return "text/plain";
	snprintf(text, size, "content-format %u", number);
	return text;
}

/* There is another block of the payload (RFC 7959), which libcoap asks for by itself. */
static bool is_more_to_come(const coap_pdu_t *pdu)
{
	coap_block_t block;
	return coap_get_block(pdu, COAP_OPTION_BLOCK2, &block) != 0 && block.m != 0;
}

static void take_body(struct connection *connection, const coap_pdu_t *pdu)
{
	size_t len = 0;
	size_t offset = 0;
	size_t total = 0;
	const uint8_t *data = NULL;
	if (coap_get_data_large(pdu, &len, &data, &offset, &total) == 0)
		return;
	tbdi_body_add(&connection->body, data, len);
}

static void emit_reply(const struct connection *connection, const coap_pdu_t *pdu)
{
	char text[32];
	unsigned code = (unsigned)coap_pdu_get_code(pdu);
	const struct tbdi_reply reply = {
		.status = (int)((code >> 5) * 100 + (code & 31)),
		.content_type = content_type(pdu, text, sizeof(text)),
		.date = -1,
		.body = connection->body.bytes,
		.body_len = connection->body.len,
		.cut = connection->body.cut,
	};
	TBDI_TELL(connection, .kind = TBDI_EVENT_REPLY, .reply = &reply);
}

/* It answers what was asked: by token (RFC 7252 5.3.2), and if it comes in an acknowledgement, by that of the
 * very message. */
static bool is_answer(
	const struct connection *connection, const coap_pdu_t *sent, const coap_pdu_t *received)
{
	coap_bin_const_t token = coap_pdu_get_token(received);
	return connection->asking && token.length == connection->token_len &&
		memcmp(token.s, connection->token, token.length) == 0 &&
		(sent != NULL || coap_pdu_get_type(received) != COAP_MESSAGE_ACK);
}

static coap_response_t libcoap_on_response(coap_session_t *session, const coap_pdu_t *sent,
	const coap_pdu_t *received, const coap_mid_t mid)
{
	struct connection *connection = coap_session_get_app_data(session);
	(void)mid;
	if (!is_answer(connection, sent, received))
		return COAP_RESPONSE_FAIL;
	take_body(connection, received);
	if (is_more_to_come(received) && !connection->body.cut)
		return COAP_RESPONSE_OK;
	connection->asking = false;
	connection->over = connection->body.cut;
	emit_reply(connection, received);
	return COAP_RESPONSE_OK;
}

/* Rejected by the peer, or repeated as often as it may be. (That the private socket goes is no news.) */
static void libcoap_on_nack(coap_session_t *session, const coap_pdu_t *sent,
	const coap_nack_reason_t reason, const coap_mid_t mid)
{
	struct connection *connection = coap_session_get_app_data(session);
	(void)sent;
	(void)mid;
	if (connection->over || !connection->asking || reason != COAP_NACK_RST)
		return;
	connection->asking = false;
	connection->over = true;
	TBDI_TELL(connection, .kind = TBDI_EVENT_CLOSED,
		.text = "the request was rejected by a Reset message");
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool add_text(coap_pdu_t *pdu, uint16_t number, const char *text)
{
	size_t len = strlen(text);
	return coap_add_option(pdu, number, len, (const uint8_t *)text) != 0;
}

static int digit_value(char digit)
{
	return digit >= '0' && digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

/* What tbdi_percent_encode() made of a text, back; out has room for `len` bytes. Returns how many it has. */
static size_t percent_decode(const char *text, size_t len, char *out)
{
	size_t out_len = 0;
	for (size_t i = 0; i < len; i++) {
		bool is_encoded = text[i] == '%' && len - i > 2;
		out[out_len++] = !is_encoded
			? text[i]
			: (char)(digit_value(text[i + 1]) * 16 + digit_value(text[i + 2]));
		i += is_encoded ? 2 : 0;
	}
	return out_len;
}

/* An option for each argument, decoded (RFC 7252 6.4). */
static bool add_query(coap_pdu_t *pdu, const char *query)
{
	bool good = true;
	while (good && query != NULL && *query != '\0') {
		char argument[3 * SEGMENT_MAX];
		size_t len = strcspn(query, "&");
		good = len <= sizeof(argument);
		size_t left = good ? percent_decode(query, len, argument) : 0;
		good = good && left <= SEGMENT_MAX &&
			coap_add_option(
				pdu, COAP_OPTION_URI_QUERY, left, (const uint8_t *)argument) != 0;
		query += len + (query[len] == '&');
	}
	return good;
}

static void release_body(coap_session_t *session, void *body)
{
	(void)session;
	free(body);
}

/* libcoap cuts a large one into blocks (RFC 7959) and releases it when the last has gone. */
static bool add_body(struct connection *connection, coap_pdu_t *pdu, const char *text)
{
	size_t len = strlen(text);
	uint8_t *body = malloc(len);
	if (body == NULL)
		return false;
	memcpy(body, text, len);
	return coap_add_data_large_request(
		       connection->session, pdu, len, body, release_body, body) != 0;
}

/* Options stand in the order of their numbers. */
static bool fill(struct connection *connection, coap_pdu_t *pdu, const struct tbdi_request *request)
{
	uint8_t json[4];
	size_t json_len = coap_encode_var_safe(json, sizeof(json), COAP_MEDIATYPE_APPLICATION_JSON);
	bool good = add_text(pdu, COAP_OPTION_URI_PATH, "api") &&
		add_text(pdu, COAP_OPTION_URI_PATH, "v1") &&
		add_text(pdu, COAP_OPTION_URI_PATH, request->token) &&
		add_text(pdu, COAP_OPTION_URI_PATH, request->resource);
	if (good && request->body != NULL)
		good = coap_add_option(pdu, COAP_OPTION_CONTENT_FORMAT, json_len, json) != 0;
	good = good && add_query(pdu, request->query);
	return good && (request->body == NULL || add_body(connection, pdu, request->body));
}

static coap_pdu_t *pdu_make(struct connection *connection, const struct tbdi_request *request)
{
	coap_pdu_t *pdu = coap_pdu_init(COAP_MESSAGE_CON,
		request->post ? COAP_REQUEST_CODE_POST : COAP_REQUEST_CODE_GET,
		coap_new_message_id(connection->session),
		coap_session_max_pdu_size(connection->session));
	if (pdu == NULL)
		return NULL;
	coap_session_new_token(connection->session, &connection->token_len, connection->token);
	if (coap_add_token(pdu, connection->token_len, connection->token) != 0 &&
		fill(connection, pdu, request))
		return pdu;
	coap_delete_pdu(pdu);
	return NULL;
}

static int coap_ask(void *arg, const struct tbdi_request *request)
{
	struct connection *connection = arg;
	if (connection->over)
		return 0;
	if (strlen(request->token) > SEGMENT_MAX) {
		connection->over = true;
		TBDI_TELL(connection, .kind = TBDI_EVENT_CLOSED,
			.text = "CoAP takes no token of more than 255 bytes");
		return 0;
	}
	connection->body.len = 0;
	connection->body.cut = false;
	coap_pdu_t *pdu = pdu_make(connection, request);
	if (pdu == NULL)
		return TBD_E_NOMEM;
	connection->asking = true;
	return coap_send(connection->session, pdu) == COAP_INVALID_MID ? TBD_E_SYSTEM : 0;
}

/* ---- the transport --------------------------------------------------------------------------- */

static void drop_log(coap_log_t level, const char *message)
{
	(void)level;
	(void)message;
}

static void coap_name(char *text, size_t size)
{
	snprintf(text, size, "%s", coap_package_version());
}

/* Frees what there is of it, and its socket. */
static int coap_part(void *arg)
{
	struct connection *connection = arg;
	connection->asking = false;
	connection->over = true;
	if (connection->session != NULL)
		coap_session_release(connection->session);
	if (connection->context != NULL)
		coap_free_context(connection->context);
	connection->session = NULL;
	connection->context = NULL;
	return 0;
}

static void coap_end(void *arg)
{
	struct connection *connection = arg;
	if (connection == NULL)
		return;
	coap_part(connection);
	explicit_bzero(&connection->body, sizeof(connection->body));
	free(connection);
}

static bool session_make(struct connection *connection, uint16_t port)
{
	coap_address_t address;
	connection->context = coap_new_context(NULL);
	if (connection->context == NULL)
		return false;
	/* Each block is ours to keep or to drop: the peer says how large the whole is. */
	coap_context_set_block_mode(connection->context, COAP_BLOCK_USE_LIBCOAP);
	coap_register_response_handler(connection->context, libcoap_on_response);
	coap_register_nack_handler(connection->context, libcoap_on_nack);
	coap_address_init(&address);
	address.size = sizeof(address.addr.sin);
	address.addr.sin = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	connection->session =
		coap_new_client_session(connection->context, NULL, &address, COAP_PROTO_UDP);
	if (connection->session == NULL)
		return false;
	coap_session_set_app_data(connection->session, connection);
	/* It comes to life with the descriptor of its epoll set, in which its timers are, too. */
	return coap_context_get_coap_fd(connection->context) >= 0;
}

/* For all of the process, and not thread-safe. Never undone: another thread may have a connection. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void libcoap_initialise(void)
{
	coap_startup();
	coap_set_log_level(0);
	coap_set_log_handler(drop_log);
}

static int coap_begin(
	const struct tbdi_transport_options *options, void **out, struct tbd_error *error)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		return tbdi_fail_nomem(error);
	connection->witness = options->witness;
	pthread_once(&once, libcoap_initialise);
	if (session_make(connection, options->port)) {
		*out = connection;
		return 0;
	}
	coap_end(connection);
	return tbdi_fail(error, TBD_E_SYSTEM, "libcoap cannot be set up");
}

static uint16_t coap_port(void *arg)
{
	const struct connection *connection = arg;
	const coap_address_t *local = coap_session_get_addr_local(connection->session);
	return ntohs(local->addr.sin.sin_port);
}

static int coap_descriptor(void *arg)
{
	const struct connection *connection = arg;
	return connection->context != NULL ? coap_context_get_coap_fd(connection->context) : -1;
}

static short coap_wishes(void *arg)
{
	(void)arg;
	return POLLIN;
}

static int coap_go_on(void *arg, short revents)
{
	struct connection *connection = arg;
	(void)revents;
	if (connection->context != NULL && !connection->over)
		coap_io_process(connection->context, COAP_IO_NO_WAIT);
	return connection->over ? coap_part(connection) : 0;
}

const struct tbdi_transport tbdi_transport = {
	.abi = TBDI_TRANSPORT_ABI,
	.name = "coap",
	.library = coap_name,
	.open = coap_begin,
	.fd = coap_descriptor,
	.events = coap_wishes,
	.process = coap_go_on,
	.disconnect = coap_part,
	.close = coap_end,
	.request = coap_ask,
	.port = coap_port,
};
