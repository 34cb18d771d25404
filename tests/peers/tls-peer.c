/* SPDX-License-Identifier: MIT
 *
 * tls-peer.c - a peer of the named badness on loopback, for the tests of the command line: writes its
 * certificates into the working directory and its port to standard output, and serves until it is
 * ended.
 *
 * Usage: tls-peer KIND [ADDRESS PORT]
 */
#include "tests/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO                   \
	{                       \
		.op = PEER_READ \
	}
#define ONLY_TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define ONLY_TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define DRAIN_AND_END          \
	{ .op = PEER_DRAIN },  \
	{                      \
		.op = PEER_END \
	}

#define SHAKES_HANDS .script = { { .op = PEER_HANDSHAKE }, DRAIN_AND_END }

/* The beginning of a record of 3000 bytes. */
static const unsigned char cut_record[5 + 1100] = { 22, 3, 3, 3000 >> 8, 3000 & 255, 2, 0, 0, 90 };

/* A ServerHello of TLS 1.2. */
#define SERVER_HELLO                                   \
	"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" \
	"0123456789abcdef0123456789abcdef\x00\xc0\x2b\x00"

/* Behind it, a Certificate message without certificates, or with one that is none. */
#define NO_CERTIFICATE "\x16\x03\x03\x00\x07\x0b\x00\x00\x03\x00\x00\x00"
#define NO_DER "\x16\x03\x03\x00\x12\x0b\x00\x00\x0e\x00\x00\x0b\x00\x00\x08garbage!"
#define HELLO_DONE "\x16\x03\x03\x00\x04\x0e\x00\x00\x00"

/* And one of 16 MB. */
static void send_huge(struct peer *peer, void *arg)
{
	static const char hello[] = SERVER_HELLO;
	static unsigned char record[5 + 16384] = { 22, 3, 3, 0x40, 0 };
	static const unsigned char head[] = { 11, 255, 255, 255 };
	(void)arg;
	peer_flood(peer, hello, sizeof(hello) - 1, 1);
	memcpy(record + 5, head, sizeof(head));
	peer_flood(peer, record, sizeof(record), 1);
	memset(record + 5, 'A', sizeof(head));
	peer_flood(peer, record, sizeof(record), 16 * 1024 * 1024);
}

static const struct kind {
	const char *name;
	struct peer_step script[5];
	const char *priorities;
	gnutls_certificate_request_t client_cert;
	bool no_tickets;
	bool by_name;
} kinds[] = {
	{ .name = "good", SHAKES_HANDS },
	{ .name = "no-certificate",
		.script = { HELLO,
			{ .op = PEER_SEND_RAW, PEER_BYTES(SERVER_HELLO NO_CERTIFICATE HELLO_DONE) },
			DRAIN_AND_END } },
	{ .name = "no-der",
		.script = { HELLO,
			{ .op = PEER_SEND_RAW, PEER_BYTES(SERVER_HELLO NO_DER HELLO_DONE) },
			DRAIN_AND_END } },
	{ .name = "alert-80", .script = { HELLO, { .op = PEER_ALERT, .number = 80 } } },
	{ .name = "alert-40", .script = { HELLO, { .op = PEER_ALERT, .number = 40 } } },
	{ .name = "alert-112", .script = { HELLO, { .op = PEER_ALERT, .number = 112 } } },
	{ .name = "cert-wanted", SHAKES_HANDS, .client_cert = GNUTLS_CERT_REQUEST },
	{ .name = "cert-required", SHAKES_HANDS, .client_cert = GNUTLS_CERT_REQUIRE },
	{ .name = "cert-required-1.2",
		SHAKES_HANDS,
		.priorities = ONLY_TLS12,
		.client_cert = GNUTLS_CERT_REQUIRE },
	{ .name = "cert-rejected",
		.script = { { .op = PEER_HANDSHAKE }, { .op = PEER_ALERT, .number = 48 },
			DRAIN_AND_END },
		.priorities = ONLY_TLS13,
		.client_cert = GNUTLS_CERT_REQUEST,
		.no_tickets = true },
	{ .name = "tls-1.2", SHAKES_HANDS, .priorities = ONLY_TLS12 },
	{ .name = "tls-1.1", SHAKES_HANDS, .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1" },
	{ .name = "no-suite",
		SHAKES_HANDS,
		.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+PSK" },
	{ .name = "black-hole",
		.script = { HELLO,
			{ .op = PEER_SEND_RAW, .data = cut_record, .len = sizeof(cut_record) },
			DRAIN_AND_END } },
	{ .name = "cut-short",
		.script = { HELLO,
			{ .op = PEER_SEND_RAW, .data = cut_record, .len = sizeof(cut_record) },
			{ .op = PEER_RESET } } },
	{ .name = "huge",
		.script = { HELLO, { .op = PEER_CALL, .call = send_huge }, DRAIN_AND_END } },
	{ .name = "by-name", SHAKES_HANDS, .by_name = true },
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	fprintf(stderr, "tls-peer: there is no kind %s\n", name);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	struct mint_family family, stranger;
	if (argc != 2 && argc != 4) {
		fputs("Usage: tls-peer KIND [ADDRESS PORT]\n", stderr);
		return EXIT_FAILURE;
	}
	const struct kind *kind = kind_find(argv[1]);
	peer_must(mint_family_init(&family, 0) == 0, "certificates");
	peer_must(mint_family_init(&stranger, 0) == 0, "certificates");
	const struct mint_cert *const chain[] = { family.leaf, family.intermediate, NULL };
	const struct mint_cert *const other_chain[] = { stranger.leaf, NULL };
	const struct peer_tls tls = { .chain = chain,
		.priorities = kind->priorities,
		.client_cert = kind->client_cert,
		.no_tickets = kind->no_tickets,
		.name = kind->by_name ? "localhost" : NULL,
		.nameless = kind->by_name ? other_chain : NULL };
	char *key = mint_key_pem(family.leaf);
	peer_must(key != NULL, "key");
	peer_must(mint_write("ca.pem", (const char *)family.root->pem.data, 0600) == 0, "ca.pem");
	peer_must(mint_write("device.pem", (const char *)family.leaf->pem.data, 0600) == 0,
		"device.pem");
	peer_must(mint_write("device.key", key, 0600) == 0, "device.key");
	struct peer *peer = argc == 2
		? peer_new(kind->script, &tls)
		: peer_new_at(argv[2], (uint16_t)strtoul(argv[3], NULL, 10), kind->script, &tls);
	peer_must(peer != NULL, "the address is taken");
	printf("%u\n", (unsigned)peer_port(peer));
	peer_must(fflush(stdout) == 0, "stdout");
	pause();
	return EXIT_SUCCESS;
}
