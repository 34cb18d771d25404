/* SPDX-License-Identifier: MIT
 *
 * text-exchange.c - the round trip for a person.
 */
#include "report/view.h"

#include "base/protocol.h"

/* From the first column, on one line. */
static void print_line(struct tbdi_view *view, const char *label, const char *text)
{
	if (text == NULL)
		return;
	fputs(label, view->page.out);
	tbdi_text_put(view->page.out, text);
	putc('\n', view->page.out);
}

/* The lines of ThingsBoard's example script. */
static void print_example_lines(struct tbdi_view *view)
{
	const struct tbd_exchange *exchange = view->report->exchange;
	if (exchange == NULL || exchange->connack < 0)
		return;
	fprintf(view->page.out, "\nConnected with result code %d\n", exchange->connack);
	print_line(view, "Topic: ", exchange->response_topic);
	print_line(view, "Message: ", exchange->response_payload);
}

static void print_packets(struct tbdi_view *view, const struct tbd_exchange *exchange)
{
	tbdi_view_heading(view, "Packets");
	for (size_t i = 0; i < exchange->packet_count; i++) {
		const struct tbd_packet *packet = exchange->packets[i];
		int column = fprintf(view->page.out, "  %10s  %s %-11s %6zu bytes",
			tbdi_duration(packet->time_us).text, packet->sent ? "->" : "<-",
			packet->type, packet->len);
		if (packet->detail != NULL)
			column += fprintf(view->page.out, "  ");
		tbdi_text_flow(&view->page, column, column, tbdi_or_else(packet->detail, ""));
	}
	if (exchange->packets_cut)
		fputs("  (more packets were not recorded)\n", view->page.out);
}

/* A reason code of MQTT 5 that is not success. */
static void print_reason(struct tbdi_view *view, const char *label, int code, const char *name)
{
	if (code > 0)
		tbdi_view_format(
			view, 2, label, "0x%02x%s%s", (unsigned)code, TBDI_AFTER(" ", name));
}

static void print_attribute(struct tbdi_view *view, const char *key, const char *written,
	const char *read_back, unsigned polls)
{
	if (key != NULL)
		tbdi_view_format(view, 2, "attribute", "%s: wrote %s, read %s (%zu time%s)", key,
			tbdi_or_else(written, "nothing"), tbdi_or_else(read_back, "nothing"),
			TBDI_PLURAL(polls));
}

static void print_telemetry(struct tbdi_view *view, size_t len)
{
	if (len > 0)
		tbdi_view_format(view, 2, "telemetry", "%zu bytes", len);
}

/* Whether a call of the server came that was waited for, and whether it was answered. */
static void print_call(struct tbdi_view *view, const struct tbd_exchange *exchange)
{
	const struct tbd_rpc *rpc = exchange->rpc;
	if (rpc == NULL)
		return;
	if (rpc->topic != NULL)
		tbdi_view_format(
			view, 2, "call", "yes, one came: %s: %s", rpc->topic, rpc->payload);
	else if (exchange->end != TBD_MQTT_DONE)
		tbdi_view_field(view, 2, "call", "no, none came before the session ended");
	else
		tbdi_view_format(
			view, 2, "call", "no, none came in %.6g s", (double)rpc->waited_ms / 1000);
	if (rpc->topic != NULL)
		tbdi_view_field(view, 2, "answer",
			rpc->answered ? "yes, sent back and acknowledged"
				      : "no, it was not acknowledged");
}

/* What was asked for besides the round trip. */
static void print_more(struct tbdi_view *view, const struct tbd_exchange *exchange)
{
	print_telemetry(view, exchange->telemetry_len);
	if (exchange->limits_asked)
		tbdi_view_field(view, 2, "limits",
			tbdi_or_else(exchange->session_limits,
				"no answer (ThingsBoard has it from 3.8 on)"));
	print_call(view, exchange);
}

