/* SPDX-License-Identifier: MIT
 *
 * tls.c - a TLS or DTLS client session over a connected socket, and all it saw.
 */
#include "net/tls-session.h"

#include "base/protocol.h"
#include "net/socket.h"
#include "net/connect.h"

#include <gnutls/dtls.h>
#include <poll.h>
#include <unistd.h>

enum {
	HANDSHAKE_MAX = 256 * 1024,    /* all messages together */
	HANDSHAKE_IN_MAX = 512 * 1024, /* all bytes: GnuTLS counts a message when it is whole */
	SETTLE_MIN_US = 200 * 1000,    /* a busy server looks at our certificate for a while */
	SETTLE_MAX_US = 500 * 1000,
	REPEAT_MS = 1000,   /* RFC 6347 4.2.4.1; GnuTLS doubles it each time */
	SMALL_RECORD = 512, /* RFC 6066 4 has no smaller one */
	SMALL_MTU = 548,    /* what IPv4 carries everywhere, less its headers */
};

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

/* What was asked for, else what the protocol is called (RFC 7301); there may be none. */
static int offer_alpn(struct tbdi_tls *tls)
{
	const char *names = tls->options->alpn;
	if (names == NULL)
		names = tbdi_scheme_of(tls->report->pub.target)->alpn;
	if (names == NULL)
		return 0;
	tls->seen->alpn_offered = tbdi_arena_strdup(&tls->report->arena, names);
	return tls->seen->alpn_offered == NULL ? GNUTLS_E_MEMORY_ERROR
					       : tbdi_alpn_offer(tls->session, names);
}

/* The deadline is ours; a record that is too long for the way is one message less in it. */
static int datagrams_init(struct tbdi_tls *tls)
{
	gnutls_dtls_set_timeouts(tls->session, REPEAT_MS, INT32_MAX);
	if (!tls->socket.datagrams->pub.small)
		return 0;
	gnutls_dtls_set_mtu(tls->session, SMALL_MTU);
	return (int)gnutls_record_set_max_size(tls->session, SMALL_RECORD);
}

