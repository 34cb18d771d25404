/* SPDX-License-Identifier: MIT
 *
 * ocsp.c - read an OCSP answer; GnuTLS parses it and checks who signed it.
 */
#include "x509/crl.h"

#include <gnutls/ocsp.h>

enum {
	ANSWER_MAX = 16384, /* bytes; GnuTLS takes seconds for the largest that a peer could send */
	SINGLES_MAX = 64,   /* answers in one; a responder gives the one that was asked for */
	CERTS_MAX = 8,      /* that are sent along: the signer's, and maybe its issuers' */
	PURPOSES_MAX = 16,
	/* Clocks differ, and the report's stood still while a responder made its answer. As much as OpenSSL
	 * allows. */
	CLOCK_SKEW_S = 300,
};

/* The place of the certificate's answer, or -1. */
static int single_find(gnutls_ocsp_resp_t response, const struct tbdi_cert *cert)
{
	for (unsigned i = 0; i < SINGLES_MAX; i++) {
		int ret = gnutls_ocsp_resp_check_crt(response, i, cert->crt);
		if (ret == 0)
			return (int)i;
		if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
	}
	return -1;
}

static bool is_made_by(gnutls_ocsp_resp_t response, gnutls_x509_crt_t signer)
{
	unsigned why = 0;
	return gnutls_ocsp_resp_verify_direct(response, signer, &why, 0) >= 0 && why == 0;
}

static bool may_sign_answers(gnutls_x509_crt_t cert)
{
	for (unsigned i = 0; i < PURPOSES_MAX; i++) {
		char purpose[64];
		size_t len = sizeof(purpose);
		int ret = gnutls_x509_crt_get_key_purpose_oid(cert, i, purpose, &len, NULL);
		if (ret >= 0 && strcmp(purpose, GNUTLS_KP_OCSP_SIGNING) == 0)
			return true;
		if (ret < 0 && ret != GNUTLS_E_SHORT_MEMORY_BUFFER)
			break;
	}
	return false;
}

/* Has the issuer named it as a responder of its own (RFC 6960 4.2.2.2)? At any time: GnuTLS would take the
 * machine's. */
static bool is_delegate(gnutls_x509_crt_t cert, const struct tbdi_cert *issuer)
{
	unsigned why = 0;
	return gnutls_x509_crt_verify(
		       cert, &issuer->crt, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &why) >= 0 &&
		why == 0 && may_sign_answers(cert);
}

static bool is_valid_at(gnutls_x509_crt_t cert, int64_t time)
{
	return time >= gnutls_x509_crt_get_activation_time(cert) &&
		time <= gnutls_x509_crt_get_expiration_time(cert);
}

static const char not_signed[] = "it was not signed by the issuer or by a responder it authorised";

/* Why none of the certificates sent along is the one of a responder that signed it, or NULL. */
static const char *delegates_doubt(gnutls_ocsp_resp_t response, const gnutls_x509_crt_t *certs,
	size_t count, const struct tbdi_cert *issuer, int64_t time)
{
	for (size_t i = 0; i < count; i++) {
		if (gnutls_x509_crt_equals(certs[i], issuer->crt) != 0 ||
			!is_made_by(response, certs[i]) || !is_delegate(certs[i], issuer))
			continue;
		return is_valid_at(certs[i], time)
			? NULL
			: "the certificate of its responder is not valid at this time";
	}
	return is_made_by(response, issuer->crt) ? NULL : not_signed;
}

static bool are_cheap(const gnutls_x509_crt_t *certs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!tbdi_key_is_cheap(certs[i]))
			return false;
	return true;
}

