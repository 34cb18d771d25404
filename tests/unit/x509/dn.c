/* SPDX-License-Identifier: MIT
 *
 * dn.c - distinguished names that are the same in spite of their bytes, and those that are not.
 */
#include "x509/der.h"

#include <gnutls/x509.h>

#include "tests/unit/check-main.h"

enum { UTF8 = 0x0c, PRINTABLE = 0x13, T61 = 0x14, IA5 = 0x16, UNIVERSAL = 0x1c, BMP = 0x1e };

/* An attribute of type 2.5.4.N. `joined`: in the same set as the one before. */
struct attribute {
	uint8_t type, tag;
	const char *value;
	size_t len;
	bool joined;
};
#define ATTRIBUTE(type, tag, text)                   \
	{                                            \
		type, tag, text, sizeof(text) - 1, 0 \
	}
#define JOINED(type, tag, text)                      \
	{                                            \
		type, tag, text, sizeof(text) - 1, 1 \
	}
enum { CN = 3, C = 6, O = 10 };

struct name {
	struct attribute attributes[3];
};

struct builder {
	uint8_t data[512];
	size_t len;
};

/* Wrap what was written from `start` on. All is short: one octet of length. */
static void wrap(struct builder *builder, size_t start, uint8_t tag)
{
	size_t len = builder->len - start;
	ck_assert_uint_lt(len, 0x80);
	memmove(builder->data + start + 2, builder->data + start, len);
	builder->data[start] = tag;
	builder->data[start + 1] = (uint8_t)len;
	builder->len += 2;
}

static void put_part(struct builder *builder, const void *data, size_t len)
{
	ck_assert_uint_lt(builder->len + len + 16, sizeof(builder->data));
	memcpy(builder->data + builder->len, data, len);
	builder->len += len;
}

static void put_attribute(struct builder *builder, const struct attribute *attribute)
{
	const uint8_t oid[] = { 0x06, 3, 0x55, 0x04, attribute->type };
	size_t start = builder->len;
	put_part(builder, oid, sizeof(oid));
	size_t value = builder->len;
	put_part(builder, attribute->value, attribute->len);
	wrap(builder, value, attribute->tag);
	wrap(builder, start, 0x30);
}

static struct tbd_bytes build_dn(const struct name *name, struct builder *builder)
{
	builder->len = 0;
	for (size_t i = 0; i < TBDI_COUNT(name->attributes) && name->attributes[i].type != 0;) {
		size_t set = builder->len;
		do
			put_attribute(builder, &name->attributes[i++]);
		while (i < TBDI_COUNT(name->attributes) && name->attributes[i].joined);
		wrap(builder, set, 0x31);
	}
	wrap(builder, 0, 0x30);
	return (struct tbd_bytes){ builder->data, builder->len };
}

static const struct {
	const char *what;
	bool equal;
	struct name a, b;
} rows[] = {
	{ "the same bytes", true, { { ATTRIBUTE(CN, UTF8, "Root") } },
		{ { ATTRIBUTE(CN, UTF8, "Root") } } },
	{ "another text", false, { { ATTRIBUTE(CN, UTF8, "Root") } },
		{ { ATTRIBUTE(CN, UTF8, "Toor") } } },
	{ "a beginning", false, { { ATTRIBUTE(CN, UTF8, "Root") } },
		{ { ATTRIBUTE(CN, UTF8, "Roots") } } },
	{ "another attribute", false, { { ATTRIBUTE(CN, UTF8, "Root") } },
		{ { ATTRIBUTE(O, UTF8, "Root") } } },
	{ "a string type", true, { { ATTRIBUTE(CN, UTF8, "Root") } },
		{ { ATTRIBUTE(CN, PRINTABLE, "Root") } } },
	{ "case", true, { { ATTRIBUTE(C, PRINTABLE, "DE"), ATTRIBUTE(CN, UTF8, "Root CA") } },
		{ { ATTRIBUTE(C, PRINTABLE, "de"), ATTRIBUTE(CN, UTF8, "ROOT ca") } } },
	{ "case beyond ASCII", false, { { ATTRIBUTE(CN, UTF8, "\xc3\x84") } },
		{ { ATTRIBUTE(CN, UTF8, "\xc3\xa4") } } },
	{ "runs of space", true, { { ATTRIBUTE(CN, UTF8, "Root  \t CA") } },
		{ { ATTRIBUTE(CN, UTF8, "Root CA") } } },
	{ "space at the ends", true, { { ATTRIBUTE(CN, UTF8, "  Root CA ") } },
		{ { ATTRIBUTE(CN, UTF8, "Root CA") } } },
	{ "no space at all", false, { { ATTRIBUTE(CN, UTF8, "Root CA") } },
		{ { ATTRIBUTE(CN, UTF8, "RootCA") } } },
	{ "nothing but space", true, { { ATTRIBUTE(CN, UTF8, "  ") } },
		{ { ATTRIBUTE(CN, PRINTABLE, "") } } },
	{ "two bytes a letter", true, { { ATTRIBUTE(CN, BMP, "\0R\0o\0o\0t\0 \0\xc4") } },
		{ { ATTRIBUTE(CN, UTF8, "root \xc3\x84") } } },
	{ "four bytes a letter", true, { { ATTRIBUTE(CN, UNIVERSAL, "\0\0\0R\0\1\xf5\x11") } },
		{ { ATTRIBUTE(CN, UTF8, "R\xf0\x9f\x94\x91") } } },
	{ "Latin-1", true, { { ATTRIBUTE(CN, T61, "M\xfcller") } },
		{ { ATTRIBUTE(CN, UTF8, "M\xc3\xbcller") } } },
	{ "half a letter", false, { { ATTRIBUTE(CN, BMP, "\0R\0") } },
		{ { ATTRIBUTE(CN, UTF8, "R") } } },
	{ "broken UTF-8", false, { { ATTRIBUTE(CN, UTF8, "R\xc3") } },
		{ { ATTRIBUTE(CN, IA5, "R\xc3") } } },
	{ "overlong UTF-8", false, { { ATTRIBUTE(CN, UTF8, "\xc1\x92") } },
		{ { ATTRIBUTE(CN, IA5, "R") } } },
	{ "no text", false, { { ATTRIBUTE(CN, 0x03, "\0A") } },
		{ { ATTRIBUTE(CN, 0x03, "\0a") } } },
	{ "no text, the same", true, { { ATTRIBUTE(CN, 0x03, "\0A") } },
		{ { ATTRIBUTE(CN, 0x03, "\0A") } } },
	{ "one more", false, { { ATTRIBUTE(O, UTF8, "A"), ATTRIBUTE(CN, UTF8, "B") } },
		{ { ATTRIBUTE(O, IA5, "A") } } },
	{ "another order", false, { { ATTRIBUTE(O, UTF8, "A"), ATTRIBUTE(CN, UTF8, "B") } },
		{ { ATTRIBUTE(CN, UTF8, "B"), ATTRIBUTE(O, UTF8, "A") } } },
	{ "another order in a set", true, { { ATTRIBUTE(O, UTF8, "A"), JOINED(CN, UTF8, "B") } },
		{ { ATTRIBUTE(CN, UTF8, "b"), JOINED(O, IA5, "a") } } },
	{ "twice in a set", false, { { ATTRIBUTE(O, UTF8, "A"), JOINED(O, UTF8, "A") } },
		{ { ATTRIBUTE(O, UTF8, "A"), JOINED(O, UTF8, "B") } } },
	{ "a set is not two", false, { { ATTRIBUTE(O, UTF8, "A"), JOINED(CN, UTF8, "B") } },
		{ { ATTRIBUTE(O, UTF8, "A"), ATTRIBUTE(CN, UTF8, "B") } } },
	{ "no attributes", true, { { { 0 } } }, { { { 0 } } } },
	{ "one against none", false, { { ATTRIBUTE(CN, UTF8, "") } }, { { { 0 } } } },
};

