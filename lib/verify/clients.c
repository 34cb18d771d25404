/* SPDX-License-Identifier: MIT
 *
 * clients.c - what clients of today refuse in a path that RFC 5280 accepts, and who does: one row a property. Tried with
 * OpenSSL 3.0 and curl, libmosquitto, Python 3.11 and Node.js 20 upon it, GnuTLS 3.7, mbedTLS 2.28, BearSSL 0.6.
 */
#include "verify/path.h"

/* ---- how a path is put together -------------------------------------------------------------- */

/* OpenSSL looks no further for an issuer: error 18 of the server's certificate, 19 of a CA's. */
static bool looks_self_signed_on_the_way(const struct tbdi_route *route, size_t i)
{
	return !tbdi_route_ends_at(route, i) && tbdi_looks_self_signed(route->certs[i]);
}

static bool names_other_key_id(const struct tbdi_route *route, size_t i)
{
	return !tbdi_route_ends_at(route, i) &&
		tbdi_names_other_key_id(route->certs[i], route->certs[i + 1]);
}

/* A root may name its predecessor: then it does not look self-signed, and ends no path. */
static bool names_other_serial(const struct tbdi_route *route, size_t i)
{
	if (tbdi_route_ends_at(route, i))
		return tbdi_route_anchor_is(route, i) && route->certs[i]->pub.self_signed &&
			tbdi_names_other_serial(route->certs[i], route->certs[i]);
	return tbdi_names_other_serial(route->certs[i], route->certs[i + 1]);
}

static bool is_bare_anchor(const struct tbdi_route *route, size_t i)
{
	return tbdi_route_anchor_is(route, i) && !route->certs[i]->pub.self_signed &&
		!tbdi_looks_self_signed(route->certs[i]);
}

static bool is_leaf_as_anchor(const struct tbdi_route *route, size_t i)
{
	return i == 0 && is_bare_anchor(route, i);
}

static bool is_intermediate_as_anchor(const struct tbdi_route *route, size_t i)
{
	return i > 0 && is_bare_anchor(route, i);
}

/* ---- what a certificate says ----------------------------------------------------------------- */

/* netscape-cert-type, a BIT STRING; OpenSSL still reads it. */
static bool is_no_netscape_server(const struct tbdi_route *route, size_t i)
{
	static const uint8_t oid[] = { 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01, 0x01 };
	enum { SSL_SERVER = 0x40, BIT_STRING = 0x03 };
	struct tbd_bytes list = route->certs[i]->outline.extensions;
	struct tbdi_extension extension;
	struct tbdi_der bits;
	while (i == 0 && tbdi_extension_next(&list, &extension))
		if (tbdi_bytes_equal(extension.oid, (struct tbd_bytes){ oid, sizeof(oid) }) &&
			tbdi_der_take(&extension.value, BIT_STRING, &bits))
			return bits.value.len < 2 || (bits.value.data[1] & SSL_SERVER) == 0;
	return false;
}

static bool is_for_any_purpose_only(const struct tbd_cert *cert)
{
	return cert->has_purposes && !tbdi_words_have(cert->purposes, "serverAuth") &&
		tbdi_words_have(cert->purposes, "anyExtendedKeyUsage");
}

static bool has_any_purpose(const struct tbdi_route *route, size_t i)
{
	return (i == 0 || tbdi_route_anchor_is(route, i)) &&
		is_for_any_purpose_only(tbdi_route_cert(route, i));
}

static bool intermediate_has_any_purpose(const struct tbdi_route *route, size_t i)
{
	return i > 0 && !tbdi_route_anchor_is(route, i) &&
		is_for_any_purpose_only(tbdi_route_cert(route, i));
}

static bool has_critical_constraints(const struct tbdi_cert *cert)
{
	struct tbd_bytes list = cert->outline.extensions;
	struct tbdi_extension extension;
	while (tbdi_extension_next(&list, &extension))
		if (tbdi_extension_id_ce(&extension) == TBDI_ID_CE_NAME_CONSTRAINTS)
			return extension.critical;
	return false;
}

static bool sent_has_constraints(const struct tbdi_route *route, size_t i)
{
	return !tbdi_route_anchor_is(route, i) && has_critical_constraints(route->certs[i]);
}

