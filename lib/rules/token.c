/* SPDX-License-Identifier: MIT
 *
 * token.c - what may be said of the token, and whether data made the way there and back.
 */
#include "rules/catalogue.h"

/* ---- token ----------------------------------------------------------------------------------- */

const char *tbdi_token_source(const struct tbd_token_info *token)
{
	static const char *const names[][2] = {
		[TBD_TOKEN_FILE] = { "the token file", "the password file" },
		[TBD_TOKEN_STDIN] = { "standard input", "standard input" },
		[TBD_TOKEN_OPTION] = { "the option --token", "the option --password" },
		[TBD_TOKEN_ENVIRONMENT] = { "the variable TBDIAG_TOKEN",
			"the variable TBDIAG_PASSWORD" },
		[TBD_TOKEN_PROMPT] = { "the prompt", "the prompt" },
	};
	TBDI_TABLE_OF(names, TBD_TOKEN_PROMPT);
	return names[token->source][token->is_password];
}

static const char *noun(const struct tbd_token_info *token)
{
	return token->is_password ? "password" : "token";
}

static bool match_missing(const struct tbd_report *report, struct tbdi_draft *draft)
{
	bool asked = report->exchange != NULL || report->api != NULL;
	if (!asked || (report->token != NULL && report->token->len > 0))
		return false;
	const char *source = report->token != NULL ? tbdi_token_source(report->token) : NULL;
	tbdi_draft_summary(draft, "no %s was given%s%s",
		report->token != NULL && report->token->is_password ? "password" : "access token",
		source != NULL ? ", nothing came from " : "", source != NULL ? source : "");
	tbdi_draft_fix(draft,
		"Copy it in ThingsBoard (Devices, the device, Copy access token) into a file that "
		"only you can read:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --token-file token.txt",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report));
	return true;
}

/* What stands at the edge of a token by an accident of copying, in words; NULL: the token's first bad
 * byte is none of that. */
static const char *copying_accident(const struct tbd_token_info *token)
{
	static const char *const accidents[][2] = {
		{ "space", "space" },
		{ "tab", "tab" },
		{ "CR", "carriage return" },
		{ "LF", "line feed" },
		{ "quote", "quotation mark" },
	};
	for (size_t i = 0; token->bad_class != NULL && i < TBDI_COUNT(accidents); i++)
		if (strcmp(token->bad_class, accidents[i][0]) == 0)
			return accidents[i][1];
	return NULL;
}

/* "ends with a line feed", "has a tab as byte 4 of 21" */
static const char *place_text(
	struct tbdi_draft *draft, const struct tbd_token_info *token, const char *what)
{
	if (token->bad_at == 0)
		return tbdi_draft_format(draft, "begins with a %s", what);
	if ((size_t)token->bad_at + 1 == token->len)
		return tbdi_draft_format(draft, "ends with a %s", what);
	return tbdi_draft_format(
		draft, "has a %s as byte %d of %zu", what, token->bad_at + 1, token->len);
}

static bool match_whitespace(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	const char *what = token != NULL ? copying_accident(token) : NULL;
	if (what == NULL)
		return false;
	tbdi_draft_summary(draft, "the %s from %s %s", noun(token), tbdi_token_source(token),
		place_text(draft, token, what));
	bool in_file = token->source == TBD_TOKEN_FILE;
	tbdi_draft_fix(draft, "Remove the %s from %s, and from the device's configuration.%s", what,
		tbdi_token_source(token), in_file ? " In a file named secret.txt:" : "");
	if (in_file)
		tbdi_draft_fix(draft, "  tr -d '%s' < secret.txt > secret-clean.txt",
			token->is_password ? "\\t\\r\\n" : " \\t\\r\\n\"");
	return true;
}

