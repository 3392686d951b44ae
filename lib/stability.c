/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stability.h"

#include <math.h>

#include "evaluate.h"

static double second_difference(const double *x, size_t m)
{
	return (x[2 * m] - x[m]) - (x[m] - x[0]);
}

/* Of second differences that begin `stride` apart. */
static struct deviation allan(const double *x, size_t n, double tau, size_t m, size_t stride)
{
	struct deviation d = { .value = NAN };
	struct sum squares = { 0 };

	for (size_t i = 0; i + 2 * m < n; i += stride) {
		double step = second_difference(x + i, m) / tau;

		sum_add(&squares, step * step);
		d.terms++;
	}
	if (d.terms)
		d.value = sqrt(sum_value(&squares) / (2 * (double)d.terms));
	return d;
}

/* Averages of m second differences; each average follows from the one before by one that enters and one that
 * leaves, compensated, so that a million of them carry no error along. */
static struct deviation modified(const double *x, size_t n, double tau, size_t m)
{
	struct deviation d = { .value = NAN };
	struct sum squares = { 0 }, inner = { 0 };

	for (size_t i = 0; i + 2 * m < n; i++) {
		double mean;

		sum_add(&inner, second_difference(x + i, m));
		if (i + 1 < m)
			continue;
		if (i >= m)
			sum_add(&inner, -second_difference(x + i - m, m));
		mean = sum_value(&inner) / (double)m / tau;
		sum_add(&squares, mean * mean);
		d.terms++;
	}
	if (d.terms)
		d.value = sqrt(sum_value(&squares) / (2 * (double)d.terms));
	return d;
}

struct deviation stability_of_phase(enum stability_kind kind, const double *x, size_t n, double tau0, size_t m)
{
	double tau = (double)m * tau0;
	struct deviation d;

	if (m == 0 || m > n / 2)                /* also: 2 * m does not overflow */
		return (struct deviation){ .value = NAN };
	if (kind == STABILITY_ADEV)
		return allan(x, n, tau, m, m);
	if (kind == STABILITY_OADEV)
		return allan(x, n, tau, m, 1);
	d = modified(x, n, tau, m);
	if (kind == STABILITY_TDEV)
		d.value *= tau / sqrt(3);
	return d;
}

void stability_phase(double *x, const double *y, size_t n, double tau0)
{
	struct sum phase = { 0 };

	x[0] = 0;
	for (size_t i = 0; i < n; i++) {
		sum_add(&phase, y[i] * tau0);
		x[i + 1] = sum_value(&phase);
	}
}
