/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coverage.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sort.h"

size_t coverage_least(double p)
{
	return (size_t)ceil(100 / (1 - p) * (1 - 1e-12));       /* 1 - 0.95 is a little more than 0.05 */
}

/* The m lowest of n values, and the m highest, each sorted upwards: high[r] is q places above low[r]. */
struct tails {
	size_t m;
	const double *low, *high;
};

#define SAMPLE 1000

/* Between which values nothing is of either tail, told by a sample of them: four of its standard deviations further
 * in than the fraction of m in n would have it.  false: the tails are so large that they meet. */
static bool guess_middle(const double *x, size_t n, size_t m, struct interval *middle)
{
	double sample[SAMPLE], work[SAMPLE], f = (double)m / (double)n;
	size_t rank = (size_t)((f + 4 * sqrt(f * (1 - f) / SAMPLE)) * SAMPLE);

	if (n < SAMPLE || rank >= SAMPLE / 2)
		return false;
	for (size_t i = 0; i < SAMPLE; i++)
		sample[i] = x[i * (n / SAMPLE)];
	sort_ascending(sample, work, SAMPLE);
	*middle = (struct interval){ sample[rank], sample[SAMPLE - 1 - rank] };
	return true;
}

/* What is not in the middle goes to `outside`: how many; 0: the guess was no good, and there are not m on each side. */
static size_t leave_middle_out(const double *x, size_t n, size_t m, double *outside)
{
	size_t all = 0, lows = 0;
	struct interval middle;

	if (!guess_middle(x, n, m, &middle))
		return 0;
	for (size_t i = 0; i < n; i++) {        /* without a branch: nobody could predict it */
		unsigned low = x[i] <= middle.low, high = x[i] >= middle.high;

		outside[all] = x[i];
		all += low | high;
		lows += low;
	}
	return lows >= m && all - lows >= m ? all : 0;
}

/* memory: room for 2 n. */
static struct tails pick_tails(const double *x, size_t n, size_t m, double *memory)
{
	size_t picked = leave_middle_out(x, n, m, memory);

	if (!picked) {
		memcpy(memory, x, n * sizeof *x);
		picked = n;
	}
	sort_ascending(memory, memory + n, picked);
	return (struct tails){ m, memory, memory + picked - m };
}

/* Places count from 0 here, from 1 in the standard. */

static size_t symmetric(const struct tails *t)
{
	return (t->m + 1) / 2 - 1;
}

static size_t shortest(const struct tails *t)
{
	size_t best = 0;

	for (size_t r = 1; r < t->m; r++)
		if (t->high[r] - t->low[r] < t->high[best] - t->low[best])
			best = r;
	return best;
}

static struct interval from(const struct tails *t, size_t r)
{
	return (struct interval){ t->low[r], t->high[r] };
}

struct coverage coverage_of(const double *x, size_t n, double p)
{
	size_t q = (size_t)floor(p * (double)n + 0.5);
	double *memory = mem_resize(NULL, 2 * n, sizeof *memory);
	struct tails t = pick_tails(x, n, n - q, memory);
	struct coverage c = { .of = {
		[COVERAGE_SYMMETRIC] = from(&t, symmetric(&t)), [COVERAGE_SHORTEST] = from(&t, shortest(&t)),
	} };

	free(memory);
	return c;
}
