/* SPDX-License-Identifier: MIT
 *
 * datagram.c - UDP sockets: what is counted, what is taken for a repeat, and what is believed of ICMP.
 */
#include "net/socket.h"

#include "tests/unit/check-main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tbdi_datagrams datagrams;
static struct tbdi_socket ours;
static int peer;
static char buffer[64];

static struct sockaddr_in loopback(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static int bound(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*address = loopback();
	ck_assert_int_eq(bind(fd, (struct sockaddr *)address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &len), 0);
	return fd;
}

/* Two sockets that are connected to each other. */
static void datagram_setup(void)
{
	struct sockaddr_in theirs, mine;
	peer = bound(&theirs);
	memset(&datagrams, 0, sizeof(datagrams));
	ours = (struct tbdi_socket){ .fd = bound(&mine), .datagrams = &datagrams };
	ck_assert_int_eq(fcntl(ours.fd, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(connect(ours.fd, (struct sockaddr *)&theirs, sizeof(theirs)), 0);
	ck_assert_int_eq(connect(peer, (struct sockaddr *)&mine, sizeof(mine)), 0);
}

static void datagram_teardown(void)
{
	tbdi_socket_close(&ours);
	if (peer >= 0)
		close(peer);
}

static ssize_t send_text(const char *text)
{
	char copy[64];
	snprintf(copy, sizeof(copy), "%s", text);
	struct iovec part = { .iov_base = copy, .iov_len = strlen(copy) };
	return tbdi_socket_send(&ours, &part, 1);
}

static ssize_t receive(void)
{
	return tbdi_socket_recv(&ours, buffer, sizeof(buffer));
}

static void wait_for_something(void)
{
	struct pollfd fd = { .fd = ours.fd, .events = POLLIN };
	ck_assert_int_eq(poll(&fd, 1, 10000), 1);
}

TEST_GROUP(.setup = datagram_setup, .teardown = datagram_teardown);

TEST(counts)
{
	char large[200] = { 1 };
	ck_assert_int_eq(send_text("four"), 4);
	ck_assert_int_eq(send_text("twelve bytes"), 12);
	ck_assert_int_eq(send(peer, "ping", 4, 0), 4);
	ck_assert_int_eq(receive(), 4);
	ck_assert_int_eq(receive(), -1);
	ck_assert_int_eq(errno, EAGAIN);
	/* One that is empty is none, and one that has no room is dropped whole. */
	ck_assert_int_eq(send(peer, "", 0, 0), 0);
	ck_assert_int_eq(send(peer, large, sizeof(large), 0), sizeof(large));
	ck_assert_int_eq(send(peer, "last", 4, 0), 4);
	ck_assert_int_eq(receive(), 4);
	ck_assert_int_eq(memcmp(buffer, "last", 4), 0);
	ck_assert_uint_eq(datagrams.pub.sent, 2);
	ck_assert_uint_eq(datagrams.pub.largest_sent, 12);
	ck_assert_uint_eq(datagrams.pub.received, 3);
	ck_assert_uint_eq(datagrams.pub.largest_received, sizeof(large));
	ck_assert(!ours.eof);
}

TEST(refused)
{
	close(peer);
	peer = -1;
	ck_assert_int_eq(send_text("hello"), 5);
	wait_for_something();
	ck_assert_int_eq(receive(), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(ours.recv_error, ECONNREFUSED);
}

/* The error that is told by a send stops no datagram. */
TEST(refused_while_sending)
{
	close(peer);
	peer = -1;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(send_text("hello"), 5);
		struct pollfd fd = { .fd = ours.fd, .events = 0 };
		ck_assert_int_eq(poll(&fd, 1, 10000), 1); /* POLLERR */
	}
	ck_assert_uint_eq(datagrams.pub.sent, 3);
	ck_assert_int_eq(receive(), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
}

/* Somebody is there, whatever ICMP says: a datagram is waiting behind the error, or came before it. */
TEST(icmp_is_not_believed)
{
	ck_assert_int_eq(send(peer, "here", 4, 0), 4);
	close(peer);
	peer = -1;
	ck_assert_int_eq(send_text("hello"), 5);
	struct pollfd fd = { .fd = ours.fd, .events = 0 };
	ck_assert_int_eq(poll(&fd, 1, 10000), 1); /* POLLERR */
	ck_assert_int_eq(receive(), 4);
	ck_assert_int_eq(send_text("hello"), 5);
	ck_assert_int_eq(poll(&fd, 1, 10000), 1);
	ck_assert_int_eq(receive(), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(ours.recv_error, 0);
	ck_assert_int_eq(ours.unreachable, ECONNREFUSED);
}

/* A record of DTLS 1.2 with (the head of) a handshake message. */
#define RECORD(epoch, record, sequence, fragment)              \
	"\x16\xfe\xfd\x00" epoch "\x00\x00\x00\x00\x00" record \
	"\x00\x0c\x0b\x00\x10\x00\x00" sequence "\x00\x00" fragment "\x00\x00\x10"
#define CHANGE_CIPHER_SPEC "\x14\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x09\x00\x01\x01"

static void came(const char *data, size_t len)
{
	tbdi_datagrams_received(&datagrams, data, len);
}
#define CAME(literal) came(literal, sizeof(literal) - 1)

TEST(repeats)
{
	CAME(RECORD("\0", "\0", "\0", "\0"));
	CAME(RECORD("\0", "\1", "\2", "\x10")); /* out of order is no repeat */
	CAME(RECORD("\0", "\2", "\1", "\0"));
	CAME(RECORD("\0", "\3", "\2", "\0"));
	ck_assert_uint_eq(datagrams.pub.received_again, 0);
	CAME(RECORD("\0", "\4", "\2", "\0"));
	ck_assert_uint_eq(datagrams.pub.received_again, 1);
	CAME(CHANGE_CIPHER_SPEC RECORD("\0", "\4", "\2", "\0")); /* not the first record */
	ck_assert_uint_eq(datagrams.pub.received_again, 2);
	CAME(RECORD("\1", "\0", "\2", "\0")); /* encrypted */
	CAME(CHANGE_CIPHER_SPEC);
	CAME("\x16\xfe\xfd");
	CAME("\x14\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x09\xff\xff\x01\x01\x01\x01\x01\x01\x01\x01"
	     "\x01\x01\x01\x01\x01"); /* its length is a lie */
	came(NULL, 0);
	ck_assert_uint_eq(datagrams.pub.received_again, 2);
	ck_assert_uint_eq(datagrams.pub.sent_again, 0);
	tbdi_datagrams_begin(&datagrams);
	CAME(RECORD("\0", "\0", "\0", "\0"));
	ck_assert_uint_eq(datagrams.pub.received_again, 2);
}

/* A peer with no end of fragments gets no more memory. */
TEST(repeats_are_bounded)
{
	char record[] = RECORD("\0", "\0", "\0", "\0");
	for (int i = 0; i < 100000; i++) {
		record[13 + 4] = (char)(i >> 8);
		record[13 + 5] = (char)i;
		came(record, sizeof(record) - 1);
	}
	ck_assert_uint_le(datagrams.received.count, TBDI_POSITIONS_MAX);
}
