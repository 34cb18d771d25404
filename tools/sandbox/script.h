/* SPDX-License-Identifier: MIT
 *
 * script.h - what a scripted peer does with a connection, step by step. The language is described in
 * tbdiag-sandbox(1).
 */
#ifndef SANDBOX_SCRIPT_H
#define SANDBOX_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_TEXT_MAX = 64 * 1024, SCRIPT_STEPS_MAX = 256, SCRIPT_BYTES_MAX = 4096 };

enum script_op {
	SCRIPT_CLEAR,     /* no handshake */
	SCRIPT_HANDSHAKE, /* see struct script_handshake */
	SCRIPT_EXPECT,    /* `bytes`, or a packet of type `packet`, or (0) anything */
	SCRIPT_SEND,      /* `bytes` */
	SCRIPT_WAIT,      /* `number` ms */
	SCRIPT_ALERT,     /* fatal, of this `number` */
	SCRIPT_RELAY,     /* pass all on, both ways; see `until`, `packet` and `number` (ms) */
	SCRIPT_DISCONNECT, /* an MQTT 5 DISCONNECT with reason `number`, if the client speaks MQTT 5 */
	SCRIPT_CLOSE,      /* as `number` says */
};

enum script_close { SCRIPT_FIN, SCRIPT_RESET, SCRIPT_NOTIFY };

/* When to stop passing on. */
enum script_until {
	SCRIPT_UNTIL_END,
	SCRIPT_UNTIL_PACKET,  /* the client sends one of this type; it is not passed on yet */
	SCRIPT_UNTIL_CONNACK, /* the first answer has been passed on */
	SCRIPT_UNTIL_TIME,
};

/* How far a handshake goes. */
enum script_stage {
	SCRIPT_WHOLE,
	SCRIPT_ACCEPT,
	SCRIPT_CLIENT_HELLO,
	SCRIPT_SERVER_HELLO,
	SCRIPT_CERTIFICATE,
	SCRIPT_FINISHED,
};

struct script_handshake {
	const char *version; /* "1.2", "1.3", or NULL: both */
	bool cert;           /* insist on a client certificate, any one */
	bool name;           /* insist on a server name */
	enum script_stage until;
};

/* Instead of a byte: the two of the last packet's id, or any byte. */
enum { SCRIPT_ID_HIGH = 256, SCRIPT_ID_LOW, SCRIPT_ANY_BYTE };

struct script_step {
	enum script_op op;
	unsigned line; /* in the text, from 1 */
	unsigned packet;
	int number;
	enum script_until until;
	struct script_handshake handshake;
	uint16_t *bytes;
	size_t len;
};

struct script {
	struct script_step *steps;
	size_t count;
};

struct script_error {
	unsigned line; /* 0: no line is to blame */
	char text[96];
};

/* Read a script; release it, whatever is returned. It begins with SCRIPT_CLEAR or SCRIPT_HANDSHAKE: the latter
 * is put there when the text has neither. False: see *error. */
bool script_parse(struct script *script, const char *text, struct script_error *error);
void script_release(struct script *script);

/* Whether this is the name of a stage, for people as SCRIPT_STAGES. */
bool script_is_stage(const char *name);
#define SCRIPT_STAGES "accept, client-hello, server-hello, certificate, finished"

#endif
