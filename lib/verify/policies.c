/* SPDX-License-Identifier: MIT
 *
 * policies.c - the policy part of RFC 5280 6.1, with any policy acceptable to the user. Whether the tree
 * has a valid node at the end can be said from one level to the next (RFC 9618), so no tree is made: its
 * last level is the set of policies that the next certificate may go on with.
 */
#include "verify/path.h"

enum { POLICIES_MAX = 128 }; /* of one level; nobody has a tenth of it */

struct level {
	struct tbd_bytes expected[POLICIES_MAX]; /* OIDs' values */
	size_t count;
	bool any;      /* anyPolicy is among them */
	bool overflow; /* there were more: nothing is permitted */
};

struct state {
	struct level level;
	int explicit_policy, mapping, inhibit_any; /* certificates until they apply; 0: now */
};

static bool is_any_policy(struct tbd_bytes oid)
{
	static const uint8_t any[] = { 0x55, 0x1d, 0x20, 0 };
	return tbdi_bytes_equal(oid, (struct tbd_bytes){ any, sizeof(any) });
}

static bool level_has(const struct level *level, struct tbd_bytes oid)
{
	for (size_t i = 0; i < level->count; i++)
		if (tbdi_bytes_equal(level->expected[i], oid))
			return true;
	return false;
}

static void level_add(struct level *level, struct tbd_bytes oid)
{
	if (level_has(level, oid))
		return;
	if (level->count == POLICIES_MAX)
		level->overflow = true;
	else
		level->expected[level->count++] = oid;
}

static void level_remove(struct level *level, struct tbd_bytes oid)
{
	for (size_t i = 0; i < level->count; i++)
		if (tbdi_bytes_equal(level->expected[i], oid))
			level->expected[i--] = level->expected[--level->count];
}

static bool level_is_empty(const struct level *level)
{
	return (level->count == 0 && !level->any) || level->overflow;
}

/* Step into the SEQUENCE that an extension holds; an empty one when it is not there. */
static bool extension_list(const struct tbdi_cert *cert, int id_ce, struct tbd_bytes *list)
{
	struct tbd_bytes value;
	struct tbdi_der sequence;
	*list = (struct tbd_bytes){ NULL, 0 };
	if (!tbdi_outline_extension(&cert->outline, id_ce, &value))
		return true;
	if (!tbdi_der_take(&value, TBDI_DER_SEQUENCE, &sequence) || value.len > 0)
		return false;
	*list = sequence.value;
	return true;
}

/* 6.1.3 (d) and (e): which of the certificate's policies go on. */
static bool level_descend(struct state *state, const struct tbdi_cert *cert, bool any_counts)
{
	struct level next = { .count = 0 };
	struct tbd_bytes list;
	struct tbdi_der information, oid;
	bool has_any = false;
	if (!extension_list(cert, TBDI_ID_CE_POLICIES, &list))
		return false;
	while (list.len > 0) {
		if (!tbdi_der_take(&list, TBDI_DER_SEQUENCE, &information) ||
			!tbdi_der_take(&information.value, TBDI_DER_OID, &oid))
			return false;
		if (is_any_policy(oid.value))
			has_any = true;
		else if (state->level.any || level_has(&state->level, oid.value))
			level_add(&next, oid.value);
	}
	for (size_t i = 0; has_any && any_counts && i < state->level.count; i++)
		level_add(&next, state->level.expected[i]);
	next.any = has_any && any_counts && state->level.any;
	next.overflow |= state->level.overflow;
	state->level = next;
	return true;
}

/* 6.1.4 (a) and (b): policies that the issuer takes for those of its subject's domain. */
static bool level_map(struct state *state, const struct tbdi_cert *cert)
{
	struct level from = state->level;
	struct tbd_bytes list, again;
	struct tbdi_der mapping, issuer, subject;
	if (!extension_list(cert, TBDI_ID_CE_POLICY_MAPPINGS, &list))
		return false;
	for (again = list; again.len > 0;) {
		if (!tbdi_der_take(&again, TBDI_DER_SEQUENCE, &mapping) ||
			!tbdi_der_take(&mapping.value, TBDI_DER_OID, &issuer) ||
			!tbdi_der_take(&mapping.value, TBDI_DER_OID, &subject) ||
			is_any_policy(issuer.value) || is_any_policy(subject.value))
			return false;
		level_remove(&state->level, issuer.value);
	}
	while (state->mapping > 0 && tbdi_der_take(&list, TBDI_DER_SEQUENCE, &mapping) &&
		tbdi_der_take(&mapping.value, TBDI_DER_OID, &issuer) &&
		tbdi_der_take(&mapping.value, TBDI_DER_OID, &subject))
		if (from.any || level_has(&from, issuer.value))
			level_add(&state->level, subject.value);
	return true;
}

/* A SkipCerts, or -1: malformed. */
static int skip_certs(const struct tbdi_der *number)
{
	if (number->value.len != 1 || (number->value.data[0] & 0x80) != 0)
		return -1;
	return number->value.data[0];
}

static bool lower(int *counter, const struct tbdi_der *number)
{
	int skip = skip_certs(number);
	if (skip >= 0 && skip < *counter)
		*counter = skip;
	return skip >= 0;
}

/* 6.1.4 (i) and (j), 6.1.5 (b). */
static bool counters_limit(struct state *state, const struct tbdi_cert *cert)
{
	struct tbd_bytes list, value;
	struct tbdi_der number;
	if (!extension_list(cert, TBDI_ID_CE_POLICY_CONSTRAINTS, &list))
		return false;
	if (tbdi_der_take(&list, 0x80, &number) && !lower(&state->explicit_policy, &number))
		return false;
	if (tbdi_der_take(&list, 0x81, &number) && !lower(&state->mapping, &number))
		return false;
	if (list.len > 0)
		return false;
	if (!tbdi_outline_extension(&cert->outline, TBDI_ID_CE_INHIBIT_ANY_POLICY, &value))
		return true;
	return tbdi_der_take(&value, TBDI_DER_INTEGER, &number) && value.len == 0 &&
		lower(&state->inhibit_any, &number);
}

static void count_down(int *counter)
{
	if (*counter > 0)
		--*counter;
}

/* One certificate, from the anchor's child on. */
static bool step(struct state *state, const struct tbdi_cert *cert, bool is_leaf)
{
	bool self_issued = cert->pub.self_issued;
	bool any_counts = state->inhibit_any > 0 || (!is_leaf && self_issued);
	if (!level_descend(state, cert, any_counts) ||
		(state->explicit_policy == 0 && level_is_empty(&state->level)))
		return false;
	if (!is_leaf && !level_map(state, cert))
		return false;
	if (is_leaf || !self_issued) {
		count_down(&state->explicit_policy);
		count_down(&state->mapping);
		count_down(&state->inhibit_any);
	}
	if (!counters_limit(state, cert))
		return false;
	return !is_leaf || state->explicit_policy > 0 || !level_is_empty(&state->level);
}

bool tbdi_policies_permit(const struct tbdi_route *route)
{
	int never = (int)route->count + 1;
	struct state state = { .level = { .any = true },
		.explicit_policy = never,
		.mapping = never,
		.inhibit_any = never };
	for (size_t i = route->count - 1; i-- > 0;)
		if (!step(&state, route->certs[i], i == 0))
			return false;
	return true;
}
