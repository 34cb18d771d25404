/* SPDX-License-Identifier: MIT
 *
 * link.c - the private socket, and the pump between it and the stream.
 *
 * Each direction has one buffer, which is filled only when it is empty: after AGAIN the stream must be
 * offered the same bytes again, and a slow reader on one side slows the writer on the other.
 */
#include "device/link.h"

#include "net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 16 * 1024, /* the most a TLS record holds */
	ROUNDS_MAX = 16,         /* of pumping, before others get their turn */
};

struct buffer {
	size_t at;
	size_t len;
	unsigned char bytes[BUFFER_SIZE];
};

/* Where a link stands. Its life, and what leaves each state:
 *
 *   made       no descriptor: tbdi_link_listen(); of datagrams tbdi_link_bind(), to connected at once
 *   listening  `listener`: tbdi_link_accept(), whatever it returns; to connected, or back to made
 *   connected  `library`: tbdi_link_free()
 *
 * Meanwhile each side is open until the pump has read its end, and then tells the other after the last byte:
 *
 *   library    read_library() leaves open (`library_done`), pass_on_ends() that (`told_peer`)
 *   peer       read_stream() leaves open (`peer_done`), pass_on_ends() that (`told_library`)
 *
 * A write that fails (`send_failed`) ends neither: what the peer said last is still to be read. */
struct tbdi_link {
	struct tbdi_stream *stream;
	struct tbdi_link_observer observer;
	struct buffer up;   /* to the peer: the token passes through it */
	struct buffer down; /* to the library */
	int listener;       /* or -1 */
	int library;        /* our end of the library's connection, or -1 */
	bool library_done;  /* it closed its side */
	bool datagrams;     /* what it speaks; a buffer holds one */
	bool parted;        /* datagrams: it will send no more */
	bool send_failed;   /* nothing more can be written to the peer */
	bool peer_done;     /* nothing more can be read from it */
	bool told_library;  /* that the peer is done */
	bool told_peer;     /* that the library is done */
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* "" when there is none */
	struct sockaddr_un address;
};

int tbdi_link_new(struct tbdi_stream *stream, const struct tbdi_link_observer *observer,
	struct tbdi_link **out, struct tbd_error *error)
{
	struct tbdi_link *link = calloc(1, sizeof(*link));
	if (link == NULL)
		return tbdi_fail_nomem(error);
	link->stream = stream;
	link->observer = *observer;
	link->listener = -1;
	link->library = -1;
	*out = link;
	return 0;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Nobody can dial any longer. */
static void listener_remove(struct tbdi_link *link)
{
	fd_close(&link->listener);
	if (link->address.sun_path[0] != '\0')
		unlink(link->address.sun_path);
	if (link->dir[0] != '\0')
		rmdir(link->dir);
	link->address.sun_path[0] = '\0';
	link->dir[0] = '\0';
}

void tbdi_link_free(struct tbdi_link *link)
{
	if (link == NULL)
		return;
	listener_remove(link);
	fd_close(&link->library);
	explicit_bzero(link, sizeof(*link));
	free(link);
}

/* A directory of our own with room for a name in it: mkdtemp() makes it 0700. */
static bool dir_make(struct tbdi_link *link, const char *under)
{
	static const char name[] = "/tbdiag-XXXXXX";
	if (under == NULL || under[0] != '/' ||
		strlen(under) + sizeof(name) + strlen("/link") > sizeof(link->dir))
		return false;
	snprintf(link->dir, sizeof(link->dir), "%s%s", under, name);
	if (mkdtemp(link->dir) != NULL)
		return true;
	link->dir[0] = '\0';
	return false;
}

static int listen_there(struct tbdi_link *link)
{
	link->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->listener < 0)
		return -1;
	link->address.sun_family = AF_UNIX;
	snprintf(link->address.sun_path, sizeof(link->address.sun_path), "%s/link", link->dir);
	if (bind(link->listener, (const struct sockaddr *)(const void *)&link->address,
		    sizeof(link->address)) < 0)
		return -1;
	/* With room in the backlog connect() completes at once, without anyone to accept. */
	return listen(link->listener, 1);
}

/* The runtime directory, if it is ours alone (XDG Base Directory Specification): su hands on another
 * user's, who could put a socket of his own in the place of this one. NULL: /tmp, which is sticky. */
