/* SPDX-License-Identifier: MIT
 *
 * net-fixture.h - reports on a target, what was fetched from it, and what tests look up in them.
 */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include "tbdiag.h"

#include "tests/peers/peer.h"

/* On this target, an address or a name; to be freed. */
struct tbd_report *net_report(const char *scheme, const char *host, uint16_t port);

/* The same of what was fetched there, which must succeed. options may be NULL. */
struct tbd_report *net_fetch(const char *scheme, const char *host, uint16_t port,
	const struct tbd_fetch_options *options);

/* And judged. */
struct tbd_report *net_fetch_judged(
	const char *scheme, uint16_t port, const struct tbd_fetch_options *options);

/* Forget both. */
void net_free(struct tbd_report *report, struct peer *peer);

/* The first step of this name, or NULL. */
const struct tbd_step *net_step(const struct tbd_report *report, const char *name);

/* Until the last step ended. */
int64_t net_elapsed_ms(const struct tbd_report *report);

/* The report in full, of which every output is made, has it in no case of letters. */
void net_assert_hidden(const struct tbd_report *report, const char *text);

#endif
