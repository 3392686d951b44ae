/* SPDX-License-Identifier: GPL-3.0-or-later
 * Resistances that IEC 60751's own coefficients give must give those back; covariances against draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cvd_fit.h"
#include "evaluate.h"
#include "random.h"

#define POINTS 9

static const double nominal[] = { 100, 3.9083e-3, -5.775e-7, -4.183e-12 };
static const double at[POINTS] = { -196, -150, -80, -38.8344, 0.01, 29.7646, 100, 231.928, 419.527 };

static void assert_relative(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within * fabs(expected)))
		fail_msg("%.15g is not %.15g within %g of it", x, expected, within);
}

static double resistance(double t)
{
	double r = 1 + nominal[CVD_A] * t + nominal[CVD_B] * t * t;

	return nominal[CVD_R0] * (r + (t < 0 ? nominal[CVD_C] * (t - 100) * t * t * t : 0));
}

static struct cvd_fit fitted(const struct curve_points *points)
{
	struct cvd_fit f;
	struct err e;

	if (cvd_fit(&f, points, &e) < 0)
		fail_msg("%s", e.text);
	return f;
}

static void resistances(double *r)
{
	for (size_t i = 0; i < POINTS; i++)
		r[i] = resistance(at[i]);
}

static void coefficients_come_back(void **state)
{
	double r[POINTS], t, u;
	struct curve_basis basis;
	struct cvd_fit f;
	struct err e;

	(void)state;
	resistances(r);
	f = fitted(&(struct curve_points){ .n = POINTS, .x = at, .y = r });
	basis = cvd_basis(&f);
	assert_relative(f.value[CVD_R0], nominal[CVD_R0], 1e-14);
	assert_relative(f.value[CVD_A], nominal[CVD_A], 1e-13);
	assert_relative(f.value[CVD_B], nominal[CVD_B], 1e-11);
	assert_relative(f.value[CVD_C], nominal[CVD_C], 1e-9);
	assert_relative(curve_value(&f.curve, &basis, -200, NULL), 18.520080, 1e-8);    /* IEC 60751, table: 18.52 */
	assert_int_equal(curve_argument(&f.curve, &basis, 138.5055, 0.01, 0, 400, &t, &u, &e), 0);
	assert_relative(t, 100, 1e-9);
	assert_relative(u, 0.01 / (100 * (3.9083e-3 - 2 * 5.775e-7 * 100)), 1e-9);
	cvd_release(&f);
}

static void above_zero_there_is_no_c(void **state)
{
	double r[POINTS];
	struct cvd_fit f;

	(void)state;
	resistances(r);
	f = fitted(&(struct curve_points){ .n = POINTS - 4, .x = at + 4, .y = r + 4 });
	assert_true(!f.has_c && f.value[CVD_C] == 0 && f.covariance[CVD_C][CVD_C] == 0);
	assert_relative(f.value[CVD_A], nominal[CVD_A], 1e-12);
	cvd_release(&f);
}

/* Baths known to 5 mK and resistances to 1 mohm: what 2000 calibrations scatter is what each says. */
static void uncertainties_are_those_of_many_calibrations(void **state)
{
	enum { MANY = 2000 };
	static double found[CVD_COEFFICIENTS][MANY];
	double t[POINTS], r[POINTS], u_t[POINTS], u_r[POINTS], said[CVD_COEFFICIENTS] = { 0 };
	struct random random;

	(void)state;
	random_seed(&random, 60751, "calibrations");
	for (size_t k = 0; k < MANY; k++) {
		struct cvd_fit f;

		for (size_t i = 0; i < POINTS; i++) {
			u_t[i] = 5e-3;
			u_r[i] = 1e-3;
			t[i] = at[i] + u_t[i] * random_normal(&random);
			r[i] = resistance(at[i]) + u_r[i] * random_normal(&random);
		}
		f = fitted(&(struct curve_points){ .n = POINTS, .x = t, .y = r, .u_x = u_t, .u_y = u_r });
		for (size_t j = 0; j < CVD_COEFFICIENTS; j++) {
			found[j][k] = f.value[j];
			said[j] += sqrt(f.covariance[j][j]) / MANY;
		}
		cvd_release(&f);
	}
	for (size_t j = 0; j < CVD_COEFFICIENTS; j++) {
		struct sample s = evaluate_sample(found[j], MANY);

		assert_relative(s.deviation, said[j], 0.06);            /* 0.016 is one standard deviation */
		assert_true(fabs(s.mean - nominal[j]) < 4 * s.deviation_of_mean);
	}
}

static void outside_of_its_range(void **state)
{
	const double t[] = { -201, 0, 100, 200 }, r[] = { 18, 100, 138.5, 175.8 };
	struct cvd_fit f;
	struct err e;

	(void)state;
	assert_int_equal(cvd_fit(&f, &(struct curve_points){ .n = 4, .x = t, .y = r }, &e), -1);
	assert_non_null(strstr(e.text, "point 1, -201 degC"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coefficients_come_back),
		cmocka_unit_test(above_zero_there_is_no_c),
		cmocka_unit_test(uncertainties_are_those_of_many_calibrations),
		cmocka_unit_test(outside_of_its_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
