/* SPDX-License-Identifier: MIT
 *
 * served-file.c - ask a ThingsBoard server for the trust file that it hands out to devices.
 *
 * It goes over a connection of our own, which is judged as any other: libcurl sees HTTP only.
 */
#include "device/exchange.h"

#include "base/module.h"
#include "net/stream.h"
#include "verify/trust.h"

enum { BODY_SHOWN = 512, THINGSBOARD_HTTP_PORT = 8080 };

struct offer {
	struct tbdi_report *report; /* that receives what was seen */
	const struct tbd_trust_file_options *options;
	struct tbd_error *error;
	struct tbd_report *web;       /* the connection to the web server */
	struct tbd_served_file *file; /* the one that is asked for */
	const char *path;
	struct tbdi_dialogue dialogue;
	struct tbd_bytes body; /* of the arena of `web` */
	bool replied, closed;
	bool nomem;
};

/* ---- one request ------------------------------------------------------------------------------ */

static const char *text_of_peer(struct offer *offer, const char *text)
{
	if (text == NULL)
		return NULL;
	const char *shown = tbdi_report_peer_text(offer->report, text, strlen(text), false);
	offer->nomem = offer->nomem || shown == NULL;
	return shown;
}

static void offer_on_reply(struct offer *offer, const struct tbdi_reply *reply)
{
	struct tbd_served_file *file = offer->file;
	void *body = tbdi_arena_alloc(&tbdi_report_of(offer->web)->arena, reply->body_len + 1);
	file->end = TBD_END_OK;
	file->status = reply->status;
	file->len = reply->body_len;
	file->content_type = text_of_peer(offer, reply->content_type);
	file->location = text_of_peer(offer, reply->location);
	file->server = text_of_peer(offer, reply->server);
	if (reply->cut)
		file->detail = "more than 64 KiB came";
	offer->replied = true;
	offer->nomem = offer->nomem || body == NULL;
	if (body == NULL)
		return;
	memcpy(body, reply->body, reply->body_len);
	offer->body = (struct tbd_bytes){ body, reply->body_len };
}

static void offer_on_event(void *arg, const struct tbdi_event *event)
{
	struct offer *offer = arg;
	if (event->kind == TBDI_EVENT_REPLY) {
		offer_on_reply(offer, event->reply);
		return;
	}
	offer->closed = true;
	offer->file->end = event->kind == TBDI_EVENT_STRANGE ? TBD_END_PROTOCOL : TBD_END_CLOSED;
	offer->file->detail = text_of_peer(offer, event->text);
}

static void offer_on_sent(
	void *arg TBDI_UNUSED, const void *data TBDI_UNUSED, size_t len TBDI_UNUSED)
{
}

static bool offer_on_received(
	void *arg TBDI_UNUSED, const void *data TBDI_UNUSED, size_t len TBDI_UNUSED)
{
	return true;
}

static void get_file(struct offer *offer)
{
	struct tbdi_dialogue *dialogue = &offer->dialogue;
	const struct tbdi_request request = { .path = offer->path };
	if (!tbdi_dialogue_open(dialogue, (struct tbdi_witness){ offer_on_event, offer }))
		return;
	tbdi_dialogue_step(dialogue, "get");
	tbdi_dialogue_fail(dialogue, dialogue->transport->request(dialogue->connection, &request));
	if (dialogue->failure == 0)
		tbdi_dialogue_fail(dialogue, tbdi_link_accept(dialogue->link, offer->error));
	int64_t deadline_us = tbdi_dialogue_first_deadline(dialogue);
	while (!offer->replied && !offer->closed && dialogue->failure == 0 &&
		tbdi_dialogue_now(dialogue) < deadline_us)
		tbdi_dialogue_turn(dialogue, deadline_us);
	if (!offer->replied && !offer->closed)
		offer->file->end = TBD_END_TIMEOUT;
	if (dialogue->failure == 0 && !offer->closed)
		tbdi_dialogue_goodbye(dialogue);
}

/* Over the connection that was kept open. */
static int converse(struct offer *offer)
{
	const struct tbdi_link_observer observer = { offer_on_sent, offer_on_received, offer };
	struct tbdi_dialogue *dialogue = &offer->dialogue;
	*dialogue = (struct tbdi_dialogue){ .report = tbdi_report_of(offer->web),
		.error = offer->error,
		.progress = offer->options->fetch->progress,
		.progress_arg = offer->options->fetch->progress_arg };
	int rc = tbdi_module_load(
		tbdi_protocol_of(offer->web->target), &dialogue->transport, offer->error);
	if (rc == 0)
		rc = tbdi_link_new(
			dialogue->report->stream, &observer, &dialogue->link, offer->error);
	if (rc < 0)
		return rc;
	get_file(offer);
	tbdi_dialogue_release(dialogue);
	return dialogue->failure;
}

/* ---- the connection --------------------------------------------------------------------------- */

