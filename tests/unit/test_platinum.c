/* SPDX-License-Identifier: GPL-3.0-or-later
 * Callendar-Van Dusen and zero current.  Published: the table of IEC 60751 (R0 = 100 Ohm, two decimals).  Values and
 * derivatives to more digits are those of the equation and of its root, found in Python's mpmath with 60 digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NOMINAL 3.9083e-3, -5.775e-7, -4.183e-12

static void assert_within(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.17g is not %.17g within %g", x, expected, within);
}

static double resistance(double t, double r0)
{
	return function_value(function_find("platinum_resistance"), (double[]){ t, r0, NOMINAL });
}

static double temperature(double r, double r0)
{
	return function_value(function_find("platinum_temperature"), (double[]){ r, r0, NOMINAL });
}

static void table_of_the_standard(void **state)
{
	static const struct { double t, r; } rows[] = {
		{ -200, 18.52 }, { -100, 60.26 }, { 0, 100 }, { 100, 138.51 }, { 850, 390.48 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_within(resistance(rows[i].t, 100), rows[i].r, 0.005);
}

static void values(void **state)
{
	(void)state;
	assert_within(resistance(-100, 100.1), 60.31609584, 2e-14);
	assert_within(resistance(400, 100.1), 247.339092, 5e-14);
	assert_within(temperature(60, 100.1), -100.778968085906169, 1e-12);
	assert_within(temperature(20, 100.1), -196.618316137161908, 1e-12);
	assert_within(temperature(250, 100.1), 407.723339628898665, 2e-12);
}

static void there_and_back(void **state)
{
	(void)state;
	for (double t = -199.9; t < 850; t += 0.7)
		assert_within(temperature(resistance(t, 25.5), 25.5), t, 2e-12);
	/* a straight line is a thermometer too */
	assert_within(function_value(function_find("platinum_temperature"), (double[]){ 110, 100, 1e-3, 0, 0 }), 100, 1e-12);
}

static void derivatives(void **state)
{
	static const double first[] = { 2.4638882615358, -1.4768561008207, 24855.642459303, -2504925.9981608, -50685417153.504 };
	static const double second[] = {
		0.00287136318061, -0.0263353651586, -578.715371934, 119563.863687, 4280463443.59,
		-0.0263353651586, 0.0305392408625, 346.88234082, -71666.6515609, -2565712353.8,
		-578.715371934, 346.88234082, -11968342.7551, 1823960194.62, 5.56820157023e+13,
		119563.863687, -71666.6515609, 1823960194.62, -246078371241.0, -6.87139469009e+15,
		4280463443.59, -2565712353.8, 5.56820157023e+13, -6.87139469009e+15, -1.77324608793e+20 };
	double y, one[5], two[25];

	(void)state;
	function_derivatives(function_find("platinum_temperature"), (double[]){ 60, 100.1, NOMINAL }, &y, one, two);
	for (size_t i = 0; i < COUNT(first); i++)
		assert_within(one[i] / first[i], 1, 1e-12);
	for (size_t i = 0; i < COUNT(second); i++)
		assert_within(two[i] / second[i], 1, 3e-11);
}

static void limits(void **state)
{
	(void)state;
	assert_true(isfinite(resistance(-200, 100)) && isfinite(resistance(850, 100)));
	assert_true(isnan(resistance(-200.01, 100)) && isnan(resistance(850.01, 100)));
	assert_true(isnan(temperature(18.4, 100)) && isnan(temperature(391, 100)));
	assert_true(isnan(temperature(1e6, 100)) && isnan(temperature(-5, 100)) && isnan(temperature(100, 0)));
}

/* The power at the second current is twice that at the first: what the first added is what the second adds again. */
static void without_current(void **state)
{
	const struct function *f = function_find("zero_current");

	(void)state;
	assert_within(function_value(f, (double[]){ 25.0003, 25.0006, 1e-3, 1e-3 * sqrt(2) }), 25.0000, 1e-13);
	assert_within(function_value(f, (double[]){ 100 + 2e-6, 100 + 8e-6, 1, -2 }), 100, 2e-14);
	assert_true(isnan(function_value(f, (double[]){ 100, 100.1, 1e-3, 1e-3 })));
	assert_true(isnan(function_value(f, (double[]){ 100, 100.1, 1e-3, -1e-3 })));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_of_the_standard),
		cmocka_unit_test(values),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(derivatives),
		cmocka_unit_test(limits),
		cmocka_unit_test(without_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
