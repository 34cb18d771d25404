/* SPDX-License-Identifier: MIT
 *
 * token.h - where the access token comes from. An option beats TBDIAG_TOKEN, which beats a prompt. Every
 * copy that we can reach is wiped once the library has its own.
 */
#ifndef TOOL_TOKEN_H
#define TOOL_TOKEN_H

#include "opt.h"

struct token_settings {
	const char *file;
	bool from_stdin;
	struct tbd_token
		*token; /* of --token: taken, and wiped from argv, while options are read */
};
extern const struct opt token_options[];

/* Take the token from the first source that has one; token_free() frees it. 0, or a negative enum
 * tbd_err, also when there is none. Once a token is read, the process leaves no core dump and cannot be
 * looked into. */
int token_take(struct token_settings *settings, struct tbd_error *error);
void token_free(struct token_settings *settings);

#endif
