/* SPDX-License-Identifier: MIT
 *
 * stream.c - one open connection to a peer as bytes.
 */
#include "net/stream.h"

#include "net/tls.h"
#include "net/websocket.h"
#include "report/report.h"
#include "verify/revocation.h"

#include <errno.h>
#include <poll.h>

struct tbdi_stream {
	struct tbdi_tls *tls;      /* or NULL */
	struct tbdi_socket socket; /* without TLS */
	bool may_carry_secrets;
	enum tbd_end end;                 /* without TLS */
	struct tbdi_websocket *websocket; /* or NULL */
};

struct tbdi_stream *tbdi_stream_new(
	int fd, struct tbdi_datagrams *datagrams, bool may_carry_secrets)
{
	struct tbdi_stream *stream = tbdi_stream_new_tls(NULL, may_carry_secrets);
	if (stream != NULL) {
		stream->socket.fd = fd;
		stream->socket.datagrams = datagrams;
	}
	return stream;
}

struct tbdi_stream *tbdi_stream_new_tls(struct tbdi_tls *tls, bool may_carry_secrets)
{
	struct tbdi_stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->tls = tls;
	stream->socket.fd = -1;
	stream->may_carry_secrets = may_carry_secrets;
	return stream;
}

void tbdi_stream_free(struct tbdi_stream *stream)
{
	if (stream == NULL)
		return;
	tbdi_websocket_free(stream->websocket);
	tbdi_tls_free(stream->tls);
	tbdi_socket_close(&stream->socket);
	free(stream);
}

int tbdi_stream_fd(const struct tbdi_stream *stream)
{
	return stream->tls != NULL ? tbdi_tls_fd(stream->tls) : stream->socket.fd;
}

bool tbdi_stream_may_carry_secrets(const struct tbdi_stream *stream)
{
	return stream->may_carry_secrets;
}

short tbdi_stream_read_events(const struct tbdi_stream *stream)
{
	return stream->tls != NULL ? tbdi_tls_read_events(stream->tls) : POLLIN;
}

short tbdi_stream_write_events(const struct tbdi_stream *stream)
{
	return stream->tls != NULL ? tbdi_tls_write_events(stream->tls) : POLLOUT;
}

void tbdi_stream_frame(struct tbdi_stream *stream, struct tbdi_websocket *websocket)
{
	stream->websocket = websocket;
}

const char *tbdi_stream_fault(const struct tbdi_stream *stream)
{
	return stream->websocket != NULL ? tbdi_websocket_fault(stream->websocket) : NULL;
}

bool tbdi_stream_pending(const struct tbdi_stream *stream)
{
	return stream->tls != NULL && tbdi_tls_pending(stream->tls);
}

static ssize_t over(const struct tbdi_stream *stream)
{
	return stream->end == TBD_END_CLOSED ? TBDI_STREAM_END : TBDI_STREAM_FAILED;
}

static ssize_t raw_read(struct tbdi_stream *stream, void *buffer, size_t size)
{
	if (stream->tls != NULL)
		return tbdi_tls_read(stream->tls, buffer, size);
	if (stream->end != TBD_END_NONE)
		return over(stream);
	ssize_t got = tbdi_socket_recv(&stream->socket, buffer, size);
	if (got > 0)
		return got;
	if (got < 0 && errno == EAGAIN)
		return TBDI_STREAM_AGAIN;
	stream->end = got == 0        ? TBD_END_CLOSED
		: errno == ECONNRESET ? TBD_END_RESET
				      : TBD_END_ERROR;
	return over(stream);
}

