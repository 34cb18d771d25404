/* SPDX-License-Identifier: MIT
 *
 * link.c - the link between a library and a stream: order, backpressure, both ends' ends.
 *
 * One thread plays all parts: the library (which dials the private socket), the link, and the peer at
 * the other end of the stream's socket.
 */
#include "device/link.h"

#include "tests/peers/peer.h"
#include "tests/unit/check-main.h"
#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BIG = 300 * 1024,
	WAIT_MS = 5000,
};

static struct tbdi_stream *stream;
static struct tbdi_link *tested;
static int peer;
static int library;
static char path[108];
static size_t seen_sent;
static size_t seen_received;
static bool let_pass;
static unsigned char pattern[BIG];

static void link_on_sent(void *arg TBDI_UNUSED, const void *data TBDI_UNUSED, size_t len)
{
	seen_sent += len;
}

static bool link_on_received(void *arg TBDI_UNUSED, const void *data TBDI_UNUSED, size_t len)
{
	seen_received += len;
	return let_pass;
}

static void stream_over(int fd, int other)
{
	static const struct tbdi_link_observer observer = { link_on_sent, link_on_received, NULL };
	peer = other;
	stream = tbdi_stream_new(fd, NULL, true);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(tbdi_link_new(stream, &observer, &tested, NULL), 0);
	seen_sent = 0;
	seen_received = 0;
	let_pass = true;
	for (size_t i = 0; i < BIG; i++)
		pattern[i] = (unsigned char)(i * 31 + i / 256);
}

static void stream_over_pair(void)
{
	int fds[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	stream_over(fds[0], fds[1]);
}

static int dial_link(const char *where)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", where);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
		connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
	return fd;
}

static void connect_library(void)
{
	const char *listening = NULL;
	struct tbd_error error = { "" };
	ck_assert_int_eq(tbdi_link_listen(tested, &listening, &error), 0);
	snprintf(path, sizeof(path), "%s", listening);
	library = dial_link(path);
	ck_assert_msg(tbdi_link_accept(tested, &error) == 0, "%s", error.text);
}

static void link_setup(void)
{
	stream_over_pair();
	connect_library();
}

/* Over TCP, where a peer can reset. */
static void link_setup_tcp(void)
{
	uint16_t port;
	int listener = peer_listening(&port);
	int fd = peer_dial(port);
	int other = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	close(listener);
	stream_over(fd, other);
	connect_library();
}

static void link_teardown(void)
{
	tbdi_link_free(tested);
	tbdi_stream_free(stream);
	if (library >= 0)
		close(library);
	if (peer >= 0)
		close(peer);
}

/* One turn of the loop that tbd_roundtrip() runs; `also` is what else might have something to do. */
static void turn(int also, short events)
{
	struct pollfd fds[TBDI_LINK_FDS + 1];
	bool wait = tbdi_link_prepare(tested, fds);
	fds[TBDI_LINK_FDS] = (struct pollfd){ .fd = also, .events = events };
	int ready = poll(fds, TBDI_LINK_FDS + 1, wait ? WAIT_MS : 0);
	ck_assert_msg(ready > 0 || !wait, "nothing happens any more");
	tbdi_link_pump(tested);
}

/* Until the link knows. */
static void let_peer_go(void)
{
	close(peer);
	peer = -1;
	while (!tbdi_link_is_over(tested))
		turn(-1, 0);
}

static size_t write_some(int fd, const unsigned char *data, size_t len)
{
	ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
	ck_assert(sent >= 0 || errno == EAGAIN);
	return sent < 0 ? 0 : (size_t)sent;
}

/* Move `len` bytes of the pattern from one end to the other, at most `step` at a time. */
static void transfer(int from, int to, size_t len, size_t step)
{
	static unsigned char got[BIG];
	size_t sent = 0;
	size_t arrived = 0;
	while (arrived < len) {
		size_t piece = len - sent < step ? len - sent : step;
		if (piece > 0)
			sent += write_some(from, pattern + sent, piece);
		turn(to, POLLIN);
		ssize_t count = recv(to, got + arrived, BIG - arrived, 0);
		ck_assert(count > 0 || (count < 0 && errno == EAGAIN));
		arrived += count > 0 ? (size_t)count : 0;
	}
	ck_assert_uint_eq(arrived, len);
	ck_assert_mem_eq(got, pattern, len);
}

