/* SPDX-License-Identifier: MIT
 *
 * chains.c - the certificates that the sandbox serves, good ones and bad ones.
 */
#include "config.h"

#include "chains.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "banned.h"

#define AIA "http://sandbox.invalid/intermediate.cer"
#define HOST_NAMES "localhost,127.0.0.1,::1"
#define ROOT "Sandbox Root CA"

/* One thing is wrong with each. Days count from now. */
static const struct shape {
	const char *name;
	const char *leaf_names; /* NULL: HOST_NAMES */
	int leaf_begin, leaf_end;
	int intermediate_begin, intermediate_end;
	bool leaf_only;
	bool self_signed;
	const char *top;  /* the name of another root; NULL: the one that devices trust */
	bool top_has_key; /* it has the key of the one that devices trust */
	bool wrong_order;
} shapes[] = {
	{ .name = "complete" },
	{ .name = "leaf-only", .leaf_only = true },
	{ .name = "self-signed", .self_signed = true },
	{ .name = "expired", .leaf_begin = -91, .leaf_end = -1 },
	{ .name = "not-yet-valid", .leaf_begin = 1, .leaf_end = 91 },
	{ .name = "wrong-host", .leaf_names = "other.example" },
	{ .name = "other-root", .top = "Sandbox Other Root CA" },
	{ .name = "rekeyed-root", .top = ROOT },
	{ .name = "renamed-root", .top = "Sandbox Root CA G2", .top_has_key = true },
	{ .name = "intercepted", .top = "FortiGate CA" },
	{ .name = "wrong-order", .wrong_order = true },
	{ .name = "expired-intermediate", .intermediate_begin = -366, .intermediate_end = -1 },
};

static const struct shape *find_shape(const char *name)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}

bool chain_is_known(const char *name)
{
	return find_shape(name) != NULL;
}

void chain_values(FILE *out)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		fprintf(out, "%s\t\n", shapes[i].name);
}

/* 0 stands for what mint_new() takes for usual. */
static int64_t days_from_now(int days)
{
	return days == 0 ? 0 : (int64_t)time(NULL) + days * (int64_t)86400;
}

/* Mint a certificate that the chain owns; NULL and *rc on failure. Nothing is minted after a failure. */
static struct mint_cert *add(struct chain *chain, const struct mint_spec *spec, int *rc)
{
	if (*rc < 0)
		return NULL;
	struct mint_cert *cert = mint_new(spec, rc);
	if (cert != NULL)
		chain->owned[chain->owned_count++] = cert;
	return cert;
}

static void send_cert(struct chain *chain, const struct mint_cert *cert)
{
	chain->sent[chain->sent_count++] = cert;
}

static struct mint_cert *add_ca(struct chain *chain, const char *cn, const struct mint_cert *issuer,
	const struct shape *shape, int *rc)
{
	return add(chain,
		&(struct mint_spec){ .cn = cn,
			.ca = true,
			.issuer = issuer,
			.not_before = issuer != NULL ? days_from_now(shape->intermediate_begin) : 0,
			.not_after = issuer != NULL ? days_from_now(shape->intermediate_end) : 0 },
		rc);
}

/* As ThingsBoard's documentation makes them with `openssl req -x509`. */
static void send_self_signed(struct chain *chain, int *rc)
{
	send_cert(chain,
		add(chain,
			&(struct mint_spec){ .cn = "localhost",
				.names = HOST_NAMES,
				.ca = true,
				.no_key_usage = true,
				.not_after = days_from_now(365) },
			rc));
}

static void send_issued(struct chain *chain, const struct shape *shape, int *rc)
{
	const struct mint_cert *top = chain->root;
	if (shape->top != NULL)
		top = add(chain,
			&(struct mint_spec){ .cn = shape->top,
				.ca = true,
				.key_of = shape->top_has_key ? chain->root : NULL },
			rc);
	const struct mint_cert *issuer = add_ca(chain, "Sandbox Intermediate CA", top, shape, rc);
	const struct mint_cert *upper = NULL;
	if (shape->wrong_order) {
		upper = issuer;
		issuer = add_ca(chain, "Sandbox Lower Intermediate CA", upper, shape, rc);
	}
	chain->issuer = issuer;
	const char *names = shape->leaf_names != NULL ? shape->leaf_names : HOST_NAMES;
	send_cert(chain,
		add(chain,
			&(struct mint_spec){ .cn = shape->leaf_names != NULL ? names : "localhost",
				.names = names,
				.issuer = issuer,
				.not_before = days_from_now(shape->leaf_begin),
				.not_after = days_from_now(shape->leaf_end),
				.aia = chain->aia },
			rc));
	if (upper != NULL)
		send_cert(chain, upper);
	if (!shape->leaf_only)
		send_cert(chain, issuer);
}

int chain_init(struct chain *chain, const char *name, const char *aia)
{
	int rc = 0;
	const struct shape *shape = find_shape(name);
	*chain = (struct chain){ .aia = aia != NULL ? aia : AIA };
	if (shape == NULL)
		return GNUTLS_E_INVALID_REQUEST;
	chain->root = add_ca(chain, ROOT, NULL, shape, &rc);
	if (shape->self_signed)
		send_self_signed(chain, &rc);
	else
		send_issued(chain, shape, &rc);
	if (rc < 0)
		chain_release(chain);
	return rc;
}

void chain_release(struct chain *chain)
{
	for (size_t i = 0; i < chain->owned_count; i++)
		mint_free(chain->owned[i]);
	*chain = (struct chain){ 0 };
}
