/* SPDX-License-Identifier: MIT
 *
 * emit.c - certificates in the forms in which devices take their trust file.
 */
#include "x509/cert.h"

#include "base/rfc3339.h"
#include "x509/der.h"

struct emitter {
	FILE *out;
	const struct tbd_cert *const *certs;
	size_t count;
	struct tbd_error *error;
};

/* ---- comments --------------------------------------------------------------------------------- */

/* On one line: a line feed could begin another PEM object, as could five dashes, which some look for in the midst of a
 * line, too. In C it does not end before its end. */
static void put_comment(
	FILE *out, const char *before, const char *label, const char *text, bool is_c)
{
	fprintf(out, "%s%s", before, label);
	for (; *text != '\0'; text++) {
		bool is_control = (unsigned char)*text < 0x20 || *text == 0x7f;
		bool ends_comment = is_c && *text == '*';
		bool begins_pem = strncmp(text, "-----", 5) == 0;
		fputc(is_control || ends_comment || begins_pem ? '?' : *text, out);
	}
	fputc('\n', out);
}

static void put_comments(FILE *out, const struct tbd_cert *cert, bool is_c)
{
	const char *first = is_c ? "/* " : "# ", *next = is_c ? " * " : "# ";
	char from[TBDI_RFC3339_SIZE], until[TBDI_RFC3339_SIZE];
	if (cert->error != NULL) {
		put_comment(out, first, "", cert->error, is_c);
	} else {
		put_comment(out, first, "", cert->subject, is_c);
		put_comment(out, next, "SHA-256 ", cert->sha256, is_c);
		put_comment(out, next, "valid from ", tbdi_rfc3339(cert->not_before, from), is_c);
		put_comment(out, next, "valid until ", tbdi_rfc3339(cert->not_after, until), is_c);
	}
	if (is_c)
		fputs(" */\n", out);
}

/* ---- PEM and DER ------------------------------------------------------------------------------ */

/* The PEM of one, for gnutls_free(). */
static int pem_of(const struct tbd_cert *cert, gnutls_datum_t *pem)
{
	gnutls_datum_t der = tbdi_datum(cert->der);
	return gnutls_pem_base64_encode2("CERTIFICATE", &der, pem) < 0 ? TBD_E_NOMEM : 0;
}

static int emit_pem(struct emitter *emitter)
{
	for (size_t i = 0; i < emitter->count; i++) {
		gnutls_datum_t pem = { NULL, 0 };
		if (pem_of(emitter->certs[i], &pem) < 0)
			return tbdi_fail_nomem(emitter->error);
		put_comments(emitter->out, emitter->certs[i], false);
		fwrite(pem.data, 1, pem.size, emitter->out);
		gnutls_free(pem.data);
	}
	return 0;
}

static int emit_der(struct emitter *emitter)
{
	if (emitter->count != 1)
		return tbdi_fail(emitter->error, TBD_E_INVALID,
			"a file in DER holds one certificate, and not %zu", emitter->count);
	const struct tbd_bytes der = emitter->certs[0]->der;
	fwrite(der.data, 1, der.len, emitter->out);
	return 0;
}

/* ---- C ---------------------------------------------------------------------------------------- */

static void put_array(FILE *out, const char *name, struct tbd_bytes bytes)
{
	enum { BYTES_A_LINE = 12 };
	fprintf(out, "static const unsigned char %s[] = {", name);
	for (size_t i = 0; i < bytes.len; i++)
		fprintf(out, "%s0x%02X%s", i % BYTES_A_LINE == 0 ? "\n\t" : " ", bytes.data[i],
			i + 1 < bytes.len ? "," : "");
	fputs("\n};\n", out);
}

/* "ca_der", or "ca1_der" and so on where there are several. */
static int emit_c_array(struct emitter *emitter)
{
	for (size_t i = 0; i < emitter->count; i++) {
		char name[32] = "ca_der";
		if (emitter->count > 1)
			snprintf(name, sizeof(name), "ca%zu_der", i + 1);
		put_comments(emitter->out, emitter->certs[i], true);
		put_array(emitter->out, name, emitter->certs[i]->der);
	}
	return 0;
}

