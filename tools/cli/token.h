/* SPDX-License-Identifier: MIT
 *
 * token.h - where the device's secret comes from: its access token, or the password of MQTT Basic credentials.
 * An option beats TBDIAG_TOKEN and TBDIAG_PASSWORD, which beat a prompt. Every copy that we can reach is wiped
 * once the library has its own.
 */
#ifndef TOOL_TOKEN_H
#define TOOL_TOKEN_H

#include "tools/cli/options.h"

enum { SECRET_TOKEN, SECRET_PASSWORD, SECRET_COUNT };

/* One secret and where it is to come from. */
struct secret {
	const char *file;
	bool from_stdin;
	struct tbd_token *taken; /* of an option: wiped from argv while options are read */
};

struct settings;
extern const struct opt token_options[];

/* 0, or TBD_E_INVALID: options that do not go together. */
int token_check(const struct settings *settings, struct tbd_error *error);

/* Take the token, or the password when there is a user name, from the first source that has one, into the options
 * of the round trip; token_free() frees it. 0, or a negative enum tbd_err, also when there is none. Once a secret
 * is read, the process leaves no core dump and cannot be looked into. */
int token_take(struct settings *settings, struct tbd_error *error);

/* The same without asking anybody, and there may be none; but a user name without a password is an error. */
int token_take_given(struct settings *settings, struct tbd_error *error);

/* It was taken. */
bool token_is_there(const struct settings *settings);

void token_free(struct settings *settings);

#endif