static ssize_t raw_write(struct tbdi_stream *stream, const void *buffer, size_t len)
{
	if (stream->tls != NULL)
		return tbdi_tls_write(stream->tls, buffer, len);
	if (stream->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	struct iovec part = { .iov_len = len };
	memcpy(&part.iov_base, &buffer, sizeof(buffer)); /* sendmsg() does not write to it */
	ssize_t sent = tbdi_socket_send(&stream->socket, &part, 1);
	return sent < 0 ? TBDI_STREAM_AGAIN : sent;
}

static int say_bye(struct tbdi_stream *stream)
{
	if (stream->tls != NULL)
		return tbdi_tls_bye(stream->tls);
	if (stream->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	return tbdi_socket_shutdown(&stream->socket) == 0 ? 0 : TBDI_STREAM_FAILED;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Write what of a frame is left. 0 or AGAIN or FAILED; *sent is what the caller had offered in it. */
static ssize_t flush_frames(struct tbdi_stream *stream, size_t *sent)
{
	size_t len = 0;
	const void *bytes;
	*sent = 0;
	while (bytes = tbdi_websocket_pending(stream->websocket, &len), len > 0) {
		ssize_t written = raw_write(stream, bytes, len);
		if (written < 0)
			return written;
		*sent += tbdi_websocket_sent(stream->websocket, (size_t)written);
	}
	return 0;
}

static ssize_t write_frame(struct tbdi_stream *stream, const void *buffer, size_t len)
{
	size_t sent = 0;
	while (sent == 0) {
		if (!tbdi_websocket_offer(stream->websocket, buffer, len))
			return TBDI_STREAM_FAILED;
		ssize_t rc = flush_frames(stream, &sent);
		if (rc < 0 && sent == 0)
			return rc;
	}
	return (ssize_t)sent;
}

/* Of a frame without payload nothing is left: the next is read. */
static ssize_t read_frame(struct tbdi_stream *stream, void *buffer, size_t size)
{
	struct tbdi_websocket *websocket = stream->websocket;
	size_t kept = 0, sent = 0;
	while (kept == 0) {
		if (tbdi_websocket_fault(websocket) != NULL)
			return TBDI_STREAM_FAILED;
		if (tbdi_websocket_closed(websocket) != 0)
			return TBDI_STREAM_END;
		ssize_t got = (ssize_t)tbdi_websocket_take_early(websocket, buffer, size);
		if (got == 0)
			got = raw_read(stream, buffer, size);
		if (got <= 0)
			return got;
		kept = tbdi_websocket_unwrap(websocket, buffer, (size_t)got);
		/* A pong may go at once; what was offered is offered again by who did. */
		if (!tbdi_websocket_is_offered(websocket))
			(void)flush_frames(stream, &sent);
	}
	return (ssize_t)kept;
}

ssize_t tbdi_stream_read(struct tbdi_stream *stream, void *buffer, size_t size)
{
	return stream->websocket != NULL ? read_frame(stream, buffer, size)
					 : raw_read(stream, buffer, size);
}

ssize_t tbdi_stream_write(struct tbdi_stream *stream, const void *buffer, size_t len)
{
	return stream->websocket != NULL ? write_frame(stream, buffer, len)
					 : raw_write(stream, buffer, len);
}

int tbdi_stream_bye(struct tbdi_stream *stream)
{
	size_t sent = 0;
	if (stream->websocket != NULL && tbdi_websocket_closed(stream->websocket) == 0 &&
		tbdi_websocket_offer_close(stream->websocket) &&
		flush_frames(stream, &sent) == TBDI_STREAM_AGAIN)
		return TBDI_STREAM_AGAIN;
	return say_bye(stream);
}

enum tbd_end tbdi_stream_end(const struct tbdi_stream *stream)
{
	const struct tbdi_websocket *websocket = stream->websocket;
	if (tbdi_stream_fault(stream) != NULL)
		return TBD_END_ERROR;
	if (websocket != NULL && tbdi_websocket_closed(websocket) != 0)
		return TBD_END_CLOSED;
	return stream->tls != NULL ? tbdi_tls_end(stream->tls) : stream->end;
}

int tbdi_stream_error(const struct tbdi_stream *stream)
{
	return stream->tls != NULL ? 0 : stream->socket.recv_error;
}

int tbdi_stream_alert(const struct tbdi_stream *stream)
{
	return stream->tls != NULL ? tbdi_tls_alert(stream->tls) : -1;
}

/* ---- of a report ----------------------------------------------------------------------------- */

void tbdi_stream_close(struct tbdi_report *report)
{
	tbdi_stream_free(report->stream);
	report->stream = NULL;
}

static void report_close(void *report)
{
	tbdi_stream_close(report);
}

int tbdi_stream_keep(struct tbdi_stream *stream, struct tbdi_report *report)
{
	if (stream == NULL || tbdi_own(&report->arena, &report->owned, report, report_close) < 0) {
		free(stream);
		return TBD_E_NOMEM;
	}
	report->stream = stream;
	return 0;
}

/* The connection waited; its time does not run meanwhile. It goes to no peer that is not verified. */
static void stream_settle(struct tbdi_report *report, int64_t waited_us)
{
	if (report->stream == NULL)
		return;
	report->deadline_us += waited_us;
	if (!report->pub.verification->verified && !report->pub.insecure)
		tbdi_stream_close(report);
}

int tbd_ask_ocsp(
	struct tbd_report *report, const struct tbd_ocsp_options *options, struct tbd_error *error)
{
	struct tbdi_report *own = tbdi_report_of(report);
	/* Options are looked at first, whatever the report is. */
	int64_t begun_us = own != NULL ? tbdi_report_elapsed_us(own) : 0;
	int rc = tbdi_ask_ocsp(report, options, error);
	if (rc == 0 && report->verification != NULL)
		stream_settle(own, tbdi_report_elapsed_us(own) - begun_us);
	return rc;
}
