/* SPDX-License-Identifier: MIT
 *
 * visitor.c - one connection, from its first byte to what it makes of the chain.
 */
#include "tools/listen/visitor.h"

#include "tools/listen/plain.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	RECORD_HANDSHAKE = 22,
	FIRST_MAX = 2048,         /* bytes of what is no TLS */
	FIRST_MESSAGE_MS = 15000, /* for a whole ClientHello */
	TAKE_MS = 15000,          /* for the chain to be taken */
	PLAIN_MS = 2000,          /* for the rest of a request in clear */
	FAREWELL_MS = 1000,       /* for an alert of ours to be read */
	READS_MAX = 16,           /* at once, so that others have their turn */
};

struct visitor {
	int fd;
	const struct visitor_chain *chain;
	struct replay *replay;
	int64_t deadline_ms, shown_ms, ended_ms; /* -1: not yet */
	enum listen_end end;
	bool taking; /* the chain is on its way */
	bool asked;  /* what follows it was sent, too */
	bool shut;   /* nothing more is sent */
	struct plain plain;
	unsigned char
		first[FIRST_MAX]; /* may hold the token: wiped as soon as it is known what it is */
	size_t first_len;
	unsigned char out[NEXT_MAX];
	size_t out_len, out_at;
};

struct visitor *visitor_new(int fd, const struct visitor_chain *chain, int64_t now_ms)
{
	struct visitor *visitor = calloc(1, sizeof(*visitor));
	struct replay *replay = visitor != NULL ? replay_new(chain->certs, chain->count) : NULL;
	if (replay == NULL) {
		free(visitor);
		close(fd);
		return NULL;
	}
	visitor->fd = fd;
	visitor->chain = chain;
	visitor->replay = replay;
	visitor->deadline_ms = now_ms + FIRST_MESSAGE_MS;
	visitor->shown_ms = visitor->ended_ms = -1;
	visitor->plain.token_len = -1;
	return visitor;
}

void visitor_free(struct visitor *visitor)
{
	if (visitor == NULL)
		return;
	explicit_bzero(visitor->first, sizeof(visitor->first));
	replay_free(visitor->replay);
	close(visitor->fd);
	free(visitor);
}

int visitor_fd(const struct visitor *visitor)
{
	return visitor->fd;
}

int64_t visitor_deadline(const struct visitor *visitor)
{
	return visitor->deadline_ms;
}

static bool has_output(const struct visitor *visitor)
{
	return visitor->out_at < visitor->out_len;
}

short visitor_events(const struct visitor *visitor)
{
	return has_output(visitor) ? POLLIN | POLLOUT : POLLIN;
}

static void finish(struct visitor *visitor, enum listen_end end, int64_t now_ms)
{
	if (visitor->ended_ms >= 0)
		return;
	visitor->end = end;
	visitor->ended_ms = now_ms;
}

/* ---- what came -------------------------------------------------------------------------------- */

static enum listen_end end_of_plain(const struct visitor *visitor)
{
	enum plain_kind kind = visitor->plain.kind;
	if (kind == PLAIN_MQTT || kind == PLAIN_HTTP)
		return LISTEN_PLAIN;
	return kind == PLAIN_SSL2 ? LISTEN_VERSION : LISTEN_ALIEN;
}

/* Bytes of which it is not known yet that they are TLS. */
static void take_first(
	struct visitor *visitor, const unsigned char *bytes, size_t len, int64_t now_ms)
{
	size_t room = FIRST_MAX - visitor->first_len;
	size_t taken = len < room ? len : room;
	memcpy(visitor->first + visitor->first_len, bytes, taken);
	visitor->first_len += taken;
	visitor->plain = plain_look(visitor->first, visitor->first_len);
	if (visitor->plain.kind == PLAIN_TLS) {
		replay_put(visitor->replay, visitor->first, visitor->first_len);
		replay_put(visitor->replay, bytes + taken, len - taken);
	} else if (visitor->plain.whole || visitor->first_len == FIRST_MAX) {
		finish(visitor, end_of_plain(visitor), now_ms);
	} else if (visitor->plain.kind != PLAIN_UNKNOWN) {
		visitor->deadline_ms = now_ms + PLAIN_MS;
	}
}

/* After the key exchange only an alert that speaks of certificates is about the chain. */
static enum listen_end end_of_alert(const struct visitor *visitor)
{
	enum { BAD_CERTIFICATE = 42, ACCESS_DENIED = 49, ILLEGAL_PARAMETER = 47 };
	int alert = replay_alert(visitor->replay);
	bool of_chain =
		alert >= BAD_CERTIFICATE && alert <= ACCESS_DENIED && alert != ILLEGAL_PARAMETER;
	if (visitor->shown_ms < 0)
		return LISTEN_ALERT_ONLY;
	return visitor->asked && !of_chain ? LISTEN_WENT_ON : LISTEN_ALERT;
}

static void take_bytes(
	struct visitor *visitor, const unsigned char *bytes, size_t len, int64_t now_ms)
{
	if (visitor->plain.kind == PLAIN_TLS)
		replay_put(visitor->replay, bytes, len);
	else
		take_first(visitor, bytes, len, now_ms);
	enum replay_state state = replay_state(visitor->replay);
	if (state == REPLAY_REFUSED)
		finish(visitor, end_of_alert(visitor), now_ms);
	else if (state == REPLAY_ALIEN)
		finish(visitor, LISTEN_ALIEN, now_ms);
	else if (visitor->asked && bytes[0] == RECORD_HANDSHAKE)
		finish(visitor, LISTEN_WENT_ON, now_ms); /* its own key exchange */
}

