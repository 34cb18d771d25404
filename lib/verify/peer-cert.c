/* SPDX-License-Identifier: MIT
 *
 * peer-cert.c - a certificate of a peer that was told a secret before, and may have put it into what a report shows.
 */
#include "verify/chain.h"

/* What the caller himself names, or a wildcard for it, is no secret, and what the host is compared with. */
static bool is_of_target(const struct tbdi_report *report, const char *text)
{
	const struct tbd_target *target = report->pub.target;
	const char *name = *text == '*' ? text + 1 : text;
	return target != NULL && strcasestr(target->host, name) != NULL;
}

static int hide_in(struct tbdi_report *report, const char **text)
{
	if (*text == NULL || is_of_target(report, *text))
		return 0;
	*text = tbdi_report_hide_in(report, *text);
	return *text != NULL ? 0 : TBD_E_NOMEM;
}

/* Our own words may stand among them: only identifiers are the peer's. */
static bool is_oid(const char *text)
{
	return *text >= '0' && *text <= '2' && text[1] == '.';
}

static int hide_in_list(struct tbdi_report *report, const char *const **list, bool is_words)
{
	struct tbdi_list shown = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && *list != NULL && (*list)[i] != NULL; i++) {
		const char *text = (*list)[i];
		if (!is_words || is_oid(text))
			rc = hide_in(report, &text);
		if (rc == 0)
			rc = tbdi_list_add(&report->arena, &shown, text);
	}
	if (rc == 0 && shown.count > 0)
		*list = (const char *const *)(void *)shown.items;
	return rc;
}

static int hide_in_lists(struct tbdi_report *report, struct tbd_cert *cert)
{
	const struct {
		const char *const **list;
		bool is_words;
	} lists[] = {
		{ &cert->aia_issuers, false },
		{ &cert->ocsp_servers, false },
		{ &cert->crl_points, false },
		{ &cert->unknown_critical, true },
		{ &cert->purposes, true },
	};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < TBDI_COUNT(lists); i++)
		rc = hide_in_list(report, lists[i].list, lists[i].is_words);
	return rc;
}

static int hide_in_names(struct tbdi_report *report, struct tbd_cert *cert)
{
	struct tbd_name *names =
		tbdi_arena_memdup(&report->arena, cert->names, cert->name_count * sizeof(*names));
	int rc = names != NULL ? 0 : TBD_E_NOMEM;
	for (size_t i = 0; rc == 0 && i < cert->name_count; i++)
		rc = hide_in(report, &names[i].value);
	cert->names = names;
	return rc;
}

/* There may be thousands of these, and they stand in the certificate as they are shown. */
static int holds_secret(struct tbdi_report *report, struct tbd_bytes der, bool *holds)
{
	char *copy = malloc(der.len);
	if (copy == NULL)
		return TBD_E_NOMEM;
	memcpy(copy, der.data, der.len);
	size_t left = tbdi_mask_known(&report->mask, copy, der.len);
	*holds = left != der.len || memcmp(copy, der.data, der.len) != 0;
	free(copy);
	return 0;
}

int tbdi_cert_hide(struct tbdi_report *report, struct tbd_cert *cert)
{
	const char **const texts[] = { &cert->subject, &cert->issuer, &cert->common_name,
		&cert->serial, &cert->subject_key_id, &cert->authority_key_id };
	bool holds = false;
	int rc = 0;
	if (report->mask.count == 0)
		return 0;
	for (size_t i = 0; rc == 0 && i < TBDI_COUNT(texts); i++)
		rc = hide_in(report, texts[i]);
	if (rc == 0)
		rc = holds_secret(report, cert->der, &holds);
	if (rc < 0 || !holds)
		return rc;
	rc = hide_in_lists(report, cert);
	return rc < 0 || cert->name_count == 0 ? rc : hide_in_names(report, cert);
}
