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

enum { MANY = 8 };

/* One fault while it is made. */
struct world {
	struct mint_cert *owned[MANY];
	size_t owned_count;
	const struct mint_cert *sent[MANY]; /* the leaf first */
	size_t sent_count;
	const struct mint_cert *trusted[MANY];
	size_t trusted_count;
};

static void mint_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "mint-faults: %s\n", what);
	exit(3);
}

static const struct mint_cert *make_fault(struct world *world, const struct mint_spec *spec)
{
	struct mint_cert *cert = mint_new(spec, NULL);
	mint_must(cert != NULL && world->owned_count < MANY, spec->cn);
	world->owned[world->owned_count++] = cert;
	return cert;
}

static void send_cert(struct world *world, const struct mint_cert *cert)
{
	world->sent[world->sent_count++] = cert;
}

static void trust(struct world *world, const struct mint_cert *cert)
{
	world->trusted[world->trusted_count++] = cert;
}

static int64_t days(int count)
{
	return (int64_t)time(NULL) + count * (int64_t)86400;
}

/* ---- what a good server has ------------------------------------------------------------------- */

#define NAMES "localhost,127.0.0.1,::1"

static const struct mint_cert *make_root(struct world *world)
{
	return make_fault(world, &(struct mint_spec){ .cn = "Example Root CA", .ca = true });
}

static const struct mint_cert *make_sub(struct world *world, const struct mint_cert *root)
{
	return make_fault(
		world, &(struct mint_spec){ .cn = "Example Sub CA", .ca = true, .issuer = root });
}

static const struct mint_cert *make_leaf(struct world *world, const struct mint_cert *issuer)
{
	return make_fault(
		world, &(struct mint_spec){ .cn = "localhost", .names = NAMES, .issuer = issuer });
}

/* Root, intermediate and leaf; leaf and intermediate are sent. Returns the root. */
static const struct mint_cert *good(struct world *world)
{
	const struct mint_cert *root = make_root(world);
	const struct mint_cert *sub = make_sub(world, root);
	send_cert(world, make_leaf(world, sub));
	send_cert(world, sub);
	return root;
}

/* This leaf below a good intermediate. */
static void odd_leaf(struct world *world, struct mint_spec spec)
{
	const struct mint_cert *root = make_root(world);
	spec.cn = "localhost";
	spec.issuer = make_sub(world, root);
	send_cert(world, make_fault(world, &spec));
	send_cert(world, spec.issuer);
	trust(world, root);
}

/* This intermediate between a good root and a good leaf. */
static void odd_sub(struct world *world, struct mint_spec spec)
{
	spec.cn = "Example Sub CA";
	spec.issuer = make_root(world);
	const struct mint_cert *sub = make_fault(world, &spec);
	send_cert(world, make_leaf(world, sub));
	send_cert(world, sub);
	trust(world, spec.issuer);
}

/* ---- what is wrong ---------------------------------------------------------------------------- */

static void nothing(struct world *world)
{
	trust(world, good(world));
}

static void wrong_ca(struct world *world)
{
	good(world);
	trust(world, make_fault(world, &(struct mint_spec){ .cn = "Other Root CA", .ca = true }));
}

static void missing_intermediate(struct world *world)
{
	trust(world, good(world));
	world->sent_count = 1;
}

static void rekeyed_root(struct world *world)
{
	good(world);
	trust(world, make_root(world));
}

static void renamed_root(struct world *world)
{
	const struct mint_cert *root = good(world);
	trust(world,
		make_fault(world,
			&(struct mint_spec){
				.cn = "Example Root CA G1", .ca = true, .key_of = root }));
}

static void self_signed(struct world *world)
{
	send_cert(world, make_leaf(world, NULL));
	trust(world, make_root(world));
}

static void private_root_sent(struct world *world)
{
	send_cert(world, good(world));
	trust(world, make_fault(world, &(struct mint_spec){ .cn = "Other Root CA", .ca = true }));
}

