/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate.h"

#include <math.h>
#include <stdlib.h>

#include "mem.h"

/* What the addition rounded off is kept in low. */
void sum_add(struct sum *s, double x)
{
	double high = s->high + x;

	if (fabs(s->high) >= fabs(x))
		s->low += (s->high - high) + x;
	else
		s->low += (x - high) + s->high;
	s->high = high;
}

double sum_value(const struct sum *s)
{
	return s->high + s->low;
}

static double mean(const double *x, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		sum_add(&s, x[i]);
	return sum_value(&s) / (double)n;
}

/* Sum of squared deviations.  The mean is rounded: the deviations do not sum to exactly 0, and
 * what they do sum to is the correction. */
static double squares(const double *x, size_t n, double about)
{
	struct sum deviations = { 0 }, squared = { 0 };
	double rest;

	for (size_t i = 0; i < n; i++) {
		double d = x[i] - about;

		sum_add(&deviations, d);
		sum_add(&squared, d * d);
	}
	rest = sum_value(&deviations);
	return fmax(0, sum_value(&squared) - rest * rest / (double)n);
}

struct sample evaluate_sample(const double *x, size_t n)
{
	struct sample s = { .n = n, .mean = NAN, .deviation = NAN, .deviation_of_mean = NAN };

	if (n > 0)
		s.mean = mean(x, n);
	if (n > 1) {
		s.deviation = sqrt(squares(x, n, s.mean) / (double)(n - 1));
		s.deviation_of_mean = s.deviation / sqrt((double)n);
	}
	return s;
}

struct difference evaluate_paired(const double *x, const double *y, size_t n)
{
	double *d = mem_array(n, sizeof *d);
	struct sample s;

	for (size_t i = 0; i < n; i++)
		d[i] = x[i] - y[i];
	s = evaluate_sample(d, n);
	free(d);
	return (struct difference){
		.value = s.mean,
		.uncertainty = s.deviation_of_mean,
		.degrees_of_freedom = n > 1 ? (double)(n - 1) : NAN,
	};
}

struct difference evaluate_unpaired(const struct sample *x, const struct sample *y)
{
	double a = x->deviation_of_mean * x->deviation_of_mean;
	double b = y->deviation_of_mean * y->deviation_of_mean;
	double share = a / (a + b);     /* of x in the variance: no fourth powers to overflow */

	return (struct difference){
		.value = x->mean - y->mean,
		.uncertainty = sqrt(a + b),
		.degrees_of_freedom = 1 / (share * share / ((double)x->n - 1)
					   + (1 - share) * (1 - share) / ((double)y->n - 1)),
	};
}
