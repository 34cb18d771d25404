/* SPDX-License-Identifier: MIT
 *
 * player.c - plays a script to each device that connects.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/player.h"

#include "tools/sandbox/clock.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	VISITOR_BUFFER = 128 * 1024, /* more than the largest packet that ThingsBoard takes */
	LINGER_MS = 2000,
	BACKLOG = 16,
	CONNECT = 1,
	PUBLISH = 3
};

struct visitor_buffer {
	size_t len;
	unsigned char data[VISITOR_BUFFER];
};

/* A device that has connected. */
struct visitor {
	struct stream stream;
	bool tls; /* on the port for TLS */
	const struct script *script;
	size_t step;
	bool begun;    /* the handshake of this step */
	bool ended;    /* the device has sent all */
	bool closing;  /* we have */
	bool over;     /* nothing more happens */
	bool moved;    /* something has happened in this turn */
	int64_t at_ms; /* when the step, or the wait for the device's end, is over; -1: not set */
	int broker;    /* -1: not connected */
	bool answered; /* by the broker */
	uint16_t id;   /* of the last packet that had one */
	uint8_t level; /* of CONNECT; 0: none came */
	struct visitor_buffer in;
	struct visitor_buffer out;
};

enum outcome {
	NEXT,  /* the step is done */
	WAITS, /* for time, or for bytes to come or go */
	LEAVES /* it has to be closed */
};

/* Takes the non-blocking `fd`. NULL when memory is out, and the fd is closed. */
static struct visitor *visitor_new(int fd, bool tls, const struct script *script)
{
	const int on = 1;
	struct visitor *visitor = calloc(1, sizeof(*visitor));
	if (visitor == NULL) {
		close(fd);
		return NULL;
	}
	visitor->stream.fd = fd;
	visitor->tls = tls;
	visitor->script = script;
	visitor->at_ms = -1;
	visitor->broker = -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return visitor;
}

static void visitor_free(struct visitor *visitor)
{
	stream_release(&visitor->stream);
	if (visitor->broker >= 0)
		close(visitor->broker);
	free(visitor);
}

/* ---- buffers ---------------------------------------------------------------------------------- */

static size_t room(const struct visitor_buffer *buffer)
{
	return sizeof(buffer->data) - buffer->len;
}

static void drop(struct visitor_buffer *buffer, size_t len)
{
	buffer->len -= len;
	memmove(buffer->data, buffer->data + len, buffer->len);
}

static enum outcome player_put(struct visitor *visitor, const void *data, size_t len)
{
	struct visitor_buffer *out = &visitor->out;
	if (room(out) < len)
		return WAITS;
	memcpy(out->data + out->len, data, len);
	out->len += len;
	return NEXT;
}

static const struct script_step *current(const struct visitor *visitor)
{
	const struct script *script = visitor->script;
	return visitor->step < script->count ? &script->steps[visitor->step] : NULL;
}

/* The bytes that come are GnuTLS' to read. */
static bool is_in_handshake(const struct visitor *visitor)
{
	const struct script_step *step = current(visitor);
	return visitor->tls && !visitor->closing && step != NULL && step->op == SCRIPT_HANDSHAKE &&
		(step->handshake.until == SCRIPT_WHOLE ||
			step->handshake.until > SCRIPT_CLIENT_HELLO);
}

/* At the end of the script and when it is closed, what comes is dropped. */
static bool is_deaf(const struct visitor *visitor)
{
	return visitor->closing || current(visitor) == NULL;
}

static void read_device(struct visitor *visitor)
{
	struct visitor_buffer *in = &visitor->in;
	if (is_deaf(visitor))
		in->len = 0;
	if (is_in_handshake(visitor) || visitor->ended || room(in) == 0)
		return;
	ssize_t got = stream_receive(&visitor->stream, in->data + in->len, room(in));
	if (got > 0)
		in->len += (size_t)got;
	visitor->ended = got == 0 || got == STREAM_OVER;
	visitor->moved |= got > 0;
}

static void write_device(struct visitor *visitor)
{
	struct visitor_buffer *out = &visitor->out;
	if (out->len == 0)
		return;
	ssize_t sent = stream_send(&visitor->stream, out->data, out->len);
	if (sent > 0)
		drop(out, (size_t)sent);
	visitor->over |= sent == STREAM_OVER;
	visitor->moved |= sent > 0;
}

/* ---- packets ---------------------------------------------------------------------------------- */

