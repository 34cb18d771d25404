/* SPDX-License-Identifier: MIT
 *
 * shared-trust.c - many threads judge by one trust store at once, as tbdiag.h allows it. shared-trust.t builds it, and the
 * library with it, with -fsanitize=thread.
 */
#include <tbdiag.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 20 };

static struct tbd_trust *trust;

static void stop_with(const char *what, const struct tbd_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->text);
	exit(1);
}

/* The first finding of a chain judged by the shared store. */
static void judge(const char *chain, const char *id)
{
	struct tbd_error error = { "" };
	struct tbd_report *report = NULL;
	int64_t time = 1780272000; /* 2026-06-01 */
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	options.time = &time;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	verify.trust = trust;
	verify.name = "mqtt.example.com";
	if (tbd_report_new(&options, &report, &error) < 0 || tbd_load(report, chain, &error) < 0 ||
		tbd_verify(report, &verify, &error) < 0 || tbd_judge(report, &error) < 0)
		stop_with(chain, &error);
	if (report->finding_count == 0 || strcmp(report->findings[0]->id, id) != 0) {
		fprintf(stderr, "%s: not %s\n", chain, id);
		exit(1);
	}
	char *json = NULL;
	if (tbd_report_to_json(report, &json, &error) < 0)
		stop_with(chain, &error);
	free(json);
	tbd_report_free(report);
}

static void *run(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		judge("full.pem", "ca.ok");
		judge("leaf-only.pem", "ca.missing-intermediate");
	}
	return NULL;
}

int main(void)
{
	struct tbd_error error = { "" };
	pthread_t threads[THREADS];
	trust = tbd_trust_new();
	if (trust == NULL || tbd_trust_add_file(trust, "root.pem", &error) < 0)
		stop_with("root.pem", &error);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run, NULL) != 0)
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	tbd_trust_free(trust);
	puts("done");
	return 0;
}