/* BearSSL takes name and key of an anchor, and nothing else. */
static bool anchor_has_constraints(const struct tbdi_route *route, size_t i)
{
	return tbdi_route_anchor_is(route, i) && has_critical_constraints(route->certs[i]);
}

/* The address is an iPAddress of the certificate, as it should, and not a dNSName, too. */
static bool has_address_entry_only(const struct tbdi_route *route, size_t i)
{
	if (i > 0 || route->address == NULL)
		return false;
	const struct tbd_cert *cert = tbdi_route_cert(route, i);
	for (size_t k = 0; k < cert->name_count; k++)
		if (cert->names[k].type == TBD_NAME_DNS &&
			strcmp(cert->names[k].value, route->address) == 0)
			return false;
	return tbdi_name_judge(cert, route->address).match == TBD_MATCH_OK;
}

/* ---- keys and signatures --------------------------------------------------------------------- */

static bool key_is(const struct tbdi_route *route, size_t i, const char *algorithm)
{
	return strcmp(route->certs[i]->pub.key_algorithm, algorithm) == 0;
}

static bool has_edwards_key(const struct tbdi_route *route, size_t i)
{
	return key_is(route, i, "Ed25519") || key_is(route, i, "Ed448");
}

static bool has_pss_key(const struct tbdi_route *route, size_t i)
{
	return key_is(route, i, "RSA-PSS");
}

static bool has_dsa_key(const struct tbdi_route *route, size_t i)
{
	return key_is(route, i, "DSA");
}

static bool has_large_rsa_key(const struct tbdi_route *route, size_t i)
{
	return key_is(route, i, "RSA") && route->certs[i]->pub.key_bits > 4096;
}

static bool curve_begins(const struct tbdi_route *route, size_t i, const char *with)
{
	const char *curve = route->certs[i]->pub.key_curve;
	return curve != NULL && strncmp(curve, with, strlen(with)) == 0;
}

static bool has_rare_curve(const struct tbdi_route *route, size_t i)
{
	return curve_begins(route, i, "brainpoolP") || curve_begins(route, i, "secp256k1");
}

static bool has_binary_curve(const struct tbdi_route *route, size_t i)
{
	return curve_begins(route, i, "sect");
}

