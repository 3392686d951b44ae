/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against the limits that Stable32 1.60 prints for its 1001 phases of white frequency noise, and against noise made
 * here: how it is named, and how its variances really spread. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluate.h"
#include "random.h"
#include "stability_confidence.h"

static void assert_relative(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within * fabs(expected)))
		fail_msg("%.15g is not %.15g within %g of it", x, expected, within);
}

/* Minimum, estimate and maximum at confidence 0.683 for m = 1, 2, 4, ... 128. */
static const double stable32[3][8][3] = {
	[STABILITY_ADEV] = {
		{ 2.8515e-01, 2.9223e-01, 2.9987e-01 }, { 1.9787e-01, 2.0510e-01, 2.1319e-01 },
		{ 1.4201e-01, 1.4943e-01, 1.5815e-01 }, { 1.0254e-01, 1.1013e-01, 1.1971e-01 },
		{ 5.6510e-02, 6.2381e-02, 7.0567e-02 }, { 4.9153e-02, 5.6233e-02, 6.7635e-02 },
		{ 2.7109e-02, 3.2550e-02, 4.3537e-02 }, { 2.6481e-02, 3.3855e-02, 5.5744e-02 },
	},
	[STABILITY_OADEV] = {
		{ 2.8515e-01, 2.9223e-01, 2.9987e-01 }, { 1.9520e-01, 2.0102e-01, 2.0738e-01 },
		{ 1.3931e-01, 1.4479e-01, 1.5098e-01 }, { 1.0038e-01, 1.0570e-01, 1.1198e-01 },
		{ 5.7696e-02, 6.1915e-02, 6.7217e-02 }, { 4.3654e-02, 4.8082e-02, 5.4202e-02 },
		{ 3.1755e-02, 3.6237e-02, 4.3377e-02 }, { 2.3045e-02, 2.7674e-02, 3.7027e-02 },
	},
	[STABILITY_MDEV] = {
		{ 2.8515e-01, 2.9223e-01, 2.9987e-01 }, { 1.5336e-01, 1.5821e-01, 1.6355e-01 },
		{ 1.0322e-01, 1.0780e-01, 1.1304e-01 }, { 6.9840e-02, 7.4192e-02, 7.9481e-02 },
		{ 3.8022e-02, 4.1376e-02, 4.5809e-02 }, { 3.0466e-02, 3.4255e-02, 3.9933e-02 },
		{ 2.3687e-02, 2.7871e-02, 3.5511e-02 }, { 1.4874e-02, 1.8669e-02, 2.8584e-02 },
	},
};

static void limits_of_stable32(void **state)
{
	(void)state;
	for (enum stability_kind kind = STABILITY_ADEV; kind <= STABILITY_MDEV; kind++)
		for (size_t i = 0; i < 8; i++) {
			const double *row = stable32[kind][i];
			double freedom = stability_freedom(kind, 0, 1001, (size_t)1 << i);
			struct stability_interval s = stability_interval(row[1], freedom, 0.683);

			assert_relative(s.low, row[0], 1e-3);
			assert_relative(s.high, row[2], 1e-3);
		}
}

/* Differences of adjacent averages correlate with the next by -1/2 in white frequency noise and 1/4 in its random walk,
 * and with no other: 99 of them. */
static void freedom_where_it_is_known(void **state)
{
	(void)state;
	assert_relative(stability_freedom(STABILITY_ADEV, 0, 100001, 1000), 99 / (1 + 2 * 98 / 99.0 / 4), 1e-12);
	assert_relative(stability_freedom(STABILITY_ADEV, -2, 100001, 1000), 99 / (1 + 2 * 98 / 99.0 / 16), 1e-12);
	assert_relative(stability_freedom(STABILITY_OADEV, 1, 3, 1), 1, 1e-12);
	assert_true(stability_freedom(STABILITY_MDEV, 0, 60, 20) == stability_freedom(STABILITY_TDEV, 0, 60, 20));
	assert_true(isnan(stability_freedom(STABILITY_MDEV, 0, 5, 2)));
	assert_true(isnan(stability_freedom(STABILITY_OADEV, 0, 4, 2)));
	assert_true(isnan(stability_freedom(STABILITY_OADEV, 0, 4, 0)));
	assert_true(isnan(stability_freedom(STABILITY_OADEV, -3, 100, 1)));
}

/* White noise, summed `times` over. */
static void make(struct random *r, double *x, size_t n, int times)
{
	for (size_t i = 0; i < n; i++)
		x[i] = random_normal(r);
	for (; times > 0; times--)
		for (size_t i = 1; i < n; i++)
			x[i] += x[i - 1];
}

static void noise_is_named(void **state)
{
	static const int alpha_of[] = { 2, 0, -2 };     /* phases of white noise, summed up 0, 1 and 2 times */
	static double x[4000];
	struct random r;
	int alpha;

	(void)state;
	random_seed(&r, 1065, "noise");
	for (int times = 0; times <= 2; times++) {
		make(&r, x, 4000, times);
		for (size_t i = 0; i < 4000; i++)               /* an offset and a drift of the frequency */
			x[i] += 1e3 * (double)i + 1e-2 * (double)(i * i);
		for (size_t m = 1; m <= 16; m *= 4) {
			assert_true(stability_noise(x, 4000, m, &alpha));
			assert_int_equal(alpha, alpha_of[times]);
		}
	}
	assert_false(stability_noise(x, 29, 1, &alpha));
	assert_true(stability_noise(x, 30, 1, &alpha));
	assert_false(stability_noise(x, 4000, 200, &alpha));
	assert_string_equal(stability_noise_name(2), "white PM");
	assert_string_equal(stability_noise_name(-2), "random walk FM");
}

/* The spread of a thousand variances gives the degrees of freedom: 2 mean^2 / variance. */
static void variances_spread_as_said(enum stability_kind kind, int times, int alpha)
{
	enum { MANY = 1500, N = 129, M = 8 };
	static double x[N], v[MANY];
	struct random r;
	struct sample s;

	random_seed(&r, 33, "spread");
	for (size_t k = 0; k < MANY; k++) {
		double d;

		make(&r, x, N, times);
		d = stability_of_phase(kind, x, N, 1, M).value;
		v[k] = d * d;
	}
	s = evaluate_sample(v, MANY);
	assert_relative(2 * s.mean * s.mean / (s.deviation * s.deviation),
			stability_freedom(kind, alpha, N, M), 0.2);     /* 0.05 is one standard deviation */
}

static void noise_made_here_spreads_as_said(void **state)
{
	(void)state;
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++) {
		variances_spread_as_said(k, 0, 2);
		variances_spread_as_said(k, 1, 0);
		variances_spread_as_said(k, 2, -2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_stable32),
		cmocka_unit_test(freedom_where_it_is_known),
		cmocka_unit_test(noise_is_named),
		cmocka_unit_test(noise_made_here_spreads_as_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
