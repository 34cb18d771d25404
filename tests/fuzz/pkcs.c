/* SPDX-License-Identifier: MIT
 *
 * pkcs.c - fuzz the readers of PKCS#7 and PKCS#12: what they give is bytes of the input, or decoded from it.
 */
#include "x509/pkcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct given {
	size_t count, len;
};

static int fuzz_on_der(void *arg, struct tbd_bytes der)
{
	struct given *given = arg;
	/* What is read here is looked at by all who are given it. */
	for (size_t i = 0; i < der.len; i++)
		given->len += der.data[i] != 0;
	return ++given->count == 100 ? TBD_E_TOO_LARGE : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tbd_bytes content = { data, size };
	struct given given = { 0 };
	int rc = tbdi_pkcs7_each(content, fuzz_on_der, &given);
	if (rc == 0)
		rc = tbdi_pkcs12_each(content, fuzz_on_der, &given);
	if (rc < 0 && given.count < 100)
		abort();
	return 0;
}
