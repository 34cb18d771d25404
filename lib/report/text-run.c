/* SPDX-License-Identifier: MIT
 *
 * text-run.c - how it was found out, for a person: connection, times, environment.
 */
#include "report/view.h"

#include "base/rfc3339.h"

static void print_attempt(
	struct tbdi_view *view, const char *label, const struct tbd_attempt *attempt)
{
	const char *outcome = attempt->connected ? "connected"
		: attempt->abandoned             ? "abandoned"
		: attempt->detail != NULL        ? attempt->detail
						 : "failed";
	tbdi_view_format(view, 2, label, "%s%s%s:%u: %s, %s", TBDI_HOST(attempt->address),
		attempt->port, outcome, tbdi_duration(attempt->duration_us).text);
}

static void print_attempts(struct tbdi_view *view, const struct tbd_connection *connection)
{
	if (!view->verbose) {
		if (connection->used != NULL && tbdi_view_is_full(view))
			print_attempt(view, "address", connection->used);
		return;
	}
	for (size_t i = 0; i < connection->attempt_count; i++)
		print_attempt(view, "attempt", connection->attempts[i]);
	for (size_t i = 0; i < connection->neighbour_count; i++)
		print_attempt(view, "neighbour", connection->neighbours[i]);
}

static void print_proxy(struct tbdi_view *view, const struct tbd_proxy *proxy)
{
	tbdi_view_format(view, 2, "proxy", "%s://%s%s%s:%u%s: %s%s%s", proxy->protocol,
		TBDI_HOST(proxy->host), proxy->port,
		proxy->with_credentials ? ", with credentials" : "", tbd_end_name(proxy->end),
		TBDI_AFTER(", ", proxy->detail));
}

/* How TLS ended, where it did not go well. */
static const char *end_words(enum tbd_end end)
{
	static const char *const words[] = { [TBD_END_NONE] = NULL,
		[TBD_END_OK] = NULL,
		[TBD_END_TIMEOUT] = "no answer in time",
		[TBD_END_CLOSED] = "the server closed the connection",
		[TBD_END_RESET] = "the server reset the connection",
		[TBD_END_ALERT] = "the server refused, by an alert",
		[TBD_END_VERSION] = "no version that both sides speak",
		[TBD_END_REFUSED] = "ended by tbdiag: the server is not verified",
		[TBD_END_PROTOCOL] = "what came is not TLS, or breaks it",
		[TBD_END_ERROR] = "failed",
		[TBD_END_CIPHER] = "the server chose what is not acceptable" };
	TBDI_TABLE_OF(words, TBD_END_CIPHER);
	return words[end];
}

static void print_tls_details(struct tbdi_view *view, const struct tbd_tls *tls)
{
	tbdi_view_field(view, 2, "last in", tls->last_message);
	if (tls->alert_sent >= 0)
		tbdi_view_format(view, 2, "alert sent", "%d", tls->alert_sent);
	tbdi_view_field(view, 2, "client cert",
		tls->client_cert_sent                 ? "asked for and sent"
			: !tls->client_cert_requested ? "not asked for"
			: tls->client_cert != NULL    ? "asked for, but not of the kind given"
						      : "asked for");
}

static void print_tls(struct tbdi_view *view, const struct tbd_tls *tls)
{
	if (tbdi_view_is_full(view) || tls->sni == NULL ||
		strcmp(tls->sni, view->report->connection->host) != 0)
		tbdi_view_field(view, 2, "server name", tbdi_or_else(tls->sni, "(none sent)"));
	if (tls->version != NULL && tls->cipher_suite != NULL)
		tbdi_view_format(view, 2, "TLS", "%s %s%s%s", tls->version, tls->cipher_suite,
			TBDI_AFTER(" ", tls->group));
	tbdi_view_field(view, 2, "ALPN", tls->alpn);
	if (tls->alert >= 0)
		tbdi_view_format(view, 2, "alert", "%d %s from the peer", tls->alert,
			tbdi_or_else(tls->alert_name, ""));
	tbdi_view_field(view, 2, "TLS end", end_words(tls->end));
	tbdi_view_field(view, 2, "detail", tls->detail);
	tbdi_view_field(view, 2, "first bytes", tls->first_bytes);
	if (view->verbose)
		print_tls_details(view, tls);
}

