/* SPDX-License-Identifier: MIT
 *
 * stack-gnutls.c - GnuTLS, as gnutls-cli sets it up: Debian's curl library, Linux programs of GNOME.
 */
#include "config.h"

#include "tools/stacks/stack.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <errno.h>
#include <string.h>

static const char *gnutls_client_version(void)
{
	return gnutls_check_version(NULL);
}

static ssize_t gnutls_on_push(gnutls_transport_ptr_t peer, const void *data, size_t len)
{
	return peer_put(peer, data, len) < 0 ? -1 : (ssize_t)len;
}

static ssize_t gnutls_on_pull(gnutls_transport_ptr_t peer, void *buffer, size_t size)
{
	size_t got = peer_take(peer, buffer, size);
	return got > 0 ? (ssize_t)got : -1;
}

/* No more came is what a socket calls EAGAIN. */
static int gnutls_on_error(gnutls_transport_ptr_t peer)
{
	(void)peer;
	return EAGAIN;
}

/* A server that would be asked for more; 0 for "at once", the bytes are there or are not. */
static int gnutls_on_wait(gnutls_transport_ptr_t peer, unsigned ms)
{
	(void)peer;
	(void)ms;
	return 1;
}

static void say_status(struct stack_verdict *verdict, unsigned status)
{
	gnutls_datum_t words = { 0 };
	gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0);
	stack_say(verdict, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR,
		words.data == NULL ? "" : (const char *)words.data);
	gnutls_free(words.data);
}

static enum stack_end gnutls_client_refuse(struct stack_verdict *verdict, int error)
{
	stack_say(verdict, error, gnutls_strerror(error));
	verdict->alert = gnutls_error_to_alert(error, NULL);
	return STACK_REFUSES;
}

/* ServerKeyExchange, which the replay does not send, is where GnuTLS asks the leaf whether its key may do this. */
static bool key_may_exchange(gnutls_session_t session, const gnutls_datum_t *leaf)
{
	gnutls_x509_crt_t cert;
	unsigned usage = 0, critical;
	bool decrypts = gnutls_kx_get(session) == GNUTLS_KX_RSA;
	if (gnutls_x509_crt_init(&cert) < 0)
		return false;
	int rc = gnutls_x509_crt_import(cert, leaf, GNUTLS_X509_FMT_DER);
	if (rc == 0)
		rc = gnutls_x509_crt_get_key_usage(cert, &usage, &critical);
	gnutls_x509_crt_deinit(cert);
	return rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
		(usage & (decrypts ? GNUTLS_KEY_KEY_ENCIPHERMENT : GNUTLS_KEY_DIGITAL_SIGNATURE)) !=
		0;
}

/* GnuTLS has the chain, and verifies it only after ServerHelloDone. Its alert would be the one of its error. */
static enum stack_end gnutls_client_verify(
	gnutls_session_t session, gnutls_typed_vdata_st *wanted, struct stack_verdict *verdict)
{
	unsigned status = 0, count;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	if (chain == NULL)
		return STACK_WAITS;
	if (!key_may_exchange(session, &chain[0]))
		return gnutls_client_refuse(verdict, GNUTLS_E_KEY_USAGE_VIOLATION);
	int rc = gnutls_certificate_verify_peers(session, wanted, 2, &status);
	if (rc < 0)
		return gnutls_client_refuse(verdict, rc);
	if (status == 0)
		return STACK_WAITS;
	gnutls_client_refuse(verdict, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	say_status(verdict, status);
	return STACK_REFUSES;
}

static enum stack_end gnutls_client_shake(
	gnutls_session_t session, const struct stack_case *test, struct stack_verdict *verdict)
{
	gnutls_typed_vdata_st wanted[] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)test->host },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID,
			.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER },
	};
	gnutls_session_set_verify_cert2(session, wanted, 2, 0);
	int rc = gnutls_handshake(session);
	while (rc < 0 && rc != GNUTLS_E_AGAIN && gnutls_error_is_fatal(rc) == 0)
		rc = gnutls_handshake(session);
	if (rc == GNUTLS_E_SUCCESS)
		return STACK_FINISHED;
	if (rc == GNUTLS_E_AGAIN)
		return gnutls_client_verify(session, wanted, verdict);
	if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		say_status(verdict, gnutls_session_get_verify_cert_status(session));
	else
		stack_say(verdict, rc, gnutls_strerror(rc));
	gnutls_alert_send_appropriate(session, rc);
	return STACK_REFUSES;
}

static enum stack_end gnutls_client_connect(gnutls_certificate_credentials_t trust,
	const struct stack_case *test, struct peer *peer, struct stack_verdict *verdict)
{
	gnutls_session_t session;
	int rc = gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	enum stack_end end = STACK_REFUSES;
	if (rc == 0) {
		gnutls_transport_set_ptr(session, peer);
		gnutls_transport_set_push_function(session, gnutls_on_push);
		gnutls_transport_set_pull_function(session, gnutls_on_pull);
		gnutls_transport_set_pull_timeout_function(session, gnutls_on_wait);
		gnutls_transport_set_errno_function(session, gnutls_on_error);
		rc = gnutls_set_default_priority(session);
		if (rc == 0)
			rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust);
		if (rc == 0 && !test->host_is_address)
			rc = gnutls_server_name_set(
				session, GNUTLS_NAME_DNS, test->host, strlen(test->host));
		if (rc == 0)
			end = gnutls_client_shake(session, test, verdict);
		gnutls_deinit(session);
	}
	if (rc < 0)
		stack_say(verdict, rc, gnutls_strerror(rc));
	return end;
}

static enum stack_end gnutls_client_judge(const struct stack_case *test, int variant,
	struct peer *peer, struct stack_verdict *verdict)
{
	(void)variant;
	gnutls_certificate_credentials_t trust = NULL;
	gnutls_datum_t file = { (unsigned char *)(uintptr_t)test->trust.data,
		(unsigned)test->trust.len };
	enum stack_end end = STACK_CANNOT_LOAD;
	int rc = gnutls_certificate_allocate_credentials(&trust);
	if (rc == 0)
		rc = gnutls_certificate_set_x509_trust_mem(trust, &file, GNUTLS_X509_FMT_PEM);
	if (rc < 0) {
		stack_say(verdict, rc, gnutls_strerror(rc));
	} else {
		verdict->anchors_loaded = rc;
		end = gnutls_client_connect(trust, test, peer, verdict);
	}
	gnutls_certificate_free_credentials(trust);
	return end;
}

static const struct stack_mode gnutls_client_modes[] = { { "default", 0 }, { 0 } };

const struct stack stack = { .name = "gnutls",
	.version = gnutls_client_version,
	.modes = gnutls_client_modes,
	.judge = gnutls_client_judge };
