/* SPDX-License-Identifier: MIT
 *
 * tls-session.h - what the parts of a session know of it: its life and handshake (tls.c), what GnuTLS calls
 * (tls-callbacks.c), how it ended (tls-end.c), the bytes after the handshake (tls-stream.c).
 */
#ifndef TBDI_TLS_SESSION_H
#define TBDI_TLS_SESSION_H

#include "net/tls.h"

#include <gnutls/gnutls.h>

enum {
	TBDI_RECORD_HEADER_LEN = 5,
	TBDI_CHANGE_CIPHER_SPEC_LEN = 14, /* RFC 5246 7.1, in a record of DTLS */
	TBDI_CHANGES_MAX = 32,            /* there is one, and perhaps some repeats of it */
};

/* The record that is coming in (RFC 8446 5.1). */
struct tbdi_record {
	unsigned char header[TBDI_RECORD_HEADER_LEN];
	size_t in; /* bytes of it, with the header */
};

struct tbdi_tls {
	struct tbdi_socket socket;
	struct tbdi_record record; /* during the handshake */
	int keylog;                /* or -1 */
	bool agreed;               /* on version and cipher suite */
	gnutls_session_t session;
	const char *priorities;
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
	unsigned char held[TBDI_CHANGE_CIPHER_SPEC_LEN];
	unsigned changes; /* DTLS: records of ChangeCipherSpec that came */
};

static inline size_t tbdi_record_len(const struct tbdi_record *record)
{
	return (size_t)record->header[3] << 8 | record->header[4];
}

static inline bool tbdi_tls_is_datagrams(const struct tbdi_tls *tls)
{
	return tls->socket.datagrams != NULL;
}

static inline bool tbdi_tls_is_13(const struct tbdi_tls *tls)
{
	return gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;
}

/* Have GnuTLS call us: for bytes, messages, secrets, and, with options->verify, the verdict. */
void tbdi_tls_set_callbacks(struct tbdi_tls *tls);

/* What a fatal return value of GnuTLS means, once it is clear that the peer speaks TLS. The state of
 * the socket goes first: a record that was cut short is a close, not a malformed record. */
enum tbd_end tbdi_tls_end_of(const struct tbdi_tls *tls, int rc);

/* The alert that has come goes into the report. */
void tbdi_tls_note_alert(struct tbdi_tls *tls);

/* The handshake is over: write down how. 1, or TBD_E_NOMEM. */
int tbdi_tls_finish(struct tbdi_tls *tls, enum tbd_end end, const char *detail);

/* The same, with a fatal return value of GnuTLS, of which the peer is told what a device would say; or with
 * what failed in a callback of ours. */
int tbdi_tls_fail(struct tbdi_tls *tls, int rc);

#endif
