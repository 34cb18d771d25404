/* SPDX-License-Identifier: MIT
 *
 * upgrade.c - from HTTP to a WebSocket that carries MQTT.
 */
#include "device/upgrade.h"

#include "base/protocol.h"
#include "net/stream.h"
#include "net/websocket.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <strings.h>

enum {
	ANSWER_MAX = 8192, /* with what came behind its head */
	KEY_LEN = 16,
	LINGER_MS = 200, /* for the page behind a head that refuses */
	SWITCHING = 101,
};

struct asking {
	struct tbdi_dialogue *dialogue;
	struct tbd_upgrade *upgrade;
	const char *accept; /* what the answer has to say (RFC 6455 4.2.2) */
	char answer[ANSWER_MAX + 1];
	size_t len;
	bool over; /* the peer is */
};

static struct tbdi_arena *arena_of(const struct asking *asking)
{
	return &asking->dialogue->report->arena;
}

/* Of any bytes of the report; NULL: out of memory. */
static const char *base64_text(struct tbdi_arena *arena, const void *data, size_t len)
{
	gnutls_datum_t in, out = { NULL, 0 };
	unsigned char copy[32];
	memcpy(copy, data, len < sizeof(copy) ? len : sizeof(copy));
	in = (gnutls_datum_t){ copy, (unsigned)len };
	if (gnutls_base64_encode2(&in, &out) < 0)
		return NULL;
	const char *text = tbdi_arena_utf8(arena, out.data, out.size);
	gnutls_free(out.data);
	return text;
}

/* A key of our own, and the answer that proves that a WebSocket's server has read it. NULL: out of memory. */
static const char *make_key(struct asking *asking)
{
	unsigned char random[KEY_LEN], hash[20];
	if (gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random)) < 0)
		return NULL;
	const char *key = base64_text(arena_of(asking), random, sizeof(random));
	char *joined = key == NULL ? NULL
				   : tbdi_arena_printf(arena_of(asking), "%s%s", key,
					     "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	if (joined == NULL || gnutls_hash_fast(GNUTLS_DIG_SHA1, joined, strlen(joined), hash) < 0)
		return NULL;
	asking->accept = base64_text(arena_of(asking), hash, sizeof(hash));
	return asking->accept != NULL ? key : NULL;
}

static const char *make_request(struct asking *asking)
{
	const struct tbd_target *target = asking->dialogue->report->pub.target;
	const char *key = make_key(asking);
	bool brackets = strchr(target->host, ':') != NULL;
	return key == NULL ? NULL
			   : tbdi_arena_printf(arena_of(asking),
				     "GET %s HTTP/1.1\r\nHost: %s%s%s:%u\r\nUpgrade: websocket\r\n"
				     "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
				     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n"
				     "User-Agent: tbdiag/" PACKAGE_VERSION "\r\n\r\n",
				     target->path, brackets ? "[" : "", target->host,
				     brackets ? "]" : "", (unsigned)target->port, key);
}

/* ---- carrying bytes -------------------------------------------------------------------------- */

static struct tbdi_stream *stream_of(const struct asking *asking)
{
	return asking->dialogue->report->stream;
}

