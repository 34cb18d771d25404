/* SPDX-License-Identifier: MIT
 *
 * player.c - plays a script to each device that connects.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/player.h"

#include "tools/sandbox/clock.h"
#include "tools/sandbox/proxy.h"

#include "tools/cli/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MS = 2000, BACKLOG = 16 };

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
	int server;    /* -1: not connected */
	bool shut;     /* the server has been told that nothing more comes */
	bool answered; /* by the server */
	bool proxied;  /* this header has to come yet */
	struct proxy_header header;
	uint16_t id;   /* of the last packet that had one */
	uint8_t level; /* of CONNECT; 0: none came */
	struct gate *gate;
	struct packet_buffer in;
	struct packet_buffer passed; /* on its way to the server */
	struct packet_buffer out;
};

enum outcome {
	NEXT,  /* the step is done */
	WAITS, /* for time, or for bytes to come or go */
	LEAVES /* it has to be closed */
};

/* Takes the non-blocking `fd`. NULL when memory is out, and the fd is closed. */
static struct visitor *visitor_new(int fd, bool tls, const struct front *front)
{
	const int on = 1;
	struct visitor *visitor = calloc(1, sizeof(*visitor));
	if (visitor == NULL) {
		close(fd);
		return NULL;
	}
	visitor->stream.fd = fd;
	visitor->tls = tls;
	visitor->script = front->script;
	visitor->proxied = front->world.proxied;
	visitor->at_ms = -1;
	visitor->server = -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return visitor;
}

static void visitor_free(struct visitor *visitor)
{
	gate_close(visitor->gate);
	stream_release(&visitor->stream);
	if (visitor->server >= 0)
		close(visitor->server);
	free(visitor);
}

/* ---- buffers ---------------------------------------------------------------------------------- */

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

/* What comes when all has been said is read all the same, and not by TLS, whose session may have failed: to close with
 * something unread would be a reset, which overtakes what was said last. */
static void drain_device(struct visitor *visitor)
{
	struct packet_buffer *in = &visitor->in;
	ssize_t got = recv(visitor->stream.fd, in->data, sizeof(in->data), 0);
	visitor->ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
	visitor->moved |= got > 0;
}

static void read_device(struct visitor *visitor)
{
	struct packet_buffer *in = &visitor->in;
	if (is_deaf(visitor))
		in->len = 0;
	if (visitor->closing && !visitor->ended)
		drain_device(visitor);
	if (visitor->closing || visitor->proxied || is_in_handshake(visitor) || visitor->ended ||
		packet_room(in) == 0)
		return;
	ssize_t got = stream_receive(&visitor->stream, in->data + in->len, packet_room(in));
	if (got > 0)
		in->len += (size_t)got;
	visitor->ended = got == 0 || got == STREAM_OVER;
	visitor->moved |= got > 0;
}

static void write_device(struct visitor *visitor)
{
	struct packet_buffer *out = &visitor->out;
	if (out->len == 0)
		return;
	ssize_t sent = stream_send(&visitor->stream, out->data, out->len);
	if (sent > 0)
		packet_cut(out, 0, (size_t)sent);
	visitor->over |= sent == STREAM_OVER;
	visitor->moved |= sent > 0;
}

/* ---- packets ---------------------------------------------------------------------------------- */

/* The string's length that stands at `at`, and itself; what would lie behind the packet if it is cut. */
static size_t string_len(const unsigned char *data, size_t at, size_t len)
{
	return at + 2 <= len ? 2 + ((size_t)data[at] << 8 | data[at + 1]) : len;
}

/* Remember of a packet what steps refer to: the level of CONNECT, an id. */
static void note_packet(struct visitor *visitor, const unsigned char *data, struct packet packet)
{
	size_t at = packet.head;
	bool first_is_string = packet.type == PACKET_CONNECT || packet.type == PACKET_PUBLISH;
	if (first_is_string)
		at += string_len(data, at, packet.len);
	if (packet.type == PACKET_CONNECT && at < packet.len)
		visitor->level = data[at];
	else if (packet.type != PACKET_CONNECT && at + 2 <= packet.len)
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
	const struct packet_buffer *in = &visitor->in;
	if (in->len < 5 || in->len < 5 + ((size_t)in->data[3] << 8 | in->data[4]))
		return WAITS;
	visitor->in.len = 0;
	return NEXT;
}

