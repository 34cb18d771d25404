/* SPDX-License-Identifier: MIT
 *
 * stream.c - the sandbox's end of a connection, in clear or in TLS, which may end in the middle.
 */
#include "tools/cli/tool.h"

#include "stream.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- bytes ------------------------------------------------------------------------------------ */

static ssize_t from_errno(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	return errno == EAGAIN || errno == EINTR ? STREAM_AGAIN : STREAM_OVER;
}

static ssize_t from_gnutls(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	return gnutls_error_is_fatal((int)rc) ? STREAM_OVER : STREAM_AGAIN;
}

ssize_t stream_receive(struct stream *stream, void *data, size_t size)
{
	if (stream->session != NULL)
		return from_gnutls(gnutls_record_recv(stream->session, data, size));
	return from_errno(recv(stream->fd, data, size, 0));
}

ssize_t stream_send(struct stream *stream, const void *data, size_t len)
{
	if (stream->session != NULL)
		return from_gnutls(gnutls_record_send(stream->session, data, len));
	return from_errno(send(stream->fd, data, len, MSG_NOSIGNAL));
}

/* ---- a handshake that ends in the middle ------------------------------------------------------ */

/* GnuTLS writes a message, and sends what it has written later: count. */
static int stream_on_message(gnutls_session_t session, unsigned type, unsigned post,
	unsigned incoming, const gnutls_datum_t *message)
{
	struct stream *stream = gnutls_session_get_ptr(session);
	(void)post, (void)message;
	if (incoming)
		return 0;
	stream->written++;
	if (type == stream->last && stream->last != GNUTLS_HANDSHAKE_HELLO_REQUEST)
		stream->last_written = stream->written;
	return 0;
}

/* A record begins. Each handshake message has one of its own; TLS 1.3 seals them as application data. */
static void record_begins(struct stream *stream, const unsigned char *header)
{
	enum { HANDSHAKE = 22, APPLICATION_DATA = 23, HEADER = 5 };
	stream->record_left = HEADER + ((size_t)header[3] << 8 | header[4]);
	stream->sent += header[0] == HANDSHAKE || header[0] == APPLICATION_DATA;
}

/* GnuTLS sends whole records, one a call, and after EAGAIN the rest of one. */
static ssize_t stream_push(gnutls_transport_ptr_t pointer, const void *data, size_t len)
{
	struct stream *stream = pointer;
	if (stream->cut)
		return (ssize_t)len;
	if (stream->record_left == 0 && len >= 5)
		record_begins(stream, data);
	ssize_t sent = send(stream->fd, data, len, MSG_NOSIGNAL);
	if (sent <= 0)
		return sent;
	stream->record_left -=
		(size_t)sent < stream->record_left ? (size_t)sent : stream->record_left;
	stream->cut = stream->record_left == 0 && stream->last_written > 0 &&
		stream->sent >= stream->last_written;
	return sent;
}

/* What has been read already comes first. */
static ssize_t stream_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
	struct stream *stream = pointer;
	size_t left = stream->first_len - stream->first_read;
	if (left == 0)
		return recv(stream->fd, data, size, 0);
	size = size < left ? size : left;
	memcpy(data, stream->first + stream->first_read, size);
	stream->first_read += size;
	return (ssize_t)size;
}

/* ---- handshake -------------------------------------------------------------------------------- */

int stream_begins_tls(struct stream *stream)
{
	enum { CHANGE_CIPHER_SPEC = 20, APPLICATION_DATA = 23, MAJOR = 3 };
	const unsigned char *first = stream->first;
	ssize_t got = 1;
	while (got > 0 && stream->first_len < sizeof(stream->first)) {
		got = from_errno(recv(stream->fd, stream->first + stream->first_len,
			sizeof(stream->first) - stream->first_len, 0));
		stream->first_len += got > 0 ? (size_t)got : 0;
	}
	if (got <= 0)
		return got == 0 ? STREAM_OVER : (int)got;
	return first[0] >= CHANGE_CIPHER_SPEC && first[0] <= APPLICATION_DATA && first[1] == MAJOR;
}

static int insist_on_name(gnutls_session_t session)
{
	char name[256];
	size_t size = sizeof(name);
	unsigned type = 0;
	int rc = gnutls_server_name_get(session, name, &size, &type, 0);
	return rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ? GNUTLS_E_UNRECOGNIZED_NAME : 0;
}

static const char *priorities(const char *version)
{
	/* As a Java of today. */
	if (version == NULL)
		return "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3";
	return strcmp(version, "1.2") == 0 ? "NORMAL:-VERS-ALL:+VERS-TLS1.2"
					   : "NORMAL:-VERS-ALL:+VERS-TLS1.3";
}

/* Behind its handshake a Java sends a ticket, for which devices that were asked for a certificate wait: it tells them
 * that theirs, or none, was taken. With a key that nobody keeps. */
static bool send_ticket(gnutls_session_t session)
{
	gnutls_datum_t key = { NULL, 0 };
	if (gnutls_session_ticket_key_generate(&key) < 0)
		return false;
	bool enabled = gnutls_session_ticket_enable_server(session, &key) >= 0;
	gnutls_memset(key.data, 0, key.size);
	gnutls_free(key.data);
	return enabled;
}

