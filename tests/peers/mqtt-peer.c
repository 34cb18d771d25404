/* SPDX-License-Identifier: MIT
 *
 * mqtt-peer.c - a ThingsBoard of one connection that does what a script says.
 */
#include "base/common.h"

#include "tests/peers/mqtt-peer.h"

#include "tests/peers/peer.h"

#include <check.h>

enum { PACKET_MAX = 1024 };

struct mqtt_peer {
	struct mqtt_script script;
	struct mqtt_deeds deeds;
	struct peer_step steps[2];
	struct peer *peer;
	bool wrote; /* the attribute was written */
	int reads;  /* since then */
	unsigned char packet[PACKET_MAX + 1];
	size_t body; /* where the body of the packet begins */
	size_t len;
};

/* The client may be gone already: that is for the next read to find. */
static void peer_say(struct mqtt_peer *peer, const void *data, size_t len)
{
	const char *bytes = data;
	size_t step = peer->script.one_byte_at_a_time ? 1 : len;
	for (size_t at = 0; at < len; at += step)
		if (!peer_write(peer->peer, bytes + at, step))
			return;
}

/* The next packet; false at the end of the connection. */
static bool read_packet(struct mqtt_peer *peer)
{
	size_t remaining = 0;
	unsigned shift = 0;
	peer->body = 1;
	if (!peer_read(peer->peer, peer->packet, 1))
		return false;
	do {
		if (shift > 21 || !peer_read(peer->peer, peer->packet + peer->body, 1))
			return false;
		remaining |= (size_t)(peer->packet[peer->body] & 0x7f) << shift;
		shift += 7;
	} while (peer->packet[peer->body++] & 0x80);
	if (remaining > PACKET_MAX - peer->body)
		return false;
	peer->len = peer->body + remaining;
	peer->packet[peer->len] = '\0';
	peer->deeds.packets++;
	return peer_read(peer->peer, peer->packet + peer->body, remaining);
}

static size_t uint16_at(const struct mqtt_peer *peer, size_t at)
{
	return (size_t)peer->packet[at] << 8 | peer->packet[at + 1];
}

/* Close now, by FIN or RST. */
static bool leave(struct mqtt_peer *peer, bool reset)
{
	if (reset)
		peer_reset(peer->peer);
	return false;
}

static bool deed_closes(enum mqtt_deed deed)
{
	return deed == MQTT_FIN || deed == MQTT_RST;
}

/* Copy the string at `at`, with its length before it; where the next one begins. */
static size_t take_string(struct mqtt_peer *peer, size_t at, char *out, size_t size)
{
	size_t len = uint16_at(peer, at);
	snprintf(out, size, "%.*s", (int)len, (const char *)peer->packet + at + 2);
	return at + 2 + len;
}

static bool peer_on_connect(struct mqtt_peer *peer)
{
	const struct mqtt_script *script = &peer->script;
	size_t flags_at =
		take_string(peer, peer->body, peer->deeds.protocol, sizeof(peer->deeds.protocol)) +
		1;
	peer->deeds.connect_flags = peer->packet[flags_at];
	/* MQTT 5: properties of fewer than 128 bytes come first. */
	size_t at = flags_at + 3;
	at += script->is_v5 ? 1 + (size_t)peer->packet[at] : 0;
	at = take_string(peer, at, peer->deeds.client_id, sizeof(peer->deeds.client_id));
	if (peer->deeds.connect_flags & 0x80)
		at = take_string(peer, at, peer->deeds.user_name, sizeof(peer->deeds.user_name));
	if (peer->deeds.connect_flags & 0x40)
		take_string(peer, at, peer->deeds.password, sizeof(peer->deeds.password));
	if (script->on_connect == MQTT_SILENCE)
		return true;
	if (script->connack != NULL)
		peer_say(peer, script->connack, script->connack_len);
	else if (!deed_closes(script->on_connect))
		peer_say(peer, script->is_v5 ? "\x20\x03\x00\x00\x00" : "\x20\x02\x00\x00",
			script->is_v5 ? 5 : 4);
	return deed_closes(script->on_connect) ? leave(peer, script->on_connect == MQTT_RST) : true;
}

static bool peer_on_subscribe(struct mqtt_peer *peer)
{
	enum mqtt_deed deed = peer->script.on_subscribe;
	bool v5 = peer->script.is_v5;
	unsigned char answer[] = { 0x90, v5 ? 4 : 3, peer->packet[peer->body],
		peer->packet[peer->body + 1], 0, 0 };
	answer[v5 ? 5 : 4] = peer->script.suback == 0 ? 1 : (unsigned char)peer->script.suback;
	if (deed == MQTT_ANSWER)
		peer_say(peer, answer, v5 ? 6 : 5);
	return deed_closes(deed) ? leave(peer, deed == MQTT_RST) : true;
}

static void acknowledge(struct mqtt_peer *peer, size_t id_at)
{
	const unsigned char answer[] = { 0x40, 2, peer->packet[id_at], peer->packet[id_at + 1] };
	peer_say(peer, answer, sizeof(answer));
}

static void peer_refuse(struct mqtt_peer *peer, size_t id_at)
{
	const unsigned char answer[] = { 0x40, 4, peer->packet[id_at], peer->packet[id_at + 1],
		(unsigned char)peer->script.reason, 0 };
	peer_say(peer, answer, sizeof(answer));
}

/* Close with a DISCONNECT of MQTT 5. */
static bool dismiss(struct mqtt_peer *peer)
{
	const unsigned char words[] = { 0xe0, 2, (unsigned char)peer->script.reason, 0 };
	peer_say(peer, words, sizeof(words));
	return leave(peer, false);
}

