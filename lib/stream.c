/* SPDX-License-Identifier: MIT
 *
 * stream.c - one open connection to a peer as bytes.
 */
#include "stream.h"

#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

struct tbdi_stream {
	struct tbdi_socket socket;
	bool may_carry_secrets;
	enum tbd_end end;
};

struct tbdi_stream *tbdi_stream_new(int fd, bool may_carry_secrets)
{
	struct tbdi_stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->socket.fd = fd;
	stream->may_carry_secrets = may_carry_secrets;
	return stream;
}

void tbdi_stream_free(struct tbdi_stream *stream)
{
	if (stream == NULL)
		return;
	tbdi_socket_close(&stream->socket);
	free(stream);
}

int tbdi_stream_fd(const struct tbdi_stream *stream)
{
	return stream->socket.fd;
}

bool tbdi_stream_may_carry_secrets(const struct tbdi_stream *stream)
{
	return stream->may_carry_secrets;
}

short tbdi_stream_read_events(const struct tbdi_stream *stream TBDI_UNUSED)
{
	return POLLIN;
}

short tbdi_stream_write_events(const struct tbdi_stream *stream TBDI_UNUSED)
{
	return POLLOUT;
}

bool tbdi_stream_pending(const struct tbdi_stream *stream TBDI_UNUSED)
{
	return false;
}

static ssize_t ended(struct tbdi_stream *stream, enum tbd_end end)
{
	stream->end = end;
	return end == TBD_END_CLOSED ? TBDI_STREAM_END : TBDI_STREAM_FAILED;
}

ssize_t tbdi_stream_read(struct tbdi_stream *stream, void *buffer, size_t size)
{
	if (stream->end != TBD_END_NONE)
		return ended(stream, stream->end);
	ssize_t got = tbdi_socket_recv(&stream->socket, buffer, size);
	if (got > 0)
		return got;
	if (got < 0 && errno == EAGAIN)
		return TBDI_STREAM_AGAIN;
	if (got == 0)
		return ended(stream, TBD_END_CLOSED);
	return ended(stream, errno == ECONNRESET ? TBD_END_RESET : TBD_END_ERROR);
}

ssize_t tbdi_stream_write(struct tbdi_stream *stream, const void *buffer, size_t len)
{
	if (stream->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	struct iovec part = { .iov_len = len };
	memcpy(&part.iov_base, &buffer, sizeof(buffer)); /* sendmsg() does not write to it */
	ssize_t sent = tbdi_socket_send(&stream->socket, &part, 1);
	return sent < 0 ? TBDI_STREAM_AGAIN : sent;
}

int tbdi_stream_bye(struct tbdi_stream *stream)
{
	if (stream->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	return shutdown(stream->socket.fd, SHUT_WR) == 0 ? 0 : TBDI_STREAM_FAILED;
}

enum tbd_end tbdi_stream_end(const struct tbdi_stream *stream)
{
	return stream->end;
}

int tbdi_stream_alert(const struct tbdi_stream *stream TBDI_UNUSED)
{
	return -1;
}