TEST_GROUP(.setup = link_setup, .teardown = link_teardown);

TEST(small)
{
	transfer(library, peer, 10, 10);
	transfer(peer, library, 10, 10);
	ck_assert_uint_eq(seen_sent, 10);
	ck_assert_uint_eq(seen_received, 10);
}

TEST(big)
{
	transfer(library, peer, BIG, BIG);
	transfer(peer, library, BIG, BIG);
	ck_assert_uint_eq(seen_sent, BIG);
	ck_assert_uint_eq(seen_received, BIG);
}

TEST(one_byte_at_a_time)
{
	transfer(library, peer, 1000, 1);
	transfer(peer, library, 1000, 1);
}

/* A reader that does not read stops the writer; when it does, nothing is lost. */
static void stall(int from, int to)
{
	static unsigned char got[BIG];
	size_t total = 0;
	size_t sent = 0;
	do {
		sent = write_some(from, pattern, BIG);
		total += sent;
		for (int i = 0; i < 100; i++)
			tbdi_link_pump(tested);
	} while (sent > 0);
	struct pollfd fds[TBDI_LINK_FDS];
	ck_assert(tbdi_link_prepare(tested, fds));
	ck_assert_msg(poll(fds, TBDI_LINK_FDS, 0) == 0, "a stalled link does not let poll() wait");
	for (size_t arrived = 0; arrived < total;) {
		ssize_t count = recv(to, got, BIG, 0);
		ck_assert(count > 0 || (count < 0 && errno == EAGAIN));
		arrived += count > 0 ? (size_t)count : 0;
		if (arrived < total)
			turn(to, POLLIN);
	}
}

TEST(backpressure)
{
	stall(library, peer);
	stall(peer, library);
}

TEST(peer_ends_after_last_byte)
{
	char got[8];
	ck_assert_uint_eq(write_some(peer, pattern, 5), 5);
	let_peer_go();
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_CLOSED);
	ck_assert(tbdi_link_is_flushed(tested));
	ck_assert_int_eq(recv(library, got, sizeof(got), 0), 5);
	ck_assert_mem_eq(got, pattern, 5);
	ck_assert_int_eq(recv(library, got, sizeof(got), 0), 0);
	/* What the library still says is for nobody, and does no harm. */
	ck_assert_uint_eq(write_some(library, pattern, 5), 5);
	tbdi_link_pump(tested);
	ck_assert_uint_eq(seen_sent, 0);
}

TEST(library_ends_after_last_byte)
{
	char got[8];
	ck_assert_uint_eq(write_some(library, pattern, 5), 5);
	close(library);
	library = -1;
	while (!tbdi_link_is_flushed(tested))
		turn(-1, 0);
	ck_assert_int_eq(recv(peer, got, sizeof(got), 0), 5);
	ck_assert_int_eq(recv(peer, got, sizeof(got), 0), 0);
	/* And what the peer still says neither kills nor wakes. */
	ck_assert_uint_eq(write_some(peer, pattern, 5), 5);
	struct pollfd fds[TBDI_LINK_FDS];
	ck_assert(tbdi_link_prepare(tested, fds));
	ck_assert_int_eq(poll(fds, TBDI_LINK_FDS, 0), 0);
}

/* The observer keeps bytes from the library, and sees all of them. */
TEST(observer_withholds)
{
	char got[8];
	let_pass = false;
	ck_assert_uint_eq(write_some(peer, pattern, 5), 5);
	let_peer_go();
	ck_assert_uint_eq(seen_received, 5);
	ck_assert_int_eq(recv(library, got, sizeof(got), 0), 0);
}

TEST(socket_is_gone)
{
	char *slash = strrchr(path, '/');
	ck_assert_ptr_nonnull(slash);
	ck_assert_int_eq(access(path, F_OK), -1);
	*slash = '\0';
	ck_assert_int_eq(access(path, F_OK), -1);
}

