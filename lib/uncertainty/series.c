/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "series.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "mem.h"
#include "student.h"

struct pooled series_pooled(const struct sample *series, size_t n)
{
	struct pooled p = { .deviation = NAN };
	struct sum squares = { 0 };

	for (size_t i = 0; i < n; i++) {
		double freedom = (double)series[i].n - 1;

		if (freedom < 1)
			continue;
		sum_add(&squares, freedom * series[i].deviation * series[i].deviation);
		p.degrees_of_freedom += freedom;
	}
	if (p.degrees_of_freedom > 0)
		p.deviation = sqrt(sum_value(&squares) / p.degrees_of_freedom);
	return p;
}

static struct sample of_means(const struct sample *groups, size_t n)
{
	double *mean = mem_array(n, sizeof *mean);
	struct sample s;

	for (size_t i = 0; i < n; i++)
		mean[i] = groups[i].mean;
	s = evaluate_sample(mean, n);
	free(mean);
	return s;
}

static bool of_one_size(const struct sample *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (groups[i].n != groups[0].n || groups[i].n < 2)
			return false;
	return n > 1;
}

struct anova series_anova(const struct sample *groups, size_t n)
{
	struct anova a = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	double each, within_squares;
	struct sample means;

	if (!of_one_size(groups, n))
		return a;
	each = (double)groups[0].n;
	means = of_means(groups, n);
	a.mean = means.mean;
	a.deviation_of_groups = means.deviation;
	a.between = means.deviation * sqrt(each);
	a.within = series_pooled(groups, n).deviation;
	a.between_freedom = (double)n - 1;
	a.within_freedom = (double)n * (each - 1);
	a.f = a.between * a.between / (a.within * a.within);
	gsl_quiet();
	a.chance = gsl_cdf_fdist_Q(a.f, a.between_freedom, a.within_freedom);
	a.component = sqrt(fmax(0, (a.between * a.between - a.within * a.within) / each));
	a.uncertainty = means.deviation_of_mean;
	a.pooled_freedom = a.between_freedom + a.within_freedom;
	within_squares = a.within_freedom * a.within * a.within;
	a.pooled_uncertainty = sqrt((a.between_freedom * a.between * a.between + within_squares)
				    / a.pooled_freedom / ((double)n * each));
	return a;
}

/* Sum of (x[i] - about) (y[i] - about_y). */
static double products(const double *x, double about_x, const double *y, double about_y, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		sum_add(&s, (x[i] - about_x) * (y[i] - about_y));
	return sum_value(&s);
}

double series_correlation(const double *x, const double *y, size_t n)
{
	double a = evaluate_sample(x, n).mean, b = evaluate_sample(y, n).mean;
	double r = products(x, a, y, b, n) / sqrt(products(x, a, x, a, n)) / sqrt(products(y, b, y, b, n));

	return n < 2 || isnan(r) ? NAN : fmax(-1, fmin(1, r));
}

double series_autocorrelation(const double *x, size_t n, size_t lag)
{
	double mean = evaluate_sample(x, n).mean;

	if (lag >= n)
		return NAN;
	return products(x, mean, x + lag, mean, n - lag) / products(x, mean, x, mean, n);
}

/* n over the effective number, less 1, halved. */
static double correlated(const double *x, size_t n, size_t *lags)
{
	double mean = evaluate_sample(x, n).mean, all = products(x, mean, x, mean, n), r;
	struct sum s = { 0 };

	for (size_t k = 1; k < n; k++) {
		r = products(x, mean, x + k, mean, n - k) / all;
		if (!(r > 0))
			break;
		sum_add(&s, (1 - (double)k / (double)n) * r);
		*lags = k;
	}
	return sum_value(&s);
}

struct effective series_effective(const double *x, size_t n)
{
	struct effective e = { NAN, 0, NAN, NAN, NAN, NAN };
	struct sample plain = evaluate_sample(x, n);
	double all = (double)n;

	e.mean = plain.mean;
	if (n < 2)
		return e;
	e.observations = all / (1 + 2 * correlated(x, n, &e.lags));
	if (e.observations < 2)
		return e;
	e.degrees_of_freedom = e.observations - 1;
	e.deviation = plain.deviation * sqrt(e.observations * (all - 1) / (all * e.degrees_of_freedom));
	e.deviation_of_mean = e.deviation / sqrt(e.observations);
	return e;
}
