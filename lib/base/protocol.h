/* SPDX-License-Identifier: MIT
 *
 * protocol.h - what a device speaks: a row a scheme, a row a protocol. Whoever wants to know what follows from a
 * scheme asks these; there is no second list.
 */
#ifndef TBDI_PROTOCOL_H
#define TBDI_PROTOCOL_H

#include "base/common.h"

enum tbdi_protocol_id {
	TBDI_MQTT,
	TBDI_HTTP,
	TBDI_COAP,
	TBDI_PROTOCOL_COUNT,
};

enum { TBDI_SCHEME_COUNT = TBD_SCHEME_WS + 1 };

struct tbdi_scheme {
	const char *word;
	uint16_t port; /* the usual one */
	bool tls;      /* or DTLS, where the protocol goes in datagrams */
	enum tbdi_protocol_id protocol;
	const char *alpn; /* RFC 7301; NULL: none is offered */
	const char *
		path; /* it goes over WebSockets (RFC 6455), by default to this path; NULL: it does not */
};

/* What the status of an answer, or the return code of a CONNACK, says. */
enum tbdi_code_meaning {
	TBDI_ACCEPTED = 1,  /* the token is good */
	TBDI_REFUSED = 2,   /* it is not */
	TBDI_READ = 4,      /* here is what was asked for */
	TBDI_NOTHING = 8,   /* there is no such attribute */
	TBDI_WRITTEN = 16,  /* what was posted is taken */
	TBDI_UNSERVED = 32, /* also that the device profile is of another transport type */
};

/* What a listener of ThingsBoard is called in thingsboard.conf. */
struct tbdi_listener {
	const char *plain; /* what switches it on in clear, and its port */
	const char *plain_port;
	const char *tls; /* the same with TLS */
	const char *tls_port;
	const char *chain; /* the file of its certificates */
	/* It listens here, in clear or with TLS, and the usual ports are those of a proxy before it. 0: it listens on
	 * the usual ones. */
	uint16_t port;
};

/* A file that is loaded when it is needed, and Debian's packages of the library that it brings. */
struct tbdi_module {
	const char *file;
	const char *package;     /* to run with */
	const char *dev_package; /* to build with */
};

struct tbdi_protocol {
	enum tbdi_protocol_id id;
	const char *word; /* in reports, and of its module: "mqtt" */
	const char *name; /* for people: "MQTT" */
	enum tbd_stage stage;
	struct tbdi_module module;
	bool is_datagrams;       /* it goes over UDP, each datagram one of its messages */
	bool is_requests;        /* the device asks, and is answered */
	bool is_typed;           /* JSON is called so where it comes */
	const char *question;    /* by which a peer is asked in clear who it is */
	const char *code_prefix; /* a code is "rc 5", "401", */
	bool code_has_class;     /* or "4.01" */
	struct {
		int code;
		unsigned means; /* enum tbdi_code_meaning, any of them; 0: the end */
	} answers[8];
	struct tbdi_listener listener;
};

extern const struct tbdi_scheme tbdi_schemes[];
extern const struct tbdi_protocol tbdi_protocols[];

/* The scheme of a URL, in any case (RFC 3986 3.1); also by what other programs call it ("ssl", "tcp"). False: it is
 * none. */
bool tbdi_scheme_find(const char *text, size_t len, enum tbd_scheme *scheme);

/* The scheme of a target; NULL: the usual one, MQTT over TLS. */
const struct tbdi_scheme *tbdi_scheme_of(const struct tbd_target *target);

/* What is spoken with a target. NULL: what is spoken by default, MQTT. */
const struct tbdi_protocol *tbdi_protocol_of(const struct tbd_target *target);

/* The protocol with this word; what is none is read as HTTP. */
const struct tbdi_protocol *tbdi_protocol_find(const char *word);

/* Its first scheme with TLS, or without. */
const struct tbdi_scheme *tbdi_protocol_scheme(const struct tbdi_protocol *protocol, bool tls);

/* The ports of TCP on which ThingsBoard listens when it is left alone: at most TBDI_SCHEME_COUNT. Their number. */
size_t tbdi_listener_ports(uint16_t *ports);

bool tbdi_code_means(
	const struct tbdi_protocol *protocol, int code, enum tbdi_code_meaning meaning);

/* A code as people write it: "rc 5", "401", "4.01". */
struct tbdi_code {
	char text[16];
};
struct tbdi_code tbdi_code_text(const struct tbdi_protocol *protocol, int code);

#endif
