/* SPDX-License-Identifier: MIT
 *
 * all-transports.c - one token over several transports of a host: a thread for each protocol, in which its
 * transports come one after the other.
 */
#include "set/dial.h"

#include "device/payload.h"
#include "report/report.h"
#include "net/connect.h"
#include "base/thread.h"
#include "net/tls.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PROGRESS_MS = 250 };

/* One transport. */
struct leg {
	struct tbd_target *target;
	char label[16];
	char *attribute;           /* NULL: nothing is written */
	struct tbd_report *report; /* until the set owns it */
};

struct lanes;

/* One protocol. */
struct lane {
	struct lanes *lanes;
	enum tbdi_protocol_id protocol;
	pthread_t thread;
	bool started;
	const char *refused_by; /* label of the leg over which the token was refused, or NULL */
	int rc;
	struct tbd_error error;
};

struct lanes {
	const struct tbd_report_options *report_options;
	const struct tbd_fetch_options *fetch;
	const struct tbd_roundtrip_options *roundtrip;
	bool allow_plain;
	struct tbd_report
		*first;      /* whose clock all have, and which shows how the name was resolved */
	int64_t resolved_us; /* how long that took */
	const char *const *addresses; /* NULL: the host is one */
	struct leg legs[TBD_TRANSPORTS_MAX];
	size_t leg_count;
	struct lane each[TBDI_PROTOCOL_COUNT];
	int finished; /* an eventfd: lanes that have come to their end */
	atomic_bool stop;
};

/* ---- one transport, in the thread of its protocol --------------------------------------------- */

/* The caller's own function is called in the caller's thread. */
static int lane_progress(void *arg, const char *step TBDI_UNUSED, int64_t elapsed_ms TBDI_UNUSED)
{
	const struct lane *lane = arg;
	return atomic_load(&lane->lanes->stop);
}

static int leg_begin(struct lane *lane, struct leg *leg, bool carries)
{
	const struct lanes *lanes = lane->lanes;
	struct tbd_report_options options = *lanes->report_options;
	options.target = leg->target;
	int rc = tbd_report_new(&options, &leg->report, &lane->error);
	if (rc < 0)
		return rc;
	struct tbdi_report *report = tbdi_report_of(leg->report);
	report->pub.time = lanes->first->time;
	report->pub.clock = lanes->first->clock;
	report->pub.plain_consent = report->pub.plain_consent && carries;
	report->spent_us = lanes->resolved_us;
	/* Of several transports of a host one may have told the others. */
	const struct tbd_token *token = lanes->roundtrip->token;
	return token != NULL ? tbd_report_hide(leg->report, token, &lane->error) : 0;
}

static int leg_fetch(struct lane *lane, struct leg *leg, bool carries)
{
	struct tbd_fetch_options options = *lane->lanes->fetch;
	options.addresses = lane->lanes->addresses;
	options.keep_open = carries;
	options.progress = lane_progress;
	options.progress_arg = lane;
	return tbd_fetch(leg->report, &options, &lane->error);
}

static struct tbd_roundtrip_options roundtrip_options(struct lane *lane, const struct leg *leg)
{
	struct tbd_roundtrip_options options = *lane->lanes->roundtrip;
	options.attribute = leg->attribute;
	options.progress = lane_progress;
	options.progress_arg = lane;
	return options;
}

/* A build without one of the protocols has the others. */
static int leg_roundtrip(struct lane *lane, struct leg *leg)
{
	const struct tbd_roundtrip_options options = roundtrip_options(lane, leg);
	int rc = tbd_roundtrip(leg->report, &options, &lane->error);
	if (rc == TBD_E_MODULE)
		rc = tbd_report_note(leg->report, lane->error.text, &lane->error);
	if (rc == 0 && tbdi_token_says(leg->report, TBDI_REFUSED))
		lane->refused_by = leg->label;
	return rc;
}

static int note_refusal(struct lane *lane, struct leg *leg)
{
	char text[64];
	snprintf(text, sizeof(text), "the token was not sent: %s had refused it", lane->refused_by);
	return tbd_report_note(leg->report, text, &lane->error);
}

