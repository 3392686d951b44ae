/* SPDX-License-Identifier: GPL-3.0-or-later
 * stability.h - frequency stability in the time domain: the Allan family of two-sample deviations.
 *
 * From n phase differences x between two clocks, in seconds, tau0 apart without a gap; fractional frequencies are
 * summed up to such phases first.  At averaging time tau = m tau0.  Formulas: W. J. Riley, Handbook of Frequency
 * Stability Analysis, NIST Special Publication 1065 (2008), 5.2.
 *
 * What is not defined - fewer phases than one second difference spans - is NAN with 0 terms.  Phases grow and their
 * second differences do not: each difference is taken before anything is summed up. */
#ifndef STABILITY_H
#define STABILITY_H

#include <stddef.h>

enum stability_kind {
	STABILITY_ADEV,                 /* Allan, of adjacent averages: 5.2.2 */
	STABILITY_OADEV,                /* Allan, of all overlapping averages: 5.2.4 */
	STABILITY_MDEV,                 /* modified Allan: 5.2.5 */
	STABILITY_TDEV,                 /* time, in seconds: tau / sqrt(3) times the modified: 5.2.6 */
	STABILITY_KINDS
};

struct deviation {
	double value;                   /* fractional frequency; TDEV: s */
	size_t terms;                   /* second differences that were summed up */
};

struct deviation stability_of_phase(enum stability_kind kind, const double *x, size_t n, double tau0, size_t m);

/* n fractional frequencies, each averaged over tau0, give n + 1 phases, of which the first is 0. */
void stability_phase(double *x, const double *y, size_t n, double tau0);

#endif
