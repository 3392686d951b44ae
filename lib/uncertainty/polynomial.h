/* SPDX-License-Identifier: GPL-3.0-or-later
 * polynomial.h - calibration polynomials, straight lines among them: ISO/TS 28037:2010, ISO/TS 28038:2018.
 *
 * Fitted in a variable that runs from -1 to 1 over the points, so that powers of 1000 or of 0.001 cost no digits;
 * polynomial_about gives the coefficients as a certificate states them: a + b x about 0, JCGM 100, H.3 about 20 degC. */
#ifndef POLYNOMIAL_H
#define POLYNOMIAL_H

#include "curve.h"

#define POLYNOMIAL_DEGREE 12    /* no calibration has more, and no double bears more */

struct polynomial {
	size_t degree;
	double shift, scale;    /* of the variable (x - shift) / scale, in whose powers the curve is */
	struct curve curve;
};

/* ERR_CONFIG: also a degree above POLYNOMIAL_DEGREE. */
int polynomial_fit(struct polynomial *p, const struct curve_points *points, size_t degree, struct err *e);
void polynomial_release(struct polynomial *p);

/* For curve_value and curve_argument; it holds as long as p stays where it is. */
struct curve_basis polynomial_basis(const struct polynomial *p);

/* The coefficients of the powers of x - origin, degree + 1 of them, from that of 1 on, and their covariance; NULL:
 * not wanted. */
void polynomial_about(const struct polynomial *p, double origin, double *coefficient, double *covariance);

#endif