static void print_plain(struct tbdi_view *view, const char *label, const struct tbd_plain *plain)
{
	if (plain->connack >= 0)
		tbdi_view_format(
			view, 2, label, "CONNACK %d %s", plain->connack, plain->connack_name);
	else if (plain->first_bytes != NULL)
		tbdi_view_field(view, 2, label, plain->first_bytes);
	else
		tbdi_view_format(view, 2, label, "no answer: %s",
			tbdi_or_else(end_words(plain->end), tbd_end_name(plain->end)));
}

/* "TLS1.2 ECDHE_ECDSA_AES_256_GCM_SHA384 X25519, the same chain", "alert, CN=other (not verified)" */
static void print_other_chain(
	struct tbdi_view *view, const char *label, const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	bool agreed = tls->end == TBD_END_OK && tls->version != NULL;
	const char *chain = other->same_chain ? "the same chain"
		: other->chain->count > 0     ? tbdi_subject_of(other->chain->certs[0])
					      : "no certificate";
	tbdi_view_format(view, 2, label, "%s%s%s%s%s, %s%s",
		agreed ? tls->version : tbdi_or_else(end_words(tls->end), tbd_end_name(tls->end)),
		TBDI_AFTER(" ", agreed ? tls->cipher_suite : NULL),
		TBDI_AFTER(" ", agreed ? tls->group : NULL), chain,
		other->verified == TBD_ANSWER_NO            ? " (not verified)"
			: other->verified == TBD_ANSWER_YES ? " (verified)"
							    : "");
}

static void print_other(
	struct tbdi_view *view, const char *label, const struct tbd_other_handshake *other)
{
	const struct tbd_tls *tls = other->tls;
	if (tls == NULL)
		tbdi_view_field(view, 2, label, "not connected");
	else if (other->same_chain || other->chain != NULL)
		print_other_chain(view, label, other);
	else if (tls->alert >= 0)
		tbdi_view_format(view, 2, label, "alert %d %s", tls->alert,
			tbdi_or_else(tls->alert_name, ""));
	else
		tbdi_view_field(view, 2, label, tbd_end_name(tls->end));
}

/* With a header of the PROXY protocol, or without, and the other way round. */
static void print_headers(struct tbdi_view *view, const struct tbd_connection *connection)
{
	const char *label = connection->proxy_protocol == NULL ? "with PROXY" : "without it";
	if (connection->proxy_protocol != NULL)
		tbdi_view_field(view, 2, "PROXY", connection->proxy_protocol);
	if (connection->header_handshake != NULL)
		print_other(view, label, connection->header_handshake);
	if (connection->header_plain != NULL)
		print_plain(view, label, connection->header_plain);
}

static void print_datagrams(struct tbdi_view *view, const struct tbd_datagrams *seen)
{
	tbdi_view_format(view, 2, "datagrams",
		"%u sent, %u received, %u and %u of them again, up to %zu bytes%s", seen->sent,
		seen->received, seen->sent_again, seen->received_again,
		seen->largest_sent > seen->largest_received ? seen->largest_sent
							    : seen->largest_received,
		seen->small ? "; small ones were asked for" : "");
}

static void print_token(struct tbdi_view *view)
{
	static const char *const sources[] = { [TBD_TOKEN_FILE] = "a file",
		[TBD_TOKEN_STDIN] = "standard input",
		[TBD_TOKEN_OPTION] = "the command line",
		[TBD_TOKEN_ENVIRONMENT] = "the environment",
		[TBD_TOKEN_PROMPT] = "the prompt" };
	TBDI_TABLE_OF(sources, TBD_TOKEN_PROMPT);
	const struct tbd_token_info *token = view->report->token;
	if (token != NULL)
		tbdi_view_format(view, 2, "token", "from %s, %zu bytes, %s", sources[token->source],
			token->len,
			!token->sent              ? "not sent"
				: token->in_clear ? "sent in clear"
						  : "sent");
}

