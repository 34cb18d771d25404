/* SPDX-License-Identifier: MIT
 *
 * trust-view.c - import from a trust store what comes into question.
 */
#include "verify/trust.h"

int tbdi_store_init(
	struct tbdi_store *store, struct tbdi_report *report, const struct tbd_trust *trust)
{
	struct tbdi_arena *arena = &report->arena;
	*store = (struct tbdi_store){ .report = report, .trust = trust };
	store->imported =
		tbdi_arena_alloc(arena, tbdi_trust_count(trust) * sizeof(*store->imported));
	store->untrusted =
		tbdi_arena_alloc(arena, tbdi_untrusted_count(trust) * sizeof(*store->untrusted));
	return store->imported == NULL || store->untrusted == NULL ? TBD_E_NOMEM : 0;
}

static struct tbdi_cert *import_entry(struct tbdi_store *store, const struct tbdi_trust_entry *from,
	enum tbd_origin origin, struct tbdi_list *list)
{
	struct tbdi_report *report = store->report;
	struct tbdi_cert *cert = tbdi_cert_new(&report->arena, &report->owned, from->der);
	if (cert == NULL || tbdi_list_add(&report->arena, list, cert) < 0)
		return NULL;
	cert->pub.origin = origin;
	cert->pub.index = list->count - 1;
	cert->pub.file = from->place.file;
	cert->pub.entry = from->place.number;
	cert->pub.offset = from->place.offset;
	return cert;
}

struct tbdi_cert *tbdi_store_cert(struct tbdi_store *store, size_t entry)
{
	if (store->imported[entry] == NULL)
		store->imported[entry] = import_entry(store, tbdi_trust_entry(store->trust, entry),
			TBD_ORIGIN_TRUST, &store->certs);
	return store->imported[entry];
}

struct tbdi_cert *tbdi_store_untrusted(struct tbdi_store *store, size_t entry)
{
	if (store->untrusted[entry] == NULL)
		store->untrusted[entry] =
			import_entry(store, tbdi_untrusted_entry(store->trust, entry),
				TBD_ORIGIN_UNTRUSTED, &store->untrusted_certs);
	return store->untrusted[entry];
}

/* Does a key identifier of a report, which is hexadecimal, stand for these bytes? */
static bool same_key_id(const char *hex, struct tbd_bytes id)
{
	static const char digits[] = "0123456789abcdef";
	if (hex == NULL || id.len == 0 || strlen(hex) != 2 * id.len)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (hex[2 * i] != digits[id.data[i] >> 4] ||
			hex[2 * i + 1] != digits[id.data[i] & 15])
			return false;
	return true;
}

static bool is_near(const struct tbdi_trust_entry *entry, const struct tbd_cert *cert)
{
	if (cert->error != NULL)
		return false;
	return tbdi_bytes_equal(entry->subject, cert->issuer_der) ||
		tbdi_bytes_equal(entry->subject, cert->subject_der) ||
		tbdi_bytes_equal(entry->spki, tbdi_cert_of(cert)->outline.spki) ||
		same_key_id(cert->authority_key_id, entry->subject_key_id);
}

int tbdi_store_import_near(struct tbdi_store *store, const struct tbd_chain *chain)
{
	for (size_t i = 0; i < tbdi_trust_count(store->trust); i++) {
		const struct tbdi_trust_entry *entry = tbdi_trust_entry(store->trust, i);
		bool near = false;
		for (size_t k = 0; k < chain->count && !near; k++)
			near = is_near(entry, chain->certs[k]);
		if (near && tbdi_store_cert(store, i) == NULL)
			return TBD_E_NOMEM;
	}
	return 0;
}

int tbdi_store_import_all(struct tbdi_store *store)
{
	for (size_t i = 0; i < tbdi_trust_count(store->trust); i++)
		if (tbdi_store_cert(store, i) == NULL)
			return TBD_E_NOMEM;
	return 0;
}