/* PUBLISH at QoS 1. */
static void publish(struct mqtt_peer *peer, const char *topic, const char *body)
{
	char packet[256];
	int properties_len = peer->script.is_v5 ? 1 : 0;
	size_t remaining = 2 + strlen(topic) + 2 + (size_t)properties_len + strlen(body);
	ck_assert_uint_lt(remaining, 128);
	int len = snprintf(packet, sizeof(packet), "\x32%c%c%c%s%c%c%.*s%s", (int)remaining, 0,
		(int)strlen(topic), topic, 0, 7, properties_len, "?", body);
	if (peer->script.is_v5)
		packet[2 + 2 + strlen(topic) + 2] = 0;
	peer_say(peer, packet, (size_t)len);
}

/* To the response topic. */
static void respond(struct mqtt_peer *peer, int id, const char *body)
{
	char topic[64];
	snprintf(topic, sizeof(topic), "v1/devices/me/attributes/response/%d", id);
	publish(peer, topic, body);
}

/* What a read shows now: the attribute `model` is never set. */
static void value_now(struct mqtt_peer *peer, char *body, size_t size)
{
	bool hidden = peer->script.hidden_reads < 0 || peer->reads < peer->script.hidden_reads;
	snprintf(body, size, "{}");
	if (peer->wrote && !hidden)
		snprintf(body, size, "{\"client\":%s}", peer->deeds.written);
	else if (peer->wrote && peer->script.old_value != NULL)
		snprintf(body, size, "{\"client\":{\"tbdiagProbe\":%s}}", peer->script.old_value);
	peer->reads += peer->wrote;
}

static bool peer_on_request(struct mqtt_peer *peer, int id, size_t id_at)
{
	enum mqtt_deed deed = peer->wrote ? peer->script.on_request : peer->script.on_first_request;
	char body[128];
	if (deed_closes(deed))
		return leave(peer, deed == MQTT_RST);
	if (deed == MQTT_REFUSE)
		peer_refuse(peer, id_at);
	else if (deed != MQTT_SILENCE && deed != MQTT_UNACKNOWLEDGED)
		acknowledge(peer, id_at);
	if (deed == MQTT_ACK_AND_FIN)
		return leave(peer, false);
	if (deed == MQTT_DISMISS)
		return dismiss(peer);
	value_now(peer, body, sizeof(body));
	if (deed == MQTT_ANSWER || deed == MQTT_UNACKNOWLEDGED)
		respond(peer, id, body);
	if (deed == MQTT_OTHER_ID)
		respond(peer, id + 1000, body);
	if (deed == MQTT_NO_JSON)
		respond(peer, id, "{\"client\":");
	if (deed == MQTT_NO_OBJECT)
		respond(peer, id, "{\"client\":[]}");
	if (deed == MQTT_HUGE)
		peer_say(peer, "\x32\xff\xff\xff\x7f\x00\x10", 7);
	return true;
}

static bool peer_on_publish(struct mqtt_peer *peer)
{
	char topic[64];
	size_t id_at = take_string(peer, peer->body, topic, sizeof(topic));
	int id = 0;
	if (sscanf(topic, "v1/devices/me/attributes/request/%d", &id) == 1)
		return peer_on_request(peer, id, id_at);
	if (strcmp(topic, "v1/devices/me/rpc/request/1") == 0) {
		acknowledge(peer, id_at);
		publish(peer, "v1/devices/me/rpc/response/1", "{\"rateLimits\":{}}");
		return true;
	}
	enum mqtt_deed deed = peer->script.on_write;
	ck_assert_str_eq(topic, "v1/devices/me/attributes");
	snprintf(peer->deeds.written, sizeof(peer->deeds.written), "%s",
		(const char *)peer->packet + id_at + 2 + peer->script.is_v5);
	peer->wrote = true;
	if (deed_closes(deed))
		return leave(peer, deed == MQTT_RST);
	if (deed == MQTT_DISMISS)
		return dismiss(peer);
	if (deed == MQTT_REFUSE)
		peer_refuse(peer, id_at);
	if (deed == MQTT_ANSWER)
		acknowledge(peer, id_at);
	return true;
}

/* False: the connection is to be closed. */
static bool on_packet(struct mqtt_peer *peer)
{
	switch (peer->packet[0] >> 4) {
	case 1:
		return peer_on_connect(peer);
	case 3:
		return peer_on_publish(peer);
	case 8:
		return peer_on_subscribe(peer);
	case 14:
		peer->deeds.disconnected = true;
		return true;
	default:
		return true;
	}
}

static void serve(struct peer *connection TBDI_UNUSED, void *arg)
{
	struct mqtt_peer *peer = arg;
	while (read_packet(peer) && on_packet(peer))
		;
}

struct mqtt_peer *mqtt_peer_start(const struct mqtt_script *script)
{
	struct mqtt_peer *peer = calloc(1, sizeof(*peer));
	ck_assert_ptr_nonnull(peer);
	peer->script = *script;
	peer->steps[0] = (struct peer_step){ .op = PEER_CALL, .call = serve, .arg = peer };
	peer->steps[1] = (struct peer_step){ .op = PEER_FIN };
	peer->peer = peer_new(peer->steps, NULL);
	return peer;
}

uint16_t mqtt_peer_port(const struct mqtt_peer *peer)
{
	return peer_port(peer->peer);
}

struct mqtt_deeds mqtt_peer_join(struct mqtt_peer *peer)
{
	peer_wait(peer->peer, 1);
	peer_free(peer->peer);
	struct mqtt_deeds deeds = peer->deeds;
	free(peer);
	return deeds;
}
