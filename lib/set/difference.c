/* SPDX-License-Identifier: MIT
 *
 * difference.c - in what the reports of a set differ: each property as text, and those that are not the same
 * text in all of them.
 */
#include "set/dial.h"

#include "base/rfc3339.h"

#include <errno.h>

/* There is no such thing in this report; known by its address. */
static const char none[] = "none";

/* The text of a property, or `none`; NULL: out of memory. It has to tell apart what is not the same. */
typedef const char *property_of(struct tbdi_arena *arena, const struct tbd_report *report);

static const char *dial_outcome(const struct tbd_connection *connection)
{
	const struct tbd_attempt *attempt =
		connection->attempt_count > 0 ? connection->attempts[0] : NULL;
	if (connection->tcp == TBD_END_NONE)
		return "no address";
	if (connection->tcp == TBD_END_TIMEOUT)
		return "no answer";
	if (attempt != NULL && attempt->error == ECONNREFUSED)
		return "connection refused";
	return attempt != NULL && attempt->detail != NULL ? attempt->detail : "not connected";
}

/* How far the connection came. That we refuse a peer is our verdict, not what happened. */
static const char *outcome_of(struct tbdi_arena *arena, const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	if (connection == NULL)
		return "not dialled";
	if (connection->tcp != TBD_END_OK)
		return dial_outcome(connection);
	const struct tbd_tls *tls = connection->tls;
	if (tls == NULL || tls->end == TBD_END_OK || tls->end == TBD_END_REFUSED)
		return "connected";
	return tls->alert_name != NULL
		? tbdi_arena_printf(arena, "TLS alert %d (%s)", tls->alert, tls->alert_name)
		: tbdi_arena_printf(arena, "TLS failed (%s)", tbd_end_name(tls->end));
}

/* A certificate that cannot be parsed has no subject. */
static const char *cert_text(struct tbdi_arena *arena, const struct tbd_cert *cert)
{
	return tbdi_arena_printf(arena, "%s, SHA-256 %s",
		cert->error != NULL ? "malformed" : cert->subject, cert->sha256);
}

static const struct tbd_cert *leaf_of(const struct tbd_report *report)
{
	return report->chain != NULL && report->chain->count > 0 ? report->chain->certs[0] : NULL;
}

static const char *certificate_of(struct tbdi_arena *arena, const struct tbd_report *report)
{
	const struct tbd_cert *leaf = leaf_of(report);
	return leaf != NULL ? cert_text(arena, leaf) : none;
}

static const char *expiry_of(struct tbdi_arena *arena, const struct tbd_report *report)
{
	char text[TBDI_RFC3339_SIZE];
	const struct tbd_cert *leaf = leaf_of(report);
	if (leaf == NULL || leaf->error != NULL)
		return none;
	return tbdi_arena_strdup(arena, tbdi_rfc3339(leaf->not_after, text));
}

/* What is sent behind the server's certificate. */
static const char *issuers_of(struct tbdi_arena *arena, const struct tbd_report *report)
{
	const struct tbd_chain *chain = report->chain;
	const char *text = NULL;
	if (leaf_of(report) == NULL)
		return none;
	for (size_t i = 1; chain != NULL && i < chain->count; i++) {
		const char *cert = cert_text(arena, chain->certs[i]);
		if (cert == NULL)
			return NULL;
		text = text == NULL ? cert : tbdi_arena_printf(arena, "%s; %s", text, cert);
		if (text == NULL)
			return NULL;
	}
	return text != NULL ? text : "not sent";
}

/* The ids of what is wrong. */
static const char *findings_of(struct tbdi_arena *arena, const struct tbd_report *report)
{
	const char *text = NULL;
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct tbd_finding *finding = report->findings[i];
		if (finding->severity < TBD_SEVERITY_WARNING)
			continue;
		text = text == NULL ? finding->id
				    : tbdi_arena_printf(arena, "%s, %s", text, finding->id);
		if (text == NULL)
			return NULL;
	}
	return text != NULL ? text : "nothing wrong";
}

static const struct {
	const char *name;
	property_of *of;
	bool is_certain; /* that it differs between transports: their passages tell more */
} properties[] = {
	{ "outcome", outcome_of, true },
	{ "certificate", certificate_of, false },
	{ "expires", expiry_of, false },
	{ "issuers", issuers_of, false },
	{ "findings", findings_of, true },
};

/* What is not there differs from nothing: why it is not there is a property of its own. */
static bool values_differ(const struct tbdi_list *values)
{
	const char *first = none;
	for (size_t i = 0; i < values->count; i++) {
		const char *value = values->items[i];
		if (value == none)
			continue;
		if (first != none && strcmp(first, value) != 0)
			return true;
		first = value;
	}
	return false;
}

/* 1: they differ. */
static int values_take(struct tbdi_set *set, property_of *of, struct tbdi_list *values)
{
	for (size_t i = 0; i < set->reports.count; i++)
		if (tbdi_list_add(&set->arena, values, of(&set->arena, set->reports.items[i])) < 0)
			return TBD_E_NOMEM;
	return values_differ(values);
}

static int difference_add(struct tbdi_set *set, struct tbdi_list *list, size_t property)
{
	struct tbdi_list values = { 0 };
	int differ = values_take(set, properties[property].of, &values);
	if (differ <= 0)
		return differ;
	struct tbd_difference *difference = tbdi_arena_alloc(&set->arena, sizeof(*difference));
	if (tbdi_list_add(&set->arena, list, difference) < 0)
		return TBD_E_NOMEM;
	difference->property = properties[property].name;
	difference->values = (const char *const *)(void *)values.items;
	difference->value_count = values.count;
	return 0;
}

int tbdi_set_compare(struct tbdi_set *set)
{
	struct tbdi_list list = { 0 };
	bool of_transports = set->pub.compares == TBD_COMPARES_TRANSPORTS;
	for (size_t i = 0; i < TBDI_COUNT(properties); i++) {
		if (of_transports && properties[i].is_certain)
			continue;
		if (difference_add(set, &list, i) < 0)
			return TBD_E_NOMEM;
	}
	set->pub.differences = (const struct tbd_difference *const *)(void *)list.items;
	set->pub.difference_count = list.count;
	return 0;
}

bool tbd_set_alike(const struct tbd_set *set, size_t a, size_t b)
{
	for (size_t i = 0; i < set->difference_count; i++)
		if (strcmp(set->differences[i]->values[a], set->differences[i]->values[b]) != 0)
			return false;
	return true;
}
