/* SPDX-License-Identifier: MIT
 *
 * many-probes.c - many probes side by side, driven from outside, with epoll, by nothing but their face.
 */
#include "base/common.h"
#include "net/probe.h"
#include "tests/peers/peer.h"
#include "tests/unit/check-main.h"
#include "tests/unit/net-fixture.h"
#include "tests/unit/trust-fixture.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { PROBES = 50, STEPS_MAX = 20 * PROBES };

/* ---- a driver -------------------------------------------------------------------------------- */

struct driven {
	struct tbd_report *report;
	struct tbdi_probe *probe;
	struct pollfd fds[TBDI_PROBE_FDS]; /* as they are watched */
	size_t count;
	bool due;
	bool done;
};

/* Watch what it waits for now, and nothing that it waited for before. */
static void driven_watch(struct driven *driven, int epoll, unsigned index)
{
	for (size_t i = 0; i < driven->count; i++) /* if it is still open */
		(void)!epoll_ctl(epoll, EPOLL_CTL_DEL, driven->fds[i].fd, NULL);
	driven->count = tbdi_probe_fds(driven->probe, driven->fds);
	for (size_t i = 0; i < driven->count; i++) {
		/* The bits of poll() are those of epoll. */
		struct epoll_event event = { .events = (uint32_t)driven->fds[i].events,
			.data.u32 = index };
		ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, driven->fds[i].fd, &event), 0);
	}
}

static void driven_step(struct driven *driven, int epoll, unsigned index)
{
	struct tbd_error error = { "" };
	int rc = tbdi_probe_step(driven->probe, &error);
	ck_assert_msg(rc >= 0, "%s", error.text);
	driven->due = false;
	driven->done = rc == 1;
	driven_watch(driven, epoll, index);
}

/* Microseconds until it wants to be stepped without an event. */
static int64_t driven_wait_us(const struct driven *driven)
{
	return tbdi_probe_deadline(driven->probe) - tbdi_probe_now(driven->probe);
}

static void drive_wait(struct driven *all, int epoll)
{
	struct epoll_event events[PROBES];
	int64_t wait_us = INT64_MAX;
	for (unsigned i = 0; i < PROBES; i++)
		if (!all[i].done && driven_wait_us(&all[i]) < wait_us)
			wait_us = driven_wait_us(&all[i]);
	/* Every wait has a deadline. */
	ck_assert_int_lt(wait_us, 60 * 1000 * 1000);
	int count =
		epoll_wait(epoll, events, PROBES, wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000));
	ck_assert_int_ge(count, 0);
	for (int i = 0; i < count; i++)
		all[events[i].data.u32].due = true;
	for (unsigned i = 0; i < PROBES; i++)
		if (!all[i].done && driven_wait_us(&all[i]) <= 0)
			all[i].due = true;
}

/* Steps those that have an event, or whose deadline has come, and no others. */
static void drive_all(struct driven *all)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	unsigned steps = 0;
	unsigned done = 0;
	ck_assert_int_ge(epoll, 0);
	for (unsigned i = 0; i < PROBES; i++)
		all[i].due = true;
	while (done < PROBES) {
		for (unsigned i = 0; i < PROBES; i++) {
			if (!all[i].due || all[i].done)
				continue;
			driven_step(&all[i], epoll, i);
			steps++;
			done += all[i].done;
		}
		if (done < PROBES)
			drive_wait(all, epoll);
	}
	ck_assert_uint_lt(steps, STEPS_MAX); /* it waited */
	close(epoll);
}

/* ---- whom they meet -------------------------------------------------------------------------- */

static struct mint_family family;

static void answer_in_clear(struct peer *peer, void *arg TBDI_UNUSED)
{
	char first;
	if (recv(peer_fd(peer), &first, 1, MSG_PEEK) == 1 && first == 0x10)
		ck_assert(send(peer_fd(peer), "\x20\x02\0\0", 4, MSG_NOSIGNAL) == 4);
}