bool stream_handshake_begin(struct stream *stream, gnutls_certificate_credentials_t credentials,
	const struct script_handshake *how, bool asks)
{
	static const gnutls_handshake_description_t last[] = {
		[SCRIPT_SERVER_HELLO] = GNUTLS_HANDSHAKE_SERVER_HELLO,
		[SCRIPT_CERTIFICATE] = GNUTLS_HANDSHAKE_CERTIFICATE_PKT,
		[SCRIPT_FINISHED] = GNUTLS_HANDSHAKE_FINISHED,
	};
	TOOL_TABLE_OF(last, SCRIPT_FINISHED);
	bool is_whole = how->until == SCRIPT_WHOLE;
	unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
		(is_whole ? 0 : GNUTLS_NO_TICKETS);
	if (gnutls_init(&stream->session, flags) < 0)
		return false;
	gnutls_session_t session = stream->session;
	gnutls_session_set_ptr(session, stream);
	if (gnutls_priority_set_direct(session, priorities(how->version), NULL) < 0 ||
		gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) < 0 ||
		(is_whole && !send_ticket(session)))
		return false;
	stream->asks = asks && !how->cert;
	if (how->cert || asks)
		gnutls_certificate_server_set_request(
			session, how->cert ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
	if (how->name)
		gnutls_handshake_set_post_client_hello_function(session, insist_on_name);
	stream->last = last[how->until];
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST, stream_on_message);
	/* A client of MQTT offers none. */
	const gnutls_datum_t http = { (unsigned char[]){ "http/1.1" }, strlen("http/1.1") };
	gnutls_alpn_set_protocols(session, &http, 1, 0);
	gnutls_handshake_set_timeout(session, 0);
	gnutls_transport_set_ptr(session, stream);
	gnutls_transport_set_push_function(session, stream_push);
	gnutls_transport_set_pull_function(session, stream_pull);
	return true;
}

/* As OpenSSL does: GnuTLS would call a certificate that is not there a message that cannot be decoded. */
static void alert_failure(struct stream *stream, int rc)
{
	bool missing = rc == GNUTLS_E_NO_CERTIFICATE_FOUND || rc == GNUTLS_E_CERTIFICATE_REQUIRED;
	bool old = gnutls_protocol_get_version(stream->session) <= GNUTLS_TLS1_2;
	stream->failed = true;
	if (missing)
		stream_alert(
			stream, old ? GNUTLS_A_HANDSHAKE_FAILURE : GNUTLS_A_CERTIFICATE_REQUIRED);
	else
		gnutls_alert_send_appropriate(stream->session, rc);
}

int stream_handshake(struct stream *stream)
{
	int rc = gnutls_handshake(stream->session);
	if (stream->cut) {
		gnutls_deinit(stream->session);
		stream->session = NULL;
		return 0;
	}
	if (rc < 0 && gnutls_error_is_fatal(rc))
		alert_failure(stream, rc);
	return (int)from_gnutls(rc);
}

bool stream_has_certificate(const struct stream *stream)
{
	unsigned count = 0;
	return stream->asks && stream->session != NULL &&
		gnutls_certificate_get_peers(stream->session, &count) != NULL && count > 0;
}

short stream_events(const struct stream *stream)
{
	return gnutls_record_get_direction(stream->session) == 1 ? POLLOUT : POLLIN;
}

void stream_alert(struct stream *stream, int number)
{
	const unsigned char record[] = { 21, 3, 3, 0, 2, 2, (unsigned char)number };
	/* A peer that takes no 7 bytes has no use for them. */
	if (stream->session != NULL)
		gnutls_alert_send(
			stream->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)number);
	else
		stream_send(stream, record, sizeof(record));
}

/* ---- the end ---------------------------------------------------------------------------------- */

void stream_end(struct stream *stream, enum script_close how)
{
	const struct linger at_once = { 1, 0 };
	if (how == SCRIPT_RESET) {
		setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		return;
	}
	if (how == SCRIPT_NOTIFY && stream->session != NULL && !stream->failed)
		gnutls_bye(stream->session, GNUTLS_SHUT_WR);
	shutdown(stream->fd, SHUT_WR);
}

void stream_release(struct stream *stream)
{
	if (stream->session != NULL)
		gnutls_deinit(stream->session);
	close(stream->fd);
}

/* ---- credentials ------------------------------------------------------------------------------ */

/* By gnutls_certificate_set_key(), which sends what it is given and takes it: the x509 functions sort. */
int stream_credentials(gnutls_certificate_credentials_t *credentials, const struct chain *chain)
{
	gnutls_pcert_st certs[CHAIN_MAX] = { { 0 } };
	gnutls_privkey_t key = NULL;
	unsigned count = 0;
	int rc = gnutls_certificate_allocate_credentials(credentials);
	for (; rc >= 0 && count < chain->sent_count; count += rc >= 0)
		rc = gnutls_pcert_import_x509_raw(
			&certs[count], &chain->sent[count]->der, GNUTLS_X509_FMT_DER, 0);
	if (rc >= 0)
		rc = gnutls_privkey_init(&key);
	if (rc >= 0)
		rc = gnutls_privkey_import_x509(
			key, chain->sent[0]->key, GNUTLS_PRIVKEY_IMPORT_COPY);
	if (rc >= 0)
		rc = gnutls_certificate_set_key(*credentials, NULL, 0, certs, (int)count, key);
	if (rc >= 0)
		return 0;
	for (unsigned i = 0; i < count; i++)
		gnutls_pcert_deinit(&certs[i]);
	if (key != NULL)
		gnutls_privkey_deinit(key);
	return rc;
}
