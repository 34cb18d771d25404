/* SPDX-License-Identifier: MIT
 *
 * http.c - what ThingsBoard's device API answered over HTTP, or what answered in its place.
 */
#include "rules/catalogue.h"

#include "report/set.h"

#include <strings.h>

enum { OK = 200, MULTIPLE_CHOICES = 300, BAD_REQUEST = 400 };

/* ---- what was seen --------------------------------------------------------------------------- */

/* The last request, if it was answered by a status of these, both included. */
static const struct tbd_api_request *http_answered(
	const struct tbdi_draft *draft, const struct tbd_report *report, int from, int to)
{
	const struct tbd_api_request *request =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_REFUSED));
	return request != NULL && request->status >= from && request->status <= to ? request : NULL;
}

static bool is_tls(const struct tbd_report *report)
{
	return report->target != NULL && report->target->tls;
}

/* The trust file as curl wants it; it takes one. */
static const char *curl_trust(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_trust_info *trust = report->trust;
	bool one_file = is_tls(report) && trust != NULL && trust->source_count == 1 &&
		trust->sources[0]->kind == TBD_SOURCE_FILE;
	return !one_file ? ""
			 : tbdi_draft_format(draft, " --cacert %s",
				   tbdi_draft_word(draft, trust->sources[0]->path));
}

/* Look at the answer to a path that has no token in it. */
static void fix_look(struct tbdi_draft *draft, const struct tbd_report *report)
{
	if (report->target == NULL)
		return;
	const char *url =
		tbdi_draft_format(draft, "%s/api/v1/none/attributes", report->target->url);
	tbdi_draft_fix(draft, "  curl -sS -i%s %s", curl_trust(draft, report),
		tbdi_draft_word(draft, url));
}

/* What stands before ThingsBoard has to pass the device API on, or is to be left out. */
static void fix_proxy(struct tbdi_draft *draft, const struct tbd_report *report)
{
	uint16_t own = tbdi_protocols[TBDI_HTTP].listener.port;
	if (report->connection == NULL || report->target == NULL)
		return;
	if (report->connection->port != own) {
		tbdi_draft_fix(draft,
			"Try ThingsBoard's own port, %d unless HTTP_BIND_PORT says otherwise. It has "
			"no TLS by default: everyone on the way reads the token:",
			own);
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s",
			tbdi_draft_url(draft, report, TBD_SCHEME_HTTP, own));
	}
	tbdi_draft_fix(draft,
		"If ThingsBoard answers there, port %u is that of a proxy, which has to pass /api/ on "
		"to it as it is; for nginx:",
		report->connection->port);
	tbdi_draft_fix(draft, "  location /api/ { proxy_pass http://127.0.0.1:%d; }", own);
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* "https://host:port" at the beginning of an address, as far as it may stand in a command; or NULL. */
static const char *address_of(struct tbdi_draft *draft, const char *location)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_:[]";
	bool is_https = location != NULL && strncasecmp(location, "https://", 8) == 0;
	bool is_http = location != NULL && strncasecmp(location, "http://", 7) == 0;
	if (!is_https && !is_http)
		return NULL;
	const char *host = location + (is_https ? 8 : 7);
	size_t len = strspn(host, letters);
	/* What follows the host must not belong to it: user@elsewhere. */
	if (len == 0 || host[0] == '-' || (host[len] != '\0' && strchr("/?#", host[len]) == NULL))
		return NULL;
	return tbdi_draft_format(draft, "%s://%.*s", is_https ? "https" : "http", (int)len, host);
}

static bool match_redirect(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_request *request =
		http_answered(draft, report, MULTIPLE_CHOICES, BAD_REQUEST - 1);
	if (request == NULL)
		return false;
	const char *address = address_of(draft, request->location);
	tbdi_draft_summary(draft,
		"%s redirects the device API (status %d) to %s; the token did not follow",
		tbdi_draft_peer(draft, report), request->status,
		address != NULL                     ? address
			: request->location != NULL ? request->location
						    : "an address that it does not give");
	tbdi_draft_fix(draft,
		"Few HTTP clients of devices follow a redirection, and those that do make a GET of "
		"the POST. Give the device the address that it leads to, if that is yours%s",
		address != NULL ? ":" : "; see where it leads:");
	if (address != NULL)
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s", tbdi_draft_word(draft, address),
			tbdi_draft_sources(draft, report));
	else
		fix_look(draft, report);
	return true;
}

