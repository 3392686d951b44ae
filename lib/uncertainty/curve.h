/* SPDX-License-Identifier: GPL-3.0-or-later
 * curve.h - a curve through calibration points: parameters, their covariance, and whether it fits at all.
 *
 * y = p[0] f[0](x) + ... + p[n-1] f[n-1](x).  Whoever brings the functions - polynomial.h, cvd_fit.h - chooses them
 * such that they hardly depend on each other over the points.  What is known of the points decides what is done:
 *
 *   nothing                    one variance for all y, estimated from the residuals     JCGM 100:2008, H.3;
 *                                                                                       ISO/TS 28037:2010, annex E
 *   u(y) or a covariance of y  weighted, Gauss-Markov                                   ISO/TS 28037, clauses 6 and 9
 *   that and u(x) or a         generalized distance, generalized Gauss-Markov: the      ISO/TS 28037, clauses 7, 8
 *     covariance of x          true x are estimated along with the parameters           and 10
 *
 * With x uncertain, Gauss-Newton steps: at the estimates xi of the true x, with slopes d of the curve there, what is
 * left, z = y - curve(xi) - d (x - xi), has the covariance V = U_y + d U_x d - d U_xy - U_yx d; a weighted step with it
 * moves p, and xi goes to its estimate given z.  Where that stands still, the sum of squared weighted distances of the
 * points from the curve is smallest.
 *
 * Known uncertainties are believed: the covariance of p follows from them, never from how well the points happen to
 * fit; curve_chance says how likely so bad a fit is, and a person decides (ISO/TS 28037, 6.3).
 * Points corrected by one certificate correlate: that is what the covariances are for. */
#ifndef CURVE_H
#define CURVE_H

#include <stddef.h>

#include "err.h"

/* The n functions at x and, where slope is not NULL, their derivatives. */
struct curve_basis {
	size_t n;
	void (*at)(const void *self, double x, double *value, double *slope);
	const void *self;
};

/* Of each kind of uncertainty at most one of two: standard uncertainties, or covariances n x n, row by row. */
struct curve_points {
	size_t n;
	const double *x, *y;
	const double *u_x, *u_y;                /* NULL: x exact; nothing known of y */
	const double *covariance_x, *covariance_y;
	const double *covariance_xy;            /* row i, column j: of x[i] with y[j]; NULL: 0 */
};

struct curve {
	size_t n;                       /* parameters */
	double *p;
	double *covariance;             /* n x n */
	double chi_squared;             /* sum of squared weighted distances; NAN: nothing was known of y */
	double deviation;               /* of a point from the curve, in the unit of y; NAN: u(y) was known */
	size_t freedom;                 /* points less parameters: of deviation and of the covariance, where the points
					 * said it; else of chi_squared alone */
	double *x;                      /* estimates of the true x, as many as points */
};

/* ERR_CONFIG: too few points or too many at one place, uncertainties that contradict, are negative or leave a point
 * none at all; covariances that none has (not positive definite); no minimum in sight. */
int curve_fit(struct curve *c, const struct curve_basis *basis, const struct curve_points *points, struct err *e);
void curve_release(struct curve *c);

/* y at x, and its standard uncertainty from the parameters; NULL: not wanted. */
double curve_value(const struct curve *c, const struct curve_basis *basis, double x, double *u);

/* The x between low and high at which the curve is y, which has the standard uncertainty u_y, independent of the
 * curve: ISO/TS 28037, clause 11.  ERR_CONFIG: the curve does not pass y there once. */
int curve_argument(const struct curve *c, const struct curve_basis *basis, double y, double u_y, double low,
		   double high, double *x, double *u, struct err *e);

/* The probability that points with these uncertainties lie as far from the curve as they do, or farther: below 0.05
 * ISO/TS 28037 has the model or the uncertainties looked at.  NAN: nothing to judge by. */
double curve_chance(const struct curve *c);

#endif