static void put_lines(FILE *out, const char *text, size_t len)
{
	for (const char *end = text + len; text < end; text++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		int width = (int)((stop != NULL ? stop : end) - text);
		fprintf(out, "\n\t\"%.*s\\n\"", width, text);
		text += width;
	}
}

static int emit_c_string(struct emitter *emitter)
{
	for (size_t i = 0; i < emitter->count; i++)
		put_comments(emitter->out, emitter->certs[i], true);
	fputs("static const char ca_pem[] =", emitter->out);
	for (size_t i = 0; i < emitter->count; i++) {
		gnutls_datum_t pem = { NULL, 0 };
		if (pem_of(emitter->certs[i], &pem) < 0)
			return tbdi_fail_nomem(emitter->error);
		put_lines(emitter->out, (const char *)pem.data, pem.size);
		gnutls_free(pem.data);
	}
	fputs(";\n", emitter->out);
	return 0;
}

/* ---- BearSSL ---------------------------------------------------------------------------------- */

/* The curves that it can check signatures on. */
static const struct {
	const char *name;
	const char *id;
} bearssl_curves[] = {
	{ "P-256", "BR_EC_secp256r1" },
	{ "P-384", "BR_EC_secp384r1" },
	{ "P-521", "BR_EC_secp521r1" },
};

static const char *bearssl_curve(const struct tbd_cert *cert)
{
	for (size_t i = 0; cert->key_curve != NULL && i < TBDI_COUNT(bearssl_curves); i++)
		if (strcmp(bearssl_curves[i].name, cert->key_curve) == 0)
			return bearssl_curves[i].id;
	return NULL;
}

/* What the BIT STRING of a SubjectPublicKeyInfo (RFC 5280 4.1) holds. */
static bool key_bits(struct tbd_bytes spki, struct tbd_bytes *bits)
{
	struct tbdi_der outer, algorithm, string;
	if (!tbdi_der_take(&spki, TBDI_DER_SEQUENCE, &outer) ||
		!tbdi_der_take(&outer.value, TBDI_DER_SEQUENCE, &algorithm) ||
		!tbdi_der_take(&outer.value, TBDI_DER_BIT_STRING, &string) ||
		string.value.len < 2 || string.value.data[0] != 0)
		return false;
	*bits = (struct tbd_bytes){ string.value.data + 1, string.value.len - 1 };
	return true;
}

/* A positive number without the zeros before it. */
static bool take_unsigned(struct tbd_bytes *in, struct tbd_bytes *number)
{
	struct tbdi_der element;
	if (!tbdi_der_take(in, TBDI_DER_INTEGER, &element))
		return false;
	*number = element.value;
	while (number->len > 1 && number->data[0] == 0)
		*number = (struct tbd_bytes){ number->data + 1, number->len - 1 };
	return number->len > 0;
}

/* RSAPublicKey (RFC 8017 A.1.1). */
static bool put_rsa(FILE *out, size_t i, struct tbd_bytes bits)
{
	struct tbdi_der sequence;
	struct tbd_bytes n, e;
	char name[32];
	if (!tbdi_der_take(&bits, TBDI_DER_SEQUENCE, &sequence) ||
		!take_unsigned(&sequence.value, &n) || !take_unsigned(&sequence.value, &e))
		return false;
	snprintf(name, sizeof(name), "TA%zu_RSA_N", i);
	put_array(out, name, n);
	snprintf(name, sizeof(name), "TA%zu_RSA_E", i);
	put_array(out, name, e);
	return true;
}

/* An uncompressed point (SEC 1 2.3.3). */
static bool put_point(FILE *out, size_t i, struct tbd_bytes bits)
{
	char name[32];
	snprintf(name, sizeof(name), "TA%zu_EC_Q", i);
	if (bits.data[0] == 0x04)
		put_array(out, name, bits);
	return bits.data[0] == 0x04;
}

