/* SPDX-License-Identifier: MIT
 *
 * connect.c - connections to several addresses side by side, each attempt recorded.
 */
#include "net/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

enum { PING_US = 250 * 1000 }; /* a lost one is not sent again */

void tbdi_race_init(struct tbdi_race *race, struct tbdi_report *report, int64_t stagger_us)
{
	*race = (struct tbdi_race){
		.report = report,
		.stagger_us = stagger_us,
		.winner_fd = -1,
	};
}

void tbdi_race_release(struct tbdi_race *race)
{
	for (size_t i = 0; i < race->count; i++)
		if (race->runners[i].fd >= 0)
			close(race->runners[i].fd);
	if (race->winner_fd >= 0)
		close(race->winner_fd);
	race->count = 0;
	race->winner_fd = -1;
}

void tbdi_race_add(struct tbdi_race *race, const struct tbdi_address *address)
{
	if (race->count < TBDI_ADDRESSES_MAX)
		race->runners[race->count++] =
			(struct tbdi_runner){ .address = *address, .fd = -1 };
}

void tbdi_race_add_ping(struct tbdi_race *race, const struct tbdi_address *address)
{
	tbdi_race_add(race, address);
	race->runners[race->count - 1].pinged = true;
}

static struct tbd_attempt *attempt_new(
	struct tbdi_report *report, const struct tbdi_address *address)
{
	char text[NI_MAXHOST];
	struct tbd_attempt *attempt = tbdi_arena_alloc(&report->arena, sizeof(*attempt));
	if (attempt == NULL)
		return NULL;
	tbdi_address_text(address, text);
	attempt->address = tbdi_arena_strdup(&report->arena, text);
	attempt->port = ntohs(address->as.any.sa_family == AF_INET ? address->as.ipv4.sin_port
								   : address->as.ipv6.sin6_port);
	attempt->start_us = tbdi_report_elapsed_us(report);
	return attempt->address == NULL ? NULL : attempt;
}

/* The attempt is over, and why. */
static int attempt_settle(struct tbdi_race *race, struct tbdi_runner *runner, int error)
{
	struct tbd_attempt *attempt = runner->attempt;
	attempt->duration_us = tbdi_report_elapsed_us(race->report) - attempt->start_us;
	attempt->error = error;
	if (runner->fd >= 0)
		close(runner->fd);
	runner->fd = -1;
	race->pending--;
	if (error == 0)
		return 0;
	race->next_us = 0; /* no reason to let the next one wait */
	attempt->detail = tbdi_arena_strdup(&race->report->arena, strerror(error));
	return attempt->detail == NULL ? TBD_E_NOMEM : 0;
}

void tbdi_race_abandon(struct tbdi_race *race, int error)
{
	for (size_t i = 0; i < race->started; i++) {
		struct tbdi_runner *runner = &race->runners[i];
		if (runner->fd < 0)
			continue;
		runner->attempt->abandoned = true;
		/* Without its text the attempt still tells the error's number. */
		(void)!attempt_settle(race, runner, error);
	}
	race->started = race->count;
}

static int win(struct tbdi_race *race, struct tbdi_runner *runner)
{
	int fd = runner->fd;
	runner->fd = -1;
	runner->attempt->connected = true;
	if (race->to_the_end) {
		close(fd);
	} else {
		race->winner_fd = fd;
		race->winner = runner->attempt;
		race->winner_index = (size_t)(runner - race->runners);
	}
	return attempt_settle(race, runner, 0);
}

/* An empty message that wants to be confirmed (RFC 7252 4.3), on a socket that is connected. */
static int ping(struct tbdi_race *race, struct tbdi_runner *runner)
{
	static const unsigned char message[] = { 0x40, 0, 'T', 'b' };
	return send(runner->fd, message, sizeof(message), MSG_NOSIGNAL) < 0
		? attempt_settle(race, runner, errno)
		: 0;
}

