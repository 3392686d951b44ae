/* SPDX-License-Identifier: GPL-3.0-or-later
 * Density of air.  Published: the relative sensitivities of Picard et al. 2008 (to one digit), and the
 * approximation of OIML R 111-1:2004 (E.3-1) with the 2e-4 it is good for.  The paper has no worked example: values and
 * derivatives to 16 digits are those of its equations, written anew in Python's mpmath with 60 digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void assert_near(double x, double expected, double relative)
{
	if (!(fabs(x - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", x, expected);
}

static double density(double p, double t, double h)
{
	return function_value(function_find("air_density"), (double[]){ p, t, h });
}

static double density_co2(double p, double t, double h, double co2)
{
	return function_value(function_find("air_density_co2"), (double[]){ p, t, h, co2 });
}

static void values(void **state)
{
	(void)state;
	assert_near(density(101325, 20, 0.5), 1.1993138954744934, 4e-16);
	assert_near(density(60000, 15, 0), 0.72557699055830234, 4e-16);
	assert_near(density(110000, 27, 1), 1.2615516173973828, 4e-16);
	assert_near(density_co2(98765.4, 22.2, 0.37, 0.00055), 1.1610095251864283, 4e-16);
	assert_true(density(101325, 20, 0.5) == density_co2(101325, 20, 0.5, 0.0004));
}

static void derivatives(void **state)
{
	static const double first[] = { 1.1803784055777927e-5, -0.004210422251102111, -0.011906553804510195,
					0.47837482351016854 };
	static const double second[] = {
		7.7262360818205555e-14, -4.0181648169003144e-8, 1.6127089782805705e-10, 4.8942225026801214e-6,
		-4.0181648169003144e-8, 1.4372961887050081e-5, -0.00068419388312566894, -0.0019199659636335477,
		1.6127089782805705e-10, -0.00068419388312566894, 8.3839645805539721e-5, -0.013117578602764611,
		4.8942225026801214e-6, -0.0019199659636335477, -0.013117578602764611, 0 };
	double y, one[4], two[16];

	(void)state;
	function_derivatives(function_find("air_density_co2"), (double[]){ 98765.4, 22.2, 0.37, 0.00055 }, &y, one, two);
	for (size_t i = 0; i < 4; i++)
		assert_near(one[i], first[i], 1e-14);
	for (size_t i = 0; i < 15; i++)
		assert_near(two[i], second[i], 1e-9);    /* the smallest are what is left of larger ones */
	assert_true(fabs(two[15]) < 1e-15);              /* linear in carbon dioxide */
}

static void published_sensitivities(void **state)
{
	static const double published[] = { 1e-5, -4e-3, -9e-3, 0.4 };
	double y, first[4];

	(void)state;
	function_derivatives(function_find("air_density_co2"), (double[]){ 1e5, 20, 0.5, 0.0004 }, &y, first, NULL);
	for (size_t i = 0; i < 4; i++)
		assert_near(first[i] / y, published[i], 0.15);
}

static void approximation_of_oiml(void **state)
{
	(void)state;
	for (double p = 90000; p <= 110000; p += 5000)
		for (double t = 15; t <= 27; t += 3)
			for (double h = 0; h <= 0.8; h += 0.2)
				assert_near((0.0034848 * p - 0.9 * h * exp(0.061 * t)) / (273.15 + t), density(p, t, h),
					    2e-4);
}

static void limits(void **state)
{
	static const double inside[][4] = {
		{ 60e3, 15, 0, 0 }, { 110e3, 27, 1, 0.01 },
	};
	static const double outside[][4] = {
		{ 59999, 20, 0.5, 4e-4 }, { 110001, 20, 0.5, 4e-4 }, { 1e5, 14.999, 0.5, 4e-4 }, { 1e5, 27.001, 0.5, 4e-4 },
		{ 1e5, 20, -1e-9, 4e-4 }, { 1e5, 20, 50, 4e-4 }, { 1e5, 20, 0.5, -1e-9 }, { 1e5, 20, 0.5, 0.0101 },
		{ 1013.25, 20, 0.5, 4e-4 }, { 1e5, 293.15, 0.5, 4e-4 }, { 1e5, INFINITY, 0.5, 4e-4 },
	};
	double y, first[4];

	(void)state;
	for (size_t i = 0; i < COUNT(inside); i++)
		assert_true(isfinite(function_value(function_find("air_density_co2"), inside[i])));
	for (size_t i = 0; i < COUNT(outside); i++) {
		function_derivatives(function_find("air_density_co2"), outside[i], &y, first, NULL);
		assert_true(isnan(y) && isnan(first[0]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(derivatives),
		cmocka_unit_test(published_sensitivities),
		cmocka_unit_test(approximation_of_oiml),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
