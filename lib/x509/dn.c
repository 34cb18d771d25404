/* SPDX-License-Identifier: MIT
 *
 * dn.c - compare distinguished names as OpenSSL's x509_name_canon() makes them comparable, without
 * copying them.
 */
#include "x509/der.h"

enum {
	UTF8_STRING = 0x0c,
	PRINTABLE_STRING = 0x13,
	T61_STRING = 0x14,
	IA5_STRING = 0x16,
	VISIBLE_STRING = 0x1a,
	UNIVERSAL_STRING = 0x1c,
	BMP_STRING = 0x1e,
	SET = 0x31,
};

/* What comes instead of a code point. */
enum { END = -1, MALFORMED = -2, NOTHING = -3 };

struct text {
	uint8_t tag;
	struct tbd_bytes rest;
	bool begun;    /* something other than white space was read */
	int32_t ahead; /* read already, behind white space; or NOTHING */
};

/* ---- code points ----------------------------------------------------------------------------- */

static int32_t fixed_next(struct text *text, size_t width)
{
	uint32_t c = 0;
	if (text->rest.len == 0)
		return END;
	if (text->rest.len < width)
		return MALFORMED;
	for (size_t i = 0; i < width; i++)
		c = c << 8 | text->rest.data[i];
	text->rest.data += width;
	text->rest.len -= width;
	return c > 0x10ffff ? MALFORMED : (int32_t)c;
}

static int32_t utf8_next(struct text *text)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	int32_t c = fixed_next(text, 1);
	if (c < 0x80)
		return c;
	size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	if (c < 0xc0 || c >= 0xf8 || text->rest.len < more)
		return MALFORMED;
	c &= 0x3f >> more;
	for (size_t i = 0; i < more; i++) {
		int32_t next = fixed_next(text, 1);
		if ((next & 0xc0) != 0x80)
			return MALFORMED;
		c = c << 6 | (next & 0x3f);
	}
	return c < least[more] || c > 0x10ffff ? MALFORMED : c;
}

/* OpenSSL takes T61String for Latin-1, as everybody who writes one does. */
static int32_t code_point_next(struct text *text)
{
	switch (text->tag) {
	case UTF8_STRING:
		return utf8_next(text);
	case BMP_STRING:
		return fixed_next(text, 2);
	case UNIVERSAL_STRING:
		return fixed_next(text, 4);
	default:
		return fixed_next(text, 1);
	}
}

