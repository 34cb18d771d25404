/* SPDX-License-Identifier: MIT
 *
 * stack-bearssl.c - BearSSL: Arduino on ESP8266, Tasmota, SSLClient.
 */
#include "config.h"

#include "tools/stacks/bearssl-trust.h"
#include "tools/stacks/stack.h"

#include <stdlib.h>
#include <string.h>

/* The library does not say it: there was no release since 2018. */
static const char *bearssl_version(void)
{
	return "0.6";
}

/* The library has no words either: the names of bearssl_ssl.h and bearssl_x509.h. */
#define NAMED(name) [name] = #name
static const char *const error_names[] = {
	NAMED(BR_ERR_BAD_PARAM),
	NAMED(BR_ERR_BAD_STATE),
	NAMED(BR_ERR_UNSUPPORTED_VERSION),
	NAMED(BR_ERR_BAD_VERSION),
	NAMED(BR_ERR_BAD_LENGTH),
	NAMED(BR_ERR_TOO_LARGE),
	NAMED(BR_ERR_BAD_MAC),
	NAMED(BR_ERR_NO_RANDOM),
	NAMED(BR_ERR_UNKNOWN_TYPE),
	NAMED(BR_ERR_UNEXPECTED),
	NAMED(BR_ERR_BAD_CCS),
	NAMED(BR_ERR_BAD_ALERT),
	NAMED(BR_ERR_BAD_HANDSHAKE),
	NAMED(BR_ERR_OVERSIZED_ID),
	NAMED(BR_ERR_BAD_CIPHER_SUITE),
	NAMED(BR_ERR_BAD_COMPRESSION),
	NAMED(BR_ERR_BAD_FRAGLEN),
	NAMED(BR_ERR_BAD_SECRENEG),
	NAMED(BR_ERR_EXTRA_EXTENSION),
	NAMED(BR_ERR_BAD_SNI),
	NAMED(BR_ERR_BAD_HELLO_DONE),
	NAMED(BR_ERR_LIMIT_EXCEEDED),
	NAMED(BR_ERR_BAD_FINISHED),
	NAMED(BR_ERR_RESUME_MISMATCH),
	NAMED(BR_ERR_INVALID_ALGORITHM),
	NAMED(BR_ERR_BAD_SIGNATURE),
	NAMED(BR_ERR_WRONG_KEY_USAGE),
	NAMED(BR_ERR_NO_CLIENT_AUTH),
	NAMED(BR_ERR_IO),
	NAMED(BR_ERR_X509_INVALID_VALUE),
	NAMED(BR_ERR_X509_TRUNCATED),
	NAMED(BR_ERR_X509_EMPTY_CHAIN),
	NAMED(BR_ERR_X509_INNER_TRUNC),
	NAMED(BR_ERR_X509_BAD_TAG_CLASS),
	NAMED(BR_ERR_X509_BAD_TAG_VALUE),
	NAMED(BR_ERR_X509_INDEFINITE_LENGTH),
	NAMED(BR_ERR_X509_EXTRA_ELEMENT),
	NAMED(BR_ERR_X509_UNEXPECTED),
	NAMED(BR_ERR_X509_NOT_CONSTRUCTED),
	NAMED(BR_ERR_X509_NOT_PRIMITIVE),
	NAMED(BR_ERR_X509_PARTIAL_BYTE),
	NAMED(BR_ERR_X509_BAD_BOOLEAN),
	NAMED(BR_ERR_X509_OVERFLOW),
	NAMED(BR_ERR_X509_BAD_DN),
	NAMED(BR_ERR_X509_BAD_TIME),
	NAMED(BR_ERR_X509_UNSUPPORTED),
	NAMED(BR_ERR_X509_LIMIT_EXCEEDED),
	NAMED(BR_ERR_X509_WRONG_KEY_TYPE),
	NAMED(BR_ERR_X509_BAD_SIGNATURE),
	NAMED(BR_ERR_X509_TIME_UNKNOWN),
	NAMED(BR_ERR_X509_EXPIRED),
	NAMED(BR_ERR_X509_DN_MISMATCH),
	NAMED(BR_ERR_X509_BAD_SERVER_NAME),
	NAMED(BR_ERR_X509_CRITICAL_EXTENSION),
	NAMED(BR_ERR_X509_NOT_CA),
	NAMED(BR_ERR_X509_FORBIDDEN_KEY_USAGE),
	NAMED(BR_ERR_X509_WEAK_PUBLIC_KEY),
	NAMED(BR_ERR_X509_NOT_TRUSTED),
};

