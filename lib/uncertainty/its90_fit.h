/* SPDX-License-Identifier: GPL-3.0-or-later
 * its90_fit.h - the deviation coefficients of a platinum thermometer on the ITS-90 from its calibration points
 * (its90.h has the sub-ranges, and the way back to a temperature).
 *
 * The deviation W - Wr(t) is a line in the coefficients: it is fitted as any curve (curve.h) of x = W.  At the fixed
 * points of a sub-range, as many as there are coefficients, it goes through them all; with more points, in a bath
 * beside a reference thermometer, it is the weighted mean course.  That x is uncertain too matters nowhere: the
 * deviation changes by less than a thousandth of what W changes. */
#ifndef ITS90_FIT_H
#define ITS90_FIT_H

#include "curve.h"
#include "its90.h"

struct its90_points {
	size_t n;
	const double *ratio, *t;        /* W, and the temperature in degC */
	/* Of W - Wr(t): standard uncertainties - hypot(u(W), dWr/dt u(t)) - or covariances n x n, at most one of them;
	 * without both the points' scatter says it. */
	const double *u, *covariance;
	double aluminium;               /* silver alone: W(660.323 degC); not used else */
};

struct its90_fit {
	const struct its90_range *range;
	double aluminium;
	struct curve curve;             /* p: the coefficients, in the order of the range, and their covariance */
};

/* ERR_CONFIG: also a point outside of the range. */
int its90_fit(struct its90_fit *f, const struct its90_range *range, const struct its90_points *points, struct err *e);
void its90_fit_release(struct its90_fit *f);

/* For curve_value: the deviation and its standard uncertainty at W; it holds as long as f stays where it is. */
struct curve_basis its90_fit_basis(const struct its90_fit *f);

#endif