/* In words, what came instead of the device API's answer. */
static const char *what_came(struct tbdi_draft *draft, const struct tbd_api_request *request)
{
	const char *title = tbdi_draft_title(draft, request->body);
	if (tbdi_is_web_page(request->body))
		return tbdi_draft_format(draft, "a web page%s%s%s", title != NULL ? ", \"" : "",
			title != NULL ? title : "", title != NULL ? "\"" : "");
	if (request->content_type != NULL)
		return tbdi_draft_format(
			draft, "%zu bytes of %s", request->body_len, request->content_type);
	return request->body_len > 0
		? tbdi_draft_format(draft, "%zu bytes of no type", request->body_len)
		: "nothing where JSON was asked for";
}

static bool match_strange(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_STRANGE);
	if (api == NULL)
		return false;
	bool is_tls_port = !is_tls(report) && tbdi_looks_like_tls(api->first_bytes);
	tbdi_draft_summary(draft, "%s %s", tbdi_draft_peer(draft, report),
		is_tls_port ? "speaks TLS: it answers a request in clear with an alert"
			    : "does not speak HTTP/1.1");
	if (is_tls_port) {
		tbdi_draft_fix_use_tls(draft, report);
		return true;
	}
	if (!is_tls(report) && report->connection != NULL) {
		tbdi_draft_fix(draft, "Where the port speaks TLS, use https:");
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s",
			tbdi_draft_url(draft, report, TBD_SCHEME_HTTPS, report->connection->port),
			tbdi_draft_trust_options(draft, report));
	}
	fix_proxy(draft, report);
	return true;
}

static bool match_not_device_api(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_request *request =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_OTHER_REPLY));
	if (match_strange(report, draft))
		return true;
	if (request == NULL || tbdi_api_sent_json(request))
		return false;
	tbdi_draft_summary(draft, "%s answered with success, but it is not the device API: %s came",
		tbdi_draft_peer(draft, report), what_came(draft, request));
	fix_proxy(draft, report);
	return true;
}

static bool match_http_timeout(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_NO_REPLY);
	const struct tbd_api_request *request = tbdi_api_last(api);
	if (request == NULL)
		return false;
	bool began = api->first_bytes != NULL;
	tbdi_draft_summary(draft, "%s %s the %s request in time", tbdi_draft_peer(draft, report),
		began ? "began, but did not finish to answer" : "did not answer", request->method);
	bool is_get = strcmp(request->method, "GET") == 0;
	if (is_get)
		tbdi_draft_fix(draft,
			"ThingsBoard does not answer a GET beyond its rate limit: see the tenant "
			"profile (Transport device messages), and ask again in a minute.");
	tbdi_draft_fix(draft,
		"%s does not answer the transport, which leaves nothing in its log, or a proxy has "
		"no server behind it. On the server:",
		is_get ? "Else its core" : "ThingsBoard's core");
	tbdi_draft_fix(draft, "  systemctl status thingsboard; uptime");
	return true;
}

/* What a status means here, and what is to be done. */
static const struct tbdi_meaning statuses[] = {
	{ 400, "the request is not accepted as it is",
		"A proxy or firewall that looks into requests refuses it: what came with the status "
		"tells which, and its log why." },
	{ 403, "access is forbidden",
		"ThingsBoard says so of a device that was deleted; else a firewall for web "
		"applications refuses the request: its body tells." },
	{ 404, "there is no device API at this address",
		"HTTP_ENABLED=false switches the device API off; and a proxy has to pass /api/ on." },
	{ 405, "the method is not allowed",
		"What stands before ThingsBoard lets no such request through: see its "
		"configuration." },
	{ 408, "the server gave up waiting for its own services",
		"ThingsBoard's core did not answer its transport in time: see its log." },
	{ 413, "the request is too large",
		"The limit of the proxy is smaller than a message of tbdiag: raise it "
		"(client_max_body_size in nginx)." },
	{ 429, "too many requests came",
		"Wait a minute, and see which rate limit of the proxy or of the tenant profile is "
		"reached." },
	{ 500, "the server failed",
		"ThingsBoard answers so, without a body, when a limit of messages or the API usage of "
		"the tenant is used up, or its core does not answer; with a body that names what JSON it could not read. See its log." },
	{ 502, "a proxy has no server behind it",
		"The proxy runs, ThingsBoard behind it does not, or the proxy dials another port." },
	{ 503, "the service is not available",
		"ThingsBoard is starting, or a proxy has no server behind it." },
	{ 504, "a proxy waited in vain for the server behind it",
		"ThingsBoard behind the proxy accepts connections, but does not answer: see its log." },
};