static void pinned_old_leaf(struct world *world)
{
	good(world);
	trust(world,
		make_fault(world,
			&(struct mint_spec){ .cn = "localhost",
				.names = NAMES,
				.issuer = world->owned[1],
				.not_before = days(-340),
				.not_after = days(25) }));
}

static void intermediate_trusted(struct world *world)
{
	good(world);
	trust(world, world->sent[1]);
}

static void expired(struct world *world)
{
	odd_leaf(world,
		(struct mint_spec){
			.names = NAMES, .not_before = days(-91), .not_after = days(-1) });
}

static void not_yet_valid(struct world *world)
{
	odd_leaf(world,
		(struct mint_spec){ .names = NAMES, .not_before = days(1), .not_after = days(91) });
}

static void expired_intermediate(struct world *world)
{
	odd_sub(world,
		(struct mint_spec){ .ca = true, .not_before = days(-366), .not_after = days(-1) });
}

static void expired_root(struct world *world)
{
	const struct mint_cert *root = make_fault(world,
		&(struct mint_spec){ .cn = "Example Root CA",
			.ca = true,
			.not_before = days(-366),
			.not_after = days(-1) });
	const struct mint_cert *sub = make_sub(world, root);
	send_cert(world, make_leaf(world, sub));
	send_cert(world, sub);
	trust(world, root);
}

/* As with ISRG Root X1 and DST Root CA X3: the way by the old root has ended, the other is good. */
static void expired_cross_sign(struct world *world)
{
	const struct mint_cert *root = good(world);
	const struct mint_cert *old = make_fault(world,
		&(struct mint_spec){ .cn = "Old Root CA",
			.ca = true,
			.not_before = days(-3660),
			.not_after = days(-1) });
	send_cert(world,
		make_fault(world,
			&(struct mint_spec){ .cn = "Example Root CA",
				.ca = true,
				.issuer = old,
				.key_of = root,
				.not_before = days(-366),
				.not_after = days(-1) }));
	trust(world, old);
	trust(world, root);
}

/* As R3 in ThingsBoard's tb-cloud-chain.pem. */
static void expired_entry(struct world *world)
{
	const struct mint_cert *root = good(world);
	trust(world,
		make_fault(world,
			&(struct mint_spec){ .cn = "Example Old Sub CA",
				.ca = true,
				.issuer = root,
				.not_before = days(-366),
				.not_after = days(-1) }));
	trust(world, root);
}

static void wrong_name(struct world *world)
{
	odd_leaf(world, (struct mint_spec){ .names = "other.example" });
}

static void name_in_cn_only(struct world *world)
{
	odd_leaf(world, (struct mint_spec){ 0 });
}

static void wrong_order(struct world *world)
{
	const struct mint_cert *root = make_root(world);
	const struct mint_cert *sub = make_sub(world, root);
	const struct mint_cert *lower = make_fault(
		world, &(struct mint_spec){ .cn = "Lower CA", .ca = true, .issuer = sub });
	send_cert(world, make_leaf(world, lower));
	send_cert(world, sub);
	send_cert(world, lower);
	trust(world, root);
}

static void wrong_purpose(struct world *world)
{
	static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
	odd_leaf(world, (struct mint_spec){ .names = NAMES, .eku = client });
}

static void issuer_is_no_ca(struct world *world)
{
	odd_sub(world, (struct mint_spec){ .ca = false });
}

static void path_length(struct world *world)
{
	const struct mint_cert *root = make_fault(world,
		&(struct mint_spec){
			.cn = "Example Root CA", .ca = true, .pathlen = MINT_PATHLEN(0) });
	const struct mint_cert *sub = make_sub(world, root);
	send_cert(world, make_leaf(world, sub));
	send_cert(world, sub);
	trust(world, root);
}

static void name_constraints(struct world *world)
{
	static const char *const allowed[] = { "example.com", NULL };
	odd_sub(world, (struct mint_spec){ .ca = true, .permitted_dns = allowed });
}

