/* SPDX-License-Identifier: MIT
 *
 * replay.c - run a fuzz target over the files of a corpus, without a fuzzer. A violated invariant aborts.
 *
 * usage: replay FILE...
 */
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		struct tbdi_file file;
		struct tbd_error error = { "" };
		if (tbdi_file_read(argv[i], &file, &error) < 0) {
			printf("not ok %d - %s\n", i, error.text);
			return 1;
		}
		LLVMFuzzerTestOneInput(file.bytes.data, file.bytes.len);
		tbdi_file_release(&file);
		printf("ok %d - %s\n", i, argv[i]);
		fflush(stdout);
	}
	return 0;
}
