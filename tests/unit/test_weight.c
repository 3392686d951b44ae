/* SPDX-License-Identifier: GPL-3.0-or-later
 * Buoyancy, conventional mass, hydrostatic head: against their definitions (OIML D 28:2004), in numbers that come out
 * even. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"

static void assert_within(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.17g is not %.17g within %g", x, expected, within);
}

static double call(const char *name, const double *x)
{
	return function_value(function_find(name), x);
}

static void buoyancy_of_two(void **state)
{
	(void)state;
	/* water of 1000 kg/m3 against weights of 8000 kg/m3 in air of 1 kg/m3: (1 - 1/8000) / (1 - 1/1000) */
	assert_within(call("buoyancy", (double[]){ 1, 8000, 1000 }), 0.999875 / 0.999, 4e-16);
	assert_true(call("buoyancy", (double[]){ 1.2, 7950, 7950 }) == 1);
	assert_true(call("buoyancy", (double[]){ 0, 8000, 1000 }) == 1);         /* in vacuo */
}

static void conventional(void **state)
{
	(void)state;
	assert_true(call("conventional_mass", (double[]){ 0.5, 8000 }) == 0.5);
	/* of aluminium a gram's conventional mass is 294 ug short: (1 - 1.2/2700) / (1 - 1.2/8000) */
	assert_within(call("conventional_mass", (double[]){ 1, 2700 }), (1 - 1.2 / 2700) / 0.99985, 4e-16);
	/* in the conventional air, a conventional reference shows it */
	assert_within(call("conventional_mass", (double[]){ 1, 2700 }) * call("buoyancy", (double[]){ 1.2, 8000, 2700 }), 1, 4e-16);
	for (double density = 500; density < 22000; density += 750) {
		double mass = call("true_mass", (double[]){ 0.1, density });

		assert_within(call("conventional_mass", (double[]){ mass, density }), 0.1, 3e-17);
	}
}

static void bodies_that_float(void **state)
{
	(void)state;
	assert_true(isnan(call("buoyancy", (double[]){ 1.2, 8000, 1.2 })));
	assert_true(isnan(call("buoyancy", (double[]){ 1.2, 0, 8000 })));
	assert_true(isnan(call("buoyancy", (double[]){ -1e-3, 8000, 8000 })));
	assert_true(isnan(call("conventional_mass", (double[]){ 1, 1 })));
	assert_true(isnan(call("true_mass", (double[]){ 1, -8000 })));
}

static void head(void **state)
{
	(void)state;
	assert_within(call("hydrostatic_head", (double[]){ 915, 1.2, 9.8, 0.25 }), 913.8 * 2.45, 1e-12);
	assert_within(call("hydrostatic_head", (double[]){ 915, 1.2, 9.8, -0.25 }), -913.8 * 2.45, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buoyancy_of_two),
		cmocka_unit_test(conventional),
		cmocka_unit_test(bodies_that_float),
		cmocka_unit_test(head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
