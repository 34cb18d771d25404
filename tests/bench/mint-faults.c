/* SPDX-License-Identifier: MIT
 *
 * mint-faults.c - certificates with which one thing is wrong, for a server on localhost and the trust file
 * of its client: DIRECTORY/NAME/ gets chain.pem, key.pem, ca.pem and `what`, a line that says what it is.
 *
 * usage: mint-faults DIRECTORY
 */
#include "certs/mint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void mint_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "mint-faults: %s\n", what);
	exit(3);
}

/* ---- the certificates ------------------------------------------------------------------------- */

#define ROOT .cn = "Example Root CA", .ca = true
#define SUB .cn = "Example Sub CA", .ca = true
#define LEAF .cn = "localhost", .names = "localhost,127.0.0.1,::1"

static const char *const for_clients[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
static const char *const example_com[] = { "example.com", NULL };

/* Each has a letter, that of its issuer, which stands above it ('-': itself), and of whose key it has, when it is
 * not its own. When it begins and ends is in days from now; 0: as usual. */
static const struct member {
	const char *letters;
	int begin, end;
	struct mint_spec spec;
} members[] = {
	/* what a good server has */
	{ "r-", 0, 0, { ROOT } },
	{ "sr", 0, 0, { SUB } },
	{ "ls", 0, 0, { LEAF } },
	/* other roots */
	{ "o-", 0, 0, { .cn = "Other Root CA", .ca = true } },
	{ "k-", 0, 0, { ROOT } },
	{ "g-r", 0, 0, { .cn = "Example Root CA G1", .ca = true } },
	{ "d-", -3660, -1, { .cn = "Old Root CA", .ca = true } },
	{ "cdr", -366, -1, { ROOT } },
	/* leaves */
	{ "z-", 0, 0, { LEAF } },
	{ "as", -340, 25, { LEAF } },
	{ "es", -91, -1, { LEAF } },
	{ "fs", 1, 91, { LEAF } },
	{ "hs", 0, 0, { .cn = "localhost", .names = "other.example" } },
	{ "ns", 0, 0, { .cn = "localhost" } },
	{ "ps", 0, 0, { LEAF, .eku = for_clients } },
	{ "bs", 0, 0, { LEAF, .break_signature = true } },
	{ "ws", 0, 0, { LEAF, .key_type = MINT_RSA, .rsa_bits = 1024 } },
	/* intermediates and a leaf below each */
	{ "Or", -366, -1, { .cn = "Example Old Sub CA", .ca = true } },
	{ "Wr", -366, -1, { SUB } },
	{ "xW", 0, 0, { LEAF } },
	{ "Ls", 0, 0, { .cn = "Lower CA", .ca = true } },
	{ "yL", 0, 0, { LEAF } },
	{ "Nr", 0, 0, { .cn = "Example Sub CA" } },
	{ "mN", 0, 0, { LEAF } },
	{ "Cr", 0, 0, { SUB, .permitted_dns = example_com } },
	{ "qC", 0, 0, { LEAF } },
	/* roots with a good intermediate and leaf */
	{ "R-", -366, -1, { ROOT } },
	{ "SR", 0, 0, { SUB } },
	{ "tS", 0, 0, { LEAF } },
	{ "P-", 0, 0, { ROOT, .pathlen = MINT_PATHLEN(0) } },
	{ "QP", 0, 0, { SUB } },
	{ "uQ", 0, 0, { LEAF } },
};

/* By its letter. */
static struct mint_cert *made[128];

static int64_t days(int count)
{
	return count == 0 ? 0 : (int64_t)time(NULL) + count * (int64_t)86400;
}

static void mint_members(void)
{
	for (size_t i = 0; i < COUNT(members); i++) {
		const char *letters = members[i].letters;
		struct mint_spec spec = members[i].spec;
		spec.not_before = days(members[i].begin);
		spec.not_after = days(members[i].end);
		spec.issuer = made[(int)letters[1]];
		spec.key_of = made[(int)letters[2]];
		mint_must(made[(int)letters[0]] == NULL, letters);
		made[(int)letters[0]] = mint_new(&spec, NULL);
		mint_must(made[(int)letters[0]] != NULL, spec.cn);
	}
}

/* ---- what is wrong ---------------------------------------------------------------------------- */

static const struct fault {
	const char *name;
	const char *sent; /* the leaf first */
	const char *trusted;
	const char *what;
} faults[] = {
	{ "nothing", "ls", "r", "nothing is wrong" },
	{ "wrong-ca", "ls", "o", "the trust file holds another CA" },
	{ "missing-intermediate", "l", "r", "the server does not send its intermediate" },
	{ "rekeyed-root", "ls", "k",
		"the trust file holds a root of the same name with another key" },
	{ "renamed-root", "ls", "g", "the trust file holds the root's key under another name" },
	{ "self-signed", "z", "r", "the server's certificate is self-signed" },
	{ "private-root-sent", "lsr", "o", "the root that is sent is not in the trust file" },
	{ "pinned-old-leaf", "ls", "a",
		"the trust file holds the server's certificate before its renewal" },
	{ "intermediate-trusted", "ls", "s", "the trust file holds the intermediate only" },
	{ "expired", "es", "r", "the server's certificate has expired" },
	{ "not-yet-valid", "fs", "r", "the server's certificate is not valid yet" },
	{ "expired-intermediate", "xW", "r", "the intermediate has expired" },
	{ "expired-root", "tS", "R", "the root in the trust file has expired" },
	/* As with ISRG Root X1 and DST Root CA X3: the way by the old root has ended, the other is good. */
	{ "expired-cross-sign", "lsc", "dr",
		"an expired cross-sign is sent beside a good path (harmless)" },
	/* As R3 in ThingsBoard's tb-cloud-chain.pem. */
	{ "expired-entry", "ls", "Or",
		"an expired entry in the trust file that nothing needs (harmless)" },
	{ "wrong-name", "hs", "r", "the certificate is for another host" },
	{ "name-in-cn-only", "ns", "r", "the name stands in the common name only" },
	{ "wrong-order", "ysL", "r", "the intermediates are sent in the wrong order" },
	{ "wrong-purpose", "ps", "r", "the certificate is for clients" },
	{ "issuer-is-no-ca", "mN", "r", "the issuer is no CA" },
	{ "path-length", "uQ", "P", "the root forbids an intermediate (path length)" },
	{ "name-constraints", "qC", "r", "the intermediate may not name this host" },
	{ "bad-signature", "bs", "r", "a signature is broken" },
	{ "weak-key", "ws", "r", "the key is RSA of 1024 bit" },
};

/* ---- files ------------------------------------------------------------------------------------ */

static void write_in(const char *dir, const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	mint_must(text != NULL && mint_write(path, text, 0600) == 0, path);
}

static void write_certs(const char *dir, const char *name, const char *letters)
{
	const struct mint_cert *certs[8];
	size_t count = 0;
	for (; letters[count] != '\0'; count++)
		certs[count] = made[(int)letters[count]];
	char *pem = mint_chain_pem(certs, count);
	write_in(dir, name, pem);
	free(pem);
}

static void write_fault(const char *parent, const struct fault *fault)
{
	char dir[4000], what[200];
	char *key = mint_key_pem(made[(int)fault->sent[0]]);
	snprintf(dir, sizeof(dir), "%s/%s", parent, fault->name);
	snprintf(what, sizeof(what), "%s\n", fault->what);
	mint_must(mkdir(dir, 0700) == 0, dir);
	write_certs(dir, "chain.pem", fault->sent);
	write_certs(dir, "ca.pem", fault->trusted);
	write_in(dir, "key.pem", key);
	write_in(dir, "what", what);
	gnutls_free(key);
}

/* Prints the names. */
int main(int argc, char **argv)
{
	mint_must(argc == 2, "usage: mint-faults DIRECTORY");
	mint_members();
	for (size_t i = 0; i < COUNT(faults); i++) {
		write_fault(argv[1], &faults[i]);
		puts(faults[i].name);
	}
	for (size_t i = 0; i < COUNT(made); i++)
		mint_free(made[i]);
	return fflush(stdout) == 0 ? 0 : 3;
}
