/* SPDX-License-Identifier: MIT
 *
 * transport.h - what a transport module is. It speaks one protocol, through that protocol's library,
 * over a private socket of the link; it knows neither TLS nor the network. The library decides what is
 * asked for, when, and how long to wait.
 */
#ifndef TBDI_TRANSPORT_H
#define TBDI_TRANSPORT_H

#include "common.h"

#define TBDI_TRANSPORT_ABI 3
#define TBDI_TRANSPORT_SYMBOL "tbdi_transport"

enum tbdi_event_kind {
	TBDI_EVENT_CONNECTED, /* the peer answered to the credentials */
	TBDI_EVENT_ACCEPTED,  /* the peer took what was written: id */
	TBDI_EVENT_MESSAGE,   /* topic, payload */
	TBDI_EVENT_CLOSED,    /* the library gave the connection up: text */
};

struct tbdi_event {
	enum tbdi_event_kind kind;
	int id;
	const char *topic;
	const void *payload;
	size_t payload_len;
	const char *text; /* the protocol library's words, or NULL */
};

struct tbdi_transport_options {
	const char *socket_path; /* where the link listens */
	const char *version;     /* of the protocol */
	/* Of these, password and user name may be secret: they are valid during open() only, and to be
	 * copied no more than the protocol library does. */
	const char *user_name;
	const char *password;  /* or NULL */
	const char *client_id; /* NULL: any */
	/* Called from within the functions below; it must not call them. */
	void (*event)(void *arg, const struct tbdi_event *event);
	void *event_arg;
};

/* The one symbol a module exports. Functions that return int return 0 or a negative enum tbd_err unless
 * they say otherwise; a connection that breaks is an event, not an error. None blocks. */
struct tbdi_transport {
	unsigned abi;
	const char *name;                         /* "mqtt" */
	void (*library)(char *text, size_t size); /* "libmosquitto 2.0.11" */
	int (*open)(const struct tbdi_transport_options *options, void **connection,
		struct tbd_error *error);                /* dials the link */
	int (*fd)(void *connection);                     /* or -1: closed */
	short (*events)(void *connection);               /* for poll() */
	int (*process)(void *connection, short revents); /* after poll(), also on its timeout */
	int (*subscribe)(void *connection, const char *filter, int qos);
	int (*unsubscribe)(void *connection, const char *filter);
	int (*publish)(void *connection, const char *topic, const char *payload, int *id);
	int (*disconnect)(
		void *connection);       /* says goodbye; the fd is closed when that is written */
	void (*close)(void *connection); /* frees it; NULL is allowed */
};

#endif
