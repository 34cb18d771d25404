/* SPDX-License-Identifier: MIT
 *
 * hostname.c - match a reference name against a certificate.
 */
#include "x509/cert.h"

#include <arpa/inet.h>
#include <strings.h>

struct address {
	uint8_t bytes[sizeof(struct in6_addr)];
	size_t len; /* 0: not an address */
};

static struct address address_parse(const char *text)
{
	struct address address = { .len = 0 };
	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.len = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.len = sizeof(struct in6_addr);
	return address;
}

bool tbdi_name_is_address(const char *name)
{
	return address_parse(name).len > 0;
}

static bool same_address(const struct address *address, const char *text)
{
	struct address other = address_parse(text);
	return address->len == other.len && memcmp(address->bytes, other.bytes, other.len) == 0;
}

/* Of a reference name, without the final dot. In a certificate no name has one (RFC 5280 4.2.1.6), and who compares
 * the two finds them different. */
static size_t name_len(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

/* What the wildcard's one label is followed by (".example.org"), or NULL: it is none. */
static const char *wildcard_rest(const char *pattern)
{
	if (strncmp(pattern, "*.", 2) != 0 || pattern[2] == '.')
		return NULL;
	const char *dot = strchr(pattern + 2, '.');
	bool two_labels = dot != NULL && dot[1] != '\0';
	return two_labels && strchr(pattern + 1, '*') == NULL ? pattern + 1 : NULL;
}

static bool same_name(const char *entry, const char *name)
{
	size_t len = strlen(entry);
	return len > 0 && len == name_len(name) && strncasecmp(entry, name, len) == 0;
}

static bool dns_matches(const char *pattern, const char *name)
{
	const char *rest = wildcard_rest(pattern);
	const char *dot = strchr(name, '.');
	if (rest == NULL)
		return same_name(pattern, name);
	return dot != NULL && dot != name && same_name(rest, dot);
}

/* Would it match if a wildcard stood for several labels? */
static bool dns_matches_deeper(const char *pattern, const char *name)
{
	const char *rest = wildcard_rest(pattern);
	size_t len = name_len(name), rest_len = rest == NULL ? 0 : strlen(rest);
	return rest != NULL && len > rest_len &&
		strncasecmp(name + len - rest_len, rest, rest_len) == 0;
}

/* Characters at the end that two names share, in whole labels. */
static size_t common_end(const char *a, const char *b)
{
	size_t a_len = name_len(a), b_len = name_len(b), common = 0, whole = 0;
	while (common < a_len && common < b_len &&
		strncasecmp(a + a_len - common - 1, b + b_len - common - 1, 1) == 0) {
		common++;
		bool a_ends = common == a_len || a[a_len - common - 1] == '.';
		bool b_ends = common == b_len || b[b_len - common - 1] == '.';
		if (a_ends && b_ends)
			whole = common;
	}
	return whole;
}

static bool has_type(const struct tbd_cert *cert, enum tbd_name_type type)
{
	for (size_t i = 0; i < cert->name_count; i++)
		if (cert->names[i].type == type)
			return true;
	return false;
}

typedef bool matcher(const char *entry, const char *name);

static const char *entry_find(
	const struct tbd_cert *cert, enum tbd_name_type type, matcher *matches, const char *name)
{
	for (size_t i = 0; i < cert->name_count; i++)
		if (cert->names[i].type == type && matches(cert->names[i].value, name))
			return cert->names[i].value;
	return NULL;
}

static const char *closest_entry(const struct tbd_cert *cert, const char *name)
{
	const char *closest = NULL;
	size_t best = 0;
	for (size_t i = 0; i < cert->name_count; i++) {
		if (cert->names[i].type != TBD_NAME_DNS)
			continue;
		size_t common = common_end(cert->names[i].value, name);
		if (closest == NULL || common > best) {
			closest = cert->names[i].value;
			best = common;
		}
	}
	return closest != NULL ? closest : cert->common_name;
}

static struct tbdi_name_verdict judge_dns(const struct tbd_cert *cert, const char *name)
{
	const char *entry = entry_find(cert, TBD_NAME_DNS, dns_matches, name);
	if (entry != NULL)
		return (struct tbdi_name_verdict){ TBD_MATCH_OK, entry };
	bool common_name_counts = cert->common_name != NULL && !has_type(cert, TBD_NAME_DNS);
	if (common_name_counts && dns_matches(cert->common_name, name))
		return (struct tbdi_name_verdict){ TBD_MATCH_CN_ONLY, cert->common_name };
	entry = entry_find(cert, TBD_NAME_DNS, dns_matches_deeper, name);
	if (entry != NULL)
		return (struct tbdi_name_verdict){ TBD_MATCH_WILDCARD_DEPTH, entry };
	if (common_name_counts && dns_matches_deeper(cert->common_name, name))
		return (struct tbdi_name_verdict){ TBD_MATCH_WILDCARD_DEPTH, cert->common_name };
	return (struct tbdi_name_verdict){ TBD_MATCH_MISMATCH, closest_entry(cert, name) };
}

static bool is_same_address(const char *entry, const char *name)
{
	struct address address = address_parse(name);
	return same_address(&address, entry);
}

static bool is_any(const char *entry, const char *name)
{
	(void)name;
	return entry[0] != '\0';
}

static struct tbdi_name_verdict judge_address(const struct tbd_cert *cert, const char *name)
{
	const char *entry = entry_find(cert, TBD_NAME_IP, is_same_address, name);
	if (entry != NULL)
		return (struct tbdi_name_verdict){ TBD_MATCH_OK, entry };
	entry = entry_find(cert, TBD_NAME_DNS, is_same_address, name);
	if (entry == NULL && cert->common_name != NULL && is_same_address(cert->common_name, name))
		entry = cert->common_name;
	if (entry != NULL)
		return (struct tbdi_name_verdict){ TBD_MATCH_IP_AS_DNS, entry };
	entry = entry_find(cert, TBD_NAME_IP, is_any, name);
	return (struct tbdi_name_verdict){ TBD_MATCH_IP_NOT_LISTED,
		entry != NULL ? entry : closest_entry(cert, name) };
}

struct tbdi_name_verdict tbdi_name_judge(const struct tbd_cert *cert, const char *name)
{
	return tbdi_name_is_address(name) ? judge_address(cert, name) : judge_dns(cert, name);
}
