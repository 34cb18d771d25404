/* SPDX-License-Identifier: MIT
 *
 * no-coap.c - what stands for coap.c in a sandbox that is built without libcoap.
 */
#include "tools/cli/tool.h"

#include "coap.h"

const bool coapd_is_built = false;

struct coapd *coapd_start(const struct coapd_settings *settings)
{
	(void)settings;
	return NULL;
}

void coapd_free(struct coapd *coap)
{
	(void)coap;
}

int coapd_fd(const struct coapd *coap)
{
	(void)coap;
	return -1;
}

void coapd_turn(struct coapd *coap)
{
	(void)coap;
}
