/* SPDX-License-Identifier: MIT
 *
 * exchange.c - a dialogue: a protocol library that talks to a peer over the link.
 */
#include "device/exchange.h"

#include "base/protocol.h"
#include "net/stream.h"

#include <errno.h>

enum {
	FIRST_MS = 12000, /* ThingsBoard waits 10 s for its own services before it refuses */
	GOODBYE_MS = 500,
	TURN_MS = 250, /* the caller hears of us that often */
};

int64_t tbdi_dialogue_now(const struct tbdi_dialogue *dialogue)
{
	return tbdi_report_elapsed_us(dialogue->report);
}

void tbdi_dialogue_fail(struct tbdi_dialogue *dialogue, int failure)
{
	if (failure < 0 && dialogue->failure == 0)
		dialogue->failure = failure;
}

/* ---- the library ------------------------------------------------------------------------------ */

/* As a URL names it: an IPv6 address in brackets and without its zone, the port unless it is usual. */
static const char *host_of(const struct tbdi_dialogue *dialogue)
{
	const struct tbd_target *target = dialogue->report->pub.target;
	bool brackets = strchr(target->host, ':') != NULL;
	int len = (int)strcspn(target->host, "%");
	char port[8] = "";
	if (target->port != tbdi_schemes[target->scheme].port)
		snprintf(port, sizeof(port), ":%u", target->port);
	return tbdi_arena_printf(&dialogue->report->arena, "%s%.*s%s%s", brackets ? "[" : "", len,
		target->host, brackets ? "]" : "", port);
}

bool tbdi_dialogue_open(struct tbdi_dialogue *dialogue, struct tbdi_witness witness)
{
	const struct tbdi_transport *transport = dialogue->transport;
	bool is_datagrams = transport->port != NULL;
	struct tbdi_transport_options options = { .host = host_of(dialogue), .witness = witness };
	int rc = options.host != NULL ? 0 : TBD_E_NOMEM;
	if (rc == 0 && is_datagrams)
		rc = tbdi_link_bind(dialogue->link, &options.port, dialogue->error);
	else if (rc == 0)
		rc = tbdi_link_listen(dialogue->link, &options.socket_path, dialogue->error);
	if (rc == 0)
		rc = transport->open(&options, &dialogue->connection, dialogue->error);
	if (rc == 0 && is_datagrams)
		rc = tbdi_link_join(
			dialogue->link, transport->port(dialogue->connection), dialogue->error);
	tbdi_dialogue_fail(dialogue, rc);
	return rc == 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void report_progress(struct tbdi_dialogue *dialogue)
{
	if (dialogue->progress == NULL)
		return;
	int64_t elapsed_ms = (tbdi_dialogue_now(dialogue) - dialogue->step_start_us) / 1000;
	if (dialogue->progress(dialogue->progress_arg, dialogue->step, elapsed_ms) == 0)
		return;
	dialogue->report->cancelled = true;
	tbdi_dialogue_fail(dialogue, TBD_E_CANCELLED);
}

void tbdi_dialogue_step(struct tbdi_dialogue *dialogue, const char *name)
{
	dialogue->step = name;
	dialogue->step_start_us = tbdi_dialogue_now(dialogue);
	report_progress(dialogue);
}

void tbdi_dialogue_step_end(
	struct tbdi_dialogue *dialogue, enum tbd_step_status status, const char *detail)
{
	if (dialogue->failure == 0)
		tbdi_dialogue_fail(dialogue,
			tbdi_report_step(dialogue->report, dialogue->step, status,
				dialogue->step_start_us, detail));
}

int64_t tbdi_dialogue_first_deadline(const struct tbdi_dialogue *dialogue)
{
	const struct tbdi_report *report = dialogue->report;
	int64_t limit_us = dialogue->step_start_us + (int64_t)FIRST_MS * 1000;
	return report->default_deadlines && limit_us < report->deadline_us ? limit_us
									   : report->deadline_us;
}

int64_t tbdi_dialogue_deadline(const struct tbdi_dialogue *dialogue)
{
	return dialogue->step_start_us + dialogue->report->phase_ms * 1000;
}

/* ---- turns ----------------------------------------------------------------------------------- */

static int poll_timeout_ms(const struct tbdi_dialogue *dialogue, int64_t deadline_us)
{
	int64_t left_ms = (deadline_us - tbdi_dialogue_now(dialogue) + 999) / 1000;
	return left_ms < 0 ? 0 : left_ms > TURN_MS ? TURN_MS : (int)left_ms;
}

bool tbdi_dialogue_poll(struct tbdi_dialogue *dialogue, short events, int64_t deadline_us)
{
	const struct tbdi_stream *stream = dialogue->report->stream;
	struct pollfd fd = { .fd = tbdi_stream_fd(stream), .events = events };
	int ready = 0;
	while (ready == 0 && dialogue->failure == 0 && tbdi_dialogue_now(dialogue) < deadline_us) {
		ready = poll(&fd, 1, poll_timeout_ms(dialogue, deadline_us));
		if (ready < 0 && errno == EINTR)
			ready = 0;
		report_progress(dialogue);
	}
	if (ready < 0)
		tbdi_dialogue_fail(dialogue,
			tbdi_fail(dialogue->error, TBD_E_SYSTEM, "poll: %s", strerror(errno)));
	return ready > 0 && dialogue->failure == 0;
}

void tbdi_dialogue_turn(struct tbdi_dialogue *dialogue, int64_t deadline_us)
{
	const struct tbdi_transport *transport = dialogue->transport;
	struct pollfd fds[TBDI_LINK_FDS + 1];
	struct pollfd *library = &fds[TBDI_LINK_FDS];
	bool may_wait = tbdi_link_prepare(dialogue->link, fds);
	*library = (struct pollfd){ .fd = transport->fd(dialogue->connection),
		.events = transport->events(dialogue->connection) };
	int ready =
		poll(fds, TBDI_LINK_FDS + 1, may_wait ? poll_timeout_ms(dialogue, deadline_us) : 0);
	if (ready < 0 && errno != EINTR)
		tbdi_dialogue_fail(dialogue,
			tbdi_fail(dialogue->error, TBD_E_SYSTEM, "poll: %s", strerror(errno)));
	tbdi_link_pump(dialogue->link);
	if (library->fd >= 0)
		tbdi_dialogue_fail(dialogue,
			transport->process(dialogue->connection, ready > 0 ? library->revents : 0));
	report_progress(dialogue);
}

void tbdi_dialogue_goodbye(struct tbdi_dialogue *dialogue)
{
	int64_t deadline_us = tbdi_dialogue_now(dialogue) + (int64_t)GOODBYE_MS * 1000;
	tbdi_dialogue_fail(dialogue, dialogue->transport->disconnect(dialogue->connection));
	if (dialogue->transport->port != NULL)
		tbdi_link_part(dialogue->link);
	while (dialogue->failure == 0 && !tbdi_link_is_flushed(dialogue->link) &&
		tbdi_dialogue_now(dialogue) < deadline_us)
		tbdi_dialogue_turn(dialogue, deadline_us);
}

void tbdi_dialogue_release(struct tbdi_dialogue *dialogue)
{
	if (dialogue->transport != NULL)
		dialogue->transport->close(dialogue->connection);
	tbdi_link_free(dialogue->link);
	dialogue->connection = NULL;
	dialogue->link = NULL;
}
