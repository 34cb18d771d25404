/* SPDX-License-Identifier: MIT
 *
 * cert.c - DER to struct tbd_cert. GnuTLS parses; the outline says where things are, so that nothing
 * is looked up twice.
 */
#include "x509/cert.h"

#include "base/rfc3339.h"

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/x509-ext.h>

/* Parsing steps return 0, or MALFORMED with cert->pub.error set, or TBD_E_NOMEM. */
enum { MALFORMED = 1 };

static int malformed(struct tbdi_cert *cert, const char *what)
{
	cert->pub.error = what;
	return MALFORMED;
}

bool tbdi_words_have(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static const char *const no_words[] = { NULL };

static const char *const *list_words(const struct tbdi_list *list)
{
	return list->count == 0 ? no_words : (const char *const *)(void *)list->items;
}

/* ---- extensions ------------------------------------------------------------------------------ */

struct reader {
	struct tbdi_arena *arena;
	struct tbdi_cert *cert;
	struct tbdi_list unknown_critical;
	uint64_t seen; /* bits of the extensions below id-ce, to find one that stands there twice */
};

const char *tbdi_dn_text(struct tbdi_arena *arena, struct tbd_bytes name)
{
	gnutls_datum_t der = tbdi_datum(name), text = { NULL, 0 };
	const char *plain = tbdi_dn_plain_text(arena, name);
	if (plain != NULL)
		return plain;
	/* An empty Name, and one that GnuTLS cannot read, which is shown as RFC 4514 shows raw values. */
	if (name.len <= 2)
		return tbdi_arena_strdup(arena, "");
	if (gnutls_x509_rdn_get2(&der, &text, 0) < 0) {
		char *hex = tbdi_arena_hex(arena, name.data, name.len);
		return hex == NULL ? NULL : tbdi_arena_printf(arena, "#%s", hex);
	}
	const char *copy = tbdi_arena_utf8(arena, text.data, text.size);
	gnutls_free(text.data);
	return copy;
}

static const char *address_text(struct tbdi_arena *arena, struct tbd_bytes bytes)
{
	char text[INET6_ADDRSTRLEN];
	int family = bytes.len == 4 ? AF_INET : AF_INET6;
	if ((bytes.len != 4 && bytes.len != 16) ||
		inet_ntop(family, bytes.data, text, sizeof(text)) == NULL)
		return tbdi_arena_hex(arena, bytes.data, bytes.len);
	return tbdi_arena_strdup(arena, text);
}

static const char *oid_text(struct tbdi_arena *arena, struct tbd_bytes oid)
{
	const char *text = tbdi_der_oid_text(arena, oid);
	return text != NULL ? text : "an unreadable OID";
}

/* Lists that a peer can make long are walked by ourselves: GnuTLS looks each entry up from the
 * beginning, so that 64 KiB of them cost it seconds. */

/* Tags of a GeneralName (RFC 5280 4.2.1.6). */
enum {
	GENERAL_OTHER = 0xa0,
	GENERAL_EMAIL = 0x81,
	GENERAL_DNS = 0x82,
	GENERAL_DIRECTORY = 0xa4,
	GENERAL_URI = 0x86,
	GENERAL_IP = 0x87,
	GENERAL_REGISTERED_ID = 0x88,
};

/* Of a form that no host is compared with only what can be shown on a line. */
static const char *other_name_text(struct tbdi_arena *arena, const struct tbdi_der *name)
{
	struct tbd_bytes in = name->value;
	struct tbdi_der oid;
	switch (name->tag) {
	case GENERAL_DIRECTORY:
		return tbdi_dn_text(arena, name->value);
	case GENERAL_REGISTERED_ID:
		return oid_text(arena, name->value);
	case GENERAL_OTHER:
		if (tbdi_der_take(&in, TBDI_DER_OID, &oid))
			return oid_text(arena, oid.value);
		/* fall through */
	default:
		return "of an unknown form";
	}
}

static int name_fill(struct tbdi_arena *arena, struct tbd_name *name, const struct tbdi_der *from)
{
	static const struct {
		uint8_t from;
		enum tbd_name_type to;
	} types[] = {
		{ GENERAL_DNS, TBD_NAME_DNS },
		{ GENERAL_IP, TBD_NAME_IP },
		{ GENERAL_EMAIL, TBD_NAME_EMAIL },
		{ GENERAL_URI, TBD_NAME_URI },
	};
	name->type = TBD_NAME_OTHER;
	for (size_t i = 0; i < TBDI_COUNT(types); i++)
		if (types[i].from == from->tag)
			name->type = types[i].to;
	if (name->type == TBD_NAME_IP)
		name->value = address_text(arena, from->value);
	else if (name->type == TBD_NAME_OTHER)
		name->value = other_name_text(arena, from);
	else
		name->value = tbdi_arena_utf8(arena, from->value.data, from->value.len);
	return name->value == NULL ? TBD_E_NOMEM : 0;
}

/* The elements of the SEQUENCE that fills these bytes. False: it is none, or an element is malformed. */
static bool open_sequence(struct tbd_bytes in, struct tbd_bytes *elements, size_t *count)
{
	struct tbdi_der sequence, element;
	*count = 0;
	if (!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &sequence) || in.len > 0)
		return false;
	*elements = sequence.value;
	for (in = sequence.value; in.len > 0; ++*count)
		if (!tbdi_der_next(&in, &element))
			return false;
	return true;
}

