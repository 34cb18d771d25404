/* SPDX-License-Identifier: MIT
 *
 * finding.c - a finding while a rule writes it, and what all rules ask of a report.
 */
#include "rules/catalogue.h"

#include "base/rfc3339.h"
#include "report/set.h"

#include <strings.h>

static const char *draft_keep(struct tbdi_draft *draft, const char *text)
{
	if (text != NULL)
		return text;
	draft->nomem = true;
	return "";
}

static const char *draft_vformat(struct tbdi_draft *draft, const char *format, va_list args)
{
	return draft_keep(draft, tbdi_arena_vprintf(draft->arena, format, args));
}

const char *tbdi_draft_format(struct tbdi_draft *draft, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = draft_vformat(draft, format, args);
	va_end(args);
	return text;
}

const char *tbdi_draft_join(
	struct tbdi_draft *draft, const char *list, const char *separator, const char *item)
{
	return list == NULL ? item : tbdi_draft_format(draft, "%s%s%s", list, separator, item);
}

const char *tbdi_draft_after(struct tbdi_draft *draft, const char *separator, const char *text)
{
	return text == NULL ? "" : tbdi_draft_format(draft, "%s%s", separator, text);
}

/* Control characters as \xNN; the rest, UTF-8 too, as it is. */
static char *one_line(struct tbdi_draft *draft, const char *text)
{
	char *line = tbdi_arena_alloc(draft->arena, 4 * strlen(text) + 1);
	char *end = line;
	for (; line != NULL && *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x20 && c != 0x7f)
			*end++ = (char)c;
		else
			end += snprintf(end, 5, "\\x%02x", c);
	}
	return line;
}

void tbdi_draft_summary(struct tbdi_draft *draft, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *line = one_line(draft, draft_vformat(draft, format, args));
	va_end(args);
	/* The words of a resolver or of GnuTLS at its end may bring a full stop along. */
	size_t len = line != NULL ? strlen(line) : 0;
	if (len > 0 && line[len - 1] == '.')
		line[len - 1] = '\0';
	draft->summary = draft_keep(draft, line);
}

void tbdi_draft_fix(struct tbdi_draft *draft, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *line = draft_keep(draft, one_line(draft, draft_vformat(draft, format, args)));
	va_end(args);
	draft->fix =
		draft->fix == NULL ? line : tbdi_draft_format(draft, "%s\n%s", draft->fix, line);
}

const char *tbdi_draft_date_text(struct tbdi_draft *draft, int64_t seconds)
{
	char text[TBDI_RFC3339_SIZE];
	return draft_keep(draft, tbdi_arena_strdup(draft->arena, tbdi_rfc3339(seconds, text)));
}

static bool is_plain_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=@%+";
	return *text != '\0' && text[strspn(text, plain)] == '\0';
}

const char *tbdi_draft_word(struct tbdi_draft *draft, const char *text)
{
	if (is_plain_word(text))
		return text;
	char *word = tbdi_arena_alloc(draft->arena, 4 * strlen(text) + 3);
	char *end = word;
	if (word == NULL)
		return draft_keep(draft, NULL);
	*end++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			memcpy(end, "'\\''", 4);
			end += 4;
		} else {
			*end++ = *text;
		}
	}
	*end = '\'';
	return word;
}

const char *tbdi_draft_list(struct tbdi_draft *draft, const char *const *items)
{
	enum { ITEMS_SHOWN = 16 };
	const char *text = NULL;
	size_t count = 0;
	for (; items != NULL && items[count] != NULL; count++)
		if (count < ITEMS_SHOWN)
			text = tbdi_draft_join(draft, text, ", ", items[count]);
	return count > ITEMS_SHOWN
		? tbdi_draft_format(draft, "%s and %zu more", text, count - ITEMS_SHOWN)
		: text;
}

/* An IPv6 address needs brackets before a port and in a URL. */
static const char *bracketed(struct tbdi_draft *draft, const char *host)
{
	return strchr(host, ':') != NULL ? tbdi_draft_format(draft, "[%s]", host) : host;
}

