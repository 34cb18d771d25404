/* SPDX-License-Identifier: MIT
 *
 * explain-refusal.c - ask once more: after a refusal with MQTT 5, which has finer reasons; after a session that was ended
 * whether the token is still good.
 */
#include "device/mqtt-session.h"

#include "device/token.h"
#include "report/limits.h"
#include "report/report.h"
#include "verify/revocation.h"

/* It stands for several reasons of MQTT 5: a return code, a message that was closed on, or acknowledged and lost. */
static bool is_coarse(const struct tbd_exchange *exchange)
{
	bool refused = exchange->end == TBD_MQTT_REFUSED && exchange->connack >= 2 &&
		exchange->connack <= 5;
	return strcmp(exchange->mqtt_version, "5") != 0 &&
		(refused || exchange->end == TBD_MQTT_CLOSED_ON_PUBLISH ||
			exchange->end == TBD_MQTT_NOT_STORED);
}

/* It was ended, and nobody said why. */
static bool is_unexplained_end(const struct tbd_exchange *exchange)
{
	return tbdi_session_was_ended(exchange) && exchange->disconnect <= 0;
}

static void record(struct tbd_explanation *explanation, const struct tbdi_mqtt_observer *wire)
{
	explanation->connack = wire->connack;
	explanation->connack_name = tbdi_mqtt_connack_name(wire->connack);
	explanation->disconnect = wire->disconnect;
	explanation->disconnect_name = tbdi_mqtt_reason_name(wire->disconnect);
	explanation->puback = explanation->published != NULL ? wire->puback : -1;
	explanation->puback_name = tbdi_mqtt_reason_name(explanation->puback);
}

/* What a server adds to its refusal follows at once. */
static bool is_dismissed(const struct tbdi_session *session)
{
	return session->wire.disconnect >= 0;
}

enum { DISMISSAL_MS = 500 };

/* The message that the server closed on, or did not store. */
static enum tbd_mqtt_end publish_again(struct tbdi_session *session,
	struct tbd_explanation *explanation, const struct tbdi_message *message)
{
	explanation->published = message->topic;
	tbdi_dialogue_step(&session->dialogue, "puback");
	tbdi_session_watch(
		session, tbdi_session_publish(session, message->topic, message->payload));
	enum tbdi_outcome outcome = tbdi_session_wait(
		session, tbdi_session_is_accepted, tbdi_dialogue_deadline(&session->dialogue));
	if (tbdi_session_is_refused(session))
		return TBD_MQTT_PUBLISH_REFUSED;
	return outcome == TBDI_MET     ? TBD_MQTT_DONE
		: outcome == TBDI_OVER ? TBD_MQTT_CLOSED_ON_PUBLISH
				       : TBD_MQTT_NO_PUBACK;
}

static void explain_ask(struct tbdi_session *session, struct tbd_explanation *explanation,
	const struct tbdi_message *message)
{
	if (tbdi_session_connect(session, &explanation->end)) {
		explanation->end = message->topic != NULL
			? publish_again(session, explanation, message)
			: TBD_MQTT_DONE;
		if (!tbdi_session_is_over(session))
			tbdi_session_goodbye(session);
		return;
	}
	if (session->dialogue.failure == 0 && explanation->end == TBD_MQTT_REFUSED)
		tbdi_session_wait(session, is_dismissed,
			tbdi_dialogue_now(&session->dialogue) + (int64_t)DISMISSAL_MS * 1000);
}

/* Over the connection of `second`, if it may carry secrets. */
static int explain_converse(struct tbdi_report *second, const struct tbd_roundtrip_options *options,
	struct tbd_explanation *explanation, const struct tbdi_message *message,
	struct tbd_error *error)
{
	struct tbdi_transport_options open = { .version = explanation->mqtt_version };
	if (!tbdi_credentials_lend(options, second->stream, &open))
		return 0;
	struct tbdi_session session = { .dialogue = { .report = second,
						.error = error,
						.progress = options->progress,
						.progress_arg = options->progress_arg } };
	int rc = tbdi_session_new(&session, open.version);
	if (rc == 0 && tbdi_session_open(&session, &open))
		explain_ask(&session, explanation, message);
	if (rc == 0)
		record(explanation, &session.wire);
	tbdi_dialogue_release(&session.dialogue);
	return rc < 0 ? rc : session.dialogue.failure;
}