static int leg_run(struct lane *lane, struct leg *leg)
{
	bool allowed = leg->target->tls || lane->lanes->allow_plain;
	bool carries = allowed && lane->refused_by == NULL;
	int rc = leg_begin(lane, leg, carries);
	if (rc == 0 && allowed && !carries)
		rc = note_refusal(lane, leg);
	if (rc == 0)
		rc = leg_fetch(lane, leg, carries);
	return rc == 0 && carries ? leg_roundtrip(lane, leg) : rc;
}

static int lane_run_legs(struct lane *lane, bool tls)
{
	struct lanes *lanes = lane->lanes;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < lanes->leg_count; i++) {
		struct leg *leg = &lanes->legs[i];
		if (leg->target->tls == tls && tbdi_protocol_of(leg->target)->id == lane->protocol)
			rc = leg_run(lane, leg);
	}
	return rc;
}

static void *lane_run(void *arg)
{
	struct lane *lane = arg;
	const uint64_t one = 1;
	lane->rc = lane_run_legs(lane, true);
	if (lane->rc == 0)
		lane->rc = lane_run_legs(lane, false);
	(void)!write(lane->lanes->finished, &one, sizeof(one));
	return NULL;
}

/* ---- all of them, in the caller's thread ------------------------------------------------------- */

static bool has_protocol(const struct lanes *lanes, enum tbdi_protocol_id protocol)
{
	for (size_t i = 0; i < lanes->leg_count; i++)
		if (tbdi_protocol_of(lanes->legs[i].target)->id == protocol)
			return true;
	return false;
}

static int lanes_start(struct lanes *lanes, size_t *started, struct tbd_error *error)
{
	for (size_t i = 0; i < TBDI_COUNT(lanes->each); i++) {
		struct lane *lane = &lanes->each[i];
		lane->lanes = lanes;
		lane->protocol = (enum tbdi_protocol_id)i;
		if (!has_protocol(lanes, lane->protocol))
			continue;
		int failure = tbdi_thread_new(&lane->thread, lane_run, lane);
		if (failure != 0)
			return tbdi_fail(error, TBD_E_SYSTEM, "thread: %s", strerror(failure));
		lane->started = true;
		(*started)++;
	}
	return 0;
}

/* Until all have come to their end: each of their waits has a deadline. When the caller wants it or this
 * thread cannot wait any more, they are told to stop. */
static int lanes_wait(struct lanes *lanes, size_t started, struct tbd_error *error)
{
	const struct tbd_fetch_options *fetch = lanes->fetch;
	struct tbdi_report *first = tbdi_report_of(lanes->first);
	int64_t start_us = tbdi_report_elapsed_us(first);
	int rc = 0;
	for (uint64_t ended = 0, more = 0; ended < started; ended += more, more = 0) {
		struct pollfd fd = { lanes->finished, POLLIN, 0 };
		int64_t elapsed_ms = (tbdi_report_elapsed_us(first) - start_us) / 1000;
		if (rc == 0 && fetch->progress != NULL &&
			fetch->progress(fetch->progress_arg, "transports", elapsed_ms) != 0) {
			rc = tbdi_fail(error, TBD_E_CANCELLED, "cancelled");
			atomic_store(&lanes->stop, true);
		}
		if (poll(&fd, 1, PROGRESS_MS) > 0 &&
			read(lanes->finished, &more, sizeof(more)) != sizeof(more))
			more = 0;
	}
	return rc;
}

/* The reason of the first one that failed. */
static int lanes_result(const struct lanes *lanes, struct tbd_error *error)
{
	for (size_t i = 0; i < TBDI_COUNT(lanes->each); i++) {
		const struct lane *lane = &lanes->each[i];
		if (lane->rc < 0)
			return tbdi_fail(error, lane->rc, "%s", lane->error.text);
	}
	return 0;
}

