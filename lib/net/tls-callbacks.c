/* SPDX-License-Identifier: MIT
 *
 * tls-callbacks.c - what GnuTLS calls while a session goes on: for bytes, messages, secrets, and a verdict.
 */
#include "net/tls-session.h"

#include "net/socket.h"
#include "verify/chain.h"
#include "x509/cert.h"

#include <errno.h>
#include <gnutls/ocsp.h>
#include <poll.h>

enum {
	MESSAGE_HEADER_LEN = 4,
	CHANGE_CIPHER_SPEC = 20, /* RFC 5246 7.1 */
	DATAGRAM_RECORD_HEADER = 13,
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static void follow_records(struct tbdi_record *record, const unsigned char *data, size_t len)
{
	while (len > 0) {
		bool in_header = record->in < TBDI_RECORD_HEADER_LEN;
		size_t whole = TBDI_RECORD_HEADER_LEN + (in_header ? 0 : tbdi_record_len(record));
		size_t part = whole - record->in < len ? whole - record->in : len;
		if (in_header)
			memcpy(record->header + record->in, data, part);
		record->in += part;
		data += part;
		len -= part;
		if (record->in >= TBDI_RECORD_HEADER_LEN &&
			record->in == TBDI_RECORD_HEADER_LEN + tbdi_record_len(record))
			record->in = 0;
	}
}

static unsigned count_changes(const unsigned char *data, size_t len)
{
	unsigned count = 0;
	while (len >= DATAGRAM_RECORD_HEADER) {
		size_t record = DATAGRAM_RECORD_HEADER + ((size_t)data[11] << 8 | data[12]);
		count += data[0] == CHANGE_CIPHER_SPEC;
		if (record > len)
			break;
		data += record;
		len -= record;
	}
	return count;
}

/* GnuTLS keeps every ChangeCipherSpec, in more than 2 KiB each. */
static ssize_t receive_bounded(struct tbdi_tls *tls, void *buffer, size_t size)
{
	ssize_t got = tbdi_socket_recv(&tls->socket, buffer, size);
	if (got > 0 && tls->changes <= TBDI_CHANGES_MAX)
		tls->changes += count_changes(buffer, (size_t)got);
	if (got <= 0 || tls->changes <= TBDI_CHANGES_MAX)
		return got;
	errno = EAGAIN;
	return -1;
}

/* GnuTLS throws ChangeCipherSpec away, and with it the handshake, when it looks for the server's last flight
 * and finds only the first of its two datagrams; in one they do it no harm. So the first waits here for the
 * next one. */
static ssize_t receive_datagram(struct tbdi_tls *tls, void *buffer, size_t size)
{
	unsigned char *bytes = buffer;
	ssize_t got = receive_bounded(tls, buffer, size);
	while (got == TBDI_CHANGE_CIPHER_SPEC_LEN && bytes[0] == CHANGE_CIPHER_SPEC) {
		memcpy(tls->held, bytes, sizeof(tls->held));
		tls->is_held = true;
		got = receive_bounded(tls, buffer, size);
	}
	if (!tls->is_held || got <= 0 || size - (size_t)got < sizeof(tls->held))
		return got;
	memmove(bytes + sizeof(tls->held), bytes, (size_t)got);
	memcpy(bytes, tls->held, sizeof(tls->held));
	tls->is_held = false;
	return got + (ssize_t)sizeof(tls->held);
}

static ssize_t tls_on_pull(gnutls_transport_ptr_t ptr, void *buffer, size_t size)
{
	struct tbdi_tls *tls = ptr;
	/* GnuTLS drops an alert that it reads in the call that sends ClientHello. */
	if (tbdi_tls_is_datagrams(tls) && !tls->has_begun) {
		errno = EAGAIN;
		return -1;
	}
	ssize_t got = tbdi_tls_is_datagrams(tls) ? receive_datagram(tls, buffer, size)
						 : tbdi_socket_recv(&tls->socket, buffer, size);
	if (got > 0 && tls->first_byte_us == 0)
		tls->first_byte_us = tbdi_report_elapsed_us(tls->report);
	if (got > 0 && tbdi_tls_is_datagrams(tls))
		tbdi_datagrams_received(tls->socket.datagrams, buffer, (size_t)got);
	else if (got > 0 && tls->options != NULL)
		follow_records(&tls->record, buffer, (size_t)got);
	return got;
}

static ssize_t tls_on_push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tbdi_tls *tls = ptr;
	ssize_t sent = tbdi_socket_send(&tls->socket, parts, count);
	if (sent > 0 && tbdi_tls_is_datagrams(tls) && count > 0)
		tbdi_datagrams_sent(tls->socket.datagrams, parts[0].iov_base, parts[0].iov_len);
	return sent;
}

