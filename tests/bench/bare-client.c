/* SPDX-License-Identifier: MIT
 *
 * bare-client.c - the least a GnuTLS program can do to verify a server: what tbdiag is measured by.
 *
 * usage: bare-client ADDRESS PORT NAME CA-FILE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial_host(const char *address, const char *port)
{
	struct sockaddr_in peer = { .sin_family = AF_INET,
		.sin_port = htons((in_port_t)strtoul(port, NULL, 10)) };
	if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		return -1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&peer, sizeof(peer)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 3;
	gnutls_certificate_credentials_t credentials = NULL;
	gnutls_session_t session = NULL;
	int fd = dial_host(argv[1], argv[2]);
	if (fd < 0) {
		fprintf(stderr, "bare-client: %s\n", strerror(errno));
		return 3;
	}
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_certificate_set_x509_trust_file(credentials, argv[4], GNUTLS_X509_FMT_PEM);
	gnutls_init(&session, GNUTLS_CLIENT);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[3], strlen(argv[3]));
	gnutls_session_set_verify_cert(session, argv[3], 0);
	gnutls_transport_set_int(session, fd);

	int result;
	do
		result = gnutls_handshake(session);
	while (result < 0 && !gnutls_error_is_fatal(result));
	if (result < 0)
		fprintf(stderr, "bare-client: %s\n", gnutls_strerror(result));
	else
		gnutls_bye(session, GNUTLS_SHUT_WR);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	close(fd);
	return result < 0 ? 2 : 0;
}