static bool has_pss_signature(const struct tbdi_route *route, size_t i)
{
	return !tbdi_route_anchor_is(route, i) &&
		route->certs[i]->pub.signature_algorithm != NULL &&
		strncmp(route->certs[i]->pub.signature_algorithm, "RSA-PSS", 7) == 0;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define UPON_OPENSSL "OpenSSL, curl, mosquitto, Python and Node.js"
#define MOST TBD_SEVERITY_CRITICAL /* refuse */
#define COMMON TBD_SEVERITY_WARNING
#define SMALL TBD_SEVERITY_INFO
#define ROW(its_word, its_severity, its_test, its_text) \
	.what = its_word, .severity = its_severity, .is_broken = its_test, .text = its_text

const struct tbdi_demand tbdi_client_demands[] = {
	{ ROW("same-subject", COMMON, looks_self_signed_on_the_way,
		  "its subject is its issuer's as well, so that it looks self-signed"),
		.refused_by = UPON_OPENSSL, .accepted_by = "GnuTLS, mbedTLS and BearSSL" },
	{ ROW("issuer-key-id", COMMON, names_other_key_id,
		  "its authorityKeyIdentifier is not the key identifier of its issuer"),
		.refused_by = "OpenSSL, curl, mosquitto, Python, Node.js and GnuTLS",
		.accepted_by = "mbedTLS and BearSSL" },
	{ ROW("issuer-serial", COMMON, names_other_serial,
		  "its authorityKeyIdentifier names another certificate of its issuer, by serial number"),
		.refused_by = UPON_OPENSSL, .accepted_by = "GnuTLS, mbedTLS and BearSSL" },
	{ ROW("leaf-as-anchor", MOST, is_leaf_as_anchor,
		  "the server's own certificate is the anchor, and not self-signed"),
		.refused_by = "OpenSSL, GnuTLS, mosquitto, Python, Node.js and mbedTLS",
		.accepted_by = "curl and BearSSL" },
	{ ROW("intermediate-as-anchor", COMMON, is_intermediate_as_anchor,
		  "the anchor is an intermediate, and its root is not trusted"),
		.refused_by = "OpenSSL, mosquitto, Python and Node.js",
		.accepted_by = "curl, GnuTLS, mbedTLS and BearSSL" },
	{ ROW("netscape-type", COMMON, is_no_netscape_server,
		  "its nsCertType does not name server"),
		.refused_by = UPON_OPENSSL, .accepted_by = "GnuTLS, mbedTLS and BearSSL" },
	{ ROW("any-purpose", COMMON, has_any_purpose,
		  "its extendedKeyUsage is anyExtendedKeyUsage alone, without serverAuth"),
		.refused_by = UPON_OPENSSL, .accepted_by = "GnuTLS, mbedTLS and BearSSL" },
	{ ROW("any-purpose-ca", COMMON, intermediate_has_any_purpose,
		  "its extendedKeyUsage is anyExtendedKeyUsage alone, without serverAuth"),
		.refused_by = "OpenSSL, curl, mosquitto, Python, Node.js and GnuTLS",
		.accepted_by = "mbedTLS and BearSSL" },
	{ ROW("critical-constraints", SMALL, sent_has_constraints,
		  "its nameConstraints are critical"),
		.refused_by = "mbedTLS 2.28 (-0x2562) and BearSSL (57)",
		.accepted_by = "OpenSSL and GnuTLS" },
	{ ROW("critical-constraints-anchor", SMALL, anchor_has_constraints,
		  "its nameConstraints are critical"),
		.refused_by = "mbedTLS 2.28 (-0x2562)",
		.accepted_by = "OpenSSL, GnuTLS and BearSSL" },
	{ ROW("address-entry-only", SMALL, has_address_entry_only,
		  "the address is an iPAddress entry, and no dNSName"),
		.refused_by = "mbedTLS 2.28 (-0x2700) and BearSSL (56)",
		.accepted_by = "OpenSSL and GnuTLS" },
	{ ROW("key-edwards", SMALL, has_edwards_key, "its key is Ed25519 or Ed448"),
		.refused_by = "mbedTLS and BearSSL", .accepted_by = "OpenSSL and GnuTLS" },
	{ ROW("key-rsa-pss", SMALL, has_pss_key, "its key is RSA for PSS signatures alone"),
		.refused_by = "mbedTLS and BearSSL", .accepted_by = "OpenSSL and GnuTLS" },
	{ ROW("key-dsa", SMALL, has_dsa_key, "its key is DSA, which TLS 1.3 does not have"),
		.refused_by = "mbedTLS and BearSSL" },
	{ ROW("key-large-rsa", SMALL, has_large_rsa_key, "its key is RSA of more than 4096 bits"),
		.refused_by = "BearSSL (50)", .accepted_by = "OpenSSL, GnuTLS and mbedTLS" },
	{ ROW("key-curve", SMALL, has_rare_curve, "its key is on a curve that few have"),
		.refused_by = "GnuTLS and BearSSL", .accepted_by = "OpenSSL and mbedTLS" },
	{ ROW("key-binary-curve", SMALL, has_binary_curve, "its key is on a binary curve"),
		.refused_by = "GnuTLS, mbedTLS and BearSSL", .accepted_by = "OpenSSL" },
	{ ROW("signature-rsa-pss", SMALL, has_pss_signature, "it is signed with RSA-PSS"),
		.refused_by = "BearSSL (49)", .accepted_by = "OpenSSL, GnuTLS and mbedTLS" },
	{ .what = NULL },
};

enum tbd_severity tbdi_route_refusal(const struct tbdi_route *route)
{
	enum tbd_severity worst = TBD_SEVERITY_OK;
	for (const struct tbdi_demand *row = tbdi_client_demands; row->what != NULL; row++)
		for (size_t i = 0; row->severity > TBD_SEVERITY_INFO && i < route->count; i++)
			if (row->severity > worst && row->is_broken(route, i))
				worst = row->severity;
	return worst;
}
