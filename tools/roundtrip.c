/* SPDX-License-Identifier: MIT
 *
 * roundtrip.c - the round trip as a step of a job, and its options.
 */
#include "tools/recipe.h"

const struct opt roundtrip_options[] = {
	{ .name = "mqtt-version",
		.arg = "3.1|3.1.1|5",
		.help = "Speak this version of MQTT (default 3.1.1). Version 5 has reasons for most "
			"refusals.",
		.set = opt_set_word,
		.offset = offsetof(struct roundtrip_settings, mqtt_version) },
	{ .name = "read-only",
		.help = "Ask for an attribute only; write nothing.",
		.set = opt_set_flag,
		.offset = offsetof(struct roundtrip_settings, read_only) },
	{ .name = "client-keys",
		.arg = "KEY[,KEY]...",
		.help = "The client attributes to ask for first. Default over MQTT and with --read-only: "
			"model, unless --shared-keys are given.",
		.set = opt_set_text,
		.offset = offsetof(struct roundtrip_settings, client_keys) },
	{ .name = "shared-keys",
		.arg = "KEY[,KEY]...",
		.help = "The shared attributes to ask for first.",
		.set = opt_set_text,
		.offset = offsetof(struct roundtrip_settings, shared_keys) },
	{ .name = "attribute",
		.arg = "NAME",
		.help = "The client attribute to write and read back (default tbdiagProbe).",
		.set = opt_set_text,
		.offset = offsetof(struct roundtrip_settings, attribute) },
	{ .name = "telemetry",
		.arg = "JSON",
		.help = "Publish this as telemetry as well.",
		.set = opt_set_text,
		.offset = offsetof(struct roundtrip_settings, telemetry) },
	{ .name = "wait-rpc",
		.arg = "SECONDS",
		.help = "In the end wait for a call (RPC) of the server, and send back what it brings.",
		.set = opt_set_seconds,
		.offset = offsetof(struct roundtrip_settings, rpc_wait_ms) },
	{ .name = "session-limits",
		.help = "Ask the server for the limits of this device (ThingsBoard 3.8 and later).",
		.set = opt_set_flag,
		.offset = offsetof(struct roundtrip_settings, session_limits) },
	{ .name = "explain-refusal",
		.help = "When the server refuses, ask once more with MQTT 5, which has finer reasons. "
			"Counts as two wrong tokens.",
		.set = opt_set_flag,
		.offset = offsetof(struct roundtrip_settings, explain_refusal) },
	{ .name = "fingerprint",
		.help = "Ask for a subscription to everything, which a general broker grants and ThingsBoard "
			"does not; it is ended at once.",
		.set = opt_set_flag,
		.offset = offsetof(struct roundtrip_settings, fingerprint) },
	{ 0 },
};

const struct opt insecure_options[] = {
	{ .name = "insecure",
		.help = "Send the token although the peer is not verified: whoever answers gets it.",
		.set = opt_set_flag },
	{ 0 },
};

static struct tbd_roundtrip_options options_of(struct job *job)
{
	struct tbd_roundtrip_options options = TBD_ROUNDTRIP_OPTIONS_INIT;
	const struct roundtrip_settings *settings = &job->roundtrip;
	options.token = job->token.token.secret;
	options.user_name = job->token.user_name;
	options.password = job->token.password.secret;
	options.client_id = job->token.client_id;
	options.mqtt_version = settings->mqtt_version;
	options.read_only = settings->read_only;
	options.explain_refusal = settings->explain_refusal ? &job->fetch : NULL;
	options.fingerprint = settings->fingerprint;
	options.client_keys = settings->client_keys;
	options.shared_keys = settings->shared_keys;
	options.attribute = settings->attribute;
	options.telemetry = settings->telemetry;
	options.rpc_wait_ms = settings->rpc_wait_ms;
	options.session_limits = settings->session_limits;
	options.progress = progress_show;
	options.progress_arg = &job->progress;
	return options;
}

int job_roundtrip_check(struct job *job)
{
	const struct tbd_roundtrip_options options = options_of(job);
	int rc = token_check(&job->token, &job->error);
	return rc < 0 ? rc : tbd_roundtrip_check(&options, NULL, &job->error);
}

static const char *transports_of(const struct job *job)
{
	return transport_option(&job->transports);
}

static bool is_mqtt(enum tbd_scheme scheme)
{
	switch (scheme) {
	case TBD_SCHEME_MQTTS:
	case TBD_SCHEME_MQTT:
		return true;
	case TBD_SCHEME_HTTPS:
	case TBD_SCHEME_HTTP:
	case TBD_SCHEME_COAPS:
	case TBD_SCHEME_COAP:
		break;
	}
	return false;
}

/* As given without scheme and port. */
static bool is_bare(const struct tbd_target *target)
{
	struct tbd_target *bare = NULL;
	bool same = tbd_target_parse(target->host, &bare, NULL) == 0 &&
		strcmp(bare->url, target->url) == 0;
	tbd_target_free(bare);
	return same;
}

