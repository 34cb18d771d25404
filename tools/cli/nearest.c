/* SPDX-License-Identifier: MIT
 *
 * nearest.c - edit distance (optimal string alignment), for suggestions.
 */
#include "tools/cli/nearest.h"

enum { WORD_MAX = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Insert, delete, replace, and swap of neighbours cost 1 each. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][WORD_MAX + 1];
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t word_len = strlen(nearest->word), len = strlen(candidate);
	if (word_len == 0 || word_len > WORD_MAX || len > WORD_MAX)
		return;
	unsigned d = distance(nearest->word, word_len, candidate, len);
	/* The beginning of a long word is near it. */
	if (word_len >= 3 && strncmp(nearest->word, candidate, word_len) == 0)
		d = 1;
	if (d > 1 + len / 4 || (nearest->best != NULL && d >= nearest->distance))
		return;
	nearest->best = candidate;
	nearest->distance = d;
}
