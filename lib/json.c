/* SPDX-License-Identifier: MIT
 *
 * json.c - the report as JSON, key by key as tools/schema/tbdiag-report.schema.json describes it.
 *
 * Keys are the names of the fields; what is not there is null, what has no elements an empty array, so
 * that every key is always present. A certificate is written once, where it belongs; elsewhere a
 * reference (origin, index, subject) stands for it.
 */
#include "common.h"

#include "rfc3339.h"

#include <jansson.h>

/* Out of memory is remembered by whoever adds the value to its object or array. */
struct writer {
	const struct tbd_report *report;
	bool failed;
};

static void put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		writer->failed = true;
}

static void append(struct writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		writer->failed = true;
}

static void put_text(struct writer *writer, json_t *object, const char *key, const char *text)
{
	put(writer, object, key, text != NULL ? json_string(text) : json_null());
}

static void put_int(struct writer *writer, json_t *object, const char *key, int64_t number)
{
	put(writer, object, key, json_integer((json_int_t)number));
}

static void put_bool(struct writer *writer, json_t *object, const char *key, bool value)
{
	put(writer, object, key, json_boolean(value));
}

/* A number of which -1 means that there is none. */
static void put_optional(struct writer *writer, json_t *object, const char *key, int number)
{
	put(writer, object, key, number >= 0 ? json_integer(number) : json_null());
}

static void put_time(struct writer *writer, json_t *object, const char *key, int64_t seconds)
{
	char text[TBDI_RFC3339_SIZE];
	put_text(writer, object, key, tbdi_rfc3339(seconds, text));
}