static bool match_http_closed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = tbdi_draft_api(draft, report, TBD_API_CLOSED);
	const struct tbd_api_request *request = tbdi_api_last(api);
	if (request == NULL)
		return false;
	bool later = api->request_count > 1 && api->first_bytes == NULL;
	tbdi_draft_summary(draft, "%s closed the connection %s the %s request",
		tbdi_draft_peer(draft, report),
		later                              ? "after an answer, instead of waiting for"
			: api->first_bytes == NULL ? "without an answer to"
						   : "in the middle of its answer to",
		request->method);
	if (later)
		tbdi_draft_fix(draft,
			"Let the server or the proxy keep connections alive: a device that makes a "
			"TLS handshake for every value pays for each. For nginx:");
	else
		tbdi_draft_fix(draft,
			"A port for MQTT closes so on a request of HTTP, and one for TLS on a "
			"request in clear: see which port this is. Else the reason stands in the "
			"log of the server, or of the proxy before it:");
	tbdi_draft_fix(draft, "%s",
		later ? "  keepalive_timeout 75s;"
		      : "  tail -n 50 /var/log/thingsboard/thingsboard.log");
	return true;
}

/* ---- what the body of an error tells --------------------------------------------------------- */

/* What may hold of the answer that a report ends with. */
typedef bool cause_is(const struct tbd_report *report, const struct tbd_api_request *request);

/* ThingsBoard's own port answers so where it speaks TLS: no page, and nothing else. */
static bool wants_tls(const struct tbd_report *report, const struct tbd_api_request *request)
{
	bool is_bare = request->status == BAD_REQUEST && request->body != NULL &&
		strcmp(request->body, "Bad Request") == 0;
	return !is_tls(report) && (is_bare || tbdi_says_use_tls(request));
}

static bool wants_login(
	const struct tbd_report *report TBDI_UNUSED, const struct tbd_api_request *request)
{
	return tbdi_wants_login(request);
}

static bool wants_client_cert(
	const struct tbd_report *report, const struct tbd_api_request *request TBDI_UNUSED)
{
	return tbdi_wants_client_cert(report);
}

/* How long the body was that was posted; 0: none was. */
static size_t posted_len(const struct tbd_api_exchange *api, const struct tbd_api_request *request)
{
	static const char telemetry[] = "/telemetry", attribute[] = "{\"\":\"\"}";
	size_t len = strlen(request->url), tail = sizeof(telemetry) - 1;
	if (strcmp(request->method, "POST") != 0)
		return 0;
	if (len >= tail && strcmp(request->url + len - tail, telemetry) == 0)
		return api->telemetry_len;
	return api->key != NULL && api->written != NULL
		? sizeof(attribute) - 1 + strlen(api->key) + strlen(api->written)
		: 0;
}

/* A body that is declared as a form is parsed and encoded anew, and so longer than what was sent when ThingsBoard
 * finds that it is no JSON. */
static bool is_form(const struct tbd_report *report, const struct tbd_api_request *request)
{
	static const char where[] = "at line 1 column ";
	const char *at = request->body != NULL ? strstr(request->body, where) : NULL;
	size_t sent = posted_len(report->api, request);
	return at != NULL && sent > 0 && strstr(request->body, "MalformedJson") != NULL &&
		strtoul(at + sizeof(where) - 1, NULL, 10) > sent;
}

