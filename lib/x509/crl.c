/* SPDX-License-Identifier: MIT
 *
 * crl.c - read revocation lists and look certificates up in them.
 */
#include "x509/crl.h"

#include "x509/der.h"

/* Numbers below id-ce of the extensions of a list and of its entries. */
enum {
	ISSUER_ALT_NAME = 18,
	CRL_NUMBER = 20,
	REASON_CODE = 21,
	HOLD_INSTRUCTION = 23,
	INVALIDITY_DATE = 24,
	DELTA_INDICATOR = 27,
	DISTRIBUTION_POINT = 28,
	FRESHEST = 46,
};

enum { REMOVE_FROM_CRL = 8 };

/* ---- reading --------------------------------------------------------------------------------- */

/* IssuingDistributionPoint ::= SEQUENCE of context tags 0 to 5 */
static bool scope_read(struct tbd_bytes value, struct tbdi_crl *crl)
{
	struct tbdi_der sequence, part;
	if (!tbdi_der_take(&value, TBDI_DER_SEQUENCE, &sequence) || value.len > 0)
		return false;
	while (sequence.value.len > 0) {
		if (!tbdi_der_next(&sequence.value, &part))
			return false;
		bool set = part.value.len == 1 && part.value.data[0] != 0;
		switch (part.tag) {
		case 0xa0:
			crl->point = part.value;
			break;
		case 0x81:
			crl->only_users = set;
			break;
		case 0x82:
			crl->only_cas = set;
			break;
		case 0x83:
			crl->only_some_reasons = true;
			break;
		case 0x84: /* of other issuers' certificates as well: the entries say whose */
			if (set)
				crl->defect = "it is an indirect list";
			break;
		case 0x85: /* of attribute certificates */
			crl->nobody = set;
			break;
		default:
			return false;
		}
	}
	return true;
}

static const char *extension_read(const struct tbdi_extension *extension, struct tbdi_crl *crl,
	bool *has_number, bool *has_key_id)
{
	switch (tbdi_extension_id_ce(extension)) {
	case CRL_NUMBER:
		*has_number = true;
		if (extension->critical)
			crl->form = "its CRL number is marked critical";
		return NULL;
	case TBDI_ID_CE_AUTHORITY_KEY_ID:
		*has_key_id = true;
		return NULL;
	case DELTA_INDICATOR:
		crl->delta = true;
		return NULL;
	case DISTRIBUTION_POINT:
		return scope_read(extension->value, crl) ? NULL : "its scope is malformed";
	case ISSUER_ALT_NAME:
	case FRESHEST:
		return NULL;
	default:
		return extension->critical ? "it has a critical extension that is unknown" : NULL;
	}
}

static const char *extensions_read(struct tbd_bytes tail, struct tbdi_crl *crl)
{
	struct tbdi_der tagged, sequence = { .value = { NULL, 0 } };
	struct tbdi_extension extension;
	bool has_number = false, has_key_id = false;
	if (tail.len > 0 &&
		(!tbdi_der_take(&tail, TBDI_DER_CONTEXT, &tagged) || tail.len > 0 ||
			!tbdi_der_take(&tagged.value, TBDI_DER_SEQUENCE, &sequence) ||
			tagged.value.len > 0))
		return "its extensions are malformed";
	if (crl->version == 1)
		sequence.value.len = 0;
	while (sequence.value.len > 0) {
		if (!tbdi_extension_next(&sequence.value, &extension))
			return "an extension is malformed";
		const char *defect = extension_read(&extension, crl, &has_number, &has_key_id);
		if (defect != NULL)
			return defect;
	}
	if (crl->form == NULL)
		crl->form = crl->version != 2 ? "it is not of version 2"
			: !has_number         ? "it has no CRL number"
			: !has_key_id         ? "it has no authorityKeyIdentifier"
					      : NULL;
	return NULL;
}

/* serial, date, extensions */
struct entry {
	struct tbd_bytes serial;
	int64_t time;
	int reason; /* -1: none is given */
};

const char *tbdi_crl_reason(unsigned code)
{
	static const char *const reasons[] = { "unspecified", "keyCompromise", "cACompromise",
		"affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", NULL,
		"removeFromCRL", "privilegeWithdrawn", "aACompromise" };
	return code < TBDI_COUNT(reasons) ? reasons[code] : NULL;
}

static const char *entry_extensions(struct tbd_bytes list, struct entry *out)
{
	struct tbdi_extension extension;
	struct tbdi_der code;
	while (list.len > 0) {
		if (!tbdi_extension_next(&list, &extension))
			return "an entry's extension is malformed";
		switch (tbdi_extension_id_ce(&extension)) {
		case REASON_CODE:
			if (tbdi_der_take(&extension.value, 0x0a, &code) && code.value.len == 1)
				out->reason = code.value.data[0];
			break;
		case HOLD_INSTRUCTION:
		case INVALIDITY_DATE:
			break;
		default:
			if (extension.critical)
				return "an entry has a critical extension that is unknown";
		}
	}
	return NULL;
}

