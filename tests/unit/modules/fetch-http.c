/* SPDX-License-Identifier: MIT
 *
 * fetch-http.c - the module that downloads tells its progress, and stops when it is told to.
 */
#include "base/module.h"

#include "tests/peers/peer.h"
#include "tests/unit/check-main.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	TIMEOUT_MS = 1300,
	GAP_MAX_MS = 700, /* 250, and something for a busy machine */
};

struct watch {
	int calls;
	int64_t last_ms;
	int64_t largest_gap_ms;
	bool stop_by_signal;
};

static const struct tbdi_fetcher *fetcher;
static volatile sig_atomic_t alarmed;
static int listener = -1; /* connects, and never answers */
static char url[64];

static void fetcher_setup(void)
{
	struct tbd_error error = { "" };
	uint16_t port;
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	ck_assert_msg(tbdi_module_load_fetcher(&fetcher, &error) == 0, "%s", error.text);
	listener = peer_listening(&port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)port);
}

static void fetcher_teardown(void)
{
	close(listener);
}

static int watch_progress(void *arg, const char *step, int64_t elapsed_ms)
{
	struct watch *watch = arg;
	ck_assert_str_eq(step, "fetch");
	int64_t gap_ms = elapsed_ms - watch->last_ms;
	if (gap_ms > watch->largest_gap_ms)
		watch->largest_gap_ms = gap_ms;
	watch->last_ms = elapsed_ms;
	watch->calls++;
	return watch->stop_by_signal && alarmed;
}

static int fetch_url(struct watch *watch, struct tbd_bytes body, struct tbdi_fetch_answer *answer)
{
	struct tbdi_fetch_request request = { .url = url,
		.media_type = body.data != NULL ? "application/ocsp-request" : NULL,
		.body = body,
		.timeout_ms = TIMEOUT_MS,
		.progress = watch_progress,
		.progress_arg = watch };
	return fetcher->fetch(&request, answer, NULL);
}

static const struct {
	const char *method;
	struct tbd_bytes body;
} silents[] = {
	{ "GET", { NULL, 0 } },
	{ "POST", { (const uint8_t *)"question", 8 } },
};

TEST_GROUP(.setup = fetcher_setup, .teardown = fetcher_teardown);

TEST_EACH(silent, row, silents)
{
	struct watch watch = { 0 };
	struct tbdi_fetch_answer answer;
	ck_assert_int_eq(fetch_url(&watch, row->body, &answer), 0);
	ck_assert_msg(answer.end == TBD_END_TIMEOUT, "%s: %d", row->method, (int)answer.end);
	ck_assert_int_le(watch.largest_gap_ms, GAP_MAX_MS);
	ck_assert_int_ge(watch.last_ms, TIMEOUT_MS - GAP_MAX_MS);
}

static void on_alarm(int number)
{
	(void)number;
	alarmed = 1;
}

TEST(signal)
{
	struct watch watch = { .stop_by_signal = true };
	struct tbdi_fetch_answer answer;
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	ck_assert_int_eq(
		fetch_url(&watch, (struct tbd_bytes){ NULL, 0 }, &answer), TBD_E_CANCELLED);
	ck_assert_ptr_null(answer.data);
	ck_assert_int_le(watch.last_ms, GAP_MAX_MS);
}
