/* SPDX-License-Identifier: GPL-3.0-or-later
 * distribution.h - what is known of an input quantity, as a probability distribution: JCGM 101:2008, 6.4.
 *
 * Location, scale and shape in the quantity's unit; the scale is what a certificate or a data sheet states: a
 * standard uncertainty or half the width of an interval, never a standard deviation made from it. */
#ifndef DISTRIBUTION_H
#define DISTRIBUTION_H

#include "err.h"

enum distribution_kind {        /*                        scale                     shape */
	DISTRIBUTION_NORMAL,    /* 6.4.7                  standard uncertainty      -  */
	DISTRIBUTION_T,         /* 6.4.9 scaled, shifted  s / sqrt(n)               degrees of freedom */
	DISTRIBUTION_RECTANGULAR, /* 6.4.2                half-width                -  */
	DISTRIBUTION_CURVILINEAR, /* 6.4.3 inexact limits half-width                d: each limit is known within +-d */
	DISTRIBUTION_TRAPEZOIDAL, /* 6.4.4                half-width of the base    top over base, 0 to 1 */
	DISTRIBUTION_TRIANGULAR, /* 6.4.5                 half-width                -  */
	DISTRIBUTION_ARCSINE,   /* 6.4.6                  half-width (amplitude)    -  */
	DISTRIBUTION_KINDS
};

struct distribution {
	enum distribution_kind kind;
	double location, scale, shape;
};

/* ERR_CONFIG: a scale that is negative or not finite, a shape out of its range. */
int distribution_check(const struct distribution *d, struct err *e);

/* Its standard deviation: JCGM 101, table 1.  INFINITY: T with no more than 2 degrees of freedom. */
double distribution_deviation(const struct distribution *d);

/* normal t rectangular ...: in the order of the enum, NULL last; also the words of a procedure file. */
extern const char *const distribution_names[DISTRIBUTION_KINDS + 1];

#endif