static int start(struct tbdi_race *race, struct tbdi_runner *runner)
{
	const struct tbdi_address *address = &runner->address;
	const int on = 1;
	bool is_udp = race->datagrams || runner->pinged;
	runner->attempt = attempt_new(race->report, address);
	if (tbdi_list_add(&race->report->arena, &race->attempts, runner->attempt) < 0)
		return TBD_E_NOMEM;
	race->started++;
	race->pending++;
	race->next_us = runner->attempt->start_us + race->stagger_us;
	int type = is_udp ? SOCK_DGRAM : SOCK_STREAM;
	runner->fd = socket(address->as.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (runner->fd < 0)
		return attempt_settle(race, runner, errno);
	/* What is sent is small and wants an answer. Without it everything works, only slower. */
	if (!is_udp)
		(void)!setsockopt(runner->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(runner->fd, &address->as.any, address->len) == 0)
		return runner->pinged ? ping(race, runner) : win(race, runner);
	return errno == EINPROGRESS ? 0 : attempt_settle(race, runner, errno);
}

static int look_after_ping(struct tbdi_race *race, struct tbdi_runner *runner)
{
	char answer[64];
	int64_t waited_us = tbdi_report_elapsed_us(race->report) - runner->attempt->start_us;
	if (recv(runner->fd, answer, sizeof(answer), 0) >= 0)
		return win(race, runner);
	if (errno != EAGAIN)
		return attempt_settle(race, runner, errno);
	runner->attempt->abandoned = waited_us >= PING_US;
	return runner->attempt->abandoned ? attempt_settle(race, runner, ETIMEDOUT) : 0;
}

static int look_after(struct tbdi_race *race, struct tbdi_runner *runner)
{
	if (runner->pinged)
		return look_after_ping(race, runner);
	struct pollfd poll_fd = { .fd = runner->fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);
	if (poll(&poll_fd, 1, 0) <= 0)
		return 0;
	if (getsockopt(runner->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	return error == 0 ? win(race, runner) : attempt_settle(race, runner, error);
}

int tbdi_race_step(struct tbdi_race *race)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && race->winner == NULL && i < race->started; i++)
		if (race->runners[i].fd >= 0)
			rc = look_after(race, &race->runners[i]);
	while (rc == 0 && race->winner == NULL && race->started < race->count &&
		(race->pending == 0 || tbdi_report_elapsed_us(race->report) >= race->next_us))
		rc = start(race, &race->runners[race->started]);
	if (rc < 0)
		return rc;
	if (race->winner != NULL && race->datagrams)
		return 1;
	if (race->winner != NULL)
		tbdi_race_abandon(race, 0);
	return race->pending == 0 && race->started == race->count;
}

int tbdi_race_revoke(struct tbdi_race *race, int error)
{
	struct tbdi_runner *runner = &race->runners[race->winner_index];
	race->winner = NULL;
	race->pending++;
	runner->attempt->connected = false;
	runner->attempt->abandoned = error == 0;
	if (error == 0)
		race->started = race->winner_index;
	return attempt_settle(race, runner, error);
}

size_t tbdi_race_fds(const struct tbdi_race *race, struct pollfd *fds)
{
	size_t count = 0;
	for (size_t i = 0; i < race->started; i++)
		if (race->runners[i].fd >= 0)
			fds[count++] = (struct pollfd){
				.fd = race->runners[i].fd,
				.events = race->runners[i].pinged ? POLLIN : POLLOUT,
			};
	return count;
}

int64_t tbdi_race_wakeup(const struct tbdi_race *race)
{
	int64_t due_us = race->started < race->count ? race->next_us : INT64_MAX;
	for (size_t i = 0; i < race->started; i++) {
		const struct tbdi_runner *runner = &race->runners[i];
		if (runner->pinged && runner->fd >= 0 &&
			runner->attempt->start_us + PING_US < due_us)
			due_us = runner->attempt->start_us + PING_US;
	}
	return due_us;
}

int tbdi_connection_revoke(struct tbdi_report *report, int error)
{
	struct tbd_connection *connection = report->connection;
	struct tbdi_list attempts = { 0 };
	for (size_t i = 0; i < connection->attempt_count; i++) {
		struct tbd_attempt *attempt = tbdi_arena_memdup(
			&report->arena, connection->attempts[i], sizeof(*attempt));
		if (tbdi_list_add(&report->arena, &attempts, attempt) < 0)
			return TBD_E_NOMEM;
		if (connection->attempts[i] != connection->used)
			continue;
		attempt->connected = false;
		attempt->error = error;
		attempt->detail = tbdi_arena_strdup(&report->arena, strerror(error));
		if (attempt->detail == NULL)
			return TBD_E_NOMEM;
	}
	connection->attempts = (const struct tbd_attempt *const *)(void *)attempts.items;
	connection->used = NULL;
	connection->tcp = TBD_END_ERROR;
	return 0;
}
