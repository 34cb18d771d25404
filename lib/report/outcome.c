/* SPDX-License-Identifier: MIT
 *
 * outcome.c - how far a token came over one transport, as its report tells.
 */
#include "report/set.h"

#include <errno.h>

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

/* MQTT 3.1.1 section 3.2.2.3, and what MQTT 5 has for it. */
static bool is_about_credentials(int connack)
{
	return connack == 4 || connack == 5 || connack == 0x86 || connack == 0x87;
}

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
	if (exchange->connack == 0)
		return TBD_ANSWER_YES;
	return is_about_credentials(exchange->connack) ? TBD_ANSWER_NO : TBD_ANSWER_UNCLEAR;
}

static int pass_mqtt(
	struct tbdi_arena *arena, const struct tbd_exchange *exchange, struct tbd_passage *passage)
{
	if (exchange->connack >= 0) {
		passage->reply = tbdi_arena_printf(arena, "rc %d", exchange->connack);
		if (passage->reply == NULL)
			return TBD_E_NOMEM;
	}
	passage->authorised = accepted_by_mqtt(exchange);
	if (passage->authorised != TBD_ANSWER_YES)
		return 0;
	bool answered = exchange->response_payload != NULL;
	if (exchange->written != NULL) {
		passage->written = yes_if(was_acknowledged(exchange));
		answered = was_read_back(exchange->written, exchange->read_back);
	}
	passage->read = yes_if(answered);
	return 0;
}

/* ---- by requests ----------------------------------------------------------------------------- */

/* HTTP 200; CoAP 2.01, 2.05, and 4.04 for an attribute that is not set. */
static bool is_success(const struct tbd_api_exchange *api, const struct tbd_api_request *request)
{
	bool posted = strcmp(request->method, "POST") == 0;
	if (strcmp(api->protocol, "http") == 0)
		return request->status == 200;
	return posted ? request->status == 201 : request->status == 205 || request->status == 404;
}

static const struct tbd_api_request *first_request(const struct tbd_api_exchange *api)
{
	return api->request_count > 0 ? api->requests[0] : NULL;
}

static enum tbd_answer accepted_by_api(const struct tbd_api_exchange *api)
{
	enum { UNAUTHORIZED = 401 };
	const struct tbd_api_request *first = first_request(api);
	if (first == NULL)
		return TBD_ANSWER_NOT_ASKED;
	bool strange = api->end == TBD_API_OTHER_REPLY && api->request_count == 1;
	if (first->status == UNAUTHORIZED)
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

static int pass_requests(
	struct tbdi_arena *arena, const struct tbd_api_exchange *api, struct tbd_passage *passage)
{
	const struct tbd_api_request *first = first_request(api);
	bool is_coap = strcmp(api->protocol, "coap") == 0;
	if (first != NULL && first->status >= 0) {
		passage->reply = is_coap ? tbdi_arena_printf(arena, "%d.%02d", first->status / 100,
						   first->status % 100)
					 : tbdi_arena_printf(arena, "%d", first->status);
		if (passage->reply == NULL)
			return TBD_E_NOMEM;
	}
	passage->authorised = accepted_by_api(api);
	if (passage->authorised != TBD_ANSWER_YES)
		return 0;
	if (api->read_only) {
		passage->read = yes_if(api->end == TBD_API_DONE);
		return 0;
	}
	passage->written = yes_if(was_posted(api));
	passage->read = yes_if(was_read_back(api->written, api->read_back));
	return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool tbdi_token_is_refused(const struct tbd_report *report)
{
	if (report->exchange != NULL)
		return accepted_by_mqtt(report->exchange) == TBD_ANSWER_NO;
	return report->api != NULL && accepted_by_api(report->api) == TBD_ANSWER_NO;
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
	bool sent = report->token != NULL && report->token->sent;
	int rc = 0;
	if (sent && report->exchange != NULL)
		rc = pass_mqtt(arena, report->exchange, passage);
	else if (sent && report->api != NULL)
		rc = pass_requests(arena, report->api, passage);
	if (passage->reply != NULL)
		passage->latency_us = latency_us(report);
	return rc;
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
