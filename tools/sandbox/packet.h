/* SPDX-License-Identifier: MIT
 *
 * packet.h - packets of MQTT 3.1, 3.1.1 and 5, read as ThingsBoard's netty reads them, and written.
 */
#ifndef SANDBOX_PACKET_H
#define SANDBOX_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_type {
	PACKET_CONNECT = 1,
	PACKET_CONNACK,
	PACKET_PUBLISH,
	PACKET_PUBACK,
	PACKET_PUBREC,
	PACKET_PUBREL,
	PACKET_PUBCOMP,
	PACKET_SUBSCRIBE,
	PACKET_SUBACK,
	PACKET_UNSUBSCRIBE,
	PACKET_UNSUBACK,
	PACKET_PINGREQ,
	PACKET_PINGRESP,
	PACKET_DISCONNECT,
	PACKET_AUTH,
};

enum {
	PACKET_REMAINING_MAX = 65536, /* NETTY_MAX_PAYLOAD_SIZE */
	PACKET_BUFFER = 128 * 1024,   /* more than the largest packet that ThingsBoard takes */
};

/* Bytes that come or go. */
struct packet_buffer {
	size_t len;
	unsigned char data[PACKET_BUFFER];
};

size_t packet_room(const struct packet_buffer *buffer);

/* Remove bytes from the middle, or the beginning. */
void packet_cut(struct packet_buffer *buffer, size_t at, size_t len);

/* Append bytes. False when there is no room for all, and nothing is. */
bool packet_append(struct packet_buffer *buffer, const void *data, size_t len);

/* ---- reading ---------------------------------------------------------------------------------- */

struct packet {
	unsigned type;
	unsigned flags; /* the lower half of the first byte */
	size_t head;    /* bytes of its fixed header */
	size_t len;     /* of all of it */
};

/* The packet that begins at `data`: 1, 0: more bytes are needed (len is 0, or already known), or -1: it is none,
 * or one that would not fit into a buffer. */
int packet_find(const unsigned char *data, size_t left, struct packet *packet);

/* ThingsBoard's decoder takes it: the type is one, its flags are those of the type, and it is not larger than one of it
 * can be at this level of MQTT (0: not known yet). */
bool packet_is_sound(const struct packet *packet, unsigned level);

/* A string as it lies in a packet; it has no NUL at its end, and may have one in it. */
struct packet_text {
	const char *data;
	size_t len;
};

bool packet_text_is(struct packet_text text, const char *string);

/* The rest of a packet. What is asked for and is not there fails, and is 0 or empty. */
struct packet_reader {
	const unsigned char *at;
	const unsigned char *end;
	bool failed;
};

struct packet_reader packet_body(const unsigned char *data, const struct packet *packet);
bool packet_reads_on(const struct packet_reader *reader);
unsigned packet_take_byte(struct packet_reader *reader);
unsigned packet_take_number(struct packet_reader *reader);
struct packet_text packet_take_text(struct packet_reader *reader);

/* The packet id; 0 fails. Then the properties of MQTT 5 are skipped. */
uint16_t packet_take_id(struct packet_reader *reader, unsigned level);

struct packet_connect {
	unsigned level; /* 3, 4 or 5 */
	bool clean;
	bool has_user;
	bool has_password;
	struct packet_text client_id;
	struct packet_text user;
	struct packet_text password;
};

/* False when ThingsBoard's decoder does not take it: protocol name and level, reserved flag, the client id of MQTT
 * 3.1, or its end. */
bool packet_read_connect(
	const unsigned char *data, const struct packet *packet, struct packet_connect *out);

struct packet_publish {
	unsigned qos;
	uint16_t id; /* 0: none, with QoS 0 */
	struct packet_text topic;
	struct packet_text payload;
};

/* False when the decoder does not take it: the topic has a wildcard, or the id is 0. */
bool packet_read_publish(const unsigned char *data, const struct packet *packet, unsigned level,
	struct packet_publish *out);

/* ---- writing ---------------------------------------------------------------------------------- */

/* Of the body of a packet: bytes, or a string with its length before it. */
struct packet_part {
	const void *data;
	size_t len;
	bool counted;
};

struct packet_part packet_bytes(const void *data, size_t len);
struct packet_part packet_string(const char *string);

/* Append a packet with this first byte. False when there is no room for it, and nothing is. */
bool packet_write(struct packet_buffer *buffer, unsigned first, const struct packet_part *parts,
	size_t count);

#endif