const char *tbdi_draft_peer(struct tbdi_draft *draft, const struct tbd_report *report)
{
	if (report->chain != NULL && report->chain->file != NULL)
		return report->chain->file;
	if (report->lint != NULL)
		return report->lint->file;
	if (report->connection == NULL)
		return "the server";
	return tbdi_draft_format(draft, "%s:%u", bracketed(draft, report->connection->host),
		report->connection->port);
}

/* " --connect-to HOST:PORT" if that was given; port 0: that of the target. */
static const char *connect_option(
	struct tbdi_draft *draft, const struct tbd_report *report, unsigned port)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || !connection->redirected || report->target == NULL)
		return "";
	const char *host = bracketed(draft, connection->host);
	return tbdi_draft_format(draft, " --connect-to %s",
		tbdi_draft_word(
			draft, port == 0 ? host : tbdi_draft_format(draft, "%s:%u", host, port)));
}

const char *tbdi_draft_argument(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *url =
		report->target != NULL ? tbdi_draft_word(draft, report->target->url) : NULL;
	if (report->chain != NULL && report->chain->file != NULL)
		return tbdi_draft_format(draft, "--chain-file %s%s%s",
			tbdi_draft_word(draft, report->chain->file), url != NULL ? " " : "",
			url != NULL ? url : "");
	if (url == NULL)
		return tbdi_draft_peer(draft, report);
	unsigned port = report->connection != NULL ? report->connection->port : 0;
	return tbdi_draft_format(draft, "%s%s", url, connect_option(draft, report, port));
}

const char *tbdi_draft_argument_as(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *name)
{
	const struct tbd_target *target = report->target;
	const struct tbd_connection *connection = report->connection;
	const char *scheme = tbd_scheme_name(target != NULL ? target->scheme : TBD_SCHEME_MQTTS);
	const char *url = tbdi_draft_word(draft,
		tbdi_draft_format(draft, "%s://%s:%u", scheme, bracketed(draft, name),
			target != NULL ? target->port : 8883));
	if (report->chain != NULL && report->chain->file != NULL)
		return tbdi_draft_format(draft, "--chain-file %s %s",
			tbdi_draft_word(draft, report->chain->file), url);
	if (connection == NULL)
		return url;
	return tbdi_draft_format(draft, "%s --connect-to %s", url,
		tbdi_draft_word(draft,
			tbdi_draft_format(draft, "%s:%u", bracketed(draft, connection->host),
				connection->port)));
}

/* What the server handed out is given the name that ThingsBoard's own pages give it. */
static const char *source_file(const struct tbd_report *report, const char *path)
{
	for (size_t i = 0; i < report->served_file_count; i++)
		if (strcmp(report->served_files[i]->url, path) == 0)
			return "ca-root.pem";
	return path;
}

const char *tbdi_draft_sources(struct tbdi_draft *draft, const struct tbd_report *report)
{
	static const char *const options[] = {
		[TBD_SOURCE_FILE] = "--ca-file ",
		[TBD_SOURCE_DIR] = "--ca-path ",
		[TBD_SOURCE_SYSTEM] = "--system",
	};
	TBDI_TABLE_OF(options, TBD_SOURCE_SYSTEM);
	const struct tbd_trust_info *trust = report->trust;
	const char *text = "";
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		const struct tbd_trust_source *source = trust->sources[i];
		bool named = source->kind != TBD_SOURCE_SYSTEM && source->path != NULL;
		text = tbdi_draft_format(draft, "%s %s%s", text, options[source->kind],
			named ? tbdi_draft_word(draft, source_file(report, source->path)) : "");
	}
	return text;
}

