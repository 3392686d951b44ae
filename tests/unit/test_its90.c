/* SPDX-License-Identifier: GPL-3.0-or-later
 * ITS-90.  Published: Wr at the defining fixed points (table 1 of the scale, 8 decimals); the sample certificate of a
 * thermometer with its resistances at the fixed points and the coefficients made of them (Isotech, "Demo", 26 November
 * 2004); how near the published inverses are (3.3.1, 3.3.2).  Values to 15 digits are those of the scale's equations,
 * written anew in Python's mpmath with 50 digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"
#include "its90.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void assert_within(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.17g is not %.17g within %g", x, expected, within);
}

static double call(const char *name, const double *x)
{
	return function_value(function_find(name), x);
}

static double ratio(double t)
{
	return call("its90_ratio", &t);
}

static double temperature(double wr)
{
	return call("its90_temperature", &wr);
}

static const struct { double kelvin, published; } fixed_points[] = {
	{ 13.8033, 0.00119007 }, { 24.5561, 0.00844974 }, { 54.3584, 0.09171804 }, { 83.8058, 0.21585975 },
	{ 234.3156, 0.84414211 }, { 273.16, 1.00000000 }, { 302.9146, 1.11813889 }, { 429.7485, 1.60980185 },
	{ 505.078, 1.89279768 }, { 692.677, 2.56891730 }, { 933.473, 3.37600860 }, { 1234.93, 4.28642053 },
};

static void fixed_points_of_the_scale(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fixed_points); i++)
		assert_within(ratio(fixed_points[i].kelvin - 273.15), fixed_points[i].published, 0.501e-8);
}

static void reference_functions(void **state)
{
	(void)state;
	assert_within(ratio(-100) / 0.594540816125886925, 1, 4e-15);
	assert_within(ratio(100) / 1.39277281197392873, 1, 4e-15);
	assert_within(ratio(13.8033 - 273.15) / 0.00119006806901466229, 1, 1e-13);
	assert_within(ratio(961.78) / 4.28642052760337867, 1, 4e-15);
	/* they meet within 6e-9, which are 1.4 uK */
	assert_within(ratio(nextafter(0.01, 0)), ratio(0.0100001), 1e-8);
}

static void inverse_is_the_root(void **state)
{
	(void)state;
	for (double t = -259.3; t < 961.7; t += 0.37)
		assert_within(temperature(ratio(t)), t, 3e-12);
}

static void published_inverse(void **state)
{
	(void)state;
	for (double t = -259.3; t < 961.7; t += 0.37)
		assert_within(its90_published_inverse(ratio(t)), t, t < 0 ? 0.1e-3 : 0.1349e-3);      /* as published: 0.1 mK, 0.13 mK */
}

