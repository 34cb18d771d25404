/* SPDX-License-Identifier: MIT
 *
 * peer.c - a server in a thread of the test, that behaves exactly as badly as it is told to.
 */
#include "config.h"

#include "tests/peers/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <netinet/tcp.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CERTS_MAX = 128, WAIT_S = 10 };

struct peer {
	const struct peer_step *script;
	bool has_tls;
	struct peer_tls tls;
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key;
	int listener;
	int stop; /* eventfd */
	uint16_t port;
	pthread_t thread;

	/* of the connection that is being served */
	int fd;
	bool is_reset;
	size_t sent;              /* in TLS */
	gnutls_session_t session; /* after PEER_HANDSHAKE began */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	unsigned accepted;
	unsigned served;
	unsigned char *received;
	size_t received_len;
	int alert;
	int handshake;
	bool has_name;
	char name[256];
};

void peer_must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

/* ---- addresses ------------------------------------------------------------------------------- */

static socklen_t address_parse(const char *text, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
		memcpy(out, &ipv4, sizeof(ipv4));
		return sizeof(ipv4);
	}
	peer_must(inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1, text);
	memcpy(out, &ipv6, sizeof(ipv6));
	return sizeof(ipv6);
}

static uint16_t peer_port_of(int fd)
{
	struct sockaddr_storage address;
	struct sockaddr_in ipv4;
	socklen_t len = sizeof(address);
	peer_must(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
	memcpy(&ipv4, &address, sizeof(ipv4)); /* the port stands in the same place */
	return ntohs(ipv4.sin_port);
}

static int bind_to(const char *text, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = address_parse(text, port, &address);
	const int on = 1;
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	peer_must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0, "SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&address, len) == 0)
		return fd;
	close(fd);
	return -1;
}

int peer_refusing(const char *address, uint16_t *port)
{
	int fd = bind_to(address, *port);
	if (fd >= 0)
		*port = peer_port_of(fd);
	return fd;
}

int peer_listening(uint16_t *port)
{
	*port = 0;
	int fd = peer_refusing("127.0.0.1", port);
	peer_must(fd >= 0 && listen(fd, 8) == 0, "listen");
	return fd;
}

int peer_dial(uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = address_parse("127.0.0.1", port, &address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer_must(connect(fd, (struct sockaddr *)&address, len) == 0, "connect");
	peer_must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "O_NONBLOCK");
	return fd;
}

/* A listener whose queue is full: Linux drops what else asks for a connection. */
int peer_hole(struct peer_hole *hole, const char *address, uint16_t *port)
{
	struct sockaddr_storage storage;
	hole->listener = bind_to(address, *port);
	hole->filler = -1;
	if (hole->listener < 0)
		return -1;
	*port = peer_port_of(hole->listener);
	socklen_t len = address_parse(address, *port, &storage);
	peer_must(listen(hole->listener, 0) == 0, "listen");
	hole->filler = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer_must(connect(hole->filler, (struct sockaddr *)&storage, len) == 0, "connect");
	return 0;
}

void peer_hole_close(struct peer_hole *hole)
{
	close(hole->filler);
	close(hole->listener);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* False: the peer is to stop. */
static bool wait_for(struct peer *peer, int fd, short events)
{
	struct pollfd fds[] = { { fd, events, 0 }, { peer->stop, POLLIN, 0 } };
	while (poll(fds, 2, -1) < 0)
		peer_must(errno == EINTR, "poll");
	return fds[1].revents == 0;
}

bool peer_wait_session(struct peer *peer)
{
	bool out = gnutls_record_get_direction(peer->session) == 1;
	return wait_for(peer, peer->fd, out ? POLLOUT : POLLIN);
}

/* ---- one connection -------------------------------------------------------------------------- */

static void peer_keep(struct peer *peer, const void *data, size_t len)
{
	pthread_mutex_lock(&peer->lock);
	unsigned char *all = realloc(peer->received, peer->received_len + len);
	peer_must(all != NULL, "realloc");
	memcpy(all + peer->received_len, data, len);
	peer->received = all;
	peer->received_len += len;
	pthread_mutex_unlock(&peer->lock);
}

static void note_alert(struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	peer->alert = (int)gnutls_alert_get(peer->session);
	pthread_mutex_unlock(&peer->lock);
}

/* More than 0, 0: the client has closed, -1: it is over. */
static ssize_t receive(struct peer *peer, void *buffer, size_t size)
{
	ssize_t got;
	if (peer->session == NULL) {
		if (!wait_for(peer, peer->fd, POLLIN))
			return -1;
		return recv(peer->fd, buffer, size, 0);
	}
	for (;;) {
		got = gnutls_record_recv(peer->session, buffer, size);
		if (got == GNUTLS_E_FATAL_ALERT_RECEIVED || got == GNUTLS_E_WARNING_ALERT_RECEIVED)
			note_alert(peer);
		if (got >= 0)
			return got;
		if (gnutls_error_is_fatal((int)got))
			return -1;
		if (got != GNUTLS_E_WARNING_ALERT_RECEIVED && !peer_wait_session(peer))
			return -1;
	}
}

/* number 0: what comes first; negative: until the end. */
static bool do_read(struct peer *peer, int number)
{
	unsigned char buffer[4096];
	size_t left = number > 0 ? (size_t)number : 0;
	for (;;) {
		size_t size = left > 0 && left < sizeof(buffer) ? left : sizeof(buffer);
		ssize_t got = receive(peer, buffer, size);
		if (got <= 0)
			return number < 0 && got == 0;
		peer_keep(peer, buffer, (size_t)got);
		if (number > 0)
			left -= (size_t)got;
		if (number >= 0 && left == 0)
			return true;
	}
}

static bool send_some(struct peer *peer, bool raw, const unsigned char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent;
		if (raw)
			sent = send(peer->fd, data, len, MSG_NOSIGNAL);
		else
			sent = gnutls_record_send(peer->session, data, len);
		bool again = raw ? sent < 0 && errno == EAGAIN
				 : sent < 0 && !gnutls_error_is_fatal((int)sent);
		if (again && !wait_for(peer, peer->fd, POLLOUT))
			return false;
		if (sent < 0 && !again)
			return false;
		if (sent > 0) {
			data += sent;
			len -= (size_t)sent;
		}
	}
	return true;
}

static bool do_drip(struct peer *peer, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!send_some(peer, peer->session == NULL, data + i, 1))
			return false;
	return true;
}