/* " --verify-name NAME" if another name than the target's was judged. */
static const char *name_option(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_verification *verification = report->verification;
	const struct tbd_target *target = report->target;
	if (verification == NULL || verification->name == NULL ||
		(target != NULL &&
			(strcasecmp(verification->name, target->host) == 0 ||
				(verification->name_is_address && target->is_address))))
		return "";
	return tbdi_draft_format(
		draft, " --verify-name %s", tbdi_draft_word(draft, verification->name));
}

const char *tbdi_draft_trust_options(struct tbdi_draft *draft, const struct tbd_report *report)
{
	return tbdi_draft_format(draft, "%s%s%s%s", tbdi_draft_sources(draft, report),
		name_option(draft, report), report->time_given ? " --at " : "",
		report->time_given ? tbdi_draft_date_text(draft, report->time) : "");
}

/* Of the host that was meant; where --connect-to led elsewhere, it leads there again. */
static const char *url_meant(struct tbdi_draft *draft, const struct tbd_report *report,
	const char *scheme, const char *port)
{
	bool redirected = report->connection->redirected && report->target != NULL;
	const char *host = redirected ? report->target->host : report->connection->host;
	const char *url =
		tbdi_draft_format(draft, "%s://%s%s", scheme, bracketed(draft, host), port);
	return tbdi_draft_format(
		draft, "%s%s", tbdi_draft_word(draft, url), connect_option(draft, report, 0));
}

const struct tbdi_listener *tbdi_report_listener(const struct tbd_report *report)
{
	return &tbdi_protocol_of(report->target)->listener;
}

static const struct tbdi_scheme *scheme_of(const struct tbd_report *report, bool tls)
{
	if (tbdi_scheme_of(report->target)->path != NULL)
		return &tbdi_schemes[tls ? TBD_SCHEME_WSS : TBD_SCHEME_WS];
	return tbdi_protocol_scheme(tbdi_protocol_of(report->target), tls);
}

const char *tbdi_draft_tls_url(struct tbdi_draft *draft, const struct tbd_report *report)
{
	return url_meant(draft, report, scheme_of(report, true)->word, "");
}

const char *tbdi_draft_url(struct tbdi_draft *draft, const struct tbd_report *report,
	enum tbd_scheme scheme, unsigned port)
{
	return url_meant(
		draft, report, tbd_scheme_name(scheme), tbdi_draft_format(draft, ":%u", port));
}

const char *tbdi_chain_setting(const struct tbd_report *report)
{
	return tbdi_report_listener(report)->chain;
}

const char *tbdi_draft_listener(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbdi_listener *listener = tbdi_report_listener(report);
	unsigned port = report->connection->port;
	bool tls = report->target == NULL || report->target->tls;
	const char *on = tls ? listener->tls : listener->plain;
	const char *name = tls ? listener->tls_port : listener->plain_port;
	if (listener->port == 0 && port == scheme_of(report, tls)->port)
		return on;
	return tbdi_draft_format(draft, "%s%s%s=%u", tls ? on : "", tls ? " " : "", name, port);
}

unsigned tbdi_report_tls_port(const struct tbd_report *report)
{
	return scheme_of(report, true)->port;
}

void tbdi_draft_fix_copy_token(struct tbdi_draft *draft, const struct tbd_report *report)
{
	enum { GENERATED_TOKEN_LEN = 20 };
	const struct tbd_token_info *token = report->token;
	tbdi_draft_fix(draft,
		"Copy the token again from the ThingsBoard behind %s: Devices, the device, Copy "
		"access token. A token of another server (a cloud, a second cluster, a test system) is "
		"not known there. Letter case counts%s.",
		tbdi_draft_peer(draft, report),
		token != NULL && token->len != GENERATED_TOKEN_LEN
			? tbdi_draft_format(draft,
				  "; a generated token has 20 characters, this one %zu", token->len)
			: "");
}

void tbdi_draft_fix_log(struct tbdi_draft *draft, const char *pattern)
{
	tbdi_draft_fix(draft,
		"  grep -E '%s' /var/log/thingsboard/thingsboard.log | "
		"grep -v 'peer not authenticated' | tail -n 20",
		pattern);
	tbdi_draft_fix(draft,
		"('peer not authenticated' is normal: every TLS client without a certificate leaves "
		"it.)");
}