/* DTLS asks whether something has come (0), or to wait for it: that it may not, and has to find out by
 * itself that there is nothing. */
static int tls_on_pull_timeout(gnutls_transport_ptr_t ptr, unsigned wait_ms)
{
	const struct tbdi_tls *tls = ptr;
	struct pollfd fd = { .fd = tls->socket.fd, .events = POLLIN };
	return wait_ms > 0 ? 1 : poll(&fd, 1, 0);
}

/* ---- messages -------------------------------------------------------------------------------- */

static const char *message_name(unsigned type)
{
	static const struct {
		unsigned type;
		const char *name;
	} names[] = {
		{ GNUTLS_HANDSHAKE_HELLO_REQUEST, "HelloRequest" },
		{ GNUTLS_HANDSHAKE_SERVER_HELLO, "ServerHello" },
		{ GNUTLS_HANDSHAKE_HELLO_VERIFY_REQUEST, "HelloVerifyRequest" },
		{ GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST, "HelloRetryRequest" },
		{ GNUTLS_HANDSHAKE_NEW_SESSION_TICKET, "NewSessionTicket" },
		{ GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS, "EncryptedExtensions" },
		{ GNUTLS_HANDSHAKE_CERTIFICATE_PKT, "Certificate" },
		{ GNUTLS_HANDSHAKE_SERVER_KEY_EXCHANGE, "ServerKeyExchange" },
		{ GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST, "CertificateRequest" },
		{ GNUTLS_HANDSHAKE_SERVER_HELLO_DONE, "ServerHelloDone" },
		{ GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY, "CertificateVerify" },
		{ GNUTLS_HANDSHAKE_FINISHED, "Finished" },
		{ GNUTLS_HANDSHAKE_CERTIFICATE_STATUS, "CertificateStatus" },
	};
	for (size_t i = 0; i < TBDI_COUNT(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return "an unknown message";
}

/* Does a peer send it only after a ServerHello that we read and accepted? */
static bool follows_agreement(unsigned type)
{
	return type != GNUTLS_HANDSHAKE_SERVER_HELLO &&
		type != GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST &&
		type != GNUTLS_HANDSHAKE_HELLO_VERIFY_REQUEST;
}

static bool has_costly_leaf(const struct tbd_chain *chain)
{
	return chain->count > 0 && tbdi_cert_of(chain->certs[0])->is_costly;
}

static bool has_use(const struct tbd_cert *cert, const char *wanted)
{
	const char *const *use = cert->key_usage;
	while (*use != NULL && strcmp(*use, wanted) != 0)
		use++;
	return *use != NULL;
}

/* GnuTLS refuses a key whose keyUsage does not allow what the handshake needs, and OpenSSL does not: that is for the
 * rules to judge. Not from the beginning, for then %COMPAT changes our first message. */
static int allow_key_usage(struct tbdi_tls *tls, const struct tbd_chain *chain)
{
	char relaxed[1024]; /* longer than any */
	const struct tbd_cert *leaf = chain->count > 0 ? chain->certs[0] : NULL;
	bool signs = gnutls_kx_get(tls->session) != GNUTLS_KX_RSA;
	if (leaf == NULL || leaf->error != NULL || !leaf->has_key_usage ||
		has_use(leaf, signs ? "digitalSignature" : "keyEncipherment"))
		return 0;
	snprintf(relaxed, sizeof(relaxed), "%s:%%COMPAT", tls->priorities);
	return gnutls_priority_set_direct(tls->session, relaxed, NULL);
}

static int tls_take_chain(struct tbdi_tls *tls, const gnutls_datum_t *message)
{
	struct tbd_bytes ders[TBD_CHAIN_MAX + 1]; /* one more tells that there are more */
	struct tbd_bytes body = { message->data, message->size };
	size_t count = tbdi_certificate_message(body, tbdi_tls_is_13(tls), ders, TBDI_COUNT(ders));
	*tls->chain = tbdi_chain_new(tls->report, ders, count, body.len + MESSAGE_HEADER_LEN);
	tls->failure = *tls->chain == NULL ? tbdi_fail_nomem(tls->error) : 0;
	if (tls->failure < 0)
		return GNUTLS_E_USER_ERROR;
	if (tbdi_report_is_late(tls->report)) {
		*tls->chain = NULL;
		return GNUTLS_E_TIMEDOUT;
	}
	/* GnuTLS is about to use its key, whatever we think of the chain, and hears of no deadline then. */
	if (has_costly_leaf(*tls->chain))
		return GNUTLS_E_CERTIFICATE_ERROR;
	return allow_key_usage(tls, *tls->chain);
}

/* Without a certificate that the peer could accept, the message is sent empty. */
static void note_own_message(struct tbdi_tls *tls, unsigned type, const gnutls_datum_t *message)
{
	struct tbd_bytes body = { message->data, message->size };
	struct tbd_bytes first;
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT)
		tls->seen->client_cert_sent =
			tbdi_certificate_message(body, tbdi_tls_is_13(tls), &first, 1) > 0;
}

static int tls_on_message(gnutls_session_t session, unsigned type, unsigned when TBDI_UNUSED,
	unsigned incoming, const gnutls_datum_t *message)
{
	struct tbdi_tls *tls = gnutls_session_get_ptr(session);
	if (!incoming) {
		note_own_message(tls, type, message);
		return 0;
	}
	if (type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET)
		tls->content = true;
	if (tls->seen->end != TBD_END_NONE)
		return 0;
	tls->seen->last_message = message_name(type);
	tls->agreed = follows_agreement(type);
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST)
		tls->seen->client_cert_requested = true;
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT && *tls->chain == NULL)
		return tls_take_chain(tls, message);
	return 0;
}

