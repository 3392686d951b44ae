/* SPDX-License-Identifier: GPL-3.0-or-later
 * Water vapour.  Published: the check values of IAPWS R7-97 (tables 35 and 36), of R14-08 (table 3, and the end of its
 * range), and of Murphy and Koop (appendix C).  Others are those of the equations, written anew in Python's mpmath with
 * 50 digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void assert_within(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.17g is not %.17g within %g", x, expected, within);
}

static double call(const char *name, double x)
{
	return function_value(function_find(name), &x);
}

static void over_water(void **state)
{
	static const struct { double kelvin, mega; } pressures[] = {
		{ 300, 0.353658941e-2 }, { 500, 0.263889776e1 }, { 600, 0.123443146e2 },
	};
	static const struct { double mega, kelvin; } temperatures[] = {
		{ 0.1, 0.372755919e3 }, { 1, 0.453035632e3 }, { 10, 0.584149488e3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pressures); i++)
		assert_within(call("water_vapour_pressure", pressures[i].kelvin - 273.15) / (pressures[i].mega * 1e6), 1, 2e-9);
	for (size_t i = 0; i < COUNT(temperatures); i++)
		assert_within(call("dew_point", temperatures[i].mega * 1e6), temperatures[i].kelvin - 273.15, 0.501e-6);
	assert_within(call("water_vapour_pressure", 20) / 2339.2147667769001, 1, 1e-13);
}

static void over_ice(void **state)
{
	(void)state;
	assert_within(call("ice_vapour_pressure", 230 - 273.15), 8.94735, 0.501e-5);
	assert_within(call("ice_vapour_pressure", 230 - 273.15) / 8.9473527401891716, 1, 1e-13);
	assert_within(call("ice_vapour_pressure", -20) / 103.2390290020898, 1, 1e-13);
	assert_within(call("ice_vapour_pressure", 0.01), 611.657, 1e-10);
	assert_within(call("ice_vapour_pressure", 50 - 273.15) / 1.9349584868089285e-40, 1, 1e-11);
}

static void over_supercooled_water(void **state)
{
	static const struct { double kelvin, published, last; } rows[] = {
		{ 210, 1.2335, 1e-4 }, { 240, 37.667, 1e-3 }, { 273.15, 611.213, 1e-3 }, { 273.16, 611.657, 1e-3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_within(call("supercooled_vapour_pressure", rows[i].kelvin - 273.15), rows[i].published,
			      0.501 * rows[i].last);
	assert_within(call("supercooled_vapour_pressure", -20) / 125.50416935494155, 1, 1e-13);
}

static void there_and_back(void **state)
{
	(void)state;
	for (double t = 0; t < 373; t += 0.7)
		assert_within(call("dew_point", call("water_vapour_pressure", t)), t, 1e-9);
	for (double t = -223.1; t < 0; t += 0.7)
		assert_within(call("frost_point", call("ice_vapour_pressure", t)), t, 2e-12);
	for (double t = -150.1; t < 0; t += 0.7)
		assert_within(call("supercooled_dew_point", call("supercooled_vapour_pressure", t)), t, 2e-12);
	assert_within(call("frost_point", call("ice_vapour_pressure", 0.01)), 0.01, 1e-12);
	assert_within(call("supercooled_dew_point", call("supercooled_vapour_pressure", 0.01)), 0.01, 1e-12);
}

static void limits(void **state)
{
	(void)state;
	assert_true(isfinite(call("water_vapour_pressure", 0)) && isfinite(call("water_vapour_pressure", 373.946)));
	assert_true(isnan(call("water_vapour_pressure", -0.01)) && isnan(call("water_vapour_pressure", 374)));
	assert_true(isnan(call("dew_point", 611)) && isnan(call("dew_point", 22.1e6)) && isnan(call("dew_point", -1)));
	assert_true(isnan(call("ice_vapour_pressure", 0.011)) && isnan(call("ice_vapour_pressure", -223.2)));
	assert_true(isnan(call("supercooled_vapour_pressure", 0.02)) && isnan(call("supercooled_vapour_pressure", -151)));
	assert_true(isnan(call("supercooled_dew_point", 612)) && isnan(call("supercooled_dew_point", 0)));
	assert_true(isnan(call("frost_point", 612)) && isnan(call("frost_point", 0)) && isnan(call("frost_point", -1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_water),
		cmocka_unit_test(over_ice),
		cmocka_unit_test(over_supercooled_water),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