void tbdi_draft_fix_tls_port(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (connection->port != tbdi_report_tls_port(report)) {
		tbdi_draft_fix(draft,
			"Dial the TLS port of ThingsBoard, %u unless %s says otherwise:",
			tbdi_report_tls_port(report), tbdi_report_listener(report)->tls_port);
		tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_tls_url(draft, report),
			tbdi_draft_trust_options(draft, report));
	}
	tbdi_draft_fix(draft,
		"Where port %u of %s is meant to speak TLS, switch it on there, and see that a "
		"proxy before it passes TLS on:",
		connection->port, connection->host);
	tbdi_draft_fix(draft, "  export %s", tbdi_draft_listener(draft, report));
}

const char *tbdi_report_sends(const struct tbd_report *report)
{
	return report->chain != NULL && report->chain->file != NULL ? "contain" : "send";
}

bool tbdi_looks_like_tls(const char *first_bytes)
{
	static const char alert[] = "\\x15\\x03", handshake[] = "\\x16\\x03";
	return first_bytes != NULL &&
		(strncmp(first_bytes, alert, sizeof(alert) - 1) == 0 ||
			strncmp(first_bytes, handshake, sizeof(handshake) - 1) == 0);
}

void tbdi_draft_fix_use_tls(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *scheme = scheme_of(report, true)->word;
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL || report->target == NULL)
		return;
	tbdi_draft_fix(draft, "The port speaks TLS: use %s:", scheme);
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
		tbdi_draft_word(draft,
			tbdi_draft_format(draft, "%s://%s:%u", scheme,
				bracketed(draft, connection->host), connection->port)));
}

const struct tbd_path *tbdi_report_path(const struct tbd_report *report)
{
	const struct tbd_path *path =
		report->verification != NULL ? report->verification->path : NULL;
	return path != NULL && path->count > 0 ? path : NULL;
}

const struct tbd_cert *tbdi_report_dead_anchor(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_report_path(report);
	if (path == NULL || !path->anchored || path->count == 1)
		return NULL;
	const struct tbd_cert *anchor = path->certs[path->count - 1];
	return anchor->error == NULL && anchor->not_after < report->time ? anchor : NULL;
}

const struct tbd_cert *tbdi_report_nearest(const struct tbd_report *report, enum tbd_miss miss)
{
	const struct tbd_nearest *nearest =
		report->verification != NULL ? report->verification->nearest : NULL;
	return nearest != NULL && nearest->miss == miss ? nearest->cert : NULL;
}

const struct tbd_api_exchange *tbdi_draft_api(
	const struct tbdi_draft *draft, const struct tbd_report *report, enum tbd_api_end end)
{
	const struct tbd_api_exchange *api = report->api;
	bool ended = api != NULL && api->end == end;
	return ended && strcmp(api->protocol, tbd_stage_name(draft->rule->stage)) == 0 ? api : NULL;
}

const struct tbd_api_request *tbdi_api_last(const struct tbd_api_exchange *api)
{
	return api != NULL && api->request_count > 0 ? api->requests[api->request_count - 1] : NULL;
}

/* That of the rule's stage. */
static const struct tbdi_protocol *rule_protocol(const struct tbdi_draft *draft)
{
	return tbdi_protocol_find(tbd_stage_name(draft->rule->stage));
}

const char *tbdi_draft_status(struct tbdi_draft *draft, int status)
{
	const struct tbdi_protocol *protocol = rule_protocol(draft);
	return tbdi_draft_format(draft, "%s%s", protocol->code_has_class ? "" : "status ",
		tbdi_code_text(protocol, status).text);
}

