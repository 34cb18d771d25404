/* SPDX-License-Identifier: MIT
 *
 * mint-family.c - make root, intermediate and leaf for localhost: ca.pem, server-chain.pem and
 * server-key.pem in a directory.
 *
 * usage: mint-family DIRECTORY
 */
#include "certs/mint.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool write_in(const char *dir, const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return text != NULL && mint_write(path, text, 0600) == 0;
}

int main(int argc, char **argv)
{
	struct mint_family family;
	if (argc != 2 || mint_family_init(&family, 0) != 0)
		return 3;
	const struct mint_cert *chain[] = { family.leaf, family.intermediate };
	char *chain_pem = mint_chain_pem(chain, 2);
	char *key_pem = mint_key_pem(family.leaf);
	bool fine = write_in(argv[1], "ca.pem", (const char *)family.root->pem.data) &&
		write_in(argv[1], "server-chain.pem", chain_pem) &&
		write_in(argv[1], "server-key.pem", key_pem);
	gnutls_free(key_pem);
	free(chain_pem);
	mint_family_release(&family);
	return fine ? 0 : 3;
}
