/* SPDX-License-Identifier: MIT
 *
 * fetch-http.c - the module fetch-http.so: libcurl with everything off that a certificate does not need.
 */
#include "base/fetcher.h"

#include <curl/curl.h>
#include <pthread.h>
#include <time.h>

struct transfer {
	const struct tbdi_fetch_request *request;
	struct tbdi_fetch_answer *answer;
	bool too_large;
	bool nomem;
};

enum { PROGRESS_MS = 250 }; /* as tbdiag.h promises */

static void http_library(char *text, size_t size)
{
	snprintf(text, size, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}

/* libcurl's type of a write callback. */
static size_t fetch_on_data(char *bytes, size_t one, size_t len, void *arg)
{
	struct transfer *transfer = arg;
	struct tbdi_fetch_answer *answer = transfer->answer;
	(void)one;
	if (len > TBDI_FETCH_SIZE_MAX - answer->len) {
		transfer->too_large = true;
		return 0;
	}
	uint8_t *data = realloc(answer->data, answer->len + len + 1);
	if (data == NULL) {
		transfer->nomem = true;
		return 0;
	}
	memcpy(data + answer->len, bytes, len);
	answer->data = data;
	answer->len += len;
	return len;
}

static int64_t fetch_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_cancelled(const struct tbdi_fetch_request *request, int64_t start_ms)
{
	return request->progress != NULL &&
		request->progress(request->progress_arg, "fetch", fetch_now_ms() - start_ms) != 0;
}

/* Is one of the options not taken? */
static bool set_limits(CURL *curl, struct transfer *transfer, char *words)
{
	const struct tbdi_fetch_request *request = transfer->request;
	long timeout_ms = request->timeout_ms > 0 ? (long)request->timeout_ms : 1;
	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)TBDI_FETCH_REDIRECTS_MAX) ==
		CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)TBDI_FETCH_SIZE_MAX) ==
		CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, fetch_on_data) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

static bool set_request(
	CURL *curl, const struct tbdi_fetch_request *request, struct curl_slist **headers)
{
	if (curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK ||
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "tbdiag/" PACKAGE_VERSION) != CURLE_OK)
		return false;
	if (request->media_type == NULL)
		return true;
	char header[128];
	snprintf(header, sizeof(header), "Content-Type: %s", request->media_type);
	*headers = curl_slist_append(NULL, header);
	return *headers != NULL &&
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->body.len) ==
		CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data) == CURLE_OK;
}

static void say(struct tbdi_fetch_answer *answer, const char *text)
{
	snprintf(answer->detail, sizeof(answer->detail), "%s", text);
}

static void describe(CURL *curl, CURLcode code, const struct transfer *transfer, const char *words)
{
	struct tbdi_fetch_answer *answer = transfer->answer;
	long redirects = 0;
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	(void)curl_easy_getinfo(curl, CURLINFO_REDIRECT_COUNT, &redirects);
	answer->redirects = (unsigned)redirects;
	answer->end = code == CURLE_OPERATION_TIMEDOUT ? TBD_END_TIMEOUT : TBD_END_ERROR;
	if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
		snprintf(answer->detail, sizeof(answer->detail), "more than %d bytes",
			TBDI_FETCH_SIZE_MAX);
	else if (code != CURLE_OK)
		say(answer, *words != '\0' ? words : curl_easy_strerror(code));
	else if (answer->status != 200)
		snprintf(answer->detail, sizeof(answer->detail), "HTTP status %ld", answer->status);
	else
		answer->end = TBD_END_OK;
}

/* curl_easy_perform() tells its progress once a second only, and not when a signal comes. */
static int fetch_drive(CURLM *multi, const struct tbdi_fetch_request *request, CURLcode *code)
{
	int64_t start_ms = fetch_now_ms();
	int running = 1;
	int waiting = 0;
	for (;;) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return TBD_E_NOMEM;
		if (is_cancelled(request, start_ms))
			return TBD_E_CANCELLED;
		if (running == 0)
			break;
		if (curl_multi_poll(multi, NULL, 0, PROGRESS_MS, NULL) != CURLM_OK)
			return TBD_E_NOMEM;
	}
	const CURLMsg *message = curl_multi_info_read(multi, &waiting);
	*code = message != NULL ? message->data.result : CURLE_FAILED_INIT;
	return 0;
}

static int perform(CURL *curl, const struct tbdi_fetch_request *request, CURLcode *code)
{
	CURLM *multi = curl_multi_init();
	if (multi == NULL)
		return TBD_E_NOMEM;
	int rc = TBD_E_NOMEM;
	if (curl_multi_add_handle(multi, curl) == CURLM_OK)
		rc = fetch_drive(multi, request, code);
	curl_multi_remove_handle(multi, curl);
	curl_multi_cleanup(multi);
	return rc;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch_initialise(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int http_fetch(const struct tbdi_fetch_request *request, struct tbdi_fetch_answer *answer,
	struct tbd_error *error)
{
	char words[CURL_ERROR_SIZE] = "";
	struct transfer transfer = { .request = request, .answer = answer };
	struct curl_slist *headers = NULL;
	CURLcode code = CURLE_OK;
	int rc = TBD_E_NOMEM;
	pthread_once(&once, fetch_initialise);
	*answer = (struct tbdi_fetch_answer){ .end = TBD_END_ERROR };
	CURL *curl = curl_easy_init();
	if (curl != NULL && set_limits(curl, &transfer, words) &&
		set_request(curl, request, &headers))
		rc = perform(curl, request, &code);
	if (rc == 0)
		describe(curl, code, &transfer, words);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	if (rc == TBD_E_CANCELLED)
		tbdi_fail(error, rc, "cancelled");
	else if (rc < 0 || transfer.nomem)
		rc = tbdi_fail_nomem(error);
	if (rc == 0 && answer->end == TBD_END_OK)
		return 0;
	free(answer->data);
	answer->data = NULL;
	answer->len = 0;
	return rc;
}

const struct tbdi_fetcher tbdi_fetcher = {
	.abi = TBDI_FETCHER_ABI,
	.library = http_library,
	.fetch = http_fetch,
};