/* As the first one was asked about: behind the same address there may be another server, with another chain. */
static int ask_ocsp(
	struct tbd_report *second, const struct tbd_fetch_options *fetch, struct tbd_error *error)
{
	struct tbd_ocsp_options ask = TBD_OCSP_OPTIONS_INIT;
	ask.verify = fetch->verify;
	ask.timeout_ms = fetch->timeout_ms;
	ask.progress = fetch->progress;
	ask.progress_arg = fetch->progress_arg;
	return tbd_ask_ocsp(second, &ask, error);
}

/* To the very address that refused, or by the same proxy, judged as before. */
static int explain_dial(const struct tbdi_report *report, const struct tbd_fetch_options *first,
	const struct tbd_roundtrip_options *options, struct tbd_report **second,
	struct tbd_error *error)
{
	struct tbd_fetch_options fetch = *first;
	struct tbd_report_options copy = TBD_REPORT_OPTIONS_INIT;
	const struct tbd_connection *connection = report->pub.connection;
	copy.target = report->pub.target;
	copy.time = &report->pub.time;
	fetch.keep_open = true;
	fetch.without_sni = false;
	fetch.also_tls12 = false;
	fetch.progress = options->progress;
	fetch.progress_arg = options->progress_arg;
	if (connection != NULL && connection->used != NULL && fetch.proxy == NULL) {
		fetch.connect_host = connection->used->address;
		fetch.connect_port = connection->used->port;
		fetch.addresses = NULL;
	}
	int rc = tbd_report_new(&copy, second, error);
	if (rc == 0)
		rc = tbd_report_hide(*second, tbdi_credentials_secret(options), error);
	if (rc == 0 && tbdi_inherit_ocsp(tbdi_report_of(*second), report) < 0)
		rc = tbdi_fail_nomem(error);
	if (rc == 0)
		rc = tbd_fetch(*second, &fetch, error);
	return rc == 0 && report->asks_ocsp ? ask_ocsp(*second, &fetch, error) : rc;
}

int tbdi_explain_refusal(struct tbdi_report *report, struct tbd_exchange *exchange,
	const struct tbdi_message *message, const struct tbd_roundtrip_options *options,
	struct tbd_error *error)
{
	static const struct tbdi_message none;
	struct tbd_report *second = NULL;
	bool is_end = is_unexplained_end(exchange);
	const struct tbd_fetch_options *fetch = is_end ? options->ask_again
		: is_coarse(exchange)                  ? options->explain_refusal
						       : NULL;
	if (fetch == NULL)
		return 0;
	struct tbd_explanation *explanation =
		tbdi_arena_alloc(&report->arena, sizeof(*explanation));
	if (explanation == NULL)
		return TBD_E_NOMEM;
	explanation->connack = explanation->disconnect = explanation->puback = -1;
	explanation->mqtt_version = is_end ? exchange->mqtt_version : "5";
	exchange->explanation = explanation;
	int64_t start_us = tbdi_report_elapsed_us(report);
	int rc = explain_dial(report, fetch, options, &second, error);
	if (rc == 0 && tbdi_report_of(second)->stream != NULL)
		rc = explain_converse(tbdi_report_of(second), options, explanation,
			is_end || exchange->end == TBD_MQTT_REFUSED ? &none : message, error);
	tbd_report_free(second);
	if (rc < 0)
		return rc;
	return tbdi_report_step(report, "explain",
		explanation->connack >= 0 ? TBD_STEP_OK : TBD_STEP_FAILED, start_us,
		explanation->connack_name);
}
