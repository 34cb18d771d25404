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

/* THE place where the secret is handed out: for this stream, if it may carry secrets, and if the token is
 * sound; else NULL. The text belongs to the token. */
const char *tbdi_token_lend(const struct tbd_token *token, const struct tbdi_stream *stream);

/* ---- what a device says in CONNECT of who it is: a token, or MQTT Basic credentials ---------- */

struct tbdi_transport_options;

/* TBD_E_INVALID: the options name both kinds, or what cannot or must not be sent; nothing of it is quoted. */
int tbdi_credentials_check(const struct tbd_roundtrip_options *options, struct tbd_error *error);

/* The one that is secret: the token or the password; NULL: none was given. */
const struct tbd_token *tbdi_credentials_secret(const struct tbd_roundtrip_options *options);

/* What may be said of the credentials, one of which is the secret: see tbdi_token_info(). */
struct tbd_token_info tbdi_credentials_info(const struct tbd_roundtrip_options *options);

/* Fill user name, password and client identifier, if tbdi_token_lend() lends the secret to this stream. */
bool tbdi_credentials_lend(const struct tbd_roundtrip_options *options,
	const struct tbdi_stream *stream, struct tbdi_transport_options *out);

#endif
