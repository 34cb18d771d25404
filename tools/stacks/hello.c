/* SPDX-License-Identifier: MIT
 *
 * hello.c - reads a ClientHello, and finds what fits a server's key.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/hello.h"

#include "tools/stacks/cursor.h"

enum {
	TLS_1_2 = 0x0303,
	EXTENSION_NAME = 0,
	EXTENSION_MAX_FRAGMENT = 1,
	EXTENSION_GROUPS = 10,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
	EXTENSION_RENEGOTIATION = 0xff01,
	RENEGOTIATION_SCSV = 0x00ff,
};

/* ---- reading ---------------------------------------------------------------------------------- */

static void read_list(struct replay_list *list, struct cursor from)
{
	list->count = 0;
	while (from.left >= 2 && list->count < REPLAY_LIST_MAX)
		list->value[list->count++] = (uint16_t)cursor_number(&from, 2);
}

/* A NUL would end it: it is left out, as is what is too long. */
static void read_text(char *text, struct cursor from)
{
	size_t len = 0;
	for (; from.left > 0 && len < REPLAY_NAME_MAX; from.left--, from.at++)
		if (*from.at != '\0')
			text[len++] = (char)*from.at;
	text[len] = '\0';
}

static void read_name(struct replay_hello *hello, struct cursor data)
{
	struct cursor names = cursor_vector(&data, 2);
	uint32_t type = cursor_number(&names, 1);
	struct cursor name = cursor_vector(&names, 2);
	if (type == 0)
		read_text(hello->name, name);
}

static void read_alpn(struct replay_hello *hello, struct cursor data)
{
	struct cursor names = cursor_vector(&data, 2);
	hello->alpn_count = 0;
	while (names.left > 0 && hello->alpn_count < REPLAY_ALPN_MAX) {
		struct cursor name = cursor_vector(&names, 1);
		if (!name.failed)
			read_text(hello->alpn[hello->alpn_count++], name);
	}
}

static void read_max_fragment(struct replay_hello *hello, struct cursor data)
{
	uint32_t code = cursor_number(&data, 1);
	if (code >= 1 && code <= 4)
		hello->max_fragment = 256U << code;
}

static void read_extension(struct replay_hello *hello, uint32_t type, struct cursor data)
{
	switch (type) {
	case EXTENSION_NAME:
		read_name(hello, data);
		break;
	case EXTENSION_MAX_FRAGMENT:
		read_max_fragment(hello, data);
		break;
	case EXTENSION_GROUPS:
		read_list(&hello->groups, cursor_vector(&data, 2));
		break;
	case EXTENSION_SIGNATURES:
		read_list(&hello->signatures, cursor_vector(&data, 2));
		break;
	case EXTENSION_ALPN:
		read_alpn(hello, data);
		break;
	case EXTENSION_VERSIONS:
		read_list(&hello->versions, cursor_vector(&data, 1));
		break;
	case EXTENSION_RENEGOTIATION:
		hello->renegotiation_info = true;
		break;
	default:
		break;
	}
}

static void read_extensions(struct replay_hello *hello, struct cursor *c)
{
	struct cursor extensions = cursor_vector(c, 2);
	struct replay_list *types = &hello->extensions;
	while (extensions.left > 0) {
		uint16_t type = (uint16_t)cursor_number(&extensions, 2);
		struct cursor data = cursor_vector(&extensions, 2);
		if (types->count < REPLAY_LIST_MAX)
			types->value[types->count++] = type;
		if (!data.failed)
			read_extension(hello, type, data);
	}
	c->failed |= extensions.failed;
}

static bool offers_number(const struct replay_list *list, uint16_t value)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->value[i] == value)
			return true;
	return false;
}

bool hello_read(struct replay_hello *hello, const uint8_t *data, size_t len)
{
	struct cursor c = { .at = data, .left = len };
	*hello = (struct replay_hello){ 0 };
	hello->version = (uint16_t)cursor_number(&c, 2);
	cursor_take(&c, 32);  /* random */
	cursor_vector(&c, 1); /* session id */
	read_list(&hello->suites, cursor_vector(&c, 2));
	cursor_vector(&c, 1); /* compression methods */
	hello->renegotiation_info = offers_number(&hello->suites, RENEGOTIATION_SCSV);
	if (c.left > 0)
		read_extensions(hello, &c);
	return !c.failed;
}