static bool is_space(int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int32_t lower(int32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* The next code point that counts. */
static int32_t canonical_next(struct text *text)
{
	int32_t c = text->ahead != NOTHING ? text->ahead : code_point_next(text);
	bool spaced = is_space(c);
	text->ahead = NOTHING;
	while (is_space(c))
		c = code_point_next(text);
	if (spaced && text->begun && c >= 0) {
		text->ahead = c;
		return ' ';
	}
	text->begun = true;
	return lower(c);
}

/* ---- parts of a name ------------------------------------------------------------------------- */

static bool is_text(uint8_t tag)
{
	static const uint8_t tags[] = { UTF8_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING,
		VISIBLE_STRING, UNIVERSAL_STRING, BMP_STRING };
	return memchr(tags, tag, sizeof(tags)) != NULL;
}

static bool values_equal(const struct tbdi_der *a, const struct tbdi_der *b)
{
	if (!is_text(a->tag) || !is_text(b->tag))
		return tbdi_bytes_equal(a->whole, b->whole);
	struct text x = { .tag = a->tag, .rest = a->value, .ahead = NOTHING };
	struct text y = { .tag = b->tag, .rest = b->value, .ahead = NOTHING };
	int32_t c;
	do {
		c = canonical_next(&x);
		if (c == MALFORMED || c != canonical_next(&y))
			return false;
	} while (c != END);
	return true;
}

/* AttributeTypeAndValue */
static bool attributes_equal(struct tbd_bytes a, struct tbd_bytes b)
{
	struct tbdi_der a_type, b_type, a_value, b_value;
	return tbdi_der_take(&a, TBDI_DER_OID, &a_type) && tbdi_der_next(&a, &a_value) &&
		a.len == 0 && tbdi_der_take(&b, TBDI_DER_OID, &b_type) &&
		tbdi_der_next(&b, &b_value) && b.len == 0 &&
		tbdi_bytes_equal(a_type.value, b_type.value) && values_equal(&a_value, &b_value);
}

enum { RDN_MAX = 16 }; /* attributes in one; there is hardly ever a second */

struct rdn {
	struct tbd_bytes attributes[RDN_MAX];
	size_t count;
};

static bool rdn_read(struct tbd_bytes set, struct rdn *rdn)
{
	struct tbdi_der attribute;
	rdn->count = 0;
	while (rdn->count < RDN_MAX && tbdi_der_take(&set, TBDI_DER_SEQUENCE, &attribute))
		rdn->attributes[rdn->count++] = attribute.value;
	return set.len == 0;
}

/* In any order: DER sorts by the bytes, which differ with the string type. */
static bool rdns_equal(struct tbd_bytes a, struct tbd_bytes b)
{
	struct rdn x, y;
	if (!rdn_read(a, &x) || !rdn_read(b, &y) || x.count != y.count)
		return false;
	for (size_t i = 0; i < x.count; i++) {
		size_t k = 0; /* the rest of y, from which what was found is taken */
		while (k < y.count && !attributes_equal(x.attributes[i], y.attributes[k]))
			k++;
		if (k == y.count)
			return false;
		y.attributes[k] = y.attributes[--y.count];
	}
	return true;
}

/* Take the base's relative names off both. False: they are not the name's first. */
static bool names_begin_alike(struct tbd_bytes *name, struct tbd_bytes *base)
{
	struct tbdi_der name_rdn, base_rdn;
	while (base->len > 0)
		if (!tbdi_der_take(name, SET, &name_rdn) || !tbdi_der_take(base, SET, &base_rdn) ||
			!rdns_equal(name_rdn.value, base_rdn.value))
			return false;
	return true;
}

bool tbdi_dn_equal(struct tbd_bytes a, struct tbd_bytes b)
{
	struct tbdi_der a_name, b_name;
	if (tbdi_bytes_equal(a, b))
		return true;
	return tbdi_der_take(&a, TBDI_DER_SEQUENCE, &a_name) && a.len == 0 &&
		tbdi_der_take(&b, TBDI_DER_SEQUENCE, &b_name) && b.len == 0 &&
		names_begin_alike(&a_name.value, &b_name.value) && a_name.value.len == 0;
}

bool tbdi_dn_within(struct tbd_bytes name, struct tbd_bytes base)
{
	struct tbdi_der name_sequence, base_sequence;
	return tbdi_der_take(&name, TBDI_DER_SEQUENCE, &name_sequence) && name.len == 0 &&
		tbdi_der_take(&base, TBDI_DER_SEQUENCE, &base_sequence) && base.len == 0 &&
		names_begin_alike(&name_sequence.value, &base_sequence.value);
}

/* ---- as text --------------------------------------------------------------------------------- */

/* What most names are made of, id-at (2.5.4), or NULL. */
static const char *attribute_word(struct tbd_bytes oid)
{
	static const char *const words[] = {
		[3] = "CN=", [6] = "C=", [7] = "L=", [8] = "ST=", [10] = "O=", [11] = "OU="
	};
	bool known = oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 4 &&
		oid.data[2] < TBDI_COUNT(words);
	return known ? words[oid.data[2]] : NULL;
}

/* ASCII of which RFC 4514 2.4 escapes commas only. */
static bool is_plain(struct tbd_bytes value)
{
	if (value.len == 0 || value.data[0] == ' ' || value.data[value.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < 0x20 || value.data[i] > 0x7e ||
			strchr("\"#+;<=>\\", value.data[i]) != NULL)
			return false;
	return true;
}

static char *put_plain(char *at, struct tbd_bytes value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == ',')
			*at++ = '\\';
		*at++ = (char)value.data[i];
	}
	return at;
}

struct attribute {
	const char *word;
	struct tbd_bytes value;
};

/* Cut the first RDN off *list, if it is one such attribute. */
static bool attribute_take(struct tbd_bytes *list, struct attribute *out)
{
	struct tbdi_der set, pair, type, value;
	if (!tbdi_der_take(list, SET, &set) ||
		!tbdi_der_take(&set.value, TBDI_DER_SEQUENCE, &pair) || set.value.len > 0 ||
		!tbdi_der_take(&pair.value, TBDI_DER_OID, &type) ||
		!tbdi_der_next(&pair.value, &value) || pair.value.len > 0)
		return false;
	out->word = attribute_word(type.value);
	out->value = value.value;
	return out->word != NULL && (value.tag == UTF8_STRING || value.tag == PRINTABLE_STRING) &&
		is_plain(value.value);
}

const char *tbdi_dn_plain_text(struct tbdi_arena *arena, struct tbd_bytes name)
{
	enum { ATTRIBUTES_MAX = 8 };
	struct attribute attributes[ATTRIBUTES_MAX];
	struct tbdi_der sequence;
	size_t count = 0, len = 0;
	if (!tbdi_der_take(&name, TBDI_DER_SEQUENCE, &sequence) || sequence.value.len == 0)
		return NULL;
	while (sequence.value.len > 0) {
		if (count == ATTRIBUTES_MAX || !attribute_take(&sequence.value, &attributes[count]))
			return NULL;
		len += strlen(attributes[count].word) + 2 * attributes[count].value.len + 1;
		count++;
	}
	char *text = tbdi_arena_alloc(arena, len + 1), *at = text;
	/* The last comes first (RFC 4514 2.1). */
	while (text != NULL && count-- > 0) {
		const struct attribute *attribute = &attributes[count];
		at = put_plain(stpcpy(at, attribute->word), attribute->value);
		if (count > 0)
			*at++ = ',';
	}
	return text;
}
