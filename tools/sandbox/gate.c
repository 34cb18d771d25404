/* SPDX-License-Identifier: MIT
 *
 * gate.c - stands between a device and the broker.
 *
 * The rules are those of ThingsBoard's MqttTransportHandler. To the broker all devices are alike: MQTT 3.1.1, a clean
 * session, no keep alive, no will.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/gate.h"

#include "tools/sandbox/clock.h"

enum {
	QUEUE_MAX = 100, /* packets that may come before CONNECT */
	NAME_MAX = 255,  /* of topics and filters that ThingsBoard knows; others may be longer */
	LAST_MAX = 64,
	CONNACK_LEN = 4,
	REASONS_MAX = 512, /* of one SUBACK or UNSUBACK */
	ROOM_MIN = PACKET_REMAINING_MAX + 1024,
};

struct gate {
	struct gate *next;
	struct gates *gates;
	struct packet_buffer *to_device;
	struct packet_buffer *to_broker;
	bool certified;
	unsigned level;               /* of CONNECT; 0: none came */
	struct mqtt_session *session; /* NULL: none, or of somebody who is to be provisioned */
	bool brokered;                /* the broker has been told */
	bool ending;
	int provision_qos;
	uint16_t last_id; /* of what was published to the device */
	int64_t asked_ms; /* when CONNECT came, and has to wait; 0: it has not */
	size_t skip;      /* bytes of the broker's CONNACK that are still to come */
	size_t last_len;
	unsigned char last[LAST_MAX];
};

/* ---- a gate's life ---------------------------------------------------------------------------- */

struct gate *gate_open(struct gates *gates, struct packet_buffer *to_device,
	struct packet_buffer *to_broker, bool certified)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	if (gate == NULL)
		return NULL;
	*gate = (struct gate){
		.next = gates->first,
		.gates = gates,
		.to_device = to_device,
		.to_broker = to_broker,
		.certified = certified,
		.provision_qos = 1,
	};
	gates->first = gate;
	return gate;
}

void gate_close(struct gate *gate)
{
	if (gate == NULL)
		return;
	struct gate **place = &gate->gates->first;
	while (*place != gate)
		place = &(*place)->next;
	*place = gate->next;
	free(gate);
}

bool gate_has_answered(const struct gate *gate)
{
	return gate->level != 0;
}

bool gate_is_ending(const struct gate *gate)
{
	return gate->ending;
}

void gate_say_last(struct gate *gate)
{
	packet_append(gate->to_device, gate->last, gate->last_len);
	gate->last_len = 0;
}

int64_t gate_due_ms(const struct gate *gate)
{
	return gate->asked_ms != 0 ? mqtt_ready_ms(gate->gates->mqtt) : -1;
}

void gate_pass_back(struct gate *gate, size_t len)
{
	size_t skipped = gate->skip < len ? gate->skip : len;
	packet_cut(gate->to_device, gate->to_device->len - len, skipped);
	gate->skip -= skipped;
}

/* ---- what is said to the device --------------------------------------------------------------- */

/* MQTT 5 is told why. */
static void gate_end(struct gate *gate, enum mqtt_reason reason)
{
	const unsigned char disconnect[] = { PACKET_DISCONNECT << 4, 2, (unsigned char)reason, 0 };
	if (gate->level == 5 && gate->last_len + sizeof(disconnect) <= sizeof(gate->last)) {
		memcpy(gate->last + gate->last_len, disconnect, sizeof(disconnect));
		gate->last_len += sizeof(disconnect);
	}
	gate->ending = true;
}

/* PUBACK has a reason only in MQTT 5, and only when it is none of success. */
static void acknowledge(
	struct gate *gate, const struct packet_publish *publish, enum mqtt_reason reason)
{
	const unsigned char bytes[] = { (unsigned char)(publish->id >> 8),
		(unsigned char)publish->id, (unsigned char)reason, 0 };
	bool reasoned = gate->level == 5 && reason != MQTT_GRANTED;
	const struct packet_part part = packet_bytes(bytes, reasoned ? sizeof(bytes) : 2);
	if (publish->qos > 0)
		packet_write(gate->to_device, PACKET_PUBACK << 4, &part, 1);
}

