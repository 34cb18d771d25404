/* SPDX-License-Identifier: MIT
 *
 * marked-peer.c - a TLS server on loopback whose certificates hold "zqxmark" wherever a certificate can hold a
 * name, for the test of redaction: writes ca.pem, other.pem, device.pem and device.key into the working directory and its
 * port to standard output, and serves until it is ended.
 */
#include "tests/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct mint_cert *mint(const struct mint_spec *spec)
{
	struct mint_cert *cert = mint_new(spec, NULL);
	peer_must(cert != NULL, "no certificate");
	return cert;
}

static struct mint_cert *mint_leaf(const struct mint_cert *issuer)
{
	static const struct mint_rdn subject[] = {
		{ GNUTLS_OID_X520_COUNTRY_NAME, MINT_BYTES("DE"), MINT_PRINTABLE_STRING },
		{ GNUTLS_OID_X520_LOCALITY_NAME, MINT_BYTES("Zqxmark-on-Sea"), 0 },
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, MINT_BYTES("Zqxmark, Inc. \"+\" \x1b[31m"),
			0 },
		{ GNUTLS_OID_PKCS9_EMAIL, MINT_BYTES("admin@zqxmark.example"), MINT_IA5_STRING },
		{ "1.3.6.1.4.1.99999.7", MINT_BYTES("zqxmark of a private kind"), 0 },
		{ NULL, MINT_BYTES(""), 0 },
	};
	static const struct mint_san sans[] = {
		{ MINT_SAN_DNS, MINT_BYTES("mqtt.zqxmark.example") },
		{ MINT_SAN_DNS, MINT_BYTES("*.zqxmark.example") },
		{ MINT_SAN_EMAIL, MINT_BYTES("root@zqxmark.example") },
		{ MINT_SAN_URI, MINT_BYTES("urn:zqxmark:device") },
		{ 0, MINT_BYTES("") },
	};
	return mint(&(struct mint_spec){ .cn = "zqxmark.example",
		.subject = subject,
		.issuer = issuer,
		.names = "localhost,127.0.0.1,::1",
		.sans = sans,
		.aia = "http://ca.zqxmark.example/zqxmark.der",
		.ocsp = "http://ocsp.zqxmark.example",
		.crl = "http://crl.zqxmark.example/zqxmark.crl" });
}

int main(void)
{
	struct mint_cert *root = mint(&(struct mint_spec){ .cn = "Zqxmark Root", .ca = true });
	struct mint_cert *sub =
		mint(&(struct mint_spec){ .cn = "Zqxmark Sub", .ca = true, .issuer = root });
	struct mint_cert *other = mint(&(struct mint_spec){ .cn = "Zqxmark Other", .ca = true });
	struct mint_cert *leaf = mint_leaf(sub);
	const struct mint_cert *const chain[] = { leaf, sub, NULL };
	const struct peer_tls tls = { .chain = chain, .client_cert = GNUTLS_CERT_REQUEST };
	char *key = mint_key_pem(leaf);
	peer_must(key != NULL, "key");
	peer_must(mint_write("ca.pem", (const char *)root->pem.data, 0600) == 0, "ca.pem");
	peer_must(mint_write("other.pem", (const char *)other->pem.data, 0600) == 0, "other.pem");
	peer_must(mint_write("device.pem", (const char *)leaf->pem.data, 0600) == 0, "device.pem");
	peer_must(mint_write("device.key", key, 0600) == 0, "device.key");
	printf("%u\n", (unsigned)peer_port(peer_new(peer_whole, &tls)));
	peer_must(fflush(stdout) == 0, "stdout");
	pause();
	return EXIT_SUCCESS;
}
