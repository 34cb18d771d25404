/* SPDX-License-Identifier: MIT
 *
 * script-server.c - plays a script to each device that connects.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/script-server.h"

#include "tools/sandbox/clock.h"

#include <sys/socket.h>

enum { BACKLOG = 16 };

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

size_t front_fds(const struct front *front)
{
	return front->listener_count + front->visitor_count * VISITOR_FDS;
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

void front_turn(struct front *front, const struct pollfd *fds)
{
	for (size_t i = 0; i < front->listener_count; i++)
		if (fds[i].revents != 0)
			admit(front, front->listeners[i].fd, front->listeners[i].tls);
	for (size_t i = front->visitor_count; i-- > 0;) {
		visitor_go(front->visitors[i], &front->world);
		if (front->visitors[i]->over)
			remove_visitor(front, i);
	}
}

void front_release(struct front *front)
{
	while (front->visitor_count > 0)
		remove_visitor(front, 0);
	if (front->world.credentials != NULL)
		gnutls_certificate_free_credentials(front->world.credentials);
	front->world.credentials = NULL;
}