/* The same over TCP, and what only TCP can do. */
TEST_GROUP(.name = "tcp", .setup = link_setup_tcp, .teardown = link_teardown);
TEST_AGAIN(big, 0, 1);
TEST_AGAIN(backpressure, 0, 1);
TEST_AGAIN(peer_ends_after_last_byte, 0, 1);

TEST(reset)
{
	char got[8];
	ck_assert_uint_eq(write_some(library, pattern, 5), 5);
	turn(-1, 0);
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	let_peer_go();
	ck_assert_int_eq(tbdi_stream_end(stream), TBD_END_RESET);
	ck_assert_int_eq(recv(library, got, sizeof(got), 0), 0);
}

/* Without link_setup(): a link that listens. */
static const char *listen_alone(void)
{
	const char *listening = NULL;
	stream_over_pair();
	library = -1;
	ck_assert_int_eq(tbdi_link_listen(tested, &listening, NULL), 0);
	return listening;
}

TEST_GROUP();

TEST(socket_is_private)
{
	struct stat status;
	char dir[108];
	snprintf(dir, sizeof(dir), "%s", listen_alone());
	*strrchr(dir, '/') = '\0';
	ck_assert_int_eq(stat(dir, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	tbdi_link_free(tested);
	tested = NULL;
	ck_assert_int_eq(access(dir, F_OK), -1);
	link_teardown();
}

TEST(nobody_dialled)
{
	struct tbd_error error = { "" };
	listen_alone();
	ck_assert_int_eq(tbdi_link_accept(tested, &error), TBD_E_SYSTEM);
	link_teardown();
}

TEST(another_process_dialled)
{
	struct tbd_error error = { "" };
	const char *listening = listen_alone();
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		dial_link(listening);
		_exit(0);
	}
	int status = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(tbdi_link_accept(tested, &error), TBD_E_SYSTEM);
	ck_assert_msg(strstr(error.text, "another process") != NULL, "%s", error.text);
	link_teardown();
}

/* A runtime directory whose name leaves no room, or that is not there, is passed over. */
TEST_TIMES(unusable_runtime_dir, 4)
{
	char long_name[120] = "/";
	memset(long_name + 1, 'x', sizeof(long_name) - 2);
	const char *const names[] = { long_name, "/does/not/exist", "relative", "" };
	ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", names[_i], 1), 0);
	const char *listening = listen_alone();
	ck_assert_int_eq(strncmp(listening, "/tmp/tbdiag-", 12), 0);
	link_teardown();
	unsetenv("XDG_RUNTIME_DIR");
}

static const struct {
	mode_t mode;
	uid_t owner; /* 0: this user */
	bool used;
} runtime_dirs[] = {
	{ 0700, 0, true },
	{ 0770, 0, false },
	{ 01777, 0, false },
	{ 0700, 65534, false },
};

/* So is one that others can write to: they could exchange the socket in it. */
TEST_EACH(shared_runtime_dir, row, runtime_dirs)
{
	char dir[] = "/tmp/tbdiag-test-XXXXXX";
	if (row->owner != 0 && geteuid() != 0)
		return; /* only root can make it */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", dir, 1), 0);
	ck_assert_int_eq(chmod(dir, row->mode), 0);
	if (row->owner != 0)
		ck_assert_int_eq(chown(dir, row->owner, (gid_t)-1), 0);
	const char *listening = listen_alone();
	bool used = strncmp(listening, dir, strlen(dir)) == 0;
	ck_assert_msg(used == row->used, "%s", listening);
	link_teardown();
	unsetenv("XDG_RUNTIME_DIR");
	ck_assert_int_eq(rmdir(dir), 0);
}

/* What comes before the library is there is kept for it. */
TEST(early_bytes)
{
	char got[8];
	stream_over_pair();
	ck_assert_uint_eq(write_some(peer, pattern, 5), 5);
	turn(-1, 0);
	ck_assert_uint_eq(seen_received, 5);
	connect_library();
	turn(-1, 0);
	ck_assert_int_eq(recv(library, got, sizeof(got), 0), 5);
	link_teardown();
}
