/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against JCGM 100 H.2 and H.5, NIST's certified autocorrelations, and series whose answer is known beforehand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "series.h"

static void assert_close(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.15g is not %.15g within %g", x, expected, within);
}

static void pooled(void **state)
{
	const struct sample s[] = { { .n = 3, .deviation = 2 }, { .n = 1, .deviation = NAN }, { .n = 5, .deviation = 1 } };
	struct pooled p = series_pooled(s, 3);

	(void)state;
	assert_close(p.deviation, sqrt(2), 1e-15);
	assert_true(p.degrees_of_freedom == 6);
	assert_true(isnan(series_pooled(s + 1, 1).deviation));
	assert_true(series_pooled(s, 0).degrees_of_freedom == 0);
}

/* JCGM 100, H.2: five simultaneous sets of voltage, current and phase. */
static void simultaneous_readings(void **state)
{
	const double v[] = { 5.007, 4.994, 5.005, 4.990, 4.999 };
	const double i[] = { 19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3 };
	const double phi[] = { 1.0456, 1.0438, 1.0468, 1.0428, 1.0433 };

	(void)state;
	assert_close(series_correlation(v, i, 5), -0.36, 0.005);
	assert_close(series_correlation(v, phi, 5), 0.86, 0.005);
	assert_close(series_correlation(i, phi, 5), -0.65, 0.005);
	assert_true(series_correlation(v, v, 5) == 1);
	assert_true(isnan(series_correlation(v, phi, 1)));
}

/* JCGM 100, H.5: Zener voltages of ten days, five readings each. */
static void zener(void **state)
{
	static const double mean[] = { 10.000172, 10.000116, 10.000013, 10.000144, 10.000106,
				       10.000031, 10.000060, 10.000125, 10.000163, 10.000041 };
	static const double deviation[] = { 60e-6, 77e-6, 111e-6, 101e-6, 67e-6, 93e-6, 80e-6, 73e-6, 88e-6, 86e-6 };
	struct sample day[10];
	struct anova a;

	(void)state;
	for (size_t j = 0; j < 10; j++)
		day[j] = (struct sample){ .n = 5, .mean = mean[j], .deviation = deviation[j] };
	a = series_anova(day, 10);
	assert_close(a.mean, 10.000097, 5e-7);                  /* published */
	assert_close(a.deviation_of_groups, 57e-6, 5e-7);
	assert_close(a.within, 85e-6, 5e-7);
	assert_close(a.component, 43e-6, 5e-7);
	assert_close(a.uncertainty, 18e-6, 5e-7);
	assert_close(a.pooled_uncertainty, 13e-6, 5e-7);
	assert_close(a.deviation_of_groups, 5.70895008837e-5, 5e-16);
	assert_close(a.within, 8.48869836901e-5, 5e-16);
	assert_close(a.between, 1.27656004777e-4, 5e-15);
	assert_close(a.f, 2.26151926999, 2e-9);
	assert_close(a.uncertainty, 1.80532853275e-5, 5e-16);
	assert_true(a.between_freedom == 9 && a.within_freedom == 40 && a.pooled_freedom == 49);
	assert_true(a.chance > 0.025 && a.chance < 0.05);       /* F(0.95; 9, 40) is 2.12, F(0.975; 9, 40) 2.45 */
	day[3].n = 4;
	assert_true(isnan(series_anova(day, 10).uncertainty));
}

/* NIST's NumAcc1; and 2 0 2 0 ..., each the opposite of the one before it. */
static void autocorrelation(void **state)
{
	const double x[] = { 10000001, 10000003, 10000002 }, alternating[] = { 2, 0, 2, 0, 2, 0, 2, 0 };

	(void)state;
	assert_close(series_autocorrelation(x, 3, 1), -0.5, 1e-15);
	assert_close(series_autocorrelation(alternating, 8, 1), -7.0 / 8, 1e-15);
	assert_close(series_autocorrelation(alternating, 8, 2), 6.0 / 8, 1e-15);
	assert_true(isnan(series_autocorrelation(x, 3, 3)));
}

/* What correlates negatively is no reason to claim more observations than there are. */
static void never_more_than_there_are(void **state)
{
	const double alternating[] = { 2, 0, 2, 0, 2, 0, 2, 0 };
	struct effective e = series_effective(alternating, 8);
	struct sample s = evaluate_sample(alternating, 8);

	(void)state;
	assert_true(e.observations == 8 && e.lags == 0);
	assert_close(e.deviation, s.deviation, 1e-15);
	assert_close(e.deviation_of_mean, s.deviation_of_mean, 1e-15);
	assert_true(e.degrees_of_freedom == 7);
	assert_true(isnan(series_effective(alternating, 1).deviation_of_mean));
}

/* A ramp is one long correlation: of its hundred readings few count, and of three none are left to tell. */
static void a_ramp(void **state)
{
	double ramp[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		ramp[i] = (double)i;
	assert_true(series_effective(ramp, 100).observations < 5);
	assert_true(series_effective(ramp, 100).deviation_of_mean > 5 * evaluate_sample(ramp, 100).deviation_of_mean);
}

/* x(i) = 0.9 x(i-1) + noise: the variance of the mean of many is (1 + 0.9) / (1 - 0.9) = 19 times what it would be
 * without correlation.  Means of 400 series, against what each series says of its own. */
static void autoregressive(void **state)
{
	enum { SERIES = 400, LENGTH = 1000 };
	static double x[LENGTH], mean[SERIES];
	struct sum own = { 0 };
	struct random r;
	double between;

	(void)state;
	random_seed(&r, 20261124, "autoregressive");
	for (size_t k = 0; k < SERIES; k++) {
		struct effective e;

		x[0] = random_normal(&r) / sqrt(1 - 0.81);
		for (size_t i = 1; i < LENGTH; i++)
			x[i] = 0.9 * x[i - 1] + random_normal(&r);
		e = series_effective(x, LENGTH);
		mean[k] = e.mean;
		sum_add(&own, e.deviation_of_mean * e.deviation_of_mean);
	}
	between = evaluate_sample(mean, SERIES).deviation;
	assert_close(sum_value(&own) / SERIES / (between * between), 1, 0.2);   /* 0.07 is one standard deviation */
	assert_close(between * sqrt((double)LENGTH), 10, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pooled),
		cmocka_unit_test(simultaneous_readings),
		cmocka_unit_test(zener),
		cmocka_unit_test(autocorrelation),
		cmocka_unit_test(never_more_than_there_are),
		cmocka_unit_test(a_ramp),
		cmocka_unit_test(autoregressive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