static int read_names(struct reader *reader, struct tbd_bytes ext)
{
	struct tbd_bytes list;
	struct tbdi_der name;
	size_t count = 0;
	if (!open_sequence(ext, &list, &count))
		return malformed(reader->cert, "its subjectAltName is malformed");
	struct tbd_name *names = tbdi_arena_alloc(reader->arena, count * sizeof(*names));
	if (names == NULL)
		return TBD_E_NOMEM;
	for (size_t i = 0; tbdi_der_next(&list, &name); i++)
		if (name_fill(reader->arena, &names[i], &name) < 0)
			return TBD_E_NOMEM;
	reader->cert->pub.names = names;
	reader->cert->pub.name_count = count;
	return 0;
}

static int read_basic_constraints(struct reader *reader, struct tbd_bytes ext)
{
	struct tbd_cert *cert = &reader->cert->pub;
	const gnutls_datum_t der = tbdi_datum(ext);
	unsigned ca = 0;
	if (gnutls_x509_ext_import_basic_constraints(&der, &ca, &cert->path_length) < 0)
		return malformed(reader->cert, "its basicConstraints are malformed");
	cert->has_basic_constraints = true;
	cert->is_ca = ca != 0;
	return 0;
}

static int read_key_usage(struct reader *reader, struct tbd_bytes ext)
{
	static const struct {
		unsigned bit;
		const char *word;
	} bits[] = {
		{ GNUTLS_KEY_DIGITAL_SIGNATURE, "digitalSignature" },
		{ GNUTLS_KEY_NON_REPUDIATION, "nonRepudiation" },
		{ GNUTLS_KEY_KEY_ENCIPHERMENT, "keyEncipherment" },
		{ GNUTLS_KEY_DATA_ENCIPHERMENT, "dataEncipherment" },
		{ GNUTLS_KEY_KEY_AGREEMENT, "keyAgreement" },
		{ GNUTLS_KEY_KEY_CERT_SIGN, "keyCertSign" },
		{ GNUTLS_KEY_CRL_SIGN, "cRLSign" },
		{ GNUTLS_KEY_ENCIPHER_ONLY, "encipherOnly" },
		{ GNUTLS_KEY_DECIPHER_ONLY, "decipherOnly" },
	};
	struct tbdi_cert *cert = reader->cert;
	const gnutls_datum_t der = tbdi_datum(ext);
	struct tbdi_list words = { 0 };
	if (gnutls_x509_ext_import_key_usage(&der, &cert->key_usage) < 0)
		return malformed(cert, "its keyUsage is malformed");
	for (size_t i = 0; i < TBDI_COUNT(bits); i++)
		if ((cert->key_usage & bits[i].bit) != 0 &&
			tbdi_list_add(reader->arena, &words, bits[i].word) < 0)
			return TBD_E_NOMEM;
	cert->pub.has_key_usage = true;
	cert->pub.key_usage = list_words(&words);
	return 0;
}

/* The name of a purpose, or its OID. */
static const char *purpose_word(struct tbdi_arena *arena, struct tbd_bytes oid)
{
	static const char *const table[][2] = {
		{ GNUTLS_KP_TLS_WWW_SERVER, "serverAuth" },
		{ GNUTLS_KP_TLS_WWW_CLIENT, "clientAuth" },
		{ GNUTLS_KP_CODE_SIGNING, "codeSigning" },
		{ GNUTLS_KP_EMAIL_PROTECTION, "emailProtection" },
		{ GNUTLS_KP_TIME_STAMPING, "timeStamping" },
		{ GNUTLS_KP_OCSP_SIGNING, "OCSPSigning" },
		{ GNUTLS_KP_ANY, "anyExtendedKeyUsage" },
	};
	const char *text = oid_text(arena, oid);
	for (size_t i = 0; i < TBDI_COUNT(table); i++)
		if (strcmp(table[i][0], text) == 0)
			return table[i][1];
	return text;
}

