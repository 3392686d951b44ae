/* SPDX-License-Identifier: GPL-3.0-or-later
 * least_squares.h - the p that makes y - A p shortest, to the last digits that the data carry.
 *
 * Householder QR of A, its columns brought to one length by powers of two (exact), then iterative refinement of the
 * augmented system of p and the residuals (Bjorck, BIT 7 (1967) 257) with compensated products: where the normal
 * equations lose twice the digits that the condition of A takes, this loses none that matter.  A permutation of the
 * observations changes nothing but the rounding of the last digit.
 *
 * Every row has the same variance: whoever knows the uncertainties of y divides the rows by them first (curve.h). */
#ifndef LEAST_SQUARES_H
#define LEAST_SQUARES_H

#include <stddef.h>

#include "err.h"

struct least_squares {
	size_t m, n;                    /* observations, parameters */
	double *p;                      /* n */
	double *cofactor;               /* n x n, (A^T A)^-1: the covariance of p, where y has variance 1 */
	double *residual;               /* m, y - A p */
	double squares;                 /* the sum of their squares */
};

/* a: m x n, row by row.  ERR_CONFIG: fewer observations than parameters, observations that leave a parameter
 * undetermined, a value that is not finite; nothing to release then. */
int least_squares_solve(struct least_squares *s, const double *a, const double *y, size_t m, size_t n, struct err *e);
void least_squares_release(struct least_squares *s);

#endif
