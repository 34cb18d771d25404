/* SPDX-License-Identifier: MIT
 *
 * tls-end.c - how a session ended, and what the peer is told of it.
 */
#include "net/tls-session.h"

#include "verify/chain.h"

#include <ctype.h>
#include <errno.h>

/* The peer chose what was not offered, or what is too weak to be accepted. */
static bool is_about_ciphers(int rc)
{
	return rc == GNUTLS_E_UNKNOWN_CIPHER_SUITE || rc == GNUTLS_E_NO_CIPHER_SUITES ||
		rc == GNUTLS_E_INSUFFICIENT_SECURITY || rc == GNUTLS_E_DH_PRIME_UNACCEPTABLE ||
		rc == GNUTLS_E_ECC_UNSUPPORTED_CURVE || rc == GNUTLS_E_NO_COMMON_KEY_SHARE ||
		rc == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
}

enum tbd_end tbdi_tls_end_of(const struct tbdi_tls *tls, int rc)
{
	if (tls->refused)
		return TBD_END_REFUSED;
	if (rc == GNUTLS_E_TIMEDOUT) /* also for want of time to import what came */
		return TBD_END_TIMEOUT;
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

void tbdi_tls_note_alert(struct tbdi_tls *tls)
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
static void tell_peer_why(struct tbdi_tls *tls, int rc)
{
	if (tls->refused)
		send_alert(tls, tbdi_verification_alert(tls->report->pub.verification));
	else if (tls->seen->end == TBD_END_PROTOCOL || tls->seen->end == TBD_END_VERSION ||
		tls->seen->end == TBD_END_CIPHER)
		send_alert(tls, gnutls_error_to_alert(rc, NULL));
}

/* GnuTLS has read no more than the header of a record that is none. */
static void read_first_bytes(struct tbdi_socket *socket)
{
	unsigned char buffer[TBDI_SOCKET_FIRST_MAX];
	while (socket->bytes_in < sizeof(socket->first) &&
		tbdi_socket_recv(socket, buffer, sizeof(buffer)) > 0)
		;
}

int tbdi_tls_finish(struct tbdi_tls *tls, enum tbd_end end, const char *detail)
{
	struct tbdi_socket *socket = &tls->socket;
	struct tbd_tls *seen = tls->seen;
	seen->end = end;
	tls->options = NULL;
	if (end == TBD_END_OK)
		return 1;
	seen->detail = detail;
	if (tls->record.in >= TBDI_RECORD_HEADER_LEN) {
		seen->record_len = tbdi_record_len(&tls->record);
		seen->record_in = tls->record.in - TBDI_RECORD_HEADER_LEN;
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

int tbdi_tls_fail(struct tbdi_tls *tls, int rc)
{
	if (tls->failure < 0)
		return tls->failure;
	if (rc == GNUTLS_E_MEMORY_ERROR)
		return tbdi_fail_nomem(tls->error);
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tbdi_tls_note_alert(tls);
	if (rc == 0 || rc == GNUTLS_E_SESSION_EOF)
		tls->seen->close_notify = true;
	enum tbd_end end = tbdi_tls_end_of(tls, rc);
	int done = tbdi_tls_finish(tls, end, tls->refused ? NULL : gnutls_strerror(rc));
	if (done == 1 && tls->seen->first_bytes == NULL)
		tell_peer_why(tls, rc);
	return done;
}