void peer_reset(struct peer *peer)
{
	const struct linger now = { 1, 0 };
	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	peer->is_reset = true;
}

/* What GnuTLS sends, in small pieces and not to the end. */
static ssize_t peer_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct peer *peer = ptr;
	const struct peer_tls *tls = &peer->tls;
	if (tls->cut_after != 0 && peer->sent + len > tls->cut_after)
		len = tls->cut_after - peer->sent;
	if (tls->most != 0 && len > tls->most)
		len = tls->most;
	if (len == 0) {
		peer_reset(peer);
		gnutls_transport_set_errno(peer->session, ECONNRESET);
		return -1;
	}
	ssize_t sent = send(peer->fd, data, len, MSG_NOSIGNAL);
	if (sent < 0)
		gnutls_transport_set_errno(peer->session, errno);
	else
		peer->sent += (size_t)sent;
	return sent;
}

static ssize_t peer_pull(gnutls_transport_ptr_t ptr, void *buffer, size_t size)
{
	struct peer *peer = ptr;
	ssize_t got = recv(peer->fd, buffer, size, 0);
	if (got < 0)
		gnutls_transport_set_errno(peer->session, errno);
	return got;
}

static bool do_flood(struct peer *peer, const struct peer_step *step)
{
	for (int i = 0; step->number == 0 || i < step->number; i++)
		if (!send_some(peer, peer->session == NULL, step->data, step->len))
			return false;
	return true;
}

static int session_new(struct peer *peer)
{
	const struct peer_tls *tls = &peer->tls;
	int rc = gnutls_init(&peer->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (rc == 0)
		rc = gnutls_priority_set_direct(
			peer->session, tls->priorities != NULL ? tls->priorities : "NORMAL", NULL);
	if (rc == 0)
		rc = gnutls_credentials_set(
			peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials);
	if (rc == 0 && !tls->no_tickets)
		rc = gnutls_session_ticket_enable_server(peer->session, &peer->ticket_key);
	if (rc != 0)
		return rc;
	gnutls_certificate_server_set_request(peer->session, tls->client_cert);
	gnutls_handshake_set_timeout(peer->session, 0);
	gnutls_transport_set_ptr(peer->session, peer);
	gnutls_transport_set_push_function(peer->session, peer_push);
	gnutls_transport_set_pull_function(peer->session, peer_pull);
	return 0;
}

static bool do_handshake(struct peer *peer)
{
	size_t size = sizeof(peer->name);
	unsigned type = 0;
	peer_must(peer->has_tls && session_new(peer) == 0, "TLS session");
	int rc;
	while ((rc = gnutls_handshake(peer->session)) < 0) {
		if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
			note_alert(peer);
		if (gnutls_error_is_fatal(rc) || !peer_wait_session(peer))
			break;
	}
	pthread_mutex_lock(&peer->lock);
	peer->handshake = rc;
	peer->has_name = gnutls_server_name_get(peer->session, peer->name, &size, &type, 0) == 0;
	pthread_mutex_unlock(&peer->lock);
	if (rc < 0)
		gnutls_alert_send_appropriate(peer->session, rc);
	return rc == 0;
}

static bool do_alert(struct peer *peer, int number)
{
	const unsigned char record[] = { 21, 3, 3, 0, 2, 2, (unsigned char)number };
	if (peer->session == NULL)
		return send_some(peer, true, record, sizeof(record));
	return gnutls_alert_send(
		       peer->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)number) == 0;
}