/* strings may be NULL: none. */
static void put_strings(
	struct writer *writer, json_t *object, const char *key, const char *const *strings)
{
	json_t *array = json_array();
	for (; strings != NULL && *strings != NULL; strings++)
		append(writer, array, json_string(*strings));
	put(writer, object, key, array);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static const char *origin_name(enum tbd_origin origin)
{
	static const char *const names[] = {
		[TBD_ORIGIN_SENT] = "sent",
		[TBD_ORIGIN_FILE] = "file",
		[TBD_ORIGIN_TRUST] = "trust",
	};
	return names[origin];
}

static json_t *cert_reference(struct writer *writer, const struct tbd_cert *cert)
{
	if (cert == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "origin", origin_name(cert->origin));
	put_int(writer, object, "index", (int64_t)cert->index);
	put_text(writer, object, "subject", cert->error == NULL ? cert->subject : NULL);
	return object;
}

static json_t *names_json(struct writer *writer, const struct tbd_cert *cert)
{
	static const char *const types[] = {
		[TBD_NAME_DNS] = "dns",
		[TBD_NAME_IP] = "ip",
		[TBD_NAME_EMAIL] = "email",
		[TBD_NAME_URI] = "uri",
		[TBD_NAME_OTHER] = "other",
	};
	json_t *array = json_array();
	for (size_t i = 0; i < cert->name_count; i++) {
		json_t *name = json_object();
		put_text(writer, name, "type", types[cert->names[i].type]);
		put_text(writer, name, "value", cert->names[i].value);
		append(writer, array, name);
	}
	return array;
}

static void put_validity(struct writer *writer, json_t *object, const struct tbd_cert *cert)
{
	int64_t left = cert->not_after - writer->report->time;
	put_time(writer, object, "not_before", cert->not_before);
	put_time(writer, object, "not_after", cert->not_after);
	/* Whole days: 0 is the last one, negative is past. */
	put_int(writer, object, "days_left", left / 86400 - (left % 86400 < 0));
}

static void put_key(struct writer *writer, json_t *object, const struct tbd_cert *cert)
{
	put_text(writer, object, "key_algorithm", cert->key_algorithm);
	put_text(writer, object, "key_curve", cert->key_curve);
	put_int(writer, object, "key_bits", cert->key_bits);
	put_text(writer, object, "signature_algorithm", cert->signature_algorithm);
	put_text(writer, object, "signature_hash", cert->signature_hash);
	put_text(writer, object, "spki_sha256", cert->spki_sha256);
	put_text(writer, object, "subject_key_id", cert->subject_key_id);
	put_text(writer, object, "authority_key_id", cert->authority_key_id);
}

/* null: the extension is not there, which is not the same as an empty one. */
static void put_extension(struct writer *writer, json_t *object, const char *key, bool present,
	const char *const *values)
{
	if (present)
		put_strings(writer, object, key, values);
	else
		put(writer, object, key, json_null());
}

static void put_extensions(struct writer *writer, json_t *object, const struct tbd_cert *cert)
{
	put(writer, object, "names", names_json(writer, cert));
	put_bool(writer, object, "has_basic_constraints", cert->has_basic_constraints);
	put_bool(writer, object, "is_ca", cert->is_ca);
	put_optional(writer, object, "path_length", cert->path_length);
	put_extension(writer, object, "key_usage", cert->has_key_usage, cert->key_usage);
	put_extension(writer, object, "purposes", cert->has_purposes, cert->purposes);
	put_strings(writer, object, "aia_issuers", cert->aia_issuers);
	put_strings(writer, object, "ocsp_servers", cert->ocsp_servers);
	put_strings(writer, object, "crl_points", cert->crl_points);
	put_strings(writer, object, "unknown_critical", cert->unknown_critical);
	put_bool(writer, object, "has_name_constraints", cert->has_name_constraints);
}

static json_t *cert_json(struct writer *writer, const struct tbd_cert *cert)
{
	json_t *object = json_object();
	put_text(writer, object, "origin", origin_name(cert->origin));
	put_int(writer, object, "index", (int64_t)cert->index);
	put_text(writer, object, "file", cert->file);
	put_int(writer, object, "entry", (int64_t)cert->entry);
	put_int(writer, object, "offset", (int64_t)cert->offset);
	put_text(writer, object, "sha256", cert->sha256);
	put_text(writer, object, "error", cert->error);
	if (cert->error != NULL)
		return object;
	put_int(writer, object, "version", cert->version);
	put_text(writer, object, "subject", cert->subject);
	put_text(writer, object, "issuer", cert->issuer);
	put_text(writer, object, "common_name", cert->common_name);
	put_text(writer, object, "serial", cert->serial);
	put_validity(writer, object, cert);
	put_key(writer, object, cert);
	put_extensions(writer, object, cert);
	put_bool(writer, object, "self_issued", cert->self_issued);
	put_bool(writer, object, "self_signed", cert->self_signed);
	return object;
}

static json_t *certs_json(struct writer *writer, const struct tbd_cert *const *certs, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		append(writer, array, cert_json(writer, certs[i]));
	return array;
}

/* ---- what was seen --------------------------------------------------------------------------- */

static json_t *target_json(struct writer *writer, const struct tbd_target *target)
{
	if (target == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "scheme", tbd_scheme_name(target->scheme));
	put_bool(writer, object, "tls", target->tls);
	put_bool(writer, object, "is_address", target->is_address);
	put_text(writer, object, "host", target->host);
	put_int(writer, object, "port", target->port);
	put_text(writer, object, "url", target->url);
	return object;
}

static json_t *resolution_json(struct writer *writer, const struct tbd_resolution *resolution)
{
	if (resolution == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "name", resolution->name);
	put_int(writer, object, "family", resolution->family);
	put_text(writer, object, "end", tbd_end_name(resolution->end));
	put_int(writer, object, "error", resolution->error);
	put_text(writer, object, "detail", resolution->detail);
	put_strings(writer, object, "addresses", resolution->addresses);
	return object;
}

static json_t *attempts_json(
	struct writer *writer, const struct tbd_attempt *const *attempts, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();
		put_text(writer, object, "address", attempts[i]->address);
		put_int(writer, object, "port", attempts[i]->port);
		put_int(writer, object, "start_us", attempts[i]->start_us);
		put_int(writer, object, "duration_us", attempts[i]->duration_us);
		put_bool(writer, object, "connected", attempts[i]->connected);
		put_bool(writer, object, "abandoned", attempts[i]->abandoned);
		put_int(writer, object, "error", attempts[i]->error);
		put_text(writer, object, "detail", attempts[i]->detail);
		append(writer, array, object);
	}
	return array;
}

