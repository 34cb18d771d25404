/* SPDX-License-Identifier: MIT
 *
 * hostname.c - which names a certificate speaks for.
 */
#include "tests/unit/check-main.h"
#include "base/common.h"

#include "x509/cert.h"

#define DNS(text)                  \
	{                          \
		TBD_NAME_DNS, text \
	}
#define IP(text)                  \
	{                         \
		TBD_NAME_IP, text \
	}

static const struct {
	const char *name;
	const char *common_name;
	struct tbd_name names[4];
	enum tbd_name_match match;
	const char *entry;
} rows[] = {
	{ "a.example.org", NULL, { DNS("a.example.org") }, TBD_MATCH_OK, "a.example.org" },
	{ "A.Example.ORG", NULL, { DNS("a.exAMPle.org") }, TBD_MATCH_OK, "a.exAMPle.org" },
	{ "a.example.org.", NULL, { DNS("a.example.org") }, TBD_MATCH_OK, "a.example.org" },
	/* In a certificate no name ends in a dot: nobody takes it for the one without, nor for the other. */
	{ "a.example.org", NULL, { DNS("a.example.org.") }, TBD_MATCH_MISMATCH, "a.example.org." },
	{ "a.example.org.", NULL, { DNS("a.example.org.") }, TBD_MATCH_MISMATCH, "a.example.org." },
	{ "a.example.org", NULL, { DNS("*.example.org.") }, TBD_MATCH_MISMATCH, "*.example.org." },
	{ "localhost", NULL, { DNS("localhost") }, TBD_MATCH_OK, "localhost" },
	{ "xn--bcher-kva.example", NULL, { DNS("XN--BCHER-KVA.example") }, TBD_MATCH_OK,
		"XN--BCHER-KVA.example" },
	{ "b.example.org", NULL, { DNS("example.com"), DNS("a.example.org") }, TBD_MATCH_MISMATCH,
		"a.example.org" },
	{ "b.example.org", "b.example.org", { DNS("a.example.org") }, TBD_MATCH_MISMATCH,
		"a.example.org" },
	{ "example.org", NULL, { DNS("xexample.org") }, TBD_MATCH_MISMATCH, "xexample.org" },
	{ "a.example.org", NULL, { { TBD_NAME_URI, "a.example.org" } }, TBD_MATCH_MISMATCH, NULL },
	{ "", NULL, { DNS("") }, TBD_MATCH_MISMATCH, "" },
	/* wildcards */
	{ "a.example.org", NULL, { DNS("*.example.org") }, TBD_MATCH_OK, "*.example.org" },
	{ "a.example.org.", NULL, { DNS("*.EXAMPLE.org") }, TBD_MATCH_OK, "*.EXAMPLE.org" },
	{ "xn--a.example.org", NULL, { DNS("*.example.org") }, TBD_MATCH_OK, "*.example.org" },
	{ "example.org", NULL, { DNS("*.example.org") }, TBD_MATCH_MISMATCH, "*.example.org" },
	{ ".example.org", NULL, { DNS("*.example.org") }, TBD_MATCH_MISMATCH, "*.example.org" },
	{ "a.b.example.org", NULL, { DNS("*.example.org") }, TBD_MATCH_WILDCARD_DEPTH,
		"*.example.org" },
	{ "example.org", NULL, { DNS("*.org") }, TBD_MATCH_MISMATCH, "*.org" },
	{ "a.org", NULL, { DNS("*") }, TBD_MATCH_MISMATCH, "*" },
	{ "foo.example.org", NULL, { DNS("f*.example.org") }, TBD_MATCH_MISMATCH,
		"f*.example.org" },
	{ "a.b.example.org", NULL, { DNS("a.*.example.org") }, TBD_MATCH_MISMATCH,
		"a.*.example.org" },
	{ "a.b.example.org", NULL, { DNS("*.*.example.org") }, TBD_MATCH_MISMATCH,
		"*.*.example.org" },
	/* the common name */
	{ "a.example.org", "a.example.org", { { 0 } }, TBD_MATCH_CN_ONLY, "a.example.org" },
	{ "a.example.org", "*.example.org", { { 0 } }, TBD_MATCH_CN_ONLY, "*.example.org" },
	{ "a.example.org", "a.example.org", { IP("192.0.2.1") }, TBD_MATCH_CN_ONLY,
		"a.example.org" },
	{ "a.b.example.org", "*.example.org", { { 0 } }, TBD_MATCH_WILDCARD_DEPTH,
		"*.example.org" },
	{ "a.example.org", "b.example.org", { { 0 } }, TBD_MATCH_MISMATCH, "b.example.org" },
	{ "a.example.org", NULL, { { 0 } }, TBD_MATCH_MISMATCH, NULL },
	/* addresses */
	{ "192.0.2.1", NULL, { DNS("a.example.org"), IP("192.0.2.1") }, TBD_MATCH_OK, "192.0.2.1" },
	{ "2001:DB8:0::1", NULL, { IP("2001:db8::1") }, TBD_MATCH_OK, "2001:db8::1" },
	{ "192.0.2.1", NULL, { IP("192.0.2.2") }, TBD_MATCH_IP_NOT_LISTED, "192.0.2.2" },
	{ "192.0.2.1", "192.0.2.1", { { 0 } }, TBD_MATCH_IP_AS_DNS, "192.0.2.1" },
	{ "192.0.2.1", NULL, { DNS("192.0.2.1") }, TBD_MATCH_IP_AS_DNS, "192.0.2.1" },
	{ "192.0.2.1", NULL, { DNS("*.0.2.1") }, TBD_MATCH_IP_NOT_LISTED, "*.0.2.1" },
	{ "::ffff:192.0.2.1", NULL, { IP("192.0.2.1") }, TBD_MATCH_IP_NOT_LISTED, "192.0.2.1" },
	{ "a.example.org", NULL, { IP("192.0.2.1") }, TBD_MATCH_MISMATCH, NULL },
};

TEST_EACH(name, row, rows)
{
	struct tbd_cert cert = { .common_name = row->common_name, .names = row->names };
	while (cert.name_count < TBDI_COUNT(rows[0].names) &&
		cert.names[cert.name_count].value != NULL)
		cert.name_count++;
	struct tbdi_name_verdict verdict = tbdi_name_judge(&cert, row->name);
	ck_assert_int_eq(verdict.match, row->match);
	if (row->entry == NULL)
		ck_assert_ptr_null(verdict.entry);
	else
		ck_assert_str_eq(verdict.entry, row->entry);
}

TEST(addresses)
{
	ck_assert(tbdi_name_is_address("192.0.2.1"));
	ck_assert(tbdi_name_is_address("::1"));
	ck_assert(!tbdi_name_is_address("192.0.2"));
	ck_assert(!tbdi_name_is_address("example.org"));
}
