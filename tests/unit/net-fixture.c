/* SPDX-License-Identifier: MIT
 *
 * net-fixture.c - reports on a target, what was fetched from it, and what tests look up in them.
 */
#include "base/common.h"

#include "tests/unit/net-fixture.h"

#include <check.h>

struct tbd_report *net_report(const char *scheme, const char *host, uint16_t port)
{
	char text[128];
	struct tbd_error error = { "" };
	struct tbd_target *target = NULL;
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	snprintf(text, sizeof(text), strchr(host, ':') == NULL ? "%s://%s:%u" : "%s://[%s]:%u",
		scheme, host, (unsigned)port);
	ck_assert_msg(tbd_target_parse(text, &target, &error) == 0, "%s", error.text);
	options.target = target;
	ck_assert_int_eq(tbd_report_new(&options, &report, NULL), 0);
	tbd_target_free(target);
	return report;
}

struct tbd_report *net_fetch(const char *scheme, const char *host, uint16_t port,
	const struct tbd_fetch_options *options)
{
	const struct tbd_fetch_options defaults = TBD_FETCH_OPTIONS_INIT;
	struct tbd_error error = { "" };
	struct tbd_report *report = net_report(scheme, host, port);
	int rc = tbd_fetch(report, options != NULL ? options : &defaults, &error);
	ck_assert_msg(rc == 0, "%d: %s", rc, error.text);
	ck_assert_ptr_nonnull(report->connection);
	return report;
}

struct tbd_report *net_fetch_judged(
	const char *scheme, uint16_t port, const struct tbd_fetch_options *options)
{
	struct tbd_error error = { "" };
	struct tbd_report *report = net_fetch(scheme, "127.0.0.1", port, options);
	ck_assert_msg(tbd_judge(report, &error) == 0, "%s", error.text);
	return report;
}

void net_free(struct tbd_report *report, struct peer *peer)
{
	tbd_report_free(report);
	peer_free(peer);
}

const struct tbd_step *net_step(const struct tbd_report *report, const char *name)
{
	for (size_t i = 0; i < report->step_count; i++)
		if (strcmp(report->steps[i]->name, name) == 0)
			return report->steps[i];
	return NULL;
}

int64_t net_elapsed_ms(const struct tbd_report *report)
{
	const struct tbd_step *last = report->steps[report->step_count - 1];
	return (last->start_us + last->duration_us) / 1000;
}

void net_assert_hidden(const struct tbd_report *report, const char *text)
{
	char *json = NULL;
	ck_assert_int_eq(tbd_report_to_json(report, &json, NULL), 0);
	ck_assert_ptr_null(strcasestr(json, text));
	free(json);
}
