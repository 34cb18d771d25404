/* SPDX-License-Identifier: MIT
 *
 * tls.c - a TLS or DTLS client session over a connected socket, and all it saw.
 */
#include "net/tls.h"

#include "x509/cert.h"
#include "verify/chain.h"
#include "net/datagram.h"
#include "net/identity.h"
#include "net/keylog.h"
#include "net/resolve.h"
#include "net/stream.h"
#include "net/target.h"
#include "verify/verify.h"

#include <ctype.h>
#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/ocsp.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <unistd.h>

enum {
	HANDSHAKE_MAX = 256 * 1024,    /* all messages together */
	HANDSHAKE_IN_MAX = 512 * 1024, /* all bytes: GnuTLS counts a message when it is whole */
	MESSAGE_HEADER_LEN = 4,
	READ_TURNS_MAX = 16,        /* records without data in one read */
	SETTLE_MIN_US = 200 * 1000, /* a busy server looks at our certificate for a while */
	SETTLE_MAX_US = 500 * 1000,
	REPEAT_MS = 1000,   /* RFC 6347 4.2.4.1; GnuTLS doubles it each time */
	SMALL_RECORD = 512, /* RFC 6066 4 has no smaller one */
	SMALL_MTU = 548,    /* what IPv4 carries everywhere, less its headers */
};

enum { RECORD_HEADER_LEN = 5 };
/* RFC 5246 7.1, in a record of DTLS */
enum { CHANGE_CIPHER_SPEC = 20, CHANGE_CIPHER_SPEC_LEN = 14, DATAGRAM_RECORD_HEADER = 13 };
/* There is one, and perhaps some repeats of it. */
enum { CHANGES_MAX = 32 };

/* The record that is coming in (RFC 8446 5.1). */
struct record {
	unsigned char header[RECORD_HEADER_LEN];
	size_t in; /* bytes of it, with the header */
};

struct tbdi_tls {
	struct tbdi_socket socket;
	struct record record; /* during the handshake */
	int keylog;           /* or -1 */
	bool agreed;          /* on version and cipher suite */
	gnutls_session_t session;
	struct tbdi_identity *identity;
	struct tbdi_report *report;
	struct tbd_tls *seen;
	const struct tbd_chain **chain;
	const struct tbd_fetch_options *options; /* during the handshake */
	struct tbd_error *error;                 /* during the handshake; may be NULL */
	int failure; /* of our own work in a callback: a negative enum tbd_err */
	bool refused;
	bool said_farewell;
	bool content; /* the peer sent a ticket or data after the handshake */
	int64_t start_us;
	int64_t first_byte_us; /* or 0 */
	short read_events;
	short write_events;
	enum tbd_end end; /* of the connection after the handshake */
	int alert;        /* the peer sent, at any time, or -1 */
	int early;        /* a byte of data that was read too early, or -1 */
	bool is_held;     /* DTLS: the next is */
	bool has_begun;   /* ClientHello was sent */
	unsigned char held[CHANGE_CIPHER_SPEC_LEN];
	unsigned changes; /* DTLS: records of ChangeCipherSpec that came */
};

/* ---- the certificate message ----------------------------------------------------------------- */

/* Take a vector with a length of prefix_len bytes from the front of *from. False: it is cut short, and
 * *out is what is left. */
static bool take_vector(struct tbd_bytes *from, size_t prefix_len, struct tbd_bytes *out)
{
	size_t len = 0;
	*out = (struct tbd_bytes){ from->data, 0 };
	if (from->len < prefix_len) {
		from->len = 0;
		return false;
	}
	for (size_t i = 0; i < prefix_len; i++)
		len = len << 8 | from->data[i];
	from->data += prefix_len;
	from->len -= prefix_len;
	*out = (struct tbd_bytes){ from->data, len < from->len ? len : from->len };
	from->data += out->len;
	from->len -= out->len;
	return out->len == len;
}

size_t tbdi_certificate_message(
	struct tbd_bytes body, bool is_tls13, struct tbd_bytes *ders, size_t max)
{
	struct tbd_bytes list;
	struct tbd_bytes skipped;
	size_t count = 0;
	if (is_tls13 && !take_vector(&body, 1, &skipped)) /* certificate_request_context */
		return 0;
	(void)!take_vector(&body, 3, &list);
	while (list.len > 0 && count < max) {
		struct tbd_bytes der;
		(void)!take_vector(&list, 3, &der);
		if (der.len > TBDI_CERTIFICATE_MAX)
			der.len = TBDI_CERTIFICATE_MAX;
		if (der.len > 0)
			ders[count++] = der;
		if (is_tls13 && !take_vector(&list, 2, &skipped)) /* extensions */
			break;
	}
	return count;
}

