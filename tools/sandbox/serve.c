/* SPDX-License-Identifier: MIT
 *
 * serve.c - the sandbox at work: answers what the broker's plugin asks.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "serve.h"

#include "tools/process.h"

/* One line for each thing that happens; what a device sends is escaped. */
static void say(const struct serve *serve, const char *what, const char *topic, const char *outcome)
{
	if (serve->verbose)
		complain("%s%s%s: %s", what, topic != NULL ? " " : "", topic != NULL ? topic : "",
			outcome);
}

static enum wire_kind answer_kind(bool accepted)
{
	return accepted ? WIRE_ACCEPT : WIRE_REFUSE;
}

static struct wire_message on_connect(struct serve *serve, const struct wire_message *question)
{
	bool known = mqtt_connect(serve->mqtt, question->parts[0].data);
	say(serve, "CONNECT", NULL, known ? "accepted" : "refused, no device has this token");
	return (struct wire_message){ .kind = answer_kind(known) };
}

static struct wire_message on_subscribe(struct serve *serve, const struct wire_message *question)
{
	const char *filter = question->parts[1].data;
	bool granted = mqtt_subscribe(serve->mqtt, question->parts[0].data, filter, question->qos);
	say(serve, "SUBSCRIBE", filter, granted ? "granted" : "refused");
	return (struct wire_message){ .kind = answer_kind(granted) };
}

static struct wire_message on_publish(
	struct serve *serve, const struct wire_message *question, struct mqtt_answer *answer)
{
	static const char *const outcomes[] = {
		[MQTT_ACCEPT] = "accepted",
		[MQTT_IGNORE] = "ThingsBoard would not acknowledge this",
		[MQTT_CLOSE] = "invalid, connection closed",
	};
	const char *topic = question->parts[1].data;
	enum mqtt_verdict verdict = mqtt_publish(serve->mqtt, question->parts[0].data, topic,
		question->parts[2].data, question->parts[2].len, answer);
	say(serve, "PUBLISH", topic, outcomes[verdict]);
	/* mosquitto cannot keep back a PUBACK and the connection alive: MQTT_IGNORE is acknowledged. */
	return (struct wire_message){
		.kind = answer_kind(verdict != MQTT_CLOSE),
		.qos = answer->qos,
		.parts = { wire_string(answer->topic), wire_string(answer->payload) },
	};
}

/* 1: the broker is ready, 0: answered, -1: there is nobody to answer any more. */
static int answer(struct serve *serve)
{
	struct wire_message question;
	struct wire_message message = { .kind = WIRE_REFUSE };
	struct mqtt_answer to_client = { 0 };
	if (wire_receive(serve->broker->channel, serve->buffer, &question) != 1)
		return -1;
	if (question.kind == WIRE_READY)
		return 1;
	if (question.kind == WIRE_CONNECT)
		message = on_connect(serve, &question);
	else if (question.kind == WIRE_SUBSCRIBE)
		message = on_subscribe(serve, &question);
	else if (question.kind == WIRE_PUBLISH)
		message = on_publish(serve, &question, &to_client);
	int rc = wire_send(serve->broker->channel, &message);
	/* As in ThingsBoard, what cannot be sent is not: the device waits in vain. */
	if (rc < 0 && errno == EMSGSIZE)
		rc = wire_send(
			serve->broker->channel, &(struct wire_message){ .kind = WIRE_ACCEPT });
	mqtt_answer_release(&to_client);
	return rc;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What ppoll() takes for the time until `deadline_ms`; NULL when there is none. */
static const struct timespec *time_left(struct timespec *left, int64_t deadline_ms)
{
	int64_t ms = deadline_ms - now_ms();
	if (deadline_ms < 0)
		return NULL;
	if (ms < 0)
		ms = 0;
	*left = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return left;
}

enum serve_end serve_run(struct serve *serve, int timeout_ms)
{
	int64_t deadline_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	for (;;) {
		struct timespec left;
		struct pollfd fds[] = {
			{ .fd = serve->broker->channel, .events = POLLIN },
			{ .fd = serve->broker->log, .events = POLLIN },
		};
		int count = ppoll(fds, 2, time_left(&left, deadline_ms), serve->signals);
		if (process_stopped())
			return SERVE_STOPPED;
		if (count < 0 && errno != EINTR)
			return SERVE_GONE;
		if (count == 0)
			return SERVE_LATE;
		if (count < 0)
			continue;
		if (fds[1].revents != 0)
			broker_listen(serve->broker);
		if (fds[0].revents == 0)
			continue;
		int rc = answer(serve);
		if (rc != 0)
			return rc > 0 ? SERVE_READY : SERVE_GONE;
	}
}
