/* SPDX-License-Identifier: MIT
 *
 * token.h - where the device's secret comes from: its access token, or the password of MQTT Basic credentials.
 * An option beats TBDIAG_TOKEN and TBDIAG_PASSWORD, which beat a prompt. Every copy that we can reach is wiped
 * once the library has its own.
 */
#ifndef TOOL_TOKEN_H
#define TOOL_TOKEN_H

#include "tools/cli/options.h"

/* One secret and where it is to come from. */
struct secret_settings {
	const char *file;
	bool from_stdin;
	struct tbd_token
		*secret; /* of an option: taken, and wiped from argv, while options are read */
};

struct token_settings {
	struct secret_settings token;
	struct secret_settings password;
	const char *user_name; /* MQTT Basic */
	const char *client_id;
};
extern const struct opt token_options[];

/* 0, or TBD_E_INVALID: options that do not go together. */
int token_check(const struct token_settings *settings, struct tbd_error *error);

/* Take the token, or the password when there is a user name, from the first source that has one; token_free()
 * frees it. 0, or a negative enum tbd_err, also when there is none. Once a secret is read, the process leaves
 * no core dump and cannot be looked into. */
int token_take(struct token_settings *settings, struct tbd_error *error);

/* The same without asking anybody: *given is false when there is no token. A user name without a password is an
 * error. */
int token_take_given(struct token_settings *settings, bool *given, struct tbd_error *error);
void token_free(struct token_settings *settings);

#endif
