/* SPDX-License-Identifier: MIT
 *
 * chains.h - the certificates that the sandbox serves, good ones and bad ones.
 */
#ifndef SANDBOX_CHAINS_H
#define SANDBOX_CHAINS_H

#include "certs/mint.h"

#include <stdio.h>

enum { CHAIN_MAX = 8 };

struct chain {
	const char *aia;                /* where the leaf says its issuer can be had */
	struct mint_cert *root;         /* what a device of the sandbox trusts */
	const struct mint_cert *issuer; /* of the leaf; NULL: the leaf itself */
	const struct mint_cert *sent[CHAIN_MAX];
	size_t sent_count; /* the first is the leaf, whose key the server has */
	struct mint_cert *owned[CHAIN_MAX];
	size_t owned_count;
};

bool chain_is_known(const char *name);

/* The names of all, for people. */
void chain_names(FILE *out);

/* Each name as a line, for completion. */
void chain_values(FILE *out);

/* Mint the chain with this name, which is known; its leaf says that its issuer can be had at `aia`, which
 * lives as long as the chain (NULL: an address that does not exist). 0, or a GnuTLS error code and an empty chain. */
int chain_init(struct chain *chain, const char *name, const char *aia);
void chain_release(struct chain *chain);

#endif
