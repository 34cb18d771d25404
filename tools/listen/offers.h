/* SPDX-License-Identifier: MIT
 *
 * offers.h - what a ClientHello offers, by name.
 */
#ifndef LISTEN_OFFERS_H
#define LISTEN_OFFERS_H

#include "tools/listen/listen.h"
#include "tools/listen/names.h"

enum { OFFERS_TEXT_SIZE = 4 * REPLAY_NAME_MAX + 1 }; /* a name in which every byte is escaped */

struct offers {
	struct listen_hello hello; /* points into what follows */
	struct names_list versions, suites, groups, signatures, extensions;
	const char *alpn[REPLAY_ALPN_MAX + 1];
	char alpn_text[REPLAY_ALPN_MAX][OFFERS_TEXT_SIZE];
	char server_name[OFFERS_TEXT_SIZE];
	char suite[NAMES_TEXT_SIZE];
};

/* Fill all of it. `suite` is the one that was taken, or 0. */
void offers_fill(struct offers *offers, const struct replay_hello *from, uint16_t suite);

#endif