static const char *status_words(enum tbd_step_status status)
{
	static const char *const words[] = { [TBD_STEP_OK] = "",
		[TBD_STEP_FAILED] = " (failed)",
		[TBD_STEP_TIMEOUT] = " (no answer in time)",
		[TBD_STEP_SKIPPED] = " (skipped)" };
	TBDI_TABLE_OF(words, TBD_STEP_SKIPPED);
	return words[status];
}

/* Steps whose names say less to a person than to a program. */
static const char *step_words(const char *name)
{
	static const struct {
		const char *name, *words;
	} known[] = {
		{ "second", "second connection" },
		{ "limits", "limits asked for" },
		{ "rpc", "call waited for" },
		{ "rpc-answer", "call answered" },
		{ "fingerprint", "'#' asked for" },
		{ "explain", "asked for the reason" },
	};
	for (size_t i = 0; i < TBDI_COUNT(known); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].words;
	return name;
}

/* "dns 1.2 ms, tcp 0.4 ms, tls 12.3 ms" */
static void print_times(struct tbdi_view *view)
{
	struct tbdi_joined joined;
	if (!tbdi_join_begin(view, &joined))
		return;
	for (size_t i = 0; i < view->report->step_count; i++) {
		const struct tbd_step *step = view->report->steps[i];
		fprintf(joined.stream, "%s%s %s%s", i > 0 ? ", " : "", step_words(step->name),
			tbdi_duration(step->duration_us).text, status_words(step->status));
	}
	tbdi_join_end(view, 2, "times", &joined);
}

static void print_steps(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	if (report->step_count == 0)
		return;
	print_times(view);
	if (!view->verbose)
		return;
	tbdi_view_heading(view, "Steps");
	for (size_t i = 0; i < report->step_count; i++) {
		const struct tbd_step *step = report->steps[i];
		tbdi_view_format(view, 2, step->name, "at %s, took %s%s%s%s",
			tbdi_duration(step->start_us).text, tbdi_duration(step->duration_us).text,
			status_words(step->status), TBDI_AFTER(": ", step->detail));
	}
}

/* What was spoken with, and where. */
static void print_target(struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_connection *connection = report->connection;
	const struct tbd_attempt *used = connection != NULL ? connection->used : NULL;
	if (report->target == NULL)
		return;
	if (used == NULL || tbdi_view_is_full(view))
		tbdi_view_field(view, 2, "target", report->target->url);
	else
		tbdi_view_format(view, 2, "target", "%s at %s", report->target->url, used->address);
}

static void print_connection(struct tbdi_view *view, const struct tbd_connection *connection)
{
	if (connection->redirected)
		tbdi_view_format(
			view, 2, "connect to", "%s, port %u", connection->host, connection->port);
	print_attempts(view, connection);
	if (connection->proxy != NULL)
		print_proxy(view, connection->proxy);
	if (connection->tls != NULL)
		print_tls(view, connection->tls);
	if (connection->plain != NULL)
		print_plain(view, "in clear", connection->plain);
	print_headers(view, connection);
	if (connection->other_version != NULL)
		print_other(view, "other TLS", connection->other_version);
	if (connection->tls12 != NULL)
		print_other(view, "TLS 1.2", connection->tls12);
	if (connection->as_device != NULL)
		print_other(view, "as device", connection->as_device);
	if (connection->without_sni != NULL)
		print_other(view, "without name", connection->without_sni);
	if (connection->with_sni != NULL)
		print_other(view, "with name", connection->with_sni);
	if (connection->with_alpn != NULL)
		print_other(view, "with ALPN", connection->with_alpn);
	if (connection->own_port != NULL)
		print_other(view, "own port", connection->own_port);
	if (view->verbose && connection->datagrams != NULL)
		print_datagrams(view, connection->datagrams);
}

