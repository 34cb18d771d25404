/* SPDX-License-Identifier: MIT
 *
 * token.c - the access token, in memory of its own.
 */
#include "device/token.h"

#include "base/secret.h"
#include "report/report.h"
#include "net/stream.h"
#include "base/transport.h"

#include <errno.h>
#include <jansson.h>
#include <strings.h>

struct tbd_token {
	enum tbd_token_source source;
	bool is_password;
	size_t map_len;
	size_t len;
	char bytes[]; /* a NUL follows; there may be others */
};

static int secret_new(const void *bytes, size_t len, enum tbd_token_source source,
	struct tbd_token **out, struct tbd_error *error)
{
	if (out == NULL || (bytes == NULL && len > 0) || len > TBDI_TOKEN_READ_MAX)
		return tbdi_fail(error, TBD_E_INVALID, "no token or password has %zu bytes", len);
	*out = NULL;
	size_t map_len = sizeof(struct tbd_token) + len + 1;
	struct tbd_token *token = tbdi_secret_alloc(map_len);
	if (token == NULL && errno == ENOMEM)
		return tbdi_fail_nomem(error);
	if (token == NULL)
		return tbdi_fail(error, TBD_E_SYSTEM, "cannot keep the token out of core dumps");
	token->source = source;
	token->map_len = map_len;
	token->len = len;
	if (len > 0)
		memcpy(token->bytes, bytes, len);
	*out = token;
	return 0;
}

int tbd_token_new(const void *bytes, size_t len, enum tbd_token_source source,
	struct tbd_token **out, struct tbd_error *error)
{
	return secret_new(bytes, len, source, out, error);
}

int tbd_password_new(const void *bytes, size_t len, enum tbd_token_source source,
	struct tbd_token **out, struct tbd_error *error)
{
	int rc = secret_new(bytes, len, source, out, error);
	if (rc == 0)
		(*out)->is_password = true;
	return rc;
}

bool tbdi_token_is_password(const struct tbd_token *token)
{
	return token->is_password;
}

void tbd_token_free(struct tbd_token *token)
{
	if (token != NULL)
		tbdi_secret_free(token, token->map_len);
}

/* What is wrong with this byte wherever it stands, or NULL. */
static const char *byte_fault(unsigned char byte)
{
	switch (byte) {
	case '\t':
		return "tab";
	case '\r':
		return "CR";
	case '\n':
		return "LF";
	case '\0':
		return "NUL";
	default:
		return byte >= 0x80 ? "non-ASCII" : byte < 0x20 || byte == 0x7f ? "control" : NULL;
	}
}

/* What is wrong with this byte at either end: a space or quote in the middle may be meant. */
static const char *edge_fault(unsigned char byte)
{
	if (byte == ' ')
		return "space";
	return byte == '"' || byte == '\'' || byte == '`' ? "quote" : NULL;
}

/* A person chooses a password: what can be typed may be meant. */
static const char *password_fault(unsigned char byte)
{
	return byte < 0x80 ? byte_fault(byte) : NULL;
}

static void find_bad_byte(const struct tbd_token *token, struct tbd_token_info *info)
{
	size_t max = token->is_password ? TBDI_PASSWORD_MAX : TBDI_TOKEN_MAX;
	size_t tail = token->len; /* where the spaces at the end begin */
	while (tail > 0 && token->bytes[tail - 1] == ' ')
		tail--;
	for (size_t i = 0; i < token->len && info->bad_class == NULL; i++) {
		unsigned char byte = (unsigned char)token->bytes[i];
		info->bad_class = token->is_password ? password_fault(byte) : byte_fault(byte);
		if (info->bad_class == NULL && !token->is_password &&
			(i == 0 || i >= tail || i + 1 == token->len))
			info->bad_class = edge_fault(byte);
		if (info->bad_class == NULL && i >= max)
			info->bad_class = "length";
		if (info->bad_class != NULL)
			info->bad_at = (int)i;
	}
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The form of a device id (RFC 9562 section 4), which is what gets copied by mistake. */
static bool is_uuid(const struct tbd_token *token)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (token->len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < token->len; i++)
		if (form[i] == '-' ? token->bytes[i] != '-' : !is_hex_digit(token->bytes[i]))
			return false;
	return true;
}

/* A variable that was never filled in: $NAME, ${NAME}, %NAME%, <name>, {{name}}. */
static bool is_unfilled(const struct tbd_token *token)
{
	if (token->len < 2)
		return false;
	char first = token->bytes[0];
	char last = token->bytes[token->len - 1];
	return first == '$' || (first == '%' && last == '%') || (first == '<' && last == '>') ||
		(first == '{' && last == '}');
}

/* What documentation and example programs have in place of a token. Letter case, '_' and '-' do not
 * matter. (A1_TEST_TOKEN and its kin are real tokens of ThingsBoard's demo data.) */
static bool is_example(const struct tbd_token *token)
{
	static const char *const words[] = { "accesstoken", "youraccesstoken", "yourdevicetoken",
		"yourdeviceaccesstoken", "yourtoken", "deviceaccesstoken", "devicetoken", "token",
		"putyouraccesstokenhere", "putyourtokenhere", "esp32demotoken", "esp8266demotoken",
		"tbdevicetoken", "tbaccesstoken" };
	char word[32];
	size_t len = 0;
	for (size_t i = 0; i < token->len; i++) {
		if (token->bytes[i] == '_' || token->bytes[i] == '-')
			continue;
		if (token->bytes[i] == '\0' || len + 1 == sizeof(word))
			return false;
		word[len++] = token->bytes[i];
	}
	word[len] = '\0';
	bool found = false;
	for (size_t i = 0; i < TBDI_COUNT(words); i++)
		found = found || strcasecmp(word, words[i]) == 0;
	explicit_bzero(word, sizeof(word));
	return found;
}