static int read_purposes(struct reader *reader, struct tbd_bytes ext)
{
	struct tbd_bytes list;
	struct tbdi_list words = { 0 };
	struct tbdi_der oid;
	size_t count = 0;
	bool good = open_sequence(ext, &list, &count);
	for (; good && list.len > 0;) {
		good = tbdi_der_take(&list, TBDI_DER_OID, &oid);
		if (good &&
			tbdi_list_add(
				reader->arena, &words, purpose_word(reader->arena, oid.value)) < 0)
			return TBD_E_NOMEM;
	}
	reader->cert->pub.has_purposes = true;
	reader->cert->pub.purposes = list_words(&words);
	return good ? 0 : malformed(reader->cert, "its extendedKeyUsage is malformed");
}

static int read_subject_key_id(struct reader *reader, struct tbd_bytes ext)
{
	struct tbdi_der id;
	if (!tbdi_der_take(&ext, TBDI_DER_OCTET_STRING, &id) || ext.len > 0)
		return malformed(reader->cert, "its subjectKeyIdentifier is malformed");
	reader->cert->pub.subject_key_id =
		tbdi_arena_hex(reader->arena, id.value.data, id.value.len);
	return reader->cert->pub.subject_key_id == NULL ? TBD_E_NOMEM : 0;
}

/* authorityCertIssuer, of which the first directoryName counts, and authorityCertSerialNumber. */
static void read_authority(struct tbdi_cert *cert, struct tbd_bytes in)
{
	struct tbdi_der names, name, serial;
	if (tbdi_der_take(&in, TBDI_DER_CONTEXT + 1, &names))
		while (cert->authority_issuer.len == 0 && tbdi_der_next(&names.value, &name))
			if (name.tag == TBDI_DER_CONTEXT + 4)
				cert->authority_issuer = name.value;
	if (tbdi_der_take(&in, 0x82, &serial))
		cert->authority_serial = serial.value;
}

static int read_authority_key_id(struct reader *reader, struct tbd_bytes ext)
{
	struct tbdi_der sequence, id;
	if (!tbdi_der_take(&ext, TBDI_DER_SEQUENCE, &sequence) || ext.len > 0)
		return malformed(reader->cert, "its authorityKeyIdentifier is malformed");
	bool has_id = tbdi_der_take(&sequence.value, 0x80, &id);
	read_authority(reader->cert, sequence.value);
	if (!has_id)
		return 0; /* issuer and serial number instead, or nothing */
	reader->cert->pub.authority_key_id =
		tbdi_arena_hex(reader->arena, id.value.data, id.value.len);
	return reader->cert->pub.authority_key_id == NULL ? TBD_E_NOMEM : 0;
}

/* Addresses only inform: what is malformed there, and what comes after so many, is left out. */
enum { ADDRESSES_MAX = 16 };

static int add_address(struct reader *reader, struct tbdi_list *urls, const struct tbdi_der *name)
{
	if (name->tag != GENERAL_URI || urls->count == ADDRESSES_MAX)
		return 0;
	return tbdi_list_add(reader->arena, urls,
		tbdi_arena_utf8(reader->arena, name->value.data, name->value.len));
}

/* DistributionPoint (RFC 5280 4.2.1.13) [0] > DistributionPointName [0] fullName > GeneralNames */
static int add_point(struct reader *reader, struct tbdi_list *urls, struct tbd_bytes point)
{
	struct tbdi_der field, names, name;
	int ret = 0;
	if (!tbdi_der_take(&point, TBDI_DER_CONTEXT, &field) ||
		!tbdi_der_take(&field.value, TBDI_DER_CONTEXT, &names))
		return 0;
	while (ret == 0 && urls->count < ADDRESSES_MAX && tbdi_der_next(&names.value, &name))
		ret = add_address(reader, urls, &name);
	return ret;
}

static int read_crl_points(struct reader *reader, struct tbd_bytes ext)
{
	struct tbdi_list urls = { 0 };
	struct tbdi_der sequence = { .value = { NULL, 0 } }, point;
	int ret = 0;
	(void)tbdi_der_take(&ext, TBDI_DER_SEQUENCE, &sequence);
	while (ret == 0 && urls.count < ADDRESSES_MAX &&
		tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &point))
		ret = add_point(reader, &urls, point.value);
	reader->cert->pub.crl_points = list_words(&urls);
	return ret;
}