/* Nothing more comes: the peer closed, or time is up. */
static void take_end(struct visitor *visitor, bool late, int64_t now_ms)
{
	enum replay_state state = replay_state(visitor->replay);
	if (visitor->first_len == 0)
		finish(visitor, LISTEN_NOTHING, now_ms);
	else if (visitor->plain.kind != PLAIN_TLS)
		finish(visitor, end_of_plain(visitor), now_ms);
	else if (state == REPLAY_NO_VERSION || state == REPLAY_NO_SUITE)
		finish(visitor, state == REPLAY_NO_VERSION ? LISTEN_VERSION : LISTEN_CIPHER,
			now_ms);
	else if (state == REPLAY_WAITING)
		finish(visitor, LISTEN_PARTIAL, now_ms);
	else if (visitor->shown_ms < 0)
		finish(visitor, LISTEN_STUCK, now_ms);
	else if (late)
		finish(visitor, LISTEN_WAITED, now_ms);
	else
		finish(visitor, visitor->asked ? LISTEN_WENT_ON : LISTEN_CLOSED, now_ms);
}

static void read_all(struct visitor *visitor, int64_t now_ms)
{
	unsigned char bytes[4096];
	for (int reads = 0; reads < READS_MAX && visitor->ended_ms < 0; reads++) {
		ssize_t n = recv(visitor->fd, bytes, sizeof(bytes), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n > 0)
			take_bytes(visitor, bytes, (size_t)n, now_ms);
		else
			take_end(visitor, false, now_ms);
	}
	explicit_bzero(bytes, sizeof(bytes));
}

/* ---- what goes -------------------------------------------------------------------------------- */

static bool refill(struct visitor *visitor)
{
	if (!has_output(visitor)) {
		visitor->out_at = 0;
		visitor->out_len = replay_take(visitor->replay, visitor->out, sizeof(visitor->out));
	}
	return has_output(visitor);
}

static void begin_taking(struct visitor *visitor, int64_t now_ms)
{
	if (!visitor->taking)
		visitor->deadline_ms = now_ms + TAKE_MS;
	visitor->taking = true;
}

/* The last byte was taken: of the chain, or of an alert that ends the handshake. */
static void all_taken(struct visitor *visitor, int64_t now_ms)
{
	enum replay_state state = replay_state(visitor->replay);
	if (state == REPLAY_SHOWN && visitor->shown_ms < 0) {
		visitor->shown_ms = now_ms;
		visitor->deadline_ms = now_ms + visitor->chain->patience_ms;
	} else if ((state == REPLAY_NO_VERSION || state == REPLAY_NO_SUITE) && !visitor->shut) {
		visitor->shut = true;
		visitor->deadline_ms = now_ms + FAREWELL_MS;
		shutdown(visitor->fd, SHUT_WR);
	}
}

static void write_all(struct visitor *visitor, int64_t now_ms)
{
	while (refill(visitor)) {
		begin_taking(visitor, now_ms);
		ssize_t n = send(visitor->fd, visitor->out + visitor->out_at,
			visitor->out_len - visitor->out_at, MSG_NOSIGNAL);
		if (n < 0)
			return; /* whether it is gone, reading will tell */
		visitor->out_at += (size_t)n;
	}
	all_taken(visitor, now_ms);
}

/* Send what follows the chain to one that keeps silent; false: there is nothing. */
static bool ask(struct visitor *visitor, int64_t now_ms)
{
	char text[NAMES_TEXT_SIZE];
	struct replay *replay = visitor->replay;
	if (visitor->asked || visitor->shown_ms < 0 || replay_state(replay) != REPLAY_SHOWN)
		return false;
	visitor->asked = true;
	visitor->deadline_ms = now_ms + visitor->chain->patience_ms;
	visitor->out_at = 0;
	visitor->out_len = next_make(visitor->out, replay_hello(replay),
		names_of(NAMES_SUITE, replay_suite(replay), text), &visitor->chain->key);
	return has_output(visitor);
}

bool visitor_step(struct visitor *visitor, short events, int64_t now_ms)
{
	if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
		read_all(visitor, now_ms);
	if (visitor->ended_ms < 0)
		write_all(visitor, now_ms);
	if (now_ms >= visitor->deadline_ms && !ask(visitor, now_ms))
		take_end(visitor, true, now_ms);
	return visitor->ended_ms >= 0;
}

/* ---- what was seen ---------------------------------------------------------------------------- */

static enum listen_verdict verdict_of(enum listen_end end)
{
	if (end == LISTEN_ALERT)
		return LISTEN_REFUSED;
	return end == LISTEN_WAITED || end == LISTEN_WENT_ON ? LISTEN_ACCEPTED : LISTEN_NO_VERDICT;
}

void visitor_tell(
	const struct visitor *visitor, struct listen_device *device, struct offers *offers)
{
	const struct replay_hello *hello = replay_hello(visitor->replay);
	bool shown = visitor->shown_ms >= 0;
	device->end = visitor->end;
	device->verdict = verdict_of(visitor->end);
	device->alert = replay_alert(visitor->replay);
	device->alert_name = device->alert >= 0 ? names_alert(device->alert) : NULL;
	device->waited_ms = shown ? (int)(visitor->ended_ms - visitor->shown_ms) : -1;
	device->protocol = visitor->plain.protocol;
	device->token_len = visitor->plain.token_len;
	if (hello != NULL)
		offers_fill(offers, hello, shown ? replay_suite(visitor->replay) : 0);
	device->hello = hello != NULL ? &offers->hello : NULL;
}