static bool is_path(const struct tbd_report *report, const struct tbd_api_request *request)
{
	return request->status == BAD_REQUEST && report->token != NULL &&
		report->token->unfit_for_path;
}

/* What the status alone does not tell; the first that holds. */
static const struct cause {
	cause_is *is;
	struct tbdi_meaning meaning;
	const char *setting; /* to be pasted, or NULL */
} causes[] = {
	{ wants_tls, { 0, "the port speaks TLS", "The request came in clear to a port for TLS." },
		NULL },
	{ wants_login,
		{ 0, "it wants a login of its own",
			"This is not ThingsBoard's answer to a token, which has neither body nor "
			"WWW-Authenticate: a web server or proxy before it wants a user name and "
			"password. Let it pass /api/v1/ on without; for nginx:" },
		"  location /api/v1/ { auth_basic off; proxy_pass http://127.0.0.1:8080; }" },
	{ wants_client_cert,
		{ 0, "it insists on a client certificate",
			"A proxy before ThingsBoard wants one, which devices with access tokens do "
			"not have. Let it go on without, as ThingsBoard does; for nginx:" },
		"  ssl_verify_client optional;" },
	{ is_form,
		{ 0, "the JSON arrived as a form",
			"Something on the way declares the body as a form, as `curl -d` does by "
			"itself (application/x-www-form-urlencoded): ThingsBoard then encodes it "
			"anew and cannot read it any more. What has to arrive:" },
		"  Content-Type: application/json" },
	{ is_path,
		{ 0, "the path is not accepted",
			"Web servers refuse a path with an encoded slash, percent sign or "
			"semicolon, and the token has one: give the device a token without." },
		NULL },
};

static const struct cause *cause_of(
	const struct tbd_report *report, const struct tbd_api_request *request)
{
	for (size_t i = 0; i < TBDI_COUNT(causes); i++)
		if (causes[i].is(report, request))
			return &causes[i];
	return NULL;
}

static bool match_http_error(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_request *request =
		tbdi_api_last(tbdi_draft_api(draft, report, TBD_API_REFUSED));
	if (match_http_closed(report, draft))
		return true;
	if (request == NULL)
		return false;
	const struct cause *cause = cause_of(report, request);
	const char *maker = tbdi_page_maker(request);
	tbdi_draft_api_error(draft, report, request,
		cause != NULL ? &cause->meaning
			      : tbdi_meaning_of(statuses, TBDI_COUNT(statuses), request->status));
	if (cause != NULL && cause->setting != NULL)
		tbdi_draft_fix(draft, "%s", cause->setting);
	if (maker != NULL)
		tbdi_draft_fix(
			draft, "By its words this answer is of %s, not of ThingsBoard.", maker);
	if (cause != NULL && cause->is == wants_tls) {
		tbdi_draft_fix_use_tls(draft, report);
		return true;
	}
	tbdi_draft_fix(draft, "See the whole answer, to a request without your token:");
	fix_look(draft, report);
	return true;
}

static bool match_http_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = report->api;
	if (api == NULL || api->request_count == 0 || api->requests[0]->status != OK)
		return false;
	bool stored = tbdi_draft_api(draft, report, TBD_API_DONE) != NULL ||
		tbdi_draft_api(draft, report, TBD_API_NOT_STORED) != NULL;
	if (!stored)
		return false;
	tbdi_draft_summary(draft, "%s accepted the access token over HTTP: %s with status %d",
		tbdi_draft_peer(draft, report), api->read_only ? "read" : "written and read",
		api->requests[0]->status);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define ANSWER_KEYS \
	"peer", "request", "code", "content_type", "location", "server", "body", "authenticate"