/* id-ad-ocsp and id-ad-caIssuers (RFC 5280 4.2.2.1) differ in their last octet. */
static bool is_access_method(struct tbd_bytes oid, uint8_t last)
{
	static const uint8_t id_ad[] = { 0x2b, 6, 1, 5, 5, 7, 0x30 };
	return oid.len == sizeof(id_ad) + 1 && memcmp(oid.data, id_ad, sizeof(id_ad)) == 0 &&
		oid.data[sizeof(id_ad)] == last;
}

static int read_aia(struct reader *reader, struct tbd_bytes ext)
{
	enum { OCSP = 1, CA_ISSUERS = 2 };
	struct tbdi_list issuers = { 0 }, ocsp = { 0 };
	struct tbdi_der sequence = { .value = { NULL, 0 } }, description, method, name;
	int ret = 0;
	(void)tbdi_der_take(&ext, TBDI_DER_SEQUENCE, &sequence);
	while (ret == 0 && tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &description)) {
		if (!tbdi_der_take(&description.value, TBDI_DER_OID, &method) ||
			!tbdi_der_next(&description.value, &name))
			break;
		if (is_access_method(method.value, OCSP))
			ret = add_address(reader, &ocsp, &name);
		else if (is_access_method(method.value, CA_ISSUERS))
			ret = add_address(reader, &issuers, &name);
	}
	reader->cert->pub.ocsp_servers = list_words(&ocsp);
	reader->cert->pub.aia_issuers = list_words(&issuers);
	return ret;
}

static int read_name_constraints(struct reader *reader, struct tbd_bytes ext)
{
	(void)ext; /* imported when a path has to obey them */
	reader->cert->pub.has_name_constraints = true;
	return 0;
}

/* Nothing to keep; whether it is there is enough for us to know it. */
static int read_nothing(struct reader *reader, struct tbd_bytes ext)
{
	(void)reader;
	(void)ext;
	return 0;
}

static int read_unknown(struct reader *reader, const struct tbdi_extension *extension)
{
	if (!extension->critical)
		return 0;
	return tbdi_list_add(
		reader->arena, &reader->unknown_critical, oid_text(reader->arena, extension->oid));
}

typedef int read_function(struct reader *reader, struct tbd_bytes ext);

/* The extensions that are understood, by their number below id-ce. Policies inform about the issuer's
 * procedures, which no device stack checks unless told which policy it wants. */
static read_function *const read_functions[] = {
	[TBDI_ID_CE_SUBJECT_KEY_ID] = read_subject_key_id,
	[TBDI_ID_CE_KEY_USAGE] = read_key_usage,
	[TBDI_ID_CE_SUBJECT_ALT_NAME] = read_names,
	[TBDI_ID_CE_BASIC_CONSTRAINTS] = read_basic_constraints,
	[TBDI_ID_CE_NAME_CONSTRAINTS] = read_name_constraints,
	[TBDI_ID_CE_CRL_POINTS] = read_crl_points,
	[TBDI_ID_CE_POLICIES] = read_nothing,
	[TBDI_ID_CE_POLICY_MAPPINGS] = read_nothing,
	[TBDI_ID_CE_AUTHORITY_KEY_ID] = read_authority_key_id,
	[TBDI_ID_CE_POLICY_CONSTRAINTS] = read_nothing,
	[TBDI_ID_CE_EXT_KEY_USAGE] = read_purposes,
	[TBDI_ID_CE_INHIBIT_ANY_POLICY] = read_nothing,
};
TBDI_TABLE_OF(read_functions, TBDI_ID_CE_INHIBIT_ANY_POLICY);

static int read_extension(struct reader *reader, const struct tbdi_extension *extension)
{
	if (tbdi_extension_is_aia(extension))
		return read_aia(reader, extension->value);
	int id = tbdi_extension_id_ce(extension);
	if (id < 0 || (size_t)id >= TBDI_COUNT(read_functions) || read_functions[id] == NULL)
		return read_unknown(reader, extension);
	if ((reader->seen >> id & 1) != 0)
		return malformed(reader->cert, "an extension stands in it twice");
	reader->seen |= UINT64_C(1) << id;
	return read_functions[id](reader, extension->value);
}

