/* SPDX-License-Identifier: MIT
 *
 * pem.c - PEM is found as leniently as devices find it; DER is read strictly.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"

#include "x509/der.h"
#include "x509/pem.h"

static struct tbd_bytes pem_bytes(const char *text)
{
	return (struct tbd_bytes){ (const uint8_t *)text, strlen(text) };
}

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* Each text holds "hello, world" once. */
static const char *const lenient[] = {
	BEGIN "\naGVsbG8sIHdvcmxk\n" END "\n",
	BEGIN "\naGVsbG8sIHdvcmxk\n" END,
	BEGIN "\r\naGVsbG8s\r\nIHdvcmxk\r\n" END "\r\n",
	"subject=/CN=x\n\n" BEGIN "\naGVsbG8sIHdvcmxk\n" END "\ntrailer",
	"\xef\xbb\xbf" BEGIN "\naGVsbG8sIHdvcmxk\n" END "\n",
	"\t" BEGIN "\n\taGVsbG8s\n\tIHdvcmxk\n\t" END "\n",
	BEGIN "\naG\nVsb\nG8sIHd\nvcmxk\n" END "\n",
	BEGIN "aGVsbG8sIHdvcmxk" END,
	BEGIN "\naGVsbG8sIHdvcmxk",
};

TEST_EACH(found_and_decoded, row, lenient)
{
	struct tbdi_pem pem;
	size_t at = 0, len = 0;
	uint8_t out[64];
	ck_assert(tbdi_pem_next(pem_bytes(*row), &at, &pem));
	ck_assert(tbdi_pem_is_certificate(&pem));
	ck_assert_ptr_eq(strstr(*row, BEGIN), *row + pem.offset);
	ck_assert_uint_le(tbdi_pem_decoded_max(&pem), sizeof(out));
	ck_assert(tbdi_pem_decode(&pem, out, &len));
	ck_assert_uint_eq(len, 12);
	ck_assert_mem_eq(out, "hello, world", 12);
	ck_assert(!tbdi_pem_next(pem_bytes(*row), &at, &pem));
}

TEST(several_objects)
{
	struct tbd_bytes text =
		pem_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" BEGIN
			  "\nAQEB\n" END BEGIN "\nAgIC\n" BEGIN "\nAwMD\n" END "-----BEGIN X");
	struct tbdi_pem pem;
	size_t at = 0, len = 0;
	uint8_t out[64];
	ck_assert(tbdi_pem_next(text, &at, &pem));
	ck_assert(tbdi_pem_label_is(&pem, "PRIVATE KEY"));
	ck_assert(!tbdi_pem_is_certificate(&pem));
	for (uint8_t i = 1; i <= 3; i++) {
		ck_assert(tbdi_pem_next(text, &at, &pem));
		ck_assert(tbdi_pem_decode(&pem, out, &len));
		ck_assert_uint_eq(len, 3);
		ck_assert_uint_eq(out[0], i);
	}
	ck_assert(!tbdi_pem_next(text, &at, &pem));
}

/* Objects that never end cost no more than their length: a file of them must not take hours. With sanitizers it
 * takes seconds. */
TEST_GROUP(.seconds = 30);
TEST(unended_objects)
{
	enum { COUNT = 100000 };
	static const char begin[] = "-----BEGIN A-----";
	size_t len = sizeof(begin) - 1;
	char *text = malloc(COUNT * len);
	struct tbdi_pem pem;
	size_t at = 0, count = 0;
	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(text + i * len, begin, len);
	while (tbdi_pem_next((struct tbd_bytes){ (const uint8_t *)text, COUNT * len }, &at, &pem))
		count++;
	ck_assert_uint_gt(count, COUNT / 4);
	free(text);
}

static const struct {
	const char *text;
	const char *decoded; /* NULL: it is not base64 */
} base64[] = {
	{ "", "" },
	{ "Zg==", "f" },
	{ "Zm8=", "fo" },
	{ "Zm9v", "foo" },
	{ "Zm9vYg==", "foob" },
	{ "Z m\n9\tv Y g = =\n", "foob" },
	{ "Zg=", NULL },
	{ "Zg", NULL },
	{ "Z", NULL },
	{ "Zg===", NULL },
	{ "Z===", NULL },
	{ "=", NULL },
	{ "Zg==Zg==", NULL },
	{ "Zm9v!", NULL },
	{ "Zm-v", NULL },
};

