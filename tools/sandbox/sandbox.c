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
enum { SERVE_CHANNEL, SERVE_LOG, SERVE_HTTP, SERVE_COAP, SERVE_FRONT };

/* ---- answers that come late ------------------------------------------------------------------- */

static void late_release(struct late *late)
{
	mqtt_answer_release(&late->answer);
	free(late->token);
}

/* Keep an answer back; takes it. */
static void keep_back(struct serve *serve, const char *token, struct mqtt_answer *answer)
{
	struct late late = { clock_ms() + serve->late_ms, strdup(token), *answer };
	*answer = (struct mqtt_answer){ 0 };
	if (serve->late_count < LATE_MAX && late.token != NULL)
		serve->late[serve->late_count++] = late;
	else
		late_release(&late);
}

/* Send the first of them. 0, or -1: there is nobody to send it to. */
static int send_late(struct serve *serve)
{
	struct late late = serve->late[0];
	memmove(serve->late, serve->late + 1, --serve->late_count * sizeof(late));
	int rc = wire_send(serve->broker->channel,
		&(struct wire_message){ .kind = WIRE_MESSAGE,
			.qos = late.answer.qos,
			.parts = { wire_string(late.token), wire_string(late.answer.topic),
				wire_string(late.answer.payload) } });
	if (rc < 0 && errno == EMSGSIZE)
		rc = 0;
	late_release(&late);
	return rc;
}

void serve_release(struct serve *serve)
{
	while (serve->late_count > 0)
		late_release(&serve->late[--serve->late_count]);
	for (size_t i = 0; i < SERVE_FRONTS; i++)
		front_release(&serve->fronts[i]);
}

/* ---- what the broker asks --------------------------------------------------------------------- */

/* One line for each thing that happens; what a device sends is escaped. */
static void sandbox_say(
	const struct serve *serve, const char *what, const char *topic, const char *outcome)
{
	if (serve->verbose)
		complain("%s%s%s: %s", what, topic != NULL ? " " : "", topic != NULL ? topic : "",
			outcome);
}

static enum wire_kind answer_kind(bool accepted)
{
	return accepted ? WIRE_ACCEPT : WIRE_REFUSE;
}

static struct wire_message sandbox_on_connect(
	struct serve *serve, const struct wire_message *question)
{
	bool known = mqtt_connect(serve->mqtt, question->parts[0].data, question->parts[1].data);
	sandbox_say(serve, "CONNECT", NULL,
		known ? "accepted" : "refused, no device has these credentials");
	return (struct wire_message){ .kind = answer_kind(known) };
}

static struct wire_message sandbox_on_subscribe(
	struct serve *serve, const struct wire_message *question)
{
	const char *filter = question->parts[1].data;
	bool granted = mqtt_subscribe(serve->mqtt, question->parts[0].data, filter, question->qos);
	sandbox_say(serve, "SUBSCRIBE", filter, granted ? "granted" : "refused");
	struct mqtt_answer call = { 0 };
	if (granted)
		call = mqtt_rpc(serve->mqtt, filter);
	if (call.topic != NULL) {
		sandbox_say(serve, "call", call.topic, "to the device");
		keep_back(serve, question->parts[0].data, &call);
	}
	return (struct wire_message){ .kind = answer_kind(granted) };
}

static struct wire_message sandbox_on_publish(
	struct serve *serve, const struct wire_message *question, struct mqtt_answer *answer)
{
	static const char *const outcomes[] = {
		[MQTT_ACCEPT] = "accepted",
		[MQTT_IGNORE] = "ThingsBoard would not acknowledge this",
		[MQTT_CLOSE] = "invalid, connection closed",
	};
	TOOL_TABLE_OF(outcomes, MQTT_CLOSE);
	const char *topic = question->parts[1].data;
	enum mqtt_verdict verdict = mqtt_publish(serve->mqtt, question->parts[0].data, topic,
		question->parts[2].data, question->parts[2].len, answer);
	sandbox_say(serve, "PUBLISH", topic, outcomes[verdict]);
	if (answer->topic != NULL && serve->late_ms > 0)
		keep_back(serve, question->parts[0].data, answer);
	/* mosquitto cannot keep back a PUBACK and the connection alive: MQTT_IGNORE is acknowledged. */
	return (struct wire_message){
		.kind = answer_kind(verdict != MQTT_CLOSE),
		.qos = answer->qos,
		.parts = { wire_string(answer->topic), wire_string(answer->payload) },
	};
}

/* 1: the broker is ready, 0: answered, -1: there is nobody to answer any more. */
static int answer_plugin(struct serve *serve)
{
	struct wire_message question;
	struct wire_message message = { .kind = WIRE_REFUSE };
	struct mqtt_answer to_client = { 0 };
	if (wire_receive(serve->broker->channel, serve->buffer, &question) != 1)
		return -1;
	if (question.kind == WIRE_READY)
		return 1;
	if (question.kind == WIRE_CONNECT)
		message = sandbox_on_connect(serve, &question);
	else if (question.kind == WIRE_SUBSCRIBE)
		message = sandbox_on_subscribe(serve, &question);
	else if (question.kind == WIRE_PUBLISH)
		message = sandbox_on_publish(serve, &question, &to_client);
	int rc = wire_send(serve->broker->channel, &message);
	/* As in ThingsBoard, what cannot be sent is not: the device waits in vain. */
	if (rc < 0 && errno == EMSGSIZE)
		rc = wire_send(
			serve->broker->channel, &(struct wire_message){ .kind = WIRE_ACCEPT });
	mqtt_answer_release(&to_client);
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
	http_turn(serve->http);
	coapd_turn(serve->coap);
	if (serve->late_count > 0 && clock_ms() >= serve->late[0].due_ms && send_late(serve) < 0)
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
	fds[SERVE_HTTP] = (struct pollfd){ .fd = http_fd(serve->http), .events = POLLIN };
	fds[SERVE_COAP] = (struct pollfd){ .fd = coapd_fd(serve->coap), .events = POLLIN };
	*due_ms = http_due_ms(serve->http);
	for (size_t i = 0; i < SERVE_FRONTS; i++) {
		int64_t front_due_ms = -1;
		count += front_prepare(&serve->fronts[i], fds + count, &front_due_ms);
		*due_ms = clock_earlier(*due_ms, front_due_ms);
	}
	if (serve->late_count > 0)
		*due_ms = clock_earlier(*due_ms, serve->late[0].due_ms);
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