/* Called without a key log as well: of itself, GnuTLS would write to the file that SSLKEYLOGFILE names. */
static int tls_on_key(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
	struct tbdi_tls *tls = gnutls_session_get_ptr(session);
	if (tls->keylog < 0)
		return 0;
	if (!tbdi_keylog_write(tls->keylog, session, label, secret) && tls->failure == 0)
		tls->failure = tbdi_fail(
			tls->error, TBD_E_SYSTEM, "the key log file: %s", strerror(errno));
	return 0;
}

/* Keep the answer of an OCSP responder that the peer sent along. 0 or TBD_E_NOMEM. */
static int take_stapled(struct tbdi_tls *tls)
{
	struct tbdi_report *report = tls->report;
	gnutls_datum_t answer = { NULL, 0 };
	if (gnutls_ocsp_status_request_get2(tls->session, 0, &answer) < 0 || answer.size == 0)
		return 0;
	report->stapled.data = tbdi_arena_memdup(&report->arena, answer.data, answer.size);
	report->stapled.len = report->stapled.data != NULL ? answer.size : 0;
	return report->stapled.data != NULL ? 0 : tbdi_fail_nomem(tls->error);
}

static int tls_on_verify(gnutls_session_t session)
{
	struct tbdi_tls *tls = gnutls_session_get_ptr(session);
	struct tbd_report *report = &tls->report->pub;
	if (tls->options == NULL) /* a second handshake, which we never agree to */
		return GNUTLS_E_CERTIFICATE_ERROR;
	tls->failure = take_stapled(tls);
	if (tls->failure == 0)
		tls->failure = tbd_verify(report, tls->options->verify, tls->error);
	if (tls->failure < 0)
		return GNUTLS_E_USER_ERROR;
	bool verified = report->verification != NULL && report->verification->verified;
	tls->refused = !verified && !tls->options->insecure;
	return tls->refused ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

void tbdi_tls_set_callbacks(struct tbdi_tls *tls)
{
	gnutls_session_set_ptr(tls->session, tls);
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, tls_on_pull);
	gnutls_transport_set_vec_push_function(tls->session, tls_on_push);
	if (tbdi_tls_is_datagrams(tls))
		gnutls_transport_set_pull_timeout_function(tls->session, tls_on_pull_timeout);
	gnutls_handshake_set_hook_function(
		tls->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, tls_on_message);
	gnutls_session_set_keylog_function(tls->session, tls_on_key);
	if (tls->options->verify != NULL)
		gnutls_session_set_verify_function(tls->session, tls_on_verify);
}