const struct tbdi_rule tbdi_rules_http[] = {
	{
		TBDI_RULE("http.unauthorized", HTTP, CRITICAL, "the access token is refused"),
		.pub.why =
			"The device API answered with status 401: no device has this token. It "
			"was mistyped, belongs to another server, was replaced meanwhile, or is "
			"not a token at all. The same answer comes when the device's credentials "
			"are X.509 or MQTT Basic, with which HTTP cannot be used. The token "
			"stands in the path of the request and is compared byte by byte; HTTP "
			"does not block an address after wrong ones, as MQTT can.",
		.pub.fix = "Copy the token from the device's page, and check the type of its "
			   "credentials.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, "token_len", TBDI_TRANSPORT_KEYS),
		.group = TBDI_GROUP_HTTP,
		.match = tbdi_match_unauthorized,
		.match_set = tbdi_match_refused_by_all,
	},
	{
		TBDI_RULE("http.redirect", HTTP, CRITICAL, "the device API is redirected"),
		.pub.why =
			"A status from 300 to 399 came: the server, or a proxy before it, sends "
			"everybody elsewhere, most often from http to https. tbdiag does not "
			"follow, for the token would go to a peer that nobody named; many devices "
			"do not follow either, and most clients that do make a GET of the POST, "
			"so that nothing is written. Where the path is repeated in the address, "
			"the token in it is masked here.",
		.pub.fix = "Give the device the address that it is redirected to.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS),
		.group = TBDI_GROUP_HTTP,
		.match = match_redirect,
	},
	{
		TBDI_RULE("http.not-device-api", HTTP, CRITICAL,
			"it is not the device API that answers"),
		.pub.why =
			"The answer was a success, but not as the device API says it: ThingsBoard "
			"answers a POST without a body and a GET with JSON. A web page means a "
			"portal that wants a login, the user interface (which ThingsBoard answers "
			"with to any path outside /api), or a proxy that does not pass /api/ on. "
			"A client that looks at the status only takes this for success. The same "
			"is said where what came is not HTTP/1.1 at all; its first bytes are "
			"shown.",
		.pub.fix = "Dial the port of ThingsBoard itself, or let the proxy pass /api/ on.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, "first_bytes", "detail"),
		.group = TBDI_GROUP_HTTP,
		.match = match_not_device_api,
	},
	{
		TBDI_RULE("http.timeout", HTTP, CRITICAL, "no answer over HTTP in time"),
		.pub.why =
			"The connection stands and the request was sent, but its answer did not "
			"come, or not to its end, within 12 seconds (5 for those after the first) "
			"or the time that was asked for. A GET beyond the rate limit of "
			"ThingsBoard is never answered. Else its core does not answer the "
			"transport, or a proxy has no server behind it.",
		.pub.fix = "See the rate limits of the tenant profile, and the server's log.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, "first_bytes"),
		.group = TBDI_GROUP_HTTP,
		.match = match_http_timeout,
	},
	{
		TBDI_RULE("http.error", HTTP, CRITICAL, "the device API answers with an error"),
		.pub.why =
			"Another status than 200 and 401 came; its meaning and the first line of "
			"the body are shown. ThingsBoard answers 500 with Gson's words to JSON "
			"that it cannot read and without a body when a rate limit is reached or "
			"its core does not answer, 404 when HTTP_ENABLED=false, 408 when an "
			"answer comes too late, 413 to more than 50 MiB; 502, 503 and 504 come "
			"from a proxy. It is also said when the connection was closed before the "
			"answer was complete, or between two requests, although HTTP/1.1 keeps it "
			"open. A 401 with a page or WWW-Authenticate is a proxy's own. "
			"MalformedJsonException at a column beyond what was sent means that the "
			"body arrived as a form (application/x-www-form-urlencoded), which is what "
			"`curl -d` sends without -H 'Content-Type: application/json'. 400 with "
			"the text Bad Request comes from a port that speaks TLS.",
		.pub.fix =
			"The status tells: see the log of ThingsBoard, or of the proxy before it.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS, "closed", "first_bytes", "detail"),
		.group = TBDI_GROUP_HTTP,
		.match = match_http_error,
	},
	{
		TBDI_RULE("http.ok", HTTP, OK, "the access token is accepted"),
		.pub.why = "The device API answered with status 200, as it answers: it knows the "
			   "token. Whether what was written is stored is said by the findings that "
			   "begin with data.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS(ANSWER_KEYS),
		.group = TBDI_GROUP_HTTP,
		.match = match_http_ok,
	},
	{ .pub = { .id = NULL } },
};
