/* SPDX-License-Identifier: MIT
 *
 * listen.h - what one device did that connected.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include "tools/cli/tool.h"

#include "report/schema.h"

/* How it came to an end. */
enum listen_end {
	LISTEN_ALERT,  /* the device refused the chain by an alert */
	LISTEN_WAITED, /* the device waited for what follows the chain */
	LISTEN_WENT_ON, /* the same, and it went on to the next message: by an answer, or by refusing that */
	LISTEN_CLOSED,     /* it closed when it had the chain, without an alert */
	LISTEN_ALERT_ONLY, /* an alert before it had seen the chain */
	LISTEN_VERSION,    /* it does not offer TLS 1.2 */
	LISTEN_CIPHER,     /* it offers no suite that fits the server's key */
	LISTEN_PLAIN,      /* it speaks a protocol that we know, without TLS */
	LISTEN_ALIEN,      /* something else, or broken TLS */
	LISTEN_PARTIAL,    /* it closed, or was late, before its first message was whole */
	LISTEN_STUCK,      /* it did not take the chain from the network in time */
	LISTEN_NOTHING,    /* it said nothing */
};

/* What it made of the chain. */
enum listen_verdict {
	LISTEN_NO_VERDICT,
	LISTEN_ACCEPTED,
	LISTEN_REFUSED,
};

/* What its ClientHello offers. Lists end in NULL. */
struct listen_hello {
	const char *const *versions;
	const char *const *suites;
	const char *const *groups;
	const char *const *signatures;
	const char *server_name; /* or NULL */
	const char *const *alpn;
	const char *const *extensions;
	int max_fragment; /* bytes; -1: it does not ask for a limit */
	bool session_ticket;
	const char *suite; /* that was taken; NULL: none */
};

/* Every structure is a table of schema.c as well. */
struct listen_device {
	const char *schema;
	const char *version; /* of tbdiag */
	unsigned number;     /* 1 is the first */
	int64_t time;        /* when it connected, seconds UTC */
	const char *address;
	uint16_t port;
	const char *served;        /* where the chain comes from */
	const char *served_sha256; /* of its first certificate */
	enum listen_end end;
	enum listen_verdict verdict;
	int alert;              /* that the device sent; -1: none */
	const char *alert_name; /* or NULL */
	int waited_ms;          /* from the chain to the end; -1: it was not shown */
	const char *protocol;   /* of LISTEN_PLAIN: "MQTT 3.1.1", "HTTP" ..., else NULL */
	int token_len;          /* of what looks like a token in clear; -1: nothing does */
	const char *summary;    /* a sentence */
	const char *meaning;    /* what it means; or NULL */
	const char *confirm;    /* a command that shows whether it is so; or NULL */
	const struct listen_hello *hello; /* NULL: none came */
};

/* schema.c */
extern const struct tbdi_shape listen_device_shape;
extern const struct tbdi_words listen_end_words, listen_verdict_words;

/* verdict.c: fill summary, meaning and confirm from the rest. `target` is what is served, as the arguments of
 * `tbdiag verify`. */
struct listen_words {
	char summary[256];
	char meaning[1024];
	char confirm[1024];
};
void listen_judge(struct listen_device *device, struct listen_words *words, const char *target);

/* show.c: to stdout. 0, or -1 after a complaint. */
typedef int listen_show(const struct listen_device *device);
listen_show listen_show_text, listen_show_line, listen_show_json;

#endif