/* What is no TLS closes the connection of MQTT. A web server tells who speaks HTTP, and has an alert for others. */
static enum outcome await_tls(struct visitor *visitor, const struct visitor_world *world)
{
	int begins = stream_begins_tls(&visitor->stream);
	visitor->ended |= begins == STREAM_OVER;
	if (begins == STREAM_AGAIN)
		return WAITS;
	char first = (char)visitor->stream.first[0];
	bool web = begins == 0 && world->in_clear != NULL;
	bool speaks_http = first >= 'A' && first <= 'Z';
	if (begins == 1 || (web && !speaks_http))
		return NEXT;
	/* This is asked anew until it has gone. */
	if (web && !visitor->answered)
		packet_append(&visitor->out, world->in_clear, strlen(world->in_clear));
	visitor->answered = true;
	return LEAVES;
}

static enum outcome player_handshake(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	if (!visitor->tls || step->handshake.until == SCRIPT_ACCEPT)
		return NEXT;
	if (step->handshake.until == SCRIPT_CLIENT_HELLO)
		return await_client_hello(visitor);
	if (!visitor->begun && step->handshake.until == SCRIPT_WHOLE) {
		enum outcome outcome = await_tls(visitor, world);
		if (outcome != NEXT)
			return outcome;
	}
	if (!visitor->begun &&
		!stream_handshake_begin(&visitor->stream, world->credentials, &step->handshake,
			world->gates != NULL))
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
	int found = packet_find(visitor->in.data, visitor->in.len, &packet);
	if (found == 0)
		return WAITS;
	if (found < 0 || packet.type != step->packet)
		return surprise(world, step, "another packet came");
	note_packet(visitor, visitor->in.data, packet);
	packet_cut(&visitor->in, 0, packet.len);
	return NEXT;
}

static enum outcome expect(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	const struct packet_buffer *in = &visitor->in;
	if (in->len == 0)
		return WAITS;
	if (step->packet != 0)
		return expect_packet(visitor, world, step);
	for (size_t i = 0; i < step->len && i < in->len; i++)
		if (step->bytes[i] != SCRIPT_ANY_BYTE && step->bytes[i] != in->data[i])
			return surprise(world, step, "other bytes came");
	if (in->len < step->len)
		return WAITS;
	packet_cut(&visitor->in, 0, step->len > 0 ? step->len : in->len);
	return NEXT;
}