/* ---- what GnuTLS calls ----------------------------------------------------------------------- */

static size_t record_len(const struct record *record)
{
	return (size_t)record->header[3] << 8 | record->header[4];
}

static void follow_records(struct record *record, const unsigned char *data, size_t len)
{
	while (len > 0) {
		bool in_header = record->in < RECORD_HEADER_LEN;
		size_t whole = RECORD_HEADER_LEN + (in_header ? 0 : record_len(record));
		size_t part = whole - record->in < len ? whole - record->in : len;
		if (in_header)
			memcpy(record->header + record->in, data, part);
		record->in += part;
		data += part;
		len -= part;
		if (record->in >= RECORD_HEADER_LEN &&
			record->in == RECORD_HEADER_LEN + record_len(record))
			record->in = 0;
	}
}

static bool is_datagrams(const struct tbdi_tls *tls)
{
	return tls->socket.datagrams != NULL;
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
	if (got > 0 && tls->changes <= CHANGES_MAX)
		tls->changes += count_changes(buffer, (size_t)got);
	if (got <= 0 || tls->changes <= CHANGES_MAX)
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
	while (got == CHANGE_CIPHER_SPEC_LEN && bytes[0] == CHANGE_CIPHER_SPEC) {
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

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buffer, size_t size)
{
	struct tbdi_tls *tls = ptr;
	/* GnuTLS drops an alert that it reads in the call that sends ClientHello. */
	if (is_datagrams(tls) && !tls->has_begun) {
		errno = EAGAIN;
		return -1;
	}
	ssize_t got = is_datagrams(tls) ? receive_datagram(tls, buffer, size)
					: tbdi_socket_recv(&tls->socket, buffer, size);
	if (got > 0 && tls->first_byte_us == 0)
		tls->first_byte_us = tbdi_report_elapsed_us(tls->report);
	if (got > 0 && is_datagrams(tls))
		tbdi_datagrams_received(tls->socket.datagrams, buffer, (size_t)got);
	else if (got > 0 && tls->options != NULL)
		follow_records(&tls->record, buffer, (size_t)got);
	return got;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tbdi_tls *tls = ptr;
	ssize_t sent = tbdi_socket_send(&tls->socket, parts, count);
	if (sent > 0 && is_datagrams(tls) && count > 0)
		tbdi_datagrams_sent(tls->socket.datagrams, parts[0].iov_base, parts[0].iov_len);
	return sent;
}

/* DTLS asks whether something has come (0), or to wait for it: that it may not, and has to find out by
 * itself that there is nothing. */
static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned wait_ms)
{
	const struct tbdi_tls *tls = ptr;
	struct pollfd fd = { .fd = tls->socket.fd, .events = POLLIN };
	return wait_ms > 0 ? 1 : poll(&fd, 1, 0);
}

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

static bool is_tls13(const struct tbdi_tls *tls)
{
	return gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;
}

static bool has_costly_leaf(const struct tbd_chain *chain)
{
	return chain->count > 0 && tbdi_cert_of(chain->certs[0])->is_costly;
}

static int take_chain(struct tbdi_tls *tls, const gnutls_datum_t *message)
{
	struct tbd_bytes ders[TBD_CHAIN_MAX + 1]; /* one more tells that there are more */
	struct tbd_bytes body = { message->data, message->size };
	size_t count = tbdi_certificate_message(body, is_tls13(tls), ders, TBDI_COUNT(ders));
	*tls->chain = tbdi_chain_new(tls->report, ders, count, body.len + MESSAGE_HEADER_LEN);
	tls->failure = *tls->chain == NULL ? tbdi_fail_nomem(tls->error) : 0;
	if (tls->failure < 0)
		return GNUTLS_E_USER_ERROR;
	/* GnuTLS is about to use its key, whatever we think of the chain, and hears of no deadline then. */
	return has_costly_leaf(*tls->chain) ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

/* Without a certificate that the peer could accept, the message is sent empty. */
static void note_own_message(struct tbdi_tls *tls, unsigned type, const gnutls_datum_t *message)
{
	struct tbd_bytes body = { message->data, message->size };
	struct tbd_bytes first;
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT)
		tls->seen->client_cert_sent =
			tbdi_certificate_message(body, is_tls13(tls), &first, 1) > 0;
}