static bool match_malformed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || token->bad_class == NULL || copying_accident(token) != NULL)
		return false;
	const char *source = tbdi_token_source(token);
	if (strcmp(token->bad_class, "length") == 0)
		tbdi_draft_summary(draft, "the %s from %s is too long: %zu bytes", noun(token),
			source, token->len);
	else
		tbdi_draft_summary(draft, "the %s from %s %s", noun(token), source,
			place_text(draft, token,
				tbdi_draft_format(draft, "%s byte", token->bad_class)));
	tbdi_draft_fix(draft, "Copy the %s again, as plain text (no UTF-16, no byte order mark).",
		noun(token));
	if (token->source == TBD_TOKEN_FILE) {
		tbdi_draft_fix(
			draft, "A file named secret.txt can be looked at, not in public, by:");
		tbdi_draft_fix(draft, "  od -c secret.txt");
	}
	return true;
}

static bool match_placeholder(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || !token->is_placeholder)
		return false;
	tbdi_draft_summary(draft, "the token from %s is a placeholder of an example, not a token",
		tbdi_token_source(token));
	tbdi_draft_fix(draft,
		"Put the device's own token into its place (Devices, the device, Copy access "
		"token).");
	return true;
}

static bool match_is_uuid(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || !token->is_uuid)
		return false;
	tbdi_draft_summary(
		draft, "the token from %s has the form of a device id", tbdi_token_source(token));
	tbdi_draft_fix(draft,
		"The device's page has two buttons side by side: take Copy access token, not Copy "
		"device Id.");
	return true;
}

static bool match_is_jwt(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || !token->is_jwt)
		return false;
	bool was_kept = token->bad_class != NULL;
	tbdi_draft_summary(draft, "the token from %s is a JWT, as users of ThingsBoard have it%s",
		tbdi_token_source(token), was_kept ? ", and was not sent" : "");
	if (was_kept)
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_fix(draft,
		"Take the device's own token (Devices, the device, Copy access token). A JWT belongs "
		"into the header X-Authorization of the REST API; whoever has it acts as that user, "
		"so keep it off devices.");
	return true;
}

/* A peer was met that is not verified, or that nobody asked to verify. */
static bool peer_is_unverified(const struct tbd_report *report)
{
	const struct tbd_tls *tls = report->connection != NULL ? report->connection->tls : NULL;
	return report->verification != NULL ? !report->verification->verified
					    : tls != NULL && tls->end == TBD_END_OK;
}

static bool match_unverified_peer(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || token->sent || report->insecure || !peer_is_unverified(report))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(
		draft, "the %s was not sent, because %s could not be verified", noun(token), peer);
	tbdi_draft_fix(draft, "Mend what is wrong with the certificate of %s first:", peer);
	tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
	return true;
}

static bool match_sent_in_clear(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_token_info *token = report->token;
	if (token == NULL || !token->sent || !token->in_clear)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft,
		"the %s went to %s unencrypted: everyone on the way can read and use it",
		noun(token), peer);
	tbdi_draft_text(draft, "transport",
		report->target != NULL ? tbd_scheme_name(report->target->scheme) : NULL);
	if (report->connection == NULL)
		return true;
	/* ThingsBoard's own port of HTTP turns to TLS as a whole; 80 is that of a proxy. */
	const struct tbdi_listener *listener = tbdi_report_listener(report);
	unsigned port = report->connection->port;
	bool same_port = listener->port != 0 && port != tbdi_schemes[TBD_SCHEME_HTTP].port;
	tbdi_draft_fix(draft, "Use TLS (%s on the server%s):", listener->tls,
		same_port ? ", which turns the same port to it" : "");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s",
		same_port ? tbdi_draft_url(draft, report, TBD_SCHEME_HTTPS, port)
			  : tbdi_draft_tls_url(draft, report),
		tbdi_draft_trust_options(draft, report));
	return true;
}

/* ---- data ------------------------------------------------------------------------------------ */