static int session_init(struct tbdi_tls *tls, struct tbd_error *error)
{
	/* Devices show their certificate whatever issuers the server says it likes. */
	int rc = gnutls_init(&tls->session,
		GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT |
			(tbdi_tls_is_datagrams(tls) ? GNUTLS_DATAGRAM : 0));
	if (rc == 0)
		rc = gnutls_credentials_set(
			tls->session, GNUTLS_CRD_CERTIFICATE, tls->identity->credentials);
	if (rc == 0)
		rc = gnutls_priority_set_direct(tls->session, tls->priorities, NULL);
	if (rc == 0)
		rc = offer_alpn(tls);
	if (rc >= 0 && tbdi_tls_is_datagrams(tls))
		rc = datagrams_init(tls);
	if (rc < 0)
		return fail_gnutls(error, "TLS session", rc);
	if (!tbdi_tls_is_datagrams(tls)) /* the deadline is ours; DTLS has been told so */
		gnutls_handshake_set_timeout(tls->session, 0);
	gnutls_handshake_set_max_packet_length(tls->session, HANDSHAKE_MAX);
	tbdi_tls_set_callbacks(tls);
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
	const char *priorities = parts->priorities != NULL ? parts->priorities
		: parts->datagrams != NULL                 ? DTLS12
		: parts->other_versions                    ? version->others
							   : version->offered;
	tls->priorities = priorities;
	int rc = session_init(tls, error);
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

/* ---- handshake ------------------------------------------------------------------------------- */

/* UDP takes whatever there is to be sent; of DTLS GnuTLS gives a direction all the same. */
short tbdi_tls_events(const struct tbdi_tls *tls)
{
	bool writes = !tbdi_tls_is_datagrams(tls) && !tls->said_farewell &&
		gnutls_record_get_direction(tls->session) == 1;
	return writes ? POLLOUT : POLLIN;
}

/* 1, or TBD_E_NOMEM. */
static int note_session(struct tbdi_tls *tls)
{
	gnutls_group_t group = gnutls_group_get(tls->session);
	tls->seen->version = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
	tls->seen->cipher_suite = gnutls_ciphersuite_get(tls->session);
	tls->seen->group = group == GNUTLS_GROUP_INVALID ? NULL : gnutls_group_get_name(group);
	gnutls_datum_t protocol = { NULL, 0 };
	if (gnutls_alpn_get_selected_protocol(tls->session, &protocol) < 0)
		return 1;
	/* Not all peers keep to what was offered. */
	tls->seen->alpn = tbdi_report_peer_text(tls->report, protocol.data, protocol.size, false);
	return tls->seen->alpn == NULL ? tbdi_fail_nomem(tls->error) : 1;
}

/* 1: it is over, 0: wait. */
static int take_turns(struct tbdi_tls *tls)
{
	for (;;) {
		size_t before = tls->socket.bytes_in;
		int rc = gnutls_handshake(tls->session);
		tls->has_begun = true;
		if (tls->changes > TBDI_CHANGES_MAX)
			return tbdi_tls_fail(tls, GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS);
		if (rc == 0 && tls->failure < 0)
			return tls->failure;
		if (rc == 0)
			return tbdi_tls_finish(tls, TBD_END_OK, NULL);
		if (rc == GNUTLS_E_WARNING_ALERT_RECEIVED)
			tbdi_tls_note_alert(tls);
		/* Over UDP no FIN follows. */
		if (rc == GNUTLS_E_WARNING_ALERT_RECEIVED && tbdi_tls_is_datagrams(tls) &&
			tls->alert == GNUTLS_A_CLOSE_NOTIFY)
			return tbdi_tls_fail(tls, GNUTLS_E_SESSION_EOF);
		if (gnutls_error_is_fatal(rc))
			return tbdi_tls_fail(tls, rc);
		/* After each part of a message GnuTLS says AGAIN. */
		if (rc != GNUTLS_E_WARNING_ALERT_RECEIVED && tls->socket.bytes_in == before)
			return 0;
		if (tls->socket.bytes_in > HANDSHAKE_IN_MAX)
			return tbdi_tls_fail(tls, GNUTLS_E_HANDSHAKE_TOO_LARGE);
	}
}

int tbdi_tls_handshake(struct tbdi_tls *tls, struct tbd_error *error)
{
	tls->error = error;
	int done = take_turns(tls);
	if (done > 0 && tls->agreed)
		done = note_session(tls);
	tls->error = NULL;
	tls->seen->bytes_in = tls->socket.bytes_in;
	return done;
}

int tbdi_tls_give_up(struct tbdi_tls *tls, enum tbd_end end, struct tbd_error *error)
{
	tls->error = error;
	int done = tls->agreed ? note_session(tls) : 1;
	if (done > 0)
		done = tbdi_tls_finish(tls, end, NULL);
	tls->error = NULL;
	return done;
}

bool tbdi_tls_agreed_on_13(const struct tbdi_tls *tls)
{
	return tls->agreed && tbdi_tls_is_13(tls);
}

int64_t tbdi_tls_settle_us(const struct tbdi_tls *tls)
{
	int64_t wait = 3 * (tls->first_byte_us - tls->start_us);
	return wait < SETTLE_MIN_US ? SETTLE_MIN_US : wait > SETTLE_MAX_US ? SETTLE_MAX_US : wait;
}

int tbdi_tls_settle(struct tbdi_tls *tls)
{
	unsigned char byte = 0;
	if (!tls->seen->client_cert_requested || !tbdi_tls_is_13(tls))
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
	if (!tbdi_tls_is_datagrams(tls))
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
	if (tbdi_tls_is_datagrams(tls)) /* nothing ends, and nothing overtakes */
		return 1;
	if (!tls->said_farewell && tbdi_socket_shutdown(&tls->socket) < 0)
		return 1;
	tls->said_farewell = true;
	return tbdi_socket_drain(&tls->socket);
}
