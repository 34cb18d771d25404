/* SPDX-License-Identifier: MIT
 *
 * stream.h - the sandbox's end of a connection, in clear or in TLS, which may end in the middle.
 */
#ifndef SANDBOX_STREAM_H
#define SANDBOX_STREAM_H

#include "chains.h"
#include "script.h"

#include <gnutls/gnutls.h>
#include <sys/types.h>

struct stream {
	int fd;                   /* non-blocking */
	gnutls_session_t session; /* NULL: in clear */
	bool asks;                /* for a client certificate, without insisting */
	bool failed;              /* the handshake has */

	/* what came before GnuTLS was asked */
	unsigned char first[5];
	size_t first_len;
	size_t first_read;

	/* of a handshake that ends in the middle */
	gnutls_handshake_description_t last; /* message to send; HELLO_REQUEST: all */
	unsigned written;                    /* messages that GnuTLS wanted to send */
	unsigned last_written;               /* the number of `last` among them; 0: not yet */
	unsigned sent;                       /* records of handshake messages */
	size_t record_left;                  /* of the record that is being sent */
	bool cut;                            /* nothing more is sent */
};

enum { STREAM_AGAIN = -1, STREAM_OVER = -2 };

/* Bytes moved; 0: the peer has ended the stream; STREAM_AGAIN; STREAM_OVER. */
ssize_t stream_receive(struct stream *stream, void *data, size_t size);
ssize_t stream_send(struct stream *stream, const void *data, size_t len);

/* Whether what comes begins a record of TLS, which five bytes tell, as they do netty's SslHandler: 1, 0,
 * STREAM_AGAIN or STREAM_OVER. */
int stream_begins_tls(struct stream *stream);

/* Begin a handshake, as server; `asks` for a client certificate when it does not insist on one. Then make it: 0 when it is done, STREAM_AGAIN, or STREAM_OVER when it failed
 * and the peer has been told by an alert. After one that ends in the middle the stream is in clear. */
bool stream_handshake_begin(struct stream *stream, gnutls_certificate_credentials_t credentials,
	const struct script_handshake *how, bool asks);
int stream_handshake(struct stream *stream);

/* The peer was asked for a certificate, and has one. */
bool stream_has_certificate(const struct stream *stream);

/* What poll() has to wait for while a handshake is made. */
short stream_events(const struct stream *stream);

/* A fatal alert, sealed when a session is there. */
void stream_alert(struct stream *stream, int number);

/* Say that nothing more comes. */
void stream_end(struct stream *stream, enum script_close how);

void stream_release(struct stream *stream);

/* The chain and the key of its first certificate. 0, or a GnuTLS error code. */
int stream_credentials(gnutls_certificate_credentials_t *credentials, const struct chain *chain);

#endif
