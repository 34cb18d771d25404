/* SPDX-License-Identifier: MIT
 *
 * bearssl-trust.h - reads a trust file as Arduino's core for the ESP8266 does (BearSSL::X509List).
 */
#ifndef STACKS_BEARSSL_TRUST_H
#define STACKS_BEARSSL_TRUST_H

#include "tools/stacks/replay.h"

#include <bearssl.h>

struct bearssl_trust {
	br_x509_trust_anchor *anchors;
	size_t count;
};

/* What the core would have. It complains of nothing: a file that it cannot read is one without anchors. Memory that is out
 * gives fewer. */
void bearssl_trust_read(struct bearssl_trust *trust, const struct replay_bytes *file);
void bearssl_trust_free(struct bearssl_trust *trust);

#endif
