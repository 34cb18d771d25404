/* SPDX-License-Identifier: MIT
 *
 * coap.h - a CoAP server for the device API, over UDP and DTLS.
 */
#ifndef SANDBOX_COAP_H
#define SANDBOX_COAP_H

#include "chains.h"
#include "faults.h"
#include "ports.h"
#include "store.h"

struct coapd;

struct coapd_settings {
	struct store *store;
	const struct faults *faults;
	const struct chain *chain;
	const struct ports *plain; /* reserved; may be released when it has started */
	const struct ports *dtls;
	bool verbose; /* say on stderr what devices ask */
};

/* Whether there is a CoAP server in this program. */
extern const bool coapd_is_built;

/* Serve on both ports. What the settings point to has to outlive it, but for the ports. NULL after a
 * complaint. */
struct coapd *coapd_start(const struct coapd_settings *settings);
void coapd_free(struct coapd *coap);

/* What poll() has to wait for, for reading; of NULL: -1. */
int coapd_fd(const struct coapd *coap);

/* Do what there is to be done; of NULL: nothing. */
void coapd_turn(struct coapd *coap);

#endif
