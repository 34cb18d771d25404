/* SPDX-License-Identifier: MIT
 *
 * hello.h - reads a ClientHello, and finds what fits a server's key.
 */
#ifndef STACKS_HELLO_H
#define STACKS_HELLO_H

#include "tools/stacks/replay.h"

/* Read the body of a ClientHello message. False when it breaks RFC 5246, 7.4.1.2. */
bool hello_read(struct replay_hello *hello, const uint8_t *data, size_t len);

bool hello_offers_tls12(const struct replay_hello *hello);

/* A TLS 1.2 suite that the client offers and that a server with this certificate would take, 0 when there is none.
 * When the certificate cannot be read, every key fits. */
uint16_t hello_choose_suite(const struct replay_hello *hello, const struct replay_bytes *leaf);

#endif
