/* SPDX-License-Identifier: MIT
 *
 * trust-bearssl.c NAME CERTIFICATE... - a device of BearSSL whose trust anchors were compiled in: those of the file
 * CA_SOURCE. Says whether it would accept the chain, a file in DER each, the server's own first.
 */
#include <bearssl.h>
#include <stdio.h>
#include <time.h>

#include CA_SOURCE

enum { DAY = 86400, DAYS_TO_1970 = 719528 };

static int show_cert(const br_x509_class **engine, const char *path)
{
	static unsigned char der[65536];
	FILE *in = fopen(path, "rb");
	if (in == NULL)
		return -1;
	size_t len = fread(der, 1, sizeof(der), in);
	fclose(in);
	(*engine)->start_cert(engine, (uint32_t)len);
	(*engine)->append(engine, der, len);
	(*engine)->end_cert(engine);
	return 0;
}

int main(int argc, char **argv)
{
	br_x509_minimal_context context;
	const br_x509_class **engine = &context.vtable;
	time_t now = time(NULL);
	if (argc < 3)
		return 2;
	br_x509_minimal_init_full(&context, TAs, TAs_NUM);
	br_x509_minimal_set_time(
		&context, (uint32_t)(now / DAY + DAYS_TO_1970), (uint32_t)(now % DAY));
	(*engine)->start_chain(engine, argv[1]);
	for (int i = 2; i < argc; i++)
		if (show_cert(engine, argv[i]) < 0)
			return 2;
	unsigned error = (*engine)->end_chain(engine);
	printf("BearSSL: %u\n", error);
	return error == 0 ? 0 : 1;
}