static void latency_evidence(struct tbdi_draft *draft, const struct tbd_report *report)
{
	static const struct {
		const char *step;
		const char *key;
	} latencies[] = {
		{ "connack", "connack_ms" },
		{ "response", "response_ms" },
		{ "puback", "puback_ms" },
		{ "post", "post_ms" },
		{ "visible", "visible_ms" },
		{ "telemetry", "telemetry_ms" },
	};
	for (size_t i = 0; i < report->step_count; i++)
		for (size_t j = 0; j < TBDI_COUNT(latencies); j++)
			if (strcmp(report->steps[i]->name, latencies[j].step) == 0 &&
				report->steps[i]->status != TBD_STEP_TIMEOUT)
				tbdi_draft_number(draft, latencies[j].key,
					report->steps[i]->duration_us / 1000);
}

/* "within 5 s" */
static const char *in_time(struct tbdi_draft *draft, const struct tbd_report *report)
{
	int64_t waited = tbdi_report_waited_ms(report);
	if (waited < 0)
		return "in time";
	return waited < 1000
		? tbdi_draft_format(draft, "within %lld ms", (long long)waited)
		: tbdi_draft_format(draft, "within %lld s", (long long)(waited + 500) / 1000);
}

/* Silence may be slowness: another run with more patience tells. */
static void fix_more_time(struct tbdi_draft *draft, const struct tbd_report *report)
{
	enum { MORE_S = 60 };
	if (report->target == NULL || tbdi_report_waited_ms(report) >= MORE_S * 1000)
		return;
	tbdi_draft_fix(draft, "A busy server answers later: give it more time:");
	tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --timeout %d",
		tbdi_draft_argument(draft, report), tbdi_draft_trust_options(draft, report),
		MORE_S);
}

/* What was written and read, over whatever protocol. */
struct attribute {
	const char *key;
	const char *written;
	const char *read_back;
	unsigned polls;
	bool stale;
	bool read_only;
	size_t telemetry_len;
};

/* Whether a round trip ended so. */
static bool attribute_ended(const struct tbd_report *report, enum tbd_mqtt_end mqtt_end,
	enum tbd_api_end api_end, struct attribute *out)
{
	const struct tbd_exchange *mqtt = tbdi_report_ended(report, mqtt_end);
	const struct tbd_api_exchange *api = report->api;
	if (mqtt != NULL)
		*out = (struct attribute){ mqtt->key, mqtt->written, mqtt->read_back, mqtt->polls,
			mqtt->stale, mqtt->read_only, mqtt->telemetry_len };
	else if (api != NULL && api->end == api_end)
		*out = (struct attribute){ api->key, api->written, api->read_back, api->polls,
			api->stale, api->read_only, api->telemetry_len };
	else
		return false;
	if (out->key == NULL)
		out->key = "?";
	return true;
}

static void attribute_evidence(struct tbdi_draft *draft, const struct attribute *attribute)
{
	tbdi_draft_text(draft, "attribute", attribute->key);
	tbdi_draft_text(draft, "written", attribute->written);
	tbdi_draft_text(draft, "read_back", attribute->read_back);
	if (attribute->polls > 0)
		tbdi_draft_number(draft, "polls", attribute->polls);
}

/* It granted '#'. */
static bool is_general_broker(const struct tbd_exchange *exchange)
{
	return exchange->fingerprint >= 0 && exchange->fingerprint < 0x80;
}

static bool match_no_response(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_NO_RESPONSE);
	if (exchange == NULL)
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s acknowledged the attribute request, but did not answer it %s",
		peer, in_time(draft, report));
	tbdi_draft_text(draft, "attribute", exchange->key);
	latency_evidence(draft, report);
	if (!is_general_broker(exchange))
		fix_more_time(draft, report);
	tbdi_draft_fix(draft,
		is_general_broker(exchange)
			? "%s is a general broker: it acknowledges everything and answers nothing. "
			  "Dial ThingsBoard itself, or see what a bridge between makes of it."
			: "Else: a plain MQTT broker acknowledges everything and answers nothing; "
			  "make sure that %s is ThingsBoard. If it is, its core does not answer the "
			  "transport, which leaves nothing in the log: see whether it is up, and its "
			  "load:",
		peer);
	if (!is_general_broker(exchange))
		tbdi_draft_fix(draft, "  systemctl status thingsboard; uptime");
	return true;
}

