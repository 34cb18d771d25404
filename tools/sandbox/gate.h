/* SPDX-License-Identifier: MIT
 *
 * gate.h - stands between a device and the broker, and lets nothing through that mosquitto would answer otherwise
 * than ThingsBoard: that it answers itself, and MQTT 5 as a whole.
 */
#ifndef SANDBOX_GATE_H
#define SANDBOX_GATE_H

#include "tools/sandbox/mqtt.h"
#include "tools/sandbox/packet.h"

struct gate;

/* All gates of a sandbox. */
struct gates {
	struct mqtt *mqtt;
	struct gate *first;
};

/* A gate for a device that has connected; `certified`: with a certificate of its own. What goes to the device and to the
 * broker is appended to these. NULL when memory is out. */
struct gate *gate_open(struct gates *gates, struct packet_buffer *to_device,
	struct packet_buffer *to_broker, bool certified);
void gate_close(struct gate *gate);

/* Take packets from the beginning of `in`, of which *allowed bytes may be taken; less are left of them then. */
void gate_take(struct gate *gate, struct packet_buffer *in, size_t *allowed);

/* What the broker has sent has been appended to `to_device`, `len` bytes: its CONNACK goes, the device has had
 * one. */
void gate_pass_back(struct gate *gate, size_t len);

/* CONNECT has been answered. */
bool gate_has_answered(const struct gate *gate);

/* Nothing more is taken: the connection has to be closed when what the broker still sends has come and
 * gate_say_last() has been called. */
bool gate_is_ending(const struct gate *gate);
void gate_say_last(struct gate *gate);

/* When to call gate_take() again whatever comes; -1: never. */
int64_t gate_due_ms(const struct gate *gate);

/* Send to the device of this session. False: it is the broker's to do. */
bool gates_deliver(const struct gates *gates, const struct mqtt_session *session,
	const struct mqtt_answer *answer);

/* End the session, if it goes on. */
void gates_end(
	const struct gates *gates, const struct mqtt_session *session, enum mqtt_reason reason);

#endif
