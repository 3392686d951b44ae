/* SPDX-License-Identifier: GPL-3.0-or-later
 * stability_confidence.h - how well a deviation of stability.h is known.
 *
 * The estimate of a variance from overlapping or correlated differences spreads like chi-squared with an equivalent
 * number of degrees of freedom, which depends on the noise: W. J. Riley, NIST Special Publication 1065 (2008), 5.3 to
 * 5.5.  The noise is found from the data, by the lag-1 autocorrelation (5.5.6; W. J. Riley and C. A. Greenhall, EFTF
 * 2004), the degrees of freedom by C. A. Greenhall and W. J. Riley (35th PTTI, 2003), whose sums are taken whole: what
 * they replace by asymptotes for speed is not replaced here.
 * Their phases are averages over tau0.  Of phases sampled at an instant white frequency noise has 666 degrees of freedom
 * at n = 1001, m = 1, where this says 782, and 346 at m = 4, where it says 306; above, the two approach each other.
 *
 * alpha is the power of the frequency in the spectral density of the fractional frequency: 2 white and 1 flicker phase
 * noise, 0 white and -1 flicker frequency noise, -2 its random walk. */
#ifndef STABILITY_CONFIDENCE_H
#define STABILITY_CONFIDENCE_H

#include <stdbool.h>

#include "stability.h"

#define STABILITY_LOWEST_ALPHA  -2
#define STABILITY_HIGHEST_ALPHA  2
#define STABILITY_NOISE_PHASES  30      /* fewer, m apart, tell no noise: SP 1065, 5.5.6 */

/* Of n phases at averaging factor m.  False: too few of them to tell.  What is steeper than a random walk of frequency
 * counts as one. */
bool stability_noise(const double *x, size_t n, size_t m, int *alpha);
const char *stability_noise_name(int alpha);

/* Equivalent degrees of freedom of the deviation of this kind.  NAN where it is not defined. */
double stability_freedom(enum stability_kind kind, int alpha, size_t n, size_t m);

/* The deviation lies within, with this probability (0.683: one sigma), as much of the rest on either side:
 * SP 1065, equation 45. */
struct stability_interval { double low, high; };

struct stability_interval stability_interval(double deviation, double freedom, double probability);

#endif
