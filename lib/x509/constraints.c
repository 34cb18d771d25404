/* SPDX-License-Identifier: MIT
 *
 * constraints.c - name constraints. GnuTLS 3.7 and 3.8 compare DNS names by case and know neither
 * directoryName nor URI, so they are judged here, on the encoded names.
 */
#include "x509/cert.h"

#include <strings.h>

/* Tags of GeneralName. */
enum {
	TAG_EMAIL = 0x81,
	TAG_DNS = 0x82,
	TAG_DIRECTORY = 0xa4,
	TAG_URI = 0x86,
	TAG_IP = 0x87,
};

enum {
	PERMITTED = TBDI_DER_CONTEXT + 0,
	EXCLUDED = TBDI_DER_CONTEXT + 1,
};

static bool same_text(struct tbd_bytes a, struct tbd_bytes b)
{
	return a.len == b.len &&
		(a.len == 0 || strncasecmp((const char *)a.data, (const char *)b.data, a.len) == 0);
}

static bool text_ends_with(struct tbd_bytes text, struct tbd_bytes end)
{
	if (text.len < end.len)
		return false;
	return same_text((struct tbd_bytes){ text.data + text.len - end.len, end.len }, end);
}

/* The bytes from the first (or last) such character on; empty: there is none. */
static struct tbd_bytes bytes_from(struct tbd_bytes text, char from, bool last)
{
	const uint8_t *at =
		last ? memrchr(text.data, from, text.len) : memchr(text.data, from, text.len);
	if (at == NULL)
		return (struct tbd_bytes){ text.data + text.len, 0 };
	return (struct tbd_bytes){ at, text.len - (size_t)(at - text.data) };
}

static struct tbd_bytes bytes_skip(struct tbd_bytes bytes, size_t count)
{
	count = count < bytes.len ? count : bytes.len;
	return (struct tbd_bytes){ bytes.data + count, bytes.len - count };
}

/* May "*.example.org" stand for the base, "host.example.org"? */
static bool wildcard_reaches(struct tbd_bytes name, struct tbd_bytes base)
{
	if (name.len < 2 || memcmp(name.data, "*.", 2) != 0)
		return false;
	return same_text(bytes_skip(name, 1), bytes_from(base, '.', false));
}

static bool dns_within(struct tbd_bytes name, struct tbd_bytes base)
{
	if (base.len == 0)
		return true;
	if (base.data[0] == '.' || name.len == base.len)
		return text_ends_with(name, base);
	return text_ends_with(name, base) && name.data[name.len - base.len - 1] == '.';
}

/* A host as e-mail and URI constraints mean it: that host alone, or with a leading dot all below. */
static bool host_within(struct tbd_bytes host, struct tbd_bytes base)
{
	if (base.len > 0 && base.data[0] == '.')
		return host.len > base.len && text_ends_with(host, base);
	return same_text(host, base);
}

static bool email_within(struct tbd_bytes name, struct tbd_bytes base)
{
	struct tbd_bytes at = bytes_from(name, '@', true), base_at = bytes_from(base, '@', true);
	if (base_at.len == 0)
		return host_within(bytes_skip(at, 1), base);
	size_t local = name.len - at.len, base_local = base.len - base_at.len;
	/* The part before the @ is told apart by case (RFC 5280 7.5). */
	return local == base_local && memcmp(name.data, base.data, local) == 0 &&
		same_text(at, base_at);
}

static bool uri_within(struct tbd_bytes name, struct tbd_bytes base)
{
	struct tbd_bytes host = bytes_from(name, ':', false);
	if (host.len < 3 || memcmp(host.data, "://", 3) != 0)
		return false;
	host = bytes_skip(host, 3);
	host.len -= bytes_from(host, '/', false).len;
	struct tbd_bytes at = bytes_from(host, '@', true);
	host = at.len > 0 ? bytes_skip(at, 1) : host;
	host.len -= bytes_from(host, ':', true).len;
	return host_within(host, base);
}

