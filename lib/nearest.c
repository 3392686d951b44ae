/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nearest.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#define LONGEST 63

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int lower(char c)
{
	return tolower((unsigned char)c);
}

/* Optimal string alignment, three rows at a time. */
unsigned nearest_distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *above = rows[1], *here = rows[2], *spare;
	size_t m = strlen(a), n = strlen(b);

	if (m > LONGEST || n > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= n; j++)
		here[j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		spare = before;
		before = above;
		above = here;
		here = spare;
		here[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned replace = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			here[j] = least(replace, least(above[j], here[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				here[j] = least(here[j], before[j - 2] + 1);
		}
	}
	return here[n];
}

void nearest_offer(struct nearest *best, const char *wrong, const char *word)
{
	size_t n = strlen(wrong), m = strlen(word), longer = n > m ? n : m;
	unsigned d = nearest_distance(wrong, word);

	if (n >= 3 && n < m && !strncasecmp(wrong, word, n))
		d = 1;
	if (d > longer / 3 || (best->word && d >= best->distance))
		return;
	best->word = word;
	best->distance = d;
}

const char *nearest_word(const char *wrong, const char *const *words, size_t n)
{
	struct nearest best = { 0 };

	for (size_t i = 0; i < n; i++)
		nearest_offer(&best, wrong, words[i]);
	return best.word;
}
