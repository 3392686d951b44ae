/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table of named functions: whole, in known units, with derivatives that are those of the values.
 * What each function computes is tested beside its module. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "functions.h"
#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A place well inside of each function's range. */
static const struct sample { const char *name; double x[FUNCTION_ARGUMENTS]; } samples[] = {
	{ "air_density", { 98765.4, 22.2, 0.37 } },
	{ "air_density_co2", { 98765.4, 22.2, 0.37, 0.00055 } },
	{ "buoyancy", { 1.2, 8000, 2700 } },
	{ "conventional_mass", { 0.1, 2700 } },
	{ "true_mass", { 0.1, 2700 } },
	{ "hydrostatic_head", { 914, 1.2, 9.81, 0.25 } },
	{ "zero_current", { 25.6, 25.6004, 1e-3, 1.41e-3 } },
	{ "platinum_resistance", { -100, 100.1, 3.9083e-3, -5.775e-7, -4.183e-12 } },
	{ "platinum_temperature", { 60, 100.1, 3.9083e-3, -5.775e-7, -4.183e-12 } },
	{ "its90_ratio", { -100 } },
	{ "its90_temperature", { 2.5 } },
	{ "its90_deviation_hydrogen", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7, 4e-8, -5e-9 } },
	{ "its90_temperature_hydrogen", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7, 4e-8, -5e-9 } },
	{ "its90_deviation_neon", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7 } },
	{ "its90_temperature_neon", { 0.1, -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7 } },
	{ "its90_deviation_oxygen", { 0.2, -1.3e-4, -2e-5, 1e-6 } },
	{ "its90_temperature_oxygen", { 0.2, -1.3e-4, -2e-5, 1e-6 } },
	{ "its90_deviation_argon", { 0.5, -1.2e-4, 1.5e-5 } },
	{ "its90_temperature_argon", { 0.5, -1.2e-4, 1.5e-5 } },
	{ "its90_deviation_mercury", { 0.9, -3e-4, -2e-5 } },
	{ "its90_temperature_mercury", { 0.9, -3e-4, -2e-5 } },
	{ "its90_deviation_silver", { 4, -3e-4, -2e-5, 5e-6, -4e-5, 3.3752 } },
	{ "its90_temperature_silver", { 4, -3e-4, -2e-5, 5e-6, -4e-5, 3.3752 } },
	{ "its90_deviation_aluminium", { 3, -3e-4, -2e-5, 5e-6 } },
	{ "its90_temperature_aluminium", { 3, -3e-4, -2e-5, 5e-6 } },
	{ "its90_deviation_zinc", { 2, -3e-4, -2e-5 } },
	{ "its90_temperature_zinc", { 2, -3e-4, -2e-5 } },
	{ "its90_deviation_tin", { 1.5, -3e-4, -2e-5 } },
	{ "its90_temperature_tin", { 1.5, -3e-4, -2e-5 } },
	{ "its90_deviation_indium", { 1.3, -3e-4 } },
	{ "its90_temperature_indium", { 1.3, -3e-4 } },
	{ "its90_deviation_gallium", { 1.1, -3e-4 } },
	{ "its90_temperature_gallium", { 1.1, -3e-4 } },
	{ "water_vapour_pressure", { 20 } },
	{ "dew_point", { 2339 } },
	{ "ice_vapour_pressure", { -20 } },
	{ "frost_point", { 103 } },
	{ "supercooled_vapour_pressure", { -20 } },
	{ "supercooled_dew_point", { 125 } },
};

static const double *sample_of(const struct function *f)
{
	for (size_t i = 0; i < COUNT(samples); i++)
		if (!strcmp(samples[i].name, f->name))
			return samples[i].x;
	fail_msg("%s has no sample here", f->name);
	return NULL;
}

