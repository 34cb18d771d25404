/* SPDX-License-Identifier: MIT
 *
 * tls.h - a TLS or DTLS client session over a connected socket, and all it saw. Never blocks.
 */
#ifndef TBDI_TLS_H
#define TBDI_TLS_H

#include "report/report.h"
#include "net/socket.h"
#include "base/common.h"

#include <gnutls/gnutls.h>

struct tbdi_identity;
struct tbdi_tls;

/* Whether this may stand in options->tls_version: "1.2", "1.3" or NULL; of DTLS there is no 1.3. */
bool tbdi_tls_version_is_known(const char *name, bool datagrams);

/* What a session is made of. It owns the first three from now on, but not after a failure. */
struct tbdi_tls_parts {
	int fd;     /* a connected, non-blocking socket */
	int keylog; /* see tbdi_keylog_open(), or -1 */
	struct tbdi_identity *identity;
	struct tbd_tls *seen;           /* where it writes what it sees; of the report */
	const struct tbd_chain **chain; /* where it puts the chain that the peer sends */
	bool other_versions; /* offer those that options->tls_version leaves out instead */
	struct tbdi_datagrams *datagrams; /* of the report: it is UDP, speak DTLS; or NULL */
	const char *
		priorities; /* of GnuTLS, in the place of what options->tls_version stands for; or NULL */
};

/* A session that sends options->sni (an address: never) and speaks options->tls_version. options must
 * live until the handshake is over. TBD_E_INVALID, TBD_E_NOMEM, TBD_E_CRYPTO. */
int tbdi_tls_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	const struct tbdi_tls_parts *parts, struct tbdi_tls **out, struct tbd_error *error);
void tbdi_tls_free(struct tbdi_tls *tls);

/* Free it and its socket, and give back the identity and the key log, for another session. */
void tbdi_tls_abandon(struct tbdi_tls *tls, struct tbdi_identity **identity, int *keylog);

int tbdi_tls_fd(const struct tbdi_tls *tls);

/* Go on with the handshake. 1: it is over, see seen->end; 0: wait for tbdi_tls_events().
 *
 * The chain is taken from the Certificate message itself, so that it is what was sent even
 * when GnuTLS cannot make sense of it. With options->verify it is judged before anything of ours but
 * the ClientHello goes out (TLS 1.3: after CertificateVerify), and a peer that is not verified is sent
 * the alert that a device would send. */
int tbdi_tls_handshake(struct tbdi_tls *tls, struct tbd_error *error);

/* TLS 1.3 with a client certificate asked for: whether the peer is content without one shows only in
 * what it sends after the handshake: a ticket, data, or an alert. 1: it has (seen->end is ALERT or
 * how else it ended, or still OK); 0: wait for tbdi_tls_events(). */
int tbdi_tls_settle(struct tbdi_tls *tls);

/* How long that is worth waiting for: 3 times the ServerHello's time, from 50 to 500 ms. */
int64_t tbdi_tls_settle_us(const struct tbdi_tls *tls);

/* So far as it has come: TLS 1.3 is what both will speak. */
bool tbdi_tls_agreed_on_13(const struct tbdi_tls *tls);

/* The handshake ends here, like this: the deadline has passed, or it is known that none will come. */
int tbdi_tls_give_up(struct tbdi_tls *tls, enum tbd_end end, struct tbd_error *error);

/* After an alert of ours: let the peer read it before the socket is closed. 1: it has closed, 0: wait
 * for it to be readable. */
int tbdi_tls_farewell(struct tbdi_tls *tls);

/* DTLS: when to go on although nothing has come (report time); of TLS, INT64_MAX: no need. */
int64_t tbdi_tls_wakeup(const struct tbdi_tls *tls);

/* DTLS: what ICMP said (errno) of a peer that never said a word; else 0. */
int tbdi_tls_unreachable(const struct tbdi_tls *tls);

/* What poll() has to wait for, in the handshake. */
short tbdi_tls_events(const struct tbdi_tls *tls);

/* As the functions of stream.h. */
short tbdi_tls_read_events(const struct tbdi_tls *tls);
short tbdi_tls_write_events(const struct tbdi_tls *tls);
bool tbdi_tls_pending(const struct tbdi_tls *tls);
ssize_t tbdi_tls_read(struct tbdi_tls *tls, void *buffer, size_t size);
ssize_t tbdi_tls_write(struct tbdi_tls *tls, const void *buffer, size_t len);
int tbdi_tls_bye(struct tbdi_tls *tls);
enum tbd_end tbdi_tls_end(const struct tbdi_tls *tls);
int tbdi_tls_alert(const struct tbdi_tls *tls);

enum { TBDI_CERTIFICATE_MAX = 64 * 1024 };

/* Find the certificates in the body of a Certificate message (RFC 5246 7.4.2, or RFC 8446 4.4.2 with
 * is_tls13). Fills ders, which point into the body, with at most max and returns their number. Where
 * the message breaks off or breaks its rules, what came before counts. Longer ones than
 * TBDI_CERTIFICATE_MAX are cut. */
size_t tbdi_certificate_message(
	struct tbd_bytes body, bool is_tls13, struct tbd_bytes *ders, size_t max);

/* ---- alpn.c: application protocols (RFC 7301) ------------------------------------------------ */

/* Whether this may stand in options->alpn. NULL: it may. */
bool tbdi_alpn_is_valid(const char *names);

/* Offer these, which are valid. As gnutls_alpn_set_protocols(). */
int tbdi_alpn_offer(gnutls_session_t session, const char *names);

/* ---- identity.c: the certificate and key that we show a peer who asks for them --------------- */

struct tbdi_identity {
	gnutls_certificate_credentials_t credentials;
	const struct tbd_cert *cert; /* the first one, owned by the report; NULL: we have none */
};

/* There is a client certificate among the options. */
bool tbdi_identity_is_given(const struct tbd_fetch_options *options);

/* Load the options' client certificate and key; without them the identity is empty. TBD_E_OPEN,
 * TBD_E_TOO_LARGE, TBD_E_NOMEM, or TBD_E_INVALID (not PEM, encrypted, key of another certificate),
 * with the file in the error text. */
int tbdi_identity_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_identity **out, struct tbd_error *error);
void tbdi_identity_free(struct tbdi_identity *identity);

/* ---- keylog.c: the secrets of a session for whoever records its packets ---------------------- */

/* Open the file to append to; it is made, for its owner alone, if it is not there. Its format is that which NSS
 * has given SSLKEYLOGFILE: LABEL CLIENT-RANDOM SECRET, a line each. TBD_E_OPEN. */
int tbdi_keylog_open(const char *path, int *fd, struct tbd_error *error);

/* Write one line. False: errno says why not. */
bool tbdi_keylog_write(
	int fd, gnutls_session_t session, const char *label, const gnutls_datum_t *secret);

#endif
