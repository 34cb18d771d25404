/* SPDX-License-Identifier: MIT
 *
 * transport.h - what a transport module is. It speaks one protocol, through that protocol's library,
 * over a private socket of the link; it knows neither TLS nor the network. The library decides what is
 * asked for, when, and how long to wait.
 */
#ifndef TBDI_TRANSPORT_H
#define TBDI_TRANSPORT_H

#include "base/common.h"

#define TBDI_TRANSPORT_ABI 9
#define TBDI_TRANSPORT_SYMBOL "tbdi_transport"

enum tbdi_event_kind {
	TBDI_EVENT_CONNECTED, /* the peer answered to the credentials */
	TBDI_EVENT_ACCEPTED,  /* the peer took what was written: id */
	TBDI_EVENT_MESSAGE,   /* topic, payload */
	TBDI_EVENT_CLOSED,    /* the library gave the connection up: text */
	TBDI_EVENT_REPLY,     /* the answer to the request, complete or cut: reply */
	TBDI_EVENT_STRANGE,   /* what came is not this protocol, which ends the connection: text */
};

enum { TBDI_REPLY_MAX = 64 * 1024 }; /* as much of a body is kept, and of a head looked at */

/* What a server answers to a request. The texts are the peer's: not yet UTF-8, and the token may be in them. */
struct tbdi_reply {
	int status;               /* HTTP: 200 ...; CoAP: 205 is 2.05 */
	const char *content_type; /* or NULL; so are the next three */
	const char *location;
	const char *server;
	const char *authenticate; /* WWW-Authenticate (RFC 9110 11.6.1) */
	int64_t date; /* of the peer's clock, in seconds since 1970; -1: it does not say */
	const void *body;
	size_t body_len; /* at most TBDI_REPLY_MAX */
	bool cut;  /* there was more of it, which was not waited for: the connection is over */
	bool last; /* the peer says that it ends the connection with this answer */
};

/* One request to ThingsBoard's device API, /api/v1/TOKEN/RESOURCE?QUERY. */
struct tbdi_request {
	bool post;            /* else it gets */
	const char *token;    /* as it is; valid during request() only */
	const char *resource; /* "attributes", "telemetry" */
	const char *query;    /* percent-encoded but for "," and what parts it; or NULL */
	const char *body;     /* JSON; NULL unless it posts */
	const char *path;     /* HTTP: get this, and nothing of the above; NULL: do not */
};

struct tbdi_event {
	enum tbdi_event_kind kind;
	int id;
	const char *topic;
	const void *payload;
	size_t payload_len;
	const char *text; /* the protocol library's words, or NULL */
	const struct tbdi_reply *reply;
};

/* Whom a connection tells what happens. */
struct tbdi_witness {
	/* Called from within the functions of a transport; it must not call them. */
	void (*event)(void *arg, const struct tbdi_event *event);
	void *arg;
};

/* Tell the `witness` of a connection an event of these members. */
#define TBDI_TELL(connection, ...) \
	(connection)->witness.event((connection)->witness.arg, &(struct tbdi_event){ __VA_ARGS__ })

/* As much of a reply's body as is kept. */
struct tbdi_body {
	size_t len;
	bool cut;
	char bytes[TBDI_REPLY_MAX];
};

/* How many of the bytes are kept. */
static inline size_t tbdi_body_add(struct tbdi_body *body, const void *bytes, size_t len)
{
	size_t room = sizeof(body->bytes) - body->len;
	size_t kept = len < room ? len : room;
	memcpy(body->bytes + body->len, bytes, kept);
	body->len += kept;
	body->cut = kept < len;
	return kept;
}

struct tbdi_transport_options {
	const char
		*socket_path; /* where the link listens; NULL: at this port of 127.0.0.1, of UDP */
	uint16_t port;
	const char *version; /* of the protocol; NULL where there is only one */
	/* Of these, password and user name may be secret: they are valid during open() only, and to be
	 * copied no more than the protocol library does. */
	const char *user_name;
	const char *password;  /* or NULL */
	const char *client_id; /* NULL: any */
	const char *host;      /* as a URL names it, with the port if it is not the usual one */
	struct tbdi_witness witness;
};

/* The one symbol a module exports. Functions that return int return 0 or a negative enum tbd_err unless
 * they say otherwise; a connection that breaks is an event, not an error. None blocks. */
struct tbdi_transport {
	unsigned abi;
	const char *name;                         /* "mqtt" */
	void (*library)(char *text, size_t size); /* "libmosquitto 2.0.11" */
	/* Dials the link, once: the path may be anybody's later. A protocol of requests may do that with
	 * its first one. */
	int (*open)(const struct tbdi_transport_options *options, void **connection,
		struct tbd_error *error);
	int (*fd)(void *connection);                     /* or -1: closed */
	short (*events)(void *connection);               /* for poll() */
	int (*process)(void *connection, short revents); /* after poll(), also on its timeout */
	int (*disconnect)(
		void *connection);       /* says goodbye; the fd is closed when that is written */
	void (*close)(void *connection); /* frees it; NULL is allowed */
	/* Of a protocol that publishes, and of one that asks: NULL where it is the other kind. */
	int (*subscribe)(void *connection, const char *filter, int qos);
	int (*unsubscribe)(void *connection, const char *filter);
	int (*publish)(void *connection, const char *topic, const char *payload, int *id);
	int (*request)(void *connection, const struct tbdi_request *request); /* one at a time */
	/* Of a protocol of datagrams, else NULL: the port of 127.0.0.1 that it speaks from. */
	uint16_t (*port)(void *connection);
};
extern const struct tbdi_transport tbdi_transport __attribute__((visibility("default")));

/* ---- percent.c: percent-encoding (RFC 3986 section 2.1), for requests and who sends them ----- */

/* Bytes that a text needs once encoded, with the NUL. */
#define TBDI_PERCENT_SIZE(text) (3 * strlen(text) + 1)

/* All but the unreserved characters and those of `also` is encoded; out has room for TBDI_PERCENT_SIZE(). */
void tbdi_percent_encode(const char *text, const char *also, char *out);

#endif