static bool ip_within(struct tbd_bytes name, struct tbd_bytes base)
{
	if (base.len != 2 * name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (((name.data[i] ^ base.data[i]) & base.data[name.len + i]) != 0)
			return false;
	return true;
}

/* Is the name inside the subtree? Of a form we do not know, every name is. */
static bool name_within(const struct tbdi_der *name, struct tbd_bytes base)
{
	switch (name->tag) {
	case TAG_EMAIL:
		return email_within(name->value, base);
	case TAG_DNS:
		return dns_within(name->value, base);
	case TAG_DIRECTORY:
		return tbdi_dn_within(name->value, base);
	case TAG_URI:
		return uri_within(name->value, base);
	case TAG_IP:
		return ip_within(name->value, base);
	default:
		return true;
	}
}

/* What no host is called lies within no permitted subtree. */
static bool name_is_permitted(const struct tbdi_der *name, struct tbd_bytes base)
{
	bool no_host = name->tag == TAG_DNS && name->value.len > 0 && name->value.data[0] == '.';
	return !no_host && name_within(name, base);
}

static bool name_is_excluded(const struct tbdi_der *name, struct tbd_bytes base)
{
	return name_within(name, base) ||
		(name->tag == TAG_DNS && wildcard_reaches(name->value, base));
}

static bool form_is_known(uint8_t tag)
{
	return tag == TAG_EMAIL || tag == TAG_DNS || tag == TAG_DIRECTORY || tag == TAG_URI ||
		tag == TAG_IP;
}

/* All comparisons for one certificate. A CA may name thousands of subtrees and a leaf thousands of
 * names: when *budget is used up, nothing more is permitted. */
struct judge {
	struct tbd_bytes constraints;
	size_t *budget;
};

/* One of the two lists of subtrees. */
static bool list_permits(
	const struct judge *judge, const struct tbdi_der *list, const struct tbdi_der *name)
{
	struct tbd_bytes left = list->value;
	struct tbdi_der subtree, base;
	bool excludes = list->tag == EXCLUDED, limits = false, inside = false;
	if (left.len == 0 || (!excludes && list->tag != PERMITTED))
		return false;
	while (left.len > 0) {
		/* RFC 5280: minimum is 0, thus not encoded, and maximum is absent. */
		if (*judge->budget == 0 || !tbdi_der_take(&left, TBDI_DER_SEQUENCE, &subtree) ||
			!tbdi_der_next(&subtree.value, &base) || subtree.value.len > 0)
			return false;
		--*judge->budget;
		if (base.tag != name->tag)
			continue;
		if (!form_is_known(name->tag))
			return false;
		limits = true;
		inside |= excludes ? name_is_excluded(name, base.value)
				   : name_is_permitted(name, base.value);
	}
	return excludes ? !inside : !limits || inside;
}

static bool permits_name(const struct judge *judge, const struct tbdi_der *name)
{
	struct tbd_bytes lists = judge->constraints;
	struct tbdi_der list;
	while (lists.len > 0)
		if (!tbdi_der_next(&lists, &list) || !list_permits(judge, &list, name))
			return false;
	return true;
}

/* What the subject alone says: mailboxes (RFC 5280 4.2.1.10), and common names that a client could take
 * for a host's. */
struct subject_names {
	bool mailboxes, hosts; /* which of them count */
};

static bool permits_alt_names(
	const struct judge *judge, struct tbd_bytes names, struct subject_names *absent)
{
	struct tbdi_der sequence, name;
	if (!tbdi_der_take(&names, TBDI_DER_SEQUENCE, &sequence))
		return false;
	while (tbdi_der_next(&sequence.value, &name)) {
		absent->hosts &= name.tag != TAG_DNS;
		absent->mailboxes &= name.tag != TAG_EMAIL;
		if (!permits_name(judge, &name))
			return false;
	}
	return true;
}

/* Could a client take it for a host name? */
static bool may_be_host(struct tbd_bytes text)
{
	return text.len > 0 && memchr(text.data, '.', text.len) != NULL &&
		memchr(text.data, ' ', text.len) == NULL;
}

static bool permits_attribute(const struct judge *judge, const struct subject_names *names,
	struct tbd_bytes oid, struct tbd_bytes value)
{
	static const uint8_t common_name[] = { 0x55, 4, 3 };
	static const uint8_t email[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };
	struct tbdi_der name = { .tag = TAG_EMAIL, .value = value };
	if (names->mailboxes && tbdi_bytes_equal(oid, (struct tbd_bytes){ email, sizeof(email) }))
		return permits_name(judge, &name);
	name.tag = TAG_DNS;
	if (names->hosts && may_be_host(value) &&
		tbdi_bytes_equal(oid, (struct tbd_bytes){ common_name, sizeof(common_name) }))
		return permits_name(judge, &name);
	return true;
}

static bool permits_subject_names(
	const struct judge *judge, const struct subject_names *names, struct tbd_bytes subject)
{
	struct tbdi_der sequence, set, attribute, oid, value;
	if (!tbdi_der_take(&subject, TBDI_DER_SEQUENCE, &sequence))
		return false;
	while (tbdi_der_next(&sequence.value, &set))
		while (tbdi_der_take(&set.value, TBDI_DER_SEQUENCE, &attribute))
			if (!tbdi_der_take(&attribute.value, TBDI_DER_OID, &oid) ||
				!tbdi_der_next(&attribute.value, &value) ||
				!permits_attribute(judge, names, oid.value, value.value))
				return false;
	return true;
}

/* The first common name in UTF-8, as the library reads it: it may be encoded in 16 bits a character. */
static bool permits_common_name(const struct judge *judge, const struct tbd_cert *cert)
{
	const char *name = cert->common_name != NULL ? cert->common_name : "";
	struct tbdi_der dns = { .tag = TAG_DNS, .value = { (const uint8_t *)name, strlen(name) } };
	return !may_be_host(dns.value) || permits_name(judge, &dns);
}

bool tbdi_constraints_permit(const struct tbdi_cert *ca, const struct tbdi_cert *cert,
	bool common_names_count, size_t *budget)
{
	struct tbd_bytes value, names;
	struct tbdi_der constraints;
	struct subject_names alone = { .mailboxes = true, .hosts = common_names_count };
	if (!tbdi_outline_extension(&ca->outline, TBDI_ID_CE_NAME_CONSTRAINTS, &value))
		return true;
	if (!tbdi_der_take(&value, TBDI_DER_SEQUENCE, &constraints) || value.len > 0 ||
		constraints.value.len == 0)
		return false;
	struct judge judge = { .constraints = constraints.value, .budget = budget };
	struct tbdi_der subject = { .tag = TAG_DIRECTORY, .value = cert->outline.subject };
	bool has_subject = cert->outline.subject.len > 2;
	if (has_subject && !permits_name(&judge, &subject))
		return false;
	if (tbdi_outline_extension(&cert->outline, TBDI_ID_CE_SUBJECT_ALT_NAME, &names) &&
		!permits_alt_names(&judge, names, &alone))
		return false;
	return permits_subject_names(&judge, &alone, cert->outline.subject) &&
		(!alone.hosts || permits_common_name(&judge, &cert->pub));
}