/* The index of the attempt that connected. */
static json_t *used_json(const struct tbd_connection *connection)
{
	for (size_t i = 0; i < connection->attempt_count; i++)
		if (connection->attempts[i] == connection->used)
			return json_integer((json_int_t)i);
	return json_null();
}

static json_t *tls_json(struct writer *writer, const struct tbd_tls *tls)
{
	if (tls == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "end", tbd_end_name(tls->end));
	put_text(writer, object, "sni", tls->sni);
	put_text(writer, object, "version", tls->version);
	put_text(writer, object, "cipher_suite", tls->cipher_suite);
	put_text(writer, object, "group", tls->group);
	put_text(writer, object, "last_message", tls->last_message);
	put_int(writer, object, "bytes_in", (int64_t)tls->bytes_in);
	put_optional(writer, object, "alert", tls->alert);
	put_text(writer, object, "alert_name", tls->alert_name);
	put_optional(writer, object, "alert_sent", tls->alert_sent);
	put_bool(writer, object, "close_notify", tls->close_notify);
	put_bool(writer, object, "client_cert_requested", tls->client_cert_requested);
	put_text(writer, object, "wanted_version", tls->wanted_version);
	put_text(writer, object, "detail", tls->detail);
	put_text(writer, object, "first_bytes", tls->first_bytes);
	return object;
}

static json_t *connection_json(struct writer *writer, const struct tbd_connection *connection)
{
	if (connection == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "host", connection->host);
	put_int(writer, object, "port", connection->port);
	put_bool(writer, object, "redirected", connection->redirected);
	put(writer, object, "resolution", resolution_json(writer, connection->resolution));
	put(writer, object, "attempts",
		attempts_json(writer, connection->attempts, connection->attempt_count));
	put(writer, object, "used", used_json(connection));
	put(writer, object, "neighbours",
		attempts_json(writer, connection->neighbours, connection->neighbour_count));
	put_text(writer, object, "tcp", tbd_end_name(connection->tcp));
	put(writer, object, "tls", tls_json(writer, connection->tls));
	put_int(writer, object, "timeout_ms", connection->timeout_ms);
	return object;
}

static json_t *steps_json(struct writer *writer)
{
	static const char *const status[] = {
		[TBD_STEP_OK] = "ok",
		[TBD_STEP_FAILED] = "failed",
		[TBD_STEP_TIMEOUT] = "timeout",
		[TBD_STEP_SKIPPED] = "skipped",
	};
	json_t *array = json_array();
	for (size_t i = 0; i < writer->report->step_count; i++) {
		const struct tbd_step *step = writer->report->steps[i];
		json_t *object = json_object();
		put_text(writer, object, "name", step->name);
		put_text(writer, object, "status", status[step->status]);
		put_int(writer, object, "start_us", step->start_us);
		put_int(writer, object, "duration_us", step->duration_us);
		put_text(writer, object, "detail", step->detail);
		append(writer, array, object);
	}
	return array;
}

static json_t *chain_json(struct writer *writer, const struct tbd_chain *chain)
{
	if (chain == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "file", chain->file);
	put_int(writer, object, "message_len", (int64_t)chain->message_len);
	put(writer, object, "certs", certs_json(writer, chain->certs, chain->count));
	put_bool(writer, object, "truncated", chain->truncated);
	return object;
}

static json_t *source_json(struct writer *writer, const struct tbd_trust_source *source)
{
	static const char *const kinds[] = {
		[TBD_SOURCE_FILE] = "file",
		[TBD_SOURCE_DIR] = "dir",
		[TBD_SOURCE_SYSTEM] = "system",
	};
	json_t *object = json_object();
	put_text(writer, object, "kind", kinds[source->kind]);
	put_text(writer, object, "path", source->path);
	put_text(writer, object, "error", source->error);
	put_int(writer, object, "cert_count", (int64_t)source->cert_count);
	put_text(writer, object, "holds", source->holds);
	return object;
}