static int lanes_run(struct lanes *lanes, struct tbd_error *error)
{
	size_t started = 0;
	lanes->finished = eventfd(0, EFD_CLOEXEC);
	if (lanes->finished < 0)
		return tbdi_fail(error, TBD_E_SYSTEM, "eventfd: %s", strerror(errno));
	int rc = lanes_start(lanes, &started, error);
	if (rc < 0)
		atomic_store(&lanes->stop, true);
	int waited = lanes_wait(lanes, started, rc < 0 ? NULL : error);
	for (size_t i = 0; i < TBDI_COUNT(lanes->each); i++)
		if (lanes->each[i].started)
			pthread_join(lanes->each[i].thread, NULL);
	if (rc == 0)
		rc = waited;
	return rc < 0 ? rc : lanes_result(lanes, error);
}

static int give_all(struct lanes *lanes, struct tbd_set *set, struct tbd_error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < lanes->leg_count; i++) {
		rc = tbd_set_add(set, lanes->legs[i].report, lanes->legs[i].label, error);
		if (rc == 0)
			lanes->legs[i].report = NULL;
	}
	return rc;
}

/* ---- what was asked for ------------------------------------------------------------------------ */

static int leg_check(const struct lanes *lanes, const struct leg *leg, struct tbd_error *error)
{
	const char *version = lanes->fetch->tls_version;
	bool is_udp = tbdi_protocol_of(leg->target)->is_datagrams;
	struct tbd_roundtrip_options options = *lanes->roundtrip;
	options.attribute = leg->attribute;
	if (leg->target->port == 0)
		return tbdi_fail(error, TBD_E_INVALID, "port 0 cannot be dialled");
	for (const struct leg *other = lanes->legs; other < leg; other++)
		if (strcmp(other->label, leg->label) == 0)
			return tbdi_fail(error, TBD_E_INVALID, "%s is given twice", leg->label);
	if (leg->target->tls && !tbdi_tls_version_is_known(version, is_udp))
		return tbdi_fail(error, TBD_E_INVALID, "TLS version \"%s\" is not one of %s",
			version, tbd_scheme_name(leg->target->scheme));
	return tbd_roundtrip_check(&options, leg->target, error);
}

static int leg_new(
	struct lanes *lanes, const struct tbd_transport *transport, struct tbd_error *error)
{
	const char *attribute = lanes->roundtrip->attribute;
	if ((size_t)transport->scheme >= TBDI_SCHEME_COUNT)
		return tbdi_fail(error, TBD_E_INVALID, "there is no such transport");
	const char *scheme = tbdi_schemes[transport->scheme].word;
	struct leg *leg = &lanes->legs[lanes->leg_count++];
	leg->target = tbdi_target_beside(
		lanes->report_options->target, transport->scheme, transport->port);
	if (!lanes->roundtrip->read_only &&
		asprintf(&leg->attribute, "%s-%s", attribute != NULL ? attribute : TBDI_PROBE_KEY,
			scheme) < 0)
		leg->attribute = NULL;
	if (leg->target == NULL || (leg->attribute == NULL && !lanes->roundtrip->read_only))
		return tbdi_fail_nomem(error);
	snprintf(leg->label, sizeof(leg->label), "%s:%u", scheme, (unsigned)transport->port);
	return leg_check(lanes, leg, error);
}

/* All, those with TLS first; in clear also where ThingsBoard itself listens. */
static size_t usual_transports(struct tbd_transport list[TBD_TRANSPORTS_MAX])
{
	_Static_assert(2 * TBDI_SCHEME_COUNT <= TBD_TRANSPORTS_MAX, "all");
	size_t count = 0;
	for (size_t i = 0; i < 2 * TBDI_SCHEME_COUNT; i++) {
		enum tbd_scheme scheme = (enum tbd_scheme)(i % TBDI_SCHEME_COUNT);
		const struct tbdi_scheme *row = &tbdi_schemes[scheme];
		uint16_t own = tbdi_protocols[row->protocol].listener.port;
		/* No WebSocket, which ThingsBoard itself has not: it has to be named. */
		if (row->tls != (i < TBDI_SCHEME_COUNT) || row->path != NULL)
			continue;
		list[count++] = (struct tbd_transport){ scheme, row->port };
		if (!row->tls && own != 0)
			list[count++] = (struct tbd_transport){ scheme, own };
	}
	return count;
}

