/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against the test suites of NIST SP 1065, chapter 12: ten points of NBS Monograph 140, a thousand made by a
 * congruential generator.  The figures are the published ones, with all their digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stability.h"

#define POINTS 1000

static const double monograph[] = { 892, 809, 823, 798, 671, 644, 883, 903, 677 };

/* Half a unit of the last of the seven published digits. */
static void assert_published(double x, double published)
{
	double unit = pow(10, floor(log10(published)) - 6);

	if (!(fabs(x - published) <= 0.5000001 * unit))
		fail_msg("%.10g is not %.10g", x, published);
}

static void ten_points(void **state)
{
	static const double published[STABILITY_KINDS][2] = {
		[STABILITY_ADEV]  = { 91.22945, 115.8082 },
		[STABILITY_OADEV] = { 91.22945, 85.95287 },
		[STABILITY_MDEV]  = { 91.22945, 74.78849 },
		[STABILITY_TDEV]  = { 52.67135, 86.35831 },
	};
	double x[10];

	(void)state;
	stability_phase(x, monograph, 9, 1);
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++)
		for (size_t m = 1; m <= 2; m++)
			assert_published(stability_of_phase(k, x, 10, 1, m).value, published[k][m - 1]);
}

/* n(i+1) = 16807 n(i) mod 2147483647, as fractions: SP 1065, 12.4. */
static void thousand(double *y)
{
	int64_t n = 1234567890;

	for (size_t i = 0; i < POINTS; i++) {
		y[i] = (double)n / 2147483647.0;
		n = n * 16807 % 2147483647;
	}
	assert_int_equal(1234567890LL * 16807 % 2147483647, 395529916);
}

static void thousand_points(void **state)
{
	static const double published[STABILITY_KINDS][3] = {
		[STABILITY_ADEV]  = { 2.922319e-01, 9.965736e-02, 3.897804e-02 },
		[STABILITY_OADEV] = { 2.922319e-01, 9.159953e-02, 3.241343e-02 },
		[STABILITY_MDEV]  = { 2.922319e-01, 6.172376e-02, 2.170921e-02 },
		[STABILITY_TDEV]  = { 1.687202e-01, 3.563623e-01, 1.253382e+00 },
	};
	static double y[POINTS], x[POINTS + 1];
	size_t m = 1;

	(void)state;
	thousand(y);
	stability_phase(x, y, POINTS, 1);
	for (size_t i = 0; i < 3; i++, m *= 10)
		for (enum stability_kind k = 0; k < STABILITY_KINDS; k++)
			assert_published(stability_of_phase(k, x, POINTS + 1, 1, m).value, published[k][i]);
}

/* tau0 scales frequencies with 1 / tau0 and leaves the time deviation; a frequency offset changes nothing. */
static void what_it_does_not_depend_on(void **state)
{
	static double y[POINTS], x[POINTS + 1], offset[POINTS + 1];

	(void)state;
	thousand(y);
	stability_phase(x, y, POINTS, 1);
	for (size_t i = 0; i <= POINTS; i++)
		offset[i] = x[i] + 4096 * (double)i;
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++) {
		double one = stability_of_phase(k, x, POINTS + 1, 1, 10).value;
		double slow = stability_of_phase(k, x, POINTS + 1, 100, 10).value;

		assert_true(fabs(slow * (k == STABILITY_TDEV ? 1 : 100) / one - 1) < 1e-13);
		assert_true(fabs(stability_of_phase(k, offset, POINTS + 1, 1, 10).value / one - 1) < 1e-9);
	}
}

static void too_few_phases(void **state)
{
	const double x[] = { 0, 1, 4, 9, 16, 25 };

	(void)state;
	assert_int_equal(stability_of_phase(STABILITY_OADEV, x, 5, 1, 2).terms, 1);
	assert_int_equal(stability_of_phase(STABILITY_MDEV, x, 6, 1, 2).terms, 1);
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++) {
		assert_true(isnan(stability_of_phase(k, x, 4, 1, 2).value));
		assert_int_equal(stability_of_phase(k, x, 4, 1, 2).terms, 0);
		assert_true(isnan(stability_of_phase(k, x, 6, 1, 0).value));
		assert_true(isnan(stability_of_phase(k, x, 0, 1, 1).value));
		assert_true(isnan(stability_of_phase(k, x, 6, 1, SIZE_MAX).value));
	}
	assert_true(isnan(stability_of_phase(STABILITY_MDEV, x, 5, 1, 2).value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_points),
		cmocka_unit_test(thousand_points),
		cmocka_unit_test(what_it_does_not_depend_on),
		cmocka_unit_test(too_few_phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
