/* SPDX-License-Identifier: MIT
 *
 * requests.c - the attribute round trip of ThingsBoard's device API by requests: post an attribute with the
 * token in the path, and get it until it is there.
 */
#include "device/exchange.h"

#include "device/payload.h"
#include "base/module.h"
#include "net/connect.h"
#include "net/stream.h"
#include "device/token.h"

#include <strings.h>

enum {
	REQUESTS_MAX = 16, /* as many are kept: the first ones, and the last */
	FIRST_MAX = 64,    /* as many of a reply's first bytes are kept */
	LINGER_MS = 200,   /* for the rest of what is not the protocol */
};

/* Where an exchange stands: in one of the steps of take_steps(), each of which is a function, and leaves it by
 * step_end(): for the next, or in end_at() for good. In a step a request is
 *
 *   none       until request_send()
 *   under way  until api_on_reply(), to replied; until api_on_event(), or await_reply() for a peer of datagrams
 *              that is gone, to closed; or until its deadline in await_reply(), which ends the exchange
 *   replied    until request_send() forgets it for the next one
 *   closed     for good: no request follows */
struct api {
	struct tbdi_dialogue dialogue;
	const struct tbdi_protocol *protocol;
	struct tbdi_arena *arena;
	const struct tbd_roundtrip_options *options;
	struct tbd_token_info *token;
	struct tbd_api_exchange *exchange;
	const char *secret; /* the token, lent for this stream */
	struct tbdi_list requests;
	struct tbd_api_request *request; /* the last one */

	/* Of its reply. */
	bool replied;
	bool is_json;
	json_t *json; /* what the device API answers, or NULL: something else */
	size_t first_len;
	char first[FIRST_MAX];

	bool last;    /* the peer ends the connection with the last reply */
	bool closed;  /* the library gave the connection up */
	bool strange; /* what came is not the protocol */
	size_t up_len;
};

static void api_fail(struct api *api, int failure)
{
	tbdi_dialogue_fail(&api->dialogue, failure);
}

static int64_t now(const struct api *api)
{
	return tbdi_dialogue_now(&api->dialogue);
}

/* ---- what the peer says ---------------------------------------------------------------------- */

