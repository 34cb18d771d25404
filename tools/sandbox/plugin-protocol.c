/* SPDX-License-Identifier: MIT
 *
 * plugin-protocol.c - messages between the broker's plugin and the sandbox.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/plugin-protocol.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

struct header {
	uint32_t kind;
	uint32_t qos;
	uint32_t len[WIRE_PARTS];
};

struct wire_part wire_string(const char *text)
{
	return (struct wire_part){ text, text != NULL ? strlen(text) : 0 };
}

static int set_deadline(int fd)
{
	struct timeval deadline = { .tv_sec = WIRE_DEADLINE_S };
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline)) < 0)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
}

int wire_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	if (set_deadline(fds[0]) == 0 && set_deadline(fds[1]) == 0)
		return 0;
	int saved = errno;
	close(fds[0]);
	close(fds[1]);
	errno = saved;
	return -1;
}

/* What a message takes; each part has its NUL. */
static size_t total_len(const struct header *header)
{
	size_t total = sizeof(*header);
	for (int i = 0; i < WIRE_PARTS; i++)
		total += (size_t)header->len[i] + 1;
	return total;
}

int wire_send(int fd, const struct wire_message *message)
{
	struct header header = { .kind = message->kind, .qos = (uint32_t)message->qos };
	struct iovec vector[1 + 2 * WIRE_PARTS] = { { &header, sizeof(header) } };
	char nul = '\0';
	for (int i = 0; i < WIRE_PARTS; i++) {
		const struct wire_part *part = &message->parts[i];
		/* An iovec is not const, whatever it is used for. */
		void *data = (void *)(uintptr_t)part->data;
		header.len[i] = (uint32_t)part->len;
		vector[1 + 2 * i] = (struct iovec){ data, part->len };
		vector[2 + 2 * i] = (struct iovec){ &nul, 1 };
	}
	if (total_len(&header) > WIRE_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	struct msghdr packet = { .msg_iov = vector, .msg_iovlen = 1 + 2 * WIRE_PARTS };
	return sendmsg(fd, &packet, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int wire_receive(int fd, char *buffer, struct wire_message *message)
{
	struct header header;
	ssize_t len = recv(fd, buffer, WIRE_MAX, 0);
	if (len <= 0)
		return (int)len;
	if ((size_t)len >= sizeof(header))
		memcpy(&header, buffer, sizeof(header));
	if ((size_t)len < sizeof(header) || total_len(&header) != (size_t)len) {
		errno = EPROTO;
		return -1;
	}
	*message = (struct wire_message){ .kind = header.kind, .qos = (int)header.qos };
	const char *data = buffer + sizeof(header);
	for (int i = 0; i < WIRE_PARTS; i++) {
		message->parts[i] = (struct wire_part){ data, header.len[i] };
		data += header.len[i] + 1;
	}
	return 1;
}
