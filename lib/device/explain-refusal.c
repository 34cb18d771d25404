/* SPDX-License-Identifier: MIT
 *
 * explain-refusal.c - after a refusal: ask once more, with MQTT 5, which has finer reasons.
 */
#include "device/mqtt-session.h"

#include "device/token.h"
#include "report/report.h"

/* Return codes of MQTT 3 that stand for several of MQTT 5. */
static bool is_coarse(const struct tbd_exchange *exchange)
{
	return exchange->end == TBD_MQTT_REFUSED && exchange->connack >= 2 &&
		exchange->connack <= 5 && strcmp(exchange->mqtt_version, "5") != 0;
}

static void record(struct tbd_explanation *explanation, const struct tbdi_mqtt_observer *wire)
{
	explanation->connack = wire->connack;
	explanation->connack_name = tbdi_mqtt_connack_name(wire->connack);
	explanation->disconnect = wire->disconnect;
	explanation->disconnect_name = tbdi_mqtt_reason_name(wire->disconnect);
}

/* What a server adds to its refusal follows at once. */
static bool is_dismissed(const struct tbdi_session *session)
{
	return session->wire.disconnect >= 0;
}

enum { DISMISSAL_MS = 500 };

static void explain_ask(struct tbdi_session *session, struct tbd_explanation *explanation)
{
	if (tbdi_session_connect(session, &explanation->end)) {
		explanation->end = TBD_MQTT_DONE;
		tbdi_session_goodbye(session);
		return;
	}
	if (session->dialogue.failure == 0 && explanation->end == TBD_MQTT_REFUSED)
		tbdi_session_wait(session, is_dismissed,
			tbdi_dialogue_now(&session->dialogue) + (int64_t)DISMISSAL_MS * 1000);
}

/* Over the connection of `second`, if it may carry secrets. */
static int explain_converse(struct tbdi_report *second, const struct tbd_roundtrip_options *options,
	struct tbd_explanation *explanation, struct tbd_error *error)
{
	struct tbdi_transport_options open = { .version = "5" };
	if (!tbdi_credentials_lend(options, second->stream, &open))
		return 0;
	struct tbdi_session session = { .dialogue = { .report = second,
						.error = error,
						.progress = options->progress,
						.progress_arg = options->progress_arg } };
	int rc = tbdi_session_new(&session, open.version);
	if (rc == 0 && tbdi_session_open(&session, &open))
		explain_ask(&session, explanation);
	if (rc == 0)
		record(explanation, &session.wire);
	tbdi_dialogue_release(&session.dialogue);
	return rc < 0 ? rc : session.dialogue.failure;
}

/* To the very address that refused, or by the same proxy, judged as before. */
static int explain_dial(const struct tbdi_report *report,
	const struct tbd_roundtrip_options *options, struct tbd_report **second,
	struct tbd_error *error)
{
	struct tbd_fetch_options fetch = *options->explain_refusal;
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
	return rc < 0 ? rc : tbd_fetch(*second, &fetch, error);
}

int tbdi_explain_refusal(struct tbdi_report *report, struct tbd_exchange *exchange,
	const struct tbd_roundtrip_options *options, struct tbd_error *error)
{
	struct tbd_report *second = NULL;
	if (options->explain_refusal == NULL || !is_coarse(exchange))
		return 0;
	struct tbd_explanation *explanation =
		tbdi_arena_alloc(&report->arena, sizeof(*explanation));
	if (explanation == NULL)
		return TBD_E_NOMEM;
	explanation->connack = explanation->disconnect = -1;
	exchange->explanation = explanation;
	int64_t start_us = tbdi_report_elapsed_us(report);
	int rc = explain_dial(report, options, &second, error);
	if (rc == 0 && tbdi_report_of(second)->stream != NULL)
		rc = explain_converse(tbdi_report_of(second), options, explanation, error);
	tbd_report_free(second);
	if (rc < 0)
		return rc;
	return tbdi_report_step(report, "explain",
		explanation->connack >= 0 ? TBD_STEP_OK : TBD_STEP_FAILED, start_us,
		explanation->connack_name);
}