static const char *copied(struct offer *offer, const char *text)
{
	const char *copy = text != NULL ? tbdi_arena_strdup(&offer->report->arena, text) : NULL;
	offer->nomem = offer->nomem || (text != NULL && copy == NULL);
	return copy;
}

/* How the connection failed, which came to no stream. */
static void describe_failure(struct offer *offer)
{
	struct tbd_served_file *file = offer->file;
	const struct tbd_connection *connection = offer->web->connection;
	const struct tbd_resolution *resolution = connection->resolution;
	size_t last = connection->attempt_count;
	if (connection->tls != NULL) {
		file->end = connection->tls->end;
		file->detail = copied(offer, connection->tls->detail);
	} else if (connection->proxy != NULL && connection->tcp == TBD_END_OK) {
		file->end = connection->proxy->end;
		file->detail = copied(offer, connection->proxy->detail);
	} else if (last > 0) {
		file->end = connection->tcp;
		file->detail = copied(offer, connection->attempts[last - 1]->detail);
	} else if (resolution != NULL) {
		file->end = resolution->end;
		file->detail = copied(offer, resolution->detail);
	}
}

static void describe_verdict(struct offer *offer)
{
	struct tbd_served_file *file = offer->file;
	const struct tbd_verification *verification = offer->web->verification;
	const struct tbd_path *path = verification != NULL ? verification->path : NULL;
	bool is_verified = verification != NULL && verification->verified;
	file->verified = is_verified ? TBD_ANSWER_YES : TBD_ANSWER_NO;
	if (is_verified)
		return;
	if (!offer->web->target->tls)
		file->doubt = "in clear";
	else if (path == NULL)
		file->doubt = "no certificate was judged";
	else if (path->fault != TBD_FAULT_NONE)
		file->doubt = tbd_fault_name(path->fault);
	else
		file->doubt = tbd_name_match_name(verification->name_match);
}

/* Its host and addresses are the target's; all that is about the target's own port is not for the web server. */
static struct tbd_fetch_options web_options(const struct tbd_fetch_options *given)
{
	struct tbd_fetch_options options = *given;
	options.connect_port = 0;
	options.sni = NULL;
	options.tls_version = options.alpn = options.proxy_protocol = NULL;
	options.cert_file = options.key_file = NULL;
	options.cert_mem = options.key_mem = (struct tbd_bytes){ NULL, 0 };
	options.without_sni = options.also_tls12 = false;
	options.insecure = options.keep_open = true;
	return options;
}

static int dial(struct offer *offer)
{
	const struct tbd_fetch_options options = web_options(offer->options->fetch);
	int rc = tbd_fetch(offer->web, &options, offer->error);
	if (rc < 0)
		return rc;
	if (tbdi_report_of(offer->web)->stream == NULL) {
		describe_failure(offer);
		return 0;
	}
	describe_verdict(offer);
	return converse(offer);
}

/* ---- what came -------------------------------------------------------------------------------- */

/* "an HTML page" */
static void say_content(struct offer *offer, const struct tbd_trust *alone)
{
	const struct tbd_trust_source *source = alone->sources.items[0];
	offer->file->detail = tbdi_arena_printf(&offer->report->arena, "it holds %s",
		source->holds != NULL ? source->holds : "no certificate");
	offer->nomem = offer->nomem || offer->file->detail == NULL;
}

/* How many certificates it holds, each once; or what it holds instead. */
static int count_certs(struct offer *offer)
{
	struct tbd_trust *alone = tbd_trust_new();
	int rc = alone != NULL ? tbd_trust_add_mem(alone, offer->body.data, offer->body.len,
					 offer->file->url, offer->error)
			       : tbdi_fail_nomem(offer->error);
	offer->file->cert_count = rc == 0 ? tbdi_trust_count(alone) : 0;
	if (rc == 0 && offer->file->cert_count == 0)
		say_content(offer, alone);
	tbd_trust_free(alone);
	return rc;
}

/* An answer without certificates is shown instead. */
static void show_body(struct offer *offer)
{
	struct tbd_bytes body = offer->body;
	size_t shown = body.len < BODY_SHOWN ? body.len : BODY_SHOWN;
	if (shown == 0)
		return;
	offer->file->body =
		tbdi_report_peer_text(offer->report, body.data, shown, shown < body.len);
	offer->nomem = offer->nomem || offer->file->body == NULL;
}

/* The certificates are for the caller to judge by. */
static int take_file(struct offer *offer)
{
	struct tbd_served_file *file = offer->file;
	bool is_good = file->status == 200 && file->detail == NULL;
	int rc = is_good ? count_certs(offer) : 0;
	if (rc < 0)
		return rc;
	if (file->cert_count > 0)
		return tbd_trust_add_mem(offer->options->into, offer->body.data, offer->body.len,
			file->url, offer->error);
	if (file->status != 200)
		file->detail =
			tbdi_arena_printf(&offer->report->arena, "HTTP status %d", file->status);
	offer->nomem = offer->nomem || file->detail == NULL;
	show_body(offer);
	return 0;
}