/* The same by requests: JSON, but of no attributes. */
static bool match_other_reply(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_api_exchange *api = report->api;
	if (api == NULL || api->end != TBD_API_OTHER_REPLY || api->request_count == 0)
		return false;
	const struct tbd_api_request *request = api->requests[api->request_count - 1];
	if (!tbdi_api_sent_json(request))
		return false;
	const char *peer = tbdi_draft_peer(draft, report);
	tbdi_draft_summary(draft, "%s answered with JSON that holds no attributes%s", peer,
		request->body_cut ? ", and too much of it" : "");
	tbdi_draft_text(draft, "topic", request->url);
	tbdi_draft_text(draft, "payload", request->body);
	tbdi_draft_fix(draft,
		"ThingsBoard answers with an object, whose members client and shared are objects "
		"again: see that %s is ThingsBoard, and what a proxy before it does to answers.",
		peer);
	return true;
}

static bool match_other_response(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_exchange *exchange = tbdi_report_ended(report, TBD_MQTT_OTHER_RESPONSE);
	if (exchange == NULL)
		return match_other_reply(report, draft);
	tbdi_draft_summary(draft, "%s answered with something else than what was asked for",
		tbdi_draft_peer(draft, report));
	tbdi_draft_text(draft, "topic", exchange->response_topic);
	tbdi_draft_text(draft, "payload", exchange->response_payload);
	tbdi_draft_text(draft, "detail", exchange->detail);
	tbdi_draft_fix(draft,
		"See whether a rule chain, a bridge or another client publishes to the topic %s, "
		"and whether the device profile's payload type is JSON.",
		exchange->response_topic != NULL ? exchange->response_topic
						 : "v1/devices/me/attributes/response/1");
	return true;
}

/* With MQTT 3 ThingsBoard acknowledges any topic, so a profile with its own looks the same. False: it is not that. */
static bool fix_topic_or_chain(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const struct tbd_exchange *exchange = report->exchange;
	if (exchange == NULL || strcmp(exchange->mqtt_version, "5") == 0)
		return false;
	bool asked = exchange->explanation != NULL;
	if (asked && exchange->explanation->puback == 0)
		tbdi_draft_fix(draft,
			"With MQTT 5 it takes the topic (reason 0x00): it is the rule chain.");
	if (asked && exchange->explanation->puback >= 0)
		return false;
	tbdi_draft_fix(draft,
		"The device profile may have another topic for attributes (transport type MQTT, MQTT "
		"device topic filters): PUBACK comes for any topic then, and nothing is stored.%s",
		asked ? "" : " MQTT 5 tells it from the rule chain:");
	if (!asked)
		tbdi_draft_fix(draft, "  tbdiag roundtrip %s%s --explain-refusal",
			tbdi_draft_argument(draft, report),
			tbdi_draft_trust_options(draft, report));
	return true;
}

static bool match_not_stored(const struct tbd_report *report, struct tbdi_draft *draft)
{
	struct attribute attribute;
	if (!attribute_ended(report, TBD_MQTT_NOT_STORED, TBD_API_NOT_STORED, &attribute))
		return false;
	tbdi_draft_summary(draft,
		"the attribute %s was acknowledged, but could not be read back %s", attribute.key,
		in_time(draft, report));
	attribute_evidence(draft, &attribute);
	latency_evidence(draft, report);
	fix_more_time(draft, report);
	bool doubtful = fix_topic_or_chain(draft, report);
	tbdi_draft_fix(draft,
		"%s says that the message is in the queue; the rule chain has to save it. In "
		"the device's profile see which rule chain and queue it uses, and in that chain "
		"that 'Post attributes' leads to a node 'Save Client Attributes' that %s passes.",
		doubtful                      ? "Or it is the rule chain: PUBACK"
			: report->api != NULL ? "The status"
					      : "PUBACK",
		attribute.key);
	return true;
}

