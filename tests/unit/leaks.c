/* SPDX-License-Identifier: MIT
 *
 * leaks.c - loses memory on purpose: check-valgrind must notice, or it proves nothing.
 */
#include <stdlib.h>

int main(void)
{
	void *volatile lost = malloc(64);
	lost = NULL;
	return lost != NULL;
}