static json_t *trust_json(struct writer *writer, const struct tbd_trust_info *trust)
{
	if (trust == NULL)
		return json_null();
	json_t *object = json_object();
	json_t *sources = json_array();
	for (size_t i = 0; i < trust->source_count; i++)
		append(writer, sources, source_json(writer, trust->sources[i]));
	put(writer, object, "sources", sources);
	put_int(writer, object, "cert_count", (int64_t)trust->cert_count);
	put(writer, object, "certs", certs_json(writer, trust->certs, trust->shown_count));
	return object;
}

static json_t *path_json(struct writer *writer, const struct tbd_path *path)
{
	if (path == NULL)
		return json_null();
	json_t *object = json_object();
	json_t *certs = json_array();
	for (size_t i = 0; i < path->count; i++)
		append(writer, certs, cert_reference(writer, path->certs[i]));
	bool sound = path->fault == TBD_FAULT_NONE;
	put(writer, object, "certs", certs);
	put_bool(writer, object, "anchored", path->anchored);
	put_text(writer, object, "fault", tbd_fault_name(path->fault));
	put_optional(writer, object, "fault_at", sound ? -1 : (int)path->fault_at);
	return object;
}

static json_t *verification_json(struct writer *writer, const struct tbd_verification *verification)
{
	if (verification == NULL)
		return json_null();
	json_t *object = json_object();
	json_t *paths = json_array();
	for (size_t i = 0; i < verification->path_count; i++)
		append(writer, paths, path_json(writer, verification->paths[i]));
	put_bool(writer, object, "verified", verification->verified);
	put_text(writer, object, "name", verification->name);
	put_bool(writer, object, "name_is_address", verification->name_is_address);
	put_text(writer, object, "name_match", tbd_name_match_name(verification->name_match));
	put_text(writer, object, "name_entry", verification->name_entry);
	put(writer, object, "path", path_json(writer, verification->path));
	put(writer, object, "paths", paths);
	put_bool(writer, object, "paths_cut", verification->paths_cut);
	put_optional(writer, object, "warn_days", verification->warn_days);
	put_optional(writer, object, "crit_days", verification->crit_days);
	return object;
}

static json_t *token_json(struct writer *writer, const struct tbd_token_info *token)
{
	static const char *const sources[] = {
		[TBD_TOKEN_FILE] = "file",
		[TBD_TOKEN_STDIN] = "stdin",
		[TBD_TOKEN_OPTION] = "option",
		[TBD_TOKEN_ENVIRONMENT] = "environment",
		[TBD_TOKEN_PROMPT] = "prompt",
	};
	if (token == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "source", sources[token->source]);
	put_int(writer, object, "len", (int64_t)token->len);
	put_bool(writer, object, "sent", token->sent);
	put_bool(writer, object, "in_clear", token->in_clear);
	put_optional(writer, object, "bad_at", token->bad_at);
	put_text(writer, object, "bad_class", token->bad_class);
	put_bool(writer, object, "is_uuid", token->is_uuid);
	put_bool(writer, object, "is_placeholder", token->is_placeholder);
	return object;
}

static json_t *packets_json(struct writer *writer, const struct tbd_exchange *exchange)
{
	json_t *array = json_array();
	for (size_t i = 0; i < exchange->packet_count; i++) {
		const struct tbd_packet *packet = exchange->packets[i];
		json_t *object = json_object();
		put_int(writer, object, "time_us", packet->time_us);
		put_bool(writer, object, "sent", packet->sent);
		put_text(writer, object, "type", packet->type);
		put_int(writer, object, "len", (int64_t)packet->len);
		put_text(writer, object, "detail", packet->detail);
		append(writer, array, object);
	}
	return array;
}

