/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coverage.h"

#include <math.h>

size_t coverage_least(double p)
{
	return (size_t)ceil(100 / (1 - p) * (1 - 1e-12));       /* 1 - 0.95 is a little more than 0.05 */
}

/* Places count from 0 here, from 1 in the standard. */
static size_t symmetric(size_t n, size_t q)
{
	return (n - q + 1) / 2 - 1;
}

static size_t shortest(const double *x, size_t n, size_t q)
{
	size_t best = 0;

	for (size_t r = 1; r + q < n; r++)
		if (x[r + q] - x[r] < x[best + q] - x[best])
			best = r;
	return best;
}

struct interval coverage_interval(enum coverage_kind kind, const double *x, size_t n, double p)
{
	size_t q = (size_t)floor(p * (double)n + 0.5), r = kind == COVERAGE_SHORTEST ? shortest(x, n, q) : symmetric(n, q);

	return (struct interval){ x[r], x[r + q] };
}
