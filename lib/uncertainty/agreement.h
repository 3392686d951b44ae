/* SPDX-License-Identifier: GPL-3.0-or-later
 * agreement.h - how well a number is to be known (JCGM 101:2008, 7.9.2), and whether the interval that JCGM 100 gives is
 * that of the Monte Carlo method to so many digits (clause 8).
 *
 * Where it is not, the model is not linear enough, or the result not normal enough, for JCGM 100 to be used. */
#ifndef AGREEMENT_H
#define AGREEMENT_H

#include <stdbool.h>

#include "conformity.h"

/* delta of a standard uncertainty u > 0 of which so many significant digits are regarded as meaningful, 1 or 2: half
 * a unit of the last.  0 where u is 0. */
double agreement_tolerance(double u, int digits);

struct agreement {
	double tolerance;               /* delta */
	double low, high;               /* d_low, d_high: how far the ends are apart */
	bool validated;                 /* neither is more than delta */
};

/* y +- expanded against the interval of the Monte Carlo method, whose standard uncertainty is u.  That interval should
 * be known to a fifth of the tolerance (8.2): montecarlo_options.part. */
struct agreement agreement_of(double y, double expanded, struct interval montecarlo, double u, int digits);

#endif
