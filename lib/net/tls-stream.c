/* SPDX-License-Identifier: MIT
 *
 * tls-stream.c - the bytes of a session after its handshake.
 */
#include "net/tls-session.h"

#include <poll.h>

enum { READ_TURNS_MAX = 16 }; /* records without data in one read */

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

static int tls_over(struct tbdi_tls *tls)
{
	return tls->end == TBD_END_CLOSED ? TBDI_STREAM_END : TBDI_STREAM_FAILED;
}

static int tls_broken(struct tbdi_tls *tls, int rc)
{
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tbdi_tls_note_alert(tls);
	if (rc == 0 || rc == GNUTLS_E_SESSION_EOF)
		tls->seen->close_notify = true;
	tls->end = tbdi_tls_end_of(tls, rc);
	/* An alert instead of any content is the late answer to our handshake. */
	if (tls->end == TBD_END_ALERT && !tls->content)
		tls->seen->end = tls->end;
	if (tls->seen->end != TBD_END_OK)
		tls->seen->detail = gnutls_strerror(rc);
	return tls_over(tls);
}

ssize_t tbdi_tls_read(struct tbdi_tls *tls, void *buffer, size_t size)
{
	if (tls->early >= 0) {
		*(unsigned char *)buffer = (unsigned char)tls->early;
		tls->early = -1;
		return 1;
	}
	if (tls->end != TBD_END_NONE)
		return tls_over(tls);
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
			return tls_broken(tls, rc);
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
		tls->end = tbdi_tls_end_of(tls, (int)sent);
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
