/* SPDX-License-Identifier: MIT
 *
 * constraints.h - name constraints (RFC 5280 4.2.1.10).
 */
#ifndef TBDI_CONSTRAINTS_H
#define TBDI_CONSTRAINTS_H

#include "x509/cert.h"

/* May a CA with these constraints stand above this certificate? Malformed constraints permit nothing.
 * Where common names count, those of a certificate without dNSName obey as one. Each comparison takes one from *budget; with none left, nothing is permitted. */
bool tbdi_constraints_permit(const struct tbdi_cert *ca, const struct tbdi_cert *cert,
	bool common_names_count, size_t *budget);

#endif
