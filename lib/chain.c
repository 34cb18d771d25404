/* SPDX-License-Identifier: MIT
 *
 * chain.c - the chain of a report, in the order in which it came: nothing is sorted or left out.
 */
#include "chain.h"

#include "cert.h"

int tbdi_chain_take(struct tbdi_report *report, const struct tbd_bytes *ders, size_t count,
	size_t message_len, struct tbd_error *error)
{
	struct tbdi_list certs = { 0 };
	struct tbd_chain *chain = tbdi_arena_alloc(&report->arena, sizeof(*chain));
	if (chain == NULL)
		return tbdi_fail_nomem(error);
	chain->truncated = count > TBD_CHAIN_MAX;
	chain->message_len = message_len;
	for (size_t i = 0; i < count && i < TBD_CHAIN_MAX; i++) {
		struct tbdi_cert *cert = tbdi_cert_new(report, ders[i]);
		if (cert == NULL || tbdi_list_add(&report->arena, &certs, cert) < 0)
			return tbdi_fail_nomem(error);
		cert->pub.origin = TBD_ORIGIN_SENT;
		cert->pub.index = i;
	}
	chain->certs = (const struct tbd_cert *const *)(void *)certs.items;
	chain->count = certs.count;
	report->pub.chain = chain;
	return 0;
}