static void print_exchange(struct tbdi_view *view)
{
	const struct tbd_exchange *exchange = view->report->exchange;
	if (exchange == NULL || exchange->end == TBD_MQTT_NOT_STARTED)
		return;
	tbdi_view_heading(view, "Round trip");
	if (exchange->end != TBD_MQTT_DONE || tbdi_view_is_full(view))
		tbdi_view_field(view, 2, "ended", tbd_mqtt_end_name(exchange->end));
	if (exchange->connack != 0 || tbdi_view_is_full(view))
		tbdi_view_field(view, 2, "connack", exchange->connack_name);
	if (view->verbose) {
		tbdi_view_field(view, 2, "MQTT", exchange->mqtt_version);
		tbdi_view_field(view, 2, "library", exchange->library);
		tbdi_view_field(view, 2, "client keys", exchange->client_keys);
		tbdi_view_field(view, 2, "shared keys", exchange->shared_keys);
		if (exchange->suback >= 0)
			tbdi_view_format(view, 2, "suback", "0x%02x", (unsigned)exchange->suback);
	}
	const struct tbd_explanation *explanation = exchange->explanation;
	if (explanation != NULL)
		tbdi_view_format(view, 2, "explained", "%s%s%s%s%s",
			tbd_mqtt_end_name(explanation->end),
			TBDI_AFTER(": ", explanation->connack_name),
			TBDI_AFTER("; the message: ", explanation->puback_name));
	if (exchange->fingerprint >= 0)
		tbdi_view_format(view, 2, "'#'", "%s (0x%02x)",
			exchange->fingerprint < 0x80 ? "granted" : "refused",
			(unsigned)exchange->fingerprint);
	print_reason(view, "puback", exchange->puback, exchange->puback_name);
	print_reason(view, "disconnect", exchange->disconnect, exchange->disconnect_name);
	print_attribute(
		view, exchange->key, exchange->written, exchange->read_back, exchange->polls);
	print_more(view, exchange);
	tbdi_view_field(view, 2, "detail", exchange->detail);
	tbdi_view_field(view, 2, "first bytes", exchange->first_bytes);
	if (view->verbose)
		print_packets(view, exchange);
}

static struct tbdi_code status_text(const struct tbdi_view *view, int status)
{
	return tbdi_code_text(tbdi_protocol_find(view->report->api->protocol), status);
}

static void print_answer(struct tbdi_view *view, const struct tbd_api_request *request)
{
	if (request->status < 0)
		return;
	fprintf(view->page.out, "\n%s ", request->method);
	print_line(view, "", request->url);
	print_line(view, "Answered with status ", status_text(view, request->status).text);
	print_line(view, "Body: ", tbdi_or_else(request->body, "(none)"));
}

/* What was answered to what was asked for first, and to the last request. */
static void print_answer_lines(struct tbdi_view *view)
{
	const struct tbd_api_exchange *api = view->report->api;
	if (api == NULL)
		return;
	bool asked = api->client_keys != NULL || api->shared_keys != NULL;
	if (asked && api->request_count > 1)
		print_answer(view, api->requests[0]);
	if (api->request_count > 0)
		print_answer(view, api->requests[api->request_count - 1]);
}

/* "  12.3 ms  GET URL: 200, application/json, 2 bytes, after 1.2 ms" */
static void print_api_request(struct tbdi_view *view, const struct tbd_api_request *request)
{
	fprintf(view->page.out, "  %10s  %-4s ", tbdi_duration(request->time_us).text,
		request->method);
	tbdi_text_put(view->page.out, request->url);
	if (request->status < 0) {
		fprintf(view->page.out, ": %s, no answer\n",
			request->acknowledged ? "acknowledged" : "nothing came");
		return;
	}
	fprintf(view->page.out, ": %s, ", status_text(view, request->status).text);
	tbdi_text_put(view->page.out, tbdi_or_else(request->content_type, ""));
	fprintf(view->page.out, "%s%zu bytes%s, after %s\n",
		request->content_type != NULL ? ", " : "", request->body_len,
		request->body_cut ? " and more" : "", tbdi_duration(request->duration_us).text);
}

static void print_api(struct tbdi_view *view)
{
	const struct tbd_api_exchange *api = view->report->api;
	if (api == NULL || api->end == TBD_API_NOT_STARTED)
		return;
	tbdi_view_heading(view, "Round trip");
	if (api->end != TBD_API_DONE || tbdi_view_is_full(view))
		tbdi_view_field(view, 2, "ended", tbd_api_end_name(api->end));
	if (view->verbose)
		tbdi_view_field(view, 2, "library", api->library);
	print_attribute(view, api->key, api->written, api->read_back, api->polls);
	print_telemetry(view, api->telemetry_len);
	tbdi_view_field(view, 2, "detail", api->detail);
	tbdi_view_field(view, 2, "first bytes", api->first_bytes);
	for (size_t i = 0; view->verbose && i < api->request_count; i++)
		print_api_request(view, api->requests[i]);
	if (view->verbose && api->requests_cut)
		fputs("  (requests between the last two were not recorded)\n", view->page.out);
}

void tbdi_view_example_lines(struct tbdi_view *view)
{
	print_example_lines(view);
	print_answer_lines(view);
}

void tbdi_view_round_trip(struct tbdi_view *view)
{
	print_exchange(view);
	print_api(view);
}
