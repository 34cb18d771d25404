/* SPDX-License-Identifier: MIT
 *
 * chains.c - the certificates that the sandbox serves, good ones and bad ones.
 */
#include "tools/cli/tool.h"

#include "chains.h"

#define AIA "http://sandbox.invalid/intermediate.cer"
#define HOST_NAMES "localhost,127.0.0.1,::1"
#define ROOT "Sandbox Root CA"
#define DAY INT64_C(86400)

/* Who issued the intermediate, where it is not the root that devices trust. */
enum top {
	TOP_IS_ROOT,
	TOP_IS_OTHER,   /* another root */
	TOP_HAS_KEY,    /* the root's key under another name */
	TOP_IS_ENCODED, /* the root under its own name, in another type of string */
};

/* When a certificate begins and ends, in days from now; 0: as usual. */
struct days {
	int begin, end;
};

static const char *const for_clients[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
static const char *const example_com[] = { "example.com", NULL };
static const char padding[6000];
static const struct mint_extension unknown_critical[] = {
	{ "1.3.6.1.4.1.55555.1", true, MINT_BYTES("\x05\x00") },
	{ NULL, false, { NULL, 0 } },
};
static const struct mint_extension large[] = {
	{ "1.3.6.1.4.1.55555.2", false, { padding, sizeof(padding) } },
	{ NULL, false, { NULL, 0 } },
};
static const struct mint_san address_as_name[] = {
	{ MINT_SAN_DNS, MINT_BYTES("localhost") },
	{ MINT_SAN_DNS, MINT_BYTES("127.0.0.1") },
	{ 0, { NULL, 0 } },
};

/* One thing is wrong with each; what a specification leaves out is as it should be. What is sent: l the leaf,
 * i its issuer, u the issuer of that, where there is one, r the root, c the root as signed by an old one
 * that has ended, s a stranger. */
static const struct shape {
	const char *name;
	const char *sent; /* NULL: "li" */
	const char *top_name;
	enum top top;
	struct mint_spec root, intermediate, leaf;
	struct days root_days, intermediate_days, leaf_days;
	bool self_signed;
	bool no_names; /* the host stands in the common name only */
	bool is_no_ca; /* the intermediate */
} shapes[] = {
	{ .name = "complete" },
	{ .name = "leaf-only", .sent = "l" },
	{ .name = "self-signed", .sent = "l", .self_signed = true },
	{ .name = "expired", .leaf_days = { -91, -1 } },
	{ .name = "not-yet-valid", .leaf_days = { 1, 91 } },
	{ .name = "expires-now", .leaf_days = { -89, 2 } },
	{ .name = "expires-soon", .leaf_days = { -80, 15 } },
	{ .name = "wrong-host", .leaf = { .cn = "other.example", .names = "other.example" } },
	{ .name = "wildcard", .leaf = { .cn = "*.sandbox.example", .names = "*.sandbox.example" } },
	{ .name = "cn-only", .no_names = true },
	{ .name = "address-as-name", .leaf = { .sans = address_as_name } },
	{ .name = "other-root", .top = TOP_IS_OTHER, .top_name = "Sandbox Other Root CA" },
	{ .name = "rekeyed-root", .top = TOP_IS_OTHER, .top_name = ROOT },
	{ .name = "renamed-root", .top = TOP_HAS_KEY, .top_name = "Sandbox Root CA G2" },
	{ .name = "encoded-name", .top = TOP_IS_ENCODED },
	{ .name = "intercepted", .top = TOP_IS_OTHER, .top_name = "FortiGate CA" },
	{ .name = "private-root",
		.sent = "lir",
		.top = TOP_IS_OTHER,
		.top_name = "Sandbox Private Root CA" },
	{ .name = "expired-root", .root_days = { -3650, -1 } },
	{ .name = "expired-cross-sign", .sent = "lic" },
	{ .name = "expired-intermediate", .intermediate_days = { -366, -1 } },
	{ .name = "wrong-order", .sent = "lui" },
	{ .name = "duplicate", .sent = "lli" },
	{ .name = "unrelated", .sent = "lis" },
	{ .name = "root-sent", .sent = "lir" },
	{ .name = "large", .leaf = { .extensions = large } },
	{ .name = "bad-signature", .leaf = { .break_signature = true } },
	{ .name = "not-a-ca", .is_no_ca = true },
	{ .name = "path-length", .root = { .pathlen = MINT_PATHLEN(0) } },
	{ .name = "name-constraints", .intermediate = { .permitted_dns = example_com } },
	{ .name = "client-only", .leaf = { .eku = for_clients } },
	{ .name = "unknown-critical", .leaf = { .extensions = unknown_critical } },
	{ .name = "sha1",
		.intermediate = { .key_type = MINT_RSA },
		.leaf = { .hash = GNUTLS_DIG_SHA1 } },
	{ .name = "weak-key", .leaf = { .key_type = MINT_RSA, .rsa_bits = 1024 } },
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

void chain_names(FILE *out)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", shapes[i].name);
}

void chain_values(FILE *out)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		fprintf(out, "%s\t\n", shapes[i].name);
}

/* Mint a certificate that the chain owns; NULL and *rc on failure. Nothing is minted after a failure. */
static struct mint_cert *add_to_chain(struct chain *chain, const struct mint_spec *spec, int *rc)
{
	if (*rc < 0)
		return NULL;
	struct mint_cert *cert = mint_new(spec, rc);
	if (cert != NULL)
		chain->owned[chain->owned_count++] = cert;
	return cert;
}