bool hello_offers_tls12(const struct replay_hello *hello)
{
	if (hello->versions.count > 0)
		return offers_number(&hello->versions, TLS_1_2);
	return hello->version >= TLS_1_2;
}

/* ---- what fits the leaf's key ----------------------------------------------------------------- */

/* The low byte of a signature scheme of TLS 1.2 is the kind of key; the others are listed one by one. */
struct key_kind {
	const char *oid; /* of SubjectPublicKeyInfo, as DER without its head */
	size_t oid_len;
	bool ecdsa;          /* goes with the suites of that name */
	uint8_t signature;   /* low byte; 0: none */
	uint16_t schemes[3]; /* further */
	uint16_t curve;      /* the number of the group that it needs; 0: any */
};

#define OID(text) text, sizeof(text) - 1
static const struct key_kind key_kinds[] = {
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), false, 1, { 0x0804, 0x0805, 0x0806 },
		0 }, /* RSA */
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), false, 0, { 0x0809, 0x080a, 0x080b },
		0 },                                     /* RSA-PSS */
	{ OID("\x2b\x65\x70"), true, 0, { 0x0807 }, 0 }, /* Ed25519 */
	{ OID("\x2b\x65\x71"), true, 0, { 0x0808 }, 0 }, /* Ed448 */
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), true, 3,
		{ 0 }, 23 },
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"), true, 3, { 0 },
		24 }, /* P-384 */
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"), true, 3, { 0 },
		25 }, /* P-521 */
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a"), true, 3, { 0 },
		22 }, /* secp256k1 */
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), true, 3,
		{ 0 }, 26 },
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), true, 3,
		{ 0 }, 27 },
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), true, 3,
		{ 0 }, 28 },
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01"), true, 3, { 0 }, 0 }, /* other curves */
};

/* The content of the next element of DER, of whichever tag. */
static struct cursor der_content(struct cursor *c)
{
	cursor_number(c, 1);
	uint32_t len = cursor_number(c, 1);
	if (len > 0x80 && len <= 0x83)
		len = cursor_number(c, len - 0x80);
	else if (len >= 0x80)
		c->failed = true;
	return cursor_take(c, len);
}

/* What SubjectPublicKeyInfo says of its algorithm, or a failed cursor. */
static struct cursor leaf_algorithm(const struct replay_bytes *leaf)
{
	struct cursor c = { .at = leaf->data, .left = leaf->len };
	struct cursor certificate = der_content(&c);
	struct cursor tbs = der_content(&certificate);
	if (tbs.left > 0 && *tbs.at == 0xa0)
		der_content(&tbs); /* version */
	for (int skip = 0; skip < 5; skip++)
		der_content(&tbs); /* serial number, signature, issuer, validity, subject */
	struct cursor key_info = der_content(&tbs);
	return der_content(&key_info);
}

static const struct key_kind *leaf_key_kind(const struct replay_bytes *leaf)
{
	struct cursor algorithm = leaf_algorithm(leaf);
	if (algorithm.failed || algorithm.left < 2)
		return NULL;
	cursor_take(&algorithm,
		2); /* tag and length of the OBJECT IDENTIFIER: the tables' are below 128 */
	for (size_t i = 0; i < sizeof(key_kinds) / sizeof(key_kinds[0]); i++) {
		const struct key_kind *kind = &key_kinds[i];
		if (algorithm.left >= kind->oid_len &&
			memcmp(algorithm.at, kind->oid, kind->oid_len) == 0)
			return kind;
	}
	return NULL;
}