/* An option of MQTT that was given, or NULL. */
static const char *option_of_mqtt(const struct job *job)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ job->roundtrip.mqtt_version != NULL && transports_of(job) == NULL,
			"--mqtt-version" },
		{ job->roundtrip.explain_refusal, "--explain-refusal" },
		{ job->roundtrip.fingerprint, "--fingerprint" },
		{ job->roundtrip.rpc_wait_ms != 0, "--wait-rpc" },
		{ job->roundtrip.session_limits, "--session-limits" },
		{ job->token.user_name != NULL, "--username" },
		{ job->token.client_id != NULL, "--client-id" },
	};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}

/* The transports have schemes and ports of their own. */
static int transports_fit(struct job *job)
{
	const char *transports = transports_of(job), *option = option_of_mqtt(job);
	if (option != NULL)
		return job_fail(job, TBD_E_INVALID, "option '%s' is for MQTT, and not for '%s'",
			option, transports);
	if (job->trust.ocsp)
		return job_fail(
			job, TBD_E_INVALID, "option '--ocsp' does not go with '%s'", transports);
	if (!is_bare(job->target))
		return job_fail(job, TBD_E_TARGET,
			"'%s' wants a host without scheme and port, not %s; '--transports mqtts:PORT' "
			"names a port",
			transports, job->target->url);
	return 0;
}

int job_roundtrip_fits(struct job *job)
{
	const struct tbd_roundtrip_options options = options_of(job);
	if (transports_of(job) != NULL)
		return transports_fit(job);
	if (job->transports.allow_plain)
		return job_fail(job, TBD_E_INVALID,
			"option '--allow-plain' goes with '--all-transports' or '--transports'");
	const char *option = is_mqtt(job->target->scheme) ? NULL : option_of_mqtt(job);
	if (option == NULL)
		return tbd_roundtrip_check(&options, job->target, &job->error);
	return job_fail(job, TBD_E_INVALID, "option '%s' is for MQTT, and not for %s", option,
		job->target->url);
}

/* Connections of MQTT that the token goes over. */
static unsigned mqtt_connections(const struct transport_settings *transports)
{
	unsigned count = 0;
	if (transports->count == 0)
		return transports->allow_plain ? 2 : 1;
	for (size_t i = 0; i < transports->count; i++)
		count += is_mqtt(transports->list[i].scheme) &&
			(transports->list[i].scheme != TBD_SCHEME_MQTT || transports->allow_plain);
	return count;
}

static int note_transports(struct job *job)
{
	unsigned connections = mqtt_connections(&job->transports);
	const char *attribute = job->roundtrip.attribute;
	int rc = 0;
	if (connections > 0)
		rc = job_note(job,
			"a device that is connected with this token over MQTT is "
			"disconnected %s",
			connections == 1 ? "once" : "by each connection of MQTT");
	if (rc == 0 && !job->roundtrip.read_only)
		rc = job_note(job,
			"client attributes stay on the device, one for each transport: %s-mqtts and so on",
			attribute != NULL ? attribute : "tbdiagProbe");
	if (rc == 0 && !job->transports.allow_plain)
		rc = job_note(job,
			"transports in clear are only connected to; --allow-plain sends the token there, "
			"too");
	return rc;
}

int job_note_side_effects(struct job *job)
{
	const struct roundtrip_settings *settings = &job->roundtrip;
	bool several = transports_of(job) != NULL;
	int rc = several ? note_transports(job) : 0;
	if (!several && is_mqtt(job->target->scheme))
		rc = job_note(job, "a device that is connected with this %s is disconnected once",
			job->token.user_name != NULL ? "user name" : "token");
	if (rc == 0 && !several && !settings->read_only)
		rc = job_note(job, "the client attribute %s stays on the device",
			settings->attribute != NULL ? settings->attribute : "tbdiagProbe");
	if (rc == 0 && settings->telemetry != NULL)
		rc = job_note(job, "the telemetry of --telemetry is stored as the device's");
	if (rc == 0 && job->connection.cert_file != NULL)
		rc = job_note(job,
			"ThingsBoard ignores the token of a device that shows a client certificate: "
			"--cert decides which device this is");
	return rc;
}

int job_roundtrip(struct job *job)
{
	const struct tbd_roundtrip_options options = options_of(job);
	int rc = tbd_roundtrip(job->report, &options, &job->error);
	token_free(&job->token); /* a reader of the output may keep us waiting */
	progress_clear(&job->progress);
	return rc;
}

int job_transports(struct job *job)
{
	const struct tbd_report_options report = job_report_options(job);
	const struct transport_settings *settings = &job->transports;
	struct tbd_transport_options transports = TBD_TRANSPORT_OPTIONS_INIT;
	int rc = job_fetch_options(job, true);
	if (rc < 0)
		return rc;
	const struct tbd_roundtrip_options options = options_of(job);
	transports.list = settings->count > 0 ? settings->list : NULL;
	transports.count = settings->count;
	transports.allow_plain = settings->allow_plain;
	rc = tbd_set_roundtrip(job->set, &report, &job->fetch, &options, &transports, &job->error);
	token_free(&job->token);
	progress_clear(&job->progress);
	return rc;
}
