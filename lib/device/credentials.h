/* SPDX-License-Identifier: MIT
 *
 * credentials.h - what a device says in CONNECT of who it is: an access token, or MQTT Basic credentials.
 */
#ifndef TBDI_CREDENTIALS_H
#define TBDI_CREDENTIALS_H

#include "base/common.h"

struct tbdi_stream;
struct tbdi_transport_options;

/* TBD_E_INVALID: the options name both kinds, or what cannot or must not be sent; nothing of it is quoted. */
int tbdi_credentials_check(const struct tbd_roundtrip_options *options, struct tbd_error *error);

/* The one that is secret: the token or the password; NULL: none was given. */
const struct tbd_token *tbdi_credentials_secret(const struct tbd_roundtrip_options *options);

/* Fill user name, password and client identifier, if tbdi_token_lend() lends the secret to this stream. */
bool tbdi_credentials_lend(const struct tbd_roundtrip_options *options,
	const struct tbdi_stream *stream, struct tbdi_transport_options *out);

#endif