static enum outcome send_bytes(struct visitor *visitor, const struct script_step *step)
{
	unsigned char data[SCRIPT_BYTES_MAX];
	for (size_t i = 0; i < step->len; i++)
		data[i] = step->bytes[i] == SCRIPT_ID_HIGH ? (unsigned char)(visitor->id >> 8)
			: step->bytes[i] == SCRIPT_ID_LOW  ? (unsigned char)visitor->id
							   : (unsigned char)step->bytes[i];
	return packet_append(&visitor->out, data, step->len) ? NEXT : WAITS;
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
	bool speaks = visitor->level == 5;
	return !speaks || packet_append(&visitor->out, packet, sizeof(packet)) ? NEXT : WAITS;
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

/* Let the header of a proxy come, before all else and byte by byte. */
static enum outcome await_header(struct visitor *visitor)
{
	enum proxy_state state = PROXY_READS_ON;
	while (state == PROXY_READS_ON) {
		unsigned char byte = 0;
		ssize_t got = recv(visitor->stream.fd, &byte, 1, 0);
		visitor->ended |= got == 0;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return WAITS;
		if (got <= 0)
			return LEAVES;
		state = proxy_take(&visitor->header, byte);
	}
	visitor->proxied = false;
	return state == PROXY_DONE ? NEXT : LEAVES;
}

/* ---- passing on ------------------------------------------------------------------------------- */

static bool dial_server(struct visitor *visitor, uint16_t port)
{
	const int on = 1;
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	visitor->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (visitor->server < 0)
		return false;
	setsockopt(visitor->server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return connect(visitor->server, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
		errno == EINPROGRESS;
}

/* How much of what came may be passed on; *stops: what follows is the packet to stop at. */
static size_t allowed(struct visitor *visitor, const struct script_step *step, bool *stops)
{
	const struct packet_buffer *in = &visitor->in;
	struct packet packet = { 0 };
	size_t len = 0;
	if (visitor->level == 0 && packet_find(in->data, in->len, &packet) > 0)
		note_packet(visitor, in->data, packet);
	if (step->until != SCRIPT_UNTIL_PACKET)
		return in->len;
	while (packet_find(in->data + len, in->len - len, &packet) > 0) {
		*stops = packet.type == step->packet;
		if (*stops)
			break;
		len += packet.len;
	}
	return len;
}

/* False: the server is gone. */
static bool to_server(struct visitor *visitor)
{
	struct packet_buffer *passed = &visitor->passed;
	if (passed->len == 0)
		return true;
	ssize_t sent = send(visitor->server, passed->data, passed->len, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
	packet_cut(passed, 0, (size_t)sent);
	visitor->moved |= sent > 0;
	return true;
}

static bool from_server(struct visitor *visitor)
{
	struct packet_buffer *out = &visitor->out;
	if (packet_room(out) == 0)
		return true;
	ssize_t got = recv(visitor->server, out->data + out->len, packet_room(out), 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
	out->len += (size_t)got;
	if (visitor->gate != NULL)
		gate_pass_back(visitor->gate, (size_t)got);
	visitor->answered |= got > 0;
	visitor->moved |= got > 0;
	return got > 0;
}

static bool is_relaying(const struct visitor *visitor)
{
	const struct script_step *step = current(visitor);
	return !visitor->closing && visitor->server >= 0 && step != NULL &&
		step->op == SCRIPT_RELAY;
}

/* Move bytes to the server and back. False: it is gone, or there is none when `ends`. */
static bool exchange(struct visitor *visitor, const struct visitor_world *world, bool ends)
{
	if (visitor->server < 0 && visitor->passed.len == 0)
		return !ends;
	if (visitor->server < 0 && !dial_server(visitor, world->server_port))
		return false;
	bool lives = to_server(visitor);
	/* To close with something unread would be a reset, which the server might see first. */
	if (ends && visitor->passed.len == 0 && !visitor->shut)
		visitor->shut = shutdown(visitor->server, SHUT_WR) == 0;
	return from_server(visitor) && lives;
}

/* A web server takes bytes as they come, and is there before they do. */
static bool pass_bytes(struct visitor *visitor, const struct visitor_world *world, size_t *len)
{
	size_t fits = packet_room(&visitor->passed);
	if (visitor->server < 0 && !dial_server(visitor, world->server_port))
		return false;
	fits = fits < *len ? fits : *len;
	packet_append(&visitor->passed, visitor->in.data, fits);
	packet_cut(&visitor->in, 0, fits);
	*len -= fits;
	visitor->moved |= fits > 0;
	return exchange(visitor, world, visitor->ended && visitor->in.len == 0);
}

/* The broker gets what its gate lets through. */
static bool pass_packets(struct visitor *visitor, const struct visitor_world *world, size_t *len)
{
	size_t before = *len;
	if (visitor->gate == NULL)
		visitor->gate = gate_open(world->gates, &visitor->out, &visitor->passed,
			stream_has_certificate(&visitor->stream));
	if (visitor->gate == NULL)
		return false;
	gate_take(visitor->gate, &visitor->in, len);
	visitor->moved |= *len < before;
	visitor->answered |= gate_has_answered(visitor->gate);
	if (exchange(visitor, world, visitor->ended || gate_is_ending(visitor->gate)))
		return true;
	gate_say_last(visitor->gate);
	return false;
}

static enum outcome relay(
	struct visitor *visitor, const struct visitor_world *world, const struct script_step *step)
{
	bool stops = false;
	size_t len = allowed(visitor, step, &stops);
	if (world->gates != NULL ? !pass_packets(visitor, world, &len)
				 : !pass_bytes(visitor, world, &len))
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
	enum outcome outcome = visitor->proxied ? await_header(visitor) : NEXT;
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
	else if (packet_room(&visitor->in) > 0 && !visitor->ended)
		fds[0].events = POLLIN;
	if (visitor->out.len > 0)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){ .fd = is_relaying(visitor) ? visitor->server : -1 };
	if (packet_room(&visitor->out) > 0)
		fds[1].events = POLLIN;
	if (visitor->passed.len > 0)
		fds[1].events |= POLLOUT;
}

static int64_t visitor_due_ms(const struct visitor *visitor)
{
	const struct gate *gate = visitor->closing ? NULL : visitor->gate;
	if (gate == NULL)
		return visitor->at_ms;
	/* Another visitor, or the time, has ended it. */
	bool ends = gate_is_ending(gate) && !visitor->shut && visitor->out.len == 0;
	return clock_earlier(visitor->at_ms, ends ? 0 : gate_due_ms(gate));
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
		*due_ms = clock_earlier(*due_ms, visitor_due_ms(front->visitors[i]));
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
	struct visitor *visitor = visitor_new(fd, tls, front);
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
