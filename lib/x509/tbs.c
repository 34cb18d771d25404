/* SPDX-License-Identifier: MIT
 *
 * tbs.c - the parts of a certificate as slices of its DER.
 */
#include "x509/cert.h"

static bool extension_read(struct tbd_bytes *list, struct tbdi_extension *out)
{
	struct tbdi_der sequence, oid, critical, value;
	if (!tbdi_der_take(list, TBDI_DER_SEQUENCE, &sequence))
		return false;
	struct tbd_bytes in = sequence.value;
	if (!tbdi_der_take(&in, TBDI_DER_OID, &oid))
		return false;
	bool has_critical = tbdi_der_take(&in, TBDI_DER_BOOLEAN, &critical);
	if (has_critical && critical.value.len != 1)
		return false;
	if (!tbdi_der_take(&in, TBDI_DER_OCTET_STRING, &value) || in.len > 0)
		return false;
	out->oid = oid.value;
	out->critical = has_critical && critical.value.data[0] != 0;
	out->value = value.value;
	return true;
}

bool tbdi_extension_next(struct tbd_bytes *list, struct tbdi_extension *out)
{
	return list->len > 0 && extension_read(list, out);
}

int tbdi_extension_id_ce(const struct tbdi_extension *extension)
{
	const struct tbd_bytes *oid = &extension->oid;
	bool id_ce = oid->len == 3 && oid->data[0] == 0x55 && oid->data[1] == 0x1d;
	return id_ce ? oid->data[2] : -1;
}

bool tbdi_extension_is_aia(const struct tbdi_extension *extension)
{
	static const uint8_t oid[] = { 0x2b, 6, 1, 5, 5, 7, 1, 1 };
	return tbdi_bytes_equal(extension->oid, (struct tbd_bytes){ oid, sizeof(oid) });
}

bool tbdi_outline_extension(const struct tbdi_outline *outline, int id_ce, struct tbd_bytes *value)
{
	struct tbd_bytes list = outline->extensions;
	struct tbdi_extension extension;
	while (tbdi_extension_next(&list, &extension)) {
		if (tbdi_extension_id_ce(&extension) != id_ce)
			continue;
		*value = extension.value;
		return true;
	}
	return false;
}

/* Unique identifiers (never seen in the wild) and extensions, at the end of the TBSCertificate. */
static const char *outline_tail(struct tbd_bytes *tbs, struct tbdi_outline *out)
{
	struct tbdi_der part, list;
	(void)tbdi_der_take(tbs, 0x81, &part);
	(void)tbdi_der_take(tbs, 0x82, &part);
	if (tbdi_der_take(tbs, TBDI_DER_CONTEXT + 3, &part)) {
		if (!tbdi_der_take(&part.value, TBDI_DER_SEQUENCE, &list) || part.value.len > 0)
			return "its extensions are malformed";
		out->extensions = list.value;
		struct tbdi_extension extension;
		while (list.value.len > 0)
			if (!extension_read(&list.value, &extension))
				return "an extension is malformed";
	}
	return tbs->len > 0 ? "there are bytes behind its extensions" : NULL;
}

static const char *outline_version(struct tbd_bytes *tbs, struct tbdi_outline *out)
{
	struct tbdi_der part, number;
	out->version = 1;
	if (!tbdi_der_take(tbs, TBDI_DER_CONTEXT, &part))
		return NULL;
	if (!tbdi_der_take(&part.value, TBDI_DER_INTEGER, &number) || number.value.len != 1 ||
		number.value.data[0] > 2)
		return "its version is not 1, 2 or 3";
	out->version = number.value.data[0] + 1;
	return NULL;
}

static const char *outline_tbs(struct tbd_bytes tbs, struct tbdi_outline *out)
{
	struct tbdi_der serial, algorithm, issuer, validity, subject, spki;
	const char *problem = outline_version(&tbs, out);
	if (problem != NULL)
		return problem;
	if (!tbdi_der_take(&tbs, TBDI_DER_INTEGER, &serial) || serial.value.len == 0)
		return "its serial number is malformed";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &algorithm))
		return "its signature algorithm is malformed";
	if (!tbdi_bytes_equal(algorithm.whole, out->signature_algorithm))
		return "its two signature algorithms differ";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &issuer))
		return "its issuer is malformed";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &validity) ||
		!tbdi_der_next(&validity.value, &out->not_before) ||
		!tbdi_der_next(&validity.value, &out->not_after))
		return "its validity is malformed";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &subject))
		return "its subject is malformed";
	if (!tbdi_der_take(&tbs, TBDI_DER_SEQUENCE, &spki))
		return "its public key is malformed";
	out->serial = serial.value;
	out->issuer = issuer.whole;
	out->subject = subject.whole;
	out->spki = spki.whole;
	return outline_tail(&tbs, out);
}

const char *tbdi_outline(struct tbd_bytes der, struct tbdi_outline *out)
{
	struct tbdi_der certificate, tbs, algorithm, bits;
	*out = (struct tbdi_outline){ 0 };
	if (!tbdi_der_take(&der, TBDI_DER_SEQUENCE, &certificate))
		return "it is not DER, or cut off";
	if (der.len > 0)
		return "there are bytes behind its end";
	struct tbd_bytes in = certificate.value;
	if (!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &tbs) ||
		!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_der_take(&in, TBDI_DER_BIT_STRING, &bits) || in.len > 0)
		return "it is DER, but not a certificate";
	if (bits.value.len < 1 || bits.value.data[0] != 0)
		return "its signature is malformed";
	out->tbs = tbs.whole;
	out->signature_algorithm = algorithm.whole;
	out->signature = (struct tbd_bytes){ bits.value.data + 1, bits.value.len - 1 };
	return outline_tbs(tbs.value, out);
}
