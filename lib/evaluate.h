/* SPDX-License-Identifier: GPL-3.0-or-later
 * evaluate.h - means, experimental standard deviations and differences, as pure functions.
 *
 * Sums are compensated (Neumaier 1974) and deviations are taken from the mean in a second pass
 * with the correction of Chan, Golub and LeVeque 1983, so that readings of 10.000 000 1 V keep
 * their last digits and the answer hardly depends on their order.  What is not defined - the mean
 * of nothing, the deviation of one reading - is NAN, never 0. */
#ifndef EVALUATE_H
#define EVALUATE_H

#include <stddef.h>

struct sum { double high, low; };       /* zeroed at first */

void   sum_add(struct sum *s, double x);
double sum_value(const struct sum *s);

/* n readings of one quantity; everything in the readings' unit. */
struct sample {
	size_t n;
	double mean;                    /* JCGM 100:2008, 4.2.1 */
	double deviation;               /* experimental standard deviation of a reading, n - 1: 4.2.2 */
	double deviation_of_mean;       /* deviation / sqrt(n): 4.2.3 */
};

struct sample evaluate_sample(const double *x, size_t n);

/* An indication minus a reference, with the type A standard uncertainty of the difference. */
struct difference {
	double value;
	double uncertainty;
	double degrees_of_freedom;      /* NAN where the uncertainty is, or where both deviations are 0 */
};

/* x[i] and y[i] are simultaneous: what moves both cancels.  Type A of the n differences x - y. */
struct difference evaluate_paired(const double *x, const double *y, size_t n);

/* Taken at other moments: independent means, combined in quadrature; effective degrees of
 * freedom by Welch-Satterthwaite, JCGM 100:2008, G.4.1. */
struct difference evaluate_unpaired(const struct sample *x, const struct sample *y);

#endif
