/* SPDX-License-Identifier: MIT
 *
 * websocket.c - frames of a WebSocket's client.
 */
#include "net/websocket.h"

#include <gnutls/crypto.h>

enum {
	OP_CONTINUED = 0,
	OP_TEXT = 1,
	OP_BINARY = 2,
	OP_CLOSE = 8,
	OP_PING = 9,
	OP_PONG = 10,
};

enum {
	FINAL = 0x80,
	MASKED = 0x80,
	LEN16 = 126,
	LEN64 = 127,
	HEAD_MAX = 14,
	MASK_LEN = 4,
	CONTROL_MAX = 125,
	EARLY_MAX = 8192,
	IDLE_MAX = 10000, /* frames one after another; a ping each second makes 3600 in an hour */
	STATUS_NORMAL = 1000,
	STATUS_NONE = 1005,
};

/* One frame at a time is sent, and one is read: first its head, then what it carries. */
struct tbdi_websocket {
	unsigned char out[HEAD_MAX + TBDI_WEBSOCKET_PAYLOAD];
	size_t out_at, out_len;
	size_t offered; /* of the caller's bytes, in the frame that is being sent */
	unsigned char early[EARLY_MAX];
	size_t early_at, early_len;
	unsigned char head[HEAD_MAX];
	size_t head_len;
	uint64_t left; /* of what the frame carries */
	bool carries;  /* the head is read */
	size_t idle;   /* frames since one had something for the caller */
	unsigned char control[CONTROL_MAX];
	size_t control_len;
	bool pong_due; /* with what is in control */
	bool closing;  /* our close frame was made */
	int closed;
	const char *fault;
};

struct tbdi_websocket *tbdi_websocket_new(const void *early, size_t len)
{
	struct tbdi_websocket *websocket = len <= EARLY_MAX ? calloc(1, sizeof(*websocket)) : NULL;
	if (websocket == NULL)
		return NULL;
	if (len > 0)
		memcpy(websocket->early, early, len);
	websocket->early_len = len;
	return websocket;
}