/* What the coefficients make of the very resistances they were made of. */
static void certificate(void **state)
{
	static const double water = 25.544261;
	static const struct { const char *range; double a, b, c, resistance, t; } rows[] = {
		{ "its90_temperature_aluminium", -2.982376094442697e-4, -2.347216136920800e-5, 5.058518332814592e-6, 48.342838, 231.927 },
		{ "its90_temperature_aluminium", -2.982376094442697e-4, -2.347216136920800e-5, 5.058518332814592e-6, 65.608169, 419.527 },
		{ "its90_temperature_aluminium", -2.982376094442697e-4, -2.347216136920800e-5, 5.058518332814592e-6, 86.217653, 660.32 },
		{ "its90_temperature_mercury", -2.796694757957740e-4, -3.199472366290438e-4, 0, 21.563901, -38.8344 },
		{ "its90_temperature_mercury", -2.796694757957740e-4, -3.199472366290438e-4, 0, 28.561074, 29.7646 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double x[] = { rows[i].resistance / water, rows[i].a, rows[i].b, rows[i].c };

		assert_within(call(rows[i].range, x), rows[i].t, 1e-9);
	}
}

static void deviation_functions(void **state)
{
	static const struct { const char *point; double x[8], deviation, t; } rows[] = {
		{ "hydrogen", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7, 4e-8, -5e-9 }, 0.000020631228289755013, -216.696644895386641 },
		{ "neon", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7 }, 0.0000842311972199209011, -216.712617832561453 },
		{ "oxygen", { 0.2, -1.3e-4, -2e-5, 1e-6 }, 0.0000937902903939802349, -193.021049126834852 },
		{ "argon", { 0.5, -1.2e-4, 1.5e-5 }, 6.51986038541995e-5, -122.782058298131338 },
		{ "mercury", { 0.9, -3e-4, -2e-5 }, 2.98e-5, -24.9740081021663027 },
		{ "silver", { 4, -3e-4, -2e-5, 5e-6, -4e-5, 3.3752 }, -0.0009606150016, 863.266036581086801 },
		{ "silver", { 3, -3e-4, -2e-5, 5e-6, -4e-5, 3.3752 }, -0.00064, 545.727165919272268 },
		{ "aluminium", { 3, -3e-4, -2e-5, 5e-6 }, -0.00064, 545.727165919272268 },
		{ "zinc", { 2, -3e-4, -2e-5 }, -0.00032, 261.021067473523128 },
		{ "tin", { 1.5, -3e-4, -2e-5 }, -0.000155, 127.880105545187 },
		{ "gallium", { 1.1, -3e-4 }, -0.00003, 25.1860740996374636 },
		{ "indium", { 1.3, -3e-4 }, -0.00009, 76.1274896631099843 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char deviation[40], t[40];

		snprintf(deviation, sizeof deviation, "its90_deviation_%s", rows[i].point);
		snprintf(t, sizeof t, "its90_temperature_%s", rows[i].point);
		assert_within(call(deviation, rows[i].x), rows[i].deviation, 2e-16);
		assert_within(call(t, rows[i].x), rows[i].t, 2e-12);
	}
}

/* A thermometer at its sub-range's last fixed point scatters beyond it and is still read; what is out of range is not. */
static void limits(void **state)
{
	static const struct { const char *point; double low, high; } rows[] = {
		{ "hydrogen", -259.3467, 0.01 }, { "neon", -248.5939, 0.01 }, { "oxygen", -218.7916, 0.01 },
		{ "argon", -189.3442, 0.01 }, { "mercury", -38.8344, 29.7646 }, { "silver", 0, 961.78 },
		{ "aluminium", 0, 660.323 }, { "zinc", 0, 419.527 }, { "tin", 0, 231.928 }, { "indium", 0, 156.5985 },
		{ "gallium", 0, 29.7646 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[40];
		double cold[8] = { 0 }, hot[8] = { 0 };
		const struct function *f;

		snprintf(name, sizeof name, "its90_temperature_%s", rows[i].point);
		f = function_find(name);
		for (double beyond = 0; beyond < 0.1; beyond += 0.099) {
			*cold = ratio(rows[i].low - beyond);
			*hot = ratio(rows[i].high + beyond);
			assert_within(function_value(f, cold), rows[i].low - beyond, 1e-11);
			assert_within(function_value(f, hot), rows[i].high + beyond, 1e-11);
		}
		*cold = rows[i].low > -38 ? ratio(rows[i].low - 0.11) : ratio(rows[i].low + 0.01) * 0.5;
		*hot = rows[i].high < 961 ? ratio(rows[i].high + 0.11) : 4.3;
		assert_true(isnan(function_value(f, cold)) && isnan(function_value(f, hot)));
	}
}

static void nonsense(void **state)
{
	static const double none[] = { 0, -1, 1e-9, 5, 1e3, 1e300, -1e300, INFINITY };

	(void)state;
	assert_true(isnan(ratio(-259.45)) && isnan(ratio(961.89)) && isnan(ratio(-300)));
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_true(isnan(temperature(none[i])));
		assert_true(isnan(call("its90_temperature_argon", (double[]){ none[i], 0, 0 })));
	}
	assert_true(isnan(call("its90_deviation_argon", (double[]){ -0.5, 1e-4, 1e-5 })));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_points_of_the_scale),
		cmocka_unit_test(reference_functions),
		cmocka_unit_test(inverse_is_the_root),
		cmocka_unit_test(published_inverse),
		cmocka_unit_test(certificate),
		cmocka_unit_test(deviation_functions),
		cmocka_unit_test(limits),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