const char *tbdi_draft_body(struct tbdi_draft *draft, const struct tbd_api_request *request)
{
	enum { SHOWN = 200 };
	const char *body = request->body;
	const char *title = tbdi_draft_title(draft, body);
	if (body == NULL || title != NULL)
		return title;
	/* With CoAP an error's payload is a line for people (RFC 7252 5.5.2); a page may be indented. */
	if (draft->rule->stage == TBD_STAGE_HTTP)
		body += strspn(body, " \t\r\n");
	size_t len = strcspn(body, "\r\n");
	return tbdi_draft_format(
		draft, "%.*s%s", (int)(len < SHOWN ? len : SHOWN), body, len < SHOWN ? "" : "...");
}

bool tbdi_match_unauthorized(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbdi_protocol *protocol = rule_protocol(draft);
	const struct tbd_api_request *request =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_REFUSED));
	if (request == NULL || !tbdi_code_means(protocol, request->status, TBDI_REFUSED) ||
		tbdi_wants_login(request))
		return false;
	tbdi_draft_summary(draft, "%s refused the access token (%s%s)",
		tbdi_draft_peer(draft, report), tbdi_draft_status(draft, request->status),
		protocol->code_has_class ? " Unauthorized" : "");
	tbdi_draft_fix_copy_token(draft, report);
	bool by_cert = protocol->is_datagrams;
	tbdi_draft_fix(draft,
		"Where the device's credentials are of another type (%sMQTT Basic), it has no "
		"access token and cannot use %s: see Manage credentials.%s",
		by_cert ? "" : "X.509, ", protocol->name,
		by_cert ? " One with X.509 shows its certificate: coaps:// with --cert and --key."
			: "");
	return true;
}

const struct tbdi_meaning *tbdi_meaning_of(
	const struct tbdi_meaning *rows, size_t count, int number)
{
	static const struct tbdi_meaning none;
	for (size_t i = 0; i < count; i++)
		if (rows[i].number == number)
			return &rows[i];
	return &none;
}

void tbdi_draft_api_error(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_api_request *request, const struct tbdi_meaning *known)
{
	bool is_success = report->api->end == TBD_API_OTHER_REPLY;
	tbdi_draft_summary(draft, "%s answered %s with %s%s%s", tbdi_draft_peer(draft, report),
		request->method, tbdi_draft_status(draft, request->status),
		tbdi_draft_after(draft, is_success ? ", " : ": ", known->meaning),
		tbdi_draft_after(draft, ": ", tbdi_draft_body(draft, request)));
	tbdi_draft_fix(draft, "%s",
		known->fix != NULL ? known->fix : "ThingsBoard's device API does not answer so.");
}

bool tbdi_api_sent_json(const struct tbd_api_request *request)
{
	return strcmp(request->method, "GET") == 0 && request->content_type != NULL &&
		strncasecmp(request->content_type, "application/json", 16) == 0;
}

const struct tbd_exchange *tbdi_report_ended(const struct tbd_report *report, enum tbd_mqtt_end end)
{
	return report->exchange != NULL && report->exchange->end == end ? report->exchange : NULL;
}

const char *tbdi_report_host(const struct tbd_report *report)
{
	if (report->verification != NULL && report->verification->name != NULL)
		return report->verification->name;
	if (report->target != NULL)
		return report->target->host;
	return report->connection != NULL ? report->connection->host : NULL;
}

const struct tbd_tls *tbdi_report_tls(const struct tbd_report *report, enum tbd_end end)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	return tls != NULL && tls->end == end ? tls : NULL;
}

int64_t tbdi_report_waited_ms(const struct tbd_report *report)
{
	for (size_t i = report->step_count; i-- > 0;)
		if (report->steps[i]->status == TBD_STEP_TIMEOUT)
			return report->steps[i]->duration_us / 1000;
	return -1;
}

const char *tbdi_draft_properties(struct tbdi_draft *draft, const struct tbd_set *set)
{
	const char *text = NULL;
	for (size_t i = 0; i < set->difference_count; i++)
		text = tbdi_draft_join(draft, text, ", ", set->differences[i]->property);
	return text != NULL ? text : "";
}