static void table_is_whole(void **state)
{
	size_t n;
	const struct function *f = functions(&n);
	struct err e;

	(void)state;
	assert_int_equal(n, COUNT(samples));
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(function_find(f[i].name), &f[i]);
		assert_true(f[i].arity > 0 && f[i].arity <= FUNCTION_ARGUMENTS);
		assert_true(*f[i].range && *f[i].source && *f[i].help);
		if (unit_check(f[i].unit, &e))
			fail_msg("%s: %s", f[i].name, e.text);
		for (size_t k = 0; k < f[i].arity; k++)
			if (unit_check(f[i].arguments[k].unit, &e))
				fail_msg("%s, %s: %s", f[i].name, f[i].arguments[k].name, e.text);
	}
}

static void names(void **state)
{
	(void)state;
	assert_null(function_find("air_densit"));
	assert_string_equal(function_nearest("air_densty"), "air_density");
	assert_null(function_nearest("sqrt"));
}

static double moved(const struct function *f, const double *x, size_t a, double da, size_t b, double db)
{
	double y[FUNCTION_ARGUMENTS];

	memcpy(y, x, f->arity * sizeof *y);
	y[a] += da;
	y[b] += db;
	return function_value(f, y);
}

static double step(double x)
{
	return 1e-4 * (x != 0 ? fabs(x) : 1e-3);
}

/* Differences know a derivative to a few digits only, and so they are asked only whether it is the right one. */
static void assert_slope(const struct function *f, const double *x, size_t a, double first)
{
	double h = step(x[a]), y = function_value(f, x);
	double slope = (moved(f, x, a, h, a, 0) - moved(f, x, a, -h, a, 0)) / (2 * h);

	if (!(fabs(slope - first) <= 1e-5 * fabs(first) + 1e-13 * fabs(y) / h))
		fail_msg("%s, %s: %.10g is not %.10g", f->name, f->arguments[a].name, first, slope);
}

static void assert_curvature(const struct function *f, const double *x, size_t a, size_t b, double second)
{
	double h = step(x[a]), k = step(x[b]), y = function_value(f, x);
	double bend = (moved(f, x, a, h, b, k) - moved(f, x, a, h, b, -k) - moved(f, x, a, -h, b, k) +
		       moved(f, x, a, -h, b, -k)) / (4 * h * k);

	if (!(fabs(bend - second) <= 1e-3 * fabs(second) + 1e-14 * fabs(y) / (h * k)))
		fail_msg("%s, %s and %s: %.10g is not %.10g", f->name, f->arguments[a].name, f->arguments[b].name,
			 second, bend);
}

static void derivatives_are_those_of_the_values(void **state)
{
	size_t n;
	const struct function *all = functions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct function *f = &all[i];
		const double *x = sample_of(f);
		double y, first[FUNCTION_ARGUMENTS], alone[FUNCTION_ARGUMENTS];
		double second[FUNCTION_ARGUMENTS * FUNCTION_ARGUMENTS];

		function_derivatives(f, x, &y, first, second);
		assert_true(isfinite(y) && y == function_value(f, x));
		function_derivatives(f, x, &y, alone, NULL);
		assert_memory_equal(first, alone, f->arity * sizeof *first);
		for (size_t a = 0; a < f->arity; a++) {
			assert_slope(f, x, a, first[a]);
			for (size_t b = 0; b < f->arity; b++)
				assert_curvature(f, x, a, b, second[a * f->arity + b]);
		}
	}
}

/* Nothing is made of what is no number. */
static void nan_in_nan_out(void **state)
{
	size_t n;
	const struct function *f = functions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f[i].arity; k++) {
			double x[FUNCTION_ARGUMENTS];

			memcpy(x, sample_of(&f[i]), sizeof x);
			x[k] = NAN;
			assert_true(isnan(function_value(&f[i], x)));
		}
}

static int stop(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(names),
		cmocka_unit_test(derivatives_are_those_of_the_values),
		cmocka_unit_test(nan_in_nan_out),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
