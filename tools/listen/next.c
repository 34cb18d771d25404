/* SPDX-License-Identifier: MIT
 *
 * next.c - what follows the chain in TLS 1.2, made by nobody's key (RFC 5246, 7.4.3; RFC 8422, 5.4).
 */
#include "tools/listen/next.h"

enum {
	RECORD_HANDSHAKE = 22,
	TLS_1_2 = 0x0303,
	KEY_EXCHANGE = 12,
	HELLO_DONE = 14,
	NAMED_CURVE = 3,
	KEY_BITS_MAX = 16384,
	EC_BITS_MAX = 528, /* P-521 in whole bytes */
};

/* Bytes that are put one behind the other. */
struct bytes {
	unsigned char *data;
	size_t len;
};

static void put(struct bytes *to, size_t number, size_t size)
{
	while (size-- > 0)
		to->data[to->len++] = (unsigned char)(number >> (8 * size));
}

static void put_data(struct bytes *to, const void *data, size_t len)
{
	memcpy(to->data + to->len, data, len);
	to->len += len;
}

/* Begin what is preceded by its length, and end it. */
static size_t begin_vector(struct bytes *to, size_t size)
{
	put(to, 0, size);
	return to->len;
}

static void end_vector(struct bytes *to, size_t begin, size_t size)
{
	size_t end = to->len;
	to->len = begin - size;
	put(to, end - begin, size);
	to->len = end;
}

/* ---- the group --------------------------------------------------------------------------------- */

/* Public keys that everybody has: the base points. */
static const unsigned char x25519[32] = { 9 };
static const unsigned char p256[65] =
	"\x04"
	"\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2"
	"\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96"
	"\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16"
	"\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5";

static const struct {
	uint16_t group;
	const unsigned char *point;
	size_t len;
} points[] = {
	{ 0x001d, x25519, sizeof(x25519) },
	{ 0x0017, p256, sizeof(p256) },
};

static bool list_holds(const struct replay_list *list, uint16_t value)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->value[i] == value)
			return true;
	return false;
}

/* A client without a list takes every group (RFC 8422, 4), and an old one knows P-256. */
static bool put_point(struct bytes *to, const struct replay_hello *hello)
{
	for (size_t i = 0; i < TOOL_COUNT(points); i++) {
		bool unlisted = hello->groups.count == 0 && points[i].point == p256;
		if (!unlisted && !list_holds(&hello->groups, points[i].group))
			continue;
		put(to, NAMED_CURVE, 1);
		put(to, points[i].group, 2);
		put(to, points[i].len, 1);
		put_data(to, points[i].point, points[i].len);
		return true;
	}
	return false;
}

/* ---- the signature ----------------------------------------------------------------------------- */

enum {
	FILLER = 0x05
}; /* bytes of a number that is no signature, and less than every modulus and order */

static void put_filler(struct bytes *to, size_t len)
{
	memset(to->data + to->len, FILLER, len);
	to->len += len;
}

static void put_rsa(struct bytes *to, unsigned bits)
{
	put_filler(to, (bits + 7) / 8);
}

/* Two numbers in DER. */
static void put_ecdsa(struct bytes *to, unsigned bits)
{
	size_t len = (bits - 1) / 8; /* less than the order in any case */
	put(to, 0x30, 1);
	if (2 * (2 + len) >= 0x80)
		put(to, 0x81, 1);
	put(to, 2 * (2 + len), 1);
	for (int i = 0; i < 2; i++) {
		put(to, 0x02, 1);
		put(to, len, 1);
		put_filler(to, len);
	}
}

static void put_ed25519(struct bytes *to, unsigned bits)
{
	(void)bits;
	put_filler(to, 64);
}

static void put_ed448(struct bytes *to, unsigned bits)
{
	(void)bits;
	put_filler(to, 113);
	put(to, 0, 1);
}

/* For a kind of key: the low byte of the schemes that TLS 1.2 makes of a hash and a key (0: none), and the first and
 * last of those that have a number of their own. */
static const struct signer {
	const char *algorithm;
	uint8_t low;
	uint16_t first, last;
	void (*put)(struct bytes *to, unsigned bits);
	unsigned bits_max;
} signers[] = {
	{ "RSA", 1, 0x0804, 0x0806, put_rsa, KEY_BITS_MAX },
	{ "RSA-PSS", 0, 0x0809, 0x080b, put_rsa, KEY_BITS_MAX },
	{ "EC", 3, 0, 0, put_ecdsa, EC_BITS_MAX },
	{ "Ed25519", 0, 0x0807, 0x0807, put_ed25519, EC_BITS_MAX },
	{ "Ed448", 0, 0x0808, 0x0808, put_ed448, EC_BITS_MAX },
};

static const struct signer *signer_of(const struct next_key *key)
{
	for (size_t i = 0; i < TOOL_COUNT(signers); i++)
		if (strcmp(signers[i].algorithm, key->algorithm) == 0 && key->bits > 0 &&
			key->bits <= signers[i].bits_max)
			return &signers[i];
	return NULL;
}

/* The first scheme of the client that goes with the key; one without a list knows SHA-1 (RFC 5246, 7.4.1.4.1). 0: none. */
static uint16_t scheme_of(const struct replay_hello *hello, const struct signer *signer)
{
	for (size_t i = 0; i < hello->signatures.count; i++) {
		uint16_t scheme = hello->signatures.value[i];
		if (signer->low != 0 && scheme >> 8 < 8 && (scheme & 0xff) == signer->low)
			return scheme;
		if (scheme >= signer->first && scheme <= signer->last)
			return scheme;
	}
	return hello->signatures.count == 0 && signer->low != 0 ? 0x0200 | signer->low : 0;
}

/* ---- the messages ------------------------------------------------------------------------------ */

static bool put_key_exchange(
	struct bytes *to, const struct replay_hello *hello, const struct next_key *key)
{
	const struct signer *signer = signer_of(key);
	uint16_t scheme = signer != NULL ? scheme_of(hello, signer) : 0;
	put(to, KEY_EXCHANGE, 1);
	size_t message = begin_vector(to, 3);
	if (scheme == 0 || !put_point(to, hello))
		return false;
	put(to, scheme, 2);
	size_t signature = begin_vector(to, 2);
	signer->put(to, key->bits);
	end_vector(to, signature, 2);
	end_vector(to, message, 3);
	return true;
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

size_t next_make(unsigned char record[NEXT_MAX], const struct replay_hello *hello,
	const char *suite, const struct next_key *key)
{
	struct bytes to = { .data = record };
	put(&to, RECORD_HANDSHAKE, 1);
	put(&to, TLS_1_2, 2);
	size_t content = begin_vector(&to, 2);
	bool fits = begins_with(suite, "TLS_ECDHE_") ? put_key_exchange(&to, hello, key)
						     : begins_with(suite, "TLS_RSA_WITH_");
	put(&to, HELLO_DONE, 1);
	put(&to, 0, 3);
	end_vector(&to, content, 2);
	return fits ? to.len : 0;
}