static int read_extensions(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	struct reader reader = { .arena = arena, .cert = cert };
	struct tbd_bytes list = cert->outline.extensions;
	struct tbdi_extension extension;
	cert->pub.path_length = -1;
	cert->pub.key_usage = cert->pub.purposes = no_words;
	cert->pub.aia_issuers = cert->pub.ocsp_servers = cert->pub.crl_points = no_words;
	while (tbdi_extension_next(&list, &extension)) {
		int ret = read_extension(&reader, &extension);
		if (ret != 0)
			return ret;
	}
	cert->pub.unknown_critical = list_words(&reader.unknown_critical);
	return 0;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static const char *key_algorithm_word(gnutls_pk_algorithm_t algorithm)
{
	/* GnuTLS' names are "EC/ECDSA", "EdDSA (Ed25519)" and the like. */
	static const struct {
		gnutls_pk_algorithm_t algorithm;
		const char *word;
	} table[] = {
		{ GNUTLS_PK_RSA, "RSA" },
		{ GNUTLS_PK_RSA_PSS, "RSA-PSS" },
		{ GNUTLS_PK_ECDSA, "EC" },
		{ GNUTLS_PK_DSA, "DSA" },
		{ GNUTLS_PK_EDDSA_ED25519, "Ed25519" },
		{ GNUTLS_PK_EDDSA_ED448, "Ed448" },
	};
	for (size_t i = 0; i < TBDI_COUNT(table); i++)
		if (table[i].algorithm == algorithm)
			return table[i].word;
	return NULL;
}

static const char *curve_word(gnutls_ecc_curve_t curve)
{
	static const struct {
		gnutls_ecc_curve_t curve;
		const char *word;
	} table[] = {
		{ GNUTLS_ECC_CURVE_SECP192R1, "P-192" },
		{ GNUTLS_ECC_CURVE_SECP224R1, "P-224" },
		{ GNUTLS_ECC_CURVE_SECP256R1, "P-256" },
		{ GNUTLS_ECC_CURVE_SECP384R1, "P-384" },
		{ GNUTLS_ECC_CURVE_SECP521R1, "P-521" },
	};
	for (size_t i = 0; i < TBDI_COUNT(table); i++)
		if (table[i].curve == curve)
			return table[i].word;
	return gnutls_ecc_curve_get_name(curve);
}

/* The name of a curve that GnuTLS does not know, or the OID itself. */
static const char *unknown_curve_word(const char *oid)
{
	static const char *const table[][2] = {
		{ "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1" },
		{ "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1" },
		{ "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1" },
		{ "1.3.132.0.10", "secp256k1" },
		{ "1.3.132.0.16", "sect283k1" },
		{ "1.3.132.0.17", "sect283r1" },
		{ "1.3.132.0.36", "sect409k1" },
		{ "1.3.132.0.37", "sect409r1" },
		{ "1.3.132.0.38", "sect571k1" },
		{ "1.3.132.0.39", "sect571r1" },
	};
	for (size_t i = 0; i < TBDI_COUNT(table); i++)
		if (strcmp(table[i][0], oid) == 0)
			return table[i][1];
	return oid;
}

/* The OID of the AlgorithmIdentifier that begins an encoded element's value. */
static const char *algorithm_oid(struct tbdi_arena *arena, struct tbd_bytes algorithm)
{
	struct tbdi_der sequence, oid;
	if (!tbdi_der_take(&algorithm, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_OID, &oid))
		return "unknown";
	const char *text = tbdi_der_oid_text(arena, oid.value);
	return text != NULL ? text : "unknown";
}

/* Of a key that GnuTLS does not know: its kind, and the curve, which may be all that is unknown. */
static void read_unknown_key(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	struct tbd_bytes spki = cert->outline.spki;
	struct tbdi_der sequence, algorithm, kind, curve;
	(void)tbdi_der_take(&spki, TBDI_DER_SEQUENCE, &sequence);
	cert->pub.key_algorithm = algorithm_oid(arena, sequence.value);
	if (strcmp(cert->pub.key_algorithm, "1.2.840.10045.2.1") != 0)
		return;
	cert->pub.key_algorithm = "EC";
	cert->pub.key_curve = "with parameters of its own";
	if (!tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_der_take(&algorithm.value, TBDI_DER_OID, &kind) ||
		!tbdi_der_take(&algorithm.value, TBDI_DER_OID, &curve))
		return;
	const char *oid = tbdi_der_oid_text(arena, curve.value);
	if (oid != NULL)
		cert->pub.key_curve = unknown_curve_word(oid);
}

static void read_key(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	unsigned bits = 0;
	int algorithm = gnutls_x509_crt_get_pk_algorithm(cert->crt, &bits);
	const char *word =
		algorithm < 0 ? NULL : key_algorithm_word((gnutls_pk_algorithm_t)algorithm);
	if (word == NULL) {
		read_unknown_key(arena, cert);
		return;
	}
	gnutls_ecc_curve_t curve;
	cert->pub.key_algorithm = word;
	cert->pub.key_bits = bits;
	if (algorithm == GNUTLS_PK_ECDSA &&
		gnutls_x509_crt_get_pk_ecc_raw(cert->crt, &curve, NULL, NULL) >= 0)
		cert->pub.key_curve = curve_word(curve);
}

static void read_signature_algorithm(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	int algorithm = gnutls_x509_crt_get_signature_algorithm(cert->crt);
	cert->algorithm = algorithm < 0 ? GNUTLS_SIGN_UNKNOWN : (gnutls_sign_algorithm_t)algorithm;
	const char *name = gnutls_sign_get_name(cert->algorithm);
	if (name == NULL) {
		cert->pub.signature_algorithm =
			algorithm_oid(arena, cert->outline.signature_algorithm);
		return;
	}
	/* Ed25519 and Ed448 hash inside; GnuTLS would name that hash. */
	bool hashes_apart = strncmp(name, "EdDSA", 5) != 0;
	cert->pub.signature_algorithm = hashes_apart ? name : name + strlen("EdDSA-");
	if (hashes_apart)
		cert->pub.signature_hash =
			gnutls_digest_get_name(gnutls_sign_get_hash_algorithm(cert->algorithm));
}

static int read_serial(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	struct tbd_bytes serial = cert->outline.serial;
	/* The zero octet that only keeps an INTEGER from being negative. */
	if (serial.len > 1 && serial.data[0] == 0) {
		serial.data++;
		serial.len--;
	}
	cert->pub.serial = tbdi_arena_hex(arena, serial.data, serial.len);
	return cert->pub.serial == NULL ? TBD_E_NOMEM : 0;
}

static int read_subject(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	struct tbd_cert *pub = &cert->pub;
	const struct tbdi_outline *outline = &cert->outline;
	pub->subject_der = outline->subject;
	pub->issuer_der = outline->issuer;
	pub->self_issued = tbdi_dn_equal(outline->subject, outline->issuer);
	pub->subject = tbdi_dn_text(arena, outline->subject);
	pub->issuer = tbdi_bytes_equal(outline->subject, outline->issuer)
		? pub->subject
		: tbdi_dn_text(arena, outline->issuer);
	if (pub->subject == NULL || pub->issuer == NULL)
		return TBD_E_NOMEM;
	gnutls_datum_t name = tbdi_datum(outline->subject);
	char value[1024];
	size_t size = sizeof(value);
	if (gnutls_x509_rdn_get_by_oid(&name, GNUTLS_OID_X520_COMMON_NAME, 0, 0, value, &size) < 0)
		return 0;
	pub->common_name = tbdi_arena_utf8(arena, value, size);
	return pub->common_name == NULL ? TBD_E_NOMEM : 0;
}

static int cert_import(struct tbdi_cert *cert)
{
	gnutls_datum_t der = tbdi_datum(cert->pub.der);
	const char *problem = tbdi_outline(cert->pub.der, &cert->outline);
	if (problem != NULL)
		return malformed(cert, problem);
	if (gnutls_x509_crt_init(&cert->crt) < 0)
		return TBD_E_NOMEM;
	int ret = gnutls_x509_crt_import(cert->crt, &der, GNUTLS_X509_FMT_DER);
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return TBD_E_NOMEM;
	if (ret < 0)
		return malformed(cert, gnutls_strerror(ret));
	cert->is_costly = !tbdi_key_is_cheap(cert->crt);
	return cert->is_costly
		? malformed(cert, "its key is so large that nobody can check a signature with it")
		: 0;
}

static int parse(struct tbdi_arena *arena, struct tbdi_cert *cert)
{
	int ret = cert_import(cert);
	if (ret != 0)
		return ret;
	struct tbd_cert *pub = &cert->pub;
	pub->version = cert->outline.version;
	if (!tbdi_der_time(&cert->outline.not_before, &pub->not_before) ||
		!tbdi_der_time(&cert->outline.not_after, &pub->not_after))
		return malformed(cert, "its validity is not in the form of RFC 5280 4.1.2.5");
	read_key(arena, cert);
	read_signature_algorithm(arena, cert);
	pub->spki_sha256 =
		tbdi_arena_sha256(arena, cert->outline.spki.data, cert->outline.spki.len);
	if (pub->spki_sha256 == NULL || read_serial(arena, cert) < 0 ||
		read_subject(arena, cert) < 0)
		return TBD_E_NOMEM;
	ret = read_extensions(arena, cert);
	if (ret != 0)
		return ret;
	pub->self_signed = pub->self_issued &&
		(pub->authority_key_id == NULL || pub->subject_key_id == NULL ||
			strcmp(pub->authority_key_id, pub->subject_key_id) == 0);
	return 0;
}

static void cert_release(void *cert)
{
	gnutls_x509_crt_deinit(((struct tbdi_cert *)cert)->crt);
}

struct tbdi_cert *tbdi_cert_new(
	struct tbdi_arena *arena, struct tbdi_owned **owned, struct tbd_bytes der)
{
	struct tbdi_cert *cert = tbdi_arena_alloc(arena, sizeof(*cert));
	if (cert == NULL || tbdi_own(arena, owned, cert, cert_release) < 0)
		return NULL;
	cert->pub.der.data = tbdi_arena_memdup(arena, der.data, der.len);
	cert->pub.der.len = der.len;
	cert->pub.sha256 = tbdi_arena_sha256(arena, der.data, der.len);
	if (cert->pub.der.data == NULL || cert->pub.sha256 == NULL)
		return NULL;
	if (der.len > TBDI_CERT_LEN_MAX) {
		(void)malformed(cert, "it is larger than 256 KiB");
		return cert;
	}
	int ret = parse(arena, cert);
	if (ret == MALFORMED) {
		gnutls_x509_crt_deinit(cert->crt);
		cert->crt = NULL;
		cert->pub.subject = NULL; /* nobody is to rely on it */
	}
	return ret < 0 ? NULL : cert;
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* gnutls_x509_crt_verify() would judge names, dates and CA flags as well and mix the answers. */

/* saltLength of RSASSA-PSS-params (RFC 4055 3.1). */
static unsigned pss_salt_len(struct tbd_bytes algorithm)
{
	unsigned len = 20; /* the default, for SHA-1 */
	struct tbdi_der sequence, oid, params, part, number;
	if (!tbdi_der_take(&algorithm, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_OID, &oid) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &params))
		return len;
	while (tbdi_der_next(&params.value, &part)) {
		if (part.tag != TBDI_DER_CONTEXT + 2 ||
			!tbdi_der_take(&part.value, TBDI_DER_INTEGER, &number) ||
			number.value.len > 2)
			continue;
		len = 0;
		for (size_t i = 0; i < number.value.len; i++)
			len = len << 8 | number.value.data[i];
	}
	return len;
}

/* Tell the key what the signature's parameters say: GnuTLS would take a salt as long as the hash. */
static int pss_prepare(gnutls_pubkey_t key, const struct tbdi_signed *item)
{
	gnutls_x509_spki_t spki = NULL;
	if (gnutls_x509_spki_init(&spki) < 0)
		return -1;
	gnutls_x509_spki_set_rsa_pss_params(spki, gnutls_sign_get_hash_algorithm(item->algorithm),
		pss_salt_len(item->algorithm_der));
	int ret = gnutls_pubkey_set_spki(key, spki, 0);
	gnutls_x509_spki_deinit(spki);
	return ret;
}

bool tbdi_signature_may_fit(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(issuer->crt, &bits);
	if (kind < 0 ||
		gnutls_sign_supports_pk_algorithm(cert->algorithm, (gnutls_pk_algorithm_t)kind) ==
			0)
		return false;
	/* An RSA signature is as long as the modulus. */
	return kind != GNUTLS_PK_RSA || cert->outline.signature.len == (bits + 7) / 8;
}

bool tbdi_signature_can_be_checked(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	unsigned bits; /* are what it reads the key for */
	return cert->algorithm != GNUTLS_SIGN_UNKNOWN &&
		gnutls_x509_crt_get_pk_algorithm(issuer->crt, &bits) > GNUTLS_PK_UNKNOWN;
}

/* ---- authorityKeyIdentifier ------------------------------------------------------------------ */

bool tbdi_names_other_key_id(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	const char *named = cert->pub.authority_key_id, *own = issuer->pub.subject_key_id;
	return named != NULL && own != NULL && strcmp(named, own) != 0;
}

bool tbdi_names_other_serial(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	return (cert->authority_serial.len > 0 &&
		       !tbdi_bytes_equal(cert->authority_serial, issuer->outline.serial)) ||
		(cert->authority_issuer.len > 0 &&
			!tbdi_dn_equal(cert->authority_issuer, issuer->pub.issuer_der));
}

bool tbdi_looks_self_signed(const struct tbdi_cert *cert)
{
	int kind = gnutls_x509_crt_get_pk_algorithm(cert->crt, NULL);
	bool may_sign = kind < 0 || cert->algorithm == GNUTLS_SIGN_UNKNOWN ||
		gnutls_sign_supports_pk_algorithm(cert->algorithm, (gnutls_pk_algorithm_t)kind) !=
			0;
	return cert->pub.self_issued && may_sign && !tbdi_names_other_key_id(cert, cert) &&
		!tbdi_names_other_serial(cert, cert);
}

/* ---- the cost of a key ----------------------------------------------------------------------- */

/* The cost grows with what stands in the exponent, which a peer can make as long as the modulus. The limits of
 * the moduli are OpenSSL's. */
enum {
	RSA_BITS_MAX = 16384,
	RSA_EXPONENT_LEN_MAX = 8,
	DSA_BITS_MAX = 10000,
	DSA_ORDER_LEN_MAX = 65
};

static bool is_cheap_rsa(gnutls_pubkey_t key, unsigned bits)
{
	gnutls_datum_t modulus = { NULL, 0 }, exponent = { NULL, 0 };
	if (gnutls_pubkey_export_rsa_raw2(key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ) < 0)
		return false;
	bool cheap = bits <= RSA_BITS_MAX && exponent.size <= RSA_EXPONENT_LEN_MAX;
	gnutls_free(modulus.data);
	gnutls_free(exponent.data);
	return cheap;
}

static bool is_cheap_dsa(gnutls_pubkey_t key, unsigned bits)
{
	gnutls_datum_t parts[4] = { { NULL, 0 } };
	if (gnutls_pubkey_export_dsa_raw(key, &parts[0], &parts[1], &parts[2], &parts[3]) < 0)
		return false;
	bool cheap = bits <= DSA_BITS_MAX && parts[1].size <= DSA_ORDER_LEN_MAX;
	for (size_t i = 0; i < TBDI_COUNT(parts); i++)
		gnutls_free(parts[i].data);
	return cheap;
}

static bool is_cheap(gnutls_pubkey_t key)
{
	unsigned bits = 0;
	switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
		return is_cheap_rsa(key, bits);
	case GNUTLS_PK_DSA:
		return is_cheap_dsa(key, bits);
	default:
		return true;
	}
}