/* False: the time is over, or the peer is, or the caller cancelled. */
static bool send_request(struct asking *asking, const char *request, int64_t deadline_us)
{
	struct tbdi_stream *stream = stream_of(asking);
	for (size_t left = strlen(request); left > 0;) {
		ssize_t sent = tbdi_stream_write(stream, request, left);
		if (sent == TBDI_STREAM_FAILED)
			asking->over = true;
		if (sent == TBDI_STREAM_FAILED ||
			(sent == TBDI_STREAM_AGAIN &&
				!tbdi_dialogue_poll(asking->dialogue,
					tbdi_stream_write_events(stream), deadline_us)))
			return false;
		request += sent > 0 ? sent : 0;
		left -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* Until the answer has this in it, or there is no more. */
static void read_answer(struct asking *asking, const char *until, int64_t deadline_us)
{
	struct tbdi_stream *stream = stream_of(asking);
	while (!asking->over && asking->len < ANSWER_MAX &&
		memmem(asking->answer, asking->len, until, strlen(until)) == NULL) {
		ssize_t got = tbdi_stream_read(
			stream, asking->answer + asking->len, ANSWER_MAX - asking->len);
		if (got > 0)
			asking->len += (size_t)got;
		else if (got != TBDI_STREAM_AGAIN)
			asking->over = true;
		else if (!tbdi_dialogue_poll(
				 asking->dialogue, tbdi_stream_read_events(stream), deadline_us))
			return;
	}
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const char *peer_said(struct asking *asking, const char *text, size_t len)
{
	const char *said = tbdi_report_peer_text(asking->dialogue->report, text, len, false);
	if (said == NULL)
		tbdi_dialogue_fail(asking->dialogue, TBD_E_NOMEM);
	return said;
}

/* Bytes of the answer. */
struct slice {
	const char *data; /* NULL: none */
	size_t len;
};

/* The value of a field of the head, each of which ends a line. */
static struct slice find_field(struct slice head, const char *name)
{
	size_t name_len = strlen(name);
	const char *end = head.data + head.len;
	for (const char *line = head.data, *eol; line < end; line = eol + 2) {
		eol = memmem(line, (size_t)(end - line), "\r\n", 2);
		if (eol == NULL)
			break;
		if ((size_t)(eol - line) <= name_len || line[name_len] != ':' ||
			strncasecmp(line, name, name_len) != 0)
			continue;
		const char *value = line + name_len + 1;
		while (value < eol && *value == ' ')
			value++;
		return (struct slice){ value, (size_t)(eol - value) };
	}
	return (struct slice){ NULL, 0 };
}

static const char *field_said(struct asking *asking, struct slice head, const char *name)
{
	struct slice value = find_field(head, name);
	return value.data != NULL ? peer_said(asking, value.data, value.len) : NULL;
}

static bool is_slice(struct slice slice, const char *word)
{
	return slice.len == strlen(word) && memcmp(slice.data, word, slice.len) == 0;
}

/* "HTTP/1.1 404 Not Found" */
static bool take_status(struct asking *asking, size_t line_len)
{
	static const char version[] = "HTTP/1.";
	struct tbd_upgrade *upgrade = asking->upgrade;
	const char *line = asking->answer;
	enum { CODE_AT = sizeof("HTTP/1.1 ") - 1, CODE_LEN = 3 };
	if (line_len < CODE_AT + CODE_LEN || strncmp(line, version, sizeof(version) - 1) != 0)
		return false;
	int status = 0;
	for (size_t i = CODE_AT; i < CODE_AT + CODE_LEN; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		status = status * 10 + (line[i] - '0');
	}
	upgrade->status = status;
	if (line_len > CODE_AT + CODE_LEN + 1)
		upgrade->reason = peer_said(
			asking, line + CODE_AT + CODE_LEN + 1, line_len - CODE_AT - CODE_LEN - 1);
	return true;
}

static void take_page(struct asking *asking, size_t head_len)
{
	read_answer(
		asking, "</html>", tbdi_dialogue_now(asking->dialogue) + (int64_t)LINGER_MS * 1000);
	size_t len = asking->len - head_len;
	if (len > 0)
		asking->upgrade->body = peer_said(
			asking, asking->answer + head_len, len < TBD_API_BODY ? len : TBD_API_BODY);
}

static void take_websocket(struct asking *asking, size_t head_len)
{
	struct tbdi_websocket *websocket =
		tbdi_websocket_new(asking->answer + head_len, asking->len - head_len);
	if (websocket == NULL) {
		tbdi_dialogue_fail(asking->dialogue, TBD_E_NOMEM);
		return;
	}
	tbdi_stream_frame(stream_of(asking), websocket);
	asking->upgrade->accepted = true;
}

static void take_answer(struct asking *asking)
{
	struct tbd_upgrade *upgrade = asking->upgrade;
	const char *answer = asking->answer;
	const char *end = memmem(answer, asking->len, "\r\n\r\n", 4);
	const char *eol = memmem(answer, asking->len, "\r\n", 2);
	if (end == NULL || !take_status(asking, (size_t)(eol - answer))) {
		if (asking->len > 0)
			upgrade->first_bytes = tbdi_report_peer_bytes(asking->dialogue->report,
				answer, asking->len < 32 ? asking->len : 32);
		return;
	}
	size_t head_len = (size_t)(end - answer) + 4;
	struct slice head = { eol + 2, (size_t)(end + 2 - (eol + 2)) };
	struct slice protocol = find_field(head, "Sec-WebSocket-Protocol");
	upgrade->server = field_said(asking, head, "Server");
	upgrade->location = field_said(asking, head, "Location");
	upgrade->subprotocol = field_said(asking, head, "Sec-WebSocket-Protocol");
	upgrade->proven = is_slice(find_field(head, "Sec-WebSocket-Accept"), asking->accept);
	if (upgrade->status != SWITCHING)
		take_page(asking, head_len);
	else if (upgrade->proven && is_slice(protocol, "mqtt"))
		take_websocket(asking, head_len);
}

void tbdi_upgrade(struct tbdi_dialogue *dialogue, int64_t deadline_us, struct tbd_upgrade **out)
{
	struct tbdi_arena *arena = &dialogue->report->arena;
	struct tbd_upgrade *upgrade = tbdi_arena_alloc(arena, sizeof(*upgrade));
	struct asking *asking = upgrade != NULL ? tbdi_arena_alloc(arena, sizeof(*asking)) : NULL;
	*out = NULL;
	if (asking != NULL)
		*asking = (struct asking){ .dialogue = dialogue, .upgrade = upgrade };
	const char *request = asking != NULL ? make_request(asking) : NULL;
	if (request == NULL) {
		tbdi_dialogue_fail(dialogue, TBD_E_NOMEM);
		return;
	}
	upgrade->path = dialogue->report->pub.target->path;
	upgrade->status = -1;
	if (send_request(asking, request, deadline_us))
		read_answer(asking, "\r\n\r\n", deadline_us);
	take_answer(asking);
	*out = upgrade;
}
