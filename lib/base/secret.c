/* SPDX-License-Identifier: MIT
 *
 * secret.c - memory for what must not be found anywhere else.
 */
#include "base/secret.h"

#include <errno.h>
#include <sys/mman.h>

void *tbdi_secret_alloc(size_t size)
{
	void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		return NULL;
	if (madvise(secret, size, MADV_DONTDUMP) < 0) {
		int saved = errno;
		munmap(secret, size);
		errno = saved;
		return NULL;
	}
	/* Not more than a wish: RLIMIT_MEMLOCK may be 0. */
	(void)mlock(secret, size);
	return secret;
}

void tbdi_secret_free(void *secret, size_t size)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, size);
	munmap(secret, size);
}