static void bad_signature(struct world *world)
{
	odd_leaf(world, (struct mint_spec){ .names = NAMES, .break_signature = true });
}

static void weak_key(struct world *world)
{
	odd_leaf(world,
		(struct mint_spec){ .names = NAMES, .key_type = MINT_RSA, .rsa_bits = 1024 });
}

static const struct fault {
	const char *name;
	const char *what;
	void (*make)(struct world *world);
} faults[] = {
	{ "nothing", "nothing is wrong", nothing },
	{ "wrong-ca", "the trust file holds another CA", wrong_ca },
	{ "missing-intermediate", "the server does not send its intermediate",
		missing_intermediate },
	{ "rekeyed-root", "the trust file holds a root of the same name with another key",
		rekeyed_root },
	{ "renamed-root", "the trust file holds the root's key under another name", renamed_root },
	{ "self-signed", "the server's certificate is self-signed", self_signed },
	{ "private-root-sent", "the root that is sent is not in the trust file",
		private_root_sent },
	{ "pinned-old-leaf", "the trust file holds the server's certificate before its renewal",
		pinned_old_leaf },
	{ "intermediate-trusted", "the trust file holds the intermediate only",
		intermediate_trusted },
	{ "expired", "the server's certificate has expired", expired },
	{ "not-yet-valid", "the server's certificate is not valid yet", not_yet_valid },
	{ "expired-intermediate", "the intermediate has expired", expired_intermediate },
	{ "expired-root", "the root in the trust file has expired", expired_root },
	{ "expired-cross-sign", "an expired cross-sign is sent beside a good path (harmless)",
		expired_cross_sign },
	{ "expired-entry", "an expired entry in the trust file that nothing needs (harmless)",
		expired_entry },
	{ "wrong-name", "the certificate is for another host", wrong_name },
	{ "name-in-cn-only", "the name stands in the common name only", name_in_cn_only },
	{ "wrong-order", "the intermediates are sent in the wrong order", wrong_order },
	{ "wrong-purpose", "the certificate is for clients", wrong_purpose },
	{ "issuer-is-no-ca", "the issuer is no CA", issuer_is_no_ca },
	{ "path-length", "the root forbids an intermediate (path length)", path_length },
	{ "name-constraints", "the intermediate may not name this host", name_constraints },
	{ "bad-signature", "a signature is broken", bad_signature },
	{ "weak-key", "the key is RSA of 1024 bit", weak_key },
};

/* ---- files ------------------------------------------------------------------------------------ */

static void write_in(const char *dir, const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	mint_must(text != NULL && mint_write(path, text, 0600) == 0, path);
}

static void write_fault(const char *parent, const struct fault *fault)
{
	char dir[4000], what[200];
	struct world world = { 0 };
	fault->make(&world);
	char *chain = mint_chain_pem(world.sent, world.sent_count);
	char *ca = mint_chain_pem(world.trusted, world.trusted_count);
	char *key = mint_key_pem(world.sent[0]);
	snprintf(dir, sizeof(dir), "%s/%s", parent, fault->name);
	snprintf(what, sizeof(what), "%s\n", fault->what);
	mint_must(mkdir(dir, 0700) == 0, dir);
	write_in(dir, "chain.pem", chain);
	write_in(dir, "ca.pem", ca);
	write_in(dir, "key.pem", key);
	write_in(dir, "what", what);
	gnutls_free(key);
	free(ca);
	free(chain);
	for (size_t i = 0; i < world.owned_count; i++)
		mint_free(world.owned[i]);
}

/* Prints the names. */
int main(int argc, char **argv)
{
	mint_must(argc == 2, "usage: mint-faults DIRECTORY");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		write_fault(argv[1], &faults[i]);
		puts(faults[i].name);
	}
	return fflush(stdout) == 0 ? 0 : 3;
}