/* Its name and its key, each an array. False: BearSSL has no such keys. */
static bool put_parts(FILE *out, const struct tbd_cert *cert, size_t i)
{
	struct tbdi_outline outline;
	struct tbd_bytes bits;
	char name[32];
	bool is_rsa = strcmp(cert->key_algorithm, "RSA") == 0;
	if ((!is_rsa && bearssl_curve(cert) == NULL) || tbdi_outline(cert->der, &outline) != NULL ||
		!key_bits(outline.spki, &bits))
		return false;
	put_comments(out, cert, true);
	snprintf(name, sizeof(name), "TA%zu_DN", i);
	put_array(out, name, outline.subject);
	return is_rsa ? put_rsa(out, i, bits) : put_point(out, i, bits);
}

static void put_anchor(FILE *out, const struct tbd_cert *cert, size_t i)
{
	fprintf(out, "\t{\n\t\t{ (unsigned char *)TA%zu_DN, sizeof TA%zu_DN },\n\t\t%s,\n", i, i,
		cert->is_ca ? "BR_X509_TA_CA" : "0");
	if (bearssl_curve(cert) == NULL)
		fprintf(out,
			"\t\t{ BR_KEYTYPE_RSA, { .rsa = {\n"
			"\t\t\t(unsigned char *)TA%zu_RSA_N, sizeof TA%zu_RSA_N,\n"
			"\t\t\t(unsigned char *)TA%zu_RSA_E, sizeof TA%zu_RSA_E } } }\n",
			i, i, i, i);
	else
		fprintf(out,
			"\t\t{ BR_KEYTYPE_EC, { .ec = { %s,\n"
			"\t\t\t(unsigned char *)TA%zu_EC_Q, sizeof TA%zu_EC_Q } } }\n",
			bearssl_curve(cert), i, i);
	fputs("\t},\n", out);
}

static int emit_bearssl(struct emitter *emitter)
{
	for (size_t i = 0; i < emitter->count; i++) {
		const struct tbd_cert *cert = emitter->certs[i];
		if (!put_parts(emitter->out, cert, i))
			return tbdi_fail(emitter->error, TBD_E_INVALID,
				"BearSSL has no trust anchors with a key of %s",
				cert->key_curve != NULL ? cert->key_curve : cert->key_algorithm);
	}
	fprintf(emitter->out, "\nstatic const br_x509_trust_anchor TAs[%zu] = {\n", emitter->count);
	for (size_t i = 0; i < emitter->count; i++)
		put_anchor(emitter->out, emitter->certs[i], i);
	fprintf(emitter->out, "};\n\n#define TAs_NUM %zu\n", emitter->count);
	return 0;
}

/* ---- the forms -------------------------------------------------------------------------------- */

static int (*const forms[])(struct emitter *emitter) = {
	[TBD_EMIT_PEM] = emit_pem,
	[TBD_EMIT_DER] = emit_der,
	[TBD_EMIT_C_ARRAY] = emit_c_array,
	[TBD_EMIT_C_STRING] = emit_c_string,
	[TBD_EMIT_BEARSSL_TA] = emit_bearssl,
};
TBDI_TABLE_OF(forms, TBD_EMIT_BEARSSL_TA);

int tbd_certs_emit(const struct tbd_cert *const *certs, size_t count, enum tbd_emit emit,
	char **out, size_t *len, struct tbd_error *error)
{
	struct emitter emitter = { .certs = certs, .count = count, .error = error };
	char *text = NULL;
	size_t text_len = 0;
	for (size_t i = 0; i < count; i++)
		if (certs[i]->der.len == 0)
			return tbdi_fail(error, TBD_E_INVALID,
				"a certificate of a report that was read has no DER");
	if ((unsigned)emit > TBD_EMIT_BEARSSL_TA)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_certs_emit: there is no such form");
	emitter.out = open_memstream(&text, &text_len);
	if (emitter.out == NULL)
		return tbdi_fail_nomem(error);
	int rc = forms[emit](&emitter);
	bool is_whole = ferror(emitter.out) == 0;
	if ((fclose(emitter.out) != 0 || !is_whole) && rc == 0)
		rc = tbdi_fail_nomem(error);
	if (rc < 0) {
		free(text);
		return rc;
	}
	*out = text;
	*len = text_len;
	return 0;
}

int tbd_certs_to_pem(
	const struct tbd_cert *const *certs, size_t count, char **out, struct tbd_error *error)
{
	size_t len;
	return tbd_certs_emit(certs, count, TBD_EMIT_PEM, out, &len, error);
}