/* How long after it was acknowledged the value was read, or -1. */
static int64_t visible_ms(const struct tbd_report *report)
{
	for (size_t i = 0; i < report->step_count; i++)
		if (strcmp(report->steps[i]->name, "visible") == 0 &&
			report->steps[i]->status == TBD_STEP_OK)
			return report->steps[i]->duration_us / 1000;
	return -1;
}

/* Every ThingsBoard shows the old value for a while. */
static bool match_stale(const struct tbd_report *report, struct tbdi_draft *draft)
{
	enum { USUAL_MS = 1250 }; /* a second, and until the read after it */
	struct attribute attribute;
	if (!attribute_ended(report, TBD_MQTT_DONE, TBD_API_DONE, &attribute) || !attribute.stale ||
		visible_ms(report) <= USUAL_MS)
		return false;
	tbdi_draft_summary(draft,
		"the attribute %s was read with its old value before the new one, for %.1f s",
		attribute.key, (double)visible_ms(report) / 1000);
	attribute_evidence(draft, &attribute);
	latency_evidence(draft, report);
	tbdi_draft_fix(draft,
		"The server is busy: a ThingsBoard with nothing to do shows a new value after 20 to "
		"80 ms. Look at its load and at the queue of the rule engine; a device is better "
		"off with what it wrote than with what it reads at once.");
	return true;
}

static bool match_data_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	struct attribute attribute;
	if (!attribute_ended(report, TBD_MQTT_DONE, TBD_API_DONE, &attribute) ||
		attribute.read_only)
		return false;
	tbdi_draft_summary(draft, "the attribute %s was written, read back, and is equal%s",
		attribute.key,
		attribute.telemetry_len > 0 ? "; the telemetry was acknowledged" : "");
	attribute_evidence(draft, &attribute);
	latency_evidence(draft, report);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define BAD_BYTE_KEYS TBDI_STRINGS("source", "class", "position", "token_len", "password_len")
#define LATENCY_KEYS \
	"connack_ms", "response_ms", "puback_ms", "visible_ms", "post_ms", "telemetry_ms"
#define ATTRIBUTE_KEYS "attribute", "written", "read_back", "polls"