static void read_something(struct peer *peer, void *arg TBDI_UNUSED)
{
	struct pollfd fd = { .fd = peer_fd(peer), .events = POLLIN };
	ck_assert_int_eq(poll(&fd, 1, 10000), 1);
}

static const struct peer_step in_clear[] = { STEP_CALL(read_something), STEP_CALL(answer_in_clear),
	STEP_READ, STEP_FIN };

static const struct met {
	const char *host;
	const struct peer_step *script; /* NULL: nobody listens */
	int64_t timeout_ms;
	const char *id;        /* of the first finding; NULL: it is verified */
	const char *phases[4]; /* which come first */
} mets[] = {
	{ "localhost", peer_whole, 30000, NULL, { "dns", "tcp", "tls" } },
	{ "127.0.0.1", peer_whole, 30000, NULL, { "tcp", "tls" } },
	{ "127.0.0.1", in_clear, 30000, "tls.plain-mqtt", { "tcp", "tls", "second" } },
	{ "127.0.0.1", peer_silent, 1000, "tls.timeout", { "tcp" } },
	{ "127.31.7.11", NULL, 30000, "tcp.refused", { "tcp" } },
};
enum { METS = TBDI_COUNT(mets) };

static void driven_begin(struct driven *driven, const struct met *met, uint16_t port,
	const struct tbd_verify_options *verify)
{
	struct tbd_fetch_options options = TBD_FETCH_OPTIONS_INIT;
	struct tbd_error error = { "" };
	driven->report = net_report("mqtts", met->host, port);
	options.family = 4;
	options.verify = verify;
	options.timeout_ms = met->timeout_ms;
	int rc = tbdi_probe_new(tbdi_report_of(driven->report), &options, &driven->probe, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
}

/* Once more is not too often: it stays as it is. */
static void driven_check(struct driven *driven, const struct met *met)
{
	struct tbd_report *report = driven->report;
	size_t count = report->step_count;
	int64_t since;
	ck_assert_int_eq(tbdi_probe_step(driven->probe, NULL), 1);
	ck_assert_uint_eq(report->step_count, count);
	ck_assert_uint_eq(tbdi_probe_fds(driven->probe, driven->fds), 0);
	ck_assert(tbdi_probe_deadline(driven->probe) == INT64_MAX);
	ck_assert_str_eq(tbdi_probe_phase(driven->probe, &since), "done");
	for (size_t i = 0; met->phases[i] != NULL; i++)
		ck_assert_str_eq(report->steps[i]->name, met->phases[i]);
	ck_assert_int_eq(tbd_judge(report, NULL), 0);
	if (met->id == NULL)
		ck_assert(report->verification->verified);
	else
		ck_assert_str_eq(report->findings[0]->id, met->id);
}

TEST_GROUP(.seconds = 30);

TEST(many)
{
	static struct driven all[PROBES];
	struct peer *peers[METS] = { NULL };
	uint16_t ports[METS] = { 0 };
	ck_assert_int_eq(mint_family_init(&family, 0), 0);
	const struct mint_cert *const chain[] = { family.leaf, family.intermediate, NULL };
	const struct peer_tls tls = { .chain = chain };
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_trust *trust = TRUST(family.root);
	verify.trust = trust;
	for (size_t i = 0; i < METS; i++)
		if (mets[i].script != NULL) {
			peers[i] = peer_new(mets[i].script, &tls);
			ports[i] = peer_port(peers[i]);
		}
	int refusing = peer_refusing(mets[METS - 1].host, &ports[METS - 1]);
	ck_assert_int_ge(refusing, 0);
	for (size_t i = 0; i < PROBES; i++)
		driven_begin(&all[i], &mets[i % METS], ports[i % METS], &verify);
	drive_all(all);
	for (size_t i = 0; i < PROBES; i++) {
		driven_check(&all[i], &mets[i % METS]);
		tbdi_probe_free(all[i].probe);
		tbd_report_free(all[i].report);
	}
	for (size_t i = 0; i < METS; i++)
		peer_free(peers[i]);
	close(refusing);
	tbd_trust_free(trust);
	kit_teardown();
	mint_family_release(&family);
}
