/* SPDX-License-Identifier: GPL-3.0-or-later
 * difference.h - derivatives of a measurement function that brings none, by central differences: JCGM 100:2008, 5.1.3,
 * note 2, and 5.1.4.
 *
 * Its steps are a half and a quarter of the input's standard uncertainty, extrapolated to none (Richardson), so that the
 * error goes with the fourth power of the uncertainty, and a function that is a polynomial of third degree has
 * none.  An input without uncertainty is moved by 6e-6 of itself, or, at 0, by 6e-6. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "measurement_function.h"

/* u: standard uncertainties; the rest as of measurement_function.derivatives.  It calls values() about 4 times per
 * input, and 8 times per pair of inputs where second is not NULL. */
void difference_derivatives(const struct measurement_function *f, const double *x, const double *u, double *y,
			    double *first, double *second);

#endif