/* Of the packet at `at` in what came. */
struct packet {
	unsigned type;
	size_t head; /* bytes of its fixed header */
	size_t len;  /* of all of it */
};

/* 1, 0: more bytes are needed, -1: it is none, or one that is too large. */
static int find_packet(const struct visitor_buffer *in, size_t at, struct packet *packet)
{
	size_t remaining = 0;
	size_t left = in->len - at;
	const unsigned char *data = in->data + at;
	for (size_t i = 1; i <= 4; i++) {
		if (i >= left)
			return 0;
		remaining |= (size_t)(data[i] & 0x7f) << (7 * (i - 1));
		if (data[i] & 0x80)
			continue;
		*packet = (struct packet){ data[0] >> 4, i + 1, i + 1 + remaining };
		if (packet->len > sizeof(in->data))
			return -1;
		return left >= packet->len;
	}
	return -1;
}

/* The string's length that stands at `at`, and itself; what would lie behind the packet if it is cut. */
static size_t string_len(const unsigned char *data, size_t at, size_t len)
{
	return at + 2 <= len ? 2 + ((size_t)data[at] << 8 | data[at + 1]) : len;
}

/* Remember of a packet what steps refer to: the level of CONNECT, an id. */
static void note_packet(struct visitor *visitor, const unsigned char *data, struct packet packet)
{
	size_t at = packet.head;
	bool first_is_string = packet.type == CONNECT || packet.type == PUBLISH;
	if (first_is_string)
		at += string_len(data, at, packet.len);
	if (packet.type == CONNECT && at < packet.len)
		visitor->level = data[at];
	else if (packet.type != CONNECT && at + 2 <= packet.len)
		visitor->id = (uint16_t)(data[at] << 8 | data[at + 1]);
}

/* ---- steps ------------------------------------------------------------------------------------ */

/* Let time pass. */
static enum outcome wait_ms(struct visitor *visitor, int ms)
{
	if (visitor->at_ms < 0)
		visitor->at_ms = clock_ms() + ms;
	if (clock_ms() < visitor->at_ms)
		return WAITS;
	visitor->at_ms = -1;
	return NEXT;
}

/* A whole record, to the end of the first flight. */
static enum outcome await_client_hello(struct visitor *visitor)
{
	const struct visitor_buffer *in = &visitor->in;
	if (in->len < 5 || in->len < 5 + ((size_t)in->data[3] << 8 | in->data[4]))
		return WAITS;
	visitor->in.len = 0;
	return NEXT;
}

static enum outcome player_handshake(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	if (!visitor->tls || step->handshake.until == SCRIPT_ACCEPT)
		return NEXT;
	if (step->handshake.until == SCRIPT_CLIENT_HELLO)
		return await_client_hello(visitor);
	if (!visitor->begun &&
		!stream_handshake_begin(&visitor->stream, world->credentials, &step->handshake))
		return LEAVES;
	visitor->begun = true;
	int rc = stream_handshake(&visitor->stream);
	if (rc == STREAM_AGAIN)
		return WAITS;
	return rc < 0 ? LEAVES : NEXT;
}

static enum outcome surprise(
	const struct visitor_world *world, const struct script_step *step, const char *what)
{
	if (world->verbose)
		complain("script, line %u: %s", step->line, what);
	return LEAVES;
}

static enum outcome expect_packet(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	struct packet packet = { 0 };
	int found = find_packet(&visitor->in, 0, &packet);
	if (found == 0)
		return WAITS;
	if (found < 0 || packet.type != step->packet)
		return surprise(world, step, "another packet came");
	note_packet(visitor, visitor->in.data, packet);
	drop(&visitor->in, packet.len);
	return NEXT;
}

static enum outcome expect(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	const struct visitor_buffer *in = &visitor->in;
	if (in->len == 0)
		return WAITS;
	if (step->packet != 0)
		return expect_packet(visitor, world, step);
	for (size_t i = 0; i < step->len && i < in->len; i++)
		if (step->bytes[i] != SCRIPT_ANY_BYTE && step->bytes[i] != in->data[i])
			return surprise(world, step, "other bytes came");
	if (in->len < step->len)
		return WAITS;
	drop(&visitor->in, step->len > 0 ? step->len : in->len);
	return NEXT;
}

static enum outcome send_bytes(struct visitor *visitor, const struct script_step *step)
{
	unsigned char data[SCRIPT_BYTES_MAX];
	for (size_t i = 0; i < step->len; i++)
		data[i] = step->bytes[i] == SCRIPT_ID_HIGH ? (unsigned char)(visitor->id >> 8)
			: step->bytes[i] == SCRIPT_ID_LOW  ? (unsigned char)visitor->id
							   : (unsigned char)step->bytes[i];
	return player_put(visitor, data, step->len);
}