/* Where the certificates are to blame the connection was fine, unless it has more to tell. */
static bool is_run_of_interest(const struct tbdi_view *view)
{
	const struct tbd_report *report = view->report;
	const struct tbd_connection *connection = report->connection;
	if (tbdi_view_is_full(view) || !tbdi_view_blames_chain(view) || report->time_given)
		return true;
	return connection != NULL &&
		(connection->redirected || connection->proxy != NULL || connection->plain != NULL ||
			connection->other_version != NULL || connection->without_sni != NULL ||
			connection->with_sni != NULL || connection->with_alpn != NULL);
}

void tbdi_view_run(struct tbdi_view *view)
{
	if (!is_run_of_interest(view))
		return;
	const struct tbd_report *report = view->report;
	char time[TBDI_RFC3339_SIZE];
	tbdi_view_heading(view, "Run");
	print_target(view);
	tbdi_view_format(view, 2, "judged at", "%s%s", tbdi_rfc3339(report->time, time),
		report->time_given ? " (--at)" : "");
	if (report->connection != NULL)
		print_connection(view, report->connection);
	print_token(view);
	print_steps(view);
}

/* ---- the environment -------------------------------------------------------------------------- */

/* The first word is the command, which may be two. */
static void print_command_line(struct tbdi_view *view, const char *const *words)
{
	struct tbdi_joined joined;
	if (*words == NULL || !tbdi_join_begin(view, &joined))
		return;
	fputs(*words, joined.stream);
	while (*++words != NULL) {
		putc(' ', joined.stream);
		tbdi_put_shell_word(joined.stream, *words);
	}
	tbdi_join_end(view, 2, "command", &joined);
}

static void print_component(struct tbdi_view *view, const struct tbd_component *component)
{
	if (component->version != NULL)
		tbdi_view_field(view, 2, component->name, component->version);
	else
		tbdi_view_format(view, 2, component->name, "missing%s%s",
			TBDI_AFTER(": it is in the package ", component->package));
}

static void print_clock(struct tbdi_view *view, const struct tbd_environment *environment)
{
	int minutes = abs(environment->utc_offset_s) / 60;
	char clock[TBDI_RFC3339_SIZE];
	tbdi_view_format(view, 2, "clock", "%s, %s", tbdi_rfc3339(view->report->clock, clock),
		environment->clock_synchronised ? "synchronised" : "not known to be synchronised");
	tbdi_view_format(view, 2, "time zone", "UTC%c%02d:%02d%s%s%s",
		environment->utc_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60,
		TBDI_ASIDE(environment->time_zone));
}

static void print_digests(struct tbdi_view *view)
{
	const struct tbd_trust_info *trust = view->report->trust;
	for (size_t i = 0; trust != NULL && i < trust->source_count; i++) {
		if (trust->sources[i]->sha256 == NULL)
			continue;
		tbdi_view_field(view, 2, "trust file", trust->sources[i]->path);
		tbdi_view_field(view, 2, "  SHA-256", trust->sources[i]->sha256);
	}
}

void tbdi_view_environment(struct tbdi_view *view)
{
	const struct tbd_environment *environment = view->report->environment;
	if (environment == NULL)
		return;
	tbdi_view_heading(view, "Environment");
	print_command_line(view, environment->command_line);
	tbdi_view_field(view, 2, "tbdiag", view->report->version);
	for (size_t i = 0; i < environment->component_count; i++)
		print_component(view, &environment->components[i]);
	tbdi_view_field(view, 2, "system", environment->system);
	tbdi_view_field(view, 2, "kernel", environment->kernel);
	print_clock(view, environment);
	tbdi_view_joined(view, 2, "nameservers", environment->nameservers);
	tbdi_view_field(view, 2, "hosts from", environment->hosts_lookup);
	print_digests(view);
}
