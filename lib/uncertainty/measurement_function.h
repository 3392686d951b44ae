/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_function.h - a measurement function (VIM 2.49), whoever computes it: an expression of a procedure
 * (equation.h), a curve, a test.  What propagates uncertainty - budget.h, montecarlo.h - knows no more of it.
 *
 * Pure: equal arguments give equal bits, in any thread. */
#ifndef MEASUREMENT_FUNCTION_H
#define MEASUREMENT_FUNCTION_H

#include <stddef.h>

struct measurement_function {
	size_t n;                       /* inputs */
	const void *self;
	/* y[t] = f(x[0][t], ..., x[n - 1][t]) for t < trials: inputs are columns.  NAN or infinite where f is not defined. */
	void (*values)(const void *self, const double *const *x, size_t trials, double *y);
	/* At one place: f, its n first partial derivatives and, where not NULL, its n x n second ones, row by row.
	 * NULL: by differences of values (budget.h says how). */
	void (*derivatives)(const void *self, const double *x, double *y, double *first, double *second);
};

#endif
