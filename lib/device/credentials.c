/* SPDX-License-Identifier: MIT
 *
 * credentials.c - what a device says in CONNECT of who it is.
 */
#include "device/credentials.h"

#include "device/token.h"
#include "base/transport.h"

#include <jansson.h>

/* ThingsBoard keeps 255 characters of a user name or client identifier. */
enum { NAME_MAX_LEN = 255 };

/* As user name or client identifier ThingsBoard takes it for a device that wants to be made
 * (MqttTransportHandler.processConnect): it asks for nothing else, and every token is right. */
#define PROVISION "provision"

static bool is_utf8(const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);
	json_decref(string);
	return string != NULL;
}

static int check_name(const char *name, const char *what, struct tbd_error *error)
{
	size_t len = name != NULL ? strlen(name) : 0;
	if (name == NULL)
		return 0;
	if (len == 0 || len > NAME_MAX_LEN)
		return tbdi_fail(error, TBD_E_INVALID, "the %s must be 1 to %d bytes long", what,
			NAME_MAX_LEN);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return tbdi_fail(error, TBD_E_INVALID,
				"the %s has a control character as byte %zu", what, i + 1);
	if (!is_utf8(name, len))
		return tbdi_fail(error, TBD_E_INVALID, "the %s is not UTF-8", what);
	if (strcmp(name, PROVISION) == 0)
		return tbdi_fail(error, TBD_E_INVALID,
			"the %s " PROVISION " would ask ThingsBoard to make a device", what);
	return 0;
}

int tbdi_credentials_check(const struct tbd_roundtrip_options *options, struct tbd_error *error)
{
	if (options->token != NULL && options->user_name != NULL)
		return tbdi_fail(error, TBD_E_INVALID,
			"a device has an access token, or a user name and password: not both");
	if (options->password != NULL && options->user_name == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "a password was given without a user name");
	if ((options->token != NULL && tbdi_token_is_password(options->token)) ||
		(options->password != NULL && !tbdi_token_is_password(options->password)))
		return tbdi_fail(error, TBD_E_INVALID,
			"a token was given where a password belongs, or the reverse");
	int rc = check_name(options->user_name, "user name", error);
	return rc < 0 ? rc : check_name(options->client_id, "client identifier", error);
}

const struct tbd_token *tbdi_credentials_secret(const struct tbd_roundtrip_options *options)
{
	return options->user_name != NULL ? options->password : options->token;
}

bool tbdi_credentials_lend(const struct tbd_roundtrip_options *options,
	const struct tbdi_stream *stream, struct tbdi_transport_options *out)
{
	const char *secret = tbdi_token_lend(tbdi_credentials_secret(options), stream);
	out->user_name = options->user_name != NULL ? options->user_name : secret;
	out->password = options->user_name != NULL ? secret : NULL;
	out->client_id = options->client_id;
	return secret != NULL;
}
