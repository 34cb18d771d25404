/* SPDX-License-Identifier: MIT
 *
 * token.h - the access token: kept apart, looked at, and lent to nobody but a stream that may have it.
 */
#ifndef TBDI_TOKEN_H
#define TBDI_TOKEN_H

#include "base/common.h"

struct tbdi_stream;

enum {
	TBDI_TOKEN_MAX = 512,          /* ThingsBoard makes tokens of 20 characters */
	TBDI_PASSWORD_MAX = 4096,      /* far beyond what anyone chooses */
	TBDI_TOKEN_READ_MAX = 1 << 20, /* what tbd_token_new() takes at all */
};

/* What may be said of the token: all but sent and in_clear, which are left false. The classes of a bad
 * byte are those of struct tbd_token_info; "length" stands at the first byte that is too much. */
struct tbd_token_info tbdi_token_info(const struct tbd_token *token);

/* It was made by tbd_password_new(). */
bool tbdi_token_is_password(const struct tbd_token *token);

/* No byte of it is one that no token has. What is not sound is never sent. */
bool tbdi_token_is_sound(const struct tbd_token_info *info);

/* THE place where the secret is handed out: for this stream, if it may carry secrets, and if the token is
 * sound; else NULL. The text belongs to the token. */
const char *tbdi_token_lend(const struct tbd_token *token, const struct tbdi_stream *stream);

#endif
