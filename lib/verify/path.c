/* SPDX-License-Identifier: MIT
 *
 * path.c - RFC 5280 6.1 for a path that is given, every rule of it: not only the first that fails.
 */
#include "verify/path.h"

static bool lacks_anchor(const struct tbdi_route *route, size_t i)
{
	const struct tbd_cert *cert = &route->certs[i]->pub;
	return !route->anchored && i + 1 == route->count && !cert->self_signed;
}

static bool ends_in_foreign_root(const struct tbdi_route *route, size_t i)
{
	const struct tbd_cert *cert = &route->certs[i]->pub;
	return !route->anchored && i + 1 == route->count && cert->self_signed;
}

static bool has_bad_signature(const struct tbdi_route *route, size_t i)
{
	return i + 1 < route->count && route->signatures[i] == TBD_FAULT_BAD_SIGNATURE;
}

static bool has_unknown_algorithm(const struct tbdi_route *route, size_t i)
{
	return i + 1 < route->count && route->signatures[i] == TBD_FAULT_UNKNOWN_ALGORITHM;
}

static bool is_not_a_ca(const struct tbdi_route *route, size_t i)
{
	const struct tbdi_cert *cert = route->certs[i];
	bool may_sign =
		!cert->pub.has_key_usage || (cert->key_usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0;
	/* Version 1 knows no CA flag. GnuTLS, OpenSSL and mbedTLS take such a root for a CA when it is
	 * the anchor: `openssl x509 -req -signkey` makes them. */
	if (route->anchored && i + 1 == route->count && cert->pub.version == 1 &&
		cert->pub.self_signed)
		return false;
	return i > 0 && (!cert->pub.is_ca || !may_sign);
}

/* CAs between the leaf and certificate i; one that certifies itself anew does not count. */
static int cas_below(const struct tbdi_route *route, size_t i)
{
	int below = 0;
	for (size_t k = 1; k < i; k++)
		below += !route->certs[k]->pub.self_issued;
	return below;
}

static bool has_too_long_path(const struct tbdi_route *route, size_t i)
{
	int limit = route->certs[i]->pub.path_length;
	return i > 0 && limit >= 0 && cas_below(route, i) > limit;
}

static bool has_wrong_purpose(const struct tbdi_route *route, size_t i)
{
	const unsigned server_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT |
		GNUTLS_KEY_KEY_AGREEMENT;
	const struct tbdi_cert *cert = route->certs[i];
	/* A CA in the leaf's place is tolerated, as by RFC 5280. */
	if (i == 0 && !cert->pub.is_ca && cert->pub.has_key_usage &&
		(cert->key_usage & server_usage) == 0)
		return true;
	return cert->pub.has_purposes && !tbdi_words_have(cert->pub.purposes, "serverAuth") &&
		!tbdi_words_have(cert->pub.purposes, "anyExtendedKeyUsage");
}

static bool has_violated_constraints(const struct tbdi_route *route, size_t i)
{
	if (!route->certs[i]->pub.has_name_constraints)
		return false;
	for (size_t k = 0; k < i; k++) {
		/* RFC 5280 6.1.3: not for a CA that certifies itself anew. */
		bool counts = k == 0 || !route->certs[k]->pub.self_issued;
		if (counts &&
			!tbdi_constraints_permit(route->certs[i], route->certs[k],
				k == 0 && route->common_name_counts, route->name_budget))
			return true;
	}
	return false;
}

static bool has_unknown_critical(const struct tbdi_route *route, size_t i)
{
	return route->certs[i]->pub.unknown_critical[0] != NULL;
}

static bool is_revoked(const struct tbdi_route *route, size_t i)
{
	return route->revoked != NULL && i + 1 < route->count && route->revoked[i];
}

static bool has_expired(const struct tbdi_route *route, size_t i)
{
	return route->time > route->certs[i]->pub.not_after;
}

static bool is_not_yet_valid(const struct tbdi_route *route, size_t i)
{
	return route->time < route->certs[i]->pub.not_before;
}

/* Nobody looks at the signature of the last one. */
static bool has_weak_signature(const struct tbdi_route *route, size_t i)
{
	return i + 1 < route->count &&
		tbdi_profile_hash_is_weak(route->profile, route->certs[i]->pub.signature_hash);
}

static bool has_weak_key(const struct tbdi_route *route, size_t i)
{
	return tbdi_profile_key_is_weak(route->profile, &route->certs[i]->pub);
}

/* Which demand is not met at this certificate, as a word, or NULL. */
static const char *requirement_broken(const struct tbdi_route *route, size_t i)
{
	if (i + 1 == route->count && route->max_depth >= 0 &&
		cas_below(route, i) > route->max_depth)
		return "max-depth";
	if (i == 0 && route->anchored && !tbdi_policies_permit(route))
		return "certificate-policy";
	const struct tbdi_demand *demand = tbdi_profile_broken(route, i);
	return demand != NULL ? demand->what : NULL;
}

static bool breaks_requirement(const struct tbdi_route *route, size_t i)
{
	return requirement_broken(route, i) != NULL;
}

/* The gravest first. */
static const struct {
	enum tbd_fault fault;
	bool (*is_found)(const struct tbdi_route *route, size_t i);
} checks[] = {
	{ TBD_FAULT_NO_ISSUER, lacks_anchor },
	{ TBD_FAULT_UNTRUSTED_ROOT, ends_in_foreign_root },
	{ TBD_FAULT_BAD_SIGNATURE, has_bad_signature },
	{ TBD_FAULT_NOT_A_CA, is_not_a_ca },
	{ TBD_FAULT_PATH_LENGTH, has_too_long_path },
	{ TBD_FAULT_PURPOSE, has_wrong_purpose },
	{ TBD_FAULT_NAME_CONSTRAINTS, has_violated_constraints },
	{ TBD_FAULT_UNKNOWN_CRITICAL, has_unknown_critical },
	{ TBD_FAULT_REVOKED, is_revoked },
	{ TBD_FAULT_EXPIRED, has_expired },
	{ TBD_FAULT_NOT_YET_VALID, is_not_yet_valid },
	{ TBD_FAULT_WEAK_SIGNATURE, has_weak_signature },
	{ TBD_FAULT_WEAK_KEY, has_weak_key },
	{ TBD_FAULT_POLICY, breaks_requirement },
	{ TBD_FAULT_UNKNOWN_ALGORITHM, has_unknown_algorithm },
};

bool tbdi_cert_is_unfit(const struct tbdi_cert *cert, const struct tbdi_route *terms)
{
	static bool (*const found[])(const struct tbdi_route *route, size_t i) = { is_not_a_ca,
		has_wrong_purpose, has_unknown_critical, has_expired, is_not_yet_valid,
		has_weak_signature, has_weak_key };
	/* As an issuer that is not the last. */
	const struct tbdi_cert *const certs[] = { cert, cert, cert };
	struct tbdi_route route = *terms;
	route.revoked = route.status_unknown = NULL;
	route.certs = certs;
	route.count = TBDI_COUNT(certs);
	for (size_t i = 0; i < TBDI_COUNT(found); i++)
		if (found[i](&route, 1))
			return true;
	return tbdi_profile_broken(&route, 1) != NULL;
}

bool tbdi_route_length_is_permitted(const struct tbdi_route *route)
{
	return !has_too_long_path(route, route->count - 1);
}

static int name_encoding_at(const struct tbdi_route *route)
{
	for (size_t i = 0; i + 1 < route->count; i++)
		if (!tbdi_bytes_equal(
			    route->certs[i]->pub.issuer_der, route->certs[i + 1]->pub.subject_der))
			return (int)i;
	return -1;
}

struct tbdi_grade tbdi_route_grade(const struct tbdi_route *route)
{
	const struct tbd_cert *last = &route->certs[route->count - 1]->pub;
	struct tbdi_grade grade = {
		.anchored = route->anchored,
		.to_root = last->self_signed,
		.name_encoding_at = name_encoding_at(route),
		.count = route->count,
		.ends = INT64_MAX,
	};
	for (size_t i = 0; i < route->count; i++)
		if (route->certs[i]->pub.not_after < grade.ends)
			grade.ends = route->certs[i]->pub.not_after;
	for (size_t check = 0; check < TBDI_COUNT(checks); check++) {
		for (size_t i = 0; i < route->count; i++) {
			if (!checks[check].is_found(route, i))
				continue;
			if (grade.fault_count++ > 0)
				continue;
			grade.fault = checks[check].fault;
			grade.fault_at = i;
			if (grade.fault == TBD_FAULT_POLICY)
				grade.requirement = requirement_broken(route, i);
		}
	}
	if (grade.fault == TBD_FAULT_NONE)
		grade.refusal = tbdi_route_refusal(route);
	return grade;
}

bool tbdi_grade_is_better(const struct tbdi_grade *a, const struct tbdi_grade *b)
{
	bool a_sound = a->fault == TBD_FAULT_NONE, b_sound = b->fault == TBD_FAULT_NONE;
	if (a_sound != b_sound)
		return a_sound;
	if (a->anchored != b->anchored)
		return a->anchored;
	/* The faults are numbered from the gravest on. */
	if (a->fault != b->fault)
		return a->fault > b->fault;
	if (a->fault_count != b->fault_count)
		return a->fault_count < b->fault_count;
	if (a->refusal != b->refusal)
		return a->refusal < b->refusal;
	if ((a->name_encoding_at < 0) != (b->name_encoding_at < 0))
		return a->name_encoding_at < 0;
	if (a->to_root != b->to_root)
		return a->to_root;
	if (a->count != b->count)
		return a_sound ? a->count < b->count : a->count > b->count;
	return a->ends > b->ends;
}
