/* SPDX-License-Identifier: GPL-3.0-or-later
 * Readings and their scatter: JCGM 100:2008, H.5; NIST's certified NumAcc1 and NumAcc2. */
#include "evaluate.h"
#include "published_own.h"
#include "series.h"

/* ---- H.5, a Zener standard on ten days, five readings each -------------------------------------------------------- */

#define DAYS 10

static const struct figure zener_figures[] = {
	{ "mean / V", "10.000097", FIGURE_ROUNDED, 0 },
	{ "deviation of the days' means / V", "57e-6", FIGURE_ROUNDED, 0 },
	{ "deviation within a day / V", "85e-6", FIGURE_ROUNDED, 0 },
	{ "what days add / V", "43e-6", FIGURE_ROUNDED, 0 },
	{ "u of the mean / V", "18e-6", FIGURE_ROUNDED, 0 },
	{ "u of the mean, days alike / V", "13e-6", FIGURE_ROUNDED, 0 },
	{ "degrees of freedom, days alike", "49", FIGURE_ROUNDED, 0 },
};

static int zener(const void *of, double *computed, struct err *e)
{
	static const double mean[DAYS] = { 10.000172, 10.000116, 10.000013, 10.000144, 10.000106,
					   10.000031, 10.000060, 10.000125, 10.000163, 10.000041 };
	static const double deviation[DAYS] = { 60e-6, 77e-6, 111e-6, 101e-6, 67e-6, 93e-6, 80e-6, 73e-6, 88e-6, 86e-6 };
	struct sample day[DAYS];
	struct anova a;

	(void)of;
	(void)e;
	for (size_t j = 0; j < DAYS; j++)
		day[j] = (struct sample){ .n = 5, .mean = mean[j], .deviation = deviation[j] };
	a = series_anova(day, DAYS);
	computed[0] = a.mean;
	computed[1] = a.deviation_of_groups;
	computed[2] = a.within;
	computed[3] = a.component;
	computed[4] = a.uncertainty;
	computed[5] = a.pooled_uncertainty;
	computed[6] = a.pooled_freedom;
	return 0;
}

/* ---- NIST --------------------------------------------------------------------------------------------------------- */

static void sample(const double *x, size_t n, double *computed)
{
	struct sample s = evaluate_sample(x, n);

	computed[0] = s.mean;
	computed[1] = s.deviation;
	computed[2] = series_autocorrelation(x, n, 1);
}

static const struct figure numacc1_figures[] = {
	{ "mean", "10000002", FIGURE_DIGITS, 13 },
	{ "deviation", "1", FIGURE_DIGITS, 13 },
	{ "autocorrelation", "-0.5", FIGURE_DIGITS, 13 },
};

static int numacc1(const void *of, double *computed, struct err *e)
{
	(void)of;
	(void)e;
	sample((const double[]){ 10000001, 10000003, 10000002 }, 3, computed);
	return 0;
}

/* 1.2, and then 1.1 and 1.3 in turn. */
#define NUMACC2 1001

static const struct figure numacc2_figures[] = {
	{ "mean", "1.2", FIGURE_DIGITS, 13 },
	{ "deviation", "0.1", FIGURE_DIGITS, 13 },
	{ "autocorrelation", "-0.999", FIGURE_DIGITS, 12 },
};

static int numacc2(const void *of, double *computed, struct err *e)
{
	double x[NUMACC2] = { 1.2 };

	(void)of;
	(void)e;
	for (size_t i = 1; i < NUMACC2; i++)
		x[i] = i % 2 ? 1.1 : 1.3;
	sample(x, NUMACC2, computed);
	return 0;
}

static const struct published_case cases[] = {
	{ "a Zener voltage standard", "JCGM 100:2008, H.5", FIGURES(zener_figures), zener, NULL },
	{ "NumAcc1", "NIST StRD, univariate statistics", FIGURES(numacc1_figures), numacc1, NULL },
	{ "NumAcc2", "NIST StRD, univariate statistics", FIGURES(numacc2_figures), numacc2, NULL },
};

const struct published_table published_samples = { cases, COUNT(cases) };
