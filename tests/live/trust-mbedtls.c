/* SPDX-License-Identifier: MIT
 *
 * trust-mbedtls.c CHAIN NAME - a device of mbedTLS whose trust file was compiled in: the array or string CA of the file
 * CA_SOURCE. Says whether it would accept the chain.
 */
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>

#include CA_SOURCE

int main(int argc, char **argv)
{
	mbedtls_x509_crt trust, chain;
	uint32_t flags = 0;
	if (argc != 3)
		return 2;
	mbedtls_x509_crt_init(&trust);
	mbedtls_x509_crt_init(&chain);
	if (mbedtls_x509_crt_parse(&trust, (const unsigned char *)CA, sizeof(CA)) != 0 ||
		mbedtls_x509_crt_parse_file(&chain, argv[1]) != 0)
		return 2;
	int rc = mbedtls_x509_crt_verify(&chain, &trust, NULL, argv[2], &flags, NULL, NULL);
	printf("%s: %d, flags %#x\n", MBEDTLS_VERSION_STRING_FULL, rc, (unsigned)flags);
	mbedtls_x509_crt_free(&chain);
	mbedtls_x509_crt_free(&trust);
	return rc == 0 ? 0 : 1;
}