/* Publish to the device. What there is no room for is lost: it waits in vain. */
static void publish_to(struct gate *gate, const struct mqtt_answer *answer)
{
	struct packet_part parts[4];
	size_t count = 0;
	unsigned char id[] = { 0, 0 };
	parts[count++] = packet_string(answer->topic);
	if (answer->qos > 0) {
		gate->last_id++;
		id[0] = (unsigned char)(gate->last_id >> 8);
		id[1] = (unsigned char)gate->last_id;
		parts[count++] = packet_bytes(id, sizeof(id));
	}
	if (gate->level == 5)
		parts[count++] = packet_bytes("", 1);
	parts[count++] = packet_bytes(answer->payload, strlen(answer->payload));
	packet_write(
		gate->to_device, PACKET_PUBLISH << 4 | (unsigned)answer->qos << 1, parts, count);
}

/* ---- CONNECT ---------------------------------------------------------------------------------- */

/* ThingsBoard keeps no session, and says that it does when it is asked to: even when it refuses. */
static void say_connack(
	struct gate *gate, const struct packet_connect *connect, enum mqtt_reason reason)
{
	unsigned char code = (unsigned char)reason;
	if (connect->level != 5 && reason != MQTT_GRANTED)
		code = reason == MQTT_BAD_CLIENT_ID                                  ? 2
			: reason == MQTT_UNAVAILABLE || reason == MQTT_RATE_EXCEEDED ? 3
										     : 5;
	const unsigned char bytes[] = { !connect->clean, code, 0 };
	const struct packet_part part = packet_bytes(bytes, connect->level == 5 ? 3 : 2);
	packet_write(gate->to_device, PACKET_CONNACK << 4, &part, 1);
}

/* The reason of DISCONNECT after a refusal. */
static enum mqtt_reason afterwards(enum mqtt_reason reason)
{
	return reason == MQTT_UNAVAILABLE      ? MQTT_BUSY
		: reason == MQTT_RATE_EXCEEDED ? MQTT_TOO_FAST
					       : reason;
}

static void tell_broker(struct gate *gate, const struct packet_connect *connect)
{
	/* A keep alive of 18 hours is what comes nearest to none; with the largest, mosquitto 2.0.21 ends sessions at
	 * any turn of a second (eclipse-mosquitto/mosquitto#3226). */
	enum { CLEAN = 0x02, PASSWORD = 0x40, USER = 0x80 };
	const unsigned char head[] = { 4, USER | CLEAN | (connect->has_password ? PASSWORD : 0),
		0xfd, 0xe8 };
	const struct packet_part parts[] = {
		packet_string("MQTT"),
		packet_bytes(head, sizeof(head)),
		packet_string(""),
		{ connect->user.data, connect->user.len, true },
		{ connect->password.data, connect->password.len, true },
	};
	packet_write(gate->to_broker, PACKET_CONNECT << 4, parts, connect->has_password ? 5 : 4);
	gate->brokered = true;
	gate->skip = CONNACK_LEN;
}

/* A device has one session: the one before ends. */
static void take_over(struct gate *gate)
{
	struct gate *other = gate->gates->first;
	for (; other != NULL; other = other->next)
		if (other != gate && other->session == gate->session && !other->ending)
			gate_end(other, MQTT_TAKEN_OVER);
}

static void take_connect(struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	struct mqtt *mqtt = gate->gates->mqtt;
	struct packet_connect connect;
	enum mqtt_reason reason = MQTT_UNAVAILABLE;
	struct mqtt_session *session = NULL;
	if (!packet_read_connect(data, packet, &connect)) {
		gate_end(gate, MQTT_MALFORMED);
		return;
	}
	if (!mqtt_was_too_early(mqtt, gate->asked_ms))
		reason = mqtt_connect(mqtt, &connect, gate->certified, &session);
	gate->asked_ms = 0;
	gate->level = connect.level;
	say_connack(gate, &connect, reason);
	if (reason != MQTT_GRANTED) {
		gate_end(gate, afterwards(reason));
		return;
	}
	gate->session = session;
	if (session == NULL)
		return;
	take_over(gate);
	if (connect.level != 5 && !gate->brokered)
		tell_broker(gate, &connect);
}

/* ---- PUBLISH ---------------------------------------------------------------------------------- */