static const char *runtime_dir(void)
{
	const char *dir = secure_getenv("XDG_RUNTIME_DIR");
	struct stat status;
	bool is_ours = dir != NULL && stat(dir, &status) == 0 && status.st_uid == geteuid() &&
		(status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
	return is_ours ? dir : NULL;
}

/* Without the sticky bit others may rename what is ours, and be dialled instead. */
static bool may_be_renamed(const char *dir)
{
	struct stat status;
	return stat(dir, &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
		(status.st_mode & S_ISVTX) == 0;
}

int tbdi_link_listen(struct tbdi_link *link, const char **path, struct tbd_error *error)
{
	bool made = dir_make(link, runtime_dir());
	if (!made && may_be_renamed("/tmp"))
		return tbdi_fail(error, TBD_E_SYSTEM,
			"no socket is private under /tmp, which others can write to and which lacks the "
			"sticky bit (chmod +t /tmp), and XDG_RUNTIME_DIR is no directory of this user "
			"alone");
	if ((made || dir_make(link, "/tmp")) && listen_there(link) == 0) {
		*path = link->address.sun_path;
		return 0;
	}
	int result = tbdi_fail(error, TBD_E_SYSTEM, "cannot make a private socket under %s: %s",
		link->dir[0] != '\0' ? link->dir : "/tmp", strerror(errno));
	listener_remove(link);
	return result;
}

int tbdi_link_accept(struct tbdi_link *link, struct tbd_error *error)
{
	struct ucred peer = { 0, 0, 0 };
	socklen_t len = sizeof(peer);
	link->library = accept4(link->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int saved = errno;
	listener_remove(link);
	if (link->library < 0)
		return tbdi_fail(error, TBD_E_SYSTEM, "cannot accept on the private socket: %s",
			strerror(saved));
	if (getsockopt(link->library, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		peer.pid == getpid())
		return 0;
	fd_close(&link->library);
	return tbdi_fail(error, TBD_E_SYSTEM, "another process (%ld) dialled the private socket",
		(long)peer.pid);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
}

int tbdi_link_bind(struct tbdi_link *link, uint16_t *port, struct tbd_error *error)
{
	struct sockaddr_in address = loopback(0);
	struct sockaddr *any = (struct sockaddr *)(void *)&address;
	socklen_t len = sizeof(address);
	link->datagrams = true;
	link->library = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->library >= 0 && bind(link->library, any, len) == 0 &&
		getsockname(link->library, any, &len) == 0) {
		*port = ntohs(address.sin_port);
		return 0;
	}
	return tbdi_fail(error, TBD_E_SYSTEM, "cannot bind a private socket: %s", strerror(errno));
}

int tbdi_link_join(struct tbdi_link *link, uint16_t port, struct tbd_error *error)
{
	const struct sockaddr_in address = loopback(port);
	char stranger;
	if (connect(link->library, (const struct sockaddr *)(const void *)&address,
		    sizeof(address)) < 0)
		return tbdi_fail(error, TBD_E_SYSTEM, "cannot connect the private socket: %s",
			strerror(errno));
	/* The library has not sent anything yet. */
	while (recv(link->library, &stranger, sizeof(stranger), 0) >= 0)
		;
	return 0;
}

void tbdi_link_part(struct tbdi_link *link)
{
	link->parted = true;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static void buffer_advance(struct buffer *buffer, size_t len)
{
	buffer->at += len;
	buffer->len -= len;
	if (buffer->len == 0)
		explicit_bzero(buffer->bytes, buffer->at);
}

static void buffer_drop(struct buffer *buffer)
{
	buffer_advance(buffer, buffer->len);
}

static void buffer_fill(struct buffer *buffer, size_t len)
{
	buffer->at = 0;
	buffer->len = len;
}

static bool wants_library(const struct tbdi_link *link)
{
	return link->library >= 0 && !link->library_done && link->up.len == 0 && !link->peer_done;
}

static bool wants_stream(const struct tbdi_link *link)
{
	return !link->peer_done && !link->library_done && link->down.len == 0;
}

static bool wants_goodbye(const struct tbdi_link *link)
{
	return link->library_done && link->up.len == 0 && !link->told_peer && !link->peer_done &&
		!link->send_failed;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* These functions tell whether anything moved. */

static bool read_library(struct tbdi_link *link)
{
	if (!wants_library(link))
		return false;
	ssize_t got = recv(link->library, link->up.bytes, BUFFER_SIZE, 0);
	bool nothing = got < 0 && would_block();
	if (nothing && !link->parted)
		return false;
	/* An empty datagram, or ICMP of one that the library does not want, is no end. */
	link->library_done = link->datagrams ? nothing : got <= 0;
	buffer_fill(&link->up, got > 0 ? (size_t)got : 0);
	return true;
}

static bool write_stream(struct tbdi_link *link)
{
	struct buffer *up = &link->up;
	if (up->len == 0)
		return false;
	ssize_t sent = link->send_failed || link->peer_done
		? TBDI_STREAM_FAILED
		: tbdi_stream_write(link->stream, up->bytes + up->at, up->len);
	if (sent == TBDI_STREAM_AGAIN)
		return false;
	if (sent > 0) {
		link->observer.sent(link->observer.arg, up->bytes + up->at, (size_t)sent);
		buffer_advance(up, (size_t)sent);
		return true;
	}
	/* The reason may be waiting to be read: only the reader ends the connection. */
	link->send_failed = true;
	buffer_drop(up);
	return true;
}

static bool read_stream(struct tbdi_link *link)
{
	struct buffer *down = &link->down;
	if (!wants_stream(link))
		return false;
	ssize_t got = tbdi_stream_read(link->stream, down->bytes, BUFFER_SIZE);
	if (got == TBDI_STREAM_AGAIN && !link->send_failed)
		return false;
	if (got <= 0) {
		link->peer_done = true;
		return true;
	}
	buffer_fill(down, (size_t)got);
	if (!link->observer.received(link->observer.arg, down->bytes, (size_t)got))
		buffer_drop(down);
	return true;
}

static bool write_library(struct tbdi_link *link)
{
	struct buffer *down = &link->down;
	if (link->library < 0 || down->len == 0)
		return false;
	ssize_t sent = send(link->library, down->bytes + down->at, down->len, MSG_NOSIGNAL);
	if (sent < 0 && would_block())
		return false;
	if (sent < 0) /* it has closed: nobody wants this */
		buffer_drop(down);
	else
		buffer_advance(down, (size_t)sent);
	return true;
}

/* The end of one side is passed on to the other, after the last byte. */
static void pass_on_ends(struct tbdi_link *link)
{
	if (link->peer_done && link->down.len == 0 && link->library >= 0 && !link->told_library) {
		shutdown(link->library, SHUT_WR);
		link->told_library = true;
	}
	if (wants_goodbye(link))
		link->told_peer = tbdi_stream_bye(link->stream) != TBDI_STREAM_AGAIN;
}

bool tbdi_link_prepare(const struct tbdi_link *link, struct pollfd fds[2])
{
	short stream = 0;
	short library = 0;
	if (wants_stream(link))
		stream |= tbdi_stream_read_events(link->stream);
	if (link->up.len > 0 || wants_goodbye(link))
		stream |= tbdi_stream_write_events(link->stream);
	if (wants_library(link))
		library |= POLLIN;
	if (link->down.len > 0)
		library |= POLLOUT;
	/* Without a wish there must be no descriptor, or its POLLHUP would keep poll() awake. */
	fds[0] = (struct pollfd){ .fd = stream != 0 ? tbdi_stream_fd(link->stream) : -1,
		.events = stream };
	fds[1] = (struct pollfd){ .fd = library != 0 ? link->library : -1, .events = library };
	bool is_last = link->parted && !link->library_done; /* there is no more to wait for */
	return !is_last && !(wants_stream(link) && tbdi_stream_pending(link->stream));
}

void tbdi_link_pump(struct tbdi_link *link)
{
	bool moved = true;
	for (int i = 0; i < ROUNDS_MAX && moved; i++) {
		moved = read_library(link);
		moved = write_stream(link) || moved;
		moved = read_stream(link) || moved;
		moved = write_library(link) || moved;
	}
	pass_on_ends(link);
}

bool tbdi_link_is_over(const struct tbdi_link *link)
{
	return link->peer_done && (link->down.len == 0 || link->library < 0);
}

bool tbdi_link_is_flushed(const struct tbdi_link *link)
{
	/* A server may close as soon as it has read DISCONNECT, before we have read the library's end. */
	if (link->peer_done)
		return true;
	return link->library_done && link->up.len == 0 && !wants_goodbye(link);
}
