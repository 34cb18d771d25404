/* SPDX-License-Identifier: MIT
 *
 * outcome.c - how far a token came over one transport, as its report tells.
 */
#include "report/set.h"

#include <errno.h>
#include <strings.h>

static enum tbd_answer yes_if(bool yes)
{
	return yes ? TBD_ANSWER_YES : TBD_ANSWER_NO;
}

/* ---- the peer -------------------------------------------------------------------------------- */

bool tbdi_report_is_closed(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || connection->tcp != TBD_END_ERROR || connection->proxy != NULL)
		return false;
	bool refused = false;
	for (size_t i = 0; i < connection->attempt_count; i++) {
		int reason = connection->attempts[i]->error;
		refused = refused || reason == ECONNREFUSED;
		/* An address of a family that this machine has not. */
		if (reason != ECONNREFUSED && reason != ENETUNREACH && reason != EAFNOSUPPORT &&
			reason != EADDRNOTAVAIL)
			return false;
	}
	return refused;
}

/* A socket of UDP connects to what is not there. */
static enum tbd_answer reachable(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || connection->tcp != TBD_END_OK)
		return TBD_ANSWER_NO;
	if (connection->datagrams == NULL || connection->datagrams->received > 0)
		return TBD_ANSWER_YES;
	return connection->datagrams->sent > 0 ? TBD_ANSWER_NO : TBD_ANSWER_UNCLEAR;
}

static enum tbd_answer verified(const struct tbd_report *report)
{
	const struct tbd_verification *verification = report->verification;
	return verification == NULL ? TBD_ANSWER_NOT_ASKED : yes_if(verification->verified);
}

/* ---- over MQTT ------------------------------------------------------------------------------- */

static bool was_read_back(const char *written, const char *read_back)
{
	return written != NULL && read_back != NULL && strcmp(written, read_back) == 0;
}

static bool was_acknowledged(const struct tbd_exchange *exchange)
{
	return exchange->polls > 0 || exchange->end == TBD_MQTT_NOT_STORED ||
		exchange->end == TBD_MQTT_DONE;
}

static enum tbd_answer accepted_by_mqtt(const struct tbd_exchange *exchange)
{
	const struct tbdi_protocol *mqtt = &tbdi_protocols[TBDI_MQTT];
	if (tbdi_code_means(mqtt, exchange->connack, TBDI_ACCEPTED))
		return TBD_ANSWER_YES;
	return tbdi_code_means(mqtt, exchange->connack, TBDI_REFUSED) ? TBD_ANSWER_NO
								      : TBD_ANSWER_UNCLEAR;
}

static void pass_mqtt(const struct tbd_exchange *exchange, struct tbd_passage *passage)
{
	passage->authorised = accepted_by_mqtt(exchange);
	if (passage->authorised != TBD_ANSWER_YES)
		return;
	bool answered = exchange->response_payload != NULL;
	if (exchange->written != NULL) {
		passage->written = yes_if(was_acknowledged(exchange));
		answered = was_read_back(exchange->written, exchange->read_back);
	}
	passage->read = yes_if(answered);
}

/* ---- by requests ----------------------------------------------------------------------------- */

bool tbdi_wants_login(const struct tbd_api_request *request)
{
	enum { UNAUTHORIZED = 401 };
	static const char html[] = "text/html";
	bool is_page = request->content_type != NULL &&
		strncasecmp(request->content_type, html, sizeof(html) - 1) == 0;
	return request->status == UNAUTHORIZED && (request->authenticate != NULL || is_page);
}

static bool request_says(const struct tbd_api_exchange *api, const struct tbd_api_request *request,
	enum tbdi_code_meaning meaning)
{
	return tbdi_code_means(tbdi_protocol_find(api->protocol), request->status, meaning) &&
		!tbdi_wants_login(request);
}

static bool is_success(const struct tbd_api_exchange *api, const struct tbd_api_request *request)
{
	if (strcmp(request->method, "POST") == 0)
		return request_says(api, request, TBDI_WRITTEN);
	return request_says(api, request, TBDI_READ) || request_says(api, request, TBDI_NOTHING);
}

static const struct tbd_api_request *first_request(const struct tbd_api_exchange *api)
{
	return api->request_count > 0 ? api->requests[0] : NULL;
}