/* Bytes of the peer as text of the report. NULL where there are none that can be shown. */
static const char *shown(struct api *api, const void *data, size_t len, bool cut)
{
	bool is_long = len > TBD_API_BODY;
	if (len == 0)
		return NULL;
	const char *text = tbdi_report_peer_text(
		api->dialogue.report, data, is_long ? TBD_API_BODY : len, cut || is_long);
	if (text == NULL)
		api_fail(api, TBD_E_NOMEM);
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static const char *shown_text(struct api *api, const char *text)
{
	return text != NULL ? shown(api, text, strlen(text), false) : NULL;
}

/* "application/json", whatever parameters follow. */
static bool is_json(const char *content_type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;
	return content_type != NULL && strncasecmp(content_type, json, len) == 0 &&
		(content_type[len] == '\0' || strchr("; \t", content_type[len]) != NULL);
}

static void api_on_reply(struct api *api, const struct tbdi_reply *reply)
{
	struct tbd_api_request *request = api->request;
	request->status = reply->status;
	request->duration_us = now(api) - request->time_us;
	request->content_type = shown_text(api, reply->content_type);
	request->location = shown_text(api, reply->location);
	request->server = shown_text(api, reply->server);
	request->authenticate = shown_text(api, reply->authenticate);
	request->date = reply->date;
	request->body = shown(api, reply->body, reply->body_len, reply->cut);
	request->body_len = reply->body_len;
	request->body_cut = reply->cut;
	api->is_json = is_json(reply->content_type);
	api->last = reply->last;
	api->json = reply->cut ? NULL : tbdi_attributes_parse(reply->body, reply->body_len);
	api->replied = true;
}

/* libcurl from version 8 on does not go on with a connection on which more came than an answer. */
static bool library_gave_up(const struct api *api, const struct tbdi_event *event)
{
	return event->kind == TBDI_EVENT_CLOSED && !api->protocol->is_datagrams && !api->last &&
		!tbdi_link_is_over(api->dialogue.link);
}

static void api_on_event(void *arg, const struct tbdi_event *event)
{
	struct api *api = arg;
	if (event->kind == TBDI_EVENT_REPLY) {
		api_on_reply(api, event->reply);
		return;
	}
	bool gave_up = library_gave_up(api, event);
	api->strange = event->kind == TBDI_EVENT_STRANGE || gave_up;
	api->closed = true;
	api->exchange->detail =
		gave_up ? "more came than one answer" : shown_text(api, event->text);
}

/* RFC 7252 3: version 1 and type in the first byte, the code in the second. */
enum { COAP_HEADER = 4, COAP_VERSION = 1, CONFIRMABLE = 0x40, ACKNOWLEDGEMENT = 0x60 };

static void api_on_sent(void *arg, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	struct api *api = arg;
	api->up_len += len;
	if (api->protocol->is_datagrams && api->request != NULL && (bytes[0] & 0xf0) == CONFIRMABLE)
		api->request->datagrams++;
}

/* False: it is none. */
static bool look_at_message(struct api *api, const unsigned char *bytes, size_t len)
{
	if (len < COAP_HEADER || bytes[0] >> 6 != COAP_VERSION)
		return false;
	bool is_empty = len == COAP_HEADER && bytes[1] == 0;
	if (api->request != NULL && is_empty && (bytes[0] & 0xf0) == ACKNOWLEDGEMENT)
		api->request->acknowledged = true;
	return true;
}

static bool api_on_received(void *arg, const void *data, size_t len)
{
	struct api *api = arg;
	if (api->protocol->is_datagrams && look_at_message(api, data, len))
		return true;
	size_t room = sizeof(api->first) - api->first_len;
	size_t kept = len < room ? len : room;
	memcpy(api->first + api->first_len, data, kept);
	api->first_len += kept;
	return true;
}

/* What there is of a reply that did not come to its end. */
static void show_first_bytes(struct api *api)
{
	if (api->first_len == 0)
		return;
	api->exchange->first_bytes =
		tbdi_report_peer_bytes(api->dialogue.report, api->first, api->first_len);
	if (api->exchange->first_bytes == NULL)
		api_fail(api, TBD_E_NOMEM);
	else if (api->exchange->first_bytes[0] == '\0')
		api->exchange->first_bytes = NULL;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void forget_reply(struct api *api)
{
	json_decref(api->json);
	api->json = NULL;
	api->replied = api->is_json = false;
	api->first_len = 0;
}

/* A place for the next request; when all are taken, that of the last one. */
static struct tbd_api_request *request_place(struct api *api)
{
	struct tbdi_list *list = &api->requests;
	if (list->count < REQUESTS_MAX) {
		struct tbd_api_request *place = tbdi_arena_alloc(api->arena, sizeof(*place));
		return tbdi_list_add(api->arena, list, place) == 0 ? place : NULL;
	}
	api->exchange->requests_cut = true;
	return list->items[list->count - 1];
}

/* False: we could not. */
static bool request_send(struct api *api, const struct tbdi_request *request)
{
	bool has_query = request->query != NULL;
	struct tbd_api_request *place = request_place(api);
	if (place == NULL) {
		api_fail(api, TBD_E_NOMEM);
		return false;
	}
	forget_reply(api);
	*place = (struct tbd_api_request){
		.method = request->post ? "POST" : "GET",
		.url = tbdi_arena_printf(api->arena, "%s/api/v1/***/%s%s%s",
			api->dialogue.report->pub.target->url, request->resource,
			has_query ? "?" : "", has_query ? request->query : ""),
		.time_us = now(api),
		.status = -1,
		.date = -1,
	};
	api->request = place;
	api->exchange->requests =
		(const struct tbd_api_request *const *)(void *)api->requests.items;
	api->exchange->request_count = api->requests.count;
	if (place->url == NULL)
		api_fail(api, TBD_E_NOMEM);
	else
		api_fail(api, api->dialogue.transport->request(api->dialogue.connection, request));
	return api->dialogue.failure == 0;
}

static bool post(struct api *api, const char *resource, const char *body)
{
	return request_send(api,
		&(struct tbdi_request){
			.post = true, .token = api->secret, .resource = resource, .body = body });
}

/* "clientKeys=a%20b,c", or nothing where there are none; NULL: out of memory. */
static const char *query_part(struct api *api, const char *name, const char *keys)
{
	if (keys == NULL)
		return "";
	char *encoded = tbdi_arena_alloc(api->arena, TBDI_PERCENT_SIZE(keys));
	if (encoded == NULL)
		return NULL;
	tbdi_percent_encode(keys, ",", encoded);
	return tbdi_arena_printf(api->arena, "%s=%s", name, encoded);
}

static bool get_keys(struct api *api, const char *client_keys, const char *shared_keys)
{
	const char *client = query_part(api, "clientKeys", client_keys);
	const char *shared = query_part(api, "sharedKeys", shared_keys);
	const char *query = client != NULL && shared != NULL
		? tbdi_arena_printf(api->arena, "%s%s%s", client,
			  client[0] != '\0' && shared[0] != '\0' ? "&" : "", shared)
		: NULL;
	if (query == NULL) {
		api_fail(api, TBD_E_NOMEM);
		return false;
	}
	return request_send(api,
		&(struct tbdi_request){
			.token = api->secret, .resource = "attributes", .query = query });
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool end_at(struct api *api, enum tbd_api_end end)
{
	api->exchange->end = end;
	if (end == TBD_API_NO_REPLY || end == TBD_API_CLOSED || end == TBD_API_STRANGE)
		show_first_bytes(api);
	return false;
}

static void step_end(struct api *api, enum tbd_step_status status)
{
	char detail[16];
	int code = api->request != NULL ? api->request->status : -1;
	snprintf(detail, sizeof(detail), "%d", code);
	tbdi_dialogue_step_end(&api->dialogue, status, code >= 0 ? detail : NULL);
}

/* Have a little more of what is not the protocol, to show. */
static void linger(struct api *api)
{
	int64_t deadline_us = now(api) + (int64_t)LINGER_MS * 1000;
	while (api->dialogue.failure == 0 && api->first_len < sizeof(api->first) &&
		!tbdi_link_is_over(api->dialogue.link) && now(api) < deadline_us)
		tbdi_dialogue_turn(&api->dialogue, deadline_us);
}

/* False: there is no reply, and the exchange has ended so. */
static bool await_reply(struct api *api, int64_t deadline_us)
{
	while (!api->replied && !api->closed && api->dialogue.failure == 0 &&
		now(api) < deadline_us) {
		tbdi_dialogue_turn(&api->dialogue, deadline_us);
		/* A library of datagrams is not told. */
		api->closed = api->closed ||
			(api->protocol->is_datagrams && tbdi_link_is_over(api->dialogue.link));
	}
	if (api->replied || api->dialogue.failure < 0)
		return api->replied;
	/* The library gave up in the middle of what the peer goes on with. */
	bool open = tbdi_stream_end(api->dialogue.report->stream) == TBD_END_NONE;
	api->strange = api->strange ||
		(api->closed && open && api->first_len > 0 && !api->protocol->is_datagrams);
	if (api->strange)
		linger(api);
	step_end(api, api->closed ? TBD_STEP_FAILED : TBD_STEP_TIMEOUT);
	return end_at(api,
		api->strange          ? TBD_API_STRANGE
			: api->closed ? TBD_API_CLOSED
				      : TBD_API_NO_REPLY);
}

/* Between two requests. */
static void pause_until(struct api *api, int64_t until_us)
{
	while (api->dialogue.failure == 0 && now(api) < until_us &&
		!tbdi_link_is_over(api->dialogue.link))
		tbdi_dialogue_turn(&api->dialogue, until_us);
}

/* ---- the steps: each tells whether the next may follow --------------------------------------- */

static bool reply_says(const struct api *api, enum tbdi_code_meaning meaning)
{
	return tbdi_code_means(api->protocol, api->request->status, meaning);
}

/* A reply came that is no success, or not the device API's. */
static bool refused(struct api *api)
{
	step_end(api, TBD_STEP_FAILED);
	bool succeeds = reply_says(api, api->request->method[0] == 'P' ? TBDI_WRITTEN : TBDI_READ);
	return end_at(api, succeeds ? TBD_API_OTHER_REPLY : TBD_API_REFUSED);
}

static bool is_read(const struct api *api)
{
	bool typed = api->is_json || !api->protocol->is_typed;
	return (reply_says(api, TBDI_READ) && api->json != NULL && typed) ||
		reply_says(api, TBDI_NOTHING);
}

/* ThingsBoard's success has no body; a portal or a web page has. */
static bool is_written(const struct api *api)
{
	return reply_says(api, TBDI_WRITTEN) && api->request->body_len == 0;
}

/* The library dials with its first request. This is where the token is handed over. */
static bool is_open(struct api *api, bool sent)
{
	if (sent && !api->protocol->is_datagrams && api->requests.count == 1)
		api_fail(api, tbdi_link_accept(api->dialogue.link, api->dialogue.error));
	return api->dialogue.failure == 0;
}

static bool get_step(struct api *api)
{
	const struct tbd_api_exchange *exchange = api->exchange;
	tbdi_dialogue_step(&api->dialogue, "get");
	if (!is_open(api, get_keys(api, exchange->client_keys, exchange->shared_keys)) ||
		!await_reply(api, tbdi_dialogue_first_deadline(&api->dialogue)))
		return false;
	if (!is_read(api))
		return refused(api);
	step_end(api, TBD_STEP_OK);
	return true;
}

/* Within a step that has begun; body: NULL: there is no memory for it. */
static bool write_to(struct api *api, const char *resource, const char *body)
{
	if (body == NULL)
		api_fail(api, TBD_E_NOMEM);
	if (api->dialogue.failure < 0 || !is_open(api, post(api, resource, body)) ||
		!await_reply(api, tbdi_dialogue_first_deadline(&api->dialogue)))
		return false;
	if (!is_written(api))
		return refused(api);
	step_end(api, TBD_STEP_OK);
	return true;
}

static bool post_step(struct api *api)
{
	struct tbd_api_exchange *exchange = api->exchange;
	const char *name = api->options->attribute;
	tbdi_dialogue_step(&api->dialogue, "post");
	exchange->key = name != NULL ? tbdi_arena_strdup(api->arena, name) : TBDI_PROBE_KEY;
	api_fail(api, tbdi_nonce_make(api->arena, &exchange->written, api->dialogue.error));
	const char *body = exchange->key != NULL && exchange->written != NULL
		? tbdi_payload_write(api->arena, exchange->key, exchange->written)
		: NULL;
	return write_to(api, "attributes", body);
}

static bool telemetry_step(struct api *api)
{
	const char *telemetry = api->options->telemetry;
	tbdi_dialogue_step(&api->dialogue, "telemetry");
	api->exchange->telemetry_len = strlen(telemetry);
	return write_to(api, "telemetry", telemetry);
}

/* The value that was read is the one that was written. */
static bool take_value(struct api *api)
{
	struct tbd_api_exchange *exchange = api->exchange;
	api_fail(api,
		tbdi_attribute_read(api->dialogue.report, api->json, exchange->key,
			exchange->written, &exchange->read_back));
	exchange->polls++;
	bool found = exchange->read_back != NULL;
	bool equal = exchange->read_back == exchange->written;
	exchange->stale = exchange->stale || (found && !equal);
	return equal;
}

/* Acknowledged means queued, not stored: get it until it is there. */
static bool visible_step(struct api *api)
{
	struct tbd_api_exchange *exchange = api->exchange;
	tbdi_dialogue_step(&api->dialogue, "visible");
	/* What is lost of datagrams takes its time. */
	int64_t deadline_us = api->protocol->is_datagrams
		? tbdi_dialogue_first_deadline(&api->dialogue)
		: tbdi_dialogue_deadline(&api->dialogue);
	bool visible = false;
	while (!visible && api->dialogue.failure == 0 && now(api) < deadline_us) {
		int64_t again_us = tbdi_read_again_us(api->dialogue.step_start_us, now(api));
		if (!get_keys(api, exchange->key, NULL) || !await_reply(api, deadline_us))
			return false;
		if (!is_read(api))
			return refused(api);
		visible = take_value(api);
		if (!visible)
			pause_until(api, again_us < deadline_us ? again_us : deadline_us);
	}
	step_end(api, visible ? TBD_STEP_OK : TBD_STEP_TIMEOUT);
	exchange->stale = exchange->stale && visible;
	return visible || end_at(api, TBD_API_NOT_STORED);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool take_steps(struct api *api)
{
	const struct tbd_api_exchange *exchange = api->exchange;
	const struct tbd_roundtrip_options *options = api->options;
	bool asks = exchange->client_keys != NULL || exchange->shared_keys != NULL;
	return (!asks || get_step(api)) &&
		(options->read_only || (post_step(api) && visible_step(api))) &&
		(options->telemetry == NULL || telemetry_step(api));
}

static void api_converse(struct api *api)
{
	struct tbdi_dialogue *dialogue = &api->dialogue;
	if (!tbdi_dialogue_open(dialogue, (struct tbdi_witness){ api_on_event, api }))
		return;
	if (take_steps(api))
		api->exchange->end = TBD_API_DONE;
	if (dialogue->failure == 0 && api->closed)
		api->exchange->closed = tbdi_stream_end(dialogue->report->stream);
	else if (dialogue->failure == 0)
		tbdi_dialogue_goodbye(dialogue);
}

static int api_run(struct api *api)
{
	const struct tbdi_link_observer observer = { api_on_sent, api_on_received, api };
	struct tbdi_dialogue *dialogue = &api->dialogue;
	char library[64];
	int rc = tbdi_module_load(api->protocol, &dialogue->transport, dialogue->error);
	if (rc == 0)
		rc = tbdi_link_new(
			dialogue->report->stream, &observer, &dialogue->link, dialogue->error);
	if (rc < 0)
		return rc;
	dialogue->transport->library(library, sizeof(library));
	api->exchange->library = tbdi_arena_strdup(api->arena, library);
	if (api->exchange->library == NULL)
		api_fail(api, TBD_E_NOMEM);
	else
		api_converse(api);
	tbdi_dialogue_release(dialogue);
	forget_reply(api);
	api->token->sent = api->up_len > 0;
	api->token->in_clear = api->token->sent && dialogue->report->pub.plain_consent;
	return dialogue->failure;
}

static int check_coap_keys(const char *keys, const char *name, struct tbd_error *error)
{
	enum { ARGUMENT_MAX = 255 }; /* of a query: RFC 7252 5.10 */
	if (keys == NULL)
		return 0;
	if (strlen(name) + 1 + strlen(keys) > ARGUMENT_MAX)
		return tbdi_fail(error, TBD_E_INVALID,
			"over CoAP no list of keys is longer than %zu bytes",
			ARGUMENT_MAX - strlen(name) - 1);
	if (strchr(keys, '=') != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"over CoAP ThingsBoard cannot be asked for a key that has a '='");
	return 0;
}

int tbdi_api_check(const struct tbd_roundtrip_options *options, const struct tbd_target *target,
	struct tbd_error *error)
{
	if (options->user_name != NULL || options->password != NULL || options->client_id != NULL)
		return tbdi_fail(error, TBD_E_INVALID, "MQTT Basic credentials are for MQTT only");
	if (options->attributes_topic != NULL || options->telemetry_topic != NULL)
		return tbdi_fail(error, TBD_E_INVALID, "topics are for MQTT only");
	if (tbdi_protocol_of(target)->id != TBDI_COAP)
		return 0;
	int rc = check_coap_keys(options->client_keys, "clientKeys", error);
	if (rc == 0)
		rc = check_coap_keys(options->shared_keys, "sharedKeys", error);
	return rc < 0 ? rc : check_coap_keys(options->attribute, "clientKeys", error);
}

/* What is asked for first: over requests nothing, unless it was said, or is all that is done. */
static int exchange_init(struct tbd_api_exchange *exchange, struct tbdi_report *report,
	const struct tbd_roundtrip_options *options)
{
	exchange->protocol = tbdi_protocol_of(report->pub.target)->word;
	exchange->read_only = options->read_only;
	if (options->client_keys != NULL)
		exchange->client_keys = tbdi_arena_strdup(&report->arena, options->client_keys);
	else if (options->read_only && options->shared_keys == NULL)
		exchange->client_keys = TBDI_MODEL_KEY;
	if (options->shared_keys != NULL)
		exchange->shared_keys = tbdi_arena_strdup(&report->arena, options->shared_keys);
	bool is_kept = (exchange->client_keys != NULL || options->client_keys == NULL) &&
		(exchange->shared_keys != NULL || options->shared_keys == NULL);
	return is_kept ? 0 : TBD_E_NOMEM;
}

/* A socket of UDP connects to what is not there; that nothing listens, ICMP says of what was sent. */
static int take_back_connection(const struct api *api)
{
	struct tbdi_report *report = api->dialogue.report;
	const struct tbd_datagrams *seen = report->connection->datagrams;
	int reason = tbdi_stream_error(report->stream);
	bool is_refused = seen != NULL && seen->received == 0 && reason != 0 &&
		api->exchange->end == TBD_API_CLOSED;
	return is_refused ? tbdi_connection_revoke(report, reason) : 0;
}

int tbdi_api_roundtrip(struct tbdi_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error)
{
	struct api api = {
		.dialogue = { .report = report,
			.error = error,
			.progress = options->progress,
			.progress_arg = options->progress_arg },
		.protocol = tbdi_protocol_of(report->pub.target),
		.arena = &report->arena,
		.options = options,
		.token = tbdi_arena_alloc(&report->arena, sizeof(*api.token)),
		.exchange = tbdi_arena_alloc(&report->arena, sizeof(*api.exchange)),
	};
	if (api.token == NULL || api.exchange == NULL ||
		exchange_init(api.exchange, report, options) < 0)
		return tbdi_fail_nomem(error);
	report->pub.api = api.exchange;
	if (options->token == NULL)
		return 0;
	*api.token = tbdi_token_info(options->token);
	report->pub.token = api.token;
	if (report->stream == NULL)
		return 0;
	api.secret = tbdi_token_lend(options->token, report->stream);
	int rc = api.secret != NULL ? tbdi_mask_add(&report->mask, api.secret) : 0;
	if (rc == 0 && api.secret != NULL)
		rc = api_run(&api);
	if (rc == 0)
		rc = take_back_connection(&api);
	tbdi_stream_close(report);
	if (rc == TBD_E_NOMEM)
		return tbdi_fail_nomem(error);
	return rc == TBD_E_CANCELLED ? tbdi_fail(error, rc, "interrupted") : rc;
}
