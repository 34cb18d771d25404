/* SPDX-License-Identifier: MIT
 *
 * revocation.h - is a certificate of a path revoked, as far as what was given, sent or asked for can tell?
 */
#ifndef TBDI_REVOCATION_H
#define TBDI_REVOCATION_H

#include "report/report.h"
#include "x509/crl.h"
#include "verify/trust.h"

/* All that is known, for one exploration. */
struct tbdi_revocation {
	struct tbdi_report *report;
	const struct tbd_trust *trust;
	enum tbd_profile profile;
	struct tbdi_list answers; /* of certificates and their issuers */
	struct tbdi_list doubts;  /* of lists and their issuers */
	const char **problems;    /* by list: why it could not be used; NULL: it was used */
	struct tbdi_list lookups; /* of certificates in lists */
	struct tbdi_list heard;   /* of what the peer sent along, by issuer */
	const struct tbd_ocsp
		*stapled;         /* what the peer sent along, once it was looked at, or NULL */
	struct tbdi_list revoked; /* struct tbd_revocation */
};

/* 0 or TBD_E_NOMEM. */
int tbdi_revocation_init(struct tbdi_revocation *revocation, struct tbdi_report *report,
	const struct tbd_trust *trust, enum tbd_profile profile);

/* Was anything given that could tell, and is it to tell of every certificate? NULL: no. */
bool tbdi_revocation_is_asked(const struct tbdi_revocation *revocation);
bool tbdi_revocation_is_demanded(const struct tbdi_revocation *revocation);

/* What is known of the first of these certificates, each of which the next one issued. A list may be
 * signed by any of the others that bears the issuer's name: a CA that changes its key certifies itself.
 * A status, or TBD_E_NOMEM. */
int tbdi_revocation_status(
	struct tbdi_revocation *revocation, const struct tbdi_cert *const *certs, size_t count);

/* The lists as a report shows them: struct tbd_crl. 0 or TBD_E_NOMEM. */
int tbdi_revocation_describe(const struct tbdi_revocation *revocation, struct tbdi_list *out);

/* A question to a responder, and what came of it. */
struct tbdi_query {
	struct tbd_ocsp_query pub; /* first */
	const struct tbdi_cert *cert;
	const struct tbdi_cert *issuer;
	enum tbdi_status status;
	struct tbdi_revoked revoked; /* with TBDI_STATUS_REVOKED */
};

/* Does it tell of the first of these, which the second one issued? An issuer is a name and a key. */
bool tbdi_query_is_about(const struct tbdi_query *query, const struct tbdi_cert *const certs[2]);

/* tbd_ask_ocsp() as far as it does not concern a connection that was kept open. */
int tbdi_ask_ocsp(
	struct tbd_report *report, const struct tbd_ocsp_options *options, struct tbd_error *error);

/* What responders said for the report of an earlier connection, which has to outlive this one: it counts here, too,
 * and is not asked again. Before anything is judged. 0 or TBD_E_NOMEM. */
int tbdi_inherit_ocsp(struct tbdi_report *report, const struct tbdi_report *first);

#endif