bool tbdi_key_is_cheap(gnutls_x509_crt_t cert)
{
	gnutls_pubkey_t key = NULL;
	if (gnutls_pubkey_init(&key) < 0)
		return false;
	/* With a key that is not understood nothing is computed. */
	bool cheap = gnutls_pubkey_import_x509(key, cert, 0) < 0 || is_cheap(key);
	gnutls_pubkey_deinit(key);
	return cheap;
}

bool tbdi_signed_verifies(const struct tbdi_signed *item, struct tbd_bytes spki_der)
{
	/* Whether an algorithm is too weak is judged, and told, apart. */
	const unsigned flags = GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_RSA_MD5 |
		GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	gnutls_datum_t spki = tbdi_datum(spki_der);
	gnutls_datum_t data = tbdi_datum(item->data);
	gnutls_datum_t bits = tbdi_datum(item->bits);
	gnutls_pubkey_t key = NULL;
	if (gnutls_pubkey_init(&key) < 0)
		return false;
	bool is_pss = gnutls_sign_get_pk_algorithm(item->algorithm) == GNUTLS_PK_RSA_PSS;
	bool good = gnutls_pubkey_import(key, &spki, GNUTLS_X509_FMT_DER) >= 0 && is_cheap(key) &&
		(!is_pss || pss_prepare(key, item) >= 0) &&
		gnutls_pubkey_verify_data2(key, item->algorithm, flags, &data, &bits) >= 0;
	gnutls_pubkey_deinit(key);
	return good;
}

bool tbdi_signature_verifies(const struct tbdi_cert *cert, const struct tbdi_cert *issuer)
{
	const struct tbdi_signed item = { cert->algorithm, cert->outline.signature_algorithm,
		cert->outline.tbs, cert->outline.signature };
	return tbdi_signed_verifies(&item, issuer->outline.spki);
}