void tbdi_websocket_free(struct tbdi_websocket *websocket)
{
	if (websocket == NULL)
		return;
	explicit_bzero(websocket, sizeof(*websocket));
	free(websocket);
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static size_t put_head(unsigned char *out, int op, size_t len)
{
	size_t at = 0;
	out[at++] = (unsigned char)(FINAL | op);
	if (len < LEN16) {
		out[at++] = (unsigned char)(MASKED | len);
	} else { /* never more than 16 bits */
		out[at++] = MASKED | LEN16;
		out[at++] = (unsigned char)(len >> 8);
		out[at++] = (unsigned char)len;
	}
	return at;
}

static bool make_frame(struct tbdi_websocket *websocket, int op, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	unsigned char *out = websocket->out;
	size_t at = put_head(out, op, len);
	unsigned char *mask = out + at;
	if (gnutls_rnd(GNUTLS_RND_NONCE, mask, MASK_LEN) < 0)
		return false;
	at += MASK_LEN;
	for (size_t i = 0; i < len; i++)
		out[at++] = bytes[i] ^ mask[i % MASK_LEN];
	websocket->out_at = 0;
	websocket->out_len = at;
	return true;
}

static bool is_sending(const struct tbdi_websocket *websocket)
{
	return websocket->out_at < websocket->out_len;
}

bool tbdi_websocket_offer(struct tbdi_websocket *websocket, const void *data, size_t len)
{
	if (is_sending(websocket))
		return true;
	websocket->offered = len < TBDI_WEBSOCKET_PAYLOAD ? len : TBDI_WEBSOCKET_PAYLOAD;
	return make_frame(websocket, OP_BINARY, data, websocket->offered);
}

bool tbdi_websocket_offer_close(struct tbdi_websocket *websocket)
{
	static const unsigned char status[] = { STATUS_NORMAL >> 8, STATUS_NORMAL & 0xff };
	if (websocket->closing || is_sending(websocket))
		return true;
	websocket->closing = true;
	return make_frame(websocket, OP_CLOSE, status, sizeof(status));
}

bool tbdi_websocket_is_offered(const struct tbdi_websocket *websocket)
{
	return websocket->offered > 0;
}

const void *tbdi_websocket_pending(const struct tbdi_websocket *websocket, size_t *len)
{
	*len = websocket->out_len - websocket->out_at;
	return websocket->out + websocket->out_at;
}

size_t tbdi_websocket_sent(struct tbdi_websocket *websocket, size_t len)
{
	websocket->out_at += len;
	if (is_sending(websocket))
		return 0;
	size_t offered = websocket->offered;
	explicit_bzero(websocket->out, websocket->out_len);
	websocket->out_at = websocket->out_len = websocket->offered = 0;
	if (websocket->pong_due)
		websocket->pong_due =
			!make_frame(websocket, OP_PONG, websocket->control, websocket->control_len);
	return offered;
}

/* ---- what is read ---------------------------------------------------------------------------- */

static int op_of(const struct tbdi_websocket *websocket)
{
	return websocket->head[0] & 0x0f;
}

static bool is_control(const struct tbdi_websocket *websocket)
{
	return (op_of(websocket) & 8) != 0;
}

static size_t head_size(const struct tbdi_websocket *websocket)
{
	if (websocket->head_len < 2)
		return 2;
	int len = websocket->head[1] & 0x7f;
	return len == LEN16 ? 4 : len == LEN64 ? 10 : 2;
}

static uint64_t payload_len(const struct tbdi_websocket *websocket)
{
	uint64_t len = websocket->head[1] & 0x7f;
	if (len < LEN16)
		return len;
	len = 0;
	for (size_t i = 2; i < head_size(websocket); i++)
		len = len << 8 | websocket->head[i];
	return len;
}

/* NULL, or what RFC 6455 5 or MQTT 3.1.1 section 6 does not allow. */
static const char *head_fault(const struct tbdi_websocket *websocket)
{
	int op = op_of(websocket);
	if ((websocket->head[1] & MASKED) != 0)
		return "a frame of the server is masked";
	if ((websocket->head[0] & 0x70) != 0)
		return "a frame has a reserved bit";
	if (is_control(websocket))
		return op > OP_PONG ? "a frame is of an unknown kind"
			: payload_len(websocket) > CONTROL_MAX || (websocket->head[0] & FINAL) == 0
			? "a control frame is too long"
			: NULL;
	return op == OP_TEXT     ? "a frame is text, and MQTT needs binary ones"
		: op > OP_BINARY ? "a frame is of an unknown kind"
				 : NULL;
}

static void end_control(struct tbdi_websocket *websocket)
{
	const unsigned char *control = websocket->control;
	int status = websocket->control_len >= 2 ? control[0] << 8 | control[1] : 0;
	switch (op_of(websocket)) {
	case OP_CLOSE:
		websocket->closed = status > 0 ? status : STATUS_NONE;
		break;
	case OP_PING:
		websocket->pong_due = is_sending(websocket) ||
			!make_frame(websocket, OP_PONG, control, websocket->control_len);
		break;
	default:
		break;
	}
}

static void end_frame(struct tbdi_websocket *websocket)
{
	if (is_control(websocket))
		end_control(websocket);
	websocket->head_len = 0;
	websocket->carries = false;
}

static void begin_frame(struct tbdi_websocket *websocket)
{
	websocket->fault = head_fault(websocket);
	/* Nobody but us sees these, and whoever reads is in here as long as they come. */
	if (websocket->fault == NULL && ++websocket->idle > IDLE_MAX)
		websocket->fault = "frame after frame carries nothing";
	websocket->left = payload_len(websocket);
	websocket->carries = true;
	if (is_control(websocket))
		websocket->control_len = 0;
	if (websocket->fault == NULL && websocket->left == 0)
		end_frame(websocket);
}

/* As many of the bytes as the frame has; how many. Of a control frame none is left for the caller. */
static size_t take_payload(
	struct tbdi_websocket *websocket, unsigned char *to, const unsigned char *from, size_t len)
{
	size_t taken = len < websocket->left ? len : (size_t)websocket->left;
	if (is_control(websocket)) {
		memcpy(websocket->control + websocket->control_len, from, taken);
		websocket->control_len += taken;
	} else {
		memmove(to, from, taken);
		websocket->idle = 0;
	}
	websocket->left -= taken;
	return taken;
}

static bool is_readable(const struct tbdi_websocket *websocket)
{
	return websocket->fault == NULL && websocket->closed == 0;
}

size_t tbdi_websocket_unwrap(struct tbdi_websocket *websocket, void *buffer, size_t len)
{
	unsigned char *bytes = buffer;
	size_t kept = 0;
	for (size_t at = 0; at < len && is_readable(websocket);) {
		if (!websocket->carries) {
			websocket->head[websocket->head_len++] = bytes[at++];
			if (websocket->head_len == head_size(websocket) && websocket->head_len > 1)
				begin_frame(websocket);
			continue;
		}
		bool shown = !is_control(websocket);
		size_t taken = take_payload(websocket, bytes + kept, bytes + at, len - at);
		at += taken;
		kept += shown ? taken : 0;
		if (websocket->left == 0)
			end_frame(websocket);
	}
	return kept;
}

size_t tbdi_websocket_take_early(struct tbdi_websocket *websocket, void *buffer, size_t size)
{
	size_t left = websocket->early_len - websocket->early_at;
	size_t taken = left < size ? left : size;
	memcpy(buffer, websocket->early + websocket->early_at, taken);
	websocket->early_at += taken;
	return taken;
}

int tbdi_websocket_closed(const struct tbdi_websocket *websocket)
{
	return websocket->closed;
}

const char *tbdi_websocket_fault(const struct tbdi_websocket *websocket)
{
	return websocket->fault;
}
