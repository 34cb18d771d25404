/* SPDX-License-Identifier: MIT
 *
 * report-sample.c - print an array of hand-made reports as JSON, for the test of the schema: one in
 * which every optional part is there, an empty one, and one of each row of the rules.
 * With --keys: the evidence that rules declare.
 */
#include "spoiled.h"

static void print(const struct tbd_report *report)
{
	char *text = NULL;
	if (tbd_report_to_json(report, &text, NULL) < 0)
		abort();
	fputs(text, stdout);
	free(text);
}

static void print_spoiled(void (*spoil)(struct sample *sample))
{
	struct sample *sample = sample_new();
	spoil(sample);
	if (tbd_judge(sample->report, NULL) < 0)
		abort();
	print(sample->report);
	sample_free(sample);
}

static void print_empty(void)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	if (tbd_report_new(&options, &report, NULL) < 0 || tbd_judge(report, NULL) < 0)
		abort();
	print(report);
	tbd_report_free(report);
}

/* Nothing is null, no array is empty, and a finding has a consequence. */
static void spoil_everything(struct sample *sample)
{
	static const struct tbd_name names[] = { { TBD_NAME_DNS, "tab\there" },
		{ TBD_NAME_IP, "192.0.2.7" }, { TBD_NAME_EMAIL, "a@example.com" },
		{ TBD_NAME_URI, "urn:x" }, { TBD_NAME_OTHER, "\xe2\x80\xa8\xe2\x80\xae" } };
	static const char *const strings[] = { "one", "two", NULL };
	sample->connection.neighbour_count = 3;
	sample->connection.tcp = TBD_END_OK;
	sample->attempts[0].detail = sample->neighbours[0].detail = "Network is unreachable";
	sample->resolution.detail = "as it is";
	sample->tls.alert = 48;
	sample->tls.alert_sent = 48;
	sample->tls.alert_name = "unknown_ca";
	sample->tls.wanted_version = "1.3";
	sample->tls.detail = "detail";
	sample->tls.first_bytes = "\\x16";
	sample->leaf.names = names;
	sample->leaf.name_count = TBDI_COUNT(names);
	sample->leaf.aia_issuers = sample->leaf.ocsp_servers = sample->leaf.crl_points = strings;
	sample->leaf.unknown_critical = sample->leaf.key_usage = sample->leaf.purposes = strings;
	sample->leaf.path_length = 3;
	sample->leaf.file = sample->stranger.file = "chain.pem";
	sample->root.error = "malformed";
	sample->sent[2] = &sample->root;
	sample->chain.count = 3;
	sample->chain.file = "chain.pem";
	sample->sources[0].error = "unreadable";
	sample->sources[0].holds = "a private key";
	sample->sources[0].cert_count = 0;
	sample->verification.warn_days = 30;
	sample->verification.crit_days = 7;
	sample->token.bad_at = 3;
	sample->token.bad_class = "CR";
	sample->exchange.first_bytes = "GET ";
	sample->exchange.detail = "detail";
	sample->packets[0].detail = "id 1";
	for (size_t i = 0; i < TBDI_COUNT(sample->steps); i++)
		sample->steps[i].detail = "detail";
	spoil_wrong_root(sample);
	sample->token.sent = false;
	sample->report->token = &sample->token;
	sample->report->exchange = &sample->exchange;
	if (tbd_report_note(sample->report, "a note", NULL) < 0)
		abort();
}

static void print_evidence_keys(void)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		for (const char *const *key = rules[i]->evidence; *key != NULL; key++)
			puts(*key);
}

static void print_reports(void)
{
	puts("[");
	print_spoiled(spoil_everything);
	puts(",");
	print_empty();
	for (size_t i = 0; i < spoiled_count; i++) {
		puts(",");
		print_spoiled(spoiled_rows[i].spoil);
	}
	puts("]");
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--keys") == 0)
		print_evidence_keys();
	else
		print_reports();
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
