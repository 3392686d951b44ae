/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stability_confidence.h"

#include <math.h>
#include <stdlib.h>

#include "evaluate.h"
#include "mem.h"
#include "polynomial.h"
#include "series.h"
#include "student.h"

/* ---- noise -------------------------------------------------------------------------------------------- */

/* Every m-th phase, less a parabola through them: an offset and a drift of the frequency are no noise. */
static double *without_trend(const double *x, size_t m, size_t n)
{
	double *place = mem_array(n, sizeof *place), *rest = mem_array(n, sizeof *rest);
	struct curve_points points = { .n = n, .x = place, .y = rest };
	struct polynomial trend;
	struct curve_basis basis;
	struct err e;

	for (size_t i = 0; i < n; i++) {
		place[i] = (double)i;
		rest[i] = x[i * m] - x[0];
	}
	if (!polynomial_fit(&trend, &points, 2, &e)) {
		basis = polynomial_basis(&trend);
		for (size_t i = 0; i < n; i++)
			rest[i] -= curve_value(&trend.curve, &basis, place[i], NULL);
		polynomial_release(&trend);
	}
	free(place);
	return rest;
}

/* Differences are taken until the series looks stationary: rho is half the power that is left. */
bool stability_noise(const double *x, size_t n, size_t m, int *alpha)
{
	size_t left = m ? (n + m - 1) / m : 0;
	int differences = 0;
	double *rest, r, rho;

	if (left < STABILITY_NOISE_PHASES)
		return false;
	rest = without_trend(x, m, left);
	for (;; differences++, left--) {
		r = series_autocorrelation(rest, left, 1);
		rho = r / (1 + r);
		if (!(rho >= 0.25) || differences == 2)
			break;
		for (size_t i = 0; i + 1 < left; i++)
			rest[i] = rest[i + 1] - rest[i];
	}
	free(rest);
	if (isnan(rho))
		return false;
	*alpha = 2 - 2 * differences - (int)lrint(2 * rho);
	*alpha = *alpha < STABILITY_LOWEST_ALPHA ? STABILITY_LOWEST_ALPHA : *alpha;
	*alpha = *alpha > STABILITY_HIGHEST_ALPHA ? STABILITY_HIGHEST_ALPHA : *alpha;
	return true;
}

const char *stability_noise_name(int alpha)
{
	static const char *const names[] = { "random walk FM", "flicker FM", "white FM", "flicker PM", "white PM" };

	return names[alpha - STABILITY_LOWEST_ALPHA];
}

/* ---- equivalent degrees of freedom ---------------------------------------------------------------------- */

/* Greenhall and Riley's s_w, their equation 7: the generalised autocovariance of phase noise, but for factors that
 * cancel. */
static double of_phase(double t, int alpha)
{
	double a = fabs(t);

	if (a == 0)
		return 0;
	switch (alpha) {
	case 2:
		return -a;
	case 1:
		return a * a * log(a);
	case 0:
		return a * a * a;
	case -1:
		return -pow(a, 4) * log(a);
	default:
		return -pow(a, 5);
	}
}

/* s_x, equation 8: of phases averaged over 1 / f of tau; of f = INFINITY the limit, which is that of alpha + 2. */
static double of_average(double t, double f, int alpha)
{
	if (isinf(f))
		return of_phase(t, alpha + 2);
	return f * f * (2 * of_phase(t, alpha) - of_phase(t - 1 / f, alpha) - of_phase(t + 1 / f, alpha));
}

/* s_z, equation 9: of second differences. */
static double of_differences(double t, double f, int alpha)
{
	return 6 * of_average(t, f, alpha) - 4 * (of_average(t - 1, f, alpha) + of_average(t + 1, f, alpha))
		+ of_average(t - 2, f, alpha) + of_average(t + 2, f, alpha);
}

/* Equations 10 to 13: `terms` second differences, `stride` of them in tau. */
static double equivalent(double terms, double stride, double f, int alpha)
{
	double reach = fmin(terms, 3 * stride), all = of_differences(0, f, alpha), s;
	struct sum sum = { 0 };

	sum_add(&sum, all * all);
	for (double j = 1; j < reach; j++) {
		s = of_differences(j / stride, f, alpha);
		sum_add(&sum, 2 * (1 - j / terms) * s * s);
	}
	s = of_differences(reach / stride, f, alpha);
	sum_add(&sum, (1 - reach / terms) * s * s);
	return all * all * terms / sum_value(&sum);
}

/* Where f is large, f^2 times a second difference of 1 / f is rounding; its limit is near by then, and frequency noise
 * has one. */
#define LARGE_FILTER 33

double stability_freedom(enum stability_kind kind, int alpha, size_t n, size_t m)
{
	bool modified = kind == STABILITY_MDEV || kind == STABILITY_TDEV;
	double tau = (double)m, f = modified ? 1 : tau, stride = kind == STABILITY_ADEV ? 1 : tau;
	double length = (modified ? 3 : 2) * tau + (modified ? 0 : 1);

	if (m == 0 || (double)n < length || alpha < STABILITY_LOWEST_ALPHA || alpha > STABILITY_HIGHEST_ALPHA)
		return NAN;
	if (!modified && alpha <= 0 && m > LARGE_FILTER)
		f = INFINITY;
	return equivalent(1 + floor(stride * ((double)n - length) / tau), stride, f, alpha);
}

struct stability_interval stability_interval(double deviation, double freedom, double probability)
{
	double tail = (1 - probability) / 2;

	return (struct stability_interval){
		.low = deviation * sqrt(freedom / student_chi_squared_quantile(1 - tail, freedom)),
		.high = deviation * sqrt(freedom / student_chi_squared_quantile(tail, freedom)),
	};
}
