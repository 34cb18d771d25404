/* SPDX-License-Identifier: MIT
 *
 * fetcher.h - what the module fetch-http.so is: it gets one document from the web, within limits. It
 * knows nothing of certificates, and what it brings is trusted by nobody.
 */
#ifndef TBDI_FETCHER_H
#define TBDI_FETCHER_H

#include "base/common.h"

#define TBDI_FETCHER_ABI 1
#define TBDI_FETCHER_SYMBOL "tbdi_fetcher"

enum {
	TBDI_FETCH_SIZE_MAX = 256 * 1024, /* bytes of a document */
	TBDI_FETCH_REDIRECTS_MAX = 4,
};

struct tbdi_fetch_request {
	const char *url;        /* http:// or https://; redirects lead to no other scheme */
	const char *media_type; /* of the body; NULL: GET */
	struct tbd_bytes body;  /* POST this */
	int64_t timeout_ms;     /* for all of it */
	tbd_progress *progress; /* or NULL */
	void *progress_arg;
};

struct tbdi_fetch_answer {
	enum tbd_end end; /* OK: the document is whole, its status is 200; TIMEOUT; ERROR */
	long status;      /* of HTTP, or 0: none came */
	unsigned redirects;
	uint8_t *data; /* for free() */
	size_t len;
	char detail[256]; /* libcurl's words when end is not OK, else "" */
};

/* The one symbol the module exports. */
struct tbdi_fetcher {
	unsigned abi;
	void (*library)(char *text, size_t size); /* "libcurl 7.88.1" */
	/* 0, TBD_E_NOMEM or TBD_E_CANCELLED. What goes wrong out there is an answer. */
	int (*fetch)(const struct tbdi_fetch_request *request, struct tbdi_fetch_answer *answer,
		struct tbd_error *error);
};
extern const struct tbdi_fetcher tbdi_fetcher __attribute__((visibility("default")));

#endif