static bool do_renegotiate(struct peer *peer)
{
	unsigned char byte;
	if (gnutls_rehandshake(peer->session) != 0)
		return false;
	/* The client declines by a warning. */
	while (gnutls_record_recv(peer->session, &byte, 1) != GNUTLS_E_WARNING_ALERT_RECEIVED)
		if (!peer_wait_session(peer))
			return false;
	note_alert(peer);
	return true;
}

/* False: the connection is over. */
static bool take_step(struct peer *peer, const struct peer_step *step)
{
	switch (step->op) {
	case PEER_READ:
		return do_read(peer, step->number);
	case PEER_DRAIN:
		return do_read(peer, -1);
	case PEER_SEND:
		return send_some(peer, peer->session == NULL, step->data, step->len);
	case PEER_SEND_RAW:
		return send_some(peer, true, step->data, step->len);
	case PEER_FLOOD:
		return do_flood(peer, step);
	case PEER_DRIP:
		return do_drip(peer, step->data, step->len);
	case PEER_HANDSHAKE:
		return do_handshake(peer);
	case PEER_ALERT:
		return do_alert(peer, step->number);
	case PEER_KEY_UPDATE:
		return gnutls_session_key_update(peer->session, GNUTLS_KU_PEER) == 0;
	case PEER_RENEGOTIATE:
		return do_renegotiate(peer);
	case PEER_CALL:
		step->call(peer, step->arg);
		return true;
	case PEER_RESET:
		peer_reset(peer);
		return false;
	case PEER_END:
		if (peer->session != NULL)
			gnutls_bye(peer->session, GNUTLS_SHUT_WR);
		return false;
	case PEER_FIN:
		return false;
	}
	return false;
}

/* Send the FIN and let the client go first: close() with something unread would be a reset. */
static void linger(struct peer *peer)
{
	unsigned char unread[4096];
	if (peer->is_reset || shutdown(peer->fd, SHUT_WR) < 0)
		return;
	while (wait_for(peer, peer->fd, POLLIN) && recv(peer->fd, unread, sizeof(unread), 0) > 0)
		;
}

static void serve(struct peer *peer)
{
	const struct peer_step *step = peer->script;
	const int on = 1;
	peer->is_reset = false;
	peer->sent = 0;
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	while (take_step(peer, step))
		step++;
	linger(peer);
	if (peer->session != NULL)
		gnutls_deinit(peer->session);
	peer->session = NULL;
	close(peer->fd);
}

static void count(struct peer *peer, unsigned *counter)
{
	pthread_mutex_lock(&peer->lock);
	(*counter)++;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
}

