/* SPDX-License-Identifier: MIT
 *
 * ocsp.c - read an OCSP answer; GnuTLS parses it and checks who signed it.
 */
#include "ocsp.h"

#include <gnutls/ocsp.h>

enum {
	ANSWER_MAX = 16384, /* bytes; GnuTLS takes seconds for the largest that a peer could send */
	SINGLES_MAX = 64,   /* answers in one; a responder gives the one that was asked for */
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

/* Why nobody has to believe it, or NULL. */
static const char *doubt_of(gnutls_ocsp_resp_t response, const struct tbdi_cert *issuer)
{
	unsigned why = 0;
	if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
		return "the responder had no answer";
	if (gnutls_ocsp_resp_verify_direct(response, issuer->crt, &why, 0) < 0 || why != 0)
		return "it was not signed by the issuer or a responder of its";
	return NULL;
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
	out->problem = doubt_of(response, certs[1]);
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