static int on_message(gnutls_session_t session, unsigned type, unsigned when TBDI_UNUSED,
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
		return take_chain(tls, message);
	return 0;
}

/* Called without a key log as well: of itself, GnuTLS would write to the file that SSLKEYLOGFILE names. */
static int log_key(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
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

static int judge(gnutls_session_t session)
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

/* ---- life ------------------------------------------------------------------------------------ */

static int fail_gnutls(struct tbd_error *error, const char *what, int rc)
{
	if (rc == GNUTLS_E_MEMORY_ERROR)
		return tbdi_fail_nomem(error);
	return tbdi_fail(error, TBD_E_CRYPTO, "%s: %s", what, gnutls_strerror(rc));
}

/* What mbedTLS, OpenSSL 3 and Java speak today, and what is left. SHA-1 and small keys are part of
 * NORMAL, so that the rules judge them and not the handshake. */
#define VERSIONS(list) "NORMAL:-VERS-ALL" list
#define DTLS12 "NORMAL:-VERS-ALL:+VERS-DTLS1.2" /* RFC 6347 */
#define PAST ":+VERS-TLS1.1:+VERS-TLS1.0"
static const struct version {
	const char *name; /* as it may be asked for */
	const char *offered;
	const char *others;
	const char *others_name;
} versions[] = {
	{ NULL, VERSIONS(":+VERS-TLS1.3:+VERS-TLS1.2"), VERSIONS(PAST), "1.1 or 1.0" },
	{ "1.2", VERSIONS(":+VERS-TLS1.2"), VERSIONS(":+VERS-TLS1.3"), "1.3" },
	{ "1.3", VERSIONS(":+VERS-TLS1.3"), VERSIONS(":+VERS-TLS1.2" PAST), "1.2, 1.1 or 1.0" },
};

static const struct version *version_find(const char *name)
{
	for (size_t i = 1; name != NULL && i < TBDI_COUNT(versions); i++)
		if (strcmp(name, versions[i].name) == 0)
			return &versions[i];
	return name == NULL ? &versions[0] : NULL;
}

bool tbdi_tls_version_is_known(const char *name, bool datagrams)
{
	const struct version *version = version_find(name);
	bool is_of_tls = version != NULL && name != NULL && strcmp(name, "1.3") == 0;
	return version != NULL && !(datagrams && is_of_tls);
}

static int set_sni(struct tbdi_tls *tls, struct tbd_error *error)
{
	struct tbdi_address address;
	const char *name =
		tls->options->sni != NULL ? tls->options->sni : tls->report->pub.target->host;
	/* RFC 6066 3: no address literals. */
	if (*name == '\0' || tbdi_address_parse(name, 0, &address))
		return 0;
	int rc = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, name, strlen(name));
	if (rc < 0)
		return tbdi_fail(
			error, TBD_E_INVALID, "server name \"%s\": %s", name, gnutls_strerror(rc));
	tls->seen->sni = tbdi_arena_strdup(&tls->report->arena, name);
	return tls->seen->sni == NULL ? tbdi_fail_nomem(error) : 0;
}

#define HTTP_PROTOCOL "http/1.1"

/* Or a server may choose HTTP/2 (RFC 7301, RFC 9113 3.2). */
static int offer_http(gnutls_session_t session)
{
	unsigned char name[] = HTTP_PROTOCOL;
	const gnutls_datum_t protocol = { name, sizeof(name) - 1 };
	return gnutls_alpn_set_protocols(session, &protocol, 1, 0);
}

/* The deadline is ours; a record that is too long for the way is one message less in it. */
static int datagrams_init(struct tbdi_tls *tls)
{
	gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
	gnutls_dtls_set_timeouts(tls->session, REPEAT_MS, INT32_MAX);
	if (!tls->socket.datagrams->pub.small)
		return 0;
	gnutls_dtls_set_mtu(tls->session, SMALL_MTU);
	return (int)gnutls_record_set_max_size(tls->session, SMALL_RECORD);
}