static enum tbd_answer accepted_by_api(const struct tbd_api_exchange *api)
{
	const struct tbd_api_request *first = first_request(api);
	if (first == NULL)
		return TBD_ANSWER_NOT_ASKED;
	bool strange = api->end == TBD_API_OTHER_REPLY && api->request_count == 1;
	if (request_says(api, first, TBDI_REFUSED))
		return TBD_ANSWER_NO;
	return is_success(api, first) && !strange ? TBD_ANSWER_YES : TBD_ANSWER_UNCLEAR;
}

/* The attribute, which goes before telemetry. */
static bool was_posted(const struct tbd_api_exchange *api)
{
	size_t i = 0;
	while (i < api->request_count && strcmp(api->requests[i]->method, "POST") != 0)
		i++;
	bool strange = api->end == TBD_API_OTHER_REPLY && i + 1 == api->request_count;
	return i < api->request_count && is_success(api, api->requests[i]) && !strange;
}

static void pass_requests(const struct tbd_api_exchange *api, struct tbd_passage *passage)
{
	passage->authorised = accepted_by_api(api);
	if (passage->authorised != TBD_ANSWER_YES)
		return;
	if (api->read_only) {
		passage->read = yes_if(api->end == TBD_API_DONE);
		return;
	}
	passage->written = yes_if(was_posted(api));
	passage->read = yes_if(was_read_back(api->written, api->read_back));
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What the token was answered by, and in which protocol; -1: nothing. */
static int token_answer(const struct tbd_report *report, const struct tbdi_protocol **protocol)
{
	const struct tbd_api_exchange *api = report->api;
	const struct tbd_api_request *first = api != NULL ? first_request(api) : NULL;
	*protocol = &tbdi_protocols[TBDI_MQTT];
	if (report->exchange != NULL)
		return report->exchange->connack;
	if (first == NULL)
		return -1;
	*protocol = tbdi_protocol_find(api->protocol);
	return first->status;
}

bool tbdi_token_says(const struct tbd_report *report, enum tbdi_code_meaning meaning)
{
	const struct tbdi_protocol *protocol = NULL;
	const struct tbd_api_request *first =
		report->api != NULL ? first_request(report->api) : NULL;
	int code = token_answer(report, &protocol);
	return tbdi_code_means(protocol, code, meaning) &&
		(first == NULL || !tbdi_wants_login(first));
}

/* The step in which the token was answered. */
static int latency_us(const struct tbd_report *report)
{
	static const char *const names[] = { "connack", "post", "get" };
	for (size_t i = 0; i < report->step_count; i++)
		for (size_t j = 0; j < TBDI_COUNT(names); j++)
			if (strcmp(report->steps[i]->name, names[j]) == 0)
				return (int)report->steps[i]->duration_us;
	return -1;
}

static int pass(
	struct tbdi_arena *arena, const struct tbd_report *report, struct tbd_passage *passage)
{
	passage->reachable = reachable(report);
	passage->verified = verified(report);
	passage->latency_us = -1;
	if (report->token == NULL || !report->token->sent)
		return 0;
	if (report->exchange != NULL)
		pass_mqtt(report->exchange, passage);
	else if (report->api != NULL)
		pass_requests(report->api, passage);
	const struct tbdi_protocol *protocol = NULL;
	int code = token_answer(report, &protocol);
	if (code < 0)
		return 0;
	passage->latency_us = latency_us(report);
	passage->reply = tbdi_arena_strdup(arena, tbdi_code_text(protocol, code).text);
	return passage->reply != NULL ? 0 : TBD_E_NOMEM;
}

int tbdi_set_pass(struct tbdi_set *set)
{
	struct tbdi_list list = { 0 };
	for (size_t i = 0; i < set->reports.count; i++) {
		struct tbd_passage *passage = tbdi_arena_alloc(&set->arena, sizeof(*passage));
		if (passage == NULL || pass(&set->arena, set->reports.items[i], passage) < 0 ||
			tbdi_list_add(&set->arena, &list, passage) < 0)
			return TBD_E_NOMEM;
	}
	set->pub.passages = (const struct tbd_passage *const *)(void *)list.items;
	set->pub.passage_count = list.count;
	return 0;
}
