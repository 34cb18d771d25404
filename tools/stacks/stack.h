/* SPDX-License-Identifier: MIT
 *
 * stack.h - a TLS stack that devices run, asked what it says to a captured chain.
 *
 * `stack-NAME` is a program for each stack, in libexec. It reads one JSON object, until the end of standard input:
 *
 *     {"chain": [base64 of DER, the leaf first, as sent],
 *      "trust": base64 of the trust file's bytes, as the device reads them,
 *      "host": name or address that the device connects to,
 *      "time": seconds since 1970,
 *      "modes": ["default", ...]}                     absent: all it has
 *
 * and writes one:
 *
 *     {"stack": "openssl", "version": "3.0.22",
 *      "verdicts": [{"mode": "default", "accepted": false, "step": "handshake", "code": 20,
 *                    "words": "unable to get local issuer certificate", "alert": 48, "anchors_loaded": 1}]}
 *
 * accepted        the stack's own code, at its defaults, went on after the Certificate message
 * step            how far it came: "trust-file" (it cannot load the file: a device's program ends there),
 *                 "hello" (client and key have no cipher suite in common: no chain was shown), "handshake"
 * code, words     the stack's own, null and "" when it accepted; code is null where it has none
 * alert           what it sent to the server, or null
 * anchors_loaded  of the trust file
 *
 * Exit status 0 when it could judge, else 3 and a line on standard error. `stack-NAME --list` writes stack, version and
 * modes, and judges nothing. `stack-NAME --connect ADDRESS:PORT` shakes hands with a real server in place of the chain, for
 * the tests: "step" is "finished" when it came to the end. A stack may crash: who starts it sees the signal.
 *
 * Each file stack-NAME.c defines `stack` and nothing else that is visible; main() is in stack.c.
 */
#ifndef STACKS_STACK_H
#define STACKS_STACK_H

#include "tools/stacks/peer.h"
#include "tools/stacks/replay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STACK_WORDS_MAX = 240,
	STACK_ANCHORS_MAX = 100000,
};

struct stack_case {
	struct replay_bytes *chain;
	size_t chain_count;
	struct replay_bytes trust; /* followed by a NUL that is not counted */
	const char *host;
	bool host_is_address; /* of IPv4 or IPv6: no server name is sent */
	int64_t time;
};

/* What the handshake ended in. */
enum stack_end {
	STACK_WAITS,       /* asked for more than the server has sent */
	STACK_FINISHED,    /* the handshake is complete */
	STACK_REFUSES,     /* with an error */
	STACK_CANNOT_LOAD, /* the trust file */
};

struct stack_verdict {
	const char *mode;
	enum stack_end end;
	const char *step;
	bool has_code;
	int code;
	char words[STACK_WORDS_MAX];
	int alert; /* -1: none */
	int anchors_loaded;
};

struct stack_mode {
	const char *name;
	int variant; /* what the stack makes of it */
};

struct stack {
	const char *name;
	const char *(*version)(void);
	const struct stack_mode *modes; /* "default" first; ends with a NULL name */
	/* Shake hands with the peer as a device of this kind does. Fills code and words when it does not accept, and
	 * anchors_loaded; alert only where the stack would send one that the peer cannot have seen. */
	enum stack_end (*judge)(const struct stack_case *test, int variant, struct peer *peer,
		struct stack_verdict *verdict);
};
extern const struct stack stack;

/* The stack's number for what went wrong, and its words, in printable ASCII. */
void stack_say(struct stack_verdict *verdict, int code, const char *words);

#endif