static int session_init(struct tbdi_tls *tls, const char *priorities, struct tbd_error *error)
{
	/* Devices show their certificate whatever issuers the server says it likes. */
	int rc = gnutls_init(&tls->session,
		GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT |
			(is_datagrams(tls) ? GNUTLS_DATAGRAM : 0));
	if (rc == 0)
		rc = gnutls_credentials_set(
			tls->session, GNUTLS_CRD_CERTIFICATE, tls->identity->credentials);
	if (rc == 0)
		rc = gnutls_priority_set_direct(tls->session, priorities, NULL);
	if (rc == 0 && tbdi_target_is_http(tls->report->pub.target))
		rc = offer_http(tls->session);
	if (rc >= 0 && is_datagrams(tls))
		rc = datagrams_init(tls);
	if (rc < 0)
		return fail_gnutls(error, "TLS session", rc);
	gnutls_session_set_ptr(tls->session, tls);
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_vec_push_function(tls->session, push);
	if (!is_datagrams(tls)) /* the deadline is ours; DTLS has been told so */
		gnutls_handshake_set_timeout(tls->session, 0);
	gnutls_handshake_set_max_packet_length(tls->session, HANDSHAKE_MAX);
	gnutls_handshake_set_hook_function(
		tls->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, on_message);
	gnutls_session_set_keylog_function(tls->session, log_key);
	if (tls->options->verify != NULL)
		gnutls_session_set_verify_function(tls->session, judge);
	return set_sni(tls, error);
}

int tbdi_tls_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	const struct tbdi_tls_parts *parts, struct tbdi_tls **out, struct tbd_error *error)
{
	const struct version *version = version_find(options->tls_version);
	if (version == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "TLS version \"%s\" is not 1.2 or 1.3",
			options->tls_version);
	struct tbdi_tls *tls = calloc(1, sizeof(*tls));
	if (tls == NULL)
		return tbdi_fail_nomem(error);
	tls->socket.fd = -1;
	tls->socket.datagrams = parts->datagrams;
	tls->report = report;
	tls->options = options;
	tls->seen = parts->seen;
	tls->chain = parts->chain;
	tls->seen->wanted_version = parts->other_versions ? version->others_name : version->name;
	tls->seen->alert = -1;
	tls->seen->alert_sent = -1;
	tls->alert = -1;
	tls->early = -1;
	tls->read_events = POLLIN;
	tls->write_events = POLLOUT;
	tls->start_us = tbdi_report_elapsed_us(report);
	tls->identity = parts->identity;
	tls->keylog = parts->keylog;
	tls->seen->client_cert = parts->identity->cert;
	const char *priorities = parts->datagrams != NULL ? DTLS12
		: parts->other_versions                   ? version->others
							  : version->offered;
	int rc = session_init(tls, priorities, error);
	if (rc < 0) {
		tls->identity = NULL;
		tls->keylog = -1;
		tbdi_tls_free(tls);
		return rc;
	}
	tls->socket.fd = parts->fd;
	*out = tls;
	return 0;
}

void tbdi_tls_free(struct tbdi_tls *tls)
{
	if (tls == NULL)
		return;
	if (tls->session != NULL)
		gnutls_deinit(tls->session);
	tbdi_identity_free(tls->identity);
	if (tls->keylog >= 0)
		close(tls->keylog);
	tbdi_socket_close(&tls->socket);
	free(tls);
}

void tbdi_tls_abandon(struct tbdi_tls *tls, struct tbdi_identity **identity, int *keylog)
{
	gnutls_deinit(tls->session); /* which uses both */
	*identity = tls->identity;
	*keylog = tls->keylog;
	tls->session = NULL;
	tls->identity = NULL;
	tls->keylog = -1;
	tbdi_tls_free(tls);
}

int tbdi_tls_fd(const struct tbdi_tls *tls)
{
	return tls->socket.fd;
}

/* ---- how it ended ---------------------------------------------------------------------------- */

/* The peer chose what was not offered, or what is too weak to be accepted. */
static bool is_about_ciphers(int rc)
{
	return rc == GNUTLS_E_UNKNOWN_CIPHER_SUITE || rc == GNUTLS_E_NO_CIPHER_SUITES ||
		rc == GNUTLS_E_INSUFFICIENT_SECURITY || rc == GNUTLS_E_DH_PRIME_UNACCEPTABLE ||
		rc == GNUTLS_E_ECC_UNSUPPORTED_CURVE || rc == GNUTLS_E_NO_COMMON_KEY_SHARE ||
		rc == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
}