/* A topic or filter as a string: one that has a NUL in it, or is longer than any that ThingsBoard knows, is as
 * unknown as this. */
static const char *as_name(char name[NAME_MAX + 1], struct packet_text text)
{
	if (text.len > NAME_MAX || memchr(text.data, '\0', text.len) != NULL)
		return "?";
	memcpy(name, text.data, text.len);
	name[text.len] = '\0';
	return name;
}

static void say_no_package(struct gate *gate)
{
	const struct mqtt_answer error = { (char[]){ "v2/fw/error" }, (char[]){ "NOT_FOUND" }, 1 };
	publish_to(gate, &error);
}

static void answer_publish(
	struct gate *gate, const struct packet_publish *publish, enum mqtt_verdict verdict)
{
	switch (verdict) {
	case MQTT_ACCEPT:
		acknowledge(gate, publish, MQTT_GRANTED);
		break;
	case MQTT_UNKNOWN:
		acknowledge(gate, publish, MQTT_BAD_TOPIC);
		break;
	case MQTT_IGNORE:
		break;
	case MQTT_INVALID:
		if (gate->level == 5 && publish->qos > 0)
			acknowledge(gate, publish, MQTT_BAD_PAYLOAD);
		else
			gate_end(gate, MQTT_BAD_PAYLOAD);
		break;
	case MQTT_FAILURE:
		gate_end(gate, MQTT_FAILED);
		break;
	case MQTT_NO_PACKAGE:
		say_no_package(gate);
		gate_end(gate, MQTT_UNSPECIFIC);
		break;
	case MQTT_EXCEEDED:
	case MQTT_DROPPED:
		gate_end(gate, MQTT_UNSPECIFIC);
		break;
	}
}

/* In a session of somebody who is to be provisioned. */
static void publish_to_provision(struct gate *gate, const struct packet_publish *publish)
{
	struct mqtt_answer answer = { 0 };
	enum mqtt_reason reason = MQTT_GRANTED;
	if (!packet_text_is(publish->topic, MQTT_PROVISION_REQUEST))
		reason = MQTT_BAD_TOPIC;
	else if (!mqtt_provision(gate->gates->mqtt, publish->payload, &answer))
		reason = MQTT_UNSPECIFIC;
	acknowledge(gate, publish, reason);
	answer.qos = gate->provision_qos;
	if (reason != MQTT_GRANTED)
		gate_end(gate, reason);
	else if (answer.topic != NULL && answer.payload != NULL)
		publish_to(gate, &answer);
	mqtt_answer_release(&answer);
}

/* mosquitto would close over a topic that is empty or not printable. */
static bool is_plain(const char *name)
{
	const char *end = name;
	while (*end > ' ' && *end <= '~')
		end++;
	return end > name && *end == '\0';
}

/* With the QoS that ThingsBoard grants, which knows of no QoS 2, and no flags, at which it does not look. */
static void pass_publish(struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	unsigned char first = PACKET_PUBLISH << 4 | ((packet->flags & 6) != 0 ? 2 : 0);
	packet_append(gate->to_broker, &first, 1);
	packet_append(gate->to_broker, data + 1, packet->len - 1);
}

static void take_publish(struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	struct packet_publish publish;
	char name[NAME_MAX + 1];
	struct mqtt_answer answer = { 0 };
	if (!packet_read_publish(data, packet, gate->level, &publish)) {
		gate_end(gate, MQTT_MALFORMED);
		return;
	}
	if (gate->session == NULL) {
		publish_to_provision(gate, &publish);
		return;
	}
	const char *topic = as_name(name, publish.topic);
	if (gate->brokered && is_plain(topic) && !mqtt_is_beyond_brokers(topic, publish.payload)) {
		pass_publish(gate, data, packet);
		return;
	}
	enum mqtt_verdict verdict =
		mqtt_publish(gate->gates->mqtt, gate->session, topic, publish.payload, &answer);
	answer_publish(gate, &publish, verdict);
	if (answer.topic != NULL)
		publish_to(gate, &answer);
	mqtt_answer_release(&answer);
}

/* ---- SUBSCRIBE, UNSUBSCRIBE ------------------------------------------------------------------- */

