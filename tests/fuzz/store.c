/* SPDX-License-Identifier: MIT
 *
 * store.c - fuzz the scan of trust files: PEM, DER, what is wrong with a file, and what libraries load of it. What is
 * written anew has to be clean, and to hold as many certificates.
 */
#include "base/common.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A violated invariant ends the program, so that the fuzzer keeps the input. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__); \
			abort();                                                        \
		}                                                                       \
	} while (0)

static struct tbd_report *lint(const void *data, size_t size)
{
	static const int64_t now = INT64_C(1700000000);
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_report *report = NULL;
	options.time = &now;
	MUST(tbd_report_new(&options, &report, NULL) == 0);
	int rc = tbd_lint_mem(report, data, size, "file.pem", NULL, NULL);
	MUST(rc == 0 || (rc == TBD_E_INVALID && data == NULL));
	MUST(rc < 0 || tbd_judge(report, NULL) == 0);
	return report;
}

static void check_source(const struct tbd_trust_source *source, size_t size)
{
	size_t seen = source->cert_count + source->damaged_count;
	for (size_t i = 0; i < source->load_count; i++)
		MUST(source->loads[i]->cert_count <= source->cert_count);
	for (size_t i = 0; i < source->defect_count; i++) {
		const struct tbd_store_defect *defect = source->defects[i];
		MUST(defect->count > 0);
		MUST(defect->line <= defect->last_line);
		MUST(defect->last_line <= size + 1);
		MUST(defect->offset < size);
		MUST(i == 0 || defect->defect < source->defects[i - 1]->defect);
	}
	MUST(seen <= size / 2 + 1);
}

/* Written anew, it is clean. */
static void check_written(const struct tbd_report *report)
{
	char *pem = NULL;
	size_t count = 0;
	MUST(tbd_lint_to_pem(report, &pem, &count, NULL) == 0);
	MUST(count <= report->lint->distinct_count);
	struct tbd_report *again = count > 0 ? lint(pem, strlen(pem)) : NULL;
	if (again != NULL) {
		MUST(again->lint->distinct_count == count);
		MUST(again->lint->cert_count == count);
		MUST(again->trust->sources[0]->defect_count == 0);
	}
	tbd_report_free(again);
	free(pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tbd_report *report = lint(data != NULL ? data : (const uint8_t *)"", size);
	for (size_t i = 0; report->trust != NULL && i < report->trust->source_count; i++)
		check_source(report->trust->sources[i], size);
	check_written(report);
	tbd_report_free(report);
	return 0;
}