static void bearssl_say(struct stack_verdict *verdict, int error)
{
	const char *name = NULL;
	if (error >= BR_ERR_SEND_FATAL_ALERT)
		name = "BR_ERR_SEND_FATAL_ALERT";
	else if (error >= BR_ERR_RECV_FATAL_ALERT)
		name = "BR_ERR_RECV_FATAL_ALERT";
	else if (error >= 0 && (size_t)error < sizeof(error_names) / sizeof(error_names[0]))
		name = error_names[error];
	stack_say(verdict, error, name == NULL ? "unknown error" : name);
}

/* One turn of the engine. False when the handshake is over, in whichever way, or waits for more. */
static bool bearssl_turn(br_ssl_engine_context *engine, struct peer *peer)
{
	size_t len;
	unsigned state = br_ssl_engine_current_state(engine);
	if ((state & (BR_SSL_CLOSED | BR_SSL_SENDAPP)) != 0)
		return false;
	if ((state & BR_SSL_SENDREC) != 0) {
		const unsigned char *bytes = br_ssl_engine_sendrec_buf(engine, &len);
		if (peer_put(peer, bytes, len) < 0)
			return false;
		br_ssl_engine_sendrec_ack(engine, len);
		return true;
	}
	unsigned char *buffer = br_ssl_engine_recvrec_buf(engine, &len);
	size_t got = buffer == NULL ? 0 : peer_take(peer, buffer, len);
	if (got > 0)
		br_ssl_engine_recvrec_ack(engine, got);
	return got > 0;
}

struct bearssl_client {
	br_ssl_client_context ssl;
	br_x509_minimal_context x509;
	unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
};

static enum stack_end bearssl_shake(struct bearssl_client *client, const struct stack_case *test,
	const struct bearssl_trust *trust, struct peer *peer, struct stack_verdict *verdict)
{
	br_ssl_engine_context *engine = &client->ssl.eng;
	br_ssl_client_init_full(&client->ssl, &client->x509, trust->anchors, trust->count);
	br_ssl_engine_set_buffer(engine, client->buffer, sizeof(client->buffer), 1);
	/* An address, too, goes into the server name. */
	br_ssl_client_reset(&client->ssl, test->host, 0);
	while (bearssl_turn(engine, peer))
		;
	unsigned state = br_ssl_engine_current_state(engine);
	if ((state & BR_SSL_SENDAPP) != 0)
		return STACK_FINISHED;
	if ((state & BR_SSL_CLOSED) == 0)
		return STACK_WAITS;
	bearssl_say(verdict, br_ssl_engine_last_error(engine));
	return STACK_REFUSES;
}

static enum stack_end bearssl_judge(const struct stack_case *test, int variant, struct peer *peer,
	struct stack_verdict *verdict)
{
	(void)variant;
	struct bearssl_trust trust;
	struct bearssl_client *client = malloc(sizeof(*client));
	enum stack_end end = STACK_REFUSES;
	bearssl_trust_read(&trust, &test->trust);
	verdict->anchors_loaded = (int)trust.count;
	if (client != NULL)
		end = bearssl_shake(client, test, &trust, peer, verdict);
	else
		bearssl_say(verdict, BR_ERR_TOO_LARGE);
	bearssl_trust_free(&trust);
	free(client);
	return end;
}

static const struct stack_mode bearssl_modes[] = { { "default", 0 }, { 0 } };

const struct stack stack = {
	.name = "bearssl",
	.version = bearssl_version,
	.modes = bearssl_modes,
	.judge = bearssl_judge,
};
