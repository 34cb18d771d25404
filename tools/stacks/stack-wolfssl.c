/* SPDX-License-Identifier: MIT
 *
 * stack-wolfssl.c - wolfSSL: wolfMQTT, Zephyr, many real-time systems.
 */
#include "config.h"

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tools/stacks/stack.h"

#include <string.h>

static const char *wolfssl_version(void)
{
	return wolfSSL_lib_version();
}

static int wolfssl_on_send(WOLFSSL *ssl, char *data, int len, void *peer)
{
	(void)ssl;
	return peer_put(peer, data, (size_t)len) < 0 ? WOLFSSL_CBIO_ERR_GENERAL : len;
}

static int wolfssl_on_receive(WOLFSSL *ssl, char *buffer, int size, void *peer)
{
	(void)ssl;
	size_t got = peer_take(peer, buffer, (size_t)size);
	return got > 0 ? (int)got : WOLFSSL_CBIO_ERR_WANT_READ;
}

/* The only way to count them; it has no room for more than the process. */
static int anchors_added;

static void on_anchor(unsigned char *der, int len, int type)
{
	(void)der;
	(void)len;
	(void)type;
	anchors_added++;
}

static void wolfssl_say(struct stack_verdict *verdict, int error)
{
	char words[WOLFSSL_MAX_ERROR_SZ] = "";
	stack_say(verdict, error, wolfSSL_ERR_error_string((unsigned long)error, words));
}

static bool wolfssl_set_host(WOLFSSL *ssl, const struct stack_case *test)
{
	return wolfSSL_check_domain_name(ssl, test->host) == WOLFSSL_SUCCESS &&
		(test->host_is_address ||
			wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, test->host,
				(unsigned short)strlen(test->host)) == WOLFSSL_SUCCESS);
}

static enum stack_end wolfssl_shake(WOLFSSL *ssl, struct peer *peer, struct stack_verdict *verdict)
{
	wolfSSL_SetIOReadCtx(ssl, peer);
	wolfSSL_SetIOWriteCtx(ssl, peer);
	int rc = wolfSSL_connect(ssl);
	if (rc == WOLFSSL_SUCCESS)
		return STACK_FINISHED;
	int error = wolfSSL_get_error(ssl, rc);
	if (error == WOLFSSL_ERROR_WANT_READ)
		return STACK_WAITS;
	wolfssl_say(verdict, error);
	return STACK_REFUSES;
}

static enum stack_end wolfssl_connect(WOLFSSL_CTX *ctx, const struct stack_case *test,
	struct peer *peer, struct stack_verdict *verdict)
{
	WOLFSSL *ssl = wolfSSL_new(ctx);
	enum stack_end end = STACK_REFUSES;
	if (ssl != NULL && wolfssl_set_host(ssl, test))
		end = wolfssl_shake(ssl, peer, verdict);
	else
		stack_say(verdict, WOLFSSL_FAILURE, "cannot be set up for this host");
	wolfSSL_free(ssl);
	return end;
}

static enum stack_end wolfssl_judge(const struct stack_case *test, int variant, struct peer *peer,
	struct stack_verdict *verdict)
{
	(void)variant;
	enum stack_end end = STACK_CANNOT_LOAD;
	int rc = WOLFSSL_FAILURE;
	anchors_added = 0;
	wolfSSL_Init();
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
	if (ctx != NULL) {
		wolfSSL_CTX_SetCACb(ctx, on_anchor);
		wolfSSL_CTX_SetIORecv(ctx, wolfssl_on_receive);
		wolfSSL_CTX_SetIOSend(ctx, wolfssl_on_send);
		wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
		rc = wolfSSL_CTX_load_verify_buffer(
			ctx, test->trust.data, (long)test->trust.len, WOLFSSL_FILETYPE_PEM);
	}
	verdict->anchors_loaded = anchors_added;
	if (rc == WOLFSSL_SUCCESS)
		end = wolfssl_connect(ctx, test, peer, verdict);
	else
		wolfssl_say(verdict, rc);
	wolfSSL_CTX_free(ctx);
	wolfSSL_Cleanup();
	return end;
}

static const struct stack_mode wolfssl_modes[] = { { "default", 0 }, { 0 } };

const struct stack stack = {
	.name = "wolfssl",
	.version = wolfssl_version,
	.modes = wolfssl_modes,
	.judge = wolfssl_judge,
};
