/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stretch.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "mem.h"

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Within pieces alone; 0: there is none. */
static int64_t usual_interval(const int64_t *at_ns, const uint32_t *piece, size_t n)
{
	int64_t *interval = mem_array(n, sizeof *interval), median;
	size_t count = 0;

	for (size_t i = 1; i < n; i++)
		if (piece[i] == piece[i - 1])
			interval[count++] = at_ns[i] - at_ns[i - 1];
	qsort(interval, count, sizeof *interval, by_size);
	median = count ? interval[count / 2] : 0;
	free(interval);
	return median;
}

struct stretch stretch_longest(const int64_t *at_ns, const uint32_t *piece, size_t n)
{
	struct stretch longest = { .interval_s = NAN };
	int64_t usual = usual_interval(at_ns, piece, n);
	size_t first = 0, gaps = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t interval = i ? at_ns[i] - at_ns[i - 1] : usual;

		if (i && (piece[i] != piece[i - 1] || interval < usual / 2 || interval > usual / 2 * 3)) {
			first = i;
			gaps++;
		}
		if (i + 1 - first > longest.n) {
			longest.first = first;
			longest.n = i + 1 - first;
		}
	}
	longest.gaps = gaps;
	if (longest.n > 1)
		longest.interval_s = (double)(at_ns[longest.first + longest.n - 1] - at_ns[longest.first])
			/ (double)(longest.n - 1) / 1e9;
	return longest;
}
