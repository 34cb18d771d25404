/* SPDX-License-Identifier: MIT
 *
 * ask-ocsp.h - what OCSP responders said when they were asked (tbd_ask_ocsp()).
 */
#ifndef TBDI_ASK_OCSP_H
#define TBDI_ASK_OCSP_H

#include "x509/crl.h"

/* A question and what came of it. */
struct tbdi_query {
	struct tbd_ocsp_query pub; /* first */
	const struct tbdi_cert *cert;
	const struct tbdi_cert *issuer;
	enum tbdi_status status;
	struct tbdi_revoked revoked; /* with TBDI_STATUS_REVOKED */
};

/* Does it tell of the first of these, which the second one issued? An issuer is a name and a key. */
bool tbdi_query_is_about(const struct tbdi_query *query, const struct tbdi_cert *const certs[2]);

#endif