static unsigned subscribe(struct gate *gate, const char *filter, unsigned options)
{
	int qos = (options & 3) == 0 ? 0 : 1;
	bool granted = false;
	if (gate->session != NULL)
		granted = mqtt_subscribe(gate->gates->mqtt, gate->session, filter, qos);
	else if (strcmp(filter, MQTT_PROVISION_RESPONSE) == 0)
		granted = true, gate->provision_qos = qos;
	if (granted)
		return (unsigned)qos;
	return gate->level == 5 ? MQTT_BAD_FILTER : 0x80;
}

static unsigned unsubscribe(struct gate *gate, const char *filter, unsigned options)
{
	(void)options;
	bool was = gate->session != NULL && mqtt_unsubscribe(gate->session, filter);
	return was ? MQTT_GRANTED : MQTT_NO_SUBSCRIPTION;
}

/* SUBACK or UNSUBACK with a reason for each filter, which UNSUBACK has in MQTT 5 only. */
static void say_reasons(struct gate *gate, enum packet_type type, uint16_t id,
	const unsigned char *reasons, size_t count)
{
	const unsigned char bytes[] = { (unsigned char)(id >> 8), (unsigned char)id };
	struct packet_part parts[3];
	size_t part_count = 0;
	parts[part_count++] = packet_bytes(bytes, sizeof(bytes));
	if (gate->level == 5)
		parts[part_count++] = packet_bytes("", 1);
	if (gate->level == 5 || type == PACKET_SUBACK)
		parts[part_count++] = packet_bytes(reasons, count);
	packet_write(gate->to_device, (unsigned)type << 4, parts, part_count);
}

/* Each filter; false: the packet is none. */
static bool take_filters(struct gate *gate, const unsigned char *data, const struct packet *packet,
	unsigned (*take)(struct gate *gate, const char *filter, unsigned options))
{
	bool subscribes = packet->type == PACKET_SUBSCRIBE;
	unsigned char reasons[REASONS_MAX];
	size_t count = 0;
	struct packet_reader reader = packet_body(data, packet);
	uint16_t id = packet_take_id(&reader, gate->level);
	while (packet_reads_on(&reader) && count < REASONS_MAX) {
		char name[NAME_MAX + 1];
		const char *filter = as_name(name, packet_take_text(&reader));
		unsigned options = subscribes ? packet_take_byte(&reader) : 0;
		if (!reader.failed)
			reasons[count++] = (unsigned char)take(gate, filter, options);
	}
	if (reader.failed)
		return false;
	say_reasons(gate, subscribes ? PACKET_SUBACK : PACKET_UNSUBACK, id, reasons, count);
	return true;
}

/* A filter as MQTT has it: '+' fills a level, and '#' the last. */
static bool is_filter(const char *filter)
{
	bool good = is_plain(filter);
	for (size_t i = 0; good && filter[i] != '\0'; i++) {
		bool begins = i == 0 || filter[i - 1] == '/';
		bool ends = filter[i + 1] == '\0' || (filter[i] == '+' && filter[i + 1] == '/');
		good = (filter[i] != '+' && filter[i] != '#') || (begins && ends);
	}
	return good;
}

/* The broker takes what has filters, and good ones. */
static bool is_for_broker(
	const struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	struct packet_reader reader = packet_body(data, packet);
	packet_take_id(&reader, gate->level);
	bool good = gate->brokered && packet_reads_on(&reader);
	while (packet_reads_on(&reader)) {
		char name[NAME_MAX + 1];
		good = is_filter(as_name(name, packet_take_text(&reader))) && good;
		if (packet->type == PACKET_SUBSCRIBE)
			packet_take_byte(&reader);
	}
	return good && !reader.failed;
}

static void take_subscribe(
	struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	if (is_for_broker(gate, data, packet))
		packet_append(gate->to_broker, data, packet->len);
	else if (!take_filters(gate, data, packet, subscribe))
		gate_end(gate, MQTT_MALFORMED);
}

/* Of this the broker's plugin does not hear: the subscriptions that count are not the broker's. */
static void take_unsubscribe(
	struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	size_t said = gate->to_device->len;
	bool brokered = is_for_broker(gate, data, packet);
	if (!take_filters(gate, data, packet, unsubscribe)) {
		gate_end(gate, MQTT_MALFORMED);
	} else if (brokered) {
		gate->to_device->len = said;
		packet_append(gate->to_broker, data, packet->len);
	}
}