/* Cut an entry off the list. NULL, or what is wrong with it. */
static const char *entry_read(struct tbd_bytes *entries, struct entry *out)
{
	struct tbdi_der sequence, serial, date, list;
	out->reason = -1;
	if (!tbdi_der_take(entries, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_INTEGER, &serial) ||
		!tbdi_der_next(&sequence.value, &date) || !tbdi_der_time(&date, &out->time))
		return "an entry is malformed";
	out->serial = serial.value;
	if (sequence.value.len == 0)
		return NULL;
	if (!tbdi_der_take(&sequence.value, TBDI_DER_SEQUENCE, &list) || sequence.value.len > 0)
		return "an entry is malformed";
	return entry_extensions(list.value, out);
}

static const char *entries_read(struct tbdi_crl *crl)
{
	struct tbd_bytes left = crl->entries;
	struct entry entry;
	while (left.len > 0) {
		const char *defect = entry_read(&left, &entry);
		if (defect != NULL)
			return defect;
		crl->entry_count++;
	}
	return NULL;
}

/* A time; what RFC 5280 5.1.2.4 wants as UTCTime has to be one. */
static bool time_read(const struct tbdi_der *element, struct tbdi_crl *crl, int64_t *out)
{
	const int64_t year_2050 = INT64_C(2524608000);
	if (!tbdi_der_time(element, out))
		return false;
	if (element->tag == TBDI_DER_GENERALIZED_TIME && *out < year_2050)
		crl->form = "a date before 2050 is a GeneralizedTime";
	return true;
}

static const char *times_read(struct tbd_bytes *tbs, struct tbdi_crl *crl)
{
	struct tbdi_der element;
	crl->next_update = -1;
	if (!tbdi_der_next(tbs, &element) || !time_read(&element, crl, &crl->this_update))
		return "its date is malformed";
	bool has_next = tbs->len > 0 &&
		(tbs->data[0] == TBDI_DER_UTC_TIME || tbs->data[0] == TBDI_DER_GENERALIZED_TIME);
	if (!has_next) {
		crl->form = "it does not say when the next one comes";
		return NULL;
	}
	if (!tbdi_der_next(tbs, &element) || !time_read(&element, crl, &crl->next_update))
		return "the date of the next one is malformed";
	return NULL;
}

static const char *tbs_read(struct tbd_bytes tbs, struct tbdi_crl *crl)
{
	struct tbdi_der number, algorithm, issuer, entries;
	crl->version = 1;
	if (tbdi_der_take(&tbs, TBDI_DER_INTEGER, &number)) {
		/* GnuTLS writes version 1, which is to be left out. */
		if (number.value.len != 1 || number.value.data[0] > 1)
			return "its version is not 1 or 2";
		crl->version = number.value.data[0] + 1;
	}
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_bytes_equal(algorithm.whole, crl->signature_algorithm))
		return "its two signature algorithms differ";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &issuer))
		return "its issuer is malformed";
	crl->issuer = issuer.whole;
	const char *defect = times_read(&tbs, crl);
	if (defect == NULL && tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &entries)) {
		crl->entries = entries.value;
		defect = entries_read(crl);
	}
	return defect != NULL ? defect : extensions_read(tbs, crl);
}

static const char *outline(struct tbd_bytes der, struct tbdi_crl *crl)
{
	struct tbdi_der list, tbs, algorithm, bits;
	if (!tbdi_der_take(&der, TBDI_DER_SEQUENCE, &list) || der.len > 0)
		return "it is not DER, or cut off";
	struct tbd_bytes in = list.value;
	if (!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &tbs) ||
		!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_der_take(&in, TBDI_DER_BIT_STRING, &bits) || in.len > 0 ||
		bits.value.len < 1 || bits.value.data[0] != 0)
		return "it is DER, but not a revocation list";
	crl->tbs = tbs.whole;
	crl->signature_algorithm = algorithm.whole;
	crl->signature = (struct tbd_bytes){ bits.value.data + 1, bits.value.len - 1 };
	return tbs_read(tbs.value, crl);
}

