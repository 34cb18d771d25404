/* SPDX-License-Identifier: MIT
 *
 * loads.h - what the TLS libraries of devices load of a file of certificates, as it is.
 */
#ifndef TBDI_LOADS_H
#define TBDI_LOADS_H

#include "base/common.h"
#include "x509/pem.h"

enum tbdi_stack {
	TBDI_OPENSSL,
	TBDI_GNUTLS,
	TBDI_MBEDTLS,
	TBDI_WOLFSSL,
	TBDI_BEARSSL,
};
#define TBDI_STACK_COUNT (TBDI_BEARSSL + 1)

/* "openssl" ... "bearssl" */
extern const char *const tbdi_stack_names[TBDI_STACK_COUNT];

/* A file while the libraries read it. All zero: at its beginning. */
struct tbdi_loads {
	struct {
		bool refused;   /* none of the file's certificates count */
		bool stopped;   /* nothing behind this is read */
		bool next_lost; /* the next object is not seen */
		size_t count;   /* certificates that were loaded */
	} of[TBDI_STACK_COUNT];
};

/* An object of PEM, or a file of another kind. */
struct tbdi_loaded {
	tbdi_defects defects;
	bool is_new;        /* a certificate that is read here and did not stand before it */
	bool begin_follows; /* another object stands behind it */
	bool usual_follows; /* one with the label CERTIFICATE does */
};

void tbdi_loads_object(struct tbdi_loads *loads, const struct tbdi_loaded *object);

static inline size_t tbdi_loads_count(const struct tbdi_loads *loads, enum tbdi_stack stack)
{
	return loads->of[stack].refused ? 0 : loads->of[stack].count;
}

#endif
