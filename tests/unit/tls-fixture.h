/* SPDX-License-Identifier: MIT
 *
 * tls-fixture.h - what `tbdiag roundtrip` does, against a peer of the test over TLS.
 */
#ifndef TLS_FIXTURE_H
#define TLS_FIXTURE_H

#include "tbdiag.h"

#include "certs/mint.h"
#include "tests/peers/peer.h"

#define FIXTURE_TOKEN "A1b2C3d4E5f6G7h8I9j0"

/* What a peer is like. */
struct kind {
	const char *version;
	const char *priorities;
	gnutls_certificate_request_t client_cert;
};

#define ONLY_TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define ONLY_TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* Both versions, with and without a request for a client certificate. */
extern const struct kind tls_kinds[4];

struct tls_fixture {
	struct mint_family served;   /* whose leaf and intermediate the peer has */
	struct mint_family stranger; /* of the same names, and has signed nothing of it */
	char dir[32];                /* XDG_RUNTIME_DIR */
	struct tbd_token *token;
	struct tbd_trust *trust;
	struct tbd_report *report; /* of the last round trip */
	int64_t timeout_ms;        /* of the connection; 0: long enough */
	const char *scheme;        /* NULL: mqtts */
	int64_t phase_ms;          /* as long as each phase may last, 0: as usual */
	const char *mqtt_version;  /* or NULL */
	bool writes;               /* not read-only */
	/* After a refusal ask once more, trusting this root then; NULL: do not. */
	const struct mint_cert *second_root;
	struct tbd_trust *second_trust;
};

/* Of the test that runs. */
extern struct tls_fixture fixture;

void tls_fixture_setup(void);
void tls_fixture_teardown(void);

/* A read-only round trip to a peer with this script, trusting this root alone. Returns the peer, which has
 * served its connection to the end, for peer_free(). */
struct peer *tls_roundtrip(const struct kind *kind, const struct peer_step *script,
	const struct mint_cert *root, bool insecure);

/* How often the token has come in clear to the peer. */
unsigned tls_times_heard(struct peer *peer);

#endif