/* ---- the other packets ------------------------------------------------------------------------ */

static void take_ping(struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	(void)data, (void)packet;
	if (gate->brokered)
		packet_append(
			gate->to_broker, (const unsigned char[]){ PACKET_PINGREQ << 4, 0 }, 2);
	else
		packet_write(gate->to_device, PACKET_PINGRESP << 4, NULL, 0);
}

/* MQTT 5 has an answer to it. */
static void take_disconnect(
	struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	(void)data, (void)packet;
	if (gate->level == 5)
		packet_write(gate->to_device, PACKET_DISCONNECT << 4, NULL, 0);
	gate->ending = true;
}

static void gate_take_puback(
	struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	if (gate->brokered && packet->len == 4)
		packet_append(gate->to_broker, data, packet->len);
}

/* What is not here is ignored. */
static void take(struct gate *gate, const unsigned char *data, const struct packet *packet)
{
	static void (*const by_type[])(
		struct gate * gate, const unsigned char *data, const struct packet *packet) = {
		[PACKET_CONNECT] = take_connect,
		[PACKET_PUBLISH] = take_publish,
		[PACKET_PUBACK] = gate_take_puback,
		[PACKET_SUBSCRIBE] = take_subscribe,
		[PACKET_UNSUBSCRIBE] = take_unsubscribe,
		[PACKET_PINGREQ] = take_ping,
		[PACKET_DISCONNECT] = take_disconnect,
		[PACKET_AUTH] = NULL,
	};
	TOOL_TABLE_OF(by_type, PACKET_AUTH);
	if (by_type[packet->type] != NULL)
		by_type[packet->type](gate, data, packet);
}

/* Where the next packet to take begins: packets that come before CONNECT wait for it. False: it has not come, or
 * the gate is ending. */
static bool find_next(struct gate *gate, const struct packet_buffer *in, size_t allowed, size_t *at,
	struct packet *packet)
{
	size_t count = 0;
	for (*at = 0; *at < allowed; *at += packet->len, count++) {
		int found = packet_find(in->data + *at, allowed - *at, packet);
		bool waits = gate->level == 0 && packet->type != PACKET_CONNECT;
		if (found < 0 || (packet->len > 0 && !packet_is_sound(packet, gate->level)) ||
			(waits && count == QUEUE_MAX))
			gate_end(gate, MQTT_MALFORMED);
		if (found <= 0 || gate->ending)
			return false;
		if (!waits)
			return true;
	}
	return false;
}

void gate_take(struct gate *gate, struct packet_buffer *in, size_t *allowed)
{
	struct packet packet = { 0 };
	size_t at = 0;
	while (!gate->ending && packet_room(gate->to_device) >= ROOM_MIN &&
		packet_room(gate->to_broker) >= ROOM_MIN &&
		find_next(gate, in, *allowed, &at, &packet)) {
		if (packet.type == PACKET_CONNECT &&
			clock_ms() < mqtt_ready_ms(gate->gates->mqtt)) {
			if (gate->asked_ms == 0)
				gate->asked_ms = clock_ms();
			return;
		}
		take(gate, in->data + at, &packet);
		packet_cut(in, at, packet.len);
		*allowed -= packet.len;
	}
}

/* ---- from outside ----------------------------------------------------------------------------- */

static struct gate *find_gate(const struct gates *gates, const struct mqtt_session *session)
{
	struct gate *gate = gates->first;
	while (gate != NULL && (gate->session != session || gate->ending))
		gate = gate->next;
	return gate;
}

bool gates_deliver(const struct gates *gates, const struct mqtt_session *session,
	const struct mqtt_answer *answer)
{
	struct gate *gate = find_gate(gates, session);
	if (gate != NULL && gate->brokered)
		return false;
	if (gate != NULL && packet_room(gate->to_device) >= ROOM_MIN)
		publish_to(gate, answer);
	return true;
}

void gates_end(
	const struct gates *gates, const struct mqtt_session *session, enum mqtt_reason reason)
{
	struct gate *gate = find_gate(gates, session);
	if (gate != NULL)
		gate_end(gate, reason);
}