/* ---- the addresses ---------------------------------------------------------------------------- */

static int file_new(struct offer *offer, struct tbdi_list *files)
{
	struct tbdi_arena *arena = &offer->report->arena;
	struct tbd_served_file *file = tbdi_arena_alloc(arena, sizeof(*file));
	if (tbdi_list_add(arena, files, file) < 0)
		return TBD_E_NOMEM;
	offer->file = file;
	file->url = tbdi_arena_printf(arena, "%s%s", offer->web->target->url, offer->path);
	offer->report->pub.served_files =
		(const struct tbd_served_file *const *)(void *)files->items;
	offer->report->pub.served_file_count = files->count;
	return file->url != NULL ? 0 : TBD_E_NOMEM;
}

static int ask_web(struct offer *offer, const struct tbd_target *web, struct tbdi_list *files)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	int64_t start_us = tbdi_report_elapsed_us(offer->report);
	options.target = web;
	options.time = &offer->report->pub.time;
	offer->replied = offer->closed = false;
	int rc = tbd_report_new(&options, &offer->web, offer->error);
	if (rc == 0 && file_new(offer, files) < 0)
		rc = tbdi_fail_nomem(offer->error);
	if (rc == 0)
		rc = dial(offer);
	if (rc == 0 && offer->replied)
		rc = take_file(offer);
	tbd_report_free(offer->web);
	offer->web = NULL;
	if (rc == 0)
		rc = tbdi_report_step(offer->report, "trust-file",
			offer->file->cert_count > 0 ? TBD_STEP_OK : TBD_STEP_FAILED, start_us,
			offer->file->detail);
	if (rc == TBD_E_NOMEM || offer->nomem)
		return tbdi_fail_nomem(offer->error);
	return rc == TBD_E_CANCELLED ? tbdi_fail(offer->error, rc, "interrupted") : rc;
}

/* Where ThingsBoard's web pages are when nobody says where: behind a proxy with TLS, or as it listens by itself. */
static const struct {
	const char *scheme;
	unsigned port;
} usual[] = { { "https", 443 }, { "http", THINGSBOARD_HTTP_PORT } };

static int ask_usual(struct offer *offer, size_t i, struct tbdi_list *files)
{
	const char *host = offer->report->pub.target->host;
	bool brackets = strchr(host, ':') != NULL;
	struct tbd_target *web = NULL;
	const char *url = tbdi_arena_printf(&offer->report->arena, "%s://%s%s%s:%u",
		usual[i].scheme, brackets ? "[" : "", host, brackets ? "]" : "", usual[i].port);
	int rc = url != NULL ? tbd_target_parse(url, &web, offer->error)
			     : tbdi_fail_nomem(offer->error);
	if (rc == 0)
		rc = ask_web(offer, web, files);
	tbd_target_free(web);
	return rc;
}

static int ask_all(struct offer *offer)
{
	struct tbdi_list files = { 0 };
	int rc = 0;
	if (offer->options->web != NULL)
		return ask_web(offer, offer->options->web, &files);
	for (size_t i = 0; rc == 0 && i < TBDI_COUNT(usual); i++) {
		rc = ask_usual(offer, i, &files);
		if (rc == 0 && offer->file->cert_count > 0)
			break;
	}
	return rc;
}

/* What ThingsBoard calls the protocol in the path; NULL: it has no file for it. */
static const char *path_of(const struct tbd_target *target)
{
	const struct tbdi_protocol *protocol = tbdi_protocol_of(target);
	if (!target->tls || protocol->id == TBDI_HTTP)
		return NULL;
	return protocol->id == TBDI_COAP ? "/api/device-connectivity/coaps/certificate/download"
					 : "/api/device-connectivity/mqtts/certificate/download";
}

static bool is_web(const struct tbd_target *target)
{
	return target == NULL || target->scheme == TBD_SCHEME_HTTPS ||
		target->scheme == TBD_SCHEME_HTTP;
}

int tbd_ask_trust_file(struct tbd_report *report, const struct tbd_trust_file_options *options,
	struct tbd_error *error)
{
	if (options == NULL || options->size != sizeof(*options) || options->fetch == NULL ||
		options->into == NULL || !is_web(options->web))
		return tbdi_fail(error, TBD_E_INVALID, "tbd_ask_trust_file: options do not fit");
	int rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	struct offer offer = { .report = tbdi_report_of(report),
		.options = options,
		.error = error,
		.path = report->target != NULL ? path_of(report->target) : NULL };
	if (offer.path == NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"ThingsBoard hands out a trust file for MQTT and CoAP over TLS: mqtts://, wss:// or "
			"coaps://");
	return ask_all(&offer);
}