static const char *signer_doubt(
	gnutls_ocsp_resp_t response, const struct tbdi_cert *issuer, int64_t time)
{
	gnutls_x509_crt_t *certs = NULL;
	size_t count = 0;
	const char *doubt = NULL;
	int ret = gnutls_ocsp_resp_get_certs(response, &certs, &count);
	if (ret < 0 && ret != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return not_signed;
	if (count > CERTS_MAX)
		doubt = "it has too many certificates";
	else if (!are_cheap(certs, count) || !are_cheap(&issuer->crt, 1))
		doubt = not_signed;
	else
		doubt = delegates_doubt(response, certs, count, issuer, time);
	for (size_t i = 0; i < count; i++)
		gnutls_x509_crt_deinit(certs[i]);
	gnutls_free(certs);
	return doubt;
}

/* Why nobody has to believe it, or NULL. */
static const char *doubt_of(
	gnutls_ocsp_resp_t response, const struct tbdi_cert *issuer, int64_t time)
{
	if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
		return "the responder had no answer";
	return signer_doubt(response, issuer, time);
}

static enum tbdi_status single_read(gnutls_ocsp_resp_t response, unsigned at, int64_t time,
	struct tbd_ocsp *out, struct tbdi_revoked *revoked)
{
	unsigned status = GNUTLS_OCSP_CERT_UNKNOWN, reason = 0;
	time_t begins = 0, ends = -1, since = -1;
	if (gnutls_ocsp_resp_get_single(response, at, NULL, NULL, NULL, NULL, &status, &begins,
		    &ends, &since, &reason) < 0) {
		out->problem = "it is malformed";
		return TBDI_STATUS_UNKNOWN;
	}
	out->this_update = begins;
	out->next_update = ends == (time_t)-1 ? -1 : (int64_t)ends;
	out->status = status == GNUTLS_OCSP_CERT_GOOD ? "good"
		: status == GNUTLS_OCSP_CERT_REVOKED  ? "revoked"
						      : "unknown";
	if (status == GNUTLS_OCSP_CERT_REVOKED) {
		revoked->time = since;
		revoked->reason = tbdi_crl_reason(reason);
		return TBDI_STATUS_REVOKED;
	}
	if (time < begins - CLOCK_SKEW_S)
		out->problem = "it is from the future";
	else if (out->next_update >= 0 && time > out->next_update)
		out->problem = "its time is over";
	bool good = status == GNUTLS_OCSP_CERT_GOOD && out->problem == NULL;
	return good ? TBDI_STATUS_GOOD : TBDI_STATUS_UNKNOWN;
}

static enum tbdi_status response_read(gnutls_ocsp_resp_t response,
	const struct tbdi_cert *const certs[2], int64_t time, struct tbd_ocsp *out,
	struct tbdi_revoked *revoked)
{
	out->problem = doubt_of(response, certs[1], time);
	if (out->problem != NULL)
		return TBDI_STATUS_UNKNOWN;
	int at = single_find(response, certs[0]);
	if (at >= 0)
		return single_read(response, (unsigned)at, time, out, revoked);
	out->problem = "it is about another certificate";
	return TBDI_STATUS_UNKNOWN;
}

enum tbdi_status tbdi_ocsp_ask(struct tbd_bytes response, const struct tbdi_cert *const certs[2],
	int64_t time, struct tbd_ocsp *out, struct tbdi_revoked *revoked)
{
	gnutls_ocsp_resp_t parsed = NULL;
	gnutls_datum_t der = tbdi_datum(response);
	enum tbdi_status status = TBDI_STATUS_UNKNOWN;
	*out = (struct tbd_ocsp){ .status = "unknown", .this_update = -1, .next_update = -1 };
	if (response.len > ANSWER_MAX)
		out->problem = "it is too large";
	else if (gnutls_ocsp_resp_init(&parsed) < 0 ||
		gnutls_ocsp_resp_import2(parsed, &der, GNUTLS_X509_FMT_DER) < 0)
		out->problem = "it is malformed";
	else
		status = response_read(parsed, certs, time, out, revoked);
	if (parsed != NULL)
		gnutls_ocsp_resp_deinit(parsed);
	return status;
}

int tbdi_ocsp_request(
	struct tbdi_arena *arena, const struct tbdi_cert *const certs[2], struct tbd_bytes *out)
{
	gnutls_ocsp_req_t request = NULL;
	gnutls_datum_t der = { NULL, 0 };
	int rc = TBD_E_CRYPTO;
	/* SHA-1 names the issuer here and protects nothing; it is what all responders know. */
	if (gnutls_ocsp_req_init(&request) >= 0 &&
		gnutls_ocsp_req_add_cert(request, GNUTLS_DIG_SHA1, certs[1]->crt, certs[0]->crt) >=
			0 &&
		gnutls_ocsp_req_export(request, &der) >= 0) {
		out->data = tbdi_arena_memdup(arena, der.data, der.size);
		out->len = der.size;
		rc = out->data != NULL ? 0 : TBD_E_NOMEM;
	}
	gnutls_free(der.data);
	if (request != NULL)
		gnutls_ocsp_req_deinit(request);
	return rc;
}