static void *peer_run(void *arg)
{
	struct peer *peer = arg;
	while (wait_for(peer, peer->listener, POLLIN)) {
		peer->fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (peer->fd < 0)
			continue;
		count(peer, &peer->accepted);
		serve(peer);
		count(peer, &peer->served);
	}
	return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* By gnutls_certificate_set_key(), which sends what it is given: the x509 functions sort. */
static void credentials_add(struct peer *peer, const struct mint_cert *const *chain,
	const gnutls_datum_t *more, size_t more_count, const char *name)
{
	gnutls_pcert_st certs[CERTS_MAX];
	gnutls_privkey_t key;
	unsigned n = 0;
	memset(certs, 0, sizeof(certs));
	for (; chain[n] != NULL; n++)
		peer_must(n < CERTS_MAX &&
				gnutls_pcert_import_x509_raw(
					&certs[n], &chain[n]->der, GNUTLS_X509_FMT_DER, 0) == 0,
			"certificate");
	for (size_t i = 0; i < more_count; i++, n++) {
		peer_must(n < CERTS_MAX, "more certificates");
		certs[n].type = GNUTLS_CRT_X509;
		certs[n].cert.data = gnutls_malloc(more[i].size);
		certs[n].cert.size = more[i].size;
		peer_must(certs[n].cert.data != NULL, "gnutls_malloc");
		memcpy(certs[n].cert.data, more[i].data, more[i].size);
	}
	peer_must(gnutls_privkey_init(&key) == 0 &&
			gnutls_privkey_import_x509(
				key, chain[0]->key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0,
		"key");
	peer_must(gnutls_certificate_set_key(peer->credentials, name != NULL ? &name : NULL,
			  name != NULL ? 1 : 0, certs, (int)n, key) >= 0,
		"gnutls_certificate_set_key");
}

static void credentials_init(struct peer *peer)
{
	const struct peer_tls *tls = &peer->tls;
	peer_must(gnutls_certificate_allocate_credentials(&peer->credentials) == 0 &&
			gnutls_session_ticket_key_generate(&peer->ticket_key) == 0,
		"credentials");
	/* Of those that no name asks for GnuTLS takes the first; without a name of its own here, those
	 * in the certificate would count. */
	if (tls->nameless != NULL)
		credentials_add(peer, tls->nameless, NULL, 0, "nobody.invalid");
	credentials_add(peer, tls->chain, tls->more, tls->more_count, tls->name);
}

const struct peer_step peer_whole[] = { STEP_HANDSHAKE, STEP_DRAIN, STEP_END };
const struct peer_step peer_silent[] = { STEP_DRAIN, STEP_END };

struct peer *peer_new_at(const char *address, uint16_t port, const struct peer_step *script,
	const struct peer_tls *tls)
{
	int listener = bind_to(address, port);
	if (listener < 0)
		return NULL;
	struct peer *peer = calloc(1, sizeof(*peer));
	peer_must(peer != NULL, "calloc");
	peer->script = script;
	peer->has_tls = tls != NULL;
	if (tls != NULL)
		peer->tls = *tls;
	peer->listener = listener;
	peer->alert = -1;
	peer_must(listen(listener, 64) == 0, "listen");
	peer->port = peer_port_of(listener);
	if (tls != NULL)
		credentials_init(peer);
	peer->stop = eventfd(0, EFD_CLOEXEC);
	peer_must(peer->stop >= 0, "eventfd");
	peer_must(pthread_mutex_init(&peer->lock, NULL) == 0, "mutex");
	peer_must(pthread_cond_init(&peer->changed, NULL) == 0, "condition");
	peer_must(pthread_create(&peer->thread, NULL, peer_run, peer) == 0, "thread");
	return peer;
}

struct peer *peer_new(const struct peer_step *script, const struct peer_tls *tls)
{
	struct peer *peer = peer_new_at("127.0.0.1", 0, script, tls);
	peer_must(peer != NULL, "127.0.0.1");
	return peer;
}

void peer_free(struct peer *peer)
{
	if (peer == NULL)
		return;
	peer_must(eventfd_write(peer->stop, 1) == 0, "eventfd");
	pthread_join(peer->thread, NULL);
	close(peer->listener);
	close(peer->stop);
	if (peer->credentials != NULL)
		gnutls_certificate_free_credentials(peer->credentials);
	gnutls_free(peer->ticket_key.data);
	pthread_cond_destroy(&peer->changed);
	pthread_mutex_destroy(&peer->lock);
	free(peer->received);
	free(peer);
}

uint16_t peer_port(const struct peer *peer)
{
	return peer->port;
}

bool peer_read(struct peer *peer, void *data, size_t len)
{
	char *at = data;
	while (len > 0) {
		ssize_t got = receive(peer, at, len);
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

bool peer_write(struct peer *peer, const void *data, size_t len)
{
	return send_some(peer, peer->session == NULL, data, len);
}

int peer_fd(struct peer *peer)
{
	return peer->fd;
}

gnutls_session_t peer_session(struct peer *peer)
{
	return peer->session;
}

void peer_flood(struct peer *peer, const void *data, size_t len, size_t total)
{
	for (size_t sent = 0; sent < total; sent += len)
		if (!send_some(peer, true, data, len))
			return;
}

/* ---- what it saw ----------------------------------------------------------------------------- */

void peer_wait(struct peer *peer, unsigned connections)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&peer->lock);
	while (peer->served < connections)
		peer_must(pthread_cond_timedwait(&peer->changed, &peer->lock, &until) == 0,
			"peer_wait");
	pthread_mutex_unlock(&peer->lock);
}

unsigned peer_connections(struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	unsigned accepted = peer->accepted;
	pthread_mutex_unlock(&peer->lock);
	return accepted;
}

size_t peer_received(struct peer *peer, const void **data)
{
	pthread_mutex_lock(&peer->lock);
	size_t len = peer->received_len;
	*data = peer->received;
	pthread_mutex_unlock(&peer->lock);
	return len;
}

static int read_locked(struct peer *peer, const int *what)
{
	pthread_mutex_lock(&peer->lock);
	int value = *what;
	pthread_mutex_unlock(&peer->lock);
	return value;
}

int peer_alert(struct peer *peer)
{
	return read_locked(peer, &peer->alert);
}

int peer_handshake(struct peer *peer)
{
	return read_locked(peer, &peer->handshake);
}

bool peer_server_name(struct peer *peer, char name[256])
{
	pthread_mutex_lock(&peer->lock);
	bool has_name = peer->has_name;
	memcpy(name, peer->name, sizeof(peer->name));
	pthread_mutex_unlock(&peer->lock);
	return has_name;
}