/* The value of a digit of base64url (RFC 4648 section 5), or -1. */
static int base64url_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* The header of a JWT: a JSON object that names the algorithm (RFC 7515 section 4.1.1). */
static bool is_jwt_header(const char *text, size_t len)
{
	char header[512];
	size_t out_len = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < len && out_len < sizeof(header); i++) {
		bits = bits << 6 | (uint32_t)base64url_value(text[i]);
		if (i % 4 > 0)
			header[out_len++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	json_t *object = json_loadb(header, out_len, 0, NULL);
	bool found = json_is_string(json_object_get(object, "alg"));
	json_decref(object);
	explicit_bzero(header, sizeof(header));
	return found;
}

/* Three parts in base64url (RFC 7515 section 7.1): the JWT of a user, from the web interface or the REST API. */
static bool is_jwt(const struct tbd_token *token)
{
	size_t header_len = 0;
	unsigned dots = 0;
	for (size_t i = 0; i < token->len; i++) {
		if (token->bytes[i] == '.' && dots++ == 0)
			header_len = i;
		else if (token->bytes[i] != '.' && base64url_value(token->bytes[i]) < 0)
			return false;
	}
	return dots == 2 && is_jwt_header(token->bytes, header_len);
}

/* Of the path of a request it is one segment, which Tomcat and proxies look into before they hand it on. */
static bool is_unfit_for_path(const struct tbd_token *token)
{
	size_t dots = 0;
	for (size_t i = 0; i < token->len; i++) {
		if (memchr("/\\%;", token->bytes[i], 4) != NULL)
			return true;
		dots += token->bytes[i] == '.';
	}
	return dots > 0 && dots == token->len;
}

/* Something, one '@', and a host with a dot in it. */
static bool is_email(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);
	if (at == NULL || at == text)
		return false;
	const char *host = at + 1;
	size_t host_len = len - (size_t)(host - text);
	return memchr(host, '.', host_len) != NULL && memchr(host, '@', host_len) == NULL &&
		memchr(text, ' ', len) == NULL;
}

/* As ThingsBoard makes them. */
static bool is_like_token(const char *text)
{
	enum { GENERATED_LEN = 20 };
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	return strlen(text) == GENERATED_LEN && strspn(text, letters) == GENERATED_LEN;
}

struct tbd_token_info tbdi_token_info(const struct tbd_token *token)
{
	bool is_token = !token->is_password;
	struct tbd_token_info info = {
		.source = token->source,
		.len = token->len,
		.bad_at = -1,
		.is_uuid = is_token && is_uuid(token),
		.is_placeholder = is_token && (is_unfilled(token) || is_example(token)),
		.is_jwt = is_token && is_jwt(token),
		.is_password = token->is_password,
		.is_email = is_token && is_email(token->bytes, token->len),
		.unfit_for_path = is_token && is_unfit_for_path(token),
	};
	find_bad_byte(token, &info);
	return info;
}

/* No byte of it is one that no token has. What is not sound is never sent. */
static bool is_sound(const struct tbd_token_info *info)
{
	return info->len > 0 && info->bad_at < 0;
}

const char *tbdi_token_lend(const struct tbd_token *token, const struct tbdi_stream *stream)
{
	struct tbd_token_info info = tbdi_token_info(token);
	return is_sound(&info) && tbdi_stream_may_carry_secrets(stream) ? token->bytes : NULL;
}

int tbd_report_hide(
	struct tbd_report *report, const struct tbd_token *secret, struct tbd_error *error)
{
	if (report == NULL || secret == NULL)
		return tbdi_fail(
			error, TBD_E_INVALID, "tbd_report_hide: nothing to hide, or to hide it in");
	/* What is longer is no token and never sent. */
	if (secret->len > TBDI_PASSWORD_MAX)
		return 0;
	return tbdi_mask_add(&tbdi_report_of(report)->mask, secret->bytes) < 0
		? tbdi_fail_nomem(error)
		: 0;
}

/* ---- credentials ----------------------------------------------------------------------------- */

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

/* As user name, which a token is. */
static int check_token(const struct tbd_token *token, struct tbd_error *error)
{
	bool provisions = token != NULL && token->len == strlen(PROVISION) &&
		memcmp(token->bytes, PROVISION, token->len) == 0;
	return provisions
		? tbdi_fail(error, TBD_E_INVALID,
			  "the access token " PROVISION " would ask ThingsBoard to make a device")
		: 0;
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
	int rc = check_token(options->token, error);
	if (rc == 0)
		rc = check_name(options->user_name, "user name", error);
	return rc < 0 ? rc : check_name(options->client_id, "client identifier", error);
}

struct tbd_token_info tbdi_credentials_info(const struct tbd_roundtrip_options *options)
{
	const char *user_name = options->user_name, *client_id = options->client_id;
	struct tbd_token_info info = tbdi_token_info(tbdi_credentials_secret(options));
	info.user_is_email = user_name != NULL && is_email(user_name, strlen(user_name));
	info.client_id_is_token = client_id != NULL && is_like_token(client_id);
	return info;
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