static enum outcome player_alert(struct visitor *visitor, const struct script_step *step)
{
	if (visitor->out.len > 0)
		return WAITS;
	stream_alert(&visitor->stream, step->number);
	return NEXT;
}

static enum outcome disconnect(struct visitor *visitor, const struct script_step *step)
{
	const unsigned char packet[] = { 0xe0, 2, (unsigned char)step->number, 0 };
	return visitor->level == 5 ? player_put(visitor, packet, sizeof(packet)) : NEXT;
}

static enum outcome player_finish(struct visitor *visitor, enum script_close how)
{
	if (visitor->out.len > 0)
		return WAITS;
	stream_end(&visitor->stream, how);
	visitor->closing = true;
	visitor->over = how == SCRIPT_RESET;
	visitor->at_ms = clock_ms() + LINGER_MS;
	return WAITS;
}

/* ---- passing on ------------------------------------------------------------------------------- */

static bool dial_broker(struct visitor *visitor, uint16_t port)
{
	const int on = 1;
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	visitor->broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (visitor->broker < 0)
		return false;
	setsockopt(visitor->broker, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return connect(visitor->broker, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
		errno == EINPROGRESS;
}

/* How much of what came may be passed on; *stops: what follows is the packet to stop at. */
static size_t allowed(struct visitor *visitor, const struct script_step *step, bool *stops)
{
	const struct visitor_buffer *in = &visitor->in;
	struct packet packet = { 0 };
	size_t len = 0;
	if (visitor->level == 0 && find_packet(in, 0, &packet) > 0)
		note_packet(visitor, in->data, packet);
	if (step->until != SCRIPT_UNTIL_PACKET)
		return in->len;
	while (find_packet(in, len, &packet) > 0) {
		*stops = packet.type == step->packet;
		if (*stops)
			break;
		len += packet.len;
	}
	return len;
}

/* False: the broker is gone. */
static bool to_broker(struct visitor *visitor, size_t len)
{
	if (len == 0)
		return true;
	ssize_t sent = send(visitor->broker, visitor->in.data, len, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
	drop(&visitor->in, (size_t)sent);
	visitor->moved |= sent > 0;
	return true;
}

static bool from_broker(struct visitor *visitor)
{
	struct visitor_buffer *out = &visitor->out;
	if (room(out) == 0)
		return true;
	ssize_t got = recv(visitor->broker, out->data + out->len, room(out), 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
	out->len += (size_t)got;
	visitor->answered |= got > 0;
	visitor->moved |= got > 0;
	return got > 0;
}

static bool is_relaying(const struct visitor *visitor)
{
	const struct script_step *step = current(visitor);
	return !visitor->closing && visitor->broker >= 0 && step != NULL &&
		step->op == SCRIPT_RELAY;
}

static enum outcome relay(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	bool stops = false;
	if (visitor->broker < 0 && !dial_broker(visitor, world->broker_port))
		return LEAVES;
	size_t len = allowed(visitor, step, &stops);
	bool lives = to_broker(visitor, len);
	/* To close with something unread would be a reset, which the broker might see first. */
	if (visitor->ended && visitor->in.len == 0)
		shutdown(visitor->broker, SHUT_WR);
	lives = from_broker(visitor) && lives;
	if (!lives)
		return LEAVES;
	if (step->until == SCRIPT_UNTIL_TIME)
		return wait_ms(visitor, step->number);
	if (step->until == SCRIPT_UNTIL_CONNACK && visitor->answered)
		return NEXT;
	return stops && len == 0 ? NEXT : WAITS;
}

/* ---- the play --------------------------------------------------------------------------------- */

static enum outcome take_step(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	switch (step->op) {
	case SCRIPT_CLEAR:
		return NEXT;
	case SCRIPT_HANDSHAKE:
		return player_handshake(visitor, world, step);
	case SCRIPT_EXPECT:
		return expect(visitor, world, step);
	case SCRIPT_SEND:
		return send_bytes(visitor, step);
	case SCRIPT_WAIT:
		return wait_ms(visitor, step->number);
	case SCRIPT_ALERT:
		return player_alert(visitor, step);
	case SCRIPT_RELAY:
		return relay(visitor, world, step);
	case SCRIPT_DISCONNECT:
		return disconnect(visitor, step);
	case SCRIPT_CLOSE:
		return player_finish(visitor, (enum script_close)step->number);
	}
	return LEAVES;
}

static void play(struct visitor *visitor, const struct visitor_world *world)
{
	const struct script_step *step = current(visitor);
	enum outcome outcome = NEXT;
	while (outcome == NEXT && !visitor->closing && step != NULL) {
		outcome = take_step(visitor, world, step);
		visitor->step += outcome == NEXT;
		visitor->moved |= outcome == NEXT;
		step = current(visitor);
	}
	if (outcome == LEAVES)
		player_finish(visitor, SCRIPT_NOTIFY);
}

/* Play on, as far as it goes without waiting. `over` tells that it is to be freed. */
static void visitor_go(struct visitor *visitor, const struct visitor_world *world)
{
	do {
		visitor->moved = false;
		read_device(visitor);
		if (!visitor->closing)
			play(visitor, world);
		write_device(visitor);
	} while (visitor->moved && !visitor->over);
	bool late = visitor->closing && clock_ms() >= visitor->at_ms;
	visitor->over = visitor->over || late || (visitor->ended && !is_relaying(visitor));
}

/* What poll() has to wait for; the caller makes it end when at_ms is reached. */
static void visitor_prepare(const struct visitor *visitor, struct pollfd fds[VISITOR_FDS])
{
	bool handshakes = is_in_handshake(visitor) && visitor->begun;
	bool idle = visitor->ended && visitor->out.len == 0;
	fds[0] = (struct pollfd){ .fd = idle ? -1 : visitor->stream.fd };
	if (handshakes)
		fds[0].events = stream_events(&visitor->stream);
	else if (room(&visitor->in) > 0 && !visitor->ended)
		fds[0].events = POLLIN;
	if (visitor->out.len > 0)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){ .fd = is_relaying(visitor) ? visitor->broker : -1 };
	if (room(&visitor->out) > 0)
		fds[1].events = POLLIN;
	if (visitor->in.len > 0)
		fds[1].events |= POLLOUT;
}

/* ---- the front -------------------------------------------------------------------------------- */

bool front_listen(struct front *front, const struct ports *ports, bool tls)
{
	for (size_t i = 0; i < 2; i++) {
		if (ports->fds[i] < 0)
			continue;
		if (listen(ports->fds[i], BACKLOG) < 0)
			return false;
		front->listeners[front->listener_count].fd = ports->fds[i];
		front->listeners[front->listener_count++].tls = tls;
	}
	return true;
}

size_t front_prepare(const struct front *front, struct pollfd *fds, int64_t *due_ms)
{
	size_t count = 0;
	*due_ms = -1;
	for (size_t i = 0; i < front->listener_count; i++)
		fds[count++] = (struct pollfd){ .fd = front->listeners[i].fd, .events = POLLIN };
	for (size_t i = 0; i < front->visitor_count; i++) {
		visitor_prepare(front->visitors[i], fds + count);
		*due_ms = clock_earlier(*due_ms, front->visitors[i]->at_ms);
		count += VISITOR_FDS;
	}
	return count;
}

static void remove_visitor(struct front *front, size_t index)
{
	struct visitor **place = &front->visitors[index];
	visitor_free(*place);
	memmove(place, place + 1, (--front->visitor_count - index) * sizeof(struct visitor *));
}

static void admit(struct front *front, int listener, bool tls)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (front->visitor_count == FRONT_VISITORS)
		remove_visitor(front, 0);
	struct visitor *visitor = visitor_new(fd, tls, front->script);
	if (visitor != NULL)
		front->visitors[front->visitor_count++] = visitor;
}

size_t front_turn(struct front *front, const struct pollfd *fds)
{
	size_t count = front->listener_count + front->visitor_count * VISITOR_FDS;
	for (size_t i = 0; i < front->listener_count; i++)
		if (fds[i].revents != 0)
			admit(front, front->listeners[i].fd, front->listeners[i].tls);
	for (size_t i = front->visitor_count; i-- > 0;) {
		visitor_go(front->visitors[i], &front->world);
		if (front->visitors[i]->over)
			remove_visitor(front, i);
	}
	return count;
}

void front_release(struct front *front)
{
	while (front->visitor_count > 0)
		remove_visitor(front, 0);
	if (front->world.credentials != NULL)
		gnutls_certificate_free_credentials(front->world.credentials);
	front->world.credentials = NULL;
}
