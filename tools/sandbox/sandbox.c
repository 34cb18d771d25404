/* SPDX-License-Identifier: MIT
 *
 * sandbox.c - the sandbox at work: answers what the broker's plugin asks.
 */
#include "tools/cli/tool.h"

#include <errno.h>
#include <poll.h>

#include "tools/sandbox/sandbox.h"

#include "tools/sandbox/clock.h"

#include "tools/cli/process.h"

/* What poll() waits for; from SERVE_FRONT on it is the fronts. */
enum {
	SERVE_CHANNEL,
	SERVE_LOG,
	SERVE_COAP,
	SERVE_HTTP,
	SERVE_FRONT = SERVE_HTTP + SERVE_HTTP_SERVERS
};

void serve_release(struct serve *serve)
{
	for (size_t i = 0; i < SERVE_FRONTS; i++)
		front_release(&serve->fronts[i]);
}

/* ---- what comes of itself --------------------------------------------------------------------- */

/* 0, or -1: there is no broker to send it by. */
static int send_late(struct serve *serve, const struct mqtt_late *late)
{
	if (late->answer.topic == NULL) {
		gates_end(&serve->gates, late->session, MQTT_ADMINISTRATIVE);
		return 0;
	}
	if (gates_deliver(&serve->gates, late->session, &late->answer))
		return 0;
	int rc = wire_send(serve->broker->channel,
		&(struct wire_message){ .kind = WIRE_MESSAGE,
			.qos = late->answer.qos,
			.parts = { wire_string(mqtt_session_name(late->session)),
				wire_string(late->answer.topic),
				wire_string(late->answer.payload) } });
	return rc < 0 && errno == EMSGSIZE ? 0 : rc;
}

static int send_due(struct serve *serve)
{
	struct mqtt_late late;
	int rc = 0;
	while (rc == 0 && mqtt_take_due(serve->mqtt, &late)) {
		rc = send_late(serve, &late);
		mqtt_answer_release(&late.answer);
	}
	return rc;
}

/* ---- what the broker asks --------------------------------------------------------------------- */

static struct packet_text as_text(const struct wire_part *part)
{
	return (struct packet_text){ part->data, part->len };
}

/* Of a client that its gate has let in. */
static struct wire_message answer_question(
	struct serve *serve, const struct wire_message *question, struct mqtt_answer *answer)
{
	const char *name = question->parts[0].data;
	struct mqtt_session *session = mqtt_session_of(serve->mqtt, name);
	struct wire_message message = { .kind = WIRE_REFUSE };
	bool accepted = false;
	if (question->kind == WIRE_CONNECT) {
		accepted = mqtt_admits(serve->mqtt, name, question->parts[1].data);
	} else if (question->kind == WIRE_SUBSCRIBE && session != NULL) {
		accepted = mqtt_subscribe(
			serve->mqtt, session, question->parts[1].data, question->qos);
	} else if (question->kind == WIRE_PUBLISH && session != NULL) {
		enum mqtt_verdict verdict = mqtt_publish(serve->mqtt, session,
			question->parts[1].data, as_text(&question->parts[2]), answer);
		accepted = verdict == MQTT_ACCEPT || verdict == MQTT_UNKNOWN;
		message.qos = answer->qos;
		message.parts[0] = wire_string(answer->topic);
		message.parts[1] = wire_string(answer->payload);
	}
	message.kind = accepted ? WIRE_ACCEPT : WIRE_REFUSE;
	return message;
}

/* 1: the broker is ready, 0: answered, -1: there is nobody to answer any more. */
static int answer_plugin(struct serve *serve)
{
	struct wire_message question;
	struct mqtt_answer answer = { 0 };
	if (wire_receive(serve->broker->channel, serve->buffer, &question) != 1)
		return -1;
	if (question.kind == WIRE_READY)
		return 1;
	struct wire_message message = answer_question(serve, &question, &answer);
	int rc = wire_send(serve->broker->channel, &message);
	/* As in ThingsBoard, what cannot be sent is not: the device waits in vain. */
	if (rc < 0 && errno == EMSGSIZE)
		rc = wire_send(
			serve->broker->channel, &(struct wire_message){ .kind = WIRE_ACCEPT });
	mqtt_answer_release(&answer);
	return rc;
}

/* What ppoll() takes for the time until `deadline_ms`; NULL when there is none. */
static const struct timespec *time_left(struct timespec *left, int64_t deadline_ms)
{
	int64_t ms = deadline_ms - clock_ms();
	if (deadline_ms < 0)
		return NULL;
	if (ms < 0)
		ms = 0;
	*left = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return left;
}

/* Whatever is there to be done now. */
static enum serve_end turn(struct serve *serve, const struct pollfd *fds)
{
	if (fds[SERVE_LOG].revents != 0)
		broker_listen(serve->broker);
	const struct pollfd *front = fds + SERVE_FRONT;
	for (size_t i = 0; i < SERVE_FRONTS; i++)
		front += front_turn(&serve->fronts[i], front);
	for (size_t i = 0; i < SERVE_HTTP_SERVERS; i++)
		http_turn(serve->http[i]);
	coapd_turn(serve->coap);
	if (send_due(serve) < 0)
		return SERVE_GONE;
	int rc = fds[SERVE_CHANNEL].revents != 0 ? answer_plugin(serve) : 0;
	if (rc == 0)
		return SERVE_GOES_ON;
	return rc > 0 ? SERVE_READY : SERVE_GONE;
}

/* What to wait for, and until when; how many descriptors. */
static size_t prepare(const struct serve *serve, struct pollfd *fds, int64_t *due_ms)
{
	size_t count = SERVE_FRONT;
	fds[SERVE_CHANNEL] = (struct pollfd){ .fd = serve->broker->channel, .events = POLLIN };
	fds[SERVE_LOG] = (struct pollfd){ .fd = serve->broker->log, .events = POLLIN };
	fds[SERVE_COAP] = (struct pollfd){ .fd = coapd_fd(serve->coap), .events = POLLIN };
	*due_ms = mqtt_due_ms(serve->mqtt);
	for (size_t i = 0; i < SERVE_HTTP_SERVERS; i++) {
		fds[SERVE_HTTP + i] =
			(struct pollfd){ .fd = http_fd(serve->http[i]), .events = POLLIN };
		*due_ms = clock_earlier(*due_ms, http_due_ms(serve->http[i]));
	}
	for (size_t i = 0; i < SERVE_FRONTS; i++) {
		int64_t front_due_ms = -1;
		count += front_prepare(&serve->fronts[i], fds + count, &front_due_ms);
		*due_ms = clock_earlier(*due_ms, front_due_ms);
	}
	return count;
}

enum serve_end serve_run(struct serve *serve, int timeout_ms)
{
	int64_t deadline_ms = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	enum serve_end end = SERVE_GOES_ON;
	while (end == SERVE_GOES_ON) {
		struct timespec left;
		struct pollfd fds[SERVE_FRONT + SERVE_FRONTS * FRONT_FDS];
		int64_t due_ms = -1;
		nfds_t fd_count = prepare(serve, fds, &due_ms);
		const struct timespec *wait = time_left(&left, clock_earlier(deadline_ms, due_ms));
		int count = ppoll(fds, fd_count, wait, serve->signals);
		if (process_stopped())
			return SERVE_STOPPED;
		if (count < 0 && errno != EINTR)
			return SERVE_GONE;
		if (count == 0 && deadline_ms >= 0 && clock_ms() >= deadline_ms)
			return SERVE_LATE;
		if (count >= 0)
			end = turn(serve, fds);
	}
	return end;
}