/* The hash of RSASSA-PSS-params (RFC 4055 3.1), whose default is SHA-1. */
static gnutls_digest_algorithm_t pss_digest(struct tbdi_arena *arena, struct tbd_bytes params)
{
	struct tbdi_der sequence, hash, algorithm, oid;
	if (!tbdi_der_take(&params, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_CONTEXT, &hash) ||
		!tbdi_der_take(&hash.value, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_der_take(&algorithm.value, TBDI_DER_OID, &oid))
		return GNUTLS_DIG_SHA1;
	const char *text = tbdi_der_oid_text(arena, oid.value);
	return text != NULL ? gnutls_oid_to_digest(text) : GNUTLS_DIG_UNKNOWN;
}

/* What GnuTLS calls an AlgorithmIdentifier. It is not asked to read the list: of 50 MB it makes a tree of 1 GB. */
static gnutls_sign_algorithm_t sign_algorithm(struct tbdi_arena *arena, struct tbd_bytes algorithm)
{
	static const char rsa_pss[] = "1.2.840.113549.1.1.10";
	struct tbdi_der sequence, oid;
	if (!tbdi_der_take(&algorithm, TBDI_DER_SEQUENCE, &sequence) ||
		!tbdi_der_take(&sequence.value, TBDI_DER_OID, &oid))
		return GNUTLS_SIGN_UNKNOWN;
	const char *text = tbdi_der_oid_text(arena, oid.value);
	if (text == NULL)
		return GNUTLS_SIGN_UNKNOWN;
	return strcmp(text, rsa_pss) == 0
		? gnutls_pk_to_sign(GNUTLS_PK_RSA_PSS, pss_digest(arena, sequence.value))
		: gnutls_oid_to_sign(text);
}

int tbdi_crl_outline(struct tbdi_arena *arena, struct tbd_bytes der, struct tbdi_crl *out)
{
	*out = (struct tbdi_crl){ .next_update = -1, .issuer_text = "" };
	const char *defect = outline(der, out);
	if (defect != NULL) {
		out->defect = defect;
		return 0;
	}
	out->algorithm = sign_algorithm(arena, out->signature_algorithm);
	out->issuer_text = tbdi_dn_text(arena, out->issuer);
	return out->issuer_text == NULL ? TBD_E_NOMEM : 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Is the list's place one of those that the certificate names? Only addresses are compared. */
static bool shares_point(const struct tbdi_crl *crl, const struct tbd_cert *cert)
{
	struct tbd_bytes point = crl->point;
	struct tbdi_der names, name;
	if (!tbdi_der_take(&point, 0xa0, &names))
		return false;
	while (tbdi_der_next(&names.value, &name))
		for (size_t i = 0; name.tag == 0x86 && cert->crl_points[i] != NULL; i++)
			if (tbdi_bytes_equal(name.value,
				    (struct tbd_bytes){ (const uint8_t *)cert->crl_points[i],
					    strlen(cert->crl_points[i]) }))
				return true;
	return false;
}

bool tbdi_crl_covers(const struct tbdi_crl *crl, const struct tbdi_cert *cert)
{
	if (crl->defect != NULL || crl->nobody || (crl->only_users && cert->pub.is_ca) ||
		(crl->only_cas && !cert->pub.is_ca))
		return false;
	return tbdi_dn_equal(crl->issuer, cert->pub.issuer_der) &&
		(crl->point.len == 0 || shares_point(crl, &cert->pub));
}

const char *tbdi_crl_doubt(const struct tbdi_crl *crl, const struct tbdi_cert *issuer)
{
	const struct tbdi_signed list = { crl->algorithm, crl->signature_algorithm, crl->tbs,
		crl->signature };
	if (issuer->pub.has_key_usage && (issuer->key_usage & GNUTLS_KEY_CRL_SIGN) == 0)
		return "its issuer's keyUsage does not allow cRLSign";
	return tbdi_signed_verifies(&list, issuer->outline.spki)
		? NULL
		: "its signature was not made by the issuer's key";
}

const char *tbdi_crl_limit(const struct tbdi_crl *crl, int64_t time, enum tbd_profile profile)
{
	if (crl->delta || crl->only_some_reasons)
		return "it is only a part of a list";
	if (time < crl->this_update)
		return "it is from the future";
	if (crl->next_update >= 0 && time > crl->next_update)
		return "its time is over";
	return profile != TBD_PROFILE_DEVICE ? crl->form : NULL;
}

/* An INTEGER without the zeros that some write before it. */
static struct tbd_bytes number_of(struct tbd_bytes value)
{
	while (value.len > 1 && value.data[0] == 0) {
		value.data++;
		value.len--;
	}
	return value;
}

bool tbdi_crl_holds(
	const struct tbdi_crl *crl, const struct tbdi_cert *cert, struct tbdi_revoked *out)
{
	struct tbd_bytes left = crl->entries, serial = number_of(cert->outline.serial);
	struct entry entry;
	while (left.len > 0 && entry_read(&left, &entry) == NULL) {
		if (entry.reason == REMOVE_FROM_CRL ||
			!tbdi_bytes_equal(number_of(entry.serial), serial))
			continue;
		out->time = entry.time;
		out->reason = entry.reason >= 0 ? tbdi_crl_reason((unsigned)entry.reason) : NULL;
		return true;
	}
	return false;
}