/* 0 stands for what mint_new() takes for usual. */
static void set_days(struct mint_spec *spec, struct days days)
{
	int64_t now = (int64_t)time(NULL);
	spec->not_before = days.begin != 0 ? now + days.begin * DAY : 0;
	spec->not_after = days.end != 0 ? now + days.end * DAY : 0;
}

static struct mint_cert *add_root(struct chain *chain, const struct shape *shape, int *rc)
{
	struct mint_spec spec = shape->root;
	spec.cn = ROOT;
	spec.ca = true;
	set_days(&spec, shape->root_days);
	return add_to_chain(chain, &spec, rc);
}

static const struct mint_cert *add_top(struct chain *chain, const struct shape *shape, int *rc)
{
	static const struct mint_rdn encoded[] = {
		{ GNUTLS_OID_X520_COMMON_NAME, MINT_BYTES(ROOT), MINT_PRINTABLE_STRING },
		{ NULL, { NULL, 0 }, 0 },
	};
	if (shape->top == TOP_IS_ROOT)
		return chain->root;
	bool is_encoded = shape->top == TOP_IS_ENCODED;
	return add_to_chain(chain,
		&(struct mint_spec){ .cn = shape->top_name,
			.subject = is_encoded ? encoded : NULL,
			.ca = true,
			.key_of = shape->top == TOP_IS_OTHER ? NULL : chain->root },
		rc);
}

static struct mint_cert *add_intermediate(struct chain *chain, const char *cn,
	const struct mint_cert *issuer, const struct shape *shape, int *rc)
{
	struct mint_spec spec = shape->intermediate;
	spec.cn = cn;
	spec.ca = !shape->is_no_ca;
	spec.issuer = issuer;
	set_days(&spec, shape->intermediate_days);
	return add_to_chain(chain, &spec, rc);
}

static struct mint_cert *add_leaf(
	struct chain *chain, const struct mint_cert *issuer, const struct shape *shape, int *rc)
{
	struct mint_spec spec = shape->leaf;
	if (spec.cn == NULL)
		spec.cn = "localhost";
	if (spec.names == NULL && spec.sans == NULL && !shape->no_names)
		spec.names = HOST_NAMES;
	spec.issuer = issuer;
	spec.aia = chain->aia;
	set_days(&spec, shape->leaf_days);
	return add_to_chain(chain, &spec, rc);
}

/* As ThingsBoard's documentation makes them with `openssl req -x509`. */
static struct mint_cert *add_self_signed(struct chain *chain, int *rc)
{
	struct mint_spec spec = {
		.cn = "localhost", .names = HOST_NAMES, .ca = true, .no_key_usage = true
	};
	set_days(&spec, (struct days){ 0, 365 });
	return add_to_chain(chain, &spec, rc);
}

/* The root's name and key, signed by a root that has ended, and itself at its end. */
static struct mint_cert *add_cross_sign(struct chain *chain, int *rc)
{
	struct mint_spec old = { .cn = "Sandbox Old Root CA", .ca = true };
	struct mint_spec spec = { .cn = ROOT, .ca = true, .key_of = chain->root };
	set_days(&old, (struct days){ -3650, -1 });
	set_days(&spec, (struct days){ -365, -1 });
	spec.issuer = add_to_chain(chain, &old, rc);
	return add_to_chain(chain, &spec, rc);
}

static struct mint_cert *add_stranger(struct chain *chain, int *rc)
{
	struct mint_cert *issuer = add_to_chain(
		chain, &(struct mint_spec){ .cn = "Stranger Root CA", .ca = true }, rc);
	return add_to_chain(chain,
		&(struct mint_spec){ .cn = "Stranger CA", .ca = true, .issuer = issuer }, rc);
}

static void make_chain_cert(struct chain *chain, const struct shape *shape, int *rc)
{
	const char *sent = shape->sent != NULL ? shape->sent : "li";
	const struct mint_cert *by_letter[128] = { NULL };
	chain->root = add_root(chain, shape, rc);
	const struct mint_cert *top = add_top(chain, shape, rc);
	by_letter['r'] = top;
	if (strchr(sent, 'u') != NULL)
		by_letter['u'] = top =
			add_intermediate(chain, "Sandbox Upper Intermediate CA", top, shape, rc);
	if (!shape->self_signed)
		by_letter['i'] = chain->issuer =
			add_intermediate(chain, "Sandbox Intermediate CA", top, shape, rc);
	by_letter['l'] = shape->self_signed ? add_self_signed(chain, rc)
					    : add_leaf(chain, chain->issuer, shape, rc);
	if (strchr(sent, 'c') != NULL)
		by_letter['c'] = add_cross_sign(chain, rc);
	if (strchr(sent, 's') != NULL)
		by_letter['s'] = add_stranger(chain, rc);
	for (; *sent != '\0'; sent++)
		chain->sent[chain->sent_count++] = by_letter[(unsigned char)*sent & 127];
}

int chain_init(struct chain *chain, const char *name, const char *aia)
{
	int rc = 0;
	const struct shape *shape = find_shape(name);
	*chain = (struct chain){ .aia = aia != NULL ? aia : AIA };
	if (shape == NULL)
		return GNUTLS_E_INVALID_REQUEST;
	make_chain_cert(chain, shape, &rc);
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