/* What a fatal return value of GnuTLS means, once it is clear that the peer speaks TLS. The state of
 * the socket goes first: a record that was cut short is a close, not a malformed record. */
static enum tbd_end end_of(const struct tbdi_tls *tls, int rc)
{
	if (tls->refused)
		return TBD_END_REFUSED;
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return tls->alert == GNUTLS_A_PROTOCOL_VERSION ? TBD_END_VERSION : TBD_END_ALERT;
	if (rc == 0 || rc == GNUTLS_E_SESSION_EOF || tls->socket.eof)
		return TBD_END_CLOSED;
	if (tls->socket.recv_error != 0)
		return tls->socket.recv_error == ECONNRESET ? TBD_END_RESET : TBD_END_ERROR;
	if (rc == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
		return TBD_END_VERSION;
	if (is_about_ciphers(rc))
		return TBD_END_CIPHER;
	return rc == GNUTLS_E_INTERNAL_ERROR ? TBD_END_ERROR : TBD_END_PROTOCOL;
}

/* "GNUTLS_A_UNKNOWN_CA" as RFC 8446 6 writes it: "unknown_ca". */
static const char *alert_name(struct tbdi_arena *arena, int alert)
{
	static const char prefix[] = "GNUTLS_A_";
	const char *known = gnutls_alert_get_strname((gnutls_alert_description_t)alert);
	if (known == NULL || strncmp(known, prefix, strlen(prefix)) != 0)
		return NULL;
	char *name = tbdi_arena_strdup(arena, known + strlen(prefix));
	for (char *c = name; c != NULL && *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

static void note_alert(struct tbdi_tls *tls)
{
	tls->alert = (int)gnutls_alert_get(tls->session);
	tls->seen->alert = tls->alert;
	tls->seen->alert_name = alert_name(&tls->report->arena, tls->alert);
}

static void send_alert(struct tbdi_tls *tls, int alert)
{
	if (gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)alert) ==
		0)
		tls->seen->alert_sent = alert;
}

/* Tell the peer why, as a device would. */
static void explain(struct tbdi_tls *tls, int rc)
{
	if (tls->refused)
		send_alert(tls, tbdi_verification_alert(tls->report->pub.verification));
	else if (tls->seen->end == TBD_END_PROTOCOL || tls->seen->end == TBD_END_VERSION ||
		tls->seen->end == TBD_END_CIPHER)
		send_alert(tls, gnutls_error_to_alert(rc, NULL));
}

static void note_session(struct tbdi_tls *tls)
{
	gnutls_group_t group = gnutls_group_get(tls->session);
	tls->seen->version = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
	tls->seen->cipher_suite = gnutls_ciphersuite_get(tls->session);
	tls->seen->group = group == GNUTLS_GROUP_INVALID ? NULL : gnutls_group_get_name(group);
	gnutls_datum_t protocol = { NULL, 0 };
	if (gnutls_alpn_get_selected_protocol(tls->session, &protocol) == 0)
		tls->seen->alpn = HTTP_PROTOCOL; /* the only one that was offered */
}

/* GnuTLS has read no more than the header of a record that is none. */
static void read_first_bytes(struct tbdi_socket *socket)
{
	unsigned char buffer[TBDI_SOCKET_FIRST_MAX];
	while (socket->bytes_in < sizeof(socket->first) &&
		tbdi_socket_recv(socket, buffer, sizeof(buffer)) > 0)
		;
}

/* The handshake, or the wait behind it, is over: write down how. */
static int finish(struct tbdi_tls *tls, enum tbd_end end, const char *detail)
{
	struct tbdi_socket *socket = &tls->socket;
	struct tbd_tls *seen = tls->seen;
	seen->end = end;
	tls->options = NULL;
	if (end == TBD_END_OK)
		return 1;
	seen->detail = detail;
	if (tls->record.in >= RECORD_HEADER_LEN) {
		seen->record_len = record_len(&tls->record);
		seen->record_in = tls->record.in - RECORD_HEADER_LEN;
	}
	if (!tbdi_socket_speaks_tls(socket)) {
		read_first_bytes(socket);
		size_t kept = socket->bytes_in < sizeof(socket->first) ? socket->bytes_in
								       : sizeof(socket->first);
		seen->end = TBD_END_PROTOCOL;
		seen->first_bytes = tbdi_report_peer_bytes(tls->report, socket->first, kept);
		if (seen->first_bytes == NULL)
			return tbdi_fail_nomem(tls->error);
	}
	return 1;
}

static int fail(struct tbdi_tls *tls, int rc)
{
	if (tls->failure < 0)
		return tls->failure;
	if (rc == GNUTLS_E_MEMORY_ERROR)
		return tbdi_fail_nomem(tls->error);
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		note_alert(tls);
	if (rc == 0 || rc == GNUTLS_E_SESSION_EOF)
		tls->seen->close_notify = true;
	enum tbd_end end = end_of(tls, rc);
	int done = finish(tls, end, tls->refused ? NULL : gnutls_strerror(rc));
	if (done == 1 && tls->seen->first_bytes == NULL)
		explain(tls, rc);
	return done;
}

/* ---- handshake ------------------------------------------------------------------------------- */

/* UDP takes whatever there is to be sent; of DTLS GnuTLS gives a direction all the same. */
short tbdi_tls_events(const struct tbdi_tls *tls)
{
	bool writes = !is_datagrams(tls) && !tls->said_farewell &&
		gnutls_record_get_direction(tls->session) == 1;
	return writes ? POLLOUT : POLLIN;
}

static int handshake(struct tbdi_tls *tls)
{
	for (;;) {
		size_t before = tls->socket.bytes_in;
		int rc = gnutls_handshake(tls->session);
		tls->has_begun = true;
		if (tls->changes > CHANGES_MAX)
			return fail(tls, GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS);
		if (rc == 0 && tls->failure < 0)
			return tls->failure;
		if (rc == 0)
			return finish(tls, TBD_END_OK, NULL);
		if (rc == GNUTLS_E_WARNING_ALERT_RECEIVED)
			note_alert(tls);
		/* Over UDP no FIN follows. */
		if (rc == GNUTLS_E_WARNING_ALERT_RECEIVED && is_datagrams(tls) &&
			tls->alert == GNUTLS_A_CLOSE_NOTIFY)
			return fail(tls, GNUTLS_E_SESSION_EOF);
		if (gnutls_error_is_fatal(rc))
			return fail(tls, rc);
		/* After each part of a message GnuTLS says AGAIN. */
		if (rc != GNUTLS_E_WARNING_ALERT_RECEIVED && tls->socket.bytes_in == before)
			return 0;
		if (tls->socket.bytes_in > HANDSHAKE_IN_MAX)
			return fail(tls, GNUTLS_E_HANDSHAKE_TOO_LARGE);
	}
}

int tbdi_tls_handshake(struct tbdi_tls *tls, struct tbd_error *error)
{
	tls->error = error;
	int done = handshake(tls);
	tls->error = NULL;
	tls->seen->bytes_in = tls->socket.bytes_in;
	if (done != 0 && tls->agreed)
		note_session(tls);
	return done;
}

int tbdi_tls_give_up(struct tbdi_tls *tls, enum tbd_end end, struct tbd_error *error)
{
	tls->error = error;
	if (tls->agreed)
		note_session(tls);
	int done = finish(tls, end, NULL);
	tls->error = NULL;
	return done;
}

int64_t tbdi_tls_settle_us(const struct tbdi_tls *tls)
{
	int64_t wait = 3 * (tls->first_byte_us - tls->start_us);
	return wait < SETTLE_MIN_US ? SETTLE_MIN_US : wait > SETTLE_MAX_US ? SETTLE_MAX_US : wait;
}

int tbdi_tls_settle(struct tbdi_tls *tls)
{
	unsigned char byte = 0;
	if (!tls->seen->client_cert_requested || !is_tls13(tls))
		return 1;
	ssize_t got = tbdi_tls_read(tls, &byte, 1);
	tls->seen->bytes_in = tls->socket.bytes_in;
	if (got == 1)
		tls->early = byte;
	if (tls->content)
		return 1;
	if (got != TBDI_STREAM_AGAIN)
		tls->seen->end = tls->end;
	return got != TBDI_STREAM_AGAIN;
}

int64_t tbdi_tls_wakeup(const struct tbdi_tls *tls)
{
	if (!is_datagrams(tls))
		return INT64_MAX;
	return tbdi_report_elapsed_us(tls->report) +
		1000 * (int64_t)gnutls_dtls_get_timeout(tls->session);
}

int tbdi_tls_unreachable(const struct tbdi_tls *tls)
{
	return tls->socket.bytes_in == 0 ? tls->socket.unreachable : 0;
}

int tbdi_tls_farewell(struct tbdi_tls *tls)
{
	if (is_datagrams(tls)) /* nothing ends, and nothing overtakes */
		return 1;
	if (!tls->said_farewell && tbdi_socket_shutdown(&tls->socket) < 0)
		return 1;
	tls->said_farewell = true;
	return tbdi_socket_drain(&tls->socket);
}

/* ---- the stream ------------------------------------------------------------------------------ */

short tbdi_tls_read_events(const struct tbdi_tls *tls)
{
	return tls->read_events;
}

short tbdi_tls_write_events(const struct tbdi_tls *tls)
{
	return tls->write_events;
}

bool tbdi_tls_pending(const struct tbdi_tls *tls)
{
	return tls->early >= 0 || gnutls_record_check_pending(tls->session) > 0;
}

enum tbd_end tbdi_tls_end(const struct tbdi_tls *tls)
{
	return tls->end;
}

int tbdi_tls_alert(const struct tbdi_tls *tls)
{
	return tls->alert;
}

static int over(struct tbdi_tls *tls)
{
	return tls->end == TBD_END_CLOSED ? TBDI_STREAM_END : TBDI_STREAM_FAILED;
}

static int broken(struct tbdi_tls *tls, int rc)
{
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		note_alert(tls);
	if (rc == 0 || rc == GNUTLS_E_SESSION_EOF)
		tls->seen->close_notify = true;
	tls->end = end_of(tls, rc);
	/* An alert instead of any content is the late answer to our handshake. */
	if (tls->end == TBD_END_ALERT && !tls->content)
		tls->seen->end = tls->end;
	if (tls->seen->end != TBD_END_OK)
		tls->seen->detail = gnutls_strerror(rc);
	return over(tls);
}

ssize_t tbdi_tls_read(struct tbdi_tls *tls, void *buffer, size_t size)
{
	if (tls->early >= 0) {
		*(unsigned char *)buffer = (unsigned char)tls->early;
		tls->early = -1;
		return 1;
	}
	if (tls->end != TBD_END_NONE)
		return over(tls);
	for (int turn = 0; turn < READ_TURNS_MAX; turn++) {
		size_t before = tls->socket.bytes_in;
		ssize_t got = gnutls_record_recv(tls->session, buffer, size);
		int rc = got < 0 ? (int)got : 0;
		if (got > 0) {
			tls->content = true;
			return got;
		}
		if (rc == GNUTLS_E_REHANDSHAKE) {
			/* RFC 5246 7.2.2. Should it not go out now, the peer waits in vain, as it
			 * would for any client that ignores it. */
			(void)!gnutls_alert_send(
				tls->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
			continue;
		}
		if (got == 0 || gnutls_error_is_fatal(rc))
			return broken(tls, rc);
		if (tls->socket.bytes_in == before)
			break;
	}
	tls->read_events = tbdi_tls_events(tls);
	return TBDI_STREAM_AGAIN;
}

ssize_t tbdi_tls_write(struct tbdi_tls *tls, const void *buffer, size_t len)
{
	if (tls->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	ssize_t sent = gnutls_record_send(tls->session, buffer, len);
	if (sent >= 0)
		return sent;
	if (gnutls_error_is_fatal((int)sent)) {
		tls->end = end_of(tls, (int)sent);
		return TBDI_STREAM_FAILED;
	}
	tls->write_events = tbdi_tls_events(tls);
	return TBDI_STREAM_AGAIN;
}

int tbdi_tls_bye(struct tbdi_tls *tls)
{
	if (tls->end != TBD_END_NONE)
		return TBDI_STREAM_FAILED;
	int rc = gnutls_bye(tls->session, GNUTLS_SHUT_WR);
	if (rc < 0)
		return gnutls_error_is_fatal(rc) ? TBDI_STREAM_FAILED : TBDI_STREAM_AGAIN;
	return tbdi_socket_shutdown(&tls->socket) == 0 ? 0 : TBDI_STREAM_FAILED;
}