static int legs_new(struct lanes *lanes, const struct tbd_transport_options *transports,
	struct tbd_error *error)
{
	struct tbd_transport usual[TBD_TRANSPORTS_MAX];
	bool is_usual = transports->list == NULL;
	size_t count = is_usual ? usual_transports(usual) : transports->count;
	const struct tbd_transport *list = is_usual ? usual : transports->list;
	int rc = 0;
	if (count == 0 || count > TBD_TRANSPORTS_MAX)
		return tbdi_fail(
			error, TBD_E_INVALID, "not 1 to %d transports", TBD_TRANSPORTS_MAX);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = leg_new(lanes, &list[i], error);
	return rc;
}

static int check(const struct tbd_report_options *options, const struct tbd_fetch_options *fetch,
	const struct tbd_roundtrip_options *roundtrip,
	const struct tbd_transport_options *transports, struct tbd_error *error)
{
	int rc = tbdi_set_check_fetch(fetch, error);
	if (rc == 0)
		rc = tbd_roundtrip_check(roundtrip, NULL, error);
	if (rc < 0)
		return rc;
	if (transports == NULL || transports->size != sizeof(*transports) || options == NULL ||
		options->target == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_set_roundtrip: options do not fit");
	if (fetch->connect_port != 0)
		return tbdi_fail(error, TBD_E_INVALID,
			"several transports are asked for, and one port is given to connect to");
	if (roundtrip->user_name != NULL || roundtrip->password != NULL ||
		roundtrip->client_id != NULL || roundtrip->explain_refusal != NULL ||
		roundtrip->attributes_topic != NULL || roundtrip->telemetry_topic != NULL ||
		roundtrip->rpc_wait_ms != 0 || roundtrip->session_limits || roundtrip->fingerprint)
		return tbdi_fail(error, TBD_E_INVALID,
			"what only MQTT has does not go with several transports");
	return 0;
}

static void lanes_release(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->leg_count; i++) {
		tbd_target_free(lanes->legs[i].target);
		free(lanes->legs[i].attribute);
		tbd_report_free(lanes->legs[i].report);
	}
	if (lanes->finished >= 0)
		close(lanes->finished);
	tbd_report_free(lanes->first);
}

/* Once for all; *nobody: there are no addresses. */
static int find_addresses(struct lanes *lanes, bool *nobody, struct tbd_error *error)
{
	const struct tbd_fetch_options *fetch = lanes->fetch;
	lanes->addresses = fetch->addresses;
	if (fetch->addresses != NULL || tbdi_set_is_literal(lanes->first->target, fetch))
		return 0;
	int rc = tbdi_set_resolve(lanes->first, fetch, &lanes->addresses, error);
	lanes->resolved_us = tbdi_report_elapsed_us(tbdi_report_of(lanes->first));
	*nobody = lanes->addresses == NULL;
	return rc;
}

int tbd_set_roundtrip(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, const struct tbd_roundtrip_options *roundtrip,
	const struct tbd_transport_options *transports, struct tbd_error *error)
{
	int rc = check(options, fetch, roundtrip, transports, error);
	if (rc < 0)
		return rc;
	struct lanes lanes = { .report_options = options,
		.fetch = fetch,
		.roundtrip = roundtrip,
		.allow_plain = transports->allow_plain,
		.finished = -1 };
	bool nobody = false;
	rc = legs_new(&lanes, transports, error);
	if (rc == 0)
		rc = tbd_report_new(options, &lanes.first, error);
	if (rc == 0)
		rc = find_addresses(&lanes, &nobody, error);
	if (rc == 0 && nobody)
		rc = tbdi_set_give_first(set, &lanes.first, error);
	else if (rc == 0)
		rc = lanes_run(&lanes, error);
	if (rc == 0 && !nobody)
		rc = give_all(&lanes, set, error);
	lanes_release(&lanes);
	return rc;
}