const struct tbdi_rule tbdi_rules_token[] = {
	{
		TBDI_RULE("token.missing", TOKEN, CRITICAL, "no access token was given"),
		.pub.why = "A round trip needs the access token of a device: ThingsBoard knows a "
			   "device by nothing else. None was given, or what was given is empty. On "
			   "the command line this is an error of usage with exit status 3.",
		.pub.fix = "Give it by --token-file, on standard input, or in TBDIAG_TOKEN.",
		.pub.evidence = TBDI_STRINGS("source"),
		.group = TBDI_GROUP_TOKEN,
		.match = match_missing,
	},
	{
		TBDI_RULE(
			"token.whitespace", TOKEN, CRITICAL, "the token has white space or quotes"),
		.pub.why =
			"The token begins or ends with white space or a quote, or has a tab or a "
			"line end in it: what is left over when a token is copied. ThingsBoard "
			"compares tokens byte by byte and would answer with code 5, which says "
			"nothing of the cause, so it was not sent. One line feed at the end of a "
			"token file is ignored. Position and kind of the byte are shown, never "
			"the token.",
		.pub.fix = "Remove what does not belong to the token.",
		.pub.evidence = BAD_BYTE_KEYS,
		.group = TBDI_GROUP_TOKEN,
		.match = match_whitespace,
	},
	{
		TBDI_RULE("token.is-jwt", TOKEN, WARNING, "the token is a user's JWT"),
		.pub.why = "The token has three parts in base64url, and the first is a JSON object "
			   "that names an algorithm: a JSON Web Token (RFC 7519). That is what "
			   "ThingsBoard gives a user who logs in, and what its REST API wants. A "
			   "device's access token is 20 letters and digits. Critical when it is "
			   "longer than any device token and therefore was not sent.",
		.pub.fix = "Copy the device's access token.",
		.pub.evidence = TBDI_STRINGS("source", "token_len"),
		.group = TBDI_GROUP_TOKEN,
		.match = match_is_jwt,
	},
	{
		TBDI_RULE("token.malformed", TOKEN, CRITICAL, "the token has bytes no token has"),
		.pub.why =
			"The token has a NUL, a control character or a byte outside ASCII, or is "
			"longer than any token. It was not sent. In firmware this is a buffer "
			"that is not terminated, or one that is larger than the token and sent "
			"whole; in a file it is a file of another kind, or one in UTF-16.",
		.pub.fix = "Copy the token again as plain text.",
		.pub.evidence = BAD_BYTE_KEYS,
		.group = TBDI_GROUP_TOKEN,
		.match = match_malformed,
	},
	{
		TBDI_RULE("token.placeholder", TOKEN, WARNING, "the token is a placeholder"),
		.pub.why = "The token is a word from an example: $ACCESS_TOKEN (also when a shell "
			   "variable is not set or stands in single quotes), YOUR_ACCESS_TOKEN, "
			   "ESP32_DEMO_TOKEN and the like. No server knows it.",
		.pub.fix = "Put the device's own token into its place.",
		.pub.evidence = TBDI_STRINGS("source", "token_len"),
		.group = TBDI_GROUP_TOKEN,
		.match = match_placeholder,
	},
	{
		TBDI_RULE("token.is-uuid", TOKEN, WARNING, "the token looks like a device id"),
		.pub.why =
			"The token has the form of a UUID, 8-4-4-4-12 hexadecimal digits. That is "
			"the form of a device's id, which stands on the same page and in its "
			"address. A token that ThingsBoard generates has 20 letters and digits. A "
			"token may be any text, so this is a warning only.",
		.pub.fix = "Copy the access token, not the id.",
		.pub.evidence = TBDI_STRINGS("source", "token_len"),
		.group = TBDI_GROUP_TOKEN,
		.match = match_is_uuid,
	},
	{
		TBDI_RULE("token.unverified-peer", TOKEN, CRITICAL,
			"the token was not sent: the server is not verified"),
		.pub.why =
			"The server's certificate did not pass, so it may be anybody, and whoever "
			"has the token is the device. It was therefore not sent. What did not "
			"pass stands before this finding, or above it.",
		.pub.fix = "Mend the trust first. --insecure sends the token all the same, to "
			   "whoever it is.",
		.pub.evidence = TBDI_STRINGS("peer"),
		.match = match_unverified_peer,
		.causes = TBDI_STRINGS("chain.", "ca.", "name.", "time.", "policy."),
	},
	{
		TBDI_RULE("token.differs-by-transport", TOKEN, CRITICAL,
			"one transport accepts the token, another does not"),
		.pub.why =
			"ThingsBoard knows a device's token over MQTT, HTTP and CoAP alike. Where "
			"only one refuses it (rc 5, 401, 4.01), the ports do not lead to the same "
			"ThingsBoard, or one to another broker or web server. Where MQTT answers "
			"rc 3 or CoAP 5.00, the token is good, but the device profile is of "
			"another transport type: only Default serves all of them, and HTTP does "
			"not look. It is looked for only when several transports are asked for "
			"(--all-transports).",
		.pub.fix = "Set the transport type of the device profile to Default, or see where "
			   "the proxy sends each port.",
		.pub.evidence = TBDI_STRINGS(TBDI_TRANSPORT_KEYS),
		.match_set = tbdi_match_differs_by_transport,
	},
	{
		TBDI_RULE("token.sent-in-clear", TOKEN, WARNING, "the token travelled unencrypted"),
		.pub.why =
			"A scheme without TLS was asked for by name, so the token went over the "
			"network in clear: on port 1883 it is the user name of CONNECT. Everyone "
			"on the way can read it and act as this device from then on.",
		.pub.fix =
			"Use mqtts and port 8883. Give the device a new token if it was in clear "
			"before.",
		.pub.evidence = TBDI_STRINGS("peer", "transport"),
		.match = match_sent_in_clear,
	},
	{
		TBDI_RULE(
			"data.no-response", DATA, CRITICAL, "no response to the attribute request"),
		.pub.why = "The request for attributes was acknowledged, but no message came on "
			   "v1/devices/me/attributes/response/. ThingsBoard answers every such "
			   "request, with {} if there is nothing to tell, unless reading failed "
			   "inside, which leaves nothing in its log. Another broker acknowledges "
			   "too and answers never.",
		.pub.fix = "Make sure that the peer is ThingsBoard; then look at its core.",
		.pub.evidence = TBDI_STRINGS("peer", ATTRIBUTE_KEYS, LATENCY_KEYS, "waited_ms"),
		.group = TBDI_GROUP_DATA,
		.match = match_no_response,
	},
	{
		TBDI_RULE("data.other-response", DATA, CRITICAL,
			"the response is not the one asked for"),
		.pub.why =
			"A message came, but with another request id, or with a body that is not "
			"the JSON object ThingsBoard sends ({} or {\"client\":{...}}). Topic and "
			"body are shown. A profile with payload type Protobuf answers in Protobuf.",
		.pub.fix = "Look for who else publishes there, and at the payload type of the "
			   "profile.",
		.pub.evidence = TBDI_STRINGS("topic", "payload", "detail"),
		.group = TBDI_GROUP_DATA,
		.match = match_other_response,
	},
	{
		TBDI_RULE("data.not-stored", DATA, CRITICAL, "what was written is not stored"),
		.pub.why =
			"An attribute was written and acknowledged, but could not be read back as "
			"long as was waited. A PUBACK only says that the message is in the "
			"server's queue (with MQTT 3 also for a topic that the device profile has "
			"replaced by its own); it is the rule chain that saves it. A chain that "
			"filters, fails or does not save client attributes, another queue in the "
			"device profile, or a rule engine that is stuck leave the device with the "
			"belief that all is well.",
		.pub.fix = "Look at the rule chain of the device's profile, and at its events.",
		.pub.evidence = TBDI_STRINGS(ATTRIBUTE_KEYS, LATENCY_KEYS, "waited_ms"),
		.group = TBDI_GROUP_DATA,
		.match = match_not_stored,
		.causes = TBDI_STRINGS("mqtt.own-topics"),
	},
	{
		TBDI_RULE("data.stale", DATA, WARNING, "the old value is read for long"),
		.pub.why =
			"Reading after writing returned the old value for more than a second. "
			"Writing goes through the queue of the rule engine, reading through the "
			"core, so every ThingsBoard shows the old value for a while: 20 to 80 ms "
			"where there is nothing to do, and that is no finding. Seconds mean load. "
			"It matters for a device that relies on reading what it just wrote.",
		.pub.fix = "Look at the server's load; let the device wait or poll.",
		.pub.evidence = TBDI_STRINGS(ATTRIBUTE_KEYS, LATENCY_KEYS),
		.group = TBDI_GROUP_DATA,
		.match = match_stale,
	},
	{
		TBDI_RULE("data.ok", DATA, OK, "written, stored and read back"),
		.pub.why =
			"An attribute was written, acknowledged, stored, and read back with the "
			"same value: the whole way works. How long each part took is shown; visible_ms is "
			"from the acknowledgement until the value was read (some 50 ms are usual).",
		.pub.fix = "Nothing to do.",
		.pub.evidence = TBDI_STRINGS(ATTRIBUTE_KEYS, LATENCY_KEYS),
		.group = TBDI_GROUP_DATA,
		.match = match_data_ok,
	},
	{ .pub = { .id = NULL } },
};
