/* SPDX-License-Identifier: GPL-3.0-or-later
 * series.h - what series of readings say of their own scatter: type A evaluations beyond mean and deviation (evaluate.h).
 *
 * Whatever is not defined is NAN, never 0. */
#ifndef SERIES_H
#define SERIES_H

#include <stddef.h>

#include "evaluate.h"

/* ---- pooled standard deviation: JCGM 100:2008, 4.2.4, H.3.6 ------------------------------------------------ */

/* From earlier or other series of the same manner of measuring: s^2 = sum(nu s^2) / sum(nu).  The remedy for results of
 * two or three readings, whose own deviations say next to nothing. */
struct pooled {
	double deviation;               /* of a reading */
	double degrees_of_freedom;      /* 0 where nothing was pooled */
};

struct pooled series_pooled(const struct sample *series, size_t n);

/* ---- one-way analysis of variance: JCGM 100, H.5 --------------------------------------------------------------- */

/* Do days, operators, mountings scatter more than readings within one of them? */
struct anova {
	double mean;                    /* of the groups' means */
	double deviation_of_groups;     /* of the groups' means: s(Vbar_j), equation H.25 */
	double between, within;         /* deviation of a reading, by groups and within them: s_a and s_b, H.26 */
	double between_freedom, within_freedom;
	double f;                       /* s_a^2 / s_b^2 */
	double chance;                  /* of such an f, or a greater one, where groups do not differ */
	double component;               /* what groups add, s_B; 0 where they seem to add nothing: H.30 */
	double uncertainty;             /* of the mean, where groups may differ: H.5.2.5; between_freedom */
	double pooled_uncertainty;      /* of the mean, where it is known that they do not: H.28b */
	double pooled_freedom;
};

/* Groups of one size, 2 readings or more each; of different sizes all is NAN. */
struct anova series_anova(const struct sample *groups, size_t n);

/* ---- correlation ------------------------------------------------------------------------------------------------ */

/* Of two quantities, from simultaneous readings: JCGM 100, 5.2.3, C.3.6 and H.2; that of their means is the same. */
double series_correlation(const double *x, const double *y, size_t n);

/* Of readings with those `lag` later, as NIST/SEMATECH e-Handbook, 1.3.5.12, has it. */
double series_autocorrelation(const double *x, size_t n, size_t lag);

/* n readings that follow each other too quickly say less than n independent ones: JCGM 100, 4.2.7.  The effective number
 * and the deviation freed of its bias: A. Zieba, Metrol. Meas. Syst. 17 (2010) 3, equations for
 *     n / (1 + 2 sum (1 - k / n) r(k))
 * with autocorrelations r(k) of the readings up to where they first fall to 0: A. Zieba and P. Ramza, ibid. 18
 * (2011) 529.  The number is never above n; where hardly two are left, nothing is known of the deviation: NAN. */
struct effective {
	double observations;
	size_t lags;                    /* that counted */
	double mean;
	double deviation;               /* of a reading */
	double deviation_of_mean;
	double degrees_of_freedom;      /* observations - 1: errs on the safe side */
};

struct effective series_effective(const double *x, size_t n);

#endif
