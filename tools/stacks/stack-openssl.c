/* SPDX-License-Identifier: MIT
 *
 * stack-openssl.c - OpenSSL: mosquitto, paho C, Node, Python, gateways on Linux.
 */
#include "config.h"

#include "tools/stacks/stack.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum variant {
	DEFAULT,       /* mosquitto, paho C, Node, Python before 3.13 */
	PARTIAL_CHAIN, /* curl */
	STRICT,        /* ssl.create_default_context() of Python from 3.13 on */
	LEGACY,        /* OpenSSL 1.0.2: the chain's certificates before those of the trust file */
};

static const char *openssl_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

/* As programs do: by the name of a file. It is one in memory. */
static bool openssl_load_trust(SSL_CTX *ctx, const struct replay_bytes *trust)
{
	char path[64];
	int fd = memfd_create("trust", MFD_CLOEXEC);
	bool loaded = fd >= 0 && write(fd, trust->data, trust->len) == (ssize_t)trust->len;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	loaded = loaded && SSL_CTX_load_verify_locations(ctx, path, NULL) == 1;
	if (fd >= 0)
		close(fd);
	return loaded;
}

static int count_anchors(SSL_CTX *ctx)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));
	int count = 0;
	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
		count += X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)) != NULL;
	return count;
}

/* SSL_CTX_clear_flags() would not do: the flag comes back from the library's default when it verifies. */
static int verify_untrusted_first(X509_STORE_CTX *store, void *unused)
{
	(void)unused;
	X509_VERIFY_PARAM_clear_flags(X509_STORE_CTX_get0_param(store), X509_V_FLAG_TRUSTED_FIRST);
	return X509_verify_cert(store);
}

static void set_variant(SSL_CTX *ctx, enum variant variant)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (variant == PARTIAL_CHAIN || variant == STRICT)
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (variant == STRICT) {
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
		X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	}
	if (variant == LEGACY)
		SSL_CTX_set_cert_verify_callback(ctx, verify_untrusted_first, NULL);
}

static bool openssl_set_host(SSL *ssl, const struct stack_case *test)
{
	if (test->host_is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), test->host) == 1;
	return SSL_set1_host(ssl, test->host) == 1 &&
		SSL_set_tlsext_host_name(ssl, test->host) == 1;
}

static void say_error(struct stack_verdict *verdict)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);
	stack_say(verdict, ERR_GET_REASON(error), reason == NULL ? "unknown error" : reason);
}

static void say_refusal(struct stack_verdict *verdict, const SSL *ssl)
{
	long result = SSL_get_verify_result(ssl);
	if (result == X509_V_OK)
		say_error(verdict);
	else
		stack_say(verdict, (int)result, X509_verify_cert_error_string(result));
}

/* What the client wrote goes to the peer, and what that has goes to the client. False when nothing came. */
static bool carry(SSL *ssl, struct peer *peer)
{
	char buffer[4096];
	int len;
	while ((len = BIO_read(SSL_get_wbio(ssl), buffer, sizeof(buffer))) > 0)
		if (peer_put(peer, buffer, (size_t)len) < 0)
			return false;
	size_t got = SSL_want_read(ssl) ? peer_take(peer, buffer, sizeof(buffer)) : 0;
	return got > 0 && BIO_write(SSL_get_rbio(ssl), buffer, (int)got) == (int)got;
}

static enum stack_end openssl_shake(SSL *ssl, struct peer *peer, struct stack_verdict *verdict)
{
	int rc;
	do {
		rc = SSL_connect(ssl);
	} while (carry(ssl, peer) && rc <= 0);
	if (rc == 1)
		return STACK_FINISHED;
	if (SSL_get_error(ssl, rc) == SSL_ERROR_WANT_READ)
		return STACK_WAITS;
	say_refusal(verdict, ssl);
	return STACK_REFUSES;
}

static enum stack_end openssl_connect(SSL_CTX *ctx, const struct stack_case *test,
	struct peer *peer, struct stack_verdict *verdict)
{
	SSL *ssl = SSL_new(ctx);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	enum stack_end end = STACK_REFUSES;
	if (ssl == NULL || in == NULL || out == NULL || !openssl_set_host(ssl, test)) {
		say_error(verdict);
		BIO_free(in);
		BIO_free(out);
	} else {
		BIO_set_mem_eof_return(in, -1); /* more may come */
		SSL_set_bio(ssl, in, out);
		end = openssl_shake(ssl, peer, verdict);
	}
	SSL_free(ssl);
	return end;
}

static enum stack_end openssl_judge(const struct stack_case *test, int variant, struct peer *peer,
	struct stack_verdict *verdict)
{
	enum stack_end end = STACK_CANNOT_LOAD;
	ERR_clear_error();
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (ctx != NULL && openssl_load_trust(ctx, &test->trust)) {
		verdict->anchors_loaded = count_anchors(ctx);
		set_variant(ctx, (enum variant)variant);
		end = openssl_connect(ctx, test, peer, verdict);
	} else {
		say_error(verdict);
	}
	SSL_CTX_free(ctx);
	return end;
}

static const struct stack_mode openssl_modes[] = {
	{ "default", DEFAULT },
	{ "partial-chain", PARTIAL_CHAIN },
	{ "strict", STRICT },
	{ "legacy", LEGACY },
	{ 0 },
};

const struct stack stack = { .name = "openssl",
	.version = openssl_version,
	.modes = openssl_modes,
	.judge = openssl_judge };