static bool client_verifies(const struct replay_hello *hello, const struct key_kind *kind)
{
	if (hello->signatures.count == 0)
		return kind->signature != 0; /* RFC 5246, 7.4.1.4.1: then with SHA-1 */
	for (size_t i = 0; i < hello->signatures.count; i++) {
		uint16_t scheme = hello->signatures.value[i];
		if (kind->signature != 0 && (scheme >> 8) < 8 && (scheme & 0xff) == kind->signature)
			return true;
		for (size_t k = 0; k < 3; k++)
			if (scheme == kind->schemes[k] && scheme != 0)
				return true;
	}
	return false;
}

/* RFC 8422, 5.1: a server must not use a curve that the client did not name. */
static bool client_has_curve(const struct replay_hello *hello, uint16_t curve)
{
	return curve == 0 || hello->groups.count == 0 || offers_number(&hello->groups, curve);
}

static bool client_has_exchange_group(const struct replay_hello *hello)
{
	static const uint16_t ours[] = { 23, 24, 25, 29,
		30 }; /* P-256, P-384, P-521, X25519, X448 */
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (client_has_curve(hello, ours[i]))
			return true;
	return false;
}

enum exchange { ECDHE_ECDSA, ECDHE_RSA, DHE_RSA, PLAIN_RSA };

/* In the order in which a server of today takes them. */
static const struct {
	uint16_t suite;
	enum exchange exchange;
} suites[] = {
	{ 0xc02c, ECDHE_ECDSA },
	{ 0xc02b, ECDHE_ECDSA },
	{ 0xcca9, ECDHE_ECDSA },
	{ 0xc0ad, ECDHE_ECDSA },
	{ 0xc0ac, ECDHE_ECDSA },
	{ 0xc0af, ECDHE_ECDSA },
	{ 0xc0ae, ECDHE_ECDSA },
	{ 0xc024, ECDHE_ECDSA },
	{ 0xc023, ECDHE_ECDSA },
	{ 0xc00a, ECDHE_ECDSA },
	{ 0xc009, ECDHE_ECDSA },
	{ 0xc008, ECDHE_ECDSA },
	{ 0xc030, ECDHE_RSA },
	{ 0xc02f, ECDHE_RSA },
	{ 0xcca8, ECDHE_RSA },
	{ 0xc028, ECDHE_RSA },
	{ 0xc027, ECDHE_RSA },
	{ 0xc014, ECDHE_RSA },
	{ 0xc013, ECDHE_RSA },
	{ 0xc012, ECDHE_RSA },
	{ 0x009f, DHE_RSA },
	{ 0x009e, DHE_RSA },
	{ 0xccaa, DHE_RSA },
	{ 0x006b, DHE_RSA },
	{ 0x0067, DHE_RSA },
	{ 0x0039, DHE_RSA },
	{ 0x0033, DHE_RSA },
	{ 0x009d, PLAIN_RSA },
	{ 0x009c, PLAIN_RSA },
	{ 0xc09d, PLAIN_RSA },
	{ 0xc09c, PLAIN_RSA },
	{ 0xc0a1, PLAIN_RSA },
	{ 0xc0a0, PLAIN_RSA },
	{ 0x003d, PLAIN_RSA },
	{ 0x003c, PLAIN_RSA },
	{ 0x0035, PLAIN_RSA },
	{ 0x002f, PLAIN_RSA },
	{ 0x000a, PLAIN_RSA },
};

static bool exchange_fits(
	enum exchange exchange, const struct replay_hello *hello, const struct key_kind *kind)
{
	if (exchange == ECDHE_ECDSA || exchange == ECDHE_RSA)
		if (!client_has_exchange_group(hello))
			return false;
	if (kind == NULL)
		return true;
	if (exchange == PLAIN_RSA) /* which decrypts: nothing is signed, and RSA-PSS keys cannot */
		return !kind->ecdsa && kind->signature != 0;
	return kind->ecdsa == (exchange == ECDHE_ECDSA) && client_verifies(hello, kind) &&
		client_has_curve(hello, kind->curve);
}

uint16_t hello_choose_suite(const struct replay_hello *hello, const struct replay_bytes *leaf)
{
	const struct key_kind *kind = leaf_key_kind(leaf);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (offers_number(&hello->suites, suites[i].suite) &&
			exchange_fits(suites[i].exchange, hello, kind))
			return suites[i].suite;
	return 0;
}