static json_t *exchange_json(struct writer *writer, const struct tbd_exchange *exchange)
{
	if (exchange == NULL)
		return json_null();
	json_t *object = json_object();
	put_text(writer, object, "end", tbd_mqtt_end_name(exchange->end));
	put_bool(writer, object, "read_only", exchange->read_only);
	put_text(writer, object, "library", exchange->library);
	put_optional(writer, object, "connack", exchange->connack);
	put_text(writer, object, "connack_name", exchange->connack_name);
	put_optional(writer, object, "suback", exchange->suback);
	put_text(writer, object, "response_topic", exchange->response_topic);
	put_text(writer, object, "response_payload", exchange->response_payload);
	put_text(writer, object, "key", exchange->key);
	put_text(writer, object, "written", exchange->written);
	put_text(writer, object, "read_back", exchange->read_back);
	put_bool(writer, object, "stale", exchange->stale);
	put_int(writer, object, "polls", exchange->polls);
	put_text(writer, object, "closed", tbd_end_name(exchange->closed));
	put_text(writer, object, "first_bytes", exchange->first_bytes);
	put_text(writer, object, "detail", exchange->detail);
	put(writer, object, "packets", packets_json(writer, exchange));
	put_bool(writer, object, "packets_cut", exchange->packets_cut);
	return object;
}

/* ---- findings -------------------------------------------------------------------------------- */

static json_t *evidence_json(struct writer *writer, const struct tbd_finding *finding)
{
	json_t *object = json_object();
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct tbd_evidence *evidence = &finding->evidence[i];
		if (evidence->text != NULL)
			put_text(writer, object, evidence->key, evidence->text);
		else
			put_int(writer, object, evidence->key, evidence->number);
	}
	return object;
}

static json_t *findings_json(
	struct writer *writer, const struct tbd_finding *const *findings, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct tbd_finding *finding = findings[i];
		json_t *object = json_object();
		put_text(writer, object, "id", finding->id);
		put_text(writer, object, "severity", tbd_severity_name(finding->severity));
		put_text(writer, object, "stage", tbd_stage_name(finding->stage));
		put(writer, object, "cert", cert_reference(writer, finding->cert));
		put_text(writer, object, "summary", finding->summary);
		put(writer, object, "evidence", evidence_json(writer, finding));
		put_text(writer, object, "fix", finding->fix);
		put(writer, object, "consequences",
			findings_json(writer, finding->consequences, finding->consequence_count));
		append(writer, array, object);
	}
	return array;
}

static json_t *report_json(struct writer *writer)
{
	const struct tbd_report *report = writer->report;
	json_t *object = json_object();
	put_text(writer, object, "schema", report->schema);
	put_text(writer, object, "version", report->version);
	put_time(writer, object, "time", report->time);
	put_time(writer, object, "clock", report->clock);
	put_bool(writer, object, "time_given", report->time_given);
	put_bool(writer, object, "insecure", report->insecure);
	put_bool(writer, object, "plain_consent", report->plain_consent);
	put_strings(writer, object, "notes", report->notes);
	put(writer, object, "target", target_json(writer, report->target));
	put(writer, object, "connection", connection_json(writer, report->connection));
	put(writer, object, "steps", steps_json(writer));
	put(writer, object, "chain", chain_json(writer, report->chain));
	put(writer, object, "trust", trust_json(writer, report->trust));
	put(writer, object, "verification", verification_json(writer, report->verification));
	put(writer, object, "token", token_json(writer, report->token));
	put(writer, object, "exchange", exchange_json(writer, report->exchange));
	put(writer, object, "findings",
		findings_json(writer, report->findings, report->finding_count));
	put_text(writer, object, "worst", tbd_severity_name(report->worst));
	return object;
}

/* *out gets the text with a line feed at its end. */
static int dump(const json_t *json, char **out)
{
	const size_t flags = JSON_INDENT(2) | JSON_PRESERVE_ORDER;
	size_t len = json_dumpb(json, NULL, 0, flags);
	char *text = len > 0 ? malloc(len + 2) : NULL;
	if (text == NULL || json_dumpb(json, text, len, flags) != len) {
		free(text);
		return TBD_E_NOMEM;
	}
	text[len] = '\n';
	text[len + 1] = '\0';
	*out = text;
	return 0;
}

int tbd_report_to_json(const struct tbd_report *report, char **out, struct tbd_error *error)
{
	struct writer writer = { .report = report };
	*out = NULL;
	json_t *json = report_json(&writer);
	int rc = writer.failed ? TBD_E_NOMEM : dump(json, out);
	json_decref(json);
	return rc < 0 ? tbdi_fail_nomem(error) : 0;
}