TEST_EACH(compared, row, rows)
{
	struct builder a, b;
	struct tbd_bytes x = build_dn(&row->a, &a), y = build_dn(&row->b, &b);
	ck_assert_msg(tbdi_dn_equal(x, y) == row->equal, "%s", row->what);
	ck_assert_msg(tbdi_dn_equal(y, x) == row->equal, "%s, turned round", row->what);
}

/* What is cut off or grown equals nothing but itself. */
TEST(malformed)
{
	struct builder a, b;
	struct tbd_bytes x = build_dn(&rows[4].a, &a), y = build_dn(&rows[4].b, &b);
	ck_assert(tbdi_dn_equal(x, y));
	for (size_t len = 0; len < y.len; len++) {
		struct tbd_bytes cut = { y.data, len };
		ck_assert(!tbdi_dn_equal(x, cut));
		ck_assert(tbdi_dn_equal(cut, cut));
	}
	for (size_t i = 0; i < y.len; i++) {
		uint8_t before = b.data[i];
		b.data[i] = 0xff;
		ck_assert(!tbdi_dn_equal(x, y));
		b.data[i] = before;
	}
	b.data[b.len++] = 0;
	ck_assert(!tbdi_dn_equal(x, (struct tbd_bytes){ b.data, b.len }));
}

static const struct {
	struct name name;
	bool plain;
} texts[] = {
	{ { { ATTRIBUTE(3, UTF8, "ISRG Root X1") } }, true },
	{ { { ATTRIBUTE(6, PRINTABLE, "US"), ATTRIBUTE(10, UTF8, "a (b) [c] 'd'/e:f@g*h?"),
		  ATTRIBUTE(3, UTF8, "x  y") } },
		true },
	{ { { ATTRIBUTE(3, UTF8, "a, b,c") } }, true },
	{ { { ATTRIBUTE(3, UTF8, "a+b") } }, false },
	{ { { ATTRIBUTE(3, UTF8, " a") } }, false },
	{ { { ATTRIBUTE(3, UTF8, "#a") } }, false },
	{ { { ATTRIBUTE(3, UTF8, "\xc3\xa9") } }, false },
	{ { { ATTRIBUTE(3, BMP, "\0a") } }, false },
	{ { { ATTRIBUTE(5, PRINTABLE, "1") } }, false },
};

/* What is written without GnuTLS is what GnuTLS writes. */
TEST_EACH(text_of_dn, row, texts)
{
	struct tbdi_arena arena = { NULL };
	struct builder builder;
	struct tbd_bytes name = build_dn(&row->name, &builder);
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)name.data, (unsigned)name.len };
	gnutls_datum_t expected = { NULL, 0 };
	const char *text = tbdi_dn_plain_text(&arena, name);
	ck_assert(row->plain == (text != NULL));
	ck_assert_int_eq(gnutls_x509_rdn_get2(&der, &expected, 0), 0);
	if (text != NULL)
		ck_assert_str_eq(text, (const char *)expected.data);
	gnutls_free(expected.data);
	tbdi_arena_release(&arena);
}
