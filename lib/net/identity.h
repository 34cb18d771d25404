/* SPDX-License-Identifier: MIT
 *
 * identity.h - the certificate and key that we show a peer who asks for them.
 */
#ifndef TBDI_IDENTITY_H
#define TBDI_IDENTITY_H

#include "report/report.h"

#include <gnutls/gnutls.h>

struct tbdi_identity {
	gnutls_certificate_credentials_t credentials;
	const struct tbd_cert *cert; /* the first one, owned by the report; NULL: we have none */
};

/* Load options->cert_file and key_file; without them the identity is empty. TBD_E_OPEN,
 * TBD_E_TOO_LARGE, TBD_E_NOMEM, or TBD_E_INVALID (not PEM, encrypted, key of another certificate),
 * with the file in the error text. */
int tbdi_identity_new(struct tbdi_report *report, const struct tbd_fetch_options *options,
	struct tbdi_identity **out, struct tbd_error *error);
void tbdi_identity_free(struct tbdi_identity *identity);

#endif