TEST_EACH(base64_row, row, base64)
{
	struct tbdi_pem pem = { .body = pem_bytes(row->text) };
	uint8_t out[64];
	size_t len = 0;
	bool good = tbdi_pem_decode(&pem, out, &len);
	ck_assert(good == (row->decoded != NULL));
	if (!good)
		return;
	ck_assert_uint_eq(len, strlen(row->decoded));
	ck_assert_mem_eq(out, row->decoded, len);
}

/* ---- DER ------------------------------------------------------------------------------------- */

static const struct {
	const char *data;
	size_t len;
	size_t value_len; /* SIZE_MAX: refused */
} elements[] = {
	{ "\x30\x00", 2, 0 }, { "\x04\x02\x01\x02\xff", 5, 2 }, { "\x30", 1, SIZE_MAX },
	{ "", 0, SIZE_MAX }, { "\x04\x03\x01\x02", 4, SIZE_MAX },
	{ "\x30\x80\x00\x00", 4, SIZE_MAX },         /* indefinite */
	{ "\x04\x81\x02\x01\x02", 5, SIZE_MAX },     /* overlong */
	{ "\x04\x82\x00\x02\x01\x02", 6, SIZE_MAX }, /* overlong */
	{ "\x04\x84\xff\xff\xff\xff", 6, SIZE_MAX },
	{ "\x04\x85\x01\x00\x00\x00\x00", 7, SIZE_MAX },
	{ "\x1f\x01\x00", 3, SIZE_MAX }, /* a tag of several octets */
};

TEST_EACH(der_element, row, elements)
{
	struct tbd_bytes in = { (const uint8_t *)row->data, row->len };
	const uint8_t *start = in.data;
	struct tbdi_der out;
	bool good = tbdi_der_next(&in, &out);
	ck_assert(good == (row->value_len != SIZE_MAX));
	if (!good) {
		ck_assert_ptr_eq(in.data, start);
		return;
	}
	ck_assert_uint_eq(out.value.len, row->value_len);
	ck_assert_uint_eq(in.len, row->len - out.whole.len);
}

static const struct {
	uint8_t tag;
	const char *text;
	int64_t time; /* -1: refused */
} times[] = {
	{ TBDI_DER_UTC_TIME, "700101000000Z", 0 },
	{ TBDI_DER_UTC_TIME, "250915160000Z", 1757952000 },
	{ TBDI_DER_UTC_TIME, "491231235959Z", 2524607999 },
	{ TBDI_DER_UTC_TIME, "500101000000Z", -631152000 },
	{ TBDI_DER_GENERALIZED_TIME, "20500101000000Z", 2524608000 },
	{ TBDI_DER_GENERALIZED_TIME, "99991231235959Z", 253402300799 },
	{ TBDI_DER_UTC_TIME, "2501010000Z", -1 },
	{ TBDI_DER_UTC_TIME, "250101000000+0100", -1 },
	{ TBDI_DER_UTC_TIME, "250101000000", -1 },
	{ TBDI_DER_UTC_TIME, "250431000000Z", -1 },
	{ TBDI_DER_UTC_TIME, "251301000000Z", -1 },
	{ TBDI_DER_UTC_TIME, "250101240000Z", -1 },
	{ TBDI_DER_UTC_TIME, "25010100000xZ", -1 },
	{ TBDI_DER_GENERALIZED_TIME, "20250101000000.5Z", -1 },
	{ TBDI_DER_OCTET_STRING, "250101000000Z", -1 },
};

TEST_EACH(der_time, row, times)
{
	struct tbdi_der element = { .tag = row->tag, .value = pem_bytes(row->text) };
	int64_t time = 0;
	bool good = tbdi_der_time(&element, &time);
	ck_assert(good == (row->time != -1));
	if (good)
		ck_assert_int_eq(time, row->time);
}

static const struct {
	const char *data;
	size_t len;
	const char *text;
} oids[] = {
	{ "\x55\x1d\x11", 3, "2.5.29.17" },
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9, "1.2.840.113549.1.1.1" },
	{ "\x88\x37\x03", 3, "2.999.3" },
	{ "", 0, NULL },
	{ "\x55\x9d", 2, NULL },
	{ "\x55\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, NULL },
};

TEST_EACH(der_oid, row, oids)
{
	struct tbdi_arena arena = { NULL };
	struct tbd_bytes value = { (const uint8_t *)row->data, row->len };
	char *text = tbdi_der_oid_text(&arena, value);
	if (row->text == NULL)
		ck_assert_ptr_null(text);
	else
		ck_assert_str_eq(text, row->text);
	tbdi_arena_release(&arena);
}
